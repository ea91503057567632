"""The desk: whose tasks stand on it, in which order, and that it costs the same however many there are."""

from __future__ import annotations

import pytest
from desk_pages import an_officer, march, numbers, queries, rows

from shenzhi.kernel.cases.firing import file
from shenzhi.web.workbench.models import SavedView


def test_the_public_is_asked_to_sign_in_and_comes_back(people):
    response = people.public.get("/desk/?lamp=red")
    assert (response.status_code, response["Location"]) == (302, "/account/login/?next=/desk/%3Flamp%3Dred")


@pytest.mark.parametrize("role", ["member", "administrator"])
def test_whoever_carries_nothing_out_is_led_to_the_own_notices(people, role):
    response = people.clients[role].get("/desk/")
    assert (response.status_code, response["Location"]) == (302, "/inbox/")


def test_the_worst_clock_stands_first_and_what_waits_for_others_does_not_stand_at_all(people, cases):
    # a reviewer can list or refuse what is filed; what was returned waits for the enterprise
    assert rows(people.reviewer.get("/desk/")) == numbers(cases.red, cases.yellow, cases.green)
    # a clerk can supplement for the enterprise: the paused case comes last
    assert rows(people.clerk.get("/desk/")) == numbers(cases.red, cases.yellow, cases.green, cases.paused)


def test_what_waits_for_others_is_shown_when_asked_for(people, cases):
    assert rows(people.reviewer.get("/desk/?every=1")) == numbers(
        cases.red, cases.yellow, cases.green, cases.paused
    )


def test_a_row_says_lamp_due_day_and_days_in_words(people, cases):
    page = people.reviewer.get("/en/desk/?lamp=red").content.decode()
    assert "overdue" in page
    assert "6 working days late" in page
    assert "Unassigned" in page


def test_other_departments_and_districts_are_neither_shown_nor_counted(people, cases, office):
    assert rows(people.stranger.get("/desk/")) == numbers(cases.elsewhere)
    assert "1 项期限等您办理" in people.stranger.get("/desk/").content.decode()
    # the district officer reaches all of Pine Breeze, but may make no move of this procedure
    assert rows(people.district.get("/desk/")) == []
    assert len(rows(people.district.get("/desk/?every=1"))) == 5


def test_lamps_and_registers_filter_and_words_that_mean_nothing_are_left_out(people, cases):
    assert rows(people.reviewer.get("/desk/?lamp=yellow")) == numbers(cases.yellow)
    assert rows(people.reviewer.get("/desk/?register=officers&lamp=green")) == numbers(cases.green)
    assert rows(people.reviewer.get("/desk/?register=nothing&lamp=blue&whose=god")) == numbers(
        cases.red, cases.yellow, cases.green
    )


def test_taking_a_case_makes_it_mine_and_is_told_in_its_history(people, cases):
    where = f"/desk/officers/{cases.red.number}/take/"
    response = people.reviewer.post(where, {"version": cases.red.version})
    assert (response.status_code, response["Location"]) == (
        302,
        f"/desk/officers/{cases.red.number}/?done=assigned",
    )
    assert rows(people.reviewer.get("/desk/?whose=mine")) == numbers(cases.red)
    assert rows(people.reviewer.get("/desk/?whose=unassigned")) == numbers(cases.yellow, cases.green)
    cases.red.refresh_from_db()
    assert cases.red.handler == people.accounts["reviewer"]


def test_nobody_takes_a_case_of_another_department(people, cases):
    where = f"/desk/officers/{cases.red.number}/take/"
    assert people.stranger.post(where, {"version": 1}).status_code == 404
    assert people.auditor.post(where, {"version": 1}).status_code == 403
    cases.red.refresh_from_db()
    assert cases.red.handler is None


def test_whoever_saw_an_older_version_takes_nothing(people, cases):
    where = f"/desk/officers/{cases.red.number}/take/"
    people.reviewer.post(where, {"version": 1})
    assert people.head.post(where, {"version": 1}).status_code == 412


def test_a_view_is_kept_under_a_name_and_belongs_to_one_person(people, cases):
    people.reviewer.post("/desk/views/", {"name": "急件", "lamp": "red", "whose": "unassigned"})
    view = SavedView.objects.get()
    assert (view.account, view.name, view.query) == (
        people.accounts["reviewer"],
        "急件",
        "lamp=red&whose=unassigned",
    )
    assert "急件" in people.reviewer.get("/desk/").content.decode()
    assert "急件" not in people.head.get("/desk/").content.decode()
    assert people.head.post(f"/desk/views/{view.pk}/forget/").status_code == 404
    people.reviewer.post(f"/desk/views/{view.pk}/forget/")
    assert SavedView.objects.count() == 0


def test_a_desk_costs_the_same_queries_with_one_case_and_with_fifty(people, office):
    file(an_officer(office), by=office.member, at=march(2))
    people.reviewer.get("/desk/")  # the limits and the calendar are read once
    one = queries(people.reviewer, "/desk/")
    for number in range(49):
        file(an_officer(office, f"张{number}"), by=office.member, at=march(2 + number % 25))
    assert queries(people.reviewer, "/desk/") == one
    assert one <= 12
    for number in range(10):
        file(an_officer(office, f"李{number}"), by=office.member, at=march(2 + number))
    assert len(rows(people.reviewer.get("/desk/"))) == 50
    assert len(rows(people.reviewer.get("/desk/?page=2"))) == 10


def test_pages_of_the_list_hold_every_case_once(people, office):
    made = [
        file(an_officer(office, f"张{number}"), by=office.member, at=march(2 + number % 3))
        for number in range(60)
    ]
    shown = rows(people.reviewer.get("/desk/")) + rows(people.reviewer.get("/desk/?page=2"))
    # the same day of receipt is the same due day: then the older case comes first
    assert shown == numbers(*(case for day in range(3) for case in made[day::3]))


def test_the_keys_of_the_desk_are_explained_without_a_script(people):
    assert people.reviewer.get("/desk/keys/").status_code == 200
    assert people.public.get("/en/desk/keys/").status_code == 200
