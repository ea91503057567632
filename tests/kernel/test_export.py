"""Exports: what the reader may see and nothing else, in four forms, sent in pieces; a note says what is left out."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import openpyxl
import pyarrow.parquet as pq
import pytest

from shenzhi.apps.people.models import Officer
from shenzhi.calc.codes import uscc
from shenzhi.kernel.access.reads import ReadLog
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.exchange import exporting
from shenzhi.kernel.exchange.carrying import carry_out
from shenzhi.kernel.exchange.exporting import TooMany, export
from shenzhi.kernel.exchange.planning import plan
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.writing import create

FORMS = ("csv", "xlsx", "parquet", "json")


@pytest.fixture
def officers(office):
    """张三 is filed, 李四 is listed and so public."""
    made = [
        file(
            Officer(
                organisation=office.firm, name=name, phone="13800001111", appointed_on=dt.date(2026, 1, 5),
                department=office.quality, district=district, training=training,
            ),
            by=office.member,
        )
        for name, training, district in (("张三", "=1+1", office.pine), ("李四", "精益管理", office.bamboo))
    ]  # fmt: skip
    return [made[0], fire(made[1], "list", by=office.reviewer)]


def taken(reader, form, language="zh-hans", model=Officer):
    records = model.objects.visible_to(reader).order_by("id")
    made = export(register_of(model), records, reader, form, language)
    return b"".join(made.pieces), made


def rows(reader, form="csv", language="zh-hans", model=Officer):
    """The rows as mappings from heading to cell."""
    data, _ = taken(reader, form, language, model)
    if form == "csv":
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    if form == "json":
        return json.loads(data)["records"]
    if form == "parquet":
        return pq.read_table(io.BytesIO(data)).to_pylist()
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    top, *rest = sheet.iter_rows(values_only=True)
    return [dict(zip(top, row, strict=True)) for row in rest]


def test_the_public_takes_the_open_fields_of_public_records(office, officers):
    assert rows(PUBLIC) == [
        {
            "编号": officers[1].number, "状态": "在册", "区": "990002", "区（名称）": "竹雨区", "单位": office.firm.code,
            "单位（名称）": office.firm.name, "姓名": "李四", "任命日期": "2026-01-05", "卸任日期": "",
        }
    ]  # fmt: skip


def test_headings_and_words_are_in_the_language_asked(office, officers):
    (row,) = rows(PUBLIC, language="en")
    assert (row["State"], row["Name"], row["District (name)"]) == (
        officers[1].standing.title.en,
        "李四",
        "竹雨区",
    )


@pytest.mark.parametrize("form", FORMS)
def test_no_form_shows_a_reader_more_than_a_page_does(office, officers, form):
    for reader in (PUBLIC, office.rival, office.stranger, office.auditor, office.district):
        data, _ = taken(reader, form)
        shown = [str(value) for row in rows(reader, form) for value in row.values()]
        sees_phone = reader is office.district
        assert ("13800001111" in shown) == sees_phone
        assert ("张三" in shown) == (reader in (office.auditor, office.district))
        if form in ("csv", "json"):
            assert (b"13800001111" in data) == sees_phone


def test_masked_fields_are_masked_in_every_form(office, officers):
    shown = {
        form: [row.get("phone", row.get("联系电话")) for row in rows(office.auditor, form)] for form in FORMS
    }
    assert shown == dict.fromkeys(FORMS, ["138****1111"] * 2)


def test_cells_that_the_reader_may_not_see_of_one_record_are_empty(office, officers):
    """The officer of 松风区 sees 张三 there whole, and of 李四 in 竹雨区 what government shares."""
    assert [(row["姓名"], row["联系电话"], row["质量培训"]) for row in rows(office.district)] == [
        ("张三", "13800001111", "'=1+1"),
        ("李四", "", "精益管理"),
    ]


def test_no_cell_runs_as_a_formula(office, officers):
    assert [row["质量培训"] for row in rows(office.clerk)] == ["'=1+1", "精益管理"]
    assert [row["training"] for row in rows(office.clerk, "json")] == ["=1+1", "精益管理"]
    data, _ = taken(office.clerk, "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"} == {"s"}


def test_parquet_and_json_keep_types_and_field_names(office, officers):
    (row,) = rows(PUBLIC, "parquet")
    assert (row["appointed_on"], row["state"], row["organisation__name"]) == (
        dt.date(2026, 1, 5), "listed", office.firm.name,
    )  # fmt: skip
    data, made = taken(PUBLIC, "json")
    told = json.loads(data)
    assert told["register"] == "officers"
    assert told["note"] == {"zh": made.note.zh, "en": made.note.en}
    assert {one["name"]: one["title"]["en"] for one in told["fields"]}["appointed_on"] == "Appointed on"


def test_the_note_says_what_is_left_out_by_class_and_what_is_masked(office, officers):
    _, made = taken(office.auditor, "csv")
    assert "Masked: Telephone." in made.note.en
    _, made = taken(PUBLIC, "csv")
    assert "质量培训、职责（政务共享）" in made.note.zh
    assert "Telephone" in made.note.en


def test_reading_personal_fields_whole_is_noted_and_masked_ones_are_not(office, officers):
    taken(office.auditor, "csv")
    taken(PUBLIC, "json")
    assert ReadLog.objects.count() == 0
    taken(office.clerk, "json")
    assert sorted(ReadLog.objects.values_list("record", "fields", "purpose", "account")) == [
        (case.pk, "phone", "export", office.clerk.account) for case in officers
    ]


def test_more_records_than_a_form_holds_are_refused_with_the_way_out(office, officers, monkeypatch):
    monkeypatch.setitem(exporting.MOST, "xlsx", 1)
    with pytest.raises(TooMany) as refused:
        taken(office.clerk, "xlsx")
    assert refused.value.why.en == (
        "More than 1 records do not fit into one XLSX file: narrow them down by filters, or choose CSV, PARQUET, JSON."
    )


def test_records_read_for_somebody_else_are_not_exported(office, officers):
    with pytest.raises(ValueError):
        export(register_of(Officer), Officer.objects.visible_to(office.clerk), PUBLIC, "csv")
    with pytest.raises(ValueError):
        export(register_of(Officer), Officer.objects.all(), PUBLIC, "csv")


def test_one_row_and_thirty_cost_the_same_queries(office, officers, django_assert_num_queries):
    for at in range(3):
        create(
            Organisation(code=uscc.make("91990000", f"{at + 50:08d}"), name=f"甲{at}", district=office.pine),
            by=PLATFORM,
        )
    with django_assert_num_queries(3):  # the count, the records, the districts
        taken(PUBLIC, "csv", model=Organisation)
    for at in range(27):
        create(
            Organisation(code=uscc.make("91990000", f"{at + 60:08d}"), name=f"乙{at}", district=office.pine),
            by=PLATFORM,
        )
    with django_assert_num_queries(3):
        taken(PUBLIC, "csv", model=Organisation)


def test_what_was_exported_can_be_imported_elsewhere(office, tmp_path):
    """The columns that the platform writes, and the names behind references, are left out by the import."""
    records = Organisation.objects.visible_to(office.clerk).order_by("id")
    data = b"".join(export(register_of(Organisation), records, office.clerk, "csv").pieces)
    path = tmp_path / "again.csv"
    path.write_bytes(data.replace(office.firm.code.encode(), uscc.make("91990000", "00000077").encode()))
    made = plan(register_of(Organisation), path, office.clerk)
    assert [(one.rule, one.row) for one in made.faults] == [("already entered", 3)]
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    done = carry_out(plan(register_of(Organisation), path, office.clerk))
    copied = Organisation.objects.get(pk=done.keys[0])
    assert (copied.name, copied.district_id, copied.phone) == (
        office.firm.name,
        office.pine.pk,
        "13812345678",
    )
