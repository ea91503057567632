"""Imputation: by hand, against the peer, and the promises: a given figure never changes, an estimate is always marked."""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.impute import IMPUTATIONS, Imputing, impute
from shenzhi.calc.composite.impute_panel import PANEL
from shenzhi.calc.composite.labels import CompositeError, Labels

NAN = math.nan


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def series(*values: float) -> np.ndarray:
    """One unit's figures on one indicator, period by period."""
    return np.array(values, dtype=float)[:, None, None]


def estimates(result) -> list[float]:
    return result.values.reshape(-1).tolist()


def same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


# ---- over the units ---------------------------------------------------------------------------------------------------


def test_mean_and_median_are_of_the_given_figures():
    # 1, 2, 9: mean 4, median 2
    assert estimates(impute(column(1, NAN, 2, 9), Imputing("mean"))) == [1, 4, 2, 9]
    assert estimates(impute(column(1, NAN, 2, 9), Imputing("median"))) == [1, 2, 2, 9]


def test_a_group_takes_its_own_mean_and_a_unit_in_none_stays_missing():
    x = column(1, 3, NAN, 10, NAN, NAN)
    result = impute(
        x,
        Imputing("mean", {"grouping": "region"}),
        groupings={"region": ["east", "east", "east", "west", "west", None]},
    )
    assert result.values[:5, 0].tolist() == [1, 3, 2, 10, 10]
    assert math.isnan(result.values[5, 0])
    assert result.imputed[:, 0].tolist() == [False, False, True, False, True, False]


def test_what_a_method_leaves_missing_the_next_one_takes_and_each_cell_says_which():
    result = impute(
        column(1, NAN, 5, NAN),
        Imputing("median", {"grouping": "region"}, otherwise=Imputing("mean")),
        groupings={"region": ["east", "east", "west", "south"]},
    )
    # the south has no figure of its own: the mean of 1 and 5, not of the estimate for the east as well
    assert estimates(result) == [1, 1, 5, 3]
    assert [result.told((at, 0)) for at in range(4)] == [("", ()), ("median", ()), ("", ()), ("mean", ())]


def test_periods_are_imputed_each_by_itself_or_all_together():
    panel = np.array([[[1.0], [3.0], [NAN]], [[10.0], [NAN], [20.0]]])
    assert estimates(impute(panel, Imputing("mean"))) == [1, 3, 2, 10, 15, 20]
    # (1 + 3 + 10 + 20) / 4 = 8.5
    assert estimates(impute(panel, Imputing("mean"), axis=(-3, -2))) == [1, 3, 8.5, 10, 8.5, 20]
    regions = {"region": ["east", "east", "west"]}
    # the east over both periods: (1 + 3 + 10) / 3; the west: 20
    assert estimates(
        impute(panel, Imputing("mean", {"grouping": "region"}), axis=(-3, -2), groupings=regions)
    ) == [1, 3, 20, 10, 14 / 3, 20]


# ---- along the row ----------------------------------------------------------------------------------------------------


def test_a_unit_stands_on_the_missing_indicator_where_it_stands_on_the_others():
    # on a: (15 - 10) / 10 = 0.5; on b, where less is better, (8 - 6) / (8 - 4) = 0.5 of the way from 8 to 4;
    # c runs from 100 to 300: half way is 200
    x = np.array([[10.0, 4.0, 100.0], [20.0, 8.0, 300.0], [15.0, 6.0, NAN]])
    assert impute(x, Imputing("row_mean"), directions=[1, -1, 1]).values[2].tolist() == [15, 6, 200]
    # with c also the less the better, half way is 200 still; a quarter of the way it tells: place 0.25 is 300 - 50
    x = np.array([[10.0, 100.0], [20.0, 300.0], [12.5, NAN]])
    assert impute(x, Imputing("row_mean"), directions=[1, -1]).values[2].tolist() == [12.5, 250]


def test_the_row_may_be_kept_to_the_family_of_the_indicator():
    # places 0, 1, 0.2; the mean of all three is 0.4, of the family (b and c) 0.2
    x = np.array([[0.0, 0.0, 0.0, 0.0], [10.0, 10.0, 10.0, 10.0], [0.0, 10.0, 2.0, NAN]])
    assert impute(x, Imputing("row_mean")).values[2, 3] == pytest.approx(4)
    assert impute(x, Imputing("row_median")).values[2, 3] == pytest.approx(2)
    families = {"pillar": ["p", "p", "q", "q"]}
    assert impute(x, Imputing("row_mean", {"family": "pillar"}), families=families).values[2, 3] == 2


def test_an_indicator_on_which_all_are_equal_says_nothing_of_the_others():
    # a place between equal ends would be 0 / 0; that leaves place 0.5 on the first: half way from 100 to 200
    x = np.array([[0.0, 7.0, 100.0], [10.0, 7.0, 200.0], [5.0, 7.0, NAN]])
    assert impute(x, Imputing("row_mean")).values[2, 2] == 150


def test_a_row_without_any_figure_stays_missing():
    assert np.isnan(impute([[1.0, 2.0], [3.0, 4.0], [NAN, NAN]], Imputing("row_mean")).values[2]).all()


# ---- over the periods --------------------------------------------------------------------------------------------------

#                 2018  2019  2020  2023  2024
GAPS = series(NAN, 10.0, NAN, 30.0, NAN)
TIMES = [2018.0, 2019.0, 2020.0, 2023.0, 2024.0]


@pytest.mark.parametrize(
    ("method", "expected", "sources"),
    [
        ("latest", [NAN, 10, 10, 30, 30], [(), (), (1,), (), (3,)]),
        ("constant", [10, 10, 10, 30, 30], [(1,), (), (1,), (), (3,)]),
        # 2020 is a quarter of the way from 2019 to 2023: 10 + 20 / 4 = 15
        ("linear", [10, 10, 15, 30, 30], [(1,), (), (1, 3), (), (3,)]),
        ("linear_constant", [10, 10, 15, 30, 30], [(1,), (), (1, 3), (), (3,)]),
        ("between", [NAN, 10, 15, 30, NAN], [(), (), (1, 3), (), ()]),
    ],
)
def test_gaps_are_filled_by_the_times_of_the_periods_and_each_says_from_which(method, expected, sources):
    result = impute(GAPS, Imputing(method), times=TIMES)
    assert all(map(same, estimates(result), expected))
    assert [result.told((at, 0, 0))[1] for at in range(5)] == sources


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("latest", [NAN, 10, 10, 30, 30]),
        ("constant", [10, 10, 10, 30, 30]),
        # 2020 is one year from 2019, but three from 2023: no line; what is level is near enough
        ("linear", [10, 10, NAN, 30, 30]),
        ("linear_constant", [10, 10, 10, 30, 30]),
        ("between", [NAN, 10, NAN, 30, NAN]),
    ],
)
def test_every_method_keeps_to_the_limit_on_age(method, expected):
    # the peer promises a limit for "constant" and does not keep it
    result = impute(GAPS, Imputing(method, {"max_age": 1}), times=TIMES)
    assert all(map(same, estimates(result), expected))
    nothing = impute(GAPS, Imputing(method, {"max_age": 0.5}), times=TIMES)
    assert not nothing.imputed.any()


def test_the_limit_on_age_counts_years_and_not_rows():
    # the peer counts points of time: it would carry 2010 on to 2020 as "one back"
    result = impute(series(1, NAN), Imputing("latest", {"max_age": 1}), times=[2010, 2020])
    assert not result.imputed.any()


def test_one_figure_alone_makes_no_line_but_may_be_carried():
    assert not impute(series(NAN, 5, NAN), Imputing("linear"), times=[1, 2, 3]).imputed.any()
    assert estimates(impute(series(NAN, 5, NAN), Imputing("linear_constant"), times=[1, 2, 3])) == [5, 5, 5]


@pytest.mark.parametrize("method", sorted(PANEL))
@settings(max_examples=12)
@given(data=st.data())
def test_the_order_of_the_periods_changes_nothing(method, data):
    """The peer, given rows that are not sorted by time, moves the figures of one year to another."""
    figures = data.draw(
        st.lists(
            st.lists(st.floats(-100, 100) | st.just(NAN), min_size=4, max_size=4), min_size=5, max_size=5
        )
    )
    order = np.array(data.draw(st.permutations(range(5))))
    panel, times = np.array(figures).reshape(5, 2, 2), np.array(TIMES)
    plan = Imputing(method, data.draw(st.sampled_from([{}, {"max_age": 1}, {"max_age": 3}])))
    straight = impute(panel, plan, times=times)
    shuffled = impute(panel[order], plan, times=times[order])
    np.testing.assert_array_equal(shuffled.values, straight.values[order])
    back = np.append(np.argsort(order), -1)
    np.testing.assert_array_equal(shuffled.earlier, back[straight.earlier][order])
    np.testing.assert_array_equal(shuffled.later, back[straight.later][order])


# ---- promises of all ----------------------------------------------------------------------------------------------------

PANELS = st.lists(
    st.lists(
        st.sampled_from([NAN, NAN, 0.0, -0.0, 0.1, 1 / 3, -2.5, 7.0, 1e300, 5e-324]), min_size=6, max_size=6
    ),
    min_size=3,
    max_size=3,
)


@pytest.mark.parametrize("method", sorted(IMPUTATIONS))
@pytest.mark.parametrize("axis", [-2, (-3, -2)])
@settings(max_examples=15)
@given(rows=PANELS)
def test_a_given_figure_stays_bit_for_bit_and_an_estimate_is_marked(method, axis, rows):
    panel = np.array(rows).reshape(3, 3, 2)
    result = impute(panel, Imputing(method), axis=axis, times=[2020, 2021, 2023])
    there = ~np.isnan(panel)
    assert result.values[there].tobytes() == panel[there].tobytes()
    np.testing.assert_array_equal(result.imputed, ~there & ~np.isnan(result.values))
    np.testing.assert_array_equal(result.imputed, result.rule >= 0)
    np.testing.assert_array_equal(
        (result.earlier >= 0) | (result.later >= 0), result.imputed & (method in PANEL)
    )


@pytest.mark.parametrize("method", ["mean", "median", "row_mean", "row_median"])
@settings(max_examples=12)
@given(data=st.data())
def test_the_order_of_the_units_changes_no_digit(method, data):
    cell = st.floats(-1e6, 1e6) | st.just(NAN)
    rows = data.draw(st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=8))
    order = list(data.draw(st.permutations(range(len(rows)))))
    straight = impute(rows, Imputing(method)).values
    shuffled = impute([rows[at] for at in order], Imputing(method)).values
    np.testing.assert_array_equal(shuffled, straight[order])


def test_each_indicator_may_be_imputed_in_its_own_way():
    x = [[1.0, 1.0, NAN], [5.0, 5.0, 2.0], [9.0, NAN, 3.0], [NAN, 3.0, NAN]]
    result = impute(x, [Imputing("mean"), Imputing("median"), Imputing("none")])
    assert (result.values[3, 0], result.values[2, 1]) == (5, 3)
    assert np.isnan(result.values[[0, 3], 2]).all()


def test_figures_that_could_not_be_copied_at_once_come_out_the_same(monkeypatch):
    x = np.where(np.arange(60).reshape(10, 6) % 7 == 0, NAN, np.arange(60.0).reshape(10, 6))
    whole = impute(x, Imputing("mean")).values
    monkeypatch.setattr("shenzhi.calc.composite.impute.COPIED", 10)
    np.testing.assert_array_equal(impute(x, Imputing("mean")).values, whole)


# ---- faults --------------------------------------------------------------------------------------------------------------


def test_all_faults_of_a_plan_are_told_at_once():
    with pytest.raises(CompositeError) as caught:
        impute(
            [[NAN, 1.0, 2.0, 3.0]],
            [
                Imputing("guess"),
                Imputing("mean", {"group": "region"}),
                Imputing("latest"),
                Imputing("median", {"grouping": "county"}),
            ],
            groupings={"region": ["east", "west"]},
            labels=Labels(["gdp", "pm25", "noise", "parks"]),
        )
    faults = caught.value.faults
    assert any(fault.startswith("gdp: guess is not an imputation; known are none, mean") for fault in faults)
    assert "pm25: mean has no group; it has grouping" in faults
    assert "noise (latest) need a panel (periods, units, indicators), but there are no periods" in faults
    assert "parks: no grouping is called county; there are region" in faults
    assert "region: names the groups of 2, but there are 1 units" in faults


@pytest.mark.parametrize("times", [None, [2020], [2020, 2020], [2020, NAN]])
def test_a_panel_needs_one_time_for_each_period(times):
    with pytest.raises(CompositeError, match="times"):
        impute(series(1, NAN), Imputing("latest"), times=times)


# ---- the peer ------------------------------------------------------------------------------------------------------------

Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def matrix(rows: Rows, names: list[str]) -> np.ndarray:
    return np.array(
        [[NAN if row[name] in ("", "NA") else float(row[name]) for name in names] for row in rows]
    )


@pytest.fixture(scope="module")
def coinr(shared) -> Path:
    return shared / "data" / "index" / "coinr"


@pytest.mark.parametrize(
    ("file", "plan"),
    [
        ("i_mean", Imputing("mean")),
        ("i_median", Imputing("median")),
        ("i_mean_grp_EurAsia", Imputing("mean", {"grouping": "EurAsia_group"})),
        ("i_median_grp_GDP", Imputing("median", {"grouping": "GDP_group"})),
        ("row_mean_normfirst", Imputing("row_mean")),
        ("row_mean_group_level2", Imputing("row_mean", {"family": "pillar"})),
    ],
)
def test_imputation_agrees_with_coinr(coinr, file, plan):
    given_, expected = read(coinr / "pipeline" / "2_Denominated.csv"), read(coinr / "impute" / f"{file}.csv")
    names = [name for name in given_[0] if name != "uCode"]
    units = {row["uCode"]: row for row in read(coinr / "pipeline" / "units_meta.csv")}
    meta = {row["iCode"]: row for row in read(coinr / "input" / "ASEM_iMeta.csv")}
    result = impute(
        matrix(given_, names),
        plan,
        directions=[float(meta[name]["Direction"]) for name in names],
        groupings={
            name: [units[row["uCode"]][name] for row in given_] for name in ("EurAsia_group", "GDP_group")
        },
        families={"pillar": [meta[name]["Parent"] for name in names]},
    )
    assert [row["uCode"] for row in given_] == [row["uCode"] for row in expected]
    np.testing.assert_allclose(result.values, matrix(expected, names), rtol=1e-12)
    assert result.imputed.sum() == np.isnan(matrix(given_, names)).sum() > 0


@pytest.mark.parametrize(
    ("file", "plan"),
    [
        ("latest", Imputing("latest")),
        ("latest_max1", Imputing("latest", {"max_age": 1})),
        ("constant", Imputing("constant")),
        ("linear", Imputing("linear")),
        ("linear-constant", Imputing("linear_constant")),
    ],
)
def test_panel_imputation_agrees_with_coinr_whatever_the_order_of_the_years(coinr, file, plan):
    given_ = read(coinr / "panel" / "input_with_seeded_NAs.csv")
    expected = read(coinr / "panel" / f"impute_{file}.csv")
    names = list(given_[0])[list(given_[0]).index("Time") + 1 :]
    units, years = (list(dict.fromkeys(row[name] for row in given_)) for name in ("uCode", "Time"))

    def panel(rows: Rows, years: list[str]) -> np.ndarray:
        row = {(row["Time"], row["uCode"]): row for row in rows}
        places = list(itertools.product(years, units))
        return matrix([row[place] for place in places], names).reshape(len(years), len(units), len(names))

    for order in (years, years[::-1], [years[at] for at in (3, 0, 4, 1, 2)]):
        result = impute(panel(given_, order), plan, times=[float(year) for year in order])
        np.testing.assert_allclose(result.values, panel(expected, order), rtol=1e-12)
    assert result.imputed.sum() > 300


def test_nothing_is_made_up_for_a_unit_that_was_screened_out():
    x = np.array([[[1.0, NAN], [NAN, 4.0]], [[NAN, 5.0], [3.0, NAN]]])
    kept = np.array([[True, False], [True, True]])
    found = impute(x, Imputing("latest"), times=[2020, 2021], kept=kept)
    # unit 1 in 2020 is out: its gap stays a gap; what it has is still the latest for 2021
    assert found.imputed[..., 0].tolist() == [[False, False], [True, False]]
    assert found.imputed[..., 1].tolist() == [[False, False], [False, True]]
    assert found.told((1, 0, 0)) == ("latest", (0,))
    assert found.told((0, 1, 0)) == ("", ())
    at_once = impute(np.array([[2.0], [NAN], [NAN]]), Imputing("mean"), kept=np.array([True, False, True]))
    assert at_once.values[:, 0].tolist() == pytest.approx([2, NAN, 2], nan_ok=True)
    assert at_once.rule[:, 0].tolist() == [-1, -1, 0]
