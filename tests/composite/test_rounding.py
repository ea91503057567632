"""Rounding: as decimals are written, by each rule; what the parent goes on with; and that no residue is lost."""

from __future__ import annotations

import decimal
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.aggregate import Aggregating
from shenzhi.calc.composite.compose import closing, compose, reach
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.rounding import RULES, Rounding, rounded
from shenzhi.calc.composite.tree import Tree

NAN = math.nan
TREE = Tree.of(
    [("index", ""), ("economy", "index"), ("gdp", "economy"), ("energy", "economy"), ("pm25", "index")],
    [1, 2, 1, 3, 1],
)


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        # 2.675 and 1.005 lie a little below the half as binary numbers, 0.125 lies on it
        ("half_up", [2.675, 1.005, 0.125, -2.675, 2.674, 85.5], [2.68, 1.01, 0.13, -2.68, 2.67, 85.5]),
        ("half_even", [2.675, 2.665, 0.125, 0.135], [2.68, 2.66, 0.12, 0.14]),
        ("down", [2.679, -2.679, 0.29, 1.15, 0.57], [2.67, -2.67, 0.29, 1.15, 0.57]),
    ],
)
def test_numbers_are_rounded_as_they_are_written(rule, values, expected):
    assert rounded(values, 2, rule).tolist() == expected


def test_tens_and_hundreds_can_be_rounded_to():
    assert rounded([1450.0, 1449.9, 25.0], -2).tolist() == [1500, 1400, 0]


def test_what_is_missing_stays_missing_and_no_zero_is_negative():
    result = rounded([NAN, -0.001], 2)
    assert math.isnan(result[0])
    assert math.copysign(1, result[1]) == 1


@pytest.mark.parametrize("rule", sorted(RULES))
@settings(max_examples=60)
@given(
    value=st.floats(-1e12, 1e12)
    | st.integers(-10_000_000, 10_000_000).map(lambda n: n / 1000)
    | st.integers(-10_000_000, 10_000_000).map(lambda n: n / 200),
    decimals=st.integers(-3, 6),
)
def test_rounding_is_that_of_decimal_arithmetic(rule, value, decimals):
    unit = decimal.Decimal(1).scaleb(-decimals)
    assert rounded([value], decimals, rule).tolist() == [
        float(decimal.Decimal(repr(value)).quantize(unit, RULES[rule]))
    ]


@pytest.mark.parametrize(
    ("given_as", "words"),
    [
        ({"decimals": 2, "rule": "up"}, "up is not a rule; known are half_up, half_even, down"),
        ({"decimals": 16}, "decimals must lie between -15 and 15"),
        ({"decimals": 2, "passed": "both"}, "passed must be rounded or exact"),
    ],
)
def test_a_policy_that_is_none_is_refused(given_as, words):
    with pytest.raises(CompositeError, match=words):
        Rounding(**given_as)


def test_the_parent_goes_on_with_the_rounded_score_or_with_the_exact_one():
    # economy = (80.1 + 3 * 60.3) / 4 = 65.25 -> 65.3; index = (2 * 65.3 + 90) / 3 = 73.533 or (2 * 65.25 + 90) / 3 = 73.5
    leaves = [[80.1, 60.3, 90.0]]
    for passed, index in (("rounded", 73.53), ("exact", 73.5)):
        rounding = [Rounding(2), Rounding(1, "half_up", passed), None, None, None]
        result = compose(TREE, leaves, ["arithmetic"] * 5, rounding=rounding)
        assert result.score[0, :2].tolist() == [index, 65.3]
        assert result.exact[0, 1] == pytest.approx(65.25, rel=1e-15)
        assert result.contribution[0, 1] == pytest.approx(2 / 3 * (65.3 if passed == "rounded" else 65.25))


def test_without_a_policy_the_score_is_exact():
    result = compose(TREE, [[80.1, 60.3, 90.0]], ["arithmetic"] * 5)
    assert result.exact is result.score
    assert not result.residue.any()


def test_ranks_can_rest_on_rounded_scores_by_the_rule_of_the_table():
    # published 2.68, 2.68 and 2.67; exactly the first is ahead of the second
    assert ranks([2.679, 2.675, 2.67], decimals=2, rule="half_up").tolist() == [1, 1, 3]
    assert ranks([2.679, 2.675, 2.67], decimals=2, rule="down").tolist() == [1, 1, 1]
    assert ranks([2.679, 2.675, 2.67]).tolist() == [1, 2, 3]


MEANS = ["arithmetic", "geometric", Aggregating("generalised", {"p": -2}), "mazziotta_pareto", "median"]


@settings(max_examples=20)
@given(
    leaves=st.lists(st.floats(1, 100) | st.just(NAN), min_size=3, max_size=3),
    means=st.lists(st.sampled_from(MEANS), min_size=5, max_size=5),
    roundings=st.lists(
        st.none()
        | st.builds(
            Rounding, st.integers(0, 3), st.sampled_from(sorted(RULES)), st.sampled_from(["rounded", "exact"])
        ),
        min_size=5,
        max_size=5,
    ),
)
def test_parts_penalties_and_residues_add_up_to_every_score(leaves, means, roundings):
    result = compose(TREE, [leaves], means, rounding=roundings)
    for group in TREE.groups:
        if np.isnan(result.score[0, group]):
            continue
        below = TREE.children[group]
        whole = np.nansum(result.contribution[0, below]) + result.penalty[0, group] + result.residue[0, group]
        assert whole == pytest.approx(result.score[0, group], rel=1e-12)
        assert result.exact[0, group] + result.residue[0, group] == pytest.approx(
            result.score[0, group], rel=1e-15
        )
        gave = np.nansum(reach(TREE, result, int(group))[0, TREE.leaves])
        closed = np.nansum(closing(TREE, result, int(group))[0])
        assert gave + closed == pytest.approx(result.score[0, group], rel=1e-12)
