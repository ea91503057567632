"""How soon a what-if is answered, against building the index anew, in the same run.

    python benchmarks/whatif.py --units 100000 --indicators 50

One weight, one figure, and a figure that becomes the new extreme, on indices of two shapes, with and without gaps. Both
sides give new scores and ranks of all units; their answers must agree within 1e-12 before any time is told. The best of
--rounds counts; every round changes something else, so that nothing is answered from memory. The first answer of a view
also prepares the next ones and is told by itself.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy

from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import Built, Recipe, build
from shenzhi.calc.composite.tree import Tree
from shenzhi.calc.composite.whatif import WhatIf

GROUPS = 6
GAPS = 0.05


def recipe(indicators: int, groups: int, mean: str) -> Recipe:
    """Indicators in so many groups, or (0) right under the index."""
    above = [(f"g{at}", "index") for at in range(groups)]
    below = [(f"i{at}", f"g{at % groups}" if groups else "index") for at in range(indicators)]
    pairs = [("index", ""), *above, *below]
    scaling = Scaling("minmax", 1, {"lower": 1})
    return Recipe(
        Tree.of(pairs, [1.0] * len(pairs)), [scaling] * indicators, aggregations=mean, thresholds=0.5
    )


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def answered(view: WhatIf) -> WhatIf:
    """With scores and ranks worked out."""
    assert view.score.shape == view.ranks.shape
    return view


def measure(built: Built, rounds: int) -> tuple[float, list[tuple[str, float]]]:
    """Seconds of a full rebuild, and of each kind of answer."""
    rebuild = min(timed(lambda: build(built.recipe, built.raw)) for _ in range(rounds))
    start = WhatIf.of(built)
    first = timed(lambda: answered(start.weight("i1", 1.5)))
    kinds: dict[str, Callable[[int], WhatIf]] = {
        "weight": lambda at: start.weight("i2", 1 + at / 10),
        "figure": lambda at: start.value(at, "i2", 50.0 + at),
        "new extreme": lambda at: start.value(at, "i2", 150.0 + at),
    }
    times = [("first", first)]
    for name, ask in kinds.items():
        best = min(timed(lambda at=at, ask=ask: answered(ask(at))) for at in range(1, rounds + 1))
        view, times = ask(rounds + 1), [*times, (name, best)]
        if not np.allclose(view.score, view.rebuilt().score, rtol=1e-12, atol=1e-12, equal_nan=True):
            raise SystemExit(f"{name}: the view and the rebuild give different answers")
    return rebuild, times


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--units", type=int, default=100_000)
    asked.add_argument("--indicators", type=int, default=50)
    asked.add_argument("--rounds", type=int, default=7)
    given = asked.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, NumPy {np.__version__}, SciPy {scipy.__version__}, {dt.datetime.now(dt.UTC).date()}")
    print("command:", " ".join([Path(sys.executable).name, *sys.argv]))
    print(
        f"{given.units:,} units x {given.indicators} indicators; milliseconds, scores and ranks of all units\n"
    )
    print(f"{'':<34}{'full rebuild':>14}{'first':>10}{'weight':>10}{'figure':>10}{'new extreme':>13}")
    draw = np.random.default_rng(1)
    whole = draw.uniform(1, 100, (given.units, given.indicators))
    gappy = np.where(draw.random(whole.shape) < GAPS, np.nan, whole)
    for groups in (GROUPS, 0):
        for mean in ("arithmetic", "geometric"):
            for figures in (whole, gappy):
                rebuild, times = measure(build(recipe(given.indicators, groups, mean), figures), given.rounds)
                shape = f"{groups or 'no'} groups, {mean}, {'gaps' if figures is gappy else 'whole'}"
                told = "".join(
                    f"{seconds * 1e3:>{width}.1f}"
                    for (_, seconds), width in zip(times, (10, 10, 10, 13), strict=True)
                )
                print(f"{shape:<34}{rebuild * 1e3:>14.1f}{told}", flush=True)


if __name__ == "__main__":
    main()
