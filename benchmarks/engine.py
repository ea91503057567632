"""How fast the index engine is, row by row of its table of aims: ours, the plain form in the same run, and the peer.

    python benchmarks/engine.py                     all rows
    python benchmarks/engine.py pipeline treatment  some
    python benchmarks/engine.py --markdown          rows for RESULTS.md

Every side of a row runs in a process of its own, which makes its data, tells how much memory it took, and is done
--rounds times; the best counts. `clock` is seconds by the wall clock, `processor` seconds of all threads, which other
work on the machine disturbs less. Where two sides do the same work their answers must agree before a time is told. The
times of COINr, the R package, and of earlier prototypes are told as they stand in the shared reference data, recorded on
another machine, where these are found. The plain form is NumPy as a practised hand writes it first, a column or a pair at a time. Nothing is left behind.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import math
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.lean import build_lean
from shenzhi.calc.composite.montecarlo import many_weightings
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.outrank import outranking
from shenzhi.calc.composite.recipe import Recipe, build
from shenzhi.calc.composite.treat import Treating, treat
from shenzhi.calc.composite.tree import Tree
from shenzhi.calc.composite.whatif import WhatIf

HOME = Path(__file__).resolve().parents[1]
TIMINGS = Path(os.environ.get("SHENZHI_SHARED") or HOME.parent / "shared") / "data" / "index" / "timings.csv"
MOST, SKEW, KURT = 5, 2.0, 3.5  # how many points are winsorised, and the limits of the test
GAPS = 0.02
Answer = dict[str, list[float]]  # what must agree between two sides, by name


@dataclass(frozen=True)
class Side:
    """`make` prepares the data, `work` is timed, `answer` gives what must agree. `share`: how much of the work is
    done; the time told is for all of it."""

    make: Callable[[argparse.Namespace], Any]
    work: Callable[[Any], Any]
    answer: Callable[[Any], Answer] = lambda done: {}
    share: float = 1.0
    rounds: int | None = None


@dataclass(frozen=True)
class Row:
    """One line of the table. `seconds`, `gigabytes`: what is to be reached. `recorded`: texts by which
    the times of others are found in the records."""

    title: str
    sides: dict[str, Side]
    seconds: float
    gigabytes: float | None = None
    recorded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    clock: float
    processor: float
    peak: float
    answer: Answer


# The full pipeline.


def figures(units: int, indicators: int) -> np.ndarray:
    """2 % gaps; of every 20 indicators one is lopsided throughout and one has two far points; one unit in a thousand
    has hardly any figures."""
    draw = np.random.default_rng(1)
    x = np.empty((units, indicators))
    for start in range(0, units, 5000):  # in pieces, so that making them takes no memory beside them
        part = x[start : start + 5000]
        draw.random(out=part)
        part *= 99
        part += 1
        part[:, ::20] = np.exp(3 * draw.standard_normal(part[:, ::20].shape))
        part[draw.random(part.shape) < GAPS] = np.nan
    x[::1000, : indicators * 3 // 5] = np.nan
    x[3, 10::20], x[7, 10::20] = 5 * units, 10 * units
    return x


def index(indicators: int, pillars: int) -> Recipe:
    """Three levels: indicators in pillars, pillars in five groups, groups in the index."""
    each = math.ceil(indicators / pillars)
    pairs = [
        ("index", ""),
        *((f"g{at}", "index") for at in range(5)),
        *((f"p{at}", f"g{at % 5}") for at in range(pillars)),
        *((f"i{at}", f"p{at // each}") for at in range(indicators)),
    ]
    return Recipe(
        Tree.of(pairs, [1.0 + at % 3 for at in range(len(pairs))]),
        [Scaling("minmax", 1 if at % 3 else -1) for at in range(indicators)],
        unit_threshold=0.5,
        imputing=Imputing("mean"),
        treating=Treating("winsorise", {"most": MOST}),
    )


def pipeline(given: argparse.Namespace) -> tuple[Recipe, np.ndarray]:
    return index(given.indicators, given.pillars), figures(given.units, given.indicators)


def plainly_built(made: tuple[Recipe, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """All steps with whole arrays, and a loop over the columns where the figures need to be looked at."""
    recipe, x = made
    x = np.where((np.isnan(x).mean(axis=1) <= 1 - recipe.unit_threshold)[:, None], x, np.nan)
    kept = ~np.isnan(x).all(axis=1)
    x = np.where(np.isnan(x) & kept[:, None], np.nanmean(x, axis=0), x)
    x = plainly_treated(x)
    x = x * np.array(recipe.directions)
    least, most = np.nanmin(x, axis=0), np.nanmax(x, axis=0)
    score = np.empty((len(x), len(recipe.tree.codes)))
    score[:, recipe.tree.leaves] = (x - least) / (most - least) * 100
    for group in recipe.tree.groups:
        below = recipe.tree.children[group]
        there = ~np.isnan(score[:, below]) * recipe.tree.weight[below]
        with np.errstate(invalid="ignore"):
            score[:, group] = (np.nan_to_num(score[:, below]) * there).sum(axis=1) / there.sum(axis=1)
    order = np.argsort(-score[:, 0], kind="stable")
    ranks = np.empty(len(x))
    ranks[order] = np.arange(1, len(x) + 1)
    return score[:, 0], np.where(kept, ranks, np.nan)


def plainly_treated(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    for column in range(x.shape[1]):
        there = ~np.isnan(x[:, column])
        given = x[there, column]
        values = given.copy()
        for _ in range(MOST):
            skew, kurt = shape(values)
            if abs(skew) < SKEW or kurt < KURT:
                break
            if skew > 0:
                values[values == values.max()] = values[values < values.max()].max()
            else:
                values[values == values.min()] = values[values > values.min()].min()
        skew, kurt = shape(values)
        if abs(skew) >= SKEW and kurt >= KURT:
            values = np.log(given - given.min() + 0.01 * (given.max() - given.min()))
        x[there, column] = values
    return x


def shape(x: np.ndarray) -> tuple[float, float]:
    """Sample skewness and kurtosis."""
    n, off = len(x), x - x.mean()
    second, third, fourth = ((off**power).sum() for power in (2, 3, 4))
    skew = math.sqrt(n * (n - 1)) / (n - 2) * math.sqrt(n) * third / second**1.5
    return skew, ((n + 1) * (n * fourth / second**2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))


def some(score: np.ndarray) -> list[float]:
    """Enough to compare by: a few hundred figures from all over, the missing as -1."""
    return np.nan_to_num(score[:: max(1, len(score) // 400)], nan=-1.0).tolist()


# The others.


def pillars(given: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    scores = draw.uniform(0, 100, (given.units, given.pillars))
    return scores, draw.uniform(0.5, 1.5, (given.weightings, given.pillars))


def plainly_weighted(made: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    scores, weights = made
    total = np.zeros(len(scores))
    for one in weights:
        order = np.argsort(-(scores @ (one / one.sum())), kind="stable")
        ranks = np.empty(len(scores))
        ranks[order] = np.arange(1, len(scores) + 1)
        total += ranks
    return total / len(weights)


def fewer(make: Callable[[argparse.Namespace], tuple[np.ndarray, np.ndarray]], share: float) -> Any:
    def made(given: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
        scores, weights = make(given)
        return scores, weights[: max(1, round(len(weights) * share))]

    return made


def compared(given: argparse.Namespace) -> np.ndarray:
    scores = np.random.default_rng(0).uniform(0, 100, (given.compared, given.pillars)).round(0)
    scores[::7, 3] = np.nan
    return scores


def plainly_outranked(scores: np.ndarray) -> np.ndarray:
    """A row of the matrix at a time."""
    matrix = np.zeros((len(scores), len(scores)))
    for at, row in enumerate(scores):
        ahead = (row > scores) + 0.5 * (row == scores)
        matrix[at] = ahead.sum(axis=1) / (~np.isnan(row - scores)).sum(axis=1)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def seen(given: argparse.Namespace) -> Any:
    from whatif import GROUPS, recipe  # the other benchmark, which lies beside this one

    x = np.random.default_rng(1).uniform(1, 100, (given.units, given.pillars))
    built = build(recipe(given.pillars, GROUPS, "arithmetic"), x)
    view = WhatIf.of(built)
    asked(view, "weight")  # what serves the next answers is prepared by the first
    return view


def asked(view: WhatIf, what: str) -> WhatIf:
    view = view.weight("i1", 1.5) if what == "weight" else view.value(7, "i2", 50.0)
    assert view.score.shape == view.ranks.shape
    return view


def asem(given: argparse.Namespace) -> Any:
    from robustness import asem as example  # the other benchmark, which lies beside this one

    return example()


def million(given: argparse.Namespace) -> Any:
    from shenzhi.calc.composite.alternatives import around

    base, x, questions = asem(given)
    tree = base.tree
    groups = [code for at, code in enumerate(tree.codes) if tree.level[at] > 1 and at]
    return base, x, [*questions[:2], around(tree, 0.25, 50_000, seed=1, codes=groups), questions[3]]


def combined(made: Any) -> Any:
    from shenzhi.calc.composite.robust import robustness

    return robustness(*made)


WEIGHTINGS_SHARE = 0.02
ROWS = {
    "combinations": Row(
        "ASEM (51 x 49), all 2,000 combinations, exact indices per unit",
        {"ours": Side(asem, combined)},
        1,
        recorded=("SA N=100",),
    ),
    "million": Row("A million combinations, same data", {"ours": Side(million, combined, rounds=1)}, 30),
    "pipeline": Row(
        "{units:,} units x {indicators}: screened, gaps filled, outliers treated, min-max, {pillars} pillars, 3 levels, ranks",
        {
            "ours": Side(
                pipeline,
                lambda made: build_lean(*made),
                lambda done: {"scores": some(done.score), "ranks": some(done.ranks)},
            ),
            "plain": Side(
                pipeline,
                plainly_built,
                lambda done: {"scores": some(done[0]), "ranks": some(done[1])},
                rounds=1,
            ),
        },
        5,
        1.5,
        recorded=("U=10000 I=500", "U=100000 I=500"),
    ),
    "kept": Row(
        "  the same, with the figures after every step kept",
        {"ours": Side(pipeline, lambda made: build(*made), lambda done: {"scores": some(done.score)})},
        math.nan,
    ),
    "treatment": Row(
        "  treatment of outliers alone",
        {
            "ours": Side(
                lambda given: np.nan_to_num(pipeline(given)[1], copy=False, nan=50.0),
                lambda x: treat(x, Treating("winsorise", {"most": MOST})),
                lambda done: {"values": some(done.values[:, 10])},
            ),
            "plain": Side(
                lambda given: np.nan_to_num(pipeline(given)[1], copy=False, nan=50.0),
                plainly_treated,
                lambda done: {"values": some(done[:, 10])},
                rounds=1,
            ),
        },
        math.nan,
    ),
    "weightings": Row(
        "{weightings:,} weightings x {units:,} units x {pillars} pillars, scores and ranks",
        {
            "ours": Side(pillars, lambda made: many_weightings(*made, top=(1, 10, 100))),
            "plain": Side(fewer(pillars, WEIGHTINGS_SHARE), plainly_weighted, share=WEIGHTINGS_SHARE),
        },
        5,
        recorded=("ranks for 1000 x 100000",),
    ),
    "outranking": Row(
        "Outranking, {compared:,} units x {pillars}",
        {
            "ours": Side(
                compared,
                lambda scores: outranking(scores, np.ones(scores.shape[1])),
                lambda done: {"lead": some(done[11])},
            ),
            "plain": Side(compared, plainly_outranked, lambda done: {"lead": some(done[11])}, rounds=1),
        },
        10,
        recorded=("outrankMatrix U=400", "outrank matrix U=5000"),
    ),
    "weight": Row(
        "What-if, {units:,} units x {pillars}, one weight",
        {
            "ours": Side(seen, lambda view: asked(view, "weight"), lambda view: {"scores": some(view.score)}),
            "plain": Side(
                seen,
                lambda view: view.weight("i1", 1.5).rebuilt(),
                lambda built: {"scores": some(built.score)},
            ),
        },
        0.05,
    ),
    "value": Row(
        "What-if, {units:,} units x {pillars}, one figure",
        {
            "ours": Side(seen, lambda view: asked(view, "value"), lambda view: {"scores": some(view.score)}),
            "plain": Side(
                seen,
                lambda view: view.value(7, "i2", 50.0).rebuilt(),
                lambda built: {"scores": some(built.score)},
            ),
        },
        0.05,
    ),
}


def measure(side: Side, given: argparse.Namespace) -> Measured:
    """In this process: the best of some rounds, and the most memory it ever took."""
    made = side.make(given)
    best = (math.inf, math.inf)
    done: Any = None
    for _ in range(side.rounds or given.rounds):
        done = None  # what the round before gave must not count
        clock, processor = time.perf_counter(), time.process_time()
        done = side.work(made)
        best = min(best, (time.perf_counter() - clock, time.process_time() - processor))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return Measured(best[0] / side.share, best[1] / side.share, peak, side.answer(done))


def apart(row: str, side: str, given: argparse.Namespace) -> Measured:
    """In a fresh process."""
    sizes = [f"--{name}={getattr(given, name)}" for name in SIZES]
    command = [sys.executable, __file__, row, "--side", side, *sizes]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(done.stdout))


def agree(row: str, sides: dict[str, Measured]) -> None:
    first, *others = sides.values()
    for other in others:
        for name in first.answer.keys() & other.answer.keys():
            if not np.allclose(first.answer[name], other.answer[name], rtol=1e-9, atol=1e-9):
                raise SystemExit(f"{row}: the sides give different {name}")


def recorded(what: str) -> list[str]:
    """The times of others whose description holds `what`, as they were recorded."""
    if not what or not TIMINGS.exists():
        return []
    with TIMINGS.open(newline="") as file:
        found = [row for row in csv.DictReader(file) if what in row["what"]]
    return [f"recorded: {row['engine']}, {row['what']}, {told(float(row['elapsed_s']))}" for row in found]


def told(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds < 0.5 else f"{seconds:.2f} s"


def line(row: Row, sides: dict[str, Measured], given: argparse.Namespace) -> list[str]:
    ours = sides["ours"]
    plain = sides.get("plain")
    others = [f"plain NumPy: {told(plain.clock)}, {plain.peak:.2f} GB"] if plain else []
    others += [one for what in row.recorded for one in recorded(what)]
    aim = "" if math.isnan(row.seconds) else told(row.seconds)
    aim += f", {row.gigabytes} GB" if row.gigabytes else ""
    return [
        row.title.format(**vars(given)).strip(),
        told(ours.clock),
        told(ours.processor),
        f"{ours.peak:.2f} GB",
        "; ".join(others) or "-",
        aim or "-",
    ]


SIZES = {
    "units": 100_000,
    "indicators": 500,
    "pillars": 50,
    "weightings": 1000,
    "compared": 5000,
    "rounds": 3,
}
HEADS = ["work", "ours: clock", "processor", "peak", "beside it", "to reach"]
WIDTHS = [98, 13, 11, 9, 0]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="row", help=f"of {', '.join(ROWS)}; none: all")
    parser.add_argument("--markdown", action="store_true", help="print rows as they stand in RESULTS.md")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    for name, size in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    given = parser.parse_args()
    unknown = [name for name in given.rows if name not in ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if given.side:
        print(json.dumps(asdict(measure(ROWS[given.rows[0]].sides[given.side], given))))
        return
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, NumPy {np.__version__}, SciPy {scipy.__version__}, {dt.datetime.now(dt.UTC).date()}  ")
    print(f"load before: {os.getloadavg()[0]:.1f}; command: {' '.join(['python', *sys.argv])}\n")
    if given.markdown:
        print(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}")
    else:
        heads = [head for head in HEADS if head != "beside it"]
        print("".join(f"{head:<{width}}" for head, width in zip(heads, WIDTHS, strict=False)))
    for name in given.rows or ROWS:
        sides = {side: apart(name, side, given) for side in ROWS[name].sides}
        agree(name, sides)
        cells = line(ROWS[name], sides, given)
        if given.markdown:
            print(f"| {' | '.join(cells)} |", flush=True)
        else:
            *short, others, aim = cells
            print(
                "".join(f"{cell:<{width}}" for cell, width in zip(short, WIDTHS, strict=False)),
                aim,
                flush=True,
            )
            print("".join(f"    {one}\n" for one in others.split("; ")), end="")


if __name__ == "__main__":
    main()
