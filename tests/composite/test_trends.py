"""Trends: by hand, against the peer, and over the years that were chosen."""

from __future__ import annotations

import csv
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.trends import Trends, trends

NAN = math.nan


def series(*values: float) -> np.ndarray:
    """One unit's figures on one indicator, period by period."""
    return np.array(values, dtype=float)[:, None, None]


def one(trend: Trends) -> float:
    return float(trend.value.item())


def test_growth_is_compound_and_per_year():
    # 100 -> 121 in two years: 10 % a year; over four years with a gap: (146.41 / 100)^(1/4) - 1
    assert one(trends(series(100, 110, 121), [2020, 2021, 2022])) == pytest.approx(0.1)
    assert one(trends(series(100, NAN, 146.41), [2018, 2020, 2022])) == pytest.approx(0.1)


def test_change_is_the_slope_of_the_line_in_per_cent_of_its_start():
    # 10, 30, 20: slope 5, mean 20 in the middle, so the line begins at 15: 5 / 15 = 33.3 %
    trend = trends(series(10, 30, 20), [1, 2, 3], method="change")
    assert one(trend) == pytest.approx(100 / 3)
    assert (trend.start.item(), trend.end.item()) == pytest.approx((15, 25))


def test_two_figures_change_along_the_line_through_both():
    # from 50 to 80 in three years: 30 / 50 / 3 = 20 % a year
    assert one(trends(series(50, NAN, 80), [1, 2, 4], method="change")) == pytest.approx(20)


@pytest.mark.parametrize("method", ["growth", "change"])
def test_what_does_not_move_has_a_trend_of_nothing(method):
    assert one(trends(series(0.1, 0.1, 0.1), [1, 2, 3], method=method)) == 0
    assert one(trends(series(0, 0, 0), [1, 2, 3], method=method)) == 0


def test_from_nothing_no_percentage_leads_anywhere_but_the_figures_are_told():
    """The peer reports an infinite rate for growth from 0, and a fall of 2,514 % for figures that rise from 0."""
    rising = series(0, 2.69, 2.85, 14.26, 8.82)
    for method in ("growth", "change"):
        trend = trends(rising, [2018, 2019, 2020, 2021, 2022], method=method)
        assert math.isnan(one(trend))
        assert trend.undefined.item()
        assert trend.end.item() > trend.start.item()


def test_figures_below_nothing_have_no_rate_of_growth():
    # the peer makes of -4 -> -2, a debt that shrinks, a growth of -29 %
    assert trends(series(-4, -3, -2), [1, 2, 3]).undefined.item()
    assert one(trends(series(4, 3, 0), [1, 2, 3])) == -1, "to nothing at all it is a loss of all"


def test_one_figure_has_no_trend():
    trend = trends(series(NAN, 5, NAN), [1, 2, 3])
    assert math.isnan(one(trend))
    assert not trend.undefined.item()
    assert (trend.points.item(), trend.availability.item()) == (1, pytest.approx(1 / 3))
    assert math.isnan(trend.first.item())


# 2018 to 2022: falls first, then rises
TURNING = series(100, 80, 50, 55, 60.5)
YEARS = [2018, 2019, 2020, 2021, 2022]


def test_the_years_chosen_are_those_looked_at():
    """The peer, asked for the last three of five years, takes the rows of the first three: here a fall for a rise."""
    trend = trends(TURNING, YEARS, over=[2020, 2021, 2022])
    assert one(trend) == pytest.approx(0.1)  # 50 -> 60.5 in two years
    assert (trend.first.item(), trend.last.item()) == (2020, 2022)
    assert one(trends(TURNING, YEARS, over=[2018, 2019])) == pytest.approx(-0.2)
    # a single indicator, which the peer cannot take together with years, is what all of these are


def test_the_latest_figures_are_counted_back_from_the_last_one_there_is():
    x = series(100, 80, 50, 55, NAN)
    trend = trends(x, YEARS, latest=2)
    assert one(trend) == pytest.approx(0.1)  # 50 -> 55, the two that end with 2021
    assert (trend.first.item(), trend.last.item(), trend.availability.item()) == (2020, 2021, 1)
    # exactly as many as there are: all of them
    assert one(trends(x, YEARS, latest=4)) == pytest.approx(0.55 ** (1 / 3) - 1)
    assert math.isnan(one(trends(x, YEARS, latest=5)))
    assert one(trends(TURNING, YEARS, over=[2018, 2019, 2020], latest=2)) == pytest.approx(50 / 80 - 1)


def test_gaps_may_be_filled_first_and_are_then_told():
    x = series(100, NAN, 60, NAN)
    plain = trends(x, [1, 2, 3, 4], method="change", over=[2, 3, 4])
    assert math.isnan(one(plain))
    filled = trends(x, [1, 2, 3, 4], method="change", over=[2, 3, 4], interpolate=True)
    assert one(filled) == pytest.approx(-25)  # 80 -> 60 in a year; beyond the last figure nothing is put in
    assert filled.interpolated[:, 0, 0].tolist() == [False, True, False, False]
    assert (filled.points.item(), filled.availability.item()) == (2, pytest.approx(1 / 3))


def test_where_less_is_better_a_fall_is_a_gain():
    assert one(trends(series(100, 90), [1, 2], direction=-1)) == pytest.approx(0.1)


@pytest.mark.parametrize("method", ["growth", "change"])
@settings(max_examples=15)
@given(data=st.data())
def test_the_order_of_the_periods_changes_nothing(method, data):
    cell = st.floats(0.1, 100) | st.just(NAN)
    x = np.array(data.draw(st.lists(cell, min_size=20, max_size=20))).reshape(5, 2, 2)
    times = np.array([2018.0, 2019.0, 2020.0, 2023.0, 2024.0])
    order = list(data.draw(st.permutations(range(5))))
    asked = {
        "over": data.draw(st.sampled_from([None, [2019, 2020, 2024]])),
        "latest": data.draw(st.sampled_from([None, 2, 3])),
        "interpolate": data.draw(st.booleans()),
    }
    straight = trends(x, times, method=method, **asked)
    shuffled = trends(x[order], times[order], method=method, **asked)
    for name in ("value", "start", "end", "first", "last", "points", "availability", "undefined"):
        np.testing.assert_array_equal(getattr(shuffled, name), getattr(straight, name))
    np.testing.assert_array_equal(shuffled.interpolated, straight.interpolated[order])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"over": [2018, 2030]}, "no figures of 2030; there are those of 2018, 2019, 2020, 2021, 2022"),
        ({"over": [2018]}, "at least two periods"),
        ({"latest": 1}, "latest: a trend needs at least two periods"),
        ({"method": "slope"}, "slope is not a trend; known are growth, change"),
    ],
)
def test_what_cannot_be_a_trend_is_refused(asked, words):
    with pytest.raises(CompositeError, match=words):
        trends(TURNING, YEARS, **asked)


@pytest.mark.parametrize(
    "times", [[2018, 2019], [2018, 2018, 2019, 2020, 2021], [2018, 2019, 2020, 2021, NAN]]
)
def test_times_that_do_not_tell_the_periods_apart_are_refused(times):
    with pytest.raises(CompositeError, match="time"):
        trends(TURNING, times)


# ---- the peer ------------------------------------------------------------------------------------------------------------


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> float:
    return NAN if cell in ("", "NA") else float(cell)


@pytest.fixture(scope="module")
def folder(shared) -> Path:
    return shared / "data" / "index" / "coinr" / "panel"


@pytest.fixture(scope="module")
def panel(folder) -> tuple[np.ndarray, list[str], list[str], list[float]]:
    """The figures, years back to front, and the names along the axes."""
    raw = {(row["Time"], row["uCode"]): row for row in read(folder / "Raw.csv")}
    names = list(dict.fromkeys(row["iCode"] for row in read(folder / "trends_raw_CAGR.csv")))
    years, units = (list(dict.fromkeys(place[at] for place in raw)) for at in (0, 1))
    x = [[[number(raw[year, unit][name]) for name in names] for unit in units] for year in years[::-1]]
    return np.array(x), units, names, [float(year) for year in years[::-1]]


def told(folder: Path, file: str, units: list[str], names: list[str]) -> dict[str, np.ndarray]:
    rows = {(row["uCode"], row["iCode"]): row for row in read(folder / f"{file}.csv")}
    return {
        field: np.array([[number(rows[unit, name][field]) for name in names] for unit in units])
        for field in next(iter(rows.values()))
        if field not in ("uCode", "iCode")
    }


@pytest.mark.parametrize(("file", "latest"), [("trends_raw_CAGR", None), ("trends_raw_CAGR_latest3", 3)])
def test_growth_agrees_with_coinr(folder, panel, file, latest):
    x, units, names, years = panel
    expected = told(folder, file, units, names)
    trend = trends(x, years, latest=latest)
    there = ~np.isnan(trend.value)
    np.testing.assert_allclose(trend.value[there], expected["CAGR"][there], rtol=1e-12)
    assert there.sum() > 1000
    # On purpose no rate where the peer has an infinite one (from 0), or one of figures below 0.
    differs = ~there & ~np.isnan(expected["CAGR"])
    assert trend.undefined[differs].all()
    assert (trend.start[differs] <= 0).all()
    np.testing.assert_array_equal(np.isinf(expected["CAGR"]), differs & (trend.start == 0))
    first = "t_first" if latest is None else "t_first_use_latest"
    seen = ~np.isnan(expected[first])
    np.testing.assert_array_equal(trend.first[seen], expected[first][seen])
    availability = "Avail" if latest is None else "Avail_use_latest"
    seen = ~np.isnan(expected[availability])
    np.testing.assert_allclose(trend.availability[seen], expected[availability][seen], rtol=1e-12)


def test_change_agrees_with_coinr_as_far_as_its_own_rounding_allows(folder, panel):
    """The peer fits the line to the years as they are written, 2018 and on, and reaches its start from the year 0: that
    costs up to seven digits. Ours agrees with the exact answer to twelve, and the two with one another to nine."""
    x, units, names, years = panel
    expected = told(folder, "trends_raw_prc_change", units, names)["prc_change"]
    trend = trends(x, years, method="change")
    there = ~np.isnan(trend.value)
    assert there.sum() > 1000
    np.testing.assert_allclose(trend.value[there], expected[there], rtol=1e-9)
    exact = [float(_exact_change(years, x[:, unit, name].tolist())) for unit, name in np.argwhere(there)]
    np.testing.assert_allclose(trend.value[there], exact, rtol=1e-12, atol=1e-12)
    # On purpose no percentage of a line that begins at 0 or below it, where the peer's has the wrong sign or none.
    differs = ~there & ~np.isnan(expected)
    np.testing.assert_array_equal(differs, trend.undefined)
    slope = (trend.end - trend.start) / (trend.last - trend.first)
    np.testing.assert_allclose((100 * slope / trend.start)[differs], expected[differs], rtol=1e-9)


def _exact_change(years: list[float], figures: list[float]) -> Fraction:
    """The same percentage in fractions, without any rounding."""
    points = sorted(
        (Fraction(year), Fraction(figure))
        for year, figure in zip(years, figures, strict=True)
        if not math.isnan(figure)
    )
    count = len(points)
    mean_t, mean_y = (sum(point[at] for point in points) / count for at in (0, 1))
    slope = sum((t - mean_t) * (y - mean_y) for t, y in points) / sum((t - mean_t) ** 2 for t, _ in points)
    start = mean_y + slope * (points[0][0] - mean_t)
    return 100 * slope / start if slope else Fraction(0)
