"""Every page of both cities, in both languages: it is there, it is in its language, and every link on it leads on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.test import Client

HAN = re.compile(r"[\u4e00-\u9fff]+")
REAL = [
    "/",
    "/real/",
    "/real/index/",
    "/real/index/2022/",
    "/real/areas/",
    "/real/areas/100/",
    "/real/domains/economy/",
    "/real/domains/government/",
    "/real/indicators/",
    "/real/indicators/b/",
    "/real/indicators/d/",
    "/real/derivation/100/2023/index/",
    "/real/derivation/100/2021/culture/",
    "/real/figures/b/100/2021/",
    "/real/what-if/",
    "/real/what-if/?period=2022&w.economy=3&area=100&indicator=a&score=70",
    "/real/audit/",
    "/real/method/",
    "/real/data/",
    "/search/",
    "/search/?q=指标",
]
MODEL = [
    "/model/",
    "/model/index/",
    "/model/areas/",
    "/model/areas/101/",
    "/model/domains/ecology/",
    "/model/indicators/",
    "/model/indicators/ecology_one/",
    "/model/derivation/101/2023/index/",
    "/model/figures/ecology_one/101/2023/",
    "/model/what-if/",
    "/model/what-if/?period=2023&w.economy=3&area=102&indicator=economy_one&value=66&rank=1&passes=101",
    "/model/audit/",
    "/model/method/",
    "/model/data/",
    "/search/?q=区&city=model",
]


EMPTY = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """What a page says and where it leads, as a reader's program sees it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lang = ""
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[tuple[str, str]] = []  # (language in force, text)
        self._open: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        language = given.get("lang") or (self._open[-1][1] if self._open else "")
        if tag == "html":
            self.lang = language
        if tag not in EMPTY:
            self._open.append((tag, language))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        for name in ("aria-label", "placeholder", "title"):
            if given.get(name):
                self.said.append((language, str(given[name])))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] not in ("script", "style") and data.strip():
            self.said.append((self._open[-1][1], data.strip()))

    def text(self) -> str:
        return " ".join(text for _, text in self.said)


def body(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


READ: dict[str, Page] = {}  # a page says the same to every test that only reads it, so it is asked for once


def page_at(client: Client, path: str) -> Page:
    if path not in READ:
        READ[path] = Page(body(client, path))
    return READ[path]


@pytest.mark.parametrize("path", REAL + MODEL)
def test_a_page_is_there_in_both_languages_and_says_which(client: Client, path: str) -> None:
    chinese, english = page_at(client, path), page_at(client, "/en" + path)
    assert (chinese.lang, english.lang) == ("zh-Hans", "en")
    assert "/en" + path in map(unquote, chinese.links)
    assert path in map(unquote, english.links)


@pytest.mark.parametrize("path", [path for path in REAL + MODEL if "q=" not in path])
def test_an_english_page_has_no_chinese_but_what_is_marked_as_chinese(client: Client, path: str) -> None:
    left = [
        text
        for language, text in page_at(client, "/en" + path).said
        # 万 and 亿 are named on the page that says which units are read
        if not language.startswith("zh")
        and HAN.search(text.replace("万", "").replace("亿", "").replace("虚构数据", ""))
    ]
    assert left == []


@pytest.mark.parametrize("path", REAL + MODEL)
def test_the_chinese_page_leaves_no_sentence_in_english(client: Client, path: str) -> None:
    sentences = [
        text
        for language, text in page_at(client, path).said
        if language != "en"
        and re.search(r"\b[a-z]+ [a-z]+ [a-z]+\b", text)
        and not text.startswith("shenzhi ")
    ]
    assert sentences == []


@pytest.mark.parametrize("path", REAL + MODEL)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_page_is_built_for_every_reader(client: Client, path: str, prefix: str) -> None:
    page = page_at(client, prefix + path)
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == 1
    assert names.count("main") == 1
    assert len(page.ids) == len(set(page.ids))
    assert names.count("table") == names.count("caption")
    assert all(given.get("scope") for tag, given in page.tags if tag == "th")
    # the policy of the portal allows no script, style or handler inside the page
    assert "style" not in names
    assert not any(name.startswith("on") or name == "style" for _, given in page.tags for name in given)
    assert all(given.get("src") for tag, given in page.tags if tag == "script")


@pytest.mark.parametrize("path", MODEL)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_of_a_fictional_city_says_so_in_its_title_and_on_its_face(
    client: Client, path: str, prefix: str
) -> None:
    text = body(client, prefix + path)
    assert "虚构数据" in text
    assert "Fictional data" in text
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    assert title is not None
    assert title[1].startswith("[Fictional]" if prefix else "[虚构]")


@pytest.mark.parametrize("path", REAL)
def test_no_page_of_a_real_city_shows_a_figure_of_a_fictional_one(client: Client, path: str) -> None:
    page = Page(body(client, path))
    assert "虚构数据" not in page.text()
    inside = [link for link in page.links if link.startswith("/model/")]
    assert inside in ([], ["/model/"], ["/model/", "/model/"])  # only the door to its home page


def crawl(client: Client, start: str) -> Iterator[tuple[str, str, int]]:
    """Every address reachable from `start`: (from, address, status)."""
    waiting, seen = [("", start)], {start}
    while waiting:
        source, path = waiting.pop()
        response = client.get(path)
        if response.status_code == 302:
            response = client.get(response.headers["Location"])
        yield source, path, response.status_code
        if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
            continue
        if urlsplit(path).path.removeprefix("/en").startswith("/law/"):
            continue  # the register of the regulation has its own tests
        page = Page(response.content.decode())
        for link in page.links:
            parts = urlsplit(urljoin(path, link))
            if parts.netloc:
                continue
            if parts.fragment and parts.path == urlsplit(path).path:
                assert parts.fragment in page.ids, f"{path} has no place called {parts.fragment}"
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if target not in seen:
                seen.add(target)
                waiting.append((path, target))


@pytest.mark.slow
@pytest.mark.django_db  # the registers are among these pages
def test_every_link_on_every_page_leads_somewhere(client: Client) -> None:
    found = list(crawl(client, "/"))
    broken = [(source, path, status) for source, path, status in found if status != 200]
    assert broken == []
    # both cities in both languages were reached, or the crawl proves nothing
    assert {"/real/index/", "/en/real/index/", "/model/index/", "/en/model/index/"} <= {
        path for _, path, _ in found
    }
    assert len(found) > 200


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nowhere/", "nowhere"),
        ("/real/areas/999/", "999"),
        ("/real/indicators/nothing/", "nothing"),
        ("/real/domains/nothing/", "nothing"),
        ("/real/index/1999/", "1999"),
        ("/real/derivation/100/1999/index/", "1999"),
        ("/real/derivation/100/2023/nothing/", "nothing"),
        ("/real/figures/a/100/1999/", "1999"),
        ("/real/data/nothing/", "nothing"),
        ("/real/method/secrets.csv", "secrets"),
        ("/search/?city=nothing", ""),
    ],
)
def test_what_is_not_there_is_answered_in_words_with_a_way_on(
    client: Client, path: str, words: str, settings_with_errors: None
) -> None:
    for prefix in ("", "/en"):
        response = client.get(prefix + path)
        assert response.status_code == 404
        page = Page(response.content.decode())
        assert words in page.text()
        assert [link for link in page.links if link.removeprefix("/en").startswith("/")]


def test_the_error_page_stands_without_lake_or_index(client: Client, settings_with_errors: None) -> None:
    from shenzhi.web.portal.views.errors import broken

    class Asked:
        path = "/en/real/"

    answer = broken(Asked())  # type: ignore[arg-type]
    assert answer.status_code == 500
    assert "Something failed on our side" in answer.content.decode()


def test_a_city_without_an_edition_says_so_and_what_to_do(
    client: Client, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import portal_cities

    from shenzhi.pipeline.lake import city as declared

    portal_cities.city(tmp_path, "empty", fictional=False, areas=portal_cities.REAL_AREAS)
    monkeypatch.setattr(declared, "CITIES", tmp_path)
    for path, words in (("/", "还没有发布指数"), ("/en/empty/method/", "no index published yet")):
        response = client.get(path)
        assert response.status_code == 404
        assert words in response.content.decode()
    assert client.get("/empty/data/").status_code == 200


def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    first = client.get("/real/method/")
    again = client.get("/real/method/", headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert client.get("/en/real/method/").headers["ETag"] != first.headers["ETag"]


def test_a_name_from_a_file_cannot_become_markup(client: Client) -> None:
    for path in ("/model/areas/103/", "/model/index/", "/model/indicators/ecology_one/", "/model/"):
        text = body(client, path)
        assert "南&lt;湖区" in text
        assert "南<湖区" not in text


def test_a_query_of_one_reader_is_not_in_the_page_of_the_next(client: Client) -> None:
    assert "from=letter" in client.get("/real/method/?from=letter").content.decode()
    assert "from=letter" not in client.get("/real/method/").content.decode()
