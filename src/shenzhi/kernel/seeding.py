"""What every office starts with: the working calendar, the limits of its procedures, its districts and departments.

Rows are entered where they are missing and never written over: from the first day on they are the office's to edit.
A year whose holiday notice is known, and a rule that has any limit, are left as they are; so an edited day or limit
does not come back.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import chinese_calendar
import yaml
from django.apps import apps
from django.db import transaction

from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.clocks.models import CalendarNotice, LegalLimit, SpecialDay
from shenzhi.kernel.office import Office, OfficeError
from shenzhi.kernel.parties.models import Department, District
from shenzhi.kernel.registers.writing import create
from shenzhi.kernel.words import Progress, Words

FIRST_YEAR = 2018
"""Clocks of cases that still matter read no earlier day; from here on two libraries agree on every day."""

HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}


@transaction.atomic
def seed_office(office: Office, *, progress: Progress) -> int:
    """Enter what is missing of calendar, limits, districts and departments; how many rows were new.

    OfficeError where the database is another office's: its records, and its demo accounts, must not become this one's."""
    _refuse_another(office)
    steps = (
        (Words("工作日历", "working calendar"), seed_calendar),
        (Words("法定期限", "limits"), seed_limits),
        (Words("区划", "districts"), lambda: seed_districts(office)),
        (Words("部门", "departments"), lambda: seed_departments(office)),
    )
    entered = 0
    for done, (words, step) in enumerate(steps):
        progress(words, done, len(steps))
        entered += step()
    return entered


def _refuse_another(office: Office) -> None:
    known = set(District.objects.values_list("code", flat=True))
    own = {row["code"] for row in _rows(office.root / "areas.csv")}
    if known and own and not known & own:
        raise OfficeError(
            f"数据库属于另一座城市的办公室，其中没有{office.title.zh}的任何一个区：请用 SHENZHI_HOME 或者 SHENZHI_DATABASE 另设数据库\n"
            f"The database is another city's office and has no district of {office.title.en}: "
            "name another one with SHENZHI_HOME or SHENZHI_DATABASE"
        )


def seed_calendar() -> int:
    """The days of every published holiday notice that the library of Chinese holidays knows, with the notice itself."""
    known = set(CalendarNotice.objects.values_list("year", flat=True))
    entered = 0
    off, worked = chinese_calendar.constants.holidays, chinese_calendar.constants.workdays
    for year in sorted({day.year for day in off if day.year >= FIRST_YEAR} - known):
        citation = f"国务院办公厅关于{year}年部分节假日安排的通知"
        rows = [
            *((day, "holiday", _holiday(name)) for day, name in off.items() if day.year == year),
            *((day, "working", f"{_holiday(name)}调休") for day, name in worked.items() if day.year == year),
        ]
        had = set(SpecialDay.objects.filter(day__year=year).values_list("day", flat=True))
        for day, kind, name in sorted(row for row in rows if row[0] not in had):
            create(SpecialDay(day=day, kind=kind, name=name, source=citation), by=PLATFORM)
            entered += 1
        create(CalendarNotice(year=year, known_until=dt.date(year, 12, 31), citation=citation), by=PLATFORM)
        entered += 1
    return entered


def _holiday(name: str) -> str:
    return next((zh for en, zh in HOLIDAYS.items() if en in name), name)


def limits_declared() -> Iterator[Mapping[str, Any]]:
    """The limits that the kernel and the apps bring along, each in its file seeds/limits.yml."""
    for config in apps.get_app_configs():
        path = Path(config.path) / "seeds" / "limits.yml"
        if path.exists():
            yield from yaml.safe_load(path.read_text(encoding="utf-8"))


def seed_limits() -> int:
    known = set(LegalLimit.objects.values_list("rule", flat=True))
    return _enter(LegalLimit(**row) for row in limits_declared() if row["rule"] not in known)


def seed_districts(office: Office) -> int:
    """The districts and functional areas of the city's areas.csv."""
    known = set(District.objects.values_list("code", flat=True))
    return _enter(
        District(
            code=row["code"],
            name=row["zh"],
            name_en=row["en"],
            valid_from=row["valid_from"] or None,
            valid_to=row["valid_to"] or None,
        )
        for row in _rows(office.root / "areas.csv")
        if row["level"] != "city" and row["code"] not in known
    )


def seed_departments(office: Office) -> int:
    """The departments of the city's office/departments.csv."""
    known = set(Department.objects.values_list("code", flat=True))
    return _enter(
        Department(**row)
        for row in _rows(office.root / "office" / "departments.csv")
        if row["code"] not in known
    )


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _enter(records: Iterable[Any]) -> int:
    return sum(1 for record in records if create(record, by=PLATFORM))
