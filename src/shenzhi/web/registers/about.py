"""What a register is: its fields with their class, its procedure with who may do what, and the limits in force today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from shenzhi.calc.errors import BilingualError
from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import ROLES
from shenzhi.kernel.articles import articles
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.procedures.declaration import Clock, Move, Procedure
from shenzhi.kernel.procedures.diagram import svg
from shenzhi.kernel.registers.declaration import CLASSES, Field, Register
from shenzhi.kernel.registers.writing import may_add
from shenzhi.kernel.words import Words
from shenzhi.web.registers.cells import facts_order
from shenzhi.web.registers.found import crumb, register_or_404, way_in
from shenzhi.web.registers.standing import by_words

KINDS = {
    "text": Words("文字", "Text"),
    "long": Words("长文字", "Long text"),
    "choice": Words("选项", "Choice"),
    "reference": Words("引用", "Reference"),
    "flag": Words("是或否", "Yes or no"),
    "date": Words("日期", "Date"),
    "moment": Words("时间", "Moment"),
    "whole": Words("整数", "Whole number"),
    "decimal": Words("小数", "Decimal"),
    "number": Words("数值", "Number"),
}
MASKS = {
    "all": Words("全部隐去", "hidden wholly"),
    "name": Words("只留姓", "surname only"),
    "identity": Words("留前 4 位和后 4 位", "first and last four digits"),
    "phone": Words("留前 3 位和后 4 位", "first three and last four digits"),
    "email": Words("留首字母和域名", "first letter and domain"),
    "address": Words("只到街道", "down to the subdistrict"),
    "plate": Words("留省份和末 2 位", "province and last two"),
    "account": Words("只留后 4 位", "last four digits"),
}
"""How much a mask leaves, in a few words; the rules themselves are `calc.masks.RULES`."""


@dataclass(frozen=True)
class FieldLine:
    field: Field
    kind: Words
    reach: Words
    mask: Words | None


@dataclass(frozen=True)
class MoveLine:
    """A step: from which states to which, who may make it, what it asks for, and what must be so first."""

    move: Move
    source: Words
    to: Words
    by: Words
    gives: list[Words]
    first: list[Words]


@dataclass(frozen=True)
class ClockLine:
    """A statutory limit as it stands today; `fault` says why none is in force."""

    clock: Clock
    starts: Words
    ends: Words
    pauses: Words
    days: Words
    citation: Words
    since: str
    fault: Words | None = None


def about(request: HttpRequest, slug: str) -> HttpResponse:
    """`/registers/<slug>/about/`: open to everybody, since it tells of the law and of no record."""
    register, reader, today = register_or_404(slug), reader_for(request), timezone.localdate()
    procedure = register.procedure
    return render(
        request,
        "registers/about.html",
        {
            "crumbs": [way_in(), crumb(register)],
            "register": register,
            "articles": articles(register.article),
            "today": str(today),
            "fields": [_field(register.fields[name]) for name in _told(register)],
            "classes": CLASSES,
            "procedure": procedure,
            "moves": [_move(register, procedure, move) for move in procedure.moves] if procedure else [],
            "clocks": [_clock(procedure, clock, today) for clock in procedure.clocks] if procedure else [],
            "adds": _roles(register.adds),
            "changes": _roles(register.changes),
            "may_add": may_add(register, reader),
            "diagram": _drawn(register, "svg"),
            # within the page it takes the colour of the text around it, on light and dark pages alike
            "drawing": SafeString(svg(procedure, get_language() or "zh-hans")) if procedure else "",
            "bpmn": _drawn(register, "bpmn"),
        },
    )


def _told(register: Register) -> list[str]:
    return [*facts_order(register), *(["state"] if register.procedure else [])]


def _field(field: Field) -> FieldLine:
    kind = KINDS.get("choice" if field.name == "state" else field.kind, KINDS["text"])
    return FieldLine(field, kind, CLASSES[field.reach], MASKS.get(field.mask))


def _move(register: Register, procedure: Procedure, move: Move) -> MoveLine:
    states = [procedure.state[code].title for code in move.source]
    clocks = {clock.code: clock.title for clock in procedure.clocks}
    first = [
        Words(f"须与“{act.zh}”由不同的人办理", f"not by whoever did “{act.en}”")
        for act in map(procedure.act_title, move.apart_from)
    ]
    first += [
        Words(f"“{clocks[code].zh}”届满之后", f"after “{clocks[code].en}” has run out")
        for code in move.after
        if code in clocks
    ]
    if move.unopposed:
        first.append(Words("没有未答复的异议", "no objection is waiting"))
    return MoveLine(
        move,
        _together(states),
        procedure.state[move.to].title if move.to else Words("状态不变", "state unchanged"),
        by_words(move),
        [*(register.fields[name].title for name in move.fields), *(ask.title for ask in move.asks)],
        first,
    )


def _clock(procedure: Procedure, clock: Clock, today: dt.date) -> ClockLine:
    def acts(codes: tuple[str, ...]) -> Words:
        return _together([procedure.act_title(code) for code in codes])

    starts, ends, pauses = acts(clock.starts), acts(clock.ends), acts(clock.pauses)
    try:
        limit = book().limit(clock.rule, today)
    except BilingualError as error:
        return ClockLine(
            clock, starts, ends, pauses, Words("", ""), Words("", ""), "", Words(error.zh, error.en)
        )
    unit = Words("个工作日", "working days") if limit.unit == "working" else Words("日", "calendar days")
    return ClockLine(
        clock,
        starts,
        ends,
        pauses,
        Words(f"{limit.days} {unit.zh}", f"{limit.days} {unit.en}"),
        Words(limit.citation, limit.citation_en),
        str(limit.valid_from),
    )


def _together(words: list[Words]) -> Words:
    return Words("、".join(one.zh for one in words), ", ".join(one.en for one in words))


def _roles(codes: tuple[str, ...]) -> Words:
    return _together([ROLES[code] for code in codes])


def _drawn(register: Register, form: str) -> str:
    """Where the procedure is drawn, "" where this installation draws none."""
    if register.procedure is None:
        return ""
    try:
        return reverse(f"registers:procedure_{form}", args=[register.slug])
    except NoReverseMatch:
        return ""
