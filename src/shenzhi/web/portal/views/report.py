"""The statistical report of a city, on the page and as a typeset document (articles 86, 94)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports.blocks import Figure
from shenzhi.pipeline.reports.page import ident_of
from shenzhi.pipeline.reports.report import report_folder, report_html
from shenzhi.web.portal import chapters, downloads, plots
from shenzhi.web.portal.editions import Edition, NotPublished, edition_of
from shenzhi.web.portal.serve import not_published, of_edition, page, unknown

LANGUAGES = {"zh": Words("中文", "Chinese"), "en": Words("英文", "English")}


@dataclass(frozen=True)
class Document:
    """A typeset report that is there to take away."""

    language: str
    title: Words
    size: int


@of_edition
def report(request: HttpRequest, edition: Edition) -> HttpResponse:
    """`/<slug>/report/`: the report as a page, and its typeset documents."""
    language = get_language() or ""
    if edition.is_big:
        body = chapters.kept(edition, language)
    else:
        # the fragment comes from the reports' own writer, which escapes every text it takes over
        set_figure = partial(figure, request=request, edition=edition, language=language)
        body = SafeString(report_html(edition.city, edition.publication, language, set_figure))
    folder = report_folder(edition.city, edition.publication)
    documents = [
        Document(language, title, path.stat().st_size)
        for language, title in LANGUAGES.items()
        if (path := folder / f"report.{language}.pdf").is_file()
    ]
    return page(request, "report", edition, {"body": body, "documents": documents})


def figure(block: Figure, *, request: HttpRequest, edition: Edition, language: str) -> str:
    """A figure of the report, which waits for no drawing, with its files to take away."""
    drawing = plots.drawn(request, block.chart, language, ident_of(block))
    return chapters.figure(block, drawing, edition, language)


def document(request: HttpRequest, slug: str, language: str) -> HttpResponseBase:
    """`/<slug>/report/report.<language>.pdf`: the typeset report."""
    try:
        edition = edition_of(slug)
    except NotPublished as missing:
        return not_published(request, missing)
    path = report_folder(edition.city, edition.publication) / f"report.{language}.pdf"
    if language not in LANGUAGES or not path.is_file():
        raise unknown(
            Words("这份报告还没有排版", "This report has not been typeset yet"),
            edition,
            reverse("portal:report", args=[slug]),
            Words("网页上的报告", "The report as a page"),
        )
    name = downloads.name(edition, f"report-{language}", "pdf")
    return FileResponse(path.open("rb"), filename=name, content_type="application/pdf")
