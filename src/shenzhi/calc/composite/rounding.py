"""Rounding as part of a method: how many decimals a score has, by which rule, and what its parent goes on with (article 86).

Published ranks and changes come from published, i.e. rounded, scores. Numbers are rounded as they are written in
decimals (their shortest form that reads back the same), not as binary fractions: 2.675 is two and 675 thousandths, so
half up gives 2.68, although the nearest binary number lies a little below.

    >>> rounded([2.675, 1.005, 0.125], 2).tolist(), rounded([0.125], 2, "half_even").tolist()
    ([2.68, 1.01, 0.13], [0.12])
    >>> rounded([2.679, -2.679], 2, "down").tolist(), rounded([1450.0], -2).tolist()
    ([2.67, -2.67], [1500.0])
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from shenzhi.calc.composite.labels import CompositeError, Floats, as_floats

RULES = {
    "half_up": decimal.ROUND_HALF_UP,  # a half goes away from 0, as in published tables
    "half_even": decimal.ROUND_HALF_EVEN,  # a half goes to the even digit (GB/T 8170, ISO 80000-1 rule A)
    "down": decimal.ROUND_DOWN,  # towards 0: what is not reached is not shown as reached
}
MOST_DECIMALS = 15  # no more are sure to be held by a double
EXACT_CONTEXT = decimal.Context(prec=400)  # any double, to the last decimal


@dataclass(frozen=True)
class Rounding:
    """The policy of one node. `decimals` may be negative (tens, hundreds). `rule` is one of RULES. `passed` says whether
    the parent takes the "rounded" score, as one who recalculates from the published table does, or the "exact" one."""

    decimals: int
    rule: str = "half_up"
    passed: Literal["rounded", "exact"] = "rounded"

    def __post_init__(self) -> None:
        faults = faults_of(self.decimals, self.rule)
        if self.passed not in ("rounded", "exact"):
            faults.append(f"rounding: passed must be rounded or exact (got {self.passed})")
        if faults:
            raise CompositeError(faults)


def faults_of(decimals: int, rule: str) -> list[str]:
    """Why a rounding cannot be used; nothing if it can."""
    faults = []
    if rule not in RULES:
        faults.append(f"rounding: {rule} is not a rule; known are {', '.join(RULES)}")
    if not -MOST_DECIMALS <= decimals <= MOST_DECIMALS:
        faults.append(
            f"rounding: decimals must lie between -{MOST_DECIMALS} and {MOST_DECIMALS} (got {decimals})"
        )
    return faults


def rounded(x: ArrayLike, decimals: int, rule: str = "half_up") -> Floats:
    """`x` to `decimals` places by `rule`, as decimal numbers; NaN stays NaN. CompositeError for an unknown rule.

    Values that lie clearly to one side are rounded as doubles; the few so near to a half (for "down": to a step) that
    a double's own error could decide are rounded as decimals, digit by digit."""
    faults = faults_of(decimals, rule)
    if faults:
        raise CompositeError(faults)
    values = as_floats(x)
    scale = 10.0 ** abs(decimals)  # exact up to 10^22
    steps = values * scale if decimals >= 0 else values / scale
    doubt = 4e-16 * np.abs(steps) + 1e-300
    if rule == "down":
        whole = np.trunc(steps)
        nearest = np.rint(steps)
        near = np.abs(steps - nearest) <= doubt
        written = near & (_from_steps(nearest, scale, decimals) == values)
        whole, near = np.where(written, nearest, whole), near & ~written
    else:
        whole = np.rint(steps)
        near = np.abs(np.abs(steps - np.trunc(steps)) - 0.5) <= doubt
    result = _from_steps(whole, scale, decimals) + 0.0  # no negative zero
    near |= np.abs(steps) >= 2.0**51
    near &= np.isfinite(values)
    if near.any():
        unit = decimal.Decimal(1).scaleb(-decimals)
        result = np.array(result)
        result[near] = [
            float(decimal.Decimal(repr(value)).quantize(unit, RULES[rule], EXACT_CONTEXT)) + 0.0
            for value in values[near].tolist()
        ]
    return result


def _from_steps(steps: Floats, scale: float, decimals: int) -> Floats:
    """The double nearest to a whole number of steps: one correctly rounded division."""
    return steps / scale if decimals >= 0 else steps * scale
