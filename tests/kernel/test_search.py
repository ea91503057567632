"""Search in registers: words of one, two and more Chinese characters, Latin words; only what is open is found."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction

from shenzhi.apps.people.models import Officer
from shenzhi.calc.codes import uscc
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.kernel.cases.firing import file
from shenzhi.kernel.parties.models import Organisation, Person
from shenzhi.kernel.registers import search
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.search import counted, found, reindex, searched
from shenzhi.kernel.registers.writing import change, create

NAMES = (
    ("松风精密制造有限公司", "Pine Breeze Precision"),
    ("竹雨食品有限公司", "Bamboo Rain Foods"),
    ("深圳市精诚密封件（集团）有限公司", "Jingcheng Seals"),
    ("5G通信研究院", "5G Institute"),
    ("风", ""),
    ("密封密件封件厂", ""),
)


@pytest.fixture
def firms(db):
    return [
        create(Organisation(code=uscc.make("91990000", f"{at:08d}"), name=name, name_en=english), by=PLATFORM)
        for at, (name, english) in enumerate(NAMES, start=1)
    ]


def names(text):
    register = register_of(Organisation)
    records = Organisation.objects.visible_to(PUBLIC).order_by("id")
    return [one.name for one in found(register, records, text)]


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("精密", [0]),
        ("有限公司", [0, 1, 2]),
        ("风", [0, 4]),  # at the end of a word, in its middle, and alone
        ("司", [0, 1, 2]),
        ("precision", [0]),
        ("prec", [0]),
        ("recision", []),  # a Latin word is found from its beginning
        ("ＰＲＥＣ", [0]),  # full width
        ("精密 pine", [0]),
        ("精密 bamboo", []),
        ("5g通信", [3]),
        ("密封件", [2]),  # 密封 and 封件 are both in the last name too, but not one after the other
        ("精诚密封", [2]),
        ("集团", [2]),
        ("  ", [0, 1, 2, 3, 4, 5]),
        ("！？", []),
        ('" OR 1 = 1 --', []),
    ],
)
def test_a_text_finds_the_names_that_hold_all_of_it(firms, text, which):
    assert names(text) == [NAMES[at][0] for at in which]


@pytest.mark.parametrize("text", ["精密", "有限公司", "风", "prec", "密封件", "精密 pine", "5g通信"])
def test_words_that_nearly_all_records_have_are_found_alike(firms, monkeypatch, text):
    rare = names(text)
    monkeypatch.setattr(search, "DENSE", -1)
    assert names(text) == rare


@pytest.mark.parametrize("text", ["精密", "有限公司", "风", "prec", "密封件", "精密 pine", "！", "  ", "ORG"])
def test_counting_agrees_with_finding_and_stops_at_the_limit(firms, text):
    register, records = register_of(Organisation), Organisation.objects.visible_to(PUBLIC)
    assert counted(register, records, text, 100) == len(names(text))
    assert counted(register, records, text, 2) == min(2, len(names(text)))


def test_a_public_number_and_a_whole_code_find_their_record(firms):
    assert names(firms[1].number.lower()) == [NAMES[1][0]]
    assert names(f" {firms[2].code[:8]} {firms[2].code[8:]}".lower()) == [NAMES[2][0]]


def test_a_changed_name_is_found_and_the_old_one_is_not(firms):
    change(firms[0], by=PLATFORM, name="松涛精密制造有限公司")
    assert (names("松风"), names("松涛")) == ([], ["松涛精密制造有限公司"])
    change(Organisation.objects.get(pk=firms[0].pk), by=PLATFORM, name=NAMES[0][0])
    assert (names("松风"), names("松涛")) == ([NAMES[0][0]], [])


def an_officer(office, name="张三"):
    return file(
        Officer(
            organisation=office.firm, name=name, phone="13800001111", appointed_on=dt.date(2026, 1, 5),
            department=office.quality, district=office.pine, training="精益管理",
        ),
        by=office.member,
    )  # fmt: skip


def officers(text, reader):
    return [one.name for one in found(register_of(Officer), Officer.objects.visible_to(reader), text)]


def test_a_record_is_found_by_the_name_that_it_refers_to(office):
    an_officer(office)
    assert officers("松风", office.clerk) == ["张三"]
    assert officers("松风 张三", office.clerk) == ["张三"]
    assert officers("竹雨", office.clerk) == []


def test_records_follow_when_what_they_refer_to_changes_its_name(office):
    an_officer(office)
    change(office.firm, by=PLATFORM, name="海云精密制造有限公司")
    assert (officers("松风", office.clerk), officers("海云", office.clerk)) == ([], ["张三"])


def test_a_write_that_is_taken_back_leaves_no_trace_in_search(office):
    with transaction.atomic():
        an_officer(office, "王五")
        transaction.set_rollback(True)
    assert officers("王五", office.clerk) == []


def test_hidden_records_are_not_found(office):
    an_officer(office)  # filed, not yet public
    assert officers("张三", PUBLIC) == []
    assert officers("张三", office.stranger) == []


def test_closed_and_personal_fields_are_in_no_index(office):
    an_officer(office)
    assert officers("精益", office.clerk) == []  # shared among government, not open
    assert searched(register_of(Person)) == ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM search_kernel_organisation WHERE text LIKE '%138123%'")
        assert cursor.fetchall() == []


def test_an_index_written_anew_finds_the_same(firms):
    before = {text: names(text) for text in ("精密", "风", "prec", "有限公司")}
    assert reindex(register_of(Organisation)) == len(NAMES)
    assert {text: names(text) for text in before} == before


def test_a_name_behind_a_masked_or_closed_field_is_not_indexed(office):
    assert searched(register_of(Officer)) == register_of(Officer).search
    assert search._open_to_all(register_of(Officer), "organisation__phone") is False
    assert search._open_to_all(register_of(Officer), "phone") is False
