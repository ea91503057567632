"""What came out: tables, one unit, two versions side by side, elements left out; by hand and against the peer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.normalise import zscore
from shenzhi.calc.composite.outcomes import Version, compare, leave_out, results, standing, summary
from shenzhi.calc.composite.tree import Tree, pruned

NAN = math.nan
TREE = Tree.of(
    [
        ("index", ""),
        ("economy", "index"),
        ("gdp", "economy"),
        ("energy", "economy"),
        ("ecology", "index"),
        ("pm25", "ecology"),
    ],
    [1, 2, 1, 3, 1, 1],
)
ARITHMETIC = ["arithmetic"] * 6
UNITS = ["north", "south", "west"]
SCORES = compose(TREE, [[80.0, 60.0, 90.0], [NAN, NAN, NAN], [60.0, 80.0, NAN]], ARITHMETIC).score


@pytest.mark.parametrize(
    ("file", "show", "extent"),
    [
        ("Summ_scores", "scores", "summary"),
        ("Summ_ranks", "ranks", "summary"),
        ("Aggs_scores", "scores", "aggregates"),
        ("Aggs_ranks", "ranks", "aggregates"),
        ("Aggs_groupranks_GDP_group", "group_ranks", "aggregates"),
        ("Full_scores", "scores", "full"),
        ("Full_ranks", "ranks", "full"),
    ],
)
def test_tables_agree_with_coinr(asem, file, show, extent):
    group = {row["uCode"]: row["GDP_group"] for row in asem.rows("coinr/pipeline/units_meta")}
    table = results(
        asem.tree, asem.scores, asem.units, show=show, extent=extent, groups=[group[u] for u in asem.units]
    )
    rows = asem.rows(f"coinr/results/{file}")
    known = [name for name in rows[0] if name not in ("uCode", "GDP_group", "Rank")]
    ours = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert set(known) <= set(table.columns)
    assert len(ours) == len(rows)
    for row in rows:
        # scores were rounded to 12 digits
        assert [ours[row["uCode"]][name] for name in known] == pytest.approx(
            [float(row[name]) for name in known], rel=1e-11
        )
        if "Rank" in row:
            assert ours[row["uCode"]]["rank"] == int(row["Rank"])
        if "GDP_group" in row:
            assert ours[row["uCode"]]["group"] == row["GDP_group"]
    if show != "group_ranks":
        assert [row[0] for row in table.rows] == [row["uCode"] for row in rows]


def test_a_unit_without_an_index_stands_last_with_nothing_in_its_cells():
    # west: economy = (60 + 240) / 4 = 75 alone; north: economy 65, index (130 + 90) / 3
    table = results(TREE, SCORES, UNITS, extent="aggregates")
    assert table.columns == ("unit", "rank", "index", "economy", "ecology")
    assert table.rows == (
        ("west", 1, 75.0, 75.0, None),
        ("north", 2, pytest.approx(220 / 3), 65.0, 90.0),
        ("south", None, None, None, None),
    )
    assert results(TREE, SCORES, UNITS, show="ranks", extent="summary").rows[-1] == ("south", None)


def test_every_fault_of_a_table_is_told_at_once():
    with pytest.raises(CompositeError) as caught:
        results(TREE, SCORES, UNITS, show="group_ranks", extent="some")
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("unit", ["AUT", "CHN", "GBR"])
def test_the_summary_of_a_unit_agrees_with_coinr(asem, unit):
    lines = {
        line.code: line for line in summary(asem.tree, asem.scores, asem.units.index(unit), levels=(4, 3, 2))
    }
    rows = asem.rows(f"coinr/results/unit_summary_{unit}")
    assert set(lines) == {row["Code"] for row in rows}
    for row in rows:
        assert lines[row["Code"]].score == pytest.approx(float(row["Score"]), rel=1e-11)
        assert lines[row["Code"]].rank == int(row["Rank"])
        assert lines[row["Code"]].of == 51


@pytest.mark.parametrize("unit", ["AUT", "CHN", "GBR"])
def test_strengths_and_weaknesses_agree_with_coinr_but_for_the_very_last_places(asem, unit):
    turned = asem.raw * asem.direction
    at = asem.units.index(unit)
    rows = asem.rows(f"coinr/results/str_weak_{unit}")
    theirs = {kind: [row for row in rows if row["kind"] == kind] for kind in "SW"}
    found = standing(asem.tree, turned, at)
    assert [line.rank for line in found.strong] == [int(row["Rank"]) for row in theirs["S"]]
    # equal ranks come in another order, so where one list ends within a tie, the other's are among those named beside it
    listed = {line.code for line in found.strong} | set(found.strong_tied)
    assert {row["Code"] for row in theirs["S"]} <= listed
    # The peer does not list an indicator on which a unit is the very last of all (China's FreePress, rank 51 of 51).
    least = np.nanmin(turned, axis=0)
    last = {leaf for column, leaf in enumerate(asem.leaves) if turned[at, column] == least[column]}
    longer = [line.code for line in standing(asem.tree, turned, at, count=10).weak if line.code not in last]
    assert set(longer[-5:]) == {row["Code"] for row in theirs["W"]}


def test_the_unit_that_is_last_of_all_is_weak_there(asem):
    # The peer leaves this one out of China's weaknesses.
    found = standing(asem.tree, asem.raw * asem.direction, asem.units.index("CHN"))
    assert (found.weak[-1].code, found.weak[-1].rank) == ("FreePress", 51)
    assert "FreePress" not in [row["Code"] for row in asem.rows("coinr/results/str_weak_CHN")]


def test_what_most_units_share_need_not_count_as_a_strength(asem):
    # 38 of 51 countries have signed: rank 1 for all of them
    found = standing(asem.tree, asem.raw * asem.direction, asem.units.index("AUT"), most_sharing=0.5)
    assert "TIRcon" not in [line.code for line in found.strong]


def test_no_leaf_is_strong_and_weak_at_once():
    found = standing(TREE, [[1.0, 2.0, 3.0], [2.0, 1.0, 3.0]], 0)
    # ranks 2, 1, 1: three leaves, so one each
    assert [line.code for line in found.strong] == ["energy"]
    assert [line.code for line in found.weak] == ["gdp"]
    assert found.strong_tied == ("pm25",)
    assert standing(TREE, [[NAN, NAN, 3.0], [2.0, 1.0, 3.0]], 0).strong == ()


def test_two_versions_agree_with_coinr(asem):
    treated = asem.matrix("coinr/pipeline/5_Treated", asem.leaves)
    other = zscore(treated, direction=asem.direction, mean=10, sd=2).score
    second = compose(asem.tree, other, ["arithmetic"] * len(asem.codes)).score
    found = compare(Version(asem.units, asem.codes, asem.scores), Version(asem.units, asem.codes, second))
    rows = {row["uCode"]: row for row in asem.rows("coinr/compare/minmax_vs_zscore")}
    for at, unit in enumerate(found.units):
        ours = [found.first_rank[at, 0], found.second_rank[at, 0]]
        assert ours == [float(rows[unit]["coin.1"]), float(rows[unit]["coin.2"])]
        # theirs is first less second
        assert found.rank_change[at, 0] == -float(rows[unit]["Diff"])
    expected = {
        row["iCode"]: float(row["Correlation"])
        for row in asem.rows("coinr/compare/corr_ranks_minmax_vs_zscore")
    }
    ours = dict(zip(found.codes, found.rank_correlation.tolist(), strict=True))
    assert {code: ours[code] for code in expected} == pytest.approx(expected, rel=1e-12)


def test_a_version_with_fewer_indicators_agrees_with_coinr(asem):
    at = [asem.codes.index(code) for code in ("LPI", "Forest")]
    rest, kept, leaves = pruned(asem.tree, *at)
    second = compose(rest, asem.scores[:, asem.tree.leaves][:, leaves], ["arithmetic"] * len(kept)).score
    found = compare(Version(asem.units, asem.codes, asem.scores), Version(asem.units, rest.codes, second))
    rows = asem.rows("coinr/compare/drop_LPI_Forest")
    assert {row["uCode"]: float(row["coin.2"]) for row in rows} == dict(
        zip(found.units, found.second_rank[:, 0].tolist(), strict=True)
    )
    assert "LPI" not in found.codes


def test_versions_are_matched_by_name_in_any_order():
    one = Version(["a", "b", "c"], ["index", "x"], [[3.0, 1.0], [2.0, 2.0], [1.0, NAN]])
    other = Version(["c", "d", "b", "a"], ["y", "index"], [[0.0, 9.0], [0.0, 8.0], [0.0, 7.0], [0.0, 5.0]])
    found = compare(one, other)
    assert (found.units, found.codes) == (("a", "b", "c"), ("index",))
    assert (found.only_first, found.only_second) == ((), ("d",))
    # 3 2 1 became 5 7 9: ranks 1 2 3 became 3 2 1
    assert found.rank_change[:, 0].tolist() == [2, 0, -2]
    assert (found.mean_rank_change[0], found.rank_correlation[0]) == (pytest.approx(4 / 3), -1)
    assert found.table("index").rows[0] == ("a", 3.0, 5.0, 2.0, 1, 3, 2)
    with pytest.raises(CompositeError, match="no node in common"):
        compare(one, Version(["a"], ["z"], [[1.0]]))


@pytest.mark.parametrize("level", [1, 2, 3])
def test_leaving_out_each_element_agrees_with_coinr(asem, level):
    found = leave_out(
        asem.tree, asem.scores[:, asem.tree.leaves], ["arithmetic"] * len(asem.codes), level=level
    )
    names = list(found.codes)
    folder = f"coinr/remove_elements/level{level}"
    np.testing.assert_allclose(found.score, asem.matrix(f"{folder}_scores", names), rtol=1e-12)
    assert found.rank.tolist() == asem.matrix(f"{folder}_ranks", names).tolist()
    expected = {row["iCode"]: float(row["MeanAbsDiff"]) for row in asem.rows(f"{folder}_meanabsdiff")}
    ours = dict(zip(names, found.mean_rank_change.tolist(), strict=True))
    assert {"Nominal": 0, **ours} == pytest.approx(expected, rel=1e-12)
    assert not found.lost.size


def test_leaving_out_the_only_known_child_withholds_its_parent_and_says_so():
    # Unit 0 has gdp alone of economy. A weight of 0 for gdp would make economy 0/0 and so the index NaN, as with the peer.
    scores = [[80.0, NAN, 90.0], [60.0, 80.0, 30.0]]
    found = leave_out(TREE, scores, ARITHMETIC)
    gdp = found.codes.index("gdp")
    assert found.score[0, gdp] == 90  # ecology alone
    assert [tuple(row) for row in found.lost.tolist() if row[1] == gdp] == [
        (0, gdp, TREE.codes.index("economy"))
    ]
    assert found.score[1, gdp] == pytest.approx((2 * 80 + 30) / 3)
    assert not np.isnan(found.rank[:, gdp]).any()


def test_a_group_that_holds_nothing_any_more_falls_away_by_name():
    found = leave_out(TREE, [[80.0, 60.0, 90.0]], ARITHMETIC, codes=["pm25", "gdp"])
    assert found.fallen == (("ecology",), ())
    assert found.score[0].tolist() == [65, 70]  # economy alone; (2 * 60 + 90) / 3


def test_a_tree_of_which_nothing_would_be_left_is_refused():
    with pytest.raises(CompositeError, match="without economy, ecology nothing is left of index"):
        pruned(TREE, 1, 4)
    with pytest.raises(CompositeError, match="no such node to leave out: noise"):
        leave_out(TREE, [[80.0, 60.0, 90.0]], ARITHMETIC, codes=["noise"])


@settings(max_examples=20)
@given(
    arrays(np.float64, (4, 3), elements=st.integers(1, 100).map(float) | st.just(NAN)),
    st.permutations(range(4)),
)
def test_without_one_of_two_domains_the_index_is_the_other_whatever_the_order_of_units(scores, order):
    found = leave_out(TREE, scores, ARITHMETIC, level=2)
    again = leave_out(TREE, scores[list(order)], ARITHMETIC, level=2)
    np.testing.assert_array_equal(again.score, found.score[list(order)])
    economy, ecology = found.full.score[:, 1], found.full.score[:, 4]
    np.testing.assert_array_equal(found.score[:, 0], ecology)
    np.testing.assert_array_equal(found.score[:, 1], economy)
