"""How scores went over time: the points of a trend, and why the last step was what it was."""

from __future__ import annotations

from shenzhi.pipeline.reports.change import Change, compare
from shenzhi.web.portal.editions import Edition


def points(edition: Edition, area: str, node: str) -> tuple[float | None, ...]:
    """The published scores of a node in the order of the edition's periods, None where there is none."""
    found = {one.period: one.score for one in edition.publication.scores(node=node, area=area)}
    return tuple(found.get(period) for period in edition.periods)


def before(edition: Edition, area: str, period: str) -> str:
    """The last period before `period` in which the index of `area` was published; "" when there is none."""
    earlier = [
        one
        for one in edition.periods
        if one < period and (score := edition.root_scores.get((area, one))) and score.score is not None
    ]
    return earlier[-1] if earlier else ""


def changed(edition: Edition, area: str, period: str) -> tuple[str, Change | None]:
    """The period before, and the change since then on the indicators known in both.

    Where each period is scored on its own scale (frame "period"), scores of two periods do not compare: no change."""
    earlier = before(edition, area, period)
    if not earlier or edition.method.frame == "period":
        return earlier, None
    return earlier, compare(
        edition.method.root, _leaves(edition, area, earlier), _leaves(edition, area, period)
    )


def _leaves(edition: Edition, area: str, period: str) -> dict[str, float]:
    return {
        one.node: one.score
        for one in edition.publication.scores(area=area, period=period)
        if one.node in edition.leaves and one.score is not None
    }
