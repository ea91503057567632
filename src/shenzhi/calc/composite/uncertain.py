"""Figures that are themselves uncertain: what that does to scores and ranks, beside the choice of method (article 86).

A figure may have a standard error (a survey), a missing one may have several plausible values (multiple imputation). Both
are drawn: `draws` gives whole sets of figures, `hot_deck` plausible values for what is missing. `propagated` builds the index for each set. `joint` crosses the sets with
every combination of method and splits the variance of each unit's score and rank between the data and every choice, in one
account: "data" is one more factor beside the others. Over the sets drawn the split is exact; that the sets are a sample
is its only sampling error.

    >>> from shenzhi.calc.composite.normalise import Scaling
    >>> from shenzhi.calc.composite.tree import Tree
    >>> recipe = Recipe(Tree.of([("index", ""), ("a", "index")], [1, 1]), [Scaling("goalposts", 1, {"posts": (0, 100)})])
    >>> sets = draws([[50.0], [60.0]], 2000, errors=[[2.0], [0.0]], seed=1)
    >>> found = propagated(recipe, [[50.0], [60.0]], sets)
    >>> found.error.round(1).tolist(), found.standing.top(1).tolist()
    ([2.0, 0.0], [0.0, 1.0])
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from shenzhi.calc.composite import acceptability, sobol
from shenzhi.calc.composite.acceptability import Standing
from shenzhi.calc.composite.alternatives import Impossible, Question, answers, chances
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed
from shenzhi.calc.composite.recipe import Built, Recipe, build
from shenzhi.calc.composite.robust import CELLS, mean_change
from shenzhi.calc.composite.sampling import evaluate

NO_LABELS = Labels()


def draws(
    x: ArrayLike,
    count: int,
    *,
    errors: ArrayLike | None = None,
    imputations: ArrayLike | None = None,
    seed: int,
    shape: str = "normal",
    labels: Labels = NO_LABELS,
) -> Floats:
    """`count` whole sets of figures (sets, ..., units, indicators), drawn with `seed`.

    `errors`: the standard error of each figure of `x`, 0 or NaN for none. `imputations` (m, ..., units, indicators): m
    plausible sets; a cell missing in `x` takes its value from one of them, each in turn, all cells of a set from the same.
    `shape`: "normal", or "lognormal" for figures above 0 that must stay there (same mean, same standard error). A given
    figure without error stays as it is. Nothing is clipped: a share whose error carries it past 100 % needs another shape
    or a smaller error."""
    values = as_floats(x)
    error = np.zeros(values.shape) if errors is None else np.nan_to_num(as_floats(errors), nan=0.0)
    plausible = None if imputations is None else as_floats(imputations)
    faults = []
    if error.shape != values.shape or (error < 0).any() or np.isinf(error).any():
        faults.append(f"errors: give one standard error, not below 0, for each figure {values.shape}")
    if plausible is not None and plausible.shape[1:] != values.shape:
        faults.append(f"imputations: each set must have the shape of the figures {values.shape}")
    if shape not in ("normal", "lognormal"):
        faults.append(f"shape: {shape} is not known; known are normal, lognormal")
    elif shape == "lognormal" and error.shape == values.shape and ((error > 0) & (values <= 0)).any():
        names = [
            f"{labels.indicator(int(place[-1]))} of {labels.unit(tuple(map(int, place[:-1])))}"
            for place in np.argwhere((error > 0) & (values <= 0))
        ]
        faults.append(f"lognormal errors need figures above 0: {listed(names)}; use the normal shape")
    if faults:
        raise CompositeError(faults)
    sets = np.repeat(values[None], count, axis=0)
    if plausible is not None:
        missing = np.isnan(values)
        sets[:, missing] = plausible[np.arange(count) % len(plausible)][:, missing]
    uncertain = (error > 0) & ~np.isnan(values)
    middle, spread = values[uncertain], error[uncertain]
    noise = np.random.default_rng(seed).standard_normal((count, len(middle)))
    if shape == "normal":
        sets[:, uncertain] = middle + spread * noise
    else:
        width = np.log1p((spread / middle) ** 2)
        sets[:, uncertain] = middle * np.exp(np.sqrt(width) * noise - width / 2)
    return sets


def hot_deck(
    x: ArrayLike,
    count: int,
    *,
    seed: int,
    grouping: Sequence[str | None] | None = None,
    labels: Labels = NO_LABELS,
) -> Floats:
    """`count` plausible sets (sets, ..., units, indicators) in which each missing figure is one that another unit has.

    For every set the donors (units with a figure for the indicator, of the same group if there is a `grouping`, in the same
    period) are first drawn with replacement, then the missing figures from these: the approximate Bayesian bootstrap (Rubin
    and Schenker 1986, Journal of the American Statistical Association 81), so that the sets also differ by what is not
    known about the donors. CompositeError names the cells that have none."""
    values = as_floats(x)
    units, indicators = values.shape[-2:]
    groups = np.zeros(units, np.intp)
    if grouping is not None:
        names = {name: at for at, name in enumerate(dict.fromkeys(grouping))}
        groups = np.array([names[name] for name in grouping])
    rng = np.random.default_rng(seed)
    sets = np.repeat(values[None], count, axis=0)
    lost: list[str] = []
    for frame in np.ndindex(values.shape[:-2]):
        for column in range(indicators):
            figures = values[(*frame, slice(None), column)]
            for group in np.unique(groups[np.isnan(figures)]):
                at = np.flatnonzero(np.isnan(figures) & (groups == group))
                donors = figures[~np.isnan(figures) & (groups == group)]
                if not len(donors):
                    lost += [
                        f"{labels.indicator(column)} of {labels.unit((*frame, int(unit)))}" for unit in at
                    ]
                    continue
                pool = donors[rng.integers(len(donors), size=(count, len(donors)))]
                drawn = np.take_along_axis(pool, rng.integers(len(donors), size=(count, len(at))), axis=1)
                sets[(slice(None), *frame, at, column)] = drawn
    if lost:
        raise CompositeError(
            [f"no unit to take a figure from: {listed(lost)}; take wider groups, or leave the indicator out"]
        )
    return sets


@dataclass(frozen=True)
class Propagated:
    """`nominal`: built from the figures as they are. `scores`, `ranks` (sets, units); `mean`, `error` (units): mean and
    standard deviation of the scores over the sets; `standing`: the ranks counted."""

    nominal: Built
    scores: Floats
    ranks: Floats
    mean: Floats
    error: Floats
    standing: Standing

    def interval(self, share: float = 0.9) -> tuple[Floats, Floats]:
        """Lower and upper end (units) between which the share of the scores in the middle lies."""
        low, high = np.nanquantile(self.scores, [(1 - share) / 2, (1 + share) / 2], axis=0)
        return low, high


def propagated(
    recipe: Recipe,
    x: ArrayLike,
    sets: ArrayLike,
    *,
    labels: Labels | None = None,
    denominators: Any = None,
    groups: Any = None,
    times: Any = None,
) -> Propagated:
    """The recipe applied to the figures `x` and to every set (sets, ..., units, leaves)."""
    given = {"labels": labels, "denominators": denominators, "groups": groups, "times": times}
    nominal = build(recipe, x, **given)
    # one more axis in front: every set is a frame of its own
    scores = build(recipe, as_floats(sets), **given).score
    standing, ranks = _standing(recipe, scores)
    known = ~np.isnan(scores)
    count = known.sum(axis=0)
    mean = np.divide(
        np.where(known, scores, 0.0).sum(axis=0), count, out=np.full(count.shape, np.nan), where=count > 0
    )
    squares = (np.where(known, scores - mean, 0.0) ** 2).sum(axis=0)
    error = np.sqrt(np.divide(squares, count - 1, out=np.full(count.shape, np.nan), where=count > 1))
    return Propagated(nominal, scores, ranks, mean, error, standing)


@dataclass(frozen=True)
class Joint:
    """As `Robustness`, with the factor "data" in front of the others; `possible` (sets, answers of each factor).

    `scores` (combinations, units): of every possible combination, the last factor running fastest."""

    names: tuple[str, ...]
    answers: tuple[tuple[str, ...], ...]
    possible: Any
    impossible: tuple[Impossible, ...]
    nominal: Built
    standing: Standing
    by_score: sobol.Indices
    by_rank: sobol.Indices
    by_index: sobol.Indices
    scores: Floats


def joint(
    recipe: Recipe,
    x: ArrayLike,
    sets: ArrayLike,
    questions: Sequence[Question],
    *,
    labels: Labels | None = None,
    denominators: Any = None,
    groups: Any = None,
    times: Any = None,
) -> Joint:
    """Every set of figures (sets, ..., units, leaves) under every combination of the answers to `questions`.

    All scores are in memory together: CompositeError when there are more than 134 million."""
    given = {"labels": labels, "denominators": denominators, "groups": groups, "times": times}
    drawn = as_floats(sets)
    sizes = [len(one) for one in questions]
    nominal = build(recipe, x, **given)
    cells = len(drawn) * math.prod(sizes) * nominal.score.size
    if cells > CELLS:
        raise CompositeError(
            [f"{cells:,} scores are more than {CELLS:,}: take fewer sets or fewer alternatives"]
        )
    if any(one.name == "data" for one in questions):
        raise CompositeError(
            ['"data" is the name of the factor for the figures: give the other one another name']
        )
    choices = np.array(list(np.ndindex(*sizes)), dtype=np.intp).reshape(math.prod(sizes), len(sizes))
    done = [evaluate(recipe, one, questions, choices, **given) for one in drawn]
    possible = np.stack([one.possible for one in done])
    impossible = tuple(reason for one in done for reason in one.impossible)
    if not possible.any():
        raise CompositeError(
            ["no combination is possible", *(fault for one in impossible for fault in one.reasons)]
        )
    probabilities = [np.full(len(drawn), 1 / len(drawn)), *map(chances, questions)]
    uneven = any(one.probabilities is not None for one in questions)
    shape = (len(drawn), *sizes)
    scores = np.stack([one.scores for one in done])  # (sets, combinations, ..., units)
    weight = sobol.chance_of(shape, probabilities, None) if uneven else None
    there = possible.ravel()
    listed_scores = scores.reshape(-1, *nominal.score.shape)[there]
    standing = acceptability.tally(
        np.moveaxis(listed_scores, 0, -1),
        chance=None if weight is None else weight.ravel()[there],
        ties=recipe.ties,
        decimals=recipe.decimals,
    )
    ranks = np.stack([one.ranks for one in done])
    assert nominal.ranks is not None
    change = mean_change(
        np.moveaxis(ranks, (0, 1), (-2, -1)).reshape(*nominal.score.shape, -1), nominal.ranks
    )
    change = change.reshape(*nominal.score.shape[:-1], *shape)

    def split(results: Floats) -> sobol.Indices:
        return sobol.indices(
            np.where(possible.reshape(*shape, *[1] * (results.ndim - len(shape))), results, 0.0),
            factors=len(shape),
            probabilities=probabilities if uneven else None,
            possible=possible.reshape(shape),
        )

    return Joint(
        ("data", *(one.name for one in questions)),
        (tuple(str(at + 1) for at in range(len(drawn))), *map(answers, questions)),
        possible.reshape(shape),
        _gathered(impossible),
        nominal,
        standing,
        split(scores.reshape(*shape, *nominal.score.shape)),
        split(ranks.reshape(*shape, *nominal.score.shape)),
        split(np.moveaxis(change.reshape(-1, *shape), 0, -1).reshape(*shape, *nominal.score.shape[:-1])),
        listed_scores,
    )


def _gathered(found: Sequence[Impossible]) -> tuple[Impossible, ...]:
    """The same reasons, met in several sets, told once."""
    once: dict[tuple[str, ...], Impossible] = {}
    for one in found:
        before = once.get(one.reasons)
        count = one.combinations + (before.combinations if before else 0)
        once[one.reasons] = Impossible(one.reasons, count, (before or one).example)
    return tuple(once.values())


def _standing(recipe: Recipe, scores: Floats) -> tuple[Standing, Floats]:
    """Ranks of scores (sets, ..., units), counted and one by one."""
    placed, ahead = acceptability.place(
        np.moveaxis(scores, 0, -1), ties=recipe.ties, decimals=recipe.decimals
    )
    ranks = np.moveaxis(np.where(placed > 0, placed / 2, np.nan), -1, 0)
    return acceptability.counted(placed, ahead, ties=recipe.ties), ranks
