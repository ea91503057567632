"""Many clocks read at once: runs with the same facts are one pile with one reading, whatever their number (article 71)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from shenzhi.calc.calendar.clocks import Lamp, Reading, Run, unpack
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import Book, book
from shenzhi.kernel.supervision.counts import counted, few, keep

FACTS = ("rule", "started_on", "pauses", "extended_days")
"""What the reading of a running clock follows from."""

UNREAD = "unread"
"""In place of a lamp where no limit is in force: somebody must add the row before the clock can be read."""

RANK = {Lamp.RED: 0, Lamp.YELLOW: 1, UNREAD: 2, Lamp.GREEN: 3, Lamp.PAUSED: 4, Lamp.DONE: 5}
"""What is seen to first."""

CITY = ("department", "register", "clock", "state")
"""By what the clocks of the whole city are piled: what its totals and its list of warnings tell apart."""

RUNNING = "running"


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
    either = Q()
    for name in columns:
        values = {pile.values[name] for pile in chosen}
        some = Q(**{f"{name}__in": values - {None}})
        either &= some | Q(**{name: None}) if None in values else some
    found = sorted(
        (place[facts], key)
        for key, *rest in runs.filter(either).order_by().values_list("pk", *columns)
        if (facts := tuple(rest)) in place
    )
    keys = [key for _, key in found[skip : skip + size]]
    rows = {run.pk: run for run in runs.filter(pk__in=keys)}
    return [rows[key] for key in keys if key in rows]


def running() -> QuerySet[ClockRun]:
    """The clocks that have not ended; closed cases are never read."""
    return ClockRun.objects.filter(ended_on=None)


def piles_now(today: dt.date) -> tuple[dt.datetime, list[Pile]]:
    """Every running clock of the city in piles (by the columns CITY), and the moment at which they were counted.

    The runner counts them every minute; their lamps are read for today, whenever they were counted. Few are counted on
    the spot, and so are all where the runner has not counted yet."""
    kept = {} if few() else counted([RUNNING])
    if RUNNING not in kept:
        return timezone.now(), piles(book(), running(), today, CITY)
    known = book()
    readings: dict[tuple[Any, ...], Reading | None] = {}
    found = []
    for rule, started_on, pauses, extended_days, *place, count in kept[RUNNING].found:
        facts = (rule, started_on, pauses, extended_days)
        row = dict(zip(FACTS, (rule, dt.date.fromisoformat(started_on), pauses, extended_days), strict=True))
        if facts not in readings:
            readings[facts] = _reading(known, row, today)
        row |= zip(CITY, place, strict=True)
        found.append(Pile(row, count, readings[facts]))
    return kept[RUNNING].at, found


def count_running() -> int:
    """Count the running clocks of the city for the pages, and say how many they are."""
    rows = list(
        running()
        .order_by()
        .values_list(*FACTS, *CITY)
        .annotate(count=Count("id"))
        .values_list(*FACTS, *CITY, "count")
    )
    keep(RUNNING, [[rule, str(started_on), *rest] for rule, started_on, *rest in rows])
    return sum(row[-1] for row in rows)


def lit_now(today: dt.date) -> tuple[dt.datetime, tuple[Lit, ...]]:
    """Every running clock of the city, counted by place, kind and lamp, and the moment of the count."""
    at, found = piles_now(today)
    return at, lit(found)


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
