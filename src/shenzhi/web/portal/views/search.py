"""The search page: one city at a time, so that real and fictional results never stand on one page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.city import City
from shenzhi.web.portal import finding
from shenzhi.web.portal import search as engine
from shenzhi.web.portal.editions import Unknown, edition_or_none
from shenzhi.web.portal.frame import cities

SHOWN = 20
SNIPPET = 110


@dataclass(frozen=True)
class Result:
    """One result: its title and a snippet cut into pieces, those that match marked."""

    title: list[tuple[str, bool]]
    snippet: list[tuple[str, bool]]
    href: str
    code: str


@dataclass(frozen=True)
class Group:
    """The results of one kind; `total` may be more than are shown."""

    title: Words
    total: int
    results: tuple[Result, ...]


def search(request: HttpRequest) -> HttpResponse:
    """`/search/?q=...&city=...`."""
    known = cities()
    slug = request.GET.get("city") or (known[0].slug if known else "")
    city = next((one for one in known if one.slug == slug), None)
    if city is None:
        raise Unknown(
            Words("没有这个城市", "There is no such city"), reverse("portal:search"), Words("搜索", "Search")
        )
    text = request.GET.get("q", "").strip()[: engine.LONGEST_QUERY]
    found = finding.ask(city, text) if text else engine.Found(())
    language = get_language() or ""
    context = {
        "city": city,
        "edition": edition_or_none(city),
        "query": text,
        "groups": groups(found, text, language),
        "count": len(found.hits),
        "loose": found.loose,
        "elsewhere": [(one, len(own)) for one in known if one != city and text and (own := _own(one, text))],
    }
    return render(request, "portal/search.html", context)


def _own(city: City, text: str) -> list[engine.Hit]:
    """Results that belong to the city itself, for the pointer from another city's results."""
    found = finding.ask(city, text)
    return (
        [] if found.loose else [hit for hit in found.hits if hit.document.path.startswith(f"/{city.slug}/")]
    )


def groups(found: engine.Found, text: str, language: str) -> list[Group]:
    """The hits by kind, kinds in the order of their best hit."""
    by_kind: dict[Words, list[engine.Hit]] = {}
    for hit in found.hits:
        by_kind.setdefault(hit.document.kind, []).append(hit)
    prefix = "/en" if language.startswith("en") else ""
    return [
        Group(
            title=kind,
            total=len(hits),
            results=tuple(
                Result(
                    title=engine.marked(hit.document.title.say(language), text),
                    snippet=engine.marked(hit.document.body.say(language), text, room=SNIPPET),
                    href=prefix + hit.document.path,
                    code=hit.document.code,
                )
                for hit in hits[:SHOWN]
            ),
        )
        for kind, hits in by_kind.items()
    ]
