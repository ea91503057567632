"""The published index of a city as the pages ask for it: names, units, domains and coverage, worked out once.

An edition is never changed once it is published, so everything here is computed once and kept until a new edition
takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.http import Http404

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Method, Node
from shenzhi.pipeline.index.published import Publication, Score
from shenzhi.pipeline.lake.city import Area, City
from shenzhi.pipeline.lake.declared import sources_of
from shenzhi.pipeline.lake.source import Source
from shenzhi.pipeline.statistics.breaks import Break, breaks
from shenzhi.pipeline.statistics.indicator import DOMAINS, INDICATORS, Indicator
from shenzhi.web.portal import frame

BIG = 50_000  # values of an edition whose report is written in about half a second
SIX = ("economy", "culture", "society", "ecology", "urban", "government")


@dataclass(frozen=True)
class Coverage:
    """How much is known of one indicator: values, areas, and the first and last period."""

    values: int
    areas: int
    first: str
    last: str


class NotPublished(Exception):
    """The city has no published index yet; the page says so and what to do."""

    def __init__(self, city: City) -> None:
        super().__init__(city.slug)
        self.city = city


class Unknown(Http404):
    """Something that was asked for is not there: `what` names it, `href` is where to look instead."""

    def __init__(
        self, what: Words, href: str = "", where: Words | None = None, city: City | None = None
    ) -> None:
        super().__init__(what.zh)
        self.what = what
        self.href = href
        self.where = where
        self.city = city


class Edition:
    """One published edition of one city."""

    def __init__(self, city: City, publication: Publication) -> None:
        self.city = city
        self.publication = publication

    @property
    def name(self) -> str:
        return str(self.publication.edition)

    @property
    def created_at(self) -> str:
        return str(self.publication.created_at)

    @cached_property
    def method(self) -> Method:
        return self.publication.method

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        return self.method.nodes

    @property
    def root(self) -> str:
        return self.method.root.code

    @cached_property
    def latest(self) -> str:
        return self.publication.latest()

    @cached_property
    def periods(self) -> list[str]:
        return list(self.publication.periods())

    @cached_property
    def scored_areas(self) -> list[str]:
        return list(self.publication.areas())

    @cached_property
    def root_scores(self) -> dict[tuple[str, str], Score]:
        """Scores of the index itself by (area, period)."""
        return {(one.area, one.period): one for one in self.publication.scores(node=self.root)}

    @cached_property
    def scored_set(self) -> frozenset[str]:
        return frozenset(self.scored_areas)

    @cached_property
    def ranked_set(self) -> frozenset[str]:
        """Scored areas that stand in a ranking: all but the city as a whole."""
        return frozenset(area for area in self.scored_areas if area != self.city.root_area)

    @cached_property
    def focus(self) -> str | None:
        """The area whose index the city's home page shows: the city as a whole, or the only area scored."""
        if self.city.root_area in self.scored_areas:
            return self.city.root_area
        return self.scored_areas[0] if len(self.scored_areas) == 1 else None

    # names

    def area_title(self, code: str) -> Words:
        area = self.city.areas.get(code)
        return area.title if area else Words(code, code)

    def area(self, code: str) -> Area:
        """The declared area, or one that carries only its code."""
        return self.city.areas.get(code) or Area(code=code, title=Words(code, code), level="")

    def title(self, code: str) -> Words:
        """The name of a node of the tree, a domain or an indicator."""
        if code in self.nodes:
            return self.nodes[code].title
        if code in INDICATORS:
            return INDICATORS[code].title
        return DOMAINS.get(code, Words(code, code))

    def indicator(self, code: str) -> Indicator | None:
        return INDICATORS.get(code)

    def unit(self, code: str) -> Words | None:
        known = INDICATORS.get(code)
        return known.unit if known else None

    def decimals(self, code: str) -> int | None:
        known = INDICATORS.get(code)
        return known.decimals if known else None

    def direction(self, code: str) -> int:
        if code in self.nodes:
            return int(self.nodes[code].direction)
        known = INDICATORS.get(code)
        return known.direction if known else 0

    def domain_of(self, code: str) -> str:
        """The domain of an indicator or node: as the indicator says, or the branch of the tree in which it stands."""
        if code in INDICATORS:
            return INDICATORS[code].domain
        while code in self.nodes:
            if code in DOMAINS:
                return code
            code = self.nodes[code].parent
        return code if code in DOMAINS else ""

    # where it comes from

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources of the city, registers included."""
        return sources_of(self.city)

    def sources_of(self, code: str) -> list[Source]:
        """The declared sources that an indicator reads."""
        known = INDICATORS.get(code)
        return [self.sources[name] for name in known.tables if name in self.sources] if known else []

    @property
    def vintage(self) -> dict[str, dict[str, Any]]:
        """Which version of each table the edition was computed from."""
        return dict(self.publication.manifest.get("vintage", {}))

    @property
    def versions(self) -> dict[str, int]:
        return {name: int(one["version"]) for name, one in self.vintage.items()}

    def breaks(self, code: str) -> list[Break]:
        """Where the series of an indicator was counted differently, as the city declares it."""
        return breaks(self.city, code)

    def broken_at(self, code: str, periods: Sequence[str]) -> dict[str, Break]:
        """The first of these ascending periods on the far side of each break of an indicator's series."""
        found = {}
        for one in self.breaks(code):
            after = next((period for period in periods if period >= one.since), "")
            if after and after != periods[0]:
                found[after] = one
        return found

    # what is there

    @cached_property
    def leaves(self) -> dict[str, Node]:
        return {node.code: node for node in self.method.leaves}

    @cached_property
    def domains(self) -> list[str]:
        """The six domains and any further one in which this city has an indicator or a branch of its tree."""
        used = {self.domain_of(code) for code in self.codes}
        return [*SIX, *(code for code in DOMAINS if code not in SIX and code in used)]

    @cached_property
    def codes(self) -> list[str]:
        """Every indicator of this city: in the tree, known by a value, or made of tables that the city declares."""
        declared = {
            one.code for one in INDICATORS.values() if all(table in self.sources for table in one.tables)
        }
        return sorted({*self.leaves, *self.coverage, *declared})

    def codes_in(self, domain: str) -> list[str]:
        """The indicators of a domain: those in the tree first, in its order, then the others."""
        inside = [code for code in self.codes if self.domain_of(code) == domain]
        order = {code: place for place, code in enumerate(self.leaves)}
        return sorted(inside, key=lambda code: (order.get(code, len(order)), code))

    @cached_property
    def known_areas(self) -> list[str]:
        """Every area with a score or a value, in the order of areas.csv."""
        found = self.scored_set | set(self.values_by_area)
        listed = [code for code in self.city.areas if code in found]
        return [*listed, *sorted(found - set(listed))]

    @cached_property
    def coverage(self) -> dict[str, Coverage]:
        """How much is known of each indicator that has a value."""
        table = pq.read_table(
            self.publication.table("series"), columns=["indicator", "area", "period", "current"]
        )
        table = table.filter(pc.field("current")).select(["indicator", "area", "period"])
        grouped = table.group_by("indicator").aggregate(
            [("period", "count"), ("area", "count_distinct"), ("period", "min"), ("period", "max")]
        )
        return {
            row["indicator"]: Coverage(
                row["period_count"], row["area_count_distinct"], row["period_min"], row["period_max"]
            )
            for row in grouped.to_pylist()
        }

    @property
    def is_big(self) -> bool:
        """Whether there is so much in it that a reader would wait while its report is written."""
        return sum(one.values for one in self.coverage.values()) > BIG

    @cached_property
    def values_by_area(self) -> dict[str, int]:
        """How many current values are known of each area."""
        table = pq.read_table(self.publication.table("series"), columns=["area", "current"])
        counted = table.filter(pc.field("current")).group_by("area").aggregate([("area", "count")])
        return {row["area"]: row["area_count"] for row in counted.to_pylist()}

    @cached_property
    def all_areas(self) -> list[Area]:
        """Every declared area, in the order of areas.csv, then those that only the figures know."""
        return [
            *self.city.areas.values(),
            *(self.area(c) for c in self.known_areas if c not in self.city.areas),
        ]

    @cached_property
    def effective(self) -> dict[str, float]:
        """The weight of every node in the whole (0..1) when nothing is missing: shares multiplied down the tree."""
        found = {self.root: 1.0}
        for node in self.method.root.walk():  # parents come before their children
            total = sum(child.weight for child in node.children) or 1.0
            for child in node.children:
                found[child.code] = found[node.code] * child.weight / total
        return found


@lru_cache(maxsize=16)
def _edition(slug: str, folder: Path, edition: str) -> Edition:
    city = next(city for city in frame.cities() if city.slug == slug)
    return Edition(city, Publication.open(folder))


def city_or_404(slug: str) -> City:
    """The city called `slug`; a page that says which cities there are instead."""
    for city in frame.cities():
        if city.slug == slug:
            return city
    raise Unknown(Words(f"没有名为“{slug}”的页面或城市", f"There is no page or city called “{slug}”"))


def edition_or_none(city: City) -> Edition | None:
    """The edition of `city` now in force, or None."""
    publication = Publication.current(city)
    if publication is None:
        return None
    return _edition(city.slug, city.published_dir / publication.edition, publication.edition)


def edition_of(slug: str) -> Edition:
    """The edition now in force of the city called `slug`; NotPublished when it has none."""
    city = city_or_404(slug)
    found = edition_or_none(city)
    if found is None:
        raise NotPublished(city)
    return found
