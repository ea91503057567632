"""The register of the regulation's 97 articles: who must, may or is encouraged to do what (articles 1-97).

The files in `articles/` give each article a heading and its duties in our own words, not the text of the law. A duty
points at its paragraph and item (`at: p1-3` is paragraph 1, item 3), so that it stands beside the official text once
a city has imported it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shenzhi.kernel.articles import LAST, called, in_chinese
from shenzhi.kernel.words import Words
from shenzhi.pipeline.statistics import DOMAINS as MEASURED_DOMAINS

FOLDER = Path(__file__).parent / "articles"
REGULATION = Words("深圳经济特区质量条例", "Quality Regulation of the Shenzhen Special Economic Zone")
IN_FORCE_FROM = "2017-07-01"  # article 97

DOMAINS: dict[str, Words] = {
    "general": Words("总则与职责", "General and responsibilities"),
    **MEASURED_DOMAINS,
    "support": Words("保障措施", "Support and safeguards"),
}
KINDS: dict[str, Words] = {
    "definition": Words("定义", "Definition"),
    "principle": Words("原则", "Principle"),
    "duty": Words("职责", "Duties"),
    "encouragement": Words("鼓励", "Encouragement"),
    "oversight": Words("监督", "Oversight"),
    "final": Words("附则", "Final provision"),
}
MODALS: dict[str, Words] = {
    "must": Words("应当", "must"),
    "may": Words("可以", "may"),
    "shall_not": Words("不得", "shall not"),
    "encouraged": Words("鼓励", "is encouraged to"),
    # most articles set a task without the word 应当; calling that "must" would say more than the law does
    "task": Words("任务", "is set to"),
}


class RegisterError(ValueError):
    """The register cannot stand; the message lists every fault with its file and article."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of the regulation and the domain that its articles belong to."""

    number: int
    title: Words
    domain: str

    @property
    def name(self) -> Words:
        return Words(f"第{in_chinese(self.number)}章", f"Chapter {self.number}")


@dataclass(frozen=True)
class Duty:
    """One thing an article asks, allows or encourages; `number` counts from 1 within the article, `item` 0 is none."""

    article: int
    number: int
    paragraph: int
    item: int
    actor: str
    who: Words
    modal: str
    what: Words

    @property
    def code(self) -> str:
        """The duty's name in declarations such as `article = "86.2"`."""
        return f"{self.article}.{self.number}"

    @property
    def anchor(self) -> str:
        """Where the duty stands in the official text, as an address within the page: p1 or p1-3."""
        return f"p{self.paragraph}-{self.item}" if self.item else f"p{self.paragraph}"

    @property
    def place(self) -> Words:
        zh = f"第{in_chinese(self.paragraph)}款" + (f"第（{in_chinese(self.item)}）项" if self.item else "")
        return Words(zh, f"paragraph {self.paragraph}" + (f", item {self.item}" if self.item else ""))


@dataclass(frozen=True)
class Article:
    """An article: heading and duties in our own words; a definition or a final provision may ask nothing."""

    number: int
    chapter: Chapter
    title: Words
    kind: str
    duties: tuple[Duty, ...]

    @property
    def domain(self) -> str:
        return self.chapter.domain

    @property
    def name(self) -> Words:
        return called(self.number)

    @property
    def full_title(self) -> Words:
        return Words(f"{self.name.zh} {self.title.zh}", f"{self.name.en}: {self.title.en}")


@dataclass(frozen=True)
class Register:
    """All articles by number and the chapters in order."""

    articles: Mapping[int, Article]
    chapters: tuple[Chapter, ...]

    def of_chapter(self, chapter: Chapter) -> list[Article]:
        return [article for article in self.articles.values() if article.chapter == chapter]


@cache
def register() -> Register:
    """The register that comes with the software."""
    return load(FOLDER)


def load(folder: Path) -> Register:
    """Read `actors.yml` and the chapter files `01.yml`... of `folder`; RegisterError lists every fault at once."""
    faults: list[str] = []
    actors = {
        code: words
        for code, given in _read(folder / "actors.yml", faults).items()
        if (words := _words(given, f"actors.yml, {code}", faults))
    }
    found: list[Article] = []
    chapters: list[Chapter] = []
    for path in sorted(folder.glob("[0-9]*.yml")):
        chapter, articles = _chapter(path, actors, faults)
        chapters.append(chapter)
        found.extend(articles)
    for place, numbers, last in (
        ("chapters", [chapter.number for chapter in chapters], len(chapters)),
        ("articles", [article.number for article in found], LAST),
    ):
        if numbers != list(range(1, last + 1)):
            faults.append(f"{place} must run from 1 to {last} without gap or repeat; {_break(numbers, last)}")
    if faults:
        raise RegisterError(f"{folder}:\n" + "\n".join(f"- {fault}" for fault in faults))
    return Register({article.number: article for article in found}, tuple(chapters))


def _chapter(path: Path, actors: dict[str, Words], faults: list[str]) -> tuple[Chapter, list[Article]]:
    given = _read(path, faults)
    domain = str(given.get("domain"))
    if domain not in DOMAINS:
        faults.append(f"{path.name}: no domain called {domain}; domains are {', '.join(DOMAINS)}")
    title = _words(given.get("title"), f"{path.name}, title", faults)
    chapter = Chapter(int(given.get("chapter") or 0), title or Words("", ""), domain)
    return chapter, [_article(one, chapter, actors, path.name, faults) for one in given.get("articles") or []]


def _article(
    given: dict[str, Any], chapter: Chapter, actors: dict[str, Words], file: str, faults: list[str]
) -> Article:
    number = int(given.get("article") or 0)
    place = f"{file}, article {number}"
    kind = str(given.get("kind"))
    if kind not in KINDS:
        faults.append(f"{place}: no kind called {kind}; kinds are {', '.join(KINDS)}")
    duties = []
    for count, one in enumerate(given.get("duties") or [], start=1):
        where = f"{place}, duty {count}"
        at = re.fullmatch(r"p([1-9])(?:-([1-9]\d?))?", str(one.get("at")))
        if not at:
            faults.append(f"{where}: 'at' must name the paragraph, as p1, or paragraph and item, as p1-3")
        actor, modal = str(one.get("who")), str(one.get("modal"))
        if actor not in actors:
            faults.append(f"{where}: no actor called {actor} in actors.yml")
        if modal not in MODALS:
            faults.append(f"{where}: no modal called {modal}; modals are {', '.join(MODALS)}")
        what = _words(one, where, faults)
        if at and what and actor in actors:
            duties.append(Duty(number, count, int(at[1]), int(at[2] or 0), actor, actors[actor], modal, what))
    if not duties and kind not in ("definition", "principle", "final"):
        faults.append(f"{place}: an article of kind {kind} has at least one duty")
    title = _words(given.get("title"), f"{place}, title", faults)
    return Article(number, chapter, title or Words("", ""), kind, tuple(duties))


def _read(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        given = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        faults.append(f"{path.name} cannot be read: {error}")
        return {}
    return given if isinstance(given, dict) else {}


def _words(given: Any, place: str, faults: list[str]) -> Words | None:
    try:
        return Words.of(given or {})
    except ValueError as error:
        faults.append(f"{place}: {error}")
        return None


def _break(numbers: list[int], last: int) -> str:
    """Where a run of numbers that should be 1..last first breaks, in words."""
    for expected, number in zip(range(1, last + 1), numbers, strict=False):
        if number != expected:
            return f"found {number} where {expected} should stand"
    return f"found {len(numbers)} of {last}"
