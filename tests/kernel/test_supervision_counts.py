"""What the runner counts ahead says the same as counting on the spot, on any day and after any change of the law."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.cases.assigning import assign
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.clocks.models import SpecialDay
from shenzhi.kernel.clocks.running import book, edition
from shenzhi.kernel.notices.models import Notice
from shenzhi.kernel.registers.writing import create
from shenzhi.kernel.supervision import actions, counts
from shenzhi.kernel.supervision.figures import count_months, months_until, tallies
from shenzhi.kernel.supervision.findings import findings, look
from shenzhi.kernel.supervision.lamps import count_running, lit_now

TODAY = dt.date(2026, 3, 31)


def at(day: int, month: int = 3) -> dt.datetime:
    return dt.datetime(2026, month, day, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _on_that_day(db, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at(31))


@pytest.fixture
def officers(office):
    """Three that run, one that is paused, one that ended in time and one late."""

    def filed(name: str, day: int, month: int = 3, department=None):
        officer = Officer(
            organisation=office.firm, name=name, phone="13800001111", appointed_on=dt.date(2026, 1, 5),
            department=department or office.quality, district=office.pine,
        )  # fmt: skip
        return file(officer, by=office.member, at=at(day, month))

    running = [filed("一", 2), filed("二", 11), filed("三", 27, department=office.market)]
    fire(filed("四", 20), "return", by=office.clerk, data={"reason": "缺"}, at=at(25))
    fire(filed("五", 2), "list", by=office.reviewer, at=at(6))
    fire(filed("六", 2, 2), "list", by=office.reviewer, at=at(26, 2))
    return running


def lamps(day: dt.date):
    return sorted(map(repr, lit_now(day)[1]))


def months(**more):
    return {
        month: sorted(several, key=lambda one: (one.department, one.district))
        for month, several in tallies(months_until(TODAY, 3), TODAY, **more).items()
    }


def on_the_spot_and_counted(monkeypatch, ask):
    """The same question to a small office, which counts on the spot, and to one that reads its counts."""
    monkeypatch.setattr(counts, "FEW", 1000)
    now = ask()
    monkeypatch.setattr(counts, "FEW", 0)
    return now, ask()


def test_lamps_read_from_a_count_are_those_of_the_facts_on_any_day(officers, monkeypatch):
    count_running()
    for days in (-5, 0, 1, 3, 20, 200):
        now, kept = on_the_spot_and_counted(monkeypatch, lambda day=TODAY + dt.timedelta(days): lamps(day))
        assert kept == now
        assert len(now) > 0


def test_a_day_that_is_closed_later_moves_the_lamps_of_an_older_count(officers, monkeypatch):
    count_running()
    before = lamps(TODAY)
    # received on the 2nd, due on the 23rd; with every day of three weeks closed it is not due yet on the 31st
    for day in range(9, 28):
        create(SpecialDay(day=dt.date(2026, 3, day), kind="closure", name="台风"), by=PLATFORM)
    now, kept = on_the_spot_and_counted(monkeypatch, lambda: lamps(TODAY))
    assert kept == now != before


@pytest.mark.parametrize("limited", [False, True])
def test_months_read_from_a_count_are_those_of_the_runs(officers, office, monkeypatch, limited):
    assert count_months(TODAY, 3) == 3
    districts = {office.pine.pk} if limited else ()
    now, kept = on_the_spot_and_counted(monkeypatch, lambda: months(districts=districts))
    assert kept == now
    assert [len(several) for several in now.values()] == [0, 1, 1]
    assert months(districts={office.bamboo.pk}) == {month: [] for month in now}


def test_a_month_that_is_over_is_counted_again_only_when_it_is_old_or_the_law_has_changed(
    officers, monkeypatch
):
    # January, February and March; then March alone, until the calendar changes or February's count is a day old
    assert [count_months(TODAY, 3), count_months(TODAY, 3)] == [3, 1]
    create(SpecialDay(day=dt.date(2026, 2, 24), kind="closure", name="暴雨"), by=PLATFORM)
    assert [count_months(TODAY, 3), count_months(TODAY, 3)] == [3, 1]
    monkeypatch.setattr(timezone, "now", lambda: at(1, 4))
    assert count_months(TODAY, 3) == 2


def test_findings_are_kept_as_they_were_seen(officers, monkeypatch):
    look(TODAY)
    now, kept = on_the_spot_and_counted(monkeypatch, lambda: findings(TODAY)[1])
    assert kept == now
    assert {one.kind for one in now} == {"back_dated"}


def test_the_book_is_asked_for_with_one_question(office):
    book()
    with CaptureQueriesContext(connection) as caught:
        first = book()
    assert len(caught) == 1
    before = edition()
    create(SpecialDay(day=dt.date(2026, 3, 9), kind="closure", name="台风"), by=PLATFORM)
    assert edition() != before
    assert book() is not first


def told(account: int | None) -> list[str]:
    return list(Notice.objects.filter(account=account).order_by("id").values_list("act", flat=True))


def test_whoever_is_given_a_case_is_told_and_whoever_takes_one_knows(officers, office, accounts):
    clerk, head = accounts["clerk"], accounts["head"]
    Notice.objects.all().delete()
    taken = assign(officers[0], clerk.account, by=clerk)
    assert told(clerk.account) == []
    freed = assign(taken, None, by=head)
    given = assign(freed, clerk.account, by=head)
    assert (told(clerk.account), told(head.account)) == (["assigned"], [])
    assert Notice.objects.get().version == given.version


def test_the_ladder_tells_whoever_works_on_the_case_and_then_its_head(officers, office, accounts):
    clerk, head = accounts["clerk"], accounts["head"]
    case = assign(officers[0], clerk.account, by=clerk)
    for step in ("reminded", "supervised"):
        case = actions.warn(case, step, by=office.supervisor, clock="review", text="请办结。", today=TODAY)
    assert (told(clerk.account), told(head.account)) == (["reminded", "supervised"], ["supervised"])


@pytest.fixture
def accounts(office):
    from shenzhi.kernel.access.accounts import Account, Membership, reader_of

    found = {}
    for role in ("clerk", "head"):
        account = Account.objects.create_user(f"a-{role}", name=role)
        Membership.objects.create(
            account=account, role=role, department=office.quality, valid_from=dt.date(2026, 1, 1)
        )
        found[role] = reader_of(account)
    return found
