"""Single sign-on by OpenID Connect, against a real provider started here; nobody gets an account or a role by it."""

from __future__ import annotations

import os
import warnings
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from browsers import Browser

from shenzhi.config.settings import single_sign_on
from shenzhi.kernel import staff
from shenzhi.kernel.access.accounts import Account, reader_of
from shenzhi.kernel.access.roles import PLATFORM

# said by the provider's own libraries about each other
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def provider():
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the provider answers on this machine only
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about its own libraries
        from oidc_provider_mock import run_server_in_thread
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def city(provider, settings):
    """The office names the provider; the person `1001` there is chen."""
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on(provider, "shenzhi", "secret")
    know(provider, "1001", preferred_username="Chen", email="chen@example.org", email_verified=True)
    return provider


def know(provider, subject, **claims):
    requests.put(f"{provider}/users/{subject}", json=claims, timeout=5).raise_for_status()


def start(browser, **more):
    """Where the provider asks who one is."""
    page = browser.send("/account/sso/city/", more)
    assert page.status_code == 200
    return page["Refresh"].removeprefix("0; url=")


def authorised(address, subject="1001"):
    """The person agrees at the provider, which sends the browser back to this address."""
    back = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=5)
    assert back.status_code == 302, back.text
    return back.headers["Location"].removeprefix("http://testserver")


def asking(address, **instead):
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return urlunsplit(parts._replace(query=urlencode({**query, **instead})))


def test_a_prepared_account_is_found_by_its_name_and_signed_in(people, city, browser):
    address = start(browser, next="/account/keys/add/")
    asked = parse_qs(urlsplit(address).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["nonce"][0]) == 32
    assert asked["redirect_uri"] == ["http://testserver/account/sso/city/callback/"]
    assert browser.get(authorised(address))["Location"] == "/account/keys/add/"
    assert browser.get("/account/").context["account"].username == "chen"
    assert [event.act for event in staff.history_of_account(people["chen"])] == [
        "opened",
        "given",
        "sso_joined",
    ]


def test_afterwards_the_person_is_known_by_issuer_and_subject_not_by_name(people, city, browser):
    browser.get(authorised(start(browser)))
    know(city, "1001", preferred_username="dora")
    again = Browser()
    again.get(authorised(start(again)))
    assert again.get("/account/").context["account"].username == "chen"
    assert SocialAccount.objects.count() == 1


def test_another_person_with_a_used_name_is_not_let_in(people, city, browser):
    browser.get(authorised(start(browser)))
    know(city, "2002", preferred_username="chen")
    other = Browser()
    answer = other.get(authorised(start(other), "2002"))
    assert answer.status_code == 403
    assert "已关联另一个身份" in answer.content.decode()
    assert other.get("/account/").status_code == 302


def test_roles_stay_what_the_administrator_gave(people, city, browser):
    before = reader_of(people["chen"]).grants
    browser.get(authorised(start(browser)))
    assert reader_of(Account.objects.get(username="chen")).grants == before


@pytest.mark.parametrize("claims", [{"preferred_username": "nobody"}, {"email": "chen@example.org"}, {}])
def test_a_person_without_a_prepared_account_gets_none(people, city, browser, claims):
    know(city, "3003", **claims)
    answer = browser.get(authorised(start(browser), "3003"))
    assert answer.status_code == 403
    assert "管理员还没有为您开设账号" in answer.content.decode()
    assert (Account.objects.count(), SocialAccount.objects.count()) == (4, 0)


def test_an_account_that_somebody_opened_for_himself_is_not_handed_over(people, city, browser):
    Account.objects.filter(username="chen").update(prepared=False)
    assert browser.get(authorised(start(browser))).status_code == 403


def test_a_closed_account_stays_closed(people, city, browser):
    staff.close(people["chen"], by=PLATFORM)
    assert browser.get(authorised(start(browser))).status_code == 403
    assert browser.get("/account/").status_code == 302


def test_an_account_closed_after_it_was_joined_stays_closed_too(people, city, browser):
    browser.get(authorised(start(browser)))
    staff.close(people["chen"], by=PLATFORM)
    again = Browser()
    assert again.get(authorised(start(again)))["Location"] == "/account/inactive/"
    assert again.get("/account/").status_code == 302


def test_by_e_mail_only_where_the_provider_verified_it(people, city, browser, settings):
    settings.SINGLE_SIGN_ON_CLAIM = "email"
    Account.objects.filter(username="dora").update(email="dora@example.org")
    for verified, status in ((False, 403), ("true", 403), (True, 302)):
        know(city, "4004", email="Dora@example.org", email_verified=verified)
        answer = browser.get(authorised(start(browser), "4004"))
        assert answer.status_code == status, verified
    assert browser.get("/account/").context["account"].username == "dora"


def test_a_wrong_nonce_is_refused(people, city, browser):
    """The answer belongs to another beginning: somebody put in what was made for someone else."""
    answer = browser.get(authorised(asking(start(browser), nonce="another")))
    assert answer.status_code == 403
    assert "这次认证不是由本页面发起的" in answer.content.decode()
    assert browser.get("/account/").status_code == 302


def test_a_wrong_state_is_refused(people, city, browser):
    answer = browser.get(authorised(asking(start(browser), state="another")))
    assert answer.status_code == 401
    assert browser.get("/account/").status_code == 302


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(people, city, browser):
    back = authorised(start(browser))
    assert Browser().get(back).status_code == 401
    assert browser.get(back).status_code == 302
    browser.send("/account/logout/")
    assert browser.get(back).status_code == 401


def test_an_issuer_that_is_not_the_one_named_is_refused(people, city, browser, settings):
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on(
        f"{city}/.well-known/openid-configuration", "shenzhi", "secret"
    )
    assert browser.get(authorised(start(browser))).status_code == 401
    assert browser.get("/account/").status_code == 302


def test_whoever_is_signed_in_already_cannot_join_another_identity(people, city, as_):
    dora = as_("dora")
    dora.get(authorised(start(dora, process="connect")))
    assert not SocialAccount.objects.filter(user=people["dora"]).exists()


def test_cancelling_at_the_provider_leads_back(people, city, browser):
    back = requests.post(start(browser), data={"action": "deny"}, allow_redirects=False, timeout=5)
    answer = browser.get(back.headers["Location"].removeprefix("http://testserver"))
    assert browser.get("/account/").status_code == 302
    assert answer.status_code in (302, 401)


def test_the_beginning_is_a_form_and_nothing_from_outside_goes_into_it(people, city, browser):
    assert browser.get("/account/sso/city/")["Location"] == "/account/login/"
    page = browser.send("/account/sso/city/?auth_params=prompt%3Dnone&scope=admin&process=connect", {})
    asked = parse_qs(urlsplit(page["Refresh"].removeprefix("0; url=")).query)
    assert ("admin" in asked["scope"][0], "prompt" in asked) == (False, False)


def test_an_office_without_a_provider_offers_none(people, browser):
    assert "openid_connect" not in single_sign_on("", "", "")
    assert "统一身份认证登录" not in browser.get("/account/login/").content.decode()
    for path in ("/account/sso/city/", "/account/sso/city/callback/", "/account/sso/other/"):
        assert browser.get(path).status_code == 404


def test_the_second_factor_is_asked_after_single_sign_on_too(people, city, browser):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(people["chen"], generate_totp_secret())
    assert browser.get(authorised(start(browser)))["Location"] == "/account/codes/give/"
    assert browser.get("/account/").status_code == 302


def test_little_is_kept_of_what_the_provider_tells(people, city, browser):
    know(
        city, "1001", preferred_username="chen", email="chen@example.org", birthdate="1990-01-01", gender="f"
    )
    browser.get(authorised(start(browser)))
    kept = SocialAccount.objects.get().extra_data
    assert {"birthdate", "gender"} & set(kept) == set()
    assert set(kept) <= {"iss", "sub", "nonce", "preferred_username", "email", "email_verified"}
