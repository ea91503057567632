"""What the tests of an index as a query share: a method with every rule that a query says, and what memory makes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa

from shenzhi.pipeline.index.expression import FIGURES, scores
from shenzhi.pipeline.index.method import Method, parse_method
from shenzhi.pipeline.index.run import compute
from shenzhi.pipeline.index.scope import scope_of

# Leaves at two depths, every scaling, posts given and observed, both directions, both means, unequal weights.
TREE = """\
tree:
  code: index
  children:
    - code: economy
      title: {zh: 经济, en: Economy}
      weight: 2
      children:
        - {code: output, title: {zh: 产值, en: Output}, direction: 1, weight: 1, method: minmax, lower: 1, upper: 101}
        - {code: energy, title: {zh: 能耗, en: Energy}, direction: -1, weight: 3, posts: [-1, 1], cap: true}
        - {code: trade, title: {zh: 贸易, en: Trade}, direction: -1, weight: 1.5, method: minmax, lower: 1, upper: 9}
    - code: ecology
      title: {zh: 生态, en: Ecology}
      weight: 1
      children:
        - code: air
          title: {zh: 空气, en: Air}
          weight: 1
          children:
            - {code: pm25, title: {zh: 颗粒物, en: PM2.5}, direction: -1, weight: 2, method: zscore, mean: 100, sd: 10}
            - {code: ozone, title: {zh: 臭氧, en: Ozone}, direction: 1, weight: 1, method: zscore, mean: 50, sd: 5}
        - {code: water, title: {zh: 水, en: Water}, direction: 1, weight: 2, method: efficacy_exponential, posts: observed}
    - {code: order, title: {zh: 秩序, en: Order}, direction: 1, weight: 0.5, method: goalposts, posts: [-2, 1.5], lower: 5}
"""
HEAD = """\
method: mixed
version: "1"
title: {zh: 混合, en: Mixed}
normalise: {method: efficacy, lower: 60, upper: 100, cap: false}
aggregate: {default: arithmetic, economy: geometric, index: geometric}
"""


PLAIN = HEAD.replace(", economy: geometric, index: geometric", "")


def a_method(lines: str = "", head: str = HEAD, tree: str = TREE) -> Method:
    return parse_method((head + lines + tree).encode())


def a_table(
    method: Method, units: int = 200, periods: Sequence[str] = ("2022", "2023"), seed: int = 3
) -> pa.Table:
    """Random figures, each fourth missing, as NULL or as NaN, and some rows with hardly any."""
    chance = np.random.default_rng(seed)
    count = units * len(periods)
    columns: dict[str, pa.Array] = {
        "area": pa.array([f"a{at:03}" for at in range(units)] * len(periods)),
        "period": pa.array([period for period in periods for _ in range(units)]),
    }
    few = chance.random(count) < 0.1
    for at, leaf in enumerate(method.leaves):
        values = chance.normal(size=count)
        gaps = (chance.random(count) < 0.25) | (few & (chance.random(count) < 0.8))
        columns[leaf.code] = pa.array(np.where(gaps, np.nan, values), mask=gaps if at % 2 else None)
    return pa.table(columns)


def in_memory(method: Method, table: pa.Table) -> dict[tuple[str, str, str], dict[str, object]]:
    """Every figure of every node as `compute` gives it, by area, period and node."""
    rows = table.to_pylist()
    cells = [
        (leaf.code, row["area"], row["period"], row[leaf.code])
        for row in rows
        for leaf in method.leaves
        if row[leaf.code] is not None and row[leaf.code] == row[leaf.code]
    ]
    names = ("indicator", "area", "period", "value")
    series = pa.table({name: [cell[at] for cell in cells] for at, name in enumerate(names)})
    series = series.append_column("status", pa.array(["final"] * len(cells)))
    series = series.append_column("current", pa.array([True] * len(cells)))
    computed = compute(method, series, scope_of(method, series)).scores.to_pylist()
    return {(row["area"], row["period"], row["node"]): row for row in computed}


def assert_the_same(method: Method, table: pa.Table, found: pa.Table, within: float = 1e-12) -> None:
    expected = in_memory(method, table)
    assert len(found) == len(table)
    for row in found.to_pylist():
        for code in method.nodes:
            there = expected[row["area"], row["period"], code]
            for name in FIGURES:
                value = row[code if name == "score" else f"{code}_{name}"]
                wanted = there[name]
                where = (row["area"], row["period"], code, name, value, wanted)
                if wanted is None or name in ("available", "rank", "rank_of"):
                    assert value == wanted, where
                else:
                    assert math.isclose(value, wanted, rel_tol=within, abs_tol=within), where


def queried(method: Method, table: pa.Table, **asked: object) -> pa.Table:
    return scores(method, ibis.memtable(table), **asked).to_pyarrow()


FLAT = """\
tree:
  code: index
  children:
    - {code: one, title: {zh: 一, en: One}, direction: 1, posts: [0, 1], lower: 0, upper: 1}
"""


UNFIT = [
    ("output", [1.0, 1.0, 1.0]),  # equal values in a frame
    ("output", [1.0, float("inf"), 3.0]),
    ("pm25", [1.0, float("-inf"), 3.0]),
    ("energy", [0.5, float("inf"), 0.2]),  # held at a post, it would look like the best of values
    ("water", [float("-inf"), 2.0, 3.0]),
]


def a_table_with(method: Method, column: str, values: list[float]) -> pa.Table:
    columns = {leaf.code: values if leaf.code == column else [1.0, 0.2, 0.6] for leaf in method.leaves}
    return pa.table({"area": ["A", "B", "C"], "period": ["2024"] * 3, **columns})


def assert_no_number(column: str, found: list[float | None]) -> None:
    assert None not in found
    assert [not np.isfinite(one) for one in found] == (
        [False, True, False] if column == "energy" else [True] * 3
    )
