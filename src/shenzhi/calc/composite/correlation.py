"""How indicators move together: correlations with their certainty, reliability, principal components (article 86).

A matrix has shape (units, columns), NaN where a value is missing; of a panel give one period, or the periods one under
the other. Every pair of columns is compared over the units in which both have a value (pairwise complete), by sums taken
round the means of just those units; no value is filled in.

    >>> nan = float("nan")
    >>> together = correlate([[1.0, 2.0, 9.0], [2.0, 4.0, nan], [3.0, 6.0, 5.0], [4.0, 9.0, 6.0]])
    >>> together.r.round(3).tolist()
    [[1.0, 0.994, -0.839], [0.994, 1.0, -0.775], [-0.839, -0.775, 1.0]]
    >>> together.units.tolist()
    [[4, 4, 3], [4, 4, 3], [3, 3, 3]]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, ndtr

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed, refuse_infinity
from shenzhi.calc.composite.ranks import ranks

NO_LABELS = Labels()
Counts = NDArray[np.intp]
# Two components whose variances differ by less cannot be told apart: their directions are rounding noise.
SAME_VARIANCE = 1e-9


@dataclass(frozen=True)
class Correlations:
    """All (columns of x, columns of y). `r`: -1..1; NaN with fewer than two units in common, or where a column does
    not vary over them. `p`: the chance of an |r| as large if there were no connection (two-sided); NaN under three
    units. `units`: how many units both columns have."""

    r: Floats
    p: Floats
    units: Counts

    def significant(self, level: float = 0.05) -> Floats:
        """`r` where `p` is at most `level`, NaN elsewhere."""
        return np.where(self.p <= level, self.r, np.nan)


def correlate(
    x: ArrayLike, y: ArrayLike | None = None, *, kind: str = "pearson", labels: Labels = NO_LABELS
) -> Correlations:
    """Correlation of each column of x (units, a) with each of y (units, b); without y, of x with itself.

    `kind` is a name in CORRELATIONS:
    "pearson"   straight-line connection; p by Student's t with n - 2 degrees of freedom.
    "spearman"  the same of the ranks (ties share the mean rank, ranks are taken within the pair's own units).
    "kendall"   tau-b: pairs of units in the same order less those in the opposite, ties taken out of both;
                p by the normal approximation with the variance corrected for ties (Kendall 1970, Rank Correlation
                Methods, chapter 4)."""
    if kind not in CORRELATIONS:
        raise CompositeError([f"{kind} is no kind of correlation; known are {', '.join(CORRELATIONS)}"])
    left = _matrix(x, labels)
    right = left if y is None else _matrix(y, NO_LABELS)
    if len(left) != len(right):
        raise CompositeError(
            [
                f"x has {len(left)} units and y has {len(right)}; give both for the same units, in the same order"
            ]
        )
    shape = (left.shape[1], right.shape[1])
    r, p = np.full(shape, np.nan), np.full(shape, np.nan)
    units = np.zeros(shape, dtype=np.intp)
    for rows, first, second in _complete_blocks(left, right, symmetric=y is None):
        block, count = np.ix_(first, second), int(rows.sum())
        units[block] = count
        if count > 1:
            one = left[np.ix_(rows, first)]
            other = one if first is second else right[np.ix_(rows, second)]
            r[block], p[block] = CORRELATIONS[kind](one, other)
    if y is None:
        for matrix in (r, p, units):
            _mirror(matrix)
        own = np.diagonal(r).copy()
        np.fill_diagonal(r, np.where(np.isnan(own), np.nan, 1.0))
        np.fill_diagonal(p, np.where(np.isnan(own) | np.isnan(np.diagonal(p)), np.nan, 0.0))
    return Correlations(r, p, units)


def covariance(x: ArrayLike, labels: Labels = NO_LABELS) -> Floats:
    """Sample covariances (n - 1) of the columns of x (units, columns), pairwise complete."""
    values = _matrix(x, labels)
    result = np.full((values.shape[1],) * 2, np.nan)
    for rows, first, second in _complete_blocks(values, values, symmetric=True):
        count = int(rows.sum())
        if count > 1:
            one, other = (_centred(values[np.ix_(rows, columns)]) for columns in (first, second))
            result[np.ix_(first, second)] = one.T @ other / (count - 1)
    _mirror(result)
    return result


def cronbach(x: ArrayLike, labels: Labels = NO_LABELS) -> float:
    """Cronbach's alpha of the columns of x (units, columns): whether they measure one thing.

    k^2 * (mean covariance of two different columns) / (sum of all covariances); 1 when all columns say the same, near 0
    when they have nothing in common, negative when they contradict each other. NaN for fewer than two columns. Cronbach
    1951, Psychometrika 16; Handbook on Constructing Composite Indicators (OECD/JRC 2008), step 4.

    >>> cronbach([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    1.0
    """
    values = _matrix(x, labels)
    count = values.shape[1]
    if count < 2:
        return float("nan")
    covariances = covariance(values, labels)
    total = covariances.sum()
    # A pair without two units in common leaves alpha unknown, not smaller.
    return float(count / (count - 1) * (total - np.trace(covariances)) / total) if total else float("nan")


@dataclass(frozen=True)
class Components:
    """`deviation` (components): standard deviation along each, falling. `explained`: shares of the variance, sum 1.
    `loadings` (columns, components): directions of length 1; each is turned so that its sum is not negative.
    `rows` (units): which units had all values and took part."""

    deviation: Floats
    explained: Floats
    loadings: Floats
    rows: NDArray[np.bool_]

    @property
    def first_is_determined(self) -> bool:
        """Whether the first direction stands out: not when the second explains just as much."""
        return len(self.explained) < 2 or bool(self.explained[0] - self.explained[1] > SAME_VARIANCE)


def components(x: ArrayLike, *, scale: bool = True, labels: Labels = NO_LABELS) -> Components:
    """Principal components of the columns of x (units, columns), over the units that have all values.

    With `scale` every column is divided by its deviation first, so that units of measurement do not matter. A
    direction and its opposite explain the same; we take the one whose loadings have a sum above 0. Refused with fewer
    than three complete units, and, naming them, for columns that do not vary."""
    values = _matrix(x, labels)
    rows = np.asarray(~np.isnan(values).any(axis=1))
    count = int(rows.sum())
    if count < 3:
        raise CompositeError(
            [
                f"principal components need at least 3 units that have all values, there are {count}; impute, or leave out columns with gaps"
            ]
        )
    # Rows in an order of their own, so that the order in which units are listed changes no digit.
    complete = in_fixed_order(values[rows])
    refuse_constant_columns(complete, labels)
    centred = _centred(complete)
    if scale:
        centred = centred / np.sqrt((centred**2).sum(axis=0) / (count - 1))
    _, length, directions = np.linalg.svd(centred, full_matrices=False)
    deviation = length / np.sqrt(count - 1)
    loadings = directions.T
    loadings = loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    return Components(deviation, deviation**2 / (deviation**2).sum(), loadings, rows)


def in_fixed_order(x: Floats) -> Floats:
    """The rows of x (units, columns) sorted by their values, so that sums over them do not depend on who stands first."""
    return x[np.lexsort(x.T[::-1])]


def refuse_constant_columns(x: Floats, labels: Labels) -> None:
    """CompositeError naming the columns of x (units, columns) whose values are all equal, or that have none."""
    with np.errstate(invalid="ignore"):
        varies = np.fmin.reduce(x, axis=0, initial=np.inf) < np.fmax.reduce(x, axis=0, initial=-np.inf)
    if not varies.all():
        names = [labels.indicator(int(at)) for at in np.flatnonzero(~varies)]
        raise CompositeError(
            [f"{listed(names)}: all values are equal, so units cannot be told apart by it; leave it out"]
        )


def _matrix(x: ArrayLike, labels: Labels) -> Floats:
    values = as_floats(x)
    if values.ndim != 2:
        raise CompositeError(
            [
                f"a matrix (units, columns) is needed, not {values.ndim} axes; of a panel give one period, or x.reshape(-1, columns)"
            ]
        )
    refuse_infinity(values, labels)
    return values


def _complete_blocks(
    left: Floats, right: Floats, *, symmetric: bool
) -> Iterator[tuple[NDArray[np.bool_], Counts, Counts]]:
    """Rows that two sets of columns have in common, with the columns: pairs with the same gaps are done together.

    With `symmetric`, left is right and every unordered pair comes once, either way round: see `_mirror`."""
    lefts = _patterns(left)
    rights = lefts if symmetric else _patterns(right)
    for at, (own, first) in enumerate(lefts):
        for others, second in rights[at:] if symmetric else rights:
            yield own & others, first, second


def _mirror(matrix: NDArray[Any]) -> None:
    """Makes `matrix` symmetric in place, from whichever of a pair was filled in; the upper one when both were."""
    upper = np.triu_indices(len(matrix), 1)
    given, turned = matrix[upper], matrix.T[upper]
    empty = (given == 0) if matrix.dtype.kind == "i" else np.isnan(given)
    matrix[upper] = np.where(empty, turned, given)
    matrix.T[upper] = matrix[upper]


def _patterns(x: Floats) -> list[tuple[NDArray[np.bool_], Counts]]:
    """Columns gathered by which units they have: (units,) and the positions of the columns."""
    present = ~np.isnan(x)
    at: dict[bytes, list[int]] = {}
    for column in range(x.shape[1]):
        at.setdefault(present[:, column].tobytes(), []).append(column)
    return [(present[:, columns[0]], np.array(columns, dtype=np.intp)) for columns in at.values()]


def _centred(x: Floats) -> Floats:
    """Columns less their means; a column that does not vary becomes exactly 0, not rounding noise."""
    centred = x - x.mean(axis=0)
    return np.where((x == x[:1]).all(axis=0), 0.0, centred)


def _pearson(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    one, other = (_of_size_one(_centred(matrix)) for matrix in (x, y))
    # One root of the product, not a product of roots: numbers on one line come out at exactly 1 or -1.
    scale = np.sqrt(np.outer((one**2).sum(axis=0), (other**2).sum(axis=0)))
    r = np.divide(one.T @ other, scale, out=np.full(scale.shape, np.nan), where=scale > 0)
    r = np.clip(r, -1.0, 1.0)
    return r, _student_p(r, len(x))


def _of_size_one(centred: Floats) -> Floats:
    """Columns divided by a power of two, which costs no digit, so that products neither overflow nor vanish."""
    most = np.abs(centred).max(axis=0, initial=0.0)
    return np.asarray(np.ldexp(centred, -np.frexp(most)[1]), dtype=np.float64)


def _student_p(r: Floats, count: int) -> Floats:
    """P(|t| as large), by t^2 = r^2 (n - 2) / (1 - r^2), written as an incomplete beta function of 1 - r^2."""
    if count < 3:
        return np.full(r.shape, np.nan)
    result: Floats = betainc((count - 2) / 2, 0.5, (1 - r) * (1 + r))
    return result


def _spearman(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return _pearson(*(ranks(one, axis=0, ties="average") for one in (x, y)))


def _kendall(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    count = len(x)
    concord = np.zeros((x.shape[1], y.shape[1]))
    # One unit against all after it: memory stays at units x columns, and whole columns are done at once.
    # Signs in single precision: their sums are whole numbers, exact up to 2^24 units.
    for at in range(count - 1):
        one = _order(x, at)
        concord += one.T @ (one if x is y else _order(y, at))
    (ties_x, cubic_x, square_x), (ties_y, cubic_y, square_y) = _ties(x), _ties(y)
    pairs = count * (count - 1) / 2
    scale = np.sqrt(np.outer(pairs - ties_x, pairs - ties_y))
    tau = np.divide(concord, scale, out=np.full(scale.shape, np.nan), where=scale > 0)
    if count < 3:
        return tau, np.full(tau.shape, np.nan)
    variance = (
        (count * (count - 1) * (2 * count + 5) - square_x[:, None] - square_y) / 18
        + np.outer(cubic_x, cubic_y) / (9 * count * (count - 1) * (count - 2))
        + np.outer(ties_x, ties_y) * 2 / (count * (count - 1))
    )
    away = np.divide(
        np.abs(concord), np.sqrt(np.maximum(variance, 0)), out=np.zeros(tau.shape), where=variance > 0
    )
    return tau, np.where(np.isnan(tau), np.nan, 2 * ndtr(-away))


def _order(x: Floats, at: int) -> NDArray[np.float32]:
    """1 for each later unit that has more than unit `at`, -1 for less, 0 for the same."""
    return np.subtract(x[at + 1 :] > x[at], x[at + 1 :] < x[at], dtype=np.float32)


def _ties(x: Floats) -> tuple[Floats, Floats, Floats]:
    """For each column over its groups of t equal values, sums of t(t-1)/2, t(t-1)(t-2) and t(t-1)(2t+5)."""
    sizes = [np.unique(column, return_counts=True)[1].astype(np.float64) for column in x.T]
    return (
        np.array([(t * (t - 1) / 2).sum() for t in sizes]),
        np.array([(t * (t - 1) * (t - 2)).sum() for t in sizes]),
        np.array([(t * (t - 1) * (2 * t + 5)).sum() for t in sizes]),
    )


CORRELATIONS: dict[str, Callable[[Floats, Floats], tuple[Floats, Floats]]] = {
    "pearson": _pearson,
    "spearman": _spearman,
    "kendall": _kendall,
}
