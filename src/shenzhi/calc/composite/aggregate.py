"""Means of scores, with what each child gave to its parent kept exactly (from indicators to the index, article 86).

Every function takes `scores` of shape (..., children), NaN where a child has none, and `weights` (children,), all above
0. Weights count among the children that have a score: the shares in force add up to 1. Contributions add up to the
mean. Sums run over the children one after the other, so that a result does not depend on the number of units or on
the processor's vector width.

    >>> mean = arithmetic([[80.0, 60.0, float("nan")]], [3.0, 1.0, 2.0])
    >>> float(mean.value[0]), mean.share[0].tolist(), mean.contribution[0].tolist()
    (75.0, [0.75, 0.25, nan], [60.0, 15.0, nan])
    >>> float(geometric([[4.0, 9.0]], [1.0, 1.0]).value[0])
    6.0
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed, refuse_infinity

NO_LABELS = Labels()


@dataclass(frozen=True)
class Mean:
    """`value` (...): NaN where no child has a score. The others are (..., children), NaN for a child without a score:
    `share`, the weight in force (0..1); `factor`, which times the child's score is its `contribution` to the value."""

    value: Floats
    share: Floats
    factor: Floats
    contribution: Floats


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
    return np.divide(in_force, total, out=np.full(in_force.shape, np.nan), where=total > 0)


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
    values = as_floats(scores)
    refuse_infinity(values, labels)
    share = shares(values, weights, labels)
    contribution = share * values
    return Mean(_known(added(contribution), share), share, share, contribution)


def geometric(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS) -> Mean:
    """Weighted geometric mean: exp(sum of share * ln score), for scores above 0.

    A contribution is the additive form of the same mean: G = sum of v * x with v proportional to share / L(x, G), where
    L(a, b) = (a - b) / (ln a - ln b) is the logarithmic mean. It follows from sum of share * ln(x / G) = 0, is never
    negative, grows with the child's score, and equals the arithmetic contribution when all scores are equal
    (Reinsdorf, Diewert and Ehemann 2002, Journal of Economic and Social Measurement 28, on the geometric mean index).

    A score of 0 or less has no logarithm, and a 0 would carry the whole mean to 0: CompositeError names them."""
    values = as_floats(scores)
    refuse_infinity(values, labels)
    _refuse_not_positive(values, labels)
    share = shares(values, weights, labels)
    logs = np.log(values)
    log_mean = added(share * logs)
    value = _known(np.exp(log_mean), share)
    distance = logs - log_mean[..., None]  # ln(x / G)
    # L(x, G) / G = (x / G - 1) / ln(x / G); expm1 keeps it exact near x = G, where it is 1.
    relative = np.divide(np.expm1(distance), distance, out=np.ones(values.shape), where=distance != 0)
    additive = share / relative
    total = added(additive)[..., None]
    factor = np.divide(additive, total, out=np.full(values.shape, np.nan), where=total > 0)
    return Mean(value, share, factor, factor * values)


Aggregation = Callable[..., Mean]

# A method file names one of these; a new one is one entry.
AGGREGATIONS: dict[str, Aggregation] = {"arithmetic": arithmetic, "geometric": geometric}


def _known(value: Floats, share: Floats) -> Floats:
    """NaN where no child has a score: a sum of nothing is not a score of 0."""
    return np.where(np.isnan(share).all(axis=-1), np.nan, value)


def _refuse_not_positive(values: Floats, labels: Labels) -> None:
    wrong = np.argwhere(values <= 0)
    if not len(wrong):
        return
    places = [tuple(map(int, place)) for place in wrong]
    names = [
        f"{labels.indicator(place[-1])} of {labels.unit(place[:-1])} ({values[place]:g})" for place in places
    ]
    raise CompositeError(
        [
            f"a geometric mean needs scores above 0: {listed(names)}; normalise to a scale that begins above 0 "
            "(such as lower: 1, or an efficacy score from 60), or take the arithmetic mean here"
        ]
    )
