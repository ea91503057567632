"""Rules of Chinese assessment practice on scores: grades with a veto, extra points, assessment years (article 86).

    graded              A to D by cut points, and the one-vote veto (一票否决)
    adjusted            bonus and deduction items (加分项, 扣分项) with caps
    assessment_years    the year from July to June, or any other, in which a month falls
    yearly              monthly figures brought to assessment years
    entropy_topsis      TOPSIS with entropy weights (熵权 TOPSIS)

Arrays are (..., units) for scores and (..., units, children) for what they are made of; NaN is missing. Source:
国办发〔2013〕47号 (grades, veto, year from July to June). Coupling and grey relation are in `relations`.

    >>> graded([92.0, 85.0, 85.0], vetoes=[Veto([False, False, True], "D", "a systemic incident")]).grade.tolist()
    ['A', 'B', 'D']
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed
from shenzhi.calc.composite.means import NO_LABELS, Mean, added
from shenzhi.calc.composite.outrank import topsis
from shenzhi.calc.composite.rounding import Rounding, rounded
from shenzhi.calc.composite.screening import reaches
from shenzhi.calc.composite.weights import entropy

# 国办发〔2013〕47号: A from 90, B from 80, C from 60, otherwise D
GRADES = (("A", 90.0), ("B", 80.0), ("C", 60.0), ("D", -np.inf))


@dataclass(frozen=True)
class Veto:
    """`applies` (..., units) puts a unit into `grade`, if its score has earned a better one, for the `reason` given."""

    applies: ArrayLike
    grade: str
    reason: str


@dataclass(frozen=True)
class Graded:
    """`earned` (..., units): the grade of the score, "" without one. `grade`: after the vetoes. `reasons` (vetoes, ...,
    units): which vetoes were called; their words are `because`, in this order."""

    grade: NDArray[np.str_]
    earned: NDArray[np.str_]
    reasons: NDArray[np.bool_]
    because: tuple[str, ...]


def graded(
    scores: ArrayLike,
    grades: Sequence[tuple[str, float]] = GRADES,
    vetoes: Sequence[Veto] = (),
    rounding: Rounding | None = None,
) -> Graded:
    """The grade of each score: the first whose cut it reaches; `grades` fall, the last one takes all (-inf).

    With `rounding` the rounded score decides, as it does where only that is published. A veto never lifts a grade; it
    holds also for a unit without a score. CompositeError for cuts that do not fall and unknown grades."""
    names, cuts = [name for name, _ in grades], [cut for _, cut in grades]
    faults = [] if len(set(names)) == len(names) else ["grades: a name is used more than once"]
    if not grades or cuts[-1] != -np.inf or any(high <= low for high, low in itertools.pairwise(cuts)):
        faults.append(
            f"grades: cuts must fall, and the last be -inf, so that every score has one (got {cuts})"
        )
    faults += [
        f"veto for {veto.reason}: {veto.grade} is not a grade; they are {', '.join(names)}"
        for veto in vetoes
        if veto.grade not in names
    ]
    if faults:
        raise CompositeError(faults)
    values = as_floats(scores)
    values = values if rounding is None else rounded(values, rounding.decimals, rounding.rule)
    missing = np.isnan(values)
    place = np.argmax(np.where(missing, -np.inf, values)[..., None] >= np.array(cuts), axis=-1)
    final = np.where(missing, -1, place)
    reasons = np.zeros((len(vetoes), *values.shape), dtype=bool)
    for at, veto in enumerate(vetoes):
        reasons[at] = np.asarray(veto.applies, dtype=bool)
        final = np.where(reasons[at], np.maximum(final, names.index(veto.grade)), final)
    named = np.array([*names, ""])
    return Graded(
        named[final], named[np.where(missing, -1, place)], reasons, tuple(veto.reason for veto in vetoes)
    )


@dataclass(frozen=True)
class Item:
    """`points` (..., units) added to a score, or with a minus taken from it; `most` is what the item counts at most."""

    code: str
    points: ArrayLike
    most: float = np.inf


@dataclass(frozen=True)
class Adjusted:
    """`score` (..., units) is the score before + `counted` (..., units, items), summed, + `bound`. `cut`: where an item
    counted less than was given, for its own cap or that of all; `bound`: what the ends of the scale took or gave."""

    score: Floats
    counted: Floats
    cut: NDArray[np.bool_]
    bound: Floats


def adjusted(
    scores: ArrayLike,
    items: Sequence[Item],
    *,
    most_bonus: float = np.inf,
    most_deduction: float = np.inf,
    within: tuple[float, float] = (-np.inf, np.inf),
    labels: Labels = NO_LABELS,
) -> Adjusted:
    """Scores with bonus and deduction items, each with its cap, all bonuses and all deductions with theirs.

    Where the cap of all is reached, items are cut in proportion, so that what counted still adds up. `within` are the
    ends of the scale. Points that are missing are refused: whether an incident cost points is never assumed.

    >>> result = adjusted([90.0], [Item("award", [4.0], most=3), Item("incident", [-5.0])], most_deduction=2)
    >>> result.score.tolist(), result.counted.tolist(), result.cut.tolist()
    ([91.0], [[3.0, -2.0]], [[True, True]])
    """
    values = as_floats(scores)
    given = np.zeros((*values.shape, len(items)))
    for at, item in enumerate(items):
        given[..., at] = as_floats(item.points)
    faults = [
        f"{item.code}: no points for {listed([labels.unit(tuple(map(int, unit))) for unit in without])}; write 0 if "
        "there are none"
        for at, item in enumerate(items)
        if len(without := np.argwhere(np.isnan(given[..., at])))
    ]
    faults += [
        f"{item.code}: most must not be below 0 (got {item.most:g})" for item in items if item.most < 0
    ]
    faults += [
        f"{name} must not be below 0 (got {most:g})"
        for name, most in (("most_bonus", most_bonus), ("most_deduction", most_deduction))
        if most < 0
    ]
    if faults:
        raise CompositeError(faults)
    caps = np.array([item.most for item in items]).reshape(len(items))
    counted = np.clip(given, -caps, caps)
    for sign, most in ((1, most_bonus), (-1, most_deduction)):
        part = np.where(sign * counted > 0, counted, 0.0)
        whole = np.abs(added(part))[..., None]
        counted = counted - part + part * np.where(whole > most, most / np.where(whole > 0, whole, 1.0), 1.0)
    free = values + added(counted)
    score = np.clip(free, *within)
    return Adjusted(score, counted, counted != given, score - free)


@dataclass(frozen=True)
class Adjusting:
    """The bonus and deduction items of one node, for `adjusted`; `within`: the ends of its scale.

    >>> rule = Adjusting((Item("award", [4.0, float("nan")], most=3),), within=(0, 92))
    >>> rule.of(np.array([90.0, float("nan")])).score.tolist()  # without a score no points are needed
    [92.0, nan]
    """

    items: tuple[Item, ...]
    most_bonus: float = np.inf
    most_deduction: float = np.inf
    within: tuple[float, float] = (-np.inf, np.inf)

    def of(self, scores: Floats, labels: Labels = NO_LABELS) -> Adjusted:
        """The scores (..., units) with the items; CompositeError where points are missing beside a score."""
        there = ~np.isnan(scores)
        try:
            return adjusted(
                scores,
                [replace(one, points=np.where(there, as_floats(one.points), 0.0)) for one in self.items],
                most_bonus=self.most_bonus,
                most_deduction=self.most_deduction,
                within=self.within,
                labels=labels,
            )
        except CompositeError as error:
            raise CompositeError([f"items: {fault}" for fault in error.faults]) from error

    def at(self, place: Any) -> Adjusting:
        """The same for some of the units, or one period; `place` is an index into (..., units)."""
        return replace(
            self, items=tuple(replace(one, points=as_floats(one.points)[place]) for one in self.items)
        )


def assessment_years(dates: ArrayLike, *, first_month: int = 7, named_by: str = "end") -> NDArray[np.int64]:
    """The assessment year of each date or month ("2023-07", datetime64), which begins with `first_month`.

    `named_by` "end" names it after the calendar year in which it ends, "begin" in which it begins.

    >>> assessment_years(["2023-06", "2023-07-01", "2024-06-30"]).tolist()
    [2023, 2024, 2024]
    """
    faults = [] if 1 <= first_month <= 12 else [f"first_month must be 1 to 12 (got {first_month})"]
    if named_by not in ("begin", "end"):
        faults.append(f"named_by must be begin or end (got {named_by})")
    if faults:
        raise CompositeError(faults)
    months = np.asarray(dates, dtype="datetime64[M]")
    if np.isnat(months).any():
        raise CompositeError(["a date is missing; every value needs its month"])
    begun = (months.astype(np.int64) - (first_month - 1)) // 12 + 1970  # months count from January 1970
    return begun + (1 if named_by == "end" and first_month > 1 else 0)


@dataclass(frozen=True)
class Yearly:
    """`years` ascending; `values` (years, ...): the weighted means of their months, NaN where too few have a value.
    `months` (years, ...): how many months had one; `share`: the share of the year's weight they carry."""

    years: NDArray[np.int64]
    values: Floats
    months: NDArray[np.int64]
    share: Floats


def yearly(
    values: ArrayLike,
    dates: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    first_month: int = 7,
    named_by: str = "end",
    least: float = 1.0,
    total: bool = False,
) -> Yearly:
    """Monthly figures (months, ...) as one figure for each assessment year: the mean weighted by `weights` (months, or
    the shape of `values`; such as the number of inspections), equal months without them.

    A year without values for the share `least` of the weight of 12 months has none: half a year is not passed off as a
    whole. With `total` the figure is the sum of all 12 months instead, without weights: a sum of fewer is none. The weight of a month that is not in the data counts as the mean of those that are. A repeated month is
    refused.

    >>> half = yearly([80.0] * 6, [f"2023-{month:02}" for month in range(7, 13)], least=0.5)
    >>> half.years.tolist(), half.values.tolist(), half.months.tolist(), half.share.tolist()
    ([2024], [80.0], [6], [0.5])
    """
    given = as_floats(values)
    months = np.asarray(dates, dtype="datetime64[M]")
    named, counts = np.unique(months, return_counts=True)
    if (counts > 1).any():
        raise CompositeError(
            [
                f"months given more than once: {listed([str(one) for one in named[counts > 1]])}; keep one value each"
            ]
        )
    weight = np.ones(len(months)) if weights is None else as_floats(weights)
    weight = np.broadcast_to(weight.reshape(weight.shape + (1,) * (given.ndim - weight.ndim)), given.shape)
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise CompositeError(
            ["weights of months must be numbers from 0 up; write 0 where nothing was counted"]
        )
    year = assessment_years(months, first_month=first_month, named_by=named_by)
    years = np.unique(year)
    shape = (len(years), *given.shape[1:])
    means, present, share = np.full(shape, np.nan), np.zeros(shape, np.int64), np.zeros(shape)
    for at, one in enumerate(years):
        # in the order of the calendar, whatever the order of the rows
        rows = np.flatnonzero(year == one)[np.argsort(months[year == one])]
        known = ~np.isnan(given[rows])
        weighed = added(np.moveaxis(np.where(known, weight[rows], 0.0), 0, -1))
        expected = added(np.moveaxis(weight[rows], 0, -1)) * 12 / len(rows)
        summed = added(np.moveaxis(weight[rows] * given[rows], 0, -1))
        present[at] = known.sum(axis=0)
        share[at] = np.divide(weighed, expected, out=np.zeros(shape[1:]), where=expected > 0)
        if total:
            means[at] = np.where(present[at] == 12, added(np.moveaxis(given[rows], 0, -1)), np.nan)
            continue
        kept = (weighed > 0) & reaches(share[at], least)
        means[at] = np.where(kept, summed / np.where(weighed > 0, weighed, 1.0), np.nan)
    return Yearly(years, means, present, share)


def entropy_topsis(
    scores: ArrayLike, labels: Labels = NO_LABELS, *, vector: bool = True
) -> tuple[Mean, Floats]:
    """TOPSIS closeness under entropy weights, and the weights. Children that tell no unit apart weigh nothing and are
    left out of the distances. Refusals as those of `weights.entropy` and `topsis`."""
    values = as_floats(scores)
    weighting = entropy(values, labels)
    kept = np.flatnonzero(weighting.weight > 0)
    named = Labels([labels.indicator(int(at)) for at in kept], labels.units, labels.frames)
    return topsis(values[..., kept], weighting.weight[kept], named, vector=vector), weighting.weight
