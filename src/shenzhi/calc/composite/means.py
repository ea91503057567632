"""Means of scores, with what each child gave to its parent kept exactly (from indicators to the index, article 86).

Every function takes `scores` of shape (..., children), NaN where a child has none, and `weights` (children,), all above
0. Weights count among the children that have a score: the shares in force add up to 1, so that a missing child never
costs more than its weight, and where no child has a score the mean is NaN. Contributions and `penalty` add up to the
mean. Sums run over the children one after the other, so that a result does not depend on the number of units or on
the processor's vector width.

    >>> mean = arithmetic([[80.0, 60.0, float("nan")]], [3.0, 1.0, 2.0])
    >>> float(mean.value[0]), mean.share[0].tolist(), mean.contribution[0].tolist()
    (75.0, [0.75, 0.25, nan], [60.0, 15.0, nan])
    >>> float(geometric([[4.0, 9.0]], [1.0, 1.0]).value[0]), float(harmonic([[3.0, 6.0]], [1.0, 1.0]).value[0])
    (6.0, 4.0)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed, refuse_infinity
from shenzhi.calc.composite.screening import SLACK

NO_LABELS = Labels()


@dataclass(frozen=True, eq=False)
class Mean:
    """`value` (...): NaN where no child has a score. `penalty` (... or 0): what the value has beyond the sum of
    the contributions. The others are (..., children), NaN for a child without a score, worked out when first asked for:
    `share`, the weight in force (0..1); `factor`, which times the child's score is its `contribution` to the value.

    `factors` gives the factors from the shares; without it they are the shares themselves."""

    value: Floats
    scores: Floats
    weights: Floats
    factors: Callable[[Floats], Floats] | None = None
    penalty: Floats | float = 0.0

    @cached_property
    def share(self) -> Floats:
        return shares(self.scores, self.weights)

    @cached_property
    def factor(self) -> Floats:
        return self.share if self.factors is None else self.factors(self.share)

    @cached_property
    def contribution(self) -> Floats:
        return self.factor * self.scores


def no_parts(share: Floats) -> Floats:
    """The factors of what is no sum of its parts: NaN."""
    return np.full_like(share, np.nan)


def added(terms: Floats) -> Floats:
    """The sum over the last axis, term by term from the left; NaN counts as nothing."""
    total = np.zeros(terms.shape[:-1])
    for at in range(terms.shape[-1]):
        term = terms[..., at]
        total = total + np.where(np.isnan(term), 0.0, term)
    return total


def shares(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS) -> Floats:
    """Weights renormalised over the children that have a score: (..., children), NaN for the others.

    CompositeError names every weight that is not above 0."""
    values, weight = as_floats(scores), as_floats(weights)
    refuse_weights(weight, labels)
    in_force = np.where(np.isnan(values), np.nan, weight)
    total = added(in_force)[..., None]
    return np.divide(in_force, total, out=np.full_like(in_force, np.nan), where=total > 0)


def refuse_weights(weights: Floats, labels: Labels) -> None:
    """CompositeError naming every weight that is not a finite number above 0."""
    wrong = [int(at) for at in np.flatnonzero(~(np.isfinite(weights) & (weights > 0)))]
    if wrong:
        names = [f"{labels.indicator(at)} ({weights[at]:g})" for at in wrong]
        raise CompositeError(
            [f"weights must be above 0: {listed(names)}; to leave a child out, take it out of the tree"]
        )


def arithmetic(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS) -> Mean:
    """Weighted arithmetic mean: sum of share * score. A contribution is share * score."""
    values, weight = checked(scores, weights, labels)
    return Mean(_summed(values, weight), values, weight)


def geometric(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS) -> Mean:
    """Weighted geometric mean: exp(sum of share * ln score), for scores above 0.

    A contribution is the additive form of the same mean: G = sum of v * x with v proportional to share / L(x, G), where
    L(a, b) = (a - b) / (ln a - ln b) is the logarithmic mean. It follows from sum of share * ln(x / G) = 0, is never
    negative, grows with the child's score, and equals the arithmetic contribution when all scores are equal
    (Reinsdorf, Diewert and Ehemann 2002, Journal of Economic and Social Measurement 28, on the geometric mean index).

    A score of 0 or less has no logarithm, and a 0 would carry the whole mean to 0: CompositeError names them."""
    values, weight = checked(scores, weights, labels)
    _refuse_low("a geometric mean", values <= 0, values, labels)
    log_mean = _summed(values, weight, np.log)

    def factors(share: Floats) -> Floats:
        return _additive(share, np.log(values) - log_mean[..., None], 0.0)

    return Mean(np.exp(log_mean), values, weight, factors)


def harmonic(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS) -> Mean:
    """Weighted harmonic mean: 1 / sum of share / score, for scores above 0; contributions as under `generalised`."""
    values, weight = checked(scores, weights, labels)
    _refuse_low("a harmonic mean", values <= 0, values, labels)
    return _power(values, weight, -1.0)


def generalised(
    scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS, *, p: float | None = None
) -> Mean:
    """Generalised (power) mean: (sum of share * score^p)^(1/p); p = 1 arithmetic, 0 geometric, -1 harmonic.

    The lower p, the less a good child makes up for a bad one. Scores must be above 0, for p above 0 at least 0. A
    contribution is v * x with v proportional to share * (f(x) - f(M)) / (x - M) for f(x) = x^p: as sum of share *
    (f(x) - f(M)) = 0, M = sum of v * x. The divided difference is taken in logarithms and is exact near x = M; for
    p = 0 it is the logarithmic mean of `geometric`. With p below -1 a child that gets better may contribute less, as it
    ceases to be what limits the mean; the mean never falls."""
    if p is None or not np.isfinite(p):
        raise CompositeError(
            [f"generalised needs p, a finite number (got {p}); for the least or the most take owa"]
        )
    if p == 0:
        return geometric(scores, weights, labels)
    if p == 1:
        return arithmetic(scores, weights, labels)
    values, weight = checked(scores, weights, labels)
    _refuse_low(f"a generalised mean with p = {p:g}", values < 0 if p > 0 else values <= 0, values, labels)
    return _power(values, weight, float(p))


def median(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS) -> Mean:
    """Weighted median: the score at which half of the weight in force is reached from below.

    Where exactly half is reached between two scores it is their middle, so equal weights give the ordinary median.
    It is contributed by the children that have this score, as their weights are."""
    values, weight = checked(scores, weights, labels)
    share = shares(values, weight)
    order = np.argsort(values, axis=-1, kind="stable")  # missing scores last
    ordered = np.take_along_axis(values, order, -1)
    reached = np.cumsum(np.nan_to_num(np.take_along_axis(share, order, -1)), axis=-1)
    middles = [
        np.take_along_axis(ordered, np.argmax(there, axis=-1)[..., None], -1)
        for there in (reached >= 0.5 - SLACK, reached > 0.5 + SLACK)
    ]

    def factors(share: Floats) -> Floats:
        halves = []
        for middle in middles:
            held = np.where(values == middle, share, 0.0)
            whole = added(held)[..., None]
            halves.append(np.divide(held, whole, out=np.zeros_like(held), where=whole > 0) / 2)
        return np.where(np.isnan(share), np.nan, halves[0] + halves[1])

    return Mean((middles[0] + middles[1])[..., 0] / 2, values, weight, factors)


def owa(
    scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS, *, order: ArrayLike | None = None
) -> Mean:
    """Ordered weighted average: `order` weighs the places, from the best child to the worst, not the children.

    [1, 0, 0] is the best, [0, 0, 1] the worst, equal weights the arithmetic mean. Where children differ in weight, or
    some have no score, a child stands for as many places as its share is worth: its factor is Q(S) - Q(S - share), with
    S the shares from the best down to it and Q the broken line through the sums of `order` (V. Torra 1997, The weighted
    OWA operator, International Journal of Intelligent Systems 12). Children with equal scores share their places."""
    values, weight = checked(scores, weights, labels)
    places = np.array([]) if order is None else np.atleast_1d(as_floats(order))
    count = values.shape[-1]
    if places.shape != (count,) or not (np.isfinite(places) & (places >= 0)).all() or not places.sum() > 0:
        raise CompositeError(
            [
                f"owa needs order, {count} weights of places from the best child to the worst, from 0 up and not all 0 "
                f"(got {places.tolist()})"
            ]
        )
    steps = np.arange(count + 1) / count
    heights = np.concatenate([[0.0], np.cumsum(places) / places.sum()])

    def factors(share: Floats) -> Floats:
        by_rank = np.argsort(-values, axis=-1, kind="stable")
        ordered = np.take_along_axis(values, by_rank, -1)
        weighs = np.nan_to_num(np.take_along_axis(share, by_rank, -1))
        after = np.cumsum(weighs, axis=-1)
        differs = ordered[..., 1:] != ordered[..., :-1]
        starts, ends = np.ones(ordered.shape, dtype=bool), np.ones(ordered.shape, dtype=bool)
        starts[..., 1:], ends[..., :-1] = differs, differs
        before = np.concatenate([np.zeros_like(after[..., :1]), after[..., :-1]], axis=-1)
        begin = np.maximum.accumulate(np.where(starts, before, 0.0), axis=-1)
        end = np.minimum.accumulate(np.where(ends, after, np.inf)[..., ::-1], axis=-1)[..., ::-1]
        rise = np.interp(end, steps, heights) - np.interp(begin, steps, heights)
        factor = np.divide(rise * weighs, end - begin, out=np.zeros_like(weighs), where=weighs > 0)
        placed = np.empty_like(factor)
        np.put_along_axis(placed, by_rank, factor, -1)
        return np.where(np.isnan(share), np.nan, placed)

    share = shares(values, weight)
    return Mean(_known(added(factors(share) * values), share), values, weight, factors)


def mazziotta_pareto(
    scores: ArrayLike,
    weights: ArrayLike,
    labels: Labels = NO_LABELS,
    *,
    sign: int = -1,
    sample: bool = False,
) -> Mean:
    """Mazziotta-Pareto: M + sign * S^2 / M, the arithmetic mean less (sign -1) a penalty for uneven children.

    S^2 is their weighted variance: sum of share * (x - M)^2, with `sample` divided by 1 - sum of share^2 (n - 1 for
    equal weights). sign +1 is for an index on which more is worse. Contributions add up to M; the rest is in `penalty`.
    On scores of the method `ampi` it is the adjusted index, on z-scores of mean 100 and deviation 10 the first one
    (M. Mazziotta and A. Pareto 2016, Social Indicators Research 127). A mean of 0 or less is refused: the penalty of
    S^2 / M would then reward unevenness."""
    values, weight = checked(scores, weights, labels)
    if sign not in (-1, 1):
        raise CompositeError([f"mazziotta_pareto: sign must be -1 (uneven scores cost) or +1 (got {sign})"])
    mean = _summed(values, weight)
    if (mean <= 0).any():
        where = [
            f"{labels.unit(at)} has {mean[at]:g}" if at else f"it is {mean:g}"
            for at in (tuple(map(int, place)) for place in np.argwhere(mean <= 0))
        ]
        raise CompositeError(
            [
                f"mazziotta_pareto needs means above 0: {listed(where)}; normalise to a scale above 0, such as ampi, "
                "or zscore with mean 100 and sd 10"
            ]
        )
    variance = _summed(values, weight, lambda column: (column - mean) ** 2)
    if sample:
        spread = 1 - added(shares(values, weight) ** 2)
        variance = np.divide(variance, spread, out=np.zeros_like(variance), where=spread > SLACK)
    penalty = sign * variance / mean
    return Mean(mean + penalty, values, weight, None, penalty)


def checked(scores: ArrayLike, weights: ArrayLike, labels: Labels) -> tuple[Floats, Floats]:
    """Scores and weights as arrays; refuses infinite scores and weights that are not above 0."""
    values, weight = as_floats(scores), as_floats(weights)
    refuse_infinity(values, labels)
    refuse_weights(weight, labels)
    return values, weight


def _summed(values: Floats, weight: Floats, f: Callable[[Floats], Floats] | None = None) -> Floats:
    """sum of share * f(score), child by child; NaN where no child has a score.

    Shares in force are one number for each child wherever no score is missing; only the other rows need their own."""
    whole = 0.0
    for one in weight:
        whole = whole + one
    total, lacking = np.zeros(values.shape[:-1]), np.zeros(values.shape[:-1], dtype=bool)
    for at in range(len(weight)):
        lacking |= np.isnan(values[..., at])
    there = ~np.isnan(values[lacking])
    in_force, part = np.zeros(len(there)), np.zeros(len(there))
    for at, one in enumerate(weight):
        in_force += np.where(there[:, at], one, 0.0)
    in_force[in_force == 0] = np.nan
    for at, one in enumerate(weight):
        figures = values[..., at] if f is None else np.asarray(f(values[..., at]))
        total += one / whole * figures
        if len(there):
            part += np.where(there[:, at], one / in_force * figures[lacking], 0.0)
    total[lacking] = np.where(np.isnan(in_force), np.nan, part)
    return total[()]


def _power(values: Floats, weight: Floats, p: float) -> Mean:
    """The mean of powers, p not 0. Scores are divided by the one that weighs most, so that no power overflows."""
    end = (np.fmax if p > 0 else np.fmin).reduce(values, axis=-1)
    by = np.where(end == 0, 1.0, end)
    value = by * _summed(values, weight, lambda column: (column / by) ** p) ** (1 / p)

    def factors(share: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            distance = np.log(values / np.where(value == 0, 1.0, value)[..., None])
        return _additive(share, np.where(value[..., None] == 0, 0.0, distance), p)

    return Mean(value, values, weight, factors)


def _additive(share: Floats, distance: Floats, p: float) -> Floats:
    """Factors v with sum of v * x = M, from distance = ln(x / M): v proportional to share * (f(x) - f(M)) / (x - M).

    Divided by f'(M) this quotient is expm1(p * distance) / (p * expm1(distance)), for p = 0 distance /
    expm1(distance); expm1 keeps it exact near x = M, where it is 1."""
    steep = distance if p == 0 else np.expm1(p * distance) / p
    relative = np.divide(np.expm1(distance), steep, out=np.ones_like(distance), where=distance != 0)
    additive = share / relative
    total = added(additive)[..., None]
    return np.divide(additive, total, out=np.full_like(additive, np.nan), where=total > 0)


def _known(value: Floats, share: Floats) -> Floats:
    """NaN where no child has a score: a sum of nothing is not a score of 0."""
    return np.where(np.isnan(share).all(axis=-1), np.nan, value)


def _refuse_low(what: str, low: NDArray[np.bool_], values: Floats, labels: Labels) -> None:
    if not low.any():
        return
    names = [f"{labels.cell(place)} ({values[place]:g})" for place in map(tuple, np.argwhere(low).tolist())]
    raise CompositeError(
        [
            f"{what} needs scores above 0: {listed(names)}; normalise to a scale that begins above 0 "
            "(such as lower: 1, or an efficacy score from 60), or take the arithmetic mean here"
        ]
    )
