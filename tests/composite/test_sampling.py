"""Sampled combinations: the peer's saved designs replayed, and estimates that come near what is exact."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from shenzhi.calc.composite.acceptability import tally
from shenzhi.calc.composite.alternatives import Alternative, Factor, Weightings, leaving_out
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import Recipe
from shenzhi.calc.composite.robust import robustness
from shenzhi.calc.composite.sampling import design, estimate, evaluate, sampled
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.tree import Tree

NAN = math.nan


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> float:
    return NAN if cell in ("", "NA") else float(cell)


@pytest.fixture(scope="module")
def coinr(shared) -> Path:
    return shared / "data" / "index" / "coinr"


@pytest.fixture(scope="module")
def asem(coinr):
    """The peer's example: base recipe, figures, and the four questions of its saved designs."""
    meta = [row for row in read(coinr / "input/ASEM_iMeta.csv") if row["Type"] in ("Indicator", "Aggregate")]
    ordered = sorted(meta, key=lambda row: -int(row["Level"]))
    tree = Tree.of(
        [(row["iCode"], row["Parent"].replace("NA", "")) for row in ordered],
        [float(row["Weight"]) for row in ordered],
    )
    direction = {row["iCode"]: int(row["Direction"]) for row in meta}
    leaves = [tree.codes[leaf] for leaf in tree.leaves]
    x = np.array([[number(row[code]) for code in leaves] for row in read(coinr / "pipeline/4_Screened.csv")])
    minmax, to_100, zscore = (
        [Scaling(method, direction[code], given) for code in leaves]
        for method, given in (
            ("minmax", {}),
            ("minmax", {"lower": 1.0}),
            ("zscore", {"mean": 10.0, "sd": 2.0}),
        )
    )
    drawn: dict[str, dict[str, float]] = {}
    for row in read(coinr / "sensitivity/noisy_weights_100sets.csv"):
        drawn.setdefault(row["set"], {})[row["iCode"]] = float(row["Weight"])
    codes = tree.codes[1:]
    winmax = [
        Alternative(str(most), {"treating": Treating("winsorise", {"most": most})}) for most in range(1, 6)
    ]
    questions = [
        Factor("winmax", winmax),
        Factor(
            "norm",
            [
                Alternative("minmax_1_100", {"scalings": to_100}),
                Alternative("zscore_10_2", {"scalings": zscore}),
            ],
        ),
        Weightings(
            "weight_set",
            codes,
            np.array([[one[code] for code in codes] for one in drawn.values()]),
            names=tuple(drawn),
        ),
        Factor("agg", [Alternative("a_amean"), Alternative("a_gmean", {"aggregations": "geometric"})]),
    ]
    return Recipe(tree, minmax, treating=Treating("winsorise", {"most": 5})), x, questions


def replayed(coinr: Path, asem, name: str):
    recipe, x, questions = asem
    rows = read(coinr / f"sensitivity/{name}_design.csv")
    choices = [[question.names.index(row[question.name]) for question in questions] for row in rows]
    return evaluate(recipe, x, questions, choices)


def table(coinr: Path, name: str) -> np.ndarray:
    """(runs, units) of one of the saved tables."""
    rows = read(coinr / f"sensitivity/{name}.csv")
    runs = [key for key in rows[0] if key.startswith("r_")]
    return np.array([[float(row[run]) for row in rows] for run in runs])


@pytest.mark.parametrize("name", ["SA_N100_d4_seed123", "UA_N100_seed123"])
def test_the_saved_design_of_the_peer_gives_its_scores_and_ranks(coinr, asem, name):
    done = replayed(coinr, asem, name)
    assert done.possible.all()
    np.testing.assert_allclose(done.scores, table(coinr, f"{name}_scores"), rtol=1e-12)
    np.testing.assert_array_equal(done.ranks, table(coinr, f"{name}_ranks"))
    nominal = read(coinr / f"sensitivity/{name}_nominal.csv")
    np.testing.assert_allclose(done.nominal.score, [float(row["Score"]) for row in nominal], rtol=1e-12)
    standing = tally(done.scores[:200].T)  # the peer, too, counts only the independent draws A and B
    stats = read(coinr / f"sensitivity/{name}_rankstats.csv")
    for column, ours in (
        ("Mean", standing.mean()),
        ("Median", standing.median()),
        ("Q5", standing.quantile(0.05)),
        ("Q95", standing.quantile(0.95)),
    ):
        np.testing.assert_allclose(ours, [float(row[column]) for row in stats], rtol=1e-12)


def test_the_indices_of_the_saved_design_are_those_of_the_peer(coinr, asem):
    done = replayed(coinr, asem, "SA_N100_d4_seed123")
    change = np.abs(done.ranks - done.nominal.ranks).mean(axis=1)
    saved = read(coinr / "sensitivity/SA_N100_d4_seed123_y.csv")
    np.testing.assert_allclose(change, [float(row["mean_abs_rank_change"]) for row in saved], rtol=1e-12)
    found = estimate(change, 4, estimator="saltelli")
    expected = read(coinr / "sensitivity/SA_N100_d4_seed123_indices.csv")
    np.testing.assert_allclose(found.first, [float(row["Si"]) for row in expected], rtol=1e-12)
    np.testing.assert_allclose(found.total, [float(row["STi"]) for row in expected], rtol=1e-12)


def test_the_estimators_agree_with_the_peer_on_its_test_function(coinr):
    y = [float(row["y"]) for row in read(coinr / "sensitivity/SA_estimate_testfun_N1000_d3.csv")]
    found = estimate(y, 3, estimator="saltelli")
    expected = read(coinr / "sensitivity/SA_estimate_testfun_result.csv")
    np.testing.assert_allclose(found.first, [float(row["Si"]) for row in expected], rtol=1e-12)
    np.testing.assert_allclose(found.total, [float(row["STi"]) for row in expected], rtol=1e-12)
    assert found.variance == pytest.approx(float(expected[0]["Variance"]), rel=1e-12)


def test_all_combinations_of_the_peers_example_hold_its_sample(coinr, asem):
    # The peer's 600 runs estimate a first-order index of the aggregation of 0.81 (0.06 to 1.44); all 2,000 say 0.56.
    recipe, x, questions = asem
    found = robustness(recipe, x, questions)
    assert found.possible.shape == (5, 2, 100, 2)
    assert found.possible.all()
    done = replayed(coinr, asem, "SA_N100_d4_seed123")
    at = np.ravel_multi_index(tuple(done.choices.T), found.possible.shape)
    np.testing.assert_array_equal(found.scores[at], done.scores)
    np.testing.assert_array_equal(found.ranks[at], done.ranks)
    expected = read(coinr / "sensitivity/SA_N100_d4_seed123_indices.csv")
    for row, exact in zip(expected, found.by_index.first, strict=True):
        assert float(row["Si_q5"]) <= exact <= float(row["Si_q95"])


def test_a_sample_comes_near_what_is_exact_and_its_intervals_hold_it(asem):
    recipe, x, questions = asem
    exact = robustness(recipe, x, questions)
    found = sampled(recipe, x, questions, 400, seed=3, resamples=20)
    np.testing.assert_allclose(found.by_index.first, exact.by_index.first, atol=0.12)
    np.testing.assert_allclose(found.by_index.total, exact.by_index.total, atol=0.12)
    # intervals from 5 to 95 % for each of 51 units and 4 factors hold the truth most of the time
    low, high = found.by_rank.total_interval
    held = (low <= exact.by_rank.total) & (exact.by_rank.total <= high)
    assert held.shape == (51, 4)
    assert held.mean() > 0.7
    np.testing.assert_allclose(found.standing.mean(), exact.standing.mean(), atol=0.6)
    assert found.by_score.first.shape == (51, 4)
    one, other = (sampled(recipe, x, questions, 20, seed=3, resamples=5) for _ in range(2))
    np.testing.assert_array_equal(one.by_rank.total_interval, other.by_rank.total_interval)


def test_every_answer_is_drawn_with_its_own_probability():
    # The peer cuts the range of its own sample: with few draws the outer answers come too often. Here 0.2 each.
    counts = np.zeros(5)
    for seed in range(4000):
        counts += np.bincount(design([5], 2, seed=seed)[:4, 0], minlength=5)
    # 16,000 draws: standard error 0.0032
    assert np.abs(counts / counts.sum() - 0.2).max() < 0.012
    uneven = design([3, 2], 20_000, seed=1, probabilities=[[0.7, 0.2, 0.1], [0.5, 0.5]])[:40_000, 0]
    assert np.bincount(uneven) / 40_000 == pytest.approx([0.7, 0.2, 0.1], abs=0.01)


def test_the_design_changes_one_answer_at_a_time():
    n, sizes = 6, [4, 3, 2]
    a, b, *mixed = design(sizes, n, seed=5).reshape(5, n, 3)
    for at, one in enumerate(mixed):
        assert (one[:, at] == b[:, at]).all()
        others = [column for column in range(3) if column != at]
        assert (one[:, others] == a[:, others]).all()


def test_rows_with_an_impossible_combination_are_left_out_and_counted():
    tree = Tree.of([("index", ""), ("a", "index"), ("b", "index"), ("c", "index")], [1] * 4)
    base = Recipe(tree, [Scaling("minmax", 1, {"lower": 1})] * 3)
    questions = [
        Factor(
            "scale", [Alternative("min-max"), Alternative("z-score", {"scalings": [Scaling("zscore")] * 3})]
        ),
        Factor("weights", [Alternative("as they are")]),
        Factor("mean", [Alternative("arithmetic"), Alternative("geometric", {"aggregations": "geometric"})]),
    ]
    x = np.random.default_rng(2).uniform(1, 9, (6, 3))
    found = sampled(base, x, questions, 50, seed=1, resamples=0)
    assert [set(one.example) for one in found.evaluated.impossible] == [{"scale", "weights", "mean"}]
    lost = found.evaluated.impossible[0].combinations
    assert lost == (~found.evaluated.possible).sum() > 0
    assert 0 < found.by_index.used < 50
    assert np.isfinite(found.by_score.total).all()
    assert found.by_index.first_interval is None


def test_what_does_not_fit_a_design_is_refused():
    with pytest.raises(CompositeError, match=r"rows with n of at least 2 \(got 7\)"):
        estimate(np.zeros(7), 3)
    with pytest.raises(CompositeError, match="got best"):
        estimate(np.zeros(10), 3, estimator="best")
    tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1] * 3)
    base = Recipe(tree, [Scaling("minmax")] * 2)
    with pytest.raises(CompositeError, match="choices must be positions of answers"):
        evaluate(base, [[1.0, 2.0], [2.0, 1.0]], [leaving_out(base, ["a"])], [[2]])
