"""The two small cities of the portal's tests, published once, and a client to ask for their pages."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from shenzhi.pipeline.lake import city as declared
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


@pytest.fixture
def settings_with_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error pages, whichever module of addresses names them."""
    from shenzhi.config import urls

    monkeypatch.setattr(urls, "handler404", "shenzhi.web.portal.views.errors.not_found", raising=False)
