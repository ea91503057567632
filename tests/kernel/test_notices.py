"""Notices: who is told, once in the inbox, and by letters that are sent, wait, or are given up for all to see."""

from __future__ import annotations

import datetime as dt
import os
import signal
import smtplib
import ssl
import subprocess
import sys

import pytest
from django.db import transaction
from django.utils import timezone

from announced import an_officer, announced, on, people, put_under
from mail_server import HANG_UP, Mailboxes, certificate, free_port, serving
from shenzhi.kernel.access.accounts import Account, Membership
from shenzhi.kernel.access.roles import PUBLIC, Grant, Reader
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.cases.objections import object_to
from shenzhi.kernel.notices.delivery import LEASE, WAITS, claim, deliver, message_id, try_again
from shenzhi.kernel.notices.models import Letter, Notice
from shenzhi.kernel.notices.outbox import inbox, read
from shenzhi.kernel.notices.recipients import reaching
from shenzhi.kernel.procedures.declaration import Move, Procedure, State, faults
from shenzhi.kernel.registers.sight import fits


@pytest.fixture
def boxes(settings):
    """The office's mail server, running."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.PUBLIC_ADDRESS = "https://quality.example"
    settings.DEFAULT_FROM_EMAIL = "noreply@quality.example"
    boxes = Mailboxes()
    with serving(boxes, settings.EMAIL_PORT):
        yield boxes


@pytest.fixture
def told(office, boxes, monkeypatch):
    """An announcement of which the firm's member is told in the inbox and by a letter."""
    put_under(monkeypatch)
    people(office, member="member@firm.example", head="head@quality.example")
    return announced(office)


def acts(account: int) -> list[str]:
    return [notice.act for notice in inbox(account)]


# who is told


def test_a_move_is_told_to_those_it_names_and_to_nobody_else(office, told):
    assert {account.username: acts(account.pk) for account in Account.objects.all()} == {
        "member": ["announce"], "rival": [], "clerk": [], "reviewer": [], "head": [], "stranger": [],
        "district": [], "administrator": [],
    }  # fmt: skip


def test_a_case_that_nobody_handles_is_told_to_the_clerks_and_heads_in_whose_reach_it_lies(office, told):
    case = file(an_officer(office), by=office.member)
    fire(case, "note", by=office.reviewer)
    assert [acts(one.account) for one in (office.clerk, office.head, office.stranger)] == [
        ["note"],
        ["note"],
        [],
    ]


def test_a_handler_is_told_alone_and_whoever_made_the_move_is_not(office, told):
    case = file(an_officer(office, handler_id=office.clerk.account), by=office.clerk)
    both = Reader(office.head.account, "head", (*office.head.grants, *office.reviewer.grants))
    fire(case, "note", by=both)
    assert (acts(office.clerk.account), acts(office.head.account)) == (["note"], [])


def test_reach_of_a_notice_is_the_reach_of_the_role(office, told):
    cases = [
        file(an_officer(office, department=department, district=district), by=office.member)
        for department in (office.quality, office.market, None)
        for district in (office.pine, office.bamboo, None)
    ]
    Membership.objects.all().delete()
    for department in (office.quality, office.market, None):
        for district in (office.pine, office.bamboo, None):
            Membership.objects.create(
                account_id=office.head.account, role="head", department=department, district=district,
                valid_from=dt.date(2020, 1, 1),
            )  # fmt: skip
    for case in cases:
        reached = set(Membership.objects.filter(reaching(case)))
        for one in Membership.objects.all():
            grant = Grant("head", one.department_id, one.district_id)
            assert (one in reached) == fits(case.register, Reader(5, "", (grant,)), "head", case.pk)


def test_memberships_that_have_ended_and_closed_accounts_are_told_nothing(office, told):
    Membership.objects.filter(account=office.clerk.account).update(valid_to=dt.date(2026, 1, 1))
    Account.objects.filter(pk=office.head.account).update(is_active=False)
    fire(file(an_officer(office), by=office.member), "note", by=office.reviewer)
    assert (acts(office.clerk.account), acts(office.head.account)) == ([], [])


def test_a_move_that_did_not_happen_is_not_told(office, told):
    case = file(an_officer(office), by=office.member)
    before = Notice.objects.count()

    def fire_and_fail() -> None:
        fire(case, "note", by=office.reviewer)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        fire_and_fail()
    assert (Notice.objects.count(), Letter.objects.count()) == (before, 1)


def test_the_same_request_sent_twice_is_told_once(office, told):
    case = file(an_officer(office), by=office.member)
    for _ in range(2):
        fire(case, "note", by=office.reviewer, key="once")
    assert acts(office.clerk.account) == ["note"]


def test_an_inbox_is_read_by_its_owner_alone(office, told):
    notice = inbox(office.member.account).get()
    assert read(office.rival.account, notice.pk) == 0
    assert read(office.member.account, notice.pk) == 1
    assert read(office.member.account) == 0


def test_a_move_that_tells_whom_nobody_knows_is_a_fault_of_its_declaration():
    states = (State("filed", ("已交", "Filed")), State("done", ("办结", "Done"), final=True))
    move = Move("end", ("办结", "End"), source="filed", to="done", by="clerk", tells=("king", "heads"))
    assert faults(Procedure("trial", ("试", "Trial"), states, (move,)), []) == [
        "procedure trial, move end: it tells king; known are applicant, members, partners, handler, heads, objectors"
    ]


# letters


def test_a_letter_says_number_act_and_address_in_the_language_of_its_reader(office, told, boxes):
    fire(told, "conclude", by=office.reviewer, at=on(3, 10))
    case = file(an_officer(office), by=office.member)
    fire(case, "note", by=office.reviewer)
    assert deliver() == 3
    # a long subject is folded before its first word, which leaves a space there
    letters = {(to, letter["Subject"].strip()): letter.get_content() for to, letter in boxes.taken}
    assert letters == {
        ("member@firm.example", f"{told.number} 公示"): (
            f"《首席质量官》{told.number}：公示。\n\n"
            f"详情：https://quality.example/registers/officers/{told.number}/\n\n"
            "本邮件由平台自动发出，请勿回复。\n"
        ),
        ("member@firm.example", f"{told.number} 公示无异议，结束公示"): (
            f"《首席质量官》{told.number}：公示无异议，结束公示。\n\n"
            f"详情：https://quality.example/registers/officers/{told.number}/\n\n"
            "本邮件由平台自动发出，请勿回复。\n"
        ),
        ("head@quality.example", f"{case.number} Note"): (
            f"Chief quality officers, {case.number}: Note.\n\n"
            f"See https://quality.example/en/registers/officers/{case.number}/\n\n"
            "This letter was sent by the platform; please do not reply to it.\n"
        ),
    }
    assert deliver() == 0


def test_no_letter_is_written_where_the_office_sends_none(office, monkeypatch, settings):
    settings.EMAIL_HOST = ""
    put_under(monkeypatch)
    people(office, member="member@firm.example")
    announced(office)
    assert (Notice.objects.count(), Letter.objects.count(), deliver()) == (1, 0, 0)


def test_an_objector_without_an_account_is_answered_by_letter_and_the_address_is_forgotten(
    office, told, boxes
):
    raised = object_to(
        told, by=PUBLIC, at=on(3, 5), ground="召回记录", name="李四", email="li@example.com"
    )  # fmt: skip
    fire(raised, "reject", by=office.reviewer, data={"answer": "与评选无关。"}, at=on(3, 6))
    Letter.objects.filter(notice__account=office.member.account).delete()
    assert deliver() == 1
    ((to, letter),) = boxes.taken
    assert (to, letter["Subject"].strip()) == ("li@example.com", f"{raised.number} 异议不成立 / Reject")
    lines = letter.get_content().split("\n\n")
    assert (lines[1], lines[5]) == ("答复：与评选无关。", "Answer: 与评选无关。")
    assert "召回" not in letter.get_content()
    assert Notice.objects.get(act="reject").address == ""


def test_a_server_that_is_down_costs_a_letter_nothing(told, boxes, settings):
    up, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    for _ in range(20):
        with pytest.raises(ConnectionRefusedError):
            deliver()
    letter = Letter.objects.get()
    assert (letter.tries, letter.standing) == (0, "waiting")
    settings.EMAIL_PORT = up
    assert deliver() == 1
    assert len(boxes.taken) == 1


def test_a_letter_refused_for_now_is_tried_again_each_time_later(told, boxes):
    boxes.answers = ["451 try again later", "451 try again later"]
    began = timezone.now()
    assert deliver(began) == 0
    letter = Letter.objects.get()
    assert (letter.tries, letter.error, letter.due_at) == (1, "451 try again later", began + WAITS[0])
    assert deliver(began + WAITS[0]) == 0
    letter = Letter.objects.get()
    assert (letter.tries, letter.due_at) == (2, began + WAITS[0] + WAITS[1])
    assert deliver(letter.due_at - dt.timedelta(seconds=1)) == 0
    assert deliver(letter.due_at) == 1
    assert [to for to, _ in boxes.taken] == ["member@firm.example"]


def test_after_the_last_try_a_letter_is_given_up_for_the_administrator_to_see(told, boxes):
    boxes.answers = ["451 busy"] * (len(WAITS) + 1)
    for tries in range(len(WAITS) + 1):
        letter = Letter.objects.get()
        assert (letter.standing, letter.tries) == ("waiting", tries)
        deliver(letter.due_at)
    letter = Letter.objects.get()
    assert (letter.standing, letter.tries, letter.error) == ("given up", 8, "451 busy")
    assert deliver(timezone.now() + dt.timedelta(days=365)) == 0
    assert try_again(letter.pk)
    assert not try_again(letter.pk)
    assert deliver() == 1


def test_a_letter_refused_for_ever_is_given_up_at_once_and_its_address_masked_in_the_reason(told, boxes):
    boxes.answers = ["550 no mailbox member@firm.example here"]
    deliver()
    letter = Letter.objects.get()
    assert (letter.standing, letter.tries) == ("given up", 1)
    assert letter.error == "550 no mailbox m*****@firm.example here"


def test_one_refused_letter_does_not_hold_up_the_others(office, told, boxes):
    fire(file(an_officer(office), by=office.member), "note", by=office.reviewer)
    boxes.answers = ["550 no"]
    assert deliver() == 1
    assert [to for to, _ in boxes.taken] == ["head@quality.example"]


def test_a_letter_at_which_the_server_hangs_up_steps_back_behind_the_others(office, told, boxes):
    fire(file(an_officer(office), by=office.member), "note", by=office.reviewer)
    boxes.answers = [HANG_UP]
    with pytest.raises(smtplib.SMTPServerDisconnected):
        deliver()
    assert deliver() == 1
    assert [to for to, _ in boxes.taken] == ["head@quality.example"]
    assert sorted((letter.standing, letter.tries) for letter in Letter.objects.all()) == [
        ("sent", 1),
        ("waiting", 1),
    ]


@pytest.mark.parametrize("address", ["a@b.example\nBcc: all@city.example", "a@b.example\r\n\r\nhello"])
def test_an_address_that_would_write_headers_of_its_own_is_not_written_to(told, boxes, address):
    Account.objects.update(email=address)
    deliver()
    assert (boxes.taken, Letter.objects.get().standing) == ([], "given up")


def test_two_senders_never_take_the_same_letter(told):
    at = timezone.now()
    assert [len(claim(at)), len(claim(at)), len(claim(at + LEASE))] == [1, 0, 1]


def test_a_letter_keeps_its_message_id_and_no_two_share_one(office, told):
    fire(file(an_officer(office), by=office.member), "note", by=office.reviewer)
    ids = [message_id(notice) for notice in Notice.objects.order_by("pk")]
    assert ids == [message_id(notice) for notice in Notice.objects.order_by("pk")]
    assert len(set(ids)) == 3


def test_letters_go_over_tls_to_a_server_that_proves_its_name(told, boxes, settings, tmp_path, monkeypatch):
    context, trusted = certificate(tmp_path)
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "localhost", free_port(), True
    with serving(boxes, settings.EMAIL_PORT, tls_context=context, require_starttls=True):
        with pytest.raises(ssl.SSLCertVerificationError):
            deliver()
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert deliver() == 1


def test_a_server_without_tls_gets_no_letter_where_tls_is_asked_for(told, boxes, settings):
    settings.EMAIL_USE_TLS = True
    with pytest.raises(smtplib.SMTPNotSupportedError):
        deliver()
    assert (boxes.taken, Letter.objects.get().standing) == ([], "waiting")


def test_the_setting_of_the_office_asks_for_tls_everywhere_but_on_this_machine():
    from shenzhi.config.settings import mail

    asked = {
        given: (mail(given)["EMAIL_PORT"], mail(given)["EMAIL_USE_TLS"], mail(given)["EMAIL_USE_SSL"])
        for given in ("smtp://u:p%40@mail.example", "smtps://mail.example", "smtp://127.0.0.1:1025", "")
    }
    assert asked == {
        "smtp://u:p%40@mail.example": (587, True, False),
        "smtps://mail.example": (465, False, True),
        "smtp://127.0.0.1:1025": (1025, False, False),
        "": (587, False, False),
    }
    assert mail("smtp://u:p%40@mail.example")["EMAIL_HOST_PASSWORD"] == "p@"
    with pytest.raises(ValueError, match="SHENZHI_SMTP"):
        mail("http://mail.example")


@pytest.mark.slow
def test_a_sender_killed_between_the_servers_yes_and_its_own_note_shows_no_letter_twice(tmp_path):
    port = free_port()
    env = {
        **os.environ, "SHENZHI_HOME": str(tmp_path), "SHENZHI_DATABASE": "", "SHENZHI_SMTP": f"smtp://127.0.0.1:{port}",
    }  # fmt: skip

    def child(script: str) -> subprocess.Popen[str]:
        begin = "import django; django.setup()\n"
        return subprocess.Popen(
            [sys.executable, "-c", begin + script], env=env, stdout=subprocess.PIPE, text=True
        )

    made = child(
        "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
        "from django.utils import timezone\n"
        "from shenzhi.kernel.models import Account, Letter, Notice\n"
        "for n in range(3):\n"
        "    who = Account.objects.create(username=f'p{n}', email=f'p{n}@firm.example')\n"
        "    told = Notice.objects.create(register='kernel_organisation', record=1, version=1, act='x',\n"
        "                                 at=timezone.now(), account=who)\n"
        "    Letter.objects.create(notice=told)\n"
    )
    assert made.wait(120) == 0
    boxes = Mailboxes()
    with serving(boxes, port):
        sender = child("from shenzhi.kernel.notices.delivery import deliver; deliver()")

        def kill() -> None:
            if len(boxes.taken) == 2:  # the second letter has been taken; the sender will never hear of it
                os.kill(sender.pid, signal.SIGKILL)

        boxes.before_answer = kill
        assert sender.wait(60) == -signal.SIGKILL
        boxes.before_answer = lambda: None
        again = child(
            "import datetime as dt\nfrom django.utils import timezone\n"
            "from shenzhi.kernel.notices.delivery import LEASE, deliver\n"
            "print(deliver(), deliver(timezone.now() + LEASE), deliver(timezone.now() + 2 * LEASE))"
        )
        assert again.communicate(timeout=60)[0] == "0 2 0\n"
    assert [to for to, _ in boxes.taken] == [
        "p0@firm.example",
        "p1@firm.example",
        "p1@firm.example",
        "p2@firm.example",
    ]
    assert [len(boxes.mailbox(f"p{n}@firm.example")) for n in range(3)] == [1, 1, 1]
