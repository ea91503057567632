"""How complaints, reports and problems of the city are handled, from the door to the answer and beyond (articles 90 and 62).

Complaints and reports follow the measures of the state market regulator: Order 20 of 2020, and the measures that replaced
it on 15 April 2026. What the law calls a ground is chosen from a list, each with its provision. Outcomes stay apart:
remedied, explained but not remedied, refused, withdrawn, transferred. A case that is closed is not thereby fixed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from shenzhi.kernel.access.roles import SYSTEM, Reader
from shenzhi.kernel.procedures.declaration import Ask, Choice, Clock, Move, Procedure, State


def _article(number: str, point: str) -> tuple[str, str]:
    return (f"市场监督管理投诉举报处理暂行办法第{number}条第{point}项", f"Order 20/2020, {number}({point})")


REASON = Ask("reason", ("理由", "Reason"))
KEPT_REASON = Ask("reason", ("理由", "Reason"), kept=True)
"""Why a matter is taken up again is said to whoever asked for it, in words that may be theirs, and not to the organisation."""
TO_WHOM = Ask("to_whom", ("移送至", "Transferred to"), open=True)

REFUSAL = Ask(
    "ground",
    ("不予受理的情形", "Ground for refusal"),
    choices=(
        Choice("not_competent", ("不属于本部门职责或者没有处理权限", "Not within this office's powers"), _article("15", "1")),
        Choice("handled_elsewhere", ("法院、仲裁机构或者其他组织已经受理或者处理", "Taken up or settled by a court, an arbitrator or another body"),
               _article("15", "2")),
        Choice("not_consumer", ("并非为生活消费需要，或者不能证明存在争议", "Not bought for daily life, or no dispute is shown"), _article("15", "3")),
        Choice("three_years", ("知道或者应当知道权益受侵害已满三年", "More than three years since the damage was or should have been known"),
               _article("15", "4")),
        Choice("incomplete", ("未提供规定的材料", "What the law asks for was not given"), _article("15", "5")),
        Choice("other_refusal", ("法律、法规、规章规定的其他情形", "Another case that law sets out"), _article("15", "6")),
    ),
    open=True,
)  # fmt: skip

ENDING = Ask(
    "ground",
    ("终止调解的情形", "Ground for ending"),
    choices=(
        Choice("settled_between", ("撤回投诉或者自行和解", "Withdrawn, or settled between the two"), _article("21", "1")),
        Choice("no_laboratory", ("对检验机构或者费用不能一致", "No agreement on laboratory or costs"), _article("21", "2")),
        Choice("absent", ("无正当理由不参加或者明确拒绝调解", "One side stays away or refuses mediation"), _article("21", "3")),
        Choice("no_agreement", ("明确表示无法达成协议", "One side says that no agreement is possible"), _article("21", "4")),
        Choice("time_over", ("四十五个工作日内未达成协议", "No agreement within 45 working days"), _article("21", "5")),
        Choice("should_have_refused", ("受理后发现不应受理的情形", "A ground for refusal was found later"), _article("21", "6")),
        Choice("other_ending", ("法律、法规、规章规定的其他情形", "Another case that law sets out"), _article("21", "7")),
    ),
    open=True,
)  # fmt: skip


def _split(case: Any, by: Reader, at: dt.datetime) -> None:
    """A complaint and a report in one letter become two cases (article 7 of the measures)."""
    case.split(at)


FOLLOW_UP = Move("follow_up", ("回访问题是否解决", "Asked whether it is put right"), source="closed", by=SYSTEM, tells="applicant",
                 note=("办结若干日后，平台问来信人一次。", "Some weeks after its end the platform asks whoever wrote, once."))  # fmt: skip
"""Made by the platform alone, `followup.py`; the answer is the move "rate"."""

LATER_HEAD = ("settle", "end", "refuse", "uphold")
"""Whoever decided a case does not decide whether it was decided well."""

COMPLAINT = Procedure(
    code="complaint",
    title=("质量投诉处理", "Handling of a complaint"),
    article="90",
    note=(
        "受理或者不予受理、调解、告知双方；办结之后仍可评价和要求复查。",
        "Accepted or refused, mediated, both sides told; it can be judged and reopened after its end.",
    ),
    effect=_split,
    states=(
        State("filed", ("待受理", "Filed")),
        State("disputed", ("管辖争议", "Jurisdiction disputed")),
        State("mediating", ("调解中", "In mediation")),
        State("testing", ("检验检测中", "Being tested")),
        State("decided", ("待告知双方", "Decided, both sides to be told")),
        State("reopened", ("复查中", "Reopened")),
        State("closed", ("已办结", "Closed"), final=True),
        State("refused", ("不予受理", "Refused"), final=True),
        State("transferred", ("已移送", "Transferred"), final=True),
        State("withdrawn", ("已撤回", "Withdrawn"), final=True),
    ),
    moves=(
        Move("accept", ("受理", "Accept"), source="filed", to="mediating", by=("clerk", "reviewer"), needs="statement",
             takes=("respondent", "category"), sets={"invited": True}, tells=("applicant", "members")),
        Move("refuse", ("不予受理", "Refuse"), source="filed", to="refused", by=("clerk", "reviewer"), needs="answer",
             asks=(REFUSAL,), sets={"outcome": "refused"}, tells="applicant"),
        Move("transfer", ("移送", "Transfer"), source="filed", to="transferred", by=("clerk", "reviewer", "head"), needs="answer",
             asks=(TO_WHOM,), sets={"outcome": "transferred"}, tells="applicant"),
        Move("dispute", ("提出管辖争议", "Dispute jurisdiction"), source="filed", to="disputed", by=("clerk", "head"), asks=(REASON,),
             tells="heads"),
        Move("agree", ("商定管辖", "Settle jurisdiction"), source="disputed", to="filed", by="head", takes=("department", "district"),
             asks=(REASON,), tells="heads"),
        Move("respond", ("答复投诉", "Answer the complaint"), source=("mediating", "testing"), by="member", needs="response",
             tells="handler"),
        Move("test", ("送检", "Send for testing"), source="mediating", to="testing", by="clerk", asks=(REASON,),
             tells=("applicant", "members")),
        Move("tested", ("收到检验结果", "Result of the test received"), source="testing", to="mediating", by="clerk",
             asks=(Ask("result", ("检验结果", "Result")),), tells=("applicant", "members")),
        Move("settle", ("达成调解", "Settle"), source="mediating", to="decided", by=("clerk", "reviewer"), needs=("answer", "remedy"),
             sets={"outcome": "remedied"}),
        Move("end", ("终止调解", "End mediation"), source="mediating", to="decided", by=("clerk", "reviewer"), needs="answer",
             asks=(ENDING,), sets={"outcome": "explained"}),
        Move("tell", ("告知双方", "Tell both sides"), source="decided", to="closed", by=("clerk", "reviewer"),
             tells=("applicant", "members")),
        Move("withdraw", ("撤回投诉", "Withdraw"), source=("filed", "mediating", "testing"), to="withdrawn", by=("applicant", "clerk"),
             sets={"outcome": "withdrawn"}, tells=("handler", "members")),
        Move("reopen", ("要求复查", "Ask to look again"), source=("closed", "refused"), to="reopened", by=("applicant", "clerk"),
             asks=(REASON,), sets={"reopened": True}, tells="heads"),
        Move("retry", ("重新办理", "Take up again"), source="reopened", to="mediating", by="head", apart_from=LATER_HEAD,
             takes=("handler", "statement"), asks=(KEPT_REASON,), sets={"outcome": "", "invited": True},
             tells=("applicant", "handler", "members")),
        Move("uphold", ("维持", "Uphold"), source="reopened", to="closed", by="head", apart_from=LATER_HEAD, needs="answer",
             tells=("applicant", "handler")),
        Move("rate", ("评价", "Judge the handling"), source=("closed", "refused"), by="applicant", needs=("satisfaction", "fixed"),
             takes="comment", tells=("handler", "heads")),
        FOLLOW_UP,
        Move("publish", ("公示", "Publish"), source="closed", by=("reviewer", "head"), needs="summary", sets={"published": True}),
        Move("split", ("分立举报", "Open a report from the same letter"), source=("filed", "mediating", "testing"),
             by=("clerk", "reviewer"), needs="violation", effect=_split),
    ),
    clocks=(
        Clock("accept", ("受理", "Accept or refuse"), rule="complaints.accept", starts="file",
              ends=("accept", "refuse", "transfer", "withdraw")),
        Clock("jurisdiction", ("商定管辖", "Agree on jurisdiction"), rule="complaints.jurisdiction", starts="dispute", ends="agree"),
        Clock("mediate", ("调解", "Mediation"), rule="complaints.mediate", starts=("accept", "retry"),
              ends=("settle", "end", "withdraw"), pauses="test", resumes="tested", cause="other"),
        Clock("tell", ("告知双方", "Tell both sides"), rule="complaints.tell", starts=("settle", "end"), ends="tell"),
        Clock("review", ("复查", "Review"), rule="complaints.review", starts="reopen", ends=("retry", "uphold")),
    ),
)  # fmt: skip

REPORT = Procedure(
    code="report",
    title=("举报核查", "Checking of a report"),
    article="90",
    note=(
        "十五个工作日内核查并决定是否立案，实名举报人五个工作日内得到告知；举报人的身份对任何人保密。",
        "Checked within 15 working days; a reporter who gave a real name is told within five; who reported stays secret.",
    ),
    states=(
        State("filed", ("核查中", "Being checked")),
        State("opened", ("已立案", "Case opened")),
        State("dropped", ("不予立案，待告知", "No case, to be told")),
        State("concluded", ("已结案", "Concluded"), final=True),
        State("closed", ("已办结", "Closed"), final=True),
        State("transferred", ("已移送", "Transferred"), final=True),
    ),
    moves=(
        Move("extend", ("延长核查期限", "Extend the check"), source="filed", by="head", asks=(REASON,)),
        Move("open", ("立案", "Open a case"), source="filed", to="opened", by=("reviewer", "head"), sets={"outcome": "opened"}),
        Move("drop", ("不予立案", "Open no case"), source="filed", to="dropped", by=("reviewer", "head"), asks=(REASON,),
             needs="answer", sets={"outcome": "dropped"}),
        Move("transfer", ("移送", "Transfer"), source="filed", to="transferred", by=("clerk", "reviewer", "head"), needs="answer",
             asks=(TO_WHOM,), sets={"outcome": "transferred"}, tells="applicant"),
        Move("tell", ("告知举报人", "Tell the reporter"), source="opened", by=("clerk", "reviewer"), needs="answer", tells="applicant"),
        Move("close", ("告知并办结", "Tell and close"), source="dropped", to="closed", by=("clerk", "reviewer"), tells="applicant"),
        Move("conclude", ("结案", "Conclude"), source="opened", to="concluded", by=("reviewer", "head"), needs="answer",
             asks=(Ask("result", ("处理结果", "Result"), choices=(
                 Choice("penalty", ("作出行政处罚", "A penalty was imposed")),
                 Choice("corrected", ("责令改正", "Ordered to correct")),
                 Choice("none", ("违法事实不成立", "No breach was found")),
             )),), tells="applicant"),
    ),
    clocks=(
        Clock("check", ("核查", "Check"), rule="complaints.check", starts="file", ends=("open", "drop", "transfer"), extends="extend"),
        Clock("tell", ("告知举报人", "Tell the reporter"), rule="complaints.tell_reporter", starts=("open", "drop"),
              ends=("tell", "close", "conclude"), when="real_name"),
    ),
)  # fmt: skip

PROBLEM = Procedure(
    code="problem",
    title=("城市问题处置", "A problem in the street"),
    article="62",
    note=("按类别派单、处置、核实；处置期限是各类别的数据。", "Sent to whoever mends it, mended, checked; each category has its limit as data."),
    states=(
        State("filed", ("待派单", "Filed"), public=True),
        State("working", ("处置中", "Being mended"), public=True),
        State("mended", ("待核实", "Mended, to be checked"), public=True),
        State("closed", ("已办结", "Closed"), public=True, final=True),
        State("refused", ("不予处置", "Not taken up"), public=True, final=True),
        State("duplicate", ("重复", "Duplicate"), public=True, final=True),
        State("transferred", ("已移送", "Transferred"), public=True, final=True),
    ),
    moves=(
        Move("dispatch", ("派单", "Dispatch"), source="filed", to="working", by=("clerk", "district"),
             takes=("department", "district", "handler", "summary", "category"), tells=("applicant", "handler")),
        Move("forward", ("转派", "Forward"), source="working", by=("clerk", "district", "head"), takes=("department", "district", "handler"),
             asks=(REASON,), tells="handler"),
        Move("mend", ("处置完成", "Mended"), source="working", to="mended", by=("clerk", "district"), needs="answer"),
        Move("confirm", ("核实办结", "Confirm"), source="mended", to="closed", by=("clerk", "reviewer", "district"), apart_from="mend",
             sets={"outcome": "remedied"}, tells="applicant"),
        Move("explain", ("解释办结", "Close with an explanation"), source=("filed", "working"), to="closed", by=("reviewer", "head"),
             needs="answer", sets={"outcome": "explained"}, tells="applicant"),
        Move("redo", ("退回重办", "Not mended yet"), source="mended", to="working", by=("clerk", "reviewer", "district"), asks=(REASON,),
             tells="handler"),
        Move("refuse", ("不予处置", "Do not take up"), source="filed", to="refused", by=("clerk", "reviewer"), needs="answer", asks=(REASON,),
             sets={"outcome": "refused"}, tells="applicant"),
        Move("transfer", ("移送", "Transfer"), source=("filed", "working"), to="transferred", by=("clerk", "head"), needs="answer",
             asks=(TO_WHOM,), sets={"outcome": "transferred"}, tells="applicant"),
        Move("merge", ("标为重复", "Mark as a duplicate"), source=("filed", "working"), to="duplicate", by=("clerk", "district"),
             needs="same_as", tells="applicant"),
        Move("hide", ("不公开", "Hide"), source=("filed", "working", "mended", "closed"), by=("clerk", "head"), asks=(REASON,),
             sets={"hidden": True}),
        Move("reopen", ("要求复查", "Ask to look again"), source=("closed", "refused"), to="working", by=("applicant", "clerk"),
             asks=(REASON,), sets={"reopened": True, "outcome": ""}, tells="heads"),
        Move("rate", ("评价", "Judge the handling"), source=("closed", "refused"), by="applicant", needs=("satisfaction", "fixed"),
             takes="comment", tells=("handler", "heads")),
        FOLLOW_UP,
    ),
    clocks=(
        Clock("dispatch", ("派单", "Dispatch"), rule="complaints.dispatch", starts="file", ends=("dispatch", "explain", "refuse", "transfer", "merge")),
        Clock("mend", ("处置", "Mend"), rule="complaints.mend", rule_at="category__rule", starts=("dispatch", "reopen", "redo"),
              ends=("mend", "explain", "transfer", "merge")),
    ),
)  # fmt: skip
