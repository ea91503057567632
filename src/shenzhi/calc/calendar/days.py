"""Working days and calendar days: when a period of so many days ends (Civil Code 200-203, Administrative Penalty Law 85).

Periods run by the calendar. The day on which something happens is not counted, counting begins on the day after (Civil
Code 201). A period in calendar days that would end on a day off ends on the next working day (203); a period in working
days counts working days only, so it cannot end on another. Which unit a limit has is said by the law that sets it: in
the Administrative Penalty Law "2, 3, 5 and 7 days" are working days (85) and all other days are calendar days.

The holidays of a year, and the weekend days worked in their place (调休), are known only once the State Council has
published its notice. Days after the last notice follow the plain weekend rule, and what ends on them is provisional.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Literal, get_args

from shenzhi.calc.errors import BilingualError

Kind = Literal["holiday", "working", "closure"]
"""What a row of the holiday table says of a day: off by the notice, worked by the notice (调休), closed by the city."""


class CalendarError(BilingualError):
    """A holiday table contradicts itself, or a number of days cannot be counted."""


@dataclass(frozen=True)
class Calendar:
    """The days on which offices work: Monday to Friday, but for the days named here.

    `off`: holidays by the State Council's notice; weekend days among them change nothing. `on`: weekend days worked in
    their place. `closed`: days on which the city closed its offices, such as a typhoon's; they win over `on`.
    `known_until`: the last day that a published notice covers; without one every day is provisional.

    Working days are counted once, when the first question comes; from then on any question takes about a microsecond,
    whatever the number of days. Outside the years of the table the weekend rule is arithmetic.

    >>> dragon_boat = Calendar(off=frozenset([date(2026, 6, 19)]), known_until=date(2026, 12, 31))
    >>> dragon_boat.working_days_after(date(2026, 6, 17), 2).isoformat()  # Thursday 18, Monday 22
    '2026-06-22'
    """

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()
    closed: frozenset[date] = frozenset()
    known_until: date = date.min

    def __post_init__(self) -> None:
        if both := self.off & self.on:
            day = min(both).isoformat()
            raise CalendarError(
                f"节假日表把 {day} 既列为放假又列为上班：请按放假通知保留一项",
                f"the holiday table has {day} both off and worked: keep the one that the notice says",
            )

    @cached_property
    def _unusual(self) -> frozenset[date]:
        """The days on which the weekend rule is wrong."""
        worked = self.on - self.closed
        rest = self.off | self.closed
        return frozenset(
            {day for day in worked if day.weekday() >= 5} | {day for day in rest if day.weekday() < 5}
        )

    @cached_property
    def _counted(self) -> tuple[int, list[int], int]:
        """The day before the first unusual one; the working days from day 1 of all calendars up to and including that
        day, the next, and so on to the last unusual one; and by how many days the weekend rule is wrong from there on."""
        unusual = {day.toordinal() for day in self._unusual}
        first, last = min(unusual, default=1) - 1, max(unusual, default=0)
        worked = ((_plain(day) > _plain(day - 1)) != (day in unusual) for day in range(first + 1, last + 1))
        counts = list(accumulate(worked, initial=_plain(first)))
        return first, counts, counts[-1] - _plain(last)

    def _worked_until(self, ordinal: int) -> int:
        """How many working days there are from day 1 of all calendars up to and including the day."""
        first, counts, shift = self._counted
        if ordinal < first:
            return _plain(ordinal)
        return counts[ordinal - first] if ordinal - first < len(counts) else _plain(ordinal) + shift

    def _nth_worked(self, n: int) -> date:
        """The n-th working day from day 1 of all calendars; the inverse of `_worked_until`."""
        first, counts, shift = self._counted
        if counts[0] < n <= counts[-1]:
            return date.fromordinal(first + bisect_left(counts, n))
        weeks, rest = divmod((n if n <= counts[0] else n - shift) - 1, 5)
        return date.fromordinal(weeks * 7 + rest + 1)

    def is_working(self, day: date) -> bool:
        """Whether offices work on the day."""
        return (day.weekday() < 5) != (day in self._unusual)

    def is_provisional(self, day: date) -> bool:
        """Whether no published notice covers the day yet, so that it may turn out a holiday, or worked."""
        return day > self.known_until

    def next_working(self, day: date) -> date:
        """The day itself if it is worked, else the first working day after it (Civil Code 203)."""
        return day if self.is_working(day) else self._nth_worked(self._worked_until(day.toordinal()) + 1)

    def working_days_after(self, start: date, n: int) -> date:
        """The last day of a period of `n` working days that begins with what happened on `start`, which is not counted.

        When something happens on a day off, the first working day after it is day 1. A period of 0 days ends on the
        day itself, or on the next working day if it is off: a deadline is never on a day off.
        """
        if n <= 0:
            _refuse_negative(n)
            return self.next_working(start)
        return self._nth_worked(self._worked_until(start.toordinal()) + n)

    def calendar_days_after(self, start: date, n: int) -> date:
        """The last day of a period of `n` calendar days; `start` is not counted, a last day off rolls forward."""
        _refuse_negative(n)
        return self.next_working(start + timedelta(n))

    def working_days_between(self, a: date, b: date) -> int:
        """How many working days follow `a` up to and including `b`; negative when `b` is the earlier day."""
        return self._worked_until(b.toordinal()) - self._worked_until(a.toordinal())


def months_after(start: date, n: int) -> date:
    """The last day of a period of `n` months: the same day of the month, or its last day if there is none (Civil Code 202).

    It does not roll forward, because not every period of months is a deadline (a penalty stays published three months,
    day off or not); for one that is, ask the calendar for the `next_working` day.

    >>> months_after(date(2026, 1, 31), 1).isoformat(), months_after(date(2024, 2, 29), 36).isoformat()
    ('2026-02-28', '2027-02-28')
    """
    _refuse_negative(n)
    year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    year_after, month_after = divmod(year * 12 + month + 1, 12)
    last = date(year_after, month_after + 1, 1) - timedelta(1)
    return last.replace(day=min(start.day, last.day))


def from_rows(rows: Iterable[tuple[date, str]], *, known_until: date) -> Calendar:
    """The calendar of a holiday table, one row for a day and what it is; a day may be both a holiday and a closure.

    CalendarError for a kind that is not one of `Kind`, and for a day both off and worked.
    """
    days: dict[str, set[date]] = {kind: set() for kind in get_args(Kind)}
    for day, kind in rows:
        if kind not in days:
            raise CalendarError(
                f"节假日表 {day.isoformat()} 的类型“{kind}”无法识别：应为 holiday（放假）、working（上班）或 closure（停工）",
                f"the holiday table calls {day.isoformat()} {kind!r}: write holiday, working or closure",
            )
        days[kind].add(day)
    return Calendar(
        frozenset(days["holiday"]), frozenset(days["working"]), frozenset(days["closure"]), known_until
    )


def _plain(ordinal: int) -> int:
    """Weekdays from day 1 of the calendar, a Monday, up to and including the day."""
    return ordinal - (ordinal + 1) // 7 - ordinal // 7  # without Saturdays and Sundays


def _refuse_negative(n: int) -> None:
    if n < 0:
        raise CalendarError(
            f"期限不能为负：{n} 日。请填写 0 或更大的天数",
            f"a period cannot have {n} days: give 0 or more",
        )
