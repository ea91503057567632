"""How lamps, places and clocks are written on the pages of the workbench."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from shenzhi.calc.calendar.clocks import Lamp, Reading
from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.parties.models import Department, District
from shenzhi.kernel.registers.catalogue import register_coded
from shenzhi.kernel.supervision.lamps import UNREAD
from shenzhi.kernel.words import Words
from shenzhi.web.registers.standing import LAMPS, told

SIGNS: dict[str, tuple[str, Words]] = {**LAMPS, UNREAD: ("?", Words("未设期限", "no limit set"))}
OPEN_LAMPS = (Lamp.RED, Lamp.YELLOW, Lamp.GREEN, Lamp.PAUSED, UNREAD)
"""The lamps of what has not ended, the worst first."""

NOWHERE = Words("未定部门", "No department")
NOBODY = Words("未指派", "Unassigned")


@dataclass(frozen=True)
class Sign:
    """A lamp as it stands on a page: its shape and its word."""

    lamp: str
    shape: str
    word: Words


def sign(lamp: str) -> Sign:
    return Sign(str(lamp), *SIGNS[lamp])


def left(reading: Reading | None, unit: str) -> Words:
    """How much time is left, or how late it is."""
    return told(reading, unit) if reading is not None else Words("", "")


def clock_title(register: str, clock: str) -> Words:
    """The words for a clock of a register."""
    found = register_coded(register)
    procedure = found.procedure if found is not None else None
    for one in procedure.clocks if procedure is not None else ():
        if one.code == clock:
            title: Words = one.title
            return title
    return Words(clock, clock)


def register_title(code: str) -> Words:
    found = register_coded(code)
    return found.title if found is not None else Words(code, code)


def place_words(place: Any) -> Words:
    """A department or a district in both languages."""
    return Words(place.name, place.name_en or place.name)


def departments(keys: Iterable[int | None]) -> dict[int | None, Words]:
    """The names of these departments, None for what none holds; one query."""
    found: dict[int | None, Words] = {
        one.pk: place_words(one) for one in Department.objects.filter(pk__in={key for key in keys if key})
    }
    return {**found, None: NOWHERE}


def districts(keys: Iterable[int | None]) -> dict[int | None, Words]:
    found: dict[int | None, Words] = {
        one.pk: place_words(one) for one in District.objects.filter(pk__in={key for key in keys if key})
    }
    return {**found, None: Words("全市", "Whole city")}


def official(request: HttpRequest) -> Reader:
    """The reader of a page for those who work in an office; 404 for everybody else who is signed in.

    PermissionDenied, whose page leads on to signing in or to the second factor, where that might open it."""
    reader = reader_for(request)
    if reader.official:
        return reader
    if reader.account is None or reader.withheld:
        raise PermissionDenied
    raise Http404
