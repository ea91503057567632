"""What must be said beside a figure because of the row it came from: a lower bound, a rounded figure, a copy read in
place of the original (article 84).

A source declares it, under `extra: cautions:`, for a value of one of its fields: the words, and a mark where the figure
itself is to carry one in tables. Nothing here knows a column by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.source import Source
from shenzhi.pipeline.statistics.indicator import Pick, picked
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


def marked(edition: Edition, code: str) -> Mapping[tuple[str, str, int], Caution]:
    """The values of an indicator, by area, period and revision, that carry a mark; of figures picked as they stand,
    for a mark on one row says nothing certain of a figure computed from many."""
    return _marked(edition).get(code, {})


@lru_cache(maxsize=4)
def _marked(edition: Edition) -> dict[str, dict[tuple[str, str, int], Caution]]:
    """Every marked value of an edition by indicator: one scan for each mark of each table."""
    found: dict[str, dict[tuple[str, str, int], Caution]] = defaultdict(dict)
    together: dict[Pick, dict[str, str]] = defaultdict(dict)
    for code in edition.codes:
        known = edition.indicator(code)
        if known and known.pick and not known.pick.wide and known.pick.table in edition.sources:
            together[replace(known.pick, key="")][known.pick.key] = code
    lake = lakes.lake_of(edition.city)
    for pick, code_of in together.items():
        wanted = [
            (field, value, caution)
            for field, values in declared(edition.sources[pick.table]).items()
            for value, caution in values.items()
            if caution.mark
        ]
        if not wanted or lake is None or pick.table not in lake.tables():
            continue
        with lakes.READING:
            table = lake.table(pick.table, edition.versions.get(pick.table))
            for field, value, caution in wanted:
                rows = picked(table.filter(table[field] == value), sorted(code_of), pick).to_pyarrow()
                for row in rows.to_pylist():
                    key = row["area"], row["period"], row.get("revision") or 1
                    found[code_of[row["key"]]][key] = caution
    return found
