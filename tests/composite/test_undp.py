"""UNDP's five human development indices, value by value as published, from the engine's own parts alone.

The technical notes of the Human Development Report 2023-24: what is computed, from which posts, and what is rounded."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.means import arithmetic, geometric, harmonic
from shenzhi.calc.composite.normalise import goalposts
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.rounding import Rounding, rounded
from shenzhi.calc.composite.tree import Tree

YEARS = range(1990, 2023)
# life expectancy 20 to 85, expected schooling 0 to 18, mean schooling 0 to 15, income 100 to 75000 on a logarithmic
# scale; education is the arithmetic mean of its two, the index the geometric mean of the three, to three decimals
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
MEANS = ["geometric", "", "arithmetic", "", "", ""]
THREE = [Rounding(3), None, None, None, None, None]


def posts(low: float, high: float) -> list[list[float]]:
    return [[low, high], [0, 18], [0, 15], [math.log(100), math.log(75000)]]


@pytest.fixture(scope="module")
def table(shared):
    """Figures by name as arrays (years, countries); NaN where UNDP has none. Regions are left out."""
    path = shared / "data" / "index" / "hdi" / "HDR23-24_Composite_indices_complete_time_series.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["iso3"].startswith("ZZ")]

    def figures(*names: str) -> np.ndarray:
        cells = [[[row.get(f"{name}_{year}", "") for name in names] for row in rows] for year in YEARS]
        return np.array(
            [[[float(cell) if cell else math.nan for cell in one] for one in year] for year in cells]
        )

    return figures


def human_development(table, suffix: str = "", low: float = 20, high: float = 85, income: str = "gnipc"):
    x = table(f"le{suffix}", f"eys{suffix}", f"mys{suffix}", income)
    x[..., 3] = np.log(x[..., 3])
    # Under 20 years (22.5, 17.5) there is no score above 0 for a geometric mean, and UNDP publishes none (Rwanda 1994).
    x[..., 0] = np.where(x[..., 0] > low, x[..., 0], math.nan)
    scores = goalposts(x, posts=posts(low, high), upper=1)
    # without one of the four there is no index: thresholds of 1
    return scores, compose(HDI, scores.score, MEANS, 1.0, rounding=THREE)


def agree(ours: np.ndarray, published: np.ndarray, count: int) -> None:
    """Every one of `count` published values is ours."""
    known = ~np.isnan(published)
    assert known.sum() == count
    assert (ours[known] == published[known]).sum() == count


def test_the_human_development_index_and_its_ranks(table):
    scores, result = human_development(table)
    published = table("hdi")[..., 0]
    agree(result.score[..., 0], published, 5808)
    assert (scores.capped > 0).any(), "some country lies beyond a post, and it must be marked"
    rank = table("hdi_rank")[-1, :, 0]
    agree(ranks(result.score[-1, :, 0], ties="min"), rank, 193)
    # from the exact index many ranks would differ from the published ones
    exact = ranks(result.exact[-1, :, 0], ties="min")
    assert (exact != rank)[~np.isnan(rank)].sum() > 20


def test_the_gender_development_index(table):
    _, female = human_development(table, "_f", 22.5, 87.5, "gni_pc_f")
    _, male = human_development(table, "_m", 17.5, 82.5, "gni_pc_m")
    for ours, name in ((female, "hdi_f"), (male, "hdi_m")):
        # these two are published unrounded
        published = table(name)[-1, :, 0]
        known = ~np.isnan(published)
        assert known.sum() == 182
        np.testing.assert_allclose(ours.exact[-1, known, 0], published[known], rtol=1e-7)
    published = table("gdi")[-1, :, 0]
    agree(
        rounded(female.exact[-1, :, 0] / male.exact[-1, :, 0], 3),
        published,
        int((~np.isnan(published)).sum()),
    )


def test_the_inequality_adjusted_index(table):
    _, development = human_development(table)
    lost = table("ineq_le", "ineq_edu", "ineq_inc")[-1]
    complete = ~np.isnan(lost).any(axis=-1)
    # IHDI = HDI * cube root of what inequality leaves of the three
    left = geometric(1 - lost / 100, np.ones(3)).value
    ihdi = np.where(complete, development.exact[-1, :, 0] * left, np.nan)
    published = table("ihdi", "coef_ineq", "loss")[-1]
    count = int((~np.isnan(published[:, 0])).sum())
    assert count == 165
    agree(rounded(ihdi, 3), published[:, 0], count)
    coefficient = np.where(complete, arithmetic(lost, np.ones(3)).value, np.nan)
    np.testing.assert_allclose(coefficient, published[:, 1], rtol=1e-6)
    # the loss is that between the two published, i.e. rounded, indices
    loss = (1 - rounded(ihdi, 3) / development.score[-1, :, 0]) * 100
    np.testing.assert_allclose(loss, published[:, 2], rtol=1e-8)


def test_the_gender_inequality_index(table):
    x = table("mmr", "abr", "pr_f", "pr_m", "se_f", "se_m", "lfpr_f", "lfpr_m")
    mmr, abr, pr_f, _, se_f, se_m, lf_f, lf_m = np.moveaxis(x, -1, 0)
    mmr = np.clip(mmr, 10, 1000)
    pr_f = np.where(pr_f == 0, 0.1, pr_f)
    one = np.ones(2)
    health = geometric(np.stack([10 / mmr, 1 / abr], axis=-1), one).value
    power = {
        sex: geometric(np.stack([seats, school], axis=-1), one).value / 100
        for sex, seats, school in (("f", pr_f, se_f), ("m", 100 - pr_f, se_m))
    }
    female = geometric(np.stack([health, power["f"], lf_f / 100], axis=-1), np.ones(3)).value
    # men have no reproductive health to lose: 1
    male = geometric(np.stack([np.ones_like(lf_m), power["m"], lf_m / 100], axis=-1), np.ones(3)).value
    both = harmonic(np.stack([female, male], axis=-1), one).value
    middle = [(health + 1) / 2, (power["f"] + power["m"]) / 2, (lf_f + lf_m) / 200]
    standard = geometric(np.stack(middle, axis=-1), np.ones(3)).value
    complete = ~np.isnan(np.delete(x, 3, axis=-1)).any(axis=-1)
    ours = np.where(complete, 1 - both / standard, np.nan)
    published = table("gii")[..., 0]
    checked = 0
    for year in (1990, 2000, 2010, 2019, 2022):
        at = year - 1990
        checked += int((~np.isnan(published[at])).sum())
        agree(rounded(ours[at], 3), published[at], int((~np.isnan(published[at])).sum()))
    assert checked == 80 + 124 + 155 + 165 + 166


def test_the_planetary_pressures_adjusted_index_goes_on_from_the_rounded_one(table):
    _, development = human_development(table)
    # production of CO2 per head against 76.61 tonnes, material footprint against 140.82
    pressure = arithmetic(table("co2_prod", "mf") / [76.61, 140.82], [1.0, 1.0]).value
    # without an index (as for Rwanda 1994) there is none to adjust, though five are published
    published = np.where(np.isnan(table("hdi")[..., 0]), math.nan, table("phdi")[..., 0])
    agree(rounded(development.score[..., 0] * (1 - pressure), 3), published, 4734)
    from_exact = rounded(development.exact[..., 0] * (1 - pressure), 3)
    assert (from_exact != published)[~np.isnan(published)].sum() > 900, "the exact index does not lead there"
