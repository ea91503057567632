"""`/supervision/`: every clock of every register, in totals without persons, open to everybody (articles 71, 84)."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.parties.models import Department
from shenzhi.kernel.supervision.figures import (
    Figure,
    Tally,
    added,
    counted_at,
    grouped,
    months_until,
    tallies,
)
from shenzhi.kernel.supervision.lamps import Lit, lit_now
from shenzhi.kernel.supervision.reach import overseen
from shenzhi.kernel.words import Words
from shenzhi.web.workbench.shown import (
    NOWHERE,
    OPEN_LAMPS,
    Sign,
    clock_title,
    departments,
    place_words,
    register_title,
    sign,
)

MONTHS = 12


@dataclass(frozen=True)
class Clock:
    """One clock of one register in one department."""

    register: Words
    clock: Words
    lamps: list[int]
    figure: Figure | None


@dataclass(frozen=True)
class Unit:
    """A department with its clocks, and all of them together."""

    name: Words
    lamps: list[int]
    figure: Figure
    clocks: list[Clock]


def city(request: HttpRequest) -> HttpResponse:
    """Totals for everybody; overseers and heads find the way to the single cases."""
    reader = reader_for(request)
    today = timezone.localdate()
    moment, lit = lit_now(today)
    months = months_until(today, MONTHS)
    by_month = tallies(months, today)
    ended = [one for several in by_month.values() for one in several]
    return render(
        request,
        "workbench/supervision.html",
        {
            "moment": timezone.localtime(moment).strftime("%Y-%m-%d %H:%M"),
            "months_at": timezone.localtime(counted_at()).strftime("%Y-%m-%d %H:%M"),
            "signs": [sign(lamp) for lamp in OPEN_LAMPS],
            "total": _total(lit),
            "running": sum(one.count for one in lit),
            "units": units(lit, ended),
            "months": [(f"{month:%Y-%m}", added(several)) for month, several in by_month.items()],
            "year": added(ended),
            "warned": overseen(reader) is not None,
            "official": reader.official,
        },
    )


def units(lit: tuple[Lit, ...], ended: list[Tally]) -> list[Unit]:
    """Every department that has a running clock or had one end within the months, those with most red first."""
    figures = grouped(ended, lambda one: (one.department, one.register, one.clock))
    whole = grouped(ended, lambda one: one.department)
    open_: dict[int | None, list[Lit]] = defaultdict(list)
    for one in lit:
        open_[one.department].append(one)
    names = departments({*open_, *whole})
    found = []
    for place in {*open_, *whole}:
        kinds = {(one.register, one.clock) for one in open_[place]}
        kinds |= {(register, clock) for held, register, clock in figures if held == place}
        found.append(
            Unit(
                names.get(place, NOWHERE),
                _counts(open_[place]),
                whole.get(place) or added([]),
                [
                    Clock(
                        register_title(register),
                        clock_title(register, clock),
                        _counts(
                            [one for one in open_[place] if (one.register, one.clock) == (register, clock)]
                        ),
                        figures.get((place, register, clock)),
                    )
                    for register, clock in sorted(kinds)
                ],
            )
        )
    return sorted(found, key=lambda one: ([-count for count in one.lamps], one.name.zh))


def _total(lit: tuple[Lit, ...]) -> list[tuple[Sign, int]]:
    return list(zip([sign(lamp) for lamp in OPEN_LAMPS], _counts(lit), strict=True))


def _counts(lit: tuple[Lit, ...] | list[Lit]) -> list[int]:
    counts = Counter[str]()
    for one in lit:
        counts[one.lamp] += one.count
    return [counts[str(lamp)] for lamp in OPEN_LAMPS]


def wall(request: HttpRequest) -> HttpResponse:
    """The same for a screen on the wall: it loads itself again every minute."""
    moment, lit = lit_now(timezone.localdate())
    return render(
        request,
        "workbench/wall.html",
        {
            "moment": timezone.localtime(moment).strftime("%H:%M"),
            "signs": [sign(lamp) for lamp in OPEN_LAMPS],
            "total": _total(lit),
            "units": units(lit, []),
        },
    )


def lamps(request: HttpRequest) -> JsonResponse:
    """`/supervision/lamps.json`: how many clocks show which lamp now, by department, register and clock."""
    moment, lit = lit_now(timezone.localdate())
    codes = dict(
        Department.objects.filter(pk__in={one.department for one in lit if one.department}).values_list(
            "pk", "code"
        )
    )
    rows: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for one in lit:
        rows[codes.get(one.department or 0, ""), one.register, one.clock][one.lamp] += one.count
    return JsonResponse(
        {
            "as_of": timezone.localtime(moment).isoformat(timespec="seconds"),
            "article": "71",
            "lamps": [
                {
                    "department": department,
                    "register": register,
                    "clock": clock,
                    **{str(lamp): counts[str(lamp)] for lamp in OPEN_LAMPS},
                }
                for (department, register, clock), counts in sorted(rows.items())
            ],
        }
    )


COLUMNS = (
    "month", "department", "department_name", "register", "clock", "ended", "in_time", "late", "late_not_by_the_unit",
    "in_time_share", "median_working_days",
)  # fmt: skip


def months(request: HttpRequest) -> HttpResponse:
    """`/supervision/months.csv`: what became of the clocks that ended, by month, department, register and clock."""
    today = timezone.localdate()
    known = {one.pk: one for one in Department.objects.all()}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for month, several in tallies(months_until(today, 2 * MONTHS), today).items():
        figures = grouped(several, lambda one: (one.department or 0, one.register, one.clock))
        for (key, register, clock), one in sorted(figures.items()):
            place = known.get(key)
            name = place_words(place).zh if place is not None else ""
            share = "" if one.in_time_share is None else f"{one.in_time_share:.4f}"
            middle = "" if one.median_days is None else f"{one.median_days:g}"
            code = place.code if place is not None else ""
            row = [
                f"{month:%Y-%m}",
                code,
                _plain(name),
                register,
                clock,
                one.ended,
                one.in_time,
                one.late,
                one.excused,
            ]
            writer.writerow([*row, share, middle])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="shenzhi-supervision-months.csv"'
    return response


def _plain(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
