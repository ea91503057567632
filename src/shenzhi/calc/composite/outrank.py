"""Units compared with each other instead of averaged: outranking, Copeland's score, TOPSIS (article 86).

`scores` (..., units, children), `weights` (children,); each leading position (a period) is compared by itself. Two units
are compared on the children that both have a score for, with their weights renormalised for the pair: the order of
rows plays no part, and what i is ahead of j, j is behind i.

    >>> nan = float("nan")
    >>> outranking([[1.0, 1.0], [nan, 1.0]], [1.0, 1.0])[0, 1].item()  # only the second child is known of both: a draw
    0.5
    >>> copeland([[3.0, 3.0], [2.0, 2.0], [1.0, 1.0]], [1.0, 1.0]).value.tolist()
    [2.0, 0.0, -2.0]
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.frames import exact_sums
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels
from shenzhi.calc.composite.means import NO_LABELS, Mean, added, checked, no_parts, shares
from shenzhi.calc.composite.ranks import ranks

TILE = 256  # units by units compared at a time: fits a processor's own memory
DRAW = 1e-12  # weights such as 0.1 + 0.2 against 0.3 are a draw


def outranking(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS) -> Floats:
    """The outranking matrix (..., units, units): the share of weight on which the row is ahead of the column.

    Equal scores count half to each, so o[i, j] + o[j, i] = 1; the diagonal is 0. NaN where two units have no child in
    common (G. Munda and M. Nardo 2009, Applied Economics 41)."""
    values, weight = _compared(scores, weights, labels)
    units = values.shape[-2]
    result = np.zeros((*values.shape[:-2], units, units))
    for frame in np.ndindex(values.shape[:-2]):
        matrix = result[frame]
        for rows, columns, ahead, known in _tiles(values[frame], weight):
            with np.errstate(invalid="ignore"):
                lead = ahead / known
            matrix[rows, columns] = 0.5 + 0.5 * lead
            matrix[columns, rows] = 0.5 - 0.5 * lead.T
        np.fill_diagonal(matrix, 0.0)
    return result


@dataclass(frozen=True)
class Dominance:
    """`pairs` (...): how many pairs of units have one ahead on every child both have; `share` of all pairs (0..1)."""

    pairs: NDArray[np.intp]
    share: Floats


def dominance(matrix: ArrayLike) -> Dominance:
    """How much of an order is beyond dispute: pairs with an outranking of 1, which no weights can turn round."""
    given = np.asarray(matrix, dtype=np.float64)
    units = given.shape[-1]
    count = (given == 1).sum(axis=(-2, -1))
    return Dominance(count, count / max(1, units * (units - 1) // 2))


def copeland(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS) -> Mean:
    """Copeland's score: how many units a unit is ahead of, less how many are ahead of it; units - 1 is the most.

    Ahead is who has more than half of the weight of a pair. A pair without a child in common is a draw, a unit without
    any score has none. Nothing is averaged, so there are no parts: `factor` and `contribution` are NaN."""
    values, weight = _compared(scores, weights, labels)
    won = np.zeros(values.shape[:-1])
    for frame in np.ndindex(values.shape[:-2]):
        for rows, columns, ahead, known in _tiles(values[frame], weight):
            sign = (ahead > DRAW * known).astype(np.int8) - (ahead < -DRAW * known).astype(np.int8)
            won[frame][rows] += sign.sum(axis=1, dtype=np.int64)
            if rows != columns:
                won[frame][columns] -= sign.sum(axis=0, dtype=np.int64)
    return Mean(np.where(np.isnan(values).all(axis=-1), np.nan, won), values, weight, no_parts)


def topsis(scores: ArrayLike, weights: ArrayLike, labels: Labels = NO_LABELS, *, vector: bool = True) -> Mean:
    """TOPSIS closeness: d- / (d+ + d-), 1 at the best scores of all units, 0 at the worst (Hwang and Yoon 1981).

    d+ and d- are the distances sqrt(sum of (share * (r - r*))^2) to the best and to the worst score seen of each child; r
    is the score, with `vector` divided by the root of the sum of its squares. A missing score is left out of both
    distances and the shares are renormalised. Contributions are NaN: a distance has no parts that add up."""
    values, weight = _compared(scores, weights, labels)
    share = shares(values, weight)
    if vector:
        length = np.sqrt(exact_sums(values**2, axis=-2))[..., None, :]
        values = np.divide(values, length, out=values.copy(), where=length > 0)
    to_best, to_worst = (
        np.sqrt(added((share * (values - end.reduce(values, axis=-2, keepdims=True))) ** 2))
        for end in (np.fmax, np.fmin)
    )
    whole = to_best + to_worst
    none = np.isnan(values).all(axis=-1)
    if ((whole == 0) & ~none).any():
        alike = [labels.unit(tuple(map(int, at))) for at in np.argwhere((whole == 0) & ~none)]
        raise CompositeError(
            [
                f"topsis: {alike[0]} and {len(alike) - 1} more cannot be placed between the best and the worst: all "
                "units are equal on the children they have; take a mean here"
            ]
        )
    with np.errstate(invalid="ignore"):
        value = np.where(none, np.nan, to_worst / whole)
    return Mean(value, np.asarray(scores, dtype=np.float64), weight, no_parts)


def _compared(scores: ArrayLike, weights: ArrayLike, labels: Labels) -> tuple[Floats, Floats]:
    values, weight = checked(scores, weights, labels)
    if values.ndim < 2:
        raise CompositeError(["units are compared with each other: scores must be (..., units, children)"])
    return values, weight


def _tiles(values: Floats, weight: Floats) -> Iterator[tuple[slice, slice, Floats, Floats]]:
    """For pairs of blocks of units on and above the diagonal: by how much weight the rows are ahead of the columns, and
    the weight that both have; added up child by child.

    Places instead of scores are compared, in single precision, which holds them exactly."""
    place = -np.ascontiguousarray(ranks(values, axis=0, ties="dense").T).astype(np.float32)
    gaps: NDArray[np.bool_] = np.isnan(place)
    holed: NDArray[np.bool_] = np.asarray(gaps.any(axis=1))
    whole = float(added(np.where(holed, 0.0, weight)))
    starts = range(0, values.shape[0], TILE)
    jobs = [(slice(i, i + TILE), slice(j, j + TILE)) for i in starts for j in starts if j >= i]

    def tile(job: tuple[slice, slice]) -> tuple[slice, slice, Floats, Floats]:
        rows, columns = job
        shape = (place[0, rows].size, place[0, columns].size)
        ahead, known, term = np.zeros(shape), np.full(shape, whole), np.empty(shape)
        for child, one in enumerate(weight):
            row, column = place[child, rows, None], place[child, None, columns]
            # a comparison with a missing place is false both ways
            sign = np.greater(row, column).view(np.int8) - np.less(row, column).view(np.int8)
            ahead += np.multiply(sign, one, out=term)
            if holed[child]:
                both = ~(gaps[child, rows, None] | gaps[child, None, columns])
                known += np.multiply(both, one, out=term)
        return rows, columns, ahead, known

    if len(jobs) < 4:
        yield from map(tile, jobs)
        return
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(
        workers
    ) as pool:  # a few tiles at a time: memory stays small however many units there are
        for start in range(0, len(jobs), 8 * workers):
            yield from pool.map(tile, jobs[start : start + 8 * workers])
