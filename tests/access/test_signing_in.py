"""Signing in with name and password: lock-out, equal answers, sessions, and where one may be sent afterwards."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
import time

import pytest
from browsers import PASSWORD, Browser
from django.contrib.auth import hashers
from django.test import Client

from shenzhi.kernel import staff
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.roles import PLATFORM

SESSION = "sessionid"


def wait_for(happened):
    for _ in range(200):
        if happened():
            return
        time.sleep(0.02)


def body(response):
    """A page without what differs by nature: the CSRF token and the name that was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    return re.sub(r'name="login" value="[^"]*"', "", text)


def test_the_right_password_signs_in_and_leads_to_the_own_account(people, browser):
    answer = browser.sign_in("chen")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert browser.get("/account/").context["account"].username == "chen"


def test_a_user_name_is_the_same_in_capitals(people, browser):
    assert browser.sign_in("CHEN").status_code == 302


def test_passwords_are_kept_with_argon2(people, slow_hash):
    people["chen"].set_password(PASSWORD)
    assert people["chen"].password.startswith("argon2$argon2id$")


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(people, browser):
    unknown, wrong = browser.sign_in("nobody"), browser.sign_in("chen", "wrong")
    assert (unknown.status_code, wrong.status_code) == (200, 200)
    assert body(unknown) == body(wrong)
    assert "登录名或者密码不对" in body(wrong)


@pytest.mark.parametrize("name", ["nobody", "chen", "sso-only"])
def test_one_password_is_hashed_whatever_the_name(people, browser, slow_hash, monkeypatch, name):
    """The time of an answer is that of the hash; so they are counted, not timed."""
    staff.open_account("sso-only", by=PLATFORM)  # has no password at all
    people["chen"].set_password(PASSWORD)
    people["chen"].save()
    counted = []
    kind = hashers.Argon2PasswordHasher
    for verb in ("encode", "verify"):
        known = getattr(kind, verb)
        monkeypatch.setattr(
            kind, verb, lambda *a, known=known, verb=verb: (counted.append(verb), known(*a))[1]
        )
    browser.sign_in(name, "wrong")
    assert len(counted) == 1


def test_after_five_failures_a_name_is_locked_even_for_the_right_password(people, browser):
    for _ in range(5):
        browser.sign_in("chen", "wrong")
    locked = browser.sign_in("chen")
    assert locked.status_code == 200
    assert "尝试次数过多" in locked.content.decode()
    assert browser.sign_in("dora").status_code == 302


def test_an_unknown_name_is_locked_alike(people, browser):
    for name in ("nobody", "chen"):
        for _ in range(6):
            last = browser.sign_in(name, "wrong")
        assert "尝试次数过多" in last.content.decode()


def test_the_lock_ends_after_a_quarter_of_an_hour(people, browser, monkeypatch):
    from allauth.core.internal import ratelimit

    for _ in range(5):
        browser.sign_in("chen", "wrong")
    begun = ratelimit.time.time()
    for minutes, status in ((14, 200), (16, 302)):
        monkeypatch.setattr(ratelimit.time, "time", lambda later=minutes: begun + later * 60)
        assert browser.sign_in("chen").status_code == status


def test_one_address_may_not_try_many_names(people, browser):
    for number in range(20):
        browser.sign_in(f"guess{number}", "wrong")
    assert "尝试次数过多" in browser.sign_in("chen").content.decode()


@pytest.mark.slow
def test_the_counts_are_shared_by_all_processes_from_the_first_start_on(tmp_path):
    """Memory would be each process's own, and its limit the number of processes times higher."""
    home = {**os.environ, "SHENZHI_HOME": str(tmp_path), "SHENZHI_DATABASE": ""}

    def shenzhi(program):
        begin = "import django; django.setup(); from django.core.cache import cache; "
        told = subprocess.run(
            [sys.executable, "-c", begin + program], env=home, capture_output=True, text=True, check=True
        )
        return told.stdout.strip()

    shenzhi("from django.core.management import call_command; call_command('migrate', verbosity=0)")
    assert [shenzhi("print(cache.add('count', 1))") for _ in range(2)] == ["True", "False"]


def test_a_session_brought_along_is_not_the_one_signed_in(people, browser):
    browser.get("/account/login/")
    planted = browser.session
    planted["planted"] = "yes"
    planted.save()
    browser.cookies[SESSION] = planted.session_key
    browser.sign_in("chen")
    assert browser.cookies[SESSION].value != planted.session_key
    other = Client()
    other.cookies[SESSION] = planted.session_key
    assert other.get("/account/").status_code == 302


def test_the_session_cookie_is_closed_to_scripts_and_other_sites_and_ends_with_the_browser(people, browser):
    cookie = browser.sign_in("chen").cookies[SESSION]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")


def test_an_office_with_https_sends_its_cookies_by_https_only(tmp_path):
    told = "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS)"
    for https, expected in (("1", "True True 31536000"), ("0", "False False 0")):
        surroundings = {**os.environ, "SHENZHI_HTTPS": https, "SHENZHI_HOME": str(tmp_path)}
        said = subprocess.run(
            [sys.executable, "-c", told], env=surroundings, capture_output=True, text=True, check=True
        )
        assert said.stdout.strip() == expected


def test_half_an_hour_without_a_request_ends_the_session(people, browser):
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    browser.sign_in("chen")
    left = Session.objects.get().expire_date - timezone.now()
    assert 29 * 60 < left.total_seconds() <= 30 * 60
    Session.objects.update(expire_date=timezone.now())
    assert browser.get("/account/")["Location"] == "/account/login/?next=/account/"


def test_a_request_puts_the_end_off(people, browser, monkeypatch):
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from shenzhi.web.accounts import sessions

    browser.sign_in("chen")
    browser.get("/account/")
    Session.objects.update(expire_date=timezone.now() + timezone.timedelta(minutes=1))
    begun = sessions.time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: begun + 61)
    browser.get("/account/")
    assert (Session.objects.get().expire_date - timezone.now()).total_seconds() > 29 * 60


def test_twelve_hours_end_a_session_however_busy(people, browser, monkeypatch):
    from shenzhi.web.accounts import sessions

    browser.sign_in("chen")
    browser.get("/account/")
    begun = sessions.time.time()
    monkeypatch.setattr(sessions.time, "time", lambda: begun + 12 * 3600 + 1)
    assert browser.get("/account/").status_code == 302


def test_signing_out_takes_a_form_and_ends_the_session_at_the_server(people, as_):
    chen = as_("chen")
    key = chen.cookies[SESSION].value
    assert chen.get("/account/logout/").status_code == 200
    assert chen.get("/account/").status_code == 200
    assert chen.send("/account/logout/")["Location"] == "/"
    other = Client()
    other.cookies[SESSION] = key
    assert other.get("/account/").status_code == 302


def test_a_closed_account_opens_nothing_from_the_next_request_on(people, as_):
    chen = as_("chen")
    staff.close(people["chen"], by=PLATFORM)
    assert chen.get("/account/").status_code == 302
    assert Browser().sign_in("chen")["Location"] == "/account/inactive/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "evil",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in_or_out(people, elsewhere):
    browser = Browser()
    assert browser.sign_in("chen", next=elsewhere)["Location"] == "/account/"
    assert browser.get("/account/login/", {"next": elsewhere})["Location"] == "/account/"
    assert browser.send("/account/logout/", {"next": elsewhere})["Location"] == "/"


def test_the_page_one_wanted_is_gone_to_after_signing_in(people, browser):
    asked = browser.get("/en/account/keys/add/")
    assert asked["Location"] == "/en/account/login/?next=/en/account/keys/add/"
    assert browser.sign_in("chen", next="/en/account/keys/add/")["Location"] == "/en/account/keys/add/"


def test_a_name_with_line_ends_writes_one_line_of_the_log(people, browser):
    from shenzhi.config.logs import OneLine

    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(OneLine())
    log = logging.getLogger("shenzhi.access")
    log.addHandler(handler)
    try:
        browser.sign_in("eve\nWARNING shenzhi.access: sign-in of root\u2028x", "wrong")
    finally:
        log.removeHandler(handler)
    assert written.getvalue() == (
        "WARNING shenzhi.access: sign-in failed for eve\\x0aWARNING shenzhi.access: sign-in of root\\x2028x from 127.0.0.1\n"
    )


def test_a_trace_of_the_program_cannot_begin_a_line_either():
    from shenzhi.config.logs import OneLine

    try:
        raise ValueError("typed\nWARNING shenzhi.access: false")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "broken", (), (type(error), error, None))
    assert [line for line in OneLine().format(record).splitlines() if not line.startswith("    ")] == [
        "ERROR x: broken"
    ]


def test_whoever_signs_up_is_an_applicant_and_nothing_more(db, browser):
    from shenzhi.kernel.access.accounts import reader_of

    answer = browser.send(
        "/account/signup/",
        {
            "username": "Wang.Wu",
            "email": "w@example.org",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "prepared": "on",
        },
    )
    assert answer["Location"] == "/account/"
    made = Account.objects.get()
    assert (made.username, made.email, made.prepared, made.is_active) == (
        "wang.wu",
        "w@example.org",
        False,
        True,
    )
    assert reader_of(made).roles() == {"public", "applicant"}
    assert [event.act for event in staff.history_of_account(made)] == ["signed_up"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"username": "Chen"}, "这个登录名已被使用"),
        ({"username": "a b"}, "登录名只能含文字、数字"),
        ({"username": "x\ny"}, "登录名只能含文字、数字"),
        ({"password2": "another one entirely"}, "两次输入的密码不一致"),
        ({"password1": "short", "password2": "short"}, "密码太短：至少 12 个字符"),
        (
            {"username": "wang-xiaoming", "password1": "wang-xiaoming1", "password2": "wang-xiaoming1"},
            "太相似了",
        ),
        ({"password1": "password1234", "password2": "password1234"}, "这个密码太常见了"),
    ],
)
def test_signing_up_says_what_is_wrong(people, browser, given, said):
    answer = browser.send(
        "/account/signup/", {"username": "wang", "password1": PASSWORD, "password2": PASSWORD, **given}
    )
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Account.objects.filter(username__in=("wang", "a b")).exists()


def test_another_password_signs_the_other_devices_out(people, as_):
    here, there = as_("chen"), as_("chen")
    answer = here.send(
        "/account/password/change/",
        {
            "oldpassword": PASSWORD,
            "password1": "eight bamboos in the rain",
            "password2": "eight bamboos in the rain",
        },
    )
    assert answer["Location"] == "/account/?done=password"
    assert (here.get("/account/").status_code, there.get("/account/").status_code) == (200, 302)


def test_an_office_without_mail_says_whom_to_ask(people, browser):
    assert "本系统没有连接邮件服务" in browser.get("/account/password/reset/").content.decode()


def test_a_forgotten_password_is_answered_alike_for_known_and_unknown_addresses(
    people, browser, settings, mailoutbox
):
    settings.EMAIL_HOST = "mail.example.org"
    Account.objects.filter(username="chen").update(email="chen@example.org")
    for address in ("nobody@example.org", "chen@example.org"):
        answer = browser.send("/account/password/reset/", {"email": address})
        assert (answer.status_code, answer["Location"]) == (302, "/account/password/reset/done/")
    wait_for(lambda: mailoutbox)  # letters leave beside the answer, whose time must tell nothing
    assert [mail.to for mail in mailoutbox] == [["chen@example.org"]]
    link = re.search(r"http://testserver(\S+)", mailoutbox[0].body)[1]
    form = browser.get(link)["Location"]
    assert form.endswith("-set-password/")
    new = {"password1": "eight bamboos in the rain", "password2": "eight bamboos in the rain"}
    assert browser.send(form, new).status_code == 302
    assert "链接已失效" in browser.get(link).content.decode()
    assert Browser().sign_in("chen", "eight bamboos in the rain").status_code == 302


def test_pages_of_accounts_are_kept_by_nobody(people, as_):
    for path in ("/account/", "/account/login/", "/account/keys/add/"):
        assert "no-store" in as_("chen").get(path)["Cache-Control"]
