"""Records to take away as CSV, XLSX, Parquet or JSON: what the reader may see of each, masked where it is masked, sent in
pieces, with a note of what is left out (articles 84, 88; Personal Information Protection Law 51).

A million rows never lie in memory: they are read, written and sent a few thousand at a time. Reading personal fields
whole is noted as on any page. Beyond the limit of a form the export is refused with the ways out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from shenzhi.calc.masks import mask
from shenzhi.kernel.access.reads import note_read
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.exchange.fields import NUMBER
from shenzhi.kernel.exchange.forms import WRITERS
from shenzhi.kernel.exchange.taken import Out, Taken
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.declaration import CLASSES, Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.search import codes_of
from shenzhi.kernel.registers.showing import label_of, referred
from shenzhi.kernel.registers.sight import Sight, ways
from shenzhi.kernel.registers.writing import Refused
from shenzhi.kernel.words import Words

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}
MOST = {"csv": 1_000_000, "xlsx": 100_000, "parquet": 1_000_000, "json": 1_000_000}
"""Rows of one file; a workbook keeps all its different texts in memory until it is written."""
CHUNK = 2000
HELD = 50_000
"""So many names of records referred to are kept at hand."""


class TooMany(Refused):
    """More records than one file takes."""

    status = 422


@dataclass(frozen=True)
class Export:
    """A file to send: its name, its type, its bytes in pieces, and what it leaves out."""

    name: str
    content_type: str
    pieces: Iterator[bytes]
    note: Words


def export(register: Register, records: Any, reader: Reader, form: str, language: str = "zh-hans") -> Export:
    """The records (a query that came from `visible_to(reader)`) as a file. TooMany where the form does not hold them."""

    if records.reader is not reader and records.reader != reader:
        raise ValueError("an export takes records read with visible_to() for the same reader")
    if records.order_by()[: MOST[form] + 1].count() > MOST[form]:
        raise TooMany(_too_many(form))
    now = timezone.localtime()
    columns = columns_for(register, reader)
    taken = Taken(
        register,
        columns,
        _chunks(register, columns, records, reader),
        note(register, reader),
        now.isoformat(timespec="seconds"),
    )
    name = f"{register.slug}-{now:%Y%m%d-%H%M}.{form}"
    return Export(name, FORMS[form], WRITERS[form](taken, language), taken.note)


def columns_for(register: Register, reader: Reader) -> tuple[Out, ...]:
    """The columns in which the reader sees something of some record: the number, then the fields in their order."""
    known = ways(register, reader)
    seen = frozenset().union(*(way.whole | way.masked for way in known))
    masked = frozenset().union(*(way.masked for way in known))
    found = [Out("number", NUMBER, "text", "id")]
    for name, field in register.fields.items():
        if name not in seen or name == "id":
            continue
        if field.kind == "reference":
            found.append(Out(name, field.title, "text", name, "code"))
            title = Words(f"{field.title.zh}（名称）", f"{field.title.en} (name)")
            found.append(Out(f"{name}__name", title, "text", name, "name"))
        else:
            found.append(Out(name, field.title, "text" if name in masked else field.kind, name))
    return tuple(found)


def note(register: Register, reader: Reader) -> Words:
    """What the file does not show this reader: fields left out, by class, and fields masked."""
    known = ways(register, reader)
    whole = frozenset().union(*(way.whole for way in known))
    masked = frozenset().union(*(way.masked for way in known)) - whole
    zh, en = [], []
    for reach, title in CLASSES.items():
        shut = [
            one.title
            for name, one in register.fields.items()
            if one.reach == reach and name not in whole | masked
        ]
        if shut and reach != "open":
            zh.append(f"{'、'.join(one.zh for one in shut)}（{title.zh}）")
            en.append(f"{', '.join(one.en for one in shut)} ({title.en.lower()})")
    said_zh = f"未包含：{'；'.join(zh)}。" if zh else "包含全部字段。"
    said_en = f"Left out: {'; '.join(en)}. " if en else "All fields are included. "
    if hidden := [register.fields[name].title for name in register.fields if name in masked]:
        said_zh += f"已脱敏：{'、'.join(one.zh for one in hidden)}。"
        said_en += f"Masked: {', '.join(one.en for one in hidden)}. "
    if len(known) > 1:
        said_zh += "各条记录按您对该条记录的权限显示，无权查看的单元格为空。"
        said_en += "Each record shows what you may see of it; cells that you may not see are empty. "
    return Words(said_zh, said_en.strip())


def _too_many(form: str) -> Words:
    others = "、".join(one.upper() for one, most in MOST.items() if most > MOST[form])
    english = others.replace("、", ", ")
    zh = f"超过 {MOST[form]:,} 条，{form.upper()} 文件放不下：请加上筛选条件分次下载"
    en = f"More than {MOST[form]:,} records do not fit into one {form.upper()} file: narrow them down by filters"
    if others:
        return Words(f"{zh}，或者改用 {others}。", f"{en}, or choose {english}.")
    return Words(f"{zh}，或者用接口逐页读取。", f"{en}, or read them page by page through the API.")


def _chunks(
    register: Register, columns: Sequence[Out], records: Any, reader: Reader
) -> Iterator[list[list[Any]]]:
    """The rows, in the order of the query; personal fields shown whole are noted before they are sent."""
    personal = frozenset(register.personal)
    sights: dict[tuple[bool, ...], Sight] = {}
    marks = [f"way_{at}" for at in range(len(ways(register, reader)))]
    named = {name: _Names(register.model, name) for name in referred(register.model)}
    held: list[Record] = []

    def rows() -> list[list[Any]]:
        seen = []
        read: dict[frozenset[str], list[int]] = {}
        for record in held:
            key = tuple(getattr(record, mark) for mark in marks)
            sight = sights.get(key) or sights.setdefault(key, record.sight)
            seen.append(sight)
            if shown := personal & sight.whole:
                read.setdefault(shown, []).append(record.pk)
        for fields, keys in read.items():
            note_read(reader, register.code, keys, fields, "export")
        for name, names in named.items():
            names.fetch(getattr(record, f"{name}_id") for record in held)
        return [
            [_value(record, column, sight, register, named) for column in columns]
            for record, sight in zip(held, seen, strict=True)
        ]

    for record in records.select_related(None).iterator(chunk_size=CHUNK):
        held.append(record)
        if len(held) == CHUNK:
            yield rows()
            held.clear()
    if held:
        yield rows()


def _value(record: Record, column: Out, sight: Sight, register: Register, named: dict[str, _Names]) -> Any:
    name = column.field
    if name == "id":
        return record.number
    if name in sight.whole:
        if column.part:
            return named[name].part(getattr(record, f"{name}_id"), column.part)
        return getattr(record, name)
    if name in sight.masked:
        if column.part == "code":
            return None
        value = (
            named[name].part(getattr(record, f"{name}_id"), "name") if column.part else getattr(record, name)
        )
        return mask(register.fields[name].mask, "" if value is None else str(value))
    return None


class _Names:
    """The code and name of the records that a reference leads to, read many at once and kept at hand."""

    def __init__(self, model: type[models.Model], name: str) -> None:
        self.target = model._meta.get_field(name).related_model
        self.known: dict[int, tuple[str, str]] = {}
        self.codes = codes_of(register_of(self.target)) if issubclass(self.target, Record) else ()

    def fetch(self, keys: Iterator[int | None]) -> None:
        wanted = sorted({key for key in keys if key is not None} - self.known.keys())
        if len(self.known) > HELD:
            self.known.clear()
        for at in range(0, len(wanted), 500):
            records = self.target._base_manager.filter(pk__in=wanted[at : at + 500])
            if issubclass(self.target, Record):
                label = register_of(self.target).label
                records = records.select_related(*(one for one in referred(self.target) if one == label))
            for one in records:
                self.known[one.pk] = self._told(one)

    def _told(self, one: Any) -> tuple[str, str]:
        if not isinstance(one, Record):
            return str(one.pk), str(one)
        open_ = bool(self.codes) and not one.register.public
        return (str(getattr(one, self.codes[0])) if open_ else one.number), label_of(one)

    def part(self, key: int | None, part: str) -> str | None:
        if key is None:
            return None
        code, name = self.known[key]
        return code if part == "code" else name
