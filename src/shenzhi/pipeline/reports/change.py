"""Why an index moved between two periods: which indicators, by how much, and on which indicators the two compare.

Two periods seldom have the same indicators known. So the change is worked out like for like, on the indicators that
are known in both, with the method's own weights; each indicator's effect is its part of that change, and the effects
add up to it exactly. For an arithmetic mean the effect is weight times the change of the score; for a geometric mean
the change is split by the logarithmic mean (Ang, LMDI-I), which leaves no remainder either.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shenzhi.pipeline.index.method import Node

SPLIT = ("arithmetic", "geometric")


@dataclass(frozen=True)
class Driver:
    """One indicator's part of a change, and its own score before and after."""

    code: str
    effect: float
    before: float
    now: float


@dataclass(frozen=True)
class Change:
    """A change on the indicators known in both periods. `before` and `now` are the scores on those alone;
    `whole` tells that these are all the indicators known in either period. `drivers` come largest effect first."""

    before: float
    now: float
    common: int
    whole: bool
    drivers: tuple[Driver, ...]

    @property
    def difference(self) -> float:
        return self.now - self.before

    @property
    def rises(self) -> tuple[Driver, ...]:
        return tuple(one for one in self.drivers if one.effect > 0)

    @property
    def falls(self) -> tuple[Driver, ...]:
        return tuple(one for one in self.drivers if one.effect < 0)


def compare(root: Node, before: Mapping[str, float], now: Mapping[str, float]) -> Change | None:
    """The change of `root` from the leaf scores `before` to those `now`; None when no indicator is in both, or when
    the tree uses a mean that cannot be split."""
    common = {code for code in before if code in now}
    if not common or any(node.aggregate not in SPLIT for node in root.walk() if not node.is_leaf):
        return None
    split = _split(root, before, now, common)
    if split is None:
        return None
    first, last, effects = split
    drivers = sorted(
        (Driver(code, effect, before[code], now[code]) for code, effect in effects.items()),
        key=lambda one: (-abs(one.effect), one.code),
    )
    return Change(first, last, len(common), len(common) == len(set(before) | set(now)), tuple(drivers))


Split = tuple[float, float, dict[str, float]]


def _split(
    node: Node, before: Mapping[str, float], now: Mapping[str, float], common: set[str]
) -> Split | None:
    """The node's score before and now on the common indicators, and each indicator's part of the difference."""
    if node.is_leaf:
        if node.code not in common:
            return None
        return before[node.code], now[node.code], {node.code: now[node.code] - before[node.code]}
    found = [(child.weight, part) for child in node.children if (part := _split(child, before, now, common))]
    total = math.fsum(weight for weight, _ in found)
    if total <= 0:
        return None
    if node.aggregate == "geometric":
        return _geometric([(weight / total, part) for weight, part in found])
    effects = {
        code: weight / total * effect for weight, (_, _, inner) in found for code, effect in inner.items()
    }
    first = math.fsum(weight / total * part[0] for weight, part in found)
    last = math.fsum(weight / total * part[1] for weight, part in found)
    return first, last, effects


def _geometric(found: Iterable[tuple[float, Split]]) -> Split | None:
    found = list(found)
    if any(score <= 0 for _, (first, last, _) in found for score in (first, last)):
        return None
    first = math.exp(math.fsum(share * math.log(part[0]) for share, part in found))
    last = math.exp(math.fsum(share * math.log(part[1]) for share, part in found))
    mean = _logarithmic(first, last)
    effects = {
        code: share * mean / _logarithmic(before, now) * effect
        for share, (before, now, inner) in found
        for code, effect in inner.items()
    }
    return first, last, effects


def _logarithmic(a: float, b: float) -> float:
    """The logarithmic mean of two positive numbers."""
    return a if math.isclose(a, b, rel_tol=1e-12) else (b - a) / math.log(b / a)
