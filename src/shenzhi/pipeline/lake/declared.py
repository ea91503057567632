"""Which sources a city has: those that it declares, and the registers of its office that are in its lake (article 84)."""

from __future__ import annotations

from pathlib import Path

from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.lake.source import Source, load_sources

REGISTERS = "registers"
"""Who hands in what comes from a register, and the folder with the declarations of what came."""


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
