"""What stands on a desk beside the clocks: cases without one, and those of others whose next move is the reader's."""

from __future__ import annotations

import datetime as dt

from desk_pages import march, numbers, queries, rows, text

from shenzhi.apps.people.procedures import APPOINTMENT
from shenzhi.apps.plans.models import Plan, Task
from shenzhi.apps.plans.procedures import COORDINATION, PLAN, TASK
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.supervision.waiting import clockless, moved_on


def a_plan(office, year: int = 2026):
    return file(
        Plan(year=year, title=f"{year}年质量计划", department=office.quality), by=office.clerk, at=march(2)
    )


def a_task(office, plan, title: str = "修订办法"):
    return file(
        Task(plan=plan, title=title, owner=office.market, deliverable="办法", due_on=dt.date(2026, 6, 30),
             department=office.quality),
        by=office.clerk, at=march(3),
    )  # fmt: skip


def test_the_states_in_which_no_clock_runs_follow_from_the_procedure():
    # adoption runs from submit to adopt or return; the rest of a plan's life has no limit
    assert clockless(PLAN) == {"draft", "adopted", "closed"}
    # from filing on the review runs, also while it is paused for papers
    assert clockless(APPOINTMENT) == {"listed", "refused", "ended", "withdrawn"}
    assert clockless(TASK) == {"running", "done", "dropped"}


def test_what_is_in_force_and_a_chance_to_withdraw_are_no_tasks():
    assert moved_on(APPOINTMENT, "clerk") == ()  # an officer on the list can be ended: that waits for nobody
    # a member could withdraw what is filed; what is returned for papers is the member's to supplement
    assert moved_on(APPOINTMENT, "member") == ("supplementing",)
    assert moved_on(PLAN, "head") == ("adopted", "draft")
    assert moved_on(COORDINATION, "reviewer") == ("decided",)
    assert (moved_on(TASK, "partner"), moved_on(TASK, "public")) == (("running",), ())


def test_a_case_without_a_clock_stands_after_those_with_one(people, cases, office):
    plan = a_plan(office)
    # of the quality office's four clocks a clerk can move these on: the returned one and the filed ones
    assert rows(people.clerk.get("/desk/")) == numbers(
        cases.red, cases.yellow, cases.green, cases.paused, plan
    )
    page = text(people.clerk.get("/en/desk/"))
    assert "Without a clock, or carried out elsewhere and waiting for your move" in page
    assert "2 March 2026 no clock" in page


def test_a_case_whose_clock_has_started_stands_there_once(people, office):
    plan = fire(a_plan(office), "submit", by=office.clerk, at=march(27))
    assert rows(people.head.get("/desk/")) == numbers(plan)
    assert "no clock" not in text(people.head.get("/en/desk/"))
    # a clerk can do nothing about a plan that waits for its adoption
    assert rows(people.clerk.get("/desk/")) == []


def test_a_task_waits_for_the_department_that_owns_it_and_not_for_the_one_that_keeps_the_plan(people, office):
    plan = a_plan(office)
    task = a_task(office, plan)
    assert rows(people.stranger.get("/desk/")) == numbers(task)  # of the market department
    assert rows(people.clerk.get("/desk/")) == numbers(plan)
    assert people.stranger.get(f"/desk/tasks/{task.number}/").status_code == 200


def test_a_member_sees_what_the_own_organisation_has_to_supplement(people, cases):
    response = people.member.get("/desk/")
    assert rows(response) == numbers(cases.paused)
    assert f'href="/registers/officers/{cases.paused.number}/"' in response.content.decode()
    page = text(people.member.get("/en/desk/"))
    assert "1 cases wait for you or your organisation" in page
    assert "paused" in page  # the clock of the office that waits for it


def test_filters_hold_for_what_has_no_clock_too(people, cases, office):
    plan = a_plan(office)
    assert rows(people.clerk.get("/desk/?register=plans")) == numbers(plan)
    assert rows(people.clerk.get("/desk/?register=officers")) == numbers(
        cases.red, cases.yellow, cases.green, cases.paused
    )
    assert rows(people.clerk.get("/desk/?lamp=red")) == numbers(cases.red)
    assert rows(people.clerk.get("/desk/?whose=mine")) == []


def test_they_cost_the_same_queries_with_one_and_with_many(people, office):
    plan = a_plan(office)
    a_task(office, plan)
    people.stranger.get("/desk/")
    one = queries(people.stranger, "/desk/")
    for number in range(20):
        a_task(office, plan, f"任务{number}")
    assert queries(people.stranger, "/desk/") == one <= 12
    assert len(rows(people.stranger.get("/desk/"))) == 21
