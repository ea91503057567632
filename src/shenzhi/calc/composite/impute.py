"""Estimates figures that are missing, says which and how, and never touches one that was given (for article 86).

    mean, median          of the indicator over the units of the frame, or (`grouping`) over the unit's own group
    row_mean, row_median  how the unit stands on its other indicators, brought onto this one's scale
    latest, constant, linear, linear_constant   from the unit's own figures in other periods (impute_panel)

An estimate is made from given figures only, never from another estimate. A method that has nothing to go by leaves
the cell missing; `otherwise` may name the next. Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008),
step 2.

    >>> nan = float("nan")
    >>> result = impute([[[1.0]], [[nan]], [[4.0]]], Imputing("linear"), times=[2020, 2021, 2023])
    >>> result.values[:, 0, 0].tolist(), result.imputed[:, 0, 0].tolist(), result.told((1, 0, 0))
    ([1.0, 2.0, 4.0], [False, True, False], ('linear', (0, 2)))
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.aggregate import added
from shenzhi.calc.composite.frames import Axes, exact_sums, side_by_side
from shenzhi.calc.composite.impute_panel import PANEL, Estimate
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed, refuse_infinity
from shenzhi.calc.composite.moments import CACHED, COPIED, stacked, taken

NO_LABELS = Labels()
Columns = NDArray[np.intp]  # positions, rising
Grouping = Sequence[str | None]


@dataclass(frozen=True)
class Imputing:
    """How one indicator is imputed: a name in IMPUTATIONS, its parameters, and what to do for cells it leaves missing."""

    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    otherwise: Imputing | None = None


@dataclass(frozen=True)
class Imputed:
    """`values`: x with estimates where it was missing; every given figure bit for bit. The others have the shape of x:

    `imputed`   the cells that hold an estimate
    `rule`      the position in `rules` of the method that made it, -1 where none did
    `earlier`, `later`  the periods (positions along x's first axis but two) whose figures it rests on, -1 for none

    `rules`: names in IMPUTATIONS."""

    values: Floats
    imputed: NDArray[np.bool_]
    rule: NDArray[np.int8]
    earlier: NDArray[np.int16]
    later: NDArray[np.int16]
    rules: tuple[str, ...]

    def told(self, place: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
        """By which rule, from which periods: ('', ()) for a cell that is not an estimate."""
        rule = int(self.rule[place])
        periods = (int(self.earlier[place]), int(self.later[place]))
        return (self.rules[rule] if rule >= 0 else ""), tuple(one for one in periods if one >= 0)


@dataclass(frozen=True)
class Around:
    """What an imputation may look at besides the figures themselves; see `impute`."""

    axis: Axes
    directions: Floats
    groupings: Mapping[str, Grouping]
    families: Mapping[str, Grouping]
    times: Floats | None


def impute(
    x: ArrayLike,
    plan: Imputing | Sequence[Imputing],
    *,
    axis: Axes = -2,
    directions: ArrayLike = 1,
    groupings: Mapping[str, Grouping] | None = None,
    families: Mapping[str, Grouping] | None = None,
    times: ArrayLike | None = None,
    kept: NDArray[np.bool_] | None = None,
    labels: Labels = NO_LABELS,
) -> Imputed:
    """x (..., units, indicators) by the plan: one for all indicators, or one for each.

    `axis`        the frame of means, medians and scales: -2 the units of each period, (-3, -2) of all periods
    `directions`  +1 or -1 for each indicator: rows are compared on scales on which more is better
    `groupings`   name -> the group of each unit; a unit whose group is None is in none
    `families`    name -> the group of each indicator, such as its pillar
    `times`       of the periods (the axis before the units), in any order and at any distance, such as years
    `kept`        (..., units) which rows are imputed at all; for a unit that was screened out nothing is made up

    Means are exact sums divided once, so that the order of the units changes no digit. CompositeError names every
    indicator whose plan cannot be carried out."""
    values = as_floats(x)
    refuse_infinity(values, labels)
    count = values.shape[-1]
    plans = [plan] * count if isinstance(plan, Imputing) else list(plan)
    around = Around(
        axis,
        np.broadcast_to(as_floats(directions), (count,)),
        groupings or {},
        families or {},
        None if times is None else as_floats(times),
    )
    _refuse(plans, values.shape, around, labels)
    rules = tuple(dict.fromkeys(one.method for first in plans for one in _chain(first)))
    missing = np.isnan(values)
    # in the order of memory that x has
    out, rule = values.copy(order="K"), np.full_like(values, -1, dtype=np.int8)
    earlier = later = np.broadcast_to(np.int16(-1), values.shape)
    if any(name in PANEL for name in rules):
        earlier, later = earlier.copy(), later.copy()  # until now they took no room
    for one, columns in _turns(plans, missing):  # a few columns at a time: a copy of all may be gigabytes
        estimate = IMPUTATIONS[one.method](values, columns, around, **one.parameters)
        here = side_by_side(columns)
        cells = np.isnan(out[..., here]) & ~np.isnan(estimate.values)
        if kept is not None:
            cells &= kept[..., None]
        marks: list[tuple[NDArray[Any], Any]] = [(out, estimate.values), (rule, rules.index(one.method))]
        if estimate.earlier is not None and estimate.later is not None:
            marks += [(earlier, estimate.earlier), (later, estimate.later)]
        for into, found in marks:
            if isinstance(here, slice):
                np.copyto(into[..., here], found, where=cells)
            else:
                into[..., here] = np.where(cells, found, into[..., here])
    return Imputed(out, missing & ~np.isnan(out), rule, earlier, later, rules)


def none(x: Floats, columns: Columns, around: Around) -> Estimate:
    """Left missing."""
    return Estimate(np.full((*x.shape[:-1], len(columns)), np.nan))


def mean(x: Floats, columns: Columns, around: Around, *, grouping: str = "") -> Estimate:
    """The mean of the given figures of the frame; with `grouping`, of the units in the same group."""
    return _of_column(x, columns, around, grouping, lambda given: float(exact_sums(given)) / len(given))


def median(x: Floats, columns: Columns, around: Around, *, grouping: str = "") -> Estimate:
    """The median of the given figures of the frame; with `grouping`, of the units in the same group."""
    return _of_column(x, columns, around, grouping, lambda given: float(np.median(given)))


def row_mean(x: Floats, columns: Columns, around: Around, *, family: str = "") -> Estimate:
    """Where the unit stands on average between the worst (0) and the best (1) figure of each of its other indicators
    (with `family`, those in the same group of indicators), and the figure at that place on this indicator's scale."""
    return _of_row(x, columns, around, family, _row_mean)


def row_median(x: Floats, columns: Columns, around: Around, *, family: str = "") -> Estimate:
    """As `row_mean`, from the median of the places."""
    return _of_row(x, columns, around, family, _row_median)


Imputation = Callable[..., Estimate]


def _panel(name: str) -> Imputation:
    def estimate(x: Floats, columns: Columns, around: Around, **given: Any) -> Estimate:
        return PANEL[name](x[..., side_by_side(columns)], around.times, **given)

    return estimate


# A method file names one of these; a new one is one entry, and its keyword arguments are the keys the file may use.
IMPUTATIONS: dict[str, Imputation] = {
    "none": none,
    "mean": mean,
    "median": median,
    "row_mean": row_mean,
    "row_median": row_median,
    **{name: _panel(name) for name in PANEL},
}
ROWS = ("row_mean", "row_median")  # these look at all indicators at once


@cache
def parameters(method: str) -> dict[str, Any]:
    """The parameters of an imputation with their defaults, as its function declares them."""
    signature = inspect.signature(PANEL.get(method, IMPUTATIONS[method]))
    return {name: one.default for name, one in signature.parameters.items() if one.kind is one.KEYWORD_ONLY}


def looks_across(plan: Imputing | Sequence[Imputing] | None) -> bool:
    """Whether a gap may be filled from the unit's other indicators, so that no indicator can be imputed by itself."""
    plans = [plan] if plan is None or isinstance(plan, Imputing) else plan
    return any(one.method in ROWS for first in plans for one in _chain(first))


def _chain(plan: Imputing | None) -> Iterator[Imputing]:
    while plan is not None:
        yield plan
        plan = plan.otherwise


def _turns(plans: Sequence[Imputing], missing: NDArray[np.bool_]) -> Iterator[tuple[Imputing, Columns]]:
    """First choices before second ones; each plan with all the columns that follow it and lack something."""
    lacking = np.asarray(missing.any(axis=tuple(range(missing.ndim - 1))))
    chains = [list(_chain(plan)) if lacking[at] else [] for at, plan in enumerate(plans)]
    for turn in range(max(map(len, chains), default=0)):
        alike: list[tuple[Imputing, list[int]]] = []
        for at, chain in enumerate(chains):
            if turn < len(chain):
                one = chain[turn]
                same = next((columns for other, columns in alike if _alike(one, other)), None)
                if same is None:
                    alike.append((one, [at]))
                else:
                    same.append(at)
        for one, columns in alike:
            step = len(columns) if one.method in ROWS else max(1, COPIED * missing.shape[-1] // missing.size)
            for start in range(0, len(columns), step):
                yield one, np.array(columns[start : start + step])


def _alike(one: Imputing, other: Imputing) -> bool:
    return one.method == other.method and dict(one.parameters) == dict(other.parameters)


def _of_column(
    x: Floats, columns: Columns, around: Around, grouping: str, middle: Callable[[Floats], float]
) -> Estimate:
    frames = stacked(x, around.axis)
    rows = np.full((len(frames), len(columns), frames.shape[1]), np.nan)
    members = _members(around.groupings[grouping], frames.shape[1]) if grouping else [slice(None)]
    for frame in range(len(frames)):
        here = side_by_side(columns)
        block = taken(frames, frame, here) if isinstance(here, slice) else frames[frame][:, here].T
        for at, figures in enumerate(block):
            empty = np.isnan(figures)
            for places in members if empty.any() else ():
                lacking = empty[places]
                if lacking.any() and not lacking.all():
                    found = middle(figures[places][~lacking])
                    rows[frame, at, places] = np.where(lacking, found, np.nan)
    return Estimate(rows.transpose(0, 2, 1).reshape(*x.shape[:-1], len(columns)))


def _members(group: Grouping, size: int) -> list[Columns]:
    """The places of each group in a frame, whose units come once for each of its periods."""
    names = [name for name in dict.fromkeys(group) if name is not None]
    code = {name: at for at, name in enumerate(names)}
    codes = np.tile(
        [-1 if name is None else code[name] for name in group], size // len(group) if len(group) else 0
    )
    order = np.argsort(codes, kind="stable")
    cuts = np.searchsorted(codes[order], np.arange(len(names) + 1))
    return [order[start:end] for start, end in pairwise(cuts)]


def _of_row(
    x: Floats,
    columns: Columns,
    around: Around,
    family: str,
    middle: Callable[[Floats], Floats],
) -> Estimate:
    frames = stacked(x, around.axis)
    ends = np.array([np.fmin.reduce(frames, axis=1), np.fmax.reduce(frames, axis=1)]) * around.directions
    least, reach = ends.min(axis=0), ends.max(axis=0) - ends.min(axis=0)
    group = np.array(around.families[family] if family else [""] * x.shape[-1], dtype=object)
    kin = [
        (np.flatnonzero(group == name), np.flatnonzero(group[columns] == name))
        for name in dict.fromkeys(group[columns])
        if name is not None
    ]
    out = np.full((*frames.shape[:2], len(columns)), np.nan)
    step = max(1, CACHED // x.shape[-1])
    for frame, start in product(range(len(frames)), range(0, frames.shape[1], step)):
        units = slice(start, start + step)
        above = frames[frame, units] * around.directions - least[frame]
        # Where all are equal a unit stands nowhere in particular: such an indicator says nothing about the others.
        place = np.divide(above, reach[frame], out=np.full(above.shape, np.nan), where=reach[frame] > 0)
        for others, mine in kin:
            own = columns[mine]
            estimate = middle(place[:, others])[:, None] * reach[frame, own] + least[frame, own]
            out[frame, units][:, mine] = estimate * around.directions[own]
    return Estimate(out.reshape(*x.shape[:-1], len(columns)))


def _row_mean(places: Floats) -> Floats:
    count = places.shape[-1] - np.count_nonzero(np.isnan(places), axis=-1)
    return np.divide(added(places), count, out=np.full(count.shape, np.nan), where=count > 0)


def _row_median(places: Floats) -> Floats:
    out = np.full(len(places), np.nan)
    some = ~np.isnan(places).all(axis=-1)
    out[some] = np.nanmedian(places[some], axis=-1)
    return out


def _refuse(plans: Sequence[Imputing], shape: tuple[int, ...], around: Around, labels: Labels) -> None:
    """CompositeError naming every plan that cannot be carried out, and every grouping that does not fit."""
    faults = []
    if len(plans) != shape[-1]:
        faults.append(
            f"{shape[-1]} indicators, but {len(plans)} imputations: give one for all or one for each"
        )
    sizes = ((around.groupings, shape[-2], "units"), (around.families, shape[-1], "indicators"))
    for groups, size, what in sizes:
        faults += [
            f"{name}: names the groups of {len(group)}, but there are {size} {what}"
            for name, group in groups.items()
            if len(group) != size
        ]
    if not np.isin(around.directions, (-1.0, 1.0)).all():
        faults.append("directions must be +1 (more is better) or -1 (less is better)")
    needs_times = []
    for column, first in enumerate(plans[: shape[-1]]):
        for one in _chain(first):
            wrong = _wrong(one, around)
            faults += [f"{labels.indicator(column)}: {wrong}"] if wrong else []
            if one.method in PANEL:
                needs_times.append(f"{labels.indicator(column)} ({one.method})")
    if needs_times:
        faults += _wrong_times(around.times, shape, listed(needs_times))
    if faults:
        raise CompositeError(faults)


def _wrong(one: Imputing, around: Around) -> str:
    """What is wrong with a method's name or parameters; '' for nothing."""
    if one.method not in IMPUTATIONS:
        return f"{one.method} is not an imputation; known are {', '.join(IMPUTATIONS)}"
    declared = parameters(one.method)
    strange = sorted(set(one.parameters) - set(declared))
    if strange:
        return f"{one.method} has no {', '.join(strange)}; it has {', '.join(declared) or 'no parameters'}"
    for name, known in (("grouping", around.groupings), ("family", around.families)):
        wanted = one.parameters.get(name)
        if wanted and wanted not in known:
            return f"no {name} is called {wanted}; there are {', '.join(known) or 'none'}"
    age = one.parameters.get("max_age")
    return "" if age is None or age >= 0 else f"max_age cannot be below 0 (got {age:g})"


def _wrong_times(times: Floats | None, shape: tuple[int, ...], who: str) -> list[str]:
    periods = shape[-3] if len(shape) > 2 else 0
    if not periods:
        return [f"{who} need a panel (periods, units, indicators), but there are no periods"]
    if times is None or times.shape != (periods,):
        return [f"{who} need times, one for each of the {periods} periods"]
    if not np.isfinite(times).all() or len(np.unique(times)) != periods:
        return [f"{who}: times must be numbers, each once (got {', '.join(f'{one:g}' for one in times)})"]
    return []
