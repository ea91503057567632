"""The holidays of 2025 and 2026, written down by hand from the notices of the State Council's General Office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from shenzhi.calc.calendar.days import Calendar, from_rows

# first and last day off, weekends within included
HOLIDAYS = [
    ("2025-01-01", "2025-01-01"),  # New Year
    ("2025-01-28", "2025-02-04"),  # Spring Festival
    ("2025-04-04", "2025-04-06"),  # Qingming
    ("2025-05-01", "2025-05-05"),  # Labour Day
    ("2025-05-31", "2025-06-02"),  # Dragon Boat
    ("2025-10-01", "2025-10-08"),  # National Day and Mid-Autumn
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),  # Mid-Autumn
    ("2026-10-01", "2026-10-07"),
]
# weekend days worked in their place
WORKED = [
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
]  # fmt: skip


def rows() -> Iterator[tuple[date, str]]:
    for first, last in HOLIDAYS:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            yield day, "holiday"
            day += timedelta(1)
    for text in WORKED:
        yield date.fromisoformat(text), "working"


@pytest.fixture(scope="session")
def china() -> Calendar:
    """2025 and 2026 as published; 2027 was not yet."""
    return from_rows(rows(), known_until=date(2026, 12, 31))


@pytest.fixture(scope="session")
def stormy() -> Calendar:
    """The same, in a city that closed for a typhoon on 23 and 24 September 2025, and on Sunday 20 September 2026."""
    closed = [(date(2025, 9, 23), "closure"), (date(2025, 9, 24), "closure"), (date(2026, 9, 20), "closure")]
    return from_rows([*rows(), *closed], known_until=date(2026, 12, 31))
