"""The front page of complaints, published cases and cases that look alike: what can be done, by which day, and nothing of who
wrote (article 90)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from apps.complaint_town import FACTS, WRITER, at, complaint, furnish, problem, settled
from shenzhi.apps.complaints.alike import alike
from shenzhi.apps.complaints.models import Complaint, Problem
from shenzhi.kernel.access.accounts import Account, Membership, reader_of
from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.cases.firing import fire


@pytest.fixture
def town(office, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at("2026-03-02"))
    return furnish(office)


def words_of(address: str, browser: Client | None = None) -> str:
    """What a page says, without its markup."""
    answer = (browser or Client()).get(address)
    assert answer.status_code == 200, address
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_the_front_page_leads_to_the_four_things_that_can_be_done(town):
    page = Client().get("/complaints/").content.decode()
    for address in (
        "/registers/complaints/add/",
        "/registers/reports/add/",
        "/registers/problems/add/",
        "/track/",
        "/complaints/statistics/",
        "/registers/complaints/",
    ):
        assert f'href="{address}"' in page, address


def test_the_front_page_tells_by_which_day_a_letter_of_today_is_answered(town):
    # Monday 2 March 2026, nothing of these weeks is a holiday: seven working days end on Wednesday the 11th,
    # fifteen on Monday the 23rd, one on Tuesday the 3rd
    said = words_of("/en/complaints/")
    assert "Accept or refuse 7 working days starts: the complaint is received 11 March 2026" in said
    assert "Check 15 working days, 1 extension of 15 more starts: the lead is received 23 March 2026" in said
    assert "Dispatch 1 working day starts: the problem is received 3 March 2026" in said
    chinese = words_of("/complaints/")
    assert "受理 7 个工作日 起算：收到投诉 2026年3月11日" in chinese
    assert "市场监督管理投诉举报处理暂行办法（总局令第20号）第14条" in chinese


def test_limits_that_nobody_has_confirmed_are_marked(town, monkeypatch):
    confirmed = "Interim Measures for Complaints and Reports (Order 20/2020), article 14"
    assert f"{confirmed} to be confirmed" not in words_of("/en/complaints/")
    # since 15 April 2026 the limits of the old measures are repeated for the new ones, and say so
    monkeypatch.setattr(timezone, "now", lambda: at("2026-04-16"))
    said = words_of("/en/complaints/")
    assert confirmed not in said
    repeated = (
        "Measures for Complaints and Reports in force since 15 April 2026; the limit is to be confirmed"
    )
    assert f"{repeated} to be confirmed" in said
    assert "待确认" in words_of("/complaints/")


def test_a_published_case_shows_what_is_public_and_nothing_of_who_wrote(town):
    case = settled(town, "2026-02-02")
    assert "电热水壶" not in words_of("/registers/complaints/")
    fire(case, "publish", by=town.reviewer, data={"summary": "电热水壶漏水，已更换。"})
    for prefix in ("", "/en"):
        listed = words_of(f"{prefix}/registers/complaints/")
        entry = Client().get(f"{prefix}/registers/complaints/{case.number}/").content.decode()
        assert "电热水壶" in listed
        assert "电热水壶漏水，已更换。" in entry
        for closed in (*WRITER.values(), FACTS, "ZZTOP", "要求更换"):
            assert closed not in listed
            assert closed not in entry


def test_letters_of_one_organisation_in_like_words_are_suggested(town):
    first = complaint(town, "2026-02-02", facts="电热水壶底部漏水，商家不肯更换。")
    same = complaint(town, "2026-02-10", facts="电热水壶底部漏水，商家拒绝更换。")
    complaint(town, "2026-02-10", facts="电热水壶底部漏水，商家拒绝更换。", respondent=town.other)
    complaint(town, "2026-02-10", facts="发票开错了金额，要求重开。", goods="服务费")
    # 40 days later it is another matter
    complaint(town, "2026-01-01", facts="电热水壶底部漏水，商家不肯更换。")
    assert [other.pk for other, _ in alike(first, town.clerk)] == [same.pk]


def test_problems_within_a_hundred_metres_are_suggested_the_nearest_first(town):
    # a thousandth of a degree of latitude is 111 m
    first = problem(town, "2026-02-02", latitude="22.540000", longitude="114.050000")
    near = problem(town, "2026-02-03", latitude="22.540400", longitude="114.050000")  # 44 m
    nearer = problem(town, "2026-02-04", latitude="22.540100", longitude="114.050000")  # 11 m
    problem(town, "2026-02-04", latitude="22.542000", longitude="114.050000")  # 222 m
    assert [(other.pk, words.en) for other, words in alike(Problem.objects.get(pk=first.pk), town.clerk)] == [
        (nearer.pk, "about 11 m away"),
        (near.pk, "about 44 m away"),
    ]


def officer(name: str, role: str, **where: object) -> tuple[Client, object]:
    account = Account.objects.create_user(name, name=f"{name} 某人")
    Membership.objects.create(account=account, role=role, **where)
    browser = Client()
    browser.force_login(account)
    return browser, reader_of(account)


def test_the_screen_of_a_case_suggests_and_merges_nothing(town):
    first, same = complaint(town, "2026-02-02"), complaint(town, "2026-02-10")
    browser, _ = officer("clerk", "clerk", department=town.quality)
    page = browser.get(f"/en/desk/complaints/{first.number}/").content.decode()
    assert "Cases that look alike" in page
    assert f'href="/en/desk/complaints/{same.number}/"' in page
    assert "texts alike by 100%" in page
    first.refresh_from_db()
    assert (first.state, first.version) == ("filed", 1)
    assert (
        "没有。"
        in browser.get(
            f"/desk/complaints/{complaint(town, '2026-02-10', respondent=town.other).number}/"
        ).content.decode()
    )


def test_a_case_of_another_district_is_not_named_to_an_officer_of_this_one(town):
    first = problem(town, "2026-02-02", latitude="22.540000", longitude="114.050000")
    other = problem(town, "2026-02-03", latitude="22.540000", longitude="114.050000", district=town.bamboo)
    browser, _ = officer("pine", "district", district=town.pine)
    page = browser.get(f"/desk/problems/{first.number}/").content.decode()
    assert "可能是同一件事" in page
    assert other.number not in page


def test_looking_for_like_cases_asks_two_questions_however_many_there_are(town, django_assert_num_queries):
    first = complaint(town, "2026-02-02")
    for _ in range(3):
        complaint(town, "2026-02-02")
    case = Complaint.objects.visible_to(town.clerk).get(pk=first.pk)
    with django_assert_num_queries(2):
        alike(case, town.clerk)
    assert list(Complaint.objects.visible_to(PUBLIC)) == []
