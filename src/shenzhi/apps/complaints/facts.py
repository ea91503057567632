"""What the public statistics of complaints are made of: counted once an hour by the runner, so that no reader waits (article 90).

A letter counts in the year, and the month, in which it was received, whatever becomes of it later. What is kept are
counts alone, never a share: a share is worked out from the two counts that stand beside it. Counts of which somebody
could be found are held back before anything is kept. Letters of today are not counted yet, so that nobody can read from
a count that rose by one when somebody wrote.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from shenzhi.apps.complaints.evaluation import DECIDES
from shenzhi.apps.complaints.late import due_days, late_letters
from shenzhi.apps.complaints.letters import Letter
from shenzhi.apps.complaints.models import Complaint, Problem, Report
from shenzhi.calc.calendar.classes import DAY_CLASSES, day_class, day_item
from shenzhi.calc.disclosure import SMALLEST, withheld
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import book, edition
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

DAYS = tuple(day_item(least) for least, _ in DAY_CLASSES)
"""Of complaints, in the whole city and by district: how many were decided within so many working days."""

SUMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("filed", ("decided", "open")),
    ("decided", OUTCOMES),
    ("decided", ("withdrawn", *DAYS, "undated")),
    ("due", ("in_time", "late")),
    ("ended", ("reopened", "rested")),
    ("rated", ("satisfied", "dissatisfied")),
    ("answered", ("fixed", "not_fixed", "came_back")),
    ("mended", ("remedied", "denied")),
    ("decided", ("mended", *(one for one in OUTCOMES if one not in ("remedied", "denied")))),
)
"""Which counts make up which: of each sum all parts are counted, so that what is held back cannot be worked out unseen.
`undated`: decided without a clock that says when; `mended`: remedied by the office's account. Neither is told."""

WORK = frozenset({"open", "decided", "due", "in_time", "late", "ended", "rested", *DAYS, "undated"})
"""What the office did or has still to do. It says nothing of what anybody wrote, so it may be small where the letters are many."""

LISTED = frozenset(
    {
        "filed",
        "before",
        "open",
        "decided",
        "mended",
        "explained",
        "refused",
        "withdrawn",
        "transferred",
        "merged",
        "ended",
        "reopened",
        "rested",
    }
)
"""What anybody can count of problems in the street, since each stands in the public register and on Open311 with its steps."""

ACCEPTED = ("mediating", "testing", "decided", "reopened", "closed")
NOT_TAKEN_UP = ("refused", "transferred")
FACTS = ("state", "outcome", "reopened", "satisfaction", "fixed")
PLACES = {"district": "district", "category": "category"}
MOST_NAMED = 1000
"""So many organisations are kept for the statistics of a year, those most complained of."""
MOST_GOODS = 20
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
    letters the year before (None for few or none). `until` is the last day that is counted."""

    until: str
    shown: dict[str, dict[str, Counts]]
    goods: list[tuple[str, int, int | None]] = field(default_factory=list)


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
    return Year(
        str(after - dt.timedelta(days=1)),
        publishable(cells_of(kind, year, today), listed=kind == "problem"),
        goods,
    )


def publishable(cells: Cells, *, listed: bool = False) -> dict[str, dict[str, Counts]]:
    """The counts of all tables, None for what is held back: the tables of months, districts and categories share a total.

    `listed`: each letter stands in public too, without who wrote."""
    flat: dict[tuple[str, str, str], int] = {}
    sums = []
    for dimension, several in cells.items():
        for code, counts in several.items():
            flat |= {(dimension, code, name): one for name, one in counts.items()}
            if listed:
                flat[dimension, code, "mended"] = counts["remedied"] + counts["denied"]
            for whole, parts in SUMS:
                if all((dimension, code, one) in flat for one in (whole, *parts)):
                    sums.append(((dimension, code, whole), [(dimension, code, part) for part in parts]))
        if dimension not in ("all", "organisation"):
            names = dict.fromkeys(name for counts in several.values() for name in counts)
            sums += [(("all", "", name), [(dimension, code, name) for code in several]) for name in names]
    harmless = {key for key in flat if key[2] in WORK and flat[*key[:2], "filed"] >= SMALLEST}
    known = {key for key in flat if key[2] in LISTED} if listed else set()
    held = withheld(flat, sums, harmless=harmless, known=known)
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
    if kind == "complaint":
        for name in ("all", "district"):
            cells[name] = defaultdict(lambda: dict.fromkeys((*COUNTS, *DAYS, "undated"), 0))
    cells["all"][""]
    months, lowest, highest = _months(year), 0, 0
    rows = _between(model, first, after).annotate(month=months)
    names = ("month", *PLACES.values(), *FACTS)
    for row in rows.values(*names).annotate(count=Count("id"), low=Min("id"), high=Max("id")):
        lowest, highest = min(lowest or row["low"], row["low"]), max(highest, row["high"])
        _add(_cells_of(cells, row), _counts_of(row), row["count"])
    runs = ClockRun.objects.filter(register=register_of(model).code, record__range=(lowest, highest))
    with due_days(runs, today):
        late = rows.filter(pk__in=late_letters(runs, today)).values(*names).annotate(count=Count("id"))
        for row in late:
            decided = _counts_of(row)["decided"]
            _add(_cells_of(cells, row), {"late": 1, "in_time": -decided, "due": 1 - decided}, row["count"])
    earlier = _between(model, _year_before(first), _year_before(after)).annotate(month=_months(year - 1))
    for row in earlier.values("month", *PLACES.values()).annotate(count=Count("id")):
        _add(_cells_of(cells, row), {"before": 1}, row["count"])
    if kind == "complaint":
        _days_taken(cells, rows)
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


def _days_taken(cells: Cells, letters: QuerySet[Any]) -> None:
    """How many were decided within each class of working days. A complaint that was taken up again counts by its last
    decision; one that was withdrawn was decided by nobody."""
    runs = ClockRun.objects.filter(register=register_of(Complaint).code, record=OuterRef("pk"))
    # the clock of acceptance started on the day of receipt, by our own clocks, which no database knows
    began = runs.filter(clock="accept").order_by("id").values("started_on")[:1]
    last = runs.filter(ended_by__in=DECIDES[Complaint]).order_by("-started_on", "-id").values("ended_on")[:1]
    decided = letters.exclude(outcome__in=("", "withdrawn")).exclude(state="reopened")
    groups = decided.annotate(on=Subquery(began), until=Subquery(last)).values_list("district", "on", "until")
    calendar = book().calendar
    taken: dict[tuple[dt.date, dt.date], str] = {}
    for district, on, until, count in groups.annotate(count=Count("id")).exclude(on=None).exclude(until=None):
        if (on, until) not in taken:
            taken[on, until] = day_item(day_class(calendar.working_days_between(on, until)))
        _add((cells["all"][""], cells["district"][str(district or "")]), {taken[on, until]: 1}, count)
    for cell in (*cells["all"].values(), *cells["district"].values()):
        cell["undated"] = cell["decided"] - cell["withdrawn"] - sum(cell[name] for name in DAYS)


def _organisations(cells: Cells, first: dt.date, after: dt.date) -> None:
    """Complaints that were accepted, by the organisation: whoever is complained of without ground is not counted."""
    mediated = ClockRun.objects.filter(
        register=register_of(Complaint).code, record=OuterRef("pk"), clock="mediate"
    )
    accepted = (Q(state__in=ACCEPTED) & ~Q(outcome__in=NOT_TAKEN_UP)) | (
        Q(state="withdrawn") & Exists(mediated)
    )
    rows = _between(Complaint, first, after).filter(accepted).exclude(respondent=None)
    most = rows.values("respondent").annotate(count=Count("id")).filter(count__gte=SMALLEST)
    keys = [row["respondent"] for row in most.order_by("-count", "respondent")[:MOST_NAMED]]
    for row in rows.filter(respondent__in=keys).values("respondent", *FACTS).annotate(count=Count("id")):
        _add([cells["organisation"][str(row["respondent"])]], _counts_of(row), row["count"])
    earlier = _between(Complaint, _year_before(first), _year_before(after)).filter(
        accepted, respondent__in=keys
    )
    for row in earlier.values("respondent").annotate(count=Count("id")):
        cells["organisation"][str(row["respondent"])]["before"] += row["count"]


def _goods(first: dt.date, after: dt.date) -> list[tuple[str, int, int | None]]:
    """What is complained of most, in the words of those who wrote: only what so many different people named alike."""

    def named(begin: dt.date, end: dt.date) -> QuerySet[Any]:
        several = Count("phone", distinct=True)
        rows = _between(Complaint, begin, end).values("goods").annotate(count=Count("id"), people=several)
        return rows.filter(people__gte=SMALLEST)

    rows = list(named(first, after).order_by(F("count").desc(), "goods")[:MOST_GOODS])
    earlier = named(_year_before(first), _year_before(after)).filter(goods__in=[row["goods"] for row in rows])
    before = {row["goods"]: row["count"] for row in earlier}
    return [(row["goods"], row["count"], before.get(row["goods"])) for row in rows]
