"""Guarding against workbooks that are not what they seem: bombs, lies about sizes, formulas without results.

Everything is unpacked once, a piece at a time and counted, before any library opens the file.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from shenzhi.kernel.files.reasons import Reason, Unreadable
from shenzhi.kernel.words import Words

LARGEST = 2 << 30  # bytes all parts may come to when unpacked
DENSEST = 200  # and how many times the size of the file, once they are large at all
LARGE = 64 << 20
EMPTIEST = 100  # places of the sheet for each cell that is there, once there are SPACIOUS places
SPACIOUS = 20_000_000
BLOCK = 1 << 20
_CELL = re.compile(rb'<c [^>]{0,40}?r="([A-Z]{1,3})(\d{1,7})"')
_ERROR_CELL = re.compile(rb'<c [^>]{0,80}?t="e"')
_FORMULA = re.compile(rb"<f[ >/]")
_NO_RESULT = re.compile(rb"(?:</f>|<f[^>]{0,200}/>)(?:<v ?/>|<v></v>)?</c>")
_FORMAT = re.compile(rb'<numFmt [^>]*?numFmtId="(\d+)"[^>]*?>')


@dataclass
class Sheet:
    """What one sheet's part holds."""

    last_row: int = 0
    last_column: int = 0
    cells: int = 0
    formulas: int = 0
    without_result: int = 0
    errors: bool = False


@dataclass
class Parts:
    """What going once through a workbook told: its sheets by part name, and whether it has percentage formats."""

    names: list[str]
    sheets: dict[str, Sheet] = field(default_factory=dict)
    percent: bool = False


def look_through(path: Path) -> Parts:
    """Unpack every part once, counting; Unreadable for what is too much, encrypted, damaged or no workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable(damaged(str(error))) from error
    parts = Parts([entry.filename for entry in entries])
    if "xl/workbook.xml" not in parts.names:
        raise Unreadable(Reason(
            "file type", "", 1, (), (), Words("这是压缩包，不是 Excel 工作簿", "this is a zip archive, not a workbook"),
            Words("请提交里面的表格文件", "hand in the file of figures inside it"),
        ))  # fmt: skip
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(damaged("encrypted part"))
    allowed = min(LARGEST, max(LARGE, DENSEST * path.stat().st_size))
    if sum(entry.file_size for entry in entries) > allowed:
        raise Unreadable(_bomb())
    total = 0
    with path.open("rb") as file:
        for entry in entries:
            tail = b""
            for block in _inflated(file, entry):
                total += len(block)
                if total > allowed:
                    raise Unreadable(_bomb())
                tail = _notice(parts, entry.filename, tail + block)
            _notice(parts, entry.filename, tail, last=True)
    for sheet in parts.sheets.values():
        # One stray cell in the last corner makes readers lay out the whole sheet in memory.
        if sheet.last_row * sheet.last_column > max(SPACIOUS, EMPTIEST * sheet.cells):
            raise Unreadable(_bomb())
    return parts


def _inflated(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of one part as they really are, whatever size its entry declares."""
    file.seek(entry.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise Unreadable(damaged(entry.filename))
    name, extra = struct.unpack("<HH", header[26:30])
    file.seek(name + extra, 1)
    left = entry.compress_size
    if entry.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise Unreadable(damaged(entry.filename))
    stream = zlib.decompressobj(-15)
    try:
        while left > 0 and not stream.eof and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            while block and not stream.eof:
                yield stream.decompress(block, BLOCK)
                block = stream.unconsumed_tail
        while not stream.eof and (rest := stream.decompress(b"", BLOCK)):
            yield rest
    except zlib.error as error:
        raise Unreadable(damaged(f"{entry.filename}: {error}")) from error


def _notice(parts: Parts, name: str, data: bytes, *, last: bool = False) -> bytes:
    """Note what one piece of a part says; returns its end, which may belong to what comes next."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Unreadable(damaged(f"{name}: DOCTYPE"))  # no office writes one; it is how small XML grows large
    if name == "xl/styles.xml":
        parts.percent = parts.percent or _percent_styles(data)
    if not name.startswith("xl/worksheets/"):
        return data[-256:]
    end = data.rfind(b"<c ")
    cut = end >= 0 and not last and len(data) - end < BLOCK
    done, rest = (data[:end], data[end:]) if cut else (data, b"")
    sheet = parts.sheets.setdefault(name, Sheet())
    for letters, row in _CELL.findall(done):
        sheet.last_row = max(sheet.last_row, int(row))
        sheet.last_column = max(sheet.last_column, _column(letters))
        sheet.cells += 1
    sheet.formulas += len(_FORMULA.findall(done))
    sheet.without_result += len(_NO_RESULT.findall(done))
    sheet.errors = sheet.errors or _ERROR_CELL.search(done) is not None
    return rest


def _percent_styles(data: bytes) -> bool:
    """Whether a format of the workbook shows figures as percentages: the two built-in ones (9, 10) or its own."""
    own = any(b"%" in found[0] for found in _FORMAT.finditer(data))
    return own or b'numFmtId="9"' in data or b'numFmtId="10"' in data


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def damaged(detail: str) -> Reason:
    """The reason for a workbook that cannot be opened."""
    return Reason(
        "damaged", "", 1, (), (detail[:120],),
        Words("工作簿已损坏、加密或不完整，打不开", "the workbook is damaged, encrypted or incomplete"),
        Words("请在 Excel 或 WPS 中打开，去掉密码，另存为 .xlsx 后再提交",
              "open it in Excel or WPS, remove the password, save it as .xlsx and hand it in again"),
    )  # fmt: skip


def _bomb() -> Reason:
    return Reason(
        "too large", "", 1, (), (),
        Words("工作簿解压后过大，或表格范围大得不合常理，为安全起见没有打开",
              "unpacked, the workbook is far larger than its file or its sheet is almost all empty; it was not opened"),
        Words("请删去数据以外的空白行列（选中后删除，不只是清除内容），或导出为 CSV 后提交",
              "delete the empty rows and columns beyond the figures, or export the figures as CSV"),
    )  # fmt: skip
