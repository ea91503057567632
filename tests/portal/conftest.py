"""The two small cities of the portal's tests, published once, and a client to ask for their pages."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from shenzhi.pipeline.lake import city as declared
from shenzhi.pipeline.reports import chart as layer
from shenzhi.pipeline.reports import engine
from shenzhi.web.portal.serve import KEPT

os.environ["SHENZHI_DRAW_AHEAD"] = "0"  # a test draws what it asks for and no more
sys.path.insert(0, str(Path(__file__).parent))  # test files are imported one by one, without their folder

import portal_cities


@pytest.fixture(scope="session")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cities")
    portal_cities.real(root)
    portal_cities.model(root)
    return root


@pytest.fixture
def client(cities: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setattr(declared, "CITIES", cities)
    KEPT.clear()
    yield Client()
    KEPT.clear()


@pytest.fixture(params=["blank", pytest.param("engine", marks=pytest.mark.slow)])
def pen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """For tests that ask which charts are drawn, and not what they look like: blank drawings, which take no time, and
    among the slow tests those of the engine. They are kept apart from the drawings of other tests."""
    if request.param == "blank":
        monkeypatch.setattr(engine, "svg", lambda _: '<svg class="marks" viewBox="0 0 320 200"></svg>')
    monkeypatch.setattr(layer, "home", lambda: tmp_path)
    layer._drawn.cache_clear()
    yield
    layer._drawn.cache_clear()


@pytest.fixture
def settings_with_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error pages, whichever module of addresses names them."""
    from shenzhi.config import urls

    monkeypatch.setattr(urls, "handler404", "shenzhi.web.portal.views.errors.not_found", raising=False)
