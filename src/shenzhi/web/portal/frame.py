"""What stands around every page: the city, the navigation, the other language, and the mark of fictional data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from shenzhi.kernel import registry
from shenzhi.kernel.office import Office, office
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake import city as declared
from shenzhi.pipeline.lake.city import City


@dataclass(frozen=True)
class Link:
    """An entry of a navigation; `here` marks the page, or the part of the site, on which the reader stands."""

    title: Words
    href: str
    here: bool = False


@dataclass(frozen=True)
class Frame:
    """The frame of one page, in the language of the page."""

    city: City | None
    home: str
    nav: tuple[Link, ...]
    doors: tuple[Link, ...]
    cities: tuple[Link, ...]
    language: str
    here: str
    chinese: str
    english: str
    address: str
    origin: str
    office: Office | None = None

    @property
    def is_english(self) -> bool:
        return self.language.startswith("en")

    @property
    def fictional(self) -> bool:
        """Whether what the page shows is made up: the figures of its city, or what its office keeps."""
        shown = self.city or self.office
        return shown is not None and shown.fictional


PARTS = (
    ("index", Words("指数", "Index"), ("index", "derivation", "changes", "robustness", "what-if")),
    ("areas", Words("区域", "Areas"), ("areas",)),
    ("indicators", Words("指标", "Indicators"), ("indicators", "domains", "figures")),
    ("report", Words("报告", "Report"), ("report",)),
    ("method", Words("方法", "Method"), ("method", "versions", "audit")),
    ("sources", Words("数据", "Data"), ("data", "files")),
)


def cities() -> list[City]:
    """Every city in the box, real ones first; their declarations are read once."""
    return _cities(declared.CITIES, declared.home())


@lru_cache(maxsize=4)
def _cities(declarations: Path, home: Path) -> list[City]:
    return declared.all_cities()


def bare(path: str) -> str:
    """An address without its language prefix."""
    if path == "/en" or path.startswith("/en/"):
        return path[3:] or "/"
    return path


def home_url(city: City) -> str:
    """The home page of a city: the first city lives at the root."""
    known = cities()
    if known and known[0].slug == city.slug:
        return reverse("portal:home")
    return reverse("portal:city", args=[city.slug])


def frame(request: HttpRequest | None, city: City | None, language: str) -> Frame:
    """The frame of the page at `request`; a page of no city (the regulation, search) leads to the first one."""
    path = bare(request.path) if request else "/"
    query = request.GET.urlencode() if request else ""
    tail = f"?{query}" if query else ""
    known = cities()
    shown = city or (known[0] if known else None)
    steps = [step for step in path.split("/") if step]
    nav = []
    if shown:
        inside = steps[1] if len(steps) > 1 and steps[0] == shown.slug else ""
        nav = [
            Link(title, reverse(f"portal:{name}", args=[shown.slug]), inside in below)
            for name, title, below in PARTS
        ]
    doors = []
    for door in registry.DOORS:
        try:
            href = reverse(door.url_name)
        except NoReverseMatch:
            continue
        doors.append(Link(door.title, href, path.startswith(bare(href))))
    return Frame(
        city=shown if city else None,
        home=home_url(shown) if shown else "/",
        nav=tuple(nav),
        doors=tuple(doors),
        cities=tuple(Link(one.title, home_url(one), bool(city and one.slug == city.slug)) for one in known),
        language="en" if language.startswith("en") else "zh-Hans",
        here=path,
        chinese=path + tail,
        english="/en" + path + tail,
        address=request.build_absolute_uri() if request else "",
        origin=f"{request.scheme}://{request.get_host()}" if request else "",
        office=office() if request is not None and city is None and _of_office(request) else None,
    )


def _of_office(request: HttpRequest) -> bool:
    """Whether the page shows what the office of the box keeps, as registers and the workbench do: all but the portal's
    own pages, and those of apps that say otherwise."""
    match = request.resolver_match
    if match is None or match.app_names[:1] == ["portal"]:
        return False
    path = bare(request.path).lstrip("/")
    return all(pages.of_office for pages in registry.PAGES if path.startswith(pages.prefix))
