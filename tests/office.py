"""A small office for the tests of the kernel: districts, departments, an organisation, limits, and people with roles."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from shenzhi.kernel.access.roles import PLATFORM, Grant, Reader


@dataclass(frozen=True)
class Office:
    """What `office` holds; readers are named after their role."""

    pine: object
    bamboo: object
    quality: object
    market: object
    firm: object
    other: object
    member: Reader
    rival: Reader
    clerk: Reader
    reviewer: Reader
    head: Reader
    stranger: Reader
    district: Reader
    supervisor: Reader
    auditor: Reader
    administrator: Reader


def reader(account: int, role: str, **where: object) -> Reader:
    return Reader(account, f"{role} {account}", (Grant(role, **where),))  # type: ignore[arg-type]


@pytest.fixture
def office(db: None) -> Office:
    return furnish()


def furnish() -> Office:
    """Enter the office into an empty database."""
    from shenzhi.calc.codes import uscc
    from shenzhi.kernel.clocks.models import CalendarNotice, LegalLimit
    from shenzhi.kernel.parties.models import Department, District, Organisation
    from shenzhi.kernel.registers.writing import create

    pine, bamboo = (
        create(District(code=code, name=name, name_en=english), by=PLATFORM)
        for code, name, english in (("990001", "松风区", "Pine Breeze"), ("990002", "竹雨区", "Bamboo Rain"))
    )
    quality, market = (
        create(Department(code=code, name=name, name_en=english), by=PLATFORM)
        for code, name, english in (
            ("quality", "质量办", "Quality office"),
            ("market", "市场监管局", "Market regulation"),
        )
    )
    firm, other = (
        create(
            Organisation(
                code=uscc.make("91990000", f"{serial:08d}"),
                name=name,
                name_en=english,
                district=pine,
                phone=phone,
            ),
            by=PLATFORM,
        )
        for serial, name, english, phone in (
            (1, "松风精密制造有限公司", "Pine Breeze Precision", "13812345678"),
            (2, "竹雨食品有限公司", "Bamboo Rain Foods", "13987654321"),
        )
    )
    create(CalendarNotice(year=2026, known_until=dt.date(2026, 12, 31), citation="测试"), by=PLATFORM)
    for rule, days, unit in (("people.review", 15, "working"),):
        create(
            LegalLimit(
                rule=rule,
                name=rule,
                days=days,
                unit=unit,
                warn_days=3,
                citation="测试",
                valid_from=dt.date(2020, 1, 1),
            ),
            by=PLATFORM,
        )
    here = {"department": quality.pk, "keeps": "quality"}
    return Office(
        pine, bamboo, quality, market, firm, other,
        member=reader(1, "member", organisation=firm.pk),
        rival=reader(2, "member", organisation=other.pk),
        clerk=reader(3, "clerk", **here),
        reviewer=reader(4, "reviewer", **here),
        head=reader(5, "head", **here),
        stranger=reader(6, "clerk", department=market.pk, keeps="market"),
        district=reader(7, "district", district=pine.pk),
        supervisor=reader(8, "supervisor"),
        auditor=reader(9, "auditor"),
        administrator=reader(10, "administrator"),
    )  # fmt: skip
