"""The public statistics of complaints: worked out by hand, counted a second time by plain Python, and with no small cell."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.complaint_town import (
    FACTS,
    WRITER,
    accepted,
    at,
    complaint,
    explained,
    furnish,
    judged,
    mended,
    problem,
    refused,
    settled,
)
from shenzhi.apps.complaints import facts
from shenzhi.apps.complaints.models import Category, Complaint
from shenzhi.apps.complaints.statistics import statistics
from shenzhi.kernel.cases.firing import fire
from shenzhi.kernel.clocks.running import book, runs_of
from shenzhi.kernel.supervision import counts

TODAY = dt.date(2026, 6, 15)


@pytest.fixture
def town(office, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at("2026-06-15"))
    return furnish(office)


@pytest.fixture
def twelve(town):
    """Twelve complaints of 2026 and six of the year before.

    January: six settled, of which one writer says that it is not put right, one that it came back, three that it is; four
    of these five are satisfied. February: two explained, one refused, one withdrawn in mediation, one open in time,
    one filed on 2 February and still not accepted."""
    made = [settled(town, "2026-01-12") for _ in range(6)]
    judged(made[0], "1", "not_fixed", "2026-02-02")
    judged(made[1], "4", "came_back", "2026-02-02")
    for one in made[2:5]:
        judged(one, "5", "fixed", "2026-02-02")
    for _ in range(2):
        explained(town, "2026-02-02")
    refused(town, "2026-02-02")
    fire(accepted(town, "2026-02-02"), "withdraw", by=town.clerk, at=at("2026-02-03"))
    complaint(town, "2026-06-12")
    complaint(town, "2026-02-02")
    for day in ("2025-01-12", "2025-01-13", "2025-03-03", "2025-06-14", "2025-05-05", "2025-12-01"):
        explained(town, day)
    return town


def test_a_year_counted_by_hand(twelve):
    whole = facts.cells_of("complaint", 2026, TODAY)["all"][""]
    assert {name: one for name, one in whole.items() if one} == {
        "filed": 12,
        "before": 5,  # up to 14 June of 2025: the one of December is not compared with
        "open": 2,
        "decided": 10,
        "remedied": 5,  # six, less the one of which the writer says that it is not put right
        "denied": 1,
        "explained": 2,
        "refused": 1,
        "withdrawn": 1,
        "due": 11,  # the ten decided, and the one of February that should have been accepted by the 11th
        "in_time": 10,
        "late": 1,
        "ended": 10,
        "rested": 10,
        "rated": 5,
        "satisfied": 4,
        "dissatisfied": 1,
        "answered": 5,
        "fixed": 3,
        "not_fixed": 1,
        "came_back": 1,
        "days_0": 9,  # all but the one withdrawn were decided on the day on which they came in
    }


def test_an_organisation_answers_for_what_was_accepted_alone(twelve):
    cells = facts.cells_of("complaint", 2026, TODAY)["organisation"]
    assert list(cells) == [str(twelve.firm.pk)]
    # six settled, two explained, the one withdrawn in mediation; not the refused one and those not accepted yet
    assert (cells[str(twelve.firm.pk)]["filed"], cells[str(twelve.firm.pk)]["before"]) == (9, 5)


def test_closing_a_case_does_not_raise_the_share_remedied(twelve):
    before = facts.cells_of("complaint", 2026, TODAY)["all"][""]
    case = Complaint.objects.get(state="filed", made_at__date=dt.date(2026, 6, 12))
    case = fire(case, "accept", by=twelve.clerk, data={"statement": "要求更换。"})
    fire(case, "end", by=twelve.clerk, data={"answer": "未达成一致。", "ground": "no_agreement"})
    after = facts.cells_of("complaint", 2026, TODAY)["all"][""]
    assert (before["remedied"], before["decided"]) == (5, 10)
    assert (after["remedied"], after["decided"]) == (5, 11)


def test_a_decision_that_is_looked_at_again_counts_as_none(town):
    case = fire(settled(town, "2026-03-02"), "reopen", by=town.clerk, data={"reason": "没有更换。"})
    whole = facts.cells_of("complaint", 2026, TODAY)["all"][""]
    assert (whole["open"], whole["decided"], whole["remedied"], whole["ended"], whole["reopened"]) == (
        1,
        0,
        0,
        1,
        1,
    )
    fire(case, "uphold", by=town.head, data={"answer": "已更换，有签收单。"})
    whole = facts.cells_of("complaint", 2026, TODAY)["all"][""]
    assert (whole["open"], whole["decided"], whole["remedied"], whole["ended"], whole["reopened"]) == (
        0,
        1,
        1,
        1,
        1,
    )


def test_letters_of_today_are_counted_tomorrow(town):
    complaint(town, "2026-06-14")
    complaint(town, "2026-06-15")
    assert facts.cells_of("complaint", 2026, TODAY)["all"][""]["filed"] == 1
    assert facts.cells_of("complaint", 2026, TODAY + dt.timedelta(days=1))["all"][""]["filed"] == 2


def some_letters(town, count: int) -> None:
    """So many complaints with every outcome, on days of two years, of two organisations and none."""
    chance = random.Random(20260615)
    categories = list(Category.objects.filter(kind="complaint").order_by("code"))
    for _ in range(count):
        day = str(dt.date(2025, 1, 1) + dt.timedelta(days=chance.randrange(525)))
        more = {
            "category": chance.choice(categories),
            "district": chance.choice((town.pine, town.bamboo, None)),
            "respondent": chance.choice((town.firm, town.firm, town.other, None)),
            "respondent_named": "某店",
        }
        made = chance.choice((settled, settled, explained, refused, accepted, complaint))(town, day, **more)
        if made.state == "closed" and chance.random() < 0.6:
            judged(
                made, chance.choice("12345"), chance.choice(("fixed", "not_fixed", "came_back")), "2026-06-10"
            )
            made.refresh_from_db()
        if made.state == "closed" and chance.random() < 0.2:
            fire(made, "reopen", by=town.clerk, data={"reason": "再看"}, at=at("2026-06-11"))


def counted_plainly(year: int) -> dict[str, dict[str, dict[str, int]]]:
    """The same counts case by case, with nothing of the program's own counting."""
    cells: dict[str, dict[str, dict[str, int]]] = {}

    def add(dimension: str, key: str, *names: str) -> None:
        days = (*facts.DAYS, "undated") if dimension in ("all", "district") else ()
        cell = cells.setdefault(dimension, {}).setdefault(key, dict.fromkeys((*facts.COUNTS, *days), 0))
        for name in names:
            cell[name] += 1

    for case in Complaint._base_manager.all():
        day = timezone.localtime(case.made_at).date()
        places = [
            ("all", ""),
            ("month", str(day.month)),
            ("district", str(case.district_id or "")),
            ("category", str(case.category_id)),
        ]
        was_accepted = any(run.clock == "mediate" for run in runs_of("complaints_complaint", [case.pk]))
        if case.respondent_id and was_accepted:
            places.append(("organisation", str(case.respondent_id)))
        names = []
        if day.year == year - 1 and (day.month, day.day) < (6, 15):
            names = ["before"]
        if day.year == year and day < TODAY:
            decided = case.outcome != "" and case.state != "reopened"
            late = any(
                book().read(run, TODAY).late_days for run in runs_of("complaints_complaint", [case.pk])
            )
            names = ["filed", "decided" if decided else "open"]
            if decided:
                names.append(
                    "denied" if (case.outcome, case.fixed) == ("remedied", "not_fixed") else case.outcome
                )
            names += ["due"] * (decided or late) + ["late"] * late + ["in_time"] * (decided and not late)
            names += ["ended", "reopened" if case.reopened else "rested"] * (decided or case.reopened)
            if case.satisfaction:
                names += ["rated", "satisfied" if case.satisfaction in "45" else "dissatisfied"]
            if case.fixed:
                names += ["answered", case.fixed]
        answered = "decided" in names and case.outcome != "withdrawn"  # each on the day on which it came in
        for dimension, key in places:
            if answered and dimension in ("all", "district"):
                add(dimension, key, "days_0")
            if names:
                # how quick the office was is not the organisation's to answer for
                add(dimension, key, *names)
    return cells


@pytest.mark.slow
def test_the_counts_are_those_of_counting_case_by_case(town):
    some_letters(town, 150)
    found, plain = facts.cells_of("complaint", 2026, TODAY), counted_plainly(2026)
    assert plain["all"][""]["filed"] > 40
    assert plain["all"][""]["late"] > 5
    for dimension in ("all", "month", "district", "category"):
        assert found[dimension] == plain[dimension], dimension
    for key, cell in found["organisation"].items():
        theirs = plain["organisation"][key]
        kept = [name for name in facts.COUNTS if name not in ("due", "in_time", "late")]
        assert {name: cell[name] for name in kept} == {name: theirs[name] for name in kept}


@pytest.fixture
def thirty(town):
    """In January and in February ten settled and five explained; in January and March of the year before ten explained.
    Twelve of the thirty writers say something: two that it is put right, ten that it is not."""
    for day in ("2026-01-12", "2026-02-02"):
        made = [settled(town, day) for _ in range(10)]
        more = [explained(town, day) for _ in range(5)]
        for one in (*made[:1], *more):
            judged(one, "2", "not_fixed" if one in more else "fixed", "2026-03-02")
    for number in range(10):
        explained(town, ("2025-01-13", "2025-03-03")[number % 2])
    return town


def test_the_page_shows_shares_with_what_they_rest_on(thirty):
    english = Client().get("/en/complaints/statistics/?kind=complaint&year=2026").content.decode()
    assert (
        "30 came in, +200% against the same days of the year before; of 30 decided, 20 were put right (67%)."
        in english
    )
    chinese = Client().get("/complaints/statistics/?kind=complaint&year=2026").content.decode()
    assert "收到 30 件，比上年同期 +200%；已有结果的 30 件中，解决了 20 件（67%）。" in chinese
    assert "统计至 2026年6月14日" in chinese


def test_small_counts_are_held_back_with_what_would_tell_them():
    nothing = dict.fromkeys(facts.COUNTS, 0)
    pine = {**nothing, "filed": 40, "decided": 38, "open": 2, "remedied": 20, "explained": 15, "refused": 3}
    bamboo = {**nothing, "filed": 30, "decided": 30, "remedied": 16, "explained": 8, "refused": 6}
    both = {name: pine[name] + bamboo[name] for name in facts.COUNTS}
    shown = facts.publishable({"all": {"": both}, "district": {"1": pine, "2": bamboo}})
    outcomes = ("remedied", "explained", "refused")
    # the 3 refused of Pine go; 38 less 20 less 15 would tell them, so do the 15; 9 refused in all less 6 would, so do the 6;
    # in Bamboo 30 less 16 less 8 would tell the 6, so do the 8, which also keeps the 15 from 23 explained in all
    assert [shown["district"]["1"][name] for name in outcomes] == [20, None, None]
    assert [shown["district"]["2"][name] for name in outcomes] == [16, None, None]
    assert [shown["all"][""][name] for name in outcomes] == [36, 23, 9]
    # two letters still wait for a decision: that is the office's, and tells of nobody
    assert (shown["district"]["1"]["decided"], shown["district"]["1"]["open"]) == (38, 2)


def test_of_a_cell_with_few_letters_nothing_is_shown():
    nothing = dict.fromkeys(facts.COUNTS, 0)
    rows = {
        "1": {**nothing, "filed": 3, "open": 3},
        "2": {**nothing, "filed": 9, "open": 9},
        "3": {**nothing, "filed": 40, "open": 40},
    }
    both = {name: sum(row[name] for row in rows.values()) for name in facts.COUNTS}
    shown = facts.publishable({"all": {"": both}, "district": rows})
    assert [shown["district"][key]["filed"] for key in "123"] == [None, None, 40]
    assert [shown["district"][key]["open"] for key in "123"] == [None, None, 40]


def test_an_organisation_with_few_complaints_is_not_named(twelve):
    for _ in range(4):
        accepted(twelve, "2026-03-02", respondent=twelve.other)
    for form in ("statistics/?", "statistics.csv?", "statistics.json?"):
        said = Client().get(f"/complaints/{form}kind=complaint&year=2026").content.decode()
        assert (twelve.firm.name in said, twelve.other.name in said) == (True, False), form
    accepted(twelve, "2026-03-02", respondent=twelve.other)
    assert twelve.other.name in Client().get("/complaints/statistics.csv?year=2026").content.decode()


def test_goods_are_named_when_five_different_people_named_them_alike(town):
    for number in range(5):
        complaint(town, "2026-01-12", goods="吸尘器", phone=f"010-0000739{number}")
        complaint(town, "2026-01-12", goods="电饭锅")
    found = statistics("complaint", 2026, TODAY)
    assert [(one.name, one.count, one.growth) for one in found.goods] == [("吸尘器", 5, None)]


def test_of_reports_only_the_citys_sum_is_told(town):
    for _ in range(6):
        complaint(town, "2026-01-12", violation="电子秤少秤。")
    found = statistics("report", 2026, TODAY)
    assert (found.total.counts["filed"], found.tables) == (6, ())
    page = Client().get("/complaints/statistics.csv?kind=report&year=2026").content.decode()
    assert town.firm.name not in page


def test_problems_have_statistics_of_their_own(town):
    for _ in range(6):
        mended(town, "2026-01-12")
    problem(town, "2026-01-12")
    found = statistics("problem", 2026, TODAY)
    counts = found.total.counts
    assert (counts["filed"], counts["remedied"], counts["decided"], counts["in_time"], counts["due"]) == (
        7,
        6,
        6,
        6,
        7,
    )
    assert [line.title.en for line in found.table("category").lines] == ["Lamps"]


def test_nothing_of_who_wrote_is_on_any_page(twelve):
    for kind in ("complaint", "problem", "report"):
        for address in ("statistics/", "statistics.csv", "statistics.json"):
            for prefix in ("", "/en"):
                said = Client().get(f"{prefix}/complaints/{address}?kind={kind}").content.decode()
                assert not [one for one in (*WRITER.values(), FACTS, "ZZTOP", "CP-0") if one in said], address


def test_the_files_say_the_same_as_the_page(thirty):
    data = Client().get("/complaints/statistics.json?year=2026").json()
    assert (data["all"]["counts"]["filed"], data["all"]["growth"], data["smallest_cell"]) == (30, 2.0, 5)
    assert data["all"]["shares"]["remedied"] == 20 / 30
    # twelve answered: two that it is put right, too few to be told, and so are the ten, which would tell them
    assert data["all"]["held"] == ["not_fixed"]
    text = Client().get("/complaints/statistics.csv?year=2026").content.decode("utf-8-sig")
    (whole,) = (row for row in csv.DictReader(io.StringIO(text)) if row["dimension"] == "all")
    assert [whole[name] for name in ("filed", "before", "decided", "remedied", "explained", "not_fixed", "growth")] == [
        "30", "10", "30", "20", "10", "held", "2.0000",
    ]  # fmt: skip


def test_the_runner_counts_ahead_what_a_small_office_counts_on_the_spot(twelve, monkeypatch):
    on_the_spot = statistics("complaint", 2026, TODAY)
    assert facts.count_years(TODAY) == 6  # three kinds in two years
    monkeypatch.setattr(counts, "FEW", 0)
    kept = statistics("complaint", 2026, TODAY)
    assert kept == on_the_spot
    # the year that runs is counted each time, the one before it every day
    assert facts.count_years(TODAY) == 3


def test_a_large_office_says_that_it_has_not_counted_yet(twelve, monkeypatch):
    monkeypatch.setattr(facts, "few", lambda: False)
    page = Client().get("/en/complaints/statistics/")
    assert page.status_code == 200
    assert "Not counted yet; it will be within the hour." in page.content.decode()


def test_a_year_or_kind_that_there_is_not_is_answered_with_what_there_is(twelve):
    for query in ("year=1999", "kind=gossip", "year=二〇二六"):
        assert Client().get(f"/complaints/statistics/?{query}").status_code == 404


def test_a_page_that_was_counted_opens_no_letter(twelve):
    facts.count_years(TODAY)
    with CaptureQueriesContext(connection) as asked:
        Client().get("/complaints/statistics/?year=2026")
    assert not [
        one["sql"] for one in asked if "complaints_complaint" in one["sql"] or "clockrun" in one["sql"]
    ]
