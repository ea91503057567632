"""Recomputes the chains of history from the stored rows, and names the first event that is altered, missing or inserted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from shenzhi.kernel.history.events import COLUMNS, CONTENT, FIRST, Event, Head, Lane, content_of, digest
from shenzhi.kernel.words import Words

PAGE = 5_000
"""Events read in one query."""


@dataclass(frozen=True)
class Fault:
    """Something in history or in a record that cannot be as it was written; `place` says where it is."""

    kind: str
    what: Words
    lane: int | None = None
    seq: int | None = None
    register: str = ""
    record: int | None = None
    version: int | None = None

    @property
    def place(self) -> str:
        parts = (
            f"lane {self.lane} seq {self.seq}" if self.lane is not None else "",
            f"{self.register}/{self.record}" if self.record is not None else self.register,
            f"v{self.version}" if self.version is not None else "",
        )
        return " ".join(filter(None, parts))


KINDS = {
    "altered": Words("被改动", "altered"),
    "missing": Words("缺失", "missing"),
    "inserted": Words("被插入", "inserted"),
    "record": Words("记录与历史不符", "record and history differ"),
    "guard": Words("数据库防护缺失", "guard missing"),
    "head": Words("与已公布的链头不符", "not as published"),
}


@dataclass(frozen=True)
class Stretch:
    """A part of a lane, from one place to another, to be checked by itself."""

    lane: int
    first: int
    last: int


def stretches(length: int = 50_000) -> list[Stretch]:
    """Every lane up to its head, in parts."""
    return [
        Stretch(lane, first, min(first + length - 1, seq))
        for lane, seq in Lane.objects.order_by("number").values_list("number", "seq")
        for first in range(1, seq + 1, length)
    ]


def rows(lane: int, first: int, last: int) -> Iterator[tuple[Any, ...]]:
    """Events of a lane as stored, in order: the columns of COLUMNS."""
    sql = f"SELECT {', '.join(COLUMNS)} FROM kernel_event WHERE lane = %s AND seq BETWEEN %s AND %s ORDER BY seq, id"
    for at in range(first, last + 1, PAGE):
        with connection.cursor() as cursor:
            cursor.execute(sql, [lane, at, min(at + PAGE - 1, last)])
            yield from cursor.fetchall()


def _contents(lane: int, first: int, last: int) -> Iterator[tuple[int, int, str, str]]:
    """Events of a lane as stored, in order: place, key, hash, and the hash of the content that stands there now. The
    database joins the columns, and hashes them where it can: it is quicker at that than ten columns are read one by one."""
    there = connection.vendor == "postgresql"
    text = f" || {'chr' if there else 'char'}(10) || ".join(
        f"COALESCE(CAST({column} AS text), '')" for column in CONTENT
    )
    if there:
        text = f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"
    sql = f"SELECT seq, id, hash, {text} FROM kernel_event WHERE lane = %s AND seq BETWEEN %s AND %s ORDER BY seq, id"
    for at in range(first, last + 1, PAGE):
        with connection.cursor() as cursor:
            cursor.execute(sql, [lane, at, min(at + PAGE - 1, last)])
            rows = cursor.fetchall()
        yield from rows if there else ((*where, content_of(lines)) for *where, lines in rows)


def chain_faults(part: Stretch) -> list[Fault]:
    """What is wrong in a part of a lane; it is joined to the part before by the hash that is stored there."""
    found: list[Fault] = []
    lane, expected = part.lane, part.first
    before: str | None = FIRST if part.first == 1 else None
    for seq, key, stored, content in _contents(lane, max(part.first - 1, 1), part.last):
        if seq < part.first:
            before = stored
            continue
        if seq < expected:
            found.append(
                _fault("inserted", key, Words("同一位置有两个事件", "a second event in the same place"))
            )
            continue
        if seq > expected:
            found.append(_missing(lane, expected, seq - 1))
            before = None
        if before is not None and digest(before, lane, seq, content) != stored:
            found.append(
                _fault("altered", key, Words("内容与其散列值不符", "its columns do not give its hash"))
            )
        before, expected = stored, seq + 1
    if expected <= part.last:
        found.append(_missing(lane, expected, part.last))
    return found


def _fault(kind: str, key: int, what: Words) -> Fault:
    lane, seq, register, record, version = Event.objects.values_list(
        "lane", "seq", "register", "record", "version"
    ).get(pk=key)
    return Fault(kind, what, lane, seq, register, record, version)


def _missing(lane: int, first: int, last: int) -> Fault:
    count = last - first + 1
    what = Words(f"自此处起缺 {count} 个事件", f"{count} event{'s' * (count > 1)} missing from here")
    return Fault("missing", what, lane, first)


def lane_faults() -> list[Fault]:
    """Whether every lane ends where it says, with the hash it says."""
    sql = (
        "SELECT ends.lane, ends.seq, l.seq, l.hash, (SELECT MAX(e.hash) FROM kernel_event e WHERE e.lane = l.number "
        "AND e.seq = l.seq) FROM (SELECT lane, MAX(seq) AS seq FROM kernel_event GROUP BY lane) ends "
        "LEFT JOIN kernel_lane l ON l.number = ends.lane ORDER BY ends.lane"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        ends = cursor.fetchall()
    found = []
    for lane, last, seq, said, stored in ends:
        if seq is None or last > seq:
            what = Words(f"链道只到 {seq or 0}", f"the lane ends at {seq or 0}")
            found.append(Fault("inserted", what, lane, last))
        elif stored is not None and said != stored:
            found.append(
                Fault("altered", Words("链道末端散列值不符", "the lane ends with another hash"), lane, seq)
            )
    return found


def head_faults(known: Iterable[Mapping[str, Any]] = ()) -> Iterator[Fault]:
    """Whether history still passes through every published head; `known` are heads kept elsewhere, as published."""
    published = list(Head.objects.order_by("day").values("day", "lanes", "events", "hash"))
    kept = {str(head["day"]): head["hash"] for head in published}
    before = FIRST
    for head in published:
        if head_hash(before, str(head["day"]), head["events"], head["lanes"]) != head["hash"]:
            yield _head(str(head["day"]), Words("链头本身被改动", "the head itself was altered"))
        before = head["hash"]
        yield from _passes(str(head["day"]), json.loads(head["lanes"]))
    for given in known:
        if kept.get(given["day"]) != given["hash"]:
            yield _head(
                given["day"], Words("与此前公布的链头不同", "differs from the head that was published")
            )
        yield from _passes(given["day"], given["lanes"])


def head_hash(before: str, day: str, events: int, lanes: str) -> str:
    """The hash of a day's head; `lanes` as JSON without spaces."""
    return hashlib.sha256(f"{before}\n{day}\n{events}\n{lanes}".encode()).hexdigest()


def _passes(day: str, lanes: Iterable[tuple[int, int, str]]) -> Iterator[Fault]:
    for lane, seq, said in lanes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT hash FROM kernel_event WHERE lane = %s AND seq = %s", [lane, seq])
            row = cursor.fetchone()
        if row is None or row[0] != said:
            what = Words(f"{day} 公布时此处是另一事件", f"another event stood here when {day} was published")
            yield Fault("head", what, lane, seq)


def _head(day: str, what: Words) -> Fault:
    return Fault("head", what, register=f"head {day}")
