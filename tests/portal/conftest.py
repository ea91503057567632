"""The two small cities of the portal's tests, published once, and a client to ask for their pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fixture
import pytest
from django.test import Client

from shenzhi.pipeline.lake import city as declared
from shenzhi.web.portal.serve import KEPT


@pytest.fixture(scope="session")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cities")
    fixture.real(root)
    fixture.model(root)
    return root


@pytest.fixture
def client(cities: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setattr(declared, "CITIES", cities)
    KEPT.clear()
    yield Client()
    KEPT.clear()
