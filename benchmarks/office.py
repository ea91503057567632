"""How quick the pages are when an office is large: lists, entries, dossiers, the desk, supervision, interface, downloads.

    python benchmarks/office.py --keep /var/tmp/office         5,000,000 organisations, 10,000,000 cases on SQLite
    python benchmarks/office.py --keep /var/tmp/office         the second time: the office is there, only measured
    python benchmarks/office.py --postgres                     the same on a PostgreSQL server of its own
    python benchmarks/office.py --organisations 200000 --cases 1000000 --open 50000

The office is written past the verbs: chief quality officers as cases, the newest of them still open with their clocks
running, one firm with ten thousand of them. Every page is asked through the whole server (without the network) as the
public, a clerk, a head, a district officer and a supervisor: unfiltered, each filter alone, by rare and by frequent
values, two and three together, sorted by each column offered, searched, deep in the list. Limit: 150 ms for a page.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import datetime as dt
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registers import BRANDS, KINDS, fill, machine, version

ROOT = Path(__file__).resolve().parents[1]
LIMIT_MS = 150
OFFICES = 20
BIG = 10_000
"""So many cases has the firm with the most."""


@dataclass(frozen=True)
class Line:
    """What one question took: as whom, what, and the times in ms."""

    who: str
    what: str
    times: list[float]
    processor: float
    """ms of this process's own processor time, the median: what the page would take on a machine of its own (SQLite)."""

    @property
    def p99(self) -> float:
        return self.times[min(len(self.times) - 1, int(0.99 * len(self.times)))]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--organisations", type=int, default=5_000_000)
    parser.add_argument("--cases", type=int, default=10_000_000)
    parser.add_argument("--open", type=int, default=300_000, help="so many of the cases are still open")
    parser.add_argument("--each", type=int, default=10, help="questions of each kind")
    parser.add_argument("--keep", type=Path, help="folder in which the office is kept (SQLite)")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--unsearched", action="store_true", help="without the search index")
    parser.add_argument("--only", default="", help="measure only kinds whose name contains this")
    asked = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    with contextlib.ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shenzhi-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["SHENZHI_HOME"] = str(folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shenzhi.config.settings")
        os.environ["SHENZHI_DATABASE"] = ""
        if asked.postgres:
            from postgres import serve

            os.environ["SHENZHI_DATABASE"] = serve("shared_buffers=2GB", "maintenance_work_mem=1GB")
        measure(asked)


def measure(asked: argparse.Namespace) -> None:
    import django
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ALLOWED_HOSTS = ["testserver"]
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from shenzhi.apps.people.models import Officer

    call_command("migrate", verbosity=0, skip_checks=True, run_syncdb=True)
    call_command("createcachetable", verbosity=0)
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}  {machine()}")
    print(
        f"python {platform.python_version()}, {connection.vendor} {version(connection)}, {' '.join(sys.argv)}"
    )
    if not Officer.objects.exists():
        build(asked)
        connection.close()  # and with it the settings for building
    from django.test import Client

    from shenzhi.kernel.clocks.models import ClockRun
    from shenzhi.kernel.parties.models import Organisation
    from shenzhi.web.portal.serve import settle

    last = [one.objects.order_by("-pk").values_list("pk", flat=True)[0] for one in (Organisation, Officer)]
    print(
        f"{last[0]:,} organisations, {last[1]:,} cases, {ClockRun.objects.filter(ended_on=None).count():,} clocks running"
    )
    chores()
    print(
        f"\n{'as':<12}{'page':<58}{'n':>4}{'p50 ms':>9}{'p99 ms':>9}{'worst':>9}{'cpu p50':>9}   limit {LIMIT_MS} ms"
    )
    Client().get("/registers/officers/")
    settle()  # as the server does before it answers
    lines = list(pages(asked, *last))
    over = [f"{one.who}: {one.what} ({one.p99:.0f} ms)" for one in lines if one.p99 >= LIMIT_MS]
    worst = max(lines, key=lambda one: one.p99)
    print(
        f"\n{len(lines)} kinds of page, {len(lines) - len(over)} within {LIMIT_MS} ms (p99); median of all "
        f"{statistics.median(one.p99 for one in lines):.0f} ms, worst {worst.p99:.0f} ms ({worst.who}: {worst.what}); "
        f"load {os.getloadavg()[0]:.1f}"
    )
    print("over the limit: " + ("; ".join(over) or "none"))


def chores() -> None:
    """What the runner counts for the pages of supervision, so that no reader waits for it."""
    from shenzhi.kernel.work.chores import CHORES

    for chore in CHORES:
        if chore.code in ("lamps", "months", "findings"):
            started = time.perf_counter()
            said = chore.do()
            print(f"{time.perf_counter() - started:>7.1f} s  {chore.title.en}: {said}", flush=True)


def tell(line: Line) -> None:
    kept = "" if line.p99 < LIMIT_MS else "   OVER"
    print(
        f"{line.who:<12}{line.what:<58}{len(line.times):>4}{statistics.median(line.times):>9.1f}{line.p99:>9.1f}"
        f"{line.times[-1]:>9.1f}{line.processor:>9.1f}{kept}",
        flush=True,
    )


# the office


def build(asked: argparse.Namespace) -> None:
    from django.db import connection

    from office import furnish
    from shenzhi.apps.people.models import Officer
    from shenzhi.kernel.access.accounts import Account, Membership
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.parties.models import Department, District, Organisation
    from shenzhi.kernel.registers.catalogue import register_of
    from shenzhi.kernel.registers.search import reindex
    from shenzhi.kernel.registers.writing import create

    started = time.perf_counter()

    def done(what: str) -> None:
        print(f"{time.perf_counter() - started:>7.0f} s  {what}", flush=True)

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:  # every reference is made from a key that is there
            for one in ("synchronous=OFF", "cache_size=-1000000", "foreign_keys=OFF"):
                cursor.execute(f"PRAGMA {one}")
    office = furnish()
    districts = [office.pine, office.bamboo]
    districts += [create(District(code=f"99{at:04d}", name=f"第{at}区"), by=PLATFORM) for at in range(3, 11)]
    departments = [office.quality, office.market]
    departments += [
        create(Department(code=f"bureau-{at}", name=f"第{at}局"), by=PLATFORM) for at in range(3, OFFICES + 1)
    ]
    for name, where in {
        "clerk": {"department": office.quality},
        "head": {"department": office.quality},
        "district": {"district": office.pine},
        "supervisor": {},
        "member": {"organisation": office.firm},
    }.items():
        account = Account.objects.create_user(name, None, name=name)
        Membership.objects.create(account=account, role=name, **where)
    fill(asked.organisations, districts, first=Organisation.objects.count() + 1)
    done(f"{asked.organisations:,} organisations")
    cases(asked, [one.pk for one in districts], [one.pk for one in departments], office.firm.pk)
    done(f"{asked.cases:,} cases, {asked.open:,} of them open")
    for model in () if asked.unsearched else (Organisation, Officer):
        reindex(register_of(model))
        done(f"search in {model.__name__}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        for one in ("kernel_organisation", "people_officer") if connection.vendor == "postgresql" else ():
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{one}', 'id'), MAX(id)) FROM {one}")
    done("statistics of the database")


def cases(asked: argparse.Namespace, districts: list[int], departments: list[int], firm: int) -> None:
    """The officers and the clocks of the open ones, written by the database itself, their indexes made afterwards."""
    from django.db import connection

    from shenzhi.apps.people.models import Officer
    from shenzhi.kernel.access.accounts import Account

    postgres = connection.vendor == "postgresql"
    clerk = Account.objects.get(username="clerk").pk
    numbers = (
        f"SELECT i FROM generate_series(1::bigint, {asked.cases}) i"
        if postgres
        else f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {asked.cases}) SELECT i FROM n"
    )
    opened, organisations = asked.cases - asked.open, asked.organisations

    def chosen(keys: list[int], step: int) -> str:
        """One of these keys, spread by a multiplication."""
        whens = " ".join(f"WHEN {at} THEN {key}" for at, key in enumerate(keys))
        return f"CASE (i * {step} / 65536) % {len(keys)} {whens} END"

    day = f"(i * 2400 / {asked.cases} + (i * 40503 / 4096) % 30)"
    letters = "".join(BRANDS[:200])
    told = {
        "id": "i",
        "version": "1",
        "made_at": "'2026-03-02 01:00:00+00'" if postgres else "'2026-03-02 01:00:00'",
        "changed_at": "'2026-03-02 01:00:00+00'" if postgres else "'2026-03-02 01:00:00'",
        "state": f"CASE WHEN i > {opened} THEN CASE WHEN i % 5 = 0 THEN 'supplementing' ELSE 'filed' END "
        "WHEN i % 100 < 90 THEN 'listed' WHEN i % 100 < 97 THEN 'ended' WHEN i % 100 < 99 THEN 'refused' "
        "ELSE 'withdrawn' END",
        "department_id": chosen(departments, 69069),
        "district_id": chosen(districts, 40503),
        "handler_id": f"CASE WHEN i > {opened} AND i % 30 = 0 THEN {clerk} END",
        "organisation_id": f"CASE WHEN i % {asked.cases // BIG} = 0 THEN {firm} ELSE 3 + (i * 2654435761 / 256) % {organisations} END",
        "name": "'王' || "
        + " || ".join(
            f"substr('{letters}', CAST((i * {step} / 1024) % 200 AS integer) + 1, 1)"
            for step in (69069, 40503)
        ),
        "phone": "'13800001111'",
        "appointed_on": f"date '2020-01-01' + CAST({day} AS integer)"
        if postgres
        else f"date('2020-01-01', {day} || ' days')",
        "training": "''",
        "duties": "'负责质量管理体系的建立和运行。'",
        "ended_on": "NULL",
    }
    columns = [field.column for field in Officer._meta.concrete_fields]
    with connection.cursor() as cursor, without_indexes(cursor, "people_officer"):
        rows = ", ".join(told[one] for one in columns)
        source = numbers if postgres else f"SELECT i FROM ({numbers})"
        cursor.execute(
            f"INSERT INTO people_officer ({', '.join(columns)}) SELECT {rows} FROM ({source}) AS numbers"
        )
        started = (
            "date '2026-11-20' - CAST(i % 40 AS integer)"
            if postgres
            else "date('2026-11-20', '-' || (i % 40) || ' days')"
        )
        cursor.execute(
            "INSERT INTO kernel_clockrun (register, record, clock, rule, state, department_id, district_id, handler_id, "
            "started_on, pauses, extended_days, ended_on, ended_by) SELECT 'people_officer', i, 'review', 'people.review', "
            f"state, department_id, district_id, handler_id, {started}, CASE WHEN i % 5 = 0 THEN '2026-11-20/' ELSE '' END, 0, NULL, '' "
            f"FROM (SELECT id AS i, state, department_id, district_id, handler_id FROM people_officer WHERE id > {opened}) AS held"
        )
        ended(cursor, opened)


def ended(cursor: Any, opened: int) -> None:
    """The clocks of the closed cases: started over five years, each ended within 28 days, so that some were late."""
    from django.db import connection

    since, took = "(i * 40503 / 64) % 1826", "(i * 69069 / 1024) % 28"
    if connection.vendor == "postgresql":
        started, until = (
            f"date '2021-11-20' + CAST({days} AS integer)" for days in (since, f"{since} + ({took})")
        )
    else:
        started, until = (
            f"date('2021-11-20', ({days}) || ' days')" for days in (since, f"{since} + ({took})")
        )
    with without_indexes(cursor, "kernel_clockrun"):
        cursor.execute(
            "INSERT INTO kernel_clockrun (register, record, clock, rule, state, department_id, district_id, handler_id, "
            "started_on, pauses, extended_days, ended_on, ended_by) SELECT 'people_officer', i, 'review', 'people.review', "
            f"state, department_id, district_id, handler_id, {started}, '', 0, {until}, 'list' "
            f"FROM (SELECT id AS i, state, department_id, district_id, handler_id FROM people_officer WHERE id <= {opened}) AS held"
        )


@contextlib.contextmanager
def without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """The indexes of a table are made when its rows are there: sorted once is quicker than kept sorted."""
    from django.db import connection

    known = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE '%%_pkey'"
        if connection.vendor == "postgresql"
        else "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s"
    )
    cursor.execute(known, [table])
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, statement in indexes:
        cursor.execute(statement)


# the questions


def pages(asked: argparse.Namespace, firms: int, last: int) -> Iterator[Line]:
    """Every kind of page as every reader who has it, one line each."""
    from django.core.cache import cache
    from django.test import Client

    from shenzhi.calc.codes import numbered
    from shenzhi.kernel.access.accounts import Account
    from shenzhi.kernel.parties.models import Organisation

    big = Organisation.objects.get(pk=1).code
    chance = random.Random(5)  # noqa: S311 - made questions, no secret
    some = Organisation.objects.filter(pk__in=[chance.randint(3, firms) for _ in range(asked.each)])
    small = [one.code for one in some]
    letters = "".join(BRANDS[:200])
    pairs = ["".join(chance.choices(letters, k=2)) for _ in range(asked.each)]
    keys = [chance.randint(1, last) for _ in range(asked.each)]
    numbers = [numbered.number("CQO", key) for key in keys]
    for who in ("public", "clerk", "head", "district", "supervisor", "member"):
        client = Client()
        if who != "public":
            client.force_login(Account.objects.get(username=who))

        def get(address: str, client: Client = client) -> None:
            if (answer := client.get(address)).status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code}")
            if answer.streaming:
                next(iter(answer.streaming_content))

        def cold(address: str, get: Callable[[str], None] = get) -> None:
            cache.clear()
            get(address)

        kinds: dict[str, list[str]] = {}
        kinds |= officers(asked.each, big, small, pairs, keys, official=who not in ("public", "member"))
        kinds |= organisations(asked.each, pairs, firms)
        kinds |= {
            "all registers": ["/registers/"] * asked.each,
            "entry of a case": [f"/registers/officers/{one}/" for one in numbers]
            if who == "supervisor"
            else [],
            "dossier": [f"/id/org/{one}/" for one in small],
            f"dossier of a firm with {BIG:,} cases": [f"/id/org/{big}/"] * asked.each,
            "its data": [f"/id/org/{big}.json"] * asked.each,
            "supervision": ["/supervision/"] * asked.each,
            "lamps.json": ["/supervision/lamps.json"] * asked.each,
            "interface: list": ["/api/v1/officers/"] * asked.each,
            "interface: by district": ["/api/v1/officers/?district=990003"] * asked.each,
            "download, first bytes: three days": [
                f"/registers/officers/export.csv?{days(3, at)}" for at in range(asked.each)
            ],
        }
        if who not in ("public", "member"):
            kinds |= {
                "desk": ["/desk/"] * asked.each,
                "desk, page 20": ["/desk/?page=20"] * asked.each,
                "desk, red": ["/desk/?lamp=red"] * asked.each,
                "desk, mine": ["/desk/?whose=mine"] * asked.each,
                "desk, everything": ["/desk/?every=1"] * asked.each,
                "department": ["/desk/department/"] * asked.each,
            }
        if who in ("head", "supervisor"):
            told = ("findings", ""), ("warnings", ""), ("warnings", "?lamp=yellow&page=5")
            kinds |= {f"{one}{more}": [f"/supervision/{one}/{more}"] * asked.each for one, more in told}
        for what, addresses in kinds.items():
            if addresses and asked.only in what and not (asked.unsearched and "searched" in what):
                yield timed(who, what, addresses, get)
        emptied = {"supervision, cache emptied": "/supervision/"} if who in ("public", "supervisor") else {}
        if who == "supervisor":
            emptied |= {f"{one}, cache emptied": f"/supervision/{one}/" for one in ("warnings", "findings")}
        yield from (timed(who, what, [at] * 3, cold) for what, at in emptied.items() if asked.only in what)


def days(count: int, at: int, year: int = 2022) -> str:
    """A span of the day of appointment."""
    begin = dt.date(year, 1 + at % 12, 3)
    return f"appointed_on_from={begin}&appointed_on_to={begin + dt.timedelta(days=count - 1)}"


def area(at: int) -> str:
    return f"district=99{at % 10 + 1:04d}"


def officers(
    each: int, big: str, small: list[str], pairs: list[str], keys: list[int], *, official: bool
) -> dict[str, list[str]]:
    """The questions to the list of cases."""
    questions: dict[str, Callable[[int], str]] = {
        "": lambda at: "",
        "state listed": lambda at: "state=listed",
        "state ended": lambda at: "state=ended",
        "district": area,
        "from 2030 (none)": lambda at: "appointed_on_from=2030-01-01",
        "until 2020-01-05 (few)": lambda at: "appointed_on_to=2020-01-05",
        "from 2021 (most)": lambda at: "appointed_on_from=2021-01-01",
        "three days": lambda at: days(3, at),
        "a month": lambda at: days(30, at),
        "a year": lambda at: days(365, at, 2021),
        "state and district": lambda at: f"state=ended&{area(at)}",
        "state and from 2030": lambda at: "state=listed&appointed_on_from=2030-01-01",
        "state and three days": lambda at: f"state=ended&{days(3, at)}",
        "state and a month": lambda at: f"state=ended&{days(30, at)}",
        "district and a month": lambda at: f"{area(at)}&{days(30, at)}",
        "state, district, three days": lambda at: f"state=ended&{area(at)}&{days(3, at)}",
        "state, district, year": lambda at: f"state=listed&{area(at)}&{days(365, at, 2021)}",
        "firm": lambda at: f"organisation={small[at % len(small)]}",
        f"firm with {BIG:,}": lambda at: f"organisation={big}",
        "that firm and a state": lambda at: f"organisation={big}&state=ended",
        "sorted by day": lambda at: "sort=appointed_on",
        "sorted by day, last first": lambda at: "sort=-appointed_on",
        "district, sorted by day": lambda at: f"{area(at)}&sort=-appointed_on",
        "state, sorted by day": lambda at: "state=ended&sort=-appointed_on",
        "state, district, sorted by day": lambda at: f"state=ended&{area(at)}&sort=-appointed_on",
        "firm, sorted by day": lambda at: f"organisation={small[at % len(small)]}&sort=-appointed_on",
        "searched, sorted by day": lambda at: f"q={pairs[at]}&sort=-appointed_on",
        "three days, sorted by name": lambda at: f"{days(3, at)}&sort=name",
        "searched, 2 characters": lambda at: f"q={pairs[at]}",
        "searched, 1 character": lambda at: f"q={pairs[at][0]}",
        "searched, in every name": lambda at: "q=有限公司",
        "searched, frequent, and state": lambda at: "q=科技&state=ended",
        "searched, and three days": lambda at: f"q={pairs[at][0]}&{days(3, at)}",
        "deep": lambda at: f"page={cursor(keys[at])}",
        "deep, state and district": lambda at: f"state=ended&district=990003&page={cursor(keys[at])}",
    }
    if official:
        questions |= {
            "state filed": lambda at: "state=filed",
            "state withdrawn (few)": lambda at: "state=withdrawn",
            "state withdrawn and district": lambda at: f"state=withdrawn&{area(at)}",
            "state filed, sorted by day": lambda at: "state=filed&sort=appointed_on",
            "state filed and three old days (none)": lambda at: f"state=filed&{days(3, at)}",
            "state filed and until 2025 (none)": lambda at: "state=filed&appointed_on_to=2025-12-31",
        }
    home = "/registers/officers/?"
    return {
        f"cases{': ' if name else ''}{name}": [home + ask(at) for at in range(each)]
        for name, ask in questions.items()
    }


def organisations(each: int, pairs: list[str], firms: int) -> dict[str, list[str]]:
    """The questions to the list of organisations."""
    home = "/registers/organisations/?"
    spread = [(f"99{at % 10 + 1:04d}", KINDS[at % len(KINDS)]) for at in range(each)]
    return {
        "firms": [home] * each,
        "firms: district": [f"{home}district={code}" for code, _ in spread],
        "firms: kind, none": [f"{home}kind=organ"] * each,
        "firms: district and kind": [f"{home}district={code}&kind={kind}" for code, kind in spread],
        "firms: district and kind, none": [f"{home}district={code}&kind=organ" for code, _ in spread],
        "firms: sorted by code": [f"{home}sort=code"] * each,
        "firms: searched, 2 characters": [f"{home}q={pair}" for pair in pairs],
        "firms: searched, 1 character": [f"{home}q={pair[0]}" for pair in pairs],
        "firms: searched, frequent, district and kind": [
            f"{home}q=科技&district={code}&kind={kind}" for code, kind in spread
        ],
        "firms: deep": [f"{home}page={cursor(firms * (at + 1) // (each + 2))}" for at in range(each)],
    }


def cursor(key: int) -> str:
    """The cursor behind the record with this key, in the order of entry."""
    said = json.dumps(["a", key], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def timed(who: str, what: str, addresses: list[str], get: Callable[[str], None]) -> Line:
    get(addresses[0])
    times, processor = [], []
    for address in addresses:
        started, used = time.perf_counter(), time.process_time()
        get(address)
        times.append((time.perf_counter() - started) * 1000)
        processor.append((time.process_time() - used) * 1000)
    line = Line(who, what, sorted(times), statistics.median(processor))
    tell(line)
    return line


if __name__ == "__main__":
    main()
