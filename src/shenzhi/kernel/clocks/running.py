"""Runs the clocks of a procedure as its moves are made, and reads them: which lamp, due on which day, on which ground."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from shenzhi.calc.calendar.clocks import Limit, Reading, Run, limit_on, pack, read, unpack
from shenzhi.calc.calendar.days import Calendar, from_rows
from shenzhi.kernel import bulk
from shenzhi.kernel.clocks.models import CalendarNotice, ClockRun, LegalLimit, SpecialDay
from shenzhi.kernel.procedures.declaration import Clock
from shenzhi.kernel.registers.declaration import value_at
from shenzhi.kernel.registers.record import Record

LAW = (SpecialDay, CalendarNotice, LegalLimit)
"""The registers that the law of the day is read from."""


@dataclass(frozen=True)
class Book:
    """The law of the day, as rows: the working calendar and every limit, read together so that they agree."""

    calendar: Calendar
    limits: tuple[Limit, ...]

    def limit(self, rule: str, day: dt.date) -> Limit:
        """The limit in force for what is received on the day; LimitError says which rule lacks one."""
        return limit_on(self.limits, rule, day)

    def read(self, run: ClockRun, today: dt.date) -> Reading:
        """The lamp of a run and its due day."""
        return self.read_facts(run.rule, facts(run), today)

    def read_facts(self, rule: str, run: Run, today: dt.date) -> Reading:
        return read(run, self.limit(rule, run.started_on), self.calendar, today)


def facts(run: ClockRun) -> Run:
    """What is kept of a run, as the calculation takes it."""
    return Run(run.started_on, unpack(run.pauses), run.extended_days, run.ended_on)


def book() -> Book:
    """The rows as they stand; read again only when one of them has changed. One question: whoever reads several clocks
    asks once and reads them all by the same book."""
    return _book(stamps(*LAW))


def edition() -> str:
    """A text that changes with every change of the calendar or of a limit."""
    return " ".join(f"{table}:{rows}:{last}" for table, rows, last in stamps(*LAW))


def stamps(*models: type[Record]) -> tuple[tuple[Any, ...], ...]:
    """How many rows there are of each register, and when the last of them was changed: equal while nothing in them changes.

    For what is read in every request and hardly ever changed; written by hand, since putting the question together would
    take longer than the answer."""
    tables = [model._meta.db_table for model in models]
    asked = " UNION ALL ".join(f"SELECT '{one}', COUNT(*), MAX(changed_at) FROM {one}" for one in tables)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return tuple(sorted(cursor.fetchall()))


@lru_cache(maxsize=4)
def _book(stamps: tuple[tuple[Any, ...], ...]) -> Book:
    last = CalendarNotice.objects.aggregate(last=Max("known_until"))["last"]
    days = SpecialDay.objects.values_list("day", "kind")
    limits = tuple(
        Limit(
            row.rule, row.days, row.unit, row.warn_days, row.extension_days, row.extensions, row.citation,
            row.citation_en or row.citation, row.valid_from, row.valid_to,
        )
        for row in LegalLimit.objects.all()
    )  # fmt: skip
    return Book(from_rows(days, known_until=last or dt.date(2000, 1, 1)), limits)


def runs_of(register: str, records: Iterable[int]) -> list[ClockRun]:
    """Every run of the clocks of these records, oldest first."""
    return list(
        ClockRun.objects.filter(register=register, record__in=list(records)).order_by("started_on", "id")
    )


def advance(case: Any, clocks: Sequence[Clock], act: str, moment: dt.datetime) -> None:
    """Let the clocks of a case do what an act makes them do: start, pause, resume, be extended, end."""
    if not clocks:
        return
    day = timezone.localtime(moment).date()
    code = case.register.code
    waiting = {
        run.clock: run for run in ClockRun.objects.filter(register=code, record=case.pk, ended_on=None)
    }
    for clock in clocks:
        run = waiting.get(clock.code)
        if run is not None and _stepped(run, clock, act, day):
            run.save()
        if _starts(clock, act, case) and (run is None or run.ended_on is not None):
            ClockRun.objects.create(
                register=code,
                record=case.pk,
                clock=clock.code,
                rule=rule_of(clock, case),
                started_on=day,
                **_holder(case),
            )
    # whoever holds the case now holds its clocks, and they know where it stands
    holder = _holder(case)
    if any(
        run.ended_on is None and any(getattr(run, name) != one for name, one in holder.items())
        for run in waiting.values()
    ):
        ClockRun.objects.filter(register=code, record=case.pk, ended_on=None).update(**holder)


def start_many(cases: Sequence[Any], clocks: Sequence[Clock], act: str, moment: dt.datetime) -> None:
    """Start the clocks of many new cases with the act by which they begin; a new case has none that runs."""
    day = connection.ops.adapt_datefield_value(timezone.localtime(moment).date())
    # a list: a rule may be read from the database, which listens to nothing else while rows are copied into it
    rows = [
        (
            case.register.code,
            case.pk,
            clock.code,
            rule_of(clock, case),
            *_holder(case).values(),
            day,
            "",
            0,
            "",
        )
        for case in cases
        for clock in clocks
        if _starts(clock, act, case)
    ]
    bulk.insert(ClockRun._meta.db_table, _STARTED, rows)


_STARTED = (
    "register", "record", "clock", "rule", "department_id", "district_id", "handler_id", "state",
    "started_on", "pauses", "extended_days", "ended_by",
)  # fmt: skip
"""The columns of a run that has just started, in the order in which `start_many` gives them."""


def rule_of(clock: Clock, case: Any) -> str:
    """The rule by which a clock of this case runs: its own, such as that of its category, or the clock's."""
    return (value_at(case, clock.rule_at) if clock.rule_at else "") or clock.rule


def _starts(clock: Clock, act: str, case: Any) -> bool:
    return act in clock.starts and (not clock.when or bool(getattr(case, clock.when)))


def _holder(case: Any) -> dict[str, Any]:
    return {
        "department_id": case.department_id,
        "district_id": case.district_id,
        "handler_id": case.handler_id,
        "state": case.state,
    }


def _stepped(run: ClockRun, clock: Clock, act: str, day: dt.date) -> bool:
    """Change the facts of a run by an act; False where the act means nothing to it."""
    known = facts(run)
    pauses, changed = known.pauses, True
    running = not pauses or pauses[-1][1] is not None
    if act in clock.ends:
        run.ended_on, run.ended_by = day, act
        if not running:
            pauses = (*pauses[:-1], (pauses[-1][0], day))
    elif act in clock.pauses and running:
        pauses = (*pauses, (day, None))
    elif act in clock.resumes and not running:
        pauses = (*pauses[:-1], (pauses[-1][0], day))
    elif act in clock.extends:
        run.extended_days += book().limit(run.rule, run.started_on).extension_days
    else:
        changed = False
    run.pauses = pack(Run(known.started_on, pauses, run.extended_days, run.ended_on))
    return changed
