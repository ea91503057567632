"""Accounts and roles: who gives them, from when to when, and that nobody gives one to himself."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from browsers import PASSWORD, Browser
from click.testing import CliRunner
from django.utils import timezone

from shenzhi.calc.codes import uscc
from shenzhi.kernel import staff
from shenzhi.kernel.access.accounts import Account, Membership, reader_of
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.parties.models import Department, Organisation
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, Refused, create

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)


@pytest.fixture
def firm(db):
    code = uscc.make("91990000", "00000001")
    return create(Organisation(code=code, name="松风精密制造有限公司"), by=PLATFORM)


def roles(account):
    return [grant.role for grant in reader_of(account).grants]


def test_an_administrator_opens_an_account_and_hands_over_a_link(as_, people):
    page = as_("ada").send(
        "/account/people/add/", {"username": "Wang", "name": "王五", "language": "zh-hans"}
    )
    link = re.search(r'class="secret">http://testserver([^<]+)<', page.content.decode())[1]
    made = Account.objects.get(username="wang")
    assert (made.name, made.prepared, made.has_usable_password()) == ("王五", True, False)
    person = Browser()
    person.get("/account/login/")
    form = person.get(link)["Location"]
    assert person.send(form, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    assert person.sign_in("wang").status_code == 302
    assert "链接已失效" in Browser().get(link).content.decode()
    assert [event.version for event in staff.history_of_account(made)] == [1]


def test_an_account_that_cannot_be_says_why_in_both_languages(people):
    with pytest.raises(Invalid) as refused:
        staff.open_account("chen", by=PLATFORM, email="no address")
    assert {field: [one.en for one in faults] for field, faults in refused.value.faults.items()} == {
        "username": ["This user name is taken: choose another."],
        "email": ["Enter a valid email address."],
    }
    assert refused.value.faults["username"][0].zh == "这个登录名已被使用，请换一个。"


def test_a_role_is_given_on_the_page_with_its_place_and_days(as_, people):
    ada, dora = as_("ada"), people["dora"]
    quality = Department.objects.get()
    given = {
        "role": "reviewer",
        "department": quality.pk,
        "valid_from": str(TODAY),
        "valid_to": str(TODAY + DAY),
    }
    assert ada.send(f"/account/people/{dora.pk}/give/", given)["Location"] == f"/account/people/{dora.pk}/"
    [grant] = reader_of(dora).grants
    assert (grant.role, grant.department, grant.keeps) == ("reviewer", quality.pk, "quality")
    last = staff.history_of_account(dora).last()
    assert (last.version, last.act, last.actor, last.actor_name) == (2, "given", people["ada"].pk, "ada")
    assert last.told["after"] == {
        "membership": dora.memberships.get().pk,
        "role": "reviewer",
        "department": quality.pk,
        "valid_from": str(TODAY),
        "valid_to": str(TODAY + DAY),
    }


@pytest.mark.parametrize("role", ["clerk", "administrator", "auditor"])
def test_no_administrator_gives_a_role_to_himself(as_, people, role):
    ada = people["ada"]
    given = {"role": role, "department": Department.objects.get().pk, "valid_from": str(TODAY)}
    page = as_("ada").send(f"/account/people/{ada.pk}/give/", given)
    assert page.status_code == 403
    assert (
        '<p class="faults" role="alert">不能给自己授予角色：请另一位管理员办理。</p>' in page.content.decode()
    )
    assert roles(ada) == ["administrator"]
    as_("bo").send(f"/account/people/{ada.pk}/give/", given)
    assert roles(ada) == ["administrator", role]


def test_every_refusal_about_an_account_says_why_and_is_no_success(as_, people):
    ada, page = as_("ada"), f"/account/people/{people['ada'].pk}/"
    staff.end(Membership.objects.get(account=people["bo"]), by=reader_of(people["ada"]))
    for path, given, status, why in (
        (f"{page}close/", {}, 403, "不能停用自己的账号：请另一位管理员办理。"),
        (f"{page}end/", {"key": Membership.objects.get(account=people["ada"]).pk}, 409,
         "这是最后一位系统管理员：先授予另一人这一角色，再办理此步。"),
        (f"/account/people/{people['dora'].pk}/give/", {"role": "clerk", "valid_from": str(TODAY)}, 422,
         "经办人须指明部门。"),
        (f"/account/people/{people['dora'].pk}/give/", {"role": "clerk"}, 422, "这个字段是必填项。"),
    ):  # fmt: skip
        answer = ada.send(path, given)
        assert (answer.status_code, why in answer.content.decode()) == (status, True), (path, given)


def test_people_are_listed_by_user_name_page_by_page_and_found_by_name(as_, people):
    Account.objects.bulk_create(
        Account(username=f"{letter}{number:02}", name="王五" if (letter, number) == ("p", 30) else "")
        for letter in "zp"
        for number in range(31)
    )
    ada, names = as_("ada"), []
    for page in (1, 2):
        names.append([one.username for one, _ in ada.get(f"/account/people/?page={page}").context["rows"]])
    # ada, bo, chen, dora and 31 p make 35, so that 15 of the 31 z stand on the first page of 50
    everybody = ["ada", "bo", "chen", "dora", *(f"{letter}{n:02}" for letter in "pz" for n in range(31))]
    assert names == [everybody[:50], everybody[50:]]
    found = ada.get("/account/people/?q=王五")
    assert [one.username for one, _ in found.context["rows"]] == ["p30"]


@pytest.mark.parametrize("name", ["chen", "dora"])
def test_who_is_no_administrator_manages_nobody(as_, people, name):
    browser, ada = as_(name), people["ada"]
    membership = Membership.objects.get(account=ada)
    assert browser.get("/account/people/").status_code == 403
    assert browser.get("/account/people/add/").status_code == 403
    assert browser.get(f"/account/people/{ada.pk}/").status_code == 403
    for act in ("give", "end", "close", "reopen", "link", "factor", "revoke"):
        answer = browser.send(f"/account/people/{ada.pk}/{act}/", {"key": membership.pk, "role": "clerk"})
        assert answer.status_code == 403
    with pytest.raises(NotAllowed):
        staff.give(people["dora"], "supervisor", by=reader_of(people[name]))
    assert roles(ada) == ["administrator"]


def test_a_handler_without_a_place_would_reach_everything_and_is_refused(people):
    for role, place in staff.NEEDS.items():
        with pytest.raises(Invalid) as refused:
            staff.give(people["dora"], role, by=PLATFORM)
        assert list(refused.value.faults) == [place]


@pytest.mark.parametrize("role", ["public", "applicant", "system", "emperor"])
def test_some_roles_are_given_to_nobody(people, role):
    with pytest.raises(Invalid):
        staff.give(people["dora"], role, by=PLATFORM)


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [(0, None, True), (0, 0, True), (-1, -1, False), (1, None, False), (-9, 9, True)],
)
def test_a_role_counts_on_its_first_and_its_last_day_and_on_no_other(people, first, last, counts):
    """Days are counted from today: a role that ended yesterday counts no more, one from tomorrow not yet."""
    Membership.objects.create(
        account=people["dora"],
        role="supervisor",
        valid_from=TODAY + first * DAY,
        valid_to=None if last is None else TODAY + last * DAY,
    )
    assert (roles(people["dora"]) == ["supervisor"]) is counts


def test_an_ended_role_opens_nothing_at_the_next_request(as_, people):
    bo, ada = as_("bo"), as_("ada")
    assert bo.get("/account/people/").status_code == 200
    ada.send(
        f"/account/people/{people['bo'].pk}/end/", {"key": Membership.objects.get(account=people["bo"]).pk}
    )
    assert bo.get("/account/people/").status_code == 403


def test_the_last_administrator_stays(people):
    ada, bo = (reader_of(people[name]) for name in ("ada", "bo"))
    staff.end(Membership.objects.get(account=people["bo"]), by=ada)
    with pytest.raises(Refused):
        staff.end(Membership.objects.get(account=people["ada"]), by=ada)
    with pytest.raises(Refused):
        staff.close(people["ada"], by=PLATFORM)
    with pytest.raises(NotAllowed):
        staff.close(people["ada"], by=ada)
    with pytest.raises(NotAllowed):
        staff.close(people["ada"], by=reader_of(people["bo"]))
    assert bo.roles() == {"public", "applicant", "administrator"}
    assert people["ada"].memberships.get().valid_to is None


def test_what_administrators_send_needs_the_password_again(people):
    browser = Browser()
    browser.sign_in("ada")
    answer = browser.send(f"/account/people/{people['dora'].pk}/close/")
    assert answer["Location"].startswith("/account/reauthenticate/?next=")
    assert Account.objects.get(username="dora").is_active
    assert browser.confirm(password="wrong").status_code == 200
    assert Account.objects.get(username="dora").is_active


def test_a_password_given_again_holds_for_a_quarter_of_an_hour(as_, people, monkeypatch):
    from allauth.account.internal.flows import reauthentication

    ada, begun = as_("ada"), reauthentication.time.time()
    for minutes, where in (
        (14, "/account/people/"),
        (16, "/account/reauthenticate/?next=%2Faccount%2Fpeople%2F"),
    ):
        monkeypatch.setattr(reauthentication.time, "time", lambda later=minutes: begun + later * 60)
        answer = ada.send(f"/account/people/{people['dora'].pk}/reopen/")
        assert answer["Location"].startswith(where)


def test_a_new_mailbox_needs_the_password_and_the_old_one_resets_nothing(people, as_, settings, mailoutbox):
    settings.EMAIL_HOST = "mail.example.org"
    Account.objects.filter(username="dora").update(email="old@example.org")
    dora = as_("dora")
    dora.send("/account/details/", {"name": "朵拉", "email": "new@example.org", "language": "en"})
    made = Account.objects.get(username="dora")
    assert (made.name, made.email, made.language) == ("朵拉", "new@example.org", "en")
    assert [event.act for event in staff.history_of_account(made)] == ["opened", "changed"]
    Browser().send("/account/password/reset/", {"email": "old@example.org"})
    assert mailoutbox == []


def test_surplus_fields_of_a_form_change_nothing(as_, people):
    as_("dora").send(
        "/account/details/",
        {"name": "x", "language": "en", "prepared": "", "is_active": "", "username": "root"},
    )
    made = Account.objects.get(pk=people["dora"].pk)
    assert (made.username, made.prepared, made.is_active) == ("dora", True, True)


def test_a_member_brings_others_into_the_own_organisation_and_into_no_other(as_, people, firm):
    other = create(Organisation(code=uscc.make("91990000", "00000002"), name="竹雨"), by=PLATFORM)
    staff.give(people["dora"], "member", by=PLATFORM, organisation=firm)
    dora = as_("dora")
    assert dora.get(f"/account/organisations/{other.pk}/").status_code == 404
    assert dora.send(f"/account/organisations/{firm.pk}/", {"username": "CHEN"}).status_code == 302
    assert reader_of(people["chen"]).organisations() == {firm.pk}
    with pytest.raises(NotAllowed):
        staff.give(people["chen"], "member", by=reader_of(people["dora"]), organisation=other)
    with pytest.raises(NotAllowed):
        staff.give(people["chen"], "clerk", by=reader_of(people["dora"]), organisation=firm)
    theirs = Membership.objects.get(account=people["chen"], role="member")
    dora.send(f"/account/organisations/{firm.pk}/", {"end": theirs.pk})
    assert reader_of(people["chen"]).organisations() == frozenset()


def test_a_member_ends_no_role_elsewhere(as_, people, firm):
    staff.give(people["dora"], "member", by=PLATFORM, organisation=firm)
    clerk = Membership.objects.get(account=people["chen"])
    assert as_("dora").send(f"/account/organisations/{firm.pk}/", {"end": clerk.pk}).status_code == 404
    assert roles(people["chen"]) == ["clerk"]


def test_a_list_of_three_costs_the_queries_of_a_list_of_one(as_, people, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ada = as_("ada")
    ada.get("/account/people/")
    counts = []
    for query in ("chen", ""):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            ada.get("/account/people/", {"q": query})
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_command_opens_the_first_administrator_and_prints_a_password_once(db):
    from shenzhi.config.commands.account import account

    said = CliRunner().invoke(account, ["add", "Root", "--full-name", "管理员"])
    assert said.exit_code == 0, said.output
    password = re.search(r"password\s+(\S+)", said.output)[1]
    made = Account.objects.get()
    assert (made.username, roles(made), made.check_password(password)) == ("root", ["administrator"], True)
    again = CliRunner().invoke(account, ["password", "root"])
    assert again.exit_code == 0
    assert not Account.objects.get().check_password(password)


def test_the_command_refuses_with_the_way_out_and_leaves_nothing(people):
    from shenzhi.config.commands.account import account

    for words, said in (
        (["add", "eve", "--role", "clerk"], "name the department"),
        (["add", "eve", "--role", "clerk", "--department", "moon"], "there is no moon"),
        (["add", "chen"], "This user name is taken"),
        (["password", "nobody"], "there is no nobody"),
    ):
        result = CliRunner().invoke(account, words)
        assert (result.exit_code, said in result.output) == (1, True), result.output
    assert not Account.objects.filter(username="eve").exists()
