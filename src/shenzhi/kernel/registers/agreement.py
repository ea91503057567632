"""Whether every record is what its own history says: versions without a gap, the state, the moments and each value.

A row rewritten past the triggers still differs from what its events add up to, and is found here.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Max

from shenzhi.kernel.history import seals
from shenzhi.kernel.history.events import ERASURE, Stamp, canonical, stamp
from shenzhi.kernel.history.verify import Fault
from shenzhi.kernel.registers.catalogue import register_coded, registers
from shenzhi.kernel.registers.declaration import PLATFORM_WRITES, Register
from shenzhi.kernel.registers.writing import plain
from shenzhi.kernel.words import Words

_UNKNOWN = object()
_decoded = json.JSONDecoder().raw_decode


@dataclass(frozen=True)
class Span:
    """Records of one register by key, from one to another, to be checked by themselves."""

    register: str
    first: int
    last: int


def spans(length: int = 20_000) -> list[Span]:
    """Every register up to the last key that a row or an event has, in parts."""
    found: list[Span] = []
    for register in registers():
        rows = register.model._base_manager.aggregate(last=Max("pk"))["last"] or 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT MAX(record) FROM kernel_event WHERE register = %s", [register.code])
            events = cursor.fetchone()[0] or 0
        last = max(rows, events)
        found += [
            Span(register.code, first, min(first + length - 1, last)) for first in range(1, last + 1, length)
        ]
    return found


def agreement_faults(part: Span) -> list[Fault]:
    """Every record of the part that is not what its events say. One that was written meanwhile is looked at again,
    held, before it is blamed."""
    register = register_coded(part.register)
    assert register is not None
    found: list[Fault] = []
    for key in [fault.record for fault in _faults(register, part.first, part.last)]:
        with transaction.atomic():
            list(register.model._base_manager.select_for_update().filter(pk=key))
            found += _faults(register, key or 0, key or 0)
    return found


def _faults(register: Register, first: int, last: int) -> Iterator[Fault]:
    """One fault at most for each record."""
    fields = [one for one in register.model._meta.concrete_fields if one.name not in PLATFORM_WRITES]
    has_state = "state" in register.fields
    names = [
        "pk",
        "version",
        Stamp("made_at"),
        Stamp("changed_at"),
        *(["state"] if has_state else []),
        *(one.attname for one in fields),
    ]
    # rows first: an event that is committed meanwhile is then newer than its row, and the record looked at again
    rows = {
        row[0]: row
        for row in register.model._base_manager.filter(pk__range=(first, last)).values_list(*names)
    }
    keys = dict(
        seals.Seal.objects.filter(register=register.code, record__range=(first, last)).values_list(
            "record", "key"
        )
    )
    for record, given in groupby(_events(register.code, first, last), key=lambda event: event[0]):
        events = list(given)
        row = rows.pop(record, None)
        told, why = _replayed(events)
        if why is None and row is None:
            why = Words("历史中有此记录，登记簿中没有", "history has it, the register has not")
        if why is None and keys.get(record) is None and _unreadable(events):
            why = Words("密钥缺失，而历史中没有删除记录", "its key is gone, and history tells of no erasure")
        if why is None and row is not None:
            why = _differs(register, fields, has_state, row, events, told, keys.get(record))
        if why is not None:
            yield Fault("record", why, register=register.code, record=record, version=events[-1][1])
    for record, row in rows.items():
        why = Words("登记簿中有此记录，历史中没有", "the register has it, history has not")
        yield Fault("record", why, register=register.code, record=record, version=row[1])


def _events(code: str, first: int, last: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record, version, at, state, body, act FROM kernel_event "
            "WHERE register = %s AND record BETWEEN %s AND %s ORDER BY record, version",
            [code, first, last],
        )
        return cursor.fetchall()


def _replayed(events: list[tuple[Any, ...]]) -> tuple[dict[str, Any], Words | None]:
    """The values that the events add up to, or why they cannot."""
    told: dict[str, Any] = {}
    for expected, (_, version, _, _, body, _) in enumerate(events, start=1):
        if version != expected:
            return told, Words(f"历史缺第 {expected} 版", f"history lacks version {expected}")
        if '"after":' in body:
            try:
                told.update(_decoded(body)[0].get("after", {}))
            except (ValueError, TypeError, AttributeError):
                return told, Words(f"第 {version} 版无法读出", f"version {version} cannot be read")
    return told, None


def _unreadable(events: list[tuple[Any, ...]]) -> bool:
    """Whether the last event that seals anything was followed by no erasure."""
    for *_, body, act in reversed(events):
        if act == ERASURE:
            return False
        if '{"sealed":' in body:
            return True
    return False


def _differs(
    register: Register,
    fields: list[Any],
    has_state: bool,
    row: tuple[Any, ...],
    events: list[tuple[Any, ...]],
    told: dict[str, Any],
    key: str | None,
) -> Words | None:
    """The first thing in which a row is not what its history says, None where it agrees."""
    version, made_at, changed_at = row[1], row[2], row[3]
    if version != len(events):
        return Words(
            f"登记簿为第 {version} 版，历史为第 {len(events)} 版",
            f"the register has version {version}, history {len(events)}",
        )
    if made_at != events[0][2] or changed_at != events[-1][2]:
        return Words("登记或者更新时间与历史不符", "the moment of entry or change is not that of history")
    if has_state and row[4] != events[-1][3]:
        return Words(
            f"状态为 {row[4]}，历史为 {events[-1][3]}", f"the state is {row[4]}, in history {events[-1][3]}"
        )
    for field, value in zip(fields, row[4 + has_state :], strict=True):
        said = told.get(field.name, _UNKNOWN)
        if said == value or (isinstance(value, dt.date) and said == str(value)):
            continue
        if seals.is_sealed(said):
            said = seals.value_of(said, key, f"{register.code}/{row[0]}", field.name)
        if not _same(field, said, value):
            # the values themselves may be closed to whoever reads this message
            return Words(f"{field.name} 的值与历史不符", f"the value of {field.name} is not that of history")
    return None


def _same(field: models.Field[Any, Any], said: Any, value: Any) -> bool:
    """Whether history and row mean the same value: 1.5 and 1.50 do, and one moment in two time zones."""
    if said is _UNKNOWN:  # a field that the register got later, standing at its default
        return value in (field.get_default(), None, "")
    if said == plain(value) or said == json.loads(canonical({"value": plain(value)}))["value"]:
        return True
    try:
        meant = field.to_python(said)
        return bool(meant == value or (isinstance(value, dt.datetime) and stamp(meant) == stamp(value)))
    except (ValidationError, ValueError, TypeError, AttributeError):
        return False
