"""Chief quality officers, quality professionals and courses (articles 7 and 91)."""

from __future__ import annotations

import datetime as dt

import pytest

from shenzhi.apps.people.models import Course, Officer, Professional
from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.registers.showing import shown
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, change, create


def an_officer(office, **more):
    return Officer(
        **{
            "organisation": office.firm,
            "name": "张三",
            "phone": "010-00001234",
            "appointed_on": dt.date(2026, 1, 5),
            **more,
        }
    )


def test_a_firm_that_names_no_department_files_with_the_quality_office(office):
    assert file(an_officer(office), by=office.member).department == office.quality


def test_an_officer_cannot_end_before_the_appointment(office):
    case = fire(file(an_officer(office), by=office.member), "list", by=office.reviewer)
    with pytest.raises(Invalid) as refused:
        fire(case, "end", by=office.member, data={"ended_on": dt.date(2026, 1, 4)})
    assert [words.en for words in refused.value.faults["ended_on"]] == [
        "The last day lies before the appointment: correct one."
    ]


def test_an_appointment_stays_with_its_organisation(office):
    case = file(an_officer(office), by=office.member)
    with pytest.raises(NotAllowed) as refused:
        change(case, by=office.clerk, organisation=office.other)
    assert refused.value.why.zh == "单位登记后不能直接修改，只能按程序变更。"


def test_the_public_reads_the_surname_of_a_professional_and_nothing_of_the_certificate(office):
    create(
        Professional(
            organisation=office.firm, name="欧阳安平", field="testing", qualification="计量师", certificate="MX1",
            obtained_on=dt.date(2025, 5, 1),
        ),
        by=office.member,
    )  # fmt: skip
    (seen,) = Professional.objects.visible_to(PUBLIC)
    said = shown(seen)
    assert said["name"] == "欧阳**"
    assert set(said) & {"certificate", "phone"} == set()


def test_no_more_can_pass_a_course_than_took_part(office):
    with pytest.raises(Invalid) as refused:
        create(
            Course(
                title="内审员", field="quality", provider=office.firm, starts_on=dt.date(2026, 3, 2),
                ends_on=dt.date(2026, 3, 1), hours=16, took_part=10, passed=11,
            ),
            by=office.member,
        )  # fmt: skip
    assert set(refused.value.faults) == {"ends_on", "passed"}
