"""What a department is told of its own work: in time, outcomes, satisfaction, what came back, worked out by hand (article 90)."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

sys.path.insert(0, str(Path(__file__).parent))  # test files are imported one by one, without their folder

from counted_by_hand import enter_2026

from shenzhi.apps.complaints.evaluation import Evaluation, Kept, evaluate, median, period
from shenzhi.apps.complaints.models import Category, Complaint, Problem, Report
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC, Reader
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.registers.writing import create
from shenzhi.kernel.seeding import seed_limits

CHINA = dt.timezone(dt.timedelta(hours=8))


def on(text: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(10), CHINA)


@pytest.fixture
def town(office: Any) -> Any:
    seed_limits()
    enter_2026()
    for code, kind in (("goods", "complaint"), ("lamp", "problem")):
        create(
            Category(code=code, name=code, name_en=code, kind=kind, department=office.quality), by=PLATFORM
        )
    return office


@pytest.fixture
def writer(town: Any) -> Reader:
    return Reader(Account.objects.create_user("writer", name="来信人").pk, "来信人")


def complaint(town: Any, writer: Reader, day: str, district: Any) -> Any:
    return file(
        Complaint(
            category=Category.objects.get(code="goods"), respondent=town.firm, goods="电热水壶", facts="漏水。",
            district=district, name="万俟秘安", phone="010-00007391",
        ),
        by=writer, at=on(day),
    )  # fmt: skip


def test_a_period_is_a_year_or_a_month() -> None:
    assert period("2026") == (dt.date(2026, 1, 1), dt.date(2027, 1, 1))
    assert period("2026-02") == (dt.date(2026, 2, 1), dt.date(2026, 3, 1))
    assert period("2026-12") == (dt.date(2026, 12, 1), dt.date(2027, 1, 1))
    for text in ("", "2026-13", "2026-", "march", "2026-01-01"):
        with pytest.raises(ValueError):
            period(text)


def test_the_middle_of_values_that_are_counted() -> None:
    assert [median(one) for one in ({}, {7: 1}, {7: 2, 9: 1}, {1: 1, 4: 1}, {1: 2, 3: 2})] == [
        None,
        7,
        7,
        2.5,
        2,
    ]


def test_four_complaints_in_march_one_of_which_is_taken_up_again_in_april(town: Any, writer: Reader) -> None:
    settled = complaint(town, writer, "2026-03-02", town.pine)
    settled = fire(settled, "accept", by=town.clerk, at=on("2026-03-03"), data={"statement": "要求更换。"})
    # 3, 4, 5, 6, 9 and 10 March: 6 working days
    settled = fire(
        settled, "settle", by=town.clerk, at=on("2026-03-10"), data={"answer": "已更换。", "remedy": "更换"}
    )
    settled = fire(settled, "tell", by=town.clerk, at=on("2026-03-11"))
    fire(settled, "rate", by=writer, at=on("2026-03-12"), data={"satisfaction": "5", "fixed": "fixed"})
    # due on Wednesday 11 March and refused on the 12th: late, after 8 working days
    refused = complaint(town, writer, "2026-03-02", town.bamboo)
    fire(
        refused,
        "refuse",
        by=town.clerk,
        at=on("2026-03-12"),
        data={"answer": "不予受理。", "ground": "three_years"},
    )
    # withdrawn: an outcome, and decided by nobody
    fire(complaint(town, writer, "2026-03-03", town.pine), "withdraw", by=writer, at=on("2026-03-05"))
    # 5 and 6, 9 to 13 and 16 to 20 March: 12 working days
    ended = complaint(town, writer, "2026-03-04", town.pine)
    ended = fire(ended, "accept", by=town.clerk, at=on("2026-03-05"), data={"statement": "要求更换。"})
    ended = fire(
        ended,
        "end",
        by=town.clerk,
        at=on("2026-03-20"),
        data={"answer": "未达成一致。", "ground": "no_agreement"},
    )

    march, april = period("2026-03"), period("2026-04")
    clocks = {"accept": Kept(4, 3), "mediate": Kept(2, 2), "tell": Kept(1, 1)}
    assert evaluate(Complaint, *march) == (
        Evaluation(
            "quality", "", Kept(3, 2), clocks, {"explained": 1, "refused": 1, "remedied": 1, "withdrawn": 1},
            letters=4, reopened=0, rated=1, satisfaction=5.0, put_right={"fixed": 1}, median_days=8.0,
        ),
    )  # fmt: skip
    assert evaluate(Complaint, *april) == ()

    # 23 to 27, 30 and 31 March are the seven days to tell both sides: told on 2 April is late
    ended = fire(ended, "tell", by=town.clerk, at=on("2026-04-02"))
    ended = fire(
        ended, "rate", by=writer, at=on("2026-04-02"), data={"satisfaction": "2", "fixed": "came_back"}
    )
    ended = fire(ended, "reopen", by=writer, at=on("2026-04-03"), data={"reason": "没有更换"})
    ended = fire(ended, "retry", by=town.head, at=on("2026-04-07"), data={"reason": "重新调解"})
    # while it is handled again it is one of the decided letters of March, without an outcome
    (open_again,) = evaluate(Complaint, *march)
    assert (open_again.letters, open_again.reopened, open_again.outcomes) == (
        4, 1, {"refused": 1, "remedied": 1, "withdrawn": 1},
    )  # fmt: skip
    fire(ended, "settle", by=town.clerk, at=on("2026-04-10"), data={"answer": "已更换。", "remedy": "更换"})

    # the decision of March was in time and stays so; the letter is one of April now
    assert evaluate(Complaint, *march) == (
        Evaluation(
            "quality", "", Kept(3, 2), clocks, {"refused": 1, "remedied": 1, "withdrawn": 1},
            letters=3, reopened=0, rated=1, satisfaction=5.0, put_right={"fixed": 1}, median_days=7.0,
        ),
    )  # fmt: skip
    # 12 working days to 20 March, 10 in the two weeks to 3 April, and 7 to 10 April: 26
    (found,) = evaluate(Complaint, *april)
    assert found == Evaluation(
        "quality", "", Kept(1, 1), {"mediate": Kept(1, 1), "review": Kept(1, 1), "tell": Kept(1, 0)}, {"remedied": 1},
        letters=1, reopened=1, rated=1, satisfaction=2.0, put_right={"came_back": 1}, median_days=26.0,
    )  # fmt: skip
    assert (found.reopened_share, found.recurrence, found.decided.share) == (1.0, 1.0, 1.0)
    # by district the two places stand apart: one late refusal in Bamboo Rain, everything else in Pine Breeze
    assert [(one.district, one.letters, one.decided) for one in evaluate(Complaint, *march, by_district=True)] == [
        ("990001", 2, Kept(2, 2)), ("990002", 1, Kept(1, 0)),
    ]  # fmt: skip


def test_a_report_is_decided_when_a_case_is_opened_or_not(town: Any) -> None:
    report = file(
        Report(category=Category.objects.get(code="goods"), subject=town.firm, facts="少秤。", district=town.pine),
        by=PUBLIC, at=on("2026-03-02"),
    )  # fmt: skip
    # fifteen working days end on Monday 23 March; the 24th is late, after 16
    fire(
        report,
        "drop",
        by=town.reviewer,
        at=on("2026-03-24"),
        data={"reason": "未发现", "answer": "不予立案。"},
    )
    assert evaluate(Report, *period("2026")) == (
        Evaluation("quality", "", Kept(1, 0), {"check": Kept(1, 0)}, {"dropped": 1}, 1, 0, 0, None, {}, 16.0),
    )


def test_a_problem_that_was_mended_twice_is_decided_twice_and_is_one_letter(town: Any) -> None:
    problem: Any = file(
        Problem(category=Category.objects.get(code="lamp"), place="质量路", facts="灯不亮。", district=town.pine),
        by=PUBLIC, at=on("2026-03-02"),
    )  # fmt: skip
    for act, by, day, data in (
        ("dispatch", town.clerk, "2026-03-03", {}),
        ("mend", town.clerk, "2026-03-11", {"answer": "已修复。"}),  # five working days end on the 10th: late
        ("redo", town.reviewer, "2026-03-12", {"reason": "没有修好"}),
        ("mend", town.clerk, "2026-03-13", {"answer": "已修复。"}),
        ("confirm", town.reviewer, "2026-03-13", {}),
    ):
        problem = fire(problem, act, by=by, at=on(day), data=data)
    # 3 to 6 and 9 to 13 March are 9 working days
    assert evaluate(Problem, *period("2026-03")) == (
        Evaluation(
            "quality", "", Kept(2, 1), {"dispatch": Kept(1, 1), "mend": Kept(2, 1)}, {"remedied": 1},
            1, 0, 0, None, {}, 9.0,
        ),
    )  # fmt: skip


def test_the_evaluation_costs_the_same_questions_for_one_letter_and_for_ten(town: Any) -> None:
    def refuse(count: int) -> None:
        for _ in range(count):
            case = complaint(town, PUBLIC, "2026-03-02", town.pine)
            fire(
                case,
                "refuse",
                by=town.clerk,
                at=on("2026-03-03"),
                data={"answer": "不予受理。", "ground": "incomplete"},
            )

    costs = []
    for already, more in ((0, 1), (1, 9)):
        refuse(more)
        book()  # the law was changed by no letter, so it is not read again
        with CaptureQueriesContext(connection) as asked:
            (found,) = evaluate(Complaint, *period("2026-03"))
        costs.append(len(asked))
        assert found.letters == already + more
    assert costs[0] == costs[1]
