"""The statistical report of a city, on the page and as a typeset document (article 94)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.serve import of_edition, page


@of_edition
def report(request: HttpRequest, edition: Edition) -> HttpResponse:
    """`/<slug>/report/`."""
    return page(request, "report", edition, {})
