"""Counts of complaints for the lake, by district and year of receipt: what the public statistics say, as one table (article 90).

Which counts may be published is decided in one place (`facts.publishable`); here they become rows, with the working days
from receipt to decision beside them, rounded as `calc.disclosure` rounds. No letter and no writer is among them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Min
from django.utils import timezone

from shenzhi.apps.complaints import facts
from shenzhi.apps.complaints.evaluation import DECIDES
from shenzhi.apps.complaints.models import Category, Complaint
from shenzhi.calc.disclosure import publishable
from shenzhi.kernel.clocks.running import book, runs_of
from shenzhi.kernel.parties.models import District
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.pipeline.statistics.complaints import ALL, DAY_CLASSES, ITEMS, day_class, day_item

Row = dict[str, Any]
AT_ONCE = 2000
YEARS_OPEN = 2
"""The year that runs and the one before it: so long complaints of a year may still be open."""


def rows(today: dt.date) -> Iterator[Row]:
    """The rows as they stand today, an empty area for the whole city. None at all while some year of a large office is still
    to be counted: part of a table would be taken for the whole."""
    years = _years(today)
    found = {year: facts.kept("complaint", year, today) for year in years}
    if any(one is None for one in found.values()):
        return
    districts = dict(District.objects.order_by("code").values_list("pk", "code"))
    categories = dict(Category.objects.filter(kind="complaint").order_by("code").values_list("pk", "code"))
    for year, one in found.items():
        shown = one[1].shown if one else {}
        status = "final" if today.year - year >= YEARS_OPEN else "preliminary"
        taken = days_taken(year, today)
        base = {"year": year, "status": status}
        whole = base | {"area": "", "category": ALL}
        yield from _counts(whole, shown.get("all", {}).get("", {}))
        yield from _days(whole, sum(taken.values(), Counter()))
        for key, code in categories.items():
            yield from _counts(whole | {"category": code}, shown.get("category", {}).get(str(key), {}))
        for key, code in districts.items():
            here = base | {"area": code, "category": ALL}
            yield from _counts(here, shown.get("district", {}).get(str(key), {}))
            yield from _days(here, taken.get(key, Counter()))


def _years(today: dt.date) -> range:
    """From the year of the first complaint on; in January the new year has not begun to tell anything."""
    first = Complaint._base_manager.aggregate(at=Min("made_at"))["at"]
    last = today.year if today.month > 1 else today.year - 1
    return range(timezone.localtime(first).year, last + 1) if first else range(0)


def _counts(about: Mapping[str, Any], counts: facts.Counts) -> Iterator[Row]:
    """A row for each count. Where nothing was received every count is nought, which tells of nobody."""
    for item in ITEMS:
        yield {**about, "item": item, **_cell(counts.get(item, 0))}


def _days(about: Mapping[str, Any], taken: Mapping[int, int]) -> Iterator[Row]:
    told = publishable({day_item(least): taken.get(least, 0) for least, _ in DAY_CLASSES})
    for least, most in DAY_CLASSES:
        item = day_item(least)
        yield {**about, "item": item, "least": least, "most": most, **_cell(told[item] if told else None)}


def _cell(count: int | None) -> Row:
    return {"cases": count, "withheld": "few" if count is None else None}


def days_taken(year: int, today: dt.date) -> dict[int | None, Counter[int]]:
    """By district, how many complaints received in the year were decided within each class of working days (by its least).

    A complaint that was taken up again counts by its last decision, one that was withdrawn was decided by nobody."""
    calendar, code = book().calendar, register_of(Complaint).code
    begin, end = (
        timezone.make_aware(dt.datetime.combine(day, dt.time()))
        for day in (dt.date(year, 1, 1), min(dt.date(year + 1, 1, 1), today))
    )
    letters = Complaint._base_manager.filter(made_at__gte=begin, made_at__lt=end).order_by("pk")
    decided = letters.exclude(outcome__in=("", "withdrawn")).exclude(state="reopened")
    found: dict[int | None, Counter[int]] = defaultdict(Counter)
    last = 0
    while several := list(decided.filter(pk__gt=last).values_list("pk", "made_at", "district")[:AT_ONCE]):
        last = several[-1][0]
        ended_on = {
            run.record: run.ended_on
            for run in runs_of(code, [pk for pk, _, _ in several])
            if run.ended_by in DECIDES[Complaint]
        }
        for pk, made_at, district in several:
            if (on := ended_on.get(pk)) is not None:
                received_on = timezone.localtime(made_at).date()
                found[district][day_class(calendar.working_days_between(received_on, on))] += 1
    return dict(found)
