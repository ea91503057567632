"""Workbooks: merged cells, percentages, formulas, and files made to do harm."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
import zlib

import openpyxl

TOP = ["地区代码", "年份", "项目", "数值", "比重", "总额"]


def test_a_workbook_is_read_like_a_csv(box):
    rows = box.hand_in(
        box.book(
            [TOP, ["990100", 2020, "gdp", 100, 12.5, "1,200"], [990200, 2021.0, "gdp", "1.2亿", None, None]]
        )
    )
    assert rows == [
        {
            "area": "990100",
            "year": 2020,
            "item": "gdp",
            "value": 100.0,
            "share": 12.5,
            "of": 1200.0,
            "_row": 2,
        },
        {"area": "990200", "year": 2021, "item": "gdp", "value": 1.2, "share": None, "of": None, "_row": 3},
    ]
    assert box.told() == {("of", "thousands"): 1, ("value", "unit"): 1}


def test_a_workbook_is_known_by_its_content_and_not_by_its_name(box):
    book = box.book([TOP, ["990100", 2020, "gdp", 1]])
    for name in ("old.xls", "text.csv"):
        assert [row["value"] for row in box.hand_in(book.rename(book.with_name(name)))] == [1]
        book = book.with_name(name)


def test_title_rows_above_the_heading_are_noted_and_rows_keep_their_numbers(box):
    book = box.book([["2020年统计表", *[None] * 5], [None] * 6, TOP, ["990100", 2020, "gdp", 1], [None] * 6,
                     ["990100", 2021, "gdp", 2]], merge=("A1:F1",))  # fmt: skip
    assert [(row["_row"], row["value"]) for row in box.hand_in(book)] == [(4, 1), (6, 2)]
    assert box.told() == {("", "title row"): 1, ("", "blank row"): 1}


def test_a_merged_heading_is_spread_over_its_columns(box):
    """地区代码, 年份 and 项目 are merged downwards; 金额（亿元） spans 数值 and 总额."""
    book = box.book(
        [
            ["地区代码", "年份", "项目", "金额情况", None],
            [None, None, None, "数值", "总额"],
            ["990100", 2020, "gdp", 1, 2],
        ],
        merge=("A1:A2", "B1:B2", "C1:C2", "D1:E1"),
    )
    (row,) = box.hand_in(book)
    assert (row["area"], row["year"], row["value"], row["of"], row["_row"]) == ("990100", 2020, 1.0, 2.0, 3)
    assert box.told() == {("", "merged heading"): 2, ("share", "no column"): 0}


def test_a_merged_heading_that_could_mean_two_columns_is_refused(box, names):
    book = box.book(
        [
            ["地区代码", "年份", "项目", "上年", "本年"],
            [None, None, None, "数值", "数值"],
            ["990100", 2020, "gdp", 1, 2],
        ],
        merge=("A1:A2", "B1:B2", "C1:C2"),
    )
    assert names(box.refused(book)) == [("heading twice", "value", 2, (2,))]


def test_a_name_merged_downwards_belongs_to_all_its_rows(box):
    book = box.book(
        [TOP, ["990100", 2020, "gdp", 1], [None, 2021, "gdp", 2], ["990200", 2020, "gdp", 3]],
        merge=("A2:A3",),
    )
    assert [(row["area"], row["year"]) for row in box.hand_in(book)] == [
        ("990100", 2020),
        ("990100", 2021),
        ("990200", 2020),
    ]
    assert box.told() == {("area", "merged"): 1}


def test_a_figure_in_merged_cells_is_refused(box, names):
    book = box.book([TOP, ["990100", 2020, "gdp", 5], ["990100", 2021, "gdp", None]], merge=("D2:D3",))
    assert names(box.refused(book)) == [("merged", "value", 1, (2,))]


def test_a_cell_shown_as_a_percentage_is_that_percentage(box, names):
    book = box.book(
        [TOP, ["990100", 2020, "gdp", 1, 0.123, None], ["990100", 2021, "gdp", 1, 45.6, None]],
        formats={"E2": "0.0%"},
    )
    assert [row["share"] for row in box.hand_in(book)] == [12.3, 45.6]
    assert box.told() == {("share", "percent"): 1}
    wrong = box.book(
        [TOP, ["990100", 2020, "gdp", 0.5, None, None]], formats={"D2": "0.00%"}, name="wrong.xlsx"
    )
    assert names(box.refused(wrong)) == [("percent", "value", 1, (2,))]


def test_a_date_that_a_spreadsheet_made_of_a_month_is_the_month(box):
    box.declare_events()
    book = box.book([["day", "open", "month"], [dt.date(2023, 5, 6), True, dt.datetime(2023, 5, 1)]])  # noqa: DTZ001
    (row,) = box.hand_in(book, "events")
    assert (row["day"], row["open"], row["month"]) == (dt.date(2023, 5, 6), True, "2023-05")


def test_an_error_of_the_spreadsheet_is_refused(box, names):
    book = box.book([TOP, ["990100", 2020, "gdp", "#DIV/0!"], ["#REF!", 2020, "gdp", 1]])
    assert ("error", "value", 1, (2,)) in names(box.refused(book))
    assert ("error", "area", 1, (3,)) in names(box.refused(book))


def with_part(path, part, content):
    """The workbook with one part replaced."""
    changed = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return changed


def test_formulas_are_read_by_the_results_saved_with_them(box):
    book = box.book([TOP, ["990100", 2020, "gdp", "=1+1"]])
    with zipfile.ZipFile(book) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    saved = with_part(
        book, "xl/worksheets/sheet1.xml", sheet.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    )
    assert [row["value"] for row in box.hand_in(saved)] == [2.0]
    assert box.told()[("", "formula")] == 1


def test_formulas_without_a_saved_result_are_refused_rather_than_read_as_empty(box):
    (reason,) = box.refused(box.book([TOP, ["990100", 2020, "gdp", "=1+1"]]))
    assert (reason.rule, reason.count) == ("formula", 1)


def test_the_declared_sheet_is_read_and_another_name_is_answered_with_the_names_there_are(box):
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    book.create_sheet("数据").append(TOP)
    book["数据"].append(["990100", 2020, "gdp", 1])
    book.save(box.folder / "two.xlsx")
    box.declare_sheet("数据")
    assert len(box.hand_in(box.folder / "two.xlsx")) == 1
    assert box.told()[("", "other sheets")] == 1
    box.declare_sheet("表一")
    (reason,) = box.refused(box.folder / "two.xlsx")
    assert (reason.rule, reason.values) == ("sheet", ("Sheet", "数据"))


def test_a_hidden_sheet_is_not_the_first_sheet(box):
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    book.create_sheet("数据").append(TOP)
    book["数据"].append(["990100", 2020, "gdp", 1])
    book.save(box.folder / "hidden.xlsx")
    assert len(box.hand_in(box.folder / "hidden.xlsx")) == 1


def test_an_empty_workbook_and_one_with_a_heading_only_are_refused(box):
    assert [one.rule for one in box.refused(box.book([]))] == ["empty"]
    assert [one.rule for one in box.refused(box.book([TOP]))] == ["no rows"]


def test_a_bomb_that_says_how_large_it_is_is_not_unpacked(box):
    book = box.book([TOP, ["990100", 2020, "gdp", 1]])
    bomb = with_part(book, "xl/styles.xml", b" " * (80 << 20))
    assert bomb.stat().st_size < 1 << 20
    assert [one.rule for one in box.refused(bomb)] == ["too large"]


def test_a_bomb_that_lies_about_its_size_is_stopped_while_it_is_unpacked(box):
    book = box.book([TOP, ["990100", 2020, "gdp", 1]])
    bomb = with_part(book, "xl/styles.xml", b" " * (80 << 20))
    data = bytearray(bomb.read_bytes())
    said = struct.pack("<L", 80 << 20)
    assert data.count(said) == 2  # once before the part, once in the list at the end
    lie = bytes(data).replace(said, struct.pack("<L", 1000))
    assert [one.rule for one in box.refused(box.file(lie, "lie.xlsx"))] == ["too large"]


def test_a_stray_cell_in_the_last_corner_does_not_fill_the_memory(box):
    book = openpyxl.Workbook()
    book.active.append(TOP)
    book.active.cell(1_048_576, 16_384, "x")
    book.save(box.folder / "corner.xlsx")
    assert [one.rule for one in box.refused(box.folder / "corner.xlsx")] == ["too large"]


def test_entities_that_multiply_are_refused(box):
    book = box.book([TOP, ["990100", 2020, "gdp", 1]])
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
    assert [one.rule for one in box.refused(with_part(book, "xl/workbook.xml", evil))] == ["damaged"]


def test_a_zip_that_is_no_workbook_and_a_workbook_cut_short_are_refused(box):
    plain = box.folder / "plain.zip"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("a.csv", "1,2")
    assert [one.rule for one in box.refused(plain)] == ["file type"]
    whole = box.book([TOP, ["990100", 2020, "gdp", 1]]).read_bytes()
    assert [one.rule for one in box.refused(box.file(whole[: len(whole) // 2], "cut.xlsx"))] == ["damaged"]
    assert zlib.crc32(whole) != zlib.crc32(whole[: len(whole) // 2])
