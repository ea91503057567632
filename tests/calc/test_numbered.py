"""Public numbers of records: written, read back as people type them, and every slip of one character noticed."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shenzhi.calc.codes.numbered import Number, number, parse, serial
from shenzhi.calc.codes.typed import CodeError


@pytest.mark.parametrize(
    ("prefix", "count", "written"),
    [
        # Q16*1 + T19*3 + 4*17 + 2*20 = 181 = 5*31+26, 31-26 = 5 (3^7 is 17 and 3^8 is 20, modulo 31)
        ("QT", 42, "QT-0000042-5"),
        # C2*1 + Q16*3 + O14*9 + 4*20 + 2*29 = 314 = 10*31+4, 31-4 = 27, which is U
        ("CQO", 42, "CQO-0000042-U"),
        # A0: the check of nothing but zeros is 0
        ("A", 0, "A-0000000-0"),
        # ten million and more have ten digits: 1*27 = 27, 31-27 = 4
        ("A", 10_000_000, "A-0010000000-4"),
    ],
)
def test_a_number_has_letters_digits_and_a_check_character(prefix, count, written):
    assert number(prefix, count) == written
    assert parse(written) == Number(prefix, count)
    assert str(parse(written)) == written


@pytest.mark.parametrize(
    "text", ["QT-0000042-5", "qt 0000042 5", "qt00000425", "ＱＴ－０００００４２－５", " QT–0000 042 – 5 "]
)
def test_a_number_is_read_as_people_type_it(text):
    assert serial(text) == 42


@pytest.mark.parametrize(
    ("text", "position", "zh", "en"),
    [
        (
            "QT-0000043-5",
            10,
            "编号“QT00000435”的校验码是 5，按前面各位应为 G：请逐位核对",
            "the number 'QT00000435' ends in 5, but what stands before it asks for G: compare every character",
        ),
        (
            "QT-00O0042-5",
            5,
            "编号“QT00O00425”第 5 位“O”有误：字母之后应为数字，也许是 0",
            "character 5 of the number 'QT00O00425', 'O', is wrong: digits follow the letters; perhaps 0 was meant",
        ),
        (
            "QT-000042-5",
            0,
            "编号“QT0000425”的序号有 6 位：应为 7 位（一千万起为 10 位），最后再加一位校验码，请写全",
            "the number 'QT0000425' has 6 digits before its check character: write all 7 (10 from ten million on)",
        ),
        (
            "0000042-5",
            1,
            "编号“00000425”开头应为 1 至 6 个字母，如 QT-0000042-5：请写全",
            "the number '00000425' should begin with 1 to 6 letters, as in QT-0000042-5: write it whole",
        ),
    ],
)
def test_an_error_says_what_is_wrong(text, position, zh, en):
    with pytest.raises(CodeError) as caught:
        serial(text)
    assert (caught.value.position, caught.value.zh, caught.value.en) == (position, zh, en)


@pytest.mark.parametrize(
    ("prefix", "count"),
    [("qt", 1), ("", 1), ("Q1", 1), ("LONGEST", 1), ("质", 1), ("QT", -1), ("QT", 10**10)],
)
def test_no_number_is_made_of_wrong_parts(prefix, count):
    with pytest.raises(CodeError):
        number(prefix, count)


def is_read(text: str) -> bool:
    try:
        parse(text)
    except CodeError:
        return False
    return True


PREFIXES = st.text(string.ascii_uppercase, min_size=1, max_size=6)
SERIALS = st.integers(0, 10**7 - 1) | st.integers(10**7, 10**10 - 1)
CHARACTERS = string.digits + string.ascii_uppercase


@given(PREFIXES, SERIALS)
def test_every_number_comes_back(prefix, count):
    assert parse(number(prefix, count)) == Number(prefix, count)


@given(PREFIXES, SERIALS)
def test_no_single_wrong_character_slips_through(prefix, count):
    code = number(prefix, count).replace("-", "")
    slipped = [
        (position, other)
        for position in range(len(code))
        for other in CHARACTERS
        if other != code[position] and is_read(code[:position] + other + code[position + 1 :])
    ]
    assert slipped == []


@given(PREFIXES, SERIALS)
def test_no_two_neighbours_change_places_unseen(prefix, count):
    code = number(prefix, count).replace("-", "")
    slipped = [
        position
        for position in range(len(code) - 1)
        if code[position] != code[position + 1]
        and is_read(code[:position] + code[position + 1] + code[position] + code[position + 2 :])
    ]
    assert slipped == []


@given(PREFIXES, SERIALS)
def test_no_lost_or_doubled_character_slips_through(prefix, count):
    code = number(prefix, count).replace("-", "")
    lost = [code[:position] + code[position + 1 :] for position in range(len(prefix), len(code))]
    doubled = [
        code[:position] + code[position] + code[position:] for position in range(len(prefix), len(code))
    ]
    assert [text for text in lost + doubled if is_read(text)] == []
