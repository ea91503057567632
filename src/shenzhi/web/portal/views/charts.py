"""Charts at addresses of their own: the drawing that a page still waits for, and the files to take away (article 86)."""

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
        raise _nobody_ordered()
    return _for_ever(HttpResponse(made, content_type="image/svg+xml; charset=utf-8"))


def chart_file(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """`/charts/<key>.file.svg` and `.png`: a chart as a file that travels alone, made when it is asked for."""
    made = charts.file(key, form)
    if made is None:
        raise _nobody_ordered()
    response = HttpResponse(made.content, content_type=made.kind)
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return _for_ever(response)


def _nobody_ordered() -> Unknown:
    return Unknown(
        Words(
            "没有这张图。请回到它所在的页面，重新打开一次",
            "There is no such chart. Go back to its page and open it again",
        )
    )


def _for_ever(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
