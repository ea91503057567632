"""The pages of the regulation, as a reader gets them in both languages."""

from __future__ import annotations

import html
import itertools
import json
import re

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from shenzhi.apps.law import importer, pages
from shenzhi.apps.law.articles import register
from shenzhi.apps.law.coverage import coverage
from shenzhi.kernel import registry


def get(path, status=200):
    response = Client().get(path)
    assert response.status_code == status, path
    return response.content.decode()


def words(page):
    """What a reader sees: without tags, entities resolved, spaces folded."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))


@pytest.fixture
def without_text(monkeypatch):
    monkeypatch.setattr(pages, "kept", lambda: None)


def test_the_register_leads_to_every_article_in_both_languages():
    for path, prefix in (("/law/", "/law/"), ("/en/law/", "/en/law/")):
        page = get(path)
        assert [number for number in range(1, 98) if f'href="{prefix}{number}/"' not in page] == []


def test_headings_go_down_one_level_at_a_time():
    for path in ("/law/", "/en/law/86/", "/law/1/"):
        levels = [int(level) for level in re.findall(r"<h([1-6])", get(path))]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), path


def test_every_table_has_a_caption_and_every_heading_cell_a_scope():
    for path in ("/law/", "/en/law/51/"):
        page = get(path)
        assert page.count("<table") == page.count("<caption")
        assert all("scope=" in cell for cell in re.findall(r"<th[ >][^>]*", page))


def test_a_filter_shows_only_its_articles():
    page = get("/law/?domain=ecology")
    # chapter 6, the only one on ecology, has articles 48 to 52
    assert re.findall(r'<tr id="a(\d+)"', page) == ["48", "49", "50", "51", "52"]
    assert "显示 5 条，共 97 条。" in words(page)


def test_a_filter_by_progress_agrees_with_the_coverage():
    page = get("/en/law/?state=none")
    asks_nothing = [str(number) for number, one in coverage().items() if one.state == "none"]
    assert re.findall(r'<tr id="a(\d+)"', page) == asks_nothing
    assert asks_nothing == ["1", "2", "73", "96", "97"]


@pytest.mark.parametrize("path", ["/law/?domain=sport", "/law/?state=done", "/law/98/", "/law/0/"])
def test_what_the_register_does_not_have_is_not_found(path):
    get(path, status=404)


def test_an_article_says_who_must_do_what(without_text):
    page = words(get("/law/84/"))
    assert "第八十四条 质量大数据平台" in page
    assert "84.1 市人民政府 应当 归集六个领域的质量信息 第一款" in re.sub(r" +", " ", spaced("/law/84/"))
    assert "City government must gather information on quality in the six domains" in spaced("/en/law/84/")


def spaced(path):
    """Like `words`, with a space where one cell ends and the next begins."""
    return words(get(path).replace("</td>", " ").replace("</th>", " "))


@pytest.mark.slow
def test_every_article_page_opens_in_both_languages(without_text):
    for number, article in register().articles.items():
        assert article.title.zh in words(get(f"/law/{number}/"))
        assert article.title.en in words(get(f"/en/law/{number}/"))


def test_the_first_article_has_no_previous_and_the_last_no_next():
    assert 'rel="prev"' not in get("/law/1/")
    assert 'rel="next"' not in get("/law/97/")
    assert 'rel="next" href="/en/law/87/"' in get("/en/law/86/")


def test_the_official_text_is_shown_only_after_an_import(monkeypatch):
    monkeypatch.setattr(pages, "kept", lambda: None)
    assert "shenzhi law import FILE" in words(get("/law/84/"))
    made_up = {
        n: (importer.Paragraph("应当做:", ("甲<b>;", "乙。")), importer.Paragraph("另一款。"))
        for n in range(1, 98)
    }
    monkeypatch.setattr(pages, "kept", lambda: importer.Text("ab" * 32, "law.txt", made_up))
    page = get("/en/law/84/")
    assert '<p id="p1">应当做:</p>' in page
    assert '<li id="p1-1">甲&lt;b&gt;;</li>' in page
    assert '<p id="p2">另一款。</p>' in page
    assert 'href="#p1"' in page
    assert "ab" * 32 in page


def test_the_register_is_there_as_data():
    data = json.loads(get("/law/articles.json"))
    assert [one["article"] for one in data["articles"]] == list(range(1, 98))


def test_the_portal_is_told_of_the_pages_the_door_and_every_article():
    assert registry.Pages("law/", "shenzhi.apps.law.urls", of_office=False) in registry.PAGES
    assert [door.url_name for door in registry.DOORS].count("law:home") == 1
    found = {document.code: document for document in pages.documents()}
    assert list(found) == [str(number) for number in range(1, 98)]
    assert found["86"].path == "/law/86/"
    assert "指数" in found["86"].body.zh


def test_every_piece_of_evidence_that_names_a_page_has_one():
    for one in coverage().values():
        for piece in one.evidence:
            if piece.url_name:
                try:
                    reverse(piece.url_name, args=piece.args)
                except NoReverseMatch:
                    pytest.fail(f"{piece.title.en}: no page {piece.url_name} {piece.args}")


def test_search_says_only_what_is_to_be_done_where_the_article_names_nobody():
    from shenzhi.apps.law.pages import documents

    # article 51 sets tasks and names no actor; article 84 names the city government
    by_code = {one.code: one for one in documents()}
    assert "条文未写明" not in by_code["51"].body.zh
    assert "Not named" not in by_code["51"].body.en
    assert by_code["84"].body.zh.startswith("市人民政府应当")
