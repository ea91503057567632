"""How fast a file is handed in, against raw DuckDB turning the same CSV into Parquet in the same run.

    python benchmarks/ingest.py --rows 50000000

Both sides read the same file, on the same number of threads, one after the other, each in a process of its own:
raw DuckDB only reads and writes (typed columns, zstd, rows in order); `shenzhi ingest` also keeps the file under its
hash, checks every promise of the source, and commits a version of the table. Nothing is left behind.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

SOURCE = """
source: monthly
title: {zh: 月度数字, en: Monthly figures}
publisher: {zh: 统计局, en: Bureau of statistics}
licence: CC-BY-4.0
article: "84"
key: [org, indicator, month]
vintage: revision
area: district
period: {field: month, grain: month}
fields:
  org: {type: string, title: {zh: 机构, en: organisation}, required: true}
  district: {type: string, title: {zh: 地区代码, en: area}, required: true, references: areas.code}
  indicator: {type: string, title: {zh: 指标, en: indicator}, required: true}
  month: {type: string, title: {zh: 月份, en: month}, required: true}
  revision: {type: int64, title: {zh: 修订号, en: revision}, required: true, range: [1, 99]}
  value: {type: float64, title: {zh: 数值, en: value}, unit: 亿元, range: [0, 100]}
  ceiling: {type: float64, title: {zh: 上限, en: ceiling}, unit: 亿元}
  status: {type: string, title: {zh: 状态, en: status}, allowed: [final, preliminary]}
checks:
  - {rule: "value <= ceiling", message: {zh: 数值高于上限, en: the value is above the ceiling}}
"""
CITY = """
slug: bench
title: {zh: 测速市, en: Benchmark city}
fictional: true
note: {zh: 只用于测速, en: for measuring only}
"""
TYPES = {"org": "VARCHAR", "district": "VARCHAR", "indicator": "VARCHAR", "month": "VARCHAR", "revision": "BIGINT",
         "value": "DOUBLE", "ceiling": "DOUBLE", "status": "VARCHAR"}  # fmt: skip
RAW = """
import duckdb, sys
csv, out, threads, memory, types = sys.argv[1:]
con = duckdb.connect(config={"threads": int(threads), "memory_limit": memory})
con.execute(f"COPY (FROM read_csv('{csv}', header = true, auto_detect = false, columns = {types})) TO '{out}' "
            "(FORMAT parquet, COMPRESSION zstd)")
"""


def generate(path: Path, rows: int, threads: int) -> None:
    """2000 organisations x 200 indicators x 100 months, and a quarter as many revisions; about 53 bytes a row."""
    con = duckdb.connect(config={"threads": threads, "memory_limit": "2GB"})
    con.execute(f"""
        COPY (
            SELECT 'O' || lpad((i // 25000)::VARCHAR, 5, '0') AS org,
                '4403' || lpad(((i // 25000) % 10)::VARCHAR, 2, '0') AS district,
                'I' || lpad(((i // 125) % 200)::VARCHAR, 3, '0') AS indicator,
                (2015 + ((i % 125) % 100) // 12) || '-' || lpad(((i % 125) % 100 % 12 + 1)::VARCHAR, 2, '0') AS month,
                1 + (i % 125) // 100 AS revision,
                (hash(i) % 100000)::DOUBLE / 1000 AS value,
                100 + (hash(i + 1) % 100000)::DOUBLE / 1000 AS ceiling,
                CASE WHEN hash(i + 7) % 10 < 8 THEN 'final' ELSE 'preliminary' END AS status
            FROM range({rows}) t(i)
        ) TO '{path}' (HEADER true)""")


def timed(command: list[str], **environment: str) -> tuple[float, float, float]:
    """Seconds by the clock, peak memory (GiB) and seconds of computing of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_maxrss / 2**20, usage.ru_utime + usage.ru_stime


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=5_000_000)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument(
        "--rounds", type=int, default=1, help="measure so often and take the best of each side"
    )
    asked.add_argument(
        "--folder", type=Path, default=None, help="where to work (about 5 GB for 50 million rows)"
    )
    given = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="shenzhi-bench-", dir=given.folder))
    try:
        csv = folder / "monthly.csv"
        generate(csv, given.rows, given.threads)
        city = folder / "bench"
        (city / "sources").mkdir(parents=True)
        (city / "city.yml").write_text(CITY, encoding="utf-8")
        (city / "sources" / "monthly.yml").write_text(SOURCE, encoding="utf-8")
        areas = "".join(f"4403{number:02d},区{number},District {number},district,\n" for number in range(10))
        (city / "areas.csv").write_text("code,zh,en,level,parent\n" + areas, encoding="utf-8")
        types = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items()) + "}"
        raw = [
            sys.executable,
            "-c",
            RAW,
            str(csv),
            str(folder / "raw.parquet"),
            str(given.threads),
            "1GB",
            types,
        ]
        ours = [
            sys.executable,
            "-m",
            "shenzhi.config",
            "ingest",
            "monthly",
            str(csv),
            "--city",
            str(city),
            "--by",
            "benchmark",
        ]
        raws, mine = [], []
        for number in range(given.rounds):
            raws.append(timed(raw))
            mine.append(
                timed(ours, SHENZHI_HOME=str(folder / f"home{number}"), SHENZHI_THREADS=str(given.threads))
            )
            shutil.rmtree(folder / f"home{number}")
        report(
            given.rows,
            csv.stat().st_size,
            given.threads,
            min(raws),
            min(mine),
            max(peak for _, peak, _ in mine),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(
    rows: int, size: int, threads: int, raw: tuple[float, ...], ours: tuple[float, ...], peak: float
) -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}  {platform.platform()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
          f"Python {platform.python_version()}, DuckDB {duckdb.__version__}")  # fmt: skip
    print(f"{' '.join(['python', *sys.argv])}   {rows:,} rows, {size / 1e9:.2f} GB, {threads} threads")
    for name, (seconds, high, computing) in (
        ("raw DuckDB, CSV to Parquet", raw),
        ("shenzhi ingest, all of it", ours),
    ):
        print(f"{name:28} {seconds:7.1f} s  {rows / seconds / 1e6:5.2f} M rows/s  computing {computing:7.1f} s  "
              f"peak {high:.2f} GiB")  # fmt: skip
    print(f"ratio {raw[0] / ours[0]:.2f} by the clock (wanted: 0.50 or more), {raw[2] / ours[2]:.2f} by computing; "
          f"peak {peak:.2f} GiB (wanted: 4 or less)")  # fmt: skip


if __name__ == "__main__":
    main()
