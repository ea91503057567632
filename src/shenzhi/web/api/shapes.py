"""The shapes of records in the API: made from the declaration of each register, for answers and for what is sent in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, create_model

from shenzhi.kernel.procedures.declaration import Move
from shenzhi.kernel.registers.declaration import Register


class Reference(Schema):
    """Another record: its public number, and how it is called."""

    number: str = Field(examples=["ORG-0000001-X"])
    label: str


class Person(Schema):
    """An account: who acts is told to those who carry the register out."""

    id: int
    label: str


class Happened(Schema):
    """One event of a record's history; values appear as far as the reader may see the fields."""

    version: int
    at: str
    act: str
    state: str
    by: str | None = None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    said: dict[str, Any] = {}
    hash: str


class Told(Schema):
    """The history of one record, oldest first."""

    items: list[Happened]


class Described(Schema):
    """A register in the list of registers."""

    slug: str
    title_zh: str
    title_en: str
    article: str
    url: str


class Registers(Schema):
    """Every register that this reader may see something of."""

    items: list[Described]


KINDS: dict[str, Any] = {
    "text": str,
    "long": str,
    "choice": str,
    "flag": bool,
    "moment": dt.datetime,
    "date": dt.date,
    "whole": int,
    "decimal": str,
    "number": float,
}
RANGED = ("date", "moment", "whole", "decimal", "number")
_STRICT = ConfigDict(extra="forbid")


def _name(register: Register) -> str:
    return register.model.__name__


def record_shape(register: Register) -> type[Schema]:
    """A record as it is answered. A field that the reader may not see is absent; masked ones are named in `masked`."""
    fields: dict[str, Any] = {
        "number": (str, ...),
        "url": (str, ...),
        "label": (str, ...),
        "masked": (list[str], ...),
    }
    for name, field in register.fields.items():
        kind = (Reference | Person | None) if field.kind == "reference" else KINDS[field.kind] | None
        if field.mask:
            kind = str | None
        fields[name] = (
            kind,
            Field(default=None, title=field.title.en, description=f"{field.title.zh} · {field.reach}"),
        )
    return create_model(_name(register), __base__=Schema, **fields)


def page_shape(register: Register, record: type[Schema]) -> type[Schema]:
    """One page of a list; `next` is the address of the following one, null at the end."""
    return create_model(
        f"{_name(register)}Page",
        __base__=Schema,
        items=(list[record], ...),  # type: ignore[valid-type]
        next=(str | None, ...),
    )


def question_shape(register: Register) -> type[Schema]:
    """What a list can be asked: a text where the register is searched, the filters that it declares, an order."""
    fields: dict[str, Any] = {
        "sort": (
            str,
            Field(default="", max_length=60, description="排序，前加 - 为倒序 Order; - for descending."),
        )
    }
    if register.search:
        fields["q"] = (str, Field(default="", max_length=100, description="查找 Search"))
    for path in register.filters:
        ends = ("_from", "_to") if register.kind_at(path) in RANGED else ("",)
        title = register.title_of(path)
        for end in ends:
            fields[f"{path}{end}"] = (
                str,
                Field(default="", max_length=100, title=title.en, description=title.zh),
            )
    return create_model(f"{_name(register)}Question", __base__=Schema, **fields)


def _taken(register: Register, name: str, *, required: bool) -> tuple[Any, Any]:
    field = register.fields[name]
    one = register.model._meta.get_field(name)
    kind: Any = Decimal if field.kind == "decimal" else KINDS.get(field.kind, str)
    if choices := getattr(one, "flatchoices", None):
        kind = Literal[tuple(value for value, _ in choices)]
    words: dict[str, Any] = {
        "title": field.title.en,
        "description": f"{field.title.zh} {field.help.zh}".strip(),
    }
    if field.kind == "reference":
        words["description"] += " （编号、代码或者完整名称 · number, code or full name）"
    if kind is str and getattr(one, "max_length", None):
        words["max_length"] = one.max_length
    if required:
        return kind, Field(..., **words)
    return kind | None, Field(default=None, **words)


def new_shape(register: Register) -> type[Schema]:
    """What is sent to enter a record; anything else in the body is refused."""
    fields = {name: _taken(register, name, required=register.fields[name].required) for name in register.form}
    return create_model(f"New{_name(register)}", __base__=_Strict, **fields)  # type: ignore[call-overload]


def changed_shape(register: Register) -> type[Schema]:
    """What is sent to change a record: the fields named, and no others."""
    fields = {name: _taken(register, name, required=False) for name in register.form}
    return create_model(f"Changed{_name(register)}", __base__=_Strict, **fields)  # type: ignore[call-overload]


def move_shape(register: Register, move: Move) -> type[Schema]:
    """What a move asks: fields of the record, and answers kept in its history."""
    fields = {name: _taken(register, name, required=name in move.needs) for name in move.fields}
    for ask in move.asks:
        kind: Any = Literal[tuple(choice.code for choice in ask.choices)] if ask.choices else str
        words = Field(... if ask.required else None, title=ask.title.en, description=ask.title.zh)
        fields[ask.code] = (kind if ask.required else kind | None, words)
    name = "".join(part.title() for part in move.code.split("_"))
    return create_model(f"{_name(register)}{name}", __base__=_Strict, **fields)  # type: ignore[call-overload]


class _Strict(Schema):
    """A body that takes what it names and refuses the rest, so that no field can be slipped in."""

    model_config = _STRICT
