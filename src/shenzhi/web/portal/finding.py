"""What search can find in a city, and the index of it: pages, sources, areas, domains, indicators, and the documents
that apps announce (article 84)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.urls import reverse
from django.utils.translation import override

from shenzhi.kernel import registry
from shenzhi.kernel.registry import Document
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.lake.declared import sources_of
from shenzhi.web.portal import search as engine
from shenzhi.web.portal.editions import Edition, edition_or_none
from shenzhi.web.portal.frame import bare, cities

INDICATOR = Words("指标", "Indicators")
DOMAIN = Words("领域", "Domains")
AREA = Words("区域", "Areas")
SOURCE = Words("数据来源", "Sources of data")
PAGE = Words("页面", "Pages")

PAGES = (
    (
        "index",
        Words("指数与排名", "Index and ranking"),
        Words("各区域的得分与名次 地图", "scores and ranks of areas, map"),
    ),
    ("areas", Words("全部区域", "All areas"), Words("各区 街道", "districts")),
    (
        "indicators",
        Words("全部指标", "All indicators"),
        Words("六个领域的指标清单", "indicators of the six domains"),
    ),
    ("report", Words("统计报告", "Statistical report"), Words("统计报告 白皮书", "report, white paper")),
    (
        "method",
        Words("指数的计算方法", "How the index is made"),
        Words("权重 目标值 缺失 验证 重新计算", "weights, goalposts, missing values, verify, recompute"),
    ),
    (
        "sources",
        Words("数据目录", "Catalogue of data"),
        Words("数据来源 许可 下载 提交数据", "sources, licences, download, hand in data"),
    ),
)


def ask(city: City, text: str) -> engine.Found:
    """What `text` finds in `city` and in the documents of no city (the regulation)."""
    return engine.ask(prepare(city), text)


def prepare(city: City) -> Path:
    """The search index of the city's edition in force, written when it is not there."""
    edition = edition_or_none(city)
    return _index(city.slug, edition.name if edition else "", city.home.parent)


@lru_cache(maxsize=16)
def _index(slug: str, edition: str, home: Path) -> Path:
    """The index file of a city and edition, written when it is not there; files of earlier editions are removed."""
    city = next(one for one in cities() if one.slug == slug)
    listed = [
        *documents(city, edition_or_none(city)),
        *(one for give in registry.DOCUMENTS for one in give()),
    ]
    folder = home / "cache" / "search" / slug
    path = folder / engine.name((slug, edition), listed)
    if not path.exists():
        engine.build(path, listed)
        for old in folder.glob("search-*.sqlite"):
            if old != path:
                old.unlink(missing_ok=True)
    return path


def documents(city: City, edition: Edition | None) -> Iterator[Document]:
    """Everything of one city that can be found. Addresses carry no language prefix."""
    with override("zh-hans"):
        slug = city.slug
        for name, title, body in PAGES:
            yield Document(PAGE, title, body, bare(reverse(f"portal:{name}", args=[slug])))
        for source in sources_of(city).values():
            said = source.description or Words("", "")
            body = Words(f"{source.publisher.zh} {said.zh}", f"{source.publisher.en} {said.en}")
            yield Document(
                SOURCE, source.title, body, reverse("portal:source", args=[slug, source.name]), source.name
            )
        if edition is None:
            return
        for area in edition.all_areas:
            yield Document(
                AREA,
                area.title,
                area.note or Words("", ""),
                reverse("portal:area", args=[slug, area.code]),
                area.code,
            )
        for code in edition.domains:
            yield Document(
                DOMAIN, edition.title(code), Words("", ""), reverse("portal:domain", args=[slug, code]), code
            )
        for code in edition.codes:
            known = edition.indicator(code)
            said = known.definition if known else Words("", "")
            yield Document(
                INDICATOR, edition.title(code), said, reverse("portal:indicator", args=[slug, code]), code
            )
