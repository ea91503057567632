"""An index from any table into any folder: `shenzhi index run`, without a lake, a database or a server (article 86).

The folder is a publication like a city's own, so that `index verify` checks it too; scores and parts stand beside as
CSV for a spreadsheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from shenzhi.calc.figures import safe_cell
from shenzhi.pipeline.index.data import Data, read_data
from shenzhi.pipeline.index.folder import MANIFEST, write_folder
from shenzhi.pipeline.index.method import load_method
from shenzhi.pipeline.index.publish import files_of, manifest_of
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.run import compute
from shenzhi.pipeline.index.scope import IndexFault, scope_of

LOCAL = ""  # the city of a publication that belongs to none


def run_table(method_path: str | Path, data_path: str | Path, out: str | Path) -> tuple[Publication, Data]:
    """Compute the index of the table `data_path` under `method_path` and write it to the folder `out`.

    An earlier result in `out` gives way once the new one is whole; a folder that holds anything else is left alone. MethodError and
    IndexFault name every fault; nothing is written then."""
    out = Path(out).resolve()
    if out.exists() and not (out / MANIFEST).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise IndexFault([f"{out} holds other files; name a new or an empty folder for the result"])
    method = load_method(method_path)
    data = read_data(data_path, method)
    scope = scope_of(method, data.series, data.levels)
    computed = compute(method, data.series, scope)
    vintage = {"file": {"name": data.file_name, "sha256": data.sha256}}
    manifest = manifest_of(method, scope, city=LOCAL, fictional=False, vintage=vintage)
    files = files_of(method, data.series, computed)
    files["scores.csv"] = as_csv(computed.scores, data.names)
    files["parts.csv"] = as_csv(computed.parts, data.names)
    if computed.items is not None:
        files["items.csv"] = as_csv(computed.items, data.names)
    if computed.tested is not None:
        files["robustness.csv"] = as_csv(computed.tested.tables["robustness"], data.names)
    write_folder(out, files, manifest, replace=True)
    return Publication.open(out), data


def as_csv(table: pa.Table, names: Mapping[str, str]) -> bytes:
    """The table as CSV that Excel reads as Chinese text; with area names, a column `name` follows `area`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    columns = table.column_names
    shown = [columns[0], "name", *columns[1:]] if names else columns
    writer.writerow(shown)
    for row in table.to_pylist():
        row["name"] = names.get(row["area"], "")
        writer.writerow([_cell(row[column]) for column in shown])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Any) -> Any:
    """Numbers with every digit that is needed to read the same number back; text that no spreadsheet runs."""
    if value is None or isinstance(value, str):
        return safe_cell(value or "")
    return repr(value).lower() if isinstance(value, bool) else repr(value)
