"""A table of shares as a picture: the darker a cell, the larger its share (article 86).

Cells carry their share as text where there is room, so that shade is never the only sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import measures, theme
from shenzhi.pipeline.reports.chart import Cell, Chart, Place, specification
from shenzhi.pipeline.reports.layers import NO_WORDS, pixels, texts

NAME = Words("名称", "Name")
# A share stands in its cell, in what is said of it and in the table, in two languages and two widths.
percent = lru_cache(maxsize=1 << 14)(measures.percent)
# The darkest shade still lets text in ink be read on it, on light paper and on dark.
DARKEST = 0.55
PALE = 0.005
TOLD = 20  # lines up to which rows stand wide and each cell says what it is
WRITTEN = 26.0  # pixels that a share needs to be written in its cell


@dataclass(frozen=True)
class Line:
    """One row: its name, its shares (0..1) by column, and the column to be framed, None for none."""

    code: str
    title: Words
    shares: Mapping[int, float]
    framed: int | None = None


def heatmap(
    lines: Sequence[Line],
    columns: Sequence[tuple[int, str]],
    *,
    title: Words,
    unit: Words = NO_WORDS,
    source: Words = NO_WORDS,
    note: Words | None = None,
    description: Words | None = None,
) -> Chart:
    """Rows in the order given, `columns` as (key, heading); a cell without a share stays empty."""
    place_of = {key: at for at, (key, _) in enumerate(columns)}

    def draw(place: Place) -> dict[str, Any]:
        size = place.size
        names = min(place.room(*(line.title for line in lines)) + 12, place.pixels * 0.34)
        head = size + 12.0
        width = (place.pixels - names - 2) / max(len(columns), 1)
        # thousands of cells are told by the table alone, and those too pale to see are left to it
        told = len(lines) <= TOLD
        height = 26.0 if told else 18.0
        # where no cell is written, shades tell the largest apart; where they are, the same shade is the same share
        top = (
            1.0
            if told
            else max((max(line.shares.values(), default=0.0) for line in lines), default=0.0) or 1.0
        )
        cells, labels, frames = [], [], []
        for row, line in enumerate(lines):
            for key, share in line.shares.items():
                if key not in place_of or share <= (0 if told else PALE):
                    continue
                x = round(place_of[key] * width, 1)
                cell: dict[str, Any] = {
                    "x": x + 0.5,
                    "x2": round(x + width - 0.5, 1),
                    "y": row * height + 0.5,
                    "y2": (row + 1) * height - 0.5,
                    "shade": round(0.04 + (DARKEST - 0.04) * min(share / top, 1.0), 3),
                }
                if told:
                    cell["tip"] = _said(line, columns[place_of[key]][1], share).say(place.language)
                cells.append(cell)
                if width >= WRITTEN:
                    labels.append(
                        {"x": x + width / 2, "y": (row + 0.5) * height, "text": _written(share, width, size)}
                    )
            if line.framed in place_of:
                x = place_of[line.framed] * width
                frames.append(
                    {"x": x + 1, "x2": x + width - 1, "y": row * height + 1, "y2": (row + 1) * height - 1}
                )
        some = max(1, -(-len(columns) * 16 // int(place.pixels - names)))
        heads = [
            {"x": (at + 0.5) * width, "y": -head / 2, "text": name}
            for at, (_, name) in enumerate(columns)
            if at % some == 0
        ]
        sides = {"x": pixels("x"), "x2": {"field": "x2"}, "y": pixels("y"), "y2": {"field": "y2"}}
        parts: list[dict[str, Any]] = [
            {
                "data": {"values": cells} if told else _compact(cells),
                "mark": {"type": "rect", "color": theme.colour("accent"), "aria": told},
                "encoding": {
                    **sides,
                    "fillOpacity": {"field": "shade", "type": "quantitative", "scale": None, "legend": None},
                    **({"description": {"field": "tip"}} if told else {}),
                },
            },
            {
                "data": {"values": frames},
                "mark": {
                    "type": "rect",
                    "filled": False,
                    "stroke": theme.colour("ink"),
                    "strokeWidth": 1.4,
                    "aria": False,
                },
                "encoding": sides,
            },
            texts(
                [
                    {"x": -names, "y": (row + 0.5) * height, "text": place.fit(line.title, names - 8)}
                    for row, line in enumerate(lines)
                ]
            ),
            texts(heads, align="center", soft=True),
            *([texts(labels, align="center")] if labels else []),
        ]
        return specification(
            parts,
            width=place.pixels - names - 2,
            height=height * len(lines),
            padding=(names, 2, head, 4),
            text_size=size,
        )

    rows: list[tuple[Cell, ...]] = [
        (line.title, *(percent(line.shares.get(key, 0.0), 1) for key, _ in columns)) for line in lines
    ]
    heading = (NAME, *(Words(name, name) for _, name in columns))
    return Chart(
        title,
        description or _described(lines, columns, title),
        source,
        unit,
        heading,
        tuple(rows),
        draw,
        note,
    )


def _compact(cells: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Thousands of cells as one text, which is written and read many times as fast as so many objects."""
    sides = ("x", "x2", "y", "y2", "shade")
    lines = [",".join(sides), *(",".join(f"{cell[side]:g}" for side in sides) for cell in cells)]
    return {
        "values": "\n".join(lines),
        "format": {"type": "csv", "parse": dict.fromkeys(sides, "number")},
    }


def _written(share: float, width: float, size: int) -> str:
    """A share in its cell: with its sign where that fits."""
    text = percent(share)
    return text if measures.text_width(text, size) <= width - 2 else text.rstrip("%")


def _said(line: Line, column: str, share: float) -> Words:
    text = percent(share, 1)
    return Words(f"{line.title.zh}，{column}：{text}", f"{line.title.en}, {column}: {text}")


def _described(lines: Sequence[Line], columns: Sequence[tuple[int, str]], title: Words) -> Words:
    """The largest share of each row."""
    heads = dict(columns)
    said = []
    for line in lines:
        shown = {key: share for key, share in line.shares.items() if key in heads}
        if shown:
            most = max(shown, key=lambda key: shown[key])
            text = f"{heads[most]} {percent(shown[most])}"
            said.append(Words(f"{line.title.zh}：{text}", f"{line.title.en}: {text}"))
    if len(said) > 12:
        said = [*said[:5], Words(f"……共{len(said)}行", f"… {len(said)} rows"), *said[-5:]]
    return Words("；".join(one.zh for one in said) or title.zh, "; ".join(one.en for one in said) or title.en)
