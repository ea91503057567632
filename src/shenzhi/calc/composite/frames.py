"""The frame a figure is compared with: least, most, mean and deviation of the units it stands among (article 86).

Every function takes `x` (..., units, indicators), NaN where missing, and says over which positions it looks:

`axis`  -2 takes the units of each leading position by themselves (per period), (-3, -2) units of all periods together.
`base`  one or several positions along the panel axis (-3): the units of these periods together are the frame of all
        periods, so that a score says how far a unit has come since the base, and may pass the ends of the scale.

Sums are exact, hence free of the order of units:

    >>> exact_sums([[1e16], [1.0], [-1e16]]).tolist()
    [1.0]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed, refuse_infinity

Axes = int | tuple[int, ...]
Base = int | Sequence[int] | None
NO_LABELS = Labels()


@dataclass(frozen=True)
class Normalised:
    """`score`: shape of x. `capped`: -1 where a score was held at the lower end, +1 at the upper, else 0.
    `used`: the figures the formula used, by name, each of a shape that broadcasts against x (NaN: not used)."""

    score: Floats
    capped: NDArray[np.int8]
    used: dict[str, Floats] = field(default_factory=dict)


def turned_round(x: ArrayLike, direction: ArrayLike, labels: Labels) -> Floats:
    """x * direction, on which more is better; refuses an infinite value and a direction other than +1 and -1."""
    values, sign = as_floats(x), as_floats(direction)
    refuse_infinity(values, labels)
    if not np.isin(sign, (-1.0, 1.0)).all():
        raise CompositeError(["direction must be +1 (more is better) or -1 (less is better)"])
    return values * sign


def no_cap(values: Floats) -> NDArray[np.int8]:
    return np.zeros(values.shape, np.int8)


def held(share: Floats, cap: ArrayLike) -> tuple[Floats, NDArray[np.int8]]:
    """`share` with what lies beyond 0 and 1 held there for the indicators with a cap, and where that was done."""
    holds = np.asarray(cap, dtype=bool)
    if not holds.any():
        return share, no_cap(share)
    capped = (holds & (share > 1)).astype(np.int8) - (holds & (share < 0)).astype(np.int8)
    return np.where(capped != 0, (capped > 0).astype(np.float64), share), capped


def posts_as_written(worst: Floats, best: Floats, direction: ArrayLike) -> dict[str, Floats]:
    """Worst and best in the indicator's own unit."""
    return {"worst": worst * as_floats(direction), "best": best * as_floats(direction)}


def axes_of(axis: Axes, ndim: int) -> tuple[int, ...]:
    return tuple(at % ndim for at in ((axis,) if isinstance(axis, int) else axis))


def frame_shape(shape: tuple[int, ...], axis: Axes) -> tuple[int, ...]:
    """`shape` with the axes of the frame reduced to one."""
    taken = axes_of(axis, len(shape))
    return tuple(1 if at in taken else size for at, size in enumerate(shape))


def side_by_side(columns: Sequence[int] | NDArray[np.intp]) -> Any:
    """Rising columns that are neighbours as a slice, which looks at them where they are; others as they are, to be copied."""
    first, last = int(columns[0]), int(columns[-1])
    return slice(first, last + 1) if last - first == len(columns) - 1 else columns


def framed(x: Floats, axis: Axes, base: Base) -> tuple[Floats, Axes]:
    """The values that make the frame, and the axes over which they are taken together."""
    if base is None:
        return x, axis
    periods = [base] if isinstance(base, int | np.integer) else list(base)
    count = x.shape[-3] if x.ndim > 2 else 0
    wrong = [at for at in periods if not -count <= at < count]
    if wrong or not periods:
        raise CompositeError(
            [
                f"base: {listed([str(at) for at in wrong]) or 'nothing'} is not a period of the {count} in the panel"
            ]
        )
    return np.take(x, periods, axis=-3), (-3, -2)


def observed(turned: Floats, axis: Axes, base: Base = None) -> tuple[Floats, Floats]:
    """Least and most of each frame, missing values aside; NaN for a frame without values."""
    taken, over = framed(turned, axis, base)
    least, most = (end.reduce(taken, axis=over, keepdims=True, initial=np.nan) for end in (np.fmin, np.fmax))
    return least, most


def mean_and_deviation(turned: Floats, axis: Axes, base: Base = None) -> tuple[Floats, Floats]:
    """Mean and sample deviation (n - 1) of each frame by exact sums; NaN without values, and for one value alone."""
    taken, over = framed(turned, axis, base)
    axes = axes_of(over, taken.ndim)
    shape = frame_shape(taken.shape, over)
    # The values of a frame go last and lie together: then a pass runs along them.
    rows = np.moveaxis(taken, axes, range(taken.ndim - len(axes), taken.ndim))
    rows = rows.reshape(math.prod(shape), -1)
    present = ~np.isnan(rows)
    count = present.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = _exact(np.where(present, rows, 0.0)) / count
        squares = np.where(present, (rows - mean[:, None]) ** 2, 0.0)
        deviation = np.sqrt(_exact(squares) / np.where(count > 1, count - 1, np.nan))
    return mean.reshape(shape), deviation.reshape(shape)


def exact_sums(x: ArrayLike, axis: int = 0) -> Floats:
    """Sums along `axis` as `math.fsum` gives them, i.e. the exact sum rounded once; NaN counts as nothing."""
    rows = np.moveaxis(as_floats(x), axis, -1)
    flat = np.where(np.isnan(rows), 0.0, rows).reshape(math.prod(rows.shape[:-1]), rows.shape[-1])
    return _exact(flat).reshape(rows.shape[:-1])


def _exact(rows: Floats) -> Floats:
    """The exact sum of each row, rounded once; `rows` is written over.

    Each value is split at a power of two so high that the upper parts of a row add up without rounding, in any order;
    what is left is split further down until nothing is left (after S. M. Rump, T. Ogita and S. Oishi 2008, Accurate
    floating-point summation, SIAM Journal on Scientific Computing 31). Only the few exact sums are then rounded."""
    many, length = rows.shape
    if not rows.size:
        return np.zeros(many)
    spare = math.ceil(math.log2(length)) + 1
    exponent = np.frexp(np.maximum(rows.max(axis=-1), -rows.min(axis=-1)))[1] + spare
    if exponent.max() > 1023:  # the splitting number itself would be infinite
        return np.array([math.fsum(row) for row in rows])
    sums: list[Floats] = []
    upper = np.empty_like(rows)
    while True:
        split = np.ldexp(1.0, exponent)[:, None]
        np.add(rows, split, out=upper)
        upper -= split
        rows -= upper
        sums.append(upper.sum(axis=-1))
        if not rows.any():
            return np.array([math.fsum(parts) for parts in zip(*sums, strict=True)])
        exponent = exponent - 52 + spare


def refuse_constant(least: Floats, most: Floats, labels: Labels) -> None:
    """CompositeError for every indicator whose values do not differ within a frame: nothing can be told apart."""
    refuse_frames(
        least == most,
        "all values are equal",
        "so they cannot be put on a scale of what was observed; give it posts, take a longer frame, or leave it out",
        labels,
    )


def refuse_frames(wrong: NDArray[np.bool_], what: str, way_out: str, labels: Labels) -> None:
    """CompositeError "indicator: what in 2023, way out" for every indicator with a True in `wrong` (frames)."""
    faults = []
    # One frame for everything has no name of its own.
    told = all(size == 1 for size in wrong.shape[:-1])
    for column in np.flatnonzero(wrong.any(axis=tuple(range(wrong.ndim - 1)))):
        where = [tuple(map(int, at[:-1])) for at in np.argwhere(wrong[..., column])]
        period = "" if told else f" in {listed([labels.frame(at) for at in where])}"
        faults.append(f"{labels.indicator(int(column))}: {what}{period}, {way_out}")
    if faults:
        raise CompositeError(faults)


def refuse_cells(wrong: NDArray[np.bool_], x: Floats, rule: str, labels: Labels) -> None:
    """CompositeError "indicator: rule (of unit: value, ...)" for every indicator with a True in `wrong` (shape of x)."""
    faults = []
    for column in np.flatnonzero(wrong.any(axis=tuple(range(wrong.ndim - 1)))):
        places = [tuple(map(int, at)) for at in np.argwhere(wrong[..., column])]
        cells = [f"{labels.unit(at)} has {x[(*at, column)]:g}" for at in places]
        faults.append(f"{labels.indicator(int(column))}: {rule}; {listed(cells)}")
    if faults:
        raise CompositeError(faults)


def pairs(given: ArrayLike | None, count: int) -> Floats:
    """(low, high) for each of `count` indicators; NaN where none is given."""
    return np.full((count, 2), np.nan) if given is None else np.broadcast_to(as_floats(given), (count, 2))


def each(given: Any, count: int) -> Floats:
    """One number for each of `count` indicators; None becomes NaN."""
    return np.broadcast_to(as_floats(given), (count,))
