"""Rules of Chinese assessment practice in a method file: grades and veto, bonus and deduction, assessment years (article 86).

What may be written, and what is wrong with it; `assessed` and `years` carry it out. docs/reference/method-file.md explains
the keys.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shenzhi.kernel.words import Words

Suggestion = Callable[[str, Iterable[str]], str]


@dataclass(frozen=True)
class Item:
    """A figure that adds points to the score of `node`, or takes them: `points` for each 1 of the figure, in all at most
    `most` (None: without limit)."""

    code: str
    title: Words
    node: str
    points: float = 1.0
    most: float | None = None


@dataclass(frozen=True)
class Bounds:
    """What all bonuses, and all deductions, of a node count at most, and the ends of its scale."""

    most_bonus: float | None = None
    most_deduction: float | None = None
    within: tuple[float, float] | None = None


@dataclass(frozen=True)
class Veto:
    """一票否决: an area whose figure lies above `above`, or below `below`, gets no better than `grade`."""

    indicator: str
    grade: str
    title: Words
    above: float | None = None
    below: float | None = None


@dataclass(frozen=True)
class AssessmentYear:
    """Monthly figures become figures of years that begin with `first_month`: means, weighed by another figure where
    `weigh` names one; sums for the codes in `sum`. `least`: share of the year's weight that a mean needs."""

    first_month: int = 7
    named_by: str = "end"
    least: float = 1.0
    sum: tuple[str, ...] = ()
    weigh: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Practice:
    """The sections of a method file that are told of here. `grades` fall: (name, least score)."""

    grades: tuple[tuple[str, float], ...] = ()
    vetoes: tuple[Veto, ...] = ()
    items: tuple[Item, ...] = ()
    bounds: Bounds = Bounds()
    year: AssessmentYear | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The figures that are read besides the indicators."""
        weights = self.year.weigh.values() if self.year else ()
        return tuple(
            dict.fromkeys(
                (*(one.code for one in self.items), *(one.indicator for one in self.vetoes), *weights)
            )
        )


def practice_of(written: Any) -> Practice:
    """The sections as checked by the grammar."""
    adjust, year = written.adjust, written.assessment_year
    return Practice(
        tuple((name, float(cut)) for name, cut in written.grades.items()),
        tuple(Veto(one.indicator, one.grade, one.title.words, one.above, one.below) for one in written.veto),
        tuple(
            Item(one.code, one.title.words, one.node or written.tree.code, one.points, one.most)
            for one in written.items
        ),
        Bounds(adjust.most_bonus, adjust.most_deduction, adjust.within),
        AssessmentYear(year.first_month, year.named_by, year.least, tuple(year.sum), dict(year.weigh))
        if year is not None
        else None,
    )


def faults_in(
    raw: Mapping[str, Any], groups: list[str], leaves: list[str], suggestion: Suggestion
) -> list[str]:
    """What is wrong with these sections when they are seen together with the tree, each fault with its place. `groups` and
    `leaves` are the codes of the tree; figures that leaves read by another name are not among them."""
    grades, items = raw.get("grades"), _mappings(raw.get("items"))
    faults = _grade_faults(grades) if isinstance(grades, Mapping) else []
    names = list(map(str, grades)) if isinstance(grades, Mapping) else []
    vetoes = _mappings(raw.get("veto"))
    if vetoes and not names:
        faults.append(
            "veto: there are no grades to put an area into; write grades: {A: 90, B: 80, C: 60, D: 0}"
        )
    for at, one in enumerate(vetoes):
        place = f"veto > {one.get('indicator') or at + 1}"
        if names and str(one.get("grade")) not in names:
            faults.append(
                f"{place}: {one.get('grade')} is not a grade{suggestion(str(one.get('grade')), names)}"
            )
        if ("above" in one) == ("below" in one):
            faults.append(f"{place}: write either above or below, and a number")
    codes = [str(one.get("code")) for one in items]
    for at, one in enumerate(items):
        place, node = f"items > {one.get('code') or at + 1}", one.get("node")
        if node is not None and str(node) not in groups:
            faults.append(f"{place}: node {node} is not a group of the tree{suggestion(str(node), groups)}")
        if codes[at] in (*groups, *leaves):
            faults.append(
                f"{place}: {codes[at]} is a node of the tree; a figure either is scored there or adds points here"
            )
        if codes.count(codes[at]) > 1 and codes.index(codes[at]) == at:
            faults.append(f"{place}: the item is written {codes.count(codes[at])} times; keep one")
        if one.get("points") == 0:
            faults.append(
                f"{place}: points must not be 0; write what 1 of the figure adds, or takes with a minus"
            )
    if "adjust" in raw and not items:
        faults.append("adjust: there are no items that it could bound; write items, or take it out")
    within = raw["adjust"].get("within") if isinstance(raw.get("adjust"), Mapping) else None
    if isinstance(within, list) and len(within) == 2 and not _rising(within):
        faults.append(f"adjust > within must rise, the lower end first (got {within!r})")
    if items and raw.get("robustness") is not None:
        faults.append(
            "robustness: combinations are tried on scores without items, which are not those that are published; take "
            "out one of the two"
        )
    return faults


def _grade_faults(grades: Mapping[Any, Any]) -> list[str]:
    cuts = [cut for cut in grades.values() if isinstance(cut, int | float)]
    falls = all(high > low for high, low in itertools.pairwise(cuts))
    faults = [] if falls else [f"grades must fall, the best first (got {dict(grades)!r})"]
    return (
        faults if len(grades) > 1 else ["grades: write at least two, the best first, such as {A: 90, B: 0}"]
    )


def _rising(pair: list[Any]) -> bool:
    return all(isinstance(end, int | float) for end in pair) and pair[0] < pair[1]


def _mappings(given: Any) -> list[Mapping[str, Any]]:
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
