"""All combinations of method: each is what building it alone gives, and the summary is what counting them gives."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite import robust, sobol
from shenzhi.calc.composite.acceptability import tally
from shenzhi.calc.composite.aggregate import Aggregating
from shenzhi.calc.composite.alternatives import Alternative, Factor, Weightings, around, leaving_out
from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.recipe import Recipe, build, with_weights, without
from shenzhi.calc.composite.robust import robustness
from shenzhi.calc.composite.rounding import Rounding
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.tree import Tree

NAN = math.nan
TREE = Tree.of(
    [("index", ""), ("economy", "index"), ("gdp", "economy"), ("energy", "economy"), ("pm25", "index")],
    [1, 2, 1, 3, 1],
)
BASE = Recipe(TREE, [Scaling("minmax", one, {"lower": 1}) for one in (1, -1, -1)])
ZSCORE = Factor(
    "scale",
    [
        Alternative("min-max"),
        Alternative("z-score", {"scalings": [Scaling("zscore", one) for one in (1, -1, -1)]}),
    ],
)
MEAN = Factor("mean", [Alternative("arithmetic"), Alternative("geometric", {"aggregations": "geometric"})])
OUTLIERS = Factor(
    "outliers",
    [Alternative("left"), Alternative("held", {"treating": Treating("winsorise", {"most": 1, "then": ""})})],
)
WEIGHTS = Weightings(
    "weights", ("economy", "pm25", "gdp"), np.array([[2.0, 1, 1], [1, 1, 1], [1, 3, 2], [5, 1, 3], [2, 2, 9]])
)


def figures(*shape: int, missing: float = 0.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.lognormal(3, 0.4, (*shape, 3))
    x[..., 0, :] *= 20  # an outlier
    x[rng.random(x.shape) < missing] = NAN
    return x


def alone(base: Recipe, x: np.ndarray, questions, choice) -> object:
    """One combination, built by itself on figures of its own leaves."""
    recipe = base
    for question, answer in zip(questions, choice, strict=True):
        if isinstance(question, Weightings):
            there = {
                code: weight
                for code, weight in zip(question.codes, question.weights[answer], strict=True)
                if code in recipe.tree.codes
            }
            recipe = with_weights(recipe, there)
        else:
            change = question.alternatives[answer].change
            recipe = change(recipe) if callable(change) else replace(recipe, **change)
    columns = [base.leaves.index(code) for code in recipe.leaves]
    return build(recipe, x[..., columns])


@pytest.mark.parametrize(("shape", "axis"), [((8,), -2), ((3, 8), -2), ((3, 8), (-3, -2))])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_every_combination_is_what_building_it_alone_gives_to_the_last_bit(shape, missing, axis):
    # COINr refuses panels; here each period or all together set the frame.
    base = replace(BASE, axis=axis, thresholds=0.2)
    questions = [OUTLIERS, WEIGHTS, leaving_out(base, ["gdp", "pm25"]), MEAN]
    x = figures(*shape, missing=missing, seed=3)
    found = robustness(base, x, questions)
    assert found.possible.all()
    assert found.possible.shape == (2, 5, 3, 2)
    for choice, score, rank in zip(found.choices, found.scores, found.ranks, strict=True):
        one = alone(base, x, questions, choice)
        np.testing.assert_array_equal(score, one.score)
        np.testing.assert_array_equal(rank, one.ranks)


def test_other_means_roundings_and_imputations_may_be_alternatives_too():
    questions = [
        Factor(
            "mean",
            [
                Alternative("power", {"aggregations": Aggregating("generalised", {"p": -1})}),
                Alternative("median", {"aggregations": "median"}),
                Alternative("copeland", {"aggregations": ["arithmetic", "copeland", "", "", ""]}),
            ],
        ),
        Factor("rounding", [Alternative("none"), Alternative("whole", {"rounding": Rounding(0)})]),
        Factor("missing", [Alternative("left"), Alternative("mean", {"imputing": Imputing("mean")})]),
        WEIGHTS,
    ]
    base = replace(BASE, treating=None)
    x = figures(7, missing=0.15, seed=1)
    found = robustness(base, x, questions)
    assert found.possible.all()
    for choice, score in zip(found.choices, found.scores, strict=True):
        np.testing.assert_array_equal(score, alone(base, x, questions, choice).score)


def test_a_step_that_the_base_lacks_is_a_true_alternative():
    # The peer skips such an alternative without a word, and reports that the step does not matter.
    found = robustness(BASE, figures(8, seed=3), [OUTLIERS, MEAN])
    assert BASE.treating is None
    assert (found.scores[0] != found.scores[2]).any()
    assert found.by_score.total[..., 0].max() > 0


def test_impossible_combinations_are_named_and_left_out_of_every_figure():
    # In the peer 9 NaN of 40 runs made every index NaN.
    x = figures(8, seed=3)
    found = robustness(BASE, x, [ZSCORE, MEAN, WEIGHTS])
    assert found.possible[:, 0].all()
    assert found.possible[0].all()
    assert not found.possible[1, 1].any()
    assert [one.combinations for one in found.impossible] == [5]
    assert found.impossible[0].example == {"scale": "z-score", "mean": "geometric", "weights": "1"}
    assert "economy: a geometric mean needs scores above 0: " in "\n".join(found.impossible[0].reasons)
    assert np.isfinite(found.by_score.first).all()
    assert np.isfinite(found.by_index.total).all()
    assert len(found.scores) == 15
    assert found.standing.variants == 15
    # the same as three scale-and-mean pairs that are all possible, judged by the definition
    y = np.full((2, 2, 5, 8), NAN)
    y[found.possible] = found.scores
    expected = sobol.indices(y, factors=3, possible=found.possible)
    np.testing.assert_allclose(found.by_score.first, expected.first, rtol=1e-9, atol=1e-12)


def test_a_step_that_cannot_be_done_is_named_too():
    x = np.array([[1.0, 5.0, 2.0], [1.0, 3.0, 4.0]])
    good = [Scaling("goalposts", 1, {"posts": (0, 10)})] * 3
    found = robustness(
        replace(BASE, scalings=good),
        x,
        [
            Factor(
                "scale",
                [Alternative("posts"), Alternative("observed", {"scalings": [Scaling("minmax")] * 3})],
            )
        ],
    )
    assert found.possible.tolist() == [True, False]
    assert found.impossible[0].reasons[0].startswith("gdp: all values are equal")


def test_a_function_that_makes_what_cannot_stand_beside_the_base_is_named():
    other = Tree.of([("index", ""), ("gdp", "index"), ("noise", "index"), ("pm25", "index")], [1] * 4)
    changes = [
        Alternative("base"),
        Alternative("more", lambda given: replace(given, tree=other)),
        Alternative("ranks", lambda given: replace(given, ties="max")),
    ]
    found = robustness(BASE, figures(5), [Factor("change", changes)])
    assert found.possible.tolist() == [True, False, False]
    assert [one.reasons[0] for one in found.impossible] == [
        "there are no figures for noise",
        "ties and decimals say how ranks are told; set them in the base recipe",
    ]


def test_nothing_possible_is_an_error_with_the_reasons():
    base = replace(BASE, scalings=[Scaling("zscore")] * 3)
    with pytest.raises(CompositeError, match="a geometric mean needs scores above 0"):
        robustness(
            base, figures(5), [Factor("mean", [Alternative("geometric", {"aggregations": "geometric"})])]
        )


@pytest.mark.parametrize("uneven", [False, True])
def test_the_work_may_be_cut_into_any_blocks_and_threads(monkeypatch, uneven):
    given_ = {"probabilities": [0.1, 0.2, 0.3, 0.15, 0.25]} if uneven else {}
    questions = [replace_weights(**given_), ZSCORE, OUTLIERS, MEAN]
    x = figures(2, 8, missing=0.1, seed=3)
    whole = robustness(BASE, x, questions)
    monkeypatch.setattr(robust, "BLOCK", 1)
    for threads in (1, 3):
        parts = robustness(BASE, x, questions, threads=threads)
        np.testing.assert_array_equal(parts.scores, whole.scores)
        np.testing.assert_array_equal(parts.choices, whole.choices)
        np.testing.assert_allclose(parts.standing.counts, whole.standing.counts, rtol=1e-12)
        np.testing.assert_allclose(parts.standing.ahead, whole.standing.ahead, rtol=1e-12)
        for name in ("by_score", "by_rank", "by_index"):
            for part in ("first", "total", "mean", "variance"):
                one, other = (getattr(getattr(found, name), part) for found in (parts, whole))
                np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)
        assert {one.reasons: one.combinations for one in parts.impossible} == {
            one.reasons: one.combinations for one in whole.impossible
        }
    assert robustness(BASE, x, questions, keep=False).scores is None


def replace_weights(**given_) -> Weightings:
    return Weightings(WEIGHTS.name, WEIGHTS.codes, WEIGHTS.weights, **given_)


def test_indices_and_ranks_follow_the_probabilities():
    question = Factor("mean", MEAN.alternatives, probabilities=[0.75, 0.25])
    found = robustness(BASE, figures(8, seed=3), [OUTLIERS, question])
    p = np.array([0.375, 0.125, 0.375, 0.125])
    np.testing.assert_allclose(found.by_score.mean, p @ found.scores, rtol=1e-12)
    np.testing.assert_allclose(found.standing.mean(), p @ found.ranks, rtol=1e-12)
    np.testing.assert_allclose(found.standing.top(1), p @ (found.ranks == 1), rtol=1e-12)


def test_the_index_is_judged_by_the_mean_change_of_rank_against_the_base():
    found = robustness(BASE, figures(8, seed=3), [OUTLIERS, WEIGHTS, MEAN])
    nominal = build(BASE, figures(8, seed=3)).ranks
    change = np.abs(found.ranks - nominal).mean(axis=1).reshape(found.possible.shape)
    expected = sobol.indices(change)
    np.testing.assert_allclose(found.by_index.total, expected.total, rtol=1e-10)
    assert found.by_index.mean == pytest.approx(change.mean(), rel=1e-12)


def test_a_panel_is_judged_period_by_period():
    x = figures(3, 8, seed=3)
    found = robustness(BASE, x, [OUTLIERS, MEAN])
    assert found.standing.counts.shape == (3, 8, 8)
    assert found.by_index.first.shape == (3, 2)
    for period in range(3):
        one = robustness(BASE, x[period], [OUTLIERS, MEAN])
        np.testing.assert_array_equal(found.standing.counts[period], one.standing.counts)
        np.testing.assert_allclose(found.by_rank.first[period], one.by_rank.first, rtol=1e-10, atol=1e-12)


def test_questions_that_contradict_each_other_are_refused_together():
    questions = [
        MEAN,
        Factor("mean", []),
        Factor("other", [Alternative("a", {"aggregations": "median"}), Alternative("a", {"weight": 3})]),
        Weightings("weights", ("noise",), np.ones((2, 1))),
        replace(WEIGHTS, name="more", weights=np.zeros((2, 3))),
        Factor("chance", [Alternative("a")], probabilities=[0.5]),
        Factor("ranks", [Alternative("a", {"ties": "max"})]),
    ]
    with pytest.raises(CompositeError) as caught:
        robustness(BASE, figures(5), questions)
    told = "\n".join(caught.value.faults)
    for words in (
        "mean: more than one factor has this name",
        "mean: a factor needs at least one alternative",
        "other: two alternatives are named a",
        "other: a recipe has no field weight",
        "other: aggregations is already decided by mean",
        "weights: the tree has no node noise",
        "more: weights must be above 0",
        "chance: give one probability above 0 for each alternative, 1 in all",
        "ranks: ties and decimals say how ranks are told; set them in the base recipe",
    ):
        assert words in told


def test_too_many_combinations_are_refused_with_the_way_out():
    with pytest.raises(CompositeError, match="10 combinations are more than 9: declare fewer alternatives"):
        robustness(BASE, figures(5), [OUTLIERS, WEIGHTS], limit=9)


def test_one_question_is_enough_and_none_is_refused():
    x = figures(5)
    one = robustness(BASE, x, [WEIGHTS])
    assert one.choices.tolist() == [[0], [1], [2], [3], [4]]
    # with one question there is nothing else to explain what varies
    assert one.by_score.first.ravel() == pytest.approx(np.ones(5), rel=1e-12)
    with pytest.raises(CompositeError, match="no factor is declared"):
        robustness(BASE, x, [])


def test_for_many_units_ranks_are_sorted_instead_of_compared():
    x = figures(450, seed=2)
    found = robustness(BASE, x, [MEAN, WEIGHTS])
    np.testing.assert_array_equal(found.ranks, ranks(found.scores))
    np.testing.assert_allclose(found.standing.mean(), found.ranks.mean(axis=0), rtol=1e-12)
    with pytest.raises(CompositeError, match="pairs are compared for up to 400 units"):
        found.standing.ahead_share()


def test_weights_around_the_given_ones_stay_within_their_share():
    drawn = around(TREE, 0.25, 500, seed=1, codes=["economy", "gdp"])
    assert drawn.weights.shape == (500, 2)
    assert (np.abs(drawn.weights / [2, 1] - 1) <= 0.25).all()
    assert drawn.weights.mean(axis=0) == pytest.approx([2, 1], rel=0.02)
    assert (around(TREE, 0.25, 500, seed=1, codes=["economy", "gdp"]).weights == drawn.weights).all()
    with pytest.raises(CompositeError, match="spread: 1 is not a share"):
        around(TREE, 1, 5, seed=1)


SCORES = st.lists(
    st.lists(st.sampled_from([10.0, 20.0, 30.0, 40.0, NAN]), min_size=4, max_size=4), min_size=1, max_size=9
)


@settings(max_examples=40)
@given(rows=SCORES, ties=st.sampled_from(["min", "max", "average", "dense"]), weighted=st.booleans())
def test_counting_ranks_is_what_ranking_each_variant_gives(rows, ties, weighted):
    scores = np.array(rows)  # (variants, units)
    chance = np.arange(1.0, len(rows) + 1) if weighted else np.ones(len(rows))
    standing = tally(scores.T, chance=chance if weighted else None, ties=ties)
    placed = np.stack([ranks(row, ties=ties) for row in scores])
    for unit in range(4):
        there = ~np.isnan(placed[:, unit])
        for place, share in zip(standing.places, standing.share()[unit], strict=True):
            assert share == pytest.approx(chance[placed[:, unit] == place].sum() / chance.sum(), rel=1e-12)
        assert standing.least()[unit] == pytest.approx(
            placed[there, unit].min() if there.any() else NAN, nan_ok=True
        )
        assert standing.most()[unit] == pytest.approx(
            placed[there, unit].max() if there.any() else NAN, nan_ok=True
        )
        for other in range(4):
            ahead = chance[scores[:, unit] > scores[:, other]].sum() / chance.sum()
            assert standing.ahead_share()[unit, other] == pytest.approx(ahead, rel=1e-12)
        if there.any() and not weighted:
            for q in (0.05, 0.5, 0.95):
                assert standing.quantile(q)[unit] == pytest.approx(
                    np.quantile(placed[there, unit], q), rel=1e-12
                )
        if there.any():
            assert standing.mean()[unit] == pytest.approx(
                np.average(placed[there, unit], weights=chance[there]), rel=1e-12
            )


def test_leaving_out_offers_nothing_first_and_refuses_what_is_not_there():
    assert leaving_out(BASE, ["gdp"]).names == ("nothing", "gdp")
    with pytest.raises(CompositeError, match="no such node to leave out: noise"):
        leaving_out(BASE, ["gdp", "noise"])
    assert without(BASE, "gdp").leaves == ("energy", "pm25")
