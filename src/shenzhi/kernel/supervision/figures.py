"""What became of the clocks that ended, month by month: in time or late, and how many working days they took (article 71)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from shenzhi.calc.calendar.clocks import Limit, Run, read, unpack
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import Book, book, edition
from shenzhi.kernel.supervision.counts import ages, counted, few, forget, keep
from shenzhi.kernel.supervision.lamps import FACTS
from shenzhi.kernel.supervision.models import LampAppeal

K = TypeVar("K", bound=Hashable)

WORKING = Limit("working days", 0, "working", 0)
"""A limit only to count by: how many working days a run took, whatever the unit of its own."""

Place = tuple[Any, ...]
PLACES = ("department", "district", "register", "clock")
OLD = (dt.timedelta(0), dt.timedelta(days=1), dt.timedelta(days=30))
"""When a month is counted again: the one that runs, the one before it, those before that."""


@dataclass(frozen=True)
class Tally:
    """The runs that ended in a month, of one clock in one place.

    `district` is None also where districts are added up. `days`: how many took so many working days, pauses left out. `excused`: late, but an appeal against it was upheld."""

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


def tallies(
    months: Sequence[dt.date], today: dt.date, *, districts: Collection[int] = ()
) -> dict[dt.date, tuple[Tally, ...]]:
    """The tallies of each month, as the runner counted them last; few are counted on the spot. With `districts` only
    theirs; without, the districts of a place are added up: there are far fewer tallies then."""
    if few():
        counted_now = _counted(book(), min(months), _after(max(months)), today)
        found = {
            month: tuple(one for one in several if one.district in districts)
            if districts
            else _together(several)
            for month, several in counted_now.items()
        }
    else:
        names = {_name(month, place): month for month in months for place in (districts or (None,))}
        kept, several = counted(names), defaultdict[dt.date, list[Tally]](list)
        for name, month in names.items():
            several[month] += map(_unpacked, kept[name].found) if name in kept else ()
        found = {month: tuple(those) for month, those in several.items()}
    excused = _excused(min(months), _after(max(months)), bool(districts))
    return {
        month: tuple(
            replace(one, excused=excused.get((month, *_place(one)), 0)) for one in found.get(month, ())
        )
        if excused
        else found.get(month, ())
        for month in months
    }


def count_months(today: dt.date, count: int) -> int:
    """Count those of the last `count` months whose count is too old, and say how many they were.

    The month that runs is counted each time, the one before it every day, an older one every month; and each again when
    the calendar or a limit has changed."""
    law, made, done = edition(), ages("month:"), 0
    for back, month in enumerate(reversed(months_until(today, count))):
        at, by = made.get(_name(month), (None, ""))
        if at is not None and by == law and timezone.now() - at < OLD[min(back, len(OLD) - 1)]:
            continue
        several = _counted(book(), month, _after(month), today).get(month, ())
        places: dict[int, list[Any]] = defaultdict(list)
        for one in several:
            if one.district is not None:
                places[one.district].append(_packed(one))
        with transaction.atomic():
            forget(f"{_name(month)}:")
            keep(_name(month), [_packed(one) for one in _together(several)], law)
            for place, rows in places.items():
                keep(_name(month, place), rows, law)
        done += 1
    return done


def counted_at() -> dt.datetime:
    """The moment up to which the months are counted."""
    made = {} if few() else ages("month:")
    return max((at for at, _ in made.values()), default=timezone.now())


def _name(month: dt.date, district: int | None = None) -> str:
    """The count of a month: of the city with its districts added up, or of one district."""
    return f"month:{month}" if district is None else f"month:{month}:{district}"


def _after(month: dt.date) -> dt.date:
    return month_of(month.year * 12 + month.month)


def _packed(one: Tally) -> list[Any]:
    return [
        one.department, one.district, one.register, one.clock, one.ended, one.late, list(one.days.items())
    ]  # fmt: skip


def _unpacked(row: Sequence[Any]) -> Tally:
    department, district, register, clock, ended, late, days = row
    return Tally(department, district, register, clock, ended, late, 0, dict(days))


def _place(one: Tally) -> Place:
    return (one.department, one.district, one.register, one.clock)


def _together(found: Iterable[Tally]) -> tuple[Tally, ...]:
    """The same tallies with the districts of a place added up."""
    places: dict[Place, list[Tally]] = defaultdict(list)
    for one in found:
        places[one.department, one.register, one.clock].append(one)
    return tuple(
        Tally(department, None, register, clock, sum(one.ended for one in several), sum(one.late for one in several), 0,
              sum((Counter(one.days) for one in several), Counter()))
        for (department, register, clock), several in places.items()
    )  # fmt: skip


def _counted(known: Book, first: dt.date, after: dt.date, today: dt.date) -> dict[dt.date, tuple[Tally, ...]]:
    """Run by run: the facts of runs that have ended differ too much to be piled by place, so readings are remembered."""
    ended, late = Counter[Place](), Counter[Place]()
    days: dict[Place, Counter[int]] = defaultdict(Counter)
    readings: dict[tuple[Any, ...], tuple[int, int]] = {}
    runs = ClockRun.objects.filter(ended_on__gte=first, ended_on__lt=after).order_by()
    for row in runs.values_list(*FACTS, "ended_on", *PLACES).iterator(10_000):
        facts, place = row[: len(FACTS) + 1], row[len(FACTS) + 1 :]
        if facts not in readings:
            readings[facts] = _late_and_used(known, facts, max(today, facts[-1]))
        is_late, used = readings[facts]
        where = (facts[-1].replace(day=1), *place)
        ended[where] += 1
        late[where] += is_late
        days[where][used] += 1
    found: dict[dt.date, list[Tally]] = defaultdict(list)
    for where, count in ended.items():
        month, department, district, register, clock = where
        found[month].append(Tally(department, district, register, clock, count, late[where], 0, days[where]))
    return {month: tuple(several) for month, several in found.items()}


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


def _excused(first: dt.date, after: dt.date, by_district: bool) -> Counter[Place]:
    """By month and place how many late runs an appeal found not to be the unit's own."""
    columns = ("run", "run__ended_on", *(f"run__{name}" for name in PLACES))
    # appeals are few: the database must not begin with the runs of a year
    upheld = LampAppeal.objects.filter(state="upheld").order_by().values_list(*columns).distinct()
    return Counter(
        (ended_on.replace(day=1), department, district if by_district else None, *kind)
        for _, ended_on, department, district, *kind in upheld
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
