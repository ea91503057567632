"""One question a page for those who meet a form once: answers are kept from page to page, and each can be changed at the end."""

from __future__ import annotations

import re
from html import unescape

import pytest
from register_pages import HAN, hidden_of, main_of

from shenzhi.apps.people.models import Officer, Professional
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.writing import create
from shenzhi.web.registers.questions import pages_of

ADD = "/registers/officers/add/"
ANSWERS = [  # what each page of the form is answered, in their order; the organisation is chosen already
    {"appointed_on": "2026-02-03", "ended_on": ""},
    {"name": "赵六", "phone": "13700003333"},
    {"training": "培训班"},
    {"duties": ""},
    {"department": "quality", "district": "990001"},
]


def asked(page):
    """The names of the fields that a page shows."""
    tags = re.findall(r"<(?:input|select|textarea)[^>]*>", page.content.decode())
    known = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in tags]
    return [one["name"] for one in known if one.get("type") != "hidden" and one.get("name")]


def kept(page):
    """All that the form would send again: hidden fields, and what the shown ones hold."""
    source = page.content.decode()
    found = hidden_of(page)
    for tag in re.findall(r"<input[^>]*>", source):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if given.get("type") != "hidden" and "name" in given:
            found[given["name"]] = unescape(given.get("value", ""))
    for name, body in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', source, re.S):
        found[name] = unescape(body).strip()
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', source, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    return found


def walked(browser, answers, path=ADD):
    """Every page that comes when these answers are given one after another, the check last."""
    pages = [browser.get(path)]
    for at, given in enumerate(answers, 1):
        pages.append(browser.post(path, {**kept(pages[-1]), **given, "step": f"next-{at}"}))
    return pages


def test_what_a_register_declares_as_a_section_is_asked_together_and_the_rest_alone():
    register = register_of(Officer)
    pages = pages_of(register, ["organisation", "name", "phone", "training", "appointed_on"])
    assert [(page.number, page.names, page.title.en if page.title else "") for page in pages] == [
        (1, ("organisation", "appointed_on"), "The appointment"),
        (2, ("name", "phone"), "The officer"),
        (3, ("training",), ""),
    ]
    assert {page.count for page in pages} == {3}


def test_a_member_is_asked_page_by_page_and_a_clerk_everything_at_once(town):
    shown = [asked(page) for page in walked(town.client("member"), ANSWERS)]
    assert shown == [
        ["organisation", "appointed_on", "ended_on"],
        ["name", "phone"],
        ["training"],
        ["duties"],
        ["department", "district"],
        [],
    ]
    assert asked(town.client("clerk").get(ADD)) == [
        "organisation", "name", "phone", "appointed_on", "training", "duties", "ended_on", "department", "district",
    ]  # fmt: skip


def test_every_page_says_how_far_one_has_come(town):
    pages = walked(town.client("member"), ANSWERS)
    said = [re.findall(r"第 \d 题，共 \d 题", main_of(page)) for page in pages]
    assert said == [[f"第 {at} 题，共 5 题"] for at in (1, 2, 3, 4, 5)] + [[]]
    english = town.client("member").get(f"/en{ADD}")
    assert "Question 1 of 5" in main_of(english)


def test_nothing_is_written_before_it_is_sent(town):
    member = town.client("member")
    checked = walked(member, ANSWERS)[-1]
    assert "请核对" in main_of(checked)
    assert Officer.objects.count() == 0
    assert member.post(ADD, {**hidden_of(checked), "step": "send"}).status_code == 302
    made = Officer.objects.get()
    assert (made.name, made.phone, made.training, str(made.appointed_on)) == (
        "赵六", "13700003333", "培训班", "2026-02-03",
    )  # fmt: skip
    assert (made.organisation_id, made.district_id) == (town.firm.pk, town.pine.pk)


def test_a_fault_stands_on_the_page_of_its_question_and_holds_there(town):
    member = town.client("member")
    first = member.get(ADD)
    wrong = member.post(ADD, {**kept(first), "appointed_on": "去年", "step": "next-1"})
    assert wrong.status_code == 422
    assert asked(wrong) == ["organisation", "appointed_on", "ended_on"]
    source = wrong.content.decode()
    assert '<a href="#id_appointed_on">任命日期：输入一个有效的日期。</a>' in source
    assert source.count('class="reg-error"') == 1  # nothing is said of what has not been asked yet
    assert 'value="去年"' in source


def test_what_several_answers_break_leads_back_to_the_page_of_the_fault(town):
    answers = [{"appointed_on": "2026-02-03", "ended_on": "2026-01-01"}, *ANSWERS[1:]]
    member = town.client("member")
    last = walked(member, answers)[-1]
    assert last.status_code == 422
    assert asked(last) == ["organisation", "appointed_on", "ended_on"]
    assert "卸任日期早于任命日期" in main_of(last)
    # mended there, one is back at the check, and is asked nothing twice
    again = member.post(ADD, {**kept(last), "ended_on": "", "step": "check"})
    assert "请核对" in main_of(again)


def test_going_back_keeps_what_was_typed_even_where_it_is_wrong(town):
    member = town.client("member")
    second = walked(member, ANSWERS[:1])[-1]
    back = member.post(ADD, {**kept(second), "name": "赵六", "phone": "", "step": "back-2"})
    assert back.status_code == 200
    assert asked(back) == ["organisation", "appointed_on", "ended_on"]
    assert (kept(back)["appointed_on"], kept(back)["name"]) == ("2026-02-03", "赵六")
    assert "step" not in kept(back)


def test_a_change_link_leads_to_its_question_and_back_to_the_check(town):
    member = town.client("member")
    checked = walked(member, ANSWERS)[-1]
    assert 'value="edit-phone" formaction="#id_phone"' in checked.content.decode()
    one = member.post(ADD, {**hidden_of(checked), "step": "edit-phone"})
    assert asked(one) == ["name", "phone"]
    assert 'value="check"' in one.content.decode()
    again = member.post(ADD, {**kept(one), "phone": "13900009999", "step": "check"})
    assert "联系电话 13900009999" in main_of(again)
    assert "姓名 赵六" in main_of(again)


@pytest.mark.parametrize("step", ["next-1", "next-99", "back-1", "edit-name", "edit-state", "send", "check"])
def test_a_page_refuses_what_it_did_not_ask(town, step):
    member = town.client("member")
    form = {**kept(member.get(ADD)), "state": "listed", "step": step}
    sent = member.post(ADD, form)
    assert sent.status_code == 422
    assert "表单不接受这些项目：state。" in main_of(sent)
    assert Officer.objects.count() == 0


def test_the_last_page_cannot_be_reached_past_a_question_that_must_be_answered(town):
    member = town.client("member")
    first = kept(member.get(ADD))
    jumped = member.post(ADD, {**first, "department": "quality", "district": "990001", "step": "next-5"})
    assert jumped.status_code == 422
    assert asked(jumped) == ["organisation", "appointed_on", "ended_on"]


def test_who_corrects_a_record_chooses_what_to_change(town):
    made = create(
        Professional(
            organisation=town.firm,
            name="钱七",
            field="testing",
            qualification="工程师",
            obtained_on="2024-05-01",
        ),
        by=town.reader("member"),
    )
    member, path = town.client("member"), f"/registers/professionals/{made.number}/change/"
    begun = member.get(path)
    assert asked(begun) == []
    assert "职业资格或者职称 工程师" in main_of(begun)
    assert 'value="send"' not in begun.content.decode()  # nothing is changed yet
    one = member.post(path, {**hidden_of(begun), "step": "edit-qualification"})
    assert asked(one) == ["field", "qualification", "certificate", "obtained_on", "valid_to"]
    same = member.post(path, {**kept(one), "step": "check"})
    assert same.status_code == 422
    assert "没有改动任何一项" in main_of(same)
    checked = member.post(path, {**kept(one), "qualification": "高级工程师", "step": "check"})
    assert "原为 工程师 → 改为 高级工程师" in main_of(checked)
    assert member.post(path, {**hidden_of(checked), "step": "send"}).status_code == 302
    assert Professional.objects.get(pk=made.pk).qualification == "高级工程师"


def test_the_confirmation_leads_on_to_the_files(town):
    member = town.client("member")
    checked = walked(member, ANSWERS)[-1]
    done = member.get(member.post(ADD, {**hidden_of(checked), "step": "send"})["Location"])
    assert f'href="/registers/officers/{Officer.objects.get().number}/files/"' in done.content.decode()


def test_the_pages_speak_english(town):
    member = town.client("member")
    for page in walked(member, ANSWERS[:2], f"/en{ADD}"):
        words = main_of(page)
        for name in ("质量办", "市场监管局", "松风区", "竹雨区", "松风精密制造有限公司"):
            words = words.replace(name, "")
        assert HAN.findall(words) == []
