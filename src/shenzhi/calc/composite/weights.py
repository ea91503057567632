"""Where weights come from: given, equal, from the scores themselves, from comparisons, from experts (article 86).

A function of WEIGHTINGS takes the scores of the children of one group, (..., units, children) with NaN where a child has
none, and gives one `Weighting`: weights in the order of those children, which add up to 1. All periods of a panel count
together; for the weights of one period give that period. `ahp` and `budget` need no scores, only judgements. `weigh_groups` does
it for groups of a tree, `noisy` draws weights round those a tree has; `Tree.effective_weight` says what they come to.

    >>> scores = [[10.0, 50.0], [20.0, 10.0], [40.0, 30.0], [80.0, 90.0]]
    >>> WEIGHTINGS["equal"](scores).weight.tolist()
    [0.5, 0.5]
    >>> entropy(scores).weight.round(3).tolist()
    [0.526, 0.474]
    >>> ahp([[1, 3], [1 / 3, 1]]).weight.round(12).tolist()
    [0.75, 0.25]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.aggregate import refuse_weights
from shenzhi.calc.composite.correlation import (
    Components,
    components,
    correlate,
    in_fixed_order,
    refuse_constant_columns,
)
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed, refuse_infinity
from shenzhi.calc.composite.tree import Tree

NO_LABELS = Labels()
# A loading no larger is rounding noise round 0.
NO_LOADING = 1e-12
# A component whose loadings have no larger sum points neither way.
UNTURNED = 1e-9


@dataclass(frozen=True)
class Weighting:
    """`weight` (children): adds up to 1. `left_out` (children): True for a child that the method set aside because it
    was told to; its weight is 0, and it must be taken out of the tree. `used`: the figures behind the weights, by name.
    """

    weight: Floats
    left_out: NDArray[np.bool_]
    used: Mapping[str, Floats] = field(default_factory=dict)


def _sharing(points: Floats, **used: ArrayLike) -> Weighting:
    return Weighting(
        points / points.sum(), points == 0, {name: as_floats(value) for name, value in used.items()}
    )


def equal(scores: ArrayLike, labels: Labels = NO_LABELS) -> Weighting:
    """The same weight for every child."""
    return _sharing(np.ones(as_floats(scores).shape[-1]))


def given(scores: ArrayLike, labels: Labels = NO_LABELS, *, weights: ArrayLike) -> Weighting:
    """The weights that somebody set, brought to a sum of 1; they must be above 0."""
    weight = as_floats(weights)
    refuse_weights(weight, labels)
    return _sharing(weight)


def pca(
    scores: ArrayLike,
    labels: Labels = NO_LABELS,
    *,
    scale: bool = True,
    form: str = "loadings",
    negative: str = "refuse",
) -> Weighting:
    """Weights from the first principal component of the children, over the units that have all of them.

    `form`: "loadings" weighs by the loadings themselves, "squared" by their squares, which are the shares of the
    component that each child accounts for (Nicoletti, Scarpetta and Boylaud 2000; Handbook, step 6).

    A component and its opposite are the same component: it is turned so that its loadings have a sum above 0. A child
    that still has a negative loading runs against the others, and as a weight it would reward what should count against a
    unit. `negative`: "refuse" names such children; "leave_out" sets them aside and takes the component of the rest
    (again, until none is negative). `used`: loadings, explained (the share of the variance), units."""
    values = _pooled(scores, labels)
    if form not in ("loadings", "squared") or negative not in ("refuse", "leave_out"):
        raise CompositeError(
            [f"form is loadings or squared (got {form}), negative is refuse or leave_out (got {negative})"]
        )
    count = values.shape[1]
    kept = np.arange(count)
    while True:
        names = [labels.indicator(int(at)) for at in kept]
        found = components(values[:, kept], scale=scale, labels=Labels(names))
        loading = found.loadings[:, 0]
        if len(kept) > 1:
            _refuse_undetermined(found, names)
        against = loading <= NO_LOADING
        if not against.any():
            break
        if negative == "refuse":
            told = [f"{names[at]} ({loading[at]:.3f})" for at in np.flatnonzero(against)]
            raise CompositeError(
                [
                    f"children that run against the first component have no loading above 0: {listed(told)}; check their "
                    "direction, put them into a group of their own, or say negative: leave_out"
                ]
            )
        kept = kept[~against]
    points, loadings = np.zeros(count), np.full(count, np.nan)
    loadings[kept] = loading
    points[kept] = loading if form == "loadings" else loading**2
    return _sharing(points, loadings=loadings, explained=found.explained[0], units=found.rows.sum())


def entropy(scores: ArrayLike, labels: Labels = NO_LABELS) -> Weighting:
    """Entropy weights (熵权法): the more unevenly a child's scores are spread over the units, the more it weighs.

    p = x / sum(x) over the n units that have a value; e = -sum(p ln p) / ln n; weight = (1 - e) / sum(1 - e). A score of
    0 gives p ln p = 0, its limit, so nothing is shifted; a negative score has no share of a sum and is refused by name. The
    weights depend on where the scale has its 0: use them on scores from 0, such as min-max. `used`: entropy."""
    values = _pooled(scores, labels)
    wrong = [labels.indicator(int(at)) for at in np.flatnonzero((values < 0).any(axis=0))]
    if wrong:
        raise CompositeError(
            [
                f"entropy weights need scores of 0 or more: {listed(wrong)}; normalise to a scale that begins at 0 first"
            ]
        )
    refuse_constant_columns(values, labels)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = values / np.nansum(values, axis=0)
        terms = np.where(part > 0, part * np.log(part), 0.0)
    level = -terms.sum(axis=0) / np.log((~np.isnan(values)).sum(axis=0))
    return _sharing(1 - level, entropy=level)


def critic(scores: ArrayLike, labels: Labels = NO_LABELS, *, rescale: bool = True) -> Weighting:
    """CRITIC weights: a child weighs more when its scores differ more, and when others say less of the same.

    weight is proportional to s_j * sum over k of (1 - r_jk), s the deviation (n - 1) and r the correlation over the units
    that have both (Diakoulaki, Mavrotas and Papayannakis 1995, Computers & Operations Research 22). With `rescale` scores
    go onto 0..1 first, as in the paper, so that the scale they come on does not matter; without it, a scale with fixed
    posts keeps its say. `used`: deviation, conflict."""
    values = _pooled(scores, labels)
    refuse_constant_columns(values, labels)
    if rescale:
        least = np.nanmin(values, axis=0)
        values = (values - least) / (np.nanmax(values, axis=0) - least)
    deviation = np.nanstd(values, axis=0, ddof=1)
    r = correlate(values, labels=labels).r
    unknown = [labels.indicator(int(at)) for at in np.flatnonzero(np.isnan(r).any(axis=0))]
    if unknown:
        raise CompositeError(
            [
                f"{listed(unknown)}: no correlation with some other child, for want of units that have both; impute first"
            ]
        )
    conflict = (1 - r).sum(axis=0)
    if len(conflict) == 1:
        return _sharing(np.ones(1), deviation=deviation, conflict=conflict)
    if not (conflict > len(conflict) * 1e-12).all():
        same = [labels.indicator(int(at)) for at in np.flatnonzero(conflict <= len(conflict) * 1e-12)]
        raise CompositeError(
            [f"{listed(same)}: says exactly what all the others say, so it has no weight of its own"]
        )
    return _sharing(deviation * conflict, deviation=deviation, conflict=conflict)


# Saaty 1980, The Analytic Hierarchy Process: the mean consistency index of random judgements, by number of children.
RANDOM_INDEX = (0, 0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)


def ahp(
    judgements: ArrayLike,
    labels: Labels = NO_LABELS,
    *,
    limit: float = 0.1,
    random_index: float | None = None,
) -> Weighting:
    """Weights by the analytic hierarchy process (层次分析法) from comparisons of every two children.

    `judgements` (children, children), or (judges, children, children): how many times as important the row is as the
    column, 1/9 to 9 as a rule. The two halves must say the same, a_kj = 1 / a_jk; one of them may be left empty (NaN).
    Several judges become one by the geometric mean, which keeps that (Aczel and Saaty 1983). Weights are the principal
    eigenvector; consistency index CI = (lambda - n) / (n - 1), ratio CR = CI / RI. Refused when CR is above `limit`,
    naming the judgement that fits the others least; a higher limit must be asked for. RI is Saaty's, for up to 15 children;
    beyond, give `random_index`. `used`: eigenvalue, index, ratio, ratios (one for each judge)."""
    matrix = as_floats(judgements)
    if matrix.ndim not in (2, 3) or matrix.shape[-1] != matrix.shape[-2] or not matrix.size:
        raise CompositeError(
            [f"judgements are one square table, or one for each judge (got shape {matrix.shape})"]
        )
    tables = matrix.reshape(-1, *matrix.shape[-2:])
    count = tables.shape[-1]
    if random_index is None and count >= len(RANDOM_INDEX):
        raise CompositeError(
            [
                f"the random index is known for up to {len(RANDOM_INDEX) - 1} children, not {count}: form groups, or give random_index"
            ]
        )
    chance = RANDOM_INDEX[count] if random_index is None else random_index
    tables = _reciprocal(tables, labels)
    together = np.exp(np.log(tables).mean(axis=0))
    eigenvalue, weight = _principal(together)
    found = [
        _consistency(value, count, chance) for value in (eigenvalue, *(_principal(one)[0] for one in tables))
    ]
    (index, ratio), ratios = found[0], [one[1] for one in found[1:]]
    if ratio > limit:
        misfit = np.abs(np.log(together * weight / weight[:, None]))
        row, column = (int(at) for at in np.unravel_index(np.argmax(misfit), misfit.shape))
        raise CompositeError(
            [
                f"judgements contradict each other: consistency ratio {ratio:.3f} is above {limit:g}; look first at "
                f"{labels.indicator(row)} against {labels.indicator(column)}: {together[row, column]:.3g} was said, "
                f"{weight[row] / weight[column]:.3g} would fit the others"
            ]
        )
    return _sharing(weight, eigenvalue=eigenvalue, index=index, ratio=ratio, ratios=ratios)


def budget(points: ArrayLike, labels: Labels = NO_LABELS, *, total: float | None = None) -> Weighting:
    """Budget allocation: experts share out points, a child's weight is the mean of its shares.

    `points` (experts, children), 0 or more and none empty. With `total`, every expert must have given out just that.
    `used`, each (children): least, most and deviation (n - 1; NaN for one expert) of the experts' shares, to see where
    they disagree."""
    table = np.atleast_2d(as_floats(points))
    faults = []
    for at, row in enumerate(table):
        if not np.isfinite(row).all() or (row < 0).any() or not row.sum() > 0:
            faults.append(
                f"{labels.unit((at,))}: points are numbers of 0 or more, and not all 0; give 0 to a child without any"
            )
        elif total is not None and abs(row.sum() - total) > 1e-9 * total:
            faults.append(f"{labels.unit((at,))}: {row.sum():g} points were given out, {total:g} must be")
    if not faults:
        unwanted = [labels.indicator(int(at)) for at in np.flatnonzero(table.sum(axis=0) == 0)]
        if unwanted:
            faults.append(f"no expert gave a point to {listed(unwanted)}; take it out of the tree")
    if faults:
        raise CompositeError(faults)
    share = in_fixed_order(table / table.sum(axis=1, keepdims=True))
    deviation = share.std(axis=0, ddof=1) if len(share) > 1 else np.full(share.shape[1], np.nan)
    return _sharing(share.mean(axis=0), least=share.min(axis=0), most=share.max(axis=0), deviation=deviation)


def _judged(by: Callable[..., Weighting], name: str) -> Callable[..., Weighting]:
    """The same from judgements alone, in the form of the others: scores first, of which only the number counts."""

    def weighting(scores: ArrayLike, labels: Labels = NO_LABELS, **parameters: Any) -> Weighting:
        found = by(parameters.pop(name), Labels(labels.indicators), **parameters)
        count = as_floats(scores).shape[-1]
        if len(found.weight) != count:
            raise CompositeError(
                [f"{name} are about {len(found.weight)} children, but the group has {count}"]
            )
        return found

    return weighting


# A method file names one of these; a new one is one entry. Each is called with (scores, labels, **parameters).
WEIGHTINGS: dict[str, Callable[..., Weighting]] = {
    "equal": equal,
    "given": given,
    "pca": pca,
    "entropy": entropy,
    "critic": critic,
    "ahp": _judged(ahp, "judgements"),
    "budget": _judged(budget, "points"),
}


@dataclass(frozen=True)
class WeighBy:
    """One way of weighing the children of a group: a name in WEIGHTINGS and its parameters."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupWeights:
    """`weight` (nodes): as the tree's, with new weights under the groups that were weighed. `left_out` (nodes): children
    set aside, with weight 0. `by`: the Weighting of each group, by its code."""

    weight: Floats
    left_out: NDArray[np.bool_]
    by: Mapping[str, Weighting]


def weigh_groups(tree: Tree, scores: ArrayLike, plan: Mapping[str, WeighBy]) -> GroupWeights:
    """Weights of a tree: the children of each group in `plan` by the way it names, the others as they were.

    `scores` (..., units, nodes): of every node, such as `Composite.score`. Faults of all groups come together. Where no
    child was left out, `Tree(tree.codes, tree.parent, found.weight)` is the tree with the new weights."""
    values = as_floats(scores)
    weight, left_out = tree.weight.copy(), np.zeros(len(tree.codes), dtype=bool)
    by: dict[str, Weighting] = {}
    faults = []
    groups = {tree.codes[group]: group for group in tree.groups}
    for code, way in plan.items():
        if code not in groups:
            faults.append(f"{code}: no such group in the tree")
        elif way.name not in WEIGHTINGS:
            faults.append(f"{code}: {way.name} is no way of weighing; known are {', '.join(WEIGHTINGS)}")
        else:
            below = tree.children[groups[code]]
            try:
                by[code] = WEIGHTINGS[way.name](
                    values[..., below], Labels([tree.codes[at] for at in below]), **way.parameters
                )
            except CompositeError as error:
                faults += [f"{code}: {fault}" for fault in error.faults]
                continue
            weight[below], left_out[below] = by[code].weight, by[code].left_out
    if faults:
        raise CompositeError(faults)
    return GroupWeights(weight, left_out, by)


def noisy(
    tree: Tree,
    factors: Mapping[int, float],
    draws: int,
    rng: np.random.Generator,
    *,
    renormalise: bool = True,
) -> Floats:
    """`draws` sets of weights (draws, nodes) round those of the tree: w * (1 + u * factor), u even on -1..1.

    `factors`: for each level that varies (1: leaves), how far, 0 to below 1. With `renormalise` siblings keep the sum they
    had, so that a draw changes their proportions and nothing else; the effective weights are the same either way. Every
    node takes a number of every draw, so the draws of one level do not depend on which other levels vary."""
    wrong = [f"level {level}: {factor:g}" for level, factor in factors.items() if not 0 <= factor < 1]
    if wrong:
        raise CompositeError(
            [f"a factor of noise is 0 or more and below 1, or weights could become 0: {listed(wrong)}"]
        )
    strange = sorted(set(factors) - set(tree.level.tolist()))
    if strange:
        raise CompositeError([f"the tree has no level {listed([str(level) for level in strange])}"])
    factor = np.array([factors.get(int(level), 0.0) for level in tree.level])
    weight = tree.weight * (1 + rng.uniform(-1, 1, (draws, len(tree.codes))) * factor)
    if renormalise:
        for group in tree.groups:
            below = tree.children[group]
            if factor[below].any():
                weight[:, below] *= tree.weight[below].sum() / weight[:, below].sum(axis=1, keepdims=True)
    return weight


def _pooled(scores: ArrayLike, labels: Labels) -> Floats:
    """All periods and units one under the other, in an order of their own; rows without any score left away."""
    values = as_floats(scores)
    refuse_infinity(values, labels)
    rows = values.reshape(-1, values.shape[-1])
    return in_fixed_order(rows[~np.isnan(rows).all(axis=1)])


def _refuse_undetermined(found: Components, names: Sequence[str]) -> None:
    """CompositeError where rounding noise would decide which direction it is, or which way round it points."""
    if not found.first_is_determined:
        raise CompositeError(
            [
                f"{listed(names)}: the second component explains as much as the first, so neither gives weights; "
                "weigh equally"
            ]
        )
    if abs(found.loadings[:, 0].sum()) < UNTURNED:
        raise CompositeError(
            [
                f"{listed(names)}: as much of the first component runs one way as the other, so nothing tells which of "
                "them it is for; check their direction, or put them into different groups"
            ]
        )


def _reciprocal(tables: Floats, labels: Labels) -> Floats:
    """Judgements with both halves filled in, or CompositeError naming every pair that does not agree."""
    diagonal = np.arange(tables.shape[-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        full = np.where(np.isnan(tables), 1 / tables.transpose(0, 2, 1), tables)
        full[:, diagonal, diagonal] = np.where(
            np.isnan(full[:, diagonal, diagonal]), 1.0, full[:, diagonal, diagonal]
        )
        sound = np.isfinite(full) & (full > 0) & (np.abs(full * full.transpose(0, 2, 1) - 1) <= 1e-6)
    several = len(tables) > 1
    faults = [
        f"{labels.indicator(int(row))} against {labels.indicator(int(column))}"
        f"{f' (judge {judge + 1})' if several else ''}: {full[judge, row, column]:g} one way and "
        f"{full[judge, column, row]:g} the other"
        for judge, row, column in np.argwhere(~sound)
        if row <= column
    ]
    if faults:
        raise CompositeError(
            [
                *faults,
                "a judgement is above 0, and the other way round it is 1 divided by it; leave that half empty to have it so",
            ]
        )
    return full


def _principal(table: Floats) -> tuple[float, Floats]:
    """The largest eigenvalue of a positive table and its eigenvector, which is positive (Perron) and adds up to 1."""
    values, vectors = np.linalg.eig(table)
    at = int(np.argmax(values.real))
    vector = np.abs(vectors[:, at].real)
    return float(values[at].real), vector / vector.sum()


def _consistency(eigenvalue: float, count: int, chance: float) -> tuple[float, float]:
    """Index and ratio; two children cannot contradict each other."""
    if count < 3:
        return 0.0, 0.0
    index = max(0.0, (eigenvalue - count) / (count - 1))
    return index, index / chance
