"""The record that a person means by what was typed: a public number, a code, or a name that only one record has."""

from __future__ import annotations

from django.db import models

from shenzhi.calc.figures import writable
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.registers.catalogue import register_of, serial
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.words import Words


class Unknown(ValueError):
    """Nothing, or more than one thing, is meant; `why` says so with the way out."""

    def __init__(self, why: Words) -> None:
        super().__init__(f"{why.zh} {why.en}")
        self.why = why


def meant(model: type[Record], text: str, reader: Reader) -> Record:
    """The one record that `text` names, among those whose asked field the reader sees whole. Unknown for none or several.

    A name never joins two records: where several have it, their numbers are asked for."""
    register, text = register_of(model), writable(text.strip())
    if (key := serial(register, text)) is not None:
        found = model.objects.visible_to(reader).filter(pk=key).first()
        if found is not None:
            return found
    for name, given in (("code", text.upper()), ("code", text), (register.label, text)):
        if name not in register.fields or not isinstance(model._meta.get_field(name), models.CharField):
            continue
        several = list(model.objects.visible_to(reader, asking=[name]).filter(**{name: given})[:2])
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
