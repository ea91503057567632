"""The framework of an index as rings: groups inside, indicators outside, as wide as they weigh (article 86)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import theme
from shenzhi.pipeline.reports.chart import Cell, Chart, Place, specification
from shenzhi.pipeline.reports.layers import NO_WORDS, as_given, texts
from shenzhi.pipeline.reports.measures import percent, shortened, text_width, wrapped
from shenzhi.pipeline.reports.stacks import PartOf, key

COLUMNS = (
    Words("项目", "Node"),
    Words("上一级", "Part of"),
    Words("在整个指数中的权重", "Weight in the index"),
)
NOTE = Words(
    "扇形的宽度是没有缺失时在整个指数中的权重；内圈是分组，最外圈是指标。",
    "The width of a segment is its weight in the index when nothing is missing; groups inside, indicators outside.",
)
HOLE, RIM = 0.3, 4.0  # of the radius: the index itself; pixels of full colour round it
# Where a turn of text would stand on its head it is turned round, so that none is read upside down.
QUARTER, TURN = math.pi / 2, 2 * math.pi
LINE, TIGHT = 1.25, 1.05


@dataclass(frozen=True)
class Segment:
    """A node of the framework: its code, its parent's ("" for those of the innermost ring), its name, its weight in the
    whole (0..1), and the name of a token of the theme."""

    code: str
    parent: str
    title: Words
    weight: float
    colour: str


@dataclass(frozen=True)
class _Arc:
    segment: Segment
    ring: int
    begin: float  # radians, clockwise from twelve o'clock
    end: float
    leaf: bool


def sunburst(
    segments: Sequence[Segment],
    *,
    middle: Words,
    title: Words,
    source: Words = NO_WORDS,
    description: Words | None = None,
) -> Chart:
    """A ring for each level of the framework; parents come before their children, `middle` names the whole.

    A name is written where it fits into its own segment; indicators are named outside, each in the direction of its
    own segment, where that is as wide as a line of text. So no two names can touch; all of them stand in the table."""
    arcs = _arcs(segments)
    depth = max((arc.ring for arc in arcs), default=0) + 1
    leaves = [arc for arc in arcs if arc.leaf]

    def draw(place: Place) -> dict[str, Any]:
        size = place.size
        room = _room_outside(leaves, place)
        radius = place.pixels / 2 - room - 2
        hole = radius * HOLE
        thick = (radius - hole) / depth
        centre = radius + room
        rows = []
        for arc in arcs:
            # an indicator high in the tree reaches out to where all indicators end
            outer = radius if arc.leaf else hole + thick * (arc.ring + 1)
            rows.append(
                {
                    "from": arc.begin,
                    "to": arc.end,
                    "inner": hole + thick * arc.ring,
                    "outer": outer,
                    "colour": theme.colour(arc.segment.colour),
                    "depth": 0.2 if arc.leaf else 0.5,
                    "tip": _said(arc.segment),
                }
            )
        rims = [
            {
                "from": arc.begin,
                "to": arc.end,
                "inner": hole,
                "outer": hole + RIM,
                "colour": theme.colour(arc.segment.colour),
                "depth": 1.0,
            }
            for arc in arcs
            if arc.ring == 0
        ]
        inside = [one for arc in arcs for one in _inside(arc, hole, thick, radius, centre, place)]
        named = {one["code"] for one in inside}
        outside = [
            _outside(arc, radius, room, centre, place)
            for arc in leaves
            if room and arc.segment.code not in named
        ]
        # groups whose name has no room in their segment are named below
        unnamed = [
            arc.segment for arc in arcs if arc.ring == 0 and not arc.leaf and arc.segment.code not in named
        ]
        below, end = key(
            [_told(one) for one in unnamed], place, (place.pixels - 2 * centre) / 2, 2 * centre + 8
        )
        heart = _heart(middle, hole, centre, place)
        thin = 1.0 if len(leaves) < 120 else 0.5
        parts: list[dict[str, Any]] = [
            _ring(rows, thin, centre, tip=True),
            _ring(rims, thin, centre, tip=False),
            texts(inside, align="center"),
            *below,
            *_turned(outside, "left", place),
            *_turned(outside, "right", place),
            texts(heart, align="center", weight=600),
        ]
        return specification(
            parts,
            width=2 * centre,
            height=end if below else 2 * centre,
            padding=((place.pixels - 2 * centre) / 2, (place.pixels - 2 * centre) / 2, 2, 2),
            text_size=size,
        )

    names = {one.code: one.title for one in segments}
    cells: list[tuple[Cell, ...]] = [
        (one.title, names.get(one.parent, middle), percent(one.weight, 2)) for one in segments
    ]
    first = [one for one in segments if not one.parent]
    return Chart(
        title=title,
        description=description
        or Words(
            f"{middle.zh}：" + "，".join(f"{one.title.zh} {percent(one.weight, 1)}" for one in first),
            f"{middle.en}: " + ", ".join(f"{one.title.en} {percent(one.weight, 1)}" for one in first),
        ),
        source=source,
        unit=NO_WORDS,
        columns=COLUMNS,
        rows=tuple(cells),
        draw=draw,
        note=NOTE,
    )


def _ring(rows: Sequence[dict[str, Any]], thin: float, centre: float, *, tip: bool) -> dict[str, Any]:
    angle, size = ({"field": name, "type": "quantitative", "scale": None} for name in ("from", "outer"))
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "arc", "stroke": theme.colour("paper"), "strokeWidth": thin, "aria": tip},
        "encoding": {
            "x": {"value": centre},
            "y": {"value": centre},
            "theta": angle,
            "theta2": {"field": "to"},
            "radius": size,
            "radius2": {"field": "inner"},
            "fill": as_given("colour"),
            "fillOpacity": {"field": "depth", "type": "quantitative", "scale": None, "legend": None},
            **({"description": {"field": "tip"}} if tip else {}),
        },
    }


def _told(segment: Segment) -> PartOf:
    share = percent(segment.weight, 1)
    title = Words(f"{segment.title.zh} {share}", f"{segment.title.en} {share}")
    return PartOf(segment.code, title, segment.colour)


def _arcs(segments: Sequence[Segment]) -> list[_Arc]:
    """Each segment with its ring and its angles: siblings share their parent's arc by weight, in the order given."""
    below: dict[str, list[Segment]] = {}
    for one in segments:
        below.setdefault(one.parent, []).append(one)
    found: list[_Arc] = []

    def lay(parent: str, ring: int, begin: float, end: float) -> None:
        children = below.get(parent, [])
        whole = math.fsum(one.weight for one in children) or 1.0
        at = begin
        for one in children:
            to = at + (end - begin) * one.weight / whole
            found.append(_Arc(one, ring, at, to, one.code not in below))
            lay(one.code, ring + 1, at, to)
            at = to

    lay("", 0, 0.0, TURN)
    return found


def _room_outside(leaves: Sequence[_Arc], place: Place) -> float:
    """How much room is left round the rings for names of indicators: none where they would stand too close, or where a
    phone has no room for both."""
    if place.narrow or not leaves:
        return 0.0
    room = min(place.room(*(arc.segment.title for arc in leaves)) + 8, place.pixels * 0.22)
    around = (place.pixels / 2 - room) * min(arc.end - arc.begin for arc in leaves)
    return room if around >= _outer_size(place) * TIGHT else 0.0


def _outer_size(place: Place) -> int:
    return place.size - 1


def _point(angle: float, radius: float, centre: float) -> tuple[float, float]:
    return centre + radius * math.sin(angle), centre - radius * math.cos(angle)


def _inside(
    arc: _Arc, hole: float, thick: float, radius: float, centre: float, place: Place
) -> list[dict[str, Any]]:
    """The name of a segment in one or two lines, with its share below, if all of it lies inside the segment."""
    inner = hole + thick * arc.ring
    outer = radius if arc.leaf else inner + thick
    if (arc.end - arc.begin) * outer < place.size:  # not even a line of text: no need to try
        return []
    middle = (inner + outer) / 2
    x, y = _point((arc.begin + arc.end) / 2, middle, centre)
    share = percent(arc.segment.weight, 1)
    name = arc.segment.title.say(place.language)
    high = place.size * LINE
    width = text_width(name, place.size)
    for lines in (
        [name],
        *(wrapped(name, max(width * part, place.size * 2), place.size) for part in (0.6, 0.42)),
    ):
        for told in ([*lines, share], lines):
            wide = max(text_width(line, place.size) for line in told) / 2 + 2
            tall = high * len(told) / 2
            if _holds(arc, inner, outer, x - centre, y - centre, wide, tall):
                top = y - high * (len(told) - 1) / 2
                return [
                    {"x": x, "y": top + high * at, "text": line, "code": arc.segment.code}
                    for at, line in enumerate(told)
                ]
    return []


def _holds(arc: _Arc, inner: float, outer: float, x: float, y: float, wide: float, tall: float) -> bool:
    """Whether a box round (x, y), half as wide and tall as said, lies inside the segment: its edge is looked at closely."""
    steps = [at / 4 - 1 for at in range(9)]
    edge = [(x + wide * step, y + tall * side) for step in steps for side in (-1, 1)]
    edge += [(x + wide * side, y + tall * step) for step in steps for side in (-1, 1)]
    for across, down in edge:
        distance = math.hypot(across, down)
        angle = math.atan2(across, -down) % TURN
        if not (inner + 1 <= distance <= outer - 1 and arc.begin <= angle <= arc.end):
            return False
    return True


def _outside(arc: _Arc, radius: float, room: float, centre: float, place: Place) -> dict[str, Any]:
    angle = (arc.begin + arc.end) / 2
    x, y = _point(angle, radius + 5, centre)
    left = angle > math.pi
    return {
        "x": x,
        "y": y,
        "angle": round(math.degrees(angle - QUARTER if not left else angle + QUARTER), 3),
        "side": "right" if left else "left",
        "text": shortened(arc.segment.title.say(place.language), room - 6, _outer_size(place)),
    }


def _turned(labels: Sequence[dict[str, Any]], side: str, place: Place) -> list[dict[str, Any]]:
    mine = [label for label in labels if label["side"] == side]
    if not mine:
        return []
    layer = texts(mine, align=side)
    layer["mark"]["fontSize"] = _outer_size(place)
    layer["encoding"]["angle"] = {"field": "angle", "type": "quantitative", "scale": None, "legend": None}
    return [layer]


def _heart(middle: Words, hole: float, centre: float, place: Place) -> list[dict[str, Any]]:
    lines = wrapped(middle.say(place.language), hole * 1.6, place.size)[:3]
    high = place.size * LINE
    top = centre - high * (len(lines) - 1) / 2
    return [{"x": centre, "y": top + high * at, "text": line} for at, line in enumerate(lines)]


def _said(segment: Segment) -> Words:
    share = percent(segment.weight, 2)
    return Words(f"{segment.title.zh}：{share}", f"{segment.title.en}: {share}")
