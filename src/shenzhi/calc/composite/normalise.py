"""Brings indicators in different units onto one scale, on which more is better (the scores behind article 86).

Every function takes `x`, an array of shape (..., units, indicators) with NaN where a value is missing, and gives
`Normalised`: scores of the same shape, where a cap acted, and the figures it used. Arguments common to all:

`direction`  +1 or -1 for each indicator (or one for all): -1 turns x round first, so that less is better.
`axis`       the frame, i.e. the axes over which the observed least, most, mean and deviation are taken: -2 takes the
             units of each leading position by themselves (per period), (-3, -2) takes units of all periods together.
`labels`     names for messages.

Any other argument is a number for all indicators or an array with one for each. A missing value stays missing and
has no part in the frame. Sources of the formulas:
OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5;
功效系数法 (efficacy coefficients) as used in Chinese official evaluations.

    >>> float(minmax([[2.0], [4.0], [3.0]], lower=0, upper=100).score[2, 0])
    50.0
    >>> float(efficacy([[55.0]], posts=[[40.0, 60.0]]).score[0, 0])  # 60 + 40 * (55 - 40) / (60 - 40)
    90.0
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats, listed, refuse_infinity

Axes = int | tuple[int, ...]
NO_LABELS = Labels()


@dataclass(frozen=True)
class Normalised:
    """`score`: shape of x. `capped`: -1 where a score was held at the lower end, +1 at the upper, else 0.
    `used`: the figures the formula used, by name, each of a shape that broadcasts against x (NaN: not used)."""

    score: Floats
    capped: NDArray[np.int8]
    used: dict[str, Floats] = field(default_factory=dict)


def minmax(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    labels: Labels = NO_LABELS,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 100.0,
) -> Normalised:
    """Min-max: (x - min) / (max - min) * (upper - lower) + lower, over the frame, after x * direction.

    The observed worst becomes `lower`, the observed best `upper`. Refused where all values of a frame are equal."""
    values, turned = _turned(x, direction, labels)
    least, most = _observed(turned, axis)
    _refuse_constant(least, most, labels)
    score = (turned - least) / (most - least) * (as_floats(upper) - as_floats(lower)) + as_floats(lower)
    return Normalised(score, _no_cap(values), _posts_as_written(least, most, direction))


def zscore(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    labels: Labels = NO_LABELS,
    mean: ArrayLike = 0.0,
    sd: ArrayLike = 1.0,
) -> Normalised:
    """Z-score: (x - x̄) / s * sd + mean, with s the sample deviation (n - 1) of the frame, after x * direction.

    Sums are exact (`math.fsum`), so the order of units changes no digit. Refused where all values of a frame are
    equal."""
    values, turned = _turned(x, direction, labels)
    _refuse_constant(*_observed(turned, axis), labels)
    average, deviation = _mean_and_deviation(turned, axis)
    score = (turned - average) / deviation * as_floats(sd) + as_floats(mean)
    return Normalised(score, _no_cap(values), {"mean": average * as_floats(direction), "sd": deviation})


def goalposts(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    labels: Labels = NO_LABELS,
    posts: ArrayLike | None = None,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 100.0,
) -> Normalised:
    """Goalposts: clip((x - low) / (high - low), 0, 1) * (upper - lower) + lower; the Human Development Index uses it.

    `posts` are (low, high) in the indicator's unit, low < high also for direction -1, where low is best: the posts
    are then (-high, -low) on -x. Values beyond a post are held at it, and marked in `capped`."""
    return efficacy(
        x, direction=direction, axis=axis, labels=labels, posts=posts, lower=lower, upper=upper, cap=True
    )


def efficacy(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    labels: Labels = NO_LABELS,
    posts: ArrayLike | None = None,
    lower: ArrayLike = 60.0,
    upper: ArrayLike = 100.0,
    cap: ArrayLike = False,
) -> Normalised:
    """Linear efficacy score (线性功效系数): lower + (upper - lower) * (x - x_s) / (x_h - x_s), as a rule 60 to 100.

    x_h is the satisfactory value (满意值), x_s the value not allowed (不允许值): the high and the low post, the other
    way round for direction -1. `posts` has shape (indicators, 2); a row of NaN, or None, takes the observed least and
    most of the frame. Without `cap` a value beyond a post scores below `lower` or above `upper`; with it the score is
    held there and marked in `capped`."""
    share, capped, used = _efficacy_share(x, direction, axis, labels, posts, cap)
    span = as_floats(upper) - as_floats(lower)
    return Normalised(as_floats(lower) + span * share, capped, used)


def efficacy_exponential(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    labels: Labels = NO_LABELS,
    posts: ArrayLike | None = None,
    lower: ArrayLike = 60.0,
    upper: ArrayLike = 100.0,
    cap: ArrayLike = False,
) -> Normalised:
    """Exponential efficacy score (指数型功效系数): lower * exp(ln(upper / lower) * (x - x_s) / (x_h - x_s)).

    With 60 and 100 this is 60 * exp(-ln 0.6 * (x - x_s) / (x_h - x_s)). `lower` must be above 0.
    Otherwise as `efficacy`."""
    if not (as_floats(lower) > 0).all():
        raise CompositeError(
            ["efficacy_exponential: lower must be above 0, since the score grows from it by a factor"]
        )
    share, capped, used = _efficacy_share(x, direction, axis, labels, posts, cap)
    return Normalised(
        as_floats(lower) * np.exp(np.log(as_floats(upper) / as_floats(lower)) * share), capped, used
    )


Normalisation = Callable[..., Normalised]

# A method file names one of these; a new one is one entry, and its keyword arguments are the keys the file may use.
NORMALISATIONS: dict[str, Normalisation] = {
    "minmax": minmax,
    "zscore": zscore,
    "goalposts": goalposts,
    "efficacy": efficacy,
    "efficacy_exponential": efficacy_exponential,
}
COMMON = ("x", "direction", "axis", "labels")


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
    x: ArrayLike, scalings: Sequence[Scaling], *, axis: Axes = -2, labels: Labels = NO_LABELS
) -> Normalised:
    """Every column of `x` (..., units, indicators) by its own `Scaling`; columns of one method are done together.

    Faults of all columns are gathered into one CompositeError."""
    values = as_floats(x)
    score, capped = np.full(values.shape, np.nan), np.zeros(values.shape, np.int8)
    used: dict[str, Floats] = {}
    faults: list[str] = []
    frame = _frame_shape(values.shape, axis)
    for method in dict.fromkeys(scaling.method for scaling in scalings):
        columns = [at for at, scaling in enumerate(scalings) if scaling.method == method]
        given = [{**parameters(method), **scalings[at].parameters} for at in columns]
        try:
            part = NORMALISATIONS[method](
                values[..., columns],
                direction=np.array([scalings[at].direction for at in columns]),
                axis=axis,
                labels=Labels([labels.indicator(at) for at in columns], labels.units, labels.frames),
                **{name: _gathered(name, [one[name] for one in given]) for name in parameters(method)},
            )
        except CompositeError as error:
            faults += error.faults
            continue
        score[..., columns], capped[..., columns] = part.score, part.capped
        for name, figures in part.used.items():
            used.setdefault(name, np.full(frame, np.nan))[..., columns] = figures
    if faults:
        raise CompositeError(faults)
    return Normalised(score, capped, used)


def _gathered(name: str, values: list[Any]) -> NDArray[Any]:
    """One array from the same parameter of several indicators; absent posts become NaN, i.e. observed."""
    if name == "posts":
        return as_floats([(np.nan, np.nan) if one is None else one for one in values])
    return np.array(values)


def _turned(x: ArrayLike, direction: ArrayLike, labels: Labels) -> tuple[Floats, Floats]:
    values, sign = as_floats(x), as_floats(direction)
    refuse_infinity(values, labels)
    if not np.isin(sign, (-1.0, 1.0)).all():
        raise CompositeError(["direction must be +1 (more is better) or -1 (less is better)"])
    return values, values * sign


def _no_cap(values: Floats) -> NDArray[np.int8]:
    return np.zeros(values.shape, np.int8)


def _frame_shape(shape: tuple[int, ...], axis: Axes) -> tuple[int, ...]:
    """`shape` with the axes of the frame reduced to one."""
    taken = {at % len(shape) for at in ((axis,) if isinstance(axis, int) else axis)}
    return tuple(1 if at in taken else size for at, size in enumerate(shape))


def _observed(turned: Floats, axis: Axes) -> tuple[Floats, Floats]:
    """Least and most of each frame, missing values aside; NaN for a frame without values."""
    return np.fmin.reduce(turned, axis=axis, keepdims=True), np.fmax.reduce(turned, axis=axis, keepdims=True)


def _posts_as_written(worst: Floats, best: Floats, direction: ArrayLike) -> dict[str, Floats]:
    """Worst and best in the indicator's own unit."""
    return {"worst": worst * as_floats(direction), "best": best * as_floats(direction)}


def _mean_and_deviation(turned: Floats, axis: Axes) -> tuple[Floats, Floats]:
    """Mean and sample deviation of each frame by exact sums."""
    axes = tuple(at % turned.ndim for at in ((axis,) if isinstance(axis, int) else axis))
    kept = [at for at in range(turned.ndim) if at not in axes]
    frame = _frame_shape(turned.shape, axis)
    rows = turned.transpose(*kept, *axes).reshape(math.prod(frame), -1)
    mean, deviation = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for at, row in enumerate(rows):
        present = row[~np.isnan(row)]
        if present.size:
            mean[at] = math.fsum(present) / present.size
        if present.size > 1:
            deviation[at] = math.sqrt(math.fsum((present - mean[at]) ** 2) / (present.size - 1))
    return mean.reshape(frame), deviation.reshape(frame)


def _refuse_constant(least: Floats, most: Floats, labels: Labels) -> None:
    """CompositeError for every indicator whose values do not differ within a frame: nothing can be told apart."""
    faults = []
    for column in range(least.shape[-1]):
        same = np.argwhere((least == most)[..., column])
        if not len(same):
            continue
        where = [tuple(map(int, at[:-1])) for at in same]
        # One frame for everything has no name of its own.
        told = all(size == 1 for size in least.shape[:-1])
        period = "" if told else f" in {listed([labels.frame(at) for at in where])}"
        faults.append(
            f"{labels.indicator(column)}: all values are equal{period}, so they "
            "cannot be put on a scale of what was observed; give it posts, take a longer frame, or leave it out"
        )
    if faults:
        raise CompositeError(faults)


def _efficacy_share(
    x: ArrayLike, direction: ArrayLike, axis: Axes, labels: Labels, posts: ArrayLike | None, cap: ArrayLike
) -> tuple[Floats, NDArray[np.int8], dict[str, Floats]]:
    """Where x lies between the worst (0) and the best (1) post, after the cap."""
    values, turned = _turned(x, direction, labels)
    count = values.shape[-1]
    written = np.full((count, 2), np.nan) if posts is None else np.broadcast_to(as_floats(posts), (count, 2))
    faults = [
        f"{labels.indicator(at)}: posts must rise, the lower first (got {low:g}, {high:g}); "
        "with direction -1 the lower one is the best"
        for at, (low, high) in enumerate(written)
        if not (low < high or (np.isnan(low) and np.isnan(high)))
    ]
    if faults:
        raise CompositeError(faults)
    sign = np.broadcast_to(as_floats(direction), (count,))
    least, most = _observed(turned, axis)
    observed = np.isnan(written[:, 0])
    _refuse_constant(np.where(observed, least, 0.0), np.where(observed, most, 1.0), labels)
    worst = np.where(observed, least, np.where(sign > 0, written[:, 0], -written[:, 1]))
    best = np.where(observed, most, np.where(sign > 0, written[:, 1], -written[:, 0]))
    share = (turned - worst) / (best - worst)
    held = np.broadcast_to(np.asarray(cap, dtype=bool), (count,))
    capped = np.where(held & (share < 0), -1, np.where(held & (share > 1), 1, 0)).astype(np.int8)
    share = np.where(capped != 0, (capped > 0).astype(np.float64), share)
    return share, capped, _posts_as_written(worst, best, sign)
