"""The engine against published answers of others: COINr's on the ASEM data, and UNDP's Human Development Index."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.normalise import efficacy, goalposts, minmax, normalise, zscore
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.screening import screen
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
    np.testing.assert_allclose(score(x, directions).score, expected, rtol=1e-9, atol=1e-9)


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
        result.score, matrix(read(coinr / "normalise" / "goalposts_iMeta.csv"), names), rtol=1e-9, atol=1e-9
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
    np.testing.assert_allclose(result.score, matrix(expected, list(tree.codes)), rtol=1e-9)
    below = tree.children[0]
    np.testing.assert_allclose(result.contribution[:, below].sum(axis=-1), result.score[:, 0], rtol=1e-12)


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


# UNDP's technical note: life expectancy 20 to 85, expected schooling 0 to 18, mean schooling 0 to 15, income 100 to
# 75000 on a logarithmic scale; education is the arithmetic mean of its two, the index the geometric mean of the three.
HDI = Tree.of(
    [
        ("hdi", ""),
        ("health", "hdi"),
        ("education", "hdi"),
        ("eys", "education"),
        ("mys", "education"),
        ("income", "hdi"),
    ],
    [1] * 6,
)
POSTS = [[20, 85], [0, 18], [0, 15], [math.log(100), math.log(75000)]]


@pytest.mark.parametrize("year", [1990, 2015, 2022])
def test_the_human_development_index_comes_out_as_undp_published_it(shared, year):
    rows = read(shared / "data" / "index" / "hdi" / "HDR23-24_Composite_indices_complete_time_series.csv")
    rows = [row for row in rows if not row["iso3"].startswith("ZZ") and row[f"hdi_{year}"]]
    x = matrix(rows, [f"{name}_{year}" for name in ("le", "eys", "mys", "gnipc")])
    x[:, 3] = np.log(x[:, 3])
    normalised = goalposts(x, posts=POSTS, upper=1)
    result = compose(HDI, normalised.score, ["geometric", "", "arithmetic", "", "", ""])
    published = matrix(rows, [f"hdi_{year}"])[:, 0]
    assert len(rows) > 140
    # Three decimals are published; a figure on the edge of a half may fall either way.
    assert np.abs(result.score[:, 0] - published).max() < 0.0005 + 1e-9
    if year == 2022:
        rank = [int(row["hdi_rank_2022"]) for row in rows]
        assert ranks(result.score[:, 0], ties="min", decimals=3).tolist() == rank
        assert (normalised.capped > 0).any(), "some country lies beyond a post, and it must be marked"


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
        normalise(x, plan).score, np.where(odd, by_file[1], by_file[0]), rtol=1e-9, atol=1e-9
    )
