"""Bends the scale of an indicator whose largest values dwarf all others (part of treating figures for article 86).

Every function takes `x`, the values of one indicator in one frame (missing ones left out, not all equal), and gives them
on the new scale, in the same order: each is rising, so that more stays more. Writing least, most for the extremes of x
and R for most - least:

    log_ct       ln(x - least + R / 100)                                       the logarithm of the JRC's COIN tool, scaled
    log_ct_plus  the same for a skewness above 0, else -ln(most - x + R / 100)
    log_ct_orig  ln(x - least + 1)                                             the COIN tool's own
    log_gii      ln((most - 1) * (x - least) / R + 1)                          Global Innovation Index; most must exceed 1
    boxcox       (y^lam - 1) / lam for y = x - least + 1; ln y where lam is 0  Box and Cox 1964, J. R. Stat. Soc. B 26
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from shenzhi.calc.composite.labels import CompositeError, Floats
from shenzhi.calc.composite.moments import of_rows
from shenzhi.calc.composite.screening import SLACK

FLOOR = 0.01  # of the range: how far above nothing the logarithm begins


def log_ct(x: Floats) -> Floats:
    """ln(x - least + R / 100).

    >>> log_ct(np.array([0.0, 100.0])).round(6).tolist()  # ln 1, ln 101
    [0.0, 4.615121]
    """
    least, reach = _extent(x)
    return np.log((x - least) + FLOOR * reach)


def log_ct_plus(x: Floats) -> Floats:
    """ln(x - least + R / 100) where the skewness is above 0; otherwise the small values are the far ones, and
    -ln(most - x + R / 100) draws them in."""
    if of_rows(x[None, :])[0][0] > SLACK:
        return log_ct(x)
    _, reach = _extent(x)
    return -np.log((x.max() - x) + FLOOR * reach)


def log_ct_orig(x: Floats) -> Floats:
    """ln(x - least + 1). It depends on the unit of x: 1 is little for income in yuan and much for a share."""
    return np.log(x - x.min() + 1.0)


def log_gii(x: Floats) -> Floats:
    """ln((most - 1) * (x - least) / R + 1): from 0 to ln(most).

    CompositeError where no value exceeds 1: the scale would be turned round, or end in no number at all."""
    least, reach = _extent(x)
    most = float(x.max())
    if not most > 1:
        raise CompositeError(
            [
                f"log_gii needs a largest value above 1 (it is {most:g}), or less would become more; "
                "state it in a smaller unit (per cent instead of a share), or take log_ct"
            ]
        )
    return np.log((most - 1.0) * (x - least) / reach + 1.0)


def boxcox(x: Floats, *, lam: float) -> Floats:
    """(y^lam - 1) / lam for y = x - least + 1, and ln y for lam 0.

    >>> boxcox(np.array([5.0, 8.0]), lam=0.5).tolist()  # y = 1, 4: (2 - 1) / 0.5
    [0.0, 2.0]
    """
    if not math.isfinite(lam):
        raise CompositeError([f"boxcox: lam must be a number (got {lam})"])
    shifted = x - x.min() + 1.0
    bent: Floats = np.log(shifted) if lam == 0 else (shifted**lam - 1.0) / lam
    return bent


Transform = Callable[..., Floats]

# A method file names one of these; a new one is one entry, and its keyword arguments are the keys the file may use.
TRANSFORMS: dict[str, Transform] = {
    "log_ct": log_ct,
    "log_ct_plus": log_ct_plus,
    "log_ct_orig": log_ct_orig,
    "log_gii": log_gii,
    "boxcox": boxcox,
}


def _extent(x: Floats) -> tuple[float, float]:
    """The least value and the range."""
    least = float(x.min())
    return least, float(x.max()) - least
