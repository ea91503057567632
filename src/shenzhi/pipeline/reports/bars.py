"""Charts of named values: bars, rankings, contributions (article 86).

Bars start at zero. A ranking shows its intervals and its ties; a missing value keeps its line and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import measures, theme
from shenzhi.pipeline.reports.chart import Cell, Chart, Place, specification
from shenzhi.pipeline.reports.layers import NO_WORDS, as_given, pixels, texts, titled, with_unit
from shenzhi.pipeline.reports.measures import number, signed, text_width

NO_DATA = Words("无数据", "no data")
NAME = Words("名称", "Name")
RANK = Words("名次", "Rank")
TOTAL = Words("合计", "Total")


@dataclass(frozen=True)
class Bar:
    """One named value. `colour` is the name of a token of the theme; `low` and `high` bound its uncertainty; `rank`
    is written as it is shown ("3", "3="); `note` stands where a value is missing and is added to what is said about
    it; `highlight` marks the one that the page is about."""

    code: str
    title: Words
    value: float | None
    colour: str = "accent"
    low: float | None = None
    high: float | None = None
    rank: str = ""
    note: Words = NO_WORDS
    highlight: bool = False


@dataclass(frozen=True)
class _Frame:
    """Where the rows of a chart lie: names to the left of the plot, or above each row where there is no room."""

    place: Place
    above: bool
    left: float
    right: float
    plot: float
    row: float

    def middle(self, index: int) -> float:
        """The height in pixels of the mark of a row."""
        return self.row * index + (self.row - 13 if self.above else self.row / 2)

    def name(self, index: int) -> float:
        return self.row * index + 11 if self.above else self.middle(index)


def _frame(rows: Sequence[Bar], place: Place, beside: float, lead: float = 0.0) -> _Frame:
    """`beside`: room for the value to the right of its mark; `lead`: room for a rank before the name."""
    names, total = place.room(*(row.title for row in rows)), place.pixels
    above = names + lead > total * 0.45
    left = lead if above else names + lead + 12
    row = float(46 if above else 26)
    return _Frame(place, above, left, beside, total - left - beside, row)


def _value_room(rows: Sequence[Bar], decimals: int | None, size: int) -> float:
    written = [number(row.value, decimals) for row in rows if row.value is not None]
    return max((text_width(text, size) for text in written), default=20.0) + 12


def _names(rows: Sequence[Bar], frame: _Frame, lead: float = 0.0) -> dict[str, Any]:
    x = lead - frame.left
    room = frame.place.pixels - lead if frame.above else frame.left - lead - 8
    return texts(
        [
            {"x": x, "y": frame.name(at), "text": frame.place.fit(row.title, room)}
            for at, row in enumerate(rows)
        ]
    )


def said_of(row: Bar, unit: Words, decimals: int | None) -> Words:
    texts_ = []
    for language in ("zh", "en"):
        name, note = row.title.say(language), row.note.say(language)
        zh = language == "zh"
        if row.value is None:
            texts_.append(f"{name}{'：' if zh else ': '}{note or NO_DATA.say(language)}")
            continue
        text = f"{name}{'：' if zh else ': '}{with_unit(number(row.value, decimals), unit, language)}"
        more = [f"第{row.rank}名" if zh else f"rank {row.rank}"] if row.rank else []
        if row.low is not None and row.high is not None:
            between = f"{number(row.low, decimals)}–{number(row.high, decimals)}"
            more.append(f"区间{between}" if zh else f"interval {between}")
        if note:
            more.append(note)
        texts_.append(
            text + ("（" + "，".join(more) + "）" if zh else f" ({', '.join(more)})") if more else text
        )
    return Words(texts_[0], texts_[1])


def _missing(rows: Sequence[Bar], frame: _Frame) -> list[dict[str, Any]]:
    labels = [
        {"x": 4, "y": frame.middle(at), "text": row.note if row.note.zh else NO_DATA}
        for at, row in enumerate(rows)
        if row.value is None
    ]
    return [texts(labels, soft=True)] if labels else []


def description_of(rows: Sequence[Bar], title: Words, unit: Words, decimals: int | None) -> Words:
    said = [said_of(row, unit, decimals) for row in rows]
    if len(said) > 12:
        said = [*said[:5], Words(f"……共{len(rows)}项", f"… {len(rows)} in all"), *said[-5:]]
    return Words("；".join(w.zh for w in said) or title.zh, "; ".join(w.en for w in said) or title.en)


def table_of(
    rows: Sequence[Bar], title: Words, unit: Words
) -> tuple[tuple[Words, ...], tuple[tuple[Cell, ...], ...]]:
    interval, ranked = any(row.low is not None for row in rows), any(row.rank for row in rows)
    columns = [*([RANK] if ranked else []), NAME, titled(Words("数值", "Value"), unit)]
    if interval:
        columns += [Words("下限", "Low"), Words("上限", "High")]
    cells: list[tuple[Cell, ...]] = []
    for row in rows:
        value: Cell = row.value if row.value is not None else (row.note if row.note.zh else None)
        cells.append(
            (*([row.rank] if ranked else []), row.title, value, *([row.low, row.high] if interval else []))
        )
    return tuple(columns), tuple(cells)


def limits(rows: Sequence[Bar], *, zero: bool, about: int) -> list[float]:
    known = [v for row in rows for v in (row.value, row.low, row.high) if v is not None]
    return measures.ticks(min(known, default=0.0), max(known, default=1.0), about, zero=zero)


def along(scale: Sequence[float], name: str = "value", **axis: dict[str, Any] | None) -> dict[str, Any]:
    """A place along the scale. `axis=` is said once in a chart: None for none; layers that do not say it follow."""
    return {
        "field": name,
        "type": "quantitative",
        "scale": {"domain": [scale[0], scale[-1]], "nice": False, "zero": False},
        **axis,
    }


def bars(
    rows: Sequence[Bar],
    *,
    title: Words,
    unit: Words = NO_WORDS,
    source: Words = NO_WORDS,
    description: Words | None = None,
    decimals: int | None = 1,
) -> Chart:
    """Horizontal bars from zero, in the order given, each with its value; intervals where they are known."""
    scale = limits(rows, zero=True, about=4)

    def draw(place: Place) -> dict[str, Any]:
        size = place.size
        frame = _frame(rows, place, _value_room(rows, decimals, size))
        low, high = scale[0], max(v for v in (scale[0] + 1e-9, *(r.high or r.value or 0.0 for r in rows)))
        ends = [low, high]
        values, labels = [], []
        for at, row in enumerate(rows):
            if row.value is None:
                continue
            middle, tint = frame.middle(at), theme.colour(row.colour)
            values.append(
                {
                    "value": row.value,
                    "zero": 0,
                    "y": middle - 7,
                    "y2": middle + 7,
                    "m": middle,
                    "colour": tint,
                    "low": row.low,
                    "high": row.high,
                    "tip": said_of(row, unit, decimals),
                }
            )
            tip = max(row.value, row.high or row.value, 0.0)
            labels.append(
                {
                    "x": (tip - low) / (high - low) * frame.plot + 7,
                    "y": middle,
                    "text": number(row.value, decimals),
                }
            )
        parts: list[dict[str, Any]] = [
            {
                "data": {"values": values},
                "mark": {"type": "bar"},
                "encoding": {
                    "x": along(ends, "zero", axis=None),
                    "x2": {"field": "value"},
                    "y": pixels("y"),
                    "y2": {"field": "y2"},
                    "color": as_given("colour"),
                    "description": {"field": "tip"},
                },
            },
            *_intervals([value for value in values if value["low"] is not None], ends, "ink"),
            *([] if frame.above and ends[0] == 0 else [_zero_line(ends)]),
            _names(rows, frame),
            texts(labels, weight=600),
            *_missing(rows, frame),
        ]
        return specification(
            parts,
            width=frame.plot,
            height=frame.row * len(rows),
            padding=(frame.left, frame.right, 4, 6),
            text_size=frame.place.size,
        )

    columns, cells = table_of(rows, title, unit)
    said = description or description_of(rows, title, unit, decimals)
    return Chart(title, said, source, unit, columns, cells, draw, _interval_note(rows), decimals)


def _intervals(values: Sequence[dict[str, Any]], scale: Sequence[float], ink: str) -> list[dict[str, Any]]:
    if not values:
        return []
    return [
        {
            "data": {"values": list(values)},
            "mark": {"type": "rule", "strokeWidth": 1.6, "color": theme.colour(ink)},
            "encoding": {"x": along(scale, "low"), "x2": {"field": "high"}, "y": pixels("m")},
        }
    ]


def _zero_line(ends: Sequence[float]) -> dict[str, Any]:
    return {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "color": theme.colour("ink-soft")},
        "encoding": {"x": along(ends, "zero")},
    }


def _interval_note(rows: Sequence[Bar]) -> Words | None:
    if not any(row.low is not None for row in rows):
        return None
    return Words(
        "细线为区间；区间相互重叠的，先后不能断定。",
        "Thin lines are intervals; where they overlap the order is not certain.",
    )


def ranking(
    rows: Sequence[Bar],
    *,
    title: Words,
    unit: Words = NO_WORDS,
    source: Words = NO_WORDS,
    description: Words | None = None,
    decimals: int | None = 1,
    scale: Sequence[float] = (),
) -> Chart:
    """Dots in the order given, with rank, interval and value; equal ranks are written as they come ("3=").

    `scale`: the marks of the axis, its ends among them; without them round numbers around the values."""
    scale = scale or limits(rows, zero=False, about=6)

    def draw(place: Place) -> dict[str, Any]:
        size = place.size
        lead = max((text_width(row.rank, size) for row in rows), default=0.0)
        lead += 12 if lead else 0
        frame = _frame(rows, place, _value_room(rows, decimals, size) + 6, lead)
        values, labels, ranks, lines = [], [], [], []
        for at, row in enumerate(rows):
            middle = frame.middle(at)
            lines.append({"y": middle})
            if row.rank:
                ranks.append({"x": lead - frame.left - 12, "y": frame.name(at), "text": row.rank})
            if row.value is None:
                continue
            tint = theme.colour("accent" if row.highlight else row.colour)
            values.append(
                {
                    "value": row.value,
                    "m": middle,
                    "colour": tint,
                    "low": row.low,
                    "high": row.high,
                    "tip": said_of(row, unit, decimals),
                }
            )
            labels.append(
                {"x": frame.plot + frame.right - 2, "y": middle, "text": number(row.value, decimals)}
            )
        places = measures.tick_decimals(scale)
        axis = {
            "values": list(scale)[:: 2 if place.narrow and len(scale) > 4 else 1],
            "format": f",.{places}f",
            "ticks": True,
        }
        parts: list[dict[str, Any]] = [
            {
                "data": {"values": lines},
                "mark": {"type": "rule", "strokeDash": [1, 3]},
                "encoding": {"y": pixels("y")},
            },
            *_intervals([value for value in values if value["low"] is not None], scale, "ink-soft"),
            {
                "data": {"values": values},
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {
                    "x": along(scale, axis=axis),
                    "y": pixels("m"),
                    "color": as_given("colour"),
                    "description": {"field": "tip"},
                },
            },
            _names(rows, frame, lead),
            texts(labels, weight=600, align="right"),
            *([texts(ranks, soft=True, align="right")] if ranks else []),
            *_missing(rows, frame),
        ]
        return specification(
            parts,
            width=frame.plot,
            height=frame.row * len(rows),
            padding=(frame.left, frame.right, 6, frame.place.size + 12),
            text_size=frame.place.size,
        )

    columns, cells = table_of(rows, title, unit)
    said = description or description_of(rows, title, unit, decimals)
    return Chart(title, said, source, unit, columns, cells, draw, _interval_note(rows), decimals)


def contributions(
    rows: Sequence[Bar],
    *,
    title: Words,
    unit: Words = NO_WORDS,
    source: Words = NO_WORDS,
    description: Words | None = None,
    decimals: int | None = 1,
    total: Words | None = TOTAL,
    start: tuple[Words, float] | None = None,
) -> Chart:
    """A bill as a staircase: each line begins where the one before ended, the last line is the sum.

    With `start` (a name and a value) the stairs begin there: what changed from one year to the next.
    """
    known = [row.value for row in rows if row.value is not None]
    begin = start[1] if start else 0.0
    end = begin + sum(known)
    levels, at_level = [begin], begin
    for value in known:
        at_level += value
        levels.append(at_level)
    # A change is read on its own scale; a bill is read from zero.
    scale = measures.ticks(min(levels), max(levels), 4) if start else [0.0, max(*levels, 1e-9)]
    shown = list(rows)
    if start:
        shown.insert(0, Bar("start", start[0], start[1], "ink-soft"))
    if total:
        shown.append(Bar("total", total, end, "ink"))

    def draw(place: Place) -> dict[str, Any]:
        size = place.size
        frame = _frame(shown, place, _value_room(shown, decimals, size) + 8)
        level, values, labels, joins = begin, [], [], []
        for at, row in enumerate(shown):
            if row.value is None:
                continue
            middle, whole = frame.middle(at), row.code in ("start", "total")
            low, high = (scale[0], row.value) if whole else (level, level + row.value)
            level = row.value if whole else high
            values.append(
                {
                    "low": low,
                    "high": high,
                    "y": middle - 7,
                    "y2": middle + 7,
                    "colour": theme.colour(row.colour),
                    "tip": said_of(row, unit, decimals),
                }
            )
            right = (max(low, high) - scale[0]) / (scale[-1] - scale[0]) * frame.plot
            written = signed(row.value, decimals or 1) if start and not whole else number(row.value, decimals)
            labels.append({"x": right + 7, "y": middle, "text": written})
            if at + 1 < len(shown) and not frame.above:
                joins.append({"level": level, "y": middle + 7, "y2": frame.middle(at + 1) - 7})
        parts: list[dict[str, Any]] = [
            {
                "data": {"values": joins},
                "mark": {"type": "rule", "color": theme.colour("ink-soft"), "strokeWidth": 0.8},
                "encoding": {"x": along(scale, "level", axis=None), "y": pixels("y"), "y2": {"field": "y2"}},
            },
            {
                "data": {"values": values},
                "mark": {"type": "bar"},
                "encoding": {
                    "x": along(scale, "low"),
                    "x2": {"field": "high"},
                    "y": pixels("y"),
                    "y2": {"field": "y2"},
                    "color": as_given("colour"),
                    "description": {"field": "tip"},
                },
            },
            _names(shown, frame),
            texts(labels, weight=600),
            *_missing(shown, frame),
        ]
        return specification(
            parts,
            width=frame.plot,
            height=frame.row * len(shown),
            padding=(frame.left, frame.right, 4, 6),
            text_size=frame.place.size,
        )

    columns, cells = table_of(shown, title, unit)
    said = description or description_of(shown, title, unit, decimals)
    note = Words("横轴不从零开始。", "The axis does not start at zero.") if start and scale[0] else None
    return Chart(title, said, source, unit, columns, cells, draw, note, decimals)
