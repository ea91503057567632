"""Announces the open interface for problems in the street beside the registers, which announce themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.apps import AppConfig

from shenzhi.kernel import registry
from shenzhi.kernel.words import Words


class ComplaintsConfig(AppConfig):
    name = "shenzhi.apps.complaints"
    label = "complaints"
    verbose_name = "投诉"

    def ready(self) -> None:
        from shenzhi.apps.complaints import alike, chores  # their models can be imported only now
        from shenzhi.apps.complaints.api import refuses

        registry.add(
            pages=registry.Pages("open311/v2/", "shenzhi.apps.complaints.urls", refuses=refuses),
            carries=registry.Carries(
                "62.1",
                Words("Open311 接口", "Open311 interface"),
                Words(
                    "城市问题可以用任何 Open311 客户端报告和查询。",
                    "Problems in the street can be reported and followed with any Open311 client.",
                ),
                "open311:discovery",
                ("xml",),
            ),
        )
        registry.add(
            pages=registry.Pages("complaints/", "shenzhi.apps.complaints.addresses"),
            door=registry.Door(Words("投诉", "Complain"), "complaints:home"),
            carries=registry.Carries(
                "90.1, 90.2",
                Words("投诉统计和公示", "Statistics and publication of complaints"),
                Words(
                    "按月、区、类别和被投诉单位公布收到多少、解决多少、来信人怎么说；人数太少的不公布，并说明原因。",
                    "How many came in, were put right and what the writers say, by month, district, category and "
                    "organisation; what would tell of few people is held back, with the reason.",
                ),
                "complaints:statistics",
            ),
        )
        registry.add(counted=registry.Counted(Path(__file__).with_name("complaint_counts.yml"), _counts))
        for beside in alike.BESIDE:
            registry.add(beside=beside)
        chores.announce()


def _counts(today: dt.date) -> Iterable[Mapping[str, Any]]:
    from shenzhi.apps.complaints.counts import rows  # the indicators take a second to load

    return rows(today)
