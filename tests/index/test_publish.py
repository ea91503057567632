"""From a lake to a publication: a city of two districts, with a revised figure, worked out by hand."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from shenzhi.config.commands.index import index
from shenzhi.pipeline.index.publish import publish
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.scope import IndexFault
from shenzhi.pipeline.index.verify import verify
from shenzhi.pipeline.lake.city import City, load_city
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake

pytestmark = pytest.mark.slow

FILES = {
    "city.yml": """\
slug: tiny
title: {zh: 小城, en: Tiny}
fictional: true
note: {zh: 测试用, en: For a test}
index: tiny-1
""",
    "areas.csv": """\
code,zh,en,level,parent
1,小城,Tiny,city,
11,东区,East,district,1
12,西区,West,district,1
13,新区,New,district,1
""",
    "sources/annual_figures.yml": """\
source: annual_figures
title: {zh: 年度数字, en: Annual figures}
publisher: {zh: 统计局, en: Statistics}
licence: none
article: "84"
description: {zh: 测试, en: Test}
key: [area, year, item]
vintage: revision
area: area
period: {field: year, grain: year}
arrives: whole
fields:
  area: {type: string, title: {zh: 区, en: Area}, required: true, references: areas.code}
  year: {type: int64, title: {zh: 年, en: Year}, required: true}
  item: {type: string, title: {zh: 项目, en: Item}, required: true}
  value: {type: float64, title: {zh: 值, en: Value}, required: true}
  status: {type: string, title: {zh: 状态, en: Status}, required: true}
  revision: {type: int64, title: {zh: 修订, en: Revision}, required: true}
  known_on: {type: string, title: {zh: 公布日, en: Known on}}
  document: {type: string, title: {zh: 出处, en: Document}}
""",
    # Titles and directions are left to the indicators: output per head is good, PM2.5 is not.
    "methods/tiny-1.yml": """\
method: tiny-1
version: "1.0"
title: {zh: 小城指数, en: Tiny index}
areas: {level: district}
periods: {from: "2022"}
normalise: {method: goalposts}
tree:
  code: index
  children:
    - {code: gdp_pc, weight: 3, posts: [0, 200000]}
    - {code: pm25, weight: 1, posts: [0, 100]}
""",
}
FIGURES = """\
area,year,item,value,status,revision,known_on
11,2023,gdp_pc,100000,preliminary,1,2024-01-30
11,2023,gdp_pc,120000,final,2,2024-10-30
11,2023,pm25,20,final,1,2024-01-30
12,2023,gdp_pc,150000,final,1,2024-01-30
11,2020,gdp_pc,90000,final,1,2021-01-30
"""


@pytest.fixture
def city(tmp_path, monkeypatch) -> City:
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "var"))
    for name, text in FILES.items():
        path = tmp_path / "tiny" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    city = load_city(tmp_path / "tiny")
    hand_in(city, FIGURES)
    return city


def hand_in(city: City, figures: str) -> None:
    path = city.root / "figures.csv"
    path.write_text(figures, encoding="utf-8")
    ingest(Lake(city), "annual_figures", path, by="test")


def test_a_table_that_no_indicator_reads_makes_no_new_edition(city):
    before = publish(city)
    declared = FILES["sources/annual_figures.yml"].replace("source: annual_figures", "source: of_a_register")
    (city.root / "sources" / "of_a_register.yml").write_text(declared, encoding="utf-8")
    ingest(Lake(city), "of_a_register", city.root / "figures.csv", by="test")
    after = publish(city)
    assert after.edition == before.edition
    assert list(after.manifest["vintage"]) == ["annual_figures"]


def test_a_city_s_index_is_computed_from_what_is_known_now(city):
    steps: list[tuple[int, int]] = []
    publication = publish(city, progress=lambda step, done, total: steps.append((done, total)))
    # East: gdp_pc 120000 of 200000 -> 60, pm25 20 of 100 -> 80: (3 * 60 + 80) / 4 = 65
    # West: gdp_pc 150000 -> 75, no pm25: 75 with 3/4 of the weight. New: nothing.
    assert {one.area: (one.score, one.rank, one.coverage) for one in publication.scores("index")} == {
        "11": (65, 2, 1), "12": (75, 1, 0.75), "13": (None, None, 0),
    }  # fmt: skip
    assert publication.score("13", "2023").why.zh == "所含各项都没有得分"
    assert publication.method.nodes["pm25"].direction == -1
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert Publication.current(city).edition == publication.edition


def test_the_series_hold_every_value_and_revision_also_outside_the_index(city):
    publication = publish(city)
    known = publication.observations("gdp_pc", "11", current=False)
    assert [(one.period, one.value, one.status, one.revision, one.current) for one in known] == [
        ("2020", 90000, "final", 1, True),
        ("2023", 100000, "preliminary", 1, False),
        ("2023", 120000, "final", 2, True),
    ]
    assert publication.manifest["vintage"]["annual_figures"]["version"] == 0
    assert publication.manifest["fictional"] is True


def test_a_published_index_verifies_against_its_lake_also_after_new_figures_came(city):
    old = publish(city)
    assert verify(city.published_dir, Lake(city)).equal
    hand_in(city, FIGURES.replace("11,2023,pm25,20", "11,2023,pm25,40"))
    new = publish(city)
    # pm25 40 -> 60: (3 * 60 + 60) / 4 = 60
    assert (old.score("11", "2023").score, new.score("11", "2023").score) == (65, 60)
    assert Publication.current(city).edition == new.edition != old.edition
    assert verify(old.folder, Lake(city)).equal, "the old version of the source is still in the lake"
    assert verify(new.folder, Lake(city)).equal


def test_a_publication_that_does_not_follow_from_its_lake_names_the_figure(city):
    publication = publish(city)
    manifest = publication.folder / "manifest.json"
    hand_in(city, FIGURES.replace("12,2023,gdp_pc,150000", "12,2023,gdp_pc,151000"))
    manifest.write_text(manifest.read_text().replace('"version": 0', '"version": 1'))
    details = [check.detail for check in verify(publication.folder, Lake(city)).checks if not check.ok]
    named = "indicator gdp_pc, area 12, period 2023, revision 1: value was published as 150000.0, recomputed as 151000.0"
    assert named in details


def test_a_city_publishes_and_verifies_from_the_command_line(city):
    done = CliRunner().invoke(index, ["publish", "--city", str(city.root)])
    assert done.exit_code == 0, done.output
    assert "西区 West" in done.output
    assert CliRunner().invoke(index, ["verify", "--city", str(city.root)]).exit_code == 0


def test_a_method_that_the_city_does_not_have_is_refused(city):
    with pytest.raises(IndexFault, match=r"tiny has no method tiny-2 in .*; did you mean tiny-1\?"):
        publish(city, "tiny-2")


def test_nothing_is_current_before_the_first_publication(city):
    assert Publication.current(city) is None
