"""An appeal against a lamp: filed by the unit that is shown red, decided by electronic supervision (article 71).

The clock and its facts stay as they are: an appeal that is upheld only says whose delay it was.
"""

from __future__ import annotations

from shenzhi.kernel.procedures.declaration import Ask, Choice, Clock, Move, Procedure, State
from shenzhi.kernel.words import Words

CAUSES: dict[str, Words] = {
    "staff": Words("人员", "Staff"),
    "system": Words("系统故障", "System down"),
    "applicant": Words("申请人", "Applicant"),
    "other_unit": Words("其他单位", "Another unit"),
}
"""What a delay can come from; only the first is the unit's own."""

APPEAL = Procedure(
    code="lamp_appeal",
    title=("亮灯申诉", "Appeal against a lamp"),
    article="71",
    note=(
        "申诉成立的，办件事实和灯色不变，但不计为本单位的责任。",
        "Where it is upheld, facts and lamp stay as they are, but the delay is not counted as the unit's own.",
    ),
    states=(
        State("filed", ("待裁定", "To be decided")),
        State("upheld", ("申诉成立", "Upheld"), final=True),
        State("rejected", ("申诉不成立", "Not upheld"), final=True),
        State("withdrawn", ("已撤回", "Withdrawn"), final=True),
    ),
    moves=(
        Move("uphold", ("认定申诉成立", "Uphold"), source="filed", to="upheld", by="supervisor",
             asks=(Ask("cause", ("认定的原因", "Cause as found"),
                       choices=tuple(Choice(code, words) for code, words in CAUSES.items() if code != "staff")),
                   Ask("reason", ("理由", "Reason"))),
             apart_from=("file",), tells=("handler", "heads")),
        Move("reject", ("认定申诉不成立", "Do not uphold"), source="filed", to="rejected", by="supervisor",
             asks=(Ask("reason", ("理由", "Reason")),), apart_from=("file",), tells=("handler", "heads")),
        Move("withdraw", ("撤回申诉", "Withdraw"), source="filed", to="withdrawn", by=("clerk", "reviewer", "head", "district")),
    ),
    clocks=(
        Clock("decide", ("裁定", "Decide"), rule="supervision.appeal", starts="file",
              ends=("uphold", "reject", "withdraw")),
    ),
)  # fmt: skip
