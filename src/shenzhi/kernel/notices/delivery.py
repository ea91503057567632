"""Sends the letters of notices by the office's mail server (articles 71, 90).

What is promised: in the inbox a notice stands exactly once, since it is written with the event that it tells. A letter
goes over the wire at least once: where this program dies after the server has taken the letter and before that could be
noted, the letter goes out again with the same Message-ID, by which mail servers and mail programs know it for the same
one. A letter is never lost silently: it is sent, or it waits, or it is given up and shown to the administrator with the
server's own words. A server that cannot be reached costs no letter any of its tries.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from shenzhi.calc.masks import mask
from shenzhi.kernel.notices.models import Letter, Notice, waiting
from shenzhi.kernel.notices.outbox import mails
from shenzhi.kernel.notices.wording import letter as worded

WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""How long a letter waits after each refusal; after one more it is given up, two days after it was first tried."""

LEASE = dt.timedelta(minutes=10)
"""For so long nobody else takes letters that somebody is sending."""

BATCH = 50


def deliver(moment: dt.datetime | None = None, *, batches: int = 40) -> int:
    """Send what is due and say how many letters went out. OSError or SMTPException when the server cannot be reached;
    then the letters wait as they were."""
    sent = 0
    for _ in range(batches if mails() else 0):
        letters = claim(moment)
        if not letters:
            break
        sent += _send(letters, moment)
    return sent


def claim(moment: dt.datetime | None = None) -> list[Letter]:
    """Letters that are due, now ours until the lease runs out."""
    at = moment or timezone.now()
    with transaction.atomic():
        letters = list(waiting(at).select_for_update(skip_locked=True, of=("self",))[:BATCH])
        Letter.objects.filter(pk__in=[one.pk for one in letters]).update(due_at=at + LEASE)
    return letters


def _send(letters: list[Letter], moment: dt.datetime | None) -> int:
    notices = Notice.objects.select_related("account").in_bulk([one.notice_id for one in letters])
    sent = 0
    waits = list(letters)
    connection = get_connection(fail_silently=False)
    try:
        connection.open()
        for letter in letters:
            waits.remove(letter)
            sent += _send_one(letter, notices[letter.notice_id], connection, moment or timezone.now())
    finally:
        # not reached, or gone in the middle: what was not tried is anybody's again
        Letter.objects.filter(pk__in=[one.pk for one in waits]).update(due_at=moment or timezone.now())
        connection.close()
    return sent


def _send_one(letter: Letter, notice: Notice, connection: Any, moment: dt.datetime) -> int:
    """Send one letter and note what came of it; 1 when the server took it. Raises when the server is gone."""
    account = notice.account
    address = notice.address if account is None else account.email if account.is_active else ""
    if not address:
        return _give_up(letter, notice, moment, "账号已停用或没有邮箱 the account is closed or has no e-mail")
    text = worded(notice, account.language if account else "")
    message = EmailMessage(
        text.subject,
        text.body,
        to=[address],
        headers={"Message-ID": message_id(notice), "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        return _refused(letter, notice, moment, code, _plain(said, address))
    except smtplib.SMTPDataError as refused:
        return _refused(letter, notice, moment, refused.smtp_code, _plain(refused.smtp_error, address))
    except ValueError as fault:  # an address or a title that would break out of its line
        return _give_up(letter, notice, moment, _plain(str(fault), address))
    except (smtplib.SMTPException, OSError) as lost:
        # the fault is the server's or ours, but this letter steps back, or it could hold up all others for ever
        _refused(letter, notice, moment, 421, _plain(str(lost), address))
        raise
    Letter.objects.filter(pk=letter.pk).update(sent_at=moment, tries=letter.tries + 1, error="")
    _forget_address(notice)
    return 1


def _refused(letter: Letter, notice: Notice, moment: dt.datetime, code: int, said: str) -> int:
    """The server refused this letter: for ever (5xx), or for now, and then it is tried again, each time later."""
    tries, error = letter.tries + 1, f"{code} {said}"[:300]
    if code >= 500 or tries > len(WAITS):
        return _give_up(letter, notice, moment, error)
    Letter.objects.filter(pk=letter.pk).update(due_at=moment + WAITS[tries - 1], tries=tries, error=error)
    return 0


def _give_up(letter: Letter, notice: Notice, moment: dt.datetime, error: str) -> int:
    Letter.objects.filter(pk=letter.pk).update(given_up_at=moment, tries=letter.tries + 1, error=error[:300])
    return 0


def try_again(key: int) -> bool:
    """Send a letter that was given up once more from the beginning; False where it was not."""
    given_up = Letter.objects.filter(pk=key).exclude(given_up_at=None)
    return given_up.update(given_up_at=None, tries=0, due_at=timezone.now()) == 1


def _forget_address(notice: Notice) -> None:
    if notice.address:
        Notice.objects.filter(pk=notice.pk).update(address="")


def message_id(notice: Notice) -> str:
    """The same for the same notice whenever it is sent, and nothing that tells whose it is."""
    made = salted_hmac("shenzhi.notice", str(notice.pk), algorithm="sha256").hexdigest()[:32]
    return f"<{made}@{urlsplit(settings.PUBLIC_ADDRESS).hostname}>"


def _plain(said: Any, address: str) -> str:
    """The server's words on one line, the address masked: it is nobody's business in a list of faults."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    line = "".join(" " if unicodedata.category(sign).startswith("C") else sign for sign in text)
    return line.replace(address, mask("email", address)) if address else line
