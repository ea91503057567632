"""Counts of complaints of the model city for the years before its register was opened; made up, as all its figures are (article 90).

No count of one to four is made up, so none need be withheld; the days are drawn, then rounded to fives.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from shenzhi.calc.calendar.classes import DAY_CLASSES, day_class, day_item
from shenzhi.pipeline.statistics.complaints import ALL, ITEMS
from shenzhi.pipeline.statistics.model_chance import Chance

COLUMNS = (
    "fictional", "area", "year", "category", "item", "least", "most", "cases", "withheld", "status",
)  # fmt: skip
EACH = 14
"""Complaints a year per 10,000 people in a middling district at the start."""
SMALLEST = 5


def write_counts(
    path: Path,
    chance: Chance,
    districts: Mapping[str, tuple[float, float, float]],
    years: range,
    *,
    fictional: str,
    whole: str,
) -> None:
    """Write the table; `districts` gives for each code its people (10,000) and how good it is, -1 to 1, in economy and
    in government service. `whole` is the code of the city."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for year in years:
            age = (year - years[0]) / 10
            counts: Counter[str] = Counter()
            days: Counter[int] = Counter()
            for area, (people, economy, government) in districts.items():
                number = int(people * (1 + 0.14 * age) * (EACH - 3 * economy - 2 * age))
                told = _counts(number, chance, age, economy, government)
                taken = _days(told["decided"] - told["withdrawn"], chance, age, government)
                counts.update(told)
                days.update(taken)
                out.writerows((fictional, area, year, *row, "", "final") for row in _rows(told, taken))
            out.writerows((fictional, whole, year, *row, "", "final") for row in _rows(counts, days))


def _rows(
    counts: Mapping[str, int], days: Mapping[int, int]
) -> Iterator[tuple[str, str, int | None, int | None, int]]:
    for item in ITEMS:
        yield ALL, item, None, None, counts[item]
    for least, most in DAY_CLASSES:
        yield ALL, day_item(least), least, most, _in_fives(days.get(least, 0))


def _in_fives(count: int) -> int:
    """The nearest multiple of five: made up as if the offices of those years had told their days no more exactly."""
    return (count + 2) // 5 * 5


def _counts(number: int, chance: Chance, age: float, economy: float, government: float) -> dict[str, int]:
    """What became of so many complaints: each share with a little chance, and each sum the sum of its parts."""

    def part(whole: int, share: float) -> int:
        drawn = share * (1 + 0.12 * float(chance.normal(1)[0]))
        return max(SMALLEST, int(whole * min(max(drawn, 0.01), 0.9)))

    found = {
        "denied": part(number, 0.03 - 0.008 * government),
        "explained": part(number, 0.30 - 0.05 * government - 0.08 * age),
        "refused": part(number, 0.11),
        "withdrawn": part(number, 0.05),
        "transferred": part(number, 0.06),
    }
    found["remedied"] = number - sum(found.values())
    late = part(number, 0.13 - 0.04 * government - 0.05 * age)
    reopened = part(number, 0.06 - 0.015 * government)
    rated = part(number, 0.38)
    dissatisfied = part(rated, 0.34 - 0.06 * government - 0.1 * age)
    not_fixed = part(rated, 0.33 - 0.05 * government - 0.06 * age)
    came_back = part(rated, 0.10 - 0.03 * economy)
    return {
        "filed": number, "open": 0, "decided": number, **found, "due": number, "in_time": number - late, "late": late,
        "ended": number, "reopened": reopened, "rested": number - reopened, "rated": rated,
        "satisfied": rated - dissatisfied, "dissatisfied": dissatisfied, "answered": rated,
        "fixed": rated - not_fixed - came_back, "not_fixed": not_fixed, "came_back": came_back,
    }  # fmt: skip


def _days(number: int, chance: Chance, age: float, government: float) -> dict[int, int]:
    """How many were decided within each class of working days, named by its least."""
    drawn = np.maximum(np.rint(20 - 3 * government - 5 * age + 9 * chance.normal(number)), 0).astype(np.int64)
    return dict(Counter(day_class(one) for one in drawn.tolist()))
