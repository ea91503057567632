"""Everything that the registers say of one organisation, under its credit code, as far as this reader may see (article 3)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from shenzhi.calc.codes import uscc
from shenzhi.calc.codes.typed import CodeError, plain
from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.showing import shown
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import entry_address, title_of
from shenzhi.web.registers.entries import facts, unshown
from shenzhi.web.registers.found import crumb, way_in
from shenzhi.web.registers.reading import noted
from shenzhi.web.registers.referring import parts_of


def page(request: HttpRequest, code: str) -> HttpResponse:
    """`/id/org/<code>/`."""
    reader = reader_for(request)
    found = _organisation(code, reader)
    if isinstance(found, CodeError):
        return _missing(request, code, found)
    if str(found.code) != code:
        return HttpResponseRedirect(reverse("registers:organisation", args=[found.code]))
    if not isinstance(found, Organisation):
        return _missing(request, found.code, None)
    noted(reader, found.register, [found], found.sight.whole)
    parts = parts_of(found, reader)
    for part in parts:
        noted(reader, part.register, part.records, [path for path, _ in part.columns])
    return render(
        request,
        "registers/organisation.html",
        {
            "crumbs": [way_in(), crumb(found.register)],
            "organisation": found,
            "title": title_of(found),
            "facts": facts(found),
            "unshown": unshown(found),
            "parts": [part for part in parts if part.records],
            "silent": [part for part in parts if not part.records],
            "entry": entry_address(found),
            "data": reverse("registers:organisation_data", args=[found.code]),
        },
    )


def data(request: HttpRequest, code: str) -> HttpResponse:
    """`/id/org/<code>.json`: the same as data."""
    reader = reader_for(request)
    found = _organisation(code, reader)
    if isinstance(found, CodeError):
        return _answer(
            {"code": code, "error": {"zh": found.zh, "en": found.en, "position": found.position}}, 404
        )
    if not isinstance(found, Organisation):
        return _answer({"code": found.code, "error": {"zh": NOBODY.zh, "en": NOBODY.en}}, 404)
    noted(reader, found.register, [found], found.sight.whole)
    parts = parts_of(found, reader)
    for part in parts:
        noted(reader, part.register, part.records, part.register.fields)
    return _answer(
        {
            "code": found.code,
            "number": found.number,
            "fields": shown(found),
            "registers": [
                {
                    "register": part.register.slug,
                    "title_zh": part.register.title.zh,
                    "title_en": part.register.title.en,
                    "field": part.name,
                    "count": part.total.number,
                    "more_than_counted": part.total.more,
                    "records": [{"number": one.number, "fields": shown(one)} for one in part.records],
                }
                for part in parts
            ],
        }
    )


NOBODY = Words("登记簿中没有使用这一代码的单位。", "No organisation in the registers has this code.")


def _answer(body: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def _organisation(code: str, reader: Reader) -> Organisation | uscc.Uscc | CodeError:
    """The organisation; its code where nobody has it; the fault where the text is no code."""
    try:
        parsed = uscc.parse(code)
    except CodeError as error:
        return error
    visible = Organisation.objects.visible_to(reader, asking=["code"])
    return visible.select_related("district").filter(code=parsed.code).first() or parsed


def _missing(request: HttpRequest, code: str, fault: CodeError | None) -> HttpResponse:
    """A page that says which character is wrong, or what the code says where nobody has it."""
    known = None if fault else uscc.parse(code)
    return render(
        request,
        "registers/no_organisation.html",
        {
            "crumbs": [way_in()],
            "code": code,
            "fault": Words(fault.zh, fault.en) if fault else None,
            "signs": [(sign, place == fault.position) for place, sign in enumerate(plain(code)[:40], 1)]
            if fault
            else [],
            "known": known,
            "department": Words(*uscc.DEPARTMENTS[known.department]) if known else None,
            "kind": Words(*uscc.KINDS[known.kind]) if known and known.kind in uscc.KINDS else None,
            "nobody": NOBODY,
        },
        status=404,
    )
