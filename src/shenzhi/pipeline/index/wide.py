"""Scores a table larger than memory: Parquet in, Parquet out, on DuckDB (the index of article 86, out of core)."""

from __future__ import annotations

import glob
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from shenzhi.calc.composite.aggregate import AGGREGATIONS
from shenzhi.calc.composite.frames import refuse_constant
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, listed, refuse_infinity
from shenzhi.kernel.words import Progress, Words
from shenzhi.pipeline.index.expressible import faults_of
from shenzhi.pipeline.index.expression import alike, frame, is_observed, not_finite, rows_of, scores
from shenzhi.pipeline.index.method import Method
from shenzhi.pipeline.index.scope import IndexFault

CHECKING = Words("核对地区和时期", "Checking areas and periods")
FRAMING = Words("求各指标的观测范围", "Taking what was observed of each indicator")
SCORING = Words("计分", "Scoring")
SHARE = 0.75  # of the memory, for DuckDB itself
LOOKED_AT = 1000  # rows from which a fault is told; a message lists a few and counts the others
Result = TypeVar("Result")


@dataclass(frozen=True)
class Wide:
    """What was written: the file, its rows, and the figures observed (None where the method gives all posts)."""

    path: Path
    rows: int
    frame: pa.Table | None


def run_wide(
    method: Method,
    source: str | Path,
    out: str | Path,
    *,
    memory: str = "4GB",
    threads: int = 2,
    nodes: Sequence[str] | None = None,
    show: Sequence[str] = ("score", "coverage"),
    progress: Progress | None = None,
) -> Wide:
    """Score the wide Parquet file or files `source` (a path, or a pattern such as data/*.parquet) into the file `out`.

    What `out` holds, in the order of the rows read, is told at `expression.scores`; the index itself is always there.
    The process keeps within `memory`: DuckDB is given a share of it and, where that is too little, writes to a folder beside
    `out` that is gone afterwards. `progress`
    is told of each step in hundredths. IndexFault names every fault; an earlier `out` is then left as it was."""
    out = Path(out).resolve()
    if any(Path(one).resolve() == out for one in glob.glob(str(source), recursive=True)):
        raise IndexFault([f"{out} is one of the files to be read; name another file for the scores"])
    tell = progress or (lambda step, done, of: None)
    asked = None if nodes is None else list(dict.fromkeys([method.root.code, *nodes]))
    shown = tuple(dict.fromkeys(["score", *show]))
    with _engine(out.parent, memory, threads) as backend:
        try:
            table = backend.read_parquet(str(source))
        except duckdb.IOException as error:
            raise IndexFault([f"{source}: {error}"]) from error
        _refuse(faults_of(method, table))
        _refuse(_with_progress(backend, CHECKING, tell, lambda: _row_faults(method, rows_of(method, table))))
        observed, figures = None, frame(method, table)
        if figures is not None:
            observed = _with_progress(backend, FRAMING, tell, figures.to_pyarrow)
            _refuse(_frame_faults(method, observed))
            backend.con.register("observed", observed)
            figures = backend.table("observed")
        draft = out.with_name(f".draft-{os.getpid()}-{out.name}")
        try:
            scored = scores(method, table, figures, nodes=asked, show=shown)
            _with_progress(
                backend, SCORING, tell, lambda: backend.to_parquet(scored, draft, compression="zstd")
            )
            written = backend.read_parquet(draft)
            index = written[method.root.code]
            count, unfit = (
                written.aggregate(rows=written.count(), unfit=not_finite(index).sum())
                .to_pyarrow()
                .to_pylist()[0]
                .values()
            )
            if unfit:
                raise IndexFault(_score_faults(method, table, figures))
            os.replace(draft, out)
        finally:
            draft.unlink(missing_ok=True)
    return Wide(out, count, observed)


@contextmanager
def _engine(beside: Path, memory: str, threads: int) -> Iterator[Any]:
    with tempfile.TemporaryDirectory(prefix=".spill-", dir=beside) as spill:
        config: dict[str, Any] = {"memory_limit": _limit(memory), "threads": threads, "temp_directory": spill}
        connection = duckdb.connect(config=config)
        try:
            connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
            yield ibis.duckdb.from_connection(connection)
        finally:
            connection.close()


def _limit(memory: str) -> str:
    """What DuckDB may take for itself; what it does not count (files that are read, the answers, Python) needs the rest."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]i?B)", memory)
    if not found:
        raise IndexFault([f"memory: {memory} is no amount; write 4GB, or 500MB"])
    return f"{float(found[1]) * SHARE}{found[2]}"


def _with_progress(backend: Any, step: Words, tell: Progress, work: Callable[[], Result]) -> Result:
    """`work` in a thread of its own, while this one tells how far the engine is."""
    tell(step, 0, 100)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work)
        try:
            while wait_for([running], timeout=0.2).not_done:
                tell(step, max(0, min(99, int(backend.con.query_progress()))), 100)
        except BaseException:  # an impatient reader: the engine would otherwise go on to its end
            backend.con.interrupt()
            raise
        found = running.result()
    tell(step, 100, 100)
    return found


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise IndexFault(faults)


def _row_faults(method: Method, rows: Table) -> list[str]:
    """Areas and periods that are missing, come twice, or are not those of the method."""
    keys = rows.select("area", "period")
    faults = []
    for name in ("area", "period"):
        empty = int(keys.filter(keys[name].isnull() | (keys[name] == "")).count().to_pyarrow().as_py())
        if empty:
            faults.append(f"{name} is empty in {empty} rows; every row needs one")
    count = keys.group_by("area", "period").aggregate(times=keys.count())
    twice = (
        count.filter(count["times"] > 1).order_by("area", "period").limit(LOOKED_AT).to_pyarrow().to_pylist()
    )
    if twice:
        names = [f"{one['area']} in {one['period']}" for one in twice]
        faults.append(f"more than one row: {listed(names)}; keep one, or choose rows under data > where")
    periods = sorted(filter(None, keys.select("period").distinct().to_pyarrow()["period"].to_pylist()))
    if not periods:
        return [*faults, "no row lies in the areas and periods that the method takes"]
    for what, wanted in (
        ("areas", method.areas.codes),
        ("periods", method.periods.codes),
        ("frame", method.base),
    ):
        if wanted:
            column = keys["area" if what == "areas" else "period"]
            found = keys.filter(column.isin(wanted)).select(code=column).distinct().to_pyarrow()["code"]
            lost = sorted({*wanted} - {*found.to_pylist()})
            if lost:
                faults.append(f"{what}: {listed(lost)}: not in the data; take it out, or correct the code")
    if len({alike(period) for period in periods}) > 1:
        faults.append(
            f"periods: the data mix periods of different length ({listed(periods)}); "
            'name them, or say {from: "2016", to: "2024"}'
        )
    return faults


def _frame_faults(method: Method, observed: pa.Table) -> list[str]:
    """Infinite and equal values of the indicators that are scored by what was observed."""
    leaves = [leaf.code for leaf in method.leaves if is_observed(leaf)]
    least, most = (_array(observed, [f"{code}_{end}" for code in leaves]) for end in ("least", "most"))
    periods = observed["period"].to_pylist() if method.frame == "period" else ["any period"]
    labels = Labels(leaves, ["any area"], periods)
    faults = [
        f"{code}: infinite value; correct the value, or leave it empty if it is unknown"
        for at, code in enumerate(leaves)
        if np.isinf(least[:, at]).any() or np.isinf(most[:, at]).any()
    ]
    return faults + _told(refuse_constant, least[:, None], most[:, None], labels)


def _score_faults(method: Method, table: Table, figures: Table | None) -> list[str]:
    """Why scores are no finite numbers: values that are infinite, scores that a mean cannot take. It is told from the
    first rows of this kind, in the words in which `compute` refuses them."""
    scored = scores(method, table, figures, nodes=list(method.nodes), show=["score"])
    index = scored[method.root.code]
    rows = scored.filter(not_finite(index)).limit(LOOKED_AT).to_pyarrow()
    units = [f"{row['area']} in {row['period']}" for row in rows.select(["area", "period"]).to_pylist()]
    codes = [leaf.code for leaf in method.leaves]
    there = np.array([rows[code].is_valid().to_numpy() for code in codes]).T
    values = _array(rows, codes)
    values[there & ~np.isfinite(values)] = np.inf
    faults = _told(refuse_infinity, values, Labels(codes, units))
    for group in method.nodes.values():
        if not group.is_leaf:
            below = [child.code for child in group.children]
            given = _array(rows, below)
            given[~np.isfinite(given)] = np.nan
            weights, labels = [child.weight for child in group.children], Labels(below, units)
            faults += [
                f"{group.code}: {one}" for one in _told(AGGREGATIONS[group.aggregate], given, weights, labels)
            ]
    return faults or [
        f"{method.root.code}: scores beyond any number; narrow the posts, or correct the values"
    ]


def _array(table: pa.Table, columns: Sequence[str]) -> Floats:
    """Columns as an array (rows, columns), NaN where there is no value."""
    return np.array([table[name].to_numpy() for name in columns], dtype=np.float64).T


def _told(check: Callable[..., object], *given: object) -> list[str]:
    try:
        check(*given)
    except CompositeError as error:
        return error.faults
    return []
