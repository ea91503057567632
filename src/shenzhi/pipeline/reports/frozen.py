"""The questions a report asked of an edition, kept with the hash of each answer (article 86).

A report is only as good as its edition: `differences` asks the same questions again and names the first answers that
are not the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

from shenzhi.pipeline.index.method import Method
from shenzhi.pipeline.index.published import Observation, Part, Publication, Score


class Frozen:
    """A publication that writes down what it was asked; it answers as the publication does."""

    def __init__(self, publication: Publication) -> None:
        self.publication = publication
        self._asked: dict[str, dict[str, Any]] = {}
        self._answers: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}

    @property
    def method(self) -> Method:
        return self.publication.method

    @property
    def manifest(self) -> Mapping[str, Any]:
        return self.publication.manifest

    @property
    def edition(self) -> str:
        return self.publication.edition

    @property
    def created_at(self) -> str:
        return self.publication.created_at

    def areas(self) -> list[str]:
        found: list[str] = self._ask("areas")
        return found

    def periods(self) -> list[str]:
        found: list[str] = self._ask("periods")
        return found

    def latest(self) -> str:
        return str(self._ask("latest"))

    def scores(
        self, node: str | None = None, area: str | None = None, period: str | None = None
    ) -> list[Score]:
        found: list[Score] = self._ask("scores", node=node, area=area, period=period)
        return found

    def score_table(self, period: str) -> dict[str, list[float | None]]:
        found: dict[str, list[float | None]] = self._ask("score_table", period=period)
        return found

    def parts(self, area: str, period: str, parent: str) -> list[Part]:
        found: list[Part] = self._ask("parts", area=area, period=period, parent=parent)
        return found

    def observations(
        self,
        indicator: str | None = None,
        area: str | None = None,
        period: str | None = None,
        current: bool = True,
    ) -> list[Observation]:
        found: list[Observation] = self._ask(
            "observations", indicator=indicator, area=area, period=period, current=current
        )
        return found

    def revised(self) -> list[Observation]:
        found: list[Observation] = self._ask("revised")
        return found

    def scale(self, indicator: str, period: str) -> dict[str, float]:
        found: dict[str, float] = self._ask("scale", indicator=indicator, period=period)
        return found

    def record(self) -> list[dict[str, Any]]:
        """Every question once, in order of name and parameters, with the hash of its answer."""
        return [
            {**self._asked[key], "sha256": _hash(self._answers[key])}  # half the time: only for who wants it
            for key in sorted(self._asked)
        ]

    def _ask(self, query: str, **parameters: Any) -> Any:
        key = json.dumps([query, parameters], sort_keys=True)
        if key not in self._asked:
            self._answers[key] = getattr(self.publication, query)(**parameters)
            self._asked[key] = {"query": query, "parameters": parameters}
        return self._answers[key]


def differences(publication: Publication, record: list[dict[str, Any]]) -> list[str]:
    """The questions whose answers are no longer those that the report was written from; empty when all agree."""
    return [
        f"{one['query']} {json.dumps(one['parameters'], ensure_ascii=False, sort_keys=True)}"
        for one in record
        if _hash(getattr(publication, one["query"])(**one["parameters"])) != one["sha256"]
    ]


def _hash(answer: Any) -> str:
    text = json.dumps(answer, default=_plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return vars(value)  # answers are flat; asdict would copy every field of 20,000 rows
    raise TypeError(f"{type(value).__name__} is no answer of a publication")
