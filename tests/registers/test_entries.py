"""The page of a record: facts, masks, state, moves and history, each to each reader as far as it is theirs."""

from __future__ import annotations

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from register_pages import main_of
from register_people import SECRET, an_officer

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.reads import ReadLog
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.procedures.declaration import Ask
from shenzhi.kernel.registers import catalogue
from shenzhi.kernel.registers.writing import change


def entry(record) -> str:
    return f"/registers/officers/{record.number}/"


def test_a_hidden_record_answers_like_one_that_does_not_exist(town, officer):
    hidden = town.client("public").get(entry(officer))
    missing = town.client("public").get("/registers/officers/CQO-0000099-3/")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert main_of(hidden) == main_of(missing)
    assert {who: town.client(who).get(entry(officer)).status_code for who in ("member", "clerk", "rival", "stranger")} == {
        "member": 200, "clerk": 200, "rival": 404, "stranger": 404,
    }  # fmt: skip


def test_what_is_closed_is_missing_and_named_with_its_class(town, listed):
    words = main_of(town.client("public").get(entry(listed)))
    assert SECRET not in words
    assert "138" not in words
    assert "未向您显示：质量培训、职责（政务共享）；联系电话、承办部门、经办人（不共享）。" in words


def test_other_officials_read_what_is_shared_and_nothing_personal(town, listed):
    words = main_of(town.client("stranger").get(entry(listed)))
    assert SECRET in words
    assert "138" not in words


def test_a_masked_field_is_marked_as_masked(town):
    words = main_of(town.client("stranger").get(f"/registers/organisations/{town.firm.number}/"))
    assert "138****5678 已脱敏" in words
    assert "13812345678" not in words


@pytest.mark.parametrize(
    "form",
    [
        str.lower,
        lambda number: number.replace("-", ""),
        lambda number: number.replace("-", " ").replace("CQO", "ＣＱＯ"),
        lambda number: number.replace("-", " ").lower(),
    ],
)
def test_a_number_typed_in_any_form_leads_to_its_written_form(town, listed, form):
    answer = town.client("public").get(f"/registers/officers/{form(listed.number)}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/registers/officers/{listed.number}/")


@pytest.mark.parametrize("typed", ["CQO-0000001-D", "ORG-0000001-Y", "1", "../x"])
def test_a_number_of_no_record_is_not_found(town, listed, typed):
    assert town.client("clerk").get(f"/registers/officers/{typed}/").status_code == 404


def test_the_state_is_said_with_what_comes_next_and_by_when(town, officer):
    words = main_of(town.client("member").get(entry(officer)))
    assert "● 正常 备案审核 ：最迟" in words
    assert "还剩 15 个工作日 测试规定第五条" in words
    assert "审核人、部门负责人办理“准予备案”" in words


def test_moves_are_offered_to_those_who_may_make_them(town, officer):
    def offered(who: str) -> list[str]:
        page = town.client(who).get(entry(officer)).content.decode()
        return sorted({one.split('/"')[0] for one in page.split(f"{officer.number}/do/")[1:]})

    assert offered("reviewer") == ["list", "refuse", "return"]
    assert offered("clerk") == ["return"]
    assert offered("member") == ["withdraw"]


def test_history_names_officers_to_officers_only(town, listed):
    inside = main_of(town.client("clerk").get(entry(listed)))
    party = main_of(town.client("member").get(entry(listed)))
    public = main_of(town.client("public").get(entry(listed)))
    assert "reviewer 某人： 准予备案 （待审核 → 在册）" in inside
    assert "reviewer 某人" not in party
    assert "您： 提交" in party
    assert "reviewer 某人" not in public
    assert "提交" not in public.split("经过")[1]


def test_history_shows_what_changed_of_visible_fields_only(town, listed):
    changed = change(
        listed, by=town.reader("clerk"), name="张三丰", phone="13900002222", district=town.bamboo
    )
    inside = main_of(town.client("clerk").get(entry(changed)))
    public = main_of(town.client("public").get(entry(changed)))
    assert "联系电话 原为 13800001111 → 现为 13900002222" in inside
    assert "姓名 原为 张三 → 现为 张三丰" in public
    assert "区 原为 松风区 → 现为 竹雨区" in public
    assert "139" not in public


def test_the_answer_to_a_move_is_told_to_those_concerned(town, officer):
    fire(officer, "return", by=town.reader("reviewer"), data={"reason": "缺少培训证明"})
    assert "理由 缺少培训证明" in main_of(town.client("member").get(entry(officer)))


def test_a_long_history_is_read_in_pages_of_fifty(town, listed):
    record = listed
    for count in range(55):  # 2 events before, so 57 in all
        record = change(record, by=town.reader("clerk"), training=f"第{count}次")
    client = town.client("clerk")
    first = client.get(entry(record))
    assert first.content.decode().count("<time ") == 50
    # the newest fifty are versions 57 to 8, so older ones lie before version 8
    assert 'href="?until=8#history"' in first.content.decode()
    assert client.get(entry(record), {"until": "8"}).content.decode().count("<time ") == 7
    with CaptureQueriesContext(connection) as long:
        client.get(entry(record))
    other = an_officer(town)
    with CaptureQueriesContext(connection) as short:
        client.get(entry(other))
    assert abs(len(long) - len(short)) <= 3  # another state has other moves; a longer history costs nothing


def test_reading_a_personal_field_whole_is_noted(town, listed):
    from shenzhi.kernel.access.reads import ReadLog

    town.client("public").get(entry(listed))
    assert ReadLog.objects.count() == 0
    town.client("clerk").get(entry(listed))
    assert list(ReadLog.objects.values_list("register", "record", "fields", "purpose")) == [
        ("people_officer", listed.pk, "phone", "page")
    ]


def test_every_word_of_the_english_page_is_english(town, listed):
    from register_pages import HAN

    words = main_of(town.client("clerk").get(f"/en{entry(listed)}"))
    for data in ("张三", SECRET, "clerk 某人", "member 某人", "reviewer 某人", "测试规定第五条"):
        words = words.replace(data, "")
    assert HAN.findall(words) == []


def test_a_file_is_listed_for_those_who_may_read_it(town, listed):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from shenzhi.kernel.attachments.attaching import attach

    note = SimpleUploadedFile("任命书.txt", "任命书".encode(), content_type="text/plain")
    attach(listed, note, by=town.reader("clerk"), reach="closed")
    assert "任命书.txt" in main_of(town.client("clerk").get(entry(listed)))
    assert "任命书.txt" not in main_of(town.client("public").get(entry(listed)))


def test_a_limit_and_its_citation_stand_in_the_language_of_the_page_alone(town):
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.clocks.models import LegalLimit
    from shenzhi.kernel.registers.writing import create

    limit = LegalLimit.objects.get(rule="people.review")
    change(limit, by=PLATFORM, citation="内部规定", citation_en="office rule", name="审核", name_en="Review")
    create(
        LegalLimit(
            rule="x.y", name="只有中文", days=1, unit="working", citation="某条", valid_from=limit.valid_from
        ),
        by=PLATFORM,
    )
    public = town.client("public")
    for path in ("registers/officers/about/", "registers/limits/"):
        chinese, english = main_of(public.get(f"/{path}")), main_of(public.get(f"/en/{path}"))
        assert ("内部规定" in chinese, "office rule" in chinese) == (True, False), path
        assert ("内部规定" in english, "office rule" in english) == (False, True), path
    assert "只有中文" in main_of(
        public.get("/en/registers/limits/")
    )  # what has no English is better than nothing


def test_whoever_reads_a_personal_answer_whole_is_noted(town, monkeypatch):
    """On the page and in the API: the handler and the firm read it whole, a stranger of another office masked, if at all."""
    register = catalogue.register_of(Officer)
    home = Ask("home", ("家庭住址", "Home address"), mask="address")
    moves = tuple(
        dataclasses.replace(move, asks=(home,)) if move.code == "list" else move
        for move in register.procedure.moves
    )
    asking = dataclasses.replace(register, procedure=dataclasses.replace(register.procedure, moves=moves))
    monkeypatch.setitem(catalogue._all()[0], Officer, asking)
    case = fire(an_officer(town), "list", by=town.reader("reviewer"), data={"home": "桃源路八号三栋二零一室"})
    page, told = f"/registers/officers/{case.number}/", f"/api/v1/officers/{case.number}/history"
    for who, address, whole in (
        ("clerk", page, True),
        ("clerk", told, True),
        ("member", page, True),
        ("public", page, False),
        ("stranger", told, False),
    ):
        before = ReadLog.objects.count()
        body = town.client(who).get(address).content.decode()
        notes = list(ReadLog.objects.order_by("id").values_list("fields", flat=True))[before:]
        assert ("二零一室" in body, notes) == (whole, ["home,phone"] if whole else []), (who, address)
