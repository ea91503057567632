"""What is taken away holds the numbers of the page, opens safely in a spreadsheet, and says whose it is."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from shenzhi.web.portal.downloads import csv_pieces
from shenzhi.web.portal.editions import edition_of


def taken(client: Client, path: str) -> tuple[bytes, str]:
    response = client.get(path)
    assert response.status_code == 200
    data = b"".join(response.streaming_content) if response.streaming else response.content
    return data, response.headers["Content-Disposition"]


def rows(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_csv_and_parquet_hold_every_value_and_revision(client: Client) -> None:
    known = edition_of("real").publication.observations(indicator="b", current=False)
    expected = [(one.period, one.value, one.status, one.revision, one.current) for one in known]
    assert len(expected) == 4
    from_csv = [
        (row["period"], float(row["value"]), row["status"], int(row["revision"]), row["current"] == "true")
        for row in rows(taken(client, "/real/indicators/b.csv")[0])
    ]
    table = pq.read_table(io.BytesIO(taken(client, "/real/indicators/b.parquet")[0])).to_pylist()
    from_parquet = [
        (row["period"], row["value"], row["status"], row["revision"], row["current"]) for row in table
    ]
    assert from_csv == from_parquet == expected


def test_a_cell_that_begins_like_a_formula_is_not_run_by_a_spreadsheet(client: Client) -> None:
    (row,) = rows(taken(client, "/real/indicators/=loose.csv")[0])
    assert row["indicator"] == "'=loose"
    assert float(row["value"]) == -3.25  # a negative number stays a number
    table = pq.read_table(io.BytesIO(taken(client, "/real/indicators/=loose.parquet")[0]))
    assert table["indicator"].to_pylist() == ["=loose"]


def test_every_cell_of_text_passes_the_one_rule_for_spreadsheets() -> None:
    # a space before the sign does not stop a spreadsheet; a number written as text is no formula; nothing stays nothing
    given = pa.table({"a": pa.chunked_array([["=1+1", None], [" =1+1", "-3.25", "@x", "plain"]])})
    lines = b"".join(csv_pieces([given], given.schema)).decode("utf-8-sig").splitlines()
    assert list(csv.reader(lines)) == [["a"], ["'=1+1"], [], ["' =1+1"], ["-3.25"], ["'@x"], ["plain"]]


@pytest.mark.parametrize("name", ["series", "scores", "parts"])
def test_a_table_of_the_edition_is_given_whole(client: Client, name: str) -> None:
    stored = pq.read_table(edition_of("real").publication.table(name))
    whole = pq.read_table(io.BytesIO(taken(client, f"/real/method/{name}.parquet")[0]))
    assert whole.equals(stored)
    assert len(rows(taken(client, f"/real/method/{name}.csv")[0])) == len(stored)


@pytest.mark.parametrize("path", ["/model/indicators/ecology_one", "/model/method/scores"])
def test_a_file_of_a_fictional_city_says_so_in_its_name_and_in_every_row(client: Client, path: str) -> None:
    data, disposition = taken(client, path + ".csv")
    assert 'filename="fictional-model-' in disposition
    assert {row["fictional"] for row in rows(data)} == {"true"}
    table = pq.read_table(io.BytesIO(taken(client, path + ".parquet")[0]))
    assert table["fictional"].to_pylist() == [True] * len(table)


def test_the_method_file_is_given_byte_for_byte(client: Client) -> None:
    stored = (edition_of("real").publication.folder / "method.yml").read_bytes()
    assert taken(client, "/real/method/method.yml")[0] == stored
