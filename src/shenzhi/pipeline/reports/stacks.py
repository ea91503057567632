"""Bars made of parts: what each domain gives to the index of an area, what counts against what the weights say (article 86)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import theme
from shenzhi.pipeline.reports.chart import Cell, Chart, Place, specification
from shenzhi.pipeline.reports.layers import NO_WORDS, as_given, pixels, texts, with_unit
from shenzhi.pipeline.reports.measures import number, text_width

NAME = Words("名称", "Name")
TOTAL = Words("合计", "Total")
ROW, ABOVE_ROW, BAR, KEY = 24.0, 44.0, 14.0, 20.0
# Neighbours in a bar that is not of the six domains, in an order in which neighbours stay apart.
CYCLE = (
    "domain-economy",
    "domain-society",
    "domain-government",
    "domain-culture",
    "domain-ecology",
    "domain-urban",
    "domain-standards",
)


@dataclass(frozen=True)
class PartOf:
    """One part that all bars have: its name, and the name of a token of the theme."""

    code: str
    title: Words
    colour: str


@dataclass(frozen=True)
class Stack:
    """One bar: a figure for each part, None where a part has none, and the total that is written at its end (None: no
    total)."""

    title: Words
    values: tuple[float | None, ...]
    total: float | None = None
    highlight: bool = False


def colours(codes: Sequence[str]) -> list[str]:
    """A token for each part: its domain's own, or, where one of them is no domain, the next of the cycle for all."""
    own = [f"domain-{code}" for code in codes]
    if all(token in theme.TOKENS for token in own):
        return own
    return [CYCLE[at % len(CYCLE)] for at in range(len(codes))]


def stacks(
    parts: Sequence[PartOf],
    rows: Sequence[Stack],
    *,
    title: Words,
    unit: Words = NO_WORDS,
    source: Words = NO_WORDS,
    description: Words | None = None,
    decimals: int = 1,
    note: Words | None = None,
) -> Chart:
    """Bars from zero in the order given, each of parts that lie end to end; parts are named once, above the bars. Figures
    must not be below zero: what counts against a total has no length that could be added."""
    longest = max((sum(value or 0.0 for value in row.values) for row in rows), default=1.0) or 1.0

    def draw(place: Place) -> dict[str, Any]:
        size = place.size
        names = place.room(*(row.title for row in rows))
        above = names > place.pixels * 0.4
        left = 0.0 if above else names + 12
        right = max(
            (text_width(number(row.total, decimals), size) + 12 for row in rows if row.total is not None),
            default=4.0,
        )
        height = ABOVE_ROW if above else ROW
        plot = place.pixels - left - right
        patches, top = key(parts, place, left)
        boxes, labels, totals = [], [], []
        for at, row in enumerate(rows):
            begin = top + at * height
            middle = begin + (height - BAR / 2 - 5 if above else height / 2)
            labels.append(
                {
                    "x": -left,
                    "y": begin + size / 2 + 3 if above else middle,
                    "text": place.fit(row.title, place.pixels if above else left - 8),
                }
            )
            x = 0.0
            for part, value in zip(parts, row.values, strict=True):
                if value is None:
                    continue
                width = max(value, 0.0) / longest * plot
                boxes.append(
                    {
                        "x": x,
                        "x2": x + width,
                        "y": middle - BAR / 2,
                        "y2": middle + BAR / 2,
                        "colour": theme.colour(part.colour),
                        "tip": _said(row, part, value, unit, decimals),
                    }
                )
                x += width
            if row.total is not None:
                totals.append({"x": x + 7, "y": middle, "text": number(row.total, decimals)})
        corners = {"x": pixels("x"), "x2": {"field": "x2"}, "y": pixels("y"), "y2": {"field": "y2"}}
        layers: list[dict[str, Any]] = [
            {
                "data": {"values": boxes},
                "mark": {"type": "rect", "stroke": theme.colour("paper"), "strokeWidth": 1},
                "encoding": {**corners, "fill": as_given("colour"), "description": {"field": "tip"}},
            },
            *patches,
            texts(labels),
            texts(totals, weight=600),
        ]
        return specification(
            layers,
            width=plot,
            height=top + height * len(rows),
            padding=(left, right, 2, 4),
            text_size=size,
        )

    summed = any(row.total is not None for row in rows)
    cells: list[tuple[Cell, ...]] = [
        (
            row.title,
            *(number(value, decimals) for value in row.values),
            *([number(row.total, decimals)] if summed else []),
        )
        for row in rows
    ]
    return Chart(
        title=title,
        description=description or _described(parts, rows, title, unit, decimals),
        source=source,
        unit=unit,
        columns=(NAME, *(part.title for part in parts), *([TOTAL] if summed else [])),
        rows=tuple(cells),
        draw=draw,
        note=note,
        decimals=decimals,
    )


def key(
    parts: Sequence[PartOf], place: Place, left: float = 0.0, top: float = 0.0
) -> tuple[list[dict[str, Any]], float]:
    """The parts' names, each behind a patch of its colour, in as many lines as they need, as layers of a chart that begins
    `left` pixels to the right of its names; and the height at which the lines end."""
    boxes: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    x, y = -left, top
    for part in parts:
        text = place.fit(part.title, place.pixels - 22)
        width = text_width(text, place.size) + 16
        if x > -left and x + width > place.pixels - left:
            x, y = -left, y + KEY
        middle = y + KEY / 2
        boxes.append(
            {"x": x, "x2": x + 10, "y": middle - 5, "y2": middle + 5, "colour": theme.colour(part.colour)}
        )
        names.append({"x": x + 14, "y": middle, "text": text})
        x += width + 14
    if not parts:
        return [], top
    corners = {"x": pixels("x"), "x2": {"field": "x2"}, "y": pixels("y"), "y2": {"field": "y2"}}
    patches = {
        "data": {"values": boxes},
        "mark": {"type": "rect", "aria": False},
        "encoding": {**corners, "fill": as_given("colour")},
    }
    return [patches, texts(names, soft=True)], y + KEY + 6


def _said(row: Stack, part: PartOf, value: float, unit: Words, decimals: int) -> Words:
    zh, en = (with_unit(number(value, decimals), unit, language) for language in ("zh", "en"))
    return Words(f"{row.title.zh}，{part.title.zh}：{zh}", f"{row.title.en}, {part.title.en}: {en}")


def _described(
    parts: Sequence[PartOf], rows: Sequence[Stack], title: Words, unit: Words, decimals: int
) -> Words:
    if not rows:
        return Words(f"{title.zh}：无数据", f"{title.en}: no data")
    told = [*rows[:3], *rows[-1:]] if len(rows) > 4 else list(rows)
    said: dict[str, list[str]] = {"zh": [], "en": []}
    for row in told:
        for language, phrases in said.items():
            each = [
                f"{part.title.say(language)} {with_unit(number(value, decimals), unit, language)}"
                for part, value in zip(parts, row.values, strict=True)
            ]
            zh = language == "zh"
            phrases.append(
                f"{row.title.say(language)}{'：' if zh else ': '}{('，' if zh else ', ').join(each)}"
            )
    return Words(
        f"{title.zh}，共{len(rows)}条：" + "；".join(said["zh"]),
        f"{title.en}, {len(rows)} bars: " + "; ".join(said["en"]),
    )
