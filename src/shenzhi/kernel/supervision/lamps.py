"""Many clocks read at once: runs with the same facts are one pile with one reading, whatever their number (article 71)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, QuerySet
from django.utils import timezone

from shenzhi.calc.calendar.clocks import Lamp, Reading, Run, unpack
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import Book, book

FACTS = ("rule", "started_on", "pauses", "extended_days")
"""What the reading of a running clock follows from."""

UNREAD = "unread"
"""In place of a lamp where no limit is in force: somebody must add the row before the clock can be read."""

RANK = {Lamp.RED: 0, Lamp.YELLOW: 1, UNREAD: 2, Lamp.GREEN: 3, Lamp.PAUSED: 4, Lamp.DONE: 5}
"""What is seen to first."""

KEPT_SECONDS = 60


@dataclass(frozen=True)
class Pile:
    """So many runs that agree in `values`, the columns by which they were piled, and therefore in their reading."""

    values: Mapping[str, Any]
    count: int
    reading: Reading | None

    @property
    def lamp(self) -> str:
        return self.reading.lamp if self.reading is not None else UNREAD

    @property
    def urgency(self) -> tuple[int, dt.date]:
        """Piles in this order have the worst clock first: the longest overdue, then what is due next."""
        return urgency(self.reading)


@dataclass(frozen=True)
class Lit:
    """How many running clocks of one kind in one place show one lamp."""

    department: int | None
    register: str
    clock: str
    lamp: str
    count: int


def urgency(reading: Reading | None) -> tuple[int, dt.date]:
    if reading is None:
        return RANK[UNREAD], dt.date.max
    return RANK[reading.lamp], reading.due_on


def read_run(known: Book, run: ClockRun, today: dt.date) -> Reading | None:
    """The reading of one run, None where no limit is in force for it."""
    try:
        return known.read(run, today)
    except BilingualError:
        return None


def piles(known: Book, runs: QuerySet[ClockRun], today: dt.date, by: Sequence[str] = ()) -> list[Pile]:
    """Running clocks piled by their facts and by the further columns `by`; one query, one reading for each set of facts."""
    readings: dict[tuple[Any, ...], Reading | None] = {}
    columns = (*FACTS, *by)
    found = []
    for row in runs.order_by().values(*columns).annotate(count=Count("id")):
        facts = tuple(row[name] for name in FACTS)
        if facts not in readings:
            readings[facts] = _reading(known, row, today)
        found.append(Pile({name: row[name] for name in columns}, row["count"], readings[facts]))
    return found


def _reading(known: Book, row: Mapping[str, Any], today: dt.date) -> Reading | None:
    try:
        run = Run(row["started_on"], unpack(row["pauses"]), row["extended_days"])
        return known.read_facts(row["rule"], run, today)
    except BilingualError:
        return None


def of_piles(
    runs: QuerySet[ClockRun], by: Sequence[str], chosen: Sequence[Pile], skip: int, size: int
) -> list[ClockRun]:
    """`size` runs of the piles in their order, after the first `skip`; within a pile the oldest comes first."""
    if not chosen or size <= 0:
        return []
    columns = (*FACTS, *by)
    place = {tuple(pile.values[name] for name in columns): number for number, pile in enumerate(chosen)}
    # a page lies in few piles, and their runs are quicker sorted here than asked for pile by pile
    either = {name: {pile.values[name] for pile in chosen} for name in columns}
    near = runs.filter(**{f"{name}__in": values for name, values in either.items() if None not in values})
    found = sorted(
        (place[facts], key)
        for key, *rest in near.order_by().values_list("pk", *columns)
        if (facts := tuple(rest)) in place
    )
    keys = [key for _, key in found[skip : skip + size]]
    rows = {run.pk: run for run in runs.filter(pk__in=keys)}
    return [rows[key] for key in keys if key in rows]


def running() -> QuerySet[ClockRun]:
    """The clocks that have not ended; closed cases are never read."""
    return ClockRun.objects.filter(ended_on=None)


def lit_now(today: dt.date) -> tuple[dt.datetime, tuple[Lit, ...]]:
    """Every running clock of the city, counted by place, kind and lamp, and the moment of the count.

    Counted at most once a minute: the walls of forty offices ask for the same."""
    key = f"supervision:lit:{today}"
    kept: tuple[dt.datetime, tuple[Lit, ...]] | None = cache.get(key)
    if kept is None:
        kept = (
            timezone.now(),
            lit(piles(book(), running(), today, ("department", "register", "clock"))),
        )
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def piles_now(today: dt.date, by: Sequence[str]) -> list[Pile]:
    """Every running clock of the city in piles, piled at most once a minute."""
    key = f"supervision:piles:{today}:{','.join(by)}"
    kept: list[Pile] | None = cache.get(key)
    if kept is None:
        kept = piles(book(), running(), today, by)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def lit(found: Iterable[Pile]) -> tuple[Lit, ...]:
    """The piles counted by department, register, clock and lamp."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for pile in found:
        place = (pile.values[name] for name in ("department", "register", "clock"))
        counts[(*place, str(pile.lamp))] += pile.count
    return tuple(
        Lit(department, register, clock, lamp, count)
        for (department, register, clock, lamp), count in counts.items()
    )
