"""What a publication says about how far it rests on choices of method, as pages and reports ask for it (article 86).

`steadiness(publication)` reads the tables that `robustness` made; None for an edition whose method names no alternatives, or
one from before they could be named.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.robustness import FACTS
from shenzhi.pipeline.index.trials import ANY_WEIGHTS, DATA

TITLES = {
    "robustness": Words("名次与得分的区间", "Intervals of ranks and scores"),
    "acceptability": Words("各区域在各名次上的比例", "Share of each rank for each area"),
    "ahead": Words("两两比较谁在前", "Who is ahead of whom"),
    "sensitivity": Words("各项选择的影响", "What each choice explains"),
    "certificates": Words("权重变动时名次的界限", "Bounds of ranks over all weights"),
    "overtaking": Words("追平前一名所需的权重变动", "Change of weights at which an area draws level"),
}


@dataclass(frozen=True)
class Standing:
    """Where one area stands in one period: as published, and over all combinations, of which the inner nine tenths lie
    between `low` and `high`. Ranks and scores are None where there is none; `scored` is the share of combinations
    with a score; `top`: the share of those among the first k."""

    area: str
    period: str
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    rank_median: float | None
    rank_best: int | None
    rank_worst: int | None
    score: float | None
    score_median: float | None
    score_low: float | None
    score_high: float | None
    score_least: float | None
    score_most: float | None
    scored: float
    top: Mapping[int, float]


@dataclass(frozen=True)
class Choice:
    """One question that was asked of the method, with its answers by name, the method's own first; `count` is how many
    there are, since weights that were drawn stand together under one name."""

    name: str
    title: Words
    answers: Mapping[str, Words]
    count: int

    def answer(self, name: str) -> Words:
        """An answer in words; one row of weights that were drawn is told by its number."""
        number = name.removeprefix("draw ")
        return self.answers.get(name) or Words(f"第{number}组随机权重", f"random weights no. {number}")


@dataclass(frozen=True)
class Impossible:
    """Combinations that cannot be had: how many, why in the engine's words, and one of them as question: answer."""

    combinations: int
    reasons: tuple[str, ...]
    example: Mapping[str, str]


@dataclass(frozen=True)
class Share:
    """What one choice explains of the spread: by itself, and with everything it acts through."""

    factor: str
    first: float
    total: float


@dataclass(frozen=True)
class Certificate:
    """No weights within `spread` (None: no weights at all) give a better rank than `best` or a worse one than `worst`;
    where it is not `exact` these are bounds that may not be reached."""

    area: str
    spread: float | None
    best: int
    worst: int
    exact: bool


@dataclass(frozen=True)
class Overtaking:
    """`area` would draw level with `other`, the next above it, if `moved` (0..1) of the weight went from some parts to
    others: `changes` by code of the part, above 0 where it gains. `moved` is None where no weights do it."""

    area: str
    other: str
    moved: float | None
    changes: tuple[tuple[str, float], ...]


class Steadiness:
    """The answers of one publication."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        facts = json.loads((folder / FACTS).read_bytes())
        self.periods: list[str] = facts["periods"]
        self.combinations: int = facts["combinations"]
        self.possible: int = facts["possible"]
        self.top: list[int] = facts["top"]
        self.weights: Mapping[str, Any] = facts["weights"]
        self.choices = tuple(
            Choice(
                one["name"],
                Words.of(one["title"]),
                {answer["name"]: Words.of(answer["title"]) for answer in one["alternatives"]},
                one["answers"],
            )
            for one in facts["factors"]
        )
        self.impossible = tuple(
            Impossible(one["combinations"], tuple(one["reasons"]), one["example"])
            for one in facts["impossible"]
        )

    @property
    def weights_period(self) -> str:
        """The period whose weights were examined; "" for none."""
        return str(self.weights["period"])

    @property
    def spread(self) -> float:
        return float(self.weights["spread"])

    @property
    def of_data(self) -> bool:
        """Whether the intervals tell of errors of the figures too."""
        return any(one.name == DATA for one in self.choices)

    def choice(self, name: str) -> Choice:
        return next(one for one in self.choices if one.name == name)

    def standings(self, period: str) -> dict[str, Standing]:
        """Where every area stands in a period, by code."""
        return {row["area"]: _standing(row, self.top) for row in self._of("robustness", period)}

    def of_area(self, area: str) -> list[Standing]:
        """Where one area stands in every period told."""
        return [_standing(row, self.top) for row in self._rows("robustness", area=area)]

    def acceptability(self, period: str) -> dict[str, dict[int, float]]:
        """By area, the share of combinations that puts it on each rank."""
        found: dict[str, dict[int, float]] = {}
        for row in self._of("acceptability", period):
            found.setdefault(row["area"], {})[row["rank"]] = row["share"]
        return found

    def ahead(self, period: str) -> dict[tuple[str, str], float]:
        """The share of combinations in which the first area scores higher than the second; empty for many areas."""
        return {(row["area"], row["other"]): row["share"] for row in self._of("ahead", period)}

    def sensitivity(self, period: str, of: str = "index", area: str = "") -> list[Share]:
        """What each choice explains of the mean change of rank ("index"), or of one area's rank or score."""
        return [
            Share(row["factor"], row["first"], row["total"])
            for row in self._rows("sensitivity", period=period, of=of, area=area)
        ]

    def certificates(self) -> dict[str, tuple[Certificate, Certificate]]:
        """By area: over weights within the spread, and over all weights, in the period of the weights."""
        rows = [
            Certificate(
                row["area"],
                None if row["spread"] == ANY_WEIGHTS else row["spread"],
                row["best"],
                row["worst"],
                row["exact"],
            )
            for row in self._of("certificates", self.weights_period)
        ]
        within = {one.area: one for one in rows if one.spread is not None}
        return {one.area: (within[one.area], one) for one in rows if one.spread is None}

    def overtakings(self) -> dict[str, Overtaking]:
        """By area: what would bring it level with the next above it, in the period of the weights."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in self._of("overtaking", self.weights_period):
            rows.setdefault(row["area"], []).append(row)
        return {
            area: Overtaking(
                area,
                found[0]["other"],
                None if found[0]["distance"] is None else found[0]["distance"] / 2,
                tuple(
                    (one["node"], one["needed"] - one["weight"]) for one in found if one["needed"] is not None
                ),
            )
            for area, found in rows.items()
        }

    def _of(self, table: str, period: str) -> list[dict[str, Any]]:
        return self._rows(table, period=period)

    def _rows(self, table: str, **wanted: str) -> list[dict[str, Any]]:
        where = None
        for key, value in wanted.items():
            one = pc.equal(pc.field(key), value)
            where = one if where is None else where & one
        rows: list[dict[str, Any]] = pq.read_table(
            self.folder / f"{table}.parquet", filters=where
        ).to_pylist()
        return rows


def steadiness(publication: Publication) -> Steadiness | None:
    """The steadiness of a publication, read once for each process; None where it was not tested, or nothing was scored."""
    if not publication.has(FACTS):
        return None
    found = _read(publication.folder, publication.created_at)
    return found if found.periods else None


@lru_cache(maxsize=16)
def _read(folder: Path, created_at: str) -> Steadiness:
    return Steadiness(folder)


def _standing(row: Mapping[str, Any], top: list[int]) -> Standing:
    return Standing(
        row["area"],
        row["period"],
        row["rank"],
        _whole(row["rank_low"], math.floor),
        _whole(row["rank_high"], math.ceil),
        row["rank_median"],
        row["rank_best"],
        row["rank_worst"],
        row["score"],
        row["score_median"],
        row["score_low"],
        row["score_high"],
        row["score_least"],
        row["score_most"],
        row["scored"],
        {k: row[f"top_{k}"] or 0.0 for k in top},
    )


def _whole(rank: float | None, towards: Callable[[float], int]) -> int | None:
    """An end of an interval in whole places."""
    return None if rank is None else towards(rank)
