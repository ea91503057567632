"""Sets a report's blocks as a tagged PDF with Typst: PDF/UA-1 for readers who listen, PDF/A-2a for the archive (article 86).

Text reaches Typst as data in a JSON file and is shown by content functions of `report.typ`; no markup is ever made
from it, so a title can hold anything. Only the fonts that come with the program are used, and they are embedded.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typst

from shenzhi.pipeline.reports import theme
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
from shenzhi.pipeline.reports.layers import titled
from shenzhi.pipeline.reports.measures import MISSING, day_words
from shenzhi.pipeline.reports.multiples import SparkLine

TEMPLATE = Path(__file__).with_name("report.typ")
STANDARDS: list[Any] = ["ua-1", "a-2a"]


@dataclass(frozen=True)
class Cover:
    """What stands on the cover, in the running heads and in the document's own data."""

    language: str
    city: str
    title: str
    period: str
    edition: str
    created_at: str
    fictional: bool
    note: str


def as_pdf(blocks: Sequence[Block], cover: Cover, *, base: str) -> bytes:
    """The document. The same blocks and cover give the same bytes."""
    with tempfile.TemporaryDirectory(prefix="shenzhi-report-") as name:
        folder = Path(name)
        data = {
            "cover": {**asdict(cover), "day": day_words(cover.created_at).say(cover.language)},
            "theme": {token.name: token.light for token in theme.TOKENS.values()},
            "fonts": {"serif": theme.SERIF_FAMILY, "sans": theme.FONT_FAMILY},
            "blocks": [
                _plain(block, at, folder, cover.language, base.rstrip("/")) for at, block in enumerate(blocks)
            ],
        }
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        (folder / "report.typ").write_bytes(TEMPLATE.read_bytes())
        compiler = typst.Compiler(root=str(folder), font_paths=_fonts())
        pdf = compiler.compile(
            str(folder / "report.typ"),
            format="pdf",
            pdf_standards=STANDARDS,
            timestamp=_moment(cover.created_at),
        )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _fonts() -> typst.Fonts:
    """The two fonts that come with the program, and none of the machine's."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(theme.FONT_DIRECTORY)]
    )


def _moment(created_at: str) -> int:
    return int(dt.datetime.fromisoformat(created_at).timestamp())


def _plain(block: Block, at: int, folder: Path, language: str, base: str) -> dict[str, Any]:
    def plain(span: Span) -> dict[str, str]:
        if isinstance(span, Linked):
            return {"text": span.text, "href": base + span.href}
        if isinstance(span, SparkLine):
            image = f"line-{at}-{len(list(folder.iterdir()))}.svg"
            (folder / image).write_text(span.svg(language, "print"), encoding="utf-8")
            return {"image": image, "alt": span.said(language)}
        return {"text": span}

    def spans(given: Spans) -> list[dict[str, str]]:
        return [plain(span) for span in given]

    match block:
        case Heading():
            return {"kind": "heading", **asdict(block)}
        case Paragraph():
            return {"kind": "paragraph", "spans": spans(block.spans), "lead": block.lead}
        case Points():
            return {"kind": "points", "items": [spans(item) for item in block.items]}
        case Hero():
            return {
                "kind": "hero",
                "label": block.label,
                "value": plain(block.value),
                "unit": block.unit,
                "beside": spans(block.beside),
            }
        case Note():
            return {"kind": "note", "title": block.title, "spans": spans(block.spans)}
        case Table():
            return {
                "kind": "table",
                "caption": f"{block.number}　{block.caption}",
                "columns": [asdict(column) for column in block.columns],
                "rows": [[spans(cell) for cell in row] for row in block.rows],
                "missing": MISSING,
                "note": block.note,
            }
        case Figure():
            image, drawing = f"figure-{at}.svg", block.chart.pdf_svg(language)
            (folder / image).write_text(drawing, encoding="utf-8")
            chart = block.chart
            return {
                "kind": "figure",
                "image": image,
                "caption": f"{block.number}　{titled(chart.title, chart.unit).say(language)}",
                "alt": chart.description.say(language),
                "foot": [
                    words.say(language)
                    for words in (chart.note, chart.source)
                    if words and words.say(language)
                ],
            }
