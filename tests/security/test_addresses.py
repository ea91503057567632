"""Every address of the box, asked in every way: it answers, breaks nothing, keeps its headers, and says nothing it should not."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from every_address import ACCOUNTS, PUBLIC, RECORDS, filled, paths

from shenzhi.kernel.history.events import Event
from shenzhi.web.portal.serve import KEPT

pytestmark = pytest.mark.django_db

BELOW_500 = range(200, 500)
LANGUAGES = ("", "/en")


def one_of_each(city: Any, routes: set[str]) -> list[str]:
    """One path for each address: of the register of officers where there is one for each."""
    found = []
    for route in sorted(routes):
        several = [path for path, _ in filled(route, city)]
        found.append(next((one for one in several if "/officers/" in one), several[0]))
    return found


@pytest.fixture
def everything(city: Any) -> list[str]:
    return one_of_each(city, RECORDS | ACCOUNTS | PUBLIC)


class Page(HTMLParser):
    """What of a page could run, or be loaded from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inside = tag if tag in ("script", "style") and "src" not in given else ""
        for name, value in given.items():
            if name.startswith("on") or name in ("style", "srcdoc", "formaction", "ping"):
                self.faults.append(f"<{tag} {name}>")
            loads = name in ("src", "srcset", "data", "poster") or (
                tag == "link" and name == "href" and given.get("rel") != "alternate"
            )
            if loads and re.match(r"(?:[a-z]+:)?//", value):
                self.faults.append(f"<{tag} {name}={value}>")
            drawn = tag == "img" and value.startswith(
                "data:image/"
            )  # it runs nothing: the code for a telephone's app
            if (
                name in ("href", "action", "src")
                and re.match(r"\s*(?:javascript|vbscript|data):", value, re.I)
                and not drawn
            ):
                self.faults.append(f"<{tag} {name}={value[:40]}>")
        again = (
            given.get("http-equiv") == "refresh" and given.get("content", "").isdigit()
        )  # the same page once more
        if tag in ("base", "iframe", "object", "embed", "applet") or ("http-equiv" in given and not again):
            self.faults.append(f"<{tag}>")

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.faults.append(f"inline {self.inside}: {data.strip()[:40]}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["public", "head", "supervisor", "administrator"])
def test_no_page_brings_a_script_a_style_or_anything_from_another_host(city, everything, name):
    browser, faults, seen = city.client(city.people[name]), {}, 0
    for path in (language + one for one in everything for language in LANGUAGES):
        answer = browser.get(path)
        if not answer.get("Content-Type", "").startswith("text/html") or answer.streaming:
            continue
        seen += 1
        if found := Page(answer.content.decode()).faults:
            faults[path] = found
    assert faults == {}
    assert seen > 100  # error pages are pages as well


@pytest.mark.parametrize(
    "text", ["<p onclick=x>", "<p style=x>", "<script>x</script>", "<style>x</style>", "<script src=//cdn.example/x>",
             "<a href='javascript:x'>", "<base href=/>", "<link rel=stylesheet href='https://cdn.example/x'>"],
)  # fmt: skip
def test_the_reader_of_pages_sees_what_it_looks_for(text):
    assert len(Page(text).faults) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["public", "head"])
def test_every_address_answers_every_verb_and_breaks_at_none(city, everything, name):
    browser, faults = city.client(city.people[name]), {}
    for path in everything:
        for verb in ("HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "BREW"):
            status = browser.generic(verb, path).status_code
            if status not in BELOW_500:
                faults[verb, path] = status
    assert faults == {}


def nothing_moved(city: Any) -> tuple[Any, ...]:
    """Version of every record of the city: it goes up with each write."""
    return tuple(
        type(one)._base_manager.values_list("version", flat=True).get(pk=one.pk) for one in city.records
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["public", "applicant", "rival", "other_district", "auditor"])
def test_who_has_no_part_in_a_record_changes_it_by_no_address(city, name):
    """Each address of each record gets a form and a body with every field that there is; no record moves."""
    browser, before = city.client(city.people[name]), nothing_moved(city)
    mine = {"applicant": {"OB", "PE", "CP", "RP", "PB"}, "rival": {"ORG"}}.get(name, set())
    about = [one for one in city.records if one.number.split("-")[0] not in mine]
    for record in about:
        slug, number = record.register.slug, record.number
        fields = dict.fromkeys(record.register.fields, "1") | {
            "confirm": "1",
            "reason": "x",
            "version": str(record.version),
            "sure": "1",
        }
        moves = [move.code for move in record.register.procedure.moves] if record.register.procedure else []
        forms = ["change/", "files/", *(f"do/{move}/" for move in moves)]
        desks = [
            "take/",
            *(f"do/{move}/" for move in moves),
            "clock/review/cause/",
            "clock/review/appeal/",
            "clock/review/reminded/",
        ]
        for path in (
            *(f"/registers/{slug}/{number}/{one}" for one in forms),
            *(f"/desk/{slug}/{number}/{one}" for one in desks),
        ):
            status = browser.post(path, fields).status_code
            assert status in (302, 403, 404, 405, 409, 412, 422), (path, status)
        match = {"content_type": "application/json", "headers": {"If-Match": "*"}}
        answers = [browser.patch(f"/api/v1/{slug}/{number}", fields, **match)]
        answers += [browser.post(f"/api/v1/{slug}/{number}/moves/{move}", {}, **match) for move in moves]
        assert {one.status_code for one in answers} <= {403, 404, 405, 409, 422}, number
    assert nothing_moved(city) == before


HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.slow
def test_every_answer_forbids_frames_foreign_content_and_guessing_of_types(city, everything):
    browser = city.client(city.people["head"])
    for path in everything:
        answer = browser.get(path)
        assert {name: answer.get(name) for name in HEADERS} == HEADERS, path
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert not re.search(r"unsafe|\*|https?:", policy), path


@pytest.mark.slow
def test_what_depends_on_who_asks_is_kept_by_no_cache(city):
    """By no shared cache at all; the API may be kept by the program itself if it asks again each time."""
    browser = city.client(city.people["head"])
    for path in one_of_each(city, RECORDS | ACCOUNTS):
        answer = browser.get(path)
        if path.endswith(
            (".svg", ".bpmn", "/lamps.json", "/months.csv", "/desk/keys/")
        ) or answer.status_code in (302, 403, 404, 405):
            continue  # procedures, totals and keys are the same for all; what is refused, missing or elsewhere shows nothing
        told = {one.strip() for one in answer.get("Cache-Control", "").split(",")}
        assert "no-store" in told or {"private", "no-cache"} <= told, (path, told)


@pytest.mark.slow
def test_no_reader_gets_the_page_of_another(city):
    """What stands outside registers and accounts is the same for all, or says that it is not (its frame greets who is
    signed in); pages kept in memory are the same for all, and leave no cookie."""
    stranger, head = Client(), city.client(city.people["head"])
    for path in one_of_each(city, PUBLIC):
        mine, theirs = head.get(path), stranger.get(path)
        assert mine.status_code == theirs.status_code, path
        assert not theirs.cookies, path
        if mine.getvalue() != theirs.getvalue():
            assert all("Cookie" in one.get("Vary", "") for one in (mine, theirs)), path
            assert "public" not in mine.get("Cache-Control", ""), path
            assert not any(path in key for key in KEPT.pages), path


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "testserver:80:80", ""]
)
def test_a_host_that_is_not_ours_is_refused_before_anything_is_read(city, host):
    answer = Client(raise_request_exception=False).get("/registers/", headers={"host": host or " "})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_a_forwarded_host_counts_for_nothing(city):
    """A link in a letter or a redirect is made of our own names alone."""
    answer = Client().get(
        "/desk/", headers={"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


@pytest.mark.slow
def test_no_address_leads_away_from_the_box(city, everything):
    """Nothing in an address makes an answer point to another host."""
    away = ("//evil.example/", "https://evil.example/", "/\\evil.example", "https:evil.example")
    for name in ("public", "head"):
        browser = city.client(city.people[name])
        for path in everything:
            if "/sso/" in path:
                continue  # it leads to the city's own provider: tests/access
            for target in away[:2]:
                answer = browser.get(path, {"next": target, "back": target, "return": target, "url": target})
                to = answer.get("Location", "")
                assert not re.match(r"(?:https?:)?//(?!testserver)", to), (path, to)
    for path in ("//evil.example/registers", "/\\evil.example/registers", "//evil.example"):
        to = Client().get(path).get("Location", "")
        assert not re.match(r"(?:https?:)?[/\\]{2}", to), (path, to)


@pytest.mark.parametrize(
    "path",
    [
        "/registers/nothing/",
        "/registers/officers/<script>/",
        "/nowhere/at/all",
        "/%00",
        "/registers/officers/?page=%00",
    ],
)
def test_an_error_page_tells_nothing_of_the_machine(city, path):
    for browser in (Client(), city.client(city.people["head"])):
        answer = browser.get(path)
        assert answer.status_code in (200, 400, 404)
        text = answer.content.decode()
        for secret in (
            "Traceback",
            "site-packages",
            "/src/",
            "shenzhi.web",
            "Exception",
            "SELECT",
            "<script>",
        ):
            assert secret not in text, (path, secret)


def test_a_broken_page_says_sorry_and_no_more(city, monkeypatch, caplog):
    from shenzhi.config.settings import DEBUG, SECRET_KEY
    from shenzhi.web.registers import lists

    def break_(*_: Any) -> None:
        raise RuntimeError("inner words of the machine")

    monkeypatch.setattr(lists, "_line", break_)
    answer = Client(raise_request_exception=False).get(
        "/registers/", headers={"cookie": "sessionid=abcdef", "authorization": "Bearer shenzhi_x_y"}
    )
    assert answer.status_code == 500
    assert not DEBUG
    for secret in ("inner words", "RuntimeError", "Traceback", "lists.py"):
        assert secret not in answer.content.decode()
    logged = caplog.text
    assert "inner words of the machine" in logged
    for secret in ("abcdef", "shenzhi_x_y", SECRET_KEY):
        assert secret not in logged


@pytest.mark.slow
def test_asking_writes_nothing_but_that_somebody_read(city, everything):
    """A GET, which another site can make a browser send, changes nothing of any record."""
    browser, before = city.client(city.people["head"]), (Event.objects.count(), nothing_moved(city))
    for path, _ in [*paths(city, {one for one in RECORDS if "{number}" in one or "desk" in one})]:
        browser.get(path)
    for path in everything:
        browser.get(path)
    assert (Event.objects.count(), nothing_moved(city)) == before
