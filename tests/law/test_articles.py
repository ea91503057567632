"""The register of the 97 articles, checked against the official text wherever that text can settle the question."""

from __future__ import annotations

import shutil

import pytest

from shenzhi.apps.law.articles import DOMAINS, FOLDER, MODALS, RegisterError, load, register
from shenzhi.apps.law.importer import read_text
from shenzhi.kernel.articles import called

# what the regulation itself says: the first and last article of each chapter
CHAPTERS = [
    (1, 5),
    (6, 10),
    (11, 24),
    (25, 35),
    (36, 47),
    (48, 52),
    (53, 62),
    (63, 71),
    (72, 82),
    (83, 95),
    (96, 97),
]


@pytest.fixture(scope="module")
def official(shared):
    path = shared / "regulation" / "深圳经济特区质量条例.txt"
    if not path.exists():
        pytest.skip(f"official text not found at {path}")
    return read_text(path.read_bytes(), path.name)


@pytest.fixture
def copy(tmp_path):
    """A copy of the register's files, to be spoilt."""
    return shutil.copytree(FOLDER, tmp_path / "articles")


def spoil(folder, file, before, after):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def faults(folder):
    with pytest.raises(RegisterError) as refused:
        load(folder)
    return str(refused.value)


def test_the_register_has_97_articles_in_order():
    assert list(register().articles) == list(range(1, 98))


def test_every_chapter_has_its_articles():
    assert [
        (articles[0].number, articles[-1].number)
        for articles in map(register().of_chapter, register().chapters)
    ] == CHAPTERS


def test_every_heading_and_duty_stands_in_both_languages():
    for article in register().articles.values():
        for words in [article.title, *(w for duty in article.duties for w in (duty.who, duty.what))]:
            assert words.zh.strip(), article.number
            assert words.en.isascii(), (article.number, words.en)
            assert not words.zh.isascii(), (article.number, words.zh)


def test_only_definitions_principles_and_final_provisions_ask_nothing():
    silent = [article.number for article in register().articles.values() if not article.duties]
    # 1 purpose, 2 and 73 definitions, 96 meaning of district, 97 entry into force
    assert silent == [1, 2, 73, 96, 97]


def test_every_domain_has_articles():
    assert {article.domain for article in register().articles.values()} == set(DOMAINS)


def test_an_article_is_called_as_the_law_calls_it():
    assert (called(10).zh, called(20).zh, called(86).zh, called(86).en) == (
        "第十条",
        "第二十条",
        "第八十六条",
        "Article 86",
    )


def test_every_paragraph_and_item_of_an_article_that_asks_something_has_a_duty(official):
    for number, article in register().articles.items():
        places = set()
        for count, paragraph in enumerate(official.articles[number], start=1):
            places |= {(count, item) for item in range(1, len(paragraph.items) + 1)} or {(count, 0)}
        if article.duties:
            assert {(duty.paragraph, duty.item) for duty in article.duties} == places, number


@pytest.mark.parametrize(
    ("modal", "word"), [("must", "应当"), ("may", "可以"), ("shall_not", "不得"), ("encouraged", "鼓励")]
)
def test_a_duty_has_the_force_that_its_paragraph_uses(official, modal, word):
    # in 75(2) and 80(2) an authority must encourage: 鼓励 is what it must do there, not the force of the sentence
    must_encourage = {(75, 2), (80, 2)}
    for number, article in register().articles.items():
        for count, paragraph in enumerate(official.articles[number], start=1):
            said = word in paragraph.text + "".join(paragraph.items)
            recorded = any(duty.modal == modal for duty in article.duties if duty.paragraph == count)
            if modal != "encouraged" or (number, count) not in must_encourage:
                assert recorded == (said and bool(article.duties)), (number, count)


def test_the_register_speaks_in_its_own_words(official):
    """No run of 20 characters of a heading or duty stands in the law: names are shorter, sentences are longer."""
    for number, article in register().articles.items():
        law = "".join(p.text + "".join(p.items) for p in official.articles[number]).replace(",", "，")
        for text in [article.title.zh, *(duty.what.zh for duty in article.duties)]:
            for start in range(len(text) - 19):
                assert text[start : start + 20] not in law, (number, text)


def test_a_missing_article_is_named(copy):
    spoil(copy, "11.yml", "article: 96", "article: 98")
    assert "articles must run from 1 to 97 without gap or repeat; found 98 where 96 should stand" in faults(
        copy
    )


def test_every_fault_is_reported_at_once(copy):
    spoil(copy, "01.yml", "modal: must", "modal: shall")
    spoil(copy, "01.yml", "who: public", "who: everybody")
    spoil(copy, "02.yml", "at: p1-1", "at: first")
    spoil(copy, "03.yml", "en: Structure of investment", "en: ''")
    told = faults(copy)
    assert f"01.yml, article 3, duty 1: no modal called shall; modals are {', '.join(MODALS)}" in told
    assert "01.yml, article 5, duty 1: no actor called everybody in actors.yml" in told
    assert "02.yml, article 7, duty 1: 'at' must name the paragraph" in told
    assert "03.yml, article 17, title: text for en is missing" in told


def test_a_duty_article_without_duties_is_refused(copy):
    spoil(copy, "11.yml", "kind: final", "kind: duty")
    assert "11.yml, article 96: an article of kind duty has at least one duty" in faults(copy)
