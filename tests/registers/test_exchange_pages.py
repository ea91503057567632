"""The pages of import and export: check, confirm, done; each person sees only the own files; downloads answer the list."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from shenzhi.calc.codes import uscc
from shenzhi.kernel.parties.models import Organisation
from shenzhi.web.registers import imports

START = "/registers/organisations/import/"
CODES = [uscc.make("91990000", f"{serial:08d}") for serial in range(301, 311)]


def a_file(*rows, name="单位.csv"):
    text = io.StringIO()
    csv.writer(text).writerows([["统一社会信用代码", "名称"], *rows])
    return SimpleUploadedFile(name, text.getvalue().encode("gbk"))


def handed_in(browser, file, start=START):
    """The address of the result page."""
    answer = browser.post(start, {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_a_file_is_checked_then_confirmed_then_done(town):
    browser = town.client("clerk")
    assert browser.get(START).status_code == 200
    result = handed_in(browser, a_file([CODES[0], "海云电子有限公司"], [CODES[1], "山林贸易有限公司"]))
    page = browser.get(result).content.decode()
    assert "检查通过" in page
    assert Organisation.objects.count() == 2
    answer = browser.post(result)
    assert answer.status_code == 302
    assert Organisation.objects.count() == 4
    done = browser.get(answer["Location"]).content.decode()
    first, last = Organisation.objects.order_by("id")[2:4]
    assert first.number in done
    assert last.number in done


def test_confirming_twice_imports_once(town):
    browser = town.client("clerk")
    result = handed_in(browser, a_file([CODES[0], "海云电子有限公司"]))
    browser.post(result)
    again = browser.post(result)
    assert (again.status_code, again["Location"]) == (302, f"{result}done/")
    assert Organisation.objects.count() == 3


def test_faults_are_shown_with_row_field_and_way_out_and_cannot_be_confirmed(town):
    browser = town.client("clerk")
    result = handed_in(browser, a_file([CODES[0], ""], [town.firm.code, "<b>乙</b>"]))
    page = browser.get(result).content.decode()
    assert "发现 2 处问题" in page
    assert "请填写这一格" in page
    assert browser.post(result).status_code == 409
    assert Organisation.objects.count() == 2
    told = browser.get(f"/en{result}faults.csv").content.decode("utf-8-sig").splitlines()
    assert told == [
        "Row,Field,Content,What is wrong,What to do",
        "2,Name,,it must be filled in,fill in this cell",
        f"3,Unified social credit code,{town.firm.code},it is entered already: {town.firm.number},"
        '"delete the row; to correct it, change that record"',
    ]


def test_what_stands_in_a_faulty_file_cannot_run_on_the_page_or_in_the_list_of_faults(town):
    browser = town.client("clerk")
    result = handed_in(browser, a_file(["=HYPERLINK(1)", "甲"], ["<script>1</script>", "乙"]))
    assert "<script>1" not in browser.get(result).content.decode()
    assert ",'=HYPERLINK(1)," in browser.get(f"{result}faults.csv").content.decode("utf-8-sig")


def test_only_who_may_enter_records_may_import(town):
    # who has not signed in is asked to
    for name, status in (("public", 302), ("citizen", 403), ("member", 403), ("clerk", 200)):
        assert town.client(name).get(START).status_code == status, name
        assert town.client(name).get(f"{START}template.xlsx").status_code == status, name


def test_a_file_is_seen_by_nobody_but_who_handed_it_in(town):
    result = handed_in(town.client("clerk"), a_file([CODES[0], "甲"]))
    other = town.client("stranger")  # a clerk of another department, who may import as well
    assert other.get(result).status_code == 404
    assert other.post(result).status_code == 404
    assert other.get(f"{result}faults.csv").status_code == 404


@pytest.mark.parametrize("digest", ["0" * 64, "..", "abc", "0" * 63 + "x"])
def test_an_address_that_names_no_file_is_not_found(town, digest):
    assert town.client("clerk").get(f"{START}{digest}/").status_code == 404


def test_no_file_and_a_file_too_large_are_refused(town, monkeypatch):
    browser = town.client("clerk")
    assert browser.post(START).status_code == 422
    monkeypatch.setattr(imports, "LARGEST", 10)
    answer = browser.post(START, {"file": a_file([CODES[0], "甲"])})
    assert answer.status_code == 422
    assert "#file" in answer.content.decode()


def test_the_pages_stand_in_english(town):
    browser = town.client("clerk")
    result = handed_in(browser, a_file([CODES[0], ""], name="firms.csv"), start=f"/en{START}")
    for address, title in ((f"/en{START}", "Import: Organisations"), (result, "The file needs correcting")):
        page = browser.get(address).content.decode()
        assert title in page
        assert re.findall("[\u4e00-\u9fff]+", page.split("<main")[1].split("</main>")[0]) == []


# downloads


def test_a_download_answers_the_question_of_the_list(town, listed):
    browser = town.client("public")
    answer = browser.get("/registers/organisations/export.csv?q=松风")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["名称"] for row in rows] == [town.firm.name]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Link"] == '</registers/organisations/about/>; rel="describedby"'
    told = json.loads(b"".join(browser.get("/en/registers/officers/export.json").streaming_content))
    assert [row["number"] for row in told["records"]] == [listed.number]


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "json"])
def test_every_form_can_be_downloaded(town, listed, form):
    answer = town.client("clerk").get(f"/registers/officers/export.{form}")
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content)) > 100


def test_an_unknown_form_and_a_register_closed_to_the_reader_are_not_found(town):
    assert town.client("public").get("/registers/officers/export.exe").status_code == 404
    assert town.client("public").get("/registers/persons/export.csv").status_code == 404


def test_filters_on_closed_fields_do_not_narrow_a_download(town, listed):
    browser = town.client("public")
    for query in ("", "?phone=13800001111", "?phone=1", "?sort=phone"):
        told = json.loads(b"".join(browser.get(f"/registers/officers/export.json{query}").streaming_content))
        assert len(told["records"]) == 1, query
