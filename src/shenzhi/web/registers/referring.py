"""Which other records speak of a record: the tasks of a plan, the reports of a task, everything on an organisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.urls import reverse

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.showing import referred
from shenzhi.kernel.registers.sight import askable
from shenzhi.kernel.words import Words
from shenzhi.web.registers import paging
from shenzhi.web.registers.asking import columns, order_of
from shenzhi.web.registers.cells import NOTHING, Cell, Names, cell, entry_address, named, title_of
from shenzhi.web.registers.choosing import key_of

FIRST = 10


@dataclass(frozen=True)
class Part:
    """What one register says of a record, in one of its fields."""

    register: Register
    field: Words
    name: str
    count: str
    total: paging.Count
    records: list[Record]
    href: str
    columns: list[tuple[str, Words]]
    names: Names

    @property
    def rows(self) -> Iterator[tuple[str, str, str, list[tuple[Words, Cell]]]]:
        for one in self.records:
            cells = [(title, cell(one, path, self.names) or NOTHING) for path, title in self.columns]
            yield one.number, title_of(one), entry_address(one), cells

    @property
    def more(self) -> bool:
        return self.total.more or self.total.number > len(self.records)


def parts_of(record: Record, reader: Reader) -> list[Part]:
    """What every register with a reference to the record says of it, in the order of the registers.

    Of a department, district or account everything speaks: only the references that lists are filtered by count, which
    are the ones with an index."""
    found = []
    for register in registers():
        model: type[Record] = register.model
        may = askable(register, reader)
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.ForeignKey) or field.related_model is not type(record):
                continue
            asked = field.name in register.filters or field.related_model is Organisation
            if asked and field.name in may:
                found.append(_part(register, field.name, record, reader))
    return found


def _part(register: Register, name: str, record: Record, reader: Reader) -> Part:
    model: type[Record] = register.model
    records = model.objects.visible_to(reader, asking=[name]).filter(**{name: record.pk})
    rows = list(records.select_related(*referred(model)).order_by(*order_of(register, reader))[:FIRST])
    complete = len(rows) < FIRST
    total = paging.Count(len(rows)) if complete else paging.hurried(paging.number_of(records), len(rows))
    paths = [path for path in columns(register, reader) if path != name]
    return Part(
        register,
        register.fields[name].title,
        name,
        str(total),
        total,
        rows,
        f"{reverse('registers:list', args=[register.slug])}?{name}={key_of(record)}",
        [(path, register.title_of(path)) for path in paths],
        named(rows, paths, reader),
    )
