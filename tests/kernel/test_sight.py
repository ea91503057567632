"""Who sees what of a record: the ways of every role, and that nothing shows without one."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from announced import an_officer
from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.accounts import Account, Membership
from shenzhi.kernel.access.roles import PUBLIC, Grant, Reader
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.notices.recipients import recipients
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers import catalogue
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.sight import fits

EVERY = {one.name for one in Officer._meta.concrete_fields}
OPEN = {"id", "organisation", "name", "appointed_on", "ended_on", "district", "state"}


@pytest.fixture
def officers(office):
    """One officer of the firm at work in the quality office, one listed, in the other district."""
    made = [
        file(
            Officer(
                organisation=office.firm, name=name, phone="13800001111", appointed_on=dt.date(2026, 1, 5),
                department=office.quality, district=district, training="精益管理",
            ),
            by=office.member,
        )
        for name, district in (("张三", office.pine), ("李四", office.bamboo))
    ]  # fmt: skip
    return [made[0], fire(made[1], "list", by=office.reviewer)]


def seen(reader, **asking):
    return {
        record.name: (record.sight.whole & EVERY, record.sight.masked)
        for record in Officer.objects.visible_to(reader, **asking)
    }


def test_the_public_sees_the_open_fields_of_public_states_only(officers):
    assert seen(PUBLIC) == {"李四": (OPEN, frozenset())}


def test_a_member_sees_all_of_its_own_and_nothing_more_of_others(office, officers):
    assert seen(office.member) == {"张三": (EVERY, frozenset()), "李四": (EVERY, frozenset())}
    assert seen(office.rival) == {"李四": (OPEN, frozenset())}


def test_officers_of_other_departments_see_what_government_shares_of_public_records(office, officers):
    assert seen(office.stranger) == {"李四": (OPEN | {"training", "duties"}, frozenset())}


def test_a_district_officer_sees_the_own_district_whole(office, officers):
    assert seen(office.district)["张三"] == (EVERY, frozenset())
    assert seen(office.district)["李四"] == (OPEN | {"training", "duties"}, frozenset())


def test_overseers_see_persons_masked(office, officers):
    assert seen(office.auditor)["张三"] == (EVERY - {"phone"}, frozenset({"phone"}))
    assert seen(office.supervisor)["张三"] == (OPEN | {"training", "duties"}, frozenset({"phone"}))


def test_an_administrator_sees_no_more_than_the_public(office, officers):
    assert seen(office.administrator) == seen(PUBLIC)


def test_asking_a_closed_field_reaches_only_records_that_show_it(office, officers):
    assert seen(PUBLIC, asking=["phone"]) == {}
    assert set(seen(office.district, asking=["phone"])) == {"张三"}
    assert set(seen(office.clerk, asking=["phone"])) == {"张三", "李四"}


def test_a_record_read_past_the_query_shows_nothing(officers):
    assert Officer.objects.get(pk=officers[1].pk).sight.fields == frozenset()


def test_two_roles_see_what_both_see(office, officers):
    both = Reader(11, "both", (*office.rival.grants, Grant("district", district=office.pine.pk)))
    assert seen(both)["张三"] == (EVERY, frozenset())


def test_the_telephone_of_an_organisation_is_masked_for_other_offices(office):
    record = Organisation.objects.visible_to(office.stranger).get(pk=office.firm.pk)
    assert record.sight.masked == frozenset({"phone"})
    assert Organisation.objects.visible_to(PUBLIC).get(pk=office.firm.pk).sight.masked == frozenset()


def test_a_stake_that_holds_only_in_some_states_shows_allows_and_tells_nothing_in_the_others(
    office, officers, monkeypatch
):
    register = register_of(Officer)
    (stake,) = register.stakes
    only = dataclasses.replace(stake, only={"state__in": ("listed",)})
    monkeypatch.setitem(catalogue._all()[0], Officer, dataclasses.replace(register, stakes=(only,)))
    filed, _ = officers
    assert seen(office.member) == {"李四": (EVERY, frozenset())}
    assert [fits(register_of(Officer), office.member, "member", one.pk) for one in officers] == [False, True]
    account = Account.objects.create_user("of-the-firm")
    Membership.objects.create(
        account=account, role="member", organisation=office.firm, valid_from=dt.date(2020, 1, 1)
    )
    today = dt.date(2026, 3, 2)
    assert [recipients(one, ("members",), today).accounts for one in officers] == [set(), {account.pk}]
    # it is told by the very step that brings the record where the stake holds
    filed = fire(filed, "list", by=office.reviewer)
    assert recipients(filed, ("members",), today).accounts == {account.pk}
    assert set(seen(office.member)) == {"张三", "李四"}


def test_a_right_read_off_the_row_is_the_right_that_the_database_gives(office):
    """Departments and districts met and missed, both at once, several grants, a party, and roles that nobody holds."""
    cases = [
        file(an_officer(office, department=department, district=district), by=office.member)
        for department in (office.quality, office.market, None)
        for district in (office.pine, office.bamboo, None)
    ]
    places = [
        (None, None),
        (office.quality.pk, None),
        (None, office.pine.pk),
        (office.quality.pk, office.pine.pk),
    ]
    readers = [Reader(5, "", (Grant("clerk", one, two),)) for one, two in places]
    readers += [Reader(5, "", (Grant("clerk", *places[1]), Grant("clerk", None, office.bamboo.pk)))]
    readers += [office.member, office.rival]
    asked = [
        (role, reader, case) for role in ("clerk", "head", "member") for reader in readers for case in cases
    ]
    answers = [
        (
            fits(case.register, reader, role, case.pk),
            fits(case.register, reader, role, case.pk, row=case),
        )
        for role, reader, case in asked
    ]
    assert [one for one, _ in answers] == [two for _, two in answers]
    assert {one for one, _ in answers} == {True, False}
