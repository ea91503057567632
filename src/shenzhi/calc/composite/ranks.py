"""Ranks of scores: 1 is the best, ties are said to be ties, and who has no score has no rank (article 86)."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, refuse_infinity
from shenzhi.calc.composite.rounding import rounded

Ties = Literal["min", "max", "average", "dense"]
TIES: tuple[str, ...] = get_args(Ties)


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
    order = np.argsort(-values, axis=-1, kind="stable")  # missing scores come last
    ordered = np.take_along_axis(values, order, -1)
    count = values.shape[-1]
    place = np.broadcast_to(np.arange(1, count + 1), values.shape)
    starts = np.ones(values.shape, dtype=bool)
    starts[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    ends = np.ones(values.shape, dtype=bool)
    ends[..., :-1] = starts[..., 1:]
    first = np.maximum.accumulate(np.where(starts, place, 0), axis=-1)
    last = np.minimum.accumulate(np.where(ends, place, count)[..., ::-1], axis=-1)[..., ::-1]
    by_rule = {
        "min": first,
        "max": last,
        "average": (first + last) / 2,
        "dense": np.cumsum(starts, axis=-1),
    }[ties]
    placed = np.empty(values.shape)
    np.put_along_axis(placed, order, by_rule.astype(np.float64), -1)
    return np.moveaxis(np.where(present, placed, np.nan), -1, axis)
