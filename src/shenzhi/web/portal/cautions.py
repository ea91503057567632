"""What must be said beside a figure because of the row it came from: a lower bound, a rounded figure, a copy read in
place of the original (article 84).

A source declares it, under `extra: cautions:`, for a value of one of its fields: the words, and a mark where the figure
itself is to carry one in tables. Nothing here knows a column by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.source import Source
from shenzhi.pipeline.statistics.indicator import picked
from shenzhi.web.portal import lakes
from shenzhi.web.portal.editions import Edition


@dataclass(frozen=True)
class Caution:
    """What is said, and the mark that stands before the figure in a table; "" for none."""

    words: Words
    mark: str = ""


def declared(source: Source) -> dict[str, dict[str, Caution]]:
    """The cautions of a source by field and value."""
    return {
        field: {
            value: Caution(Words.of({"zh": said["zh"], "en": said["en"]}), said.get("mark", ""))
            for value, said in values.items()
        }
        for field, values in source.extra.get("cautions", {}).items()
    }


def of_rows(source: Source, rows: Iterable[Mapping[str, Any]], revision: int) -> list[Caution]:
    """What is to be said of a figure that was made of these rows: each caution once, in the order of the declaration.

    Where the source keeps revisions, only the rows of the revision shown speak for the figure."""
    given = list(rows)
    shown = [row for row in given if source.vintage and row.get(source.vintage) == revision] or given
    return [
        caution
        for field, values in declared(source).items()
        for value, caution in values.items()
        if any(str(row.get(field)) == value for row in shown)
    ]


def marked(edition: Edition, code: str) -> dict[tuple[str, str, int], Caution]:
    """The values of an indicator, by area, period and revision, that carry a mark; of figures picked as they stand,
    for a mark on one row says nothing certain of a figure computed from many."""
    known = edition.indicator(code)
    pick = known.pick if known else None
    if pick is None or pick.wide or pick.table not in edition.sources:
        return {}
    wanted = [
        (field, value, caution)
        for field, values in declared(edition.sources[pick.table]).items()
        for value, caution in values.items()
        if caution.mark
    ]
    lake = lakes.lake_of(edition.city) if wanted else None
    if lake is None or pick.table not in lake.tables():
        return {}
    found: dict[tuple[str, str, int], Caution] = {}
    with lakes.READING:
        table = lake.table(pick.table, edition.versions.get(pick.table))
        for field, value, caution in wanted:
            rows = picked(table.filter(table[field] == value), [pick.key], pick).to_pyarrow().to_pylist()
            for row in rows:
                found[row["area"], row["period"], row.get("revision") or 1] = caution
    return found
