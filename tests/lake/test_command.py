"""The commands a clerk types."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from rich.console import Console

from shenzhi.config.cli import main

HEADING = "area,year,item,value,share,of\n"


@pytest.fixture
def shenzhi(box, monkeypatch):
    def call(*words):
        monkeypatch.setenv("COLUMNS", "200")
        return CliRunner().invoke(main, [*map(str, words), "--city", str(box.root)])

    return call


def test_a_good_file_is_handed_in_and_found_in_the_history(box, shenzhi):
    path = box.file(HEADING + '990100,2020,gdp,"1,200",,\n')
    said = shenzhi("ingest", "annual", path, "--by", "王敏", "--note", "第一次")
    assert said.exit_code == 0, said.output
    assert "annual v0, 1 行 rows" in said.output
    assert "thousands separators left out, 1×, first in row 2 (1,200 → 1200.0)" in said.output
    assert "nothing changed" in shenzhi("ingest", "annual", path).output
    history = shenzhi("lake", "history", "annual").output
    assert "王敏" in history
    assert "第一次" in history
    assert "figures.csv" in history
    assert "年度数字" in shenzhi("lake", "status").output


def test_a_bad_file_is_answered_in_both_languages_and_with_an_exit_status(box, shenzhi):
    said = shenzhi("ingest", "annual", box.file(HEADING + "甲区,2020,gdp,-1,,\n"))
    assert said.exit_code == 2
    for words in (
        "甲区是 990100",
        "write the code of the area",
        "不低于 0",
        "must be at least 0",
        ".annual.csv",
    ):
        assert words in said.output
    assert box.lake.tables() == []


def test_checking_keeps_nothing(box, shenzhi):
    good = box.file(HEADING + "990100,2020,gdp,1,,\n", "good.csv")
    assert "1 行 rows" in shenzhi("lake", "check", "annual", good).output
    assert (
        shenzhi("lake", "check", "annual", box.file(HEADING + "990100,2020,gdp,-1,,\n", "bad.csv")).exit_code
        == 2
    )
    assert box.lake.snapshots() == []
    assert box.lake.tables() == []


def test_an_unknown_source_or_city_is_answered_with_what_there_is(box, shenzhi):
    said = shenzhi("ingest", "anual", box.file(HEADING))
    assert said.exit_code == 1
    assert "there are annual" in said.output
    nowhere = CliRunner().invoke(main, ["lake", "status", "--city", "nowhere"])
    assert nowhere.exit_code == 1
    assert "no city called nowhere" in nowhere.output


def test_a_wrong_declaration_is_told_in_words(box, shenzhi):
    (box.root / "sources" / "annual.yml").write_text("source: annual\nfeilds: {}\n", encoding="utf-8")
    said = shenzhi("lake", "status")
    assert said.exit_code == 1
    assert "did you mean 'fields'?" in said.output


def test_no_word_of_a_refusal_is_cut_off_on_a_narrow_screen(box, shenzhi, monkeypatch):
    path = box.file(HEADING + "990100,2020,gdp,5%,,\n")
    monkeypatch.setattr("shenzhi.config.commands.lake.problems", Console(stderr=True, width=60))
    said = shenzhi("lake", "check", "annual", path).output
    narrow = "".join(line.split("│")[-2].strip() for line in said.splitlines() if line.count("│") > 2)
    # the whole way out, however it was folded
    assert "请去掉百分号，按字段单位填写；如果确是百分比，请在来源中把unit写成" in narrow.replace(" ", "")
    assert "…" not in said


@pytest.mark.parametrize(("name", "told"), [("nowhere.csv", "no such file"), ("", "this is a folder")])
def test_a_path_that_is_no_file_is_answered_in_both_languages(tmp_path, shenzhi, name, told):
    said = shenzhi("ingest", "annual", tmp_path / name)
    assert said.exit_code == 1
    assert told in said.output
    assert "路径" in said.output or "文件夹" in said.output


def test_a_table_that_becomes_shorter_is_accepted_and_said(box, shenzhi):
    row = "990100,{},gdp,1,,\n"
    shenzhi("ingest", "annual", box.file(HEADING + row.format(2020) + row.format(2021), "two.csv"))
    said = shenzhi("ingest", "annual", box.file(HEADING + row.format(2021), "one.csv")).output
    assert "上一版 v0 有 2 行" in said
    assert "now has 1 rows, v0 had 2" in said
