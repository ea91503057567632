"""The editions of a city, and what became of every score from one to another (article 86)."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.changes import Comparison, compared, explain_versions
from shenzhi.pipeline.index.method import MethodError
from shenzhi.pipeline.index.scope import IndexFault
from shenzhi.pipeline.reports import measures
from shenzhi.web.portal import bills, downloads
from shenzhi.web.portal import rows as written
from shenzhi.web.portal.drawings import own_source
from shenzhi.web.portal.editions import Edition, NotPublished, edition_of
from shenzhi.web.portal.frame import Link
from shenzhi.web.portal.serve import not_published, of_edition, page, unknown
from shenzhi.web.portal.versions import differences, edition_called
from shenzhi.web.portal.versions import versions as known_versions

EDITIONS = Words("各版", "Editions")
METHOD = Words("方法", "Method")


@of_edition
def versions(request: HttpRequest, edition: Edition) -> HttpResponse:
    """`/<slug>/versions/`: every edition, the newest first, and what went into each otherwise than into the one before."""
    found = known_versions(edition.city)
    lines = [
        (
            one,
            found[at + 1] if at + 1 < len(found) else None,
            differences(found[at + 1], one) if at + 1 < len(found) else [],
        )
        for at, one in enumerate(found)
    ]
    crumbs = (Link(METHOD, reverse("portal:method", args=[edition.city.slug])),)
    return page(request, "versions", edition, {"lines": lines, "current": edition.name}, crumbs)


@of_edition
def version(request: HttpRequest, edition: Edition, old: str, new: str, period: str = "") -> HttpResponse:
    """`/<slug>/versions/<old>/<new>/` and `.../<period>/`: each area's score in two editions, and what moved it."""
    first, last, periods, period = _pair(edition, old, new, period)
    found = _compared(edition, first, last, period)
    base = reverse("portal:city", args=[edition.city.slug])
    context = {
        **_told(edition, first, last, period),
        "periods": periods[::-1],
        "rows": written.compared(base, edition, found, get_language() or ""),
        "ingredients": [
            (names.INGREDIENTS[one], names.INGREDIENT_MEANINGS[one]) for one in found.ingredients
        ],
        "moved": sum(abs(one.difference or 0.0) >= 0.005 for one in found.rows),
        "both": sum(one.difference is not None for one in found.rows),
        "largest": found.rows[0].printed(2) if found.rows else None,
        "largest_title": edition.area_title(found.rows[0].area)
        if found.rows and found.rows[0].difference
        else None,
        "places": sum(
            None not in (one.old_rank, one.new_rank) and one.old_rank != one.new_rank for one in found.rows
        ),
        "why_not": "\n".join(found.faults),
    }
    crumbs = (
        Link(METHOD, reverse("portal:method", args=[edition.city.slug])),
        Link(EDITIONS, reverse("portal:versions", args=[edition.city.slug])),
    )
    return page(request, "version", edition, context, crumbs)


@of_edition
def version_change(
    request: HttpRequest, edition: Edition, old: str, new: str, period: str, area: str, node: str
) -> HttpResponse:
    """`/<slug>/versions/<old>/<new>/<period>/<area>/<node>/`: one score's bill from an edition to another."""
    first, last, _, period = _pair(edition, old, new, period)
    back = reverse("portal:version", args=[edition.city.slug, old, new, period])
    language, base = get_language() or "", reverse("portal:city", args=[edition.city.slug])
    try:
        explained = explain_versions(first.publication, last.publication, period, node)
        bill = explained.bill(area)
    except IndexFault:
        bill = None
    if bill is None or node in last.leaves:
        what = Words(
            f"没有“{area}”在两版之间的变化", f"There is no change of “{area}” between the two editions"
        )
        raise unknown(what, edition, back, EDITIONS)
    # only the edition in force has pages of its own
    ends = tuple(bills.End(base if one.name == edition.name else "", period) for one in (first, last))
    shown = bills.shown(last, explained, bill, (ends[0], ends[1]), language)
    then, later = (_called(one) for one in (first, last))
    title = Words("从旧版到新版，得分为什么变", "Why the score moved from the old edition to the new")
    rank = bills.rank(last, explained, area)
    context = {
        **_told(edition, first, last, period),
        "area": edition.area(area),
        "node": last.nodes[node],
        "bill": shown,
        "bill_chart": bills.chart(
            shown, title, (Words("旧版", "Old edition"), Words("新版", "New edition")), own_source(last)
        ),
        "bill_before": bill.before,
        "bill_now": bill.now,
        "first_words": then,
        "last_words": later,
        "last_href": reverse("portal:derivation", args=[edition.city.slug, area, period, node])
        if ends[1].base
        else "",
        "rank": rank,
        "passed": bills.passings(base, rank.first, language) if rank else "",
        "passed_rest": bills.passings(base, rank.rest, language) if rank else "",
        "inner": [one for one in last.nodes[node].children if not one.is_leaf and one.code in first.nodes],
        "parent": last.nodes.get(last.nodes[node].parent),
    }
    crumbs = (
        Link(METHOD, reverse("portal:method", args=[edition.city.slug])),
        Link(EDITIONS, reverse("portal:versions", args=[edition.city.slug])),
        Link(measures.period_words(period), back),
    )
    return page(request, "version_change", edition, context, crumbs)


def version_file(request: HttpRequest, slug: str, old: str, new: str, period: str) -> HttpResponseBase:
    """`/<slug>/versions/<old>/<new>/<period>.csv`: the table of the comparison."""
    try:
        edition = edition_of(slug)
    except NotPublished as missing:
        return not_published(request, missing)
    first, last, _, period = _pair(edition, old, new, period)
    table = _table(edition, _compared(edition, first, last, period))
    response = StreamingHttpResponse(
        downloads.csv_pieces([table], table.schema), content_type=downloads.TYPES["csv"]
    )
    name = f"{downloads.stem(last, f'{period}-against-{first.name}')}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _pair(edition: Edition, old: str, new: str, period: str) -> tuple[Edition, Edition, list[str], str]:
    """The two editions, the periods that both scored, and the one asked for: the latest of them unless named."""
    first, last = (edition_called(edition.city, one) for one in (old, new))
    back = reverse("portal:versions", args=[edition.city.slug])
    if first is None or last is None or first is last:
        raise unknown(
            Words("没有这两版可比", "There are no two such editions to compare"), edition, back, EDITIONS
        )
    try:
        periods = [one for one in last.periods if one in first.periods and first.method and last.method]
    except MethodError as error:
        what = Words(
            "其中一版的方法文件，现在的程序读不了",
            "Today's program cannot read the method file of one of the editions",
        )
        raise unknown(what, edition, back, EDITIONS) from error
    scored = [one for one in periods if one <= min(first.latest, last.latest)]
    chosen = period or (scored or periods or [""])[-1]
    if chosen not in periods:
        raise unknown(
            Words(f"两版没有共同的{chosen}这一期", f"The two editions do not both have {chosen}"),
            edition,
            back,
            EDITIONS,
        )
    return first, last, periods, chosen


def _compared(edition: Edition, first: Edition, last: Edition, period: str) -> Comparison:
    ranked = first.ranked_set | last.ranked_set
    return compared(first.publication, last.publication, period, ranked)


def _told(edition: Edition, first: Edition, last: Edition, period: str) -> dict[str, Any]:
    found = {one.name: one for one in known_versions(edition.city)}
    return {
        "old": first,
        "new": last,
        "period": period,
        "differences": differences(found[first.name], found[last.name]),
        "back": reverse("portal:version", args=[edition.city.slug, first.name, last.name, period]),
    }


def _called(one: Edition) -> Words:
    when = measures.day_words(one.created_at)
    return Words(f"{when.zh}发布的版本", f"Edition published on {when.en}")


def _table(edition: Edition, found: Comparison) -> pa.Table:
    titles = [edition.area_title(one.area) for one in found.rows]
    count = len(found.rows)
    columns = {
        "area": [one.area for one in found.rows],
        "area_zh": [one.zh for one in titles],
        "area_en": [one.en for one in titles],
        "period": [found.period] * count,
        "old_edition": [found.old.edition] * count,
        "new_edition": [found.new.edition] * count,
        "old_score": pa.array([one.old for one in found.rows], pa.float64()),
        "new_score": pa.array([one.new for one in found.rows], pa.float64()),
        "difference": pa.array([one.difference for one in found.rows], pa.float64()),
        "old_rank": pa.array([one.old_rank for one in found.rows], pa.int64()),
        "new_rank": pa.array([one.new_rank for one in found.rows], pa.int64()),
    }
    for name in found.ingredients:
        amounts = [one.bill.amount(name) if one.bill else None for one in found.rows]
        columns[name] = pa.array(amounts, pa.float64())
    if edition.city.fictional:
        columns["fictional"] = [True] * count
    return pa.table(columns)
