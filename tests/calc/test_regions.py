"""Codes of administrative divisions: what their digits say."""

from __future__ import annotations

import pytest

from shenzhi.calc.codes.regions import level, parents, parse
from shenzhi.calc.codes.typed import CodeError


@pytest.mark.parametrize(
    ("code", "its_level", "its_parents"),
    [
        ("440000", "province", ()),
        ("440300", "prefecture", ("440000",)),
        ("440305", "county", ("440000", "440300")),
        ("110101", "county", ("110000", "110100")),  # Dongcheng, in the districts of Beijing
        ("469021", "county", ("460000", "469000")),  # Ding'an, directly under Hainan
        ("500000", "province", ()),
        ("100000", "nation", ()),
    ],
)
def test_a_code_tells_its_level_and_what_it_lies_in(code, its_level, its_parents):
    assert level(code) == its_level
    assert parents(code) == its_parents


def test_a_code_is_read_as_people_type_it():
    assert parse(" ４４０３-05 ") == "440305"


@pytest.mark.parametrize("text", ["", "4403", "4403051", "44030A", "深圳", "٤٤٠٣٠٥"])
def test_what_is_not_six_digits_is_no_code(text):
    with pytest.raises(CodeError):
        parse(text)


@pytest.mark.parametrize("text", ["000000", "040305", "940305", "440005", "440001"])
def test_six_digits_without_the_structure_are_no_code(text):
    with pytest.raises(CodeError) as caught:
        level(text)
    assert caught.value.en == (
        f"{text} has not the structure of GB/T 2260: it begins with 1 to 8, and after 00 in the middle the last two are 00"
    )
