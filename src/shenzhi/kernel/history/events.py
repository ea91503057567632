"""The history of every register: events that are only ever added, each carrying the hash of the one before (article 71).

Events are kept in a few lanes, each a chain of its own, so that several processes can write at once: a connection
always writes into the same lane and holds its head until it commits. A record's own order is its versions, 1, 2, 3 ...,
whichever lanes they lie in. What the hash covers is the text as it is stored, so that a stranger can compute it again
from the published columns alone: sha256 over the fields of `HASHED`, each on a line, after the hash before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.labels import label

LANES = 8
FIRST = "0" * 64
"""The hash before the first event of a lane."""

HASHED = ("lane", "seq", "at", "register", "record", "version", "act", "state", "actor", "actor_name", "body")


class Event(models.Model):
    """One thing that happened to one record. The database itself refuses to change or delete it."""

    lane = models.PositiveSmallIntegerField()
    seq = models.PositiveBigIntegerField()
    at = models.CharField(label("时间", "Moment"), max_length=27)
    """UTC, always with microseconds: 2026-11-22T09:03:02.123456Z."""
    register = models.CharField(max_length=60)
    record = models.PositiveBigIntegerField()
    version = models.PositiveIntegerField()
    act = models.CharField(max_length=40)
    state = models.CharField(max_length=40, blank=True, default="")
    actor = models.PositiveBigIntegerField(null=True)
    actor_name = models.CharField(max_length=120, blank=True, default="")
    body = models.TextField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("lane", "seq"), name="one_event_a_place"),
            models.UniqueConstraint(fields=("register", "record", "version"), name="one_event_a_version"),
        ]
        indexes = [models.Index(fields=("at",), name="event_at")]

    def __str__(self) -> str:
        return f"{self.register}/{self.record} v{self.version} {self.act}"

    @property
    def told(self) -> dict[str, Any]:
        """What the event says: `before` and `after` by field, and `said` (the answers to what a move asked)."""
        return json.loads(self.body)

    @property
    def moment(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.at)


class Lane(models.Model):
    """The last place and hash of a lane; locked while somebody writes into it."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=FIRST)


class Head(models.Model):
    """What is published once a day: the last place and hash of every lane, chained to the head of the day before."""

    day = models.DateField(primary_key=True)
    lanes = models.TextField()
    events = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)


@dataclass(frozen=True)
class Draft:
    """An event before it has a place: everything but lane, seq and hash."""

    register: str
    record: int
    version: int
    act: str
    by: Reader
    at: dt.datetime
    state: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)


def now() -> dt.datetime:
    return timezone.now()


def stamp(moment: dt.datetime) -> str:
    """A moment as history keeps it: UTC with microseconds, so that texts sort as moments do."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(told: Mapping[str, Any]) -> str:
    """The one text for what was told: keys sorted, no spaces, Chinese as it is; dates and decimals as their text."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def digest(before: str, fields: Iterable[Any]) -> str:
    """The hash of an event whose lane had `before` as its last hash; `fields` in the order of HASHED."""
    lines = "\n".join(["" if value is None else str(value) for value in fields])
    return hashlib.sha256(f"{before}\n{lines}".encode()).hexdigest()


def own_lane() -> int:
    """The lane of this thread: threads and processes spread over the lanes and seldom wait for each other."""
    return (os.getpid() * 31 + threading.get_ident() // 4096) % LANES


def append(drafts: Sequence[Draft]) -> list[Event]:
    """Add events, in their order; must be called within the transaction that writes the records themselves."""
    if not drafts:
        return []
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("history is written in the same transaction as the record: use transaction.atomic()")
    lane, _ = Lane.objects.select_for_update().get_or_create(number=own_lane())
    seq, last = lane.seq, lane.hash
    events = []
    for draft in drafts:
        seq += 1
        event = Event(
            lane=lane.number,
            seq=seq,
            at=stamp(draft.at),
            register=draft.register,
            record=draft.record,
            version=draft.version,
            act=draft.act,
            state=draft.state,
            actor=draft.by.account,
            actor_name=draft.by.name[:120],
            body=canonical(draft.told),
        )
        last = event.hash = digest(last, (getattr(event, name) for name in HASHED))
        events.append(event)
    Event.objects.bulk_create(events, batch_size=2000)
    Lane.objects.filter(number=lane.number).update(seq=seq, hash=last)
    return events


def events_of(register: str, record: int) -> models.QuerySet[Event]:
    """A record's history in its own order."""
    return Event.objects.filter(register=register, record=record).order_by("version")
