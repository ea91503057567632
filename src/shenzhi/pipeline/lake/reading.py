"""Reading a file that was handed in: what kind it is, which columns it has, and its rows in order, as Parquet (article 84)."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shenzhi.calc.figures import fold
from shenzhi.kernel.files import text, workbook
from shenzhi.kernel.files.kinds import kind_of
from shenzhi.kernel.files.reasons import Findings, Reason, Unreadable
from shenzhi.kernel.files.text import Slice
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake import columns, fast
from shenzhi.pipeline.lake.source import Source

WRITERS = 2
ROW_GROUP = 250_000


@dataclass
class Opened:
    """A file whose heading was read: for each column the forms of its heading, and its rows in order."""

    headings: list[list[str]]
    rows: Iterable[Slice]
    encoding: str
    way: str
    heading_row: int = 1
    findings: Findings = field(default_factory=Findings)


@dataclass(frozen=True)
class Staged:
    """What reading a file gave: Parquet files with their row counts, and what was found on the way."""

    files: list[Path]
    rows: list[int]
    encoding: str
    way: str
    findings: Findings
    reasons: list[Reason]

    @property
    def total(self) -> int:
        return sum(self.rows)


def stage(path: Path, source: Source, folder: Path, connection: duckdb.DuckDBPyConnection, *,
          way: str = "careful", broken_at: int = -1, tell: Callable[[int], None] = lambda rows: None) -> Staged:  # fmt: skip
    """Read `path` as `source` and write its rows, typed and in order, as Parquet files into `folder`.

    Cells that cannot be read are empty there and on the list of faults. `way` is how to read a
    CSV (see fast.WAYS), `broken_at` is where its bytes stop being UTF-8, when that is known. `tell` is called with the rows done.
    """
    opened = open_file(path, folder, connection, sheet=source.sheet, known=_headings(source), way=way,
                       broken_at=broken_at)  # fmt: skip
    places, reasons = columns.match(opened.headings, source, opened.heading_row)
    if reasons:
        return Staged([], [], opened.encoding, opened.way, opened.findings, reasons)
    schema = columns.schema_of(source)
    findings = opened.findings
    for name, one in source.fields.items():
        if name not in places:
            findings.note(name, "no column", 0, opened.heading_row, one.title.zh, "")
    named = set(places.values())
    unnamed = [column for column in range(len(opened.headings)) if column not in named]

    def write(number: int, piece: Slice) -> tuple[Path, int, Findings]:
        found = Findings()
        arrays = [
            columns.read_column(source, one, piece.columns[places[name]], piece.rows, found)
            if name in places
            else pa.nulls(len(piece.rows), columns.ARROW[one.type])
            for name, one in source.fields.items()
        ]
        for column in unnamed:
            columns.nameless(column, piece.columns[column], piece.rows, found)
        table = pa.table([*arrays, pa.array(piece.rows)], names=schema.names)
        place = folder / f"part-{number:05d}-{uuid.uuid4().hex}.parquet"
        pq.write_table(
            table, place, compression="zstd", row_group_size=ROW_GROUP, store_schema=False,
            use_dictionary=[one.name for one in schema if one.type in (pa.string(), pa.int64()) and one.name != "_row"],
            column_encoding={one.name: "DELTA_BINARY_PACKED" if one.name == "_row" else "PLAIN"
                             for one in schema if one.type not in (pa.string(), pa.int64()) or one.name == "_row"},
        )  # fmt: skip
        return place, table.num_rows, found

    files, rows = [], []
    done = 0
    for place, count, found in _in_order(write, opened.rows):
        files.append(place)
        rows.append(count)
        findings.merge(found)
        done += count
        tell(done)
    findings.rename({forms[0]: name for name, column in places.items() if (forms := opened.headings[column])})
    if not rows and source.register:
        files, rows = [folder / f"part-{uuid.uuid4().hex}.parquet"], [0]
        pq.write_table(schema.empty_table(), files[0], store_schema=False)
    if not rows and not findings.counts:
        raise Unreadable(text.no_rows())
    return Staged(files, rows, opened.encoding, opened.way, findings, [])


def open_file(path: Path, folder: Path, connection: duckdb.DuckDBPyConnection, *, sheet: str = "",
              known: Mapping[str, bool] | None = None, way: str = "careful", broken_at: int = -1) -> Opened:  # fmt: skip
    """A file with its heading read, of whatever kind it is. `known` are headings to look for below title rows;
    `folder` is a place for a copy in UTF-8."""
    kind = kind_of(path)
    if kind == "parquet":
        return _open_parquet(path)
    if kind == "xlsx":
        book = workbook.read(path, sheet=sheet, known=known)
        return Opened(book.headings, book.rows, "xlsx", "xlsx", book.heading_row, book.findings)
    encoding = text.detect(path, broken_at)
    if encoding not in ("utf-8", "utf-8-sig"):
        given, path = path, folder / "utf8.csv"
        text.transcode(given, encoding, path)
    if encoding.startswith("utf-16"):
        way = fast.WAYS[-1]  # blank lines were not looked for in its bytes
    cells, separator = text.heading(path)
    findings = Findings()
    if encoding not in ("utf-8", "utf-8-sig"):
        findings.note("", "encoding", 1, 1, encoding, "utf-8")
    if separator != ",":
        findings.note("", "separator", 1, 1, separator, ",")
    figures = [way == "typed" and (known or {}).get(fold(cell), False) for cell in cells]
    rows = (
        text.careful_rows(path, len(cells), separator, findings)
        if way == "careful"
        else fast.fast_rows(path, figures, separator, connection)
    )
    return Opened([[cell] for cell in cells], rows, encoding, way, 1, findings)


def _open_parquet(path: Path) -> Opened:
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowException as error:
        raise Unreadable(Reason(
            "damaged", "", 1, (), (str(error)[:80],), Words("Parquet 文件已损坏，打不开", "the Parquet file is damaged"),
            Words("请重新导出并提交", "write it again and hand it in again"),
        )) from error  # fmt: skip

    def rows() -> Iterator[Slice]:
        row = 2  # as if a heading stood above, so that rows are numbered alike in every kind of file
        for batch in file.iter_batches(fast.BATCH):
            if batch.num_rows:
                yield Slice(batch.columns, np.arange(row, row + batch.num_rows))
                row += batch.num_rows

    return Opened([[name] for name in file.schema_arrow.names], rows(), "parquet", "parquet")


def _headings(source: Source) -> dict[str, bool]:
    """The headings of a source, and whether a figure stands below."""
    return {heading: one.type == "float64" for one in source.fields.values() for heading in one.headings}


def _in_order(work: Callable[[int, Slice], tuple[Path, int, Findings]],
              pieces: Iterable[Slice]) -> Iterator[tuple[Path, int, Findings]]:  # fmt: skip
    """`work` on each piece, two at a time; results in the order of the file, never more than three pieces in memory."""
    with ThreadPoolExecutor(WRITERS) as writers:
        running: deque[Future[tuple[Path, int, Findings]]] = deque()
        for number, piece in enumerate(pieces):
            running.append(writers.submit(work, number, piece))
            if len(running) > WRITERS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
