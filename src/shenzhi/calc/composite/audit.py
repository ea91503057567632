"""What is known about indicators before they are scored: figures, gaps, and what moves with what (article 86).

>>> nan = float("nan")
>>> found = describe([[1.0, 5.0], [2.0, 5.0], [3.0, nan], [6.0, 5.0]])
>>> found.mean.tolist(), found.median.tolist(), found.available.tolist(), found.same.tolist()
([3.0, 5.0], [2.5, 5.0], [4, 3], [1, 3])
>>> flagged(found)
(Flag(column=1, what='few different values', figure=0.3333333333333333, limit=0.5),)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.correlation import correlate, cronbach
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, refuse_infinity
from shenzhi.calc.composite.moments import skew_and_kurtosis
from shenzhi.calc.composite.tree import Tree

NO_LABELS = Labels()
Counts = NDArray[np.intp]


@dataclass(frozen=True)
class Description:
    """One figure for each indicator of (..., units, indicators): arrays (..., indicators).

    `least`, `most`, `mean`, `median`, `deviation` (n - 1), `skew`, `kurtosis` (see `moments`): NaN where too few units
    have a value. Counts: `units`, of all; `available`, with a value; `nonzero`, with one that is not 0; `unique`,
    different values; `same`, the units that share the most frequent value."""

    least: Floats
    most: Floats
    mean: Floats
    median: Floats
    deviation: Floats
    skew: Floats
    kurtosis: Floats
    units: int
    available: Counts
    nonzero: Counts
    unique: Counts
    same: Counts

    @property
    def available_share(self) -> Floats:
        """Of all units."""
        return self.available / self.units if self.units else np.full(self.available.shape, np.nan)

    @property
    def nonzero_share(self) -> Floats:
        """Of the units that have a value, as are the following."""
        return self._of_available(self.nonzero)

    @property
    def unique_share(self) -> Floats:
        return self._of_available(self.unique)

    @property
    def same_share(self) -> Floats:
        return self._of_available(self.same)

    def _of_available(self, count: Counts) -> Floats:
        return np.divide(count, self.available, out=np.full(count.shape, np.nan), where=self.available > 0)


def describe(x: ArrayLike, labels: Labels = NO_LABELS) -> Description:
    """Figures of each indicator of x (..., units, indicators), over the units of each frame; gaps have no part."""
    values = as_floats(x)
    refuse_infinity(values, labels)
    units = values.shape[-2]
    ordered = np.sort(values, axis=-2)  # gaps come last; and sums no longer depend on the order of units
    available = (~np.isnan(ordered)).sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(ordered, axis=-2) / available
        squares = np.nansum((ordered - mean[..., None, :]) ** 2, axis=-2)
        deviation = np.where(available > 1, np.sqrt(squares / (available - 1)), np.nan)
    skew, kurtosis = skew_and_kurtosis(ordered)
    unique, same = _runs(ordered)
    return Description(
        np.fmin.reduce(ordered, axis=-2, initial=np.nan),
        np.fmax.reduce(ordered, axis=-2, initial=np.nan),
        mean,
        _median(ordered, available),
        deviation,
        skew[..., 0, :],
        kurtosis[..., 0, :],
        units,
        available,
        (available - (ordered == 0).sum(axis=-2)),
        unique,
        same,
    )


@dataclass(frozen=True)
class Flag:
    """A reason to look again: the indicator (its column), what is unusual, the figure, and the limit it passes."""

    column: int
    what: str
    figure: float
    limit: float


def flagged(
    found: Description,
    *,
    available: float = 0.65,
    nonzero: float = 0.5,
    unique: float = 0.5,
    skew: float = 2.0,
    kurtosis: float = 3.5,
) -> tuple[Flag, ...]:
    """Indicators of one frame with few values, many zeros, few different values, or outliers (a skewness beyond `skew`
    and a kurtosis beyond `kurtosis`, both). Shares of values are of the units that have one."""
    if found.available.ndim != 1:
        raise CompositeError(["flags are for one frame; describe one period at a time"])
    checks = (
        ("few values", found.available_share, available, found.available_share < available),
        ("many zeros", found.nonzero_share, nonzero, found.nonzero_share < nonzero),
        ("few different values", found.unique_share, unique, found.unique_share < unique),
        ("outliers", found.skew, skew, (np.abs(found.skew) > skew) & (found.kurtosis > kurtosis)),
    )
    return tuple(
        Flag(column, what, float(figure[column]), limit)
        for column in range(len(found.available))
        for what, figure, limit, passed in checks
        if passed[column]
    )


@dataclass(frozen=True)
class Availability:
    """Of each unit: `missing`, `zero` (..., units) how many leaves have no value, or 0; `share` of leaves with a value;
    `nonzero`, the share of those that is not 0; `by_node` (..., units, nodes), the share of leaves with a value below each
    node of the tree, each leaf counting the same (`Composite.coverage` counts them by weight)."""

    missing: Counts
    zero: Counts
    share: Floats
    nonzero: Floats
    by_node: Floats


def availability(tree: Tree, x: ArrayLike) -> Availability:
    """How much is known of each unit; x (..., units, leaves) in the order of the tree's leaves."""
    values = as_floats(x)
    present = ~np.isnan(values)
    count = np.zeros((*values.shape[:-1], len(tree.codes)))
    count[..., tree.leaves] = present
    for group in tree.groups:
        count[..., group] = count[..., tree.children[group]].sum(axis=-1)
    by_node = count / tree.leaf_count
    there, zero = present.sum(axis=-1), (values == 0).sum(axis=-1)
    nonzero = np.divide(there - zero, there, out=np.full(there.shape, np.nan), where=there > 0)
    return Availability((~present).sum(axis=-1), zero, by_node[..., 0], nonzero, by_node)


@dataclass(frozen=True)
class Pair:
    """Two nodes (or a column and another), the correlation of their scores, its p, the units that have both, and the
    group within which they were compared ("" for none)."""

    first: str
    second: str
    r: float
    p: float
    units: int
    group: str = ""


def among(
    tree: Tree, scores: ArrayLike, level: int, *, within: int | None = None, kind: str = "pearson"
) -> tuple[Pair, ...]:
    """Every two nodes of a level; with `within`, only those under the same node of that higher level.

    `scores` (units, nodes): of every node."""
    nodes = np.flatnonzero(tree.level == level)
    found = correlate(as_floats(scores)[:, nodes], kind=kind)
    above = [ancestor(tree, int(node), within) if within is not None else -1 for node in nodes]
    return tuple(
        Pair(
            tree.codes[nodes[one]],
            tree.codes[nodes[other]],
            float(found.r[one, other]),
            float(found.p[one, other]),
            int(found.units[one, other]),
            tree.codes[above[one]] if within is not None else "",
        )
        for one in range(len(nodes))
        for other in range(one + 1, len(nodes))
        if above[one] == above[other]
    )


def upwards(
    tree: Tree, scores: ArrayLike, level: int, *, parents_only: bool = False, kind: str = "pearson"
) -> tuple[Pair, ...]:
    """Every node of a level with each node above it, from its parent to the index: whether it pulls its way.

    A leaf that runs against its parent (r below 0) works against what the parent is meant to say."""
    values = as_floats(scores)
    nodes = np.flatnonzero(tree.level == level)
    found = correlate(values[:, nodes], values, kind=kind)
    result = []
    for row, node in enumerate(nodes):
        at = int(tree.parent[node])
        while at >= 0:
            result.append(
                Pair(
                    tree.codes[node],
                    tree.codes[at],
                    float(found.r[row, at]),
                    float(found.p[row, at]),
                    int(found.units[row, at]),
                )
            )
            at = -1 if parents_only else int(tree.parent[at])
    return tuple(result)


def with_denominators(
    x: ArrayLike,
    y: ArrayLike,
    indicators: Sequence[str],
    denominators: Sequence[str],
    *,
    kind: str = "pearson",
) -> tuple[Pair, ...]:
    """Every indicator of x (units, indicators) with every column of y (units, denominators), such as population or
    GDP: an indicator that follows the size of a unit should be taken per head or per yuan."""
    found = correlate(x, y, kind=kind)
    return tuple(
        Pair(one, other, float(found.r[row, at]), float(found.p[row, at]), int(found.units[row, at]))
        for row, one in enumerate(indicators)
        for at, other in enumerate(denominators)
    )


def beyond(
    pairs: Sequence[Pair],
    *,
    above: float | None = None,
    below: float | None = None,
    size: float | None = None,
) -> tuple[Pair, ...]:
    """Pairs with r above or below a limit, or |r| above `size`: too alike (counted twice), or against each other."""
    return tuple(
        pair
        for pair in pairs
        if (above is not None and pair.r > above)
        or (below is not None and pair.r < below)
        or (size is not None and abs(pair.r) > size)
    )


@dataclass(frozen=True)
class Reliability:
    """Cronbach's alpha of a group: of the leaves below it, and of its own children."""

    code: str
    of_leaves: float
    of_children: float


def reliability(tree: Tree, scores: ArrayLike) -> tuple[Reliability, ...]:
    """Cronbach's alpha of each group of the tree, from `scores` (units, nodes) of every node, the highest group first."""
    values = as_floats(scores)
    return tuple(
        Reliability(
            tree.codes[group],
            cronbach(values[:, leaves_under(tree, int(group))]),
            cronbach(values[:, tree.children[group]]),
        )
        for group in tree.groups[::-1]
    )


def leaves_under(tree: Tree, node: int) -> NDArray[np.intp]:
    """Positions (among nodes) of the leaves below a node, in the order of the tree."""
    under = np.zeros(len(tree.codes), dtype=bool)
    under[node] = True
    for at in range(node + 1, len(under)):
        under[at] = under[tree.parent[at]]
    return tree.leaves[under[tree.leaves]]


def ancestor(tree: Tree, node: int, level: int) -> int:
    """The first node at `level` or higher on the way from `node` up (the node itself counts)."""
    if level > tree.level[0]:
        raise CompositeError([f"the tree has {tree.level[0]} levels, there is no level {level}"])
    while tree.level[node] < level:
        node = int(tree.parent[node])
    return node


def _median(ordered: Floats, available: Counts) -> Floats:
    """Of values sorted along -2 with gaps last."""
    if not ordered.shape[-2]:
        return np.full(available.shape, np.nan)
    low, high = np.maximum((available - 1) // 2, 0), np.minimum(available // 2, ordered.shape[-2] - 1)
    one, other = (np.take_along_axis(ordered, at[..., None, :], -2)[..., 0, :] for at in (low, high))
    return np.where(available > 0, (one + other) / 2, np.nan)


def _runs(ordered: Floats) -> tuple[Counts, Counts]:
    """How many different values, and the length of the longest run of equal ones, along -2."""
    units = ordered.shape[-2]
    present = ~np.isnan(ordered)
    starts = present.copy()
    starts[..., 1:, :] &= ordered[..., 1:, :] != ordered[..., :-1, :]
    place = np.arange(units)[:, None]
    start = np.maximum.accumulate(np.where(starts, place, 0), axis=-2)
    longest = np.where(present, place - start + 1, 0).max(axis=-2, initial=0)
    return starts.sum(axis=-2), longest
