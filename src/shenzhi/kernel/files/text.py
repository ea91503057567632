"""Text files of rows: finding out their encoding and their separator, and reading their rows in order (article 84)."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import charset_normalizer
import numpy as np
import pyarrow as pa

from shenzhi.kernel.files.reasons import Findings, Reason, Unreadable
from shenzhi.kernel.words import Words

SAMPLE = 1 << 20
SMALL = 50_000  # rows handed on at a time
LONGEST = 1 << 24  # characters in one cell; more is a quote that was never closed
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SEPARATORS = (",", "\t", ";", "，", "|")


@dataclass(frozen=True)
class Slice:
    """Some rows of a file: for each column its cells, and the row numbers as a spreadsheet shows them."""

    columns: list[pa.Array]
    rows: np.ndarray


def detect(path: Path, broken_at: int = -1) -> str:
    """The encoding of a text file, from its beginning and, where known, from around the first byte that is not UTF-8.

    A file that no encoding explains, or in which two are mixed, is Unreadable.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
        around, before = head, broken_at
        if broken_at >= len(head):
            file.seek(broken_at - SAMPLE // 2)
            around, before = file.read(SAMPLE), SAMPLE // 2
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head[:4096]:
        # Latin letters and digits in UTF-16 have every second byte zero.
        even, odd = head[:4096:2].count(0), head[1:4096:2].count(0)
        if max(even, odd) > 4 * min(even, odd):
            return "utf-16-be" if even > odd else "utf-16-le"
        raise Unreadable(_no_text())
    if broken_at < 0:
        before = _first_broken(head)
        if before < 0:
            return "utf-8"
    # Start at a whole line, so that no character is cut in two. Bytes that read as Chinese in UTF-8 before the first
    # that is none are no accident of another encoding: then two are mixed.
    start = 0 if around is head else around.find(b"\n") + 1
    if not _chinese(around[start:before].decode("utf-8", "ignore")):
        sample = around[start:]
        if _decodes(sample, "gb18030") and _chinese(sample.decode("gb18030", "ignore")):
            return "gb18030"
        guess = charset_normalizer.from_bytes(sample).best()
        if (
            guess is not None
            and guess.encoding not in ("utf_8", "ascii")
            and _plausible(sample, guess.encoding)
        ):
            return guess.encoding
    raise Unreadable(_no_text(broken_at))


def transcode(path: Path, encoding: str, to: Path, tell: Callable[[int], None] = lambda done: None) -> None:
    """Write the file as UTF-8, a piece at a time; Unreadable names the line with the first byte that does not fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, done = 1, 0
    with path.open("rb") as given, to.open("w", encoding="utf-8", newline="") as out:
        while True:
            block = given.read(SAMPLE)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line = lines + error.object[: error.start].count(b"\n")
                raise Unreadable(_broken_bytes(encoding, line, error)) from error
            out.write(text)
            lines += text.count("\n")
            done += len(block)
            tell(done)
            if not block:
                return


def heading(path: Path) -> tuple[list[str], str]:
    """The cells of the first row and the separator of a UTF-8 file. Unreadable when there is nothing."""
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        first = file.readline(SAMPLE)
        while first and not first.strip():
            raise Unreadable(Reason(
                "blank heading", "", 1, (1,), (), Words("第一行是空行", "the first row is blank"),
                Words("请删去表头上面的空行", "delete the blank rows above the heading"),
            ))  # fmt: skip
        if not first:
            raise Unreadable(empty_file())
        separator = max(SEPARATORS, key=lambda one: len(_cells(first, one)))
        if separator == "，":
            raise Unreadable(Reason(
                "separator", "", 1, (1,), (first.strip()[:80],),
                Words("列之间用了中文逗号“，”", "the columns are separated by the Chinese comma ，"),
                Words("请另存为 CSV（英文逗号），或直接交 Excel 文件",
                      "save the file as CSV with ordinary commas, or hand in the Excel file"),
            ))  # fmt: skip
        file.seek(0)
        return next(csv.reader(file, delimiter=separator)), separator


def careful_rows(path: Path, names: int, separator: str, findings: Findings) -> Iterator[Slice]:
    """The rows by Python's reader. Rows with too few or too many cells are faults; blank rows are noted and left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from slices(_records(file, separator), names, findings)


def _records(file: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST)
    row = 1
    try:
        for row, cells in enumerate(csv.reader(file, delimiter=separator, strict=True), 1):
            if row > 1:
                yield row, cells
    except UnicodeDecodeError as error:
        raise Unreadable(_no_text(error.start)) from error
    except csv.Error as error:
        raise Unreadable(Reason(
            "quotes", "", 1, (row + 1,), (str(error),),
            Words(f"第 {row + 1} 行起引号没有成对，后面的内容无法分成单元格",
                  f"from row {row + 1} on a quote is not closed, so the rest cannot be divided into cells"),
            Words("请补上或删去多出的引号；单元格里的引号要写两次（\"\"）",
                  'close or delete the quote; a quote inside a cell is written twice ("")'),
        )) from error  # fmt: skip


def slices(records: Iterator[tuple[int, list[str]]], names: int, findings: Findings) -> Iterator[Slice]:
    kept: list[list[str]] = []
    rows: list[int] = []
    blank_since = 0
    for row, cells in records:
        if not cells or not any(cell.strip() for cell in cells):
            blank_since = blank_since or row
            findings.note("", "blank row", 1, row, "", "")
            continue
        if len(cells) != names:
            if len(cells) > names and not any(cell.strip() for cell in cells[names:]):
                cells = cells[:names]
            else:
                findings.fault("cells", "", row, f"{len(cells)} ≠ {names}: {','.join(cells)}")
                continue
        kept.append(cells)
        rows.append(row)
        if len(kept) >= SMALL:
            yield _slice(kept, rows)
            kept, rows = [], []
    if kept:
        yield _slice(kept, rows)


def _slice(kept: list[list[str]], rows: list[int]) -> Slice:
    columns = [pa.array([cell or None for cell in column], pa.string()) for column in zip(*kept, strict=True)]
    return Slice(columns, np.array(rows, dtype=np.int64))


def empty_file() -> Reason:
    return Reason(
        "empty", "", 1, (), (), Words("文件是空的", "the file is empty"),
        Words("请检查导出是否成功，然后重新提交", "check that the export worked, then hand it in again"),
    )  # fmt: skip


def no_rows() -> Reason:
    return Reason(
        "no rows", "", 1, (), (), Words("文件只有表头，没有数据行", "the file has a heading but no rows"),
        Words("如果本期确无数据，请不要提交空表；否则请重新导出",
              "if there is nothing to report, hand in no file; otherwise export it again"),
    )  # fmt: skip


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader(io.StringIO(line), delimiter=separator), [])


def _decodes(data: bytes, encoding: str) -> bool:
    """Whether the bytes are of this encoding, but for a character cut off at the end."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(data)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _first_broken(data: bytes) -> int:
    """Where the bytes stop being UTF-8 (-1: nowhere), but for a character cut off at the end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError as error:
        return error.start
    return -1


def _plausible(data: bytes, encoding: str) -> bool:
    """Whether the bytes read as text in this encoding: it decodes, and to letters, not to control characters."""
    if not _decodes(data, encoding):
        return False
    return all(
        character.isprintable() or character in "\t\r\n" for character in data.decode(encoding, "ignore")
    )


def _chinese(text: str) -> bool:
    """Whether what is not ASCII reads as Chinese: common characters and Chinese punctuation, not private signs."""
    beyond = [character for character in text if ord(character) > 127]
    good = sum("\u4e00" <= one <= "\u9fff" or "\u3000" <= one <= "\u303f" or "\uff00" <= one <= "\uffef" or
               one in "—…·“”‘’％℃μ㎡㎥〇" for one in beyond)  # fmt: skip
    return bool(beyond) and good >= 0.9 * len(beyond)


def _no_text(broken_at: int = -1) -> Reason:
    where = f"（第 {broken_at + 1} 个字节起）" if broken_at >= 0 else ""
    where_en = f" (from byte {broken_at + 1} on)" if broken_at >= 0 else ""
    return Reason(
        "encoding", "", 1, (), (),
        Words(f"文件的文字编码认不出来{where}：不是 UTF-8、UTF-16 或 GB18030（GBK）",
              f"the encoding of the text is not known{where_en}: not UTF-8, UTF-16 or GB18030 (GBK)"),
        Words("请另存为“CSV UTF-8（逗号分隔）”，或直接交 Excel 文件",
              'save it as "CSV UTF-8 (comma delimited)", or hand in the Excel file'),
    )  # fmt: skip


def _broken_bytes(encoding: str, line: int, error: UnicodeDecodeError) -> Reason:
    found = error.object[error.start : error.start + 4].hex(" ")
    return Reason(
        "encoding", "", 1, (line,), (found,),
        Words(f"第 {line} 行有不属于 {encoding} 编码的字节：{found}", f"line {line} has bytes that are not {encoding}: {found}"),
        Words("文件可能在传送中损坏或由两种编码拼成：请从原系统重新导出",
              "the file may be damaged or put together from two encodings: export it again"),
    )  # fmt: skip
