"""Scores a table that does not fit in memory: Parquet in, Parquet out, on DuckDB, with the peak of memory measured.

    python benchmarks/outofcore.py --units 10000000 --indicators 100

The table is random: --indicators columns of doubles, each twentieth value missing, one row for each unit. The method has groups
of ten indicators, min-max over what was observed (so the table is read twice), geometric means in every second group and
arithmetic ones above. Every run is in a process of its own, so that its peak of resident memory is its own.

The peer is the same method in plain pandas and NumPy, the whole table in memory, as most analysts would write it. It runs
on --peer units (a tenth as a rule), since the full size does not fit; both must agree on those units before any time is
told. Nothing is left behind.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Method, parse_method
from shenzhi.pipeline.index.wide import run_wide

CHUNK = 500_000  # units in one file
GROUP = 10
GAPS = 0.05
HEAD = """\
method: outofcore
version: "1"
title: {zh: 大表, en: A large table}
normalise: {method: minmax, lower: 1, upper: 100}
"""


def method_of(indicators: int) -> Method:
    groups = range(0, indicators, GROUP)
    means = ", ".join(f"g{first}: {'geometric' if first // GROUP % 2 else 'arithmetic'}" for first in groups)
    lines = [f"aggregate: {{{means}}}", "tree:", "  code: index", "  children:"]
    for first in groups:
        lines += [f"    - code: g{first}", "      title: {zh: 组, en: Group}", "      children:"]
        lines += [
            f"        - {{code: i{at}, title: {{zh: 指标, en: Indicator}}, direction: {-1 if at % 3 == 0 else 1}, "
            f"weight: {1 + at % 4}}}"
            for at in range(first, min(first + GROUP, indicators))
        ]
    return parse_method((HEAD + "\n".join(lines) + "\n").encode())


def generate(folder: Path, units: int, indicators: int) -> None:
    """Files of CHUNK units; numbers of four digits, so that a disk holds them."""
    for first in range(0, units, CHUNK):
        chance = np.random.default_rng(first)
        count = min(CHUNK, units - first)
        columns = {
            "area": pa.array([f"u{at:08}" for at in range(first, first + count)]),
            "period": pa.array(["2024"] * count).dictionary_encode(),
        }
        for at in range(indicators):
            values = chance.integers(-9999, 9999, count) / 100
            columns[f"i{at}"] = pa.array(values, mask=chance.random(count) < GAPS)
        pq.write_table(
            pa.table(columns), folder / f"{first:09}.parquet", compression="zstd", row_group_size=100_000
        )


def peer(method: Method, files: list[Path], out: Path) -> int:
    """The method in pandas and NumPy, in memory."""
    table = pd.concat([pd.read_parquet(one) for one in files], ignore_index=True)
    codes = [leaf.code for leaf in method.leaves]
    x = table[codes].to_numpy() * np.array([leaf.direction for leaf in method.leaves])
    least, most = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
    score = (x - least) / (most - least) * 99 + 1
    answer = table[["area", "period"]].copy()
    means = {}
    for group in method.root.children:
        at = [codes.index(child.code) for child in group.children]
        weight = np.array([child.weight for child in group.children])
        part = score[:, at]
        there = ~np.isnan(part)
        part = np.log(part) if group.aggregate == "geometric" else part
        total = there @ weight
        with np.errstate(invalid="ignore"):
            mean = np.nan_to_num(part) @ weight / total
        coverage = total / weight.sum()
        mean = np.exp(mean) if group.aggregate == "geometric" else mean
        means[group.code] = np.where(coverage >= 0.5 - 1e-9, mean, np.nan), coverage
        answer[group.code], answer[f"{group.code}_coverage"] = means[group.code]
    values = np.array([value for value, _ in means.values()])
    covered = np.array([coverage for _, coverage in means.values()])
    there = ~np.isnan(values)
    coverage = np.where(there, covered, 0).sum(axis=0) / len(values)
    index = np.nansum(values, axis=0) / np.maximum(there.sum(axis=0), 1)
    answer["index"] = np.where((coverage >= 0.5 - 1e-9) & there.any(axis=0), index, np.nan)
    answer["index_coverage"] = coverage
    answer.to_parquet(out, compression="zstd")
    return len(answer)


def one_run(given: argparse.Namespace) -> None:
    """In the process of its own: time and peak of memory, written as JSON."""
    folder, out = Path(given.folder), Path(given.out)
    method = method_of(given.indicators)
    begun: dict[str, float] = {}
    steps: dict[str, float] = {}

    def tell(step: Words, done: int, of: int) -> None:
        begun.setdefault(step.en, time.perf_counter())
        if done == of:
            steps[step.en] = time.perf_counter() - begun[step.en]

    few = sorted(folder.glob("*.parquet"))[: given.peer // CHUNK]
    start = time.perf_counter()
    if given.run == "peer":
        rows = peer(method, few, out)
    else:
        if given.run == "small":
            folder = out.parent / "few"
            folder.mkdir()
            for one in few:
                (folder / one.name).symlink_to(one)
        nodes, show = (
            (["index"], ["score", "rank"]) if given.run == "ranked" else (None, ["score", "coverage"])
        )
        done = run_wide(
            method,
            folder / "*.parquet",
            out,
            memory=given.memory,
            threads=given.threads,
            nodes=nodes,
            show=show,
            progress=tell,
        )
        rows = done.rows
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    processor = time.process_time()
    print(
        json.dumps({"rows": rows, "seconds": seconds, "processor": processor, "peak": peak, "steps": steps})
    )


def run(name: str, given: argparse.Namespace, folder: Path, out: Path) -> dict[str, float]:
    words = [sys.executable, __file__, "--run", name, "--folder", str(folder), "--out", str(out)]
    for key in ("units", "indicators", "peer", "memory", "threads"):
        words += [f"--{key}", str(getattr(given, key))]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    print(
        f"{name:<8}{found['rows']:>12,} units{found['seconds']:>9.1f} s{found['processor']:>9.1f} s of processor"
        f"{found['rows'] / found['seconds']:>10,.0f} units/s{found['peak'] / 1e9:>7.2f} GB at the peak",
        flush=True,
    )
    for step, seconds in found.get("steps", {}).items():  # type: ignore[attr-defined]
        print(f"{'':<10}{step}: {seconds:.1f} s", flush=True)
    return found


def agree(one: Path, other: Path) -> None:
    """The two answers are equal, area by area, at 1e-12."""
    names = [name for name in pq.read_schema(one).names if name not in ("area", "period")]
    differ = " OR ".join(
        f'NOT coalesce(abs(a."{name}" - b."{name}") <= 1e-12 * greatest(1, abs(a."{name}")), '
        f'a."{name}" IS NULL AND (b."{name}" IS NULL OR isnan(b."{name}")))'
        for name in names
    )
    row = duckdb.sql(
        f"SELECT count(*), count(*) FILTER (WHERE {differ}) FROM '{one}' a FULL JOIN '{other}' b USING (area, period)"
    ).fetchone()
    rows = pq.read_metadata(one).num_rows
    if row != (rows, 0) or rows != pq.read_metadata(other).num_rows:
        raise SystemExit(f"the two give different answers: {row}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--indicators", type=int, default=100)
    parser.add_argument("--peer", type=int, default=0, help="units for the peer; a tenth when left out")
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--run", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    parser.add_argument("--out", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        one_run(given)
        return
    given.peer = max(CHUNK, (given.peer or given.units // 10) // CHUNK * CHUNK)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(
        f"{machine}, DuckDB {duckdb.__version__}, pandas {pd.__version__}, {dt.datetime.now(dt.UTC).date()}"
    )
    print("command:", " ".join([Path(sys.executable).name, *sys.argv]))
    with tempfile.TemporaryDirectory(prefix="shenzhi-bench-") as name:
        folder = Path(name) / "data"
        folder.mkdir()
        room, wanted = shutil.disk_usage(folder).free, given.units * given.indicators * 4
        if room < 2 * wanted:
            raise SystemExit(f"the disk has {room / 1e9:.0f} GB left; {2 * wanted / 1e9:.0f} GB are needed")
        started = time.perf_counter()
        generate(folder, given.units, given.indicators)
        size = sum(one.stat().st_size for one in folder.iterdir())
        raw = given.units * given.indicators * 8
        print(
            f"{given.units:,} units x {given.indicators} indicators: {raw / 1e9:.1f} GB as doubles, {size / 1e9:.1f} GB of "
            f"Parquet, made in {time.perf_counter() - started:.0f} s; {given.threads} threads, memory {given.memory}\n"
        )
        run("small", given, folder, Path(name) / "small.parquet")
        run("peer", given, folder, Path(name) / "peer.parquet")
        agree(Path(name) / "small.parquet", Path(name) / "peer.parquet")
        print("          the two agree at 1e-12")
        run("whole", given, folder, Path(name) / "whole.parquet")
        run("ranked", given, folder, Path(name) / "ranked.parquet")
        print(
            f"\nmachine load at the end: {', '.join(f'{one:.1f}' for one in os.getloadavg())} (1, 5, 15 minutes)"
        )


if __name__ == "__main__":
    main()
