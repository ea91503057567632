"""Objections to what is announced: anybody may raise one while the announcement runs, and each is answered (articles 66, 90).

The public learns only that there is an objection and where it stands; what it says, and whose it is, is between the
objector and the office.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.access.roles import PUBLIC, Reader
from shenzhi.kernel.cases import firing
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.history.events import now
from shenzhi.kernel.labels import label
from shenzhi.kernel.procedures.announcement import OBJECTION
from shenzhi.kernel.registers.catalogue import registers, serial

WAITING = tuple(state.code for state in OBJECTION.states if not state.final)


class Objection(Case):
    """An objection to one record. Which department answers it is read off that record, never given."""

    subject = models.CharField(
        label("异议所指的编号", "Number objected to"),
        max_length=24,
        help_text=label("正在公示的登记的编号。", "The number of what is being announced."),
    )
    subject_register = models.CharField(max_length=60, editable=False)
    subject_record = models.PositiveBigIntegerField(editable=False)
    ground = models.TextField(label("异议及理由", "Objection and ground"), max_length=4000)
    name = models.CharField(label("异议人", "Objector"), max_length=80)
    phone = models.CharField(label("电话", "Telephone"), max_length=40, blank=True)
    email = models.EmailField(label("电子邮箱", "E-mail"), blank=True)
    account = models.ForeignKey(
        "kernel.Account",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=label("账号", "Account"),
    )
    answer = models.TextField(label("答复", "Answer"), max_length=4000, blank=True)

    class Meta:
        verbose_name = label("公示异议", "Objection")
        indexes = [models.Index(fields=("subject_register", "subject_record"), name="objection_subject")]

    class Register:
        article = "71"
        title = ("公示异议", "Objections")
        note = (
            "对公示事项的异议及其答复；异议人和内容不公开。",
            "Objections to what is announced and their answers; who objects and what is said stays closed.",
        )
        prefix = "OB"
        shared = ("subject", "department", "district")
        on_request = ("ground", "answer")
        masks = {"name": "name", "phone": "phone", "email": "email"}
        columns = ("subject", "state")
        label = "subject"
        form = ("subject", "ground", "name", "phone", "email")
        sections = ((("异议人", "Who objects"), ("name", "phone", "email")),)
        stakes = (("applicant", "account", (), "email"),)
        adds = ("public",)
        changes = ("head",)
        procedure = OBJECTION
        tracked = ("subject", "answer")

    def clean(self) -> None:
        if not self._state.adding:
            return
        case = _announced(self.subject, self.made_at)
        if case is None:
            # the same words whether it does not exist, is hidden, or is not announced
            raise ValidationError(
                {"subject": label("没有正在公示的这一编号：请核对编号和公示期。",
                                  "nothing of this number is being announced: check the number and the announcement's days.")}
            )  # fmt: skip
        if self.account_id is None and not self.phone and not self.email:
            raise ValidationError(
                {
                    "phone": label(
                        "请留下电话或者电子邮箱，以便答复。",
                        "give a telephone or an e-mail, so that you can be answered.",
                    )
                }
            )
        self.subject, self.subject_register, self.subject_record = case.number, case.register.code, case.pk
        self.department_id, self.district_id = case.department_id, case.district_id
        self.handler, self.answer = None, ""


def open_to_objections(case: Case, moment: dt.datetime | None = None) -> bool:
    """Whether the case is being announced: a move that no objection may hinder still waits for its days to pass."""
    for move in case.procedure.moves_from(case.state):
        if move.unopposed:
            try:
                return firing.not_over(case, move.after, moment or now()) is not None or not move.after
            except BilingualError:  # no limit in force: nobody can say that its days are over
                return True
    return False


def object_to(
    case: Case, *, by: Reader, key: str = "", at: dt.datetime | None = None, **said: Any
) -> Objection:
    """Raise an objection: `ground`, `name`, and `phone` or `email` where `by` has no account. Refusals as for `file`."""
    return firing.file(Objection(subject=case.number, made_at=at or now(), **said), by=by, key=key, at=at)


def objections_to(case: Case) -> models.QuerySet[Objection]:
    """The objections to a case, oldest first. To the public only the number and the state of each may be shown."""
    return Objection.objects.filter(**_about(case)).order_by("id")


def opposed(case: Case) -> bool:
    """Whether an objection to the case still waits for its answer."""
    return Objection.objects.filter(**_about(case), state__in=WAITING).exists()


def _about(case: Case) -> dict[str, Any]:
    return {"subject_register": case.register.code, "subject_record": case.pk}


def _announced(number: str, moment: dt.datetime) -> Any:
    """The case of this number if everybody may see it and it is being announced, else None. It is locked where we are
    writing, so that it cannot be concluded while an objection to it is being filed."""
    for register in registers():
        if register.procedure is None or (key := serial(register, number)) is None:
            continue
        rows = register.model._base_manager.filter(pk=key)
        if transaction.get_connection().in_atomic_block:
            rows = rows.select_for_update()
        case = rows.first()
        seen = case is not None and register.model._default_manager.visible_to(PUBLIC).filter(pk=key).exists()
        return case if seen and open_to_objections(case, moment) else None
    return None
