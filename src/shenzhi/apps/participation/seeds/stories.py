"""What happens in the model city for the Quality Month: events registered, listed, held or called off; associations' services."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from django.utils import timezone

from shenzhi.apps.participation.models import Event, Service
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.model_office import Story, Town, own_chance
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.writing import create

EVERY_SEPTEMBER, ALL_YEAR = 22, 30


def stories(town: Town) -> Iterator[Story]:
    chance = town.chance("participation")
    text = town.text("events")
    organisers = [*town.of_kind("association", "institution"), *town.of_kind("enterprise")[:20]]
    for year in (town.today.year - 1, town.today.year):
        for _ in range(EVERY_SEPTEMBER):
            day = dt.date(year, 9, chance.randrange(1, 27))
            yield _event(town, chance.choice(organisers), day, text, own_chance(chance))
    for _ in range(ALL_YEAR):
        day = town.today + dt.timedelta(days=chance.randrange(-60, 75))
        yield _event(town, chance.choice(organisers), day, text, own_chance(chance))
    for number, organisation in enumerate(town.of_kind("association") * 3):
        yield _service(town, organisation, 8 + number * 9, text, own_chance(chance))


def _event(town: Town, organiser: Organisation, day: dt.date, text: dict, chance: random.Random) -> Story:
    at = town.on(day - dt.timedelta(days=chance.randrange(22, 50)), chance)
    member, clerk = town.member(organiser), town.handler("clerk")
    kind = chance.choice(list(text["events"]))
    title = chance.choice(text["events"][kind])
    yield at
    case = file(
        Event(
            title=title,
            kind=kind,
            organiser=organiser,
            starts_on=day,
            ends_on=day + dt.timedelta(days=chance.choice((0, 0, 1, 2))),
            place=f"{organiser.district.name if organiser.district else '模型市'}{chance.choice(text['places'])}",
            summary=f"{title}，面向市民和企业，免费参加。",
            places=chance.choice((None, 50, 100, 200)),
            contact=town.person(chance),
            phone=town.phone(chance),
            district=organiser.district,
        ),
        by=member,
        at=at,
    )
    if chance.random() < 0.15:
        at = town.later(at, chance.randrange(1, 4), chance)
        yield at
        case = fire(case, "return", by=clerk, at=at, data={"reason": "请补充现场安全安排。"})
        at = town.later(at, chance.choice((1, 2, 3, 40)), chance)
        yield at
        case = fire(case, "supplement", by=member, at=at, data={"places": 80})
    at = town.later(at, chance.choice((1, 1, 2, 3, 4, 7, 15)), chance)
    yield at
    if chance.random() < 0.05:
        fire(case, "refuse", by=town.handler("reviewer"), at=at, data={"reason": "内容以商品促销为主。"})
        return
    case = fire(case, "list", by=clerk, at=at)
    at = max(town.on(day + dt.timedelta(days=chance.randrange(3, 12)), chance), town.later(at, 1, chance))
    if chance.random() < 0.08:
        at = max(
            town.on(day - dt.timedelta(days=2), chance),
            town.later(timezone.localtime(case.changed_at), 0, chance),
        )
        yield at
        fire(case, "cancel", by=member, at=at, data={"reason": "场地临时检修。"})
        return
    yield at
    fire(case, "report", by=member, at=at, data={"took_part": chance.randrange(20, 400)})


def _service(town: Town, organisation: Organisation, ago: int, text: dict, chance: random.Random) -> Story:
    at = town.moment(ago, chance)
    kind = chance.choice(list(text["services"]))
    yield at
    create(
        Service(
            organisation=organisation,
            kind=kind,
            title=chance.choice(text["services"][kind]),
            starts_on=at.date() - dt.timedelta(days=chance.randrange(1, 40)),
            ends_on=at.date() if chance.random() < 0.6 else None,
            served=chance.randrange(5, 120),
            contact=town.person(chance),
            phone=town.phone(chance),
        ),
        by=town.member(organisation),
        at=at,
    )
