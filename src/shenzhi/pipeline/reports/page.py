"""Sets a report's blocks as an HTML fragment for the portal: headings in order, tables with captions, figures with data."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import partial

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import charts
from shenzhi.pipeline.reports.blocks import (
    Block,
    Figure,
    Heading,
    Hero,
    Linked,
    Note,
    Paragraph,
    Points,
    Span,
    Spans,
    Table,
)
from shenzhi.pipeline.reports.measures import MISSING
from shenzhi.pipeline.reports.multiples import SparkLine

CONTENTS = Words("目录", "Contents")

SetFigure = Callable[[Figure], str]


def as_html(blocks: Sequence[Block], language: str, set_figure: SetFigure | None = None) -> str:
    """The fragment: its contents first, then the sections. Headings begin at h2, below the page's own title.

    `set_figure` gives the markup of a figure; without it, figures are drawn in place and carry no links."""
    entries = "".join(
        f'<li><a href="#{html.escape(block.ident, quote=True)}">{html.escape(block.text)}</a></li>'
        for block in blocks
        if isinstance(block, Heading) and block.level == 1
    )
    name = CONTENTS.say(language)
    contents = f'<nav class="report-contents" aria-label="{name}"><h2>{name}</h2><ol>{entries}</ol></nav>'
    parts: list[str] = [contents]
    is_open = False
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            if is_open:
                parts.append("</section>")
            ident = html.escape(block.ident, quote=True)
            parts.append(f'<section class="report-section" aria-labelledby="{ident}">')
            is_open = True
        parts.append(_block(block, language, set_figure or partial(_figure, language=language)))
    if is_open:
        parts.append("</section>")
    return "\n".join(parts)


def ident_of(figure: Figure) -> str:
    """The id of a figure on the page."""
    return f"figure-{figure.ident}"


def _figure(figure: Figure, language: str) -> str:
    return charts.figure(figure.chart, language, ident=ident_of(figure), number=figure.number)


def _block(block: Block, language: str, set_figure: SetFigure) -> str:
    match block:
        case Heading():
            tag = f"h{block.level + 1}"
            return f'<{tag} id="{html.escape(block.ident, quote=True)}">{html.escape(block.text)}</{tag}>'
        case Paragraph():
            lead = ' class="lead"' if block.lead else ""
            return f"<p{lead}>{_spans(block.spans, language)}</p>"
        case Points():
            return "<ul>" + "".join(f"<li>{_spans(item, language)}</li>" for item in block.items) + "</ul>"
        case Hero():
            return (
                f'<div class="report-hero"><p class="report-hero-label">{html.escape(block.label)}</p>'
                f'<p class="report-hero-value">{_spans((block.value,), language)}<span class="unit">{html.escape(block.unit)}'
                f'</span></p><p class="report-hero-beside">{_spans(block.beside, language)}</p></div>'
            )
        case Note():
            return (
                f'<aside class="report-note"><p><strong>{html.escape(block.title)}</strong> '
                f"{_spans(block.spans, language)}</p></aside>"
            )
        case Table():
            return _table(block, language)
        case Figure():
            return set_figure(block)


def _spans(spans: Spans, language: str) -> str:
    return "".join(_span(span, language) for span in spans)


def _span(span: Span, language: str) -> str:
    if isinstance(span, Linked):
        return f'<a href="{html.escape(span.href, quote=True)}">{html.escape(span.text)}</a>'
    return span.svg(language) if isinstance(span, SparkLine) else html.escape(span)


def _table(table: Table, language: str) -> str:
    title = html.escape(f"{table.number} {table.caption}".strip())
    head = "".join(
        f'<th scope="col"{_class(column.numeric)}>{html.escape(column.title)}</th>'
        for column in table.columns
    )
    rows = []
    for row in table.rows:
        cells = [f'<th scope="row">{_spans(row[0], language) or MISSING}</th>']
        cells += [
            f"<td{_class(column.numeric)}>{_spans(cell, language) or (MISSING if column.numeric else '')}</td>"
            for cell, column in zip(row[1:], table.columns[1:], strict=True)
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    note = f'<p class="report-table-note">{html.escape(table.note)}</p>' if table.note else ""
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{title}"><table class="report-table">'
        f"<caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>{note}"
    )


def _class(numeric: bool) -> str:
    return ' class="number"' if numeric else ""
