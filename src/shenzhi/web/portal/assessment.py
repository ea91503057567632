"""Bonus and deduction items in the bill of a score, as lines that add up with the others (article 86)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Score
from shenzhi.web.portal.editions import Edition

NOISE = 1e-9  # of a point: what sums of rounded numbers leave over is no line of a bill


@dataclass(frozen=True)
class Extra:
    """One item: its `figure`, and the points that it added or, with a minus, took. `held`: they would have been more."""

    title: Words
    figure: float
    counted: float
    held: bool


@dataclass(frozen=True)
class Extras:
    """The items of a score, and `bound`: what the ends of the scale gave or took besides, 0 where they did nothing."""

    lines: tuple[Extra, ...] = ()
    bound: float = 0.0


def extras_of(edition: Edition, score: Score) -> Extras:
    """The lines that stand between the parts of a score and its total."""
    titles = {item.code: item.title for item in edition.method.practice.items}
    found = edition.publication.items(score.area, score.period, score.node)
    if score.score is None or not found:
        return Extras()
    bound = (score.adjustment or 0.0) - math.fsum(one.counted for one in found)
    return Extras(
        tuple(Extra(titles[one.item], one.figure, one.counted, one.counted != one.points) for one in found),
        bound if abs(bound) > NOISE else 0.0,
    )
