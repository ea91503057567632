"""The columns of a file for a register: which heading is which field, and what a cell of each kind says."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from shenzhi.calc.codes.typed import CodeError
from shenzhi.calc.figures import SHEET_ERRORS, Unreadable, fold, read_date, read_number, read_whole, safe_cell
from shenzhi.kernel.exchange import faults as rules
from shenzhi.kernel.exchange.faults import Faults, Rule
from shenzhi.kernel.labels import words_of
from shenzhi.kernel.registers.declaration import OWN, Field, Register
from shenzhi.kernel.registers.faults import words_for
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.words import Words

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YES_NO = {
    **dict.fromkeys(("true", "t", "1", "是", "yes", "y", "√"), True),
    **dict.fromkeys(("false", "f", "0", "否", "no", "n", "×"), False),
}
NUMBER = Words("编号", "Number")
"""The heading of a record's public number, in exports; an import leaves it out, since numbers are given here."""


@dataclass(frozen=True)
class Column:
    """A field that an import fills."""

    field: Field
    model: models.Field[Any, Any]
    read: Callable[[str], Any] | None
    """What a code looks like (`Record.codes`)."""

    @property
    def name(self) -> str:
        return self.field.name


class Bad(ValueError):
    """A cell that keeps its rule not."""

    def __init__(self, rule: Rule, more: Words | str = "") -> None:
        self.rule, self.more = rule, more


def columns_of(register: Register) -> dict[str, Column]:
    """The fields that an import may fill: those of the form, references to records of a register included."""
    found = {}
    for name in register.form:
        model = register.model._meta.get_field(name)
        field = register.fields[name]
        if not field.writable or (
            isinstance(model, models.ForeignKey) and not issubclass(model.related_model, Record)
        ):
            continue
        found[name] = Column(field, model, register.model.codes.get(name))
    return found


def headings_of(register: Register) -> dict[str, str]:
    """The name of the field by each of its headings: field name, Chinese and English title, folded."""
    found: dict[str, str] = {}
    for name, one in columns_of(register).items():
        for heading in (name, one.field.title.zh, one.field.title.en):
            found.setdefault(fold(heading).casefold(), name)
    return found


def _left_out(register: Register) -> set[str]:
    """Headings of an export that an import leaves out: what the platform writes, and the words behind references."""
    titles = [NUMBER, *(register.fields[name].title for name in (*OWN, "state") if name in register.fields)]
    return {
        fold(heading).casefold()
        for heading in ("number", *OWN, "state", *(one.zh for one in titles), *(one.en for one in titles))
    }


def match(register: Register, headings: Sequence[Sequence[str]], row: int, faults: Faults) -> dict[str, int]:
    """Which column (from 0) holds which field; every strange, doubled or missing column is a fault."""
    known, left_out = headings_of(register), _left_out(register)
    fields = columns_of(register)
    places: dict[str, int] = {}
    for at, forms in enumerate(headings):
        folded = [fold(form).casefold() for form in forms if fold(form)]
        name = next((known[form] for form in folded if form in known), None)
        if name is None:
            if folded and not any(form in left_out or _of_reference(form) for form in folded):
                near = difflib.get_close_matches(folded[0], known, n=1, cutoff=0.6)
                title = fields[known[near[0]]].field.title if near else None
                more = (
                    Words(f"；是不是“{title.zh}”？", f"; did you mean “{title.en}”?")
                    if title
                    else rules.NOTHING
                )
                faults.add(row, "", Words(forms[0], forms[0]), forms[0], rules.COLUMN, more)
        elif name in places:
            faults.add(row, name, fields[name].field.title, forms[0], rules.COLUMN_TWICE)
        else:
            places[name] = at
    for name, one in fields.items():
        if one.field.required and name not in places:
            title = one.field.title
            names = list(dict.fromkeys((title.zh, title.en, name)))
            faults.add(row, name, title, "", rules.NO_COLUMN, Words("、".join(names), ", ".join(names)))
    return places


def _of_reference(heading: str) -> bool:
    """Whether the heading is that of the words behind a reference in an export: 单位（名称）, Organisation (name)."""
    return heading.endswith(("(名称)", "（名称）", "(name)", "__name"))


def reader_of(register: Register, column: Column) -> Callable[[str], Any]:
    """How a cell of the field is read; Bad for what cannot stand. References are read together (references.py)."""
    plain = _PLAIN[column.field.kind](column.model) if column.field.kind in _PLAIN else _text(column)
    validators = [one for one in column.model.validators if not isinstance(one, MaxLengthValidator)]
    if not validators:
        return plain

    def checked(text: str) -> Any:
        value = plain(text)
        for validator in validators:
            try:
                validator(value)
            except ValidationError as error:
                (said,) = words_for(register, error).values()
                raise Bad(rules.FORM, said[0]) from error
        return value

    return checked


def _text(column: Column) -> Callable[[str], str]:
    most, parse = column.model.max_length, column.read

    def read(text: str) -> str:
        value = text.strip()
        if value[:1] == "'" and safe_cell(value[1:]) == value:
            value = value[1:]  # the mark with which an export keeps a text from running as a formula
        if parse is not None:
            try:
                return str(parse(value))
            except CodeError as error:
                raise Bad(rules.CODE, Words(error.zh, error.en)) from error
        if most is not None and len(value) > most:
            raise Bad(
                rules.LENGTH,
                Words(f"{len(value)} 个字，最多 {most} 个", f"{len(value)} characters, at most {most}"),
            )
        if value[:1] == "#" and value in SHEET_ERRORS:
            raise Bad(rules.ERROR)
        if _CONTROL.search(value):
            raise Bad(rules.SIGN)
        return value

    return read


def _choice(field: models.Field[Any, Any]) -> Callable[[str], Any]:
    known: dict[str, Any] = {}
    titles = []
    for code, title in field.flatchoices:
        words = words_of(title)
        titles.append(words)
        for form in (str(code), words.zh, words.en):
            known.setdefault(fold(form).casefold(), code)
    more = Words("、".join(one.zh for one in titles), ", ".join(one.en for one in titles))

    def read(text: str) -> Any:
        code = known.get(fold(text).casefold())
        if code is None:
            raise Bad(rules.CHOICE, more)
        return code

    return read


def _date(field: models.Field[Any, Any]) -> Callable[[str], Any]:
    def read(text: str) -> dt.date:
        try:
            day = read_date(text, missing=()).value
        except Unreadable as error:
            raise Bad(rules.DATE) from error
        if day is None:
            raise Bad(rules.DATE)
        return day

    return read


def _moment(field: models.Field[Any, Any]) -> Callable[[str], Any]:
    def read(text: str) -> dt.datetime:
        try:
            moment = dt.datetime.fromisoformat(fold(text).replace("/", "-"))
        except ValueError:
            try:
                moment = dt.datetime.combine(_date(field)(text), dt.time())
            except Bad as error:
                raise Bad(rules.MOMENT) from error
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    return read


def _whole(field: models.Field[Any, Any]) -> Callable[[str], Any]:
    def read(text: str) -> int:
        try:
            value = read_whole(text, missing=()).value
        except Unreadable as error:
            raise Bad(rules.WHOLE) from error
        if value is None:
            raise Bad(rules.WHOLE)
        return value

    return read


def _number(field: models.Field[Any, Any]) -> Callable[[str], Any]:
    exact = isinstance(field, models.DecimalField)

    def read(text: str) -> float | Decimal:
        try:
            value = read_number(text, missing=()).value
        except Unreadable as error:
            raise Bad(rules.NUMBER) from error
        if value is None or value != value or value in (float("inf"), float("-inf")):
            raise Bad(rules.NUMBER)
        return Decimal(fold(text).replace(",", "")) if exact else value

    return read


def _flag(field: models.Field[Any, Any]) -> Callable[[str], Any]:
    def read(text: str) -> bool:
        value = _YES_NO.get(fold(text).casefold())
        if value is None:
            raise Bad(rules.FLAG)
        return value

    return read


_PLAIN: Mapping[str, Callable[[models.Field[Any, Any]], Callable[[str], Any]]] = {
    "choice": _choice,
    "date": _date,
    "moment": _moment,
    "whole": _whole,
    "decimal": _number,
    "number": _number,
    "flag": _flag,
}
