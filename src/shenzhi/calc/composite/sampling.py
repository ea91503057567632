"""When there are too many combinations to try them all: a sample, with how far it can be trusted (article 86).

Two independent draws A and B of `n` combinations, and for each factor i the draw A with its answer to i taken from B:
n (factors + 2) builds (Saltelli and others 2010, Computer Physics Communications 181).

    total        T_i = mean (yA - yAi)² / 2 V                                (Jansen 1999)
    first-order  S_i = 1 - mean (yB - yAi)² / 2 V                            "jansen"
                 S_i = mean yB (yAi - yA) / V                                "saltelli"

V is the variance of yA and yB together. Answers are drawn with exactly the probabilities declared. Intervals come from
drawing the n rows again with replacement. Where a row meets an impossible combination it is left out as a whole, for
the results concerned; `used` says how many stayed. The estimates are then no more than indications.

    >>> drawn = design([2, 3], 4, seed=1)
    >>> drawn.shape, drawn.min(axis=0).tolist()
    ((16, 2), [0, 0])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite import acceptability
from shenzhi.calc.composite.acceptability import Standing
from shenzhi.calc.composite.alternatives import (
    Factor,
    Failure,
    Impossible,
    Preparing,
    Question,
    Weightings,
    chances,
    refuse_questions,
    told_apart,
)
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats
from shenzhi.calc.composite.recipe import Built, Recipe, build
from shenzhi.calc.composite.robust import mean_change

ESTIMATORS = ("jansen", "saltelli")
Choices = NDArray[np.intp]


@dataclass(frozen=True)
class Estimated:
    """`first`, `total` (..., factors); `variance` (...). `first_interval`, `total_interval` (2, ..., factors): lower and
    upper end, None without resampling. `used` (...): rows of the sample that entered."""

    first: Floats
    total: Floats
    variance: Floats
    used: NDArray[np.intp]
    first_interval: Floats | None = None
    total_interval: Floats | None = None


@dataclass(frozen=True)
class Evaluated:
    """Chosen combinations, built: `scores` and `ranks` (combinations, units), NaN in the rows that are not `possible`."""

    choices: Choices
    possible: NDArray[np.bool_]
    impossible: tuple[Impossible, ...]
    nominal: Built
    scores: Floats
    ranks: Floats


@dataclass(frozen=True)
class Sampled:
    """As `Robustness`, estimated. `standing` counts the draws A and B, which are independent of each other."""

    evaluated: Evaluated
    standing: Standing
    by_score: Estimated
    by_rank: Estimated
    by_index: Estimated


def design(
    sizes: Sequence[int], n: int, *, seed: int, probabilities: Sequence[ArrayLike] | None = None
) -> Choices:
    """(n (factors + 2), factors): answers of A, of B, then of A with each factor's answer taken from B in turn.

    `sizes`: how many answers each factor has. `probabilities`: of each factor's answers; all alike when not given."""
    count = len(sizes)
    drawn = np.random.default_rng(seed).random((2, n, count))
    answers = np.empty(drawn.shape, dtype=np.intp)
    for at, size in enumerate(sizes):
        if probabilities is None:
            answers[..., at] = drawn[..., at] * size
        else:
            edges = np.cumsum(as_floats(probabilities[at]))[:-1]
            answers[..., at] = np.searchsorted(edges, drawn[..., at], side="right")
    a, b = answers
    mixed = np.repeat(a[None], count, axis=0)
    for at in range(count):
        mixed[at, :, at] = b[:, at]
    return np.concatenate([a, b, mixed.reshape(-1, count)])


def estimate(
    y: ArrayLike,
    factors: int,
    *,
    estimator: str = "jansen",
    resamples: int = 0,
    seed: int = 0,
    within: tuple[float, float] = (0.05, 0.95),
) -> Estimated:
    """Indices of results `y` (n (factors + 2), results...) in the order of `design`; NaN where there is no result.

    `resamples`: how often the rows are drawn again for intervals between the quantiles `within`."""
    values = as_floats(y)
    rows, left = divmod(len(values), factors + 2)
    if left or rows < 2 or estimator not in ESTIMATORS:
        raise CompositeError(
            [
                f"a design for {factors} factors has n * {factors + 2} rows with n of at least 2 (got {len(values)}), and "
                f"the estimator is one of {', '.join(ESTIMATORS)} (got {estimator})"
            ]
        )
    parts = values.reshape(factors + 2, rows, -1)
    shape = values.shape[1:]
    first, total, variance, used = _estimates(parts, estimator)
    intervals: list[Floats | None] = [None, None]
    if resamples:
        draws = np.random.default_rng(seed).integers(0, rows, (resamples, rows))
        again = [_estimates(parts[:, draw], estimator)[:2] for draw in draws]
        intervals = [
            np.quantile([one[at] for one in again], within, axis=0).reshape(2, *shape, factors)
            for at in (0, 1)
        ]
    return Estimated(
        first.reshape(*shape, factors),
        total.reshape(*shape, factors),
        variance.reshape(shape),
        used.reshape(shape),
        *intervals,
    )


def _estimates(parts: Floats, estimator: str) -> tuple[Floats, Floats, Floats, NDArray[np.intp]]:
    """First-order and total (results, factors), variance and rows used (results)."""
    whole = ~np.isnan(parts).any(axis=0)
    used = whole.sum(axis=0)
    count = np.maximum(used, 1)
    a, b, *mixed = np.where(whole, parts, 0.0)
    both = (a.sum(axis=0) + b.sum(axis=0)) / (2 * count)
    spread = sum((np.where(whole, one - both, 0.0) ** 2).sum(axis=0) for one in (a, b))
    variance = np.asarray(spread) / np.maximum(2 * used - 1, 1)
    share = np.where(variance > 0, variance, 1.0)

    def mean(terms: Floats) -> Floats:
        return np.where(variance > 0, terms.sum(axis=0) / count / share, 0.0)

    total = np.stack([mean((a - one) ** 2) / 2 for one in mixed], axis=-1)
    if estimator == "saltelli":
        first = np.stack([mean(b * (one - a)) for one in mixed], axis=-1)
    else:
        first = np.stack(
            [np.where(variance > 0, 1 - mean((b - one) ** 2) / 2, 0.0) for one in mixed], axis=-1
        )
    return first, total, variance, used


def evaluate(
    recipe: Recipe,
    x: ArrayLike,
    questions: Sequence[Question],
    choices: ArrayLike,
    *,
    labels: Labels | None = None,
    denominators: Any = None,
    groups: Any = None,
    times: Any = None,
) -> Evaluated:
    """The combinations `choices` (combinations, factors; positions of answers), with work shared among them.

    Without questions there is one, the recipe itself."""
    if questions:
        refuse_questions(recipe, questions)
    chosen = np.asarray(choices, dtype=np.intp)
    sizes = np.array([len(one) for one in questions])
    if chosen.ndim != 2 or chosen.shape[1] != len(sizes) or ((chosen < 0) | (chosen >= sizes)).any():
        raise CompositeError(
            [f"choices must be positions of answers, one column for each of the {len(sizes)} factors"]
        )
    nominal = build(recipe, x, labels=labels, denominators=denominators, groups=groups, times=times)
    changing = [at for at, one in enumerate(questions) if isinstance(one, Factor)]
    weighing = [at for at, one in enumerate(questions) if isinstance(one, Weightings)]
    preparing = Preparing(recipe, nominal.given, [one for one in questions if isinstance(one, Factor)])
    weightings = [one for one in questions if isinstance(one, Weightings)]
    scores = np.full((len(chosen), *nominal.score.shape), np.nan)
    possible = np.zeros(len(chosen), dtype=bool)
    failures: list[Failure] = []
    ways, way_of = np.unique(chosen[:, changing], axis=0, return_inverse=True)
    for at, choice in enumerate(ways):
        rows = np.flatnonzero(way_of.ravel() == at)
        way = preparing.prepared(tuple(map(int, choice)))
        if isinstance(way, CompositeError):
            failures.append(Failure(tuple(way.faults), len(rows), tuple(map(int, chosen[rows[0]]))))
            continue
        under = [chosen[rows, column] for column in weighing]
        weighed = way.weighed(weightings, under)
        # without weightings one build answers for all rows that ask for it
        scores[rows] = np.moveaxis(weighed.score, -1, 0)
        possible[rows] = weighed.possible
        lost = rows[~possible[rows]]
        if len(lost):
            weights = way.weights(weightings, [[chosen[lost[0], column]] for column in weighing])[0]
            reasons = way.reason(weights, nominal.given.labels)
            failures.append(Failure(reasons, len(lost), tuple(map(int, chosen[lost[0]]))))
    scores[~possible] = np.nan
    placed, _ = acceptability.place(np.moveaxis(scores, 0, -1), ties=recipe.ties, decimals=recipe.decimals)
    ranks = np.moveaxis(np.where(placed > 0, placed / 2, np.nan), -1, 0)
    return Evaluated(chosen, possible, told_apart(failures, questions), nominal, scores, ranks)


def sampled(
    recipe: Recipe,
    x: ArrayLike,
    questions: Sequence[Question],
    n: int,
    *,
    seed: int,
    estimator: str = "jansen",
    resamples: int = 100,
    labels: Labels | None = None,
    denominators: Any = None,
    groups: Any = None,
    times: Any = None,
) -> Sampled:
    """What `robustness` tells exactly, from n (factors + 2) combinations drawn with `seed`; the same seed, the same answer."""
    refuse_questions(recipe, questions)
    drawn = design(
        [len(one) for one in questions], n, seed=seed, probabilities=[chances(one) for one in questions]
    )
    done = evaluate(
        recipe, x, questions, drawn, labels=labels, denominators=denominators, groups=groups, times=times
    )
    independent = np.flatnonzero(done.possible[: 2 * n])
    if not len(independent):
        raise CompositeError(
            [
                "no combination drawn is possible",
                *(reason for one in done.impossible for reason in one.reasons),
            ]
        )
    before = done.nominal.ranks
    assert before is not None
    change = np.moveaxis(mean_change(np.moveaxis(done.ranks, 0, -1), before), -1, 0)
    change = change.reshape(len(drawn), *before.shape[:-1])
    by_score, by_rank, by_index = (
        estimate(one, len(questions), estimator=estimator, resamples=resamples, seed=seed)
        for one in (done.scores, done.ranks, change)
    )
    standing = acceptability.tally(
        np.moveaxis(done.scores[independent], 0, -1), ties=recipe.ties, decimals=recipe.decimals
    )
    return Sampled(done, standing, by_score, by_rank, by_index)
