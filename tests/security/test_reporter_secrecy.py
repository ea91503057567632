"""Who complains or reports stays secret from whom it is about: by every page, list, export, question, error, notice and count (article 90).

The registers of letters stand in the marked city as every other does (test_matrix.py); here the secrets are those of one
writer, in letters that have been through every state, and what is compared is not only what is said but what is counted.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import letters_city
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from every_address import OPEN311, RECORDS, paths
from letters_city import ACCEPT, ACCOUNT, SPLIT, WHO, WORDS, Letters
from test_matrix import said

from office import furnish
from shenzhi.apps.complaints.models import Complaint, Problem, Report
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.notices.models import Notice
from shenzhi.kernel.notices.wording import letter
from shenzhi.kernel.registers import catalogue
from shenzhi.kernel.registers.catalogue import register_of, registers
from shenzhi.kernel.registers.writing import Invalid

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CURIOUS = ("member", "program", "rival", "public", "stranger")
"""The reported firm's member, its program, another firm's member, anybody, and an officer of another department."""
OURS = ("complaints", "reports", "problems", "organisations")
ABOUT = (
    "history/", "history/heads.json", "history/chain.csv?lane=1", "complaints/", "complaints/statistics/",
    *(f"complaints/statistics.{form}?kind={kind}" for form in ("csv", "json") for kind in ("complaint", "report", "problem")),
    "open311/v2/requests.json?status=open,closed", "open311/v2/requests.xml", "open311/v2/requests.json?service_code=cover",
    "open311/v2/services.json", "api/v1/openapi.json", "sitemap.xml", "robots.txt", "search/?q=%E7%94%B5%E7%83%AD%E6%B0%B4%E5%A3%B6",
)  # fmt: skip
TOKEN = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|"(?:key|nonce)" value="[\w-]+"|"counted_at": "[^"]+"'
)


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[Letters]:
    """The letters, for all tests of this module: each takes back what it wrote."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield letters_city.build(furnish())
        transaction.set_rollback(True)


@pytest.fixture(params=CURIOUS)
def curious(request: pytest.FixtureRequest, city: Letters) -> Any:
    return city.city.people[request.param]


def told(city: Letters, text: str) -> set[str]:
    """The secrets in a text, however a telephone is written."""
    found = {one for one in city.secrets if one in text}
    return found | ({WHO["phone"]} if re.search(r"010[ -]?0000[ -]?7391", text) else set())


def every_path(city: Letters) -> list[str]:
    """Every address of the registers of letters and those that belong to none; other registers are asked in test_matrix.py."""
    of_others = re.compile(
        rf"/(?:registers|desk|api/v1)/(?:{'|'.join(one.slug for one in registers() if one.slug not in OURS)})/"
    )
    asked = [path for path, _ in paths(city.city, RECORDS | OPEN311) if not of_others.match(path)]
    return asked + [f"/{one}" for one in ABOUT]


def leaks(city: Letters, browser: Client, asked: Iterable[str]) -> dict[str, set[str]]:
    """Which of these addresses tell the browser which secret."""
    return {path: found for path in asked if (found := told(city, said(browser.get(path))))}


def test_no_address_tells_the_curious_anything_of_the_writer(city: Letters, curious: Any) -> None:
    browser = city.city.client(curious)
    asked = every_path(city)
    assert len(asked) > 300
    english = [f"/en{path}" for path in asked if re.fullmatch(r"/registers/\w+/[A-Z]{2}-[-\w]+/", path)]
    assert leaks(city, browser, [*asked, *english]) == {}


def test_the_office_reads_what_the_others_do_not(city: Letters) -> None:
    """What the test above looks for is there to be found, and by the same reading."""
    browser = city.city.client(city.city.people["clerk"])
    found = re.compile(
        r"/(?:registers|api/v1)/(?:complaints|reports|problems)/[A-Z]{2}-[-\w]+(?:/|/files/|/history)?"
    )
    everything = "\n".join(said(browser.get(path)) for path in every_path(city) if found.fullmatch(path))
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


def test_the_firm_learns_of_the_steps_that_concern_it_and_of_no_others(city: Letters) -> None:
    """Not that its complainant judged or corrected anything, attached a file, or reported it as well."""
    browser = city.city.client(city.city.people["member"])
    acts = set()
    for record in city.city.in_register("complaints"):
        answer = browser.get(f"/api/v1/complaints/{record.number}/history")
        for event in answer.json()["items"] if answer.status_code == 200 else ():
            acts.add(event["act"])
            assert (event["by"], event["before"], event["after"]) == (None, {}, {})
            assert set(event["said"]) <= {
                "ground",
                "to_whom",
                "result",
                *(["reason"] if event["act"] == "test" else []),
            }
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", event["at"])  # the day alone: the minute is the letter's
    assert acts == {
        "file", "accept", "dispute", "test", "tested", "settle", "end", "tell", "refuse", "transfer", "withdraw",
        "reopen", "retry", "uphold",
    }  # fmt: skip


def guesses() -> Iterator[tuple[str, str]]:
    """An address with a right guess, and the same with a wrong one."""
    for field, right in {
        **WHO,
        "facts": WORDS["facts"],
        "violation": WORDS["violation"],
        "comment": WORDS["comment"],
    }.items():
        wrong = right.translate(str.maketrans("万无壶暗评s0", "千有瓶明论x9"))
        for slug in ("complaints", "reports", "problems"):
            for question in ("q", field, f"{field}__startswith"):
                for base in (f"/api/v1/{slug}/?", f"/registers/{slug}/?"):
                    yield f"{base}{question}={right}", f"{base}{question}={wrong}"
            yield f"/registers/{slug}/export.csv?q={right}", f"/registers/{slug}/export.csv?q={wrong}"


def plain(answer: Any, *words: str) -> tuple[int, str]:
    """Status and body without what was asked, and without what is new in every answer."""
    text = TOKEN.sub("", said(answer))
    for word in words:
        text = text.replace(word, "?").replace(json.dumps(word)[1:-1], "?")
    return answer.status_code, re.sub(r"%[0-9A-F]{2}", "", text)


def test_a_right_guess_is_answered_like_a_wrong_one(city: Letters, curious: Any) -> None:
    from urllib.parse import parse_qsl, quote, urlsplit

    browser, faults = city.city.client(curious), []
    for right, wrong in guesses():
        answers = []
        for path in (right, wrong):
            word = parse_qsl(urlsplit(path).query)[-1][1]
            answers.append(plain(browser.get(path), word, quote(word)))
        if answers[0] != answers[1]:
            faults.append(right)
    assert faults == []
    for secret in sorted(city.secrets):
        assert not re.search(
            r"(?:CP|RP|PB)-\d", said(browser.get("/search/", {"q": secret})).replace(secret, "")
        ), secret
    for slug in ("complaints", "reports", "problems"):
        for name in ("name", "phone", "facts", "reporter", "comment", "channel"):
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
            page = f"/registers/{record.register.slug}/{record.number}/"
            if record not in seen and browser.get(page).status_code == 404:
                hidden[model] = record
    assert {Complaint, Report} <= set(hidden)
    for model, record in hidden.items():
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


def counts(city: Letters, browser: Client) -> dict[str, tuple[int, str]]:
    """All that a reader can count: lists whole and by pages, the dossier, filters, exports, what stands at the API."""
    asked = ["/registers/", f"/id/org/{city.office.firm.code}.json", f"/id/org/{city.office.firm.code}/", "/inbox/",
             "/complaints/", "/complaints/statistics.json?kind=complaint", "/complaints/statistics.json?kind=problem",
             "/open311/v2/requests.json", "/api/v1/", "/search/?q=%E7%94%B5"]  # fmt: skip
    for one in registers():
        asked += [
            f"/registers/{one.slug}/",
            f"/api/v1/{one.slug}/",
            f"/api/v1/{one.slug}/?limit=2",
            f"/registers/{one.slug}/export.csv",
        ]
    for record in city.city.in_register("complaints"):
        asked += [f"/registers/complaints/{record.number}/", f"/api/v1/complaints/{record.number}/history"]
    return {path: plain(browser.get(path)) for path in asked}


@pytest.mark.parametrize("who", ["member", "rival", "public", "stranger"])
def test_a_report_changes_nothing_that_the_reported_firm_can_count(city: Letters, who: str) -> None:
    """Neither one that comes by itself, nor one that the office finds in a complaint, nor one that stands in it from the start.

    The numbers of complaints go on by themselves: reports are counted apart, under numbers that only they have. What is
    counted of the whole city grows: the clocks of departments, the letters of a year, the events of history."""
    browser = city.city.client(city.city.people[who])
    waiting = next(
        one for one in city.city.in_register("complaints") if one.state == "mediating" and not one.violation
    )
    before = counts(city, browser)
    city.hand_in(Report, ())
    fire(Complaint.objects.get(pk=waiting.pk), "split", by=city.readers["reviewer"], data=SPLIT[2])
    after = counts(city, browser)
    assert {path: (before[path], after[path]) for path in before if before[path] != after[path]} == {}
    first, second = (
        city.hand_in(Complaint, (), respondent=city.office.other, **more)
        for more in ({}, {"violation": "少秤"})
    )
    third = city.hand_in(Complaint, (), respondent=city.office.other)
    assert [second.pk - first.pk, third.pk - second.pk] == [1, 1]


def test_supervision_in_public_says_nothing_by_organisation(city: Letters) -> None:
    """Its lamps count the clocks of departments: how many reports wait in the city, and of none whom it is about."""
    for path in ("/supervision/", "/supervision/wall/", "/supervision/lamps.json", "/supervision/months.csv"):
        text = said(Client().get(path))
        assert not [one for one in (city.office.firm.name, str(city.office.firm.code)) if one in text], path


def test_notices_and_letters_to_the_firm_name_the_case_and_nothing_of_its_writer(city: Letters) -> None:
    notices = list(
        Notice.objects.filter(
            account__in=[city.city.people[one].account.pk for one in ("member", "rival", "stranger")]
        )
    )
    assert len(notices) > 15
    for notice in notices:
        for language in ("zh-hans", "en", ""):
            text = letter(notice, language)
            assert told(city, f"{text.subject}\n{text.body}") == set()
    # of a report nobody outside is told at all; of a letter only whoever wrote it
    reports = Notice.objects.filter(register=register_of(Report).code)
    inside = {city.city.people[one].account.pk for one in ("clerk", "reviewer", "head", "writer")}
    assert {one.account_id for one in reports} <= {None, *inside}
    assert {one.address for one in reports if one.account_id is None} <= {WHO["email"]}


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
        moves = [move.code for move in record.procedure.moves]
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
