"""A record's history as sentences: what was done, when, by whom, and what changed; to each reader as far as it is theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from shenzhi.calc.masks import mask
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.history.events import ERASURE, Event
from shenzhi.kernel.history.seals import ERASED, keys_of
from shenzhi.kernel.procedures.declaration import ACTS, FILE, Procedure
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.showing import answers, doer_of, read_whole
from shenzhi.kernel.registers.sight import Sight
from shenzhi.kernel.registers.writing import history_of
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import NOTHING, Cell, cell_of, facts_order, joined, said

SIZE = 50
YOU = Words("您", "you")
GONE = Words("（已依法删除）", "(erased by law)")
PLATFORM = Words("平台", "the platform")
ERASED_BY = Words("法律依据", "Legal ground")


@dataclass(frozen=True)
class Told:
    """One event as a page tells it; `by` and `moment` are "" for readers who only learn the act and its day."""

    version: int
    day: str
    moment: str
    act: Words
    from_state: Words | None
    to_state: Words | None
    by: Words | str
    said: list[tuple[Words, str | Words]]
    changes: list[tuple[Words, Cell, Cell]]
    read_whole: frozenset[str]
    """Which of the answers are personal and stand here whole."""


def is_inside(sight: Sight) -> bool:
    """Whether the reader has to do with the record, rather than meeting it as the public does."""
    return bool(sight.ways - {"public"})


def is_outside(sight: Sight) -> bool:
    """Whether there may be events of which the reader does not know: to the public, and to who is only told of the record."""
    return sight.only_told or not is_inside(sight)


def events_for(record: Record) -> QuerySet[Event]:
    """The events of which the reader for whom the record was read may know, oldest first: the public of those that
    happened while the record was public, or, where that hangs on something else than its state, of the steps that moved
    it on; a party that is only told of it, of these, of those that it made and of those that it got a notice of: not that
    a letter was corrected, judged, or told of something else as well."""
    events: QuerySet[Event] = history_of(record)
    sight, register = record.sight, record.register
    if not is_outside(sight) or (register.procedure is None and not sight.only_told):
        return events
    if not sight.only_told and "state__in" in register.public:
        return events.filter(state__in=register.public["state__in"])
    moves = register.procedure.moves if register.procedure else ()
    known = {one.code for one in moves if one.to or sight.learns(one)}
    return events.filter(Q(act__in={FILE, "created", *known}) | Q(version=1))


def version_seen(record: Record) -> int:
    """The version as the reader counts it: what he may not know of does not raise it, or he could tell that it happened."""
    return events_for(record).count() if is_outside(record.sight) else record.version


def history(record: Record, reader: Reader, until: int | None = None) -> tuple[list[Told], int | None]:
    """The newest events, or those before the one that is number `until` of all the reader may know of; and from which
    number on there are older ones (None: no more).

    The public learns what happened while the record was public, and no names."""
    sight, register = record.sight, record.register
    events = events_for(record)
    if until is None:
        found = list(events.order_by("-version")[: SIZE + 1])
        older = events.count() - SIZE + 1 if len(found) > SIZE else None
    else:
        first = max(0, until - 1 - SIZE)
        found = list(events.order_by("version")[first : max(0, until - 1)])[::-1]
        older = first + 1 if first else None
    key = keys_of(register.code, [record.pk]).get(record.pk)
    for event in found:
        event.seal_key = key  # one record has one seal, so it is fetched once
    told = [(event, event.told) for event in found[:SIZE]]
    named = _named(register, [body for _, body in told], sight)
    return [_told(event, body, record, reader, named) for event, body in told], older


def answered(told: Iterable[Told]) -> frozenset[str]:
    """The personal answers that stand whole in what is told."""
    return frozenset().union(*(one.read_whole for one in told))


def _told(
    event: Event, body: dict[str, Any], record: Record, reader: Reader, named: dict[tuple[str, int], Record]
) -> Told:
    sight, register = record.sight, record.register
    procedure, inside = register.procedure, is_inside(record.sight)
    moment = timezone.localtime(event.moment)
    # only what begins a record or moves it on tells a state; a change by hand leaves it as it is
    after = event.state
    before = body.get("from", "" if event.version == 1 else after)
    return Told(
        event.version,
        str(moment.date()),
        moment.strftime("%H:%M") if inside and not sight.only_told else "",
        procedure.act_title(event.act) if procedure else ACTS.get(event.act, Words(event.act, event.act)),
        _state(procedure, before) if before != after and (inside or _was_public(register, before)) else None,
        _state(procedure, after) if before != after else None,
        _by(event, sight, reader),
        _said(event, register, sight),
        _changes(register, body, sight, named) if may_compare(register, body, event, sight) else [],
        read_whole(event, register, sight),
    )


def _state(procedure: Procedure | None, code: str) -> Words | None:
    state = procedure.state.get(code) if procedure else None
    return state.title if state else None


def _was_public(register: Register, state: str) -> bool:
    """Whether a record of this register was open to everybody because of this state, and of nothing else."""
    return set(register.public) == {"state__in"} and state in register.public["state__in"]


def may_compare(register: Register, body: Mapping[str, Any], event: Event, sight: Sight) -> bool:
    """Whether values of an event may be shown: to the public only those that were public before the event and after it,
    and none to whoever is only told of the record: what was written there first may have been taken back."""
    if sight.only_told:
        return False
    return is_inside(sight) or not register.public or _was_public(register, body.get("from", event.state))


def names_the_doer(event: Event, sight: Sight, reader: Reader) -> bool:
    """Whether the reader learns who did it. The public learns no names; a party learns what was done in its matter, and
    what it or the platform did, but not which officer did the rest; who is only told of it knows only its own steps."""
    if sight.only_told:
        return event.actor is not None and event.actor == reader.account
    if event.actor is None or event.actor == reader.account:
        return is_inside(sight)
    return bool(sight.ways & {"handler", "supervisor", "auditor", "administrator", "system"})


def _by(event: Event, sight: Sight, reader: Reader) -> Words | str:
    if not names_the_doer(event, sight, reader):
        return ""
    if event.actor is None:
        return PLATFORM
    if event.actor == reader.account:
        return YOU
    name = doer_of(event, sight)
    return GONE if name == ERASED else name


def _said(event: Event, register: Register, sight: Sight) -> list[tuple[Words, str | Words]]:
    """The answers to what the move asked, in words."""
    found: list[tuple[Words, str | Words]] = []
    if event.act == ERASURE and is_inside(sight):
        found.append((ERASED_BY, str(event.told.get("said", {}).get("ground", ""))))
    for ask, answer in answers(event, register, sight):
        chosen = next((one.title for one in ask.choices if one.code == answer), None)
        found.append((ask.title, GONE if answer == ERASED else chosen or str(answer)))
    return found


def _changes(
    register: Register, body: dict[str, Any], sight: Sight, named: dict[tuple[str, int], Record]
) -> list[tuple[Words, Cell, Cell]]:
    before, after = body.get("before", {}), body.get("after", {})
    if not before:
        return []  # the first entry tells no change: its values are the record's own
    return [
        (
            register.fields[name].title,
            _value(register, name, before.get(name), sight, named),
            _value(register, name, after.get(name), sight, named),
        )
        for name in facts_order(register)
        if name in sight.fields and (name in before or name in after)
    ]


def _value(
    register: Register, name: str, value: Any, sight: Sight, named: dict[tuple[str, int], Record]
) -> Cell:
    """A value as history keeps it, written as a page does."""
    if value is None or value == "":
        return NOTHING
    if value == ERASED:
        return Cell(said(GONE))
    if name in sight.masked:
        return Cell(mask(register.fields[name].mask, str(value)), masked=True)
    field = register.model._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        other = named.get((name, value))
        return cell_of(register, name, other) if other is not None else Cell(str(value))
    if isinstance(field, models.Field):
        try:
            value = field.to_python(value)
        except ValidationError:  # what an older form of the register kept stands as it was written
            return Cell(str(value))
    if isinstance(value, dt.datetime) and timezone.is_naive(value):
        value = timezone.make_aware(value)
    return cell_of(register, name, value)


def _named(register: Register, bodies: Sequence[dict[str, Any]], sight: Sight) -> dict[tuple[str, int], Any]:
    """The records that the events refer to by their key, one query for each field that does."""
    found: dict[tuple[str, int], Any] = {}
    for field in register.model._meta.concrete_fields:
        if not isinstance(field, models.ForeignKey) or field.name not in sight.whole:
            continue
        keys = {
            value
            for body in bodies
            if "before" in body
            for side in ("before", "after")
            if (value := body.get(side, {}).get(field.name)) is not None
        }
        if keys:
            model = field.related_model
            records = model._default_manager.filter(pk__in=keys)
            if issubclass(model, Record):
                records = records.select_related(*joined(model, [model.objects.model().register.label]))
            found |= {(field.name, one.pk): one for one in records}
    return found
