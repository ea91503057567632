"""What Open311 asks of the register of problems: services, requests and their updates, as the public may see them (article 62)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence

from django.db.models import F, FloatField, Q, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from shenzhi.apps.complaints.models import Category, Problem
from shenzhi.apps.complaints.questions import Question, asked
from shenzhi.apps.complaints.wire import hearing, open311
from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.attachments.kinds import KINDS
from shenzhi.kernel.attachments.models import Attachment
from shenzhi.kernel.clocks.running import book, runs_of
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.procedures.declaration import FILE
from shenzhi.kernel.registers.catalogue import register_of, serial

_MOVES = Problem.Register.procedure.moves
STATES = Problem.Register.procedure.state
FINAL = [code for code, state in STATES.items() if state.final]
STEPS = {FILE, *(move.code for move in _MOVES if move.to)}
"""The acts that the public follows: those that bring a problem into another state."""
CLOSING = {move.code for move in _MOVES if move.to in FINAL}
METRES = math.radians(1) * 6_371_008.8
"""One degree along a meridian of the sphere of mean radius."""


def english() -> bool:
    return (get_language() or "").startswith("en")


def categories(today: dt.date) -> QuerySet[Category]:
    """The kinds of problems that can be reported today."""
    return Category.objects.filter(kind="problem").filter(Q(ended_on=None) | Q(ended_on__gte=today))


def services(today: dt.date) -> list[open311.Service]:
    known = list(categories(today).order_by("group", "id"))
    further = asked([one.pk for one in known], today)
    return [_service(one, metadata=one.pk in further) for one in known]


def _service(category: Category, *, metadata: bool) -> open311.Service:
    name = category.name_en if english() else category.name
    return open311.Service(
        service_code=category.code,
        service_name=name,
        description=name if english() else category.note or name,
        metadata=metadata,
        type="realtime",
        keywords=", ".join(
            one.strip() for one in category.keywords.replace("、", ",").split(",") if one.strip()
        ),
        group=category.group or None,
    )


def attributes(questions: Iterable[Question]) -> list[open311.Attribute]:
    """The questions in the words of the standard."""
    in_english = english()
    return [
        open311.Attribute(
            code=one.code,
            datatype=one.datatype,
            required=one.required,
            description=one.description_en if in_english else one.description,
            order=one.order,
            values=tuple(
                open311.Value(option.key, option.name_en if in_english else option.name)
                for option in one.choices
            ),
            variable=one.variable,
            datatype_description=(one.how_en if in_english else one.how) or None,
        )
        for one in questions
    ]


def numbered(ids: Iterable[str]) -> QuerySet[Problem]:
    """The problems with these numbers that everybody may see."""
    keys = [serial(register_of(Problem), one) for one in list(ids)[: open311.MOST]]
    return Problem.objects.visible_to(PUBLIC).filter(pk__in=[key for key in keys if key is not None])


def requested(wanted: hearing.Asked) -> list[Problem]:
    """The problems that are asked for, newest first, a page of them."""
    told = ("category", "department", "same_as")
    if wanted.ids:
        return list(numbered(wanted.ids).select_related(*told).order_by("-id"))
    seen = Problem.objects.visible_to(PUBLIC).select_related(*told)
    if wanted.requested:
        seen = seen.filter(made_at__range=wanted.requested)
    if wanted.updated:
        seen = seen.filter(changed_at__range=wanted.updated)
    if wanted.service_codes:
        seen = seen.filter(category__in=Category.objects.filter(code__in=wanted.service_codes))
    if len(set(wanted.status)) == 1:
        closed = wanted.status[0] == "closed"
        seen = seen.filter(state__in=FINAL if closed else [code for code in STATES if code not in FINAL])
    if wanted.near:
        seen = _near(seen, wanted.near)
    first = (wanted.page - 1) * wanted.page_size
    return list(seen.order_by("-made_at", "-id")[first : first + wanted.page_size])


def _near(seen: QuerySet[Problem], near: hearing.Near) -> QuerySet[Problem]:
    """Those in the circle, which is taken to be flat: so far from the poles it is off by less than a metre in a thousand."""
    along = METRES * max(0.01, math.cos(math.radians(near.lat)))
    high, wide = near.radius / METRES, near.radius / along
    seen = seen.filter(
        latitude__range=(round(near.lat - high, 6), round(near.lat + high, 6)),
        longitude__range=(round(near.long - wide, 6), round(near.long + wide, 6)),
    )
    north = (Cast(F("latitude"), FloatField()) - near.lat) * METRES
    east = (Cast(F("longitude"), FloatField()) - near.long) * along
    return seen.alias(square=north * north + east * east).filter(square__lte=near.radius**2)


def as_requests(problems: Sequence[Problem], home: str) -> list[open311.Request]:
    """The problems in the words of the standard, with the day by which each is to be mended. `home` is the address of the
    box ("https://host/") for links to photographs."""
    days, ended, pictures = due(problems), _ended(problems), _pictures(problems, home)
    return [
        _as_request(one, days.get(one.pk), ended.get(one.pk, one.changed_at), pictures.get(one.pk))
        for one in problems
    ]


def _as_request(
    problem: Problem, due: dt.date | None, updated: dt.datetime, picture: str | None
) -> open311.Request:
    in_english = english()
    state = problem.standing
    title = state.title.en if in_english else state.title.zh
    department = problem.department
    return open311.Request(
        service_request_id=problem.number,
        status="closed" if state.final else "open",
        status_notes=f"{title}: {problem.answer}" if problem.answer else title,
        service_name=problem.category.name_en if in_english else problem.category.name,
        service_code=problem.category.code,
        description=problem.summary or None,
        agency_responsible=None
        if department is None
        else (in_english and department.name_en) or department.name,
        service_notice=None,
        requested_datetime=timezone.localtime(problem.made_at),
        updated_datetime=timezone.localtime(updated),
        expected_datetime=None
        if due is None
        else timezone.make_aware(dt.datetime.combine(due, dt.time(23, 59, 59))),
        address=problem.place or None,
        address_id=None,
        zipcode=None,
        lat=None if problem.latitude is None else float(problem.latitude),
        long=None if problem.longitude is None else float(problem.longitude),
        media_url=picture,
        extended_attributes={
            "state": problem.state,
            "state_title": title,
            "outcome": problem.outcome,
            "same_as": problem.same_as.number if problem.same_as and not problem.same_as.hidden else "",
        },
    )


def due(problems: Iterable[Problem]) -> dict[int, dt.date]:
    """By which day the running clock of each ends, the earliest of several."""
    law, today = book(), timezone.localdate()
    found: dict[int, dt.date] = {}
    for run in runs_of(register_of(Problem).code, [one.pk for one in problems if not one.standing.final]):
        if run.ended_on is None:
            day = law.read(run, today).due_on
            found[run.record] = min(found.get(run.record, day), day)
    return found


def _ended(problems: Iterable[Problem]) -> dict[int, dt.datetime]:
    """When each that is closed was closed: what was said or attached afterwards is no update for the public."""
    closed = [one.pk for one in problems if one.standing.final]
    events = Event.objects.filter(register=register_of(Problem).code, record__in=closed, act__in=CLOSING)
    return {one.record: one.moment for one in events.order_by("record", "version")} if closed else {}


def _pictures(problems: Sequence[Problem], home: str) -> dict[int, str]:
    """The address of the first photograph of each that is open to everybody."""
    register = register_of(Problem)
    numbers = {one.pk: one.number for one in problems}
    kinds = [code for code, kind in KINDS.items() if kind.picture]
    files = Attachment.objects.filter(
        register=register.code, record__in=list(numbers), reach="open", kind__in=kinds
    )
    found: dict[int, str] = {}
    for one in files.order_by("id"):
        named = [register.slug, numbers[one.record], one.sha256, one.name]
        found.setdefault(one.record, home.rstrip("/") + reverse("registers:file", args=named))
    return found


def updates_of(wanted: hearing.Asked) -> list[open311.Update]:
    """What happened to these problems, or to any in a span of time, oldest first: which step and when, never by whom."""
    if wanted.ids:
        problems = {one.pk: one for one in numbered(wanted.ids)}
        events = Event.objects.filter(record__in=list(problems))
    else:
        first, last = wanted.updated or wanted.requested or (timezone.now(), timezone.now())
        seen = Problem.objects.visible_to(PUBLIC).filter(changed_at__gte=first).order_by("changed_at", "id")
        problems = {one.pk: one for one in seen[: open311.MOST]}
        events = Event.objects.filter(record__in=list(problems), at__range=(_stamp(first), _stamp(last)))
    events = events.filter(register=register_of(Problem).code, act__in=STEPS)
    found = []
    for event in events.order_by("at", "record", "version")[: open311.MOST]:
        problem = problems[event.record]
        title = problem.procedure.act_title(event.act)
        found.append(
            open311.Update(
                f"{problem.number}.{event.version}",
                problem.number,
                "CLOSED" if event.state in FINAL else "OPEN",
                timezone.localtime(event.moment),
                title.en if english() else title.zh,
            )
        )
    return found


def _stamp(moment: dt.datetime) -> str:
    """The moment as history writes it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
