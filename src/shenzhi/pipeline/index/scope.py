"""Which areas and periods are scored, and their figures as arrays (article 86)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shenzhi.calc.composite.labels import Floats, listed
from shenzhi.pipeline.index.method import Method, Selection
from shenzhi.pipeline.index.years import Key, brought

# as pipeline.statistics.series has it; written again, so that `index run` need not load the indicators (a test compares)
SERIES = pa.schema(
    [
        ("indicator", pa.string()),
        ("area", pa.string()),
        ("period", pa.string()),
        ("value", pa.float64()),
        ("status", pa.string()),
        ("revision", pa.int64()),
        ("known_on", pa.string()),
        ("current", pa.bool_()),
    ]
)


class IndexFault(ValueError):
    """An index cannot be computed from this method and these data; `faults` holds every reason."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class Scope:
    """The areas and periods that are scored, both ascending. Together they are the frame."""

    areas: tuple[str, ...]
    periods: tuple[str, ...]


def scope_of(method: Method, series: pa.Table, levels: Mapping[str, str] | None = None) -> Scope:
    """The areas and periods that `method` selects; `levels` are those of the city's areas by code, if it has any.

    "all" means those that have a current value of one of the method's indicators."""
    known = figures_of(method, series)[0]
    known = known.filter(pc.is_in(known["indicator"], value_set=pa.array(method.figures, pa.string())))
    areas = sorted(pc.unique(known["area"]).to_pylist())
    periods = sorted(pc.unique(known["period"]).to_pylist())
    levels = levels or {}
    faults: list[str] = []
    chosen_areas = _chosen_areas(method.areas, areas, levels, faults)
    chosen_periods = _chosen_periods(method.periods, periods, faults)
    if not faults and not (chosen_areas and chosen_periods):
        codes = ", ".join(method.figures[:5])
        faults.append(
            f"no indicator of the method ({codes}, ...) has a value in the areas and periods that it takes"
        )
    if faults:
        raise IndexFault(faults)
    return Scope(tuple(chosen_areas), tuple(chosen_periods))


def _chosen_areas(
    selection: Selection, found: list[str], levels: Mapping[str, str], faults: list[str]
) -> list[str]:
    if selection.level or selection.prefix:
        # A level is asked of the list of areas, so that an area of that level without any value is there, and says so.
        candidates = levels if selection.level else found
        chosen = sorted(
            code
            for code in candidates
            if code.startswith(selection.prefix) and selection.level in ("", levels.get(code))
        )
        if not chosen:
            asked = " and ".join(
                filter(
                    None,
                    (selection.level, selection.prefix and f"a code that begins with {selection.prefix}"),
                )
            )
            known = (
                listed(sorted(set(levels.values())))
                or "not known: a table names its column under data > columns > level"
            )
            faults.append(f"areas: none has {asked}; levels are {known}")
        return chosen
    everything = sorted({*found, *levels})
    faults += [
        f"areas: {code} is not an area of the data, nor of the city; they have {listed(everything)}"
        for code in selection.codes
        if code not in everything
    ]
    return sorted(selection.codes) or found


def _chosen_periods(selection: Selection, found: list[str], faults: list[str]) -> list[str]:
    if selection.codes:
        faults += [
            f"periods: {code} is not a period of the data; they have {listed(found) or 'none'}"
            for code in selection.codes
            if code not in found
        ]
        return sorted(selection.codes)
    ends = [end for end in (selection.first, selection.last) if end]
    if ends:
        chosen = [
            period
            for period in found
            if _grain(period) == _grain(ends[0])
            and (not selection.first or period >= selection.first)
            and (not selection.last or period <= selection.last)
        ]
        if not chosen:
            between = f"{selection.first or 'the first'} to {selection.last or 'the last'}"
            faults.append(f"periods: the data have none from {between}; they have {listed(found) or 'none'}")
        return chosen
    grains = {_grain(period): period for period in found}
    if len(grains) > 1:
        faults.append(
            f"periods: the data mix periods of different length ({', '.join(sorted(grains.values()))}); "
            'name them, or say {from: "2016", to: "2024"}'
        )
    return found


def _grain(period: str) -> str:
    """The shape of a period: 2023-05 and 2024-11 are alike, 2023 and 2023-Q1 are not."""
    return re.sub(r"\d", "0", period)


def current(codes: Sequence[str], series: pa.Table) -> pa.Table:
    """The current values of some indicators."""
    wanted = pc.and_(series["current"], pc.is_in(series["indicator"], value_set=pa.array(codes, pa.string())))
    return series.filter(pc.and_(wanted, pc.is_valid(series["value"])))


def figures_of(method: Method, series: pa.Table) -> tuple[pa.Table, Mapping[Key, int]]:
    """The current figures that the method reads, by assessment years where it has them; then how many months a figure is
    made of, by indicator, area and period."""
    known = current(method.codes, series)
    year = method.practice.year
    return (known, {}) if year is None else brought(year, known)


@dataclass(frozen=True)
class Cube:
    """Figures of a scope as arrays (periods, areas, indicators), NaN where there is none; `imputed` marks those that
    their source had estimated, `months` of how many months they are made (0: of none). `denominators`: what indicators are
    divided by, and `beside`: what items and vetoes go by, both (periods, areas) by code."""

    raw: Floats
    imputed: NDArray[np.bool_]
    denominators: Mapping[str, Floats]
    beside: Mapping[str, Floats] = field(default_factory=dict)
    months: NDArray[np.intp] | None = None


def cube_of(method: Method, series: pa.Table, scope: Scope) -> Cube:
    """The current figures that the method reads; IndexFault where one has two values."""
    known, made = figures_of(method, series)
    places = [
        pc.index_in(known[column], value_set=pa.array(names, pa.string())).to_numpy(zero_copy_only=False)
        for column, names in (
            ("period", scope.periods),
            ("area", scope.areas),
            ("indicator", method.codes),
        )
    ]
    inside = ~np.any([np.isnan(place.astype(np.float64)) for place in places], axis=0)
    at = tuple(place[inside].astype(np.intp) for place in places)
    shape = (len(scope.periods), len(scope.areas), len(method.codes))
    times = np.zeros(shape, np.intp)
    np.add.at(times, at, 1)
    if (times > 1).any():
        twice = [
            f"{method.codes[i]}: {scope.areas[a]} in {scope.periods[p]} has {times[p, a, i]} values; keep one"
            for p, a, i in np.argwhere(times > 1)
        ]
        raise IndexFault(twice)
    figures = np.full(shape, np.nan)
    figures[at] = known["value"].to_numpy(zero_copy_only=False)[inside]
    imputed = np.zeros(shape, dtype=bool)
    imputed[at] = np.asarray(pc.equal(known["status"], "imputed").to_numpy(zero_copy_only=False), dtype=bool)[
        inside
    ]
    year = method.practice.year
    weights = set(year.weigh.values()) if year else set()
    column = {code: at for at, code in enumerate(method.codes)}
    columns = [column[leaf.reads] if leaf.reads else -1 for leaf in method.leaves]
    raw, estimated = figures[..., columns], imputed[..., columns]
    for place, leaf in enumerate(method.leaves):
        if leaf.constant is not None:
            raw[..., place], estimated[..., place] = leaf.constant, False
    return Cube(
        raw,
        estimated,
        {code: figures[..., column[code]] for code in method.denominators},
        {code: figures[..., column[code]] for code in method.practice.codes if code not in weights},
        _months(method, scope, made) if made else None,
    )


def _months(method: Method, scope: Scope, made: Mapping[Key, int]) -> NDArray[np.intp]:
    """Of how many months each figure is made."""
    return np.array(
        [
            [[made.get((leaf.reads, area, period), 0) for leaf in method.leaves] for area in scope.areas]
            for period in scope.periods
        ],
        dtype=np.intp,
    )


def times_of(periods: Sequence[str]) -> list[float]:
    """Periods as points in time, in years: 2023, 2023-Q3 and 2023-05 by the year and how far in it they begin; others
    by their place in the order."""
    found = [PERIOD.fullmatch(period) for period in periods]
    if not all(found):
        return [float(at) for at in range(len(periods))]
    return [
        int(one[1]) + ((int(one[2]) - 1) / 4 if one[2] else (int(one[3]) - 1) / 12 if one[3] else 0.0)
        for one in found
        if one
    ]


PERIOD = re.compile(r"(\d{4})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?")
