"""What is taken away holds the numbers of the page, opens safely in a spreadsheet, and says whose it is."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from shenzhi.pipeline.reports import chart as layer
from shenzhi.pipeline.reports import charts, engine
from shenzhi.pipeline.statistics import INDICATORS
from shenzhi.web.portal import drawings
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


PICTURES = re.compile(
    r'<a href="((?:/en)?/charts/[0-9a-f]{64}\.(file\.svg|png))" download aria-label="([^"]+)">'
)


def pictures(client: Client, page: str) -> dict[str, tuple[str, str]]:
    """The address and the label of each form in which the one chart of a page can be taken away."""
    listed = PICTURES.findall(client.get(page).content.decode())
    assert [form for _, form, _ in listed] == ["file.svg", "png"]
    return {form: (address, label) for address, form, label in listed}


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize(
    "page", ["/real/", "/real/index/", "/real/areas/100/", "/real/domains/economy/", "/real/indicators/b/"]
)
def test_every_chart_is_to_be_had_as_svg_and_png_with_title_source_and_day(
    client: Client, page: str, language: str
) -> None:
    found = pictures(client, language + page)
    assert [re.split("[，,]", label)[0] for _, label in found.values()] == ["SVG", "PNG"]
    for form, start in (("file.svg", b"<svg xmlns"), ("png", b"\x89PNG")):
        data, disposition = taken(client, found[form][0])
        assert data.startswith(start)
        said = re.fullmatch(
            r'attachment; filename="real-[a-z0-9-]+-(zh|en)-real-test-[0-9a-f]+\.(svg|png)"', disposition
        )
        assert said is not None, disposition
        assert said.groups() == ("en" if language else "zh", form.removeprefix("file."))
    svg = taken(client, found["file.svg"][0])[0].decode()
    edition = edition_of("real")
    assert edition.name in svg
    assert ("Source: " if language else "来源：") in svg
    assert ("published " if language else "日发布") in svg
    assert "var(" not in svg  # colours of its own: the page's are not there


def test_a_chart_of_a_fictional_city_says_so_in_its_name_and_in_the_picture(client: Client) -> None:
    for page in ("/model/areas/101/", "/model/indicators/ecology_one/"):
        text = client.get("/en" + page).content.decode()
        address = re.search(r'"(/en/charts/[0-9a-f]{64}\.file\.svg)"', text)
        assert address is not None
        svg, disposition = taken(client, address[1])
        assert 'filename="fictional-model-' in disposition
        assert "fictional data, made by a program" in svg.decode()


def test_the_name_of_an_office_never_stands_under_figures_that_a_program_made_up(client: Client) -> None:
    code = next(iter(INDICATORS))
    office = INDICATORS[code].source.zh
    assert office in drawings.indicator_source(edition_of("real"), code).zh
    assert office not in drawings.indicator_source(edition_of("model"), code).zh


@pytest.mark.parametrize("form", ["file.svg", "png"])
def test_a_file_that_nobody_ordered_is_answered_in_words(
    client: Client, form: str, settings_with_errors: None
) -> None:
    assert client.get(f"/charts/{'0' * 64}.{form}").status_code == 404
    assert client.get(f"/charts/..%2f{'0' * 61}.{form}").status_code == 404
    assert charts.file("../" * 8 + "etc/passwd", form) is None


def test_a_picture_is_made_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = pictures(client, "/real/")["png"][0]
    first = taken(client, address)[0]
    monkeypatch.setattr(engine, "png", lambda *_: pytest.fail("made twice"))
    assert taken(client, address)[0] == first


def test_where_orders_cannot_be_kept_the_page_offers_no_files(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(layer, "home", lambda: tmp_path)
    monkeypatch.setattr(layer, "_keep", lambda *_: False)
    page = client.get("/real/")
    assert page.status_code == 200
    assert not PICTURES.search(page.content.decode())
