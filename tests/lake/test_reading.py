"""Files as offices hand them in: encodings, separators, headings, figures, and what may not be guessed."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HEADING = "area,year,item,value,share,of\n"
GOOD = HEADING + "990100,2020,gdp,100,12.5,200\n990200,2021,gdp,300,,300\n"
ROWS = [
    {"area": "990100", "year": 2020, "item": "gdp", "value": 100.0, "share": 12.5, "of": 200.0, "_row": 2},
    {"area": "990200", "year": 2021, "item": "gdp", "value": 300.0, "share": None, "of": 300.0, "_row": 3},
]
CHINESE = "地区代码,年份,项目,数值,比重,总额\n990100,2020,gdp,100,12.5,200\n990200,2021,gdp,300,,300\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_a_chinese_file_is_read_in_every_usual_encoding(box, encoding):
    assert box.hand_in(CHINESE.replace("\n", "\r\n").encode(encoding)) == ROWS


def test_gbk_is_told_from_a_single_chinese_word(box):
    assert (
        box.hand_in(HEADING.replace("share", "比重").encode("gbk") + GOOD.encode().split(b"\n", 1)[1]) == ROWS
    )
    assert box.snapshot.encoding == "gb18030"
    assert box.told() == {("", "encoding"): 1}


@pytest.mark.parametrize("separator", ["\t", ";", "|"])
def test_another_separator_is_found_and_noted(box, separator):
    assert box.hand_in(GOOD.replace(",", separator)) == ROWS
    assert box.told() == {("", "separator"): 1}


def test_bytes_of_no_encoding_are_refused_with_their_line(box):
    (reason,) = box.refused(CHINESE.encode("gbk") + b"990100,2022,gdp,\xff\xff\xff,,\n")
    assert reason.rule == "encoding"
    assert box.lake.tables() == []


def test_two_encodings_in_one_file_are_refused(box):
    filler = "990100,2020,gdp,1,,\n" * 60_000  # the bad bytes lie beyond what is looked at first
    (reason,) = box.refused(
        HEADING.encode() + filler.encode() + "甲".encode() + "乙丙丁".encode("gbk") + b",,,,,\n"
    )
    assert reason.rule == "encoding"


def test_a_picture_is_refused(box):
    (reason,) = box.refused(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\x06\0\0\0" + bytes(range(256)) * 4
    )
    assert reason.rule == "encoding"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty"),
        (HEADING.encode(), "no rows"),
        (HEADING.encode() + b"\n\n,,,,,\n", "no rows"),
        (b"\n" + GOOD.encode(), "blank heading"),
        (GOOD.replace(",", "，").encode(), "separator"),
        (b"\x1f\x8b\x08\0" + bytes(60), "file type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file type"),
        (b"%PDF-1.7\n", "file type"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "file type"),
        (b"PAR1 this is not Parquet", "damaged"),
    ],
)
def test_what_is_no_table_of_figures_is_refused_and_leaves_no_table(box, content, rule):
    (reason,) = box.refused(content)
    assert reason.rule == rule
    assert box.lake.tables() == []


def test_a_missing_an_unknown_and_a_repeated_column_are_told_at_once(box, names):
    reasons = box.refused("area,year,valeu,share,share\n990100,2020,1,2,3\n")
    assert names(reasons) == [
        ("heading twice", "share", 2, (1,)),
        ("unknown column", "valeu", 1, (1,)),
        ("missing column", "item", 1, (1,)),
    ]
    assert "did you mean 'value'?" in reasons[1].way_out.en


def test_a_file_without_a_single_known_heading_has_one_reason_and_not_one_for_each_column(box):
    (reason,) = box.refused("990100,2020,gdp,1,2\n990100,2021,gdp,1,2\n")
    assert (reason.rule, reason.count, reason.rows) == ("no column known", 5, (1,))
    assert reason.values[:2] == ("990100", "2020")
    assert "area, year, item" in reason.way_out.en


def test_many_columns_of_another_table_are_one_reason(box, names):
    heading = ",".join(f"农业{number}" for number in range(40))
    reasons = box.refused(f"area,year,item,value,{heading}\n990100,2020,gdp,1{',2' * 40}\n")
    assert names(reasons) == [("unknown column", "", 40, (1,))]
    assert "from E to AR" in reasons[0].message.en


def test_an_optional_column_may_be_absent_and_that_is_noted(box):
    rows = box.hand_in("area,year,item,value\n990100,2020,gdp,1\n")
    assert rows == [
        {"area": "990100", "year": 2020, "item": "gdp", "value": 1.0, "share": None, "of": None, "_row": 2}
    ]
    assert box.told() == {("share", "no column"): 0, ("of", "no column"): 0}


def test_a_heading_may_be_an_alias_in_full_width_with_spaces(box):
    rows = box.hand_in("ａｒｅａ, 年份 ,item,金额\n990100,2020,gdp,1\n")
    assert [row["value"] for row in rows] == [1.0]


def test_cells_below_no_heading_are_refused_as_the_mark_of_merged_cells(box, names):
    reasons = box.refused("area,year,item,value,\n990100,2020,gdp,1,7\n990100,2021,gdp,1,\n")
    assert names(reasons) == [("no heading", "E", 1, (2,))]


def test_an_empty_column_at_the_end_is_no_fault(box):
    assert [row["value"] for row in box.hand_in("area,year,item,value,\n990100,2020,gdp,1,\n")] == [1.0]


def test_rows_with_too_many_or_too_few_cells_are_named(box, names):
    reasons = box.refused("area,year,item,value\n990100,2020,gdp,1\n990100,2021,gdp\n990100,2022,gdp,1,234\n")
    assert names(reasons) == [("cells", "", 2, (3, 4))]


def test_a_quote_that_is_not_closed_is_named(box, names):
    reasons = box.refused('area,year,item,value\n990100,2020,gdp,1\n990100,2021,"gdp,1\n')
    assert [(one.rule, one.rows) for one in reasons] == [("quotes", (3,))]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(box):
    """Blank lines count, and a line end inside quotes does not."""
    box.declare_item_freely()
    rows = box.hand_in('area,year,item,value\n990100,2020,"a\nb",1\n\n990100,2021,c,2\n\n\n990100,2022,d,3\n')
    assert [(row["_row"], row["item"], row["value"]) for row in rows] == [
        (2, "a\nb", 1),
        (4, "c", 2),
        (7, "d", 3),
    ]


def test_figures_of_an_office_are_read_and_each_liberty_is_noted(box):
    assert box.values("1,234.5", "１２３", "1.2亿", "—", " 7 ", "3,000万元", "5") == [
        1234.5,
        123,
        1.2,
        None,
        7,
        0.3,
        5,
    ]
    assert box.told() == {
        ("value", "thousands"): 2,
        ("value", "width"): 1,
        ("value", "unit"): 2,
        ("value", "missing"): 1,
    }
    note = next(one for one in box.snapshot.readings if one["how"] == "width")
    assert (note["row"], note["given"], note["read"]) == (3, "１２３", "123.0")


def test_a_percent_sign_belongs_to_a_percentage(box, names):
    rows = box.hand_in(HEADING + "990100,2020,gdp,1,12.5%,2\n")
    assert rows[0]["share"] == 12.5
    reasons = box.refused(HEADING + "990100,2020,gdp,5%,1,2\n")
    assert names(reasons) == [("percent", "value", 1, (2,))]


def test_an_ambiguous_comma_is_refused_and_not_also_called_empty(box, names):
    box.declare_value_required()
    reasons = box.refused('area,year,item,value\n990100,2020,gdp,"1,5"\n990100,2021,gdp,\n')
    assert names(reasons) == [("separators", "value", 1, (2,)), ("required", "value", 1, (3,))]


@pytest.mark.parametrize("cell", ["NaN", "nan", "inf", "-Infinity", "∞", "1e999"])
def test_nan_and_infinity_are_refused(box, names, cell):
    assert names(box.refused(HEADING + f"990100,2020,gdp,{cell},,\n")) == [("finite", "value", 1, (2,))]


@pytest.mark.parametrize("cell", ["1_000", "0x10", "12 345", "#DIV/0!"])
def test_what_a_program_would_take_for_a_number_is_refused(box, cell):
    (reason,) = box.refused(HEADING + f"990100,2020,gdp,{cell},,\n")
    assert (reason.field, reason.count, reason.rows) == ("value", 1, (2,))


def test_a_year_is_not_rounded(box, names):
    assert names(box.refused(HEADING + "990100,2020.5,gdp,1,,\n")) == [("whole", "year", 1, (2,))]


def test_years_in_chinese_are_years(box):
    rows = box.hand_in(HEADING + "990100,2020年,gdp,1,,\n990100,二〇二一年,gdp,1,,\n")
    assert [row["year"] for row in rows] == [2020, 2021]
    assert box.told() == {("year", "year"): 2}


def test_full_width_digits_in_a_code_are_digits(box):
    assert box.hand_in(HEADING + "９９０１００,2020,gdp,1,,\n")[0]["area"] == "990100"
    assert box.told() == {("area", "width"): 1}


def test_days_and_yes_or_no_are_read(box):
    box.declare_events()
    rows = box.hand_in("day,open,month\n2023年5月6日,是,2023年5月\n2023/6/7,false,2023-06\n", "events")
    assert [(row["day"], row["open"], row["month"]) for row in rows] == [
        (dt.date(2023, 5, 6), True, "2023-05"),
        (dt.date(2023, 6, 7), False, "2023-06"),
    ]


def test_a_parquet_file_keeps_its_numbers_and_tells_what_does_not_fit(box, names, tmp_path):
    good = {"area": ["990100"], "year": [2020], "item": ["gdp"], "value": [1.5], "share": [None], "of": [2]}
    pq.write_table(pa.table(good), tmp_path / "good.parquet")
    assert box.hand_in(tmp_path / "good.parquet")[0]["value"] == 1.5
    pq.write_table(pa.table(good | {"year": [2020.5], "value": ["many"]}), tmp_path / "bad.parquet")
    assert names(box.refused(tmp_path / "bad.parquet")) == [
        ("whole", "year", 1, (2,)),
        ("text", "value", 1, (2,)),
    ]


def test_a_column_of_codes_may_be_numbers_in_a_parquet_file(box, tmp_path):
    table = pa.table({"area": [990100.0], "year": [2020], "item": ["gdp"], "value": [1.0]})
    pq.write_table(table, tmp_path / "codes.parquet")
    assert box.hand_in(tmp_path / "codes.parquet")[0]["area"] == "990100"
