"""Pages that go on from the last row: no row twice, none lost, in both directions, also over equal and empty values."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from register_people import an_officer

from shenzhi.kernel import patience
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.cases.firing import fire
from shenzhi.web.registers import paging
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


@pytest.mark.parametrize("who", ["citizen", "clerk", "member", "stranger"])
def test_a_sorted_list_is_the_same_walked_along_its_index_or_gathered(town, monkeypatch, who):
    """On and back, for readers who see all, some states, or their own; nothing is found that was not asked for."""
    from shenzhi.apps.people.models import Officer

    days = [5, 9, 9, 7, 20, 5, 9, 12, 30, 9, 6, 9]
    for at, day in enumerate(days):
        case = an_officer(town, appointed_on=dt.date(2026, 1, day), district=(town.pine, town.bamboo)[at % 2])
        if at % 3:
            fire(case, "list", by=town.reader("reviewer"))
    asked = [
        {},
        {"district": town.bamboo},
        {"state": "listed"},
        {"state": "listed", "district": town.pine},
        {"state": "withdrawn"},
        {"appointed_on__gte": dt.date(2026, 1, 7), "appointed_on__lte": dt.date(2026, 1, 12)},
        {"appointed_on__gte": dt.date(2026, 1, 7), "district": town.pine},
    ]

    def all_pages(narrowed, order) -> list[list[int]]:
        records, found, cursor = Officer.objects.visible_to(town.reader(who)).filter(**narrowed), [], ""
        while True:
            one = page(records, order, cursor, size=5)
            found.append([row.pk for row in one.rows])
            if not one.after:
                break
            cursor = one.after
        while one.before:
            one = page(records, order, one.before, size=5)
            found.append([row.pk for row in one.rows])
        return found

    def everything() -> list[list[list[int]]]:
        orders = (("appointed_on",), ("-appointed_on",), ("-id",))
        return [all_pages(one, order) for one in asked for order in orders]

    with monkeypatch.context() as whole:
        whole.setattr(paging, "_by_state", lambda records, grounds: [records])
        gathered = everything()
    assert len(gathered[0][0]) == 5
    with CaptureQueriesContext(connection) as queries:
        assert everything() == gathered
    assert sum(""""state" = 'ended'""" in query["sql"] for query in queries) > 0
    monkeypatch.setattr(paging, "SORTED", 0)
    with CaptureQueriesContext(connection) as queries:
        assert everything() == gathered
    walked = sum("IS TRUE" in query["sql"] for query in queries)
    assert (walked > 10) == (connection.vendor == "sqlite"), walked
    monkeypatch.setattr(paging, "WALKING_MS", 0)
    monkeypatch.setattr(patience, "LOOKED_AT", 1)
    assert everything() == gathered
