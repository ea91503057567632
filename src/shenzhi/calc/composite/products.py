"""Scores multiplied and divided instead of averaged, for indices that are no mean of their parts (article 86).

    product    one score reduced or raised by others: a development index times what pressure on the planet leaves of it
    ratio      the first score over the second: women's index over men's
    shortfall  1 - first / second: what is lost on the way from the second to the first, such as to inequality

`scores` (..., children). A missing score leaves the whole missing: a product cannot do without a factor. The result is no
sum of parts, so that its contributions are NaN; weights must be there, as for every aggregation, and play no part. Of
these are made the GDI, IHDI, PHDI and GII of the United Nations Development Programme (Human Development Report 2023/24, technical
notes 2 to 6).

    >>> product([[0.8, 0.5]], [1, 1]).value.tolist(), ratio([[3.0, 4.0]], [1, 1]).value.tolist()
    ([0.4], [0.75])
    >>> shortfall([[3.0, 4.0]], [1, 1], factor=100).value.tolist()
    [25.0]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, listed
from shenzhi.calc.composite.means import NO_LABELS, Mean, checked, no_parts


def product(
    scores: ArrayLike,
    weights: ArrayLike,
    labels: Labels = NO_LABELS,
    *,
    powers: Sequence[float] | None = None,
) -> Mean:
    """The product of the scores, each to its power (children; 1 without `powers`). Under a power that is not a whole
    number above 0 a score must be above 0: CompositeError names those that are not."""
    values, weight = checked(scores, weights, labels)
    exponents = [1.0] * len(weight) if powers is None else [float(one) for one in powers]
    if len(exponents) != len(weight) or not np.isfinite(exponents).all():
        raise CompositeError(
            [f"product: powers must be {len(weight)} numbers, one for each child (got {list(powers or [])})"]
        )
    whole = np.ones(values.shape[:-1])
    for at, power in enumerate(exponents):
        if power != int(power) or power < 0:
            _refuse(
                values[..., at] <= 0, values, at, f"to the power of {power:g} needs a score above 0", labels
            )
        whole = whole * (values[..., at] if power == 1 else values[..., at] ** power)
    return Mean(whole, values, weight, no_parts)


def ratio(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS, *, factor: float = 1.0) -> Mean:
    """First score / second score * factor. CompositeError where the second is not above 0, and unless there are two."""
    values, weight, quotient = _divided("ratio", scores, weights, labels)
    return Mean(quotient * factor, values, weight, no_parts)


def shortfall(
    scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS, *, factor: float = 1.0
) -> Mean:
    """(1 - first score / second score) * factor; 0 where the first is the whole of the second. Faults as of `ratio`."""
    values, weight, quotient = _divided("shortfall", scores, weights, labels)
    return Mean((1.0 - quotient) * factor, values, weight, no_parts)


def _divided(
    name: str, scores: ArrayLike, weights: ArrayLike, labels: Labels
) -> tuple[Floats, Floats, Floats]:
    values, weight = checked(scores, weights, labels)
    if len(weight) != 2:
        raise CompositeError(
            [
                f"{name} is of two children, the first over the second; there are {len(weight)}: put them into groups"
            ]
        )
    _refuse(values[..., 1] <= 0, values, 1, "is divided by, so its score must be above 0", labels)
    return values, weight, values[..., 0] / values[..., 1]


def _refuse(wrong: NDArray[np.bool_], values: Floats, child: int, rule: str, labels: Labels) -> None:
    places = [tuple(map(int, at)) for at in np.argwhere(wrong)]
    if places:
        names = [f"{labels.unit(at)} ({values[(*at, child)]:g})" for at in places]
        raise CompositeError([f"{labels.indicator(child)} {rule}: {listed(names)}"])
