"""Lets a fictional office live: people, organisations and a year of cases, made through the same verbs that offices use.

An app tells what happens in its registers as **stories**, in `seeds/stories.py`. A story is a generator: it yields the
moment of its next step, and takes that step when the moment has come.

    def appointment(town, organisation):
        filed_at = town.moment(40, chance)
        yield filed_at
        case = file(Officer(...), by=town.member(organisation), at=filed_at)
        ...

All stories are told together in the order of their moments, up to now; what lies later never happens. So cases are open,
late or paused for the reasons for which they are in life, and history, clocks and lamps are real. The same seed and the
same day give the same office. Stories of an app whose registers hold anything are not told again.
"""

from __future__ import annotations

import datetime as dt
import heapq
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import yaml
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from shenzhi.calc.calendar.days import Calendar
from shenzhi.calc.codes import uscc
from shenzhi.kernel.access.accounts import Account, reader_of
from shenzhi.kernel.access.roles import PLATFORM, Reader
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.history.events import now
from shenzhi.kernel.office import Office
from shenzhi.kernel.parties.models import Department, District, Organisation
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.writing import create
from shenzhi.kernel.staff import give, open_account
from shenzhi.kernel.words import Progress, Words

SEED = 2026
ORGANISATIONS = 300
MEMBERS = 160
"""So many organisations have somebody who acts for them here; they come first."""
FOUNDED_DAYS = 800
"""So long before today the office began."""

Story = Iterator[dt.datetime]


def text_of(office: Office, name: str) -> Any:
    """What the city's folder office/<name>.yml says."""
    return yaml.safe_load((office.root / "office" / f"{name}.yml").read_text(encoding="utf-8"))


@dataclass
class Town:
    """The fictional office as stories see it: its people, its days, and chance that is the same every time."""

    office: Office
    today: dt.date

    @cached_property
    def names(self) -> dict[str, Any]:
        return self.text("names")

    def text(self, name: str) -> Any:
        return text_of(self.office, name)

    @cached_property
    def districts(self) -> list[District]:
        return list(District.objects.order_by("code"))

    @cached_property
    def departments(self) -> dict[str, Department]:
        return {one.code: one for one in Department.objects.order_by("id")}

    @cached_property
    def organisations(self) -> list[Organisation]:
        return list(Organisation.objects.order_by("id").select_related("district"))

    def of_kind(self, *kinds: str) -> list[Organisation]:
        """The organisations of these kinds that have somebody to act for them."""
        return [one for one in self.organisations[:MEMBERS] if one.kind in kinds]

    @cached_property
    def calendar(self) -> Calendar:
        return book().calendar

    @cached_property
    def _readers(self) -> dict[str, Reader]:
        return {one.username: reader_of(one) for one in Account.objects.order_by("id")}

    def handler(self, role: str, department: str = "quality") -> Reader:
        """Who holds the role in a department: clerk, reviewer or head."""
        return self._readers[role if department == "quality" else f"{department}.{role}"]

    def member(self, organisation: Organisation) -> Reader:
        """Who acts for an organisation of `of_kind`."""
        return self._readers[_member_name(organisation)]

    def chance(self, name: str) -> random.Random:
        """Chance of its own for each kind of story, so that one more story of one kind leaves the others as they are."""
        return random.Random(f"{SEED}:{name}")  # noqa: S311 - what is made up must come out the same every time

    def person(self, chance: random.Random) -> str:
        return chance.choice(self.names["surnames"]) + chance.choice(self.names["given"])

    def phone(self, chance: random.Random) -> str:
        """No telephone of Beijing begins with 0000: nobody is called by mistake."""
        return f"010-0000{chance.randrange(10000):04d}"

    def moment(self, working_days_ago: int, chance: random.Random) -> dt.datetime:
        """A moment in office hours, so many working days before today."""
        worked = self.calendar.working_days_between(dt.date(2000, 1, 1), self.today) - working_days_ago
        return self.on(self.calendar.working_days_after(dt.date(2000, 1, 1), worked), chance)

    def on(self, day: dt.date, chance: random.Random) -> dt.datetime:
        """A moment in office hours of the day, or of the next one that is worked."""
        at = dt.time(chance.choice((9, 10, 11, 14, 15, 16)), chance.randrange(60), chance.randrange(60))
        return timezone.make_aware(dt.datetime.combine(self.calendar.next_working(day), at))

    def later(self, moment: dt.datetime, working_days: int, chance: random.Random) -> dt.datetime:
        """A moment in office hours so many working days after another; on the same day it is an hour later."""
        if working_days == 0:
            return moment + dt.timedelta(hours=1)
        day = timezone.localtime(moment).date()
        return self.on(self.calendar.working_days_after(day, working_days), chance)


def own_chance(chance: random.Random) -> random.Random:
    """The chance of one story, drawn from that of its kind: stories are told by turns and must not share one."""
    return random.Random(chance.random())  # noqa: S311 - as above


def play(stories: Iterable[Story], until: dt.datetime, told: Callable[[int], None]) -> int:
    """Tell all stories together, in the order of their moments, up to `until`; how many steps were taken."""
    waiting: list[tuple[dt.datetime, int, Story]] = []
    for number, story in enumerate(stories):
        if (moment := next(story, None)) is not None:
            heapq.heappush(waiting, (moment, number, story))
    steps = 0
    while waiting and waiting[0][0] <= until:
        moment, number, story = heapq.heappop(waiting)
        if (following := next(story, None)) is not None:
            if following < moment:
                raise ValueError(f"story {number} steps back from {moment} to {following}: time only goes on")
            heapq.heappush(waiting, (following, number, story))
        steps += 1
        told(steps)
    return steps


@transaction.atomic
def live(office: Office, *, today: dt.date, progress: Progress) -> int:
    """Fill a fictional office; how many steps were taken, 0 where everything had been told before."""
    if not office.fictional:
        raise ValueError(f"{office.slug} is a real office: nothing is made up for it")
    town = Town(office, today)
    if not Organisation.objects.exists():
        progress(Words("单位和人员", "organisations and people"), 0, 0)
        found_town(town)
    stories = list(_untold(town))
    words = Words("登记和办理", "cases")
    return play(stories, now(), lambda steps: progress(words, steps, 0) if steps % 20 == 0 else None)


def _untold(town: Town) -> Iterator[Story]:
    """The stories of every app whose registers are still empty."""
    for config in apps.get_app_configs():
        module = f"{config.name}.seeds.stories"
        if find_spec(config.name) is None or not _has(config.name, module):
            continue
        if not any(
            one.model._default_manager.exists() for one in registers() if one.model._meta.app_config is config
        ):
            yield from import_module(module).stories(town)


def _has(package: str, module: str) -> bool:
    return find_spec(f"{package}.seeds") is not None and find_spec(module) is not None


def found_town(town: Town) -> None:
    """The organisations of the town, and the accounts of everybody who acts in it; nobody can sign in with a password."""
    chance = town.chance("town")
    founded = town.today - dt.timedelta(days=FOUNDED_DAYS)
    opened_at = town.on(founded, chance)
    for serial in range(1, ORGANISATIONS + 1):
        create(_organisation(town, serial, chance), by=PLATFORM, at=opened_at)
    for one in town.names["demo"]:
        where: dict[str, Any] = {}
        if "department" in one:
            where["department"] = town.departments[one["department"]]
        if "district" in one:
            where["district"] = next(d for d in town.districts if d.code == one["district"])
        if "organisation" in one:
            where["organisation"] = town.organisations[one["organisation"] - 1]
        _appoint(
            town, one["username"], "" if one["role"] == "applicant" else one["role"], founded, chance, where
        )
    for code, department in town.departments.items():
        for role in ("clerk", "reviewer", "head"):
            if code != "quality":
                _appoint(town, f"{code}.{role}", role, founded, chance, {"department": department})
    for organisation in town.organisations[1:MEMBERS]:
        where = {"organisation": organisation}
        _appoint(town, _member_name(organisation), "member", founded, chance, where)


def _member_name(organisation: Organisation) -> str:
    serial = int(organisation.code[10:16])
    return "firm" if serial == 1 else f"firm{serial}"


def _appoint(
    town: Town, username: str, role: str, since: dt.date, chance: random.Random, where: dict[str, Any]
) -> None:
    account = open_account(username, by=PLATFORM, name=town.person(chance))
    if role:
        give(account, role, by=PLATFORM, valid_from=since, **where)


def _organisation(town: Town, serial: int, chance: random.Random) -> Organisation:
    """An organisation whose name and code are put together; the region in it begins with 99, which no real one does."""
    district = chance.choice(town.districts)
    place, place_en = district.name.removesuffix("区"), district.name_en
    names = town.names
    group = names["associations"] if serial % 10 == 4 else names["institutions"] if serial % 20 == 9 else None
    if group is None:
        number = chance.randrange(len(names["marks"]))
        trade, trade_en = chance.choice(names["enterprises"])
        name = f"{place}{names['marks'][number]}{trade}有限公司"
        name_en = f"{place_en} {names['marks_en'][number]} {trade_en} Co., Ltd."
        kind, prefix = "enterprise", "91"
    else:
        end, end_en = group[serial // 10 % len(group)]
        name, name_en = f"{place}{end}", f"{place_en} {end_en}"
        kind, prefix = ("association", "51") if group is names["associations"] else ("institution", "12")
    return Organisation(
        code=uscc.make(f"{prefix}{district.code}", f"99{serial:06d}"),
        name=name,
        name_en=name_en,
        kind=kind,
        district=district,
        address=f"模型市{district.name}{chance.choice(names['streets'])}{chance.randrange(1, 300)}号",
        phone=town.phone(chance),
    )
