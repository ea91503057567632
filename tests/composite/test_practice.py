"""Assessment practice: grades and vetoes, extra points, assessment years, coupling, grey relation, entropy-TOPSIS; by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.outrank import topsis
from shenzhi.calc.composite.practice import (
    Item,
    Veto,
    adjusted,
    assessment_years,
    entropy_topsis,
    graded,
    yearly,
)
from shenzhi.calc.composite.relations import coupling, grey_relational
from shenzhi.calc.composite.rounding import Rounding

NAN = math.nan


def test_a_grade_begins_at_its_cut():
    assert graded([90.0, 89.99, 80.0, 60.0, 59.99, NAN]).grade.tolist() == ["A", "B", "B", "C", "D", ""]


def test_a_grade_can_rest_on_the_published_score():
    assert graded([89.5], rounding=Rounding(0)).grade.tolist() == ["A"]
    assert graded([89.5], rounding=Rounding(0, "down")).grade.tolist() == ["B"]


def test_one_veto_decides_and_its_reason_is_kept():
    vetoes = [
        Veto([True, False, True, True], "D", "incident"),
        Veto([True, True, False, False], "B", "late report"),
    ]
    result = graded([95.0, 95.0, 40.0, NAN], vetoes=vetoes)
    assert result.grade.tolist() == ["D", "B", "D", "D"]
    assert result.earned.tolist() == ["A", "A", "D", ""]
    told = [
        [reason for at, reason in enumerate(result.because) if result.reasons[at, unit]] for unit in range(4)
    ]
    assert told == [["incident", "late report"], ["late report"], ["incident"], ["incident"]]


def test_a_veto_lifts_nobody():
    assert graded([50.0], vetoes=[Veto([True], "B", "late report")]).grade.tolist() == ["D"]


@pytest.mark.parametrize(
    ("grades", "words"),
    [
        ((("A", 90.0), ("B", 95.0), ("C", -math.inf)), "cuts must fall"),
        ((("A", 90.0), ("B", 80.0)), "the last be -inf"),
        ((("A", 90.0), ("A", -math.inf)), "a name is used more than once"),
    ],
)
def test_grades_that_leave_a_score_without_one_or_two_are_refused(grades, words):
    with pytest.raises(CompositeError, match=words):
        graded([1.0], grades)


def test_a_veto_into_a_grade_that_is_none_is_refused():
    with pytest.raises(CompositeError, match="veto for incident: E is not a grade"):
        graded([1.0], vetoes=[Veto([True], "E", "incident")])


def test_extra_points_count_up_to_their_caps_and_add_up():
    # 4 and 2 are at most 3 each and 4 together: 3 and 2 cut in proportion to 2.4 and 1.6; 97 + 4 - 0.5 is held at 100
    items = [Item("award", [4.0], most=3), Item("standard", [2.0]), Item("late", [-0.5])]
    result = adjusted([97.0], items, most_bonus=4, within=(0, 100))
    assert result.counted[0].tolist() == pytest.approx([2.4, 1.6, -0.5])
    assert result.cut[0].tolist() == [True, True, False]
    assert (result.score.tolist(), result.bound.tolist()) == ([100], [-0.5])


def test_points_that_are_unknown_are_not_taken_for_none():
    with pytest.raises(CompositeError) as caught:
        adjusted(
            [90.0, 80.0],
            [Item("award", [NAN, 1.0]), Item("late", [-1.0, NAN], most=-1)],
            labels=Labels(units=["Futian", "Luohu"]),
        )
    assert [fault.split(";")[0] for fault in caught.value.faults] == [
        "award: no points for Futian",
        "late: no points for Luohu",
        "late: most must not be below 0 (got -1)",
    ]


@settings(max_examples=15)
@given(
    points=st.lists(st.floats(-20, 20), min_size=3, max_size=3),
    bonus=st.floats(0, 20),
    deduction=st.floats(0, 20),
)
def test_items_add_up_and_keep_to_the_caps(points, bonus, deduction):
    items = [Item(str(at), [one], most=8) for at, one in enumerate(points)]
    result = adjusted([70.0], items, most_bonus=bonus, most_deduction=deduction, within=(60, 80))
    counted = result.counted[0]
    assert counted[counted > 0].sum() <= bonus + 1e-9
    assert -counted[counted < 0].sum() <= deduction + 1e-9
    assert (np.abs(counted) <= np.minimum(8, np.abs(points)) + 1e-9).all()
    assert 70 + counted.sum() + result.bound.item() == pytest.approx(result.score.item(), rel=1e-12)


def test_an_assessment_year_runs_from_july_to_june_and_is_named_as_told():
    days = ["2022-06-30", "2022-07-01", "2023-06-30", "2023-07-01"]
    assert assessment_years(days).tolist() == [2022, 2023, 2023, 2024]
    assert assessment_years(days, named_by="begin").tolist() == [2021, 2022, 2022, 2023]
    assert assessment_years(days, first_month=1).tolist() == [2022, 2022, 2023, 2023]
    assert assessment_years(["1969-12", "1970-01"], first_month=1).tolist() == [1969, 1970]


def test_a_month_that_does_not_exist_begins_no_year():
    with pytest.raises(CompositeError) as caught:
        assessment_years(["2023-01"], first_month=13, named_by="middle")
    assert len(caught.value.faults) == 2
    with pytest.raises(CompositeError, match="a date is missing"):
        assessment_years(["NaT"])


MONTHS = [f"2022-{month:02}" for month in range(7, 13)] + [f"2023-{month:02}" for month in range(1, 8)]


def test_months_are_weighted_by_what_they_stand_for():
    # 12 months: eleven of 90 with 1 inspection, one of 60 with 9: (990 + 540) / 20 = 76.5; July 2023 is another year
    values = [90.0] * 11 + [60.0, 10.0]
    result = yearly(values, MONTHS, weights=[1.0] * 11 + [9.0, 1.0])
    assert result.years.tolist() == [2023, 2024]
    assert result.values[0] == 76.5
    assert math.isnan(result.values[1])
    assert result.months.tolist() == [12, 1]
    assert result.share.tolist() == pytest.approx([1, 1 / 12])


def test_a_year_with_gaps_says_how_much_it_covers():
    values = np.array([[80.0, 70.0]] * 13)
    values[0, 1] = NAN
    assert np.isnan(yearly(values, MONTHS).values[0]).tolist() == [False, True]
    result = yearly(values, MONTHS, least=11 / 12)
    assert result.values[0].tolist() == [80, 70]
    assert result.share[0].tolist() == pytest.approx([1, 11 / 12])


def test_the_order_of_months_changes_no_digit_and_a_repeated_one_is_refused():
    values = np.random.default_rng(2).normal(size=13)
    order = np.random.default_rng(3).permutation(13)
    shuffled = yearly(values[order], np.array(MONTHS)[order], least=0)
    assert shuffled.values.tolist() == yearly(values, MONTHS, least=0).values.tolist()
    with pytest.raises(CompositeError, match="months given more than once: 2022-07"):
        yearly([1.0, 2.0], ["2022-07", "2022-07"])


def test_coupling_tells_the_even_from_the_high():
    # 0.5 and 0.5: C = 1, T = 0.5, D = sqrt(0.5); weights 3 and 1 on (0.9, 0.1): C = 2 sqrt(0.09) / 1 = 0.6, T = 0.7
    result = coupling([[0.5, 0.5], [0.9, 0.1], [0.0, 0.8], [0.0, 0.0], [NAN, 0.5]], [3.0, 1.0])
    assert result.coupling[:4].tolist() == pytest.approx([1, 0.6, 0, 1])
    assert result.development[:4].tolist() == pytest.approx([0.5, 0.7, 0.2, 0])
    assert result.coordination[:4].tolist() == pytest.approx([math.sqrt(0.5), math.sqrt(0.42), 0, 0])
    assert np.isnan([result.coupling[4], result.development[4], result.coordination[4]]).all()


def test_coupling_of_scores_out_of_100_is_refused_by_name():
    with pytest.raises(CompositeError, match=r"coupling needs scores from 0 to 1: ecology of Futian \(60\)"):
        coupling([[0.5, 60.0]], [1, 1], Labels(["economy", "ecology"], ["Futian"]))


def test_grey_relation_by_hand():
    # best 4 and 8; distances 0 4 / 2 0 / 4 2, dmin 0, dmax 4, rho 1/2: xi = 2 / (d + 2) = 1 1/3 / 1/2 1 / 1/3 1/2
    mean = grey_relational([[4.0, 4.0], [2.0, 8.0], [0.0, 6.0]], [1.0, 1.0])
    assert mean.value.tolist() == pytest.approx([2 / 3, 3 / 4, 5 / 12])
    assert mean.contribution[0].tolist() == pytest.approx([1 / 2, 1 / 6])
    # against a given ideal; a missing child leaves the other alone
    assert grey_relational(
        [[NAN, 4.0], [4.0, 8.0]], [1.0, 1.0], ideal=[4.0, 8.0]
    ).value.tolist() == pytest.approx([1 / 3, 1])


def test_units_that_all_are_the_ideal_are_related_to_it_fully():
    assert grey_relational([[4.0, 4.0], [4.0, 4.0]], [1.0, 1.0]).value.tolist() == [1, 1]
    with pytest.raises(CompositeError, match="rho must be above 0"):
        grey_relational([[4.0]], [1.0], rho=0)


def test_entropy_topsis_is_topsis_under_the_weights_of_entropy():
    scores = np.array([[1.0, 5.0], [9.0, 5.5], [4.0, 6.0]])
    part = scores / scores.sum(axis=0)
    spread = 1 + (part * np.log(part)).sum(axis=0) / math.log(3)
    mean, weights = entropy_topsis(scores)
    assert weights.tolist() == pytest.approx((spread / spread.sum()).tolist(), rel=1e-12)
    assert mean.value.tolist() == topsis(scores, weights).value.tolist()
