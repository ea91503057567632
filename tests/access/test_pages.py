"""Every page of accounts: in both languages, without scripts or styles of its own, and every form with its token."""

from __future__ import annotations

import re

import pytest
from browsers import Browser
from django.test import Client
from django.urls import reverse

from shenzhi.kernel import staff
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.web.accounts.urls import OURS, urlpatterns

CHINESE = re.compile(r"[\u4e00-\u9fff]")

# what stands in an address for its parameters
PARTS = {"pk": "1", "act": "close", "provider_id": "city", "key": "x-y", "uidb36": "1"}


def addresses():
    """Every address below /account/, with something in place of its parameters."""
    for one in [*OURS[0], *urlpatterns[1:]]:
        name = f"accounts:{one.name}" if one in OURS[0] else one.name
        yield reverse(
            name,
            kwargs={part: PARTS[part] for part in one.pattern.converters or one.pattern.regex.groupindex},
        )


def pages(people):
    """The pages that show something, as an administrator who also audits sees them."""
    return [
        "/account/",
        "/account/details/",
        "/account/keys/add/",
        "/account/people/",
        "/account/people/add/",
        f"/account/people/{people['chen'].pk}/",
        "/account/reads/",
        "/account/password/change/",
        "/account/codes/on/",
        "/account/logout/",
        "/account/reauthenticate/",
    ]


CLOSED = [
    "/account/login/",
    "/account/signup/",
    "/account/inactive/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/done/",
    "/account/password/reset/key/1-x/",
    "/account/confirm-email/",
    "/account/confirm-email/x/",
    "/account/sso/cancelled/",
]


@pytest.fixture
def everything(people, as_):
    staff.give(people["ada"], "auditor", by=PLATFORM)
    return as_("ada")


def whole(text):
    """The page without what is Chinese by right: the switch of the language, names, and addresses."""
    text = re.sub(r'<(a|span) [^>]*lang="zh-Hans"[^>]*>[^<]*</', "</", text)
    text = re.sub(
        r"<footer.*?</footer>|<header.*?</header>|<option[^>]*>[^<]*</option>", "", text, flags=re.S
    )
    return text.replace("质量办", "").replace("中文", "").replace("平台 Platform", "")


def test_every_page_speaks_both_languages_and_brings_no_script_or_style_of_its_own(people, everything):
    for browser, paths in ((everything, pages(people)), (Browser(), CLOSED)):
        for path in paths:
            chinese, english = browser.get(path), browser.get(f"/en{path}")
            assert (path, chinese.status_code, english.status_code) == (path, 200, 200)
            assert CHINESE.search(chinese.content.decode()), path
            said = whole(english.content.decode())
            assert (path, CHINESE.findall(said)) == (path, [])
            for text in (chinese.content.decode(), said):
                assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", text), path


def test_every_field_has_its_label(people, everything):
    for browser, paths in ((everything, pages(people)), (Browser(), CLOSED)):
        for path in paths:
            text = browser.get(path).content.decode()
            labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
            fields = re.findall(r"<(?:input|select|textarea)(?![^>]*type=\"(?:hidden|search)\")[^>]*>", text)
            bare = [one for one in fields if not labelled & set(re.findall(r' id="([^"]+)"', one))]
            assert (path, bare) == (path, [])


def test_nothing_is_taken_without_the_token_of_a_page(people, as_):
    """Every address, for somebody signed in and for nobody: what another site sends is refused before it is read."""
    for browser in (as_("ada"), Client(enforce_csrf_checks=True)):
        for address in addresses():
            answer = browser.post(address, {"login": "ada"})
            assert (address, answer.status_code) == (address, 403)
            assert "没有提交成功" in answer.content.decode()


def test_only_the_doors_are_open_to_those_who_are_not_signed_in(people):
    doors = {path for path in addresses() if Browser().get(path).status_code == 200}
    assert doors == {
        "/account/login/",
        "/account/signup/",
        "/account/inactive/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/account/password/reset/key/done/",
        "/account/password/reset/key/1-x-y/",
        "/account/confirm-email/",
        "/account/confirm-email/x-y/",
        "/account/sso/cancelled/",
    }


def test_the_frame_names_nobody_and_leaves_no_cookie(people, as_):
    """Pages of the portal are kept for all readers, so their link to the account is the same for everybody."""
    nobody, ada = Client().get("/law/"), as_("ada").get("/law/")
    assert nobody.content == ada.content
    assert '<a href="/account/">登录</a>' in nobody.content.decode()
    assert not nobody.cookies
