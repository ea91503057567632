"""Parts multiplied, divided, kept in step, and set against the best: worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shenzhi.calc.composite.aggregate import COMPARISONS, WHOLE, Aggregating
from shenzhi.calc.composite.compose import closing, compose, reach
from shenzhi.calc.composite.labels import CompositeError, Labels
from shenzhi.calc.composite.normalise import efficacy, goalposts
from shenzhi.calc.composite.practice import yearly
from shenzhi.calc.composite.products import product, ratio, shortfall
from shenzhi.calc.composite.treat import Treating, treat
from shenzhi.calc.composite.tree import Tree

NAN = math.nan
TWO = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
NAMES = Labels(["a", "b"], ["East", "West"])


def test_a_product_takes_powers_and_cannot_do_without_a_factor():
    assert product([[2.0, 3.0], [2.0, NAN]], [1, 1]).value.tolist() == pytest.approx([6, NAN], nan_ok=True)
    # 4^0.5 * 9^0.5 = 6, and 4 / 9^0.5 = 4/3
    assert product([[4.0, 9.0]], [1, 1], powers=[0.5, 0.5]).value.item() == pytest.approx(6)
    assert product([[4.0, 9.0]], [1, 1], powers=[1, -0.5]).value.item() == pytest.approx(4 / 3)
    assert product([[-2.0, 3.0]], [1, 1], powers=[2, 1]).value.item() == 12
    with pytest.raises(CompositeError, match=r"b to the power of -1 needs a score above 0: West \(0\)"):
        product([[1.0, 1.0], [1.0, 0.0]], [1, 1], NAMES, powers=[1, -1])
    with pytest.raises(CompositeError, match="powers must be 2 numbers, one for each child"):
        product([[1.0, 1.0]], [1, 1], powers=[1])


def test_a_ratio_and_what_is_short_of_it():
    assert ratio([[3.0, 4.0]], [1, 1], factor=100).value.item() == 75
    assert shortfall([[3.0, 4.0]], [5, 1]).value.item() == 0.25
    with pytest.raises(CompositeError, match=r"b is divided by, so its score must be above 0: East \(0\)"):
        ratio([[1.0, 0.0], [1.0, 1.0]], [1, 1], NAMES)
    with pytest.raises(
        CompositeError, match="ratio is of two children, the first over the second; there are 3"
    ):
        ratio([[1.0, 1.0, 1.0]], [1, 1, 1])


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Aggregating("product"), [0.32, 0.25]),
        (Aggregating("ratio"), [0.5, 1.0]),
        (Aggregating("shortfall", {"factor": 100}), [50.0, 0.0]),
        # C = 2 * sqrt(0.32) / 1.2 and T = 0.6; the second is even, so D = sqrt(0.5)
        (Aggregating("coupling"), [math.sqrt(math.sqrt(0.32)), math.sqrt(0.5)]),
        # the best of a is 0.5, of b 0.8; distances 0.1, 0 and 0, 0.3: xi = 0.15 / 0.25, 1 and 1, 0.15 / 0.45
        (Aggregating("grey_relational"), [0.8, 2 / 3]),
    ],
    ids=lambda one: one.name if isinstance(one, Aggregating) else "",
)
def test_a_group_can_be_put_together_so_and_is_then_no_sum(chosen, expected):
    scores = [[0.4, 0.8], [0.5, 0.5]]
    composite = compose(TWO, scores, [chosen, "", ""])
    assert composite.score[:, 0].tolist() == pytest.approx(expected, abs=1e-12)
    assert np.isnan(composite.contribution[:, 1:]).all()
    assert chosen.name in (*COMPARISONS, *WHOLE)


@pytest.mark.parametrize("upper", [1.0, 100.0])
@pytest.mark.parametrize("name", ["coupling", "grey_relational"])
def test_the_scale_of_the_children_can_be_theirs(name, upper):
    scores = np.array([[0.4, 0.8], [0.5, 0.5], [NAN, 0.3]])
    on_one = compose(TWO, scores, [Aggregating(name), "", ""]).score[:, 0]
    scaled = compose(TWO, scores * upper, [Aggregating(name, {"upper": upper}), "", ""]).score[:, 0]
    np.testing.assert_allclose(scaled, on_one * upper, rtol=1e-14)
    assert np.isnan(on_one[2]) == (name in WHOLE)


def test_a_scale_can_run_along_the_logarithm():
    # 100 to 10,000 is two tenfolds, and 1,000 lies in the middle
    scores = goalposts([[1000.0], [10.0], [1e5]], posts=[[100, 10_000]], log=True)
    assert scores.score[:, 0].tolist() == pytest.approx([50, 0, 100])
    assert scores.capped[:, 0].tolist() == [0, -1, 1]
    assert (scores.used["worst"].item(), scores.used["best"].item()) == (100, 10_000)
    less = efficacy([[1000.0], [2000.0]], direction=-1, posts=[[100, 10_000]], lower=0, log=True)
    assert less.score[:, 0].tolist() == pytest.approx([50, 100 * (4 - math.log10(2000)) / 2])
    observed = efficacy([[1.0], [10.0], [100.0]], lower=0, log=True)
    assert observed.score[:, 0].tolist() == pytest.approx([0, 50, 100])
    one_of_two = goalposts([[1000.0, 50.0]], posts=[[100, 10_000], [0, 100]], log=[True, False])
    assert one_of_two.score[0].tolist() == pytest.approx([50, 50])


def test_what_has_no_logarithm_is_refused_by_name():
    with pytest.raises(CompositeError, match=r"a: a logarithm needs values above 0.*West has 0"):
        goalposts([[1.0, 1.0], [0.0, 1.0]], posts=[[1, 2], [1, 2]], log=[True, False], labels=NAMES)
    with pytest.raises(CompositeError, match=r"a: posts must be above 0 to have a logarithm \(got 0, 2\)"):
        goalposts([[1.0, 1.0]], posts=[[0, 2], [0, 2]], log=[True, False], labels=NAMES)


def test_limits_hold_or_leave_out_and_every_cell_is_marked():
    x = np.array([[5.0], [50.0], [2000.0], [NAN]])
    held = treat(x, Treating("limits", {"low": 10, "high": 1000}))
    assert held.values[:3, 0].tolist() == [10, 50, 1000]
    assert held.changed[:, 0].tolist() == [True, False, True, False]
    assert (held.floor.item(), held.ceiling.item()) == (10, 1000)
    out = treat(x, Treating("limits", {"low": 10, "beyond": "leave_out"}))
    assert np.isnan(out.values[[0, 3], 0]).all()
    assert out.changed[:, 0].tolist() == [True, False, False, False]
    with pytest.raises(
        CompositeError, match=r"low must be below high \(got 3, 2\)|low must be below high \(got 3 and 2\)"
    ):
        treat(x, Treating("limits", {"low": 3, "high": 2}))


def test_points_that_are_added_stand_apart_and_the_parts_still_add_up():
    tree = Tree.of(
        [("index", ""), ("group", "index"), ("a", "group"), ("b", "group"), ("c", "index")], [1] * 5
    )
    scores = [[40.0, 60.0, 80.0], [90.0, 100.0, 70.0]]
    composite = compose(
        tree, scores, ["geometric"] * 5, adjust={1: lambda score: np.minimum(score + 8, 100.0)}
    )
    assert composite.adjustment[:, 1].tolist() == pytest.approx([8, 100 - math.sqrt(9000)])
    below = np.nansum(reach(tree, composite)[:, [2, 3, 4]], axis=-1) + np.nansum(
        closing(tree, composite), axis=-1
    )
    np.testing.assert_allclose(below, composite.score[:, 0], rtol=1e-14)


def test_a_sum_of_a_year_needs_its_twelve_months():
    months = [f"2023-{month:02}" for month in range(1, 13)]
    whole = yearly([0.1] * 12, months, first_month=1, total=True)
    assert whole.values.item() == pytest.approx(1.2)
    assert np.isnan(yearly([0.1] * 11, months[:11], first_month=1, total=True, least=0.5).values.item())
