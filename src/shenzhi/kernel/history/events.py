"""The history of every register: events that are only ever added, each carrying the hash of the one before (article 71).

Events are kept in a few lanes, each a chain of its own, so that several processes can write at once: a connection
always writes into the same lane and holds its head until it commits. A record's own order is its versions, 1, 2, 3 ...,
whichever lanes they lie in.

An event is hashed in two steps. Its **content** is everything that it tells, with a random salt; its **hash** covers
the hash before, its place and the hash of its content. So the chain can be given to a stranger, who recomputes it from
lane, place and content hash, and learns nothing of a record that is closed to him, not even by guessing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import models, transaction
from django.utils import timezone

from shenzhi.kernel import bulk
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.history import seals
from shenzhi.kernel.labels import label

LANES = 8
FIRST = "0" * 64
"""The hash before the first event of a lane."""

CONTENT = ("salt", "at", "register", "record", "version", "act", "state", "actor", "actor_name", "body")
"""The columns that the content hash covers, in this order, each on a line."""

_LINES = "\n".join(["%s"] * len(CONTENT))

COLUMNS = ("lane", "seq", "hash", *CONTENT)
ERASURE = "erased"
"""The act with which personal values of a record end: after it, and only after it, its seal may be deleted."""


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
    """What was told, as JSON; personal values in it are sealed."""
    salt = models.CharField(max_length=32)
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
    def doer(self) -> str:
        """The name of who did it, or `seals.ERASED`: that of a private person is sealed like the record's personal values."""
        return self.actor_name or self.told.get(seals.DOER, "")

    @property
    def told(self) -> dict[str, Any]:
        """What the event says: `before` and `after` by field, and `said` (the answers to what a move asked).

        Personal values are readable, or `seals.ERASED` once they were erased: show them only to those who may see them."""
        told: dict[str, Any] = json.loads(self.body)
        if '{"sealed":' not in self.body:
            return told
        if not hasattr(self, "seal_key"):
            self.seal_key = seals.keys_of(self.register, [self.record]).get(self.record)
        return seals.opened(told, self.seal_key, f"{self.register}/{self.record}")

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
    """JSON: [lane, last place, its hash] of every lane."""
    events = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)


class Draft(NamedTuple):
    """An event before it has a place: everything but lane, seq and hash."""

    register: str
    record: int
    version: int
    act: str
    by: Reader
    at: dt.datetime
    state: str = ""
    told: Mapping[str, Any] = MappingProxyType({})
    personal: Collection[str] = ()
    """The fields and answers whose values are sealed: those of `Register.sealed_in`."""

    @property
    def doer(self) -> str:
        """Who did it, on one line, or two contents could be hashed alike."""
        return _on_a_line(self.by.name)

    @property
    def private(self) -> bool:
        """Whether a private person did it; who did what in an office is what history is for."""
        return self.by.account is not None and not self.by.office and bool(self.doer)

    @property
    def all_told(self) -> Mapping[str, Any]:
        return {**self.told, seals.DOER: self.doer} if self.private else self.told


@lru_cache(maxsize=256)
def _on_a_line(name: str) -> str:
    return " ".join(name.split())[:120]


def now() -> dt.datetime:
    return timezone.now()


def stamp(moment: dt.datetime) -> str:
    """A moment as history keeps it: UTC with microseconds, so that texts sort as moments do."""
    return f"{moment.astimezone(dt.UTC).isoformat(timespec='microseconds')[:26]}Z"


class Stamp(models.Func):
    """A moment as `stamp` writes it, by the database."""

    arity, output_field = 1, models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        form = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        return super().as_sql(compiler, connection, template=form, **more)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        # kept as 2026-03-02 09:00:00.123456, and without the fraction where it is nothing
        form = "substr(replace(%(expressions)s, ' ', 'T') || iif(%(expressions)s LIKE '%%%%.%%%%', '', '.000000'), 1, 26) || 'Z'"
        return super().as_sql(compiler, connection, template=form, **more)


_encoder = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str, check_circular=False
)


def canonical(told: Mapping[str, Any]) -> str:
    """The one text for what was told: keys sorted, no spaces, Chinese as it is; dates and decimals as their text."""
    return _encoder.encode(told)


def content(fields: tuple[Any, ...]) -> str:
    """The content hash of an event; `fields` in the order of CONTENT."""
    if None in fields:
        fields = tuple("" if value is None else value for value in fields)
    return content_of(_LINES % fields)


def content_of(lines: str) -> str:
    """The content hash of an event whose columns were joined, each on a line."""
    return hashlib.sha256(lines.encode()).hexdigest()


def digest(before: str, lane: int, seq: int, content_hash: str) -> str:
    """The hash of the event at a place of a lane whose hash was `before`."""
    return hashlib.sha256(f"{before}\n{lane}\n{seq}\n{content_hash}".encode()).hexdigest()


def own_lane() -> int:
    """The lane of this thread: threads and processes spread over the lanes and seldom wait for each other."""
    return (os.getpid() * 31 + threading.get_ident() // 4096) % LANES


def append(drafts: Sequence[Draft]) -> list[Event]:
    """Add events, in their order; must be called within the transaction that writes the records themselves."""
    rows = _placed(drafts)
    bulk.insert(Event._meta.db_table, COLUMNS, rows)
    return [Event(**dict(zip(COLUMNS, row, strict=True))) for row in rows]


def append_many(drafts: Sequence[Draft]) -> None:
    """As `append`, where nobody wants the events back: written without an object for each."""
    bulk.insert(Event._meta.db_table, COLUMNS, _placed(drafts))


def append_alike(
    like: Draft, records: Sequence[int], columns: Mapping[str, Sequence[Any]], rows: Sequence[int]
) -> None:
    """The first events of many new records that a file enters together, told apart by their values (`columns`, by name)
    and the row of the file. Each says what `append_many` would say; here whole columns are written, not event by event."""
    values = {name: columns[name] for name in columns if name in like.personal}
    names = {name: name for name in values}
    if like.private:
        values[seals.DOER], names[seals.DOER] = [like.doer] * len(records), f"{seals.DOER}/"
    shut = seals.shut_columns(like.register, records, values, names)
    order = sorted(columns)
    texts = [shut[name] if name in shut else [_text(one) for one in columns[name]] for name in order]
    after = ",".join(f"{_encoder.encode(name)}:%s" for name in order)
    shared = canonical(like.told)[1:-1].replace("%", "%%")
    if like.private:
        texts.append(shut[seals.DOER])
        shared = f"{_encoder.encode(seals.DOER)}:%s,{shared}"
    body = f'{{"after":{{{after}}},{shared},"row":%s}}'
    salts = secrets.token_hex(16 * len(records))
    at, doer, state = stamp(like.at), "" if like.private else like.doer, like.state
    told = (
        (salts[number * 32 : number * 32 + 32], at, like.register, record, 1, like.act, state,
         like.by.account, doer, body % written)
        for number, (record, written) in enumerate(zip(records, zip(*texts, rows, strict=True), strict=True))
    )  # fmt: skip
    bulk.insert(Event._meta.db_table, COLUMNS, _chained(told))


def _text(value: Any) -> str:
    """A value as `canonical` writes it, the commonest kinds without its machinery."""
    if type(value) is str:
        return json.encoder.encode_basestring(value)
    if value is None:
        return "null"
    return str(value) if type(value) is int else _encoder.encode(value)


def _placed(drafts: Sequence[Draft]) -> list[tuple[Any, ...]]:
    """The rows of these events, in the order of COLUMNS."""
    if not drafts:
        return []
    bodies = _bodies(drafts)
    stamped: dict[dt.datetime, str] = {}
    return _chained(
        (
            secrets.token_hex(16),
            stamped.get(draft.at) or stamped.setdefault(draft.at, stamp(draft.at)),
            draft.register,
            draft.record,
            draft.version,
            draft.act,
            draft.state,
            draft.by.account,
            "" if draft.private else draft.doer,
            body,
        )
        for draft, body in zip(drafts, bodies, strict=True)
    )


def _chained(tellings: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows of events told in the order of CONTENT, each at its place of the lane, whose head they move on."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            "history is written in the same transaction as the record: use transaction.atomic()"
        )
    number = own_lane()
    seq, last = _end_of(number)
    rows = []
    for seq, told in enumerate(tellings, seq + 1):  # noqa: B020  where the lane goes on from
        last = digest(last, number, seq, content(told))
        rows.append((number, seq, last, *told))
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("UPDATE kernel_lane SET seq = %s, hash = %s WHERE number = %s", [seq, last, number])
    return rows


def _end_of(number: int) -> tuple[int, str]:
    """Where a lane ends, held until the transaction does; by hand, since every write of the platform passes here."""
    connection = transaction.get_connection()
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT seq, hash FROM kernel_lane WHERE number = %s{lock}", [number])
        if (end := cursor.fetchone()) is None:
            Lane.objects.get_or_create(number=number)
            cursor.execute(f"SELECT seq, hash FROM kernel_lane WHERE number = %s{lock}", [number])
            end = cursor.fetchone()
    return end


def _bodies(drafts: Sequence[Draft]) -> list[str]:
    """The text of each event, personal values sealed with the key of its record."""
    fresh: dict[str, set[int]] = defaultdict(set)
    known: dict[str, set[int]] = defaultdict(set)
    for draft in drafts:
        if seals.sealable(draft.all_told, draft.personal):
            (fresh if draft.version == 1 else known)[draft.register].add(draft.record)
    keys = {code: seals.keys_made(code, fresh[code], known[code]) for code in {*fresh, *known}}
    return [
        canonical(
            seals.sealed(draft.all_told, draft.personal, key, f"{draft.register}/{draft.record}")
            if (key := keys.get(draft.register, {}).get(draft.record))
            else draft.all_told
        )
        for draft in drafts
    ]


def events_of(register: str, record: int) -> models.QuerySet[Event]:
    """A record's history in its own order; what the events tell is read without a further query."""
    key = seals.Seal.objects.filter(register=register, record=record).values("key")[:1]
    events = Event.objects.filter(register=register, record=record).order_by("version")
    return events.annotate(seal_key=models.Subquery(key))
