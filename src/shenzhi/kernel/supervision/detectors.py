"""Patterns in histories that are worth a look: pure functions over what happened, without a verdict (article 71).

Each may have a good reason: a paper file entered later, a day set aside for decisions, a question that really went back
and forth. So a detector names cases and what was seen in them, and nobody's fault.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils import timezone

Place = tuple[str, int]
"""Register and key of a case."""


@dataclass(frozen=True)
class Step:
    """One event of a case as the detectors see it, given in the order in which it was entered.

    `at` is the moment it claims; `lane` and `seq` are its place in the history, which nobody chooses. `due_on`: the due
    day of the clock that it ended. `closed`: the case stood at an end after it. `texts`: what was written with it."""

    case: Place
    version: int
    act: str
    actor: int | None
    at: dt.datetime
    lane: int = 0
    seq: int = 0
    closed: bool = False
    department: int | None = None
    due_on: dt.date | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a detector saw: in which cases, when first, and the numbers that say how much of it."""

    kind: str
    cases: tuple[Place, ...]
    at: dt.datetime
    amount: int = 0
    text: str = ""
    departments: tuple[int, ...] = field(default=())


def back_dated(steps: Iterable[Step], *, allowed: dt.timedelta) -> list[Finding]:
    """Events whose moment lies more than `allowed` before that of an event entered earlier; `amount` is in days.

    Earlier means: of the same case a version before, or anywhere in the same lane of the history."""
    latest_of: dict[object, dt.datetime] = {}
    found = []
    for step in steps:
        known = [latest_of[key] for key in (step.case, step.lane) if key in latest_of]
        latest = max(known, default=step.at)
        if latest - step.at > allowed:
            found.append(Finding("back_dated", (step.case,), step.at, (latest - step.at).days))
        for key in (step.case, step.lane):
            latest_of[key] = max(latest_of.get(key, step.at), step.at)
    return found


def batch_closed(steps: Iterable[Step], *, least: int, within: dt.timedelta) -> list[Finding]:
    """`least` or more cases whose clocks one person ended within the time, each on its due day or after it.

    A batch is as long as its next case follows within the time of its first; `amount` is in whole minutes."""
    by_actor: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        if step.actor is not None and step.due_on is not None and _day(step.at) >= step.due_on:
            by_actor[step.actor].append(step)
    found = []
    for own in by_actor.values():
        own.sort(key=lambda step: step.at)
        first = 0
        while first < len(own):
            batch = [step for step in own[first:] if step.at - own[first].at <= within]
            cases = tuple(dict.fromkeys(step.case for step in batch))
            if len(cases) >= least:
                lasted = (batch[-1].at - batch[0].at) // dt.timedelta(minutes=1)
                found.append(Finding("batch_closed", cases, batch[0].at, lasted))
                first += len(batch)
            else:
                first += 1
    return found


def reopened(steps: Iterable[Step], *, within: dt.timedelta) -> list[Finding]:
    """Cases that stood at an end and were at work again within the time; `amount` is in days."""
    found = []
    for case, own in _by_case(steps):
        for before, after in pairwise(own):
            if before.closed and not after.closed and after.at - before.at <= within:
                found.append(Finding("reopened", (case,), after.at, (after.at - before.at).days))
    return found


def sent_back_and_forth(steps: Iterable[Step], *, least: int = 1) -> list[Finding]:
    """Cases that came back to a department they had left for another, `least` times or more; `amount` says how often."""
    found = []
    for case, own in _by_case(steps):
        held = [step for step in own if step.department is not None]
        moved = [held[0], *(b for a, b in pairwise(held) if a.department != b.department)] if held else []
        returns = [
            c
            for a, b, c in zip(moved, moved[1:], moved[2:], strict=False)
            if a.department == c.department != b.department
        ]
        if len(returns) >= least:
            places = tuple(dict.fromkeys(step.department for step in moved if step.department is not None))
            found.append(Finding("back_and_forth", (case,), returns[0].at, len(returns), departments=places))
    return found


def same_text(steps: Iterable[Step], *, least: int, length: int) -> list[Finding]:
    """One text of at least `length` signs written in `least` or more cases, spaces left out; `amount` is how many."""
    by_text: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        for text in step.texts:
            if len(bare := "".join(text.split())) >= length:
                by_text[bare].append(step)
    found = []
    for text, own in by_text.items():
        cases = tuple(dict.fromkeys(step.case for step in own))
        if len(cases) >= least:
            found.append(Finding("same_text", cases, min(step.at for step in own), len(cases), text[:60]))
    return found


def _by_case(steps: Iterable[Step]) -> list[tuple[Place, Sequence[Step]]]:
    cases: dict[Place, list[Step]] = defaultdict(list)
    for step in steps:
        cases[step.case].append(step)
    return [(case, sorted(own, key=lambda step: step.version)) for case, own in cases.items()]


def _day(moment: dt.datetime) -> dt.date:
    """The day of a moment where the offices are."""
    return timezone.localtime(moment).date()
