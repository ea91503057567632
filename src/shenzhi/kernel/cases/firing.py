"""Hands a case in and moves it on: the only ways in which a state is ever written (articles 69, 71).

One transaction holds the right, the required answers, four eyes, the version, the record, its history, its clocks, its
notices and the client's key: all of it happens, or nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from shenzhi.calc.calendar.clocks import Lamp
from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.access.roles import ROLES, SYSTEM, Reader
from shenzhi.kernel.cases.case import Case
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import advance, book, start_many
from shenzhi.kernel.history.events import Event, now
from shenzhi.kernel.parties.models import Department
from shenzhi.kernel.procedures.declaration import FILE, Ask, Move
from shenzhi.kernel.registers.declaration import value_at
from shenzhi.kernel.registers.receipts import keep_receipt
from shenzhi.kernel.registers.sight import fits
from shenzhi.kernel.registers.writing import (
    UNWRITABLE,
    Invalid,
    NotAllowed,
    Refused,
    enter,
    held,
    known,
    plain,
    rewrite,
    unwritable,
)
from shenzhi.kernel.words import Words

C = TypeVar("C", bound=Case)

# What follows a move within its transaction (notices): called with the case, the act and who did it.
FOLLOW: list[Callable[[Case, Move | None, Reader, dt.datetime], None]] = []
# Says of a case whether an objection to it still waits for its answer; set by the part that keeps objections.
OPPOSED: list[Callable[[Case], bool]] = []


def file(
    case: C,
    *,
    by: Reader,
    key: str = "",
    at: dt.datetime | None = None,
    told: Mapping[str, Any] | None = None,
) -> C:
    """Hand a case in: it gets its number, stands in the first state, and its clocks start.

    With `key` the same request sent again gives the same case. NotAllowed and Invalid as for `create`."""
    with transaction.atomic():
        case.state = case.procedure.first.code
        _name_applicant(case, by)
        _name_department(case)
        made = enter(case, by=by, act=FILE, at=at or now(), told=told or {}, key=key)
        if made is not case:  # the same request had been carried out before
            return made
        moment = made.made_at
        start_many([made], case.procedure.clocks, FILE, moment)
        if case.procedure.effect is not None:
            case.procedure.effect(made, by, moment)
        for after in FOLLOW:
            after(made, None, by, moment)
    return made


def _name_department(case: Case) -> None:
    """A case that is handed in to nobody in particular goes where its register routes it, or to the department that keeps it."""
    if case.department_id is None and case.register.routes:
        case.department = value_at(case, case.register.routes)
    if case.department_id is None:
        case.department = Department.objects.filter(code=case.register.keeper).first()


def fire(
    case: C,
    code: str,
    *,
    by: Reader,
    data: Mapping[str, Any] | None = None,
    key: str = "",
    at: dt.datetime | None = None,
    expect: int | None = None,
) -> C:
    """Make one move of the case's procedure. `data` holds the fields and answers that the move asks for.

    `expect` is the version the person saw (default: that of `case`). NotAllowed, Stale, Invalid, or Refused with the
    reason and the way out; then nothing has happened. `key` makes a repeated request harmless.
    """
    given = dict(data or {})
    with transaction.atomic():
        asked = {"fire": code, "on": [case.register.code, case.pk], **{k: plain(v) for k, v in given.items()}}
        if (done := known(by, key, asked)) is not None:
            return type(case)._base_manager.get(pk=done.record)
        current = held(case, expect=expect)
        move = current.procedure.move.get(code)
        if move is None or current.state not in move.source:
            raise _no_such_move(current, code)
        if why := hindrance(current, move, by, at or now()):
            raise why
        fields, said = _answers(move, given)
        current.refuse_answers(move, said)
        fields |= move.sets
        moment = at or now()
        told = {"from": current.state, **({"said": said} if said else {})}
        moved = rewrite(
            current, fields, by=by, act=code, at=moment, told=told, state=move.to or current.state
        )
        try:
            advance(moved, moved.procedure.clocks, code, moment)
        except BilingualError as error:
            raise Refused(Words(error.zh, error.en)) from error
        if move.effect is not None:
            move.effect(moved, by, moment)
        for after in FOLLOW:
            after(moved, move, by, moment)
        keep_receipt(by, key, asked, register=case.register.code, record=case.pk, version=moved.version)
    return moved


def moves_for(case: Case, by: Reader, moment: dt.datetime | None = None) -> list[tuple[Move, Refused | None]]:
    """The moves from where the case stands that the reader's roles may make, each with what still hinders it."""
    found = []
    for move in case.procedure.moves_from(case.state):
        why = hindrance(case, move, by, moment or now())
        if not isinstance(why, NotAllowed) or why.field == "four eyes":
            found.append((move, why))
    return found


def hindrance(case: Case, move: Move, by: Reader, moment: dt.datetime) -> Refused | None:
    """Why the reader cannot make this move now, None when nothing stands in the way but the answers to be given."""
    register = case.register
    known = by.within(register.code)
    if not known.may_write or not any(fits(register, known, role, case.pk) for role in _may(move, known)):
        return NotAllowed(
            Words(
                f"“{move.title.zh}”须由{_roles(move).zh}办理，您没有这一角色，或者该事项不在您的范围内。",
                f"“{move.title.en}” is for {_roles(move).en}; you hold no such role, or the case lies outside your reach.",
            )
        )
    if move.apart_from and (act := _done_by(case, move.apart_from, by)):
        title = case.procedure.act_title(act)
        return NotAllowed(
            Words(
                f"“{title.zh}”是您办理的，“{move.title.zh}”须由另一人办理。",
                f"You did “{title.en}”; “{move.title.en}” must be done by somebody else.",
            ),
            field="four eyes",
        )
    try:
        if waiting := not_over(case, move.after, moment):
            return Refused(waiting)
    except BilingualError as error:  # a clock without a limit in force
        return Refused(Words(error.zh, error.en))
    if move.unopposed and any(opposed(case) for opposed in OPPOSED):
        return Refused(
            Words(
                "尚有异议未处理：先答复全部异议，再办理此步。",
                "An objection is still waiting: answer every objection first.",
            )
        )
    return None


def _name_applicant(case: Case, by: Reader) -> None:
    """Whoever hands a case in for himself is its applicant; an officer who takes it down for somebody else is not."""
    if by.account is None or by.official or by.is_system:
        return
    for stake in case.register.stakes:
        if stake.role == "applicant" and "__" not in stake.path and getattr(case, f"{stake.path}_id") is None:
            setattr(case, f"{stake.path}_id", by.account)


def _may(move: Move, by: Reader) -> Iterable[str]:
    held_roles = by.roles()
    return [role for role in (*move.by, SYSTEM) if role in held_roles]


def _roles(move: Move) -> Words:
    words = [ROLES.get(role, Words("平台", "the platform")) for role in move.by]
    return Words("、".join(one.zh for one in words), " or ".join(one.en.lower() for one in words))


def _done_by(case: Case, acts: tuple[str, ...], by: Reader) -> str:
    """The first of these acts whose last doer is the reader; the platform is nobody."""
    if by.account is None:
        return ""
    for act in acts:
        last = Event.objects.filter(register=case.register.code, record=case.pk, act=act).order_by("-version")
        if last.values_list("actor", flat=True).first() == by.account:
            return act
    return ""


def not_over(case: Case, clocks: tuple[str, ...], moment: dt.datetime) -> Words | None:
    """Which clock must still run out, and until which day; None when all have. LimitError where one has no limit."""
    today = timezone.localtime(moment).date()
    named = {clock.code: clock for clock in case.procedure.clocks}
    for code in clocks:
        runs = ClockRun.objects.filter(register=case.register.code, record=case.pk, clock=code).order_by(
            "-id"
        )
        run = runs.first()
        reading = book().read(run, today) if run is not None else None
        if reading is None or reading.lamp not in (Lamp.RED, Lamp.DONE):
            title = named[code].title
            due = reading.due_on if reading else ""
            return Words(
                f"“{title.zh}”至 {due} 届满，届满后方可办理。",
                f"“{title.en}” runs until {due}; this can be done after it.",
            )
    return None


def _answers(move: Move, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was given as fields of the record and as answers; Invalid with every gap and every surplus."""
    asks = {ask.code: ask for ask in move.asks}
    faults: dict[str, list[Words]] = {}
    for name in given:
        if name not in move.fields and name not in asks:
            faults[name] = [Words("此步不接受这一项。", "this step does not take it.")]
    for name in move.needs:
        if given.get(name) in (None, ""):
            faults[name] = [Words("此步必须填写。", "this step needs it.")]
    said = {}
    for code, ask in asks.items():
        value = given.get(code)
        if value in (None, ""):
            if ask.required:
                faults[code] = [Words("此步必须填写。", "this step needs it.")]
            continue
        if unwritable(value):
            faults[code] = [UNWRITABLE]
        elif why := _unknown(ask, value):
            faults[code] = [why]
        said[code] = value
    if faults:
        raise Invalid(faults)
    return {name: given[name] for name in move.fields if name in given}, said


def _unknown(ask: Ask, value: Any) -> Words | None:
    if ask.choices and value not in {choice.code for choice in ask.choices}:
        known = "、".join(choice.title.zh for choice in ask.choices)
        english = ", ".join(choice.title.en for choice in ask.choices)
        return Words(f"只能选：{known}。", f"choose one of: {english}.")
    return None


def _no_such_move(case: Case, code: str) -> Refused:
    onward = case.procedure.moves_from(case.state)
    zh, en = "、".join(m.title.zh for m in onward) or "无", ", ".join(m.title.en for m in onward) or "none"
    title = case.procedure.act_title(code)
    return Refused(
        Words(
            f"当前状态“{case.standing.title.zh}”不能办理“{title.zh}”；可办理：{zh}。",
            f"“{title.en}” is no step from “{case.standing.title.en}”; possible are: {en}.",
        )
    )
