"""Benefit of the Doubt: each unit scored with the weights that favour it most, as the others allow (article 86).

For a unit c with scores x_c, the weights w >= 0 that make w . x_c largest while no unit, with the same weights, passes 1:

    score_c = max w . x_c   subject to   w . x_j <= 1 for every unit j

Units that reach 1 are the envelope; those that hold a unit down are its peers. Bounds may be set on the virtual share of
an indicator, w_k x_ck / (w . x_c), so that no unit can leave out what it is bad at (Cherchye, Moesen, Rogge and Van
Puyenbroeck 2007, Social Indicators Research 82; Melyn and Moesen 1991).

Nobody's weights are asked for, so the scores say how good a unit can be made to look, and no more.

    >>> found = envelope([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0]])
    >>> found.score.round(12).tolist()  # with w = (1/5, 1/5) the first two reach 1 and the third 4/5
    [1.0, 1.0, 0.8]
    >>> found.peers_of(2)
    [0, 1]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog

from shenzhi.calc.composite.aggregate import Mean
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed, refuse_infinity

NO_LABELS = Labels()
BINDING = 1e-9  # how near to 1 a unit must come under another's weights to be its peer
FLAT = 1e-12  # slopes that are rounding noise on a scale where the best score is 1
STEEP = 1e-10
WALK = 30  # corners for each indicator, after which a walk among equals is given up
ADDED = 4  # how many of the units that pass 1 the most are brought in at a time


@dataclass(frozen=True)
class Envelope:
    """Arrays (..., units, indicators), NaN for a unit that was left out.

    `score` (..., units): 0..1, 1 on the envelope. `weight`: what the unit's scores are times; `weight * x` adds up to its
    score. `share`: virtual shares, adding up to 1. Where several sets of weights give the same score, as for most units on
    the envelope, these are one of them. `left_out` (..., units): units with a gap, under missing: leave_out.
    `peers`: pairs of positions (..., unit, peer), one row for each."""

    score: Floats
    weight: Floats
    share: Floats
    left_out: NDArray[np.bool_]
    peers: NDArray[np.intp]

    def peers_of(self, *unit: int) -> list[int]:
        """Positions of the units that bind the one at `unit` (of a panel: frame, unit), within its frame."""
        own = (self.peers[:, :-1] == np.array(unit)).all(axis=1)
        return [int(peer) for peer in self.peers[own, -1]]


def envelope(
    x: ArrayLike,
    *,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
    missing: str = "refuse",
    labels: Labels = NO_LABELS,
) -> Envelope:
    """Benefit-of-the-Doubt scores of x (..., units, indicators), 0 or more, more being better; each frame by itself.

    `lower`, `upper`: least and most virtual share of each indicator (or of all). `missing`: "refuse" names the gaps;
    "leave_out" gives such units no score and lets them hold nobody down; "nothing" counts a gap as 0, which neither
    helps its unit nor holds others down, and lifts the share bounds of that unit and indicator (Kuosmanen 2009, Journal of
    the Operational Research Society 60). Scores do not depend on the units of measurement or on the order of rows.

    CompositeError names negative scores, bounds that cannot hold, and units whose zeros they cannot be reconciled with."""
    values = as_floats(x)
    refuse_infinity(values, labels)
    count = values.shape[-1]
    low, high = (np.broadcast_to(as_floats(bound), (count,)) for bound in (lower, upper))
    _refuse_faults(values, low, high, missing, labels)
    frames = values.reshape(-1, *values.shape[-2:])
    weight, score = np.full(frames.shape, np.nan), np.full(frames.shape[:-1], np.nan)
    left_out = np.asarray(np.isnan(frames).any(axis=-1) & (missing == "leave_out"), dtype=bool)
    pairs: list[tuple[int, int, int]] = []
    for at, frame in enumerate(frames):
        rows = np.flatnonzero(~left_out[at])
        if not len(rows):
            continue
        known = frame[rows]
        # In an order and a scale of their own: neither the order of units nor the units of measurement change a digit.
        scale = np.nanmax(known, axis=0, initial=0.0)
        scale = np.where(scale > 0, scale, 1.0)
        scaled = known / scale
        order = np.lexsort(np.nan_to_num(scaled).T[::-1])
        found = _frontier(scaled[order], low, high)
        weight[at, rows[order]] = found / scale
        virtual = np.nan_to_num(scaled[order]) * found
        score[at, rows[order]] = virtual.sum(axis=1)
        for position, bound in enumerate(found):
            reached = np.nan_to_num(scaled[order]) @ bound >= 1 - BINDING
            pairs += [
                (at, int(rows[order[position]]), int(rows[order[peer]])) for peer in np.flatnonzero(reached)
            ]
    weight, score = weight.reshape(values.shape), score.reshape(values.shape[:-1])
    part = weight * np.where(np.isnan(values) & ~np.isnan(weight), 0.0, values)
    share = np.divide(part, score[..., None], out=np.full(part.shape, np.nan), where=score[..., None] > 0)
    peers = np.array(sorted(pairs), dtype=np.intp).reshape(-1, 3)
    leading = np.unravel_index(peers[:, 0], values.shape[:-2] or (1,))
    peers = np.column_stack([*(leading if values.ndim > 2 else ()), peers[:, 1:]])
    return Envelope(score, weight, share, np.reshape(left_out, values.shape[:-1]), peers)


def envelope_mean(
    scores: ArrayLike,
    weights: ArrayLike,
    labels: Labels = NO_LABELS,
    *,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
    scale: float = 100.0,
) -> Mean:
    """The envelope as one more kind of mean of a tree: `scale` times the score, with every part kept.

    The tree's own weights decide nothing here (they stay visible as `share`): each unit has its own, in `factor`. Gaps count as nothing (see `envelope`)."""
    values = as_floats(scores)
    found = envelope(values, lower=lower, upper=upper, missing="nothing", labels=labels)
    factor = np.where(np.isnan(values), np.nan, scale * found.weight)
    value = np.where(np.isnan(values).all(axis=-1), np.nan, scale * found.score)
    return Mean(value, values, as_floats(weights), lambda share: factor)


def _frontier(x: Floats, lower: Floats, upper: Floats) -> Floats:
    """Best weights (units, indicators) of the units of one frame, in scores of at most 1; a gap has weight 0."""
    full, present = np.nan_to_num(x), ~np.isnan(x)
    free = (lower <= 0).all() and (upper >= 1).all()
    weight = _walked(full) if free else np.full(x.shape, np.nan)
    pool = list(dict.fromkeys([*np.argmax(full, axis=0).tolist(), int(np.argmax(full.sum(axis=1)))]))
    for unit in np.flatnonzero(np.isnan(weight).any(axis=1)):
        weight[unit] = _pooled(full, pool, int(unit), present[unit], lower, upper)
    return np.where(present, weight, 0.0)


def _pooled(
    full: Floats, pool: list[int], unit: int, present: NDArray[np.bool_], lower: Floats, upper: Floats
) -> Floats:
    """Best weights of one unit by linear programming.

    Few units lie on the envelope, so the problem is set against those of `pool`, that ever held anybody down, and others
    join it only when they pass 1: the answer is that of the whole problem, at the size of the envelope."""
    while True:
        found = _best(full[unit], present, full[pool], lower, upper)
        passed = full @ found
        beyond = np.flatnonzero(passed > 1 + BINDING / 100)
        fresh = [int(at) for at in beyond[np.argsort(-passed[beyond], kind="stable")] if at not in pool]
        if not fresh:
            return np.asarray(found / max(1.0, float(passed.max())))
        pool += fresh[:ADDED]


def _walked(full: Floats) -> Floats:
    """Best weights of all units without share bounds; NaN in the row of a unit for which the walk did not end.

    The weights that take no unit beyond 1 are the same set for everybody, and only the unit they are to favour changes.
    So we walk along its edges from the corner that was best for one unit to the one that is best for the next (the simplex
    method of Dantzig, started where the last one ended). A corner is where as many conditions bind as there are
    indicators: units at 1 (rows of `full`) and weights at 0."""
    units, count = full.shape
    rows = np.vstack([full, -np.eye(count)])
    limit = np.concatenate([np.ones(units), np.zeros(count)])
    result = np.full(full.shape, np.nan)
    start = np.arange(units, units + count)  # all weights at 0
    held: NDArray[np.intp] | None = start
    for unit in range(units):
        if np.isnan(result[unit, 0]):
            held = _corner(rows, limit, full[unit], start if held is None else held)
            if held is not None:
                edges = np.linalg.inv(rows[held])
                weight = np.maximum(edges @ limit[held], 0.0)
                weight /= max(1.0, float((full @ weight).max()))
                result[(full @ edges >= -FLAT).all(axis=1) & np.isnan(result[:, 0])] = weight
    return result


def _corner(rows: Floats, limit: Floats, own: Floats, held: NDArray[np.intp]) -> NDArray[np.intp] | None:
    """The conditions that bind where `own . w` is largest subject to rows @ w <= limit, walking from the corner where
    those of `held` do; None when the walk goes on too long or comes to a corner that is none."""
    held = held.copy()
    for _ in range(WALK * len(own)):
        try:
            edges = np.linalg.inv(rows[held])
        except np.linalg.LinAlgError:
            return None
        # `own` as a sum of the binding conditions: with no amount below 0, no edge leads to anything better
        amount = own @ edges
        leave = int(np.argmin(amount))
        if amount[leave] >= -FLAT:
            return held
        slope, room = rows @ -edges[:, leave], limit - rows @ (edges @ limit[held])
        slope[held] = 0.0
        far = np.divide(np.maximum(room, 0.0), slope, out=np.full(len(rows), np.inf), where=slope > STEEP)
        enter = int(np.argmin(far))
        if not np.isfinite(far[enter]):
            return None
        held[leave] = enter
    return None


def _best(own: Floats, present: NDArray[np.bool_], pool: Floats, lower: Floats, upper: Floats) -> Floats:
    """The weights of one unit against the units of the pool (HiGHS, dual simplex: a corner, to the last digits)."""
    count = len(own)
    bounds = []
    for at in np.flatnonzero(present):
        share = np.zeros(count)
        share[at] = own[at]
        if lower[at] > 0:
            bounds.append(lower[at] * own - share)
        if upper[at] < 1:
            bounds.append(share - upper[at] * own)
    table = np.vstack([pool, *bounds]) if bounds else pool
    limit = np.concatenate([np.ones(len(pool)), np.zeros(len(bounds))])
    # A gap, or an indicator that is 0 for everybody, has nothing to weigh.
    idle = ~present | ~(pool > 0).any(axis=0)
    result = linprog(
        -own,
        A_ub=table,
        b_ub=limit,
        bounds=[(0.0, 0.0 if still else None) for still in idle],
        method="highs-ds",
    )
    if result.x is None:  # share bounds that leave nothing but weights of 0 were refused before
        raise CompositeError([f"no weights satisfy the share bounds: {result.message}"])
    found: Floats = np.maximum(result.x, 0.0)
    return found


def _refuse_faults(values: Floats, low: Floats, high: Floats, missing: str, labels: Labels) -> None:
    """Every reason why the question has no answer, at once."""
    faults = []
    if missing not in ("refuse", "leave_out", "nothing"):
        faults.append(f"missing is refuse, leave_out or nothing (got {missing})")
    wrong = [labels.indicator(at) for at in range(len(low)) if not 0 <= low[at] <= high[at] <= 1]
    if wrong:
        faults.append(f"share bounds must be 0 <= lower <= upper <= 1: {listed(wrong)}")
    if low.sum() > 1 + BINDING or high.sum() < 1 - BINDING:
        faults.append(
            f"virtual shares add up to 1, but lower bounds add up to {low.sum():g} and upper to {high.sum():g}"
        )
    gaps = np.isnan(values)
    if missing == "refuse" and gaps.any():
        faults.append(f"missing: {_cells(gaps, labels)}; impute, or say missing: leave_out or nothing")
    if (values < 0).any():
        faults.append(f"below 0: {_cells(values < 0, labels)}; normalise to a scale that begins at 0")
    zero = (values == 0) & (low > 0)
    if zero.any():
        faults.append(
            f"a score of 0 can have no virtual share, but a lower bound asks for one: {_cells(zero, labels)}; "
            "normalise to a scale that begins above 0, or lower the bound to 0"
        )
    able = np.where(np.nan_to_num(values) > 0, high, 0.0).sum(axis=-1)
    short = (able < 1 - BINDING) & (np.nan_to_num(values) > 0).any(axis=-1) & ~gaps.any(axis=-1)
    if short.any():
        names = [labels.unit(tuple(map(int, place))) for place in np.argwhere(short)]
        faults.append(
            f"{listed(names)}: upper bounds of the indicators above 0 add up to less than 1; raise them"
        )
    if faults:
        raise CompositeError(faults)


def _cells(where: NDArray[np.bool_], labels: Labels) -> str:
    places = [tuple(map(int, place)) for place in np.argwhere(where)]
    return listed([f"{labels.indicator(place[-1])} of {labels.unit(place[:-1])}" for place in places])
