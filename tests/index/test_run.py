"""From a table to scores: a small index worked out by hand (see conftest), and the tables that are refused."""

from __future__ import annotations

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shenzhi.pipeline.index.data import read_data
from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.method import load_method, parse_method
from shenzhi.pipeline.index.published import Part
from shenzhi.pipeline.index.scope import IndexFault, scope_of


@pytest.fixture
def result(small, tmp_path):
    return run_table(*small, tmp_path / "out")[0]


def test_the_index_comes_out_as_worked_out_by_hand(result):
    index = {one.area: one.score for one in result.scores("index", period="2024")}
    assert index == {"A": 80, "B": 80, "C": None, "D": 85, "E": None}
    assert result.score("B", "2024", "economy").score == 70
    assert result.score("E", "2023").score == 60


def test_ties_share_the_better_rank_and_who_has_no_score_has_none(result):
    ranked = {one.area: (one.rank, one.rank_of) for one in result.scores("index", period="2024")}
    assert ranked == {"A": (2, 3), "B": (2, 3), "C": (None, 3), "D": (1, 3), "E": (None, 3)}


def test_the_parts_of_a_score_add_up_to_it_and_show_what_acted(result):
    # B: (100 * 1 + 60 * 3) / 4; gdp 120 lies beyond its post and is held at 100
    gdp = Part("B", "2024", "economy", "gdp", True, 120.0, "given", 100.0, 1.0, 0.25, 25.0, "upper", 120.0)
    energy = Part("B", "2024", "economy", "energy", True, 10.0, "given", 60.0, 3.0, 0.75, 45.0, "", 10.0)
    assert result.parts("B", "2024", "economy") == [gdp, energy]
    economy, ecology = result.parts("B", "2024", "index")
    assert (economy.raw, economy.leaf, economy.status, economy.score) == (None, False, "given", 70)
    assert economy.contribution + ecology.contribution == pytest.approx(80, abs=1e-12)


def test_a_missing_value_is_a_part_that_says_so(result):
    ecology = result.parts("D", "2024", "ecology")
    assert ecology == [Part("D", "2024", "ecology", "pm25", True, None, "missing", None, 1.0, None, None, "")]
    economy, gone = result.parts("D", "2024", "index")
    assert (economy.share, economy.contribution) == (1, 85)
    assert (gone.status, gone.score, gone.share, gone.contribution) == ("missing", None, None, None)


def test_a_score_that_is_not_published_says_why_in_both_languages(result):
    withheld = result.score("C", "2024", "economy")
    assert (withheld.score, withheld.coverage, withheld.available, withheld.total) == (None, 0.25, 1, 2)
    assert withheld.why.zh == "有数据的指标仅占权重的 25%，低于 50% 的公布下限"
    assert withheld.why.en == "Values were given for 25 % of the weight; to be published a score needs 50 %"
    assert result.score("C", "2024").why.zh == "有数据的指标仅占权重的 33.3%，低于 50% 的公布下限"
    assert result.score("D", "2024", "pm25").why.en == "There is no value"
    assert result.score("D", "2024", "ecology").why.en == "None of its parts has a score"
    assert result.score("E", "2024").why.zh == "该地区本期仅有 0% 的指标有数据，低于 30% 的计分下限"
    assert result.score("A", "2024").reason == ""


def test_a_missing_value_stops_the_score_where_the_method_refuses_gaps(small, tmp_path):
    method, table = small
    method.write_text(method.read_text().replace("normalise:", "missing: {policy: refuse}\nnormalise:"))
    result = run_table(method, table, tmp_path / "out")[0]
    assert {one.area: one.score for one in result.scores("index", period="2024")} == {
        "A": 80, "B": 80, "C": None, "D": None, "E": None,
    }  # fmt: skip
    assert result.score("C", "2024", "economy").why.zh == "缺少能耗；按本方法，缺项不计分"
    assert (
        result.score("D", "2024").why.en
        == "Missing: Ecology; under this method a group with a gap has no score"
    )


def test_the_scales_tell_by_which_figures_an_indicator_was_scored(result, small, tmp_path):
    assert result.scale("energy", "2024") == {"worst": 10, "best": 0}
    method, table = small
    text = method.read_text().replace("posts: [0, 100]", "method: minmax")
    method.write_text(text.replace("screening", "frame: period\nscreening"))
    table.write_text(
        "area,period,gdp,energy,pm25\nA,2023,1,5,20\nB,2023,3,5,20\nA,2024,2,5,20\nB,2024,9,5,20\n"
    )
    by_period = run_table(method, table, tmp_path / "other")[0]
    assert by_period.scale("gdp", "2023") == {"worst": 1, "best": 3}
    assert by_period.scale("gdp", "2024") == {"worst": 2, "best": 9}


def test_the_csv_files_hold_every_digit_and_the_names_of_areas(result):
    with (result.folder / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    first = rows[0]
    assert list(first)[:4] == ["area", "period", "node", "level"]
    table = pq.read_table(result.table("scores")).to_pylist()
    assert [float(row["score"]) if row["score"] else None for row in rows] == [row["score"] for row in table]


def test_area_names_stand_beside_their_codes_in_the_csv(small, tmp_path):
    method, table = small
    method.write_text(method.read_text() + "data: {columns: {name: name}}\n")
    run_table(method, table, tmp_path / "out")
    text = (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith("area,name,period,node")
    assert "\nA,甲区,2024,index," in text


def test_a_name_that_a_spreadsheet_would_run_is_made_harmless(small, tmp_path):
    method, table = small
    method.write_text(method.read_text() + "data: {columns: {name: name}}\n")
    table.write_text(table.read_text().replace("甲区", "=1+1"))
    run_table(method, table, tmp_path / "out")
    assert ",'=1+1," in (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8-sig")


def test_the_same_input_gives_the_same_bytes(small, tmp_path):
    one, other = (run_table(*small, tmp_path / name)[0] for name in ("one", "other"))
    assert one.edition == other.edition
    assert one.manifest["files"] == other.manifest["files"]
    for name in one.manifest["files"]:
        assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()


def test_the_order_of_rows_changes_nothing(small, tmp_path):
    method, table = small
    before = run_table(method, table, tmp_path / "one")[0].manifest["files"]
    head, *rows = table.read_text().splitlines()
    table.write_text("\n".join([head, *reversed(rows)]) + "\n")
    assert run_table(method, table, tmp_path / "two")[0].manifest["files"] == before


def test_a_published_series_can_be_run_again_as_a_tidy_table(result, small, tmp_path):
    again = run_table(small[0], result.table("series"), tmp_path / "again")[0]
    for name in ("scores.parquet", "parts.parquet", "scales.parquet"):
        assert again.manifest["files"][name] == result.manifest["files"][name]


def test_an_imputed_value_is_a_part_that_says_so(small, tmp_path):
    rows = [("gdp", 50.0, "imputed"), ("energy", 5.0, "final"), ("pm25", 35.0, "estimated")]
    table = pa.table(
        {
            "indicator": [row[0] for row in rows],
            "area": ["A"] * 3,
            "period": ["2024"] * 3,
            "value": [row[1] for row in rows],
            "status": [row[2] for row in rows],
        }
    )
    pq.write_table(table, tmp_path / "tidy.parquet")
    result = run_table(small[0], tmp_path / "tidy.parquet", tmp_path / "out")[0]
    assert [part.status for part in result.parts("A", "2024", "economy")] == ["imputed", "given"]
    assert [one.status for one in result.observations(indicator="pm25")] == ["estimated"]


def test_a_gbk_table_with_thousands_separators_is_read_and_noted(small, tmp_path):
    method, table = small
    method.write_text(method.read_text() + "data: {columns: {name: name}, empty: [未填]}\n")
    text = 'area,period,name,gdp,energy,pm25\nA,2024,深圳甲区,"1,050",５,未填\nB,2024,深圳乙区,50,5,35\n'
    table.write_bytes(text.encode("gbk"))
    result, data = run_table(method, table, tmp_path / "out")
    assert data.names == {"A": "深圳甲区", "B": "深圳乙区"}
    assert result.observations("gdp", "A")[0].value == 1050
    assert data.notes == [
        "1 cells of energy had full-width characters",
        "1 cells of gdp had thousands separators",
        "1 cells of pm25 had a mark for no value",
    ]


def refusal(method, table, tmp_path) -> list[str]:
    with pytest.raises(IndexFault) as caught:
        run_table(method, table, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    return caught.value.faults


def test_cells_that_are_no_numbers_are_refused_with_their_rows(small, tmp_path):
    method, table = small
    table.write_text("area,period,gdp,energy,pm25\nA,2024,about 5,5,35\nB,2024,inf,5,nan\n")
    first, second = refusal(method, table, tmp_path)
    assert first.startswith("table.csv: gdp: rows 2, 3 hold 'about 5', 'inf', which is not a number")
    assert second.startswith("table.csv: pm25: rows 3 hold 'nan', which is not a number")


def test_a_missing_column_is_refused_with_the_nearest_one(small, tmp_path):
    method, table = small
    table.write_text("area,year,gdp,enrgy,pm25\nA,2024,50,5,35\n")
    assert refusal(method, table, tmp_path) == [
        "table.csv: there is no column period; known here: area, year, gdp, enrgy, pm25",
        "table.csv: there is no column energy; did you mean enrgy?",
    ]


def test_columns_like_none_of_the_table_are_told_together_and_a_long_list_is_cut(small, tmp_path):
    method, table = small
    names = [f"column {number:02}" for number in range(1, 26)]
    table.write_text(",".join(names) + "\n" + ",".join("1" * 25) + "\n")
    (told,) = refusal(method, table, tmp_path)
    assert told.startswith(
        "table.csv: there is no column area, period, gdp, energy, pm25; known here: column 01,"
    )
    assert told.endswith("column 20 and 5 more")


def test_two_rows_of_one_area_and_period_are_refused(small, tmp_path):
    method, table = small
    table.write_text("area,period,gdp,energy,pm25\nA,2024,50,5,35\nA,2024,60,5,35\n")
    assert refusal(method, table, tmp_path) == [
        "table.csv: rows 2, 3 are all of area A, period 2024; keep one, or choose rows under data > where"
    ]


def test_a_row_without_an_area_is_refused(small, tmp_path):
    method, table = small
    table.write_text("area,period,gdp,energy,pm25\n,2024,50,5,35\n")
    assert refusal(method, table, tmp_path) == ["table.csv: area is empty in rows 2; every row needs one"]


def test_an_empty_file_and_a_file_that_is_not_there_are_refused(small, tmp_path):
    method, table = small
    assert refusal(method, tmp_path / "no.csv", tmp_path) == [f"{tmp_path / 'no.csv'}: there is no such file"]
    table.write_text("")
    assert refusal(method, table, tmp_path)[0].startswith("table.csv: the file is empty")


def test_a_score_that_a_geometric_mean_cannot_take_names_the_area_and_the_way_out(small, tmp_path):
    method, table = small
    text = (
        method.read_text()
        .replace("lower: 60", "lower: 0")
        .replace("default: arithmetic", "default: geometric")
    )
    method.write_text(text)
    told = refusal(method, table, tmp_path)
    assert told[0].startswith("economy: a geometric mean needs scores above 0: ")
    assert "energy of B in 2024 (0)" in told[0]
    assert "lower: 1" in told[0]


def test_a_folder_that_holds_other_things_is_left_alone(small, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "diary.txt").write_text("mine")
    with pytest.raises(IndexFault, match="holds other files"):
        run_table(*small, out)
    assert [path.name for path in out.iterdir()] == ["diary.txt"]


def test_an_earlier_result_is_replaced(small, tmp_path):
    method, table = small
    first = run_table(method, table, tmp_path / "out")[0].edition
    table.write_text(table.read_text().replace("A,2024,甲区,50", "A,2024,甲区,60"))
    second = run_table(method, table, tmp_path / "out")[0]
    assert second.edition != first
    assert second.observations("gdp", "A", "2024")[0].value == 60
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["edition"] == second.edition
    assert [path.name for path in tmp_path.glob(".draft*")] == []


@pytest.fixture
def series(small):
    return read_data(small[1], load_method(small[0])).series


def scope(small, series, lines, levels=None):
    return scope_of(parse_method((small[0].read_text() + lines).encode()), series, levels)


@pytest.mark.parametrize(
    ("lines", "areas", "periods"),
    [
        ("", "ABCDE", ["2023", "2024"]),
        ("areas: [B, A]\nperiods: [2024]\n", "AB", ["2024"]),
        ('areas: {starts_with: "B"}\n', "B", ["2023", "2024"]),
        ('periods: {from: "2024"}\n', "ABCDE", ["2024"]),
        ('periods: {to: "2023"}\n', "ABCDE", ["2023"]),
    ],
)
def test_areas_and_periods_are_those_that_the_method_names(small, series, lines, areas, periods):
    chosen = scope(small, series, lines)
    assert ("".join(chosen.areas), list(chosen.periods)) == (areas, periods)


def test_a_level_takes_the_city_s_areas_of_that_level_also_those_without_values(small, series):
    levels = {"A": "district", "Z": "district", "B": "city"}
    assert scope(small, series, "areas: {level: district}\n", levels).areas == ("A", "Z")
    assert scope(small, series, "areas: {level: district, starts_with: Z}\n", levels).areas == ("Z",)


def test_a_table_may_say_the_levels_of_its_areas_and_which_rows_count(small, tmp_path):
    method, table = small
    method.write_text(
        method.read_text() + "areas: {level: district}\n"
        "data: {columns: {level: kind}, where: {edition: ['2', '3'], book: {starts_with: A}}}\n"
    )
    table.write_text(
        "area,period,kind,edition,book,gdp,energy,pm25\n"
        "A,2024,district,1,Ax,0,0,0\nA,2024,district,2,Ax,50,5,35\nA,2024,district,3,Bx,1,1,1\nS,2024,city,2,Ax,9,9,9\n"
    )
    result = run_table(method, table, tmp_path / "out")[0]
    assert [(one.area, one.score) for one in result.scores("index")] == [("A", 80)]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("areas: [A, X]\n", "areas: X is not an area of the data, nor of the city; they have A, B, C, D, E"),
        ("periods: [2024, 2042]\n", "periods: 2042 is not a period of the data; they have 2023, 2024"),
        (
            "areas: {level: street}\n",
            "areas: none has street; levels are not known: a table names its column",
        ),
        ('areas: {starts_with: "X"}\n', "areas: none has a code that begins with X"),
        (
            'periods: {from: "2030"}\n',
            "periods: the data have none from 2030 to the last; they have 2023, 2024",
        ),
    ],
)
def test_an_area_or_period_that_is_not_there_is_refused(small, series, lines, words):
    with pytest.raises(IndexFault, match=words):
        scope(small, series, lines)


def test_periods_of_different_length_are_not_mixed_unasked(small, tmp_path):
    method, table = small
    table.write_text("area,period,gdp,energy,pm25\nA,2024,50,5,35\nA,2024-05,60,5,35\n")
    assert refusal(method, table, tmp_path) == [
        "periods: the data mix periods of different length (2024, 2024-05); name them, "
        'or say {from: "2016", to: "2024"}'
    ]


def test_the_index_and_the_statistics_mean_the_same_series():
    from shenzhi.pipeline.index.scope import SERIES
    from shenzhi.pipeline.statistics.series import SCHEMA

    assert SERIES == SCHEMA
