"""The chapters of the statistical report, each built from questions to one edition (articles 86, 11-71).

A section is a function of city, publication and language; it gives blocks, which a page and a typeset document set
alike. What an edition does not hold is said, not filled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Observation, Publication, Score
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.reports import charts, measures
from shenzhi.pipeline.reports.blocks import (
    Block,
    Column,
    Figure,
    Heading,
    Hero,
    Linked,
    Note,
    Paragraph,
    Points,
    Span,
    Spans,
    Table,
)
from shenzhi.pipeline.reports.frozen import Frozen
from shenzhi.pipeline.reports.reading import MARKS, POINTS, Reading
from shenzhi.pipeline.reports.sentences import (
    change_sentence,
    coverage_sentence,
    moved_most,
    put,
    ranking_sentence,
    score_sentence,
    standing_sentence,
    ties_sentence,
    unpublished_sentence,
)
from shenzhi.pipeline.statistics.indicator import DOMAINS, INDICATORS

Build = Callable[[City, "Publication | Frozen", str], list[Block]]
SIX = ("economy", "culture", "society", "ecology", "urban", "government")


@dataclass(frozen=True)
class Section:
    """A chapter: its anchor, its title, the article it carries out, and how it is built. No blocks: no chapter."""

    code: str
    title: Words
    article: str
    build: Build


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


# --- summary


def summary(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """One page: the figure, what moved it, the six domains, and how much of the method it rests on."""
    reading = Reading(city, publication, language)
    blocks: list[Block] = []
    if city.fictional:
        blocks.append(fictional_note(reading))
    blocks += _summary_of_city(reading) if reading.area else _summary_of_areas(reading)
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
        change_sentence(reading, area, root),
        standing_sentence(reading, area, domains),
        moved_most(reading, area),
        unpublished_sentence(reading, domains),
        coverage_sentence(reading, score),
    ]
    hero = Hero(
        reading.say(
            f"{reading.area_title(area)}质量指数，{reading.period(score.period)}",
            f"Quality index of {reading.area_title(area)}, {reading.period(score.period)}",
        ),
        reading.points(area, score.period, root.code, score.score),
        reading.say(POINTS),
        change_sentence(reading, area, root),
    )
    blocks: list[Block] = [hero, Points(tuple(one for one in statements[1:] if one))]
    chart = domain_multiples(reading, area)
    return [*blocks, *([Figure(chart, "six-domains")] if chart else [])]


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
            f"质量指数最高的地区：{reading.area_title(best.area)}，{reading.period(best.period)}",
            f"Highest quality index: {reading.area_title(best.area)}, {reading.period(best.period)}",
        ),
        reading.points(best.area, best.period, reading.root.code, best.score),
        reading.say(POINTS),
        ranking_sentence(reading, known),
    )
    changes = [
        (change.difference, one.area)
        for one in known
        if (change := reading.change(one.area, reading.root)) is not None
    ]
    moved: list[Spans] = []
    if len(changes) > 1:
        up = sum(amount >= 0.05 for amount, _ in changes)
        amount, code = max(changes)
        if amount >= 0.05:
            moved.append(
                put(
                    reading.say(
                        "与{when}相比，可比的{n}个地区中{up}个上升，{name}升得最多（{by}分）。",
                        "Since {when}, {up} of the {n} areas that can be compared rose; {name} rose most ({by} points).",
                    ),
                    when=reading.period(reading.before),
                    n=str(len(changes)),
                    up=str(up),
                    name=reading.area_title(code),
                    by=Linked(
                        measures.number(amount, 1),
                        reading.derivation(code, reading.latest, reading.root.code),
                    ),
                )
            )
    missing = [reading.area_title(one.area) for one in scores if one.score is None]
    statements: list[Spans] = [ties_sentence(reading, known), *moved]
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
    return [hero, *([Points(points)] if points else []), Figure(chart, "ranking-summary")]


# --- charts of scores


def score_points(reading: Reading, area: str, node: str) -> tuple[charts.Point, ...]:
    scores = reading.publication.scores(node=node, area=area)
    return tuple(charts.Point(one.period, one.score) for one in scores if one.score is not None)


def domain_multiples(reading: Reading, area: str) -> charts.Chart | None:
    """The domains with at least two scored periods, side by side."""
    lines = [
        charts.Line(one.code, one.title, points, reading.colour(one.code))
        for one in reading.domains
        if len(points := score_points(reading, area, one.code)) > 1
    ]
    if len(lines) < 2:
        return None
    place = reading.city.areas[area].title if area in reading.city.areas else Words(area, area)
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
    place = reading.city.areas[area].title if area in reading.city.areas else Words(area, area)
    return charts.trend(
        [charts.Line(node.code, node.title, points, reading.colour(node.code))],
        title=Words(f"{place.zh}：{node.title.zh}", f"{place.en}: {node.title.en}"),
        unit=POINTS,
        source=source_of(reading),
    )


def ranking_chart(reading: Reading, scores: list[Score], node: str = "") -> charts.Chart:
    node = node or reading.root.code
    name = reading.title_words(node)
    ordered = sorted(scores, key=lambda one: (one.score is None, -(one.score or 0.0), one.area))
    ranks = [one.rank for one in ordered if one.score is not None]
    rows = []
    for one in ordered:
        area = reading.city.areas.get(one.area)
        rank = (
            ""
            if one.rank is None or one.score is None
            else f"{one.rank}{'=' if ranks.count(one.rank) > 1 else ''}"
        )
        rows.append(
            charts.Bar(
                one.area,
                area.title if area else Words(one.area, one.area),
                one.score,
                reading.colour(node),
                rank=rank,
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


# --- the index


def the_index(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """The index over time, how it adds up, and where its change came from."""
    reading = Reading(city, publication, language)
    area = reading.area
    if not area:
        return []
    score = reading.score(area, reading.latest)
    if score is None:
        return []
    blocks: list[Block] = [
        Paragraph((*score_sentence(reading, area, score), " ", *change_sentence(reading, area, reading.root)))
    ]
    if chart := score_trend(reading, area, reading.root):
        blocks.append(Figure(chart, "index-trend"))
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
    if change := _change_chart(reading, area):
        blocks += [
            Heading(2, reading.say("变化来自哪里", "Where the change came from"), "where-from"),
            Paragraph(change_sentence(reading, area, reading.root)),
            Figure(change, "index-change"),
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
                (f"{one.available}/{one.total}",),
                (measures.percent(one.coverage),),
                (reading.say(one.why) if one.score is None else "",),
            )
        )
    return Table(
        reading.say(
            f"{reading.area_title(area)}历年质量指数", f"Quality index of {reading.area_title(area)} by year"
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
                (measures.number(part.contribution, 2),),
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
            (measures.number(total, 2),),
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


def _change_chart(reading: Reading, area: str) -> charts.Chart | None:
    change = reading.change(area, reading.root)
    if change is None or len(change.drivers) < 2:
        return None
    effects: dict[str, float] = {}
    for driver in change.drivers:
        code = driver.code
        while reading.method.nodes[code].parent not in ("", reading.root.code):
            code = reading.method.nodes[code].parent
        effects[code] = effects.get(code, 0.0) + driver.effect
    order = [child.code for child in reading.root.children if child.code in effects]
    rows = [
        charts.Bar(code, reading.title_words(code), effects[code], reading.colour(code)) for code in order
    ]
    then, now = measures.period_words(reading.before), measures.period_words(reading.latest)
    alike = (
        Words("", "")
        if change.whole
        else Words(f"（两年都有数的{change.common}项指标）", f" ({change.common} indicators known in both)")
    )
    return charts.contributions(
        rows,
        title=Words(
            f"从{then.zh}到{now.zh}，指数怎样变化{alike.zh}",
            f"How the index moved from {then.en} to {now.en}{alike.en}",
        ),
        unit=POINTS,
        source=source_of(reading),
        start=(then, change.before),
        total=now,
    )


# --- areas


def the_areas(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """The areas beside each other: ranking with ties, and a table of every domain."""
    reading = Reading(city, publication, language)
    ranked = set(reading.ranked)
    scores = [
        one for one in publication.scores(node=reading.root.code, period=reading.latest) if one.area in ranked
    ]
    known = [one for one in scores if one.score is not None]
    if len(known) < 2:
        return []
    blocks: list[Block] = [
        Paragraph((*ranking_sentence(reading, known), " ", *ties_sentence(reading, known))),
        Figure(ranking_chart(reading, scores), "ranking"),
        _areas_table(reading, scores),
    ]
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
    ranks = [one.rank for one in ordered if one.score is not None]
    rows: list[tuple[Spans, ...]] = []
    for one in ordered:
        rank = (
            ""
            if one.rank is None or one.score is None
            else f"{one.rank}{'=' if ranks.count(one.rank) > 1 else ''}"
        )
        cells: list[Spans] = [
            (reading.area_title(one.area),),
            (rank or measures.MISSING,),
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
            *(Column(reading.title(one.code).removesuffix("质量"), True, 1.1) for one in reading.domains),
        ),
        tuple(rows),
    )


# --- domains


def a_domain(code: str, city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """One domain: its score and what moved it, its indicators with figures, and what else is known of it."""
    reading = Reading(city, publication, language)
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
    sentences = [*score_sentence(reading, area, score)]
    before = reading.score(area, reading.before, node.code) if reading.before else None
    if score.score is not None and before is not None and before.score is not None:
        sentences += [" ", *change_sentence(reading, area, node)]
    sentences += [" ", *coverage_sentence(reading, score)]
    blocks: list[Block] = [Paragraph(tuple(sentences))]
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
        values = reading.observed.get(leaf.code, {}).get(area, {})
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
                (reading.points(area, reading.latest, leaf.code, part.score),) if part else (),
                (measures.percent(part.share, 1),) if part and part.share else (),
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
        Column(reading.say("得分", "Score"), True, 0.9),
        Column(reading.say("权重", "Weight"), True, 0.9),
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
            Paragraph((*ranking_sentence(reading, known), " ", *ties_sentence(reading, known))),
            Figure(ranking_chart(reading, scores, node.code), f"{node.code}-ranking"),
        ]
    blocks.append(_spread_table(reading, node))
    return blocks


def _spread_table(reading: Reading, node: Node) -> Table:
    """For each indicator its least, middle and largest value among the areas, with the areas' names."""
    rows: list[tuple[Spans, ...]] = []
    shown: list[Observation] = []
    for leaf in reading.leaves(node):
        by_area = reading.observed.get(leaf.code, {})
        values = sorted(
            (found for code in reading.ranked if (found := by_area.get(code, {}).get(reading.latest))),
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
            Column(reading.say("最小", "Least"), True, 2.0),
            Column(reading.say("最大", "Most"), True, 2.0),
        ),
        tuple(rows),
        note=note_of_marks(reading, shown),
    )


def _other_figures(reading: Reading, domain: str, inside: set[str]) -> Table | None:
    """Indicators of the domain that the index does not count: the latest value known and the one before it."""
    rows: list[tuple[Spans, ...]] = []
    shown: list[Observation] = []
    for code, by_area in reading.observed.items():
        known = INDICATORS.get(code)
        if known is None or known.domain != domain or code in inside or reading.subject not in by_area:
            continue
        values = by_area[reading.subject]
        *earlier, last = sorted(values)
        cells: list[Span] = [reading.value(values[last])]
        shown.append(values[last])
        if earlier:
            shown.append(values[earlier[-1]])
        rows.append(
            (
                (Linked(reading.say(known.title), reading.indicator_page(code)),),
                (Linked(known.article, reading.article_page(known.article)),),
                (reading.say(known.unit),),
                (last,),
                tuple(cells),
                (earlier[-1],) if earlier else (),
                (reading.value(values[earlier[-1]]),) if earlier else (),
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
        ),
        tuple(rows),
        note=note_of_marks(reading, shown),
    )


SECTIONS: list[Section] = [
    Section("summary", Words("要点", "Key findings"), "86", summary),
    Section("index", Words("质量指数", "The quality index"), "86", the_index),
    Section("areas", Words("各地区", "The areas"), "86", the_areas),
    *(Section(code, DOMAINS[code], "86", partial(a_domain, code)) for code in (*SIX, "standards")),
]
