"""How many problems can be reported each second, and how quick tracking, lists, statistics and Open311 are when there are many.

    python benchmarks/complaints.py --keep /var/tmp/complaints     10,000,000 letters on SQLite; the second time they are there
    python benchmarks/complaints.py --postgres                     the same on a PostgreSQL server of its own
    python benchmarks/complaints.py --postgres --letters 200000 --seconds 10

The letters are those of `letters.py`: five years, half of them complaints and half problems. They are asked for as the
public and as a clerk, through the whole server without the network; then the runner counts them. On PostgreSQL problems
are also reported over Open311 by several processes, each report through the whole request: number, history, clock, notices,
secret; the chains of the history are verified afterwards. Limits: 200 reports a second, 10 ms to track by number, 150 ms
for a page, 5 minutes for the counts of an hour.
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
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urlencode

import letters
from registers import machine, version

ROOT = Path(__file__).resolve().parents[1]
REPORTS_A_SECOND, TRACK_MS, PAGE_MS, COUNTING_S = 200, 10, 150, 300
PARTS = ("reports", "tracking", "pages", "counting")
FORM = urlencode(
    {
        "service_code": "lamp",
        "lat": "22.5431",
        "long": "114.0579",
        "address_string": "松风区质量路七号",
        "description": "路灯不亮，已经三天。",
        "email": "somebody@example.org",
        "phone": "010-00007391",
    }
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--letters", type=int, default=10_000_000)
    parser.add_argument("--each", type=int, default=200, help="questions of each kind")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--keep", type=Path, help="folder in which the letters are kept (SQLite)")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--only", choices=PARTS, help="measure this part alone")
    asked = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    with contextlib.ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shenzhi-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        os.environ |= {"SHENZHI_HOME": str(folder), "SHENZHI_DATABASE": "", "SHENZHI_RATES": "none"}
        os.environ |= {"SHENZHI_SECOND_FACTOR": "none", "SHENZHI_HOSTS": "testserver"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "shenzhi.config.settings"
        if asked.postgres:
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

    from shenzhi.apps.complaints.models import Category, Complaint, Problem

    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("createcachetable", verbosity=0)
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}  {machine()}")
    print(
        f"python {platform.python_version()}, {connection.vendor} {version(connection)}, {' '.join(sys.argv)}"
    )
    if not Category.objects.exists():
        letters.furnish()
        letters.write(asked.letters)
    last = [one._base_manager.order_by("-pk").values_list("pk", flat=True)[0] for one in (Complaint, Problem)]
    print(f"{last[0]:,} complaints, {last[1]:,} problems", flush=True)
    over = []
    if asked.only in (None, "reports") and asked.postgres:
        over += reports(asked)
    if asked.only in (None, "counting"):
        over += counting()
    if asked.only in (None, "tracking", "pages"):
        print(f"\n{'':<44}{'n':>5}{'p50 ms':>9}{'p99 ms':>9}{'worst':>9}{'cpu p50':>9}   limit")
    if asked.only in (None, "tracking"):
        over += tracked(asked.each)
    if asked.only in (None, "pages"):
        over += asked_for(asked.each)
    print(f"\nover the limit: {', '.join(over) or 'none'}; load {os.getloadavg()[0]:.1f}")


# counting


def counting() -> list[str]:
    """The chores of the runner: every year counted anew, then the next hour. Meanwhile nobody may be kept from writing."""
    import time as clock

    from django.utils import timezone

    from shenzhi.apps.complaints import counts, facts
    from shenzhi.kernel.supervision.counts import forget

    today, over = timezone.localdate(), []

    def timed(what: str, limit: float, do: Callable[[], Any]) -> None:
        at, used = clock.perf_counter(), clock.process_time()
        said = do()
        took = clock.perf_counter() - at
        kept = "" if took < limit else "   OVER"
        print(
            f"{took:>7.1f} s ({clock.process_time() - used:.1f} of the processor)  {what}: {said}   limit {limit:g} s{kept}",
            flush=True,
        )
        if kept:
            over.append(f"{what} ({took:.0f} s)")

    forget("complaints:")
    timed("public statistics, every year", COUNTING_S, lambda: f"{facts.count_years(today)} counts")
    timed("public statistics, the next hour", COUNTING_S, lambda: f"{facts.count_years(today)} counts")
    timed(
        "rows for the lake, once a month", COUNTING_S, lambda: f"{sum(1 for _ in counts.rows(today)):,} rows"
    )
    return over


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
    kept = rate >= REPORTS_A_SECOND
    processor = sum(used for _, _, used in answers) / len(times)
    print(
        f"{len(times):,} reports by {asked.processes} processes in {asked.seconds:g} s: {rate:,.0f} a second, limit "
        f"{REPORTS_A_SECOND}: {'kept' if kept else 'NOT REACHED'}; one takes {statistics.median(times) * 1000:.1f} ms "
        f"(median), {times[int(len(times) * 0.99)] * 1000:.1f} ms (p99), {processor * 1000:.1f} ms of the processor "
        "beside the database"
    )
    verdict = verify(quick=True)
    assert not verdict.faults, verdict.faults[:3]
    print(f"verified afterwards: {verdict.events:,} events, whole")
    return [] if kept else ["reports a second"]


def hand_in(seconds: float, ready: Any, told: Any) -> None:
    """Report until the time is over, and tell how long each report took."""
    started()
    from django.test import Client

    client = Client()
    for _ in range(3):  # a server has answered before
        report(client)
    each = []
    ready.wait()
    began, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        at = time.perf_counter()
        report(client)
        each.append(time.perf_counter() - at)
    told.put((each, time.perf_counter() - began, time.process_time() - used))


def report(client: Any) -> Any:
    """Hand a problem in, as a program does."""
    form = "application/x-www-form-urlencoded"
    answer = client.post("/open311/v2/requests.json", FORM, content_type=form)
    assert answer.status_code == 200, answer.content
    return answer


# the questions


def tracked(each: int) -> list[str]:
    """By number and secret, as whoever reported does; and by number alone over Open311."""
    from django.test import Client

    client = Client()
    sent = [report(client) for _ in range(each)]
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
    categories = letters.KINDS["problem"]
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
         lambda at: f"/open311/v2/requests.json?page_size=50&service_code={categories[at % 6]}&{span(days[at])}"),
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
