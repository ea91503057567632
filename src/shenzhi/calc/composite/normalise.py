"""Brings indicators in different units onto one scale, on which more is better (the scores behind article 86).

Every function takes `x`, an array of shape (..., units, indicators) with NaN where a value is missing, and gives
`Normalised`: scores of the same shape, where a cap acted, and the figures it used. Arguments common to all:

`direction`  +1 or -1 for each indicator (or one for all): -1 turns x round first, so that less is better.
`axis`       the frame, i.e. the axes over which the observed least, most, mean and deviation are taken: -2 takes the
             units of each leading position by themselves (per period), (-3, -2) takes units of all periods together.
`base`       a period or periods of the panel whose units together are the frame of all periods; None: as `axis` says.
`labels`     names for messages.

Any other argument is a number for all indicators or an array with one for each. A missing value stays missing and
has no part in the frame. The methods are functions in
`scales` (between two ends, or by distance from the mean), `places` (by rank) and `targets` (against one value or an
interval); `normalise` takes each indicator by its own.

    >>> plan = [Scaling("minmax"), Scaling("efficacy", -1, {"posts": (10, 60)})]
    >>> normalise([[2.0, 60.0], [4.0, 10.0], [3.0, 35.0]], plan).score.tolist()
    [[0.0, 60.0], [100.0, 100.0], [50.0, 80.0]]
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from shenzhi.calc.composite.frames import NO_LABELS, Axes, Base, Normalised, frame_shape, side_by_side
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats
from shenzhi.calc.composite.places import borda, prank, rank
from shenzhi.calc.composite.scales import (
    ampi,
    dist2max,
    efficacy,
    efficacy_exponential,
    goalposts,
    minmax,
    scaled,
    zscore,
)
from shenzhi.calc.composite.targets import dist2ref, dist2targ, fracmax, interval, realisation
from shenzhi.calc.composite.workers import in_turn

__all__ = [
    "NORMALISATIONS",
    "NO_LABELS",
    "Axes",
    "Base",
    "Normalised",
    "Scaling",
    "efficacy",
    "efficacy_exponential",
    "goalposts",
    "minmax",
    "normalise",
    "parameters",
    "zscore",
]

# A method file names one of these; a new one is one entry, and its keyword arguments are the keys the file may use.
Normalisation = Callable[..., Normalised]
NORMALISATIONS: dict[str, Normalisation] = {
    "minmax": minmax,
    "zscore": zscore,
    "goalposts": goalposts,
    "efficacy": efficacy,
    "efficacy_exponential": efficacy_exponential,
    "scaled": scaled,
    "rank": rank,
    "prank": prank,
    "borda": borda,
    "dist2max": dist2max,
    "dist2ref": dist2ref,
    "dist2targ": dist2targ,
    "fracmax": fracmax,
    "ampi": ampi,
    "realisation": realisation,
    "interval": interval,
}
# Values in one piece of work: it fits a processor's own memory, and numpy's overhead does not show.
BLOCK = 1 << 18
CACHE_LINE = 8  # neighbouring values that memory hands over together
ROWS = 2048  # rows copied at a time
COMMON = ("x", "direction", "axis", "base", "labels")


@cache
def parameters(method: str) -> dict[str, Any]:
    """The parameters of a normalisation with their defaults, as its function declares them."""
    signature = inspect.signature(NORMALISATIONS[method])
    return {name: one.default for name, one in signature.parameters.items() if name not in COMMON}


@dataclass(frozen=True)
class Scaling:
    """How one indicator is normalised: a name in NORMALISATIONS, a direction, parameters (defaults for the rest)."""

    method: str
    direction: int = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)


def normalise(
    x: ArrayLike,
    scalings: Sequence[Scaling],
    *,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
) -> Normalised:
    """Every column of `x` (..., units, indicators) by its own `Scaling`; columns of one method are done together.

    Faults of all columns are gathered into one CompositeError. Work is done in blocks of columns, on all processors:
    beside x and the scores it needs little memory. In memory the scores of one indicator lie together."""
    values = as_floats(x)
    faults = _plan_faults(values.shape[-1], scalings, labels)
    if faults:
        raise CompositeError(faults)
    columns_first = (values.shape[-1], *values.shape[:-1])
    score = np.moveaxis(np.empty(columns_first), 0, -1)
    capped = np.moveaxis(np.zeros(columns_first, np.int8), 0, -1)
    frame = frame_shape(values.shape, axis)
    used: dict[str, Floats] = {}

    def part(columns: list[int]) -> Normalised | CompositeError:
        method = scalings[columns[0]].method
        given = [{**parameters(method), **scalings[at].parameters} for at in columns]
        at_once = side_by_side(columns)
        block = _apart(values, at_once, len(columns))
        try:
            done = NORMALISATIONS[method](
                block,
                direction=np.array([scalings[at].direction for at in columns]),
                axis=axis,
                base=base,
                labels=Labels([labels.indicator(at) for at in columns], labels.units, labels.frames),
                **{name: _gathered([one[name] for one in given]) for name in parameters(method)},
            )
        except CompositeError as error:
            return error
        score[..., at_once] = done.score
        if done.capped.any():
            capped[..., at_once] = done.capped
        return Normalised(score, capped, done.used)

    blocks = _blocks(scalings, max(CACHE_LINE, BLOCK // max(1, math.prod(values.shape[:-1]))))
    for columns, done in zip(blocks, in_turn(part, blocks, values.size), strict=True):
        if isinstance(done, CompositeError):
            faults += [fault for fault in done.faults if fault not in faults]
            continue
        for name, figures in done.used.items():
            used.setdefault(name, np.full(frame, np.nan))[..., columns] = figures
    if faults:
        raise CompositeError(faults)
    return Normalised(score, capped, used)


def _blocks(scalings: Sequence[Scaling], most: int) -> list[list[int]]:
    """The columns of each method, cut into pieces of at most `most`."""
    blocks = []
    for method in dict.fromkeys(scaling.method for scaling in scalings):
        columns = [at for at, scaling in enumerate(scalings) if scaling.method == method]
        blocks += [columns[at : at + most] for at in range(0, len(columns), most)]
    return blocks


def _apart(values: Floats, columns: slice | list[int], count: int) -> Floats:
    """A copy of some columns, in whose memory the values of one indicator lie together."""
    copy = np.empty((count, *values.shape[:-1]))
    for start in range(0, values.shape[-2], ROWS):
        rows = slice(start, start + ROWS)
        copy[..., rows] = np.moveaxis(values[..., rows, columns], -1, 0)
    return np.moveaxis(copy, 0, -1)


def _plan_faults(count: int, scalings: Sequence[Scaling], labels: Labels) -> list[str]:
    if len(scalings) != count:
        return [f"the plan has {len(scalings)} scalings, but x has {count} indicators; give one for each"]
    faults = []
    for at, scaling in enumerate(scalings):
        if scaling.method not in NORMALISATIONS:
            faults.append(
                f"{labels.indicator(at)}: {scaling.method} is not a normalisation; known are "
                f"{', '.join(NORMALISATIONS)}"
            )
            continue
        known = parameters(scaling.method)
        astray = [name for name in scaling.parameters if name not in known]
        if astray:
            faults.append(
                f"{labels.indicator(at)}: {', '.join(astray)} is not a parameter of {scaling.method}, which takes "
                f"{', '.join(known) or 'none'}"
            )
    return faults


def _gathered(values: list[Any]) -> Any:
    """One array from the same parameter of several indicators; where only some give it, None becomes NaN."""
    if all(one is None for one in values):
        return None
    pair = next((len(one) for one in values if one is not None and np.ndim(one)), 0)
    return np.array([((np.nan,) * pair if pair else np.nan) if one is None else one for one in values])
