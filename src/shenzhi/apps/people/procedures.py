"""The appointment of a chief quality officer: filed by the enterprise, checked, listed, ended (article 91)."""

from __future__ import annotations

from shenzhi.kernel.procedures.declaration import Ask, Clock, Move, Procedure, State

REASON = Ask("reason", ("理由", "Reason"))

APPOINTMENT = Procedure(
    code="appointment",
    title=("首席质量官任命备案", "Appointment of a chief quality officer"),
    article="91",
    states=(
        State("filed", ("待审核", "Filed")),
        State("supplementing", ("待补正", "To be supplemented")),
        State("listed", ("在册", "Listed"), public=True),
        State("refused", ("不予备案", "Not listed"), final=True),
        State("ended", ("已卸任", "Ended"), public=True, final=True),
    ),
    moves=(
        Move("return", ("退回补正", "Ask to supplement"), source="filed", to="supplementing", by=("clerk", "reviewer"),
             asks=(REASON,), tells=("members",)),
        Move("supplement", ("补正", "Supplement"), source="supplementing", to="filed", by=("member", "clerk"),
             takes=("training", "duties"), tells=("handler",)),
        Move("list", ("准予备案", "List"), source="filed", to="listed", by=("reviewer", "head"), apart_from=("file",),
             tells=("members",)),
        Move("refuse", ("不予备案", "Refuse"), source="filed", to="refused", by=("reviewer", "head"), asks=(REASON,),
             tells=("members",)),
        Move("end", ("卸任", "End the appointment"), source="listed", to="ended", by=("member", "clerk"), needs=("ended_on",),
             tells=("members",)),
    ),
    clocks=(
        Clock("review", ("备案审核", "Review"), rule="people.review", starts="file", ends=("list", "refuse"),
              pauses="return", resumes="supplement"),
    ),
)  # fmt: skip
