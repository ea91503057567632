"""Electronic supervision: totals for everybody, cases for those who oversee them, and data that anyone can take."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from desk_pages import TODAY, an_officer, march, noon, numbers, queries, rows, text
from django.core.cache import cache
from django.utils import timezone

from shenzhi.kernel.cases.firing import file
from shenzhi.kernel.supervision import counts
from shenzhi.kernel.supervision.figures import count_months
from shenzhi.kernel.supervision.lamps import count_running

NAMES = ("红一", "黄一", "绿一", "停一", "成一", "迟一", "他一", "13800001111", "CQO-", "Wang")


@pytest.mark.parametrize("address", ["/supervision/", "/en/supervision/", "/supervision/wall/"])
def test_everybody_reads_totals_and_nobody_reads_a_person_there(people, cases, address):
    for role in ("public", "member", "clerk", "supervisor"):
        response = people.clients[role].get(address)
        assert response.status_code == 200
        page = text(response)
        assert [name for name in NAMES if name in page] == []


def test_the_totals_are_those_of_the_cases(people, cases):
    page = people.public.get("/supervision/lamps.json").json()
    assert page["lamps"] == [
        {"department": "market", "register": "people_officer", "clock": "review",
         "red": 1, "yellow": 0, "green": 0, "paused": 0, "unread": 0},
        {"department": "quality", "register": "people_officer", "clock": "review",
         "red": 1, "yellow": 1, "green": 1, "paused": 1, "unread": 0},
    ]  # fmt: skip
    assert (page["as_of"], page["article"]) == ("2026-03-31T12:00:00+08:00", "71")


def test_the_monthly_figures_are_worked_out_from_what_ended(people, cases):
    response = people.public.get("/supervision/months.csv")
    assert response["Content-Disposition"] == 'attachment; filename="shenzhi-supervision-months.csv"'
    lines = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    # received 2 February, due 15 working days later, on the 23rd: ended on the 26th it was late, after 18 days;
    # received 2 March, ended on the 6th: in time, after 4 working days
    assert [tuple(line.values()) for line in lines] == [
        ("2026-02", "quality", "质量办", "people_officer", "review", "1", "0", "1", "0", "0.0000", "18"),
        ("2026-03", "quality", "质量办", "people_officer", "review", "1", "1", "0", "0", "1.0000", "4"),
    ]


@pytest.mark.parametrize(("role", "status"), [("supervisor", 200), ("auditor", 200), ("head", 200), ("clerk", 404),
                                              ("district", 404), ("member", 404), ("administrator", 404), ("public", 302)])  # fmt: skip
def test_who_reads_the_list_of_warnings(people, cases, role, status):
    assert people.clients[role].get("/supervision/warnings/").status_code == status


def test_a_head_is_warned_of_the_own_department_and_a_supervisor_of_all(people, cases):
    assert rows(people.head.get("/supervision/warnings/")) == numbers(cases.red)
    assert rows(people.stranger.get("/supervision/warnings/")) == numbers(cases.elsewhere)
    assert rows(people.supervisor.get("/supervision/warnings/")) == numbers(cases.red, cases.elsewhere)
    assert rows(people.supervisor.get("/supervision/warnings/?lamp=yellow")) == numbers(cases.yellow)
    # green is no warning: the list stays with red
    assert rows(people.supervisor.get("/supervision/warnings/?lamp=green")) == numbers(
        cases.red, cases.elsewhere
    )


def test_the_list_tells_causes_appeals_and_steps(people, cases):
    clock = f"/desk/officers/{cases.red.number}/clock/review/"
    people.clerk.post(f"{clock}cause/", {"cause": "applicant", "text": "企业迟交"})
    people.head.post(f"{clock}appeal/", {"cause": "applicant", "text": "企业迟交"})
    people.supervisor.post(f"{clock}supervised/", {"text": "请于三日内办结"})
    page = text(people.supervisor.get("/en/supervision/warnings/"))
    assert "Applicant" in page
    assert "To be decided" in page
    assert "Supervision notice 31 March 2026" in page


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("supervisor", 200),
        ("auditor", 200),
        ("head", 200),
        ("clerk", 404),
        ("district", 404),
        ("public", 302),
    ],
)
def test_who_reads_what_the_detectors_saw(people, cases, role, status):
    assert people.clients[role].get("/supervision/findings/").status_code == status


def test_a_finding_names_the_case_and_blames_nobody(people, office):
    file(an_officer(office), by=office.member, at=march(20))
    late = file(an_officer(office, "李四"), by=office.member, at=march(9))
    page = text(people.auditor.get("/en/supervision/findings/"))
    assert late.number in page
    assert "the moment given is 11 days earlier" in page
    assert "member 1" not in page


def test_a_head_is_told_of_the_own_department_s_cases_and_of_no_other(people, office):
    for department in (office.quality, office.market):
        file(an_officer(office, "先", department), by=office.member, at=march(20))
    own = file(an_officer(office, "李四"), by=office.member, at=march(9))
    other = file(an_officer(office, "王五", office.market), by=office.member, at=march(9))
    for head, seen, unseen in ((people.head, own, other), (people.stranger, other, own)):
        page = text(head.get("/en/supervision/findings/"))
        assert (seen.number in page, unseen.number in page) == (True, False)
        assert "Entered afterwards 1" in page


def test_a_large_office_reads_what_the_runner_counted_and_when(people, cases, office, monkeypatch):
    monkeypatch.setattr(counts, "FEW", 0)
    count_running()
    count_months(TODAY, 24)
    later = noon(TODAY) + dt.timedelta(minutes=5)
    monkeypatch.setattr(timezone, "now", lambda: later)
    file(an_officer(office, "新一"), by=office.member, at=march(30))
    shown = people.public.get("/supervision/lamps.json").json()
    assert shown["as_of"] == "2026-03-31T12:00:00+08:00"
    assert shown["lamps"][1] == {
        "department": "quality", "register": "people_officer", "clock": "review",
        "red": 1, "yellow": 1, "green": 1, "paused": 1, "unread": 0,
    }  # fmt: skip
    assert "as of 2026-03-31 12:00" in text(people.public.get("/en/supervision/"))
    assert rows(people.supervisor.get("/supervision/warnings/")) == numbers(cases.red, cases.elsewhere)
    assert len(people.public.get("/supervision/months.csv").content.splitlines()) == 3
    count_running()
    shown = people.public.get("/supervision/lamps.json").json()
    assert (shown["as_of"], shown["lamps"][1]["green"]) == ("2026-03-31T12:05:00+08:00", 2)


@pytest.mark.parametrize("role", ["clerk", "reviewer", "head", "district", "supervisor", "auditor"])
def test_those_who_work_in_an_office_see_the_lamps_of_their_department(people, cases, role):
    assert people.clients[role].get("/desk/department/").status_code == 200


def test_the_public_members_and_administrators_do_not(people, cases):
    for client in (people.member, people.administrator):
        assert client.get("/desk/department/").status_code == 404
    assert people.public.get("/desk/department/")["Location"] == "/account/login/?next=/desk/department/"


def test_a_department_counts_its_own_and_no_other(people, cases):
    page = text(people.head.get("/en/desk/department/"))
    assert "4 clocks are running; 50% ended in time in the last 12 months." in page
    other = text(people.stranger.get("/en/desk/department/"))
    assert "1 clocks are running." in other
    assert people.head.get("/desk/department/?department=market").status_code == 404
    assert "1 clocks are running." in text(people.supervisor.get("/en/desk/department/?department=market"))
    # all five of Pine Breeze, whichever department holds them
    assert "5 clocks are running" in text(people.district.get("/en/desk/department/"))


def test_a_person_stands_with_the_lamps_held(people, cases):
    people.reviewer.post(f"/desk/officers/{cases.red.number}/take/", {"version": 1})
    page = text(people.head.get("/en/desk/department/"))
    assert "Reviewer Wang 1 – – – –" in page
    assert "Unassigned – 1 1 1 –" in page


def test_the_pages_of_totals_cost_the_same_queries_with_one_case_and_with_forty(people, office):
    addresses = ("/supervision/", "/supervision/wall/", "/supervision/lamps.json")
    file(an_officer(office), by=office.member, at=march(2))
    people.public.get("/supervision/")

    def cost() -> list[int]:
        found = []
        for address in addresses:
            cache.clear()
            found.append(queries(people.public, address))
        return [
            *found,
            queries(people.head, "/desk/department/"),
            queries(people.supervisor, "/supervision/warnings/"),
        ]

    cost()  # the session of each is noted once
    one = cost()
    for number in range(39):
        file(an_officer(office, f"张{number}"), by=office.member, at=march(2 + number % 25))
    assert cost() == one


def test_no_page_may_be_kept_for_the_next_reader(people, cases):
    for address in ("/desk/", "/desk/department/", "/supervision/", "/supervision/warnings/"):
        assert "no-store" in people.head.get(address)["Cache-Control"], address


def test_the_english_pages_are_english(people, cases):
    """Chinese stands there only as data: names of departments have English ones, what people wrote is theirs."""
    import re

    for address in ("desk/keys/", "supervision/", "supervision/wall/", "supervision/findings/"):
        page = people.supervisor.get(f"/en/{address}").content.decode()
        main = re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")])
        assert re.findall(r"[\u4e00-\u9fff]+", main) == [], address
