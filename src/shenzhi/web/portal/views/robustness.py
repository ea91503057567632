"""How firm a ranking is: what else was tried, and what became of the ranks (article 86)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.steadiness import TITLES, Impossible, Steadiness, steadiness
from shenzhi.web.portal import downloads, firmness
from shenzhi.web.portal.editions import Edition, NotPublished, edition_of
from shenzhi.web.portal.frame import Link
from shenzhi.web.portal.serve import not_published, of_edition, page, unknown
from shenzhi.web.portal.views.index import RANKING

OF_ONE = ("robustness", "sensitivity")  # the tables that say something of a single area


@dataclass(frozen=True)
class Refused:
    """Combinations that cannot be had, for a reader: why, how many, one of them, and the program's own words."""

    why: Words
    combinations: int
    example: tuple[tuple[Words, Words], ...]
    said: tuple[str, ...]


@of_edition
def robustness(request: HttpRequest, edition: Edition, period: str = "") -> HttpResponse:
    """`/<slug>/robustness/` and `/<slug>/robustness/<period>/`: ranks, or one area's scores, over all combinations."""
    tested = steadiness(edition.publication)
    if tested is None:
        raise _untested(edition)
    shown = period or tested.periods[-1]
    if shown not in tested.periods:
        raise unknown(
            Words(f"没有{shown}这一期的稳健性检验", f"The ranking was not tested for {shown}"),
            edition,
            reverse("portal:robustness", args=[edition.city.slug]),
            Words("名次有多稳", "How firm the ranking is"),
        )
    standings = tested.standings(shown)
    ordered = firmness.in_order(edition, standings)
    alone = len(standings) == 1
    language, base = get_language() or "", reverse("portal:city", args=[edition.city.slug])
    pairs = firmness.pairs(tested, ordered, shown)
    bounds = tested.certificates() if shown == tested.weights_period else {}
    told = tested.of_area(next(iter(standings))) if alone else []
    choices = {one.name: one for one in tested.choices}
    shares = tested.sensitivity(shown, "score", next(iter(standings))) if alone else tested.sensitivity(shown)
    context = {
        "tested": tested,
        "period": shown,
        "periods": tested.periods[::-1],
        "alone": alone,
        "ordered": ordered,
        "many": len(ordered) > firmness.SHOWN,
        "most": firmness.SHOWN,
        "firm": sum(pair.firm for pair in pairs),
        "pairs": pairs,
        "pair_rows": firmness.pair_rows(edition, pairs, language, bool(bounds)),
        "bounds": bounds,
        "wide": f"{tested.spread * 100:g}%",
        "holds": firmness.whatever_the_weights(edition, tested, bounds, len(tested.weights["parts"])),
        "refused": tested.weights["refused"],
        "left_out": [edition.area_title(code) for code in tested.weights["left_out"]],
        "standing_rows": firmness.standing_rows(edition, tested, ordered, bounds, language, base),
        "period_rows": firmness.period_rows(told, language),
        "rank_chart": firmness.score_chart(edition, told)
        if alone
        else firmness.rank_chart(edition, ordered, shown),
        "share_chart": firmness.share_chart(edition, tested, ordered, shown),
        "choice_chart": firmness.share_of_choices(
            edition,
            tested,
            shares,
            Words("各项选择解释得分变动的多少", "How much of the spread of the score each choice explains")
            if alone
            else Words(
                "各项选择解释名次变动的多少", "How much of the spread of the ranks each choice explains"
            ),
        ),
        "heaviest": [
            (choices[one.factor].title, one)
            for one in sorted(shares, key=lambda one: -one.total)
            if one.total
        ][:1],
        "whole_city": edition.city.root_area in standings and not alone,
        "impossible": [_refused(tested, one) for one in tested.impossible],
        "tables": [(name, title) for name, title in TITLES.items() if not alone or name in OF_ONE],
    }
    return page(
        request,
        "robustness",
        edition,
        context,
        (Link(RANKING, reverse("portal:index", args=[edition.city.slug, shown])),),
    )


def _refused(tested: Steadiness, one: Impossible) -> Refused:
    example = tuple(
        (tested.choice(name).title, tested.choice(name).answer(answer))
        for name, answer in one.example.items()
    )
    return Refused(firmness.reason(one.reasons), one.combinations, example, one.reasons)


def _untested(edition: Edition) -> Exception:
    return unknown(
        Words(
            "这一版没有试过其他做法，所以没有名次的区间",
            "No other ways were tried for this edition, so its ranks have no intervals",
        ),
        edition,
        reverse("portal:index", args=[edition.city.slug]),
        RANKING,
    )


def table(request: HttpRequest, slug: str, name: str, form: str) -> HttpResponseBase:
    """`/<slug>/robustness/<table>.csv` and `.parquet`: one table of the test, whole."""
    try:
        edition = edition_of(slug)
    except NotPublished as missing:
        return not_published(request, missing)
    if name not in TITLES or form not in downloads.FORMS or steadiness(edition.publication) is None:
        raise unknown(
            Words(f"没有文件“{name}.{form}”", f"There is no file “{name}.{form}”"),
            edition,
            reverse("portal:index", args=[slug]),
            RANKING,
        )
    return downloads.whole(edition, name, form)
