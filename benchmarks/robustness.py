"""How fast every combination of method is tried, and ranks are counted over thousands of weightings.

    python benchmarks/robustness.py

On the ASEM data of the peer (51 units, 49 indicators): all 2,000 combinations of winsorising 5 x normalisation 2 x
weights 100 x aggregation 2, with exact Sobol indices for the index and for the score and rank of every unit; then a
million, with 50,000 weightings; best and worst ranks over a box of weights, by certificate. Beside it stand the plain
way, one build for each combination (timed on some, told for all), and what the peer's 600 sampled rebuilds took on this
machine, where that was recorded. Then 1,000 weightings of 100,000 units with 50 pillars, beside the plain form in NumPy.
Results are compared before times are told. Nothing is left behind.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import math
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from shenzhi.calc.composite.alternatives import Alternative, Factor, Weightings, around
from shenzhi.calc.composite.certificates import rank_certificates
from shenzhi.calc.composite.montecarlo import many_weightings
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import Recipe, build, with_weights
from shenzhi.calc.composite.robust import robustness
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.tree import Tree

HOME = Path(__file__).resolve().parents[1]
INDEX = Path(os.environ.get("SHENZHI_SHARED") or HOME.parent / "shared") / "data" / "index"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


Seconds = tuple[float, float]


def timed(work: Callable[[], Any], rounds: int = 1) -> tuple[Seconds, Any]:
    """The best of some rounds: seconds by the clock, and seconds of processor, which other work disturbs less."""
    best, answer = (math.inf, math.inf), None
    for _ in range(rounds):
        start, processor = time.perf_counter(), time.process_time()
        answer = work()
        best = min(best, (time.perf_counter() - start, time.process_time() - processor))
    return best, answer


def show(name: str, ours: Seconds, other: str) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    clock, processor = ours
    print(f"{name:<63}{clock:>8.3f} s{processor:>10.3f} s   {other:<52}peak {peak:.2f} GB", flush=True)


def asem() -> tuple[Recipe, np.ndarray, list[Factor | Weightings]]:
    meta = [
        row for row in read(INDEX / "coinr/input/ASEM_iMeta.csv") if row["Type"] in ("Indicator", "Aggregate")
    ]
    ordered = sorted(meta, key=lambda row: -int(row["Level"]))
    tree = Tree.of(
        [(row["iCode"], row["Parent"].replace("NA", "")) for row in ordered],
        [float(row["Weight"]) for row in ordered],
    )
    direction = {row["iCode"]: int(row["Direction"]) for row in meta}
    leaves = [tree.codes[leaf] for leaf in tree.leaves]
    rows = read(INDEX / "coinr/pipeline/4_Screened.csv")
    x = np.array(
        [[float(row[code]) if row[code] not in ("", "NA") else math.nan for code in leaves] for row in rows]
    )

    def scaled(method: str, **given: float) -> list[Scaling]:
        return [Scaling(method, direction[code], given) for code in leaves]

    sets: dict[str, dict[str, float]] = {}
    for row in read(INDEX / "coinr/sensitivity/noisy_weights_100sets.csv"):
        sets.setdefault(row["set"], {})[row["iCode"]] = float(row["Weight"])
    codes = tree.codes[1:]
    questions: list[Factor | Weightings] = [
        Factor(
            "winsorising",
            [
                Alternative(str(most), {"treating": Treating("winsorise", {"most": most})})
                for most in range(1, 6)
            ],
        ),
        Factor(
            "normalisation",
            [
                Alternative("min-max 1-100", {"scalings": scaled("minmax", lower=1.0)}),
                Alternative("z-score 10, 2", {"scalings": scaled("zscore", mean=10.0, sd=2.0)}),
            ],
        ),
        Weightings("weights", codes, np.array([[one[code] for code in codes] for one in sets.values()])),
        Factor(
            "aggregation",
            [Alternative("arithmetic"), Alternative("geometric", {"aggregations": "geometric"})],
        ),
    ]
    return Recipe(tree, scaled("minmax"), treating=Treating("winsorise", {"most": 5})), x, questions


def one_by_one(base: Recipe, questions: list[Factor | Weightings], choice: tuple[int, ...]) -> Recipe:
    recipe = base
    for question, answer in zip(questions, choice, strict=True):
        if isinstance(question, Weightings):
            recipe = with_weights(recipe, dict(zip(question.codes, question.weights[answer], strict=True)))
        else:
            recipe = replace(recipe, **question.alternatives[answer].change)
    return recipe


def combinations(rounds: int) -> None:
    base, x, questions = asem()
    ours, found = timed(lambda: robustness(base, x, questions), rounds)
    some = np.linspace(0, len(found.choices) - 1, 60).astype(int)
    plain, built = timed(
        lambda: [build(one_by_one(base, questions, tuple(found.choices[at])), x) for at in some]
    )
    if not all((one.score == found.scores[at]).all() for one, at in zip(built, some, strict=True)):
        raise SystemExit("a combination differs from what building it alone gives")
    peer = [
        row["elapsed_s"]
        for row in (read(INDEX / "timings.csv") if (INDEX / "timings.csv").exists() else [])
        if row["engine"].startswith("COINr") and "SA N=100" in row["what"]
    ]
    told = f"COINr, 600 of them sampled: {peer[0]} s" if peer else "COINr: no time recorded"
    show("2,000 combinations, exact indices of index and units", ours, told)
    times = len(found.choices) / len(some)
    show("  the same, one build for each", (plain[0] * times, plain[1] * times), f"({len(some)} built)")
    groups = [code for at, code in enumerate(base.tree.codes) if base.tree.level[at] > 1 and at]
    many = [*questions[:2], around(base.tree, 0.25, 50_000, seed=1, codes=groups), questions[3]]
    ours, found = timed(lambda: robustness(base, x, many))
    show(f"{found.possible.size:,} combinations, the same", ours, "")
    built_base = build(base, x)
    pillars = [at for at in range(len(base.tree.codes)) if base.tree.level[at] == 2]
    now = base.tree.effective_weight[pillars]
    ours, certified = timed(
        lambda: rank_certificates(built_base.published.score[:, pillars], lower=now * 0.75, upper=now * 1.25)
    )
    show(
        "best and worst ranks, 8 pillars, weights within 25 %",
        ours,
        f"exact for {certified.exact.sum()} of 51 units",
    )


def weightings(rounds: int, units: int, pillars: int, count: int) -> None:
    rng = np.random.default_rng(0)
    scores, weights = rng.uniform(0, 100, (units, pillars)), rng.uniform(0.5, 1.5, (count, pillars))
    ours, found = timed(lambda: many_weightings(scores, weights, top=(1, 10, 100)), rounds)
    some = weights[: max(1, count // 20)]

    def plain() -> np.ndarray:
        total = np.zeros(units)
        for one in some:
            order = np.argsort(-(scores @ (one / one.sum())), kind="stable")
            ranks = np.empty(units, int)
            ranks[order] = np.arange(1, units + 1)
            total += ranks
        return total / len(some)

    naive, mean = timed(plain)
    if np.abs(many_weightings(scores, some).mean_rank - mean).max() > 0.05:
        raise SystemExit("mean ranks differ from those of the plain form")
    show(
        f"{count:,} weightings x {units:,} units x {pillars} pillars, scores and ranks",
        ours,
        f"plain NumPy: {naive[0] * count / len(some):.1f} s ({len(some)} weightings done)",
    )
    assert found.mean_rank.shape == (units,)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--pillars", type=int, default=50)
    parser.add_argument("--weightings", type=int, default=1000)
    given = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, NumPy {np.__version__}, SciPy {scipy.__version__}, {dt.datetime.now(dt.UTC).date()}")
    print("command:", " ".join([Path(sys.executable).name, *sys.argv]))
    print(f"{'':<63}{'clock':>10}{'processor':>12}")
    if (INDEX / "coinr").is_dir():
        combinations(given.rounds)
    else:
        print(f"no ASEM data in {INDEX / 'coinr'}: set SHENZHI_SHARED to try the combinations")
    weightings(given.rounds, given.units, given.pillars, given.weightings)


if __name__ == "__main__":
    main()
