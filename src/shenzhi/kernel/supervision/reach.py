"""Whose clocks a reader may see and act on: the tasks of a desk, the lamps of a department (article 71).

A run of a clock carries the department, the district and the state of its case, so that one table answers for all
registers. What it says is what `kernel.registers.sight` says of the cases themselves: the same grants, the same places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from django.db.models import Q

from shenzhi.kernel.access.roles import ANSWERS, HANDLERS, OFFICIALS, OVERSEERS, SUPERVISES, Grant, Reader
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.sight import EVERY, NONE, in_reach


@cache
def _with_clocks() -> tuple[Register, ...]:
    return tuple(one for one in registers() if one.procedure is not None and one.procedure.clocks)


def handled(reader: Reader) -> Q:
    """The runs of the cases that the reader carries out, by department and district."""
    return _of(grant for grant in reader.grants if grant.role in HANDLERS)


def tasks(reader: Reader) -> Q:
    """The runs of the cases among which the reader's tasks are: those handled, and those that wait for a supervisor."""
    found = handled(reader)
    if found == EVERY:
        return found
    for role in {grant.role for grant in reader.grants if grant.role not in HANDLERS}:
        if codes := [code for code, states in movable([role]).items() if states]:
            found |= Q(register__in=codes)
    return found


def overseen(reader: Reader) -> Q | None:
    """The runs whose cases are told one by one on the pages of supervision: all to overseers, to a head the own
    department's; None for everybody else."""
    if reader.roles() & {*OVERSEERS}:
        return EVERY
    heads = [grant for grant in reader.grants if grant.role in ANSWERS]
    return _of(heads) if heads else None


def may_warn(reader: Reader) -> bool:
    """Whether the reader takes the steps of the ladder: reminder, notice, proposal."""
    return reader.may_write and reader.key is None and bool(reader.roles() & {*SUPERVISES})


def movable(roles: Iterable[str]) -> dict[str, frozenset[str]]:
    """By register the states from which one of these roles can make a move."""
    held = frozenset(roles) & {*OFFICIALS}
    return {
        register.code: frozenset(
            state
            for move in (register.procedure.moves if register.procedure else ())
            if held & {*move.by}
            for state in move.source
        )
        for register in _with_clocks()
    }


def mixed(reader: Reader) -> bool:
    """Whether the reader's grants differ in place, so that what may be done depends on where a case lies."""
    return len({(one.department, one.district) for one in reader.grants if one.role in OFFICIALS}) > 1


def can_move(reader: Reader) -> Callable[[Mapping[str, Any]], bool]:
    """A question to the columns of a run: can the reader make a move of its case from where it stands?

    Within the runs of `tasks`; places are looked at only where the grants differ in them. A run without a state was made before its case told it: it is not hidden."""
    states = {grant: movable([grant.role]) for grant in reader.grants if grant.role in OFFICIALS}
    alone = not mixed(reader)

    def asks(run: Mapping[str, Any]) -> bool:
        return not run["state"] or any(
            run["state"] in known.get(run["register"], ())
            and (alone or grant.department in (None, run["department"]))
            and (alone or grant.district in (None, run["district"]))
            for grant, known in states.items()
        )

    return asks


def _of(grants: Iterable[Grant]) -> Q:
    found = NONE
    for grant in grants:
        within = _within(grant)
        if within == EVERY:
            return EVERY  # an empty condition would vanish in the next "or"
        found |= within
    return found


def _within(grant: Grant) -> Q:
    """The runs in the department and district of a grant; cases whose place is not their own columns are asked themselves."""
    own, elsewhere = [], NONE
    for register in _with_clocks():
        if (register.department, register.district) == ("department", "district"):
            own.append(register)
        else:
            keys = register.model._default_manager.filter(in_reach(register, grant)).values("pk")
            elsewhere |= Q(register=register.code, record__in=keys)
    if not own:
        return elsewhere
    here = in_reach(own[0], grant)
    if elsewhere == NONE:
        return here
    return (here & Q(register__in=[one.code for one in own])) | elsewhere
