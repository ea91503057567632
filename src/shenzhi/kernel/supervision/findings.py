"""Reads the latest part of the history for the detectors, in the order in which it was entered (article 71)."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from django.db.models import Q
from django.utils import timezone

from shenzhi.calc.calendar.clocks import Reading
from shenzhi.kernel.access.roles import ANSWERS, Reader
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.history.events import Event, Lane
from shenzhi.kernel.registers.catalogue import register_coded, registers
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.sight import held_by
from shenzhi.kernel.supervision import detectors
from shenzhi.kernel.supervision.counts import counted, few, keep
from shenzhi.kernel.supervision.detectors import Finding, Place, Step
from shenzhi.kernel.supervision.lamps import read_run

LATEST = 40_000
"""How many events are looked at, by the order of entry and not by the moment they claim: or one that claims last year
would be out of sight."""

ALLOWED = dt.timedelta(days=1)
BATCH, MINUTES = 5, dt.timedelta(minutes=30)
REOPENED = dt.timedelta(days=30)
ALIKE, SIGNS = 3, 20
SEEN = "findings"


def findings(today: dt.date) -> tuple[dt.datetime, list[Finding]]:
    """Everything that the detectors see in the latest events, the newest first, and when they looked; the runner lets
    them look every ten minutes."""
    kept = counted([SEEN]).get(SEEN) if not few() else None
    if kept is None:
        return timezone.now(), detected(latest_steps(today))
    return kept.at, [_unpacked(one) for one in kept.found]


def look(today: dt.date) -> int:
    """Let the detectors look for the pages, and say how much they saw."""
    found = detected(latest_steps(today))
    keep(SEEN, [{**asdict(one), "at": one.at.isoformat()} for one in found])
    return len(found)


def _unpacked(one: Mapping[str, Any]) -> Finding:
    cases = tuple((str(code), int(key)) for code, key in one["cases"])
    moment = dt.datetime.fromisoformat(one["at"])
    return Finding(
        one["kind"], cases, moment, one["amount"], one["text"], departments=tuple(one["departments"])
    )


def answered_for(found: Iterable[Finding], reader: Reader) -> list[Finding]:
    """The findings as a head is told of them: those with cases of the own department, and of their cases only these."""
    found = list(found)
    by_register: dict[str, set[int]] = defaultdict(set)
    for one in found:
        for code, key in one.cases:
            by_register[code].add(key)
    own: set[Place] = set()
    for code, keys in by_register.items():
        register = register_coded(code)
        only = held_by(register, reader, ANSWERS) if register is not None else None
        if register is None or only is None:
            continue
        asked = sorted(keys)
        for start in range(0, len(asked), 900):
            near = register.model._default_manager.filter(only, pk__in=asked[start : start + 900])
            own |= {(code, key) for key in near.order_by().values_list("pk", flat=True)}
    return [
        replace(one, cases=cases)
        for one in found
        if (cases := tuple(case for case in one.cases if case in own))
    ]


def detected(steps: list[Step]) -> list[Finding]:
    found = [
        *detectors.back_dated(steps, allowed=ALLOWED),
        *detectors.batch_closed(steps, least=BATCH, within=MINUTES),
        *detectors.reopened(steps, within=REOPENED),
        *detectors.sent_back_and_forth(steps),
        *detectors.same_text(steps, least=ALIKE, length=SIGNS),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def latest_steps(today: dt.date, count: int = LATEST) -> list[Step]:
    """The last `count` events of cases as steps, lane by lane."""
    lanes = list(Lane.objects.all())
    if not lanes:
        return []
    window = Q(pk__in=())
    for lane in lanes:
        window |= Q(lane=lane.number, seq__gt=lane.seq - count // len(lanes))
    known = {one.code: one for one in registers() if one.procedure is not None}
    rows = (
        Event.objects.filter(window, register__in=known)
        .order_by("lane", "seq")
        .values_list("lane", "seq", "at", "register", "record", "version", "act", "state", "actor", "body")
    )
    rows = list(rows)
    due = _due_days({(row[3], row[4]) for row in rows if _ends(known[row[3]], row[6])}, today)
    return [_step(row, known[row[3]], due) for row in rows]


def _step(row: Any, register: Register, due: Mapping[tuple[str, int, str, dt.date], dt.date]) -> Step:
    lane, seq, at, code, record, version, act, state, actor, body = row
    moment = dt.datetime.fromisoformat(at)
    procedure = register.procedure
    standing = procedure.state.get(state) if procedure is not None else None
    # parsing JSON is what costs here, so only the bodies that can hold something are parsed
    told = json.loads(body) if '"said":' in body or '"department"' in body or '"after":' in body else {}
    after = told.get("after", {})
    return Step(
        (code, record), version, act, actor, moment, lane, seq,
        closed=standing is not None and standing.final,
        department=after.get("department"),
        due_on=due.get((code, record, act, timezone.localtime(moment).date())),
        texts=_texts(register, act, told) if version > 1 else (),
    )  # fmt: skip


def _texts(register: Register, act: str, told: Mapping[str, Any]) -> tuple[str, ...]:
    """What was written freely: answers without choices, and long fields; sealed values are no texts."""
    move = register.procedure.move.get(act) if register.procedure is not None else None
    free = {ask.code for ask in move.asks if not ask.choices} if move is not None else set()
    said = [value for code, value in told.get("said", {}).items() if code in free]
    long = [
        value for name, value in told.get("after", {}).items()
        if name in register.fields and register.fields[name].kind == "long"
    ]  # fmt: skip
    return tuple(value for value in (*said, *long) if isinstance(value, str))


def _ends(register: Register, act: str) -> bool:
    return register.procedure is not None and any(act in clock.ends for clock in register.procedure.clocks)


def _due_days(cases: set[tuple[str, int]], today: dt.date) -> dict[tuple[str, int, str, dt.date], dt.date]:
    """By case, act and day the due day of the clock that was ended then; the earliest where one act ended several."""
    by_register: dict[str, list[int]] = defaultdict(list)
    for code, record in cases:
        by_register[code].append(record)
    known = book()
    found: dict[tuple[str, int, str, dt.date], dt.date] = {}
    readings: dict[tuple[Any, ...], Reading | None] = {}
    for code, records in by_register.items():
        for start in range(0, len(records), 900):  # SQLite takes about a thousand values in one question
            runs = ClockRun.objects.filter(
                register=code, record__in=records[start : start + 900], ended_on__isnull=False
            )
            for run in runs:
                facts = (run.rule, run.started_on, run.pauses, run.extended_days, run.ended_on)
                if facts not in readings:
                    readings[facts] = read_run(known, run, today)
                if (reading := readings[facts]) is not None and run.ended_on is not None:
                    key = (code, run.record, run.ended_by, run.ended_on)
                    found[key] = min(found.get(key, reading.due_on), reading.due_on)
    return found
