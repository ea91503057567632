"""Importing files into registers: the dry run names every fault at once, and what is carried out is all or nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest
from django.db import connection, transaction

from shenzhi.apps.people.models import Officer
from shenzhi.calc.codes import uscc
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC, Grant, Reader
from shenzhi.kernel.clocks.running import runs_of
from shenzhi.kernel.exchange.carrying import carry_out
from shenzhi.kernel.exchange.planning import plan
from shenzhi.kernel.exchange.template import template
from shenzhi.kernel.files import workbook_writer as writer
from shenzhi.kernel.history.events import Event, canonical
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.search import found
from shenzhi.kernel.registers.writing import NotAllowed, Refused, create, history_of
from shenzhi.kernel.verifying import verify

TOP = ["统一社会信用代码", "名称", "类型", "所在区", "行政区划代码", "联系电话", "注销日期"]
CODES = [uscc.make("91990000", f"{serial:08d}") for serial in range(101, 111)]


@pytest.fixture
def firms():
    return register_of(Organisation)


@pytest.fixture
def a_file(tmp_path):
    """Writes rows as a CSV, or as a workbook, and gives its path."""

    def write(rows, *, name="firms.csv", encoding="utf-8"):
        path = tmp_path / name
        if name.endswith(".xlsx"):
            columns = [writer.Column(str(one)) for one in rows[0]]
            path.write_bytes(writer.book([writer.Sheet("数据", columns, rows[1:])]))
            return path
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write


def faults(made):
    return [(one.row, one.field, one.value, one.rule) for one in made.faults]


def test_a_file_is_read_with_chinese_headings_words_and_codes(office, firms, a_file):
    rows = [
        TOP,
        [CODES[0].lower(), " 海云电子有限公司 ", "企业", "990002", "440305", "13800000001", "2024年5月6日"],
    ]
    made = plan(firms, a_file(rows), office.clerk)
    assert faults(made) == []
    done = carry_out(made)
    record = Organisation.objects.get(pk=done.keys[0])
    assert (record.code, record.name, record.kind, record.district_id, record.region, record.ended_on) == (
        CODES[0], "海云电子有限公司", "enterprise", office.bamboo.pk, "440305", dt.date(2024, 5, 6),
    )  # fmt: skip
    assert (record.version, record.name_en, record.address) == (1, "", "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "utf-16"])
def test_any_encoding_of_an_office_is_read(office, firms, a_file, encoding):
    made = plan(
        firms,
        a_file([TOP, [CODES[0], "海云电子有限公司", "企业"] + [""] * 4], encoding=encoding),
        office.clerk,
    )
    assert made.sound
    assert list(made.values["name"]) == ["海云电子有限公司"]


@pytest.mark.parametrize(
    "top",
    [
        ["Unified social credit code", "Name", "KIND"],
        ["code", "name", "kind"],
        ["统一社会信用代码", "名称", "kind"],
    ],
)
def test_headings_may_be_chinese_english_or_field_names_in_a_workbook_as_well(office, firms, a_file, top):
    made = plan(
        firms, a_file([top, [CODES[0], "海云电子有限公司", "Enterprise"]], name="a.xlsx"), office.clerk
    )
    assert faults(made) == []
    assert made.values["kind"] == ["enterprise"]
    assert made.values["ended_on"] == [None]


def test_every_fault_is_named_at_once_with_its_row_and_field(office, firms, a_file):
    wrong = CODES[1][:17] + ("0" if CODES[1][17] != "0" else "1")
    rows = [
        TOP,
        [wrong, "甲", "企业", "990001", "", "", ""],  # row 2: check character
        [
            CODES[2],
            "",
            "工厂",
            "990009",
            "",
            "",
            "2024-13-01",
        ],  # row 3: no name, no such kind, district or day
        [
            CODES[3],
            "乙" * 121,
            "",
            "",
            "12",
            "",
            "",
        ],  # row 4: 120 characters at most; kind left empty; region
        [CODES[4], "丙", "企业", "", "", "", ""],
        [CODES[4], "丁", "企业", "", "", "", ""],  # row 6 repeats row 5
        [office.firm.code, "戊", "企业", "", "", "", "#N/A"],  # row 7 is in the register
    ]
    made = plan(firms, a_file(rows), office.clerk)
    assert sorted(faults(made)) == sorted(
        [
            (2, "code", wrong, "code"),
            (3, "name", "", "required"),
            (3, "kind", "工厂", "choice"),
            (3, "district", "990009", "reference"),
            (3, "ended_on", "2024-13-01", "date"),
            (4, "name", "乙" * 80, "length"),
            (4, "region", "12", "code"),
            (6, "code", CODES[4], "twice in file"),
            (7, "code", office.firm.code, "already entered"),
            (7, "ended_on", "#N/A", "date"),
        ]
    )
    assert made.fault_count == 10
    with pytest.raises(Refused):
        carry_out(made)
    assert Organisation.objects.count() == 2


def test_a_fault_says_its_rule_and_the_way_out_in_both_languages(office, firms, a_file):
    made = plan(firms, a_file([TOP, [office.firm.code, "戊", "企业"] + [""] * 4]), office.clerk)
    (fault,) = made.faults
    assert fault.title.en == "Unified social credit code"
    assert fault.message.en == f"it is entered already: {office.firm.number}"
    assert fault.message.zh == f"已经登记：{office.firm.number}"
    assert fault.way_out.en == "delete the row; to correct it, change that record"


def test_strange_doubled_and_missing_columns_are_named(office, firms, a_file):
    made = plan(firms, a_file([["名 称", "名称", "Name", "天气"], ["甲", "乙", "丙", "晴"]]), office.clerk)
    assert sorted(faults(made)) == sorted(
        [
            (1, "", "名 称", "unknown column"),
            (1, "name", "Name", "column twice"),
            (1, "", "天气", "unknown column"),
            (1, "code", "", "missing column"),
        ]
    )


def test_a_file_that_is_no_table_is_refused_with_the_way_out(office, firms, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"%PDF-1.7 ...")
    made = plan(firms, path, office.clerk)
    assert [(one.rule, one.way_out.en) for one in made.faults] == [
        ("file type", "hand in a CSV or an Excel file (.xlsx)")
    ]


def test_a_heading_without_rows_and_too_many_rows_are_faults(office, firms, a_file):
    assert faults(plan(firms, a_file([TOP]), office.clerk)) == [(0, "", "", "no rows")]
    rows = [TOP, *([code, "甲", "企业", "", "", "", ""] for code in CODES[:3])]
    assert faults(plan(firms, a_file(rows, name="b.csv"), office.clerk, most=2)) == [
        (0, "", "", "too many rows")
    ]


def test_every_row_has_its_event_with_file_and_row_and_personal_values_sealed(office, firms, a_file):
    rows = [TOP, *([code, f"海云{code[-1]}", "企业", "", "", "13812345678", ""] for code in CODES)]
    made = plan(firms, a_file(rows), office.clerk)
    done = carry_out(made)
    assert len(done.keys) == 10
    record = Organisation.objects.get(pk=done.keys[3])
    (event,) = history_of(record)
    assert (event.act, event.version, event.actor, event.told["file"], event.told["row"]) == (
        "imported", 1, office.clerk.account, made.sha256, 5,
    )  # fmt: skip
    assert event.told["after"]["code"] == record.code
    assert event.told["after"]["phone"] == "13812345678"
    assert "13812345678" not in Event.objects.get(pk=event.pk).body
    assert [one.name for one in found(firms, Organisation.objects.visible_to(PUBLIC), "海云")] != []


def test_an_imported_record_has_the_history_that_create_would_have_written(office, firms, a_file):
    carry_out(
        plan(firms, a_file([TOP, [CODES[0], "甲", "企业", "990001", "", "", "2024-05-06"]]), office.clerk)
    )
    imported = Organisation.objects.get(code=CODES[0])
    made = create(
        Organisation(
            code=CODES[1], name="甲", kind="enterprise", district=office.pine, ended_on=dt.date(2024, 5, 6)
        ),
        by=office.clerk,
    )
    one, two = (history_of(record).get().told["after"] for record in (imported, made))
    assert {**one, "code": ""} == {**two, "code": ""}


def test_an_imported_event_is_written_as_every_other(office, a_file):
    """Percent signs, quotes and line breaks are in the text as they are, and a private person is named under seal."""
    rows = [CASE, a_case(office, name='张"三%s\\'), a_case(office, name="李四 %(x)s")]
    done = carry_out(plan(register_of(Officer), a_file(rows), office.member))
    for key, name in zip(done.keys, ('张"三%s\\', "李四 %(x)s"), strict=True):
        (event,) = history_of(Officer.objects.get(pk=key))
        assert event.body == canonical(json.loads(event.body))
        assert event.told["after"]["name"] == name
        assert (event.actor_name, event.doer) == ("", office.member.name)
        assert office.member.name not in event.body
    assert not verify().faults


def test_the_same_file_is_recognised(office, firms, a_file):
    path = a_file([TOP, [CODES[0], "甲", "企业"] + [""] * 4])
    first = plan(firms, path, office.clerk)
    carry_out(first)
    assert [one.rule for one in plan(firms, path, office.head).faults] == ["imported before"]
    with pytest.raises(Refused):
        carry_out(first)
    assert Organisation.objects.filter(code=CODES[0]).count() == 1


def test_what_somebody_entered_after_the_check_stops_the_whole_import(office, firms, a_file):
    made = plan(firms, a_file([TOP, *([code, "甲", "企业"] + [""] * 4 for code in CODES[:3])]), office.clerk)
    create(Organisation(code=CODES[2], name="乙"), by=PLATFORM)
    with pytest.raises(Refused), transaction.atomic():
        carry_out(made)
    assert Organisation.objects.filter(code__in=CODES).count() == 1
    assert Event.objects.filter(act="imported").count() == 0


def test_who_may_not_enter_records_may_not_import(office, firms, a_file):
    path = a_file([TOP, [CODES[0], "甲", "企业"] + [""] * 4])
    for nobody in (
        PUBLIC,
        office.member,
        office.auditor,
        Reader(3, "key", office.clerk.grants, may_write=False),
    ):
        with pytest.raises(NotAllowed):
            plan(firms, path, nobody)


# cases

CASE = ["单位", "姓名", "联系电话", "任命日期", "承办部门", "区"]


def a_case(office, firm=None, name="张三", department="quality", district="990001"):
    return [(firm or office.firm).code, name, "13800001111", "2026-01-05", department, district]


def test_imported_cases_stand_in_the_first_state_with_their_clocks(office, a_file):
    officers = register_of(Officer)
    rows = [CASE, a_case(office), a_case(office, office.other, "李四")]
    at = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
    done = carry_out(plan(officers, a_file(rows), office.clerk), at=at)
    cases = list(Officer.objects.filter(pk__in=done.keys).order_by("pk"))
    assert [(case.name, case.state, case.department_id) for case in cases] == [
        ("张三", "filed", office.quality.pk),
        ("李四", "filed", office.quality.pk),
    ]
    assert [(event.act, event.state) for case in cases for event in history_of(case)] == [
        ("file", "filed")
    ] * 2
    runs = runs_of(officers.code, done.keys)
    assert [(run.clock, run.started_on, run.department_id) for run in runs] == [
        ("review", dt.date(2026, 3, 2), office.quality.pk)
    ] * 2


def test_rows_outside_the_reach_of_the_person_are_faults(office, a_file):
    rows = [CASE, a_case(office), a_case(office, department="market"), a_case(office, department="")]
    made = plan(register_of(Officer), a_file(rows), office.clerk)
    assert [(row, rule) for row, _, _, rule in faults(made)] == [(3, "reach"), (4, "reach")]


def test_a_member_imports_for_its_own_organisation_only(office, a_file):
    rows = [CASE, a_case(office), a_case(office, office.other)]
    made = plan(register_of(Officer), a_file(rows), office.member)
    assert [(row, rule) for row, _, _, rule in faults(made)] == [(3, "reach")]


def test_the_table_itself_is_asked_for_the_reach_when_it_is_carried_out(office, a_file):
    made = plan(register_of(Officer), a_file([CASE, a_case(office)]), office.clerk)
    moved = Reader(3, "moved", (Grant("clerk", department=office.market.pk, keeps="market"),))
    with pytest.raises(NotAllowed), transaction.atomic():
        carry_out(type(made)(**{**vars(made), "by": moved}))
    assert Officer.objects.count() == 0


def test_the_rules_of_the_record_itself_are_asked_of_every_row(office, a_file):
    rows = [[*CASE, "卸任日期"], [*a_case(office), "2025-12-31"]]
    made = plan(register_of(Officer), a_file(rows), office.clerk)
    assert [(row, field, rule) for row, field, _, rule in faults(made)] == [(2, "ended_on", "form")]


def test_references_take_codes_numbers_and_the_names_of_short_registers(office, a_file):
    rows = [
        CASE,
        a_case(office, district="松风区"),
        [office.firm.number.lower(), *a_case(office, department="质量办")[1:]],
        ["松风精密制造有限公司", *a_case(office)[1:]],
    ]
    made = plan(register_of(Officer), a_file(rows), office.clerk)
    assert made.values["organisation_id"] == [office.firm.pk] * 3
    assert made.values["district_id"] == [office.pine.pk] * 3


def test_the_template_is_what_an_import_reads(office, firms, tmp_path):
    path = tmp_path / "template.xlsx"
    for language in ("zh-hans", "en"):
        path.write_bytes(template(firms, language))
        assert faults(plan(firms, path, office.clerk)) == [(0, "", "", "no rows")]


def test_a_plan_costs_the_same_queries_for_one_row_and_for_thirty(office, firms, a_file):
    thirty = [uscc.make("91990000", f"{serial:08d}") for serial in range(200, 230)]
    counts = []
    for codes in (thirty[:1], thirty):
        path = a_file(
            [TOP, *([code, "甲", "企业", "990001", "", "", ""] for code in codes)], name=f"{len(codes)}.csv"
        )
        connection.force_debug_cursor = True
        start = len(connection.queries_log)
        plan(firms, path, office.clerk)
        counts.append(len(connection.queries_log) - start)
        connection.force_debug_cursor = False
    assert counts[0] == counts[1]
