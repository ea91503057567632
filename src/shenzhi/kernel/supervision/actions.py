"""What is done about a lamp: the unit says why and appeals, electronic supervision reminds and admonishes (article 71)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import models, transaction

from shenzhi.calc.calendar.clocks import Lamp
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.firing import FOLLOW, file
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.history.events import Event, now
from shenzhi.kernel.procedures.declaration import ACTS, Move
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, Refused, create, held, rewrite
from shenzhi.kernel.supervision.lamps import read_run
from shenzhi.kernel.supervision.models import DelayCause, LampAppeal
from shenzhi.kernel.supervision.reach import may_warn
from shenzhi.kernel.words import Words

LADDER: dict[str, frozenset[str]] = {
    "reminded": frozenset({Lamp.YELLOW, Lamp.RED}),
    "supervised": frozenset({Lamp.YELLOW, Lamp.RED}),
    "rectification": frozenset({Lamp.RED}),
}
"""The steps of supervision, each with the lamps under which it can be taken. The lamp itself turns red by time alone."""

TELLS: dict[str, tuple[str, ...]] = {
    "reminded": ("handler",),
    "supervised": ("handler", "heads"),
    "rectification": ("handler", "heads"),
}
"""Who gets a notice of each step: whoever works on the case, from the second step on also who answers for it."""


@transaction.atomic
def warn(case: Case, step: str, *, by: Reader, clock: str, text: str, today: dt.date) -> Case:
    """Take a step of the ladder on a case: an act in its history, which changes nothing of the case itself, and a notice.

    NotAllowed for anybody but a supervisor; Invalid without words; Refused where the clock shows no such lamp."""
    if not may_warn(by):
        raise NotAllowed(
            Words(
                "监察提醒、督办和整改建议由监察员发出。",
                "Reminders, notices and proposals come from a supervisor.",
            )
        )
    if not text.strip():
        raise Invalid({"text": [Words("请写明要求和时限。", "Say what is asked, and by when.")]})
    current = held(case)
    run = open_run(current, clock)
    reading = read_run(book(), run, today) if run is not None else None
    if step not in LADDER or reading is None or reading.lamp not in LADDER[step]:
        raise Refused(
            Words(
                f"{current.number} 的这一期限目前没有亮相应的灯，不能采取这一步。",
                f"This clock of {current.number} shows no lamp now that would call for this step.",
            )
        )
    said = {"clock": clock, "text": text.strip()[:2000], "lamp": str(reading.lamp)}
    moment = now()
    warned = rewrite(current, {}, by=by, act=step, at=moment, told={"said": said})
    for after in FOLLOW:
        after(warned, Move(step, ACTS[step], (), tells=TELLS[step]), by, moment)
    return warned


def state_cause(case: Case, *, by: Reader, clock: str, cause: str, text: str, key: str = "") -> DelayCause:
    """Say why a clock ran late. Invalid and NotAllowed as for any record: only those who hold the case may."""
    said = DelayCause(number_of_case=case.number, clock=clock, cause=cause, text=text)
    return create(said, by=by, act="created", key=key)


def appeal(case: Case, *, by: Reader, clock: str, cause: str, ground: str, key: str = "") -> LampAppeal:
    """Appeal against a yellow or red lamp. Refused while an earlier appeal about the same run is not withdrawn."""
    run = (
        ClockRun.objects.filter(register=case.register.code, record=case.pk, clock=clock)
        .order_by("-id")
        .first()
    )
    if run is not None and LampAppeal.objects.filter(run=run).exclude(state="withdrawn").exists():
        raise Refused(
            Words(
                "对这一期限已提出过申诉：请查看其裁定。",
                "This lamp was appealed against already: look at that appeal.",
            )
        )
    return file(
        LampAppeal(number_of_case=case.number, clock=clock, cause=cause, ground=ground), by=by, key=key
    )


def open_run(case: Case, clock: str) -> ClockRun | None:
    return ClockRun.objects.filter(
        register=case.register.code, record=case.pk, clock=clock, ended_on=None
    ).first()


def steps_taken(register: str, records: Sequence[int]) -> list[Event]:
    """The steps of the ladder on these cases, oldest first."""
    return list(
        Event.objects.filter(register=register, record__in=records, act__in=LADDER).order_by(
            "record", "version"
        )
    )


def causes_of(runs: Sequence[ClockRun]) -> models.QuerySet[DelayCause]:
    """What was said of these runs, the newest first."""
    return DelayCause.objects.filter(run__in=[run.pk for run in runs]).order_by("-id")


def appeals_of(runs: Sequence[ClockRun]) -> models.QuerySet[LampAppeal]:
    """The appeals about these runs, the newest first."""
    return LampAppeal.objects.filter(run__in=[run.pk for run in runs]).order_by("-id")
