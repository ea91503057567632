"""The public statistics of complaints, as tables of counts of which nobody can be found: shares with what they rest on,
and what is held back (article 90, and article 34 of the measures for complaints and reports)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shenzhi.apps.complaints import facts
from shenzhi.apps.complaints.facts import Counts
from shenzhi.apps.complaints.models import Category
from shenzhi.calc.disclosure import SMALLEST
from shenzhi.kernel.parties.models import District, Organisation
from shenzhi.kernel.words import Words

WHOLE = Words("合计", "All")


@dataclass(frozen=True)
class Measure:
    """A column of the tables: a count, or the share of `part` in `whole`."""

    code: str
    title: Words
    means: Words
    part: str
    whole: str = ""


RECEIVED = Measure(
    "filed", Words("收到", "Received"), Words("当年收到的件数。", "Received in the year."), "filed"
)
GROWTH = Words("增长", "Growth")
MEASURES = (
    Measure("remedied", Words("已解决", "Remedied"),
            Words("已有结果的件数中，问题得到解决、来信人也没有说未解决的。", "Of those decided: put right, and whoever wrote does not say otherwise."),
            "remedied", "decided"),
    Measure("denied", Words("来信人说没解决", "Writer says no"),
            Words("已有结果的件数中，承办部门记为已解决、来信人说没有解决的；不计入已解决。",
                  "Of those decided: remedied by the office's account, not put right by the writer's; not counted as remedied."),
            "denied", "decided"),
    Measure("explained", Words("只作解释", "Explained"),
            Words("已有结果的件数中，只作了解释、问题没有解决的。", "Of those decided: explained, and not put right."), "explained", "decided"),
    Measure("refused", Words("不予受理", "Refused"), Words("已有结果的件数中不予受理的。", "Of those decided."), "refused", "decided"),
    Measure("withdrawn", Words("撤回", "Withdrawn"), Words("已有结果的件数中由来信人撤回的。", "Of those decided."), "withdrawn", "decided"),
    Measure("transferred", Words("移送", "Transferred"), Words("已有结果的件数中移送其他部门的。", "Of those decided: sent to another body."),
            "transferred", "decided"),
    Measure("merged", Words("重复", "Duplicates"), Words("已有结果的件数中与另一件重复的。", "Of those decided: the same as another."), "merged", "decided"),
    Measure("in_time", Words("按时", "In time"),
            Words("已有结果或者已超期的件数中，各个期限都没有超过的。放着不办不会使这个比率变好。",
                  "Of those decided or overdue: no clock of it ran out. Leaving a letter lying makes this no better."), "in_time", "due"),
    Measure("reopened", Words("要求复查", "Reopened"), Words("曾有结果的件数中，来信人要求复查的。", "Of those once decided: somebody asked to look again."),
            "reopened", "ended"),
    Measure("satisfied", Words("满意", "Satisfied"), Words("作了评价的人中，满意和非常满意的。", "Of those who judged the handling: satisfied or very."),
            "satisfied", "rated"),
    Measure("not_fixed", Words("没有解决", "Not put right"), Words("答复回访的人中，说没有解决的。", "Of those who answered: it is not put right."),
            "not_fixed", "answered"),
    Measure("came_back", Words("又出现", "Came back"), Words("答复回访的人中，说解决后又出现的。", "Of those who answered: put right, and came back."),
            "came_back", "answered"),
)  # fmt: skip
"""What is told of each line. Every share has its own whole, so that none can be raised by another."""

OF_REPORTS = (
    Measure(
        "opened",
        Words("立案", "Case opened"),
        Words("已有结果的件数中立案的。", "Of those decided."),
        "opened",
        "decided",
    ),
    Measure(
        "dropped",
        Words("不予立案", "No case"),
        Words("已有结果的件数中不予立案的。", "Of those decided."),
        "dropped",
        "decided",
    ),
    *(one for one in MEASURES if one.code in ("transferred", "in_time")),
)
LEFT_OUT = {"complaint": ("merged",), "problem": ("withdrawn",)}
ORGANISATION_LEAVES_OUT = frozenset({"refused", "transferred", "merged", "in_time"})
"""What says nothing of an organisation: how the office decided on what it did not accept, and how quick the office was."""


@dataclass(frozen=True)
class Share:
    """A part with its whole; None where one is held back, or nothing was counted."""

    measure: Measure
    part: int | None
    whole: int | None
    held: bool

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole and self.part is not None else None


@dataclass(frozen=True)
class Line:
    """One line of a table: a month, a district, a category, an organisation, or all together."""

    code: str
    title: Words
    counts: Counts
    measures: tuple[Measure, ...]

    @property
    def growth(self) -> float | None:
        """Against the same days of the year before, as a share; None where one of the two is held back or nought."""
        return growth(self.counts["filed"], self.counts["before"])

    @property
    def growth_percent(self) -> float | None:
        return None if self.growth is None else self.growth * 100

    @property
    def shares(self) -> list[Share]:
        found = []
        for one in self.measures:
            part, whole = self.counts[one.part], self.counts[one.whole]
            found.append(Share(one, part, whole, part is None or whole is None))
        return found


@dataclass(frozen=True)
class Table:
    """The lines of one dimension; `total` is their sum where they have one."""

    code: str
    title: Words
    head: Words
    measures: tuple[Measure, ...]
    lines: tuple[Line, ...]
    total: Line | None = None

    @property
    def every(self) -> Iterator[Line]:
        yield from self.lines
        if self.total is not None:
            yield self.total


@dataclass(frozen=True)
class Good:
    """What is complained of most, as those who wrote called it."""

    name: str
    count: int
    before: int | None
    """None where fewer than five people named it then, or nobody."""

    @property
    def growth(self) -> float | None:
        return growth(self.count, self.before)

    @property
    def growth_percent(self) -> float | None:
        return None if self.growth is None else self.growth * 100


def growth(now: int | None, before: int | None) -> float | None:
    """By how much it is more than before, as a share of before.

    >>> growth(15, 10), growth(15, 0), growth(None, 10)
    (0.5, None, None)
    """
    return now / before - 1 if now is not None and before else None


@dataclass(frozen=True)
class Statistics:
    """Everything that is published of one kind of letter in one year."""

    kind: str
    year: int
    at: dt.datetime
    until: str
    total: Line
    tables: tuple[Table, ...]
    goods: tuple[Good, ...]
    held: int
    """How many counts are held back."""

    def table(self, code: str) -> Table | None:
        return next((one for one in self.tables if one.code == code), None)


def statistics(kind: str, year: int, today: dt.date) -> Statistics | None:
    """The statistics as they were counted last; None where the runner has still to count a large office."""
    found = facts.kept(kind, year, today)
    if found is None:
        return None
    at, counted = found
    shown = counted.shown
    measures = (
        OF_REPORTS if kind == "report" else tuple(one for one in MEASURES if one.code not in LEFT_OUT[kind])
    )
    whole = Line("", WHOLE, shown["all"][""], measures)
    tables = [
        _months(year, shown, measures, whole),
        _places(
            "district",
            Words("各区", "By district"),
            Words("区", "District"),
            shown,
            _districts(),
            measures,
            whole,
        ),
        _places(
            "category",
            Words("各类别", "By category"),
            Words("类别", "Category"),
            shown,
            _categories(),
            measures,
            whole,
        ),
        _organisations(shown, measures),
    ]
    return Statistics(
        kind,
        year,
        at,
        counted.until,
        whole,
        tuple(one for one in tables if one.lines) if kind != "report" else (),
        tuple(Good(*one) for one in counted.goods),
        sum(
            counts[name] is None
            for several in shown.values()
            for counts in several.values()
            for name in facts.COUNTS
        ),
    )


def _months(
    year: int, shown: Mapping[str, Mapping[str, Counts]], measures: tuple[Measure, ...], whole: Line
) -> Table:
    known = shown.get("month", {})
    lines = tuple(
        Line(
            f"{year}-{int(code):02d}",
            Words(f"{int(code)} 月", f"{year}-{int(code):02d}"),
            known[code],
            measures,
        )
        for code in sorted(known, key=int)
    )
    return Table("month", Words("各月", "By month"), Words("月份", "Month"), measures, lines, whole)


def _places(
    dimension: str,
    title: Words,
    head: Words,
    shown: Mapping[str, Mapping[str, Counts]],
    named: Mapping[str, tuple[str, Words]],
    measures: tuple[Measure, ...],
    whole: Line,
) -> Table:
    lines = [
        Line(*named.get(key, ("", Words("未注明", "Not said"))), counts, measures)
        for key, counts in shown.get(dimension, {}).items()
    ]
    lines.sort(key=lambda one: (-(one.counts["filed"] or 0), one.code))
    return Table(dimension, title, head, measures, tuple(lines), whole)


def _organisations(shown: Mapping[str, Mapping[str, Counts]], measures: tuple[Measure, ...]) -> Table:
    known = shown.get("organisation", {})
    rows = Organisation.objects.filter(pk__in=[int(key) for key in known]).values_list(
        "pk", "code", "name", "name_en"
    )
    named = {str(pk): (code, Words(name, name_en or name)) for pk, code, name, name_en in rows}
    told = tuple(one for one in measures if one.code not in ORGANISATION_LEAVES_OUT)
    lines = [
        Line(*named[key], counts, told)
        for key, counts in known.items()
        if key in named and (counts["filed"] or 0) >= SMALLEST
    ]
    lines.sort(key=lambda one: (-(one.counts["filed"] or 0), one.code))
    return Table(
        "organisation",
        Words("被投诉单位", "Organisations complained of"),
        Words("单位", "Organisation"),
        told,
        tuple(lines),
    )


def _districts() -> dict[str, tuple[str, Words]]:
    return {
        str(one.pk): (one.code, Words(one.name, one.name_en or one.name))
        for one in District.objects.order_by("code")
    }


def _categories() -> dict[str, tuple[str, Words]]:
    return {
        str(one.pk): (one.code, Words(one.name, one.name_en)) for one in Category.objects.order_by("code")
    }
