"""The chapters on the index itself and on the areas beside each other (article 86)."""

from __future__ import annotations

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Publication, Score
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.reports import charts, measures
from shenzhi.pipeline.reports.blocks import (
    Block,
    Column,
    Figure,
    Heading,
    Linked,
    Note,
    Paragraph,
    Spans,
    Table,
)
from shenzhi.pipeline.reports.frozen import Frozen
from shenzhi.pipeline.reports.pictures import (
    area_multiples,
    change_chart,
    rank_texts,
    ranking_chart,
    score_trend,
    source_of,
)
from shenzhi.pipeline.reports.reading import POINTS, Reading
from shenzhi.pipeline.reports.sentences import (
    change_sentence,
    joined,
    ranking_sentence,
    risers_sentence,
    score_sentence,
    ties_sentence,
)


def the_index(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """The index over time, how it adds up, and where its change came from."""
    reading = Reading.of(city, publication, language)
    area = reading.area
    if not area:
        return []
    score = reading.score(area, reading.latest)
    if score is None:
        return []
    blocks: list[Block] = [
        Paragraph(joined(score_sentence(reading, area, score), change_sentence(reading, area, reading.root)))
    ]
    if chart := score_trend(reading, area, reading.root):
        blocks.append(Figure(chart, "index-trend"))
    if note := _unlike_note(reading, area):
        blocks.append(note)
    blocks.append(_index_table(reading, area))
    parts = reading.parts(area, reading.latest, reading.root.code)
    if score.score is not None and parts:
        blocks.append(Heading(2, reading.say("指数怎样加起来", "How the index adds up"), "adds-up"))
        share = reading.root.aggregate
        blocks.append(
            Paragraph(
                (
                    reading.say(
                        "每个领域的得分乘以当期有效的权重，就是它的贡献；各领域的贡献相加等于指数。"
                        if share == "arithmetic"
                        else "各领域的得分按方法合成为指数；下表的贡献是各领域在指数中的份额，相加等于指数。",
                        "A domain's score times its weight in force is its contribution; the contributions add up to the index."
                        if share == "arithmetic"
                        else "The domains' scores are combined as the method says; contributions are their parts of the index and add up to it.",
                    ),
                )
            )
        )
        rows = [
            charts.Bar(
                part.node, reading.title_words(part.node), part.contribution, reading.colour(part.node)
            )
            for part in parts
        ]
        when = measures.period_words(reading.latest)
        blocks.append(
            Figure(
                charts.contributions(
                    rows,
                    title=Words(f"{when.zh}指数的构成", f"What the index of {when.en} is made of"),
                    unit=POINTS,
                    source=source_of(reading),
                    total=reading.root.title,
                ),
                "index-parts",
            )
        )
        blocks.append(_parts_table(reading, area, reading.root))
    change = reading.change(area, reading.root)
    if change is not None and len(change.drivers) > 1:
        blocks += [
            Heading(2, reading.say("变化来自哪里", "Where the change came from"), "where-from"),
            Paragraph(change_sentence(reading, area, reading.root)),
            Figure(
                change_chart(reading, reading.root, change, reading.before, reading.latest), "index-change"
            ),
        ]
    return blocks


def _index_table(reading: Reading, area: str) -> Table:
    rows: list[tuple[Spans, ...]] = []
    scores = {one.period: one for one in reading.publication.scores(node=reading.root.code, area=area)}
    for period in measures.periods_between(list(scores)):
        one = scores.get(period)
        if one is None:
            rows.append(((reading.period(period),), (), (), (), (reading.say("没有数据", "no data"),)))
            continue
        rows.append(
            (
                (reading.period(period),),
                (reading.points(area, period, one.node, one.score),),
                (Linked(f"{one.available}/{one.total}", reading.derivation(area, period, one.node)),),
                (Linked(measures.percent(one.coverage), reading.derivation(area, period, one.node)),),
                (reading.say(one.why) if one.score is None else "",),
            )
        )
    return Table(
        reading.say(
            f"{reading.area_title(area)}：历期{reading.title(reading.root.code)}",
            f"{reading.area_title(area)}: {reading.title(reading.root.code)} by period",
        ),
        (
            Column(reading.say("时期", "Period"), share=1.2),
            Column(reading.say("指数", "Index"), True),
            Column(reading.say("有数的指标", "Indicators known"), True, 1.3),
            Column(reading.say("权重覆盖", "Weight covered"), True, 1.3),
            Column(reading.say("说明", "Remark"), share=3),
        ),
        tuple(rows),
    )


def _parts_table(reading: Reading, area: str, node: Node) -> Table:
    rows: list[tuple[Spans, ...]] = []
    for part in reading.parts(area, reading.latest, node.code):
        rows.append(
            (
                (reading.title(part.node),),
                (reading.points(area, reading.latest, part.node, part.score),),
                (measures.number(part.weight),),
                (measures.percent(part.share, 1) if part.share is not None else measures.MISSING,),
                (
                    Linked(
                        measures.number(part.contribution, 2),
                        reading.derivation(area, reading.latest, node.code),
                    ),
                )
                if part.contribution is not None
                else (),
            )
        )
    score = reading.score(area, reading.latest, node.code)
    total = score.score if score else None
    rows.append(
        (
            (reading.title(node.code),),
            (reading.points(area, reading.latest, node.code, total),),
            (),
            (),
            (Linked(measures.number(total, 2), reading.derivation(area, reading.latest, node.code)),),
        )
    )
    return Table(
        reading.say(
            f"{reading.period(reading.latest)}{reading.title(node.code)}的构成",
            f"{reading.title(node.code)} {reading.period(reading.latest)}, line by line",
        ),
        (
            Column(reading.say("项目", "Line"), share=2.6),
            Column(reading.say("得分", "Score"), True),
            Column(reading.say("方法权重", "Weight"), True),
            Column(reading.say("有效权重", "In force"), True, 1.2),
            Column(reading.say("贡献", "Contribution"), True, 1.3),
        ),
        tuple(rows),
    )


def the_areas(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """The areas beside each other: ranking with ties, and a table of every domain."""
    reading = Reading.of(city, publication, language)
    ranked = set(reading.ranked)
    scores = [
        one for one in publication.scores(node=reading.root.code, period=reading.latest) if one.area in ranked
    ]
    known = [one for one in scores if one.score is not None]
    if len(known) < 2:
        return []
    blocks: list[Block] = [
        Paragraph(
            joined(
                ranking_sentence(reading, known),
                ties_sentence(reading, known),
                risers_sentence(reading, known),
            )
        ),
        # without an index of the city as a whole the first page shows the ranking already
        *([Figure(ranking_chart(reading, scores), "ranking")] if reading.area else []),
        _areas_table(reading, scores),
    ]
    if chart := area_multiples(reading):
        blocks.append(Figure(chart, "areas-over-time"))
    blocks.append(
        Paragraph(
            (
                reading.say(
                    "名次只反映本方法和本期数据。得分相近的地区，换一种权重就可能换位，不宜只看名次。",
                    "Ranks hold for this method and these data. Areas with scores close together may change places under "
                    "other weights; do not read the order alone.",
                ),
            )
        )
    )
    return blocks


def _areas_table(reading: Reading, scores: list[Score]) -> Table:
    ordered = sorted(scores, key=lambda one: (one.score is None, -(one.score or 0.0), one.area))
    ranks = rank_texts(scores)
    rows: list[tuple[Spans, ...]] = []
    for one in ordered:
        cells: list[Spans] = [
            (reading.area_title(one.area),),
            (ranks.get(one.area, measures.MISSING),),
            (reading.points(one.area, one.period, one.node, one.score),),
        ]
        for domain in reading.domains:
            found = reading.score(one.area, reading.latest, domain.code)
            cells.append(
                (reading.points(one.area, reading.latest, domain.code, found.score if found else None),)
            )
        rows.append(tuple(cells))
    return Table(
        reading.say(
            f"各地区质量指数与各领域得分，{reading.period(reading.latest)}",
            f"Quality index and domains by area, {reading.period(reading.latest)}",
        ),
        (
            Column(reading.say("地区", "Area"), share=1.7),
            Column(reading.say("名次", "Rank"), True, 0.8),
            Column(reading.say("指数", "Index"), True),
            *(_domain_column(reading, one) for one in reading.domains),
        ),
        tuple(rows),
    )


def _unlike_note(reading: Reading, area: str) -> Note | None:
    """A warning where the years rest on different numbers of indicators; None where all rest on the same."""
    counts = [
        one.available
        for one in reading.publication.scores(node=reading.root.code, area=area)
        if one.score is not None
    ]
    if len(set(counts)) < 2:
        return None
    return Note(
        reading.say("各期不能直接相减", "Do not subtract one period from another"),
        (
            reading.say(
                f"有指数的各期，有数的指标从{min(counts)}项到{max(counts)}项不等，指数的升降有一部分来自公布了什么。"
                "文中的变化都只按两期都有数的指标计算。",
                f"The periods with an index rest on {min(counts)} to {max(counts)} indicators, so part of a rise or fall comes "
                "from what was published. Changes in the text are worked out on the indicators known in both periods.",
            ),
        ),
    )


def _domain_column(reading: Reading, domain: Node) -> Column:
    """A column headed by a domain, wide enough for the longest word of its name."""
    title = reading.title(domain.code).removesuffix("质量")
    longest = max(measures.text_width(word, 1) for word in title.split())
    return Column(title, True, max(1.1, min(longest, 7) / 4.2))
