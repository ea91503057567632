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
from shenzhi.pipeline.reports.chart import Chart, Ordered, drawing, warm
from shenzhi.pipeline.reports.distributions import distribution
from shenzhi.pipeline.reports.layers import titled, with_unit
from shenzhi.pipeline.reports.lines import Line, Point, trend
from shenzhi.pipeline.reports.measures import period_words
from shenzhi.pipeline.reports.multiples import SparkLine, small_multiples, sparkline

__all__ = [
    "Bar",
    "Chart",
    "Line",
    "Ordered",
    "Point",
    "SparkLine",
    "bars",
    "contributions",
    "distribution",
    "drawing",
    "figure",
    "period_words",
    "ranking",
    "small_multiples",
    "sparkline",
    "trend",
    "warm",
    "with_unit",
]

TABLE = Words("数据表", "Table of the data")


def figure(chart: Chart, language: str, *, ident: str = "", number: str = "") -> str:
    """A chart as an HTML figure: title with unit, drawing for both widths, note, source, and its table in <details>."""
    title = f"{number} {titled(chart.title, chart.unit).say(language)}".strip()
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
    feet = [f"<p>{html.escape(chart.note.say(language))}</p>"] if chart.note else []
    if chart.source.say(language):
        feet.append(f"<p>{html.escape(chart.source.say(language))}</p>")
    name = f' id="{html.escape(ident, quote=True)}"' if ident else ""
    return (
        f'<figure class="chart-figure"{name}><figcaption>{html.escape(title)}</figcaption>{chart.both(language, ident)}'
        f'<div class="chart-foot">{"".join(feet)}</div>'
        f"<details><summary>{TABLE.say(language)}</summary>"
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{html.escape(title, quote=True)}">'
        f"<table><caption>{html.escape(title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        "</div></details></figure>"
    )


def _name_column(chart: Chart) -> int:
    """The column that names its row: the period, or the name behind the rank."""
    return 1 if len(chart.columns) > 1 and chart.columns[0].zh == "名次" else 0
