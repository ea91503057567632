"""The index under many weightings at once: the same digits as one at a time, in a fraction of the time (article 86).

The means of a tree are taken over an axis of weightings: scores (..., units, weightings). Sums run over the children in
the order in which `compose` adds them, so every column is the score that `compose` gives under that weighting, bit for
bit. What does not depend on the weighting is computed once.

    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
    >>> many = weigh(tree, [[80.0, 60.0]], ["arithmetic"] * 3, weights=[[1, 1, 1], [1, 3, 1]])
    >>> many.score.tolist(), many.possible.tolist()
    ([[70.0, 75.0]], [True, True])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.labels import CompositeError, Floats, as_floats
from shenzhi.calc.composite.rounding import Rounding, rounded
from shenzhi.calc.composite.screening import reaches
from shenzhi.calc.composite.tree import Tree

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Weighed:
    """`score` (..., units, weightings): the index. `possible` (weightings): False where it cannot be computed, such as a
    geometric mean of a score that is not above 0; the column then means nothing, and `compose` tells the reason."""

    score: Floats
    possible: Bools


def weigh(
    tree: Tree,
    leaf_scores: ArrayLike,
    aggregations: Sequence[Any],
    thresholds: ArrayLike = 0.0,
    *,
    weights: ArrayLike,
    child_thresholds: ArrayLike = 0.0,
    rounding: Sequence[Rounding | None] | None = None,
) -> Weighed:
    """The index of `leaf_scores` (..., units, leaves) under each row of `weights` (weightings, nodes), all above 0.

    The other arguments are those of `compose`.
    Arithmetic and geometric means run over all weightings together; a tree with any other mean is composed once for
    each weighting, which gives the same and takes longer."""
    scores, weight = as_floats(leaf_scores), as_floats(weights)
    wrong = ~(np.isfinite(weight) & (weight > 0))[:, 1:]
    if wrong.any():
        raise CompositeError(
            [
                f"weights must be above 0: weighting {row}, {tree.codes[node + 1]} ({weight[row, node + 1]:g})"
                for row, node in np.argwhere(wrong)[:5].tolist()
            ]
        )
    if not all(_plain(aggregations[group]) for group in tree.groups):
        return _one_by_one(tree, scores, aggregations, thresholds, weight, child_thresholds, rounding)
    nodes = len(tree.codes)
    least, least_children = (
        np.broadcast_to(as_floats(one), (nodes,)) for one in (thresholds, child_thresholds)
    )
    means = [_plain(one) for one in aggregations]
    return _together(tree, scores, means, least, least_children, weight, rounding or [None] * nodes)


def _plain(aggregation: Any) -> str:
    """The name of a mean that can run over many weightings together; "" for any other."""
    name = aggregation if isinstance(aggregation, str) else getattr(aggregation, "name", "")
    bare = isinstance(aggregation, str) or not getattr(aggregation, "parameters", None)
    return str(name) if bare and name in ("arithmetic", "geometric") else ""


def _one_by_one(
    tree: Tree,
    scores: Floats,
    aggregations: Sequence[Any],
    thresholds: ArrayLike,
    weights: Floats,
    child_thresholds: ArrayLike,
    rounding: Sequence[Rounding | None] | None,
) -> Weighed:
    score = np.full((*scores.shape[:-1], len(weights)), np.nan)
    possible = np.ones(len(weights), dtype=bool)
    for at, weight in enumerate(weights):
        under = Tree(tree.codes, tree.parent, np.where(np.arange(len(tree.codes)) == 0, tree.weight, weight))
        try:
            score[..., at] = compose(
                under, scores, aggregations, thresholds, child_thresholds=child_thresholds, rounding=rounding
            ).score[..., 0]
        except CompositeError:
            possible[at] = False
    return Weighed(score, possible)


def _together(
    tree: Tree,
    scores: Floats,
    means: Sequence[str],
    thresholds: Floats,
    child_thresholds: Floats,
    weights: Floats,
    rounding: Sequence[Rounding | None],
) -> Weighed:
    count = len(weights)
    covering = bool((thresholds > 0).any() or (child_thresholds > 0).any())
    possible = np.ones(count, dtype=bool)
    # (..., units, weightings), or (..., units, 1) as long as nothing depends on the weighting
    score: dict[int, Floats] = {
        int(leaf): _carried(np.ascontiguousarray(scores[..., at])[..., None], rounding[leaf])
        for at, leaf in enumerate(tree.leaves)
    }
    coverage: dict[int, Floats] = {at: (~np.isnan(one)).astype(np.float64) for at, one in score.items()}
    for group in map(int, tree.groups):
        below = [int(at) for at in tree.children[group]]
        weight = _once(weights[:, below])  # (weightings or 1, children)
        present = [~np.isnan(score[at]) for at in below]
        complete = all(bool(one.all()) for one in present)
        means_of = [score[at] for at in below]
        if means[group] == "geometric":
            # An impossible column is left out by the caller; 1 keeps it from disturbing the others.
            for one in means_of:
                low = (one <= 0).any(axis=tuple(range(one.ndim - 1)))
                possible &= ~low
            means_of = [np.log(np.where(one <= 0, 1.0, one)) for one in means_of]
        value = _mean_complete(means_of, weight) if complete else _mean_present(means_of, present, weight)
        if means[group] == "geometric":
            value = np.exp(value)
        if covering:
            covered: Any = 0.0
            entered: Any = 0.0
            for at, there, part in zip(below, present, weight.T, strict=True):
                covered = covered + np.where(there, coverage[at], 0.0) * part
                entered = entered + there
            coverage[group] = covered / _total(weight)
            enough = reaches(coverage[group], thresholds[group])
            enough = enough & reaches(entered / len(below), child_thresholds[group])
            value = np.where(enough, value, np.nan)
        score[group] = _carried(value, rounding[group], last=group == 0)
        for at in below:
            del score[at]
    return Weighed(np.broadcast_to(score[0], (*scores.shape[:-1], count)), possible)


def _carried(value: Floats, policy: Rounding | None, *, last: bool = False) -> Floats:
    """What the parent goes on with; of the index itself, what is published."""
    if policy is None or (policy.passed == "exact" and not last):
        return value
    return rounded(value, policy.decimals, policy.rule)


def _once(weights: Floats) -> Floats:
    """One row where all rows are the same."""
    return weights[:1] if (weights == weights[:1]).all() else weights


def _total(weights: Floats) -> Floats:
    """The sum over the children, one after the other."""
    total = np.zeros(len(weights))
    for part in weights.T:
        total = total + part
    return total


def _mean_complete(values: Sequence[Floats], weights: Floats) -> Floats:
    shares = (weights / _total(weights)[:, None]).T
    mean = np.zeros(np.broadcast_shapes(*(one.shape for one in values), (len(weights),)))
    term = np.empty_like(mean)
    for value, share in zip(values, shares, strict=True):
        np.multiply(share, value, out=term)
        mean += term
    return mean


def _mean_present(values: Sequence[Floats], present: Sequence[Bools], weights: Floats) -> Floats:
    """The weights of missing children go to the others; NaN where no child has a score."""
    total: Any = 0.0
    for there, weight in zip(present, weights.T, strict=True):
        total = total + np.where(there, weight, 0.0)
    mean: Any = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):  # w / 0 where no child has a score
        for value, there, weight in zip(values, present, weights.T, strict=True):
            mean = mean + np.where(there, weight / total * value, 0.0)
    return np.where(total > 0, mean, np.nan)
