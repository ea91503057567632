"""Publishes once a day where history stands, so that nobody can rewrite what lies before, not even we (article 71).

A head is the last place and hash of every lane, chained to the head of the day before. Whoever keeps one can show later
that history still passes through it: `shenzhi history verify --against FILE`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from shenzhi.kernel.history.events import FIRST, Head, Lane, content
from shenzhi.kernel.history.verify import head_hash, rows

COLUMNS = ("lane", "seq", "content", "hash")
"""What a stranger is given of every event: enough to recompute the chain, and nothing that tells of a record."""


def publish(day: dt.date) -> Head:
    """The head of `day`: made from where history stands now, or the one that was published already.

    ValueError for a day before the last one published: heads follow each other."""
    with transaction.atomic():
        last = _latest_locked()
        if last is not None and last.day > day:
            raise ValueError(
                f"已公布 {last.day} 的链头，不能再公布 {day} 的 · {last.day} is published, {day} lies before"
            )
        if last is not None and last.day == day:
            head = last
        else:
            standing = [
                list(one) for one in Lane.objects.order_by("number").values_list("number", "seq", "hash")
            ]
            lanes = json.dumps(standing, separators=(",", ":"))
            events = sum(seq for _, seq, _ in standing)
            before = last.hash if last else FIRST
            head = Head.objects.create(
                day=day, lanes=lanes, events=events, hash=head_hash(before, str(day), events, lanes)
            )
    _keep(head)
    return head


def _latest_locked() -> Head | None:
    """The last head, with the table held, so that two processes do not follow the same head."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE kernel_head IN EXCLUSIVE MODE")
    return Head.objects.order_by("-day").first()


def as_data(head: Head) -> dict[str, Any]:
    """A head as it is published."""
    earlier = Head.objects.filter(day__lt=head.day).order_by("-day").first()
    return {
        "day": str(head.day),
        "events": head.events,
        "lanes": json.loads(head.lanes),
        "before": earlier.hash if earlier else FIRST,
        "hash": head.hash,
    }


def folder() -> Path:
    return Path(settings.HOME) / "heads"


def _keep(head: Head) -> None:
    """Write the head as a file beside the database, whole or not at all."""
    path = folder() / f"{head.day}.json"
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(as_data(head), indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def altered_files() -> Iterator[str]:
    """Days whose file beside the database says something else than the database."""
    for head in Head.objects.order_by("day"):
        path = folder() / f"{head.day}.json"
        if path.exists():
            try:
                same = json.loads(path.read_text(encoding="utf-8")) == as_data(head)
            except ValueError:
                same = False
            if not same:
                yield str(head.day)


def chain(lane: int, first: int, last: int) -> Iterator[tuple[int, int, str, str]]:
    """Events of a lane as a stranger is given them: the columns of `COLUMNS`."""
    for row in rows(lane, first, last):
        yield row[0], row[1], content(row[3:]), row[2]
