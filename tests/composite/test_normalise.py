"""Normalisation: each formula worked out by hand, the faults it refuses, and the promises that all methods keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite import normalise as run
from shenzhi.calc.composite import workers
from shenzhi.calc.composite.frames import exact_sums
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
from shenzhi.calc.composite.places import borda, prank, rank
from shenzhi.calc.composite.scales import ampi, scaled
from shenzhi.calc.composite.targets import dist2ref, dist2targ, fracmax, interval, realisation

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
    assert parameters("efficacy") == {
        "posts": None,
        "lower": 60.0,
        "upper": 100.0,
        "cap": False,
        "log": False,
    }
    assert parameters("zscore") == {"mean": 0.0, "sd": 1.0}


def test_no_units_and_no_indicators_have_no_scores():
    for method in OBSERVED:
        assert normalise(np.empty((0, 2)), [Scaling(method)] * 2).score.shape == (0, 2)
    assert normalise(np.empty((3, 0)), []).score.shape == (3, 0)


def test_a_base_period_makes_the_scale_of_all_periods():
    # base 2 and 6: worst 2, best 6; 8 lies 6/4 of the way, 0 half a way below
    panel = np.array([[[2.0], [6.0]], [[8.0], [0.0]]])
    assert minmax(panel, base=0).score[..., 0].tolist() == [[0, 100], [150, -50]]
    # base mean 4, deviation sqrt(8): 8 is 4 / sqrt(8) = sqrt(2) above
    result = zscore(panel, base=[0])
    assert result.score[1, 0, 0] == pytest.approx(math.sqrt(2))
    assert (result.used["mean"].item(), result.used["sd"].item()) == (4, math.sqrt(8))


def test_several_base_periods_are_one_frame():
    panel = np.array([[[2.0], [4.0]], [[3.0], [6.0]], [[10.0], [0.0]]])
    assert minmax(panel, base=[0, 1]).score[2, :, 0].tolist() == [200, -50]


@pytest.mark.parametrize("base", [3, [], [0, -4]])
def test_a_base_outside_the_panel_is_refused(base):
    with pytest.raises(CompositeError, match="is not a period of the 3 in the panel"):
        minmax(np.arange(6.0).reshape(3, 2, 1), base=base)


def test_a_base_is_recorded_in_the_figures_of_every_period():
    panel = np.array([[[2.0], [6.0]], [[8.0], [0.0]]])
    assert normalise(panel, [Scaling("minmax")], base=0).used["best"][:, 0, 0].tolist() == [6, 6]


def test_exact_sums_are_those_of_fsum():
    rows = [[1e16, 1.0, -1e16, 3e-300], [0.1] * 4, [NAN, 0.1, 0.2, -0.3]]
    assert exact_sums(rows, axis=1).tolist() == [math.fsum(one for one in row if one == one) for row in rows]


@settings(max_examples=25)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=40))
def test_exact_sums_are_those_of_fsum_for_numbers_of_any_size(values):
    assert exact_sums([[one] for one in values]).tolist() == [math.fsum(values)]


def test_ranks_percentiles_and_borda_points_count_from_the_worst():
    x = column(10, 40, 20, 20, NAN)
    assert scores(rank(x))[:4] == [1, 4, 2, 2]
    assert scores(borda(x))[:4] == [0, 3, 1, 1]
    # three others have a value: 0/3, 3/3, 1/3
    assert scores(prank(x))[:4] == [0, 1, round(1 / 3, 12), round(1 / 3, 12)]
    assert math.isnan(prank(x).score[4, 0])
    assert scores(rank(x, direction=-1, ties="average"))[:4] == [4, 1, 2.5, 2.5]


def test_a_rank_over_all_periods_counts_the_units_of_all_periods():
    panel = np.array([[[1.0], [3.0]], [[2.0], [4.0]]])
    assert rank(panel, axis=(-3, -2)).score[..., 0].tolist() == [[1, 3], [2, 4]]
    assert rank(panel).score[..., 0].tolist() == [[1, 2], [1, 2]]


def test_a_percentile_of_one_unit_and_a_rank_with_a_base_are_refused():
    with pytest.raises(CompositeError, match="pm25: only one unit has a value, so there is no percentile"):
        prank(column(1, NAN), labels=Labels(["pm25"]))
    with pytest.raises(CompositeError, match="leave out base"):
        rank(np.zeros((2, 2, 1)), base=0)


def test_fixed_posts_of_a_negative_indicator_are_written_low_first_as_well():
    # low 5 is best: 60 -> 0, 5 -> 100, and nothing is held: 71 is 11/55 below
    assert scores(scaled(column(60, 5, 71), direction=-1, posts=[[5, 60]])) == [0, 100, -20]


def test_distance_to_a_reference_unit():
    # worst 10, reference 30: 20 is half way, 40 half a way further
    x = column(10, 30, 20, 40)
    assert scores(dist2ref(x, reference=1)) == [0, 1, 0.5, 1.5]
    result = dist2ref(x, reference=1, cap=True, lower=1, upper=100)
    assert scores(result) == [1, 100, 50.5, 100]
    assert result.capped[:, 0].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((10, NAN, 20), "gdp: the reference unit has no value"),
        ((10, 5, 20), "gdp: the reference unit has the worst value"),
    ],
)
def test_a_reference_that_measures_nothing_is_refused(values, words):
    # COINr divides by 0 here and gives Inf, or loses the whole column.
    with pytest.raises(CompositeError, match=words):
        dist2ref(column(*values), reference=1, labels=Labels(["gdp"]))


def test_a_reference_unit_over_all_periods_needs_a_base():
    panel = np.array([[[10.0], [30.0]], [[20.0], [50.0]]])
    with pytest.raises(CompositeError, match="name one period as base"):
        dist2ref(panel, reference=1, axis=(-3, -2))
    assert dist2ref(panel, reference=1, base=0).score[..., 0].tolist() == [[0, 1], [0.5, 2]]


def test_distance_to_a_target_is_written_in_the_indicators_own_unit():
    # less is better, worst 60, target 10: 35 is half way
    assert scores(dist2targ(column(60, 35, 10, 5), direction=-1, target=10)) == [0, 0.5, 1, 1.1]
    assert scores(dist2targ(column(60, 35, 10, 5), direction=-1, target=10, cap=True)) == [0, 0.5, 1, 1]
    with pytest.raises(CompositeError, match="the target is not better than the worst value"):
        dist2targ(column(60, 35), target=35)


def test_the_fraction_of_the_best_is_highest_for_the_best_also_where_less_is_better():
    assert scores(fracmax(column(10, 40))) == [0.25, 1]
    # COINr divides -x by max(-x): 10 -> 1 and 40 -> 4, so that the worst unit scores highest.
    assert scores(fracmax(column(10, 40), direction=-1)) == [1, 0.25]
    with pytest.raises(
        CompositeError, match=r"gas: fracmax needs values above 0 where less is better; b has 0"
    ):
        fracmax(column(1, 0), direction=-1, labels=Labels(["gas"], ["a", "b"]))


def test_the_degree_of_realisation_is_a_quotient_and_over_fulfilment_counts_as_fulfilment():
    assert scores(realisation(column(45, 60, 66), target=60)) == [75, 100, 100]
    # at most 40: 50 is 40/50; 0 of what should be little is fulfilment
    result = realisation(column(50, 40, 0), direction=-1, target=40)
    assert scores(result) == [80, 100, 100]
    assert result.capped[:, 0].tolist() == [0, 0, 1]
    assert scores(realisation(column(66), target=60, cap=False)) == [110]
    with pytest.raises(CompositeError, match="set cap: true"):
        realisation(column(0, 1), direction=-1, target=40, cap=False)
    with pytest.raises(CompositeError, match="gdp: a target must be above 0"):
        realisation(column(0, 1), target=0, labels=Labels(["gdp"]))


def test_an_interval_is_best_inside_and_falls_to_its_limits():
    # unemployment best in 3..6, allowed from 1 to 8: 2 is half way up, 7 half way down, 9 beyond
    result = interval(column(3, 6, 2, 7, 1, 9, NAN), optimum=[[3, 6]], limits=[[1, 8]])
    assert scores(result)[:6] == [100, 100, 50, 50, 0, 0]
    assert result.capped[:, 0].tolist() == [0, 0, 0, 0, 0, -1, 0]
    assert math.isnan(result.score[6, 0])


@pytest.mark.parametrize("limits", [(3, 8), (1, 6), (NAN, NAN)])
def test_limits_that_do_not_enclose_the_interval_are_refused(limits):
    with pytest.raises(CompositeError, match="jobs: interval needs optimum"):
        interval(column(1), optimum=[[3, 6]], limits=[limits], labels=Labels(["jobs"]))


def test_the_ampi_scale_puts_the_reference_at_100_and_spans_60():
    # 10..30, reference 15: (30 - 15) / 20 * 60 + 100 = 145
    assert scores(ampi(column(10, 30, 15), reference=15)) == [85, 145, 100]
    assert scores(ampi(column(10, 30, 15), reference=15, direction=-1)) == [115, 55, 100]
    # the reference is the mean of the base period (2), the range that of all periods (0..6)
    panel = np.array([[[1.0], [3.0]], [[0.0], [6.0]]])
    assert ampi(panel, axis=(-3, -2), base=0).score[..., 0].tolist() == [[90, 110], [80, 140]]


def test_a_plan_that_does_not_fit_says_all_that_is_wrong():
    plan = [Scaling("minmx"), Scaling("minmax", 1, {"posts": (0, 1)})]
    with pytest.raises(CompositeError) as caught:
        normalise(np.zeros((2, 2)), plan, labels=Labels(["a", "b"]))
    assert [fault.split(";")[0] for fault in caught.value.faults] == [
        "a: minmx is not a normalisation",
        "b: posts is not a parameter of minmax, which takes lower, upper",
    ]
    with pytest.raises(CompositeError, match="the plan has 2 scalings, but x has 3 indicators"):
        normalise(np.zeros((2, 3)), plan)


def test_blocks_and_threads_change_no_digit(monkeypatch):
    x = np.random.default_rng(7).lognormal(size=(60, 11))
    plan = [Scaling(("zscore", "minmax", "prank")[at % 3], 1 if at % 2 else -1) for at in range(11)]
    at_once = normalise(x, plan)
    monkeypatch.setattr(run, "BLOCK", 100)
    monkeypatch.setattr(workers, "THREADED", 1)
    piecewise = normalise(x, plan)
    assert piecewise.score.tolist() == at_once.score.tolist()
    assert {name: one.tobytes() for name, one in piecewise.used.items()} == {
        name: one.tobytes() for name, one in at_once.used.items()
    }


# Twelve significant steps apart, so that a difference is a difference and not rounding noise.
VALUES = st.lists(st.integers(-1_000_000, 1_000_000), min_size=3, max_size=30, unique=True)
ABOVE_0 = 1_000_001.0  # brings VALUES above 0, for quotients
# What each method needs, for direction +1 and -1. Those with nothing to give measure by what was observed: they promise
# not to depend on the unit of measurement. `interval` has no direction, and is tested by itself.
NEEDS = {
    "dist2ref": ({"reference": 1}, {"reference": 1}),
    "dist2targ": ({"target": 9e6}, {"target": -9e6}),
    "fracmax": ({}, {}),
    "realisation": ({"target": 1e6, "cap": False}, {"target": 1e6, "cap": False}),
}
OBSERVED = sorted(NORMALISATIONS.keys() - NEEDS.keys() - {"interval"})
ALL = sorted([*OBSERVED, *NEEDS])


def scored(method: str, values, direction: int = 1) -> np.ndarray:
    needs = NEEDS.get(method, ({}, {}))[0 if direction == 1 else 1]
    return NORMALISATIONS[method](column(*values) + ABOVE_0, direction=direction, **needs).score[:, 0]


@pytest.mark.parametrize("method", ALL)
@settings(max_examples=8)
@given(values=VALUES)
def test_more_of_a_good_thing_never_scores_less(method, values):
    assert (np.diff(scored(method, sorted(values))) > 0).all()
    assert (np.diff(scored(method, sorted(values), -1)) < 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("method", sorted(set(ALL) - {"dist2ref"}))  # which takes a position
@given(values=VALUES, data=st.data())
def test_the_order_of_units_changes_no_digit(method, values, data):
    order = data.draw(st.permutations(range(len(values))))
    straight = scored(method, values)
    shuffled = scored(method, [values[at] for at in order])
    assert shuffled.tolist() == straight[list(order)].tolist()


@given(values=st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=20, unique=True), data=st.data())
@settings(max_examples=10)
def test_the_order_of_units_changes_no_digit_of_a_z_score(values, data):
    order = data.draw(st.permutations(range(len(values))))
    if not np.isfinite(zscore(column(*values)).score).all():
        return
    straight = zscore(column(*values)).score[:, 0]
    shuffled = zscore(column(*[values[at] for at in order])).score[:, 0]
    assert shuffled.tolist() == straight[list(order)].tolist()


@pytest.mark.parametrize("method", OBSERVED)
@settings(max_examples=8)
@given(values=VALUES, factor=st.floats(0.01, 100), shift=st.floats(-1000, 1000))
def test_scores_do_not_depend_on_the_unit_of_measurement(method, values, factor, shift):
    plain = NORMALISATIONS[method](column(*values)).score
    scaled = NORMALISATIONS[method](column(*values) * factor + shift).score
    np.testing.assert_allclose(scaled, plain, rtol=1e-6, atol=1e-6)


@settings(max_examples=10)
@given(values=VALUES)
def test_scores_of_an_interval_stay_between_its_ends(values):
    result = interval(column(*values), optimum=[[-1000, 1000]], limits=[[-500_000, 400_000]])
    assert ((result.score >= 0) & (result.score <= 100)).all()
    assert (result.score[(np.abs(column(*values)) <= 1000)] == 100).all()
