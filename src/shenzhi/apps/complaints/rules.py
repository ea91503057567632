"""What is decided about complaints from values alone: whose name may not be passed on, which cases look alike, what may be
counted in public (article 90)."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shenzhi.calc import pairs

K = TypeVar("K", bound=Hashable)

SMALLEST_CELL = 5
"""A count in public below this is not shown: among so few a person could be found."""

NEAR_METRES = 150
NEAR_DAYS = 30
ALIKE = 0.35
"""So much of their pairs of characters two texts share when one is suggested as a duplicate of the other."""


def gives_away(text: str, secrets: Iterable[str]) -> list[str]:
    """Which of these personal values stand in a text that goes to somebody who must not learn them.

    Signs, spaces and full-width forms do not hide a number. Values of one character prove nothing and are left out.

    >>> gives_away("张 三（１３９ 0000 1111）买了一台电视", ["张三", "13900001111", "李四"])
    ['张三', '13900001111']
    """
    plain = _bare(text)
    return [secret for secret in secrets if len(_bare(secret)) > 1 and _bare(secret) in plain]


def _bare(text: str) -> str:
    return "".join(
        sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum() or sign == "@"
    )


@dataclass(frozen=True)
class Sketch:
    """What of a case is looked at when duplicates are sought; degrees WGS 84, None where no place was given."""

    category: str
    about: str
    words: str
    on: dt.date
    place: tuple[float, float] | None = None


def likeness(one: Sketch, other: Sketch) -> float:
    """How much two cases look like one, 0 to 1: never above 0 unless the subject is the same and the days are near.

    At the same place within 150 m, or else by the pairs of characters that their texts share (Jaccard)."""
    if one.category != other.category or abs((one.on - other.on).days) > NEAR_DAYS:
        return 0.0
    if one.place and other.place:
        away = metres(one.place, other.place)
        return max(0.0, 1 - away / NEAR_METRES)
    if one.about != other.about:
        return 0.0
    ours, theirs = _pairs(one.words), _pairs(other.words)
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


def _pairs(text: str) -> set[str]:
    return {pair for run in pairs.runs(text) for pair in pairs.pairs(run)}


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The way between two places (latitude, longitude) on the sphere of mean radius 6,371,008.8 m (IUGG)."""
    (a, b), (c, d) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def shown(counts: Mapping[str, int], smallest: int = SMALLEST_CELL) -> dict[str, int | None]:
    """The counts that may be published of a table whose sum is published too; None where one is held back.

    Where exactly one cell were held back, the sum would tell it: the next smallest is held back with it. Nought is shown.

    >>> shown({"a": 40, "b": 3, "c": 9, "d": 0})
    {'a': 40, 'b': None, 'c': None, 'd': 0}
    """
    cells: dict[tuple[str, ...], int] = {(name,): count for name, count in counts.items()}
    whole = ()
    held = withheld(cells | {whole: sum(counts.values())}, [(whole, tuple(cells))], smallest)
    return {name: None if (name,) in held else count for name, count in counts.items()}


def withheld(
    counts: Mapping[K, int],
    sums: Iterable[tuple[K, Sequence[K]]],
    smallest: int = SMALLEST_CELL,
    *,
    harmless: Collection[K] = (),
) -> set[K]:
    """The counts of a table that are held back, so that none below the smallest cell can be read or worked out.

    `sums` are its sums, each a whole with the parts that make it up. Of a sum in which something is held back, two at
    least are; and where the whole is shown, what is held back of it is not so few that it tells them together. The
    smallest part goes first, and a whole last. Nought tells of nobody and is always shown, and `harmless` counts may be
    small: they are held back only to keep another."""
    held = {key for key, count in counts.items() if 0 < count < smallest and key not in harmless}
    lines = [(whole, tuple(parts)) for whole, parts in sums]
    grew = True
    while grew:
        grew = False
        for whole, parts in lines:
            hidden = [key for key in parts if key in held]
            if whole in held:
                safe = bool(hidden) or not counts[whole]
            else:
                safe = not hidden or (len(hidden) > 1 and sum(counts[key] for key in hidden) >= smallest)
            others = [key for key in parts if key not in held and counts[key]]
            if not safe and (others or whole not in held):
                held.add(min(others, key=lambda key: counts[key]) if others else whole)
                grew = True
    return held
