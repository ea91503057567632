"""Where an app announces what it adds: pages, doors in the navigation, documents for search, articles it carries out.

The web floor reads this registry, so that it need not name an app; an app fills it in its `AppConfig.ready`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shenzhi.kernel.articles import references
from shenzhi.kernel.words import Words


@dataclass(frozen=True)
class Pages:
    """An app's pages: the addresses below `prefix` ("law/") are those of the module `urls`.

    `of_office`: they show what the office keeps, so that those of a fictional office say that they are fictional.
    `refuses` makes an answer for a request, a status and its reason, where these are no pages but an interface with a form
    of its own for errors."""

    prefix: str
    urls: str
    of_office: bool = True
    refuses: Callable[[Any, int, Words], Any] | None = None


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


@dataclass(frozen=True)
class Carries:
    """What a part of the software does to carry out articles of the regulation.

    `article` is a text that `kernel.articles` reads. Name the duties, "86.2, 86.4", rather than the whole article:
    an article counts as carried out only when every one of its duties is. `what` says in one sentence what is done.
    `url_name` with `args` is the Django URL name of the page where it can be seen; "" where there is none.
    """

    article: str
    title: Words
    what: Words
    url_name: str = ""
    args: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counted:
    """A table of counts for the lake, of records that the public may not read one by one (article 84).

    `declaration` is a source file called `<name>.yml`, without publisher, licence and whether it is fictional, which are
    the office's; its `arrives` names the field of the year, so that earlier years can come as a file. `rows` gives the
    rows as they stand today, already such that they may be published; an empty area is the whole city.
    """

    declaration: Path
    rows: Callable[[dt.date], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Beside:
    """What an app shows officials beside a case on its screen, such as others that look alike: it suggests, and does nothing.

    `find` is called with the case and the reader, and gives other cases with why they stand there; whatever it gives, only
    those are shown on which the reader has to work as well. It asks the database a bounded number of rows."""

    register: str
    title: Words
    note: Words
    find: Callable[[Any, Any], Iterable[tuple[Any, Words]]]


PAGES: list[Pages] = []
DOORS: list[Door] = []
DOCUMENTS: list[Callable[[], Iterable[Document]]] = []
CARRIES: list[Carries] = []
COUNTED: list[Counted] = []
BESIDE: list[Beside] = []


def add(
    *,
    pages: Pages | None = None,
    door: Door | None = None,
    documents: Callable[[], Iterable[Document]] | None = None,
    carries: Carries | None = None,
    counted: Counted | None = None,
    beside: Beside | None = None,
) -> None:
    """Announce pages, a door, documents, articles carried out, counts, or what stands beside cases; announcing the same thing twice changes nothing.

    ArticleError refuses a `carries` whose article cannot be read.
    """
    if carries is not None:
        references(carries.article)
    if pages is not None and pages not in PAGES:
        PAGES.append(pages)
    if door is not None and door not in DOORS:
        DOORS.append(door)
    if documents is not None and documents not in DOCUMENTS:
        DOCUMENTS.append(documents)
    if carries is not None and carries not in CARRIES:
        CARRIES.append(carries)
    if counted is not None and counted not in COUNTED:
        COUNTED.append(counted)
    if beside is not None and beside not in BESIDE:
        BESIDE.append(beside)
