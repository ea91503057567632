"""Writes who is to be told of a move, in the transaction of the move itself: a move that happened is always told, and one
that did not never is (article 71)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone

from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.notices.models import Letter, Notice
from shenzhi.kernel.notices.recipients import recipients
from shenzhi.kernel.procedures.declaration import Move


def tell(case: Case, move: Move | None, by: Reader, moment: dt.datetime) -> None:
    """One notice for everybody whom the move tells, but not for whoever made it; and a letter where there is an address."""
    if move is None or not move.tells:
        return
    told = recipients(case, move.tells, timezone.localtime(moment).date())
    told.accounts.discard(by.account or 0)
    event = {
        "register": case.register.code,
        "record": case.pk,
        "version": case.version,
        "act": move.code,
        "at": moment,
    }
    mailing = mails()
    accounts = (
        Account.objects.filter(pk__in=told.accounts, is_active=True).order_by("pk").values_list("pk", "email")
    )
    addressed = {pk: bool(email) for pk, email in accounts}
    notices = [Notice(**event, account_id=pk) for pk in addressed]
    if mailing:
        notices += [Notice(**event, address=address) for address in sorted(told.addresses)]
    made = Notice.objects.bulk_create(notices)
    if mailing:
        Letter.objects.bulk_create(
            Letter(notice=one) for one in made if one.account_id is None or addressed[one.account_id]
        )


def mails() -> bool:
    """Whether this office sends e-mail at all (SHENZHI_SMTP)."""
    return bool(settings.EMAIL_HOST)


def inbox(account: int) -> models.QuerySet[Notice]:
    """The notices of an account, the newest first."""
    return Notice.objects.filter(account=account).order_by("-id")


def read(account: int, key: int | None = None) -> int:
    """Mark one notice of the account as read, or all of them; says how many were unread."""
    unread = Notice.objects.filter(account=account, read_at=None)
    return (unread if key is None else unread.filter(pk=key)).update(read_at=timezone.now())
