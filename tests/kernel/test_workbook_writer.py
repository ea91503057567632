"""Workbooks that every spreadsheet opens: typed cells, nothing that runs, the same bytes for the same sheets."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from shenzhi.kernel.files import workbook_writer as writer
from shenzhi.kernel.files.workbook_writer import BookError, Column, Sheet, book, write_book

CELLS = st.one_of(
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**53), 2**53),
    st.text(st.characters(min_codepoint=32, exclude_categories=("Cs",), exclude_characters="\ufffe\uffff"), min_size=1, max_size=20),
)  # fmt: skip


def cells(data: bytes) -> list[list[object]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(data)).active.rows]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_what_is_written_is_read_back(rows):
    data = book([Sheet("数", [Column("a"), Column("b", "figure")], rows)])
    read = cells(data)[1:]
    while rows and rows[-1] == (None, None):  # empty rows at the end are no rows to a reader
        rows = rows[:-1]
    assert [tuple(row) for row in read[: len(rows)]] == rows
    python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_text_that_looks_like_a_formula_stays_text_when_somebody_edits_it():
    texts = ["=1+1", "+86", "@SUM(A1)", "-", "-5.5", "plain", " =x"]
    page = openpyxl.load_workbook(
        io.BytesIO(book([Sheet("a", [Column("t")], [(one,) for one in texts])]))
    ).active
    read = [page.cell(row, 1) for row in range(2, 2 + len(texts))]
    assert [cell.value for cell in read] == texts
    assert {cell.data_type for cell in read} == {"s"}
    # "+86" and "-5.5" are numbers to a spreadsheet, whoever types them, and run nothing
    assert [bool(cell.quotePrefix) for cell in read] == [True, False, True, True, False, False, True]


def test_numbers_have_the_format_of_their_column_and_headings_stay_in_view():
    columns = [Column("名", "text", 30), Column("率", "share"), Column("分", "score"), Column("数", "whole")]
    page = openpyxl.load_workbook(
        io.BytesIO(book([Sheet("a", columns, [("x", 0.5, 86.25, 1200)], fixed=1)]))
    ).active
    assert [page.cell(2, at).number_format for at in (2, 3, 4)] == ["0.00%", "0.00", "#,##0"]
    assert page.freeze_panes == "B2"
    assert page.column_dimensions["A"].width == 30
    assert page["A1"].font.bold


def test_missing_and_unknown_are_empty_and_truth_is_truth():
    assert cells(book([Sheet("a", [Column("x")] * 4, [(None, float("nan"), True, "")])]))[1] == [
        None,
        None,
        True,
        None,
    ]


def test_signs_that_a_file_cannot_hold_are_shown_as_such():
    assert cells(book([Sheet("a", [Column("x")], [("a\x00b\x1f\ud800",)])]))[1] == ["a\ufffdb\ufffd\ufffd"]


def test_the_same_sheets_give_the_same_bytes():
    sheets = [Sheet("a", [Column("x")], [("y",), (1.5,)])]
    assert book(sheets) == book(sheets)
    with zipfile.ZipFile(io.BytesIO(book(sheets))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("names", [[], [""], ["a", "A"], ["x" * 32], ["a/b"], ["a:b"], ["'a"]])
def test_names_that_no_spreadsheet_takes_are_refused(names):
    with pytest.raises(BookError, match="sheet names"):
        write_book([Sheet(name, [Column("x")], []) for name in names], io.BytesIO())


def test_what_has_no_room_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(writer, "MOST_ROWS", 3)
    with pytest.raises(BookError, match="long: more than 3 rows"):
        book([Sheet("long", [Column("x")], [(1,)] * 3)])
    with pytest.raises(BookError, match="wide: 16385 columns"):
        book([Sheet("wide", [Column("x")] * 16385, [])])
    with pytest.raises(BookError, match="text of 32768 signs"):
        book([Sheet("a", [Column("x")], [("x" * 32768,)])])
