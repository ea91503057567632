"""Pages that need a sign-in lead to it and back again, whoever they are closed to; what is hidden stays hidden."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from django.test import Client
from every_address import ACCOUNTS, PUBLIC, RECORDS, filled

pytestmark = pytest.mark.django_db

LANGUAGES = ("", "/en")
FOR_ALL = {  # of the office, and open to everybody
    "desk/keys/",
    "supervision/",
    "supervision/wall/",
    "supervision/lamps.json",
    "supervision/months.csv",
}
SENT_ONLY = {  # takes forms alone: asking for it without one is 405 for everybody
    "desk/views/",
    "desk/views/{pk}/forget/",
    "desk/together/",
    "desk/together/done/",
    "desk/{register}/{number}/take/",
    "desk/{register}/{number}/do/{move}/",
    "desk/{register}/{number}/clock/{clock}/{act}/",
}
STEPS = {  # of signing in: they know the way already, and begin anew where it is lost
    "account/codes/give/",
    "account/inactive/",
    "account/confirm-email/",
}
OFFICE = {
    one
    for one in RECORDS
    if one.startswith(("desk/", "supervision/", "inbox/")) and one not in FOR_ALL | SENT_ONLY
}


def one_of(route, city):
    return next(path for path, _ in filled(route, city))


def sign_in(path):
    return f"{'/en' if path.startswith('/en/') else ''}/account/login/?next={quote(path)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_office_leads_to_signing_in_and_back(city, language):
    led = {}
    for route in sorted(OFFICE):
        path = language + one_of(route, city)
        answer = Client().get(path)
        led[path] = (answer.status_code, answer.get("Location"))
    assert led == {path: (302, sign_in(path)) for path in led}
    assert len(led) == len(OFFICE) == 8


@pytest.mark.slow
def test_no_address_is_forbidden_to_somebody_who_could_sign_in(city):
    """403 is for who has signed in; who has not is led to it, or told 404 where the record is hidden from the public."""
    for route in sorted(RECORDS | ACCOUNTS | PUBLIC):
        if route.startswith("api/") or route in STEPS:
            continue  # programs send a key: 401 and 403 say what is wrong with it
        for path, _ in filled(route, city):
            answer = Client().get(path)
            assert answer.status_code != 403, path
            if answer.status_code == 302 and answer["Location"].startswith("/account/login/"):
                assert unquote(answer["Location"]) == sign_in(path), path


def test_a_case_that_is_not_there_leads_to_signing_in_like_one_that_is(city):
    real, missing = one_of("desk/{register}/{number}/", city), "/desk/officers/CQO-9999999-9/"
    for path in (real, missing):
        assert Client().get(path)["Location"] == sign_in(path)


def test_who_has_signed_in_without_a_right_is_told_that_there_is_nothing(city):
    applicant, clerk = (city.client(city.people[name]) for name in ("applicant", "clerk"))
    for path in ("/desk/department/", "/supervision/warnings/", "/supervision/findings/"):
        assert applicant.get(path).status_code == 404, path
    assert clerk.get("/desk/department/").status_code == 200
    assert clerk.get("/supervision/findings/").status_code == 404


def test_a_form_sent_after_the_session_ended_leads_back_to_the_page_on_which_it_stood(city):
    stood = "/desk/?lamp=red"
    told = Client().post("/desk/together/", headers={"referer": f"http://testserver{stood}"})
    assert told["Location"] == "/account/login/?next=" + quote(stood)
    for foreign in ("https://evil.example/desk/", "//evil.example", ""):
        told = Client().post("/desk/together/", headers={"referer": foreign})
        assert told["Location"] == sign_in("/desk/together/")
