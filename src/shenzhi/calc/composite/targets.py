"""Scores against one value: a target, a reference unit, the best, or an interval in which it is best (article 86).

Arguments and promises as in `scales`. A score is `lower` + (`upper` - `lower`) * degree, so that a degree that may be 0
can be brought above 0 for a geometric mean. With `cap` a degree beyond 0..1 is held there and marked. Sources: OECD/JRC
Handbook (2008), step 5; the monitoring of plans and of 小康 in China (实现程度, 区间型指标).

    >>> realisation([[45.0], [66.0]], target=60).score[:, 0].tolist()  # three quarters; more than the target, held
    [75.0, 100.0]
    >>> interval([[4.0], [7.0], [1.0]], optimum=[[3, 6]], limits=[[1, 8]]).score[:, 0].tolist()
    [100.0, 50.0, 0.0]
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from shenzhi.calc.composite.frames import (
    NO_LABELS,
    Axes,
    Base,
    Normalised,
    each,
    framed,
    held,
    observed,
    pairs,
    refuse_cells,
    refuse_frames,
    turned_round,
)
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats


def dist2ref(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    reference: ArrayLike | None = None,
    cap: ArrayLike = False,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
) -> Normalised:
    """Distance to a reference unit: (x - min) / (x_r - min), so the reference scores `upper`; better ones more.

    `reference` is the position of the unit. With a frame of all periods its value is that in the one `base` period.
    Refused where the reference has no value or the least one: nothing can be measured against it."""
    turned = turned_round(x, direction, labels)
    count = turned.shape[-1]
    _refuse_absent(each(reference, count), "dist2ref", "reference", "the position of a unit", labels)
    at = each(reference, count).astype(np.intp)
    units = turned.shape[-2]
    astray = [f"{labels.indicator(one)} ({at[one]})" for one in range(count) if not -units <= at[one] < units]
    if astray:
        raise CompositeError([f"reference must be the position of one of {units} units: {', '.join(astray)}"])
    taken, over = framed(turned, axis, base)
    if taken.ndim > 2 and not isinstance(over, int) and len(over) > 1 and taken.shape[-3] > 1:
        raise CompositeError(
            [
                "dist2ref: in a frame of several periods the reference unit has several values; name one period as "
                "base, or take a frame for each period"
            ]
        )
    least, _ = observed(turned, axis, base)
    best = taken[..., at, np.arange(count)][..., None, :]
    refuse_frames(
        np.isnan(best) & ~np.isnan(least),
        "the reference unit has no value",
        "so nothing can be measured against it; choose another reference unit",
        labels,
    )
    refuse_frames(
        best == least,
        "the reference unit has the worst value",
        "so nothing can be measured against it; choose another reference unit or minmax",
        labels,
    )
    sign = as_floats(direction)
    used = {"worst": least * sign, "reference": best * sign}
    return _from_degree((turned - least) / (best - least), cap, lower, upper, used)


def dist2targ(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    target: ArrayLike | None = None,
    cap: ArrayLike = False,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
) -> Normalised:
    """Distance to a target: (x - min) / (target - min) after x * direction; who reaches the target scores `upper`.

    `target` is in the indicator's unit, also for direction -1. Refused where it is not better than the observed
    worst: the way towards it would then have no length, or lead backwards."""
    turned = turned_round(x, direction, labels)
    count = turned.shape[-1]
    _refuse_absent(each(target, count), "dist2targ", "target", "a value in its unit", labels)
    sign = each(direction, count)
    goal = each(target, count) * sign
    least, _ = observed(turned, axis, base)
    refuse_frames(
        goal <= least,
        "the target is not better than the worst value",
        "so there is no way to go towards it; check target and direction, or take goalposts",
        labels,
    )
    used = {"worst": least * sign, "target": np.broadcast_to(goal * sign, least.shape)}
    return _from_degree((turned - least) / (goal - least), cap, lower, upper, used)


def fracmax(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
) -> Normalised:
    """Fraction of the best: x / max; for direction -1 min / x, the share of its size that would equal the best.

    Turning x round would give x / min, on which the worst would score most. Refused where max is not above 0 or, for
    direction -1, where a value is not: a fraction of nothing is none."""
    turned = turned_round(x, direction, labels)
    sign = each(direction, turned.shape[-1])
    values = turned * sign
    way_out = "so it has no fractions; take minmax, which needs no zero point"
    least, most = observed(values, axis, base)
    refuse_frames((sign > 0) & (most <= 0), "the best value is not above 0", way_out, labels)
    refuse_cells(
        (sign < 0) & (values <= 0), values, "fracmax needs values above 0 where less is better", labels
    )
    refuse_frames((sign < 0) & (least <= 0), "the best value is not above 0", way_out, labels)
    best = np.where(sign > 0, most, least)
    degree = np.where(sign > 0, values / best, best / np.where(sign > 0, 1.0, values))
    return _from_degree(degree, False, lower, upper, {"best": best})


def realisation(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    target: ArrayLike | None = None,
    cap: ArrayLike = True,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 100.0,
) -> Normalised:
    """Degree of realisation of a target (实现程度): x / target where more is better, target / x where less is.

    With the cap, as is usual, over-fulfilment counts as fulfilment, and 0 of what should be little is fulfilment too.
    Targets must be above 0; where less is better, values must not be below 0, nor 0 without the cap."""
    turned = turned_round(x, direction, labels)
    count = turned.shape[-1]
    goal, sign = each(target, count), each(direction, count)
    _refuse_absent(goal, "realisation", "target", "a value in its unit", labels)
    faults = [
        f"{labels.indicator(int(at))}: a target must be above 0, since realisation is a quotient (got {goal[at]:g}); "
        "take dist2targ or goalposts"
        for at in np.flatnonzero(goal <= 0)
    ]
    if faults:
        raise CompositeError(faults)
    values = turned * sign
    holds = np.broadcast_to(np.asarray(cap, dtype=bool), (count,))
    refuse_cells((sign < 0) & (values < 0), values, "target / x needs values from 0", labels)
    refuse_cells(
        (sign < 0) & (values == 0) & ~holds, values, "target / x of 0 has no bound; set cap: true", labels
    )
    with np.errstate(divide="ignore"):
        degree = np.where(sign > 0, values / goal, goal / np.where(sign > 0, 1.0, values))
    return _from_degree(degree, cap, lower, upper, {"target": _for_frames(goal, turned)})


def interval(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    optimum: ArrayLike | None = None,
    limits: ArrayLike | None = None,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 100.0,
) -> Normalised:
    """Interval-optimal indicator (区间型): `upper` inside `optimum` [a, b], falling linearly to `lower` at `limits` [A, B].

    A < a <= b < B, all in the indicator's unit. Beyond the limits the score is held at `lower` and marked. It is
    neither more nor less that is better, so the direction stays 1."""
    values = turned_round(x, 1, labels)
    count = values.shape[-1]
    inner, outer = pairs(optimum, count), pairs(limits, count)
    faults = [
        f"{labels.indicator(at)}: interval needs optimum [a, b] within limits [A, B], A < a <= b < B (got "
        f"{a:g}, {b:g} within {low:g}, {high:g})"
        for at, ((a, b), (low, high)) in enumerate(zip(inner, outer, strict=True))
        if not low < a <= b < high
    ]
    faults += [
        f"{labels.indicator(int(at))}: an interval-optimal indicator has direction 1; where less is always better, take "
        "goalposts"
        for at in np.flatnonzero(each(direction, count) != 1)
    ]
    if faults:
        raise CompositeError(faults)
    (a, b), (low, high) = inner.T, outer.T
    degree = np.where(
        values < a, (values - low) / (a - low), np.where(values > b, (high - values) / (high - b), 1.0)
    )
    degree = np.where(np.isnan(values), np.nan, degree)
    used = {"optimum_low": a, "optimum_high": b, "limit_low": low, "limit_high": high}
    return _from_degree(
        degree, True, lower, upper, {name: _for_frames(one, values) for name, one in used.items()}
    )


def _from_degree(
    degree: Floats, cap: ArrayLike, lower: ArrayLike, upper: ArrayLike, used: dict[str, Floats]
) -> Normalised:
    share, capped = held(degree, cap)
    low, high = as_floats(lower), as_floats(upper)
    return Normalised(low + (high - low) * share, capped, used)


def _for_frames(figures: Floats, x: Floats) -> Floats:
    """Figures that are the same in every frame, with as many axes as x."""
    return figures.reshape((1,) * (x.ndim - 1) + figures.shape)


def _refuse_absent(given: Floats, method: str, name: str, what: str, labels: Labels) -> None:
    faults = [
        f"{labels.indicator(int(at))}: {method} needs {name}, {what}"
        for at in np.flatnonzero(np.isnan(given))
    ]
    if faults:
        raise CompositeError(faults)
