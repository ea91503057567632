"""All pairs at once give what one pair at a time gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.correlation import correlate, covariance, cronbach
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.pairwise import alpha, pairwise


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 12),
    st.integers(1, 6),
    st.floats(0, 0.6),
    st.sampled_from([1.0, 1e-200, 1e150]),
)
def test_it_agrees_with_pairs_taken_one_by_one(seed, units, columns, gaps, scale):  # fmt: skip
    chance = np.random.default_rng(seed)
    x = chance.normal(5, 2, (units, columns)) * scale
    x[chance.random(x.shape) < gaps] = np.nan
    x[:, 0] = np.where(np.isnan(x[:, 0]), np.nan, 3.0 * scale)  # one that does not vary
    one, each = pairwise(x), correlate(x)
    assert (one.units == each.units).all()
    np.testing.assert_allclose(one.r, each.r, rtol=0, atol=1e-9)
    # a chance is steep where |r| is nearly 1: it is compared where it is not
    plain = np.isnan(each.r) | (np.abs(each.r) < 0.999)
    np.testing.assert_allclose(one.p[plain], each.p[plain], rtol=0, atol=1e-7)


def test_covariances_and_alpha_agree_with_the_exact_ones():
    chance = np.random.default_rng(3)
    x = chance.normal(60, 12, (40, 8)) + chance.normal(0, 10, (40, 1))
    x[chance.random(x.shape) < 0.2] = np.nan
    found = pairwise(x)
    np.testing.assert_allclose(found.covariance, covariance(x), rtol=1e-11)
    assert alpha(found.covariance) == pytest.approx(cronbach(x), rel=1e-11)


def test_what_does_not_vary_over_the_common_units_has_no_correlation():
    # the first column varies, but not where the second has values
    x = [[1.0, 5.0], [1.0, 6.0], [1.0, 9.0], [8.0, np.nan]]
    assert np.isnan(pairwise(x).r[0, 1])
    assert pairwise(x).r[0, 0] == 1.0


def test_a_line_far_from_zero_is_a_line():
    # 1e9 away from 0, steps of 1: round whole-column means nothing is lost
    x = np.array([[1e9 + at, -3.0 * at] for at in range(6)])
    assert pairwise(x).r[0, 1] == pytest.approx(-1.0, abs=1e-12)


def test_order_of_units_changes_nothing_that_is_shown():
    chance = np.random.default_rng(5)
    x = chance.normal(0, 1, (30, 5))
    np.testing.assert_allclose(pairwise(x).r, pairwise(x[::-1]).r, atol=1e-14)


def test_a_panel_or_an_infinity_is_refused():
    with pytest.raises(CompositeError, match="give one period"):
        pairwise(np.zeros((2, 3, 4)))
    with pytest.raises(CompositeError, match="infinite"):
        pairwise([[np.inf], [1.0]])
