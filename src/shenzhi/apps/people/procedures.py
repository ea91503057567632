"""The appointment of a chief quality officer: filed by the enterprise, checked, listed, ended (article 91)."""

from __future__ import annotations

from shenzhi.kernel.procedures.declaration import Ask, Choice, Clock, Move, Procedure, State

REASON = Ask("reason", ("理由", "Reason"))
GROUND = Ask(
    "ground",
    ("依据", "Ground"),
    choices=(
        Choice("not_employed", ("并非该单位人员", "Not employed there")),
        Choice("no_authority", ("未授予质量职责", "No authority for quality was given")),
        Choice(
            "duplicate", ("该单位已有在册首席质量官", "The organisation has an officer on the list already")
        ),
    ),
    required=False,
)

APPOINTMENT = Procedure(
    code="appointment",
    title=("首席质量官任命备案", "Appointment of a chief quality officer"),
    article="91",
    note=(
        "企业自行任命，备案只核对任职事实，不是行政许可。",
        "Enterprises appoint by themselves: listing checks the facts of the appointment and is no licence.",
    ),
    states=(
        State("filed", ("待审核", "Filed")),
        State("supplementing", ("待补正", "To be supplemented")),
        State("listed", ("在册", "Listed"), public=True, rests=True),
        State("refused", ("不予备案", "Not listed"), final=True),
        State("ended", ("已卸任", "Ended"), public=True, final=True),
        State("withdrawn", ("已撤回", "Withdrawn"), final=True),
    ),
    moves=(
        Move("return", ("退回补正", "Ask to supplement"), source="filed", to="supplementing", by=("clerk", "reviewer"),
             asks=(REASON,), tells=("members",)),
        Move("supplement", ("补正", "Supplement"), source="supplementing", to="filed", by=("member", "clerk"),
             takes=("training", "duties"), tells=("handler",)),
        Move("list", ("准予备案", "List"), source="filed", to="listed", by=("reviewer", "head"), apart_from=("file",),
             tells=("members",)),
        Move("refuse", ("不予备案", "Refuse"), source="filed", to="refused", by=("reviewer", "head"),
             asks=(REASON, GROUND), tells=("members",)),
        Move("withdraw", ("撤回", "Withdraw"), source=("filed", "supplementing"), to="withdrawn", by="member",
             tells=("handler",)),
        Move("end", ("卸任", "End the appointment"), source="listed", to="ended", by=("member", "clerk"), needs="ended_on",
             tells=("members",)),
    ),
    clocks=(
        Clock("review", ("备案审核", "Review"), rule="people.review", starts="file",
              ends=("list", "refuse", "withdraw"), pauses="return", resumes="supplement"),
    ),
)  # fmt: skip
