"""Counts of complaints for the lake, by district and year of receipt: what the public statistics say, as one table (article 90).

Which counts may be published is decided in one place (`facts.publishable`), and both were counted at the same moment; here
they become rows. No letter and no writer is among them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Min
from django.utils import timezone

from shenzhi.apps.complaints import facts
from shenzhi.apps.complaints.models import Category, Complaint
from shenzhi.calc.calendar.classes import DAY_CLASSES, day_item
from shenzhi.kernel.parties.models import District
from shenzhi.pipeline.statistics.complaints import ALL, ITEMS

Row = dict[str, Any]
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
        base = {"year": year, "status": status}
        whole = base | {"area": "", "category": ALL}
        yield from _counts(whole, shown.get("all", {}).get("", {}))
        yield from _days(whole, shown.get("all", {}).get("", {}))
        for key, code in categories.items():
            yield from _counts(whole | {"category": code}, shown.get("category", {}).get(str(key), {}))
        for key, code in districts.items():
            here, counts = base | {"area": code, "category": ALL}, shown.get("district", {}).get(str(key), {})
            yield from _counts(here, counts)
            yield from _days(here, counts)


def _years(today: dt.date) -> range:
    """From the year of the first complaint on; in January the new year has not begun to tell anything."""
    first = Complaint._base_manager.aggregate(at=Min("made_at"))["at"]
    last = today.year if today.month > 1 else today.year - 1
    return range(timezone.localtime(first).year, last + 1) if first else range(0)


def _counts(about: Mapping[str, Any], counts: facts.Counts) -> Iterator[Row]:
    """A row for each count. Where nothing was received every count is nought, which tells of nobody."""
    for item in ITEMS:
        yield {**about, "item": item, **_cell(counts.get(item, 0))}


def _days(about: Mapping[str, Any], counts: facts.Counts) -> Iterator[Row]:
    for least, most in DAY_CLASSES:
        item = day_item(least)
        yield {**about, "item": item, "least": least, "most": most, **_cell(counts.get(item, 0))}


def _cell(count: int | None) -> Row:
    return {"cases": count, "withheld": "few" if count is None else None}
