"""Declarations that cannot stand are refused at start-up, with everything that is wrong at once."""

from __future__ import annotations

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.procedures.declaration import Ask, Clock, Move, Procedure, State, faults
from shenzhi.kernel.registers.declaration import Stake, compiled


def a_procedure(states=None, moves=None, clocks=()):
    return Procedure(
        code="trial",
        title=("试", "Trial"),
        states=states or (State("filed", ("已交", "Filed")), State("done", ("办结", "Done"), final=True)),
        moves=moves or (Move("end", ("办结", "End"), source="filed", to="done", by="clerk"),),
        clocks=clocks,
    )


def test_a_sound_procedure_has_no_fault():
    assert faults(a_procedure(), ["name"]) == []


def test_every_fault_is_named_at_once():
    moves = (
        Move(
            "end",
            ("办结", "End"),
            source="filed",
            to="gone",
            by="king",
            needs="price",
            apart_from="sign",
            after="week",
        ),
        Move("end", ("办结", "End"), source="filed", to="done", by=()),
        Move("changed", ("改", "Change"), source="filed", by="clerk", asks=(Ask("why", ("由", "Why")),)),
    )
    clocks = (Clock("days", ("期", "Days"), rule="r", starts="begin", ends=(), pauses="end"),)
    assert faults(a_procedure(moves=moves, clocks=clocks), ["name"]) == [
        "procedure trial: two moves are called end",
        "procedure trial, move end: no state is called gone",
        "procedure trial, move end: no role is called king",
        "procedure trial, move end: the record has no field price",
        "procedure trial, move end: four eyes apart from sign, which is no act of it",
        "procedure trial, move end: it waits for week, which is no clock of it",
        "procedure trial, move end: nobody may make it; name the roles in `by`",
        "procedure trial, move changed: changed is the name of an act every record has",
        "procedure trial, clock days: starts at begin, which is no act of it",
        "procedure trial, clock days: a clock needs an act that starts it and one that ends it",
        "procedure trial, clock days: a clock that can pause must be able to resume",
    ]


def test_states_out_of_reach_and_states_without_a_way_out_are_named():
    states = (
        State("filed", ("已交", "Filed")),
        State("trap", ("陷", "Trap")),
        State("island", ("岛", "Island"), final=True),
        State("done", ("办结", "Done"), final=True),
    )
    moves = (
        Move("end", ("办结", "End"), source="filed", to="done", by="clerk"),
        Move("fall", ("入", "Fall"), source="filed", to="trap", by="clerk"),
    )
    assert faults(a_procedure(states, moves), []) == [
        "procedure trial: state island cannot be reached",
        "procedure trial: from state trap no road leads to an end; mark the states that end the procedure as final",
    ]


def test_a_procedure_without_states_is_refused():
    assert faults(Procedure("empty", ("空", "Empty"), states=(), moves=()), []) == [
        "procedure empty: it has no state"
    ]


def test_a_condition_that_no_record_can_meet_is_refused(monkeypatch):
    assert compiled(Officer)[1] == []
    stake = Stake("member", "organisation", only={"state__in": ("listed", "lost"), "asked": True})
    monkeypatch.setattr(Officer.Register, "stakes", (stake,))
    monkeypatch.setattr(Officer.Register, "public", {"state": "gone"}, raising=False)
    assert compiled(Officer)[1] == [
        f"{Officer.__module__}.Officer.Register: {fault}"
        for fault in (
            "stakes: no state is called lost",
            "stakes names asked, and there is no such field",
            "public: no state is called gone",
        )
    ]
