"""公示: a result is published for some days, anybody may object, and it stands only when every objection is answered.

A part to splice into any procedure whose result must be announced before it takes effect (article 66 asks it of major
decisions; standards, marks and awards ask it of their results):

    ANNOUNCED = announcement(source="judged", to="awarded", back="judging", rule="award.announcement")
    AWARD = Procedure(
        ...,
        states=(State("judging", ...), State("judged", ...), *ANNOUNCED.states, State("awarded", ..., public=True, final=True)),
        moves=(..., *ANNOUNCED.moves),
        clocks=(..., *ANNOUNCED.clocks),
    )

How many days it lasts is a dated row of legal limits under `rule`. Objections are a register of their own
(`kernel.cases.objections`), open while the announcement runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from shenzhi.kernel.procedures.declaration import FILE, Ask, Clock, Move, Procedure, State

ANNOUNCED = "announced"
REASON = Ask("reason", ("理由", "Reason"))


@dataclass(frozen=True)
class Announcement:
    """The state, the moves and the clock of an announcement, to be spliced into a procedure."""

    states: tuple[State, ...]
    moves: tuple[Move, ...]
    clocks: tuple[Clock, ...]


def announcement(
    *,
    source: str | tuple[str, ...],
    to: str,
    back: str,
    rule: str,
    by: tuple[str, ...] = ("reviewer", "head"),
    apart_from: tuple[str, ...] = (),
) -> Announcement:
    """An announcement that begins in `source`, ends in `to`, and can be recalled to `back`, as an objection that is
    upheld asks. `by` makes its moves, and whoever did one of `apart_from` last does not end it."""
    concerned = ("applicant", "members", "objectors")
    return Announcement(
        states=(State(ANNOUNCED, ("公示中", "Announced"), public=True),),
        moves=(
            Move("announce", ("公示", "Announce"), source=source, to=ANNOUNCED, by=by, tells=("applicant", "members")),
            Move("conclude", ("公示无异议，结束公示", "Conclude"), source=ANNOUNCED, to=to, by=by, after="announcement",
                 unopposed=True, apart_from=apart_from, tells=concerned),
            Move("recall", ("撤回公示", "Recall"), source=ANNOUNCED, to=back, by=by, asks=(REASON,), tells=concerned),
        ),
        clocks=(
            Clock("announcement", ("公示期", "Announcement"), rule=rule, starts="announce", ends=("conclude", "recall"),
                  waits=True),
        ),
    )  # fmt: skip


OBJECTION = Procedure(
    code="objection",
    title=("公示异议", "Objection to an announcement"),
    note=(
        "公示期内任何人都可以提出异议，由承办部门在期限内答复并说明理由；全部异议答复之后公示才能结束。",
        "Anybody may object while an announcement runs; the department answers within its limit and says why, and the "
        "announcement ends only when every objection is answered.",
    ),
    states=(
        State("filed", ("待答复", "Waiting for an answer"), public=True),
        State("upheld", ("异议成立", "Upheld"), public=True, final=True),
        State("rejected", ("异议不成立", "Not upheld"), public=True, final=True),
        State("withdrawn", ("已撤回", "Withdrawn"), public=True, final=True),
    ),
    moves=(
        Move("uphold", ("异议成立", "Uphold"), source="filed", to="upheld", by=("reviewer", "head"), needs="answer",
             tells="applicant"),
        Move("reject", ("异议不成立", "Reject"), source="filed", to="rejected", by=("reviewer", "head"), needs="answer",
             tells="applicant"),
        Move("withdraw", ("撤回异议", "Withdraw"), source="filed", to="withdrawn", by="applicant", tells="handler"),
    ),
    clocks=(
        Clock("answer", ("异议答复", "Answer"), rule="objection.answer", starts=FILE, ends=("uphold", "reject", "withdraw")),
    ),
)  # fmt: skip
