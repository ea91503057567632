"""`/desk/department/`: the lamps of a department, by clock, by person, and by month (articles 69, 71)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.roles import HANDLERS, OVERSEERS, Reader
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.parties.models import Department
from shenzhi.kernel.registers.sight import EVERY
from shenzhi.kernel.supervision.figures import (
    Figure,
    Tally,
    added,
    counted_at,
    grouped,
    months_until,
    tallies,
)
from shenzhi.kernel.supervision.lamps import Pile, piles, running
from shenzhi.kernel.supervision.reach import handled
from shenzhi.kernel.words import Words
from shenzhi.web.workbench.shown import (
    NOBODY,
    OPEN_LAMPS,
    clock_title,
    districts,
    official,
    place_words,
    register_title,
    sign,
)

MONTHS = 12


@dataclass(frozen=True)
class Line:
    """One line of a table of lamps: what it counts, how many show each lamp, and what became of those that ended."""

    title: Any
    under: Any
    lamps: list[int]
    figure: Figure | None = None


def department(request: HttpRequest) -> HttpResponse:
    """The lamps of one of the reader's departments; overseers choose among all of them."""
    reader = official(request)
    choices, areas = _places(reader)
    code = request.GET.get("department", "")
    if code and code not in {one.code for one in choices}:
        raise Http404(code)
    chosen = next((one for one in choices if one.code == code), choices[0] if choices else None)
    overseer = bool(reader.roles() & {*OVERSEERS})
    only = EVERY if overseer else handled(reader)
    here = Q(department=chosen) if chosen is not None else Q()
    today = timezone.localdate()
    found = piles(book(), running().filter(only).filter(here), today, ("register", "clock", "handler"))
    months = months_until(today, MONTHS)
    by_month = {
        month: [one for one in several if chosen is None or one.department == chosen.pk]
        for month, several in tallies(months, today, districts=areas).items()
    }
    ended = [one for several in by_month.values() for one in several]
    return render(
        request,
        "workbench/department.html",
        {
            "crumbs": [{"title": Words("工作台", "Desk"), "href": reverse("workbench:desk")}],
            "choices": choices,
            "chosen": chosen,
            "title": place_words(chosen) if chosen is not None else _area_words(areas),
            "lamps": [sign(lamp) for lamp in OPEN_LAMPS],
            "total": _counts(found),
            "running": sum(pile.count for pile in found),
            "clocks": _by_clock(found, ended),
            "people": _by_person(found),
            "months": [(f"{month:%Y-%m}", added(by_month[month])) for month in months],
            "year": added(ended),
            "today": str(today),
            "months_at": timezone.localtime(counted_at()).strftime("%Y-%m-%d %H:%M"),
        },
    )


def _places(reader: Reader) -> tuple[list[Department], frozenset[int]]:
    """The departments that the reader may choose, and the districts to which the reader is limited (none: no limit)."""
    if reader.roles() & {*OVERSEERS}:
        return list(Department.objects.order_by("code")), frozenset()
    grants = [grant for grant in reader.grants if grant.role in HANDLERS]
    within = {grant.department for grant in grants}
    areas = frozenset(grant.district for grant in grants if grant.district is not None)
    limited = areas if all(grant.district is not None for grant in grants) else frozenset()
    if within == {None}:
        return ([] if limited else list(Department.objects.order_by("code"))), limited
    keys = [key for key in within if key is not None]
    return list(Department.objects.filter(pk__in=keys).order_by("code")), limited


def _area_words(areas: frozenset[int]) -> Words:
    names = [words for key, words in districts(areas).items() if key is not None]
    return Words("、".join(one.zh for one in names), ", ".join(one.en for one in names))


def _counts(found: list[Pile]) -> list[int]:
    counts = Counter[str]()
    for pile in found:
        counts[str(pile.lamp)] += pile.count
    return [counts[str(lamp)] for lamp in OPEN_LAMPS]


def _by_clock(found: list[Pile], ended: list[Tally]) -> list[Line]:
    figures = grouped(ended, lambda one: (one.register, one.clock))
    open_ = {(str(pile.values["register"]), str(pile.values["clock"])) for pile in found}
    return [
        Line(
            register_title(register),
            clock_title(register, clock),
            _counts(
                [one for one in found if (one.values["register"], one.values["clock"]) == (register, clock)]
            ),
            figures.get((register, clock)),
        )
        for register, clock in sorted(open_ | set(figures))
    ]


def _by_person(found: list[Pile]) -> list[Line]:
    keys = {pile.values["handler"] for pile in found}
    names = Account.objects.in_bulk([key for key in keys if key is not None])
    lines = [
        Line(
            str(names[key]) if key in names else NOBODY,
            "",
            _counts([p for p in found if p.values["handler"] == key]),
        )
        for key in keys
    ]
    return sorted(
        lines, key=lambda line: (line.title is NOBODY, [-count for count in line.lamps], str(line.title))
    )
