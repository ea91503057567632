"""Means: worked out by hand, exact in their contributions, honest about what is missing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shenzhi.calc.composite.aggregate import AGGREGATIONS, arithmetic, geometric
from shenzhi.calc.composite.labels import CompositeError, Labels

NAN = math.nan
BOTH = sorted(AGGREGATIONS)


def test_the_arithmetic_mean_weighs_each_child():
    # (3 * 80 + 1 * 60) / 4 = 75
    mean = arithmetic([80.0, 60.0], [3.0, 1.0])
    assert (mean.value.item(), mean.share.tolist(), mean.contribution.tolist()) == (
        75,
        [0.75, 0.25],
        [60, 15],
    )


def test_the_weight_of_a_missing_child_goes_to_the_others():
    # 2 and 1 are left: two thirds and one third of 90 and 60
    mean = arithmetic([90.0, NAN, 60.0], [2.0, 5.0, 1.0])
    assert mean.value.item() == pytest.approx(80, abs=1e-12)
    assert mean.share[[0, 2]].tolist() == [2 / 3, 1 / 3]
    assert math.isnan(mean.share[1])
    assert math.isnan(mean.contribution[1])


def test_the_geometric_mean_by_hand():
    # 4^(1/2) * 9^(1/2) = 6; 2^(3/4) * 32^(1/4) = 2^0.75 * 2^1.25 = 4
    assert geometric([4.0, 9.0], [1.0, 1.0]).value.item() == pytest.approx(6, rel=1e-15)
    assert geometric([2.0, 32.0], [3.0, 1.0]).value.item() == pytest.approx(4, rel=1e-15)


def test_the_contributions_to_a_geometric_mean_follow_the_logarithmic_mean():
    # x = 4, 9, G = 6: L(4, 6) = 2 / ln 1.5, L(9, 6) = 3 / ln 1.5, so 1/L is as 3 to 2: factors 3/5 and 2/5 of the scores,
    # contributions 12/5 and 18/5, together 6.
    mean = geometric([4.0, 9.0], [1.0, 1.0])
    assert mean.factor.tolist() == pytest.approx([0.6, 0.4], rel=1e-14)
    assert mean.contribution.tolist() == pytest.approx([2.4, 3.6], rel=1e-14)


def test_equal_scores_contribute_their_shares_to_a_geometric_mean():
    mean = geometric([70.0, 70.0, 70.0], [1.0, 2.0, 1.0])
    assert mean.contribution.tolist() == pytest.approx([17.5, 35, 17.5], rel=1e-14)


@pytest.mark.parametrize("name", BOTH)
def test_nothing_has_no_mean(name):
    mean = AGGREGATIONS[name]([[NAN, NAN]], [1.0, 1.0])
    assert np.isnan(mean.value).all()
    assert np.isnan(mean.contribution).all()


@pytest.mark.parametrize("name", BOTH)
def test_no_units_give_no_means(name):
    assert AGGREGATIONS[name](np.empty((0, 3)), [1.0, 1.0, 1.0]).value.shape == (0,)


@pytest.mark.parametrize("weight", [0.0, -1.0, NAN, math.inf])
def test_a_weight_that_is_not_above_zero_is_refused_by_name(weight):
    with pytest.raises(CompositeError, match=r"weights must be above 0: noise"):
        arithmetic([1.0, 2.0], [1.0, weight], Labels(["pm25", "noise"]))


@pytest.mark.parametrize("score", [0.0, -3.0])
def test_a_score_without_a_logarithm_is_refused_with_its_place_and_the_way_out(score):
    labels = Labels(["pm25", "noise"], ["440303", "440304"], ["2023"])
    with pytest.raises(CompositeError) as caught:
        geometric([[[50.0, 60.0], [70.0, score]]], [1.0, 1.0], labels)
    assert f"noise of 440304 in 2023 ({score:g})" in str(caught.value)
    assert "lower: 1" in str(caught.value)


SCORES = st.lists(st.floats(0.01, 1000) | st.just(NAN), min_size=1, max_size=8)


@pytest.mark.parametrize("name", BOTH)
@given(scores=SCORES, data=st.data())
def test_contributions_add_up_to_the_mean(name, scores, data):
    weights = data.draw(st.lists(st.floats(0.01, 100), min_size=len(scores), max_size=len(scores)))
    mean = AGGREGATIONS[name](scores, weights)
    if all(map(math.isnan, scores)):
        assert math.isnan(mean.value)
        return
    assert np.nansum(mean.contribution) == pytest.approx(mean.value.item(), rel=1e-12)
    assert np.nansum(mean.share) == pytest.approx(1, rel=1e-12)
    present = [score for score in scores if not math.isnan(score)]
    assert min(present) * (1 - 1e-12) <= mean.value <= max(present) * (1 + 1e-12)


@pytest.mark.parametrize("name", BOTH)
@given(scores=st.lists(st.floats(1, 100), min_size=2, max_size=6), factor=st.floats(0.1, 10))
def test_twice_the_scores_are_twice_the_mean(name, scores, factor):
    weights = np.arange(1.0, len(scores) + 1)
    once, more = (AGGREGATIONS[name](np.array(scores) * by, weights) for by in (1.0, factor))
    assert more.value.item() == pytest.approx(once.value.item() * factor, rel=1e-12)
    assert more.contribution == pytest.approx(once.contribution * factor, rel=1e-10)


@pytest.mark.parametrize("name", BOTH)
@given(scores=st.lists(st.floats(1, 100), min_size=2, max_size=6), more=st.floats(0.1, 50))
def test_a_better_child_makes_a_better_parent_and_contributes_more(name, scores, more):
    weights = np.arange(1.0, len(scores) + 1)
    before = AGGREGATIONS[name](scores, weights)
    after = AGGREGATIONS[name]([scores[0] + more, *scores[1:]], weights)
    assert after.value > before.value
    assert after.contribution[0] > before.contribution[0]


@given(scores=st.lists(st.floats(1, 100), min_size=2, max_size=6))
def test_the_geometric_mean_is_never_above_the_arithmetic_one(scores):
    weights = np.ones(len(scores))
    assert geometric(scores, weights).value <= arithmetic(scores, weights).value * (1 + 1e-12)
