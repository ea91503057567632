"""Reads any table of indicators for `index run`, wide or tidy, as the series that an index is made of (article 86).

The reading of the file itself (CSV in any Chinese encoding, XLSX, Parquet) is the lake's; here a table becomes series
by the section `data` of the method file. Whatever was read other than as it stands is on the list of notes.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from shenzhi.calc.composite.labels import listed
from shenzhi.calc.figures import MISSING, Unreadable, read_number
from shenzhi.kernel.files.reasons import Unreadable as UnreadableFile
from shenzhi.pipeline.index.method import Layout, Method
from shenzhi.pipeline.index.rules import suggestion
from shenzhi.pipeline.index.scope import PERIOD, SERIES, IndexFault
from shenzhi.pipeline.lake import reading

STATUSES = ("final", "preliminary", "estimated", "imputed")
TIDY = ("indicator", "area", "period", "value")
HOW = {
    "missing": "a mark for no value",
    "width": "full-width characters",
    "thousands": "thousands separators",
    "unit": "a unit or a scale such as 万",
    "percent": "a percent sign",
}


@dataclass(frozen=True)
class Data:
    """What a table holds for a method. `names` and `levels` are those of the areas by code, where the table has them
    (names are for display only); `notes` say how cells were read."""

    series: pa.Table
    names: dict[str, str]
    levels: dict[str, str]
    notes: list[str]
    file_name: str
    sha256: str


@dataclass
class _Sheet:
    """The rows of a file that the method takes, column by column, with their row numbers in the file."""

    columns: dict[str, list[Any]]
    rows: list[int]
    faults: list[str] = field(default_factory=list)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)


def read_data(path: str | Path, method: Method) -> Data:
    """The series of the method's indicators in the table at `path`; IndexFault with every fault and its rows."""
    path = Path(path)
    if not path.is_file():
        raise IndexFault([f"{path}: there is no such file"])
    layout = method.layout
    sheet = _read(path, method)
    kind = layout.layout or ("tidy" if set(TIDY) <= set(sheet.columns) else "wide")
    rows = LAYOUTS[kind](sheet, method)
    sheet.faults += _twice(rows)
    if sheet.faults:
        raise IndexFault([f"{path.name}: {fault}" for fault in sheet.faults])
    rows.sort(key=lambda row: row[:3])
    columns = [list(column) for column in zip(*(row[:5] for row in rows), strict=True)] or [
        [] for _ in range(5)
    ]
    count = len(rows)
    series = pa.Table.from_arrays(
        [
            pa.array(column, kind)
            for column, kind in zip(
                [*columns, [1] * count, [""] * count, [True] * count], SERIES.types, strict=True
            )
        ],
        schema=SERIES,
    )
    notes = [
        f"{count} cells of {column} had {HOW.get(how, how)}"
        for (column, how), count in sorted(sheet.notes.items())
    ]
    names, levels = (_of_areas(sheet, layout, column) for column in (layout.name, layout.level))
    return Data(series, names, levels, notes, path.name, hashlib.sha256(path.read_bytes()).hexdigest())


_Row = tuple[str, str, str, float, str, int]  # indicator, area, period, value, status, row in the file


def _known(method: Method) -> dict[str, bool]:
    """Headings to look for below title rows, and whether figures stand under them."""
    layout = method.layout
    texts = (
        layout.area,
        layout.period,
        layout.name,
        layout.level,
        layout.indicator,
        *(rule.column for rule in layout.where),
    )
    figures = (layout.value, *method.codes)
    if layout.layout == "spread":  # the headings of figures have periods in them, which only the table knows
        figures = ()
    return {**dict.fromkeys(filter(None, texts), False), **dict.fromkeys(figures, True)}


def _read(path: Path, method: Method) -> _Sheet:
    """Every row that `where` takes."""
    layout = method.layout
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        try:
            opened = reading.open_file(path, Path(folder), connection, known=_known(method))
            headings = ["".join(forms[:1]).strip() for forms in opened.headings]
            wanted = {heading: at for at, heading in enumerate(headings) if heading}
            repeated = [heading for heading, times in Counter(headings).items() if heading and times > 1]
            absent = [rule.column for rule in layout.where if rule.column not in wanted]
            faults = [f"the column {one} appears twice; keep one" for one in repeated]
            faults += [
                f"there is no column {one} to choose rows by{suggestion(one, wanted)}" for one in absent
            ]
            if faults:
                raise IndexFault([f"{path.name}: {fault}" for fault in faults])
            columns: dict[str, list[Any]] = {heading: [] for heading in wanted}
            rows: list[int] = []
            for piece in opened.rows:
                cells = {heading: pa.array(piece.columns[at]).to_pylist() for heading, at in wanted.items()}
                taken = [at for at in range(len(piece.rows)) if _taken(cells, at, layout)]
                for heading, column in cells.items():
                    columns[heading] += [column[at] for at in taken]
                rows += [int(piece.rows[at]) for at in taken]
        except UnreadableFile as error:
            raise IndexFault([f"{path.name}: {error}"]) from error
    sheet = _Sheet(columns, rows)
    ragged = [fault.row for fault in opened.findings.all_faults()]
    if ragged:
        sheet.faults.append(f"rows {_rows(ragged)} do not have as many cells as the heading; correct them")
    return sheet


def _taken(cells: dict[str, list[Any]], at: int, layout: Layout) -> bool:
    return all(
        (_text(cells[rule.column][at]) in rule.values)
        if rule.values
        else _text(cells[rule.column][at]).startswith(rule.prefix) != rule.without
        for rule in layout.where
    )


def _text(cell: Any) -> str:
    """A code as text: a whole number that a spreadsheet holds as 440300.0 is 440300."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _wide(sheet: _Sheet, method: Method) -> list[_Row]:
    layout = method.layout
    if layout.fixed_period and layout.period in sheet.columns:
        sheet.faults.append(
            f"data > period says {layout.fixed_period}, but the table has a column {layout.period}; keep one of them"
        )
    needed = [
        layout.area,
        *([] if layout.fixed_period else [layout.period]),
        *method.codes,
    ]
    needed += filter(None, (layout.name, layout.level))
    if not _all_there(sheet, needed):
        return []
    areas = [_text(cell) for cell in sheet.columns[layout.area]]
    count = len(sheet.rows)
    periods = (
        [layout.fixed_period] * count
        if layout.fixed_period
        else [_text(cell) for cell in sheet.columns[layout.period]]
    )
    _keys_given(sheet, areas, layout.area)
    _keys_given(sheet, periods, layout.period)
    rows: list[_Row] = []
    for code in method.codes:
        values = _numbers(sheet, code, layout.empty)
        rows += [
            (code, area, period, value, "final", row)
            for area, period, value, row in zip(areas, periods, values, sheet.rows, strict=True)
            if value is not None
        ]
    return rows


def _spread(sheet: _Sheet, method: Method) -> list[_Row]:
    """One row for an area: the heading of a figure is its code, "_" and the period, such as hdi_2022 or passes_2024-05."""
    layout = method.layout
    if not _all_there(sheet, [layout.area, *filter(None, (layout.name, layout.level))]):
        return []
    areas = [_text(cell) for cell in sheet.columns[layout.area]]
    _keys_given(sheet, areas, layout.area)
    rows: list[_Row] = []
    for code in method.codes:
        found = {
            heading: heading.removeprefix(f"{code}_")
            for heading in sheet.columns
            if heading.startswith(f"{code}_") and PERIOD.fullmatch(heading.removeprefix(f"{code}_"))
        }
        if not found:
            sheet.faults.append(
                f"there is no column {code}_ followed by a period, such as {code}_2024{suggestion(code, sheet.columns)}"
            )
        for heading, period in found.items():
            values = _numbers(sheet, heading, layout.empty)
            rows += [
                (code, area, period, value, "final", row)
                for area, value, row in zip(areas, values, sheet.rows, strict=True)
                if value is not None
            ]
    return rows


def _tidy(sheet: _Sheet, method: Method) -> list[_Row]:
    layout = method.layout
    if not _all_there(sheet, [layout.indicator, layout.area, layout.period, layout.value]):
        return []
    indicators, areas, periods = (
        [_text(cell) for cell in sheet.columns[name]]
        for name in (layout.indicator, layout.area, layout.period)
    )
    for name, cells in ((layout.indicator, indicators), (layout.area, areas), (layout.period, periods)):
        _keys_given(sheet, cells, name)
    statuses = [_text(cell) or "final" for cell in sheet.columns.get(layout.status, [None] * len(sheet.rows))]
    strange = [row for status, row in zip(statuses, sheet.rows, strict=True) if status not in STATUSES]
    if strange:
        sheet.faults.append(f"{layout.status}: rows {_rows(strange)} hold none of {', '.join(STATUSES)}")
    current = [
        _text(cell).lower() != "false" for cell in sheet.columns.get("current", [True] * len(sheet.rows))
    ]
    missing = [code for code in method.codes if code not in set(indicators)]
    sheet.faults += [
        f"no row for the indicator {code}{suggestion(code, sorted(set(indicators)))}" for code in missing
    ]
    values = _numbers(sheet, layout.value, layout.empty)
    return [
        (code, area, period, value, status, row)
        for code, area, period, value, status, row, now in zip(
            indicators, areas, periods, values, statuses, sheet.rows, current, strict=True
        )
        if value is not None and now and code in method.codes
    ]


LAYOUTS = {"wide": _wide, "tidy": _tidy, "spread": _spread}


def _of_areas(sheet: _Sheet, layout: Layout, column: str) -> dict[str, str]:
    """What a column says about each area; the last row of an area decides."""
    if column not in sheet.columns:
        return {}
    return {
        _text(area): _text(said)
        for area, said in zip(sheet.columns[layout.area], sheet.columns[column], strict=True)
    }


def _all_there(sheet: _Sheet, needed: Sequence[str]) -> bool:
    absent = [name for name in needed if name not in sheet.columns]
    # Columns like none of the table's share one fault: each would list the whole table again.
    together: dict[str, list[str]] = defaultdict(list)
    for name in absent:
        together[suggestion(name, sheet.columns)].append(name)
    sheet.faults += [f"there is no column {', '.join(names)}{known}" for known, names in together.items()]
    return not absent


def _keys_given(sheet: _Sheet, cells: list[str], name: str) -> None:
    blank = [row for cell, row in zip(cells, sheet.rows, strict=True) if not cell]
    if blank:
        sheet.faults.append(f"{name} is empty in rows {_rows(blank)}; every row needs one")


def _numbers(sheet: _Sheet, name: str, empty: tuple[str, ...]) -> list[float | None]:
    """A column as numbers; what is not one is a fault, and what was read other than as it stands is noted."""
    numbers: list[float | None] = []
    unreadable: dict[str, list[int]] = defaultdict(list)
    for cell, row in zip(sheet.columns[name], sheet.rows, strict=True):
        number: float | None = None
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            number = float(cell)
        elif cell is not None:
            try:
                read = read_number(str(cell), missing=(*MISSING, *empty))
            except Unreadable:
                unreadable[str(cell)].append(row)
            else:
                number = read.value
                sheet.notes.update((name, how) for how in read.how)
        if number is not None and not abs(number) < float("inf"):
            unreadable[str(cell)].append(row)
            number = None
        numbers.append(number)
    if unreadable:
        rows = sorted(row for found in unreadable.values() for row in found)
        examples = listed([repr(text) for text in unreadable])
        sheet.faults.append(
            f"{name}: rows {_rows(rows)} hold {examples}, which is not a number; correct it, leave the cell empty "
            "where there is no value, or name the mark under data > empty"
        )
    return numbers


def _twice(rows: list[_Row]) -> list[str]:
    places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in rows:
        places[row[:3]].append(row[5])
    found = {key: lines for key, lines in places.items() if len(lines) > 1}
    # One pair of equal rows repeats for every column: it is told once for each area and period.
    told = {(area, period): lines for (_, area, period), lines in found.items()}
    return [
        f"rows {_rows(lines)} are all of area {area}, period {period}; keep one, or choose rows under data > where"
        for (area, period), lines in list(told.items())[:20]
    ]


def _rows(rows: Sequence[int]) -> str:
    return listed([str(row) for row in sorted(set(rows))])
