"""Bonus and deduction items in trials and in bills of change: they stay in the score, and are told apart from figures."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shenzhi.calc.composite.change import explain
from shenzhi.pipeline.index.changes import Bill, explain_periods, explain_versions
from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.method import parse_method
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.run import compute
from shenzhi.pipeline.index.scope import Scope
from shenzhi.pipeline.index.whatif import Figure, Trial, TrialError, smallest_change, tried, value_for

METHOD = """\
method: assessment
version: "1.0"
title: {zh: 考核, en: Assessment}
publish: {root: 0.6, node: 0.4}
normalise: {method: scaled, posts: [0, 100]}
items:
  - {code: award, title: {zh: 市长质量奖, en: awards}, points: 2, most: 3}
  - {code: pilot, title: {zh: 试点, en: pilots}, node: goals}
adjust: {most_deduction: 4, within: [0, 100]}
tree:
  code: index
  children:
    - code: goals
      title: {zh: 目标, en: Goals}
      weight: 1
      children:
        - {code: a, title: {zh: 甲, en: A}, direction: 1, weight: 1}
        - {code: b, title: {zh: 乙, en: B}, direction: 1, weight: 1}
    - {code: c, title: {zh: 丙, en: C}, direction: 1, weight: 1}
"""
# 2024  A: goals 70 + 1 pilot = 71; (71 + 90) / 2 = 80.5; 2 awards are 4 points, of which 3 count: 83.5
#       B: goals 99 + 3, held at 100; (100 + 98) / 2 = 99 + 2, held at 100
#       C: goals 50; (50 + 50) / 2 = 50 - 3, the most that this item takes: 47
#       D has half of the weight, which is too little for a score, and so needs no points
# 2023  as 2024, but A has no pilot and no award: goals 70, index 80
TABLE = """\
area,period,a,b,c,award,pilot
A,2023,80,60,90,0,0
B,2023,98,100,98,1,3
C,2023,50,50,50,-9,0
D,2023,,,50,,
A,2024,80,60,90,2,1
B,2024,98,100,98,1,3
C,2024,50,50,50,-9,0
D,2024,,,50,,
"""


def edition(folder: Path, method: str = METHOD, table: str = TABLE, name: str = "out") -> Publication:
    (folder / f"{name}.yml").write_text(method, encoding="utf-8")
    (folder / f"{name}.csv").write_text(table, encoding="utf-8")
    return run_table(folder / f"{name}.yml", folder / f"{name}.csv", folder / name)[0]


def run_again(publication: Publication, method: str, figures: tuple[Figure, ...] = ()) -> dict[str, float]:
    """The index of 2024 as it would be published under another method file, or with other figures."""
    series = pq.read_table(publication.table("series"))
    rows = series.to_pylist()
    for row in rows:
        for one in figures:
            if (row["area"], row["indicator"], row["period"]) == (one.area, one.indicator, "2024"):
                row["value"] = one.value
    scope = Scope(*(tuple(publication.manifest["scope"][key]) for key in ("areas", "periods")))
    table = compute(parse_method(method.encode()), pa.Table.from_pylist(rows, schema=series.schema), scope)
    return {
        row["area"]: row["score"]
        for row in table.scores.to_pylist()
        if row["node"] == "index" and row["period"] == "2024"
    }


def after(publication: Publication, trial: Trial) -> dict[str, float]:
    return {one.area: one.after for one in tried(publication, trial).standings}


def test_a_trial_without_changes_gives_the_published_scores_with_their_items(tmp_path):
    publication = edition(tmp_path)
    found = tried(publication, Trial("2024"))
    assert found.agrees
    assert after(publication, Trial("2024")) == {"A": 83.5, "B": 100, "C": 47, "D": None}
    assert all(one.before == one.after for one in found.standings)


@pytest.mark.parametrize("mean", ["arithmetic", "geometric"])
def test_a_trial_is_a_run_with_these_weights_or_figures_and_the_same_items(tmp_path, mean):
    method = METHOD + f"aggregate: {{default: {mean}}}\n"
    publication = edition(tmp_path, method)
    weighed = re.sub(r"(code: goals\n.*\n\s+weight: )1", r"\g<1>3", method)
    assert after(publication, Trial("2024", {"goals": 3.0})) == pytest.approx(
        run_again(publication, weighed), nan_ok=True
    )
    # the item of A's goals, and what the scale takes from B's, go on as before
    figures = (Figure("A", "a", 20.0), Figure("B", "a", 30.0), Figure("C", "c", 1.0))
    assert after(publication, Trial("2024", {}, figures)) == pytest.approx(
        run_again(publication, method, figures), nan_ok=True
    )
    wanted = value_for(publication, Trial("2024"), "A", "c", score=75.0)
    told = (Figure("A", "c", wanted),)
    assert run_again(publication, method, told)["A"] == pytest.approx(75.0, abs=1e-9)


def test_a_trial_that_scores_an_area_without_points_says_so_in_both_languages(tmp_path):
    publication = edition(tmp_path)
    with pytest.raises(TrialError) as caught:
        tried(publication, Trial("2024", {}, (Figure("D", "a", 50.0),)))
    (told,) = caught.value.faults
    assert "items: pilot: no points for D in 2024; write 0 if there are none" in told.en
    assert "按这个方法" in told.zh


def test_no_smallest_change_is_promised_where_points_are_added_to_the_index_itself(tmp_path):
    with pytest.raises(TrialError, match="no weighted mean of its parts"):
        smallest_change(edition(tmp_path), Trial("2024"), "C", "A")


def adds_up(bill: Bill) -> dict[str, dict[str, float]]:
    assert math.fsum([bill.before, *(line.amount for line in bill.lines)]) == pytest.approx(
        bill.now, abs=1e-12
    )
    return {line.ingredient: dict(line.nodes) for line in bill.lines}


def test_a_change_whose_only_cause_is_an_item_has_that_one_line(tmp_path):
    publication = edition(tmp_path)
    explained = explain_periods(publication, "2023", "2024")
    assert explained.ingredients == ("items",)
    bill = explained.bill("A")
    # 80 -> 83.5: 3 points at the index, and half of the one at goals
    assert (bill.before, bill.now, bill.mixed) == (80, 83.5, True)
    assert adds_up(bill) == {"items": {"index": pytest.approx(3), "goals": pytest.approx(0.5)}}
    assert adds_up(explained.bill("B")) == {}
    # goals alone: 70 -> 71
    assert adds_up(explain_periods(publication, "2023", "2024", "goals").bill("A")) == {
        "items": {"goals": pytest.approx(1)}
    }


def test_another_rule_for_items_is_told_between_editions(tmp_path):
    old = edition(tmp_path)
    new = edition(tmp_path, METHOD.replace("points: 2, most: 3", "points: 1"), name="new")
    explained = explain_versions(old, new, "2024")
    assert adds_up(explained.bill("A")) == {"items": {"index": pytest.approx(-1)}}  # 2 awards, 1 point each
    without = re.sub(r"items:\n(  - .*\n)+adjust.*\n", "", METHOD)
    gone = explain_versions(old, edition(tmp_path, without, name="without"), "2024")
    assert adds_up(gone.bill("A")) == {"items": {"index": pytest.approx(-3), "goals": pytest.approx(-0.5)}}
    # held at the end of its scale, B loses (99 - 100) / 2 at goals, and 1 at the index, not 2
    assert adds_up(gone.bill("B")) == {"items": {"index": pytest.approx(-1), "goals": pytest.approx(-0.5)}}


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "aggregate: {default: geometric}\nround: {default: {decimals: 1}}\n",
        "frame: period\naggregate: {default: geometric}\n",
    ],
)
def test_bills_add_up_whatever_moves_beside_the_items(tmp_path, rules):
    chance = np.random.default_rng(3)
    rows = [
        f"{area},{period},{','.join(map(str, chance.integers(1, 99, 3)))},{chance.integers(-2, 3)},{chance.integers(0, 3)}"
        for area in "ABCDEF"
        for period in ("2023", "2024")
    ]
    table = "\n".join(["area,period,a,b,c,award,pilot", *rows, ""])
    table = table.replace(rows[2], re.sub(r"^(B,2023),\d+", r"\1,", rows[2]))  # a comes in
    old = edition(tmp_path, METHOD + rules, table)
    heavier = METHOD.replace("weight: 1\n      children", "weight: 4\n      children")
    new = edition(tmp_path, heavier.replace("points: 2", "points: 1.5") + rules, table, "new")
    for explained in (
        explain_periods(old, "2023", "2024"),
        explain_versions(old, new, "2024"),
        explain_versions(new, old, "2023"),
    ):
        assert "items" in explained.ingredients
        assert "program" not in explained.ingredients
        for area in "ABCDEF":
            assert explained.bill(area).mixed
            adds_up(explained.bill(area))
    if "frame" not in rules:  # one scale is explained without building again, and gives the same
        quick = explain_periods(old, "2023", "2024")
        whole = explain(quick.before.built, quick.now.built, None, (0, 1))
        assert list(whole.parts) == list(quick.explanation.parts)
        for name, part in whole.parts.items():
            np.testing.assert_allclose(quick.explanation.parts[name], part, rtol=0, atol=1e-12)
