"""How a value of a record is written on a page: in the reader's language, masked where it is shown masked, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from shenzhi.calc.masks import mask
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.showing import label_of
from shenzhi.kernel.registers.sight import EVERY, ways
from shenzhi.kernel.words import Words

YES_NO = (Words("是", "Yes"), Words("否", "No"))
MASKED = Words("已脱敏", "masked")


def language() -> str:
    """The language of the page: "zh-hans" or "en"."""
    return get_language() or "zh-hans"


def said(words: Words) -> str:
    """The words in the language of the page."""
    return words.say(language())


@dataclass(frozen=True)
class Cell:
    """One value as it stands on a page; `{{ cell }}` writes it, a dash where there is nothing."""

    text: str
    href: str = ""
    masked: bool = False
    long: bool = False

    def __html__(self) -> SafeString:
        if not self.text:
            return SafeString('<span class="none">–</span>')
        if self.masked:
            return format_html(
                '<span class="masked">{} <small class="soft">{}</small></span>', self.text, said(MASKED)
            )
        if self.href:
            return format_html('<a href="{}">{}</a>', self.href, self.text)
        if self.long:
            return format_html('<span class="long">{}</span>', self.text)
        return conditional_escape(self.text)

    def __str__(self) -> str:
        return self.__html__()


NOTHING = Cell("")


Names = dict[tuple[str, int], Cell]
"""How the records that a page refers to are called, by the field that refers to them and their key."""


def named(records: Sequence[Record], paths: Iterable[str], reader: Reader) -> Names:
    """How those are called to whom the fields among the paths refer, with a way to them as far as the reader may see them:
    one query for each field, and one more where some may not be seen."""
    found: Names = {}
    for name in (path for path in paths if "__" not in path):
        keys = _referred(records, name)
        if not keys:
            continue
        model = records[0]._meta.get_field(name).related_model
        ways_to = joined(model, [register_of(model).label])
        for one in model._default_manager.visible_to(reader).filter(pk__in=keys).select_related(*ways_to):
            found[name, one.pk] = Cell(title_of(one), address(one))
        hidden = [key for key in keys if (name, key) not in found]
        for one in model._base_manager.filter(pk__in=hidden).select_related(*ways_to) if hidden else ():
            found[name, one.pk] = Cell(called(one))
    return found


def _refers(field: Any) -> bool:
    """Whether a field of a model names another record."""
    return isinstance(field, models.ForeignKey) and issubclass(field.related_model, Record)


def _referred(records: Sequence[Record], name: str) -> set[int]:
    """The keys that a field of these records refers to, where their reader sees it whole; none for any other field."""
    field = records[0]._meta.get_field(name) if records else None
    if field is None or not _refers(field):
        return set()
    keys = (getattr(one, field.attname) for one in records if name in one.sight.whole)
    return {key for key in keys if key is not None}


def cell(record: Record, path: str, names: Names | None = None, *, spoken: bool = True) -> Cell | None:
    """A field of a record that was read for a reader, or of what it refers to; None where the reader sees nothing of it.

    `spoken`: a text that the record holds in both languages stands in that of the page, and not as the field has it."""
    name, _, rest = path.partition("__")
    sight, register = record.sight, record.register
    if name not in sight.fields:
        return None
    known = names.get((name, getattr(record, f"{name}_id", 0))) if names and not rest else None
    if known is not None and name in sight.whole:
        return known
    value = getattr(record, name)
    if name in sight.masked:
        return Cell(masked_text(register, name, value), masked=True)
    if not rest:
        said_by = _spoken(register, name) if spoken else name
        return cell_of(register, name, getattr(record, said_by) or value)
    if not isinstance(value, Record) or not openly(value.register, None, rest.split("__")[0]):
        return None
    further = rest.split("__", 1)
    inner = getattr(value, further[0])
    return cell_of(value.register, further[0], inner)


def _spoken(register: Register, name: str) -> str:
    """The field that says the same in the language of the page: `citation_en` for `citation` where the register has it."""
    english = f"{name}_en"
    return english if english in register.open and language().startswith("en") else name


def cell_of(register: Register, name: str, value: Any) -> Cell:
    """A value that may be shown whole, as it is written."""
    if isinstance(value, Record):
        return Cell(called(value))
    return Cell(text_of(register, name, value), long=register.fields[name].kind == "long")


def masked_text(register: Register, name: str, value: Any) -> str:
    text = called(value) if isinstance(value, Record) else str(value or "")
    return mask(register.fields[name].mask, text)


def text_of(register: Register, name: str, value: Any) -> str:
    """A value in words: the title of a state or a choice, a day, yes or no; nothing for an empty one."""
    if value is None or value == "":
        return ""
    if name == "state" and register.procedure is not None:
        state = register.procedure.state.get(value)
        return said(state.title) if state else str(value)
    field = register.model._meta.get_field(name)
    if isinstance(field, models.Field) and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return said(YES_NO[not value])
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Record):
        return called(value)
    if isinstance(value, Decimal):
        return f"{value:,f}".replace("-", "\u2212")
    return str(value)


def called(other: Record) -> str:
    """How another record is called on a page of this language: its open label, in English where it has one, else its number."""
    register = other.register
    english = f"{register.label}_en"
    if english in register.open and language().startswith("en") and label_of(other) != other.number:
        return str(getattr(other, english) or label_of(other))
    return label_of(other)


def title_of(record: Record) -> str:
    """What the page of a record that was read for a reader is called: its label as far as the reader sees it."""
    register = record.register
    names, english = [register.label], f"{register.label}_en"
    if english in register.fields and language().startswith("en"):
        names = [english, register.label]
    for name in names:
        shown = cell(record, name) if name in register.fields and name != "id" else None
        if shown is not None and shown.text:
            return shown.text
    return record.number


def address(record: Record) -> str:
    """Where a record can be seen: the dossier of an organisation, the entry of any other."""
    if isinstance(record, Organisation):
        return reverse("registers:organisation", args=[record.code])
    return entry_address(record)


def entry_address(record: Record) -> str:
    return reverse("registers:entry", args=[record.register.slug, record.number])


def openly(register: Register, reader: Reader | None, name: str) -> bool:
    """Whether the reader (None: everybody) sees this field whole in every record of the register."""
    if reader is None:
        return not register.public and name in register.open and name not in register.personal
    return any(way.only == EVERY and name in way.whole for way in ways(register, reader))


def everywhere(register: Register, reader: Reader, names: Iterable[str]) -> bool:
    """Whether each way on which the reader sees records shows these fields whole, so that asking them hides no record."""
    asked = set(names)
    return all(asked <= way.whole for way in ways(register, reader))


def visible_somewhere(register: Register, reader: Reader) -> frozenset[str]:
    """The fields that the reader sees in some record, whole or masked: the columns that a list can have."""
    return frozenset().union(*(way.whole | way.masked for way in ways(register, reader)))


def joined(model: type[models.Model], paths: Iterable[str]) -> list[str]:
    """The references among the paths, with those that name them, to be read along with the records in one query."""
    found: dict[str, None] = {}
    for path in paths:
        at, steps = model, []
        for step in path.split("__"):
            field = at._meta.get_field(step)
            if not isinstance(field, models.ForeignKey):
                break
            steps.append(step)
            at = field.related_model
        if steps:
            found["__".join(steps)] = None
            # a record that is called after another one needs that one too
            if issubclass(at, Record):
                for more in joined(at, [register_of(at).label]):
                    found["__".join([*steps, more])] = None
    return list(found)


def read_along(register: Register, paths: Iterable[str]) -> list[str]:
    """The paths of a list for which `joined` is needed beside `named`: those that lead on to another field, and those that
    are shown masked."""
    field_at = register.model._meta.get_field
    return [
        path for path in paths if "__" in path or path in register.personal or not _refers(field_at(path))
    ]


def facts_order(register: Register) -> list[str]:
    """The fields in the order in which a page shows them: those that are asked in sections as they are asked, then its
    own, then who carries it out."""
    holders = ("department", "district", "handler")
    names = [
        name for name in register.fields if name not in ("id", "version", "made_at", "changed_at", "state")
    ]
    asked = [n for n in register.form if n in names] if register.sections else []
    rest = [n for n in names if n not in asked]
    return [*asked, *(n for n in rest if n not in holders), *(n for n in holders if n in rest)]
