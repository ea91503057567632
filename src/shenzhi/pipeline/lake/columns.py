"""Columns: which heading is which field, and what the cells of a column say, read by the rules of `calc.figures`.

A column is first read at the speed of the machine; only when that fails are its distinct texts read one by one, and
each liberty taken is noted.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shenzhi.calc.figures import (
    SHEET_ERRORS,
    Reading,
    Unreadable,
    fold,
    read_date,
    read_number,
    read_period,
    read_whole,
)
from shenzhi.kernel.files.reasons import FIRST, LISTED, Findings, Reason
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.source import Field, Source

ARROW = {
    "float64": pa.float64(),
    "int64": pa.int64(),
    "string": pa.string(),
    "date": pa.date32(),
    "bool": pa.bool_(),
}
_YES_NO = {
    **dict.fromkeys(("true", "t", "1", "是", "yes", "y", "√"), True),
    **dict.fromkeys(("false", "f", "0", "否", "no", "n", "×"), False),
}


def schema_of(source: Source) -> pa.Schema:
    """The columns of a source's table as stored (without `_snapshot`, which is the partition)."""
    fields = [pa.field(name, ARROW[one.type]) for name, one in source.fields.items()]
    return pa.schema([*fields, pa.field("_row", pa.int64())])


def match(headings: Sequence[Sequence[str]], source: Source, row: int) -> tuple[dict[str, int], list[Reason]]:
    """Which column (from 0) holds which field. `headings` are, for each column, the forms its heading may take, best
    first; a column without any heading is left out, and its cells must be empty (see `nameless`)."""
    owners = {heading: one.name for one in source.fields.values() for heading in one.headings}
    found: dict[str, list[int]] = {}
    unknown: list[tuple[int, str]] = []
    for column, forms in enumerate(headings):
        forms = [fold(form) for form in forms if fold(form)]
        owner = next((owners[form] for form in forms if form in owners), None)
        if owner:
            found.setdefault(owner, []).append(column)
        elif forms:
            unknown.append((column, forms[0]))
    if not found and len(unknown) > 1:
        return {}, [_strange(unknown, source, row)]
    reasons = []
    for name, columns in found.items():
        if len(columns) > 1:
            letters = "、".join(map(letter, columns))
            reasons.append(Reason(
                "heading twice", name, len(columns), (row,), (source.fields[name].title.zh,),
                Words(f"列“{source.fields[name].title.zh}”（{name}）出现了 {len(columns)} 次：{letters} 列",
                      f"the column {name} ({source.fields[name].title.en}) is there {len(columns)} times: {letters}"),
                Words("请只保留一列；如果表头有合并单元格，请取消合并并给每列写上自己的列名",
                      "keep one of them; if heading cells are merged, unmerge them and give each column its own name"),
            ))  # fmt: skip
    free = [h for one in source.fields.values() if one.name not in found for h in one.headings]
    likely = [difflib.get_close_matches(heading, free, n=1, cutoff=0.5) for _, heading in unknown]
    foreign = [one for one, near in zip(unknown, likely, strict=True) if not near]
    if len(foreign) > FIRST:
        reasons.append(_foreign(foreign, row))
    for (column, heading), near in zip(unknown, likely, strict=True):
        if not near and len(foreign) > FIRST:
            continue
        zh, en = (f"是不是“{near[0]}”？", f"did you mean {near[0]!r}? ") if near else ("", "")
        reasons.append(Reason(
            "unknown column", heading, 1, (row,), (heading,),
            Words(f"{letter(column)} 列“{heading}”不在来源的声明里", f"column {letter(column)}, {heading!r}, is not declared"),
            Words(f"{zh}请改列名、删去这一列，或在来源文件中声明它（也可写进 aliases）",
                  f"{en}rename it, delete it, or declare it in the source (as a field or as an alias)"),
        ))  # fmt: skip
    for one in source.fields.values():
        if one.name not in found and (one.required or one.name in source.unique):
            reasons.append(Reason(
                "missing column", one.name, 1, (row,), (),
                Words(f"缺少列“{one.title.zh}”（{one.name}）", f"the column {one.name} ({one.title.en}) is missing"),
                Words(f"请补上这一列，列名可写：{'、'.join(dict.fromkeys(one.headings))}",
                      f"add it; its heading may be: {', '.join(dict.fromkeys(one.headings))}"),
            ))  # fmt: skip
    return {name: columns[0] for name, columns in found.items()}, reasons


def _strange(unknown: Sequence[tuple[int, str]], source: Source, row: int) -> Reason:
    """One reason where no heading at all is known: a fault for each column would bury that it is another table."""
    wanted = [one for one in source.fields.values() if one.required or one.name in source.unique]
    return Reason(
        "no column known", "", len(unknown), (row,), tuple(heading for _, heading in unknown[:FIRST]),
        Words(f"第 {row} 行没有一个列名是来源 {source.name} 的：可能缺少表头，或交错了来源",
              f"no heading in row {row} is one of {source.name}: the heading may be missing, or the source is another"),
        Words(f"请核对来源；表头须有：{'、'.join(one.title.zh for one in wanted)}",
              f"check the source; the heading must have: {', '.join(one.name for one in wanted)}"),
    )  # fmt: skip


def _foreign(unknown: Sequence[tuple[int, str]], row: int) -> Reason:
    """One reason for many columns that are like nothing the source declares."""
    first, last = letter(unknown[0][0]), letter(unknown[-1][0])
    return Reason(
        "unknown column", "", len(unknown), (row,), tuple(heading for _, heading in unknown[:FIRST]),
        Words(f"{first} 列到 {last} 列之间有 {len(unknown)} 列不在来源的声明里",
              f"{len(unknown)} columns from {first} to {last} are not declared"),
        Words("请核对来源；不需要的列请删去，需要的请在来源文件中声明",
              "check the source; delete the columns that it does not need, or declare them in it"),
    )  # fmt: skip


def letter(column: int) -> str:
    """A column's name in a spreadsheet: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def read_column(
    source: Source, one: Field, given: pa.Array, rows: np.ndarray, findings: Findings
) -> pa.Array:
    """The cells of one column as the field's type; what cannot be read becomes empty and a fault in `findings`."""
    wanted = ARROW[one.type]
    if isinstance(given, pa.ChunkedArray):
        given = given.combine_chunks()
    if one.type != "string" and pa.types.is_boolean(given.type) != (one.type == "bool"):
        given = _as_text(given)  # true is no number, and 1 is no answer
    if not _is_text(given.type):
        try:
            if one.type != "string":
                return given.cast(wanted, safe=True)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass
        given = _as_text(given)
    if one.type in ("float64", "int64", "date") and not _lax(one, given):
        try:
            return given.cast(wanted)
        except pa.ArrowInvalid:
            pass
    return _one_by_one(_reader(source, one), one, given, rows, findings, wanted)


def nameless(column: int, given: pa.Array, rows: np.ndarray, findings: Findings) -> None:
    """A column without a heading may hold nothing: figures that no one named are not figures."""
    filled = pc.invert(pc.is_in(_as_text(given), pa.array(["", None], pa.string())))
    where = np.flatnonzero(filled.to_numpy(zero_copy_only=False))
    if len(where):
        cells = [(int(rows[place]), str(given[place].as_py())) for place in where[:100]]
        findings.add_faults("no heading", letter(column), len(where), cells)


def _lax(one: Field, given: pa.Array) -> bool:
    """Whether the machine's own reading would take what an office did not mean: 0x10 is no whole number."""
    if one.type != "int64":
        return False
    return bool(pc.any(pc.match_substring(given, "x", ignore_case=True), min_count=0).as_py())


def _one_by_one(read: Callable[[str], Any], one: Field, given: pa.Array, rows: np.ndarray, findings: Findings,
                wanted: pa.DataType) -> pa.Array:  # fmt: skip
    coded = given.dictionary_encode()
    texts = coded.dictionary.to_pylist()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values: list[Any] = []
    odd: list[tuple[int, str, bool]] = []  # which text, how it was read or why not, whether it is a fault
    for number, text in enumerate(texts):
        try:
            reading = read(text)
        except Unreadable as error:
            values.append(None)
            odd.append((number, error.why, True))
            continue
        values.append(reading.value)
        odd += [(number, how, False) for how in reading.how]
    if odd:
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
    for number, how, fault in odd:
        where = order[np.searchsorted(ordered, number) : np.searchsorted(ordered, number, "right")]
        if fault:
            findings.add_faults(
                how, one.name, len(where), [(int(rows[at]), texts[number]) for at in where[:LISTED]]
            )
        else:
            findings.note(one.name, how, len(where), int(rows[where[0]]), texts[number], values[number])
    if one.type == "string" and values == texts:
        return coded
    return pa.array(values, wanted).take(coded.indices)


def _reader(source: Source, one: Field) -> Callable[[str], Any]:
    """How one cell of the field is read."""
    period = source.period if source.period and source.period.field == one.name else None
    if one.type == "float64":
        return lambda text: read_number(text, unit=one.unit, missing=one.missing)
    if one.type == "int64":
        return lambda text: read_whole(text, unit=one.unit, missing=one.missing)
    if one.type == "date":
        return lambda text: read_date(text, missing=one.missing)
    if one.type == "bool":
        return _read_yes_no
    if period:
        return lambda text: read_period(text, period.grain)
    if source.register:  # what a person entered there is no slip of a spreadsheet, whatever it looks like
        return lambda text: Reading(text or None)
    # Codes are compared with lists, so full-width digits in them are read as digits; free text stays as it was written.
    code = one.references or one.allowed or one.name in (*source.unique, source.area)
    return lambda text: _read_text(text, one.missing, code=bool(code))


def _read_text(text: str, missing: tuple[str, ...], *, code: bool) -> Reading[str | None]:
    plain = fold(text) if code else text.strip()
    if not plain:
        return Reading(None)
    if plain in missing:
        return Reading(None, ("missing",))
    if plain in SHEET_ERRORS:
        raise Unreadable("error", text)
    return Reading(plain, () if plain == text else (("spaces",) if plain == text.strip() else ("width",)))


def _read_yes_no(text: str) -> Reading[bool | None]:
    plain = fold(text).lower()
    if not plain:
        return Reading(None)
    if plain not in _YES_NO:
        raise Unreadable("yes or no", text)
    return Reading(_YES_NO[plain], () if plain in ("true", "false") else ("yes or no",))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _as_text(given: pa.Array) -> pa.Array:
    """Typed cells (of a Parquet file) as the texts a person would read; whole numbers carry no ".0"."""
    if _is_text(given.type):
        return given
    if pa.types.is_dictionary(given.type):
        return _as_text(given.dictionary_decode())
    if pa.types.is_floating(given.type):
        whole = [None if v is None else str(int(v)) if v == v and abs(v) < 2**53 and v == int(v) else repr(v)
                 for v in given.to_pylist()]  # fmt: skip
        return pa.array(whole, pa.string())
    return given.cast(pa.string())
