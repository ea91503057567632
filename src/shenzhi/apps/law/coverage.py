"""Which article of the regulation is carried out by what, computed from what the code declares (articles 1-97).

Nothing is typed in here. Every piece of evidence is found in a declaration: an announcement in the kernel's registry,
an indicator, a method, a source, a section of the report. Measuring an article is not carrying it out, so the two are
kept apart; and an article counts as carried out only when every one of its duties is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from typing import Any

from shenzhi.apps.law.articles import Article, Duty, Register, register
from shenzhi.kernel import registry
from shenzhi.kernel.articles import Reference, references
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import load_method
from shenzhi.pipeline.lake.city import City, all_cities
from shenzhi.pipeline.lake.source import Source, load_sources
from shenzhi.pipeline.reports.sections import SECTIONS
from shenzhi.pipeline.statistics import INDICATORS, Indicator

RELATIONS: dict[str, Words] = {
    "carries": Words("执行", "Carried out by"),
    "measures": Words("衡量", "Measured by"),
    "scores": Words("计算方法", "Scored by the method"),
    "gathers": Words("数据来自", "Data from"),
    "reports": Words("写入报告", "Reported in"),
}
STATES: dict[str, Words] = {
    "carried": Words("已执行", "Carried out"),
    "part": Words("部分执行", "Carried out in part"),
    "measured": Words("已衡量", "Measured"),
    "open": Words("尚未执行", "Not yet"),
    "none": Words("无职责", "Asks nothing"),
}
MEANINGS: dict[str, Words] = {
    "carried": Words(
        "本条的每一项职责都有软件的一个部分来执行。",
        "A part of the software serves every duty of the article.",
    ),
    "part": Words("本条的一部分职责有软件来执行。", "The software serves some of the article's duties."),
    "measured": Words(
        "至少有一项指标用真实城市的数据衡量本条要求的事；衡量不等于执行。",
        "At least one indicator over a real city's tables measures what the article asks; "
        "to measure is not to carry out.",
    ),
    "open": Words(
        "软件还没有执行或衡量本条。", "The software neither carries out nor measures the article yet."
    ),
    "none": Words(
        "定义、目的或附则，没有要执行的职责。", "A definition, purpose or final provision with no duty."
    ),
}

CHAPTER = Words("质量统计报告的一章", "A chapter of the statistical report")


class CoverageError(ValueError):
    """A declaration names a duty that the register does not have; the message names both."""


@dataclass(frozen=True)
class Evidence:
    """One declaration that serves articles. `city` is the city it belongs to or is first shown for, None for all."""

    relation: str
    code: str
    title: Words
    what: Words
    references: tuple[Reference, ...]
    url_name: str = ""
    args: tuple[str, ...] = ()
    city: City | None = None
    anchor: str = ""

    @property
    def real(self) -> bool:
        """False for what only a fictional city shows: it proves nothing of a real one."""
        return self.city is None or not self.city.fictional


@dataclass(frozen=True)
class Standing:
    """An article with all that serves it."""

    article: Article
    evidence: tuple[Evidence, ...]

    def of(self, relation: str) -> list[Evidence]:
        return [one for one in self.evidence if one.relation == relation]

    def serving(self, duty: Duty) -> list[Evidence]:
        """What carries out this one duty."""
        whole, one = Reference(duty.article), Reference(duty.article, duty.number)
        return [piece for piece in self.of("carries") if whole in piece.references or one in piece.references]

    @cached_property
    def state(self) -> str:
        """A key of STATES."""
        duties = self.article.duties
        if not duties:
            return "none"
        served = [duty for duty in duties if self.serving(duty)]
        if served:
            return "carried" if len(served) == len(duties) else "part"
        return "measured" if any(one.real for one in self.of("measures")) else "open"


def standings(of: Register, evidence: Iterable[Evidence]) -> dict[int, Standing]:
    """Every article with its evidence; CoverageError when a piece of it names a duty that is not there."""
    by_article: dict[int, list[Evidence]] = {number: [] for number in of.articles}
    for piece in evidence:
        for reference in piece.references:
            if reference.duty > len(of.articles[reference.article].duties):
                raise CoverageError(
                    f"{piece.title.en}: no duty {reference}; article {reference.article} has "
                    f"{len(of.articles[reference.article].duties)} in the register"
                )
        for number in sorted({reference.article for reference in piece.references}):
            by_article[number].append(piece)
    return {number: Standing(of.articles[number], tuple(pieces)) for number, pieces in by_article.items()}


@cache
def coverage() -> Mapping[int, Standing]:
    """The standing of all 97 articles under the software as it runs."""
    return standings(register(), declared())


def tally(of: Iterable[Standing]) -> dict[str, int]:
    """How many articles are in each state, in the order of STATES."""
    counted = Counter(one.state for one in of)
    return {state: counted[state] for state in STATES}


def as_data(one: Standing) -> dict[str, Any]:
    """An article's standing as plain data: both languages, every duty, every piece of evidence."""
    return {
        "article": one.article.number,
        "title": asdict(one.article.title),
        "chapter": one.article.chapter.number,
        "domain": one.article.domain,
        "kind": one.article.kind,
        "state": one.state,
        "duties": [
            {
                "duty": duty.code,
                "at": duty.anchor,
                "who": asdict(duty.who),
                "modal": duty.modal,
                "what": asdict(duty.what),
                "carried_out_by": [asdict(piece.title) for piece in one.serving(duty)],
            }
            for duty in one.article.duties
        ],
        "evidence": [
            {
                "relation": piece.relation,
                "code": piece.code,
                "title": asdict(piece.title),
                "city": piece.city.slug if piece.city else None,
                "fictional": not piece.real,
            }
            for piece in one.evidence
        ],
    }


def declared() -> Iterator[Evidence]:
    """Everything in the software that says which article it serves."""
    cities = [(city, load_sources(city.sources_dir)) for city in all_cities()]
    yield from _announced()
    yield from _indicators(cities)
    for city, sources in cities:
        for path in sorted(city.methods_dir.glob("*.yml")):
            method = load_method(path)
            if method.article:
                yield Evidence(
                    "scores", path.stem, method.title, _opening(method.note), references(method.article),
                    "portal:method", (city.slug,), city,
                )  # fmt: skip
        for source in sources.values():
            if source.article:
                yield Evidence(
                    "gathers", source.name, source.title, source.description or source.publisher,
                    references(source.article),
                    "portal:source", (city.slug, source.name), city,
                )  # fmt: skip
    if cities:
        first, _ = cities[0]
        for section in SECTIONS:
            yield Evidence(
                "reports", section.code, section.title, CHAPTER, references(section.article),
                "portal:report", (first.slug,), first, section.code,
            )  # fmt: skip


def _announced() -> Iterator[Evidence]:
    for one in registry.CARRIES:
        yield Evidence(
            "carries", one.url_name, one.title, one.what, references(one.article), one.url_name, one.args
        )


def _indicators(cities: list[tuple[City, dict[str, Source]]]) -> Iterator[Evidence]:
    """Indicators, each for the first city that promises its figures, real cities first; others are left out."""
    for indicator in INDICATORS.values():
        for city, sources in cities:
            if _promises(sources, indicator):
                yield Evidence(
                    "measures", indicator.code, indicator.title, indicator.definition,
                    references(indicator.article), "portal:indicator", (city.slug, indicator.code), city,
                )  # fmt: skip
                break


def _promises(sources: dict[str, Source], indicator: Indicator) -> bool:
    """Whether a city's sources have the tables, and for a picked figure also the item or column, of an indicator."""
    if not set(indicator.tables) <= set(sources):
        return False
    pick = indicator.pick
    if pick is None:
        return True
    fields = sources[pick.table].fields
    if pick.wide:
        return pick.key in fields
    return "item" in fields and (not fields["item"].allowed or pick.key in fields["item"].allowed)


def _opening(note: Words) -> Words:
    """The first sentence of a note; the rest can be read where it belongs."""
    zh, stop, _ = note.zh.partition("。")
    en, point, _ = note.en.partition(". ")
    return Words(zh + stop, en + point.rstrip())
