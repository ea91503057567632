"""Erasing personal data: told beforehand what goes and what stays, done once by the head, and for ever."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from django.test import Client
from register_pages import hidden_of, main_of

from shenzhi.apps.people.models import Officer
from shenzhi.config.cli import main
from shenzhi.kernel.access.accounts import Account, Membership
from shenzhi.kernel.registers.writing import history_of
from shenzhi.kernel.verifying import verify

GROUND = "个人信息保护法第四十七条"
TELEPHONE = "13800001111"


@pytest.fixture
def head(town):
    account = Account.objects.create_user("head", name="部门负责人 某人")
    Membership.objects.create(account=account, role="head", department=town.quality)
    browser = Client()
    browser.force_login(account)
    return browser


def path(record):
    return f"/registers/officers/{record.number}/erase/"


def test_only_the_head_of_the_department_can_open_it(town, head, listed):
    found = {
        who: town.client(who).get(path(listed)).status_code
        for who in ("member", "clerk", "reviewer", "administrator")
    }
    assert found == {"member": 403, "clerk": 403, "reviewer": 403, "administrator": 403}
    assert head.get(path(listed)).status_code == 200
    assert "erase/" not in town.client("clerk").get(f"/registers/officers/{listed.number}/").content.decode()
    assert "erase/" in head.get(f"/registers/officers/{listed.number}/").content.decode()


def test_the_page_says_what_goes_what_stays_and_that_nothing_brings_it_back(head, listed):
    words = main_of(head.get(path(listed)))
    # the telephone is the one personal field; the officer was filed and listed: two events
    assert "将被删除 联系电话 ：现在登记的内容，以及经过（2 个事件）中的全部旧值" in words
    assert "将会保留 单位、姓名、任命日期、质量培训、职责、卸任日期" in words
    assert "任何人、任何办法都不能恢复" in words
    assert TELEPHONE not in words


@pytest.mark.parametrize(
    ("ground", "sure", "why"), [("", "on", "法律依据和理由"), (GROUND, "", "我已核对编号")]
)
def test_nothing_goes_without_a_ground_and_a_second_thought(head, listed, ground, sure, why):
    form = {**hidden_of(head.get(path(listed))), "ground": ground, **({"sure": sure} if sure else {})}
    page = head.post(path(listed), form)
    assert page.status_code == 422
    assert why in main_of(page)
    assert Officer.objects.get(pk=listed.pk).phone == TELEPHONE


def test_what_is_erased_is_gone_from_record_and_history_and_the_ground_stays(head, listed):
    form = {**hidden_of(head.get(path(listed))), "ground": GROUND, "sure": "on"}
    sent = head.post(path(listed), form)
    assert sent.status_code == 302
    words = main_of(head.get(sent["Location"]))
    assert "个人信息已永久删除。" in words
    assert "删除个人信息 。 法律依据 个人信息保护法第四十七条" in words
    assert TELEPHONE not in words
    erased = Officer.objects.get(pk=listed.pk)
    assert (erased.phone, erased.name) == ("〔已依法删除 erased〕", "张三")
    assert [event.act for event in history_of(erased)] == ["file", "list", "erased"]
    assert verify().faults == ()


def test_a_record_that_changed_meanwhile_is_looked_at_again_first(town, head, listed):
    from shenzhi.kernel.registers.writing import change

    form = {**hidden_of(head.get(path(listed))), "ground": GROUND, "sure": "on"}
    change(listed, by=town.reader("clerk"), name="李代桃")
    page = head.post(path(listed), form)
    assert page.status_code == 412
    assert Officer.objects.get(pk=listed.pk).phone == TELEPHONE


def test_the_command_erases_after_asking(listed):
    words = ["registers", "erase", "officers", listed.number, "--reason", GROUND]
    said = CliRunner().invoke(main, words, input="n\n")
    assert said.exit_code == 1
    assert "联系电话 Telephone" in said.output
    assert Officer.objects.get(pk=listed.pk).phone == TELEPHONE
    said = CliRunner().invoke(main, words, input="y\n")
    assert said.exit_code == 0, said.output
    erased = Officer.objects.get(pk=listed.pk)
    assert erased.phone == "〔已依法删除 erased〕"
    event = history_of(erased).last()
    assert (event.act, event.actor, event.told["said"]) == ("erased", None, {"ground": GROUND})


def test_the_command_names_what_it_does_not_find(town):
    for words in (("officers", "CQO-0000999-X"), ("nothing", "CQO-0000001-C")):
        said = CliRunner().invoke(main, ["registers", "erase", *words, "--reason", "x", "--yes"])
        assert said.exit_code == 1
        assert f"没有 {' '.join(words)}" in said.output


def test_a_register_without_personal_data_has_nothing_to_erase(town, head):
    said = CliRunner().invoke(
        main, ["registers", "erase", "districts", town.pine.number, "--reason", "x", "--yes"]
    )
    assert said.exit_code == 1
    assert "没有个人信息" in said.output
