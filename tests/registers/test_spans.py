"""A list narrowed by a span of days goes along these days, and an open end leaves nothing out."""

from __future__ import annotations

import datetime as dt

import pytest

from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.web.registers.asking import question


@pytest.fixture
def days(db):
    from shenzhi.kernel.clocks.models import SpecialDay
    from shenzhi.kernel.registers.catalogue import register_of
    from shenzhi.kernel.registers.writing import create

    for day in (20, 1, 10):
        create(SpecialDay(day=dt.date(2031, 1, day), kind="closure", name=f"停工{day}"), by=PLATFORM)
    return register_of(SpecialDay)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"day_from": "2031-01-10"}, [20, 10]),
        ({"day_from": "2031-01-02", "day_to": "2031-01-10"}, [10]),
        ({"day_from": "2031-01-01"}, [20, 10, 1]),
    ],
)
def test_a_span_is_sorted_by_its_days_the_last_first(days, given, found):
    asked = question(days, PUBLIC, given)
    assert (asked.span, asked.order) == ("day", ("-day",))
    assert [one.day.day for one in asked.records.order_by(*asked.order)] == found


def test_who_chooses_an_order_keeps_it(days):
    asked = question(days, PUBLIC, {"day_from": "2031-01-01", "sort": "name"})
    assert asked.order == ("name",)


def test_without_a_span_the_register_has_its_own_order(days):
    assert question(days, PUBLIC, {"kind": "closure"}).span == ""
