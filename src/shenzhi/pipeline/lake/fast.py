"""Text files of figures by DuckDB's reader, where they are regular: the quick ways into the lake (article 84).

There are three ways, tried in this order: `typed`, figures straight to numbers by DuckDB's reader; `text`, the cells as
text by the same reader, where some figure is not plain; `careful`, by Python's reader (kernel/files/text.py), where a row
has too many cells, a quote is not closed, or blank lines would make DuckDB lose count of the rows. Each is slower and more
patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np

from shenzhi.kernel.files.text import LONGEST, Slice
from shenzhi.pipeline.lake.store import literal

BATCH = 1_000_000  # rows handed on at a time
WAYS = ("typed", "text", "careful")


def fast_rows(path: Path, figures: list[bool], separator: str,
              connection: duckdb.DuckDBPyConnection) -> Iterator[Slice]:  # fmt: skip
    """The rows by DuckDB's reader: columns of `figures` as numbers, the others as text. duckdb.Error where the file is
    not regular or a figure is not a plain one."""
    columns = ", ".join(
        f"'c{number}': '{'DOUBLE' if one else 'VARCHAR'}'" for number, one in enumerate(figures)
    )
    reader = connection.execute(
        f"FROM read_csv({literal(str(path))}, header = true, auto_detect = false, columns = {{{columns}}}, "
        f"delim = {literal(separator)}, quote = '\"', escape = '\"', max_line_size = {LONGEST})"
    ).to_arrow_reader(BATCH)
    row = 2
    for batch in reader:
        if batch.num_rows:
            yield Slice(batch.columns, np.arange(row, row + batch.num_rows))
            row += batch.num_rows
