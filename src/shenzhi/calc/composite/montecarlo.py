"""Thousands of weightings over many units: how often each unit ranks where, in little memory (article 86).

For an index that is a weighted mean of a few pillars. Scores come from blocked matrix products, so the last digits may
differ from those of `compose` (within 1e-12); ranks are counted as whole numbers, so the result does not depend on the
number of threads. Only running counts are kept: memory does not grow with the number of weightings.

    >>> pillars = np.array([[80.0, 60.0], [70.0, 70.0]])
    >>> found = many_weightings(pillars, [[3, 1], [1, 1], [1, 3], [1, 9]], top=(1,))
    >>> found.mean_rank.tolist(), found.least.tolist(), found.most.tolist(), found.top[:, 0].tolist()
    ([1.5, 1.25], [1, 1], [2, 2], [0.5, 0.75])
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, as_floats

BLOCK = 1 << 22  # scores of one block: 32 MiB


@dataclass(frozen=True)
class Counts:
    """All (units), over the weightings. `mean_score`, `sd_score`; `mean_rank`, `sd_rank`; `least`, `most`: best and worst
    rank. `top` (units, len(top)): share of weightings that rank the unit k or better. Equal scores share the first of
    their places. A unit without any value has NaN, and rank 0 as least and most."""

    mean_score: Floats
    sd_score: Floats
    mean_rank: Floats
    sd_rank: Floats
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    top: Floats


@dataclass
class _Running:
    score: Floats
    square: Floats
    rank: NDArray[np.int64]
    rank_square: NDArray[np.int64]
    least: NDArray[np.int32]
    most: NDArray[np.int32]
    top: NDArray[np.int32]


def many_weightings(
    scores: ArrayLike, weights: ArrayLike, *, top: Sequence[int] = (1, 3, 10), threads: int = 2
) -> Counts:
    """Ranks of `scores` (units, pillars) under every row of `weights` (weightings, pillars), at least 0 and not all 0.

    A missing score (NaN) gives its weight to the unit's other pillars; a unit whose pillars in hand all weigh 0 has
    no score under that weighting, and CompositeError says so."""
    values, weight = as_floats(scores), as_floats(weights)
    if values.ndim != 2 or weight.ndim != 2 or values.shape[1] != weight.shape[1] or not len(weight):
        raise CompositeError(
            [
                f"scores {values.shape} and weights {weight.shape} do not fit: give (units, pillars) and (weightings, pillars)"
            ]
        )
    if (
        np.isinf(values).any()
        or not np.isfinite(weight).all()
        or (weight < 0).any()
        or (weight.sum(axis=1) <= 0).any()
    ):
        raise CompositeError(
            ["scores must be finite or missing, weights finite, not below 0, and not all 0 in a row"]
        )
    known = np.flatnonzero(~np.isnan(values).all(axis=1))
    rows = values[known]
    units = len(rows)
    weight = weight / weight.sum(axis=1, keepdims=True)
    missing = np.isnan(rows)
    there = None if not missing.any() else (~missing).astype(np.float64)
    filled = np.where(missing, 0.0, rows)
    # so that sums of squares keep their digits
    centre = filled.mean(axis=1) if there is None else filled.sum(axis=1) / there.sum(axis=1)

    def counted(part: Floats) -> _Running:
        running = _Running(
            np.zeros(units),
            np.zeros(units),
            np.zeros(units, np.int64),
            np.zeros(units, np.int64),
            np.full(units, units, np.int32),
            np.zeros(units, np.int32),
            np.zeros((len(top), units), np.int32),
        )
        stretch = max(1, BLOCK // max(1, units))
        for start in range(0, len(part), stretch):
            some = part[start : start + stretch]
            block = some @ filled.T
            if there is not None:
                below = some @ there.T
                if not below.all():
                    raise CompositeError(
                        ["a unit has values only where a weighting gives no weight; give every pillar some"]
                    )
                block /= below
            for row in block:
                _count(running, row, centre, top)
        return running

    lots = np.array_split(weight, max(1, min(threads, len(weight))))
    with ThreadPoolExecutor(len(lots)) as pool:
        parts = list(pool.map(counted, lots))
    count = len(weight)
    score = sum((one.score for one in parts), np.zeros(units)) / count
    square = sum((one.square for one in parts), np.zeros(units)) / count
    rank = sum((one.rank for one in parts), np.zeros(units, np.int64)) / count
    rank_square = sum((one.rank_square for one in parts), np.zeros(units, np.int64)) / count

    def placed(found: NDArray, empty: float) -> NDArray:
        whole = np.full((len(values), *found.shape[1:]), empty, found.dtype)
        whole[known] = found
        return whole

    return Counts(
        placed(score + centre, np.nan),
        placed(np.sqrt(np.maximum(square - score**2, 0.0)), np.nan),
        placed(rank, np.nan),
        placed(np.sqrt(np.maximum(rank_square - rank**2, 0.0)), np.nan),
        placed(np.min([one.least for one in parts], axis=0).astype(np.int64), 0),
        placed(np.max([one.most for one in parts], axis=0).astype(np.int64), 0),
        placed(np.sum([one.top for one in parts], axis=0).T / count, np.nan),
    )


def _count(running: _Running, score: Floats, centre: Floats, top: Sequence[int]) -> None:
    """One weighting's scores entered into the running counts; `score` is used up."""
    order, places = _placed(score)
    ranks = np.empty(len(score), np.int32)
    ranks[order] = places
    score -= centre
    running.score += score
    score *= score
    running.square += score
    running.rank += ranks
    running.rank_square += np.multiply(ranks, ranks, dtype=np.int64)
    np.minimum(running.least, ranks, out=running.least)
    np.maximum(running.most, ranks, out=running.most)
    for at, k in enumerate(top):
        running.top[at, order[: np.searchsorted(places, k, side="right")]] += 1


def first_places(scores: Floats) -> NDArray[np.int32]:
    """Ranks of finite scores (units), 1 the highest; equal scores share the first of their places.

    As `ranks`, without its care for missing scores and other rules, in a fraction of the time."""
    order, places = _placed(scores)
    ranks = np.empty(len(scores), np.int32)
    ranks[order] = places
    return ranks


def _placed(scores: Floats) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Units from the highest score to the lowest, and the place of each.

    A score's bits, of which the last give way to the unit's number, are sorted as whole numbers; the few that differ only
    in those bits are put in order by the scores themselves."""
    count = len(scores)
    packed = (scores + 0.0).view(np.int64)  # + 0.0: there are two zeros, and they are equal
    if packed.min(initial=0) < 0:
        packed ^= (packed >> np.int64(63)) & np.int64(
            2**63 - 1
        )  # the bits of negative numbers fall as they rise
    mask = np.int64((1 << max(1, count - 1).bit_length()) - 1)
    np.invert(packed, out=packed)
    packed &= ~mask
    packed |= np.arange(count)
    packed.sort()
    order = packed & mask
    packed |= mask
    close = np.flatnonzero(packed[1:] == packed[:-1])
    places = np.arange(1, count + 1, dtype=np.int32)
    if len(close) > count // 64:
        order = np.argsort(-scores, kind="stable")
        close = np.flatnonzero(scores[order[1:]] == scores[order[:-1]])
    elif len(close):
        for run in np.split(close, np.flatnonzero(np.diff(close) > 1) + 1):
            some = order[run[0] : run[-1] + 2]
            order[run[0] : run[-1] + 2] = some[np.argsort(-scores[some], kind="stable")]
        close = close[scores[order[close + 1]] == scores[order[close]]]
    if len(close):
        places[close + 1] = 0
        np.maximum.accumulate(places, out=places)
    return order, places
