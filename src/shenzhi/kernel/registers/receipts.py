"""What a person holds after handing something in: the same request sent twice is done once, and a secret tracks it (article 90).

Nothing in a receipt can be read back, not even by guessing: the key is kept as its hash, what was handed in as a hash
that needs the platform's own key, and so is the secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import connection, models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from shenzhi.kernel import bulk
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.history.events import canonical

SHOWN_MINUTES = 10
"""So long after filing the page that confirms it still tells the secret, for a second click or a printer; then never again."""

_COLUMNS = ("actor", "key", "digest", "secret", "register", "record", "version", "made_at")
_GROUPS, _LETTERS = 4, 4  # 16 letters of base 32: 80 bits, which nobody tries out


class Receipt(models.Model):
    """One request that was carried out; `actor` is 0 for the public. `digest` tells the same request from another.

    `secret` is the hash of what the matter is tracked by, "" where its register has no tracking."""

    actor = models.PositiveBigIntegerField()
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    secret = models.CharField(max_length=64, blank=True, default="")
    register = models.CharField(max_length=60)
    record = models.PositiveBigIntegerField()
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("actor", "key"), name="one_request_a_key")]
        indexes = [models.Index(fields=("register", "record"), name="receipt_record")]

    def __str__(self) -> str:
        return f"{self.register}/{self.record} v{self.version}"


class KeyUsed(ValueError):
    """The key came with another request before."""


def receipt_under(by: Reader, key: str) -> Receipt | None:
    """The receipt of what this person asked under the key, None where there is none."""
    if not key:
        return None
    # by hand, since nearly every filing asks it and nearly none has an answer
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM kernel_receipt WHERE actor = %s AND key = %s", [by.account or 0, _hidden(key)]
        )
        found = cursor.fetchone()
    return Receipt.objects.get(pk=found[0]) if found else None


def receipt_of(by: Reader, key: str, asked: Mapping[str, Any]) -> Receipt | None:
    """The receipt of the same request by the same person, None where it is new; KeyUsed for another under its key."""
    done = receipt_under(by, key)
    if done is not None and not hmac.compare_digest(done.digest, _digest(by, key, asked)):
        raise KeyUsed(key)
    return done


def keep_receipt(
    by: Reader,
    key: str,
    asked: Mapping[str, Any],
    *,
    register: str,
    record: int,
    version: int,
    tracked: bool = False,
) -> str:
    """Remember a request that was carried out, within its transaction; nothing to do without a key.

    Where it is `tracked` there is always a receipt, and what comes back is the secret that tracks it, told once."""
    if not key and not tracked:
        return ""
    key = key or secrets.token_hex(16)
    secret = _secret(key, register, record) if tracked else ""
    kept = _kept(secret, register, record) if tracked else ""
    made_at = connection.ops.adapt_datetimefield_value(timezone.now())
    row = (by.account or 0, _hidden(key), _digest(by, key, asked), kept, register, record, version)
    bulk.insert(Receipt._meta.db_table, _COLUMNS, [(*row, made_at)])
    return secret


def secret_again(receipt: Receipt, key: str) -> str:
    """The secret for whoever filed under this key a few minutes ago; "" later, and where nothing is tracked."""
    young = (timezone.now() - receipt.made_at).total_seconds() < SHOWN_MINUTES * 60
    return _secret(key, receipt.register, receipt.record) if receipt.secret and young else ""


def tracks(secret: str, register: str, record: int) -> bool:
    """Whether the secret is that of the record; as long in answering for a record that has none or does not exist."""
    kept = Receipt.objects.filter(register=register, record=record).exclude(secret="")
    known = kept.values_list("secret", flat=True).first()
    given = _kept(_written(secret), register, record)
    return hmac.compare_digest(known or "0" * 64, given) and known is not None


def forget(register: str, record: int) -> None:
    """After an erasure nothing of what was handed in can be confirmed by comparing; the secret still tracks the record."""
    Receipt.objects.filter(register=register, record=record).update(digest="")


def _written(secret: str) -> str:
    """A secret as it was given, whatever the case, the spaces and the hyphens in which somebody typed it."""
    plain = "".join(one for one in secret.upper() if one.isalnum())
    return "-".join(plain[at : at + _LETTERS] for at in range(0, len(plain), _LETTERS))


def _secret(key: str, register: str, record: int) -> str:
    """Worked out from the key, which only the person has, and the platform's own: so it need not be kept to be told twice."""
    made = salted_hmac(f"shenzhi.tracking {register} {record}", key, algorithm="sha256").digest()
    return _written(base64.b32encode(made).decode()[: _GROUPS * _LETTERS])


def _kept(secret: str, register: str, record: int) -> str:
    return salted_hmac(f"shenzhi.tracked {register} {record}", secret, algorithm="sha256").hexdigest()


def _hidden(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _digest(by: Reader, key: str, asked: Mapping[str, Any]) -> str:
    """Keyed, and salted with whose request it is: equal contents look different, and small ones cannot be tried out."""
    salt = f"shenzhi.receipt {by.account or 0} {key}"
    return salted_hmac(salt, canonical(asked), algorithm="sha256").hexdigest()
