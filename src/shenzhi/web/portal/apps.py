"""Announces what the portal shows of the pipeline: the duties of articles 84 and 86 that the first line carries out."""

from __future__ import annotations

from django.apps import AppConfig

from shenzhi.kernel import registry
from shenzhi.kernel.words import Words

CARRIES = (
    (
        "84.1, 84.2, 84.3",
        "portal:sources",
        Words("数据湖与数据目录", "Data lake and catalogue"),
        Words(
            "按来源的承诺接收和核对文件，逐字节留存，每个版本可查，并以 CSV 和 Parquet 开放。",
            "Takes in files and checks them against their source's promise, keeps every byte and every version, "
            "and opens them as CSV and Parquet.",
        ),
    ),
    (
        "86.2",
        "portal:index",
        Words("质量指数", "Quality index"),
        Words(
            "按公开的方法计算并发布指数，每个得分可查到来源行，任何人可以重算。",
            "Computes and publishes the index by an open method; every score opens down to its rows, and anyone can "
            "recompute it.",
        ),
    ),
    (
        "86.3",
        "portal:indicators",
        Words("质量统计指标", "Statistical indicators"),
        Words(
            "六个领域的指标，按地区和时期成序列，保留修订。",
            "Indicators of six domains by area and period, with their revisions.",
        ),
    ),
    (
        "86.4",
        "portal:report",
        Words("质量统计报告", "Statistical report"),
        Words(
            "由同一批数据写成网页和 PDF 报告，中英文。",
            "Written from the same figures as a page and as PDF, in Chinese and English.",
        ),
    ),
)


class PortalConfig(AppConfig):
    name = "shenzhi.web.portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from shenzhi.web.portal.frame import cities

        for article, page, title, what in CARRIES:
            for city in cities()[:1]:  # shown for the first city, as every page of no city is
                registry.add(carries=registry.Carries(article, title, what, page, (city.slug,)))
