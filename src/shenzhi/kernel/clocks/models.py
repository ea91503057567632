"""What the clocks of the law read: days off and worked as rows, limits as dated rows with their citation, and the runs
of each clock on each case, of which only facts are kept: a due day is always worked out, never stored (article 71)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from shenzhi.kernel.labels import label
from shenzhi.kernel.registers.record import Record


class SpecialDay(Record):
    """A day that is not what its weekday says: a holiday, a weekend day that is worked, a closure such as a typhoon day."""

    KINDS = (
        ("holiday", label("放假", "Holiday")),
        ("working", label("调休上班", "Worked instead")),
        ("closure", label("停工停业", "Closure")),
    )
    day = models.DateField(label("日期", "Day"), unique=True)
    kind = models.CharField(label("类别", "Kind"), max_length=10, choices=KINDS)
    name = models.CharField(label("名称", "Name"), max_length=60)
    source = models.CharField(label("依据", "Source"), max_length=200, blank=True)

    class Meta:
        verbose_name = label("工作日历", "Working calendar")

    class Register:
        slug = "special-days"
        article = "71"
        title = ("工作日历", "Working calendar")
        note = (
            "法定节假日、调休上班日和城市停工停业日；期限据此计算。",
            "Public holidays, weekend days worked instead and closures of the city; limits are counted by them.",
        )
        prefix = "DAY"
        open = ("day", "kind", "name", "source")
        filters = ("kind", "day")
        order = ("-day",)
        adds = changes = ("administrator",)


class CalendarNotice(Record):
    """A published holiday notice: up to its last day working days are certain, later ones are provisional."""

    year = models.PositiveSmallIntegerField(label("年份", "Year"), unique=True)
    known_until = models.DateField(label("覆盖至", "Covers until"))
    citation = models.CharField(label("文件", "Notice"), max_length=200, blank=True)

    class Meta:
        verbose_name = label("节假日安排通知", "Holiday notice")

    class Register:
        slug = "holiday-notices"
        article = "71"
        title = ("节假日安排通知", "Holiday notices")
        note = ("通知未覆盖的日期按暂定计算。", "Days that no notice covers are provisional.")
        prefix = "HN"
        open = ("year", "known_until", "citation")
        label = "year"
        order = ("-year",)
        adds = changes = ("administrator",)


class LegalLimit(Record):
    """How long a clock may run, from one day of receipt to another, and where the law says so."""

    UNITS = (("working", label("工作日", "working days")), ("calendar", label("日", "calendar days")))
    rule = models.CharField(label("规则", "Rule"), max_length=60)
    name = models.CharField(label("名称", "Name"), max_length=80)
    name_en = models.CharField(label("英文名称", "Name in English"), max_length=120, blank=True)
    start_event = models.CharField(label("起算", "Starts at"), max_length=80, blank=True)
    start_event_en = models.CharField(
        label("起算（英文）", "Starts at, in English"), max_length=120, blank=True
    )
    end_event = models.CharField(label("截止", "Ends at"), max_length=80, blank=True)
    end_event_en = models.CharField(label("截止（英文）", "Ends at, in English"), max_length=120, blank=True)
    days = models.PositiveSmallIntegerField(label("期限", "Days"))
    unit = models.CharField(label("单位", "Unit"), max_length=10, choices=UNITS)
    warn_days = models.PositiveSmallIntegerField(label("提前提醒", "Warns before"), default=1)
    pause = models.CharField(label("中止情形", "Pauses for"), max_length=120, blank=True)
    pause_en = models.CharField(
        label("中止情形（英文）", "Pauses for, in English"), max_length=160, blank=True
    )
    extension_days = models.PositiveSmallIntegerField(label("每次可延长", "One extension"), default=0)
    extensions = models.PositiveSmallIntegerField(label("可延长次数", "Extensions"), default=0)
    citation = models.CharField(label("依据", "Citation"), max_length=200)
    citation_en = models.CharField(label("依据（英文）", "Citation in English"), max_length=200, blank=True)
    confirmed = models.BooleanField(label("已核实", "Confirmed"), default=True)
    valid_from = models.DateField(label("施行日期", "Valid from"))
    valid_to = models.DateField(label("失效日期", "Valid to"), null=True, blank=True)

    class Meta:
        verbose_name = label("法定期限", "Legal limit")
        constraints = [models.UniqueConstraint(fields=("rule", "valid_from"), name="one_limit_a_day")]

    class Register:
        slug = "limits"
        article = "71"
        title = ("法定期限", "Legal limits")
        note = (
            "各程序的办理期限及其依据；按受理当日有效的一行计算。",
            "The limits of every procedure with their citation; the row in force on the day of receipt counts.",
        )
        prefix = "LL"
        open = (
            "rule", "name", "name_en", "start_event", "start_event_en", "end_event", "end_event_en", "days", "unit",
            "warn_days", "pause", "pause_en", "extension_days", "extensions", "citation", "citation_en", "confirmed",
            "valid_from", "valid_to",
        )  # fmt: skip
        columns = ("name", "days", "unit", "citation", "valid_from", "valid_to")
        search = ("name", "name_en", "rule", "citation", "citation_en")
        filters = ("unit", "confirmed")
        order = ("rule", "-valid_from")
        adds = changes = ("administrator",)

    def clean(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValidationError(
                {"valid_to": label("失效日期早于施行日期", "the last day lies before the first")}
            )


OPEN_FACTS = ("register", "clock", "state", "rule", "started_on", "extended_days", "pauses")
"""What tells running clocks apart: those that agree in it are read once, however many they are."""


class ClockRun(models.Model):
    """One run of one clock on one case: when it started, its pauses, by how much it was extended, when it ended.

    `pauses` is the text of `calc.calendar.clocks.pack`, so that runs with the same facts are equal in a table: the
    lamps of ten million cases are those of a few thousand different facts.
    """

    register = models.CharField(max_length=60)
    record = models.PositiveBigIntegerField()
    clock = models.CharField(max_length=40)
    rule = models.CharField(max_length=60)
    state = models.CharField(max_length=40, blank=True, default="")
    """Where the case stands while the clock runs, so that a list of tasks asks this one table."""
    department = models.ForeignKey(
        "kernel.Department", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    district = models.ForeignKey(
        "kernel.District", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    handler = models.ForeignKey(
        "kernel.Account", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    started_on = models.DateField()
    pauses = models.TextField(blank=True, default="")
    extended_days = models.PositiveSmallIntegerField(default=0)
    ended_on = models.DateField(null=True)
    ended_by = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=("register", "record"), name="run_of_record"),
            # each holds all that a list of tasks or lamps asks, so that the rows themselves need not be fetched
            *(
                models.Index(
                    fields=(first, *OPEN_FACTS, *others, "ended_on"),
                    condition=Q(ended_on=None),
                    name=f"run_open_{first}",
                )
                for first, *others in (
                    ("department", "district", "handler"),
                    ("district", "department", "handler"),
                    ("handler", "department", "district"),
                )
            ),
            models.Index(
                fields=("ended_on", "department"), condition=Q(ended_on__isnull=False), name="run_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register}/{self.record} {self.clock}"
