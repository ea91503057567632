"""公示: who may object, until when, what the public learns of it, and that nothing is concluded over an open objection."""

from __future__ import annotations

import pytest

from announced import AWARD, an_officer, announced, on, people, put_under
from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.cases.firing import file, fire, moves_for
from shenzhi.kernel.cases.objections import Objection, object_to, objections_to, open_to_objections
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.notices.models import Notice
from shenzhi.kernel.procedures.declaration import faults
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, Refused, history_of

SAID = {"ground": "该单位去年有召回记录。", "name": "李四", "phone": "13900002222"}


@pytest.fixture
def case(office, monkeypatch):
    put_under(monkeypatch)
    people(office)
    return announced(office)


def objection(case, at=None, **more):
    return object_to(case, by=more.pop("by", PUBLIC), at=at or on(3, 5), **{**SAID, **more})


def test_the_spliced_procedure_is_sound():
    assert faults(AWARD, ["name"]) == []


def test_an_announcement_is_concluded_only_after_its_last_day(office, case):
    with pytest.raises(Refused) as early:
        fire(case, "conclude", by=office.head, at=on(3, 9))
    assert early.value.why.en == "“Announcement” runs until 2026-03-09; this can be done after it."
    assert fire(case, "conclude", by=office.head, at=on(3, 10)).state == "awarded"


def test_an_open_objection_hinders_the_conclusion_and_an_answered_one_does_not(office, case):
    raised = objection(case)
    with pytest.raises(Refused) as opposed:
        fire(case, "conclude", by=office.head, at=on(3, 10))
    assert opposed.value.why.zh == "尚有异议未处理：先答复全部异议，再办理此步。"
    fire(raised, "reject", by=office.reviewer, data={"answer": "召回与本项评选无关。"}, at=on(3, 10))
    assert fire(case, "conclude", by=office.head, at=on(3, 10)).state == "awarded"


def test_an_objection_lies_with_the_department_of_what_it_is_about(office, case):
    raised = objection(case)
    assert (raised.department, raised.district) == (office.quality, office.pine)
    assert [move.code for move, why in moves_for(raised, office.reviewer) if why is None] == [
        "uphold",
        "reject",
    ]
    assert moves_for(raised, office.stranger) == []


def test_an_objection_is_answered_with_reasons(office, case):
    raised = objection(case)
    with pytest.raises(Invalid) as refused:
        fire(raised, "uphold", by=office.reviewer)
    assert set(refused.value.faults) == {"answer"}


def test_nobody_objects_before_or_after_the_announcement(office, case):
    before = file(type(case)(
        organisation=office.firm, name="王五", phone="1", appointed_on="2026-01-05", department=office.quality,
    ), by=office.clerk)  # fmt: skip
    for about, moment in ((before, on(3, 5)), (case, on(3, 10))):
        with pytest.raises(Invalid) as refused:
            objection(about, at=moment)
        assert set(refused.value.faults) == {"subject"}
    assert objection(case, at=on(3, 9)).state == "filed"  # on the last day it is in time
    fire(case, "recall", by=office.head, data={"reason": "重新评定"}, at=on(3, 9))
    with pytest.raises(Invalid):
        objection(case, at=on(3, 9))
    assert Objection.objects.count() == 1


def test_hidden_missing_and_concluded_numbers_are_refused_in_the_same_words(office, case):
    hidden = file(type(case)(
        organisation=office.firm, name="王五", phone="1", appointed_on="2026-01-05", department=office.quality,
    ), by=office.clerk)  # fmt: skip
    said = set()
    for number in (hidden.number, "CQO-0000999-0", "nonsense", office.firm.number):
        with pytest.raises(Invalid) as refused:
            file(Objection(subject=number, **SAID), by=PUBLIC)
        said.add(refused.value.faults["subject"][0].en)
    assert said == {
        "nothing of this number is being announced: check the number and the announcement's days."
    }


def test_what_the_platform_decides_cannot_be_given(office, case):
    raised = file(
        Objection(
            subject=case.number.lower(), department=office.market, handler_id=office.stranger.account,
            answer="同意", made_at=on(3, 5), **SAID,
        ),
        by=PUBLIC, at=on(3, 5),
    )  # fmt: skip
    assert (raised.subject, raised.department, raised.handler, raised.answer) == (
        case.number, office.quality, None, "",
    )  # fmt: skip


def test_whoever_objects_without_an_account_leaves_a_way_to_be_answered(case):
    with pytest.raises(Invalid) as refused:
        objection(case, phone="")
    assert set(refused.value.faults) == {"phone"}


def test_the_public_learns_the_number_and_the_state_and_nothing_else(case):
    raised = objection(case)
    seen = Objection.objects.visible_to(PUBLIC).get()
    assert (seen.number, seen.sight.fields) == (raised.number, {"id", "state"})
    assert not Objection.objects.visible_to(PUBLIC, asking=["name"]).exists()
    assert [(one.number, one.standing.title.en) for one in objections_to(case)] == [
        (raised.number, "Waiting for an answer")
    ]


def test_who_objects_is_shown_to_the_department_whole_and_to_overseers_masked(office, case):
    objection(case)
    for reader, whole in ((office.reviewer, True), (office.auditor, False), (office.stranger, None)):
        sight = Objection.objects.visible_to(reader).get().sight
        assert ("name" in sight.whole, "name" in sight.fields) == (whole is True, whole is not None)


def test_the_objector_with_an_account_sees_it_is_told_the_answer_and_may_withdraw(office, case):
    raised = objection(case, by=office.rival, phone="")
    assert raised.account_id == office.rival.account
    assert "ground" in Objection.objects.visible_to(office.rival).get().sight.whole
    with pytest.raises(NotAllowed):
        fire(raised, "withdraw", by=office.member, at=on(3, 6))
    fire(raised, "reject", by=office.head, data={"answer": "无关。"}, at=on(3, 6))
    told = Notice.objects.filter(register="kernel_objection", act="reject")
    assert [one.account_id for one in told] == [office.rival.account]


def test_the_objector_is_told_what_became_of_the_announcement(office, case):
    fire(objection(case, by=office.rival), "withdraw", by=office.rival, at=on(3, 6))
    fire(case, "conclude", by=office.head, at=on(3, 10))
    told = Notice.objects.filter(register="people_officer", act="conclude").order_by("account")
    assert [one.account_id for one in told] == [office.member.account, office.rival.account]


def test_an_officer_who_takes_an_objection_down_is_not_the_objector(office, case):
    assert objection(case, by=office.clerk).account_id is None


def test_the_same_objection_sent_twice_is_one(case):
    both = [object_to(case, by=PUBLIC, key="k1", at=on(3, 5), **SAID) for _ in range(2)]
    assert both[0].pk == both[1].pk
    assert [event.act for event in history_of(both[0])] == ["file"]


def test_a_procedure_without_an_announcement_takes_no_objections(office):
    assert not open_to_objections(file(an_officer(office), by=office.member))


def test_without_a_limit_in_force_a_conclusion_is_refused_with_the_way_out(office, case):
    ClockRun.objects.update(rule="no.such.rule")
    with pytest.raises(Refused) as refused:
        fire(case, "conclude", by=office.head, at=on(3, 10))
    assert (
        refused.value.why.en
        == "no limit no.such.rule is in force on 2026-03-02: add a row that is valid on that day"
    )
