"""Means: worked out by hand, exact in their contributions, honest about what is missing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.aggregate import (
    AGGREGATIONS,
    arithmetic,
    generalised,
    geometric,
    harmonic,
    mazziotta_pareto,
    median,
    owa,
)
from shenzhi.calc.composite.labels import CompositeError, Labels

NAN = math.nan
# Means under the name of a test: aggregation, and its parameters for so many children.
MEANS = {
    "arithmetic": ("arithmetic", lambda count: {}),
    "geometric": ("geometric", lambda count: {}),
    "harmonic": ("harmonic", lambda count: {}),
    "power 2": ("generalised", lambda count: {"p": 2}),
    "power 0.3": ("generalised", lambda count: {"p": 0.3}),
    "power -4": ("generalised", lambda count: {"p": -4}),
    "owa": ("owa", lambda count: {"order": range(count, 0, -1)}),
    "median": ("median", lambda count: {}),
    "mazziotta_pareto": ("mazziotta_pareto", lambda count: {"sample": True}),
}
ALL = sorted(MEANS)
QUASI = ["arithmetic", "geometric", "harmonic", "power 2", "power 0.3", "power -4"]


def mean_of(name, scores, weights):
    aggregation, parameters = MEANS[name]
    return AGGREGATIONS[aggregation](scores, weights, **parameters(np.shape(scores)[-1]))


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


@pytest.mark.parametrize("name", ALL)
def test_nothing_has_no_mean(name):
    mean = mean_of(name, [[NAN, NAN]], [1.0, 1.0])
    assert np.isnan(mean.value).all()
    assert np.isnan(mean.contribution).all()


@pytest.mark.parametrize("name", ALL)
def test_no_units_give_no_means(name):
    assert mean_of(name, np.empty((0, 3)), [1.0, 1.0, 1.0]).value.shape == (0,)


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


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=15)
@given(scores=SCORES, data=st.data())
def test_contributions_add_up_to_the_mean(name, scores, data):
    weights = data.draw(st.lists(st.floats(0.01, 100), min_size=len(scores), max_size=len(scores)))
    mean = mean_of(name, scores, weights)
    if all(map(math.isnan, scores)):
        assert math.isnan(mean.value)
        return
    assert np.nansum(mean.contribution) + mean.penalty == pytest.approx(mean.value.item(), rel=1e-12)
    assert np.nansum(mean.share) == pytest.approx(1, rel=1e-12)
    assert np.nansum(mean.factor) == pytest.approx(1, rel=1e-12) or name not in (
        "owa",
        "median",
        "arithmetic",
    )
    assert (np.isnan(mean.factor) == np.isnan(scores)).all()
    if name == "mazziotta_pareto":  # the penalty leads below the least child
        return
    present = [score for score in scores if not math.isnan(score)]
    assert min(present) * (1 - 1e-12) <= mean.value <= max(present) * (1 + 1e-12)


def test_the_harmonic_mean_by_hand():
    # 1 / ((1/3 + 1/6) / 2) = 4; with weights 1 and 2: 3 / (1/3 + 2/6) = 4.5
    assert harmonic([3.0, 6.0], [1.0, 1.0]).value.item() == pytest.approx(4, rel=1e-15)
    assert harmonic([3.0, 6.0], [1.0, 2.0]).value.item() == pytest.approx(4.5, rel=1e-15)


def test_the_contributions_to_a_harmonic_mean_by_hand():
    # x = 3, 6, H = 4: (1/x - 1/H) / (x - H) = -1 / (x H), so factors are as 1/3 to 1/6: 2/3 and 1/3, each 2
    assert harmonic([3.0, 6.0], [1.0, 1.0]).contribution.tolist() == pytest.approx([2, 2], rel=1e-14)


def test_the_quadratic_mean_by_hand_with_a_zero_and_with_zeros_alone():
    # M = sqrt((0 + 100) / 2); (x^2 - M^2) / (x - M) = x + M: factors as M to 10 + M
    mean = generalised([0.0, 10.0], [1.0, 1.0], p=2)
    root = math.sqrt(50)
    assert mean.value.item() == pytest.approx(root, rel=1e-15)
    assert mean.factor.tolist() == pytest.approx(
        [root / (10 + 2 * root), (10 + root) / (10 + 2 * root)], rel=1e-14
    )
    assert generalised([0.0, 0.0], [1.0, 1.0], p=2).value.item() == 0


def test_special_powers_are_the_means_of_that_name():
    scores, weights = [[20.0, 50.0, NAN, 70.0]], [1.0, 2.0, 3.0, 4.0]
    for p, other in ((1, arithmetic), (0, geometric), (-1, harmonic)):
        mean, same = generalised(scores, weights, p=p), other(scores, weights)
        assert mean.value.tolist() == same.value.tolist()
        np.testing.assert_array_equal(mean.factor, same.factor)


def test_powers_meet_the_geometric_mean_at_nought_without_a_jump():
    scores, weights = [20.0, 50.0, 70.0], [1.0, 2.0, 3.0]
    for p in (1e-9, -1e-9):
        near, there = generalised(scores, weights, p=p), geometric(scores, weights)
        assert near.value.item() == pytest.approx(there.value.item(), rel=1e-6)
        assert near.factor.tolist() == pytest.approx(there.factor.tolist(), rel=1e-6)


def test_a_high_power_does_not_overflow():
    # the greatest score decides: 1e5 * (1/2)^(1/200)
    assert generalised([1e5, 1.0], [1.0, 1.0], p=200).value.item() == pytest.approx(
        1e5 * 0.5**0.005, rel=1e-12
    )
    assert generalised([1e5, 1e-5], [1.0, 1.0], p=-200).value.item() == pytest.approx(
        1e-5 * 2**0.005, rel=1e-12
    )


def test_a_generalised_mean_goes_on_without_a_missing_child():
    # COINr's a_genmean gives NA as soon as one child is missing.
    assert generalised([30.0, NAN, 40.0], [1.0, 5.0, 1.0], p=2).value.item() == pytest.approx(math.sqrt(1250))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: generalised([1.0], [1.0]), "generalised needs p"),
        (lambda: generalised([1.0], [1.0], p=math.inf), "take owa"),
        (lambda: generalised([0.0], [1.0], p=-2), "a generalised mean with p = -2 needs scores above 0"),
        (lambda: harmonic([0.0], [1.0]), "a harmonic mean needs scores above 0"),
        (lambda: owa([1.0, 2.0], [1.0, 1.0], order=[1.0]), "owa needs order, 2 weights of places"),
        (lambda: owa([1.0, 2.0], [1.0, 1.0], order=[-1.0, 2.0]), "from 0 up"),
        (lambda: mazziotta_pareto([1.0, -3.0], [1.0, 1.0]), "needs means above 0: it is -1"),
        (lambda: mazziotta_pareto([1.0], [1.0], sign=0), "sign must be -1"),
    ],
)
def test_a_mean_that_cannot_be_is_refused_with_the_way_out(call, words):
    with pytest.raises(CompositeError, match=words):
        call()


def test_the_median_is_the_score_at_half_of_the_weight():
    assert median([1.0, 9.0, 4.0], [1.0, 1.0, 1.0]).value.item() == 4
    # from below 1 (weight 1), 4 (2), 9 (5): half of 8 is reached with 9
    assert median([1.0, 9.0, 4.0], [1.0, 5.0, 2.0]).value.item() == 9
    # half is reached exactly between 1 and 4; 1 and the two 4 (weights 1 and 3) give half each
    mean = median([1.0, 4.0, NAN, 4.0], [4.0, 1.0, 9.0, 3.0])
    assert mean.value.item() == 2.5
    assert mean.factor[[0, 1, 3]].tolist() == [0.5, 0.125, 0.375]


def test_an_ordered_average_weighs_places():
    # best to worst 90, 60, 30 with 0.5, 0.3, 0.2: 45 + 18 + 6 = 69, whoever has them
    order = [0.5, 0.3, 0.2]
    assert owa([30.0, 90.0, 60.0], [1.0, 1.0, 1.0], order=order).value.item() == pytest.approx(69, rel=1e-15)
    assert owa([30.0, 90.0, 60.0], [1.0, 1.0, 1.0], order=order).factor.tolist() == pytest.approx(
        [0.2, 0.5, 0.3]
    )


def test_an_ordered_average_stretches_its_places_over_unequal_children():
    # Q rises by 0.5, 0.3, 0.2 per third. 90 with half of the weight: Q(1/2) = 0.5 + 0.3 / 2 = 0.65; 60 the rest
    mean = owa([60.0, 90.0, NAN], [1.0, 1.0, 1.0], order=[0.5, 0.3, 0.2])
    assert mean.value.item() == pytest.approx(0.65 * 90 + 0.35 * 60, rel=1e-14)
    # equal scores share their places by weight, in whatever order they stand: 0.5 + 0.3 as 1 to 1
    assert owa([90.0, 90.0, 30.0], [1.0, 1.0, 1.0], order=[0.5, 0.3, 0.2]).factor.tolist() == pytest.approx(
        [0.4, 0.4, 0.2]
    )


def test_the_mazziotta_pareto_penalty_by_hand_with_both_signs():
    # M = 100, S^2 = (20^2 + 20^2) / 2 = 400, so 100 -+ 4; of the sample 800, so 100 - 8
    scores, weights = [80.0, 120.0], [1.0, 1.0]
    down = mazziotta_pareto(scores, weights)
    assert (down.value.item(), down.penalty, down.contribution.tolist()) == (96, -4, [40, 60])
    assert mazziotta_pareto(scores, weights, sign=1).value.item() == 104
    assert mazziotta_pareto(scores, weights, sample=True).value.item() == pytest.approx(92)


def test_one_child_alone_is_not_uneven():
    assert mazziotta_pareto([[80.0, NAN]], [1.0, 2.0], sample=True).value.tolist() == [80]


@pytest.mark.parametrize("name", ALL)
def test_leaving_out_the_only_child_that_has_a_score_leaves_nothing(name):
    # COINr sets its weight to 0 and gives NaN through 0 / 0; here it is no score, because none is left.
    scores = np.array([[NAN, 50.0, NAN]])
    assert mean_of(name, scores, [1.0, 1.0, 1.0]).value.tolist() == pytest.approx([50.0])
    assert np.isnan(mean_of(name, scores[:, [0, 2]], [1.0, 1.0]).value).all()


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=8)
@given(
    rows=st.lists(st.lists(st.floats(1, 100) | st.just(NAN), min_size=4, max_size=4), min_size=2, max_size=9)
)
def test_a_unit_scores_the_same_alone_and_among_others(name, rows):
    weights = [1.0, 2.0, 3.0, 0.5]
    among = mean_of(name, rows, weights)
    for at, row in enumerate(rows):
        alone = mean_of(name, [row], weights)
        np.testing.assert_allclose(alone.value[0], among.value[at], rtol=1e-14)
        np.testing.assert_allclose(alone.factor[0], among.factor[at], rtol=1e-13)


@settings(max_examples=20)
@given(
    scores=st.lists(st.floats(1, 100), min_size=2, max_size=5),
    p=st.floats(-5, 5).filter(lambda p: abs(p) > 0.01 and abs(p - 1) > 0.01),
)
def test_factors_are_the_divided_differences_of_the_mean(scores, p):
    # a second way, straight from the definition, where it is not 0 / 0
    mean = generalised(scores, np.ones(len(scores)), p=p)
    x, m = np.array(scores), float(mean.value)
    if (np.abs(x / m - 1) < 1e-4).any():
        return
    v = (x**p - m**p) / (x - m)
    assert mean.factor == pytest.approx(v / v.sum(), rel=1e-8)


@pytest.mark.parametrize("name", QUASI)
def test_factors_are_steady_where_a_score_comes_near_the_mean(name):
    # the divided difference is 0 / 0 there; a step of 1e-12 in the score may move a factor by no more than that
    factors = [
        mean_of(name, [50.0 + step, 50.0, 50.0], [1.0, 1.0, 1.0]).factor for step in (0, 1e-12, 1e-9, 1e-6)
    ]
    for factor in factors:
        assert factor == pytest.approx([1 / 3] * 3, rel=1e-6)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=10)
@given(scores=st.lists(st.floats(1, 100), min_size=2, max_size=6), factor=st.floats(0.1, 10))
def test_twice_the_scores_are_twice_the_mean(name, scores, factor):
    weights = np.arange(1.0, len(scores) + 1)
    once, more = (mean_of(name, np.array(scores) * by, weights) for by in (1.0, factor))
    assert more.value.item() == pytest.approx(once.value.item() * factor, rel=1e-12)
    assert more.contribution == pytest.approx(once.contribution * factor, rel=1e-10)


@pytest.mark.parametrize("name", QUASI)
@settings(max_examples=10)
@given(scores=st.lists(st.floats(1, 100), min_size=2, max_size=6), more=st.floats(0.1, 50))
def test_a_better_child_makes_a_better_parent_and_contributes_more(name, scores, more):
    weights = np.arange(1.0, len(scores) + 1)
    before = mean_of(name, scores, weights)
    after = mean_of(name, [scores[0] + more, *scores[1:]], weights)
    assert after.value > before.value
    if name != "power -4":  # a child that limits the mean contributes less as it ceases to be the limit
        assert after.contribution[0] > before.contribution[0]


@pytest.mark.parametrize("name", ["owa", "median"])
@settings(max_examples=10)
@given(scores=st.lists(st.floats(1, 100), min_size=2, max_size=6), more=st.floats(0.1, 50))
def test_a_better_child_never_makes_a_worse_parent(name, scores, more):
    weights = np.arange(1.0, len(scores) + 1)
    before, after = (mean_of(name, [scores[0] + by, *scores[1:]], weights).value for by in (0, more))
    assert after >= before * (1 - 1e-12)


@settings(max_examples=10)
@given(scores=st.lists(st.floats(1, 100), min_size=2, max_size=6))
def test_the_geometric_mean_is_never_above_the_arithmetic_one(scores):
    weights = np.ones(len(scores))
    assert geometric(scores, weights).value <= arithmetic(scores, weights).value * (1 + 1e-12)
