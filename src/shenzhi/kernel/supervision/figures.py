"""What became of the clocks that ended, month by month: in time or late, and how many working days they took (article 71)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Q

from shenzhi.calc.calendar.clocks import Limit, Run, read, unpack
from shenzhi.calc.calendar.days import Calendar
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import Book, book
from shenzhi.kernel.supervision.lamps import Pile, piles
from shenzhi.kernel.supervision.models import LampAppeal

K = TypeVar("K", bound=Hashable)

WORKING = Limit("working days", 0, "working", 0)
"""A limit only to count by: how many working days a run took, whatever the unit of its own."""

Place = tuple[Any, ...]
PLACES = ("department", "district", "register", "clock")
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Tally:
    """The runs that ended in a month, of one clock in one place.

    `days`: how many took so many working days, pauses left out. `excused`: late, but an appeal against it was upheld."""

    department: int | None
    district: int | None
    register: str
    clock: str
    ended: int
    late: int
    excused: int
    days: Mapping[int, int]


@dataclass(frozen=True)
class Figure:
    """Tallies added up. A share or a median of nothing is None, never zero."""

    ended: int
    late: int
    excused: int
    median_days: float | None

    @property
    def in_time(self) -> int:
        return self.ended - self.late

    @property
    def in_time_share(self) -> float | None:
        return self.in_time / self.ended if self.ended else None


def months_until(today: dt.date, count: int) -> list[dt.date]:
    """The first days of the last `count` months, the current one last."""
    first = today.year * 12 + today.month - 1
    return [month_of(number) for number in range(first - count + 1, first + 1)]


def month_of(number: int) -> dt.date:
    """The first day of a month that is counted from January of the year 0."""
    return dt.date(number // 12, number % 12 + 1, 1)


def tallies(months: Sequence[dt.date], today: dt.date) -> dict[dt.date, tuple[Tally, ...]]:
    """The tallies of each month, in order and without a gap. Months that are over are counted once a day, the one that
    runs once a minute."""
    current = today.replace(day=1)
    found: dict[dt.date, tuple[Tally, ...]] = {}
    law: Book | None = None
    for part, seconds in (
        ([month for month in months if month < current], KEPT_SECONDS),
        ([month for month in months if month >= current], 60),
    ):
        if part:
            key = f"supervision:months:{part[0]}:{part[-1]}"
            kept = cache.get(key)
            if kept is None:
                law = law or book()
                kept = _counted(law, part, today)
                cache.set(key, kept, seconds)
            found |= kept
    return found


def _counted(known: Book, months: Sequence[dt.date], today: dt.date) -> dict[dt.date, tuple[Tally, ...]]:
    after = month_of(months[-1].year * 12 + months[-1].month)
    within = Q(ended_on__gte=months[0], ended_on__lt=after)
    ended, late, excused = Counter[Place](), Counter[Place](), Counter[Place]()
    days: dict[Place, Counter[int]] = defaultdict(Counter)
    for pile in piles(known, ClockRun.objects.filter(within), max(today, after), PLACES):
        place = (pile.values["ended_on"].replace(day=1), *(pile.values[name] for name in PLACES))
        ended[place] += pile.count
        late[place] += pile.count if pile.reading is not None and pile.reading.late_days else 0
        days[place][_working_days(pile, known.calendar)] += pile.count
    upheld = LampAppeal.objects.filter(state="upheld", run__in=ClockRun.objects.filter(within))
    for _, ended_on, *where in upheld.values_list(
        "run", "run__ended_on", *(f"run__{name}" for name in PLACES)
    ).distinct():
        excused[(ended_on.replace(day=1), *where)] += 1
    found: dict[dt.date, list[Tally]] = {month: [] for month in months}
    for place, count in ended.items():
        month, department, district, register, clock = place
        counts = (count, late[place], excused[place], dict(days[place]))
        found[month].append(Tally(department, district, register, clock, *counts))
    return {month: tuple(several) for month, several in found.items()}


def _working_days(pile: Pile, calendar: Calendar) -> int:
    ended_on: dt.date = pile.values["ended_on"]
    run = Run(pile.values["started_on"], unpack(pile.values["pauses"]), ended_on=ended_on)
    return read(run, WORKING, calendar, ended_on).days_used


def added(found: Iterable[Tally]) -> Figure:
    """The tallies as one figure."""
    ended = late = excused = 0
    days: Counter[int] = Counter()
    for one in found:
        ended, late, excused = ended + one.ended, late + one.late, excused + one.excused
        days.update(one.days)
    return Figure(ended, late, excused, median(days))


def grouped(found: Iterable[Tally], key: Callable[[Tally], K]) -> dict[K, Figure]:
    """The figures of the tallies that have the same key."""
    groups: dict[K, list[Tally]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return {name: added(several) for name, several in groups.items()}


def median(counts: Mapping[int, int]) -> float | None:
    """The middle of so many values, of which `counts[value]` are alike; None for no value.

    >>> median({1: 2, 4: 1}), median({1: 1, 4: 1}), median({})
    (1.0, 2.5, None)
    """
    total = sum(counts.values())
    if not total:
        return None
    return (_nth(counts, (total - 1) // 2) + _nth(counts, total // 2)) / 2


def _nth(counts: Mapping[int, int], place: int) -> int:
    for value in sorted(counts):
        place -= counts[value]
        if place < 0:
            return value
    raise IndexError("there are not so many values")
