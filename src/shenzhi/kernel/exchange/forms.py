"""The forms of an export: CSV that a spreadsheet opens safely, XLSX, Parquet and JSON, written as the rows come."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import models
from django.utils import timezone

from shenzhi.calc.figures import safe_cell
from shenzhi.kernel.exchange.taken import Out, Taken
from shenzhi.kernel.files.workbook_writer import LONGEST_NAME, LONGEST_TEXT, Column, Sheet, write_book
from shenzhi.kernel.labels import words_of
from shenzhi.kernel.words import Words

BOM = b"\xef\xbb\xbf"
BLOCK = 1 << 18
YES, NO = Words("是", "yes"), Words("否", "no")
_BANNED = re.compile(r"[\[\]:*?/\\]")


def write_csv(taken: Taken, language: str) -> Iterator[bytes]:
    """With a byte-order mark, so that spreadsheets read Chinese right; no cell runs as a formula."""
    say = [_said(taken, column, language) for column in taken.columns]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.title.say(language) for column in taken.columns])
    yield BOM + buffer.getvalue().encode()
    for rows in taken.chunks:
        buffer.seek(0)
        buffer.truncate()
        writer.writerows(
            [safe_cell(one(value)) if value is not None else "" for one, value in zip(say, row, strict=True)]
            for row in rows
        )
        yield buffer.getvalue().encode()


def write_xlsx(taken: Taken, language: str) -> Iterator[bytes]:
    """A sheet of the records and one that says what they are and what is left out."""
    say = [_said(taken, column, language) for column in taken.columns]
    title = taken.register.title.say(language)
    about = [
        (Words("登记簿", "Register"), title),
        (Words("截至", "As of"), taken.at),
        (Words("说明", "Note"), taken.note.say(language)),
    ]

    def rows() -> Iterator[list[Any]]:
        for chunk in taken.chunks:
            for row in chunk:
                yield [
                    None if value is None else _fitting(one(value))
                    for one, value in zip(say, row, strict=True)
                ]

    sheets = [
        Sheet(
            _sheet_name(title), [Column(one.title.say(language), width=18) for one in taken.columns], rows()
        ),
        Sheet(
            Words("说明", "About").say(language) if title not in ("说明", "About") else "README",
            [
                Column(Words("项目", "Entry").say(language)),
                Column(Words("内容", "Content").say(language), width=100),
            ],
            [(name.say(language), text) for name, text in about],
        ),
    ]
    with tempfile.TemporaryFile() as file:
        write_book(sheets, file)
        yield from _sent(file)


def write_parquet(taken: Taken, language: str) -> Iterator[bytes]:
    """Typed columns under the names of the fields; titles and the note are in the metadata."""
    fields = [
        pa.field(one.name, _type(taken, one), metadata={"title_zh": one.title.zh, "title_en": one.title.en})
        for one in taken.columns
    ]
    told = {
        "register": taken.register.slug,
        "as_of": taken.at,
        "note_zh": taken.note.zh,
        "note_en": taken.note.en,
    }
    schema = pa.schema(fields, metadata=told)
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            waiting: list[list[Any]] = []
            for rows in taken.chunks:
                waiting += rows
                if len(waiting) >= 50_000:
                    writer.write_table(_table(waiting, schema))
                    waiting = []
            if waiting:
                writer.write_table(_table(waiting, schema))
        yield from _sent(file)


def write_json(taken: Taken, language: str) -> Iterator[bytes]:
    """One object: what the register is, its fields, and the records one a line."""
    register = taken.register
    head = {
        "register": register.slug,
        "title": _both(register.title),
        "article": register.article,
        "as_of": taken.at,
        "note": _both(taken.note),
        "fields": [{"name": one.name, "title": _both(one.title), "kind": one.kind} for one in taken.columns],
    }
    names = [one.name for one in taken.columns]
    yield (json.dumps(head, ensure_ascii=False)[:-1] + ', "records": [').encode()
    first = True
    for rows in taken.chunks:
        lines = ",\n".join(
            json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_plain) for row in rows
        )
        yield f"{'' if first else ','}\n{lines}".encode()
        first = False
    yield b"\n]}\n"


WRITERS: Mapping[str, Callable[[Taken, str], Iterator[bytes]]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "parquet": write_parquet,
    "json": write_json,
}


def _said(taken: Taken, column: Out, language: str) -> Callable[[Any], Any]:
    """How a value is written for people: the words of a choice or a state, yes or no, days and moments."""
    register = taken.register
    if column.field == "state" and register.procedure is not None:
        states = {code: state.title.say(language) for code, state in register.procedure.state.items()}
        return lambda value: states.get(value, value)
    if column.kind == "choice":
        field = register.model._meta.get_field(column.field)
        words = {code: words_of(title).say(language) for code, title in field.flatchoices}
        return lambda value: words.get(value, value)
    if column.kind == "flag":
        return lambda value: (YES if value else NO).say(language)
    if column.kind == "moment":
        return lambda value: timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if column.kind in ("whole", "number"):
        return lambda value: value
    return str


def _fitting(value: Any) -> Any:
    """A text as far as a cell of a workbook holds it."""
    return f"{value[: LONGEST_TEXT - 1]}…" if isinstance(value, str) and len(value) > LONGEST_TEXT else value


def _sheet_name(title: str) -> str:
    return _BANNED.sub(" ", title)[:LONGEST_NAME].strip(" '") or "records"


def _type(taken: Taken, column: Out) -> pa.DataType:
    if column.kind == "decimal":
        field = taken.register.model._meta.get_field(column.field)
        assert isinstance(field, models.DecimalField)
        return pa.decimal128(field.max_digits or 38, field.decimal_places or 0)
    return _TYPES.get(column.kind, pa.string())


_TYPES = {
    "flag": pa.bool_(),
    "date": pa.date32(),
    "moment": pa.timestamp("us", tz="UTC"),
    "whole": pa.int64(),
    "number": pa.float64(),
}


def _table(rows: list[list[Any]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True))
    arrays = [
        pa.array(
            [None if v is None else str(v) for v in values] if pa.types.is_string(field.type) else values,
            field.type,
        )
        for field, values in zip(schema, columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(BLOCK):
        yield block
