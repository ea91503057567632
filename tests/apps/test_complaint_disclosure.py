"""Somebody collects every number that is published of the letters of a year, and calculates (articles 84 and 90)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from scipy.optimize import linprog

from apps.complaint_town import at, explained, furnish, judged, mended, problem, refused, settled
from shenzhi.apps.complaints import counts, facts
from shenzhi.calc.calendar.classes import DAY_CLASSES, day_item

TODAY = dt.date(2026, 6, 15)
OUTCOMES = ("remedied", "denied", "explained", "refused", "withdrawn", "transferred", "merged")
DAYS = tuple(day_item(least) for least, _ in DAY_CLASSES)
WITHIN = (
    ("filed", ("decided", "open")),
    ("decided", OUTCOMES),
    ("decided", ("withdrawn", *DAYS)),
    ("due", ("in_time", "late")),
    ("ended", ("reopened", "rested")),
    ("rated", ("satisfied", "dissatisfied")),
    ("answered", ("fixed", "not_fixed", "came_back")),
)
"""What whoever calculates knows of how the counts of one line hang together; here it is written down a second time."""
OFFICE = ("open", "decided", "due", "in_time", "late", "ended", "rested", *DAYS)

Key = tuple[str, str, str]


def worked_out(told: Mapping[Key, int | None], known: Mapping[Key, int], keys: Sequence[Key]) -> list[Key]:
    """The counts among `keys` that follow from what is told and known elsewhere, by linear programming over all of it at once."""
    places = {(dimension, code) for dimension, code, _ in (*told, *known)}
    names = {name for _, _, name in (*told, *known)}
    cells = sorted(
        {
            (*place, name)
            for place in places
            for name in names
            if ((*place, name) in told or (*place, name) in known)
        }
    )
    at = {key: number for number, key in enumerate(cells)}
    lines: list[tuple[Key, list[Key]]] = [
        ((*place, whole), [(*place, part) for part in parts])
        for place in places
        for whole, parts in (*WITHIN, ("mended", ("remedied", "denied")))
        if all((*place, one) in at for one in (whole, *parts))
    ]
    for dimension in {one for one, _ in places} - {"all", "organisation"}:
        codes = [code for one, code in places if one == dimension]
        lines += [
            (("all", "", name), [(dimension, code, name) for code in codes])
            for name in names
            if ("all", "", name) in at and all((dimension, code, name) in at for code in codes)
        ]
    equations = np.zeros((len(lines), len(cells)))
    for number, (whole, parts) in enumerate(lines):
        for key, sign in ((whole, -1), *((part, 1) for part in parts)):
            equations[number, at[key]] += sign
    bounds = [
        (count, count) if (count := known.get(key, told.get(key))) is not None else (0, None) for key in cells
    ]
    found = []
    for key in keys:
        wanted = np.eye(len(cells))[at[key]]
        low, high = (
            sign * linprog(sign * wanted, A_eq=equations, b_eq=np.zeros(len(lines)), bounds=bounds).fun
            for sign in (1, -1)
        )
        if high - low < 0.5:
            found.append(key)
    return found


def a_city(chance: random.Random, *, large: int) -> facts.Cells:
    """The counts of a made-up year, line by line the sums of its letters; every letter stands in one month, district and category."""
    names = (*facts.COUNTS, *DAYS, "undated")
    cells: Any = {"all": {"": dict.fromkeys(names, 0)}, "month": {}, "district": {}, "category": {}}
    for _ in range(large):
        row = {
            "state": "filed", "outcome": "", "reopened": False, "satisfaction": "", "fixed": "",
        }  # fmt: skip
        if chance.random() < 0.9:
            row |= {
                "state": "closed",
                "outcome": chance.choice(("remedied",) * 6 + ("explained",) * 3 + ("refused", "withdrawn")),
            }
            row["reopened"] = chance.random() < 0.1
            if chance.random() < 0.4:
                row |= {
                    "satisfaction": chance.choice("12345"),
                    "fixed": chance.choice(("fixed", "fixed", "not_fixed", "came_back")),
                }
        counted = facts._counts_of(row)
        if chance.random() < 0.1:
            counted |= {"late": 1, "in_time": 0, "due": 1}
        if counted["decided"] and row["outcome"] != "withdrawn":
            counted[chance.choice(DAYS)] = 1
        if chance.random() < 0.7:
            counted["before"] = 1
        place = {
            "all": "",
            "month": chance.choice("123"),
            "district": chance.choice("1223333"),
            "category": chance.choice("7888"),
        }
        for dimension, code in place.items():
            cell = cells[dimension].setdefault(code, dict.fromkeys(names, 0))
            for name, one in counted.items():
                cell[name] += one
    for dimension in ("month", "category"):
        for cell in cells[dimension].values():
            for name in (*DAYS, "undated"):
                del cell[name]
    return cells


def flat(tables: Any) -> dict[Key, Any]:
    return {
        (dimension, code, name): one
        for dimension, several in tables.items()
        for code, counts in several.items()
        for name, one in counts.items()
        if name != "undated"
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_no_small_count_of_complaints_follows_from_all_that_is_told(seed):
    chance = random.Random(seed)
    cells = a_city(chance, large=chance.choice((30, 60, 120, 300)))
    truth, told = flat(cells), flat(facts.publishable(cells))
    small = [key for key, one in truth.items() if told[key] is None and 0 < one < 5 and key[2] not in OFFICE]
    assert {key for key, one in truth.items() if 0 < one < 5 and key[2] not in OFFICE} == set(small)
    assert worked_out(told, {}, small) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_no_small_count_of_what_writers_say_follows_from_the_public_list_of_problems(seed):
    """Each problem stands on Open311: when it came in, where, of which kind and how it ended. What its writer says does not."""
    chance = random.Random(seed)
    cells = a_city(chance, large=chance.choice((30, 60, 120, 300)))
    for several in cells.values():
        for cell in several.values():
            for name in (*DAYS, "undated"):
                cell.pop(name, None)
    truth, told = flat(cells), flat(facts.publishable(cells, listed=True))
    listed = ("filed", "before", "open", "decided", "explained", "refused", "withdrawn", "transferred", "merged", "ended", "reopened", "rested")  # fmt: skip
    known = {key: one for key, one in truth.items() if key[2] in listed}
    known |= {
        (dimension, code, "mended"): truth[dimension, code, "remedied"] + truth[dimension, code, "denied"]
        for dimension, code, name in truth
        if name == "filed"
    }
    small = [
        key for key, one in truth.items()
        if 0 < one < 5 and key[2] in ("denied", "rated", "satisfied", "dissatisfied", "answered", "fixed", "not_fixed", "came_back")
    ]  # fmt: skip
    assert [key for key in small if told[key] is not None] == []
    assert worked_out(told, known, small) == []


@pytest.fixture
def town(office, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at("2026-06-15"))
    return furnish(office)


def published(kind: str) -> dict[Key, set[Any]]:
    """Every number told of the year, by what it counts, from the two files and (of complaints) from the rows for the lake."""
    found: dict[Key, set[Any]] = {}
    data = Client().get(f"/complaints/statistics.json?kind={kind}&year=2026").json()
    lines = [("all", data["all"])]
    lines += [
        (name, line)
        for name in ("month", "district", "category", "organisation")
        if name in data
        for line in data[name]["lines"]
    ]
    for dimension, line in lines:
        for name, count in line["counts"].items():
            found.setdefault((dimension, line["code"], name), set()).add(count)
    text = Client().get(f"/complaints/statistics.csv?kind={kind}&year=2026").content.decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(text)):
        for name in {*facts.COUNTS} & {*row}:
            if row["dimension"] != "goods" and row[name]:
                count = None if row[name] == "held" else int(row[name])
                found.setdefault((row["dimension"], row["code"], name), set()).add(count)
    for row in counts.rows(TODAY) if kind == "complaint" else ():
        if row["year"] == 2026:
            place = (
                ("category", row["category"])
                if row["category"] != "all"
                else ("district", row["area"])
                if row["area"]
                else ("all", "")
            )
            found.setdefault((*place, row["item"]), set()).add(row["cases"])
    return found


def test_every_number_that_is_told_is_the_same_wherever_it_is_told(town):
    for number in range(12):
        case = (settled, explained, refused)[number % 3](
            town, "2026-01-12", district=(town.pine, town.bamboo)[number % 4 == 0]
        )
        if number % 3 == 0:
            judged(case, "5", "not_fixed" if number == 0 else "fixed", "2026-02-02")
    for number in range(7):
        judged(mended(town, "2026-01-12"), "4", "not_fixed" if number < 2 else "fixed", "2026-02-02")
    problem(town, "2026-02-02")
    for kind in ("complaint", "problem"):
        told = published(kind)
        assert [key for key, several in told.items() if len(several) > 1] == []
        open_to_all = (*OFFICE, *facts.LISTED) if kind == "problem" else OFFICE
        few = {key for key, (one,) in told.items() if one is not None and 0 < one < 5}
        assert {key for key in few if key[2] not in open_to_all} == set()
        assert len(told) > 50
