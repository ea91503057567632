"""Figures as offices write them, one by one."""

import datetime as dt
import math

import pytest

from shenzhi.calc import figures
from shenzhi.calc.figures import Unreadable, read_date, read_number, read_period, read_whole, safe_cell


@pytest.mark.parametrize(
    ("text", "unit", "value", "how"),
    [
        ("12.5", "", 12.5, ()),
        ("-3", "", -3.0, ()),
        ("1e3", "", 1000.0, ()),
        ("1,234.5", "", 1234.5, ("thousands",)),
        ("1,234,567", "", 1234567.0, ("thousands",)),
        ("１２３．５", "", 123.5, ("width",)),
        ("－７", "", -7.0, ("width",)),
        ("１，２３４", "", 1234.0, ("width", "thousands")),
        ("12.3%", "%", 12.3, ("percent",)),
        ("12.3％", "%", 12.3, ("width", "percent")),
        ("12.3%", "share", 0.123, ("percent",)),
        ("3.2‰", "‰", 3.2, ("percent",)),
        ("3.2‰", "%", 0.32, ("percent",)),
        # 1.2亿 = 120 000 000: one hundred millions, ten thousands, and ones
        ("1.2亿", "亿元", 1.2, ("unit",)),
        ("1.2亿", "万元", 12000.0, ("unit",)),
        ("1.2亿", "元", 120000000.0, ("unit",)),
        ("1.2亿元", "万元", 12000.0, ("unit",)),
        ("3,456万", "亿元", 0.3456, ("unit", "thousands")),
        ("2万亿", "亿元", 20000.0, ("unit",)),
        ("1766.18万人", "万人", 1766.18, ("unit",)),
        ("0.5万", "人", 5000.0, ("unit",)),
        ("—", "", None, ("missing",)),
        ("…", "", None, ("missing",)),
        ("无", "", None, ("missing",)),
        ("N/A", "", None, ("missing",)),
        ("", "", None, ()),
        ("　", "", None, ()),
    ],
)
def test_a_figure_is_read_in_the_unit_of_its_field(text, unit, value, how):
    reading = read_number(text, unit=unit)
    assert reading.value == value
    assert reading.how == how


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("1,5", "", "separators"),
        ("12,34", "", "separators"),
        ("1,2345", "", "separators"),
        ("0,123", "", "separators"),
        ("5%", "亿元", "percent"),
        ("5%", "", "percent"),
        ("5亿", "%", "unit"),
        ("3.5亿", "", "unit"),
        ("5亿美元", "亿元", "unit"),
        ("12 345", "", "text"),
        ("约100", "", "text"),
        ("1.2.3", "", "text"),
        ("1_000", "", "text"),
        ("0x10", "", "text"),
        ("١٢", "", "text"),
        ("#DIV/0!", "", "error"),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(text, unit, why):
    with pytest.raises(Unreadable) as caught:
        read_number(text, unit=unit)
    assert caught.value.why == why


def test_nan_and_infinity_stay_what_they_are_so_that_a_check_refuses_them():
    assert math.isnan(read_number("NaN").value)
    assert all(math.isinf(read_number(text).value) for text in ("inf", "-Infinity", "∞"))


@pytest.mark.parametrize(
    ("text", "value", "how"),
    [
        ("2023", 2023, ()),
        ("2023年", 2023, ("year",)),
        ("２０２３年", 2023, ("year",)),
        ("二〇二三年", 2023, ("year",)),
        ("2023年度", 2023, ("year",)),
        ("3.0", 3, ("whole",)),
        ("1,234", 1234, ("thousands",)),
        ("9007199254740993", 9007199254740993, ()),  # 2**53 + 1, which no float holds
        ("—", None, ("missing",)),
    ],
)
def test_a_whole_number_may_be_a_year(text, value, how):
    assert read_whole(text) == figures.Reading(value, how)


@pytest.mark.parametrize(
    ("text", "why"), [("3.5", "whole"), ("nan", "finite"), ("23年", "text"), ("今年", "text")]
)
def test_a_fraction_is_no_whole_number(text, why):
    with pytest.raises(Unreadable) as caught:
        read_whole(text)
    assert caught.value.why == why


@pytest.mark.parametrize(
    "text", ["2023-05-06", "2023-5-6", "2023/5/6", "2023.5.6", "20230506", "2023年5月6日", "２０２３年５月６日",
             "2023-05-06 00:00:00"]
)  # fmt: skip
def test_a_day_is_read_in_the_forms_that_name_the_year_first(text):
    assert read_date(text).value == dt.date(2023, 5, 6)


@pytest.mark.parametrize("text", ["5/6/2023", "06-05-2023", "2023-02-30", "5月6日", "2023-13-01"])
def test_a_day_that_is_not_certain_is_refused(text):
    with pytest.raises(Unreadable):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "grain", "value"),
    [
        ("2023", "year", "2023"),
        ("2023年", "year", "2023"),
        ("2023年第一季度", "quarter", "2023-Q1"),
        ("2023Q4", "quarter", "2023-Q4"),
        ("2023年2季度", "quarter", "2023-Q2"),
        ("2023年5月", "month", "2023-05"),
        ("2023-05", "month", "2023-05"),
        ("202305", "month", "2023-05"),
        ("2023-05-01", "month", "2023-05"),
        ("2023年5月6日", "day", "2023-05-06"),
    ],
)
def test_a_period_has_one_form_for_each_grain(text, grain, value):
    assert read_period(text, grain).value == value


@pytest.mark.parametrize(
    ("text", "grain"), [("2023-13", "month"), ("2023-05-02", "month"), ("23", "year"), ("Q1", "quarter")]
)
def test_a_period_that_is_not_certain_is_refused(text, grain):
    with pytest.raises(Unreadable) as caught:
        read_period(text, grain)
    assert caught.value.why == "period"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|'/C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        " =1",
    ],
)
def test_text_that_a_spreadsheet_would_run_is_made_harmless(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("value", [-1.5, 3, None, True, "深圳", "-1.5", "+3", "a=b", ""])
def test_numbers_and_plain_text_stay_untouched(value):
    assert safe_cell(value) is value
