"""What is said about a lamp beside its facts: the cause of a delay as the unit states it, and its appeal (article 71)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from shenzhi.calc.calendar.clocks import Lamp
from shenzhi.calc.codes import numbered
from shenzhi.calc.codes.typed import CodeError
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.access.roles import HANDLERS
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.history.events import now
from shenzhi.kernel.labels import label
from shenzhi.kernel.registers.catalogue import registers, serial
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.supervision.procedures import APPEAL, CAUSES

CAUSE_CHOICES = tuple((code, label(words.zh, words.en)) for code, words in CAUSES.items())


class DelayCause(Record):
    """Why a clock ran late, in the words of the unit that held the case."""

    number_of_case = models.CharField(
        label("办件编号", "Number of the case"),
        max_length=24,
        help_text=label("亮灯办件的编号。", "The number of the case whose lamp it is."),
    )
    clock = models.CharField(label("期限代码", "Code of the clock"), max_length=40)
    cause = models.CharField(label("延误原因", "Cause of delay"), max_length=12, choices=CAUSE_CHOICES)
    text = models.TextField(label("说明", "Explanation"), max_length=2000)
    run = models.ForeignKey(
        ClockRun, models.PROTECT, editable=False, related_name="causes", verbose_name=label("时钟", "Clock")
    )
    department = models.ForeignKey(
        "kernel.Department", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+",
        verbose_name=label("承办部门", "Department"),
    )  # fmt: skip
    district = models.ForeignKey(
        "kernel.District", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+",
        verbose_name=label("区", "District"),
    )  # fmt: skip

    class Meta:
        verbose_name = label("延误原因", "Cause of a delay")

    class Register:
        slug = "delay-causes"
        article = "71"
        title = ("延误原因", "Causes of delay")
        note = (
            "承办单位对黄灯、红灯办件说明的延误原因，不对公众开放。",
            "What units say of the delay of their cases; not open to the public.",
        )
        prefix = "DC"
        shared = ("number_of_case", "clock", "cause", "text", "department", "district")
        columns = ("number_of_case", "clock", "cause", "department", "made_at")
        filters = ("cause", "department")
        label = "number_of_case"
        form = ("number_of_case", "clock", "cause", "text")
        fixed = ("number_of_case", "clock")
        public = {"pk__in": ()}
        adds = HANDLERS
        changes = HANDLERS

    def clean(self) -> None:
        if self._state.adding:
            _hang_on(self)


class LampAppeal(Case):
    """The claim of a unit that a delay was not its own. Which run it is about is read off number and clock."""

    number_of_case = models.CharField(
        label("办件编号", "Number of the case"),
        max_length=24,
        help_text=label("亮灯办件的编号。", "The number of the case whose lamp it is."),
    )
    clock = models.CharField(label("期限代码", "Code of the clock"), max_length=40)
    cause = models.CharField(
        label("主张的原因", "Cause as claimed"), max_length=12, choices=CAUSE_CHOICES[1:]
    )
    ground = models.TextField(label("申诉理由", "Ground"), max_length=4000)
    run = models.ForeignKey(
        ClockRun, models.PROTECT, editable=False, related_name="appeals", verbose_name=label("时钟", "Clock")
    )

    class Meta:
        verbose_name = label("亮灯申诉", "Appeal against a lamp")

    class Register:
        slug = "lamp-appeals"
        article = "71"
        title = ("亮灯申诉", "Appeals against lamps")
        note = (
            "承办单位对黄灯、红灯提出的申诉及裁定；成立的不计为本单位的责任，办件事实不变。",
            "Appeals of units against yellow and red lamps, and how they were decided; the facts of the case stay.",
        )
        prefix = "LA"
        shared = ("number_of_case", "clock", "cause", "ground", "department", "district", "handler")
        columns = ("number_of_case", "clock", "cause", "department", "state")
        filters = ("state", "cause")
        label = "number_of_case"
        form = ("number_of_case", "clock", "cause", "ground")
        fixed = ("number_of_case", "clock", "cause", "ground")
        adds = HANDLERS
        changes = ("head",)
        procedure = APPEAL

    def clean(self) -> None:
        if self._state.adding:
            _hang_on(self)


def run_meant(number: str, clock: str) -> ClockRun | None:
    """The latest run of the clock on the case with this number, None where there is none."""
    try:
        prefix = numbered.parse(number).prefix
    except CodeError:
        return None
    register = next((one for one in registers() if one.prefix == prefix), None)
    key = serial(register, number) if register is not None else None
    if register is None or key is None:
        return None
    return ClockRun.objects.filter(register=register.code, record=key, clock=clock).order_by("-id").first()


def _hang_on(said: Any) -> None:
    """Hang what is said on the run that it names, in the department and district that hold it.

    The same words for a case that does not exist and for one whose clock shows neither yellow nor red."""
    run = run_meant(said.number_of_case, said.clock)
    if run is None or not _late_or_near(run):
        raise ValidationError(
            {
                "number_of_case": label(
                    "这一编号没有亮黄灯或者红灯的这一期限：请核对编号和期限代码。",
                    "no clock of this name shows yellow or red on a case of this number: check both.",
                )
            }
        )
    said.run, said.department_id, said.district_id = run, run.department_id, run.district_id


def _late_or_near(run: ClockRun) -> bool:
    try:
        reading = book().read(run, timezone.localtime(now()).date())
    except BilingualError:
        return False
    return reading.lamp in (Lamp.YELLOW, Lamp.RED) or bool(reading.late_days)
