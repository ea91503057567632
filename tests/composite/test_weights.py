"""Weights: each way by hand, what it refuses, what the peer gets wrong, and weights that are looked for."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.optimise import optimise
from shenzhi.calc.composite.tree import Tree
from shenzhi.calc.composite.weights import (
    WEIGHTINGS,
    WeighBy,
    ahp,
    budget,
    critic,
    entropy,
    noisy,
    pca,
    weigh_groups,
)

NAN = math.nan
LABELS = Labels(["air", "water", "noise"])
FROM_SCORES = ["equal", "entropy", "critic"]


def test_entropy_by_hand():
    # first child: shares 1/2, 1/2, 0: e = ln 2 / ln 3; second: 1/4, 1/4, 1/2: e = 1.5 ln 2 / ln 3.
    found = entropy([[1.0, 1.0], [1.0, 1.0], [0.0, 2.0]])
    first, second = 1 - math.log(2) / math.log(3), 1 - 1.5 * math.log(2) / math.log(3)
    assert found.weight.tolist() == pytest.approx(
        [first / (first + second), second / (first + second)], rel=1e-13
    )


def test_entropy_leaves_a_gap_out_of_its_child_alone():
    # the first child has two units: shares 1/4, 3/4 over ln 2
    found = entropy([[1.0, 1.0], [3.0, 1.0], [NAN, 2.0]])
    expected = (0.25 * math.log(4) + 0.75 * math.log(4 / 3)) / math.log(2)
    assert found.used["entropy"][0] == pytest.approx(expected, rel=1e-13)


def test_critic_by_hand():
    # on 0..1: (0, 1/2, 1), (0, 1/2, 1), (1, 1/2, 0): deviations 1/2; r = 1, -1, -1, so conflicts 2, 2, 4
    found = critic([[10.0, 1.0, 3.0], [20.0, 2.0, 2.0], [30.0, 3.0, 1.0]])
    assert found.weight.tolist() == pytest.approx([0.25, 0.25, 0.5], rel=1e-13)
    # without bringing them to one scale, deviations are 10, 1, 1: 20 : 2 : 4
    assert critic([[10.0, 1.0, 3.0], [20.0, 2.0, 2.0], [30.0, 3.0, 1.0]], rescale=False).weight.tolist() == (
        pytest.approx([20 / 26, 2 / 26, 4 / 26], rel=1e-13)
    )


@pytest.mark.parametrize(
    ("name", "scores", "words"),
    [
        ("entropy", [[-1.0, 2.0, 1.0], [3.0, 1.0, 2.0]], "scores of 0 or more: air"),
        ("entropy", [[1.0, 2.0, 1.0], [3.0, 2.0, 2.0]], "water: all values are equal"),
        ("critic", [[1.0, 2.0, 5.0], [3.0, 1.0, 5.0]], "noise: all values are equal"),
        (
            "critic",
            [[1.0, 2.0, 4.0], [3.0, 4.0, 8.0], [4.0, 5.0, 10.0]],
            "says exactly what all the others say",
        ),
        ("critic", [[1.0, NAN, 1.0], [2.0, NAN, 3.0], [NAN, 1.0, 5.0], [NAN, 2.0, 4.0]], "no correlation"),
        (
            "pca",
            [[1.0, 2.0, 1.0], [3.0, 1.0, NAN], [1.0, 1.0, 2.0]],
            "at least 3 units that have all values, there are 2",
        ),
        ("entropy", [[math.inf, 2.0, 1.0], [3.0, 1.0, 2.0]], "infinite value: air"),
    ],
)
def test_scores_that_give_no_weights_are_refused_by_name(name, scores, words):
    with pytest.raises(CompositeError, match=words):
        WEIGHTINGS[name](scores, LABELS)


def test_pca_agrees_with_the_peer_where_no_loading_is_against_the_others(asem):
    theirs = {row["iCode"]: float(row["Weight"]) for row in asem.rows("coinr/analysis/pca_weights_level2")}
    at = int(np.flatnonzero(np.array(asem.codes) == "Conn")[0])
    below = asem.tree.children[at]
    loadings = np.array([theirs[asem.codes[child]] for child in below])
    found = pca(asem.scores[:, below])
    assert found.used["loadings"].tolist() == pytest.approx(loadings.tolist(), rel=1e-12)
    assert found.weight.tolist() == pytest.approx((loadings / loadings.sum()).tolist(), rel=1e-12)
    squared = pca(asem.scores[:, below], form="squared")
    assert squared.weight.tolist() == pytest.approx((loadings**2).tolist(), rel=1e-12)


def test_a_negative_loading_never_becomes_a_weight(asem):
    # The peer weighs Social with -0.744, so that better social scores lower the index.
    theirs = {row["iCode"]: float(row["Weight"]) for row in asem.rows("coinr/analysis/pca_weights_level2")}
    assert theirs["Social"] < 0 < theirs["Environ"]
    plan = {"Sust": WeighBy("pca")}
    with pytest.raises(
        CompositeError, match=r"Sust: children that run against the first component.*Social \(-"
    ):
        weigh_groups(asem.tree, asem.scores, plan)
    # Without Social, Environ and SusEcFin run against each other: 0.707 and -0.707, or the other way round.
    with pytest.raises(
        CompositeError, match="Environ, SusEcFin: as much of the first component runs one way"
    ):
        weigh_groups(asem.tree, asem.scores, {"Sust": WeighBy("pca", {"negative": "leave_out"})})


def test_children_set_aside_have_no_weight_and_no_say_in_the_others(asem):
    below = asem.tree.children[asem.codes.index("Instit")]
    names = [asem.codes[at] for at in below]
    found = pca(asem.scores[:, below], Labels(names), negative="leave_out")
    rest = np.array([name != "TBTs" for name in names])
    assert found.left_out.tolist() == (~rest).tolist()
    assert found.weight[~rest].tolist() == [0]
    assert found.weight[rest].tolist() == pca(asem.scores[:, below[rest]]).weight.tolist()


def test_a_component_turned_round_gives_the_same_weights(asem):
    # All loadings of Political are negative with the peer (-0.54, -0.71, -0.45): the same component, the other way.
    theirs = {row["iCode"]: float(row["Weight"]) for row in asem.rows("coinr/analysis/pca_weights_level1")}
    below = asem.tree.children[asem.codes.index("Political")]
    loadings = np.array([theirs[asem.codes[child]] for child in below])
    assert (loadings < 0).all()
    assert pca(asem.scores[:, below]).weight.tolist() == pytest.approx(
        (loadings / loadings.sum()).tolist(), rel=1e-12
    )


def test_two_components_that_explain_the_same_give_no_weights():
    with pytest.raises(CompositeError, match="the second component explains as much as the first"):
        pca([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])


def test_consistent_judgements_give_back_the_weights_they_were_made_of():
    weight = np.array([0.5, 0.3, 0.2])
    found = ahp(weight[:, None] / weight)
    assert found.weight.tolist() == pytest.approx(weight.tolist(), rel=1e-12)
    assert found.used["ratio"] == pytest.approx(0, abs=1e-12)


def test_the_consistency_ratio_by_hand():
    # a12 = 2, a23 = 2, a13 = 8: x^3 = a13 / (a12 a23) = 2, so lambda = 1 + 2^(1/3) + 2^(-1/3); the principal
    # eigenvector of three children is the geometric means of the rows: 16^(1/3), 1, 16^(-1/3). RI of three is 0.58.
    table = [[1, 2, 8], [NAN, 1, 2], [NAN, NAN, 1]]
    found = ahp(table)
    eigenvalue = 1 + 2 ** (1 / 3) + 2 ** (-1 / 3)
    rows = np.array([16 ** (1 / 3), 1, 16 ** (-1 / 3)])
    assert found.weight.tolist() == pytest.approx((rows / rows.sum()).tolist(), rel=1e-12)
    assert found.used["eigenvalue"] == pytest.approx(eigenvalue, rel=1e-13)
    assert found.used["ratio"] == pytest.approx((eigenvalue - 3) / 2 / 0.58, rel=1e-10)


def test_judgements_that_contradict_each_other_are_refused_unless_allowed():
    table = [[1, 3, 1 / 3], [1 / 3, 1, 3], [3, 1 / 3, 1]]  # air over water over noise over air
    with pytest.raises(CompositeError, match=r"consistency ratio 1\.149 is above 0\.1; look first at"):
        ahp(table, LABELS)  # lambda = 1 + 3 + 1/3 = 4.333, CI = 0.6667, CR = 1.149
    assert ahp(table, LABELS, limit=2).weight.tolist() == pytest.approx([1 / 3] * 3, rel=1e-12)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([[1, 2], [2, 1]], "air against water: 2 one way and 2 the other"),
        ([[1, -2], [-0.5, 1]], "air against water: -2 one way"),
        ([[2, 2], [0.5, 1]], "air against air: 2 one way"),
        ([[1, NAN], [NAN, 1]], "air against water: nan one way"),
        ([[1, 2, 3], [1, 1, 1]], "one square table"),
        (np.ones((16, 16)), "up to 15 children, not 16"),
    ],
)
def test_a_table_that_is_no_table_of_judgements_is_refused(table, words):
    with pytest.raises(CompositeError, match=words):
        ahp(table, LABELS if np.shape(table)[-1] < 4 else Labels())


def test_several_judges_become_one_by_the_geometric_mean():
    # 9 and 1 become 3: weights 3/4 and 1/4
    found = ahp([[[1, 9], [1 / 9, 1]], [[1, 1], [1, 1]]])
    assert found.weight.tolist() == pytest.approx([0.75, 0.25], rel=1e-12)
    assert found.used["ratios"].tolist() == [0, 0]


def test_experts_share_out_points():
    # shares 0.6, 0.2, 0.2 and 0.2, 0.6, 0.2: means 0.4, 0.4, 0.2; deviations sqrt(2 * 0.2^2 / 1)
    found = budget([[60, 20, 20], [1, 3, 1]], LABELS)
    assert found.weight.tolist() == pytest.approx([0.4, 0.4, 0.2], rel=1e-13)
    assert found.used["deviation"].tolist() == pytest.approx([0.08**0.5, 0.08**0.5, 0], abs=1e-13)
    assert (found.used["least"].tolist(), found.used["most"].tolist()) == ([0.2, 0.2, 0.2], [0.6, 0.6, 0.2])


def test_every_fault_of_a_budget_is_told_at_once():
    with pytest.raises(CompositeError) as caught:
        budget(
            [[50, 40, 20], [100, -1, 1], [100, 0, 0]],
            Labels(["a", "b", "c"], ["Li", "Wang", "Zhou"]),
            total=100,
        )
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["Li", "Wang"]
    with pytest.raises(CompositeError, match="no expert gave a point to noise"):
        budget([[60, 40, 0], [50, 50, 0]], LABELS)


def test_judgements_about_another_number_of_children_are_refused():
    with pytest.raises(CompositeError, match="about 2 children, but the group has 3"):
        WEIGHTINGS["ahp"](np.ones((4, 3)), LABELS, judgements=[[1, 1], [1, 1]])


SCORES = arrays(
    np.float64, st.tuples(st.integers(5, 12), st.just(3)), elements=st.integers(0, 1000).map(float)
).filter(lambda x: (np.ptp(x, axis=0) > 0).all() and np.linalg.matrix_rank(np.cov(x.T), tol=1e-6) == 3)


@pytest.mark.parametrize("name", FROM_SCORES)
@settings(max_examples=20)
@given(x=SCORES, data=st.data())
def test_weights_add_up_to_one_in_the_order_of_the_children_whatever_the_order_of_units(name, x, data):
    rows = data.draw(st.permutations(range(len(x))))
    columns = data.draw(st.permutations(range(3)))
    weight = WEIGHTINGS[name](x).weight
    assert weight.sum() == pytest.approx(1, abs=1e-12)
    assert (weight > 0).all()
    assert WEIGHTINGS[name](x[list(rows)]).weight.tolist() == weight.tolist()
    assert WEIGHTINGS[name](x[:, list(columns)]).weight.tolist() == pytest.approx(
        weight[list(columns)], abs=1e-12
    )
    assert WEIGHTINGS[name](x * [1.0, 1000.0, 0.01]).weight.tolist() == pytest.approx(
        weight.tolist(), abs=1e-9
    )


@settings(max_examples=20)
@given(x=SCORES)
def test_pca_is_refused_or_all_positive(x):
    try:
        found = pca(x + x.sum(axis=1, keepdims=True))
    except CompositeError:
        return
    assert (found.weight > 0).all()
    assert found.weight.sum() == pytest.approx(1, abs=1e-12)
    turned = pca(-(x + x.sum(axis=1, keepdims=True)))  # the opposite of every score has the same component
    assert turned.weight.tolist() == pytest.approx(found.weight.tolist(), abs=1e-9)


def test_the_weights_of_a_tree_stay_in_its_order_and_faults_come_together():
    tree = Tree.of([("index", ""), ("z", "index"), ("a", "index"), ("m", "index")], [1, 1, 2, 3])
    scores = np.zeros((2, 4))
    found = weigh_groups(tree, scores, {"index": WeighBy("budget", {"points": [[50, 30, 20]]})})
    assert found.weight.tolist() == [1, 0.5, 0.3, 0.2]
    with pytest.raises(CompositeError) as caught:
        weigh_groups(
            tree, scores, {"index": WeighBy("entropy"), "z": WeighBy("equal"), "b": WeighBy("equal")}
        )
    assert len(caught.value.faults) == 3
    with pytest.raises(CompositeError, match="guess is no way of weighing"):
        weigh_groups(tree, scores, {"index": WeighBy("guess")})


def test_noise_stays_within_its_factor_and_on_its_levels(asem):
    tree = asem.tree
    raw = noisy(tree, {2: 0.25, 3: 0.25}, 200, np.random.default_rng(7), renormalise=False)
    ratio = raw / tree.weight
    moved = np.isin(tree.level, (2, 3))
    assert (ratio[:, ~moved] == 1).all()
    assert (np.abs(ratio[:, moved] - 1) <= 0.25).all()
    assert np.abs(ratio[:, moved] - 1).max() > 0.24
    again = noisy(tree, {2: 0.25, 3: 0.25}, 200, np.random.default_rng(7))
    for group in tree.groups:
        below = tree.children[group]
        np.testing.assert_allclose(again[:, below].sum(axis=1), tree.weight[below].sum(), rtol=1e-14)
        share = raw[:, below] / raw[:, below].sum(axis=1, keepdims=True)
        np.testing.assert_allclose(
            again[:, below] / again[:, below].sum(axis=1, keepdims=True), share, rtol=1e-14
        )
    only_two = noisy(tree, {2: 0.25}, 200, np.random.default_rng(7), renormalise=False)
    assert only_two[:, tree.level == 2].tolist() == raw[:, tree.level == 2].tolist()


@pytest.mark.parametrize(("factors", "words"), [({2: 1.0}, "below 1"), ({9: 0.1}, "no level 9")])
def test_noise_that_could_make_no_weights_is_refused(asem, factors, words):
    with pytest.raises(CompositeError, match=words):
        noisy(asem.tree, factors, 1, np.random.default_rng(1))


@cache
def looked_for(asem, aim, level):
    """The weights found without a target, once for all tests that need them."""
    return optimise(asem.tree, asem.scores, ["arithmetic"] * len(asem.codes), level=level, aim=aim)


SLOW = pytest.mark.slow  # a search with many weights takes half a second and more


@pytest.mark.parametrize(
    ("aim", "level"),
    [
        pytest.param("balance", 2, marks=SLOW),
        ("balance", 3),
        pytest.param("infomax", 2, marks=SLOW),
        ("infomax", 3),
    ],
)
def test_weights_that_are_looked_for_serve_their_aim_better_than_the_peers(asem, aim, level):
    theirs = asem.rows(f"coinr/analysis/optweights_{aim}_level{level}")
    obtained = np.array([float(row["Obtained"]) for row in theirs])
    reference = -obtained.sum() if aim == "infomax" else ((obtained - 1 / len(obtained)) ** 2).mean()
    found = looked_for(asem, aim, level)
    assert found.reached
    assert found.aim < reference
    assert found.aim < found.before
    # what it says it obtained is what its weights give: an independent composition
    index = compose(
        Tree(asem.tree.codes, asem.tree.parent, found.weight),
        asem.scores[:, asem.tree.leaves],
        ["arithmetic"] * len(asem.codes),
    )
    given_by = [np.corrcoef(index.score[:, 0], asem.scores[:, at])[0, 1] for at in found.elements]
    assert found.importance.tolist() == pytest.approx(given_by, rel=1e-12)


def test_weights_looked_for_are_never_negative_as_the_peers_are(asem):
    # With a tight tolerance the peer comes nearer to balance (3.5e-5), by weights of -0.22 and -0.02.
    theirs = [float(row["OptWeight"]) for row in asem.rows("coinr/analysis/optweights_balance_level2_tight")]
    assert min(theirs) < -0.2
    found = optimise(asem.tree, asem.scores, ["arithmetic"] * len(asem.codes), level=2, least=0.001)
    assert found.weight[found.elements].min() > 0
    assert found.at_least.any()
    for group in dict.fromkeys(asem.tree.parent[found.elements].tolist()):
        below = asem.tree.children[group]
        share = found.weight[below] / found.weight[below].sum()
        assert share.min() >= 0.001 * (1 - 1e-9)
        assert found.weight[below].sum() == pytest.approx(asem.tree.weight[below].sum(), rel=1e-12)


@SLOW
@pytest.mark.parametrize("wanted", ["Physical", "ConEcFin"])
def test_a_target_reaches_the_element_it_names(asem, wanted):
    # The peer gives a double target for Physical to ConEcFin, its alphabetical neighbour.
    pillars = [asem.codes[at] for at in asem.nodes(2)]
    targets = {code: 2.0 if code == wanted else 1.0 for code in sorted(pillars)}
    found = optimise(asem.tree, asem.scores, ["arithmetic"] * len(asem.codes), level=2, targets=targets)
    assert found.codes[int(np.argmax(found.share))] == wanted
    assert found.target[found.codes.index(wanted)] == pytest.approx(2 / 9)
    gained = found.share - looked_for(asem, "balance", 2).share
    assert found.codes[int(np.argmax(gained))] == wanted


def test_two_elements_come_to_their_targets_exactly():
    rng = np.random.default_rng(3)
    tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
    leaves = rng.uniform(0, 100, (40, 2))
    scores = compose(tree, leaves, ["arithmetic"] * 3).score
    found = optimise(tree, scores, ["arithmetic"] * 3, level=1, targets={"b": 2, "a": 3})
    assert found.share.tolist() == pytest.approx([0.6, 0.4], abs=1e-8)
    order = rng.permutation(40)
    again = optimise(tree, scores[order], ["arithmetic"] * 3, level=1, targets={"a": 3, "b": 2})
    assert again.weight.tolist() == found.weight.tolist()


def test_every_fault_of_the_question_is_told_at_once():
    tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
    scores = np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 3.0], [3.0, 1.0, 5.0]])
    with pytest.raises(CompositeError) as caught:
        optimise(tree, scores, ["arithmetic"] * 3, level=1, targets={"b": -1, "c": 1})
    assert [fault.split(";")[0] for fault in caught.value.faults] == [
        "a: scores do not vary, so no weight gives them importance",
        "no target for a",
        "targets for c, which level 1 of the tree does not have",
        "a target is a number above 0: b",
    ]
