"""The indicators: the list by domain, one page for each domain and each indicator (articles 11-71, 84)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Observation, Score
from shenzhi.pipeline.statistics.indicator import DOMAINS, Indicator
from shenzhi.web.portal import cautions, drawings
from shenzhi.web.portal import rows as written
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.frame import Link
from shenzhi.web.portal.history import points
from shenzhi.web.portal.pivot import BREAK, FLAGS, pivot
from shenzhi.web.portal.ranking import Row, ranked
from shenzhi.web.portal.serve import of_edition, page, unknown

INDICATORS = Words("指标", "Indicators")
MOST_REVISIONS = 40


@dataclass(frozen=True)
class Group:
    """A domain and its indicators."""

    code: str
    title: Words
    entries: tuple[written.Entry, ...]

    @property
    def shown(self) -> list[written.Entry]:
        """Those with figures, and those that count in the index although they have none."""
        return [one for one in self.entries if one.coverage or one.weight is not None]

    @property
    def empty(self) -> list[written.Entry]:
        return [one for one in self.entries if not one.coverage and one.weight is None]

    @property
    def known(self) -> int:
        return sum(1 for one in self.entries if one.coverage)


def entry(edition: Edition, code: str) -> written.Entry:
    known = edition.indicator(code)
    return written.Entry(
        code=code,
        title=edition.title(code),
        unit=edition.unit(code),
        article=known.article if known else "",
        coverage=edition.coverage.get(code),
        weight=edition.effective.get(code),
    )


def group(edition: Edition, domain: str) -> Group:
    entries = tuple(entry(edition, code) for code in edition.codes_in(domain))
    return Group(domain, edition.title(domain), entries)


@of_edition
def indicators(request: HttpRequest, edition: Edition) -> HttpResponse:
    """`/<slug>/indicators/`: every indicator by domain, with how much of it is known."""
    groups = [group(edition, domain) for domain in edition.domains]
    placed = {one.code for each in groups for one in each.entries}
    rest = tuple(entry(edition, code) for code in edition.codes if code not in placed)
    if rest:
        groups.append(Group("", Words("其他", "Other"), rest))
    return page(request, "indicators", edition, {"groups": groups, "count": len(edition.codes)})


@of_edition
def domain(request: HttpRequest, edition: Edition, code: str) -> HttpResponse:
    """`/<slug>/domains/<code>/`: one of the domains."""
    if code not in DOMAINS and code not in edition.domains:
        raise unknown(
            Words(f"没有代码为“{code}”的领域", f"There is no domain with the code “{code}”"),
            edition,
            reverse("portal:indicators", args=[edition.city.slug]),
            Words("全部指标", "All indicators"),
        )
    inside = code in edition.nodes
    rows: list[Row] = []
    unscored: list[Row] = []
    if inside:
        rows, unscored = ranked(edition, edition.latest, code)
    score: Score | None = None
    if inside and edition.focus:
        score = edition.publication.score(edition.focus, edition.latest, code)
    context = {
        "code": code,
        "group": group(edition, code),
        "inside": inside,
        "weight": edition.effective.get(code),
        "score": score,
        "rows": rows,
        "ranking": written.ranking(
            reverse("portal:city", args=[edition.city.slug]),
            rows,
            code,
            get_language() or "",
            bars=f"d-{code}",
        ),
        "unscored": unscored,
        "trend": drawings.index_trend(edition, edition.focus, code) if inside and edition.focus else None,
        "points": points(edition, edition.focus, code) if inside and edition.focus else (),
    }
    crumbs = (Link(INDICATORS, reverse("portal:indicators", args=[edition.city.slug])),)
    return page(request, "domain", edition, context, crumbs)


@dataclass(frozen=True)
class Facts:
    """What an indicator's page says of it before the figures."""

    code: str
    title: Words
    known: Indicator | None
    node: Node | None
    unit: Words | None
    decimals: int | None
    direction: int
    weight: float | None


def facts(edition: Edition, code: str) -> Facts:
    """The facts of an indicator; 404 in words for a code that this city does not have."""
    if code not in edition.codes:
        raise unknown(
            Words(f"没有代码为“{code}”的指标", f"There is no indicator with the code “{code}”"),
            edition,
            reverse("portal:indicators", args=[edition.city.slug]),
            Words("全部指标", "All indicators"),
        )
    return Facts(
        code=code,
        title=edition.title(code),
        known=edition.indicator(code),
        node=edition.leaves.get(code),
        unit=edition.unit(code),
        decimals=edition.decimals(code),
        direction=edition.direction(code),
        weight=edition.effective.get(code),
    )


@dataclass(frozen=True)
class Revised:
    """The values of one area and period that was revised, latest first."""

    area: Words
    area_code: str
    period: str
    values: tuple[Observation, ...]


def revised(edition: Edition, every: Sequence[Observation]) -> list[Revised]:
    """The keys that have more than one value, latest period first."""
    by_key: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for one in every:
        by_key[one.area, one.period].append(one)
    order = {code: at for at, code in enumerate(edition.known_areas)}
    found = [
        Revised(edition.area_title(area), area, period, tuple(sorted(values, key=lambda one: -one.revision)))
        for (area, period), values in by_key.items()
        if len(values) > 1
    ]
    found.sort(key=lambda one: order.get(one.area_code, len(order)))
    found.sort(key=lambda one: one.period, reverse=True)
    return found


@of_edition
def indicator(request: HttpRequest, edition: Edition, code: str) -> HttpResponse:
    """`/<slug>/indicators/<code>/`: one indicator, its figures and their revisions."""
    given = facts(edition, code)
    language = get_language() or ""
    every = edition.publication.observations(indicator=code, current=False)
    values = [one for one in every if one.current]
    focus = [one for one in values if one.area == edition.city.root_area]
    latest = max((one.period for one in values), default="")
    across = [one for one in values if one.period == latest]
    before = focus[-2] if len(focus) > 1 else None
    revisions = revised(edition, every)
    marked = cautions.marked(edition, code)
    table = pivot(edition, code, values, language, marked)
    marks = [marked.get((one.area, one.period, one.revision)) for one in focus[-2:]]
    inside = edition.domain_of(code)
    context = {
        "facts": given,
        "domain": inside,
        "domain_title": edition.title(inside) if inside else None,
        "head": focus[-1] if focus else None,
        "before": before,
        "step": round(focus[-1].value - before.value, 9) if before else None,
        "mark": marks[-1] if marks else None,
        "before_mark": marks[0] if before else None,
        "broken": before
        and any(before.period < one.since <= focus[-1].period for one in edition.breaks(code)),
        "trend": drawings.indicator_trend(edition, code, edition.city.root_area, focus),
        "bars": drawings.indicator_bars(edition, code, across),
        "latest": latest,
        "table": table,
        "flags": [(FLAGS[status], status) for status in table.flags],
        "revisions": revisions[:MOST_REVISIONS],
        "revision_count": len(revisions),
        "revisions_left": max(0, len(revisions) - MOST_REVISIONS),
        "sources": edition.sources_of(code),
        "breaks": edition.breaks(code),
        "break_flag": BREAK,
    }
    slug = edition.city.slug
    crumbs = [Link(INDICATORS, reverse("portal:indicators", args=[slug]))]
    if inside:
        crumbs.append(Link(edition.title(inside), reverse("portal:domain", args=[slug, inside])))
    return page(request, "indicator", edition, context, tuple(crumbs))
