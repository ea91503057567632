"""Cases with known lamps, and browsers signed in for each role of the small office."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).parent))  # for `desk_pages`, which the tests import

from desk_pages import TODAY, an_officer, noon


@dataclass(frozen=True)
class People:
    """An account for each role; `clients` are signed in as them, "public" is not."""

    accounts: dict[str, Any]
    clients: dict[str, Client]
    readers: dict[str, Any]

    def __getattr__(self, role: str) -> Client:
        return self.clients[role]


@pytest.fixture(autouse=True)
def _on_that_day(db, monkeypatch):
    """The pages ask the clock which day it is: on all of them it is TODAY, at noon."""
    cache.clear()
    moment = noon(TODAY)
    monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def people(office) -> People:
    from shenzhi.kernel.access.accounts import Account, Membership, reader_of

    places = {
        "clerk": {"department": office.quality},
        "second": {"department": office.quality},
        "reviewer": {"department": office.quality},
        "head": {"department": office.quality},
        "stranger": {"department": office.market},
        "district": {"district": office.pine},
        "supervisor": {},
        "auditor": {},
        "administrator": {},
        "member": {"organisation": office.firm},
    }
    roles = {"second": "clerk", "stranger": "head"}
    accounts, clients, readers = {}, {"public": Client()}, {}
    for name, where in places.items():
        account = Account.objects.create_user(name, name=f"{name.title()} Wang")
        Membership.objects.create(
            account=account, role=roles.get(name, name), valid_from=dt.date(2026, 1, 1), **where
        )
        accounts[name], readers[name], clients[name] = account, reader_of(account), Client()
        clients[name].force_login(account)
    return People(accounts, clients, readers)


@dataclass(frozen=True)
class Cases:
    """Officers of the quality office, by the lamp that they show on TODAY."""

    red: Any
    yellow: Any
    green: Any
    paused: Any
    done: Any
    late: Any
    elsewhere: Any


@pytest.fixture
def cases(office, people) -> Cases:
    """With 15 working days from receipt, 3 of them for warning.

    Received 2 March (Monday): due on the 15th working day after it, Monday 23 March; on the 31st (Tuesday) it is six
    working days late (24, 25, 26, 27, 30, 31). Received 11 March (Wednesday): due 1 April, one day left. Received 27
    March (Friday): due 17 April. Received 20 March and returned on the 25th: paused.
    """
    from shenzhi.kernel.cases.firing import file, fire

    def filed(name: str, day: int, month: int = 3, department: Any = None) -> Any:
        return file(
            an_officer(office, name, department), by=office.member, at=noon(dt.date(2026, month, day))
        )

    red, yellow, green = filed("红一", 2), filed("黄一", 11), filed("绿一", 27)
    paused = fire(
        filed("停一", 20),
        "return",
        by=office.clerk,
        data={"reason": "缺任命文件"},
        at=noon(dt.date(2026, 3, 25)),
    )
    done = fire(filed("成一", 2), "list", by=office.reviewer, at=noon(dt.date(2026, 3, 6)))
    late = fire(filed("迟一", 2, 2), "list", by=office.reviewer, at=noon(dt.date(2026, 2, 26)))
    return Cases(red, yellow, green, paused, done, late, filed("他一", 2, department=office.market))
