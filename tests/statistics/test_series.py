"""The series against figures read off by hand, and against plain Python over the same files."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.statistics import INDICATORS
from shenzhi.pipeline.statistics.breaks import breaks
from shenzhi.pipeline.statistics.indicator import Indicator
from shenzhi.pipeline.statistics.series import SCHEMA, SeriesError, series

HEAD = "area,year,item,value,status,revision,known_on,document,secret\n"


def hand_in(lake: Lake, folder: Path, name: str, lines: str) -> None:
    path = folder / name
    path.write_text(HEAD + lines, encoding="utf-8")
    ingest(lake, "annual_figures", path, by="test")


def rows(lake: Lake, *codes: str, **more):
    return series(lake, codes or None, **more).to_pylist()


def test_a_key_with_an_estimate_and_a_final_value_has_two_revisions_of_which_the_last_is_current(shenzhen):
    # Longgang's report of 2015 expected 2,358 for 2014; its statisticians published 2,321.08 on 18 May 2016
    found = [row for row in rows(shenzhen, "gdp") if (row["area"], row["period"]) == ("440307", "2014")]
    assert found == [
        {
            "indicator": "gdp", "area": "440307", "period": "2014", "value": 2358.0, "status": "estimated",
            "revision": 1, "known_on": "", "current": False,
        },
        {
            "indicator": "gdp", "area": "440307", "period": "2014", "value": 2321.08, "status": "final",
            "revision": 2, "known_on": "2016-05-18", "current": True,
        },
    ]  # fmt: skip


def test_a_verified_value_comes_after_the_preliminary_one(shenzhen):
    # Luohu 2012: 1,359.05 in the communiqué of 2013, 1,358.20 when verified
    found = [row for row in rows(shenzhen, "gdp") if (row["area"], row["period"]) == ("440303", "2012")]
    assert [(row["value"], row["status"], row["current"]) for row in found] == [
        (1359.05, "preliminary", False),
        (1358.2, "final", True),
    ]


def test_months_are_periods_of_their_own(shenzhen):
    assert [(row["period"], row["value"]) for row in rows(shenzhen, "pm25_month")] == [
        ("2020-05", 13.0),
        ("2022-02", 13.0),
    ]


def test_a_share_is_only_computed_from_figures_of_one_document(shenzhen):
    # Shenzhen 2012: 7206.88 / 12950.08 = 55.65 %; 2022: 19956.16 / 32387.68 = 61.62 %. In other years the two figures
    # stand in different documents or not at all.
    found = [row for row in rows(shenzhen, "ter_share") if row["area"] == "440300"]
    assert [(row["period"], round(row["value"], 2)) for row in found] == [("2012", 55.65), ("2022", 61.62)]
    # Luohu 2012 was published twice: 1251.75 / 1359.05 = 92.10 %, then 1250.89 / 1358.20 = 92.10 %
    luohu = [row for row in rows(shenzhen, "ter_share") if (row["area"], row["period"]) == ("440303", "2012")]
    assert [(row["revision"], round(row["value"], 4)) for row in luohu] == [(1, 92.1048), (2, 92.0991)]


def test_the_series_has_its_columns_in_order_one_row_for_each_key_and_one_current_value(shenzhen, model):
    for lake in (shenzhen, model):
        table = series(lake)
        assert table.schema == SCHEMA
        keys = [(row["indicator"], row["area"], row["period"], row["revision"]) for row in table.to_pylist()]
        assert keys == sorted(set(keys))
        current = [
            (row["indicator"], row["area"], row["period"]) for row in table.to_pylist() if row["current"]
        ]
        assert sorted(current) == sorted({key[:3] for key in keys})


def test_only_indicators_whose_tables_are_in_the_lake_have_values(shenzhen, model):
    assert rows(shenzhen, "good_air_days") == []
    assert {row["indicator"] for row in rows(shenzhen)} & {"pm25_mean", "services_in_time"} == set()
    assert len(rows(model, "good_air_days")) == 10 * 10  # ten districts, ten years


def test_every_figure_handed_in_is_in_the_series_as_it_was_handed_in(shenzhen, model):
    for lake in (shenzhen, model):
        expected = {}
        for source in ("annual_figures", "monthly_figures", "year_to_date_figures"):
            if source in lake.tables():
                code = {
                    one.pick.key: one.code
                    for one in INDICATORS.values()
                    if one.pick and one.pick.table == source
                }
                for row in file_of(lake, source):
                    period = row.get("year") or row["period"]
                    key = (code[row["item"]], row["area"], period, int(row["revision"]))
                    expected[key] = (float(row["value"]), row["status"], row["known_on"])
        found = {
            tuple(row[name] for name in ("indicator", "area", "period", "revision")): tuple(
                row[name] for name in ("value", "status", "known_on")
            )
            for row in rows(lake)
            if INDICATORS[row["indicator"]].pick
        }
        assert found == expected


def test_an_earlier_version_of_a_table_gives_the_series_as_it_was(small, tmp_path):
    early, late = "1,2020,gdp,100,preliminary,1,2021-03-01,a,\n", "1,2020,gdp,103,final,2,2021-11-20,b,\n"
    hand_in(small, tmp_path, "first.csv", early)
    hand_in(small, tmp_path, "second.csv", early + late)
    assert [row["value"] for row in rows(small, "gdp", versions={"annual_figures": 0})] == [100.0]
    assert [(row["value"], row["current"]) for row in rows(small, "gdp")] == [(100.0, False), (103.0, True)]


def test_a_missing_value_gives_no_row_and_is_not_a_zero(small, tmp_path):
    hand_in(small, tmp_path, "one.csv", "1,2020,gdp,,final,1,,a,\n1,2021,gdp,0,final,1,,a,\n")
    assert [(row["period"], row["value"]) for row in rows(small, "gdp")] == [("2021", 0.0)]


def test_an_empty_lake_has_an_empty_series(small):
    assert series(small) == SCHEMA.empty_table()


def test_an_unknown_status_is_refused(small, tmp_path):
    hand_in(small, tmp_path, "one.csv", "1,2020,gdp,5,guessed,1,,a,\n")
    with pytest.raises(SeriesError, match="gdp: the value for area 1, period 2020 has a status other than"):
        series(small)


def an_indicator(code: str, function) -> Indicator:
    gdp = INDICATORS["gdp"]
    return Indicator(
        code,
        gdp.title,
        gdp.definition,
        gdp.unit,
        1,
        "11",
        "economy",
        gdp.source,
        ("annual_figures",),
        function,
    )


def test_infinity_is_refused(small, tmp_path, monkeypatch):
    hand_in(small, tmp_path, "one.csv", "1,2020,gdp,5,final,1,,a,\n1,2021,gdp,0,final,1,,a,\n")

    def inverse(table):
        return table.select("area", period=table.year.cast("string"), value=1 / table.value)

    monkeypatch.setitem(INDICATORS, "inverse", an_indicator("inverse", inverse))
    with pytest.raises(SeriesError, match=r"inverse: .* period 2021 is not a finite number"):
        series(small)


def test_two_values_for_one_area_and_period_are_refused(small, tmp_path, monkeypatch):
    hand_in(small, tmp_path, "one.csv", "1,2020,gdp,5,final,1,,a,\n1,2020,pm25,6,final,1,,a,\n")

    def careless(table):
        return table.select("area", period=table.year.cast("string"), value=table.value)

    monkeypatch.setitem(INDICATORS, "careless", an_indicator("careless", careless))
    with pytest.raises(SeriesError, match=r"careless: .* has two values for one area, period and revision"):
        series(small)


def test_a_table_without_a_column_leaves_out_only_the_indicators_that_read_it_and_says_so(
    small, tmp_path, caplog
):
    declared = small.city.sources_dir / "annual_figures.yml"
    kept = [line for line in declared.read_text(encoding="utf-8").splitlines() if "document:" not in line]
    declared.write_text("\n".join(kept), encoding="utf-8")
    path = tmp_path / "one.csv"
    path.write_text("area,year,item,value,status,revision\n1,2020,gdp,5,final,1\n", encoding="utf-8")
    ingest(small, "annual_figures", path, by="test")
    assert [(row["indicator"], row["value"]) for row in rows(small)] == [("gdp", 5.0)]
    assert "ter_share cannot be computed over annual_figures of this city" in caplog.text
    assert "Column 'document' is not found" in caplog.text
    with pytest.raises(SeriesError, match="ter_share cannot be computed"):
        series(small, ["ter_share"])


def test_breaks_are_told_oldest_first_and_by_indicator(small):
    assert [(one.since, one.note.en) for one in breaks(small.city, "gdp")] == [
        ("2018", "earlier"),
        ("2023", "later"),
    ]
    assert [one.since for one in breaks(small.city, "pm25")] == ["2018"]
    assert breaks(small.city, "hte") == []


def file_of(lake: Lake, source: str) -> list[dict[str, str]]:
    """The rows of the file now in force, read by plain Python."""
    return lines_of(lake.snapshot_path(lake.versions(source)[-1].snapshot))


@cache  # several tests ask for the same file, which its hash names: it never changes
def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_district_and_year(lines, day: str, value):
    """area, year -> the values that `value` gives for the lines of that area and year; None is left out."""
    grouped = defaultdict(list)
    for line in lines:
        one = value(line)
        if one is not None:
            grouped[line["area"], line[day][:4]].append(one)
    return grouped


def means(grouped) -> dict[tuple[str, str], float]:
    return {key: sum(values) / len(values) for key, values in grouped.items()}


def daily(lines, measure: str):
    """area, day -> the mean of the stations that measured."""
    stations = defaultdict(list)
    for line in lines:
        if line[measure]:
            stations[line["area"], line["day"]].append(int(line[measure]))
    return [{"area": area, "day": day, "mean": sum(v) / len(v)} for (area, day), v in stations.items()]


def second_implementation(lake: Lake) -> dict[str, dict[tuple[str, str], float]]:
    """Every computed indicator of the model city again, in plain Python."""
    air, batches = file_of(lake, "air_daily"), file_of(lake, "product_inspections")
    cases, complaints = file_of(lake, "service_items"), file_of(lake, "public_complaints")
    annual = file_of(lake, "annual_figures")
    pm25 = means(by_district_and_year(daily(air, "pm25"), "day", lambda one: one["mean"]))
    last = {}
    for line in sorted(annual, key=lambda one: int(one["revision"])):
        last[line["item"], line["area"], line["year"]] = float(line["value"])

    def passed(food: bool):
        def percent(line):
            return (
                None if (line["product_group"] == "食品 food") != food else 100 * (line["passed"] == "true")
            )

        return means(by_district_and_year(batches, "day", percent))

    def answered(topic: str):
        def percent(line):
            return (
                100 * (int(line["answer_days"]) <= int(line["limit_days"]))
                if line["topic"] == topic
                else None
            )

        return means(by_district_and_year(complaints, "received_on", percent))

    def service(value):
        return means(by_district_and_year(cases, "accepted_on", value))

    return {
        "pm25_mean": pm25,
        "pm25_change": {
            (area, year): (value / pm25[area, before] - 1) * 100
            for (area, year), value in pm25.items()
            if (area, before := str(int(year) - 1)) in pm25
        },
        "good_air_days": means(
            by_district_and_year(daily(air, "aqi"), "day", lambda one: 100 * (one["mean"] <= 100))
        ),
        "food_pass_rate": passed(True),
        "product_pass_rate": passed(False),
        "appeals_in_time": answered("民生 livelihood"),
        "city_cases_in_time": answered("城市管理 city management"),
        "quality_complaints_settled": means(
            by_district_and_year(
                complaints,
                "received_on",
                lambda one: 100 * (one["settled"] == "true") if one["topic"] == "质量 quality" else None,
            )
        ),
        "services_in_time": service(lambda one: 100 * (int(one["work_days"]) <= int(one["promised_days"]))),
        "service_days": service(lambda one: int(one["work_days"])),
        "service_good_rate": service(lambda one: 100 * (int(one["rating"]) >= 4) if one["rating"] else None),
        "red_warning_rate": service(
            lambda one: 10_000 * (int(one["work_days"]) > 2 * int(one["promised_days"]))
        ),
        "land_output_rise": {
            (area, year): value - last["land_output", area, before]
            for (item, area, year), value in last.items()
            if item == "land_output" and ("land_output", area, before := str(int(year) - 1)) in last
        },
        **of_complaints(file_of(lake, "complaint_counts"), last),
    }


def of_complaints(lines, annual) -> dict[str, dict[tuple[str, str], float]]:
    """The indicators of complaints over their counts, and over `annual` figures by item, area and year."""
    counts = {(one["item"], one["area"], one["year"]): int(one["cases"]) for one in lines if not one["least"]}

    def share(part: str, whole: str):
        return {
            (area, year): 100 * counts[part, area, year] / count
            for (item, area, year), count in counts.items()
            if item == whole
        }

    def per(figure: str, units: int):
        return {
            (area, year): count * units / annual[figure, area, year]
            for (item, area, year), count in counts.items()
            if item == "filed" and (figure, area, year) in annual
        }

    classes = defaultdict(list)
    for one in lines:
        if one["least"]:
            ends = int(one["least"]) - 0.5, int(one["most"] or one["least"]) + 0.5
            classes[one["area"], one["year"]].append((*ends, int(one["cases"])))

    def median(these) -> float:
        left = sum(cases for _, _, cases in these) / 2
        for least, most, cases in sorted(these):
            if cases >= left:
                return least + left / cases * (most - least)
            left -= cases
        raise AssertionError("half of them lie below the last")

    return {
        "complaints_10k": per("pop", 1),
        "complaints_1000_firms": per("firms", 1000),
        "complaints_in_time": share("in_time", "due"),
        "complaint_days": {key: median(these) for key, these in classes.items()},
        "complaints_remedied": share("remedied", "decided"),
        "complaints_satisfaction": share("satisfied", "rated"),
        "complaints_recurrence": share("came_back", "answered"),
        "complaints_reopened": share("reopened", "ended"),
    }


@pytest.mark.slow
def test_computed_indicators_agree_with_plain_python_over_the_same_files(model):
    expected = second_implementation(model)
    computed = {
        one.code for one in INDICATORS.values() if not one.pick and set(one.tables) <= set(model.tables())
    }
    assert set(expected) == computed - {"ter_share"}  # checked by hand above
    for code, values in expected.items():
        found = {(row["area"], row["period"]): row["value"] for row in rows(model, code) if row["current"]}
        assert found == pytest.approx(values, rel=1e-12), code
