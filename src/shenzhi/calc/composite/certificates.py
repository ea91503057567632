"""What no choice of weights can change: best and worst rank over all weights allowed, without sampling (article 86).

For an index that is a weighted arithmetic mean of parts (the domains of a city, or all indicators with their effective
weights: `parts_of`). Weights lie between `lower` and `upper` and add up to 1. For a geometric mean give logarithms of the scores:
the order of units is the same.

The difference of two units is linear in the weights, so its least and most come in closed form, and with them who is always
ahead, who never is. Which of the rest can be passed at the same time is a mixed-integer program; it is solved only where
that is open. Every rank claimed comes with weights under which the unit has it, checked by computing the scores.

    >>> scores = [[80.0, 60.0], [70.0, 70.0], [50.0, 55.0]]
    >>> found = rank_certificates(scores)
    >>> found.best.tolist(), found.worst.tolist(), found.exact.all().item()
    ([1, 1, 3], [2, 2, 3], True)
    >>> smallest_change(scores, [0.6, 0.4], 1, 0, norm="linf").weights.round(9).tolist()  # draws level at 1/2 and 1/2
    [0.5, 0.5]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed
from shenzhi.calc.composite.recipe import Built

# Two scores count as equal when they differ by less than this share of the spread of all scores.
SLACK = 1e-11
# The worst rank counts rivals that can be ahead by this share of what lies between the two units in any part. Without it
# rivals that only draw level all at one point would have to be counted, or left open.
LEAD = 1e-6
FINE = 1e3
NO_LABELS = Labels()
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Certificates:
    """All (units). `best`, `worst`: ranks attained under `best_weights`, `worst_weights` (units, parts); equal scores share
    the first of their places. `best_bound`, `worst_bound`: no weights allowed give a better, or a worse, rank.
    `exact` (units): whether the bounds are attained on both ends; otherwise the truth lies between. For the bound of the
    worst rank a rival is ahead by at least a millionth of what lies between the two units in any part."""

    best: Ints
    worst: Ints
    best_bound: Ints
    worst_bound: Ints
    best_weights: Floats
    worst_weights: Floats

    @property
    def exact(self) -> NDArray[np.bool_]:
        exact: NDArray[np.bool_] = (self.best == self.best_bound) & (self.worst == self.worst_bound)
        return exact


@dataclass(frozen=True)
class Overtaking:
    """`weights` (parts): nearest to those in force under which the unit is level (or ahead by what was asked), `distance`
    from them in the norm. Without such weights among those allowed, `weights` is None and `distance` infinite."""

    weights: Floats | None
    distance: float


@dataclass(frozen=True)
class Parts:
    """What an index is a weighted mean of: `scores` (units, parts), `weights` (parts; sum 1), `codes` of the parts."""

    scores: Floats
    weights: Floats
    codes: tuple[str, ...]


def parts_of(built: Built, *, leaves: bool = False, period: int | None = None) -> Parts:
    """The parts of an index that was built: the nodes right below it, or with `leaves` all its indicators with their
    effective weights. `period`: which one of a panel.

    For a geometric index the scores are logarithms. CompositeError where the index is no weighted mean of these parts: by
    indicators it must be arithmetic all the way up, and no group on the way rounded or withheld."""
    recipe, composite = built.recipe, built.published
    tree = recipe.tree
    carried = composite.carried if period is None else composite.carried[period]
    nodes = tree.leaves if leaves else tree.children[0]
    means = {
        tree.codes[group]: composite.aggregations[group].name for group in (tree.groups if leaves else [0])
    }
    known = ("arithmetic",) if leaves else ("arithmetic", "geometric")
    faults = [
        f"{code}: the mean is {name}, and a certificate needs {' or '.join(known)}"
        for code, name in means.items()
        if name not in known
    ]
    policies = [tree.codes[at] for at in tree.groups if leaves and recipe.node_roundings[at] is not None]
    if recipe.node_roundings[0] is not None:
        policies = list(dict.fromkeys([tree.codes[0], *policies]))
    faults += [f"{code}: its score is rounded, so that it is no weighted mean any more" for code in policies]
    if carried.ndim != 2:
        faults.append(f"figures of shape {carried.shape[:-1]} have several periods: choose one with `period`")
    if faults:
        raise CompositeError(faults)
    scores = carried[:, nodes]
    if means[tree.codes[0]] == "geometric":
        scores = np.log(scores)
    return Parts(scores, tree.effective_weight[nodes], tuple(tree.codes[at] for at in nodes))


def differences(
    scores: ArrayLike, *, lower: ArrayLike = 0.0, upper: ArrayLike = 1.0, labels: Labels = NO_LABELS
) -> tuple[Floats, Floats]:
    """Least and most of score i less score j over all weights allowed: two arrays (units, units).

    i is ahead of j whatever the weights where the least is above 0."""
    values, low, high = _checked(scores, lower, upper, labels)
    most = np.array([_most(row - values, low, high) for row in values])
    return -most.T, most


def rank_certificates(
    scores: ArrayLike,
    *,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
    units: Sequence[int] | None = None,
    seconds: float = 60.0,
    labels: Labels = NO_LABELS,
) -> Certificates:
    """Best and worst rank of each unit of `scores` (units, parts; none missing) over all weights allowed.

    `units`: only these; the rest keep the bounds of comparing pairs. `seconds`: for each program; one that takes longer
    leaves its unit with bounds (see `exact`)."""
    values, low, high = _checked(scores, lower, upper, labels)
    count, parts = values.shape
    level = SLACK * max(float(np.ptp(values)) if values.size else 0.0, 1e-300)
    best, worst, best_bound, worst_bound = (np.zeros(count, np.intp) for _ in range(4))
    best_weights, worst_weights = np.empty((count, parts)), np.empty((count, parts))
    chosen = set(range(count) if units is None else units)
    for unit in range(count):
        ahead = values - values[unit]  # (units, parts): how far the others are ahead
        most = _most(ahead, low, high)
        least = -_most(-ahead, low, high)
        always, never = least > level, most <= level
        open_ = np.flatnonzero(~always & ~never)
        search = unit in chosen
        fixed = int(always.sum())
        few, fewest = _search(ahead, open_, low, high, level, -1, seconds if search else 0.0)
        many, most_of = _search(ahead, open_, low, high, level, 1, seconds if search else 0.0)
        best_bound[unit], worst_bound[unit] = 1 + fixed + fewest, 1 + fixed + most_of
        best_weights[unit], worst_weights[unit] = few, many
        best[unit], worst[unit] = (1 + int((ahead @ one > level).sum()) for one in (few, many))
    return Certificates(best, worst, best_bound, worst_bound, best_weights, worst_weights)


def _search(
    ahead: Floats, open_: Ints, low: Floats, high: Floats, level: float, sign: int, seconds: float
) -> tuple[Floats, int]:
    """Weights under which as few (sign -1) or as many (+1) as possible of the open rivals are ahead, and a bound on how
    many of them that can be."""
    rivals = ahead[open_]
    count = len(open_)
    corners = np.array([_corner(sign * one, low, high) for one in rivals]).reshape(-1, ahead.shape[1])
    tried = np.concatenate([corners, _corner(sign * ahead.sum(axis=0), low, high)[None]])
    if count:
        tried = np.concatenate([tried, corners.mean(axis=0)[None]])
    passed = (rivals @ tried.T > level).sum(axis=0)
    at = int(np.argmax(sign * passed))
    limit = 0 if sign < 0 else count
    if passed[at] == limit or not seconds:
        return tried[at], limit
    found, bound = _program(rivals, low, high, sign, seconds)
    if found is not None and sign * int((rivals @ found > level).sum()) >= sign * int(passed[at]):
        return found, bound
    return tried[at], bound


def _program(
    rivals: Floats, low: Floats, high: Floats, sign: int, seconds: float
) -> tuple[Floats | None, int]:
    """The mixed-integer program: z = 1 where a rival may be (sign 1) or must be allowed to be (sign -1) ahead."""
    count, parts = rivals.shape
    # so that the solver's tolerance means the same for all, and is far below the lead that counts
    scaled = rivals / np.abs(rivals).max(axis=1, keepdims=True) * FINE
    most = _most(scaled, low, high)
    least = -_most(-scaled, low, high)
    both = np.zeros((count, parts + count))
    both[:, :parts] = scaled
    if sign < 0:  # w d <= most z
        both[:, parts:] = np.diag(-most)
        limits = LinearConstraint(both, -np.inf, 0.0)
    else:  # w d >= lead where z is 1, else least
        both[:, parts:] = np.diag(least - LEAD * FINE)
        limits = LinearConstraint(both, least, np.inf)
    whole = np.concatenate([np.ones(parts), np.zeros(count)])
    answer = milp(
        np.concatenate([np.zeros(parts), np.full(count, -float(sign))]),
        integrality=1 - whole,
        bounds=Bounds(np.concatenate([low, np.zeros(count)]), np.concatenate([high, np.ones(count)])),
        constraints=[limits, LinearConstraint(whole[None], 1.0, 1.0)],
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    reached = -sign * (answer.mip_dual_bound if answer.mip_dual_bound is not None else -np.inf)
    # what the solver proved, to the whole number it implies
    bound = (
        min(count, int(np.floor(min(reached, count) + 1e-6)))
        if sign > 0
        else max(0, int(np.ceil(max(reached, 0.0) - 1e-6)))
    )
    if answer.x is None:
        return None, bound
    return _clearest(scaled, answer.x[parts:] > 0.5, low, high, sign), bound


def _clearest(
    scaled: Floats, ahead: NDArray[np.bool_], low: Floats, high: Floats, sign: int
) -> Floats | None:
    """Weights under which the rivals concerned are ahead (or behind) as clearly as can be: what the solver found only
    within its tolerance is found here with room to spare."""
    concerned = scaled[ahead] if sign > 0 else -scaled[~ahead]
    parts = scaled.shape[1]
    answer = linprog(
        np.append(np.zeros(parts), -1.0),
        A_ub=np.column_stack([-concerned, np.ones(len(concerned))]),
        b_ub=np.zeros(len(concerned)),
        A_eq=np.append(np.ones(parts), 0.0)[None],
        b_eq=[1.0],
        bounds=[*zip(low, high, strict=True), (-FINE, FINE)],
    )
    return None if answer.x is None else _allowed(answer.x[:parts], low, high)


def smallest_change(
    scores: ArrayLike,
    weights: ArrayLike,
    i: int,
    j: int,
    *,
    norm: str = "l1",
    lead: float = 0.0,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
    labels: Labels = NO_LABELS,
) -> Overtaking:
    """The weights nearest to `weights` (parts; brought to the sum 1) under which unit i scores at least `lead` more than j.

    `norm`: "l1" the sum of changes, "linf" the largest change (linear programs), "l2" the root of the sum of squares
    (a projection). With `lead` 0 the two draw level at the border, and any step further puts i ahead."""
    if norm not in NORMS:
        raise CompositeError([f"norm: {norm} is not known; known are {', '.join(NORMS)}"])
    values, low, high = _checked(scores, lower, upper, labels)
    given = as_floats(weights)
    if given.shape != low.shape or not (given >= 0).all() or not given.sum() > 0:
        raise CompositeError([f"weights: give {len(low)} that are not below 0, and not all 0"])
    now = given / given.sum()
    ahead = values[i] - values[j]
    if _most(ahead[None], low, high)[0] < lead:
        return Overtaking(None, np.inf)
    inside = bool((now >= low).all() and (now <= high).all())
    if inside and now @ ahead >= lead:
        return Overtaking(now, 0.0)
    found = NORMS[norm](now, ahead, lead, low, high)
    change = np.abs(found - now)
    distance = {"l1": change.sum(), "linf": change.max(initial=0.0), "l2": np.sqrt((change**2).sum())}[norm]
    return Overtaking(found, float(distance))


def _nearest_l1(now: Floats, ahead: Floats, lead: float, low: Floats, high: Floats) -> Floats:
    """w = now + up - down with least up + down."""
    parts = len(now)
    answer = linprog(
        np.ones(2 * parts),
        A_ub=np.append(-ahead, ahead)[None],
        b_ub=[float(now @ ahead) - lead],
        A_eq=np.append(np.ones(parts), -np.ones(parts))[None],
        b_eq=[1.0 - now.sum()],
        bounds=[
            *((max(0.0, a - w), max(0.0, b - w)) for a, b, w in zip(low, high, now, strict=True)),
            *((max(0.0, w - b), max(0.0, w - a)) for a, b, w in zip(low, high, now, strict=True)),
        ],
    )
    change = _solved(answer)
    return now + change[:parts] - change[parts:]


def _nearest_linf(now: Floats, ahead: Floats, lead: float, low: Floats, high: Floats) -> Floats:
    """Least t with |w - now| <= t."""
    parts = len(now)
    one = np.eye(parts)
    answer = linprog(
        np.append(np.zeros(parts), 1.0),
        A_ub=np.vstack([np.append(-ahead, 0.0), np.c_[one, -np.ones(parts)], np.c_[-one, -np.ones(parts)]]),
        b_ub=np.concatenate([[-lead], now, -now]),
        A_eq=np.append(np.ones(parts), 0.0)[None],
        b_eq=[1.0],
        bounds=[*zip(low, high, strict=True), (0.0, None)],
    )
    return _solved(answer)[:parts]


def _solved(answer: Any) -> Floats:
    if answer.x is None:  # there are such weights, or nobody would have asked
        raise CompositeError([f"the linear program was not solved: {answer.message}"])
    return as_floats(answer.x)


def _nearest_l2(now: Floats, ahead: Floats, lead: float, low: Floats, high: Floats) -> Floats:
    """The projection: w = clip(now + m + s ahead) with m so that the sum is 1, and s >= 0 as small as will do.

    Both conditions are monotone in their multiplier; halving finds which weights lie at their limits, and the rest
    follows exactly from two linear equations."""

    def on_simplex(point: Floats) -> Floats:
        m = _root(
            lambda m: np.clip(point + m, low, high).sum() - 1.0,
            float((low - point).min()),
            float((high - point).max()),
        )
        return np.clip(point + m, low, high)

    def gain(s: float) -> float:
        return float(on_simplex(now + s * ahead) @ ahead) - lead

    if gain(0.0) >= 0:
        return _allowed(on_simplex(now), low, high)
    far = 1.0 / max(float(np.abs(ahead).max()), 1e-300)
    while gain(far) < 0 and far < 1e300:
        before, far = gain(far), far * 2
        if gain(far) == before and before > -1e-12 * max(1.0, abs(lead)):
            break  # the limit itself is asked for
    found = on_simplex(now + _root(gain, 0.0, far) * ahead)
    free = (found > low + 1e-12) & (found < high - 1e-12)
    side, own = ahead[free], now[free]
    square = np.array([[free.sum(), side.sum()], [side.sum(), side @ side]])
    if free.sum() > 1 and np.linalg.cond(square) < 1e12:
        rest = found[~free]
        need = [1.0 - rest.sum() - own.sum(), lead - rest @ ahead[~free] - own @ side]
        m, s = np.linalg.solve(square, need)
        exact = found.copy()
        exact[free] = own + m + s * side
        if (exact >= low - 1e-9).all() and (exact <= high + 1e-9).all():
            return np.clip(exact, low, high)
    return found


NORMS: dict[str, Callable[[Floats, Floats, float, Floats, Floats], Floats]] = {
    "l1": _nearest_l1,
    "linf": _nearest_linf,
    "l2": _nearest_l2,
}


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """The upper end of the last halving: there `rising` is not below 0."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if rising(middle) >= 0 else (middle, high)
    return high


def _most(ahead: Floats, low: Floats, high: Floats) -> Floats:
    """The most of w · d over the weights allowed, for each row d: what is to spare goes to the largest first."""
    order = np.argsort(-ahead, axis=1, kind="stable")
    ordered = np.take_along_axis(ahead, order, 1)
    return ahead @ low + (ordered * _spent((high - low)[order], 1.0 - low.sum())).sum(axis=1)


def _corner(ahead: Floats, low: Floats, high: Floats) -> Floats:
    """The weights at which w · d is most."""
    order = np.argsort(-ahead, kind="stable")
    weights = low.copy()
    weights[order] += _spent((high - low)[order][None], 1.0 - low.sum())[0]
    return weights


def _spent(room: Floats, budget: float) -> Floats:
    """How much of the budget each place takes, from the first on."""
    return np.clip(budget - (np.cumsum(room, axis=1) - room), 0.0, room)


def _allowed(weights: Any, low: Floats, high: Floats) -> Floats:
    """Weights a solver found, without what its tolerance left outside the limits or off the sum 1."""
    inside = np.clip(as_floats(weights), low, high)
    short = 1.0 - inside.sum()
    room = high - inside if short > 0 else inside - low
    return inside + (short * room / room.sum() if room.sum() > 0 else 0.0)


def _checked(
    scores: ArrayLike, lower: ArrayLike, upper: ArrayLike, labels: Labels
) -> tuple[Floats, Floats, Floats]:
    values = as_floats(scores)
    if values.ndim != 2 or not values.shape[1]:
        raise CompositeError([f"scores must have the shape (units, parts), not {values.shape}"])
    faults = []
    lost = np.argwhere(~np.isfinite(values))
    if len(lost):
        names = [f"{labels.indicator(int(part))} of {labels.unit((int(unit),))}" for unit, part in lost]
        faults.append(
            f"no score: {listed(names)}; a missing part shifts the weights of the others, so that the difference of two "
            "units is not linear any more; impute it, or leave the unit or the part out"
        )
    low, high = (np.broadcast_to(as_floats(one), values.shape[1:]).copy() for one in (lower, upper))
    if not ((low >= 0) & (low <= high) & np.isfinite(high)).all():
        faults.append("weights: each lower end must be at least 0 and not above its upper end")
    elif not low.sum() <= 1 + 1e-12 or not high.sum() >= 1 - 1e-12:
        faults.append(
            f"no weights add up to 1: the lower ends come to {low.sum():g}, the upper to {high.sum():g}; give shares"
        )
    if faults:
        raise CompositeError(faults)
    return values, low, high
