"""Estimates a missing figure of a panel from the same unit's figures in other periods (for article 86).

Periods are told apart by their times, not by their place: they may lie in any order and at any distance. Every
method takes x (..., periods, units, indicators), the times (periods,) and `max_age`, in the unit of the times: no period
further away than that lends its figure.

    >>> x = np.array([[[1.0]], [[np.nan]], [[5.0]], [[np.nan]]])
    >>> linear(x, np.array([2020.0, 2021.0, 2024.0, 2025.0])).values[[1, 3], 0, 0].tolist()
    [2.0, 5.0]
    >>> linear(x, np.array([2020.0, 2021.0, 2024.0, 2025.0]), max_age=1).values[[1, 3], 0, 0].tolist()
    [nan, 5.0]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shenzhi.calc.composite.labels import Floats

Places = NDArray[np.int16]


@dataclass(frozen=True)
class Estimate:
    """An estimate for each missing cell, NaN where there is none and where a figure is given; for panels also the
    positions of the periods it rests on, -1 for none."""

    values: Floats
    earlier: Places | None = None
    later: Places | None = None


@dataclass(frozen=True)
class _Gaps:
    """The missing cells, one after the other, with the nearest given figures of the same unit and indicator.

    `time` of the cell; `before`, `after`: the periods of those figures in the order of time, -1 for none; `first`, `last`:
    their times; `low`, `high`: the figures; `several`: whether more than one figure is given at all. What stands
    beside a -1 has no meaning."""

    time: Floats
    before: Places
    after: Places
    first: Floats
    last: Floats
    low: Floats
    high: Floats
    several: NDArray[np.bool_]

    def near(self, max_age: float | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether there is a figure before, and after, that is not too far away."""
        reach = np.inf if max_age is None else max_age
        return (
            (self.before >= 0) & (self.time - self.first <= reach),
            (self.after >= 0) & (self.last - self.time <= reach),
        )

    def line(self) -> Floats:
        """The straight line between the figures either side."""
        with np.errstate(all="ignore"):
            return self.low + (self.high - self.low) * ((self.time - self.first) / (self.last - self.first))


# For each gap, whether its figures before and after are used: both for a line, one for a level, none for no estimate.
Rule = Callable[[_Gaps, float | None], tuple[NDArray[np.bool_], NDArray[np.bool_]]]


def _latest(gaps: _Gaps, max_age: float | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    before, after = gaps.near(max_age)
    return before, np.zeros_like(after)


def _constant(gaps: _Gaps, max_age: float | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    before, after = gaps.near(max_age)
    return before, after & ~before


def _between(gaps: _Gaps, max_age: float | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    before, after = gaps.near(max_age)
    return before & after, before & after


def _linear(gaps: _Gaps, max_age: float | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    before, after = gaps.near(max_age)
    # Beyond the first or last given figure the line goes on level; one figure alone makes no line.
    outside = ((gaps.before < 0) | (gaps.after < 0)) & gaps.several
    return before & (after | outside), after & (before | outside)


def _linear_constant(gaps: _Gaps, max_age: float | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return gaps.near(max_age)


def _estimate(x: Floats, times: Floats, rule: Rule, max_age: float | None) -> Estimate:
    order = np.argsort(times)
    values, when = np.take(x, order, axis=-3), times[order]
    there = ~np.isnan(values)
    place = np.arange(len(when), dtype=np.int16)[:, None, None]
    before = np.maximum.accumulate(np.where(there, place, np.int16(-1)), axis=-3)
    beyond = np.int16(len(when))
    after = np.where(there, place, beyond)[..., ::-1, :, :]
    after = np.minimum.accumulate(after, axis=-3)[..., ::-1, :, :]
    cells = np.nonzero(~there)  # most figures are there: from here on only those that are not
    lead, (period, *rest) = cells[:-3], cells[-3:]
    since, until = before[cells], after[cells]
    until[until == beyond] = -1
    gaps = _Gaps(
        time=when[period],
        before=since,
        after=until,
        first=when[since],
        last=when[until],
        low=values[(*lead, since, *rest)],
        high=values[(*lead, until, *rest)],
        several=(np.count_nonzero(there, axis=-3) > 1)[(*lead, *rest)],
    )
    below, above = rule(gaps, max_age)
    level = np.where(below, gaps.low, np.where(above, gaps.high, np.nan))
    home = (*lead, order[period], *rest)
    out = np.full(x.shape, np.nan)
    out[home] = np.where(below & above, gaps.line(), level)
    earlier, later = (np.full(x.shape, -1, dtype=np.int16) for _ in range(2))
    earlier[home] = np.where(below, order[since], -1)
    later[home] = np.where(above, order[until], -1)
    return Estimate(out, earlier, later)


def latest(x: Floats, times: Floats, *, max_age: float | None = None) -> Estimate:
    """The last figure given before."""
    return _estimate(x, times, _latest, max_age)


def constant(x: Floats, times: Floats, *, max_age: float | None = None) -> Estimate:
    """The last figure given before; where there is none, the first one after."""
    return _estimate(x, times, _constant, max_age)


def linear(x: Floats, times: Floats, *, max_age: float | None = None) -> Estimate:
    """The straight line between the figures given either side; before the first and after the last of them, that
    figure. A unit with one figure alone gets nothing. Both ends of a line must be near enough."""
    return _estimate(x, times, _linear, max_age)


def linear_constant(x: Floats, times: Floats, *, max_age: float | None = None) -> Estimate:
    """The straight line where there is one, otherwise as `constant`."""
    return _estimate(x, times, _linear_constant, max_age)


def between(x: Floats, times: Floats, *, max_age: float | None = None) -> Estimate:
    """The straight line between the figures given either side, and nothing beyond them."""
    return _estimate(x, times, _between, max_age)


# Taken up by the table of imputations under the same names.
PANEL: dict[str, Callable[..., Estimate]] = {
    "latest": latest,
    "constant": constant,
    "linear": linear,
    "linear_constant": linear_constant,
    "between": between,
}
