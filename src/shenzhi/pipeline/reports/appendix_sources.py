"""The appendix on sources: the tables an edition was reckoned from, and the documents that their rows cite (article 84)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.lake.source import Source, load_sources
from shenzhi.pipeline.reports import measures
from shenzhi.pipeline.reports.blocks import Block, Column, Heading, Linked, Spans, Table
from shenzhi.pipeline.reports.frozen import Frozen
from shenzhi.pipeline.reports.reading import Reading


@dataclass(frozen=True)
class Document:
    """A document that figures were taken from, where it can be read, and how many figures it gave."""

    title: str
    address: str
    figures: int


def sources(city: City, publication: Publication | Frozen, language: str) -> list[Block]:
    """The tables that the edition was reckoned from, with publisher, licence and version, and the documents cited."""
    reading = Reading.of(city, publication, language)
    vintage: Mapping[str, Any] = publication.manifest.get("vintage", {})
    declared = declared_sources(city)
    rows: list[tuple[Spans, ...]] = []
    for name in sorted(vintage):
        source = declared.get(name)
        snapshots = vintage[name].get("snapshots", [])
        rows.append(
            (
                (Linked(reading.say(source.title) if source else name, reading.source_page(name)),),
                (reading.say(source.publisher) if source else measures.MISSING,),
                (reading.say(source.licence) if source else measures.MISSING,),
                (str(vintage[name].get("version", measures.MISSING)),),
                (", ".join(sha[:12] for sha in snapshots),),
            )
        )
    blocks: list[Block] = [
        Table(
            reading.say("数据来源", "Sources of the data"),
            (
                Column(reading.say("来源", "Source"), share=2.2),
                Column(reading.say("发布者", "Publisher"), share=2.6),
                Column(reading.say("许可", "Licence"), share=1.8),
                Column(reading.say("版本", "Version"), True, 0.7),
                Column(reading.say("文件（SHA-256）", "Files (SHA-256)"), share=1.6),
            ),
            tuple(rows),
        )
    ]
    for name in sorted(vintage):
        documents = cited_documents(city, name, vintage[name].get("version"))
        if documents:
            title = reading.say(declared[name].title) if name in declared else name
            blocks += [
                Heading(
                    2,
                    reading.say(f"“{title}”引用的文件", f"Documents cited by “{title}”"),
                    f"documents-{name}",
                ),
                _documents(reading, documents),
            ]
    return blocks


def _documents(reading: Reading, documents: tuple[Document, ...]) -> Table:
    return Table(
        reading.say("引用的文件", "Documents cited"),
        (
            Column(reading.say("文件", "Document"), share=4),
            Column(reading.say("数字个数", "Figures"), True, 0.7),
            Column(reading.say("网址", "Address"), share=3),
        ),
        tuple(
            (
                (document.title,),
                (str(document.figures),),
                (
                    document.address
                    or reading.say("读自转载，须与原件核对", "read in a copy; check against the original"),
                ),
            )
            for document in documents
        ),
    )


def declared_sources(city: City) -> dict[str, Source]:
    """The sources of a city as it declares them; none when it has no such folder."""
    return _declared(str(city.sources_dir))


@lru_cache(maxsize=16)
def _declared(folder: str) -> dict[str, Source]:
    return load_sources(folder) if Path(folder).is_dir() else {}


def cited_documents(city: City, name: str, version: int | None) -> tuple[Document, ...]:
    """The documents that the rows of a table name in their column `document`, most cited first; empty without one."""
    if not city.home.is_dir() or "document" not in {one.name for one in _fields(city, name)}:
        return ()
    return _documents_of(str(city.root), str(city.home), name, version)


def _fields(city: City, name: str) -> tuple[Any, ...]:
    source = declared_sources(city).get(name)
    return tuple(source.fields.values()) if source else ()


@lru_cache(maxsize=32)
def _documents_of(root: str, home: str, name: str, version: int | None) -> tuple[Document, ...]:
    from shenzhi.pipeline.lake.city import load_city
    from shenzhi.pipeline.lake.lake import (
        Lake,
    )  # opening the store takes a second; most reports of a page are kept

    lake = Lake(load_city(root))
    if name not in lake.tables():
        return ()
    table = lake.table(name, version)
    address = table.address if "address" in table.columns else table.document.nullif(table.document)
    counted = table.group_by(document=table.document, address=address.fill_null("")).agg(
        figures=table.count()
    )
    found = counted.to_pyarrow().to_pylist()
    return tuple(
        sorted(
            (Document(str(row["document"]), str(row["address"] or ""), int(row["figures"])) for row in found),
            key=lambda one: (-one.figures, one.title),
        )
    )
