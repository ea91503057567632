"""Scores by place among the units: rank, Borda points, percentile rank; the worst comes first (article 86).

Arguments and promises as in `scales`. Places take no account of how far units lie apart. `ties` is a rule of `ranks`.
A base is refused: a place is a place among the units that are compared.

    >>> prank([[10.0], [30.0], [20.0]]).score[:, 0].tolist(), borda([[1.0], [1.0], [9.0]]).score[:, 0].tolist()
    ([0.0, 1.0, 0.5], [0.0, 0.0, 2.0])
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from shenzhi.calc.composite.frames import (
    NO_LABELS,
    Axes,
    Base,
    Normalised,
    axes_of,
    no_cap,
    refuse_frames,
    turned_round,
)
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels
from shenzhi.calc.composite.ranks import ranks


def rank(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    ties: ArrayLike = "min",
) -> Normalised:
    """Rank from below: 1 for the worst, as many as there are units for the best. `used`: how many were compared."""
    if base is not None:
        raise CompositeError(
            [
                "a rank compares the units of one frame: leave out base, or take minmax or zscore, which know one"
            ]
        )
    turned = turned_round(x, direction, labels)
    axes = axes_of(axis, turned.ndim)
    last = range(turned.ndim - len(axes), turned.ndim)
    rows = np.moveaxis(turned, axes, last)
    flat = -rows.reshape(
        *rows.shape[: turned.ndim - len(axes)], math.prod(rows.shape[turned.ndim - len(axes) :])
    )
    rules = np.broadcast_to(np.asarray(ties, dtype=object), (turned.shape[-1],))
    placed = np.empty(flat.shape)  # (..., indicators, values of a frame)
    for rule in dict.fromkeys(rules):
        at = np.flatnonzero(rules == rule)
        placed[..., at, :] = ranks(flat[..., at, :], ties=str(rule))
    count = (~np.isnan(turned)).sum(axis=axes, keepdims=True).astype(np.float64)
    score = np.moveaxis(placed.reshape(rows.shape), last, axes)
    return Normalised(score, no_cap(turned), {"compared": count})


def borda(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    ties: ArrayLike = "min",
) -> Normalised:
    """Borda points: how many units are left behind, the rank from below less 1."""
    placed = rank(x, direction=direction, axis=axis, base=base, labels=labels, ties=ties)
    return Normalised(placed.score - 1, placed.capped, placed.used)


def prank(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
    ties: ArrayLike = "min",
) -> Normalised:
    """Percentile rank: (rank from below - 1) / (units with a value - 1), from `lower` to `upper`.

    Refused where only one unit has a value, since it is compared with none."""
    points = borda(x, direction=direction, axis=axis, base=base, labels=labels, ties=ties)
    compared = points.used["compared"]
    refuse_frames(
        compared == 1,
        "only one unit has a value",
        "so there is no percentile; take a longer frame or leave it out",
        labels,
    )
    low, high = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
    share: Floats = points.score / np.where(compared > 1, compared - 1, 1.0)
    return Normalised(low + (high - low) * share, points.capped, points.used)
