"""A small office whose people sign in: two districts, two departments, two firms, and one chief quality officer filed."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

sys.path.insert(0, str(Path(__file__).parent))  # test files are imported one by one, without their folder

from register_people import an_officer


@dataclass(frozen=True)
class Town:
    """What `town` holds; `client` gives the browser of a person, `reader` the same person for the verbs."""

    pine: Any
    bamboo: Any
    quality: Any
    market: Any
    firm: Any
    other: Any
    client: Callable[[str], Client]
    reader: Callable[[str], Any]


@pytest.fixture
def town(db: None) -> Town:
    from shenzhi.calc.codes import uscc
    from shenzhi.kernel.access.accounts import Account, Membership, reader_of
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.clocks.models import CalendarNotice, LegalLimit
    from shenzhi.kernel.parties.models import Department, District, Organisation
    from shenzhi.kernel.registers.writing import create

    pine, bamboo = (
        create(District(code=code, name=name, name_en=english), by=PLATFORM)
        for code, name, english in (
            ("990001", "松风区", "Pine Breeze"),
            ("990002", "竹雨区", "Bamboo Rain"),
        )
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
    create(
        LegalLimit(
            rule="people.review",
            name="备案审核",
            days=15,
            unit="working",
            warn_days=3,
            citation="测试规定第五条",
            valid_from=dt.date(2020, 1, 1),
        ),
        by=PLATFORM,
    )
    where: dict[str, dict[str, Any]] = {
        "member": {"organisation": firm},
        "rival": {"role": "member", "organisation": other},
        "clerk": {"department": quality},
        "reviewer": {"department": quality},
        "stranger": {"role": "clerk", "department": market},
        "administrator": {},
        "citizen": {"role": ""},
    }
    known: dict[str, Any] = {}

    def account(name: str) -> Any:
        if name not in known:
            known[name] = Account.objects.create_user(name, name=f"{name} 某人")
            more = dict(where[name])
            role = more.pop("role", name)
            if role:
                Membership.objects.create(account=known[name], role=role, **more)
        return known[name]

    def client(name: str) -> Client:
        browser = Client()
        if name != "public":
            browser.force_login(account(name))
        return browser

    return Town(pine, bamboo, quality, market, firm, other, client, lambda name: reader_of(account(name)))


@pytest.fixture
def officer(town: Town) -> Any:
    """Filed by the firm, not yet public."""
    return an_officer(town)


@pytest.fixture
def listed(town: Town, officer: Any) -> Any:
    """The same, entered in the list and so public."""
    from shenzhi.kernel.cases.firing import fire

    return fire(officer, "list", by=town.reader("reviewer"))
