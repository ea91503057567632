"""A process may die at any instant while it tells, sends or attaches: nothing is lost, told twice, or left half done."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from kernel.killing import furnished, survive
from mail_server import Mailboxes, free_port, serving
from office import reader
from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.accounts import Account, Membership
from shenzhi.kernel.attachments.attaching import attach
from shenzhi.kernel.attachments.models import Attachment
from shenzhi.kernel.attachments.store import checked
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.notices.delivery import LEASE, deliver
from shenzhi.kernel.notices.models import Letter, Notice
from shenzhi.kernel.parties.models import Department, Organisation


@pytest.fixture(scope="module")
def pattern(tmp_path_factory) -> Path:
    return furnished(tmp_path_factory.mktemp("pattern"))


@pytest.mark.slow
@pytest.mark.parametrize("work", ["telling", "attaching"])
def test_every_move_has_its_notices_and_every_row_its_file(work, pattern, tmp_path, monkeypatch):
    monkeypatch.setenv("SHENZHI_SMTP", "smtp://127.0.0.1:9")  # letters are written, nobody sends them
    told = survive(__file__, work, kills=60, pattern=pattern, home=tmp_path, latest=0.5)
    assert told.endswith(" acknowledged, 0 left something wrong\n")
    assert int(told.split(", ")[1].split()[0]) > 20  # or the kills came before any work was done


@pytest.mark.slow
def test_every_letter_arrives_and_shows_once_in_its_mailbox(pattern, tmp_path, monkeypatch):
    port, boxes = free_port(), Mailboxes()
    monkeypatch.setenv("SHENZHI_SMTP", f"smtp://127.0.0.1:{port}")
    with serving(boxes, port):
        told = survive(__file__, "sending", kills=60, pattern=pattern, home=tmp_path, latest=0.5)
    assert told.endswith(" acknowledged, 0 left something wrong\n")
    written, acknowledged = ((tmp_path / name).read_text().split() for name in ("written", "acknowledged"))
    assert len(acknowledged) > 20
    assert {address: len(boxes.mailbox(address)) for address in written} == dict.fromkeys(written, 1)
    assert set(acknowledged) <= set(written)


@pytest.mark.slow
def test_four_senders_at_once_send_every_letter_once(pattern):
    home = pattern  # the last test of this file: nobody copies it any more
    port, boxes = free_port(), Mailboxes()
    url = (home / "database").read_text() if (home / "database").exists() else ""
    env = {
        **os.environ,
        "SHENZHI_HOME": str(home),
        "SHENZHI_DATABASE": url,
        "SHENZHI_SMTP": f"smtp://127.0.0.1:{port}",
    }
    begin = "import django; django.setup()\n"
    write = (
        "from django.utils import timezone\nfrom shenzhi.kernel.notices.models import Letter, Notice\n"
        "for n in range(200):\n"
        "    told = Notice.objects.create(register='kernel_organisation', record=1, version=n, act='x',\n"
        "                                 at=timezone.now(), address=f'p{n}@firm.example')\n"
        "    Letter.objects.create(notice=told)\n"
    )
    send = "from shenzhi.kernel.notices.delivery import deliver\nprint(deliver())"
    subprocess.run([sys.executable, "-c", begin + write], env=env, check=True, timeout=120)
    with serving(boxes, port):
        senders = [
            subprocess.Popen([sys.executable, "-c", begin + send], env=env, stdout=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        sent = [int(one.communicate(timeout=120)[0]) for one in senders]
    assert sum(sent) == 200
    assert sorted(to for to, _ in boxes.taken) == sorted(f"p{n}@firm.example" for n in range(200))


def telling() -> Iterator[str]:
    """An officer is filed and returned to its organisation, whose member is told."""
    firm, clerk = _office()
    _member(firm)
    for turn in itertools.count():
        case = fire(
            file(_officer(), by=clerk), "return", by=clerk, data={"reason": "x"}, key=f"{os.getpid()}-{turn}"
        )
        yield f"{case.pk} {case.version}"


def telling_faults(acknowledged: list[str]) -> list[str]:
    told = list(Notice.objects.values_list("record", "version"))
    happened = set(Event.objects.filter(act="return").values_list("record", "version"))
    found = []
    if len(told) != len(set(told)) or set(told) != happened:
        found.append("a move that was not told, or a notice of what did not happen")
    if Letter.objects.count() != len(told):
        found.append("a notice without its letter")
    return found + [
        f"{line} is lost" for line in acknowledged if tuple(map(int, line.split())) not in happened
    ]


def attaching() -> Iterator[str]:
    """A file is attached to an officer again and again."""
    _, clerk = _office()
    for turn in itertools.count():
        case = file(_officer(), by=clerk)
        upload = io.BytesIO(f"{os.getpid()} {turn}".encode())
        upload.name = "a.txt"
        yield attach(case, upload, by=clerk).sha256


def attaching_faults(acknowledged: list[str]) -> list[str]:
    named = set(Attachment.objects.values_list("record", "sha256"))
    found = []
    if named != {
        (event.record, event.told["file"]["sha256"]) for event in Event.objects.filter(act="attached")
    }:
        found.append("a file without its event, or an event without its file")
    for _, sha256 in named:
        checked(sha256)
    kept = {sha256 for _, sha256 in named}
    return found + [f"{sha256} is lost" for sha256 in acknowledged if sha256 not in kept]


def sending() -> Iterator[str]:
    """Letters are written and sent; the address is acknowledged once the letter counts as sent."""
    for turn in itertools.count():
        address = f"p{os.getpid()}-{turn}@firm.example"
        notice = Notice.objects.create(
            register="kernel_organisation",
            record=os.getpid(),
            version=turn,
            act="x",
            at=timezone.now(),
            address=address,
        )
        _note("written", address)
        letter = Letter.objects.create(notice=notice)
        deliver()
        if Letter.objects.get(pk=letter.pk).sent_at:
            yield address


def sending_faults(acknowledged: list[str]) -> list[str]:
    Path(os.environ["SHENZHI_HOME"], "acknowledged").write_text("\n".join(acknowledged))
    # killed between the two rows, which `tell` writes together
    for notice in Notice.objects.filter(letter=None):
        Letter.objects.create(notice=notice)
    deliver(timezone.now() + 2 * LEASE)
    return [f"{letter} did not go out" for letter in Letter.objects.filter(sent_at=None)]


def _note(file: str, line: str) -> None:
    with Path(os.environ["SHENZHI_HOME"], file).open("a") as noted:
        noted.write(f"{line}\n")


def _office():
    quality = Department.objects.get(code="quality")
    firm = Organisation.objects.order_by("id").first()
    return firm, reader(3, "clerk", department=quality.pk, keeps="quality")


def _member(firm) -> None:
    member, _ = Account.objects.get_or_create(username="member", defaults={"email": "member@firm.example"})
    Membership.objects.get_or_create(
        account=member, role="member", organisation=firm, defaults={"valid_from": dt.date(2020, 1, 1)}
    )


def _officer():
    return Officer(
        organisation=Organisation.objects.order_by("id").first(), name="张三", phone="13800001111",
        appointed_on=dt.date(2026, 1, 5), department=Department.objects.get(code="quality"),
    )  # fmt: skip
