"""A published figure opens down to the row and file it came from: tried on the real city's own returns."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from shenzhi.pipeline.index.publish import publish
from shenzhi.pipeline.lake import city as declared
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.lake.source import load_sources
from shenzhi.pipeline.statistics.returns import load_returns
from shenzhi.web.portal import cautions
from shenzhi.web.portal.serve import KEPT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    patch.setenv("SHENZHI_HOME", str(home))
    city = declared.load_city("shenzhen")
    city.home.mkdir(parents=True)
    load_returns(city, Lake(city))
    publish(city)
    KEPT.clear()
    yield home
    KEPT.clear()
    patch.undo()


def test_a_figure_shows_the_row_the_document_and_the_file_it_came_from(box: Path) -> None:
    city = declared.load_city("shenzhen")
    lines = (city.root / "returns" / "annual_figures.csv").read_text(encoding="utf-8-sig").splitlines()
    # the row as a spreadsheet shows it: GDP of the city in 2012, as the communiqué printed it
    row = next(at for at, line in enumerate(lines, 1) if ",2012,gdp," in line and line.startswith("440300,"))
    text = Client().get("/shenzhen/figures/gdp/440300/2012/").content.decode()
    assert "12,950.08" in text
    assert f"<dd>{row}</dd>" in text
    assert "统计公报" in text
    assert 'href="https://tjj.sz.gov.cn/' in text
    sha = re.search(r'href="/shenzhen/files/([0-9a-f]{64})/"', text)
    assert sha is not None
    stored = (city.root / "returns" / "annual_figures.csv").read_bytes()
    assert sha[1] == hashlib.sha256(stored).hexdigest()


def test_a_lower_bound_is_said_beside_the_figure_and_marked_in_the_table(box: Path) -> None:
    # the row of 2018 prints 突破2.4万亿 in an original document; that of 2012 is exact, in an original
    text = Client().get("/en/shenzhen/figures/gdp/440300/2018/").content.decode()
    assert '<span class="mark">≥</span>' in text
    assert "A lower bound" in text
    exact = Client().get("/en/shenzhen/figures/gdp/440300/2012/").content.decode()
    assert 'class="mark"' not in exact
    assert 'role="note"' not in exact
    table = Client().get("/en/shenzhen/indicators/gdp/").content.decode()
    assert '/440300/2018/">≥24,000</a>' in table
    assert '/440300/2012/">12,950.08</a>' in table
    assert "≥ A lower bound" in table  # the legend


def test_a_figure_read_in_a_copy_says_that_it_is_to_be_checked(box: Path) -> None:
    # 2017: about 22,400, from a copy of the work report
    chinese = Client().get("/shenzhen/figures/gdp/440300/2017/").content.decode()
    assert "读自机关文件的转载件，需与原件核对" in chinese
    assert "约数" in chinese
    english = Client().get("/en/shenzhen/figures/gdp/440300/2017/").content.decode()
    assert "to be checked against the original" in english


def test_every_row_that_is_not_exact_or_not_from_an_original_calls_for_a_caution() -> None:
    city = declared.load_city("shenzhen")
    seen = 0
    for source in load_sources(city.sources_dir).values():
        for path in (city.root / "returns").glob(f"{source.name}.csv"):
            for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()):
                said = cautions.of_rows(source, [row], int(row["revision"]))
                expected = (row["bound"] != "exact") + (row["confidence"] == "low")
                assert len(said) == expected, (path.name, row)
                seen += expected
    assert seen > 100


def test_the_caution_of_an_earlier_revision_is_not_that_of_the_figure() -> None:
    source = load_sources(declared.load_city("shenzhen").sources_dir)["annual_figures"]
    rows = [{"revision": 1, "bound": "at_least", "origin": "official"},
            {"revision": 2, "bound": "exact", "origin": "official"}]  # fmt: skip
    assert [one.mark for one in cautions.of_rows(source, rows, 1)] == ["≥"]
    assert cautions.of_rows(source, rows, 2) == []


def test_a_break_stands_on_the_figures_on_either_side_of_it(box: Path) -> None:
    # declared: levels from 2019 on follow the fourth economic census, those from 2024 on the fifth
    before = Client().get("/en/shenzhen/figures/gdp/440300/2018/").content.decode()
    assert "Break in the series, since 2019" in before
    assert "since 2024" not in before
    between = Client().get("/shenzhen/figures/gdp/440300/2022/").content.decode()
    assert "口径变化（自2019年）" in between
    assert "口径变化（自2024年）" in between
    other = Client().get("/shenzhen/figures/pm25/440300/2022/").content.decode()
    assert "口径变化" not in other


def test_no_difference_is_given_across_a_break(box: Path) -> None:
    # 2025 and the figure before it, 2023, lie on either side of the break of 2024
    text = Client().get("/en/shenzhen/indicators/gdp/").content.decode()
    assert "counted differently, so the two cannot simply be compared" in text
    assert ", up 4,100" not in text


def test_a_file_is_described_previewed_and_handed_out_byte_for_byte(box: Path) -> None:
    stored = (declared.load_city("shenzhen").root / "returns" / "annual_figures.csv").read_bytes()
    sha = hashlib.sha256(stored).hexdigest()
    page = Client().get(f"/en/shenzhen/files/{sha}/").content.decode()
    assert sha in page
    assert "First rows" in page
    answer = Client().get(f"/shenzhen/files/{sha}/bytes/")
    assert b"".join(answer.streaming_content) == stored
    assert "attachment" in answer.headers["Content-Disposition"]
    assert Client().get(f"/shenzhen/files/{'0' * 64}/").status_code == 404


def test_a_file_under_a_closed_licence_is_not_handed_out(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from shenzhi.web.portal import lakes

    monkeypatch.setattr(lakes, "OPEN", ())
    stored = (declared.load_city("shenzhen").root / "returns" / "annual_figures.csv").read_bytes()
    sha = hashlib.sha256(stored).hexdigest()
    assert Client().get(f"/shenzhen/files/{sha}/bytes/").status_code == 404
    assert "bytes/" not in Client().get(f"/en/shenzhen/files/{sha}/").content.decode()


def test_every_source_of_the_catalogue_has_a_page_with_its_promises(box: Path) -> None:
    for name in Lake(declared.load_city("shenzhen")).sources:
        page = Client().get(f"/en/shenzhen/data/{name}/")
        assert page.status_code == 200
        assert name == "areas" or "What was handed in" in page.content.decode()


def test_a_mark_stands_on_an_area_s_page_with_its_legend(box: Path) -> None:
    # Futian, 2021: about 5,300, an estimate; its third sector in 2012 is exact
    text = Client().get("/en/shenzhen/areas/440304/").content.decode()
    assert '/figures/gdp/440304/2021/">≈<data value="5300">' in text
    assert '/figures/gdp_ter/440304/2012/"><data' in text
    assert "≈ Rounded" in text
