"""Announces the doors to the desk and to electronic supervision, and the duties of article 71 that they carry out."""

from __future__ import annotations

import datetime as dt

from django.apps import AppConfig
from django.utils import timezone

from shenzhi.kernel import registry
from shenzhi.kernel.words import Words


class WorkbenchConfig(AppConfig):
    name = "shenzhi.web.workbench"
    label = "workbench"
    verbose_name = "工作台"

    def ready(self) -> None:
        from shenzhi.kernel.work.chores import Chore, add  # models are there only once apps are ready

        registry.add(door=registry.Door(Words("工作台", "Desk"), "workbench:desk"))
        registry.add(door=registry.Door(Words("监察", "Supervision"), "workbench:supervision"))
        registry.add(
            carries=registry.Carries(
                "71",
                Words("电子监察", "Electronic supervision"),
                Words(
                    "每个登记簿的每项法定期限按事实亮灯，可说明原因、申诉和督办，按部门逐月公布。",
                    "Every statutory clock of every register shows its lamp by the facts; causes, appeals and notices are "
                    "recorded, and figures are published by department and month.",
                ),
                "workbench:supervision",
            )
        )
        add(
            Chore(
                "months",
                Words("统计每月期限办结情况", "Count the clocks that ended, month by month"),
                dt.timedelta(hours=12),
                _months,
            )
        )


def _months() -> str:
    """Count the months before a reader has to wait for it."""
    from shenzhi.kernel.supervision.figures import (
        months_until,
        tallies,
    )

    today = timezone.localdate()
    ended = sum(one.ended for several in tallies(months_until(today, 24), today).values() for one in several)
    return f"{ended} ended in 24 months"
