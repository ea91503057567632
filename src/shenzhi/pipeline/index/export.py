"""A publication as one workbook: what it is, its framework, scores, figures, and what its audit found (article 86)."""

from __future__ import annotations

import csv
import io
import os
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from shenzhi.calc.figures import safe_cell
from shenzhi.kernel.files import workbook_writer as writer
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.audit import Audit, audit
from shenzhi.pipeline.index.findings import findings
from shenzhi.pipeline.index.grid import Grid
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.sheets import Column, Table, Value, audit_tables, publication_tables

WIDTHS = {"text": 16.0, "figure": 13.0, "whole": 10.0, "score": 11.0, "exact": 12.0, "share": 11.0}


def workbook(
    publication: Publication,
    target: IO[bytes],
    *,
    titles: Mapping[str, Words] | None = None,
    city: Words | None = None,
    aside: Collection[str] = (),
    audited: Audit | None = None,
    every_period: bool = True,
) -> None:
    """The workbook of a publication, to an open binary file. `titles` names areas; `aside`: see `audit`; `every_period`:
    see `publication_tables`."""
    audited = audited or audit(publication, aside=aside)
    grid = Grid(publication)
    nodes = publication.method.nodes
    period = publication.latest()
    tables = (
        _about(publication, audited, city, period, every_period),
        *publication_tables(grid, titles or {}, period, every_period=every_period),
        *audit_tables(audited, findings(audited), nodes),
    )
    fictional = bool(publication.manifest.get("fictional"))
    writer.write_book([sheet(_marked(table) if fictional else table) for table in tables], target)


def export(
    publication: Publication,
    out: Path,
    *,
    titles: Mapping[str, Words] | None = None,
    city: Words | None = None,
    aside: Collection[str] = (),
    audited: Audit | None = None,
    every_period: bool = True,
) -> None:
    """The workbook as a file (see `workbook`); an earlier one gives way once the new one is whole."""
    draft = out.with_name(f".{out.name}-{os.getpid()}-{threading.get_ident()}.draft")
    try:
        with draft.open("wb") as file:
            workbook(
                publication,
                file,
                titles=titles,
                city=city,
                aside=aside,
                audited=audited,
                every_period=every_period,
            )
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def sheet(table: Table) -> writer.Sheet:
    """A table as a sheet, its headings in both languages."""
    return writer.Sheet(
        _both(table.title, " "),
        [writer.Column(_heading(column), column.format, WIDTHS[column.format]) for column in table.columns],
        table.rows,
        table.fixed,
    )


def as_csv(table: Table, *, fictional: bool = False) -> bytes:
    """A table as CSV that Excel reads as Chinese text, numbers with every digit; headings are the columns' keys. Made-up
    figures say so in every row."""
    table = _marked(table) if fictional else table
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow([column.key for column in table.columns])
    rows.writerows([_cell(value) for value in row] for row in table.rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _marked(table: Table) -> Table:
    """The table with a last column that calls its figures made up."""
    column = Column("fictional", Words("虚构数据", "Fictional data"))
    return replace(table, columns=(*table.columns, column), rows=((*row, True) for row in table.rows))


def names_in(publication: Publication) -> dict[str, Words]:
    """The names of areas that stand in the CSV of a publication made from a table; {} where it has none."""
    if not publication.has("scores.csv"):
        return {}
    with (publication.folder / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        return {
            row["area"]: Words(row["name"], row["name"]) for row in csv.DictReader(file) if row.get("name")
        }


def _about(
    publication: Publication, audited: Audit, city: Words | None, period: str, every_period: bool
) -> Table:
    manifest, method = publication.manifest, publication.method
    fictional = bool(manifest.get("fictional"))
    lines: list[tuple[Words, str, str]] = [
        (Words("指数", "Index"), method.title.zh, method.title.en),
        *([(Words("城市", "City"), city.zh, city.en)] if city else []),
        *([(Words("虚构数据", "Fictional data"), "是：由程序生成，不是任何真实城市的数据", "yes: made by a program, of no real city")] if fictional else []),
        (Words("版本", "Edition"), publication.edition, ""),
        (Words("发布时间", "Published at"), publication.created_at, ""),
        (Words("方法", "Method"), method.id, method.version),
        (Words("方法文件 SHA-256", "Method file, SHA-256"), method.sha256, ""),
        (Words("程序", "Program"), f"shenzhi {manifest['code']['version']}", str(manifest["code"]["sha256"])),
        *(
            (Words(f"数据 {name}", f"Data {name}"), str(one.get("version", one.get("name", ""))), str(one.get("sha256", "")))
            for name, one in sorted(manifest["vintage"].items())
        ),
        *((Words(f"文件 {name}", f"File {name}"), sha, "SHA-256") for name, sha in sorted(manifest["files"].items())),
        (Words("本表的时期", "Period of the sheets"), period, ""),
        (Words("体检的时期", "Period of the audit"), audited.period, f"{len(audited.areas)} areas"),
        *(
            []
            if every_period
            else [
                (
                    Words("各期数据", "Other periods"),
                    "未列入本表，见方法页的 CSV 和 Parquet 文件",
                    "not in this workbook; see the CSV and Parquet files of the method page",
                )
            ]
        ),
    ]  # fmt: skip
    columns = (
        Column("what", Words("项目", "What")),
        Column("value", Words("内容", "Value")),
        Column("more", Words("补充", "More")),
    )
    rows: Iterable[Sequence[Value]] = [(_both(title, " "), value, more) for title, value, more in lines]
    return Table("about", Words("说明", "About"), columns, rows)


def _heading(column: Column) -> str:
    """Both names of a column, and the code of a node, which a program can look for."""
    said = _both(column.title, "\n")
    return f"{said}\n{column.key}" if column.coded else said


def _both(title: Words, between: str) -> str:
    return title.zh if title.zh == title.en else f"{title.zh}{between}{title.en}"


def _cell(value: Value) -> object:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, str):
        return safe_cell(value)
    return repr(value).lower() if isinstance(value, bool) else repr(value)
