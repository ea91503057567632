"""Unified social credit codes: published ones, both check characters, and every way to mistype one character."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shenzhi.calc.codes.typed import ALPHABET, CodeError
from shenzhi.calc.codes.uscc import DEPARTMENTS, KINDS, Uscc, is_valid, make, parse

# 17th: 2*3+7*7+9*9+2*10+2*5+0*8+1*4+1*2 = 172 = 15*11+7, 11-7 = 4
# 18th: 9*1+1*3+4*9+4*27+0*19+3*26+0*16+0*17+2*20+7*29+9*25+2*13+2*8+0*24+1*10+1*30+4*28 = 896 = 28*31+28, 31-28 = 3
COMPANY = "914403002792201143"


@pytest.fixture(scope="session")
def published(shared: Path) -> list[str]:
    return (shared / "data/codes/uscc_valid_from_stdnum_tests.txt").read_text(encoding="utf-8").split()


def test_published_codes_are_valid(published):
    assert len(published) == 201
    assert [code for code in published if not is_valid(code) or str(parse(code)) != code] == []


def test_no_single_wrong_character_slips_through(published):
    slipped = [
        (code, position, other)
        for code in published
        for position in range(18)
        for other in ALPHABET
        if other != code[position] and is_valid(code[:position] + other + code[position + 1 :])
    ]
    assert slipped == []


def test_no_two_neighbours_change_places_unseen(published):
    slipped = [
        (code, position)
        for code in published
        for position in range(17)
        if code[position] != code[position + 1]
        and is_valid(code[:position] + code[position + 1] + code[position] + code[position + 2 :])
    ]
    assert slipped == []


def test_what_may_be_read_and_what_is_valid_are_the_same(published):
    for code in published[::40]:
        for position in range(18):
            for other in ALPHABET:
                text = code[:position] + other + code[position + 1 :]
                try:
                    assert parse(text) == Uscc(text)
                    read = True
                except CodeError:
                    read = False
                assert read == is_valid(text)


@pytest.mark.parametrize(
    ("prefix", "organisation", "code"),
    [
        ("91440300", "27922011", COMPANY),
        # 17th: 1*2 = 2, 11-2 = 9. 18th: N22*1+2*3+4*9+4*27+0*19+3*26+0*16+5*17 = 335, + 1*30 + 9*28 = 617 = 19*31+28: 3
        ("N2440305", "00000001", "N24403050000000193"),
        # A10*1+1*3+1*9 = 22, + 30 + 252 = 304 = 9*31+25: 6
        ("A1100000", "00000001", "A11000000000000196"),
        # Y30*1+1*3+4*9+4*27+0*19+3*26 = 255, + 30 + 252 = 537 = 17*31+10: 21, which is M
        ("Y1440300", "00000001", "Y1440300000000019M"),
        # 17th: 6*2 = 12 = 11+1, 11-1 = 10, which is X (29). 18th: 9*1+1*3+4*9+4*27+3*26 = 234, + 6*30 + 29*28 = 1226 = 39*31+17: 14, E
        ("91440300", "00000006", "9144030000000006XE"),
        # 17th: 0. 18th: 234 = 7*31+17: 14, E
        ("91440300", "00000000", "91440300000000000E"),
    ],
)
def test_both_check_characters_are_computed_for_every_department(prefix, organisation, code):
    assert make(prefix, organisation) == code
    assert is_valid(code)
    assert str(parse(code)) == code


def test_a_wrong_organisation_check_is_seen_though_the_last_character_fits_it():
    # 5 instead of 4 as 17th adds 28 to the sum: 896+28 = 924 = 29*31+25, 31-25 = 6
    assert not is_valid("914403002792201156")
    with pytest.raises(CodeError) as caught:
        parse("914403002792201156")
    assert caught.value.position == 17


def test_a_code_tells_its_parts():
    code = parse("N24403050000000193")
    assert (code.department, code.kind, code.region, code.organisation) == ("N", "N2", "440305", "000000019")
    assert DEPARTMENTS[code.department] == ("农业", "Agriculture")
    assert KINDS[code.kind] == ("村级集体经济组织", "Collective economic organisation of a village")


@pytest.mark.parametrize(
    "text",
    [
        " 914403002792201143 ",
        "91 440300 27922011-4 3",
        "９１４４０３００２７９２２０１１４３",
        "9144 0300 2792 2011 43",
        "91440300　279220114–3",
    ],
)
def test_a_code_is_read_as_people_type_it(text):
    assert str(parse(text)) == COMPANY


def test_small_letters_are_read_as_capitals():
    assert str(parse("y1440300000000019m")) == "Y1440300000000019M"


@pytest.mark.parametrize(
    ("text", "position", "zh", "en"),
    [
        (
            COMPANY[:-1],
            0,
            "统一社会信用代码应为 18 位，现为 17 位，缺 1 位：请对照证照核对",
            "a unified social credit code has 18 characters, this has 17 (1 missing): compare it with the certificate",
        ),
        (
            COMPANY + "00",
            0,
            "统一社会信用代码应为 18 位，现为 20 位，多 2 位：请对照证照核对",
            "a unified social credit code has 18 characters, this has 20 (2 too many): compare it with the certificate",
        ),
        (
            "9144O3002792201143",
            5,
            "统一社会信用代码第 5 位“O”有误：代码只用数字和大写字母（不用 I、O、S、V、Z），也许是 0",
            "character 5 of the unified social credit code, 'O', is wrong: codes use digits and capitals without I, O, S, V, Z; perhaps 0 was meant",
        ),
        (
            "B14403002792201143",
            1,
            "统一社会信用代码第 1 位“B”有误：登记管理部门应为 1 至 9、A、N 或 Y",
            "character 1 of the unified social credit code, 'B', is wrong: the registering department is 1 to 9, A, N or Y",
        ),
        (
            "91440A002792201143",
            6,
            "统一社会信用代码第 6 位“A”有误：行政区划（第 3 至 8 位）只用数字",
            "character 6 of the unified social credit code, 'A', is wrong: the region (characters 3 to 8) has digits only",
        ),
        (
            "9144030027922011A3",
            17,
            "统一社会信用代码第 17 位“A”有误：组织机构代码校验码应为数字或 X",
            "character 17 of the unified social credit code, 'A', is wrong: the check of the organisation code is a digit or X",
        ),
        (
            "914403002792201153",
            17,
            "统一社会信用代码第 17 位（组织机构代码校验码）是 5，按第 9 至 16 位 27922011 应为 4：请对照证照核对第 9 至 17 位",
            "character 17 (check of the organisation code) is 5, but 27922011 asks for 4: compare characters 9 to 17 with the certificate",
        ),
        (
            "914403002792201144",
            18,
            "统一社会信用代码第 18 位（校验码）是 4，按前 17 位应为 3：请对照证照核对前 8 位和末位",
            "character 18 (check) is 4, but the 17 before it ask for 3: compare the first 8 and the last with the certificate",
        ),
    ],
)
def test_an_error_says_which_character_is_wrong(text, position, zh, en):
    with pytest.raises(CodeError) as caught:
        parse(text)
    assert (caught.value.position, caught.value.zh, caught.value.en) == (position, zh, en)


@pytest.mark.parametrize(
    ("prefix", "organisation"),
    [("9144030", "27922011"), ("91440300", "279220114"), ("914403002", "7922011"), ("91440300", "2792201O")],
)
def test_no_code_is_made_of_parts_that_are_wrong(prefix, organisation):
    with pytest.raises(CodeError):
        make(prefix, organisation)


@given(
    st.sampled_from(list(DEPARTMENTS)),
    st.sampled_from(ALPHABET),
    st.integers(0, 999999),
    st.text(ALPHABET, min_size=8, max_size=8),
)
def test_every_code_that_is_made_is_read_back(department, kind, region, organisation):
    code = make(f"{department}{kind}{region:06d}", organisation)
    assert is_valid(code)
    assert parse(code.lower()) == Uscc(code)


@given(st.text() | st.text(ALPHABET, min_size=17, max_size=19))
def test_any_text_is_either_read_or_refused(text):
    try:
        code = parse(text)
    except CodeError:
        assert not is_valid(text)
    else:
        assert is_valid(str(code))
