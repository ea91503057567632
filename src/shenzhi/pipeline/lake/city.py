"""A city as a folder of declarations: its areas, its sources, its methods. Nothing of a city is code.

cities/shenzhen/
  city.yml        title, whether fictional, which method is published, which files to hand in
  areas.csv       areas as rows: code, names, level, parent, validity, place on the tile map
  sources/        one YAML file for each source
  returns/        files that come with the city
  methods/        one YAML file for each version of an index method
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from shenzhi.kernel.words import Words

ABOUT = Words(
    "按条例的六个领域给城市质量打分。", "Scores the quality of the city in the six domains of the regulation."
)
CITIES = Path(__file__).resolve().parents[2] / "cities"


class CityError(ValueError):
    """A city's declaration cannot be read; the message names the file, the fault and the way out."""


@dataclass(frozen=True)
class Area:
    """A row of areas.csv. `parent` is the code it lies in; `tile` is its (column, row) on the tile map."""

    code: str
    title: Words
    level: str
    parent: str = ""
    valid_from: str = ""
    valid_to: str = ""
    tile: tuple[int, int] | None = None
    note: Words | None = None


@dataclass(frozen=True)
class Return:
    """A file that comes with the city, to be handed in to `source` when the city is loaded."""

    source: str
    file: str


@dataclass(frozen=True)
class City:
    """A city's declarations (`root`) and the folder where its lake and publications are kept (`home`)."""

    slug: str
    title: Words
    fictional: bool
    note: Words
    root: Path
    home: Path
    index: str
    root_area: str
    returns: tuple[Return, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def areas(self) -> dict[str, Area]:
        """Areas by code, in the order of areas.csv; empty when the city has no such file."""
        path = self.root / "areas.csv"
        return {area.code: area for area in _read_areas(path)} if path.exists() else {}

    @property
    def about(self) -> Words:
        """One sentence on what the city's index is, for the first page; a city may declare its own."""
        declared = self.extra.get("about")
        return Words.of(declared) if declared else ABOUT

    @property
    def sources_dir(self) -> Path:
        return self.root / "sources"

    @property
    def methods_dir(self) -> Path:
        return self.root / "methods"

    @property
    def published_dir(self) -> Path:
        return self.home / "published"


def home() -> Path:
    """The folder for everything the box keeps: SHENZHI_HOME, or `var` in the folder where it was started."""
    return Path(os.environ.get("SHENZHI_HOME") or "var").resolve()


def load_city(name: str | Path) -> City:
    """The city called `name` (a folder of `cities/`), or declared in the folder `name`."""
    root = CITIES / str(name) if (CITIES / str(name) / "city.yml").exists() else Path(name).resolve()
    path = root / "city.yml"
    if not path.exists():
        known = sorted(p.parent.name for p in CITIES.glob("*/city.yml"))
        raise CityError(
            f"没有名为 {name} 的城市；现有 {'、'.join(known) or '无'}，也可以写一个含 city.yml 的文件夹\n"
            f"no city called {name}: known cities are {', '.join(known) or 'none'}; "
            "or name a folder with a city.yml in it"
        )
    try:
        given = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        returns = tuple(Return(source=one["source"], file=one["file"]) for one in given.pop("returns", []))
        return City(
            slug=given.pop("slug"),
            title=Words.of(given.pop("title")),
            fictional=bool(given.pop("fictional")),
            note=Words.of(given.pop("note")),
            root=root,
            home=home() / root.name,
            index=given.pop("index", ""),
            root_area=str(given.pop("root_area", "")),
            returns=returns,
            extra=given,
        )
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise CityError(
            f"{path}：城市声明读不懂，须有 slug、title、fictional、note\n"
            f"{path}: {error}; a city needs slug, title, fictional and note"
        ) from error


def all_cities() -> list[City]:
    """Every city in the box: real ones first, then fictional ones."""
    cities = [load_city(path.parent.name) for path in sorted(CITIES.glob("*/city.yml"))]
    return sorted(cities, key=lambda city: (city.fictional, city.slug))


def _read_areas(path: Path) -> list[Area]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            Area(
                code=row["code"],
                title=Words(row["zh"], row["en"]),
                level=row["level"],
                parent=row.get("parent") or "",
                valid_from=row.get("valid_from") or "",
                valid_to=row.get("valid_to") or "",
                tile=(int(row["column"]), int(row["row"])) if row.get("column") else None,
                note=Words(row["note_zh"], row["note_en"]) if row.get("note_zh") else None,
            )
            for row in csv.DictReader(file)
        ]
