"""What is known about indicators: figures, gaps, correlations and reliability, by hand and against the peer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from shenzhi.calc.composite.audit import (
    among,
    ancestor,
    availability,
    beyond,
    describe,
    flagged,
    reliability,
    upwards,
    with_denominators,
)
from shenzhi.calc.composite.correlation import CORRELATIONS, components, correlate, covariance, cronbach
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.tree import Tree

NAN = math.nan
FIGURES = {
    "Min": "least",
    "Max": "most",
    "Mean": "mean",
    "Median": "median",
    "Std": "deviation",
    "Skew": "skew",
    "Kurt": "kurtosis",
    "N.Avail": "available",
    "N.NonZero": "nonzero",
    "N.Unique": "unique",
    "N.Same": "same",
    "Frc.Avail": "available_share",
    "Frc.NonZero": "nonzero_share",
    "Frc.Unique": "unique_share",
    "Frc.Same": "same_share",
}
FLAGS = {
    "few values": ("Flag.Avail", "LOW"),
    "many zeros": ("Flag.NonZero", "LOW"),
    "few different values": ("Flag.Unique", "LOW"),
    "outliers": ("Flag.SkewKurt", "OUT"),
}


def test_figures_by_hand():
    # 0, 0, 3, 5 and a gap: mean 2, squares 4 + 4 + 1 + 9 = 18, deviation sqrt(6)
    found = describe([[0.0, 7.0], [3.0, NAN], [NAN, NAN], [0.0, 7.0], [5.0, 7.0]])
    assert (found.least[0], found.most[0], found.mean[0], found.median[0]) == (0, 5, 2, 1.5)
    assert found.deviation[0] == pytest.approx(6**0.5, rel=1e-15)
    assert (found.available.tolist(), found.nonzero.tolist()) == ([4, 3], [2, 3])
    assert (found.unique.tolist(), found.same.tolist()) == ([3, 1], [2, 3])
    assert found.available_share.tolist() == [0.8, 0.6]
    assert found.same_share.tolist() == [0.5, 1.0]


def test_an_indicator_without_values_has_no_figures_and_says_so():
    found = describe([[NAN], [NAN]])
    assert np.isnan([found.least[0], found.mean[0], found.median[0], found.nonzero_share[0]]).all()
    assert (found.available[0], found.unique[0], found.same[0]) == (0, 0, 0)
    assert [flag.what for flag in flagged(found)] == ["few values"]


def test_zeros_are_counted_among_the_values_that_there_are():
    # Half of the values are not 0: no flag. The peer divides by all units here (2 of 6), though it reports 2 of 4.
    found = describe([[0.0], [0.0], [1.0], [2.0], [NAN], [NAN]])
    assert found.nonzero_share[0] == 0.5
    assert [flag.what for flag in flagged(found)] == []


def test_each_period_is_described_by_itself():
    found = describe([[[1.0], [3.0]], [[5.0], [NAN]]])
    assert found.mean[:, 0].tolist() == [2, 5]
    with pytest.raises(CompositeError, match="one period at a time"):
        flagged(found)


@pytest.mark.parametrize(("file", "step"), [("stats_raw", "1_Raw"), ("stats_treated", "5_Treated")])
def test_figures_and_flags_agree_with_coinr(asem, file, step):
    rows = asem.rows(f"coinr/analysis/{file}")
    names = [row["iCode"] for row in rows]
    found = describe(asem.matrix(f"coinr/pipeline/{step}", names))
    for theirs, ours in FIGURES.items():
        expected = [asem.number(row[theirs]) for row in rows]
        np.testing.assert_allclose(getattr(found, ours), expected, rtol=1e-11, err_msg=theirs)
    flags = {(names[flag.column], flag.what) for flag in flagged(found)}
    assert flags == {
        (row["iCode"], what) for row in rows for what, (column, mark) in FLAGS.items() if row[column] == mark
    }
    assert flags


def test_availability_agrees_with_coinr(asem):
    found = availability(asem.tree, asem.raw)
    summary = asem.rows("coinr/analysis/data_avail_summary")
    assert [row["uCode"] for row in summary] == asem.units
    assert found.missing.tolist() == [int(row["N_missing"]) for row in summary]
    assert found.zero.tolist() == [int(row["N_zero"]) for row in summary]
    assert found.share.tolist() == pytest.approx([float(row["Dat_Avail"]) for row in summary], rel=1e-12)
    assert found.nonzero.tolist() == pytest.approx([float(row["Non_Zero"]) for row in summary], rel=1e-12)
    groups = asem.tree.groups.tolist()
    expected = asem.matrix("coinr/analysis/data_avail_bygroup", [asem.codes[at] for at in groups])
    np.testing.assert_allclose(found.by_node[:, groups], expected, rtol=1e-12)
    assert expected.min() < 1


@pytest.mark.parametrize(
    ("kind", "file", "step", "level"),
    [
        ("pearson", "corr_pearson_normalised_level1", "6_Normalised", 1.0),
        ("spearman", "corr_spearman_normalised_level1", "6_Normalised", 1.0),
        ("kendall", "corr_kendall_normalised_level1", "6_Normalised", 1.0),
        ("pearson", "corr_pearson_raw_p05", "1_Raw", 0.05),
    ],
)
def test_correlations_agree_with_coinr(asem, kind, file, step, level):
    found = correlate(asem.matrix(f"coinr/pipeline/{step}", asem.leaves), kind=kind).significant(level)
    place = {code: at for at, code in enumerate(asem.leaves)}
    expected = np.full(found.shape, np.nan)
    for row in asem.rows(f"coinr/analysis/{file}"):
        expected[place[row["Var1"]], place[row["Var2"]]] = asem.number(row["Correlation"])
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    assert np.isnan(expected).any() == (level < 1)


def test_chances_agree_with_coinr(asem):
    rows = asem.rows("coinr/analysis/pvals_raw")
    names = [row["iCode"] for row in rows]
    found = correlate(asem.matrix("coinr/pipeline/1_Raw", names))
    np.testing.assert_allclose(
        found.p, asem.matrix("coinr/analysis/pvals_raw", names), rtol=1e-12, atol=1e-300
    )


@pytest.mark.parametrize(
    ("kind", "theirs"),
    [
        ("pearson", stats.pearsonr),
        ("spearman", stats.spearmanr),
        ("kendall", lambda x, y: stats.kendalltau(x, y, method="asymptotic")),
    ],
)
def test_with_gaps_and_ties_each_pair_is_what_scipy_says_of_it_alone(asem, kind, theirs):
    found = correlate(asem.raw, kind=kind)
    for one, other in [(0, 7), (2, 12), (12, 35), (20, 21), (35, 48), (11, 40)]:
        both = ~np.isnan(asem.raw[:, one] + asem.raw[:, other])
        expected = theirs(asem.raw[both, one], asem.raw[both, other])
        assert found.r[one, other] == pytest.approx(expected[0], rel=1e-12)
        assert found.p[one, other] == pytest.approx(expected[1], rel=1e-11)
        assert found.units[one, other] == both.sum()


@pytest.mark.parametrize("size", [1.0, 1e200, 1e-200])
def test_numbers_on_one_line_are_exactly_one_whatever_their_size(size):
    assert correlate(np.array([[1.0, 6.0], [2.0, 4.0], [3.0, 2.0]]) * size).r.tolist() == [[1, -1], [-1, 1]]


def test_a_column_that_does_not_vary_has_no_correlation():
    found = correlate([[1.0, 0.1], [2.0, 0.1], [4.0, 0.1]])
    assert found.r[0, 0] == 1
    assert np.isnan(found.r[1]).all()
    assert np.isnan(found.p[1]).all()


def test_two_units_are_too_few_for_a_chance_and_one_for_a_correlation():
    found = correlate([[1.0, 2.0, NAN], [2.0, 5.0, 1.0], [NAN, NAN, 3.0]])
    assert found.r[0, 1] == pytest.approx(1, rel=1e-15)
    assert np.isnan(found.p[0, 1])
    assert np.isnan(found.r[0, 2])
    assert found.units.tolist() == [[2, 2, 1], [2, 2, 1], [1, 1, 2]]


@pytest.mark.parametrize(
    ("x", "y", "kind", "words"),
    [
        ([[1.0]], [[1.0], [2.0]], "pearson", "x has 1 units and y has 2"),
        ([[1.0]], None, "distance", "distance is no kind of correlation"),
        ([1.0], None, "pearson", "not 1 axes"),
        ([[math.inf]], None, "pearson", "infinite value: air"),
    ],
)
def test_what_cannot_be_correlated_is_refused(x, y, kind, words):
    with pytest.raises(CompositeError, match=words):
        correlate(x, y, kind=kind, labels=Labels(["air"]))


MATRICES = arrays(np.float64, (8, 3), elements=st.integers(-20, 20).map(float) | st.just(NAN))


@pytest.mark.parametrize("kind", sorted(CORRELATIONS))
@settings(max_examples=25)
@given(x=MATRICES, data=st.data())
def test_correlations_are_symmetric_within_bounds_and_blind_to_row_order_and_scale(kind, x, data):
    order = list(data.draw(st.permutations(range(8))))
    found = correlate(x, kind=kind)
    assert np.array_equal(found.r, found.r.T, equal_nan=True)
    known = ~np.isnan(found.r)
    assert (np.abs(found.r[known]) <= 1).all()
    np.testing.assert_allclose(correlate(x[order], kind=kind).r, found.r, atol=1e-12)
    turned = correlate(x * [2.0, -3.0, 1.0] + [5.0, 0.0, -7.0], kind=kind).r
    np.testing.assert_allclose(turned, found.r * np.outer([1, -1, 1], [1, -1, 1]), atol=1e-12)


def test_covariances_take_the_units_both_columns_have():
    # over the first three units: means 2, 4; (-1)(-2) + 0 + 1 * 2 = 4, by 2
    assert covariance([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [9.0, NAN]])[0, 1] == 2


def pairs_of(asem, file):
    return {
        (row["Var1"], row["Var2"]): asem.number(row["Correlation"])
        for row in asem.rows(f"coinr/analysis/{file}")
    }


def test_indicators_within_their_groups_agree_with_coinr(asem):
    found = {(pair.first, pair.second): pair.r for pair in among(asem.tree, asem.scores, 1, within=2)}
    theirs = pairs_of(asem, "corr_within_groups_L2")
    assert {frozenset(pair) for pair in found} == {frozenset(pair) for pair in theirs if len(set(pair)) == 2}
    assert found == pytest.approx({pair: theirs[pair] for pair in found}, rel=1e-12, abs=1e-14)


def test_indicators_with_all_above_them_agree_with_coinr(asem):
    found = upwards(asem.tree, asem.scores, 1)
    theirs = pairs_of(asem, "corr_family")
    level = {2: "Pillar", 3: "Sub-index", 4: "Index"}
    ours = {
        (level[int(asem.tree.level[asem.codes.index(pair.second)])], pair.first): pair.r for pair in found
    }
    assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-14)
    parents = {
        (pair.second, pair.first): pair.r for pair in upwards(asem.tree, asem.scores, 1, parents_only=True)
    }
    assert parents == pytest.approx(pairs_of(asem, "corr_L1_L2_withparent"), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(
    ("file", "within", "limit"),
    [("corr_flags_high075", 2, {"above": 0.75}), ("corr_flags_low-05", 3, {"below": -0.5})],
)
def test_pairs_too_alike_or_against_each_other_agree_with_coinr(asem, file, within, limit):
    found = beyond(among(asem.tree, asem.scores, 1, within=within), **limit)
    theirs = {
        (row["Group"], frozenset((row["Ind1"], row["Ind2"]))): float(row["Corr"])
        for row in asem.rows(f"coinr/analysis/{file}")
    }
    # their file is rounded to 12 digits
    assert {(pair.group, frozenset((pair.first, pair.second))): pair.r for pair in found} == pytest.approx(
        theirs, abs=1e-11
    )


def test_indicators_that_follow_the_size_of_a_unit_agree_with_coinr(asem):
    names = ["Area", "Energy", "GDP", "Population"]
    sizes = {row["uCode"]: row for row in asem.rows("coinr/pipeline/units_meta")}
    denominators = [[asem.number(sizes[unit][name]) for name in names] for unit in asem.units]
    found = beyond(with_denominators(asem.raw, denominators, asem.leaves, names), size=0.6)
    theirs = {
        (row["Ind"], row["Denom"]): float(row["Corr"]) for row in asem.rows("coinr/analysis/denom_corr")
    }
    assert {(pair.first, pair.second): pair.r for pair in found} == pytest.approx(theirs, abs=1e-11)


def test_reliability_agrees_with_coinr(asem):
    found = {one.code: (one.of_leaves, one.of_children) for one in reliability(asem.tree, asem.scores)}
    theirs = {
        row["group"]: (float(row["alpha_indicators"]), float(row["alpha_children"]))
        for row in asem.rows("coinr/analysis/cronbach")
    }
    assert set(found) == set(theirs)
    for code, alphas in theirs.items():
        assert found[code] == pytest.approx(alphas, rel=1e-11)


def test_one_indicator_is_neither_reliable_nor_not():
    assert math.isnan(cronbach([[1.0], [2.0]]))


@pytest.mark.parametrize("level", [1, 2, 3])
def test_principal_components_agree_with_coinr(asem, level):
    rows = asem.rows(f"coinr/analysis/pca_sdev_level{level}")
    for group in dict.fromkeys(row["group"] for row in rows):
        theirs = [row for row in rows if row["group"] == group]
        below = asem.tree.children[asem.codes.index(group)]
        found = components(asem.scores[:, below])
        assert found.deviation.tolist() == pytest.approx([float(row["sdev"]) for row in theirs], rel=1e-11)
        assert found.explained.tolist() == pytest.approx(
            [float(row["var_share"]) for row in theirs], rel=1e-11
        )
        assert (found.loadings.sum(axis=0) > -1e-12).all()


def test_components_of_all_indicators_agree_with_coinr(asem):
    found = components(asem.scores[:, asem.tree.leaves])
    theirs = [float(row["sdev"]) for row in asem.rows("coinr/analysis/pca_sdev_all_indicators")]
    assert found.deviation.tolist() == pytest.approx(theirs, rel=1e-10)


def test_a_level_that_a_branch_lacks_is_the_next_one_above():
    tree = Tree.of([("index", ""), ("a", "index"), ("a1", "a"), ("b", "index")], [1] * 4)
    assert [tree.codes[ancestor(tree, at, 2)] for at in (2, 3)] == ["a", "index"]
    with pytest.raises(CompositeError, match="there is no level 4"):
        ancestor(tree, 2, 4)
