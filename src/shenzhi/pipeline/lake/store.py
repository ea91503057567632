"""The store: accepted figures as versioned tables that anyone can read (article 84).

Each table is a Delta table: Parquet files and a log. The files are written and flushed first; then one entry in the log
makes them the table, so that a reader sees the old version or the new one, never half of one. The hash of the snapshot
is the partition `_snapshot`, so every row knows its file; `_row` is its row there, as a spreadsheet numbers it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

# Old versions stay readable: nothing is ever cleaned out of the log.
KEEP_ALL = {"delta.logRetentionDuration": "interval 36500 days", "delta.enableExpiredLogCleanup": "false"}
ATTEMPTS = 8
SQL = {
    pa.float64(): "DOUBLE",
    pa.int64(): "BIGINT",
    pa.string(): "VARCHAR",
    pa.date32(): "DATE",
    pa.bool_(): "BOOLEAN",
}


@dataclass(frozen=True)
class Revision:
    """One version of a table. `snapshot` is the file that made it; `snapshots` are all files whose rows are in force."""

    version: int
    snapshot: str
    at: str
    by: str
    rows: int
    note: str
    snapshots: tuple[str, ...] = ()
    declaration: str = ""


@dataclass(frozen=True)
class Held:
    """A Parquet file of a table version, and the snapshot its rows came from."""

    path: str
    snapshot: str
    size: int
    rows: int


def versions(folder: Path) -> list[Revision]:
    """Every version of the table, oldest first; none when there is no table yet."""
    table = _open(folder)
    if table is None:
        return []
    return sorted(
        (_revision(entry) for entry in table.history() if "snapshot" in entry), key=lambda one: one.version
    )


def latest(folder: Path) -> int:
    """The number of the latest version, or -1."""
    table = _open(folder)
    return -1 if table is None else table.version()


def files(folder: Path, version: int | None = None) -> list[str]:
    """The Parquet files of one version: what DuckDB or Spark must read, and nothing else.

    For Spark: `spark.read.option("basePath", folder).parquet(*files)`, no jar needed.
    """
    table = _open(folder, version)
    if table is None:
        raise FileNotFoundError(f"no table in {folder}")
    return [unquote(uri) for uri in table.file_uris()]


def rows_of(folder: Path, snapshot: str) -> int:
    """How many rows of the latest version came from this snapshot."""
    table = _open(folder)
    return sum(one.rows for one in _held(table) if one.snapshot == snapshot) if table else 0


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Only one process at a time changes a table of this box. The lock goes with its process, however that ends."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def commit(folder: Path, staged: list[Path], rows: list[int], schema: pa.Schema, *, snapshot: str, by: tuple[str, ...],
           about: Mapping[str, Any], connection: duckdb.DuckDBPyConnection) -> int:  # fmt: skip
    """Make the staged Parquet files (with `rows` rows each) the next version of the table; returns its number.

    With no `by` they replace everything; else they replace the rows that share their values of these fields. To be
    called inside `alone`. `about` is written into the log: by, note, declaration.
    """
    wanted = Schema.from_arrow(schema.append(pa.field("_snapshot", pa.string())))
    for attempt in range(ATTEMPTS):
        table = _open(folder)
        adds = [_place(folder, path, snapshot, count) for path, count in zip(staged, rows, strict=True)]
        held = _held(table) if table and by else []
        altered = table is not None and table.schema() != wanted
        gone, rewritten = _replaced(folder, held, adds, by, schema if altered else None, connection)
        stay = [one for one in held if one not in gone]
        left = {one.snapshot for one in stay} | {one.partition_values["_snapshot"] or "" for one in rewritten}
        note = {
            **about,
            "snapshot": snapshot,
            "snapshots": sorted(left | {snapshot}),
            "rows": sum(rows) + sum(one.rows for one in stay) + sum(_rows(one) for one in rewritten),
        }
        properties = CommitProperties(custom_metadata=note, max_commit_retries=0)
        try:
            if table is not None and stay:
                actions: list[AddAction | RemoveAction] = [*adds, *rewritten, *map(_remove, gone)]
                table.create_write_transaction(
                    actions, "append", wanted, ["_snapshot"], commit_properties=properties
                )
            else:
                create_table_with_add_actions(
                    str(folder), wanted, [*adds, *rewritten], mode="error" if table is None else "overwrite",
                    partition_by=["_snapshot"], name=folder.name, configuration=KEEP_ALL, commit_properties=properties,
                )  # fmt: skip
            return latest(folder)
        except CommitFailedError:
            # Another box wrote to the same folder meanwhile: look again at what is there now.
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(0.05 * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def select(paths: list[str], columns: list[str]) -> str:
    """The SQL that reads the files of a version: declared columns, `_row`, `_snapshot`."""
    names = ", ".join(quoted(name) for name in (*columns, "_row", "_snapshot"))
    listed = ", ".join(literal(path) for path in paths)
    return (
        f"SELECT {names} FROM read_parquet([{listed}], hive_partitioning = true, "
        "hive_types = {'_snapshot': 'VARCHAR'}, union_by_name = true)"
    )


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _open(folder: Path, version: int | None = None) -> DeltaTable | None:
    if not (folder / "_delta_log").is_dir():
        return None
    try:
        return DeltaTable(str(folder), version=version)
    except TableNotFoundError:
        return None


def _held(table: DeltaTable) -> list[Held]:
    return [
        Held(unquote(one["path"]), one["partition"]["_snapshot"], one["size_bytes"], one["num_records"])
        for one in pa.table(table.get_add_actions(flatten=False)).to_pylist()
    ]


def _place(folder: Path, path: Path, snapshot: str, rows: int) -> AddAction:
    """Flush a staged file, move it to its place in the table folder, and say so to the log."""
    place = folder / f"_snapshot={snapshot}" / path.name
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        shutil.move(path, place)
    return AddAction(
        path=f"{place.parent.name}/{place.name}",
        size=place.stat().st_size,
        partition_values={"_snapshot": snapshot},
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": rows}),
    )


def _replaced(
    folder: Path, held: list[Held], adds: list[AddAction], by: tuple[str, ...], altered: pa.Schema | None,
    connection: duckdb.DuckDBPyConnection,
) -> tuple[list[Held], list[AddAction]]:  # fmt: skip
    """Files that lose rows because new rows share their values of `by`, and what is left of them, written anew.

    When the declared columns were `altered`, every file is written anew with the columns declared now."""
    if not held:
        return [], []
    new = ", ".join(literal(str(folder / one.path)) for one in adds)
    same = " AND ".join(f"old.{quoted(name)} IS NOT DISTINCT FROM new.{quoted(name)}" for name in by)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE arriving AS SELECT DISTINCT {', '.join(map(quoted, by))} "
        f"FROM read_parquet([{new}], hive_partitioning = false)"
    )
    there = f"EXISTS (SELECT 1 FROM arriving new WHERE {same})"
    gone, rewritten = [], []
    for one in held:
        old = f"read_parquet({literal(str(folder / one.path))}, hive_partitioning = false) old"
        found = connection.execute(f"SELECT count(*) FILTER ({there}) FROM {old}").fetchone()
        hit = found[0] if found else 0
        if not hit and altered is None:
            continue
        gone.append(one)
        if hit < one.rows:
            rest = folder.parent / f".rest-{uuid.uuid4().hex}.parquet"
            columns = "*" if altered is None else _columns(altered, str(folder / one.path), connection)
            connection.execute(
                f"COPY (SELECT {columns} FROM {old} WHERE NOT {there}) TO {literal(str(rest))} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
            rewritten.append(_place(folder, rest, one.snapshot, one.rows - hit))
    return gone, rewritten


def _columns(schema: pa.Schema, path: str, connection: duckdb.DuckDBPyConnection) -> str:
    """The SQL for the columns of `schema` from a file that was written under another."""
    described = connection.execute(
        f"DESCRIBE SELECT * FROM read_parquet({literal(path)}, hive_partitioning = false)"
    )
    there = {name for name, *_ in described.fetchall()}
    cells = [(one, quoted(one.name) if one.name in there else "NULL") for one in schema]
    return ", ".join(f"CAST({cell} AS {SQL[one.type]}) AS {quoted(one.name)}" for one, cell in cells)


def _remove(one: Held) -> RemoveAction:
    return RemoveAction(
        path=one.path,
        data_change=True,
        deletion_timestamp=int(time.time() * 1000),
        partition_values={"_snapshot": one.snapshot},
        size=one.size,
    )


def _rows(action: AddAction) -> int:
    return int(json.loads(action.stats)["numRecords"])


def _revision(entry: Mapping[str, Any]) -> Revision:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(entry["timestamp"] / 1000))
    return Revision(
        version=entry["version"],
        snapshot=entry["snapshot"],
        at=at,
        by=entry.get("by", ""),
        rows=entry.get("rows", 0),
        note=entry.get("note", ""),
        snapshots=tuple(entry.get("snapshots", [entry["snapshot"]])),
        declaration=entry.get("declaration", ""),
    )
