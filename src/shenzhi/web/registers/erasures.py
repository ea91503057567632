"""Erasing the personal data of one record: what goes, what stays, on which ground, and once only (article 88)."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.attachments.attaching import attached
from shenzhi.kernel.labels import label
from shenzhi.kernel.registers.erasing import erase, may_erase
from shenzhi.kernel.registers.writing import Refused, history_of
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import entry_address, facts_order, said
from shenzhi.web.registers.forms import LONGEST_ANSWER
from shenzhi.web.registers.found import crumb, record_or_404, register_or_404, way_in


class ErasureForm(forms.Form):
    """The ground, and that the reader knows that nothing brings the data back."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    ground = forms.CharField(
        label=label("法律依据和理由", "Legal ground and reason"),
        help_text=label(
            "写入历史，不会删除；请勿写入个人信息。",
            "Kept in history and never erased: write no personal data into it.",
        ),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    sure = forms.BooleanField(
        label=label(
            "我已核对编号，知道删除后任何人都不能恢复",
            "I have checked the number and know that nobody can bring the data back",
        )
    )


def page(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """`/registers/<slug>/<number>/erase/`: for the head who carries the register out; 403 for all others."""
    register, reader = register_or_404(slug), reader_for(request)
    record = record_or_404(register, number, reader)
    if not may_erase(record, reader):
        raise PermissionDenied(number)
    form = ErasureForm(
        request.POST if request.method == "POST" else None, initial={"version": record.version}
    )
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            record.version = form.cleaned_data["version"]
            try:
                erase(record, by=reader, ground=form.cleaned_data["ground"])
            except Refused as why:
                form.add_error(None, said(why.why))
                status = why.status
            else:
                return HttpResponseRedirect(f"{entry_address(record)}?done=erased")
    shown = facts_order(register)
    context = {
        "crumbs": [
            way_in(),
            crumb(register),
            {"title": Words(record.number, record.number), "href": entry_address(record)},
        ],
        "register": register,
        "record": record,
        "form": form,
        "goes": [register.fields[name].title for name in shown if name in register.personal],
        "stays": [register.fields[name].title for name in shown if name not in register.personal],
        "events": history_of(record).count(),
        "files": len(attached(record, reader)),
        "back": entry_address(record),
    }
    return render(request, "registers/erase.html", context, status=status)
