"""What moves with what: a triangle of correlations, shaded and written (article 86).

Blue is above zero, orange below it, a pair that readers who see no red or no green tell apart; the sign is written as
well, wherever a cell has room for a figure, and all figures stand in the chart's table.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import measures, theme
from shenzhi.pipeline.reports.chart import Cell, Chart, Place, specification
from shenzhi.pipeline.reports.layers import NO_WORDS, as_given, pixels, texts
from shenzhi.pipeline.reports.measures import number, text_width

ABOVE, BELOW = "domain-economy", "domain-society"
# The deepest shade still leaves ink readable on it, on light paper and on dark.
DEEPEST = 0.55
NAME = Words("名称", "Name")
NOTE = Words(
    "颜色越深，关系越强；蓝色同向，橙色反向。列的编号与行相同。",
    "The deeper the shade, the closer the connection; blue moves together, orange against each other. Columns carry the "
    "numbers of the rows.",
)
OUTLINED = Words("粗框：反向，或几乎重复。", "Outlined: against each other, or nearly the same.")
BIGGEST_CELL, ROW, GAP = 64.0, 26.0, 8.0


def correlation_map(
    names: Sequence[Words],
    r: Sequence[Sequence[float]],
    *,
    title: Words,
    source: Words = NO_WORDS,
    description: Words | None = None,
    flagged: Collection[tuple[int, int]] = (),
    decimals: int = 2,
) -> Chart:
    """Correlations `r` (-1..1, NaN where not known) of everything in `names` with everything: its lower triangle, each
    pair once. `flagged` pairs are outlined. Columns are numbered like the rows, as names have no room above them."""
    rows = [Words(f"{at} {name.zh}", f"{at} {name.en}") for at, name in enumerate(names, 1)]
    pairs = [(row, column, float(r[row][column])) for row in range(len(names)) for column in range(row)]
    outlined = {(max(pair), min(pair)) for pair in flagged}

    def draw(place: Place) -> dict[str, Any]:
        size = place.size
        left = min(place.room(*rows) + GAP, place.pixels * 0.42)
        cell = min((place.pixels - left - 2) / max(len(names) - 1, 1), BIGGEST_CELL)
        written = text_width(number(-0.88, decimals), size) <= cell
        shades, lines, figures = [], [], []
        for row, column, value in pairs:
            spot = {"x": column * cell, "x2": (column + 1) * cell, "y": row * ROW, "y2": (row + 1) * ROW}
            middle = {"x": (column + 0.5) * cell, "y": (row + 0.5) * ROW}
            if math.isnan(value):
                figures += [{**middle, "text": measures.MISSING}] if written else []
                continue
            shades.append(
                {
                    **spot,
                    "colour": theme.colour(ABOVE if value >= 0 else BELOW),
                    "depth": round(min(abs(value), 1.0) * DEEPEST, 3),
                    "tip": _said(names[row], names[column], value, decimals),
                }
            )
            if (row, column) in outlined:
                lines.append(spot)
            if written:
                figures.append({**middle, "text": number(value, decimals)})
        corners = {"x": pixels("x"), "x2": {"field": "x2"}, "y": pixels("y"), "y2": {"field": "y2"}}
        # The number of each column stands at its foot, on the diagonal, where the eye comes from its row.
        step = max(1, math.ceil((text_width(str(len(names)), size) + 4) / cell))
        heads = [
            {"x": (at + 0.5) * cell, "y": (at + 0.5) * ROW, "text": str(at + 1)}
            for at in range(0, len(names) - 1, step)
        ]
        parts: list[dict[str, Any]] = [
            {
                "data": {"values": shades},
                "mark": {"type": "rect", "stroke": theme.colour("paper"), "strokeWidth": 1},
                "encoding": {
                    **corners,
                    "fill": as_given("colour"),
                    "fillOpacity": {"field": "depth", "type": "quantitative", "scale": None, "legend": None},
                    "description": {"field": "tip"},
                },
            },
            {
                "data": {"values": lines},
                "mark": {
                    "type": "rect",
                    "filled": False,
                    "stroke": theme.colour("ink"),
                    "strokeWidth": 1.6,
                    "aria": False,
                },
                "encoding": corners,
            },
            texts(
                [
                    {"x": -left, "y": (at + 0.5) * ROW, "text": place.fit(name, left - GAP)}
                    for at, name in enumerate(rows)
                ]
            ),
            texts(heads, align="center", soft=True),
            texts(figures, align="center"),
        ]
        width = cell * max(len(names) - 1, 1)
        return specification(
            parts,
            width=width,
            height=ROW * len(names),
            padding=(left, place.pixels - left - width, 2, 2),
            text_size=size,
        )

    cells: list[tuple[Cell, ...]] = [
        (
            name,
            *(
                number(float(r[row][column]), decimals) if column < row else None
                for column in range(len(names))
            ),
        )
        for row, name in enumerate(rows)
    ]
    return Chart(
        title=title,
        description=description or _described(names, pairs, title, decimals),
        source=source,
        unit=NO_WORDS,
        columns=(NAME, *(Words(str(at), str(at)) for at in range(1, len(names) + 1))),
        rows=tuple(cells),
        draw=draw,
        note=Words(NOTE.zh + OUTLINED.zh, f"{NOTE.en} {OUTLINED.en}") if outlined else NOTE,
        decimals=decimals,
    )


def _said(one: Words, other: Words, value: float, decimals: int) -> Words:
    text = number(value, decimals)
    return Words(f"{one.zh} × {other.zh}：{text}", f"{one.en} × {other.en}: {text}")


def _described(
    names: Sequence[Words], pairs: Sequence[tuple[int, int, float]], title: Words, decimals: int
) -> Words:
    """How many there are, and the two that are furthest apart in what they say: the highest and the lowest."""
    known = [(value, names[row], names[column]) for row, column, value in pairs if not math.isnan(value)]
    if not known:
        return Words(f"{title.zh}：无数据", f"{title.en}: no data")
    ends = [choose(known, key=lambda one: one[0]) for choose in (max, min)]
    high, low = (_said(one, other, value, decimals) for value, one, other in ends)
    return Words(
        f"{len(names)}项两两相关；最高 {high.zh}；最低 {low.zh}",
        f"{len(names)} by {len(names)} correlations; highest {high.en}; lowest {low.en}",
    )
