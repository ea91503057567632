"""The lake of a city as the pages read it: opened once, read by one thread at a time (article 84)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import RLock

from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.web.portal.frame import cities

# One connection to the engine serves all threads, and it answers one question at a time.
READING = RLock()

# Licences that let anyone pass a file on, and facts, which nobody owns; anything not listed here counts as closed.
OPEN = (
    "published facts",
    "cc0",
    "cc-by",
    "cc by",
    "odbl",
    "odc-by",
    "pddl",
    "mit",
    "apache-2.0",
    "public domain",
    "公有领域",
    "open",
)


def is_open(licence: str) -> bool:
    """Whether a licence lets us hand the file on; unknown words count as no."""
    said = licence.strip().lower()
    if "-nc" in said or "-nd" in said or "not open" in said:
        return False
    return any(said.startswith(one) for one in OPEN)


def lake_of(city: City) -> Lake | None:
    """The lake of `city`; None when nothing was ever handed in here."""
    if not city.home.exists():
        return None
    return _lake(city.slug, city.home)


@lru_cache(maxsize=8)
def _lake(slug: str, home: Path) -> Lake:
    return Lake(next(city for city in cities() if city.slug == slug))
