"""Every chart of pages and reports: values in, one `Chart` out (article 86).

chart = trend([Line("index", Words("质量指数", "Quality index"), points)], title=..., unit=..., source=...)
chart.svg("zh")          into a page: colours are CSS variables, text is in the page's fonts
chart.both("zh")         the same, with a variant for 320 pixels beside it (theme.chart_css() picks one)
figure(chart, "zh")      the whole figure: title, drawing, note, source and the table in <details>
chart.pdf_svg("zh")      for print; chart.file_svg and chart.png for download
"""

from __future__ import annotations

import html

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports.bars import Bar, bars, contributions, ranking
from shenzhi.pipeline.reports.chart import Chart, File, Ordered, drawing, file
from shenzhi.pipeline.reports.correlations import correlation_map
from shenzhi.pipeline.reports.distributions import Strip, distribution, strips
from shenzhi.pipeline.reports.heatmap import heatmap
from shenzhi.pipeline.reports.layers import with_unit
from shenzhi.pipeline.reports.lines import Line, Point, trend
from shenzhi.pipeline.reports.measures import period_words
from shenzhi.pipeline.reports.multiples import SparkLine, small_multiples, sparkline
from shenzhi.pipeline.reports.stacks import PartOf, Stack, stacks
from shenzhi.pipeline.reports.sunburst import Segment, sunburst

__all__ = [
    "Bar",
    "Chart",
    "File",
    "Line",
    "Ordered",
    "PartOf",
    "Point",
    "Segment",
    "SparkLine",
    "Stack",
    "Strip",
    "bars",
    "contributions",
    "correlation_map",
    "distribution",
    "drawing",
    "figure",
    "file",
    "heatmap",
    "period_words",
    "ranking",
    "small_multiples",
    "sparkline",
    "stacks",
    "strips",
    "sunburst",
    "table",
    "trend",
    "with_unit",
]

TABLE = Words("数据表", "Table of the data")


def figure(
    chart: Chart, language: str, *, ident: str = "", number: str = "", drawing: str = "", files: str = ""
) -> str:
    """A chart as an HTML figure: title with unit, drawing for both widths, note, source, and its table in <details>.

    `drawing` is markup to stand in the place of the drawing, `files` markup to stand under the source: the links of
    whoever serves the page."""
    title = f"{number} {chart.heading(language)}".strip()
    feet = "".join(f"<p>{html.escape(foot)}</p>" for foot in chart.feet(language))
    name = f' id="{html.escape(ident, quote=True)}"' if ident else ""
    return (
        f'<figure class="chart-figure"{name}><figcaption>{html.escape(title)}</figcaption>'
        f"{drawing or chart.both(language, ident)}"
        f'<div class="chart-foot">{feet}{files}</div>{table(chart, language, title)}</figure>'
    )


def table(chart: Chart, language: str, title: str = "") -> str:
    """The table behind a chart, folded away in <details>."""
    title = html.escape(title or chart.heading(language), quote=True)
    head = "".join(f'<th scope="col">{html.escape(column.say(language))}</th>' for column in chart.columns)
    named = _name_column(chart)
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{html.escape(cell)}</th>' if at == named else f"<td>{html.escape(cell)}</td>"
            for at, cell in enumerate(row)
        )
        + "</tr>"
        for row in chart.cells(language)
    )
    return (
        f"<details><summary>{TABLE.say(language)}</summary>"
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{title}">'
        f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        "</div></details>"
    )


def _name_column(chart: Chart) -> int:
    """The column that names its row: the period, or the name behind the rank."""
    return 1 if len(chart.columns) > 1 and chart.columns[0].zh == "名次" else 0
