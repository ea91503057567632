"""Handing in a file: keep it, read it, check it, and make it the next version of its table, or refuse it (article 84)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from shenzhi.calc.figures import safe_cell
from shenzhi.kernel.files.reasons import Fault, Findings, Reason, Unreadable
from shenzhi.kernel.words import Progress, Words
from shenzhi.pipeline.lake import checking, columns, reading, store, wording
from shenzhi.pipeline.lake.fast import WAYS
from shenzhi.pipeline.lake.keep import Kept, Snapshot, describe, keep, write_snapshot, write_whole
from shenzhi.pipeline.lake.lake import Lake, backend_on
from shenzhi.pipeline.lake.reasons import Refused
from shenzhi.pipeline.lake.source import Source

MEMORY = "1GB"  # for the engine; reading, and comparing keys, need about as much beside it
SMALL = 16 << 20  # a file up to this size is kept before it is read, a larger one at the same time
STALE = 24 * 3600  # seconds after which no one works in a folder of the staging area any more
READING = Words("读取文件", "Reading the file")
CHECKING = Words("核对数据", "Checking the figures")
WRITING = Words("写入数据湖", "Writing to the lake")


def ingest(lake: Lake, source_name: str, path: Path | str, *, by: str, note: str = "",
           progress: Progress | None = None) -> Snapshot:  # fmt: skip
    """Hand in the file `path` to `source_name`; returns its snapshot once its rows are in the lake.

    The same file again changes nothing. Raises Refused with every reason, after keeping the file and the list of its
    faults; the table is then as it was before. `progress` is called with (stage, done, total); total 0 is unknown.
    """
    source = lake.source(source_name)
    path = _existing(path)
    tell = progress or (lambda stage, done, total: None)
    with _engine(lake.staging_dir) as (folder, connection):
        kept, staged, reasons = _keep_and_read(lake, source, path, folder, connection, tell)
        if staged is None and not reasons:
            return lake.snapshot(kept.sha256, source.name)
        staged = staged or reading.Staged([], [], "", "", Findings(), [])
        snapshot = Snapshot(
            sha256=kept.sha256, source=source.name, file_name=path.name, size=kept.size,
            received_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), by=by, licence=source.licence.en,
            encoding=staged.encoding, readings=tuple(asdict(one) for one in staged.findings.notes.values()),
            accepted=False, rows=staged.total,
        )  # fmt: skip
        found, faults = judge(lake, source, staged, connection, tell) if not reasons else ([], [])
        reasons = [*reasons, *found]
        if reasons:
            listing = lake.refusals(snapshot)
            _write_listing(listing, faults)
            if not lake.accepted(snapshot):  # what was accepted once stays on record as accepted
                write_snapshot(lake.snapshots_dir, snapshot)
            raise Refused(source.name, path.name, reasons, str(listing))
        tell(WRITING, 0, 0)
        accepted = replace(snapshot, accepted=True)
        with store.alone(lake.folder(source.name)):
            if _in_force(lake, source, kept.sha256):  # another process handed in the same file meanwhile
                return lake.snapshot(kept.sha256, source.name)
            write_snapshot(lake.snapshots_dir, accepted)
            store.commit(
                lake.folder(source.name), staged.files, staged.rows, columns.schema_of(source),
                snapshot=kept.sha256, by=source.by, connection=connection,
                about={"by": by, "note": note, "declaration": source.declaration},
            )  # fmt: skip
        lake.refusals(snapshot).unlink(missing_ok=True)  # an earlier refusal of these bytes no longer holds
        return accepted


def check(
    lake: Lake, source_name: str, path: Path | str, *, progress: Progress | None = None
) -> reading.Staged:
    """Read and check a file without keeping it or changing anything; raises Refused as `ingest` does."""
    source = lake.source(source_name)
    path = _existing(path)
    tell = progress or (lambda stage, done, total: None)
    with _engine(lake.staging_dir) as (folder, connection):
        kept = keep(path, folder / "kept")
        staged, reasons = _read(path, source, folder, connection, tell, kept)
        if staged is not None:
            reasons = [*reasons, *judge(lake, source, staged, connection, tell)[0]]
        if reasons or staged is None:
            raise Refused(source.name, path.name, reasons)
        return staged


def judge(lake: Lake, source: Source, staged: reading.Staged, connection: duckdb.DuckDBPyConnection,
          tell: Progress) -> tuple[list[Reason], list[Fault]]:  # fmt: skip
    """Every reason against the staged rows, and the cells they are about."""
    reasons = [*staged.reasons, *wording.fault_reasons(source.fields, staged.findings)]
    faults = list(staged.findings.all_faults())
    if not staged.files:
        return reasons, faults
    checking.stage([str(path) for path in staged.files], connection)
    checking.hold_types(source, backend_on(connection).table(checking.STAGED))
    areas = {name: area.code for area in lake.city.areas.values() for name in (area.title.zh, area.title.en)}
    promised = checking.rules(source, _known(lake, source, connection), _unread(faults, connection), areas)
    tell(CHECKING, 0, len(promised) + 1)
    broken = checking.broken_rules(promised, connection)
    tell(CHECKING, len(promised), len(promised) + 1)
    for rule, count in broken:
        reason, cells = checking.collect(rule, count, connection)
        reasons.append(reason)
        faults += cells
    repeated = checking.duplicates(source, staged.total, connection)
    if repeated is not None:
        reasons.append(repeated[0])
        faults += repeated[1]
    tell(CHECKING, len(promised) + 1, len(promised) + 1)
    return reasons, faults


def _keep_and_read(lake: Lake, source: Source, path: Path, folder: Path, connection: duckdb.DuckDBPyConnection,
                   tell: Progress) -> tuple[Kept, reading.Staged | None, list[Reason]]:  # fmt: skip
    """The file kept and its rows staged. Neither rows nor reasons: the file is in the lake already.

    A large file is read while it is kept; where that met something it must not guess about (bytes that are not UTF-8,
    blank lines), it is read once more, from the kept copy, with what is then known of the whole file.
    """
    before = path.stat()
    seen = any(one.size == before.st_size and one.source == source.name for one in lake.snapshots())
    if before.st_size > SMALL and not seen:
        with ThreadPoolExecutor(1) as keeper:
            keeping = keeper.submit(keep, path, lake.snapshots_dir)
            staged, reasons = _read(path, source, folder, connection, tell, _guess(path))
            kept = keeping.result()
        after = path.stat()
        same = (before.st_mtime_ns, kept.size) == (after.st_mtime_ns, after.st_size)
        if staged is not None and same and _holds(staged, kept):
            return kept, staged, reasons
        _clear(folder)
    else:
        kept = keep(path, lake.snapshots_dir)
        if _in_force(lake, source, kept.sha256):
            return kept, None, []
    return kept, *_read(lake.snapshot_path(kept.sha256), source, folder, connection, tell, kept)


def _read(path: Path, source: Source, folder: Path, connection: duckdb.DuckDBPyConnection, tell: Progress,
          kept: Kept) -> tuple[reading.Staged | None, list[Reason]]:  # fmt: skip
    """The rows staged, in the quickest way that reads them rightly; or the reason why the file cannot be read."""
    for way in _ways(kept):
        try:
            staged = reading.stage(path, source, folder, connection, way=way, broken_at=kept.broken_at,
                                   tell=lambda rows: tell(READING, rows, 0))  # fmt: skip
        except Unreadable as error:
            return None, [error.reason]
        except duckdb.Error:
            if way == WAYS[-1]:
                raise  # not of the file's making
            _clear(folder)
        else:
            return staged, []
    raise AssertionError("the last way returns or raises")


def _guess(path: Path) -> Kept:
    """What can be said of a file from its beginning, before it is kept."""
    with path.open("rb") as file:
        return describe(file.read(SMALL))


def _ways(kept: Kept) -> tuple[str, ...]:
    """The ways (see fast.WAYS) that read this file rightly."""
    if kept.blank_lines:
        return WAYS[2:]
    return WAYS[1:] if kept.underscores else WAYS  # DuckDB takes 1_000 for a thousand


def _holds(staged: reading.Staged, kept: Kept) -> bool:
    """Whether what was read without knowing the whole file is right now that it is known."""
    if staged.way not in WAYS:
        return True
    return staged.way in _ways(kept) and not (staged.encoding.startswith("utf-8") and kept.broken_at >= 0)


def _clear(folder: Path) -> None:
    for stale in folder.glob("part-*"):
        stale.unlink()


def _in_force(lake: Lake, source: Source, sha: str) -> bool:
    """Whether all rows of this file are in the latest version, checked against the promises as they are declared now."""
    history = lake.versions(source.name)
    if not history or sha not in history[-1].snapshots:
        return False
    last = max(one.version for one in history if one.snapshot == sha)
    declared = next(one.declaration for one in history if one.version == last)
    rows = store.rows_of(lake.folder(source.name), sha)
    return declared == source.declaration and rows == lake.snapshot(sha, source.name).rows


def _known(lake: Lake, source: Source, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What each reference may be, as the SQL after IN: a list of codes, or the column of another source."""
    known: dict[str, str] = {}
    for reference in {one.references for one in source.fields.values() if one.references}:
        if reference == "areas.code" and lake.city.areas:
            known[reference] = f"({', '.join(map(store.literal, lake.city.areas))})"
            continue
        other, _, column = reference.partition(".")
        values = pa.table({"value": pa.array([], pa.string())})
        if other in lake.tables():
            values = lake.table(other)[column].cast("string").name("value").as_table().distinct().to_pyarrow()
        name = f"known_{other}_{column}"
        connection.register(name, values.filter(values["value"].is_valid()))
        known[reference] = f"(SELECT value FROM {store.quoted(name)})"
    return known


def _unread(faults: list[Fault], connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The fields with a cell that was reported as unreadable; which cells these are is in the table UNREAD."""
    connection.register(
        checking.UNREAD,
        pa.table({"field": [one.field for one in faults], "_row": [one.row for one in faults]}),
    )
    return {one.field for one in faults}


def _write_listing(path: Path, faults: Iterable[Fault]) -> None:
    """The list of faulty cells as a CSV that a clerk can open: text that a spreadsheet would run is made harmless."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["行 row", "字段 field", "规则 rule", "内容 value"])
    lines.writerows([one.row, one.field, one.rule, safe_cell(one.value)] for one in faults)
    write_whole(path, out.getvalue().encode("utf-8-sig"))


def _existing(path: Path | str) -> Path:
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    return path


@contextmanager
def _engine(staging: Path) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
    """A folder to work in, gone afterwards, and an engine that spills to it rather than fill the memory."""
    folder = staging / uuid.uuid4().hex
    folder.mkdir(parents=True)
    for stale in staging.iterdir():  # of a process that was killed
        if time.time() - stale.stat().st_mtime > STALE:
            shutil.rmtree(stale, ignore_errors=True)
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder / "spill")})
    connection.execute("SET enable_progress_bar = false")
    try:
        yield folder, connection
    finally:
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)
