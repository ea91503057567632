"""The charts of scores that stand in a report, and what stands under them (article 86)."""

from __future__ import annotations

import math

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Observation, Score
from shenzhi.pipeline.reports import charts, measures
from shenzhi.pipeline.reports.change import Change
from shenzhi.pipeline.reports.reading import MARKS, POINTS, Reading

# A line is drawn between two scores unless a larger part of their indicators differs.
UNLIKE = 0.1
# More small charts than this are a wall, not a picture.
MULTIPLES = 24
# More lines than this no longer read as stairs: the smallest are drawn as one.
STAIRS = 14


def source_of(reading: Reading) -> Words:
    """What stands under a chart of scores."""
    edition = reading.publication.edition
    if reading.city.fictional:
        return Words(
            f"来源：虚构数据，由程序生成，版本 {edition}",
            f"Source: fictional data made by a program, edition {edition}",
        )
    return Words(f"来源：深质计算，版本 {edition}", f"Source: computed by Shenzhi, edition {edition}")


def note_of_marks(reading: Reading, values: list[Observation]) -> str:
    """† 初步数 — for the signs that stand in a table, and no others."""
    names = {
        "preliminary": Words("初步数", "preliminary"),
        "estimated": Words("估计数", "estimated"),
        "imputed": Words("推算数", "imputed"),
    }
    used = {one.status for one in values}
    return reading.say("；", "; ").join(
        f"{MARKS[status]} {reading.say(names[status])}" for status in MARKS if status in used
    )


def score_points(reading: Reading, area: str, node: str) -> tuple[charts.Point, ...]:
    """A node's published scores; one is apart from the one before when more than a tenth of the indicators changed."""
    leaves = [leaf.code for leaf in reading.leaves(reading.method.nodes[node])]
    scores = [one for one in reading.publication.scores(node=node, area=area) if one.score is not None]
    points: list[charts.Point] = []
    before: set[str] | None = None
    for one in scores:
        known = {code for code in leaves if one.period in reading.values(code, area)}
        points.append(
            charts.Point(
                one.period, one.score, apart=before is not None and len(known ^ before) > UNLIKE * len(leaves)
            )
        )
        before = known
    return tuple(points)


def domain_multiples(reading: Reading, area: str) -> charts.Chart | None:
    """The domains with at least two scored periods, side by side."""
    lines = [
        charts.Line(one.code, one.title, points, reading.colour(one.code))
        for one in reading.domains
        if len(points := score_points(reading, area, one.code)) > 1
    ]
    if len(lines) < 2:
        return None
    place = reading.area_words(area)
    return charts.small_multiples(
        lines,
        title=Words(f"{place.zh}各领域得分", f"Scores of the domains, {place.en}"),
        unit=POINTS,
        source=source_of(reading),
    )


def score_trend(reading: Reading, area: str, node: Node) -> charts.Chart | None:
    points = score_points(reading, area, node.code)
    if len(points) < 2:
        return None
    place = reading.area_words(area)
    return charts.trend(
        [charts.Line(node.code, node.title, points, reading.colour(node.code))],
        title=Words(f"{place.zh}：{node.title.zh}", f"{place.en}: {node.title.en}"),
        unit=POINTS,
        source=source_of(reading),
    )


def change_chart(reading: Reading, node: Node, change: Change, before: str, now: str) -> charts.Chart:
    """What each line below a node did to the change of its score, as stairs from one period to the other."""
    effects: dict[str, float] = {}
    for driver in change.drivers:
        code = driver.code
        while reading.method.nodes[code].parent != node.code:
            code = reading.method.nodes[code].parent
        effects[code] = effects.get(code, 0.0) + driver.effect
    order = [child.code for child in node.children if child.code in effects]
    rows = [
        charts.Bar(code, reading.title_words(code), effects[code], reading.colour(code)) for code in order
    ]
    if len(rows) > STAIRS:
        largest = {row.code for row in sorted(rows, key=lambda row: -abs(row.value or 0.0))[: STAIRS - 1]}
        others = [row.value or 0.0 for row in rows if row.code not in largest]
        rest = Words(f"其余{len(others)}项", f"{len(others)} others")
        rows = [row for row in rows if row.code in largest]
        rows.append(charts.Bar("others", rest, math.fsum(others), reading.colour(node.code)))
    then, later = measures.period_words(before), measures.period_words(now)
    alike = (
        Words("", "")
        if change.whole
        else Words(f"（两期都有数的{change.common}项指标）", f" ({change.common} indicators known in both)")
    )
    name = Words("指数", "the index") if node is reading.root else node.title
    return charts.contributions(
        rows,
        title=Words(
            f"从{then.zh}到{later.zh}，{name.zh}怎样变化{alike.zh}",
            f"How {name.en} moved from {then.en} to {later.en}{alike.en}",
        ),
        unit=POINTS,
        source=source_of(reading),
        start=(then, change.before),
        total=later,
    )


def area_multiples(reading: Reading) -> charts.Chart | None:
    """The index of every ranked area over time, on one scale."""
    if len(reading.ranked) > MULTIPLES:
        return None
    found = [(code, score_points(reading, code, reading.root.code)) for code in reading.ranked]
    lines = [
        charts.Line(code, reading.area_words(code), points, "accent")
        for code, points in found
        if len(points) > 1
    ]
    if len(lines) < 2:
        return None
    name = reading.root.title
    return charts.small_multiples(
        lines,
        title=Words(f"各地区历期{name.zh}", f"{name.en} of the areas over time"),
        unit=POINTS,
        source=source_of(reading),
        columns=5,
    )


def rank_texts(scores: list[Score]) -> dict[str, str]:
    """Each area's rank among those shown, as written: "3", or "3=" when it is shared. Unscored areas have none."""
    ranks = {one.area: one.rank for one in scores if one.score is not None and one.rank is not None}
    written = {}
    for area, rank in ranks.items():
        place = 1 + sum(other < rank for other in ranks.values())
        shared = sum(other == rank for other in ranks.values()) > 1
        written[area] = f"{place}{'=' if shared else ''}"
    return written


def ranking_chart(reading: Reading, scores: list[Score], node: str = "") -> charts.Chart:
    node = node or reading.root.code
    name = reading.title_words(node)
    ordered = sorted(scores, key=lambda one: (one.score is None, -(one.score or 0.0), one.area))
    ranks = rank_texts(scores)
    rows = []
    for one in ordered:
        rows.append(
            charts.Bar(
                one.area,
                reading.area_words(one.area),
                one.score,
                reading.colour(node),
                rank=ranks.get(one.area, ""),
                note=Words("", "") if one.score is not None else Words("有数的指标不足", "too few figures"),
            )
        )
    when = measures.period_words(reading.latest)
    return charts.ranking(
        rows,
        title=Words(f"各地区{name.zh}，{when.zh}", f"{name.en} by area, {when.en}"),
        unit=POINTS,
        source=source_of(reading),
    )
