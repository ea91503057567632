"""Masks: what each rule shows of a text of its form, and that it shows nothing of any other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shenzhi.calc.figures import fold
from shenzhi.calc.masks import HIDDEN, RULES, MaskError, mask

SHOWN = [
    ("name", "张三", "张*"),
    ("name", "张三丰", "张**"),
    ("name", "欧阳锋", "欧阳*"),
    ("name", "欧阳小明", "欧阳**"),
    ("name", "司马相如", "司马**"),
    ("name", "欧阳", "欧*"),  # two characters are a surname and a name
    ("name", "张　三", "张 *"),
    ("name", "𬱖三", "𬱖*"),
    ("name", "阿卜杜拉·买买提", "阿***·***"),
    ("name", "John Smith", "J*** S****"),
    ("name", "José García Lorca", "J*** G***** L****"),
    ("name", "O'Neil", "O*****"),
    ("identity", "440301199001011234", "4403**********1234"),
    ("identity", "44030119900101123x", "4403**********123x"),
    ("identity", "440301900101123", "4403********123"),
    ("phone", "13812345678", "138****5678"),
    ("phone", "138 1234 5678", "138 **** 5678"),
    ("phone", "１３８１２３４５６７８", "138****5678"),
    ("phone", "+86 13812345678", "+86 138****5678"),
    ("phone", "0755-82345678", "0755-****5678"),
    ("phone", "(0755)82345678", "(0755)****5678"),
    ("phone", "010-82345678", "010-****5678"),
    ("phone", "0755-8234567-801", "0755-***4567****"),
    ("phone", "+86-755-82345678", "+86-755-****5678"),
    ("phone", "82345678", "****5678"),
    ("email", "zhang.san@sz.gov.cn", "z********@sz.gov.cn"),
    ("email", "a@example.com", "*@example.com"),
    ("address", "广东省深圳市南山区粤海街道科苑南路1号", "广东省深圳市南山区粤海街道******"),
    ("address", "深圳市福田区福中三路1号", "深圳市福田区******"),
    ("address", "南山区粤海街道科苑路", "南山区粤海街道***"),
    ("address", "东莞市长安镇德政中路", "东莞市长安镇****"),
    ("address", "深圳市大鹏新区葵涌街道", "深圳市大鹏新区葵涌街道"),
    (
        "address",
        "新疆维吾尔自治区伊犁哈萨克自治州霍城县水定镇解放路",
        "新疆维吾尔自治区伊犁哈萨克自治州霍城县水定镇***",
    ),
    ("address", "深圳市龙岗区甘坑小镇1栋", "深圳市龙岗区******"),  # an estate is finer than a street
    ("address", "福田区新乡路5号", "福田区*****"),  # a road is no township
    ("plate", "粤B·12312", "粤B·***12"),
    ("plate", "粤B12345", "粤B***45"),
    ("plate", "粤B·D12345", "粤B·****45"),
    ("plate", "粤B·1234学", "粤B·***4学"),
    ("account", "6222021234567890123", "***************0123"),
    ("account", "6222 0212 3456 7890", "***************7890"),
]

HIDES = [
    ("name", "张"),
    ("name", "张三丰李四"),
    ("name", "张三13812345678"),
    ("name", "J S"),
    ("name", "J"),
    ("name", "深圳市某某有限公司"),
    ("identity", "H12345678"),
    ("identity", "4403011990010112345"),
    ("identity", "44030119900101"),
    ("phone", "110"),
    ("phone", "95588"),
    ("phone", "13812345678/13912345678"),
    ("phone", "12345678901"),
    ("email", "@example.com"),
    ("email", "a@b"),
    ("email", "a@b.com c@d.com"),
    ("address", "深圳"),
    ("address", "张三住深圳市福田区"),
    ("address", "张三，深圳市福田区莲花街道"),
    ("address", "深圳市张三家小区5栋"),
    ("address", "1 Main Street"),
    ("address", "深圳市福田区\n张三"),
    ("plate", "粤B1234"),
    ("plate", "B12345"),
    ("account", "12345"),
    ("account", "6222021234a67890123"),
    ("all", "anything"),
]


@pytest.mark.parametrize(("rule", "text", "shown"), SHOWN)
def test_a_text_of_a_known_form_is_shown_as_far_as_its_rule_says(rule, text, shown):
    assert mask(rule, text) == shown


@pytest.mark.parametrize(("rule", "text"), HIDES)
def test_a_text_of_another_form_is_hidden_with_its_length(rule, text):
    assert mask(rule, text) == HIDDEN


@pytest.mark.parametrize("rule", RULES)
def test_an_empty_text_stays_empty(rule):
    assert mask(rule, "") == ""
    assert mask(rule, " 　\t") == ""


def test_every_rule_has_a_case_of_what_it_hides():
    assert {rule for rule, _ in HIDES} == set(RULES)


def test_a_rule_that_nobody_has_written_is_refused():
    with pytest.raises(MaskError) as caught:
        mask("nmae", "张三")
    assert caught.value.en == (
        "no rule for masking is called 'nmae': known are all, name, identity, phone, email, address, plate, account"
    )


SIGNS = "张三欧阳深圳市福田区街道路镇0123456789Xx+-· @.abcZ粤B学()é\u200b\n"
ODD = st.text(SIGNS, max_size=25) | st.text(max_size=10)


@st.composite
def miswritten(draw: st.DrawFn) -> tuple[str, str]:
    """A text of a known form in which up to three signs were left out, put in or changed."""
    rule, text, _ = draw(st.sampled_from(SHOWN))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(["", *SIGNS])) + text[place + draw(st.integers(0, 1)) :]
    return rule, text


@given(st.tuples(st.sampled_from(list(RULES)), ODD) | miswritten())
def test_what_a_mask_shows_stands_in_the_text_at_its_place(given_text):
    rule, text = given_text
    shown = mask(rule, text)
    if shown in ("", HIDDEN):
        return
    plain = fold(text)
    assert len(shown) == len(plain)
    assert all(a in (b, "*") for a, b in zip(shown, plain, strict=True))


# the most letters and digits that a rule may ever show: five initials; 4403 1234; 86 0755 5678; 粤B 12; 1234
MOST = {"name": 5, "identity": 8, "phone": 10, "plate": 4, "account": 4}


def revealing(shown: str) -> int:
    return sum(one.isalnum() for one in shown)


@given(miswritten())
def test_no_text_shows_more_than_its_rule(given_text):
    rule, text = given_text
    shown = mask(rule, text)
    if rule == "email":
        name, at, _ = shown.partition("@")
        assert revealing(name) <= 1 if at else shown in ("", HIDDEN)
    elif rule == "address":
        assert not any(one.isascii() and one.isalnum() for one in shown)
    else:
        assert revealing(shown) <= MOST[rule]
        assert "*" in shown or not shown


@given(st.text("张三欧阳", min_size=2, max_size=4))
def test_of_a_chinese_name_at_least_the_last_character_is_hidden(text):
    shown = mask("name", text)
    assert shown[-1] == "*"
    assert revealing(shown) <= 2
