"""A change of rank as overtakings: who passed whom, by which indicators, and the places that add up."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.change import explain
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.overtaking import STANDS, overtakings
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.recipe import Recipe, build, without
from shenzhi.calc.composite.tree import Tree

NAN = math.nan
PAIR = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
RECIPE = Recipe(PAIR, [Scaling("goalposts", 1, {"posts": (0, 100)})] * 2)


def change(before, after, names=()):
    labels = Labels((), names)
    return explain(build(RECIPE, before, labels=labels), build(RECIPE, after, labels=labels))


def test_each_unit_that_passed_is_named_with_the_indicators_that_did_it():
    found = change(
        [[50.0, 50.0], [60.0, 60.0], [40.0, 40.0], [10.0, 10.0]],  # 50, 60, 40, 10
        [[50.0, 50.0], [60.0, 20.0], [80.0, 50.0], [10.0, 10.0]],  # 50, 40, 65, 10
        ["Futian", "Nanshan", "Luohu", "Yantian"],
    )
    move = overtakings(found, "Futian")
    assert (move.before, move.after) == (2, 2)  # the rank stood still, and yet two things happened
    by_name = {found.units[one.other]: one for one in move.overtakings}
    assert {name: (one.was, one.now, one.places) for name, one in by_name.items()} == {
        "Nanshan": ("above", "below", -1),
        "Luohu": ("below", "above", 1),
    }
    assert by_name["Nanshan"].drivers() == [("raw", 2, 20.0)]  # b of Nanshan fell by 40, half of it counts
    assert by_name["Luohu"].drivers() == [("raw", 1, -20.0), ("raw", 2, -5.0)]
    assert (by_name["Luohu"].gap_before, by_name["Luohu"].gap_after) == (10, -15)


def test_ties_units_that_come_and_units_that_go_are_told_as_such():
    found = change(
        [[50.0, 50.0], [50.0, 50.0], [90.0, 90.0], [NAN, NAN], [60.0, 60.0]],
        [[50.0, 50.0], [70.0, 70.0], [NAN, NAN], [80.0, 80.0], [50.0, 50.0]],
    )
    move = overtakings(found, 0)
    assert (move.before, move.after, move.places) == (3, 3, 0)
    assert {one.other: (one.was, one.now, one.places) for one in move.overtakings} == {
        1: ("level", "above", 1),
        2: ("above", "absent", -1),
        3: ("absent", "above", 1),
        4: ("above", "level", -1),
    }
    assert {one.other: bool(one.parts) for one in move.overtakings} == {1: True, 2: False, 3: False, 4: True}
    gone = overtakings(found, 2)
    assert (gone.before, gone.after, gone.overtakings) == (1, None, ())


def test_an_unknown_unit_is_refused():
    found = change([[1.0, 2.0]], [[1.0, 3.0]], ["Futian"])
    with pytest.raises(CompositeError, match="no such unit: Luohu; known are Futian"):
        overtakings(found, "Luohu")
    with pytest.raises(CompositeError, match="no such unit: 7"):
        overtakings(found, 7)


FIGURE = st.sampled_from([10.0, 20.0, 30.0, 40.0, 55.5, NAN])
TABLE = st.lists(st.tuples(FIGURE, FIGURE), min_size=5, max_size=5)


@settings(max_examples=25)
@given(TABLE, TABLE, st.sampled_from([None, 0]))
def test_places_add_up_to_the_change_of_rank_and_parts_to_the_change_of_the_gap(before, after, decimals):
    found = change(before, after)
    first, last = (ranks(one, decimals=decimals) for one in (found.before, found.after))
    for unit in range(5):
        move = overtakings(found, unit, decimals=decimals)
        assert [NAN if one is None else one for one in (move.before, move.after)] == pytest.approx(
            [first[unit], last[unit]], nan_ok=True
        )
        if move.before is not None and move.after is not None:
            assert move.places == move.after - move.before
        for one in move.overtakings:
            assert {one.was, one.now} <= set(STANDS)
            if one.parts:
                told = sum(part.sum() for part in one.parts.values()) + one.remainder
                assert told == pytest.approx(one.gap_after - one.gap_before, abs=1e-10)


def test_the_changes_of_rank_that_coinr_reports_without_a_reason_are_told_unit_by_unit(shared):
    """COINr's comparison of two versions gives the ranks and their difference, and no more than that."""
    coinr = shared / "data" / "index" / "coinr"

    def read(name):
        with (coinr / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    meta = [row for row in read("input/ASEM_iMeta.csv") if row["Type"] in ("Indicator", "Aggregate")]
    meta.sort(key=lambda row: -int(row["Level"]))
    tree = Tree.of(
        [(row["iCode"], row["Parent"].replace("NA", "")) for row in meta],
        [float(row["Weight"]) for row in meta],
    )
    leaves = [tree.codes[at] for at in tree.leaves]
    direction = {row["iCode"]: int(row["Direction"]) for row in meta}
    treated = read("pipeline/5_Treated.csv")
    names = [row["uCode"] for row in treated]
    recipe = Recipe(tree, [Scaling("minmax", direction[code]) for code in leaves])
    smaller = without(recipe, "LPI", "Forest")
    before, after = (
        build(one, [[float(row[code]) for code in one.leaves] for row in treated], labels=Labels((), names))
        for one in (recipe, smaller)
    )
    found = explain(before, after)
    assert set(found.parts) == {"coverage"}
    coded = {code: at for at, code in enumerate(found.tree.codes)}
    assert set(np.flatnonzero(found.parts["coverage"].any(axis=0))) == {coded["LPI"], coded["Forest"]}
    for row in read("compare/drop_LPI_Forest.csv"):
        move = overtakings(found, row["uCode"])
        assert (move.before, move.after) == (int(row["coin.1"]), int(row["coin.2"]))
        assert move.places == -int(row["Diff"])
