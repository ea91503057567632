"""Forms: ask, check, send, confirm. Nothing is written before the last step, nothing twice, and nothing unasked."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from register_pages import HAN, hidden_of, main_of
from register_people import an_officer

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.parties.models import District, Organisation
from shenzhi.kernel.registers.writing import change, history_of

ADD = "/registers/officers/add/"


def answers(town, **more):
    return {
        "organisation": town.firm.code, "name": "赵六", "phone": "13700003333", "appointed_on": "2026-02-03",
        "training": "", "duties": "", "ended_on": "", "department": "quality", "district": "990001", **more,
    }  # fmt: skip


def test_filing_takes_a_check_and_ends_with_number_next_step_and_day(town):
    member = town.client("member")
    asked = member.get(ADD)
    checked = member.post(ADD, {**hidden_of(asked), **answers(town), "step": "check"})
    assert checked.status_code == 200
    assert f"松风精密制造有限公司（{town.firm.number}" in main_of(checked)
    assert Officer.objects.count() == 0
    sent = member.post(ADD, {**hidden_of(checked), "step": "send"})
    done = member.get(sent["Location"])
    made = Officer.objects.get()
    assert (made.name, made.state, made.district_id, made.version) == ("赵六", "filed", town.pine.pk, 1)
    words = main_of(done)
    assert f"编号 {made.number} ，请记下" in words
    assert "审核人、部门负责人办理“准予备案”" in words
    assert "最迟" in words


def test_sending_twice_makes_one_record(town):
    member = town.client("member")
    form = {**hidden_of(member.get(ADD)), **answers(town), "step": "send"}
    first, second = member.post(ADD, form), member.post(ADD, form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Officer.objects.count() == 1


def test_nobody_else_can_open_the_confirmation(town):
    member = town.client("member")
    sent = member.post(ADD, {**hidden_of(member.get(ADD)), **answers(town), "step": "send"})
    assert {who: town.client(who).get(sent["Location"]).status_code for who in ("public", "clerk", "rival")} == {
        "public": 404, "clerk": 404, "rival": 404,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("surplus", "value"),
    [("state", "listed"), ("handler", "1"), ("id", "7"), ("made_at", "2020-01-01"), ("x", "")],
)
def test_a_form_refuses_what_it_did_not_ask(town, surplus, value):
    member = town.client("member")
    sent = member.post(ADD, {**answers(town), surplus: value, "step": "send"})
    assert sent.status_code == 422
    assert f"表单不接受这些项目：{surplus}。" in main_of(sent)
    assert Officer.objects.count() == 0


def test_a_member_files_for_the_own_organisation_only(town):
    sent = town.client("member").post(ADD, {**answers(town, organisation=town.other.code), "step": "send"})
    assert sent.status_code == 422
    assert Officer.objects.count() == 0


def test_faults_stand_on_top_and_lead_to_their_fields(town):
    page = town.client("clerk").post(ADD, {**answers(town, name="", appointed_on="去年"), "step": "check"})
    assert page.status_code == 422
    source = page.content.decode()
    assert '<a href="#id_name">姓名：这个字段是必填项。</a>' in source
    assert '<a href="#id_appointed_on">任命日期：输入一个有效的日期。</a>' in source
    assert 'aria-invalid="true"' in source
    assert 'value="13700003333"' in source  # what was typed is kept


def test_faults_are_said_in_english_on_the_english_page(town):
    page = town.client("member").post(f"/en{ADD}", {**answers(town, name=""), "step": "check"})
    words = main_of(page)
    assert "Name: This field is required." in words
    for name in ("质量办", "市场监管局", "松风区", "竹雨区", "松风精密制造有限公司"):
        words = words.replace(name, "")
    assert HAN.findall(words) == []


def test_what_the_record_itself_refuses_is_found_before_the_check(town):
    page = town.client("member").post(ADD, {**answers(town, ended_on="2026-01-01"), "step": "check"})
    assert page.status_code == 422
    assert "卸任日期：卸任日期早于任命日期：请更正其一。" in main_of(page)


def test_going_back_keeps_the_answers(town):
    page = town.client("member").post(ADD, {**answers(town), "step": "edit"})
    assert page.status_code == 200
    assert 'value="赵六"' in page.content.decode()


def test_those_who_may_not_enter_are_told_so(town):
    assert {who: town.client(who).get(ADD).status_code for who in ("public", "citizen", "administrator", "reviewer", "clerk")} == {
        "public": 302, "citizen": 403, "administrator": 403, "reviewer": 403, "clerk": 200,
    }  # fmt: skip


def test_a_form_from_elsewhere_is_refused(town):
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(ADD, answers(town)).status_code == 403


def change_of(town, record, **more):
    return {
        "name": record.name, "phone": record.phone, "appointed_on": "2026-01-05", "training": "", "duties": record.duties,
        "ended_on": "", "department": "quality", "district": "990001", **more,
    }  # fmt: skip


def test_a_change_shows_before_and_after_and_is_written_once(town, listed):
    clerk, path = town.client("clerk"), f"/registers/officers/{listed.number}/change/"
    asked = clerk.get(path)
    assert hidden_of(asked)["version"] == "2"
    checked = clerk.post(
        path, {**hidden_of(asked), **change_of(town, listed, name="张三丰"), "step": "check"}
    )
    assert "姓名 原为 张三 → 改为 张三丰" in main_of(checked)
    form = {**hidden_of(checked), "step": "send"}
    first, second = clerk.post(path, form), clerk.post(path, form)
    assert (first.status_code, second.status_code) == (302, 302)
    now = Officer.objects.get(pk=listed.pk)
    assert (now.name, now.version) == ("张三丰", 3)
    assert [event.act for event in history_of(now)] == ["file", "list", "changed"]


def test_a_change_of_nothing_is_no_change(town, listed):
    path = f"/registers/officers/{listed.number}/change/"
    page = town.client("clerk").post(path, {**change_of(town, listed), "version": "2", "step": "check"})
    assert page.status_code == 422
    assert "没有改动任何一项" in main_of(page)


def test_whoever_comes_second_keeps_what_was_typed(town, listed):
    clerk, path = town.client("clerk"), f"/registers/officers/{listed.number}/change/"
    asked = clerk.get(path)
    change(listed, by=town.reader("clerk"), name="李代桃")
    for step in ("check", "send"):
        late = clerk.post(path, {**hidden_of(asked), **change_of(town, listed, name="张僵"), "step": step})
        assert late.status_code == 412
        words = main_of(late)
        assert "有人先改了这条记录" in words
        assert "姓名 李代桃 张僵" in words
    assert hidden_of(late)["version"] == "3"
    assert Officer.objects.get(pk=listed.pk).name == "李代桃"
    # going on knowingly
    again = clerk.post(path, {**hidden_of(late), "step": "send"})
    assert again.status_code == 302
    assert Officer.objects.get(pk=listed.pk).name == "张僵"


def test_a_form_without_its_version_counts_as_late(town, listed):
    path = f"/registers/officers/{listed.number}/change/"
    page = town.client("clerk").post(path, {**change_of(town, listed, name="x"), "step": "send"})
    assert page.status_code == 412


def test_the_organisation_of_a_filed_officer_is_not_changed_by_hand(town, listed):
    path = f"/registers/officers/{listed.number}/change/"
    form = {**change_of(town, listed), "organisation": town.other.code, "version": "2", "step": "send"}
    assert town.client("clerk").post(path, form).status_code == 422
    assert Officer.objects.get(pk=listed.pk).organisation_id == town.firm.pk


def test_only_those_in_reach_can_change(town, listed):
    path = f"/registers/officers/{listed.number}/change/"
    assert {who: town.client(who).get(path).status_code for who in ("public", "member", "stranger", "clerk")} == {
        "public": 302, "member": 403, "stranger": 403, "clerk": 200,
    }  # fmt: skip


def test_a_move_is_asked_checked_made_and_confirmed(town, officer):
    reviewer, path = town.client("reviewer"), f"/registers/officers/{officer.number}/do/return/"
    asked = reviewer.get(path)
    assert reviewer.post(path, {**hidden_of(asked), "reason": "", "step": "check"}).status_code == 422
    checked = reviewer.post(path, {**hidden_of(asked), "reason": "缺培训证明", "step": "check"})
    assert "理由 缺培训证明" in main_of(checked)
    form = {**hidden_of(checked), "step": "send"}
    first, second = reviewer.post(path, form), reviewer.post(path, form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert "‖ 中止" in main_of(reviewer.get(first["Location"]))
    now = Officer.objects.get(pk=officer.pk)
    assert (now.state, now.version) == ("supplementing", 2)


def test_a_move_takes_no_other_field(town, officer):
    path = f"/registers/officers/{officer.number}/do/return/"
    form = {"reason": "x", "name": "冒名", "version": "1", "step": "send"}
    assert town.client("reviewer").post(path, form).status_code == 422
    assert Officer.objects.get(pk=officer.pk).state == "filed"


def test_a_move_that_is_not_possible_says_why(town, officer, listed):
    page = town.client("member").get(f"/registers/officers/{listed.number}/do/withdraw/")
    assert page.status_code == 409
    assert "当前状态“在册”不能办理“撤回”；可办理：卸任。" in main_of(page)
    assert town.client("member").get(f"/registers/officers/{listed.number}/do/nothing/").status_code == 404


def test_a_move_of_somebody_without_the_role_says_whose_it_is(town, officer):
    page = town.client("clerk").get(f"/registers/officers/{officer.number}/do/list/")
    assert page.status_code == 403
    assert "“准予备案”须由审核人、部门负责人办理" in main_of(page)
    assert town.client("rival").get(f"/registers/officers/{officer.number}/do/list/").status_code == 404


def test_a_move_after_another_keeps_what_was_typed(town, officer):
    reviewer, path = town.client("reviewer"), f"/registers/officers/{officer.number}/do/return/"
    asked = hidden_of(reviewer.get(path))
    fire(officer, "list", by=town.reader("reviewer"))
    late = reviewer.post(path, {**asked, "reason": "缺培训证明", "step": "send"})
    assert late.status_code == 412
    assert "缺培训证明" in main_of(late)


def test_a_record_without_a_procedure_is_entered_by_the_administrator(town):
    admin = town.client("administrator")
    path = "/registers/districts/add/"
    form = {
        **hidden_of(admin.get(path)),
        "code": "990003",
        "name": "梅雪区",
        "name_en": "",
        "valid_from": "2026-01-01",
        "valid_to": "",
    }
    first, second = (admin.post(path, {**form, "step": "send"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert District.objects.filter(code="990003").count() == 1
    assert admin.get(first["Location"]).status_code == 200


def test_an_organisation_with_a_wrong_code_is_told_which_character(town):
    form = {
        "code": town.firm.code[:-1] + "3",
        "name": "新公司",
        "name_en": "",
        "kind": "enterprise",
        "district": "",
        "region": "",
        "address": "",
        "phone": "",
        "ended_on": "",
    }
    page = town.client("clerk").post("/registers/organisations/add/", {**form, "step": "check"})
    assert page.status_code == 422
    assert "第 18 位（校验码）是 3" in main_of(page)


def test_a_long_list_of_organisations_becomes_a_text_that_takes_code_number_or_name(town, monkeypatch):
    from shenzhi.web.registers import choosing

    monkeypatch.setattr(choosing, "SHORT", 2)
    clerk = town.client("clerk")
    source = clerk.get(ADD).content.decode()
    assert '<input type="text" name="organisation"' in source
    for typed in (town.firm.code, town.firm.number.lower(), "松风精密制造有限公司"):
        page = clerk.post(ADD, {**answers(town, organisation=typed, department="quality"), "step": "check"})
        assert f"松风精密制造有限公司（{town.firm.number}）" in main_of(page), typed
    page = clerk.post(ADD, {**answers(town, organisation="没有的公司"), "step": "check"})
    assert "《单位》中没有“没有的公司”" in main_of(page)


def test_a_name_that_two_have_is_not_guessed(town, monkeypatch):
    from shenzhi.calc.codes import uscc
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.registers.writing import create

    create(Organisation(code=uscc.make("91990000", "00000003"), name=town.firm.name), by=PLATFORM)
    page = town.client("clerk").post(ADD, {**answers(town, organisation=town.firm.name), "step": "check"})
    assert page.status_code == 422
    assert "不止一条记录" in main_of(page)


def test_the_day_in_a_form_is_the_day_that_is_written(town):
    made = an_officer(town, appointed_on=dt.date(2026, 1, 31))
    path = f"/registers/officers/{made.number}/change/"
    assert 'value="2026-01-31"' in town.client("clerk").get(path).content.decode()
