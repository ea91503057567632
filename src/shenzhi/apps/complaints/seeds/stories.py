"""What the people of the model city write, and what becomes of it: every outcome, tests, transfers, reviews and judgements."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from shenzhi.apps.complaints.models import Category, Complaint, Problem, Report
from shenzhi.apps.complaints.questions import Question
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC, Reader
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.model_office import Story, Town, own_chance
from shenzhi.kernel.registers.writing import create

COMPLAINTS, REPORTS, PROBLEMS = 120, 30, 90


def stories(town: Town) -> Iterator[Story]:
    chance = town.chance("complaints")
    text = town.text("letters")
    for code, name, name_en, kind, group, department, rule in text["categories"]:
        yield _category(
            town,
            Category(
                code=code,
                name=name,
                name_en=name_en,
                kind=kind,
                group=group,
                group_en=text["groups"][group],
                note=text["notes"][code][0],
                note_en=text["notes"][code][1],
                department=town.departments[department],
                rule=rule,
            ),
        )
    for order, given in enumerate(text["questions"], start=1):
        yield _question(town, order, given)
    for number in range(COMPLAINTS):
        ago = chance.randrange(60, 420) if number % 3 else chance.randrange(0, 60)
        yield _complaint(town, ago, text, own_chance(chance))
    for number in range(REPORTS):
        ago = chance.randrange(20, 420) if number % 3 else chance.randrange(0, 20)
        yield _report(town, ago, text, own_chance(chance))
    for number in range(PROBLEMS):
        ago = chance.randrange(10, 420) if number % 3 else chance.randrange(0, 10)
        yield _problem(town, ago, text, own_chance(chance))


def _category(town: Town, category: Category) -> Story:
    yield town.moment(500, random.Random(0))  # noqa: S311 - the same every time
    create(category, by=PLATFORM, at=town.moment(500, random.Random(0)))  # noqa: S311 - as above


def _question(town: Town, order: int, given: list[Any]) -> Story:
    """A day after the categories."""
    at = town.moment(499, random.Random(0))  # noqa: S311 - the same every time
    yield at
    category, code, datatype, required, description, description_en, how, how_en, options = given
    question = Question(
        category=Category.objects.get(code=category),
        code=code,
        order=order,
        datatype=datatype,
        required=required,
        description=description,
        description_en=description_en,
        how=how,
        how_en=how_en,
        options="\n".join(options),
    )
    create(question, by=PLATFORM, at=at)


def _writer(town: Town, chance: random.Random) -> dict[str, Any]:
    return {"name": town.person(chance), "phone": town.phone(chance)}


def _named(kind: str, chance: random.Random, among: Any) -> Category:
    return Category.objects.get(code=chance.choice(sorted(among)))


def _office(town: Town, category: Category) -> tuple[Reader, Reader, Reader]:
    code = category.department.code
    return town.handler("clerk", code), town.handler("reviewer", code), town.handler("head", code)


def _complaint(town: Town, ago: int, text: dict[str, Any], chance: random.Random) -> Story:
    at = town.moment(ago, chance)
    yield at
    category = _named("complaint", chance, text["complaints"])
    goods, facts, statement = chance.choice(text["complaints"][category.code])
    firm = chance.choice(town.of_kind("enterprise"))
    clerk, reviewer, head = _office(town, category)
    case = file(
        Complaint(
            category=category,
            respondent=firm,
            goods=goods,
            facts=facts,
            paid=chance.choice((None, 89, 268, 1290, 5600)),
            happened_on=timezone.localtime(at).date() - dt.timedelta(days=chance.randrange(1, 40)),
            district=firm.district,
            **_writer(town, chance),
        ),
        by=PUBLIC,
        at=at,
    )
    at = town.later(at, chance.choice((0, 1, 2, 3, 4, 5, 6, 7, 9)), chance)
    yield at
    fate = chance.random()
    said = text["said"]
    if fate < 0.1:
        case = fire(
            case,
            "refuse",
            by=clerk,
            at=at,
            data={
                "ground": chance.choice(("not_consumer", "three_years", "handled_elsewhere")),
                "answer": said["refused"],
            },
        )
        return
    if fate < 0.16:
        fire(
            case, "transfer", by=clerk, at=at, data={"to_whom": "市消费者协会", "answer": said["transferred"]}
        )
        return
    if fate < 0.2:
        case = fire(
            case, "dispute", by=clerk, at=at, data={"reason": "被投诉单位的经营地在另一部门管辖范围内。"}
        )
        at = town.later(at, chance.choice((2, 4, 6)), chance)
        yield at
        case = fire(case, "agree", by=head, at=at, data={"reason": "经协商由本部门办理。"})
        at = town.later(at, 1, chance)
        yield at
    case = fire(case, "accept", by=clerk, at=at, data={"statement": statement})
    at = town.later(at, chance.randrange(1, 8), chance)
    yield at
    if chance.random() < 0.7:
        case = fire(
            case, "respond", by=town.member(firm), at=at, data={"response": "已核实，愿意与消费者协商。"}
        )
        at = town.later(at, chance.randrange(1, 5), chance)
        yield at
    if chance.random() < 0.2:
        case = fire(case, "test", by=clerk, at=at, data={"reason": "双方同意委托检验。"})
        at = town.later(at, chance.randrange(8, 25), chance)
        yield at
        case = fire(case, "tested", by=clerk, at=at, data={"result": "样品不符合明示的标准。"})
    if chance.random() < 0.06:
        yield (at := town.later(at, 1, chance))
        fire(case, "withdraw", by=clerk, at=at)
        return
    at = town.later(at, chance.choice((3, 6, 10, 18, 30, 47)), chance)
    yield at
    yield from _decided(
        town,
        case,
        firm_pays=chance.random() < 0.62,
        at=at,
        office=(clerk, reviewer, head),
        said=said,
        chance=chance,
    )


def _decided(
    town: Town,
    case: Complaint,
    *,
    firm_pays: bool,
    at: dt.datetime,
    office: tuple[Reader, Reader, Reader],
    said: dict[str, Any],
    chance: random.Random,
) -> Story:
    """Settled or ended; both sides told; now and then reopened, and some published."""
    clerk, reviewer, head = office
    if firm_pays:
        case = fire(
            case,
            "settle",
            by=clerk,
            at=at,
            data={"answer": said["remedied"], "remedy": chance.choice(said["agreed"])},
        )
    else:
        case = fire(
            case,
            "end",
            by=clerk,
            at=at,
            data={"answer": said["explained"], "ground": chance.choice(("no_agreement", "absent"))},
        )
    at = town.later(at, chance.choice((0, 1, 2, 4, 8)), chance)
    yield at
    case = fire(case, "tell", by=clerk, at=at)
    if chance.random() < 0.1:
        at = town.later(at, chance.randrange(3, 20), chance)
        yield at
        case = fire(case, "reopen", by=clerk, at=at, data={"reason": said["reopen"]})
        at = town.later(at, chance.choice((2, 5, 12)), chance)
        yield at
        case = fire(case, "uphold", by=head, at=at, data={"answer": said["explained"]})
    at = town.later(at, chance.randrange(5, 15), chance)
    yield at
    if chance.random() < 0.6:
        fire(case, "publish", by=reviewer, at=at, data={"summary": case.statement})


def _report(town: Town, ago: int, text: dict[str, Any], chance: random.Random) -> Story:
    at = town.moment(ago, chance)
    yield at
    category = _named("complaint", chance, ("goods", "food", "services"))
    firm = chance.choice(town.of_kind("enterprise"))
    clerk, reviewer, head = _office(town, category)
    writer = _writer(town, chance) if chance.random() < 0.7 else {}
    case = file(
        Report(
            category=category,
            subject=firm,
            subject_named=firm.name,
            facts=chance.choice(text["reports"]),
            district=firm.district,
            **writer,
        ),
        by=PUBLIC,
        at=at,
    )
    if chance.random() < 0.15:
        at = town.later(at, 13, chance)
        yield at
        case = fire(case, "extend", by=head, at=at, data={"reason": "需要补充检验。"})
    at = town.later(at, chance.choice((4, 8, 12, 15, 19)), chance)
    yield at
    if chance.random() < 0.4:
        case = fire(case, "open", by=reviewer, at=at)
        at = town.later(at, chance.choice((1, 3, 5)), chance)
        yield at
        case = fire(case, "tell", by=clerk, at=at, data={"answer": "已决定立案调查。"})
        at = town.later(at, chance.randrange(15, 50), chance)
        yield at
        fire(
            case,
            "conclude",
            by=reviewer,
            at=at,
            data={"result": chance.choice(("penalty", "corrected", "none")), "answer": "案件已办结。"},
        )
        return
    case = fire(
        case, "drop", by=reviewer, at=at, data={"reason": "未发现违法事实。", "answer": "经核查不予立案。"}
    )
    at = town.later(at, chance.choice((1, 3, 6)), chance)
    yield at
    fire(case, "close", by=clerk, at=at)


def _problem(town: Town, ago: int, text: dict[str, Any], chance: random.Random) -> Story:
    at = town.moment(ago, chance)
    yield at
    category = _named("problem", chance, text["problems"])
    clerk, reviewer, _ = _office(town, category)
    district = chance.choice(town.districts)
    facts = chance.choice(text["problems"][category.code])
    place = f"{district.name}{chance.choice(town.names['streets'])}{chance.randrange(1, 300)}号附近"
    case = file(
        Problem(
            category=category,
            place=place,
            facts=facts,
            district=district,
            channel=chance.choice(("web", "open311", "phone")),
            **_writer(town, chance),
        ),
        by=PUBLIC,
        at=at,
    )
    at = town.later(at, chance.choice((0, 0, 1, 2)), chance)
    yield at
    if chance.random() < 0.06:
        fire(
            case,
            "refuse",
            by=clerk,
            at=at,
            data={"reason": "不属于公共设施。", "answer": "该处由物业管理单位负责，已告知您联系方式。"},
        )
        return
    case = fire(case, "dispatch", by=clerk, at=at, data={"summary": facts})
    at = town.later(at, chance.choice((0, 1, 2, 4, 7)), chance)
    yield at
    case = fire(case, "mend", by=clerk, at=at, data={"answer": text["said"]["mended"]})
    at = town.later(at, chance.choice((0, 1, 2)), chance)
    yield at
    if chance.random() < 0.12:
        case = fire(case, "redo", by=reviewer, at=at, data={"reason": "现场仍未清理干净。"})
        at = town.later(at, 2, chance)
        yield at
        case = fire(case, "mend", by=clerk, at=at, data={"answer": text["said"]["mended"]})
        at = town.later(at, 1, chance)
        yield at
    fire(case, "confirm", by=reviewer, at=at)
