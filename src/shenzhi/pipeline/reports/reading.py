"""An edition as a report reads it: whose index, of which period, against which, under which names (article 86)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from urllib.parse import quote

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Observation, Part, Publication, Score
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.reports import measures
from shenzhi.pipeline.reports.blocks import Linked, Span
from shenzhi.pipeline.reports.change import Change, between
from shenzhi.pipeline.reports.frozen import Frozen
from shenzhi.pipeline.reports.layers import with_unit
from shenzhi.pipeline.reports.theme import TOKENS
from shenzhi.pipeline.statistics import INDICATORS
from shenzhi.pipeline.statistics.indicator import DOMAINS, Indicator

POINTS = Words("分", "points")
MARKS = {"preliminary": "†", "estimated": "‡", "imputed": "§"}


class Reading:
    """One edition in one language. `area` is whose index it is (None when districts are compared and the city as a
    whole has no index); `latest` is the period reported, `before` the one it is compared with ("" when there is none)."""

    def __init__(self, city: City, publication: Publication | Frozen, language: str) -> None:
        self.city = city
        self.publication = publication
        self.language = "en" if language.startswith("en") else "zh"
        self.method = publication.method
        self.root = self.method.root
        self._values: dict[tuple[str, str], dict[str, Observation]] = {}
        self._changes: dict[tuple[str, str, str, str], Change | None] = {}

    @classmethod
    def of(cls, city: City, publication: Publication | Frozen, language: str) -> Reading:
        """The reading of an edition; the sections of one report share it."""
        if isinstance(publication, Frozen):
            key = f"{city.slug}/{language}"
            kept: Reading = publication.kept.setdefault(key, None) or cls(city, publication, language)
            publication.kept[key] = kept
            return kept
        return cls(city, publication, language)

    def say(self, zh: str | Words, en: str = "") -> str:
        """The text of the language: of a pair, or of Words."""
        return zh.say(self.language) if isinstance(zh, Words) else (zh if self.language == "zh" else en)

    # who and when

    @cached_property
    def areas(self) -> list[str]:
        """Scored areas in the order of areas.csv."""
        scored = set(self.publication.areas())
        return [*(c for c in self.city.areas if c in scored), *sorted(scored - set(self.city.areas))]

    @cached_property
    def area(self) -> str | None:
        if self.city.root_area in self.areas:
            return self.city.root_area
        return self.areas[0] if len(self.areas) == 1 else None

    @cached_property
    def ranked(self) -> list[str]:
        """The areas that are compared with each other: all but the city as a whole."""
        return [code for code in self.areas if code != self.city.root_area]

    @cached_property
    def subject(self) -> str:
        """The area whose figures the domain chapters show: the one with the index, else the city as a whole."""
        return self.area or self.city.root_area

    @cached_property
    def scored_periods(self) -> list[str]:
        found = self.publication.scores(node=self.root.code, area=self.area)
        return sorted({score.period for score in found if score.score is not None})

    @cached_property
    def latest(self) -> str:
        return self.scored_periods[-1] if self.scored_periods else self.publication.latest()

    @cached_property
    def before(self) -> str:
        return self.scored_periods[-2] if len(self.scored_periods) > 1 else ""

    @cached_property
    def periods(self) -> list[str]:
        return self.publication.periods()

    # names

    def area_words(self, code: str) -> Words:
        area = self.city.areas.get(code)
        return area.title if area else Words(code, code)

    def area_title(self, code: str) -> str:
        return self.say(self.area_words(code))

    def title_words(self, code: str) -> Words:
        if code in self.method.nodes:
            return self.method.nodes[code].title
        if code in INDICATORS:
            return INDICATORS[code].title
        return DOMAINS.get(code, Words(code, code))

    def title(self, code: str) -> str:
        return self.say(self.title_words(code))

    def indicator(self, code: str) -> Indicator | None:
        return INDICATORS.get(code)

    def unit_words(self, code: str) -> Words:
        known = INDICATORS.get(code)
        return known.unit if known else Words("", "")

    def decimals(self, code: str) -> int | None:
        known = INDICATORS.get(code)
        return known.decimals if known else None

    def period(self, period: str) -> str:
        return self.say(measures.period_words(period))

    def listed(self, names: Sequence[str], most: int = 6) -> str:
        """Names in a sentence: 甲、乙、丙 / A, B and C; the rest counted when there are more than `most`."""
        shown, rest = list(names[:most]), len(names) - most
        if self.language == "zh":
            return "、".join(shown) + (f"等{len(names)}项" if rest > 0 else "")
        if rest > 0:
            return ", ".join(shown) + f" and {rest} more"
        return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" and {shown[-1]}" if shown else ""

    # the tree

    @cached_property
    def domains(self) -> list[Node]:
        """The branches right below the root, in the order of the method."""
        return [child for child in self.root.children if not child.is_leaf]

    def leaves(self, node: Node) -> list[Node]:
        return [one for one in node.walk() if one.is_leaf]

    def colour(self, code: str) -> str:
        """The token of the theme for a node or an indicator: that of its domain."""
        while code in self.method.nodes and code not in DOMAINS:
            code = self.method.nodes[code].parent
        name = f"domain-{code}"
        return name if name in TOKENS else "accent"

    def domain_of(self, code: str) -> str:
        """The domain of an indicator: as it is declared, else the branch of the tree in which it stands."""
        if code in INDICATORS:
            return INDICATORS[code].domain
        while code in self.method.nodes and code not in DOMAINS:
            code = self.method.nodes[code].parent
        return code

    # figures

    def score(self, area: str, period: str, node: str | None = None) -> Score | None:
        found = self.publication.scores(node=node or self.root.code, area=area, period=period)
        return found[0] if found else None

    def parts(self, area: str, period: str, node: str) -> list[Part]:
        return self.publication.parts(area, period, node)

    def change(self, area: str, node: Node, now: str = "", before: str = "") -> Change | None:
        """How a score moved since the period before, on the indicators known in both; None without such a pair."""
        now, before = now or self.latest, before or self.before
        if not now or not before:
            return None
        key = (area, node.code, now, before)
        if key not in self._changes:
            self._changes[key] = between(self.publication, area, node, before, now)
        return self._changes[key]

    def values(self, code: str, area: str) -> dict[str, Observation]:
        """The current values of an indicator in an area, by period."""
        if (code, area) not in self._values:
            found = self.publication.observations(indicator=code, area=area)
            self._values[code, area] = {one.period: one for one in found}
        return self._values[code, area]

    @cached_property
    def of_subject(self) -> dict[str, dict[str, Observation]]:
        """The current values of the area that the domain chapters are about: indicator -> period."""
        found: dict[str, dict[str, Observation]] = {}
        for one in self.publication.observations(area=self.subject):
            found.setdefault(one.indicator, {})[one.period] = one
        return found

    # numbers with their derivation

    @property
    def _home(self) -> str:
        return f"{'/en' if self.language == 'en' else ''}/{quote(self.city.slug)}"

    def derivation(self, area: str, period: str, node: str) -> str:
        return f"{self._home}/derivation/{quote(area)}/{quote(period)}/{quote(node)}/"

    def change_page(self, area: str, node: str, now: str = "", before: str = "") -> str:
        """Where the change of a score since the period before is worked out."""
        ends = f"{quote(before or self.before)}/{quote(now or self.latest)}"
        return f"{self._home}/changes/{quote(area)}/{quote(node)}/{ends}/"

    def indicator_page(self, code: str) -> str:
        return f"{self._home}/indicators/{quote(code)}/"

    def method_page(self) -> str:
        return f"{self._home}/method/"

    def source_page(self, name: str) -> str:
        return f"{self._home}/data/{quote(name)}/"

    def article_page(self, number: str) -> str:
        return f"{'/en' if self.language == 'en' else ''}/law/{quote(number)}/"

    def points(self, area: str, period: str, node: str, score: float | None, *, unit: bool = False) -> Span:
        """A score to one decimal, linked to its derivation."""
        if score is None:
            return measures.MISSING
        text = measures.number(score, 1)
        if unit:
            text += self.say("分", " points")
        return Linked(text, self.derivation(area, period, node))

    def value(self, one: Observation, *, unit: bool = False) -> Linked:
        """A figure in its own unit, linked to the rows that it came from; provisional ones carry a sign."""
        text = measures.given(one.value, self.decimals(one.indicator))
        if unit:
            text = with_unit(text, self.unit_words(one.indicator), self.language)
        mark = MARKS.get(one.status, "")
        href = f"{self._home}/figures/{quote(one.indicator)}/{quote(one.area)}/{quote(one.period)}/"
        return Linked(text + mark, href)
