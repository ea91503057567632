"""The cases behind the lamps, for supervisors, auditors and heads; and the patterns that the detectors see (article 71)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from shenzhi.calc.codes import numbered
from shenzhi.kernel.access.roles import OVERSEERS
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.procedures.declaration import ACTS
from shenzhi.kernel.registers.catalogue import register_coded
from shenzhi.kernel.registers.sight import EVERY
from shenzhi.kernel.supervision import actions
from shenzhi.kernel.supervision.detectors import Finding
from shenzhi.kernel.supervision.findings import LATEST, answered_for, findings
from shenzhi.kernel.supervision.lamps import piles_now, running
from shenzhi.kernel.supervision.models import DelayCause, LampAppeal
from shenzhi.kernel.supervision.procedures import CAUSES
from shenzhi.kernel.supervision.reach import overseen
from shenzhi.kernel.words import Words
from shenzhi.web.workbench.shown import departments, official
from shenzhi.web.workbench.tasks import SIZE, Asked, Task, asked, desk

CRUMB = {"title": Words("电子监察", "Electronic supervision")}
WARNED = ("red", "yellow", "unread")
SHOWN = 12


@dataclass(frozen=True)
class Warned:
    """A case that shows yellow or red, with what was said and done about it."""

    task: Task
    cause: Words | None
    appeal: LampAppeal | None
    step: tuple[Words, str] | None


def warnings(request: HttpRequest) -> HttpResponse:
    """The list of red, or yellow, lamps: all to overseers, the own department's to its head; nobody else has one."""
    reader = official(request)
    only = overseen(reader)
    if only is None:
        raise Http404
    given = asked(request.GET)
    question = Asked(given.register, given.lamp if given.lamp in WARNED else "red", "", True)
    text = request.GET.get("page", "")
    page = min(int(text), 400) if text.isascii() and text.isdigit() and 0 < len(text) < 4 else 1
    today = timezone.localdate()
    moment, piled = piles_now(today) if only == EVERY else (timezone.now(), None)
    found = desk(
        reader,
        question,
        today,
        skip=(max(page, 1) - 1) * SIZE,
        runs=running().filter(only),
        piled=piled,
    )

    def leads(register: str = question.register, lamp: str = question.lamp) -> str:
        return f"?{Asked(register, lamp).query}"

    query = Asked(question.register, question.lamp).query
    return render(
        request,
        "workbench/warnings.html",
        {
            "crumbs": [{**CRUMB, "href": reverse("workbench:supervision")}],
            "rows": _warned(found.tasks),
            "total": found.total,
            "moment": timezone.localtime(moment).strftime("%Y-%m-%d %H:%M"),
            "lamps": [
                (one, count, leads(lamp=one.lamp), one.lamp == question.lamp)
                for one, count in found.lamps
                if one.lamp in WARNED
            ],
            "registers": [
                (one, count, leads(register=one.slug), one.slug == question.register)
                for one, count in found.registers
            ],
            "any_register": leads(register=""),
            "question": question,
            "before": f"?{query}&page={page - 1}" if page > 1 else "",
            "after": f"?{query}&page={page + 1}" if found.total > page * SIZE else "",
        },
    )


def _warned(tasks: list[Task]) -> list[Warned]:
    runs = [task.run for task in tasks]
    causes: dict[int, DelayCause] = {}
    for cause in actions.causes_of(runs):
        causes.setdefault(cause.run_id, cause)
    appeals: dict[int, LampAppeal] = {}
    for appeal in actions.appeals_of(runs):
        appeals.setdefault(appeal.run_id, appeal)
    steps = _steps(tasks)
    return [
        Warned(
            task,
            CAUSES[causes[task.run.pk].cause] if task.run.pk in causes else None,
            appeals.get(task.run.pk),
            steps.get((task.run.register, task.run.record, task.run.clock)),
        )
        for task in tasks
    ]


def _steps(tasks: list[Task]) -> dict[tuple[str, int, str], tuple[Words, str]]:
    """The last step of the ladder about each clock, and its day; one query for the page."""
    either = Q(pk__in=())
    for code in {task.run.register for task in tasks}:
        either |= Q(
            register=code, record__in=[task.run.record for task in tasks if task.run.register == code]
        )
    found = {}
    for event in Event.objects.filter(either, act__in=actions.LADDER).order_by("record", "version"):
        clock = str(event.told.get("said", {}).get("clock", ""))
        found[event.register, event.record, clock] = (
            ACTS[event.act],
            str(timezone.localtime(event.moment).date()),
        )
    return found


KINDS: dict[str, tuple[Words, Words]] = {
    "back_dated": (
        Words("事后登记", "Entered afterwards"),
        Words(
            "所记时间早于此前已登记事项的时间一日以上。补录纸质材料也会如此，请核对原件日期。",
            "The moment given lies more than a day before that of something entered earlier. Paper files entered later look "
            "like this too: compare the original's date.",
        ),
    ),
    "batch_closed": (
        Words("到期日集中办结", "Closed together at the limit"),
        Words(
            "同一人在半小时内、在到期日或者之后办结五件以上。集中例会也会如此，请看各件的理由是否逐件写明。",
            "One person ended five or more within half an hour, on the due day or after it. A weekly meeting looks like this "
            "too: see whether each has its own reasons.",
        ),
    ),
    "reopened": (
        Words("办结后又办理", "Closed and opened again"),
        Words("办结后三十日内又回到办理中。", "Stood at an end and was at work again within thirty days."),
    ),
    "back_and_forth": (
        Words("部门间往返", "Back and forth between departments"),
        Words(
            "转出后又回到原部门。职责分工不清时常见，可提请协调。",
            "Came back to a department that had passed it on. Common where duties are unclear: coordination can settle it.",
        ),
    ),
    "same_text": (
        Words("答复文字相同", "Identical wording"),
        Words(
            "三件以上使用同一段文字。同类事项使用统一口径也会如此，请看是否答到所问。",
            "Three or more with the same text. Alike matters are rightly answered alike: see whether the question was answered.",
        ),
    ),
}


@dataclass(frozen=True)
class Seen:
    """A finding as the page tells it: the cases with their addresses, and one sentence."""

    told: Words
    day: str
    cases: list[tuple[str, str]]
    more: int


def findings_page(request: HttpRequest) -> HttpResponse:
    """What is worth a look, kind by kind: all to overseers, the own department's to its head; nobody else is told."""
    reader = official(request)
    if overseen(reader) is None:
        raise Http404
    moment, found = findings(timezone.localdate())
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for one in found if reader.roles() & {*OVERSEERS} else answered_for(found, reader):
        by_kind[one.kind].append(one)
    names = departments({key for several in by_kind.values() for one in several for key in one.departments})
    return render(
        request,
        "workbench/findings.html",
        {
            "crumbs": [{**CRUMB, "href": reverse("workbench:supervision")}],
            "kinds": [
                (kind, title, about, [_seen(one, names) for one in by_kind[kind][:50]], len(by_kind[kind]))
                for kind, (title, about) in KINDS.items()
            ],
            "latest": LATEST,
            "moment": timezone.localtime(moment).strftime("%Y-%m-%d %H:%M"),
        },
    )


def _seen(one: Finding, names: dict[int | None, Words]) -> Seen:
    cases = []
    for code, key in one.cases[:SHOWN]:
        register = register_coded(code)
        if register is not None:
            number = numbered.number(register.prefix, key)
            cases.append((number, reverse("workbench:case", args=[register.slug, number])))
    return Seen(_told(one, names), str(timezone.localtime(one.at).date()), cases, len(one.cases) - len(cases))


def _told(one: Finding, names: dict[int | None, Words]) -> Words:
    count = len(one.cases)
    if one.kind == "back_dated":
        return Words(f"所记时间早 {one.amount} 天", f"the moment given is {one.amount} days earlier")
    if one.kind == "batch_closed":
        return Words(f"{one.amount} 分钟内办结 {count} 件", f"{count} cases within {one.amount} minutes")
    if one.kind == "reopened":
        return Words(f"办结 {one.amount} 天后又办理", f"at work again {one.amount} days after its end")
    if one.kind == "back_and_forth":
        places = [names[key] for key in one.departments if key in names]
        return Words(
            f"{'、'.join(p.zh for p in places)}之间往返 {one.amount} 次",
            f"{one.amount} times back and forth between {', '.join(p.en for p in places)}",
        )
    return Words(f"{count} 件使用“{one.text}”", f"{count} cases with “{one.text}”")
