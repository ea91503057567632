"""Where a case stands, in words: its state, what can come next and who does it, and by which day (article 71)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from shenzhi.calc.calendar.clocks import Lamp, Reading
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.access.roles import ROLES, Reader
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.firing import moves_for
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import Book, book, runs_of
from shenzhi.kernel.procedures.declaration import Move, Procedure
from shenzhi.kernel.registers.writing import Refused
from shenzhi.kernel.words import Words

LAMPS: dict[str, tuple[str, Words]] = {
    Lamp.GREEN: ("●", Words("正常", "in time")),
    Lamp.YELLOW: ("▲", Words("将到期", "due soon")),
    Lamp.RED: ("■", Words("超期", "overdue")),
    Lamp.PAUSED: ("‖", Words("中止", "paused")),
    Lamp.DONE: ("✓", Words("办结", "done")),
}
"""A lamp is a shape and a word; its colour only repeats them."""

PLATFORM = Words("平台", "the platform")


@dataclass(frozen=True)
class Lit:
    """A clock as a page shows it; `fault` says why it cannot be read."""

    title: Words
    lamp: str
    shape: str
    word: Words
    due_on: str
    provisional: bool
    told: Words
    citation: Words
    started_on: str
    fault: Words | None = None


@dataclass(frozen=True)
class Next:
    """A move that can follow, and who makes it."""

    move: Move
    by: Words


@dataclass(frozen=True)
class Standing:
    """All that a page says of where a case stands."""

    title: Words
    final: bool
    next: list[Next]
    clocks: list[Lit]
    moves: list[tuple[Move, Refused | None]]
    others: list[tuple[Move, Words]]

    @property
    def due(self) -> Lit | None:
        """The running clock that comes first; one that is paused has no day yet."""
        running = [one for one in self.clocks if one.lamp in (Lamp.GREEN, Lamp.YELLOW, Lamp.RED)]
        return min(running, key=lambda one: one.due_on, default=None)


def standing(case: Case, reader: Reader, *, inside: bool) -> Standing:
    """Where the case stands for this reader; who is not `inside` sees no clock that has ended."""
    today = timezone.localdate()
    procedure, onward = case.procedure, case.procedure.moves_from(case.state)
    mine = moves_for(case, reader)
    codes = {move.code for move, _ in mine}
    runs = [run for run in runs_of(case.register.code, [case.pk]) if inside or run.ended_on is None]
    known = book()
    return Standing(
        case.standing.title,
        case.standing.final,
        # what leaves the case where it is is told only to whoever may do it
        [Next(move, by_words(move)) for move in onward if move.to or move.code in codes],
        [_lit(procedure, known, run, today) for run in runs],
        mine,
        [(move, by_words(move)) for move in onward if move.code not in codes],
    )


def by_words(move: Move) -> Words:
    """Who may make a move."""
    words = [ROLES.get(role, PLATFORM) for role in move.by]
    return Words("、".join(one.zh for one in words), " or ".join(one.en.lower() for one in words))


def _lit(procedure: Procedure, known: Book, run: ClockRun, today: dt.date) -> Lit:
    title = next(
        (one.title for one in procedure.clocks if one.code == run.clock), Words(run.clock, run.clock)
    )
    try:
        limit = known.limit(run.rule, run.started_on)
        reading = known.read(run, today)
    except BilingualError as error:
        fault = Words(error.zh, error.en)
        return Lit(
            title, "", "", Words("", ""), "", False, Words("", ""), Words("", ""), str(run.started_on), fault
        )
    shape, word = LAMPS[reading.lamp]
    return Lit(
        title,
        reading.lamp.value,
        shape,
        word,
        str(reading.due_on),
        reading.provisional,
        told(reading, limit.unit),
        Words(limit.citation, limit.citation_en),
        str(run.started_on),
    )


def told(reading: Reading, unit: str) -> Words:
    """How much time is left or over, in words."""
    zh, en = ("个工作日", "working day") if unit == "working" else ("日", "day")

    def many(count: int) -> str:
        return f"{count} {en}{'' if count == 1 else 's'}"

    if reading.late_days:
        return Words(f"超期 {reading.late_days} {zh}", f"{many(reading.late_days)} late")
    if reading.lamp == Lamp.DONE:
        return Words(f"用时 {reading.days_used} {zh}", f"took {many(reading.days_used)}")
    if reading.days_left == 0 and reading.lamp != Lamp.PAUSED:
        return Words("今天到期", "due today")
    return Words(f"还剩 {reading.days_left} {zh}", f"{many(reading.days_left)} left")
