"""How many problems can be reported each second, and how quick tracking, lists, statistics and Open311 are when there are many.

    python benchmarks/complaints.py                      10,000,000 cases on a PostgreSQL server of its own
    python benchmarks/complaints.py --cases 200000 --seconds 10
    python benchmarks/complaints.py --sqlite             the box instead, where one process writes at a time

First problems are reported over Open311 by several processes, each report through the whole request (without the network):
number, history, clock, notices, secret; the history is verified afterwards. Then cases are written past the verbs, half of
them complaints and half problems, over five years, and asked for as the public and as a clerk. Limits: 200 reports a second,
10 ms to track by number, 150 ms for a page.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import multiprocessing
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

from registers import machine, version

ROOT = Path(__file__).resolve().parents[1]
REPORTS_A_SECOND, TRACK_MS, PAGE_MS = 200, 10, 150
KINDS = (("lamp", "problem"), ("cover", "problem"), ("goods", "complaint"), ("food", "complaint"))
FORM = {
    "lat": "22.5431",
    "long": "114.0579",
    "address_string": "松风区质量路七号",
    "description": "路灯不亮，已经三天。",
    "email": "somebody@example.org",
    "phone": "010-00007391",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=10_000_000)
    parser.add_argument("--each", type=int, default=200, help="questions of each kind")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--sqlite", action="store_true")
    asked = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    with tempfile.TemporaryDirectory(prefix="shenzhi-bench-") as folder:
        os.environ |= {"SHENZHI_HOME": folder, "SHENZHI_DATABASE": "", "SHENZHI_RATES": "none"}
        os.environ |= {"SHENZHI_SECOND_FACTOR": "none", "SHENZHI_HOSTS": "testserver"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "shenzhi.config.settings"
        if not asked.sqlite:
            from postgres import serve

            os.environ["SHENZHI_DATABASE"] = serve("shared_buffers=2GB", "maintenance_work_mem=1GB")
        measure(asked)


def started() -> None:
    """Django, as the server has it but for its static files, which nobody asks for here."""
    import django
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    django.setup()


def measure(asked: argparse.Namespace) -> None:
    started()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("createcachetable", verbosity=0)
    furnished()
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}  {machine()}")
    print(
        f"python {platform.python_version()}, {connection.vendor} {version(connection)}, {' '.join(sys.argv)}"
    )
    over = reports(asked)
    began = time.perf_counter()
    build(asked.cases)
    print(f"\n{asked.cases:,} cases written in {time.perf_counter() - began:.0f} s")
    print(f"{'':<44}{'n':>5}{'p50 ms':>9}{'p99 ms':>9}{'worst':>9}{'cpu p50':>9}   limit")
    over += [*tracked(asked.each), *asked_for(asked.each)]
    print(f"\nover the limit: {', '.join(over) or 'none'}; load {os.getloadavg()[0]:.1f}")


def furnished() -> None:
    """The small office of the tests with its limits, a clerk and the kinds of letters."""
    from office import furnish
    from shenzhi.apps.complaints.models import Category
    from shenzhi.kernel.access.accounts import Account, Membership
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.registers.writing import create
    from shenzhi.kernel.seeding import seed_limits

    office = furnish()
    seed_limits()
    for code, kind in KINDS:
        create(
            Category(code=code, name=code, name_en=code, kind=kind, department=office.quality), by=PLATFORM
        )
    account = Account.objects.create_user("clerk", None, name="clerk")
    Membership.objects.create(account=account, role="clerk", department=office.quality)


# reporting


def reports(asked: argparse.Namespace) -> list[str]:
    from django.db import connections

    from shenzhi.kernel.verifying import verify

    connections.close_all()
    spawn = multiprocessing.get_context("spawn")
    told: Queue[tuple[list[float], float, float]] = spawn.Queue()  # type: ignore[assignment]
    ready = spawn.Barrier(asked.processes)
    workers = [
        spawn.Process(target=hand_in, args=(asked.seconds, ready, told)) for _ in range(asked.processes)
    ]
    for worker in workers:
        worker.start()
    answers = [told.get() for _ in workers]
    for worker in workers:
        worker.join()
    times = sorted(taken for each, _, _ in answers for taken in each)
    rate = sum(len(each) / seconds for each, seconds, _ in answers)
    kept = rate >= REPORTS_A_SECOND or asked.sqlite
    processor = sum(used for _, _, used in answers) / len(times)
    print(
        f"{len(times):,} reports by {asked.processes} processes in {asked.seconds:g} s: {rate:,.0f} a second, limit "
        f"{REPORTS_A_SECOND}: {'kept' if kept else 'NOT REACHED'}; one takes {statistics.median(times) * 1000:.1f} ms "
        f"(median), {times[int(len(times) * 0.99)] * 1000:.1f} ms (p99), {processor * 1000:.1f} ms of the processor "
        "beside the database"
    )
    verdict = verify()
    assert not verdict.faults, verdict.faults[:3]
    print(f"verified afterwards: {verdict.events:,} events, whole")
    return [] if kept else ["reports a second"]


def hand_in(seconds: float, ready: Any, told: Any) -> None:
    """Report until the time is over, and tell how long each report took."""
    started()
    from django.test import Client

    client = Client()
    for _ in range(3):  # a server has answered before
        client.post("/open311/v2/requests.json", {"service_code": "lamp", **FORM})
    each = []
    ready.wait()
    began, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        at = time.perf_counter()
        answer = client.post("/open311/v2/requests.json", {"service_code": "lamp", **FORM})
        each.append(time.perf_counter() - at)
        assert answer.status_code == 200, answer.content
    told.put((each, time.perf_counter() - began, time.process_time() - used))


# the cases


def build(count: int) -> None:
    """Complaints and problems, written by the database itself, their indexes made afterwards; every thousandth is open."""
    from django.db import connection

    from shenzhi.apps.complaints.models import Category, Complaint, Problem
    from shenzhi.kernel.parties.models import Department, District, Organisation

    keys = {
        "department": [Department.objects.get(code="quality").pk],
        "district": list(District.objects.values_list("pk", flat=True)),
        "respondent": list(Organisation.objects.values_list("pk", flat=True)),
    }
    for model, kind in ((Problem, "problem"), (Complaint, "complaint")):
        first = 1 + (model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0)
        category = list(Category.objects.filter(kind=kind).values_list("pk", flat=True))
        written(model, first, count // 2, {**keys, "category": category})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def written(model: Any, first: int, count: int, keys: dict[str, list[int]]) -> None:
    """`count` cases with the keys from `first` on, and the clocks of those that are open."""
    from django.db import connection

    postgres = connection.vendor == "postgresql"
    table, last = model._meta.db_table, first + count - 1
    source = (
        f"SELECT i FROM generate_series({first}::bigint, {last}) i"
        if postgres
        else f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n"
    )

    def chosen(among: list[Any], step: int) -> str:
        whens = " ".join(f"WHEN {at} THEN {one!r}" for at, one in enumerate(among))
        return f"CASE (i * {step} / 65536) % {len(among)} {whens} END"

    minutes = f"((i - {first}) * 2629440 / {count})"  # five years
    begun = dt.datetime.now(dt.UTC) - dt.timedelta(days=1826)
    moment = (
        f"timestamptz '{begun:%Y-%m-%d %H:%M:%S}+00' + {minutes} * interval '1 minute'"
        if postgres
        else f"datetime('{begun:%Y-%m-%d %H:%M:%S}', ({minutes}) || ' minutes')"
    )
    told = {
        "id": "i", "version": "1", "made_at": moment, "changed_at": moment, "channel": "'open311'",
        "state": "CASE WHEN i % 1000 = 0 THEN 'filed' ELSE 'closed' END",
        "outcome": f"CASE WHEN i % 1000 = 0 THEN '' ELSE {chosen(['remedied', 'remedied', 'explained'], 69069)} END",
        "latitude": "22.5 + (i * 40503 / 64 % 4000) / 10000.0", "longitude": "113.8 + (i * 69069 / 64 % 6000) / 10000.0",
        "place": "'松风区质量路' || (i % 900) || '号'", "goods": "'电热水壶'", "facts": "'路灯不亮。'", "phone": "'010-00007391'",
        **{f"{name}_id": chosen(several, 40503) for name, several in keys.items()},
    }  # fmt: skip
    fields = model._meta.concrete_fields
    blank = {
        field.column: "NULL"
        if field.null
        else ("false" if postgres else "0")
        if field.get_internal_type() == "BooleanField"
        else "''"
        for field in fields
    }
    columns = [field.column for field in fields]
    rows = ", ".join(told.get(one, blank[one]) for one in columns)
    with connection.cursor() as cursor, without_indexes(cursor, table):
        cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {rows} FROM ({source}) AS numbers")
        if postgres:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")
        today = f"date '{dt.date.today()}'" if postgres else f"date('{dt.date.today()}')"  # noqa: DTZ011
        clock, rule = (
            ("dispatch", "complaints.dispatch") if "place" in columns else ("accept", "complaints.accept")
        )
        cursor.execute(
            "INSERT INTO kernel_clockrun (register, record, clock, rule, state, department_id, district_id, handler_id, "
            f"started_on, pauses, extended_days, ended_on, ended_by) SELECT '{table}', id, '{clock}', '{rule}', state, "
            f"department_id, district_id, NULL, {today}, '', 0, NULL, '' FROM {table} WHERE id >= {first} AND state = 'filed'"
        )


@contextlib.contextmanager
def without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """The indexes of a table are made when its rows are there: sorted once is quicker than kept sorted."""
    from django.db import connection

    postgres = connection.vendor == "postgresql"
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE '%%_pkey'"
        if postgres
        else "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
        [table],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, statement in indexes:
        cursor.execute(statement)


# the questions


def tracked(each: int) -> list[str]:
    """By number and secret, as whoever reported does; and by number alone over Open311."""
    from django.test import Client

    client = Client()
    sent = [client.post("/open311/v2/requests.json", {"service_code": "lamp", **FORM}) for _ in range(each)]
    known = [(one.json()[0]["service_request_id"], one["Tracking-Secret"]) for one in sent]
    from shenzhi.kernel.cases.tracking import tracked as found

    def by_secret(one: tuple[str, str]) -> None:
        assert found(*one) is not None

    def by_page(one: tuple[str, str]) -> None:
        answer = client.post("/track/", {"number": one[0], "secret": one[1]})
        assert answer.status_code == 200, answer.status_code

    def by_number(one: tuple[str, str]) -> None:
        answer = client.get(f"/open311/v2/requests/{one[0]}.json")
        assert answer.status_code == 200, answer.status_code

    return [
        *timed("tracked by number and secret, the case", TRACK_MS, known, by_secret),
        *timed("tracked by number over Open311, the request", TRACK_MS, known, by_number),
        *timed("tracked by number and secret, the page", PAGE_MS, known, by_page),
    ]


def asked_for(each: int) -> list[str]:
    from django.test import Client

    from shenzhi.kernel.access.accounts import Account

    public, clerk = Client(), Client()
    clerk.force_login(Account.objects.get(username="clerk"))
    chance = random.Random(5)  # noqa: S311 - made questions, no secret
    days = [dt.date.today() - dt.timedelta(days=chance.randrange(100, 1700)) for _ in range(each)]  # noqa: DTZ011
    categories = [code for code, kind in KINDS if kind == "problem"]
    lists = "/registers/problems/?"
    pages: list[tuple[str, Client, Callable[[int], str]]] = [
        ("clerk: list", clerk, lambda at: lists),
        ("clerk: list, open", clerk, lambda at: f"{lists}state=filed"),
        ("clerk: list, outcome", clerk, lambda at: f"{lists}outcome=explained"),
        ("clerk: list, district and state", clerk, lambda at: f"{lists}district=99000{at % 2 + 1}&state=closed"),
        ("clerk: list, category and open", clerk, lambda at: f"{lists}category={at % 2 + 1}&state=filed"),
        ("clerk: complaints, outcome and open", clerk, lambda at: "/registers/complaints/?outcome=remedied&state=closed"),
        ("clerk: desk", clerk, lambda at: "/desk/"),
        ("statistics", public, lambda at: "/complaints/statistics/"),
        ("Open311: services", public, lambda at: "/open311/v2/services.json"),
        ("Open311: 50 newest", public, lambda at: "/open311/v2/requests.json?page_size=50"),
        ("Open311: 50 open of the newest", public, lambda at: "/open311/v2/requests.json?page_size=50&status=open"),
        ("Open311: 50 of an old month", public, lambda at: f"/open311/v2/requests.json?page_size=50&{span(days[at])}"),
        ("Open311: of a kind in an old month", public,
         lambda at: f"/open311/v2/requests.json?page_size=50&service_code={categories[at % 2]}&{span(days[at])}"),
        ("Open311: open in an old month", public, lambda at: f"/open311/v2/requests.json?page_size=50&status=open&{span(days[at])}"),
        ("Open311: near a point", public,
         lambda at: f"/open311/v2/requests.json?page_size=50&lat=22.{510 + at % 300}&long=114.0{at % 90 + 10}&radius=300"),
    ]  # fmt: skip
    over = []
    for name, client, address in pages:
        if client.get(address(0)).status_code == 404:
            print(f"{name:<44}  not here")
            continue

        def get(at: int, client: Client = client, address: Callable[[int], str] = address) -> None:
            answer = client.get(address(at))
            assert answer.status_code == 200, f"{address(at)}: {answer.status_code} {answer.content[:300]!r}"

        over += timed(name, PAGE_MS, range(min(each, 50)), get)
    return over


def span(day: dt.date) -> str:
    return f"start_date={day}&end_date={day + dt.timedelta(days=30)}"


def timed(name: str, limit: float, questions: Any, ask: Callable[[Any], Any]) -> list[str]:
    """Ask each question once; the line of the table, and the name where p99 is over the limit."""
    for one in questions[:3]:
        ask(one)
    times, processor = [], []
    for one in questions:
        at, used = time.perf_counter(), time.process_time()
        ask(one)
        times.append((time.perf_counter() - at) * 1000)
        processor.append((time.process_time() - used) * 1000)
    times.sort()
    p99 = times[min(len(times) - 1, int(0.99 * len(times)))]
    print(
        f"{name:<44}{len(times):>5}{statistics.median(times):>9.1f}{p99:>9.1f}{times[-1]:>9.1f}{statistics.median(processor):>9.1f}   {limit} ms"
        f"{'' if p99 < limit else '   OVER'}",
        flush=True,
    )
    return [] if p99 < limit else [f"{name} ({p99:.0f} ms)"]


if __name__ == "__main__":
    main()
