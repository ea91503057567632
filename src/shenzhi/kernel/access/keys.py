"""Keys with which a program acts for an account: made once, shown once, narrowed, limited in time, and revocable.

A key is written `shenzhi_<prefix>_<secret>`. The prefix names it in lists and finds its row; it is no secret. The secret
has 256 random bits, so one round of SHA-256 protects it as well as any slow hash would: slow hashes make up for what is
guessable in a password, nothing is guessable here, and a slow hash would be paid at every request.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import replace

from django.utils import timezone

from shenzhi.kernel.access.accounts import Account, ApiKey, reader_of
from shenzhi.kernel.access.roles import Reader

MARK = "shenzhi"
EVERY = "*"
"""The scope of a key that counts for every register, those of later years among them."""

LONGEST_DAYS = 366
USED_EVERY = dt.timedelta(minutes=1)
"""How exact `used_at` is: a key in heavy use must not cost a write for each request."""

NO_SUCH_KEY = hashlib.sha256(b"").hexdigest()


def make(
    account: Account, title: str, *, registers: Iterable[str], may_write: bool, expires_on: dt.date
) -> tuple[ApiKey, str]:
    """A new key and its text, which nobody can read again. For `kernel.staff`, which keeps the history of it."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    text = f"{MARK}_{prefix}_{secret}"
    key = ApiKey.objects.create(
        account=account,
        title=title,
        prefix=prefix,
        hashed=_hashed(text),
        registers=sorted(set(registers)),
        may_write=may_write,
        expires_on=expires_on,
    )
    return key, text


def valid(key: ApiKey, today: dt.date) -> bool:
    """Whether a key still opens anything: not revoked, and its last day not past."""
    return key.revoked_at is None and (key.expires_on is None or key.expires_on >= today)


def reader_by_key(header: str) -> Reader | None:
    """The reader of a program that sends `Authorization: Bearer <key>`; None for a key that is unknown, revoked or
    expired, or whose account is closed.

    The reader holds the roles that the account holds today, in the registers of the key alone, and writes only with a
    key that may.
    """
    scheme, _, text = header.strip().partition(" ")
    parts = text.strip().split("_", 2)
    if scheme.lower() != "bearer" or len(parts) != 3 or parts[0] != MARK:
        return None
    key = ApiKey.objects.select_related("account").filter(prefix=parts[1]).first()
    same = hmac.compare_digest(key.hashed if key else NO_SUCH_KEY, _hashed(text.strip()))
    if key is None or not same or not valid(key, timezone.localdate()) or not key.account.is_active:
        return None
    moment = timezone.now()
    if key.used_at is None or moment - key.used_at >= USED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(used_at=moment)
    registers = None if EVERY in key.registers else frozenset(key.registers)
    return replace(reader_of(key.account), key=key.pk, may_write=key.may_write, registers=registers)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
