"""Grades with a veto, bonus and deduction items, and assessment years, written in a method file; expected figures by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.method import MethodError, parse_method
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.scope import IndexFault
from shenzhi.pipeline.index.verify import verify

HEAD = """\
method: assessment
version: "1.0"
title: {zh: 考核, en: Assessment}
normalise: {method: scaled, posts: [0, 100]}
"""
TREE = """\
tree:
  code: index
  children:
    - code: goals
      title: {zh: 目标, en: Goals}
      children:
        - {code: passes, direction: 1}
        - {code: samples, direction: 1}
    - {code: measures, direction: 1}
"""
GRADES = """\
grades: {A: 90, B: 80, C: 60, D: 0}
veto:
  - {indicator: incident, above: 0, grade: D, title: {zh: 发生系统性质量安全事件, en: a systemic incident}}
  - {indicator: reports, below: 2, grade: B, title: {zh: 迟报, en: reports were late}}
"""
ITEMS = """\
items:
  - {code: award, title: {zh: 市长质量奖, en: awards}, points: 2, most: 3}
  - {code: late, title: {zh: 迟报, en: late reports}, points: -0.5}
  - {code: pilots, title: {zh: 试点, en: pilots}, node: goals}
adjust: {most_deduction: 4, within: [0, 100]}
"""


def run(folder: Path, method: str, table: str) -> Publication:
    (folder / "m.yml").write_text(HEAD + method, encoding="utf-8")
    (folder / "t.csv").write_text(table, encoding="utf-8")
    publication, _ = run_table(folder / "m.yml", folder / "t.csv", folder / "out")
    for score in publication.scores():
        parts = publication.parts(score.area, score.period, score.node)
        if score.score is None or not parts:
            continue
        # the bill of every node adds up, and the items with what the ends of the scale took make the adjustment
        known = [part.contribution for part in parts if part.contribution is not None]
        assert math.fsum((*known, score.penalty, score.adjustment, score.residue)) == pytest.approx(
            score.score, abs=1e-12
        )
    verdict = verify(folder / "out")
    assert verdict.equal, verdict.first_difference
    return publication


def refused(method: str) -> list[str]:
    with pytest.raises(MethodError) as caught:
        parse_method((HEAD + method).encode(), declared=lambda code: None)
    return caught.value.faults


def test_the_published_score_earns_a_grade_and_one_veto_decides(tmp_path):
    table = """\
area,period,passes,samples,measures,incident,reports
A,2024,95,95,95,0,2
B,2024,95,95,95,1,2
C,2024,95,95,95,0,1
D,2024,60,60,59.98,0,2
E,2024,60,60,60,2,0
"""
    publication = run(tmp_path, GRADES + "round: {index: 1}\n" + TREE, table)
    scores = {one.area: one for one in publication.scores("index")}
    # D: 59.99 is published as 60.0, and that is what earns the grade
    assert {area: one.grade for area, one in scores.items()} == {
        "A": "A", "B": "D", "C": "B", "D": "C", "E": "D",
    }  # fmt: skip
    assert scores["A"].grade_why.zh == ""
    assert scores["B"].grade_why.en == "Veto: a systemic incident; by its score the grade would be A"
    assert scores["B"].grade_why.zh == "一票否决：发生系统性质量安全事件；按得分为A"
    assert (
        scores["E"].grade_why.en
        == "Veto: a systemic incident, reports were late; by its score the grade would be C"
    )
    assert scores["B"].score == 95
    assert scores["B"].rank == 1, "a veto takes the grade, not the score"
    assert publication.score("B", "2024", "goals").grade == ""


def test_that_nothing_happened_is_never_assumed(tmp_path):
    table = "area,period,passes,samples,measures,incident,reports\nA,2024,95,95,95,,2\nB,2024,95,95,95,0,2\n"
    with pytest.raises(IndexFault) as caught:
        run(tmp_path, GRADES + TREE, table)
    assert caught.value.faults == ["veto: incident: no figure for A in 2024; write 0 if there was none"]
    table = (
        "area,period,passes,samples,measures,award,late,pilots\nA,2024,95,95,95,1,,0\nB,2024,95,95,95,0,0,0\n"
    )
    with pytest.raises(IndexFault) as caught:
        run(tmp_path, ITEMS + TREE, table)
    assert caught.value.faults == ["items: late: no points for A in 2024; write 0 if there are none"]


def test_items_add_and_take_points_within_their_caps_and_the_bill_still_adds_up(tmp_path):
    table = """\
area,period,passes,samples,measures,award,late,pilots
A,2024,80,60,90,2,4,1
B,2024,98,100,99,1,0,3
C,2024,50,50,50,0,20,0
D,2024,,,,,,
"""
    publication = run(tmp_path, ITEMS + TREE, table)
    # A: goals 70 + 1 pilot = 71; index (71 + 90) / 2 = 80.5; 2 awards are 4 points, of which 3 count; 4 late reports -2
    a = publication.score("A", "2024")
    assert (publication.score("A", "2024", "goals").score, a.score, a.adjustment) == (71, 81.5, 1)
    lines = [
        (one.item, one.figure, one.points, one.counted) for one in publication.items("A", "2024", "index")
    ]
    assert lines == [("award", 2, 4, 3), ("late", 4, -2, -2)]
    assert [one.item for one in publication.items("A", "2024", "goals")] == ["pilots"]
    # B: goals 99 + 3, held at 100; index 99.5 + 2, held at 100
    b = publication.score("B", "2024")
    assert (publication.score("B", "2024", "goals").adjustment, b.score, b.adjustment) == (1, 100, 0.5)
    # C: 20 late reports would be 10 points, but all deductions are at most 4
    assert publication.score("C", "2024").score == 46
    assert publication.items("C", "2024", "index")[1].counted == -4
    # D has no score, and needs no points
    assert "D" not in publication.areas()
    assert publication.items("D", "2024", "index") == []
    assert [publication.score(area, "2024").rank for area in "BAC"] == [1, 2, 3]


def months(year: int, first: int, count: int):
    for at in range(first - 1, first - 1 + count):
        yield f"{year + at // 12}-{at % 12 + 1:02}"


def test_months_become_assessment_years(tmp_path):
    method = """\
assessment_year: {first_month: 7, sum: [samples], weigh: {passes: inspected}}
"""
    rows = ["area,period,passes,samples,measures,inspected"]
    # July 2023 to June 2024: passes 90 in 11 months of 1 inspection each, 80 in one of 9: (990 + 720) / 20 = 85.5
    for at, month in enumerate(months(2023, 7, 12)):
        rows.append(f"A,{month},{80 if at == 3 else 90},5,70,{9 if at == 3 else 1}")
    # the next year has only its first six months: no figure
    rows += [f"A,{month},10,5,70,1" for month in months(2024, 7, 6)]
    publication = run(tmp_path, method + TREE, "\n".join(rows) + "\n")
    assert publication.periods() == ["2024"]
    goals = {part.node: part for part in publication.parts("A", "2024", "goals")}
    assert (goals["passes"].raw, goals["samples"].raw) == (85.5, 60)
    assert goals["passes"].how == "months:12"
    # the months stay in the publication, as they were given
    assert len(publication.observations("passes", "A")) == 18


def test_half_a_year_can_be_enough_for_a_mean_and_never_for_a_sum(tmp_path):
    method = "assessment_year: {first_month: 7, named_by: begin, least: 0.5, sum: [samples]}\nmissing: {policy: renormalise}\n"
    rows = ["area,period,passes,samples,measures"]
    rows += [f"A,{month},{80 + at},5,70" for at, month in enumerate(months(2023, 7, 6))]
    rows += ["B,2023,50,40,30"]  # given for the year as it is
    publication = run(tmp_path, method + TREE, "\n".join(rows) + "\n")
    assert publication.periods() == ["2023"]
    parts = {part.node: part for part in publication.parts("A", "2023", "goals")}
    assert (parts["passes"].raw, parts["passes"].how, parts["samples"].raw) == (82.5, "months:6", None)
    assert publication.parts("B", "2023", "goals")[1].raw == 40
    assert publication.parts("B", "2023", "goals")[1].how == ""


def test_every_fault_is_told_at_once():
    told = refused(
        """\
grades: {A: 80, B: 90}
veto:
  - {indicator: incident, grade: E, title: {zh: 事件, en: incident}}
  - {indicator: late, above: 1, below: 3, grade: B, title: {zh: 迟报, en: late}}
items:
  - {code: award, title: {zh: 奖, en: award}, node: gaols}
  - {code: award, title: {zh: 奖, en: award}, points: 0}
  - {code: passes, title: {zh: 合格率, en: passes}, most: 0}
adjust: {within: [100, 0], most_bonus: -1}
assessment_year: {first_month: 13, least: 2}
robustness: {weigh: equal}
"""
        + TREE
    )
    for fault in (
        "grades must fall, the best first (got {'A': 80, 'B': 90})",
        "veto > incident: E is not a grade; known here: A, B",
        "veto > incident: write either above or below, and a number",
        "veto > late: write either above or below, and a number",
        "items > award: node gaols is not a group of the tree; did you mean goals?",
        "items > award: the item is written 2 times; keep one",
        "items > award: points must not be 0; write what 1 of the figure adds, or takes with a minus",
        "items > passes: passes is a node of the tree; a figure either is scored there or adds points here",
        "adjust > within must rise, the lower end first (got [100, 0])",
        "adjust: most_bonus must be at least 0 (got -1)",
        "assessment_year: first_month must be at most 12 (got 13)",
        "assessment_year: least must be at most 1 (got 2)",
    ):
        assert fault in told, (fault, told)
    assert any(one.startswith("items > 2: most") or "most must be above 0" in one for one in told), told
    assert any(one.startswith("robustness: combinations are tried on scores without items") for one in told)
    assert refused("veto: [{indicator: a, above: 0, grade: D, title: {zh: 甲, en: a}}]\n" + TREE) == [
        "veto: there are no grades to put an area into; write grades: {A: 90, B: 80, C: 60, D: 0}"
    ]
    assert refused("adjust: {most_bonus: 3}\n" + TREE) == [
        "adjust: there are no items that it could bound; write items, or take it out"
    ]
