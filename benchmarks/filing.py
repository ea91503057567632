"""How many cases can be handed in each second, each with its number, history, clock and receipt, on PostgreSQL.

    python benchmarks/filing.py                        4 processes, 20 seconds, a server of its own
    python benchmarks/filing.py --processes 8 --seconds 60
    python benchmarks/filing.py --sqlite               the box instead, where one process writes at a time

Every filing is a transaction of its own that is on the disk before it is counted (fsync on). Afterwards the whole
history is verified, so that a figure never rests on something that was half done. Limit: 200 filings a second.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 200


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--sqlite", action="store_true")
    asked = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    with tempfile.TemporaryDirectory(prefix="shenzhi-bench-") as folder:
        os.environ["SHENZHI_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "shenzhi.config.settings"
        os.environ["SHENZHI_DATABASE"] = ""
        if not asked.sqlite:
            from postgres import serve

            os.environ["SHENZHI_DATABASE"] = serve()
        measure(asked)


def measure(asked: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, connections

    from office import furnish
    from shenzhi.kernel.verifying import verify

    call_command("migrate", verbosity=0, skip_checks=True)
    furnish()
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}  {machine()}")
    print(
        f"python {platform.python_version()}, {connection.vendor} {version(connection)}, {' '.join(sys.argv)}"
    )
    connections.close_all()
    spawn = multiprocessing.get_context("spawn")
    told: Queue[tuple[list[float], float, float]] = spawn.Queue()  # type: ignore[assignment]
    ready = spawn.Barrier(asked.processes)
    workers = [
        spawn.Process(target=hand_in, args=(one, asked.seconds, ready, told))
        for one in range(asked.processes)
    ]
    for worker in workers:
        worker.start()
    answers = [told.get() for _ in workers]
    for worker in workers:
        worker.join()
    times = sorted(taken for each, _, _ in answers for taken in each)
    rate = sum(len(each) / seconds for each, seconds, _ in answers)
    processor = sum(one for _, _, one in answers) / len(times)
    print(f"{len(times):,} filings by {asked.processes} processes in {asked.seconds:g} s")
    print(
        f"{rate:,.0f} filings a second, limit {LIMIT}: {'kept' if rate >= LIMIT or asked.sqlite else 'NOT REACHED'}; "
        f"one takes {statistics.median(times) * 1000:.1f} ms (median), {times[int(len(times) * 0.99)] * 1000:.1f} ms (p99), "
        f"and {processor * 1000:.1f} ms of the processor beside the database"
    )
    started = time.perf_counter()
    verdict = verify()
    assert not verdict.faults, verdict.faults[:3]
    print(f"verified afterwards: {verdict.events:,} events, whole, {time.perf_counter() - started:.1f} s")


def hand_in(number: int, seconds: float, ready: object, told: object) -> None:
    """File cases until the time is over, and tell how long each took."""
    import django

    django.setup()
    from office import reader
    from shenzhi.apps.people.models import Officer
    from shenzhi.kernel.cases.firing import file
    from shenzhi.kernel.parties.models import Department, District, Organisation

    quality, pine = Department.objects.get(code="quality"), District.objects.get(code="990001")
    firm = Organisation.objects.order_by("id").first()
    clerk = reader(3 + number, "clerk", department=quality.pk, keeps="quality")
    each = []
    ready.wait()  # type: ignore[attr-defined]
    began, processor = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        at = time.perf_counter()
        officer = Officer(
            organisation=firm, name="张三", phone="13800001111", appointed_on=dt.date(2026, 1, 5),
            department=quality, district=pine, training="六西格玛黑带", duties="负责质量管理体系的建立和运行。",
        )  # fmt: skip
        file(officer, by=clerk, key=f"{number}-{len(each)}")
        each.append(time.perf_counter() - at)
    told.put((each, time.perf_counter() - began, time.process_time() - processor))  # type: ignore[attr-defined]


def version(connection: object) -> str:
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")  # type: ignore[attr-defined]
        return str(cursor.fetchone()[0]).split()[0]


def machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    named = (
        [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        if cpuinfo.exists()
        else []
    )
    model = named[0].split(":")[1].strip() if named else platform.processor()
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
