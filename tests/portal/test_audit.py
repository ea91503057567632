"""The audit of the indicators as readers see it, and the edition as a workbook.

"Peers" has six districts, 101 to 106, and the city as a whole. In economy, `up` rises from district to district, `down` is
its mirror image (both: more is better, and `up` weighs three times as much); in ecology, `air` rises as well, `same` is 50
everywhere, and `none` has no figure.

    up    10 20 30 40 50 60        down  60 50 40 30 20 10        air  5 10 15 20 25 30
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import portal_cities
import pytest
from django.test import Client
from portal_cities import Value, leaf

from shenzhi.pipeline.lake import city as declared
from shenzhi.web.portal import audits
from shenzhi.web.portal.editions import edition_of
from shenzhi.web.portal.serve import KEPT
from shenzhi.web.portal.views import audit as views

DISTRICTS = [str(code) for code in range(101, 107)]
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("peers")
    areas = "100,虚构市,Modelton,city,,,,,,,\n" + "".join(
        f"{code},第{code}区,District <{code}>,district,100,,,{at},0,,\n" for at, code in enumerate(DISTRICTS)
    )
    folder = portal_cities.city(root, "peers", fictional=True, areas=areas)
    tree = {
        "economy": [leaf("up", weight=3), leaf("down")],
        "ecology": [leaf("air"), leaf("same"), leaf("none")],
    }
    values = []
    for year, factor in (("2022", 0.5), ("2023", 1.0)):
        for at, code in enumerate(DISTRICTS, 1):
            for name, value in (("up", 10 * at), ("down", 70 - 10 * at), ("air", 5 * at)):
                values.append(Value(name, code, year, value * factor))
            values.append(Value("same", code, year, 50.0))
        values += [Value(name, "100", year, 99.0) for name in ("up", "down", "air", "same")]
    portal_cities.publish(folder, portal_cities.method("peers-test", tree), values)
    return root


@pytest.fixture
def reader(peers: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setattr(declared, "CITIES", peers)
    KEPT.clear()
    yield Client()
    KEPT.clear()


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def words(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_findings_come_first_with_why_and_what_to_do(reader: Client) -> None:
    page = text(reader, "/en/peers/audit/")
    said = words(page)
    assert "5 indicators, 6 areas" in said  # the city as a whole is no peer of its districts
    assert "Indicators without a single figure in this period: 1" in said
    assert "Share of NONE : no figure in any period" in said
    assert "Indicators with the same value everywhere: 1" in said
    assert "Share of DOWN (in Economy) : correlation −1.00 (p&lt;0.001)" in said
    assert said.index("Findings") < said.index("What really counts") < said.index("Downloads")
    assert 'href="/en/peers/indicators/down/"' in page
    assert not HAN.search(said)


def test_a_group_opens_to_its_parts(reader: Client) -> None:
    page = text(reader, "/en/peers/audit/economy/")
    said = words(page)
    assert "Audit: Economy" in said
    assert "Share of NONE" not in said  # that is a finding of another group
    # up follows the group exactly, down runs against it: all of the influence is up's
    assert re.search(r"Share of UP 75% 100% 1\.00", said)
    assert re.search(r"Share of DOWN 25% 0% −1\.00", said)
    missing = reader.get("/peers/audit/up/")
    assert missing.status_code == 404


def test_where_areas_are_too_few_it_says_so_and_tells_what_has_figures(client: Client) -> None:
    said = words(text(client, "/en/real/audit/"))
    assert "With fewer than 5 areas indicators cannot be compared" in said
    assert "Share of D : no figure in any period" in said
    assert "What really counts" not in said
    assert client.get("/real/audit/economy/").status_code == 404


def test_the_tables_can_be_taken_away_and_say_that_they_are_fictional(reader: Client) -> None:
    page = text(reader, "/peers/audit/")
    files = re.findall(r'href="(/peers/audit/\w+\.csv)"', page)
    assert len(files) == 6
    for file in files:
        response = reader.get(file)
        assert "fictional-peers-audit-" in response["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
        assert rows
        assert {row["fictional"] for row in rows} == {"true"}
    assert reader.get("/peers/audit/nothing.csv").status_code == 404


def test_the_workbook_holds_the_scores_of_the_pages_and_is_made_once(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = edition_of("peers")
    first = b"".join(reader.get("/peers/method/workbook.xlsx").streaming_content)
    kept = declared.home() / "cache" / "workbooks" / f"fictional-peers-index-{edition.name}.xlsx"
    assert kept.read_bytes() == first
    book = openpyxl.load_workbook(io.BytesIO(first))
    page = book["得分 Scores"]
    head = [str(cell.value).rpartition("\n")[2] for cell in page[1]]
    assert head[-1] == "Fictional data"
    for row in page.iter_rows(min_row=2, values_only=True):
        score = edition.publication.score(row[0], "2023", "index")
        assert score is not None
        assert row[head.index("index")] == score.score
    # 106 has economy (3 * 60 + 10) / 4 = 47.5 and ecology (30 + 50) / 2 = 40
    last = next(row for row in page.iter_rows(values_only=True) if row[0] == "106")
    assert last[head.index("index")] == 43.75
    monkeypatch.setattr(views, "_make", lambda *_: pytest.fail("made twice"))
    assert b"".join(reader.get("/peers/method/workbook.xlsx").streaming_content) == first


def test_the_method_shows_its_framework_and_leads_to_audit_and_workbook(reader: Client) -> None:
    page = text(reader, "/en/peers/method/")
    assert "What the index is made of" in page
    assert 'href="/en/peers/audit/"' in page
    assert 'href="/en/peers/method/workbook.xlsx"' in page


def test_the_ranking_shows_what_each_index_is_made_of(reader: Client) -> None:
    assert "What each part gives to the index, 2023" in text(reader, "/en/peers/index/")
    edition = edition_of("peers")
    chart = audits.area_parts(edition, "2023", audits.ranked_areas(edition, "2023"))
    assert chart is not None
    # the city as a whole stands in no ranking of its parts; 106 is first: half of 47.5 and half of 40
    assert chart.cells("en")[0] == ["District <106>", "23.8", "20.0", "43.8"]
    assert len(chart.rows) == 6
    assert audits.area_parts(edition, "2023", DISTRICTS * 11) is None  # 66 bars are no picture


def test_an_area_shows_where_it_stands_best_and_worst_and_how_that_moved(reader: Client) -> None:
    page = text(reader, "/en/peers/areas/106/")
    said = words(page)
    strengths, weaknesses = said.index("Strengths, 2023"), said.index("Weaknesses, 2023")
    # `same` is shared by all and says nothing of one; of the other three one is listed on each side
    assert "Share of UP" in said[strengths:weaknesses]
    assert "Share of DOWN" in said[weaknesses : weaknesses + 200]
    assert "6 of 6" in said[weaknesses : weaknesses + 200]
    # `up` doubled from 2022 to 2023, as did `down`
    assert "+100.0% 2022–2023" in said[strengths:weaknesses]
    assert "1 more have the same rank as the last one listed: Share of AIR" in said
    assert "Strengths, 2023" not in words(text(reader, "/en/peers/areas/100/"))


def test_an_area_that_is_not_compared_has_no_strengths(client: Client) -> None:
    assert "强项和弱项" not in text(client, "/real/areas/100/")


def test_names_are_written_as_names(reader: Client) -> None:
    for path in ("/en/peers/audit/", "/en/peers/areas/106/", "/en/peers/index/"):
        assert "<106>" not in text(reader, path)


def test_every_new_drawing_is_made_ahead(reader: Client, monkeypatch: pytest.MonkeyPatch, pen: None) -> None:
    from shenzhi.web.portal import drawer

    monkeypatch.setattr(drawer.time, "sleep", lambda _: None)
    assert drawer.draw(edition_of("peers"))
    for page in (
        "/peers/audit/",
        "/peers/audit/economy/",
        "/peers/method/",
        "/peers/index/",
        "/peers/areas/106/",
    ):
        for language in ("", "/en"):
            assert "<picture>" not in text(reader, language + page), language + page
