"""The editions of a city that are in its published folder, and what differs between two of them (article 86)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.folder import MANIFEST, METHOD
from shenzhi.pipeline.index.published import Publication, PublicationError, manifest_in
from shenzhi.pipeline.lake.city import City
from shenzhi.web.portal.editions import Edition, city_or_404

# Sources, areas or periods named one by one; more are counted.
NAMED = 3


@dataclass(frozen=True)
class Version:
    """An edition as its manifest tells of it; nothing else of it is read."""

    name: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def created_at(self) -> str:
        return str(self.manifest["created_at"])

    @property
    def method(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.manifest["method"]
        return found

    @property
    def vintage(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.manifest["vintage"]
        return found


def versions(city: City) -> list[Version]:
    """The editions in the city's published folder, the newest first. What is no edition is passed over."""
    found = [
        version
        for folder in (city.published_dir.iterdir() if city.published_dir.is_dir() else ())
        if not folder.name.startswith(".")
        and (folder / MANIFEST).is_file()
        and (folder / METHOD).is_file()
        and (version := _version(folder, (folder / MANIFEST).stat().st_mtime_ns)) is not None
    ]
    return sorted(found, key=lambda one: (one.created_at, one.name), reverse=True)


@lru_cache(maxsize=256)
def _version(folder: Path, written_at: int) -> Version | None:
    try:
        return Version(folder.name, folder, manifest_in(folder))
    except PublicationError:
        return None


def edition_called(city: City, name: str) -> Edition | None:
    """The edition of that name; None where the city has none. It is opened once, so that what it works out is kept."""
    found = next((one for one in versions(city) if one.name == name), None)
    return _edition(city.slug, Publication.open(found.folder)) if found else None


@lru_cache(maxsize=16)
def _edition(slug: str, publication: Publication) -> Edition:
    return Edition(city_or_404(slug), publication)


def differences(old: Version, new: Version) -> list[Words]:
    """What went into two editions otherwise: method, data, areas and periods, program. Empty when nothing did."""
    said = []
    if old.method["sha256"] != new.method["sha256"]:
        ids = [f"{one.method['id']} {one.method['version']}".strip() for one in (old, new)]
        said.append(
            Words(f"方法：{ids[0]} 改为 {ids[1]}", f"method: {ids[0]} became {ids[1]}")
            if ids[0] != ids[1]
            else Words(f"方法文件 {ids[0]} 有改动", f"the method file {ids[0]} was changed")
        )
    before, now = (
        {name: one.get("version") or one.get("sha256") for name, one in side.vintage.items()}
        for side in (old, new)
    )
    said += _told(
        [name for name in now if name in before and now[name] != before[name]],
        Words("数据有新版", "new data"),
    )
    said += _told([name for name in now if name not in before], Words("数据来源增加", "sources added"))
    said += _told([name for name in before if name not in now], Words("数据来源减少", "sources left out"))
    for key, more, less in (
        ("periods", Words("时期增加", "periods added"), Words("时期减少", "periods left out")),
        ("areas", Words("地区增加", "areas added"), Words("地区减少", "areas left out")),
    ):
        was, becomes = (side.manifest["scope"][key] for side in (old, new))
        said += _told([one for one in becomes if one not in set(was)], more)
        said += _told([one for one in was if one not in set(becomes)], less)
    if old.manifest["code"]["sha256"] != new.manifest["code"]["sha256"]:
        said.append(
            Words(
                f"程序：{old.manifest['code']['version']} 改为 {new.manifest['code']['version']}",
                f"program: {old.manifest['code']['version']} became {new.manifest['code']['version']}",
            )
            if old.manifest["code"]["version"] != new.manifest["code"]["version"]
            else Words("程序有改动", "the program was changed")
        )
    return said


def _told(found: Sequence[str], what: Words) -> list[Words]:
    if not found:
        return []
    if len(found) > NAMED:
        return [Words(f"{what.zh}：{len(found)}个", f"{what.en}: {len(found)}")]
    return [Words(f"{what.zh}：{'、'.join(found)}", f"{what.en}: {', '.join(found)}")]
