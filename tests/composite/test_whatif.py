"""What if: every view equals a full rebuild, and the figures found the other way round really bring a unit there."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.aggregate import Aggregating
from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import Recipe, build, with_weights, without
from shenzhi.calc.composite.rounding import Rounding
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.tree import Tree
from shenzhi.calc.composite.whatif import WhatIf

NAN = math.nan
# index = (2 economy + 1 ecology) / 3; economy = (gdp + 3 energy) / 4
TREE = Tree.of(
    [("index", ""), ("economy", "index"), ("gdp", "economy"), ("energy", "economy"), ("pm25", "index")],
    [1, 2, 1, 3, 1],
)
FIXED = Scaling("goalposts", 1, {"posts": (0, 100)})
RECIPE = Recipe(TREE, [FIXED] * 3)
TABLE = [[80.0, 60.0, 90.0], [50.0, 50.0, 50.0], [20.0, 90.0, 40.0]]
NAMED = Labels((), ["Futian", "Nanshan", "Luohu"])


def the_view_is_the_rebuild(view: WhatIf) -> None:
    whole = view.rebuilt()
    codes = list(whole.recipe.tree.codes)
    for code in codes:
        np.testing.assert_allclose(
            view.node(code), whole.published.score[..., codes.index(code)], rtol=1e-12, atol=1e-12
        )
    # ranks of scores that differ by rounding noise may differ: scores are compared as a reader sees them
    assert view.ranks.shape == whole.ranks.shape


def test_a_weight_moves_the_scores_of_its_group_and_all_above_it():
    view = WhatIf.of(build(RECIPE, TABLE)).weight("gdp", 3)
    # Futian: economy 70, index (140 + 90) / 3; Nanshan 50; Luohu: economy 55, index (110 + 40) / 3 = 50
    assert view.node("economy").tolist() == [70, 50, 55]
    assert view.score.tolist() == pytest.approx([230 / 3, 50, 50])
    assert view.ranks.tolist() == [1, 2, 2]
    assert view.change.tolist() == pytest.approx([230 / 3 - 220 / 3, 0, 50 - 185 / 3])
    assert view.rank_change.tolist() == [0, -1, 0]
    the_view_is_the_rebuild(view)


def test_the_index_as_built_stays_as_it_is():
    built = build(RECIPE, TABLE)
    first = WhatIf.of(built)
    before = first.score.copy()
    first.weight("gdp", 9).value(1, "pm25", 100.0).posts("energy", 0, 200)
    assert first.score.tolist() == before.tolist() == built.score.tolist()
    assert first.weights == {"economy": 2, "pm25": 1}


def test_a_weight_of_nothing_leaves_the_node_out():
    built = build(RECIPE, [*TABLE, [NAN, NAN, 70.0]])
    view = WhatIf.of(built).weighted({"economy": 0, "pm25": 5})
    assert view.score.tolist() == [90, 50, 40, 70]
    assert view.recipe == with_weights(without(RECIPE, "economy"), {"pm25": 5})
    the_view_is_the_rebuild(view)
    the_view_is_the_rebuild(view.weight("economy", 1.5))
    with pytest.raises(CompositeError, match="economy: all weights under it are 0"):
        view.weighted({"gdp": 0, "energy": 0})
    with pytest.raises(CompositeError, match=r"weights must be 0 or more: gdp \(-1\)"):
        view.weight("gdp", -1)


def test_a_new_extreme_moves_the_scores_of_all_units():
    """The peer's way is to edit the log of the steps and to run all of them again."""
    recipe = Recipe(TREE, [Scaling("minmax"), FIXED, FIXED])
    view = WhatIf.of(build(recipe, TABLE, labels=NAMED)).value("Futian", "gdp", 140.0)
    # gdp now runs from 20 to 140: Nanshan's 50 scores 25, no longer 50
    assert view.node("gdp").tolist() == [100, 25, 0]
    the_view_is_the_rebuild(view)
    fallen = view.value("Futian", "gdp", 30.0)  # and what was the most is so no longer
    assert fallen.node("gdp").tolist() == pytest.approx([100 / 3, 100, 0])
    the_view_is_the_rebuild(fallen)


def test_a_figure_that_is_taken_away_and_one_that_comes():
    built = build(replace(RECIPE, thresholds=[0.5, 0.5, 0, 0, 0]), TABLE)
    gone = WhatIf.of(built).value(0, "energy", NAN)  # a quarter of economy is left: too little
    assert np.isnan(gone.node("economy")[0])
    assert np.isnan(gone.score[0])  # and a third of the index
    assert np.isnan(gone.ranks[0])
    the_view_is_the_rebuild(gone)
    back = gone.value(0, "energy", 60.0)
    assert back.score.tolist() == built.score.tolist()


def test_the_figure_for_a_score_is_exact_where_the_index_is_linear():
    view = WhatIf.of(build(RECIPE, TABLE, labels=NAMED))
    # Nanshan's index is 50; energy counts 2/3 * 3/4 = 1/2, so 10 points more take 20
    assert view.value_for_score("Nanshan", "energy", 60.0) == pytest.approx(70, rel=1e-14)
    assert view.value_for_score("Nanshan", "energy", 30.0) == pytest.approx(10, rel=1e-14)
    assert view.value_for_score("Nanshan", "energy", 50.0) == 50.0
    assert view.value_for_score("Nanshan", "energy", 90.0) is None  # even 100 and more give 75


def test_the_figure_for_a_score_is_found_where_less_is_better_and_means_are_geometric():
    recipe = Recipe(TREE, [FIXED, FIXED, Scaling("efficacy", -1)], aggregations="geometric")
    view = WhatIf.of(build(recipe, TABLE))
    goal = float(view.score[1]) + 1
    value = view.value_for_score(1, "pm25", goal)
    assert value is not None
    assert value < 50.0
    assert view.value(1, "pm25", value).score[1] == pytest.approx(goal, rel=1e-13)
    # economy 50, pm25 at most 100: no more than (50 * 50 * 100)^(1/3) = 63.0
    assert view.value_for_score(1, "pm25", 63.1) is None


def test_the_figure_for_a_rank_brings_the_unit_there_and_a_little_less_does_not():
    view = WhatIf.of(build(RECIPE, TABLE))
    assert view.ranks.tolist() == [1, 3, 2]
    value = view.value_for_rank(1, "pm25", 2)  # 185/3 = (100 + pm25) / 3
    assert value == pytest.approx(85, rel=1e-12)
    assert view.value(1, "pm25", value).ranks[1] == 2
    assert view.value(1, "pm25", np.nextafter(value, 0) - 1e-9).ranks[1] == 3
    assert view.value_for_rank(1, "pm25", 1) is None  # at most 200/3, and the first has 220/3
    assert view.value_for_rank(1, "pm25", 3) == 50.0  # it is there


def test_the_figure_for_a_rank_knows_that_a_new_extreme_pulls_the_others_down():
    recipe = Recipe(TREE, [Scaling("minmax"), FIXED, FIXED])
    view = WhatIf.of(build(recipe, [[60.0, 60.0, 60.0], [50.0, 50.0, 50.0], [40.0, 40.0, 40.0]]))
    value = view.value_for_rank(1, "gdp", 1)
    assert value is not None
    assert value > 60  # its own score is at its end by then; the first one's must fall
    assert view.value(1, "gdp", value).ranks[1] == 1
    assert view.value(1, "gdp", value - 1e-6).ranks[1] == 2


def test_panels_ask_for_the_period_and_frames_over_periods_move_together():
    x = np.random.default_rng(2).uniform(0, 100, (3, 4, 3))
    for axis in (-2, (-3, -2)):
        built = build(
            Recipe(TREE, [Scaling("minmax")] * 3, axis=axis),
            x,
            labels=Labels((), (), ["2022", "2023", "2024"]),
        )
        view = WhatIf.of(built).value(2, "gdp", 500.0, "2023").weight("pm25", 2.5)
        the_view_is_the_rebuild(view)
        unmoved = np.array_equal(view.node("gdp")[0], built.published.score[0, :, 2])
        assert unmoved == (axis == -2)
    with pytest.raises(CompositeError, match="a figure of a panel needs its period"):
        view.value(2, "gdp", 1.0)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda view: view.value("Bao'an", "gdp", 1.0), "no such unit: Bao'an"),
        (lambda view: view.value(0, "economy", 1.0), "no such indicator: economy"),
        (lambda view: view.weight("gpd", 1.0), "no such node: gpd"),
        (lambda view: view.value(0, "gdp", math.inf), "gdp: an infinite figure has no score"),
        (lambda view: view.posts("gdp", 5, 1), "gdp: posts must rise"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(ask, words):
    with pytest.raises(CompositeError, match=words):
        ask(WhatIf.of(build(RECIPE, TABLE, labels=NAMED)))


def test_a_figure_that_takes_a_geometric_mean_below_zero_is_refused_with_the_units_name():
    recipe = Recipe(
        TREE, [Scaling("efficacy", 1, {"posts": (0, 100), "lower": 1})] * 3, aggregations="geometric"
    )
    view = WhatIf.of(build(recipe, TABLE, labels=NAMED))
    with pytest.raises(CompositeError, match="economy: a geometric mean needs scores above 0: gdp of Luohu"):
        view.value("Luohu", "gdp", -50.0)


@pytest.mark.parametrize("mean", ["copeland", "topsis"])
def test_under_a_mean_that_compares_units_one_figure_moves_them_all(mean):
    x = np.random.default_rng(4).uniform(1, 99, (200, 3))
    built = build(Recipe(TREE, [FIXED] * 3, aggregations=["arithmetic", mean, "", "", ""]), x)
    view = WhatIf.of(built).value(7, "gdp", 99.9)
    assert (view.score != built.score).sum() > 1
    the_view_is_the_rebuild(view)
    the_view_is_the_rebuild(view.weight("energy", 0.5))


SCALINGS = st.sampled_from(
    [FIXED, Scaling("efficacy"), Scaling("minmax", -1, {"lower": 1}), Scaling("zscore", 1, {"mean": 500}), Scaling("rank")]
)  # fmt: skip
MEANS = st.sampled_from(
    ["arithmetic", "geometric", "harmonic", "median", Aggregating("generalised", {"p": 3})]
)
FIGURE = st.integers(1, 99).map(float) | st.just(NAN)
MOVES = st.lists(
    st.tuples(
        st.just("weight"), st.sampled_from(TREE.codes[1:]), st.sampled_from([0.5, 1, 2, 3.25, 10, 0.01])
    )
    | st.tuples(st.integers(0, 3), st.sampled_from(["gdp", "energy", "pm25"]), FIGURE)
    | st.tuples(st.just("scaling"), st.sampled_from(["gdp", "energy", "pm25"]), SCALINGS),
    min_size=1,
    max_size=5,
)
STEPS = st.sampled_from(
    [
        {},
        {"imputing": Imputing("mean")},
        {"imputing": Imputing("row_mean")},
        {"treating": Treating("winsorise", {"most": 1})},
        {"unit_threshold": 0.5},
        {"thresholds": 0.6, "child_thresholds": 0.5},
        {"rounding": Rounding(1)},
        {"rounding": [Rounding(2, passed="exact"), Rounding(0), None, Rounding(1), None]},
    ]
)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(FIGURE, FIGURE, FIGURE), min_size=4, max_size=4),
    st.lists(SCALINGS, min_size=3, max_size=3),
    st.lists(MEANS, min_size=5, max_size=5),
    STEPS,
    MOVES,
)
def test_every_chain_of_changes_ends_where_a_full_rebuild_does(table, scalings, means, steps, moves):
    ends = [[1.0, 2.0, 3.0], [99.5, 99.0, 98.0]]  # no column is constant
    view = WhatIf.of(build(Recipe(TREE, scalings, aggregations=means, **steps), [*table, *ends]))
    for what, code, to in moves:
        view = {"weight": view.weight, "scaling": view.scaling}.get(what, lambda *_: None)(
            code, to
        ) or view.value(what, code, to)
    the_view_is_the_rebuild(view)


def test_a_thousand_turns_of_a_slider_do_not_wear_the_scores_out():
    view = WhatIf.of(build(RECIPE, [*TABLE, [NAN, 33.0, 44.0]]))
    for turn in range(1000):
        view = view.weight("economy", 0.1 + (turn * 7 % 100) / 10)
    the_view_is_the_rebuild(view)
