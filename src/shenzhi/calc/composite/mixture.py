"""Two built indices on common ground: the nodes and units of both, and every mixture of the two (article 86).

What `change` needs to take over one ingredient after the other: `Case.players` are the ingredients that differ,
`Case.outcome` builds the index with some of them from after and the rest from before.

    >>> from shenzhi.calc.composite.recipe import build, with_weights
    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 3, 1])
    >>> recipe = Recipe(tree, [Scaling("goalposts", 1, {"posts": (0, 100)})] * 2)
    >>> before, after = build(recipe, [[80.0, 40.0]]), build(with_weights(recipe, {"a": 1.0}), [[80.0, 60.0]])
    >>> case = Case(*placed(before, after, None))
    >>> case.players, case.outcome(frozenset(["weights"])).score[0].tolist()  # new weights, old figures
    (('raw', 'weights'), [60.0, 80.0, 40.0])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shenzhi.calc.composite.compose import Composite
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed
from shenzhi.calc.composite.normalise import NORMALISATIONS, Normalised, Scaling, normalise
from shenzhi.calc.composite.places import borda, prank, rank
from shenzhi.calc.composite.practice import Adjusting
from shenzhi.calc.composite.recipe import Built, Recipe, content, rebuild, resume
from shenzhi.calc.composite.split import Outcome
from shenzhi.calc.composite.tree import Tree

# Named in the order in which a page shows them; `change` says what each means.
INGREDIENTS = (
    "raw", "imputation", "treatment", "denomination", "frame", "normalisation", "coverage", "weights", "aggregation",
    "items", "rounding",
)  # fmt: skip
PLACES = (rank, prank, borda)


@dataclass(frozen=True)
class Side:
    """One end of the change: a built index, and the period of a panel (None: there is no panel)."""

    built: Built
    period: int | None

    def of(self, panel: Any) -> Any:
        """The chosen period of an array over a panel."""
        return panel if self.period is None else panel[self.period]

    @cached_property
    def paths(self) -> list[tuple[str, ...]]:
        """Each node's code after all codes above it; the root has none, so that it may change its name."""
        tree = self.built.recipe.tree
        found: list[tuple[str, ...]] = [()]
        for at in range(1, len(tree.codes)):
            found.append((*found[tree.parent[at]], tree.codes[at]))
        return found


def placed(before: Built, after: Built, periods: tuple[int, int] | None) -> tuple[Side, Side]:
    panels = [built.raw.ndim == 3 for built in (before, after)]
    if all(panels) and periods is not None:
        return Side(before, periods[0]), Side(after, periods[1])
    if any(panels) or periods is not None or any(built.raw.ndim != 2 for built in (before, after)):
        raise CompositeError(
            ["a change is between two tables (units, leaves), or two periods of panels (periods, units, leaves): give "
             "`periods` with panels, and only with them"]
        )  # fmt: skip
    return Side(before, None), Side(after, None)


class Case:
    """Two sides on the nodes and units of both, and every mixture of them."""

    def __init__(self, before: Side, after: Side) -> None:
        self.sides = (before, after)
        trees = [side.built.recipe.tree for side in self.sides]
        paths = list(dict.fromkeys([*before.paths, *after.paths]))
        place = {path: at for at, path in enumerate(paths)}
        # where[side][node]: the node's position in the side's own tree, -1 where it has none
        own = [{path: at for at, path in enumerate(side.paths)} for side in self.sides]
        self.where = np.array([[mine.get(path, -1) for path in paths] for mine in own])
        self._refuse_groups_that_became_leaves(trees, paths)
        codes = [trees[0].codes[0], *(path[-1] for path in paths[1:])]
        # one code at two places: the indicator moved to another group, so it went there and came here
        names = tuple(
            code
            if codes.count(code) == 1
            else f"{code} ({paths[at][-2] if len(paths[at]) > 1 else codes[0]})"
            for at, code in enumerate(codes)
        )
        self.tree = Tree(
            names,
            np.array([-1, *(place[path[:-1]] for path in paths[1:])], dtype=np.intp),
            self._by_node(0, [tree.weight for tree in trees]),
        )
        self.paths = paths
        self._units()
        self._columns()
        self.faults: list[str] = []  # why some units cannot be mixed
        self._prepared: dict[Any, Floats] = {}
        self._scored: dict[Any, Floats] = {}
        self.players = self._players()

    def place(self, node: str | None) -> int:
        if node is None:
            return 0
        if node not in self.tree.codes:
            raise CompositeError(
                [f"no such node on either side: {node}; known are {listed(self.tree.codes)}"]
            )
        return self.tree.codes.index(node)

    def _refuse_groups_that_became_leaves(
        self, trees: Sequence[Tree], paths: Sequence[tuple[str, ...]]
    ) -> None:
        wrong = [
            paths[at][-1] if paths[at] else trees[0].codes[0]
            for at, places in enumerate(self.where.T)
            if (places >= 0).all()
            and len({bool(len(tree.children[here])) for tree, here in zip(trees, places, strict=True)}) == 2
        ]
        if wrong:
            raise CompositeError(
                [
                    f"a group on one side and an indicator on the other: {listed(wrong)}; give one of them another code"
                ]
            )

    def _by_node(self, side: int, given: Sequence[Any]) -> Any:
        """What `side` says of each node, or the other side for a node that this one lacks."""
        picked = [
            given[side][places[side]] if places[side] >= 0 else given[1 - side][places[1 - side]]
            for places in self.where.T
        ]
        return as_floats(picked) if isinstance(given[0], np.ndarray) else picked

    def _units(self) -> None:
        names = [list(map(str, side.built.given.labels.units)) for side in self.sides]
        counts = [side.built.raw.shape[-2] for side in self.sides]
        if all(names) and names[0] != names[1]:
            self.units: Sequence[str] = list(dict.fromkeys([*names[0], *names[1]]))
            twice = [own for own in names if len(set(own)) < len(own)]
            if twice:
                raise CompositeError(
                    ["units with the same name cannot be matched: give each a name of its own"]
                )
            places = [{unit: at for at, unit in enumerate(own)} for own in names]
            self.rows = np.array([[place.get(unit, -1) for unit in self.units] for place in places])
            return
        if counts[0] != counts[1]:
            raise CompositeError(
                [
                    f"{counts[0]} units before and {counts[1]} after: give both sides labels with the names of the units"
                ]
            )
        self.units = names[0] or names[1]
        self.rows = np.tile(np.arange(counts[0]), (2, 1))

    def _columns(self) -> None:
        """For each leaf of both sides its node, and its column on each side (-1 where the side lacks it)."""
        places = []
        for side, where in zip(self.sides, self.where, strict=True):
            tree = side.built.recipe.tree
            column = np.full(len(tree.codes) + 1, -1)
            column[tree.leaves] = np.arange(len(tree.leaves))
            places.append(column[where])
        self.leaves = self.tree.leaves
        self.column = np.array(places)[:, self.leaves]
        self.common = np.flatnonzero((self.column >= 0).all(axis=0))

    def _table(self, side: int, table: NDArray[Any], columns: NDArray[np.intp], nothing: Any = np.nan) -> Any:
        """Columns of one side's table (units, leaves) on the units of both."""
        return self._on_units(side, table[:, self.column[side, columns]], nothing)

    def _players(self) -> tuple[str, ...]:
        """The ingredients that differ and can be taken over one by one."""
        before, after = (side.built for side in self.sides)
        recipes = (before.recipe, after.recipe)
        both: list[int] = np.flatnonzero((self.where >= 0).all(axis=0)).tolist()
        inner = [at for at in both if len(self.tree.children[at])]
        tables = [
            self._table(side, one.of(one.built.raw), self.common) for side, one in enumerate(self.sides)
        ]
        denominators = [one.built.given.denominators for one in self.sides]

        def differs(pairs: Any) -> bool:
            return content(pairs[0]) != content(pairs[1])

        def of(nodes: Sequence[int], values: Sequence[Any]) -> list[list[Any]]:
            return [[values[side][self.where[side, at]] for at in nodes] for side in (0, 1)]

        def plans(name: str) -> list[Any]:
            listed_plans = [self._plan(side, side, name) for side in (0, 1)]
            return [
                [plan[at] for at in self.column[side, self.common]] if isinstance(plan, list) else plan
                for side, plan in enumerate(listed_plans)
            ]

        raw = not np.array_equal(tables[0], tables[1], equal_nan=True) or differs(denominators)
        raw = raw or differs(self._items)  # points are figures, too: they move with the others
        figures = [(recipe.axis, recipe.base) for recipe in recipes]
        panels = [side.built.raw for side in self.sides]
        frames_move = raw or self.sides[0].period != self.sides[1].period or panels[0] is not panels[1]
        found = {
            "raw": raw,
            "denomination": differs(plans("denominating")),
            "imputation": differs(plans("imputing")),
            "treatment": differs(plans("treating")),
            "frame": (frames_move and self._frames_differ()) or differs(figures),
            "normalisation": differs([self._scalings(side) for side in (0, 1)]),
            "coverage": len(both) < len(self.tree.codes)
            or recipes[0].unit_threshold != recipes[1].unit_threshold
            or differs(of(inner, [recipe.node_thresholds for recipe in recipes]))
            or differs(of(inner, [_fewest(recipe) for recipe in recipes])),
            "weights": differs(of(both[1:], [recipe.tree.weight for recipe in recipes])),
            "aggregation": differs(of(inner, [recipe.node_aggregations for recipe in recipes])),
            "rounding": differs(of(both, [recipe.node_roundings for recipe in recipes])),
        }
        # items move with the raw figures, and are told apart by `split`
        return tuple(name for name in INGREDIENTS if found.get(name))

    @cached_property
    def _items(self) -> list[dict[int, Adjusting]]:
        """What the items of each side's nodes count, by node. Points that are missing beside no score count nothing."""
        found: list[dict[int, Adjusting]] = [{}, {}]
        for side, one in enumerate(self.sides):
            tree, shape = one.built.recipe.tree, one.built.raw.shape[:-1]
            for code, rule in one.built.given.items.items():
                points = []
                for item in rule.items:
                    own = one.of(np.broadcast_to(as_floats(item.points), shape))
                    points.append(np.nan_to_num(self._on_units(side, own[:, None])[:, 0]))
                place = int(np.flatnonzero(self.where[side] == tree.codes.index(code))[0])
                pairs = zip(rule.items, points, strict=True)
                found[side][place] = replace(
                    rule, items=tuple(replace(item, points=given) for item, given in pairs)
                )
        return found

    def _scalings(self, side: int) -> list[Scaling]:
        return [self.sides[side].built.recipe.scalings[at] for at in self.column[side, self.common]]

    def _frames_differ(self) -> bool:
        """Whether the figures that the normalisations used are others: fixed posts alone make no frame."""
        used = []
        for side, one in enumerate(self.sides):
            normalised = _there(one.built.normalised)
            figures = {}
            for name, figure in normalised.used.items():
                whole = np.broadcast_to(figure, (*one.built.raw.shape[:-2], *figure.shape[-2:]))
                figures[name] = one.of(whole)[..., self.column[side, self.common]]
            used.append(figures)
        return content(used[0]) != content(used[1])

    def _plan(self, side: int, of: int, name: str) -> Any:
        """The plan of side `of` for the leaves of `side`; a leaf that `of` lacks keeps its own plan."""
        own, taken = (getattr(self.sides[one].built.recipe, name) for one in (side, of))
        if not isinstance(taken, (list, tuple)):
            return taken
        count = len(self.sides[side].built.recipe.leaves)
        plan = list(own) if isinstance(own, (list, tuple)) else [own] * count
        for mine, theirs in zip(self.column[side, self.common], self.column[of, self.common], strict=True):
            plan[mine] = taken[theirs]
        return plan

    def names(self, player: str, cause: str) -> list[tuple[str, NDArray[np.bool_]]]:
        """What a part found by `split`, when `player` was taken over, is called, and at which cells."""
        everywhere = np.ones((len(self.rows[0]), len(self.tree.codes)), dtype=bool)
        if cause in ("items", "rounding"):
            return [(cause, everywhere)]
        if player == "raw" and cause == "scores":
            return self._cells
        if player == "raw":
            return [("frame" if cause == "others" else cause, everywhere)]
        if player == "normalisation" and cause == "scores":
            return self._methods
        return [(player, everywhere)]

    def names_unmixed(self, cause: str) -> list[tuple[str, NDArray[np.bool_]]]:
        """The same where only the two ends were compared: scores go to the first ingredient that can have moved them."""
        movers = ("raw", "normalisation", "frame", "treatment", "imputation", "denomination")
        first = next((name for name in movers if name in self.players), "raw")
        return self.names(first if cause == "scores" else "raw", cause)

    @cached_property
    def _cells(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """Cells that were filled in, treated, or neither, on one side or the other."""
        filled, treated = (np.zeros((len(self.rows[0]), len(self.tree.codes)), dtype=bool) for _ in range(2))
        common = self.leaves[self.common]
        for side, one in enumerate(self.sides):
            filled[:, common] |= self._table(side, one.of(one.built.imputed_cells), self.common, False)
            treated[:, common] |= self._table(side, one.of(one.built.treated_cells), self.common, False)
        return [("imputation", filled), ("treatment", treated & ~filled), ("raw", ~filled & ~treated)]

    @cached_property
    def _methods(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """Where the method of normalisation is another; elsewhere only its figures are."""
        other = np.zeros((1, len(self.tree.codes)), dtype=bool)
        pairs = zip(*(self._scalings(side) for side in (0, 1)), strict=True)
        other[0, self.leaves[self.common]] = [one.method != two.method for one, two in pairs]
        return [("normalisation", other), ("frame", ~other)]

    def outcome(self, moved: frozenset[str]) -> Outcome:
        """The index in which the ingredients named come from after, and all others from before."""
        side = {name: int(name in moved) for name in INGREDIENTS}
        recipes = [one.built.recipe for one in self.sides]
        shape = (len(self.rows[0]), len(self.leaves))
        scores = np.full(shape, np.nan)
        for one in (0, 1):  # a leaf of one side only is scored as there
            alone = np.flatnonzero((self.column[one] >= 0) & (self.column[1 - one] < 0))
            scores[:, alone] = self._table(
                one, self.sides[one].of(_there(self.sides[one].built.normalised).score), alone
            )
        scores[:, self.common] = self._scores(side)
        kept = np.flatnonzero(self.where[side["coverage"]] >= 0)
        weight = self._by_node(side["weights"], [recipe.tree.weight for recipe in recipes])
        aggregations = self._by_node(side["aggregation"], [recipe.node_aggregations for recipe in recipes])
        thresholds = self._by_node(side["coverage"], [recipe.node_thresholds for recipe in recipes])
        fewest = self._by_node(side["coverage"], [_fewest(recipe) for recipe in recipes])
        rounding = self._by_node(side["rounding"], [recipe.node_roundings for recipe in recipes])
        place = np.cumsum(self.where[side["coverage"]] >= 0) - 1
        tree = Tree(
            tuple(self.tree.codes[at] for at in kept),
            np.array([-1, *(place[self.tree.parent[at]] for at in kept[1:])], dtype=np.intp),
            weight[kept],
        )
        columns = np.searchsorted(self.leaves, kept[tree.leaves])
        recipe = Recipe(
            tree,
            [recipes[0].scalings[0]] * len(columns),  # not read: the scores are there already
            aggregations=[aggregations[at] for at in kept],
            thresholds=as_floats([thresholds[at] for at in kept]),
            child_thresholds=as_floats([fewest[at] for at in kept]),
            rounding=[rounding[at] for at in kept],
        )
        items = {}
        for at in kept.tolist():
            # a node of one side only has its items from there
            with_points = self._items[side["raw"] if self.where[side["raw"], at] >= 0 else 1 - side["raw"]]
            if at in with_points:
                items[self.tree.codes[at]] = with_points[at]
        published = self._composed(recipe, scores[:, columns], items)

        def spread(narrow: Floats) -> Floats:
            wide = np.full((len(self.tree.codes), shape[0]), np.nan).T
            wide[:, kept] = narrow
            return wide

        points = spread(published.adjustment) if items else None
        if published.exact is published.score:
            return Outcome(spread(published.score), weight, aggregations, items=points)
        rounds = spread(published.exact), spread(published.score)
        return Outcome(spread(published.carried), weight, aggregations, *rounds, points)

    def _composed(self, recipe: Recipe, scores: Floats, items: Mapping[str, Adjusting]) -> Composite:
        """The tree over leaf scores; a unit whose scores lie too low for its means has none, and the fault is kept.

        That happens in mixtures only: a figure far below the frame it is lent scores under 0."""
        labels = Labels(recipe.leaves, self.units)
        given = replace(self.sides[0].built.given, x=scores, labels=labels, items=items)
        try:
            whole = Built(recipe, given, normalised=Normalised(scores, np.zeros(scores.shape, np.int8)))
            return resume(whole, recipe, after="normalise", upto="round").published
        except CompositeError as error:
            low = np.asarray((scores <= 0).any(axis=-1))
            if not low.any():
                raise
            self.faults += error.faults
            return self._composed(recipe, np.where(low[:, None], np.nan, scores), items)

    def _scores(self, side: Mapping[str, int]) -> Floats:
        """Scores of the leaves that both sides have (units, leaves); mixtures that differ only above them share these."""
        names = ("raw", "frame", "normalisation", "denomination", "imputation", "treatment", "coverage")
        key = tuple(side[name] for name in names)
        if key not in self._scored:
            self._scored[key] = self._scored_by(side)
        return self._scored[key]

    def _scored_by(self, side: Mapping[str, int]) -> Floats:
        """Figures of one side on the frame of one side."""
        figures, frame = side["raw"], side["frame"]
        if "frame" not in self.players:
            frame = figures
        elif "raw" not in self.players:
            figures = frame
        scalings = self._scalings(side["normalisation"])
        # A place is a place among the units that are compared: it has no frame apart from the figures.
        placed = np.array([NORMALISATIONS[scaling.method] in PLACES for scaling in scalings], dtype=bool)
        own = np.flatnonzero(placed | (figures == frame))
        lent = np.flatnonzero(~placed & (figures != frame))
        scores = np.full((len(self.rows[0]), len(self.common)), np.nan)
        one = self.sides[figures]
        if len(own):
            recipe = one.built.recipe
            done = normalise(
                self._treated(figures, side)[..., self.column[figures, self.common[own]]],
                [scalings[at] for at in own],
                axis=recipe.axis,
                base=recipe.base,
                labels=self._labels(figures, own),
            )
            scores[:, own] = self._on_units(figures, one.of(done.score))
        if len(lent):
            mine = one.of(self._treated(figures, side))[:, self.column[figures, self.common[lent]]]
            panel = self._treated(frame, side)[..., self.column[frame, self.common[lent]]]
            lent_scores = self._on_frame(
                mine, panel, frame, [scalings[at] for at in lent], self._labels(figures, lent)
            )
            scores[:, lent] = self._on_units(figures, lent_scores)
        return scores

    def _on_frame(
        self, mine: Floats, panel: Floats, frame: int, scalings: Sequence[Scaling], labels: Labels
    ) -> Floats:
        """Scores of the figures `mine` (units, leaves) as if they stood beside the frame of one side."""
        one = self.sides[frame]
        recipe = one.built.recipe
        periods = panel if panel.ndim == 3 else panel[None]
        if one.period is not None and recipe.base is None and isinstance(recipe.axis, int):
            periods = periods[one.period][None]  # each period is a frame by itself
        stacked = np.full((len(periods) + 1, max(periods.shape[1], len(mine)), mine.shape[1]), np.nan)
        stacked[:-1, : periods.shape[1]] = periods
        stacked[-1, : len(mine)] = mine
        base = range(len(periods)) if recipe.base is None else recipe.base
        score = normalise(stacked, scalings, axis=(-3, -2), base=base, labels=labels).score
        return score[-1, : len(mine)]

    def _labels(self, side: int, columns: NDArray[np.intp]) -> Labels:
        given = self.sides[side].built.given.labels
        return Labels(
            [self.tree.codes[at] for at in self.leaves[self.common[columns]]], given.units, given.frames
        )

    def _on_units(self, side: int, table: NDArray[Any], nothing: Any = np.nan) -> Any:
        """One side's table (units, ...) on the units of both; `nothing` for a unit it lacks."""
        return np.where((self.rows[side] >= 0)[:, None], table[self.rows[side]], nothing)

    def _treated(self, one: int, side: Mapping[str, int]) -> Floats:
        """The figures of side `one` that enter normalisation, by the plans of the sides chosen."""
        names = {"denominating": "denomination", "imputing": "imputation", "treating": "treatment"}
        chosen = (*(side[step] for step in names.values()), side["coverage"])
        built = self.sides[one].built
        if (one, chosen) not in self._prepared:
            plans = {name: self._plan(one, side[step], name) for name, step in names.items()}
            threshold = self.sides[side["coverage"]].built.recipe.unit_threshold
            recipe = replace(built.recipe, **plans, unit_threshold=threshold)
            self._prepared[one, chosen] = _there(rebuild(built, recipe).treated)
        return self._prepared[one, chosen]


def _fewest(recipe: Recipe) -> Floats:
    """The least share of children, for each node."""
    return np.broadcast_to(as_floats(recipe.child_thresholds), (len(recipe.tree.codes),))


def _there(made: Any) -> Any:
    if made is None:
        raise CompositeError(["a side was not built to its end: build it without `upto`"])
    return made
