"""The files that come with a city: real figures carried whole, fictional ones always the same and always marked."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from pathlib import Path

import pytest

from shenzhi.pipeline.lake.city import all_cities, load_city
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.statistics.areas import areas_of
from shenzhi.pipeline.statistics.model_city import CITY, DISTRICTS, generate
from shenzhi.pipeline.statistics.returns import generated, load_returns
from shenzhi.pipeline.statistics.series import series

ROOT = Path(__file__).resolve().parents[2]
RETURNS = load_city("shenzhen").root / "returns"
# a later place is later knowledge
KNOWLEDGE = ("estimate", "preliminary", "derived", "published", "revised")


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_loading_a_city_twice_hands_in_nothing_twice(shenzhen):
    before = len(shenzhen.snapshots())
    assert load_returns(shenzhen.city, shenzhen) == []
    assert len(shenzhen.snapshots()) == before


def test_what_someone_handed_in_is_never_replaced_by_the_files_of_the_box(tmp_path, monkeypatch):
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path))
    city = load_city("shenzhen")
    lake = Lake(city)
    head, *rows = (RETURNS / "monthly_figures.csv").read_text(encoding="utf-8-sig").splitlines()
    (tmp_path / "ours.csv").write_text("\n".join([head, *rows[:2]]) + "\n", encoding="utf-8")
    load_returns(city, lake)
    ingest(lake, "monthly_figures", tmp_path / "ours.csv", by="clerk")
    assert load_returns(city, lake) == []
    assert [one.by for one in lake.versions("monthly_figures")][-1] == "clerk"


def test_every_city_in_the_box_names_returns_for_sources_that_it_declares():
    for city in all_cities():
        assert [one.source for one in city.returns if one.source not in Lake(city).sources] == []


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    def hashes(folder: Path, seed: int) -> list[str]:
        return [
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in generate(folder, seed=seed, years=range(2019, 2021))
        ]

    first = hashes(tmp_path / "a", 2026)
    assert hashes(tmp_path / "b", 2026) == first
    assert not set(hashes(tmp_path / "c", 2027)) & set(first)


def test_every_row_of_every_generated_file_says_that_it_is_fictional(tmp_path):
    paths = generate(tmp_path, years=range(2020, 2021))
    assert len(paths) == 6
    for path in paths:
        assert path.name.startswith("fictional_")
        assert {row["fictional"] for row in lines(path)} == {"虚构 fictional"}


def test_the_generated_files_are_written_once(model):
    folder = generated(model.city)
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert generated(model.city) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == stamps


def test_the_model_city_shows_a_shock_year_a_preliminary_year_a_revised_year_and_gaps(model):
    rows = series(model, ["gdp", "gdp_growth", "retail_growth"]).to_pylist()
    growth = {(row["indicator"], row["area"], row["period"]): row["value"] for row in rows if row["current"]}
    for district in DISTRICTS:
        around = growth["gdp_growth", district.code, "2019"]
        assert growth["gdp_growth", district.code, "2020"] < around
    assert {row["status"] for row in rows if row["period"] == "2024"} == {"preliminary"}
    assert {row["revision"] for row in rows if row["period"] == "2023" and row["indicator"] == "gdp"} == {
        1,
        2,
    }
    figures = lines(generated(model.city) / "fictional_annual_figures.csv")
    cells = {(row["area"], row["year"], row["item"]) for row in figures}
    full = {row["item"] for row in figures}
    assert 0 < 10 * 10 * len(full) - len(cells) <= 14


def test_the_districts_of_the_model_city_are_in_its_list_of_areas_and_are_no_real_ones(model, shared):
    areas = model.city.areas
    assert [code for code in areas if code != CITY] == [one.code for one in DISTRICTS]
    assert [areas[one.code].title.zh for one in DISTRICTS] == [one.name for one in DISTRICTS]
    census = lines(shared / "data" / "census" / "derived_quality_indicators_2020.csv")
    names = {row[column] for row in census for column in ("province", "city", "district")}
    codes = {row["code"] for row in census}
    assert {area.title.zh for area in areas.values()} & names == set()
    assert set(areas) & codes == set()


def test_every_published_figure_of_shenzhen_is_carried_with_its_document(shared):
    own = {"大鹏新区": "440300-DP", "深汕特别合作区": "440300-SS"}
    facts = [
        (
            row["area_code"] or own[row["area"]],
            row["year"],
            row["indicator_code"],
            row["value"],
            row["source_title"],
        )
        for row in lines(shared / "data" / "shenzhen_facts" / "facts.csv")
    ]
    carried = [
        (row["area"], row["year"], row["item"], row["value"], row["document"])
        for row in lines(RETURNS / "annual_figures.csv")
    ]
    assert sorted(carried) == sorted(facts)
    assert len(carried) == 585


def test_revisions_count_from_one_and_later_knowledge_comes_later():
    keys = defaultdict(list)
    for row in lines(RETURNS / "annual_figures.csv"):
        keys[row["area"], row["year"], row["item"]].append(row)
    for key, rows in keys.items():
        assert [row["revision"] for row in rows] == [str(n) for n in range(1, len(rows) + 1)], key
        order = [KNOWLEDGE.index(row["reading"]) for row in rows]
        assert order == sorted(order), key
    assert sum(len(rows) > 1 for rows in keys.values()) == 8


def test_the_two_reports_of_the_quality_index_of_2018_are_not_mixed():
    index = [
        row for row in lines(RETURNS / "annual_figures.csv") if (row["item"], row["year"]) == ("qi", "2018")
    ]
    assert [row["value"] for row in index] == ["83.49"]


def test_the_census_example_has_its_areas_and_its_indicators_from_the_file_itself(
    shared, tmp_path, monkeypatch
):
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path))
    lake = Lake(load_city(ROOT / "examples" / "census"))
    assert areas_of(lake) == {}
    path = shared / "data" / "census" / "derived_quality_indicators_2020.csv"
    ingest(lake, "census", path, by="test")
    areas = areas_of(lake)
    given = lines(path)
    assert len(areas) == len(given)
    assert sum(area.level == "city" for area in areas.values()) == 338
    assert (areas["440300"].title.zh, areas["110100"].title.zh) == ("深圳市", "北京市")
    districts = [code for code, area in areas.items() if code.startswith("4403") and area.level == "county"]
    assert len(districts) == 9
    wanted = {
        (row["code"], column): float(row[column])
        for row in given
        for column in ("econ_professionals_share", "soc_illiteracy_rate")
        if row[column]
    }
    found = series(lake, ["econ_professionals_share", "soc_illiteracy_rate"]).to_pylist()
    assert {row["period"] for row in found} == {"2020"}
    assert {(row["area"], row["indicator"]): row["value"] for row in found} == wanted


@pytest.mark.parametrize("slug", ["shenzhen", "model"])
def test_areas_come_from_the_list_where_there_is_one(slug, request):
    lake = request.getfixturevalue(slug)
    assert areas_of(lake) == lake.city.areas
    tiles = [area.tile for area in lake.city.areas.values() if area.tile]
    assert (
        len(set(tiles)) == len(tiles) == len(lake.city.areas) - 1
    )  # all but the city itself, each in its own place
