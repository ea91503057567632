"""Statutory clocks: by which day a duty is due, and whether its lamp is green, yellow or red (articles 71 and 90).

A deadline is never stored. It is read from the facts of the case (`Run`), the rule in force on the day it was received
(`Limit`), the holiday table and today; the same four always give the same reading, also next year and in court.

How days are counted:

- The day of receipt is not counted (Civil Code 201). On the due day itself one is still in time, until it ends (203).
- A pause takes days of the limit's own unit out of the count, for instance the time that testing or appraisal takes
  (Administrative Licensing Law 45). The day on which it begins is paused, the day on which it ends counts again: from 3
  to 9 March are six days, 3 to 8. A pause has effect from its day on (自…之日起), so the office is not charged with a day
  on which the case has left its hands; and once it is back the old period goes on, no new one begins, so the rule that
  the first day is not counted does not apply a second time. Every day is thus either paused or counted, two pauses may
  meet on one day, and a pause that begins and ends on one day gains nothing.
- An extension adds days at the end, in the limit's own unit.
- A limit in calendar days that would end on a day off, or within a pause, ends on the next working day that counts.
- What is not yet known on a day is not used on that day: a pause that began later, its later end, a later closing. A
  reading for a day of last year is therefore what the lamp showed then. Only extensions carry no date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from shenzhi.calc.calendar.days import Calendar
from shenzhi.calc.errors import BilingualError

Unit = Literal["working", "calendar"]
Pause = tuple[date, date | None]
"""The day it began and the day it ended; None while it lasts."""

_DAY = timedelta(1)


class LimitError(BilingualError):
    """A limit cannot stand, or not exactly one is in force on a day."""


class RunError(BilingualError):
    """The facts of a clock contradict each other or the limit."""


class Lamp(StrEnum):
    """What electronic supervision shows. A clock that has stopped is `DONE`, whether in time or late."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True)
class Limit:
    """How long a duty may take, and the provision that says so; an authority that changes it adds a dated row.

    `warn_days`: the lamp is yellow from so many days of the same unit before the due day, 0 for the due day alone.
    `extension_days`: the most that one extension adds; `extensions`: how often it may be granted.
    """

    rule: str
    days: int
    unit: Unit
    warn_days: int
    extension_days: int = 0
    extensions: int = 0
    citation: str = ""
    citation_en: str = ""
    valid_from: date = date.min
    valid_to: date | None = None
    """The last day on which it is in force; None while no end is known."""

    def __post_init__(self) -> None:
        if self.unit not in ("working", "calendar"):
            raise LimitError(
                f"期限 {self.rule} 的单位“{self.unit}”无法识别：应为 working（工作日）或 calendar（自然日）",
                f"limit {self.rule} counts in {self.unit!r}: write working or calendar",
            )
        if min(self.days, self.warn_days, self.extension_days, self.extensions) < 0:
            raise LimitError(
                f"期限 {self.rule} 含有负数：天数、预警天数、延长天数和延长次数都应为 0 或更大",
                f"limit {self.rule} has a negative number: days, warning, extension and its times must be 0 or more",
            )
        if bool(self.extension_days) != bool(self.extensions):
            raise LimitError(
                f"期限 {self.rule} 的延长写了一半：延长天数与延长次数应同时填写",
                f"limit {self.rule} tells half of its extension: give both its days and how often",
            )
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise LimitError(
                f"期限 {self.rule} 的失效日 {self.valid_to} 早于生效日 {self.valid_from}：请更正其一",
                f"limit {self.rule} ends on {self.valid_to}, before it begins on {self.valid_from}: correct one of them",
            )

    def in_force_on(self, day: date) -> bool:
        """Whether the limit holds for what is received on the day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Run:
    """The facts of one clock on one case. RunError refuses facts that cannot be, and says which."""

    started_on: date
    """The day of receipt, or whatever starts the clock; it is not counted."""
    pauses: tuple[Pause, ...] = ()
    """In order of time, without overlap; only the last may still last."""
    extended_days: int = 0
    """All extensions granted, together, in the unit of the limit."""
    ended_on: date | None = None

    def __post_init__(self) -> None:
        if self.extended_days < 0:
            raise RunError(
                f"延长天数 {self.extended_days} 为负：延长只能增加天数",
                f"extended by {self.extended_days} days: an extension only adds days",
            )
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise RunError(
                f"办结日 {self.ended_on} 早于起算日 {self.started_on}：请更正其一",
                f"ended on {self.ended_on}, before it started on {self.started_on}: correct one of them",
            )
        free: date | None = self.started_on
        for begin, until in self.pauses:
            _refuse_pause(self, begin, until, free)
            free = until


def _refuse_pause(run: Run, begin: date, until: date | None, free: date | None) -> None:
    """RunError for a pause that cannot be; `free` is the first day on which it may begin, None when there is none."""
    named_zh, named_en = f"中止（{begin} 至 {until or '今'}）", f"the pause from {begin} to {until or 'now'}"
    if begin < run.started_on:
        raise RunError(
            f"{named_zh}早于起算日 {run.started_on}：时钟未走，无从中止，请更正日期",
            f"{named_en} begins before the clock started on {run.started_on}: correct one of the dates",
        )
    if until is not None and until < begin:
        raise RunError(
            f"{named_zh}首尾颠倒：恢复日不能早于中止日",
            f"{named_en} runs backwards: it cannot end before it begins",
        )
    if free is None:
        raise RunError(
            f"{named_zh}之前的中止尚未恢复：请先登记恢复日",
            f"before {named_en} another still lasts: enter the day on which that one ended",
        )
    if begin < free:
        raise RunError(
            f"{named_zh}与前一次中止重叠或次序颠倒，前一次到 {free} 才恢复：请按时间先后填写，互不重叠",
            f"{named_en} overlaps the one before it, which ends on {free}: give them in order and apart",
        )
    if run.ended_on is not None and begin > run.ended_on:
        raise RunError(
            f"{named_zh}晚于办结日 {run.ended_on}：办结之后不再中止，请更正日期",
            f"{named_en} begins after the clock ended on {run.ended_on}: correct one of the dates",
        )


class Reading(NamedTuple):
    """What a clock shows on a day. All days are in the unit of the limit and leave out paused ones."""

    lamp: Lamp
    due_on: date
    """While paused: the due day if the clock went on today. A deadline is never on a day off."""
    provisional: bool
    """No published holiday notice reaches the due day yet, so that it may still move."""
    days_left: int
    """After today, or after the day it ended, up to and including the due day; while paused, what is left to use."""
    days_used: int
    late_days: int
    """0 in time; at least 1 after the due day, even when only days off have passed since."""


def limit_on(limits: Iterable[Limit], rule: str, day: date) -> Limit:
    """The limit of `rule` for a clock that starts on `day`; LimitError when there is none, or more than one."""
    found = [limit for limit in limits if limit.rule == rule and limit.in_force_on(day)]
    if not found:
        raise LimitError(
            f"{day} 没有生效的期限“{rule}”：请在期限表中补充当日有效的一行",
            f"no limit {rule} is in force on {day}: add a row that is valid on that day",
        )
    if len(found) > 1:
        since = "、".join(str(limit.valid_from) for limit in found)
        raise LimitError(
            f"{day} 有 {len(found)} 个期限“{rule}”同时生效（生效日 {since}）：请为旧的一行填写失效日",
            f"{len(found)} limits {rule} are in force on {day} (since {since.replace('、', ', ')}): give the old one its last day",
        )
    return found[0]


def read(run: Run, limit: Limit, calendar: Calendar, today: date) -> Reading:
    """What the clock shows on `today`; RunError when more days were added than the limit lets extensions add.

    A clock that ended by `today` is read as of the day it ended. A pause that began only after the due day does not
    put out red.
    """
    if run.extended_days > limit.extension_days * limit.extensions:
        raise RunError(
            f"已延长 {run.extended_days} 日，超出期限 {limit.rule} 允许的 {limit.extensions} 次、每次至多 {limit.extension_days} 日：请更正延长天数",
            f"extended by {run.extended_days} days, but limit {limit.rule} may be extended {limit.extensions} times by {limit.extension_days} at most: correct the days",
        )
    done = run.ended_on is not None and run.ended_on <= today
    on = run.ended_on if run.ended_on is not None and done else today
    between = calendar.working_days_between if limit.unit == "working" else _calendar_days_between
    allowed = limit.days + run.extended_days
    gone: list[tuple[date, date]] = []  # what has been paused by the end of the day
    resumed: list[tuple[date, date]] = []  # the same, if the clock went on that day
    paused = False
    for begin, until in run.pauses:
        if begin > on:
            break
        paused = until is None or until > on
        gone.append((begin, on + _DAY if until is None or until > on else until))
        resumed.append((begin, on if until is None or until > on else until))
    due_on = _due_on(run.started_on, allowed, limit.unit, calendar, resumed)
    used = max(0, between(run.started_on, on) - _within(gone, run.started_on, between))
    late = max(1, between(due_on, on) - _within(gone, due_on, between)) if on > due_on else 0
    left = 0 if late else max(0, allowed - used) if paused else between(on, due_on)
    if done:
        lamp = Lamp.DONE
    elif late:
        lamp = Lamp.RED
    elif paused:
        lamp = Lamp.PAUSED
    else:
        lamp = Lamp.YELLOW if left <= limit.warn_days else Lamp.GREEN
    return Reading(lamp, due_on, calendar.is_provisional(due_on), left, used, late)


def pack(run: Run) -> str:
    """The pauses of a run as one text, so that a table can group equal runs: "2026-01-03/2026-01-09;2026-02-01/"."""
    return ";".join(f"{begin}/{until or ''}" for begin, until in run.pauses)


def unpack(text: str) -> tuple[Pause, ...]:
    """The pauses that `pack` wrote; RunError names the part that cannot be read.

    >>> unpack("2026-02-01/")
    ((datetime.date(2026, 2, 1), None),)
    """
    return tuple(_pause(part) for part in text.split(";")) if text else ()


def _pause(text: str) -> Pause:
    begin, slash, until = text.partition("/")
    try:
        if slash:
            return date.fromisoformat(begin), date.fromisoformat(until) if until else None
    except ValueError:
        pass
    raise RunError(
        f"中止“{text}”无法识别：应写作 2026-01-03/2026-01-09，未恢复的写作 2026-02-01/",
        f"{text!r} is no pause: write 2026-01-03/2026-01-09, or 2026-02-01/ for one that lasts",
    )


def _due_on(
    started_on: date, allowed: int, unit: Unit, calendar: Calendar, pauses: list[tuple[date, date]]
) -> date:
    """The day on which the allowed days are used up, pauses left out, moved on to a working day that is not paused."""
    working = unit == "working"
    between = calendar.working_days_between if working else _calendar_days_between
    after = calendar.working_days_after if working else _calendar_days_after
    day = after(started_on, allowed)
    for pause in pauses:
        if pause[0] > day:
            break
        allowed += _within([pause], started_on, between)
        day = after(started_on, allowed)
    day = calendar.next_working(day)
    for begin, until in pauses:
        if begin <= day < until:
            day = calendar.next_working(until)
    return day


def _within(pauses: list[tuple[date, date]], start: date, between: Callable[[date, date], int]) -> int:
    """How many paused days follow `start`, in the unit that `between` counts."""
    days = 0
    for begin, until in pauses:
        days += max(0, between(max(begin - _DAY, start), until - _DAY))
    return days


def _calendar_days_between(a: date, b: date) -> int:
    return (b - a).days


def _calendar_days_after(start: date, n: int) -> date:
    return start + timedelta(n)
