"""Checking a table against its source's promises: all of them, on the engine, without loading the table (article 84).

pandera holds the columns and their types against a schema. What is promised about rows is one question to the engine,
which counts the rows that break each promise, so that memory does not grow with what is wrong; only for broken promises
a second pass collects the rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from shenzhi.kernel.files.reasons import FIRST, LISTED, Fault, Reason
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake import wording
from shenzhi.pipeline.lake.columns import ARROW
from shenzhi.pipeline.lake.source import Field, Source
from shenzhi.pipeline.lake.store import literal, quoted

YEARS = (1900, 2100)  # outside of these a year is a slip of the pen, whatever the source is about
ALLOWED_SHOWN = 12  # of the words a field may hold; a message says how many there are beside
KEYS_AT_ONCE = 100_000_000  # keys compared in one go: 8 bytes each
STAGED = "staged"  # the view of the rows to be checked
UNREAD = "unread"  # the table of the cells already reported as unreadable: field, _row


@dataclass(frozen=True)
class Rule:
    """A promise about rows: `broken` is the SQL that is true of a row that breaks it; `shows` are the fields to show
    with it; `codes` are the codes of names that may stand there instead, so that the way out can name them."""

    name: str
    field: str
    broken: str
    shows: tuple[str, ...]
    message: Words
    way_out: Words
    codes: Mapping[str, str] = dataclasses.field(default_factory=dict)


def stage(paths: Sequence[str], connection: duckdb.DuckDBPyConnection) -> None:
    """Make the staged files the rows to be checked."""
    listed = ", ".join(literal(path) for path in paths)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {STAGED} AS FROM read_parquet([{listed}], hive_partitioning = false)"
    )


def rules(
    source: Source, known: Mapping[str, str], unread: Collection[str], areas: Mapping[str, str]
) -> list[Rule]:
    """Every promise of the source about single rows. `known` holds, as the SQL after IN, what each reference may be;
    `unread` the fields with cells already reported as unreadable: these are empty for that reason, and are not reported
    twice; `areas` the codes of the city's areas by name."""
    found: list[Rule] = []
    for one in source.fields.values():
        found += _field_rules(source, one, known, one.name in unread, areas)
    for number, check in enumerate(source.checks, 1):
        shown = tuple(name for name in source.fields if name in check.rule)
        found.append(Rule(
            f"check {number}", "、".join(shown), f"({check.rule}) IS FALSE", shown,
            Words(f"不符合“{check.rule}”：{check.message.zh}", f"{check.rule} does not hold: {check.message.en}"),
            wording.WAYS_OUT["check"],
        ))  # fmt: skip
    return found


def hold_types(source: Source, table: ir.Table) -> None:
    """The staged table has the declared columns, each of its type; pandera's SchemaErrors if not, which is a fault of
    ours: what a file says is made into these types, or reported, before it is staged."""
    import pandera.ibis as pandera  # a second to take in, and a server that only shows pages never asks it

    # What may be empty is a promise about rows, with a reason of its own.
    columns = {
        name: pandera.Column(ibis.dtype(ARROW[one.type]), nullable=True)
        for name, one in source.fields.items()
    }
    pandera.DataFrameSchema(columns).validate(table, lazy=True)


def broken_rules(promised: Sequence[Rule], connection: duckdb.DuckDBPyConnection) -> list[tuple[Rule, int]]:
    """The promises the staged rows do not keep, each with the number of rows that break it."""
    if not promised:
        return []
    # Each with a filter of its own, so that the engine passes over whole row groups whose smallest and largest value
    # are in order; together in one question, because asking takes longer than counting where a file is small.
    asked = " UNION ALL ".join(
        f"SELECT {number}, count(*) FROM {STAGED} WHERE {rule.broken}" for number, rule in enumerate(promised)
    )
    counts = dict(connection.execute(asked).fetchall())
    return [(rule, counts[number]) for number, rule in enumerate(promised) if counts[number]]


def collect(rule: Rule, count: int, connection: duckdb.DuckDBPyConnection) -> tuple[Reason, list[Fault]]:
    """The reason a rule gives that `count` rows break, and the list of its cells."""
    shown = ", ".join(map(quoted, rule.shows))
    listed = connection.execute(
        f"SELECT _row, {shown} FROM {STAGED} WHERE {rule.broken} ORDER BY _row LIMIT {LISTED}"
    ).fetchall()
    cells = [(row, _shown(rule.shows, values)) for row, *values in listed]
    values = [value for _, value in cells]
    reason = Reason(
        rule.name, rule.field, count, tuple(row for row, _ in cells[:FIRST]), tuple(values[:FIRST]),
        rule.message, _with_codes(rule, values),
    )  # fmt: skip
    return reason, [Fault(rule.name, rule.field, row, value) for row, value in cells]


def duplicates(
    source: Source, rows: int, connection: duckdb.DuckDBPyConnection
) -> tuple[Reason, list[Fault]] | None:
    """Those of the staged `rows` whose key another row has too; None when every key is there once.

    Keys are compared by their 64-bit hashes, sorted in memory: equal keys have equal hashes, so what has no equal
    neighbour has no duplicate. Only rows whose hash occurs twice are compared by the keys themselves.
    """
    if not source.unique:
        return None
    names = ", ".join(quoted(name) for name in source.unique)
    parts = rows // KEYS_AT_ONCE + 1
    suspects: list[np.ndarray] = []
    for part in range(parts):
        some = "" if parts == 1 else f" WHERE hash({names}) % {parts} = {part}"
        asked = connection.execute(f"SELECT hash({names}) AS key FROM {STAGED}{some}")
        keys = np.asarray(asked.fetchnumpy()["key"])
        keys.sort()
        suspects.append(np.unique(keys[1:][keys[1:] == keys[:-1]]))
    twice = np.concatenate(suspects)
    if not len(twice):
        return None
    connection.register("suspects", pa.table({"key": twice}))
    found = (
        f"FROM (SELECT _row, {names}, count(*) OVER (PARTITION BY {names}) AS times FROM {STAGED} "
        f"WHERE hash({names}) IN (SELECT key FROM suspects)) WHERE times > 1"
    )
    ((count,),) = connection.execute(f"SELECT count(*) {found}").fetchall()
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
    source: Source, one: Field, known: Mapping[str, str], unread: bool, areas: Mapping[str, str]
) -> Iterator[Rule]:
    cell, text = quoted(one.name), f"CAST({quoted(one.name)} AS VARCHAR)"

    def rule(
        name: str, broken: str, message: Words, *, way: str = "", codes: Mapping[str, str] | None = None
    ) -> Rule:
        told = Words(
            f"“{one.title.zh}”（{one.name}）{message.zh}", f"{one.name} ({one.title.en}) {message.en}"
        )
        return Rule(name, one.name, broken, (one.name,), told, wording.WAYS_OUT[way or name], codes or {})

    if one.required or one.name in source.unique:
        told = f"SELECT _row FROM {UNREAD} WHERE field = {literal(one.name)}"
        empty = f"{cell} IS NULL" + (f" AND _row NOT IN ({told})" if unread else "")
        yield rule("required", empty, Words("不能为空", "must not be empty"))
    if one.type == "float64":
        yield rule("finite", f"isnan({cell}) OR isinf({cell})", wording.FAULTS["finite"][0])
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
        yield rule("range", _outside(cell, one.type, low, high), Words(zh + unit, en + unit))
    if source.period and source.period.field == one.name:
        first, last = YEARS
        words = Words(f"年份应在 {first} 到 {last} 之间", f"must lie in the years {first} to {last}")
        yield rule("year", _impossible(cell, one.type), words)
    if one.allowed:
        shown, more = list(one.allowed)[:ALLOWED_SHOWN], len(one.allowed) - ALLOWED_SHOWN
        rest = (f" 等 {len(one.allowed)} 种", f" and {more} more") if more > 0 else ("", "")
        words = Words(f"只能是：{'、'.join(shown)}{rest[0]}", f"must be one of: {', '.join(shown)}{rest[1]}")
        yield rule("allowed", f"{text} NOT IN ({', '.join(map(literal, one.allowed))})", words)
    if one.references:
        words = Words(f"在 {one.references} 中找不到", f"is not in {one.references}")
        of_areas = one.references == "areas.code"
        yield rule(
            "reference", f"{text} NOT IN {known[one.references]}", words,
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


def _outside(cell: str, kind: str, low: float | None, high: float | None) -> str:
    ends = [(sign, end) for sign, end in (("<", low), (">", high)) if end is not None]
    outside = " OR ".join(f"{cell} {sign} {_number(end)}" for sign, end in ends) or "FALSE"
    # NaN and infinity have a rule of their own; DuckDB holds NaN to be the greatest number.
    return outside if kind == "int64" else f"({outside}) AND NOT (isnan({cell}) OR isinf({cell}))"


def _impossible(cell: str, kind: str) -> str:
    first, last = YEARS
    if kind == "string":  # a period starts with its year, so it sorts like it
        return f"{cell} < '{first}' OR {cell} >= '{last + 1}'"
    year = f"year({cell})" if kind == "date" else cell
    return f"{year} < {first} OR {year} > {last}"


def _number(end: float) -> str:
    return str(end) if isinstance(end, int) else f"CAST('{end!r}' AS DOUBLE)"  # 0.1 alone would be a DECIMAL


def _plain(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e6 else f"{number:,.0f}"


def _shown(names: Sequence[str], values: Sequence[object]) -> str:
    cells = ["" if value is None else str(value) for value in values]
    if len(cells) == 1:
        return cells[0]
    return ", ".join(f"{name}={cell}" for name, cell in zip(names, cells, strict=True))
