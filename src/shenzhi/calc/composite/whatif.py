"""What if a figure, a weight or a goalpost were another: new scores and ranks at once, for every unit (article 86).

A `WhatIf` is a view of a built index. Each change gives a new view; changes are chained, and the index as it was built
stays as it is. Only what can move is worked out again: the one indicator, and the groups on the way from it to the index.
The answer is that of a full rebuild (within 1e-12: sums run over the children in the same order, but weights are divided
by their sum at the end). A figure that was or becomes an extreme of what was observed moves the frame, and with it the
scores of all units on this indicator: that is worked out, not assumed.

The other way round: `value_for_score` and `value_for_rank` give the figure that would bring a unit there.

    >>> from shenzhi.calc.composite.normalise import Scaling
    >>> from shenzhi.calc.composite.recipe import build
    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
    >>> posts = Scaling("goalposts", 1, {"posts": (0, 100)})
    >>> view = WhatIf.of(build(Recipe(tree, [posts] * 2), [[80.0, 40.0], [60.0, 90.0]]))
    >>> view.score.tolist(), view.ranks.tolist()
    ([70.0, 67.5], [1.0, 2.0])
    >>> moved = view.weight("a", 1.0).value(0, "b", 60.0)
    >>> moved.score.tolist(), moved.ranks.tolist(), moved.rank_change.tolist()
    ([70.0, 75.0], [2.0, 1.0], [1.0, -1.0])
    >>> view.value_for_score(0, "b", 75.0), round(view.value_for_rank(1, "a", 1), 9)  # (3 * a + 90) / 4 = 70
    (60.0, 63.333333333)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from shenzhi.calc.composite.impute import looks_across
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, listed
from shenzhi.calc.composite.nearest import nearest
from shenzhi.calc.composite.normalise import Normalised, Scaling
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.recipe import Built, Recipe, build, resume, with_weights, without
from shenzhi.calc.composite.regroup import Kept, Regroup, Rows, joined
from shenzhi.calc.composite.rounding import rounded
from shenzhi.calc.composite.tree import Tree

FEW = 0.02  # up to this share of units the moved ones are worked out one by one, and the others left alone


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Arrays are (..., units), of the index unless a node is named. Units are named by label or position; in a panel a
    figure also needs its period.

    `built`: the index as it was. `weight_of` (nodes): weights now, 0 for a node left out. `scalings`, `figures`: now;
    `scores`, `coverages`: by node, as its parent takes them (None: whole coverage). `kept`: what serves the next change."""

    built: Built
    weight_of: Floats
    scalings: tuple[Scaling, ...]
    figures: Mapping[int, Floats]
    scores: tuple[Floats, ...]
    coverages: tuple[Floats | None, ...]
    kept: Kept

    @classmethod
    def of(cls, built: Built) -> WhatIf:
        """The view of a built index before any change."""
        composite, tree = built.published, built.recipe.tree
        scores, coverages = [], []
        for at in range(len(tree.codes)):
            score = np.ascontiguousarray(composite.carried[..., at])
            gaps = np.isnan(score)
            coverage = composite.covered.get(at, ~gaps) * 1.0
            scores.append(score)
            coverages.append(None if (coverage == 1).all() else coverage)
        return cls(
            built, tree.weight, tuple(built.recipe.scalings), {}, tuple(scores), tuple(coverages), Kept()
        )

    # What the view shows.

    @property
    def score(self) -> Floats:
        return self.node(self._tree.codes[0])

    def node(self, code: str) -> Floats:
        """The published scores of a node (..., units)."""
        at = self._place(code)
        policy = self.built.recipe.node_roundings[at]
        return self.scores[at] if policy is None else rounded(self.scores[at], policy.decimals, policy.rule)

    @cached_property
    def ranks(self) -> Floats:
        """Ranks of the index, by the recipe's rule."""
        return ranks(self.score, ties=self.built.recipe.ties, decimals=self.built.recipe.decimals)

    @property
    def change(self) -> Floats:
        """The index now less the index as built."""
        return self.score - self.built.score

    @property
    def rank_change(self) -> Floats:
        """Ranks now less ranks as built: below 0 is a rise."""
        assert self.built.ranks is not None
        return self.ranks - self.built.ranks

    @property
    def weights(self) -> dict[str, float]:
        """The weights of the nodes right under the index."""
        return {self._tree.codes[at]: float(self.weight_of[at]) for at in self._tree.children[0]}

    @property
    def recipe(self) -> Recipe:
        """The recipe as it is now; nodes of weight 0 are left out of it."""
        here = replace(self.built.recipe, scalings=self.scalings)
        codes = self._tree.codes
        kept = {codes[at]: float(self.weight_of[at]) for at in range(1, len(codes)) if self.weight_of[at] > 0}
        out = [codes[at] for at in range(1, len(codes)) if self.weight_of[at] == 0]
        here = with_weights(here, kept)
        return without(here, *out) if out else here

    @property
    def raw(self) -> Floats:
        """The figures as they are now (..., units, leaves)."""
        raw = self.built.raw.copy() if self.figures else self.built.raw
        for leaf, column in self.figures.items():
            raw[..., leaf] = column
        return raw

    def rebuilt(self) -> Built:
        """The index built wholly anew with all changes: what the view must agree with."""
        whole, recipe = replace(self.built.recipe, scalings=self.scalings), self.recipe
        given = replace(self.built.given, x=self.raw)
        done = resume(Built(whole, given), whole, upto="normalise", after=None)
        if len(recipe.leaves) < len(whole.leaves):
            kept = [whole.leaves.index(code) for code in recipe.leaves]
            normalised = done.normalised
            assert normalised is not None
            labels = Labels(recipe.leaves, given.labels.units, given.labels.frames)
            done = Built(
                recipe,
                replace(given, x=given.x[..., kept], labels=labels),
                normalised=Normalised(normalised.score[..., kept], normalised.capped[..., kept]),
            )
        return resume(done, recipe, after="normalise")

    # Changes; each gives a new view.

    def weight(self, node: str, value: float) -> WhatIf:
        """One node's weight, which counts among its siblings; 0 leaves the node out of the mean
        (its figures still count where units are screened or figures filled in)."""
        return self.weighted({node: value})

    def weighted(self, weights: Mapping[str, float]) -> WhatIf:
        """Several weights at once."""
        weight = self.weight_of.copy()
        wrong = []
        for code, value in weights.items():
            if not (math.isfinite(value) and value >= 0):
                wrong.append(f"{code} ({value:g})")
            weight[self._place(code)] = value
        if wrong:
            raise CompositeError([f"weights must be 0 or more: {listed(wrong)}; 0 leaves a node out"])
        parents = {int(self._tree.parent[self._place(code)]) for code in weights} - {-1}
        for parent in parents:
            if not (weight[self._tree.children[parent]] > 0).any():
                raise CompositeError(
                    [f"{self._tree.codes[parent]}: all weights under it are 0; leave at least one above 0"]
                )
        return replace(self, weight_of=weight)._carried({}, dict.fromkeys(parents, None))

    def value(self, unit: str | int, indicator: str, value: float, period: str | int | None = None) -> WhatIf:
        """One figure, in the indicator's own unit; NaN takes it away."""
        leaf, place = self._leaf(indicator), self._unit(unit, period)
        return self._with_figure(leaf, place, value)

    def scaling(self, indicator: str, scaling: Scaling) -> WhatIf:
        """Another way of normalising one indicator."""
        leaf = self._leaf(indicator)
        scalings = (*self.scalings[:leaf], scaling, *self.scalings[leaf + 1 :])
        return replace(self, scalings=scalings)._rescaled(leaf)

    def posts(self, indicator: str, low: float, high: float) -> WhatIf:
        """Other goalposts for one indicator, low < high in its own unit."""
        now = self.scalings[self._leaf(indicator)]
        return self.scaling(indicator, replace(now, parameters={**now.parameters, "posts": (low, high)}))

    # Which figure would bring a unit there.

    def value_for_score(
        self, unit: str | int, indicator: str, score: float, period: str | int | None = None
    ) -> float | None:
        """The figure of this indicator at which the unit's index is `score`, the nearest one to its present figure.

        None where no figure brings it there, because the indicator weighs too little or its score is held at an end.
        Exact where the score is linear in the figure; elsewhere to the last digit of the figure, by halving."""
        leaf, place = self._leaf(indicator), self._unit(unit, period)

        def at(value: float) -> float:
            return self._score_with(leaf, place, value)

        return nearest(self._start(leaf, place), self._reach(leaf), at, score)

    def value_for_rank(
        self, unit: str | int, indicator: str, rank: int, period: str | int | None = None
    ) -> float | None:
        """The figure of this indicator, nearest to the present one, at which the unit's rank is `rank` or beyond it,
        seen from where it is now; None where no figure brings it there. Others stay as they are, except where the figure
        moves the frame."""
        leaf, place = self._leaf(indicator), self._unit(unit, period)

        def at(value: float) -> float:
            return -self._rank_with(leaf, place, value)

        return nearest(self._start(leaf, place), self._reach(leaf), at, -float(rank), linear=False)

    # How it is worked out.

    @property
    def _tree(self) -> Tree:
        return self.built.recipe.tree

    def _place(self, code: str) -> int:
        if code not in self._tree.codes:
            raise CompositeError([f"no such node: {code}; known are {listed(self._tree.codes)}"])
        return self._tree.codes.index(code)

    def _leaf(self, code: str) -> int:
        leaves = self.built.recipe.leaves
        if code not in leaves:
            raise CompositeError([f"no such indicator: {code}; known are {listed(leaves)}"])
        return leaves.index(code)

    def _unit(self, unit: str | int, period: str | int | None) -> tuple[int, ...]:
        """The position (..., unit) of a figure."""
        labels, shape = self.built.given.labels, self.built.raw.shape[:-1]
        if (period is None) != (len(shape) == 1):
            raise CompositeError(["a figure of a panel needs its period, and only that: give `period`"])
        asked = [(unit, labels.units, shape[-1], "unit")]
        if period is not None:
            asked.insert(0, (period, labels.frames, shape[0], "period"))
        return tuple(_position(*one) for one in asked)

    def _column(self, leaf: int) -> Floats:
        return self.figures.get(leaf, self.built.raw[..., leaf])

    def _with_figure(self, leaf: int, place: tuple[int, ...], value: float) -> WhatIf:
        if math.isinf(value):
            raise CompositeError([f"{self.built.recipe.leaves[leaf]}: an infinite figure has no score"])
        column = self._column(leaf).copy()
        column[place] = value
        return replace(self, figures={**self.figures, leaf: column})._rescaled(leaf)

    @property
    def _by_column(self) -> bool:
        """Whether every step before normalisation takes each indicator by itself."""
        recipe = self.built.recipe
        return not recipe.unit_threshold and not looks_across(recipe.imputing)

    def _rescaled(self, leaf: int) -> WhatIf:
        """Scores of the leaves that a new figure or scaling of `leaf` can move, and all above them."""
        moved = self._leaf_scores(leaf)
        changed: dict[int, Floats] = {}
        touched: dict[int, Rows] = {}
        work = self._work(self.kept)
        for column, given in moved.items():
            node = int(self._tree.leaves[column])
            scores = work.settled(node, given)
            differs = ~((scores == self.scores[node]) | (np.isnan(scores) & np.isnan(self.scores[node])))
            rows = np.nonzero(differs)
            if len(rows[0]):
                changed[node] = scores
                few = len(rows[0]) <= max(1, FEW * scores.size)
                parent = int(self._tree.parent[node])
                touched[parent] = joined(touched.get(parent, rows), rows) if few else None
        return self._carried(changed, touched)

    def _leaf_scores(self, leaf: int) -> dict[int, Floats]:
        """New scores (..., units) of the columns that can have moved."""
        recipe, given = self.built.recipe, self.built.given
        if not self._by_column:
            whole = resume(
                Built(replace(recipe, scalings=self.scalings), replace(given, x=self.raw)),
                replace(recipe, scalings=self.scalings),
                upto="normalise",
                after=None,
            ).normalised
            assert whole is not None
            return {at: whole.score[..., at] for at in range(len(recipe.leaves))}
        code = recipe.leaves[leaf]

        def of(plan: Any) -> Any:
            return (plan[leaf],) if isinstance(plan, (list, tuple)) else plan

        alone = Recipe(
            Tree.of([(f"of {code}", ""), (code, f"of {code}")], [1.0, 1.0]),
            (self.scalings[leaf],),
            denominating=of(recipe.denominating),
            unusable=recipe.unusable,
            imputing=of(recipe.imputing),
            treating=of(recipe.treating),
            axis=recipe.axis,
            base=recipe.base,
        )
        done = build(
            alone,
            self._column(leaf)[..., None],
            labels=Labels([given.labels.indicator(leaf)], given.labels.units, given.labels.frames),
            denominators=given.denominators,
            groups=given.groups,
            times=given.times,
            upto="normalise",
        ).normalised
        assert done is not None
        return {leaf: np.ascontiguousarray(done.score[..., 0])}

    def _work(self, kept: Kept) -> Regroup:
        given = self.built.given
        return Regroup(self.built.recipe, given.labels, self.weight_of, kept, given.items)

    def _carried(self, changed: Mapping[int, Floats], touched: Mapping[int, Rows]) -> WhatIf:
        """The view with new leaf scores, and every group above a touched one worked out again."""
        scores, coverages, kept = list(self.scores), list(self.coverages), self.kept.copy()
        due = dict(touched)
        for node, score in changed.items():
            scores[node] = score
            gaps = np.isnan(score)
            coverages[node] = (~gaps).astype(np.float64) if gaps.any() else None
            kept.forget(node, int(self._tree.parent[node]))
        work = self._work(kept)
        for group in self._tree.groups.tolist():  # children before parents
            if group not in due:
                continue
            rows = work.moved(group, due[group])
            scores[group], coverages[group] = work.group(group, rows, scores, coverages)
            parent = int(self._tree.parent[group])
            kept.forget(group, parent)
            if parent >= 0:
                due[parent] = joined(due[parent], rows) if parent in due else rows
        moved = [node for node, score in enumerate(scores) if score is not self.scores[node]]
        self.kept.learn(kept, moved, {int(self._tree.parent[node]) for node in moved})
        return replace(self, scores=tuple(scores), coverages=tuple(coverages), kept=kept)

    def _score_with(self, leaf: int, place: tuple[int, ...], value: float) -> float:
        """The unit's index if its figure were `value`."""
        return float(self._with_figure(leaf, place, value).score[place])

    def _rank_with(self, leaf: int, place: tuple[int, ...], value: float) -> float:
        """The unit's rank if its figure were `value`."""
        recipe, view = self.built.recipe, self._with_figure(leaf, place, value)
        if recipe.ties != "min":
            return float(view.ranks[place])
        among = view.score[place[:-1]]
        among = among if recipe.decimals is None else np.round(among, recipe.decimals)
        own = among[place[-1]]
        return math.nan if math.isnan(own) else 1.0 + int((among > own).sum())

    def _start(self, leaf: int, place: tuple[int, ...]) -> float:
        """Where a search begins: the unit's figure, or the middle of those of its period where it has none."""
        column = self._column(leaf)
        own = float(column[place])
        return float(np.nanmedian(column[place[:-1]])) if math.isnan(own) else own

    def _reach(self, leaf: int) -> float:
        """How far a search looks at first: the spread of the figures."""
        column = self._column(leaf)
        spread = float(np.nanmax(column) - np.nanmin(column))
        return spread if spread > 0 else max(1.0, float(np.nanmax(np.abs(column))))


def _position(given: str | int, names: Sequence[str], count: int, what: str) -> int:
    if isinstance(given, str):
        if given not in names:
            raise CompositeError([f"no such {what}: {given}; give one of its labels, or its position"])
        return list(names).index(given)
    if not -count <= given < count:
        raise CompositeError([f"{what} {given} is not one of the {count}"])
    return given % count
