"""Benefit of the Doubt: by hand, by the whole linear programme, by Compind's answers, and what bounds and gaps do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from shenzhi.calc.composite.envelope import envelope, envelope_mean
from shenzhi.calc.composite.labels import CompositeError, Labels

NAN = math.nan
LABELS = Labels(["gdp", "pm25"], ["north", "south"])


def whole_programme(x: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """Every unit against all units at once, as the definition says it."""
    count = x.shape[1]
    scores = []
    for own in x:
        diagonal = np.diag(own)
        table = np.vstack([x, lower * own - diagonal, diagonal - upper * own])
        limit = [1.0] * len(x) + [0.0] * (2 * count)
        scores.append(-linprog(-own, A_ub=table, b_ub=limit, method="highs-ds").fun)
    return np.array(scores)


def test_each_unit_gets_the_weights_that_favour_it():
    # (2, 2) under w: w1 + 4 w2 <= 1 and 4 w1 + w2 <= 1 meet in w = (1/5, 1/5), where it scores 4/5
    found = envelope([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0]])
    assert found.score.tolist() == pytest.approx([1, 1, 0.8], abs=1e-12)
    assert found.weight[2].tolist() == pytest.approx([0.2, 0.2], abs=1e-12)
    assert found.share[2].tolist() == pytest.approx([0.5, 0.5], abs=1e-12)
    assert found.peers_of(2) == [0, 1]


def test_share_bounds_hold_a_unit_to_what_it_is_bad_at():
    # (1, 4) with both shares at 1/2: w1 = 4 w2. Of 4 w1 + w2 <= 1 and w1 + 4 w2 <= 1 the first binds: w2 = 1/17,
    # so the score is w1 + 4 w2 = 8/17.
    found = envelope([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0]], lower=0.5, upper=0.5)
    assert found.score.tolist() == pytest.approx([8 / 17, 8 / 17, 0.8], abs=1e-12)
    assert found.peers_of(0) == [1]


@pytest.mark.parametrize(("file", "lower", "upper"), [("up1_low0", 0.0, 1.0), ("up0.30_low0.05", 0.05, 0.3)])
def test_the_envelope_agrees_with_compind(asem, file, lower, upper):
    pillars = list(asem.rows(f"compind/asem_pillars_bod_{file}")[0])[2:]
    x = asem.matrix("coinr/aggregate/amean", pillars)
    expected = asem.matrix(f"compind/asem_pillars_bod_{file}", ["bod"])[:, 0]
    found = envelope(x, lower=lower, upper=upper)
    np.testing.assert_allclose(found.score, expected, rtol=0, atol=1e-9)
    # On the envelope many sets of weights give 1, and each programme names another; below it there is one.
    under = expected < 1 - 1e-9
    shares = asem.matrix(f"compind/asem_pillars_bod_{file}", pillars)
    np.testing.assert_allclose(found.share[under], shares[under], rtol=0, atol=1e-9)
    assert under.sum() > 30


TABLES = st.integers(2, 4).flatmap(
    lambda columns: arrays(
        np.float64, st.tuples(st.integers(2, 9), st.just(columns)), elements=st.floats(1, 100)
    )
)


@pytest.mark.parametrize(("lower", "upper"), [(0.0, 1.0), (0.1, 0.7)])
@settings(max_examples=15)
@given(x=TABLES)
def test_the_short_way_gives_what_the_whole_programme_gives(lower, upper, x):
    found = envelope(x, lower=lower, upper=upper)
    np.testing.assert_allclose(found.score, whole_programme(x, lower, upper), rtol=0, atol=1e-9)
    assert (found.weight >= 0).all()
    assert found.share.sum(axis=1) == pytest.approx(np.ones(len(x)), abs=1e-9)
    assert ((found.share >= lower - 1e-9) & (found.share <= upper + 1e-9)).all()
    assert (x @ found.weight.T).max() <= 1 + 1e-9


@settings(max_examples=10)
@given(x=TABLES, data=st.data())
def test_neither_row_order_nor_units_of_measurement_change_a_score(x, data):
    order = data.draw(st.permutations(range(len(x))))
    powers = data.draw(st.lists(st.integers(-8, 8), min_size=x.shape[1], max_size=x.shape[1]))
    found, other = envelope(x), envelope(x[list(order)] * 2.0 ** np.array(powers))
    assert other.score.tolist() == found.score[list(order)].tolist()
    assert other.share.tolist() == pytest.approx(found.share[list(order)], abs=1e-12)


def test_each_period_has_an_envelope_of_its_own():
    one, other = [[1.0, 4.0], [4.0, 1.0], [2.0, 2.0]], [[2.0, 2.0], [4.0, 4.0], [1.0, 3.0]]
    found = envelope([one, other])
    assert found.score[0].tolist() == envelope(one).score.tolist()
    assert found.score[1].tolist() == pytest.approx([0.5, 1, 0.75], abs=1e-12)
    assert (found.peers_of(0, 2), found.peers_of(1, 0)) == ([0, 1], [1])


def test_a_gap_is_refused_by_name_left_out_or_counted_as_nothing():
    x = [[1.0, 4.0], [NAN, 5.0], [4.0, 1.0]]
    with pytest.raises(CompositeError, match="missing: gdp of south"):
        envelope(x, labels=Labels(["gdp", "pm25"], ["north", "south", "west"]))
    out = envelope(x, missing="leave_out")
    assert out.left_out.tolist() == [False, True, False]
    assert np.isnan(out.score[1])
    # without the second, the first is as good as can be; with it, w2 <= 1/5 and w1 + 4/5 reaches 1 with w1 = 1/5
    assert out.score[0] == pytest.approx(1, abs=1e-12)
    nothing = envelope(x, missing="nothing")
    assert nothing.score.tolist() == pytest.approx([1, 1, 1], abs=1e-12)
    assert nothing.weight[1].tolist() == pytest.approx([0, 0.2], abs=1e-12)


@pytest.mark.parametrize(
    ("x", "bounds", "words"),
    [
        ([[1.0, -4.0], [1.0, 1.0]], {}, "below 0: pm25 of north"),
        ([[1.0, 0.0], [1.0, 1.0]], {"lower": 0.1}, "a score of 0 can have no virtual share.*pm25 of north"),
        ([[1.0, 0.0], [1.0, 1.0]], {"upper": 0.6}, "north: upper bounds of the indicators above 0"),
        ([[1.0, 2.0], [1.0, 1.0]], {"lower": 0.6}, "lower bounds add up to 1.2"),
        ([[1.0, 2.0], [1.0, 1.0]], {"upper": 0.4}, "upper to 0.8"),
        ([[1.0, 2.0], [1.0, 1.0]], {"lower": [0.5, -0.1]}, "0 <= lower <= upper <= 1: pm25"),
        ([[1.0, 2.0], [1.0, 1.0]], {"missing": "guess"}, "refuse, leave_out or nothing"),
    ],
)
def test_a_question_without_an_answer_is_refused_with_the_reason(x, bounds, words):
    with pytest.raises(CompositeError, match=words):
        envelope(x, labels=LABELS, **bounds)


def test_zeros_are_scores_like_others():
    found = envelope([[0.0, 0.0], [0.0, 2.0], [0.0, 4.0]])
    assert found.score.tolist() == pytest.approx([0, 0.5, 1], abs=1e-12)
    assert np.isnan(found.share[0]).all()


def test_as_a_mean_of_a_tree_its_parts_add_up():
    mean = envelope_mean([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0], [NAN, NAN]], [1.0, 1.0])
    assert mean.value[:3].tolist() == pytest.approx([100, 100, 80], abs=1e-9)
    assert mean.contribution[:3].sum(axis=1).tolist() == pytest.approx(mean.value[:3].tolist(), rel=1e-12)
    assert np.isnan(mean.value[3])


@pytest.mark.slow
def test_a_thousand_units_agree_with_the_whole_programme():
    x = np.random.default_rng(1).uniform(10, 100, (1000, 8))
    few = np.arange(0, 1000, 50)
    expected = [-linprog(-x[at], A_ub=x, b_ub=np.ones(len(x)), method="highs-ds").fun for at in few]
    np.testing.assert_allclose(envelope(x).score[few], expected, rtol=0, atol=1e-9)
