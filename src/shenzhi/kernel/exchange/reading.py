"""Reading a file of records that somebody hands in: CSV in any encoding that offices use, or a workbook (article 84)."""

from __future__ import annotations

import codecs
import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shenzhi.kernel.files import text, workbook
from shenzhi.kernel.files.kinds import kind_of
from shenzhi.kernel.files.reasons import Findings, Reason, Unreadable
from shenzhi.kernel.files.text import Slice
from shenzhi.kernel.words import Words

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Sheet:
    """A file read: for each column the forms of its heading and its cells; for each row its number in a spreadsheet."""

    headings: list[list[str]]
    columns: list[list[str | None]]
    rows: list[int]
    findings: Findings
    more: bool
    """There were more rows than were asked for; they were not read."""


def read(path: Path, known: Mapping[str, bool], *, most: int) -> Sheet:
    """The rows of a file, at most `most`. `known` are the folded headings to look for below title rows, and whether each
    is of a figure. Unreadable says why a file cannot be read at all, and the way out."""
    kind = kind_of(path)
    if kind == "xlsx":
        book = workbook.read(path, known=known)
        return _taken(book.headings, book.rows, book.findings, most)
    if kind != "csv":
        raise Unreadable(
            Reason(
                "file type",
                "",
                1,
                (),
                (),
                Words(
                    "这里只收 CSV 和 Excel（.xlsx）文件", "CSV files and Excel files (.xlsx) are taken here"
                ),
                Words("请另存为其中一种", "save it as one of these"),
            )
        )
    encoding = text.detect(path, _broken_at(path))
    with tempfile.TemporaryDirectory(prefix="shenzhi-import-") as folder:
        if encoding not in ("utf-8", "utf-8-sig"):
            given, path = path, Path(folder) / "utf8.csv"
            text.transcode(given, encoding, path)
        cells, separator = text.heading(path)
        findings = Findings()
        rows = text.careful_rows(path, len(cells), separator, findings)
        return _taken([[cell] for cell in cells], rows, findings, most)


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _taken(headings: list[list[str]], rows: Iterable[Slice], findings: Findings, most: int) -> Sheet:
    columns: list[list[str | None]] = [[] for _ in headings]
    numbers: list[int] = []
    for piece in rows:
        for column, cells in zip(columns, piece.columns, strict=False):
            column += cells.to_pylist()
        numbers += piece.rows.tolist()
        if len(numbers) > most:
            return Sheet(headings, [column[:most] for column in columns], numbers[:most], findings, True)
    return Sheet(headings, columns, numbers, findings, False)


def _broken_at(path: Path) -> int:
    """Where the bytes of a file stop being UTF-8; -1 where they never do."""
    decoder, read = codecs.getincrementaldecoder("utf-8")(), 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return read - held + error.start
            read += len(block)
            if not block:
                return -1
