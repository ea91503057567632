"""The annual quality plan: goals, tasks with their departments, monthly status; decisions that coordinate (articles 7, 8)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Coalesce

from shenzhi.apps.plans import procedures
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.labels import label
from shenzhi.kernel.parties.models import Department
from shenzhi.kernel.registers.record import Record


class Plan(Case):
    """The quality plan of one year, of the city or of a district; the leading group's office keeps it."""

    year = models.PositiveSmallIntegerField(label("年度", "Year"))
    title = models.CharField(label("名称", "Title"), max_length=120)
    summary = models.TextField(label("总体要求", "Aims"), blank=True)
    document = models.CharField(label("文号", "Document"), max_length=80, blank=True)
    adopted_on = models.DateField(label("印发日期", "Adopted on"), null=True, blank=True)
    results = models.TextField(label("年度总结", "Results of the year"), blank=True)

    class Meta:
        verbose_name = label("年度质量计划", "Annual quality plan")
        constraints = (
            # the city's own plan has no district, and two such would differ for SQLite: 0 is nobody's key
            models.UniqueConstraint(
                "year",
                Coalesce("district", 0, output_field=models.BigIntegerField()),
                name="one_plan_a_year",
                violation_error_code="one_plan_a_year",
                violation_error_message=label(
                    "该年度已有计划：市和每个区每年一份，请修改已有的计划。",
                    "There is a plan of this year already: the city and each district have one a year; change that one.",
                ),
            ),
        )

    class Register:
        article = "7.1"
        title = ("年度质量提升计划", "Annual quality plans")
        note = (
            "市、区每年的质量提升计划。",
            "The yearly plans of the city and its districts for raising quality.",
        )
        prefix = "PL"
        open = ("year", "title", "district", "document", "adopted_on", "summary", "results")
        fixed = ("year",)
        label = "title"
        search = ("title", "document")
        filters = ("year", "state", "district")
        form = ("year", "title", "summary", "document", "district")
        order = ("-year", "-id")
        procedure = procedures.PLAN


class Goal(Record):
    """What a plan wants to reach by the end of its year: one figure, from where it stands to where it should."""

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=label("计划", "Plan"))
    title = models.CharField(label("目标", "Goal"), max_length=160)
    indicator = models.SlugField(
        label("指标代码", "Indicator"),
        max_length=60,
        blank=True,
        help_text=label(
            "本平台统计指标的代码，可不填。", "The code of an indicator of this platform, if there is one."
        ),
    )
    stood_at = models.DecimalField(
        label("基数", "Stood at"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    aim = models.DecimalField(label("目标值", "Aim"), max_digits=14, decimal_places=2)
    unit = models.CharField(label("单位", "Unit"), max_length=20, blank=True)

    class Meta:
        verbose_name = label("计划目标", "Goal")

    class Register:
        article = "7.1"
        title = ("计划目标", "Goals of the plans")
        note = ("各年度计划确定的目标值。", "The figures that each plan wants to reach.")
        prefix = "PG"
        open = ("plan", "title", "indicator", "stood_at", "aim", "unit")
        public = {"plan__state__in": procedures.PLAN.public_states()}
        fixed = ("plan",)
        label = "title"
        search = ("title",)
        filters = ("plan",)
        order = ("-plan", "id")


class Coordination(Case):
    """A question of quality that concerns several departments, and what the leading group's office decided on it."""

    title = models.CharField(label("事项", "Question"), max_length=160)
    question = models.TextField(label("需协调的问题", "What is to be settled"))
    opinions = models.TextField(label("部门意见", "Replies of the departments"), blank=True)
    decision = models.TextField(label("决定", "Decision"), blank=True)
    decided_on = models.DateField(label("决定日期", "Decided on"), null=True, blank=True)
    settled_on = models.DateField(label("落实日期", "Settled on"), null=True, blank=True)
    raised_by = models.ForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name=label("提出部门", "Raised by")
    )

    class Meta:
        verbose_name = label("协调事项", "Coordination")

    class Register:
        article = "7.2, 8.2, 8.3"
        title = ("质量工作协调事项", "Questions between departments")
        note = (
            "需由质量工作领导机制协调的事项及其决定；落实决定的任务列入年度计划。",
            "Questions that the leading group settles, and its decisions; what follows from them are tasks of the plan.",
        )
        prefix = "CO"
        slug = "coordination"
        open = ("title", "raised_by", "decision", "decided_on", "settled_on")
        shared = ("question", "opinions")
        fixed = ("raised_by", "question")
        label = "title"
        search = ("title", "decision")
        filters = ("state", "raised_by", "decided_on")
        form = ("title", "question", "raised_by")
        stakes = (("partner", "raised_by"),)
        adds = ("partner", "clerk")
        procedure = procedures.COORDINATION


class Task(Case):
    """One task of a plan: the department that owns it, what it must deliver, by which day, and the evidence of it.

    The owner carries it out and reports; the case is held by the leading group's office, which checks what was done
    (article 8). Departments that help stand in `Help`."""

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=label("计划", "Plan"))
    goal = models.ForeignKey(Goal, models.PROTECT, null=True, blank=True, verbose_name=label("目标", "Goal"))
    coordination = models.ForeignKey(
        Coordination,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=label("来自协调事项", "From the decision on"),
    )
    title = models.CharField(label("任务", "Task"), max_length=160)
    owner = models.ForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name=label("牵头部门", "Owner")
    )
    deliverable = models.CharField(label("成果", "Deliverable"), max_length=200)
    due_on = models.DateField(
        label("计划完成日", "Due by the plan"),
        help_text=label(
            "计划自定的日期，不是法定期限；变更须经决定。",
            "Set by the plan and no statutory limit; it moves only by a decision.",
        ),
    )
    done_on = models.DateField(label("完成日期", "Done on"), null=True, blank=True)
    evidence = models.TextField(label("完成依据", "Evidence"), blank=True)

    class Meta:
        verbose_name = label("计划任务", "Task")

    class Register:
        article = "7.1, 8.4"
        title = ("计划任务", "Tasks of the plans")
        note = (
            "每项任务的牵头部门、成果和完成日。",
            "Who owns each task, what it must deliver, and by which day.",
        )
        prefix = "TK"
        open = (
            "plan",
            "goal",
            "coordination",
            "title",
            "owner",
            "deliverable",
            "due_on",
            "done_on",
            "evidence",
        )
        columns = ("title", "owner", "deliverable", "due_on", "state")
        public = {"plan__state__in": procedures.PLAN.public_states()}
        fixed = ("plan", "owner", "due_on")
        label = "title"
        search = ("title", "deliverable")
        filters = ("plan", "state", "owner", "due_on")
        form = ("plan", "goal", "coordination", "title", "owner", "deliverable", "due_on")
        order = ("-plan", "id")
        stakes = (("partner", "owner"),)
        procedure = procedures.TASK

    def clean(self) -> None:
        if self.goal is not None and self.goal.plan_id != self.plan_id:
            raise ValidationError(
                {"goal": label("该目标属于另一计划。", "This goal belongs to another plan.")}
            )


class Help(Record):
    """A department that helps with a task, and its part in it."""

    task = models.ForeignKey(Task, models.PROTECT, verbose_name=label("任务", "Task"))
    helper = models.ForeignKey(
        Department, models.PROTECT, verbose_name=label("配合部门", "Helping department")
    )
    part = models.CharField(label("分工", "Its part"), max_length=200, blank=True)

    class Meta:
        verbose_name = label("配合部门", "Helping department")
        constraints = (models.UniqueConstraint(fields=("task", "helper"), name="a_department_helps_once"),)

    class Register:
        article = "8.4"
        title = ("任务的配合部门", "Departments that help")
        note = ("各项任务的配合部门及其分工。", "Which departments help with a task, and what their part is.")
        prefix = "TH"
        slug = "helping-departments"
        open = ("task", "helper", "part")
        public = {"task__plan__state__in": procedures.PLAN.public_states()}
        fixed = ("task", "helper")
        label = "helper"
        filters = ("helper",)
        department = "task__department"
        stakes = (("partner", "helper"),)

    def clean(self) -> None:
        if self.task_id and self.helper_id == self.task.owner_id:
            raise ValidationError(
                {"helper": label("该部门已是牵头部门。", "This department owns the task already.")}
            )


class StatusReport(Record):
    """How a task stands at the end of a month, as its department tells it."""

    STANDINGS = (
        ("on_track", label("按计划推进", "On track")),
        ("at_risk", label("存在风险", "At risk")),
        ("late", label("进度滞后", "Late")),
        ("done", label("已完成", "Done")),
    )
    task = models.ForeignKey(Task, models.PROTECT, verbose_name=label("任务", "Task"))
    month = models.DateField(
        label("月份", "Month"), help_text=label("该月第一日。", "The first day of the month reported on.")
    )
    standing = models.CharField(label("进展", "Standing"), max_length=20, choices=STANDINGS)
    percent = models.PositiveSmallIntegerField(
        label("完成百分比", "Percent done"), validators=[MaxValueValidator(100)]
    )
    progress = models.TextField(label("情况说明", "What was done"))
    obstacles = models.TextField(label("困难和问题", "Obstacles"), blank=True)

    class Meta:
        verbose_name = label("月度进展", "Monthly status")
        constraints = (models.UniqueConstraint(fields=("task", "month"), name="one_status_a_month"),)

    class Register:
        article = "7.1, 8.3"
        title = ("月度进展", "Monthly status of tasks")
        note = ("牵头部门每月报告的任务进展。", "What the departments report of their tasks each month.")
        prefix = "ST"
        slug = "status-reports"
        open = ("task", "month", "standing", "percent")
        shared = ("progress", "obstacles")
        public = {"task__plan__state__in": procedures.PLAN.public_states()}
        fixed = ("task", "month")
        label = "month"
        filters = ("standing", "month")
        order = ("-month", "-id")
        department = "task__department"
        stakes = (("partner", "task__owner"),)
        adds = changes = ("partner",)

    def clean(self) -> None:
        if self.month is not None and self.month.day != 1:
            raise ValidationError(
                {
                    "month": label(
                        "请填写该月第一日，如 2026-05-01。",
                        "Give the first day of the month, as in 2026-05-01.",
                    )
                }
            )


class TaskDecision(Case):
    """A decision to move the due day of a task or to drop it: proposed by its owner, taken by the leading group's office.

    When it is approved, the task changes in the same transaction."""

    KINDS = (
        ("due_day", label("变更完成日", "Move the due day")),
        ("drop", label("终止任务", "Drop the task")),
    )
    task = models.ForeignKey(Task, models.PROTECT, verbose_name=label("任务", "Task"))
    kind = models.CharField(label("类型", "Kind"), max_length=20, choices=KINDS, default="due_day")
    was_due_on = models.DateField(label("原完成日", "Was due on"), null=True, blank=True, editable=False)
    due_on = models.DateField(label("新完成日", "New due day"), null=True, blank=True)
    ground = models.TextField(label("变更理由", "Ground"))

    class Meta:
        verbose_name = label("任务变更决定", "Decision on a task")

    class Register:
        article = "7.1, 8.3"
        title = ("任务变更决定", "Decisions on tasks")
        note = (
            "任务的完成日只能由这里的决定变更，提出人与决定人须为两人。",
            "The due day of a task moves only by a decision kept here; who proposes it does not decide it.",
        )
        prefix = "TD"
        slug = "task-decisions"
        open = ("task", "kind", "was_due_on", "due_on", "ground")
        fixed = ("task", "kind", "due_on")
        label = "task"
        filters = ("state", "kind")
        form = ("task", "kind", "due_on", "ground")
        stakes = (("partner", "task__owner"),)
        adds = ("partner", "clerk")
        procedure = procedures.TASK_DECISION

    def clean(self) -> None:
        if self.pk is None and self.task_id:
            self.was_due_on = self.task.due_on
        if self.kind == "due_day" and (self.due_on is None or self.due_on == self.was_due_on):
            raise ValidationError(
                {
                    "due_on": label(
                        "请填写与原完成日不同的新完成日。", "Give a new due day other than the old one."
                    )
                }
            )
