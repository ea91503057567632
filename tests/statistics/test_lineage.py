"""Any value can be opened down to its rows, and those rows alone give the same value again."""

from __future__ import annotations

from pathlib import Path

import pytest

from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.statistics import INDICATORS
from shenzhi.pipeline.statistics.lineage import lineage, rows_behind, span
from shenzhi.pipeline.statistics.series import series


def assert_the_rows_alone_give_the_value_again(lake: Lake, row: dict, all_rows: list[dict]) -> None:
    key = (row["area"], row["period"])
    alone = INDICATORS[row["indicator"]].expression(rows_behind(lake, row["indicator"], *key))
    again = [one["value"] for one in alone.to_pyarrow().to_pylist() if (one["area"], one["period"]) == key]
    published = [one["value"] for one in all_rows if (one["area"], one["period"]) == key]
    assert sorted(value for value in again if value is not None) == sorted(published), row


def by_indicator(lake: Lake) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for row in series(lake).to_pylist():
        found.setdefault(row["indicator"], []).append(row)
    return found


@pytest.mark.slow
def test_computed_again_from_its_rows_alone_a_value_is_exactly_the_same(shenzhen, model):
    for lake in (shenzhen, model):
        for number, (code, values) in enumerate(by_indicator(lake).items()):
            # picked figures all take the same way: every twelfth of them will do here, all of them below
            if not INDICATORS[code].pick or number % 12 == 0:
                assert_the_rows_alone_give_the_value_again(lake, values[-1], values)


@pytest.mark.slow
def test_every_indicator_is_computed_again_from_the_rows_of_several_values(shenzhen, model):
    for lake in (shenzhen, model):
        for values in by_indicator(lake).values():
            for row in values[:: max(1, len(values) // 4)]:
                assert_the_rows_alone_give_the_value_again(lake, row, values)


def test_a_picked_figure_opens_to_its_own_lines_in_all_revisions(shenzhen):
    (found,) = lineage(shenzhen, "gdp", "440307", "2014")
    assert (found.source, found.total) == ("annual_figures", 2)
    assert shenzhen.snapshot(found.snapshot).file_name == "annual_figures.csv"
    assert [(row["value"], row["document"]) for row in found.rows] == [
        (2358.0, "龙岗区2015年政府工作报告"),
        (2321.08, "龙岗区与全市各区近三年主要经济指标对比分析（龙岗区统计局 2016-05-18）"),
    ]


def test_the_row_number_is_the_line_in_the_file_as_it_was_handed_in(shenzhen):
    (found,) = lineage(shenzhen, "gdp", "440300", "2012")
    lines = shenzhen.snapshot_path(found.snapshot).read_text(encoding="utf-8").splitlines()
    assert lines[found.rows[0]["_row"] - 1].startswith("440300,深圳市,2012,gdp,")


def test_a_mean_of_days_opens_to_the_days_of_that_year_and_district_only(model):
    (found,) = lineage(model, "pm25_mean", "990003", "2020", first=5)
    # two stations for 366 days, less the days on which a station was down
    lines = model.snapshot_path(found.snapshot).read_text(encoding="utf-8").splitlines()
    there = [
        line for line in lines if ',"990003",' in line and f",{2020}-" in line and not line.endswith(",,")
    ]
    assert found.total == len(there)
    assert 700 < found.total < 732
    assert len(found.rows) == 5
    assert {(row["area"], row["day"].year) for row in found.rows} == {("990003", 2020)}


def test_a_change_on_the_year_before_opens_to_both_years(model):
    (found,) = lineage(model, "land_output_rise", "990003", "2024")
    # 2023 was published twice, 2024 once so far
    assert [(row["year"], row["revision"]) for row in found.rows] == [(2023, 1), (2023, 2), (2024, 1)]


def test_a_condition_that_the_indicator_puts_on_a_table_narrows_its_rows(model):
    (food,) = lineage(model, "food_pass_rate", "990001", "2018", first=1000)
    (products,) = lineage(model, "product_pass_rate", "990001", "2018", first=1000)
    assert {row["product_group"] for row in food.rows} == {"食品 food"}
    assert "食品 food" not in {row["product_group"] for row in products.rows}
    assert food.total + products.total == 300  # batches of a district in a year


def test_a_field_that_is_not_open_is_not_shown(small: Lake, tmp_path: Path):
    path = tmp_path / "one.csv"
    path.write_text(
        "area,year,item,value,status,revision,known_on,document,secret\n1,2020,gdp,5,final,1,,a,do not tell\n",
        encoding="utf-8",
    )
    ingest(small, "annual_figures", path, by="test")
    (found,) = lineage(small, "gdp", "1", "2020")
    assert found.rows[0]["value"] == 5.0
    assert "secret" not in found.columns
    assert "do not tell" not in str(found)


def test_rows_of_several_files_are_told_apart(small: Lake, tmp_path: Path):
    assert (
        small.sources["annual_figures"].by == ()
    )  # a file replaces the table: the rows are those of the last file
    for name, value in (("a.csv", 5), ("b.csv", 6)):
        path = tmp_path / name
        path.write_text(
            f"area,year,item,value,status,revision,known_on,document,secret\n1,2020,gdp,{value},final,1,,a,\n",
            encoding="utf-8",
        )
        ingest(small, "annual_figures", path, by="test")
    (now,) = lineage(small, "gdp", "1", "2020")
    (before,) = lineage(small, "gdp", "1", "2020", versions={"annual_figures": 0})
    assert (before.rows[0]["value"], now.rows[0]["value"]) == (5.0, 6.0)
    assert before.snapshot != now.snapshot


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2023", "2023-01-01", "2023-12-31"),
        ("2023-Q1", "2023-01-01", "2023-03-31"),
        ("2023-Q4", "2023-10-01", "2023-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-12", "2023-12-01", "2023-12-31"),
        ("2023-05-09", "2023-05-09", "2023-05-09"),
    ],
)
def test_a_period_spans_its_days(period, first, last):
    begin, end = span(period)
    assert (begin.isoformat(), end.isoformat()) == (first, last)


def test_what_is_no_period_spans_nothing():
    assert [span(text) for text in ("spring", "2023-Q5", "2023-13", "")] == [None] * 4
