"""What people send who mean harm: bodies that are none, names that climb, documents that unpack, texts that take for ever."""

from __future__ import annotations

import contextlib
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from every_address import ACCOUNTS, PUBLIC, RECORDS, filled

from shenzhi.calc import masks
from shenzhi.calc.codes import numbered, regions, uscc
from shenzhi.calc.codes.typed import CodeError
from shenzhi.kernel.access.accounts import PLAIN_NAME

BODIES = {
    "no JSON": ("application/json", b"{"),
    "a list": ("application/json", b"[]"),
    "a number": ("application/json", b"1e400"),
    "not a number": ("application/json", b'{"name": NaN}'),
    "nothing": ("application/json", b""),
    "half a character": ("application/json", b'{"name": "\xff\xfe"}'),
    "half a pair": ("application/json", b'{"name": "\\ud800", "ground": "\\ud800"}'),
    "a NUL": ("application/json", b'{"name": "\\u0000", "ground": "\\u0000"}'),
    "very deep": ("application/json", b"[" * 100_000),
    "very deep and whole": ("application/json", b'{"name":' + b"[" * 5000 + b"]" * 5000 + b"}"),
    "very long number": ("application/json", b'{"version": ' + b"9" * 5000 + b"}"),
    "very large": ("application/json", b'{"name": "' + b"x" * 3_000_000 + b'"}'),
    "XML": ("application/xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
    "a form with a NUL": ("application/x-www-form-urlencoded", b"name=%00&ground=%00&subject=%00&login=%00"),
    "a form of no encoding": ("application/x-www-form-urlencoded", b"name=%ff%fe&login=%ff&q=%ff"),
    "a form of many fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % at for at in range(2000))),
    "parts without a border": ("multipart/form-data", b"--x\r\n"),
    "parts that never end": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'),
    "parts with an odd header": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: \xff\r\n\r\n1\r\n--x--"),
    "parts with a climbing name": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../../x\x00.xlsx"\r\n\r\n1\r\n--x--\r\n',
    ),
    "an unknown charset": ("application/x-www-form-urlencoded; charset=nonsense", b"name=1"),
    "an unknown kind": ("a/b", b"\x00\x01"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("body", BODIES)
def test_no_body_breaks_any_address(city, body):
    """Each is refused with a reason, or taken for what it says; none reaches the page for faults of our own."""
    kind, sent = BODIES[body]
    browser, answers = city.client(city.people["head"]), {}
    for route in sorted(RECORDS | ACCOUNTS | PUBLIC):
        for path in [
            one for one, _ in filled(route, city) if "{register}" not in route or "/officers/" in one
        ][:2]:
            for verb in ("POST", "PATCH") if "/api/" in path else ("POST",):
                answers[verb, path] = browser.generic(
                    verb, path, sent, kind, headers={"if-match": "*"}
                ).status_code
    assert {key: status for key, status in answers.items() if status >= 500} == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"accept-language": "x" * 5000 + ";q=9"},
        {"accept-language": "zh-\x00"},
        {"if-none-match": '"' * 5000},
        {"if-modified-since": "yesterday"},
        {"cookie": "sessionid=" + "x" * 5000 + "; csrftoken=\x00; messages=[[]]; django_language=../../x"},
        {"authorization": "Bearer " + "_" * 5000},
        {"authorization": "Basic !!!"},
        {"range": "bytes=9-1,-,x"},
        {"x-forwarded-for": "'; DROP TABLE--, \x00"},
        {"x-http-method-override": "DELETE"},
        {"content-length": "-1"},
    ],
)
def test_no_header_breaks_a_page(city, headers):
    for path in ("/registers/officers/", "/api/v1/officers/", "/account/login/", "/desk/", "/supervision/"):
        assert Client().get(path, headers=headers).status_code < 500, path


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value",
    [
        "\x00",
        "x" * 5000,
        "9" * 5000,
        "%",
        "'\"--",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "-1",
        "1e999",
    ],
)
def test_no_question_breaks_a_list(city, value):
    names = ("q", "sort", "page", "cursor", "limit", "state", "appointed_on_from", "organisation", "district", "until", "lamp", "register", "before", "after", "lane", "day", "year", "name")  # fmt: skip
    for path in ("/registers/officers/", "/registers/officers/export.csv", "/api/v1/officers/", "/desk/", "/supervision/", "/supervision/warnings/",
                 "/inbox/", "/history/chain.csv", "/search/", "/account/reads/", "/registers/officers/add/"):  # fmt: skip
        for person in ("public", "supervisor"):
            assert (
                city.client(city.people[person]).get(path, dict.fromkeys(names, value)).status_code < 500
            ), path


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_a_character_that_no_database_keeps_is_refused_with_its_field(city, text):
    """SQLite would keep a NUL and PostgreSQL breaks at it; half of a pair can be written nowhere."""
    member, reviewer = (city.client(city.people[name]) for name in ("member", "reviewer"))
    officer = {"name": "a", "phone": "1", "appointed_on": "2026-01-01", "organisation": city.firm.number}

    def sent(browser: Client, path: str, body: dict[str, str]) -> tuple[int, list[str]]:
        answer = browser.post(path, json.dumps(body), "application/json", headers={"if-match": "*"})
        return answer.status_code, [one["field"] for one in answer.json()["errors"]]

    for name in ("name", "duties", "organisation"):
        status, fields = sent(member, "/api/v1/officers/", {**officer, name: text})
        assert status == 422
        assert [one.split(".")[-1] for one in fields] == [name]
    filed = city.in_register("officers")[1]
    assert sent(reviewer, f"/api/v1/officers/{filed.number}/moves/refuse", {"reason": text}) == (
        422,
        ["reason"],
    )
    assert Client().get("/api/v1/officers/", {"q": "a\x00b"}).json()["items"] == []


CLIMBING = ("..", "../..", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "....//", "/etc/passwd", "C:\\boot.ini", "..\\..\\x", "x%00.csv", "file:%2f%2f%2fetc%2fpasswd")  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", CLIMBING)
def test_no_address_climbs_out_of_its_folder(city, name):
    """Every part of an address that could be taken for the name of a file."""
    officer = city.in_register("officers")[0].number
    addresses = (
        f"/registers/officers/export.{name}", f"/registers/officers/import/{name}/", f"/registers/officers/import/{name}/faults.csv",
        f"/registers/officers/{officer}/files/{name}/x", f"/registers/officers/{officer}/files/{'0' * 64}/{name}",
        f"/registers/{name}/", f"/registers/officers/{name}/", f"/id/org/{name}.json", f"/history/heads/{name}.json",
        f"/charts/{name}.svg", f"/model/report/report.{name}.pdf", f"/model/files/{name}/bytes/", f"/model/method/{name}.csv",
        f"/model/data/{name}/", f"/{name}/index/", f"/static/{name}",
    )  # fmt: skip
    for person in ("public", "head"):
        for address in addresses:
            answer = city.client(city.people[person]).get(address)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code in (301, 302, 400, 403, 404), address
            assert b"root:" not in body, address


def workbook(shared: bytes) -> SimpleUploadedFile:
    """A workbook whose table of texts is the document given."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    docs = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = "http://schemas.openxmlformats.org/package/2006"
    texts = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", f'<Types xmlns="{parts}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{texts}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{texts}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{texts}.sharedStrings+xml"/></Types>')  # fmt: skip
        file.writestr("_rels/.rels", f'<Relationships xmlns="{parts}/relationships"><Relationship Id="r1" Type="{docs}/officeDocument" Target="xl/workbook.xml"/></Relationships>')  # fmt: skip
        file.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{docs}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>')  # fmt: skip
        file.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{parts}/relationships"><Relationship Id="r1" Type="{docs}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{docs}/sharedStrings" Target="sharedStrings.xml"/></Relationships>')  # fmt: skip
        file.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row></sheetData></worksheet>')  # fmt: skip
        file.writestr("xl/sharedStrings.xml", shared)
    return SimpleUploadedFile("officers.xlsx", held.getvalue())


MAIN = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1"><si><t>%s</t></si></sst>'
BOMB = b"<!DOCTYPE s [<!ENTITY a 'boom'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + at, b"&%c;" % (97 + at) * 20) for at in range(8)
) + b"]>"  # fmt: skip
OUTSIDE = b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.django_db
@pytest.mark.parametrize("document", [BOMB + MAIN % b"&i;", OUTSIDE + MAIN % b"&a;", BOMB, b"<" * 100_000])
def test_a_workbook_with_entities_is_neither_unpacked_nor_followed(city, document):
    """Eight doublings of twenty would be 100 GB of text: the answer comes at once, and holds nothing of any file."""
    browser, begin = city.client(city.people["clerk"]), time.perf_counter()
    answer = browser.post("/registers/officers/import/", {"file": workbook(document)}, follow=True)
    assert time.perf_counter() - begin < 10
    assert answer.status_code in (200, 422)
    assert "root:" not in answer.content.decode()
    assert "boomboom" not in answer.content.decode()


@pytest.mark.django_db
def test_the_monthly_figures_run_nothing_in_a_spreadsheet(city):
    """The one table of the supervision pages that names departments; the other exports: tests/kernel, tests/portal."""
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.cases.firing import fire
    from shenzhi.kernel.registers.writing import change

    officer = city.in_register("officers")[1]
    change(officer.department, by=PLATFORM, name="=1+1", name_en="=1+1")
    fire(officer, "list", by=PLATFORM)
    for language in ("", "/en"):
        answer = Client().get(f"{language}/supervision/months.csv")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        cells = [cell for line in body.decode("utf-8-sig").splitlines() for cell in line.split(",")]
        assert any("=1+1" in cell for cell in cells)
        assert [cell for cell in cells if cell.strip('"')[:1] in ("=", "+", "@", "\t")] == []


def quietly(check: Callable[[str], Any]) -> Callable[[str], None]:
    def asked(text: str) -> None:
        with contextlib.suppress(CodeError, ValidationError):
            check(text)

    return asked


CHECKS: dict[str, Callable[[str], Any]] = {
    "credit code": uscc.parse,
    "region": regions.parse,
    "number": numbered.parse,
    "user name": PLAIN_NAME,
    **{f"mask {rule}": (lambda text, rule=rule: masks.mask(rule, text)) for rule in masks.RULES},
}
SEEDS = (
    "a",
    "1",
    "张",
    "a ",
    "1-",
    "· ",
    "a.",
    "@a.",
    "市",
    "区市",
    "深圳市",
    "86 ",
    "(010)",
    "-",
    " ",
    "粤B",
    "族乡",
)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_the_time_of_a_check_grows_no_faster_than_its_text(check):
    """Eight times the text takes about eight times as long, not sixty-four; the processor's own time, the best of five."""
    ask = quietly(CHECKS[check])
    for seed in SEEDS:
        for text in (seed * 2000, seed * 2000 + "!", "张" + seed * 2000, "1" + seed * 2000 + "@"):

            def taken(times: int, text: str = text) -> float:
                best = 9.0
                for _ in range(5 if times > 1 else 3):
                    begin = time.process_time()
                    ask(text * times)
                    best = min(best, time.process_time() - begin)
                    if best < 0.02 and times > 1:
                        break
                return best

            long = taken(8)
            assert long < 0.02 or long < 30 * taken(1), (check, text[:12], long)
