"""Importing a file into a register: hand it in, read what the check found, confirm, done; nothing is written before
(article 84). Works without scripts."""

from __future__ import annotations

import csv
import io
import re

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from shenzhi.calc.codes.numbered import number
from shenzhi.calc.figures import safe_cell
from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.exchange.carrying import carry_out
from shenzhi.kernel.exchange.exporting import FORMS
from shenzhi.kernel.exchange.faults import LISTED
from shenzhi.kernel.exchange.fields import columns_of
from shenzhi.kernel.exchange.planning import MOST, may_import, plan
from shenzhi.kernel.exchange.template import asks, template
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.writing import Refused
from shenzhi.kernel.words import Words
from shenzhi.web.registers import incoming
from shenzhi.web.registers.found import crumb, register_or_404, way_in

LARGEST = 32 << 20
"""Bytes of one file."""
SHOWN = 200
"""Faults on the page; all that are listed are in the CSV."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_HEADS = (
    Words("行", "Row"),
    Words("字段", "Field"),
    Words("内容", "Content"),
    Words("问题", "What is wrong"),
    Words("怎么办", "What to do"),
)


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """`/registers/<slug>/import/`: what the file must hold, and where to hand it in."""
    register, reader = _allowed(request, slug)
    wrong = None
    if request.method == "POST":
        given = request.FILES.get("file")
        wrong = _unfit(given)
        if isinstance(given, UploadedFile) and wrong is None:
            digest, path = incoming.keep(reader, given.chunks())
            incoming.note(register, reader, given.name or "", plan(register, path, reader))
            return HttpResponseRedirect(reverse("registers:import_check", args=[slug, digest]))
    context = {
        **_about(register),
        "columns": [(one.field, asks(one)) for one in columns_of(register).values()],
        "wrong": wrong,
        "largest": LARGEST >> 20,
        "most": f"{MOST:,}",
    }
    return render(request, "registers/import.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """`/registers/<slug>/import/<hash>/`: what the check found; confirming checks again and carries it out."""
    register, reader = _allowed(request, slug)
    found = _checked(register, reader, digest)
    if found.first:
        return HttpResponseRedirect(reverse("registers:import_done", args=[slug, digest]))
    path = incoming.place(reader, digest)
    if path is None:
        raise Http404(digest)
    why = None
    if request.method == "POST":
        made = plan(register, path, reader)
        try:
            done = carry_out(made)
        except Refused as error:
            incoming.note(register, reader, found.name, plan(register, path, reader))
            found, why = _checked(register, reader, digest), error.why
        else:
            first, last = (number(register.prefix, done.keys[at]) for at in (0, -1))
            incoming.close(register, reader, digest, first, last)
            return HttpResponseRedirect(reverse("registers:import_done", args=[slug, digest]))
    names = [register.fields[name].title for name in found.fields]
    left = [one.field.title for name, one in columns_of(register).items() if name not in found.fields]
    context = {
        **_about(register),
        "found": found,
        "digest": digest,
        "why": why,
        "fields": names,
        "left": left,
        "faults": found.faults[:SHOWN],
        "shown": SHOWN,
        "listed": LISTED,
        "sound": not found.fault_count,
    }
    return render(request, "registers/import_check.html", context, status=409 if why else 200)


@require_GET
def done(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """`/registers/<slug>/import/<hash>/done/`: how many records were entered, and under which numbers."""
    register, reader = _allowed(request, slug)
    found = _checked(register, reader, digest)
    if not found.first:
        raise Http404(digest)
    return render(request, "registers/import_done.html", {**_about(register), "found": found})


@require_GET
def faults(request: HttpRequest, slug: str, digest: str) -> HttpResponse:
    """`/registers/<slug>/import/<hash>/faults.csv`: every fault that is listed."""
    register, reader = _allowed(request, slug)
    found, language = _checked(register, reader, digest), get_language() or "zh-hans"
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([one.say(language) for one in _HEADS])
    for one in found.faults:
        said = (one.title.say(language), one.value, one.message.say(language), one.way_out.say(language))
        writer.writerow([one.row or "", *map(safe_cell, said)])
    return _file(b"\xef\xbb\xbf" + buffer.getvalue().encode(), FORMS["csv"], f"{slug}-faults.csv")


@require_GET
def empty(request: HttpRequest, slug: str) -> HttpResponse:
    """`/registers/<slug>/import/template.xlsx`: the workbook to fill in."""
    register, _ = _allowed(request, slug)
    return _file(template(register, get_language() or "zh-hans"), FORMS["xlsx"], f"{slug}-template.xlsx")


def _allowed(request: HttpRequest, slug: str) -> tuple[Register, Reader]:
    register, reader = register_or_404(slug), reader_for(request)
    if not may_import(register, reader):
        raise PermissionDenied(slug)
    return register, reader


def _checked(register: Register, reader: Reader, digest: str) -> incoming.Checked:
    """The reader's own check of a file; 404 for any other."""
    found = incoming.noted(register, reader, digest) if _DIGEST.fullmatch(digest) else None
    if found is None:
        raise Http404(digest)
    return found


def _unfit(given: object) -> Words | None:
    """Why a file is not even read."""
    if not isinstance(given, UploadedFile) or not given.size:
        return Words("请选择一个文件。", "Choose a file.")
    if given.size > LARGEST:
        return Words(
            f"文件超过 {LARGEST >> 20} MB：请分成几个文件分别导入。",
            f"The file is larger than {LARGEST >> 20} MB: divide it into several files.",
        )
    return None


def _about(register: Register) -> dict[str, object]:
    return {"register": register, "crumbs": [way_in(), crumb(register)]}


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
