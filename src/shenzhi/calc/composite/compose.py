"""From the scores of indicators up the tree to the index, with every part kept (article 86).

scores of leaves (..., units, leaves)  ->  Composite: arrays (..., units, nodes)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.aggregate import (
    AGGREGATIONS,
    COMPARISONS,
    Aggregating,
    Mean,
    aggregating,
    faults_of,
)
from shenzhi.calc.composite.frames import side_by_side
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats
from shenzhi.calc.composite.means import no_parts
from shenzhi.calc.composite.rounding import Rounding, rounded
from shenzhi.calc.composite.screening import reaches
from shenzhi.calc.composite.tree import Tree
from shenzhi.calc.composite.workers import in_turn


@dataclass(frozen=True, eq=False)
class Composite:
    """Every node of every unit; all arrays have shape (..., units, nodes), nodes in the order of the tree.

    `score`         as published, i.e. rounded where the node has a rounding; NaN where there is none
    `exact`         before the node's own rounding
    `carried`       what the parent goes on with: the score, or the exact one if the node's rounding says so
    `share`         weight in force within the parent (0..1); NaN where the node or its parent has no score; root 1
    `factor`        which times `carried` is the contribution; the same as `share` under an arithmetic mean; NaN under an
                    aggregation that compares units (Copeland, TOPSIS), whose scores have no parts
    `contribution`  what the node gave to its parent's exact score; NaN likewise; the root's is its score
    `penalty`       what a node's exact score has beyond the contributions of its children; 0 under most means
    `adjustment`    what `adjust` added to the exact score, such as bonus and deduction items; 0 where nothing is
    `residue`       what rounding added: score - exact
    `coverage`      share (0..1) of the weight below the node whose values entered; a leaf's is 1 or 0
    `available`     how many leaves below entered
    `withheld`      True where there were values, but less coverage, or fewer children, than the node's threshold

    A node's score is the sum of its children's contributions + penalty + adjustment + residue. A withheld node counts as missing for
    its parent, in the score, in the coverage and among the available. All but the scores is worked out when it is first
    asked for, so that an index of millions of values costs little more memory than its scores."""

    tree: Tree
    score: Floats
    exact: Floats
    carried: Floats
    aggregations: tuple[Aggregating, ...]
    covered: Mapping[int, Floats] = field(repr=False)
    held_back: Mapping[int, NDArray[np.bool_]] = field(repr=False)
    penalties: Mapping[int, Floats] = field(repr=False)
    adjustments: Mapping[int, Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def share(self) -> Floats:
        return self._of_children(lambda mean: mean.share)

    @cached_property
    def factor(self) -> Floats:
        if all(self.aggregations[group].name == "arithmetic" for group in self.tree.groups):
            return self.share
        return self._of_children(lambda mean: mean.factor)

    @cached_property
    def contribution(self) -> Floats:
        contribution = self.factor * self.carried
        contribution[..., 0] = self.score[..., 0]
        return contribution

    @cached_property
    def penalty(self) -> Floats:
        return self._of_groups(0.0, self.penalties)

    @cached_property
    def adjustment(self) -> Floats:
        return self._of_groups(0.0, self.adjustments)

    @cached_property
    def residue(self) -> Floats:
        return np.zeros(self.score.shape) if self.exact is self.score else self.score - self.exact

    @cached_property
    def coverage(self) -> Floats:
        coverage = self._of_groups(0.0, self.covered)
        coverage[..., self.tree.leaves] = ~np.isnan(self.score[..., self.tree.leaves])
        return coverage

    @cached_property
    def available(self) -> NDArray[np.intp]:
        available = nodes_first(self.score.shape, np.zeros, np.intp)
        available[..., self.tree.leaves] = ~np.isnan(self.score[..., self.tree.leaves])
        for group in self.tree.groups:
            for child in self.tree.children[group]:
                available[..., group] += np.where(np.isnan(self.score[..., child]), 0, available[..., child])
        return available

    @cached_property
    def withheld(self) -> NDArray[np.bool_]:
        withheld = nodes_first(self.score.shape, np.zeros, np.bool_)
        for group, held in self.held_back.items():
            withheld[..., group] = held
        return withheld

    def _parts(self, group: int) -> Mean:
        chosen = self.aggregations[group]
        if chosen.name in COMPARISONS:  # comparing all units once more would only give the same score
            scores, weight = _children(self.tree, group, self.carried)
            return Mean(self.exact[..., group], scores, weight, no_parts)
        return _mean(self.tree, group, chosen, self.carried, None)

    def _of_groups(self, otherwise: float, of: Mapping[int, Floats]) -> Floats:
        result = nodes_first(self.score.shape, np.zeros)
        result += otherwise
        for group, figures in of.items():
            result[..., group] = figures
        return result

    def _of_children(self, part: Callable[[Mean], Floats]) -> Floats:
        """A part of the means of all groups, put where the children are."""
        result = nodes_first(self.score.shape, np.empty)

        def fill(group: int) -> None:
            below = self.tree.children[group]
            mean = self._parts(group)
            kept = ~np.isnan(self.exact[..., group])
            result[..., below] = np.where(kept[..., None], part(mean), np.nan)

        in_turn(fill, list(map(int, self.tree.groups)), self.score.size)
        result[..., 0] = np.where(np.isnan(self.score[..., 0]), np.nan, 1.0)
        return result


def compose(
    tree: Tree,
    leaf_scores: ArrayLike | None,
    aggregations: Sequence[str | Aggregating],
    thresholds: ArrayLike = 0.0,
    labels: Labels | None = None,
    *,
    child_thresholds: ArrayLike = 0.0,
    rounding: Rounding | Sequence[Rounding | None] | None = None,
    into: Floats | None = None,
    adjust: Mapping[int, Callable[[Floats], Floats]] | None = None,
) -> Composite:
    """The means of the tree over `leaf_scores` (..., units, leaves; columns in the order of `tree.leaves`).

    `aggregations` (nodes): a name in AGGREGATIONS, or Aggregating with parameters, for each node; a leaf's is not read.
    `thresholds` (nodes, or one for all): least coverage, by weight, at which a group is scored; `child_thresholds`
    likewise: least share of its children that have a score, each counting as one. `rounding`: one for all nodes, or one
    or None for each. `into` (..., units, nodes): an array from `nodes_first` that holds the scores of the leaves and is given
    those of the groups; `leaf_scores` is then not read. CompositeError gathers the faults of all groups, as far as their
    children could be scored.

    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
    >>> nan = float("nan")
    >>> result = compose(tree, [[80.0, 60.0], [nan, 60.0]], ["arithmetic"] * 3, 0.5)
    >>> result.score[:, 0].tolist(), result.coverage[:, 0].tolist(), result.withheld[:, 0].tolist()
    ([75.0, nan], [1.0, 0.25], [False, True])
    """
    count = len(tree.codes)
    values = as_floats(leaf_scores) if into is None else into
    columns = list(np.moveaxis(values, -1, 0)) if into is None else [into[..., leaf] for leaf in tree.leaves]
    chosen = tuple(map(aggregating, aggregations))
    policies = [rounding] * count if rounding is None or isinstance(rounding, Rounding) else list(rounding)
    faults = _wrong_lengths(tree, len(columns), chosen, policies) or [
        f"{tree.codes[group]}: {fault}" for group in sorted(tree.groups) for fault in faults_of(chosen[group])
    ]
    if faults:
        raise CompositeError(faults)
    threshold, child_threshold = (
        np.broadcast_to(as_floats(one), (count,)) for one in (thresholds, child_thresholds)
    )
    shape = (*values.shape[:-1], count)
    score = nodes_first(shape, np.empty) if into is None else into
    some = any(policy is not None for policy in policies)
    exact = nodes_first(shape, np.empty) if some else score
    apart = any(policy is not None and policy.passed == "exact" for policy in policies)
    carried = nodes_first(shape, np.empty) if apart else score
    covered: dict[int, Floats] = {}
    held_back: dict[int, NDArray[np.bool_]] = {}
    penalties: dict[int, Floats] = {}
    adjustments: dict[int, Floats] = {}
    lacks: dict[int, NDArray[np.bool_]] = {}  # where a node has no score, or less than whole coverage

    def settle(node: int, figures: Floats) -> None:
        policy = policies[node]
        if some:
            exact[..., node] = figures
        score[..., node] = figures if policy is None else rounded(figures, policy.decimals, policy.rule)
        if apart:
            from_here = exact if policy is not None and policy.passed == "exact" else score
            carried[..., node] = from_here[..., node]

    def climb(group: int) -> list[str]:
        try:
            mean = _mean(tree, group, chosen[group], carried, labels)
        except CompositeError as error:
            score[..., group] = exact[..., group] = carried[..., group] = np.nan
            lacks[group] = np.ones(shape[:-1], dtype=bool)
            return [f"{tree.codes[group]}: {fault}" for fault in error.faults]
        coverage, there = entered(group)
        enough = reaches(coverage, threshold[group]) & reaches(there, child_threshold[group])
        kept = (there > 0) & enough
        covered[group], held_back[group] = coverage, (there > 0) & ~kept
        every = kept.all()
        if np.any(mean.penalty):
            penalties[group] = np.where(kept, mean.penalty, np.nan)
        value = mean.value if every else np.where(kept, mean.value, np.nan)
        if adjust and group in adjust:
            before, value = value, adjust[group](value)
            adjustments[group] = value - before
        settle(group, value)
        lacks[group] |= np.isnan(score[..., group])
        return []

    def entered(group: int) -> tuple[Floats, Floats]:
        """The shares of the weight and of the children of a group that entered; added up where something lacks."""
        below = tree.children[group]
        lacks[group] = np.any([lacks[child] for child in below], axis=0)
        if not lacks[group].any():
            return (np.broadcast_to(1.0, shape[:-1]),) * 2
        where = np.nonzero(lacks[group])
        whole, weighed, there = 0.0, np.zeros(len(where[0])), np.zeros(len(where[0]))
        for child in below:
            here = ~np.isnan(score[..., child][where])
            part = covered[child][where] if child in covered else 1.0
            weighed += np.where(here, part, 0.0) * tree.weight[child]
            there += here
            whole = whole + tree.weight[child]
        weight_share, child_share = np.ones(shape[:-1]), np.ones(shape[:-1])
        weight_share[where], child_share[where] = weighed / whole, there / len(below)
        return weight_share, child_share

    def plant(at: int) -> None:
        leaf = int(tree.leaves[at])
        settle(leaf, columns[at])
        lacks[leaf] = np.isnan(score[..., leaf])

    in_turn(plant, range(len(columns)), values.size)
    told: dict[int, list[str]] = {}
    for level in range(2, int(tree.level[0]) + 1):
        groups = [int(group) for group in tree.groups if tree.level[group] == level]
        told |= dict(zip(groups, in_turn(climb, groups, values.size), strict=True))
    faults = [fault for group in sorted(told) for fault in told[group]]
    if faults:
        raise CompositeError(faults)
    return Composite(tree, score, exact, carried, chosen, covered, held_back, penalties, adjustments)


def reach(tree: Tree, composite: Composite, node: int = 0) -> Floats:
    """What every node under `node` gave to its score (..., units, nodes): `carried` times the factors on the way up.

    The leaves under a node, together with `closing` where there are penalties or roundings, add up to its score, however
    deep they lie. NaN outside the part of the tree under `node`, and where something on the way has no score."""
    return np.asarray(_factors_up_to(tree, composite, node) * composite.carried)


def closing(tree: Tree, composite: Composite, node: int = 0) -> Floats:
    """What penalties, adjustments and roundings of every group under `node`, and its own, gave to its score (..., units, nodes).

    0 for leaves, and everywhere under means without penalty, adjustment and rounding; NaN as in `reach`."""
    own = composite.penalty + composite.adjustment
    gave = own + composite.carried - composite.exact
    gave[..., node] = own[..., node] + composite.residue[..., node]
    gave[..., tree.leaves] = 0.0
    return np.asarray(_factors_up_to(tree, composite, node) * gave)


def _factors_up_to(tree: Tree, composite: Composite, node: int) -> Floats:
    factor = np.full(composite.score.shape, np.nan)
    factor[..., node] = np.where(np.isnan(composite.score[..., node]), np.nan, 1.0)
    for group in tree.groups[::-1]:  # parents before children
        if group >= node:
            below = tree.children[group]
            factor[..., below] = factor[..., group, None] * composite.factor[..., below]
    return factor


def _mean(tree: Tree, group: int, chosen: Aggregating, carried: Floats, labels: Labels | None) -> Mean:
    below = tree.children[group]
    named = Labels(
        [tree.codes[at] for at in below], labels.units if labels else (), labels.frames if labels else ()
    )
    scores, weight = _children(tree, group, carried)
    return AGGREGATIONS[chosen.name](scores, weight, named, **chosen.parameters)


def _children(tree: Tree, group: int, carried: Floats) -> tuple[Floats, Floats]:
    """Scores and weights of the children of a group; neighbours are read in place."""
    below = tree.children[group]
    columns = np.moveaxis(carried, -1, 0)[side_by_side(below)]
    return np.moveaxis(columns, 0, -1), tree.weight[below]


def nodes_first(
    shape: tuple[int, ...], make: Callable[..., NDArray[Any]], kind: type = np.float64
) -> NDArray[Any]:
    """An array (..., units, nodes) in whose memory the figures of one node lie together: means are taken node by node."""
    return np.moveaxis(make((shape[-1], *shape[:-1]), kind), 0, -1)


def _wrong_lengths(
    tree: Tree, columns: int, chosen: Sequence[Aggregating], policies: Sequence[Rounding | None]
) -> list[str]:
    faults = []
    if columns != len(tree.leaves):
        faults.append(f"the tree has {len(tree.leaves)} leaves, but the scores have {columns} columns")
    for what, given in (("aggregations", len(chosen)), ("roundings", len(policies))):
        if given != len(tree.codes):
            faults.append(f"the tree has {len(tree.codes)} nodes, but there are {given} {what}")
    return faults
