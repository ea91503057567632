"""Normalisation: each formula worked out by hand, the faults it refuses, and the promises that all methods keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.normalise import (
    NORMALISATIONS,
    Scaling,
    efficacy,
    efficacy_exponential,
    goalposts,
    minmax,
    normalise,
    parameters,
    zscore,
)

NAN = math.nan


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def scores(normalised) -> list[float]:
    return [round(float(score), 12) for score in normalised.score[:, 0]]


def test_minmax_takes_the_worst_to_the_lower_end_and_the_best_to_the_upper():
    # 10, 20, 40: (20 - 10) / 30 = 1/3 of the way from 1 to 100 = 34
    assert scores(minmax(column(10, 20, 40), lower=1, upper=100)) == [1, 34, 100]


def test_direction_minus_one_turns_the_scale_round():
    # less is better: 40 is worst, 10 best; 20 lies 2/3 of the way up = 66.666...
    assert scores(minmax(column(10, 20, 40), direction=-1)) == [100, round(200 / 3, 12), 0]


def test_zscore_divides_by_the_deviation_with_n_minus_one():
    # mean 4, squares 4 + 0 + 4 = 8, divided by 2 = 4, so s = 2; z = -1, 0, 1 on a scale of mean 100 and deviation 10
    assert scores(zscore(column(2, 4, 6), mean=100, sd=10)) == [90, 100, 110]
    used = zscore(column(2, 4, 6), direction=-1).used
    assert (used["mean"].item(), used["sd"].item()) == (4, 2)


def test_goalposts_hold_values_beyond_a_post_and_say_so():
    # posts 20 and 85, as for life expectancy: 52.5 is half way; 90 is held at 100, 10 at 0
    result = goalposts(column(52.5, 90, 10), posts=[[20, 85]])
    assert scores(result) == [50, 100, 0]
    assert result.capped[:, 0].tolist() == [0, 1, -1]


def test_goalposts_are_written_low_first_also_where_less_is_better():
    # posts 5 and 60 for PM2.5: 5 is best, 60 worst; 16 lies (60 - 16) / 55 = 0.8 of the way
    result = goalposts(column(16, 60, 5, 3), direction=-1, posts=[[5, 60]])
    assert scores(result) == [80, 0, 100, 100]
    assert result.capped[:, 0].tolist() == [0, 0, 0, 1]
    assert (result.used["worst"].item(), result.used["best"].item()) == (60, 5)


def test_the_efficacy_score_runs_from_60_to_100_and_goes_on_beyond_the_posts():
    # 60 + 40 * (x - 40) / (60 - 40): 40 -> 60, 55 -> 90, 65 -> 110, 30 -> 40
    result = efficacy(column(40, 55, 65, 30), posts=[[40, 60]])
    assert scores(result) == [60, 90, 110, 40]
    assert not result.capped.any()


def test_a_capped_efficacy_score_stays_within_its_ends_and_marks_what_it_held():
    result = efficacy(column(40, 55, 65, 30), posts=[[40, 60]], cap=True)
    assert scores(result) == [60, 90, 100, 60]
    assert result.capped[:, 0].tolist() == [0, 0, 1, -1]


def test_the_efficacy_score_of_a_negative_indicator_swaps_the_satisfactory_value_and_the_one_not_allowed():
    # x_h = 10, x_s = 30: 60 + 40 * (15 - 30) / (10 - 30) = 60 + 40 * 0.75 = 90
    assert scores(efficacy(column(15, 30, 10), direction=-1, posts=[[10, 30]])) == [90, 60, 100]


def test_efficacy_without_posts_takes_the_observed_ends():
    assert scores(efficacy(column(3, 5, 4))) == [60, 100, 80]


def test_the_exponential_efficacy_score_meets_the_linear_one_at_both_posts():
    # in the middle: 60 * exp(-ln 0.6 / 2) = 60 / sqrt(0.6)
    expected = [60, round(60 / math.sqrt(0.6), 12), 100]
    assert scores(efficacy_exponential(column(0, 5, 10), posts=[[0, 10]])) == expected


def test_a_missing_value_stays_missing_and_has_no_part_in_the_frame():
    result = minmax(column(0, NAN, 10))
    assert scores(result)[0] == 0
    assert math.isnan(result.score[1, 0])
    assert scores(result)[2] == 100


def test_an_indicator_without_any_value_stays_empty():
    assert np.isnan(zscore(column(NAN, NAN)).score).all()


def test_a_global_frame_makes_periods_comparable_and_a_frame_for_each_period_does_not():
    panel = np.array([[[0.0], [10.0]], [[10.0], [20.0]]])  # periods, units, one indicator
    assert minmax(panel, axis=(-3, -2)).score[..., 0].tolist() == [[0, 50], [50, 100]]
    assert minmax(panel, axis=-2).score[..., 0].tolist() == [[0, 100], [0, 100]]


def test_columns_each_take_their_own_method_and_keep_their_place():
    x = np.array([[0.0, 2.0, 40.0], [5.0, 4.0, 55.0], [10.0, 6.0, 65.0]])
    plan = [
        Scaling("minmax"),
        Scaling("zscore", -1, {"mean": 100.0, "sd": 10.0}),
        Scaling("efficacy", 1, {"posts": (40, 60), "cap": True}),
    ]
    result = normalise(x, plan)
    assert result.score.tolist() == [[0, 110, 60], [50, 100, 90], [100, 90, 100]]
    assert result.capped.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert result.used["mean"][0, 1] == 4
    assert np.isnan(result.used["mean"][0, 0])


def test_every_column_that_cannot_be_scored_is_named_at_once():
    x = np.array([[1.0, 5.0, 7.0], [1.0, 6.0, 7.0]])
    plan = [Scaling("minmax"), Scaling("zscore"), Scaling("zscore")]
    with pytest.raises(CompositeError) as caught:
        normalise(x, plan, labels=Labels(["tap_water", "pm25", "noise"]))
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["tap_water", "noise"]
    assert "all values are equal" in caught.value.faults[0]
    assert "give it posts" in caught.value.faults[0]


def test_an_indicator_that_is_constant_in_one_period_names_the_period():
    panel = np.array([[[1.0], [2.0]], [[3.0], [3.0]]])
    with pytest.raises(CompositeError, match="pm25: all values are equal in 2024"):
        minmax(panel, labels=Labels(["pm25"], ["a", "b"], ["2023", "2024"]))


@pytest.mark.parametrize("posts", [(60, 40), (50, 50)])
def test_posts_that_do_not_rise_are_refused(posts):
    with pytest.raises(CompositeError, match=r"gdp: posts must rise, the lower first"):
        efficacy(column(1, 2), posts=[posts], labels=Labels(["gdp"]))


def test_an_infinite_value_is_refused_with_its_place():
    with pytest.raises(CompositeError, match="infinite value: gdp of 440303"):
        minmax(column(1, math.inf), labels=Labels(["gdp"], ["440300", "440303"]))


def test_a_direction_other_than_plus_or_minus_one_is_refused():
    with pytest.raises(CompositeError, match="direction must be"):
        minmax(column(1, 2), direction=0)


def test_the_exponential_score_cannot_begin_at_nothing():
    with pytest.raises(CompositeError, match="lower must be above 0"):
        efficacy_exponential(column(1, 2), lower=0)


def test_a_method_file_may_use_exactly_the_keywords_of_the_function():
    assert parameters("efficacy") == {"posts": None, "lower": 60.0, "upper": 100.0, "cap": False}
    assert parameters("zscore") == {"mean": 0.0, "sd": 1.0}


# Twelve significant steps apart, so that a difference is a difference and not rounding noise.
VALUES = st.lists(st.integers(-1_000_000, 1_000_000), min_size=3, max_size=30, unique=True)
ALL = sorted(NORMALISATIONS)


@pytest.mark.parametrize("method", ALL)
@given(values=VALUES)
def test_more_of_a_good_thing_never_scores_less(method, values):
    result = NORMALISATIONS[method](column(*sorted(values))).score[:, 0]
    assert (np.diff(result) > 0).all()
    turned = NORMALISATIONS[method](column(*sorted(values)), direction=-1).score[:, 0]
    assert (np.diff(turned) < 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("method", ALL)
@given(values=VALUES, data=st.data())
def test_the_order_of_units_changes_no_digit(method, values, data):
    order = data.draw(st.permutations(range(len(values))))
    straight = NORMALISATIONS[method](column(*values)).score[:, 0]
    shuffled = NORMALISATIONS[method](column(*[values[at] for at in order])).score[:, 0]
    assert shuffled.tolist() == straight[list(order)].tolist()


@pytest.mark.parametrize("method", ALL)
@given(values=VALUES, factor=st.floats(0.01, 100), shift=st.floats(-1000, 1000))
def test_scores_do_not_depend_on_the_unit_of_measurement(method, values, factor, shift):
    plain = NORMALISATIONS[method](column(*values)).score
    scaled = NORMALISATIONS[method](column(*values) * factor + shift).score
    np.testing.assert_allclose(scaled, plain, rtol=1e-6, atol=1e-6)
