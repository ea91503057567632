"""The tidy series of a lake: every indicator by area and period, with all its revisions (articles 84, 86).

Columns: indicator, area, period, value, status (final, preliminary, estimated, imputed), revision (from 1), known_on
(the day it became known, "" where no document says so) and current (the latest revision of that area and period).
"""

from __future__ import annotations

import difflib
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
from ibis.common.exceptions import IbisError
from ibis.expr.types import Table

from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.statistics.indicator import INDICATORS, Indicator, Pick, picked

log = logging.getLogger(__name__)
STATUSES = ("final", "preliminary", "estimated", "imputed")
SCHEMA = pa.schema(
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
KEY = ("indicator", "area", "period", "revision")


class SeriesError(ValueError):
    """An indicator gave what cannot be published; the message names the indicator, the rule and an example."""


def series(
    lake: Lake, codes: Iterable[str] | None = None, versions: Mapping[str, int] | None = None
) -> pa.Table:
    """The series of the indicators `codes` (None: all whose tables are in the lake), sorted by KEY.

    `versions` names the version of each table to read; the latest where it says nothing. A value that is missing
    gives no row. SeriesError refuses infinity, an unknown status, two values for one key, and an indicator asked for by
    its code whose table lacks a column that it reads; where all are asked for, such a one is left out, with a warning.
    """
    tables = Tables(lake, versions)
    wanted = [found(code) for code in codes] if codes is not None else list(INDICATORS.values())
    there = set(tables)
    present = [one for one in wanted if there.issuperset(one.tables)]
    leave_out = codes is None
    parts = [*_picked(present, tables, leave_out), *_computed(present, tables, leave_out)]
    if not parts:
        return SCHEMA.empty_table()
    return _with_current(pa.concat_tables(parts).sort_by([(name, "ascending") for name in KEY]))


def found(code: str) -> Indicator:
    """The indicator of that code; KeyError names the nearest one known."""
    if code in INDICATORS:
        return INDICATORS[code]
    near = difflib.get_close_matches(code, INDICATORS, n=1)
    raise KeyError(
        f"没有代码为 {code!r} 的指标"
        + (f"；是不是 {near[0]!r}？" if near else "；`shenzhi indicators --all` 列出全部指标")
        + f"\nno indicator called {code!r}"
        + (f"; did you mean {near[0]!r}?" if near else "; `shenzhi indicators --all` lists them")
    )


class Tables(Mapping[str, Table]):
    """The tables of a lake by name, each in the version asked for, read only when an indicator asks for it."""

    def __init__(self, lake: Lake, versions: Mapping[str, int] | None = None):
        self._lake, self._versions = lake, versions or {}
        self._read: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        # a table is looked up once: opening its log for each of two hundred indicators would take seconds
        if name not in self._read:
            self._read[name] = self._lake.table(name, self._versions.get(name))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lake.tables())

    def __len__(self) -> int:
        return len(self._lake.tables())


def _picked(indicators: list[Indicator], tables: Mapping[str, Table], leave_out: bool) -> Iterator[pa.Table]:
    """Figures picked as they stand: one scan for all that stand in one table."""
    together: dict[Pick, dict[str, str]] = defaultdict(dict)
    for one in indicators:
        if one.pick is not None:
            columns = (one.pick.key,) if one.pick.wide else ("item", "value")
            if _has(tables[one.pick.table], (one.pick.area, *columns), one, leave_out):
                together[replace(one.pick, key="")][one.pick.key] = one.code
    for pick, code_of in together.items():
        rows = picked(tables[pick.table], sorted(code_of), pick).to_pyarrow()
        codes = pa.array([code_of[key] for key in rows["key"].to_pylist()], pa.string())
        yield _tidy(rows.drop_columns("key").append_column("indicator", codes))


def _has(table: Table, columns: Iterable[str], one: Indicator, leave_out: bool) -> bool:
    missing = [name for name in columns if name not in table.columns]
    return not missing or _lacks(one, f"no column {missing[0]!r}", leave_out)


def _computed(
    indicators: list[Indicator], tables: Mapping[str, Table], leave_out: bool
) -> Iterator[pa.Table]:
    for one in indicators:
        if one.pick is None:
            try:
                expression = one.expression(tables)
            except (AttributeError, IbisError) as error:  # what Ibis says of a column that is not there
                _lacks(one, str(error), leave_out)
                continue
            rows = expression.to_pyarrow()
            yield _tidy(rows.append_column("indicator", pa.array([one.code] * len(rows), pa.string())))


def _lacks(one: Indicator, what: str, leave_out: bool) -> bool:
    said = f"{one.code} cannot be computed over {', '.join(one.tables)} of this city: {what}; declare it in the source"
    if not leave_out:
        raise SeriesError(said)
    log.warning(said)
    return False


def _tidy(rows: pa.Table) -> pa.Table:
    """The columns of SCHEMA but `current`, with what a table does not know about a value said plainly."""
    default = {"status": "final", "revision": 1, "known_on": ""}
    columns = {}
    for name in SCHEMA.names[:-1]:
        kind = SCHEMA.field(name).type
        if name in rows.column_names:
            column = rows[name].cast(kind)
            columns[name] = pc.fill_null(column, default[name]) if name in default else column
        else:
            columns[name] = pa.array([default[name]] * len(rows), kind)
    tidy = pa.table(columns)
    tidy = tidy.filter(pc.is_valid(tidy["value"]))
    _refuse(
        tidy,
        pc.invert(pc.is_finite(tidy["value"])),
        "is not a finite number; a share of nothing has no value",
    )
    _refuse(
        tidy,
        pc.invert(pc.is_in(tidy["status"], pa.array(STATUSES))),
        f"has a status other than {', '.join(STATUSES)}",
    )
    return tidy


def _with_current(rows: pa.Table) -> pa.Table:
    """`current`: no row of the same indicator, area and period follows; rows are sorted by KEY."""
    if not len(rows):
        return SCHEMA.empty_table()
    same = pa.array([True] * (len(rows) - 1), pa.bool_())
    for name in KEY[:-1]:
        column = rows[name].combine_chunks()
        same = pc.and_(same, pc.equal(column[:-1], column[1:]))
    revision = rows["revision"].combine_chunks()
    twice = pc.and_(same, pc.equal(revision[:-1], revision[1:]))
    _refuse(rows.slice(1), twice, "has two values for one area, period and revision")
    current = pa.concat_arrays([pc.invert(same), pa.array([True])])
    return rows.append_column("current", current).select(SCHEMA.names).cast(SCHEMA)


def _refuse(rows: pa.Table, wrong: pa.Array, rule: str) -> None:
    bad = rows.filter(wrong)
    if len(bad):
        one = bad.slice(0, 1).to_pylist()[0]
        raise SeriesError(
            f"{one['indicator']}: the value for area {one['area']}, period {one['period']} {rule} ({len(bad)} such)"
        )
