"""A what-if question as an address: read from what a reader or a link wrote, and written again in its one form (article 86).

    ?period=2024&w.economy=30&w.culture=10&area=440305&indicator=pm25&value=20

`w.<node>` is a weight as the method file counts it; a weight that is left out, or written as published, is the published
one. `area` and `indicator` name a figure; `value` is what it is taken to be, `score` and `rank` ask which value would bring
the area there; `passes` asks which weights would bring `area` ahead of another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.whatif import Figure, Trial

WEIGHT = "w."
LARGEST = 1e12
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")

VALUE, SCORE, RANK = Words("数值", "the value"), Words("得分", "the score"), Words("名次", "the rank")


@dataclass(frozen=True)
class Top:
    """A node right below the index, with its published weight."""

    code: str
    title: Words
    weight: float


@dataclass(frozen=True)
class Asked:
    """One question. `typed` is what the reader wrote, by key, to be shown again; `faults` is what cannot be answered."""

    period: str
    weights: Mapping[str, float] = field(default_factory=dict)
    area: str = ""
    indicator: str = ""
    value: float | None = None
    score: float | None = None
    rank: int | None = None
    passes: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Words, ...] = ()

    @property
    def trial(self) -> Trial:
        figures = (
            (Figure(self.area, self.indicator, self.value),)
            if self.area and self.indicator and self.value is not None
            else ()
        )
        return Trial(self.period, self.weights, figures)

    @property
    def changes(self) -> bool:
        """Whether the trial differs from what was published."""
        return bool(self.weights or self.trial.figures)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The question in its one form, as pairs of an address."""
        found = [("period", self.period)]
        found += [(WEIGHT + code, written(weight)) for code, weight in self.weights.items()]
        found += [(key, getattr(self, key)) for key in ("area", "indicator") if getattr(self, key)]
        found += [
            (key, written(getattr(self, key))) for key in ("value", "score") if getattr(self, key) is not None
        ]
        found += [("rank", str(self.rank))] if self.rank is not None else []
        return found + ([("passes", self.passes)] if self.passes else [])

    def address(self, **other: object) -> str:
        """The query of this question, with some fields as in `other`."""
        return "?" + urlencode(replace(self, **other).pairs)  # type: ignore[arg-type]  # fields are checked where named


def written(number: float) -> str:
    """A number as an address has it: no more digits than it needs."""
    return f"{number:.12g}"


def read(given: Mapping[str, str], tops: Sequence[Top], period: str) -> Asked:
    """The question in the pairs of an address. `period` is meant where none is named; keys that mean nothing are passed
    over, but not a weight of something that is not there."""
    faults: list[Words] = []
    known = {one.code: one for one in tops}
    for key in given:
        if key.startswith(WEIGHT) and key.removeprefix(WEIGHT) not in known:
            code = key.removeprefix(WEIGHT)[:40]
            faults.append(
                Words(
                    f"没有叫“{code}”的领域；可以调整的是{'、'.join(f'{one.title.zh}（{one.code}）' for one in tops)}",
                    f"There is no part called “{code}”; those that can be weighed are "
                    + ", ".join(f"{one.title.en} ({one.code})" for one in tops),
                )
            )
    weights = {}
    for one in tops:
        weight = _number(given.get(WEIGHT + one.code, ""), one.title, faults)
        if weight is not None and weight < 0:
            faults.append(
                Words(f"“{one.title.zh}”的权重不能小于0", f"The weight of “{one.title.en}” cannot be below 0")
            )
        elif weight is not None and written(weight) != written(one.weight):
            weights[one.code] = weight
    if tops and all(weights.get(one.code, one.weight) == 0 for one in tops):
        faults.append(Words("权重不能全是0，至少留一个", "The weights cannot all be 0; leave at least one"))
    rank = _number(given.get("rank", ""), RANK, faults)
    if rank is not None and (rank != int(rank) or rank < 1):
        faults.append(Words("名次应当是从1起的整数", "A rank is a whole number from 1 on"))
        rank = None
    return Asked(
        given.get("period", "").strip()[:40] or period,
        weights,
        given.get("area", "").strip()[:80],
        given.get("indicator", "").strip()[:80],
        _number(given.get("value", ""), VALUE, faults),
        _number(given.get("score", ""), SCORE, faults),
        None if rank is None else int(rank),
        given.get("passes", "").strip()[:80],
        {key: text[:40] for key, text in given.items()},
        tuple(faults),
    )


def _number(text: str, what: Words, faults: list[Words]) -> float | None:
    """A number as people type it, full-width digits and thousands commas included; None where nothing is written."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "").replace("\u2212", "-")
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain) or abs(float(plain)) > LARGEST:
        shown = text.strip()[:40]
        faults.append(
            Words(f"“{what.zh}”应当写一个数，不能是“{shown}”", f"“{what.en}” takes a number, not “{shown}”")
        )
        return None
    return float(plain)
