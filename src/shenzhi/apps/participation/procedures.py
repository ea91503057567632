"""An event: registered by its organiser, checked, listed, held and reported, or called off (article 89)."""

from __future__ import annotations

from shenzhi.kernel.procedures.declaration import Ask, Clock, Move, Procedure, State

REASON = Ask("reason", ("理由", "Reason"))
TOLD = Ask("reason", ("取消原因", "Why it is called off"), open=True)

EVENT = Procedure(
    code="event",
    title=("质量活动登记", "Registration of an event"),
    article="89",
    states=(
        State("filed", ("待审核", "Filed")),
        State("supplementing", ("待补正", "To be supplemented")),
        State("listed", ("已列入", "Listed"), public=True),
        State("held", ("已举办", "Held"), public=True, final=True),
        State("cancelled", ("已取消", "Called off"), public=True, final=True),
        State("refused", ("不予列入", "Not listed"), final=True),
    ),
    moves=(
        Move("return", ("退回补正", "Ask to supplement"), source="filed", to="supplementing", by=("clerk", "reviewer"),
             asks=(REASON,), tells=("members",)),
        Move("supplement", ("补正", "Supplement"), source="supplementing", to="filed", by=("member", "clerk"),
             takes=("summary", "place", "places"), tells=("handler",)),
        Move("list", ("列入", "List"), source="filed", to="listed", by=("clerk", "reviewer"), apart_from=("file",),
             tells=("members",)),
        Move("refuse", ("不予列入", "Refuse"), source="filed", to="refused", by=("reviewer", "head"), asks=(REASON,),
             tells=("members",)),
        Move("reschedule", ("改期", "Change the days"), source="listed", by=("member", "clerk"),
             needs=("starts_on", "ends_on"), takes="place", tells=("handler",)),
        Move("report", ("报告举办情况", "Report how it went"), source="listed", to="held", by=("member", "clerk"),
             needs="took_part", tells=("handler",)),
        Move("cancel", ("取消", "Call off"), source=("listed", "supplementing"), to="cancelled", by=("member", "clerk"),
             asks=(TOLD,), tells=("handler",)),
    ),
    clocks=(
        Clock("review", ("审核", "Review"), rule="participation.review", starts="file", ends=("list", "refuse", "cancel"),
              pauses="return", resumes="supplement"),
    ),
)  # fmt: skip
