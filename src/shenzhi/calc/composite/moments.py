"""How lopsided an indicator is and how far its extremes reach: skewness and kurtosis (checks behind article 86).

Both are the sample forms of spreadsheets and statistical packages (Joanes and Gill 1998, The Statistician 47, G1 and
G2), with S_k the sum of (x - mean)^k over the n values of a frame:

    skew = sqrt(n) * S_3 / S_2^1.5 * sqrt(n * (n - 1)) / (n - 2)
    kurt = ((n + 1) * (n * S_4 / S_2^2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.frames import Axes, axes_of, frame_shape
from shenzhi.calc.composite.labels import CompositeError, Floats, as_floats

COPIED = 1 << 21  # figures copied out of x at a time, so that a column lies in one piece (16 MB)
TILE = 512  # units turned from columns into rows at a time
CACHED = 1 << 16  # figures worked on at a time, so that they stay in the processor's cache (512 kB)


def skew_and_kurtosis(x: ArrayLike, *, axis: Axes = -2) -> tuple[Floats, Floats]:
    """Skewness and kurtosis of every frame of x (..., units, indicators), each of the shape of x with the frame's axes
    reduced to one. Missing values have no part. NaN where there is none: all values equal, or too few (3 and 4).

    Frames of any length are added up in pairs; another order of the units changes the result by rounding alone
    (below 1e-12 for values whose deviations can be told from their mean).

    >>> skew, kurt = skew_and_kurtosis([[0.0], [0.0], [0.0], [1.0]])
    >>> round(float(skew[0, 0]), 12), round(float(kurt[0, 0]), 12)
    (2.0, 4.0)
    """
    values = as_floats(x)
    frames = stacked(values, axis)
    skew, kurt = (np.full((frames.shape[0], frames.shape[2]), np.nan) for _ in range(2))
    for frame, columns in blocks(frames):
        skew[frame, columns], kurt[frame, columns] = of_rows(taken(frames, frame, columns))
    shape = frame_shape(values.shape, axis)
    return skew.reshape(shape), kurt.reshape(shape)


def of_rows(rows: Floats) -> tuple[Floats, Floats]:
    """Skewness and kurtosis of each row of `rows` (indicators, units)."""
    skew, kurt = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    step = max(1, CACHED // max(1, rows.shape[1]))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        skew[part], kurt[part] = _of_few_rows(rows[part])
    return skew, kurt


def _of_few_rows(rows: Floats) -> tuple[Floats, Floats]:
    with np.errstate(all="ignore"):  # a row without values or without spread is set to NaN below
        total = rows.sum(axis=1)
        missing = np.isnan(rows) if np.isnan(total).any() else None
        if missing is None:
            count = np.full(len(rows), float(rows.shape[1]))
            least, most = rows.min(axis=1, initial=np.inf), rows.max(axis=1, initial=-np.inf)
        else:
            count = rows.shape[1] - missing.sum(axis=1, dtype=np.float64)
            total = np.nansum(rows, axis=1)
            least = np.fmin.reduce(rows, axis=1, initial=np.inf)
            most = np.fmax.reduce(rows, axis=1, initial=-np.inf)
        mean = total / count
        # Deviations divided by one power of two, which costs no digit: fourth powers neither overflow nor vanish.
        power = np.ldexp(1.0, -np.frexp(np.maximum(mean - least, most - mean))[1])
        off = rows - mean[:, None]
        off *= power[:, None]
        if missing is not None:
            off[missing] = 0.0
        squares = off * off
        second = squares.sum(axis=1)
        off *= squares
        third = off.sum(axis=1)
        squares *= squares
        fourth = squares.sum(axis=1)
        # The mean of equal values may be off by its last bit, so equality is asked of the values themselves.
        return _from_sums(np.where(least < most, count, 0.0), second, third, fourth)


def _from_sums(count: Floats, second: Floats, third: Floats, fourth: Floats) -> tuple[Floats, Floats]:
    """Skewness and kurtosis from the sums of powers of the deviations; `count` 0 where there is no spread."""
    with np.errstate(all="ignore"):
        skew = np.sqrt(count) * third / second**1.5 * np.sqrt(count * (count - 1)) / (count - 2)
        kurt = ((count + 1) * (count * fourth / second**2 - 3) + 6) * (count - 1)
        kurt = kurt / ((count - 2) * (count - 3))
    return np.where(count < 3, np.nan, skew), np.where(count < 4, np.nan, kurt)


class Capped:
    """Skewness and kurtosis of a column while a few of its values at either end are held at the next ones.

    What lies between the ends is added up once, about its own mean; only the ends are added up again.

    >>> capped = Capped(np.array([0.0, 1.0, 2.0, 3.0, 90.0]), ends=1)
    >>> [round(one, 6) for one in capped.between(0.0, 3.0)]
    [-0.541387, -1.487889]
    """

    def __init__(self, ordered: Floats, ends: int) -> None:
        """`ordered`: the values, rising, not all equal; `ends`: how many at either end may be held."""
        ends = min(ends, len(ordered) // 2)
        core = ordered[ends : len(ordered) - ends]
        self._count = np.array(float(len(ordered)))
        self._ends = np.concatenate([ordered[:ends], ordered[len(ordered) - ends :]])
        self._all_ends = not len(core)
        self._centre = 0.0 if self._all_ends else float(core.mean())
        self._power = float(np.ldexp(1.0, -np.frexp(ordered[-1] - ordered[0])[1]))
        self._core = self._sums(core)

    def _sums(self, values: Floats) -> Floats:
        off = (values - self._centre) * self._power
        squares = off * off
        # Not by BLAS, whose order of adding, and so the last digit, is another on another machine.
        return np.array([off.sum(), squares.sum(), (squares * off).sum(), (squares * squares).sum()])

    def between(self, floor: float, ceiling: float) -> tuple[float, float]:
        """Skewness and kurtosis with the ends held within `floor` and `ceiling`, which lie around the rest."""
        ends = np.clip(self._ends, floor, ceiling)
        if self._all_ends:  # nothing between them could tell where the middle is once far values are held
            skew, kurt = of_rows(ends[None, :])
            return float(skew[0]), float(kurt[0])
        first, second, third, fourth = self._core + self._sums(ends)
        shift = first / self._count  # from the centre to the mean of all
        skew, kurt = _from_sums(
            self._count,
            second - self._count * shift**2,
            third - 3 * shift * second + 2 * self._count * shift**3,
            fourth - 4 * shift * third + 6 * shift**2 * second - 3 * self._count * shift**4,
        )
        return float(skew), float(kurt)


def stacked(values: Floats, axis: Axes) -> Floats:
    """x (..., units, indicators) as (frames, figures of a frame, indicators), without copying where x lies in order."""
    over = sorted(axes_of(axis, values.ndim))
    if over != list(range(over[0], values.ndim - 1)):
        raise CompositeError(
            [f"axis {axis}: a frame is the units, alone or with the axes just before them: -2, (-3, -2), ..."]
        )
    size = int(np.prod(values.shape[over[0] : -1]))
    frames = int(np.prod(values.shape[: over[0]]))
    return values.reshape(frames, size, values.shape[-1])


def blocks(frames: Floats) -> Iterator[tuple[int, slice]]:
    """The columns of `frames` a few at a time: (frame, columns)."""
    _, size, count = frames.shape
    step = max(1, COPIED // max(1, size))
    for frame in range(len(frames)):
        for start in range(0, count, step):
            yield frame, slice(start, min(count, start + step))


def taken(frames: Floats, frame: int, columns: slice) -> Floats:
    """A copy of the columns of one block, as rows."""
    size = frames.shape[1]
    rows = np.empty((columns.stop - columns.start, size))
    for tile in _tiles(size):
        rows[:, tile] = frames[frame, tile, columns].T
    return rows


def put_back(frames: NDArray[Any], frame: int, columns: slice, rows: NDArray[Any]) -> None:
    """Writes rows that were `taken` to where they came from."""
    for tile in _tiles(rows.shape[1]):
        frames[frame, tile, columns] = rows[:, tile].T


def _tiles(size: int) -> Iterator[slice]:
    """Turned a tile at a time, columns are read and written several times faster than at full length."""
    return (slice(start, start + TILE) for start in range(0, size, TILE))
