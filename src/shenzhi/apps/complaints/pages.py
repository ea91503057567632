"""The public pages of complaints: what you can do and what happens next, and what became of the letters of a year (article 90)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from shenzhi.apps.complaints import facts, statistics
from shenzhi.apps.complaints.procedures import COMPLAINT, PROBLEM, REPORT
from shenzhi.apps.complaints.statistics import GROWTH, MEASURES, OF_REPORTS, RECEIVED, Line, Statistics, Table
from shenzhi.calc.calendar.clocks import Run
from shenzhi.calc.disclosure import SMALLEST
from shenzhi.calc.errors import BilingualError
from shenzhi.calc.figures import safe_cell
from shenzhi.kernel.clocks.models import LegalLimit
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.office import office
from shenzhi.kernel.procedures.declaration import Procedure
from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import charts, measures
from shenzhi.pipeline.reports.charts import Chart

HOME = Words("投诉举报", "Complaints")
TITLES: Mapping[str, Words] = {
    "complaint": Words("质量投诉", "Complaints"),
    "problem": Words("城市问题", "Problems in the street"),
    "report": Words("质量举报", "Reports of breaches"),
}
SLUGS = {"complaint": "complaints", "report": "reports", "problem": "problems"}
FIRST_NAMED = 50
"""So many organisations stand on the page; all that may be named are in the files."""


@dataclass(frozen=True)
class Step:
    """One limit of a procedure: how long it may take, on which ground, and by which day for a letter of today."""

    title: Words
    limit: LegalLimit
    due_on: str
    provisional: bool

    @property
    def length(self) -> Words:
        return length(self.limit)


def length(limit: LegalLimit) -> Words:
    """How long a limit is, in words."""
    days = limit.days
    zh, en = ("个工作日", "working day") if limit.unit == "working" else ("日", "calendar day")
    return Words(f"{days} {zh}", f"{days} {en}{'' if days == 1 else 's'}")


@dataclass(frozen=True)
class Way:
    """One thing that somebody can hand in, with the limits that then run."""

    kind: str
    title: Words
    href: str
    about: str
    steps: list[Step]


def home(request: HttpRequest) -> HttpResponse:
    """`/complaints/`: what can be handed in, what happens next and by which day, and what is published."""
    today = timezone.localdate()
    limits = {one.rule: one for one in _in_force(today)}
    ways = [
        Way(kind, TITLES[kind], reverse("registers:add", args=[SLUGS[kind]]), reverse("registers:about", args=[SLUGS[kind]]),
            _steps(procedure, limits, today))
        for kind, procedure in (("complaint", COMPLAINT), ("report", REPORT), ("problem", PROBLEM))
    ]  # fmt: skip
    others = [
        (limits[rule], length(limits[rule])) for rule in sorted(limits) if rule.startswith("complaints.mend.")
    ]
    context = {
        "ways": ways,
        "others": others,
        "today": str(today),
        "follow_up": limits.get("complaints.follow_up"),
        "unconfirmed": any(not one.confirmed for one in limits.values()),
    }
    return render(request, "complaints/home.html", context)


def _in_force(today: dt.date) -> Iterator[LegalLimit]:
    rows = LegalLimit.objects.filter(rule__startswith="complaints.", valid_from__lte=today)
    yield from rows.filter(Q(valid_to=None) | Q(valid_to__gte=today)).order_by("rule")


def _steps(procedure: Procedure, limits: Mapping[str, LegalLimit], today: dt.date) -> list[Step]:
    """The limits of a procedure in the order of its clocks; the day is known only of those that start with the letter."""
    law, found = book(), []
    for clock in procedure.clocks:
        limit = limits.get(clock.rule)
        if limit is None:
            continue
        due_on, provisional = "", False
        if "file" in clock.starts:
            try:
                reading = law.read_facts(clock.rule, Run(today), today)
                due_on, provisional = str(reading.due_on), reading.provisional
            except (
                BilingualError
            ):  # two limits in force at once: the register says so, and no day can be told
                pass
        found.append(Step(clock.title, limit, due_on, provisional))
    return found


@dataclass(frozen=True)
class Choice:
    """A link to another year or kind."""

    title: Words
    href: str
    here: bool


def figures(request: HttpRequest) -> HttpResponse:
    """`/complaints/statistics/?year=&kind=`: what became of the letters of a year."""
    kind, year, years = _asked(request)
    found = statistics.statistics(kind, year, timezone.localdate())
    organisations = found.table("organisation") if found else None
    context = {
        "crumbs": [{"title": HOME, "href": reverse("complaints:home")}],
        "kind": kind,
        "title": TITLES[kind],
        "year": year,
        "years": [Choice(Words(f"{one} 年", str(one)), _address(kind, one), one == year) for one in years],
        "kinds": [Choice(title, _address(code, year), code == kind) for code, title in TITLES.items()],
        "found": found,
        "remedied": next((one for one in found.total.shares if one.measure.code == "remedied"), None) if found else None,
        "growth": GROWTH,
        "received": RECEIVED,
        "tables": [
            (one, [(line, cells(line)) for line in one.lines], cells(one.total) if one.total else "")
            for one in found.tables if one.code != "organisation"
        ] if found else [],
        "organisations": [(one, cells(one)) for one in organisations.lines[:FIRST_NAMED]] if organisations else [],
        "named": len(organisations.lines) if organisations else 0,
        "head": organisations,
        "chart": _chart(found) if found else None,
        "smallest": SMALLEST,
        "files": [(form.upper(), f"{reverse('complaints:data', args=[form])}?kind={kind}&year={year}") for form in FORMS],
    }  # fmt: skip
    return render(request, "complaints/statistics.html", context)


HELD = Words("略", "held")
NOTHING = '<td class="n">–</td>'


def cells(line: Line) -> SafeString:
    """The cells of a line: what came in, how much more than the year before, and each share over what it rests on.

    Written here, since a template would take ten times as long for a thousand of them; there are numbers alone in it, and
    words of our own, so that nothing need be escaped."""
    held = f'<td class="n"><span class="cp-held">{HELD.say(get_language() or "")}</span></td>'
    filed, grown = line.counts["filed"], line.growth_percent
    found = [
        held if filed is None else f'<td class="n">{measures.number(filed, 0)}</td>',
        NOTHING if grown is None else f'<td class="n">{measures.signed(grown, 0)}%</td>',
    ]
    for one in line.shares:
        if one.held:
            found.append(held)
        elif one.share is None:
            found.append(NOTHING)
        else:
            part, whole = measures.number(one.part, 0), measures.number(one.whole, 0)
            found.append(
                f'<td class="n">{measures.percent(one.share)}<span class="cp-of">{part}/{whole}</span></td>'
            )
    return SafeString("".join(found))


def _address(kind: str, year: int) -> str:
    return f"{reverse('complaints:statistics')}?kind={kind}&year={year}"


def _asked(request: HttpRequest) -> tuple[str, int, list[int]]:
    """Kind and year of the question; 404 in both languages for one that there is not."""
    kind, years = str(request.GET.get("kind", "complaint")), facts.years_kept()
    if kind not in TITLES:
        raise Http404(f"没有这一类。There is no kind {kind}; choose one of {', '.join(TITLES)}.")
    now = timezone.localdate().year
    text = str(request.GET.get("year", years[0] if years else now))
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    if year not in (years or [now]):
        raise Http404(
            f"没有这一年的统计。There are no statistics of {text}; choose one of {', '.join(map(str, years))}."
        )
    return kind, year, years


def _chart(found: Statistics) -> Chart | None:
    """The letters received month by month; a month of which nothing is shown keeps its line and says so."""
    table = found.table("month")
    if table is None or len(table.lines) < 2:
        return None
    held = Words("不公布", "not shown")
    bars = [
        charts.Bar(one.code, one.title, None if one.counts["filed"] is None else float(one.counts["filed"]), note=held if one.counts["filed"] is None else Words("", ""))
        for one in table.lines
    ]  # fmt: skip
    title = TITLES[found.kind]
    place = office().title
    return charts.bars(
        bars,
        title=Words(
            f"{found.year} 年各月收到的{title.zh}", f"{title.en} received, month by month, {found.year}"
        ),
        unit=Words("件", "letters"),
        source=Words(
            f"来源：{place.zh}投诉举报登记簿，统计至 {found.until}",
            f"Source: registers of complaints, {place.en}, up to {found.until}",
        ),
        decimals=0,
    )


FORMS = ("csv", "json")


def data(request: HttpRequest, form: str) -> HttpResponse:
    """`/complaints/statistics.csv` and `.json`: the same as on the page, and every organisation that may be named."""
    if form not in FORMS:
        raise Http404(form)
    kind, year, _ = _asked(request)
    found = statistics.statistics(kind, year, timezone.localdate())
    if found is None:
        raise Http404("统计尚未完成，请稍后再试。Not counted yet: try again within the hour.")
    response = _csv(found) if form == "csv" else _json(found)
    label = "fictional-" if office().fictional else ""
    name = f"{label}{office().slug}-{SLUGS[kind]}-{year}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _told() -> list[str]:
    """The counts that are told, each once: what the page shows with what it rests on."""
    every = (*MEASURES, *OF_REPORTS)
    return list(
        dict.fromkeys(("filed", "before", *(name for one in every for name in (one.whole, one.part))))
    )


def _lines(found: Statistics) -> Iterator[tuple[str, Line, Sequence[str]]]:
    """Every line that is published, with its dimension and the counts that it tells."""
    yield "all", found.total, _counts_of(found.total)
    for table in found.tables:
        for line in table.lines:
            yield table.code, line, _counts_of(line)


def _counts_of(line: Line) -> list[str]:
    return ["filed", "before", *(name for one in line.measures for name in (one.whole, one.part))]


def _csv(found: Statistics) -> HttpResponse:
    """One row a line of a table; what is held back says so, what does not apply is empty."""
    columns, fictional = _told(), office().fictional
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["kind", "year", "until", "dimension", "code", "name_zh", "name_en", *columns, "growth", *(["fictional"] if fictional else [])]
    )  # fmt: skip
    rows: list[list[Any]] = []
    for dimension, line, told in _lines(found):
        values = [
            "" if name not in told else "held" if line.counts[name] is None else line.counts[name]
            for name in columns
        ]
        growth = "" if line.growth is None else f"{line.growth:.4f}"
        rows.append([dimension, line.code, line.title.zh, line.title.en, *values, growth])
    for good in found.goods:
        before = "held" if good.before is None else good.before
        values = [{"filed": good.count, "before": before}.get(name, "") for name in columns]
        growth = "" if good.growth is None else f"{good.growth:.4f}"
        rows.append(["goods", "", good.name, good.name, *values, growth])
    for row in rows:
        whole = [found.kind, found.year, found.until, *row, *([True] if fictional else [])]
        writer.writerow([safe_cell(cell) for cell in whole])
    return HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")


def _json(found: Statistics) -> HttpResponse:
    def line(one: Line) -> dict[str, Any]:
        told = _counts_of(one)
        return {
            "code": one.code,
            "name": {"zh": one.title.zh, "en": one.title.en},
            "counts": {name: one.counts[name] for name in dict.fromkeys(told)},
            "held": [name for name in dict.fromkeys(told) if one.counts[name] is None],
            "growth": one.growth,
            "shares": {share.measure.code: share.share for share in one.shares},
        }

    def table(one: Table) -> dict[str, Any]:
        return {
            "title": {"zh": one.title.zh, "en": one.title.en},
            "lines": [line(each) for each in one.lines],
        }

    return JsonResponse(
        {
            "kind": found.kind,
            "year": found.year,
            "until": found.until,
            "counted_at": timezone.localtime(found.at).isoformat(timespec="seconds"),
            "fictional": office().fictional,
            "smallest_cell": SMALLEST,
            "measures": {
                one.code: {"part": one.part, "whole": one.whole, "zh": one.means.zh, "en": one.means.en}
                for one in found.total.measures
            },
            "all": line(found.total),
            **{one.code: table(one) for one in found.tables},
            "goods": [
                {"name": one.name, "count": one.count, "before": one.before, "growth": one.growth}
                for one in found.goods
            ],
        },
        json_dumps_params={"ensure_ascii": False},
    )
