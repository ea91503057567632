"""A published figure opens down to the row and file it came from: tried on the real city's own returns."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from shenzhi.pipeline.index.publish import publish
from shenzhi.pipeline.lake import city as declared
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.statistics.returns import load_returns
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
