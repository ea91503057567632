"""Errors of the figures as one more factor of a robustness test, checked against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from firm_index import FIGURES, TABLE, WEIGHTS, faults, ran, scored, written

from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.scope import IndexFault
from shenzhi.pipeline.index.steadiness import steadiness
from shenzhi.pipeline.index.verify import verify


def test_figures_that_are_drawn_count_among_the_combinations():
    # the figures given and 20,000 sets drawn (each with 50 sets of weights drawn, and the method's own)
    section = "robustness: {weigh: {spread: 0.2, draws: 50}, data: {errors: {a: 0.1}, draws: 20000}}\n"
    assert faults(section)[0].startswith("robustness: 1,020,051 combinations are more than 1,000,000; name")


def test_an_error_of_one_figure_is_all_that_moves_an_index_without_other_choices(tmp_path):
    section = "robustness: {data: {errors: {a: 0.2}, draws: 12, seed: 3}}\n"
    publication = ran(tmp_path, section)
    tested = steadiness(publication)
    assert (tested.combinations, tested.possible, tested.of_data) == (13, 13, True)
    # the best and the worst of three keep 101 and 1 while their order holds: Y, in the middle, is what moves
    for share in tested.sensitivity("2024", "score", "Y"):
        assert (share.factor, share.first, share.total) == ("data", pytest.approx(1), pytest.approx(1))
    one = tested.standings("2024")["Y"]
    assert one.score_least < one.score < one.score_most
    assert one.rank_best <= one.rank <= one.rank_worst
    choice = tested.choice("data")
    assert (choice.title.zh, choice.title.en) == ("数据本身的误差", "errors of the figures")
    assert choice.answers["draws"].zh == "随机抽取12组（种子3）；标准误占数值的比例（正态分布）：甲项20%"
    assert (
        choice.answers["draws"].en
        == "drawn at random 12 times (seed 3); standard error as a share of the figure (normal): A 20%"
    )
    verdict = verify(publication.folder)
    assert verdict.equal
    assert "13 combinations, 6 tables" in verdict.checks[-1].detail


def test_errors_and_choices_share_the_spread_as_plain_loops_divide_it(tmp_path):
    section = (
        "robustness: {aggregate: [geometric], data: {errors: {a: 0.1, default: 0}, draws: 7, seed: 5}}\n"
    )
    noise = [[0.0] * 3, *np.random.default_rng(5).standard_normal((7, 3)).tolist()]
    own = [share / 4 for share in WEIGHTS]
    found: list[list[list[float]]] = []  # set of figures, mean, area
    for errors in noise:
        drawn = [
            [FIGURES[area][0] * (1 + 0.1 * error) for area, error in zip(FIGURES, errors, strict=True)],
            *([FIGURES[area][at] for area in FIGURES] for at in (1, 2)),
        ]
        columns = [scored(column, "minmax") for column in drawn]
        rows = list(zip(*columns, strict=True))
        sums = [sum(w * x for w, x in zip(own, row, strict=True)) for row in rows]
        products = [math.prod(x**w for w, x in zip(own, row, strict=True)) for row in rows]
        found.append([sums, products])
    tested = steadiness(ran(tmp_path, section))
    assert [one.name for one in tested.choices] == ["data", "aggregate"]
    for at, area in enumerate(FIGURES):
        y = np.array(found)[..., at]
        one = tested.standings("2024")[area]
        assert one.score_least == pytest.approx(y.min(), abs=1e-8)
        assert one.score_most == pytest.approx(y.max(), abs=1e-8)
        shares = tested.sensitivity("2024", "score", area)
        for share, between, within in zip(
            shares,
            (y.mean(axis=1).var(), y.mean(axis=0).var()),
            (y.var(axis=0).mean(), y.var(axis=1).mean()),
            strict=True,
        ):
            assert share.first == pytest.approx(between / y.var(), abs=1e-8)
            assert share.total == pytest.approx(within / y.var(), abs=1e-8)


def test_an_error_in_the_unit_of_the_figure_is_the_same_for_large_and_small(tmp_path):
    share = steadiness(
        ran(tmp_path, "robustness: {data: {errors: {default: 0.5}, relative: false, seed: 2}}\n")
    )
    noise = np.random.default_rng(2).standard_normal((20, 3, 3))
    given = np.array(list(FIGURES.values()))
    scores = []
    for drawn in (given, *(given + 0.5 * noise)):
        columns = [scored(column.tolist(), "minmax") for column in drawn.T]
        scores.append(
            [sum(w / 4 * x for w, x in zip(WEIGHTS, row, strict=True)) for row in zip(*columns, strict=True)]
        )
    for at, area in enumerate(FIGURES):
        one = share.standings("2024")[area]
        assert one.score_least == pytest.approx(min(row[at] for row in scores), abs=1e-8)
        assert one.score_most == pytest.approx(max(row[at] for row in scores), abs=1e-8)


def test_a_missing_figure_is_drawn_from_those_of_other_areas(tmp_path):
    tested = steadiness(
        ran(tmp_path, "robustness: {data: {gaps: hot_deck, draws: 40}}\n", TABLE + "W,2024,,5,4\n")
    )
    b, c = scored([4, 9, 7, 5], "minmax")[3], scored([3, 2, 5, 4], "minmax")[3]
    ways = [(b + 2 * c) / 3]  # as published: of b and c alone
    ways += [(a + b + 2 * c) / 4 for a in scored([10, 8, 2], "minmax")]  # within the ends, which stay
    one = tested.standings("2024")["W"]
    assert one.score == pytest.approx(ways[0], abs=1e-8)
    assert one.score_least == pytest.approx(min(ways), abs=1e-8)
    assert one.score_most == pytest.approx(max(ways), abs=1e-8)
    assert (
        tested.choice("data")
        .answers["draws"]
        .en.endswith("missing figures taken from other areas of the period")
    )
    assert tested.standings("2024")["X"].score_least == tested.standings("2024")["X"].score_most


def test_indicators_of_one_figure_share_its_error_and_a_constant_has_none(tmp_path):
    # a figure as a good and as a bad: what one gains the other loses, whatever is drawn
    method, data = written(tmp_path, "robustness: {data: {errors: {a: 0.3, default: 0.2}}}\n")
    head = method.read_text(encoding="utf-8").split("  children:\n", 1)[0]
    leaves = [
        "{code: more, figure: a, title: {zh: 多, en: More}, direction: 1}",
        "{code: less, figure: a, title: {zh: 少, en: Less}, direction: -1}",
        "{code: fixed, title: {zh: 定, en: Fixed}, constant: 30}",
    ]
    method.write_text(head + "  children:\n" + "".join(f"    - {one}\n" for one in leaves), encoding="utf-8")
    publication, _ = run_table(method, data, tmp_path / "out")
    tested = steadiness(publication)
    for one in tested.standings("2024").values():
        assert one.score_least == pytest.approx((102 + 30) / 3, abs=1e-8)
        assert one.score_most == pytest.approx((102 + 30) / 3, abs=1e-8)
    assert "多30%，其余各项20%" in tested.choice("data").answers["draws"].zh


@pytest.mark.parametrize(
    ("section", "table", "told"),
    [
        (
            "robustness: {data: {errors: {a: 1}, relative: false, shape: lognormal}}\n",
            TABLE.replace("10,4", "0,4"),
            "robustness: lognormal errors need figures above 0: a of X in 2024; use the normal shape",
        ),
        (
            "robustness: {data: {gaps: hot_deck}}\n",
            TABLE + "X,2023,1,2,\nY,2023,4,5,\n",
            "robustness: no unit to take a figure from: c of X in 2023, c of Y in 2023, c of Z in 2023; take",
        ),
    ],
)
def test_figures_that_cannot_be_drawn_are_named(tmp_path, section, table, told):
    with pytest.raises(IndexFault) as error:
        ran(tmp_path, section + "publish: {root: 0.1}\n", table)
    assert error.value.faults[0].startswith(told)
