"""When the organisation complained of learns of a complaint, and of what in it: from the day on which it is asked to answer (article 90)."""

from __future__ import annotations

import re

import letters_city
import pytest
from letters_asked import OURS, counts, differing, plain, told
from letters_city import ACCEPT, REFUSE, REOPEN, SPLIT, WAYS_OF_COMPLAINTS, WHO, Letters
from test_matrix import said

from shenzhi.apps.complaints.models import Complaint, Report
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.attachments.attaching import attach
from shenzhi.kernel.cases.assigning import assign
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.cases.tracking import filer
from shenzhi.kernel.notices.models import Notice
from shenzhi.kernel.notices.wording import letter
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.writing import Invalid, change

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def city(letters: Letters) -> Letters:
    return letters


def test_the_firm_learns_of_the_steps_that_concern_it_and_of_no_others(city: Letters) -> None:
    """Not that its complainant judged or corrected anything, attached a file, or reported it as well."""
    browser = city.city.client(city.city.people["member"])
    acts = set()
    for record in city.city.in_register("complaints"):
        answer = browser.get(f"/api/v1/complaints/{record.number}/history")
        for event in answer.json()["items"] if answer.status_code == 200 else ():
            acts.add(event["act"])
            assert (event["by"], event["before"], event["after"]) == (None, {}, {})
            assert set(event["said"]) <= {
                "ground",
                "to_whom",
                "result",
                *(["reason"] if event["act"] == "test" else []),
            }
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", event["at"])  # the day alone: the minute is the letter's
    # what was disputed or passed on it never learns; refused was one that was taken up again
    assert acts == {
        "file", "accept", "test", "tested", "settle", "end", "tell", "refuse", "withdraw", "reopen", "retry", "uphold",
    }  # fmt: skip


@pytest.mark.parametrize("who", ["member", "public"])
def test_a_history_tells_neither_hidden_steps_nor_how_many_there_were(city: Letters, who: str) -> None:
    """Of a complaint that was split, judged and published: a gap in the versions would say that there was something."""
    browser, split = city.city.client(city.city.people[who]), 0
    for record in Complaint.objects.filter(published=True):
        split += Report.objects.filter(letter=record).exists()
        answer = browser.get(f"/api/v1/complaints/{record.number}/history").json()["items"]
        assert [event["version"] for event in answer] == list(range(1, len(answer) + 1))
        assert {event["act"] for event in answer} <= {
            "file",
            "accept",
            "settle",
            "end",
            "tell",
            "reopen",
            "uphold",
        }
        assert {len(event["at"]) for event in answer} == {len("2026-03-02")}
        page = said(browser.get(f"/registers/complaints/{record.number}/"))
        for act in ("split", "rate", "publish"):
            title = record.procedure.act_title(act)
            assert f"<strong>{title.zh}</strong>" not in page, act
        assert "附件" not in page or who == "member"
    assert split == 1


UNTOLD = {"filed", "disputed", "refused", "transferred", "withdrawn", "reopened"}
"""The states in which the firm has never been told of a complaint; it can be withdrawn or reopened also when it was."""


def test_the_firm_learns_of_a_complaint_when_it_is_asked_to_answer_and_never_before(city: Letters) -> None:
    """By page, list, API, search, export, dossier, count and notice; a complaint that is refused, passed on or withdrawn
    before, it never learns of, and one that was refused and is taken up again it learns of then."""
    browser, clerk = city.city.client(city.city.people["member"]), city.readers["clerk"]
    of_firm = Complaint.objects.filter(respondent=city.office.firm)
    assert set(of_firm.filter(invited=False).values_list("state", flat=True)) == UNTOLD
    before = counts(city, browser, OURS)
    everything = "".join(text for path, (_, text) in before.items() if not re.search(r"/CP-", path))
    for record in of_firm:
        assert (record.number in everything) == record.invited, record.state
        for base in ("/registers/complaints/%s/", "/registers/complaints/%s/files/", "/api/v1/complaints/%s",
                     "/registers/complaints/%s/do/respond/", "/api/v1/complaints/%s/history"):  # fmt: skip
            status = browser.get(base % record.number).status_code
            assert (status == 404) == (not record.invited), (base, record.state, status)
    letters = [
        city.hand_in(Complaint, ways) for ways in ((), (REFUSE,), (("withdraw", "clerk", {}),), WAYS_OF_COMPLAINTS[1])
    ]  # fmt: skip
    assert differing(before, counts(city, browser, OURS)) == []
    fresh = fire(letters[0], *ACCEPT[:1], by=clerk, data=ACCEPT[2])
    code = city.office.firm.code
    told_by = {
        "/registers/complaints/", "/api/v1/complaints/", "/registers/complaints/export.csv", "/inbox/",
        f"/id/org/{code}/", f"/id/org/{code}.json",
    }  # fmt: skip
    after = counts(city, browser, OURS)
    assert told_by <= set(differing(before, after))
    for path in told_by:
        assert fresh.number in after[path][1], path
        assert not [one.number for one in letters[1:] if one.number in after[path][1]], path
    again = fire(letters[1], "reopen", by=clerk, data={"reason": "材料已补"})
    with pytest.raises(Invalid) as refused:  # nobody is invited without being told to what
        fire(again, "retry", by=city.readers["head"], data={"reason": "应当受理"})
    assert set(refused.value.faults) == {"statement"}
    assert again.number not in said(browser.get("/registers/complaints/"))
    again = fire(
        again, "retry", by=city.readers["head"], data={"reason": "应当受理", "statement": "要求更换。"}
    )
    for path in ("/registers/complaints/", "/inbox/"):
        assert again.number in said(browser.get(path)), path


def test_a_complaint_that_was_never_accepted_is_not_published(city: Letters) -> None:
    case = city.hand_in(Complaint, (REFUSE, REOPEN, ("uphold", "head", {"answer": "维持。"})))
    with pytest.raises(Invalid) as refused:
        fire(case, "publish", by=city.readers["reviewer"], data={"summary": "不予受理。"})
    assert set(refused.value.faults) == {"summary"}


@pytest.mark.parametrize("who", ["member", "program", "public"])
def test_what_the_firm_may_not_know_of_changes_nothing_that_it_reads(city: Letters, who: str) -> None:
    """Not a byte, not an ETag, not a version in a form: that the letter was corrected, judged, split, handed on, or got a file."""
    browser, clerk = city.city.client(city.city.people[who]), city.readers["clerk"]
    waiting = next(
        one for one in city.city.in_register("complaints")
        if one.state == "mediating" and one.respondent_id == city.office.firm.pk and not one.violation
    )  # fmt: skip
    ended = next(one for one in city.city.in_register("complaints") if one.published and one.reopened)
    asked = ["/registers/complaints/", "/api/v1/complaints/", f"/id/org/{city.office.firm.code}/", "/inbox/"]
    for record in (waiting, ended):
        asked += [f"/registers/complaints/{record.number}/{one}" for one in ("", "files/", "do/respond/")]
        asked += [f"/api/v1/complaints/{record.number}{one}" for one in ("", "/history")]
    browser.get("/api/v1/")  # the first use of a key in an hour is noted
    before = {path: plain(browser.get(path)) for path in asked}
    assert {answer[0] for answer in before.values()} & {200}
    for record in (waiting, ended):
        change(
            Complaint.objects.get(pk=record.pk), by=clerk, facts="壶底漏水，另有异味。", phone="010-00001111"
        )
    assign(Complaint.objects.get(pk=waiting.pk), clerk.account, by=city.readers["head"])
    attach(Complaint.objects.get(pk=waiting.pk), letters_city.photograph(), by=clerk)
    fire(Complaint.objects.get(pk=waiting.pk), "split", by=city.readers["reviewer"], data=SPLIT[2])
    fire(
        Complaint.objects.get(pk=ended.pk),
        "rate",
        by=filer(ended),
        data={"satisfaction": "1", "fixed": "not_fixed"},
    )
    fire(Complaint.objects.get(pk=ended.pk), "follow_up", by=PLATFORM)
    assert differing(before, {path: plain(browser.get(path)) for path in asked}) == []


@pytest.mark.parametrize("who", ["member", "rival", "public", "stranger"])
def test_a_report_changes_nothing_that_the_reported_firm_can_count(city: Letters, who: str) -> None:
    """Neither one that comes by itself, nor one that the office finds in a complaint, nor one that stands in it from the start.

    The numbers of complaints go on by themselves: reports are counted apart, under numbers that only they have. What is
    counted of the whole city grows: the clocks of departments, the letters of a year, the events of history."""
    browser = city.city.client(city.city.people[who])
    waiting = next(
        one for one in city.city.in_register("complaints") if one.state == "mediating" and not one.violation
    )
    before = counts(city, browser)
    city.hand_in(Report, ())
    fire(Complaint.objects.get(pk=waiting.pk), "split", by=city.readers["reviewer"], data=SPLIT[2])
    assert differing(before, counts(city, browser)) == []
    first, second = (
        city.hand_in(Complaint, (), respondent=city.office.other, **more)
        for more in ({}, {"violation": "少秤"})
    )
    third = city.hand_in(Complaint, (), respondent=city.office.other)
    assert [second.pk - first.pk, third.pk - second.pk] == [1, 1]


def test_notices_and_letters_to_the_firm_name_the_case_and_nothing_of_its_writer(city: Letters) -> None:
    notices = list(
        Notice.objects.filter(
            account__in=[city.city.people[one].account.pk for one in ("member", "rival", "stranger")]
        )
    )
    assert len(notices) > 15
    for notice in notices:
        for language in ("zh-hans", "en", ""):
            text = letter(notice, language)
            assert told(city, f"{text.subject}\n{text.body}") == set()
    # of a report nobody outside is told at all; of a letter only whoever wrote it
    reports = Notice.objects.filter(register=register_of(Report).code)
    inside = {city.city.people[one].account.pk for one in ("clerk", "reviewer", "head", "writer")}
    assert {one.account_id for one in reports} <= {None, *inside}
    assert {one.address for one in reports if one.account_id is None} <= {WHO["email"]}
