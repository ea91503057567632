"""How much of the spread of a result each choice of method explains: exact, from all combinations (article 86).

For a result y over all combinations of answers X1, X2 ... with their probabilities:

    first-order  S_i = Var(E[y | X_i]) / Var(y)         what choosing X_i alone explains
    total        T_i = E[Var(y | all but X_i)] / Var(y)   what stays open when only X_i is open, interactions included

(Sobol' 1993, Mathematical Modelling and Computational Experiments 1; Homma and Saltelli 1996, Reliability Engineering &
System Safety 52.) With every combination at hand these are plain sums, without sampling error. Some combinations may be
impossible: both definitions are then taken over the possible ones, their probabilities renormalised. The questions are
no longer independent in that case, so first-order indices may add up to more than 1, and a total may be below its first.

A result that does not vary has the indices 0: there is nothing to explain.

    >>> y = np.array([[0.0, 1.0], [2.0, 3.0]])  # 2 * X1 + X2: variances 1 and 1/4
    >>> found = indices(y)
    >>> found.variance.item(), found.first.tolist(), found.total.tolist()
    (1.25, [0.8, 0.2], [0.8, 0.2])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, as_floats

# Below this share of its size a result's deviation is the noise of its last digits.
NOISE = 1e-13


@dataclass(frozen=True)
class Indices:
    """`first`, `total` (..., factors); `mean`, `variance` (...), over the possible combinations."""

    first: Floats
    total: Floats
    mean: Floats
    variance: Floats


def indices(
    y: ArrayLike,
    *,
    factors: int | None = None,
    probabilities: Sequence[ArrayLike] | None = None,
    possible: ArrayLike | None = None,
) -> Indices:
    """Exact indices of results `y` (answers of factor 1, of factor 2, ..., results...).

    `factors`: how many of the axes are factors; all, when not given. `probabilities`: for each factor one for each answer.
    `possible` (answers...): False where there is no result. A result that is NaN in some combinations is judged over the
    others."""
    values = as_floats(y)
    count = values.ndim if factors is None else factors
    shape, results = values.shape[:count], values.shape[count:]
    rows = np.moveaxis(values.reshape(*shape, -1), -1, 0)
    chance = chance_of(shape, probabilities, possible)
    centre = centre_of(rows, chance)
    found = solved(gathered(rows, chance, centre), centre)
    return Indices(
        found.first.reshape(*results, count),
        found.total.reshape(*results, count),
        found.mean.reshape(results),
        found.variance.reshape(results),
    )


def chance_of(
    shape: tuple[int, ...], probabilities: Sequence[ArrayLike] | None, possible: ArrayLike | None
) -> Floats | None:
    """The weight of every combination, 0 where it is impossible; None where all weigh the same."""
    if probabilities is None and (possible is None or np.all(possible)):
        return None
    chance = np.ones(shape)
    for axis, given in enumerate(probabilities or ()):
        one = as_floats(given)
        if one.shape != (shape[axis],):
            raise CompositeError(
                [f"factor {axis + 1} has {shape[axis]} answers, but {one.size} probabilities"]
            )
        chance *= one.reshape([-1 if at == axis else 1 for at in range(len(shape))])
    if possible is not None:
        chance = np.where(possible, chance, 0.0)
    if not chance.any():
        raise CompositeError(["no combination is possible: there is nothing to judge"])
    return chance


def centre_of(y: Floats, chance: Floats | None) -> Floats:
    """A figure near the mean of each result; sums are taken from it, so that no digits are lost."""
    axes = tuple(range(1, y.ndim))
    if chance is None and not np.isnan(y).any():
        return y.mean(axis=axes)
    weight = np.where(np.isnan(y), 0.0, 1.0 if chance is None else chance)
    total = weight.sum(axis=axes)
    added = (np.where(weight > 0, y, 0.0) * weight).sum(axis=axes)
    return np.divide(added, total, out=np.zeros(len(y)), where=total > 0)


@dataclass(frozen=True)
class Sums:
    """What the indices are made of, (results or 1, ...). Sums over parts of the answers of one factor can be joined.

    `weight`, `first`, `second`: sums of p, p y, p y². `level`, `level_weight`: for each factor p y and p by answer.
    `within`: for each factor the sum over all else of (p y)² / p, None for the factor that is split. `open`,
    `open_weight`: for the factor that is split p y and p over all else."""

    weight: Floats
    first: Floats
    second: Floats
    level: list[Floats]
    level_weight: list[Floats]
    within: list[Floats | None]
    open: Floats | None
    open_weight: Floats | None


def gathered(y: Floats, chance: Floats | None, centre: Floats, split: int | None = None) -> Sums:
    """Sums over `y` (results, answers...), taken from `centre` (results)."""
    count = y.ndim - 1
    moved = y - centre.reshape(-1, *[1] * count)
    weight = np.broadcast_to(1.0 if chance is None else chance, y.shape[1:])[None]
    missing = np.isnan(moved)
    if missing.any():
        weight = np.where(missing, 0.0, weight)
        moved[missing] = 0.0
    plain = chance is None and weight.shape[0] == 1
    weighted = moved if plain else moved * weight
    second = np.einsum("rc,rc->r", weighted.reshape(len(y), -1), moved.reshape(len(y), -1))
    axes = tuple(range(1, y.ndim))
    level: list[Floats] = []
    level_weight: list[Floats] = []
    within: list[Floats | None] = []
    open_sum = open_weight = None
    for at in axes:
        others = tuple(axis for axis in axes if axis != at)
        level.append(weighted.sum(axis=others))
        level_weight.append(weight.sum(axis=others))
        total = weighted.sum(axis=at)
        total_weight = weight.sum(axis=at)
        if at - 1 == split:
            open_sum, open_weight = total, total_weight
            within.append(None)
        else:
            within.append(_squares(total, total_weight))
    return Sums(
        weight.sum(axis=axes),
        weighted.sum(axis=axes),
        second,
        level,
        level_weight,
        within,
        open_sum,
        open_weight,
    )


def joined(parts: Sequence[Sums], split: int | None) -> Sums:
    """The sums of all parts; `split` is the factor whose answers the parts share out among them, in order."""
    if len(parts) == 1:
        return parts[0]

    def summed(name: str) -> Any:
        return _in_turn([getattr(one, name) for one in parts])

    def by_factor(name: str) -> list[Any]:
        columns = zip(*(getattr(one, name) for one in parts), strict=True)
        return [
            _beside(list(column)) if at == split else _in_turn(list(column))
            for at, column in enumerate(columns)
        ]

    return Sums(
        summed("weight"),
        summed("first"),
        summed("second"),
        by_factor("level"),
        by_factor("level_weight"),
        [
            None if at == split else _in_turn([one.within[at] for one in parts])
            for at in range(len(parts[0].within))
        ],
        summed("open"),
        summed("open_weight"),
    )


def solved(sums: Sums, centre: Floats) -> Indices:
    """The indices (results, factors) from sums taken from `centre`."""
    count = len(sums.level)
    weight = np.broadcast_to(sums.weight, sums.first.shape)
    total = np.where(weight > 0, weight, 1.0)
    mean = sums.first / total
    variance = np.maximum(sums.second / total - mean**2, 0.0)
    varies = np.sqrt(variance) > NOISE * np.abs(centre + mean)
    share = np.where(varies, variance, 1.0)
    first, whole = np.zeros((len(mean), count)), np.zeros((len(mean), count))
    for at in range(count):
        within = sums.within[at]
        if within is None:
            assert sums.open is not None
            assert sums.open_weight is not None
            within = _squares(sums.open, sums.open_weight)
        between = _squares(sums.level[at], sums.level_weight[at]) / total - mean**2
        first[:, at] = np.where(varies, np.maximum(between, 0.0) / share, 0.0)
        whole[:, at] = np.where(varies, np.maximum(sums.second - within, 0.0) / total / share, 0.0)
    return Indices(first, whole, centre + mean, np.where(varies, variance, 0.0))


def _squares(sums: Floats, weights: Floats) -> Floats:
    """Sum of (p y)² / p over all but the first axis; nothing where p is 0."""
    part = np.divide(
        sums**2, weights, out=np.zeros(sums.shape), where=np.broadcast_to(weights > 0, sums.shape)
    )
    squares: Floats = part.sum(axis=tuple(range(1, part.ndim)))
    return squares


def _in_turn(parts: Sequence[Any]) -> Any:
    total = parts[0]
    for one in parts[1:]:
        total = total + one if one is not None else None
    return total


def _beside(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Parts side by side along the answers; one row of weights may stand for all results."""
    rows = max(len(one) for one in parts)
    return np.concatenate([np.broadcast_to(one, (rows, one.shape[1])) for one in parts], axis=1)
