"""An office that gets letters: categories, limits, the calendar, and letters that come in and are decided on given days."""

from __future__ import annotations

import datetime as dt
from typing import Any

from shenzhi.apps.complaints.models import Category, Complaint, Problem
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.registers.writing import create
from shenzhi.kernel.seeding import seed_calendar, seed_limits

CHINA = dt.timezone(dt.timedelta(hours=8))
WRITER = {
    "name": "万俟秘安",
    "phone": "010-00007391",
    "email": "secret.writer@example.org",
    "address": "无名路七三九一号",
}
FACTS = "来信原文ZZTOP：壶底漏水，要求更换。"


def at(day: str, hour: int = 10) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), CHINA)


def furnish(office: Any) -> Any:
    seed_limits()
    seed_calendar()
    for code, name, english, kind in (
        ("goods", "商品", "Goods", "complaint"),
        ("food", "食品", "Food", "complaint"),
        ("lamp", "路灯", "Lamps", "problem"),
    ):
        create(
            Category(code=code, name=name, name_en=english, kind=kind, department=office.quality), by=PLATFORM
        )
    return office


def step(case: Any, move: str, **how: Any) -> Any:
    """A move of a case that keeps the secret, which only the record that was handed in holds."""
    moved = fire(case, move, **how)
    moved.secret = case.secret
    return moved


def complaint(town: Any, day: str, **more: Any) -> Complaint:
    given = {
        "category": Category.objects.get(code="goods"), "respondent": town.firm, "goods": "电热水壶", "facts": FACTS,
        "district": town.pine, **WRITER, **more,
    }  # fmt: skip
    return file(Complaint(**given), by=PUBLIC, at=at(day))


def accepted(town: Any, day: str, **more: Any) -> Complaint:
    """Accepted on the day on which it came in."""
    case = complaint(town, day, **more)
    return step(case, "accept", by=town.clerk, at=at(day, 11), data={"statement": "壶底漏水，要求更换。"})


def settled(town: Any, day: str, **more: Any) -> Complaint:
    """Settled, and both sides told, on the day on which it came in."""
    said = {"answer": "已更换。", "remedy": "更换"}
    case = step(accepted(town, day, **more), "settle", by=town.clerk, at=at(day, 12), data=said)
    return step(case, "tell", by=town.clerk, at=at(day, 13))


def explained(town: Any, day: str, **more: Any) -> Complaint:
    said = {"answer": "未达成一致。", "ground": "no_agreement"}
    case = step(accepted(town, day, **more), "end", by=town.clerk, at=at(day, 12), data=said)
    return step(case, "tell", by=town.clerk, at=at(day, 13))


def refused(town: Any, day: str, **more: Any) -> Complaint:
    said = {"answer": "不予受理。", "ground": "three_years"}
    return step(complaint(town, day, **more), "refuse", by=town.clerk, at=at(day, 11), data=said)


def problem(town: Any, day: str, **more: Any) -> Problem:
    given = {
        "category": Category.objects.get(code="lamp"), "place": "松风区质量路", "facts": FACTS, "district": town.pine,
        **WRITER, **more,
    }  # fmt: skip
    return file(Problem(**given), by=PUBLIC, at=at(day))


def mended(town: Any, day: str, **more: Any) -> Problem:
    case = step(
        problem(town, day, **more), "dispatch", by=town.clerk, at=at(day, 11), data={"summary": "路灯不亮。"}
    )
    case = step(case, "mend", by=town.clerk, at=at(day, 12), data={"answer": "已修好。"})
    return step(case, "confirm", by=town.reviewer, at=at(day, 13))


def judged(case: Any, satisfaction: str, fixed: str, day: str) -> Any:
    """What whoever wrote says of it, with the secret that the filing gave."""
    from shenzhi.kernel.cases.tracking import filer

    return step(case, "rate", by=filer(case), at=at(day), data={"satisfaction": satisfaction, "fixed": fixed})
