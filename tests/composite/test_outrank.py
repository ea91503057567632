"""Units compared with each other: by hand, antisymmetric whatever is missing, and free of the order of rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite import outrank
from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.outrank import copeland, dominance, outranking, topsis
from shenzhi.calc.composite.tree import Tree

NAN = math.nan


def test_a_unit_is_ahead_by_the_weight_of_the_children_on_which_it_is():
    # weights 2, 1, 1: a is ahead of b on the first (2/4), level on the second (half of 1/4): 0.625
    matrix = outranking([[9.0, 5.0, 1.0], [3.0, 5.0, 8.0]], [2.0, 1.0, 1.0])
    assert matrix.tolist() == [[0, 0.625], [0.375, 0]]


def test_copeland_counts_who_is_left_behind_less_who_is_ahead():
    # a beats b and c, b and c are level
    assert copeland([[3.0, 3.0], [2.0, 1.0], [1.0, 2.0]], [1.0, 1.0]).value.tolist() == [2, -1, -1]


def test_a_missing_score_is_no_win_for_whoever_stands_lower_in_the_table():
    # COINr gives the weight of a child that is missing to the later row: 0.25, and 0.75 with the rows swapped;
    # its Copeland scores turn from -1, +1 into +1, -1.
    rows = np.array([[1.0, 1.0], [NAN, 1.0]])
    for table in (rows, rows[::-1]):
        matrix = outranking(table, [1.0, 1.0])
        assert (matrix[0, 1], matrix[1, 0]) == (0.5, 0.5)
        assert copeland(table, [1.0, 1.0]).value.tolist() == [0, 0]


def test_weights_are_renormalised_for_each_pair():
    # only the second and third child are known of both, weights 1 and 3
    assert outranking([[NAN, 5.0, 1.0], [7.0, 4.0, 2.0]], [9.0, 1.0, 3.0])[0, 1] == 0.25


def test_units_without_a_child_in_common_are_not_compared():
    scores = [[1.0, NAN], [NAN, 2.0], [NAN, NAN], [0.0, 1.0]]
    matrix = outranking(scores, [1.0, 1.0])
    assert np.isnan(matrix[0, 1])
    assert np.isnan(matrix[2, 0])
    # the last is behind the first two; the unit without scores has none
    assert copeland(scores, [1.0, 1.0]).value[[0, 1, 3]].tolist() == [1, 1, -2]
    assert math.isnan(copeland(scores, [1.0, 1.0]).value[2])


def test_rounding_noise_in_the_weights_decides_no_comparison():
    # 0.1 + 0.2 is a little more than 0.3 in a computer
    assert copeland([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [0.1, 0.2, 0.3]).value.tolist() == [0, 0]


def test_dominance_counts_the_pairs_that_no_weights_can_turn_round():
    # a beats b and c on everything, b beats c on one child only
    found = dominance(outranking([[3.0, 3.0], [2.0, 1.0], [1.0, 2.0]], [0.1, 0.7]))
    assert (found.pairs.item(), found.share.item()) == (2, pytest.approx(2 / 3))


ROWS = st.lists(
    st.lists(st.integers(0, 4).map(float) | st.just(NAN), min_size=3, max_size=3), min_size=2, max_size=9
)


def brute(rows, weights):
    """Copeland's score, pair by pair."""
    net = [0] * len(rows)
    for i, one in enumerate(rows):
        for other in rows:
            known = [at for at in range(3) if not math.isnan(one[at] + other[at])]
            lead = sum(weights[at] * (np.sign(one[at] - other[at])) for at in known)
            net[i] += int(np.sign(lead)) if abs(lead) > 1e-9 else 0
    return net


@settings(max_examples=15)
@given(rows=ROWS, data=st.data())
def test_outranking_is_antisymmetric_and_free_of_the_order_of_rows(rows, data):
    weights = [0.5, 1.0, 2.25]
    matrix = outranking(rows, weights)
    off = ~np.eye(len(rows), dtype=bool)
    both = (matrix + matrix.T)[off]
    assert (both[~np.isnan(both)] == 1).all()
    value = copeland(rows, weights).value
    empty = np.isnan(rows).all(axis=1)
    assert np.isnan(value).tolist() == empty.tolist()
    assert value[~empty].tolist() == np.array(brute(rows, weights), dtype=float)[~empty].tolist()
    order = list(data.draw(st.permutations(range(len(rows)))))
    shuffled = [rows[at] for at in order]
    np.testing.assert_array_equal(outranking(shuffled, weights), matrix[np.ix_(order, order)])
    np.testing.assert_array_equal(copeland(shuffled, weights).value, value[order])


def test_tiles_change_nothing(monkeypatch):
    rng = np.random.default_rng(3)
    scores = rng.integers(0, 9, (50, 4)).astype(float)
    scores[rng.random(scores.shape) < 0.2] = NAN
    weights = [1.0, 0.3, 2.0, 0.7]
    whole = outranking(scores, weights), copeland(scores, weights).value
    monkeypatch.setattr(outrank, "TILE", 7)
    np.testing.assert_array_equal(outranking(scores, weights), whole[0])
    np.testing.assert_array_equal(copeland(scores, weights).value, whole[1])


def test_topsis_by_hand():
    # best (4, 3), worst (0, 0), weights 1/2: (4, 0) is 3/2 from the best and 2 from the worst: 2 / 3.5
    scores = [[4.0, 0.0], [0.0, 3.0], [4.0, 3.0], [0.0, 0.0]]
    expected = [4 / 7, 3 / 7, 1, 0]
    assert topsis(scores, [1.0, 1.0], vector=False).value.tolist() == pytest.approx(expected, rel=1e-14)
    # divided by the lengths sqrt(32) and sqrt(18), both children span the same: 1/2 for the first two
    assert topsis(scores, [1.0, 1.0]).value.tolist() == pytest.approx([0.5, 0.5, 1, 0], rel=1e-14)


def test_topsis_leaves_a_missing_child_out_of_both_distances():
    # the first child tells nobody apart; on the second 3 is best, 0 worst
    assert topsis([[NAN, 3.0], [4.0, 0.0], [NAN, NAN]], [1.0, 1.0]).value[:2].tolist() == [1, 0]
    assert math.isnan(topsis([[NAN, 3.0], [4.0, 0.0], [NAN, NAN]], [1.0, 1.0]).value[2])


def test_units_that_are_all_equal_have_no_best_and_worst():
    with pytest.raises(CompositeError, match="all units are equal on the children they have"):
        topsis([[4.0, 2.0], [4.0, 2.0]], [1.0, 1.0])


@settings(max_examples=15)
@given(
    rows=st.lists(
        st.lists(st.floats(1, 100), min_size=3, max_size=3), min_size=3, max_size=8, unique_by=tuple
    ),
    data=st.data(),
)
def test_topsis_lies_between_0_and_1_and_is_free_of_the_order_of_rows(rows, data):
    order = list(data.draw(st.permutations(range(len(rows)))))
    value = topsis(rows, [1.0, 2.0, 3.0]).value
    assert ((value >= 0) & (value <= 1)).all()
    assert topsis([rows[at] for at in order], [1.0, 2.0, 3.0]).value.tolist() == value[order].tolist()


@pytest.mark.parametrize("name", ["copeland", "topsis"])
def test_units_can_be_compared_at_any_node_and_each_period_by_itself(name):
    tree = Tree.of([("index", ""), ("a", "index"), ("a1", "a"), ("a2", "a"), ("b", "index")], [1, 1, 1, 2, 1])
    panel = np.array([[[1.0, 5.0, 2.0], [3.0, 4.0, 7.0]], [[9.0, 9.0, 1.0], [1.0, 1.0, NAN]]])
    result = compose(tree, panel, ["arithmetic", name, "", "", ""])
    for period in range(2):
        alone = (copeland if name == "copeland" else topsis)(panel[period, :, :2], [1.0, 2.0])
        np.testing.assert_array_equal(result.score[period, :, 1], alone.value)
    # above, parts add up as ever; below, a comparison has none
    assert np.nansum(result.contribution[..., [1, 4]], axis=-1) == pytest.approx(result.score[..., 0])
    assert np.isnan(result.contribution[..., [2, 3]]).all()
    assert result.share[0, 0, [2, 3]].tolist() == pytest.approx([1 / 3, 2 / 3])


def test_one_unit_without_others_cannot_be_compared_along_no_axis():
    with pytest.raises(CompositeError, match=r"scores must be \(..., units, children\)"):
        copeland([1.0, 2.0], [1.0, 1.0])


@pytest.mark.slow
def test_five_thousand_units_are_compared_in_bounded_memory():
    import tracemalloc

    scores = np.random.default_rng(0).normal(size=(5000, 50))
    tracemalloc.start()
    value = copeland(scores, np.ones(50)).value
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert value.sum() == 0
    assert peak < 100e6, "the matrix alone would be 200 MB"
