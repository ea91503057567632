"""A procedure with an announcement, under which the tests put the register of quality officers."""

from __future__ import annotations

import dataclasses
import datetime as dt

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.accounts import Account, Membership
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.clocks.models import LegalLimit
from shenzhi.kernel.procedures.announcement import announcement
from shenzhi.kernel.procedures.declaration import Move, Procedure, State
from shenzhi.kernel.registers import catalogue
from shenzhi.kernel.registers.writing import create

ANNOUNCED = announcement(source="judged", to="awarded", back="judged", rule="trial.announcement")
AWARD = Procedure(
    code="award",
    title=("评选", "Award"),
    states=(
        State("judged", ("已评定", "Judged")),
        *ANNOUNCED.states,
        State("awarded", ("已授予", "Awarded"), public=True, final=True),
    ),
    moves=(
        *ANNOUNCED.moves,
        Move("note", ("知会", "Note"), source="judged", by="reviewer", tells=("handler", "heads")),
    ),
    clocks=ANNOUNCED.clocks,
)


def put_under(monkeypatch, procedure=AWARD) -> None:
    """The register of officers runs `procedure` for one test, and has limits for an announcement and an objection."""
    register = catalogue.register_of(Officer)
    changed = dataclasses.replace(
        register, procedure=procedure, public={"state__in": procedure.public_states()}
    )
    monkeypatch.setitem(catalogue._all()[0], Officer, changed)
    for rule, days, unit in (("trial.announcement", 7, "calendar"), ("objection.answer", 15, "working")):
        create(
            LegalLimit(
                rule=rule, name=rule, days=days, unit=unit, citation="测试", valid_from=dt.date(2020, 1, 1)
            ),
            by=PLATFORM,
        )


def on(month: int, day: int) -> dt.datetime:
    """Noon of a day of 2026 in the office's own time (UTC+8)."""
    return dt.datetime(2026, month, day, 4, 0, tzinfo=dt.UTC)


def people(office, **emails: str) -> None:
    """The accounts behind the readers of the office, with their memberships; `emails` by the reader's name."""
    for name in ("member", "rival", "clerk", "reviewer", "head", "stranger", "district", "administrator"):
        one = getattr(office, name)
        account = Account.objects.create(
            pk=one.account,
            username=name,
            email=emails.get(name, ""),
            language="en" if name == "head" else "zh-hans",
        )
        for grant in one.grants:
            Membership.objects.create(
                account=account,
                role=grant.role,
                department_id=grant.department,
                district_id=grant.district,
                organisation_id=grant.organisation,
                valid_from=dt.date(2020, 1, 1),
            )


def an_officer(office, **more) -> Officer:
    given = {
        "organisation": office.firm,
        "name": "张三",
        "phone": "13800001111",
        "appointed_on": dt.date(2026, 1, 5),
        "department": office.quality,
        "district": office.pine,
    }
    return Officer(**{**given, **more})


def announced(office) -> Officer:
    """Announced on Monday 2 March 2026 for seven days: the last of them is Monday 9 March."""
    case = file(an_officer(office), by=office.member, at=on(2, 27))
    return fire(case, "announce", by=office.reviewer, at=on(3, 2))
