"""Personal values in history, each record's under a key of its own: without the key they are erased (article 88).

History is never rewritten, and the law may still demand that a person's data go. So a personal value is written into
an event encrypted (AES-256-GCM), and the key of its record lies in a table of its own. Deleting the key erases every
such value of the record in all its events at once, and the chain of hashes, which covers the encrypted text, stays whole.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from shenzhi.kernel import bulk

ERASED = "〔已依法删除 erased〕"
"""What stands in the place of a personal value whose key is gone."""

_NONCE = 12
_SIDES = ("before", "after", "said")
DOER = "doer"
"""Under this word an event says who did it, where that is a private person; an officer's name stands in its column."""
_MARK = "sealed"
_EMPTY = (None, "")
_encoder = json.JSONEncoder(ensure_ascii=False, default=str)


class Seal(models.Model):
    """The key to the personal values in one record's history; the database lets it go only after an erasure."""

    register = models.CharField(max_length=60)
    record = models.PositiveBigIntegerField()
    key = models.CharField(max_length=44)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("register", "record"), name="one_seal_a_record")]

    def __str__(self) -> str:
        return f"{self.register}/{self.record}"


def sealable(told: Mapping[str, Any], personal: Collection[str]) -> bool:
    """Whether an event tells any personal value; an empty one is no secret."""
    if DOER in told:
        return True
    sides = [told[side] for side in _SIDES if side in told]
    return any(side.get(name) not in _EMPTY for side in sides for name in personal)


def sealed(told: Mapping[str, Any], personal: Collection[str], key: str, place: str) -> dict[str, Any]:
    """What an event tells, its personal values encrypted; `place` binds them to the record they were written for."""
    box = AESGCM(a2b_base64(key))
    written = dict(told)
    if DOER in told:
        written[DOER] = {_MARK: _shut(box, told[DOER], f"{place}/{DOER}/")}
    for side in _SIDES:
        if side in told:
            written[side] = values = dict(told[side])
            for name in personal:
                if (value := values.get(name)) not in _EMPTY:
                    values[name] = {_MARK: _shut(box, value, f"{place}/{name}")}
    return written


def opened(told: dict[str, Any], key: str | None, place: str) -> dict[str, Any]:
    """What an event tells, its personal values readable, or ERASED where the key is gone."""
    box = AESGCM(a2b_base64(key)) if key else None
    if is_sealed(told.get(DOER)):
        told[DOER] = _open(box, told[DOER][_MARK], f"{place}/{DOER}/")
    for side in _SIDES:
        for name, value in told.get(side, {}).items():
            if is_sealed(value):
                told[side][name] = _open(box, value[_MARK], f"{place}/{name}")
    return told


def value_of(sealed_value: dict[str, str], key: str | None, place: str, name: str) -> Any:
    """One sealed value, readable, or ERASED where its key is gone."""
    return _open(AESGCM(a2b_base64(key)) if key else None, sealed_value[_MARK], f"{place}/{name}")


def is_sealed(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {_MARK} and isinstance(value[_MARK], str)


def keys_of(register: str, records: Iterable[int]) -> dict[int, str]:
    """The keys that these records have."""
    found: dict[int, str] = {}
    for part in bulk.chunks(sorted(set(records))):
        kept = Seal.objects.filter(register=register, record__in=part)
        found.update(kept.values_list("record", "key"))
    return found


def keys_made(register: str, fresh: Collection[int], known: Collection[int]) -> dict[int, str]:
    """The keys of these records, made for those that have none; `fresh` ones are new and need not be looked for."""
    keys = keys_of(register, known)
    made = {record: b64encode(secrets.token_bytes(32)).decode() for record in {*fresh, *known} - keys.keys()}
    if made:
        rows = ((register, record, key) for record, key in sorted(made.items()))
        bulk.insert(Seal._meta.db_table, ("register", "record", "key"), rows)
    return keys | made


def shut_columns(
    register: str, records: Sequence[int], columns: Mapping[str, Sequence[Any]], names: Mapping[str, str]
) -> dict[str, list[str]]:
    """Personal values of many new records as the text of `sealed` ones, column by column; `names` is what each is bound to."""
    filled = [any(value not in _EMPTY for value in row) for row in zip(*columns.values(), strict=True)]
    keys = keys_made(register, [record for record, has in zip(records, filled, strict=False) if has], ())
    boxes = {record: AESGCM(a2b_base64(key)) for record, key in keys.items()}
    return {
        column: [
            _encoder.encode(value)
            if value in _EMPTY
            else f'{{"{_MARK}":"{_shut(boxes[record], value, f"{register}/{record}/{names[column]}")}"}}'
            for record, value in zip(records, values, strict=True)
        ]
        for column, values in columns.items()
    }


def _shut(box: AESGCM, value: Any, place: str) -> str:
    nonce = secrets.token_bytes(_NONCE)
    text = _encoder.encode(value)
    return b64encode(nonce + box.encrypt(nonce, text.encode(), place.encode())).decode()


def _open(box: AESGCM | None, token: str, place: str) -> Any:
    if box is None:
        return ERASED
    raw = a2b_base64(token)
    try:
        return json.loads(box.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode())
    except (
        InvalidTag
    ):  # sealed before an erasure, under a key that is gone; a record that is told of again has a new one
        return ERASED
