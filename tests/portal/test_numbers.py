"""Figures, shares, periods and days as readers see them."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from django.utils import translation

from shenzhi.kernel.files.reasons import Note
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.wording import reading_words
from shenzhi.web.portal import numbers
from shenzhi.web.portal.spark import spark_svg
from shenzhi.web.portal.templatetags.shenzhi import article, reading


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (12950.08, None, "12,950.08"),
        (34600.0, 2, "34,600"),  # published as 3.46 trillion: no noughts that nobody published
        (33.333333333, 1, "33.3"),
        (-14.0, 1, "−14"),
        (-0.04, 1, "0.0"),
        (1e-7, None, "0.0000001"),
        (123456789012.5, None, "123,456,789,000"),  # ten significant digits
        (None, 1, "—"),
    ],
)
def test_an_observed_figure_is_written_as_it_was_given(
    value: float | None, decimals: int | None, text: str
) -> None:
    assert numbers.given(value, decimals) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.001, "<1%"), (0.26, "26%"), (0.997, ">99%"), (1.0, "100%"), (None, "—")],
)
def test_a_share_is_never_rounded_to_all_or_none(share: float | None, text: str) -> None:
    assert numbers.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.84, "+1.8"), (-0.3, "−0.3"), (0.04, "0.0"), (-0.04, "0.0"), (None, "—")]
)
def test_a_change_carries_its_sign_unless_it_is_none(value: float | None, text: str) -> None:
    assert numbers.signed(value) == text


def test_units_stand_close_in_chinese_and_apart_in_english() -> None:
    assert numbers.with_unit(5.0, Words("亿元", "100 million yuan"), "zh-hans") == "5亿元"
    assert numbers.with_unit(5.0, Words("亿元", "100 million yuan"), "en") == "5\u00a0100 million yuan"
    assert numbers.with_unit(5.0, Words("%", "%"), "en") == "5%"


def test_days_and_periods_are_said_in_both_languages() -> None:
    assert numbers.day("2024-03-05T10:00:00+08:00", "zh-hans") == "2024年3月5日"
    assert numbers.day("2024-03-05", "en") == "5 March 2024"
    assert numbers.day("", "en") == "—"
    assert numbers.period("2023-Q3", "en") == "Q3 2023"


def test_a_trend_breaks_where_a_point_is_missing_and_keeps_lone_points() -> None:
    drawn = spark_svg([1.0, None, 2.0, 3.0])
    assert drawn.count("<polyline") == 1
    assert drawn.count("<circle") == 2  # the lone first point, and the last one
    assert spark_svg([None, None]) == ""


def test_how_a_cell_was_read_is_said_in_the_words_of_the_lake() -> None:
    note = Note("value", "thousands", 3, 7, "1,234", "1234")
    with translation.override("en"):
        assert reading(asdict(note)) == reading_words(note).en
    with translation.override("zh-hans"):
        assert reading(asdict(note)) == reading_words(note).zh


def test_chinese_of_several_lines_is_joined_and_its_first_sentences_can_stand_alone() -> None:
    assert numbers.joined("不填补、不推算。 目前只有 2 个 领域") == "不填补、不推算。目前只有 2 个领域"
    assert numbers.opening("一二三。四五六。七八九。", 6) == ("一二三。四五六。", "七八九。")
    assert numbers.opening("One two. Three four. Five", 10) == ("One two. Three four.", "Five")
    assert numbers.opening("短", 60) == ("短", "")


def test_what_the_box_or_its_registers_handed_in_is_said_in_words() -> None:
    assert numbers.hander("box", "zh-hans") == "随箱文件"
    assert numbers.hander("registers", "en") == "the registers"
    assert numbers.hander("张明", "en") == "张明"


def test_one_article_and_several_are_each_a_link() -> None:
    with translation.override("en"):
        assert article(84) == '<a href="/en/law/84/">Article 84</a>'
    with translation.override("zh-hans"):
        assert article("6, 89") == ('<a href="/law/6/">条例第6条</a>、<a href="/law/89/">条例第89条</a>')
