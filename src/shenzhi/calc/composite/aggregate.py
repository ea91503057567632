"""Which way the scores of the parts become the score of the whole, chosen by name for each node (article 86).

    arithmetic        a good part makes up for a bad one
    geometric         less so; scores above 0
    harmonic          still less
    generalised       as much as `p` says
    median            the middle part
    owa               weighs the places of the parts, from the best to the worst
    mazziotta_pareto  the arithmetic mean less a penalty for uneven parts
    copeland          by how many units a unit is ahead of, comparing part by part; scores are not averaged
    topsis            by how near a unit is to the best and how far from the worst of all units
    grey_relational   by how near a unit comes to the best of each part
    coupling          how far the parts keep pace with each other
    product, ratio, shortfall   parts multiplied or divided

The means are in `means`; `copeland` and `topsis`, which compare units with each other, in `outrank`; the others in `relations`
and `products`.

    >>> AGGREGATIONS["generalised"]([[3.0, 6.0]], [1.0, 1.0], p=-1).value.tolist()
    [4.0]
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shenzhi.calc.composite.means import (
    Mean,
    added,
    arithmetic,
    generalised,
    geometric,
    harmonic,
    mazziotta_pareto,
    median,
    owa,
    refuse_weights,
    shares,
)
from shenzhi.calc.composite.outrank import copeland, topsis
from shenzhi.calc.composite.products import product, ratio, shortfall
from shenzhi.calc.composite.relations import coordination, grey_relation

__all__ = [
    "AGGREGATIONS",
    "COMPARISONS",
    "WHOLE",
    "Aggregating",
    "Mean",
    "added",
    "aggregating",
    "arithmetic",
    "generalised",
    "geometric",
    "harmonic",
    "mazziotta_pareto",
    "median",
    "owa",
    "refuse_weights",
    "shares",
    "taken",
]

Aggregation = Callable[..., Mean]

# A method file names one of these; a new one is one entry, and its keyword arguments are its parameters.
AGGREGATIONS: dict[str, Aggregation] = {
    "arithmetic": arithmetic,
    "geometric": geometric,
    "harmonic": harmonic,
    "generalised": generalised,
    "median": median,
    "owa": owa,
    "mazziotta_pareto": mazziotta_pareto,
    "copeland": copeland,
    "topsis": topsis,
    "grey_relational": grey_relation,
    "coupling": coordination,
    "product": product,
    "ratio": ratio,
    "shortfall": shortfall,
}
COMPARISONS = ("copeland", "topsis", "grey_relational")  # these need all units, and have no parts
WHOLE = ("coupling", "product", "ratio", "shortfall")  # these need every child, and have no parts
COMMON = ("scores", "weights", "labels")


@dataclass(frozen=True)
class Aggregating:
    """How the children of one node are put together: a name in AGGREGATIONS and parameters (defaults for the rest)."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def aggregating(given: str | Aggregating) -> Aggregating:
    """A bare name stands for the aggregation with its defaults."""
    return Aggregating(given) if isinstance(given, str) else given


def taken(name: str) -> dict[str, Any]:
    """The parameters of an aggregation with their defaults, as its function declares them."""
    signature = inspect.signature(AGGREGATIONS[name])
    return {key: one.default for key, one in signature.parameters.items() if key not in COMMON}


def faults_of(given: Aggregating) -> list[str]:
    """Why a name or its parameters cannot be used; nothing if they can."""
    if given.name not in AGGREGATIONS:
        return [f"{given.name} is not an aggregation; known are {', '.join(AGGREGATIONS)}"]
    known = taken(given.name)
    return [
        f"{key} is not a parameter of {given.name}, which takes {', '.join(known) or 'none'}"
        for key in given.parameters
        if key not in known
    ]
