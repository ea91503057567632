"""Names for the positions of an array, so that a fault names the indicator, unit and period and not "column 3"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SHOWN = 5  # how many positions one message lists before it only counts the others


class CompositeError(ValueError):
    """A composite cannot be computed. `faults` lists every reason; each names the thing, the rule and the way out."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class Labels:
    """Names along the last three axes of an array (frames, units, indicators); an axis without names is numbered."""

    indicators: Sequence[str] = ()
    units: Sequence[str] = ()
    frames: Sequence[str] = ()

    def indicator(self, position: int) -> str:
        """The name of column `position`."""
        return str(self.indicators[position]) if len(self.indicators) else f"column {position}"

    def unit(self, position: tuple[int, ...]) -> str:
        """The name of the unit at `position` = (..., frame, unit)."""
        unit = str(self.units[position[-1]]) if len(self.units) else f"row {position[-1]}"
        return f"{unit} in {self.frame(position[:-1])}" if len(position) > 1 else unit

    def cell(self, position: tuple[int, ...]) -> str:
        """The name of the cell at `position` = (..., frame, unit, column): "gdp of Bao'an in 2024"; of a bare row "gdp"."""
        of = f" of {self.unit(position[:-1])}" if position[:-1] else ""
        return f"{self.indicator(position[-1])}{of}"

    def frame(self, position: tuple[int, ...]) -> str:
        """The name of the frame at `position` (one number for each leading axis)."""
        if len(position) == 1 and len(self.frames):
            return str(self.frames[position[0]])
        return "frame " + ", ".join(map(str, position))


def listed(names: Sequence[str]) -> str:
    """ "a, b, c", cut after a few: "a, b, c, d, e and 12 more"."""
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def as_floats(given: Any) -> Floats:
    """`given` as an array of float64; None becomes NaN (missing)."""
    return np.asarray(given, dtype=np.float64)


def refuse_infinity(x: Floats, labels: Labels) -> None:
    """CompositeError when x holds an infinity: missing is NaN, and an infinite value has no score."""
    infinite = np.isinf(x)
    if not infinite.any():
        return
    names = [labels.cell(tuple(place)) for place in np.argwhere(np.atleast_1d(infinite)).tolist()]
    raise CompositeError(
        [f"infinite value: {listed(names)}; correct the value, or leave it empty if it is unknown"]
    )
