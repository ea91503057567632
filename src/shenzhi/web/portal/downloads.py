"""Figures to take away: CSV that a spreadsheet opens safely, and Parquet; each row says whose figures it holds.

A cell of text that begins like a formula gets an apostrophe before it, so that no spreadsheet runs it; the Parquet
file keeps the text as it is. A fictional city's files say so in their name and in a column.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from shenzhi.calc.figures import safe_cell
from shenzhi.web.portal.editions import Edition

FORMS = ("csv", "parquet")
BOM = b"\xef\xbb\xbf"
BATCH = 20_000
TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def name(edition: Edition, what: str, form: str) -> str:
    """A file name that says city, content and edition, and that the city is fictional where it is."""
    return f"{stem(edition, what)}.{form}"


def stem(edition: Edition, what: str) -> str:
    """The same without its ending."""
    label = "fictional-" if edition.city.fictional else ""
    return f"{label}{edition.city.slug}-{what}-{edition.name}".replace(":", "")


def indicator(edition: Edition, code: str, form: str) -> HttpResponseBase:
    """Every value of one indicator with names, unit, source and licence."""
    table = indicator_table(edition, code)
    return _answer(edition, [table], table.schema, code, form)


def indicator_table(edition: Edition, code: str) -> pa.Table:
    """The rows of the download: one for each area, period and revision."""
    values = edition.publication.observations(indicator=code, current=False)
    title, unit = edition.title(code), edition.unit(code)
    sources = edition.sources_of(code)
    known = edition.indicator(code)
    source = "; ".join(f"{one.title.zh} / {one.title.en}" for one in sources) or (
        known.source.zh if known else ""
    )
    licence = "; ".join(dict.fromkeys(one.licence.en for one in sources))
    places = [edition.area_title(one.area) for one in values]
    count = len(values)
    columns = {
        "indicator": pa.array([code] * count, pa.string()),
        "indicator_zh": pa.array([title.zh] * count, pa.string()),
        "indicator_en": pa.array([title.en] * count, pa.string()),
        "area": pa.array([one.area for one in values], pa.string()),
        "area_zh": pa.array([place.zh for place in places], pa.string()),
        "area_en": pa.array([place.en for place in places], pa.string()),
        "period": pa.array([one.period for one in values], pa.string()),
        "value": pa.array([one.value for one in values], pa.float64()),
        "unit_zh": pa.array([unit.zh if unit else ""] * count, pa.string()),
        "unit_en": pa.array([unit.en if unit else ""] * count, pa.string()),
        "status": pa.array([one.status for one in values], pa.string()),
        "revision": pa.array([one.revision for one in values], pa.int64()),
        "known_on": pa.array([one.known_on for one in values], pa.string()),
        "current": pa.array([one.current for one in values], pa.bool_()),
        "source": pa.array([source] * count, pa.string()),
        "licence": pa.array([licence] * count, pa.string()),
        "edition": pa.array([edition.name] * count, pa.string()),
    }
    table = pa.table(columns)
    return table.append_column("fictional", pa.array([True] * count)) if edition.city.fictional else table


def whole(edition: Edition, table: str, form: str) -> HttpResponseBase:
    """One table of the publication, whole; read and sent in pieces."""
    file = pq.ParquetFile(edition.publication.table(table))
    schema = file.schema_arrow
    fictional = edition.city.fictional
    if fictional:
        schema = schema.append(pa.field("fictional", pa.bool_()))

    def pieces() -> Iterator[pa.Table]:
        for batch in file.iter_batches(BATCH):
            piece = pa.Table.from_batches([batch])
            if fictional:
                piece = piece.append_column("fictional", pa.array([True] * len(piece)))
            yield piece

    return _answer(edition, pieces(), schema, table, form)


def _answer(
    edition: Edition, pieces: Iterator[pa.Table] | list[pa.Table], schema: pa.Schema, what: str, form: str
) -> HttpResponseBase:
    response: HttpResponseBase
    if form == "csv":
        response = StreamingHttpResponse(csv_pieces(pieces, schema), content_type=TYPES[form])
    else:
        buffer = io.BytesIO()
        with pq.ParquetWriter(buffer, schema, compression="zstd") as writer:
            for piece in pieces:
                writer.write_table(piece.cast(schema))
        response = HttpResponse(buffer.getvalue(), content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name(edition, what, form)}"'
    return response


def csv_pieces(pieces: Iterator[pa.Table] | list[pa.Table], schema: pa.Schema) -> Iterator[bytes]:
    """CSV with a byte-order mark (spreadsheets then read Chinese right) and no cell that runs as a formula."""
    yield BOM + (",".join(schema.names) + "\n").encode()
    options = pacsv.WriteOptions(include_header=False, quoting_style="needed")
    for piece in pieces:
        buffer = io.BytesIO()
        pacsv.write_csv(_safe(piece), buffer, options)
        yield buffer.getvalue()


def _safe(table: pa.Table) -> pa.Table:
    for at, field in enumerate(table.schema):
        column = table.column(at)
        if pa.types.is_dictionary(field.type):
            column = column.cast(field.type.value_type)
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            continue
        coded = (
            column.combine_chunks().dictionary_encode()
        )  # each text is looked at once, however often it stands there
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.combine_chunks()
        texts = pa.array([safe_cell(text) for text in coded.dictionary.to_pylist()], column.type)
        table = table.set_column(at, field.name, texts.take(coded.indices))
    return table
