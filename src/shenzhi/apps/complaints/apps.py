"""Announces the open interface for problems in the street beside the registers, which announce themselves."""

from __future__ import annotations

from django.apps import AppConfig

from shenzhi.kernel import registry
from shenzhi.kernel.words import Words


class ComplaintsConfig(AppConfig):
    name = "shenzhi.apps.complaints"
    label = "complaints"
    verbose_name = "投诉"

    def ready(self) -> None:
        registry.add(
            pages=registry.Pages("open311/v2/", "shenzhi.apps.complaints.urls"),
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
