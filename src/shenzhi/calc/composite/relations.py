"""How parts relate instead of how high they are on average: in step with each other, or near to the best (article 86).

    coupling        whether several systems develop together (耦合协调度)
    grey_relational how near each unit comes to the best of each part (灰色关联度)

Sources: 丛晓男 2019, 耦合度模型的形式、性质及在地理学中的若干误用, 经济地理 39; Deng Julong 1989, Introduction to grey system
theory, The Journal of Grey System 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed
from shenzhi.calc.composite.means import NO_LABELS, Mean, arithmetic, checked, geometric, no_parts


@dataclass(frozen=True)
class Coupling:
    """`coupling` C (0..1): how even the systems are; `development` T: their weighted mean; `coordination` D = sqrt(C T)."""

    coupling: Floats
    development: Floats
    coordination: Floats


def coupling(systems: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS) -> Coupling:
    """Coupling coordination degree of systems (..., units, systems) with scores from 0 to 1.

    C = n * (U1 ... Un)^(1/n) / (U1 + ... + Un), the geometric over the arithmetic mean, from 0 to 1 for any n; T = the mean
    with `weights`; D = sqrt(C * T). A unit with a missing system has none: it cannot be said whether it keeps pace.
    Where all systems are 0, C is 1 (they are even) and D is 0.

    >>> result = coupling([[0.8, 0.2]], [1, 1])  # C = 2 * 0.4 / 1, T = 0.5
    >>> [round(float(one[0]), 12) for one in (result.coupling, result.development, result.coordination)]
    [0.8, 0.5, 0.632455532034]
    """
    values, weight = checked(systems, weights, labels)
    beyond = (values < 0) | (values > 1)
    if beyond.any():
        places = [tuple(map(int, at)) for at in np.argwhere(beyond)]
        names = [f"{labels.indicator(at[-1])} of {labels.unit(at[:-1])} ({values[at]:g})" for at in places]
        raise CompositeError([f"coupling needs scores from 0 to 1: {listed(names)}; normalise to that scale"])
    whole = np.where(np.isnan(values).any(axis=-1, keepdims=True), np.nan, values)
    equal = np.ones(len(weight))
    even = arithmetic(whole, equal).value
    with_zero = (whole == 0).any(axis=-1)
    low = np.where(with_zero, 0.0, geometric(np.where(whole == 0, 1.0, whole), equal).value)
    degree = np.where(even == 0, 1.0, np.minimum(1.0, low / np.where(even == 0, 1.0, even)))
    development = arithmetic(whole, weight).value
    return Coupling(np.where(np.isnan(even), np.nan, degree), development, np.sqrt(degree * development))


def grey_relational(
    scores: ArrayLike,
    weights: ArrayLike,
    labels: Labels = NO_LABELS,
    *,
    ideal: ArrayLike | None = None,
    rho: float = 0.5,
) -> Mean:
    """Grey relational grade: the mean of xi = (dmin + rho * dmax) / (d + rho * dmax), d = |ideal - score|.

    `ideal` (children) is by default the best score of all; dmin and dmax are the least and greatest d of all units and
    children of a frame, `rho` (0..1] tells them apart. Scores must be on one scale. A missing score is left out and the
    weights renormalised. `contribution` is share * xi; `scores` of the result are the xi."""
    values, weight = checked(scores, weights, labels)
    if not 0 < rho <= 1:
        raise CompositeError([f"grey_relational: rho must be above 0 and at most 1 (got {rho:g})"])
    best = np.fmax.reduce(values, axis=-2, keepdims=True) if ideal is None else as_floats(ideal)
    distance = np.abs(best - values)
    near = np.fmin.reduce(distance, axis=(-2, -1), keepdims=True)
    far = np.fmax.reduce(distance, axis=(-2, -1), keepdims=True)
    relation = np.divide(
        near + rho * far,
        distance + rho * far,
        out=np.where(np.isnan(values), np.nan, 1.0),
        where=(far > 0) & ~np.isnan(values),
    )
    return arithmetic(relation, weight, labels)


def coordination(
    scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS, *, upper: float = 1.0
) -> Mean:
    """The coupling coordination degree as a way to put a group together: D of the scores / `upper`, times `upper`."""
    values, weight = checked(scores, weights, labels)
    degree = coupling(values / upper, weight, labels).coordination
    return Mean(degree * upper, values, weight, no_parts)


def grey_relation(
    scores: ArrayLike,
    weights: ArrayLike,
    labels: Labels = NO_LABELS,
    *,
    ideal: ArrayLike | None = None,
    rho: float = 0.5,
    upper: float = 1.0,
) -> Mean:
    """The grey relational grade as a way to put a group together, from 0 to `upper`; no sum of the scores themselves."""
    values, weight = checked(scores, weights, labels)
    grade = grey_relational(values, weight, labels, ideal=ideal, rho=rho).value
    return Mean(grade * upper, values, weight, no_parts)
