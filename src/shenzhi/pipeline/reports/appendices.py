"""The back of the report: what is missing, what was revised, how it was reckoned, from where, and how to check it (article 86)."""

from __future__ import annotations

from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Observation, Publication
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.reports import measures
from shenzhi.pipeline.reports.blocks import (
    Block,
    Column,
    Linked,
    Paragraph,
    Points,
    Span,
    Spans,
    Table,
)
from shenzhi.pipeline.reports.frozen import Frozen
from shenzhi.pipeline.reports.reading import Reading
from shenzhi.pipeline.reports.sentences import (
    coverage_sentence,
    joined,
    provisional_sentence,
    unpublished_sentence,
)

MOST_REVISIONS = 60


# --- coverage


def coverage(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """How much of the method the figures cover, by domain, and for each indicator the years that are known."""
    reading = Reading.of(city, publication, language)
    blocks: list[Block] = []
    if reading.area:
        area = reading.area
        score = reading.score(area, reading.latest)
        if score is None:
            return []
        domains = [
            found for one in reading.domains if (found := reading.score(area, reading.latest, one.code))
        ]
        counts: dict[str, int] = {}
        for leaf in reading.method.leaves:
            one = reading.values(leaf.code, area).get(reading.latest)
            if one:
                counts[one.status] = counts.get(one.status, 0) + 1
        told = joined(
            coverage_sentence(reading, score),
            provisional_sentence(reading, counts),
            unpublished_sentence(reading, domains),
        )
        blocks += [Paragraph(told), _domain_coverage(reading, area), _known_years(reading, area)]
    else:
        blocks += [
            Paragraph(
                (
                    reading.say(
                        "下表是各地区在本期有数的指标数和所占的方法权重。",
                        "The table shows for each area how many indicators have figures and how much of the method's "
                        "weight they carry.",
                    ),
                )
            ),
            _area_coverage(reading),
        ]
    rule = reading.method.root_threshold
    blocks.append(
        Paragraph(
            (
                reading.say(
                    f"有数的指标不足总权重的{measures.percent(rule)}时，指数不发布；"
                    f"领域不足{measures.percent(reading.method.node_threshold)}时，领域得分不发布。",
                    f"The index is not published when its figures carry less than {measures.percent(rule)} of the weight; "
                    f"a domain's score is not when they carry less than {measures.percent(reading.method.node_threshold)}.",
                ),
            )
        )
    )
    return blocks


def _domain_coverage(reading: Reading, area: str) -> Table:
    rows: list[tuple[Spans, ...]] = []
    for node in (*reading.domains, reading.root):
        one = reading.score(area, reading.latest, node.code)
        if one:
            rows.append(
                (
                    (reading.title(node.code),),
                    (f"{one.available}/{one.total}",),
                    (measures.percent(one.coverage),),
                    (reading.points(area, reading.latest, node.code, one.score),),
                    (reading.say(one.why),) if one.score is None else (),
                )
            )
    return Table(
        reading.say(
            f"各领域的数据覆盖，{reading.period(reading.latest)}",
            f"Coverage by domain, {reading.period(reading.latest)}",
        ),
        (
            Column(reading.say("领域", "Domain"), share=2.4),
            Column(reading.say("有数的指标", "Indicators known"), True, 1.4),
            Column(reading.say("权重覆盖", "Weight covered"), True, 1.4),
            Column(reading.say("得分", "Score"), True),
            Column(reading.say("说明", "Remark"), share=3),
        ),
        tuple(rows),
    )


def _known_years(reading: Reading, area: str) -> Table:
    rows: list[tuple[Spans, ...]] = []
    for leaf in reading.method.leaves:
        known = sorted(set(reading.values(leaf.code, area)) & set(reading.periods))
        rows.append(
            (
                (Linked(reading.title(leaf.code), reading.indicator_page(leaf.code)),),
                (f"{len(known)}/{len(reading.periods)}",),
                (_stretches(known, reading.periods),),
                (reading.say("有", "yes") if reading.latest in known else reading.say("无", "no"),),
            )
        )
    return Table(
        reading.say("计入指数的各项指标有数的时期", "Periods for which each indicator of the index is known"),
        (
            Column(reading.say("指标", "Indicator"), share=3),
            Column(reading.say("期数", "Periods"), True, 0.9),
            Column(reading.say("有数的时期", "Known for"), share=3),
            Column(reading.period(reading.latest), share=0.9),
        ),
        tuple(rows),
    )


def _stretches(known: list[str], periods: list[str]) -> str:
    """2012–2015, 2017, 2019–2024: unbroken stretches of the periods scored."""
    stretches: list[list[str]] = []
    for period in known:
        follows = stretches and periods.index(period) == periods.index(stretches[-1][-1]) + 1
        if follows:
            stretches[-1].append(period)
        else:
            stretches.append([period])
    said = [one[0] if len(one) == 1 else f"{one[0]}–{one[-1]}" for one in stretches]
    return ", ".join(said)


def _area_coverage(reading: Reading) -> Table:
    rows: list[tuple[Spans, ...]] = []
    for one in reading.publication.scores(node=reading.root.code, period=reading.latest):
        rows.append(
            (
                (reading.area_title(one.area),),
                (f"{one.available}/{one.total}",),
                (measures.percent(one.coverage),),
                (reading.points(one.area, one.period, one.node, one.score),),
                (reading.say(one.why),) if one.score is None else (),
            )
        )
    return Table(
        reading.say(
            f"各地区的数据覆盖，{reading.period(reading.latest)}",
            f"Coverage by area, {reading.period(reading.latest)}",
        ),
        (
            Column(reading.say("地区", "Area"), share=2),
            Column(reading.say("有数的指标", "Indicators known"), True, 1.4),
            Column(reading.say("权重覆盖", "Weight covered"), True, 1.4),
            Column(reading.say("指数", "Index"), True),
            Column(reading.say("说明", "Remark"), share=3),
        ),
        tuple(rows),
    )


# --- revisions


def revisions(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """Values that were published more than once: what was said first, what is said now."""
    reading = Reading.of(city, publication, language)
    history: dict[tuple[str, str, str], list[Observation]] = {}
    for one in publication.revised():
        history.setdefault((one.indicator, one.area, one.period), []).append(one)
    revised = {key: found for key, found in history.items() if len(found) > 1}
    if not revised:
        return [
            Paragraph(
                (reading.say("本版的数字都没有修订过。", "No figure of this edition has been revised."),)
            )
        ]
    changed = {key: found for key, found in revised.items() if found[0].value != found[-1].value}
    shown = sorted(changed, key=lambda key: (key[2], key[0], key[1]), reverse=True)[:MOST_REVISIONS]
    rows: list[tuple[Spans, ...]] = []
    for key in shown:
        first, last = changed[key][0], changed[key][-1]
        rows.append(
            (
                (reading.title(key[0]),),
                (reading.area_title(key[1]),),
                (key[2],),
                (measures.given(first.value, reading.decimals(key[0])),),
                (reading.value(last),),
                (str(len(changed[key])),),
                (last.known_on or measures.MISSING,),
            )
        )
    told = reading.say(
        f"{len(revised)}个数字公布过不止一次，其中{len(changed)}个先后数值不同。每次公布的数都保留，可以逐一查到。",
        f"{len(revised)} figures were published more than once; {len(changed)} of them changed. Every value is kept and can "
        "be looked up.",
    )
    if len(shown) < len(changed):
        told += reading.say(f"下表列出最近的{len(shown)}个。", f" The table lists the latest {len(shown)}.")
    blocks: list[Block] = [Paragraph((told,))]
    if rows:
        blocks.append(
            Table(
                reading.say("数值有变动的数字", "Figures whose value changed"),
                (
                    Column(reading.say("指标", "Indicator"), share=2.8),
                    Column(reading.say("地区", "Area"), share=1.2),
                    Column(reading.say("时期", "Period"), True, 0.9),
                    Column(reading.say("最初", "First"), True, 1.3),
                    Column(reading.say("现在", "Now"), True, 1.3),
                    Column(reading.say("公布次数", "Times"), True, 0.9),
                    Column(reading.say("公布日", "Known on"), True, 1.3),
                ),
                tuple(rows),
            )
        )
    return blocks


# --- method


def the_method(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """The method in words, then its tree with weights and posts."""
    reading = Reading.of(city, publication, language)
    method = reading.method
    means = sorted({node.aggregate for node in method.root.walk() if not node.is_leaf})
    scalings = sorted({leaf.method for leaf in method.leaves})
    scaled = reading.listed([reading.say(names.NORMALISATIONS[one]) for one in scalings])
    averaged = reading.listed([reading.say(names.AGGREGATIONS[one]) for one in means])
    missing = (
        reading.say(
            "没有数据的指标不计分，由同组其余指标按权重分担",
            "an indicator without a figure does not count; the others of its group share its weight",
        )
        if method.missing == "renormalise"
        else reading.say("缺一项指标，上级就没有得分", "a group with an indicator missing has no score")
    )
    steps: tuple[Spans, ...] = (
        (
            reading.say(
                f"每项指标按界值换算成得分：{scaled}；逆指标先转换方向。",
                f"Each indicator is turned into a score: {scaled}; where less is better it is turned round first.",
            ),
        ),
        (
            reading.say(
                f"得分逐级加权汇总：{averaged}；同组各项的权重相对比较。",
                f"Scores are combined level by level: {averaged}; weights count among the members of a group.",
            ),
        ),
        (reading.say(f"缺数：{missing}。", f"Missing figures: {missing}."),),
        (
            reading.say(
                "每个数的推算过程都能打开，一直查到原始文件的那一行。",
                "The derivation of every figure can be opened, down to the row of the file that it came from.",
            ),
        ),
    )
    about: list[Span] = [
        reading.say("本报告采用方法“", "This report uses the method "),
        Linked(reading.say(method.title), reading.method_page()),
        reading.say(
            f"”（{method.id}，第{method.version}版）。", f" ({method.id}, version {method.version})."
        ),
    ]
    if method.note.zh:
        about += [reading.say("", " "), reading.say(method.note)]
    blocks: list[Block] = [Paragraph(tuple(about)), Points(steps)]
    for domain in reading.domains:
        blocks.append(_weights(reading, domain))
    alone = [child for child in method.root.children if child.is_leaf]
    if alone:
        blocks.append(_weights(reading, method.root))
    return blocks


def _weights(reading: Reading, domain: Node) -> Table:
    share = _shares(reading.root)
    rows: list[tuple[Spans, ...]] = []
    for leaf in reading.leaves(domain):
        posts = leaf.posts
        written = (
            f"{measures.number(posts[0])} – {measures.number(posts[1])}"
            if posts
            else reading.say("观测值", "observed")
        )
        rows.append(
            (
                (Linked(reading.title(leaf.code), reading.indicator_page(leaf.code)),),
                (reading.say("越高越好", "more") if leaf.direction > 0 else reading.say("越低越好", "less"),),
                (measures.percent(share[leaf.code], 2),),
                (written,),
                (reading.say(reading.unit_words(leaf.code)),),
            )
        )
    total = measures.percent(share[domain.code], 1)
    return Table(
        reading.say(
            f"{reading.title(domain.code)}：指标、权重与界值（占指数{total}）",
            f"{reading.title(domain.code)}: indicators, weights and posts ({total} of the index)",
        ),
        (
            Column(reading.say("指标", "Indicator"), share=3.2),
            Column(reading.say("方向", "Better is"), share=1.1),
            Column(reading.say("占指数", "Of index"), True, 1.0),
            Column(reading.say("界值", "Posts"), True, 1.8),
            Column(reading.say("单位", "Unit"), share=1.6),
        ),
        tuple(rows),
    )


def _shares(root: Node) -> dict[str, float]:
    """The part of the whole weight that each node has when every figure is known."""
    found = {root.code: 1.0}
    for node in root.walk():
        total = sum(child.weight for child in node.children)
        for child in node.children:
            found[child.code] = found[node.code] * child.weight / total
    return found


# --- colophon


def colophon(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """Which edition this is, and how anyone can reckon it again."""
    reading = Reading.of(city, publication, language)
    manifest = publication.manifest
    method = manifest.get("method", {})
    code = manifest.get("code", {})
    facts: list[tuple[str, Spans]] = [
        (reading.say("版本", "Edition"), (publication.edition,)),
        (reading.say("发布时间", "Published"), (publication.created_at,)),
        (reading.say("方法", "Method"), (f"{method.get('id', '')} {method.get('version', '')}",)),
        (
            reading.say("方法文件 SHA-256", "Method file SHA-256"),
            (str(method.get("sha256", reading.method.sha256)),),
        ),
        (reading.say("程序版本", "Program"), (f"Shenzhi {code.get('version', '')}",)),
        (reading.say("程序 SHA-256", "Program SHA-256"), (str(code.get("sha256", "")),)),
    ]
    return [
        Table(
            reading.say("本版的身份", "What this edition is"),
            (Column(reading.say("项目", "Item"), share=1.2), Column(reading.say("内容", "Content"), share=4)),
            tuple(((name,), spans) for name, spans in facts),
        ),
        Paragraph(
            (
                reading.say(
                    "任何人都可以用同一份方法、数据和程序重新计算：运行 shenzhi index verify --city "
                    f"{city.slug}，程序逐项比对，或者说全部相等，或者指出第一处不同。",
                    "Anyone can reckon it again from the same method, data and program: run shenzhi index verify --city "
                    f"{city.slug}; it says equal, or names the first difference.",
                ),
            )
        ),
        Paragraph(
            (
                reading.say(
                    "报告中的每个得分和数字都链接到推算页。报告旁的 manifest.json 记下了写作时问过本版的每一个问题和答案的散列值。",
                    "Every score and figure in the report links to its derivation. manifest.json beside the report keeps every "
                    "question asked of the edition, with the hash of the answer.",
                ),
            )
        ),
    ]
