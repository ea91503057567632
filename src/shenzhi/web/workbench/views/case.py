"""One screen to read a case and act: what is asked and known, what the law allows next, by when, at whom (article 71)."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from shenzhi.calc.calendar.clocks import Limit, Reading, unpack
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.attachments.attaching import attached
from shenzhi.kernel.cases.assigning import assign, may_assign
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.cases.objections import objections_to
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import book, runs_of
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.procedures.declaration import ACTS, Move
from shenzhi.kernel.registers.catalogue import register_named, serial
from shenzhi.kernel.registers.showing import referred
from shenzhi.kernel.registers.writing import Invalid, Refused
from shenzhi.kernel.registry import BESIDE
from shenzhi.kernel.supervision import actions
from shenzhi.kernel.supervision.lamps import UNREAD, read_run
from shenzhi.kernel.supervision.models import DelayCause, LampAppeal
from shenzhi.kernel.supervision.procedures import CAUSES
from shenzhi.kernel.supervision.reach import may_warn
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import title_of
from shenzhi.web.registers.entries import facts, unshown
from shenzhi.web.registers.reading import noted
from shenzhi.web.registers.standing import standing
from shenzhi.web.registers.telling import answered, history, is_inside
from shenzhi.web.workbench.shown import Sign, clock_title, departments, left, official, sign
from shenzhi.web.workbench.tasks import Task, asked, desk


@dataclass(frozen=True)
class Counted:
    """A clock with everything that its reading follows from."""

    run: ClockRun
    title: Words
    sign: Sign
    limit: Limit | None
    reading: Reading | None
    left: Words
    pauses: Sequence[tuple[str, str]]
    causes: list[DelayCause] = field(default_factory=list)
    appeals: list[LampAppeal] = field(default_factory=list)
    steps: list[tuple[Event, Words, str]] = field(default_factory=list)

    @property
    def lit(self) -> bool:
        """Whether there is something to say about it: it is late, or will soon be."""
        return self.sign.lamp in ("yellow", "red") or bool(self.reading and self.reading.late_days)

    @property
    def excused(self) -> bool:
        return any(one.state == "upheld" for one in self.appeals)


@dataclass(frozen=True)
class Typed:
    """What came back from a step that was refused: which form it was, what stood in it, and what is wrong."""

    form: str
    why: Words
    values: Mapping[str, str]
    faults: Mapping[str, Sequence[Words]]


def case(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """`/desk/<slug>/<number>/`, for those who have to do with the case; for all others it does not exist."""
    reader = official(request)
    return _page(request, reader, case_or_404(slug, number, reader))


def case_or_404(slug: str, number: str, reader: Reader) -> Any:
    register = register_named(slug)
    if register is None or not issubclass(register.model, Case):
        raise Http404(slug)
    key = serial(register, number)
    model: Any = register.model
    found = model.objects.visible_to(reader).select_related(*referred(model)).filter(pk=key).first()
    if found is None or not is_inside(found.sight):
        raise Http404(number)
    return found


def _page(
    request: HttpRequest, reader: Reader, record: Any, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    register, today = record.register, timezone.localdate()
    stands = standing(record, reader, inside=True)
    clocks = counted(record, today)
    told, older = history(record, reader)
    noted(reader, register, [record], record.sight.whole, answers=answered(told))
    question = asked(request.GET)
    before, after = _neighbours(request, reader, record, today)
    return render(
        request,
        "workbench/case.html",
        {
            "crumbs": [{"title": Words("工作台", "Desk"), "href": f"{reverse('workbench:desk')}?{question.query}"}],
            "register": register,
            "record": record,
            "title": title_of(record),
            "standing": stands,
            "state_shown": "state" in record.sight.fields,
            "inline": [move for move, why in stands.moves if why is None and not move.fields],
            "elsewhere": [move for move, why in stands.moves if why is None and move.fields],
            "hindered": [(move, why.why) for move, why in stands.moves if why is not None],
            "facts": facts(record),
            "unshown": unshown(record),
            "clocks": clocks,
            "causes": CAUSES,
            "holds": may_assign(record, reader) and not record.standing.final,
            "holder": str(record.handler) if record.handler_id and "handler" in record.sight.fields else "",
            "department": departments([record.department_id])[record.department_id],
            "own": record.handler_id == reader.account,
            "warns": may_warn(reader),
            "ladder": [(step, ACTS[step], lamps) for step, lamps in actions.LADDER.items()],
            "history": told,
            "older": older,
            "files": attached(record, reader),
            "objections": list(objections_to(record)),
            "beside": beside(record, reader),
            "dossiers": [
                other for one in register.model._meta.concrete_fields
                if one.name in record.sight.whole and isinstance(other := getattr(record, one.name), Organisation)
            ],
            "before": before,
            "after": after,
            "query": request.GET.urlencode(),
            "question": question,
            "key": str(uuid.uuid4()),
            "typed": typed,
            "done": _done(record, request.GET.get("done", "")),
        },
        status=status,
    )  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What an app shows beside the case: other cases, each with why it stands there."""

    title: Words
    note: Words
    cases: list[tuple[Case, str, Words]]


def beside(record: Case, reader: Reader) -> list[Shown]:
    """What apps show beside the case: only cases on which the reader has to work as well, for others may not be named."""
    found = []
    for one in BESIDE:
        if one.register == record.register.code:
            cases = [
                (other, title_of(other), why)
                for other, why in one.find(record, reader)
                if is_inside(other.sight)
            ]
            found.append(Shown(one.title, one.note, cases))
    return found


def _done(record: Case, act: str) -> Words | None:
    known = {**ACTS, **{move.code: move.title for move in record.procedure.moves}, **SAID}
    return known.get(act)


SAID = {
    "cause": Words("说明延误原因", "Cause of the delay stated"),
    "appeal": Words("提出申诉", "Appeal filed"),
}


def counted(record: Case, today: dt.date) -> list[Counted]:
    """Every clock of the case with how it was counted, what was said about it and what supervision did."""
    known, runs = book(), runs_of(record.register.code, [record.pk])
    causes, appeals = list(actions.causes_of(runs)), list(actions.appeals_of(runs))
    steps = [
        (one, one.told.get("said", {})) for one in actions.steps_taken(record.register.code, [record.pk])
    ]
    found = []
    for run in runs:
        reading, limit = read_run(known, run, today), None
        with contextlib.suppress(BilingualError):  # shown as a clock without a limit
            limit = known.limit(run.rule, run.started_on)
        own = [(one, said) for one, said in steps if said.get("clock") == run.clock]
        found.append(
            Counted(
                run,
                clock_title(run.register, run.clock),
                sign(reading.lamp if reading is not None else UNREAD),
                limit,
                reading,
                left(reading, limit.unit if limit is not None else "working"),
                [(str(begin), str(until) if until else "") for begin, until in unpack(run.pauses)],
                [one for one in causes if one.run_id == run.pk],
                [one for one in appeals if one.run_id == run.pk],
                [(one, ACTS[one.act], str(said.get("text", ""))) for one, said in own],
            )
        )
    return found


def _neighbours(request: HttpRequest, reader: Reader, record: Case, today: dt.date) -> tuple[str, str]:
    """The addresses of the case before and after this one in the list it was opened from, "" where there is none."""
    place = request.GET.get("at", "")
    if not (place.isascii() and place.isdigit() and len(place) < 7):
        return "", ""
    at, question = int(place), asked(request.GET)
    found = desk(reader, question, today, skip=max(0, at - 1), size=3).tasks
    others = [task for task in found if (task.register, task.run.record) != (record.register, record.pk)]

    def leads(tasks: list[Task]) -> str:
        if not tasks:
            return ""
        task = tasks[0]
        where = reverse("workbench:case", args=[task.register.slug, task.number])
        return f"{where}?{question.query}{'&' if question.query else ''}at={task.at}"

    # a case that has just left the list has its successor standing in its place
    return leads([task for task in others if task.at < at][-1:]), leads(
        [task for task in others if task.at >= at]
    )


@require_POST
def do(request: HttpRequest, slug: str, number: str, move: str) -> HttpResponse:
    """Make a move that asks no field of the record, from the screen of the case itself."""
    reader = official(request)
    record = case_or_404(slug, number, reader)
    known: Move | None = record.procedure.move.get(move)
    if known is None:
        raise Http404(move)
    data = {ask.code: value for ask in known.asks if (value := request.POST.get(ask.code, "").strip())}
    try:
        fire(
            record, move, by=reader, data=data, key=request.POST.get("key", "")[:80], expect=_version(request)
        )
    except Refused as why:
        return _again(request, reader, record, move, data, why)
    return _back(request, record, move)


@require_POST
def take(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """Assign the case to oneself, or give it back to the department."""
    reader = official(request)
    record = case_or_404(slug, number, reader)
    to = None if request.POST.get("give_back") else reader.account
    try:
        assign(record, to, by=reader, expect=_version(request))
    except Refused as why:
        return _again(request, reader, record, "take", {}, why)
    return _back(request, record, "assigned")


@require_POST
def about_clock(request: HttpRequest, slug: str, number: str, clock: str, act: str) -> HttpResponse:
    """Say why a clock runs late, appeal against its lamp, or take a step of the ladder."""
    reader = official(request)
    record = case_or_404(slug, number, reader)
    given = {name: request.POST.get(name, "").strip() for name in ("cause", "text")}
    key = request.POST.get("key", "")[:80]
    try:
        if act == "cause":
            actions.state_cause(record, by=reader, clock=clock, key=key, **given)
        elif act == "appeal":
            actions.appeal(
                record, by=reader, clock=clock, cause=given["cause"], ground=given["text"], key=key
            )
        elif act in actions.LADDER:
            actions.warn(record, act, by=reader, clock=clock, text=given["text"], today=timezone.localdate())
        else:
            raise Http404(act)
    except Refused as why:
        return _again(request, reader, record, f"{clock}-{act}", given, why)
    return _back(request, record, act)


def _version(request: HttpRequest) -> int | None:
    """The version that the person saw; None where the page did not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _again(
    request: HttpRequest, reader: Reader, record: Case, form: str, values: Mapping[str, str], why: Refused
) -> HttpResponse:
    """The page once more, as it stands now, with what was typed and what is wrong."""
    faults = why.faults if isinstance(why, Invalid) else {}
    now = case_or_404(record.register.slug, record.number, reader)
    return _page(request, reader, now, Typed(form, why.why, values, faults), why.status)


def _back(request: HttpRequest, record: Case, act: str) -> HttpResponse:
    query = request.GET.copy()
    query["done"] = act
    where = reverse("workbench:case", args=[record.register.slug, record.number])
    return HttpResponseRedirect(f"{where}?{query.urlencode()}")
