"""What the platform does for complaints by itself: counts the public statistics, and asks whether things were put right."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from shenzhi.apps.complaints import facts, followup
from shenzhi.kernel.words import Words
from shenzhi.kernel.work import chores


def announce() -> None:
    """Add them to the chores of the platform."""
    chores.add(
        chores.Chore(
            "complaint_counts",
            Words("统计投诉举报", "Count the letters of the public"),
            dt.timedelta(hours=1),
            _count,
        )
    )
    chores.add(
        chores.Chore("complaint_follow_up", Words("回访办结的投诉和城市问题", "Ask whether closed cases are put right"),
                     dt.timedelta(hours=6), _ask)
    )  # fmt: skip


def _count() -> str:
    return f"{facts.count_years(timezone.localdate())} counts"


def _ask() -> str:
    return f"{followup.ask_all(timezone.now())} asked"
