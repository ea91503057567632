"""Pages for what went wrong: what happened, why, and what to do now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from shenzhi.web.portal.editions import Unknown


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: names what is not there, and leads to where to look."""
    given = exception if isinstance(exception, Unknown) else None
    return render(
        request, "portal/404.html", {"unknown": given, "city": given.city if given else None}, status=404
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: says that the page is closed and whom to ask."""
    return render(request, "portal/403.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """500: says that the fault is ours; it reads nothing from lake or index, for they may be what failed."""
    english = request.path == "/en" or request.path.startswith("/en/")
    return HttpResponseServerError(render_to_string("portal/500.html", {"english": english}))
