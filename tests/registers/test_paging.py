"""Pages that go on from the last row: no row twice, none lost, in both directions, also over equal and empty values."""

from __future__ import annotations

import datetime as dt

import pytest

from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.web.registers.paging import page


@pytest.fixture
def districts(db):
    from shenzhi.kernel.parties.models import District
    from shenzhi.kernel.registers.writing import create

    # seven districts; three share a day, two have none
    days = [3, 1, None, 3, 2, None, 3]
    for number, day in enumerate(days):
        create(
            District(
                code=f"99{number:04d}", name=f"区{number}", valid_from=dt.date(2026, 1, day) if day else None
            ),
            by=PLATFORM,
        )
    return District.objects.all()


# by day, then by key in the same direction; empty ones last in either direction
ORDERS = {
    ("valid_from",): ["990001", "990004", "990000", "990003", "990006", "990002", "990005"],
    ("-valid_from",): ["990006", "990003", "990000", "990004", "990001", "990005", "990002"],
    ("-id",): ["990006", "990005", "990004", "990003", "990002", "990001", "990000"],
    ("valid_to", "-code"): ["990006", "990005", "990004", "990003", "990002", "990001", "990000"],
}


@pytest.mark.parametrize("order", ORDERS)
def test_walking_on_and_back_meets_every_row_once(districts, order):
    on, cursor, cursors = [], "", []
    while True:
        one = page(districts, order, cursor, size=2)
        on.append([row.code for row in one.rows])
        cursors.append(one.before)
        if not one.after:
            break
        cursor = one.after
    expected = ORDERS[order]
    assert on == [expected[0:2], expected[2:4], expected[4:6], expected[6:]]
    back, cursor = [], one.before
    while cursor:
        one = page(districts, order, cursor, size=2)
        back.append([row.code for row in one.rows])
        cursor = one.before
    assert back == [expected[4:6], expected[2:4], expected[0:2]]
    assert cursors[0] == ""


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwxLDIsM10", "é", "WyJhIiwibm90IGEgZGF5Iiwibm8iXQ"])
def test_a_cursor_that_nobody_gave_out_leads_to_the_first_page(districts, cursor):
    assert [row.code for row in page(districts, ("valid_from",), cursor, size=2).rows] == ["990001", "990004"]
