"""Why an index moved between two periods: which indicators, by how much, and on which indicators the two compare.

Two periods seldom have the same indicators known. So the change is worked out like for like, on the indicators that
are known in both, with the weights in force; each indicator's effect is its part of that change, and the effects add
up to it exactly, under every mean that `SPLIT` names. The arithmetic is `shenzhi.calc.composite.change.like_for_like`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from shenzhi.calc.composite.change import like_for_like
from shenzhi.calc.composite.labels import CompositeError, Floats
from shenzhi.calc.composite.split import COMPARED, Split
from shenzhi.calc.composite.tree import Tree
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.reports.frozen import Frozen

# So many areas are worked out one by one before all are at once, which takes as long as two.
ALONE = 2
# Means of which each indicator's part is a share of the change of its own score.
SPLIT = ("arithmetic", "geometric", "harmonic", "generalised")


@dataclass(frozen=True)
class Driver:
    """One indicator's part of a change, and its own score before and after. `share` is what one point of its score gives
    to the score explained, with the indicators compared: effect = share * (now - before)."""

    code: str
    effect: float
    before: float
    now: float
    share: float


@dataclass(frozen=True, eq=False)
class Change:
    """A change on the indicators known in both periods, `common` of them. `before` and `now` are the scores on those
    alone; `gone` are the indicators that counted only before, `come` those that count only now."""

    before: float
    now: float
    common: int
    gone: tuple[str, ...]
    come: tuple[str, ...]
    _drivers: Callable[[], list[Driver]] = field(repr=False)

    @cached_property
    def drivers(self) -> tuple[Driver, ...]:
        """What each indicator did, the largest effect first; worked out when it is first asked for."""
        return tuple(sorted(self._drivers(), key=lambda one: (-abs(one.effect), one.code)))

    @property
    def whole(self) -> bool:
        """Whether these are all the indicators known in either period."""
        return not (self.gone or self.come)

    @property
    def difference(self) -> float:
        return self.now - self.before

    @property
    def rises(self) -> tuple[Driver, ...]:
        return tuple(one for one in self.drivers if one.effect > 0)

    @property
    def falls(self) -> tuple[Driver, ...]:
        return tuple(one for one in self.drivers if one.effect < 0)


def between(publication: Publication | Frozen, area: str, node: Node, before: str, now: str) -> Change | None:
    """The change of a node's score in one area from one period to another, on the indicators that counted in both.

    None where no indicator did, where the node's means cannot be split, and where each period is scored on a scale of
    its own, so that scores of two periods do not compare. After a few areas all are worked out at once."""
    if publication.method.frame == "period" or not _splits(node):
        return None
    found = _pair(publication, node, before, now)
    at = found.areas.get(area)
    return None if at is None else found.change(at)


def compare(root: Node, before: Mapping[str, float], now: Mapping[str, float]) -> Change | None:
    """The change of `root` from the leaf scores `before` to those `now`; None when no indicator is in both, or when
    the tree uses a mean that cannot be split."""
    if not _splits(root):
        return None
    branch = _Branch(root, {})
    ends = [
        np.array([[one.get(code, np.nan) for code in branch.codes]], dtype=float) for one in (before, now)
    ]
    return _Pair(branch, {"": 0}, *ends).change(0)


def _splits(root: Node) -> bool:
    return all(node.aggregate in SPLIT for node in root.walk() if not node.is_leaf)


class _Branch:
    """A node and all below it as the engine's tree, with the weights in force where the method takes them from data."""

    def __init__(self, root: Node, weights: Mapping[str, float]) -> None:
        nodes = list(root.walk())
        self.tree = Tree.of(
            [(node.code, "" if node is root else node.parent) for node in nodes],
            [weights.get(node.code, node.weight) for node in nodes],
        )
        self.aggregations = [node.aggregating for node in nodes]
        self.codes = [self.tree.codes[at] for at in self.tree.leaves]

    def counted(self, scores: Floats) -> Floats:
        """Of scores (areas, nodes) those of the leaves that entered the node's: none below a group that was withheld."""
        present = ~np.isnan(scores)
        for at in range(1, len(self.tree.codes)):  # parents stand before children
            present[:, at] &= present[:, self.tree.parent[at]]
        return np.where(present, scores, np.nan)[:, self.tree.leaves]


class _Pair:
    """Leaf scores of all areas (areas, leaves) in two periods, and what became of each area's score."""

    def __init__(self, branch: _Branch, areas: Mapping[str, int], before: Floats, now: Floats) -> None:
        self.areas = areas
        self._branch, self._before, self._now = branch, before, now
        self._kept: dict[int, Change | None] = {}

    def change(self, at: int) -> Change | None:
        if at not in self._kept:
            self._kept[at] = self._change(at)
        return self._kept[at]

    @cached_property
    def _all(self) -> Split | None:
        return self._split(slice(None))

    def _split(self, rows: slice) -> Split | None:
        """None where a mean cannot be taken of the scores of some area: a geometric one of a score at or below 0."""
        try:
            return like_for_like(
                self._branch.tree, self._before[rows], self._now[rows], self._branch.aggregations
            )
        except CompositeError:
            return None

    def _change(self, at: int) -> Change | None:
        # a page asks for one area, a report for each: one alone is worked out alone
        whole = self._all if len(self._kept) >= ALONE else None
        found, row = (whole, at) if whole else (self._split(slice(at, at + 1)), 0)
        if found is None or found.standing[row] != COMPARED:
            return None
        known = ~np.isnan(self._before[at]), ~np.isnan(self._now[at])
        both = known[0] & known[1]
        codes, leaves = self._branch.codes, self._branch.tree.leaves
        effects, shares = found.parts.get("scores"), found.share

        def drivers() -> list[Driver]:
            amounts = np.zeros(len(leaves)) if effects is None else effects[row, leaves]
            figures = (amounts, self._before[at], self._now[at], shares[row, leaves])
            return [
                Driver(code, *line)
                for code, line in zip(
                    _listed(codes, both),
                    zip(*(one[both].tolist() for one in figures), strict=True),
                    strict=True,
                )
            ]

        return Change(
            float(found.before[row]),
            float(found.after[row]),
            int(both.sum()),
            _listed(codes, known[0] & ~both),
            _listed(codes, known[1] & ~both),
            drivers,
        )


def _listed(codes: list[str], where: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(codes[at] for at in np.flatnonzero(where).tolist())


class _Asked:
    """What was asked of one edition, kept for the next question: a report asks for each area, one after the other."""

    def __init__(self) -> None:
        self.tables: dict[str, tuple[dict[str, int], Floats]] = {}
        self.pairs: dict[tuple[str, str, str], _Pair] = {}


# They go when the edition does.
_ASKED: WeakKeyDictionary[Any, _Asked] = WeakKeyDictionary()
KEPT = 64


def _pair(publication: Publication | Frozen, node: Node, before: str, now: str) -> _Pair:
    asked = _ASKED.setdefault(publication, _Asked())
    key = (node.code, before, now)
    if key not in asked.pairs:
        branch = _Branch(node, _weights(publication))
        order = {code: at for at, code in enumerate(publication.method.nodes)}
        columns = [order[code] for code in branch.tree.codes]
        (first, then), (last, later) = (_table(asked, publication, period) for period in (before, now))
        areas = [area for area in first if area in last]
        ends = [
            branch.counted(scores[[rows[area] for area in areas]][:, columns])
            for rows, scores in ((first, then), (last, later))
        ]
        _keep(asked.pairs, key, _Pair(branch, {area: at for at, area in enumerate(areas)}, *ends))
    return asked.pairs[key]


def _table(asked: _Asked, publication: Publication | Frozen, period: str) -> tuple[dict[str, int], Floats]:
    """The scores of a period as an array (areas, nodes), and the row of each area."""
    if period not in asked.tables:
        table = publication.score_table(period)
        scores = np.array(list(table.values()), dtype=float).reshape(len(table), -1)
        _keep(asked.tables, period, ({area: at for at, area in enumerate(table)}, scores))
    return asked.tables[period]


def _keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    while len(kept) >= KEPT:
        kept.pop(next(iter(kept)), None)
    kept[key] = value


def _weights(publication: Publication | Frozen) -> dict[str, float]:
    """The weights in force of the groups that the method weighs from the data: as published, the same everywhere."""
    areas, periods = publication.manifest["scope"]["areas"], publication.periods()
    return {
        part.node: part.weight
        for node in publication.method.nodes.values()
        if node.weigh is not None
        for part in publication.parts(areas[0], periods[0], node.code)
    }
