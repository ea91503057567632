"""Publishes a city's index: lake and method in, out a folder that is written once, never changed (articles 84, 86)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from shenzhi.kernel.words import Progress, Words
from shenzhi.pipeline.index.folder import (
    METHOD,
    code,
    damaged,
    edition_of,
    parquet,
    point_current,
    readable,
    write_folder,
)
from shenzhi.pipeline.index.method import Method, load_method
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.robustness import FACTS
from shenzhi.pipeline.index.rules import suggestion
from shenzhi.pipeline.index.run import Computed, compute
from shenzhi.pipeline.index.scope import IndexFault, Scope, scope_of
from shenzhi.pipeline.lake.city import City


def publish(city: City, method_id: str | None = None, *, progress: Progress | None = None) -> Publication:
    """Compute the city's index under the method `method_id` (the city's own when None) and make it the current edition.

    The same method, data and code give the same edition: publishing again changes nothing. IndexFault or MethodError
    name every fault; nothing is published then. `progress` is told each step before it begins."""
    from shenzhi.pipeline.lake.lake import Lake  # the store is opened only by who publishes from it
    from shenzhi.pipeline.statistics.areas import areas_of
    from shenzhi.pipeline.statistics.indicator import INDICATORS
    from shenzhi.pipeline.statistics.series import series as series_of

    tell = progress or (lambda step, done, total: None)
    method = load_method(method_path(city, method_id or city.index))
    lake = Lake(city)
    read = {name for one in INDICATORS.values() for name in one.tables}
    # a register that no indicator reads has nothing to say about the index: it must not make a new edition
    vintage = lake.vintage({name: lake.latest(name) for name in lake.tables() if name in read})
    tell(Words("计算各项指标", "computing the indicators"), 0, 3)
    series = series_of(lake, versions={name: entry["version"] for name, entry in vintage.items()})
    tell(Words(f"按方法 {method.id} 计算质量指数", f"computing the index under the method {method.id}"), 1, 3)
    scope = scope_of(method, series, {area.code: area.level for area in areas_of(lake).values()})
    computed = compute(method, series, scope)
    manifest = manifest_of(method, scope, city=city.slug, fictional=city.fictional, vintage=vintage)
    tell(Words(f"发布 {manifest['edition']}", f"publishing {manifest['edition']}"), 2, 3)
    publication = release(city.published_dir, files_of(method, series, computed), manifest)
    tell(Words(f"已发布 {publication.edition}", f"published {publication.edition}"), 3, 3)
    return publication


def method_path(city: City, method_id: str) -> Path:
    """The file of a city's method; IndexFault names the ones it has."""
    known = sorted(path.stem for path in city.methods_dir.glob("*.yml"))
    if not method_id:
        raise IndexFault(
            [
                f"{city.slug} names no method to publish: set index in city.yml, or give one of {', '.join(known)}"
            ]
        )
    if method_id not in known:
        raise IndexFault(
            [f"{city.slug} has no method {method_id} in {city.methods_dir}{suggestion(method_id, known)}"]
        )
    return city.methods_dir / f"{method_id}.yml"


def manifest_of(
    method: Method, scope: Scope, *, city: str, fictional: bool, vintage: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    """What a publication says about itself. `indicators` keeps titles and directions that the method file left to the
    indicators, so that the folder can be recomputed by itself."""
    manifest = {
        "city": city,
        "fictional": fictional,
        "method": {"id": method.id, "version": method.version, "sha256": method.sha256},
        "scope": {"areas": list(scope.areas), "periods": list(scope.periods)},
        "vintage": dict(vintage),
        "code": code(),
        "indicators": {
            leaf.code: {"zh": leaf.title.zh, "en": leaf.title.en, "direction": leaf.direction}
            for leaf in method.leaves
        },
        "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        **more,
    }
    return {"edition": edition_of(manifest), **manifest}


def files_of(method: Method, series: pa.Table, computed: Computed) -> dict[str, bytes]:
    """The files of a publication beside its manifest."""
    tested = computed.tested
    more = {} if tested is None else {f"{name}.parquet": parquet(one) for name, one in tested.tables.items()}
    if computed.items is not None:
        more["items.parquet"] = parquet(computed.items)
    if tested is not None:
        more[FACTS] = readable(tested.facts)
    return {
        METHOD: method.source,
        "series.parquet": parquet(series),
        "scores.parquet": parquet(computed.scores),
        "parts.parquet": parquet(computed.parts),
        "scales.parquet": parquet(computed.scales),
        **more,
    }


def release(published: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Publication:
    """Write the edition unless it is there already, unharmed, and make it the current one."""
    folder = published / str(manifest["edition"])
    if folder.exists():
        wrong = damaged(folder, Publication.open(folder).manifest)
        if wrong:
            raise IndexFault(
                [
                    f"{folder}: {fault}; an edition is never changed: move the folder away and publish again"
                    for fault in wrong
                ]
            )
    else:
        write_folder(folder, files, manifest)
    point_current(published, folder.name)
    return Publication.open(folder)
