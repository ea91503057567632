"""An index built a few indicators at a time is the index built whole, to the last bit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from shenzhi.calc.composite import lean, workers
from shenzhi.calc.composite.denominate import Denominating
from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.lean import build_lean
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import Recipe, build
from shenzhi.calc.composite.rounding import Rounding
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.tree import Tree

LEAVES = 20
# leaves side by side below three groups, and leaves each behind its own group
BY_LEVEL = [
    ("index", ""),
    *((f"g{at}", "index") for at in range(3)),
    *((f"i{at}", f"g{at % 3}") for at in range(LEAVES)),
]
IN_DEPTH = [
    ("index", ""),
    *(
        pair
        for group in range(4)
        for pair in [
            (f"g{group}", "index"),
            *((f"i{at}", f"g{group}") for at in range(group * 5, group * 5 + 5)),
        ]
    ),
]
METHODS = (Scaling("minmax", 1), Scaling("zscore", -1), Scaling("goalposts", 1, {"posts": (0, 9)}))
PLANS = (Imputing("mean"), Imputing("linear", {}, Imputing("median")), Imputing("none"))


def figures(shape: tuple[int, ...]) -> np.ndarray:
    draw = np.random.default_rng(8)
    x = draw.lognormal(0, 1.5, shape)
    x[draw.random(shape) < 0.1] = math.nan
    x[..., 3, :15] = math.nan
    return x


def recipe(pairs: list[tuple[str, str]]) -> Recipe:
    return Recipe(
        Tree.of(pairs, [1.0 + at % 3 for at in range(len(pairs))]),
        [METHODS[at % 3] for at in range(LEAVES)],
        unit_threshold=0.5,
        imputing=[PLANS[at // 3 % 3] for at in range(LEAVES)],
        treating=Treating("winsorise", {"most": 2}),
        thresholds=0.9,
    )


@pytest.fixture(autouse=True)
def in_small_pieces(monkeypatch):
    """Several blocks, on several threads, also for few figures."""
    for name in ("BLOCK", "CACHE_LINE"):
        monkeypatch.setattr(lean, name, 4)
    monkeypatch.setattr(workers, "THREADED", 1)


@pytest.mark.parametrize("pairs", [BY_LEVEL, IN_DEPTH], ids=["by level", "in depth"])
@pytest.mark.parametrize(
    "change",
    [{}, {"axis": (-3, -2)}, {"base": 1}, {"rounding": Rounding(1)}, {"imputing": None, "unit_threshold": 0}],
    ids=["per period", "one frame", "base", "rounded", "with gaps"],
)
def test_scores_ranks_and_marks_are_those_of_the_whole_build(pairs, change):
    asked, x = replace(recipe(pairs), **change), figures((3, 30, LEAVES))
    whole, built = (make(asked, x, times=[2020, 2022, 2021]) for make in (build, build_lean))
    assert built.published.score.tobytes() == whole.published.score.tobytes()
    assert built.ranks.tobytes() == whole.ranks.tobytes()
    assert built.published.coverage.tobytes() == whole.published.coverage.tobytes()
    assert (built.imputed_cells == whole.imputed_cells).all()
    assert (built.treated_cells == whole.treated_cells).all()
    assert (built.normalised.capped == whole.normalised.capped).all()
    assert built.treatment.before.skew.tobytes() == whole.treatment.before.skew.tobytes()
    assert (built.treatment.transform == whole.treatment.transform).all()
    for name, used in whole.normalised.used.items():
        np.testing.assert_array_equal(built.normalised.used[name], used)
    if whole.imputation is not None:
        cells = list(np.ndindex(x.shape))
        assert [built.imputation.told(at) for at in cells] == [whole.imputation.told(at) for at in cells]


def test_denominators_come_before_the_blocks():
    asked = replace(
        recipe(BY_LEVEL), denominating=Denominating("people", 1000), imputing=Imputing("mean"), decimals=1
    )
    x, people = figures((30, LEAVES)), np.linspace(1e3, 9e3, 30)
    whole, built = (make(asked, x, denominators={"people": people}) for make in (build, build_lean))
    assert built.published.score.tobytes() == whole.published.score.tobytes()
    assert built.ranks.tobytes() == whole.ranks.tobytes()


def test_the_figures_given_are_left_alone():
    x = figures((30, LEAVES))
    before = x.tobytes()
    build_lean(replace(recipe(BY_LEVEL), imputing=Imputing("mean")), x)
    assert x.tobytes() == before


def test_estimates_from_other_indicators_are_made_as_ever():
    asked, x = replace(recipe(BY_LEVEL), imputing=Imputing("row_mean")), figures((30, LEAVES))
    assert build_lean(asked, x).score.tobytes() == build(asked, x).score.tobytes()


def test_faults_of_all_blocks_are_told_at_once_in_the_words_of_the_whole_build():
    x = figures((30, LEAVES))
    x[:, [1, 18]] = 7.0
    asked = replace(recipe(BY_LEVEL), scalings=[Scaling("minmax")] * LEAVES, imputing=None, treating=None)
    with pytest.raises(CompositeError) as whole:
        build(asked, x)
    with pytest.raises(CompositeError) as found:
        build_lean(asked, x)
    assert found.value.faults == whole.value.faults
    assert [fault.split(":")[0] for fault in found.value.faults] == ["i1", "i18"]
