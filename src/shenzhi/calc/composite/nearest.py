"""Which figure brings a score to a goal: the nearest one to where it is now (what-if the other way round, article 86).

>>> nearest(1.0, 8.0, lambda value: 3 * value + 1, 10.0), nearest(1.0, 8.0, lambda value: value**3, 8.0)
(3.0, 2.0)
>>> nearest(1.0, 8.0, lambda value: min(value, 5.0), 6.0) is None
True
"""

from __future__ import annotations

import math
from collections.abc import Callable

from shenzhi.calc.composite.labels import CompositeError

NOISE = 1e-13  # scores nearer than this (relative) are one score
STRETCHES = 60  # how often a search doubles its reach before it gives up


def nearest(
    start: float, reach: float, at: Callable[[float], float], goal: float, *, linear: bool = True
) -> float | None:
    """The figure nearest to `start` at which the monotone `at` gets to `goal` or just past it; None if none does."""
    now = at(start)
    if abs(now - goal) <= NOISE * max(1.0, abs(goal)):
        return start
    if math.isnan(now):
        return None
    sign = 1.0 if goal > now else -1.0

    def there(value: float) -> bool:
        try:
            found = at(value)
        except CompositeError:  # beyond what the method can score
            return False
        return sign * (found - goal) >= 0

    lows = {1.0: start, -1.0: start}
    for stretch in range(STRETCHES):
        for side, low in lows.items():
            high = low + side * reach / 16 * 2.0**stretch
            if there(high):
                return _closed(low, high, at, goal) if linear else _halved(low, high, there)
            lows[side] = high
    return None


def _closed(low: float, high: float, at: Callable[[float], float], goal: float) -> float:
    """On a straight line the figure itself; else by halving."""
    first, last = at(low), at(high)
    guess = low + (goal - first) * (high - low) / (last - first)
    if abs(at(guess) - goal) <= NOISE * max(1.0, abs(goal)):
        return guess
    sign = 1.0 if goal > first else -1.0
    return _halved(low, high, lambda value: sign * (at(value) - goal) >= 0)


def _halved(low: float, high: float, there: Callable[[float], bool]) -> float:
    """The figure nearest to `low` that is there, when `high` is and `low` is not."""
    while True:
        middle = low + (high - low) / 2
        if middle in (low, high):
            return high
        if there(middle):
            high = middle
        else:
            low = middle
