"""The annual plan: its tasks, their monthly status, and decisions without which no due day moves (articles 7 and 8)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from office import reader
from shenzhi.apps.plans.models import Coordination, Goal, Help, Plan, StatusReport, Task, TaskDecision
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.exchange.planning import plan
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, Refused, change, create, history_of, insert

JUNE, JULY = dt.date(2026, 6, 30), dt.date(2026, 7, 31)
DONE = {"evidence": "办法已印发", "done_on": dt.date(2026, 6, 20)}


@pytest.fixture
def task(office):
    """A task that the market department owns, in a plan that is not adopted yet."""
    plan = file(Plan(year=2026, title="2026年计划"), by=office.clerk)
    return file(
        Task(plan=plan, title="修订办法", owner=office.market, deliverable="印发的办法", due_on=JUNE),
        by=office.clerk,
    )


def a_decision(task, **more):
    return TaskDecision(**{"task": task, "due_on": JULY, "ground": "上位文件尚在征求意见", **more})


def again(record):
    return type(record).objects.get(pk=record.pk)


def test_the_public_sees_a_task_once_its_plan_is_adopted(office, task):
    assert list(Task.objects.visible_to(PUBLIC)) == []
    plan = fire(task.plan, "submit", by=office.clerk)
    fire(plan, "adopt", by=office.head, data={"adopted_on": dt.date(2026, 2, 1)})
    assert list(Task.objects.visible_to(PUBLIC)) == [task]


def test_one_year_has_one_plan_of_the_city_and_one_of_each_district(office, task):
    with pytest.raises(Invalid) as refused:
        file(Plan(year=2026, title="又一个"), by=office.clerk)
    assert refused.value.faults[""][0].en == (
        "There is a plan of this year already: the city and each district have one a year; change that one."
    )
    of_pine = file(Plan(year=2026, title="松风区计划", district=office.pine), by=office.clerk)
    with pytest.raises(Invalid):
        file(Plan(year=2026, title="又一个", district=office.pine), by=office.clerk)
    with pytest.raises(Invalid):  # nor by moving the district's plan to the city
        change(of_pine, by=office.clerk, district=None)
    assert Plan.objects.count() == 2


def test_the_database_itself_refuses_a_second_plan_of_the_city(office, task):
    # two processes that validate at the same moment both pass; the table is the last to be asked
    second = Plan(year=2026, title="又一个", state="draft", department=office.quality)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(second)


def test_two_plans_of_the_city_in_one_file_are_named(office, tmp_path):
    path = tmp_path / "plans.csv"
    path.write_text("年度,名称,区\n2027,甲,\n2027,乙,\n2027,丙,990001\n", encoding="utf-8")
    made = plan(register_of(Plan), path, PLATFORM)
    assert [(one.row, one.rule) for one in made.faults] == [(3, "twice in file")]


def test_nobody_moves_a_due_day_by_hand(office, task):
    for way in (
        lambda: change(task, by=office.clerk, due_on=JULY),
        lambda: change(task, by=office.head, due_on=JULY),
        lambda: fire(task, "reschedule", by=office.head, data={"due_on": JULY, "decision": "TD-0000001-X"}),
    ):
        with pytest.raises(NotAllowed):
            way()
    assert again(task).due_on == JUNE


def test_an_approved_decision_moves_the_due_day_and_the_task_tells_by_which(office, task):
    decision = file(a_decision(task), by=office.stranger)
    assert decision.was_due_on == JUNE
    fire(decision, "approve", by=office.head, data={"reason": "理由成立"})
    assert again(task).due_on == JULY
    last = history_of(task).last()
    assert (last.act, last.told["said"]) == ("reschedule", {"decision": decision.number})
    assert (last.told["before"], last.told["after"]) == ({"due_on": "2026-06-30"}, {"due_on": "2026-07-31"})


def test_a_refused_decision_moves_nothing(office, task):
    fire(file(a_decision(task), by=office.stranger), "refuse", by=office.head, data={"reason": "不必延后"})
    assert again(task).due_on == JUNE


def test_an_approved_decision_can_drop_a_task(office, task):
    decision = file(a_decision(task, kind="drop", due_on=None), by=office.stranger)
    fire(decision, "approve", by=office.head, data={"reason": "项目取消"})
    assert again(task).state == "dropped"


def test_the_department_that_asks_does_not_decide_and_nobody_decides_what_he_asked(office, task):
    asked = file(a_decision(task), by=office.stranger)
    of_market = reader(20, "head", department=office.market.pk, keeps="market")
    for nobody in (office.stranger, of_market, office.clerk, office.reviewer):
        with pytest.raises(NotAllowed):
            fire(asked, "approve", by=nobody, data={"reason": "同意"})
    clerk_and_head = type(office.clerk)(
        office.clerk.account, "both", (*office.clerk.grants, *office.head.grants)
    )
    own = file(a_decision(task), by=clerk_and_head)
    with pytest.raises(NotAllowed) as refused:
        fire(own, "approve", by=clerk_and_head, data={"reason": "同意"})
    assert refused.value.field == "four eyes"


def test_a_decision_that_its_task_refuses_has_not_happened(office, task):
    decision = file(a_decision(task), by=office.stranger)
    fire(task, "report", by=office.stranger, data=DONE)
    with pytest.raises(Refused):
        fire(decision, "approve", by=office.head, data={"reason": "同意"})
    assert again(decision).state == "proposed"
    assert [event.act for event in history_of(decision)] == ["file"]


def test_a_decision_names_a_day_other_than_the_one_that_stands(office, task):
    for day in (None, JUNE):
        with pytest.raises(Invalid) as refused:
            file(a_decision(task, due_on=day), by=office.stranger)
        assert set(refused.value.faults) == {"due_on"}


def test_the_owner_reports_and_the_quality_office_accepts(office, task):
    with pytest.raises(NotAllowed):
        fire(task, "report", by=reader(21, "clerk", department=9999), data=DONE)
    reported = fire(task, "report", by=office.stranger, data=DONE)
    with pytest.raises(NotAllowed):
        fire(reported, "accept", by=reader(20, "reviewer", department=office.market.pk, keeps="market"))
    assert fire(reported, "accept", by=office.reviewer).state == "done"
    (run,) = ClockRun.objects.all()
    assert (run.rule, run.department_id, run.ended_by) == ("plans.acceptance", office.quality.pk, "accept")


def test_no_clock_runs_on_the_due_day_of_a_plan(office, task):
    assert not ClockRun.objects.exists()


def test_the_owner_alone_tells_the_status_of_a_month_and_tells_it_once(office, task):
    status = {"task": task, "standing": "on_track", "percent": 40, "progress": "已完成调研"}
    with pytest.raises(NotAllowed):
        create(StatusReport(month=dt.date(2026, 3, 1), **status), by=office.clerk)
    create(StatusReport(month=dt.date(2026, 3, 1), **status), by=office.stranger)
    for month in (dt.date(2026, 3, 1), dt.date(2026, 4, 15)):
        with pytest.raises(Invalid):
            create(StatusReport(month=month, **status), by=office.stranger)


def test_a_department_helps_others_and_not_itself(office, task):
    with pytest.raises(Invalid) as refused:
        create(Help(task=task, helper=office.market), by=office.clerk)
    assert set(refused.value.faults) == {"helper"}
    assert create(Help(task=task, helper=office.quality), by=office.clerk).pk


def test_the_goal_of_a_task_stands_in_its_own_plan(office, task):
    last_year = file(Plan(year=2025, title="2025年计划"), by=office.clerk)
    goal = create(Goal(plan=last_year, title="抽查合格率", aim="95.5"), by=office.clerk)
    with pytest.raises(Invalid) as refused:
        change(task, by=office.clerk, goal=goal)
    assert set(refused.value.faults) == {"goal"}


def test_a_question_between_departments_is_public_once_it_is_decided(office):
    case = file(
        Coordination(title="职责分工", question="由谁组织检定", raised_by=office.market), by=office.stranger
    )
    assert case.department == office.quality
    case = fire(case, "consult", by=office.clerk)
    case = fire(case, "collect", by=office.clerk, data={"opinions": "无异议"})
    assert list(Coordination.objects.visible_to(PUBLIC)) == []
    decided = {"decision": "由质量办组织", "decided_on": dt.date(2026, 5, 6)}
    fire(case, "decide", by=office.head, data=decided)
    (seen,) = Coordination.objects.visible_to(PUBLIC)
    assert seen.sight.whole & {"question", "opinions", "decision"} == {"decision"}
