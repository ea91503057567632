"""The catalogue of data: every source with its publisher, licence, fields and revisions (article 84)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.declared import sources_of
from shenzhi.pipeline.lake.source import Source
from shenzhi.pipeline.statistics.indicator import INDICATORS
from shenzhi.web.portal import lakes
from shenzhi.web.portal.editions import Unknown, city_or_404, edition_or_none
from shenzhi.web.portal.frame import Link, home_url

DATA = Words("数据", "Data")


@dataclass(frozen=True)
class Entry:
    """A source in the catalogue; `revisions` come latest first and are empty when nothing was handed in."""

    source: Source
    revisions: tuple[Any, ...]

    @property
    def rows(self) -> int | None:
        return self.revisions[0].rows if self.revisions else None

    @property
    def open(self) -> bool:
        return lakes.is_open(self.source.licence.en)


def catalogue(slug: str) -> list[Entry]:
    """Every declared source of a city with its revisions."""
    city = city_or_404(slug)
    lake = lakes.lake_of(city)
    if lake is None:
        return [Entry(source, ()) for source in sources_of(city).values()]
    with lakes.READING:
        there = set(lake.tables())
        return [
            Entry(
                source,
                tuple(sorted(lake.versions(name), key=lambda one: -one.version)) if name in there else (),
            )
            for name, source in lake.sources.items()
        ]


def sources(request: HttpRequest, slug: str) -> HttpResponse:
    """`/<slug>/data/`: the catalogue, and how to hand something in."""
    city = city_or_404(slug)
    context = {
        "city": city,
        "edition": edition_or_none(city),
        "crumbs": [Link(city.title, home_url(city))],
        "entries": catalogue(slug),
    }
    return render(request, "portal/sources.html", context)


def source(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """`/<slug>/data/<source>/`: one source: what it promises, what was handed in, what is made of it."""
    city = city_or_404(slug)
    found = next((entry for entry in catalogue(slug) if entry.source.name == name), None)
    if found is None:
        raise Unknown(
            Words(f"没有名为“{name}”的数据来源", f"There is no source of data called “{name}”"),
            reverse("portal:sources", args=[slug]),
            Words("全部数据来源", "All sources of data"),
            city,
        )
    edition = edition_or_none(city)
    known = set(edition.codes) if edition else set()
    lake = lakes.lake_of(city)
    context = {
        "city": city,
        "edition": edition,
        "crumbs": [Link(city.title, home_url(city)), Link(DATA, reverse("portal:sources", args=[slug]))],
        "entry": found,
        "source": found.source,
        "fields": list(found.source.fields.values()),
        "indicators": [one for one in INDICATORS.values() if name in one.tables and one.code in known],
        "refused": [one for one in lake.snapshots() if one.source == name and not one.accepted]
        if lake
        else [],
    }
    return render(request, "portal/source.html", context)
