"""Where one value lies among many: a dot for each, stacked where they meet (article 86)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import measures, theme
from shenzhi.pipeline.reports.bars import Bar, along, description_of, limits, said_of, table_of
from shenzhi.pipeline.reports.chart import Chart, Place, specification
from shenzhi.pipeline.reports.layers import NO_WORDS, as_given, pixels, texts
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
