"""Takes counts of what the public may not read one by one into the lake, as one more source (articles 84, 90).

An app counts, and answers for it that its counts may be published; what comes in is a table like any other, and an
office without the app hands in the same table as a file. Counts replace only the rows of their own years: earlier years
may come as a file too. They are taken in once a month. Of a count that changes every hour, whoever knows when somebody
wrote, or judged, could read what that somebody said.
"""

from __future__ import annotations

import datetime as dt
import shutil
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from shenzhi.kernel.registry import Counted
from shenzhi.pipeline.lake.columns import schema_of
from shenzhi.pipeline.lake.declared import FICTIONAL, REGISTERS, declare, of_office
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.keep import Snapshot, write_whole
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.lake.source import Source


def take_in_counted(lake: Lake, counted: Counted, *, today: dt.date) -> Snapshot | None:
    """Hand in the counts of an app as they stand today; None where that was done this month already, where nothing is
    counted yet, or where the city hands in the whole table itself.

    Refused, with the table as it was, when a row breaks what the app declares."""
    name = counted.declaration.stem
    _declare(lake, counted)
    source = lake.source(name)
    month = lake.tables_dir / f".{name}.counted"
    stamp = f"{today:%Y-%m} {source.declaration}"
    if not source.by or (month.exists() and month.read_text(encoding="utf-8") == stamp):
        return None
    found = _table(lake, counted, source, today)
    if not len(found):
        return None
    folder = lake.staging_dir / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        path = folder / f"{name}.parquet"
        pq.write_table(found, path, compression="zstd")
        taken = ingest(lake, name, path, by=REGISTERS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_whole(month, stamp.encode())
    return taken


def _declare(lake: Lake, counted: Counted) -> None:
    """Declare the table as the app says, and as the office's; a city that declares it itself is not touched."""
    said = yaml.load(counted.declaration.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    if lake.city.fictional:
        marked = {
            "type": "string",
            "title": {"zh": "虚构标记", "en": "Fictional"},
            "allowed": [FICTIONAL],
            "open": True,
        }
        said["fields"] = {"fictional": marked, **said["fields"]}
    declare(lake.city, counted.declaration.stem, {**said, **of_office(lake.city)})


def _table(lake: Lake, counted: Counted, source: Source, today: dt.date) -> pa.Table:
    """The rows in the columns of the source. Equal counts give an equal table."""
    schema = schema_of(source)
    schema = schema.remove(schema.get_field_index("_row"))
    whole = lake.city.root_area
    rows = [
        {"fictional": FICTIONAL, **row, source.area: row[source.area] or whole} for row in counted.rows(today)
    ]
    return pa.Table.from_pylist([row for row in rows if row[source.area]], schema=schema)
