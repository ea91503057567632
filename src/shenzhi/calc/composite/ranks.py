"""Ranks of scores: 1 is the best, ties are said to be ties, and who has no score has no rank (article 86)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, refuse_infinity
from shenzhi.calc.composite.rounding import rounded

Ties = Literal["min", "max", "average", "dense"]
TIES: tuple[str, ...] = get_args(Ties)
Starts = NDArray[np.bool_]  # which scores, the highest first, differ from the one before


def _first(starts: Starts) -> NDArray[Any]:
    place = np.arange(1, starts.shape[-1] + 1)
    return np.maximum.accumulate(np.where(starts, place, 0), axis=-1)


def _last(starts: Starts) -> NDArray[Any]:
    count = starts.shape[-1]
    ends = np.ones(starts.shape, dtype=bool)
    ends[..., :-1] = starts[..., 1:]
    place = np.where(ends, np.arange(1, count + 1), count)
    return np.minimum.accumulate(place[..., ::-1], axis=-1)[..., ::-1]


RULES: dict[str, Callable[[Starts], NDArray[Any]]] = {
    "min": _first,
    "max": _last,
    "average": lambda starts: (_first(starts) + _last(starts)) / 2,
    "dense": lambda starts: np.cumsum(starts, axis=-1),
}


def ranks(
    scores: ArrayLike,
    *,
    axis: int = -1,
    ties: str = "min",
    decimals: int | None = None,
    rule: str = "half_even",
) -> Floats:
    """Ranks along `axis`, the highest score first; NaN stays NaN and is not counted.

    Equal scores share a rank: the first of their places ("min": 1 1 3), the last ("max": 2 2 3), the mean of them
    ("average": 1.5 1.5 3), or the next number after the scores above ("dense": 1 1 2). With `decimals` scores are
    rounded before they are compared, by a `rule` of `rounding`, so that a rank never rests on digits that nobody is
    shown.

    >>> ranks([87.5, 90.0, float("nan"), 87.5]).tolist()
    [2.0, 1.0, nan, 2.0]
    """
    if ties not in TIES:
        raise CompositeError([f"ties: {ties} is not a rule for ties; known are {', '.join(TIES)}"])
    values = np.moveaxis(as_floats(scores), axis, -1)
    refuse_infinity(values, Labels())
    values = values if decimals is None else rounded(values, decimals, rule)
    present = ~np.isnan(values)
    order = np.argsort(
        -values, axis=-1
    )  # missing scores come last; equal ones share a rank, whichever is first
    ordered = np.take_along_axis(values, order, -1)
    starts = np.ones(values.shape, dtype=bool)
    starts[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    placed = np.empty(values.shape)
    np.put_along_axis(placed, order, RULES[ties](starts).astype(np.float64), -1)
    return np.moveaxis(np.where(present, placed, np.nan), -1, axis)
