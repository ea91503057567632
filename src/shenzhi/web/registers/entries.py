"""The page of one record: what it is, where it stands, what can be done now, and everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from shenzhi.calc.codes import numbered
from shenzhi.calc.codes.typed import CodeError
from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.articles import articles
from shenzhi.kernel.attachments.attaching import may_attach
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.objections import Objection, objections_to, open_to_objections
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.declaration import CLASSES, Register
from shenzhi.kernel.registers.erasing import may_erase
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.writing import may_add, may_change
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import Cell, cell, cell_of, entry_address, facts_order, named, title_of
from shenzhi.web.registers.files import shown
from shenzhi.web.registers.found import crumb, record_or_404, register_or_404, way_in
from shenzhi.web.registers.reading import noted
from shenzhi.web.registers.referring import parts_of
from shenzhi.web.registers.standing import standing
from shenzhi.web.registers.telling import answered, history, is_inside

DONE = {
    "changed": Words("已修改。", "Changed."),
    "erased": Words("个人信息已永久删除。", "The personal data are erased for ever."),
}
"""What an entry says at the top after something was done to it."""

LISTED = 50
"""So many objections are listed on the page of what they object to."""


@dataclass(frozen=True)
class Fact:
    """A visible field of the record."""

    name: str
    title: Words
    cell: Cell


def facts(record: Record) -> list[Fact]:
    """The visible fields, in the order of the page."""
    names = named([record], facts_order(record.register), record.reader) if record.reader else {}
    return [
        Fact(name, record.register.fields[name].title, found)
        for name in facts_order(record.register)
        if (found := cell(record, name, names, spoken=False)) is not None
    ]


def unshown(record: Record) -> list[tuple[Words, list[Words]]]:
    """The fields that are not shown, by the class that closes them."""
    register, seen = record.register, record.sight.fields
    shut = [register.fields[name] for name in facts_order(register) if name not in seen]
    return [
        (words, [one.title for one in shut if one.reach == reach])
        for reach, words in CLASSES.items()
        if any(one.reach == reach for one in shut)
    ]


def entry(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """`/registers/<slug>/<number>/`; a number typed in any form leads to the one written form."""
    register, reader = register_or_404(slug), reader_for(request)
    if away := canonical(request, register, number):
        return away
    record = record_or_404(register, number, reader)
    inside = is_inside(record.sight)
    told, older = history(record, reader, _version(request.GET.get("until", "")))
    noted(reader, register, [record], record.sight.whole, answers=answered(told))
    # an organisation has a page of its own for what others say of it
    parts = [] if isinstance(record, Organisation) else parts_of(record, reader)
    for part in parts:
        noted(reader, part.register, part.records, [path for path, _ in part.columns])
    return render(
        request,
        "registers/entry.html",
        {
            "crumbs": [way_in(), crumb(register)],
            "register": register,
            "articles": articles(register.article),
            "record": record,
            "title": title_of(record),
            "facts": facts(record),
            "unshown": unshown(record),
            "masked": bool(record.sight.masked),
            "standing": standing(record, reader, inside=inside) if isinstance(record, Case) else None,
            "state_shown": "state" in record.sight.fields,
            "inside": inside,
            "history": told,
            "older": older,
            "later": "until" in request.GET,
            "may_change": may_change(record, reader) and bool(register.form),
            "parts": [part for part in parts if part.records],
            "files": shown(record, reader),
            "may_attach": may_attach(record, reader),
            **_objections(record, reader),
            "dossier": reverse("registers:organisation", args=[record.code])
            if isinstance(record, Organisation)
            else "",
            "meta": _meta(record),
            "may_erase": may_erase(record, reader),
            "done": DONE.get(request.GET.get("done", "")),
            "today": str(timezone.localdate()),
        },
    )


def _objections(record: Record, reader: Reader) -> dict[str, object]:
    """The objections to a case, by number and state, and where to raise one while it is announced."""
    if not isinstance(record, Case):
        return {"objections": [], "object": ""}
    known = objections_to(record).visible_to(reader)[:LISTED]
    rows = [(one.number, entry_address(one), one.standing.title) for one in known]
    raises = may_add(register_of(Objection), reader) and open_to_objections(record)
    slug = register_of(Objection).slug
    address = f"{reverse('registers:add', args=[slug])}?subject={record.number}" if raises else ""
    return {"objections": rows, "object": address}


def canonical(request: HttpRequest, register: Register, number: str) -> HttpResponseRedirect | None:
    """The way to the number as it is written, where it was typed in another form; it says nothing of whether it exists."""
    try:
        written = numbered.parse(number)
    except CodeError:
        return None
    if written.prefix != register.prefix or str(written) == number:
        return None
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return HttpResponseRedirect(reverse("registers:entry", args=[register.slug, str(written)]) + query)


def _meta(record: Record) -> list[Fact]:
    """When it was entered and changed, and its version: for those who see them."""
    register = record.register
    return [
        Fact(name, register.fields[name].title, cell_of(register, name, getattr(record, name)))
        for name in ("made_at", "changed_at", "version")
        if name in record.sight.whole
    ]


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
