"""What happens in the model city around its annual plan: adopted, carried out, reported each month, changed by decisions."""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Generator, Iterator
from typing import Any

from shenzhi.apps.plans.models import Coordination, Goal, Help, Plan, StatusReport, Task, TaskDecision
from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.cases.objections import object_to
from shenzhi.kernel.model_office import Story, Town, own_chance
from shenzhi.kernel.registers.writing import create


def stories(town: Town) -> Iterator[Story]:
    chance = town.chance("plans")
    text = town.text("plan")
    for year in (town.today.year - 1, town.today.year):
        kept: dict[str, Any] = {}
        yield _plan(town, year, text, kept, own_chance(chance))
        for number in range(len(text["tasks"])):
            yield _task(town, year, number, text, kept, own_chance(chance))
    yield _announced(town, own_chance(chance))
    for number, said in enumerate(text["coordination"]):
        yield _coordination(town, said, 130 - number * 24, own_chance(chance))


def _plan(town: Town, year: int, text: dict[str, Any], kept: dict[str, Any], chance: random.Random) -> Story:
    clerk, head = town.handler("clerk"), town.handler("head")
    at = town.on(dt.date(year, 1, 6), chance)
    yield at
    plan = file(
        Plan(year=year, title=text["title"].format(year=year), summary=text["summary"]), by=clerk, at=at
    )
    kept["plan"] = plan
    at = town.later(at, 1, chance)
    yield at
    kept["goals"] = [create(Goal(plan=plan, **said), by=clerk, at=at) for said in text["goals"]]
    kept["tasks"] = [_entered(town, plan, said, kept["goals"], at) for said in text["tasks"]]
    at = town.later(at, 3, chance)
    yield at
    plan = fire(plan, "submit", by=clerk, at=at)
    at = town.later(at, 7, chance)
    yield at
    document = text["document"].format(year=year)
    plan = fire(plan, "adopt", by=head, at=at, data={"adopted_on": at.date(), "document": document})
    at = town.on(dt.date(year + 1, 1, 20), chance)
    yield at
    fire(plan, "close", by=head, at=at, data={"results": text["results"]})


def _announced(town: Town, chance: random.Random) -> Story:
    """The plan of the year to come is being announced: anybody may object, and somebody has."""
    text = town.text("plan")
    clerk, year = town.handler("clerk"), town.today.year + 1
    at = town.moment(8, chance)
    yield at
    title = text["title"].format(year=year)
    plan = file(Plan(year=year, title=title, summary=text["summary"]), by=clerk, at=at)
    at = town.later(at, 2, chance)
    yield at
    plan = fire(plan, "submit", by=clerk, at=at)
    at = town.later(at, 1, chance)
    yield at
    plan = fire(plan, "announce", by=town.handler("reviewer"), at=at)
    at = town.later(at, 2, chance)
    yield at
    name, phone = town.person(chance), town.phone(chance)
    object_to(plan, by=PUBLIC, at=at, ground=text["objection"], name=name, phone=phone)


def _due(plan: Plan, said: dict[str, Any]) -> dt.date:
    month, day = map(int, said["due"].split("-"))
    return dt.date(plan.year, month, day)


def _entered(town: Town, plan: Plan, said: dict[str, Any], goals: list[Goal], at: dt.datetime) -> Task:
    clerk = town.handler("clerk")
    task = file(
        Task(
            plan=plan,
            goal=goals[said["goal"] - 1] if said["goal"] else None,
            title=said["title"],
            owner=town.departments[said["owner"]],
            deliverable=said["deliverable"],
            due_on=_due(plan, said),
        ),
        by=clerk,
        at=at,
    )
    for code in said["helpers"]:
        create(Help(task=task, helper=town.departments[code]), by=clerk, at=at)
    return task


def _task(
    town: Town, year: int, number: int, text: dict[str, Any], kept: dict[str, Any], chance: random.Random
) -> Story:
    """A task from month to month: its status is reported, its due day perhaps moved, its result reported and checked.

    What stands before a `yield` runs ahead of time, so what others do meanwhile is read only after it."""
    said = text["tasks"][number]
    owner = town.handler("clerk", said["owner"])
    moves, waits = chance.random() < 0.3, chance.random() < 0.1
    month, at = 2, town.on(dt.date(year, 2, 1), chance)
    late_days = chance.choice((-12, -6, -3, -1, 0, 0, 5, 20))
    finished = dt.date(year, *map(int, said["due"].split("-"))) + dt.timedelta(days=late_days)
    asked_on = finished - dt.timedelta(days=25)
    while month <= 12:
        last = dt.date(year, month, calendar.monthrange(year, month)[1])
        if moves and asked_on <= last:
            moves = False
            at = yield from _moved(town, number, text, kept, max(at, town.on(asked_on, chance)), chance)
            finished += dt.timedelta(days=30)
        if finished <= last:
            break
        at = max(at, town.on(last, chance))
        yield at
        share = min(95, round(100 * month / max(2, finished.month)))
        create(
            StatusReport(
                task=kept["tasks"][number],
                month=last.replace(day=1),
                standing="late"
                if late_days > 10 and month > 6
                else "at_risk"
                if late_days > 0
                else "on_track",
                percent=share,
                progress=text["told"][min(share // 22, 4)],
                obstacles=chance.choice(text["reasons"]) if late_days > 0 else "",
            ),
            by=owner,
            at=at,
        )
        month += 1
    at = max(at, town.on(finished, chance))
    yield at
    task = Task.objects.get(pk=kept["tasks"][number].pk)
    evidence = f"{said['deliverable']}，已报送。"
    task = fire(task, "report", by=owner, at=at, data={"evidence": evidence, "done_on": at.date()})
    if chance.random() < 0.15:
        at = town.later(at, 4, chance)
        yield at
        task = fire(task, "return", by=town.handler("reviewer"), at=at, data={"reason": "成果材料不全。"})
        at = town.later(at, 6, chance)
        yield at
        task = fire(
            task,
            "report",
            by=owner,
            at=at,
            data={"evidence": f"{evidence}材料已补齐。", "done_on": at.date()},
        )
    at = town.later(at, 30 if waits else chance.randrange(2, 12), chance)
    yield at
    fire(task, "accept", by=town.handler("reviewer"), at=at)


def _moved(
    town: Town,
    number: int,
    text: dict[str, Any],
    kept: dict[str, Any],
    at: dt.datetime,
    chance: random.Random,
) -> Generator[dt.datetime, None, dt.datetime]:
    """The owner asks for a later due day, and the head of the leading group's office decides; the moment of that."""
    owner = town.handler("clerk", text["tasks"][number]["owner"])
    yield at
    task = kept["tasks"][number]
    wanted = task.due_on + dt.timedelta(days=30)
    asked = TaskDecision(task=task, due_on=wanted, ground=chance.choice(text["reasons"]))
    decision = file(asked, by=owner, at=at)
    at = town.later(at, chance.choice((2, 4, 6, 9)), chance)
    yield at
    if chance.random() < 0.75:
        fire(
            decision, "approve", by=town.handler("head"), at=at, data={"reason": "理由成立，不影响年度目标。"}
        )
    else:
        fire(
            decision,
            "refuse",
            by=town.handler("head"),
            at=at,
            data={"reason": "可与前序工作并行，不予延后。"},
        )
    return at


def _coordination(town: Town, said: dict[str, Any], ago: int, chance: random.Random) -> Story:
    clerk, at = town.handler("clerk"), town.moment(ago, chance)
    yield at
    raised_by = town.departments[said["by"]]
    case = file(
        Coordination(title=said["title"], question=said["question"], raised_by=raised_by),
        by=town.handler("clerk", said["by"]),
        at=at,
    )
    at = town.later(at, 2, chance)
    yield at
    case = fire(case, "consult", by=clerk, at=at)
    at = town.later(at, 9, chance)
    yield at
    case = fire(case, "collect", by=clerk, at=at, data={"opinions": "有关部门均已书面回复，意见基本一致。"})
    if not said["decision"]:
        return
    at = town.later(at, chance.randrange(3, 14), chance)
    yield at
    case = fire(
        case, "decide", by=town.handler("head"), at=at,
        data={"decision": said["decision"], "decided_on": at.date()},
    )  # fmt: skip
    at = town.later(at, 35, chance)
    yield at
    fire(case, "settle", by=town.handler("reviewer"), at=at, data={"settled_on": at.date()})
