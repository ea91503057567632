"""Who asks too often gets 429 and the moment to come back: over the whole API, and for writing without an account."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
import time

import pytest
from django.test import Client
from django.utils import timezone

from shenzhi.config.settings import rates
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.keys import EVERY, make
from shenzhi.web.accounts.rates import Quota, spend

API = "/api/v1/districts/"
PAGE = "/registers/officers/add/"
MOMENT = 1_800_000_030.0
"""Half a minute after a full minute: 1,800,000,000 is a multiple of 60 and of 3,600."""


@pytest.fixture(autouse=True)
def _clock(db, settings, monkeypatch):
    """A clock that stands still, and rates that a test can use up."""
    from shenzhi.config import limits

    settings.RATES = {"key": (3, 60), "account": (4, 60), "address": (2, 60), "public": (1, 3600)}
    monkeypatch.setattr(limits.time, "time", lambda: MOMENT)


def key_of(account):
    expires = timezone.localdate() + dt.timedelta(30)
    return {
        "authorization": f"Bearer {make(account, 'test', registers=[EVERY], may_write=True, expires_on=expires)[1]}"
    }


def statuses(client, times, path=API, **more):
    return [client.get(path, **more).status_code for _ in range(times)]


def test_an_address_may_ask_so_often_and_no_more():
    assert statuses(Client(), 4) == [200, 200, 429, 429]
    assert statuses(Client(REMOTE_ADDR="203.0.113.9"), 1) == [200]


def test_the_refusal_says_how_much_is_allowed_and_when_to_come_back():
    client = Client()
    statuses(client, 2)
    refused = client.get(API)
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json() == {
        "type": "about:blank",
        "title": "请求过于频繁",
        "status": 429,
        "detail": "请求过于频繁：每 60 秒最多 2 次，请 30 秒后再试。",
        "detail_zh": "请求过于频繁：每 60 秒最多 2 次，请 30 秒后再试。",
        "detail_en": "Too many requests: at most 2 in 60 seconds. Try again in 30 seconds.",
    }
    assert (refused["Retry-After"], refused["RateLimit"]) == ("30", '"address";r=0;t=30')


def test_every_answer_of_the_api_says_how_much_is_left_even_when_it_is_an_error():
    for path, left in (("/api/v1/openapi.json", 1), ("/api/v1/districts/nothing", 0)):
        answer = Client().get(path)
        assert answer["RateLimit-Policy"] == '"address";q=2;w=60'
        assert answer["RateLimit"] == f'"address";r={left};t=30'


def test_the_count_begins_anew_with_the_next_minute(monkeypatch):
    from shenzhi.config import limits

    assert statuses(Client(), 3) == [200, 200, 429]
    for later, status in ((29, 429), (30, 200)):
        monkeypatch.setattr(limits.time, "time", lambda later=later: MOMENT + later)
        assert statuses(Client(), 1) == [status]


def test_each_key_and_each_account_has_a_rate_of_its_own(office):
    one, other = Account.objects.create_user("one"), Account.objects.create_user("other")
    first, second = key_of(one), key_of(one)
    assert statuses(Client(), 4, headers=first) == [200, 200, 200, 429]
    assert statuses(Client(), 1, headers=second) == [200]
    for account in (one, other):
        client = Client()
        client.force_login(account)
        assert statuses(client, 5) == [200, 200, 200, 200, 429]
    assert statuses(Client(), 1) == [200]  # nothing of this counted for the address


def test_invented_keys_count_for_their_address():
    wrong = [Client().get(API, headers={"authorization": f"Bearer shenzhi_{n}_x"}) for n in range(3)]
    assert [one.status_code for one in wrong] == [401, 401, 429]


def test_writing_without_an_account_is_allowed_far_less_often(settings):
    settings.RATES = {**settings.RATES, "address": (9, 60)}
    given = {"content_type": "application/json"}
    answers = [Client().post("/api/v1/officers/", {}, **given) for _ in range(2)]
    assert [one.status_code for one in answers] == [422, 429]
    assert answers[0]["RateLimit"] == '"address";r=8;t=30, "public";r=0;t=3570'
    assert answers[1]["Retry-After"] == "3570"
    page = Client().post(PAGE)
    assert page.status_code == 429
    assert page["Retry-After"] == "3570"
    text = page.content.decode()
    assert "请在 60 分钟后返回上一页再次提交" in text
    assert "Go back in 60 minutes" in Client().post(f"/en{PAGE}").content.decode()


def test_reading_pages_and_signing_in_are_not_counted_here():
    assert statuses(Client(), 5, "/registers/") == [200] * 5
    assert [Client().post("/account/login/", {}).status_code for _ in range(3)] == [200] * 3


def test_who_has_signed_in_writes_on_pages_without_this_limit():
    client = Client()
    client.force_login(Account.objects.create_user("one"))
    assert [client.post("/inbox/").status_code for _ in range(6)] == [302] * 6


def test_an_address_of_ipv6_counts_by_its_network():
    # a household is given a network of 64 bits: 2^64 addresses would be as many rates
    for address, status in (("2001:db8::1", 200), ("2001:db8::2", 200), ("2001:db8::3", 429)):
        assert statuses(Client(REMOTE_ADDR=address), 1) == [status]
    assert statuses(Client(REMOTE_ADDR="2001:db8:0:1::1"), 1) == [200]


def test_where_no_rate_is_set_nothing_is_counted(settings):
    settings.RATES = {}
    answer = Client().get(API)
    assert (answer.status_code, answer.get("RateLimit")) == (200, None)
    assert spend("address", "203.0.113.9", MOMENT) is None


def test_a_quota_tells_what_is_left_of_it():
    spent = [spend("address", "203.0.113.9", MOMENT) for _ in range(3)]
    assert spent[0] == Quota("address", most=2, seconds=60, used=1, ends_in=30)
    assert [(one.left, one.exceeded) for one in spent] == [(1, False), (0, False), (0, True)]


def test_an_office_sets_its_own_rates():
    usual = {"key": (600, 60), "account": (600, 60), "address": (120, 60), "public": (60, 3600)}
    assert rates("") == usual
    assert rates("address=300/m, public=20/d") == {**usual, "address": (300, 60), "public": (20, 86400)}
    assert rates("none") == {}
    for wrong in ("300/m", "moon=3/m", "key=3/s", "key=-1/m"):
        with pytest.raises(ValueError, match="SHENZHI_RATES"):
            rates(wrong)


ONE_PROCESS = """
import os, sys
os.environ["SHENZHI_HOME"], os.environ["SHENZHI_DATABASE"] = sys.argv[1], ""
os.environ["DJANGO_SETTINGS_MODULE"] = "shenzhi.config.settings"
import django
django.setup()
from django.conf import settings
settings.RATES = {"key": (1000, 60)}
from shenzhi.web.accounts.rates import spend
for _ in range(50):
    assert spend("key", "7", 1_800_000_000) is not None
"""


@pytest.mark.slow
def test_no_request_is_lost_where_several_processes_count_at_once(tmp_path):
    file = tmp_path / "shenzhi.sqlite3"
    with sqlite3.connect(file) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute(
            "CREATE TABLE shenzhi_cache (cache_key varchar(255) PRIMARY KEY, value text, expires datetime)"
        )
    # with more patience than a reader would have: three processes that do nothing but count keep each other waiting
    program = ONE_PROCESS.replace(
        "import spend", "import spend; import shenzhi.web.accounts.rates as r; r.PATIENCE = 20_000"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(3)]
    assert [one.wait() for one in running] == [0, 0, 0]
    with sqlite3.connect(file) as kept:
        assert kept.execute("SELECT cache_key, value FROM shenzhi_cache").fetchall() == [
            ("rate:key:7", "150")
        ]


@pytest.mark.slow
def test_who_cannot_be_counted_is_let_through_at_once(tmp_path):
    """A long import holds the only file that can be written; a reader of the API waits a quarter of a second, not for its end."""
    file = tmp_path / "shenzhi.sqlite3"
    busy = sqlite3.connect(file, isolation_level=None)
    busy.execute("PRAGMA journal_mode=WAL")
    busy.execute("BEGIN IMMEDIATE")
    program = ONE_PROCESS.replace("for _ in range(50):\n    assert", "assert").replace(
        "is not None", "is None"
    )
    began = time.monotonic()
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == 0
    assert time.monotonic() - began < 10  # where it waits in earnest, it does for 20


def test_requests_without_an_address_count_together_and_are_answered(office, settings):
    """A server behind a socket of its own machine hands no address on."""
    settings.RATES = {"address": (2, 60)}
    answers = [Client(REMOTE_ADDR="").get("/api/v1/openapi.json") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
