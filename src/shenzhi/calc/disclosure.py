"""A distribution of people's cases as it may be published: rounded to fives, and none where there are few (articles 84, 90).

Whoever knows the total and all classes but one can subtract, and knows that one too. So every class is rounded to the
nearest five, and what a reader could still work out is worked out here first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

STEP = 5
LEAST = 25
"""A distribution of fewer cases is mostly rounding, and is not published."""

Range = tuple[int, int]


def rounded(count: int) -> int:
    """The nearest multiple of five.

    >>> [rounded(count) for count in (0, 2, 3, 7, 8)]
    [0, 0, 5, 5, 10]
    """
    return (count + STEP // 2) // STEP * STEP


def publishable(counts: Mapping[str, int]) -> dict[str, int] | None:
    """The distribution as it may be published; None where it is withheld: for fewer cases than LEAST, and where a reader
    who knows the total could work out exactly that a class holds one to four."""
    total = sum(counts.values())
    told = {value: rounded(count) for value, count in counts.items()}
    small = any(0 < low == high < STEP for low, high in worked_out(list(told.values()), total))
    return None if total < LEAST or small else told


def worked_out(told: Sequence[int], total: int) -> list[Range]:
    """From which to which number each true count can be, for a reader of the rounded ones who knows the true total.

    Of 28 cases in classes of 2, 2, 2 and 22 he reads 0, 0, 0 and 20: these can be 28 in one way only.

    >>> worked_out([0, 0, 0, 20], total=28)
    [(2, 2), (2, 2), (2, 2), (22, 22)]
    >>> worked_out([5, 40], total=47)
    [(5, 7), (40, 42)]
    """
    windows = [(max(0, one - STEP // 2), one + STEP // 2) for one in told]
    lows, highs = sum(low for low, _ in windows), sum(high for _, high in windows)
    return [(max(low, total - (highs - high)), min(high, total - (lows - low))) for low, high in windows]
