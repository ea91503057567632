"""Reading personal fields whole is noted: who read them, of which records (Personal Information Protection Law 54, 56)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shenzhi.kernel.access.reads import note_read
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record


def noted(
    reader: Reader,
    register: Register,
    records: Sequence[Record],
    shown: Iterable[str],
    purpose: str = "page",
    answers: Iterable[str] = (),
) -> None:
    """Note the personal fields among `shown` that are shown whole, with the records of which they are; and with them the
    personal `answers` that their history shows whole."""
    personal, said = frozenset(register.personal).intersection(shown), frozenset(answers)
    if not personal and not said:
        return
    read: dict[frozenset[str], list[int]] = {}
    for one in records:
        read.setdefault(personal & one.sight.whole | said, []).append(one.pk)
    for fields, keys in read.items():
        note_read(reader, register.code, keys, fields, purpose)
