"""By which day each of many clocks was due, as a table that the database joins (articles 71 and 90).

Which day a clock is due no database can tell: the working calendar, the limits and the pauses of a test decide it. But of
millions of runs few thousand facts differ. Each is read once by the law's own arithmetic and put into a table that is the
connection's own, is gone afterwards, and keeps nobody from writing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from shenzhi.calc.calendar.clocks import Lamp, Run, unpack
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel import bulk
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import Book, book

FACTS = ("rule", "started_on", "pauses", "extended_days")
"""What the due day of a clock depends on."""

NEVER = dt.date.max

Question = tuple[str, list[Any]]
"""A text of SQL with the values that stand in it."""


@contextmanager
def due_days(runs: QuerySet[ClockRun], today: dt.date) -> Iterator[None]:
    """Within it the table `due_days` holds the due day of these runs, by their facts."""
    law, day = book(), connection.ops.adapt_datefield_value
    rows = [
        (rule, day(started_on), pauses, longer, day(_due_on(law, (rule, started_on, pauses, longer), today)))
        for rule, started_on, pauses, longer in runs.order_by().values_list(*FACTS).distinct()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE due_days (rule varchar(60), started_on date, pauses text, extended_days integer, "
            "due_on date, PRIMARY KEY (rule, started_on, pauses, extended_days))"
        )
        try:
            bulk.insert("due_days", (*FACTS, "due_on"), rows)
            if connection.vendor == "postgresql":
                cursor.execute("ANALYZE due_days")
            yield
        finally:
            cursor.execute("DROP TABLE due_days")


def with_due(runs: QuerySet[ClockRun], *columns: str) -> Question:
    """These runs with the columns named and `due_on`, within `due_days`."""
    asked, values = runs.order_by().values(*dict.fromkeys((*columns, *FACTS))).query.sql_with_params()
    told = ", ".join(f"run.{name}" for name in columns)
    same = " AND ".join(f"due_days.{name} = run.{name}" for name in FACTS)
    # the runs first, then the due day of each: the other way round SQLite would read all runs for each of the facts
    return (
        f"SELECT {told}, due_days.due_on FROM ({asked}) AS run CROSS JOIN due_days WHERE {same}",
        list(values),
    )


def late_letters(runs: QuerySet[ClockRun], today: dt.date) -> RawSQL:
    """The keys of the letters of which one of these clocks ran out before it ended, or has run out and still runs; within `due_days`."""
    asked, values = with_due(runs, "record", "ended_on")
    day = connection.ops.adapt_datefield_value(today)
    still = "CAST(%s AS date)" if connection.vendor == "postgresql" else "%s"
    late = f"SELECT record FROM ({asked}) AS read WHERE COALESCE(ended_on, {still}) > due_on"
    return RawSQL(late, [*values, day])  # noqa: S611 - put together from our own words; what varies are its values


def _due_on(law: Book, facts: tuple[Any, ...], today: dt.date) -> dt.date:
    """The last day of a clock; NEVER where it is paused, or no limit was in force and there is nothing to be late for."""
    rule, started_on, pauses, extended_days = facts
    try:
        reading = law.read_facts(rule, Run(started_on, unpack(pauses), extended_days), today)
    except BilingualError:
        return NEVER
    return NEVER if reading.lamp == Lamp.PAUSED else reading.due_on
