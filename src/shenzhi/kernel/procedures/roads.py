"""Which way each flow of a procedure takes when it is drawn in lanes: along rows, through streets between them and gutters.

Elements stand in a grid. A flow leaves its element to the right and arrives from the left; one that leads back runs in
the street above its target and arrives from the top; what hangs below an element, a timer, drops into the street below
it. Nothing stands in streets and gutters, and a row is taken only where it is free, so no line runs through an element.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stand:
    """Where an element stands, and the room that it takes around its middle: its size, and what is written below it."""

    row: int
    column: int
    wide: float
    high: float
    below: float = 0.0
    broad: float = 0.0
    """How wide it is together with what is written below it, where that is wider than itself."""
    flat: bool = False
    """Whether a flow that leads back may leave it from above, where another may arrive: not where it has but one point on top."""


@dataclass(frozen=True)
class Timer:
    """What hangs at the lower edge of an element: how far beside its middle, and how far it reaches below the edge."""

    on: str
    beside: float
    reach: float


@dataclass(frozen=True)
class Leg:
    """A straight piece of a road: along a row or a street, down a column or a gutter. `owner` says with whom it shares
    its track: all that come from one element, or all that lead to one."""

    on: str
    number: int
    owner: str = ""
    beside: float = 0.0

    @property
    def at(self) -> int:
        """Its place among rows and streets, or columns and gutters: street 0, row 0, street 1, ..."""
        return 2 * self.number + (self.on in ("row", "column"))


Road = tuple[Leg, ...]


@dataclass(frozen=True)
class Ground:
    """Cells of the grid that are taken: by an element, or by flows that pass through on their row."""

    stands: frozenset[tuple[int, int]]
    passed: dict[tuple[int, int], list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def claims(self, row: int, columns: Iterable[int], ends: tuple[str, str]) -> bool:
        """Takes the row between two columns for a flow; false where it is not free."""
        cells = [(row, column) for column in columns]
        free = all(
            cell not in self.stands and all(akin(ends, other) for other in self.passed[cell])
            for cell in cells
        )
        for cell in cells if free else ():
            self.passed[cell].append(ends)
        return free


def roads_of(
    stands: Mapping[str, Stand], timers: Mapping[str, Timer], flows: Mapping[str, tuple[str, str]]
) -> dict[str, Road]:
    """The way of each flow: along a row where it is free, else through a street; short ones choose first."""
    begins = {
        flow: stands[timers[source].on if source in timers else source] for flow, (source, _) in flows.items()
    }
    ground = Ground(frozenset((one.row, one.column) for one in stands.values()))
    roads: dict[str, Road] = {}
    entered = {to for flow, (_, to) in flows.items() if stands[to].column < begins[flow].column}
    for flow in sorted(flows, key=lambda flow: abs(stands[flows[flow][1]].column - begins[flow].column)):
        (source, to), one, other = flows[flow], begins[flow], stands[flows[flow][1]]
        if source in timers:
            roads[flow] = _fallen(one, other, timers[source], flows[flow], ground)
        elif other.column <= one.column:
            roads[flow] = _back(one, other, flows[flow], ground, from_top=one.flat and source not in entered)
        else:
            along = _along(one, other, flows[flow], ground)
            roads[flow] = along or by_street(one, other, source, to, roads.values())
    return {flow: roads[flow] for flow in flows}


def _fallen(one: Stand, other: Stand, timer: Timer, ends: tuple[str, str], ground: Ground) -> Road:
    """From a timer down into the street, and on at the first gutter if the row of the end is free, else at the last one."""
    into = f"to {ends[1]}"
    free = ground.claims(other.row, range(one.column + 1, other.column), ends)
    return (
        Leg("column", one.column, beside=timer.beside),
        Leg("street", one.row + 1, into),
        Leg("gutter", one.column + 1 if free else other.column, into),
        Leg("row", other.row),
    )


def _back(one: Stand, other: Stand, ends: tuple[str, str], ground: Ground, *, from_top: bool) -> Road:
    """Straight up from the top where nothing stands in between, else to the right and round."""
    source, to = ends
    home = Leg("street", other.row, f"to {to}"), Leg("column", other.column)
    between = ((row, one.column) for row in range(other.row, one.row))
    if from_top and other.row <= one.row and ground.stands.isdisjoint(between):
        return (Leg("column", one.column), *home)
    return (Leg("row", one.row), Leg("gutter", one.column + 1, f"from {source}"), *home)


def _along(one: Stand, other: Stand, ends: tuple[str, str], ground: Ground) -> Road:
    """Along the row of the one or of the other with at most one bend each way; nothing where neither row is free."""
    source, to = ends
    between = range(one.column + 1, other.column)
    if ground.claims(other.row, between, ends):
        if one.row == other.row:
            return (Leg("row", one.row),)
        return Leg("row", one.row), Leg("gutter", one.column + 1, f"from {source}"), Leg("row", other.row)
    if ground.claims(one.row, between, ends):
        return Leg("row", one.row), Leg("gutter", other.column, f"to {to}"), Leg("row", other.row)
    return ()


def by_street(one: Stand, other: Stand, source: str, to: str, roads: Iterable[Road]) -> Road:
    """The way through the emptiest of the streets that lie between the two rows."""
    upper, lower = sorted((one.row, other.row))
    lines = [(leg.number, leg.owner) for road in roads for leg in road if leg.on == "street"]
    number = min(
        range(upper + 1, lower + 1) if upper < lower else (upper,),
        key=lambda street: len({owner for at, owner in lines if at == street}),
    )
    return (
        Leg("row", one.row),
        Leg("gutter", one.column + 1, f"from {source}"),
        Leg("street", number, f"to {to}"),
        Leg("gutter", other.column, f"to {to}"),
        Leg("row", other.row),
    )


def akin(ends: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two flows may lie on one another."""
    return ends[0] == other[0] or ends[1] == other[1]
