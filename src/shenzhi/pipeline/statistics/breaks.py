"""Where a series is broken: a census or a change of bounds, after which figures are on another footing (article 86)."""

from __future__ import annotations

from dataclasses import dataclass

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.city import City


@dataclass(frozen=True)
class Break:
    """From the period `since` on, the figures of `indicators` do not compare with those before, as `note` explains."""

    since: str
    indicators: tuple[str, ...]
    note: Words


def breaks(city: City, indicator: str = "") -> list[Break]:
    """The breaks that a city declares in city.yml, of one indicator or of all, oldest first."""
    declared = [
        Break(str(one["since"]), tuple(one["indicators"]), Words.of(one["note"]))
        for one in city.extra.get("breaks", ())
    ]
    return sorted(
        (one for one in declared if not indicator or indicator in one.indicators), key=lambda one: one.since
    )
