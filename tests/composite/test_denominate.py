"""Denomination: by hand, against the peer, and never an infinity."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from shenzhi.calc.composite.denominate import Denominating, denominate
from shenzhi.calc.composite.labels import CompositeError, Labels

NAN = math.nan
PER_THOUSAND = Denominating("population", 1000)
LABELS = Labels(["doctors", "gdp"], ["futian", "luohu"])


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> float:
    return math.nan if cell in ("", "NA") else float(cell)


def test_a_count_becomes_a_rate_and_other_indicators_stay():
    # 30 doctors for 15,000 people: 30 * 1000 / 15000 = 2 per thousand; 8 for 2,000: 4 per thousand
    result = denominate(
        [[30.0, 7.0], [8.0, NAN]], [PER_THOUSAND, Denominating()], {"population": [15000.0, 2000.0]}
    )
    assert result.values[:, 0].tolist() == [2, 4]
    assert result.values[0, 1] == 7
    assert math.isnan(result.values[1, 1])
    assert not result.lost.any()


def test_each_period_of_a_panel_has_its_own_denominator_or_all_share_one():
    panel = [[[10.0], [20.0]], [[10.0], [20.0]]]
    per_period = denominate(panel, Denominating("area"), {"area": [[2.0, 4.0], [5.0, 10.0]]})
    assert per_period.values[..., 0].tolist() == [[5, 5], [2, 2]]
    shared_by_all = denominate(panel, Denominating("area"), {"area": [2.0, 4.0]})
    assert shared_by_all.values[..., 0].tolist() == [[5, 5], [5, 5]]


@pytest.mark.parametrize(
    ("divisor", "told"), [(0.0, "0"), (-3.0, "-3"), (NAN, "missing"), (5e-324, "4.94066e-324")]
)
def test_a_denominator_that_cannot_divide_is_refused_by_name(divisor, told):
    with pytest.raises(CompositeError) as caught:
        denominate([[30.0, 1.0], [8.0, 1.0]], PER_THOUSAND, {"population": [15000.0, divisor]}, labels=LABELS)
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["doctors", "gdp"]
    assert f"luohu ({told})" in caught.value.faults[0]
    assert "futian" not in str(caught.value)


def test_cells_may_be_left_empty_instead_and_are_then_marked():
    result = denominate(
        [[30.0], [8.0], [NAN]], PER_THOUSAND, {"population": [15000.0, 0.0, 0.0]}, unusable="missing"
    )
    assert result.values[0, 0] == 2
    assert np.isnan(result.values[1:, 0]).all()
    # the third had no value before either
    assert result.lost[:, 0].tolist() == [False, True, False]


def test_where_there_is_no_value_the_denominator_does_not_matter():
    assert np.isnan(denominate([[NAN]], PER_THOUSAND, {"population": [0.0]}).values).all()


def test_all_faults_of_a_plan_are_told_at_once():
    with pytest.raises(CompositeError) as caught:
        denominate(
            [[1.0, 2.0]],
            [Denominating("people"), Denominating("area", 0)],
            {"population": [1.0], "area": [1.0, 2.0]},
            labels=LABELS,
        )
    assert len(caught.value.faults) == 3
    assert "doctors: no denominator is called people; there are population, area" in caught.value.faults
    assert "gdp: the factor must be above 0 (got 0)" in caught.value.faults


def test_an_unknown_way_with_unusable_ones_is_refused():
    with pytest.raises(CompositeError, match="unusable: ignore is not known"):
        denominate([[1.0]], PER_THOUSAND, {"population": [1.0]}, unusable="ignore")


@pytest.mark.parametrize(
    ("file", "factor"), [("pipeline/2_Denominated.csv", 1), ("denominate/raw_scalefactor1000.csv", 1000)]
)
def test_denomination_agrees_with_coinr(shared, file, factor):
    coinr = shared / "data" / "index" / "coinr"
    raw, expected = read(coinr / "pipeline" / "1_Raw.csv"), read(coinr / file)
    units = {row["uCode"]: row for row in read(coinr / "pipeline" / "units_meta.csv")}
    by = {row["iCode"]: row["Denominator"] for row in read(coinr / "input" / "ASEM_iMeta.csv")}
    names = [name for name in raw[0] if name != "uCode"]
    assert [row["uCode"] for row in raw] == [row["uCode"] for row in expected]
    result = denominate(
        [[number(row[name]) for name in names] for row in raw],
        [Denominating(by[name].replace("NA", ""), factor) for name in names],
        {
            name: [number(units[row["uCode"]][name]) for row in raw]
            for name in ("Area", "Energy", "GDP", "Population")
        },
        unusable="missing",
    )
    # Laos's energy is not known: the peer empties two of its cells without a word.
    assert [(raw[row]["uCode"], names[column]) for row, column in np.argwhere(result.lost)] == [
        ("LAO", "Elec"),
        ("LAO", "Gas"),
    ]
    np.testing.assert_allclose(
        result.values, [[number(row[name]) for name in names] for row in expected], rtol=1e-12
    )
