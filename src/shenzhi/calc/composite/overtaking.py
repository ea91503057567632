"""A change of rank told as overtakings: who passed whom, and which indicators did it (article 86).

A rank under the rule "min" is one more than the number of units with a higher score. So a rank changes by the units that
have come to stand above, less those that stood above and no longer do; ties, and units that have a score only before or
only after, are told as what they are. Nothing else moves a rank: the `places` of all overtakings add up to the change.

Behind each overtaking stands the change of the gap between the two units, divided among ingredients and nodes: the
difference of the two units' parts in an `Explanation`, so it adds up as exactly as they do.

    >>> from shenzhi.calc.composite.change import explain
    >>> from shenzhi.calc.composite.normalise import Scaling
    >>> from shenzhi.calc.composite.recipe import Recipe, build
    >>> from shenzhi.calc.composite.tree import Tree
    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
    >>> recipe = Recipe(tree, [Scaling("goalposts", 1, {"posts": (0, 100)})] * 2)
    >>> before, after = build(recipe, [[50.0, 40.0], [60.0, 50.0]]), build(recipe, [[80.0, 40.0], [60.0, 50.0]])
    >>> move = overtakings(explain(before, after), 0)
    >>> move.before, move.after, [(one.other, one.was, one.now, one.places) for one in move.overtakings]
    (2, 1, [(1, 'above', 'below', -1)])
    >>> move.overtakings[0].drivers()  # the gap went from -10 to +5, all of it by a
    [('raw', 1, 15.0)]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shenzhi.calc.composite.change import Explanation
from shenzhi.calc.composite.labels import CompositeError, Floats, listed
from shenzhi.calc.composite.rounding import rounded

STANDS = ("below", "level", "above", "absent")  # where the other unit stands, seen from the unit


@dataclass(frozen=True)
class Overtaking:
    """One other unit that changed sides. `was`, `now`: one of STANDS. `places`: +1 where it costs the unit a place, -1
    where the unit gains one. `gap_before`, `gap_after`: the unit's score less the other's, NaN where one is missing.

    `parts`: by ingredient (nodes), what moved the gap; with `remainder` (rounding noise) they add up to its change.
    Empty where one of the two has no score before or after."""

    other: int
    was: str
    now: str
    places: int
    gap_before: float
    gap_after: float
    parts: Mapping[str, Floats]
    remainder: float

    def drivers(self) -> list[tuple[str, int, float]]:
        """(ingredient, node, amount) of all that moved the gap, the largest first."""
        found = [
            (name, int(at), float(part[at]))
            for name, part in self.parts.items()
            for at in np.flatnonzero(part)
        ]
        return sorted(found, key=lambda one: -abs(one[2]))


@dataclass(frozen=True)
class RankMove:
    """A unit's rank `before` and `after` (None: no score, so no rank), and the overtakings that lead from one to the
    other, those by or of the nearest units first. A unit without one of the ranks came or went: it has no overtakings."""

    unit: int
    before: int | None
    after: int | None
    overtakings: tuple[Overtaking, ...]

    @property
    def places(self) -> int:
        """The sum of the places of the overtakings: the rank after less the rank before."""
        return sum(one.places for one in self.overtakings)


def overtakings(
    explanation: Explanation, unit: int | str, *, decimals: int | None = None, rule: str = "half_even"
) -> RankMove:
    """Why the rank of `unit` (its position, or its name) changed, under the rule for ties "min".

    `decimals`, `rule`: scores are rounded before they are compared, as in `ranks`; gaps and parts are of the scores
    themselves. CompositeError for an unknown unit."""
    at = _position(explanation, unit)
    scores = (explanation.before, explanation.after)
    seen = [one if decimals is None else rounded(one, decimals, rule) for one in scores]
    ranks = [None if np.isnan(one[at]) else 1 + int((one > one[at]).sum()) for one in seen]
    if None in ranks:
        return RankMove(at, ranks[0], ranks[1], ())
    was, now = (_stands(one, at) for one in seen)
    places = (now == _ABOVE).astype(int) - (was == _ABOVE)
    gaps = [one[at] - one for one in scores]
    moved = np.flatnonzero(places)
    nearest = np.fmin(np.abs(gaps[0][moved]), np.abs(gaps[1][moved]))
    found = [
        Overtaking(
            int(other),
            STANDS[was[other]],
            STANDS[now[other]],
            int(places[other]),
            float(gaps[0][other]),
            float(gaps[1][other]),
            *_parts(explanation, at, int(other)),
        )
        for other in moved[np.argsort(nearest, kind="stable")]
    ]
    return RankMove(at, ranks[0], ranks[1], tuple(found))


_ABOVE = STANDS.index("above")


def _stands(scores: Floats, at: int) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """A position in STANDS for every unit, seen from the unit `at`."""
    side = np.sign(scores - scores[at])
    return np.where(np.isnan(scores), STANDS.index("absent"), 1 + np.where(np.isnan(side), 0, side)).astype(
        np.intp
    )


def _parts(explanation: Explanation, unit: int, other: int) -> tuple[dict[str, Floats], float]:
    """What moved the gap between two units; nothing where one of them has no score before or after."""
    if explanation.standing[unit] or explanation.standing[other]:
        return {}, 0.0
    parts = {name: part[unit] - part[other] for name, part in explanation.parts.items()}
    return (
        {name: part for name, part in parts.items() if part.any()},
        float(explanation.remainder[unit] - explanation.remainder[other]),
    )


def _position(explanation: Explanation, unit: int | str) -> int:
    count = len(explanation.before)
    names = list(explanation.units)
    if isinstance(unit, str) and unit in names:
        return names.index(unit)
    if not isinstance(unit, str) and 0 <= unit < count:
        return unit
    raise CompositeError([f"no such unit: {unit}; known are {listed(names) or f'0 to {count - 1}'}"])
