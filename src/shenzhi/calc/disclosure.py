"""Which counts of people's cases may be published, so that none below five can be read or worked out (articles 84, 90).

One rule for every number that is told of the same cases, on whatever page or in whatever file: a count is exact or it is
held back. To round some and tell others exactly would narrow what was held back, since the exact ones say how much the
rounded ones hide.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

SMALLEST = 5
"""A count in public below this is not shown: among so few a person could be found."""

_ANY = 10**12
"""More than any count."""


def shown(counts: Mapping[str, int], smallest: int = SMALLEST) -> dict[str, int | None]:
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
    smallest: int = SMALLEST,
    *,
    harmless: Collection[K] = (),
    known: Collection[K] = (),
) -> set[K]:
    """The counts of a table that are held back, so that none below the smallest cell can be read or worked out.

    `sums` are its sums, each a whole with the parts that make it up. Of a sum in which something is held back, two at
    least are; and where the whole is shown, what is held back of it is not so few that it tells them together. The
    smallest part goes first, and a whole last. Nought tells of nobody and is shown, and `harmless` counts may be small:
    they are held back only to keep another. What anybody can count elsewhere is `known`: holding it back keeps nothing.
    What several sums together still tell is worked out as a reader would, and held back too."""
    held = {
        key
        for key, count in counts.items()
        if 0 < count < smallest and key not in harmless and key not in known
    }
    lines = [(whole, tuple(parts)) for whole, parts in sums]
    given_up: set[K] = set()
    while True:
        _by_each_sum(counts, lines, smallest, held, known)
        told = {key: None if key in held else count for key, count in counts.items()}
        seen = ranges(told, lines, least=0 if any(not counts[key] for key in held) else 1)
        alone = [
            key
            for key, (low, high) in seen.items()
            if low == high and 0 < counts[key] < smallest and key not in harmless and key not in given_up
        ]
        if not alone:
            return held
        more = [one for key in alone if (one := _beside(key, counts, lines, held, known)) is not None]
        held.update(more)
        if not more:
            given_up.update(alone)


def _by_each_sum(
    counts: Mapping[K, int],
    lines: Sequence[tuple[K, tuple[K, ...]]],
    smallest: int,
    held: set[K],
    known: Collection[K],
) -> None:
    """Hold back what any one sum would tell."""
    grew = True
    while grew:
        grew = False
        for whole, parts in lines:
            hidden = [key for key in parts if key in held]
            if whole in held:
                safe = bool(hidden) or not counts[whole]
            else:
                safe = not hidden or (len(hidden) > 1 and sum(counts[key] for key in hidden) >= smallest)
            if safe:
                continue
            open_parts = [key for key in parts if key not in held and key not in known]
            others = [key for key in open_parts if counts[key]]
            if others:
                held.add(min(others, key=lambda key: counts[key]))
            elif whole not in held and whole not in known:
                held.add(whole)
            elif whole in known and open_parts and len(hidden) == 1:
                held.add(open_parts[0])  # a nought: with it nobody can tell which of the two it is
            else:
                continue
            grew = True


def _beside(
    key: K,
    counts: Mapping[K, int],
    lines: Sequence[tuple[K, tuple[K, ...]]],
    held: Collection[K],
    known: Collection[K],
) -> K | None:
    """The smallest count that stands in a sum with this one and is still shown."""
    others = {one for whole, parts in lines if key == whole or key in parts for one in (whole, *parts)}
    free = [one for one in others if counts[one] and one not in held and one not in known]
    return min(free, key=lambda one: (counts[one], str(one))) if free else None


def ranges(
    told: Mapping[K, int | None], sums: Iterable[tuple[K, Sequence[K]]], *, least: int = 1
) -> dict[K, tuple[int, int]]:
    """From which to which number each count can be that is held back (None), for a reader who adds and subtracts along the sums.

    He knows that nothing below `least` is held back.

    >>> ranges({"all": 9, "a": None, "b": None}, [("all", ("a", "b"))])
    {'a': (1, 8), 'b': (1, 8)}
    """
    low = {key: least for key, count in told.items() if count is None}
    high = dict.fromkeys(low, _ANY)
    lines = [
        (whole, [key for key in parts if told[key] is None], sum(told[key] or 0 for key in parts))
        for whole, parts in sums
    ]
    lines = [(whole, hidden, rest) for whole, hidden, rest in lines if hidden or told[whole] is None]
    grew = True
    while grew:
        grew = False
        for whole, hidden, rest in lines:
            lows, highs = sum(low[key] for key in hidden), sum(high[key] for key in hidden)
            count = told[whole]
            if count is None:
                if rest + lows > low[whole]:
                    low[whole], grew = rest + lows, True
                if rest + highs < high[whole]:
                    high[whole], grew = rest + highs, True
            from_, until = (low[whole], high[whole]) if count is None else (count, count)
            for key in hidden:
                at_least, at_most = from_ - rest - (highs - high[key]), until - rest - (lows - low[key])
                if at_least > low[key]:
                    lows, low[key], grew = lows + at_least - low[key], at_least, True
                if at_most < high[key]:
                    highs, high[key], grew = highs + at_most - high[key], at_most, True
    return {key: (low[key], high[key]) for key in low}
