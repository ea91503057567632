"""Which units have enough values to be scored at all (the first step of an index, article 86)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import Floats, as_floats

# A share such as 2/3 written as 0.6667 or summed from thirds must not fail by the last bit.
SLACK = 1e-9


@dataclass(frozen=True)
class Screening:
    """`share` (..., units): the share of indicators that have a value (0..1; 0 where there are no indicators).
    `kept` (..., units): whether it reaches the threshold. `values`: x, with NaN in the rows that were not kept."""

    share: Floats
    kept: NDArray[np.bool_]
    values: Floats


def reaches(share: ArrayLike, threshold: ArrayLike) -> NDArray[np.bool_]:
    """Whether a share is at or above a threshold, rounding noise aside."""
    reached: NDArray[np.bool_] = as_floats(share) >= as_floats(threshold) - SLACK
    return reached


def screen(x: ArrayLike, threshold: float = 0.0) -> Screening:
    """Screening by availability: a row of x (..., units, indicators) is kept when at least the share `threshold` of
    its indicators has a value. With threshold 0 every row is kept, also an empty one.

    >>> nan = float("nan")
    >>> screen([[1.0, 2.0, nan], [nan, nan, 3.0]], 2 / 3).kept.tolist()
    [True, False]
    """
    values = as_floats(x)
    count = values.shape[-1]
    share = (~np.isnan(values)).sum(axis=-1) / count if count else np.zeros(values.shape[:-1])
    kept = reaches(share, threshold)
    return Screening(share, kept, np.where(kept[..., None], values, np.nan))
