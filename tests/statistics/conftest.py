"""Lakes for the tests: the two cities that come with the box, loaded once, and a small one made by hand."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shenzhi.pipeline.lake.city import load_city
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.statistics.returns import load_returns

SMALL_CITY = """
slug: small
title: {zh: 小城, en: Small}
fictional: true
note: {zh: 测试用。, en: For tests.}
breaks:
  - {since: "2023", indicators: [gdp], note: {zh: 后, en: later}}
  - {since: "2018", indicators: [gdp, pm25], note: {zh: 先, en: earlier}}
"""
SMALL_SOURCE = """
source: annual_figures
title: {zh: 数字, en: Figures}
publisher: {zh: 测试, en: Test}
licence: CC0-1.0
article: "84"
key: [area, year, item]
vintage: revision
area: area
period: {field: year, grain: year}
fields:
  area: {type: string, title: {zh: 区划, en: Area}, required: true, open: true}
  year: {type: int64, title: {zh: 年份, en: Year}, required: true, open: true}
  item: {type: string, title: {zh: 项目, en: Item}, required: true, open: true}
  value: {type: float64, title: {zh: 数值, en: Value}, open: true}
  status: {type: string, title: {zh: 状态, en: Status}, required: true, open: true}
  revision: {type: int64, title: {zh: 修订, en: Revision}, required: true, open: true}
  known_on: {type: string, title: {zh: 公布日期, en: Known on}, open: true}
  document: {type: string, title: {zh: 文件, en: Document}, open: true}
  secret: {type: string, title: {zh: 内部备注, en: Internal remark}}
"""


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Lake]:
    """The lake of a city of the box with its files loaded: once for all workers. Tests only read it."""
    home = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        home = home.parent  # of this run, and the same for all its workers

    def lake_of(name: str) -> Lake:
        with pytest.MonkeyPatch.context() as patch, (home / f"{name}.lock").open("w") as lock:
            patch.setenv("SHENZHI_HOME", str(home / "lakes"))
            city = load_city(name)
            lake = Lake(city)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (home / f"{name}.loaded").exists():
                load_returns(city, lake)
                (home / f"{name}.loaded").touch()
        return lake

    return lake_of


@pytest.fixture(scope="session")
def shenzhen(loaded: Callable[[str], Lake]) -> Lake:
    return loaded("shenzhen")


@pytest.fixture(scope="session")
def model(loaded: Callable[[str], Lake]) -> Lake:
    return loaded("model")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """An empty lake with one long table, to hand in a few figures by hand."""
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "home"))
    folder = tmp_path / "small"
    (folder / "sources").mkdir(parents=True)
    (folder / "city.yml").write_text(SMALL_CITY, encoding="utf-8")
    (folder / "sources" / "annual_figures.yml").write_text(SMALL_SOURCE, encoding="utf-8")
    return Lake(load_city(folder))
