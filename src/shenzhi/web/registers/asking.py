"""What a reader asks a register: search, filters, order; only about fields that the reader may ask (article 84).

The list, its downloads and whoever else needs the same records use this one question, so that they give the same answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db import models

from shenzhi.calc.figures import writable
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.labels import label
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers import search
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.declaration import Register, field_at
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.sight import askable, ways
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import YES_NO, everywhere, openly, visible_somewhere
from shenzhi.web.registers.choosing import RecordField

LONGEST = 100
SORTED_KINDS = ("text", "choice", "flag", "date", "moment", "whole", "decimal", "number")
RANGED = ("date", "moment", "whole", "decimal", "number")
ALL = label("全部", "All")


@dataclass(frozen=True)
class Question:
    """A question to a register and the records that answer it, not yet sorted nor counted.

    `unsearched` are the records before the text was asked. `order` is how they are to be sorted; `asked` are the fields
    asked, `hides` whether asking them leaves out records that the reader sees otherwise (their asked fields are closed).
    `span` is the indexed field that a span was given for, "" for none: the list then goes along it."""

    register: Register
    reader: Reader
    records: Any
    unsearched: Any
    order: tuple[str, ...]
    sort: str
    text: str
    form: forms.Form
    asked: frozenset[str]
    hides: bool
    span: str

    @property
    def narrowed(self) -> bool:
        return bool(self.text or self.asked)


def question(register: Register, reader: Reader, given: Mapping[str, Any]) -> Question:
    """The question that an address asks; what the reader may not ask is left out as if it had not been written."""
    filters = filters_of(register, reader)(data=given, queryset=register.model._default_manager.none())
    filters.form.is_valid()
    active = {
        filters.filters[name].field_name: value
        for name, value in getattr(filters.form, "cleaned_data", {}).items()
        if value not in (None, "")
    }
    sort = str(given.get("sort", ""))
    if sort.removeprefix("-") not in sortable(register, reader):
        sort = ""
    text = writable(str(given.get("q", ""))).strip()[:LONGEST] if search.searched(register) else ""
    asked = {path.split("__")[0] for path in active} | ({sort.removeprefix("-")} if sort else set())
    model: type[Record] = register.model
    filters.queryset = model.objects.visible_to(reader, asking=asked)
    span = next((name for name in active if _spans(register, name)), "")
    records = unsearched = _closed_span(filters.filter_queryset(filters.queryset), span)
    if text:
        records = search.found(register, records, text)
    return Question(
        register,
        reader,
        records,
        unsearched,
        (sort,) if sort else (f"-{span}",) if span else order_of(register, reader),
        sort,
        text,
        filters.form,
        frozenset(asked),
        not everywhere(register, reader, asked),
        span,
    )


def _spans(register: Register, path: str) -> bool:
    """Whether a filter asks for a span of days or numbers in a column by which records are found at once."""
    return path in _led(register) and register.fields[path].kind in ("date", "whole", "decimal", "number")


def _closed_span(records: Any, span: str) -> Any:
    """The same records, the span given with both its ends: SQLite takes one end alone for a quarter of the table, and
    would go through another index for a single day."""
    if not span or not isinstance(records.model._meta.get_field(span), models.DateField):
        return records
    return records.filter(**{f"{span}__gte": dt.date.min, f"{span}__lte": dt.date.max})


def order_of(register: Register, reader: Reader) -> tuple[str, ...]:
    """The register's own order, where every record shows the reader what it sorts by; else the newest first."""
    names = [name.removeprefix("-") for name in register.order]
    plain = all("__" not in name for name in names)
    own = [name for name in names if name not in ("id", "pk")]
    return register.order if plain and everywhere(register, reader, own) else ("-id",)


def sortable(register: Register, reader: Reader) -> frozenset[str]:
    """The columns by which the reader may sort."""
    may = askable(register, reader)
    return frozenset(
        name
        for name in register.columns
        if name in may
        and name != "state"
        and name in register.fields
        and register.fields[name].kind in SORTED_KINDS
    )


def indexed(register: Register) -> frozenset[str]:
    """The columns by which even ten million records are sorted at once; not those that may be empty, which stand last
    in a list and not in every database's index."""
    full = {one.name for one in register.model._meta.concrete_fields if not one.null}
    return _led(register) & full


def _led(register: Register) -> frozenset[str]:
    """The columns with which an index begins."""
    meta = register.model._meta
    own = {one.name for one in meta.concrete_fields if one.unique or one.db_index}
    first = {
        str(index.fields[0]).removeprefix("-")
        for index in meta.indexes
        if index.fields and not index.condition
    }
    return frozenset(own | first | {"id"})


def columns(register: Register, reader: Reader) -> tuple[str, ...]:
    """The columns of the list in which this reader can see anything."""
    seen = visible_somewhere(register, reader)
    return tuple(path for path in register.columns if path.split("__")[0] in seen and path != "id")


def filters_of(register: Register, reader: Reader) -> type[django_filters.FilterSet]:
    """The filters that the register declares and the reader may use, and one for every organisation that it names."""
    made: dict[str, django_filters.Filter] = {}
    own = [
        one.name
        for one in register.model._meta.concrete_fields
        if isinstance(one, models.ForeignKey) and one.related_model is Organisation
    ]
    for path in dict.fromkeys((*register.filters, *own)):
        if _may_ask(register, reader, path):
            made |= _filters(register, reader, path)
    return type("RegisterFilters", (django_filters.FilterSet,), made)


def _may_ask(register: Register, reader: Reader, path: str) -> bool:
    """Whether the reader may ask the field, and, at the end of a path, sees it whole in all records it can lead to."""
    name, _, rest = path.partition("__")
    if name not in askable(register, reader):
        return False
    while rest:
        register = register_of(field_at(register.model, name).related_model)
        name, _, rest = rest.partition("__")
        if not openly(register, reader, name):
            return False
    return True


def _filters(register: Register, reader: Reader, path: str) -> dict[str, django_filters.Filter]:
    field = field_at(register.model, path)
    title = register.title_of(path)
    named = label(title.zh, title.en)
    more = {"field_name": path, "label": named}
    if path == "state" and register.procedure is not None:
        choices = [(code, label(words.zh, words.en)) for code, words in _states(register, reader).items()]
        return {path: django_filters.ChoiceFilter(**more, choices=choices, empty_label=ALL)}
    if field.choices:
        return {path: django_filters.ChoiceFilter(**more, choices=field.choices, empty_label=ALL)}
    if isinstance(field, models.ForeignKey):
        if not issubclass(field.related_model, Record):
            return {}
        return {path: _RecordFilter(**more, reader=reader, model=field.related_model, everything=ALL)}
    if isinstance(field, models.BooleanField):
        choices = [
            (value, label(words.zh, words.en)) for value, words in zip(("True", "False"), YES_NO, strict=True)
        ]
        return {path: django_filters.ChoiceFilter(**more, choices=choices, empty_label=ALL)}
    if isinstance(field, models.DateField | models.IntegerField | models.DecimalField | models.FloatField):
        return _range(path, field, title)
    return {path: django_filters.CharFilter(**more)}


def _range(path: str, field: models.Field[Any, Any], title: Words) -> dict[str, django_filters.Filter]:
    """From and to, both included; a moment is asked by its day."""
    days = isinstance(field, models.DateField)
    kind = django_filters.DateFilter if days else django_filters.NumberFilter
    step = "__date" if isinstance(field, models.DateTimeField) else ""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") if days else forms.NumberInput()
    return {
        f"{path}_{end}": kind(
            field_name=path,
            lookup_expr=f"{step.removeprefix('__')}{'__' if step else ''}{lookup}",
            label=label(f"{title.zh}{zh}", f"{title.en}, {en}"),
            widget=widget,
        )
        for end, lookup, zh, en in (("from", "gte", "起", "from"), ("to", "lte", "止", "to"))
    }


def _states(register: Register, reader: Reader) -> dict[str, Words]:
    """The states in which the reader can see records at all."""
    procedure = register.procedure
    if procedure is None:
        return {}
    shut = {way.name for way in ways(register, reader)} <= {"public"} and "state__in" in register.public
    return {
        one.code: one.title
        for one in procedure.states
        if not shut or one.code in register.public["state__in"]
    }


class _RecordFilter(django_filters.Filter):
    field_class = RecordField
