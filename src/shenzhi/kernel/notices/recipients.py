"""Who is told of a move: the parties of a case, who handles it, the heads within whose reach it lies, who objected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from shenzhi.kernel.access.accounts import Membership
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.objections import objections_to
from shenzhi.kernel.registers.declaration import Stake


@dataclass
class Recipients:
    """Accounts by key, and the e-mail addresses of people without one."""

    accounts: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    def add(self, account: int | None, address: str = "") -> None:
        if account is not None:
            self.accounts.add(account)
        elif address:
            self.addresses.add(address)


def recipients(case: Case, tells: Iterable[str], day: dt.date) -> Recipients:
    """Everybody meant by `tells` (the words of `procedures.declaration.TELLS`) on the day."""
    found, tells = Recipients(), set(tells)
    if "applicant" in tells:
        for stake in _held(case, "applicant"):
            paths = [stake.path, *filter(None, [stake.address])]
            found.add(*_values(case, paths))
    if "members" in tells:
        paths = [stake.path for stake in _held(case, "member")]
        found.accounts |= _holders(
            "member", Q(organisation__in=[one for one in _values(case, paths) if one]), day
        )
    if "partners" in tells:
        paths = [stake.path for stake in _held(case, "partner")]
        found.accounts |= _holders(
            "clerk", Q(department__in=[one for one in _values(case, paths) if one]), day
        )
    if "handler" in tells:
        # nobody has it yet: then everybody who could take it
        handler = {case.handler_id} if case.handler_id else _holders("clerk", reaching(case), day)
        found.accounts |= handler
    if "heads" in tells:
        found.accounts |= _holders("head", reaching(case), day)
    if "objectors" in tells:
        for account, address in objections_to(case).values_list("account", "email"):
            found.add(account, address)
    return found


def _held(case: Case, role: str) -> list[Stake]:
    """The stakes of parties of this role that hold on the case as it stands now, after the move."""
    records = type(case)._base_manager.filter(pk=case.pk)
    return [
        stake
        for stake in case.register.stakes
        if stake.role == role and (not stake.only or records.filter(**stake.only).exists())
    ]


def reaching(case: Case) -> Q:
    """The memberships of an office whose reach the case lies in: the other way round what `sight.in_reach` says."""
    register = case.register
    if register.department:
        only = Q(department=None) | Q(department=_values(case, [register.department])[0])
    else:
        only = Q(department=None) | Q(department__code=register.keeper)
    if register.district:
        only &= Q(district=None) | Q(district=_values(case, [register.district])[0])
    return only


def _values(case: Case, paths: list[str]) -> tuple[Any, ...]:
    """What stands at the end of these paths from the case; keys for references."""
    if all("__" not in path for path in paths):
        return tuple(getattr(case, case._meta.get_field(path).attname) for path in paths)
    return tuple(type(case)._base_manager.filter(pk=case.pk).values_list(*paths).get())


def _holders(role: str, only: Q, day: dt.date) -> set[int]:
    held = Membership.objects.filter(only, role=role, valid_from__lte=day, account__is_active=True)
    return set(held.filter(Q(valid_to=None) | Q(valid_to__gte=day)).values_list("account", flat=True))
