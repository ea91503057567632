"""Some weeks after the end of a case whoever wrote is asked once whether it is put right, and can answer with number and
secret (article 90)."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.complaint_town import WRITER, at, complaint, explained, furnish, judged, mended, refused, settled
from shenzhi.apps.complaints.followup import ask_all
from shenzhi.apps.complaints.models import Complaint, Problem
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.cases.firing import fire, moves_for
from shenzhi.kernel.cases.tracking import filer, left_to_filer
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.notices.models import Letter, Notice
from shenzhi.kernel.notices.wording import letter
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.writing import NotAllowed
from shenzhi.kernel.supervision.counts import forget

BEFORE, THEN = at("2026-03-29"), at("2026-03-30")
"""A case that ended on Monday 2 March: 28 days later is Monday 30 March."""


@pytest.fixture
def town(office, monkeypatch, settings):
    settings.EMAIL_HOST = "mail.example.org"
    cache.clear()
    monkeypatch.setattr(timezone, "now", lambda: THEN)
    return furnish(office)


def asked() -> list[tuple[str, int]]:
    return list(
        Event.objects.filter(act="follow_up").order_by("register", "record").values_list("register", "record")
    )


def test_a_writer_is_asked_after_28_days_and_once(town):
    case = settled(town, "2026-03-02")
    assert ask_all(BEFORE) == 0
    assert ask_all(THEN) == 1
    assert ask_all(THEN) == 0
    # not even where nobody knows any more up to which day it was asked
    forget("complaints.asked")
    assert ask_all(THEN + dt.timedelta(days=30)) == 0
    (notice,) = Notice.objects.filter(act="follow_up")
    assert (notice.address, notice.record, Letter.objects.filter(notice=notice).count()) == (
        WRITER["email"],
        case.pk,
        1,
    )


def test_the_question_leads_to_where_it_can_be_answered(town, settings):
    settings.PUBLIC_ADDRESS = "https://quality.example"
    case = settled(town, "2026-03-02")
    ask_all(THEN)
    said = letter(Notice.objects.get(act="follow_up"))
    assert said.subject == f"{case.number} 回访问题是否解决 / Asked whether it is put right"
    assert f"https://quality.example/track/?number={case.number}" in said.body
    assert f"https://quality.example/en/track/?number={case.number}" in said.body
    assert case.secret not in said.body
    assert "电热水壶" not in said.body


def test_somebody_with_an_account_is_asked_there(town):
    account = Account.objects.create_user("citizen", name="某人")
    case = settled(town, "2026-03-02", reporter=account, email="")
    assert ask_all(THEN) == 1
    (notice,) = Notice.objects.filter(act="follow_up")
    assert (notice.account_id, notice.record) == (account.pk, case.pk)


def test_a_problem_that_was_mended_is_asked_about_too(town):
    case = mended(town, "2026-03-02")
    assert ask_all(THEN) == 1
    assert asked() == [("complaints_problem", case.pk)]


def test_nobody_is_asked_who_cannot_answer_or_has_answered(town):
    settled(town, "2026-03-02", email="")
    refused(town, "2026-03-02")
    judged(explained(town, "2026-03-02"), "5", "fixed", "2026-03-03")
    complaint(town, "2026-03-02")
    assert ask_all(THEN) == 0


def test_without_mail_only_accounts_are_asked(town, settings):
    settings.EMAIL_HOST = ""
    settled(town, "2026-03-02")
    assert ask_all(THEN) == 0


def test_a_case_that_was_reopened_is_asked_about_after_its_new_end(town):
    case = settled(town, "2026-03-02")
    case = fire(case, "reopen", by=town.clerk, data={"reason": "没有更换。"}, at=at("2026-03-20"))
    assert ask_all(THEN) == 0
    fire(case, "uphold", by=town.head, data={"answer": "有签收单。"}, at=at("2026-03-31"))
    assert ask_all(at("2026-04-27")) == 0
    # 28 days after Tuesday 31 March is Tuesday 28 April
    assert ask_all(at("2026-04-28")) == 1


def test_what_stands_in_the_way_today_is_asked_tomorrow(town, monkeypatch):
    from shenzhi.apps.complaints import followup
    from shenzhi.kernel.registers.writing import Stale
    from shenzhi.kernel.words import Words

    settled(town, "2026-03-02")

    def busy(*_: object, **__: object) -> None:
        raise Stale(Words("已被他人修改", "changed meanwhile"))

    with monkeypatch.context() as at_work:
        at_work.setattr(followup, "fire", busy)
        assert ask_all(THEN) == 0
    assert ask_all(at("2026-03-31")) == 1


def test_old_cases_are_left_alone(town):
    settled(town, "2025-06-02")
    assert ask_all(THEN) == 0


def page_of(answer) -> str:
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_whoever_has_number_and_secret_says_whether_it_is_put_right(town):
    case = settled(town, "2026-03-02")
    browser, known = Client(), {"number": case.number, "secret": case.secret}
    page = page_of(browser.post("/en/track/", known))
    assert re.findall(r'name="move" value="(\w+)"', page) == ["reopen", "rate"]
    page = page_of(browser.post("/en/track/", {**known, "move": "rate"}))
    assert re.findall(r'<(?:select|textarea) name="(\w+)"', page) == ["satisfaction", "fixed", "comment"]
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    given = {**known, "move": "rate", "step": "send", "key": key, "satisfaction": "2", "comment": ""}
    wrong = browser.post("/en/track/", {**given, "fixed": ""})
    assert wrong.status_code == 422
    for _ in range(2):  # a second click does nothing more
        done = browser.post("/en/track/", {**given, "fixed": "came_back"})
        assert (done.status_code, "Done: Judge the handling." in page_of(done)) == (200, True)
    now = Complaint.objects.get(pk=case.pk)
    assert (now.satisfaction, now.fixed, now.outcome, now.state) == ("2", "came_back", "remedied", "closed")
    assert Event.objects.filter(act="rate").count() == 1
    assert not [one for one in WRITER.values() if one in page_of(done)]


def test_without_the_right_secret_nothing_can_be_done(town):
    case, other = settled(town, "2026-03-02"), settled(town, "2026-03-02")
    given = {
        "number": case.number,
        "secret": other.secret,
        "move": "rate",
        "step": "send",
        "satisfaction": "5",
        "fixed": "fixed",
    }
    assert Client().post("/track/", given).status_code == 422
    assert not Event.objects.filter(act="rate").exists()


def test_number_and_secret_open_no_step_of_the_office(town):
    case = complaint(town, "2026-03-02")
    assert [move.code for move in left_to_filer(case)] == ["withdraw"]
    with pytest.raises(NotAllowed):
        fire(case, "accept", by=filer(case), data={"statement": "x"})
    browser = Client()
    given = {"number": case.number, "secret": case.secret, "move": "accept", "step": "send", "statement": "x"}
    assert browser.post("/track/", given).status_code == 404


def test_the_secret_of_one_case_opens_no_other_and_shows_no_more(town):
    case, other = settled(town, "2026-03-02"), settled(town, "2026-03-02")
    with pytest.raises(NotAllowed):
        fire(other, "rate", by=filer(case), data={"satisfaction": "5", "fixed": "fixed"})
    assert [move.code for move, why in moves_for(other, filer(case)) if why is None] == []
    for register in registers():
        if register.slug in ("complaints", "problems", "reports"):
            assert list(register.model.objects.visible_to(filer(case))) == []


def test_a_step_that_is_past_is_told_with_how_it_stands(town):
    case = complaint(town, "2026-03-02")
    fire(case, "accept", by=town.clerk, data={"statement": "要求更换。"})
    answer = Client().post("/track/", {"number": case.number, "secret": case.secret, "move": "rate"})
    assert (answer.status_code, "这一步现在不能办理" in page_of(answer)) == (409, True)


def test_what_the_writer_says_changes_no_outcome_of_the_office(town):
    case = judged(mended(town, "2026-03-02"), "1", "not_fixed", "2026-03-20")
    assert (Problem.objects.get(pk=case.pk).outcome, case.fixed) == ("remedied", "not_fixed")
