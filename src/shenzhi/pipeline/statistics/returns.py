"""Handing in the files that come with a city, the way real returns are handed in (article 84)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from shenzhi.kernel.words import Progress, Words
from shenzhi.pipeline.lake.city import City, Return
from shenzhi.pipeline.lake.declared import REGISTERS
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.keep import Snapshot
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.statistics import model_city

BY = "box"  # who handed in what comes with the box; pages say it in words
GENERATORS = {"model_city": model_city.generate}


def load_returns(city: City, lake: Lake, *, progress: Progress | None = None) -> list[Snapshot]:
    """Hand in every file that the city's declaration lists; returns the snapshots that are new.

    Files that a program writes are written first. A file that is in the lake already is not read again. Raises
    Refused, as for any other file, when one breaks its source's promises.
    """
    folder = generated(city, progress=progress) if "generated" in city.extra else city.root / "returns"
    new = []
    for done, one in enumerate(city.returns):
        if progress:
            progress(Words(f"交送 {one.file}", f"handing in {one.file}"), done, len(city.returns))
        if not _in_lake(lake, one, folder / one.file):
            new.append(ingest(lake, one.source, folder / one.file, by=BY))
    return new


def generated(city: City, *, progress: Progress | None = None) -> Path:
    """The folder of the files that the city's declared program writes; written again only when something changed."""
    declared: dict[str, Any] = city.extra["generated"]
    first, last = declared["years"]
    program = b"".join(one.read_bytes() for one in sorted(Path(__file__).parent.glob("model_*.py")))
    recipe = hashlib.sha256(repr(sorted(declared.items())).encode() + program).hexdigest()
    folder = city.home / "generated" / recipe[:16]
    done = folder / "done"
    if not done.exists():
        write = GENERATORS[declared["by"]]
        write(folder, seed=declared["seed"], years=range(first, last + 1), progress=progress)
        done.touch()
    return folder


def _in_lake(lake: Lake, one: Return, path: Path) -> bool:
    """Whether these bytes, under this very declaration, are what the table holds now; or a file that someone handed in
    since, which no file of the box ever replaces. What the platform counts itself of other years is nobody's file."""
    versions = [version for version in lake.versions(one.source) if version.by != REGISTERS]
    if versions and versions[-1].by != BY:
        return True
    if not versions or versions[-1].declaration != lake.source(one.source).declaration:
        return False
    with path.open("rb") as file:
        return versions[-1].snapshot == hashlib.file_digest(file, "sha256").hexdigest()
