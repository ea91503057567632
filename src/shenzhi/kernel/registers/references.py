"""The record that somebody means by what was typed: a public number, a code, or a name that only one record has (article 84).

A form asks for one record and can say what to do when none is found; a file names many, and they are looked up together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import models

from shenzhi.calc.codes.typed import plain
from shenzhi.calc.figures import fold, writable
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.bulk import chunks
from shenzhi.kernel.registers import search
from shenzhi.kernel.registers.catalogue import register_of, serial
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.words import Words

SHORT = 200
"""In a file the name that only one record has is as good as its code where a register has up to so many; names never
tell organisations apart, so in larger ones only numbers and codes do. In a form the person sees whom the name found."""


class Unknown(ValueError):
    """Nothing, or more than one thing, is meant; `why` says so with the way out."""

    def __init__(self, why: Words) -> None:
        super().__init__(f"{why.zh} {why.en}")
        self.why = why


def meant(model: type[Record], text: str, reader: Reader) -> Record:
    """The one record that `text` names, among those whose asked field the reader sees whole. Unknown for none or several.

    A name never joins two records: where several have it, their numbers are asked for."""
    register, text = register_of(model), writable(text.strip())
    seen = model.objects.visible_to(reader)
    if (key := resolved(model, [text], reader).get(text)) is not None:
        return seen.get(pk=key)
    several: list[Record] = []
    if _named(register):
        asked = model.objects.visible_to(reader, asking=[register.label])
        several = list(asked.filter(**{register.label: text})[:2])
    english = f"{register.label}_en"
    if not several and english in search.searched(register):
        # pages in English call records by it; the search knows where to look, which no index of the column does
        asked = model.objects.visible_to(reader, asking=[english])
        several = list(search.found(register, asked, text).filter(**{english: text})[:2])
    if len(several) == 1:
        return several[0]
    if several:
        numbers = "、".join(one.number for one in several)
        raise Unknown(
            Words(
                f"名称“{text}”不止一条记录（{numbers} 等），请改填编号。",
                f"More than one record is called {text!r} ({numbers}, ...): give the number instead.",
            )
        )
    raise Unknown(
        Words(
            f"《{register.title.zh}》中没有“{text}”：请填编号（如 {register.prefix}-0000001-…）、代码或者完整名称。",
            f"{register.title.en} has no {text!r}: give a number ({register.prefix}-0000001-...), a code or the full name.",
        )
    )


def resolved(model: type[Record], texts: Iterable[str], by: Reader) -> dict[str, int]:
    """The key of the record that each text names, for those that name one which the reader may see."""
    register = register_of(model)
    wanted = sorted(set(texts))
    found: dict[str, int] = {}
    numbers = {text: key for text in wanted if (key := serial(register, text)) is not None}
    for part in chunks(sorted(set(numbers.values()))):
        there = set(model.objects.visible_to(by).filter(pk__in=part).values_list("pk", flat=True))
        found.update((text, key) for text, key in numbers.items() if key in there)
    for name in search.codes_of(register):
        forms: dict[str, list[str]] = {}
        for text in wanted:
            for form in {fold(text), plain(text)}:
                forms.setdefault(form, []).append(text)
        for part in chunks(sorted(forms)):
            held = model.objects.visible_to(by, asking=[name]).filter(**{f"{name}__in": part})
            for code, key in held.values_list(name, "pk"):
                found.update((text, key) for text in forms[code] if text not in found)
    if left := [text for text in wanted if text not in found]:
        found.update(_by_name(register, left, by))
    return found


def _named(register: Register) -> bool:
    """Whether the records of a register are called by a text that somebody could type."""
    label = register.label
    return label in register.fields and isinstance(register.model._meta.get_field(label), models.CharField)


def _by_name(register: Register, texts: Sequence[str], by: Reader) -> dict[str, int]:
    if not _named(register):
        return {}
    label = register.label
    held = list(
        register.model._default_manager.visible_to(by, asking=[label]).values_list(label, "pk")[: SHORT + 1]
    )
    if len(held) > SHORT:
        return {}
    keys: dict[str, list[int]] = {}
    for name, key in held:
        keys.setdefault(fold(str(name)).casefold(), []).append(key)
    named = {text: keys.get(fold(text).casefold(), []) for text in texts}
    return {text: found[0] for text, found in named.items() if len(found) == 1}
