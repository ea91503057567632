"""Treats outliers: draws in the few figures that would alone decide a scale, and records each (before article 86's scores).

An indicator passes when |skewness| < 2 or kurtosis < 3.5; with both at their limits or above it fails. One that fails is
winsorised: the largest values (for a negative skewness the smallest) are held at the next value, point after point,
until it passes or `most` points are held. One that still fails is bent by a transform, as a rule from its original
figures, and the points are let go again. `limits` that the method sets are kept whatever was observed. Sources: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3;
the JRC COIN tool's limits and order.

    >>> x = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [90.0]])
    >>> treated = treat(x, Treating("winsorise", {"most": 1}))
    >>> treated.values[-1, 0].item(), treated.high.item(), treated.ceiling.item(), int(treated.changed.sum())
    (8.0, 1, 8.0, 1)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.frames import Axes, frame_shape
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, refuse_infinity
from shenzhi.calc.composite.moments import Capped, blocks, of_rows, put_back, stacked, taken
from shenzhi.calc.composite.screening import SLACK, reaches
from shenzhi.calc.composite.transforms import TRANSFORMS
from shenzhi.calc.composite.workers import in_turn

NO_LABELS = Labels()
SKEW, KURT = 2.0, 3.5  # the limits of the JRC COIN tool


@dataclass(frozen=True)
class Treating:
    """How one indicator is treated: a name in TREATMENTS, and its parameters (defaults for the rest)."""

    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Test:
    """The test for outliers of every indicator in every frame. `skew` and `kurt` are NaN where there is none (all values
    equal, or fewer than 3 and 4); such an indicator has no outlier to be found and has `passed`."""

    __test__ = False  # not a test of ours, whatever its name makes of it
    skew: Floats
    kurt: Floats
    passed: NDArray[np.bool_]


@dataclass(frozen=True)
class Treated:
    """`values`: shape of x; x itself where nothing was changed. `changed`: of the same shape, the cells whose figure is
    not the given one; all of an indicator that was bent, the missing aside.

    The others say it for every indicator: shape of x with the axes of the frame reduced to one.
    `before`, `winsorised`, `after`  the test of the figures given, of them with the points held, and of `values`
    `low`, `high`     points held at the lower and upper end in `values`
    `tried`           points held before it was decided to bend the original figures instead; else low + high
    `floor`, `ceiling`  the figures at which they are held; NaN where none is
    `transform`       the name in TRANSFORMS by which it was bent, or ''
    """

    values: Floats
    changed: NDArray[np.bool_]
    before: Test
    winsorised: Test
    after: Test
    low: NDArray[np.intp]
    high: NDArray[np.intp]
    tried: NDArray[np.intp]
    floor: Floats
    ceiling: Floats
    transform: NDArray[np.object_]


@dataclass(frozen=True)
class Change:
    """What became of one indicator in one frame; `values` are those that are present, None where all stay as they are."""

    values: Floats | None = None
    low: int = 0
    high: int = 0
    tried: int = 0
    floor: float = np.nan
    ceiling: float = np.nan
    transform: str = ""
    winsorised: tuple[float, float] | None = None  # skewness and kurtosis, where points were held on the way


def fails(skew: float, kurt: float, skew_limit: float = SKEW, kurt_limit: float = KURT) -> bool:
    """Whether both skewness and kurtosis reach their limits. What lies on a limit fails on every machine and in every
    order of the units: [0, 0, 0, 1] has a skewness of exactly 2, and rounding would decide."""
    return bool(reaches(abs(skew), skew_limit) and reaches(kurt, kurt_limit))


def none(x: Floats, shape: tuple[float, float]) -> Change:
    """Tested and left as it is."""
    return Change()


def winsorise(
    x: Floats,
    shape: tuple[float, float],
    *,
    skew: float = SKEW,
    kurt: float = KURT,
    most: int | None = 5,
    then: str | Treating = "log_ct",
    combined: bool = False,
) -> Change:
    """Holds up to `most` points (None: without limit) at the next value, until the limits `skew` and `kurt` are kept.

    Values that are equal are held together or not at all: a step that would bring the count above `most` is not
    taken, nor one that would make all values equal. What still fails is bent by the transform `then` ('' for none):
    the original figures, or with `combined` those with the points held."""
    if most is not None and most < 0:
        raise CompositeError([f"most: no less than 0 points can be held (got {most}); None sets no limit"])
    if not fails(*shape, skew, kurt):
        return Change()
    ordered = np.sort(x)
    limit = len(x) if most is None else most
    low = high = 0
    floor, ceiling = ordered[0], ordered[-1]
    now, capped = shape, Capped(ordered, limit + 1)
    while fails(*now, skew, kurt):
        if now[0] > -SLACK:
            below = int(np.searchsorted(ordered, ceiling, "left"))
            following, count = ordered[below - 1], len(x) - below
            if low + count > limit or not following > floor:
                break
            high, ceiling = count, following
        else:
            count = int(np.searchsorted(ordered, floor, "right"))
            following = ordered[count]
            if high + count > limit or not following < ceiling:
                break
            low, floor = count, following
        now = capped.between(floor, ceiling)
    held = np.clip(x, floor, ceiling) if low + high else x
    caps = Change(
        held if low + high else None,
        low=low,
        high=high,
        tried=low + high,
        floor=float(floor) if low else np.nan,
        ceiling=float(ceiling) if high else np.nan,
        winsorised=now,
    )
    bend = Treating(then) if isinstance(then, str) else then
    if not bend.method or not fails(*now, skew, kurt):
        return caps
    values = TRANSFORMS[bend.method](held if combined else x, **bend.parameters)
    if combined:
        return replace(caps, values=values, transform=bend.method)
    return Change(values, tried=caps.tried, winsorised=now, transform=bend.method)


def limits(
    x: Floats,
    shape: tuple[float, float],
    *,
    low: float | None = None,
    high: float | None = None,
    beyond: str = "hold",
) -> Change:
    """Figures below `low` or above `high` are held there, or with `beyond` "leave_out" not used: limits that the method sets,
    whatever was observed. Not a test for outliers; `skew` and `kurt` of what remains are told all the same."""
    floor, ceiling = -np.inf if low is None else low, np.inf if high is None else high
    if not floor < ceiling:
        raise CompositeError([f"limits: low must be below high (got {floor:g} and {ceiling:g})"])
    if beyond not in BEYOND:
        raise CompositeError([f"limits: beyond must be {' or '.join(BEYOND)} (got {beyond})"])
    below, above = x < floor, x > ceiling
    if not (below | above).any():
        return Change()
    values = np.clip(x, floor, ceiling) if beyond == "hold" else np.where(below | above, np.nan, x)
    return Change(
        values,
        low=int(below.sum()),
        high=int(above.sum()),
        tried=int(below.sum() + above.sum()),
        floor=floor if below.any() else np.nan,
        ceiling=ceiling if above.any() else np.nan,
    )


BEYOND = ("hold", "leave_out")
Treatment = Callable[..., Change]


def _bent(name: str) -> Treatment:
    """All of an indicator by one transform, whether it passes or not. Equal values stay: nothing is told apart."""

    def bend(x: Floats, shape: tuple[float, float], **given: Any) -> Change:
        if not x.size or x.min() == x.max():
            return Change()
        return Change(TRANSFORMS[name](x, **given), transform=name)

    return bend


# A method file names one of these; a new one is one entry, and its keyword arguments are the keys the file may use.
TREATMENTS: dict[str, Treatment] = {
    "none": none,
    "winsorise": winsorise,
    "limits": limits,
    **{name: _bent(name) for name in TRANSFORMS},
}


@cache
def parameters(method: str) -> dict[str, Any]:
    """The parameters of a treatment with their defaults, as its function declares them."""
    signature = inspect.signature(TRANSFORMS.get(method, TREATMENTS[method]))
    return {name: one.default for name, one in signature.parameters.items() if one.kind is one.KEYWORD_ONLY}


def treat(
    x: ArrayLike,
    plan: Treating | Sequence[Treating],
    *,
    axis: Axes = -2,
    labels: Labels = NO_LABELS,
) -> Treated:
    """Every indicator of x (..., units, indicators) by the plan: one for all, or one for each.

    `axis` is the frame in which an indicator is tested and bent: -2 the units of each period by themselves, (-3, -2)
    of all periods together. Missing values stay missing and have no part. CompositeError names every indicator whose plan
    is not known, or whose figures the transform cannot take."""
    values = as_floats(x)
    refuse_infinity(values, labels)
    count = values.shape[-1]
    plans = [plan] * count if isinstance(plan, Treating) else list(plan)
    refuse_plans(plans, count, labels)
    frames = stacked(values, axis)
    record = _Record(len(frames), count)
    # In the order of memory that x has; `out` takes no room until it is written to.
    out, changed = np.empty_like(frames), np.zeros_like(frames, dtype=bool)

    def work(block: tuple[int, slice]) -> tuple[bool, list[str]]:
        frame, columns = block
        rows = taken(frames, frame, columns)
        mask, faults = _work_through(rows, frame, columns, plans, record)
        if mask.any():
            put_back(out, frame, columns, rows)
            put_back(changed, frame, columns, mask)
        return bool(mask.any()), [
            f"{labels.indicator(column)}{_period(frame, values.shape, axis, labels)}: {fault}"
            for column, fault in faults
        ]

    every = list(blocks(frames))
    done = in_turn(work, every, values.size)
    faults = [fault for _, told in done for fault in told]
    if faults:
        raise CompositeError(faults)
    some = any(touched for touched, _ in done)
    for (frame, columns), (touched, _) in zip(every, done, strict=True):
        if some and not touched:
            out[frame, :, columns] = frames[frame, :, columns]
    treated = out.reshape(values.shape) if some else values
    return record.told(treated, changed.reshape(values.shape), frame_shape(values.shape, axis))


def _work_through(
    rows: Floats, frame: int, columns: slice, plans: Sequence[Treating], record: _Record
) -> tuple[NDArray[np.bool_], list[tuple[int, str]]]:
    """Treats each row in its place; gives what was changed, and (column, fault) for what could not be done."""
    mask, faults = np.zeros(rows.shape, dtype=bool), []
    shapes = zip(*(one.tolist() for one in of_rows(rows)), strict=True)
    for at, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
        column = columns.start + at
        plan = plans[column]
        there = ~np.isnan(row)
        given = row if there.all() else row[there]
        try:
            change = TREATMENTS[plan.method](given, shape, **plan.parameters)
        except CompositeError as error:
            faults += [(column, fault) for fault in error.faults]
            continue
        if change.values is not None:
            mask[at, there] = True if change.transform else change.values != given
            row[there] = change.values
        record.add(frame, column, plan, shape, change)
    return mask, faults


def refuse_plans(plans: Sequence[Treating], count: int, labels: Labels = NO_LABELS) -> None:
    """CompositeError naming every indicator whose treatment, transform or parameter is not known or is missing."""
    if len(plans) != count:
        raise CompositeError(
            [f"{count} indicators, but {len(plans)} treatments: give one for all or one for each"]
        )
    faults = []
    for column, one in enumerate(plans):
        wrong = _wrong(one, TREATMENTS)
        then = one.parameters.get("then", "")
        if not wrong and then:
            wrong = _wrong(Treating(then) if isinstance(then, str) else then, TRANSFORMS)
        if wrong:
            faults.append(f"{labels.indicator(column)}: {wrong}")
    if faults:
        raise CompositeError(faults)


def _wrong(one: Treating, known: Mapping[str, Any]) -> str:
    """What is wrong with a name or its parameters; '' for nothing."""
    if one.method not in known:
        return f"{one.method} is not known here; known are {', '.join(known)}"
    declared = parameters(one.method)
    strange = sorted(set(one.parameters) - set(declared))
    lacking = [name for name, default in declared.items() if default is inspect.Parameter.empty]
    if strange:
        return f"{one.method} has no {', '.join(strange)}; it has {', '.join(declared) or 'no parameters'}"
    if set(lacking) - set(one.parameters):
        return f"{one.method} needs {', '.join(lacking)}"
    return ""


def _period(frame: int, shape: tuple[int, ...], axis: Axes, labels: Labels) -> str:
    """ " in 2024", or "" where all figures are one frame."""
    leading = tuple(size for size in frame_shape(shape, axis)[:-2])
    if int(np.prod(leading)) == 1:
        return ""
    return f" in {labels.frame(tuple(int(at) for at in np.unravel_index(frame, leading)))}"


class _Record:
    """What was done to each indicator in each frame, while it is being done."""

    def __init__(self, frames: int, count: int) -> None:
        self.tests = np.full((3, 2, frames, count), np.nan)  # before, winsorised, after; skewness, kurtosis
        self.limits = np.empty((2, frames, count))
        self.counts = np.zeros((3, frames, count), dtype=np.intp)  # low, high, tried
        self.caps = np.full((2, frames, count), np.nan)
        self.transform = np.full((frames, count), "", dtype=object)

    def add(self, frame: int, column: int, one: Treating, shape: tuple[float, float], change: Change) -> None:
        place = (..., frame, column)
        winsorised = change.winsorised or shape
        after = _shape(change.values) if change.transform and change.values is not None else winsorised
        self.tests[place] = shape, winsorised, after
        self.limits[place] = one.parameters.get("skew", SKEW), one.parameters.get("kurt", KURT)
        self.counts[place] = change.low, change.high, change.tried
        self.caps[place] = change.floor, change.ceiling
        self.transform[frame, column] = change.transform

    def told(self, values: Floats, changed: NDArray[np.bool_], shape: tuple[int, ...]) -> Treated:
        before, winsorised, after = (
            Test(
                skew.reshape(shape),
                kurt.reshape(shape),
                ~(reaches(np.abs(skew), self.limits[0]) & reaches(kurt, self.limits[1])).reshape(shape),
            )
            for skew, kurt in self.tests
        )
        low, high, tried = (one.reshape(shape) for one in self.counts)
        floor, ceiling = (one.reshape(shape) for one in self.caps)
        return Treated(
            values=values,
            changed=changed,
            before=before,
            winsorised=winsorised,
            after=after,
            low=low,
            high=high,
            tried=tried,
            floor=floor,
            ceiling=ceiling,
            transform=self.transform.reshape(shape),
        )


def _shape(x: Floats) -> tuple[float, float]:
    skew, kurt = of_rows(x[None, :])
    return float(skew[0]), float(kurt[0])
