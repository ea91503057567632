"""Who complains or reports stays secret from whom it is about: by every page, list, export, question, error, notice and count (article 90).

The registers of letters stand in the marked city as every other does (test_matrix.py); here the secrets are those of one
writer, in letters that have been through every state, and what is compared is not only what is said but what is counted.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import letters_city
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from every_address import paths
from letters_asked import every_path, leaks, plain, told
from letters_city import (
    ACCEPT,
    ACCOUNT,
    WHO,
    WORDS,
    Letters,
)
from test_matrix import said

from shenzhi.apps.complaints.models import Complaint, Problem, Report
from shenzhi.kernel.attachments.attaching import attach, set_reach
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.registers import catalogue
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.writing import Invalid

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CURIOUS = ("member", "program", "rival", "public", "stranger")
"""The reported firm's member, its program, another firm's member, anybody, and an officer of another department."""


@pytest.fixture
def city(letters: Letters) -> Letters:
    return letters


@pytest.fixture(params=CURIOUS)
def curious(request: pytest.FixtureRequest, city: Letters) -> Any:
    return city.city.people[request.param]


def test_no_address_tells_the_curious_anything_of_the_writer(city: Letters, curious: Any) -> None:
    browser = city.city.client(curious)
    asked = every_path(city, curious)
    assert len(asked) > (300 if not curious.key else 50)
    english = [f"/en{path}" for path in asked if re.fullmatch(r"/registers/\w+/[A-Z]{2}-[-\w]+/", path)]
    assert leaks(city, browser, [*asked, *english]) == {}


def test_the_office_reads_what_the_others_do_not(city: Letters) -> None:
    """What the test above looks for is there to be found, and by the same reading."""
    clerk = city.city.people["clerk"]
    browser = city.city.client(clerk)
    found = re.compile(
        r"/(?:registers|api/v1)/(?:complaints|reports|problems)/[A-Z]{2}-[-\w]+(?:/|/files/|/history)?"
    )
    everything = "\n".join(
        said(browser.get(path)) for path in every_path(city, clerk) if found.fullmatch(path)
    )
    # the account's user name and the secrets of tracking are told to nobody, not even to the office
    assert told(city, everything) >= {*WHO.values(), *WORDS.values(), "密照七三九一"}
    assert not told(city, everything) & set(city.tracking.values())


@pytest.mark.parametrize("name", ["phone", "facts", "reporter"])
def test_a_field_that_was_opened_by_mistake_is_found(
    city: Letters, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The tests fail when they should: one word in the declaration, and the firm and the public read it."""
    register = register_of(Complaint)
    fields = {**register.fields, name: dataclasses.replace(register.fields[name], reach="open", mask="")}
    monkeypatch.setitem(catalogue._all()[0], Complaint, dataclasses.replace(register, fields=fields))
    for who in ("member", "public"):
        browser = city.city.client(city.city.people[who])
        asked = [
            path for path, _ in paths(city.city, {"registers/{register}/{number}/"}) if "/complaints/" in path
        ]
        assert leaks(city, browser, asked) != {}, who


def guesses() -> Iterator[tuple[str, str]]:
    """An address with a right guess, and the same with a wrong one."""
    for field, right in {
        **WHO,
        "facts": WORDS["facts"],
        "violation": WORDS["violation"],
        "comment": WORDS["comment"],
    }.items():
        wrong = right.translate(str.maketrans("万无壶暗评s0", "千有瓶明论x9"))
        other = wrong if right.isascii() else "千有瓶明论"  # what no letter holds is asked once for all
        for slug in ("complaints", "reports", "problems"):
            for base in (f"/api/v1/{slug}/?", f"/registers/{slug}/?"):
                yield f"{base}q={right}", f"{base}q={other}"
                for question in (field, f"{field}__startswith"):
                    yield f"{base}{question}={right}", f"{base}{question}={wrong}"
            yield f"/registers/{slug}/export.csv?q={right}", f"/registers/{slug}/export.csv?q={other}"


def test_a_right_guess_is_answered_like_a_wrong_one(city: Letters, curious: Any) -> None:
    from urllib.parse import parse_qsl, quote, urlsplit

    browser, known = city.city.client(curious), {}

    def answered(path: str) -> tuple[int, str]:
        word = parse_qsl(urlsplit(path).query)[-1][1]
        if path not in known:
            known[path] = plain(browser.get(path), word, quote(word))
        return known[path]

    asked = [pair for pair in guesses() if not curious.key or pair[0].startswith("/api/")]
    assert [right for right, wrong in asked if answered(right) != answered(wrong)] == []
    for secret in sorted(city.secrets):
        assert not re.search(
            r"(?:CP|RP|PB)-\d", said(browser.get("/search/", {"q": secret})).replace(secret, "")
        ), secret
    for slug in ("complaints", "reports", "problems"):
        for name in (
            "name", "phone", "facts", "reporter", "comment", "channel", "version", "made_at", "changed_at", "invited",
        ):  # fmt: skip
            for sort in (name, f"-{name}"):
                assert browser.get(f"/api/v1/{slug}/?sort={sort}").status_code == 422, (slug, sort)


def test_what_is_hidden_is_answered_like_what_is_missing_by_the_same_questions(
    city: Letters, curious: Any
) -> None:
    """The same status, the same words, the same number and kind of questions to the database: there is nothing to time."""
    browser, hidden = city.city.client(curious), {}
    for model in (Complaint, Report, Problem):
        seen = (
            model.objects.visible_to(city.readers["member"])
            if curious.name == "member"
            else model.objects.none()
        )
        for record in city.city.in_register(register_of(model).slug):
            own = model is Complaint and record.respondent_id == city.office.firm.pk
            if own and record.state in ("filed", "refused") and curious.name in ("member", "program"):
                hidden[model, record.state] = record  # its own firm is not told yet, or never
            page = f"/registers/{record.register.slug}/{record.number}/"
            if record not in seen and browser.get(page).status_code == 404:
                hidden[model, ""] = record
    assert {(Complaint, ""), (Report, "")} <= set(hidden)
    browser.get("/api/v1/")  # the first use of a key in an hour is noted
    browser.get(
        "/open311/v2/requests.json?service_request_id=PB-0000000-X"
    )  # the first reads the kinds of problems
    for (model, _), record in hidden.items():
        missing = model(pk=record.pk + 5000)
        slug = record.register.slug
        for base in (
            f"/registers/{slug}/%s/", f"/registers/{slug}/%s/files/", f"/registers/{slug}/%s/change/", f"/registers/{slug}/%s/do/rate/",
            f"/api/v1/{slug}/%s", f"/api/v1/{slug}/%s/history", f"/api/v1/{slug}/?q=%s", f"/registers/{slug}/?q=%s",
            f"/desk/{slug}/%s/", "/open311/v2/requests/%s.json", "/open311/v2/requests.json?service_request_id=%s",
            "/open311/v2/tokens/%s.xml", "/open311/v2/servicerequestupdates.json?service_request_id=%s",
        ):  # fmt: skip
            answers, asked = [], []
            for number in (record.number, missing.number):
                with CaptureQueriesContext(connection) as queries:
                    answers.append(plain(browser.get(base % number), number))
                asked.append([_kind_of(one["sql"]) for one in queries.captured_queries])
            assert answers[0] == answers[1], base % record.number
            assert asked[0] == asked[1], base % record.number
        for secret in ("ABCD-ABCD-ABCD-ABCD", ""):
            answers = [
                plain(Client().post("/track/", {"number": number, "secret": secret}), number)
                for number in (record.number, missing.number)
            ]
            assert answers[0] == answers[1]
            assert answers[0][0] == 422


def _kind_of(sql: str) -> str:
    """A question without its values."""
    return re.sub(r"'[^']*'|\b\d+\b", "?", sql)


def test_supervision_in_public_says_nothing_by_organisation(city: Letters) -> None:
    """Its lamps count the clocks of departments: how many reports wait in the city, and of none whom it is about."""
    for path in ("/supervision/", "/supervision/wall/", "/supervision/lamps.json", "/supervision/months.csv"):
        text = said(Client().get(path))
        assert not [one for one in (city.office.firm.name, str(city.office.firm.code)) if one in text], path


def test_what_others_read_is_refused_where_it_gives_the_writer_away(city: Letters) -> None:
    """The statement, the published summary, the goods, and the answers of steps of which the firm is told."""
    clerk = city.readers["clerk"]
    case = city.hand_in(Complaint, (), account=True)
    details = (
        *WHO.values(),
        *ACCOUNT.values(),
        "０１０ ０００ ０７３９１",
        "万俟·秘安",
        "SECRET.WRITER＠example.org",
        "慕 容 暗 语",
    )
    for detail in details:
        with pytest.raises(Invalid) as refused:
            fire(case, "accept", by=clerk, data={"statement": f"来信人{detail}要求更换。"})
        assert set(refused.value.faults) == {"statement"}
        assert told(city, str(refused.value)) == set()
        assert detail not in str(refused.value)
    case = fire(case, *ACCEPT[:1], by=clerk, data=ACCEPT[2])
    for act, data in (
        ("test", {"reason": "{}送检"}),
        ("settle", {"answer": "已更换。", "remedy": "给{}更换"}),
    ):
        for detail in details:
            with pytest.raises(Invalid) as refused:
                fire(case, act, by=clerk, data={name: text.format(detail) for name, text in data.items()})
            assert told(city, str(refused.value)) == set()
    case = fire(case, "test", by=clerk, data={"reason": "双方同意送检"})
    with pytest.raises(Invalid):
        fire(case, "tested", by=clerk, data={"result": f"{WHO['name']}的水壶不合格"})


def test_no_form_that_the_firm_sends_is_answered_with_a_secret(city: Letters) -> None:
    """Wrong, empty and hostile forms to every step of every letter: what comes back says what is wrong, and of nobody who wrote."""
    browser, faults = city.city.client(city.city.people["member"]), {}
    for record in [
        *city.city.in_register("complaints"),
        *city.city.in_register("reports")[:1],
        *city.city.in_register("problems")[:1],
    ]:
        slug, number = record.register.slug, record.number
        onward = record.procedure.moves_from(record.state)
        other = next(move for move in record.procedure.moves if move not in onward)
        moves = [move.code for move in (*onward, other)]
        for path in (f"/registers/{slug}/{number}/change/", f"/registers/{slug}/{number}/files/",
                     *(f"/registers/{slug}/{number}/do/{move}/" for move in moves)):  # fmt: skip
            for form in (
                {},
                {"confirm": "1", "response": "", "reason": "x", "version": "1", "statement": WHO["name"][:1]},
            ):
                answer = browser.post(path, form)
                if answer.status_code >= 500 or (found := told(city, said(answer))):
                    faults[path] = answer.status_code if answer.status_code >= 500 else found
    assert faults == {}


def test_no_file_of_the_writer_is_reached_by_its_name_and_hash(city: Letters, curious: Any) -> None:
    from shenzhi.kernel.attachments.models import Attachment

    browser, office = city.city.client(curious), city.city.client(city.city.people["clerk"])
    files = list(Attachment.objects.all())
    assert len(files) == len([one for one in city.city.records if getattr(one, "letter_id", None) is None])
    for one in files:
        register = catalogue.register_coded(one.register)
        assert register is not None
        record = register.model._base_manager.get(pk=one.record)
        path = f"/registers/{register.slug}/{record.number}/files/{one.sha256}/{one.name}"
        assert browser.get(path).status_code in (302, 404), path
        # even the office learns nothing of where it was taken
        assert letters_city.CAMERA.encode() not in b"".join(office.get(path).streaming_content), path  # type: ignore[attr-defined]


def test_a_photograph_that_is_opened_goes_by_no_name_of_its_writer(city: Letters) -> None:
    problem = city.hand_in(Problem, ())
    shot = attach(problem, letters_city.photograph(), by=city.readers["writer"])
    set_reach(shot, problem, "open", by=city.readers["clerk"])
    for path in (f"/open311/v2/requests/{problem.number}.json", f"/registers/problems/{problem.number}/"):
        text = said(Client().get(path))
        assert shot.sha256 in text
        assert told(city, text) == set(), path
    assert (
        Client().get(f"/registers/problems/{problem.number}/files/{shot.sha256}/{shot.name}").status_code
        == 200
    )


def test_the_lake_takes_in_no_secret(city: Letters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Published complaints and problems reach the lake, reports never do, and the lake holds nothing of who wrote."""
    from shenzhi.pipeline.lake import registers as taking
    from shenzhi.pipeline.lake.city import load_city
    from shenzhi.pipeline.lake.lake import Lake

    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "var"))
    root = tmp_path / "town"
    (root / "sources").mkdir(parents=True)
    (root / "city.yml").write_text(
        "slug: town\ntitle: {zh: 示范市, en: Town}\nfictional: true\nnote: {zh: 虚, en: x}\n",
        encoding="utf-8",
    )
    lake = Lake(load_city(root))
    taken = {model: taking.take_in(lake, register_of(model)) for model in (Complaint, Report, Problem)}
    assert [taken[model] is not None for model in taken] == [True, False, True]
    import pyarrow.parquet as pq

    looked = 0
    for file in (tmp_path).rglob("*"):
        if file.is_file():
            looked += 1
            text = (
                str(pq.read_table(file).to_pylist())
                if file.suffix == ".parquet"
                else file.read_bytes().decode("utf-8", "ignore")
            )
            assert told(city, text) == set(), file
    assert looked > 4


def test_a_record_reached_past_the_query_shows_nothing_of_its_writer(city: Letters) -> None:
    for record in city.city.records:
        assert record.sight.fields == frozenset()
