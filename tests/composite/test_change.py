"""Why an index moved: parts by hand, parts that add up whatever happened, and each ingredient told from the others."""

from __future__ import annotations

import csv
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.aggregate import Aggregating
from shenzhi.calc.composite.change import INGREDIENTS, explain, like_for_like
from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import Built, Recipe, build, with_weights, without
from shenzhi.calc.composite.rounding import Rounding
from shenzhi.calc.composite.split import EVERY_ORDER, STANDING, Outcome, orders, split
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.tree import Tree

NAN = math.nan
PAIR = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
# index = (2 economy + 1 ecology) / 3; economy = (gdp + 3 energy) / 4
TREE = Tree.of(
    [("index", ""), ("economy", "index"), ("gdp", "economy"), ("energy", "economy"), ("pm25", "index")],
    [1, 2, 1, 3, 1],
)
FIXED = Scaling("goalposts", 1, {"posts": (0, 100)})


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def total(part):
    return part.sum(axis=-1)


def adds_up(found, scale=100.0):
    """Every unit's parts and the noise left over are its change; the noise is noise; nothing is NaN."""
    there = found.standing == 0
    told = sum((total(part) for part in found.parts.values()), np.zeros(len(there)))
    assert np.isfinite(told).all()
    assert np.abs(found.remainder).max(initial=0) <= 1e-12 * scale
    np.testing.assert_allclose(
        (told + found.remainder)[there], found.difference[there], rtol=0, atol=1e-12 * scale
    )
    assert not told[~there].any()


def test_under_an_arithmetic_mean_a_part_is_share_times_change():
    found = like_for_like(TREE, [[80.0, 60.0, 90.0]], [[88.0, 56.0, 90.0]], ["arithmetic"] * 5)
    # gdp: 2/3 * 1/4 * 8; energy: 2/3 * 3/4 * -4
    assert found.parts["scores"][0].tolist() == pytest.approx([0, 0, 8 / 6, -2, 0], abs=1e-14)
    assert found.share[0].tolist() == pytest.approx([1, 2 / 3, 1 / 6, 1 / 2, 1 / 3])
    assert found.difference[0] == pytest.approx(8 / 6 - 2)
    assert set(found.parts) == {"scores"}


def test_under_a_geometric_mean_parts_follow_the_logarithmic_mean():
    found = like_for_like(PAIR, [[4.0, 9.0]], [[8.0, 3.0]], ["geometric"] * 3)
    before, after = 4**0.75 * 9**0.25, 8**0.75 * 3**0.25
    mean = (after - before) / math.log(after / before)
    expected = [0, mean * 0.75 * math.log(8 / 4), mean * 0.25 * math.log(3 / 9)]
    assert found.parts["scores"][0].tolist() == pytest.approx(expected, rel=1e-13)


def test_a_score_that_hardly_moves_under_a_geometric_mean_loses_no_digits():
    step = 1e-9
    found = like_for_like(PAIR, [[50.0, 50.0]], [[50.0 + step, 50.0]], ["geometric"] * 3)
    moved = (50.0 + step) - 50.0  # what the addition really gave
    assert found.parts["scores"][0, 1] == pytest.approx(0.75 * moved, rel=1e-9)


def test_what_comes_in_gives_its_share_times_its_distance_from_the_others_and_they_give_nothing():
    before = compose(PAIR, [[80.0, NAN]], ["arithmetic"] * 3)
    after = compose(PAIR, [[80.0, 60.0]], ["arithmetic"] * 3)
    rules = (PAIR.weight, ["arithmetic"] * 3)
    found = split(PAIR, Outcome.of(before, *rules), Outcome.of(after, *rules))
    assert {name: part.tolist() for name, part in found.parts.items()} == {
        "coverage": [[0, 0, -5]]
    }  # 1/4 * (60 - 80)
    back = split(PAIR, Outcome.of(after, *rules), Outcome.of(before, *rules))
    assert back.parts["coverage"].tolist() == [[0, 0, 5]]


def test_a_weight_counts_against_the_mean_of_its_group():
    built = build(Recipe(PAIR, [FIXED] * 2), [[80.0, 40.0], [50.0, 50.0]])
    found = explain(built, build(with_weights(built.recipe, {"a": 1.0}), built.raw))
    # shares 3/4, 1/4 become halves, the index goes from 70 to 60: -1/4 * (80 - 65), 1/4 * (40 - 65)
    assert {name: part.tolist() for name, part in found.parts.items()} == {
        "weights": [[0, -3.75, -6.25], [0, 0, 0]]
    }


def test_weights_in_another_unit_change_nothing():
    built = build(Recipe(PAIR, [FIXED] * 2), [[80.0, 40.0]])
    found = explain(built, build(with_weights(built.recipe, {"a": 75.0, "b": 25.0}), built.raw))
    assert not found.parts


def test_who_has_no_score_on_one_side_came_or_went_and_has_no_parts():
    before = build(Recipe(PAIR, [FIXED] * 2), [[80.0, 40.0], [NAN, NAN], [10.0, NAN], [NAN, NAN]])
    after = build(before.recipe, [[NAN, NAN], [80.0, 40.0], [20.0, NAN], [NAN, NAN]])
    found = explain(before, after)
    assert [STANDING[at] for at in found.standing] == ["went", "came", "compared", "absent"]
    assert found.parts["raw"].tolist() == [[0, 0, 0], [0, 0, 0], [0, 10, 0], [0, 0, 0]]
    assert np.isnan(found.difference).tolist() == [True, True, False, True]
    adds_up(found)


def test_another_units_figure_moves_a_score_only_through_the_frame():
    recipe = Recipe(PAIR, [Scaling("minmax"), FIXED])
    before = build(recipe, [[50.0, 10.0], [0.0, 10.0], [100.0, 10.0]])
    after = build(recipe, [[50.0, 10.0], [0.0, 10.0], [200.0, 10.0]])
    found = explain(before, after)
    # the first unit's score fell from 50 to 25 because of the third; 3/4 of it reach the index
    assert {name: part[0].tolist() for name, part in found.parts.items() if part[0].any()} == {
        "frame": [0, -18.75, 0]
    }
    # the third's own gain (100 on the old frame) is taken back by the frame: its score was and is 100
    assert total(found.by_node())[2] == pytest.approx(0, abs=1e-12)
    assert found.parts["raw"][2, 1] == pytest.approx(-found.parts["frame"][2, 1]) != 0


def test_fixed_goalposts_make_no_frame_and_moved_ones_do():
    before = build(Recipe(PAIR, [FIXED] * 2), [[50.0, 10.0], [20.0, 10.0]])
    assert set(explain(before, build(before.recipe, [[60.0, 10.0], [90.0, 20.0]])).parts) == {"raw"}
    wider = replace(before.recipe, scalings=[Scaling("goalposts", 1, {"posts": (0, 200)}), FIXED])
    found = explain(before, build(wider, before.raw))
    assert found.parts.keys() == {"frame"}
    assert found.parts["frame"][0].tolist() == [0, -18.75, 0]  # 50 becomes 25


def test_each_ingredient_is_told_by_its_name():
    scalings = [Scaling("minmax", 1, {"lower": 1}), Scaling("zscore", 1, {"mean": 60, "sd": 5}), FIXED]
    x = np.array([[10.0, 30.0, 50.0], [40.0, 20.0, 70.0], [20.0, 60.0, 60.0], [30.0, 10.0, 20.0]])
    base = Recipe(TREE, scalings)
    before = build(base, x)
    others = {
        "normalisation": replace(base, scalings=[scalings[1], scalings[1], FIXED]),
        "weights": with_weights(base, {"energy": 1.0}),
        "aggregation": replace(base, aggregations=["geometric"] + ["arithmetic"] * 4),
        "rounding": replace(base, rounding=Rounding(0)),
        "coverage": without(base, "gdp"),
    }
    for name, recipe in others.items():
        found = explain(before, build(recipe, x[:, 1:] if name == "coverage" else x))
        assert set(found.parts) == {name}, name
        adds_up(found)
    everything = explain(
        before,
        build(
            replace(
                with_weights(base, {"energy": 1.0}),
                scalings=others["normalisation"].scalings,
                aggregations=others["aggregation"].aggregations,
                rounding=Rounding(1),
            ),
            x[::-1],
        ),
    )
    assert set(everything.parts) == {
        "raw",
        "frame",
        "normalisation",
        "weights",
        "aggregation",
        "rounding",
    } - (set() if "frame" in everything.parts else {"frame"})
    adds_up(everything)
    assert everything.mixed.all()


def test_a_figure_filled_in_or_treated_on_one_side_is_told_as_that():
    recipe = Recipe(PAIR, [FIXED] * 2, imputing=Imputing("mean"))
    before = build(recipe, [[20.0, 30.0], [NAN, 30.0], [40.0, 30.0]])  # the gap is filled with 30
    after = build(recipe, [[20.0, 30.0], [50.0, 30.0], [40.0, 34.0]])
    found = explain(before, after)
    assert {name: part.tolist() for name, part in found.parts.items()} == {
        "raw": [[0, 0, 0], [0, 0, 0], [0, 0, 1]],
        "imputation": [[0, 0, 0], [0, 15, 0], [0, 0, 0]],
    }
    treating = Recipe(PAIR, [FIXED] * 2, treating=Treating("winsorise", {"most": 1}))
    figures = np.array(
        [[1.0, 30.0], [2.0, 30.0], [3.0, 30.0], [4.0, 30.0], [5.0, 30.0], [6.0, 31.0], [90.0, 31.0]]
    )
    calm = figures.copy()
    calm[-1, 0] = 7.0
    held = build(treating, figures)
    assert held.treated_cells[-1, 0]
    found = explain(held, build(treating, calm))  # held at 6 before, 7 after
    assert set(found.parts) == {"treatment"}
    assert found.parts["treatment"][-1].tolist() == pytest.approx([0, 0.75, 0])


def test_the_plan_for_filling_in_is_an_ingredient_of_its_own():
    recipe = Recipe(PAIR, [FIXED] * 2, imputing=Imputing("mean"))
    x = [[20.0, 30.0], [NAN, 30.0], [40.0, 30.0], [90.0, 30.0]]  # mean 50, median 40
    found = explain(build(recipe, x), build(replace(recipe, imputing=Imputing("median")), x))
    assert {name: part.tolist() for name, part in found.parts.items()} == {
        "imputation": [[0, 0, 0], [0, -7.5, 0], [0, 0, 0], [0, 0, 0]]
    }


def test_rounding_explains_what_the_published_figures_add():
    recipe = Recipe(PAIR, [FIXED] * 2, rounding=[Rounding(0), None, None])
    found = explain(build(recipe, [[80.0, 40.2]]), build(recipe, [[80.0, 43.0]]))
    # 70.05 is published as 70, 70.75 as 71
    assert (found.before[0], found.after[0]) == (70, 71)
    assert found.parts["raw"][0].tolist() == pytest.approx([0, 0, 0.7])
    assert found.parts["rounding"][0].tolist() == pytest.approx([0.3, 0, 0])
    exact = Recipe(TREE, [FIXED] * 3, rounding=Rounding(1, passed="exact"))
    adds_up(explain(build(exact, [[80.04, 40.26, 3.33]]), build(exact, [[81.17, 39.99, 3.21]])))


def test_an_indicator_that_moved_to_another_group_went_there_and_came_here():
    moved = Tree.of([("index", ""), ("economy", "index"), ("energy", "economy"), ("pm25", "index"), ("gdp", "index")], [1, 2, 3, 1, 1])  # fmt: skip
    found = explain(
        build(Recipe(TREE, [FIXED] * 3), [[80.0, 60.0, 90.0]]),
        build(Recipe(moved, [FIXED] * 3), [[60.0, 90.0, 80.0]]),
    )
    assert set(found.tree.codes) == {"index", "economy", "gdp (economy)", "gdp (index)", "energy", "pm25"}
    at = {code: place for place, code in enumerate(found.tree.codes)}
    # out of economy, two thirds of those who stay: -2/3 * 1/4 * (80 - 60); into the index: 1/4 * (80 - (2 * 60 + 90) / 3)
    assert found.parts.keys() == {"coverage"}
    assert found.parts["coverage"][0, at["gdp (economy)"]] == pytest.approx(-10 / 3)
    assert found.parts["coverage"][0, at["gdp (index)"]] == pytest.approx(2.5)
    adds_up(found)


def test_units_are_matched_by_name_not_by_row():
    recipe = Recipe(PAIR, [FIXED] * 2)
    before = build(recipe, [[80.0, 40.0], [50.0, 50.0]], labels=Labels((), ["Futian", "Nanshan"]))
    after = build(
        recipe, [[50.0, 50.0], [90.0, 40.0], [1.0, 1.0]], labels=Labels((), ["Nanshan", "Futian", "Bao'an"])
    )
    found = explain(before, after)
    assert list(found.units) == ["Futian", "Nanshan", "Bao'an"]
    assert found.parts["raw"].tolist() == [[0, 7.5, 0], [0, 0, 0], [0, 0, 0]]
    assert [STANDING[at] for at in found.standing] == ["compared", "compared", "came"]


def test_units_that_share_a_name_are_not_matched_by_chance():
    recipe = Recipe(PAIR, [FIXED] * 2)
    sides = [
        build(recipe, [[80.0, 40.0], [50.0, 50.0]], labels=Labels((), names))
        for names in (["Futian", "Futian"], ["Futian", "Nanshan"])
    ]
    with pytest.raises(CompositeError, match="units with the same name cannot be matched"):
        explain(*sides)


@pytest.mark.parametrize("axis", [-2, (-3, -2)])
def test_two_periods_of_a_panel_are_explained_as_two_tables_on_their_frames(axis):
    x = np.random.default_rng(1).uniform(10, 90, (3, 6, 3))
    recipe = Recipe(TREE, [Scaling("minmax"), Scaling("zscore", 1, {"mean": 50, "sd": 5}), FIXED], axis=axis)
    panel = build(recipe, x)
    found = explain(panel, panel, periods=(0, 2))
    np.testing.assert_allclose(found.before, panel.score[0], atol=1e-12)
    np.testing.assert_allclose(found.after, panel.score[2], atol=1e-12)
    adds_up(found)
    # one frame for all periods does not move between them; frames of single periods do, as with two tables
    assert ("frame" in found.parts) == (axis == -2)
    if axis == -2:
        tables = explain(build(recipe, x[0]), build(recipe, x[2]))
        for name in ("raw", "frame"):
            np.testing.assert_allclose(found.parts[name], tables.parts[name], atol=1e-12)


def test_any_node_can_be_explained():
    before, after = (
        build(Recipe(TREE, [FIXED] * 3), [row]) for row in ([80.0, 60.0, 90.0], [88.0, 60.0, 10.0])
    )
    assert explain(before, after, "economy").parts["raw"][0].tolist() == [0, 0, 2, 0, 0]
    assert explain(before, after, "pm25").parts["raw"][0].tolist() == pytest.approx([0, 0, 0, 0, -80])


def test_where_no_mixture_can_be_built_the_ends_are_compared_and_that_is_said():
    # before: min-max from 0, arithmetic; after: from 60, geometric. A geometric mean of the scores before has zeros.
    x = [[10.0, 30.0], [40.0, 20.0], [20.0, 60.0]]
    before = build(Recipe(PAIR, [Scaling("minmax")] * 2), x)
    after = build(Recipe(PAIR, [Scaling("efficacy")] * 2, aggregations="geometric"), x)
    found = explain(before, after)
    assert found.mixed.tolist() == [False, False, True]
    assert set(found.parts) == {"normalisation", "aggregation"}  # no figure changed, so none is blamed
    assert "geometric mean needs scores above 0" in found.faults[0]
    told = sum(total(part) for part in found.parts.values())
    assert told.tolist() == pytest.approx(found.difference.tolist(), abs=1e-12)


def test_the_parts_of_ingredients_are_their_shapley_values():
    """By a second implementation: every order in which frame, figures, weights and mean can be taken over, in NumPy."""
    x = np.array([[[10.0, 30.0], [40.0, 20.0], [20.0, 60.0]], [[15.0, 35.0], [60.0, 25.0], [25.0, 40.0]]])
    weights = np.array([[3.0, 1.0], [1.0, 1.0]])

    def index(figures, frame, weight, mean):
        low, high = x[frame].min(axis=0), x[frame].max(axis=0)
        scores = 60 + 40 * (x[figures] - low) / (high - low)
        share = weights[weight] / weights[weight].sum()
        return np.exp((share * np.log(scores)).sum(axis=1)) if mean else (share * scores).sum(axis=1)

    expected = np.zeros((4, 3))
    for order in itertools.permutations(range(4)):
        side = [0, 0, 0, 0]
        for player in order:
            before = index(*side)
            side[player] = 1
            expected[player] += (index(*side) - before) / 24
    recipe = Recipe(PAIR, [Scaling("efficacy")] * 2)
    found = explain(
        build(recipe, x[0]), build(replace(with_weights(recipe, {"a": 1.0}), aggregations="geometric"), x[1])
    )
    for name, values in zip(("raw", "frame", "weights", "aggregation"), expected, strict=True):
        np.testing.assert_allclose(total(found.parts[name]), values, atol=1e-12)


def test_the_weights_of_the_orders_are_those_of_the_shapley_value():
    for count in (1, 2, 5, EVERY_ORDER + 2):
        steps = list(orders(count))
        for player in range(count):
            assert sum(weight for who, weight, _, _ in steps if who == player) == pytest.approx(1)
        assert all(then - moved == {who} for who, _, moved, then in steps)
    # three players: first or last in 2 of 6 orders each, in the middle in one order behind each of the others
    assert sorted(weight for who, weight, _, _ in orders(3) if who == 0) == pytest.approx(
        [1 / 6, 1 / 6, 1 / 3, 1 / 3]
    )


@pytest.mark.parametrize(
    ("before", "after", "more", "words"),
    [
        ([[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]], {}, "1 units before and 2 after: give both sides labels"),
        ([[1.0, 2.0]], [[1.0, 2.0]], {"node": "c"}, "no such node on either side: c"),
        ([[[1.0, 2.0]]], [[[1.0, 2.0]]], {}, "give `periods` with panels"),
    ],
)
def test_sides_that_do_not_compare_are_refused(before, after, more, words):
    recipe = Recipe(PAIR, [FIXED] * 2)
    with pytest.raises(CompositeError, match=words):
        explain(build(recipe, before), build(recipe, after), **more)


def test_a_group_that_became_an_indicator_is_refused():
    small = Tree.of([("index", ""), ("economy", "index"), ("pm25", "index")], [1, 2, 1])
    with pytest.raises(CompositeError, match="a group on one side and an indicator on the other: economy"):
        explain(
            build(Recipe(TREE, [FIXED] * 3), [[1.0, 2.0, 3.0]]),
            build(Recipe(small, [FIXED] * 2), [[1.0, 2.0]]),
        )


MEANS = st.sampled_from(
    ["arithmetic", "geometric", "harmonic", Aggregating("generalised", {"p": 2.5}), Aggregating("generalised", {"p": -3})]
)  # fmt: skip
OTHERS = st.sampled_from(["median", "mazziotta_pareto"])
WEIGHTS = st.lists(st.floats(0.1, 10), min_size=5, max_size=5)
TABLE = st.lists(st.lists(st.floats(1, 100) | st.just(NAN), min_size=3, max_size=3), min_size=3, max_size=3)


def outcome_of(tree, table, means) -> Outcome:
    return Outcome.of(compose(tree, table, means, 0.3), tree.weight, means)


def outcome(table, weights, means) -> Outcome:
    return outcome_of(Tree(TREE.codes, TREE.parent, np.array(weights)), table, means)


@settings(max_examples=30)
@given(TABLE, TABLE, WEIGHTS, WEIGHTS, st.lists(MEANS | OTHERS, min_size=10, max_size=10))
def test_parts_add_up_and_turn_with_the_direction_whatever_moved(before, after, weights, later, means):
    try:
        one, other = outcome(before, weights, means[:5]), outcome(after, later, means[5:])
    except CompositeError:  # a penalty took a group to 0, and a geometric mean stands above it
        assume(False)
    there, back = split(TREE, one, other), split(TREE, other, one)
    adds_up(there)
    for cause in there.parts.keys() | back.parts.keys():
        nothing = np.zeros(there.share.shape)
        np.testing.assert_allclose(
            there.parts.get(cause, nothing), -back.parts.get(cause, nothing), rtol=0, atol=1e-10
        )


@pytest.mark.parametrize("mean", ["copeland", "topsis"])
def test_means_that_compare_units_add_up_too_and_tell_what_others_did(mean):
    rows = np.random.default_rng(3).uniform(1, 100, (2, 6, 3))
    means = ["arithmetic", mean] + ["arithmetic"] * 3
    rows[1, 0] = rows[0, 0]  # nothing of the first unit moved
    found = split(TREE, outcome(rows[0], TREE.weight, means), outcome(rows[1], TREE.weight, means))
    adds_up(found)
    assert "scores" not in {name for name, part in found.parts.items() if part[0].any()}


def test_where_a_mean_cannot_be_taken_over_the_other_sides_scores_the_change_stands_at_the_group():
    found = split(
        PAIR,
        outcome_of(PAIR, [[0.0, 50.0]], ["arithmetic"] * 3),
        outcome_of(PAIR, [[16.0, 81.0]], ["geometric"] * 3),
    )
    # from 3/4 * 0 + 1/4 * 50 to 16^(3/4) * 81^(1/4)
    assert found.parts.keys() == {"aggregation"}
    assert found.parts["aggregation"][0].tolist() == pytest.approx([24 - 12.5, 0, 0])


@settings(max_examples=15)
@given(TABLE, WEIGHTS, st.lists(MEANS, min_size=5, max_size=5), st.integers(0, 2), st.floats(1, 100))
def test_only_what_moved_has_a_part(table, weights, means, column, value):
    later = [[value if at == column else one for at, one in enumerate(row)] for row in table]
    found = split(TREE, outcome(table, weights, means), outcome(later, weights, means))
    assert set(found.parts) <= {"scores", "coverage"}
    leaf = int(TREE.leaves[column])
    inside = {leaf, int(TREE.parent[leaf])}  # the group comes in with its first indicator
    assert all(set(np.flatnonzero(part.any(axis=0)).tolist()) <= inside for part in found.parts.values())


SCALINGS = st.sampled_from(
    [FIXED, Scaling("efficacy"), Scaling("zscore", 1, {"mean": 500, "sd": 5}), Scaling("rank")]
)
FIGURES = st.lists(
    st.tuples(*[st.integers(1, 60).map(float) | st.just(NAN)] * 3), min_size=4, max_size=4
)  # fmt: skip


@pytest.mark.slow  # each example is explained three times over, by some dozens of builds
@settings(max_examples=20)
@given(
    FIGURES,
    FIGURES,
    st.lists(SCALINGS, min_size=6, max_size=6),
    WEIGHTS,
    st.sampled_from([0.0, 0.5]),
    st.booleans(),
)
def test_two_versions_are_explained_exactly(before, after, scalings, weights, threshold, geometric):
    ends = [[1.0, 1.0, 1.0], [61.0, 61.0, 61.0]]  # no column is constant
    first = Recipe(TREE, scalings[:3], thresholds=threshold)
    second = Recipe(
        Tree(TREE.codes, TREE.parent, np.array(weights)),
        scalings[3:],
        aggregations="geometric" if geometric else "arithmetic",
    )
    one, other = build(first, [*before, *ends]), build(second, [*after, *ends])
    found, back = explain(one, other), explain(other, one)
    adds_up(found, scale=500)
    adds_up(back, scale=500)
    assert set(found.parts) <= set(INGREDIENTS)
    assert not explain(one, one).parts
    if found.mixed.all() and back.mixed.all():
        for name in found.parts.keys() & back.parts.keys():
            np.testing.assert_allclose(found.parts[name], -back.parts[name], rtol=0, atol=1e-9)


def test_four_years_of_the_asem_panel_are_explained_down_to_the_indicators(shared):
    """The ASEM panel, 2018 to 2022, on frames of single years: 51 units, 49 indicators, with gaps."""
    coinr = shared / "data" / "index" / "coinr"
    meta = [
        row
        for row in rows_of(coinr / "input" / "ASEM_iMeta.csv")
        if row["Type"] in ("Indicator", "Aggregate")
    ]
    meta.sort(key=lambda row: -int(row["Level"]))
    tree = Tree.of(
        [(row["iCode"], row["Parent"].replace("NA", "")) for row in meta],
        [float(row["Weight"]) for row in meta],
    )
    leaves = [tree.codes[at] for at in tree.leaves]
    direction = {row["iCode"]: int(row["Direction"]) for row in meta}
    rows = rows_of(coinr / "panel" / "Raw.csv")
    panel = np.array(
        [
            [[float(row[code] or "nan") for code in leaves] for row in rows if row["Time"] == year]
            for year in ("2018", "2022")
        ]
    )
    recipe = Recipe(
        tree,
        [Scaling("minmax", direction[code], {"lower": 1}) for code in leaves],
        aggregations=["arithmetic" if level > 2 else "geometric" for level in tree.level],
    )
    built: Built = build(recipe, panel)
    found = explain(built, built, periods=(0, 1))
    adds_up(found)
    assert set(found.parts) >= {"raw", "frame"}
    # a figure below the least of the other year scores under 0 there, and a geometric mean stands above it
    assert 0 < found.mixed.sum() < 51 or found.mixed.all()
    inner = np.setdiff1d(np.arange(len(tree.codes)), tree.leaves)
    assert not any(part[:, inner].any() for name, part in found.parts.items() if name in ("raw", "frame"))
