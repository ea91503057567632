"""How a page is answered: rendered once for each edition and language, then given from memory until the next edition.

A published edition never changes, so its pages carry an ETag and are sent again only when they have changed.
"""

from __future__ import annotations

import gc
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.web.portal import drawer
from shenzhi.web.portal.editions import Edition, NotPublished, Unknown, edition_of
from shenzhi.web.portal.frame import Link, home_url

KEPT_BYTES = 64_000_000
# Set on a request whose page shows a drawing that is still to be made: such a page is good for this reader only.
WAITING = "waits_for_a_drawing"

View = Callable[..., HttpResponse]


class Kept:
    """Pages kept in memory, the least recently asked for thrown out first; safe between threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.pages: OrderedDict[tuple[str, ...], tuple[bytes, str]] = OrderedDict()
        self.lock = Lock()

    def get(self, key: tuple[str, ...]) -> tuple[bytes, str] | None:
        with self.lock:
            if key not in self.pages:
                return None
            self.pages.move_to_end(key)
            return self.pages[key]

    def put(self, key: tuple[str, ...], body: bytes, tag: str) -> None:
        with self.lock:
            if key in self.pages:
                return
            self.pages[key] = (body, tag)
            self.size += len(body)
            while self.size > self.limit:
                _, (oldest, _) = self.pages.popitem(last=False)
                self.size -= len(oldest)

    def clear(self) -> None:
        with self.lock:
            self.pages.clear()
            self.size = 0


KEPT = Kept(KEPT_BYTES)


def settle() -> None:
    """To be called once a process has loaded what it serves from: what is in memory now stays, and need not be looked
    through again for garbage. Looking through all of it takes a tenth of a second, and some reader waits for it."""
    gc.collect()
    gc.freeze()


def of_edition(view: View) -> View:
    """A page of the edition now in force: the view is called as `view(request, edition, ...)` and its answer kept."""

    @wraps(view)
    def respond(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        try:
            edition = edition_of(slug)
        except NotPublished as missing:
            return not_published(request, missing)
        key = (request.get_host(), request.scheme, slug, edition.name, get_language() or "", request.path)
        if kept := KEPT.get(key):
            return _answer(*kept)
        drawer.begin(edition)
        response = view(request, edition, **kwargs)
        if response.status_code != 200 or response.streaming:
            return response
        body = bytes(response.content)
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        # a query stands in the page's link to the other language, and is this reader's own
        if not getattr(request, WAITING, False) and not request.GET:
            KEPT.put(key, body, tag)
        return _answer(body, tag)

    return respond


def of_question(view: View) -> View:
    """A page of the edition now in force that answers what its address asks: each question is answered anew, and only
    the page that asks none is kept."""
    kept = of_edition(view)

    @wraps(view)
    def respond(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        if not request.GET:
            return kept(request, slug, **kwargs)
        try:
            edition = edition_of(slug)
        except NotPublished as missing:
            return not_published(request, missing)
        drawer.begin(edition)
        response = view(request, edition, **kwargs)
        response["Cache-Control"] = "no-cache"
        return response

    return respond


def _answer(body: bytes, tag: str) -> HttpResponse:
    response = HttpResponse(body)
    response["ETag"] = tag
    response["Cache-Control"] = (
        "no-cache"  # may be kept, but must be asked for again: a new edition may be out
    )
    return response


def page(
    request: HttpRequest,
    template: str,
    edition: Edition,
    context: dict[str, Any],
    crumbs: tuple[Link, ...] = (),
) -> HttpResponse:
    """A rendered page of an edition: the city, the edition and the way back are added to `context`."""
    given = {"city": edition.city, "edition": edition, "crumbs": [home_link(edition), *crumbs], **context}
    return render(request, f"portal/{template}.html", given)


def home_link(edition: Edition) -> Link:
    return Link(edition.city.title, home_url(edition.city))


def not_published(request: HttpRequest, missing: NotPublished) -> HttpResponse:
    """The page of a city that has no index yet: what that means and what to do."""
    return render(request, "portal/not_published.html", {"city": missing.city}, status=404)


def unknown(what: Words, edition: Edition, href: str, where: Words) -> Unknown:
    """A 404 in words, with the place where the reader will find what there is."""
    return Unknown(what, href, where, edition.city)
