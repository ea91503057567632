"""Gives a case to the person who is to work on it, or back to the department (article 71: every clock has a holder)."""

from __future__ import annotations

from typing import TypeVar

from django.db import models, transaction
from django.utils import timezone

from shenzhi.kernel.access.accounts import Account, Membership
from shenzhi.kernel.access.roles import HANDLERS, Reader
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.firing import FOLLOW
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.history.events import now
from shenzhi.kernel.procedures.declaration import ACTS, Move
from shenzhi.kernel.registers.sight import fits
from shenzhi.kernel.registers.writing import NotAllowed, Refused, held, rewrite
from shenzhi.kernel.words import Words

C = TypeVar("C", bound=Case)

ASSIGNED = "assigned"
TELLING = Move(ASSIGNED, ACTS[ASSIGNED], (), tells="handler")
"""What follows an assignment follows a move: whoever is given a case gets a notice, unless it is taken by oneself."""


def assign(case: C, to: int | None, *, by: Reader, expect: int | None = None) -> C:
    """Let the account `to` hold the case (None: nobody), and tell it. NotAllowed, Stale, or Refused for somebody who may not hold it.

    The right: a role that carries cases out and reaches this one, for the giver and for the taker alike. A case that
    has come to its end stays with whom it was."""
    with transaction.atomic():
        current = held(case, expect=expect)
        if not may_assign(current, by):
            raise NotAllowed(
                Words(
                    f"{current.number} 不在您承办的范围内，不能指派。",
                    f"{current.number} lies outside what you carry out: you cannot assign it.",
                )
            )
        if current.standing.final:
            raise Refused(
                Words(
                    f"{current.number} 已办结，不再指派。",
                    f"{current.number} has ended: it is assigned no more.",
                )
            )
        if current.handler_id == to:
            return current
        if to is not None and not candidates([current]).filter(pk=to).exists():
            raise Refused(
                Words(
                    f"该人员今日在承办 {current.number} 的部门和区没有任职：请另选一人。",
                    f"This person holds no role today in the department and district of {current.number}: choose somebody else.",
                )
            )
        account = Account.objects.get(pk=to) if to is not None else None
        moment = now()
        done = rewrite(current, {"handler": account}, by=by, act=ASSIGNED, at=moment, told={})
        runs = ClockRun.objects.filter(register=done.register.code, record=done.pk, ended_on=None)
        runs.update(handler=account)
        for after in FOLLOW if account is not None else ():
            after(done, TELLING, by, moment)
    return done


def may_assign(case: Case, by: Reader) -> bool:
    """Whether the reader may take the case or give it to somebody."""
    known = by.within(case.register.code)
    return known.may_write and any(
        fits(case.register, known, role, case.pk)
        for role in HANDLERS
        if role in known.roles() or known.is_system
    )


def candidates(cases: list[C]) -> models.QuerySet[Account]:
    """Who may hold all of these cases: accounts with a role today that reaches the department and district of each."""
    today = timezone.localdate()
    held_now = models.Q(valid_to=None) | models.Q(valid_to__gte=today)
    found = Account.objects.filter(is_active=True)
    for department, district in {(one.department_id, one.district_id) for one in cases}:
        reaching = Membership.objects.filter(held_now, role__in=HANDLERS, valid_from__lte=today)
        reaching = reaching.filter(models.Q(department=None) | models.Q(department=department))
        reaching = reaching.filter(models.Q(district=None) | models.Q(district=district))
        found = found.filter(pk__in=reaching.exclude(role="district", district=None).values("account"))
    return found.order_by("name", "username")
