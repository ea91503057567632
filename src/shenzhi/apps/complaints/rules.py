"""What is decided about complaints from values alone: whose name may not be passed on, which cases look alike (article 90)."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from shenzhi.calc import pairs

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
