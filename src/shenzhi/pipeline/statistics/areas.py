"""The areas of a city: the rows of its areas.csv, or those that its own figures name (article 84)."""

from __future__ import annotations

from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.city import Area, CityError
from shenzhi.pipeline.lake.lake import Lake


def areas_of(lake: Lake) -> dict[str, Area]:
    """Areas by code: those of areas.csv; or, where city.yml says `areas_from`, those of a table in the lake.

    areas_from: {source: census, code: code, level: level, names: {city: city, county: district}}

    `names` gives, for each level, the column with the name; the table has it in one language, which serves for both.
    Empty while nothing was accepted for that source. CityError names what the declaration lacks.
    """
    declared: dict[str, Any] | None = lake.city.extra.get("areas_from")
    if lake.city.areas or declared is None:
        return lake.city.areas
    try:
        source, code, level, names = (declared[key] for key in ("source", "code", "level", "names"))
    except KeyError as missing:
        raise CityError(
            f"{lake.city.slug}: areas_from needs source, code, level and names; {missing} is not there"
        ) from None
    if source not in lake.tables():
        return {}
    rows = (
        lake.table(source)
        .select(code, level, *sorted(set(names.values())))
        .order_by(code)
        .to_pyarrow()
        .to_pylist()
    )
    return {
        row[code]: Area(
            code=row[code], title=Words(row[names[row[level]]], row[names[row[level]]]), level=row[level]
        )
        for row in rows
        if row[level] in names
    }
