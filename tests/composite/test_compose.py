"""The tree: its arithmetic by hand, coverage and thresholds, and how a leaf reaches the top."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.aggregate import Aggregating, arithmetic
from shenzhi.calc.composite.compose import closing, compose, nodes_first, reach
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.rounding import Rounding
from shenzhi.calc.composite.screening import screen
from shenzhi.calc.composite.tree import Tree

NAN = math.nan
# index = (2 economy + 1 ecology) / 3; economy = (gdp + 3 energy) / 4; ecology = pm25, a leaf at another depth
TREE = Tree.of(
    [("index", ""), ("economy", "index"), ("gdp", "economy"), ("energy", "economy"), ("pm25", "index")],
    [1, 2, 1, 3, 1],
)
ARITHMETIC = ["arithmetic"] * 5


def test_the_tree_knows_its_leaves_levels_and_effective_weights():
    assert [TREE.codes[leaf] for leaf in TREE.leaves] == ["gdp", "energy", "pm25"]
    assert TREE.level.tolist() == [3, 2, 1, 1, 1]
    assert TREE.leaf_count.tolist() == [3, 2, 1, 1, 1]
    assert TREE.effective_weight.tolist() == pytest.approx([1, 2 / 3, 1 / 6, 1 / 2, 1 / 3])


def test_scores_climb_the_tree():
    # economy = (80 + 3 * 60) / 4 = 65; index = (2 * 65 + 90) / 3 = 73.333...
    result = compose(TREE, [[80.0, 60.0, 90.0]], ARITHMETIC)
    assert result.score[0].tolist() == pytest.approx([220 / 3, 65, 80, 60, 90])
    assert result.contribution[0].tolist() == pytest.approx([220 / 3, 130 / 3, 20, 45, 30])
    assert result.coverage[0].tolist() == [1, 1, 1, 1, 1]


def test_a_missing_leaf_lowers_the_coverage_all_the_way_up():
    # without energy, a quarter of economy's weight is there; the index has 2/3 * 1/4 + 1/3 = 1/2
    result = compose(TREE, [[80.0, NAN, 90.0]], ARITHMETIC)
    assert result.coverage[0].tolist() == pytest.approx([0.5, 0.25, 1, 0, 1])
    assert result.available[0].tolist() == [2, 1, 1, 0, 1]
    # economy = gdp alone = 80; index = (2 * 80 + 90) / 3 = 83.333...
    assert result.score[0, 0] == pytest.approx(250 / 3)


def test_a_withheld_group_counts_as_missing_for_its_parent():
    # economy covers 0.25 and needs 0.5: the index is ecology alone and covers one third of its weight
    result = compose(TREE, [[80.0, NAN, 90.0]], ARITHMETIC, [0.3, 0.5, 0, 0, 0])
    assert np.isnan(result.score[0, 1])
    assert result.withheld[0].tolist() == [False, True, False, False, False]
    assert result.coverage[0, :2].tolist() == pytest.approx([1 / 3, 0.25])
    assert (result.score[0, 0], result.share[0, 4]) == (90, 1)
    assert result.available[0, 0] == 1


def test_a_threshold_is_reached_by_exactly_that_coverage():
    assert compose(TREE, [[80.0, NAN, 90.0]], ARITHMETIC, [0.5, 0.25, 0, 0, 0]).score[0, 0] == pytest.approx(
        250 / 3
    )


def test_the_means_of_a_tree_may_differ():
    # economy = geometric of 20 and 80 with weights 1, 3: 20^0.25 * 80^0.75; index = (2 * economy + 50) / 3
    result = compose(TREE, [[20.0, 80.0, 50.0]], ["arithmetic", "geometric", "", "", ""])
    economy = 20**0.25 * 80**0.75
    assert result.score[0, :2].tolist() == pytest.approx([(2 * economy + 50) / 3, economy], rel=1e-14)


def test_faults_of_several_groups_are_told_together():
    with pytest.raises(CompositeError) as caught:
        compose(
            Tree.of([("index", ""), ("a", "index"), ("a1", "a"), ("b", "index"), ("b1", "b")], [1] * 5),
            [[0.0, -1.0]],
            ["arithmetic", "geometric", "", "geometric", ""],
        )
    assert sorted(fault.split(":")[0] for fault in caught.value.faults) == ["a", "b"]


def test_the_wrong_number_of_columns_is_refused():
    with pytest.raises(CompositeError, match="3 leaves, but the scores have 2 columns"):
        compose(TREE, [[1.0, 2.0]], ARITHMETIC)


@pytest.mark.parametrize(
    ("pairs", "weights", "words"),
    [
        ([("index", ""), ("a", "b")], [1, 1], "no such parent in the tree: a"),
        ([("index", ""), ("a", "index"), ("a", "index")], [1, 1, 1], "codes used more than once: a"),
        ([("index", ""), ("a", "index")], [1, 0], "weights must be above 0: a"),
    ],
)
def test_a_tree_that_is_none_is_refused(pairs, weights, words):
    with pytest.raises(CompositeError, match=words):
        Tree.of(pairs, weights)


def test_screening_keeps_units_with_enough_values():
    result = screen([[1.0, NAN, NAN], [1.0, 2.0, NAN], [1.0, 2.0, 3.0]], 2 / 3)
    assert result.kept.tolist() == [False, True, True]
    assert result.share.tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert np.isnan(result.values[0]).all()


LEAVES = st.lists(st.floats(1, 100) | st.just(NAN), min_size=3, max_size=3)


@settings(max_examples=25)
@given(st.lists(LEAVES, min_size=1, max_size=5), st.sampled_from(["arithmetic", "geometric"]))
def test_leaves_at_any_depth_add_up_to_the_index(rows, aggregation):
    result = compose(TREE, rows, [aggregation] * 5)
    given_by = reach(TREE, result)
    for at, row in enumerate(rows):
        if all(map(math.isnan, row)):
            assert np.isnan(result.score[at, 0])
        else:
            assert np.nansum(given_by[at, TREE.leaves]) == pytest.approx(result.score[at, 0], rel=1e-12)


def test_leaves_add_up_also_where_a_group_scores_nothing():
    # economy = (3 - 3 * 1) / 4 = 0, though both its indicators moved
    result = compose(TREE, [[3.0, -1.0, 5.0]], ARITHMETIC)
    # gdp: 2/3 * 1/4 * 3 = 0.5; energy: 2/3 * 3/4 * -1 = -0.5; pm25: 5/3
    assert reach(TREE, result)[0, TREE.leaves].tolist() == pytest.approx([0.5, -0.5, 5 / 3])


@settings(max_examples=25)
@given(st.lists(LEAVES, min_size=2, max_size=6), st.data())
def test_the_order_of_units_changes_no_digit(rows, data):
    order = list(data.draw(st.permutations(range(len(rows)))))
    straight = compose(TREE, rows, ARITHMETIC).score
    shuffled = compose(TREE, [rows[at] for at in order], ARITHMETIC).score
    np.testing.assert_array_equal(shuffled, straight[order])


def test_thresholds_can_count_children_as_well_as_weight():
    # economy has energy alone: 3/4 of the weight, but 1 of 2 children
    leaves = [[NAN, 60.0, 90.0]]
    assert compose(TREE, leaves, ARITHMETIC, 0.75).score[0, 1] == 60
    assert compose(TREE, leaves, ARITHMETIC, child_thresholds=0.5).score[0, 1] == 60
    result = compose(TREE, leaves, ARITHMETIC, child_thresholds=[0, 0.75, 0, 0, 0])
    assert result.withheld[0].tolist() == [False, True, False, False, False]
    assert result.score[0, 0] == 90


def test_each_node_may_have_its_own_mean_with_its_own_parameters():
    # economy = (1/4 * 20^-1 + 3/4 * 60^-1)^-1 = 40; index = the worse of 40 and 50
    means = [Aggregating("owa", {"order": (0, 1)}), Aggregating("generalised", {"p": -1}), "", "", ""]
    assert compose(TREE, [[20.0, 60.0, 50.0]], means).score[0, :2].tolist() == pytest.approx([40, 40])


def test_wrong_names_and_parameters_are_told_for_all_nodes_at_once():
    with pytest.raises(CompositeError) as caught:
        compose(TREE, [[1.0, 2.0, 3.0]], [Aggregating("owa", {"p": 1}), "harmonik", "", "", ""])
    assert [fault.split(";")[0] for fault in caught.value.faults] == [
        "index: p is not a parameter of owa, which takes order",
        "economy: harmonik is not an aggregation",
    ]


def test_a_penalty_is_told_apart_from_the_parts():
    # M = 100, penalty 4, as (80, 120) are uneven; the index is 2/3 of 96 and 1/3 of 90
    tree = Tree.of([("index", ""), ("a", "index"), ("a1", "a"), ("a2", "a"), ("b", "index")], [1, 2, 1, 1, 1])
    result = compose(tree, [[80.0, 120.0, 90.0]], ["arithmetic", "mazziotta_pareto", "", "", ""])
    assert result.score[0, :2].tolist() == pytest.approx([94, 96])
    assert result.penalty[0].tolist() == [0, -4, 0, 0, 0]
    # leaves give 2/3 * (40 + 60) + 30, the penalty takes 2/3 * 4
    assert reach(tree, result)[0, tree.leaves].tolist() == pytest.approx([80 / 3, 40, 30])
    assert closing(tree, result)[0].tolist() == pytest.approx([0, -8 / 3, 0, 0, 0])


MEANS = [
    "arithmetic",
    "geometric",
    "harmonic",
    "median",
    "mazziotta_pareto",
    Aggregating("generalised", {"p": 3}),
    Aggregating("owa", {"order": (3, 1)}),
]


@settings(max_examples=20)
@given(
    # not so uneven that a penalty leads below 0, where most means end
    st.lists(st.lists(st.floats(40, 100) | st.just(NAN), min_size=3, max_size=3), min_size=1, max_size=4),
    st.sampled_from(MEANS),
    st.sampled_from(MEANS),
    st.sampled_from([0.0, 0.5, 0.9]),
)
def test_parts_add_up_under_every_mean_and_threshold(rows, top, below, threshold):
    result = compose(TREE, rows, [top, below, "", "", ""], threshold)
    whole = np.nansum(reach(TREE, result)[:, TREE.leaves], axis=-1) + np.nansum(
        closing(TREE, result), axis=-1
    )
    scored = ~np.isnan(result.score[:, 0])
    np.testing.assert_allclose(whole[scored], result.score[scored, 0], rtol=1e-12)
    for group in TREE.groups:
        children = TREE.children[group]
        has = ~np.isnan(result.score[:, group])
        np.testing.assert_allclose(
            result.share[has][:, children][~np.isnan(result.score[has][:, children])] > 0, 1
        )
        assert np.isnan(result.contribution[~has][:, children]).all()


@pytest.mark.parametrize("mean", MEANS)
def test_a_missing_child_never_costs_more_than_its_weight(mean):
    # among equal scores a missing one changes nothing at all, whatever its weight
    tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 9, 1])
    for leaves in ([50.0, 50.0], [NAN, 50.0], [50.0, NAN]):
        assert compose(tree, [leaves], [mean, "", ""]).score[0, 0] == pytest.approx(50, rel=1e-14)


def test_threads_change_no_digit(monkeypatch):
    from shenzhi.calc.composite import workers

    rows = np.random.default_rng(5).uniform(1, 100, (40, 3))
    rows[3, 1] = rows[5] = NAN
    alone = compose(TREE, rows, ["mazziotta_pareto", "geometric", "", "", ""], 0.5)
    monkeypatch.setattr(workers, "THREADED", 1)
    shared = compose(TREE, rows, ["mazziotta_pareto", "geometric", "", "", ""], 0.5)
    for name in ("score", "contribution", "penalty", "coverage", "available", "withheld"):
        np.testing.assert_array_equal(getattr(shared, name), getattr(alone, name))


def test_an_infinite_score_is_named_also_in_a_bare_row():
    with pytest.raises(CompositeError, match=r"^infinite value: b;"):
        arithmetic([1.0, math.inf], [1.0, 1.0], Labels(["a", "b"]))
    with pytest.raises(CompositeError, match=r"^infinite value: b of x;"):
        arithmetic([[1.0, math.inf]], [1.0, 1.0], Labels(["a", "b"], ["x"]))


def test_scores_may_be_composed_where_they_lie():
    tree = Tree.of([("index", ""), ("a", "index"), ("a1", "a"), ("a2", "a"), ("b", "index")], [1, 3, 1, 1, 1])
    leaves = np.array([[80.0, 60.5, 50.0], [NAN, NAN, 20.0]])
    rounding = [None, Rounding(0, passed="exact"), None, Rounding(0), None]
    apart = compose(tree, leaves, ["arithmetic"] * 5, rounding=rounding)
    held = nodes_first((2, 5), np.empty)
    held[:, tree.leaves] = leaves
    there = compose(tree, None, ["arithmetic"] * 5, rounding=rounding, into=held)
    assert there.score is held
    for name in ("score", "exact", "carried", "coverage", "contribution"):
        np.testing.assert_array_equal(getattr(there, name), getattr(apart, name))
