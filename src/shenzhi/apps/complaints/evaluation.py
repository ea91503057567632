"""How well each department handles the letters of the public: in time, with which outcome, to whose satisfaction (article 90).

What is counted stays apart: a case that was closed is not thereby put right, who was satisfied is asked of the writer,
and what came back or was reopened has a number of its own. Nothing is stored: the figures are read from the runs of the
clocks and the cases, so that a correction of the calendar or of a limit corrects them too.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from shenzhi.apps.complaints.late import Question, due_days, with_due
from shenzhi.apps.complaints.letters import Letter
from shenzhi.apps.complaints.models import Complaint, Problem, Report
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.parties.models import Department, District
from shenzhi.kernel.procedures.declaration import FILE
from shenzhi.kernel.registers.catalogue import register_of

DECIDES: Mapping[type[Letter], tuple[str, ...]] = {
    Complaint: ("settle", "end", "refuse", "transfer"),
    Report: ("open", "drop", "transfer"),
    Problem: ("mend", "explain", "refuse", "transfer"),
}
"""The acts by which the office decides; each of them ends one clock. A letter that was withdrawn was decided by nobody."""

WITHDRAWN = "withdraw"


@dataclass(frozen=True)
class Kept:
    """How often a clock ended, and how often it had not run out by then."""

    ended: int
    in_time: int

    @property
    def share(self) -> float | None:
        """0 to 1; None where no clock ended, which is neither good nor bad."""
        return self.in_time / self.ended if self.ended else None


@dataclass(frozen=True)
class Evaluation:
    """What became of the letters on which a department decided in a period; a letter decided twice counts by the last."""

    department: str
    """The code of the department that held the case when it was decided; "" for nobody."""
    district: str
    """The code of the district; "" where all districts are taken together, or the letter has none."""
    decided: Kept
    """The decisions, and those before their clock had run out. A case that was taken up again is decided again."""
    clocks: Mapping[str, Kept]
    """Each step by itself: acceptance, mediation, telling both sides and so on, as far as it ended in the period."""
    outcomes: Mapping[str, int]
    """The letters by their outcome; one that was taken up again has none until it is decided anew."""
    letters: int
    reopened: int
    rated: int
    satisfaction: float | None
    """The mean of those who judged it, 1 to 5; None where nobody did."""
    put_right: Mapping[str, int]
    """What the writers say: `fixed`, `not_fixed`, `came_back`."""
    median_days: float | None
    """Working days from the letter to the decision, half of the letters took no longer; None where there are none."""

    @property
    def reopened_share(self) -> float | None:
        return self.reopened / self.letters if self.letters else None

    @property
    def recurrence(self) -> float | None:
        """The share of what was put right and came back, among what the writers say was put right at all."""
        back, lasting = self.put_right.get("came_back", 0), self.put_right.get("fixed", 0)
        return back / (back + lasting) if back + lasting else None


@dataclass
class _Place:
    """What is counted of one department while the runs pass by: numbers alone, however many letters there are."""

    decided: Counter[bool] = field(default_factory=Counter)
    clocks: Counter[tuple[str, bool]] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    judged: Counter[int] = field(default_factory=Counter)
    put_right: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    letters: int = 0
    reopened: int = 0


def period(text: str) -> tuple[dt.date, dt.date]:
    """The first day of a year or month written as 2026 or 2026-03, and the first day after it; ValueError for any other text.

    >>> period("2026-12")
    (datetime.date(2026, 12, 1), datetime.date(2027, 1, 1))
    """
    year, dash, month = text.partition("-")
    if not dash:
        return dt.date(int(year), 1, 1), dt.date(int(year) + 1, 1, 1)
    first = dt.date(int(year), int(month), 1)
    return first, dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)


def evaluate(
    model: type[Letter], first: dt.date, after: dt.date, *, by_district: bool = False
) -> tuple[Evaluation, ...]:
    """The evaluation of every department for what it decided from `first` until before `after`, by the codes of the places."""
    places: dict[tuple[int | None, int | None], _Place] = {}

    def place(department: int | None, district: int | None) -> _Place:
        return places.setdefault((department, district if by_district else None), _Place())

    runs = ClockRun.objects.filter(register=register_of(model).code, ended_on__gte=first, ended_on__lt=after)
    with due_days(runs, after):  # of a clock that has ended every later day tells the same
        for department, district, clock, by, late, times in _ended(runs):
            there = place(department, district)
            there.clocks[clock, not late] += times
            if by in DECIDES[model]:
                there.decided[not late] += times
    last = _decided_last(model, runs)
    for department, district, *became, times in _letters(model, last):
        _count(place(department, district), became, times)
    calendar = book().calendar
    for department, district, received_on, decided_on, times in _days(model, last):
        days = calendar.working_days_between(_day(received_on), _day(decided_on))
        place(department, district).days[days] += times
    departments, districts = _codes(Department), _codes(District)
    return tuple(
        sorted(
            (
                _evaluation(departments.get(department, ""), districts.get(district, ""), one)
                for (department, district), one in places.items()
            ),
            key=lambda one: (one.department, one.district),
        )
    )


def _asked(question: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return list(cursor.fetchall())


def _ended(runs: QuerySet[ClockRun]) -> list[tuple[Any, ...]]:
    """Of whom, which clock was ended by which act, whether late, how often; within `due_days`."""
    asked, values = with_due(runs, "department_id", "district_id", "clock", "ended_by", "ended_on")
    told = "department_id, district_id, clock, ended_by, ended_on > due_on"
    return _asked(f"SELECT {told}, COUNT(*) FROM ({asked}) AS read GROUP BY 1, 2, 3, 4, 5", values)


def _decided_last(model: type[Letter], runs: QuerySet[ClockRun]) -> Question:
    """Of each letter the run of the clock that was ended by the last decision on it, or by its withdrawal."""
    acts = (*DECIDES[model], WITHDRAWN)
    later = ClockRun.objects.filter(
        register=OuterRef("register"), record=OuterRef("record"), ended_by__in=acts, id__gt=OuterRef("id")
    )
    last = runs.filter(ended_by__in=acts).exclude(Exists(later)).order_by()
    names = ("record", "department_id", "district_id", "ended_on", "ended_by")
    asked, values = last.values(*names).query.sql_with_params()
    return asked, list(values)


def _letters(model: type[Letter], last: Question) -> list[tuple[Any, ...]]:
    """Of whom, with which outcome, reopened, how judged, whether put right, how many letters."""
    asked, values = last
    told = "run.department_id, run.district_id, letter.outcome, letter.reopened, letter.satisfaction, letter.fixed"
    table = model._meta.db_table
    return _asked(
        f"SELECT {told}, COUNT(*) FROM ({asked}) AS run JOIN {table} AS letter ON letter.id = run.record GROUP BY 1, 2, 3, 4, 5, 6",
        values,
    )


def _days(model: type[Letter], last: Question) -> list[tuple[Any, ...]]:
    """Of whom, received on which day (that on which the first clock of a letter starts), decided on which day, how many."""
    asked, values = last
    begun = next(clock.code for clock in model.Register.procedure.clocks if FILE in clock.starts)
    return _asked(
        f"SELECT run.department_id, run.district_id, begun.started_on, run.ended_on, COUNT(*) FROM ({asked}) AS run "
        "JOIN kernel_clockrun AS begun ON begun.register = %s AND begun.record = run.record AND begun.clock = %s "
        "WHERE run.ended_by <> %s GROUP BY 1, 2, 3, 4",
        [*values, register_of(model).code, begun, WITHDRAWN],
    )


def _day(told: dt.date | str) -> dt.date:
    """A day as SQLite tells it, or PostgreSQL."""
    return dt.date.fromisoformat(told) if isinstance(told, str) else told


def _count(there: _Place, became: Sequence[Any], times: int) -> None:
    outcome, reopened, satisfaction, fixed = became
    there.letters += times
    there.reopened += times if reopened else 0
    if outcome:
        there.outcomes[outcome] += times
    if satisfaction:
        there.judged[int(satisfaction)] += times
    if fixed:
        there.put_right[fixed] += times


def _codes(model: type[Department] | type[District]) -> dict[int | None, str]:
    return dict(model._base_manager.values_list("pk", "code"))


def _evaluation(department: str, district: str, one: _Place) -> Evaluation:
    rated = one.judged.total()
    return Evaluation(
        department,
        district,
        Kept(one.decided.total(), one.decided[True]),
        {
            clock: Kept(one.clocks[clock, True] + one.clocks[clock, False], one.clocks[clock, True])
            for clock in sorted({clock for clock, _ in one.clocks})
        },
        dict(sorted(one.outcomes.items())),
        one.letters,
        one.reopened,
        rated,
        sum(step * count for step, count in one.judged.items()) / rated if rated else None,
        dict(sorted(one.put_right.items())),
        median(one.days),
    )


def median(counts: Mapping[int, int]) -> float | None:
    """The middle of values of which it is known how often each occurs, the mean of both where two are in the middle.

    >>> median({1: 1, 2: 1, 9: 2}), median({4: 3, 90: 1})
    (5.5, 4.0)
    """
    total = sum(counts.values())
    if not total:
        return None
    ordered = sorted(counts.items())
    return (_at(ordered, (total - 1) // 2) + _at(ordered, total // 2)) / 2


def _at(ordered: Sequence[tuple[int, int]], place: int) -> int:
    """The value at a place, counted from 0, of a list of which the values and their counts are given."""
    for value, count in ordered:
        if place < count:
            return value
        place -= count
    raise IndexError(place)
