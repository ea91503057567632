"""Uncertain figures: what is drawn, how it is carried to the score, and one account with the choice of method."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shenzhi.calc.composite import sobol
from shenzhi.calc.composite.alternatives import Alternative, Factor
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import Recipe, build, with_weights
from shenzhi.calc.composite.robust import robustness
from shenzhi.calc.composite.tree import Tree
from shenzhi.calc.composite.uncertain import draws, hot_deck, joint, propagated

NAN = math.nan
TREE = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
BASE = Recipe(TREE, [Scaling("goalposts", 1, {"posts": (0, 100)})] * 2)
X = np.array([[50.0, 60.0], [55.0, 45.0], [40.0, 70.0]])


def weights_of(*values: float) -> Factor:
    """The weight of the first of two indicators, 1 for the other."""
    return Factor(
        "weights",
        [Alternative(f"{one:g}", lambda given, one=one: with_weights(given, {"a": one})) for one in values],
    )


def test_only_what_is_uncertain_is_drawn():
    errors = [[2.0, 0.0], [NAN, 0.0], [1.0, 0.0]]
    sets = draws(X, 4000, errors=errors, seed=1)
    assert sets.shape == (4000, 3, 2)
    assert (sets[:, :, 1] == X[:, 1]).all()
    assert (sets[:, 1, 0] == 55).all()
    # standard error of a mean 2 / 63 = 0.03, of a deviation 2 / 89 = 0.02
    assert sets[:, 0, 0].mean() == pytest.approx(50, abs=0.1)
    assert sets[:, 0, 0].std() == pytest.approx(2, abs=0.08)
    assert (draws(X, 4000, errors=errors, seed=1) == sets).all()


def test_lognormal_errors_keep_the_mean_the_error_and_the_sign():
    sets = draws([[5.0]], 20_000, errors=[[3.0]], seed=2, shape="lognormal")
    assert (sets > 0).all()
    assert sets.mean() == pytest.approx(5, abs=0.1)
    assert sets.std() == pytest.approx(3, abs=0.2)


def test_missing_cells_of_one_set_come_from_one_imputation():
    x = np.array([[NAN, 1.0], [NAN, 2.0]])
    imputations = np.array([[[10.0, 99], [11, 99]], [[20, 99], [21, 99]]])
    sets = draws(x, 4, imputations=imputations, seed=1)
    assert sets[:, :, 0].tolist() == [[10, 11], [20, 21], [10, 11], [20, 21]]
    assert (sets[:, :, 1] == [1, 2]).all()


def test_a_missing_figure_is_one_that_a_unit_of_its_group_has():
    x = np.array([[[1.0, NAN], [2.0, 5.0], [NAN, 6.0], [8.0, NAN]]] * 2)
    x[1] += 100
    sets = hot_deck(x, 400, seed=1, grouping=["south"] * 4)
    there = ~np.isnan(x)
    assert (sets[:, there] == x[there]).all()
    assert set(sets[:, 0, 2, 0]) == {1, 2, 8}
    assert set(sets[:, 1, 0, 1]) == {105, 106}
    # each donor is as likely as the next: 400 / 3 = 133, standard error about 9
    assert (np.abs(np.unique(sets[:, 0, 2, 0], return_counts=True)[1] - 133) < 40).all()
    north = ["south", "south", "south", "north"]
    with pytest.raises(CompositeError, match="no unit to take a figure from: b of row 3"):
        hot_deck(x[0], 5, seed=1, grouping=north, labels=Labels(["a", "b"]))


def test_what_cannot_be_drawn_is_refused_together():
    with pytest.raises(CompositeError) as caught:
        draws([[0.0]], 3, errors=[[1.0]], imputations=np.zeros((2, 5, 5)), seed=1, shape="lognormal")
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "imputations",
        "lognormal errors need figures above 0",
    ]
    with pytest.raises(CompositeError, match="gdp of Futian"):
        draws([[0.0]], 3, errors=[[1.0]], seed=1, shape="lognormal", labels=Labels(["gdp"], ["Futian"]))
    with pytest.raises(CompositeError, match="standard error, not below 0"):
        draws([[0.0]], 3, errors=[[-1.0]], seed=1)


def test_the_error_of_a_score_follows_from_those_of_its_figures():
    # index = (3 a + b) / 4: variance (9 * 2² + 1 * 4²) / 16 = 52 / 16, error 1.803
    sets = draws(X, 5000, errors=np.tile([2.0, 4.0], (3, 1)), seed=3)
    found = propagated(BASE, X, sets)
    assert found.error == pytest.approx(np.full(3, math.sqrt(52 / 16)), abs=0.07)
    assert found.mean == pytest.approx(build(BASE, X).score, abs=0.1)
    low, high = found.interval(0.9)
    assert high - low == pytest.approx(np.full(3, 2 * 1.645 * math.sqrt(52 / 16)), rel=0.06)
    # first 52.5, second 52.5: each leads the other half of the time; the third, 47.5, hardly ever
    assert found.standing.ahead_share()[0, 1] == pytest.approx(0.5, abs=0.03)
    assert found.standing.top(2)[2] < 0.1


def test_every_set_is_a_frame_of_its_own():
    base = Recipe(TREE, [Scaling("minmax"), Scaling("zscore", -1)], axis=(-3, -2))
    panel = np.stack([X, X * 1.3])
    sets = draws(panel, 3, errors=np.ones(panel.shape), seed=6)
    found = propagated(base, panel, sets)
    for one, score, rank in zip(sets, found.scores, found.ranks, strict=True):
        alone = build(base, one)
        np.testing.assert_array_equal(score, alone.score)
        np.testing.assert_array_equal(rank, alone.ranks)


def test_data_and_method_share_one_account():
    # Unit 0 scores (w a + b) / (w + 1), with w 3 or 1 (weights) and a = 50 + e (data): the sum of effects by definition.
    sets = draws(X, 40, errors=np.tile([3.0, 0.0], (3, 1)), seed=4)
    found = joint(BASE, X, sets, [weights_of(3, 1)])
    assert found.names == ("data", "weights")
    a, w = sets[:, None, 0, 0], np.array([3.0, 1.0])
    y = (w * a + 60) / (w + 1)
    expected = sobol.indices(y)
    np.testing.assert_allclose(found.by_score.first[0], expected.first, rtol=1e-9)
    np.testing.assert_allclose(found.by_score.total[0], expected.total, rtol=1e-9)
    assert found.by_score.first.shape == (3, 2)
    # both matter, and they interact, since the weight decides how far an error reaches
    assert 1 > found.by_score.first[0].sum() > 0.9
    assert found.standing.variants == 80


def test_without_a_question_of_method_the_data_explain_everything():
    sets = draws(X, 9, errors=np.full(X.shape, 2.0), seed=8)
    found = joint(BASE, X, sets, [])
    assert (found.names, found.possible.shape) == (("data",), (9,))
    np.testing.assert_array_equal(found.scores, propagated(BASE, X, sets).scores)
    np.testing.assert_allclose(found.by_score.first[:, 0], 1, rtol=1e-9)
    np.testing.assert_allclose(found.by_score.variance, found.scores.var(axis=0), rtol=1e-9)


def test_certain_data_leave_all_to_the_method():
    questions = [weights_of(3, 1, 0.2)]
    found = joint(BASE, X, np.repeat(X[None], 5, axis=0), questions)
    alone = robustness(BASE, X, questions)
    assert found.by_score.first[:, 0].tolist() == [0, 0, 0]
    np.testing.assert_allclose(found.by_score.first[:, 1:], alone.by_score.first, rtol=1e-9)
    np.testing.assert_allclose(found.by_index.total[1:], alone.by_index.total, rtol=1e-9)
    np.testing.assert_allclose(found.standing.share(), alone.standing.share(), rtol=1e-12)


def test_a_panel_and_impossible_combinations_are_allowed():
    base = Recipe(TREE, [Scaling("minmax", 1, {"lower": 1})] * 2)
    panel = np.stack([X, X + 1.5])
    sets = draws(panel, 6, errors=np.ones(panel.shape), seed=5)
    questions = [
        Factor(
            "scale", [Alternative("min-max"), Alternative("z-score", {"scalings": [Scaling("zscore")] * 2})]
        ),
        Factor(
            "mean",
            [Alternative("arithmetic"), Alternative("geometric", {"aggregations": "geometric"})],
            probabilities=[0.8, 0.2],
        ),
    ]
    found = joint(base, panel, sets, questions)
    assert found.possible.shape == (6, 2, 2)
    assert not found.possible[:, 1, 1].any()
    assert found.possible.sum() == 18
    assert sum(one.combinations for one in found.impossible) == 6
    assert found.by_rank.first.shape == (2, 3, 3)
    assert found.by_index.total.shape == (2, 3)
    assert np.isfinite(found.by_score.total).all()
    assert found.standing.share().sum(axis=-1) == pytest.approx(np.ones((2, 3)))


def test_data_is_a_name_of_its_own():
    with pytest.raises(CompositeError, match='"data" is the name of the factor for the figures'):
        joint(BASE, X, X[None], [Factor("data", [Alternative("as it is")])])
