"""The law's way of counting days, written a second time: one day after the other, with nothing of the kernel's arithmetic.

The law: the day on which something happens is not counted; working days are Monday to Friday but for the rows of the
calendar; the days of a test are not counted; a limit in calendar days that ends on a day off ends on the next day worked;
the row in force on the day on which the clock starts says how long it runs.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

ONE = dt.timedelta(days=1)


@dataclass
class Row:
    """A limit as it is stored."""

    rule: str
    days: int
    working: bool
    warn: int
    since: dt.date
    until: dt.date | None
    confirmed: bool = True


@dataclass
class Law:
    """The rows of the calendar and of the limits, as they stand in the database."""

    kinds: dict[dt.date, str]
    known_until: dt.date
    rows: list[Row]

    def worked(self, day: dt.date) -> bool:
        kind = self.kinds.get(day)
        if kind is None:
            return day.weekday() < 5
        return kind == "working"

    def row(self, rule: str, day: dt.date) -> Row:
        (found,) = (
            one
            for one in self.rows
            if one.rule == rule and one.since <= day and (one.until is None or day <= one.until)
        )
        return found


def stored() -> Law:
    """The law as the office has entered it; of a day with a holiday and a closure there is one row, by the table's own rule."""
    from shenzhi.kernel.clocks.models import CalendarNotice, LegalLimit, SpecialDay

    return Law(
        {one.day: one.kind for one in SpecialDay.objects.all()},
        max(one.known_until for one in CalendarNotice.objects.all()),
        [
            Row(
                one.rule,
                one.days,
                one.unit == "working",
                one.warn_days,
                one.valid_from,
                one.valid_to,
                one.confirmed,
            )
            for one in LegalLimit.objects.all()
        ],
    )


@dataclass
class Wait:
    """A clock of a letter as somebody beside the office would note it on paper."""

    clock: str
    rule: str
    since: dt.date
    pauses: list[list[dt.date | None]] = field(default_factory=list)
    longer: int = 0
    ended: dt.date | None = None
    by: str = ""

    def paused(self, day: dt.date, now: dt.date) -> bool:
        """Whether the day is one of a test, as far as was known on `now`: from the day it began to the day before its result."""
        return any(
            begin is not None
            and begin <= day
            and begin <= now
            and (until is None or until > now or day < until)
            for begin, until in self.pauses
        )


class Lamp(NamedTuple):
    lamp: str
    due: dt.date
    left: int
    used: int
    late: int
    provisional: bool


def lamp(wait: Wait, law: Law, today: dt.date) -> Lamp:
    """What a clerk reads off a calendar with a pencil."""
    row = law.row(wait.rule, wait.since)
    done = wait.ended is not None and wait.ended <= today
    now = wait.ended if done and wait.ended is not None else today
    resting = wait.paused(now, now)

    def counts(day: dt.date) -> bool:
        return law.worked(day) if row.working else True

    def days(after: dt.date, until: dt.date, *, without_pauses: bool) -> int:
        found, day = 0, after + ONE
        while day <= until:
            found += counts(day) and not (without_pauses and wait.paused(day, now))
            day += ONE
        return found

    def back(day: dt.date) -> bool:
        """Whether the day is lost to a test, if one that lasts had ended today."""
        return wait.paused(day, now) and (day < now or not resting)

    # by which day the allowed days are used up, were a test that still lasts over today
    allowed, due = row.days + wait.longer, wait.since
    while allowed:
        due += ONE
        allowed -= counts(due) and not back(due)
    while not law.worked(due) or back(due):
        due += ONE
    used = days(wait.since, now, without_pauses=True)
    late = max(1, days(due, now, without_pauses=True)) if now > due else 0
    if late:
        left = 0
    elif resting:
        left = max(0, row.days + wait.longer - used)
    else:
        left = days(now, due, without_pauses=False)
    if done:
        word = "done"
    elif late:
        word = "red"
    elif resting:
        word = "paused"
    else:
        word = "yellow" if left <= row.warn else "green"
    return Lamp(word, due, left, used, late, due > law.known_until)


NOTICE_OF_2026 = {
    "holiday": (
        "01-01 01-03",
        "02-15 02-23",
        "04-04 04-06",
        "05-01 05-05",
        "06-19 06-21",
        "09-25 09-27",
        "10-01 10-07",
    ),
    "working": ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}
"""The notice of the State Council on the holidays of 2026: from which day to which, and the weekend days worked instead."""


def enter_2026() -> None:
    """Enter these days: the office of the tests has the notice of the year, and none of its days."""
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.clocks.models import SpecialDay
    from shenzhi.kernel.registers.writing import create

    for kind, several in NOTICE_OF_2026.items():
        for stretch in several:
            first, _, last = stretch.partition(" ")
            day, end = (dt.date.fromisoformat(f"2026-{one}") for one in (first, last or first))
            while day <= end:
                create(SpecialDay(day=day, kind=kind, name=kind), by=PLATFORM)
                day += ONE
