"""The audit of an edition as the pages show it: worked out once, its charts and its lines (article 86)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import quote

import numpy as np
from django.utils.safestring import SafeString

from shenzhi.calc.composite.outcomes import Line, Standing, standing
from shenzhi.calc.composite.trends import trends
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.audit import Audit, Counts, audit
from shenzhi.pipeline.index.findings import Finding, findings, flagged_pairs
from shenzhi.pipeline.index.grid import Grid
from shenzhi.pipeline.index.scope import times_of
from shenzhi.pipeline.reports import charts
from shenzhi.pipeline.reports.charts import Chart
from shenzhi.pipeline.reports.measures import period_words
from shenzhi.pipeline.reports.stacks import CYCLE, colours
from shenzhi.web.portal import drawings, numbers
from shenzhi.web.portal.editions import Edition

MOST_BARS = 60  # areas in one picture of bars
MOST_PARTS = len(CYCLE)  # parts of one bar that can be told apart
MOST_MAPPED = 40  # rows of a map of correlations
LISTED = 5  # strengths, and as many weaknesses
NONE = f'<span class="none">{numbers.NONE}</span>'


@lru_cache(maxsize=16)
def audit_of(edition: Edition) -> Audit:
    """The audit of the edition, without the city as a whole where it has districts."""
    return audit(edition.publication, aside=(edition.city.root_area,))


@lru_cache(maxsize=16)
def findings_of(edition: Edition) -> tuple[Finding, ...]:
    return findings(audit_of(edition))


# charts


@lru_cache(maxsize=16)
def framework(edition: Edition) -> Chart | None:
    """The tree as rings, each node as wide as it weighs."""
    first = [child.code for child in edition.method.root.children]
    colour = dict(zip(first, colours(first), strict=True))
    tree = audit_of(edition).tree
    weight = dict(zip(tree.codes, tree.effective_weight.tolist(), strict=True))
    segments = []
    for node in edition.method.root.walk():
        if not node.parent:
            continue
        colour.setdefault(node.code, colour.get(node.parent, "accent"))
        parent = "" if node.parent == edition.root else node.parent
        segments.append(charts.Segment(node.code, parent, node.title, weight[node.code], colour[node.code]))
    title = Words("指数由什么组成", "What the index is made of")
    middle = edition.title(edition.root)
    return charts.sunburst(segments, middle=middle, title=title, source=drawings.own_source(edition))


def area_parts(edition: Edition, period: str, areas: Sequence[str]) -> Chart | None:
    """The index of each of these areas as the sum of what its parts gave; None where it is no such sum."""
    root = edition.method.root
    if (
        not 1 < len(areas) <= MOST_BARS
        or root.aggregate in names.INDIVISIBLE
        or len(root.children) > MOST_PARTS
    ):
        return None
    codes = [child.code for child in root.children]
    rows = []
    for area in areas:
        given = {one.node: one.contribution for one in edition.publication.parts(area, period, root.code)}
        values = tuple(given.get(code) for code in codes)
        score = edition.root_scores.get((area, period))
        if score is None or score.score is None or any((value or 0.0) < 0 for value in values):
            return None
        rows.append(charts.Stack(edition.area_title(area), values, score.score))
    parts = [
        charts.PartOf(code, edition.title(code), colour)
        for code, colour in zip(codes, colours(codes), strict=True)
    ]
    when = period_words(period)
    return charts.stacks(
        parts,
        rows,
        title=Words(f"指数由各部分相加而成，{when.zh}", f"What each part gives to the index, {when.en}"),
        unit=drawings.POINTS,
        source=drawings.own_source(edition),
    )


@lru_cache(maxsize=128)
def influence(edition: Edition, code: str) -> Chart | None:
    """What the parts of a group were meant to count for, and what they do count for, one bar above the other."""
    found = counts_of(edition, code)
    if not 1 < len(found) <= MOST_PARTS or any(math.isnan(one.importance) for one in found):
        return None
    codes = [one.code for one in found]
    parts = [
        charts.PartOf(one, edition.title(one), colour)
        for one, colour in zip(codes, colours(codes), strict=True)
    ]
    rows = [
        charts.Stack(Words("权重", "Weight"), tuple(one.weight * 100 for one in found)),
        charts.Stack(Words("实际影响", "Counts for"), tuple(one.importance * 100 for one in found)),
    ]
    name = edition.title(code)
    return charts.stacks(
        parts,
        rows,
        title=Words(f"{name.zh}：权重与实际影响", f"{name.en}: weight and influence"),
        unit=Words("%", "%"),
        source=drawings.own_source(edition),
        decimals=0,
        note=Words(
            "实际影响：各项得分与组得分的相关系数的平方所占的份额；反向的记为零。",
            "Influence: the share of each part in the squared correlations with the group's score; none where it runs "
            "against it.",
        ),
    )


@lru_cache(maxsize=128)
def connections(edition: Edition, code: str) -> Chart | None:
    """What moves with what in a group: its parts, and the group itself."""
    done = audit_of(edition)
    at = done.tree.codes.index(code)
    nodes = [*done.tree.children[at].tolist(), at]
    if done.compared is None or not 2 < len(nodes) <= MOST_MAPPED + 1:
        return None
    codes = [done.tree.codes[node] for node in nodes]
    place = {one: row for row, one in enumerate(codes)}
    flagged = [
        (place[one], place[other])
        for one, other in flagged_pairs(findings_of(edition))
        if one in place and other in place
    ]
    flagged += [(row, len(codes) - 1) for row in range(len(codes) - 1) if done.compared.r[nodes[row], at] < 0]
    name = edition.title(code)
    return charts.correlation_map(
        [edition.title(one) for one in codes],
        done.compared.r[np.ix_(nodes, nodes)].tolist(),
        title=Words(f"{name.zh}：各项得分的相关", f"{name.en}: correlations of scores"),
        source=drawings.own_source(edition),
        flagged=flagged,
    )


def strengths_chart(edition: Edition, area: str) -> Chart | None:
    """Where an area stands among all, on the indicators where it stands best and worst."""
    found = standing_of(edition, area)
    if found is None or not found.strong:
        return None
    done = audit_of(edition)
    column = {code: int(leaf) for code, leaf in zip(done.leaves, done.tree.leaves, strict=True)}
    strips = []
    for line in (*found.strong, *found.weak):
        values = done.scores[:, column[line.code]]
        strips.append(
            charts.Strip(
                edition.title(line.code),
                tuple(values[~np.isnan(values)].tolist()),
                line.score,
                drawings.colour(edition.domain_of(line.code)),
                rank_words(line),
            )
        )
    place, when = edition.area_title(area), period_words(done.period)
    return charts.strips(
        strips,
        marked=place,
        title=Words(
            f"{place.zh}：名次最前和最后的指标，{when.zh}",
            f"{place.en}: indicators it ranks first and last on, {when.en}",
        ),
        unit=drawings.POINTS,
        source=drawings.own_source(edition),
    )


def every_chart(edition: Edition) -> Iterator[Chart | None]:
    """The charts of the audit's pages, of the method and of the index page."""
    yield framework(edition)
    yield area_parts(edition, edition.latest, ranked_areas(edition, edition.latest))
    for group in audit_of(edition).groups:
        yield influence(edition, group.code)
        yield connections(edition, group.code)


def ranked_areas(edition: Edition, period: str) -> list[str]:
    """Areas with an index in a period, the best first, as the ranking has them."""
    order = {code: at for at, code in enumerate(edition.city.areas)}
    scored = [
        one
        for (area, when), one in edition.root_scores.items()
        if when == period and area in edition.ranked_set and one.score is not None
    ]
    scored.sort(key=lambda one: (one.rank or 0, order.get(one.area, len(order)), one.area))
    return [one.area for one in scored]


# one area


@lru_cache(maxsize=1024)
def standing_of(edition: Edition, area: str) -> Standing | None:
    """The indicators on which an area stands best and worst; None where areas are not compared."""
    done = audit_of(edition)
    if not done.enough or area not in done.areas:
        return None
    leaves = done.scores[:, done.tree.leaves]
    return standing(done.tree, leaves, done.areas.index(area), count=LISTED, most_sharing=0.5)


def rank_words(line: Line) -> Words:
    """A rank among how many, and that it is shared where it is."""
    return Words(
        f"{'并列' if line.sharing > 1 else ''}第{line.rank}/{line.of}",
        f"{line.rank}{'=' if line.sharing > 1 else ''} of {line.of}",
    )


@dataclass(frozen=True)
class Course:
    """How an indicator moved in an area: its growth a year (a share), and from which period to which."""

    growth: float | None
    first: str
    last: str


def courses(edition: Edition, area: str, codes: Sequence[str]) -> dict[str, Course]:
    """The growth of some indicators of an area over the periods in which they are known; none for fewer than two."""
    grid = Grid(edition.publication)
    times = times_of(grid.periods)
    if len(times) < 2:
        return {}
    figures = np.full((len(times), 1, len(codes)), np.nan)
    for column, code in enumerate(codes):
        for one in edition.publication.observations(indicator=code, area=area):
            if one.period in grid.periods:
                figures[grid.periods.index(one.period), 0, column] = one.value
    found = trends(figures, times)
    period_at = dict(zip(times, grid.periods, strict=True))
    return {
        code: Course(
            None if math.isnan(found.value[0, at]) else float(found.value[0, at]),
            period_at[float(found.first[0, at])],
            period_at[float(found.last[0, at])],
        )
        for at, code in enumerate(codes)
        if found.points[0, at] > 1
    }


def standing_rows(edition: Edition, area: str, base: str, lines: Sequence[Line], language: str) -> SafeString:
    """Lines of strengths or weaknesses: indicator, figure, rank, and its course."""
    done = audit_of(edition)
    course = courses(edition, area, [line.code for line in lines])
    place, column = done.areas.index(area), {code: at for at, code in enumerate(done.leaves)}
    pieces = []
    for line in lines:
        value = float(done.raw[place, column[line.code]])
        told = NONE
        if not math.isnan(value):
            said = numbers.with_unit(value, edition.unit(line.code), language, edition.decimals(line.code))
            href = f"{base}figures/{quote(line.code)}/{quote(area)}/{quote(done.period)}/"
            told = f'<a href="{href}">{escape(said)}</a>'
        pieces.append(
            f'<tr><th scope="row"><a href="{base}indicators/{quote(line.code)}/">{escape(edition.title(line.code).say(language))}</a></th>'
            f'<td class="n">{told}</td><td class="n">{rank_words(line).say(language)}</td>'
            f'<td class="n">{_course(course.get(line.code), language)}</td></tr>'
        )
    return SafeString("\n".join(pieces))


def _course(found: Course | None, language: str) -> str:
    if found is None or found.growth is None:
        return NONE
    share = numbers.signed(found.growth * 100, 1) + "%"
    years = f"{numbers.period(found.first, language)}–{numbers.period(found.last, language)}"
    return (
        f'<data value="{found.growth:.15g}">{share}</data> <small class="soft nowrap">{escape(years)}</small>'
    )


# lines of tables


def counts_of(edition: Edition, code: str) -> list[Counts]:
    return [one for one in audit_of(edition).counts if one.parent == code]


def group_rows(edition: Edition, base: str, language: str) -> SafeString:
    """A line for each group: how many parts, whether they hang together, how many sides they have."""
    pieces = []
    for group in audit_of(edition).groups:
        first = numbers.percent(group.explained[0]) if group.explained else NONE
        pieces.append(
            f'<tr><th scope="row"><a href="{base}audit/{quote(group.code)}/">{escape(edition.title(group.code).say(language))}</a></th>'
            f'<td class="n">{len(group.children)}</td><td class="n">{_plain(group.alpha)}</td>'
            f'<td class="n">{first}</td><td class="n">{group.dimensions if group.explained else NONE}</td></tr>'
        )
    return SafeString("\n".join(pieces))


def without_rows(edition: Edition, base: str, language: str, code: str = "") -> SafeString:
    """How far ranks move without each part: of the index right below it, or of a group's own children."""
    done = audit_of(edition)
    children = {child.code for child in edition.nodes[code or edition.root].children}
    pieces = []
    for left in done.without:
        for at, one in enumerate(left.codes):
            if one not in children:
                continue
            change = np.abs(left.rank_change[:, at])
            most = 0 if np.isnan(change).all() else int(np.nanmax(change))
            pieces.append(
                f'<tr><th scope="row">{_link(edition, base, one, language)}</th>'
                f'<td class="n">{numbers.percent(edition.effective[one], 1)}</td>'
                f'<td class="n">{_plain(float(left.mean_rank_change[at]))}</td><td class="n">{most}</td></tr>'
            )
    return SafeString("\n".join(pieces))


def count_rows(edition: Edition, base: str, code: str, language: str) -> SafeString:
    """A line for each part of a group: its weight, its influence, its correlation with the group."""
    return SafeString(
        "\n".join(
            f'<tr><th scope="row">{_link(edition, base, one.code, language)}</th><td class="n">{numbers.percent(one.weight)}</td>'
            f'<td class="n">{numbers.percent(one.importance)}</td><td class="n">{_plain(one.r)}</td>'
            f'<td class="n">{"&lt;0.001" if one.p < 0.001 else _plain(one.p, 3)}</td></tr>'
            for one in counts_of(edition, code)
        )
    )


def statistic_rows(edition: Edition, base: str, codes: Sequence[str], language: str) -> SafeString:
    """A line for each indicator: for how many areas it is known, its spread and its shape."""
    done = audit_of(edition)
    one, column = done.described, {code: at for at, code in enumerate(done.leaves)}
    pieces = []
    for code in codes:
        at, decimals = column[code], edition.decimals(code)
        spread = "".join(
            f'<td class="n">{numbers.given(float(figure[at]), decimals)}</td>'
            for figure in (one.least, one.median, one.most)
        )
        pieces.append(
            f'<tr><th scope="row">{_link(edition, base, code, language)}{_unit(edition, code, language)}</th>'
            f'<td class="n">{int(one.available[at])}/{one.units}</td>{spread}'
            f'<td class="n">{int(one.unique[at])}</td><td class="n">{_plain(float(one.skew[at]))}</td>'
            f'<td class="n">{done.known_periods[at]}</td></tr>'
        )
    return SafeString("\n".join(pieces))


def _link(edition: Edition, base: str, code: str, language: str) -> str:
    below = "indicators" if code in edition.leaves else "audit"
    return f'<a href="{base}{below}/{quote(code)}/">{escape(edition.title(code).say(language))}</a>'


def _unit(edition: Edition, code: str, language: str) -> str:
    unit = edition.unit(code)
    return f' <small class="soft">{escape(unit.say(language))}</small>' if unit else ""


def _plain(value: float, decimals: int = 2) -> str:
    return (
        NONE if math.isnan(value) else f'<data value="{value:.15g}">{numbers.plain(value, decimals)}</data>'
    )
