"""Steps named in a method file: what each does to a figure is seen in its part, and the parts still make the score."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.method import MethodError, parse_method
from shenzhi.pipeline.index.names import INDIVISIBLE
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.scope import IndexFault, times_of
from shenzhi.pipeline.index.verify import verify

HEAD = """\
method: steps
version: "1.0"
title: {zh: 步骤, en: Steps}
"""


def tree(leaves: str, more: str = "") -> str:
    rows = "\n".join(f"    - {leaf}" for leaf in leaves.strip().splitlines())
    return f"tree:\n  code: index\n{more}  children:\n{rows}\n"


def run(folder: Path, method: str, table: str) -> Publication:
    (folder / "m.yml").write_text(HEAD + method, encoding="utf-8")
    (folder / "t.csv").write_text(table, encoding="utf-8")
    publication, _ = run_table(folder / "m.yml", folder / "t.csv", folder / "out")
    for score in publication.scores():
        parts = publication.parts(score.area, score.period, score.node)
        divisible = publication.method.nodes[score.node].aggregate not in INDIVISIBLE
        if score.score is not None and parts and divisible:
            known = [part.contribution for part in parts if part.contribution is not None]
            assert math.fsum((*known, score.penalty, score.residue)) == pytest.approx(score.score, abs=1e-12)
    verdict = verify(folder / "out")
    assert verdict.equal, verdict.first_difference
    return publication


def part(publication: Publication, area: str, node: str, period: str = "2024"):
    parent = publication.method.nodes[node].parent
    return next(one for one in publication.parts(area, period, parent) if one.node == node)


def refused(method: str) -> list[str]:
    with pytest.raises(MethodError) as caught:
        parse_method((HEAD + method).encode(), declared=lambda code: None)
    return caught.value.faults


TWO = "{code: a, direction: 1}\n{code: b, direction: 1}"
FIXED = "normalise: {method: goalposts, posts: [0, 100], lower: 0}\n"


def test_a_figure_is_divided_by_the_one_that_the_file_names(tmp_path):
    method = FIXED + tree("{code: crimes, direction: -1, per: {by: people, factor: 1000}}")
    publication = run(tmp_path, method, "area,period,crimes,people\nA,2024,30,1500\nB,2024,80,1000\n")
    # 30 of 1,500 people are 20 in a thousand, so 80 points; 80 of 1,000 are 80, so 20 points
    one = part(publication, "A", "crimes")
    assert (one.raw, one.entered, one.score, one.how) == (30, 20, 80, "per:people")
    assert part(publication, "B", "crimes").score == 20
    assert publication.areas() == ["A", "B"]


def test_a_figure_without_a_denominator_is_refused_or_left_out_with_its_reason(tmp_path):
    table = "area,period,crimes,people\nA,2024,30,0\nB,2024,80,1000\n"
    method = FIXED + tree("{code: crimes, direction: -1, per: people}")
    with pytest.raises(IndexFault) as caught:
        run(tmp_path, method, table)
    assert caught.value.faults == [
        "crimes: people must be above 0 where it divides: A in 2024 (0); correct it, or let these cells be missing"
    ]
    publication = run(tmp_path, "denominators: {unusable: missing}\n" + method, table)
    assert publication.score("A", "2024", "crimes").reason_en == "There is no usable figure to divide by"
    assert part(publication, "A", "crimes").raw == 30


def test_an_estimate_is_marked_all_the_way_and_a_given_figure_is_never_changed(tmp_path):
    method = FIXED + "impute: {method: mean, grouping: side}\ngroups: {side: {east: [A, B, C], west: [D]}}\n"
    publication = run(
        tmp_path,
        method + tree(TWO),
        "area,period,a,b\nA,2024,10,50\nB,2024,30,50\nC,2024,,50\nD,2024,90,50\n",
    )
    one = part(publication, "C", "a")
    assert (one.raw, one.entered, one.status, one.how, one.score) == (None, 20, "imputed", "mean", 20)
    assert [part(publication, area, "a").entered for area in "ABD"] == [10, 30, 90]
    assert [part(publication, area, "a").how for area in "ABD"] == ["", "", ""]
    assert publication.score("C", "2024").coverage == 1


def test_an_estimate_over_time_says_from_which_period_it_comes_and_keeps_to_its_limit(tmp_path):
    method = FIXED + tree(
        "{code: a, direction: 1, impute: {method: latest, max_age: 2}}\n{code: b, direction: 1}"
    )
    table = "area,period,a,b\n" + "".join(
        f"A,{year},{value},50\n" for year, value in ((2020, 40), (2021, ""), (2022, ""), (2023, ""))
    )
    publication = run(tmp_path, method, table)
    told = [
        (one.entered, one.how)
        for one in (part(publication, "A", "a", str(year)) for year in range(2020, 2024))
    ]
    assert told == [(40, ""), (40, "latest:2020"), (40, "latest:2020"), (None, "")]


def test_an_outlier_that_was_held_shows_both_figures(tmp_path):
    values = [1, 2, 3, 4, 5, 6, 7, 8, 90]
    method = "normalise: {method: minmax, lower: 0}\n" + tree("{code: a, direction: 1, treat: winsorise}")
    table = "area,period,a\n" + "".join(f"U{at},2024,{value}\n" for at, value in enumerate(values))
    publication = run(tmp_path, method, table)
    one = part(publication, "U8", "a")
    assert (one.raw, one.entered, one.how, one.score) == (90, 8, "winsorise", 100)
    assert part(publication, "U7", "a").how == ""
    assert part(publication, "U0", "a").score == 0


def test_weights_taken_from_the_data_are_published_with_the_parts(tmp_path):
    # 熵权法 by hand on the scores 1/3, 2/3 and 1/2, 1/2: the second says nothing, so all weight is the first's
    method = (
        FIXED
        + "weigh: {index: {method: entropy}}\n"
        + tree("{code: a, direction: 1}\n{code: b, direction: 1}")
    )
    publication = run(tmp_path, method, "area,period,a,b\nA,2024,20,50\nB,2024,40,40\n")

    def diversity(*shares: float) -> float:
        return 1 + sum(share * math.log(share) for share in shares) / math.log(2)

    first, second = diversity(1 / 3, 2 / 3), diversity(5 / 9, 4 / 9)
    expected = first / (first + second)
    assert part(publication, "A", "a").weight == pytest.approx(expected, abs=1e-12)
    assert publication.score("A", "2024").score == pytest.approx(
        20 * expected + 50 * (1 - expected), abs=1e-12
    )


def test_a_mean_takes_parameters_and_a_penalty_is_told_apart_from_the_parts(tmp_path):
    table = "area,period,a,b\nA,2024,40,80\nB,2024,60,60\n"
    harder = run(tmp_path, FIXED + "aggregate: {index: {method: generalised, p: -1}}\n" + tree(TWO), table)
    assert harder.score("A", "2024").score == pytest.approx(2 / (1 / 40 + 1 / 80), abs=1e-12)
    uneven = run(tmp_path, FIXED + "aggregate: {index: mazziotta_pareto}\n" + tree(TWO), table)
    score = uneven.score("A", "2024")
    # mean 60, variance of the two 20 * 20, so the penalty is 400 / 60
    assert score.penalty == pytest.approx(-400 / 60, abs=1e-12)
    assert score.score == pytest.approx(60 - 400 / 60, abs=1e-12)
    assert uneven.score("B", "2024").penalty == 0


def test_rounding_is_part_of_the_method_and_its_residue_is_kept(tmp_path):
    table = "area,period,a,b\nA,2024,40.25,80\nB,2024,40.2,80\n"
    method = FIXED + "round: {1: 1, index: {decimals: 0, rule: down}}\nranks: {decimals: 0}\n" + tree(TWO)
    publication = run(tmp_path, method, table)
    # 40.25 becomes 40.3, half up; (40.3 + 80) / 2 = 60.15, and down: 60
    assert part(publication, "A", "a").score == 40.3
    score = publication.score("A", "2024")
    assert (score.score, score.residue) == (60, pytest.approx(-0.15, abs=1e-12))
    assert (score.rank, publication.score("B", "2024").rank) == (1, 1)


def test_all_periods_can_be_scored_on_the_scale_of_one(tmp_path):
    table = "area,period,a\nA,2020,10\nB,2020,20\nA,2024,30\nB,2024,15\n"
    method = 'frame: {base: "2020"}\nnormalise: {method: minmax, lower: 0, upper: 100}\n' + tree(
        "{code: a, direction: 1}"
    )
    publication = run(tmp_path, method, table)
    assert publication.score("A", "2024").score == 200
    assert publication.score("B", "2024").score == 50
    method = method.replace("2020", "2019")
    with pytest.raises(IndexFault, match="base 2019 is not a period that is scored; those are 2020, 2024"):
        run(tmp_path, method, table)


def test_a_reference_is_the_code_of_an_area(tmp_path):
    method = 'normalise: {method: dist2ref, reference: "B", upper: 100}\n' + tree("{code: a, direction: 1}")
    publication = run(tmp_path, method, "area,period,a\nA,2024,10\nB,2024,30\nC,2024,20\n")
    assert publication.score("C", "2024").score == 50
    with pytest.raises(IndexFault, match="a: reference Z is not an area that is scored"):
        run(tmp_path, method.replace('"B"', '"Z"'), "area,period,a\nA,2024,10\nB,2024,30\n")


def test_every_fault_of_the_steps_is_told_at_once():
    told = refused("""\
normalise: {method: goalposts, posts: [0, 100]}
frame: {base: []}
groups: {side: {east: [A]}}
impute: {method: mean, grouping: sides}
treat: {method: winsorize}
weigh: {index: {method: pca, sign: 1}, default: entropie}
aggregate: {index: {method: generalised, power: 2}, 2: [geometric]}
round: {index: {decimals: 99}, other: 2, default: two}
tree:
  code: index
  children:
    - {code: a, direction: 1, method: realisation}
    - {code: b, direction: 1, method: interval, optimum: [6, 3], limits: [1, 8]}
    - {code: c, direction: 1, per: {factor: 2}, impute: lates, treat: {most: 3}}
    - {code: d, direction: 1, method: dist2ref, reference: 7}
""")
    for fault in (
        "frame must be global, period or {base: \"2015\"} (got {'base': []})",
        "impute: there is no grouping sides under groups; did you mean side?",
        "treat: winsorize is not a treatment; did you mean winsorise?",
        "weigh: default: entropie is not a way of weighing; did you mean entropy?",
        "aggregate: index: power is not a parameter of generalised, which takes p",
        "aggregate: 2: aggregate must be a name or {method: name, ...} (got ['geometric'])",
        "round: other is neither default, a level (2, 3, ...) nor a node; known here: index, a, b, c, d",
        "round: default: must be a number of decimals or {decimals: 1, rule: half_up, passed: rounded} (got 'two')",
        "tree > a: target is missing for realisation; write target: a value in its unit",
        "tree > b: optimum must rise, the lower first (got [6, 3])",
        "tree > c: per must be the code of a figure, or {by: population, factor: 10000} (got {'factor': 2})",
        "tree > c: impute: lates is not an imputation; did you mean latest?",
        "tree > d: reference must be the code of an area, in quotes (got 7)",
    ):
        assert fault in told, (fault, told)
    assert any(one.startswith("weigh: index: sign is not a parameter of pca") for one in told)
    assert any(one.startswith("round: index: rounding: decimals must lie between") for one in told)


@pytest.mark.parametrize(
    ("periods", "times"),
    [
        (["2020", "2023"], [2020, 2023]),
        (["2023-Q1", "2023-Q3"], [2023, 2023.5]),
        (["2023-01", "2023-07"], [2023, 2023.5]),
        (["first", "second"], [0, 1]),
    ],
)
def test_periods_are_points_in_time(periods, times):
    assert times_of(periods) == times


def test_a_figure_can_stand_in_two_places_of_the_tree_and_a_constant_in_one(tmp_path):
    method = (
        FIXED
        + "aggregate: {index: ratio, both: arithmetic}\n"
        + tree(
            "{code: a, direction: 1}\n"
            "{code: both, title: {zh: 两者, en: both}, children: [{code: again, figure: a, direction: 1}, "
            "{code: whole, title: {zh: 满分, en: full marks}, constant: 100}]}"
        )
    )
    publication = run(tmp_path, method, "area,period,a\nA,2024,50\nB,2024,\n")
    assert publication.score("A", "2024").score == pytest.approx(50 / 75)
    assert (part(publication, "A", "again").raw, part(publication, "A", "whole").score) == (50, 100)
    # a quotient cannot do without one of its parts, and says so
    assert publication.score("A", "2024").reason_en == ""
    assert "B" not in publication.areas()


def test_a_product_that_lacks_a_part_says_which(tmp_path):
    method = FIXED + "publish: {root: 0}\naggregate: {index: product}\n" + tree(TWO)
    publication = run(tmp_path, method, "area,period,a,b\nA,2024,50,\nB,2024,50,2\n")
    assert (
        publication.score("A", "2024").reason_en == "Missing: b; to combine this level every part is needed"
    )
    assert publication.score("B", "2024").score == 100


def test_figures_beyond_the_limits_of_a_method_are_held_or_left_out_with_their_reason(tmp_path):
    method = FIXED + tree(
        "{code: a, direction: 1, treat: {method: limits, low: 10}}\n"
        "{code: b, direction: 1, treat: {method: limits, low: 10, beyond: leave_out}}"
    )
    publication = run(tmp_path, method, "area,period,a,b\nA,2024,5,5\nB,2024,50,50\n")
    one, other = part(publication, "A", "a"), part(publication, "A", "b")
    assert (one.raw, one.entered, one.how) == (5, 10, "limits")
    assert (other.raw, other.entered, other.score, other.how) == (5, None, None, "limits")
    assert (
        publication.score("A", "2024", "b").reason_en
        == "The figure given lies beyond the limits of the method and is not used"
    )


def test_a_row_for_an_area_with_periods_in_the_headings(tmp_path):
    method = (
        FIXED
        + "data: {layout: spread, columns: {area: iso, name: name}, where: {iso: {not_starts_with: Z}}}\n"
        + tree("{code: a, direction: 1}\n{code: a_b, direction: 1}")
    )
    table = (
        "iso,name,a_2023,a_2024,a_b_2023,a_b_2024,a_rank_2023\nA,Aland,10,20,30,40,x\nZ1,Region,1,1,1,1,x\n"
    )
    publication = run(tmp_path, method, table)
    assert publication.periods() == ["2023", "2024"]
    assert [publication.score("A", year).score for year in ("2023", "2024")] == [20, 30]
    assert publication.areas() == ["A"]
    with pytest.raises(IndexFault, match="there is no column c_ followed by a period, such as c_2024"):
        run(tmp_path, method.replace("a_b", "c"), table)


def test_the_lowest_can_rank_first_and_ranks_can_go_before_rounding(tmp_path):
    table = "area,period,a\nA,2024,40.2\nB,2024,40.4\nC,2024,30\n"
    leaf = tree("{code: a, direction: 1}")
    rounding = FIXED + "round: {index: 0}\n"

    def ranked(method: str) -> list[int]:
        publication = run(tmp_path, method + leaf, table)
        return [publication.score(area, "2024").rank for area in "ABC"]

    assert ranked(rounding) == [1, 1, 3]
    assert ranked(rounding + "ranks: {of: exact}\n") == [2, 1, 3]
    assert ranked(rounding + "ranks: {best: lowest}\n") == [2, 2, 1]
    assert ranked(rounding + "ranks: {best: lowest, of: exact}\n") == [2, 3, 1]


def test_faults_of_what_a_leaf_reads():
    told = refused("""\
normalise: {method: minmax, log: true}
ranks: {best: lowest}
robustness: {weigh: equal}
tree:
  code: index
  figure: a
  children:
    - {code: a, constant: 1, direction: 1, posts: [0, 1]}
    - {code: b, direction: 1, method: goalposts, posts: [1, 2], log: twice}
""")
    for fault in (
        "normalise: log is not a parameter of minmax, which takes lower, upper",
        "robustness: combinations are not ranked with best: lowest; take out one of the two",
        "tree: figure belongs to an indicator, but this node has children; remove it or move it to them",
        "tree > a: direction says nothing of a constant, which is a score that every area has; remove one of them",
        "tree > a: posts says nothing of a constant, which is a score that every area has; remove one of them",
        "tree > b: log must be true or false (got 'twice')",
    ):
        assert fault in told, (fault, told)
