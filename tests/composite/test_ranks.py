"""Ranks: ties by every rule, missing scores, and scores that differ only by rounding noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.ranks import ranks

NAN = math.nan


@pytest.mark.parametrize(
    ("ties", "expected"),
    [("min", [2, 1, 2, 4]), ("max", [3, 1, 3, 4]), ("average", [2.5, 1, 2.5, 4]), ("dense", [2, 1, 2, 3])],
)
def test_ties_follow_the_rule(ties, expected):
    assert ranks([80.0, 90.0, 80.0, 70.0], ties=ties).tolist() == expected


def test_a_missing_score_has_no_rank_and_takes_no_place():
    result = ranks([NAN, 70.0, 90.0])
    assert math.isnan(result[0])
    assert result[1:].tolist() == [2, 1]


def test_rounding_noise_decides_no_rank():
    assert ranks([0.1 + 0.2, 0.3], decimals=9).tolist() == [1, 1]
    assert ranks([0.1 + 0.2, 0.3]).tolist() == [1, 2]


def test_each_period_is_ranked_by_itself():
    assert ranks([[1.0, 2.0], [4.0, 3.0]]).tolist() == [[2, 1], [1, 2]]
    assert ranks([[1.0, 2.0], [4.0, 3.0]], axis=0).tolist() == [[2, 2], [1, 1]]


def test_one_unit_is_first_and_none_is_none():
    assert ranks([5.0]).tolist() == [1]
    assert ranks([]).tolist() == []


def test_an_unknown_rule_is_refused():
    with pytest.raises(CompositeError, match="ties: median is not a rule"):
        ranks([1.0], ties="median")


@settings(max_examples=25)
@given(st.lists(st.integers(0, 5).map(float) | st.just(NAN), max_size=20))
def test_a_rank_is_one_more_than_the_number_of_better_scores(scores):
    for rank, score in zip(ranks(scores), scores, strict=True):
        if math.isnan(score):
            assert math.isnan(rank)
        else:
            assert rank == 1 + sum(other > score for other in scores)


def test_ranks_have_the_shape_of_the_scores():
    assert ranks(np.zeros((2, 3, 4)), axis=-2).shape == (2, 3, 4)
