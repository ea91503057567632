"""Whose office the box is, and what every office starts with; nothing that an office has edited is written over."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.clocks.models import CalendarNotice, LegalLimit, SpecialDay
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.office import OfficeError, office
from shenzhi.kernel.parties.models import Department, District
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.writing import change, create
from shenzhi.kernel.seeding import limits_declared, seed_calendar, seed_limits, seed_office


def quiet(*_):
    """Nobody watches."""


def test_the_box_is_the_fictional_city_until_it_is_told_otherwise(monkeypatch):
    monkeypatch.delenv("SHENZHI_OFFICE", raising=False)
    assert (office().slug, office().fictional) == ("model", True)
    monkeypatch.setenv("SHENZHI_OFFICE", "shenzhen")
    assert (office().slug, office().fictional) == ("shenzhen", False)


def test_an_office_that_is_not_there_is_refused_with_those_that_are(monkeypatch):
    monkeypatch.setenv("SHENZHI_OFFICE", "atlantis")
    with pytest.raises(OfficeError, match="known are model, shenzhen"):
        office()


def test_every_rule_that_a_procedure_names_has_a_limit_that_says_where_it_comes_from():
    declared = {row["rule"]: row for row in limits_declared()}
    named = {clock.rule for one in registers() if one.procedure for clock in one.procedure.clocks}
    assert named <= set(declared)
    for row in declared.values():
        assert row["citation"]
        to_be_confirmed = any(words in row["citation_en"] for words in ("office rule", "to be confirmed"))
        assert row["confirmed"] is not to_be_confirmed


def test_a_new_office_knows_its_days_limits_districts_and_departments(db, monkeypatch):
    monkeypatch.setenv("SHENZHI_OFFICE", "shenzhen")
    seed_office(office(), progress=quiet)
    calendar = book().calendar
    # 2026 by the notice: the Spring Festival is off from 15 to 23 February, and Saturday 14 February is worked
    assert [calendar.is_working(dt.date(2026, 2, day)) for day in (13, 14, 15, 23, 24)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert District.objects.filter(code="440303").exists()
    assert not District.objects.filter(code="440300").exists()  # the city is no district of itself
    assert Department.objects.filter(code="quality").count() == 1
    assert book().limit("people.review", dt.date(2026, 3, 2)).days == 15


def test_a_second_run_enters_nothing(db):
    assert seed_office(office(), progress=quiet) > 0
    assert seed_office(office(), progress=quiet) == 0


def test_an_edited_limit_and_an_edited_day_stay_as_they_were_edited(db):
    seed_calendar()
    seed_limits()
    limit = LegalLimit.objects.get(rule="people.review")
    change(limit, by=PLATFORM, days=10, valid_from=dt.date(2020, 1, 1))
    day = SpecialDay.objects.get(day=dt.date(2026, 10, 10))
    change(day, by=PLATFORM, day=dt.date(2026, 10, 11))
    assert seed_calendar() + seed_limits() == 0
    assert [(row.days, row.valid_from) for row in LegalLimit.objects.filter(rule="people.review")] == [
        (10, dt.date(2020, 1, 1))
    ]
    assert not SpecialDay.objects.filter(day=dt.date(2026, 10, 10)).exists()


def test_a_year_whose_notice_the_office_entered_itself_is_left_to_it(db):
    create(CalendarNotice(year=2025, known_until=dt.date(2025, 12, 31), citation="本办录入"), by=PLATFORM)
    seed_calendar()
    assert not SpecialDay.objects.filter(day__year=2025).exists()
    assert SpecialDay.objects.filter(day__year=2026).exists()


def test_a_database_of_another_office_is_refused(db, monkeypatch):
    seed_office(office(), progress=quiet)
    monkeypatch.setenv("SHENZHI_OFFICE", "shenzhen")
    with pytest.raises(OfficeError, match="another city's office"):
        seed_office(office(), progress=quiet)


def title(page):
    return re.sub(r"\s+", " ", re.search(r"<title>(.*?)</title>", page.content.decode(), re.S)[1]).strip()


@pytest.mark.slow
def test_pages_of_registers_say_that_the_office_is_fictional_and_the_law_does_not(db, monkeypatch):
    monkeypatch.delenv("SHENZHI_OFFICE", raising=False)
    register = Client().get("/en/registers/officers/")
    assert b'class="band"' in register.content
    assert title(register) == "[Fictional] Chief quality officers · Model City (fictional) · Shenzhi"
    assert b'class="band"' not in Client().get("/en/law/91/").content
    monkeypatch.setenv("SHENZHI_OFFICE", "shenzhen")
    register = Client().get("/en/registers/officers/")
    assert b'class="band"' not in register.content
    assert title(register) == "Chief quality officers · Shenzhen · Shenzhi"
