"""Proves that nothing was rewritten: chains, heads, guards, and every record against its own history (articles 69, 71).

The work is cut into parts that know nothing of each other, so that several processes can share it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import django
from django.db import connections

from shenzhi.kernel.guards import wanted
from shenzhi.kernel.history import heads
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.history.guards import not_standing
from shenzhi.kernel.history.verify import Fault, Stretch, chain_faults, head_faults, lane_faults, stretches
from shenzhi.kernel.registers.agreement import Span, agreement_faults, spans
from shenzhi.kernel.words import Progress, Words

WORTH_SHARING = 100_000
"""From so many events on several processes are quicker than one, with the second that each takes to start."""


@dataclass(frozen=True)
class Verdict:
    """What a verification found; sound when there is no fault."""

    events: int
    records: int
    faults: tuple[Fault, ...]


def verify(
    *,
    quick: bool = False,
    known: Iterable[Mapping[str, Any]] = (),
    processes: int | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Check all of history, and unless `quick` every record against it; `known` are heads kept elsewhere.

    Within an open transaction use one process: others would not see what it wrote."""
    tell = progress or (lambda *_: None)
    tasks: list[Stretch | Span] = [*stretches(), *([] if quick else spans())]
    events = Event.objects.count()
    found: list[Fault] = []
    shared = _shared(tasks, processes or (_cores() if events > WORTH_SHARING else 1))
    for done, faults in enumerate(shared, start=1):
        found += faults
        tell(Words("核对", "checking"), done, len(tasks))
    found += lane_faults()
    found += head_faults(known)
    found += [
        Fault("head", Words("文件与数据库不符", "the file differs from the database"), register=f"head {day}")
        for day in heads.altered_files()
    ]
    found += [
        Fault(
            "guard",
            Words(f"触发器 {guard.name} 缺失或者被改动", f"trigger {guard.name} is missing or altered"),
            register=guard.table,
        )
        for guard in not_standing(wanted())
    ]
    records = sum(task.last - task.first + 1 for task in tasks if isinstance(task, Span))
    return Verdict(events, records, tuple(sorted(found, key=_order)))


def _order(fault: Fault) -> tuple[Any, ...]:
    """Chains first, in their order; then records, guards and heads."""
    at = (fault.lane, fault.seq) if fault.lane is not None else (99, 0)
    return (fault.lane is None, *at, fault.register, fault.record or 0)


def _check(task: Stretch | Span) -> list[Fault]:
    return chain_faults(task) if isinstance(task, Stretch) else agreement_faults(task)


def _shared(tasks: list[Stretch | Span], processes: int) -> Iterator[list[Fault]]:
    if processes == 1:
        yield from map(_check, tasks)
        return
    connections.close_all()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        waiting = [pool.submit(_check, task) for task in tasks]
        for one in as_completed(waiting):
            yield one.result()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
