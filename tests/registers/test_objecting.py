"""公示 through the pages: anybody objects, the open objection hinders the next step, and its answer frees it."""

from __future__ import annotations

import datetime as dt

import pytest
from register_pages import hidden_of, main_of

from shenzhi.apps.plans.models import Plan
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.cases.objections import Objection
from shenzhi.kernel.clocks.models import ClockRun, LegalLimit
from shenzhi.kernel.history.events import now
from shenzhi.kernel.registers.writing import create

ADD = "/registers/objections/add/"
SAID = {"ground": "没有写明完成时间。", "name": "李四某", "phone": "13900002222", "email": ""}
HINDERED = "尚有异议未处理：先答复全部异议，再办理此步。"


@pytest.fixture
def plan(town):
    """The city's plan of the year to come, announced since yesterday for thirty days."""
    for rule, days, unit in (
        ("plans.announcement", 30, "calendar"), ("plans.adoption", 20, "working"), ("objection.answer", 10, "working"),
    ):  # fmt: skip
        create(
            LegalLimit(
                rule=rule, name=rule, days=days, unit=unit, citation="测试", valid_from=dt.date(2020, 1, 1)
            ),
            by=PLATFORM,
        )
    yesterday = now() - dt.timedelta(days=1)
    case = file(Plan(year=2027, title="质量提升计划"), by=town.reader("clerk"), at=yesterday)
    case = fire(case, "submit", by=town.reader("clerk"), at=yesterday)
    return fire(case, "announce", by=town.reader("reviewer"), at=yesterday)


def walk(browser, address, **answers):
    """Through a form to its end: the page where it was opened, and what came of sending it."""
    opened = browser.get(address)
    return opened, browser.post(address, {**hidden_of(opened), **answers, "step": "send"})


def days_pass() -> None:
    """The thirty days are over: they began so long ago."""
    long_ago = now().date() - dt.timedelta(days=40)
    ClockRun.objects.filter(clock="announcement").update(started_on=long_ago)


def test_an_open_objection_hinders_the_step_and_its_decision_frees_it(town, plan):
    public, reviewer = town.client("public"), town.client("reviewer")
    page = public.get(f"/registers/plans/{plan.number}/")
    assert "公示期内任何人都可以提出异议" in main_of(page)
    _, sent = walk(public, f"{ADD}?subject={plan.number}", **SAID, subject=plan.number)
    assert sent.status_code == 302
    raised = Objection.objects.get()
    assert (raised.subject, raised.department) == (plan.number, town.quality)

    days_pass()
    conclude = f"/registers/plans/{plan.number}/do/conclude/"
    hindered = reviewer.get(conclude)
    assert hindered.status_code == 409
    assert HINDERED in main_of(hindered)
    assert HINDERED in main_of(reviewer.get(f"/registers/plans/{plan.number}/"))
    forced = reviewer.post(conclude, {"step": "send", "version": plan.version})
    assert forced.status_code == 409
    assert Plan.objects.get().state == "announced"

    _, answered = walk(
        reviewer, f"/registers/objections/{raised.number}/do/reject/", answer="已在附件中写明。"
    )
    assert answered.status_code == 302
    _, done = walk(reviewer, conclude)
    assert done.status_code == 302
    assert Plan.objects.get().state == "cleared"


def test_nobody_objects_to_what_is_not_announced_any_more(town, plan):
    days_pass()
    public = town.client("public")
    assert "提出异议" not in main_of(public.get(f"/registers/plans/{plan.number}/"))
    _, late = walk(public, ADD, **SAID, subject=plan.number)
    assert late.status_code == 422
    assert Objection.objects.count() == 0


def test_a_withdrawn_objection_hinders_nothing(town, plan):
    citizen = town.client("citizen")
    _, sent = walk(citizen, ADD, **SAID, subject=plan.number)
    assert sent.status_code == 302
    days_pass()
    assert town.client("reviewer").get(f"/registers/plans/{plan.number}/do/conclude/").status_code == 409
    raised = Objection.objects.get()
    _, gone = walk(citizen, f"/registers/objections/{raised.number}/do/withdraw/")
    assert gone.status_code == 302
    assert town.client("reviewer").get(f"/registers/plans/{plan.number}/do/conclude/").status_code == 200
