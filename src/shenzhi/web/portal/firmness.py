"""How firm a ranking is, as a page shows it: charts, rows of tables, and conclusions in words (article 86)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from urllib.parse import quote

from django.utils.safestring import SafeString

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.steadiness import Certificate, Overtaking, Share, Standing, Steadiness
from shenzhi.pipeline.reports import charts, measures
from shenzhi.pipeline.reports.charts import Chart
from shenzhi.pipeline.reports.heatmap import Line, heatmap
from shenzhi.web.portal import numbers
from shenzhi.web.portal.drawings import POINTS, own_source
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.ranking import Row

# Pictures with a row for each area, and pairs of neighbours, are shown for up to so many areas.
SHOWN = 60
# In so many of the combinations one of two neighbours must be ahead before their order is called firm.
FIRM = 0.95
# What the engine says of combinations that cannot be had, by a part of its sentence.
REASONS = (
    (
        "geometric mean needs scores above 0",
        Words("几何平均要求各项得分都大于0", "a geometric mean needs scores above 0"),
    ),
    (
        "needs scores above 0",
        Words("这种平均要求各项得分都大于0", "this kind of mean needs scores above 0"),
    ),
    (
        "needs means above 0",
        Words("这种平均要求平均分大于0", "this kind of mean needs means above 0"),
    ),
    (
        "all values are equal",
        Words(
            "有的指标各处数值相同，没有尺度可言",
            "an indicator has the same value everywhere, so it has no scale",
        ),
    ),
    ("target", Words("有的指标没有给出目标值", "an indicator has no target")),
)
OTHER = Words(
    "计算程序拒绝了这些组合，原因见英文说明", "the program refuses these combinations; its reason follows"
)


@dataclass(frozen=True)
class Pair:
    """Two neighbours in the ranking: the share of combinations in which the first is ahead, and what would bring the
    second level with it."""

    first: str
    second: str
    ahead: float
    overtaking: Overtaking | None

    @property
    def firm(self) -> bool:
        return self.ahead >= FIRM


def in_order(edition: Edition, standings: Mapping[str, Standing]) -> list[Standing]:
    """The areas with a rank, best first; those that share one in the order of the city's list."""
    order = {code: at for at, code in enumerate(edition.city.areas)}
    ranked = [one for one in standings.values() if one.rank is not None]
    return sorted(ranked, key=lambda one: (one.rank or 0, order.get(one.area, len(order)), one.area))


def pairs(tested: Steadiness, ordered: Sequence[Standing], period: str) -> list[Pair]:
    """Neighbours in the ranking, from the top down; none for many areas."""
    ahead = tested.ahead(period)
    if not ahead:
        return []
    moves = tested.overtakings() if period == tested.weights_period else {}
    found = []
    for first, second in pairwise(ordered):
        move = moves.get(second.area)
        found.append(
            Pair(
                first.area,
                second.area,
                ahead[first.area, second.area],
                move if move is not None and move.other == first.area else None,
            )
        )
    return found


def interval(one: Standing) -> str:
    """The places in which nine tenths of the combinations put an area: 1–4, or 2 where they all agree."""
    return span(one.rank_low, one.rank_high)


def intervals(tested: Steadiness | None, period: str, rows: Sequence[Row]) -> dict[str, str]:
    """The interval of every rank in `rows`; none where the ranks that were tested are not those of `rows`."""
    if tested is None or period not in tested.periods or len(rows) < 2:
        return {}
    standings = tested.standings(period)
    if any(row.area.code not in standings or standings[row.area.code].rank != row.rank for row in rows):
        return {}
    return {row.area.code: interval(standings[row.area.code]) for row in rows}


def span(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return numbers.NONE
    return f"{low}" if low == high else f"{low}–{high}"


# Charts


def rank_chart(edition: Edition, ordered: Sequence[Standing], period: str) -> Chart | None:
    """Every area's rank with the interval of the inner nine tenths."""
    if not 1 < len(ordered) <= SHOWN:
        return None
    when = measures.period_words(period)
    most = max(one.rank_high or 1 for one in ordered)
    bars = [
        charts.Bar(
            one.area,
            edition.area_title(one.area),
            one.rank,
            "accent",
            low=one.rank_low,
            high=one.rank_high,
        )
        for one in ordered
    ]
    return charts.ranking(
        bars,
        title=Words(f"名次与区间，{when.zh}", f"Ranks and their intervals, {when.en}"),
        source=own_source(edition),
        decimals=0,
        scale=places(max(most, len(ordered))),
    )


def places(last: int) -> list[float]:
    """Marks for an axis of ranks: from 1 to the last, as many as fit."""
    step = next(one for one in (1, 2, 5, 10, 20, 50, 100, 1000) if last / one <= 12)
    marks = [1.0, *(float(at) for at in range(step, last + 1, step) if at > 1)]
    return marks if marks[-1] == last else [*(one for one in marks if last - one > step / 2), float(last)]


def score_chart(edition: Edition, told: Sequence[Standing]) -> Chart | None:
    """One area's scores by period, with the interval of the inner nine tenths."""
    known = [one for one in told if one.score is not None]
    if not known:
        return None
    bars = [
        charts.Bar(
            one.period,
            measures.period_words(one.period),
            one.score,
            "accent",
            low=one.score_low,
            high=one.score_high,
        )
        for one in known
    ]
    place = edition.area_title(known[0].area)
    return charts.ranking(
        bars,
        title=Words(f"{place.zh}：得分与区间", f"{place.en}: scores and their intervals"),
        unit=POINTS,
        source=own_source(edition),
    )


def share_chart(
    edition: Edition, tested: Steadiness, ordered: Sequence[Standing], period: str
) -> Chart | None:
    """The share of combinations that puts each area on each rank; the published rank is framed."""
    if not 1 < len(ordered) <= SHOWN:
        return None
    shares = tested.acceptability(period)
    last = max((max(of, default=1) for of in shares.values()), default=1)
    when = measures.period_words(period)
    return heatmap(
        [Line(one.area, edition.area_title(one.area), shares.get(one.area, {}), one.rank) for one in ordered],
        [(rank, str(rank)) for rank in range(1, last + 1)],
        title=Words(f"各名次的可能，{when.zh}", f"How often each rank comes up, {when.en}"),
        source=own_source(edition),
        note=Words(
            "每格是把该区域排在这一名的做法所占的比例，越深越多；方框是公布的名次。",
            "Each cell is the share of combinations that puts the area on that rank; frames mark the published rank.",
        ),
    )


def share_of_choices(
    edition: Edition, tested: Steadiness, shares: Sequence[Share], title: Words
) -> Chart | None:
    """What each choice explains: in all, with its interactions, and alone."""
    if not any(one.total for one in shares):
        return None
    alone, whole = Words("单独", "alone"), Words("连同交互", "in all")
    bars = []
    for one in sorted(shares, key=lambda one: -one.total):
        about = tested.choice(one.factor).title
        for name, value, colour in ((whole, one.total, "accent"), (alone, one.first, "ink-soft")):
            called = Words(f"{about.zh}·{name.zh}", f"{about.en}, {name.en}")
            bars.append(charts.Bar(f"{one.factor} {name.en}", called, value * 100, colour))
    return charts.bars(
        bars, title=title, unit=Words("占变动的%", "% of the spread"), source=own_source(edition), decimals=0
    )


# Rows of tables


def standing_rows(
    edition: Edition,
    tested: Steadiness,
    ordered: Sequence[Standing],
    bounds: Mapping[str, tuple[Certificate, Certificate]],
    language: str,
    base: str,
) -> SafeString:
    """The body of the table of ranks: published, median, interval, best to worst, chances of the top, any weights."""
    return _written(
        f'<tr><td data-v="{one.rank}" class="n">{one.rank}</td><th scope="row">'
        f'<a href="{base}areas/{quote(one.area)}/">{escape(edition.area_title(one.area).say(language))}</a></th>'
        f'<td class="n" data-v="{one.rank_median or 0:g}">{numbers.plain(one.rank_median)}</td>'
        f'<td class="n" data-v="{one.rank_low or 0}">{interval(one)}</td>'
        f'<td class="n" data-v="{one.rank_best or 0}">{span(one.rank_best, one.rank_worst)}</td>'
        + "".join(f'<td class="n" data-v="{one.top[k]:.6f}">{_share(one.top[k])}</td>' for k in tested.top)
        + "".join(
            f'<td class="n" data-v="{found.best}">{"" if found.exact else "≤ "}{span(found.best, found.worst)}</td>'
            for found in bounds.get(one.area, ())
        )
        + (f'<td class="n">{numbers.NONE}</td>' * 2 if bounds and one.area not in bounds else "")
        + "</tr>"
        for one in ordered
    )


def pair_rows(edition: Edition, found: Sequence[Pair], language: str, weights: bool) -> SafeString:
    """The body of the table of neighbours."""
    return _written(
        f'<tr><th scope="row">{escape(_before(edition, pair).say(language))}</th>'
        f'<td class="n" data-v="{pair.ahead:.6f}">{_share(pair.ahead, 1)}</td>'
        f"<td>{escape((FIRM_WORDS if pair.firm else OPEN_WORDS).say(language))}</td>"
        + (f"<td>{escape(moved(edition, pair).say(language))}</td>" if weights else "")
        + "</tr>"
        for pair in found
    )


FIRM_WORDS = Words("先后明确", "firm")
OPEN_WORDS = Words("先后未定", "open")


def _before(edition: Edition, pair: Pair) -> Words:
    first, second = edition.area_title(pair.first), edition.area_title(pair.second)
    return Words(f"{first.zh}在{second.zh}之前", f"{first.en} before {second.en}")


def moved(edition: Edition, pair: Pair) -> Words:
    """The least change of weights at which the second of a pair draws level with the first."""
    move = pair.overtaking
    if move is None:
        return Words(numbers.NONE, numbers.NONE)
    if move.moved is None:
        return Words("怎样调整权重都追不上", "no weights bring them level")
    if move.moved < 5e-5:
        return Words("本来就打平", "level as it is")
    amount = numbers.plain(move.moved * 100, 1)
    lose, gain = (
        [edition.title(code) for code, change in move.changes if change * sign > 5e-4] for sign in (-1, 1)
    )
    source, target = together(lose), together(gain)
    return Words(
        f"从{source.zh}移{amount}个百分点的权重到{target.zh}，两者打平",
        f"level if {amount} points of weight went from {source.en} to {target.en}",
    )


def together(titles: Sequence[Words]) -> Words:
    """Names in a row: 甲、乙、丙; A, B and C."""
    english = [one.en for one in titles]
    last = " and ".join(filter(None, (", ".join(english[:-1]), *english[-1:])))
    return Words("、".join(one.zh for one in titles), last)


def period_rows(told: Sequence[Standing], language: str) -> SafeString:
    """The body of the table of one area's scores by period."""
    return _written(
        f'<tr><th scope="row">{escape(numbers.period(one.period, language))}</th>'
        f'<td class="n">{_points(one.score)}</td><td class="n">{_points(one.score_median)}</td>'
        f'<td class="n">{_points(one.score_low)}–{_points(one.score_high)}</td>'
        f'<td class="n">{_points(one.score_least)}–{_points(one.score_most)}</td>'
        f'<td class="n">{_share(one.scored)}</td></tr>'
        for one in reversed(told)
    )


def _points(value: float | None) -> str:
    if value is None:
        return numbers.NONE
    return f'<data value="{value:.15g}">{numbers.plain(value, 1)}</data>'


def _share(share: float, decimals: int = 0) -> str:
    return f'<data value="{share:.15g}">{escape(numbers.percent(share, decimals))}</data>'


# Conclusions in words


def whatever_the_weights(
    edition: Edition, tested: Steadiness, bounds: Mapping[str, tuple[Certificate, Certificate]], parts: int
) -> list[Words]:
    """What holds whatever the weights of the parts within the spread: for every area that keeps its place, and the one at
    the top."""
    wide = f"{tested.spread * 100:g}%"
    fixed = [code for code, (within, _) in bounds.items() if within.exact and within.best == within.worst]
    said = []
    if fixed:
        named = together([edition.area_title(code) for code in fixed])
        said.append(
            Words(
                f"{parts}个领域的权重各自在±{wide}以内怎样变动，{named.zh}的名次都不变。",
                f"However the weights of the {parts} domains move within ±{wide}, "
                f"{named.en} keep{'s' if len(fixed) == 1 else ''} the same place.",
            )
        )
    order = sorted(bounds, key=lambda code: (bounds[code][0].best, bounds[code][0].worst))
    for code in order[:5]:
        within, anything = bounds[code]
        if code in fixed:
            continue
        name = edition.area_title(code)
        said.append(
            Words(
                f"{name.zh}：权重在±{wide}以内变动时，可以是第{within.best}到第{within.worst}；权重完全放开时，第{anything.best}到第{anything.worst}。",
                f"{name.en} could be {ordinal(within.best)} to {ordinal(within.worst)} whatever the weights within ±{wide}, "
                f"and {ordinal(anything.best)} to {ordinal(anything.worst)} over any weights at all.",
            )
        )
    return said


def ordinal(place: int) -> str:
    ending = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def reason(said: Sequence[str]) -> Words:
    """Why combinations cannot be had, in both languages where it is one of the known reasons."""
    return next((words for part, words in REASONS if any(part in one for one in said)), OTHER)


def _written(pieces: Iterable[str]) -> SafeString:
    return SafeString("\n".join(pieces))
