"""The home page of a city: its index, what moved it, the six domains, and the doors to everything else (article 86)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Score
from shenzhi.pipeline.reports.change import Change
from shenzhi.web.portal import drawings
from shenzhi.web.portal.editions import SIX, Edition, Unknown
from shenzhi.web.portal.frame import cities, home_url
from shenzhi.web.portal.history import changed, points
from shenzhi.web.portal.ranking import ranked, ties
from shenzhi.web.portal.serve import of_edition, page

SHOWN = 12


@dataclass(frozen=True)
class Card:
    """One domain on the home page; `score` is None where the index has no such branch."""

    code: str
    title: Words
    score: Score | None
    points: tuple[float | None, ...]
    known: int
    declared: int


@dataclass(frozen=True)
class Headline:
    """The answer of the page: the index of one area, its change, and how much of it is covered."""

    area: str
    period: str
    score: Score
    before: str
    change: Change | None
    rises: tuple[tuple[Words, float], ...]
    falls: tuple[tuple[Words, float], ...]
    covered: int


def front(request: HttpRequest) -> HttpResponse:
    """`/`: the home page of the first city."""
    known = cities()
    if not known:
        raise Unknown(Words("这台机器上还没有城市", "There is no city in this box yet"))
    response: HttpResponse = city(request, slug=known[0].slug)
    return response


@of_edition
def city(request: HttpRequest, edition: Edition) -> HttpResponse:
    """`/<slug>/`: the home page of one city."""
    language = get_language() or ""
    rows, unscored = ranked(edition, edition.latest)
    head = headline(edition)
    context = {
        "head": head,
        "cards": [card(edition, code, head.area if head else None) for code in edition.domains],
        "rows": rows[:SHOWN],
        "ranked": len(rows),
        "unscored": unscored,
        "ties": ties(rows, language),
        "others": [(one, home_url(one)) for one in cities() if one.slug != edition.city.slug],
        "trend": drawings.index_trend(edition, head.area) if head else None,
        "areas_url": reverse("portal:areas", args=[edition.city.slug]),
    }
    return page(request, "home", edition, context)


def headline(edition: Edition) -> Headline | None:
    """The index of the city as a whole; None where only its parts are scored."""
    if edition.focus is None:
        return None
    score = edition.root_scores.get((edition.focus, edition.latest))
    if score is None:
        return None
    before, change = changed(edition, edition.focus, edition.latest)
    named = [(edition.title(one.code), one.effect) for one in change.drivers] if change else []
    covered = sum(
        1
        for code in SIX
        if (found := edition.publication.score(edition.focus, edition.latest, code))
        and found.score is not None
    )
    return Headline(
        area=edition.focus,
        period=edition.latest,
        score=score,
        before=before,
        change=change,
        rises=tuple(one for one in named if one[1] >= 0.05)[:2],
        falls=tuple(one for one in named if one[1] <= -0.05)[:2],
        covered=covered,
    )


def card(edition: Edition, code: str, area: str | None) -> Card:
    """A domain's card: its score and course for `area`, and how many of its indicators have any value."""
    codes = edition.codes_in(code)
    inside = code in edition.nodes and area is not None
    return Card(
        code=code,
        title=edition.title(code),
        score=edition.publication.score(area, edition.latest, code) if inside and area else None,
        points=points(edition, area, code) if inside and area else (),
        known=sum(1 for one in codes if one in edition.coverage),
        declared=len(codes),
    )
