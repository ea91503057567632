"""How declarations name articles: one grammar, one reader."""

from __future__ import annotations

import pytest

from shenzhi.kernel.articles import ArticleError, Reference, articles, from_chinese, in_chinese, references


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ("84", (84,)),
        ("84, 86", (84, 86)),
        ("49-51", (49, 50, 51)),
        ("49–51、84；86", (49, 50, 51, 84, 86)),
        ("86, 84, 86", (84, 86)),
        ("86.2, 86.4", (86,)),
        ("", ()),
    ],
)
def test_a_text_names_articles(given, numbers):
    assert articles(given) == numbers


def test_a_duty_is_named_by_its_number():
    assert references("86.2, 84") == (Reference(84), Reference(86, 2))
    assert str(Reference(86, 2)) == "86.2"


@pytest.mark.parametrize("given", ["98", "0", "51-49", "51-51", "art. 3", "86.0", "3.", "90-120", "八十六"])
def test_an_unclear_text_is_refused(given):
    with pytest.raises(ArticleError):
        references(given)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (97, "九十七"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
    ],
)
def test_numbers_in_chinese(number, text):
    assert in_chinese(number) == text
    assert from_chinese(text) == number


def test_every_number_comes_back_from_chinese():
    assert [from_chinese(in_chinese(number)) for number in range(1, 1000)] == list(range(1, 1000))


@pytest.mark.parametrize("text", ["", "八六", "十百", "甲", "零", "一零"])
def test_a_heap_of_signs_is_no_number(text):
    with pytest.raises(ValueError):
        from_chinese(text)
