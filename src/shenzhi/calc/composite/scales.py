"""Scores between two ends, or by distance from the mean: min-max, z-score, goalposts, efficacy (article 86).

Every function takes `x`, an array of shape (..., units, indicators) with NaN where a value is missing, and gives
`Normalised`: scores of the same shape, where a cap acted, and the figures it used. Arguments common to all:

`direction`  +1 or -1 for each indicator (or one for all): -1 turns x round first, so that less is better.
`axis`       the frame, i.e. the axes over which the observed least, most, mean and deviation are taken: -2 takes the
             units of each leading position by themselves (per period), (-3, -2) takes units of all periods together.
`base`       a period or periods of the panel whose units together are the frame of all periods; None: as `axis` says.
`labels`     names for messages.

Any other argument is a number for all indicators or an array with one for each. A missing value stays missing and
has no part in the frame. Sources of the formulas: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5;
功效系数法 (efficacy coefficients) as used in Chinese official evaluations.

    >>> float(minmax([[2.0], [4.0], [3.0]], lower=0, upper=100).score[2, 0])
    50.0
    >>> float(efficacy([[55.0]], posts=[[40.0, 60.0]]).score[0, 0])  # 60 + 40 * (55 - 40) / (60 - 40)
    90.0
    >>> minmax([[[2.0], [4.0]], [[3.0], [5.0]]], base=0).score[..., 0].tolist()  # two periods on the first one's scale
    [[0.0, 100.0], [50.0, 150.0]]
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.frames import (
    NO_LABELS,
    Axes,
    Base,
    Normalised,
    each,
    frame_shape,
    held,
    mean_and_deviation,
    no_cap,
    observed,
    pairs,
    posts_as_written,
    refuse_cells,
    refuse_constant,
    turned_round,
)
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, as_floats


def minmax(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 100.0,
) -> Normalised:
    """Min-max: (x - min) / (max - min) * (upper - lower) + lower, over the frame, after x * direction.

    The observed worst becomes `lower`, the observed best `upper`. Refused where all values of a frame are equal."""
    turned = turned_round(x, direction, labels)
    least, most = observed(turned, axis, base)
    refuse_constant(least, most, labels)
    turned -= least  # in place: a copy for each sign would take longer than the sums
    turned /= most - least
    turned *= as_floats(upper) - as_floats(lower)
    turned += as_floats(lower)
    return Normalised(turned, no_cap(turned), posts_as_written(least, most, direction))


def zscore(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    mean: ArrayLike = 0.0,
    sd: ArrayLike = 1.0,
) -> Normalised:
    """Z-score: (x - x̄) / s * sd + mean, with s the sample deviation (n - 1) of the frame, after x * direction.

    Sums are exact, so the order of units changes no digit. Refused where all values of a frame are equal."""
    turned = turned_round(x, direction, labels)
    refuse_constant(*observed(turned, axis, base), labels)
    average, deviation = mean_and_deviation(turned, axis, base)
    score = (turned - average) / deviation * as_floats(sd) + as_floats(mean)
    return Normalised(score, no_cap(turned), {"mean": average * as_floats(direction), "sd": deviation})


def goalposts(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    posts: ArrayLike | None = None,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 100.0,
    log: ArrayLike = False,
) -> Normalised:
    """Goalposts: clip((x - low) / (high - low), 0, 1) * (upper - lower) + lower; the Human Development Index uses it.

    `posts` are (low, high) in the indicator's unit, low < high also for direction -1, where low is best: the posts
    are then (-high, -low) on -x. Values beyond a post are held at it, and marked in `capped`."""
    return efficacy(
        x,
        direction=direction,
        axis=axis,
        base=base,
        labels=labels,
        posts=posts,
        lower=lower,
        upper=upper,
        cap=True,
        log=log,
    )


def efficacy(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    posts: ArrayLike | None = None,
    lower: ArrayLike = 60.0,
    upper: ArrayLike = 100.0,
    cap: ArrayLike = False,
    log: ArrayLike = False,
) -> Normalised:
    """Linear efficacy score (线性功效系数): lower + (upper - lower) * (x - x_s) / (x_h - x_s), as a rule 60 to 100.

    x_h is the satisfactory value (满意值), x_s the value not allowed (不允许值): the high and the low post, the other
    way round for direction -1. `posts` has shape (indicators, 2); a row of NaN, or None, takes the observed least and
    most of the frame. Without `cap` a value beyond a post scores below `lower` or above `upper`; with it the score is
    held there and marked in `capped`. With `log` values and posts are taken by their natural logarithms, and must be above 0: twice
    as much is then worth the same wherever it is added."""
    share, capped, used = _efficacy_share(x, direction, axis, base, labels, posts, cap, log)
    span = as_floats(upper) - as_floats(lower)
    return Normalised(as_floats(lower) + span * share, capped, used)


def efficacy_exponential(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    posts: ArrayLike | None = None,
    lower: ArrayLike = 60.0,
    upper: ArrayLike = 100.0,
    cap: ArrayLike = False,
    log: ArrayLike = False,
) -> Normalised:
    """Exponential efficacy score (指数型功效系数): lower * exp(ln(upper / lower) * (x - x_s) / (x_h - x_s)).

    With 60 and 100 this is 60 * exp(-ln 0.6 * (x - x_s) / (x_h - x_s)). `lower` must be above 0.
    Otherwise as `efficacy`."""
    if not (as_floats(lower) > 0).all():
        raise CompositeError(
            ["efficacy_exponential: lower must be above 0, since the score grows from it by a factor"]
        )
    share, capped, used = _efficacy_share(x, direction, axis, base, labels, posts, cap, log)
    return Normalised(
        as_floats(lower) * np.exp(np.log(as_floats(upper) / as_floats(lower)) * share), capped, used
    )


def scaled(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    posts: ArrayLike | None = None,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 100.0,
    log: ArrayLike = False,
) -> Normalised:
    """Fixed scaling: (x - low) / (high - low) * (upper - lower) + lower, without a cap: goalposts that hold nothing."""
    return efficacy(
        x,
        direction=direction,
        axis=axis,
        base=base,
        labels=labels,
        posts=posts,
        lower=lower,
        upper=upper,
        log=log,
    )


def dist2max(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
) -> Normalised:
    """Distance to the maximum: 1 - (max - x) / (max - min), which is min-max from 0 to 1 by another name."""
    return minmax(x, direction=direction, axis=axis, base=base, labels=labels, lower=lower, upper=upper)


def ampi(
    x: ArrayLike,
    *,
    direction: ArrayLike = 1,
    axis: Axes = -2,
    base: Base = None,
    labels: Labels = NO_LABELS,
    reference: ArrayLike | None = None,
    lower: ArrayLike = 70.0,
    upper: ArrayLike = 130.0,
) -> Normalised:
    """The scale of the adjusted Mazziotta-Pareto index: 60 * (x - (r - d)) / 2d + 70 with d = (max - min) / 2.

    The reference r scores 100: a figure for each indicator or, without one, the mean of the frame (of `base`, if given).
    The range is that of the frame by `axis` alone, so that with (-3, -2) and a base all periods lie on one scale. It
    is followed by the Mazziotta-Pareto mean (M. Mazziotta and A. Pareto 2016, Social Indicators Research 127)."""
    turned = turned_round(x, direction, labels)
    least, most = observed(turned, axis)
    refuse_constant(least, most, labels)
    given = each(np.nan if reference is None else reference, turned.shape[-1]) * as_floats(direction)
    centre = np.where(np.isnan(given), mean_and_deviation(turned, axis, base)[0], given)
    low, high = as_floats(lower), as_floats(upper)
    score = (turned - centre) / (most - least) * (high - low) + (low + high) / 2
    used = {**posts_as_written(least, most, direction), "reference": centre * as_floats(direction)}
    return Normalised(score, no_cap(turned), used)


def _efficacy_share(
    x: ArrayLike,
    direction: ArrayLike,
    axis: Axes,
    base: Base,
    labels: Labels,
    posts: ArrayLike | None,
    cap: ArrayLike,
    log: ArrayLike,
) -> tuple[Floats, NDArray[np.int8], dict[str, Floats]]:
    """Where x lies between the worst (0) and the best (1) post, after the cap."""
    turned = turned_round(x, direction, labels)
    count = turned.shape[-1]
    bent = np.broadcast_to(np.asarray(log, dtype=bool), (count,))
    written = pairs(posts, count)
    faults = [
        f"{labels.indicator(at)}: posts must rise, the lower first (got {low:g}, {high:g}); "
        "with direction -1 the lower one is the best"
        for at, (low, high) in enumerate(written)
        if not (low < high or (np.isnan(low) and np.isnan(high)))
    ]
    faults += [
        f"{labels.indicator(at)}: posts must be above 0 to have a logarithm (got {low:g}, {high:g})"
        for at, (low, high) in enumerate(written)
        if bent[at] and low <= 0
    ]
    if faults:
        raise CompositeError(faults)
    sign, free = each(direction, count), np.isnan(written[:, 0])
    worst = np.where(sign > 0, written[:, 0], -written[:, 1])
    best = np.where(sign > 0, written[:, 1], -written[:, 0])
    if free.any():
        least, most = observed(turned, axis, base)
        refuse_constant(np.where(free, least, 0.0), np.where(free, most, 1.0), labels)
        worst, best = np.where(free, least, worst), np.where(free, most, best)
    else:
        worst, best = (np.broadcast_to(post, frame_shape(turned.shape, axis)) for post in (worst, best))
    used = posts_as_written(worst, best, sign)
    if bent.any():
        turned, worst, best = (_by_logarithm(one, sign, bent, labels) for one in (turned, worst, best))
    share, capped = held((turned - worst) / (best - worst), cap)
    return share, capped, used


def _by_logarithm(turned: Floats, sign: Floats, bent: NDArray[np.bool_], labels: Labels) -> Floats:
    """The columns `bent` by the logarithm of their values as given, turned round again."""
    given = turned * sign
    low = bent & (given <= 0)
    refuse_cells(
        low, given, "a logarithm needs values above 0; give it posts without log, or correct them", labels
    )
    return np.where(bent, np.log(np.where(bent, given, 1.0)) * sign, turned)
