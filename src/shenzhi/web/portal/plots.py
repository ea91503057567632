"""How a chart stands on a page: its drawing, or a picture that fetches it, and the files to take away (articles 84, 86)."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports.charts import Chart
from shenzhi.web.portal import downloads
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.serve import WAITING

LONGEST = 80  # signs of a title in a file name
# As readers know them, by the endings of their addresses.
NAMES = {"file.svg": "SVG", "png": "PNG"}
TAKE = Words("下载这张图：", "This chart as a file: ")
LABEL = Words("{form}，下载图“{title}”", "{form}, chart “{title}”")


def drawn(request: HttpRequest | None, chart: Chart, language: str, ident: str = "") -> str:
    """The drawing where it is there; else the picture that fetches it, so that no page waits for a drawing."""
    if kept := chart.kept(language, ident):
        return kept
    if request is None or not (fetching := picture(chart, language)):
        return chart.both(language, ident)
    setattr(request, WAITING, True)
    return fetching


def picture(chart: Chart, language: str) -> str:
    """A picture that fetches the drawing once the page is there; "" where the order cannot be kept."""
    orders = {one.width: one for one in chart.ordered(language)}
    if not orders:
        return ""
    wide, narrow = orders["wide"], orders["narrow"]
    return format_html(
        '<picture><source media="(max-width: 599.98px)" srcset="{}" width="{}" height="{}">'
        '<img class="chart chart-wide" src="{}" width="{}" height="{}" alt="{}"></picture>',
        reverse("portal:drawing", args=[narrow.key]),
        *narrow.pixels,
        reverse("portal:drawing", args=[wide.key]),
        *wide.pixels,
        chart.description.say(language),
    )


def files(edition: Edition | None, chart: Chart, language: str) -> SafeString:
    """Links to the chart as SVG and PNG; nothing where its page is of no edition, or orders cannot be kept."""
    key = chart.to_take_away(language, file_name(edition, chart, language)) if edition else ""
    if not key:
        return SafeString("")
    title = chart.title.say(language)
    links = format_html_join(
        "",
        '<a href="{}" download aria-label="{}">{}</a>',
        (
            (
                reverse("portal:chart_file", args=[key, form]),
                LABEL.say(language).format(form=name, title=title),
                name,
            )
            for form, name in NAMES.items()
        ),
    )
    return format_html('<p class="downloads no-print">{}{}</p>', TAKE.say(language), links)


def file_name(edition: Edition, chart: Chart, language: str) -> str:
    """A speaking name without its ending: city, title, language and edition, and that the city is fictional."""
    said = "en" if language.startswith("en") else "zh"
    title = slugify(chart.title.en).removeprefix(f"{edition.city.slug}-").replace("-fictional", "")
    title = title[:LONGEST].strip("-")
    return downloads.stem(edition, f"{title}-{said}")
