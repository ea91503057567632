"""Numbers, periods and places are written in one way everywhere."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import measures


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (71.25, 1, "71.3"),  # halves go away from zero, as on paper
        (0.125, 2, "0.13"),
        (-0.05, 1, "−0.1"),
        (-0.04, 1, "0.0"),  # no minus before nothing
        (1234567.891, 1, "1,234,567.9"),
        (-1234.5, None, "−1,234.5"),
        (12950.08, None, "12,950.08"),
        (0.1 + 0.2, None, "0.3"),
        (100000.0, None, "100,000"),
        (0.0, None, "0"),
        (None, 1, "—"),
        (math.nan, 1, "—"),
    ],
)
def test_a_number_is_written_as_a_reader_expects(value, decimals, text):
    assert measures.number(value, decimals) == text


@pytest.mark.parametrize(("value", "text"), [(1.8, "+1.8"), (-0.44, "−0.4"), (0.04, "0.0"), (-0.04, "0.0")])
def test_a_change_carries_its_sign_unless_it_prints_as_nothing(value, text):
    assert measures.signed(value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, "100%"), (0.999, ">99%"), (0.004, "<1%"), (0.0, "0%"), (0.625, "63%")]
)
def test_a_share_is_never_rounded_to_all_or_to_nothing(share, text):
    assert measures.percent(share) == text


def test_periods_are_said_in_both_languages():
    assert measures.period_words("2023") == Words("2023年", "2023")
    assert measures.period_words("2023-05") == Words("2023年5月", "May 2023")
    assert measures.period_words("2023-Q3") == Words("2023年第3季度", "Q3 2023")
    assert measures.period_words("2023/24") == Words("2023/24", "2023/24")
    assert measures.day_words("2026-11-02T10:00:00+00:00") == Words("2026年11月2日", "2 November 2026")


def test_the_periods_between_are_all_there():
    assert measures.periods_between(["2021", "2018"]) == ["2018", "2019", "2020", "2021"]
    assert measures.periods_between(["2022-11", "2023-02"]) == ["2022-11", "2022-12", "2023-01", "2023-02"]
    assert measures.periods_between(["2022-Q4", "2023-Q2"]) == ["2022-Q4", "2023-Q1", "2023-Q2"]
    assert measures.periods_between(["2022", "2023-Q2"]) == ["2022", "2023-Q2"]
    assert measures.periods_between([]) == []


@given(
    st.floats(-1e9, 1e9, allow_nan=False),
    st.floats(-1e9, 1e9, allow_nan=False),
    st.integers(2, 8),
    st.booleans(),
)
def test_ticks_span_the_values_and_rise(one, other, about, zero):
    low, high = min(one, other), max(one, other)
    ticks = measures.ticks(low, high, about, zero=zero)
    slack = 1e-6 * max(abs(low), abs(high), 1)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert all(a < b for a, b in itertools.pairwise(ticks))
    assert 2 <= len(ticks) <= 2 * about + 2
    if zero:
        assert ticks[0] <= slack
        assert ticks[-1] >= -slack


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12))
def test_labels_are_set_apart_in_their_order(places):
    placed = measures.apart(places, 10, 0, 300)
    heights = sorted(placed)
    assert all(b - a >= 10 - 1e-9 for a, b in itertools.pairwise(heights))
    order = sorted(range(len(places)), key=lambda at: places[at])
    assert order == sorted(range(len(placed)), key=lambda at: placed[at])


def test_long_text_is_broken_between_words_and_between_characters():
    assert measures.wrapped("Quality of the environment", 80, 10) == ["Quality of the", "environment"]
    assert measures.wrapped("城市建设管理质量。", 50, 10) == ["城市建设管", "理质量。"]
    assert measures.shortened("城市建设管理质量", 50, 10) == "城市建设…"
