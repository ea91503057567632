"""Tracking by number and secret: told once, kept by nobody, and to everybody else as if there were nothing."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from register_pages import hidden_of, main_of

from announced import put_under
from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.kernel.attachments.attaching import attached
from shenzhi.kernel.attachments.models import Attachment
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.cases.objections import Objection, object_to
from shenzhi.kernel.cases.tracking import messages, tracked
from shenzhi.kernel.history.events import now
from shenzhi.kernel.parties.models import Department
from shenzhi.kernel.registers import catalogue
from shenzhi.kernel.registers.declaration import compiled
from shenzhi.kernel.registers.receipts import SHOWN_MINUTES, Receipt
from shenzhi.kernel.registers.writing import create

ADD = "/registers/objections/add/"
SAID = {"ground": "召回记录未写明。", "name": "李四某", "phone": "13900002222", "email": ""}
SECRET = re.compile(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b")


@pytest.fixture
def case(town, monkeypatch):
    """Announced since yesterday, for seven days."""
    put_under(monkeypatch)
    member, reviewer = town.reader("member"), town.reader("reviewer")
    officer = Officer(
        organisation=town.firm, name="张三", phone="13800001111", appointed_on=dt.date(2026, 1, 5),
        department=town.quality, district=town.pine,
    )  # fmt: skip
    yesterday = now() - dt.timedelta(days=1)
    return fire(file(officer, by=member, at=yesterday), "announce", by=reviewer, at=yesterday)


def handed_in(case, browser: Client):
    """What the public reads after objecting through the pages, with the address where it stands."""
    form = {**hidden_of(browser.get(ADD)), **SAID, "subject": case.number, "step": "send"}
    sent = browser.post(ADD, form)
    assert sent.status_code == 302, main_of(sent)
    return sent["Location"], browser.get(sent["Location"])


def ask(browser: Client, number: str, secret: str):
    return browser.post("/track/", {"number": number, "secret": secret})


def test_the_public_files_without_an_account_and_follows_the_matter_to_its_end(town, case):
    browser = town.client("public")
    _, done = handed_in(case, browser)
    raised = Objection.objects.get()
    words = main_of(done)
    (secret,) = set(SECRET.findall(words))
    assert raised.number in words
    assert "审核人、部门负责人办理“异议成立”" in words  # what happens next
    assert "最迟" in words  # and by which day

    seen = main_of(ask(browser, raised.number, secret))
    assert "待答复" in seen
    assert case.number in seen
    assert "最迟" in seen
    for closed in SAID.values():
        assert not closed or closed not in seen

    fire(raised, "reject", by=town.reader("reviewer"), data={"answer": "召回已在附件写明。"})
    # typed from paper: small letters, no hyphens
    seen = main_of(ask(browser, raised.number.lower(), secret.lower().replace("-", " ")))
    assert "异议不成立" in seen
    assert "召回已在附件写明。" in seen
    assert f"{town.reader('reviewer').name}" not in seen


def test_a_photograph_is_added_by_number_and_secret_and_seen_by_the_office_alone(town, case):
    browser = town.client("public")
    _, done = handed_in(case, browser)
    raised = Objection.objects.get()
    (secret,) = set(SECRET.findall(main_of(done)))
    # the page that confirms it leads on without the secret being typed, nor standing in an address
    given = {"number": raised.number, "secret": secret}
    assert f'name="secret" value="{secret}"' in done.content.decode()
    assert "添加照片或者文件" in main_of(browser.post("/track/", given))

    def add(name: str, content: bytes, **more: str):
        return browser.post(
            "/track/", {**given, "step": "attach", "file": ContentFile(content, name), **more}
        )

    taken = add("证据.txt", "召回记录。".encode())
    assert taken.status_code == 200
    assert "已收到文件" in main_of(taken)
    assert "证据" not in main_of(taken)
    (kept,) = Attachment.objects.all()
    assert (kept.name, kept.reach, kept.actor, kept.record) == ("证据.txt", "closed", None, raised.pk)
    assert [one.name for one in attached(raised, town.reader("reviewer"))] == ["证据.txt"]
    assert attached(raised, PUBLIC) == []
    # what cannot stand is refused in words, and a wrong secret is as wrong as ever
    assert [
        add("a.exe", b"MZ").status_code,
        browser.post("/track/", {**given, "step": "attach"}).status_code,
    ] == [422, 422]
    assert add("b.txt", b"b", secret="AAAA-AAAA-AAAA-AAAA").status_code == 422
    large = browser.post("/track/", given, headers={"Content-Length": str(1 << 40)})
    assert large.status_code == 413
    assert "MB" in main_of(large)
    assert Attachment.objects.count() == 1
    fire(Objection.objects.get(), "reject", by=town.reader("reviewer"), data={"answer": "已答复。"})
    assert "添加照片" not in main_of(browser.post("/track/", given))  # its end has come
    assert add("c.txt", b"c").status_code == 403


def test_the_secret_is_told_for_some_minutes_and_then_never_again(town, case):
    browser = town.client("public")
    address, done = handed_in(case, browser)
    assert SECRET.findall(main_of(done)) == SECRET.findall(main_of(browser.get(address)))
    Receipt.objects.update(made_at=timezone.now() - dt.timedelta(minutes=SHOWN_MINUTES))
    later = browser.get(address)
    assert later.status_code == 200
    assert SECRET.findall(main_of(later)) == []


def test_a_second_click_tells_the_same_secret(town, case):
    both = [object_to(case, by=PUBLIC, key="a" * 32, ground="x", name="李四", phone="1") for _ in range(2)]
    assert both[0].pk == both[1].pk
    assert SECRET.fullmatch(both[0].secret)
    assert both[0].secret == both[1].secret


def test_without_a_key_there_is_a_secret_too_and_each_is_another(town, case):
    both = [object_to(case, by=PUBLIC, ground="x", name="李四", phone="1") for _ in range(2)]
    assert both[0].secret != both[1].secret
    assert [tracked(one.number, one.secret) for one in both] == both
    assert tracked(both[0].number, both[1].secret) is None


def test_nothing_in_the_database_gives_the_secret_or_what_was_handed_in(town, case):
    key = "b" * 32
    raised = object_to(case, by=PUBLIC, key=key, ground="x", name="李四", phone="13900002222")
    (kept,) = Receipt.objects.filter(register="kernel_objection").values()
    text = str(kept)
    assert raised.secret not in text
    assert raised.secret.replace("-", "") not in text
    assert key not in text


def test_a_wrong_number_and_a_wrong_secret_are_refused_in_the_same_words(town, case):
    raised = object_to(case, by=PUBLIC, ground="x", name="李四", phone="1")
    other = "AAAA-AAAA-AAAA-AAAA"
    pages = [
        ask(town.client("public"), number, secret)
        for number, secret in (
            (raised.number, other),
            ("OB-0000999-2", raised.secret),
            (case.number, raised.secret),  # its register is not tracked
            ("nonsense", other),
        )
    ]
    assert {page.status_code for page in pages} == {422}
    said = "编号和查询码不相符：请对照提交后的页面逐位核对；查询码遗失的，请联系受理部门。"
    assert [main_of(page).count(said) for page in pages] == [1, 1, 1, 1]


def test_an_address_takes_no_secret(town, case):
    raised = object_to(case, by=PUBLIC, ground="x", name="李四", phone="1")
    page = town.client("public").get("/track/", {"number": raised.number, "secret": raised.secret})
    assert "待答复" not in main_of(page)
    assert page.context["form"]["number"].value() == raised.number


def test_the_page_speaks_english_too(town, case):
    raised = object_to(case, by=PUBLIC, ground="x", name="李四", phone="1")
    given = {"number": raised.number, "secret": raised.secret}
    page = main_of(town.client("public").post("/en/track/", given))
    assert page.startswith(f"{raised.number}: Waiting for an answer")


def test_the_filer_is_told_of_the_steps_that_tell_an_applicant(town, case):
    raised = object_to(case, by=PUBLIC, ground="x", name="李四", phone="1")
    fire(raised, "reject", by=town.reader("reviewer"), data={"answer": "无关。"})
    assert [one.act.en for one in messages(raised)] == ["Filed", "Reject"]


def test_a_program_finds_the_secret_in_a_header_and_never_in_the_record(town, case):
    given = {"subject": case.number, "ground": "x", "name": "李四", "phone": "13900002222"}
    sent = town.client("public").post("/api/v1/objections/", given, content_type="application/json")
    assert sent.status_code == 201, sent.content
    raised = Objection.objects.get()
    assert tracked(raised.number, sent["Tracking-Secret"]) == raised
    assert sent["Tracking-Secret"] not in sent.content.decode()


def test_a_register_that_is_not_tracked_gives_no_secret(town):
    assert catalogue.register_of(Officer).tracked is None
    assert create(Department(code="plain", name="某局"), by=PLATFORM).secret == ""
    assert Receipt.objects.count() == 0


def test_a_declaration_that_would_show_persons_to_a_tracker_is_refused(monkeypatch):
    monkeypatch.setattr(Objection.Register, "tracked", ("name", "nothing"))
    _, found = compiled(Objection)
    at = "shenzhi.kernel.cases.objections.Objection.Register"
    assert found == [
        f"{at}: tracked names nothing, and there is no such field",
        f"{at}: tracked names name, which is personal or internal: who tracks a record has shown no more than a secret",
    ]
