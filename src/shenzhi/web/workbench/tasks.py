"""A person's tasks by clock: the open cases that this reader can move on, the worst clock first (article 71).

Read from the runs of the clocks alone: equal runs are one pile with one reading, so that a desk costs the same whether
ten cases or ten million lie in the registers. Only the rows of the page shown are looked up one by one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone

from shenzhi.calc.calendar.clocks import Reading
from shenzhi.calc.codes import numbered
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import Book, book
from shenzhi.kernel.registers.catalogue import register_coded, register_named
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.supervision.lamps import CITY, FACTS, Pile, of_piles, piles, read_run, running, urgency
from shenzhi.kernel.supervision.reach import can_move, mixed, tasks
from shenzhi.kernel.supervision.waiting import waiting
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import joined, title_of
from shenzhi.web.workbench.shown import NOBODY, OPEN_LAMPS, Sign, clock_title, left, place_words, sign

SIZE = 50
WHOSE = ("mine", "unassigned")
BY = ("register", "clock", "state")
PLACED = (*BY, "department", "district")
"""Places are told apart only where it matters: or a city of ten districts would be ten times as many piles."""


@dataclass(frozen=True)
class Asked:
    """What a desk is asked: "" asks nothing. `every` adds what waits for somebody else."""

    register: str = ""
    lamp: str = ""
    whose: str = ""
    every: bool = False

    @property
    def query(self) -> str:
        """The same question in an address."""
        said = {
            "register": self.register,
            "lamp": self.lamp,
            "whose": self.whose,
            "every": "1" if self.every else "",
        }
        return urlencode({name: value for name, value in said.items() if value})


def asked(given: Mapping[str, str]) -> Asked:
    """The question of an address; a word that means nothing is left out."""
    register = given.get("register", "")
    lamp, whose = given.get("lamp", ""), given.get("whose", "")
    return Asked(
        register if register_named(register) is not None else "",
        lamp if lamp in OPEN_LAMPS else "",
        whose if whose in WHOSE else "",
        given.get("every") == "1",
    )


@dataclass(frozen=True)
class Task:
    """One open case with its worst clock, as a row of the desk. `at` is its place in the list."""

    at: int
    run: ClockRun
    register: Register
    number: str
    sign: Sign
    clock: Words
    due_on: str
    provisional: bool
    left: Words
    holder: Words | str
    department: Words | None
    record: Any = None
    what: str = ""
    state: Words | None = None

    @property
    def pick(self) -> str:
        """What a box that selects the row sends: the case, in the version that the person saw."""
        return f"{self.register.slug}/{self.number}/{self.record.version if self.record else 0}"


@dataclass(frozen=True)
class Desk:
    """One page of tasks, and how many clocks there are by register and by lamp within the question."""

    tasks: list[Task]
    total: int
    registers: list[tuple[Register, int]]
    lamps: list[tuple[Sign, int]]


def desk(
    reader: Reader,
    question: Asked,
    today: dt.date,
    *,
    skip: int = 0,
    size: int = SIZE,
    runs: QuerySet[ClockRun] | None = None,
    piled: list[Pile] | None = None,
) -> Desk:
    """The tasks from place `skip` on. Counts and rows never go beyond what the reader carries out, or beyond `runs`.

    `piled`: the same runs, piled by CITY already."""
    runs = _runs(reader, question) if runs is None else runs
    known = book()
    by = CITY if piled is not None else PLACED if mixed(reader) and not question.every else BY
    found = piles(known, runs, today, by) if piled is None else piled
    if not question.every:
        may = can_move(reader)
        found = [pile for pile in found if may(pile.values)]
    by_register, by_lamp = Counter[str](), Counter[str]()
    wanted = register_named(question.register)
    chosen = []
    for pile in found:
        in_register = wanted is None or pile.values["register"] == wanted.code
        in_lamp = not question.lamp or pile.lamp == question.lamp
        by_register[pile.values["register"]] += pile.count if in_lamp else 0
        by_lamp[pile.lamp] += pile.count if in_register else 0
        if in_register and in_lamp:
            chosen.append(pile)
    chosen.sort(key=_order)
    window, start = _window(chosen, skip, size)
    shown = of_piles(runs.select_related("handler", "department"), by, window, skip - start, size)
    return Desk(
        _tasks(reader, known, shown, chosen, skip),
        sum(pile.count for pile in chosen),
        sorted(
            ((one, count) for code, count in by_register.items() if count and (one := register_coded(code))),
            key=lambda pair: pair[0].code,
        ),
        [(sign(lamp), by_lamp[lamp]) for lamp in OPEN_LAMPS if by_lamp[lamp]],
    )


def _runs(reader: Reader, question: Asked) -> QuerySet[ClockRun]:
    runs = running().filter(tasks(reader))
    if question.whose == "mine":
        return runs.filter(handler=reader.account)
    if question.whose == "unassigned":
        return runs.filter(handler=None)
    return runs


def _order(pile: Pile) -> tuple[Any, ...]:
    values = pile.values
    facts = (values["rule"], values["pauses"], values["extended_days"])
    kind = (values[name] for name in BY)
    place = (values.get(name) or 0 for name in ("department", "district"))
    return (*pile.urgency, values["started_on"], *facts, *kind, *place)


def _window(chosen: Sequence[Pile], skip: int, size: int) -> tuple[list[Pile], int]:
    """The piles in which the places from `skip` to `skip + size` lie, and the place at which the first of them begins."""
    window: list[Pile] = []
    begin = first = 0
    for pile in chosen:
        end = begin + pile.count
        if end > skip and begin < skip + size:
            if not window:
                first = begin
            window.append(pile)
        begin = end
    return window, first


def _tasks(
    reader: Reader,
    known: Book,
    shown: list[ClockRun],
    chosen: Sequence[Pile],
    skip: int,
) -> list[Task]:
    """The rows of the page. A case with several clocks stands once in the list, where its worst clock stands."""
    readings = {tuple(pile.values[name] for name in (*FACTS, *BY)): pile.reading for pile in chosen}
    worst = _worst(shown, readings)
    keys: dict[str, list[int]] = {}
    for run in shown:
        keys.setdefault(run.register, []).append(run.record)
    records = {code: _records(code, several, reader) for code, several in keys.items()}
    rows = []
    for place, run in enumerate(shown, skip):
        register, record = register_coded(run.register), records[run.register].get(run.record)
        if register is None or record is None or worst[run.register, run.record] != run.pk:
            continue
        reading = readings.get(_facts(run))
        try:
            unit = known.limit(run.rule, run.started_on).unit
        except BilingualError:
            unit = "working"
        standing = register.procedure.state.get(record.state) if register.procedure is not None else None
        rows.append(
            Task(
                place,
                run,
                register,
                numbered.number(register.prefix, run.record),
                sign(str(reading.lamp) if reading is not None else "unread"),
                clock_title(run.register, run.clock),
                str(reading.due_on) if reading is not None else "",
                reading.provisional if reading is not None else False,
                left(reading, unit),
                str(run.handler) if run.handler else NOBODY,
                place_words(run.department) if run.department else None,
                record,
                title_of(record),
                standing.title if standing is not None and "state" in record.sight.fields else None,
            )
        )
    return rows


def _facts(run: ClockRun) -> tuple[Any, ...]:
    kind = (run.register, run.clock, run.state)
    return (run.rule, run.started_on, run.pauses, run.extended_days, *kind)


def _worst(
    shown: list[ClockRun], readings: Mapping[tuple[Any, ...], Reading | None]
) -> dict[tuple[str, int], int]:
    """For each case on the page the run by which it stands in the list."""
    either = Q(pk__in=())
    for code in {run.register for run in shown}:
        either |= Q(register=code, record__in=[run.record for run in shown if run.register == code])
    best: dict[tuple[str, int], tuple[Any, ...]] = {}
    for run in running().filter(either):  # whoever reaches one clock of a case reaches all
        facts = _facts(run)
        if facts in readings:
            said = (run.rule, run.pauses, run.extended_days, run.register, run.clock, run.state)
            order = (*urgency(readings[facts]), run.started_on, *said, run.pk)
            case = (run.register, run.record)
            best[case] = min(best.get(case, order), order)
    return {case: order[-1] for case, order in best.items()}


def _records(code: str, keys: Sequence[int], reader: Reader) -> dict[int, Record]:
    register = register_coded(code)
    if register is None:
        return {}
    model: type[Record] = register.model
    paths = [path for path in (register.label, f"{register.label}_en") if path in register.fields]
    records = model.objects.visible_to(reader).filter(pk__in=keys).select_related(*joined(model, paths))
    return {one.pk: one for one in records}


MOST_WAITING = 200


@dataclass(frozen=True)
class Waiting:
    """One open case that waits for the reader without a clock of the own desk; `sign` where another's clock runs on it."""

    register: Register
    number: str
    record: Any
    what: str
    state: Words | None
    since: str
    sign: Sign | None
    due_on: str


def without_clock(
    reader: Reader, question: Asked, today: dt.date, told: Sequence[Task] = ()
) -> list[Waiting]:
    """What stands on the desk after the cases with clocks, what waits longest first; without those `told` already."""
    if question.lamp or question.whose == "unassigned":
        return []
    wanted = register_named(question.register)
    seen = {(task.register.code, task.run.record) for task in told}
    keys: dict[str, list[int]] = {}
    for code, key in waiting(reader, MOST_WAITING):
        if (wanted is None or wanted.code == code) and (code, key) not in seen:
            keys.setdefault(code, []).append(key)
    clocks = _first_due(keys, today)
    rows = []
    for code, several in keys.items():
        for record in _records(code, several, reader).values():
            if question.whose == "mine" and getattr(record, "handler_id", None) != reader.account:
                continue
            register, reading = record.register, clocks.get((code, record.pk))
            standing = register.procedure.state.get(record.state) if register.procedure is not None else None
            rows.append(
                Waiting(
                    register,
                    record.number,
                    record,
                    title_of(record),
                    standing.title if standing is not None and "state" in record.sight.fields else None,
                    str(timezone.localtime(record.changed_at).date()),
                    sign(reading.lamp) if reading is not None else None,
                    str(reading.due_on) if reading is not None else "",
                )
            )
    return sorted(rows, key=lambda row: (row.record.changed_at, row.number))


def _first_due(keys: Mapping[str, Sequence[int]], today: dt.date) -> dict[tuple[str, int], Reading]:
    """The most urgent reading of each of these cases on which a clock runs."""
    best: dict[tuple[str, int], Reading] = {}
    if not keys:
        return best
    either = Q(pk__in=())
    for code, several in keys.items():
        either |= Q(register=code, record__in=several)
    known = book()
    for run in running().filter(either):
        reading, case = read_run(known, run, today), (run.register, run.record)
        if reading is not None and (case not in best or urgency(reading) < urgency(best[case])):
            best[case] = reading
    return best
