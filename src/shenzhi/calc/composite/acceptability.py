"""Where each unit may stand when the method could have been another: ranks counted over many variants (article 86).

Scores (periods, units, variants) are turned into ranks and counted: which share of the variants puts a unit on which
place, and which share puts unit i ahead of unit j (rank acceptability after Lahdelma, Hokkanen and Salminen 1998, European
Journal of Operational Research 106).

    >>> standing = tally(np.array([[[80.0, 60.0, 75.0, 70.0], [70.0, 70.0, 70.0, 70.0]]]))
    >>> standing.share()[0].tolist(), standing.ahead_share()[0].tolist()
    ([[0.75, 0.25], [0.5, 0.5]], [[0.0, 0.5], [0.25, 0.0]])
    >>> standing.mean()[0].tolist(), standing.top(1)[0].tolist()
    ([1.25, 1.5], [0.75, 0.5])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats
from shenzhi.calc.composite.ranks import TIES, ranks

# Comparing all pairs of units also gives who is ahead of whom; beyond this many units, sorting alone is done.
PAIRS = 400
Places = NDArray[np.uint32]


@dataclass(frozen=True)
class Standing:
    """Counts over variants, or sums of their probabilities.

    `counts` (..., units, places): how often a unit has the rank `places[k]`. `ahead` (..., units, units): how often the
    first has a higher score than the second; None for more than 400 units. `variants`: how many there were in all, also
    those that leave a unit without a rank. `weighted`: True where variants count by their probability."""

    counts: NDArray[Any]
    ahead: NDArray[Any] | None
    variants: float
    places: Floats
    weighted: bool = False

    def share(self) -> Floats:
        """The rank acceptability matrix (..., units, places): the share of variants; a row adds up to the share of
        variants in which the unit has a rank."""
        return self.counts / self.variants

    def ahead_share(self) -> Floats:
        """P(i ahead of j) (..., units, units): the share of variants in which the first scores higher than the second."""
        if self.ahead is None:
            raise CompositeError(
                [f"pairs are compared for up to {PAIRS} units; compare the scores of two units instead"]
            )
        return self.ahead / self.variants

    def top(self, k: int) -> Floats:
        """P(rank k or better) (..., units)."""
        among: Floats = self.share()[..., self.places <= k].sum(axis=-1)
        return among

    def mean(self) -> Floats:
        """The mean rank (..., units), over the variants in which the unit has one; NaN for none."""
        total = self.counts.sum(axis=-1)
        return np.divide(self.counts @ self.places, total, out=np.full(total.shape, np.nan), where=total > 0)

    def least(self) -> Floats:
        """The best rank that any variant gives (..., units)."""
        return self._at(np.argmax(self.counts > 0, axis=-1))

    def most(self) -> Floats:
        """The worst rank that any variant gives (..., units)."""
        return self._at(len(self.places) - 1 - np.argmax(self.counts[..., ::-1] > 0, axis=-1))

    def quantile(self, q: float) -> Floats:
        """The rank below which the share `q` of the variants lies (..., units): interpolated between the two nearest, as
        numpy.quantile does; with probabilities, the first rank at which their sum reaches q."""
        reached = np.cumsum(self.counts, axis=-1)
        total = reached[..., -1]
        if self.weighted:
            # sums of probabilities may miss q by their last digits
            return self._at(np.argmax(reached >= (q * total * (1 - 1e-12))[..., None], axis=-1))
        at = np.maximum(total - 1, 0) * q
        low = np.floor(at)
        below, above = (
            self._at(np.argmax(reached > np.minimum(one, np.maximum(total - 1, 0))[..., None], axis=-1))
            for one in (low, low + 1)
        )
        return below + (at - low) * (above - below)

    def median(self) -> Floats:
        return self.quantile(0.5)

    def _at(self, place: NDArray[np.intp]) -> Floats:
        return np.where(self.counts.sum(axis=-1) > 0, self.places[place], np.nan)


def tally(
    scores: Floats, *, chance: Floats | None = None, ties: str = "min", decimals: int | None = None
) -> Standing:
    """Ranks of `scores` (..., units, variants) counted over the variants; `chance` (variants): their probabilities."""
    placed, ahead = place(scores, chance=chance, ties=ties, decimals=decimals)
    return counted(placed, ahead, chance=chance, ties=ties)


def place(
    scores: Floats, *, chance: Floats | None = None, ties: str = "min", decimals: int | None = None
) -> tuple[Places, NDArray[Any] | None]:
    """Ranks (..., units, variants) in half places (rank 1 is 2, rank 1.5 is 3, no rank is 0), and who is ahead."""
    if ties not in TIES:
        raise CompositeError([f"ties: {ties} is not a rule for ties; known are {', '.join(TIES)}"])
    values = scores if decimals is None else np.round(scores, decimals)
    units = values.shape[-2]
    flat = values.reshape(-1, *values.shape[-2:])
    if units > PAIRS or ties == "dense":
        ordinary = np.moveaxis(ranks(np.moveaxis(flat, -1, -2), ties=ties), -1, -2)
        doubled = np.where(np.isnan(ordinary), 0, ordinary * 2).astype(np.uint32)
    else:
        doubled = np.empty(flat.shape, np.uint32)
    ahead = None
    if units <= PAIRS:
        wins = np.zeros((len(flat), units, units), np.int64 if chance is None else np.float64)
        for at, period in enumerate(flat):
            by_pairs = _pairs(period, wins[at], chance, ties)
            if ties != "dense":
                doubled[at] = by_pairs
        ahead = wins.reshape(*values.shape[:-2], units, units)
    return doubled.reshape(values.shape), ahead


def _pairs(values: Floats, wins: NDArray[Any], chance: Floats | None, ties: str) -> Places:
    """Every pair of units compared over all variants: fills `wins`, and gives ranks in half places."""
    units = len(values)
    # at most 400 units: the number of better ones, and of those not worse, fits
    better, level = np.zeros(values.shape, np.uint16), np.zeros(values.shape, np.uint16)
    some_level = False
    for i in range(units):
        for j in range(i):
            above, under = values[i] > values[j], values[i] < values[j]
            better[j] += above
            better[i] += under
            won, lost = (
                (np.count_nonzero(above), np.count_nonzero(under))
                if chance is None
                else (above @ chance, under @ chance)
            )
            wins[i, j], wins[j, i] = won, lost
            if chance is not None or won + lost < values.shape[1]:
                same = values[i] == values[j]
                if same.any():
                    some_level = True
                    level[i] += same
                    level[j] += same
    places = better.astype(np.uint32)
    places *= 2
    places += 2
    if some_level and ties != "min":
        places += level * np.uint32(2 if ties == "max" else 1)
    missing = np.isnan(values)
    if missing.any():
        places[missing] = 0
    return places


def counted(
    placed: Places, ahead: NDArray[Any] | None, *, chance: Floats | None = None, ties: str = "min"
) -> Standing:
    """Counts of ranks in half places (..., units, variants)."""
    units, variants = placed.shape[-2:]
    flat = placed.reshape(-1, variants)
    slots = 2 * units + 1
    rows = np.arange(len(flat)) * slots
    weights = None if chance is None else np.broadcast_to(chance, flat.shape).ravel()
    counts = np.bincount((flat + rows[:, None]).ravel(), weights, minlength=len(flat) * slots)
    counts = counts.reshape(*placed.shape[:-1], slots)
    step = 1 if ties == "average" else 2
    return Standing(
        counts[..., 2::step],
        ahead,
        variants if chance is None else float(chance.sum()),
        np.arange(2, slots, step) / 2,
        chance is not None,
    )


def joined(parts: Sequence[Standing]) -> Standing:
    """The counts of several lots of variants together."""
    first = parts[0]
    return replace(
        first,
        counts=np.sum([one.counts for one in parts], axis=0),
        ahead=None if first.ahead is None else np.sum([np.asarray(one.ahead) for one in parts], axis=0),
        variants=sum(one.variants for one in parts),
    )
