"""The dry run of an import: everything that a file would enter, and everything that is wrong with it; nothing is written.

    made = plan(register, path, by)      every fault at once, with row, field, rule and way out
    carry_out(made)                      (carrying.py) all of it in one transaction, or nothing

The rules are those of `create`, asked for whole columns instead of row by row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, UniqueConstraint
from django.db.models.functions import Coalesce
from django.utils import timezone

from shenzhi.kernel.access.roles import PLATFORM, Reader
from shenzhi.kernel.bulk import chunks
from shenzhi.kernel.exchange import faults as rules
from shenzhi.kernel.exchange.faults import Fault, Faults, from_findings
from shenzhi.kernel.exchange.fields import Bad, Column, columns_of, headings_of, match, reader_of
from shenzhi.kernel.exchange.reach import within
from shenzhi.kernel.exchange.reading import Sheet, read, sha256
from shenzhi.kernel.files.reasons import Unreadable
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.declaration import PLATFORM_WRITES, Register
from shenzhi.kernel.registers.faults import words_for
from shenzhi.kernel.registers.receipts import KeyUsed, Receipt, receipt_of
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.references import resolved
from shenzhi.kernel.registers.sight import held_by
from shenzhi.kernel.registers.writing import NotAllowed, may_add
from shenzhi.kernel.words import Words

MOST = 100_000
"""Rows of one file: all of them are written in one transaction, and meanwhile nobody else can write on SQLite."""


@dataclass(frozen=True)
class Plan:
    """What a file would enter: for each field (by the name of its column in the table) the values of all rows."""

    register: Register
    by: Reader
    sha256: str
    rows: tuple[int, ...]
    values: Mapping[str, Sequence[Any]]
    fields: tuple[str, ...]
    """The fields for which the file has a column."""
    faults: tuple[Fault, ...]
    fault_count: int

    @property
    def sound(self) -> bool:
        return not self.fault_count

    @property
    def faulty_rows(self) -> int:
        return len({fault.row for fault in self.faults if fault.row})


def plan(register: Register, path: Path, by: Reader, *, most: int = MOST) -> Plan:
    """Read a file for a register and check all of it; NotAllowed where the reader may not enter records."""
    allow(register, by)
    faults, digest = Faults(), sha256(path)
    if before := imported_before(register, digest):
        when = f"{timezone.localtime(before.made_at):%Y-%m-%d %H:%M}"
        faults.add(0, "", rules.NOTHING, "", rules.AGAIN, when)
        return Plan(register, by, digest, (), {}, (), tuple(faults.listed), faults.count)
    try:
        sheet = read(path, dict.fromkeys(headings_of(register), False), most=most)
    except Unreadable as error:
        faults.put_reason(error.reason)
        return Plan(register, by, digest, (), {}, (), tuple(faults.listed), faults.count)
    from_findings(sheet.findings, faults)
    if sheet.more:
        faults.add(0, "", rules.NOTHING, "", rules.MOST, f"{most:,}")
    places = match(register, sheet.headings, 1, faults)
    if not sheet.rows and not faults.count:
        faults.add(0, "", rules.NOTHING, "", rules.EMPTY)
    values, bad = _values(register, by, sheet, places, faults)
    if sheet.rows and not any(one.rule == rules.NO_COLUMN.code for one in faults.listed):
        _unique(register, values, sheet.rows, faults)
        _own_rules(register, values, sheet.rows, bad, faults)
        _reach(register, by, values, sheet.rows, faults)
    listed = tuple(sorted(faults.listed, key=lambda fault: fault.row))
    return Plan(register, by, digest, tuple(sheet.rows), values, tuple(places), listed, faults.count)


def may_import(register: Register, reader: Reader) -> bool:
    """Whether the reader may enter records by the file: who may enter one, and is known by an account."""
    return may_add(register, reader) and (reader.account is not None or reader.is_system)


def allow(register: Register, reader: Reader) -> None:
    """NotAllowed where the reader may not import."""
    if not may_import(register, reader):
        raise NotAllowed(
            Words(
                f"您的角色不能向《{register.title.zh}》批量导入。",
                f"Your role may not import into {register.title.en}.",
            )
        )


def receipt_key(register: Register, digest: str) -> tuple[str, dict[str, str]]:
    """Under what key and words the receipt of an imported file is kept: one file enters a register once, by whomever."""
    return f"import {register.slug[:20]} {digest[:40]}", {"import": register.code, "file": digest}


def imported_before(register: Register, digest: str) -> Receipt | None:
    try:
        return receipt_of(PLATFORM, *receipt_key(register, digest))
    except KeyUsed:
        return None


def _values(
    register: Register, by: Reader, sheet: Sheet, places: Mapping[str, int], faults: Faults
) -> tuple[dict[str, list[Any]], set[int]]:
    """The values of every field of the register that people write, and which rows (from 0) have a fault in one."""
    columns, count = columns_of(register), len(sheet.rows)
    values: dict[str, list[Any]] = {}
    bad: set[int] = set()
    for model in register.model._meta.concrete_fields:
        if model.name in PLATFORM_WRITES:
            continue
        name = model.name
        if name in places:
            cells = sheet.columns[places[name]]
            values[model.attname] = _read_column(register, by, columns[name], cells, sheet.rows, bad, faults)
        elif callable(model.default):
            values[model.attname] = [model.get_default() for _ in range(count)]
        else:
            values[model.attname] = [_empty(model)] * count
    return values, bad


def _empty(model: models.Field[Any, Any]) -> Any:
    """What a field holds where nothing is given."""
    if model.has_default():
        return model.get_default()
    return "" if isinstance(model, models.CharField | models.TextField) and not model.null else None


def _read_column(
    register: Register,
    by: Reader,
    column: Column,
    cells: Sequence[str | None],
    rows: Sequence[int],
    bad: set[int],
    faults: Faults,
) -> list[Any]:
    """The cells of one column as values; each different text is read once."""
    given = [cell if cell and cell.strip() else None for cell in cells]
    texts = {cell for cell in given if cell is not None}
    empty = _empty(column.model)
    read: dict[str | None, Any] = {None: empty}
    wrong: dict[str | None, Bad] = {}
    if isinstance(column.model, models.ForeignKey):
        target = column.model.related_model
        read.update(resolved(target, texts, by))
        wrong = {text: Bad(rules.REFERENCE, register_of(target).title) for text in texts if text not in read}
    else:
        read_one = reader_of(register, column)
        for text in texts:
            try:
                read[text] = read_one(text)
            except Bad as error:
                wrong[text] = error
    if (empty is None and not column.model.null) or column.field.required:
        wrong[None] = Bad(rules.REQUIRED)
    if wrong:
        for at, cell in enumerate(given):
            if (why := wrong.get(cell)) is not None:
                bad.add(at)
                faults.add(rows[at], column.name, column.field.title, cell or "", why.rule, why.more)
    return [read.get(cell) for cell in given]


def _unique(
    register: Register, values: Mapping[str, Sequence[Any]], rows: Sequence[int], faults: Faults
) -> None:
    """What may stand once in the register: within the file, and beside what is there."""
    for names, empty_too in _unique_sets(register.model):
        attnames = [register.model._meta.get_field(name).attname for name in names]
        if not all(attname in values for attname in attnames):
            continue
        first: dict[tuple[Any, ...], int] = {}
        title = _both([register.fields[name].title for name in names])
        for at, key in enumerate(zip(*(values[attname] for attname in attnames), strict=True)):
            if None in key and not empty_too:
                continue
            if key in first:
                more = str(rows[first[key]])
                faults.add(rows[at], names[0], title, _told(key), rules.TWICE_IN_FILE, more)
            else:
                first[key] = at
        for key, number in _already(register, names, attnames, first):
            faults.add(rows[first[key]], names[0], title, _told(key), rules.TWICE, number)


def _unique_sets(model: type[models.Model]) -> list[tuple[tuple[str, ...], bool]]:
    """The fields that are unique together, and whether records that leave one of them empty are alike in it too."""
    own = [(one.name,) for one in model._meta.concrete_fields if one.unique and not one.primary_key]
    return [
        *((names, False) for names in [*own, *map(tuple, model._meta.unique_together)]),
        *((_together(one), bool(one.expressions)) for one in model._meta.constraints if _together(one)),
    ]


def _together(constraint: Any) -> tuple[str, ...]:
    """The fields of a constraint that says no more than that they are unique together, each by itself or, where it is
    empty, as something that stands for nothing (`Coalesce`); () for any other."""
    if not isinstance(constraint, UniqueConstraint) or constraint.condition is not None:
        return ()
    named: list[str] = list(constraint.fields)
    for one in constraint.expressions:
        inner = one.get_source_expressions()[0] if isinstance(one, Coalesce) else one
        if not isinstance(inner, F):
            return ()
        named.append(inner.name)
    return tuple(named)


def _already(
    register: Register, names: Sequence[str], attnames: Sequence[str], first: Mapping[tuple[Any, ...], int]
) -> list[tuple[tuple[Any, ...], str]]:
    """Those of the keys that the register has already, with the number of the record."""
    asked = max(range(len(names)), key=lambda at: len({key[at] for key in first}))
    found = []
    for part in chunks(_holding(register.model._meta.get_field(names[asked]), {key[asked] for key in first})):
        for record in register.model._base_manager.filter(pk__in=part).only("pk", *names):
            key = tuple(getattr(record, attname) for attname in attnames)
            if key in first:
                found.append((key, record.number))
    return found


def _holding(field: Any, values: Collection[Any]) -> list[int]:
    """The keys of the rows that hold one of these values, empty ones too where they are asked for; by hand, since as a
    rule there are none, and Django would look at each value several times to ask."""
    meta, quote = field.model._meta, connection.ops.quote_name
    column = quote(field.column)
    asked = f"SELECT {quote(meta.pk.column)} FROM {quote(meta.db_table)} WHERE {column}"
    keys: list[int] = []
    with connection.cursor() as cursor:
        if None in values:
            cursor.execute(f"{asked} IS NULL")
            keys += [key for (key,) in cursor.fetchall()]
        for part in chunks([field.get_db_prep_save(one, connection) for one in values if one is not None]):
            cursor.execute(f"{asked} IN ({', '.join(['%s'] * len(part))})", part)
            keys += [key for (key,) in cursor.fetchall()]
    return keys


def _both(titles: Sequence[Words]) -> Words:
    return Words("、".join(one.zh for one in titles), ", ".join(one.en for one in titles))


def _told(key: tuple[Any, ...]) -> str:
    return "、".join(str(one) for one in key)


def _own_rules(
    register: Register,
    values: Mapping[str, Sequence[Any]],
    rows: Sequence[int],
    bad: set[int],
    faults: Faults,
) -> None:
    """What only a whole record can be asked: its own `clean` and the constraints of its table, row by row, where it has
    any beyond codes and unique fields. Rows that cannot be read are not asked."""
    model = register.model
    constraints = [one for one in model._meta.constraints if not _together(one)]
    if model.clean is Record.clean and not constraints:
        return
    names = list(values)
    for at, row in enumerate(zip(*values.values(), strict=True)):
        if at in bad:
            continue
        record = model(**dict(zip(names, row, strict=True)))
        try:
            record.clean()
            for constraint in constraints:
                constraint.validate(model, record)
        except ValidationError as error:
            for name, many in words_for(register, error).items():
                title = register.fields[name].title if name in register.fields else rules.NOTHING
                for said in many:
                    faults.add(rows[at], name, title, getattr(record, name, "") or "", rules.FORM, said)


def _reach(
    register: Register, by: Reader, values: Mapping[str, Sequence[Any]], rows: Sequence[int], faults: Faults
) -> None:
    """The rows must lie where the reader may enter records."""
    only = held_by(register, by, register.adds)
    path = register.department or register.district
    title = register.fields[path].title if path in register.fields else rules.NOTHING
    for at, inside in enumerate(within(register.model, only, values, len(rows))):
        if not inside:
            faults.add(rows[at], path, title, "", rules.REACH)
