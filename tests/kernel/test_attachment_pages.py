"""The files of a record on their page: attached by a form, given as downloads, missing for all who may not read them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from announced import an_officer, people
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.reads import ReadLog
from shenzhi.kernel.attachments.attaching import attach
from shenzhi.kernel.attachments.models import Attachment
from shenzhi.kernel.cases.firing import file

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def handed(data: bytes, name: str = "证明.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.fixture
def case(office, settings, tmp_path):
    settings.HOME = tmp_path
    people(office)
    return file(an_officer(office), by=office.member)


def browser(who=None) -> Client:
    client = Client()
    if who is not None:
        client.force_login(Account.objects.get(pk=who.account))
    return client


def test_a_file_is_given_as_a_download_that_can_do_nothing(office, case):
    made = attach(case, handed(PDF, "证明 1.pdf"), by=office.member)
    address = f"/registers/officers/{case.number}/files/{made.sha256}/{made.name}"
    answer = browser(office.member).get(address)
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PDF)
    said = {name: answer[name] for name in (
        "Content-Type", "Content-Disposition", "X-Content-Type-Options", "Content-Security-Policy",
    )}  # fmt: skip
    assert said == {
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment; filename*=utf-8''%E8%AF%81%E6%98%8E%201.pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    noted = ReadLog.objects.get(purpose="file")
    assert (noted.account, noted.record, noted.fields) == (
        office.member.account,
        case.pk,
        f"file {made.sha256[:12]}",
    )


def test_for_all_others_a_file_is_as_if_it_were_not(office, case):
    made = attach(case, handed(PDF), by=office.member)
    other = file(an_officer(office, organisation=office.other), by=office.clerk)
    right = f"/registers/officers/{case.number}/files/{made.sha256}/{made.name}"
    wrong = [
        f"/registers/officers/{other.number}/files/{made.sha256}/{made.name}",
        f"/registers/officers/{case.number}/files/{'0' * 64}/{made.name}",
        f"/registers/officers/{case.number}/files/{made.sha256}/other.pdf",
        f"/registers/officers/{case.number}/files/..%2f..%2fsecret/{made.name}",
    ]
    asked = {(who, address): browser(who).get(address).status_code for who, address in [
        *((who, right) for who in (None, office.rival, office.stranger, office.administrator)),
        *((office.clerk, address) for address in wrong),
    ]}  # fmt: skip
    assert set(asked.values()) == {404}
    assert browser(office.clerk).get(right).status_code == 200


def test_a_file_is_attached_by_a_form_and_a_refusal_says_why(office, case):
    client, address = browser(office.member), f"/registers/officers/{case.number}/files/"
    refused = client.post(address, {"file": SimpleUploadedFile("a.svg", b"<svg/>")})
    assert refused.status_code == 422
    assert "不接收 .svg 文件" in refused.content.decode()
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 302
    assert "a.pdf" in client.get(address).content.decode()
    assert "a.pdf" in client.get(f"/en{address}").content.decode()
    assert browser(office.rival).post(address, {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 404
    assert (
        Client(enforce_csrf_checks=True).post(address, {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code
        == 403
    )
    assert Attachment.objects.count() == 1


def test_a_body_that_is_too_large_is_refused_before_it_is_read(office, case):
    def fail(*_):
        pytest.fail("the body was read")

    unread = SimpleNamespace(read=fail, readline=fail)
    answer = browser(office.member).generic(
        "POST", f"/registers/officers/{case.number}/files/", b"", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(10 << 30), **{"wsgi.input": unread},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "20 MB" in answer.content.decode()
