"""What becomes of a published index if weights or a figure were others: a trial beside what was published (article 86).

A `Trial` is a question, `tried` answers it for every area and period from the publication's own folder. The other way
round: `value_for` gives the figure that would bring an area to a score or a rank, `smallest_change` the weights nearest to
those of the trial under which one area passes another. A trial changes nothing that was published.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from threading import Lock

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shenzhi.calc.composite import certificates
from shenzhi.calc.composite.labels import CompositeError, Floats
from shenzhi.calc.composite.nearest import nearest
from shenzhi.calc.composite.ranks import ranks
from shenzhi.calc.composite.rounding import rounded
from shenzhi.calc.composite.whatif import WhatIf
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.recipe import built_of
from shenzhi.pipeline.index.scope import IndexFault, Scope, cube_of

FAR = 2.0**40  # a figure so many spreads away gets an area as far as figures can
SAME = 1e-9  # scores nearer than this are one score
FINE = 1e-4  # weights that are proposed are rounded to this share of their sum


class TrialError(ValueError):
    """A trial cannot be made; `faults` holds every reason, in both languages."""

    def __init__(self, faults: Sequence[Words]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(f"{one.zh}\n{one.en}" for one in faults))


@dataclass(frozen=True)
class Figure:
    """One figure of an area, and what it is taken to be."""

    area: str
    indicator: str
    value: float


@dataclass(frozen=True)
class Trial:
    """What is to be otherwise: weights of nodes by code, each counting among its siblings, for all periods, and figures of
    `period`, in the indicators' own units. What is not named is as published."""

    period: str
    weights: Mapping[str, float] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Standing:
    """One area before (as published) and after (in the trial). A score or rank is None where there is none."""

    area: str
    before: float | None
    after: float | None
    rank_before: int | None = None
    rank_after: int | None = None

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def places(self) -> int:
        """Places gained; below 0 for places lost, 0 where one of the ranks is missing."""
        if self.rank_before is None or self.rank_after is None:
            return 0
        return self.rank_before - self.rank_after


@dataclass(frozen=True)
class Weighed:
    """A node right below the index: its weight and its share (0..1) among the others, as published and in the trial.
    `scored`: whether any area has a score for it in the period."""

    code: str
    published: float
    weight: float
    published_share: float
    share: float
    scored: bool


@dataclass(frozen=True)
class Tried:
    """The answer to a trial. `standings`: areas in the period, those of the trial's ranking first, then those without a
    score; ranks count from 1 among the areas that were asked for, equal scores sharing the first of their places.
    `agrees`: whether this program gives the published scores when nothing is changed, as it does unless the edition was
    computed by another version."""

    trial: Trial
    view: WhatIf
    scope: Scope
    decimals: int
    standings: tuple[Standing, ...]
    weights: tuple[Weighed, ...]
    agrees: bool

    def course(self, area: str, publication: Publication) -> list[tuple[str, Standing]]:
        """The index of one area in every period."""
        root = publication.method.root.code
        found = {one.period: one.score for one in publication.scores(root, area=area)}
        at = self.scope.areas.index(area)
        after = self.view.score[:, at]
        return [
            (period, Standing(area, found.get(period), _figure(after[place])))
            for place, period in enumerate(self.scope.periods)
        ]

    def passed(self, area: str) -> tuple[list[str], list[str]]:
        """Areas that stood above `area` and stand below it now, and those that it has drawn level with."""
        was, now = self._seen
        at = self._place[area]
        behind, above = was > was[at], now < now[at]
        return self._named(behind & above), self._named(behind & (now == now[at]))

    def passed_by(self, area: str) -> list[str]:
        """Areas that stood below `area`, or level with it, and stand above it now."""
        was, now = self._seen
        at = self._place[area]
        return self._named((was <= was[at]) & (now > now[at]))

    @cached_property
    def _seen(self) -> tuple[Floats, Floats]:
        """Scores before and after, rounded as they are compared."""
        before = np.array([math.nan if one.before is None else one.before for one in self.standings])
        after = np.array([math.nan if one.after is None else one.after for one in self.standings])
        return seen(before, self.decimals), seen(after, self.decimals)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {one.area: at for at, one in enumerate(self.standings)}

    def _named(self, chosen: NDArray[np.bool_]) -> list[str]:
        return [self.standings[at].area for at in np.flatnonzero(chosen)]


@dataclass(frozen=True)
class Overtaking:
    """`weights`: all weights right below the index under which the area passes the other; None where there are none.
    `moved`: the share (0..1) of all weight that changes hands for it; 0 where the area is ahead as it is."""

    weights: Mapping[str, float] | None
    moved: float

    @property
    def already(self) -> bool:
        return self.weights is not None and self.moved == 0


def seen(scores: Floats, decimals: int) -> Floats:
    """Scores as `ranks` compares them."""
    return rounded(scores, decimals, "half_even")


def tried(publication: Publication, trial: Trial, areas: Collection[str] | None = None) -> Tried:
    """The answer to a trial. `areas`: those that are ranked among each other, all areas of the publication unless given.

    TrialError names every fault of the trial; IndexFault where the publication itself cannot be computed again."""
    base, scope = view_of(publication)
    view = _changed(publication, trial)
    asked = set(scope.areas if areas is None else areas)
    at = [place for place, one in enumerate(scope.areas) if one in asked]
    ranked = [scope.areas[place] for place in at]
    row = scope.periods.index(trial.period)
    root, decimals = publication.method.root.code, publication.method.decimals
    published = {one.area: one.score for one in publication.scores(root, period=trial.period)}
    before = np.array([np.nan if published.get(one) is None else published[one] for one in ranked], float)
    after = view.score[row][at]
    were, are = (ranks(one, decimals=decimals) for one in (before, after))
    standings = [
        Standing(area, _figure(before[i]), _figure(after[i]), _place(were[i]), _place(are[i]))
        for i, area in enumerate(ranked)
    ]
    standings.sort(key=lambda one: (one.rank_after or math.inf, one.rank_before or math.inf, one.area))
    agrees = bool(np.allclose(base.score[row][at], before, rtol=0, atol=SAME, equal_nan=True))
    return Tried(trial, view, scope, decimals, tuple(standings), _weighed(base, view, row), agrees)


def value_for(
    publication: Publication,
    trial: Trial,
    area: str,
    indicator: str,
    *,
    score: float | None = None,
    rank: int | None = None,
    areas: Collection[str] | None = None,
) -> float | None:
    """The figure of an indicator, nearest to the one published, at which `area` has the index `score`, or, among `areas`,
    the rank `rank` or beyond it; None where no figure brings it there. Everything else is as in the trial."""
    figures = tuple(one for one in trial.figures if (one.area, one.indicator) != (area, indicator))
    view = _changed(publication, replace(trial, figures=figures))
    _, scope = view_of(publication)
    faults = _unknown_cell(publication, scope, area, indicator)
    if not faults and rank is not None and areas is not None and area not in areas:
        faults = [Words("这个区域不参加排名", "This area stands in no ranking")]
    if faults:
        raise TrialError(faults)
    row, unit = scope.periods.index(trial.period), scope.areas.index(area)
    leaf = view.built.recipe.leaves.index(indicator)
    column = view.raw[..., leaf]
    own = float(column[row, unit])
    if np.isnan(column).all():
        title = publication.method.nodes[indicator].title
        no_start = Words(
            f"“{title.zh}”没有一个数，无从试算", f"“{title.en}” has no figure at all to start from"
        )
        raise TrialError([no_start])
    start = own if not math.isnan(own) else float(np.nanmedian(column))
    spread = float(np.nanmax(column) - np.nanmin(column))
    reach = spread if spread > 0 else max(1.0, float(np.nanmax(np.abs(column))))

    def with_figure(value: float) -> WhatIf:
        return view.value(area, indicator, value, trial.period)

    def score_at(value: float) -> float:
        return float(with_figure(value).score[row, unit])

    if score is not None:
        return nearest(start, reach, score_at, score) if _within(start, reach, score_at, score) else None
    assert rank is not None
    asked = set(scope.areas if areas is None else areas)
    at = [place for place, one in enumerate(scope.areas) if one in asked]
    decimals = publication.method.decimals

    def standing_at(value: float) -> float:
        among = ranks(with_figure(value).score[row][at], decimals=decimals)
        return -float(among[at.index(unit)])

    now = standing_at(start)
    if not _within(start, reach, standing_at, -float(rank)):
        return None
    if now == -rank:
        return start
    # Where the others stay as they are, a rank is a score: that of the one who holds it, or just below the one before.
    rivals = np.delete(view.score[row][at], at.index(unit))
    rivals = np.sort(seen(rivals[~np.isnan(rivals)], decimals))[::-1]
    place, step = (rank - 1, 0.0) if -rank > now else (rank - 2, 10.0**-decimals)
    if 0 <= place < len(rivals):
        found = nearest(start, reach, score_at, float(rivals[place]) - step)
        if found is not None and standing_at(found) == -rank:
            return found
    return nearest(start, reach, standing_at, -float(rank), linear=False)


def smallest_change(publication: Publication, trial: Trial, area: str, other: str) -> Overtaking:
    """The weights nearest to those of the trial (least weight changing hands) under which `area` scores more than `other`
    in the period, to the digits that decide ranks. TrialError where the question has no exact answer."""
    view = _changed(publication, trial)
    _, scope = view_of(publication)
    root = publication.method.root
    faults = _unknown_area(scope, area) + _unknown_area(scope, other)
    if area == other:
        faults.append(Words("请选两个不同的区域", "Choose two different areas"))
    with_points = any(item.node == root.code for item in publication.method.practice.items)
    if root.aggregate not in ("arithmetic", "geometric") or root.rounding is not None or with_points:
        faults.append(
            Words(
                "这个指数不是各项的加权平均，求不出最小的调整",
                "This index is no weighted mean of its parts, so a smallest change cannot be worked out",
            )
        )
    if faults:
        raise TrialError(faults)
    row, pair = scope.periods.index(trial.period), [scope.areas.index(one) for one in (area, other)]
    tree = view.built.recipe.tree
    nodes = tree.children[0]
    scores = np.array([view.scores[node][row][pair] for node in nodes]).T
    known = ~np.isnan(scores)
    if np.isnan(view.score[row][pair]).any() or (known[0] != known[1]).any():
        raise TrialError(
            [
                Words(
                    "两个区域本期没有得分的项目不同，权重的作用无法直接相比",
                    "The two areas lack different parts in this period, so weights do not act on both alike",
                )
            ]
        )
    if _leads(view, row, pair, publication.method.decimals):
        return Overtaking(view.weights, 0.0)
    parts = known[0]
    compared = np.log(scores[:, parts]) if root.aggregate == "geometric" else scores[:, parts]
    now = view.weight_of[nodes][parts]
    digit = 10.0**-publication.method.decimals
    unit = digit if root.aggregate == "arithmetic" else digit / float(np.nanmean(view.score[row][pair]))
    step = 10.0 ** math.floor(math.log10(view.weight_of[nodes].sum() * FINE))
    for lead in (0.0, unit, 2 * unit, 10 * unit, 1e-4 * float(np.ptp(compared)) + 20 * unit):
        found = certificates.smallest_change(compared, now, 0, 1, norm="l1", lead=lead)
        if found.weights is None:
            break
        weights = dict(view.weights)
        for node, share in zip(np.array(nodes)[parts], found.weights, strict=True):
            weights[tree.codes[node]] = round(max(0.0, round(share * now.sum() / step) * step), 12)
        if sum(weights.values()) > 0 and _leads(
            view.weighted(weights), row, pair, publication.method.decimals
        ):
            return Overtaking(weights, found.distance / 2)
    return Overtaking(None, math.inf)


def view_of(publication: Publication) -> tuple[WhatIf, Scope]:
    """The publication's index with every step, ready for what-if; built once for each edition, the latest few kept."""
    with _building:
        return _view_of(publication)


_building = Lock()


@lru_cache(maxsize=4)
def _view_of(publication: Publication) -> tuple[WhatIf, Scope]:
    method = publication.method
    known = publication.manifest["scope"]
    scope = Scope(tuple(known["areas"]), tuple(known["periods"]))
    series = pq.read_table(publication.table("series"), columns=list(_SERIES))
    built = built_of(method, cube_of(method, series, scope), scope)
    return WhatIf.of(built), scope


_SERIES = ("indicator", "area", "period", "value", "status", "current")


def _changed(publication: Publication, trial: Trial) -> WhatIf:
    view, scope = view_of(publication)
    faults = _faults(publication, view, scope, trial)
    if faults:
        raise TrialError(faults)
    try:
        if trial.weights:
            view = view.weighted(trial.weights)
        for one in trial.figures:
            view = view.value(one.area, one.indicator, one.value, trial.period)
    except (CompositeError, IndexFault) as error:
        raise TrialError(
            [
                Words(
                    "按这个方法，这样改算不出指数：数值超出了计分或合成所能处理的范围",
                    f"Under this method no index comes of this change: {'; '.join(error.faults)}",
                )
            ]
        ) from error
    return view


def _faults(publication: Publication, view: WhatIf, scope: Scope, trial: Trial) -> list[Words]:
    faults = []
    tree = view.built.recipe.tree
    if trial.period not in scope.periods:
        listed = "、".join(scope.periods)
        faults.append(
            Words(
                f"没有{trial.period}这一期；有的是{listed}",
                f"There is no period {trial.period}; there are {', '.join(scope.periods)}",
            )
        )
    weight = view.weight_of.copy()
    for code, value in trial.weights.items():
        if code not in tree.codes[1:]:
            top = [tree.codes[at] for at in tree.children[0]]
            faults.append(
                Words(
                    f"没有叫“{code}”的项目；可以改的有{'、'.join(top)}",
                    f"There is no node called “{code}”; those that can be weighed are {', '.join(top)}",
                )
            )
        elif not (math.isfinite(value) and value >= 0):
            title = publication.method.nodes[code].title
            faults.append(
                Words(f"“{title.zh}”的权重应当是0或正数", f"The weight of {title.en} must be 0 or more")
            )
        else:
            weight[tree.codes.index(code)] = value
    for at in tree.groups:
        if not (weight[tree.children[at]] > 0).any():
            title = publication.method.nodes[tree.codes[at]].title
            faults.append(
                Words(
                    f"“{title.zh}”之下的权重不能全是0，至少留一个",
                    f"The weights under “{title.en}” cannot all be 0; leave at least one",
                )
            )
    for one in trial.figures:
        faults += _unknown_cell(publication, scope, one.area, one.indicator)
        if math.isinf(one.value):
            faults.append(Words("数值不能是无穷大", "A figure cannot be infinite"))
    return faults


def _unknown_cell(publication: Publication, scope: Scope, area: str, indicator: str) -> list[Words]:
    faults = _unknown_area(scope, area)
    if indicator not in {leaf.code for leaf in publication.method.leaves}:
        faults.append(
            Words(f"指数里没有叫“{indicator}”的指标", f"The index has no indicator called “{indicator}”")
        )
    return faults


def _unknown_area(scope: Scope, area: str) -> list[Words]:
    if area in scope.areas:
        return []
    return [Words(f"指数里没有代码为“{area}”的区域", f"The index has no area with the code “{area}”")]


def _weighed(base: WhatIf, view: WhatIf, row: int) -> tuple[Weighed, ...]:
    tree = view.built.recipe.tree
    nodes = tree.children[0]
    was, now = base.weight_of[nodes], view.weight_of[nodes]
    return tuple(
        Weighed(
            tree.codes[node],
            float(was[at]),
            float(now[at]),
            float(was[at] / was.sum()),
            float(now[at] / now.sum()),
            not bool(np.isnan(view.scores[node][row]).all()),
        )
        for at, node in enumerate(nodes)
    )


def _leads(view: WhatIf, row: int, pair: Sequence[int], decimals: int) -> bool:
    first, second = seen(view.score[row][list(pair)], decimals)
    return bool(first > second)


def _within(start: float, reach: float, at: Callable[[float], float], goal: float) -> bool:
    """Whether any figure at all brings it to the goal; saves a long search for what cannot be found."""
    ends: list[float] = [at(start)]
    for far in (start - FAR * reach, start + FAR * reach):
        try:
            with np.errstate(all="ignore"):
                ends.append(at(far))
        except CompositeError:  # beyond what the method can score: the search will see how far it gets
            return True
    return any(math.isnan(one) for one in ends) or min(ends) <= goal <= max(ends)


def _figure(score: Floats | float) -> float | None:
    return None if np.isnan(score) else float(score)


def _place(rank: Floats | float) -> int | None:
    return None if np.isnan(rank) else int(rank)
