"""Why a score moved from one period to another, line by line down to the figures (article 86)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.changes import explain_periods
from shenzhi.pipeline.index.scope import IndexFault
from shenzhi.pipeline.reports import measures
from shenzhi.pipeline.reports.change import SPLIT, Change, between
from shenzhi.pipeline.reports.chart import Chart
from shenzhi.pipeline.reports.pictures import change_chart
from shenzhi.pipeline.reports.reading import Reading
from shenzhi.web.portal import bills, numbers
from shenzhi.web.portal import rows as written
from shenzhi.web.portal.drawings import own_source
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.frame import Link
from shenzhi.web.portal.history import scored_before
from shenzhi.web.portal.serve import of_edition, page, unknown
from shenzhi.web.portal.views.index import RANKING

# Lines of a bill that are about figures known on both sides: together the like-for-like change, under arithmetic means.
FIGURES = ("raw", "imputation", "treatment")


@of_edition
def change(
    request: HttpRequest, edition: Edition, area: str, node: str, before: str, now: str
) -> HttpResponse:
    """`/<slug>/changes/<area>/<node>/<before>/<now>/`: a score's change on the indicators known in both periods."""
    if node not in edition.nodes or node in edition.leaves:
        raise _unknown(edition, node, before, now)
    ends = [edition.publication.score(area, period, node) for period in (before, now)]
    if before == now or ends[0] is None or ends[1] is None:
        raise _unknown(edition, node, before, now)
    found = between(edition.publication, area, edition.nodes[node], before, now)
    lines = _lines(edition, area, found, before, now) if found else []
    language = get_language() or ""
    base = reverse("portal:city", args=[edition.city.slug])
    told = explained_on_page(edition, area, node, before, now, base, language)
    context = {
        "node": edition.nodes[node],
        "area": edition.area(area),
        "before": ends[0],
        "now": ends[1],
        "change": found,
        "rows": written.changes(base, lines, language),
        "total": sum(line.driver.effect for line in lines),
        "chart": _chart(edition, node, found, before, now) if found else None,
        "geometric": any(one.aggregate == "geometric" for one in edition.nodes[node].walk()),
        "earlier": scored_before(edition, area, node, now)[::-1],
        "domain": edition.domain_of(node),
        "comparable": all(one.aggregate in SPLIT for one in edition.nodes[node].walk() if not one.is_leaf),
        "first_words": _published(before),
        "last_words": _published(now),
        "first_href": reverse("portal:derivation", args=[edition.city.slug, area, before, node]),
        "last_href": reverse("portal:derivation", args=[edition.city.slug, area, now, node]),
        **told,
        "apart": found is not None and _figures_apart(told, found),
    }
    crumbs = (
        Link(RANKING, reverse("portal:index", args=[edition.city.slug, now])),
        Link(edition.area_title(area), reverse("portal:area", args=[edition.city.slug, area])),
        Link(edition.title(node), reverse("portal:derivation", args=[edition.city.slug, area, now, node])),
    )
    return page(request, "change", edition, context, crumbs)


def explained_on_page(
    edition: Edition, area: str, node: str, before: str, now: str, base: str, language: str
) -> dict[str, Any]:
    """The bill from one published score to the other, its chart, and the overtakings behind the change of rank."""
    try:
        explained = explain_periods(edition.publication, before, now, node)
    except IndexFault as error:  # an edition of an earlier program that today's cannot read
        return {"why_not": str(error)}
    bill = explained.bill(area)
    if bill is None:
        return {}
    ends = bills.End(base, before), bills.End(base, now)
    shown = bills.shown(edition, explained, bill, ends, language)
    then, later = measures.period_words(before), measures.period_words(now)
    title = Words(
        f"从{then.zh}到{later.zh}，公布的得分为什么变",
        f"Why the published score moved from {then.en} to {later.en}",
    )
    rank = bills.rank(edition, explained, area)
    return {
        "bill": shown if [line.ingredient for line in bill.lines] != ["raw"] else None,
        "bill_chart": bills.chart(shown, title, (then, later), own_source(edition)),
        "rank": rank,
        "passed": bills.passings(base, rank.first, language) if rank else "",
        "passed_rest": bills.passings(base, rank.rest, language) if rank else "",
    }


def _figures_apart(told: dict[str, Any], found: Change) -> bool:
    """Whether the line of the figures differs from the like-for-like change, in the digits shown."""
    shown = told.get("bill")
    if shown is None:
        return False
    figures = math.fsum(
        line.exact for line in shown.lines if line.title in (names.INGREDIENTS[one] for one in FIGURES)
    )
    return abs(figures - found.difference) >= 0.5 * 10**-bills.DIGITS


def _published(period: str) -> Words:
    when = measures.period_words(period)
    return Words(f"{when.zh}公布的得分", f"Score published for {when.en}")


def _chart(edition: Edition, node: str, found: Change, before: str, now: str) -> Chart:
    reading = Reading(edition.city, edition.publication, get_language() or "")
    drawn = change_chart(reading, edition.nodes[node], found, before, now)
    return replace(drawn, source=own_source(edition))


def _unknown(edition: Edition, node: str, before: str, now: str) -> Exception:
    return unknown(
        Words(
            f"没有“{edition.title(node).zh}”从{numbers.period(before, 'zh')}到{numbers.period(now, 'zh')}的变化",
            f"There is no change of “{edition.title(node).en}” from {numbers.period(before, 'en')} "
            f"to {numbers.period(now, 'en')}",
        ),
        edition,
        reverse("portal:index", args=[edition.city.slug]),
        RANKING,
    )


def _lines(edition: Edition, area: str, found: Change, before: str, now: str) -> list[written.Moved]:
    values = {
        (one.indicator, one.period): one
        for period in (before, now)
        for one in edition.publication.observations(area=area, period=period)
    }
    return [
        written.Moved(
            driver,
            edition.title(driver.code),
            edition.unit(driver.code),
            edition.decimals(driver.code),
            values.get((driver.code, before)),
            values.get((driver.code, now)),
        )
        for driver in found.drivers
    ]
