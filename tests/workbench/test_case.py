"""One screen for a case: who may open it, what can be done there, and how its clocks were counted."""

from __future__ import annotations

import pytest
from desk_pages import numbers, rows, text

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.reads import ReadLog
from shenzhi.kernel.registers.writing import history_of
from shenzhi.kernel.supervision.models import DelayCause, LampAppeal


def where(case, rest="") -> str:
    return f"/desk/officers/{case.number}/{rest}"


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("clerk", 200),
        ("reviewer", 200),
        ("head", 200),
        ("district", 200),
        ("supervisor", 200),
        ("auditor", 200),
        ("stranger", 404),
        ("member", 404),
        ("administrator", 404),
        ("public", 302),  # to signing in, there or not
    ],
)
def test_who_opens_a_case(people, cases, role, status):
    assert people.clients[role].get(where(cases.red)).status_code == status


def test_a_case_of_another_department_is_missing_even_where_its_open_fields_are_public(people, cases):
    # listed officers are published, but their screen of work is for those who have to do with them
    assert people.stranger.get(where(cases.done)).status_code == 404
    assert people.reviewer.get("/desk/officers/CQO-9999999-9/").status_code == 404
    assert people.reviewer.get("/desk/districts/DS-0000001-9/").status_code == 404
    assert people.reviewer.get("/desk/nothing/CQO-0000001-9/").status_code == 404


def test_the_screen_says_what_is_known_and_what_the_law_allows_next(people, cases):
    page = text(people.reviewer.get("/en" + where(cases.red)))
    for words in ("Filed", "13800001111", "List", "Refuse", "overdue Review", "6 working days late"):
        assert words in page, words
    assert "started on 2 March 2026, that day not counted; 15 working days" in page
    assert "due on 23 March 2026" in page


def test_four_eyes_are_named_as_what_hinders(people, cases, office):
    made = people.clerk.post(where(cases.green, "take/"), {"version": cases.green.version})
    assert made.status_code == 302
    page = text(people.auditor.get("/en" + where(cases.green)))
    assert "There is no step for you now." in page


def test_whoever_reads_a_telephone_number_is_noted_and_overseers_see_it_masked(people, cases):
    people.reviewer.get(where(cases.red))
    note = ReadLog.objects.get()
    assert (note.account, note.register, note.record, note.fields) == (
        people.accounts["reviewer"].pk,
        "people_officer",
        cases.red.pk,
        "phone",
    )
    page = text(people.supervisor.get(where(cases.red)))
    assert "13800001111" not in page
    assert ReadLog.objects.count() == 1


def test_a_pause_is_told_with_its_days(people, cases):
    page = text(people.reviewer.get("/en" + where(cases.paused)))
    assert "paused 25 March 2026 until now" in page


def test_a_move_without_questions_is_made_on_the_same_page(people, cases):
    response = people.reviewer.post(where(cases.red, "do/list/"), {"version": 1, "key": "once"})
    assert (response.status_code, response["Location"]) == (302, where(cases.red, "?done=list"))
    assert Officer.objects.get(pk=cases.red.pk).state == "listed"
    assert "已办理：准予备案" in text(people.reviewer.get(response["Location"]))
    # the same form sent twice does it once
    assert (
        people.reviewer.post(where(cases.red, "do/list/"), {"version": 1, "key": "once"}).status_code == 302
    )
    assert [event.act for event in history_of(cases.red)] == ["file", "list"]


def test_what_is_missing_is_said_and_what_was_typed_is_kept(people, cases):
    response = people.reviewer.post(where(cases.red, "do/refuse/"), {"version": 1, "ground": "duplicate"})
    page = response.content.decode()
    assert response.status_code == 422
    assert '<option value="duplicate" selected>' in page
    assert "此步必须填写。" in page
    assert Officer.objects.get(pk=cases.red.pk).state == "filed"


def test_whoever_comes_second_is_told_so_and_sees_the_case_as_it_stands(people, cases):
    people.head.post(where(cases.red, "do/list/"), {"version": 1})
    response = people.reviewer.post(
        where(cases.red, "do/refuse/"), {"version": 1, "ground": "duplicate", "reason": "重复"}
    )
    assert response.status_code == 412
    assert "已被他人修改" in text(response)
    assert "在册" in text(response)


def test_fields_of_the_record_cannot_be_slipped_into_a_move(people, cases):
    people.reviewer.post(where(cases.red, "do/list/"), {"version": 1, "name": "李四", "state": "ended"})
    changed = Officer.objects.get(pk=cases.red.pk)
    assert (changed.name, changed.state) == ("红一", "listed")


def test_moves_of_others_are_refused(people, cases):
    assert people.clerk.post(where(cases.red, "do/list/"), {"version": 1}).status_code == 403
    assert people.stranger.post(where(cases.red, "do/list/"), {"version": 1}).status_code == 404
    assert people.public.post(where(cases.red, "do/list/"), {"version": 1}).status_code == 302
    assert people.reviewer.post(where(cases.red, "do/fly/"), {"version": 1}).status_code == 404
    assert people.reviewer.get(where(cases.red, "do/list/")).status_code == 405
    assert Officer.objects.get(pk=cases.red.pk).state == "filed"


def test_the_list_leads_from_case_to_case(people, cases):
    page = people.reviewer.get(where(cases.yellow, "?at=1")).content.decode()
    assert f'data-before href="/desk/officers/{cases.red.number}/?at=0"' in page
    assert f'data-next href="/desk/officers/{cases.green.number}/?at=2"' in page
    people.reviewer.post(where(cases.yellow, "do/list/?at=1"), {"version": 1})
    after = people.reviewer.get(where(cases.yellow, "?at=1&done=list")).content.decode()
    assert f'data-next href="/desk/officers/{cases.green.number}/?at=1"' in after


def test_the_unit_states_a_cause_and_appeals_and_a_supervisor_decides(people, cases):
    clock = where(cases.red, "clock/review/")
    said = {"cause": "system", "text": "平台停机三天"}
    assert people.stranger.post(f"{clock}cause/", said).status_code == 404
    assert people.auditor.post(f"{clock}cause/", said).status_code == 403
    assert people.clerk.post(f"{clock}cause/", said).status_code == 302
    assert people.head.post(f"{clock}appeal/", said).status_code == 302
    assert (DelayCause.objects.count(), LampAppeal.objects.count()) == (1, 1)
    page = text(people.supervisor.get(where(cases.red)))
    assert "原因： 系统故障 ，平台停机三天" in page
    appeal = LampAppeal.objects.get()
    # the supervisor's own tasks are the appeals, and nothing else
    assert rows(people.supervisor.get("/desk/")) == numbers(appeal)
    decided = people.supervisor.post(
        f"/desk/lamp-appeals/{appeal.number}/do/uphold/",
        {"version": 1, "cause": "system", "reason": "停机属实"},
    )
    assert decided.status_code == 302
    page = text(people.reviewer.get(where(cases.red)))
    assert "不计为本单位责任" in page
    assert "超期 6 个工作日" in page


def test_a_green_lamp_cannot_be_appealed_against(people, cases):
    response = people.head.post(
        where(cases.green, "clock/review/appeal/"), {"cause": "system", "text": "平台停机三天"}
    )
    assert response.status_code == 422
    assert LampAppeal.objects.count() == 0


def test_a_reminder_stands_on_the_case_and_in_its_history(people, cases):
    clock = where(cases.red, "clock/review/")
    assert people.head.post(f"{clock}reminded/", {"text": "请办结"}).status_code == 403
    assert people.supervisor.post(f"{clock}reminded/", {"text": "请于三日内办结"}).status_code == 302
    assert people.supervisor.post(f"{clock}fined/", {"text": "x"}).status_code == 404
    page = text(people.clerk.get(where(cases.red)))
    assert "请于三日内办结" in page
    assert [event.act for event in history_of(cases.red)] == ["file", "reminded"]
