"""The index as a query over a wide table, so that tables larger than memory are scored where they lie (article 86).

    wide table: area, period, a column for each indicator   ->   area, period, columns for each group of the tree

The same method file, as one Ibis expression that DuckDB and Spark run alike (`wide` runs it on DuckDB, within a given
memory). Its figures are those of `run.compute`. What a query does not say (treatment of outliers, comparing every two
areas) is refused with the node and the rule.

A missing value is NULL, and so is a score that is withheld. Where `compute` refuses data (an infinite value, equal values
in a frame, a score of 0 under a geometric mean) a query cannot stop: the score is then no finite number, and neither is
any above it, up to the index. So such a figure never passes for a result; `wide` looks for it, stops and says why.
"""

from __future__ import annotations

import math
import operator
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, Column, NumericValue, Table, Value

from shenzhi.calc.composite.screening import SLACK
from shenzhi.pipeline.index.expressible import FIGURES, MEANS, NAN, asked_faults, faults_of
from shenzhi.pipeline.index.method import Method, Node
from shenzhi.pipeline.index.scope import IndexFault

NOTHING = ibis.null("float64")
WHOLE = 2.0**51  # a double beyond this has no digit after the point left to round


def scores(
    method: Method,
    table: Table,
    frame: Table | None = None,
    *,
    nodes: Sequence[str] | None = None,
    show: Sequence[str] = ("score", "coverage"),
) -> Table:
    """The index of every row of `table` that the method takes: `area`, `period` and, for each of `nodes`, what `show` asks.

    `nodes` are codes of groups or indicators; all groups when left out. `show` is taken from FIGURES: a score stands in
    the column named after its node, the others in code_coverage (share of the weight below that entered, 0..1),
    code_available (how many indicators entered), code_rank and code_rank_of (in the period; only these need a sort).
    `frame` is what the function `frame` gave, computed already; without it, it becomes part of the query.

    IndexFault names every node, rule and column with which this cannot be done. It reads no row: areas that come twice
    in a period, and periods of different length, are found by `wide` alone."""
    faults = faults_of(method, table) + asked_faults(method, nodes, show)
    if faults:
        raise IndexFault(faults)
    groups = [node.code for node in method.nodes.values() if not node.is_leaf]
    asked = [*dict.fromkeys(groups if nodes is None else nodes)]
    rows = rows_of(method, table)
    if any(map(is_observed, method.leaves)):
        # one row, or one for each period: an engine sends it to wherever the rows are
        ends = _ends(method, frame if frame is not None else frame_of(method, rows))
        rows = rows.left_join(ends, "period") if "period" in ends.columns else rows.cross_join(ends)
    place = {code: at for at, code in enumerate(method.nodes)}
    scored = _scored(method, rows)
    climbed = _climbed(method, scored, place, asked)
    return _shown(method, climbed, place, asked, show)


def frame(method: Method, table: Table) -> Table | None:
    """What was observed of the indicators that the method gives no posts for: code_least, code_most and, for z-scores,
    code_mean and code_sd, over the rows that the method takes. None when there are no such indicators.

    One row; or, if each period is a frame of its own, one for each `period`."""
    faults = faults_of(method, table)
    if faults:
        raise IndexFault(faults)
    return frame_of(method, rows_of(method, table)) if any(map(is_observed, method.leaves)) else None


def is_observed(leaf: Node) -> bool:
    """Whether an indicator is scored by what was observed, rather than by posts of the method."""
    return leaf.posts is None


def rows_of(method: Method, table: Table) -> Table:
    """The rows that the method takes: area, period, and by the place of each node the indicator (x1, x2, ...) as a
    double, NULL where it is missing; `kept`, where the method asks how many indicators a row has."""
    conditions = _taken(method, table)
    taken = table.filter(*conditions) if conditions else table
    period = ibis.literal(method.layout.fixed_period) if method.layout.fixed_period else None
    rows = taken.select(
        area=taken[method.layout.area].cast("string"),
        period=taken[method.layout.period].cast("string") if period is None else period,
        **{f"x{at}": _number(taken[node.code]) for at, node in _leaves(method)},
    ).view()
    if method.unit_threshold <= SLACK:
        return rows
    present = _added(rows[f"x{at}"].notnull().cast("int64") for at, _ in _leaves(method))
    return rows.mutate(kept=present / len(method.leaves) >= method.unit_threshold - SLACK).view()


def frame_of(method: Method, rows: Table) -> Table:
    """As `frame`, from what `rows_of` gives."""
    if "kept" in rows.columns:
        rows = rows.filter(rows["kept"])
    if method.frame == "base":
        rows = rows.filter(rows["period"].isin(method.base))
    figures: dict[str, Value] = {}
    for at, leaf in _leaves(method):
        if is_observed(leaf):
            x = rows[f"x{at}"]
            figures |= {f"{leaf.code}_least": x.min(), f"{leaf.code}_most": x.max()}
            if leaf.method == "zscore":
                # Engines fail on the deviation of infinite values; that there are any, least and most tell.
                finite = ~not_finite(x)
                figures[f"{leaf.code}_mean"] = x.mean(where=finite)
                figures[f"{leaf.code}_sd"] = x.std(where=finite, how="sample")
    by = ["period"] if method.frame == "period" else []
    return rows.aggregate(by=by, **figures)


def not_finite(x: Any) -> Any:
    """Infinite or NaN, which engines hold for greater than any number. (Ibis says no infinity to Spark.)"""
    return x.abs() > sys.float_info.max


def _is_there(x: Any) -> Any:
    """Not NULL. Ibis has Spark take NaN for NULL, but here NaN says that a figure is wrong, not that it is missing."""
    return (x > 0).notnull()


def _leaves(method: Method) -> list[tuple[int, Node]]:
    return [(at, node) for at, node in enumerate(method.nodes.values()) if node.is_leaf]


def _number(column: Column) -> NumericValue:
    """A double, with NULL for "not a number", by which tables made from data frames say that nothing is there."""
    number = column.cast("float64")
    return number.nullif(NAN) if column.type().is_floating() else number


def _added(terms: Iterable[Any]) -> Any:
    """The sum, some dozens at a time: an engine has a limit to how deep an expression may be."""
    sums = list(terms)
    while len(sums) > 1:
        sums = [reduce(operator.add, sums[at : at + 64]) for at in range(0, len(sums), 64)]
    return sums[0]


def _ends(method: Method, observed: Table) -> Table:
    """b and d with the place of each indicator that is scored by what was observed: where its scale begins (the worst
    value, or the mean), and how far it is from there to the best (or the deviation), as in `_scored`.

    d is NaN where a frame does not tell values apart or has an infinite one, and so is every score made with it."""
    columns: dict[str, Value] = {"period": observed["period"]} if method.frame == "period" else {}
    for at, leaf in _leaves(method):
        if not is_observed(leaf):
            continue
        least, most = (observed[f"{leaf.code}_{end}"] for end in ("least", "most"))
        unfit = (least == most) | not_finite(least) | not_finite(most)
        worst, best = (least, most)[:: leaf.direction]
        begin, distance = worst, best - worst
        if leaf.method == "zscore":
            begin, distance = (
                observed[f"{leaf.code}_mean"],
                observed[f"{leaf.code}_sd"] * float(leaf.direction),
            )
        columns |= {f"b{at}": begin, f"d{at}": unfit.ifelse(NAN, distance)}
    return observed.select(**columns).view()


def _scored(method: Method, rows: Table) -> Table:
    """area, period, kept, and s1, s2, ...: the score of each indicator."""
    columns = {name: rows[name] for name in ("area", "period", "kept") if name in rows.columns}
    for at, leaf in _leaves(method):
        if leaf.posts is None:
            begin, distance = rows[f"b{at}"], rows[f"d{at}"]
        else:
            worst, best = leaf.posts[:: leaf.direction]
            begin, distance = worst, best - worst
        columns[f"s{at}"] = _score(leaf, (rows[f"x{at}"] - begin) / distance)
    return rows.select(**columns).view()


def _score(leaf: Node, share: Any) -> Any:
    """The score, from the share of the way from where the scale begins to its other end."""
    given = leaf.parameters
    if leaf.method == "zscore":
        return _line(share, given["mean"], given["sd"])
    if leaf.method == "goalposts" or given.get("cap"):
        # Most values lie between the posts, so that is asked first. What is not finite is not held at a post.
        share = ibis.cases(
            (share.between(0.0, 1.0), share),
            (not_finite(share), NAN),
            (share < 0, 0.0),
            (share > 1, 1.0),
            else_=NOTHING,
        )
    elif leaf.method == "efficacy_exponential":
        share = not_finite(share).ifelse(NAN, share)  # or exp would make a score of 0 of it
    if leaf.method == "efficacy_exponential":
        return (share * math.log(given["upper"] / given["lower"])).exp() * float(given["lower"])
    return _line(share, given["lower"], given["upper"] - given["lower"])


def _line(share: Any, at_0: float, span: float) -> Any:
    grown = share if span == 1 else share * float(span)
    return grown if at_0 == 0 else grown + float(at_0)


def _climbed(method: Method, table: Table, place: Mapping[str, int], asked: Sequence[str]) -> Table:
    """s, c and n with the place of each group that is asked for: score, coverage and available.

    For each level of the tree two selections, the sums of its groups and what follows from them, so that no expression is
    written out again inside another. `view` keeps Ibis from merging them, which would do just that."""
    nodes = method.nodes
    for level in range(2, method.root.level + 1):
        groups = [node for node in nodes.values() if not node.is_leaf and node.level == level]
        sums: dict[str, Value] = {}
        for group in groups:
            sums |= _sums(group, table, place)
        summed = table.mutate(**sums).view()
        means: dict[str, Value] = {}
        for group in groups:
            means |= _mean(group, summed, place, least_coverage(method, group))
        read_above = {
            f"{figure}{place[code]}"
            for code, node in nodes.items()
            if code in asked or (node.parent and nodes[node.parent].level > level)
            for figure in "scn"
        } | {"area", "period", "kept"}
        table = summed.select(*(name for name in table.columns if name in read_above), **means).view()
    return table


def least_coverage(method: Method, group: Node) -> float:
    """The coverage that a group needs for a score."""
    if method.missing == "refuse":
        return 1.0
    return method.node_threshold if group.parent else method.root_threshold


def _sums(group: Node, table: Table, place: Mapping[str, int]) -> dict[str, Value]:
    """t, the weight of the children that have a score; v, the weight of what entered below them; m, the sum of which the
    mean is made; n, how many indicators entered."""
    turned, _ = MEANS[group.aggregate]
    at = place[group.code]
    weights, covered, entered, terms = [], [], [], []
    for child in group.children:
        score = table[f"s{place[child.code]}"]
        there = _is_there(score)
        terms.append(_line(turned(score), 0, child.weight).fill_null(0.0))
        # As a product, since Spark takes a written number for a decimal, and sums of decimals divide to a few digits.
        weights.append(_line(there.cast("float64"), 0, child.weight))
        if child.is_leaf:
            covered.append(weights[-1])
            entered.append(there.cast("int64"))
        else:
            covered.append(there.ifelse(table[f"c{place[child.code]}"] * child.weight, 0.0))
            entered.append(there.ifelse(table[f"n{place[child.code]}"], 0))
    sums = {f"t{at}": _added(weights), f"m{at}": _added(terms), f"n{at}": _added(entered)}
    if not all(child.is_leaf for child in group.children):
        sums[f"v{at}"] = _added(covered)
    return sums


def _mean(group: Node, table: Table, place: Mapping[str, int], least: float) -> dict[str, Value]:
    _, back = MEANS[group.aggregate]
    at = place[group.code]
    weighed = table[f"v{at}" if f"v{at}" in table.columns else f"t{at}"]
    coverage = weighed / sum(child.weight for child in group.children)
    score = back(table[f"m{at}"] / table[f"t{at}"].nullif(0.0))
    if least > SLACK:
        # What could not be computed is shown even where it would be withheld: data are at fault, not gaps.
        score = ((coverage >= least - SLACK) | not_finite(score)).ifelse(score, NOTHING)
    return {f"s{at}": score, f"c{at}": coverage, f"n{at}": table[f"n{at}"]}


def _shown(
    method: Method, table: Table, place: Mapping[str, int], asked: Sequence[str], show: Sequence[str]
) -> Table:
    figures: dict[str, Value] = {}
    for code in asked:
        at = place[code]
        score = table[f"s{at}"]
        if "kept" in table.columns:  # of a row with too few indicators none enters
            score = table["kept"].ifelse(score, NOTHING)
        figures[code] = score
        if method.nodes[code].is_leaf:
            coverage, available = _is_there(score).cast("float64"), _is_there(score).cast("int64")
        elif "kept" in table.columns:
            coverage = table["kept"].ifelse(table[f"c{at}"], 0.0)
            available = table["kept"].ifelse(table[f"n{at}"], 0)
        else:
            coverage, available = table[f"c{at}"], table[f"n{at}"]
        if "coverage" in show:
            figures[f"{code}_coverage"] = coverage
        if "available" in show:
            figures[f"{code}_available"] = available
    shown = table.select("area", "period", **figures)
    ranking = [name for name in ("rank", "rank_of") if name in show]
    if ranking:
        shown = shown.view()
        keys = shown.mutate(
            **{f"k{place[code]}": _compared(shown[code], method.decimals) for code in asked}
        ).view()
        places: dict[str, Value] = {}
        for code in asked:
            by = {"rank": _rank, "rank_of": _rank_of}
            places |= {f"{code}_{name}": by[name](keys, f"k{place[code]}", method.ties) for name in ranking}
        shown = keys.mutate(**places)
    names = [
        f"{code}_{name}" if name != "score" else code for code in asked for name in FIGURES if name in show
    ]
    return shown.select("area", "period", *names)


def _compared(score: Any, decimals: int) -> Any:
    """A score rounded for ranking, a half to the even side, as a whole number of steps; NULL where it is none.

    `score` is compared with the double nearest to the half, so that the half of the written number decides, and not an error
    of the multiplication."""
    steps = score * 10.0**decimals
    below = steps.floor()
    half = (below + 0.5) / 10.0**decimals
    even = (below / 2).floor() * 2 == below
    up = (score > half) | ((score == half) & ~even)
    whole = (steps.abs() < WHOLE).ifelse(up.ifelse(below + 1, below), steps)
    return (not_finite(score)).ifelse(NOTHING, whole)


def _rank(table: Table, key: str, ties: str) -> Value:
    score = table[key]
    ordered = ibis.window(group_by="period", order_by=ibis.desc(score, nulls_first=False))
    if ties == "max":  # the last of the places that are shared: all but those who are behind
        behind = ibis.window(group_by="period", order_by=ibis.asc(score, nulls_first=False))
        place = _rank_of(table, key, ties) - ibis.rank().over(behind)
    else:
        place = (ibis.dense_rank() if ties == "dense" else ibis.rank()).over(ordered) + 1
    return score.isnull().ifelse(ibis.null("int64"), place.cast("int64"))


def _rank_of(table: Table, key: str, ties: str) -> Any:
    return table[key].count().over(ibis.window(group_by="period"))


def _taken(method: Method, table: Table) -> list[BooleanValue]:
    """The conditions on a row: where the method says so in `data`, and its areas and periods."""
    layout = method.layout
    conditions = []
    for where in layout.where:
        column = table[where.column].cast("string")
        conditions.append(column.startswith(where.prefix) if where.prefix else column.isin(where.values))
    area, areas, periods = table[layout.area].cast("string"), method.areas, method.periods
    if areas.codes:
        conditions.append(area.isin(areas.codes))
    if areas.prefix:
        conditions.append(area.startswith(areas.prefix))
    if areas.level:
        conditions.append(table[layout.level].cast("string") == areas.level)
    if layout.fixed_period:
        return conditions
    period = table[layout.period].cast("string")
    if periods.codes:
        conditions.append(period.isin(periods.codes))
    ends = [end for end in (periods.first, periods.last) if end]
    if ends:
        conditions.append(period.re_search(f"^{alike(ends[0])}$"))
    if periods.first:
        conditions.append(period >= periods.first)
    if periods.last:
        conditions.append(period <= periods.last)
    return conditions


def alike(period: str) -> str:
    """A regular expression of the periods of the same kind: 2023-05 is like 2024-11, 2023 is not like 2023-Q1."""
    return re.sub(r"\d", "[0-9]", period)
