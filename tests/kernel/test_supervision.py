"""Detectors over histories made by hand, medians, appeals against lamps, and the ladder of supervision."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC, Grant, Reader
from shenzhi.kernel.cases.assigning import assign, candidates
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, Refused, history_of
from shenzhi.kernel.supervision import actions
from shenzhi.kernel.supervision.detectors import (
    Finding,
    Step,
    back_dated,
    batch_closed,
    reopened,
    same_text,
    sent_back_and_forth,
)
from shenzhi.kernel.supervision.figures import added, median, months_until, tallies
from shenzhi.kernel.supervision.findings import detected, latest_steps
from shenzhi.kernel.supervision.lamps import lit_now, piles, running
from shenzhi.kernel.supervision.models import DelayCause, LampAppeal
from shenzhi.kernel.supervision.reach import handled, overseen, tasks

TODAY = dt.date(2026, 3, 31)
DAY = dt.timedelta(days=1)


def at(day: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    """A moment of March 2026 in the office."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=timezone.get_default_timezone())


def step(case: int, version: int, moment: dt.datetime, **more: object) -> Step:
    return Step(
        ("people_officer", case),
        version,
        str(more.pop("act", "changed")),
        more.pop("actor", 3),
        moment,
        **more,
    )  # type: ignore[arg-type]


# --- detectors


def test_what_claims_a_day_before_an_earlier_entry_is_seen():
    steps = [
        step(1, 1, at(10), lane=1, seq=1),
        step(2, 1, at(12), lane=1, seq=2),
        step(1, 2, at(5), lane=2, seq=1),  # version 2 claims five days before version 1
        step(3, 1, at(9), lane=1, seq=3),  # entered after the 12th, claims the 9th: three days
        step(4, 1, at(11, 13), lane=1, seq=4),  # 23 hours before the 12th at noon: within the day allowed
    ]
    assert back_dated(steps, allowed=DAY) == [
        Finding("back_dated", (("people_officer", 1),), at(5), 5),
        Finding("back_dated", (("people_officer", 3),), at(9), 3),
    ]


def test_an_honest_order_of_entry_shows_nothing():
    assert back_dated([step(1, n, at(n), lane=1, seq=n) for n in range(1, 20)], allowed=DAY) == []


def test_five_cases_closed_within_half_an_hour_on_the_due_day_are_one_batch():
    half = dt.timedelta(minutes=30)
    due = dt.date(2026, 3, 20)
    batch = [step(n, 2, at(20, 16, 5 * n), due_on=due) for n in range(1, 6)]  # 16:05 ... 16:25
    assert batch_closed(batch, least=5, within=half) == [
        Finding("batch_closed", tuple(("people_officer", n) for n in range(1, 6)), at(20, 16, 5), 20)
    ]
    assert batch_closed(batch[:4], least=5, within=half) == []
    before_the_day = [step(n, 2, at(19, 16, 5 * n), due_on=due) for n in range(1, 6)]
    assert batch_closed(before_the_day, least=5, within=half) == []
    by_several = [step(n, 2, at(20, 16, 5 * n), due_on=due, actor=n) for n in range(1, 6)]
    assert batch_closed(by_several, least=5, within=half) == []
    over_the_day = [step(n, 2, at(20, 8 + n), due_on=due) for n in range(1, 6)]  # an hour between each
    assert batch_closed(over_the_day, least=5, within=half) == []


def test_a_day_ends_where_the_offices_are():
    # 17:00 UTC on the 19th is 01:00 on the 20th in Shenzhen: the due day
    night = dt.datetime(2026, 3, 19, 17, tzinfo=dt.UTC)
    steps = [step(n, 2, night, due_on=dt.date(2026, 3, 20)) for n in range(5)]
    assert len(batch_closed(steps, least=5, within=dt.timedelta(minutes=30))) == 1


def test_a_case_at_work_again_soon_after_its_end_is_seen():
    steps = [step(1, 1, at(2)), step(1, 2, at(10), closed=True), step(1, 3, at(14), act="reopen")]
    assert reopened(steps, within=30 * DAY) == [Finding("reopened", (("people_officer", 1),), at(14), 4)]
    assert reopened(steps, within=3 * DAY) == []
    assert reopened(steps[:2], within=30 * DAY) == []


def test_a_case_that_returns_to_a_department_is_seen_with_both():
    a, b, c = 11, 12, 13
    back = [step(1, n, at(n), department=place) for n, place in enumerate((a, b, a, b), 1)]
    assert sent_back_and_forth(back) == [
        Finding("back_and_forth", (("people_officer", 1),), at(3), 2, departments=(a, b))
    ]
    onward = [step(1, n, at(n), department=place) for n, place in enumerate((a, b, c), 1)]
    assert sent_back_and_forth(onward) == []
    staying = [step(1, n, at(n), department=place) for n, place in enumerate((a, b, b, None, b), 1)]
    assert sent_back_and_forth(staying) == []


def test_one_text_in_three_cases_is_seen_whatever_its_spaces():
    text = "经核查，您反映的问题已经转交相关部门处理，感谢您的监督。"
    steps = [step(n, 2, at(n), texts=(text if n < 3 else f" {text[:9]}  {text[9:]}\n",)) for n in (1, 2, 3)]
    assert same_text(steps, least=3, length=20) == [
        Finding("same_text", tuple(("people_officer", n) for n in (1, 2, 3)), at(1), 3, text[:60])
    ]
    assert same_text(steps[:2], least=3, length=20) == []
    assert same_text([step(n, 2, at(n), texts=("同意。",)) for n in range(1, 9)], least=3, length=20) == []
    twice = [step(1, n, at(n), texts=(text,)) for n in (2, 3, 4)]  # one case is one case
    assert same_text(twice, least=3, length=20) == []


def test_the_median_of_counted_days():
    assert median({3: 1, 5: 1, 20: 1}) == 5
    assert median({2: 2, 4: 2}) == 3
    assert median({7: 100}) == 7
    assert median({}) is None


def test_months_go_back_over_the_turn_of_a_year():
    assert months_until(dt.date(2026, 2, 15), 3) == [
        dt.date(2025, 12, 1),
        dt.date(2026, 1, 1),
        dt.date(2026, 2, 1),
    ]


# --- with the small office


@pytest.fixture
def on_that_day(db, monkeypatch):
    cache.clear()
    monkeypatch.setattr(timezone, "now", lambda: at(31))


def an_officer(office, name="张三", department=None):
    return Officer(
        organisation=office.firm, name=name, phone="13800001111", appointed_on=dt.date(2026, 1, 5),
        department=department or office.quality, district=office.pine,
    )  # fmt: skip


@pytest.fixture
def red(office, on_that_day):
    """Received on 2 March, due on the 23rd (15 working days): six working days late on the 31st."""
    return file(an_officer(office), by=office.member, at=at(2))


def lamps(only) -> dict[str, int]:
    found: dict[str, int] = {}
    for pile in piles(book(), running().filter(only), TODAY):
        found[str(pile.lamp)] = found.get(str(pile.lamp), 0) + pile.count
    return found


def test_runs_with_the_same_facts_are_one_pile(office, on_that_day):
    for name in ("张三", "李四", "王五"):
        file(an_officer(office, name), by=office.member, at=at(2))
    file(an_officer(office, "赵六"), by=office.member, at=at(3))
    found = piles(book(), running(), TODAY)
    assert sorted((pile.values["started_on"].day, pile.count, str(pile.lamp)) for pile in found) == [
        (2, 3, "red"),
        (3, 1, "red"),
    ]


def test_a_clock_without_a_limit_is_counted_and_named_as_such(office, red):
    # the limit of this office is in force from 2020 on
    file(an_officer(office, "李四"), by=office.member, at=dt.datetime(2019, 12, 2, tzinfo=dt.UTC))
    assert lamps(handled(office.clerk)) == {"red": 1, "unread": 1}


def test_who_reaches_which_clocks(office, red):
    file(an_officer(office, "李四", office.market), by=office.member, at=at(27))
    assert lamps(handled(office.clerk)) == {"red": 1}
    assert lamps(handled(office.stranger)) == {"green": 1}
    assert lamps(handled(office.district)) == {"red": 1, "green": 1}
    unlimited = Reader(20, "all", (Grant("clerk", department=office.quality.pk), Grant("head")))
    assert lamps(handled(unlimited)) == lamps(tasks(unlimited)) == {"red": 1, "green": 1}
    for nobody in (office.member, office.administrator, PUBLIC):
        assert lamps(handled(nobody)) == lamps(tasks(nobody)) == {}
        assert overseen(nobody) is None
    assert overseen(office.clerk) is None
    assert lamps(overseen(office.head)) == {"red": 1}
    assert lamps(overseen(office.auditor)) == {"red": 1, "green": 1}


def test_a_run_knows_where_its_case_stands(office, red):
    assert ClockRun.objects.get().state == "filed"
    fire(red, "return", by=office.clerk, data={"reason": "缺"}, at=at(3))
    assert ClockRun.objects.get(clock="review").state == "supplementing"


def test_a_step_of_the_ladder_is_an_act_that_changes_nothing_else(office, red):
    warned = actions.warn(
        red, "reminded", by=office.supervisor, clock="review", text="请于三日内办结。", today=TODAY
    )
    assert (warned.state, warned.version) == ("filed", 2)
    event = history_of(red).last()
    assert (event.act, event.told) == (
        "reminded",
        {"said": {"clock": "review", "text": "请于三日内办结。", "lamp": "red"}},
    )


def test_only_a_supervisor_warns_and_only_where_the_lamp_calls_for_it(office, red):
    green = file(an_officer(office, "李四"), by=office.member, at=at(27))
    for nobody in (office.auditor, office.head, office.administrator, PUBLIC):
        with pytest.raises(NotAllowed):
            actions.warn(red, "reminded", by=nobody, clock="review", text="x", today=TODAY)
    with pytest.raises(Invalid):
        actions.warn(red, "reminded", by=office.supervisor, clock="review", text=" ", today=TODAY)
    for case, taken, clock in (
        (green, "reminded", "review"),
        (red, "list", "review"),
        (red, "reminded", "nothing"),
    ):
        with pytest.raises(Refused):
            actions.warn(case, taken, by=office.supervisor, clock=clock, text="x", today=TODAY)
    assert history_of(red).count() == 1


def test_a_cause_hangs_on_the_run_in_the_unit_that_holds_it(office, red):
    said = actions.state_cause(red, by=office.clerk, clock="review", cause="system", text="平台停机三天")
    assert (said.run, said.department, said.district) == (ClockRun.objects.get(), office.quality, office.pine)
    with pytest.raises(NotAllowed):
        actions.state_cause(red, by=office.stranger, clock="review", cause="staff", text="x")
    assert DelayCause.objects.visible_to(PUBLIC).count() == 0
    assert DelayCause.objects.visible_to(office.stranger).count() == 0
    assert DelayCause.objects.visible_to(office.supervisor).count() == 1


def test_a_green_clock_and_one_that_does_not_exist_are_refused_with_the_same_words(office, on_that_day):
    green = file(an_officer(office), by=office.member, at=at(27))
    refusals = []
    for number in (green.number, "CQO-0000099-9", "nonsense"):
        with pytest.raises(Invalid) as refused:
            file(
                LampAppeal(number_of_case=number, clock="review", cause="system", ground="x"), by=office.clerk
            )
        refusals.append(refused.value.faults)
    assert refusals[0] == refusals[1] == refusals[2]
    assert set(refusals[0]) == {"number_of_case"}


def test_an_appeal_is_decided_by_somebody_else_and_leaves_the_facts_as_they_are(office, red):
    before = ClockRun.objects.values().get()
    appeal = actions.appeal(red, by=office.head, clock="review", cause="system", ground="平台停机三天")
    with pytest.raises(Refused):
        actions.appeal(red, by=office.head, clock="review", cause="applicant", ground="再次申诉")
    for nobody in (office.head, office.auditor):
        with pytest.raises(NotAllowed):
            fire(appeal, "uphold", by=nobody, data={"cause": "system", "reason": "停机公告属实"})
    with pytest.raises(Invalid):  # the unit's own staff is no ground on which an appeal can be upheld
        fire(appeal, "uphold", by=office.supervisor, data={"cause": "staff", "reason": "x"})
    upheld = fire(appeal, "uphold", by=office.supervisor, data={"cause": "system", "reason": "停机公告属实"})
    assert upheld.state == "upheld"
    assert ClockRun.objects.filter(register="people_officer").values().get() == before


def test_a_late_run_whose_appeal_was_upheld_is_late_and_excused(office, red):
    appeal = actions.appeal(red, by=office.head, clock="review", cause="system", ground="平台停机三天")
    fire(appeal, "uphold", by=office.supervisor, data={"cause": "system", "reason": "属实"})
    fire(red, "list", by=office.reviewer, at=at(30))
    in_time = file(an_officer(office, "李四"), by=office.member, at=at(2))
    fire(in_time, "list", by=office.reviewer, at=at(6))
    march = tallies([dt.date(2026, 3, 1)], TODAY)[dt.date(2026, 3, 1)]
    of_officers = added(one for one in march if one.register == "people_officer")
    # 2 to 6 March: 3, 4, 5, 6 are four working days; 2 to 30 March: 4 weeks of five = 20; the middle is 12
    assert (of_officers.ended, of_officers.late, of_officers.excused, of_officers.median_days) == (
        2,
        1,
        1,
        12.0,
    )
    assert of_officers.in_time_share == 0.5


def test_closed_cases_are_no_lamps(office, red):
    fire(red, "list", by=office.reviewer, at=at(30))
    assert lit_now(TODAY)[1] == ()


def test_the_detectors_read_the_real_history(office, on_that_day):
    text = "经核对，任命文件与申报内容不一致，请补充后重新提交。"
    made = [file(an_officer(office, f"张{n}"), by=office.member, at=at(2)) for n in range(5)]
    for n, case in enumerate(made):  # due on the 23rd: all five ended that afternoon within eight minutes
        fire(
            case,
            "refuse",
            by=office.reviewer,
            data={"reason": text, "ground": "duplicate"},
            at=at(23, 16, 2 * n),
        )
    file(an_officer(office, "赵六"), by=office.member, at=at(9))  # entered last, claims the 9th: 14 days
    found = detected(latest_steps(TODAY))
    cases = tuple(("people_officer", one.pk) for one in made)
    assert {(one.kind, one.cases, one.amount) for one in found} == {
        ("batch_closed", cases, 8),
        ("same_text", cases, 5),
        ("back_dated", (("people_officer", made[-1].pk + 1),), 14),
    }


def test_a_case_is_given_to_somebody_who_may_carry_it_out(office, red):
    from shenzhi.kernel.access.accounts import Account, Membership

    own, outside = Account.objects.create_user("own"), Account.objects.create_user("outside")
    for account, department in ((own, office.quality), (outside, office.market)):
        Membership.objects.create(
            account=account, role="clerk", department=department, valid_from=dt.date(2026, 1, 1)
        )
    assert list(candidates([red])) == [own]
    with pytest.raises(Refused):
        assign(red, outside.pk, by=office.head)
    with pytest.raises(NotAllowed):
        assign(red, own.pk, by=office.stranger)
    given = assign(red, own.pk, by=office.head)
    assert (given.handler, given.version) == (own, 2)
    assert ClockRun.objects.get().handler == own
    assert assign(given, own.pk, by=PLATFORM).version == 2  # nothing changes, nothing is written
    assert assign(given, None, by=office.head).handler is None


def test_a_case_that_has_ended_is_assigned_no_more(office, red):
    ended = fire(red, "refuse", by=office.reviewer, data={"reason": "x", "ground": "duplicate"}, at=at(20))
    with pytest.raises(Refused):
        assign(ended, None, by=office.head)
