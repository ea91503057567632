"""Weights that give each part of the index the importance it is meant to have (article 86).

A weight is not an importance: with equal weights, a pillar that moves with all others decides the ranking, and one that
goes its own way hardly counts. The importance of an element is its correlation with the index (Paruolo, Saisana and
Saltelli 2013, Journal of the Royal Statistical Society A 176). `optimise` looks for the weights, none below a least
share, that come nearest to the importances asked for, and says what importances they do give.

    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
    >>> scores = [[1.0, 2.0], [2.0, 5.0], [4.0, 1.0], [3.0, 9.0]]
    >>> from shenzhi.calc.composite.compose import compose
    >>> found = optimise(tree, compose(tree, scores, ["arithmetic"] * 3).score, ["arithmetic"] * 3, level=1)
    >>> found.share.round(6).tolist(), found.at_least.any()
    ([0.5, 0.5], np.False_)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, minimize

from shenzhi.calc.composite.correlation import correlate, in_fixed_order
from shenzhi.calc.composite.labels import CompositeError, Floats, as_floats, listed
from shenzhi.calc.composite.tree import Places, Tree
from shenzhi.calc.composite.weightings import weigh

# SLSQP stops when a step no longer changes the aim by more; aims are brought to the size of 1 first.
TOLERANCE = 1e-15
STEPS = 300
# The slope that may be left along the best direction still open, for the optimum to count as reached.
FLAT = 1e-5


def _balance(importance: Floats, target: Floats) -> float:
    """Mean squared distance of the shares of importance from their targets."""
    return float(np.mean((importance / importance.sum() - target) ** 2))


def _infomax(importance: Floats, target: Floats) -> float:
    """The sum of importances, which is to be large: minus it is to be small."""
    return -float(importance.sum())


# What is made small; a new aim is one entry.
AIMS: dict[str, Callable[[Floats, Floats], float]] = {"balance": _balance, "infomax": _infomax}


@dataclass(frozen=True)
class Optimised:
    """All but `weight` in the order of `elements`, which is that of the tree.

    `weight` (nodes): the tree's, with new weights for the elements; the weights of one group keep their sum.
    `codes`: names of the elements. `importance`: correlation of each with the index under `weight`. `share`: of the sum of
    importances. `target`: the share asked for (NaN for "infomax"). `at_least`: True where the least share held the weight.
    `aim`: what was made small, computed from `importance`; `before`, the same under the tree's own weights. `reached`:
    whether nothing near is better."""

    weight: Floats
    elements: Places
    codes: tuple[str, ...]
    importance: Floats
    share: Floats
    target: Floats
    at_least: NDArray[np.bool_]
    aim: float
    before: float
    reached: bool


def optimise(
    tree: Tree,
    scores: ArrayLike,
    aggregations: Sequence[Any],
    *,
    level: int,
    aim: str = "balance",
    targets: Mapping[str, float] | None = None,
    least: float = 0.01,
) -> Optimised:
    """The weights of the nodes at `level` (1: leaves) that serve `aim` best.

    `scores` (..., units, nodes): of every node, such as `Composite.score`; units without an index have no part, and a
    group is scored from what it has. `aggregations` (nodes): as in `compose`. `aim`, a name in AIMS:
    "balance"  shares of importance as near as can be to `targets` (by code, in any order; equal without)
    "infomax"  the largest sum of importances: the index that says most about its elements
    `least`: each element keeps at least this share of its group's weight (above 0, since a weight is above 0).

    The search (SLSQP, from the tree's weights, equal ones, and the targets) takes no random steps, and the order of the
    units changes nothing. CompositeError names elements whose scores do not vary and codes without a target."""
    values = as_floats(scores).reshape(-1, len(tree.codes))
    values = in_fixed_order(values[~np.isnan(values[:, 0])])
    elements = np.flatnonzero(tree.level == level)
    target = _targets(tree, elements, values, aim, targets, level)
    top, kept = _above(tree, elements)
    ways = [aggregations[at] for at in kept]
    at = np.searchsorted(kept, elements)
    groups = [
        np.flatnonzero(tree.parent[elements] == group)
        for group in dict.fromkeys(tree.parent[elements].tolist())
    ]
    _refuse_least(tree, elements, groups, least)

    def importances(weight: Floats) -> Floats:
        """(weightings, elements) from as many rows of weights, all in one pass over the tree."""
        weights = np.tile(top.weight, (len(weight), 1))
        weights[:, at] = weight
        index = weigh(top, values[:, kept[top.leaves]], ways, weights=weights).score
        return correlate(values[:, elements], index).r.T

    def aim_and_slope(weight: Floats) -> tuple[float, Floats]:
        step = np.cbrt(np.finfo(float).eps) * np.maximum(weight, least)
        rows = np.vstack([weight, weight + np.diag(step), weight - np.diag(step)])
        aims = np.array([size * AIMS[aim](one, target) for one in importances(rows)])
        up, down = np.split(aims[1:], 2)
        return float(aims[0]), (up - down) / (2 * step)

    own = tree.weight[elements]
    size = {"balance": float(len(elements) ** 2), "infomax": 1.0 / len(elements)}[aim]
    bounds = np.empty((len(elements), 2))
    for members in groups:
        bounds[members] = least * own[members].sum(), own[members].sum()
    starts = [own, np.ones(len(own)), *([] if aim == "infomax" else [target])]
    found = [
        _searched(aim_and_slope, _within(start, own, groups, bounds), own, groups, bounds) for start in starts
    ]
    best = min(found, key=lambda one: float(one.fun))
    chosen = _within(best.x, own, groups, bounds)
    obtained, before = importances(np.vstack([chosen, own]))
    weight = tree.weight.copy()
    weight[elements] = chosen
    held = chosen <= bounds[:, 0] * (1 + 1e-6)
    return Optimised(
        weight,
        elements,
        tuple(tree.codes[element] for element in elements),
        obtained,
        obtained / obtained.sum(),
        target,
        held,
        AIMS[aim](obtained, target),
        AIMS[aim](before, target),
        _is_flat(as_floats(best.jac), chosen, held, groups),
    )


def _searched(
    aim_and_slope: Callable[[Floats], tuple[float, Floats]],
    start: Floats,
    own: Floats,
    groups: Sequence[Places],
    bounds: Floats,
) -> OptimizeResult:
    """The best weights on the way down from `start`."""
    sums = np.zeros((len(groups), len(own)))
    for row, members in enumerate(groups):
        sums[row, members] = 1.0
    result: OptimizeResult = minimize(
        aim_and_slope,
        start,
        jac=True,
        method="SLSQP",
        bounds=Bounds(bounds[:, 0], bounds[:, 1]),
        constraints=LinearConstraint(sums, sums @ own, sums @ own),
        options={"ftol": TOLERANCE, "maxiter": STEPS},
    )
    return result


def _targets(
    tree: Tree, elements: Places, values: Floats, aim: str, targets: Mapping[str, float] | None, level: int
) -> Floats:
    """Shares asked for, in the order of the elements; every fault of the question at once."""
    codes = [tree.codes[element] for element in elements]
    faults = []
    if aim not in AIMS:
        faults.append(f"{aim} is no aim; known are {', '.join(AIMS)}")
    if len(elements) < 2:
        faults.append(f"level {level} of the tree has {len(elements)} nodes; weights need at least 2")
    if len(values) < 3:
        faults.append(f"{len(values)} units have an index; importances need at least 3")
    column = values[:, elements]
    still = [
        code for code, one in zip(codes, column.T, strict=True) if len(np.unique(one[~np.isnan(one)])) < 2
    ]
    if still and len(values) >= 3:
        faults.append(f"{listed(still)}: scores do not vary, so no weight gives them importance")
    if targets is not None:
        if aim == "infomax":
            faults.append("infomax has no targets; leave them out, or take balance")
        lacking = [code for code in codes if code not in targets]
        strange = [code for code in targets if code not in codes]
        wrong = [code for code in codes if code in targets and not (0 < targets[code] < np.inf)]
        if lacking:
            faults.append(f"no target for {listed(lacking)}; give one for every node of level {level}")
        if strange:
            faults.append(f"targets for {listed(strange)}, which level {level} of the tree does not have")
        if wrong:
            faults.append(f"a target is a number above 0: {listed(wrong)}")
    if faults:
        raise CompositeError(faults)
    if aim == "infomax":
        return np.full(len(codes), np.nan)
    asked = np.array([1.0 if targets is None else targets[code] for code in codes])
    return asked / asked.sum()


def _refuse_least(tree: Tree, elements: Places, groups: Sequence[Places], least: float) -> None:
    tight = [tree.codes[tree.parent[elements[members[0]]]] for members in groups if least * len(members) > 1]
    if not least > 0 or tight:
        raise CompositeError(
            [
                f"least share {least:g}: must be above 0 and leave room for all children {'of ' + listed(tight) if tight else ''}"
            ]
        )


def _above(tree: Tree, elements: Places) -> tuple[Tree, Places]:
    """The tree down to the elements, and which nodes it keeps: those above them, and the children of these."""
    above = np.zeros(len(tree.codes), dtype=bool)
    for element in elements:
        at = int(tree.parent[element])
        while at >= 0 and not above[at]:
            above[at] = True
            at = int(tree.parent[at])
    keep = above.copy()
    for group in np.flatnonzero(above):
        keep[tree.children[group]] = True
    kept = np.flatnonzero(keep)
    parent = np.searchsorted(kept, tree.parent[kept])
    parent[0] = -1
    return Tree(tuple(tree.codes[at] for at in kept), parent.astype(np.intp), tree.weight[kept]), kept


def _within(weight: Floats, own: Floats, groups: Sequence[Places], bounds: Floats) -> Floats:
    """`weight` with each group brought to the sum of `own` and none below its bound."""
    result = weight.copy()
    for members in groups:
        part = result[members] * (own[members].sum() / result[members].sum())
        low = bounds[members, 0]
        spare = np.maximum(part - low, 0)  # what is above the bound shares what the bounds leave
        room = own[members].sum() - low.sum()
        result[members] = low + (spare * (room / spare.sum()) if spare.sum() > 0 else room / len(members))
    return result


def _is_flat(slope: Floats, weight: Floats, held: NDArray[np.bool_], groups: Sequence[Places]) -> bool:
    """Whether no weight can be moved between two members of a group so that the aim gets better."""
    for members in groups:
        scaled = slope[members] * weight[members].sum()
        free = ~held[members]
        # weight moves from the member where it does most harm, if it has any to give, to where it does most good
        if free.any() and scaled[free].max() - scaled.min() > FLAT:
            return False
    return True
