"""What the public statistics of complaints are made of: counted once an hour by the runner, so that no reader waits (article 90).

A letter counts in the year, and the month, in which it was received, whatever becomes of it later. What is kept are
counts alone, never a share: a share is worked out from the two counts that stand beside it. Counts of which somebody
could be found are held back before anything is kept. Letters of today are not counted yet, so that nobody can read from
a count that rose by one when somebody wrote.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from shenzhi.apps.complaints.letters import Letter
from shenzhi.apps.complaints.models import Complaint, Problem, Report
from shenzhi.apps.complaints.rules import SMALLEST_CELL, withheld
from shenzhi.calc.calendar.clocks import Lamp, Run, unpack
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import Book, book, edition
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.supervision.counts import ages, counted, few, keep

KINDS: Mapping[str, type[Letter]] = {"complaint": Complaint, "problem": Problem, "report": Report}
"""What is counted. Of reports only the city's total is: an organisation must not learn that somebody reported it."""

OUTCOMES = (
    "remedied",
    "denied",
    "explained",
    "refused",
    "withdrawn",
    "transferred",
    "merged",
    "opened",
    "dropped",
)
"""What a letter came to. `denied`: the office calls it remedied, and whoever wrote says that it is not put right."""

COUNTS = (
    "filed", "before", "open", "decided", *OUTCOMES, "due", "in_time", "late", "ended", "reopened", "rested",
    "rated", "satisfied", "dissatisfied", "answered", "fixed", "not_fixed", "came_back",
)  # fmt: skip
"""What is counted of each cell. `before`: received on the same days of the year before; `due`: decided, or not decided and late."""

SUMS = {
    "filed": ("decided", "open"),
    "decided": OUTCOMES,
    "due": ("in_time", "late"),
    "ended": ("reopened", "rested"),
    "rated": ("satisfied", "dissatisfied"),
    "answered": ("fixed", "not_fixed", "came_back"),
}
"""Which counts make up which: of each sum all parts are counted, so that what is held back cannot be worked out unseen."""

WORK = frozenset({"open", "decided", "due", "in_time", "late", "ended", "rested"})
"""What the office did or has still to do. It says nothing of what anybody wrote, so it may be small where the letters are many."""

ACCEPTED = ("mediating", "testing", "decided", "reopened", "closed")
NOT_TAKEN_UP = ("refused", "transferred")
FACTS = ("state", "outcome", "reopened", "satisfaction", "fixed")
PLACES = {"district": "district", "category": "category"}
MOST_NAMED = 1000
"""So many organisations are kept for the statistics of a year, those most complained of."""
MOST_GOODS = 20
AT_ONCE = 2000
OLD = (dt.timedelta(0), dt.timedelta(days=1), dt.timedelta(days=30))
"""When a year is counted again: the one that runs, the one before it, those before that."""

Cell = dict[str, int]
Cells = dict[str, dict[str, Cell]]
"""Counts by dimension ("all", "month", "district", "category", "organisation"), and in it by key."""

Counts = Mapping[str, int | None]
"""The counts of a cell as they may be published; None where one is held back."""


@dataclass
class Year:
    """What may be published of one kind of letter in a year. `goods` are what is complained of most: name, letters,
    letters the year before. `until` is the last day that is counted."""

    until: str
    shown: dict[str, dict[str, Counts]]
    goods: list[tuple[str, int, int]] = field(default_factory=list)


def first_year() -> int | None:
    """The year of the oldest letter; None where there is none."""
    oldest = [model._base_manager.aggregate(at=Min("made_at"))["at"] for model in KINDS.values()]
    return min((timezone.localtime(at).year for at in oldest if at is not None), default=None)


def count_years(today: dt.date) -> int:
    """Count those years again whose counts are too old, and say how many counts were made."""
    first, law, made, done = first_year(), edition(), ages("complaints:"), 0
    for back, year in enumerate(range(today.year, (first or today.year + 1) - 1, -1)):
        for kind in KINDS:
            at, by = made.get(_name(kind, year), (None, ""))
            if at is not None and by == law and timezone.now() - at < OLD[min(back, len(OLD) - 1)]:
                continue
            keep(_name(kind, year), asdict(count(kind, year, today)), law)
            done += 1
    return done


def kept(kind: str, year: int, today: dt.date) -> tuple[dt.datetime, Year] | None:
    """The counts of a year as they were made last, and when. Few are counted on the spot; None where they must be waited for."""
    name = _name(kind, year)
    if found := counted([name]).get(name):
        return found.at, Year(**found.found)
    return (timezone.now(), count(kind, year, today)) if few() else None


def years_kept() -> list[int]:
    """The years that can be asked for, the newest first."""
    made = {int(name.rpartition(":")[2]) for name in ages("complaints:")}
    if not made and few() and (first := first_year()) is not None:
        made = set(range(first, timezone.localdate().year + 1))
    return sorted(made, reverse=True)


def _name(kind: str, year: int) -> str:
    return f"complaints:{kind}:{year}"


def count(kind: str, year: int, today: dt.date) -> Year:
    """Count the letters of one kind that were received in a year, up to the end of yesterday, as they may be published."""
    after = min(dt.date(year + 1, 1, 1), today)
    goods = _goods(dt.date(year, 1, 1), after) if kind == "complaint" else []
    return Year(str(after - dt.timedelta(days=1)), publishable(cells_of(kind, year, today)), goods)


def publishable(cells: Cells) -> dict[str, dict[str, Counts]]:
    """The counts of all tables, None for what is held back: the tables of months, districts and categories share a total."""
    flat: dict[tuple[str, str, str], int] = {}
    sums = []
    for dimension, several in cells.items():
        for code, counts in several.items():
            flat |= {(dimension, code, name): one for name, one in counts.items()}
            sums += [
                ((dimension, code, whole), [(dimension, code, part) for part in parts])
                for whole, parts in SUMS.items()
            ]
        if dimension not in ("all", "organisation"):
            sums += [(("all", "", name), [(dimension, code, name) for code in several]) for name in COUNTS]
    harmless = {key for key in flat if key[2] in WORK and flat[*key[:2], "filed"] >= SMALLEST_CELL}
    held = withheld(flat, sums, harmless=harmless)
    return {
        dimension: {
            code: {name: None if (dimension, code, name) in held else one for name, one in counts.items()}
            for code, counts in several.items()
        }
        for dimension, several in cells.items()
    }


def cells_of(kind: str, year: int, today: dt.date) -> Cells:
    """The counts themselves, for nobody to see: `publishable` says what may be shown of them."""
    model, first, after = KINDS[kind], dt.date(year, 1, 1), min(dt.date(year + 1, 1, 1), today)
    cells: Cells = defaultdict(lambda: defaultdict(lambda: dict.fromkeys(COUNTS, 0)))
    cells["all"][""]
    months, lowest, highest = _months(year), 0, 0
    rows = _between(model, first, after).annotate(month=months)
    names = ("month", *PLACES.values(), *FACTS)
    for row in rows.values(*names).annotate(count=Count("id"), low=Min("id"), high=Max("id")):
        lowest, highest = min(lowest or row["low"], row["low"]), max(highest, row["high"])
        _add(_cells_of(cells, row), _counts_of(row), row["count"])
    for row, times in _late(model, first, after, (lowest, highest), months, today):
        decided = _counts_of(row)["decided"]
        _add(_cells_of(cells, row), {"late": 1, "in_time": -decided, "due": 1 - decided}, times)
    earlier = _between(model, _year_before(first), _year_before(after)).annotate(month=_months(year - 1))
    for row in earlier.values("month", *PLACES.values()).annotate(count=Count("id")):
        _add(_cells_of(cells, row), {"before": 1}, row["count"])
    if kind == "complaint":
        _organisations(cells, first, after)
    return {name: dict(several) for name, several in cells.items()}


def _between(model: type[Letter], first: dt.date, after: dt.date) -> QuerySet[Any]:
    """The letters received from a day on and before another."""
    return model._base_manager.filter(made_at__gte=_begin(first), made_at__lt=_begin(after)).order_by()


def _begin(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _year_before(day: dt.date) -> dt.date:
    """The same day a year earlier; the day after 28 February where there was no 29th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return dt.date(day.year - 1, 3, 1)


def _months(year: int) -> Case:
    """The month of receipt, asked so that the database compares moments and need not know our clocks."""
    starts = [_begin(dt.date(year, month, 1)) for month in range(2, 13)]
    return Case(
        *(When(made_at__lt=at, then=Value(month)) for month, at in enumerate(starts, 1)), default=Value(12)
    )


def _cells_of(cells: Cells, row: Mapping[str, Any]) -> Iterator[Cell]:
    """The cells in which a letter counts."""
    yield cells["all"][""]
    yield cells["month"][str(row["month"])]
    for name, path in PLACES.items():
        yield cells[name][str(row[path] or "")]


def _add(cells: Iterable[Cell], counts: Mapping[str, int], times: int) -> None:
    for cell in cells:
        for name, one in counts.items():
            cell[name] += one * times


def _counts_of(row: Mapping[str, Any]) -> Cell:
    """How one letter counts. A decision that is being looked at again is none until it is upheld or made anew."""
    merged = row["state"] == "duplicate"
    decided = merged or (bool(row["outcome"]) and row["state"] != "reopened")
    outcome = "merged" if merged else row["outcome"] if decided else ""
    if outcome == "remedied" and row["fixed"] == "not_fixed":
        outcome = "denied"
    ended = decided or row["reopened"]
    counts = {
        "filed": 1, "decided": decided, "open": not decided, "due": decided, "in_time": decided, "ended": ended,
        "reopened": row["reopened"], "rested": ended and not row["reopened"], "rated": bool(row["satisfaction"]),
        "satisfied": row["satisfaction"] in ("4", "5"), "dissatisfied": row["satisfaction"] in ("1", "2", "3"),
        "answered": bool(row["fixed"]),
    }  # fmt: skip
    for name in (outcome, row["fixed"]):
        if name:
            counts[name] = 1
    return {name: int(one) for name, one in counts.items()}


def _late(
    model: type[Letter],
    first: dt.date,
    after: dt.date,
    keys: tuple[int, int],
    months: Case,
    today: dt.date,
) -> Iterator[tuple[Mapping[str, Any], int]]:
    """The letters of which some clock ran out before it ended, or has run out and still runs; those alike with how many.

    Clock by clock, since no database knows the working calendar; the due day of equal facts is read once."""
    law = book()
    due: dict[tuple[Any, ...], dt.date] = {}
    names = ("rule", "started_on", "pauses", "extended_days")
    runs = ClockRun.objects.filter(register=register_of(model).code, record__range=keys).order_by()
    late = set()
    for record, ended_on, *rest in runs.values_list("record", "ended_on", *names).iterator(10_000):
        known = tuple(rest)
        if known not in due:
            due[known] = _due_on(law, known, today)
        if (ended_on or today) > due[known]:
            late.add(record)
    told, alike = ("month", *PLACES.values(), *FACTS), Counter[tuple[Any, ...]]()
    waiting = iter(sorted(late))
    while several := list(islice(waiting, AT_ONCE)):
        rows = _between(model, first, after).filter(pk__in=several).annotate(month=months)
        alike.update(rows.values_list(*told))
    for values, times in alike.items():
        yield dict(zip(told, values, strict=True)), times


def _due_on(law: Book, known: tuple[Any, ...], today: dt.date) -> dt.date:
    """The last day of a clock; far ahead where it is paused, or no limit was in force and there is nothing to be late for."""
    rule, started_on, pauses, extended_days = known
    try:
        reading = law.read_facts(rule, Run(started_on, unpack(pauses), extended_days), today)
    except BilingualError:
        return dt.date.max
    return dt.date.max if reading.lamp == Lamp.PAUSED else reading.due_on


def _organisations(cells: Cells, first: dt.date, after: dt.date) -> None:
    """Complaints that were accepted, by the organisation: whoever is complained of without ground is not counted."""
    mediated = ClockRun.objects.filter(
        register=register_of(Complaint).code, record=OuterRef("pk"), clock="mediate"
    )
    accepted = (Q(state__in=ACCEPTED) & ~Q(outcome__in=NOT_TAKEN_UP)) | (
        Q(state="withdrawn") & Exists(mediated)
    )
    rows = _between(Complaint, first, after).filter(accepted).exclude(respondent=None)
    most = rows.values("respondent").annotate(count=Count("id")).filter(count__gte=SMALLEST_CELL)
    keys = [row["respondent"] for row in most.order_by("-count", "respondent")[:MOST_NAMED]]
    for row in rows.filter(respondent__in=keys).values("respondent", *FACTS).annotate(count=Count("id")):
        _add([cells["organisation"][str(row["respondent"])]], _counts_of(row), row["count"])
    earlier = _between(Complaint, _year_before(first), _year_before(after)).filter(
        accepted, respondent__in=keys
    )
    for row in earlier.values("respondent").annotate(count=Count("id")):
        cells["organisation"][str(row["respondent"])]["before"] += row["count"]


def _goods(first: dt.date, after: dt.date) -> list[tuple[str, int, int]]:
    """What is complained of most, in the words of those who wrote: only what so many different people named alike."""

    def named(begin: dt.date, end: dt.date) -> QuerySet[Any]:
        several = Count("phone", distinct=True)
        rows = _between(Complaint, begin, end).values("goods").annotate(count=Count("id"), people=several)
        return rows.filter(people__gte=SMALLEST_CELL)

    rows = list(named(first, after).order_by(F("count").desc(), "goods")[:MOST_GOODS])
    earlier = named(_year_before(first), _year_before(after)).filter(goods__in=[row["goods"] for row in rows])
    before = {row["goods"]: row["count"] for row in earlier}
    return [(row["goods"], row["count"], before.get(row["goods"], 0)) for row in rows]
