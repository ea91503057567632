"""How long it takes to prove that a million events were not rewritten: chains alone, and every record against its history.

    python benchmarks/history.py                       1,000,000 events of 250,000 cases, on PostgreSQL
    python benchmarks/history.py --sqlite --events 200000

The cases are chief quality officers, each filed, returned, supplemented and listed, their telephone numbers sealed. At
the end one event in the middle is altered past the triggers, and must be found. Limit: 10 s for a million.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT_S_PER_MILLION = 10.0
BATCH = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--sqlite", action="store_true")
    asked = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    with tempfile.TemporaryDirectory(prefix="shenzhi-bench-") as folder:
        os.environ["SHENZHI_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "shenzhi.config.settings"
        os.environ["SHENZHI_DATABASE"] = ""
        if not asked.sqlite:
            from postgres import serve

            os.environ["SHENZHI_DATABASE"] = serve("shared_buffers=512MB")
        measure(asked)


def measure(asked: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from office import furnish
    from shenzhi.kernel.guards import install
    from shenzhi.kernel.verifying import verify

    call_command("migrate", verbosity=0, skip_checks=True)
    office = furnish()
    started = time.perf_counter()
    for first in range(1, asked.events // 4 + 1, BATCH):
        cases(office, range(first, min(first + BATCH, asked.events // 4 + 1)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}  {machine()}")
    print(f"python {platform.python_version()}, {connection.vendor}, {' '.join(sys.argv)}")
    print(f"{asked.events:,} events written in {time.perf_counter() - started:.0f} s\n")
    limit = LIMIT_S_PER_MILLION * asked.events / 1_000_000
    for title, quick in (("the chains alone", True), ("chains and every record", False)):
        started = time.perf_counter()
        verdict = verify(quick=quick)
        taken = time.perf_counter() - started
        assert not verdict.faults, verdict.faults[:3]
        print(
            f"{title:<26}{verdict.events:>12,} events {taken:>7.1f} s   limit {limit:g} s: "
            f"{'kept' if taken <= limit else 'OVER'}"
        )
    with connection.cursor() as cursor:
        on = " ON kernel_event" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER kernel_event_no_update{on}")
        cursor.execute(
            "UPDATE kernel_event SET actor_name = 'X' WHERE register = 'people_officer' AND record = %s AND version = 3",
            [asked.events // 8],
        )
    install()
    (fault,) = verify(quick=True).faults
    print(f"\nan event altered past the triggers is named: {fault.kind}, {fault.place}")


def cases(office: object, keys: range) -> None:
    """Cases as they stand when four acts were done, with the four events of each."""
    from django.db import connection, transaction

    from shenzhi.apps.people.models import Officer
    from shenzhi.kernel import bulk
    from shenzhi.kernel.history.events import Draft, append_many
    from shenzhi.kernel.registers.catalogue import register_of
    from shenzhi.kernel.registers.writing import values_of

    register = register_of(Officer)
    fields = Officer._meta.concrete_fields
    moment = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    rows, drafts = [], []
    for key in keys:
        officer = Officer(
            id=key, organisation=office.firm, name=f"王{key}", phone=f"138{key:08d}", department=office.quality,  # type: ignore[attr-defined]
            district=office.pine, appointed_on=dt.date(2026, 1, 5), duties="负责质量管理体系的建立和运行。",  # type: ignore[attr-defined]
            state="filed", version=4, made_at=moment, changed_at=moment,
        )  # fmt: skip
        told = (
            ("file", "filed", {"after": values_of(officer)}),
            ("return", "supplementing", {"from": "filed", "said": {"reason": "培训证明不清"}}),
            ("supplement", "filed", {"from": "supplementing", "before": {"training": ""}, "after": {"training": "六西格玛"}}),
            ("list", "listed", {"from": "filed"}),
        )  # fmt: skip
        drafts += [
            Draft(register.code, key, version, act, office.clerk, moment, state, says, register.personal)  # type: ignore[attr-defined]
            for version, (act, state, says) in enumerate(told, start=1)
        ]
        officer.training, officer.state = "六西格玛", "listed"
        rows.append([field.get_db_prep_save(getattr(officer, field.attname), connection) for field in fields])
    with transaction.atomic():
        bulk.insert(register.code, [field.column for field in fields], rows)
        append_many(drafts)


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
