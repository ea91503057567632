"""From series to scores: the index computed under a method, with every part kept (article 86).

`compute` takes a method and a table of series (indicator, area, period, value, status, current) and gives three
tables, sorted and without a time stamp, so that the same input gives the same bytes. Nothing here reads or writes
files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shenzhi.calc.composite.compose import Composite, compose
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, listed
from shenzhi.calc.composite.normalise import Axes, Normalised, normalise
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.screening import Screening, screen
from shenzhi.calc.composite.tree import Tree
from shenzhi.pipeline.index.method import Method, Selection
from shenzhi.pipeline.index.reasons import reasons

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
SCORES = pa.schema(
    [
        ("area", pa.string()),
        ("period", pa.string()),
        ("node", pa.string()),
        ("level", pa.int64()),
        ("score", pa.float64()),
        ("rank", pa.int64()),
        ("rank_of", pa.int64()),
        ("coverage", pa.float64()),
        ("available", pa.int64()),
        ("total", pa.int64()),
        ("reason", pa.string()),
        ("reason_en", pa.string()),
    ]
)
PARTS = pa.schema(
    [
        ("area", pa.string()),
        ("period", pa.string()),
        ("parent", pa.string()),
        ("node", pa.string()),
        ("leaf", pa.bool_()),
        ("raw", pa.float64()),
        ("status", pa.string()),
        ("score", pa.float64()),
        ("weight", pa.float64()),
        ("share", pa.float64()),
        ("contribution", pa.float64()),
        ("capped", pa.string()),
    ]
)
SCALES = pa.schema(
    [("node", pa.string()), ("period", pa.string()), ("figure", pa.string()), ("value", pa.float64())]
)
STATUSES = np.array(["missing", "given", "imputed"])
CAPS = np.array(["lower", "", "upper"])


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


@dataclass(frozen=True)
class Computed:
    """The tables of a publication, by the schemas SCORES, PARTS and SCALES."""

    scope: Scope
    scores: pa.Table
    parts: pa.Table
    scales: pa.Table


def scope_of(method: Method, series: pa.Table, levels: Mapping[str, str] | None = None) -> Scope:
    """The areas and periods that `method` selects; `levels` are those of the city's areas by code, if it has any.

    "all" means those that have a current value of one of the method's indicators."""
    known = _of_method(method, series)
    areas = sorted(pc.unique(known["area"]).to_pylist())
    periods = sorted(pc.unique(known["period"]).to_pylist())
    levels = levels or {}
    faults: list[str] = []
    chosen_areas = _chosen_areas(method.areas, areas, levels, faults)
    chosen_periods = _chosen_periods(method.periods, periods, faults)
    if not faults and not (chosen_areas and chosen_periods):
        codes = ", ".join(leaf.code for leaf in method.leaves[:5])
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


def compute(method: Method, series: pa.Table, scope: Scope) -> Computed:
    """The index of the areas and periods in `scope`. IndexFault with every fault of the data under this method."""
    raw, imputed = _cube(method, series, scope)
    nodes = list(method.nodes.values())
    tree = Tree.of([(node.code, node.parent) for node in nodes], [node.weight for node in nodes])
    labels = Labels([leaf.code for leaf in method.leaves], scope.areas, scope.periods)
    screening = screen(raw, method.unit_threshold)
    axis: Axes = (-3, -2) if method.frame == "global" else -2
    least = method.node_threshold if method.missing == "renormalise" else 1.0
    thresholds = np.full(len(nodes), least)
    thresholds[0] = method.root_threshold if method.missing == "renormalise" else 1.0
    try:
        normalised = normalise(
            screening.values, [leaf.scaling for leaf in method.leaves], axis=axis, labels=labels
        )
        composite = compose(tree, normalised.score, [node.aggregate for node in nodes], thresholds, labels)
    except CompositeError as error:
        raise IndexFault(error.faults) from error
    return Computed(
        scope,
        _scores(method, tree, scope, screening, composite, thresholds),
        _parts(method, tree, scope, raw, imputed, normalised, composite),
        _scales(method, scope, normalised),
    )


def _of_method(method: Method, series: pa.Table) -> pa.Table:
    """The current values of the method's indicators."""
    codes = pa.array([leaf.code for leaf in method.leaves])
    wanted = pc.and_(series["current"], pc.is_in(series["indicator"], value_set=codes))
    return series.filter(pc.and_(wanted, pc.is_valid(series["value"])))


def _cube(method: Method, series: pa.Table, scope: Scope) -> tuple[Floats, NDArray[np.bool_]]:
    """Values, and which of them are imputed, as arrays (periods, areas, indicators); NaN where there is none."""
    known = _of_method(method, series)
    places = [
        pc.index_in(known[column], value_set=pa.array(names, pa.string())).to_numpy(zero_copy_only=False)
        for column, names in (
            ("period", scope.periods),
            ("area", scope.areas),
            ("indicator", [leaf.code for leaf in method.leaves]),
        )
    ]
    inside = ~np.any([np.isnan(place.astype(np.float64)) for place in places], axis=0)
    at = tuple(place[inside].astype(np.intp) for place in places)
    shape = (len(scope.periods), len(scope.areas), len(method.leaves))
    times = np.zeros(shape, np.intp)
    np.add.at(times, at, 1)
    if (times > 1).any():
        twice = [
            f"{method.leaves[i].code}: {scope.areas[a]} in {scope.periods[p]} has {times[p, a, i]} values; keep one"
            for p, a, i in np.argwhere(times > 1)
        ]
        raise IndexFault(twice)
    raw = np.full(shape, np.nan)
    raw[at] = known["value"].to_numpy(zero_copy_only=False)[inside]
    imputed = np.zeros(shape, dtype=bool)
    imputed[at] = np.asarray(pc.equal(known["status"], "imputed").to_numpy(zero_copy_only=False), dtype=bool)[
        inside
    ]
    return raw, imputed


def _flat(cube: NDArray[Any]) -> NDArray[Any]:
    """(periods, areas, nodes) as one column, sorted by area, then period, then node."""
    return np.broadcast_to(cube, cube.shape).transpose(1, 0, 2).reshape(-1)


def _column(cube: NDArray[Any], kind: pa.DataType) -> pa.Array:
    """A column of floats or whole numbers in which NaN is no value."""
    flat = _flat(cube)
    if flat.dtype.kind == "f":
        return pa.array(flat, mask=np.isnan(flat)).cast(kind)
    return pa.array(flat).cast(kind)


def _keys(scope: Scope, names: Sequence[str]) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The columns area, period and node of a table with a row for each combination."""
    areas, periods, count = len(scope.areas), len(scope.periods), len(names)
    return (
        pa.array(np.repeat(np.array(scope.areas, dtype=object), periods * count), pa.string()),
        pa.array(np.tile(np.repeat(np.array(scope.periods, dtype=object), count), areas), pa.string()),
        pa.array(np.tile(np.array(names, dtype=object), areas * periods), pa.string()),
    )


def _scores(
    method: Method, tree: Tree, scope: Scope, screening: Screening, composite: Composite, thresholds: Floats
) -> pa.Table:
    shape = composite.score.shape
    area, period, node = _keys(scope, tree.codes)
    rank = ranks(composite.score, axis=-2, ties=method.ties, decimals=method.decimals)
    ranked = np.broadcast_to((~np.isnan(composite.score)).sum(axis=-2, keepdims=True), shape)
    said = reasons(method, tree, screening, composite, thresholds)
    columns = [
        area,
        period,
        node,
        _column(np.broadcast_to(tree.level, shape), pa.int64()),
        _column(composite.score, pa.float64()),
        _column(rank, pa.int64()),
        _column(ranked, pa.int64()),
        _column(composite.coverage, pa.float64()),
        _column(composite.available, pa.int64()),
        _column(np.broadcast_to(tree.leaf_count, shape), pa.int64()),
        pa.array([words.zh for words in _flat(said)], pa.string()),
        pa.array([words.en for words in _flat(said)], pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=SCORES)


def _parts(
    method: Method,
    tree: Tree,
    scope: Scope,
    raw: Floats,
    imputed: NDArray[np.bool_],
    normalised: Normalised,
    composite: Composite,
) -> pa.Table:
    shape = composite.score.shape
    values = np.full(shape, np.nan)
    values[..., tree.leaves] = raw
    status = np.where(np.isnan(composite.score), 0, 1)
    status[..., tree.leaves] = np.where(np.isnan(raw), 0, np.where(imputed, 2, 1))
    capped = np.zeros(shape, dtype=np.intp)
    capped[..., tree.leaves] = np.where(np.isnan(normalised.score), 0, normalised.capped)
    below = slice(1, None)  # every node but the root is a part of its parent
    codes = tree.codes[below]
    parents = [tree.codes[at] for at in tree.parent[below]]
    area, period, node = _keys(scope, codes)
    rows = len(scope.areas) * len(scope.periods)
    inner = (*shape[:-1], len(codes))
    columns = [
        area,
        period,
        pa.array(np.tile(np.array(parents, dtype=object), rows), pa.string()),
        node,
        pa.array(np.tile(np.isin(np.arange(1, len(tree.codes)), tree.leaves), rows)),
        _column(values[..., below], pa.float64()),
        pa.array(STATUSES[_flat(status[..., below])], pa.string()),
        _column(composite.score[..., below], pa.float64()),
        _column(np.broadcast_to(tree.weight[below], inner), pa.float64()),
        _column(composite.share[..., below], pa.float64()),
        _column(composite.contribution[..., below], pa.float64()),
        pa.array(CAPS[_flat(capped[..., below]) + 1], pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=PARTS)


def _scales(method: Method, scope: Scope, normalised: Normalised) -> pa.Table:
    """The figures by which each indicator was scored; the period is "" where one frame serves all periods."""
    rows = []
    for figure, values in sorted(normalised.used.items()):
        for place in np.argwhere(~np.isnan(values)):
            period = scope.periods[place[0]] if method.frame == "period" else ""
            value = float(values[tuple(place)])
            rows.append((method.leaves[place[-1]].code, period, figure, value + 0.0))
    order = {leaf.code: at for at, leaf in enumerate(method.leaves)}
    rows.sort(key=lambda row: (order[row[0]], row[1], row[2]))
    return pa.Table.from_pydict(
        {name: [row[at] for row in rows] for at, name in enumerate(SCALES.names)}, schema=SCALES
    )
