"""Checking a table against its source's promises: all of them, on the engine, without loading the table (article 84).

pandera runs the promises as one schema. Each check asks the engine for a single answer, so that memory does not grow
with what is wrong; only for broken promises a second pass collects the rows.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandera.ibis as pandera
import pyarrow as pa
from pandera.errors import SchemaErrors

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake import wording
from shenzhi.pipeline.lake.columns import ARROW
from shenzhi.pipeline.lake.reasons import FIRST, LISTED, Fault, Reason
from shenzhi.pipeline.lake.source import Field, Source
from shenzhi.pipeline.lake.store import literal, quoted

YEARS = (1900, 2100)  # outside of these a year is a slip of the pen, whatever the source is about
ALLOWED_SHOWN = 12  # of the words a field may hold; a message says how many there are beside
KEYS_AT_ONCE = 100_000_000  # keys compared in one go: 8 bytes each


Broken = Callable[[ir.Table], ir.BooleanValue]


@dataclass(frozen=True)
class Rule:
    """A promise about rows: `broken` says of each row whether it is broken; `shows` are the fields to show with it;
    `codes` are the codes of names that may stand there instead, so that the way out can name them."""

    name: str
    field: str
    broken: Broken
    shows: tuple[str, ...]
    message: Words
    way_out: Words
    codes: Mapping[str, str] = dataclasses.field(default_factory=dict)


def prepared(source: Source, paths: list[str]) -> str:
    """The SQL that reads the staged files, with a column for each cross-check that says whether the row breaks it."""
    listed = ", ".join(literal(path) for path in paths)
    checks = [f", (({check.rule}) IS FALSE) AS {quoted(f'_check_{number}')}"
              for number, check in enumerate(source.checks)]  # fmt: skip
    return f"SELECT *{''.join(checks)} FROM read_parquet([{listed}], hive_partitioning = false)"


def rules(
    source: Source, known: Mapping[str, Any], unread: Mapping[str, ir.Table], areas: Mapping[str, str]
) -> list[Rule]:
    """Every promise of the source about single rows. `known` holds what each reference may be; `unread` the rows of
    cells already reported as unreadable, by field: they are empty for that reason, and are not reported twice; `areas`
    the codes of the city's areas by name."""
    found: list[Rule] = []
    for one in source.fields.values():
        found += _field_rules(source, one, known, unread.get(one.name), areas)
    for number, check in enumerate(source.checks):
        shown = tuple(name for name in source.fields if name in check.rule)
        found.append(Rule(
            f"check {number + 1}", "、".join(shown), operator.itemgetter(f"_check_{number}"), shown,
            Words(f"不符合“{check.rule}”：{check.message.zh}", f"{check.rule} does not hold: {check.message.en}"),
            wording.WAYS_OUT["check"],
        ))  # fmt: skip
    return found


def broken_rules(source: Source, table: ir.Table, promised: list[Rule]) -> list[Rule]:
    """The promises the table does not keep, by pandera."""
    ours = {f"{rule.name} {rule.field}": rule for rule in promised}

    def kept(rule: Rule) -> Callable[[Any], ir.BooleanScalar]:
        # As a filter, so that the engine passes over whole row groups whose smallest and largest value are in order.
        return lambda data: data.table.filter(rule.broken(data.table)).count() == 0

    # What may be empty is a promise with a reason of its own, so pandera need not look for it.
    columns = {
        name: pandera.Column(ibis.dtype(ARROW[one.type]), nullable=True)
        for name, one in source.fields.items()
    }
    checks = [pandera.Check(kept(rule), name=name) for name, rule in ours.items()]
    try:
        pandera.DataFrameSchema(columns, checks=checks).validate(table, lazy=True)
    except SchemaErrors as errors:
        broken = {getattr(error.check, "name", None) for error in errors.schema_errors}
        if not broken <= ours.keys():
            raise RuntimeError(f"the check itself failed: {errors}") from errors
        return [rule for name, rule in ours.items() if name in broken]
    return []


def collect(table: ir.Table, rule: Rule) -> tuple[Reason, Iterator[Fault]]:
    """The reason a broken rule gives, and the list of its cells."""
    bad = table.filter(rule.broken(table))
    count = int(bad.count().execute())
    listed = bad.order_by("_row").limit(LISTED).select("_row", *rule.shows).to_pyarrow().to_pylist()
    values = [_shown(row, rule.shows) for row in listed]
    reason = Reason(
        rule.name, rule.field, count, tuple(row["_row"] for row in listed[:FIRST]), tuple(values[:FIRST]),
        rule.message, _with_codes(rule, values),
    )  # fmt: skip
    faults = (
        Fault(rule.name, rule.field, row["_row"], value) for row, value in zip(listed, values, strict=True)
    )
    return reason, faults


def duplicates(source: Source, table: ir.Table, connection: Any) -> tuple[Reason, list[Fault]] | None:
    """Rows whose key another row of the file has too; None when every key is there once.

    Keys are compared by their 64-bit hashes, sorted in memory: equal keys have equal hashes, so what has no equal
    neighbour has no duplicate. Only rows whose hash occurs twice are compared by the keys themselves.
    """
    if not source.unique:
        return None
    rows = int(table.count().execute())
    names = ", ".join(quoted(name) for name in source.unique)
    base = f"({ibis.to_sql(table, dialect='duckdb')})"
    parts = rows // KEYS_AT_ONCE + 1
    suspects: list[np.ndarray] = []
    for part in range(parts):
        some = "" if parts == 1 else f" WHERE hash({names}) % {parts} = {part}"
        keys = connection.execute(f"SELECT hash({names}) AS key FROM {base}{some}").fetchnumpy()["key"]
        keys.sort()
        suspects.append(np.unique(keys[1:][keys[1:] == keys[:-1]]))
    twice = np.concatenate(suspects)
    if not len(twice):
        return None
    connection.register("suspects", pa.table({"key": twice}))
    found = (
        f"FROM (SELECT _row, {names}, count(*) OVER (PARTITION BY {names}) AS times FROM {base} "
        f"WHERE hash({names}) IN (SELECT key FROM suspects)) WHERE times > 1"
    )
    count = connection.execute(f"SELECT count(*) {found}").fetchone()[0]
    if not count:
        return None  # the hashes were equal, the keys are not
    listed = connection.execute(
        f"SELECT _row, {names} {found} ORDER BY {names}, _row LIMIT {LISTED}"
    ).fetchall()
    values = [", ".join("" if cell is None else str(cell) for cell in cells) for _, *cells in listed]
    titles = Words(
        "、".join(source.fields[name].title.zh for name in source.unique), ", ".join(source.unique)
    )
    message = Words(
        f"主键（{titles.zh}）相同的行应只有一行", f"rows share the key ({titles.en}), which must be unique"
    )
    way_out = wording.WAYS_OUT["revision" if source.vintage else "key"]
    together = "、".join(source.unique)
    first = listed[:FIRST]
    reason = Reason(
        "key", together, count, tuple(row for row, *_ in first), tuple(values[:FIRST]), message, way_out
    )
    return reason, [
        Fault("key", together, row, value) for (row, *_), value in zip(listed, values, strict=True)
    ]


def _field_rules(
    source: Source, one: Field, known: Mapping[str, Any], unread: ir.Table | None, areas: Mapping[str, str]
) -> Iterator[Rule]:
    def rule(
        name: str, broken: Broken, message: Words, *, way: str = "", codes: Mapping[str, str] | None = None
    ) -> Rule:
        told = Words(
            f"“{one.title.zh}”（{one.name}）{message.zh}", f"{one.name} ({one.title.en}) {message.en}"
        )
        return Rule(name, one.name, broken, (one.name,), told, wording.WAYS_OUT[way or name], codes or {})

    def empty(t: ir.Table) -> ir.BooleanValue:
        missing = t[one.name].isnull()
        return missing if unread is None else missing & t._row.notin(unread._row)

    if one.required or one.name in source.unique:
        yield rule("required", empty, Words("不能为空", "must not be empty"))
    if one.type == "float64":
        yield rule("finite", lambda t: t[one.name].isnan() | t[one.name].isinf(), wording.FAULTS["finite"][0])
    if one.range is not None:
        low, high = one.range
        ends = [
            (zh, en, end)
            for zh, en, end in (("不低于", "at least", low), ("不高于", "at most", high))
            if end is not None
        ]
        unit = f" {one.unit}" if one.unit else ""
        zh = "应" + "、".join(f"{word} {_plain(end)}" for word, _, end in ends)
        en = "must be " + " and ".join(f"{word} {_plain(end)}" for _, word, end in ends)
        yield rule("range", lambda t: _outside(t[one.name], low, high), Words(zh + unit, en + unit))
    if source.period and source.period.field == one.name:
        first, last = YEARS
        words = Words(f"年份应在 {first} 到 {last} 之间", f"must lie in the years {first} to {last}")
        yield rule("year", lambda t: _impossible(t[one.name], one.type), words)
    if one.allowed:
        shown, more = list(one.allowed)[:ALLOWED_SHOWN], len(one.allowed) - ALLOWED_SHOWN
        rest = (f" 等 {len(one.allowed)} 种", f" and {more} more") if more > 0 else ("", "")
        words = Words(f"只能是：{'、'.join(shown)}{rest[0]}", f"must be one of: {', '.join(shown)}{rest[1]}")
        yield rule("allowed", lambda t: t[one.name].cast("string").notin(list(one.allowed)), words)
    if one.references:
        words = Words(f"在 {one.references} 中找不到", f"is not in {one.references}")
        of_areas = one.references == "areas.code"
        yield rule(
            "reference", lambda t: t[one.name].cast("string").notin(known[one.references]), words,
            way="area" if of_areas else "reference", codes=areas if of_areas else None,
        )  # fmt: skip


def _with_codes(rule: Rule, values: list[str]) -> Words:
    """The way out, with the codes of the names that were written instead of codes."""
    named = [value for value in dict.fromkeys(values) if value in rule.codes][:FIRST]
    if not named:
        return rule.way_out
    zh = "，".join(f"{name}是 {rule.codes[name]}" for name in named)
    en = ", ".join(f"{name} is {rule.codes[name]}" for name in named)
    return Words(f"{rule.way_out.zh}（{zh}）", f"{rule.way_out.en} ({en})")


def _outside(column: Any, low: float | None, high: float | None) -> ir.BooleanValue:
    below = ibis.literal(False) if low is None else column < low
    above = ibis.literal(False) if high is None else column > high
    if not column.type().is_floating():
        return below | above
    # NaN and infinity have a rule of their own; DuckDB holds NaN to be the greatest number.
    return (below | above) & ~(column.isnan() | column.isinf())


def _impossible(column: Any, kind: str) -> ir.BooleanValue:
    if kind == "string":  # a period starts with its year, so it sorts like it
        return (column < str(YEARS[0])) | (column >= str(YEARS[1] + 1))
    year = column.year() if kind == "date" else column
    return (year < YEARS[0]) | (year > YEARS[1])


def _plain(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e6 else f"{number:,.0f}"


def _shown(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    cells = ["" if row[name] is None else str(row[name]) for name in names]
    if len(cells) == 1:
        return cells[0]
    return ", ".join(f"{name}={cell}" for name, cell in zip(names, cells, strict=True))
