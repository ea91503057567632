"""The only verbs that write a record: each checks the right, writes the record and its event together, or neither."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.query import QuerySet

from shenzhi.calc.figures import writable
from shenzhi.kernel.access.roles import SYSTEM, Reader
from shenzhi.kernel.history.events import Draft, Event, append_many, events_of, now
from shenzhi.kernel.registers.declaration import PLATFORM_WRITES, Register
from shenzhi.kernel.registers.faults import words_for
from shenzhi.kernel.registers.receipts import KeyUsed, Receipt, keep_receipt, receipt_of, secret_again
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.sight import fits
from shenzhi.kernel.words import Words

R = TypeVar("R", bound=Record)

# What must follow every write within its transaction (the index for search): called with the register and the records.
FOLLOW: list[Callable[[Register, Sequence[Record]], None]] = []


class Refused(Exception):
    """A write that cannot be; `why` says so to the person who asked, in both languages, with the way out."""

    status = 409

    def __init__(self, why: Words, *, field: str = "") -> None:
        super().__init__(f"{why.zh} {why.en}")
        self.why = why
        self.field = field


class NotAllowed(Refused):
    """The person has no right to this."""

    status = 403


class Stale(Refused):
    """Somebody else changed the record meanwhile."""

    status = 412


class Invalid(Refused):
    """What was given cannot stand; `faults` has the words for each field ("" for the record as a whole)."""

    status = 422

    def __init__(self, faults: Mapping[str, Sequence[Words]]) -> None:
        first = next(iter(faults.values()))[0]
        super().__init__(first, field=next(iter(faults)))
        self.faults = faults


def plain(value: Any) -> Any:
    """A field's value as history, API and exports write it: text for dates and decimals, the key for a reference."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date | Decimal):
        return str(value)
    return value


def values_of(record: Record, names: Sequence[str] | None = None) -> dict[str, Any]:
    """The record's own values as history writes them."""
    fields = record._meta.concrete_fields
    return {
        one.name: plain(getattr(record, one.attname))
        for one in fields
        if one.name not in PLATFORM_WRITES and (names is None or one.name in names)
    }


def may_add(register: Register, reader: Reader) -> bool:
    """Whether the reader may enter records at all; where they lie is checked when one is entered."""
    known = reader.within(register.code)
    return known.may_write and bool(known.roles() & {*register.adds, SYSTEM})


def may_change(record: Record, reader: Reader) -> bool:
    """Whether the reader may change this record by hand, beside the moves of its procedure."""
    register = record.register
    reader = reader.within(register.code)
    return reader.may_write and any(
        role in reader.roles() and fits(register, reader, role, record.pk)
        for role in (*register.changes, SYSTEM)
    )


UNWRITABLE = Words(
    "含有无法保存的字符：请重新输入。", "it holds a character that cannot be kept: type it again."
)


def unwritable(value: object) -> bool:
    """Whether a text holds a character that no database keeps; one that kept it would break another office's."""
    return isinstance(value, str) and writable(value) != value


def validated(record: Record, names: Sequence[str] | None = None) -> None:
    """Invalid with every fault of the record, or of the fields named, in both languages."""
    skipped = {
        one.name
        for one in record._meta.concrete_fields
        if (names is not None and one.name not in names) or _read_already(record, one)
    }
    if broken := [
        one.name
        for one in record._meta.concrete_fields
        if one.name not in skipped and unwritable(getattr(record, one.attname))
    ]:
        raise Invalid({name: [UNWRITABLE] for name in broken})
    try:
        record.full_clean(exclude={*skipped, *PLATFORM_WRITES}, validate_constraints=False)
        # a rule over several fields counts whichever of them was given, and whatever had been read before
        if names is None or any(
            # a constraint that names no fields speaks of expressions over any of them
            {*names} & {*(getattr(one, "fields", ()) or names)}
            for one in record._meta.constraints
        ):
            record.validate_constraints(exclude={*PLATFORM_WRITES})
    except ValidationError as error:
        raise Invalid(words_for(record.register, error)) from error


def _read_already(record: Record, field: models.Field[Any, Any]) -> bool:
    """Whether a reference holds a row that was read from the database: to ask again whether it exists tells nothing."""
    if (
        not isinstance(field, models.ForeignKey)
        or field.get_limit_choices_to()
        or not field.is_cached(record)
    ):
        return False
    other = field.get_cached_value(record)
    return other is not None and not other._state.adding


def insert(record: R) -> R:
    """Write a new row; its event must follow in the same transaction."""
    models.Model.save(record, force_insert=True)
    return record


def replace(record: R, names: Sequence[str], *, before: int) -> R:
    """Write the named fields and the version of a row that stood at version `before`; its event is in history already."""
    values = {name: getattr(record, record._meta.get_field(name).attname) for name in names}
    rows: QuerySet[R] = QuerySet(type(record)).filter(pk=record.pk, version=before)
    if rows.update(**values, version=record.version, changed_at=record.changed_at) != 1:
        raise stale(record)
    return record


def follow(register: Register, records: Sequence[Record]) -> None:
    for after in FOLLOW:
        after(register, records)


def held(record: R, *, expect: int | None = None) -> R:
    """The row as it stands now, locked until the transaction ends; Stale where it is not the version expected."""
    current: R = type(record)._base_manager.select_for_update().get(pk=record.pk)
    if current.version != (record.version if expect is None else expect):
        raise stale(record)
    return current


def stale(record: Record) -> Stale:
    return Stale(
        Words(
            f"{record.number} 在您打开之后已被他人修改，请重新载入后再操作。",
            f"{record.number} was changed by somebody else after you opened it: load it again and repeat your step.",
        )
    )


def known(by: Reader, key: str, asked: Mapping[str, Any]) -> Receipt | None:
    """The receipt of the same request carried out before; Refused where its key was used for another."""
    try:
        return receipt_of(by, key, asked)
    except KeyUsed as error:
        raise Refused(
            Words(
                "这个请求编号已用于另一请求：请换一个。",
                "This key was used for another request: choose a new one.",
            )
        ) from error


def create(
    record: R,
    *,
    by: Reader,
    act: str = "created",
    at: dt.datetime | None = None,
    told: Mapping[str, Any] | None = None,
    key: str = "",
) -> R:
    """Enter a new record; NotAllowed, Invalid with every fault, or the record with its number.

    With `key` the same request sent again gives the record that it made the first time, and nothing is written."""
    with transaction.atomic():
        return enter(record, by=by, act=act, at=at or now(), told=told or {}, key=key)


def enter(record: R, *, by: Reader, act: str, at: dt.datetime, told: Mapping[str, Any], key: str) -> R:
    """As `create`, for verbs that do more in the same transaction."""
    register = record.register
    asked = {act: register.code, **values_of(record)}
    if (done := known(by, key, asked)) is not None:
        made: R = type(record)._base_manager.get(pk=done.record)
        made.secret = secret_again(done, key)
        return made
    if not may_add(register, by):
        raise NotAllowed(
            Words(
                f"您的角色不能在《{register.title.zh}》中登记。",
                f"Your role may not enter records in {register.title.en}.",
            )
        )
    validated(record)
    record.made_at = record.changed_at = at
    record.version = 1
    insert(record)
    if not any(fits(register, by, role, record.pk, row=record) for role in register.adds):
        raise NotAllowed(
            Words(
                "该记录不在您的部门或者区的范围内：请改选您承办的部门或者区。",
                "This record lies outside your department or district: choose one that you act for.",
            )
        )
    state = getattr(record, "state", "")
    says = {"after": values_of(record), **told}
    append_many([Draft(register.code, record.pk, 1, act, by, at, state, says, register.personal)])
    follow(register, [record])
    place = {"register": register.code, "record": record.pk, "version": 1}
    record.secret = keep_receipt(by, key, asked, **place, tracked=register.tracked is not None)
    return record


@transaction.atomic
def change(
    record: R,
    *,
    by: Reader,
    act: str = "changed",
    at: dt.datetime | None = None,
    told: Mapping[str, Any] | None = None,
    **values: Any,
) -> R:
    """Change fields of a record as it was read; nothing is written where nothing changes.

    NotAllowed, Stale when somebody was quicker, Invalid with every fault; the state has its own verb, `fire`."""
    current, register = held(record), record.register
    current.reader = record.reader
    if not may_change(current, by):
        raise NotAllowed(
            Words(f"您的角色不能修改 {record.number}。", f"Your role may not change {record.number}.")
        )
    if closed := sorted(set(values) & set(PLATFORM_WRITES)):
        raise NotAllowed(
            Words(
                f"{'、'.join(closed)} 由平台写入，不能修改。",
                f"{', '.join(closed)} is written by the platform alone.",
            )
        )
    if fixed := [one for name, one in register.fields.items() if one.fixed and name in values]:
        raise NotAllowed(
            Words(
                f"{'、'.join(one.title.zh for one in fixed)}登记后不能直接修改，只能按程序变更。",
                f"{', '.join(one.title.en for one in fixed)}: given when the record was entered; "
                "it changes only by a step of a procedure.",
            ),
            field=fixed[0].name,
        )
    return rewrite(current, values, by=by, act=act, at=at or now(), told=told or {})


def rewrite(
    current: R,
    values: Mapping[str, Any],
    *,
    by: Reader,
    act: str,
    at: dt.datetime,
    told: Mapping[str, Any],
    state: str | None = None,
) -> R:
    """Write `values` (and the state) over a row that is held, with the event that says so. For verbs, not for callers."""
    before = values_of(current, list(values))
    for name, value in values.items():
        setattr(current, name, value)
    if values:
        validated(current, list(values))
    after = values_of(current, list(values))
    changed = [name for name in after if after[name] != before[name]]
    if not changed and state is None and not told:
        return current
    register, version = current.register, current.version
    current.version, current.changed_at = version + 1, at
    if state is not None:
        current.state = state
    says = {
        **(
            {"before": {n: before[n] for n in changed}, "after": {n: after[n] for n in changed}}
            if changed
            else {}
        ),
        **told,
    }
    standing = getattr(current, "state", "")
    append_many(
        [
            Draft(
                register.code,
                current.pk,
                current.version,
                act,
                by,
                at,
                standing,
                says,
                register.sealed_in(act),
            )
        ]
    )
    replace(current, [*changed, *(["state"] if state is not None else [])], before=version)
    follow(register, [current])
    return current


def history_of(record: Record) -> QuerySet[Event]:
    """The record's events in their order."""
    return events_of(record.register.code, record.pk)
