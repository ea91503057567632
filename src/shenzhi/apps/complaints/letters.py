"""What all letters of the public have: who wrote and how to reach them, what they ask, what became of it; and that nobody
else learns who wrote (articles 90 and 62)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from shenzhi.apps.complaints import rules
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.labels import label
from shenzhi.kernel.procedures.declaration import Move
from shenzhi.kernel.registers.writing import Invalid
from shenzhi.kernel.words import Words

OUTCOMES = (
    ("remedied", label("已解决", "Remedied")),
    ("explained", label("已解释，未解决", "Explained, not remedied")),
    ("refused", label("不予受理", "Refused")),
    ("withdrawn", label("已撤回", "Withdrawn")),
    ("transferred", label("已移送", "Transferred")),
)
SATISFACTION = tuple(
    (str(step), label(zh, en))
    for step, zh, en in (
        (5, "非常满意", "Very satisfied"),
        (4, "满意", "Satisfied"),
        (3, "一般", "Neither"),
        (2, "不满意", "Dissatisfied"),
        (1, "非常不满意", "Very dissatisfied"),
    )
)
FIXED = (
    ("fixed", label("问题已解决", "It is put right")),
    ("not_fixed", label("问题没有解决", "It is not put right")),
    ("came_back", label("解决后又出现", "It was put right and came back")),
)
CHANNELS = (
    ("web", label("网上", "This site")),
    ("phone", label("电话 12345、12315", "Telephone 12345, 12315")),
    ("open311", label("开放接口 Open311", "Open311")),
    ("counter", label("来人来信", "Counter or letter")),
    ("other", label("其他部门转来", "Passed on by another office")),
)


class Letter(Case):
    """What all letters of the public have: who wrote, how to reach them, what they ask; who wrote stays closed."""

    reporter = models.ForeignKey(
        "kernel.Account",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=label("账号", "Account"),
    )
    name = models.CharField(label("您的姓名", "Your name"), max_length=80, blank=True)
    phone = models.CharField(label("您的电话", "Your telephone"), max_length=40, blank=True)
    email = models.EmailField(label("您的电子邮箱", "Your e-mail"), blank=True)
    address = models.CharField(label("您的通信地址", "Your address"), max_length=200, blank=True)
    facts = models.TextField(label("事实和诉求", "What happened and what you ask"), max_length=4000)
    channel = models.CharField(label("来源", "Came by"), max_length=10, choices=CHANNELS, default="web")
    answer = models.TextField(label("答复", "Answer"), max_length=4000, blank=True)
    outcome = models.CharField(label("结果", "Outcome"), max_length=12, choices=OUTCOMES, blank=True)
    reopened = models.BooleanField(label("曾要求复查", "Was reopened"), default=False)
    satisfaction = models.CharField(
        label("满意度", "Satisfaction"), max_length=1, choices=SATISFACTION, blank=True
    )
    fixed = models.CharField(
        label("问题是否解决", "Is it put right"), max_length=10, choices=FIXED, blank=True
    )
    comment = models.TextField(label("评价意见", "What you say of it"), max_length=1000, blank=True)

    class Meta(Case.Meta):
        abstract = True

    @property
    def secrets(self) -> tuple[str, ...]:
        """What would tell who wrote: what they gave, and what their account is called."""
        given: tuple[str, ...] = (self.name, self.phone, self.email, self.address)
        if (account := self.reporter) is not None:
            given += (account.name, account.email)
            if len(account.username) > 3:  # a shorter one stands in many a word
                given += (account.username,)
        return tuple(one for one in dict.fromkeys(given) if one)

    def refuse_giving_away(self, *names: str) -> None:
        """ValidationError where a text that others will read tells who wrote."""
        secrets = self.secrets
        faults = {
            name: label(why.zh, why.en)
            for name in names
            if (why := _given_away(getattr(self, name), secrets)) is not None
        }
        if faults:
            raise ValidationError(faults)

    def refuse_answers(self, move: Move, said: Mapping[str, Any]) -> None:
        """The same of what a step says to others than the office and the writer: to the public, or to the organisation."""
        faults = {
            ask.code: [why]
            for ask in move.asks
            if (ask.open or ("members" in move.tells and not ask.kept))
            and (why := _given_away(str(said.get(ask.code, "")), self.secrets)) is not None
        }
        if faults:
            raise Invalid(faults)


def _given_away(text: str, secrets: tuple[str, ...]) -> Words | None:
    """What is wrong with a text that tells who wrote; it says how many of their details it holds, and not which."""
    if not (found := rules.gives_away(text, secrets)):
        return None
    return Words(
        f"其中出现了来信人的信息（{len(found)} 处）：请改写后再提交，来信人的身份不得告知他人。",
        f"It tells who wrote ({len(found)} of their details): put it in other words; who wrote stays secret.",
    )


COUNTED_BY = (
    "made_at",
    "id",
    "state",
    "outcome",
    "district",
    "category",
    "reopened",
    "satisfaction",
    "fixed",
)
"""In the order in which letters came in, all that the statistics ask: a year is counted along one index, and no letter is
opened for it."""

WHO_WROTE = {"name": "name", "phone": "phone", "email": "email", "address": "address"}
WRITES = ("name", "phone", "email", "address")
HOW_TO_REACH = (("怎样联系您", "How to reach you"), WRITES)
