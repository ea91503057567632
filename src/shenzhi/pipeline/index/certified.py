"""What no choice of weights can change in a published index: bounds of ranks, and the least change that brings two areas level
(article 86).

The weights are those of the parts right below the index; the period is the latest that was scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from shenzhi.calc.composite.certificates import (
    SLACK,
    Parts,
    differences,
    parts_of,
    rank_certificates,
    smallest_change,
)
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels
from shenzhi.calc.composite.recipe import Built
from shenzhi.pipeline.index.scope import Scope
from shenzhi.pipeline.index.trials import ANY_WEIGHTS, PAIRED

# Whether several rivals can be passed at once is searched for up to so many areas; beyond, bounds from pairs are told.
SEARCHED = 30
SPREAD = 0.25  # how far weights may move in a certificate, where the method does not say


@dataclass(frozen=True)
class Proved:
    """Rows (area, period, spread, best, worst, exact) and (area, other, period, distance, node, weight, needed), and what
    they are about; `facts` says why there are none where the index is no weighted mean."""

    certificates: list[tuple[Any, ...]]
    overtakings: list[tuple[Any, ...]]
    facts: Mapping[str, Any]


def of_weights(scope: Scope, built: Built, spread: float, scored: Sequence[int]) -> Proved:
    """Bounds within the spread and over all weights; `scored` are the periods in which some area has a score."""
    facts: dict[str, Any] = {"spread": spread, "period": "", "parts": [], "left_out": [], "refused": []}
    nothing = Proved([], [], facts)
    if not scored or len(scope.areas) < 2:
        return nothing
    period = scored[-1]
    facts["period"] = latest = scope.periods[period]
    scores = built.score[period]
    try:
        parts = parts_of(built, period=period)
        whole = ~np.isnan(parts.scores).any(axis=1) & ~np.isnan(scores)
        there = np.flatnonzero(whole)
        facts["parts"] = list(parts.codes)
        facts["left_out"] = [scope.areas[at] for at in np.flatnonzero(~whole & ~np.isnan(scores))]
        if len(there) < 2 or len(parts.codes) < 2:
            return nothing
        chosen = replace(parts, scores=parts.scores[there])
        areas = [scope.areas[at] for at in there]
        bounds = _bounds(areas, latest, chosen, spread)
        level = _level(areas, latest, chosen, scores[there]) if len(areas) <= PAIRED else []
    except CompositeError as error:
        facts["refused"] = list(error.faults)
        return nothing
    return Proved(bounds, level, facts)


def _bounds(areas: Sequence[str], period: str, parts: Parts, spread: float) -> list[tuple[Any, ...]]:
    labels = Labels(parts.codes, areas)
    rows = []
    for within in (spread, ANY_WEIGHTS):
        lower, upper = (
            (np.zeros(len(parts.weights)), np.ones(len(parts.weights)))
            if within == ANY_WEIGHTS
            else (parts.weights * (1 - within), np.minimum(parts.weights * (1 + within), 1.0))
        )
        if len(areas) <= SEARCHED:
            found = rank_certificates(parts.scores, lower=lower, upper=upper, labels=labels)
            best, worst, exact = found.best_bound, found.worst_bound, found.exact
        else:
            least, most = differences(parts.scores, lower=lower, upper=upper, labels=labels)
            level = SLACK * float(np.ptp(parts.scores))
            best, worst = 1 + (least > level).sum(axis=0), 1 + (most > level).sum(axis=0)
            exact = best == worst
        rows += [
            (area, period, within, int(best[at]), int(worst[at]), bool(exact[at]))
            for at, area in enumerate(areas)
        ]
    return sorted(rows)


def _level(areas: Sequence[str], period: str, parts: Parts, scores: Floats) -> list[tuple[Any, ...]]:
    """For each area but the last: the nearest weights at which the next one below draws level with it."""
    order = sorted(range(len(areas)), key=lambda at: (-scores[at], areas[at]))
    rows = []
    for above, below in pairwise(order):
        found = smallest_change(parts.scores, parts.weights, below, above)
        needed = [None] * len(parts.codes) if found.weights is None else found.weights.tolist()
        distance = None if found.weights is None else found.distance
        rows += [
            (areas[below], areas[above], period, distance, code, float(parts.weights[at]), needed[at])
            for at, code in enumerate(parts.codes)
        ]
    return rows
