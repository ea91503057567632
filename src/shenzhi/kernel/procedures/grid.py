"""Which row of its lane each element of a procedure stands in when it is drawn, so that its flows run straight and cross little."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations, islice, permutations

BEND, DETOUR, CROSSING = 2.0, 4.0, 3.0
"""What a bend, a way around what stands in the row, and a crossing cost, in rows that a flow climbs or descends."""
PASSES = 3
CHOICES = 24
"""How many orders of one column of a lane are tried at most."""


def rows_of(
    lane_of: Mapping[str, str],
    column_of: Mapping[str, int],
    lanes: Sequence[str],
    flows: Sequence[tuple[str, str]],
) -> tuple[dict[str, int], dict[str, int]]:
    """The row of each element, counted through all lanes, and how many rows each lane has, as few as its fullest column asks.

    The same elements in the same order always get the same rows.
    """
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for code, lane in lane_of.items():
        groups[lane, column_of[code]].append(code)
    heights = {
        lane: max([1, *(len(codes) for (own, _), codes in groups.items() if own == lane)]) for lane in lanes
    }
    first, top = {}, 0
    for lane in lanes:
        first[lane] = top
        top += heights[lane]
    row_of = {code: first[lane] + at for (lane, _), codes in groups.items() for at, code in enumerate(codes)}
    for _ in range(PASSES):
        before = dict(row_of)
        for (lane, _), codes in sorted(groups.items(), key=lambda one: one[0][1]):
            room = range(first[lane], first[lane] + heights[lane])
            orders = islice(permutations(room, len(codes)), CHOICES)
            # the one that stands comes first: another is taken only where it is better
            tried = [row_of, *(row_of | dict(zip(codes, order, strict=True)) for order in orders)]
            if len(tried) > 2:
                row_of = min(tried, key=lambda rows: _cost(rows, column_of, flows))
        if row_of == before:
            break
    return row_of, heights


def _cost(row_of: Mapping[str, int], column_of: Mapping[str, int], flows: Sequence[tuple[str, str]]) -> float:
    """How far the flows climb and descend, how often they bend, and how often those that leave one column cross."""
    taken = {(row, column_of[code]) for code, row in row_of.items()}
    cost, leaving = 0.0, defaultdict(list)
    for source, to in flows:
        row, column, row_to, column_to = (row_of[source], column_of[source], row_of[to], column_of[to])
        between = range(column + 1, column_to)
        if column_to <= column:
            cost += abs(row - row_to) + BEND
            continue
        leaving[column].append((row, row_to))
        cost += abs(row - row_to) + (BEND if row != row_to else 0)
        if between and all(any((one, at) in taken for at in between) for one in (row, row_to)):
            cost += DETOUR
    for ends in leaving.values():
        cost += CROSSING * sum(
            (row - other) * (row_to - other_to) < 0
            for (row, row_to), (other, other_to) in combinations(ends, 2)
        )
    return cost
