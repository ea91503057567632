"""The inbox page, and the page of the platform's own work."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from announced import announced, people, put_under
from shenzhi.kernel.access.accounts import Account, Membership
from shenzhi.kernel.notices.models import Letter, Notice
from shenzhi.kernel.work.models import ChoreRun


@pytest.fixture
def case(office, monkeypatch, settings):
    settings.EMAIL_HOST = "127.0.0.1"
    put_under(monkeypatch)
    people(office, member="member@firm.example")
    return announced(office)


def browser(who) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=who.account))
    return client


def test_an_inbox_names_register_number_and_act_and_nothing_of_what_the_record_says(office, case):
    for language, words in (("", "首席质量官"), ("/en", "Chief quality officers")):
        page = browser(office.member).get(f"{language}/inbox/").content.decode()
        assert words in page
        assert case.number in page
        assert "张三" not in page
        assert "13800001111" not in page


def test_opening_a_notice_leads_to_its_record_and_marks_it_as_read(office, case):
    notice = Notice.objects.get(account=office.member.account)
    answer = browser(office.member).get(f"/en/inbox/{notice.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/en/registers/officers/{case.number}/")
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "Nothing unread." in browser(office.member).get("/en/inbox/").content.decode()


def test_the_notice_of_another_is_missing_and_stays_unread(office, case):
    notice = Notice.objects.get(account=office.member.account)
    assert browser(office.rival).get(f"/inbox/{notice.pk}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None
    assert case.number not in browser(office.rival).get("/inbox/").content.decode()


def test_all_notices_are_marked_as_read_by_a_post_of_ones_own(office, case):
    assert Client(enforce_csrf_checks=True).post("/inbox/").status_code == 403
    browser(office.rival).post("/inbox/")
    assert Notice.objects.filter(read_at=None).count() == 1
    browser(office.member).post("/inbox/")
    assert Notice.objects.filter(read_at=None).count() == 0


def test_whoever_is_not_signed_in_is_asked_to(case):
    for address in ("/inbox/", "/inbox/1/", "/inbox/chores/"):
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/")


def test_a_long_inbox_is_turned_over_page_by_page(office, case):
    Notice.objects.bulk_create(
        Notice(register="people_officer", record=case.pk, version=9 + n, act="announce", at=timezone.now(),
               account_id=office.member.account)
        for n in range(60)
    )  # fmt: skip
    client = browser(office.member)
    first = client.get("/en/inbox/").content.decode()
    assert first.count('class="unread"') == 50
    older = first.partition("?before=")[2].partition('"')[0]
    assert client.get(f"/en/inbox/?before={older}").content.decode().count('class="unread"') == 11


def test_administrators_see_chores_and_failed_letters_and_may_send_again(office, case):
    Letter.objects.update(given_up_at=timezone.now(), error="550 no mailbox", tries=1)
    ChoreRun.objects.create(chore="head", error="ValueError: broken", failed_at=timezone.now())
    client = browser(office.administrator)
    page = client.get("/en/inbox/chores/").content.decode()
    for said in ("550 no mailbox", "ValueError: broken", "0 waiting to go out, 1 given up.", case.number):
        assert said in page
    client.post("/inbox/chores/", {"letter": Letter.objects.get().pk})
    assert Letter.objects.get().standing == "waiting"
    assert "1 waiting to go out, 0 given up." in client.get("/en/inbox/chores/").content.decode()


def test_for_everybody_else_the_platforms_own_work_is_missing(office, case):
    Letter.objects.update(given_up_at=timezone.now())
    for who in (office.member, office.clerk, office.head):
        assert browser(who).get("/inbox/chores/").status_code == 404
        assert browser(who).post("/inbox/chores/", {"letter": Letter.objects.get().pk}).status_code == 404
    assert Letter.objects.get().standing == "given up"


def test_an_auditor_looks_on_and_changes_nothing(office, case):
    Letter.objects.update(given_up_at=timezone.now())
    Membership.objects.create(account_id=office.rival.account, role="auditor")
    client = browser(office.rival)
    assert client.get("/inbox/chores/").status_code == 200
    client.post("/inbox/chores/", {"letter": Letter.objects.get().pk})
    assert Letter.objects.get().standing == "given up"
