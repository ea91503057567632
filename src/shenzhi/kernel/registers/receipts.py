"""What a client was answered, by the key that it gave: the same request sent twice is done once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.history.events import canonical


class Receipt(models.Model):
    """One request that was carried out; `actor` is 0 for the public. `digest` tells the same request from another."""

    actor = models.PositiveBigIntegerField()
    key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    register = models.CharField(max_length=60)
    record = models.PositiveBigIntegerField()
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("actor", "key"), name="one_request_a_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.register}/{self.record}"


class KeyUsed(ValueError):
    """The key came with another request before."""


def receipt_of(by: Reader, key: str, asked: Mapping[str, Any]) -> Receipt | None:
    """The receipt of the same request by the same person, None where it is new; KeyUsed for another under its key."""
    if not key:
        return None
    done = Receipt.objects.filter(actor=by.account or 0, key=key).first()
    if done is not None and done.digest != _digest(asked):
        raise KeyUsed(key)
    return done


def keep_receipt(
    by: Reader, key: str, asked: Mapping[str, Any], *, register: str, record: int, version: int
) -> None:
    """Remember a request that was carried out, within its transaction; nothing to do without a key."""
    if key:
        Receipt.objects.create(
            actor=by.account or 0,
            key=key,
            digest=_digest(asked),
            register=register,
            record=record,
            version=version,
        )


def _digest(asked: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(asked).encode()).hexdigest()
