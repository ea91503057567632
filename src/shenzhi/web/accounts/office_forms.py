"""The forms of accounts that are ours: one's own details, keys, people and the roles they are given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from shenzhi.calc.codes import uscc
from shenzhi.calc.codes.typed import CodeError
from shenzhi.kernel import staff
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.keys import EVERY
from shenzhi.kernel.access.roles import ROLES
from shenzhi.kernel.labels import label
from shenzhi.kernel.parties.models import Department, District, Organisation
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.writing import Invalid, Refused
from shenzhi.kernel.words import Words

LANGUAGES = [("zh-hans", "中文"), ("en", "English")]


class DayField(forms.DateField):
    """A day, with the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def said(words: Words) -> Any:
    return label(words.zh, words.en)


def with_faults(form: forms.Form, refused: Refused) -> None:
    """Put what the kernel refused onto the form, each fault at its field."""
    faults = refused.faults if isinstance(refused, Invalid) else {"": [refused.why]}
    for name, words in faults.items():
        for one in words:
            form.add_error(name if name in form.fields else None, str(said(one)))


class DetailsForm(forms.ModelForm):
    class Meta:
        model = Account
        fields = ("name", "email", "language")
        widgets = {
            "language": forms.Select(choices=LANGUAGES),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
        }


class KeyForm(forms.Form):
    title = forms.CharField(label=label("用途", "Purpose"), max_length=120)
    registers = forms.MultipleChoiceField(
        label=label("可用的登记簿", "Registers"), widget=forms.CheckboxSelectMultiple
    )
    may_write = forms.BooleanField(
        label=label("可以登记和办理，不只是查阅", "May enter and carry out, not only read"), required=False
    )
    expires_on = DayField(
        label=label("有效期至", "Last day"), help_text=label("最长一年。", "A year at the most.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = (EVERY, label("全部登记簿，包括今后新设的", "All registers, later ones included"))
        self.fields["registers"].choices = [every, *((one.code, said(one.title)) for one in registers())]
        self.fields["expires_on"].initial = timezone.localdate() + dt.timedelta(days=90)


class PersonForm(forms.ModelForm):
    class Meta:
        model = Account
        fields = ("username", "name", "email", "language")
        widgets = {"language": forms.Select(choices=LANGUAGES)}

    def _post_clean(self) -> None:
        """The kernel checks the account as it opens it."""


class PlaceField(forms.ModelChoiceField):
    """A department or a district, by its name in the language of the page."""

    def label_from_instance(self, place: Any) -> str:
        return str(label(place.name, place.name_en or place.name))


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=label("角色", "Role"), choices=[(code, said(ROLES[code])) for code in staff.GIVEN]
    )
    department = PlaceField(
        None, label=label("部门", "Department"), required=False, empty_label=label("不限", "Any")
    )
    district = PlaceField(
        None, label=label("区", "District"), required=False, empty_label=label("不限", "Any")
    )
    organisation = forms.CharField(
        label=label("单位的统一社会信用代码", "Credit code of the organisation"),
        required=False,
        max_length=40,
        help_text=label("只用于单位经办人。", "For organisation members only."),
    )
    valid_from = DayField(label=label("自", "From"))
    valid_to = DayField(label=label("至（选填）", "To (optional)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.order_by("name")
        self.fields["district"].queryset = District.objects.order_by("code")
        self.fields["valid_from"].initial = timezone.localdate()

    def clean_organisation(self) -> Organisation | None:
        given = self.cleaned_data["organisation"].strip()
        if not given:
            return None
        try:
            code = str(uscc.parse(given))
        except CodeError as error:
            raise forms.ValidationError(str(label(error.zh, error.en))) from error
        found = Organisation.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(
                label(
                    "没有登记这个代码的单位：请先登记单位。",
                    "No organisation has this code: enter the organisation first.",
                )
            )
        return found


class MemberForm(forms.Form):
    username = forms.CharField(
        label=label("经办人的登录名", "User name of the new member"),
        max_length=80,
        help_text=label("对方须先自行注册账号。", "The person signs up first."),
    )

    def clean_username(self) -> Account:
        name = Account.normalize_username(self.cleaned_data["username"])
        found = Account.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise forms.ValidationError(
                label(
                    "没有这个登录名的账号：请核对后再试。",
                    "No account has this user name: check it and try again.",
                )
            )
        return found


class ReadsForm(forms.Form):
    """Which reads of personal data to show; every question may be left open."""

    person = forms.CharField(
        label=label("查阅人的登录名", "User name of the reader"), required=False, max_length=80
    )
    register = forms.ChoiceField(label=label("登记簿", "Register"), required=False)
    record = forms.CharField(label=label("记录编号", "Number of the record"), required=False, max_length=40)
    since = DayField(label=label("自", "From"), required=False)
    until = DayField(label=label("至", "To"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: Iterable[Any] = ((one.code, said(one.title)) for one in registers())
        self.fields["register"].choices = [("", label("全部", "All")), *known]
