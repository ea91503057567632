"""Asks whoever wrote, some weeks after the end of the case, whether it is put right: once for each end, and nobody twice (article 90).

How many weeks is a dated row in the register of legal limits, the one in force on the day on which the case ended. That
somebody was asked is a move of the case, with its notice in the same transaction: one is never without the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Max, Q
from django.utils import timezone

from shenzhi.apps.complaints.letters import Letter
from shenzhi.apps.complaints.models import Complaint, Problem
from shenzhi.apps.complaints.procedures import FOLLOW_UP
from shenzhi.calc.calendar.clocks import Run
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.notices.outbox import mails
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.writing import Refused
from shenzhi.kernel.supervision.counts import counted, keep

RULE = "complaints.follow_up"
ENDS: Mapping[type[Letter], tuple[str, ...]] = {
    Complaint: ("tell", "uphold"),
    Problem: ("confirm", "explain"),
}
"""The acts with which a case ends so that it can be asked of; nobody is asked about what was refused or sent elsewhere."""

FORGOTTEN = dt.timedelta(days=180)
"""Nobody is asked about what ended longer ago, such as by an office that starts with old cases."""

ASKED_UNTIL = "complaints.asked"
AT_ONCE = 500


def ask_all(moment: dt.datetime) -> int:
    """Ask about every case whose time has come, and say how many were asked. LimitError where the register has no limit.

    What cannot be asked now, since somebody else is at the case, is tried again the next time."""
    today, law = timezone.localtime(moment).date(), book()
    first, asked, waits = _looked_until(today), 0, today
    for model, acts in ENDS.items():
        due = {}
        for record, ended_on in _ended(register_of(model).code, acts, first):
            if law.read_facts(RULE, Run(ended_on), today).due_on <= today:
                due[record] = ended_on
            else:
                waits = min(waits, ended_on)
        keys = sorted(due)
        for several in (keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE)):
            for case in _to_ask(model, several):
                try:
                    fire(case, FOLLOW_UP.code, by=PLATFORM, at=moment)
                except Refused:
                    waits = min(waits, due[case.pk])
                else:
                    asked += 1
    keep(ASKED_UNTIL, str(waits))
    return asked


def _looked_until(today: dt.date) -> dt.date:
    """The first day on which a case can have ended that was not asked about yet."""
    kept = counted([ASKED_UNTIL])
    earliest = today - FORGOTTEN
    return max(earliest, dt.date.fromisoformat(kept[ASKED_UNTIL].found)) if kept else earliest


def _ended(register: str, acts: Sequence[str], first: dt.date) -> Iterable[tuple[int, dt.date]]:
    """Each case that ended since a day, with the day of its last end."""
    begin = dt.datetime.combine(first, dt.time(), timezone.get_default_timezone()).astimezone(dt.UTC)
    events = Event.objects.filter(register=register, act__in=acts, at__gte=f"{begin:%Y-%m-%dT%H:%M:%S}")
    for record, at in (
        events.order_by().values_list("record").annotate(last=Max("at")).values_list("record", "last")
    ):
        yield record, timezone.localtime(dt.datetime.fromisoformat(at)).date()


def _to_ask(model: type[Letter], several: Sequence[int]) -> list[Any]:
    """Those of the cases that stand ended, whose writer has said nothing yet, can be reached, and was not asked since."""
    reached = ~Q(reporter=None) | (~Q(email="") if mails() else Q(pk__in=()))
    cases = model._base_manager.filter(reached, pk__in=several, state="closed", fixed="")
    last = models.Case(models.When(act=FOLLOW_UP.code, then="version"), default=0)
    events = Event.objects.filter(register=register_of(model).code, record__in=several).order_by()
    asked = dict(events.values_list("record").annotate(asked=Max(last)).values_list("record", "asked"))
    ended = dict(
        events.filter(act__in=ENDS[model])
        .values_list("record")
        .annotate(ended=Max("version"))
        .values_list("record", "ended")
    )
    return [case for case in cases.order_by("id") if asked.get(case.pk, 0) < ended.get(case.pk, 0)]
