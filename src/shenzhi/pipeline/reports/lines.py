"""Charts of values by period: trends, six domains side by side, sparklines (article 86).

A period without a figure is a gap; nothing is drawn across it. Values that may still change are hollow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import measures, theme
from shenzhi.pipeline.reports.chart import Cell, Chart, Place, specification
from shenzhi.pipeline.reports.layers import NO_WORDS, as_given, pixels, texts, titled, with_unit
from shenzhi.pipeline.reports.measures import number, period_words, text_width

STATUS_MISSING = measures.MISSING
PERIOD = Words("时期", "Period")
STATUS = {
    "final": Words("", ""),
    "preliminary": Words("初步数", "preliminary"),
    "estimated": Words("估计数", "estimated"),
    "imputed": Words("推算数", "imputed"),
}


@dataclass(frozen=True)
class Point:
    """One value of a line. `value` None is a gap; `status` other than final is drawn hollow; `broken` says that the
    series was counted differently before this period, `apart` that it is made of other parts than the value before;
    `low` and `high` bound its uncertainty."""

    period: str
    value: float | None
    status: str = "final"
    broken: bool = False
    apart: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Line:
    """One series of a trend. `colour` is the name of a token of the theme; `dashed` is for what is compared with."""

    code: str
    title: Words
    points: tuple[Point, ...]
    colour: str = "accent"
    dashed: bool = False

    def value(self, period: str) -> float | None:
        return next((point.value for point in self.points if point.period == period), None)


def trend(
    lines: Sequence[Line],
    *,
    title: Words,
    unit: Words = NO_WORDS,
    source: Words = NO_WORDS,
    description: Words | None = None,
    decimals: int | None = 1,
    zero: bool = False,
    reference: tuple[float, Words] | None = None,
) -> Chart:
    """Lines by period. Periods without a value between the first and the last stay empty; nothing is drawn across."""
    periods = measures.periods_between([point.period for line in lines for point in line.points])
    extremes = [v for line in lines for p in line.points for v in (p.value, p.low, p.high) if v is not None]
    if reference:
        extremes.append(reference[0])
    scale = measures.ticks(min(extremes, default=0.0), max(extremes, default=1.0), about=5, zero=zero)

    def draw(place: Place) -> dict[str, Any]:
        return _trend_spec(lines, periods, scale, unit, decimals, reference, place)

    multiple = len(lines) > 1
    columns = (PERIOD, *(line.title if multiple else titled(title, unit) for line in lines))
    rows: list[tuple[Cell, ...]] = []
    for period in periods:
        rows.append((period_words(period), *(trend_cell(line, period, decimals) for line in lines)))
    return Chart(
        title=title,
        description=description or trend_description(lines, title, unit, decimals),
        source=source,
        unit=unit,
        columns=columns,
        rows=tuple(rows),
        draw=draw,
        note=trend_note(lines, periods),
        decimals=decimals,
    )


def trend_cell(line: Line, period: str, decimals: int | None) -> Cell:
    point = next((point for point in line.points if point.period == period), None)
    if point is None or point.value is None:
        return None
    status = STATUS.get(point.status, NO_WORDS)
    text = number(point.value, decimals)
    return Words(f"{text}（{status.zh}）", f"{text} ({status.en})") if status.zh else text


def trend_description(lines: Sequence[Line], title: Words, unit: Words, decimals: int | None) -> Words:
    said: dict[str, list[str]] = {"zh": [], "en": []}
    for line in lines:
        known = [point for point in line.points if point.value is not None]
        if not known:
            continue
        for language, phrases in said.items():
            ends = [
                f"{period_words(p.period).say(language)} {with_unit(number(p.value, decimals), unit, language)}"
                for p in (known[0], known[-1])
            ]
            name = f"{line.title.say(language)}: " if len(lines) > 1 else ""
            phrases.append(name + (" → ".join(ends) if len(known) > 1 else ends[0]))
    return Words(
        "；".join(said["zh"]) or f"{title.zh}：无数据", "; ".join(said["en"]) or f"{title.en}: no data"
    )


def trend_note(lines: Sequence[Line], periods: Sequence[str]) -> Words | None:
    points = [point for line in lines for point in line.points if point.value is not None]
    zh, en = [], []
    if any(point.status in ("preliminary", "estimated") for point in points):
        zh.append("空心圆为初步数或估计数")
        en.append("hollow circles are preliminary or estimated")
    if any(point.status == "imputed" for point in points):
        zh.append("空心方块为推算数")
        en.append("hollow squares are imputed")
    if any(segments(line, periods)[-1][1] != "0" for line in lines if segments(line, periods)):
        zh.append("线条断开处没有数据，或计入的内容、统计的口径有变化")
        en.append("lines stop where there is no figure, or where what is counted changed")
    if any(point.broken for point in points):
        zh.append("竖虚线处口径有变化")
        en.append("a dotted upright line marks a break in the series")
    if any(point.low is not None for point in points):
        zh.append("色带为不确定范围")
        en.append("the band is the range of uncertainty")
    text = "; ".join(en)
    return Words("；".join(zh) + "。", text[:1].upper() + text[1:] + ".") if zh else None


def segments(line: Line, periods: Sequence[str]) -> list[tuple[Point, str]]:
    """Each known point with the number of the unbroken stretch that it lies in."""
    known = {point.period: point for point in line.points if point.value is not None}
    found: list[tuple[Point, str]] = []
    stretch, gap = 0, False
    for period in periods:
        point = known.get(period)
        if point is None:
            gap = bool(found)
            continue
        if gap or ((point.broken or point.apart) and found):
            stretch += 1
        gap = False
        found.append((point, str(stretch)))
    return found


def _trend_spec(
    lines: Sequence[Line],
    periods: Sequence[str],
    scale: Sequence[float],
    unit: Words,
    decimals: int | None,
    reference: tuple[float, Words] | None,
    place: Place,
) -> dict[str, Any]:
    size = place.size
    multiple, many = len(lines) > 1, len(periods) > 40
    places = measures.tick_decimals(scale)
    left = max(text_width(number(tick, places), size - 1) for tick in scale) + 10
    name_room = place.room(*(line.title for line in lines))
    ends = {line.code: last(line) for line in lines}
    values = {
        line.code: number(point.value, decimals) if (point := ends[line.code]) else "" for line in lines
    }
    widest = max((text_width(text, size) for text in values.values()), default=0.0)
    beside = multiple and name_room < place.pixels * 0.28
    right = 14 + widest + (name_room + 14 if beside else 0) if beside or not multiple else 8
    legend = multiple and not beside
    plot_width, plot_height = place.pixels - left - right, 190 if place.narrow else 250
    keys = _legend(lines, values, place, plot_width) if legend else []
    top = 12 + (max((key["y"] for key in keys), default=0) + size / 2 + 10 if keys else 0)
    step = plot_width / max(len(periods), 1)

    def pixel(value: float) -> float:
        return plot_height * (scale[-1] - value) / (scale[-1] - scale[0])

    x = {
        "field": "period",
        "type": "ordinal",
        "scale": {"domain": list(periods), "type": "point", "padding": 0.5},
    }
    room = 4 if place.narrow else 8
    axis_x = {
        "values": measures.some(
            periods,
            min(room, max(2, int(plot_width / (text_width(periods[-1] if periods else "", size) + 18)))),
        ),
        "domain": scale[0] == 0,
        "ticks": True,
        "tickSize": 4,
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [scale[0], scale[-1]], "nice": False, "zero": False},
    }
    axis_y = {"values": list(scale), "grid": True, "format": f",.{places}f"}
    rows, marks, bands, breaks, labels = [], [], [], [], []
    for line in lines:
        tint = theme.colour(line.colour)
        for point, stretch in segments(line, periods):
            row = {
                "period": point.period,
                "value": point.value,
                "line": f"{line.code}/{stretch}",
                "colour": tint,
            }
            rows.append({**row, "dash": line.dashed})
            marks.append(
                {
                    **row,
                    "inside": tint if point.status == "final" else theme.colour("paper"),
                    "shape": "square" if point.status == "imputed" else "circle",
                    "seen": 1 if not many or point.status != "final" or point is ends[line.code] else 0,
                    "tip": tip(line.title if multiple else None, point, unit, decimals),
                }
            )
            if point.low is not None and point.high is not None:
                bands.append({**row, "low": point.low, "high": point.high})
            if point.broken:
                breaks.append({"period": point.period})
    shown = [line for line in lines if ends[line.code]]
    asked = [pixel(end.value) for line in shown if (end := ends[line.code]) and end.value is not None]
    at = measures.apart(asked, size + 4, 0, plot_height)
    for line, height in zip(shown, at, strict=True):
        end = ends[line.code]
        assert end
        after = step * (periods.index(end.period) + 0.5) + 9 if not multiple else plot_width - step / 2 + 9
        named = (
            Words(f"{line.title.zh} {values[line.code]}", f"{line.title.en} {values[line.code]}")
            if beside
            else values[line.code]
        )
        if not legend:
            labels.append({"x": after + (8 if beside else 0), "y": height, "text": named})
            keys.append({"x": after, "at": 0, "y": height + 12, "text": "", "c": theme.colour(line.colour)})
    parts: list[dict[str, Any]] = []
    if bands:
        parts.append(
            {
                "data": {"values": bands},
                "mark": {"type": "area", "opacity": 0.18},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                    "detail": {"field": "line"},
                    "color": as_given("colour"),
                },
            }
        )
    if reference:
        parts += _reference(reference, pixel(reference[0]), plot_width, size)
    if breaks:
        parts.append(
            {
                "data": {"values": breaks},
                "mark": {
                    "type": "rule",
                    "strokeDash": [2, 3],
                    "color": theme.colour("ink-soft"),
                    "xOffset": -step / 2,
                },
                "encoding": {"x": x},
            }
        )
    parts += [
        {
            "data": {"values": rows},
            "mark": {"type": "line"},
            "encoding": {
                "x": {**x, "axis": axis_x},
                "y": {**y, "axis": axis_y},
                "detail": {"field": "line"},
                "color": as_given("colour"),
                "strokeDash": {"condition": {"test": "datum.dash", "value": [5, 4]}, "value": [1, 0]},
            },
        },
        {
            "data": {"values": marks},
            "mark": {
                "type": "point",
                "filled": True,
                "size": 24 if many else 42,
                "strokeWidth": 1.8,
            },
            "encoding": {
                "x": x,
                "y": y,
                "fill": as_given("inside"),
                "stroke": as_given("colour"),
                "shape": as_given("shape"),
                "opacity": as_given("seen"),
                "description": {"field": "tip"},
            },
        },
        texts(labels, weight=600),
    ]
    if multiple:
        parts += _drawn_legend(keys, top)
    return specification(
        parts, width=plot_width, height=plot_height, padding=(left, right, top, size + 16), text_size=size
    )


def last(line: Line) -> Point | None:
    known = [point for point in line.points if point.value is not None]
    return max(known, key=lambda point: point.period) if known else None


def tip(name: Words | None, point: Point, unit: Words, decimals: int | None) -> Words:
    status = STATUS.get(point.status, NO_WORDS)
    text, when = number(point.value, decimals), period_words(point.period)
    zh = f"{name.zh + '，' if name else ''}{when.zh}：{with_unit(text, unit, 'zh')}"
    en = f"{name.en + ', ' if name else ''}{when.en}: {with_unit(text, unit, 'en')}"
    return Words(f"{zh}（{status.zh}）", f"{en} ({status.en})") if status.zh else Words(zh, en)


def _legend(
    lines: Sequence[Line], values: Mapping[str, str], place: Place, room: float
) -> list[dict[str, Any]]:
    """Names with their last values, set in rows as words in a line; heights count from the top of the drawing."""
    keys: list[dict[str, Any]] = []
    x, y = 0.0, place.size / 2 + 2.0
    for line in lines:
        value = values[line.code]
        name = f"{place.fit(line.title, room - 30 - text_width(value, place.size))} {value}"
        wide = text_width(name, place.size) + 34
        if x and x + wide > room:
            x, y = 0.0, y + place.size + 8
        keys.append({"x": x + 5.0, "at": x + 15, "y": y, "text": name, "c": theme.colour(line.colour)})
        x += wide
    return keys


def _drawn_legend(keys: Sequence[dict[str, Any]], top: float) -> list[dict[str, Any]]:
    return [
        {
            "data": {"values": [{"x": key["x"], "y": key["y"] - top, "c": key["c"]} for key in keys]},
            "mark": {"type": "circle", "size": 60, "opacity": 1, "aria": False},
            "encoding": {"x": pixels("x"), "y": pixels("y"), "color": as_given("c")},
        },
        texts([{"x": key["at"], "y": key["y"] - top, "text": key["text"]} for key in keys if key["text"]]),
    ]


def _reference(reference: tuple[float, Words], y: float, width: float, size: int) -> list[dict[str, Any]]:
    value, words = reference
    return [
        {
            "data": {"values": [{"y": y}]},
            "mark": {
                "type": "rule",
                "strokeDash": [6, 4],
                "color": theme.colour("ink-soft"),
                "strokeWidth": 1.2,
            },
            "encoding": {"y": pixels("y")},
        },
        texts(
            [
                {
                    "x": 2,
                    "y": y - size / 2 - 4,
                    "text": Words(f"{words.zh} {number(value)}", f"{words.en} {number(value)}"),
                }
            ],
            soft=True,
        ),
    ]
