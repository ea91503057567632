"""What became of the clocks that ended, month by month: in time or late, and how many working days they took (article 71)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.core.cache import cache

from shenzhi.calc.calendar.clocks import Limit, Run, read, unpack
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import Book, book
from shenzhi.kernel.supervision.lamps import FACTS
from shenzhi.kernel.supervision.models import LampAppeal

K = TypeVar("K", bound=Hashable)

WORKING = Limit("working days", 0, "working", 0)
"""A limit only to count by: how many working days a run took, whatever the unit of its own."""

Place = tuple[Any, ...]
PLACES = ("department", "district", "register", "clock")
DAY_SECONDS = 24 * 3600


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
    """The tallies of each month. One that is over is counted once and kept: the last one for a day, those before it for
    a month; the one that runs is counted again after a minute."""
    current = today.replace(day=1)
    last = month_of(current.year * 12 + current.month - 2)
    keys = {f"supervision:month:{month}": month for month in months}
    found = {keys[key]: kept for key, kept in cache.get_many(keys).items()}
    known: Book | None = None
    for key, month in keys.items():
        if month not in found:
            known = known or book()
            found[month] = _counted(known, month, today)
            days = 0 if month >= current else 1 if month == last else 30
            cache.set(key, found[month], days * DAY_SECONDS or 60)
    excused = _excused(min(months), month_of(max(months).year * 12 + max(months).month))
    return {
        month: tuple(replace(one, excused=excused.get((month, *_place(one)), 0)) for one in found[month])
        if excused
        else found[month]
        for month in months
    }


def _place(one: Tally) -> Place:
    return (one.department, one.district, one.register, one.clock)


def _counted(known: Book, month: dt.date, today: dt.date) -> tuple[Tally, ...]:
    """Run by run: the facts of runs that have ended differ too much to be piled by place, so readings are remembered."""
    after = month_of(month.year * 12 + month.month)
    ended, late = Counter[Place](), Counter[Place]()
    days: dict[Place, Counter[int]] = defaultdict(Counter)
    readings: dict[tuple[Any, ...], tuple[int, int]] = {}
    runs = ClockRun.objects.filter(ended_on__gte=month, ended_on__lt=after).order_by()
    for *facts, department, district, register, clock in runs.values_list(
        *FACTS, "ended_on", *PLACES
    ).iterator(10_000):
        place, key = (department, district, register, clock), tuple(facts)
        if key not in readings:
            readings[key] = _late_and_used(known, key, max(today, after))
        is_late, used = readings[key]
        ended[place] += 1
        late[place] += is_late
        days[place][used] += 1
    return tuple(
        Tally(department, district, register, clock, count, late[place], 0, dict(days[place]))
        for place, count in ended.items()
        for department, district, register, clock in [place]
    )


def _late_and_used(known: Book, facts: tuple[Any, ...], today: dt.date) -> tuple[int, int]:
    """1 for a run that ended late, and the working days that it took."""
    rule, started_on, pauses, extended_days, ended_on = facts
    taken = unpack(pauses)
    used = read(Run(started_on, taken, ended_on=ended_on), WORKING, known.calendar, ended_on).days_used
    try:
        reading = known.read_facts(rule, Run(started_on, taken, extended_days, ended_on), today)
    except BilingualError:  # no limit was in force: nothing to be late for
        return 0, used
    return int(reading.late_days > 0), used


def _excused(first: dt.date, after: dt.date) -> Counter[Place]:
    """By month and place how many late runs an appeal found not to be the unit's own."""
    columns = ("run", "run__ended_on", *(f"run__{name}" for name in PLACES))
    # appeals are few: the database must not begin with the runs of a year
    upheld = LampAppeal.objects.filter(state="upheld").order_by().values_list(*columns).distinct()
    return Counter(
        (ended_on.replace(day=1), *place)
        for _, ended_on, *place in upheld
        if ended_on is not None and first <= ended_on < after
    )


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
