"""Screening: which units stay, by either rule, by both, or by decision; by hand and against the peer."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.screening import screen

NAN = math.nan
#         values 1/3, non-zero 1; values 1, non-zero 1/3; values 0
ROWS = [[5.0, NAN, NAN], [0.0, 0.0, 7.0], [NAN, NAN, NAN]]
LABELS = Labels(units=["a", "b", "c"])


def test_what_a_row_has_is_told_whether_it_stays_or_not():
    result = screen(ROWS)
    assert result.share.tolist() == pytest.approx([1 / 3, 1, 0])
    assert result.nonzero[:2].tolist() == pytest.approx([1, 1 / 3])
    assert math.isnan(result.nonzero[2]), "a row without values has no share of zeros"
    assert result.kept.all()


@pytest.mark.parametrize(
    ("threshold", "nonzero", "kept"),
    [
        (0.5, 0.0, [False, True, False]),
        (0.0, 0.5, [True, False, True]),
        (0.5, 0.5, [False, False, False]),
        (1 / 3, 1 / 3, [True, True, False]),
    ],
)
def test_a_row_must_satisfy_every_rule_that_is_set(threshold, nonzero, kept):
    result = screen(ROWS, threshold, nonzero=nonzero)
    assert result.kept.tolist() == kept
    assert np.isnan(result.values[~result.kept]).all()


def test_a_decision_overrules_the_rules_and_is_told():
    result = screen(ROWS, 0.5, force={"c": True, "b": False}, labels=LABELS)
    assert result.kept.tolist() == [False, False, True]
    assert result.forced.tolist() == [0, -1, 1]
    assert result.few.tolist() == [True, False, True], "the rule is told as it was, not as it was overruled"


def test_a_decision_holds_in_every_period():
    result = screen([ROWS, ROWS], 0.5, force={"b": False}, labels=LABELS)
    assert result.kept.tolist() == [[False, False, False]] * 2


def test_a_decision_on_a_unit_that_is_not_there_is_refused():
    with pytest.raises(CompositeError, match="no such unit to keep or drop: d"):
        screen(ROWS, force={"a": True, "d": True}, labels=LABELS)


CELLS = st.sampled_from([NAN, 0.0, 1.0, 2.5])


@settings(max_examples=40)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8), st.data())
def test_rows_are_screened_each_by_itself(rows, data):
    order = data.draw(st.permutations(range(len(rows))))
    straight, shuffled = (screen(one, 0.5, nonzero=0.4) for one in (rows, [rows[at] for at in order]))
    assert shuffled.kept.tolist() == straight.kept[list(order)].tolist()
    np.testing.assert_array_equal(straight.values[straight.kept], np.array(rows)[straight.kept])


@pytest.mark.parametrize(
    ("file", "rules", "force"),
    [
        ("byNA_dat85_nz95", {"threshold": 0.85}, {}),
        ("byzeros_dat85_nz95", {"nonzero": 0.95}, {}),
        ("byNAandzeros_dat85_nz95", {"threshold": 0.85, "nonzero": 0.95}, {}),
        ("byNA_dat85_force_BRN_in_AUT_out", {"threshold": 0.85}, {"BRN": True, "AUT": False}),
    ],
)
def test_screening_agrees_with_coinr(shared, file, rules, force):
    coinr = shared / "data" / "index" / "coinr"
    with (coinr / "screen" / f"raw_{file}.csv").open(encoding="utf-8-sig") as one:
        expected = list(csv.DictReader(one))
    with (coinr / "pipeline" / "1_Raw.csv").open(encoding="utf-8-sig") as one:
        raw = {row.pop("uCode"): row for row in csv.DictReader(one)}
    units = [row["uCode"] for row in expected]
    cells = [[NAN if cell in ("", "NA") else float(cell) for cell in raw[unit].values()] for unit in units]
    result = screen(cells, **rules, force=force, labels=Labels(units=units))
    assert result.share.tolist() == pytest.approx([float(row["Dat_Avail"]) for row in expected], rel=1e-12)
    assert result.nonzero.tolist() == pytest.approx([float(row["Non_Zero"]) for row in expected], rel=1e-12)
    assert result.kept.tolist() == [row["Included"] == "TRUE" for row in expected]
    assert 0 < result.kept.sum() < len(units)
