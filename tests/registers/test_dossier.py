"""The dossier of an organisation: one address for all that the registers say of it, to each reader as far as it is theirs."""

from __future__ import annotations

import pytest
from register_pages import main_of
from register_people import SECRET, an_officer

from shenzhi.calc.codes import uscc


def counts(client, code) -> dict[str, int]:
    return {
        one["register"]: one["count"]
        for one in client.get(f"/id/org/{code}.json").json()["registers"]
        if one["count"]
    }


def test_each_reader_finds_the_own_part(town, officer):
    found = {
        who: counts(town.client(who), town.firm.code)
        for who in ("public", "member", "rival", "clerk", "stranger")
    }
    assert found == {
        "public": {},
        "member": {"officers": 1},
        "rival": {},
        "clerk": {"officers": 1},
        "stranger": {},
    }


def test_ten_are_shown_and_the_rest_is_one_click_away(town):
    for _ in range(12):
        an_officer(town)
    page = town.client("clerk").get(f"/id/org/{town.firm.code}/")
    assert page.content.decode().count('<th scope="row"><a href="/registers/officers/') == 10
    assert f'href="/registers/officers/?organisation={town.firm.code}"' in page.content.decode()
    rest = town.client("clerk").get("/registers/officers/", {"organisation": town.firm.code})
    assert "12 条记录" in main_of(rest)


def test_page_and_data_hold_nothing_closed(town, listed):
    for path in (
        f"/id/org/{town.firm.code}/",
        f"/id/org/{town.firm.code}.json",
        f"/en/id/org/{town.firm.code}/",
    ):
        source = town.client("public").get(path).content.decode()
        for secret in (SECRET, "13800001111", "13812345678", "138****"):
            assert secret not in source, path


def test_the_entry_of_a_record_leads_to_the_dossier(town, listed):
    source = town.client("public").get(f"/registers/officers/{listed.number}/").content.decode()
    assert f'<a href="/id/org/{town.firm.code}/">松风精密制造有限公司</a>' in source


def test_a_code_in_small_letters_with_spaces_leads_to_the_plain_one(town):
    code = uscc.make("91990000", "MA5A0001")
    typed = f"{code[:8]} {code[8:]}".lower()
    assert town.client("public").get(f"/id/org/{typed}/")["Location"] == f"/id/org/{code}/"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        # the firm's code 919900000000000192 with its last character, its 17th, or a letter wrong, or one missing
        ("919900000000000193", "第 18 位（校验码）是 3，按前 17 位应为 2"),
        ("919900000000000182", "第 17 位（组织机构代码校验码）是 8"),
        ("9199O0000000000192", "第 5 位“O”有误"),
        ("91990000000000019", "应为 18 位，现为 17 位，缺 1 位"),
    ],
)
def test_a_code_that_cannot_be_right_is_told_which_character(town, code, said):
    assert town.firm.code == "919900000000000192"
    page = town.client("public").get(f"/id/org/{code}/")
    assert page.status_code == 404
    assert said in main_of(page)
    assert town.client("public").get(f"/id/org/{code}.json").status_code == 404


def test_a_right_code_that_nobody_has_says_what_it_tells(town):
    code = uscc.make("91440300", "27922011")
    page = town.client("public").get(f"/id/org/{code}/")
    assert page.status_code == 404
    assert "登记簿中没有使用这一代码的单位。" in main_of(page)
    assert "机构类别 企业" in main_of(page)
