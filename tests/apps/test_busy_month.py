"""Months of a busy office: every lamp equals what somebody counts with a pencil, and every share what he adds up (articles 71, 90).

The office works through the Spring Festival of 2026 with its make-up Saturdays (14 and 28 February), the change of the
measures on 15 April and a typhoon that is entered afterwards. What the pencil says stands in counted_by_hand.py.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # test files are imported one by one, without their folder

from counted_by_hand import ONE, Lamp, Wait, enter_2026, lamp, stored

from shenzhi.apps.complaints.evaluation import Evaluation, Kept, evaluate, period
from shenzhi.apps.complaints.letters import Letter
from shenzhi.apps.complaints.models import Category, Complaint, Problem, Report
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC, Grant, Reader
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.clocks.models import ClockRun, LegalLimit, SpecialDay
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.writing import change, create
from shenzhi.kernel.seeding import seed_limits

CHINA = dt.timezone(dt.timedelta(hours=8))
FIRST, LAST = dt.date(2026, 2, 2), dt.date(2026, 5, 15)
TYPHOON = dt.date(2026, 5, 6)
COMPLAINTS, REPORTS, PROBLEMS = 600, 700, 1250

# which act starts, ends, pauses, resumes or lengthens which clock: the measures, articles 14, 20, 21, 23, 30 and 31
CLOCKS: dict[type[Letter], dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    Complaint: {
        "accept": ("complaints.accept", ("file",), ("accept", "refuse", "transfer", "withdraw")),
        "jurisdiction": ("complaints.jurisdiction", ("dispute",), ("agree",)),
        "mediate": ("complaints.mediate", ("accept", "retry"), ("settle", "end", "withdraw")),
        "tell": ("complaints.tell", ("settle", "end"), ("tell",)),
        "review": ("complaints.review", ("reopen",), ("retry", "uphold")),
    },
    Report: {
        "check": ("complaints.check", ("file",), ("open", "drop", "transfer")),
        "tell": ("complaints.tell_reporter", ("open", "drop"), ("tell", "close", "conclude")),
    },
    Problem: {
        "dispatch": (
            "complaints.dispatch",
            ("file",),
            ("dispatch", "explain", "refuse", "transfer", "merge"),
        ),
        "mend": ("complaints.mend", ("dispatch", "reopen", "redo"), ("mend", "explain", "transfer", "merge")),
    },
}
OUTCOME = {
    "settle": "remedied", "confirm": "remedied", "end": "explained", "explain": "explained", "refuse": "refused",
    "withdraw": "withdrawn", "transfer": "transferred", "open": "opened", "drop": "dropped",
}  # fmt: skip
DECIDES = {
    Complaint: {"settle", "end", "refuse", "transfer"},
    Report: {"open", "drop", "transfer"},
    Problem: {"mend", "explain", "refuse", "transfer"},
}


@dataclass
class Paper:
    """What somebody beside the office notes of a letter."""

    kind: type[Letter]
    number: int
    since: dt.date
    rule: str
    named: bool
    district: str
    waits: list[Wait] = field(default_factory=list)
    outcome: str = ""
    reopened: bool = False
    satisfaction: str = ""
    fixed: str = ""
    decided: list[tuple[dt.date, str, bool]] = field(default_factory=list)

    def note(self, act: str, day: dt.date) -> None:
        for clock, (rule, starts, ends) in CLOCKS[self.kind].items():
            running = [one for one in self.waits if one.clock == clock and one.ended is None]
            for one in running:
                if act in ends:
                    one.ended, one.by = day, act
                    for pause in one.pauses:
                        pause[1] = pause[1] or day
                if act == "test" and clock == "mediate":
                    one.pauses.append([day, None])
                if act == "tested" and clock == "mediate":
                    one.pauses[-1][1] = day
                if act == "extend" and clock == "check":
                    one.longer += 15
            runs = any(one.clock == clock and one.ended is None for one in self.waits)
            if act in starts and not runs and (self.kind is not Report or clock == "check" or self.named):
                own = self.rule if clock == "mend" and self.rule else rule
                self.waits.append(Wait(clock, own, day))
        self.outcome = OUTCOME.get(act, "" if act == "retry" or self._anew(act) else self.outcome)
        self.reopened = self.reopened or act == "reopen"

    def _anew(self, act: str) -> bool:
        return self.kind is Problem and act == "reopen"


class Office:
    """The office at work: every act is made through the kernel's verbs, and noted on paper beside it."""

    def __init__(self, town: Any, seed: int) -> None:
        self.town, self.chance = town, random.Random(seed)
        self.papers: dict[tuple[type[Letter], int], Paper] = {}
        account = Account.objects.create_user("writer", name="来信人")
        self.writer = Reader(account.pk, "来信人")
        self.district = Reader(7, "区", (Grant("district", district=town.pine.pk),))

    def days(self, *several: int) -> dt.timedelta:
        return dt.timedelta(days=self.chance.choice(several))

    def at(self, day: dt.date) -> dt.datetime:
        """Some moment of the day, its first and its last included, by the clocks of China."""
        times = (dt.time(0, 0), dt.time(7, 59), dt.time(8, 0), dt.time(15, 30), dt.time(23, 59, 59))
        return dt.datetime.combine(day, self.chance.choice(times), CHINA)

    def take(self, letter: Any, day: dt.date, *, by: Reader = PUBLIC) -> Any:
        made = file(letter, by=by, at=self.at(day))
        self.paper(made, day)
        if isinstance(made, Complaint) and made.violation:
            self.paper(Report.objects.get(letter=made), day)
        return made

    def paper(self, letter: Any, day: dt.date) -> None:
        paper = Paper(
            type(letter),
            letter.pk,
            day,
            letter.category.rule,
            bool(letter.name and letter.phone),
            letter.district.code,
        )
        paper.note("file", day)
        self.papers[type(letter), letter.pk] = paper

    def do(self, letter: Any, act: str, day: dt.date, by: Reader | None = None, **data: str) -> Any:
        moved = fire(letter, act, by=by or self.town.clerk, at=self.at(day), data=data)
        paper = self.papers[type(letter), letter.pk]
        paper.note(act, day)
        paper.satisfaction, paper.fixed = (
            (data["satisfaction"], data["fixed"]) if act == "rate" else (paper.satisfaction, paper.fixed)
        )
        if act == "split":
            self.paper(Report.objects.get(letter=letter), day)
        return moved

    def somewhere(self) -> Any:
        return self.town.pine if self.chance.random() < 0.7 else self.town.bamboo

    def somewhen(self) -> dt.date:
        return FIRST + dt.timedelta(days=self.chance.randrange((LAST - FIRST).days))

    def complaint(self) -> None:
        chance, town, day = self.chance, self.town, self.somewhen()
        rated = chance.random() < 0.3
        case: Any = self.take(
            Complaint(
                category=Category.objects.get(code="goods"), respondent=town.firm, goods="电热水壶", facts="壶底漏水。",
                district=self.somewhere(), name="万俟秘安", phone="010-00007391",
                violation="电子秤少秤。" if chance.random() < 0.1 else "",
            ),
            day, by=self.writer if rated else PUBLIC,
        )  # fmt: skip
        if chance.random() < 0.06:
            return  # it waits
        day += self.days(0, 1, 2, 3, 5, 7, 8, 9, 10, 11, 14)
        if chance.random() < 0.08:
            case = self.do(case, "dispute", day, reason="不在辖区")
            if chance.random() < 0.2:
                return
            day += self.days(0, 4, 9, 12)
            case = self.do(case, "agree", day, town.head, reason="商定")
            day += self.days(0, 1, 4)
        fate = chance.random()
        if fate < 0.1:
            case = self.do(case, "refuse", day, ground="not_consumer", answer="不予受理。")
        elif fate < 0.16:
            self.do(case, "transfer", day, to_whom="市消费者协会", answer="已移送。")
            return
        elif fate < 0.2:
            self.do(case, "withdraw", day)
            return
        else:
            case = self.do(case, "accept", day, statement="要求更换。")
            case, day = self.mediated(case, day)
        if case.state not in ("closed", "refused"):
            return
        day += self.days(1, 3, 9)
        if rated:
            case = self.do(
                case, "rate", day, self.writer, satisfaction=chance.choice("12345"),
                fixed=chance.choice(("fixed", "not_fixed", "came_back")),
            )  # fmt: skip
        if chance.random() < 0.2:
            self.again(case, day)

    def mediated(self, case: Any, day: dt.date) -> tuple[Any, dt.date]:
        """From acceptance to the end: with tests one after the other, a response, a letter that is split late, a withdrawal."""
        chance, town = self.chance, self.town
        for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
            day += self.days(0, 1, 3, 20, 60)
            case = self.do(case, "test", day, reason="送检")
            if chance.random() < 0.15:
                if chance.random() < 0.5:
                    case = self.do(case, "withdraw", day + self.days(0, 5))
                return case, day
            day += self.days(0, 1, 5, 9, 16)
            case = self.do(case, "tested", day, result="不合格")
        if not case.violation and chance.random() < 0.05:
            case = self.do(case, "split", day, town.reviewer, violation="另有少秤。")
        if chance.random() < 0.12:
            return case, day
        if chance.random() < 0.3:
            case = self.do(case, "respond", day, town.member, response="同意更换。")
        day += self.days(1, 10, 30, 58, 64, 75)
        if chance.random() < 0.6:
            case = self.do(case, "settle", day, answer="已更换。", remedy="更换")
        else:
            case = self.do(case, "end", day, answer="未达成一致。", ground="no_agreement")
        if chance.random() < 0.1:
            return case, day
        day += self.days(0, 3, 7, 9, 11, 13)
        return self.do(case, "tell", day), day

    def again(self, case: Any, day: dt.date) -> None:
        case = self.do(case, "reopen", day, self.writer if case.reporter_id else None, reason="没有更换")
        if self.chance.random() < 0.3:
            return
        day += self.days(0, 5, 13, 16)
        if self.chance.random() < 0.4:
            self.do(case, "uphold", day, self.town.head, answer="维持。")
            return
        case = self.do(case, "retry", day, self.town.head, reason="重新调解", statement="要求更换。")
        self.mediated(case, day)

    def check(self, report: Any) -> None:
        """What becomes of a report, its own or one that stood in a complaint."""
        chance, town, day = self.chance, self.town, self.papers[Report, report.pk].since
        if chance.random() < 0.1:
            return
        day += self.days(0, 5, 15, 20)
        if chance.random() < 0.2:
            report = self.do(report, "extend", day, town.head, reason="补充检验")
            day += self.days(1, 14, 25)
        fate = chance.random()
        if fate < 0.1:
            self.do(report, "transfer", day, to_whom="公安机关", answer="已移送。")
        elif fate < 0.5:
            report = self.do(report, "open", day, town.reviewer)
            if chance.random() < 0.7:
                report = self.do(report, "tell", day + self.days(0, 6, 7, 8, 11), answer="已立案。")
            if chance.random() < 0.5:
                self.do(
                    report,
                    "conclude",
                    day + dt.timedelta(days=20),
                    town.reviewer,
                    result="corrected",
                    answer="责令改正。",
                )
        else:
            report = self.do(report, "drop", day, town.reviewer, reason="未发现", answer="不予立案。")
            if chance.random() < 0.8:
                self.do(report, "close", day + self.days(0, 5, 7, 9))

    def report(self) -> None:
        named = self.chance.random() < 0.6
        who = {"name": "万俟秘安", "phone": "010-00007391"} if named else {}
        self.take(
            Report(category=Category.objects.get(code="goods"), subject=self.town.firm, facts="少秤。", district=self.somewhere(), **who),
            self.somewhen(),
        )  # fmt: skip

    def problem(self) -> None:
        chance, town, day = self.chance, self.town, self.somewhen()
        rated = chance.random() < 0.3
        category = Category.objects.get(code=chance.choice(("cover", "lamp", "noise")))
        case: Any = self.take(
            Problem(category=category, place="质量路", facts="坏了。", district=self.somewhere()), day,
            by=self.writer if rated else PUBLIC,
        )  # fmt: skip
        fate = chance.random()
        day += self.days(0, 0, 1, 2, 5)
        if fate < 0.05:
            return
        if fate < 0.1:
            self.do(case, "refuse", day, reason="物业", answer="由物业处理。")
            return
        if fate < 0.14:
            self.do(case, "transfer", day, to_whom="供电公司", answer="已移送。")
            return
        if fate < 0.18:
            self.do(case, "explain", day, town.head, answer="正在规划。")
            return
        case = self.do(case, "dispatch", day)
        if fate < 0.24:
            return
        day += self.days(0, 1, 2, 3, 5, 8, 12)
        case = self.do(case, "mend", day, answer="已修复。")
        if chance.random() < 0.2:
            day += self.days(0, 1, 4)
            case = self.do(case, "redo", day, town.reviewer, reason="没有修好")
            day += self.days(0, 2, 9)
            case = self.do(case, "mend", day, answer="已修复。")
        day += self.days(0, 1)
        case = self.do(case, "confirm", day, town.reviewer)
        if rated:
            case = self.do(case, "rate", day, self.writer, satisfaction=chance.choice("12345"), fixed=chance.choice(("fixed", "came_back")))  # fmt: skip
        if chance.random() < 0.1:
            self.do(case, "reopen", day + self.days(1, 6), reason="又坏了")


def compare(office: Office, today: dt.date) -> Counter[str]:
    """Every clock of every letter on a day, by the kernel and by pencil; how often each lamp was lit."""
    law, ours, lit = stored(), book(), Counter[str]()
    counted: dict[str, Lamp] = {}  # what is equal on paper is counted once
    for kind in CLOCKS:
        found: dict[int, list[ClockRun]] = {}
        papers = {number: one for (of, number), one in office.papers.items() if of is kind}
        for run in ClockRun.objects.filter(register=register_of(kind).code).order_by("id"):
            found.setdefault(run.record, []).append(run)
        assert found.keys() == papers.keys()
        for number, paper in papers.items():
            assert [(one.clock, one.rule, one.started_on, one.ended_on) for one in found[number]] == [
                (one.clock, one.rule, one.since, one.ended) for one in paper.waits
            ], (kind, number)
            for run, wait in zip(found[number], paper.waits, strict=True):
                if run.started_on > today:
                    continue
                read = ours.read(run, today)
                got = (
                    read.lamp.value,
                    read.due_on,
                    read.days_left,
                    read.days_used,
                    read.late_days,
                    read.provisional,
                )
                if repr(wait) not in counted:
                    counted[repr(wait)] = lamp(wait, law, today)
                assert got == counted[repr(wait)], (kind, number, wait, today)
                lit[got[0]] += 1
    return lit


def added_up(office: Office, kind: type[Letter], first: dt.date, after: dt.date, district: str | None) -> Any:
    """What `evaluate` is to say of one department: from the papers alone."""
    law = stored()
    papers = [
        one for (of, _), one in office.papers.items() if of is kind and district in (None, one.district)
    ]
    ended = [
        wait for one in papers for wait in one.waits if wait.ended is not None and first <= wait.ended < after
    ]
    in_time = {id(wait): not lamp(wait, law, wait.ended or first).late for wait in ended}
    decided = [wait for wait in ended if wait.by in DECIDES[kind]]
    last = []
    for one in papers:
        all_of_it = [wait for wait in one.waits if wait.ended and wait.by in {*DECIDES[kind], "withdraw"}]
        if all_of_it and first <= (all_of_it[-1].ended or first) < after:
            last.append((one, all_of_it[-1]))
    took = []
    for one, wait in last:
        if wait.by != "withdraw":
            day, count = one.since, 0
            while wait.ended is not None and day < wait.ended:
                day += ONE
                count += law.worked(day)
            took.append(count)
    judged = [int(one.satisfaction) for one, _ in last if one.satisfaction]
    clocks = {wait.clock for wait in ended}
    return Evaluation(
        "quality",
        district or "",
        Kept(len(decided), sum(in_time[id(wait)] for wait in decided)),
        {
            clock: Kept(
                sum(wait.clock == clock for wait in ended),
                sum(in_time[id(wait)] for wait in ended if wait.clock == clock),
            )
            for clock in sorted(clocks)
        },
        dict(sorted(Counter(one.outcome for one, _ in last if one.outcome).items())),
        len(last),
        sum(one.reopened for one, _ in last),
        len(judged),
        pytest.approx(statistics.fmean(judged)) if judged else None,
        dict(sorted(Counter(one.fixed for one, _ in last if one.fixed).items())),
        statistics.median(took) if took else None,
    )


@pytest.fixture
def town(office: Any) -> Any:
    """The office with the calendar and the limits, in which the new measures are not the old ones."""
    seed_limits()
    enter_2026()
    for rule, days in (("complaints.accept", 10), ("complaints.mediate", 60), ("complaints.check", 20)):
        # as if the office had confirmed longer limits of the measures of 2026: a change that changed nothing proves nothing
        row = LegalLimit.objects.get(rule=rule, valid_from=dt.date(2026, 4, 15))
        change(row, by=PLATFORM, days=days, confirmed=True)
    for code, kind, rule in (
        ("goods", "complaint", ""), ("cover", "problem", "complaints.mend.cover"), ("lamp", "problem", ""),
        ("noise", "problem", "complaints.mend.noise"),
    ):  # fmt: skip
        create(
            Category(code=code, name=code, name_en=code, kind=kind, department=office.quality, rule=rule),
            by=PLATFORM,
        )
    return office


@pytest.mark.slow
def test_months_of_a_busy_office_are_as_somebody_counts_them_by_hand(town: Any) -> None:
    office = Office(town, seed=20260415)
    for _ in range(COMPLAINTS):
        office.complaint()
    for _ in range(REPORTS):
        office.report()
    for _ in range(PROBLEMS):
        office.problem()
    for report in Report.objects.order_by("pk"):
        office.check(report)
    assert len(office.papers) > COMPLAINTS + REPORTS + PROBLEMS  # split letters are cases of their own

    lit = Counter[str]()
    todays = [
        dt.date(2026, 2, 14),
        dt.date(2026, 2, 24),
        dt.date(2026, 4, 14),
        dt.date(2026, 5, 9),
        dt.date(2026, 7, 31),
    ]
    for today in todays:
        lit += compare(office, today)
    assert set(lit) == {"green", "yellow", "red", "paused", "done"}
    assert min(lit.values()) > 40  # each lamp was lit often enough to mean something

    before = {
        run.pk: book().read(run, LAST).due_on for run in ClockRun.objects.filter(started_on__lt=TYPHOON)
    }
    create(SpecialDay(day=TYPHOON, kind="closure", name="台风停工"), by=PLATFORM)
    moved = [
        run.pk
        for run in ClockRun.objects.filter(pk__in=before)
        if book().read(run, LAST).due_on != before[run.pk]
    ]
    assert (
        len(moved) > 100
    )  # the closure moved due days of clocks that ran over it, although none is stored anew
    for today in (TYPHOON, dt.date(2026, 5, 20)):
        compare(office, today)

    outcomes = Counter(one.outcome for one in office.papers.values())
    kept = Counter[str]()
    for kind in CLOCKS:
        kept.update(kind._base_manager.values_list("outcome", flat=True))
    assert kept == outcomes
    assert set(outcomes) - {""} == set(OUTCOME.values())
    for kind in CLOCKS:
        for text in ("2026-02", "2026-03", "2026-04", "2026-05", "2026"):
            first, after = period(text)
            assert evaluate(kind, first, after) == (added_up(office, kind, first, after, None),), (kind, text)
        first, after = period("2026")
        assert evaluate(kind, first, after, by_district=True) == tuple(
            added_up(office, kind, first, after, district) for district in ("990001", "990002")
        )
