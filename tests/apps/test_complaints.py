"""Complaints, reports and problems in the street: their steps and limits, and that nobody learns who wrote (articles 90, 62)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from shenzhi.apps.complaints import procedures
from shenzhi.apps.complaints.models import Category, Complaint, Problem, Report
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.kernel.cases.firing import file, fire, moves_for
from shenzhi.kernel.clocks.running import book, runs_of
from shenzhi.kernel.registers.showing import shown
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, create
from shenzhi.kernel.seeding import seed_calendar, seed_limits

CHINA = dt.timezone(dt.timedelta(hours=8))
WRITER = {
    "name": "万俟秘安",
    "phone": "010-00007391",
    "email": "secret.writer@example.org",
    "address": "无名路七三九一号",
}


def on(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(10), CHINA)


@pytest.fixture
def town(office):
    """The office with its calendar and limits, a category of complaints and one of problems."""
    from shenzhi.kernel.clocks.models import CalendarNotice

    CalendarNotice.objects.all()
    seed_limits()
    seed_calendar()
    for code, kind, rule in (
        ("goods", "complaint", ""),
        ("cover", "problem", "complaints.mend.cover"),
        ("lamp", "problem", ""),
    ):
        create(
            Category(code=code, name=code, name_en=code, kind=kind, department=office.quality, rule=rule),
            by=PLATFORM,
        )
    return office


def complaint(town, at: dt.datetime | None = None, **more) -> Complaint:
    given = {
        "category": Category.objects.get(code="goods"), "respondent": town.firm, "goods": "电热水壶", "facts": "壶底漏水，要求更换。",
        "district": town.pine, **WRITER,
    }  # fmt: skip
    return file(Complaint(**{**given, **more}), by=PUBLIC, at=at)


def problem(town, code: str, at: dt.datetime | None = None) -> Problem:
    return file(
        Problem(
            category=Category.objects.get(code=code), place="松风区质量路", facts="坏了。", district=town.pine
        ),
        by=PUBLIC,
        at=at,
    )


def due(case, clock: str) -> dt.date:
    (run,) = (
        one for one in runs_of(case.register.code, [case.pk]) if one.clock == clock and one.ended_on is None
    )
    return book().read(run, timezone.localdate()).due_on


def test_there_are_six_grounds_to_refuse_and_seven_to_end_each_with_its_provision():
    # Order 20 of 2020, articles 15 and 21
    for ask, article, count in ((procedures.REFUSAL, 15, 6), (procedures.ENDING, 21, 7)):
        cited = [choice.citation.en for choice in ask.choices]
        assert cited == [f"Order 20/2020, {article}({point})" for point in range(1, count + 1)]


@pytest.mark.parametrize(
    ("received", "last"),
    [
        # Friday; Sunday 28 September is worked, 1 to 8 October are free, Saturday 11 October is worked:
        # 28, 29, 30 September, 9, 10, 11 October, and the seventh day is Monday the 13th
        (dt.date(2025, 9, 26), dt.date(2025, 10, 13)),
        # Monday of a plain week: Tuesday to Friday are four, Monday to Wednesday are seven
        (dt.date(2026, 3, 2), dt.date(2026, 3, 11)),
        # the measures of 2026 repeat the limit until it is confirmed: Thursday 16 April; Friday 1, week of 20 April 2 to 6, Monday 7
        (dt.date(2026, 4, 16), dt.date(2026, 4, 27)),
    ],
)
def test_seven_working_days_to_accept_or_refuse(town, received, last):
    assert due(complaint(town, on(received)), "accept") == last


def test_testing_is_not_counted_into_the_45_days_of_mediation(town):
    case = complaint(town, on(dt.date(2026, 3, 2)))
    case = fire(
        case, "accept", by=town.clerk, at=on(dt.date(2026, 3, 3)), data={"statement": "壶底漏水，要求更换。"}
    )
    plain = due(case, "mediate")
    case = fire(case, "test", by=town.clerk, at=on(dt.date(2026, 3, 9)), data={"reason": "双方同意送检"})
    case = fire(case, "tested", by=town.clerk, at=on(dt.date(2026, 3, 16)), data={"result": "不合格"})
    calendar = book().calendar
    # from Monday 9 to Monday 16 March lie five working days
    assert due(case, "mediate") == calendar.working_days_after(plain, 5)


def test_a_letter_that_is_both_becomes_two_cases(town):
    case = complaint(town, violation="电子秤少秤。")
    (report,) = Report.objects.all()
    assert (report.letter_id, report.facts, report.name, report.state) == (
        case.pk,
        "电子秤少秤。",
        WRITER["name"],
        "filed",
    )
    assert [case.number[:2], report.number[:2]] == ["CP", "RP"]
    complaint(town)
    assert Report.objects.count() == 1


def test_a_report_is_invisible_to_whom_it_is_about(town):
    complaint(town, violation="电子秤少秤。")
    assert [list(Report.objects.visible_to(one)) for one in (town.member, town.rival, PUBLIC)] == [[], [], []]


def test_what_goes_to_the_organisation_may_not_tell_who_complains(town):
    case = complaint(town)
    for statement in (
        "万俟 秘安的水壶漏水",
        "请致电０１０—００００７３９１",
        "写信给 SECRET.WRITER@example.org",
    ):
        with pytest.raises(Invalid) as refused:
            fire(case, "accept", by=town.clerk, data={"statement": statement})
        assert set(refused.value.faults) == {"statement"}
        assert not any(secret in str(refused.value) for secret in WRITER.values())


def test_the_organisation_reads_what_it_is_told_and_not_the_letter(town):
    case = fire(complaint(town), "accept", by=town.clerk, data={"statement": "壶底漏水，要求更换。"})
    (seen,) = Complaint.objects.visible_to(town.member)
    said = shown(seen)
    assert said["statement"] == "壶底漏水，要求更换。"
    assert (
        set(said) & {"name", "phone", "email", "address", "facts", "channel", "reporter", "violation"}
        == set()
    )
    assert list(Complaint.objects.visible_to(town.rival)) == []
    # nor can it ask whether one of them is so: a question about a closed field finds nothing
    asked = Complaint.objects.visible_to(town.member, asking=("phone",)).filter(phone=WRITER["phone"])
    assert list(asked) == []
    assert {move.code for move, _ in moves_for(case, town.member)} == {"respond"}


def test_closing_does_not_count_as_remedied(town):
    case = fire(complaint(town), "accept", by=town.clerk, data={"statement": "要求更换。"})
    case = fire(case, "end", by=town.clerk, data={"answer": "未达成一致。", "ground": "no_agreement"})
    case = fire(case, "tell", by=town.clerk)
    assert (case.state, case.outcome) == ("closed", "explained")


def test_a_reopened_case_goes_to_a_superior_who_did_not_decide_it(town):
    case = fire(complaint(town), "accept", by=town.clerk, data={"statement": "要求更换。"})
    case = fire(case, "settle", by=town.clerk, data={"answer": "已更换。", "remedy": "更换"})
    case = fire(fire(case, "tell", by=town.clerk), "reopen", by=town.clerk, data={"reason": "没有更换。"})
    with pytest.raises(NotAllowed):
        fire(case, "retry", by=town.clerk, data={"reason": "重新调解"})
    again = fire(case, "retry", by=town.head, data={"reason": "重新调解"})
    assert (again.state, again.outcome, again.reopened) == ("mediating", "", True)


def test_only_a_reporter_who_gave_a_real_name_starts_the_clock_for_telling(town):
    def dropped(**who) -> Report:
        report = Report(
            category=Category.objects.get(code="goods"),
            subject=town.firm,
            facts="少秤。",
            district=town.pine,
            **who,
        )
        return fire(
            file(report, by=PUBLIC),
            "drop",
            by=town.reviewer,
            data={"reason": "未发现", "answer": "不予立案。"},
        )

    named, nameless = dropped(**WRITER), dropped()
    clocks = {
        one.pk: {run.clock for run in runs_of(one.register.code, [one.pk])} for one in (named, nameless)
    }
    assert clocks == {named.pk: {"check", "tell"}, nameless.pk: {"check"}}


def test_a_problem_is_mended_within_the_limit_of_its_category(town):
    friday = on(dt.date(2026, 3, 6))
    cover, lamp = (
        fire(problem(town, code, friday), "dispatch", by=town.clerk, at=friday) for code in ("cover", "lamp")
    )
    # one calendar day ends on Saturday and rolls to Monday the 9th; five working days end on Friday the 13th
    assert (due(cover, "mend"), due(lamp, "mend")) == (dt.date(2026, 3, 9), dt.date(2026, 3, 13))


def test_a_letter_goes_to_the_department_of_its_category(town):
    Category.objects.get(code="lamp")
    assert problem(town, "lamp").department == town.quality
