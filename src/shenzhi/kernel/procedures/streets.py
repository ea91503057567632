"""How wide the streets and gutters of a procedure's drawing are, and where in them each flow runs.

They are as wide as the lines in them ask. Two lines lie on one another only where they come from the same element or
lead to the same one; of two that come into a gutter and leave it in one row, the one that comes in bends first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from shenzhi.kernel.procedures.roads import Leg, Road, Stand, Timer, akin, by_street, roads_of

TRACK, STREET, GUTTER, FOOT = 14.0, 18.0, 26.0, 8.0
"""The distance of lines that run side by side, what a street or a gutter keeps free at its edges, and what a row keeps
free below what stands in it, in pixels."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Plan:
    """The middles of columns and rows, where each row's street begins, with the lower end last, how wide all is together,
    and the points of each flow."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    streets: tuple[float, ...]
    width: float
    roads: Mapping[str, tuple[Point, ...]]


@dataclass(frozen=True)
class Bar:
    """What one owner needs of a street or a gutter: from where to where, and what joins it on the near and the far side
    (above and below a street, left and right of a gutter)."""

    low: float
    high: float
    near: tuple[float, ...]
    far: tuple[float, ...]

    def crossings(self, later: Bar) -> int:
        """How many lines cross when this one runs on the near side of the other."""
        return sum(later.low < one < later.high for one in self.far) + sum(
            self.low < one < self.high for one in later.near
        )


def planned(
    stands: Mapping[str, Stand],
    timers: Mapping[str, Timer],
    flows: Mapping[str, tuple[str, str]],
    least: Mapping[int, float],
) -> Plan:
    """Rows, columns and roads of a drawing, from its upper left corner; a flow begins at an element or at a timer.

    `least` is how high a row is at least, together with its street.
    """
    roads = roads_of(stands, timers, flows)
    while clash := _clash(roads, flows):
        source, to = flows[clash]
        roads[clash] = by_street(stands[source], stands[to], source, to, roads.values())
    gutters = _gutter_tracks(roads, flows)[0]
    columns, width, x_of = _across(stands, gutters)
    streets = _street_tracks(roads, timers, flows, columns, x_of)
    rows, begins, y_of = _down(stands, streets, least)

    def x(leg: Leg) -> float:
        return columns[leg.number] + leg.beside if leg.on == "column" else x_of[leg.number, leg.owner]

    def y(leg: Leg) -> float:
        return rows[leg.number] if leg.on == "row" else y_of[leg.number, leg.owner]

    found = {}
    for flow, road in roads.items():
        source, to = flows[flow]
        begin = stands[timers[source].on if source in timers else source]
        end = stands[to]
        points: list[Point] = []
        if road[0].on == "row":
            points.append((columns[begin.column] + begin.wide / 2, rows[begin.row]))
        elif source in timers:
            points.append((x(road[0]), rows[begin.row] + begin.high / 2 + timers[source].reach))
        else:
            points.append((x(road[0]), rows[begin.row] - begin.high / 2))
        for one, other in pairwise(road):
            upright, level = (other, one) if one.on in ("row", "street") else (one, other)
            points.append((x(upright), y(level)))
        if road[-1].on == "row":
            points.append((columns[end.column] - end.wide / 2, rows[end.row]))
        else:
            points.append((columns[end.column], rows[end.row] - end.high / 2))
        found[flow] = tuple(points)
    return Plan(columns, rows, begins, width, found)


def _gutter_tracks(
    roads: Mapping[str, Road], flows: Mapping[str, tuple[str, str]]
) -> tuple[dict[int, dict[str, int]], dict[int, set[str]]]:
    """The track of each owner in each gutter, and the owners for whom a gutter has no order."""
    pins: dict[int, dict[str, list[tuple[float, bool]]]] = defaultdict(lambda: defaultdict(list))
    arrive: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    leave: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    for flow, road in roads.items():
        for at, leg in enumerate(road):
            if leg.on == "gutter":
                for step in (-1, 1):
                    joined = road[at + step]
                    beyond = road[at + 2 * step].at if joined.on == "street" else leg.at + step
                    right = beyond > leg.at or (beyond == leg.at and step > 0)
                    pins[leg.number][leg.owner].append((joined.at, right))
                    if joined.on == "row":
                        (leave if right else arrive)[leg.number, joined.number].append((flow, leg.owner))
    before: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for (gutter, row), comers in arrive.items():
        for flow, owner in comers:
            for other, other_owner in leave.get((gutter, row), ()):
                # the two would lie on one another between their bends, if the one from the left did not bend first
                if owner != other_owner and not akin(flows[flow], flows[other]):
                    before[gutter].add((owner, other_owner))
    tracks, stuck = {}, {}
    for gutter, owners in pins.items():
        tracks[gutter], stuck[gutter] = _tracks(
            {owner: _bar(joined) for owner, joined in owners.items()}, before[gutter]
        )
    return tracks, {gutter: owners for gutter, owners in stuck.items() if owners}


def _bar(pins: list[tuple[float, bool]]) -> Bar:
    places = [place for place, _ in pins]
    near, far = (tuple(sorted({place for place, side in pins if side is far})) for far in (False, True))
    return Bar(min(places), max(places), near, far)


def _tracks(bars: Mapping[str, Bar], before: set[tuple[str, str]]) -> tuple[dict[str, int], set[str]]:
    """Tracks from the near side to the far one with few crossings, those `before` others first; and who is left when they
    wait for one another."""
    left, tracks = dict(bars), dict[str, int]()
    while left:
        ready = [one for one in left if not any((other, one) in before for other in left)]
        if not ready:
            return tracks, set(left)

        def cost(one: str, left: dict[str, Bar] = left) -> int:
            return sum(
                left[one].crossings(bar) - bar.crossings(left[one])
                for other, bar in left.items()
                if other != one
            )

        chosen = min(ready, key=cost)
        bar = left.pop(chosen)
        tracks[chosen] = max(
            (
                track + 1
                for other, track in tracks.items()
                if (other, chosen) in before or (bars[other].low <= bar.high and bar.low <= bars[other].high)
            ),
            default=0,
        )
    return tracks, set()


def _clash(roads: Mapping[str, Road], flows: Mapping[str, tuple[str, str]]) -> str:
    """A flow that bends in a gutter where each line would have to bend before the other; "" where there is none."""
    for gutter, owners in _gutter_tracks(roads, flows)[1].items():
        for flow, road in roads.items():
            # row, gutter, row; one that goes by a street is out of the way already
            bends = len(road) == 3 and road[0].on == road[2].on == "row"
            if bends and road[1].number == gutter and road[1].owner in owners:
                return flow
    return ""


def _across(
    stands: Mapping[str, Stand], gutters: Mapping[int, Mapping[str, int]]
) -> tuple[tuple[float, ...], float, dict[tuple[int, str], float]]:
    """The middles of the columns, the width of all, and where in it the lines of each gutter run."""
    count = max(one.column for one in stands.values()) + 1
    x, middles, lines = 0.0, [], {}
    for number in range(count + 1):
        tracks = gutters.get(number, {})
        for owner, track in tracks.items():
            lines[number, owner] = x + GUTTER + track * TRACK
        x += 2 * GUTTER + max(tracks.values(), default=0) * TRACK if 0 < number < count or tracks else GUTTER
        if number < count:
            wide = max(
                (max(one.wide, one.broad) for one in stands.values() if one.column == number), default=0.0
            )
            middles.append(x + wide / 2)
            x += wide
    return tuple(middles), x, lines


def _street_tracks(
    roads: Mapping[str, Road],
    timers: Mapping[str, Timer],
    flows: Mapping[str, tuple[str, str]],
    columns: tuple[float, ...],
    x_of: Mapping[tuple[int, str], float],
) -> dict[int, dict[str, int]]:
    """The track of each owner in each street."""
    pins: dict[int, dict[str, list[tuple[float, bool]]]] = defaultdict(lambda: defaultdict(list))
    for flow, road in roads.items():
        for at, leg in enumerate(road):
            if leg.on == "street":
                for step in (-1, 1):
                    joined = road[at + step]
                    if joined.on == "column":
                        x = columns[joined.number] + joined.beside
                        below = flows[flow][0] not in timers
                    else:
                        x = x_of[joined.number, joined.owner]
                        below = road[at + 2 * step].at > leg.at
                    pins[leg.number][leg.owner].append((x, below))
    return {
        street: _tracks({owner: _bar(joined) for owner, joined in owners.items()}, set())[0]
        for street, owners in pins.items()
    }


def _down(
    stands: Mapping[str, Stand], streets: Mapping[int, Mapping[str, int]], least: Mapping[int, float]
) -> tuple[tuple[float, ...], tuple[float, ...], dict[tuple[int, str], float]]:
    """The middles of the rows, where each street begins, with the lower end last, and where the lines of each run."""
    count = max(one.row for one in stands.values()) + 1
    y, middles, begins, lines = 0.0, [], [], {}
    for number in range(count + 1):
        begins.append(y)
        tracks = streets.get(number, {})
        for owner, track in tracks.items():
            lines[number, owner] = y + STREET + track * TRACK
        y += 2 * STREET + max(tracks.values()) * TRACK if tracks else STREET * (number < count)
        if number == count:
            break
        here = [one for one in stands.values() if one.row == number]
        above = max((one.high / 2 for one in here), default=0.0)
        below = max((one.high / 2 + one.below for one in here), default=0.0) + FOOT
        spare = max(0.0, least.get(number, 0.0) - (y - begins[-1]) - above - below)
        middles.append(y + above + spare // 2)
        y += above + below + spare
    return tuple(middles), (*begins, y), lines
