"""From the scores of indicators up the tree to the index, with every part kept (article 86).

scores of leaves (..., units, leaves)  ->  Composite: arrays (..., units, nodes)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.aggregate import AGGREGATIONS, added
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats
from shenzhi.calc.composite.screening import reaches
from shenzhi.calc.composite.tree import Tree


@dataclass(frozen=True)
class Composite:
    """Every node of every unit; all arrays have shape (..., units, nodes), nodes in the order of the tree.

    `score`         NaN where there is none
    `share`         weight in force within the parent (0..1); NaN where the node or its parent has no score; root 1
    `factor`        which times the score is the contribution; the same as `share` under an arithmetic mean
    `contribution`  what the node gave to its parent's score; NaN likewise; the root's is its score
    `coverage`      share (0..1) of the weight below the node whose values entered; a leaf's is 1 or 0
    `available`     how many leaves below entered
    `withheld`      True where there were values, but less coverage than the node's threshold

    The contributions of a node's children add up to its score. A withheld node counts as missing for its parent, in
    the score, in the coverage and among the available."""

    score: Floats
    share: Floats
    factor: Floats
    contribution: Floats
    coverage: Floats
    available: NDArray[np.intp]
    withheld: NDArray[np.bool_]


def compose(
    tree: Tree,
    leaf_scores: ArrayLike,
    aggregations: Sequence[str],
    thresholds: ArrayLike = 0.0,
    labels: Labels | None = None,
) -> Composite:
    """The means of the tree over `leaf_scores` (..., units, leaves; columns in the order of `tree.leaves`).

    `aggregations` (nodes): a name in AGGREGATIONS for each node; a leaf's is not read. `thresholds` (nodes, or one for
    all): least coverage at which a group is scored. CompositeError gathers the faults of all groups, as far as their
    children could be scored.

    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
    >>> nan = float("nan")
    >>> result = compose(tree, [[80.0, 60.0], [nan, 60.0]], ["arithmetic"] * 3, 0.5)
    >>> result.score[:, 0].tolist(), result.coverage[:, 0].tolist(), result.withheld[:, 0].tolist()
    ([75.0, nan], [1.0, 0.25], [False, True])
    """
    values = as_floats(leaf_scores)
    if values.shape[-1] != len(tree.leaves):
        raise CompositeError(
            [f"the tree has {len(tree.leaves)} leaves, but the scores have {values.shape[-1]} columns"]
        )
    shape = (*values.shape[:-1], len(tree.codes))
    threshold = np.broadcast_to(as_floats(thresholds), (len(tree.codes),))
    score, share, factor, contribution = (np.full(shape, np.nan) for _ in range(4))
    coverage, withheld = np.zeros(shape), np.zeros(shape, dtype=bool)
    available = np.zeros(shape, dtype=np.intp)
    score[..., tree.leaves] = values
    coverage[..., tree.leaves] = ~np.isnan(values)
    available[..., tree.leaves] = ~np.isnan(values)
    faults: list[tuple[int, str]] = []
    for group in tree.groups:
        below = tree.children[group]
        named = Labels(
            [tree.codes[at] for at in below], labels.units if labels else (), labels.frames if labels else ()
        )
        try:
            mean = AGGREGATIONS[aggregations[group]](score[..., below], tree.weight[below], named)
        except CompositeError as error:
            faults += [(int(group), f"{tree.codes[group]}: {fault}") for fault in error.faults]
            continue
        entered = ~np.isnan(score[..., below])
        whole = added(tree.weight[below])
        coverage[..., group] = (
            added(np.where(entered, coverage[..., below], 0.0) * tree.weight[below]) / whole
        )
        available[..., group] = np.where(entered, available[..., below], 0).sum(axis=-1)
        has_values = entered.any(axis=-1)
        kept = has_values & reaches(coverage[..., group], threshold[group])
        withheld[..., group] = has_values & ~kept
        score[..., group] = np.where(kept, mean.value, np.nan)
        share[..., below] = np.where(kept[..., None], mean.share, np.nan)
        factor[..., below] = np.where(kept[..., None], mean.factor, np.nan)
        contribution[..., below] = np.where(kept[..., None], mean.contribution, np.nan)
    if faults:
        raise CompositeError([fault for _, fault in sorted(faults)])
    share[..., 0] = factor[..., 0] = np.where(np.isnan(score[..., 0]), np.nan, 1.0)
    contribution[..., 0] = score[..., 0]
    return Composite(score, share, factor, contribution, coverage, available, withheld)


def reach(tree: Tree, composite: Composite, node: int = 0) -> Floats:
    """What every node under `node` gave to its score (..., units, nodes): its score times the factors on the way up.

    The leaves under a node add up to its score, however deep they lie. NaN outside the part of the tree under `node`,
    and where something on the way has no score."""
    factor = np.full(composite.score.shape, np.nan)
    factor[..., node] = np.where(np.isnan(composite.score[..., node]), np.nan, 1.0)
    for group in tree.groups[::-1]:  # parents before children
        if group >= node:
            below = tree.children[group]
            factor[..., below] = factor[..., group, None] * composite.factor[..., below]
    return factor * composite.score
