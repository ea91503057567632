"""A small city in which every field of every record holds a value that stands nowhere else: a marker.

In each register there is one record that everybody may know of and, where the declaration keeps some back, one that is
kept back. Whoever reads a marker in an answer has read that field of that record.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from declared_sight import Role, Seen, Somebody, seen_by
from django.db import models
from django.test import Client
from django.utils import timezone

from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.registers.catalogue import register_of, registers

MARK = re.compile(r"mk[a-z]{5}q")
NUMBER = re.compile(r"(?<![\d.-])2\d{4}(?![\d-])")
DAY = re.compile(r"21\d\d-\d\d-\d\d")
LONG_AGO = dt.timedelta(days=200)


@dataclass(frozen=True)
class Marker:
    """Where a value stands: the field of a record, now or in its history before it was changed."""

    record: Any
    field: str
    before: bool = False

    def __str__(self) -> str:
        when = " before it was changed" if self.before else ""
        return (
            f"{self.record._meta.db_table}.{self.field}{when} of {self.record.number} ({state(self.record)})"
        )


@dataclass
class City:
    """The records of each register, the markers in them, and the people who ask."""

    records: list[Any] = field(default_factory=list)
    markers: dict[str, Marker] = field(default_factory=dict)
    people: dict[str, Somebody] = field(default_factory=dict)
    firm: Any = None
    _readable: dict[str, set[str]] = field(default_factory=dict)

    def in_register(self, slug: str) -> list[Any]:
        return [one for one in self.records if register_of(type(one)).slug == slug]

    def seen(self, person: Somebody, record: Any) -> Seen | None:
        return seen_by(person, record)

    def read(self, text: str) -> set[str]:
        """The markers in a text."""
        plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
        found = {*MARK.findall(plain), *NUMBER.findall(plain), *DAY.findall(plain)}
        return found & self.markers.keys()

    def stray(self, person: Somebody, text: str) -> set[str]:
        """The markers in a text that the person may not read, said as register, field and record."""
        return {str(self.markers[one]) for one in self.read(text) - self.readable(person)}

    def readable(self, person: Somebody) -> set[str]:
        """The markers that the person may read."""
        if person.name not in self._readable:
            self._readable[person.name] = {one for one in self.markers if self.may_read(person, one)}
        return self._readable[person.name]

    def may_read(self, person: Somebody, marker: str) -> bool:
        at = self.markers[marker]
        seen = seen_by(person, at.record)
        if seen is None or at.field not in seen.whole:
            return False
        # what stood there while the record was kept back is told only to those whose business it is
        return not at.before or seen.concerned or not _kept_back(type(at.record))

    def client(self, person: Somebody) -> Client:
        """The browser of a person; a program sends its key with every request."""
        browser = Client(headers={"Authorization": f"Bearer {person.key}"}) if person.key else Client()
        if person.account is not None and not person.key:
            browser.force_login(person.account)
        return browser


def state(record: Any) -> str:
    return getattr(record, "state", "") or "no state"


def _kept_back(model: Any) -> bool:
    """Whether the register has records of which not everybody may know."""
    says = vars(model.Register)
    return bool(says.get("public")) or "procedure" in says


class _Values:
    """Values that stand nowhere else: words, whole numbers that go down, days that go on."""

    def __init__(self) -> None:
        self.words = ("".join(one) for one in itertools.product("bcdfghklmnpr", repeat=5))
        self.numbers = itertools.count(29_990, -1)
        self.months: Iterator[dt.date] = (
            dt.date(year, month, 1) for year in range(2191, 2199) for month in range(1, 13)
        )
        self.days = (dt.date(2101, 1, 1) + dt.timedelta(days=7 * at + 3) for at in itertools.count(1))

    def word(self) -> str:
        return f"mk{next(self.words)}q"


OTHER: dict[tuple[str, str], Any] = {
    ("plans_statusreport", "percent"): lambda v: 37,
    ("plans_statusreport", "month"): lambda v: next(v.months),
    ("kernel_specialday", "day"): lambda v: next(v.days),
    ("kernel_organisation", "region"): lambda v: "440300",
    ("kernel_organisation", "kind"): lambda v: "association",
    ("plans_taskdecision", "kind"): lambda v: "drop",
    ("complaints_complaint", "happened_on"): lambda v: dt.date(2026, 1, 2),
    ("complaints_question", "options"): lambda v: "a=甲=A",
    ("complaints_problem", "latitude"): lambda v: Decimal("22.5"),
    ("complaints_problem", "longitude"): lambda v: Decimal("114.05"),
}
"""What a declaration cannot tell: values that a rule of the record itself asks for."""


REPEATED = {("plans_taskdecision", "was_due_on")}
"""Fields that repeat what stands in another record."""


class _Builder:
    def __init__(self) -> None:
        self.city, self.values, self.serial = City(), _Values(), itertools.count(1)
        self.made: dict[tuple[type[models.Model], bool, str], Any] = {}
        self.office: dict[str, Any] = {}

    def value(self, model: Any, name: str, public: bool) -> Any:
        one = model._meta.get_field(name)
        if known := OTHER.get((model._meta.db_table, name)):
            return known(self.values)
        if name in (wanted := vars(model.Register).get("public", {})):
            return wanted[name] if public else not wanted[name]
        if isinstance(one, models.ForeignKey):
            return self.reference(model, one, public)
        if one.choices:
            return one.flatchoices[-1][0]
        if isinstance(one, models.BooleanField):
            return True
        if isinstance(one, models.DateField):
            return next(self.values.days)
        if isinstance(one, models.IntegerField):
            return next(self.values.numbers)
        if isinstance(one, models.DecimalField):
            return Decimal(next(self.values.numbers))
        word = self.values.word()
        return f"{word}@example.org" if isinstance(one, models.EmailField) else word

    def reference(self, model: Any, one: Any, public: bool) -> Any:
        target = one.related_model._meta.db_table
        if target == "kernel_account":
            return self.office["handler"] if one.name == "handler" else self.office["applicant"]
        if target == "kernel_organisation":
            return self.office.get("firm")
        if target == "kernel_department":
            places = {"owner": "market", "raised_by": "market", "helper": "water"}
            return self.office[places.get(one.name, "quality")]
        if target == "kernel_district":
            return self.office["pine"]
        return (
            None
            if one.related_model is model
            else self.record(one.related_model, public, one.get_limit_choices_to())
        )

    def record(self, model: Any, public: bool, only: Any = None) -> Any:
        """The record of a register that everybody may know of, or the one kept back (the same where none is); of those
        with the values `only` where a reference asks for them."""
        public, only = public or not _kept_back(model), dict(only or {})
        at = (model, public, str(sorted(only.items())) if only else "")
        if at not in self.made:
            self.made[at] = self.enter(model, public, **only)
        return self.made[at]

    def enter(self, model: Any, public: bool, **given: Any) -> Any:
        from shenzhi.kernel.cases.firing import file, fire
        from shenzhi.kernel.registers.writing import change, create

        register = register_of(model)
        names = [name for name, one in register.fields.items() if one.writable and name not in given]
        for stake in register.stakes:  # whoever files is named by the platform
            if stake.role == "applicant" and stake.path in register.fields and stake.path not in names:
                given.setdefault(stake.path, self.office["applicant"])
            given = {
                **stake.only,
                **given,
            }  # its stakes hold; where they do not is asked in test_reporter_secrecy.py
        values = {name: self.value(model, name, public) for name in names}
        record = model(**{name: value for name, value in {**values, **given}.items() if value is not None})
        at = timezone.now() - LONG_AGO
        record = (
            file(record, by=PLATFORM, at=at) if register.procedure else create(record, by=PLATFORM, at=at)
        )
        # what stands in history: every text is changed once, so that its first value is nowhere else
        texts = {name: getattr(record, name) for name in names if not register.fields[name].fixed}
        before = {
            name: text for name, text in texts.items() if isinstance(text, str) and MARK.fullmatch(text)
        }
        record = change(record, by=PLATFORM, **{name: self.values.word() for name in before})
        for name, text in before.items():
            self.city.markers[text] = Marker(record, name, before=True)
        for code in self.way(register, public):
            move = register.procedure.move[code]
            data = {name: self.value(model, name, public) for name in move.needs}
            data |= {ask.code: str(ask.choices[0].code) if ask.choices else "spoken" for ask in move.asks}
            record = fire(record, code, by=PLATFORM, data=data)
        return self.keep(record)

    def keep(self, record: Any) -> Any:
        """Note every marker of the record as it stands now."""
        record = type(record)._base_manager.get(pk=record.pk)
        self.city.records.append(record)
        for name in register_of(type(record)).fields:
            if (record._meta.db_table, name) in REPEATED:
                continue
            text = str(getattr(record, record._meta.get_field(name).attname))
            text = text.removesuffix(".00").removesuffix("@example.org")
            if MARK.fullmatch(text) or NUMBER.fullmatch(text) or DAY.fullmatch(text):
                at = self.city.markers.get(text)
                assert at is None or at.before, f"{text} stands in {at} as well"
                self.city.markers[text] = Marker(record, name)
        return record

    def way(self, register: Any, public: bool) -> list[str]:
        """The shortest way from the first state to one that the procedure publishes, or to none."""
        if not public or register.procedure is None:
            return []
        goals = register.procedure.public_states()
        known: dict[str, list[str]] = {register.procedure.first.code: []}
        waiting = [register.procedure.first.code]
        while waiting:
            at = waiting.pop(0)
            if at in goals:
                return known[at]
            for move in register.procedure.moves_from(at):
                if move.to and move.to not in known and not move.after:
                    known[move.to] = [*known[at], move.code]
                    waiting.append(move.to)
        return []


def build() -> City:
    """The city in an empty database."""
    from shenzhi.calc.codes import uscc
    from shenzhi.kernel.access.accounts import Account
    from shenzhi.kernel.cases.objections import Objection
    from shenzhi.kernel.parties.models import Department, District, Organisation
    from shenzhi.kernel.registers.writing import create
    from shenzhi.kernel.supervision.models import DelayCause, LampAppeal

    made, office = _Builder(), {}
    made.office = office
    for name in ("applicant", "handler"):
        office[name] = Account.objects.create_user(name, name=f"{name} Li")
    for name in ("pine", "bamboo"):
        office[name] = made.enter(District, True)
    for name in ("quality", "market", "water"):
        office[name] = made.enter(Department, True, code=name, district=None)
    for at, name in enumerate(("firm", "other"), 1):
        office[name] = made.enter(Organisation, True, code=uscc.make("91990000", f"{at:08d}"))
    for model, name in ((District, "pine"), (Department, "quality"), (Organisation, "firm")):
        made.made[model, True, ""] = office[name]
    made.city.firm = office["firm"]
    _limits(create)
    together = (Objection, DelayCause, LampAppeal)
    for register in registers():
        if register.model not in together:
            for public in (True, False):
                made.record(register.model, public)
    _about_others(made)
    for record in made.city.records:
        record.refresh_from_db()
    _people(made.city, office)
    return made.city


def _limits(create: Any) -> None:
    """A limit for every clock; these rows are no markers, the register of limits has records of its own."""
    from shenzhi.kernel.clocks.models import LegalLimit

    rules = {clock.rule for one in registers() if one.procedure for clock in one.procedure.clocks}
    for rule in sorted({*rules, "trial.announcement"}):
        create(
            LegalLimit(
                rule=rule, name="Limit", days=5, unit="calendar", citation="-", valid_from=dt.date(2020, 1, 1)
            ),
            by=PLATFORM,
        )


def _about_others(made: _Builder) -> None:
    """An objection, a cause of delay and an appeal: each is about an officer whose clock has long run out."""
    from shenzhi.apps.people.models import Officer
    from shenzhi.kernel.cases.firing import file, fire
    from shenzhi.kernel.cases.objections import Objection
    from shenzhi.kernel.procedures.announcement import announcement
    from shenzhi.kernel.registers import catalogue
    from shenzhi.kernel.registers.writing import create
    from shenzhi.kernel.supervision.models import DelayCause, LampAppeal

    officer = made.record(Officer, False)
    for model in (DelayCause, LampAppeal):
        cause = model._meta.get_field("cause").flatchoices[-1][0]  # type: ignore[union-attr]
        given = {"number_of_case": officer.number, "clock": "review", "cause": cause}
        names = [name for name in register_of(model).form if name not in given]
        said = model(**given, **{name: made.values.word() for name in names})
        made.keep((file if model is LampAppeal else create)(said, by=PLATFORM))
    register = register_of(Officer)
    parts = announcement(source="filed", to="listed", back="filed", rule="trial.announcement")
    assert register.procedure is not None
    procedure = dataclasses.replace(
        register.procedure,
        states=(*register.procedure.states, *parts.states),
        moves=(*register.procedure.moves, *parts.moves),
        clocks=(*register.procedure.clocks, *parts.clocks),
    )
    announced = dataclasses.replace(
        register, procedure=procedure, public={"state__in": procedure.public_states()}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(catalogue._all()[0], Officer, announced)
        case = fire(officer, "announce", by=PLATFORM)
        words = {name: made.values.word() for name in ("ground", "name", "phone")}
        email = f"{made.values.word()}@example.org"
        said = Objection(subject=case.number, account=made.office["applicant"], email=email, **words)
        raised = file(said, by=PLATFORM)
        fire(case, "recall", by=PLATFORM, data={"reason": "spoken"})
    made.keep(fire(raised, "uphold", by=PLATFORM, data={"answer": made.values.word()}))


def _people(city: City, office: dict[str, Any]) -> None:
    from shenzhi.kernel.access import keys
    from shenzhi.kernel.access.accounts import Account, Membership

    def somebody(name: str, *roles: Role, **more: Any) -> None:
        account = Account.objects.create_user(name, name=f"{name} Wang")
        for role in roles:
            Membership.objects.create(
                account=account,
                role=role.code,
                department=role.department,
                district=role.district,
                organisation=role.organisation,
                valid_from=dt.date(2020, 1, 1),
            )
        city.people[name] = Somebody(name, account, roles, **more)

    city.people["public"] = Somebody("public")
    city.people["applicant"] = Somebody("applicant", office["applicant"])
    somebody("member", Role("member", organisation=office["firm"]))
    somebody("rival", Role("member", organisation=office["other"]))
    for role in ("clerk", "reviewer", "head"):
        somebody(role, Role(role, department=office["quality"]))
    somebody("partner", Role("clerk", department=office["market"]))
    somebody("other_head", Role("head", department=office["water"]))
    somebody("district", Role("district", district=office["pine"]))
    somebody("other_district", Role("district", district=office["bamboo"]))
    for role in ("supervisor", "auditor", "administrator"):
        somebody(role, Role(role))
    somebody("both", Role("member", organisation=office["other"]), Role("district", district=office["pine"]))
    clerk = city.people["clerk"]
    ends = timezone.localdate() + dt.timedelta(days=30)
    _, text = keys.make(
        clerk.account, "officers", registers=["people_officer"], may_write=True, expires_on=ends
    )
    city.people["program"] = Somebody("program", clerk.account, clerk.roles, ("people_officer",), text)
