"""Every address of the box: Chinese without a prefix, the same pages in English under /en/."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from shenzhi.kernel import registry


def alive(request: HttpRequest) -> HttpResponse:
    """For those who watch the machine: the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("alive", alive),
    path("api/", include("shenzhi.web.api.urls")),
    # an app's pages come before the portal's, whose first segment is the name of a city
    *i18n_patterns(
        *(path(pages.prefix, include(pages.urls)) for pages in registry.PAGES),
        path("account/", include("shenzhi.web.accounts.urls")),
        path("inbox/", include("shenzhi.web.inbox.urls")),
        path("history/", include("shenzhi.web.history.urls")),
        path("", include("shenzhi.web.registers.urls")),
        path("", include("shenzhi.web.workbench.urls")),
        path("", include("shenzhi.web.portal.urls")),
        prefix_default_language=False,
    ),
]

handler403 = "shenzhi.web.portal.views.errors.forbidden"
handler404 = "shenzhi.web.portal.views.errors.not_found"
handler500 = "shenzhi.web.portal.views.errors.broken"
