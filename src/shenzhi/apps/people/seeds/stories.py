"""What happens in the model city around quality officers: appointments filed, returned, listed, refused, ended; courses."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from shenzhi.apps.people.models import FIELDS, Course, Officer, Professional
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.model_office import Story, Town, own_chance
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.writing import create

OFFICERS, PROFESSIONALS = 150, 60
TRAININGS = ("首席质量官任职培训", "卓越绩效模式培训", "六西格玛绿带", "质量管理体系内审员", "")
QUALIFICATIONS = {
    "quality": ("质量工程师", "注册质量经理"),
    "standards": ("标准化工程师", "标准化总监"),
    "testing": ("检验检测工程师", "计量师"),
    "certification": ("质量管理体系审核员", "产品认证检查员"),
}


def stories(town: Town) -> Iterator[Story]:
    chance = town.chance("people")
    enterprises = town.of_kind("enterprise")
    for number in range(OFFICERS):
        # two in three lie far back; the rest are of the last weeks, so that some are still open
        ago = chance.randrange(40, 420) if number % 3 else chance.randrange(1, 32)
        yield _appointment(town, enterprises[number % len(enterprises)], ago, own_chance(chance))
    for organisation in chance.sample(enterprises, PROFESSIONALS):
        yield _professional(town, organisation, chance.randrange(5, 420), own_chance(chance))
    for number, provider in enumerate(town.of_kind("institution", "association")):
        yield _course(town, provider, 20 + number * 18, own_chance(chance))


def _appointment(town: Town, organisation: Organisation, ago: int, chance: random.Random) -> Story:
    member, at = town.member(organisation), town.moment(ago, chance)
    yield at
    appointed_on = at.date() - dt.timedelta(days=chance.randrange(3, 60))
    case = file(
        Officer(
            organisation=organisation,
            name=town.person(chance),
            phone=town.phone(chance),
            appointed_on=appointed_on,
            training=chance.choice(TRAININGS),
            duties="负责产品和服务质量，对质量安全有一票否决权。",
            district=organisation.district,
        ),
        by=member,
        at=at,
    )
    if chance.random() < 0.2:
        at = town.later(at, chance.randrange(1, 6), chance)
        yield at
        case = fire(
            case, "return", by=town.handler("clerk"), at=at, data={"reason": "请补充任命文件载明的质量职责。"}
        )
        at = town.later(at, chance.choice((2, 4, 6, 9, 70)), chance)
        yield at
        case = fire(case, "supplement", by=member, at=at, data={"training": "首席质量官任职培训"})
    # one in six waits too long
    at = town.later(
        at, chance.randrange(17, 60) if chance.random() < 0.17 else chance.randrange(2, 14), chance
    )
    yield at
    if chance.random() < 0.08:
        fire(
            case, "refuse", by=town.handler("reviewer"), at=at,
            data={"reason": "任命文件载明的人员并非该单位员工。", "ground": "not_employed"},
        )  # fmt: skip
        return
    case = fire(case, "list", by=town.handler("reviewer"), at=at)
    if chance.random() < 0.15:
        at = town.later(at, chance.randrange(60, 300), chance)
        yield at
        fire(case, "end", by=member, at=at, data={"ended_on": at.date()})


def _professional(town: Town, organisation: Organisation, ago: int, chance: random.Random) -> Story:
    at = town.moment(ago, chance)
    yield at
    field = chance.choice(FIELDS)[0]
    obtained_on = at.date() - dt.timedelta(days=chance.randrange(30, 1500))
    create(
        Professional(
            organisation=organisation,
            name=town.person(chance),
            field=field,
            qualification=chance.choice(QUALIFICATIONS[field]),
            certificate=f"MX{chance.randrange(10**8):08d}",
            obtained_on=obtained_on,
            valid_to=obtained_on + dt.timedelta(days=1826),
            source=chance.choice(("trained", "trained", "attracted")),
            phone=town.phone(chance),
        ),
        by=town.member(organisation),
        at=at,
    )


def _course(town: Town, provider: Organisation, ago: int, chance: random.Random) -> Story:
    at = town.moment(ago, chance)
    yield at
    took_part = chance.randrange(18, 90)
    create(
        Course(
            title=chance.choice(
                ("首席质量官任职培训班", "标准化总监研修班", "检验员技能提升班", "内审员培训班")
            ),
            field=chance.choice(FIELDS)[0],
            provider=provider,
            starts_on=at.date() - dt.timedelta(days=5),
            ends_on=at.date() - dt.timedelta(days=2),
            hours=chance.choice((16, 24, 32)),
            took_part=took_part,
            passed=took_part - chance.randrange(0, 8),
        ),
        by=town.member(provider),
        at=at,
    )
