"""What Open311 asks of the register of problems: services, requests and their updates, as the public may see them (article 62)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from shenzhi.apps.complaints.models import Category, Problem
from shenzhi.apps.complaints.wire import open311
from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.clocks.running import book, runs_of
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.registers.catalogue import register_of, serial


def english() -> bool:
    return (get_language() or "").startswith("en")


def categories(today: dt.date) -> QuerySet[Category]:
    """The kinds of problems that can be reported today."""
    return Category.objects.filter(kind="problem").filter(Q(ended_on=None) | Q(ended_on__gte=today))


def service(category: Category) -> open311.Service:
    name = category.name_en if english() else category.name
    return open311.Service(
        category.code, name, category.note or name, False, "realtime", category.keywords, category.group
    )


def requested(asked: open311.Asked, moment: dt.datetime) -> list[Problem]:
    """The problems that are asked for, newest first: of at most 90 days where no day is named, and at most 1000."""
    seen = Problem.objects.visible_to(PUBLIC).select_related("category", "department", "same_as")
    if asked.ids:
        keys = [serial(register_of(Problem), one) for one in asked.ids]
        return list(seen.filter(pk__in=[key for key in keys if key is not None])[: open311.MOST])
    end = asked.end or moment
    start = asked.start or end - dt.timedelta(days=open311.DAYS)
    if asked.end or not asked.start:
        start = max(start, end - dt.timedelta(days=open311.DAYS))
    seen = seen.filter(made_at__gte=start, made_at__lte=end)
    if asked.service_codes:
        seen = seen.filter(category__code__in=asked.service_codes)
    if len(set(asked.status)) == 1:
        final = [state.code for state in Problem.Register.procedure.states if state.final]
        seen = seen.filter(state__in=final) if asked.status[0] == "closed" else seen.exclude(state__in=final)
    if asked.updated_after:
        seen = seen.filter(changed_at__gte=asked.updated_after)
    if asked.updated_before:
        seen = seen.filter(changed_at__lte=asked.updated_before)
    first = (asked.page - 1) * asked.page_size
    return list(seen.order_by("-id")[first : first + asked.page_size])


def as_requests(problems: Sequence[Problem]) -> list[open311.Request]:
    """The problems in the words of the standard, with the day by which each is to be mended."""
    due = _due(problems)
    return [_as_request(one, due.get(one.pk)) for one in problems]


def _as_request(problem: Problem, due: dt.date | None) -> open311.Request:
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
        updated_datetime=timezone.localtime(problem.changed_at),
        expected_datetime=None
        if due is None
        else timezone.make_aware(dt.datetime.combine(due, dt.time(23, 59, 59))),
        address=problem.place or None,
        address_id=None,
        zipcode=None,
        lat=None if problem.latitude is None else float(problem.latitude),
        long=None if problem.longitude is None else float(problem.longitude),
        media_url="",
        extended_attributes={
            "state": problem.state,
            "state_title": title,
            "outcome": problem.outcome,
            "same_as": problem.same_as.number if problem.same_as else "",
        },
    )


def _due(problems: Iterable[Problem]) -> dict[int, dt.date]:
    """By which day the running clock of each ends, the earliest of several."""
    law, today = book(), timezone.localdate()
    found: dict[int, dt.date] = {}
    for run in runs_of(register_of(Problem).code, [one.pk for one in problems if not one.standing.final]):
        if run.ended_on is None:
            day = law.read(run, today).due_on
            found[run.record] = min(found.get(run.record, day), day)
    return found


def updates_of(ids: Iterable[str]) -> list[open311.Update]:
    """What happened to these problems, oldest first: which move and when, never by whom."""
    register = register_of(Problem)
    keys = [key for key in (serial(register, one) for one in ids) if key is not None]
    seen = {one.pk: one for one in Problem.objects.visible_to(PUBLIC).filter(pk__in=keys)}
    found = []
    for event in Event.objects.filter(register=register.code, record__in=list(seen)).order_by(
        "record", "version"
    ):
        problem = seen[event.record]
        title = problem.procedure.act_title(event.act)
        state = problem.procedure.state.get(event.state)
        found.append(
            open311.Update(
                f"{problem.number}.{event.version}",
                problem.number,
                "CLOSED" if state and state.final else "OPEN",
                timezone.localtime(dt.datetime.fromisoformat(event.at)),
                title.en if english() else title.zh,
            )
        )
    return found
