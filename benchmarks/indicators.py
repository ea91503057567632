"""How fast indicators are computed, against hand-written DuckDB SQL over the same table in the same run.

    python benchmarks/indicators.py --rows 50000000

The indicators are those of the box, with their own functions; the SQL beside each is what a practised hand would
write. Both run on one DuckDB connection over one Parquet file, by turns, and the best of --rounds counts; their answers
must agree before any time is told. The time of an indicator includes turning its expression into SQL. Nothing is left
behind.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa

from shenzhi.pipeline.statistics import INDICATORS
from shenzhi.pipeline.statistics.indicator import latest

AREAS, STATIONS, YEARS, REVISIONS = 350, 2, 10, 20
# One file serves as every table: cases of government service, measurements of air, and long figures with revisions.
GENERATE = """
COPY (
  SELECT
    (440000 + hash(i) % {areas})::VARCHAR AS area,
    DATE '2015-01-01' + (hash(i + 1) % (365 * {years}))::INTEGER AS day,
    day AS accepted_on,
    (hash(i + 2) % {stations})::VARCHAR AS station,
    (5 + hash(i + 3) % 90)::BIGINT AS pm25,
    (2 + hash(i + 4) % 5)::BIGINT AS promised_days,
    (hash(i + 5) % 9)::BIGINT AS work_days,
    CASE WHEN hash(i + 6) % 10 < 6 THEN (1 + hash(i + 7) % 5)::BIGINT END AS rating,
    'item' || (i // ({areas} * {years} * {revisions})) AS item,
    2015 + (i // {areas}) % {years} AS year,
    (440000 + i % {areas})::VARCHAR AS place,
    1 + (i // ({areas} * {years})) % {revisions} AS revision,
    (hash(i + 8) % 100000) / 100.0 AS value,
    'final' AS status
  FROM range({rows}) r(i)
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""
# the year becomes text after grouping: grouping by numbers takes less than half the time
BY_YEAR = """
    SELECT area, year::VARCHAR AS period, value
    FROM (SELECT area, year(accepted_on) AS year, {value} AS value FROM t {where} GROUP BY ALL)"""
SQL = {
    "services_in_time": BY_YEAR.format(
        value="avg(CASE WHEN work_days <= promised_days THEN 100 ELSE 0 END)", where=""
    ),
    "service_days": BY_YEAR.format(value="avg(work_days)", where=""),
    "service_good_rate": BY_YEAR.format(
        value="avg(CASE WHEN rating >= 4 THEN 100 ELSE 0 END)", where="WHERE rating IS NOT NULL"
    ),
    "red_warning_rate": BY_YEAR.format(
        value="avg(CASE WHEN work_days > promised_days * 2 THEN 10000 ELSE 0 END)", where=""
    ),
    "pm25_mean": """
        SELECT area, year::VARCHAR AS period, value
        FROM (
          SELECT area, year(day) AS year, avg(pm25) AS value
          FROM (SELECT area, day, avg(pm25) AS pm25 FROM t WHERE pm25 IS NOT NULL GROUP BY area, day)
          GROUP BY ALL)""",
    "latest revision": """
        SELECT area, year::VARCHAR AS period, item, value
        FROM (SELECT place AS area, year, item, arg_max_null(value, revision) AS value FROM t GROUP BY ALL)""",
}


def of_the_box(name: str, table: ibis.Table) -> ibis.Table:
    """The indicator's own expression over the table, whatever table it reads in the box."""
    if name == "latest revision":
        return latest(table.drop("area").rename(area="place")).select("area", "period", "item", "value")
    one = INDICATORS[name]
    return one.expression(dict.fromkeys(one.tables, table))


def timed(work: Callable[[], pa.Table]) -> tuple[tuple[float, float], pa.Table]:
    """Seconds by the clock and seconds of processor, which other work on the machine disturbs less."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = work()
    return (time.perf_counter() - clock, time.process_time() - processor), answer


def same(connection: duckdb.DuckDBPyConnection, by_hand: pa.Table, by_box: pa.Table) -> bool:
    """Equal but for the order of rows and the last bits of a mean."""
    keys = ", ".join(name for name in by_hand.column_names if name != "value")
    connection.register("by_hand", by_hand)
    connection.register("by_box", by_box)
    row = connection.execute(f"""
        SELECT count(*), count(*) FILTER (WHERE abs(a.value - b.value) <= 1e-9 * abs(a.value))
        FROM by_hand a FULL JOIN by_box b USING ({keys})""").fetchone()
    return row == (len(by_hand), len(by_hand)) and len(by_hand) == len(by_box) > 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    today = dt.datetime.now(dt.UTC).date()
    print(f"{machine}, DuckDB {duckdb.__version__}, Ibis {ibis.__version__}, {today}")
    print("command:", " ".join([Path(sys.executable).name, *sys.argv]))
    with tempfile.TemporaryDirectory(prefix="shenzhi-bench-") as folder:
        path = Path(folder) / "table.parquet"
        connection = duckdb.connect(config={"threads": given.threads, "temp_directory": folder})
        connection.execute(
            GENERATE.format(
                areas=AREAS, years=YEARS, stations=STATIONS, revisions=REVISIONS, rows=given.rows, path=path
            )
        )
        connection.execute(f"CREATE VIEW t AS FROM read_parquet('{path}')")
        table = ibis.duckdb.from_connection(connection).table("t")
        print(
            f"{given.rows:,} rows, {path.stat().st_size / 2**20:,.0f} MiB of Parquet, {given.threads} threads"
        )
        print(
            f"\n{'':<20}{'clock: SQL':>12}{'indicator':>12}{'speed':>8}{'processor: SQL':>18}{'indicator':>12}{'speed':>8}"
        )
        total = [0.0] * 4
        for name, sql in SQL.items():
            times: list[tuple[float, ...]] = []
            for _ in range(given.rounds):
                by_hand, first = timed(lambda sql=sql: connection.execute(sql).to_arrow_table())
                by_box, second = timed(lambda name=name: of_the_box(name, table).to_pyarrow())
                times.append((by_hand[0], by_box[0], by_hand[1], by_box[1]))
            if not same(connection, first, second):
                raise SystemExit(f"{name}: the indicator and the SQL by hand give different answers")
            best = [min(one) for one in zip(*times, strict=True)]
            total = [sum(pair) for pair in zip(total, best, strict=True)]
            show(name, best)
        show("all", total)


def show(name: str, seconds: list[float]) -> None:
    hand, box, hand_processor, box_processor = seconds
    print(
        f"{name:<20}{hand:>10.3f} s{box:>10.3f} s{hand / box:>8.2f}"
        f"{hand_processor:>16.3f} s{box_processor:>10.3f} s{hand_processor / box_processor:>8.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
