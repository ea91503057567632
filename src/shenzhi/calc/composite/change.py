"""Why an index moved from one period or version to another: raw figures, frame, coverage, weights, rules (article 86).

`explain` takes two built indices and gives the change of any node's score, for every unit, as parts by ingredient and node
that add up to it exactly. Only ingredients that differ take part:

    raw            a figure became another one
    imputation     a figure before or after was filled in, or the plan for filling changed
    treatment      a figure before or after was changed as an outlier, or the plan for outliers changed
    denomination   what figures are divided by
    frame          the figures a normalisation used: observed least and most, mean and deviation, goalposts, ends of the
                   scale; other units' figures, where a mean compares units
    normalisation  another method for an indicator
    coverage       what came in and what dropped out: figures, indicators, thresholds
    weights, aggregation
    items          points of bonus and deduction items, or the rules by which they count
    rounding

How it is divided: the ingredients that differ are taken over one by one, in every order, each time building the index
again; the mean over the orders is each ingredient's part (the Shapley value; Shorrocks 2013, Journal of Economic
Inequality 11). Each step is divided down to the single indicators by `split`, which says what is exact there and what is
convention. Two more conventions: a cell that was filled in or treated on either side gives its change to `imputation` or
`treatment`; points of items move together with the figures; and which data set fills, trims and sets the frame changes at once with it, while the frame that scores a
figure is an ingredient of its own. Where a mixture of the two sides cannot be built, the two ends are compared directly,
scores against scores, and `mixed` says so for each unit.

`like_for_like` compares two periods on the indicators that both have.

    >>> from shenzhi.calc.composite.normalise import Scaling
    >>> from shenzhi.calc.composite.recipe import Recipe, build, with_weights
    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
    >>> recipe = Recipe(tree, [Scaling("efficacy", 1, {"posts": (0, 100)})] * 2)
    >>> before = build(recipe, [[50.0, 50.0]])
    >>> after = build(with_weights(recipe, {"a": 1.0}), [[60.0, 40.0]])
    >>> found = explain(before, after)
    >>> {name: part[0].round(9).tolist() for name, part in found.parts.items()}  # scores 80, 80 become 84, 76
    {'raw': [0.0, 2.5, -1.5], 'weights': [0.0, -0.375, -0.625]}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.aggregate import added
from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.labels import CompositeError, Floats, as_floats
from shenzhi.calc.composite.mixture import INGREDIENTS, Case, placed
from shenzhi.calc.composite.recipe import Built
from shenzhi.calc.composite.split import COMPARED, Outcome, Split, orders, split
from shenzhi.calc.composite.tree import Tree


@dataclass(frozen=True)
class Explanation(Split):
    """A `Split` whose causes are INGREDIENTS, and what its axes mean: `tree`, with the nodes of both sides, and `units`.

    `mixed` (...): False where only the two ends could be compared, not the mixtures between them; all that moved scores is
    then one, under the first of raw, normalisation, frame, treatment that differs. `faults`: why there was no mixture."""

    tree: Tree
    node: int
    units: Sequence[str]
    mixed: NDArray[np.bool_]
    faults: tuple[str, ...] = ()


def like_for_like(
    tree: Tree, before: ArrayLike, after: ArrayLike, aggregations: Sequence[Any], node: int = 0
) -> Split:
    """The change on the indicators that are known both times: leaf scores `before` and `after` (..., leaves).

    Both are composed on those indicators alone, with the tree's own weights; all of the change is then of `scores`, and
    `before` and `after` of the answer are the scores on those indicators. A unit without a common indicator is absent.

    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
    >>> found = like_for_like(tree, [[80.0, 60.0]], [[84.0, float("nan")]], ["arithmetic"] * 3)
    >>> found.before.tolist(), found.after.tolist(), found.share[0].tolist()
    ([80.0], [84.0], [1.0, 1.0, 0.0])
    """
    first, last = as_floats(before), as_floats(after)
    common = ~np.isnan(first) & ~np.isnan(last)

    # both at once: the way up the tree costs more than the figures of a few units
    scores = np.stack([np.where(common, one, np.nan) for one in (first, last)])
    ends = compose(tree, scores if first.ndim > 1 else scores[:, None], aggregations).score
    ends = ends.reshape(2, *first.shape[:-1], len(tree.codes))
    outcomes = [Outcome(one, tree.weight, aggregations) for one in ends]
    return split(tree, outcomes[0], outcomes[1], node)


def explain(
    before: Built, after: Built, node: str | None = None, periods: tuple[int, int] | None = None
) -> Explanation:
    """The change of the score of `node` (the index, unless named) from `before` to `after`, for every unit.

    Two versions: two recipes, two data sets, or both, of shape (units, leaves). Two periods: panels (periods, units,
    leaves), with the position of the period in each; `before` and `after` may be one and the same panel. Units are
    matched by their labels where both sides have them; who is on one side only came or went. Nodes are matched by their
    code and all codes above it. CompositeError: units that cannot be matched, a node that neither side has.

    k ingredients that differ take up to 2**k buildings, each sharing what it can with the others."""
    case = Case(*placed(before, after, periods))
    at = case.place(node)
    outcomes: dict[frozenset[str], Outcome] = {}

    def outcome(moved: frozenset[str]) -> Outcome:
        if moved not in outcomes:
            outcomes[moved] = case.outcome(moved)
        return outcomes[moved]

    players = case.players
    first, last = outcome(frozenset()), outcome(frozenset(players))
    direct = split(case.tree, first, last, at)
    compared = direct.standing == COMPARED
    parts: dict[str, Floats] = {}
    mixed = compared.copy()
    try:
        steps = [
            (players[player], weight, outcome(_names(players, moved)), outcome(_names(players, then)))
            for player, weight, moved, then in orders(len(players))
        ]
        splits = [
            (player, weight, split(case.tree, one, other, at, shares=False))
            for player, weight, one, other in steps
        ]
        faults = tuple(dict.fromkeys(case.faults))
    except CompositeError as error:
        splits, faults = [], tuple(error.faults)
        mixed[...] = len(players) == 0
    for _, _, found in splits:
        mixed &= found.standing == COMPARED

    def keep(player: str | None, weight: float, found: Split, where: NDArray[np.bool_]) -> None:
        for cause, part in found.parts.items():
            for name, cells in case.names(player, cause) if player else case.names_unmixed(cause):
                amount = np.where(cells & where[..., None], weight * part, 0.0)
                if amount.any():
                    parts[name] = parts[name] + amount if name in parts else amount

    for player, weight, found in splits:
        keep(player, weight, found, mixed)
    keep(None, 1.0, direct, compared & ~mixed)
    ordered = {name: parts[name] for name in INGREDIENTS if name in parts}
    told = added(np.stack([np.zeros(compared.shape), *(added(part) for part in ordered.values())], axis=-1))
    remainder = np.where(compared, direct.after - direct.before - told, 0.0)
    return Explanation(
        direct.before, direct.after, ordered, remainder, direct.standing, direct.share,
        case.tree, at, case.units, mixed | ~compared, faults,
    )  # fmt: skip


def _names(players: Sequence[str], moved: frozenset[int]) -> frozenset[str]:
    return frozenset(players[player] for player in moved)
