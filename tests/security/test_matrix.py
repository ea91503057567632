"""Who reads which field of which record on which way out: what the server answers against the words of each declaration.

Everybody asks every address that shows records. An answer may hold no marker (marked_city.py) that the second statement
of the rule (declared_sight.py) does not give the person, and the pages of a record must hold each that it does.
"""

from __future__ import annotations

import html
import io
from typing import Any

import pyarrow.parquet as pq
import pytest
from every_address import ACCOUNTS, OPEN311, PUBLIC, RECORDS, paths, routes
from marked_city import City
from python_calamine import CalamineWorkbook

from shenzhi.kernel.access.accounts import reader_of
from shenzhi.kernel.access.keys import reader_by_key
from shenzhi.kernel.registers.catalogue import register_of, registers
from shenzhi.kernel.registers.writing import plain

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PEOPLE = [
    "public",
    "applicant",
    "member",
    "rival",
    "clerk",
    "reviewer",
    "head",
    "partner",
    "other_head",
    "district",
    "other_district",
    "supervisor",
    "auditor",
    "administrator",
    "both",
    "program",
]
ALIKE = ("reviewer", "other_head")
"""Who sees what a clerk and a partner see: the rule is compared for them too, but not every address is asked again."""
ASKING = ("public", "member", "district", "auditor")
"""Who sees one field whole in some records and not in others: those who could guess."""
ANSWERS = {200, 302, 303, 400, 401, 403, 404, 405, 409, 422, 428}
"""409: a step that must wait, such as the end of an announcement, says until when."""


@pytest.fixture(params=[name for name in PEOPLE if name not in ALIKE])
def person(request: pytest.FixtureRequest, city: City) -> Any:
    return city.people[request.param]


@pytest.fixture(params=ASKING)
def curious(request: pytest.FixtureRequest, city: City) -> Any:
    return city.people[request.param]


def said(answer: Any) -> str:
    """Everything that an answer says, whatever its form, as text."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.get("Content-Type", "")
    if "spreadsheetml" in kind:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        cells = (
            cell
            for name in book.sheet_names
            for row in book.get_sheet_by_name(name).to_python()
            for cell in row
        )
        return "\n".join(str(int(one)) if isinstance(one, float) else str(one) for one in cells)
    if "parquet" in kind:
        return "\n".join(
            str(value) for row in pq.read_table(io.BytesIO(body)).to_pylist() for value in row.values()
        )
    return html.unescape(body.decode("utf-8-sig"))


def test_every_address_has_been_classed():
    known = RECORDS | ACCOUNTS | PUBLIC
    assert routes() - known == set()
    assert known - routes() == set()


def test_everybody_of_the_matrix_asks(city):
    assert list(city.people) == PEOPLE


@pytest.mark.parametrize("name", PEOPLE)
def test_the_rule_said_twice_is_one_rule(city, name):
    person = city.people[name]
    reader = reader_by_key(f"Bearer {person.key}") if person.key else reader_of(person.account)
    for record in city.records:
        names = {one.name for one in record._meta.concrete_fields}
        read = type(record).objects.visible_to(reader).filter(pk=record.pk).first()
        seen = city.seen(person, record)
        known = (read.sight.whole & names, read.sight.masked) if read else None
        assert known == ((seen.whole, seen.masked) if seen else None), record.number


def test_no_answer_holds_what_the_asker_may_not_read(city, person):
    browser, faults = city.client(person), {}
    for path, _ in paths(city, RECORDS | OPEN311):
        answer = browser.get(path)
        if answer.status_code not in ANSWERS:
            faults[path] = {answer.status_code}
        elif stray := city.stray(person, said(answer)):
            faults[path] = stray
    assert faults == {}


def test_a_record_shows_all_that_the_asker_may_read_and_a_hidden_one_is_missing(city, person):
    """On its page and in the API; no other field is even named there."""
    browser = city.client(person)
    pages = browser if not person.key else None
    for record in city.records:
        register, seen = register_of(type(record)), city.seen(person, record)
        page = f"/registers/{register.slug}/{record.number}/"
        answers = [
            browser.get(f"/api/v1/{register.slug}/{record.number}"),
            *([pages.get(page)] if pages else []),
        ]
        assert [one.status_code for one in answers] == [200 if seen else 404] * len(answers), page
        if seen is None:
            continue
        own = {one for one, at in city.markers.items() if at.record is record and not at.before}
        whole = {one for one in own if city.markers[one].field in seen.whole}
        assert {text for one in answers for text in whole - city.read(said(one))} == set(), page
        given = answers[0].json()
        assert given.keys() - {"number", "url", "label", "masked"} == seen.whole | seen.masked, page
        assert set(given["masked"]) == seen.masked, page
        fields = {one.name for one in record._meta.concrete_fields if not one.is_relation} & seen.whole
        assert {name: given[name] for name in fields} == {
            name: plain(getattr(record, name)) for name in fields
        }


def test_a_list_names_the_records_that_its_reader_may_know_of(city, person):
    browser = city.client(person)
    for register in registers():
        records = city.in_register(register.slug)
        known = {one.number for one in records if city.seen(person, one)}
        answers = [browser.get(f"/api/v1/{register.slug}/"), browser.get(f"/api/v1/{register.slug}/?limit=1")]
        listed = {one["number"] for one in answers[0].json()["items"]}
        assert listed & {one.number for one in records} == known, register.slug
        assert (answers[1].json()["next"] is not None) == (len(listed) > 1), register.slug
        if not person.key:
            page = browser.get(f"/registers/{register.slug}/").content.decode()
            assert {one.number for one in records if one.number in page} == known, register.slug


def test_nobody_finds_a_record_by_what_he_may_not_read_of_it(city, curious):
    """A value that is right gets the answer of one that is wrong, asked as a text, as a filter, as the ends of a range."""
    browser, faults, wrong = city.client(curious), [], {}

    def answer(slug: str, **asked: str) -> Any:
        given = browser.get(f"/api/v1/{slug}/", asked)
        assert given.status_code in (200, 422)
        return given.status_code, [one["number"] for one in given.json().get("items", ())]

    for value, at in city.markers.items():
        register, seen = register_of(type(at.record)), city.seen(curious, at.record)
        if at.before or (seen and at.field in seen.whole):
            continue
        for names in (("q",), (at.field,), (f"{at.field}_from", f"{at.field}_to")):
            key = (register.slug, *names)
            wrong.setdefault(key, answer(register.slug, **dict.fromkeys(names, wrong_for(value))))
            if answer(register.slug, **dict.fromkeys(names, value)) != wrong[key]:
                faults.append((str(at), names))
    assert faults == []


def wrong_for(value: str) -> str:
    """A value of the same kind that stands nowhere."""
    return "2189-01-01" if "-" in value else "29999" if value.isdigit() else "mkzzzzzq"


def test_nothing_is_sorted_by_what_its_reader_may_not_read(city, curious):
    """The records that a sorted list holds show the field whole, each of them."""
    browser = city.client(curious)
    for register in registers():
        for name in register.fields:
            answer = browser.get(f"/api/v1/{register.slug}/?sort={name}")
            if answer.status_code == 422:
                continue
            numbers = {one["number"] for one in answer.json()["items"]}
            for record in city.in_register(register.slug):
                if record.number in numbers:
                    assert name in city.seen(curious, record).whole, (register.slug, name)
