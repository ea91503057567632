"""Why a published score moved from one period or edition to another: a bill by ingredient that adds up (article 86).

Both sides are computed again from their own folders (method and series), and the engine divides the difference of any
node's score, for every area, among what moved it: figures, estimates, outliers, scale, coverage, weights, rules, items, rounding.
What the program of today would publish otherwise than the one of then is a line of its own, so the bill always reaches the
two figures that were published.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shenzhi.calc.composite.change import Explanation, explain
from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.mixture import INGREDIENTS
from shenzhi.calc.composite.overtaking import RankMove, overtakings
from shenzhi.calc.composite.recipe import Built, build
from shenzhi.calc.composite.split import COMPARED, Outcome, split
from shenzhi.calc.composite.tree import Tree
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import MethodError
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.recipe import built_of
from shenzhi.pipeline.index.scope import IndexFault, Scope, cube_of

PROGRAM = "program"
# Two runs of one arithmetic differ by less; more than this is another program's answer.
SAME = 1e-9


@dataclass(frozen=True)
class Line:
    """What one ingredient did to a score: `amount`, and of it what came in at each node, the largest first."""

    ingredient: str
    amount: float
    nodes: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Bill:
    """The way from the score published `before` to the one published `now`: before + the lines = now, within 1e-12 of it.

    `mixed`: False where the steps between the two sides cannot be computed (`faults` of the `Explained` say why), so that
    everything that moved scores of indicators stands in one line."""

    area: str
    before: float
    now: float
    lines: tuple[Line, ...]
    mixed: bool

    @property
    def difference(self) -> float:
        return self.now - self.before

    def amount(self, ingredient: str) -> float:
        """What an ingredient did; 0 where it did nothing."""
        return next((line.amount for line in self.lines if line.ingredient == ingredient), 0.0)


@dataclass(frozen=True)
class Side:
    """One end of a change: an edition and one of its periods. Sides of the same edition and period are equal."""

    publication: Publication
    period: str

    @cached_property
    def built(self) -> Built:
        return built(self.publication)

    @property
    def place(self) -> int:
        return self.publication.periods().index(self.period)

    def figures(self, area: str) -> dict[str, float]:
        """The figures of an area as given, by indicator; those that are missing are not among them."""
        units = list(self.built.given.labels.units)
        if area not in units:
            return {}
        row = self.built.raw[self.place, units.index(area)].tolist()
        return {
            code: value for code, value in zip(self.built.recipe.leaves, row, strict=True) if value == value
        }


class Explained:
    """The change of one node's score between two sides, for every area. `node` is its code on the side of now."""

    def __init__(self, before: Side, now: Side, node: str, explanation: Explanation) -> None:
        self.before, self.now, self.node = before, now, node
        self.explanation = explanation
        self._units = {unit: at for at, unit in enumerate(explanation.units)}

    @property
    def faults(self) -> tuple[str, ...]:
        """Why some steps between the two sides could not be computed."""
        return self.explanation.faults

    @cached_property
    def published(self) -> tuple[dict[str, float], dict[str, float]]:
        """The published scores of the node by area, on both sides."""
        root = self.node == self.now.publication.method.root.code
        found = []
        for side in (self.before, self.now):
            # the root is the root, whatever it is called
            code = side.publication.method.root.code if root else self.node
            scores = side.publication.scores(node=code, period=side.period)
            found.append({one.area: one.score for one in scores if one.score is not None})
        return found[0], found[1]

    @property
    def ingredients(self) -> tuple[str, ...]:
        """The ingredients that moved the score of any area, in the order in which a page shows them."""
        moved = tuple(self.explanation.parts)
        return (*moved, PROGRAM) if any(abs(one) > SAME for one in self._program.values()) else moved

    @cached_property
    def _program(self) -> dict[str, float]:
        """By area, how much of the published change is not in the change computed today."""
        first, last = self.published
        found = self.explanation
        return {
            area: (last[area] - first[area]) - float(found.after[at] - found.before[at])
            for area, at in self._units.items()
            if area in first and area in last and found.standing[at] == COMPARED
        }

    def bill(self, area: str) -> Bill | None:
        """The bill of an area; None where it has no published score on one side."""
        if area not in self._program:
            return None
        at = self._units[area]
        codes = self.explanation.tree.codes
        lines = []
        for name, part in self.explanation.parts.items():
            moved = [(codes[node], float(part[at, node])) for node in np.flatnonzero(part[at])]
            if moved:
                moved.sort(key=lambda one: (-abs(one[1]), one[0]))
                lines.append(Line(name, math.fsum(amount for _, amount in moved), tuple(moved)))
        if abs(self._program[area]) > SAME:
            lines.append(Line(PROGRAM, self._program[area], ()))
        first, last = self.published
        return Bill(area, first[area], last[area], tuple(lines), bool(self.explanation.mixed[at]))

    def move(self, area: str, among: Sequence[str]) -> RankMove | None:
        """Why the rank of an area among some moved; positions of the answer are those in `among`. None where the area is
        not one of them."""
        if area not in among or area not in self._units:
            return None
        rows = [self._units.get(one, -1) for one in among]
        here = np.array(rows) >= 0
        whole = self.explanation
        few = replace(
            whole,
            before=np.where(here, whole.before[rows], np.nan),
            after=np.where(here, whole.after[rows], np.nan),
            parts={name: part[rows] for name, part in whole.parts.items()},
            remainder=whole.remainder[rows],
            standing=whole.standing[rows],
            share=whole.share[rows],
            units=tuple(among),
            mixed=whole.mixed[rows],
        )
        return overtakings(few, area, decimals=self.now.publication.method.decimals)

    def title(self, code: str) -> Words:
        """The name of a node of either side; one that moved says in which group it stood or stands."""
        nodes = [side.publication.method.nodes for side in (self.now, self.before)]
        known = next((found[code].title for found in nodes if code in found), None)
        if known is not None:
            return known
        own, _, group = code.removesuffix(")").partition(" (")
        inner, outer = (
            next((found[one].title for found in nodes if one in found), Words(one, one))
            for one in (own, group)
        )
        return Words(f"{inner.zh}（{outer.zh}）", f"{inner.en} ({outer.en})")


def explain_periods(publication: Publication, before: str, now: str, node: str = "") -> Explained:
    """The change of a node's score (the index unless named) between two periods of one edition.

    IndexFault where the edition cannot be computed again, or has no such node."""
    return _explained(publication, before, publication, now, node)


def explain_versions(old: Publication, new: Publication, period: str, node: str = "") -> Explained:
    """The change of a node's score in one period between two editions; the index unless `node` names another.

    IndexFault where one of them cannot be computed again, or the two cannot be compared."""
    return _explained(old, period, new, period, node)


@lru_cache(maxsize=32)
def _explained(old: Publication, before: str, new: Publication, now: str, node: str) -> Explained:
    sides = (Side(old, before), Side(new, now))
    for side in sides:
        if side.period not in side.publication.periods():
            raise IndexFault([f"{side.publication.edition} has no period {side.period}"])
    root = new.method.root.code
    named = None if node in ("", root) else node
    periods = (sides[0].place, sides[1].place)
    try:
        if old is new and new.method.frame != "period":
            found = _on_one_scale(sides[0].built, periods, named)
        else:
            ends = [_alone(_lent(side, sides), side.place) for side in sides]
            (one, at), (other, then) = ends
            found = explain(one, other, named, (at, then))
    except CompositeError as error:
        raise IndexFault(error.faults) from error
    return Explained(*sides, node or root, found)


@lru_cache(maxsize=4)
def built(publication: Publication) -> Built:
    """The steps of an edition, computed again from its own method and series. IndexFault where that cannot be done."""
    columns = ["indicator", "area", "period", "value", "status", "current"]
    try:
        method = publication.method
    except MethodError as error:
        raise IndexFault(error.faults) from error
    scope = Scope(tuple(publication.manifest["scope"]["areas"]), tuple(publication.periods()))
    series = pq.read_table(publication.table("series"), columns=columns)
    return built_of(method, cube_of(method, series, scope), scope)


def _lent(side: Side, sides: Sequence[Side]) -> Built:
    """The side, with all figures that either side divides by, so that it can be tried under the denominators of the other:
    from its own series, or from the other's where its own does not know the figure at all."""
    given = side.built.given
    asked = dict.fromkeys(code for one in sides for code in one.publication.method.denominators)
    lent = dict(given.denominators or {})
    periods, areas = (
        {name: at for at, name in enumerate(names)} for names in (given.labels.frames, given.labels.units)
    )
    for code in asked:
        if code not in lent:
            lent[code] = np.full(side.built.raw.shape[:-1], np.nan)
            known = (one.publication.observations(indicator=code) for one in (side, *sides))
            for one in next(filter(None, known), []):
                if one.period in periods and one.area in areas:
                    lent[code][periods[one.period], areas[one.area]] = one.value
    return replace(side.built, given=replace(given, denominators=lent)) if asked else side.built


def _on_one_scale(whole: Built, periods: tuple[int, int], node: str | None) -> Explanation:
    """What `explain` gives for two periods of one edition on one scale, without building the index again: nothing but
    figures can have moved, and the scores of both ends are there."""
    composite, recipe = whole.published, whole.recipe
    tree, rules = recipe.tree, (recipe.tree.weight, recipe.node_aggregations)
    rounds = composite.exact is not composite.score
    ends = [
        Outcome(
            composite.carried[at],
            *rules,
            composite.exact[at] if rounds else None,
            composite.score[at] if rounds else None,
            composite.adjustment[at] if composite.adjustments else None,
        )
        for at in periods
    ]
    if node is not None and node not in tree.codes:
        raise CompositeError([f"no such node: {node}"])
    place = tree.codes.index(node) if node else 0
    found = split(tree, ends[0], ends[1], place, shares=False)
    filled, treated = (
        _at_nodes(tree, cells[periods[0]] | cells[periods[1]])
        for cells in (whole.imputed_cells, whole.treated_cells)
    )
    where = {"imputation": filled, "treatment": treated & ~filled, "raw": ~filled & ~treated}
    scores = found.parts.get("scores")
    parts = (
        {name: np.where(cells, scores, 0.0) for name, cells in where.items()} if scores is not None else {}
    )
    # a mean that compares areas: what the others did is the frame
    parts |= {
        {"others": "frame"}.get(cause, cause): part
        for cause, part in found.parts.items()
        if cause != "scores"
    }
    return Explanation(
        found.before,
        found.after,
        {name: parts[name] for name in INGREDIENTS if name in parts and parts[name].any()},
        found.remainder,
        found.standing,
        found.share,
        tree,
        place,
        list(map(str, whole.given.labels.units)),
        np.ones(found.standing.shape, dtype=bool),
    )


def _at_nodes(tree: Tree, cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells of leaves (areas, leaves) as cells of all nodes."""
    found = np.zeros((len(cells), len(tree.codes)), dtype=bool)
    found[:, tree.leaves] = cells
    return found


# Scales that are fixed by their posts, and look at no figure.
POSTED = ("goalposts", "scaled", "efficacy", "efficacy_exponential")


def _alone(whole: Built, at: int) -> tuple[Built, int]:
    """One period by itself, built again, and its place in that: a tenth of the work where no other period is looked at.
    Where another is, the whole and the period's place in it."""
    recipe, given = whole.recipe, whole.given
    fixed = all(one.method in POSTED and one.parameters.get("posts") is not None for one in recipe.scalings)
    by_period = isinstance(recipe.axis, int) and recipe.base is None
    if (
        recipe.imputing is not None
        or (recipe.treating is not None and not by_period)
        or not (fixed or by_period)
    ):
        return whole, at
    one = slice(at, at + 1)
    found = build(
        recipe,
        whole.raw[one],
        labels=replace(given.labels, frames=list(given.labels.frames)[one]),
        denominators={name: np.asarray(values)[one] for name, values in (given.denominators or {}).items()},
        groups=given.groups,
        times=None if given.times is None else given.times[one],
        items={code: rule.at(one) for code, rule in given.items.items()},
    )
    return found, 0


@dataclass(frozen=True)
class Compared:
    """One area in two editions: scores and ranks (None: none), and the bill from one to the other where there is one."""

    area: str
    old: float | None
    new: float | None
    old_rank: int | None
    new_rank: int | None
    bill: Bill | None

    @property
    def difference(self) -> float | None:
        return None if self.old is None or self.new is None else self.new - self.old

    def printed(self, decimals: int) -> float | None:
        """The difference of the two scores as printed, so that a reader who subtracts finds the same."""
        if self.old is None or self.new is None:
            return None
        return round(round(self.new, decimals) - round(self.old, decimals), decimals)


@dataclass(frozen=True)
class Comparison:
    """Two editions in one period. `ingredients`: those that moved any score, in the order of a bill; `faults`: why there are
    no bills, where there are none. The area with the largest difference comes first, areas without one last."""

    old: Publication
    new: Publication
    period: str
    rows: tuple[Compared, ...]
    ingredients: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def compared(
    old: Publication, new: Publication, period: str, ranked: Collection[str] | None = None
) -> Comparison:
    """The index in two editions, area by area; ranks count among the areas `ranked`, all of them unless named."""
    explained: Explained | None = None
    faults: tuple[str, ...] = ()
    try:
        explained = explain_versions(old, new, period)
    except IndexFault as error:
        faults = tuple(error.faults)
    scores, places = [], []
    for publication in (old, new):
        found = publication.scores(publication.method.root.code, period=period)
        known = {one.area: one for one in found if one.score is not None}
        among = sorted(
            one.rank for area, one in known.items() if one.rank and (ranked is None or area in ranked)
        )
        scores.append({area: one.score for area, one in known.items()})
        places.append(
            {
                area: 1 + bisect_left(among, one.rank)
                for area, one in known.items()
                if one.rank and (ranked is None or area in ranked)
            }
        )
    rows = [
        Compared(
            area,
            scores[0].get(area),
            scores[1].get(area),
            places[0].get(area),
            places[1].get(area),
            explained.bill(area) if explained else None,
        )
        for area in sorted({*scores[0], *scores[1]})
    ]
    rows.sort(key=lambda one: (one.difference is None, -abs(one.difference or 0.0), one.area))
    return Comparison(old, new, period, tuple(rows), explained.ingredients if explained else (), faults)


def to_the_digit(amounts: Sequence[float], total: float, decimals: int) -> list[float]:
    """The amounts rounded so that they add up to `total`, itself rounded: those nearest to the next digit go up to it.

    >>> to_the_digit([0.5, 0.25, 0.25], 1.0, 1)
    [0.5, 0.3, 0.2]
    """
    if not amounts:
        return []
    exact = [amount * 10**decimals for amount in amounts]
    whole = [math.floor(one) for one in exact]
    every, few = divmod(round(round(total, decimals) * 10**decimals) - sum(whole), len(whole))
    order = sorted(range(len(exact)), key=lambda at: (whole[at] - exact[at], at))
    up = set(order[:few])
    return [(one + every + (at in up)) / 10**decimals for at, one in enumerate(whole)]
