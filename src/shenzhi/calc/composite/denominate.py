"""Makes figures of large and small areas comparable: per head, per square kilometre, per yuan (article 86).

    denominated = value * factor / denominator, of the same unit (and period)

With factor 1000 and population in persons a count becomes one per thousand persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed, refuse_infinity
from shenzhi.calc.composite.moments import CACHED

NO_LABELS = Labels()


@dataclass(frozen=True)
class Denominating:
    """By which denominator one indicator is divided, and by what it is multiplied; ''  leaves it as it is."""

    by: str = ""
    factor: float = 1.0


@dataclass(frozen=True)
class Denominated:
    """`values`: shape of x. `lost`: of the same shape, the cells that had a value and have none now, because their
    denominator cannot be used; never True unless that was asked for."""

    values: Floats
    lost: NDArray[np.bool_]


def denominate(
    x: ArrayLike,
    plan: Denominating | Sequence[Denominating],
    denominators: Mapping[str, ArrayLike],
    *,
    unusable: str = "refuse",
    labels: Labels = NO_LABELS,
) -> Denominated:
    """x (..., units, indicators) by the plan: one for all, or one for each indicator.

    `denominators`: name -> figures (..., units), each above 0. One that is missing, 0 or negative cannot be used: where
    the indicator has a value, `unusable` "refuse" raises CompositeError with every name, and "missing" leaves the cell
    empty and marks it in `lost`. A result is never infinite.

    >>> plan = [Denominating("population", 1000), Denominating()]
    >>> denominate([[30.0, 7.0]], plan, {"population": [15000.0]}).values.tolist()  # 30 of 15,000: 2 per thousand
    [[2.0, 7.0]]
    """
    values = as_floats(x)
    refuse_infinity(values, labels)
    count = values.shape[-1]
    plans = [plan] * count if isinstance(plan, Denominating) else list(plan)
    given = {name: as_floats(figures) for name, figures in denominators.items()}
    _refuse_plans(plans, given, count, unusable, values.shape, labels)
    names = list(dict.fromkeys(one.by for one in plans if one.by))
    which = [1 + names.index(one.by) if one.by else 0 for one in plans]
    factor = np.array([one.factor if one.by else 1.0 for one in plans])
    # Column 0 is for what is not divided: times 1 by 1 changes no bit.
    divisors = np.stack(
        [np.ones(values.shape[:-1]), *(np.broadcast_to(given[name], values.shape[:-1]) for name in names)], -1
    ).reshape(-1, len(names) + 1)
    rows, out = values.reshape(-1, count), np.empty(values.shape)
    lost = np.zeros(values.shape, dtype=bool)
    flat, unfit = out.reshape(-1, count), lost.reshape(-1, count)
    step = max(1, CACHED // max(1, count))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        divisor = divisors[part][:, which]
        with np.errstate(all="ignore"):
            divided = rows[part] * factor / divisor
        unfit[part] = ~np.isnan(rows[part]) & ~((divisor > 0) & np.isfinite(divided))
        flat[part] = np.where(unfit[part], np.nan, divided)
    if unusable == "refuse" and lost.any():
        raise CompositeError(
            [
                _unusable(column, one.by, given[one.by], lost[..., column], labels)
                for column, one in enumerate(plans)
                if lost[..., column].any()
            ]
        )
    return Denominated(out, lost)


def _unusable(column: int, name: str, given: Floats, lost: NDArray[np.bool_], labels: Labels) -> str:
    divisor = np.broadcast_to(given, lost.shape)
    places = [tuple(place) for place in np.argwhere(lost).tolist()]
    names = [f"{labels.unit(place)} ({_told(divisor[place])})" for place in places]
    return (
        f"{labels.indicator(column)}: {name} must be above 0 where it divides: {listed(names)}; "
        "correct it, or let these cells be missing"
    )


def _told(divisor: float) -> str:
    return "missing" if np.isnan(divisor) else f"{divisor:g}"


def _refuse_plans(
    plans: Sequence[Denominating],
    given: Mapping[str, Floats],
    count: int,
    unusable: str,
    shape: tuple[int, ...],
    labels: Labels,
) -> None:
    faults = []
    if len(plans) != count:
        faults.append(f"{count} indicators, but {len(plans)} denominations: give one for all or one for each")
    if unusable not in ("refuse", "missing"):
        faults.append(f"unusable: {unusable} is not known; known are refuse, missing")
    for name, figures in given.items():
        if figures.ndim >= len(shape) or figures.shape != shape[:-1][len(shape) - 1 - figures.ndim :]:
            faults.append(
                f"{name}: a denominator has one figure for each unit, {shape[:-1]}, but this is {figures.shape}"
            )
    for column, one in enumerate(plans[:count]):
        if one.by and one.by not in given:
            known = ", ".join(given) or "none"
            faults.append(f"{labels.indicator(column)}: no denominator is called {one.by}; there are {known}")
        if not (np.isfinite(one.factor) and one.factor > 0):
            faults.append(f"{labels.indicator(column)}: the factor must be above 0 (got {one.factor:g})")
    if faults:
        raise CompositeError(faults)
