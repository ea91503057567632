"""Carries an import out: every row with its history, its clocks and its place in search, in one transaction, or nothing
(articles 71, 84)."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.db.models.base import ModelState

from shenzhi.kernel import bulk
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.cases import firing
from shenzhi.kernel.clocks.running import start_many
from shenzhi.kernel.exchange.planning import Plan, allow, imported_before, receipt_key
from shenzhi.kernel.history.events import Draft, append_alike, now
from shenzhi.kernel.procedures.declaration import FILE
from shenzhi.kernel.registers.declaration import PLATFORM_WRITES, Register
from shenzhi.kernel.registers.receipts import keep_receipt
from shenzhi.kernel.registers.sight import EVERY, held_by
from shenzhi.kernel.registers.writing import NotAllowed, Refused, follow
from shenzhi.kernel.registers.writing import plain as written
from shenzhi.kernel.words import Words

IMPORTED = "imported"
"""The act of history with which an imported record begins; a case begins by being handed in."""


@dataclass(frozen=True)
class Imported:
    """What an import entered."""

    register: Register
    keys: Sequence[int]
    at: dt.datetime


def carry_out(made: Plan, *, at: dt.datetime | None = None) -> Imported:
    """Enter every row of a plan without faults. Refused, and then nothing is written, where it has any, where somebody
    entered one of its records meanwhile, or where the same file was imported meanwhile; NotAllowed as for `create`."""
    if not made.sound or not made.rows:
        raise Refused(
            Words("文件还有需要改正的地方，没有导入。", "The file still has faults; nothing was imported.")
        )
    try:
        with _uncollected(), transaction.atomic():
            return _carried(made, at or now())
    except IntegrityError as error:
        raise Refused(
            Words(
                "检查之后有人登记了相同的记录，没有导入：请重新检查这份文件。",
                "After the check somebody entered one of these records, so nothing was imported: check the file again.",
            )
        ) from error


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles, which would look through a hundred thousand rows that have none, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _carried(made: Plan, moment: dt.datetime) -> Imported:
    register = made.register
    allow(register, made.by)
    if imported_before(register, made.sha256):
        raise Refused(Words("这份文件刚刚已经导入。", "This file has just been imported."))
    keys = bulk.next_keys(register.code, len(made.rows))
    state = register.procedure.first.code if register.procedure else ""
    _insert(made, keys, state, moment)
    _in_reach(made, keys)
    _tell(made, keys, state, moment)
    records = _records(made, keys, state, moment)
    follow(register, records)
    if register.procedure:
        start_many(records, register.procedure.clocks, FILE, moment)
        for case in records if firing.FOLLOW else ():
            for after in firing.FOLLOW:
                after(case, None, made.by, moment)
    key, asked = receipt_key(register, made.sha256)
    keep_receipt(PLATFORM, key, asked, register=register.code, record=keys[0], version=1)
    return Imported(register, keys, moment)


def _insert(made: Plan, keys: Sequence[int], state: str, moment: dt.datetime) -> None:
    """The rows of the table, at the speed of the database."""
    fields = made.register.model._meta.concrete_fields
    columns = [
        _prepared(field, values)
        for field, values in zip(fields, _columns(made, keys, state, moment), strict=True)
    ]
    bulk.insert(made.register.code, [field.column for field in fields], zip(*columns, strict=True))


def _columns(made: Plan, keys: Sequence[int], state: str, moment: dt.datetime) -> list[Sequence[Any]]:
    """The values of all rows, in the order of the table's columns."""
    count = len(made.rows)
    platform: dict[str, Sequence[Any]] = {
        "id": keys,
        "version": [1] * count,
        "made_at": [moment] * count,
        "changed_at": [moment] * count,
        "state": [state] * count,
    }
    fields = made.register.model._meta.concrete_fields
    return [
        platform[field.name] if field.name in PLATFORM_WRITES else made.values[field.attname]
        for field in fields
    ]


def _prepared(field: models.Field[Any, Any], values: Sequence[Any]) -> Sequence[Any]:
    """Values as the database takes them; each different one is prepared once."""
    if isinstance(field, models.CharField | models.TextField | models.AutoField | models.ForeignKey):
        return values
    ready: dict[Any, Any] = {}
    try:
        for value in values:
            if value not in ready:
                ready[value] = field.get_db_prep_save(value, connection)
    except TypeError:  # a value that cannot be a key, such as a list
        return [field.get_db_prep_save(value, connection) for value in values]
    return [ready[value] for value in values]


def _in_reach(made: Plan, keys: Sequence[int]) -> None:
    """The plan asked the values; here the table itself is asked, as for `create`."""
    only = held_by(made.register, made.by, made.register.adds)
    if only == EVERY:
        return
    there = 0
    if only is not None:
        records = made.register.model._base_manager.filter(only)
        there = sum(records.filter(pk__in=part).count() for part in bulk.chunks(list(keys)))
    if there != len(keys):
        raise NotAllowed(
            Words(
                "文件中有记录不在您的部门或者区的范围内：请重新检查这份文件。",
                "The file has records outside your department or district: check the file again.",
            )
        )


def _tell(made: Plan, keys: Sequence[int], state: str, moment: dt.datetime) -> None:
    """The first event of every record: what it holds, and the file and row that it came from."""
    register = made.register
    fields = [field for field in register.model._meta.concrete_fields if field.name not in PLATFORM_WRITES]
    columns = {
        field.name: made.values[field.attname]
        if isinstance(field, models.CharField | models.TextField | models.ForeignKey)
        else [written(value) for value in made.values[field.attname]]
        for field in fields
    }
    act, told = FILE if register.procedure else IMPORTED, {"file": made.sha256}
    like = Draft(register.code, 0, 1, act, made.by, moment, state, told, register.personal)
    append_alike(like, keys, columns, made.rows)


def _records(made: Plan, keys: Sequence[int], state: str, moment: dt.datetime) -> list[Any]:
    """The records as objects, for what follows a write."""
    model: Any = made.register.model
    names = [field.attname for field in model._meta.concrete_fields]
    records = []
    for row in zip(*_columns(made, keys, state, moment), strict=True):
        record = model.__new__(
            model
        )  # as Django itself does for a pickled one: four times as quick as reading it back
        record.__dict__.update(zip(names, row, strict=True), _state=ModelState())
        record._state.adding, record._state.db = False, connection.alias
        records.append(record)
    return records
