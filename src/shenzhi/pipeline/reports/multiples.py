"""Small trends side by side on one scale, and lines the size of a word (article 86)."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import measures, theme
from shenzhi.pipeline.reports.chart import Cell, Chart, Ink, Place, config
from shenzhi.pipeline.reports.layers import NO_WORDS, as_given, texts
from shenzhi.pipeline.reports.lines import (
    PERIOD,
    STATUS_MISSING,
    Line,
    last,
    segments,
    tip,
    trend_cell,
    trend_description,
    trend_note,
)
from shenzhi.pipeline.reports.measures import number, period_words, text_width


def small_multiples(
    lines: Sequence[Line],
    *,
    title: Words,
    unit: Words = NO_WORDS,
    source: Words = NO_WORDS,
    description: Words | None = None,
    decimals: int | None = 1,
    columns: int = 3,
) -> Chart:
    """One small trend for each line, all on one scale: the six domains at a glance."""
    periods = measures.periods_between([point.period for line in lines for point in line.points])
    known = [point.value for line in lines for point in line.points if point.value is not None]
    scale = measures.ticks(min(known, default=0.0), max(known, default=1.0), about=3)

    def draw(place: Place) -> dict[str, Any]:
        across, size, total = min(2 if place.narrow else columns, len(lines)), place.size, place.pixels
        left, gap = max(text_width(number(tick, 0), size) for tick in scale) + 8, 18
        panel = (total - left - 4 - gap * (across - 1)) / across
        titles = {
            line.code: measures.wrapped(line.title.say(place.language), panel, size)[:3] for line in lines
        }
        deep = max((len(title) for title in titles.values()), default=1)
        height, between = 76.0, 64 + 16 * deep
        panels = [
            _panel(line, titles[line.code], periods, scale, decimals, panel, height, at % across == 0)
            for at, line in enumerate(lines)
        ]
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "autosize": "pad",
            "padding": {"left": 2, "right": 2, "top": 2, "bottom": 2},
            "background": "transparent",
            "concat": panels,
            "columns": across,
            "spacing": {"row": between, "column": gap},
            "bounds": "flush",
            "config": config(size),
        }

    rows: list[tuple[Cell, ...]] = [
        (period_words(period), *(trend_cell(line, period, decimals) for line in lines)) for period in periods
    ]
    return Chart(
        title=title,
        description=description or trend_description(lines, title, unit, decimals),
        source=source,
        unit=unit,
        columns=(PERIOD, *(line.title for line in lines)),
        rows=tuple(rows),
        draw=draw,
        note=trend_note(lines, periods),
        decimals=decimals,
    )


def _panel(
    line: Line,
    title: list[str],
    periods: Sequence[str],
    scale: Sequence[float],
    decimals: int | None,
    width: float,
    height: float,
    first: bool,
) -> dict[str, Any]:
    tint, end = theme.colour(line.colour), last(line)
    value = number(end.value, decimals) if end else STATUS_MISSING
    x = {
        "field": "period",
        "type": "ordinal",
        "scale": {"domain": list(periods), "type": "point", "padding": 0.15},
    }
    y = {"field": "value", "type": "quantitative", "scale": {"domain": [scale[0], scale[-1]], "zero": False}}
    rows = [
        {
            "period": point.period,
            "value": point.value,
            "stretch": stretch,
            "inside": tint if point.status == "final" else theme.colour("paper"),
            "tip": tip(line.title, point, NO_WORDS, decimals),
        }
        for point, stretch in segments(line, periods)
    ]
    ends = [periods[0], periods[-1]] if len(periods) > 1 else list(periods)
    axis_x = (
        {
            "values": ends,
            "domain": False,
            "labelAlign": {
                "condition": {"test": f"datum.value === '{ends[0]}'", "value": "left"},
                "value": "right",
            },
        }
        if ends
        else None
    )
    return {
        "width": width,
        "height": height,
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "line", "color": tint},
                "encoding": {
                    "x": {**x, "axis": axis_x},
                    "y": {
                        **y,
                        "axis": {
                            "values": [scale[0], scale[-1]],
                            "grid": True,
                            "labels": first,
                            "format": ",.0f",
                        },
                    },
                    "detail": {"field": "stretch"},
                },
            },
            {
                "data": {"values": rows},
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 22,
                    "stroke": tint,
                    "strokeWidth": 1.4,
                    "opacity": 1,
                },
                "encoding": {"x": x, "y": y, "fill": as_given("inside"), "description": {"field": "tip"}},
            },
            texts([{"x": 0, "y": -34 - 16 * (len(title) - 1), "text": title}], soft=True),
            {
                **texts([{"x": 0, "y": -15, "text": value}], weight=600),
                "mark": {
                    "type": "text",
                    "align": "left",
                    "fontSize": 16,
                    "fontWeight": 600,
                    "color": theme.colour("ink"),
                },
            },
        ],
    }


def sparkline(
    values: Sequence[float | None],
    *,
    title: Words,
    colour: str = "accent",
    decimals: int | None = 1,
    width: int = 120,
    height: int = 32,
) -> SparkLine:
    """A line as small as a word, without axes: gaps stay gaps, the last value is marked. Takes under a millisecond."""
    return SparkLine(tuple(values), title, colour, decimals, width, height)


@dataclass(frozen=True)
class SparkLine:
    """A word-sized line; `svg(language)` draws it as plain text, without the drawing engine."""

    values: tuple[float | None, ...]
    title: Words
    colour: str
    decimals: int | None
    width: int
    height: int

    def said(self, language: str) -> str:
        """The line in words: its first and its last value."""
        known = [value for value in self.values if value is not None]
        ends = " → ".join(
            number(value, self.decimals) for value in ([known[0], known[-1]] if known else [None])
        )
        return f"{self.title.say(language)}{'：' if language.startswith('zh') else ': '}{ends}"

    def svg(self, language: str, ink: Ink = "page") -> str:
        """SVG for a page, or with fixed colours for print."""
        token = theme.TOKENS[self.colour]
        tint = token.variable if ink == "page" else token.light
        known = [value for value in self.values if value is not None]
        low, high = min(known, default=0.0), max(known, default=1.0)
        step = (self.width - 8) / max(len(self.values) - 1, 1)

        def at(index: int, value: float) -> str:
            share = (value - low) / (high - low) if high > low else 0.5
            return f"{4 + index * step:.1f},{self.height - 4 - share * (self.height - 8):.1f}"

        stretches: list[list[str]] = [[]]
        for index, value in enumerate(self.values):
            if value is None:
                stretches.append([])
            else:
                stretches[-1].append(at(index, value))
        marks = []
        for stretch in stretches:
            if len(stretch) > 1:
                marks.append(
                    f'<polyline points="{" ".join(stretch)}" fill="none" stroke="{tint}" stroke-width="1.6"/>'
                )
            elif stretch:
                x, y = stretch[0].split(",")
                marks.append(f'<circle cx="{x}" cy="{y}" r="1.6" fill="{tint}"/>')
        last = next((i for i in range(len(self.values) - 1, -1, -1) if self.values[i] is not None), None)
        if last is not None:
            x, y = at(last, self.values[last] or 0.0).split(",")
            marks.append(f'<circle cx="{x}" cy="{y}" r="2.8" fill="{tint}"/>')
        said = html.escape(self.said(language), quote=True)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="sparkline" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" aria-label="{said}">{"".join(marks)}</svg>'
        )
