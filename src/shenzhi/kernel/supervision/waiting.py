"""The open cases that wait for a reader without a clock of the reader's own department: those that no limit runs on, and
those of others in which the next move is the reader's, as a department concerned, an organisation or an applicant (article 71).
"""

from __future__ import annotations

from functools import cache

from django.db.models import Exists, OuterRef, Q, Value

from shenzhi.kernel.access.roles import OFFICIALS, PARTIES, Reader
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.procedures.declaration import FILE, Procedure
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.sight import NONE, held_by


def waiting(reader: Reader, most: int) -> list[tuple[str, int]]:
    """Register and key of up to `most` of them, in one question; register by register, no further order."""
    found = []
    for register in registers():
        only = _only(register, reader)
        if only == NONE:
            continue
        keys = register.model._default_manager.filter(only).order_by()
        found.append(keys.annotate(code=Value(register.code)).values_list("code", "pk"))
    if not found:
        return []
    first, *others = found
    rows = first.union(*others, all=True) if others else first
    return [(code, key) for code, key in rows[:most]]


def _only(register: Register, reader: Reader) -> Q:
    """The cases of a register that wait for the reader."""
    only = NONE
    if register.procedure is None:
        return only
    running = ClockRun.objects.filter(register=register.code, record=OuterRef("pk"), ended_on=None)
    for role in sorted(reader.within(register.code).roles()):
        states = moved_on(register.procedure, role)
        reach = held_by(register, reader, [role]) if states else None
        if reach is None or reach == NONE:
            continue
        mine = reach & Q(state__in=states)
        only |= mine if role in PARTIES else mine & ~Exists(running)
    return only


@cache
def moved_on(procedure: Procedure, role: str) -> tuple[str, ...]:
    """The states in which a case waits for the role here: for those of an office where no clock need run, for a party
    wherever it can move the case on. That a party may also withdraw, or end what is in force, is no task."""
    open_ = {state.code for state in procedure.states if not state.final and not state.rests}
    if role in OFFICIALS:
        open_ &= clockless(procedure)
    elif role not in PARTIES:
        return ()
    final = {state.code for state in procedure.states if state.final}
    return tuple(
        sorted(
            state
            for state in open_
            for move in procedure.moves_from(state)
            if role in move.by and (role in OFFICIALS or move.to not in final)
        )
    )


def clockless(procedure: Procedure) -> frozenset[str]:
    """The states that a case can reach with no clock running, by some order of the moves as they are declared."""
    ends = {clock.code: frozenset(clock.ends) for clock in procedure.clocks}

    def after(clocks: frozenset[str], act: str) -> frozenset[str]:
        going = {code for code in clocks if act not in ends[code]}
        return frozenset(going | {clock.code for clock in procedure.clocks if act in clock.starts})

    known: set[tuple[str, frozenset[str]]] = set()
    ahead = [(procedure.first.code, after(frozenset(), FILE))]
    while ahead:
        state, clocks = ahead.pop()
        if (state, clocks) not in known:
            known.add((state, clocks))
            ahead += [(move.to or state, after(clocks, move.code)) for move in procedure.moves_from(state)]
    return frozenset(state for state, clocks in known if not clocks)
