"""Many weightings over many units: the running counts are those of ranking each weighting by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite import montecarlo
from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.montecarlo import first_places, many_weightings
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.tree import Tree

NAN = math.nan


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("block", [1, 1 << 22])
def test_the_counts_are_those_of_composing_and_ranking_one_by_one(monkeypatch, missing, block):
    monkeypatch.setattr(montecarlo, "BLOCK", block)
    rng = np.random.default_rng(6)
    scores, weights = rng.uniform(0, 100, (40, 5)), rng.uniform(0.2, 2, (30, 5))
    scores[rng.random(scores.shape) < missing] = NAN
    scores[7] = NAN
    every = np.array(
        [
            compose(
                Tree.of([("index", ""), *((str(at), "index") for at in range(5))], [1, *row]),
                scores,
                ["arithmetic"] * 6,
            ).score[:, 0]
            for row in weights
        ]
    )
    placed = ranks(every)
    for threads in (1, 3):
        found = many_weightings(scores, weights, top=(1, 5), threads=threads)
        np.testing.assert_allclose(found.mean_score, every.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.sd_score, every.std(axis=0), rtol=1e-9)
        np.testing.assert_allclose(found.mean_rank, placed.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.sd_rank, placed.std(axis=0), rtol=1e-9, atol=1e-7)
        known = np.arange(40) != 7
        assert found.least[known].tolist() == placed.min(axis=0)[known].tolist()
        assert found.most[known].tolist() == placed.max(axis=0)[known].tolist()
        assert (found.least[7], found.most[7]) == (0, 0)
        np.testing.assert_allclose(found.top[known, 1], (placed <= 5).mean(axis=0)[known], rtol=1e-12)


@settings(max_examples=30)
@given(st.lists(st.integers(-5, 5).map(float) | st.just(-0.0), max_size=20))
def test_quick_ranks_are_ranks(scores):
    assert first_places(np.array(scores)).tolist() == ranks(scores).tolist()


@pytest.mark.parametrize("level", [-70.0, 0.0, 70.0])
def test_quick_ranks_tell_scores_apart_to_the_last_bit(level):
    rng = np.random.default_rng(1)
    scores = level + rng.normal(0, 10, 5000)
    assert first_places(scores).tolist() == ranks(scores).tolist()
    # some next neighbours among doubles, in both orders, and some that are equal
    for at in range(0, 60, 3):
        scores[at + 1] = np.nextafter(scores[at], np.inf if at % 2 else -np.inf)
        scores[at + 2] = scores[at + at % 2]
    assert first_places(scores).tolist() == ranks(scores).tolist()


def test_what_does_not_fit_is_refused():
    with pytest.raises(CompositeError, match="do not fit"):
        many_weightings([[1.0, 2.0]], [[1.0]])
    with pytest.raises(CompositeError, match="not all 0 in a row"):
        many_weightings([[1.0, 2.0]], [[0.0, 0.0]])
    with pytest.raises(CompositeError, match="values only where a weighting gives no weight"):
        many_weightings([[1.0, NAN]], [[0.0, 1.0]])
