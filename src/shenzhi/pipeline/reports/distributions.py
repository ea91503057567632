"""Where one value lies among many: a dot for each, stacked where they meet, or a line for each indicator (article 86)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import measures, theme
from shenzhi.pipeline.reports.bars import Bar, along, description_of, limits, said_of, table_of
from shenzhi.pipeline.reports.chart import Cell, Chart, Place, specification
from shenzhi.pipeline.reports.layers import NO_WORDS, as_given, pixels, texts, with_unit
from shenzhi.pipeline.reports.measures import number


def distribution(
    rows: Sequence[Bar],
    *,
    title: Words,
    unit: Words = NO_WORDS,
    source: Words = NO_WORDS,
    description: Words | None = None,
    decimals: int | None = 1,
) -> Chart:
    """Where values lie among all: one dot each, stacked where they meet; highlighted ones are named."""
    known = sorted((row for row in rows if row.value is not None), key=lambda row: row.value or 0.0)
    scale = limits(known, zero=False, about=5)

    def draw(place: Place) -> dict[str, Any]:
        size = place.size
        side = 16.0
        plot = place.pixels - 2 * side
        radius = 3.0 if len(known) > 80 else 5.0
        step = radius * 2 + 1
        heaps: dict[int, int] = {}
        dots: list[dict[str, Any]] = []
        for row in known:
            assert row.value is not None
            at_x = (row.value - scale[0]) / (scale[-1] - scale[0]) * plot
            heap = round(at_x / step)
            heaps[heap] = heaps.get(heap, 0) + 1
            tint = theme.colour("accent" if row.highlight else row.colour)
            dots.append(
                {
                    "x": heap * step,
                    "n": heaps[heap],
                    "colour": tint,
                    "row": row,
                    "tip": said_of(row, unit, decimals),
                }
            )
        marked = [dot for dot in dots if dot["row"].highlight][:3]
        tallest = max(heaps.values(), default=1)
        height = tallest * step + 8 + len(marked) * (size + 6)
        names = []
        for at, dot in enumerate(marked):
            row = dot["row"]
            dot_x, text = dot["x"], number(row.value, decimals)
            words = Words(f"{row.title.zh} {text}", f"{row.title.en} {text}")
            room = place.room(words)
            x = min(max(dot_x - room / 2, -side + 2), plot + side - room - 2)
            names.append({"x": x, "y": size / 2 + at * (size + 6), "text": words, "to": dot_x, "n": dot["n"]})
        places = measures.tick_decimals(scale)
        axis = {"values": list(scale), "domain": True, "ticks": True, "tickSize": 4, "format": f",.{places}f"}
        values = [
            {"x": dot["x"], "y": height - (dot["n"] - 0.5) * step, "colour": dot["colour"], "tip": dot["tip"]}
            for dot in dots
        ]
        parts: list[dict[str, Any]] = [
            {
                "data": {"values": [{"value": scale[0]}]},
                "mark": {"type": "rule", "opacity": 0},
                "encoding": {"x": along(scale, axis=axis)},
            },
            {
                "data": {
                    "values": [
                        {"x": name["to"], "y": name["y"] + size / 2, "y2": height - name["n"] * step}
                        for name in names
                    ]
                },
                "mark": {"type": "rule", "color": theme.colour("ink-soft"), "strokeWidth": 0.8},
                "encoding": {"x": pixels("x"), "y": pixels("y"), "y2": {"field": "y2"}},
            },
            {
                "data": {"values": values},
                "mark": {"type": "circle", "size": (radius * 2) ** 2 * 0.785, "opacity": 1},
                "encoding": {
                    "x": pixels("x"),
                    "y": pixels("y"),
                    "color": as_given("colour"),
                    "description": {"field": "tip"},
                },
            },
            texts([{key: name[key] for key in ("x", "y", "text")} for name in names], weight=600),
        ]
        return specification(
            parts, width=plot, height=height, padding=(side, side, 4, size + 14), text_size=size
        )

    columns, cells = table_of(list(reversed(known)), title, unit)
    said = description or description_of(list(reversed(known)), title, unit, decimals)
    note = Words("每个点是一个地区。", "Each dot is one area.")
    return Chart(title, said, source, unit, columns, cells, draw, note, decimals)


NAME = Words("名称", "Name")
MOST_TICKS = 60
SPREAD = (Words("最低", "Least"), Words("中位", "Median"), Words("最高", "Most"))


@dataclass(frozen=True)
class Strip:
    """One line of `strips`: the values of all areas, and the one that the page is about (None: it has none).

    `said` stands at the end of the line, such as its rank: "3/12"."""

    title: Words
    values: tuple[float, ...]
    value: float | None
    colour: str = "accent"
    said: Words = NO_WORDS


def strips(
    rows: Sequence[Strip],
    *,
    marked: Words,
    title: Words,
    unit: Words = NO_WORDS,
    source: Words = NO_WORDS,
    description: Words | None = None,
    decimals: int = 1,
) -> Chart:
    """For each row a tick for every area on one scale (of many, the first and the last only), its middle half as a band and the median as a line; the area
    called `marked` as a large dot."""
    known = [value for row in rows for value in row.values]
    scale = measures.ticks(min(known, default=0.0), max(known, default=1.0), about=5)

    def draw(place: Place) -> dict[str, Any]:
        size = place.size
        names = place.room(*(row.title for row in rows)) + 12
        above = names > place.pixels * 0.45
        left, height = (6.0, 46.0) if above else (names, 26.0)
        right = max(place.room(*(row.said for row in rows)) + 12, 12.0)
        plot = place.pixels - left - right

        def at(value: float) -> float:
            return (value - scale[0]) / (scale[-1] - scale[0]) * plot

        ticks, bands, medians, dots, labels, ends = [], [], [], [], [], []
        for number_, row in enumerate(rows):
            y = height * number_ + (height - 13 if above else height / 2)
            x, room = (-left, float(place.pixels)) if above else (-left, left - 12)
            labels.append({"x": x, "y": y - 20 if above else y, "text": place.fit(row.title, room)})
            ends.append({"x": plot + right - 2, "y": y, "text": row.said})
            ordered = sorted(row.values)
            # a tick for each of hundreds would be a grey wall: then only the ends, and the area's own place
            shown = ordered if len(ordered) <= MOST_TICKS else [ordered[0], ordered[-1]]
            ticks += [{"x": at(value), "y": y - 6, "y2": y + 6} for value in shown]
            if ordered:
                low, middle, high = (_quantile(ordered, share) for share in (0.25, 0.5, 0.75))
                bands.append({"x": at(low), "x2": at(high), "y": y - 6, "y2": y + 6})
                medians.append({"x": at(middle), "y": y - 8, "y2": y + 8})
            if row.value is not None:
                tip = _placed(row, marked, unit, decimals)
                dots.append({"x": at(row.value), "y": y, "colour": theme.colour(row.colour), "tip": tip})
        places = measures.tick_decimals(scale)
        axis = {"values": list(scale), "domain": True, "ticks": True, "tickSize": 4, "format": f",.{places}f"}
        upright = {"x": pixels("x"), "y": pixels("y"), "y2": {"field": "y2"}}
        parts: list[dict[str, Any]] = [
            {
                "data": {"values": [{"value": scale[0]}]},
                "mark": {"type": "rule", "opacity": 0},
                "encoding": {"x": along(scale, axis=axis)},
            },
            {
                "data": {"values": bands},
                "mark": {"type": "rect", "color": theme.colour("rule"), "aria": False},
                "encoding": {**upright, "x2": {"field": "x2"}},
            },
            {
                "data": {"values": ticks},
                "mark": {
                    "type": "rule",
                    "color": theme.colour("ink-soft"),
                    "strokeWidth": 1,
                    "opacity": 0.55,
                },
                "encoding": upright,
            },
            {
                "data": {"values": medians},
                "mark": {"type": "rule", "color": theme.colour("ink"), "strokeWidth": 1.6},
                "encoding": upright,
            },
            {
                "data": {"values": dots},
                "mark": {
                    "type": "circle",
                    "size": 110,
                    "opacity": 1,
                    "stroke": theme.colour("paper"),
                    "strokeWidth": 1.5,
                },
                "encoding": {
                    "x": pixels("x"),
                    "y": pixels("y"),
                    "fill": as_given("colour"),
                    "description": {"field": "tip"},
                },
            },
            texts(labels),
            texts(ends, align="right", soft=True),
        ]
        return specification(
            parts,
            width=plot,
            height=height * len(rows) + 4,
            padding=(left, right, 4, size + 14),
            text_size=size,
        )

    cells: list[tuple[Cell, ...]] = [
        (
            row.title,
            None if row.value is None else number(row.value, decimals),
            *(
                number(_quantile(sorted(row.values), share) if row.values else None, decimals)
                for share in (0, 0.5, 1)
            ),
            row.said,
        )
        for row in rows
    ]
    few = max((len(row.values) for row in rows), default=0) <= MOST_TICKS
    told = [_placed(row, marked, unit, decimals) for row in rows]
    return Chart(
        title,
        description
        or Words(
            "；".join(one.zh for one in told) or title.zh, "; ".join(one.en for one in told) or title.en
        ),
        source,
        unit,
        (NAME, marked, *SPREAD, Words("名次", "Rank")),
        tuple(cells),
        draw,
        Words(
            f"圆点是{marked.zh}，细线是{'各个区域' if few else '最低和最高'}，灰色带是居中的一半，粗线是中位。",
            f"The dot is {marked.en}, thin lines are {'the areas' if few else 'the least and the most'}, the grey band the middle half "
            "of the areas, the heavy line their median.",
        ),
        decimals,
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between the two values next to it, in proportion."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _placed(row: Strip, marked: Words, unit: Words, decimals: int) -> Words:
    zh, en = (with_unit(number(row.value, decimals), unit, language) for language in ("zh", "en"))
    more = (f"（{row.said.zh}）", f" ({row.said.en})") if row.said.zh else ("", "")
    return Words(f"{row.title.zh}，{marked.zh}：{zh}{more[0]}", f"{row.title.en}, {marked.en}: {en}{more[1]}")
