"""How an indicator of a unit has moved over a span of periods: growth per year, or a line through all years (article 86).

A trend is taken over the periods whose times are chosen, whatever their place among the data, from those that have a
figure. Where a percentage would mean nothing (a start at 0 or below it) there is none: the figures at the start and
the end are told all the same.

    >>> x = np.array([[[100.0]], [[121.0]], [[50.0]]])
    >>> trend = trends(x, [2020, 2022, 2019], over=[2020, 2022])
    >>> round(trend.value.item(), 12), trend.first.item(), trend.last.item()  # (121 / 100) ** (1 / 2) - 1
    (0.1, 2020.0, 2022.0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.impute_panel import between
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, refuse_infinity

NO_LABELS = Labels()


@dataclass(frozen=True)
class Trends:
    """Every array but `interpolated` has the shape (..., units, indicators).

    `value`      the trend; NaN where there are fewer than two figures, or it means nothing
    `start`, `end`  the figures it compares: the first and the last, or those of the line at their times
    `first`, `last`  the times of the first and the last figure used; NaN below two
    `points`     how many figures were used, interpolated ones among them
    `availability`  the share (0..1) of the periods looked at that have a figure of their own
    `undefined`  True where there are two figures, but from such a start no percentage can be taken
    `interpolated`  (..., periods, units, indicators), periods as given: the cells used that were put in"""

    value: Floats
    start: Floats
    end: Floats
    first: Floats
    last: Floats
    points: NDArray[np.intp]
    availability: Floats
    undefined: NDArray[np.bool_]
    interpolated: NDArray[np.bool_]


def trends(
    x: ArrayLike,
    times: ArrayLike,
    *,
    method: str = "growth",
    over: Sequence[float] | None = None,
    latest: int | None = None,
    interpolate: bool = False,
    direction: ArrayLike = 1,
    labels: Labels = NO_LABELS,
) -> Trends:
    """The trend of every unit and indicator of x (..., periods, units, indicators), whose periods have `times`, in any order
    and at any distance.

    `method`       "growth": (end / start)^(1 / years) - 1, compound, a share per unit of time; 0 where they are equal.
                   "change": the slope of the least-squares line in per cent of its own start, per unit of time; of two
                   figures the line through both; 0 where all are equal
    `over`         the times of the periods looked at; all where None
    `latest`       of those, the last so many that end with the last figure; who has not so many has no trend
    `interpolate`  fills gaps between figures (also ones outside `over`) along a straight line first
    `direction`    +1 or -1 for each indicator: -1 turns the sign, so that more is always better

    CompositeError for times that do not fit, a time in `over` that is not among them, or an unknown method."""
    values, when = as_floats(x), as_floats(times)
    chosen = when if over is None else as_floats(over)
    _refuse(values, when, chosen, method, latest)
    refuse_infinity(values, labels)
    figures, filled = values, np.zeros(values.shape, dtype=bool)
    if interpolate:
        line = between(values, when).values
        filled = np.isnan(values) & ~np.isnan(line)
        figures = np.where(filled, line, values)
    order = np.argsort(when)
    order = order[np.isin(when[order], chosen)]
    t = when[order]
    y, own = np.take(figures, order, axis=-3), ~np.isnan(np.take(values, order, axis=-3))
    used = ~np.isnan(y)
    looked_at = np.ones(y.shape, dtype=bool)
    place = np.arange(len(t))[:, None, None]
    if latest is not None:
        ends = np.where(used, place, -1).max(axis=-3, keepdims=True)
        looked_at = (place > ends - latest) & (place <= ends) & (ends >= latest - 1)
        used &= looked_at
    points = np.count_nonzero(used, axis=-3)
    enough = points > 1
    head = np.argmax(used, axis=-3)
    tail = len(t) - 1 - np.argmax(np.flip(used, axis=-3), axis=-3)
    first, last = (np.where(enough, t[at], np.nan) for at in (head, tail))
    ends_of = (np.take_along_axis(y, at[..., None, :, :], axis=-3)[..., 0, :, :] for at in (head, tail))
    start, end = (np.where(enough, one, np.nan) for one in ends_of)
    equal = np.where(used, y, np.inf).min(axis=-3) == np.where(used, y, -np.inf).max(axis=-3)
    start, end, value = METHODS[method](
        _Series(np.where(used, y, 0.0), used, t, points, start, end, first, last, equal)
    )
    undefined = enough & np.isnan(value)
    periods = np.count_nonzero(looked_at, axis=-3)
    return Trends(
        value=value * as_floats(direction),
        start=start,
        end=end,
        first=first,
        last=last,
        points=points,
        availability=np.divide(
            np.count_nonzero(own & looked_at, axis=-3), periods, out=np.zeros(points.shape), where=periods > 0
        ),
        undefined=undefined,
        interpolated=_where_used(filled, used, order),
    )


@dataclass(frozen=True)
class _Series:
    """The figures used, 0 elsewhere, in the order of time; ends and their times; where all figures are equal."""

    y: Floats
    used: NDArray[np.bool_]
    t: Floats
    points: NDArray[np.intp]
    start: Floats
    end: Floats
    first: Floats
    last: Floats
    equal: NDArray[np.bool_]


def _growth(series: _Series) -> tuple[Floats, Floats, Floats]:
    start, end = series.start, series.end
    # Between a figure above 0 and one at or below it, or two below, no constant rate of growth leads.
    with np.errstate(all="ignore"):
        rate = (end / start) ** (1 / (series.last - series.first)) - 1
    return start, end, np.where(start == end, 0.0, np.where((start > 0) & (end >= 0), rate, np.nan))


def _change(series: _Series) -> tuple[Floats, Floats, Floats]:
    with np.errstate(all="ignore"):
        t = np.where(series.used, series.t[:, None, None] - series.first[..., None, :, :], 0.0)
        mean_t, mean_y = t.sum(axis=-3) / series.points, series.y.sum(axis=-3) / series.points
        off = np.where(series.used, t - mean_t[..., None, :, :], 0.0)
        slope = (off * (series.y - mean_y[..., None, :, :])).sum(axis=-3) / (off * off).sum(axis=-3)
        slope = np.where(series.equal, 0.0, slope)
        begin = np.where(series.points > 2, mean_y - slope * mean_t, series.start)
        begin = np.where(series.equal, series.start, begin)
        percent = slope * 100 / begin
    end = begin + slope * (series.last - series.first)
    none = series.points < 2
    told = np.where(series.equal, 0.0, np.where(begin > 0, percent, np.nan))
    return tuple(np.where(none, np.nan, one) for one in (begin, end, told))  # type: ignore[return-value]  # three of three


METHODS: dict[str, Callable[[_Series], tuple[Floats, Floats, Floats]]] = {
    "growth": _growth,
    "change": _change,
}


def _where_used(
    filled: NDArray[np.bool_], used: NDArray[np.bool_], order: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """`filled` where it was used, periods as given; `used` holds the chosen ones in the order of time."""
    out = np.zeros(filled.shape, dtype=bool)
    out[..., order, :, :] = np.take(filled, order, axis=-3) & used
    return out


def _refuse(values: Floats, times: Floats, chosen: Floats, method: str, latest: int | None) -> None:
    faults = []
    if method not in METHODS:
        faults.append(f"{method} is not a trend; known are {', '.join(METHODS)}")
    if values.ndim < 3 or times.shape != (values.shape[-3],):
        faults.append("a trend needs a panel (periods, units, indicators) and one time for each period")
    if not np.isfinite(times).all() or len(np.unique(times)) != times.size:
        faults.append(f"times must be numbers, each once (got {', '.join(f'{one:g}' for one in times.flat)})")
    unknown = [f"{one:g}" for one in chosen.flat if one not in times]
    if unknown:
        known = ", ".join(f"{one:g}" for one in np.sort(times, axis=None))
        faults.append(f"no figures of {', '.join(unknown)}; there are those of {known}")
    if np.unique(chosen).size < 2:
        faults.append("a trend needs at least two periods")
    if latest is not None and latest < 2:
        faults.append(f"latest: a trend needs at least two periods (got {latest})")
    if faults:
        raise CompositeError(faults)
