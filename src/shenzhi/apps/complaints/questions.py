"""What is asked further of whoever reports a problem of some category: how much rubbish, which way the lamp is out (article 62)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from shenzhi.kernel.labels import label
from shenzhi.kernel.registers.record import Record

LISTS = ("singlevaluelist", "multivaluelist")


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen: its key is kept, its names are shown."""

    key: str
    name: str
    name_en: str


class Question(Record):
    """One further question of a category, as Open311 asks it."""

    DATATYPES = (
        ("string", label("一行文字", "A line of text")),
        ("text", label("多行文字", "Text of several lines")),
        ("number", label("数", "A number")),
        ("datetime", label("时间", "A moment")),
        ("singlevaluelist", label("单选", "One of a list")),
        ("multivaluelist", label("多选", "Some of a list")),
    )
    category = models.ForeignKey(
        "complaints.Category",
        models.PROTECT,
        limit_choices_to={"kind": "problem"},
        related_name="+",
        verbose_name=label("问题类别", "Category"),
    )
    code = models.SlugField(label("代码", "Code"), max_length=40)
    order = models.PositiveSmallIntegerField(
        label("顺序", "Order"), default=1, validators=[MinValueValidator(1)]
    )
    datatype = models.CharField(label("回答方式", "Kind of answer"), max_length=16, choices=DATATYPES)
    required = models.BooleanField(label("必答", "Must be answered"), default=False)
    variable = models.BooleanField(
        label("需要回答", "Asks for an answer"),
        default=True,
        help_text=label("不勾选时只显示说明。", "Unticked, it only tells something."),
    )
    description = models.CharField(label("问题", "Question"), max_length=200)
    description_en = models.CharField(label("英文问题", "Question in English"), max_length=200)
    how = models.CharField(label("填写说明", "How to answer"), max_length=200, blank=True)
    how_en = models.CharField(label("英文填写说明", "How to answer, in English"), max_length=200, blank=True)
    options = models.TextField(
        label("选项", "Options"),
        max_length=4000,
        blank=True,
        help_text=label(
            "每行一个：代码=名称=英文名称。", "One a line: code = name in Chinese = name in English."
        ),
    )
    ended_on = models.DateField(label("停用日期", "Ended on"), null=True, blank=True)

    class Meta:
        verbose_name = label("补充问题", "Further question")
        constraints = (
            models.UniqueConstraint(
                fields=("category", "code"),
                name="a_code_once_a_category",
                violation_error_message=label(
                    "该类别已有这个代码：请换一个，停用的代码也不再使用。",
                    "The category has this code already: choose another, those that ended are not used again.",
                ),
            ),
            models.UniqueConstraint(
                fields=("category", "order"),
                condition=Q(ended_on=None),
                name="a_place_once_a_category",
                violation_error_message=label(
                    "该类别已有这个顺序的问题：请换一个数。",
                    "A question of the category stands at this place: choose another number.",
                ),
            ),
        )

    class Register:
        slug = "questions"
        article = "62.1, 90.1"
        title = ("补充问题", "Further questions")
        note = (
            "报告各类城市问题时还要回答什么；Open311 客户端和网页按此提问。",
            "What else is asked of whoever reports a problem, by category; clients of Open311 ask it.",
        )
        prefix = "FQ"
        open = (
            "category",
            "code",
            "order",
            "datatype",
            "required",
            "variable",
            "description",
            "description_en",
            "how",
            "how_en",
            "options",
            "ended_on",
        )
        columns = ("category", "order", "description", "description_en", "datatype", "required")
        label = "description"
        fixed = ("category", "code")
        department = ""
        search = ("description", "description_en")
        filters = ("category", "datatype")
        adds = changes = ("administrator",)

    def clean(self) -> None:
        super().clean()
        faults: dict[str, Any] = {}
        wrong = [line for line in _lines(self.options) if _option(line) is None]
        keys = [one.key for one in self.choices]
        if wrong:
            faults["options"] = label(
                f"“{wrong[0][:40]}”应写成：代码=名称=英文名称。",
                f"“{wrong[0][:40]}” is not written as code = name = name in English.",
            )
        elif len(set(keys)) < len(keys):
            faults["options"] = label(
                "两个选项的代码相同：请改一个。", "Two options have the same code: change one."
            )
        elif self.datatype in LISTS and not keys:
            faults["options"] = label("单选和多选须列出选项。", "A list needs its options.")
        elif self.datatype not in LISTS and keys:
            faults["options"] = label(
                "只有单选和多选有选项：请清空，或者改回答方式。",
                "Only lists have options: empty them, or choose another kind of answer.",
            )
        if self.required and not self.variable:
            faults["required"] = label(
                "只显示说明的不能必答。", "What only tells something cannot ask for an answer."
            )
        if faults:
            raise ValidationError(faults)

    @property
    def choices(self) -> tuple[Option, ...]:
        """The options, in the order of their lines."""
        return tuple(one for line in _lines(self.options) if (one := _option(line)) is not None)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _option(line: str) -> Option | None:
    parts = [part.strip() for part in line.split("=")]
    return Option(*parts) if len(parts) == 3 and all(parts) and "," not in parts[0] else None


def asked(categories: Iterable[int], today: dt.date) -> dict[int, list[Question]]:
    """The questions of these categories (by key) today, each list in its order."""
    found: dict[int, list[Question]] = {}
    running = Question.objects.filter(
        Q(ended_on=None) | Q(ended_on__gte=today), category__in=list(categories)
    )
    for one in running.order_by("category_id", "order", "id"):
        found.setdefault(one.category_id, []).append(one)
    return found


def kept(questions: Iterable[Question], answers: Mapping[str, list[str]]) -> str:
    """The answers as the office reads them, a line each: the question and its code, what was said, and the key of what was chosen.

    >>> how = Question(code="how", description="怎么不亮", datatype="singlevaluelist", options="off=全灭=Off")
    >>> kept([how], {"how": ["off"]})
    '怎么不亮（how）：全灭（off）'
    """
    lines = []
    for one in questions:
        names = {option.key: f"{option.name}（{option.key}）" for option in one.choices}
        if said := [names.get(text, text) for text in answers.get(one.code, ())]:
            lines.append(f"{one.description}（{one.code}）：{'、'.join(said)}")
    return "\n".join(lines)
