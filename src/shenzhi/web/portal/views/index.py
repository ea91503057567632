"""The ranking of areas beside its tile map, and the derivation of a score (articles 86, 93)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Part
from shenzhi.pipeline.index.steadiness import steadiness
from shenzhi.web.portal import audits, drawings, firmness
from shenzhi.web.portal import rows as written
from shenzhi.web.portal.assessment import extras_of
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.frame import Link
from shenzhi.web.portal.history import scored_before
from shenzhi.web.portal.ranking import ranked, ties, tile_map
from shenzhi.web.portal.serve import of_edition, page, unknown
from shenzhi.web.portal.treatment import steps_of

RANKING = Words("指数与排名", "Index and ranking")


@of_edition
def index(request: HttpRequest, edition: Edition, period: str = "") -> HttpResponse:
    """`/<slug>/index/` and `/<slug>/index/<period>/`: every area's index in one period."""
    shown = period or edition.latest
    if shown not in edition.periods:
        raise unknown(
            Words(f"没有{shown}这一期的指数", f"There is no index for {shown}"),
            edition,
            reverse("portal:index", args=[edition.city.slug]),
            RANKING,
        )
    rows, unscored = ranked(edition, shown)
    base, language = reverse("portal:city", args=[edition.city.slug]), get_language() or ""
    drawn = tile_map(edition, rows)
    whole = edition.root_scores.get((edition.city.root_area, shown))
    tested = steadiness(edition.publication)
    intervals = firmness.intervals(tested, shown, rows)
    context = {
        "period": shown,
        "periods": edition.periods[::-1],
        "rows": rows,
        "unscored": unscored,
        "ties": ties(rows, language),
        "map": drawn,
        "tiles": written.tiles(base, drawn, language) if drawn else "",
        "ranking": written.ranking(
            base,
            rows,
            edition.root,
            language,
            intervals=intervals,
            graded=bool(edition.method.practice.grades),
        ),
        "graded": bool(edition.method.practice.grades),
        "tested": tested,
        "intervals": bool(intervals),
        "by_domain": written.by_domain(base, rows, language),
        "made_of": audits.area_parts(edition, shown, [row.area.code for row in rows]),
        "whole": whole,
        "trend": drawings.index_trend(edition, edition.city.root_area) if whole and not rows else None,
        "history": [
            edition.root_scores.get((edition.city.root_area, one)) for one in reversed(edition.periods)
        ]
        if edition.city.root_area in edition.scored_areas
        else [],
        "titles": [(code, edition.title(code)) for code in edition.domains if code in edition.nodes],
    }
    return page(request, "index", edition, context)


@dataclass(frozen=True)
class Line:
    """One line of a derivation: a child of the score, and where it opens to."""

    part: Part
    title: Words
    unit: Words | None
    decimals: int | None
    href: str
    why: Words
    steps: Words

    @property
    def missing(self) -> bool:
        return self.part.contribution is None


@of_edition
def derivation(request: HttpRequest, edition: Edition, area: str, period: str, node: str) -> HttpResponse:
    """`/<slug>/derivation/<area>/<period>/<node>/`: what a score is the sum of, line by line."""
    score = edition.publication.score(area, period, node)
    if score is not None and node in edition.leaves:
        return redirect(_leaf_url(edition, area, period, node))
    if score is None:
        raise unknown(
            Words(f"没有“{node}”在{period}的推导", f"There is no derivation of “{node}” for {period}"),
            edition,
            reverse("portal:index", args=[edition.city.slug]),
            RANKING,
        )
    parts = edition.publication.parts(area, period, node)
    lines = [_line(edition, part) for part in parts]
    order = {child.code: at for at, child in enumerate(edition.nodes[node].children)}
    lines.sort(key=lambda line: order.get(line.part.node, len(order)))
    above = _above(edition, node)
    context = {
        "score": score,
        "node": edition.nodes[node],
        "area": edition.area(area),
        "period": period,
        "lines": lines,
        "of_leaves": any(line.part.leaf for line in lines),
        "total_weight": sum(line.part.weight for line in lines),
        "capped": any(line.part.capped for line in lines),
        "lost": [line for line in lines if line.missing],
        "lost_weight": sum(line.part.weight for line in lines if line.missing),
        "extras": extras_of(edition, score),
        "total": sum(line.part.contribution for line in lines if line.part.contribution is not None),
        "above": above,
        "mean": edition.nodes[node].aggregate,
        "mean_words": names.AGGREGATIONS[edition.nodes[node].aggregate],
        "divisible": edition.nodes[node].aggregate not in names.INDIVISIBLE,
        "domain": edition.domain_of(node),
        "periods": [one for one in reversed(edition.periods) if edition.publication.score(area, one, node)],
        "earlier": scored_before(edition, area, node, period)[-1:] if score.score is not None else [],
    }
    crumbs = (
        Link(RANKING, reverse("portal:index", args=[edition.city.slug, period])),
        Link(edition.area_title(area), reverse("portal:area", args=[edition.city.slug, area])),
        *(
            Link(one.title, reverse("portal:derivation", args=[edition.city.slug, area, period, one.code]))
            for one in reversed(above)
        ),
    )
    return page(request, "derivation", edition, context, crumbs)


def _line(edition: Edition, part: Part) -> Line:
    slug = edition.city.slug
    if part.leaf:
        href = _leaf_url(edition, part.area, part.period, part.node)
    else:
        href = reverse("portal:derivation", args=[slug, part.area, part.period, part.node])
    return Line(
        part=part,
        title=edition.title(part.node),
        unit=edition.unit(part.node) if part.leaf else None,
        decimals=edition.decimals(part.node) if part.leaf else None,
        href=href,
        why=_why(edition, part),
        steps=steps_of(edition, part),
    )


def _leaf_url(edition: Edition, area: str, period: str, code: str) -> str:
    """Where an indicator's line leads: to its figure, or to the indicator where there is none."""
    code = edition.nodes[code].reads or code
    if edition.publication.observations(indicator=code, area=area, period=period):
        return reverse("portal:figure", args=[edition.city.slug, code, area, period])
    return reverse("portal:indicator", args=[edition.city.slug, code])


def _why(edition: Edition, part: Part) -> Words:
    """Why a group gave nothing to its parent: it may have figures, and still too few to be published."""
    found = (
        None
        if part.leaf or part.contribution is not None
        else edition.publication.score(part.area, part.period, part.node)
    )
    return found.why if found else Words("", "")


def _above(edition: Edition, node: str) -> list[Node]:
    """The nodes over `node`, nearest first."""
    found = []
    parent = edition.nodes[node].parent
    while parent:
        found.append(edition.nodes[parent])
        parent = edition.nodes[parent].parent
    return found
