"""From the register of complaints to the indicators: counts alone, worked out by hand, of which nobody can be found (article 90)."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from shenzhi.apps.complaints.facts import SUMS, WORK
from shenzhi.apps.complaints.models import Category, Complaint
from shenzhi.kernel import registry
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC, Reader
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.writing import create
from shenzhi.kernel.seeding import seed_limits
from shenzhi.pipeline.lake import registers as taking
from shenzhi.pipeline.lake.city import CITIES, load_city
from shenzhi.pipeline.lake.counted import take_in_counted
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.lake.source import load_source
from shenzhi.pipeline.statistics.complaints import ITEMS
from shenzhi.pipeline.statistics.lineage import lineage
from shenzhi.pipeline.statistics.series import series

CHINA = dt.timezone(dt.timedelta(hours=8))
TODAY = dt.date(2026, 3, 2)
CITY, PINE, BAMBOO = "990000", "990001", "990002"
CODES = (
    "complaints_10k", "complaints_1000_firms", "complaints_in_time", "complaint_days", "complaints_remedied",
    "complaints_satisfaction", "complaints_recurrence", "complaints_reopened",
)  # fmt: skip
WRITER = {
    "name": "万俟秘安",
    "phone": "010-00007391",
    "email": "secret.writer@example.org",
    "address": "无名路七三九一号",
}


def on(day: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(10), CHINA)


@pytest.fixture
def counted() -> registry.Counted:
    (found,) = (one for one in registry.COUNTED if one.declaration.stem == "complaint_counts")
    return found


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """The lake of a fictional city that declares its annual figures and no counts of complaints."""
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "var"))
    root = tmp_path / "town"
    (root / "sources").mkdir(parents=True)
    (root / "city.yml").write_text(
        "slug: town\ntitle: {zh: 示范市, en: Example City}\nfictional: true\nnote: {zh: 虚构, en: fictional}\n"
        f"root_area: '{CITY}'\n",
        encoding="utf-8",
    )
    for name in ("areas.csv", "sources/annual_figures.yml"):
        shutil.copy(CITIES / "model" / name, root / name)
    return Lake(load_city(root))


@pytest.fixture
def town(office):
    seed_limits()
    create(
        Category(code="goods", name="商品质量", name_en="Goods", kind="complaint", department=office.quality),
        by=PLATFORM,
    )
    return office


@pytest.fixture
def writer(town) -> Reader:
    return Reader(Account.objects.create_user("writer", name="万俟秘安").pk, "万俟秘安")


def filed(town: Any, by: Reader, day: str, district: Any = None) -> Complaint:
    return file(
        Complaint(
            category=Category.objects.get(), respondent=town.firm, goods="电热水壶", facts="壶底漏水。",
            district=district or town.pine, **WRITER,
        ),
        by=by,
        at=on(day),
    )  # fmt: skip


def refused(town: Any, case: Complaint, day: str) -> Complaint:
    return fire(
        case, "refuse", by=town.clerk, at=on(day), data={"answer": "不予受理。", "ground": "three_years"}
    )


def told_of(town: Any, case: Complaint, day: str, *, remedied: bool) -> Complaint:
    """Accepted on 5 March 2025, decided on the day, both sides told on the same day."""
    case = fire(case, "accept", by=town.clerk, at=on("2025-03-05"), data={"statement": "要求更换。"})
    if remedied:
        case = fire(case, "settle", by=town.clerk, at=on(day), data={"answer": "已更换。", "remedy": "更换"})
    else:
        case = fire(
            case,
            "end",
            by=town.clerk,
            at=on(day),
            data={"answer": "双方未能一致。", "ground": "no_agreement"},
        )
    return fire(case, "tell", by=town.clerk, at=on(day))


@pytest.fixture
def year(town, writer):
    """35 complaints, all received on Monday 3 March 2025 in one district; who wrote judged ten of them."""
    for number in range(12):  # remedied on 11 March, after 6 working days
        case = told_of(town, filed(town, writer, "2025-03-03"), "2025-03-11", remedied=True)
        if number < 10:
            happy = {"satisfaction": "5", "fixed": "fixed"}
            unhappy = {"satisfaction": "2", "fixed": "came_back"}
            fire(case, "rate", by=writer, at=on("2025-03-20"), data=happy if number < 5 else unhappy)
    for _ in range(6):  # explained on 24 March, after 15 working days
        told_of(town, filed(town, PUBLIC, "2025-03-03"), "2025-03-24", remedied=False)
    # refused on 6 March, after 3; or on the 17th, after 10: the 12th was the last day
    for number in range(12):
        case = refused(town, filed(town, writer, "2025-03-03"), "2025-03-06" if number < 7 else "2025-03-17")
        if number < 5:
            case = fire(case, "reopen", by=writer, at=on("2025-03-10"), data={"reason": "理由不成立"})
            fire(case, "uphold", by=town.head, at=on("2025-03-11"), data={"answer": "维持原决定。"})
    for _ in range(5):
        fire(filed(town, writer, "2025-03-03"), "withdraw", by=writer, at=on("2025-03-04"))


def annual(lake: Lake, folder: Path) -> None:
    """700,000 people and 14,000 firms in the district at the end of 2025."""
    path = folder / "annual.csv"
    path.write_text(
        "fictional,area,area_name,year,item,item_name,value,unit,status,revision,known_on,document\n"
        f"虚构 fictional,{PINE},松风区,2025,pop,人口,70,万人,final,1,2026-02-01,公报\n"
        f"虚构 fictional,{PINE},松风区,2025,firms,企业,14000,家,final,1,2026-02-01,公报\n",
        encoding="utf-8",
    )
    ingest(lake, "annual_figures", path, by="test")


def values(lake: Lake, area: str, period: str = "2025") -> dict[str, float]:
    found = series(lake, CODES).to_pylist()
    return {one["indicator"]: one["value"] for one in found if (one["area"], one["period"]) == (area, period)}


@pytest.mark.slow
def test_each_indicator_of_a_small_year_is_what_a_hand_works_out(town, year, lake, counted, tmp_path):
    annual(lake, tmp_path)
    take_in_counted(lake, counted, today=TODAY)
    expected = {
        "complaints_in_time": 100 * 30 / 35,  # 5 were refused late
        # 7 within 5 days; 12 + 5 after 6 to 10, 6 after 15: the middle of the 30 is 15; (15 - 7) / 17 of the five days from 5.5 on
        "complaint_days": 5.5 + 5 * 8 / 17,
        "complaints_remedied": 100 * 12 / 35,
        "complaints_satisfaction": 50.0,  # 5 of 10
        "complaints_recurrence": 50.0,
        "complaints_reopened": 100 * 5 / 35,
    }
    both = {"complaints_10k": 0.5, "complaints_1000_firms": 2.5}  # 35 / 70, 35 / 14
    assert values(lake, PINE) == pytest.approx(expected | both, rel=1e-12)
    assert values(lake, CITY) == pytest.approx(expected, rel=1e-12)  # nobody said how many live in the city
    assert values(lake, BAMBOO) == {}
    statuses = {one["status"] for one in series(lake, CODES).to_pylist()}
    assert statuses == {"preliminary"}  # the year before this one


@pytest.mark.slow
def test_a_figure_opens_down_to_the_counts_that_it_came_from(town, year, lake, counted, tmp_path):
    annual(lake, tmp_path)
    take_in_counted(lake, counted, today=TODAY)
    counts, people = lineage(lake, "complaints_10k", PINE, "2025")
    assert [(row["item"], row["cases"]) for row in counts.rows] == [("filed", 35)]
    assert [(row["item"], row["value"]) for row in people.rows] == [("pop", 70.0)]
    (share,) = lineage(lake, "complaints_remedied", PINE, "2025")
    assert {row["item"]: row["cases"] for row in share.rows} == {"remedied": 12, "decided": 35}


@pytest.mark.slow
def test_the_letters_and_who_wrote_them_are_nowhere_in_the_lake(town, year, lake, counted):
    take_in_counted(lake, counted, today=TODAY)
    rows = lake.table("complaint_counts").to_pyarrow().to_pylist()
    said = str(rows) + "".join(
        path.read_bytes().decode("utf-8", "replace") for path in lake.home.rglob("*") if path.is_file()
    )
    assert "remedied" in said
    secrets = (*WRITER.values(), "电热水壶", "壶底漏水", "要求更换", town.firm.name)
    assert [secret for secret in secrets if secret in said] == []


def test_counted_again_without_a_change_there_is_no_new_version(town, writer, lake, counted):
    refused(town, filed(town, writer, "2025-03-03"), "2025-03-06")
    first = take_in_counted(lake, counted, today=TODAY)
    assert first is not None
    again = take_in_counted(lake, counted, today=TODAY + dt.timedelta(days=31))
    assert again is not None
    assert again.sha256 == first.sha256
    assert [one.version for one in lake.versions("complaint_counts")] == [0]


def test_counts_change_once_a_month_so_that_nobody_reads_from_them_who_wrote_when(
    town, writer, lake, counted
):
    for _ in range(6):
        filed(town, writer, "2026-02-02")
    take_in_counted(lake, counted, today=TODAY)
    for _ in range(6):
        filed(town, writer, "2026-03-03")
    assert take_in_counted(lake, counted, today=dt.date(2026, 3, 31)) is None
    assert cases(lake, "2026", "filed")[CITY] == 6
    take_in_counted(lake, counted, today=dt.date(2026, 4, 1))
    assert cases(lake, "2026", "filed")[CITY] == 12


def test_an_office_without_a_complaint_gives_no_table(town, lake, counted):
    assert take_in_counted(lake, counted, today=TODAY) is None
    assert lake.tables() == []


def test_in_january_the_new_year_is_not_counted_yet(town, writer, lake, counted):
    filed(town, writer, "2025-12-01")
    take_in_counted(lake, counted, today=dt.date(2026, 1, 20))
    assert {row["year"] for row in rows(lake)} == {2025}


def rows(lake: Lake) -> list[dict[str, Any]]:
    return lake.table("complaint_counts").to_pyarrow().to_pylist()


def cases(lake: Lake, year: str, item: str) -> dict[str, int | None]:
    return {
        row["area"]: row["cases"]
        for row in rows(lake)
        if (str(row["year"]), row["item"], row["category"]) == (year, item, "all")
    }


def test_a_small_count_can_be_worked_out_of_no_total_less_the_others(town, writer, lake, counted):
    """Of all sums in the table, by outcome and over the districts: no count that is withheld follows from what is shown."""
    for number in range(12):
        case = filed(town, writer, "2025-03-03")
        if number < 7:
            refused(town, case, "2025-03-06" if number < 6 else "2025-03-17")
    for number in range(3):
        case = filed(town, writer, "2025-03-04", town.bamboo)
        if number < 2:
            refused(town, case, "2025-03-06")
    take_in_counted(lake, counted, today=TODAY)
    shown = {
        (row["area"], row["item"]): row["cases"]
        for row in rows(lake)
        if row["year"] == 2025 and row["category"] == "all"
    }
    assert shown[BAMBOO, "filed"] is None  # 3
    assert shown[PINE, "filed"] is None  # or 15 - 12 would tell it
    assert shown[CITY, "filed"] == 15
    areas = (CITY, PINE, BAMBOO)
    items = {item for _, item in shown}
    # in truth everything that is not counted here is nought
    sums = [
        ((area, whole), [(area, part) for part in parts if part in items])
        for area in areas
        for whole, parts in SUMS
        if whole in items and "mended" not in parts
    ]
    sums += [((CITY, item), [(PINE, item), (BAMBOO, item)]) for item in items]
    unknown = {cell: at for at, cell in enumerate(cell for cell, count in shown.items() if count is None)}
    equations = np.zeros((len(sums), len(unknown)))
    for number, (whole, parts) in enumerate(sums):
        for cell, sign in ((whole, -1), *((part, 1) for part in parts)):
            if cell in unknown:
                equations[number, unknown[cell]] += sign
    rank = np.linalg.matrix_rank(equations)
    follows = [
        cell for cell, at in unknown.items()
        if np.linalg.matrix_rank(np.vstack([equations, np.eye(len(unknown))[at]])) == rank
    ]  # fmt: skip
    assert len(unknown) > 5
    assert follows == []


def test_the_days_of_few_complaints_are_withheld_with_the_reason(town, writer, lake, counted):
    refused(town, filed(town, writer, "2025-03-03"), "2025-03-06")
    take_in_counted(lake, counted, today=TODAY)
    days = [row for row in rows(lake) if row["least"] is not None and row["year"] == 2025]
    # one complaint, decided after three days; of the eight other classes there is none
    assert Counter((row["area"], row["cases"], row["withheld"]) for row in days) == {
        (CITY, None, "few"): 1, (CITY, 0, None): 8, (PINE, None, "few"): 1, (PINE, 0, None): 8, (BAMBOO, 0, None): 9,
    }  # fmt: skip
    assert "complaint_days" not in values(lake, CITY)


def test_years_before_the_register_come_as_a_file_and_stay(town, writer, lake, counted, tmp_path):
    filed(town, writer, "2025-03-03")
    take_in_counted(lake, counted, today=TODAY)
    path = tmp_path / "earlier.csv"
    path.write_text(
        "fictional,area,year,category,item,least,most,cases,withheld,status\n"
        f"虚构 fictional,{PINE},2024,all,filed,,,40,,final\n",
        encoding="utf-8",
    )
    ingest(lake, "complaint_counts", path, by="clerk")
    take_in_counted(lake, counted, today=dt.date(2026, 4, 1))
    assert cases(lake, "2024", "filed") == {PINE: 40}
    assert set(cases(lake, "2025", "filed")) == {CITY, PINE, BAMBOO}


def test_the_table_that_the_model_city_declares_takes_the_same_columns(counted):
    ours = yaml.safe_load(counted.declaration.read_text(encoding="utf-8"))
    theirs = load_source(CITIES / "model" / "sources" / "complaint_counts.yml")
    assert list(theirs.fields) == ["fictional", *ours["fields"]]
    assert theirs.by == tuple(ours["arrives"]["by"])
    assert theirs.key == tuple(ours["key"])
    assert [one.rule for one in theirs.checks] == [one["rule"] for one in ours["checks"]]
    assert set(theirs.fields["item"].allowed) == set(ours["fields"]["item"]["allowed"])


def test_only_counts_of_the_offices_own_work_may_be_small(counted):
    source = load_source(CITIES / "model" / "sources" / "complaint_counts.yml")
    may = [item for item in ITEMS if all(f"'{item}'" not in one.rule for one in source.checks)]
    assert may == [item for item in ITEMS if item not in WORK]


def test_a_table_that_a_city_hands_in_whole_is_left_to_it(town, writer, lake, counted, tmp_path):
    filed(town, writer, "2025-03-03")
    declared = (CITIES / "model" / "sources" / "complaint_counts.yml").read_text(encoding="utf-8")
    (tmp_path / "town" / "sources" / "complaint_counts.yml").write_text(
        declared.replace("arrives: {by: [year]}\n", ""), encoding="utf-8"
    )
    assert take_in_counted(Lake(lake.city), counted, today=TODAY) is None


@pytest.mark.slow
def test_all_tables_of_an_office_are_taken_in_together(town, writer, tmp_path, monkeypatch):
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path))
    filed(town, writer, "2025-03-03")
    taken = [one.source for one in taking.take_in_all()]
    assert taken[-1] == "complaint_counts"
    assert len(taken) == sum(taking.has_public(one) for one in registers()) + 1
