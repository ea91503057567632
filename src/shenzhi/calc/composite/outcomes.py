"""What came out, as tables one can read: results, one unit, two versions side by side, elements left out (article 86).

A `Table` is column names and rows of plain values (None where there is none), ready for a page, a CSV or a workbook.

    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
    >>> scores = compose(tree, [[80.0, 60.0], [90.0, 90.0]], ["arithmetic"] * 3).score
    >>> results(tree, scores, ["north", "south"], extent="summary").rows
    (('south', 1, 90.0), ('north', 2, 75.0))
    >>> [(line.code, line.score, line.rank) for line in summary(tree, scores, 0)]
    [('index', 75.0, 2), ('a', 80.0, 2), ('b', 60.0, 2)]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.compose import Composite, compose
from shenzhi.calc.composite.correlation import correlate
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.tree import Places, Tree, pruned

Cell = str | int | float | None
NO_LABELS = Labels()


@dataclass(frozen=True)
class Table:
    """`columns`: names. `rows`: one value for each column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def results(
    tree: Tree,
    scores: ArrayLike,
    units: Sequence[str],
    *,
    show: str = "scores",
    extent: str = "full",
    groups: Sequence[str] | None = None,
    ties: str = "min",
    decimals: int | None = None,
) -> Table:
    """Units by rank of the index, with what each scored; units without an index stand last, as they came.

    `scores` (units, nodes). `show`: "scores" (with the rank of the index), "ranks", or "group_ranks" (among the units of
    the same group of `groups`). `extent`: "summary" the index, "aggregates" all nodes with children, "full" the
    leaves too. Columns run from the index down, level by level. `ties`, `decimals`: as in `ranks`; scores are shown
    with all their digits."""
    values = as_floats(scores)
    faults = []
    if show not in ("scores", "ranks", "group_ranks"):
        faults.append(f"show is scores, ranks or group_ranks (got {show})")
    if extent not in EXTENTS:
        faults.append(f"extent is one of {', '.join(EXTENTS)} (got {extent})")
    if show == "group_ranks" and (groups is None or len(groups) != len(values)):
        faults.append("group_ranks needs the group of every unit")
    if faults:
        raise CompositeError(faults)
    nodes = [int(at) for at in np.argsort(-tree.level, kind="stable") if EXTENTS[extent](tree, int(at))]
    placed = ranks(values, axis=0, ties=ties, decimals=decimals)
    order = np.argsort(placed[:, 0], kind="stable").tolist()  # NaN last
    names = tuple(tree.codes[at] for at in nodes)
    if show == "scores":
        head: tuple[str, ...] = ("unit", "rank", *names)
        body = [
            (units[at], _place(placed[at, 0]), *(_figure(one) for one in values[at, nodes])) for at in order
        ]
    elif show == "ranks":
        head = ("unit", *names)
        body = [(units[at], *(_place(one) for one in placed[at, nodes])) for at in order]
    else:
        assert groups is not None
        within = _ranks_within(values, groups, ties, decimals)
        order = sorted(order, key=lambda at: str(groups[at]))  # stable: by rank within each group
        head = ("unit", "group", *names)
        body = [(units[at], str(groups[at]), *(_place(one) for one in within[at, nodes])) for at in order]
    return Table(head, tuple(body))


EXTENTS: dict[str, Any] = {
    "summary": lambda tree, at: at == 0,
    "aggregates": lambda tree, at: bool(len(tree.children[at])),
    "full": lambda tree, at: True,
}


@dataclass(frozen=True)
class Line:
    """One node of one unit: its score and rank (None without one), among how many units, and how many share the rank."""

    code: str
    score: float | None
    rank: int | float | None
    of: int
    sharing: int


def summary(
    tree: Tree,
    scores: ArrayLike,
    unit: int,
    *,
    levels: Sequence[int] | None = None,
    ties: str = "min",
    decimals: int | None = None,
) -> tuple[Line, ...]:
    """One unit's scores and ranks, from the index down; `levels` chooses which (1: leaves), without: all."""
    values = as_floats(scores)
    placed = ranks(values, axis=0, ties=ties, decimals=decimals)
    nodes = [
        int(at) for at in np.argsort(-tree.level, kind="stable") if levels is None or tree.level[at] in levels
    ]
    return tuple(_line(tree, values, placed, unit, at) for at in nodes)


@dataclass(frozen=True)
class Standing:
    """`strong`: the leaves where a unit ranks best, the best first. `weak`: where it ranks worst, the worst last.
    No leaf is in both. `strong_tied`, `weak_tied`: leaves that rank just the same as the last one listed, but for
    which there was no room."""

    strong: tuple[Line, ...]
    weak: tuple[Line, ...]
    strong_tied: tuple[str, ...]
    weak_tied: tuple[str, ...]


def standing(
    tree: Tree,
    scores: ArrayLike,
    unit: int,
    *,
    count: int = 5,
    ties: str = "min",
    most_sharing: float = 1.0,
) -> Standing:
    """Strengths and weaknesses of a unit: its `count` best and worst leaves by rank.

    `scores` (units, leaves), more being better: normalised scores, or raw figures times direction. Equal ranks are listed
    in the order of the tree. A rank that more than the share `most_sharing` of the units have says little of one of
    them; such leaves are passed over. With fewer than 2 * `count` leaves, each list takes half of them."""
    values = as_floats(scores)
    if values.shape[-1] != len(tree.leaves):
        raise CompositeError(
            [f"the tree has {len(tree.leaves)} leaves, but the scores have {values.shape[-1]} columns"]
        )
    placed = ranks(values, axis=0, ties=ties)
    full = np.full((len(values), len(tree.codes)), np.nan)
    full_ranks = full.copy()
    full[:, tree.leaves], full_ranks[:, tree.leaves] = values, placed
    lines = [_line(tree, full, full_ranks, unit, int(at)) for at in tree.leaves]
    known = [line for line in lines if line.rank is not None and line.sharing <= most_sharing * line.of]
    ordered = sorted(known, key=lambda line: float(line.rank or 0))
    room = min(count, len(ordered) // 2)
    if room < 1:
        return Standing((), (), (), ())
    strong, middle, weak = ordered[:room], ordered[room:-room], ordered[-room:]
    return Standing(
        tuple(strong),
        tuple(weak),
        tuple(line.code for line in middle if line.rank == strong[-1].rank),
        tuple(line.code for line in middle if line.rank == weak[0].rank),
    )


@dataclass(frozen=True)
class Comparison:
    """Two versions of an index, over the units they share. Arrays (units, nodes): NaN where a version has none.

    `score_change`, `rank_change`: second less first (a negative change of rank is a rise). `mean_rank_change` (nodes):
    mean of the absolute changes. `rank_correlation`, `score_correlation` (nodes): between the versions. `only_first`,
    `only_second`: units of one version alone; ranks count only the units shared."""

    units: tuple[str, ...]
    codes: tuple[str, ...]
    first_score: Floats
    second_score: Floats
    first_rank: Floats
    second_rank: Floats
    score_change: Floats
    rank_change: Floats
    mean_rank_change: Floats
    rank_correlation: Floats
    score_correlation: Floats
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    def table(self, code: str) -> Table:
        """Of one node: units in the order of their first rank, with both scores, both ranks, and the changes."""
        at = self.codes.index(code)
        order = np.argsort(self.first_rank[:, at], kind="stable")
        return Table(
            (
                "unit",
                "first score",
                "second score",
                "change of score",
                "first rank",
                "second rank",
                "change of rank",
            ),
            tuple(
                (
                    self.units[row],
                    _figure(self.first_score[row, at]),
                    _figure(self.second_score[row, at]),
                    _figure(self.score_change[row, at]),
                    _place(self.first_rank[row, at]),
                    _place(self.second_rank[row, at]),
                    _place(self.rank_change[row, at]),
                )
                for row in order
            ),
        )


@dataclass(frozen=True)
class Version:
    """One version of an index: `scores` (units, nodes), with the names of both axes."""

    units: Sequence[str]
    codes: Sequence[str]
    scores: ArrayLike


def compare(first: Version, second: Version, *, ties: str = "min", decimals: int | None = None) -> Comparison:
    """Two versions side by side, matched by the names of units and nodes, whatever order they stand in.

    CompositeError when they have no unit, or no node, in common."""
    units = tuple(unit for unit in first.units if unit in set(second.units))
    codes = tuple(code for code in first.codes if code in set(second.codes))
    lacking = [what for what, names in (("unit", units), ("node", codes)) if not names]
    if lacking:
        raise CompositeError([f"the two versions have no {what} in common" for what in lacking])
    one, other = (_matched(version, units, codes) for version in (first, second))
    one_rank, other_rank = (ranks(scores, axis=0, ties=ties, decimals=decimals) for scores in (one, other))
    moved = other_rank - one_rank
    return Comparison(
        units,
        codes,
        one,
        other,
        one_rank,
        other_rank,
        other - one,
        moved,
        _mean_size(moved),
        _columnwise(one_rank, other_rank),
        _columnwise(one, other),
        tuple(unit for unit in first.units if unit not in units),
        tuple(unit for unit in second.units if unit not in units),
    )


@dataclass(frozen=True)
class LeftOut:
    """The index without each element in turn. Arrays (units, elements), in the order of `codes`.

    `score`, `rank`: of the index. `rank_change`: less the full index's (below 0: better without). `mean_rank_change`
    (elements): mean of the absolute changes, over the units ranked both times. `lost`: rows (unit, element, node): nodes
    that had a score and have none now, because the element was all that was known of them; their parents go on with the
    others. `fallen` (elements): codes of the groups that hold nothing without the element, and fall away with it."""

    codes: tuple[str, ...]
    full: Composite
    full_rank: Floats
    score: Floats
    rank: Floats
    rank_change: Floats
    mean_rank_change: Floats
    lost: NDArray[np.intp]
    fallen: tuple[tuple[str, ...], ...]


def leave_out(
    tree: Tree,
    leaf_scores: ArrayLike,
    aggregations: Sequence[Any],
    thresholds: ArrayLike = 0.0,
    *,
    level: int = 1,
    codes: Sequence[str] | None = None,
    labels: Labels = NO_LABELS,
    ties: str = "min",
    decimals: int | None = None,
) -> LeftOut:
    """The index without each node of `level` (1: leaves), or each of `codes`; arguments as in `compose`.

    An element is taken out of the tree, not given the weight 0: where it was all that was known of its group, the
    group has no score and counts as missing, as it would if the element had never been. `leaf_scores` (units, leaves)."""
    values = as_floats(leaf_scores)
    elements = [int(at) for at in np.flatnonzero(tree.level == level)]
    if codes is not None:
        unknown = [code for code in codes if code not in tree.codes]
        if unknown:
            raise CompositeError([f"no such node to leave out: {listed(unknown)}"])
        elements = [tree.codes.index(code) for code in codes]
    threshold = np.broadcast_to(as_floats(thresholds), (len(tree.codes),))
    full = compose(tree, values, aggregations, threshold, labels)
    full_rank = ranks(full.score[:, 0], ties=ties, decimals=decimals)
    score = np.full((len(values), len(elements)), np.nan)
    fallen, lost = [], []
    for column, element in enumerate(elements):
        rest, kept, leaves = pruned(tree, element)
        part = compose(rest, values[:, leaves], [aggregations[at] for at in kept], threshold[kept], labels)
        score[:, column] = part.score[:, 0]
        gone = np.argwhere(~np.isnan(full.score[:, kept]) & np.isnan(part.score))
        lost += [(int(unit), column, int(kept[node])) for unit, node in gone]
        fallen.append(_fallen(tree, element, kept))
    rank = ranks(score, axis=0, ties=ties, decimals=decimals)
    change = rank - full_rank[:, None]
    return LeftOut(
        tuple(tree.codes[at] for at in elements),
        full,
        full_rank,
        score,
        rank,
        change,
        _mean_size(change),
        np.array(lost, dtype=np.intp).reshape(-1, 3),
        tuple(fallen),
    )


def _fallen(tree: Tree, element: int, kept: Places) -> tuple[str, ...]:
    """Groups above the element that are no longer there."""
    names, at, there = [], int(tree.parent[element]), set(kept.tolist())
    while at >= 0 and at not in there:
        names.append(tree.codes[at])
        at = int(tree.parent[at])
    return tuple(names)


def _line(tree: Tree, values: Floats, placed: Floats, unit: int, at: int) -> Line:
    known = placed[~np.isnan(placed[:, at]), at]
    return Line(
        tree.codes[at],
        _figure(values[unit, at]),
        _place(placed[unit, at]),
        len(known),
        int((known == placed[unit, at]).sum()),
    )


def _figure(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _place(rank: float) -> int | float | None:
    """A rank as a whole number where it is one: "average" ties may lie half way."""
    if math.isnan(rank):
        return None
    return int(rank) if float(rank).is_integer() else float(rank)


def _ranks_within(values: Floats, groups: Sequence[str], ties: str, decimals: int | None) -> Floats:
    names = np.array([str(group) for group in groups])
    within = np.full(values.shape, np.nan)
    for name in dict.fromkeys(names.tolist()):
        members = names == name
        within[members] = ranks(values[members], axis=0, ties=ties, decimals=decimals)
    return within


def _matched(version: Version, units: Sequence[str], codes: Sequence[str]) -> Floats:
    unit, code = ({name: at for at, name in enumerate(names)} for names in (version.units, version.codes))
    scores = as_floats(version.scores)
    return scores[np.ix_([unit[name] for name in units], [code[name] for name in codes])]


def _mean_size(change: Floats) -> Floats:
    """Mean of the absolute values of each column, gaps aside; NaN for a column of gaps."""
    count = (~np.isnan(change)).sum(axis=0)
    return np.divide(
        np.nansum(np.abs(change), axis=0), count, out=np.full(count.shape, np.nan), where=count > 0
    )


def _columnwise(x: Floats, y: Floats) -> Floats:
    """The correlation of each column of x with the same column of y."""
    return np.array([correlate(x[:, [at]], y[:, [at]]).r[0, 0] for at in range(x.shape[1])])
