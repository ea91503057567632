"""Where an app announces what it adds: pages, doors in the navigation, documents for search.

The web floor reads this registry, so that it need not name an app; an app fills it in its `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shenzhi.kernel.words import Words


@dataclass(frozen=True)
class Pages:
    """An app's pages: the addresses below `prefix` ("law/") are those of the module `urls`."""

    prefix: str
    urls: str


@dataclass(frozen=True)
class Door:
    """An entry of the main navigation: `url_name` is a Django URL name such as "law:home"."""

    title: Words
    url_name: str


@dataclass(frozen=True)
class Document:
    """One thing that search can find: `kind` groups the results, `path` is the address without a language prefix."""

    kind: Words
    title: Words
    body: Words
    path: str
    code: str = ""


PAGES: list[Pages] = []
DOORS: list[Door] = []
DOCUMENTS: list[Callable[[], Iterable[Document]]] = []


def add(
    *,
    pages: Pages | None = None,
    door: Door | None = None,
    documents: Callable[[], Iterable[Document]] | None = None,
) -> None:
    """Announce an app's pages, door and documents; announcing the same thing twice changes nothing."""
    if pages is not None and pages not in PAGES:
        PAGES.append(pages)
    if door is not None and door not in DOORS:
        DOORS.append(door)
    if documents is not None and documents not in DOCUMENTS:
        DOCUMENTS.append(documents)
