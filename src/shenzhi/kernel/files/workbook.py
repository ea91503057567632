"""Workbooks (.xlsx): merged cells spread where that is plain, percentages read as shown, formulas by their results.

Not read: old .xls files, workbooks with a password, macros, charts, pivot tables.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import (
    ElementTree as Xml,
)  # the parts were searched for entity declarations before (archive.py)

import openpyxl
import python_calamine

from shenzhi.calc.figures import fold
from shenzhi.kernel.files.archive import Parts, Sheet, damaged, look_through
from shenzhi.kernel.files.reasons import Findings, Reason, Unreadable
from shenzhi.kernel.files.text import Slice, empty_file, slices
from shenzhi.kernel.words import Words

LOOK = 20  # rows in which the heading is looked for
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Merge = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, (row, column) from 0


@dataclass
class Book:
    """A sheet with its heading read: see reading.Opened."""

    headings: list[list[str]]
    rows: Iterator[Slice]
    heading_row: int
    findings: Findings


def read(path: Path, *, sheet: str = "", known: Mapping[str, bool] | None = None) -> Book:
    """The named sheet, or the first that is not hidden. `known` are the folded headings to look for, and whether each
    is of a figure (a figure in a merged cell belongs to no row, a name in one belongs to all of them)."""
    known = known or {}
    parts = look_through(path)
    findings = Findings()
    try:
        # By its content: from_path goes by the name, and a workbook is called .xls or .csv often enough.
        with path.open("rb") as content:
            book = python_calamine.CalamineWorkbook.from_filelike(content)
        name = _choose(book, sheet, findings)
        about = _part(path, name, parts)
        page = book.get_sheet_by_name(name)
        merges: list[Merge] = list(page.merged_cell_ranges or [])
        rows = _formatted(path, name) if parts.percent or about.errors else _values(page)
        top = list(itertools.islice(rows, LOOK))
    except (python_calamine.CalamineError, zipfile.BadZipFile, Xml.ParseError, KeyError, OSError) as error:
        raise Unreadable(damaged(str(error))) from error
    if about.without_result:
        raise Unreadable(_no_result(about.without_result))
    if not any(any(row) for row in top):
        raise Unreadable(empty_file())
    if about.formulas:
        findings.note("", "formula", about.formulas, 1, "", "")
    heading, headings = _heading(top, merges, known, findings)
    figures = {
        column for column, forms in enumerate(headings) if any(known.get(fold(form), False) for form in forms)
    }
    body = _spread(itertools.chain(top, rows), merges, heading, headings, figures, findings)
    return Book(headings, slices(body, len(headings), findings), heading + 1, findings)


def _choose(book: Any, sheet: str, findings: Findings) -> str:
    """The name of the sheet to read."""
    visible = [one.name for one in book.sheets_metadata
               if one.visible == python_calamine.SheetVisibleEnum.Visible
               and one.typ == python_calamine.SheetTypeEnum.WorkSheet]  # fmt: skip
    if sheet and sheet not in book.sheet_names:
        raise Unreadable(Reason(
            "sheet", "", 1, (), tuple(book.sheet_names[:5]),
            Words(f"工作簿里没有名为“{sheet}”的工作表", f"the workbook has no sheet called {sheet!r}"),
            Words(f"现有工作表：{'、'.join(book.sheet_names[:8])}；请改表名，或改来源声明的 sheet",
                  f"it has {', '.join(book.sheet_names[:8])}: rename one, or change the sheet the source declares"),
        ))  # fmt: skip
    if not sheet and not visible:
        raise Unreadable(empty_file())
    chosen = sheet or visible[0]
    others = [one for one in visible if one != chosen]
    if others:
        findings.note("", "other sheets", len(others), 1, "、".join(others), "")
    return chosen


def _part(path: Path, name: str, parts: Parts) -> Sheet:
    """What was noticed of the sheet called `name`."""
    with zipfile.ZipFile(path) as archive:
        book = Xml.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 no entities: see above
        links = Xml.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    ids = {one.get("name"): one.get(_REL) for one in book.iter() if one.tag.endswith("}sheet")}
    targets = {one.get("Id"): one.get("Target") or "" for one in links}
    part = posixpath.normpath(posixpath.join("xl", targets.get(ids.get(name), "")))
    return parts.sheets.get(part.lstrip("/"), Sheet())


def _values(page: Any) -> Iterator[list[str]]:
    """The rows of a sheet from its first, as text; calamine leaves out empty rows and columns before the first cell."""
    if page.start is None:
        return
    above, before = page.start
    yield from ([] for _ in range(above))
    for row in page.iter_rows():
        yield [""] * before + [_text(cell) for cell in row]


def _formatted(path: Path, name: str) -> Iterator[list[str]]:
    """The rows as text where formats or errors matter: 0.123 shown as 12.3% is 12.3%. Slower than `_values`."""
    with path.open("rb") as file:  # by the open file: a kept snapshot has no name that ends in .xlsx
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        page = book[name]
        page.reset_dimensions()  # a wrong <dimension> would cut the sheet short
        for row in page.iter_rows():
            yield ["" if cell.value is None else _text(cell.value, percent="%" in (cell.number_format or ""))
                   for cell in row]  # fmt: skip


def _heading(top: list[list[str]], merges: list[Merge], known: Mapping[str, bool],
             findings: Findings) -> tuple[int, list[list[str]]]:  # fmt: skip
    """The row of the heading (from 0) and for each column the forms its heading may take, best first.

    The heading is the row with most of the known headings. A merged cell above counts for all the columns it spans, so
    that below "2023年" over "GDP" and "人口" stand "2023年GDP" and "2023年人口".
    """
    width = max(len(row) for row in top)
    seen = [row + [""] * (width - len(row)) for row in top]
    for (r1, c1), (r2, c2) in merges:
        for row, column in itertools.product(
            range(r1, min(r2, len(seen) - 1) + 1), range(c1, min(c2, width - 1) + 1)
        ):
            seen[row][column] = seen[r1][c1] if r1 < len(seen) else ""
    hits = [len({fold(cell) for cell in row} & known.keys()) for row in seen]
    best = hits.index(max(hits)) if max(hits) else next(number for number, row in enumerate(seen) if any(row))
    first = min(
        (r1 for (r1, c1), (r2, c2) in merges if r1 < best and (c2 - c1 + 1 < width or r2 >= best)),
        default=best,
    )
    columns = []
    for column in range(width):
        pieces = list(
            dict.fromkeys(seen[row][column].strip() for row in range(first, best + 1) if seen[row][column])
        )
        columns.append([form for form in dict.fromkeys(("".join(pieces), *pieces[::-1])) if form])
    while columns and not columns[-1]:  # formatted but empty columns at the right end
        columns.pop()
    if first < best:
        findings.note("", "merged heading", best - first + 1, first + 1, "", "")
    titles = sum(any(row) for row in seen[:first])
    if titles:
        findings.note("", "title row", titles, 1, "".join(dict.fromkeys(seen[0]))[:40], "")
    return best, columns


def _spread(rows: Iterator[list[str]], merges: list[Merge], heading: int, headings: list[list[str]], figures: set[int],
            findings: Findings) -> Iterator[tuple[int, list[str]]]:  # fmt: skip
    """The rows below the heading with their numbers; a name in cells merged downwards is given to each of the rows.

    A figure in merged cells, and anything merged across columns, belongs to no one row or column: that is a fault.
    """
    within: dict[int, list[Merge]] = {}
    for merge in merges:
        for row in range(max(merge[0][0], heading + 1), merge[1][0] + 1):
            within.setdefault(row, []).append(merge)
    held: dict[Merge, str] = {}
    for number, cells in enumerate(rows):
        if number <= heading:
            continue
        cells = cells + [""] * (len(headings) - len(cells))
        for merge in within.get(number, []):
            (top, column), (_, right) = merge
            name = next(iter(headings[column]), "") if column < len(headings) else ""
            if column >= len(cells):
                continue
            if number == top:
                held[merge] = cells[column]
                if held[merge] and (right > column or column in figures):
                    findings.fault("merged", name, number + 1, held[merge])
            elif held.get(merge) and column not in figures:
                cells[column] = held[merge]
                findings.note(name, "merged", 1, number + 1, held[merge], held[merge])
        yield number + 1, cells


def _text(cell: Any, *, percent: bool = False) -> str:
    """A cell as a person reads it; whole numbers without ".0", days as 2023-05-06."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and math.isfinite(cell) and cell == int(cell) and abs(cell) < 2**53:
        cell = int(cell)
    if percent and isinstance(cell, int | float):
        shown = Decimal(repr(cell)).scaleb(2).normalize()
        return f"{shown:f}%"
    if isinstance(cell, float):
        return repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    return str(cell)


def _no_result(count: int) -> Reason:
    return Reason(
        "formula", "", count, (), (),
        Words(f"{count} 个公式没有保存计算结果", f"{count} formulas have no saved result"),
        Words("请用 Excel 或 WPS 打开并保存一次，再提交", "open the file in Excel or WPS, save it, and hand it in again"),
    )  # fmt: skip
