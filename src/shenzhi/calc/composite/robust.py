"""How far an index rests on choices of method that could have been made otherwise: every combination tried (article 86).

`robustness` builds the index under all combinations of the alternatives declared, up to a million, and tells for every
unit where it may stand, and which choice decides it. Work is shared: what two combinations have in common is done once,
and weightings run together. Nothing is sampled; for more combinations see `sampling`.

A combination that cannot be had (a geometric mean of z-scores) is named with its reason and left out of every figure.

    >>> from shenzhi.calc.composite.normalise import Scaling
    >>> from shenzhi.calc.composite.tree import Tree
    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
    >>> base = Recipe(tree, [Scaling("minmax", 1, {"lower": 1})] * 2)
    >>> zscore, mean = {"scalings": [Scaling("zscore")] * 2}, {"aggregations": "geometric"}
    >>> questions = [
    ...     Factor("scale", [Alternative("min-max"), Alternative("z-score", zscore)]),
    ...     Factor("mean", [Alternative("arithmetic"), Alternative("geometric", mean)]),
    ... ]
    >>> found = robustness(base, [[1.0, 9.0], [5.0, 5.0], [9.0, 2.0]], questions)
    >>> found.possible.tolist(), found.choices.tolist()
    ([[True, True], [True, False]], [[0, 0], [0, 1], [1, 0]])
    >>> found.impossible[0].combinations, found.impossible[0].reasons[0][:44]
    (1, 'index: a geometric mean needs scores above 0')
    >>> found.standing.least().tolist(), found.standing.most().tolist()
    ([1.0, 1.0, 1.0], [2.0, 3.0, 2.0])
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite import acceptability, sobol
from shenzhi.calc.composite.acceptability import Standing
from shenzhi.calc.composite.alternatives import (
    Alternative,
    Factor,
    Failure,
    Impossible,
    Prepared,
    Preparing,
    Question,
    Weightings,
    answers,
    chances,
    leaving_out,
    refuse_questions,
    told_apart,
)
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels
from shenzhi.calc.composite.recipe import Built, Recipe, build

__all__ = ["Alternative", "Factor", "Impossible", "Robustness", "Weightings", "leaving_out", "robustness"]

COMBINATIONS = 1_000_000
BLOCK = 1 << 20  # scores computed in one go: they fit the processor's cache, and are worth a call
KEPT = 1 << 24  # scores kept when the caller does not say
CELLS = 1 << 27  # scores of one block that cannot be made smaller: 1 GiB


@dataclass(frozen=True)
class Robustness:
    """What all combinations say. Shapes: "units" stands for (units) or (periods, units).

    `names`, `answers`: of the factors. `possible` (answers of each factor): False where a combination cannot be had;
    `impossible` says why.
    `nominal`: the base recipe as built. `standing`: ranks over all possible combinations, each counted with its
    probability.
    `by_score`, `by_rank` (units, factors): exact Sobol indices of every unit's score and rank. `by_index`: of
    the mean absolute change of rank against the base ((factors), or (periods, factors)).
    `choices` (combinations, factors), `scores` and `ranks` (combinations, units): every possible combination, in the order
    of the factorial with the last factor running fastest; None when they were not kept. When all are possible,
    `scores.reshape(*possible.shape, ...)` is the factorial. A unit without a score has rank NaN."""

    names: tuple[str, ...]
    answers: tuple[tuple[str, ...], ...]
    possible: NDArray[np.bool_]
    impossible: tuple[Impossible, ...]
    nominal: Built
    standing: Standing
    by_score: sobol.Indices
    by_rank: sobol.Indices
    by_index: sobol.Indices
    choices: NDArray[np.intp] | None
    scores: Floats | None
    ranks: Floats | None


def robustness(
    recipe: Recipe,
    x: ArrayLike,
    questions: Sequence[Question],
    *,
    labels: Labels | None = None,
    denominators: Any = None,
    groups: Any = None,
    times: Any = None,
    keep: bool | None = None,
    limit: int = COMBINATIONS,
    threads: int = 2,
) -> Robustness:
    """Every combination of the answers to `questions`, starting from `recipe`, on raw figures `x` (..., units, leaves).

    The other arguments go to `build`. `keep`: whether the scores and ranks of every combination are returned; when not
    said, up to 16 million scores are. The result does not depend on `threads`.

    CompositeError: the questions contradict each other, the base recipe cannot be built, there are more than `limit`
    combinations, or none is possible."""
    refuse_questions(recipe, questions)
    total = math.prod(map(len, questions))
    if total > limit:
        raise CompositeError(
            [
                f"{total:,} combinations are more than {limit:,}: declare fewer alternatives, raise `limit`, or sample them"
            ]
        )
    nominal = build(recipe, x, labels=labels, denominators=denominators, groups=groups, times=times)
    plan = _Plan.of(recipe, nominal, questions)
    rows = nominal.score.size
    keep = total * rows <= KEPT if keep is None else keep
    blocks = plan.blocks(rows)
    parts: list[_Part] = []
    while len(parts) < len(blocks) and not (parts and parts[-1].centre is not None):
        parts.append(plan.block(blocks[len(parts)], keep, None))
    standing, parts[-1] = parts[-1].standing, replace(parts[-1], standing=None)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        centre = parts[-1].centre
        for part in pool.map(lambda one: plan.block(one, keep, centre), blocks[len(parts) :]):
            # counts are as large as units x units: added up as they come, in the order of the blocks
            if part.standing is not None:
                standing = acceptability.joined([_there(standing), part.standing])
            parts.append(replace(part, standing=None))
    return plan.together(parts, standing, nominal, questions)


@dataclass(frozen=True)
class _Part:
    """What one block of combinations gave; its combinations are all of every factor but a stretch of the split one."""

    possible: NDArray[np.bool_]  # (answers...), factors in the order of the plan
    failures: list[Failure]
    centre: Floats | None
    sums: sobol.Sums | None
    standing: Standing | None
    scores: Floats | None  # (units, answers...); what is impossible means nothing
    ranks: Floats | None


@dataclass(frozen=True)
class _Plan:
    """Factors in the order of work: those that change a recipe, then weightings; the longest of these is split."""

    order: tuple[int, ...]  # positions of the factors as the caller listed them
    ways: list[tuple[tuple[int, ...], Prepared | CompositeError]]
    weightings: tuple[Weightings, ...]
    shape: tuple[int, ...]  # answers, in the order of work
    split: int | None  # in the order of work
    probabilities: tuple[Floats, ...] | None
    nominal: Built

    @classmethod
    def of(cls, recipe: Recipe, nominal: Built, questions: Sequence[Question]) -> _Plan:
        changing = [(at, one) for at, one in enumerate(questions) if isinstance(one, Factor)]
        weighing = [(at, one) for at, one in enumerate(questions) if isinstance(one, Weightings)]
        preparing = Preparing(recipe, nominal.given, [one for _, one in changing])
        sizes = [len(one) for _, one in changing]
        ways = [(choice, preparing.prepared(choice)) for choice in np.ndindex(*sizes)]
        longest = max(weighing, key=lambda pair: len(pair[1]), default=None)
        ordered: list[tuple[int, Question]] = [*changing, *weighing]
        uneven = any(one.probabilities is not None for one in questions)
        return cls(
            tuple(at for at, _ in ordered),
            ways,
            tuple(one for _, one in weighing),
            tuple(len(one) for _, one in ordered),
            None if longest is None else [at for at, _ in ordered].index(longest[0]),
            tuple(chances(one) for _, one in ordered) if uneven else None,
            nominal,
        )

    def blocks(self, rows: int) -> list[tuple[int, int]]:
        """Stretches of the answers to the split factor."""
        if self.split is None:
            stretch, count, length = 1, 1, 1
        else:
            length = self.shape[self.split]
            stretch = max(1, BLOCK // max(1, rows * (math.prod(self.shape) // length)))
            count = -(-length // stretch)
        cells = rows * math.prod(self.shape) // max(1, length) * min(stretch, length)
        if rows * self.nominal.score.shape[-1] > CELLS:
            raise CompositeError(
                [f"{rows:,} units are too many to count how often each has which rank; see `many_weightings`"]
            )
        if cells > CELLS:
            raise CompositeError(
                [
                    f"{cells:,} scores would have to be in memory together: declare fewer alternatives, make weights a "
                    "factor of their own (`Weightings`), or sample the combinations"
                ]
            )
        return [(at * stretch, min((at + 1) * stretch, length)) for at in range(count)]

    def block(self, stretch: tuple[int, int], keep: bool, centre: Floats | None) -> _Part:
        """All combinations whose answer to the split factor lies in the stretch."""
        shape = list(self.shape)
        offset = [0] * len(shape)
        if self.split is not None:
            shape[self.split], offset[self.split] = stretch[1] - stretch[0], stretch[0]
        given = self.nominal.given
        before = self.nominal.score
        changing = len(shape) - len(self.weightings)
        chosen = [
            axis.ravel() + start
            for axis, start in zip(np.indices(shape[changing:]), offset[changing:], strict=True)
        ]
        columns = math.prod(shape[changing:])
        scores = np.empty((*before.shape, len(self.ways), columns))
        possible = np.zeros((len(self.ways), columns), dtype=bool)
        failures: list[Failure] = []
        for at, (choice, way) in enumerate(self.ways):
            if isinstance(way, CompositeError):
                failures.append(
                    Failure(tuple(way.faults), columns, (*choice, *(int(one[0]) for one in chosen)))
                )
                continue
            weighed = way.weighed(self.weightings, chosen)
            scores[..., at, :], possible[at] = weighed.score, weighed.possible
            lost = np.flatnonzero(~weighed.possible)
            if len(lost):
                example = [one[lost[0]] for one in chosen]
                reasons = way.reason(
                    way.weights(self.weightings, [[one] for one in example])[0], given.labels
                )
                failures.append(Failure(reasons, len(lost), (*choice, *map(int, example))))
        return self._judged(scores, possible.reshape(shape), failures, stretch, keep, centre)

    def _judged(
        self,
        scores: Floats,
        possible: NDArray[np.bool_],
        failures: list[Failure],
        stretch: tuple[int, int],
        keep: bool,
        centre: Floats | None,
    ) -> _Part:
        if not possible.any():
            return _Part(possible, failures, centre, None, None, None, None)
        base = self.nominal.score
        recipe = self.nominal.recipe
        every = scores.reshape(*base.shape, -1)
        chance = self._chance(possible, stretch)
        there = None if possible.all() else possible.ravel()
        listed = every if there is None else every[..., there]
        weight = None if self.probabilities is None else np.asarray(chance).ravel()[possible.ravel()]
        placed, ahead = acceptability.place(listed, chance=weight, ties=recipe.ties, decimals=recipe.decimals)
        standing = acceptability.counted(placed, ahead, chance=weight, ties=recipe.ties)
        rank = np.where(placed > 0, placed / 2, np.nan)
        change = mean_change(rank, _there(self.nominal.ranks))
        # results (index, scores, ranks) over all combinations; where one is impossible its chance is 0
        rows, periods = base.size, len(change)
        y = np.zeros((periods + 2 * rows, possible.size))
        where = slice(None) if there is None else there
        y[:periods, where] = change
        y[periods : periods + rows, where] = listed.reshape(rows, -1)
        y[periods + rows :, where] = rank.reshape(rows, -1)
        y = y.reshape(len(y), *possible.shape)
        centre = sobol.centre_of(y, chance) if centre is None else centre
        sums = sobol.gathered(y, chance, centre, self.split)
        kept = (y[periods : periods + rows], y[periods + rows :]) if keep else (None, None)
        return _Part(possible, failures, centre, sums, standing, *kept)

    def _chance(self, possible: NDArray[np.bool_], stretch: tuple[int, int]) -> Floats | None:
        probabilities = None
        if self.probabilities is not None:
            probabilities = [
                one[slice(*stretch)] if at == self.split else one for at, one in enumerate(self.probabilities)
            ]
        return sobol.chance_of(possible.shape, probabilities, possible)

    def together(
        self, parts: list[_Part], standing: Standing | None, nominal: Built, questions: Sequence[Question]
    ) -> Robustness:
        """The parts of all blocks as one, factors in the order in which the caller listed them."""
        axis = self.split or 0
        back = np.argsort(self.order)
        possible = np.concatenate([one.possible for one in parts], axis=axis).transpose(back)
        failures = [
            replace(one, choice=tuple(one.choice[at] for at in back))
            for part in parts
            for one in part.failures
        ]
        impossible = told_apart(failures, questions)
        heard = [one for one in parts if one.sums is not None]
        if not heard:
            raise CompositeError(
                ["no combination is possible", *(reason for one in impossible for reason in one.reasons)]
            )
        centre = _there(heard[0].centre)
        found = sobol.solved(sobol.joined([_there(one.sums) for one in heard], self.split), centre)
        rows, shape = nominal.score.size, nominal.score.shape
        periods = rows // max(1, shape[-1])
        scores, placed = (self._kept(parts, name, possible) for name in ("scores", "ranks"))
        return Robustness(
            tuple(one.name for one in questions),
            tuple(answers(one) for one in questions),
            possible,
            impossible,
            nominal,
            _there(standing),
            _of(found, slice(periods, periods + rows), shape, back),
            _of(found, slice(periods + rows, None), shape, back),
            _of(found, slice(0, periods), shape[:-1], back),
            None if scores is None else np.argwhere(possible),
            scores,
            placed,
        )

    def _kept(self, parts: list[_Part], name: str, possible: NDArray[np.bool_]) -> Floats | None:
        """Scores or ranks (combinations, units) of the possible combinations, in the caller's order."""
        units = self.nominal.score.shape
        rows = [getattr(one, name) for one in parts]
        if all(one is None for one in rows):
            return None
        whole = np.concatenate(
            [
                np.zeros((math.prod(units), *part.possible.shape)) if one is None else one
                for one, part in zip(rows, parts, strict=True)
            ],
            axis=1 + (self.split or 0),
        )
        listed = whole.transpose(0, *(1 + np.argsort(self.order)))[:, possible]
        return np.ascontiguousarray(listed.T).reshape(-1, *units)


def mean_change(rank: Floats, before: Floats) -> Floats:
    """The mean absolute change of rank (periods, variants), over the units that have a rank both times."""
    change = np.abs(rank - before[..., None]).reshape(-1, *rank.shape[-2:])
    ranked = ~np.isnan(change)
    count = ranked.sum(axis=-2)
    added = np.where(ranked, change, 0.0).sum(axis=-2)
    return np.divide(added, count, out=np.full(added.shape, np.nan), where=count > 0)


def _of(found: sobol.Indices, rows: slice, shape: tuple[int, ...], order: NDArray[np.intp]) -> sobol.Indices:
    """The indices of some of the results, factors in the caller's order."""
    first, total = (one[rows][:, order].reshape(*shape, len(order)) for one in (found.first, found.total))
    return sobol.Indices(first, total, found.mean[rows].reshape(shape), found.variance[rows].reshape(shape))


def _there(given: Any) -> Any:
    assert given is not None
    return given
