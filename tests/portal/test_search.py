"""Search finds what contains the words, however short, and nothing in a query is ever run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from shenzhi.kernel import registry
from shenzhi.kernel.registry import Document
from shenzhi.kernel.words import Words
from shenzhi.pipeline.statistics.indicator import INDICATORS
from shenzhi.web.portal import search

KIND = Words("类", "Kind")
HAN = re.compile(r"[\u4e00-\u9fff]+")


@pytest.fixture(scope="session")
def documents() -> list[Document]:
    """Titles as they really are: every declared indicator and every article of the regulation."""
    import shenzhi.pipeline.statistics  # noqa: F401  (fills the register of indicators)

    listed = [
        Document(KIND, one.title, one.definition, f"/x/{code}/", code) for code, one in INDICATORS.items()
    ]
    return listed + [one for give in registry.DOCUMENTS for one in give()]


@pytest.fixture(scope="session")
def index(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "index.sqlite"
    search.build(path, documents)
    return path


def found(index: Path, text: str) -> set[str]:
    answer = search.ask(index, text)
    return set() if answer.loose else {hit.document.path for hit in answer.hits}


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.slow
def test_every_piece_of_every_chinese_title_finds_exactly_what_contains_it(
    index: Path, documents: list[Document], length: int
) -> None:
    pieces = {
        run[at : at + length]
        for one in documents
        for run in HAN.findall(one.title.zh)
        for at in range(len(run) - length + 1)
    }
    assert len(pieces) > 300
    whole = {
        one.path: search.fold(one.title.zh + "\n" + one.body.zh + "\n" + one.title.en + "\n" + one.body.en)
        for one in documents
    }
    wrong = [
        piece
        for piece in pieces
        if found(index, piece) != {path for path, text in whole.items() if piece in text}
    ]
    assert wrong == []


def test_latin_words_codes_and_numbers_of_articles_are_found(index: Path) -> None:
    assert "/x/gdp/" in found(index, "gdp")
    assert "/x/gdp_growth/" in found(index, "GDP_growth")
    assert "/x/gdp/" in found(index, "gross domestic")
    assert found(index, "ＧＤＰ") == found(index, "gdp")


def test_the_exact_code_or_title_comes_first(index: Path) -> None:
    assert search.ask(index, "gdp").hits[0].document.code == "gdp"
    assert search.ask(index, "地区生产总值").hits[0].document.code == "gdp"


def test_a_query_with_nothing_to_find_gives_what_holds_a_part_and_says_so(index: Path) -> None:
    answer = search.ask(index, "质量飞碟")
    assert answer.loose
    assert answer.hits


@pytest.mark.parametrize(
    "text", ['"', "'", "*", "AND OR NOT", "NEAR(", "title_pairs:", '质量"*', "%_", "-", "\x00", "a" * 5000]
)
def test_signs_of_the_query_language_are_only_text(index: Path, text: str) -> None:
    search.ask(index, text)  # raises where a sign reached the engine


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "指标<b>"])
def test_a_query_is_shown_and_never_run(client: Client, text: str) -> None:
    for prefix in ("", "/en"):
        answer = client.get(prefix + "/search/", {"q": text}).content.decode()
        assert text not in answer
        assert "<img src=x" not in answer
        assert "<b>" not in answer


def test_matches_are_marked_and_grouped_by_kind(client: Client) -> None:
    answer = client.get("/search/", {"q": "指标"}).content.decode()
    assert "<mark>指标</mark>" in answer
    english = client.get("/en/search/", {"q": "share"}).content.decode()
    assert "<mark>Share</mark> of A" in english


def test_results_of_a_fictional_city_stand_on_a_page_of_their_own(client: Client) -> None:
    real = client.get("/en/search/", {"q": "east hill"}).content.decode()
    assert "/model/areas/" not in real
    assert "city=model" in real  # the way to them
    model = client.get("/en/search/", {"q": "east hill", "city": "model"}).content.decode()
    assert "/en/model/areas/101/" in model
    assert "Fictional data" in model
    assert "/real/areas/" not in model


def test_an_empty_result_helps(client: Client) -> None:
    answer = client.get("/search/", {"q": "龘靐"}).content.decode()
    assert "没有找到" in answer
    assert "/real/indicators/" in answer


def test_the_index_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def broken():
        yield Document(KIND, Words("甲", "A"), Words("", ""), "/a/")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        search.build(tmp_path / "index.sqlite", broken())
    assert list(tmp_path.iterdir()) == []
