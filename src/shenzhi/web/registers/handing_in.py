"""Entering, changing and moving a record on: ask, check the answers, send, confirm; nothing is written before the last.

The public and the parties are asked one question a page, officials all at once. Every step works without scripts: the
answers travel in hidden fields and are judged anew each time. A key that is made with the form makes a second click
harmless.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.attachments.attaching import may_attach
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.firing import file, fire, hindrance
from shenzhi.kernel.history.events import now
from shenzhi.kernel.procedures.declaration import ACTS, Move
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.receipts import SHOWN_MINUTES, receipt_under, secret_again
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.writing import (
    Invalid,
    NotAllowed,
    Refused,
    Stale,
    change,
    create,
    history_of,
    may_add,
    may_change,
    plain,
    stale,
    validated,
)
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import entry_address, title_of
from shenzhi.web.registers.forms import RegisterForm, applicant_path, is_party, to_add, to_change, to_move
from shenzhi.web.registers.found import crumb, record_or_404, register_or_404, way_in
from shenzhi.web.registers.questions import Page, one_by_one, page_numbered, page_of, pages_of
from shenzhi.web.registers.standing import standing
from shenzhi.web.registers.telling import is_outside, version_seen

_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Errand:
    """One thing to be handed in: its form, what must hold before it is sent, and the verb that carries it out."""

    register: Register
    title: Words
    note: Words
    back: str
    button: Words
    form: Callable[[QueryDict | None], RegisterForm]
    check: Callable[[dict[str, Any]], None]
    write: Callable[[dict[str, Any], str], Record]
    done: Callable[[str], str]
    record: Record | None = None
    expect: int | None = None
    paged: bool = False
    """Whether it is asked page by page."""
    corrects: bool = False
    """Whether it changes what is recorded, so that the reader chooses what to change and is not asked everything."""

    def pages(self, form: RegisterForm) -> list[Page]:
        """The pages of its form; none where everything is asked at once."""
        pages = pages_of(self.register, list(form.fields)) if self.paged else []
        return pages if len(pages) > 1 else []

    @property
    def stale(self) -> bool:
        return self.record is not None and self.expect is not None and self.record.version != self.expect


def add(request: HttpRequest, slug: str) -> HttpResponse:
    """`/registers/<slug>/add/`."""
    register, reader = register_or_404(slug), reader_for(request)
    if not may_add(register, reader):
        raise PermissionDenied(slug)
    own = applicant_path(register)

    def made(answers: dict[str, Any]) -> Record:
        record: Record = register.model(**answers)
        if own and is_party(
            reader, register.adds
        ):  # an officer who enters it for somebody is not the applicant
            setattr(record, f"{own}_id", reader.account)
        return record

    def write(answers: dict[str, Any], key: str) -> Record:
        record = made(answers)
        if isinstance(record, Case):
            return file(record, by=reader, key=key)
        return create(record, by=reader, key=key)

    case = register.procedure is not None
    errand = Errand(
        register,
        Words(
            f"{'提交' if case else '登记'}：{register.title.zh}",
            f"{'File' if case else 'Enter'}: {register.title.en}",
        ),
        register.note,
        reverse("registers:list", args=[slug]),
        Words("提交", "Send"),
        lambda data: to_add(register, reader, data, request.GET),
        lambda answers: validated(made(answers)),
        write,
        lambda key: reverse("registers:done", args=[slug, key]),
        paged=one_by_one(reader, register.adds),
    )
    return _walk(request, errand)


def edit(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """`/registers/<slug>/<number>/change/`."""
    register, reader = register_or_404(slug), reader_for(request)
    record = record_or_404(register, number, reader)
    if not may_change(record, reader):
        raise PermissionDenied(number)
    expect = _expected(request, record)

    def check(answers: dict[str, Any]) -> None:
        if all(plain(getattr(record, name)) == plain(value) for name, value in answers.items()):
            raise Invalid(
                {
                    "": [
                        Words(
                            "没有改动任何一项：请修改后再继续。",
                            "Nothing was changed: change something first.",
                        )
                    ]
                }
            )
        trial = type(record)._base_manager.get(pk=record.pk)
        for name, value in answers.items():
            setattr(trial, name, value)
        validated(trial, list(answers))

    def write(answers: dict[str, Any], key: str) -> Record:
        current = record.version
        record.version = current if expect is None else expect
        try:
            return change(record, by=reader, **answers)
        except Stale:
            if _done_already(record, answers, reader):
                return record
            record.version = current
            raise

    errand = Errand(
        register,
        Words(f"修改 {record.number}", f"Change {record.number}"),
        Words("", ""),
        entry_address(record),
        Words("确认修改", "Confirm the change"),
        lambda data: to_change(record, reader, data),
        check,
        write,
        lambda key: f"{entry_address(record)}?done=changed",
        record,
        expect,
        one_by_one(reader, register.changes),
        corrects=True,
    )
    return _walk(request, errand)


def step(request: HttpRequest, slug: str, number: str, move: str) -> HttpResponse:
    """`/registers/<slug>/<number>/do/<move>/`."""
    register, reader = register_or_404(slug), reader_for(request)
    record = record_or_404(register, number, reader)
    known = register.procedure.move.get(move) if register.procedure else None
    if known is None or not isinstance(record, Case):
        raise Http404(move)
    case, wanted, expect = record, known, _expected(request, record)

    def check(answers: dict[str, Any]) -> None:
        fields = {name: value for name, value in answers.items() if name in wanted.fields}
        trial = type(case)._base_manager.get(pk=case.pk)
        for name, value in fields.items():
            setattr(trial, name, value)
        validated(trial, list(fields))

    def write(answers: dict[str, Any], key: str) -> Record:
        return fire(case, wanted.code, by=reader, data=answers, key=key, expect=expect)

    errand = Errand(
        register,
        Words(f"{wanted.title.zh}：{case.number}", f"{wanted.title.en}: {case.number}"),
        wanted.note,
        entry_address(case),
        wanted.title,
        lambda data: to_move(case, wanted, reader, data),
        check,
        write,
        lambda key: reverse("registers:done", args=[slug, key]),
        case,
        expect,
        one_by_one(reader, wanted.by),
    )
    # a sent form is judged by the verb itself, which knows a second click of the same form from a new request
    sent = request.method == "POST" and request.POST.get("step") == "send"
    if not sent and (why := _hindered(case, wanted, reader)) is not None:
        return _refused(request, errand, why)
    return _walk(request, errand)


def _hindered(case: Case, move: Move, reader: Reader) -> Refused | None:
    if case.state not in move.source:
        onward = case.procedure.moves_from(case.state)
        return Refused(
            Words(
                f"当前状态“{case.standing.title.zh}”不能办理“{move.title.zh}”；可办理：{'、'.join(m.title.zh for m in onward) or '无'}。",
                f"“{move.title.en}” is no step from “{case.standing.title.en}”; possible are: {', '.join(m.title.en for m in onward) or 'none'}.",
            )
        )
    return hindrance(case, move, reader, now())


def _walk(request: HttpRequest, errand: Errand) -> HttpResponse:
    """One step on the way of an errand: ask, go on or back, check the answers, or send."""
    if request.method != "POST":
        form, key = errand.form(None), uuid.uuid4().hex
        if errand.corrects and errand.pages(form):
            return _check(request, errand, form, key)
        return _ask(request, errand, form, key)
    key = request.POST.get("key", "")
    key = key if _KEY.fullmatch(key) else uuid.uuid4().hex
    form = errand.form(request.POST)
    at, _, where = request.POST.get("step", "check").partition("-")
    pages, valid = errand.pages(form), form.is_valid()
    if pages and at in ("next", "back", "edit") and not form.non_field_errors():
        page = page_of(pages, [where]) if at == "edit" else page_numbered(pages, where)
        if at == "next" and not set(page.names).isdisjoint(form.errors):
            return _ask(request, errand, form, key, page, status=422)
        if at != "next" or page.number < page.count:
            step = {"next": 1, "back": -1, "edit": 0}[at]
            page = pages[max(page.number - 1 + step, 0)]
            form.keep_faults(())
            return _ask(request, errand, form, key, page, to_check=at == "edit" and bool(where))
    if not valid:
        return _again(request, errand, form, key, 422)
    if at == "edit":
        return _ask(request, errand, form, key)
    try:
        if at == "send":
            _twice(errand, form.cleaned_data, key)
            return HttpResponseRedirect(errand.done(key))
        if errand.stale and errand.record is not None:
            raise stale(errand.record)
        errand.check(form.cleaned_data)
    except Invalid as error:
        form.refuse(error.faults, errand.register)
        return _again(request, errand, form, key, error.status)
    except Stale as error:
        return _late(request, errand, form, key, error)
    except Refused as error:
        return _refused(request, errand, error, form)
    return _check(request, errand, form, key)


def _again(request: HttpRequest, errand: Errand, form: RegisterForm, key: str, status: int) -> HttpResponse:
    """Ask once more, on the first page where something is to be corrected."""
    if errand.corrects and errand.pages(form) and not set(form.fields) & set(form.errors):
        return _check(request, errand, form, key, status)
    return _ask(request, errand, form, key, status=status, to_check=True)


def _check(
    request: HttpRequest, errand: Errand, form: RegisterForm, key: str, status: int = 200
) -> HttpResponse:
    """The answers, each with the way to its question; they can be sent unless nothing was given yet."""
    context = _common(errand, form, key)
    rows = form.rows(errand.register, errand.record)
    ready = form.is_bound and not form.errors
    return render(request, "registers/check.html", {**context, "rows": rows, "ready": ready}, status=status)


def _twice(errand: Errand, answers: dict[str, Any], key: str) -> Record:
    """Write; when two clicks of one form came at the same moment, the second finds the receipt of the first."""
    try:
        return errand.write(answers, key)
    except IntegrityError:
        return errand.write(answers, key)


def _common(errand: Errand, form: RegisterForm, key: str) -> dict[str, Any]:
    register = errand.register
    crumbs = [way_in(), crumb(register)]
    if errand.record is not None:
        crumbs.append({"title": Words(*[title_of(errand.record)] * 2), "href": entry_address(errand.record)})
    return {
        "crumbs": crumbs,
        "register": register,
        "errand": errand,
        "form": form,
        "paged": bool(errand.pages(form)),
        "key": key,
        "version": _version(errand),
    }


def _version(errand: Errand) -> int | str:
    """The version that the form carries: the one that the person saw first, so that a change in between is found."""
    if errand.record is None:
        return ""
    if errand.expect and not is_outside(errand.record.sight):
        return errand.expect
    return "" if errand.expect == 0 else version_seen(errand.record)


def _ask(
    request: HttpRequest,
    errand: Errand,
    form: RegisterForm,
    key: str,
    page: Page | None = None,
    *,
    status: int = 200,
    to_check: bool = False,
) -> HttpResponse:
    """The form, or the page of it that is due; from there it goes on to the check where the check led to it."""
    pages = errand.pages(form)
    if pages:
        page = page or page_of(pages, form.errors)
        form.keep_faults(page.names)
    names = set(page.names) if page else set(form.fields)
    context = {
        **_common(errand, form, key),
        "page": page,
        "asked": [field for field in form if field.name in names],
        "kept": [field for field in form if field.name not in names],
        "to_check": to_check or page is None,
    }
    return render(request, "registers/form.html", context, status=status)


def _late(request: HttpRequest, errand: Errand, form: RegisterForm, key: str, error: Stale) -> HttpResponse:
    """Somebody was quicker: what was typed is kept beside what stands there now, and can be sent over it knowingly."""
    assert errand.record is not None  # only a record that exists can have changed
    current = record_or_404(errand.register, errand.record.number, errand.record.reader or Reader())
    return render(
        request,
        "registers/stale.html",
        {
            **_common(errand, form, uuid.uuid4().hex),
            "why": error.why,
            "rows": form.rows(errand.register, current),
            "version": version_seen(current),
        },
        status=error.status,
    )


def _refused(
    request: HttpRequest, errand: Errand, why: Refused, form: RegisterForm | None = None
) -> HttpResponse:
    if isinstance(why, NotAllowed) and reader_for(request).account is None:
        raise PermissionDenied  # whose page leads to signing in, which may open it
    return render(
        request,
        "registers/refused.html",
        {
            **_common(errand, form or errand.form(None), ""),
            "why": why.why,
            "rows": form.rows(errand.register) if form else [],
        },
        status=why.status,
    )


def _expected(request: HttpRequest, record: Record) -> int | None:
    """The version that the person saw; 0, which no record has, for a form that was sent without one."""
    if request.method != "POST":
        return None
    text = request.POST.get("version", "")
    given = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if is_outside(record.sight):
        return record.version if given == version_seen(record) else 0
    return given


def _done_already(record: Record, answers: dict[str, Any], reader: Reader) -> bool:
    """Whether the change that came too late is the one that came first: the second click of the same form."""
    current = type(record)._base_manager.get(pk=record.pk)
    event = history_of(record).filter(version=record.version + 1, act="changed", actor=reader.account).first()
    return (
        event is not None
        and current.version == record.version + 1
        and all(plain(getattr(current, name)) == plain(value) for name, value in answers.items())
    )


def done(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """`/registers/<slug>/done/<key>/`: the number, what happens next, and by which day; for whoever sent the form."""
    register, reader = register_or_404(slug), reader_for(request)
    receipt = receipt_under(reader, key)
    if receipt is None or receipt.register != register.code:
        raise Http404(key)
    model: type[Record] = register.model
    record = model._base_manager.get(pk=receipt.record)
    event = history_of(record).get(version=receipt.version)
    acts = register.procedure
    return render(
        request,
        "registers/done.html",
        {
            "crumbs": [way_in(), crumb(register)],
            "register": register,
            "record": record,
            "act": acts.act_title(event.act) if acts else ACTS.get(event.act, Words(event.act, event.act)),
            "day": str(timezone.localtime(event.moment).date()),
            "standing": standing(record, reader, inside=True) if isinstance(record, Case) else None,
            "secret": secret_again(receipt, key),
            "tracked": register.tracked is not None,
            "minutes": SHOWN_MINUTES,
            "href": entry_address(record)
            if model.objects.visible_to(reader).filter(pk=record.pk).exists()
            else "",
            "adds": may_add(register, reader),
            "attach": _attaching(record, reader),
        },
    )


def _attaching(record: Record, reader: Reader) -> str:
    """Where files are attached to the record; "" for a reader who may attach none."""
    seen = type(record).objects.visible_to(reader).filter(pk=record.pk).first()
    if seen is None or not may_attach(seen, reader):
        return ""
    return reverse("registers:files", args=[record.register.slug, record.number])
