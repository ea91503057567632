"""Whose office the box is: the city whose departments carry the registers out, and whether it is a fictional one.

SHENZHI_OFFICE names a folder of `cities/`, or any folder with a city.yml; without it the box is the model city's.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from shenzhi.kernel.words import Words

CITIES = Path(__file__).resolve().parents[1] / "cities"
DEFAULT = "model"


class OfficeError(ValueError):
    """The office that is named cannot be found or read; the message says so in both languages, with the way out."""


@dataclass(frozen=True)
class Office:
    """The office of a city; `root` is the folder in which the city is declared."""

    slug: str
    title: Words
    fictional: bool
    root: Path


def office() -> Office:
    """The office of this box; OfficeError where the environment names one that is not there."""
    return _office(os.environ.get("SHENZHI_OFFICE") or DEFAULT)


@lru_cache(maxsize=4)
def _office(name: str) -> Office:
    root = CITIES / name if (CITIES / name / "city.yml").exists() else Path(name).resolve()
    try:
        given = yaml.safe_load((root / "city.yml").read_text(encoding="utf-8"))
        return Office(str(given["slug"]), Words.of(given["title"]), bool(given["fictional"]), root)
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        known = sorted(path.parent.name for path in CITIES.glob("*/city.yml"))
        raise OfficeError(
            f"SHENZHI_OFFICE={name}：没有这座城市的声明，现有 {'、'.join(known)}；也可以写一个含 city.yml 的文件夹\n"
            f"SHENZHI_OFFICE={name}: no such city is declared; known are {', '.join(known)}, "
            "or name a folder with a city.yml in it"
        ) from error
