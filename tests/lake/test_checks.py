"""Promises of a source, and every reason at once."""

from __future__ import annotations

import csv

import pytest

HEADING = "area,year,item,value,share,of\n"


def test_every_reason_is_told_at_once_with_its_rows_and_a_way_out(box, names):
    reasons = box.refused(
        HEADING
        + "990100,2020,gdp,100,12.5,200\n"  # row 2 is good
        + "990300,2020,gdp,1,1,\n"  # no such area
        + "990100,20200,gdp,1,1,\n"  # no such year, and beyond the range
        + "990100,2021,soup,1,1,\n"  # not an item
        + ",2021,gdp,1,1,\n"  # no area
        + "990100,2022,gdp,-5,1,\n"  # below the range
        + "990100,2023,gdp,300,101,200\n"  # above the total, and more than all
        + '990100,2024,gdp,"1,5",1,\n'  # two readings
        + "990100,2025,gdp,nan,1,\n"  # not a figure
        + "990200,2020,gdp,7,1,\n"
        + "990200,2020,gdp,8,1,\n"  # rows 11 and 12 share a key
    )
    assert names(reasons) == [
        ("separators", "value", 1, (9,)),
        ("required", "area", 1, (6,)),
        ("reference", "area", 1, (3,)),
        ("range", "year", 1, (4,)),
        ("year", "year", 1, (4,)),
        ("allowed", "item", 1, (5,)),
        ("finite", "value", 1, (10,)),
        ("range", "value", 1, (7,)),
        ("range", "share", 1, (8,)),
        ("check 1", "value、of", 1, (8,)),
        ("key", "area、year、item", 2, (11, 12)),
    ]
    assert all(
        reason.message.zh and reason.message.en and reason.way_out.zh and reason.way_out.en
        for reason in reasons
    )
    assert "value <= of + 0.5" in reasons[9].message.en


def test_the_list_of_cells_opens_in_a_spreadsheet_and_runs_nothing(box):
    box.refused(HEADING + '990100,2020,"=HYPERLINK(""http://x"")",1,1,\n"@SUM(1)",2021,gdp,-5,1,\n')
    text = open(box.refusal.listing, encoding="utf-8-sig").read()  # noqa: SIM115
    rows = list(csv.reader(text.splitlines()))
    assert rows == [
        ["行 row", "字段 field", "规则 rule", "内容 value"],
        ["3", "area", "reference", "'@SUM(1)"],
        ["2", "item", "allowed", '\'=HYPERLINK("http://x")'],
        ["3", "value", "range", "-5.0"],
    ]


def test_a_reason_counts_all_cells_and_shows_the_first(box):
    (reason,) = box.refused(HEADING + "".join(f"990100,{1980 + n},gdp,-{n + 1},,\n" for n in range(40)))
    assert (reason.count, reason.rows, reason.values) == (
        40,
        (2, 3, 4, 5, 6),
        ("-1.0", "-2.0", "-3.0", "-4.0", "-5.0"),
    )


def test_a_check_that_cannot_be_decided_is_not_broken(box):
    assert len(box.hand_in(HEADING + "990100,2020,gdp,100,,\n990100,2021,gdp,,,5\n")) == 2


def test_keys_that_only_look_alike_are_no_duplicates(box, names):
    """Joined without a border between them, (a, bc) and (ab, c) would be one key."""
    box.declare_pairs()
    assert len(box.hand_in("one,two\na,bc\nab,c\n", "pairs")) == 2
    assert names(box.refused("one,two\na,bc\nab,c\na,bc\n", "pairs")) == [("key", "one、two", 2, (2, 4))]


def test_an_empty_part_of_a_key_is_missing_not_a_duplicate(box, names):
    reasons = box.refused(HEADING + ",2020,gdp,1,,\n990100,2020,gdp,2,,\n")
    assert names(reasons) == [("required", "area", 1, (2,))]


@pytest.mark.parametrize("year", ["1899", "2101", "202", "20233", "0"])
def test_an_impossible_year_is_refused_even_where_no_range_is_declared(box, year):
    box.declare_without_ranges()
    (reason,) = box.refused(HEADING + f"990100,{year},gdp,1,,\n")
    assert (reason.rule, reason.field) == ("year", "year")


def test_an_impossible_month_is_refused(box, names):
    box.declare_events()
    assert names(box.refused("day,open,month\n,,2023-13\n,,1023-05\n", "events")) == [
        ("period", "month", 1, (2,)),
        ("year", "month", 1, (3,)),
    ]


def test_a_name_of_an_area_is_answered_with_the_advice_to_write_its_code(box):
    (reason,) = box.refused(HEADING + "甲区,2020,gdp,1,,\n")
    assert reason.values == ("甲区",)
    assert reason.way_out.zh.endswith("（甲区是 990100）")
    assert reason.way_out.en.endswith("(甲区 is 990100)")


def test_a_reference_to_another_source_needs_its_file_first(box, names):
    box.declare_firms()
    assert names(box.refused("firm,made\nA1,5\n", "output")) == [("reference", "firm", 1, (2,))]
    box.hand_in("code\nA1\nA2\n", "firms")
    assert [row["firm"] for row in box.hand_in("firm,made\nA1,5\n", "output")] == ["A1"]
    assert names(box.refused("firm,made\nA1,5\nA3,6\n", "output")) == [("reference", "firm", 1, (3,))]


def test_revisions_of_one_key_are_rows_and_a_revision_is_there_once(box, names):
    box.declare_revisions()
    good = "area,year,item,value,revision\n990100,2020,gdp,1,1\n990100,2020,gdp,2,2\n"
    assert [row["revision"] for row in box.hand_in(good)] == [1, 2]
    assert names(box.refused(good + "990100,2020,gdp,3,2\n")) == [
        ("key", "area、year、item、revision", 2, (3, 4))
    ]
    assert names(box.refused(good + "990100,2020,gdp,3,\n")) == [("required", "revision", 1, (4,))]
