"""A drawing at an address of its own, for the first reader of a page whose chart had not been drawn (article 86)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import charts
from shenzhi.web.portal.editions import Unknown


def drawing(request: HttpRequest, key: str) -> HttpResponse:
    """`/charts/<key>.svg`: the drawing that a page ordered under this name; the name says what is drawn, so it never
    changes."""
    made = charts.drawing(key)
    if made is None:
        raise Unknown(
            Words(
                "没有这张图。请回到它所在的页面，重新打开一次",
                "There is no such chart. Go back to its page and open it again",
            )
        )
    response = HttpResponse(made, content_type="image/svg+xml; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
