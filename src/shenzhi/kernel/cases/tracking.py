"""Follows a matter by its number and the secret that its filer was given, without an account (article 90).

A register says `tracked = (...)`; then everybody who hands something in gets a secret once, and whoever has both sees
where the matter stands, the fields named, and what the filer was told: no names, nothing personal, no draft. The moves
that the procedure leaves to the applicant can be made there too, such as to say whether it was put right.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.firing import moves_for
from shenzhi.kernel.procedures.declaration import FILE, Ask, Move
from shenzhi.kernel.registers.catalogue import registers, serial
from shenzhi.kernel.registers.receipts import tracks
from shenzhi.kernel.registers.showing import answers
from shenzhi.kernel.registers.sight import Sight
from shenzhi.kernel.registers.writing import history_of
from shenzhi.kernel.words import Words

TRACKER = Sight(frozenset(), frozenset(), frozenset({"tracker"}))
"""Who tracks a matter is told what its filer is told, with persons masked: a secret is no proof of who holds it."""


@dataclass(frozen=True)
class Message:
    """What the filer was told: on which day, by which step, with its answers."""

    on: dt.date
    act: Words
    said: tuple[tuple[Ask, Any], ...]


def tracked(number: str, secret: str) -> Case | None:
    """The case of this number if the secret is its own, else None: in the same time whether or not there is one."""
    found = next(
        (
            (register, key)
            for register in registers()
            if register.tracked is not None and (key := serial(register, number)) is not None
        ),
        None,
    )
    code, key = (found[0].code, found[1]) if found else ("", 0)
    if not tracks(secret, code, key) or found is None:
        return None
    case: Case = found[0].model._base_manager.get(pk=key)
    return case


def messages(case: Case) -> list[Message]:
    """That it was filed, and each step of which the filer is told, oldest first."""
    telling = {move.code for move in case.procedure.moves if "applicant" in move.tells}
    return [
        Message(
            timezone.localtime(event.moment).date(),
            case.procedure.act_title(event.act),
            tuple(answers(event, case.register, TRACKER)),
        )
        for event in history_of(case).filter(act__in={FILE, *telling})
    ]


def filer(case: Case) -> Reader:
    """Whoever has shown the case's number and secret: may do with this one case what its applicant may."""
    return Reader(name="凭编号和查询码 By number and secret", tracks=(case.register.code, case.pk))


def left_to_filer(case: Case) -> list[Move]:
    """The moves of the applicant that can be made now."""
    return [move for move, why in moves_for(case, filer(case)) if why is None and "applicant" in move.by]
