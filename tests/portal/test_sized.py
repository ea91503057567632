"""The city that is made for measuring is a true one: its figures open down to their rows and their file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import portal_cities
import pytest
from django.test import Client

from shenzhi.pipeline.lake import city as declared
from shenzhi.pipeline.statistics.indicator import INDICATORS
from shenzhi.web.portal import drawer
from shenzhi.web.portal.editions import edition_of
from shenzhi.web.portal.serve import KEPT


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(declared, "CITIES", tmp_path / "cities")
    before = dict(INDICATORS)
    portal_cities.sized(tmp_path / "cities", areas=3, indicators=6, years=2, lake=True)
    KEPT.clear()
    yield tmp_path
    KEPT.clear()
    INDICATORS.clear()
    INDICATORS.update(before)


def test_a_figure_of_a_sized_city_shows_its_row_and_file(box: Path) -> None:
    lines = (box / "cities" / "sized" / "sized_figures.csv").read_text(encoding="utf-8").splitlines()
    row, line = next((at, line) for at, line in enumerate(lines, 1) if ',"final",' in line)
    cells = dict(zip(lines[0].replace('"', "").split(","), line.replace('"', "").split(","), strict=True))
    page = f"/sized/figures/{cells['item']}/{cells['area']}/{cells['year']}/"
    text = Client().get(page).content.decode()
    assert f"<dd>{row}</dd>" in text
    assert f'href="{cells["document"]}"' in text
    assert cells["note"] not in text  # a field that is not open
    sha = re.search(r'href="/sized/files/([0-9a-f]{64})/"', text)
    assert sha is not None
    file = Client().get(f"/sized/files/{sha[1]}/").content.decode()
    assert "sized_figures.csv" in file
    assert cells["document"] in file


def test_the_pages_that_warm_a_process_are_all_there(box: Path) -> None:
    pages = drawer.samples(edition_of("sized"))
    assert len(pages) == len(set(pages))
    assert sum(page.startswith("figures/") for page in pages) == 1  # its six indicators read one table
    assert [Client().get(f"/sized/{page}").status_code for page in pages] == [200] * len(pages)
