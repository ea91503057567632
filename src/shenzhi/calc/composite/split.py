"""Divides the change of one score among everything below it: scores, weights, coming and going, rules (article 86).

`split` takes one tree that came out in two ways and gives every node's part of the change of one node's score.

Exact, without a choice: at every group whose mean is of the form f(v) = sum of share * f(x) (arithmetic f = x,
geometric f = ln x, harmonic f = 1/x, generalised f = x**p) the change of v is M * (change of f(v)), with the divided
difference M = dv / df(v); for the geometric mean M is the logarithmic mean, and with equal shares the parts are those of
the logarithmic-mean Divisia index (Ang 2004, Energy Policy 32; Ang 2005, Energy Policy 33). Each child's part is then
divided among what lies below it in the same proportions, so that the leaves add up however deep they lie.

Conventions, where arithmetic leaves a choice:
- shares and scores that both moved meet half way (share times change of score at the mean of the two shares, and the
  reverse); a weight counts against the mean of its group, since it takes from its brothers what it gives;
- a child that came or went gives its share times its distance from the mean of those who stayed;
- rules that moved together (aggregation, weights, scores) are taken in every order, and the mean over the orders is
  kept: the Shapley value (Shorrocks 2013, Journal of Economic Inequality 11);
- where the mean of one side cannot be taken over the scores of the other (a geometric mean over a score of 0), all of
  that group's change stands at the group, under `aggregation`;
- other means (median, penalties, outranking) take their children in every order likewise, up to 8 of them; more are
  taken in the tree's order and in the reverse, and the mean of the two is kept.

What floating point leaves over is told as `remainder`, never mixed into a part; it is rounding noise.

    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
    >>> before = Outcome(np.array([[75.0, 80.0, 60.0]]), tree.weight, ["arithmetic"] * 3)
    >>> after = Outcome(np.array([[77.5, 84.0, 58.0]]), tree.weight, ["arithmetic"] * 3)
    >>> split(tree, before, after).parts["scores"][0].tolist()  # 3/4 of 4, 1/4 of -2
    [0.0, 3.0, -0.5]
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shenzhi.calc.composite.aggregate import AGGREGATIONS, added, aggregating
from shenzhi.calc.composite.compose import Composite
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels
from shenzhi.calc.composite.tree import Tree

EVERY_ORDER = 8  # up to so many things every order is taken (256 subsets); beyond it two orders
# How a unit stands: an explanation needs a score before and after.
COMPARED, CAME, WENT, ABSENT = 0, 1, 2, 3
STANDING = ("compared", "came", "went", "absent")


@dataclass(frozen=True)
class Outcome:
    """One way in which a tree came out: `score` (..., nodes), and by which `weight` (nodes) and `aggregations` (nodes;
    a leaf's is not read). A node that is not in the index at all has no score.

    Where scores are rounded, `score` is what a parent goes on with, `exact` what it was before rounding, and `published`
    what is shown; None: all three are one. `items`: what bonus and deduction items added to each score; None: nothing."""

    score: Floats
    weight: Floats
    aggregations: Sequence[Any]
    exact: Floats | None = None
    published: Floats | None = None
    items: Floats | None = None

    @classmethod
    def of(cls, composite: Composite, weight: Floats, aggregations: Sequence[Any]) -> Outcome:
        items = composite.adjustment if composite.adjustments else None
        if composite.exact is composite.score:  # nothing is rounded
            return cls(composite.score, weight, aggregations, items=items)
        return cls(composite.carried, weight, aggregations, composite.exact, composite.score, items)

    def shown(self, node: int) -> Floats:
        return (self.score if self.published is None else self.published)[..., node]

    def raw(self, node: int) -> Floats:
        return (self.score if self.exact is None else self.exact)[..., node]


@dataclass(frozen=True)
class Split:
    """Why the score of one node moved.

    `before`, `after` (...): its scores. `parts`: by cause, (..., nodes): what came into the change at each node. Causes
    of `split` are `scores` (of leaves), `coverage` (nodes that came or went), `weights`, `aggregation`, `rounding`, `items`
    (bonus and deduction points), and `others` (figures of other units, for means that compare units). `remainder` (...): rounding noise. `standing`
    (...): a position in STANDING; where it is not COMPARED there is no change to explain, the parts are 0 and the
    difference is NaN. Parts and remainder add up to the difference. `share` (..., nodes): what one point of change of a
    node's own score gives to the score explained; 0 for what has no part in it."""

    before: Floats
    after: Floats
    parts: Mapping[str, Floats]
    remainder: Floats
    standing: NDArray[np.int8]
    share: Floats

    @property
    def difference(self) -> Floats:
        return self.after - self.before

    def totals(self) -> dict[str, Floats]:
        """The sum of each cause over the nodes (...)."""
        return {cause: added(part) for cause, part in self.parts.items()}

    def by_node(self) -> Floats:
        """The sum of the causes at each node (..., nodes)."""
        return added(np.stack([*self.parts.values(), np.zeros(self.share.shape)], axis=-1))


def split(tree: Tree, before: Outcome, after: Outcome, node: int = 0, *, shares: bool = True) -> Split:
    """The change of the score of `node` between two outcomes of one tree, divided among the nodes under it.

    Without `shares` those of nodes in which nothing moved are left at 0, which saves time and changes no part."""
    shape = before.score.shape
    parts: dict[str, Floats] = {}
    up = _nodes_first(shape)  # what a change of a node's score gives to the score of `node`
    first, last = before.shown(node), after.shown(node)
    standing = (2 * np.isnan(last) + np.isnan(first)).astype(np.int8)
    up[..., node] = standing == COMPARED

    def give(cause: str, at: Any, amount: Floats) -> None:
        if amount.any():
            if cause not in parts:
                parts[cause] = _nodes_first(shape)
            parts[cause][..., at] += amount

    rounds = before.exact is not None or after.exact is not None
    shown = (last - after.score[..., node]) - (first - before.score[..., node])
    give("rounding", node, _times(up[..., node], shown))
    for at in range(node, len(tree.codes)):  # parents stand before children
        here = up[..., at]
        if not here.any():
            continue
        below = tree.children[at]
        if not len(below):
            moved = after.raw(at) - before.raw(at)
            give("scores", at, _times(here, moved))
            if rounds:
                give("rounding", at, _times(here, after.score[..., at] - before.score[..., at] - moved))
            continue
        named = Labels([tree.codes[child] for child in below])
        level = _level(_of_group(before, at, below), _of_group(after, at, below), named, rounds, shares)
        for cause, amount in level.by_child.items():
            give(cause, below, _times(here[..., None], amount))
        for cause, amount in level.own.items():
            give(cause, at, _times(here, amount))
        up[..., below] = _times(here[..., None], level.carry)
    told = (
        added(np.stack([added(part) for part in parts.values()], axis=-1)) if parts else np.zeros(first.shape)
    )
    remainder = np.where(standing == COMPARED, last - first - told, 0.0)
    return Split(first, last, parts, remainder, standing, up)


def orders(count: int) -> Iterator[tuple[int, float, frozenset[int], frozenset[int]]]:
    """Every step of the Shapley value over `count` players: (player, its weight, players moved before it, and after).

    The weights of each player's steps add up to 1, and along every order the steps lead from nobody to all. Beyond
    EVERY_ORDER players: their order and its reverse, each with weight 1/2."""
    if count > EVERY_ORDER:
        for order in (range(count), range(count)[::-1]):
            moved: frozenset[int] = frozenset()
            for player in order:
                yield player, 0.5, moved, moved | {player}
                moved |= {player}
        return
    for player in range(count):
        rest = [other for other in range(count) if other != player]
        for size in range(count):
            weight = 1 / (count * math.comb(count - 1, size))
            for chosen in combinations(rest, size):
                moved = frozenset(chosen)
                yield player, weight, moved, moved | {player}


@dataclass(frozen=True)
class _Group:
    """A group in one outcome: its score (...), its children's (..., children), and the rule that joins them."""

    value: Floats
    scores: Floats
    weights: Floats
    rule: Any
    items: Floats | None = None


@dataclass(frozen=True)
class _Level:
    """The change of one group's score: `carry` (..., children), what one point of a child's change gives to it;
    `by_child` (..., children) and `own` (...), amounts by cause."""

    carry: Floats
    by_child: dict[str, Floats]
    own: dict[str, Floats]


def _of_group(outcome: Outcome, group: int, below: NDArray[np.intp]) -> _Group:
    return _Group(
        outcome.score[..., group],
        outcome.score[..., below],
        outcome.weight[below],
        outcome.aggregations[group],
        None if outcome.items is None else outcome.items[..., group],
    )


def _level(before: _Group, after: _Group, labels: Labels, rounds: bool, shares: bool) -> _Level:
    """Everything that moved one group: scores below it, weights, the rule, in every order; its items and its rounding."""
    moves = [
        cause
        for cause, differs in (
            ("aggregation", aggregating(before.rule) != aggregating(after.rule)),
            ("weights", _weights_differ(before, after)),
            ("scores", not np.array_equal(before.scores, after.scores, equal_nan=True)),
        )
        if differs
    ]
    carry = np.zeros(before.scores.shape)
    by_child: dict[str, Floats] = {}
    own: dict[str, Floats] = {}

    def at(moved: frozenset[int]) -> _Group:
        causes = {moves[player] for player in moved}
        return _Group(
            before.value,
            (after if "scores" in causes else before).scores,
            (after if "weights" in causes else before).weights,
            (after if "aggregation" in causes else before).rule,
        )

    def keep(into: dict[str, Floats], cause: str, amount: Floats) -> None:
        into[cause] = into[cause] + amount if cause in into else amount

    items = [0.0 if one.items is None else _known(one.items) for one in (before, after)]
    added_points = np.asarray(items[1] - items[0])
    if not moves and not rounds and not shares and not added_points.any():
        return _Level(carry, by_child, own)
    try:
        for player, weight, moved, then in orders(len(moves)):
            one, other, cause = at(moved), at(then), moves[player]
            power = _power(one.rule)
            if cause == "aggregation" or (cause == "weights" and power is None):
                keep(own, cause, weight * _known(_mean(other, labels) - _mean(one, labels)))
                continue
            step = _by_children(one, other, labels) if power is None else _by_power(one, other, power)
            if cause == "scores":
                carry += weight * step.carry
            for why, amount in step.by_child.items():
                keep(by_child, why, weight * amount)
    except CompositeError:  # the mean of one side cannot be taken over the scores of the other
        carry[...] = 0.0
        by_child, own = {}, {"aggregation": _known(_mean(after, labels) - _mean(before, labels))}
    if shares and "scores" not in moves and (power := _power(after.rule)) is not None:
        carry = _by_power(after, after, power).carry
    if added_points.any():
        keep(own, "items", added_points)
    if not rounds:
        return _Level(carry, by_child, own)
    # Between the mean of the children with the items, and the score that stands there, is only rounding.
    first, last = _mean(before, labels) + items[0], _mean(after, labels) + items[1]
    rounding = _known((after.value - last) - (before.value - first))
    noise = 1e-13 * np.maximum(1.0, np.maximum(_known(np.abs(first)), _known(np.abs(last))))
    keep(own, "rounding", np.where(np.abs(rounding) > noise, rounding, 0.0))
    return _Level(carry, by_child, own)


def _weights_differ(before: _Group, after: _Group) -> bool:
    """Whether the weights say something else: only their proportions count."""
    return not np.array_equal(before.weights, after.weights)


def _mean(group: _Group, labels: Labels) -> Floats:
    rule = aggregating(group.rule)
    return AGGREGATIONS[rule.name](group.scores, group.weights, labels, **rule.parameters).value


POWERS: Mapping[str, float] = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}


def _power(rule: Any) -> float | None:
    """p of a mean of the form (sum of share * x**p)**(1/p), 0 for the geometric; None for others."""
    taken = aggregating(rule)
    return float(taken.parameters["p"]) if taken.name == "generalised" else POWERS.get(taken.name)


def _by_power(one: _Group, other: _Group, power: float) -> _Level:
    """The closed form for f(v) = sum of share * f(x), with f = x**power or ln x. Either scores or weights moved."""
    x, y = one.scores, other.scores
    here, there = ~np.isnan(x), ~np.isnan(y)
    both = here & there
    share, next_share = _shares(one.weights, here), _shares(other.weights, there)
    stay = next_stay = _shares(one.weights, both)
    weights_moved = _weights_differ(one, other)
    if weights_moved:
        next_stay = _shares(other.weights, both)
    linear = power == 1.0
    if linear:
        fx, fy = np.where(here, x, 0.0), np.where(there, y, 0.0)
    else:  # scores relative to the mean before: powers of large scores lose nothing
        unit = _root(added(share * _bent(_known(x), power, here)), power)
        scale = np.where(unit > 0, unit, 1.0)[..., None]
        x, y = np.where(here, x / scale, 0.0), np.where(there, y / scale, 0.0)
        fx, fy = _bent(x, power, here), _bent(y, power, there)
    whole = _whole if linear else added
    first, last = whole(share * fx), whole(next_share * fy)
    none = ~both.any(axis=-1)
    middle = (first + last) / 2  # where nobody stays, those who came and went meet half way
    stayed = np.where(none, middle, whole(stay * fx))[..., None]
    stayed_then = np.where(none, middle, whole(next_stay * fy))[..., None]
    came = np.where(there & ~here, next_share * (fy - stayed_then), 0.0)
    went = np.where(here & ~there, share * (fx - stayed), 0.0)
    amounts = {"coverage": came - went}
    if weights_moved:
        level = (fx + fy) / 2 - (stayed + stayed_then) / 2
        amounts["weights"] = np.where(both, (next_stay - stay) * level, 0.0)
    carry = np.where(both, (stay + next_stay) / 2, 0.0)
    if linear:
        return _Level(carry, amounts, {})
    steep = _slope(_root(first, power), _root(last, power), power)
    back = np.divide(scale[..., 0], steep, out=np.zeros(steep.shape), where=steep != 0)[..., None]
    slope = _slope(np.where(both, x, 1.0), np.where(both, y, 1.0), power)
    return _Level(
        carry * slope * back / scale, {cause: back * amount for cause, amount in amounts.items()}, {}
    )


def _by_children(one: _Group, other: _Group, labels: Labels) -> _Level:
    """Any other mean: the children that moved, in every order (Shapley)."""
    x, y = one.scores, other.scores
    moved = [
        int(at)
        for at in np.flatnonzero(((x != y) & ~(np.isnan(x) & np.isnan(y))).reshape(-1, x.shape[-1]).any(0))
    ]
    known: dict[frozenset[int], Floats] = {}

    def value(players: frozenset[int]) -> Floats:
        if players not in known:
            mixed = x.copy()
            columns = [moved[player] for player in players]
            mixed[..., columns] = y[..., columns]
            known[players] = _mean(_Group(one.value, mixed, one.weights, one.rule), labels)
        return known[players]

    first, last = value(frozenset()), value(frozenset(range(len(moved))))
    given = np.zeros(x.shape)
    for player, weight, before, after in orders(len(moved)):
        # Between a child that went and one that came there may be no score at all: half way then.
        low, high = (
            np.where(np.isnan(value(who)), (first + last) / 2, value(who)) for who in (before, after)
        )
        given[..., moved[player]] += weight * _known(high - low)
    both = ~np.isnan(x) & ~np.isnan(y)
    change = np.where(both, y - x, 0.0)
    carry = np.divide(given, change, out=np.zeros(x.shape), where=change != 0)
    return _Level(
        carry,
        {"coverage": np.where(both, 0.0, given), "others": np.where(both & (change == 0), given, 0.0)},
        {},
    )


def _nodes_first(shape: tuple[int, ...]) -> Floats:
    """Zeros (..., nodes) in which the units of one node lie together in memory: work goes node by node."""
    return np.moveaxis(np.zeros((shape[-1], *shape[:-1])), 0, -1)


def _whole(terms: Floats) -> Floats:
    """`added` where no term is missing, in a third of its time and to the same bit."""
    total = np.zeros(terms.shape[:-1])
    for at in range(terms.shape[-1]):
        total += terms[..., at]
    return total


def _shares(weights: Floats, present: NDArray[np.bool_]) -> Floats:
    """Weights in force among those present, 0 for the others and where nobody is."""
    in_force = np.where(present, weights, 0.0)
    total = _whole(in_force)[..., None]
    return np.divide(in_force, total, out=np.zeros(in_force.shape), where=total > 0)


def _bent(x: Floats, power: float, where: NDArray[np.bool_]) -> Floats:
    """f(x), and 0 outside `where`."""
    if power == 1.0:
        return np.where(where, x, 0.0)
    safe = np.where(where, x, 1.0)
    return np.where(where, np.log(safe) if power == 0 else safe**power, 0.0)


def _root(y: Floats, power: float) -> Floats:
    """The x with f(x) = y."""
    if power == 1.0:
        return y
    if power == 0:
        return np.exp(y)
    return np.where(y > 0, y, 1.0) ** (1 / power) * (y > 0)


def _slope(a: Floats, b: Floats, power: float) -> Floats:
    """The divided difference (f(b) - f(a)) / (b - a), and the derivative where a = b, exact also where they are near."""
    if power == 1.0:
        return np.ones(np.broadcast_shapes(a.shape, b.shape))
    if power == -1.0:
        product = a * b
        return np.divide(-1.0, product, out=np.zeros(product.shape), where=product != 0)
    most = np.maximum(a, b)
    whole = np.minimum(a, b) > 0  # a power above 0 may be taken of 0, but not its logarithm
    a, b = np.where(whole, a, 1.0), np.where(whole, b, 1.0)
    ratio = b / a - 1.0
    log = np.log1p(ratio)
    if power == 0:
        return np.divide(log, ratio, out=np.ones(ratio.shape), where=ratio != 0) / a
    steps = np.divide(np.expm1(power * log), ratio, out=np.full(ratio.shape, power), where=ratio != 0)
    at_zero = np.where(most > 0, most, 1.0) ** (power - 1) * (most > 0)
    return np.where(whole, a ** (power - 1) * steps, at_zero)


def _known(x: Floats) -> Floats:
    return np.where(np.isnan(x), 0.0, x)


def _times(factor: Floats, amount: Floats) -> Floats:
    """Their product, and 0 where the factor is 0: what is not reached counts nothing, also where it is missing."""
    return np.where(factor == 0, 0.0, factor * _known(amount))
