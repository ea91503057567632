"""What Open311 asks of the register of problems: services, requests and their updates, as the public may see them (article 62)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import F, FloatField, Q, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from shenzhi.apps.complaints.models import Category, Problem
from shenzhi.apps.complaints.questions import Question, asked
from shenzhi.apps.complaints.wire import hearing, open311
from shenzhi.calc.calendar.clocks import Run, unpack
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.attachments.kinds import KINDS
from shenzhi.kernel.attachments.models import Attachment
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import book, rule_of, stamps
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.parties.models import Department
from shenzhi.kernel.procedures.declaration import FILE
from shenzhi.kernel.registers.catalogue import register_of, serial

_MOVES = Problem.Register.procedure.moves
STATES = Problem.Register.procedure.state
FINAL = [code for code, state in STATES.items() if state.final]
STEPS = {FILE, *(move.code for move in _MOVES if move.to)}
"""The acts that the public follows: those that bring a problem into another state."""
CLOSING = {move.code for move in _MOVES if move.to in FINAL}
CLOSE = 1_000
"""Up to so many metres around a point few enough lie there to begin with the place, and not with the newest."""
METRES = math.radians(1) * 6_371_008.8
"""One degree along a meridian of the sphere of mean radius."""


def english() -> bool:
    return (get_language() or "").startswith("en")


@dataclass(frozen=True)
class Offer:
    """What can be reported on a day: the kinds of problems by code, and what else is asked of each, by its key."""

    categories: Mapping[str, Category]
    questions: Mapping[int, list[Question]]

    def asked(self, category: Category) -> list[Question]:
        return self.questions.get(category.pk, [])


def offer(today: dt.date) -> Offer:
    """As the rows stand; they are read again only when one of them has changed. One question, however many kinds there are."""
    return _offer(stamps(Category, Question, Department), today)


@lru_cache(maxsize=2)
def _offer(_: tuple[tuple[Any, ...], ...], today: dt.date) -> Offer:
    running = Category.objects.filter(kind="problem").filter(Q(ended_on=None) | Q(ended_on__gte=today))
    known = list(running.select_related("department").order_by("group", "id"))
    return Offer({one.code: one for one in known}, asked([one.pk for one in known], today))


def services(today: dt.date) -> list[open311.Service]:
    known = offer(today)
    return [_service(one, metadata=one.pk in known.questions) for one in known.categories.values()]


def _service(category: Category, *, metadata: bool) -> open311.Service:
    in_english = english()
    name = category.name_en if in_english else category.name
    return open311.Service(
        service_code=category.code,
        service_name=name,
        description=(category.note_en if in_english else category.note) or name,
        metadata=metadata,
        type="realtime",
        keywords=", ".join(
            one.strip() for one in category.keywords.replace("、", ",").split(",") if one.strip()
        ),
        group=(category.group_en if in_english else category.group) or None,
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


TOLD = (
    "made_at", "changed_at", "state", "category", "place", "latitude", "longitude", "summary", "answer", "outcome", "same_as", "department",
)  # fmt: skip
"""All that a request tells; who wrote is not even fetched."""


def requested(wanted: hearing.Asked) -> list[Problem]:
    """The problems that are asked for, newest first, a page of them.

    Their keys are asked first: an index answers that by itself, where whole letters would be read only to be passed over."""
    if wanted.ids:
        return sorted(numbered(wanted.ids).only(*TOLD), key=lambda one: -one.pk)
    seen = Problem.objects.visible_to(PUBLIC)
    if wanted.requested:
        seen = seen.filter(made_at__range=wanted.requested)
    if wanted.updated:
        seen = seen.filter(changed_at__range=wanted.updated)
    if wanted.service_codes:
        seen = seen.filter(category__in=_kinds(wanted.service_codes))
    if len(set(wanted.status)) == 1:
        closed = wanted.status[0] == "closed"
        seen = seen.filter(state__in=FINAL if closed else [code for code in STATES if code not in FINAL])
    if wanted.near:
        seen = _near(seen, wanted)
    first = (wanted.page - 1) * wanted.page_size
    keys = list(
        seen.order_by("-made_at", "-id").values_list("pk", flat=True)[first : first + wanted.page_size]
    )
    held = (
        {one.pk: one for one in Problem.objects.visible_to(PUBLIC).filter(pk__in=keys).only(*TOLD)}
        if keys
        else {}
    )
    return [held[key] for key in keys if key in held]


def _kinds(codes: Iterable[str]) -> list[int]:
    """The keys of these kinds of problems, also of those that can no longer be reported."""
    return list(Category.objects.filter(code__in=codes).values_list("pk", flat=True))


def _near(seen: QuerySet[Problem], wanted: hearing.Asked) -> QuerySet[Problem]:
    """Those in the circle, which is taken to be flat: so far from the poles it is off by less than a metre in a thousand."""
    near = wanted.near
    assert near is not None  # else nobody asks
    along = METRES * max(0.01, math.cos(math.radians(near.lat)))
    high, wide = near.radius / METRES, near.radius / along
    box = Q(
        latitude__range=(round(near.lat - high, 6), round(near.lat + high, 6)),
        longitude__range=(round(near.long - wide, 6), round(near.long + wide, 6)),
    )
    if near.radius <= CLOSE:
        if wanted.requested:
            box &= Q(made_at__range=wanted.requested)
        # a question of its own, so that the index of places is entered and not that of days
        box = Q(pk__in=Problem._base_manager.filter(box).values("pk"))
    north = (Cast(F("latitude"), FloatField()) - near.lat) * METRES
    east = (Cast(F("longitude"), FloatField()) - near.long) * along
    return seen.filter(box).alias(square=north * north + east * east).filter(square__lte=near.radius**2)


def as_requests(problems: Sequence[Problem], home: str) -> list[open311.Request]:
    """The problems in the words of the standard, with the day by which each is to be mended. `home` is the address of the
    box ("https://host/") for links to photographs."""
    days, ended, pictures = due(problems), _ended(problems), _pictures(problems, home)
    names, same = _named(stamps(Category, Department)), _same(problems)
    return [
        _as_request(
            one,
            names,
            days.get(one.pk),
            ended.get(one.pk, one.changed_at),
            pictures.get(one.pk),
            same.get(one.same_as_id, ""),
        )
        for one in problems
    ]


@dataclass(frozen=True)
class Names:
    """The kinds of problems and the departments by key, those too that have ended."""

    categories: Mapping[int, Category]
    departments: Mapping[int | None, Department]


@lru_cache(maxsize=2)
def _named(_: tuple[tuple[Any, ...], ...]) -> Names:
    """As the rows stand: there are few, and they are read again only when one of them has changed."""
    return Names(Category._base_manager.in_bulk(), Department._base_manager.in_bulk())


def _same(problems: Iterable[Problem]) -> dict[int | None, str]:
    """The numbers of those that others are the same as, as far as everybody may see them."""
    keys = {one.same_as_id for one in problems if one.same_as_id is not None}
    seen = Problem.objects.visible_to(PUBLIC).filter(pk__in=keys).only("pk") if keys else ()
    return {one.pk: one.number for one in seen}


def _as_request(
    problem: Problem,
    names: Names,
    due: dt.date | None,
    updated: dt.datetime,
    picture: str | None,
    same_as: str,
) -> open311.Request:
    in_english = english()
    state = problem.standing
    title = state.title.en if in_english else state.title.zh
    category, department = names.categories[problem.category_id], names.departments.get(problem.department_id)
    return open311.Request(
        service_request_id=problem.number,
        status="closed" if state.final else "open",
        status_notes=f"{title}: {problem.answer}" if problem.answer else title,
        service_name=category.name_en if in_english else category.name,
        service_code=category.code,
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
            "same_as": same_as,
        },
    )


def due(problems: Iterable[Problem]) -> dict[int, dt.date]:
    """By which day the running clock of each ends, the earliest of several; equal facts are read once."""
    law, today = book(), timezone.localdate()
    open_ones = [one.pk for one in problems if not one.standing.final]
    if not open_ones:
        return {}
    facts = ("rule", "started_on", "pauses", "extended_days")
    runs = ClockRun.objects.filter(register=register_of(Problem).code, record__in=open_ones, ended_on=None)
    days: dict[tuple[Any, ...], dt.date] = {}
    found: dict[int, dt.date] = {}
    for record, *rest in runs.values_list("record", *facts):
        rule, started_on, pauses, longer = known = tuple(rest)
        if known not in days:
            days[known] = law.read_facts(rule, Run(started_on, unpack(pauses), longer), today).due_on
        found[record] = min(found.get(record, days[known]), days[known])
    return found


def first_due(problem: Problem) -> dt.date | None:
    """By which day the clock of a problem that has just been filed ends, without asking for it again; None without a limit."""
    law, on = book(), timezone.localtime(problem.made_at).date()
    begun = [clock for clock in problem.procedure.clocks if FILE in clock.starts]
    try:
        return min((law.read_facts(rule_of(one, problem), Run(on), on).due_on for one in begun), default=None)
    except BilingualError:
        return None


def _ended(problems: Iterable[Problem]) -> dict[int, dt.datetime]:
    """When each that is closed was closed: what was said or attached afterwards is no update for the public."""
    closed = [one.pk for one in problems if one.standing.final]
    if not closed:
        return {}
    events = Event.objects.filter(register=register_of(Problem).code, record__in=closed, act__in=CLOSING)
    told = sorted(events.values_list("record", "version", "at"))
    return {record: dt.datetime.fromisoformat(at) for record, _, at in told}


def _pictures(problems: Sequence[Problem], home: str) -> dict[int, str]:
    """The address of the first photograph of each that is open to everybody."""
    register = register_of(Problem)
    numbers = {one.pk: one.number for one in problems}
    kinds = [code for code, kind in KINDS.items() if kind.picture]
    files = Attachment.objects.filter(
        register=register.code, record__in=list(numbers), reach="open", kind__in=kinds
    )
    found: dict[int, str] = {}
    for one in sorted(files, key=lambda one: one.pk):
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
    told = events.order_by("at", "record", "version").only("record", "version", "act", "state", "at")
    for event in told[: open311.MOST]:
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
