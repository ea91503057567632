"""The engine against published answers of others: COINr's on the ASEM data, and Compind's on its pillars."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from shenzhi.calc.composite.aggregate import Aggregating, mazziotta_pareto, owa
from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.normalise import NORMALISATIONS, efficacy, goalposts, minmax, normalise, zscore
from shenzhi.calc.composite.outrank import copeland, dominance, outranking
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.scales import scaled
from shenzhi.calc.composite.screening import screen
from shenzhi.calc.composite.targets import dist2ref, dist2targ, fracmax
from shenzhi.calc.composite.tree import Tree

Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> float:
    return math.nan if cell in ("", "NA") else float(cell)


def matrix(rows: Rows, columns: list[str]) -> np.ndarray:
    return np.array([[number(row[column]) for column in columns] for row in rows])


@pytest.fixture(scope="module")
def coinr(shared) -> Path:
    return shared / "data" / "index" / "coinr"


@pytest.fixture(scope="module")
def meta(coinr) -> Rows:
    return [
        row for row in read(coinr / "input" / "ASEM_iMeta.csv") if row["Type"] in ("Indicator", "Aggregate")
    ]


@pytest.fixture(scope="module")
def indicators(coinr) -> list[str]:
    return [name for name in read(coinr / "pipeline" / "5_Treated.csv")[0] if name != "uCode"]


@pytest.fixture(scope="module")
def directions(meta, indicators) -> np.ndarray:
    direction = {row["iCode"]: int(row["Direction"]) for row in meta}
    return np.array([direction[name] for name in indicators])


def tree_of(meta: Rows, weights: dict[tuple[str, int], float] | None = None) -> Tree:
    """The framework of the ASEM data, parents first, with the weights given by (code, level)."""
    ordered = sorted(meta, key=lambda row: -int(row["Level"]))
    weight = [(weights or {}).get((row["iCode"], int(row["Level"])), float(row["Weight"])) for row in ordered]
    return Tree.of([(row["iCode"], row["Parent"].replace("NA", "")) for row in ordered], weight)


@pytest.mark.parametrize(
    ("file", "score"),
    [
        ("minmax_0_100", lambda x, d: minmax(x, direction=d, lower=0, upper=100)),
        ("minmax_1_100", lambda x, d: minmax(x, direction=d, lower=1, upper=100)),
        ("zscore_0_1", lambda x, d: zscore(x, direction=d)),
        ("zscore_10_2", lambda x, d: zscore(x, direction=d, mean=10, sd=2)),
    ],
)
def test_normalisation_agrees_with_coinr(coinr, indicators, directions, file, score):
    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), indicators)
    expected = matrix(read(coinr / "normalise" / f"{file}.csv"), indicators)
    np.testing.assert_allclose(score(x, directions).score, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("method", ["rank", "prank", "borda", "dist2max"])
def test_places_and_distances_agree_with_coinr(coinr, indicators, directions, method):
    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), indicators)
    expected = matrix(read(coinr / "normalise" / f"{method}.csv"), indicators)
    ours = NORMALISATIONS[method](x, direction=directions).score
    np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-15)


def test_distances_to_targets_agree_with_coinr(coinr, meta, indicators, directions):
    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), indicators)
    target = {row["iCode"]: float(row["Target"]) for row in meta if row["Target"] not in ("", "NA")}
    ours = dist2targ(x, direction=directions, target=[target[name] for name in indicators]).score
    expected = matrix(read(coinr / "normalise" / "dist2targ_iMeta.csv"), indicators)
    np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("file", "cap"), [("dist2ref_1", False), ("dist2ref_1_cap", True)])
def test_distances_to_a_reference_unit_agree_with_coinr_where_it_measures_anything(
    coinr, indicators, directions, file, cap
):
    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), indicators)
    expected = matrix(read(coinr / "normalise" / f"{file}.csv"), indicators)
    # AUS is the worst on four indicators: COINr divides by 0 and gives NaN and Inf (or 1, under the cap); we refuse.
    spoilt = np.isnan(expected).any(axis=0)
    with pytest.raises(CompositeError) as caught:
        dist2ref(x, direction=directions, reference=0, cap=cap, labels=Labels(indicators))
    assert [fault.split(":")[0] for fault in caught.value.faults] == list(np.array(indicators)[spoilt])
    ours = dist2ref(x[:, ~spoilt], direction=directions[~spoilt], reference=0, cap=cap).score
    np.testing.assert_allclose(ours, expected[:, ~spoilt], rtol=1e-12, atol=1e-15)


def test_fixed_scaling_agrees_with_coinr(coinr, indicators, directions):
    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), indicators)
    # COINr writes the posts 0 and 50 of a negative indicator on -x; ours are in its own unit.
    posts = [(0, 50) if sign > 0 else (-50, 0) for sign in directions]
    expected = matrix(read(coinr / "normalise" / "scaled_0_50.csv"), indicators)
    np.testing.assert_allclose(scaled(x, direction=directions, posts=posts).score, expected, rtol=1e-12)


def test_fractions_of_the_best_agree_with_coinr_where_more_is_better_and_differ_on_purpose_elsewhere(
    coinr, indicators, directions
):
    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), indicators)
    expected = matrix(read(coinr / "normalise" / "fracmax.csv"), indicators)
    good = directions > 0
    np.testing.assert_allclose(fracmax(x[:, good]).score, expected[:, good], rtol=1e-12)
    # Where less is better COINr's x / min rises with x: the worst unit scores most. Ours, min / x, falls.
    bad = np.flatnonzero(~good & (x > 0).all(axis=0))
    ours = fracmax(x[:, bad], direction=-1).score
    for at, column in enumerate(bad):
        assert expected[np.argmax(x[:, column]), column] == expected[:, column].max()
        assert ours[np.argmin(x[:, column]), at] == 1


def test_no_normalisation_is_turning_round_alone(coinr, indicators, directions):
    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), indicators)
    expected = matrix(read(coinr / "normalise" / "none.csv"), indicators)
    ours = scaled(
        x, direction=directions, posts=[(0, 1) if sign > 0 else (-1, 0) for sign in directions], upper=1
    )
    np.testing.assert_allclose(ours.score, expected, rtol=1e-12)


def test_goalposts_agree_with_coinr(coinr):
    posts = [row for row in read(coinr / "normalise" / "goalposts_params.csv") if row["goalpost_scale"]]
    names = [row["iCode"] for row in posts]
    assert {row["goalpost_trunc2posts"] for row in posts} == {"TRUE"}
    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), names)
    direction = np.array([int(row["Direction"]) for row in posts])
    written = np.array([[float(row["goalpost_lower"]), float(row["goalpost_upper"])] for row in posts])
    # COINr writes the posts of a negative indicator on -x, as (-upper, -lower); ours are in the indicator's own unit.
    written = np.where(written[:, :1] < written[:, 1:], written, written[:, ::-1])
    result = goalposts(
        x, direction=direction, posts=written, upper=[float(row["goalpost_scale"]) for row in posts]
    )
    np.testing.assert_allclose(
        result.score, matrix(read(coinr / "normalise" / "goalposts_iMeta.csv"), names), rtol=1e-12, atol=1e-13
    )
    assert result.capped.any()


@pytest.mark.parametrize(
    ("folder", "file", "method", "weights"),
    [
        ("aggregate", "amean", "arithmetic", False),
        ("aggregate", "gmean", "geometric", False),
        ("aggregate", "a_amean_weights_seed2017", "arithmetic", True),
        ("aggregate", "a_gmean_weights_seed2017", "geometric", True),
        ("aggregate_missing", "a_amean", "arithmetic", False),
        ("aggregate_missing", "a_gmean", "geometric", False),
    ],
)
def test_aggregation_agrees_with_coinr(coinr, meta, indicators, folder, file, method, weights):
    drawn = {
        (row["iCode"], int(row["Level"])): float(row["Weight"])
        for row in read(coinr / "aggregate" / "weights_seed2017.csv")
    }
    tree = tree_of(meta, drawn if weights else None)
    expected = read(coinr / folder / f"{file}.csv")
    leaves = [tree.codes[leaf] for leaf in tree.leaves]
    result = compose(tree, matrix(expected, leaves), [method] * len(tree.codes))
    np.testing.assert_allclose(result.score, matrix(expected, list(tree.codes)), rtol=1e-12)
    below = tree.children[0]
    np.testing.assert_allclose(result.contribution[:, below].sum(axis=-1), result.score[:, 0], rtol=1e-12)


@pytest.mark.parametrize(
    ("folder", "file", "by_level"),
    [
        ("aggregate", "hmean", ["harmonic"] * 3),
        ("aggregate", "genmean_p-1", [Aggregating("generalised", {"p": -1})] * 3),
        ("aggregate", "genmean_p0.5", [Aggregating("generalised", {"p": 0.5})] * 3),
        ("aggregate", "genmean_p2", [Aggregating("generalised", {"p": 2})] * 3),
        ("aggregate", "mixed_amean_gmean_hmean", ["arithmetic", "geometric", "harmonic"]),
        ("aggregate", "mixed_amean_amean_copeland", ["arithmetic", "arithmetic", "copeland"]),
        ("aggregate", "copeland_all_levels", ["copeland"] * 3),
        ("aggregate", "a_hmean_weights_seed2017", ["harmonic"] * 3),
        ("aggregate", "a_copeland_weights_seed2017", ["copeland"] * 3),
        ("aggregate_missing", "a_hmean", ["harmonic"] * 3),
    ],
)
def test_every_other_aggregation_agrees_with_coinr(coinr, meta, folder, file, by_level):
    drawn = {
        (row["iCode"], int(row["Level"])): float(row["Weight"])
        for row in read(coinr / "aggregate" / "weights_seed2017.csv")
    }
    tree = tree_of(meta, drawn if "weights" in file else None)
    expected = read(coinr / folder / f"{file}.csv")
    leaves = [tree.codes[leaf] for leaf in tree.leaves]
    means = ["" if level == 1 else by_level[level - 2] for level in tree.level]
    result = compose(tree, matrix(expected, leaves), means)
    np.testing.assert_allclose(
        result.score,
        matrix(expected, list(tree.codes)),
        rtol=1e-12,
        atol=0 if "copeland" not in file else 1e-12,
    )


def test_pca_weights_given_to_us_aggregate_as_in_coinr(coinr, meta):
    expected = read(coinr / "aggregate" / "amean_pca_weights_level2.csv")
    weights = {
        (row["iCode"], int(row["Level"])): float(row["Weight"])
        for row in read(coinr / "analysis" / "pca_weights_level2.csv")
    }
    wrong = sorted(code for (code, _), weight in weights.items() if not weight > 0)
    # COINr takes the sign that its principal component happens to have: a weight below 0 rewards what is bad.
    with pytest.raises(CompositeError, match="weights must be above 0"):
        tree_of(meta, weights)
    tree = tree_of(meta, {key: weight for key, weight in weights.items() if weight > 0})
    leaves = [tree.codes[leaf] for leaf in tree.leaves]
    result = compose(tree, matrix(expected, leaves), ["arithmetic"] * len(tree.codes))
    spoilt = {tree.codes[0], *(row["Parent"] for row in meta if row["iCode"] in wrong)}
    kept = [at for at, code in enumerate(tree.codes) if code not in spoilt]
    np.testing.assert_allclose(
        result.score[:, kept], matrix(expected, [tree.codes[at] for at in kept]), rtol=1e-12
    )


def test_a_generalised_mean_of_what_is_there_differs_from_coinr_on_purpose(coinr, meta):
    expected = read(coinr / "aggregate_missing" / "genmean_p2_BUG_NA.csv")
    tree = tree_of(meta)
    leaves = [tree.codes[leaf] for leaf in tree.leaves]
    theirs = matrix(expected, list(tree.codes))
    means = [Aggregating("generalised", {"p": 2})] * len(tree.codes)
    ours = compose(tree, matrix(expected, leaves), means).score
    known = ~np.isnan(theirs)
    np.testing.assert_allclose(ours[known], theirs[known], rtol=1e-12)
    groups = tree.groups
    assert np.isnan(theirs[:, groups]).any(), "COINr loses the mean with one missing child"
    assert not np.isnan(ours[:, 0]).any()


def test_outranking_agrees_with_coinr(coinr, meta, indicators):
    rows = read(coinr / "aggregate" / "amean.csv")
    expected = read(coinr / "aggregate" / "outrank_matrix_all_indicators.csv")
    units = [row["uCode"] for row in expected]
    scores = {row["uCode"]: row for row in rows}
    x = matrix([scores[unit] for unit in units], indicators)
    ours = outranking(x, np.ones(len(indicators)))
    np.testing.assert_allclose(ours, matrix(expected, units), rtol=1e-12)
    found = read(coinr / "aggregate" / "outrank_dominance.csv")[0]
    assert dominance(ours).pairs == int(found["nDominant"])
    assert dominance(ours).share == float(found["fracDominant"])
    flat = {
        row["uCode"]: float(row["copeland"])
        for row in read(coinr / "aggregate" / "copeland_flat_all_indicators.csv")
    }
    # 49 times 1/49 do not add up to 1 in a computer: COINr takes eleven draws for victories by 1e-16. Ours are draws.
    theirs = matrix(expected, units)
    draws = np.abs(theirs - 0.5) < 1e-12
    noise = np.where(draws, np.sign(theirs - 0.5), 0).sum(axis=1)
    assert np.count_nonzero(draws & (theirs != 0.5)) == 11
    assert (copeland(x, np.ones(len(indicators))).value + noise).tolist() == [flat[unit] for unit in units]


@pytest.mark.parametrize(
    ("file", "least"), [("amean_datthresh075", [0.75] * 3), ("amean_datthresh_0.9_0.5_1", [0.9, 0.5, 1])]
)
def test_thresholds_that_count_children_agree_with_coinr(coinr, meta, file, least):
    tree = tree_of(meta)
    expected = read(coinr / "aggregate_missing" / f"{file}.csv")
    leaves = [tree.codes[leaf] for leaf in tree.leaves]
    child_thresholds = [0 if level == 1 else least[level - 2] for level in tree.level]
    result = compose(
        tree, matrix(expected, leaves), ["arithmetic"] * len(tree.codes), child_thresholds=child_thresholds
    )
    np.testing.assert_allclose(result.score, matrix(expected, list(tree.codes)), rtol=1e-12)
    assert result.withheld.any()


@pytest.fixture(scope="module")
def pillars(coinr, meta) -> tuple[Rows, list[str]]:
    return read(coinr / "aggregate" / "amean.csv"), [row["iCode"] for row in meta if row["Level"] == "2"]


@pytest.mark.parametrize(("column", "sign"), [("mpi_POS", -1), ("mpi_NEG", 1)])
def test_the_mazziotta_pareto_index_agrees_with_compind(coinr, pillars, column, sign):
    rows, names = pillars
    expected = {
        row["uCode"]: float(row[column]) for row in read(coinr.parent / "compind" / "asem_pillars_mpi.csv")
    }
    ours = mazziotta_pareto(matrix(rows, names), np.ones(len(names)), sign=sign, sample=True).value
    np.testing.assert_allclose(ours, [expected[row["uCode"]] for row in rows], rtol=1e-12)


@pytest.mark.parametrize(("column", "order"), [("owa_n", [0] * 4 + [1] * 4), ("owa_p", [1] * 4 + [0] * 4)])
def test_ordered_averages_agree_with_compind(coinr, pillars, column, order):
    # at least 4 of 8: the mean of the four worst, or of the four best
    rows, names = pillars
    expected = {
        row["uCode"]: float(row[column]) for row in read(coinr.parent / "compind" / "asem_pillars_owa4.csv")
    }
    ours = owa(matrix(rows, names), np.ones(len(names)), order=order).value
    np.testing.assert_allclose(ours, [expected[row["uCode"]] for row in rows], rtol=1e-12)


def test_a_coverage_threshold_withholds_the_same_pillars_as_coinr(coinr, meta):
    tree = tree_of(meta)
    expected = read(coinr / "aggregate_missing" / "amean_datthresh075.csv")
    leaves = [tree.codes[leaf] for leaf in tree.leaves]
    result = compose(
        tree, matrix(expected, leaves), ["arithmetic"] * len(tree.codes), np.where(tree.level == 2, 0.75, 0)
    )
    pillars = np.flatnonzero(tree.level == 2)
    np.testing.assert_allclose(
        result.score[:, pillars], matrix(expected, [tree.codes[at] for at in pillars]), rtol=1e-9
    )
    assert result.withheld[:, pillars].any()


def test_effective_weights_agree_with_coinr(coinr, meta):
    tree = tree_of(meta)
    expected = {
        (row["iCode"], int(row["Level"])): float(row["EffWeight"])
        for row in read(coinr / "pipeline" / "eff_weights.csv")
    }
    ours = {(code, int(tree.level[at])): tree.effective_weight[at] for at, code in enumerate(tree.codes)}
    assert ours == pytest.approx(expected, rel=1e-12)


def test_ranks_agree_with_coinr(coinr):
    scores = {row["uCode"]: row for row in read(coinr / "pipeline" / "7_Aggregated.csv")}
    expected = read(coinr / "results" / "Full_ranks.csv")
    nodes = [name for name in expected[0] if name != "uCode"]
    ours = ranks(matrix([scores[row["uCode"]] for row in expected], nodes), axis=0, ties="min")
    assert ours.tolist() == matrix(expected, nodes).tolist()


def test_screening_agrees_with_coinr(coinr, indicators):
    expected = read(coinr / "screen" / "raw_byNA_dat85_nz95.csv")
    raw = {row["uCode"]: row for row in read(coinr / "pipeline" / "1_Raw.csv")}
    result = screen(matrix([raw[row["uCode"]] for row in expected], indicators), 0.85)
    assert result.share.tolist() == pytest.approx([float(row["Dat_Avail"]) for row in expected])
    assert result.kept.tolist() == [row["Included"] == "TRUE" for row in expected]
    assert not result.kept.all()


def test_the_efficacy_score_is_minmax_on_another_scale_when_the_posts_are_observed(
    coinr, indicators, directions
):
    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), indicators)
    np.testing.assert_allclose(
        efficacy(x, direction=directions).score,
        60 + 0.4 * matrix(read(coinr / "normalise" / "minmax_0_100.csv"), indicators),
        rtol=1e-9,
    )


def test_columns_of_one_matrix_may_be_normalised_each_in_its_own_way(coinr, indicators, directions):
    from shenzhi.calc.composite.normalise import Scaling

    x = matrix(read(coinr / "pipeline" / "5_Treated.csv"), indicators)
    plan = [Scaling("minmax" if at % 2 else "zscore", int(sign)) for at, sign in enumerate(directions)]
    by_file = [
        matrix(read(coinr / "normalise" / f"{file}.csv"), indicators)
        for file in ("zscore_0_1", "minmax_0_100")
    ]
    odd = np.arange(len(indicators)) % 2 == 1
    np.testing.assert_allclose(
        normalise(x, plan).score, np.where(odd, by_file[1], by_file[0]), rtol=1e-12, atol=1e-13
    )
