"""Exact Sobol indices: by hand, by their definition, with impossible combinations, and in parts."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite import sobol
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.sobol import indices

NAN = math.nan


def by_definition(y: np.ndarray, p: np.ndarray) -> tuple[list[float], list[float]]:
    """First-order and total indices by conditional means and variances, combination by combination."""
    cells = [(place, y[place], p[place]) for place in np.ndindex(*y.shape) if p[place] > 0]

    def mean(some):
        return sum(w * v for _, v, w in some) / sum(w for _, _, w in some)

    def variance(some):
        middle = mean(some)
        return sum(w * (v - middle) ** 2 for _, v, w in some) / sum(w for _, _, w in some)

    whole, weight = variance(cells), sum(w for _, _, w in cells)
    first, total = [], []
    for axis in range(y.ndim):
        groups = [[c for c in cells if c[0][axis] == a] for a in range(y.shape[axis])]
        means = [(sum(w for _, _, w in g), mean(g)) for g in groups if g]
        middle = mean(cells)
        first.append(sum(w * (m - middle) ** 2 for w, m in means) / weight / whole)
        rest: dict = {}
        for cell in cells:
            rest.setdefault(cell[0][:axis] + cell[0][axis + 1 :], []).append(cell)
        total.append(sum(sum(w for _, _, w in g) * variance(g) for g in rest.values()) / weight / whole)
    return first, total


def test_a_sum_of_two_choices_has_no_interaction():
    # y = 2 a + b on {0, 1}²: variances 1 and 1/4 of 5/4
    found = indices(np.array([[0.0, 1.0], [2.0, 3.0]]))
    assert found.first.tolist() == pytest.approx([0.8, 0.2], rel=1e-14)
    assert found.total.tolist() == pytest.approx([0.8, 0.2], rel=1e-14)
    assert (found.mean, found.variance) == (1.5, 1.25)


def test_a_product_of_signs_is_all_interaction():
    found = indices(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    assert found.first.tolist() == [0, 0]
    assert found.total.tolist() == [1, 1]


def test_one_impossible_combination_spoils_nothing():
    # The peer gives NaN for all indices as soon as one combination fails. Here y = 0, 1 in the first row and 2 in the
    # second, (1, 1) being impossible: mean 1, variance 2/3. E[y|a] = 1/2, 2: (2/4 + 1) / 3 = 1/2, i.e. 3/4 of 2/3.
    # E[y|b] = 1, 1: 0. Given b = 0, a decides between 0 and 2 (variance 1, 2 of 3 combinations): total of a
    # = 2/3 / (2/3) = 1; given a = 0, b decides between 0 and 1: 2/3 * 1/4 / (2/3) = 1/4.
    found = indices(np.array([[0.0, 1.0], [2.0, NAN]]), possible=[[True, True], [True, False]])
    assert found.first.tolist() == pytest.approx([0.75, 0], abs=1e-15)
    assert found.total.tolist() == pytest.approx([1, 0.25], rel=1e-14)


def test_a_result_that_is_missing_somewhere_is_judged_where_it_is_there():
    one = np.array([[0.0, 1.0], [2.0, NAN]])
    both = indices(np.stack([one, np.array([[0.0, 1.0], [2.0, 3.0]])], axis=-1), factors=2)
    assert both.first[0].tolist() == pytest.approx([0.75, 0], abs=1e-15)
    assert both.first[1].tolist() == pytest.approx([0.8, 0.2], rel=1e-14)


@pytest.mark.parametrize("level", [0.0, 61.7, 1e9])
def test_what_does_not_vary_is_explained_by_nothing(level):
    found = indices(np.full((3, 4), level + 0.1))
    assert found.first.tolist() == found.total.tolist() == [0, 0]
    assert found.variance == 0


def test_a_small_spread_on_a_high_level_keeps_its_digits():
    y = np.array([[0.0, 1.0], [2.0, 3.0]]) / 1024 + 65536  # all exact in binary
    assert indices(y).first.tolist() == pytest.approx([0.8, 0.2], rel=1e-12)


def test_wrong_probabilities_and_no_combinations_are_refused():
    with pytest.raises(CompositeError, match="factor 2 has 2 answers, but 3 probabilities"):
        indices(np.zeros((2, 2)), probabilities=[[0.5, 0.5], [0.2, 0.3, 0.5]])
    with pytest.raises(CompositeError, match="no combination is possible"):
        indices(np.zeros((2, 2)), possible=np.zeros((2, 2), dtype=bool))


SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4)


@settings(max_examples=25)
@given(shape=SHAPES, seed=st.integers(0, 10**6), holes=st.booleans(), uneven=st.booleans())
def test_the_indices_are_those_of_the_definition(shape, seed, holes, uneven):
    rng = np.random.default_rng(seed)
    y = rng.normal(50, 10, shape).round(2)
    possible = rng.random(shape) < 0.8 if holes else np.ones(shape, dtype=bool)
    possible.ravel()[0] = True
    given_ = [rng.dirichlet(np.ones(size)) for size in shape] if uneven else None
    p = possible.astype(float)
    for axis, one in enumerate(given_ or ()):
        p *= one.reshape([-1 if at == axis else 1 for at in range(len(shape))])
    found = indices(y, probabilities=given_, possible=possible)
    if (np.ptp(y[possible])) == 0:
        assert not found.first.any()
        return
    first, total = by_definition(y, p)
    np.testing.assert_allclose(found.first, first, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.total, total, rtol=1e-9, atol=1e-12)


@settings(max_examples=25)
@given(shape=st.lists(st.integers(1, 5), min_size=2, max_size=3), seed=st.integers(0, 10**6))
def test_without_holes_first_orders_come_to_1_at_most_and_totals_to_1_at_least(shape, seed):
    y = np.random.default_rng(seed).normal(size=shape)
    found = indices(y)
    if found.variance > 0:
        assert found.first.sum() <= 1 + 1e-12
        assert found.total.sum() >= 1 - 1e-12
        assert (found.first <= found.total + 1e-12).all()


@pytest.mark.parametrize("split", [0, 1, 2])
@pytest.mark.parametrize("uneven", [False, True])
def test_sums_over_parts_of_one_factor_join_to_those_of_the_whole(split, uneven):
    rng = np.random.default_rng(8)
    y = rng.normal(60, 5, (2, 4, 6, 5))
    y[0, 1, 2, 3] = NAN
    chance = rng.random((4, 6, 5)) if uneven else None
    centre = sobol.centre_of(y, chance)
    whole = sobol.solved(sobol.gathered(y, chance, centre), centre)
    pieces = [slice(0, 1), slice(1, 3), slice(3, None)]
    at = [[slice(None)] * split + [piece] for piece in pieces]
    parts = [
        sobol.gathered(y[(slice(None), *one)], None if chance is None else chance[tuple(one)], centre, split)
        for one in at
    ]
    joined = sobol.solved(sobol.joined(parts, split), centre)
    np.testing.assert_allclose(joined.first, whole.first, rtol=1e-10)
    np.testing.assert_allclose(joined.total, whole.total, rtol=1e-10)


def test_the_order_of_answers_changes_no_index():
    y = np.random.default_rng(4).normal(size=(3, 2, 2))
    straight = indices(y).total
    for order in itertools.permutations(range(3)):
        np.testing.assert_allclose(indices(y[list(order)]).total, straight, rtol=1e-12)
