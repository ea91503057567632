"""From a value back to the rows that it came from: source, file and line (articles 84, 86).

An indicator is an expression, so what it reads can be read off it: the conditions that stand over each table, and the
area and the period of the value, by the roles that the table's source declares. What cannot be narrowed down safely
is left wide. The promise, kept by a test over every indicator: computed from only these rows, the value is the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from typing import Any

import ibis
from ibis.expr import operations as ops
from ibis.expr.types import BooleanValue, Table

from shenzhi.pipeline.lake import store
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.lake.source import Source
from shenzhi.pipeline.statistics.indicator import Indicator
from shenzhi.pipeline.statistics.series import Tables, found

FIRST = 100
# What says nothing about one row by itself, so that its place in the expression matters.
BEYOND_A_ROW = (ops.Reduction, ops.Analytic, ops.WindowFunction, ops.Subquery)


@dataclass(frozen=True)
class RowsOf:
    """Rows of one file behind a value: the first of `total`, with `_row`, the line in the file as it was handed in."""

    source: str
    snapshot: str
    columns: list[str]
    rows: list[dict[str, Any]]
    total: int


def lineage(
    lake: Lake,
    code: str,
    area: str,
    period: str,
    versions: Mapping[str, int] | None = None,
    *,
    first: int = FIRST,
) -> list[RowsOf]:
    """The rows behind the value of an indicator for an area and a period, by source and file, at most `first` of each.

    Only the fields that their source declares open are shown. KeyError for an indicator that is not declared.
    """
    behind = []
    for name, rows in rows_behind(lake, code, area, period, versions).items():
        columns = [*lake.sources[name].open_fields, "_row", "_snapshot"]
        files: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in _first_of_each_file(lake, rows, columns, first):
            files[row["_snapshot"]].append(row)
        for snapshot, shown in files.items():
            total = shown[0]["_total"]
            kept = [{column: row[column] for column in columns} for row in shown]
            behind.append(RowsOf(name, snapshot, columns, kept, total))
    return behind


def _first_of_each_file(lake: Lake, rows: Table, columns: list[str], first: int) -> list[dict[str, Any]]:
    """The first rows of each file by their line, with `_total`, how many there are in it.

    The windows are written as SQL: to put them into the expression and translate it took twice as long as all the
    rest, and a reader of the page waits for it."""
    backend = lake.backend()
    shown = ", ".join(store.quoted(column) for column in columns)
    found = backend.raw_sql(
        f"SELECT {shown}, count(*) OVER file AS _total FROM ({backend.compile(rows)}) "
        f"WINDOW file AS (PARTITION BY _snapshot) "
        f"QUALIFY row_number() OVER (file ORDER BY _row) <= {first:d} ORDER BY _snapshot, _row"
    )
    listed: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return listed


def rows_behind(
    lake: Lake, code: str, area: str, period: str, versions: Mapping[str, int] | None = None
) -> dict[str, Table]:
    """The tables that an indicator reads, each cut down to the rows behind its value for an area and a period."""
    indicator, tables = found(code), Tables(lake, versions)
    return {
        name: _cut(tables, indicator, name, lake.sources[name], area, period) for name in indicator.tables
    }


def _cut(
    tables: Mapping[str, Table], indicator: Indicator, name: str, source: Source, area: str, period: str
) -> Table:
    table = tables[name]
    conditions = [_read(indicator, tables, name)]
    if source.area and not indicator.looks_across:
        conditions.append(table[source.area].cast("string") == area)
    if source.period:
        conditions.append(_within(table, source, period, indicator.looks_back))
    return table.filter([one for one in conditions if one is not None])


def _read(indicator: Indicator, tables: Mapping[str, Table], name: str) -> BooleanValue | None:
    """Which rows of the table `name` the indicator reads; None when that may be all of them."""
    # Stand-ins with the same columns, so that it does not matter what the lake's own tables are made of.
    stand_ins = {one: ibis.table(tables[one].schema(), name=one) for one in indicator.tables}
    below = indicator.expression(stand_ins).op()
    readers: dict[ops.Node, list[ops.Node]] = defaultdict(list)
    for node in below.find(ops.Node):
        for child in node.__children__:
            # a column of a table is read wherever the table itself is
            if isinstance(child, ops.Relation) and not isinstance(node, ops.Field):
                readers[child].append(node)
    base = stand_ins[name].op()
    condition = _condition(base, base, readers)
    if condition is None:
        return None
    return condition.replace({base: tables[name].op()}).to_expr()


def _condition(
    relation: ops.Node, base: ops.Node, readers: Mapping[ops.Node, list[ops.Node]]
) -> ops.Node | None:
    """What a row must meet to be read by anything above `relation`: any of its readers will do."""
    uses = []
    for reader in readers[relation]:
        if not isinstance(reader, ops.Filter):
            return None
        here = [one for one in reader.predicates if not one.find(BEYOND_A_ROW)]
        if len(here) < len(reader.predicates):
            return None
        said = [
            one.replace({ops.Field(relation, field): ops.Field(base, field) for field in relation.schema})
            for one in here
        ]
        above = _condition(reader, base, readers)
        uses.append(reduce(ops.And, said if above is None else [*said, above]))
    return reduce(ops.Or, uses) if uses else None


def _within(table: Table, source: Source, period: str, looks_back: int) -> BooleanValue | None:
    """Rows that hold within a period ("2023", "2023-Q3", "2023-05", "2023-05-09") or `looks_back` years before it."""
    days = span(period)
    if source.period is None or days is None:
        return None
    first, last = days
    first = first.replace(year=first.year - looks_back)
    when, grain = table[source.period.field], source.period.grain
    if when.type().is_date():
        return when.between(first, last)
    length = {"year": 4, "month": 7}.get(grain, 10)
    text = when.cast("string")
    named = text == period
    if grain == "quarter":
        return named | text.between(_quarter(first), _quarter(last))
    return named | text.between(first.isoformat()[:length], last.isoformat()[:length])


def span(period: str) -> tuple[date, date] | None:
    """The first and the last day of a period; None when it is no year, quarter, month or day."""
    year, _, rest = period.partition("-")
    try:
        if not rest:
            return date(int(year), 1, 1), date(int(year), 12, 31)
        if len(rest) > 2:
            return date.fromisoformat(period), date.fromisoformat(period)
        month, months = (int(rest[1]) * 3 - 2, 3) if rest[0] == "Q" else (int(rest), 1)
        after = date(int(year) + (month + months > 12), (month + months - 1) % 12 + 1, 1)
        return date(int(year), month, 1), after - timedelta(days=1)
    except ValueError:
        return None


def _quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"
