"""Reads of personal data: noted, never changed, forgotten after five years, and shown to the auditor alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from shenzhi.kernel import staff
from shenzhi.kernel.access.accounts import reader_of
from shenzhi.kernel.access.reads import ReadLog, forget_reads, forgotten_before, note_read
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC, Reader

NOW = timezone.now()
CHINA = timezone.get_current_timezone()


def test_a_read_is_noted_for_every_record_with_who_what_and_how(people):
    reader = reader_of(people["chen"])
    assert note_read(reader, "people_officer", [3, 4], {"phone", "name"}, "export") == 2
    assert list(
        ReadLog.objects.values_list("account", "reader", "register", "record", "fields", "purpose", "key")
    ) == [
        (reader.account, "chen", "people_officer", 3, "name,phone", "export", None),
        (reader.account, "chen", "people_officer", 4, "name,phone", "export", None),
    ]


def test_the_platforms_own_work_and_a_page_without_personal_fields_are_no_reads(db):
    assert note_read(PLATFORM, "people_officer", [1], ["phone"]) == 0
    assert note_read(Reader(1, "x"), "people_officer", [1], []) == 0
    assert note_read(PUBLIC, "people_officer", [], ["phone"]) == 0
    assert not ReadLog.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kernel_readlog SET reader = 'nobody'",
        "DELETE FROM kernel_readlog",
        "UPDATE kernel_readlog SET at = '2001-01-01'",
    ],
)
def test_the_database_refuses_to_change_a_note(db, statement):
    note_read(Reader(1, "chen"), "people_officer", [1], ["phone"])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ReadLog.objects.get().reader == "chen"


def test_after_five_years_notes_are_forgotten_and_not_a_day_before(db):
    today = timezone.localdate()
    limit = forgotten_before(today)
    for at in (limit - dt.timedelta(seconds=1), limit, NOW):
        ReadLog.objects.create(at=at, register="people_officer", record=1, fields="phone")
    assert forget_reads(today) == 1
    assert [note.at for note in ReadLog.objects.order_by("at")] == [limit, NOW]


def test_forgetting_too_early_is_refused_by_the_database(db):
    ReadLog.objects.create(
        at=NOW - dt.timedelta(days=4 * 365), register="people_officer", record=1, fields="phone"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        forget_reads(timezone.localdate() + dt.timedelta(days=2 * 365))
    assert ReadLog.objects.count() == 1


def test_five_years_before_a_leap_day_end_on_the_last_of_february():
    assert forgotten_before(dt.date(2028, 2, 29)) == dt.datetime(2023, 2, 28, tzinfo=CHINA)
    assert forgotten_before(dt.date(2031, 7, 1)) == dt.datetime(2026, 7, 1, tzinfo=CHINA)


@pytest.fixture
def auditor(people, as_):
    staff.give(people["dora"], "auditor", by=PLATFORM)
    return as_("dora")


def rows(page):
    return [(one["read"].reader, one["number"]) for one in page.context["rows"]]


def test_the_auditor_asks_by_person_record_and_day(auditor, people):
    from shenzhi.calc.codes import numbered

    third = numbered.number("CQO", 3)
    chen, bo = reader_of(people["chen"]), reader_of(people["bo"])
    note_read(chen, "people_officer", [3], ["phone"], "page")
    note_read(bo, "people_officer", [3, 4], ["phone"], "page")
    note_read(bo, "kernel_person", [3], ["name"], "page")
    today = timezone.localdate()
    for asked, count in (
        ({}, 4),
        ({"person": "Chen"}, 1),
        ({"person": "nobody"}, 0),
        ({"register": "people_officer"}, 3),
        ({"record": third}, 2),
        ({"record": "nonsense"}, 0),
        ({"since": str(today), "until": str(today)}, 4),
        ({"since": str(today + dt.timedelta(days=1))}, 0),
        ({"until": str(today - dt.timedelta(days=1))}, 0),
    ):
        assert auditor.get("/account/reads/", asked).context["page"].paginator.count == count, asked
    assert rows(auditor.get("/account/reads/", {"person": "chen"})) == [("chen", third)]


@pytest.mark.parametrize("name", ["ada", "chen", "dora"])
def test_nobody_but_the_auditor_sees_who_read_what(as_, name):
    assert as_(name).get("/account/reads/").status_code == 403
