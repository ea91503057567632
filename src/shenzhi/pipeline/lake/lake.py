"""The lake of a city: what was handed in, byte for byte, and the tables it became, in every version (article 84).

<home>/<city>/snapshots/    files as they were handed in
<home>/<city>/tables/       one Delta table for each source
<home>/<city>/registers/    declarations of the registers that are taken in (lake/registers.py)
<home>/<city>/staging/      work in progress; safe to delete
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir

from shenzhi.pipeline.lake import store
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.lake.declared import registers_changed, sources_of
from shenzhi.pipeline.lake.keep import Snapshot, read_snapshot
from shenzhi.pipeline.lake.source import Source
from shenzhi.pipeline.lake.store import Revision

__all__ = ["Lake", "NotInLake", "Revision", "Snapshot"]


class NotInLake(KeyError):
    """Asked for a source, table or snapshot that is not there; the message says what is."""

    def __str__(self) -> str:
        return str(self.args[0])


class Lake:
    """A city's lake, safe to share among the threads of a server: every thread reads through a cursor of its own."""

    def __init__(self, city: City):
        self.city = city
        self.home = city.home
        self.snapshots_dir = city.home / "snapshots"
        self.tables_dir = city.home / "tables"
        self.staging_dir = city.home / "staging"
        self._lock = threading.Lock()
        self._threads = threading.local()
        self._sources: tuple[int, dict[str, Source]] | None = None

    @property
    def sources(self) -> dict[str, Source]:
        """The sources of the city by name, registers included; SourceError with every fault when a declaration is wrong."""
        stands = registers_changed(self.city)
        if self._sources is None or self._sources[0] != stands:  # another process takes registers in
            self._sources = stands, sources_of(self.city)
        return self._sources[1]

    def source(self, name: str) -> Source:
        if name not in self.sources:
            known = sorted(self.sources)
            raise NotInLake(
                f"{self.city.slug} 没有名为 {name!r} 的来源；现有 {'、'.join(known) or '无'}\n"
                f"no source called {name!r} in {self.city.slug}: there are {', '.join(known) or 'none'}"
            )
        return self.sources[name]

    def tables(self) -> list[str]:
        """Sources with at least one accepted file."""
        return [name for name in self.sources if self.latest(name) >= 0]

    def latest(self, name: str) -> int:
        """The number of the latest version of a source's table, -1 where nothing was accepted yet."""
        return store.latest(self.folder(name))

    def folder(self, name: str) -> Path:
        return self.tables_dir / self.source(name).name

    def table(self, name: str, version: int | None = None) -> ir.Table:
        """The rows of a source in `version` (None: the latest): declared columns, `_row` and `_snapshot`."""
        latest = self.latest(name)
        if latest < 0:
            raise NotInLake(
                f"{name!r} 还没有接收过文件，请先提交\n"
                f"nothing was accepted for {name!r} yet: shenzhi ingest {name} FILE --city {self.city.slug}"
            )
        number = latest if version is None else version
        if not 0 <= number <= latest:
            raise NotInLake(f"{name!r} has versions 0 to {latest}, not {number}")
        known = self._threads.__dict__.setdefault("tables", {})
        if (name, number) not in known:
            known[name, number] = self._view(name, number)
        return known[name, number]

    def files(self, name: str, version: int | None = None) -> list[str]:
        """The Parquet files of a version, for any other engine that reads Parquet."""
        return store.files(self.folder(name), version)

    def versions(self, name: str) -> list[Revision]:
        """Every version of a source's table, oldest first."""
        return store.versions(self.folder(name))

    def snapshots(self) -> list[Snapshot]:
        """Everything that was handed in, accepted or refused, latest first."""
        found = [read_snapshot(path) for path in self.snapshots_dir.glob("[0-9a-f]*.json")]
        return sorted(found, key=lambda one: (one.received_at, one.sha256, one.source), reverse=True)

    def snapshot(self, sha: str, source: str | None = None) -> Snapshot:
        """The record of a file by its hash; of a file handed in to several sources, the accepted one comes first."""
        found = [read_snapshot(path) for path in self.snapshots_dir.glob(f"{_hex(sha)}.{source or '*'}.json")]
        if not found:
            raise NotInLake(f"no file with the hash {sha} was handed in to {self.city.slug}")
        return max(found, key=lambda one: (one.accepted, one.received_at))

    def snapshot_path(self, sha: str) -> Path:
        """Where the bytes of a snapshot are."""
        path = self.snapshots_dir / _hex(sha)
        if not path.exists():
            raise NotInLake(f"no file with the hash {sha} was handed in to {self.city.slug}")
        return path

    def accepted(self, snapshot: Snapshot) -> bool:
        """Whether these bytes were accepted for this source before."""
        path = self.snapshots_dir / f"{snapshot.sha256}.{snapshot.source}.json"
        return path.exists() and read_snapshot(path).accepted

    def refusals(self, snapshot: Snapshot) -> Path:
        """Where the list of a refused file's bad cells is (it exists only when the file was refused)."""
        return self.snapshots_dir / f"{snapshot.sha256}.{snapshot.source}.csv"

    def vintage(self, versions: Mapping[str, int] | None = None) -> dict[str, dict[str, Any]]:
        """Which version of each table, and the files whose rows are in it: what a publication records."""
        wanted = versions if versions is not None else {name: self.latest(name) for name in self.tables()}
        found = {}
        for name, number in sorted(wanted.items()):
            history = {one.version: one for one in self.versions(name)}
            if number not in history:
                raise NotInLake(f"{name!r} has no version {number}")
            found[name] = {"version": number, "snapshots": list(history[number].snapshots)}
        return found

    def backend(self) -> Any:
        """This thread's Ibis backend on the lake's DuckDB."""
        if not hasattr(self._threads, "backend"):
            with self._lock:
                self._threads.backend = backend_on(self._database.cursor())
        return self._threads.backend

    @cached_property
    def _database(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect()

    def _view(self, name: str, version: int) -> ir.Table:
        view = f"{name}_v{version}"
        paths = store.files(self.folder(name), version)
        columns = self._columns(name, paths)
        backend = self.backend()
        with self._lock:  # one at a time: two threads may ask for the same view
            self._database.execute(
                f"CREATE OR REPLACE VIEW {store.quoted(view)} AS {store.select(paths, columns)}"
            )
        return backend.table(view)

    def _columns(self, name: str, paths: list[str]) -> list[str]:
        """The columns as they were declared when the version was written."""
        if not paths:
            return list(self.source(name).fields)
        listed = (
            self._database.cursor()
            .execute(f"SELECT name FROM parquet_schema({store.literal(paths[0])})")
            .fetchall()
        )
        return [one for (one,) in listed[1:] if one != "_row"]


def backend_on(connection: duckdb.DuckDBPyConnection) -> Any:
    """An Ibis backend on a DuckDB connection; without DuckDB's progress bar, which would be printed into the output."""
    backend = ibis.duckdb.from_connection(connection)
    connection.execute("SET enable_progress_bar = false")
    return backend


def _hex(sha: str) -> str:
    """A hash as asked for by an address of the portal: nothing but a hash may become part of a path."""
    if len(sha) != 64 or not all(character in "0123456789abcdef" for character in sha):
        raise NotInLake(f"not a SHA-256: {sha[:80]!r}")
    return sha
