"""Certificates of rank: against every cell of the weights by brute force, and against worked examples."""

from __future__ import annotations

import csv
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.calc.composite.certificates import differences, parts_of, rank_certificates, smallest_change
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import Recipe, build
from shenzhi.calc.composite.rounding import Rounding
from shenzhi.calc.composite.tree import Tree


def places(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    index = scores @ weights
    return 1 + (index[None] > index[:, None] + 1e-9).sum(axis=1)


def by_brute_force(scores: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two parts: the weights are a stretch of line, and ranks change only where two units draw level."""
    least, most = max(lower[0], 1 - upper[1]), min(upper[0], 1 - lower[1])
    cuts = {least, most}
    for one, other in itertools.combinations(scores, 2):
        (a, b) = one - other
        if a != b and least < b / (b - a) < most:  # w a + (1 - w) b = 0
            cuts.add(b / (b - a))
    ordered = sorted(cuts)
    tried = ordered + [(a + b) / 2 for a, b in itertools.pairwise(ordered)]
    found = np.array([places(scores, np.array([w, 1 - w])) for w in tried])
    return found.min(axis=0), found.max(axis=0)


SCORES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8)


@settings(max_examples=25)
@given(rows=SCORES, low=st.integers(0, 4), span=st.integers(0, 6))
def test_best_and_worst_rank_are_those_of_trying_every_weighting(rows, low, span):
    scores = np.array(rows, dtype=float)
    lower, upper = np.array([low / 10, 0.0]), np.array([(low + span) / 10, 1.0])
    found = rank_certificates(scores, lower=lower, upper=upper)
    best, worst = by_brute_force(scores, lower, upper)
    assert found.exact.all()
    assert found.best.tolist() == best.tolist()
    assert found.worst.tolist() == worst.tolist()
    for unit in range(len(scores)):
        assert places(scores, found.best_weights[unit])[unit] == found.best[unit]
        assert places(scores, found.worst_weights[unit])[unit] == found.worst[unit]


@pytest.mark.parametrize("seed", range(3))
def test_with_three_parts_no_weighting_of_a_fine_grid_does_better(seed):
    rng = np.random.default_rng(seed)
    scores = rng.uniform(0, 100, (12, 3))
    lower, upper = np.array([0.1, 0.2, 0.0]), np.array([0.6, 0.7, 0.5])
    found = rank_certificates(scores, lower=lower, upper=upper)
    assert found.exact.all()
    step = np.arange(0, 201) / 200
    grid = np.array([(a, b, 1 - a - b) for a in step for b in step])
    grid = grid[((grid >= lower - 1e-12) & (grid <= upper + 1e-12)).all(axis=1)]
    tried = np.array([places(scores, one) for one in grid])
    assert (found.best <= tried.min(axis=0)).all()
    assert (found.worst >= tried.max(axis=0)).all()
    # a grid misses corners between three units, but hardly any
    assert (found.best != tried.min(axis=0)).sum() + (found.worst != tried.max(axis=0)).sum() <= 3
    for weights in (found.best_weights, found.worst_weights):
        assert weights.sum(axis=1) == pytest.approx(np.ones(12), abs=1e-12)
        assert (weights >= lower - 1e-12).all()
        assert (weights <= upper + 1e-12).all()


def test_comparing_pairs_alone_would_promise_too_much():
    # The middle unit beats each of the others under some weights, but a wins where the first part counts and b where
    # the second does: 45 is never above both 100 w and 100 (1 - w). Its best rank is 2, though each pair allows 1.
    scores = [[100.0, 0.0], [0.0, 100.0], [45.0, 45.0]]
    least, _most = differences(scores)
    assert (least[:2, 2] < 0).all()
    found = rank_certificates(scores)
    assert found.best.tolist() == [1, 1, 2]
    assert found.worst.tolist() == [3, 3, 3]
    assert found.exact.all()


def test_without_searching_there_are_bounds_and_they_say_so():
    found = rank_certificates([[100.0, 0.0], [0.0, 100.0], [45.0, 45.0]], units=[0, 1])
    assert found.exact.tolist() == [True, True, False]
    assert (found.best_bound[2], found.best[2]) == (1, 2)


def test_differences_over_a_box_by_hand():
    # w1 in 0.2..0.6, the rest to part 2. a - b = 10 w1 - 20 (1 - w1) = 30 w1 - 20: from -14 to -2
    least, most = differences([[30.0, 10.0], [20.0, 30.0]], lower=[0.2, 0.0], upper=[0.6, 1.0])
    assert (least[0, 1], most[0, 1]) == pytest.approx((-14, -2))
    assert (least[1, 0], most[1, 0]) == pytest.approx((2, 14))
    assert (least.diagonal() == 0).all()
    assert rank_certificates(
        [[30.0, 10.0], [20.0, 30.0]], lower=[0.2, 0.0], upper=[0.6, 1.0]
    ).best.tolist() == [2, 1]


def test_equal_units_share_their_place_under_all_weights():
    found = rank_certificates([[50.0, 60.0], [50.0, 60.0], [40.0, 50.0]])
    assert found.best.tolist() == found.worst.tolist() == [1, 1, 3]


@pytest.mark.parametrize(
    ("norm", "expected", "distance"),
    [
        # a - b = 20, -10, 0 at weights .2, .6, .2: 4 - 6 = -2 behind. One point moved from part 2 to part 1 gains 30:
        # 1/15 of weight each way, 2/15 in all.
        ("l1", [0.2 + 1 / 15, 0.6 - 1 / 15, 0.2], 2 / 15),
        # at most t each: part 1 up, part 2 down, part 3 free between; 20 t + 10 t = 2
        ("linf", None, 1 / 15),
        # along the part of (20, -10, 0) that keeps the sum: (50, -40, -10) / 3; gain per unit = (1000 + 400) / 3
        (
            "l2",
            [0.2 + 2 * 50 / 1400, 0.6 - 2 * 40 / 1400, 0.2 - 2 * 10 / 1400],
            2 * np.sqrt(50**2 + 40**2 + 10**2) / 1400,
        ),
    ],
)
def test_the_smallest_change_by_hand(norm, expected, distance):
    scores = np.array([[60.0, 40.0, 50.0], [40.0, 50.0, 50.0]])
    found = smallest_change(scores, [0.2, 0.6, 0.2], 0, 1, norm=norm)
    assert found.distance == pytest.approx(distance, rel=1e-9)
    assert found.weights @ (scores[0] - scores[1]) == pytest.approx(0, abs=1e-9)
    assert found.weights.sum() == pytest.approx(1, abs=1e-12)
    if expected:
        assert found.weights.tolist() == pytest.approx(expected, rel=1e-9)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), norm=st.sampled_from(["l1", "l2", "linf"]))
def test_no_weights_nearer_than_those_found_let_a_unit_overtake(seed, norm):
    rng = np.random.default_rng(seed)
    scores, now = rng.uniform(0, 100, (2, 4)), rng.dirichlet(np.ones(4))
    lower, upper = np.full(4, 0.05), np.full(4, 0.7)
    now = 0.05 + 0.8 * now
    now = np.clip(now / now.sum(), 0.05, 0.7)
    now /= now.sum()
    found = smallest_change(scores, now, 0, 1, norm=norm, lead=1.0, lower=lower, upper=upper)
    others = rng.dirichlet(np.ones(4), 4000)
    others = np.concatenate([others, now + 0.1 * (others - now)])
    allowed = others[((others >= lower) & (others <= upper)).all(axis=1)]
    allowed = allowed[allowed @ (scores[0] - scores[1]) >= 1.0]
    if found.weights is None:
        assert not len(allowed)
        return
    assert found.weights @ (scores[0] - scores[1]) >= 1 - 1e-7
    assert (found.weights >= lower - 1e-9).all()
    assert (found.weights <= upper + 1e-9).all()
    order = {"l1": 1, "l2": 2, "linf": np.inf}[norm]
    assert np.linalg.norm(found.weights - now, order) == pytest.approx(found.distance, abs=1e-9)
    if len(allowed):
        assert found.distance <= np.linalg.norm(allowed - now, order, axis=1).min() + 1e-9


def test_who_is_ahead_already_needs_no_change_and_who_is_worse_everywhere_gets_none():
    scores = [[60.0, 60.0], [50.0, 50.0]]
    assert smallest_change(scores, [2, 2], 0, 1).distance == 0
    assert smallest_change(scores, [2, 2], 0, 1).weights.tolist() == [0.5, 0.5]
    hopeless = smallest_change(scores, [2, 2], 1, 0)
    assert hopeless.weights is None
    assert hopeless.distance == np.inf


def test_what_cannot_be_certified_is_refused_by_name():
    labels = Labels(["economy", "ecology"], ["Futian", "Nanshan"])
    with pytest.raises(
        CompositeError, match="no score: ecology of Nanshan; a missing part shifts the weights"
    ):
        rank_certificates([[1.0, 2.0], [3.0, np.nan]], labels=labels)
    with pytest.raises(CompositeError, match="the lower ends come to 1"):
        rank_certificates([[1.0, 2.0]], lower=0.6)
    with pytest.raises(CompositeError, match="lower end must be at least 0"):
        rank_certificates([[1.0, 2.0]], lower=-1)
    with pytest.raises(CompositeError, match="norm: l3 is not known"):
        smallest_change([[1.0, 2.0], [2.0, 1.0]], [1, 1], 0, 1, norm="l3")


TREE = Tree.of(
    [("index", ""), ("economy", "index"), ("gdp", "economy"), ("energy", "economy"), ("pm25", "index")],
    [1, 2, 1, 3, 1],
)
RECIPE = Recipe(TREE, [Scaling("goalposts", 1, {"posts": (0, 100)})] * 3)
FIGURES = np.array([[80.0, 60.0, 90.0], [70.0, 70.0, 60.0], [40.0, 90.0, 30.0]])


@pytest.mark.parametrize("leaves", [False, True])
@pytest.mark.parametrize("mean", ["arithmetic", "geometric"])
def test_the_parts_of_an_index_give_its_score_and_order(leaves, mean):
    aggregations = ["arithmetic" if leaves else mean, *["arithmetic"] * 4]
    built = build(replace(RECIPE, aggregations=aggregations), FIGURES)
    parts = parts_of(built, leaves=leaves)
    assert parts.codes == (("gdp", "energy", "pm25") if leaves else ("economy", "pm25"))
    score = parts.scores @ parts.weights
    if aggregations[0] == "geometric":
        score = np.exp(score)
    assert score == pytest.approx(built.score, rel=1e-12)


def test_what_is_no_weighted_mean_of_its_parts_is_refused():
    geometric = build(replace(RECIPE, aggregations="geometric"), FIGURES)
    with pytest.raises(
        CompositeError, match="economy: the mean is geometric, and a certificate needs arithmetic"
    ):
        parts_of(geometric, leaves=True)
    with pytest.raises(CompositeError, match="index: its score is rounded"):
        parts_of(build(replace(RECIPE, rounding=Rounding(1)), FIGURES))
    panel = build(RECIPE, np.stack([FIGURES, FIGURES[::-1]]))
    with pytest.raises(CompositeError, match="choose one with `period`"):
        parts_of(panel)
    assert (parts_of(panel, period=1).scores[::-1] == parts_of(panel, period=0).scores).all()


def test_units_of_the_peers_example_are_certified(shared):
    with (shared / "data" / "index" / "coinr" / "pipeline" / "7_Aggregated.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    pillars = ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"]
    scores = np.array([[float(row[name]) for name in pillars] for row in rows])
    now = np.array([0.1] * 5 + [1 / 6] * 3)
    found = rank_certificates(scores, lower=now * 0.75, upper=now * 1.25, units=range(0, 51, 3))
    assert found.exact[::3].all()
    rng = np.random.default_rng(1)
    for _ in range(300):  # weights drawn within the box never rank a unit outside its certificate
        weights = now * rng.uniform(0.75, 1.25, 8)
        weights /= weights.sum()
        if ((weights >= now * 0.75) & (weights <= now * 1.25)).all():
            placed = places(scores, weights)
            assert (found.best_bound <= placed).all()
            assert (placed <= found.worst_bound).all()
