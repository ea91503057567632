"""Why a score moved from one period to another, line by line down to the figures (article 86)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Score
from shenzhi.pipeline.reports.change import Change, between
from shenzhi.pipeline.reports.chart import Chart
from shenzhi.pipeline.reports.pictures import change_chart
from shenzhi.pipeline.reports.reading import Reading
from shenzhi.web.portal import numbers
from shenzhi.web.portal import rows as written
from shenzhi.web.portal.drawings import own_source
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.frame import Link
from shenzhi.web.portal.history import scored_before
from shenzhi.web.portal.serve import of_edition, page, unknown
from shenzhi.web.portal.views.index import RANKING


@dataclass(frozen=True)
class Step:
    """One step on the way from the score published before to the one published now."""

    title: Words
    value: float
    indicators: tuple[tuple[str, Words], ...] = ()


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
    context = {
        "node": edition.nodes[node],
        "area": edition.area(area),
        "before": ends[0],
        "now": ends[1],
        "change": found,
        "rows": written.changes(base, lines, language),
        "total": sum(line.driver.effect for line in lines),
        "steps": _steps(edition, found, ends[0], ends[1]) if found else [],
        "chart": _chart(edition, node, found, before, now) if found else None,
        "geometric": any(one.aggregate == "geometric" for one in edition.nodes[node].walk()),
        "earlier": scored_before(edition, area, node, now)[::-1],
        "domain": edition.domain_of(node),
    }
    crumbs = (
        Link(RANKING, reverse("portal:index", args=[edition.city.slug, now])),
        Link(edition.area_title(area), reverse("portal:area", args=[edition.city.slug, area])),
        Link(edition.title(node), reverse("portal:derivation", args=[edition.city.slug, area, now, node])),
    )
    return page(request, "change", edition, context, crumbs)


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


def _steps(edition: Edition, found: Change, before: Score, now: Score) -> list[Step]:
    """From the published score before to the published score now; nothing to tell where both rest on the same figures."""
    if before.score is None or now.score is None or found.whole:
        return []
    gone, come = len(found.gone), len(found.come)
    without, alike, added = (
        Step(
            Words(f"去掉只有前期有数的{gone}项", f"without the {gone} known only in the earlier period"),
            found.before - before.score,
            tuple((code, edition.title(code)) for code in found.gone),
        ),
        Step(
            Words(f"两期都有数的{found.common}项的变化", f"change of the {found.common} known in both"),
            found.difference,
        ),
        Step(
            Words(f"加上只有后期有数的{come}项", f"with the {come} known only in the later period"),
            now.score - found.now,
            tuple((code, edition.title(code)) for code in found.come),
        ),
    )
    return [*([without] if gone else []), alike, *([added] if come else [])]
