"""What every register promises, whoever declares it: its pages answer, show nothing closed, and speak both languages.

The promises run over all registers of the catalogue, so that a new one has them tested on the day it is declared.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.test import Client

from shenzhi.calc.codes import uscc
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.registers.catalogue import register_of, registers

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
OPEN, SECRET = "Specimen", "ZZTOPSECRET"
DAY, LATER = dt.date(2026, 3, 1), dt.date(2026, 9, 1)


def another_department() -> Any:
    from shenzhi.kernel.parties.models import Department
    from shenzhi.kernel.registers.writing import create

    return create(Department(code="another", name=OPEN), by=PLATFORM)


def a_kind_of_problem() -> Any:
    from shenzhi.apps.complaints.models import Category
    from shenzhi.kernel.parties.models import Department
    from shenzhi.kernel.registers.writing import create

    made = Category.objects.filter(kind="problem").first()
    names = {"code": "problem", "name": OPEN, "name_en": OPEN}
    department = Department.objects.order_by("id").first()
    return made or create(Category(**names, kind="problem", department=department), by=PLATFORM)


# who wrote a letter, in words that none of its other texts repeats: it would be refused, since it told who wrote
WRITER = {"name": f"{SECRET}-NAME", "phone": f"{SECRET}-PHONE", "address": f"{SECRET}-ADDRESS"}
# what no type tells: texts with a form of their own, and records that speak of others by their number
SPECIMENS: dict[str, dict[str, Any]] = {
    "kernel_organisation": {
        "code": uscc.make("91990000", "00000001"),
        "region": "440300",
        "kind": "association",
    },
    "kernel_department": {"code": "quality"},
    "kernel_calendarnotice": {"year": 2026, "known_until": dt.date(2026, 12, 31)},
    "kernel_specialday": {"day": dt.date(2026, 10, 1)},
    "complaints_complaint": WRITER,
    "complaints_report": WRITER,
    "complaints_problem": {"category": a_kind_of_problem, **WRITER},
    "complaints_question": {"category": a_kind_of_problem, "datatype": "text", "options": ""},
    "plans_taskdecision": {"due_on": dt.date(2026, 12, 1)},
    "plans_help": {"helper": another_department},
}
TOGETHER = ("kernel_objection", "kernel_delaycause", "kernel_lampappeal")
"""Records about another record: their own tests make them, since they begin only where that one stands."""


@dataclass(frozen=True)
class World:
    """One record in every register, as public as its procedure lets it become."""

    records: dict[str, Any]
    administrator: Client


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def a_world() -> World:
    from shenzhi.kernel.access.accounts import Account, Membership
    from shenzhi.kernel.clocks.models import LegalLimit
    from shenzhi.kernel.registers.writing import create

    rules = {clock.rule for one in registers() if one.procedure for clock in one.procedure.clocks}
    for rule in sorted(rules):
        create(
            LegalLimit(
                rule=rule, name=OPEN, days=5, unit="working", citation=OPEN, valid_from=dt.date(2020, 1, 1)
            ),
            by=PLATFORM,
        )
    made: dict[type[models.Model], Any] = {}
    for register in registers():
        if register.code not in TOGETHER:
            a_record(register.model, made)
    account = Account.objects.create_user("administrator", name="Administrator")
    Membership.objects.create(account=account, role="administrator")
    browser = Client()
    browser.force_login(account)
    return World({register_of(model).slug: record for model, record in made.items()}, browser)


def a_record(model: Any, made: dict[type[models.Model], Any]) -> Any:
    """A record with a value in every field, moved by the platform to a public state where there is a way."""
    from shenzhi.kernel.cases.firing import file, fire
    from shenzhi.kernel.registers.writing import create

    if model in made:
        return made[model]
    register = register_of(model)
    given = {name: a_value(model, name, made) for name in register.fields if register.fields[name].writable}
    record = model(**{name: value for name, value in given.items() if value is not None})
    if register.procedure is None:
        made[model] = create(record, by=PLATFORM)
        return made[model]
    record = made[model] = file(record, by=PLATFORM)
    for code in way_to_the_public(register):
        move = register.procedure.move[code]
        data = {name: a_value(model, name, made, needed=True) for name in move.needs}
        data |= {ask.code: an_answer(ask) for ask in move.asks}
        record = made[model] = fire(record, code, by=PLATFORM, data=data)
    return record


def an_answer(ask: Any) -> str:
    if ask.choices:
        return str(ask.choices[0].code)
    return OPEN if ask.open else SECRET


def way_to_the_public(register: Any) -> list[str]:
    """The shortest way from the first state to a public one, without waiting for a clock."""
    procedure = register.procedure
    known: dict[str, list[str]] = {procedure.first.code: []}
    waiting = [procedure.first.code]
    while waiting:
        state = waiting.pop(0)
        if state in procedure.public_states():
            return known[state]
        for move in procedure.moves_from(state):
            if move.to and move.to not in known and not move.after:
                known[move.to] = [*known[state], move.code]
                waiting.append(move.to)
    return []


def a_value(model: Any, name: str, made: dict[type[models.Model], Any], *, needed: bool = False) -> Any:
    """A value for the field: a secret in every closed or masked text, words that a page may show in the open ones."""
    register, field = register_of(model), model._meta.get_field(name)
    if name in SPECIMENS.get(register.code, {}):
        known = SPECIMENS[register.code][name]
        return known() if callable(known) else known
    if isinstance(field, models.ForeignKey):
        if field.related_model is model or not hasattr(field.related_model, "Register"):
            return None
        if field.null and name not in ("department", "district", "organisation"):
            return None
        return a_record(field.related_model, made)
    if field.choices:
        return field.flatchoices[0][0]
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.DateField):
        if field.null and not needed:
            return LATER if name == "due_on" else None
        return {True: LATER}.get(name.startswith(("end", "due")), DAY)
    if isinstance(field, models.IntegerField | models.FloatField):
        return 2026 if name == "year" else 1
    if isinstance(field, models.DecimalField):
        return Decimal("1")
    shut = register.fields[name].reach != "open" or register.fields[name].mask
    text = SECRET if shut else OPEN
    if isinstance(field, models.EmailField):
        return f"{text.lower()}@example.org"
    return text.lower() if isinstance(field, models.SlugField) else text


def words(response: Any) -> str:
    """What a page says within <main>."""
    page = response.content.decode()
    return html.unescape(re.sub(r"<[^>]*>", " ", page[page.index("<main") : page.index("</main>")]))


def rows(response: Any) -> list[str]:
    """The rows of the list on a page."""
    return re.findall(r"<tr>.*?</tr>", response.content.decode(), flags=re.S)[1:]


def paths(slug: str, world: World) -> list[str]:
    record = world.records.get(slug)
    entry = [f"/registers/{slug}/{record.number}/"] if record is not None else []
    return [f"/registers/{slug}/", f"/registers/{slug}/about/", *entry]


BOTH = ("", "/en")


def test_list_and_about_answer_everybody(world: World) -> None:
    asked = [
        path for one in registers() for path in (f"/registers/{one.slug}/", f"/registers/{one.slug}/about/")
    ]
    for browser in (Client(), world.administrator):
        assert {path: status for path in asked if (status := browser.get(path).status_code) != 200} == {}


def test_an_entry_answers_those_who_find_it_in_the_list_and_nobody_else(world: World) -> None:
    for browser in (Client(), world.administrator):
        for slug, record in world.records.items():
            listed = record.number in browser.get(f"/registers/{slug}/").content.decode()
            answer = browser.get(f"/registers/{slug}/{record.number}/").status_code
            assert answer == (200 if listed else 404), slug


def test_most_records_of_the_promises_are_public(world: World) -> None:
    """The other promises would be empty if nothing could be seen."""
    seen = [
        slug
        for slug, record in world.records.items()
        if Client().get(f"/registers/{slug}/{record.number}/").status_code == 200
    ]
    assert len(seen) > len(world.records) / 2


def test_the_public_meets_no_closed_value(world: World) -> None:
    for register in registers():
        for path in paths(register.slug, world):
            for language in BOTH:
                page = Client().get(language + path).content.decode()
                assert SECRET.lower() not in page.lower(), language + path


def test_the_english_pages_are_english_and_the_chinese_ones_chinese(world: World) -> None:
    for browser in (Client(), world.administrator):
        for path in ("/registers/", *(path for one in registers() for path in paths(one.slug, world))):
            english, chinese = browser.get(f"/en{path}"), browser.get(path)
            if english.status_code == 200:
                assert HAN.findall(words(english).replace(PLATFORM.name, "")) == [], f"/en{path}"
                assert HAN.search(words(chinese)), path


def test_the_form_is_open_to_those_who_may_enter_and_to_nobody_else(world: World) -> None:
    # who has not signed in is asked to
    people = (
        (Client(), {"public"}, 302),
        (world.administrator, {"public", "applicant", "administrator"}, 403),
    )
    for browser, roles, refused in people:
        for register in registers():
            may = bool(roles & set(register.adds))
            for language in BOTH:
                answer = browser.get(f"{language}/registers/{register.slug}/add/")
                assert answer.status_code == (200 if may else refused), register.slug
                if may and language:
                    assert HAN.findall(words(answer)) == [], register.slug


def test_nothing_can_be_asked_of_a_closed_field(world: World) -> None:
    for register in registers():
        path = f"/registers/{register.slug}/"
        plain = rows(Client().get(path))
        closed = [name for name, field in register.fields.items() if field.reach != "open" or field.mask]
        asked = dict.fromkeys(closed, SECRET) | {f"{name}_from": "2030-01-01" for name in closed}
        sorts = [name for name in closed if name in register.columns] or closed[:1]
        for query in (asked, *({"sort": name} for name in sorts)):
            assert rows(Client().get(path, query)) == plain, (register.slug, query)
        assert rows(Client().get(path, {"q": SECRET})) == [] or not register.search, register.slug
