"""Who read whose personal data: for the auditor, by person, record and day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from shenzhi.calc.codes import numbered
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.reads import KEPT_YEARS, ReadLog
from shenzhi.kernel.registers.catalogue import register_coded, registers, serial
from shenzhi.kernel.words import Words
from shenzhi.web.accounts.office_forms import ReadsForm
from shenzhi.web.accounts.views.gates import auditors
from shenzhi.web.accounts.views.own import crumbs

SHOWN = 100
COUNTED = 10_000
"""How far the pages go; a narrower question finds what lies beyond."""

WAYS = {
    "page": Words("页面", "page"),
    "export": Words("导出", "export"),
    "file": Words("附件", "file"),
    "api": Words("接口", "API"),
}


@auditors
def reads(request: HttpRequest) -> HttpResponse:
    """`/account/reads/?person=&register=&record=&since=&until=`: the newest first."""
    form = ReadsForm(request.GET)
    found = _asked(form.cleaned_data) if form.is_valid() else ReadLog.objects.none()
    page = Paginator(found[:COUNTED], SHOWN).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "accounts/reads.html",
        {
            "form": form,
            "page": page,
            "rows": [_row(one) for one in page],
            "kept": query.urlencode(),
            "years": KEPT_YEARS,
            "crumbs": crumbs(),
        },
    )


def _asked(given: dict[str, Any]) -> QuerySet[ReadLog]:
    found = ReadLog.objects.order_by("-at", "-id")
    if given["person"]:
        names = Account.objects.filter(username=Account.normalize_username(given["person"]))
        found = found.filter(account__in=list(names.values_list("pk", flat=True)))
    if given["register"]:
        found = found.filter(register=given["register"])
    if given["record"]:
        keys = [(one.code, key) for one in registers() if (key := serial(one, given["record"])) is not None]
        code, key = keys[0] if keys else ("", 0)
        found = found.filter(register=code, record=key)
    if given["since"]:
        found = found.filter(at__gte=_start(given["since"]))
    if given["until"]:
        found = found.filter(at__lt=_start(given["until"] + dt.timedelta(days=1)))
    return found


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def _row(one: ReadLog) -> dict[str, Any]:
    """A read in words; a register that is no more keeps its code."""
    register = register_coded(one.register)
    fields = one.fields.split(",")
    return {
        "read": one,
        "way": WAYS.get(one.purpose, one.purpose),
        "register": register.title if register else Words(one.register, one.register),
        "number": numbered.number(register.prefix, one.record) if register else one.record,
        "fields": [
            register.fields[name].title if register and name in register.fields else name for name in fields
        ],
    }
