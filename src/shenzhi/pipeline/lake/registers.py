"""Takes what the public may read of a register into the lake, as one more source: a table like any other (article 84).

The declaration of the source is made from that of the register and written beside the lake, so that the lake can be read
without the database. What comes in is what the public reads on the pages: the records and fields that `visible_to` gives
it, masked where they are published masked. The same content handed in twice is one snapshot. The lake forgets nothing:
what was public once stays readable in its older versions.
"""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import models
from django.utils import timezone

from shenzhi.calc.figures import fold
from shenzhi.kernel import registry
from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.articles import articles
from shenzhi.kernel.labels import words_of
from shenzhi.kernel.office import office
from shenzhi.kernel.registers.catalogue import register_of, registers
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.showing import open_to_all, shown
from shenzhi.kernel.words import Progress, Words
from shenzhi.pipeline.lake import source as sources
from shenzhi.pipeline.lake.city import City, load_city
from shenzhi.pipeline.lake.columns import schema_of
from shenzhi.pipeline.lake.counted import take_in_counted
from shenzhi.pipeline.lake.declared import FICTIONAL, REGISTERS, declare, of_office
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.keep import Snapshot
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.lake.reasons import Refused
from shenzhi.pipeline.lake.source import Source

BATCH = 10_000
"""Records read at once, which are one row group of the file: so much of a register is in memory, and no more."""

LARGE = 1_000_000
"""A table of so many rows is taken in once a day, since the lake keeps every file that differs from the one before."""

TYPES = {"whole": "int64", "decimal": "float64", "number": "float64", "date": "date", "flag": "bool"}
"""The lake's type by a field's kind; all others, moments among them, are text."""

TOLD = {"id", "state"}
"""What a register always opens: a number and a state alone are no data to publish."""


@dataclass(frozen=True)
class Column:
    """A column of the table: `field` of the record, and which part of a reference ("" for every other field)."""

    name: str
    type: str
    field: str
    title: Words
    part: str = ""
    meanings: Mapping[str, Words] | None = None


def source_of(register: Register, city: City) -> Source | None:
    """The source that a register is in the lake of its office's city; None for one that shows the public nothing."""
    return sources.source_of(_declaration(register, city)) if has_public(register) else None


def has_public(register: Register) -> bool:
    """Whether the register can show the public anything: a field beyond number and state, of a record that may be public."""
    return bool(register.open - TOLD) and () not in register.public.values()


def take_in(lake: Lake, register: Register, *, progress: Progress | None = None) -> Snapshot | None:
    """Hand the public part of a register in to the lake; None where it has none, or where the city declares the table itself.

    Records are read one batch after the other, each as it stands at that moment. Refused, with the table as it was, when
    a record breaks what its register declares."""
    if not has_public(register):
        return None
    declare(lake.city, register.code, _declaration(register, lake.city))
    source = lake.source(register.code)
    if not source.register:
        return None
    folder = lake.staging_dir / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        path = folder / f"{register.code}.parquet"
        _write(path, register, source, progress)
        return ingest(lake, register.code, path, by=REGISTERS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def take_in_all(*, progress: Progress | None = None) -> list[Snapshot]:
    """Take in every register of the office of this box, large ones once a day, and the counts that apps give of what is not
    public, once a month. What is in the lake now, in their order.

    A table that is refused does not keep the others out; then Refused says all that is wrong with the first such."""
    lake = Lake(load_city(office().root))
    taken: list[Snapshot] = []
    refused: list[Refused] = []
    for register in registers():
        try:
            if not _rests(lake, register) and (one := take_in(lake, register, progress=progress)) is not None:
                taken.append(one)
        except Refused as error:
            refused.append(error)
    for counted in registry.COUNTED:
        try:
            if (one := take_in_counted(lake, counted, today=timezone.localdate())) is not None:
                taken.append(one)
        except Refused as error:
            refused.append(error)
    if refused:
        raise refused[0]
    return taken


def _rests(lake: Lake, register: Register) -> bool:
    """Whether a large table was taken in today already."""
    last = lake.versions(register.code)[-1:] if register.code in lake.sources else []
    return bool(last) and last[0].rows >= LARGE and last[0].at[:10] == str(dt.datetime.now(dt.UTC).date())


def _declaration(register: Register, city: City) -> dict[str, Any]:
    """The register in the words of a source file (docs/reference/source-file.md)."""
    columns = columns_of(register)
    fictional = {"fictional": _field("string", Words("虚构标记", "Fictional"), allowed=[FICTIONAL])}
    said: dict[str, Any] = {
        "source": register.code,
        "register": register.slug,
        "fictional": city.fictional,
        "title": _words(register.title),
        **of_office(city),
        "article": ", ".join(map(str, articles(register.article))),
        "description": _words(register.note),
        "update": "hourly",
        "key": ["number"],
        "area": next((one.name for one in columns if (one.field, one.part) == ("district", "code")), ""),
        "fields": {
            **(fictional if city.fictional else {}),
            **{one.name: _field(one.type, one.title, meanings=one.meanings) for one in columns},
        },
    }
    return {key: value for key, value in said.items() if value and value != {"zh": "", "en": ""}}


def _field(
    kind: str, title: Words, *, allowed: list[str] | None = None, meanings: Mapping[str, Words] | None = None
) -> dict[str, Any]:
    said: dict[str, Any] = {"type": kind, "title": _words(title), "open": True}
    if meanings:
        said["allowed"] = {value: _words(words) for value, words in meanings.items()}
    return {**said, "allowed": allowed} if allowed else said


def columns_of(register: Register) -> list[Column]:
    """The columns of the register's table: its number, then what is open, in the order of the record.

    A reference is written as in an export: the other record's code where everybody may read one, else its number, and its
    name beside it where everybody may read that. A reference to what is no record of a register stays out."""
    found = [Column("number", "string", "id", Words("编号", "Number"))]
    for name, field in register.fields.items():
        if name == "id" or name not in register.open:
            continue
        if field.mask:
            title = Words(f"{field.title.zh}（部分隐去）", f"{field.title.en} (masked)")
            found.append(Column(name, "string", name, title))
        elif field.kind == "reference":
            found += _reference(register, name, field.title)
        else:
            kind = TYPES.get(field.kind, "string")
            found.append(Column(name, kind, name, field.title, meanings=_meanings(register, name)))
    return _told_apart(found)


def _reference(register: Register, name: str, title: Words) -> Iterator[Column]:
    key = register.model._meta.get_field(name)
    if not isinstance(key, models.ForeignKey) or not issubclass(key.related_model, Record):
        return
    other = register_of(key.related_model)
    yield Column(name, "string", name, title, "code" if open_to_all(other, "code") else "number")
    if open_to_all(other, other.label):
        named = Words(f"{title.zh}（名称）", f"{title.en} (name)")
        yield Column(f"{name}__name", "string", name, named, "label")


def _meanings(register: Register, name: str) -> dict[str, Words] | None:
    """What the values of a choice, or of the state, mean in words."""
    if name == "state" and register.procedure is not None:
        return {state.code: state.title for state in register.procedure.states}
    choices = getattr(register.model._meta.get_field(name), "flatchoices", [])
    return {str(value): words_of(title) for value, title in choices if str(value)} or None


def _told_apart(columns: list[Column]) -> list[Column]:
    """The same columns, each with a title of its own: a heading names one column of a file."""
    taken = {fold(one.name) for one in columns}
    found = []
    for one in columns:
        title = one.title
        if taken & {fold(title.zh), fold(title.en)} - {fold(one.name)}:
            title = Words(f"{title.zh}（{one.name}）", f"{title.en} ({one.name})")
        taken |= {fold(title.zh), fold(title.en)}
        found.append(Column(one.name, one.type, one.field, title, one.part, one.meanings))
    return found


def _write(path: Path, register: Register, source: Source, progress: Progress | None) -> None:
    """The public records as one Parquet file, a batch after the other. Equal content gives equal bytes."""
    schema = schema_of(source)
    schema = schema.remove(schema.get_field_index("_row"))
    columns = columns_of(register)
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        done = 0
        for records in _batches(register, columns):
            file.write_table(_table(records, columns, schema))
            done += len(records)
            if progress is not None:
                progress(register.title, done, 0)


def _batches(register: Register, columns: list[Column]) -> Iterator[list[Record]]:
    """The records that the public may see, by their keys."""
    model: Any = register.model
    public = model.objects.visible_to(PUBLIC).order_by("pk")
    if referred := {one.field for one in columns if one.part}:
        public = public.select_related(*sorted(referred))
    last = 0
    while records := list(public.filter(pk__gt=last)[:BATCH]):
        yield records
        last = records[-1].pk


def _table(records: list[Record], columns: list[Column], schema: pa.Schema) -> pa.Table:
    seen = [(record, shown(record)) for record in records]
    cells: dict[str, list[Any]] = {
        one.name: [_cell(one, record, values) for record, values in seen] for one in columns
    }
    if "fictional" in schema.names and "fictional" not in cells:
        cells["fictional"] = [FICTIONAL] * len(records)
    return pa.table([pa.array(cells[one.name], one.type) for one in schema], schema=schema)


_AS: Mapping[str, Callable[[Any], Any]] = {
    "int64": int,
    "float64": float,
    "date": dt.date.fromisoformat,
    "bool": bool,
    "string": str,
}


def _cell(column: Column, record: Record, values: Mapping[str, Any]) -> Any:
    """What stands in the column for this record: only what `shown` gave for the public, in the lake's type."""
    if column.field == "id":
        return record.number
    value = values.get(column.field)  # a record may show the public less than the register opens
    if column.part and value is not None:
        value = getattr(record, column.field).code if column.part == "code" else value[column.part]
    return None if value is None or value == "" else _AS[column.type](value)


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
