"""The areas of a city: one page for each, with its scores, their course and its latest figures (articles 84, 86)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Observation, Score
from shenzhi.pipeline.lake.city import Area
from shenzhi.web.portal import audits, cautions, drawings
from shenzhi.web.portal.cautions import Caution
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.frame import Link
from shenzhi.web.portal.history import changed, points
from shenzhi.web.portal.ranking import place, standings
from shenzhi.web.portal.serve import of_edition, page, unknown

AREAS = Words("区域", "Areas")
TIED = 3  # of the indicators for which a list had no room, as many are named


@dataclass(frozen=True)
class Entry:
    """An area in the list: how many figures are known of it, and its index where it has one."""

    area: Area
    score: Score | None
    values: int
    parent: Words | None


@dataclass(frozen=True)
class Domain:
    """A domain on an area's page: its score, its course and the latest figures of its indicators."""

    code: str
    title: Words
    score: Score | None
    points: tuple[float | None, ...]
    figures: tuple[tuple[Observation, Words, Words | None, int | None, Caution | None], ...]


@of_edition
def areas(request: HttpRequest, edition: Edition) -> HttpResponse:
    """`/<slug>/areas/`: every area of the city."""
    counts = edition.values_by_area
    entries = [
        Entry(
            area=area,
            score=edition.root_scores.get((area.code, edition.latest)),
            values=counts.get(area.code, 0),
            parent=edition.area_title(area.parent) if area.parent else None,
        )
        for area in edition.all_areas
    ]
    return page(request, "areas", edition, {"entries": entries})


@of_edition
def area(request: HttpRequest, edition: Edition, code: str) -> HttpResponse:
    """`/<slug>/areas/<code>/`: one area."""
    if code not in edition.city.areas and code not in edition.known_areas:
        raise unknown(
            Words(f"没有代码为“{code}”的区域", f"There is no area with the code “{code}”"),
            edition,
            reverse("portal:areas", args=[edition.city.slug]),
            Words("全部区域", "All areas"),
        )
    one = edition.area(code)
    latest: dict[str, Observation] = {}
    for observation in edition.publication.observations(area=code):
        kept = latest.get(observation.indicator)
        if kept is None or observation.period >= kept.period:
            latest[observation.indicator] = observation
    score = edition.root_scores.get((code, edition.latest))
    before, change = changed(edition, code, edition.latest) if score else ("", None)
    standing_of = {
        name: found
        for name, found in standings(
            [
                row
                for (name, period), row in edition.root_scores.items()
                if period == edition.latest and name in edition.ranked_set
            ]
        ).items()
        if found[0]
    }
    standing = standing_of.get(code)
    domains = [_domain(edition, domain, code, latest) for domain in edition.domains]
    known = [point for domain in domains for point in domain.points if point is not None]
    context = {
        "area": one,
        "parent": edition.area(one.parent) if one.parent else None,
        "inside": [area for area in edition.city.areas.values() if area.parent == code],
        "score": score,
        "place": place(*standing) if standing and standing[0] else None,
        "ranked": len(standing_of),
        "before": before,
        "change": change,
        "rises": [(edition.title(d.code), d.effect) for d in change.rises[:2]] if change else [],
        "falls": [(edition.title(d.code), d.effect) for d in change.falls[:2]] if change else [],
        "trend": drawings.index_trend(edition, code) if score else None,
        "domains": domains,
        **_strengths(edition, code),
        "low": min(known, default=0.0),
        "high": max(known, default=100.0),
        "count": len(latest),
        "cautions": list(
            dict.fromkeys(mark for domain in domains for *_, mark in domain.figures if mark is not None)
        ),
    }
    crumbs = (Link(AREAS, reverse("portal:areas", args=[edition.city.slug])),)
    return page(request, "area", edition, context, crumbs)


def _strengths(edition: Edition, area: str) -> dict[str, Any]:
    """The indicators on which an area stands best and worst among all, and how they moved."""
    found = audits.standing_of(edition, area)
    if found is None or not found.strong:
        return {}
    base, language = reverse("portal:city", args=[edition.city.slug]), get_language() or ""
    lists = (
        (Words("强项", "Strengths"), found.strong, found.strong_tied),
        (Words("弱项", "Weaknesses"), found.weak[::-1], found.weak_tied),
    )
    return {
        "compared_in": audits.audit_of(edition).period,
        "standing_chart": audits.strengths_chart(edition, area),
        "standings": [
            (
                title,
                audits.standing_rows(edition, area, base, lines, language),
                [edition.title(one) for one in tied[:TIED]],
                len(tied),
            )
            for title, lines, tied in lists
        ],
    }


def _domain(edition: Edition, domain: str, area: str, latest: dict[str, Observation]) -> Domain:
    scored = domain in edition.nodes and area in edition.scored_set
    return Domain(
        code=domain,
        title=edition.title(domain),
        score=edition.publication.score(area, edition.latest, domain) if scored else None,
        points=points(edition, area, domain) if scored else (),
        figures=tuple(
            (
                latest[code],
                edition.title(code),
                edition.unit(code),
                edition.decimals(code),
                cautions.marked(edition, code).get((area, latest[code].period, latest[code].revision)),
            )
            for code in edition.codes_in(domain)
            if code in latest
        ),
    )
