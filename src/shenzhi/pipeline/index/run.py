"""From series to scores: the index computed under a method, with every part kept (article 86).

`compute` takes a method and a table of series (indicator, area, period, value, status, current) and gives three
tables (and those of `robustness`, where the method names alternatives), sorted and without a time stamp, so that the same input gives the same bytes. Nothing here reads or writes
files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shenzhi.calc.composite.labels import Floats
from shenzhi.calc.composite.normalise import Normalised
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.recipe import Built
from shenzhi.pipeline.index.assessed import bill_of_items, grades_of
from shenzhi.pipeline.index.method import Method
from shenzhi.pipeline.index.reasons import NOTHING_TO_SAY, reasons
from shenzhi.pipeline.index.recipe import built_of
from shenzhi.pipeline.index.robustness import Tested, tested
from shenzhi.pipeline.index.scope import Cube, Scope, cube_of

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
        ("penalty", pa.float64()),
        ("residue", pa.float64()),
        ("adjustment", pa.float64()),
        ("grade", pa.string()),
        ("grade_reason", pa.string()),
        ("grade_reason_en", pa.string()),
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
        ("entered", pa.float64()),
        ("how", pa.string()),
    ]
)
SCALES = pa.schema(
    [("node", pa.string()), ("period", pa.string()), ("figure", pa.string()), ("value", pa.float64())]
)
STATUSES = np.array(["missing", "given", "imputed"])
CAPS = np.array(["lower", "", "upper"])


@dataclass(frozen=True)
class Computed:
    """The tables of a publication, by the schemas SCORES, PARTS and SCALES. `tested`: what came of the alternatives that
    the method names; None when it names none."""

    scope: Scope
    scores: pa.Table
    parts: pa.Table
    scales: pa.Table
    tested: Tested | None = None
    items: pa.Table | None = None


def compute(method: Method, series: pa.Table, scope: Scope) -> Computed:
    """The index of the areas and periods in `scope`. IndexFault with every fault of the data under this method."""
    cube = cube_of(method, series, scope)
    built = built_of(method, cube, scope)
    assert built.normalised is not None
    return Computed(
        scope,
        _scores(method, scope, cube, built),
        _parts(method, scope, cube, built),
        _scales(method, scope, built.normalised),
        tested(method, scope, built),
        bill_of_items(method, scope, cube, built),
    )


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


def _scores(method: Method, scope: Scope, cube: Cube, built: Built) -> pa.Table:
    tree, composite = built.recipe.tree, built.published
    shape = composite.score.shape
    area, period, node = _keys(scope, tree.codes)
    order = composite.score if method.ranked == "published" else composite.exact
    if method.best == "lowest":  # of the index; of its parts more is better, as the directions say
        order = np.array(order)
        order[..., 0] *= -1
    rank = ranks(order, axis=-2, ties=method.ties, decimals=method.decimals)
    ranked = np.broadcast_to((~np.isnan(composite.score)).sum(axis=-2, keepdims=True), shape)
    said = reasons(method, built)
    grades = grades_of(method, scope, cube, composite)
    grade, why = np.full(shape, "", dtype=object), np.full(shape, NOTHING_TO_SAY, dtype=object)
    grade[..., 0], why[..., 0] = grades.grade, grades.why
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
        _column(_where_scored(composite.penalty, composite.score), pa.float64()),
        _column(_where_scored(composite.residue, composite.score), pa.float64()),
        _column(_where_scored(composite.adjustment, composite.score), pa.float64()),
        pa.array(_flat(grade), pa.string()),
        pa.array([words.zh for words in _flat(why)], pa.string()),
        pa.array([words.en for words in _flat(why)], pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=SCORES)


def _where_scored(figures: Floats, score: Floats) -> Floats:
    return np.where(np.isnan(score), np.nan, figures + 0.0)


def _parts(method: Method, scope: Scope, cube: Cube, built: Built) -> pa.Table:
    tree, composite, normalised = built.recipe.tree, built.published, built.normalised
    assert normalised is not None
    assert built.treated is not None
    shape = composite.score.shape
    values, entered = np.full(shape, np.nan), np.full(shape, np.nan)
    values[..., tree.leaves] = built.raw
    entered[..., tree.leaves] = built.treated
    status = np.where(np.isnan(composite.score), 0, 1)
    status[..., tree.leaves] = np.where(
        built.imputed_cells | cube.imputed, 2, np.where(np.isnan(built.raw), 0, 1)
    )
    how = np.full(shape, "", dtype=object)
    how[..., tree.leaves] = _how(method, scope, cube, built)
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
        _column(entered[..., below], pa.float64()),
        pa.array(_flat(how[..., below]), pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=PARTS)


def _how(method: Method, scope: Scope, cube: Cube, built: Built) -> NDArray[Any]:
    """How each figure became the one that was scored (periods, areas, leaves): steps with a blank between, such as
    "per:population mean", "latest:2021", "winsorise"; "" for a figure that entered as it was given."""
    how = np.full(built.raw.shape, "", dtype=object)
    if cube.months is not None:
        for place in map(tuple, np.argwhere(cube.months).tolist()):
            how[place] = f"months:{cube.months[place]}"
    for at, leaf in enumerate(method.leaves):
        if leaf.per:
            how[..., at] = [[f"{said} per:{leaf.per.by}".strip() for said in row] for row in how[..., at]]
    if built.imputation is not None:
        for place in map(tuple, np.argwhere(built.imputed_cells).tolist()):
            rule, periods = built.imputation.told(place)
            said = rule + (":" + ",".join(scope.periods[one] for one in periods) if periods else "")
            how[place] = " ".join(filter(None, (how[place], said)))
    for place in map(tuple, np.argwhere(built.treated_cells).tolist()):
        said = _treated(method, built, place)
        how[place] = " ".join(filter(None, (how[place], said)))
    return how


def _treated(method: Method, built: Built, place: tuple[int, ...]) -> str:
    """The transform that bent an indicator, or that its value was held."""
    assert built.treatment is not None
    transform = built.treatment.transform
    at = tuple(0 if size == 1 else one for one, size in zip(place, transform.shape, strict=True))
    plan = method.leaves[place[-1]].treat
    return str(transform[at]) or (plan.method if plan is not None else "winsorise")


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
