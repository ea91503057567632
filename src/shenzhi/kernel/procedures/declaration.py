"""A procedure as data: its states, the moves between them, who may make each, and the clocks that run meanwhile.

    APPOINTMENT = Procedure(
        code="appointment",
        title=("首席质量官任命", "Appointment of chief quality officers"),
        article="91",
        states=(
            State("filed", ("已备案", "Filed")),
            State("listed", ("在册", "Listed"), public=True),
            State("refused", ("退回", "Refused"), final=True),
        ),
        moves=(
            Move("list", ("入册", "List"), source="filed", to="listed", by="reviewer", apart_from=("file",)),
            Move("refuse", ("退回", "Refuse"), source="filed", to="refused", by="reviewer", asks=(REASON,)),
        ),
        clocks=(Clock("decide", ("审核", "Decide"), rule="people.decide", starts="file", ends=("list", "refuse")),),
    )

A case begins in the first state; the act of handing it in is called "file". `faults()` says everything that is wrong
with a declaration at once, and the platform does not start with one that has any.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shenzhi.calc import masks
from shenzhi.kernel.access.roles import ROLES, SYSTEM, Reader
from shenzhi.kernel.words import Words

FILE = "file"
"""The act with which a case begins."""

TELLS = ("applicant", "members", "partners", "handler", "heads", "objectors")
"""Who can get a notice of a move."""


def _codes(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@dataclass(frozen=True)
class State:
    """Where a case can stand. `public`: the open fields of the record may be read by everybody. `rests`: it is in force
    and waits for nobody, though it can still be ended."""

    code: str
    title: Any
    public: bool = False
    final: bool = False
    rests: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", Words.of(self.title))


@dataclass(frozen=True)
class Choice:
    """One of the answers to choose from, with the provision it rests on."""

    code: str
    title: Any
    citation: Any = ("", "")

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", Words.of(self.title))
        object.__setattr__(self, "citation", Words.of(self.citation))


@dataclass(frozen=True)
class Ask:
    """Something a move asks that is no field of the record, such as the ground for a refusal; kept in history.

    With `choices` one of them is chosen, without them a text is written. `open` answers are published with the record.
    With a `mask` the answer is personal: sealed in history so that an erasure reaches it, and whole only for those who
    carry the case out and for its parties. What is `kept` is not said to a party that is only told of the case.
    """

    code: str
    title: Any
    choices: tuple[Choice, ...] = ()
    required: bool = True
    open: bool = False
    mask: str = ""
    kept: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", Words.of(self.title))


@dataclass(frozen=True)
class Move:
    """A step from one of the states `source` to the state `to` ("" stays where it is).

    `by`: the roles that may make it, each within its own department and district; "applicant", "member" and
    "partner" are those whom the register names as parties. `needs` and `takes`: the record's fields that must, or may, be given with it.
    `apart_from`: acts whose last doer must be somebody else (four eyes). `after`: clocks that must have run out first.
    `unopposed`: no objection may be waiting for its answer. `tells`: who gets a notice of it: "applicant",
    "members", "partners", "handler", "heads", "objectors". `sets`: fields that the move itself writes, such as the outcome that it
    means. `effect`: what the move does to other records, called with the moved
    case, who moved it and when, within the same transaction: where it refuses, the move has not happened either.
    """

    code: str
    title: Any
    source: Any
    to: str = ""
    by: Any = ()
    needs: Any = ()
    takes: Any = ()
    asks: tuple[Ask, ...] = ()
    apart_from: Any = ()
    after: Any = ()
    unopposed: bool = False
    tells: Any = ()
    note: Any = ("", "")
    sets: Mapping[str, Any] = field(default_factory=dict, hash=False)
    effect: Callable[[Any, Reader, dt.datetime], None] | None = None

    def __post_init__(self) -> None:
        for name in ("source", "by", "needs", "takes", "apart_from", "after", "tells"):
            object.__setattr__(self, name, _codes(getattr(self, name)))
        object.__setattr__(self, "title", Words.of(self.title))
        object.__setattr__(self, "note", Words.of(self.note))

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.needs, *self.takes)


@dataclass(frozen=True)
class Clock:
    """A statutory limit on a case: which acts start it, end it, pause and resume it, and extend it.

    Its length, unit and extensions are not here but in the dated rows of `rule`, for the day on which it started.
    `cause` says whose time a pause is: "applicant", "other", "system". `rule_at` is a path of the record to a rule of its own, such
    as that of its category; where it leads to none, `rule` holds. `when` is a field without which the clock does not start.
    """

    code: str
    title: Any
    rule: str
    starts: Any
    ends: Any
    pauses: Any = ()
    resumes: Any = ()
    extends: Any = ()
    cause: str = "applicant"
    rule_at: str = ""
    when: str = ""
    waits: bool = False
    """A time that must pass, such as an announcement, and no limit of the office: after its last day nobody is late."""

    def __post_init__(self) -> None:
        for name in ("starts", "ends", "pauses", "resumes", "extends"):
            object.__setattr__(self, name, _codes(getattr(self, name)))
        object.__setattr__(self, "title", Words.of(self.title))


@dataclass(frozen=True)
class Procedure:
    """States, moves and clocks of one kind of case; the first state is where a case begins. `effect`: what handing a case in
    does to other records, as that of a move."""

    code: str
    title: Any
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    clocks: tuple[Clock, ...] = ()
    article: str = ""
    note: Any = ("", "")
    effect: Callable[[Any, Reader, dt.datetime], None] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", Words.of(self.title))
        object.__setattr__(self, "note", Words.of(self.note))

    @cached_property
    def state(self) -> Mapping[str, State]:
        return {state.code: state for state in self.states}

    @cached_property
    def move(self) -> Mapping[str, Move]:
        return {move.code: move for move in self.moves}

    @property
    def first(self) -> State:
        return self.states[0]

    def public_states(self) -> tuple[str, ...]:
        return tuple(state.code for state in self.states if state.public)

    def moves_from(self, state: str) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if state in move.source)

    def act_title(self, act: str) -> Words:
        """The words for an act of this procedure in a history."""
        from_move = self.move.get(act)
        return from_move.title if from_move else ACTS.get(act, Words(act, act))


ACTS: dict[str, Words] = {
    FILE: Words("提交", "Filed"),
    "created": Words("登记", "Entered"),
    "changed": Words("修改", "Changed"),
    "imported": Words("批量导入", "Imported"),
    "attached": Words("添加附件", "File attached"),
    "erased": Words("删除个人信息", "Personal data erased"),
    "assigned": Words("指派", "Assigned"),
    "reminded": Words("监察提醒", "Reminder"),
    "supervised": Words("监察督办", "Supervision notice"),
    "rectification": Words("整改建议", "Rectification proposed"),
}
"""What can happen to any record beside the moves of its procedure."""


def faults(procedure: Procedure, fields: Iterable[str]) -> list[str]:
    """Everything that keeps the procedure from working over a record with these `fields`; empty when it is sound."""
    at = f"procedure {procedure.code}"
    if not procedure.states:
        return [f"{at}: it has no state"]
    known, found = procedure.state, []
    for kind, codes in (
        ("state", [state.code for state in procedure.states]),
        ("move", [move.code for move in procedure.moves]),
        ("clock", [clock.code for clock in procedure.clocks]),
    ):
        found += [
            f"{at}: two {kind}s are called {code}"
            for code in sorted({c for c in codes if codes.count(c) > 1})
        ]
    has, acts = set(fields), {FILE, "created", *procedure.move}
    for move in procedure.moves:
        place = f"{at}, move {move.code}"
        found += [
            f"{place}: no state is called {code}"
            for code in (*move.source, *filter(None, [move.to]))
            if code not in known
        ]
        found += [
            f"{place}: no role is called {role}" for role in move.by if role not in ROLES and role != SYSTEM
        ]
        found += [
            f"{place}: the record has no field {name}"
            for name in (*move.fields, *move.sets)
            if name not in has
        ]
        found += [
            f"{place}: four eyes apart from {act}, which is no act of it"
            for act in move.apart_from
            if act not in acts
        ]
        found += [
            f"{place}: it waits for {code}, which is no clock of it"
            for code in move.after
            if code not in {c.code for c in procedure.clocks}
        ]
        found += [
            f"{place}: it tells {whom}; known are {', '.join(TELLS)}"
            for whom in move.tells
            if whom not in TELLS
        ]
        found += [
            f"{place}: {ask.mask} is no rule for masking; known are {', '.join(masks.RULES)}"
            for ask in move.asks
            if ask.mask and ask.mask not in masks.RULES
        ]
        if not move.source:
            found.append(f"{place}: it starts from no state")
        if not move.by:
            found.append(f"{place}: nobody may make it; name the roles in `by`")
        if move.code in ACTS:
            found.append(f"{place}: {move.code} is the name of an act every record has")
    for clock in procedure.clocks:
        place = f"{at}, clock {clock.code}"
        for name in ("starts", "ends", "pauses", "resumes", "extends"):
            found += [
                f"{place}: {name} at {act}, which is no act of it"
                for act in getattr(clock, name)
                if act not in acts
            ]
        found += [
            f"{place}: the record has no field {path}"
            for path in filter(None, [clock.when, clock.rule_at])
            if path.split("__")[0] not in has
        ]
        if not clock.starts or not clock.ends:
            found.append(f"{place}: a clock needs an act that starts it and one that ends it")
        if bool(clock.pauses) != bool(clock.resumes):
            found.append(f"{place}: a clock that can pause must be able to resume")
    if not any(fault for fault in found):
        found += _roads(procedure, at)
    return found


def _roads(procedure: Procedure, at: str) -> list[str]:
    """States that cannot be reached, and states from which no road leads to an end."""
    onward: dict[str, set[str]] = {state.code: set() for state in procedure.states}
    for move in procedure.moves:
        for source in move.source:
            onward[source].add(move.to or source)
    reached, waiting = {procedure.first.code}, [procedure.first.code]
    while waiting:
        for code in onward[waiting.pop()] - reached:
            reached.add(code)
            waiting.append(code)
    ending = {state.code for state in procedure.states if state.final}
    grew = True
    while grew:
        more = {code for code, to in onward.items() if to & ending} - ending
        grew, ending = bool(more), ending | more
    return [f"{at}: state {code} cannot be reached" for code in onward if code not in reached] + [
        f"{at}: from state {code} no road leads to an end; mark the states that end the procedure as final"
        for code in onward
        if code not in ending
    ]
