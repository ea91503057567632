"""How scores went over time: the points of a trend, and why the last step was what it was."""

from __future__ import annotations

from shenzhi.pipeline.reports.change import Change, between
from shenzhi.web.portal.editions import Edition


def points(edition: Edition, area: str, node: str) -> tuple[float | None, ...]:
    """The published scores of a node in the order of the edition's periods, None where there is none."""
    found = {one.period: one.score for one in edition.publication.scores(node=node, area=area)}
    return tuple(found.get(period) for period in edition.periods)


def scored_before(edition: Edition, area: str, node: str, period: str) -> list[str]:
    """The periods before `period` in which a score of `node` was published for `area`, ascending."""
    return [
        one
        for one in edition.periods
        if one < period
        and (score := edition.publication.score(area, one, node)) is not None
        and score.score is not None
    ]


def changed(edition: Edition, area: str, period: str) -> tuple[str, Change | None]:
    """The period before, and the change since then on the indicators known in both."""
    earlier = scored_before(edition, area, edition.root, period)
    if not earlier:
        return "", None
    return earlier[-1], between(edition.publication, area, edition.method.root, earlier[-1], period)
