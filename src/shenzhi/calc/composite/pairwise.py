"""Correlations of many columns with scattered gaps, all pairs at once (article 86).

`correlation.correlate` takes pairs of columns with the same gaps together and sums round the means of just their common
units; where every column has gaps of its own that is one sum for each pair. Here the sums of all pairs are four products
of matrices, round the means of whole columns: for 200 columns some hundred times faster, and equal within 1e-12.

    >>> nan = float("nan")
    >>> found = pairwise([[1.0, 2.0, 9.0], [2.0, 4.0, nan], [3.0, 6.0, 5.0], [4.0, 9.0, 6.0]])
    >>> found.r.round(3).tolist()
    [[1.0, 0.994, -0.839], [0.994, 1.0, -0.775], [-0.839, -0.775, 1.0]]
    >>> found.units.tolist()
    [[4, 4, 3], [4, 4, 3], [3, 3, 3]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, refuse_infinity

NO_LABELS = Labels()
# A column whose common units vary by less, compared with their distance from its mean, does not vary over them: what is
# left is rounding.
NO_VARIANCE = 1e-12


@dataclass(frozen=True)
class Pairwise:
    """All (columns, columns). `r`, `p` and `units` as in `correlation.Correlations`; `covariance` over the common units
    (n - 1), NaN below two."""

    r: Floats
    p: Floats
    units: NDArray[np.intp]
    covariance: Floats


def pairwise(x: ArrayLike, labels: Labels = NO_LABELS) -> Pairwise:
    """Pearson's correlation and the covariance of every two columns of x (units, columns), over the units that have both."""
    values = as_floats(x)
    if values.ndim != 2:
        raise CompositeError(
            [f"a matrix (units, columns) is needed, not {values.ndim} axes; of a panel give one period"]
        )
    refuse_infinity(values, labels)
    # Columns brought to one size by powers of two, which cost no digit, so that squares neither overflow nor vanish.
    centred, present, scale = _centred(values)
    count = present.T @ present
    sums = centred.T @ present
    squares = (centred**2).T @ present
    with np.errstate(invalid="ignore", divide="ignore"):
        together = centred.T @ centred - sums * sums.T / count
        own = squares - sums**2 / count
        own = np.where(own > NO_VARIANCE * squares, own, 0.0)
        size = np.sqrt(own * own.T)
        r = np.clip(np.where(size > 0, together / size, np.nan), -1.0, 1.0)
        covariance = np.where(count > 1, together / (count - 1), np.nan) * np.outer(scale, scale)
    r = np.where(count > 1, (r + r.T) / 2, np.nan)
    diagonal = np.diagonal(r).copy()
    np.fill_diagonal(r, np.where(np.isnan(diagonal), np.nan, 1.0))
    p = np.full(r.shape, np.nan)
    enough = (count > 2) & ~np.isnan(r)
    p[enough] = betainc((count[enough] - 2) / 2, 0.5, (1 - r[enough]) * (1 + r[enough]))
    return Pairwise(r, p, count.astype(np.intp), covariance)


def alpha(covariance: Floats) -> float:
    """Cronbach's alpha of columns with these covariances (columns, columns): see `correlation.cronbach`."""
    columns, total = len(covariance), float(covariance.sum())
    if columns < 2 or not total:
        return float("nan")
    return columns / (columns - 1) * (total - float(np.trace(covariance))) / total


def _centred(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Columns less their means and divided by their size, 0 where missing; 1 where present; the sizes."""
    present = (~np.isnan(values)).astype(np.float64)
    known = np.where(np.isnan(values), 0.0, values)
    count = present.sum(axis=0)
    mean = np.divide(known.sum(axis=0), count, out=np.zeros(count.shape), where=count > 0)
    low, high = (function.reduce(values, axis=0, initial=np.nan) for function in (np.fmin, np.fmax))
    centred = np.where((present > 0) & (low != high), values - mean, 0.0)
    scale = np.ldexp(1.0, np.frexp(np.abs(centred).max(axis=0, initial=0.0))[1])
    return centred / scale, present, scale
