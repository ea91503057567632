"""How a plan is adopted, a task carried out, its due day moved, and a question settled between departments (articles 7, 8)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from shenzhi.kernel.access.roles import PLATFORM, SYSTEM, Reader
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.procedures.announcement import announcement
from shenzhi.kernel.procedures.declaration import Ask, Choice, Clock, Move, Procedure, State

REASON = Ask("reason", ("理由", "Reason"))
BY_DECISION = Ask("decision", ("依据的决定", "By which decision"), open=True)
OPEN_REASON = Ask("reason", ("理由", "Reason"), open=True)

ANNOUNCED = announcement(source="submitted", to="cleared", back="draft", rule="plans.announcement")
"""A plan that concerns many may be announced before it is adopted; then it is adopted only when objections are answered."""

PLAN = Procedure(
    code="plan",
    title=("年度质量提升计划", "Annual quality plan"),
    article="7",
    states=(
        State("draft", ("起草", "Draft")),
        State("submitted", ("报审", "Submitted")),
        *ANNOUNCED.states,
        State("cleared", ("公示期满", "Announced, to be adopted"), public=True),
        State("adopted", ("已印发", "Adopted"), public=True),
        State("closed", ("已总结", "Closed"), public=True, final=True),
    ),
    moves=(
        Move("submit", ("报审", "Submit"), source="draft", to="submitted", by=("clerk", "head"), tells=("heads",)),
        *ANNOUNCED.moves,
        Move("return", ("退回修改", "Return"), source=("submitted", "cleared"), to="draft", by="head", asks=(REASON,), tells=("handler",)),
        Move("adopt", ("审定印发", "Adopt"), source=("submitted", "cleared"), to="adopted", by="head", apart_from=("file", "submit"),
             needs=("adopted_on",), takes=("document",), tells=("handler",)),
        Move("close", ("总结", "Close"), source="adopted", to="closed", by="head", needs=("results",)),
    ),
    clocks=(
        Clock("adoption", ("审定", "Adoption"), rule="plans.adoption", starts="submit", ends=("adopt", "return", "recall"),
              pauses="announce", resumes="conclude", cause="other"),
        *ANNOUNCED.clocks,
    ),
)  # fmt: skip

TASK = Procedure(
    code="task",
    title=("计划任务", "Task of a plan"),
    article="8",
    note=(
        "完成日由计划自定，不是法定期限，因此不设时钟；改期须经决定。设时钟的是对完成情况的审核。",
        "The due day is the plan's own and no statutory limit, so no clock runs on it; it moves only by a decision. "
        "The clock here is that of the office that checks what was done.",
    ),
    states=(
        State("running", ("进行中", "Under way"), public=True),
        State("reported", ("已报完成", "Reported done"), public=True),
        State("done", ("已完成", "Done"), public=True, final=True),
        State("dropped", ("已终止", "Dropped"), public=True, final=True),
    ),
    moves=(
        Move("report", ("报告完成", "Report done"), source="running", to="reported", by="partner",
             needs=("evidence", "done_on"), tells=("heads",)),
        Move("return", ("退回", "Return"), source="reported", to="running", by=("clerk", "reviewer"), apart_from=("report",),
             asks=(REASON,), tells=("partners",)),
        Move("accept", ("确认完成", "Accept"), source="reported", to="done", by=("reviewer", "head"), apart_from=("report",),
             tells=("partners",)),
        Move("reschedule", ("变更完成日", "Move the due day"), source="running", by=SYSTEM, needs="due_on",
             asks=(BY_DECISION,), tells=("partners",)),
        Move("drop", ("终止", "Drop"), source="running", to="dropped", by=SYSTEM,
             asks=(BY_DECISION,), tells=("partners",)),
    ),
    clocks=(
        Clock("acceptance", ("完成情况审核", "Check of what was done"), rule="plans.acceptance", starts="report",
              ends=("accept", "return")),
    ),
)  # fmt: skip


def _carry_out(decision: Any, by: Reader, at: dt.datetime) -> None:
    """What an approved decision does to its task, or nothing of it happens: its due day moves, or the task is dropped."""
    by_decision = {"decision": decision.number}
    if decision.kind == "drop":
        fire(decision.task, "drop", by=PLATFORM, at=at, data=by_decision)
    else:
        fire(decision.task, "reschedule", by=PLATFORM, at=at, data={"due_on": decision.due_on, **by_decision})


TASK_DECISION = Procedure(
    code="task-decision",
    title=("任务变更决定", "Decision on a task"),
    article="7",
    states=(
        State("proposed", ("待决定", "Proposed")),
        State("approved", ("同意变更", "Approved"), public=True, final=True),
        State("refused", ("不同意变更", "Refused"), public=True, final=True),
        State("withdrawn", ("已撤回", "Withdrawn"), final=True),
    ),
    moves=(
        Move("approve", ("同意", "Approve"), source="proposed", to="approved", by="head", apart_from=("file",),
             asks=(OPEN_REASON,), tells=("partners",), effect=_carry_out),
        Move("refuse", ("不同意", "Refuse"), source="proposed", to="refused", by="head", apart_from=("file",),
             asks=(OPEN_REASON,), tells=("partners",)),
        Move("withdraw", ("撤回", "Withdraw"), source="proposed", to="withdrawn", by="partner"),
    ),
    clocks=(
        Clock("decide", ("作出决定", "Decide"), rule="plans.task_decision", starts="file",
              ends=("approve", "refuse", "withdraw")),
    ),
)  # fmt: skip

COORDINATION = Procedure(
    code="coordination",
    title=("质量工作协调", "Coordination between departments"),
    article="8",
    states=(
        State("raised", ("已提出", "Raised")),
        State("consulting", ("征求意见", "Consulting")),
        State("decided", ("已决定", "Decided"), public=True),
        State("settled", ("已落实", "Settled"), public=True, final=True),
        State("declined", ("不予协调", "Declined"), final=True),
    ),
    moves=(
        Move("consult", ("征求部门意见", "Consult departments"), source="raised", to="consulting", by=("clerk", "reviewer"),
             tells=("heads",)),
        Move("collect", ("意见收齐", "Replies are in"), source="consulting", to="raised", by=("clerk", "reviewer"),
             needs="opinions", tells=("handler",)),
        Move("decide", ("作出决定", "Decide"), source="raised", to="decided", by="head", apart_from=("file",),
             needs=("decision", "decided_on"), tells=("partners", "heads")),
        Move("decline", ("不予协调", "Decline"), source="raised", to="declined", by="head",
             asks=(
                 Ask("ground", ("原因", "Ground"), choices=(
                     Choice("own_field", ("属部门自身职责", "It falls within one department's own field"), ("质量条例第八条", "Quality regulation, article 8")),
                     Choice("settled", ("部门之间已达成一致", "The departments have agreed")),
                     Choice("beyond", ("不属质量工作", "It is no matter of quality")),
                 )),
                 REASON,
             ),
             tells=("partners",)),
        Move("settle", ("确认落实", "Confirm it is done"), source="decided", to="settled", by="reviewer", needs="settled_on"),
    ),
    clocks=(
        Clock("decide", ("作出决定", "Decide"), rule="plans.coordination", starts="file", ends=("decide", "decline"),
              pauses="consult", resumes="collect", cause="other"),
    ),
)  # fmt: skip
