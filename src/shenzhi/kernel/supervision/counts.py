"""What the runner has counted for the pages of supervision, each with its moment, so that no reader waits (article 71).

Counts are facts and how often they occur, never a lamp or a due day: those are worked out when a page is read. A count
can be thrown away at any time and is then made again. An office with few clocks needs none: it is counted on the spot.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from shenzhi.kernel.clocks.models import ClockRun

FEW = 5_000
"""Up to so many runs of clocks, ended ones among them, a page counts by itself."""


class Count(models.Model):
    """One count as it was found; `law` is the edition of calendar and limits that it rests on, where it does."""

    name = models.CharField(max_length=60, primary_key=True)
    counted_at = models.DateTimeField()
    law = models.CharField(max_length=300, blank=True, default="")
    found = models.TextField()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Counted:
    """What was found, and when."""

    at: dt.datetime
    found: Any


def keep(name: str, found: Any, law: str = "") -> None:
    """Keep a count in place of the one before it. Everything in it is plain: numbers, texts, lists."""
    Count.objects.update_or_create(
        name=name,
        defaults={
            "counted_at": timezone.now(),
            "law": law,
            "found": json.dumps(found, ensure_ascii=False, separators=(",", ":")),
        },
    )


def forget(start: str) -> None:
    """Throw away the counts whose name begins so."""
    Count.objects.filter(name__startswith=start).delete()


def counted(names: Iterable[str]) -> dict[str, Counted]:
    """Those of the counts that there are."""
    rows = Count.objects.filter(name__in=list(names)).values_list("name", "counted_at", "found")
    return {name: Counted(at, json.loads(found)) for name, at, found in rows}


def ages(start: str) -> dict[str, tuple[dt.datetime, str]]:
    """When the counts whose name begins so were made, and by which edition of the law."""
    rows = Count.objects.filter(name__startswith=start).values_list("name", "counted_at", "law")
    return {name: (at, law) for name, at, law in rows}


def few() -> bool:
    """Whether there are so few clocks that a page counts them by itself."""
    # counted, and no further than that: the last key tells too many where a database leaves out keys
    return ClockRun.objects.order_by().values("pk")[: FEW + 1].count() <= FEW
