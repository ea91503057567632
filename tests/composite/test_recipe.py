"""A recipe: what every step gives, equality by content, and taking over what two recipes have in common."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pytest

from shenzhi.calc.composite.aggregate import Aggregating
from shenzhi.calc.composite.denominate import Denominating
from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import (
    Recipe,
    build,
    differences,
    first_difference,
    rebuild,
    resume,
    with_weights,
    without,
)
from shenzhi.calc.composite.rounding import Rounding
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.tree import Tree

NAN = math.nan
# index = (2 economy + 1 ecology) / 3; economy = (gdp + 3 energy) / 4
TREE = Tree.of(
    [("index", ""), ("economy", "index"), ("gdp", "economy"), ("energy", "economy"), ("pm25", "index")],
    [1, 2, 1, 3, 1],
)
HUNDRED = Scaling("goalposts", 1, {"posts": (0, 100)})
PLAIN = Recipe(TREE, [HUNDRED] * 3)


def test_every_step_is_done_in_turn_and_kept():
    # One unit has 2 of 3 figures, the other 1: at 2/3 the second is screened out. gdp per head: 500 * 10 / 100 = 50 and
    # the missing energy of the first is the mean of what is left, i.e. of the third's 80.
    # economy = (50 + 3 * 80) / 4 = 72.5; index = (2 * 72.5 + 20) / 3 = 55
    recipe = replace(
        PLAIN,
        denominating=[Denominating("people", 10), Denominating(), Denominating()],
        unit_threshold=0.6,
        imputing=Imputing("mean"),
        rounding=Rounding(0),
    )
    x = [[500.0, NAN, 20.0], [NAN, NAN, 90.0], [900.0, 80.0, 40.0]]
    built = build(recipe, x, denominators={"people": [100.0, 100.0, 100.0]})
    assert built.denominated[0].tolist() == pytest.approx([50, NAN, 20], nan_ok=True)
    assert built.screening.kept.tolist() == [True, False, True]
    assert built.imputed[0].tolist() == [50, 80, 20]
    assert built.imputed_cells.tolist() == [[False, True, False], [False] * 3, [False] * 3]
    assert not built.treated_cells.any()
    # before rounding, and as published: 72.5 goes up to 73, and the index goes on with it: (2 * 73 + 20) / 3 = 55.33
    assert built.composite.score[0, :2].tolist() == pytest.approx([55, 72.5])
    assert built.published.score[0, :2].tolist() == [55, 73]
    # third: economy (90 + 240) / 4 = 82.5 -> 83, index (166 + 40) / 3 = 68.67 -> 69
    assert built.score.tolist() == pytest.approx([55, NAN, 69], nan_ok=True)
    assert built.ranks.tolist() == pytest.approx([2, NAN, 1], nan_ok=True)


def test_nothing_is_made_up_for_a_unit_that_was_screened_out():
    recipe = replace(PLAIN, unit_threshold=0.6, imputing=Imputing("mean"))
    built = build(recipe, [[10.0, NAN, NAN], [20.0, 30.0, 40.0]])
    assert np.isnan(built.imputed[0]).all()
    assert not built.imputed_cells.any()


def test_a_step_that_is_not_asked_for_hands_on_the_same_array():
    x = np.array([[50.0, 60.0, 70.0]])
    built = build(PLAIN, x)
    assert all(
        one is x for one in (built.raw, built.denominated, built.screened, built.imputed, built.treated)
    )
    assert built.rounded is built.composite
    assert built.denomination is built.screening is built.imputation is built.treatment is None


def test_building_stops_where_it_is_told():
    built = build(PLAIN, [[50.0, 60.0, 70.0]], upto="normalise")
    assert built.composite is None
    assert built.ranks is None
    with pytest.raises(CompositeError, match="nothing was composed"):
        _ = built.score
    with pytest.raises(CompositeError, match="polish is not a step; the steps are denominate, screen"):
        build(PLAIN, [[50.0, 60.0, 70.0]], upto="polish")


def test_recipes_of_the_same_content_are_equal_whatever_objects_hold_it():
    def fresh() -> Recipe:
        tree = Tree(TREE.codes, TREE.parent.copy(), TREE.weight.copy())
        scaling = Scaling("efficacy", 1, {"upper": 100.0, "posts": np.array([NAN, NAN])})
        return Recipe(tree, [scaling] * 3, aggregations=[Aggregating("generalised", {"p": -1})] * 5)

    assert fresh() == fresh()
    assert hash(fresh()) == hash(fresh())
    assert len({fresh(), fresh(), with_weights(fresh(), {"gdp": 9.0})}) == 2


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"denominating": Denominating("people")}, "denominate"),
        ({"unit_threshold": 0.5}, "screen"),
        ({"imputing": Imputing("median")}, "impute"),
        ({"treating": Treating("winsorise", {"most": 1})}, "treat"),
        ({"scalings": [Scaling("minmax")] * 3}, "normalise"),
        ({"aggregations": "geometric"}, "compose"),
        ({"thresholds": 0.5}, "compose"),
        ({"rounding": Rounding(1)}, "round"),
        ({"ties": "max"}, "rank"),
        ({}, None),
    ],
)
def test_the_first_step_that_differs_is_found(change, step):
    assert first_difference(PLAIN, replace(PLAIN, **change)) == step


def test_an_imputation_by_rows_also_depends_on_the_tree():
    before = replace(PLAIN, imputing=Imputing("row_mean", {"family": "parent"}))
    moved = Tree.of(
        [("index", ""), ("economy", "index"), ("gdp", "economy"), ("energy", "index"), ("pm25", "economy")],
        [1, 2, 1, 3, 1],
    )
    assert before.families["parent"] == ("economy", "economy", "index")
    assert before.families["depth 1"] == ("economy", "economy", "pm25")
    assert differences(before, replace(before, tree=moved)) == ("impute", "compose")
    assert differences(PLAIN, replace(PLAIN, tree=moved)) == ("compose",)


def test_a_changed_recipe_takes_over_what_comes_before_the_change():
    rng = np.random.default_rng(5)
    x = rng.uniform(1, 9, (2, 9, 3))
    x[:, 0] = 99.0  # outliers, so that the treatment has something to do
    before = build(replace(PLAIN, treating=Treating("winsorise", {"most": 1})), x)
    for change in (
        {"scalings": [Scaling("zscore")] * 3},
        {"thresholds": 0.9},
        {"ties": "max"},
        {"axis": (-3, -2)},
    ):
        recipe = replace(before.recipe, **change)
        again, anew = rebuild(before, recipe), build(recipe, x)
        np.testing.assert_array_equal(again.ranks, anew.ranks)
        np.testing.assert_array_equal(again.score, anew.score)
        assert (again.treated is before.treated) == (change.get("axis") is None)
    assert rebuild(before, before.recipe).ranks is before.ranks
    assert resume(before, before.recipe, after="compose", upto="round").composite is before.composite
    with pytest.raises(CompositeError, match="different leaves"):
        rebuild(before, without(before.recipe, "gdp"))


def test_a_node_left_out_takes_what_lies_under_it_and_empties_no_group():
    recipe = replace(
        PLAIN,
        aggregations=["arithmetic", "geometric", "", "", ""],
        thresholds=[0.1, 0.2, 0, 0, 0],
        treating=[Treating("none"), Treating("winsorise"), Treating("none")],
    )
    no_gdp = without(recipe, "gdp")
    assert no_gdp.tree.codes == ("index", "economy", "energy", "pm25")
    assert no_gdp.tree.weight.tolist() == [1, 2, 3, 1]
    assert [one.method for one in no_gdp.treating] == ["winsorise", "none"]
    assert no_gdp.aggregations[:2] == ("arithmetic", "geometric")
    # economy goes with its last indicator
    assert without(recipe, "gdp", "energy").tree.codes == ("index", "pm25")
    assert without(recipe, "economy") == without(recipe, "gdp", "energy")
    with pytest.raises(CompositeError, match="no such node to leave out: noise"):
        without(recipe, "noise")
    with pytest.raises(CompositeError, match="nothing is left of index"):
        without(recipe, "economy", "pm25")


def test_leaving_out_the_only_child_a_unit_has_costs_it_that_group_and_no_more():
    # The peer gives such a unit no score at all. Without gdp the unit has no economy, and the index is its ecology.
    built = build(without(PLAIN, "gdp"), [[NAN, 70.0]])
    assert np.isnan(built.published.score[0, 1])
    assert built.score.tolist() == [70]


def test_faults_of_a_recipe_are_told_together():
    with pytest.raises(CompositeError) as caught:
        Recipe(
            TREE, [HUNDRED], aggregations=["arithmetic"] * 2, thresholds=[0.5], treating=[Treating("none")]
        )
    assert [fault[:9] for fault in caught.value.faults] == [
        "3 leaves,",
        "5 nodes, ",
        "threshold",
        "treating:",
    ]
    with pytest.raises(CompositeError, match=r"3 leaves, but the figures have the shape \(1, 2\)"):
        build(PLAIN, [[1.0, 2.0]])


def test_a_fault_names_the_leaf_and_the_unit():
    with pytest.raises(CompositeError, match=r"energy of Nanshan \(0\)"):
        build(replace(PLAIN, aggregations="geometric"), [[5.0, 0.0, 5.0]], labels=Labels(units=["Nanshan"]))


def test_the_whole_pipeline_of_the_peer_comes_out_from_its_raw_figures(shared):
    folder = shared / "data" / "index" / "coinr"

    def read(path: str) -> list[dict[str, str]]:
        with (folder / path).open(newline="") as file:
            return list(csv.DictReader(file))

    def number(cell: str) -> float:
        return NAN if cell in ("", "NA") else float(cell)

    meta = [row for row in read("input/ASEM_iMeta.csv") if row["Type"] in ("Indicator", "Aggregate")]
    ordered = sorted(meta, key=lambda row: -int(row["Level"]))
    tree = Tree.of(
        [(row["iCode"], row["Parent"].replace("NA", "")) for row in ordered],
        [float(row["Weight"]) for row in ordered],
    )
    leaves = [tree.codes[leaf] for leaf in tree.leaves]
    by_code = {row["iCode"]: row for row in meta}
    raw, units = read("pipeline/1_Raw.csv"), {row["uCode"]: row for row in read("input/ASEM_iData.csv")}
    codes = [row["uCode"] for row in raw]
    denominator = [by_code[code]["Denominator"].replace("NA", "") for code in leaves]
    recipe = Recipe(
        tree,
        [Scaling("minmax", int(by_code[code]["Direction"])) for code in leaves],
        denominating=[Denominating(name) for name in denominator],
        unusable="missing",
        imputing=Imputing("mean", {"grouping": "continent"}),
        treating=Treating("winsorise", {"most": 5}),
    )
    built = build(
        recipe,
        [[number(row[code]) for code in leaves] for row in raw],
        denominators={
            name: [number(units[code][name]) for code in codes] for name in set(denominator) - {""}
        },
        groups={"continent": [units[code]["EurAsia_group"] for code in codes]},
    )
    expected = read("pipeline/7_Aggregated.csv")
    assert [row["uCode"] for row in expected] == codes
    np.testing.assert_allclose(
        built.published.score, [[number(row[code]) for code in tree.codes] for row in expected], rtol=1e-12
    )
    assert built.imputed_cells.any()
    assert built.treated_cells.any()
