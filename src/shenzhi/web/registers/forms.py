"""Forms made from a declaration: what may be entered, changed, or given with a move, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.http import QueryDict

from shenzhi.kernel.access.roles import PARTIES, Reader
from shenzhi.kernel.labels import label
from shenzhi.kernel.procedures.declaration import Ask, Move
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import facts_order, said, text_of
from shenzhi.web.registers.choosing import OfficerField, RecordField

CARRIED = frozenset({"csrfmiddlewaretoken", "step", "key", "version"})
"""What every form sends beside its answers."""

LONGEST_ANSWER = 2000


class RegisterForm(forms.Form):
    """The fields of one errand; whatever else is sent makes the form invalid, so that nobody can slip a field in."""

    asks: Sequence[Ask] = ()

    def clean(self) -> dict[str, Any]:
        surplus = sorted(set(self.data) - set(self.fields) - CARRIED)
        if surplus:
            names = "、".join(surplus)[:200]
            raise forms.ValidationError(
                label(
                    f"表单不接受这些项目：{names}。请重新打开本页填写。",
                    f"This form does not take: {names}. Open the page again and fill it in.",
                ),
                code="surplus",
            )
        return dict(self.cleaned_data)

    def refuse(self, faults: Mapping[str, Sequence[Words]], register: Register) -> None:
        """Put what the verb refused beside its field; faults of fields that are not in the form stand on top."""
        for name, several in faults.items():
            for one in several:
                if name in self.fields:
                    self.add_error(name, said(one))
                else:
                    title = f"{said(register.fields[name].title)}: " if name in register.fields else ""
                    self.add_error(None, f"{title}{said(one)}")

    def keep_faults(self, names: Iterable[str]) -> None:
        """Forget the faults of all other fields, which are asked on pages of their own."""
        for name in set(self.errors) - {*names, NON_FIELD_ERRORS}:
            del self.errors[name]

    def rows(
        self, register: Register, before: Record | None = None
    ) -> list[tuple[str, str, str, str | None]]:
        """The answers in words: field, title, value, and what stood there before where that was another (None: the same)."""
        answers = self.cleaned_data if self.is_bound else self.initial
        found = []
        for name, field in self.fields.items():
            value = answers.get(name)
            now = self._in_words(register, name, value)
            old = None
            if before is not None and name in register.fields:
                stood = text_of(register, name, getattr(before, name))
                old = stood if stood != now else None
            found.append((name, str(field.label), now, old))
        return found

    def _in_words(self, register: Register, name: str, value: Any) -> str:
        if name not in register.fields:
            chosen = {
                choice.code: said(choice.title)
                for ask in self.asks
                if ask.code == name
                for choice in ask.choices
            }
            return chosen.get(value, value or "")
        text = text_of(register, name, value)
        if isinstance(value, Record) and value.number != text:
            return said(Words(f"{text}（{value.number}）", f"{text} ({value.number})"))
        return text


def to_add(
    register: Register, reader: Reader, data: QueryDict | None, begun: Mapping[str, Any] | None = None
) -> RegisterForm:
    """The form of a new record, begun with what the address says. A party does not write what is internal."""
    party = is_party(reader, register.adds)
    own = applicant_path(register)
    names = [
        name
        for name in _in_order(register)
        if register.fields[name].writable and name != own and not (party and register.fields[name].internal)
    ]
    initial = {name: begun[name] for name in names if begun and name in begun}
    return _made(
        {name: field_of(register, name, reader, party=party) for name in names}, data, initial=initial
    )


def to_change(record: Record, reader: Reader, data: QueryDict | None) -> RegisterForm:
    """The form of a change: the fields that the reader sees whole and that may be changed by hand."""
    register, party = record.register, is_party(reader, record.register.changes)
    names = [
        name
        for name in _in_order(register)
        if register.fields[name].writable
        and not register.fields[name].fixed
        and name in record.sight.whole
        and name != applicant_path(register)
    ]
    fields = {name: field_of(register, name, reader, party=party, record=record) for name in names}
    return _made(fields, data, initial={name: getattr(record, name) for name in names})


def to_move(record: Record, move: Move, reader: Reader, data: QueryDict | None) -> RegisterForm:
    """The form of a move: the fields that it needs or takes, and its questions."""
    register, party = record.register, is_party(reader, move.by)
    fields: dict[str, forms.Field] = {}
    for name in move.fields:
        fields[name] = field_of(register, name, reader, party=party, record=record)
        fields[name].required = name in move.needs and register.fields[name].kind != "flag"
    fields |= {ask.code: _answer(ask) for ask in move.asks}
    initial = {name: getattr(record, name) for name in move.fields if name in record.sight.whole}
    return _made(fields, data, initial=initial, asks=move.asks)


def _made(
    fields: Mapping[str, forms.Field],
    data: QueryDict | None,
    *,
    initial: Mapping[str, Any] | None = None,
    asks: Sequence[Ask] = (),
) -> RegisterForm:
    kind = type("ThisForm", (RegisterForm,), {**fields, "asks": asks})
    made: RegisterForm = kind(data=data, initial=dict(initial or {}))
    if not data:
        for name, field in made.fields.items():
            # who can choose only one thing has chosen it
            if isinstance(field, RecordField) and field.required and field.sole:
                made.initial.setdefault(name, field.sole)
    return made


def field_of(
    register: Register, name: str, reader: Reader, *, party: bool, record: Record | None = None
) -> forms.Field:
    """The field of a form for a field of a register; a party chooses among its own organisations only."""
    field: Any = register.model._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        more = {"label": field.verbose_name, "help_text": field.help_text, "required": not field.blank}
        if not issubclass(field.related_model, Record):
            return OfficerField(getattr(record, "department_id", None), **more)
        # an organisation that is only told of the record, such as one complained of, is anybody's to name
        held = party and any(
            stake.role == "member" and stake.path == name and not stake.sees for stake in register.stakes
        )
        only = models.Q(pk__in=reader.organisations()) if held else None
        made: forms.Field = RecordField(field.related_model, reader, only=only, **more)
        if made.long and not more["help_text"]:
            made.help_text = label("填写代码、编号或者完整名称。", "Give a code, a number or the full name.")
        return made
    made = field.formfield()
    if isinstance(field, models.DateTimeField):
        made.widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    elif isinstance(field, models.DateField):
        made.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    elif isinstance(field, models.TextField):
        made.widget.attrs["rows"] = 4
    elif isinstance(made, forms.TypedChoiceField):
        first = label("请选择", "Choose")
        made.choices = [("", first), *[one for one in field.flatchoices if one[0] != ""]]
    made.widget.attrs.setdefault("autocomplete", "off")
    return made


def _answer(ask: Ask) -> forms.Field:
    titled = label(ask.title.zh, ask.title.en)
    if ask.choices:
        choices = [
            (
                one.code,
                label(
                    f"{one.title.zh}（{one.citation.zh}）" if one.citation.zh else one.title.zh,
                    f"{one.title.en} ({one.citation.en})" if one.citation.en else one.title.en,
                ),
            )
            for one in ask.choices
        ]
        return forms.ChoiceField(
            choices=[("", label("请选择", "Choose")), *choices], label=titled, required=ask.required
        )
    help_text = label("将随记录公开。", "Published with the record.") if ask.open else ""
    widget = forms.Textarea(attrs={"rows": 4, "autocomplete": "off"})
    return forms.CharField(
        label=titled, required=ask.required, widget=widget, max_length=LONGEST_ANSWER, help_text=help_text
    )


def _in_order(register: Register) -> list[str]:
    """The fields of the form in the order in which pages show them."""
    return [name for name in facts_order(register) if name in register.form]


def is_party(reader: Reader, roles: Iterable[str]) -> bool:
    """Whether the reader does this as a party of the matter, and not as one who carries the register out."""
    return not (set(roles) - {*PARTIES, "public"}) & reader.roles() and not reader.is_system


def applicant_path(register: Register) -> str:
    """The field that names the applicant's account, which is filled in by the platform; "" where there is none."""
    for stake in register.stakes:
        if stake.role == "applicant" and "__" not in stake.path:
            field = register.model._meta.get_field(stake.path)
            if isinstance(field, models.ForeignKey) and not issubclass(field.related_model, Record):
                return stake.path
    return ""
