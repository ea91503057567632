"""The home page of a city: its index, what moved it, the six domains, and the doors to everything else (article 86)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Score
from shenzhi.pipeline.index.steadiness import steadiness
from shenzhi.pipeline.reports.change import Change
from shenzhi.web.portal import drawings, firmness
from shenzhi.web.portal import rows as written
from shenzhi.web.portal.editions import SIX, Edition, Unknown
from shenzhi.web.portal.frame import cities, home_url
from shenzhi.web.portal.history import changed, points
from shenzhi.web.portal.ranking import ranked, ties, tile_map
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
    range: tuple[float, ...] = ()


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
    base = reverse("portal:city", args=[edition.city.slug])
    drawn = None if head else tile_map(edition, rows)
    tested = steadiness(edition.publication)
    intervals = firmness.intervals(tested, edition.latest, rows)
    cards = [card(edition, code, head.area if head else None) for code in SIX]
    beyond = [card(edition, code, head.area if head else None) for code in edition.domains if code not in SIX]
    beyond = [one for one in beyond if one.known]
    known = [point for one in cards for point in (*one.points, *one.range) if point is not None]
    context = {
        "head": head,
        "cards": cards,
        "beyond": beyond,
        "later": edition.root_scores.get((head.area, edition.periods[-1]))
        if head and edition.periods[-1] > head.period
        else None,
        "low": min(known, default=0.0),
        "high": max(known, default=100.0),
        "span": (edition.periods[0], edition.periods[-1]),
        "map": drawn,
        "tiles": written.tiles(base, drawn, language) if drawn else "",
        "ranking": written.ranking(
            base, rows[:SHOWN], edition.root, language, bars="bars", intervals=intervals
        ),
        "tested": tested if intervals else None,
        "rows": rows[:SHOWN],
        "ranked": len(rows),
        "lowest": rows[-1].score.score if rows else None,
        "unscored": unscored,
        "ties": ties(rows, language),
        "others": [(one, home_url(one)) for one in cities() if one.slug != edition.city.slug],
        "trend": drawings.index_trend(edition, head.area) if head else None,
        "areas_url": reverse("portal:areas", args=[edition.city.slug]),
    }
    return page(request, "home", edition, context)


def across(edition: Edition, node: str) -> tuple[float, ...]:
    """The scores of the ranked areas in the latest period, ascending."""
    found = edition.publication.scores(node=node, period=edition.latest)
    return tuple(
        sorted(one.score for one in found if one.score is not None and one.area in edition.ranked_set)
    )


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
        range=across(edition, code) if code in edition.nodes and area is None else (),
    )
