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
        for code, title, every, do in (
            ("lamps", Words("统计正在计算的期限", "Count the clocks that are running"), dt.timedelta(minutes=1), _lamps),
            ("months", Words("统计每月期限办结情况", "Count the clocks that ended, month by month"), dt.timedelta(minutes=30), _months),
            ("findings", Words("查看经过中值得一看的情形", "Look for patterns in the histories"), dt.timedelta(minutes=10), _findings),
        ):  # fmt: skip
            add(Chore(code, title, every, do))


def _lamps() -> str:
    from shenzhi.kernel.supervision.lamps import count_running

    return f"{count_running()} running"


def _months() -> str:
    from shenzhi.kernel.supervision.figures import count_months

    return f"{count_months(timezone.localdate(), 24)} months counted"


def _findings() -> str:
    from shenzhi.kernel.supervision.findings import look

    return f"{look(timezone.localdate())} seen"
