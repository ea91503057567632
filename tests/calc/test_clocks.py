"""Statutory clocks: lamps, pauses, extensions and late days, each case counted out day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shenzhi.calc.calendar.clocks import (
    Lamp,
    Limit,
    LimitError,
    Reading,
    Run,
    RunError,
    limit_on,
    pack,
    read,
    unpack,
)
from shenzhi.calc.calendar.days import Calendar

GREEN, YELLOW, RED, PAUSED, DONE = Lamp.GREEN, Lamp.YELLOW, Lamp.RED, Lamp.PAUSED, Lamp.DONE


def day(text: str) -> date:
    return date.fromisoformat(text)


def march(number: int) -> date:
    """A day of March 2026: the 1st is a Sunday, and no holiday falls in the month."""
    return date(2026, 3, number)


ACCEPT = Limit("complaints.accept", 7, "working", warn_days=2)
LEAD = Limit("complaints.lead", 15, "working", warn_days=3, extension_days=15, extensions=1)
PETITION = Limit("petitions.decide", 60, "calendar", warn_days=3, extension_days=30, extensions=1)


# Mon 2 | Tue 3=1 Wed 4=2 Thu 5=3 Fri 6=4 (Sat 7 Sun 8) Mon 9=5 Tue 10=6 Wed 11=7
@pytest.mark.parametrize(
    ("today", "lamp", "left", "used", "late"),
    [
        (2, GREEN, 7, 0, 0),
        (6, GREEN, 3, 4, 0),
        (7, GREEN, 3, 4, 0),  # a day off uses nothing
        (9, YELLOW, 2, 5, 0),  # Tue and Wed are left: the warning begins
        (11, YELLOW, 0, 7, 0),  # the due day itself is in time
        (12, RED, 0, 8, 1),
        (14, RED, 0, 9, 2),  # Thu 12=1 Fri 13=2 (Sat 14)
        (16, RED, 0, 10, 3),
    ],
)
def test_the_lamp_follows_the_working_days(china, today, lamp, left, used, late):
    assert read(Run(march(2)), ACCEPT, china, march(today)) == Reading(
        lamp, march(11), False, left, used, late
    )


def test_a_case_received_on_a_day_off_has_its_first_day_on_the_next_working_day(china):
    # Sat 28 Mar | Mon 30=1 Tue 31=2 Wed 1 Apr=3 Thu 2=4 Fri 3=5, 4-6 off, Tue 7=6 Wed 8=7
    assert read(Run(march(28)), ACCEPT, china, march(30)) == Reading(GREEN, day("2026-04-08"), False, 6, 1, 0)


def test_a_duty_of_the_same_day_waits_for_the_next_working_day(china):
    at_once = Limit("at-once", 0, "working", warn_days=0)
    assert read(Run(march(6)), at_once, china, march(6)) == Reading(YELLOW, march(6), False, 0, 0, 0)
    # Sat 7 (Sun 8) Mon 9
    assert read(Run(march(7)), at_once, china, march(7)) == Reading(GREEN, march(9), False, 1, 0, 0)


def test_a_year_without_a_published_notice_makes_the_deadline_provisional(china):
    # Thu 31 Dec | Fri 1 Jan=1 (for now) Mon 4=2 Tue 5=3 Wed 6=4 Thu 7=5 Fri 8=6 Mon 11=7
    reading = read(Run(day("2026-12-31")), ACCEPT, china, day("2026-12-31"))
    assert (reading.due_on, reading.provisional) == (day("2027-01-11"), True)


def test_a_deadline_moves_with_a_typhoon(china, stormy):
    # Fri 19 Sep | Mon 22=1 (Tue 23=2 Wed 24=3) Thu 25=4 Fri 26=5 Sun 28 worked=6 Mon 29=7
    run = Run(day("2025-09-19"))
    assert read(run, ACCEPT, china, day("2025-09-22")).due_on == day("2025-09-29")
    # without Tue and Wed: Mon 22=1 Thu 25=2 Fri 26=3 Sun 28=4 Mon 29=5 Tue 30=6, 1-8 Oct off, Thu 9=7
    assert read(run, ACCEPT, stormy, day("2025-09-22")).due_on == day("2025-10-09")


def test_the_days_of_a_pause_are_not_counted_but_the_day_it_ends_is(china):
    # Mon 2 | Tue 3=1 Wed 4=2, Thu 5-Tue 10 paused, Wed 11=3 Thu 12=4 Fri 13=5 Mon 16=6 Tue 17=7
    run = Run(march(2), pauses=((march(5), march(11)),))
    assert read(run, ACCEPT, china, march(11)) == Reading(GREEN, march(17), False, 4, 3, 0)
    assert read(run, ACCEPT, china, march(13)) == Reading(YELLOW, march(17), False, 2, 5, 0)
    assert read(run, ACCEPT, china, march(18)) == Reading(RED, march(17), False, 0, 8, 1)


@pytest.mark.parametrize(
    ("today", "due_on"),
    [
        (5, 11),  # if it went on today: Thu 5=3 Fri 6=4 Mon 9=5 Tue 10=6 Wed 11=7
        (7, 13),  # Sat: Mon 9=3 Tue 10=4 Wed 11=5 Thu 12=6 Fri 13=7
        (9, 13),  # Mon: the same
        (10, 16),  # Tue 10=3 Wed 11=4 Thu 12=5 Fri 13=6 Mon 16=7
    ],
)
def test_while_paused_the_due_day_is_the_one_if_the_clock_went_on_today(china, today, due_on):
    run = Run(march(2), pauses=((march(5), None),))
    # Tue 3 and Wed 4 are used, five days are left however long the pause
    assert read(run, ACCEPT, china, march(today)) == Reading(PAUSED, march(due_on), False, 5, 2, 0)


def test_a_pause_over_a_holiday_takes_out_its_working_days_only(china):
    # Mon 2 Feb | 3-6=4, paused 9-13, Sat 14, 24 and 25 (15-23 off), Thu 26=5 Fri 27=6 Sat 28 worked=7, 2-6 Mar=12,
    # Mon 9=13 Tue 10=14 Wed 11=15
    run = Run(day("2026-02-02"), pauses=((day("2026-02-09"), day("2026-02-26")),))
    assert read(run, LEAD, china, day("2026-02-26")).due_on == march(11)


def test_two_pauses_may_meet_and_a_pause_within_a_day_gains_nothing(china):
    # Mon 2 | Tue 3-Fri 6 paused, Mon 9=1 Tue 10=2 Wed 11=3 Thu 12=4 Fri 13=5 Mon 16=6 Tue 17=7
    meeting = Run(march(2), pauses=((march(3), march(5)), (march(5), march(9))))
    assert read(meeting, ACCEPT, china, march(9)).due_on == march(17)
    assert read(Run(march(2), pauses=((march(5), march(5)),)), ACCEPT, china, march(5)).due_on == march(11)


def test_an_extension_adds_days_at_the_end(china):
    # Mon 20 Apr | 15 days end on Wed 13 May (see the calendar's cases); Thu 14=16 Fri 15=17, 18-22=22, 25-29=27,
    # Mon 1 Jun=28 Tue 2=29 Wed 3=30
    run = Run(day("2026-04-20"), extended_days=15)
    assert read(run, LEAD, china, day("2026-05-13")) == Reading(GREEN, day("2026-06-03"), False, 15, 15, 0)


def test_more_days_than_extensions_may_add_are_refused(china):
    with pytest.raises(RunError) as caught:
        read(Run(day("2026-04-20"), extended_days=16), LEAD, china, day("2026-05-13"))
    assert (
        caught.value.zh
        == "已延长 16 日，超出期限 complaints.lead 允许的 1 次、每次至多 15 日：请更正延长天数"
    )
    assert caught.value.en == (
        "extended by 16 days, but limit complaints.lead may be extended 1 times by 15 at most: correct the days"
    )


# 2 Mar + 60: 31 Mar=29, 30 Apr=59, 1 May=60, off until Tue 5: Wed 6
@pytest.mark.parametrize(
    ("today", "lamp", "left", "used", "late"),
    [
        ("2026-04-30", GREEN, 6, 59, 0),
        ("2026-05-03", YELLOW, 3, 62, 0),  # days off count in calendar days: 4, 5, 6 are left
        ("2026-05-06", YELLOW, 0, 65, 0),
        ("2026-05-07", RED, 0, 66, 1),
    ],
)
def test_a_limit_in_calendar_days_rolls_forward(china, today, lamp, left, used, late):
    assert read(Run(march(2)), PETITION, china, day(today)) == Reading(
        lamp, day("2026-05-06"), False, left, used, late
    )


def test_a_pause_in_calendar_days_takes_out_every_day(china):
    # without 10-19 Apr, ten days, the 60th day is 1 May + 10 = Mon 11 May
    run = Run(march(2), pauses=((day("2026-04-10"), day("2026-04-20")),))
    assert read(run, PETITION, china, day("2026-04-20")) == Reading(
        GREEN, day("2026-05-11"), False, 21, 39, 0
    )


def test_a_pause_on_the_day_to_which_a_deadline_rolled_moves_it_on(china):
    # 60th day Fri 1 May, rolled to Wed 6; paused Wed 6 and Thu 7: Fri 8
    run = Run(march(2), pauses=((day("2026-05-06"), day("2026-05-08")),))
    assert read(run, PETITION, china, day("2026-05-08")).due_on == day("2026-05-08")


def test_a_pause_after_the_due_day_does_not_put_out_red(china):
    # due Wed 11; Thu 12=1 Fri 13=2 late, paused from Mon 16
    run = Run(march(2), pauses=((march(16), None),))
    assert read(run, ACCEPT, china, march(20)) == Reading(RED, march(11), False, 0, 9, 2)
    # resumed on Thu 19: Thu 19=3 Fri 20=4
    resumed = Run(march(2), pauses=((march(16), march(19)),))
    assert read(resumed, ACCEPT, china, march(20)) == Reading(RED, march(11), False, 0, 11, 4)


@pytest.mark.parametrize(
    ("ended", "left", "used", "late"),
    [
        (9, 2, 5, 0),
        (11, 0, 7, 0),
        (12, 0, 8, 1),
        (16, 0, 10, 3),
    ],
)
def test_what_is_done_stays_as_it_was_on_the_day_it_ended(china, ended, left, used, late):
    run = Run(march(2), ended_on=march(ended))
    assert read(run, ACCEPT, china, march(30)) == Reading(DONE, march(11), False, left, used, late)


def test_what_is_done_on_a_day_off_after_the_due_day_is_late(china):
    # Fri 6 | Mon 9=1 Tue 10=2 Wed 11=3 Thu 12=4 Fri 13=5; done on Sat 14
    five = Limit("five", 5, "working", warn_days=1)
    assert read(Run(march(6), ended_on=march(14)), five, china, march(14)) == Reading(
        DONE, march(13), False, 0, 5, 1
    )


def test_a_case_that_ends_while_paused_is_in_time(china):
    # Tue 3 and Wed 4 used; had it gone on on Tue 10: 10=3 11=4 12=5 13=6 Mon 16=7
    run = Run(march(2), pauses=((march(5), None),), ended_on=march(10))
    assert read(run, ACCEPT, china, march(30)) == Reading(DONE, march(16), False, 5, 2, 0)


def test_a_reading_for_an_earlier_day_knows_nothing_of_what_came_later(china):
    run = Run(march(2), pauses=((march(5), march(11)),), ended_on=march(16))
    assert read(run, ACCEPT, china, march(3)) == read(Run(march(2)), ACCEPT, china, march(3))
    lasting = Run(march(2), pauses=((march(5), None),))
    assert read(run, ACCEPT, china, march(9)) == read(lasting, ACCEPT, china, march(9))


@pytest.mark.parametrize(
    ("facts", "en"),
    [
        (
            {"pauses": ((march(1), march(4)),)},
            "the pause from 2026-03-01 to 2026-03-04 begins before the clock started on 2026-03-02: correct one of the dates",
        ),
        (
            {"pauses": ((march(5), march(4)),)},
            "the pause from 2026-03-05 to 2026-03-04 runs backwards: it cannot end before it begins",
        ),
        (
            {"pauses": ((march(3), march(6)), (march(5), march(9)))},
            "the pause from 2026-03-05 to 2026-03-09 overlaps the one before it, which ends on 2026-03-06: give them in order and apart",
        ),
        (
            {"pauses": ((march(9), march(10)), (march(3), march(4)))},
            "the pause from 2026-03-03 to 2026-03-04 overlaps the one before it, which ends on 2026-03-10: give them in order and apart",
        ),
        (
            {"pauses": ((march(3), None), (march(5), march(9)))},
            "before the pause from 2026-03-05 to 2026-03-09 another still lasts: enter the day on which that one ended",
        ),
        (
            {"pauses": ((march(12), None),), "ended_on": march(11)},
            "the pause from 2026-03-12 to now begins after the clock ended on 2026-03-11: correct one of the dates",
        ),
        (
            {"ended_on": march(1)},
            "ended on 2026-03-01, before it started on 2026-03-02: correct one of them",
        ),
        ({"extended_days": -1}, "extended by -1 days: an extension only adds days"),
    ],
)
def test_facts_that_cannot_be_are_refused(facts, en):
    with pytest.raises(RunError) as caught:
        Run(march(2), **facts)
    assert caught.value.en == en


def test_an_error_speaks_chinese_too():
    with pytest.raises(RunError) as caught:
        Run(march(2), pauses=((march(5), march(4)),))
    assert caught.value.zh == "中止（2026-03-05 至 2026-03-04）首尾颠倒：恢复日不能早于中止日"


OLD = Limit("accept", 7, "working", 2, valid_from=day("2020-01-01"), valid_to=day("2026-04-14"))
NEW = Limit("accept", 5, "working", 2, valid_from=day("2026-04-15"))


@pytest.mark.parametrize(
    ("received", "limit"),
    [("2020-01-01", OLD), ("2026-04-14", OLD), ("2026-04-15", NEW), ("2030-01-01", NEW)],
)
def test_the_limit_is_the_one_in_force_on_the_day_of_receipt(received, limit):
    assert limit_on([ACCEPT, NEW, OLD], "accept", day(received)) == limit


def test_a_day_without_a_limit_or_with_two_is_refused():
    with pytest.raises(LimitError) as caught:
        limit_on([OLD, NEW], "accept", day("2019-12-31"))
    assert caught.value.en == "no limit accept is in force on 2019-12-31: add a row that is valid on that day"
    lasting = Limit("accept", 7, "working", 2, valid_from=day("2020-01-01"))
    with pytest.raises(LimitError) as caught:
        limit_on([lasting, NEW], "accept", day("2026-04-15"))
    assert caught.value.en == (
        "2 limits accept are in force on 2026-04-15 (since 2020-01-01, 2026-04-15): give the old one its last day"
    )


@pytest.mark.parametrize(
    ("change", "en"),
    [
        ({"unit": "weeks"}, "limit x counts in 'weeks': write working or calendar"),
        (
            {"days": -1},
            "limit x has a negative number: days, warning, extension and its times must be 0 or more",
        ),
        (
            {"extension_days": 5},
            "limit x tells half of its extension: give both its days and how often",
        ),
        (
            {"valid_from": march(2), "valid_to": march(1)},
            "limit x ends on 2026-03-01, before it begins on 2026-03-02: correct one of them",
        ),
    ],
)
def test_a_limit_that_cannot_stand_is_refused(change, en):
    with pytest.raises(LimitError) as caught:
        Limit(**{"rule": "x", "days": 7, "unit": "working", "warn_days": 2} | change)
    assert caught.value.en == en


def test_pauses_are_packed_into_one_text():
    pauses = ((day("2026-01-03"), day("2026-01-09")), (day("2026-02-01"), None))
    text = pack(Run(day("2026-01-01"), pauses=pauses))
    assert text == "2026-01-03/2026-01-09;2026-02-01/"
    assert unpack(text) == pauses
    assert (pack(Run(day("2026-01-01"))), unpack("")) == ("", ())


@pytest.mark.parametrize("text", ["2026-01-03", "2026-01-03/2026-02-30", ";", "2026-01-03/x", "/2026-01-03"])
def test_a_text_that_is_no_packed_pause_is_refused(text):
    with pytest.raises(RunError):
        unpack(text)


@st.composite
def runs(draw: st.DrawFn) -> tuple[Run, date]:
    """A run with up to three pauses between 1 January and summer 2026, and a day on which all is known."""
    start = day("2026-01-01") + timedelta(draw(st.integers(0, 60)))
    at, pauses = start, []
    for _ in range(draw(st.integers(0, 3))):
        begin = at + timedelta(draw(st.integers(0, 12)))
        at = begin + timedelta(draw(st.integers(0, 20)))
        pauses.append((begin, at))
    today = at + timedelta(draw(st.integers(0, 40)))
    if pauses and draw(st.booleans()):
        pauses[-1] = (pauses[-1][0], None)
    return Run(start, tuple(pauses), extended_days=draw(st.integers(0, 5))), today


@given(runs(), st.integers(0, 30), st.sampled_from(["working", "calendar"]))
def test_a_clock_is_read_as_when_walked_day_by_day(china: Calendar, known, days, unit):
    run, today = known
    limit = Limit("x", days, unit, warn_days=2, extension_days=5, extensions=1)

    def paused(one: date, until_now: date) -> bool:
        return any(begin <= one < (until or until_now) for begin, until in run.pauses)

    def counts(one: date, until_now: date) -> bool:
        return not paused(one, until_now) and (unit == "calendar" or china.is_working(one))

    due_on, left = run.started_on, days + run.extended_days
    while left or paused(due_on, today) or not china.is_working(due_on):
        due_on += timedelta(1)
        if left and counts(due_on, today):
            left -= 1
    now = today + timedelta(1)  # a pause that lasts covers today
    used = [
        one
        for n in range((today - run.started_on).days)
        if counts(one := run.started_on + timedelta(n + 1), now)
    ]
    late = [one for one in used if one > due_on]
    reading = read(run, limit, china, today)
    assert (reading.due_on, reading.days_used) == (due_on, len(used))
    assert reading.late_days == (max(1, len(late)) if today > due_on else 0)
    lasting = bool(run.pauses) and run.pauses[-1][1] is None
    assert (reading.lamp is RED) == (today > due_on)
    assert (reading.lamp is PAUSED) == (lasting and today <= due_on)
    if lasting and today <= due_on:
        assert reading.days_left == max(0, days + run.extended_days - len(used))
    else:
        assert reading.days_left == sum(
            unit == "calendar" or china.is_working(today + timedelta(n))
            for n in range(1, (due_on - today).days + 1)
        )


@given(runs())
def test_packed_pauses_come_back_as_they_were(known):
    assert unpack(pack(known[0])) == known[0].pauses
