"""Classes of working days in which it is told how long offices took (article 90)."""

from __future__ import annotations

DAY_CLASSES: tuple[tuple[int, int | None], ...] = (
    (0, 5), (6, 10), (11, 15), (16, 20), (21, 30), (31, 45), (46, 60), (61, 90), (91, None),
)  # fmt: skip
"""Working days from receipt to decision, both ends included; the last class is open."""


def day_class(days: int) -> int:
    """The class in which a number of working days falls, by its least.

    >>> day_class(10), day_class(11), day_class(400)
    (6, 11, 91)
    """
    return next(least for least, most in DAY_CLASSES if most is None or days <= most)


def day_item(least: int) -> str:
    """The code of a class of days among the items."""
    return f"days_{least}"
