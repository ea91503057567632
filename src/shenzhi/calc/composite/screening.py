"""Which units have enough values to be scored at all (the first step of an index, article 86)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats
from shenzhi.calc.composite.workers import in_turn

NO_LABELS = Labels()
# A share such as 2/3 written as 0.6667 or summed from thirds must not fail by the last bit.
SLACK = 1e-9
CACHED = 1 << 16  # figures worked on at a time, so that they stay in the processor's cache (512 kB)


@dataclass(frozen=True)
class Screening:
    """What each row of x (..., units, indicators) has, and whether it stays; all but `given` and `values` are (..., units).

    `share`     the share of indicators that have a value (0..1; 0 where there are no indicators)
    `kept`      whether the row stays: by the rules, unless a decision on the unit overrules them
    `given`     x
    `values`    x, with NaN in the rows that were not kept; x itself where all were
    `nonzero`   the share of its values that are not 0 (0..1); NaN for a row without values
    `few`, `zeros`  whether it falls short of the one rule or the other
    `forced`    +1 where a decision keeps it, -1 where one drops it, else 0"""

    share: Floats
    kept: NDArray[np.bool_]
    given: Floats
    nonzero: Floats
    few: NDArray[np.bool_]
    zeros: NDArray[np.bool_]
    forced: NDArray[np.int8]

    @cached_property
    def values(self) -> Floats:
        return self.given if self.kept.all() else np.where(self.kept[..., None], self.given, np.nan)


def reaches(share: ArrayLike, threshold: ArrayLike) -> NDArray[np.bool_]:
    """Whether a share is at or above a threshold, rounding noise aside."""
    reached: NDArray[np.bool_] = as_floats(share) >= as_floats(threshold) - SLACK
    return reached


def screen(
    x: ArrayLike,
    threshold: float = 0.0,
    *,
    nonzero: float = 0.0,
    force: Mapping[str, bool] | None = None,
    labels: Labels = NO_LABELS,
) -> Screening:
    """Keeps a row of x (..., units, indicators) when at least the share `threshold` of its indicators has a value and
    at least the share `nonzero` of its values is not 0. With both at 0 every row is kept, also an empty one; a row
    without values has no zeros too many.

    `force` overrules both for units by name: True keeps, False drops, in every period. CompositeError names the units
    in it that `labels` does not know.

    >>> nan = float("nan")
    >>> screen([[1.0, 2.0, nan], [nan, nan, 3.0]], 2 / 3).kept.tolist()
    [True, False]
    >>> screen([[1.0, 2.0], [0.0, 5.0]], nonzero=0.6, force={"b": True}, labels=Labels(units=["a", "b"])).kept.tolist()
    [True, True]
    """
    values = as_floats(x)
    count = values.shape[-1]
    missing, none = _counted(values)
    present = count - missing
    share = present / count if count else np.zeros(values.shape[:-1])
    others = present - none
    not_zero = np.divide(others, present, out=np.full(share.shape, np.nan), where=present > 0)
    few = ~reaches(share, threshold)
    zeros = (present > 0) & ~reaches(not_zero, nonzero)
    forced = _forced(force or {}, values.shape[:-1], labels)
    kept = np.where(forced == 0, ~few & ~zeros, forced > 0)
    return Screening(share, kept, values, not_zero, few, zeros, forced)


def _counted(values: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """How many values of each row are missing, and how many are 0."""
    count = values.shape[-1]
    rows = values.reshape(math.prod(values.shape[:-1]), count)
    found = np.zeros((2, len(rows)), dtype=np.intp)
    step = max(1, CACHED // max(1, count))

    def some(start: int) -> None:
        part = slice(start, start + step)
        for into, wanted in zip(found, (np.isnan(rows[part]), rows[part] == 0), strict=True):
            into[part] = wanted.sum(axis=1, dtype=np.int32)

    in_turn(some, range(0, len(rows), step), values.size)
    return found[0].reshape(values.shape[:-1]), found[1].reshape(values.shape[:-1])


def _forced(force: Mapping[str, bool], shape: tuple[int, ...], labels: Labels) -> NDArray[np.int8]:
    names = [labels.unit((at,)) for at in range(shape[-1])] if force else []
    unknown = [name for name in force if name not in names]
    if unknown:
        raise CompositeError(
            [f"no such unit to keep or drop: {', '.join(unknown)}; take it out, or correct the name"]
        )
    forced = np.array([{True: 1, False: -1, None: 0}[force.get(name)] for name in names] or 0, dtype=np.int8)
    return np.broadcast_to(forced, shape)
