"""One group of an index worked out again, with what was worked out before kept for the next time (article 86).

What `whatif` needs to answer at once: sums by group and f(score) by child stay while the scores of the children do.

    >>> from shenzhi.calc.composite.normalise import Scaling
    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
    >>> work = Regroup(Recipe(tree, [Scaling("minmax")] * 2), Labels(), np.array([1.0, 1.0, 1.0]), Kept())
    >>> score, coverage = work.group(0, None, [np.zeros(1), np.array([80.0]), np.array([60.0])], [None] * 3)
    >>> score.tolist(), coverage is None, sorted(work.kept.bent), sorted(work.kept.sums)
    ([70.0], True, [1, 2], [0])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shenzhi.calc.composite.aggregate import AGGREGATIONS, COMPARISONS, added, aggregating
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels
from shenzhi.calc.composite.practice import Adjusting
from shenzhi.calc.composite.recipe import Recipe
from shenzhi.calc.composite.rounding import rounded
from shenzhi.calc.composite.screening import reaches
from shenzhi.calc.composite.tree import Tree

Rows = tuple[NDArray[np.intp], ...] | None  # positions (..., units) that moved; None: any may have
# Means whose sums are kept: f(score), summed with weights, and back.
BENT: Mapping[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "arithmetic": (lambda x: x, lambda y: y),
    "geometric": (np.log, np.exp),
    "harmonic": (np.reciprocal, np.reciprocal),
}


@dataclass(frozen=True)
class Kept:
    """`bent`, by child: f(score), 0 where missing, and 1 or 0 for there or missing (None: all there). `sums`, by group:
    the weights they were taken with, the sum of weight * f(score), and that of the weights there."""

    bent: dict[int, tuple[Floats, Floats | None]] = field(default_factory=dict)
    sums: dict[int, tuple[Floats, Floats, Any]] = field(default_factory=dict)

    def copy(self) -> Kept:
        return Kept(dict(self.bent), dict(self.sums))

    def forget(self, node: int, parent: int) -> None:
        """The scores of a node are others now."""
        self.bent.pop(node, None)
        self.sums.pop(parent, None)

    def learn(self, other: Kept, moved: Sequence[int], parents: set[int]) -> None:
        """Takes over what holds here too: all but what rests on nodes that moved."""
        for node in other.bent.keys() - self.bent.keys() - set(moved):
            self.bent[node] = other.bent[node]
        for group in other.sums.keys() - self.sums.keys() - parents:
            self.sums[group] = other.sums[group]


@dataclass(frozen=True)
class Regroup:
    """The groups of a recipe under other weights (nodes; 0 leaves a node out). `items`: as they are given to `build`."""

    recipe: Recipe
    labels: Labels
    weight: Floats
    kept: Kept
    items: Mapping[str, Adjusting] = field(default_factory=dict)

    @property
    def tree(self) -> Tree:
        return self.recipe.tree

    def group(
        self, group: int, rows: Rows, scores: Sequence[Floats], coverages: Sequence[Floats | None]
    ) -> tuple[Floats, Floats | None]:
        """Score and coverage of one group; where only some rows moved, the others are those it has."""
        below = [int(at) for at in self.tree.children[group] if self.weight[at] > 0]
        rule = aggregating(self.recipe.node_aggregations[group])
        if rows is not None:
            part = {at: scores[at][rows] for at in below}
            cover = {at: None if (one := coverages[at]) is None else one[rows] for at in below}
            score, covered = self._mean(group, below, part, cover, rows)
            whole = scores[group].copy()
            whole[rows] = score
            before = coverages[group]
            if before is None and covered is None:
                return whole, None
            coverage = np.ones(whole.shape) if before is None else before.copy()
            coverage[rows] = 1.0 if covered is None else covered
            return whole, coverage
        if rule.name not in BENT or any(self.recipe.node_roundings):
            # also where scores are rounded: the last bit of a score may decide which way, so it must be the same bit
            return self._mean(group, below, dict(enumerate(scores)), dict(enumerate(coverages)))
        total, whole_weight = self._sums(group, scores)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = BENT[rule.name][1](total / whole_weight)
        gapless = not isinstance(whole_weight, np.ndarray)
        if not gapless:
            value = np.where(whole_weight > 0, value, np.nan)
        if all(coverages[at] is None or not len(self.tree.children[at]) for at in below):
            # of leaves the weight covered is the weight that is there
            there = None if gapless else whole_weight / added(self.weight[below])
        else:
            there = self._there(below, dict(enumerate(scores)), dict(enumerate(coverages)))
        return self._kept(group, below, value, dict(enumerate(scores)), there)

    def moved(self, group: int, rows: Rows) -> Rows:
        """The rows of a group that move when these rows of its children do: all, where units are compared."""
        return None if aggregating(self.recipe.node_aggregations[group]).name in COMPARISONS else rows

    def _sums(self, group: int, scores: Sequence[Floats]) -> tuple[Floats, Any]:
        """sum of weight * f(score) over the children that have one, and the sum of their weights (a number where every
        unit has all). From the sums kept for other weights, when only some weights moved and none of them to so little
        that the difference of large sums would lose digits."""
        below = self.tree.children[group]
        weight = self.weight[below]
        if group in self.kept.sums:
            old, total, whole = self.kept.sums[group]
            if 2 * (weight != old).sum() <= len(old) and (weight >= old / 10).all():
                return self._add(group, weight - old, scores, total.copy(), whole)
        total, whole = self._add(group, weight, scores, np.zeros(scores[group].shape), 0.0)
        self.kept.sums[group] = (weight, total, whole)
        return total, whole

    def _add(
        self, group: int, weight: Floats, scores: Sequence[Floats], total: Floats, whole: Any
    ) -> tuple[Floats, Any]:
        """The sums with so much more weight for each child; `total` is changed in place."""
        term = np.empty(total.shape)
        plain, gappy = 0.0, None
        for at, one in zip(self.tree.children[group].tolist(), weight.tolist(), strict=True):
            if one == 0:
                continue
            bent, present = self._bent(group, at, scores[at])
            total += np.multiply(bent, one, out=term)
            if present is None:
                plain += one
            else:
                gappy = np.zeros(total.shape) if gappy is None else gappy
                gappy += np.multiply(present, one, out=term)
        whole = whole + plain
        return total, whole if gappy is None else whole + gappy

    def _bent(self, group: int, at: int, score: Floats) -> tuple[Floats, Floats | None]:
        """f(score) with 0 where it is missing, and 1 or 0 for there or missing (None: all there); kept for next time."""
        if at not in self.kept.bent:
            name = aggregating(self.recipe.node_aggregations[group]).name
            if name != "arithmetic" and not (np.fmin.reduce(score, axis=None) > 0):
                self._mean(
                    group, [at], {at: score}, {at: None}
                )  # says which unit has a score without a logarithm
            f = BENT[name][0]
            gaps = np.isnan(score)
            self.kept.bent[at] = (
                (np.where(gaps, 0.0, f(score)), (~gaps).astype(np.float64))
                if gaps.any()
                else (f(score), None)
            )
        return self.kept.bent[at]

    def _mean(
        self,
        group: int,
        below: Sequence[int],
        scores: Mapping[int, Floats],
        coverages: Mapping[int, Floats | None],
        rows: Rows = None,
    ) -> tuple[Floats, Floats | None]:
        """Any mean, by the function that builds it."""
        rule = aggregating(self.recipe.node_aggregations[group])
        codes, given = self.tree.codes, self.labels
        columns = np.stack([scores[at] for at in below], axis=-1)
        weight = self.weight[list(below)]
        labels = Labels([codes[at] for at in below], given.units, given.frames)
        try:
            value = AGGREGATIONS[rule.name](columns, weight, labels, **rule.parameters).value
        except CompositeError as error:
            faults = error.faults
            if rows is not None:  # told again with the names of the units that stand in these rows
                try:
                    AGGREGATIONS[rule.name](
                        columns, weight, Labels(labels.indicators, self._units(rows)), **rule.parameters
                    )
                except CompositeError as named:
                    faults = named.faults
            raise CompositeError([f"{codes[group]}: {fault}" for fault in faults]) from error
        return self._kept(group, below, value, scores, self._there(below, scores, coverages), rows)

    def _units(self, rows: Rows) -> list[str]:
        """The names of the units that stand in some rows."""
        assert rows is not None
        return [self.labels.unit(tuple(map(int, place))) for place in zip(*rows, strict=True)]

    def _there(
        self, below: Sequence[int], scores: Mapping[int, Floats], coverages: Mapping[int, Floats | None]
    ) -> Floats | None:
        """The share of the weight below that is covered; None where all is."""
        if all(coverages[at] is None for at in below):
            return None
        weight = self.weight[list(below)]
        covered = np.zeros(scores[below[0]].shape)
        for at, one in zip(below, weight, strict=True):
            coverage = coverages[at]
            covered += one if coverage is None else one * np.where(np.isnan(scores[at]), 0.0, coverage)
        return covered / added(weight)

    def _kept(
        self,
        group: int,
        below: Sequence[int],
        value: Floats,
        scores: Mapping[int, Floats],
        covered: Floats | None,
        rows: Rows = None,
    ) -> tuple[Floats, Floats | None]:
        """The score of a group where enough below it is covered, as its parent takes it, and its coverage."""
        if covered is not None:
            enough = reaches(covered, self.recipe.node_thresholds[group])
            least = float(np.broadcast_to(self.recipe.child_thresholds, (len(self.tree.codes),))[group])
            if least > 0:
                here = added(np.stack([~np.isnan(scores[at]) for at in below], axis=-1).astype(np.float64))
                enough &= reaches(here / len(below), least)
            value = np.where(enough, value, np.nan)
        if items := self.items.get(self.tree.codes[group]):
            if rows is None:
                value = items.of(value, Labels((), self.labels.units, self.labels.frames)).score
            else:
                value = items.at(rows).of(value, Labels((), self._units(rows))).score
        return self.settled(group, value), covered

    def settled(self, node: int, value: Floats) -> Floats:
        """A score as the parent goes on with it."""
        policy = self.recipe.node_roundings[node]
        return (
            value
            if policy is None or policy.passed == "exact"
            else rounded(value, policy.decimals, policy.rule)
        )


def joined(one: Rows, other: Rows) -> Rows:
    """Rows that are in either."""
    if one is None or other is None:
        return None
    if one is other:
        return one
    both = np.unique(np.concatenate([np.array(one), np.array(other)], axis=1), axis=1)
    return tuple(both)
