"""Versions of a table: what replaces what, what stays readable, and what happens when the power goes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake, NotInLake

HEADING = "area,year,item,value,share,of\n"
FIRST = HEADING + "990100,2020,gdp,100,,\n990100,2021,gdp,110,,\n"
SECOND = HEADING + "990100,2021,gdp,115,,\n990100,2022,gdp,120,,\n"


def figures(box, version=None):
    return [(row["year"], row["value"]) for row in box.rows(version=version)]


def test_the_bytes_are_kept_under_their_hash_with_who_and_when(box):
    box.hand_in(FIRST)
    one = box.lake.snapshot(box.snapshot.sha256)
    assert one == box.snapshot
    assert box.lake.snapshot_path(one.sha256).read_bytes() == FIRST.encode()
    assert (one.source, one.file_name, one.size, one.by, one.licence) == (
        "annual", "figures.csv", len(FIRST), "tester", "CC-BY-4.0",
    )  # fmt: skip
    assert (one.encoding, one.accepted, one.rows) == ("utf-8", True, 2)


def test_the_same_file_twice_is_one_snapshot_and_one_version(box):
    box.hand_in(FIRST)
    first = box.snapshot
    box.hand_in(box.file(FIRST, "renamed.csv"))
    assert box.snapshot == first
    assert len(box.lake.versions("annual")) == 1
    assert len(box.lake.snapshots()) == 1


def test_a_corrected_file_is_a_new_revision_and_the_old_one_stays_readable(box):
    box.hand_in(FIRST)
    box.hand_in(SECOND)
    assert figures(box) == [(2021, 115.0), (2022, 120.0)]
    assert figures(box, version=0) == [(2020, 100.0), (2021, 110.0)]
    old, new = box.lake.versions("annual")
    assert (old.version, new.version, old.rows, new.rows) == (0, 1, 2, 2)
    assert box.lake.vintage() == {"annual": {"version": 1, "snapshots": [new.snapshot]}}
    assert box.lake.vintage({"annual": 0}) == {"annual": {"version": 0, "snapshots": [old.snapshot]}}


def test_going_back_to_an_earlier_file_is_a_version_of_its_own(box):
    for content in (FIRST, SECOND, FIRST):
        box.hand_in(content)
    assert figures(box) == [(2020, 100.0), (2021, 110.0)]
    assert len(box.lake.versions("annual")) == 3
    assert len(box.lake.snapshots()) == 2


def test_a_file_that_arrives_by_year_replaces_its_years_and_no_others(box):
    box.declare_by_year()
    box.hand_in(FIRST)
    first = box.snapshot.sha256
    box.hand_in(SECOND)
    assert sorted(figures(box)) == [(2020, 100.0), (2021, 115.0), (2022, 120.0)]
    assert figures(box, version=0) == [(2020, 100.0), (2021, 110.0)]
    kept = box.lake.table("annual").filter(lambda t: t.year == 2020).to_pyarrow().to_pylist()
    assert [(row["_row"], row["_snapshot"]) for row in kept] == [(2, first)]
    assert box.lake.versions("annual")[-1].rows == 3
    assert box.lake.vintage()["annual"]["snapshots"] == sorted([first, box.snapshot.sha256])


def test_a_file_all_of_whose_rows_were_replaced_is_no_longer_in_force(box):
    box.declare_by_year()
    box.hand_in(HEADING + "990100,2021,gdp,1,,\n")
    box.hand_in(FIRST)
    assert box.lake.vintage()["annual"]["snapshots"] == [box.snapshot.sha256]
    assert figures(box) == [(2020, 100.0), (2021, 110.0)]


def test_a_refused_file_is_kept_and_leaves_no_table_behind(box):
    box.refused(HEADING + "990100,2020,gdp,-1,,\n")
    assert box.lake.tables() == []
    (one,) = box.lake.snapshots()
    assert not one.accepted
    assert box.lake.refusals(one).exists()
    with pytest.raises(NotInLake):
        box.lake.table("annual")


def test_a_file_refused_under_one_declaration_may_be_accepted_under_another(box):
    content = HEADING + "990100,2020,gdp,-1,,\n"
    box.refused(content)
    box.declare_without_ranges()
    assert figures_of(box.hand_in(content)) == [-1.0]
    (one,) = box.lake.snapshots()
    assert one.accepted
    assert not box.lake.refusals(one).exists()


def test_the_same_file_is_read_again_when_the_declaration_changed(box):
    box.hand_in(HEADING + "990100,2020,gdp,1,,\n")
    box.declare_note()
    rows = box.hand_in(HEADING + "990100,2020,gdp,1,,\n")
    assert rows[0]["note"] is None
    assert len(box.lake.versions("annual")) == 2
    assert "note" not in box.lake.table("annual", 0).columns


def test_a_source_with_new_columns_keeps_the_rows_that_stay(box):
    box.declare_by_year()
    box.hand_in(FIRST)
    box.declare_note(by=["year"])
    box.hand_in("area,year,item,value,note\n990100,2021,gdp,115,checked\n")
    rows = box.lake.table("annual").order_by("year").to_pyarrow().to_pylist()
    assert [(row["year"], row["value"], row["note"]) for row in rows] == [
        (2020, 100.0, None),
        (2021, 115.0, "checked"),
    ]


def figures_of(rows):
    return [row["value"] for row in rows]


def test_one_file_may_be_handed_in_to_two_sources(box):
    box.declare_firms()
    box.hand_in("code\nA1\n", "firms")
    box.declare_firms_again()
    box.hand_in("code\nA1\n", "firms_again")
    assert [one.source for one in box.lake.snapshots()] == ["firms_again", "firms"]
    assert len(list(box.lake.snapshots_dir.glob("*.json"))) == 2


@pytest.mark.parametrize("sha", ["", "../../etc/passwd", "0" * 63, "0" * 64, "G" * 64])
def test_only_a_hash_that_is_there_opens_a_file(box, sha):
    box.hand_in(FIRST)
    with pytest.raises(NotInLake):
        box.lake.snapshot_path(sha)
    with pytest.raises(NotInLake):
        box.lake.snapshot(sha)


def test_what_is_not_there_is_answered_with_what_is(box):
    box.hand_in(FIRST)
    with pytest.raises(NotInLake, match="there are annual"):
        box.lake.table("anual")
    with pytest.raises(NotInLake, match="versions 0 to 0"):
        box.lake.table("annual", 7)


def test_a_version_is_one_list_of_parquet_files_that_any_engine_reads(box):
    import duckdb

    box.declare_by_year()
    box.hand_in(FIRST)
    box.hand_in(SECOND)
    for version, rows in ((0, 2), (1, 3)):
        found = duckdb.execute(
            "SELECT count(*) FROM read_parquet(?)", [box.lake.files("annual", version)]
        ).fetchone()
        assert found == (rows,)


@pytest.mark.slow
def test_many_threads_read_at_once(box):
    box.hand_in(FIRST)
    box.hand_in(SECOND)
    sums: list[float] = []

    def read(version: int) -> None:
        for _ in range(5):
            sums.append(box.lake.table("annual", version).value.sum().execute())

    threads = [threading.Thread(target=read, args=(number % 2,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sums) == [210.0] * 20 + [235.0] * 20


HAND_IN = """
import sys
from shenzhi.pipeline.lake.city import load_city
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake
lake = Lake(load_city(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for path in sys.argv[2:]:
    ingest(lake, "annual", path, by=path)
"""


def another_process(box, *paths: Path) -> subprocess.Popen[str]:
    """A process that is about to hand in files, and waits for a line."""
    command = [sys.executable, "-c", HAND_IN, str(box.root), *map(str, paths)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def start(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.slow
def test_four_processes_hand_in_at_once_and_nothing_is_lost(box):
    """Each hands in three years; together they must be twelve years in twelve versions."""
    box.declare_by_year()
    given = [[box.file(f"{HEADING}990100,{year},gdp,{year},,\n", f"{year}.csv") for year in range(first, first + 3)]
             for first in (2000, 2003, 2006, 2009)]  # fmt: skip
    processes = [another_process(box, *paths) for paths in given]
    for process in processes:
        start(process)
    assert [process.wait(120) for process in processes] == [0, 0, 0, 0]
    assert sorted(figures(box)) == [(year, float(year)) for year in range(2000, 2012)]
    assert [one.version for one in box.lake.versions("annual")] == list(range(12))
    assert len(box.lake.snapshots()) == 12


@pytest.mark.slow
def test_two_processes_hand_in_the_same_file_and_it_is_one_version(box):
    path = box.file(FIRST)
    processes = [another_process(box, path) for _ in range(2)]
    for process in processes:
        start(process)
    assert [process.wait(120) for process in processes] == [0, 0]
    assert len(box.lake.versions("annual")) == 1
    assert len(box.lake.snapshots()) == 1


@pytest.mark.slow
def test_a_process_killed_at_any_moment_leaves_the_old_version_or_the_new_one(box):
    rows = 200_000
    box.declare_without_ranges()
    old = box.file(
        "area,year,item,value\n" + "".join(f"990100,{y},gdp,1\n" for y in range(1900, 2100)), "old.csv"
    )
    ingest(box.lake, "annual", old, by="tester")
    box.declare_item_freely_without_ranges()
    new = box.file(
        "area,year,item,value\n" + "".join(f"990100,{2000 + n % 100},i{n // 100},2\n" for n in range(rows)),
        "new.csv",
    )
    chance = random.Random(84)
    seen = set()
    began = time.monotonic()
    for attempt in range(12):
        process = another_process(box, new)
        start(process)
        try:
            process.wait(chance.uniform(0.0, 1.5) if attempt else 60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        lake = Lake(box.lake.city)
        found = (
            lake.table("annual")
            .aggregate(rows=lambda t: t.count(), total=lambda t: t.value.sum())
            .to_pyarrow()
            .to_pylist()
        )
        assert found in ([{"rows": 200, "total": 200.0}], [{"rows": rows, "total": 2.0 * rows}])
        seen.add(found[0]["rows"])
        for path in lake.snapshots_dir.glob("[0-9a-f]" * 64):
            assert path.stat().st_size in (old.stat().st_size, new.stat().st_size)
        assert [json.loads(path.read_text())["size"] for path in lake.snapshots_dir.glob("[0-9a-f]*.json")]
        ingest(lake, "annual", old, by="tester")  # the next attempt starts from the old version again
        if time.monotonic() - began > 100:
            break
    assert seen == {200, rows}  # the first attempt was let through, and at least one later one was not


def test_work_in_progress_of_a_killed_process_is_swept_away(box):
    stale = box.lake.staging_dir / ("0" * 32)
    stale.mkdir(parents=True)
    (stale / "part-00000.parquet").write_bytes(b"half")
    os.utime(stale, (0, 0))
    fresh = box.lake.staging_dir / ("1" * 32)
    fresh.mkdir()
    box.hand_in(FIRST)
    assert not stale.exists()
    assert fresh.exists()  # another process may be at work there


@pytest.mark.slow
def test_spark_reads_every_version_by_its_list_of_files(box):
    spark = pytest.importorskip("pyspark.sql", reason="Spark is an extra: make spark")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    box.hand_in(FIRST)
    box.hand_in(SECOND)
    session = spark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        for version, total in ((0, 210.0), (1, 235.0)):
            read = session.read.option("basePath", str(box.lake.folder("annual")))
            table = read.parquet(*box.lake.files("annual", version))
            assert table.agg({"value": "sum"}).first()[0] == total
            assert {"_row", "_snapshot"} <= set(table.columns)
    finally:
        session.stop()
