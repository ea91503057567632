"""One-time codes: switched on with the password, asked at every sign-in, spent once, replaced by recovery codes."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from browsers import Browser

from shenzhi.config.settings import second_factor
from shenzhi.kernel import staff
from shenzhi.kernel.access.roles import PLATFORM, ROLES


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set on: a code belongs to thirty seconds."""
    at = [auth.time.time()]
    monkeypatch.setattr(auth.time, "time", lambda: at[0])
    return at


def code(secret, clock):
    return f"{auth.hotp_value(secret, int(clock[0]) // 30):06}"


@pytest.fixture
def guarded(as_, clock):
    """chen with one-time codes: the secret, and the recovery codes as they were shown."""
    chen = as_("chen")
    secret = chen.get("/account/codes/on/").context["form"].secret
    shown = chen.send("/account/codes/on/", {"code": code(secret, clock)})
    assert shown["Location"] == "/account/codes/recovery/"
    codes = re.findall(r"<li><code>(\d{8})</code>", chen.get("/account/codes/recovery/").content.decode())
    clock[0] += 30
    return secret, codes


def test_the_password_alone_lets_nobody_in(guarded):
    browser = Browser()
    assert browser.sign_in("chen")["Location"] == "/account/codes/give/"
    assert browser.get("/account/").status_code == 302
    assert browser.get("/account/keys/add/").status_code == 302


def test_the_code_of_the_moment_signs_in(guarded, clock):
    browser = Browser()
    browser.sign_in("chen", next="/account/keys/add/")
    answer = browser.send("/account/codes/give/", {"code": code(guarded[0], clock)})
    assert answer["Location"] == "/account/keys/add/"
    assert browser.get("/account/").status_code == 200


def test_a_code_is_spent_once(guarded, clock):
    now = code(guarded[0], clock)
    for number, status in ((1, 302), (2, 200)):
        browser = Browser()
        browser.sign_in("chen")
        answer = browser.send("/account/codes/give/", {"code": now})
        assert answer.status_code == status, number
    assert "动态口令不对，或者已经用过" in answer.content.decode()


def test_the_code_that_switched_them_on_is_spent_as_well(as_, clock):
    chen = as_("chen")
    secret = chen.get("/account/codes/on/").context["form"].secret
    now = code(secret, clock)
    chen.send("/account/codes/on/", {"code": now})
    browser = Browser()
    browser.sign_in("chen")
    assert browser.send("/account/codes/give/", {"code": now}).status_code == 200


def test_the_code_before_and_the_code_after_do_not_count(guarded, clock):
    for shift in (-30, 30):
        browser = Browser()
        browser.sign_in("chen")
        wrong = f"{auth.hotp_value(guarded[0], int(clock[0] + shift) // 30):06}"
        assert browser.send("/account/codes/give/", {"code": wrong}).status_code == 200


def test_codes_cannot_be_guessed_without_end(guarded, clock):
    browser = Browser()
    browser.sign_in("chen")
    for _ in range(5):
        browser.send("/account/codes/give/", {"code": "000000"})
    locked = browser.send("/account/codes/give/", {"code": code(guarded[0], clock)})
    assert "尝试次数过多" in locked.content.decode()


def test_ten_recovery_codes_are_shown_once_and_each_works_once(guarded):
    codes = guarded[1]
    assert len(codes) == 10
    for given, status in ((codes[0], 302), (codes[0], 200), (codes[1], 302)):
        browser = Browser()
        browser.sign_in("chen")
        assert browser.send("/account/codes/give/", {"code": given}).status_code == status
    browser.confirm()
    page = browser.get("/account/codes/recovery/").content.decode()
    assert "还有 8 个未使用" in page
    assert codes[2] not in page


def test_switching_them_on_or_off_asks_for_the_password_again(people, browser, guarded, clock):
    browser.sign_in("dora")
    assert browser.get("/account/codes/on/")["Location"].startswith("/account/reauthenticate/?next=")
    other = Browser()
    other.sign_in("chen")
    other.send("/account/codes/give/", {"code": code(guarded[0], clock)})
    assert other.get("/account/codes/off/")["Location"].startswith("/account/reauthenticate/?next=")
    other.confirm()
    assert other.send("/account/codes/off/")["Location"] == "/account/codes/"
    assert not Authenticator.objects.exists()


def test_the_secret_lies_encrypted_in_the_database(guarded):
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert guarded[0] not in kept
    assert Authenticator.objects.get(type="totp").wrap().validate_code("abcdef") is False


def test_an_administrator_removes_the_factor_of_a_lost_phone_and_history_says_so(guarded, as_, people):
    ada = as_("ada")
    ada.send(f"/account/people/{people['chen'].pk}/factor/")
    assert Browser().sign_in("chen")["Location"] == "/account/"
    last = staff.history_of_account(people["chen"]).last()
    assert (last.act, last.actor_name) == ("factor_removed", "ada")


@pytest.fixture
def required(settings):
    """An office in which administrators and supervisors need a second factor."""
    settings.SECOND_FACTOR = ("administrator", "supervisor")


def test_a_role_that_needs_a_second_factor_opens_nothing_without_one(required, as_, people):
    """Neither pages nor the API, and the way out is said; ada may do what every account may."""
    ada = as_("ada")
    answer = ada.get("/account/people/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert ada.send(f"/account/people/{people['dora'].pk}/close/")["Location"] == "/account/"
    assert ada.get("/inbox/chores/")["Location"] == "/account/"
    home = ada.get("/account/")
    assert home.context["withheld"] == [ROLES["administrator"]]
    assert "启用动态口令后，以下角色才生效：系统管理员。" in home.content.decode()
    assert home.context["roles"][0][0] == ROLES["administrator"]
    assert ada.get("/inbox/").status_code == 200


def test_supervisors_without_a_second_factor_see_no_case(required, as_, people):
    staff.give(people["dora"], "supervisor", by=PLATFORM)
    dora = as_("dora")
    for path in ("/desk/", "/desk/department/", "/supervision/warnings/", "/supervision/findings/"):
        assert dora.get(path)["Location"] == "/account/", path


def test_the_role_counts_from_the_moment_when_codes_are_on(required, as_, people, clock):
    ada = as_("ada")
    secret = ada.get("/account/codes/on/").context["form"].secret
    ada.send("/account/codes/on/", {"code": code(secret, clock)})
    assert ada.get("/account/people/").status_code == 200
    assert ada.get("/account/").context["withheld"] == []


def test_other_roles_need_no_second_factor(required, as_):
    chen = as_("chen")
    assert chen.get("/desk/").status_code == 200
    assert "动态口令后" not in chen.get("/account/").content.decode()


def test_where_it_is_not_required_those_who_reach_far_are_advised(as_):
    told = "您的角色影响面大，建议启用动态口令。"
    assert told in as_("ada").get("/account/").content.decode()
    assert told not in as_("chen").get("/account/").content.decode()


def test_whoever_comes_by_single_sign_on_has_given_it_there(required, as_, people):
    ada = as_("ada")
    session = ada.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": 0, "provider": "city"}]
    session.save()
    assert ada.get("/account/people/").status_code == 200


@pytest.mark.parametrize(
    ("given", "exposed", "roles"),
    [
        ("", False, ()),
        ("", True, ("administrator",)),
        ("none", True, ()),
        ("administrator, supervisor", False, ("administrator", "supervisor")),
    ],
)
def test_an_office_says_which_roles_need_one(given, exposed, roles):
    assert second_factor(given, exposed=exposed) == roles


@pytest.mark.parametrize("wrong", ["emperor", "public", "administrator,,"])
def test_a_role_that_nobody_can_hold_is_refused_at_the_start(wrong):
    with pytest.raises(ValueError, match="SHENZHI_SECOND_FACTOR"):
        second_factor(wrong, exposed=True)
