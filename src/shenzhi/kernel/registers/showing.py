"""What of a record may be shown to the reader for whom it was read: whole, masked, or not at all."""

from __future__ import annotations

from typing import Any

from django.db import models

from shenzhi.calc.masks import mask
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.history.seals import ERASED
from shenzhi.kernel.procedures.declaration import Ask
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.sight import Sight
from shenzhi.kernel.registers.writing import plain


def shown(record: Record) -> dict[str, Any]:
    """The visible fields as data: masked where they are shown masked, references as `{number, label}`.

    A reference shows the other record's label only where that register opens it to everybody."""
    sight, register = record.sight, record.register
    values: dict[str, Any] = {}
    for name, field in register.fields.items():
        if name in sight.whole:
            values[name] = (
                _reference(record, name) if field.kind == "reference" else plain(getattr(record, name))
            )
        elif name in sight.masked:
            values[name] = mask(field.mask, str(getattr(record, name) or ""))
    return values


PERSONS_WHOLE = frozenset({"handler", "applicant", "member", "administrator", "system"})
"""The ways by which a reader learns whole what history tells of persons: as its party, or carrying the register out."""


def answers(event: Event, register: Register, sight: Sight) -> list[tuple[Ask, Any]]:
    """The answers to what a move asked, as far as the reader may read them: the public those that are published with the
    record, who is only told of it those of moves that it made or was told of, personal ones masked but for those who carry
    the case out and its parties; `ERASED` stays what it is."""
    move = register.procedure.move.get(event.act) if register.procedure else None
    said = event.told.get("said", {}) if move and move.asks else {}
    told = sight.only_told
    inside = sight.learns(move) if told and move else bool(sight.ways - {"public"})
    return [
        (ask, _person(said[ask.code], ask.mask, sight))
        for ask in (move.asks if move else ())
        if ask.code in said and (ask.open or (inside and not (told and ask.kept)))
    ]


def read_whole(event: Event, register: Register, sight: Sight) -> frozenset[str]:
    """The personal answers of an event that `answers` gives this reader whole."""
    if not sight.ways & PERSONS_WHOLE:
        return frozenset()
    return frozenset(ask.code for ask, said in answers(event, register, sight) if ask.mask and said != ERASED)


def doer_of(event: Event, sight: Sight) -> str:
    """The name of who did it: an officer's as it is, a private person's as personal values are shown."""
    return event.actor_name or _person(event.doer, "name", sight)


def _person(value: Any, rule: str, sight: Sight) -> Any:
    if not rule or value == ERASED or sight.ways & PERSONS_WHOLE:
        return value
    return mask(rule, str(value))


def _reference(record: Record, name: str) -> dict[str, Any] | None:
    other = getattr(record, name)
    if other is None:
        return None
    if not isinstance(other, Record):
        return {"id": other.pk, "label": str(other)}
    return {"number": other.number, "label": label_of(other)}


def label_of(other: Record) -> str:
    """How a record is called where others refer to it: its label where that is open to everybody, else its number."""
    register = register_of(type(other))
    return str(other) if open_to_all(register, register.label) else other.number


def open_to_all(register: Register, name: str) -> bool:
    """Whether everybody may read the field of every record, so that other records may show it where they refer to one."""
    return name in register.open and name not in register.personal and not register.public


def referred(model: type[models.Model]) -> list[str]:
    """The references of a model, to be read along with its records in one query."""
    return [one.name for one in model._meta.concrete_fields if isinstance(one, models.ForeignKey)]
