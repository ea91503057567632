"""Moving a case on: the right, the answers, four eyes, versions and repeated requests."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, Refused, Stale, change, history_of


def an_officer(office, **more):
    return Officer(
        organisation=office.firm, name="张三", phone="13800001111", appointed_on=dt.date(2026, 1, 5),
        department=office.quality, district=office.pine, **more,
    )  # fmt: skip


@pytest.fixture
def filed(office):
    return file(an_officer(office), by=office.member, key="first")


def test_a_case_begins_in_the_first_state_with_its_number_and_its_event(filed):
    assert (filed.state, filed.version) == ("filed", 1)
    assert [(event.act, event.state, event.version) for event in history_of(filed)] == [("file", "filed", 1)]


def test_the_same_request_sent_again_gives_the_same_case(office, filed):
    again = file(an_officer(office), by=office.member, key="first")
    assert again.pk == filed.pk
    assert Officer.objects.count() == 1


def test_a_key_of_one_request_is_refused_for_another(office, filed):
    with pytest.raises(Refused):
        file(an_officer(office, training="六西格玛"), by=office.member, key="first")


def test_a_member_of_another_organisation_cannot_file_for_this_one(office):
    with pytest.raises(NotAllowed):
        file(an_officer(office), by=office.rival)
    assert Officer.objects.count() == 0


def test_a_move_needs_its_role_and_its_reach(office, filed):
    for nobody in (office.member, office.clerk, office.stranger, office.auditor, office.administrator):
        with pytest.raises(NotAllowed):
            fire(filed, "list", by=nobody)
    assert fire(filed, "list", by=office.reviewer).state == "listed"


def test_four_eyes_are_two_persons(office):
    case = file(an_officer(office), by=office.clerk)
    both = type(office.clerk)(office.clerk.account, "both", (*office.clerk.grants, *office.reviewer.grants))
    with pytest.raises(NotAllowed) as refused:
        fire(case, "list", by=both)
    assert refused.value.field == "four eyes"


def test_a_move_that_starts_elsewhere_is_refused_with_what_is_possible(office, filed):
    with pytest.raises(Refused) as refused:
        fire(filed, "end", by=office.member)
    assert (
        refused.value.why.zh == "当前状态“待审核”不能办理“卸任”；可办理：退回补正、准予备案、不予备案、撤回。"
    )


def test_missing_and_surplus_answers_are_all_named(office, filed):
    with pytest.raises(Invalid) as refused:
        fire(filed, "refuse", by=office.reviewer, data={"name": "李四"})
    assert set(refused.value.faults) == {"name", "reason"}


def test_whoever_comes_second_is_told_so(office, filed):
    seen = Officer.objects.get(pk=filed.pk)
    fire(filed, "list", by=office.reviewer)
    with pytest.raises(Stale):
        fire(seen, "refuse", by=office.head, data={"reason": "x"})


def test_the_state_is_written_by_no_other_way(office, filed):
    with pytest.raises(NotAllowed):
        change(filed, by=office.clerk, state="listed")
    with pytest.raises(TypeError):
        Officer.objects.filter(pk=filed.pk).update(state="listed")
    for statement in (
        "UPDATE people_officer SET state = 'listed'",
        "UPDATE people_officer SET state = 'listed', version = version + 1",
        "DELETE FROM people_officer",
        "UPDATE kernel_event SET act = 'list'",
        "DELETE FROM kernel_event",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Officer.objects.get(pk=filed.pk).state == "filed"
