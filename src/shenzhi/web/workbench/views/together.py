"""Several cases of one register and one state at once: checked first, then each in a transaction of its own (article 71)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.cases.assigning import ASSIGNED, assign, candidates
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.procedures.declaration import Move
from shenzhi.kernel.registers.catalogue import register_named, serial
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.writing import Refused
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import joined, title_of
from shenzhi.web.registers.telling import is_inside
from shenzhi.web.workbench.shown import official

MOST = 100
DONE = Words("已办理", "done")
HERE = {"title": Words("工作台", "Desk")}


@dataclass(frozen=True)
class Picked:
    """A case as the person saw and chose it."""

    case: Any
    version: int

    @property
    def value(self) -> str:
        return f"{self.case.register.slug}/{self.case.number}/{self.version}"

    @property
    def what(self) -> str:
        return title_of(self.case)


@dataclass(frozen=True)
class Outcome:
    """What became of one case."""

    picked: Picked
    done: bool
    told: Words


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Which cases, and what can be done with all of them: assign them, or one move that asks no field of the record."""
    reader = official(request)
    register, picked = _picked(request, reader)
    apart = len({one.case.state for one in picked}) > 1
    cases = [one.case for one in picked]
    usable = register is not None and bool(picked) and not apart
    return render(
        request,
        "workbench/together.html",
        {
            "crumbs": [{**HERE, "href": reverse("workbench:desk")}],
            "register": register,
            "picked": picked,
            "apart": apart or register is None,
            "state": picked[0].case.standing.title if usable else None,
            "moves": _moves(cases[0], reader) if usable else [],
            "people": list(candidates(cases)) if usable else [],
            "me": reader.account,
            "key": str(uuid.uuid4()),
        },
        status=200 if usable else 422,
    )


@require_POST
def carry_out(request: HttpRequest) -> HttpResponse:
    """Do it, case by case; what one case refuses hinders no other. Sent twice it is done once."""
    reader = official(request)
    register, picked = _picked(request, reader)
    if register is None or not picked:
        raise Http404
    act, key = request.POST.get("act", ""), request.POST.get("key", "")[:40]
    move = register.procedure.move.get(act) if register.procedure is not None else None
    if act != ASSIGNED and (move is None or move.fields):
        raise Http404(act)
    data = {
        ask.code: value
        for ask in (move.asks if move else ())
        if (value := request.POST.get(ask.code, "").strip())
    }
    to = request.POST.get("to", "")
    outcomes = []
    for one in picked:
        try:
            if move is None:
                assign(
                    one.case,
                    int(to) if to.isascii() and to.isdigit() else None,
                    by=reader,
                    expect=one.version,
                )
            else:
                own = f"{key}:{one.case.pk}" if key else ""
                fire(one.case, move.code, by=reader, data=data, key=own, expect=one.version)
        except Refused as why:
            outcomes.append(Outcome(one, False, why.why))
        else:
            outcomes.append(Outcome(one, True, DONE))
    return render(
        request,
        "workbench/done.html",
        {
            "crumbs": [{**HERE, "href": reverse("workbench:desk")}],
            "register": register,
            "title": move.title if move else Words("指派", "Assign"),
            "outcomes": outcomes,
            "well": sum(one.done for one in outcomes),
        },
    )


def _moves(case: Case, reader: Reader) -> list[Move]:
    """The moves that can be made alike for many: by this reader's roles, and asking no field of the record.

    Whether each of the cases lets itself be moved is found out by trying, one by one."""
    return [
        move
        for move in case.procedure.moves_from(case.state)
        if not move.fields and set(move.by) & reader.roles()
    ]


def _picked(request: HttpRequest, reader: Reader) -> tuple[Register | None, list[Picked]]:
    """The register, None where cases of several were chosen, and the chosen cases that the reader has to do with."""
    versions: dict[tuple[str, str], int] = {}
    for value in request.POST.getlist("pick")[:MOST]:
        slug, _, rest = value.partition("/")
        number, _, version = rest.partition("/")
        versions[slug, number] = (
            int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        )
    slugs = {slug for slug, _ in versions}
    register = register_named(slugs.pop()) if len(slugs) == 1 else None
    if register is None or not issubclass(register.model, Case):
        return None, []
    seen = {
        key: version
        for (_, number), version in versions.items()
        if (key := serial(register, number)) is not None
    }
    return register, [Picked(one, seen[one.pk]) for one in _records(register, list(seen), reader)]


def _records(register: Register, keys: Sequence[int], reader: Reader) -> list[Any]:
    model: type[Record] = register.model
    records = model.objects.visible_to(reader).filter(pk__in=keys)
    records = records.select_related(*joined(model, [register.label])).order_by("pk")
    return [one for one in records if is_inside(one.sight)]
