"""Erases the personal data of a record where the law demands it, without a hole in history (articles 88, 95)."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models, transaction

from shenzhi.kernel.access.roles import SYSTEM, Reader
from shenzhi.kernel.history.events import ERASURE, Draft, append, now
from shenzhi.kernel.history.seals import ERASED, Seal
from shenzhi.kernel.registers.receipts import forget
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.sight import fits
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, follow, held, replace
from shenzhi.kernel.words import Words

R = TypeVar("R", bound=Record)
MAY_ERASE = ("head", SYSTEM)


def may_erase(record: Record, by: Reader) -> bool:
    """Whether there is personal data to erase in records of this register, and this is who erases it."""
    register, by = record.register, by.within(record.register.code)
    return (
        bool(register.personal)
        and by.may_write
        and any(role in by.roles() and fits(register, by, role, record.pk) for role in MAY_ERASE)
    )


@transaction.atomic
def erase(record: R, *, by: Reader, ground: str) -> R:
    """Empty the personal fields of a record and make unreadable for ever what its history tells of persons: earlier
    values, personal answers, the names of private persons who acted. `ground` stays in history.

    NotAllowed for all but the head who carries the register out; Stale, and Invalid without a ground. What cannot be
    empty reads ERASED."""
    current, register = held(record), record.register
    if not may_erase(current, by):
        raise NotAllowed(
            Words(
                f"{current.number} 中的个人信息只能由承办部门负责人删除。",
                f"Personal data in {current.number} are erased by the head of the department that carries the register out.",
            )
        )
    if not ground.strip():
        raise Invalid({"ground": [Words("请写明删除的法律依据。", "Give the legal ground of the erasure.")]})
    emptied = {name: _empty(current, name) for name in register.personal}
    for name, value in emptied.items():
        setattr(current, current._meta.get_field(name).attname, value)
    version = current.version
    current.version, current.changed_at = version + 1, now()
    told = {"after": emptied, "said": {"ground": ground.strip()}}
    state = getattr(current, "state", "")
    append([Draft(register.code, current.pk, current.version, ERASURE, by, current.changed_at, state, told)])
    replace(current, list(emptied), before=version)
    Seal.objects.filter(register=register.code, record=current.pk).delete()
    forget(register.code, current.pk)
    follow(register, [current])
    return current


def _empty(record: Record, name: str) -> Any:
    """What stands in a field that tells nothing more."""
    field = record._meta.get_field(name)
    assert isinstance(field, models.Field)
    if field.null:
        return None
    if field.blank or not isinstance(field, models.CharField | models.TextField):
        return field.get_default()
    return ERASED[: field.max_length]
