"""The chapters of the statistical report, in order (article 86).

A section is a function of city, publication and language; it gives blocks, which a page and a typeset document set
alike. What an edition does not hold is said, not filled. How to add one: docs/how-to/write-a-report-section.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.reports import appendices, appendix_sources
from shenzhi.pipeline.reports.blocks import Block
from shenzhi.pipeline.reports.chapter_domains import a_domain
from shenzhi.pipeline.reports.chapter_index import the_areas, the_index
from shenzhi.pipeline.reports.frozen import Frozen
from shenzhi.pipeline.reports.summary import summary
from shenzhi.pipeline.reports.theme import DOMAIN_CODES
from shenzhi.pipeline.statistics.indicator import DOMAINS

Build = Callable[[City, Publication | Frozen, str], list[Block]]


@dataclass(frozen=True)
class Section:
    """A chapter: its anchor, its title, the article it carries out, and how it is built. No blocks: no chapter."""

    code: str
    title: Words
    article: str
    build: Build


SECTIONS: list[Section] = [
    Section("summary", Words("要点", "Key findings"), "86", summary),
    Section("index", Words("质量指数", "The quality index"), "86", the_index),
    Section("areas", Words("各地区", "The areas"), "86", the_areas),
    *(Section(code, DOMAINS[code], "86", partial(a_domain, code)) for code in (*DOMAIN_CODES, "standards")),
    Section("coverage", Words("覆盖与缺数", "Coverage and missing figures"), "86", appendices.coverage),
    Section("revisions", Words("修订", "Revisions"), "84", appendices.revisions),
    Section("method", Words("方法", "Method"), "86", appendices.the_method),
    Section("sources", Words("来源", "Sources"), "84", appendix_sources.sources),
    Section("colophon", Words("版本与核验", "Edition and verification"), "86", appendices.colophon),
]
