"""The first page of the report: the figure, what moved it, the domains, and what it rests on (article 86)."""

from __future__ import annotations

from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.reports import measures
from shenzhi.pipeline.reports.blocks import (
    Block,
    Column,
    Figure,
    Hero,
    Linked,
    Note,
    Paragraph,
    Points,
    Spans,
    Table,
)
from shenzhi.pipeline.reports.frozen import Frozen
from shenzhi.pipeline.reports.pictures import (
    domain_multiples,
    ranking_chart,
)
from shenzhi.pipeline.reports.reading import POINTS, Reading
from shenzhi.pipeline.reports.sentences import (
    change_sentence,
    coverage_sentence,
    joined,
    moved_most,
    ranking_sentence,
    risers_sentence,
    score_sentence,
    standing_sentence,
    ties_sentence,
    unpublished_sentence,
)


def summary(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """One page: the figure, what moved it, the six domains, and how much of the method it rests on."""
    reading = Reading.of(city, publication, language)
    blocks: list[Block] = []
    if city.fictional:
        blocks.append(fictional_note(reading))
    blocks += _summary_of_city(reading) if reading.area else _summary_of_areas(reading)
    if not city.fictional:  # what kind of index it is, below the figure and what moved it
        blocks.insert(2, Paragraph((reading.say(city.about),)))
    return blocks


def fictional_note(reading: Reading) -> Note:
    return Note(
        reading.say("虚构数据", "Fictional data"),
        (
            reading.say(
                f"{reading.say(reading.city.title)}并不存在，本报告的全部数字都由程序生成，只用来说明方法和版式。",
                f"{reading.say(reading.city.title)} does not exist. Every figure in this report was made by a program; "
                "it shows the method and the layout, nothing else.",
            ),
        ),
    )


def _summary_of_city(reading: Reading) -> list[Block]:
    assert reading.area
    area, root = reading.area, reading.root
    score = reading.score(area, reading.latest)
    if score is None or score.score is None:
        return [Paragraph(score_sentence(reading, area, score), lead=True)] if score else []
    domains = [found for one in reading.domains if (found := reading.score(area, reading.latest, one.code))]
    statements = [
        standing_sentence(reading, area, domains),
        moved_most(reading, area),
        unpublished_sentence(reading, domains),
    ]
    hero = Hero(
        reading.say(
            f"{reading.area_title(area)}：{reading.title(root.code)}，{reading.period(score.period)}",
            f"{reading.area_title(area)}: {reading.title(root.code)}, {reading.period(score.period)}",
        ),
        reading.points(area, score.period, root.code, score.score),
        reading.say(POINTS),
        joined(change_sentence(reading, area, root), coverage_sentence(reading, score)),
    )
    blocks: list[Block] = [hero, Points(tuple(one for one in statements if one))]
    chart = domain_multiples(reading, area)
    return [*blocks, *([Figure(chart, "six-domains")] if chart else []), _domains_at_a_glance(reading, area)]


def _summary_of_areas(reading: Reading) -> list[Block]:
    scores = [
        one
        for one in reading.publication.scores(node=reading.root.code, period=reading.latest)
        if one.area in reading.ranked
    ]
    known = [one for one in scores if one.score is not None]
    if not known:
        return [
            Paragraph(
                (reading.say("本期没有可以发布的指数。", "No index could be published for this period."),),
                lead=True,
            )
        ]
    best = max(known, key=lambda one: one.score or 0.0)
    hero = Hero(
        reading.say(
            f"{reading.title(best.node)}最高的地区：{reading.area_title(best.area)}，{reading.period(best.period)}",
            f"{reading.title(best.node)}, highest area: {reading.area_title(best.area)}, {reading.period(best.period)}",
        ),
        reading.points(best.area, best.period, reading.root.code, best.score),
        reading.say(POINTS),
        ranking_sentence(reading, known),
    )
    missing = [reading.area_title(one.area) for one in scores if one.score is None]
    statements: list[Spans] = [ties_sentence(reading, known), risers_sentence(reading, known)]
    if missing:
        statements.append(
            (
                reading.say(
                    f"{reading.listed(missing)}有数的指标不足，没有得分。",
                    f"{reading.listed(missing)}: too few figures for a score.",
                ),
            )
        )
    chart = ranking_chart(reading, scores)
    points = tuple(one for one in statements if one)
    return [
        hero,
        *([Points(points)] if points else []),
        Figure(chart, "ranking-summary"),
        _ends_at_a_glance(reading),
    ]


def _domains_at_a_glance(reading: Reading, area: str) -> Table:
    """Each domain's score, the one before, the change on common indicators, and how much of it is known."""
    rows: list[tuple[Spans, ...]] = []
    for node in (*reading.domains, reading.root):
        now = reading.score(area, reading.latest, node.code)
        page = reading.derivation(area, reading.latest, node.code)
        then = reading.score(area, reading.before, node.code) if reading.before else None
        change = reading.change(area, node) if now and then and None not in (now.score, then.score) else None
        rows.append(
            (
                (reading.title(node.code),),
                (reading.points(area, reading.latest, node.code, now.score if now else None),),
                (reading.points(area, reading.before, node.code, then.score if then else None),),
                (Linked(measures.signed(change.difference), reading.change_page(area, node.code)),)
                if change
                else (),
                (Linked(f"{now.available}/{now.total}", page),) if now else (),
                (Linked(measures.percent(now.coverage), page),) if now else (),
            )
        )
    before = reading.period(reading.before) if reading.before else reading.say("上期", "Before")
    return Table(
        reading.say("各领域一览", "The domains at a glance"),
        (
            Column(reading.say("领域", "Domain"), share=2.6),
            Column(reading.period(reading.latest), True),
            Column(before, True),
            Column(reading.say("可比变化", "Like for like"), True, 1.1),
            Column(reading.say("有数的指标", "Indicators known"), True, 1.3),
            Column(reading.say("权重覆盖", "Weight covered"), True, 1.3),
        ),
        tuple(rows),
        note=reading.say(
            "可比变化：只按两期都有数的指标计算，所以不一定等于两期得分之差。",
            "Like for like: on the indicators known in both periods, so it need not be the difference of the two scores.",
        ),
    )


def _ends_at_a_glance(reading: Reading) -> Table:
    """For each domain the area that stands highest and the one that stands lowest."""
    rows: list[tuple[Spans, ...]] = []
    ranked = set(reading.ranked)
    for node in reading.domains:
        scores = [
            one
            for one in reading.publication.scores(node=node.code, period=reading.latest)
            if one.area in ranked and one.score is not None
        ]
        scores.sort(key=lambda one: (-(one.score or 0.0), one.area))
        cells: list[Spans] = [(reading.title(node.code),)]
        for one in (scores[0], scores[-1]) if len(scores) > 1 else ():
            cells += [
                (reading.area_title(one.area),),
                (reading.points(one.area, one.period, node.code, one.score),),
            ]
        rows.append(tuple(cells) if len(cells) == 5 else (*cells, (), (), (), ()))
    return Table(
        reading.say(
            f"各领域得分最高和最低的地区，{reading.period(reading.latest)}",
            f"Highest and lowest area of each domain, {reading.period(reading.latest)}",
        ),
        (
            Column(reading.say("领域", "Domain"), share=2.4),
            Column(reading.say("最高", "Highest"), share=1.4),
            Column(reading.say("得分", "Score"), True),
            Column(reading.say("最低", "Lowest"), share=1.4),
            Column(reading.say("得分", "Score"), True),
        ),
        tuple(rows),
    )
