"""Which sources a city has: those that it declares, and the registers of its office that are in its lake (article 84)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.lake.keep import write_whole
from shenzhi.pipeline.lake.source import Source, load_sources

REGISTERS = "registers"
"""Who hands in what comes from a register, and the folder with the declarations of what came."""

FICTIONAL = "虚构 fictional"
"""What every row of a fictional city says of itself."""


def registers_dir(city: City) -> Path:
    """Where the declarations of registers lie that were taken into the city's lake; they are written, not by hand."""
    return city.home / REGISTERS


def registers_changed(city: City) -> int:
    """A number that changes when a register is taken in under a new declaration; 0 while none is."""
    folder = registers_dir(city)
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


def sources_of(city: City) -> dict[str, Source]:
    """Every source by name; SourceError with every fault when a declaration is wrong.

    A table that the city declares itself comes as a file, also where a register bears its name."""
    declared = load_sources(city.sources_dir)
    taken = load_sources(registers_dir(city))
    return declared | {name: one for name, one in taken.items() if name not in declared}


def of_office(city: City) -> dict[str, Any]:
    """What is the same for all sources that the city's office keeps itself, in the words of a source file."""
    return {
        "fictional": city.fictional,
        "publisher": {"zh": f"{city.title.zh}质量工作部门", "en": f"Quality office of {city.title.en}"},
        "licence": "CC0-1.0" if city.fictional else {"zh": "已公布的事实", "en": "Published facts"},
    }


def declare(city: City, name: str, said: Mapping[str, Any]) -> None:
    """Write a declaration where the lake reads it, unless it stands there."""
    text = yaml.dump(
        dict(said), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120
    ).encode()
    path = registers_dir(city) / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != text:
        write_whole(path, text)
