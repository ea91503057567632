"""Fields of a form that name another record: a list to choose from while it is short, else a text that says whom it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.roles import HANDLERS, Reader
from shenzhi.kernel.labels import label
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.references import Unknown, meant
from shenzhi.web.registers.cells import called, joined

SHORT = 200
"""From so many records on nobody reads the list to its end, and typing a code is quicker."""


class RecordField(forms.Field):
    """One record among those that the reader may see; `only` narrows them further (a member's own organisations)."""

    def __init__(
        self,
        model: type[Record],
        reader: Reader,
        *,
        only: models.Q | None = None,
        everything: Any = None,
        **more: Any,
    ) -> None:
        self.model, self.reader, self.only = model, reader, only or models.Q()
        found = model.objects.visible_to(reader).filter(self.only)
        # where there are too many to choose from, none of them is read
        self.long = bool(found.order_by().values_list("pk")[SHORT - 1 : SHORT])
        rows = found.select_related(*joined(model, [register_of(model).label]))
        choices = [] if self.long else [(key_of(one), called(one)) for one in rows]
        self.sole = choices[0][0] if len(choices) == 1 else ""
        first = everything or label("请选择", "Choose")
        widget: forms.Widget = (
            forms.TextInput(attrs={"autocomplete": "off"})
            if self.long
            else forms.Select(choices=[("", first), *choices])
        )
        super().__init__(widget=widget, **more)

    def to_python(self, value: Any) -> Record | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            found = meant(self.model, text, self.reader)
        except Unknown as error:
            raise ValidationError(label(error.why.zh, error.why.en), code="unknown") from error
        if self.only and not self.model.objects.filter(self.only, pk=found.pk).exists():
            raise ValidationError(
                label(f"“{text}”不在可选的范围内。", f"{text!r} is not among those to choose from."),
                code="unknown",
            )
        return found

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):  # a form that starts from a record has the key of the reference
            value = self.model.objects.filter(pk=value).first()
        return key_of(value) if isinstance(value, Record) else value


def key_of(record: Record) -> str:
    """What stands for a record in an address or a form: its code where that is open, else its number."""
    register = record.register
    if "code" in register.open and not register.public:
        return str(getattr(record, "code", "")) or record.number
    return record.number


class OfficerField(forms.ModelChoiceField):
    """An account that carries cases out today, in the department of the case where it has one."""

    def __init__(self, department: int | None, **more: Any) -> None:
        today = timezone.localdate()
        held = models.Q(memberships__valid_to=None) | models.Q(memberships__valid_to__gte=today)
        found = Account.objects.filter(
            held, is_active=True, memberships__role__in=HANDLERS, memberships__valid_from__lte=today
        )
        if department is not None:
            own = models.Q(memberships__department=department) | models.Q(memberships__department=None)
            found = found.filter(own)
        super().__init__(queryset=found.distinct().order_by("name", "username"), **more)
