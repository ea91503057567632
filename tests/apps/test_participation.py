"""Events of the Quality Month, and what associations do for quality (articles 10 and 89)."""

from __future__ import annotations

import datetime as dt

import pytest

from shenzhi.apps.participation.models import Event, Service
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.registers.showing import shown
from shenzhi.kernel.registers.writing import Invalid, change, create


def an_event(office, **more):
    given = {
        "title": "实验室开放日", "kind": "open_day", "organiser": office.firm, "starts_on": dt.date(2026, 9, 5),
        "ends_on": dt.date(2026, 9, 6), "place": "检测基地", "contact": "王敏", "phone": "010-00001234",
    }  # fmt: skip
    return Event(**{**given, **more})


def test_an_event_that_ends_before_it_starts_is_refused(office):
    with pytest.raises(Invalid) as refused:
        file(an_event(office, ends_on=dt.date(2026, 9, 4)), by=office.member)
    assert set(refused.value.faults) == {"ends_on"}


def test_a_listed_event_is_public_without_the_person_to_call(office):
    case = file(an_event(office), by=office.member)
    assert list(Event.objects.visible_to(PUBLIC)) == []
    fire(case, "list", by=office.clerk)
    (seen,) = Event.objects.visible_to(PUBLIC)
    assert set(shown(seen)) & {"contact", "phone"} == set()


def test_a_change_of_days_leaves_an_event_listed(office):
    case = fire(file(an_event(office), by=office.member), "list", by=office.clerk)
    days = {"starts_on": dt.date(2026, 9, 12), "ends_on": dt.date(2026, 9, 12)}
    moved = fire(case, "reschedule", by=office.member, data=days)
    assert (moved.state, moved.starts_on) == ("listed", dt.date(2026, 9, 12))


def test_an_event_counts_as_held_once_it_is_told_how_many_took_part(office):
    case = fire(file(an_event(office), by=office.member), "list", by=office.clerk)
    with pytest.raises(Invalid) as refused:
        fire(case, "report", by=office.member)
    assert set(refused.value.faults) == {"took_part"}
    assert fire(case, "report", by=office.member, data={"took_part": 0}).state == "held"


def test_services_of_associations_are_no_place_for_enterprises(office):
    service = {"kind": "standards", "title": "团体标准辅导", "starts_on": dt.date(2026, 5, 1)}
    with pytest.raises(Invalid) as refused:
        create(Service(organisation=office.firm, **service), by=office.member)
    assert set(refused.value.faults) == {"organisation"}
    association = change(office.firm, by=PLATFORM, kind="association")
    assert create(Service(organisation=association, **service), by=office.member).pk
