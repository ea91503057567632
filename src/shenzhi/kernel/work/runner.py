"""Does the chores when they are due: one simple loop, safe to run twice, in which no chore stops another.

A chore is held with a lease while it is done. Two runners therefore never do the same one at once, and a runner that is
killed leaves its chore to the next after the lease.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone

from shenzhi.kernel.work.chores import CHORES, Chore
from shenzhi.kernel.work.models import ChoreRun

LEASE = dt.timedelta(minutes=15)
"""Longer than any chore takes."""

AGAIN = dt.timedelta(minutes=10)
"""After a failure a chore is tried again so soon, or after its usual time where that is shorter."""

LOOK = 5.0
"""Seconds between two looks at what is due."""

log = logging.getLogger(__name__)


def work_off(chores: Sequence[Chore] = CHORES, *, stopping: Callable[[], bool] = lambda: False) -> list[str]:
    """Do every chore that is due and that nobody else is at; the codes of those done well, in their order."""
    done = []
    for chore in chores:
        if stopping():
            break
        try:
            if take(chore) and _do(chore):
                done.append(chore.code)
        except Exception:  # the database itself may be away for a while: the next look comes soon
            log.exception("chore %s", chore.code)
    return done


def take(chore: Chore) -> bool:
    """Hold the chore if it is due and free."""
    ChoreRun.objects.get_or_create(chore=chore.code)
    now = timezone.now()
    free = ChoreRun.objects.filter(
        Q(held_until=None) | Q(held_until__lte=now), chore=chore.code, due_at__lte=now
    )
    # one statement decides, so that of two runners one finds nothing left to take
    return free.update(held_until=now + LEASE, began_at=now) == 1


def _do(chore: Chore) -> bool:
    """Do a chore that is held, and note how it went."""
    row = ChoreRun.objects.filter(chore=chore.code)
    try:
        result = chore.do()
    except Exception as error:  # a fault of one chore is that chore's own: it is noted, and the others go on
        log.exception("chore %s", chore.code)
        now = timezone.now()
        said = f"{type(error).__name__}: {error}"[:500]
        row.update(held_until=None, due_at=now + min(chore.every, AGAIN), failed_at=now, error=said)
        return False
    now = timezone.now()
    row.update(held_until=None, due_at=now + chore.every, ended_at=now, result=result[:200], error="")
    return True


def run(stop: threading.Event, *, gone: Callable[[], bool] = lambda: False) -> None:
    """Work until told to stop, or until `gone` says that there is nobody left to work for."""
    while not stop.is_set() and not gone():
        close_old_connections()
        work_off(stopping=lambda: stop.is_set() or gone())
        # a second at a time, so that a server that stops is not outlived for long
        for _ in range(int(LOOK)):
            if stop.wait(1.0) or gone():
                break


@dataclass(frozen=True)
class Standing:
    """A chore with what is known of it; `run` is None for one that was never due yet."""

    chore: Chore
    run: ChoreRun | None


def standings() -> list[Standing]:
    """Every chore with its last run, for those who look after the platform."""
    runs = ChoreRun.objects.in_bulk()
    return [Standing(chore, runs.get(chore.code)) for chore in CHORES]
