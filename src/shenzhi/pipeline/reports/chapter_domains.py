"""One chapter for each domain: its score, its indicators with figures, what is missing, what else is known (articles 11-71)."""

from __future__ import annotations

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Observation, Publication
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.reports import measures
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
from shenzhi.pipeline.reports.multiples import sparkline
from shenzhi.pipeline.reports.pictures import (
    note_of_marks,
    ranking_chart,
    score_trend,
)
from shenzhi.pipeline.reports.reading import Reading
from shenzhi.pipeline.reports.sentences import (
    change_sentence,
    coverage_sentence,
    joined,
    ranking_sentence,
    risers_sentence,
    score_sentence,
    ties_sentence,
)
from shenzhi.pipeline.statistics import INDICATORS


def a_domain(code: str, city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """One domain: its score and what moved it, its indicators with figures, and what else is known of it."""
    reading = Reading.of(city, publication, language)
    node = reading.method.nodes.get(code)
    blocks: list[Block] = []
    if node is not None and not node.is_leaf:
        blocks += _domain_of_city(reading, node) if reading.area else _domain_of_areas(reading, node)
    inside = {one.code for one in reading.leaves(node)} if node is not None else set()
    others = _other_figures(reading, code, inside)
    if others:
        if blocks:
            name = reading.say("指数之外的数字", "Figures outside the index")
            blocks.append(Heading(2, name, f"{code}-others"))
        else:
            blocks.append(
                Paragraph(
                    (
                        reading.say(
                            "本领域的指标没有计入指数。",
                            "The index does not count indicators of this domain.",
                        ),
                    )
                )
            )
        blocks.append(others)
    return blocks


def _domain_of_city(reading: Reading, node: Node) -> list[Block]:
    assert reading.area
    area = reading.area
    score = reading.score(area, reading.latest, node.code)
    if score is None:
        return []
    before = reading.score(area, reading.before, node.code) if reading.before else None
    compared = score.score is not None and before is not None and before.score is not None
    blocks: list[Block] = [
        Paragraph(
            joined(
                score_sentence(reading, area, score),
                change_sentence(reading, area, node) if compared else (),
                coverage_sentence(reading, score),
            )
        )
    ]
    if chart := score_trend(reading, area, node):
        blocks.append(Figure(chart, f"{node.code}-trend"))
    return [*blocks, *_indicator_table(reading, area, node)]


def _indicator_table(reading: Reading, area: str, node: Node) -> list[Block]:
    parts = {
        part.node: (part, group.code)
        for group in node.walk()
        if not group.is_leaf
        for part in reading.parts(area, reading.latest, group.code)
        if part.leaf
    }
    rows: list[tuple[Spans, ...]] = []
    shown: list[Observation] = []
    missing: list[str] = []
    for leaf in reading.leaves(node):
        values = reading.values(leaf.code, area)
        now, then = values.get(reading.latest), values.get(reading.before)
        part = parts[leaf.code][0] if leaf.code in parts else None
        shown += [one for one in (now, then) if one]
        if now is None:
            missing.append(reading.title(leaf.code))
        known = reading.indicator(leaf.code)
        rows.append(
            (
                (Linked(reading.title(leaf.code), reading.indicator_page(leaf.code)),),
                (Linked(known.article, reading.article_page(known.article)),) if known else (),
                (reading.say(reading.unit_words(leaf.code)),),
                (reading.value(now),) if now else (),
                (reading.value(then),) if then else (),
                _course(reading, leaf.code, area),
                (reading.points(area, reading.latest, leaf.code, part.score),) if part else (),
                (
                    Linked(
                        measures.percent(part.share, 1), reading.derivation(area, reading.latest, part.parent)
                    ),
                )
                if part and part.share
                else (),
            )
        )
    table = Table(
        reading.say(
            f"{reading.title(node.code)}：计入指数的指标",
            f"{reading.title(node.code)}: indicators in the index",
        ),
        _indicator_columns(reading),
        tuple(rows),
        note=note_of_marks(reading, shown),
    )
    blocks: list[Block] = [table]
    if missing:
        blocks.append(missing_note(reading, missing))
    return blocks


def _indicator_columns(reading: Reading) -> tuple[Column, ...]:
    before = reading.period(reading.before) if reading.before else reading.say("上期", "Before")
    return (
        Column(reading.say("指标", "Indicator"), share=3.4),
        Column(reading.say("条", "Art."), True, 0.6),
        Column(reading.say("单位", "Unit"), share=1.5),
        Column(reading.period(reading.latest), True, 1.4),
        Column(before, True, 1.4),
        Column(reading.say("走势", "Course"), share=1.5),
        Column(reading.say("得分", "Score"), True, 0.9),
        Column(reading.say("有效权重", "In force"), True, 1.2),
    )


def missing_note(reading: Reading, names: list[str]) -> Note:
    return Note(
        reading.say(
            f"{reading.period(reading.latest)}没有数据", f"No figure for {reading.period(reading.latest)}"
        ),
        (
            reading.listed(names, most=40)
            + reading.say(
                "。没有数据的指标不计入得分，也不用别的数代替；其余指标按方法分担权重。"
                if reading.method.missing == "renormalise"
                else "。没有数据的指标不用别的数代替。",
                ". They do not count and nothing stands in for them; the others share their weight as the method says."
                if reading.method.missing == "renormalise"
                else ". Nothing stands in for them.",
            ),
        ),
    )


def _domain_of_areas(reading: Reading, node: Node) -> list[Block]:
    ranked = set(reading.ranked)
    scores = [
        one for one in reading.publication.scores(node=node.code, period=reading.latest) if one.area in ranked
    ]
    known = [one for one in scores if one.score is not None]
    blocks: list[Block] = []
    if len(known) > 1:
        blocks += [
            Paragraph(
                joined(
                    ranking_sentence(reading, known),
                    ties_sentence(reading, known),
                    risers_sentence(reading, known),
                )
            ),
            Figure(ranking_chart(reading, scores, node.code), f"{node.code}-ranking"),
        ]
    blocks.append(_spread_table(reading, node))
    return blocks


def _spread_table(reading: Reading, node: Node) -> Table:
    """For each indicator its least, middle and largest value among the areas, with the areas' names."""
    rows: list[tuple[Spans, ...]] = []
    shown: list[Observation] = []
    ranked = set(reading.ranked)
    for leaf in reading.leaves(node):
        values = sorted(
            (
                one
                for one in reading.publication.observations(indicator=leaf.code, period=reading.latest)
                if one.area in ranked
            ),
            key=lambda one: (one.value, one.area),
        )
        known = reading.indicator(leaf.code)
        row: list[Spans] = [
            (Linked(reading.title(leaf.code), reading.indicator_page(leaf.code)),),
            (Linked(known.article, reading.article_page(known.article)),) if known else (),
            (reading.say(reading.unit_words(leaf.code)),),
            (f"{len(values)}/{len(reading.ranked)}",),
        ]
        ends = (values[0], values[-1]) if values else ()
        shown += ends
        row += [(reading.value(one), f" {reading.area_title(one.area)}") for one in ends] or [(), ()]
        rows.append(tuple(row))
    return Table(
        reading.say(
            f"{reading.title(node.code)}：各项指标在地区间的差别，{reading.period(reading.latest)}",
            f"{reading.title(node.code)}: spread of the indicators among areas, {reading.period(reading.latest)}",
        ),
        (
            Column(reading.say("指标", "Indicator"), share=3.0),
            Column(reading.say("条", "Art."), True, 0.6),
            Column(reading.say("单位", "Unit"), share=1.4),
            Column(reading.say("有数地区", "Known"), True, 1.0),
            Column(reading.say("最小", "Least"), True, 2.5),
            Column(reading.say("最大", "Most"), True, 2.5),
        ),
        tuple(rows),
        note=note_of_marks(reading, shown),
    )


def _other_figures(reading: Reading, domain: str, inside: set[str]) -> Table | None:
    """Indicators of the domain that the index does not count: the latest value known and the one before it."""
    rows: list[tuple[Spans, ...]] = []
    shown: list[Observation] = []
    for code, values in reading.of_subject.items():
        known = INDICATORS.get(code)
        if known is None or known.domain != domain or code in inside:
            continue
        *earlier, last = sorted(values)
        shown.append(values[last])
        if earlier:
            shown.append(values[earlier[-1]])
        rows.append(
            (
                (Linked(reading.say(known.title), reading.indicator_page(code)),),
                (Linked(known.article, reading.article_page(known.article)),),
                (reading.say(known.unit),),
                (last,),
                (reading.value(values[last]),),
                (earlier[-1],) if earlier else (),
                (reading.value(values[earlier[-1]]),) if earlier else (),
                _course(reading, code, reading.subject),
            )
        )
    if not rows:
        return None
    place = reading.area_title(reading.subject)
    return Table(
        reading.say(
            f"{reading.title(domain)}：其他已公布的数字（{place}）",
            f"{reading.title(domain)}: other figures known ({place})",
        ),
        (
            Column(reading.say("指标", "Indicator"), share=3.2),
            Column(reading.say("条", "Art."), True, 0.6),
            Column(reading.say("单位", "Unit"), share=1.5),
            Column(reading.say("最近时期", "Latest"), True, 1.0),
            Column(reading.say("数值", "Value"), True, 1.4),
            Column(reading.say("此前时期", "Before"), True, 1.0),
            Column(reading.say("数值", "Value"), True, 1.4),
            Column(reading.say("走势", "Course"), share=1.5),
        ),
        tuple(rows),
        note=note_of_marks(reading, shown),
    )


def _course(reading: Reading, code: str, area: str) -> Spans:
    """The values of an indicator as a line the size of a word; nothing where fewer than three are known."""
    values = reading.values(code, area)
    if len(values) < 3 or len({len(period) for period in values}) > 1:
        return ()
    periods = measures.periods_between(list(values))
    course = [values[period].value if period in values else None for period in periods]
    title = reading.title_words(code)
    span = Words(f"{title.zh}，{periods[0]}–{periods[-1]}", f"{title.en}, {periods[0]}–{periods[-1]}")
    colour = reading.colour(reading.domain_of(code))
    return (
        sparkline(course, title=span, colour=colour, decimals=reading.decimals(code), width=84, height=18),
    )
