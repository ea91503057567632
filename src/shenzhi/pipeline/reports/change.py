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
from shenzhi.pipeline.index.published import Publication, Score
from shenzhi.pipeline.reports.frozen import Frozen

SPLIT = ("arithmetic", "geometric")


@dataclass(frozen=True)
class Driver:
    """One indicator's part of a change, and its own score before and after. `share` (0..1) is its weight in force
    among the indicators compared: effect = share * (now - before)."""

    code: str
    effect: float
    before: float
    now: float
    share: float


@dataclass(frozen=True)
class Change:
    """A change on the indicators known in both periods. `before` and `now` are the scores on those alone; `gone` are
    the indicators that counted only before, `come` those that count only now. `drivers` come largest effect first."""

    before: float
    now: float
    drivers: tuple[Driver, ...]
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()

    @property
    def common(self) -> int:
        """How many indicators are known in both periods."""
        return len(self.drivers)

    @property
    def whole(self) -> bool:
        """Whether these are all the indicators known in either period."""
        return not (self.gone or self.come)

    @property
    def difference(self) -> float:
        return self.now - self.before

    @property
    def rises(self) -> tuple[Driver, ...]:
        return tuple(one for one in self.drivers if one.effect > 0)

    @property
    def falls(self) -> tuple[Driver, ...]:
        return tuple(one for one in self.drivers if one.effect < 0)


def between(publication: Publication | Frozen, area: str, node: Node, before: str, now: str) -> Change | None:
    """The change of a node's score in one area from one period to another, on the indicators that counted in both.

    None where no indicator did, where the node's means cannot be split, and where each period is scored on a scale of
    its own, so that scores of two periods do not compare."""
    if publication.method.frame == "period":
        return None
    then, later = (
        {one.node: one for one in publication.scores(area=area, period=period)} for period in (before, now)
    )
    return compare(node, counted(node, then), counted(node, later))


def counted(node: Node, scores: Mapping[str, Score]) -> dict[str, float]:
    """The scores of the indicators that entered the score of `node`: not those below a group that was withheld."""
    score = scores[node.code].score if node.code in scores else None
    if score is None:
        return {}
    if node.is_leaf:
        return {node.code: score}
    return {code: value for child in node.children for code, value in counted(child, scores).items()}


def compare(root: Node, before: Mapping[str, float], now: Mapping[str, float]) -> Change | None:
    """The change of `root` from the leaf scores `before` to those `now`; None when no indicator is in both, or when
    the tree uses a mean that cannot be split."""
    common = {code for code in before if code in now}
    if not common or any(node.aggregate not in SPLIT for node in root.walk() if not node.is_leaf):
        return None
    split = _split(root, before, now, common)
    if split is None:
        return None
    first, last, shares = split
    drivers = sorted(
        (
            Driver(code, share * (now[code] - before[code]), before[code], now[code], share)
            for code, share in shares.items()
        ),
        key=lambda one: (-abs(one.effect), one.code),
    )
    inside = [leaf.code for leaf in root.walk() if leaf.is_leaf]
    return Change(
        first,
        last,
        tuple(drivers),
        gone=tuple(code for code in inside if code in before and code not in now),
        come=tuple(code for code in inside if code in now and code not in before),
    )


Split = tuple[float, float, dict[str, float]]


def _split(
    node: Node, before: Mapping[str, float], now: Mapping[str, float], common: set[str]
) -> Split | None:
    """The node's score before and now on the common indicators, and for each of them how much of the change of its
    own score is handed on to the node."""
    if node.is_leaf:
        return (before[node.code], now[node.code], {node.code: 1.0}) if node.code in common else None
    found = [(child.weight, part) for child in node.children if (part := _split(child, before, now, common))]
    total = math.fsum(weight for weight, _ in found)
    if total <= 0:
        return None
    if node.aggregate == "geometric":
        return _geometric([(weight / total, part) for weight, part in found])
    shares = {
        code: weight / total * share for weight, (_, _, below) in found for code, share in below.items()
    }
    first = math.fsum(weight / total * part[0] for weight, part in found)
    last = math.fsum(weight / total * part[1] for weight, part in found)
    return first, last, shares


def _geometric(found: Iterable[tuple[float, Split]]) -> Split | None:
    found = list(found)
    if any(score <= 0 for _, (first, last, _) in found for score in (first, last)):
        return None
    first = math.exp(math.fsum(share * math.log(part[0]) for share, part in found))
    last = math.exp(math.fsum(share * math.log(part[1]) for share, part in found))
    mean = _logarithmic(first, last)
    shares = {
        code: weight * mean / _logarithmic(before, now) * share
        for weight, (before, now, below) in found
        for code, share in below.items()
    }
    return first, last, shares


def _logarithmic(a: float, b: float) -> float:
    """The logarithmic mean of two positive numbers."""
    return a if math.isclose(a, b, rel_tol=1e-12) else (b - a) / math.log(b / a)
