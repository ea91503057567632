"""The tables of a publication and of its audit, ready for a workbook, a CSV or a page (article 86)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shenzhi.calc.composite.labels import Floats
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.audit import Audit
from shenzhi.pipeline.index.findings import Finding
from shenzhi.pipeline.index.grid import Grid
from shenzhi.pipeline.index.method import Node

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """`key` heads it in a CSV, `title` for people. `format`: text, figure (as given), whole, score (two places), exact
    (four) or share (0..1, shown as per cent). `coded`: the key is the code of a node, which people need to see as well."""

    key: str
    title: Words
    format: str = "text"
    coded: bool = False


@dataclass(frozen=True)
class Table:
    """`name` in one word, `title` for people; `fixed` columns name the row."""

    name: str
    title: Words
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Value]]
    fixed: int = 1


def audit_tables(audit: Audit, found: Sequence[Finding], nodes: Mapping[str, Node]) -> tuple[Table, ...]:
    """What the audit found, and all that it rests on."""
    return tuple(
        table
        for table in (
            _findings(found, nodes),
            _statistics(audit, nodes),
            _correlations(audit, nodes),
            _importance(audit, nodes),
            _groups(audit, nodes),
            _without(audit, nodes),
        )
        if table is not None
    )


def publication_tables(
    grid: Grid, titles: Mapping[str, Words], period: str, *, every_period: bool = True
) -> tuple[Table, ...]:
    """The framework, and scores, ranks, figures, contributions and marks of the period; with `every_period`, scores and
    figures of all periods as well. `titles` names areas by their code."""
    latest = [grid.periods.index(period)]
    every = list(range(len(grid.periods)))
    nodes = list(grid.publication.method.nodes.values())
    leaves = grid.tree.leaves
    indicators = [nodes[leaf] for leaf in leaves]

    def of(
        name: str, title: Words, values: Floats, columns: Sequence[Node], periods: Sequence[int], form: str
    ) -> Table:
        heads = tuple(Column(node.code, node.title, form, coded=True) for node in columns)
        return Table(name, title, (*AREA, PERIOD, *heads), _wide(grid, titles, values, periods), fixed=2)

    scores, raw = grid.scores("score"), grid.parts("raw")[..., leaves - 1]
    tables = [
        framework(grid),
        of("scores", Words("得分", "Scores"), scores, nodes, latest, "score"),
        of("ranks", Words("名次", "Ranks"), grid.scores("rank"), nodes, latest, "whole"),
        of("raw", Words("原始数", "Figures"), raw, indicators, latest, "figure"),
        of(
            "contributions",
            Words("对上一级的贡献", "Contributions"),
            grid.parts("contribution"),
            nodes[1:],
            latest,
            "score",
        ),
        _marks(grid, titles, every if every_period else latest),
    ]
    if every_period and len(every) > 1:
        tables += [
            of("scores_all", Words("各期得分", "Scores by period"), scores, nodes, every, "score"),
            of("raw_all", Words("各期原始数", "Figures by period"), raw, indicators, every, "figure"),
        ]
    return tuple(tables)


AREA = (
    Column("area", Words("区域代码", "Area code")),
    Column("area_zh", Words("区域", "Area, Chinese")),
    Column("area_en", Words("区域（英文）", "Area, English")),
)
PERIOD = Column("period", Words("时期", "Period"))
NODE = (
    Column("node", Words("代码", "Code")),
    Column("node_zh", Words("名称", "Name, Chinese")),
    Column("node_en", Words("名称（英文）", "Name, English")),
)


def _wide(
    grid: Grid, titles: Mapping[str, Words], values: Floats, periods: Sequence[int]
) -> Iterator[Sequence[Value]]:
    for at, area in enumerate(grid.areas):
        title = titles.get(area, Words(area, area))
        for period in periods:
            yield (area, title.zh, title.en, grid.periods[period], *values[at, period].tolist())


def framework(grid: Grid) -> Table:
    """The tree: what stands under what, how it weighs, and how each figure becomes a score."""
    tree = grid.tree
    nodes = list(grid.publication.method.nodes.values())
    shares = np.ones(len(nodes))
    for group in tree.groups:
        below = tree.children[group]
        shares[below] = tree.weight[below] / tree.weight[below].sum()
    columns = (
        *NODE,
        Column("parent", Words("上一级", "Part of")),
        Column("level", Words("层次", "Level"), "whole"),
        Column("weight", Words("权重", "Weight"), "figure"),
        Column("share", Words("在同组的份额", "Share in its group"), "share"),
        Column("effective", Words("在指数中的权重", "Weight in the index"), "share"),
        Column(
            "direction",
            Words("方向（1越高越好，−1越低越好）", "Direction (1: more is better, -1: less)"),
            "whole",
        ),
        Column("normalise", Words("计分", "Scored by")),
        Column("normalise_en", Words("计分（英文）", "Scored by, English")),
        Column("low", Words("低界值", "Low post"), "figure"),
        Column("high", Words("高界值", "High post"), "figure"),
        Column("aggregate", Words("合成", "Combined by")),
        Column("aggregate_en", Words("合成（英文）", "Combined by, English")),
        Column("per", Words("除以", "Divided by")),
        Column("impute", Words("补缺", "Gaps")),
        Column("treat", Words("离群值", "Outliers")),
    )
    rows: list[Sequence[Value]] = []
    for at, node in enumerate(nodes):
        scaled = names.step(names.NORMALISATIONS, node.method, {}) if node.is_leaf else Words("", "")
        mean = names.AGGREGATIONS[node.aggregate] if node.children else Words("", "")
        low, high = node.posts or (None, None)
        rows.append(
            (
                node.code, node.title.zh, node.title.en, node.parent, int(node.level), float(tree.weight[at]),
                float(shares[at]), float(tree.effective_weight[at]), int(node.direction) or None,
                scaled.zh, scaled.en, low, high, mean.zh, mean.en,
                node.per.by if node.per else "", node.impute.method if node.impute else "",
                node.treat.method if node.treat else "",
            )
        )  # fmt: skip
    return Table("framework", Words("框架", "Framework"), columns, rows)


def _marks(grid: Grid, titles: Mapping[str, Words], periods: Sequence[int]) -> Table:
    """Figures that did not enter as they were given: estimated, treated, divided, held at the end of their scale."""
    how, status, capped = grid.words("how"), grid.words("status"), grid.words("capped")
    raw, entered = grid.parts("raw"), grid.parts("entered")
    touched = (how != "") | (status == "imputed") | (capped != "")
    columns = (
        *AREA,
        PERIOD,
        Column("node", Words("指标", "Indicator")),
        Column("raw", Words("给出的数", "As given"), "figure"),
        Column("entered", Words("计分的数", "As scored"), "figure"),
        Column("status", Words("状态", "Status")),
        Column("how", Words("步骤", "Steps")),
        Column("capped", Words("止于端点", "Held at the end of its scale")),
    )

    def rows() -> Iterator[Sequence[Value]]:
        for area, period, node in np.argwhere(touched).tolist():
            if period in periods:
                title = titles.get(grid.areas[area], Words(grid.areas[area], grid.areas[area]))
                spot = area, period, node
                yield (
                    grid.areas[area], title.zh, title.en, grid.periods[period], grid.codes[node + 1], float(raw[spot]),
                    float(entered[spot]), str(status[spot]), str(how[spot]), str(capped[spot]),
                )  # fmt: skip

    return Table("marks", Words("插补与处理", "Estimated and treated"), columns, rows(), fixed=2)


def _named(code: str, nodes: Mapping[str, Node]) -> tuple[str, str, str]:
    node = nodes.get(code)
    return (code, node.title.zh, node.title.en) if node else (code, code, code)


def _findings(found: Sequence[Finding], nodes: Mapping[str, Node]) -> Table:
    columns = (
        Column("kind", Words("种类", "Kind")),
        Column("what_zh", Words("发现", "Finding, Chinese")),
        Column("what_en", Words("发现（英文）", "Finding, English")),
        *NODE,
        Column("other", Words("与", "With")),
        Column("figures_zh", Words("数字", "Figures, Chinese")),
        Column("figures_en", Words("数字（英文）", "Figures, English")),
    )
    rows = [
        (
            finding.kind, finding.what.zh, finding.what.en, *_named(item.codes[0], nodes), "、".join(item.codes[1:]),
            item.told.zh, item.told.en,
        )
        for finding in found
        for item in finding.items
    ]  # fmt: skip
    return Table("findings", Words("发现", "Findings"), columns, rows)


def _statistics(audit: Audit, nodes: Mapping[str, Node]) -> Table:
    one = audit.described
    figures: tuple[tuple[str, Words, str, Any], ...] = (
        ("available", Words("有数的区域", "Areas with a figure"), "whole", one.available),
        ("available_share", Words("占比", "Share of areas"), "share", one.available_share),
        ("least", Words("最低", "Least"), "figure", one.least),
        ("median", Words("中位", "Median"), "figure", one.median),
        ("mean", Words("平均", "Mean"), "exact", one.mean),
        ("most", Words("最高", "Most"), "figure", one.most),
        ("deviation", Words("标准差", "Deviation"), "exact", one.deviation),
        ("skew", Words("偏度", "Skewness"), "score", one.skew),
        ("kurtosis", Words("峰度", "Kurtosis"), "score", one.kurtosis),
        ("nonzero", Words("非零", "Not zero"), "whole", one.nonzero),
        ("unique", Words("不同的数", "Different values"), "whole", one.unique),
        ("periods", Words("有数的时期", "Periods with figures"), "whole", np.array(audit.known_periods)),
    )
    columns = (*NODE, *(Column(key, title, form) for key, title, form, _ in figures))
    rows = [
        (*_named(code, nodes), *(values[at].item() for *_, values in figures))
        for at, code in enumerate(audit.leaves)
    ]
    return Table("statistics", Words("统计", "Statistics"), columns, rows)


def _correlations(audit: Audit, nodes: Mapping[str, Node]) -> Table | None:
    if audit.compared is None:
        return None
    codes = audit.tree.codes
    heads = tuple(Column(code, nodes[code].title, "score", coded=True) for code in codes)
    rows = [(*_named(code, nodes), *audit.compared.r[at].tolist()) for at, code in enumerate(codes)]
    return Table("correlations", Words("相关", "Correlations"), (*NODE, *heads), rows)


def _importance(audit: Audit, nodes: Mapping[str, Node]) -> Table | None:
    if not audit.counts:
        return None
    columns = (
        *NODE,
        Column("parent", Words("所在组", "Group")),
        Column("weight", Words("权重", "Weight"), "share"),
        Column("importance", Words("实际影响", "Counts for"), "share"),
        Column("r", Words("与组的相关", "Correlation with its group"), "score"),
        Column("p", Words("p值", "p"), "exact"),
    )
    rows = [
        (*_named(one.code, nodes), one.parent, one.weight, one.importance, one.r, one.p)
        for one in audit.counts
    ]
    return Table("importance", Words("权重与影响", "Weight and influence"), columns, rows)


def _groups(audit: Audit, nodes: Mapping[str, Node]) -> Table | None:
    if not audit.groups:
        return None
    columns = (
        *NODE,
        Column("children", Words("项数", "Parts"), "whole"),
        Column("alpha", Words("克朗巴赫α", "Cronbach's alpha"), "score"),
        Column("first", Words("第一主成分解释", "First component explains"), "share"),
        Column("dimensions", Words("主要成分数", "Components above 1"), "whole"),
        Column("complete", Words("各项齐全的区域", "Areas with all parts"), "whole"),
    )
    rows = [
        (
            *_named(one.code, nodes), len(one.children), one.alpha, one.explained[0] if one.explained else None,
            one.dimensions if one.explained else None, one.complete,
        )
        for one in audit.groups
    ]  # fmt: skip
    return Table("groups", Words("组", "Groups"), columns, rows)


def _without(audit: Audit, nodes: Mapping[str, Node]) -> Table | None:
    if not audit.without:
        return None
    columns = (
        *NODE,
        Column("moved", Words("去掉后名次平均变动", "Mean change of rank without it"), "score"),
        Column("most", Words("最大变动", "Largest change of rank"), "whole"),
    )
    rows = []
    for left in audit.without:
        for at, code in enumerate(left.codes):
            change = np.abs(left.rank_change[:, at])
            most = float(np.nanmax(change)) if not np.isnan(change).all() else math.nan
            rows.append((*_named(code, nodes), float(left.mean_rank_change[at]), most))
    return Table("leave_out", Words("逐项去掉", "Left out in turn"), columns, rows)
