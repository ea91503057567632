"""How quick registers are when they are large: look-up, name search, list pages, import and export, each with its limit.

    python benchmarks/registers.py                             5,000,000 organisations on SQLite
    python benchmarks/registers.py --postgres                  the same on a PostgreSQL server of its own
    python benchmarks/registers.py --organisations 200000 --rows 10000

The organisations are made by a program and written past the verbs, into a database of the benchmark's own; everything
after that is done as the platform does it. Names are a place, two or three characters that make the brand, a trade and a
legal form, so that two-character words are rare (brands), frequent (trades) or in every name (有限公司). An import is
checked and carried out with history, sealed telephones and search; its rows a second count both. Nothing is left behind.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import platform
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOOK_UP_MS, SEARCH_MS, PAGE_MS, ROWS_A_SECOND = 10, 50, 150, 10_000
TRADES = ("科技", "精密制造", "食品", "电子", "贸易", "物流", "生物医药", "建筑工程", "文化传播", "新能源")
FORMS = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "合伙企业")
PLACES = ("深圳市", "深圳", "松风区", "竹雨区", "")
BRANDS = [chr(0x4E00 + 13 * at) for at in range(1500)]
ENGLISH = (
    "Precision",
    "Foods",
    "Electronics",
    "Trading",
    "Logistics",
    "Bio",
    "Works",
    "Culture",
    "Energy",
    "Tech",
)
KINDS = ("enterprise", "enterprise", "enterprise", "trader", "association", "institution")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--organisations", type=int, default=5_000_000)
    parser.add_argument("--rows", type=int, default=50_000, help="rows of each imported file")
    parser.add_argument("--each", type=int, default=400, help="questions of each kind")
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
    with tempfile.TemporaryDirectory(prefix="shenzhi-bench-") as folder:
        os.environ["SHENZHI_HOME"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shenzhi.config.settings")
        os.environ["SHENZHI_DATABASE"] = ""
        if asked.postgres:
            from postgres import serve

            os.environ["SHENZHI_DATABASE"] = serve("shared_buffers=1GB", "maintenance_work_mem=512MB")
        measure(asked, Path(folder))


def measure(asked: argparse.Namespace, folder: Path) -> None:
    import django
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ALLOWED_HOSTS = ["testserver"]
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from shenzhi.kernel.parties.models import Organisation
    from shenzhi.kernel.registers.catalogue import register_of
    from shenzhi.kernel.registers.search import reindex

    call_command("migrate", verbosity=0, skip_checks=True, run_syncdb=True)
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}  {machine()}")
    print(
        f"python {platform.python_version()}, {connection.vendor} {version(connection)}, {' '.join(sys.argv)}"
    )
    districts = some_districts()
    started = time.perf_counter()
    fill(asked.organisations, districts)
    print(f"{asked.organisations:,} organisations written in {time.perf_counter() - started:.0f} s")
    register = register_of(Organisation)
    started = time.perf_counter()
    reindex(register)
    took = time.perf_counter() - started
    print(f"their names indexed for search in {took:.0f} s, {asked.organisations / took:,.0f} a second")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    else:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    print(f"\n{'':<34}{'n':>6}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}   limit")
    over = [*look_ups(asked), *searches(asked, register), *pages(asked, districts)]
    print()
    over += imports(asked, register, folder)
    exports(asked, register)
    print(f"\nover the limit: {', '.join(over) or 'none'}")


def some_districts() -> list[Any]:
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.parties.models import District
    from shenzhi.kernel.registers.writing import create

    return [create(District(code=f"{990001 + at}", name=f"第{at + 1}区"), by=PLATFORM) for at in range(10)]


def a_name(chance: random.Random) -> tuple[str, str]:
    trade = chance.randrange(len(TRADES))
    brand = "".join(chance.choices(BRANDS, k=chance.choice((2, 2, 3))))
    return (
        f"{chance.choice(PLACES)}{brand}{TRADES[trade]}{chance.choice(FORMS)}",
        f"{brand_en(brand)} {ENGLISH[trade]}",
    )


def brand_en(brand: str) -> str:
    """A word of Latin letters for a brand, the same for the same brand."""
    return "".join(
        ("ba", "lin", "hua", "xin", "mo", "rui", "tai")[ord(one) // 13 % 7] for one in brand
    ).title()


def fill(count: int, districts: list[Any], first: int = 1) -> None:
    """Write organisations with the keys from `first` on; the code of each is made from its place among them."""
    from django.db import connection, transaction
    from django.utils import timezone

    from shenzhi.calc.codes import uscc
    from shenzhi.kernel import bulk
    from shenzhi.kernel.parties.models import Organisation

    chance, fields = random.Random(7), Organisation._meta.concrete_fields  # noqa: S311 - made figures, no secret
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    names = [field.column for field in fields]

    def rows() -> Iterator[list[Any]]:
        for at in range(1, count + 1):
            name, english = a_name(chance)
            told = {
                "id": first + at - 1, "version": 1, "made_at": moment, "changed_at": moment, "name": name, "name_en": english,
                "code": uscc.make("91440300", f"{at:08d}"), "kind": chance.choice(KINDS), "region": "440305",
                "district_id": chance.choice(districts).pk, "address": "", "phone": "", "ended_on": None,
            }  # fmt: skip
            yield [told[one] for one in names]

    with transaction.atomic():
        bulk.insert(Organisation._meta.db_table, names, rows())


def timed(name: str, limit: float, questions: list[Any], ask: Callable[[Any], Any]) -> list[str]:
    """Ask each question once; the line of the table, and the name where p99 is over the limit."""
    for one in questions[:5]:
        ask(one)
    times = []
    for one in questions:
        started = time.perf_counter()
        ask(one)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    p99 = times[min(len(times) - 1, int(0.99 * len(times)))]
    kept = "kept" if p99 < limit else "OVER"
    print(
        f"{name:<34}{len(times):>6}{statistics.median(times):>10.2f}{p99:>10.2f}{times[-1]:>10.2f}   {limit:g} ms {kept}"
    )
    return [] if p99 < limit else [name]


def look_ups(asked: argparse.Namespace) -> list[str]:
    from shenzhi.calc.codes import uscc
    from shenzhi.kernel.access.roles import PUBLIC
    from shenzhi.kernel.parties.models import Organisation

    chance = random.Random(1)  # noqa: S311
    codes = [
        uscc.make("91440300", f"{chance.randint(1, asked.organisations):08d}") for _ in range(5 * asked.each)
    ]
    return timed(
        "look-up by code",
        LOOK_UP_MS,
        codes,
        lambda code: Organisation.objects.visible_to(PUBLIC).get(code=code),
    )


def searches(asked: argparse.Namespace, register: Any) -> list[str]:
    from shenzhi.kernel.access.roles import PUBLIC
    from shenzhi.kernel.parties.models import Organisation
    from shenzhi.kernel.registers.search import counted, found

    chance = random.Random(2)  # noqa: S311
    brands = [a_name(chance) for _ in range(asked.each)]

    def page(text: str) -> list[Any]:
        return list(found(register, Organisation.objects.visible_to(PUBLIC), text).order_by("-id")[:51])

    def count(text: str) -> int:
        return counted(register, Organisation.objects.visible_to(PUBLIC), text, 10_001)

    brand = ["".join(chance.choices(BRANDS, k=2)) for _ in range(asked.each)]
    few = max(20, asked.each // 10)
    kinds = {
        "brand, 2 characters": brand,
        "trade, 2 characters": [one for one in TRADES if len(one) == 2] * (few // 5),
        "brand and trade": [f"{one} {TRADES[at % 10]}" for at, one in enumerate(brand[:few])],
        "1 character": chance.choices(BRANDS, k=few),
        "in every name (有限公司)": ["有限公司"] * few,
        "5 characters": [name[:5] for name, _ in brands[:few]],
        "a Latin word's beginning": [english[:5] for _, english in brands[:few]],
        "whole name": [name for name, _ in brands[:few]],
    }
    over = []
    for name, texts in kinds.items():
        over += timed(f"search, {name}", SEARCH_MS, texts, page)
        timed("    its count up to 10,000", SEARCH_MS, texts, count)
    return over


def pages(asked: argparse.Namespace, districts: list[Any]) -> list[str]:
    from django.test import Client

    client, home = Client(), "/registers/organisations/"
    few = max(10, asked.each // 10)
    chance = random.Random(3)  # noqa: S311
    some = [(chance.choice(districts), chance.choice(KINDS)) for _ in range(few)]
    brand = ["".join(chance.choices(BRANDS, k=2)) for _ in range(few)]

    def get(address: str) -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status_code}")

    kinds = {
        "list": [home] * few,
        "list, one filter": [f"{home}?district={district.code}" for district, _ in some],
        "list, two filters": [f"{home}?district={district.code}&kind={kind}" for district, kind in some],
        "list, searched": [f"{home}?q={one}" for one in brand],
        "list, searched and filtered": [
            f"{home}?q=科技&district={district.code}&kind={kind}" for district, kind in some
        ],
        "list, sorted by code": [f"{home}?sort=code"] * few,
    }
    over = []
    for name, addresses in kinds.items():
        over += timed(f"page: {name}", PAGE_MS, addresses, get)
    return over


def imports(asked: argparse.Namespace, register: Any, folder: Path) -> list[str]:
    from shenzhi.calc.codes import uscc
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.exchange.carrying import carry_out
    from shenzhi.kernel.exchange.planning import plan

    chance, rates = random.Random(4), []  # noqa: S311
    for turn in range(3):
        path, first = folder / f"import-{turn}.csv", 60_000_000 + turn * asked.rows
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(
                [
                    "统一社会信用代码",
                    "名称",
                    "英文名称",
                    "类型",
                    "所在区",
                    "行政区划代码",
                    "联系电话",
                    "注销日期",
                ]
            )
            for at in range(first, first + asked.rows):
                name, english = a_name(chance)
                ended = f"2024-01-{1 + at % 28:02d}" if at % 10 == 0 else ""
                rows.writerow([uscc.make("91440300", f"{at:08d}"), name, english, "企业", f"{990001 + at % 10}", "440305",
                               f"138{at:08d}", ended])  # fmt: skip
        started, used = time.perf_counter(), time.process_time()
        made = plan(register, path, PLATFORM)
        if not made.sound:
            raise SystemExit(str(made.faults[:3]))
        checked = time.perf_counter()
        carry_out(made)
        done = time.perf_counter()
        rates.append(asked.rows / (done - started))
        print(
            f"import of {asked.rows:,} rows: checked {asked.rows / (checked - started):,.0f} a second, "
            f"entered {asked.rows / (done - checked):,.0f} a second, both {rates[-1]:,.0f} a second "
            f"({asked.rows / (time.process_time() - used):,.0f} by the processor's own time)"
        )
    best = statistics.median(rates)
    kept = "kept" if best >= ROWS_A_SECOND else "UNDER"
    print(f"import, median {best:,.0f} rows a second   limit {ROWS_A_SECOND:,} {kept}")
    return [] if kept == "kept" else ["import"]


def exports(asked: argparse.Namespace, register: Any) -> None:
    from shenzhi.kernel.access.roles import PUBLIC
    from shenzhi.kernel.exchange import exporting
    from shenzhi.kernel.parties.models import Organisation

    for form in ("csv", "json", "parquet", "xlsx"):
        most = min(exporting.MOST[form], asked.organisations)
        records = Organisation.objects.visible_to(PUBLIC).filter(id__lte=most).order_by("id")
        before, started, size = peak_mb(), time.perf_counter(), 0
        for piece in exporting.export(register, records, PUBLIC, form).pieces:
            size += len(piece)
        took = time.perf_counter() - started
        print(
            f"export of {most:,} rows as {form}: {took:.0f} s, {most / took:,.0f} a second, {size / 1e6:.0f} MB; "
            f"peak memory {before:.0f} -> {peak_mb():.0f} MB"
        )


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def version(connection: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        return str(cursor.fetchone()[0]).split(" on ")[0].removeprefix("PostgreSQL ")


def machine() -> str:
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return f"{cpu}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
