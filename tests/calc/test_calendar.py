"""Working days, make-up days and days off: each case counted out day by day."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from chinese_calendar import constants
from hypothesis import given
from hypothesis import strategies as st

from shenzhi.calc.calendar.days import Calendar, CalendarError, from_rows, months_after


def day(text: str) -> date:
    return date.fromisoformat(text)


# what happened on, working days, last day of the period
COUNTED = [
    # Mon 2 | Tue 3=1 Wed 4=2 Thu 5=3 Fri 6=4 (Sat Sun) Mon 9=5 Tue 10=6 Wed 11=7
    ("2026-03-02", 7, "2026-03-11"),
    # year end: Wed 31 Dec | 1-3 Jan off, Sun 4 worked=1 Mon 5=2 Tue 6=3 Wed 7=4 Thu 8=5
    ("2025-12-31", 5, "2026-01-08"),
    # year end: Mon 30 Dec 2024 | Tue 31=1, 1 Jan off, Thu 2=2 Fri 3=3
    ("2024-12-30", 3, "2025-01-03"),
    # Spring Festival: Fri 24 Jan | Sun 26 worked=1 Mon 27=2, 28 Jan-4 Feb off, Wed 5=3 Thu 6=4 Fri 7=5 Sat 8 worked=6 Mon 10=7
    ("2025-01-24", 7, "2025-02-10"),
    # the make-up Saturday itself can be the last day: one less than before
    ("2025-01-24", 6, "2025-02-08"),
    # Spring Festival: Thu 12 Feb | Fri 13=1 Sat 14 worked=2, 15-23 off, Tue 24=3 Wed 25=4 Thu 26=5 Fri 27=6 Sat 28 worked=7
    ("2026-02-12", 7, "2026-02-28"),
    # Qingming: Thu 3 Apr | 4-6 off, Mon 7=1
    ("2025-04-03", 1, "2025-04-07"),
    # Qingming: Fri 3 Apr | 4-6 off, Tue 7=1
    ("2026-04-03", 1, "2026-04-07"),
    # Labour Day: Fri 25 Apr | Sun 27 worked=1 Mon 28=2 Tue 29=3 Wed 30=4, 1-5 off, Tue 6=5
    ("2025-04-25", 5, "2025-05-06"),
    # Labour Day: Thu 30 Apr | 1-5 off, Wed 6=1 Thu 7=2 Fri 8=3 Sat 9 worked=4 Mon 11=5
    ("2026-04-30", 5, "2026-05-11"),
    # Dragon Boat: Thu 18 Jun | Fri 19 off (Sat Sun), Mon 22=1
    ("2026-06-18", 1, "2026-06-22"),
    # National Day: Fri 26 Sep | Sun 28 worked=1 Mon 29=2 Tue 30=3, 1-8 off, Thu 9=4 Fri 10=5 Sat 11 worked=6
    ("2025-09-26", 6, "2025-10-11"),
    # Mid-Autumn: Fri 18 Sep | Sun 20 worked=1 Mon 21=2 Tue 22=3 Wed 23=4 Thu 24=5, 25-27 off, Mon 28=6 Tue 29=7
    ("2026-09-18", 7, "2026-09-29"),
    # National Day: Wed 30 Sep | 1-7 off, Thu 8=1 Fri 9=2 Sat 10 worked=3 Mon 12=4
    ("2026-09-30", 4, "2026-10-12"),
    # received on a Saturday: Sat 7 | Mon 9=1
    ("2026-03-07", 1, "2026-03-09"),
    # received on a worked Sunday: Sun 4 Jan | Mon 5=1
    ("2026-01-04", 1, "2026-01-05"),
    # received in a holiday: Wed 18 Feb | 19-23 off, Tue 24=1 Wed 25=2
    ("2026-02-18", 2, "2026-02-25"),
    # 15 days over Labour Day: Mon 20 Apr | 21-24=4, 27-30=8, 1-5 off, Wed 6-Fri 8=11, Sat 9 worked=12, Mon 11=13 Tue 12=14 Wed 13=15
    ("2026-04-20", 15, "2026-05-13"),
    # 45 days: Mon 19 Jan | 20-23=4, 26-30=9, 2-6 Feb=14, 9-13=19, Sat 14=20, 24-27=24, Sat 28=25, 2-6 Mar=30, 9-13=35, 16-20=40, 23-27=45
    ("2026-01-19", 45, "2026-03-27"),
    # 2027 is not published: Thu 31 Dec | Fri 1 Jan=1 (for now) Mon 4=2 Tue 5=3 Wed 6=4 Thu 7=5 Fri 8=6 Mon 11=7
    ("2026-12-31", 7, "2027-01-11"),
    # 0 days end on the day itself, on a day off the next working day: Sat 7 -> Mon 9
    ("2026-03-06", 0, "2026-03-06"),
    ("2026-03-07", 0, "2026-03-09"),
]


@pytest.mark.parametrize(("start", "n", "last"), COUNTED)
def test_a_period_of_working_days_ends_on_the_day_counted_by_hand(china, start, n, last):
    assert china.working_days_after(day(start), n) == day(last)


@pytest.mark.parametrize(("start", "n", "last"), [case for case in COUNTED if case[1]])
def test_the_days_between_receipt_and_deadline_are_the_days_of_the_period(china, start, n, last):
    assert china.working_days_between(day(start), day(last)) == n
    assert china.working_days_between(day(last), day(start)) == -n


@pytest.mark.parametrize(
    ("start", "n", "last"),
    [
        # Mon 22 Sep | Tue 23 and Wed 24 closed, Thu 25=1 Fri 26=2 Sun 28 worked=3
        ("2025-09-22", 3, "2025-09-28"),
        # Fri 18 Sep | Sun 20, to be worked, closed, Mon 21=1
        ("2026-09-18", 1, "2026-09-21"),
    ],
)
def test_a_day_on_which_the_city_closed_is_no_working_day(stormy, start, n, last):
    assert stormy.working_days_after(day(start), n) == day(last)


@pytest.mark.parametrize(
    ("start", "n", "last"),
    [
        # 2 + 10 = Thu 12 Mar
        ("2026-03-02", 10, "2026-03-12"),
        # 31 Jan + 15 = Sun 15 Feb, off until Mon 23: Tue 24
        ("2026-01-31", 15, "2026-02-24"),
        # 3 Aug + 60: 31 Aug=28, 30 Sep=58, 2 Oct=60, off until Wed 7: Thu 8
        ("2026-08-03", 60, "2026-10-08"),
        # 24 Apr + 15: 30 Apr=6, 9 May=15, a Saturday that is worked
        ("2026-04-24", 15, "2026-05-09"),
        # a Sunday + 0 = the same Sunday: Mon 9
        ("2026-03-08", 0, "2026-03-09"),
    ],
)
def test_a_period_of_calendar_days_rolls_forward_from_a_day_off(china, start, n, last):
    assert china.calendar_days_after(day(start), n) == day(last)


def test_a_period_of_calendar_days_rolls_forward_from_a_closed_day(stormy):
    # 13 Sep + 10 = Tue 23, closed as is Wed 24: Thu 25
    assert stormy.calendar_days_after(day("2025-09-13"), 10) == day("2025-09-25")


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2026-01-31", 1, "2026-02-28"),  # no 31 February: its last day
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-09-30", 3, "2026-12-30"),
        ("2026-10-31", 14, "2027-12-31"),
        ("2026-03-15", 36, "2029-03-15"),
        ("2026-03-15", 0, "2026-03-15"),
    ],
)
def test_a_period_of_months_ends_on_the_same_day_of_the_month(start, months, last):
    assert months_after(day(start), months) == day(last)


def test_days_after_the_last_notice_are_provisional(china):
    assert not china.is_provisional(day("2026-12-31"))
    assert china.is_provisional(day("2027-01-01"))
    assert Calendar().is_provisional(day("2026-03-02"))


def test_a_calendar_without_a_table_keeps_the_weekend_rule():
    plain = Calendar()
    # Thu 31 Dec 2026 | Fri 1=1, (Sat Sun) Mon 4=2
    assert plain.working_days_after(day("2026-12-31"), 2) == day("2027-01-04")
    # 1 Jan 2024 was a Monday: 52 weeks of 5 days, and Mon 30 and Tue 31 December
    assert plain.working_days_between(day("2023-12-31"), day("2024-12-31")) == 262


def test_a_holiday_on_a_weekend_and_a_make_up_day_on_a_weekday_change_nothing():
    plain, told = (
        Calendar(),
        Calendar(off=frozenset([day("2026-03-07")]), on=frozenset([day("2026-03-09")])),
    )
    # (Sat 7 Sun 8) Mon 9=1 Tue 10=2
    assert plain.working_days_after(day("2026-03-06"), 2) == told.working_days_after(day("2026-03-06"), 2)
    assert told.working_days_after(day("2026-03-06"), 2) == day("2026-03-10")


def test_a_day_cannot_be_both_off_and_worked():
    with pytest.raises(CalendarError) as caught:
        from_rows(
            [(day("2026-05-09"), "working"), (day("2026-05-09"), "holiday")], known_until=day("2026-12-31")
        )
    assert caught.value.zh == "节假日表把 2026-05-09 既列为放假又列为上班：请按放假通知保留一项"
    assert caught.value.en == (
        "the holiday table has 2026-05-09 both off and worked: keep the one that the notice says"
    )


def test_a_row_of_an_unknown_kind_is_refused():
    with pytest.raises(CalendarError) as caught:
        from_rows([(day("2026-05-09"), "workday")], known_until=day("2026-12-31"))
    assert caught.value.en == (
        "the holiday table calls 2026-05-09 'workday': write holiday, working or closure"
    )


def test_a_period_of_less_than_no_days_is_refused(china):
    for count in (china.working_days_after, china.calendar_days_after, months_after):
        with pytest.raises(CalendarError):
            count(day("2026-03-02"), -1)


def test_the_hand_written_table_agrees_with_the_published_calendar_on_every_day(china):
    days = [day("2025-01-01") + timedelta(n) for n in range(730)]
    assert days[-1] == day("2026-12-31")
    assert [one for one in days if china.is_working(one) != chinese_calendar.is_workday(one)] == []


def test_nine_years_of_working_days_are_counted_as_when_walked_day_by_day():
    """2018 to 2026: every day counted by arithmetic stands where a walk along the published calendar comes to it."""
    calendar = Calendar(
        frozenset(constants.holidays), frozenset(constants.workdays), known_until=day("2026-12-31")
    )
    days = [day("2018-01-01") + timedelta(n) for n in range((day("2026-12-31") - day("2018-01-01")).days + 1)]
    walked = [one for one in days if chinese_calendar.is_workday(one)]
    assert [one for one in days if calendar.is_working(one)] == walked
    eve = day("2017-12-31")
    assert [calendar.working_days_after(eve, n) for n in range(1, len(walked) + 1)] == walked
    assert [calendar.working_days_between(eve, one) for one in walked] == list(range(1, len(walked) + 1))


NEAR = st.integers(0, 120).map(lambda n: day("2026-01-01") + timedelta(n))  # where tables say something
FAR = st.integers(-200, 500).map(lambda n: day("2026-01-01") + timedelta(n))


@st.composite
def tables(draw: st.DrawFn) -> Calendar:
    off = draw(st.frozensets(NEAR, max_size=25))
    return Calendar(off, draw(st.frozensets(NEAR, max_size=25)) - off, draw(st.frozensets(NEAR, max_size=10)))


def plainly_worked(calendar: Calendar, one: date) -> bool:
    """What the table means, said once more in the words of the law."""
    if one in calendar.closed or one in calendar.off:
        return False
    return one in calendar.on or one.weekday() < 5


@given(tables(), FAR, st.integers(0, 150))
def test_any_table_is_counted_as_when_walked_day_by_day(calendar, start, n):
    last, left = start, n
    while left or not plainly_worked(calendar, last):
        last += timedelta(1)
        if left and plainly_worked(calendar, last):
            left -= 1
    assert calendar.working_days_after(start, n) == last


@given(tables(), FAR, st.integers(1, 150))
def test_days_between_is_the_inverse_of_days_after(calendar, start, n):
    assert calendar.working_days_between(start, calendar.working_days_after(start, n)) == n


@given(tables(), FAR, FAR, st.integers(0, 150))
def test_a_later_receipt_or_a_longer_period_never_ends_earlier(calendar, a, b, n):
    for after in (calendar.working_days_after, calendar.calendar_days_after):
        assert after(min(a, b), n) <= after(max(a, b), n)
        assert after(a, n) <= after(a, n + 1)


@given(tables(), FAR, st.integers(0, 150))
def test_a_deadline_is_never_on_a_day_off(calendar, start, n):
    assert plainly_worked(calendar, calendar.working_days_after(start, n))
    rolled = calendar.calendar_days_after(start, n)
    assert plainly_worked(calendar, rolled)
    # and no working day was passed over on the way
    passed = [start + timedelta(n + k) for k in range((rolled - start).days - n)]
    assert not any(plainly_worked(calendar, one) for one in passed)
