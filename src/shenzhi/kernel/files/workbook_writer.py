"""Writes workbooks (.xlsx) that Excel, WPS and LibreOffice open: plain cells, a fixed heading, no formulas (article 86).

A text stays the text it is: cells are typed, so nothing is run, and one that begins like a formula is marked so that it
does not become one when somebody edits it. Numbers keep every digit. The same sheets give the same bytes.

Rows are written as they come, so that a sheet may be larger than memory. Not written: formulas, charts, macros.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO
from xml.sax.saxutils import escape

from shenzhi.calc.figures import safe_cell

Value = str | int | float | bool | None

MOST_ROWS, MOST_COLUMNS, LONGEST_NAME, LONGEST_TEXT = 1_048_576, 16_384, 31, 32_767
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest moment that a zip archive can name: no file says when it was made
# Columns are written in one of these formats; ids from 164 are free for our own.
FORMATS = {
    "text": "General",
    "figure": "General",
    "whole": "#,##0",
    "score": "0.00",
    "exact": "0.0000",
    "share": "0.00%",
}
_OWN = 164
_HEAD, _QUOTED, _FIRST = (
    1,
    2,
    3,
)  # cell styles: 0 plain, headings, text that looks like a formula, then the formats
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BANNED = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class BookError(ValueError):
    """A workbook cannot hold what was to be written; the message names the sheet and the limit."""


@dataclass(frozen=True)
class Column:
    """`heading`, how its cells are written (a name in FORMATS), and its width in characters."""

    heading: str
    format: str = "text"
    width: float = 12


@dataclass(frozen=True)
class Sheet:
    """`name`: up to 31 characters, without []:*?/\\. `rows`: a value for each column; NaN and None leave a cell empty.
    The heading and the first `fixed` columns stay in view."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    fixed: int = 1


def write_book(sheets: Sequence[Sheet], target: IO[bytes]) -> None:
    """The workbook with these sheets, to an open binary file. BookError before anything wrong is written."""
    names = [sheet.name for sheet in sheets]
    wrong = [
        name for name in names if not 0 < len(name) <= LONGEST_NAME or _BANNED.search(name) or name[0] == "'"
    ]
    if wrong or not names or len({name.casefold() for name in names}) < len(names):
        raise BookError(f"sheet names must be there, different, short and plain: {', '.join(wrong or names)}")
    texts: dict[str, int] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for at, sheet in enumerate(sheets, 1):
            with archive.open(_entry(f"xl/worksheets/sheet{at}.xml"), "w", force_zip64=True) as part:
                _write_sheet(sheet, part, texts)
        for path, content in (
            ("[Content_Types].xml", _types(len(sheets))),
            ("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])),
            ("xl/workbook.xml", _workbook(names)),
            (
                "xl/_rels/workbook.xml.rels",
                _relations(
                    [
                        *(("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(sheets) + 1)),
                        ("styles", "styles.xml"),
                        ("sharedStrings", "sharedStrings.xml"),
                    ]
                ),
            ),
            ("xl/styles.xml", _styles()),
            ("xl/sharedStrings.xml", _shared(texts)),
        ):
            archive.writestr(_entry(path), _XML + content)


def book(sheets: Sequence[Sheet]) -> bytes:
    """The workbook in memory."""
    buffer = io.BytesIO()
    write_book(sheets, buffer)
    return buffer.getvalue()


def column_name(at: int) -> str:
    """The letters of a column counted from 0: A, Z, AA.

    >>> column_name(0), column_name(25), column_name(26), column_name(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _write_sheet(sheet: Sheet, part: IO[bytes], texts: dict[str, int]) -> None:
    if len(sheet.columns) > MOST_COLUMNS:
        raise BookError(f"{sheet.name}: {len(sheet.columns)} columns; a sheet has room for {MOST_COLUMNS}")
    styles = [_FIRST + list(FORMATS).index(column.format) for column in sheet.columns]
    letters = [column_name(at) for at in range(len(sheet.columns))]
    first = f"{column_name(sheet.fixed)}2"
    pane = (
        f'<pane {f"""xSplit="{sheet.fixed}" """ if sheet.fixed else ""}ySplit="1" topLeftCell="{first}" '
        f'activePane="{"bottomRight" if sheet.fixed else "bottomLeft"}" state="frozen"/>'
    )
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{column.width:g}" customWidth="1"/>'
        for at, column in enumerate(sheet.columns, 1)
    )
    part.write(
        (
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView>'
            f"</sheetViews>{f'<cols>{widths}</cols>' if widths else ''}<sheetData>"
        ).encode()
    )
    heads = "".join(
        f'<c r="{letter}1" s="{_HEAD}" t="s"><v>{_text(column.heading, texts, sheet)}</v></c>'
        for letter, column in zip(letters, sheet.columns, strict=True)
    )
    part.write(f'<row r="1">{heads}</row>'.encode())
    waiting: list[str] = []
    for number, row in enumerate(sheet.rows, 2):
        if number > MOST_ROWS:
            raise BookError(f"{sheet.name}: more than {MOST_ROWS} rows; a sheet has no room for them")
        cells = []
        for letter, style, value in zip(letters, styles, row, strict=True):
            if value is None:
                continue
            if isinstance(value, str):
                if value:
                    quoted = _QUOTED if safe_cell(value) != value else style
                    cells.append(
                        f'<c r="{letter}{number}" s="{quoted}" t="s"><v>{_text(value, texts, sheet)}</v></c>'
                    )
            elif isinstance(value, bool):
                cells.append(f'<c r="{letter}{number}" s="{style}" t="b"><v>{value:d}</v></c>')
            elif math.isfinite(value):
                cells.append(f'<c r="{letter}{number}" s="{style}"><v>{value!r}</v></c>')
        waiting.append(f'<row r="{number}">{"".join(cells)}</row>')
        if len(waiting) == 500:
            part.write("".join(waiting).encode())
            waiting.clear()
    part.write("".join(waiting).encode())
    part.write(b"</sheetData></worksheet>")


def _text(value: str, texts: dict[str, int], sheet: Sheet) -> int:
    """The number of a text in the list that all sheets share; signs that XML cannot hold become the sign for that."""
    if len(value) > LONGEST_TEXT:
        raise BookError(f"{sheet.name}: a text of {len(value)} signs; a cell has room for {LONGEST_TEXT}")
    return texts.setdefault(_CONTROL.sub("\ufffd", value), len(texts))


def _shared(texts: dict[str, int]) -> str:
    items = "".join(
        f'<si><t xml:space="preserve">{escape(text, {chr(13): "&#13;"})}</t></si>' for text in texts
    )
    return f'<sst xmlns="{_MAIN}" uniqueCount="{len(texts)}">{items}</sst>'


def _workbook(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(names, 1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _types(count: int) -> str:
    parts = [
        ("/xl/workbook.xml", "sheet.main"),
        ("/xl/styles.xml", "styles"),
        ("/xl/sharedStrings.xml", "sharedStrings"),
    ]
    parts += [(f"/xl/worksheets/sheet{at}.xml", "worksheet") for at in range(1, count + 1)]
    lines = "".join(f'<Override PartName="{path}" ContentType="{_TYPE}.{kind}+xml"/>' for path, kind in parts)
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{lines}</Types>'
    )


def _styles() -> str:
    own = {code: _OWN + at for at, code in enumerate(dict.fromkeys(FORMATS.values())) if code != "General"}
    numbers = "".join(f'<numFmt numFmtId="{at}" formatCode="{escape(code)}"/>' for code, at in own.items())
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    cells = [
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1" applyBorder="1" '
        'applyAlignment="1"><alignment vertical="bottom" wrapText="1"/></xf>',
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>',
        *(
            f'<xf numFmtId="{own.get(code, 0)}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
            for code in FORMATS.values()
        ),
    ]
    empty = "<left/><right/><top/>"
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(own)}">{numbers}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        f'<borders count="2"><border>{empty}<bottom/><diagonal/></border><border>{empty}<bottom style="thin"/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(cells)}">{"".join(cells)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
