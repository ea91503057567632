"""A published index, as files that anyone can open, and the questions pages and reports ask of it (articles 84, 86).

A publication is a folder that is written once and never changed:

    manifest.json     edition, city, method, data vintage, code version, and the SHA-256 of every file beside it
    method.yml        the method file, byte for byte
    series.parquet    every known value: indicator, area, period, value, status, revision, known_on, current
    scores.parquet    area, period, node, level, score, rank, rank_of, coverage, available, total, reason
    parts.parquet     area, period, parent, node, leaf, raw, status, score, weight, share, contribution
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Observation:
    """One value of an indicator. `status`: final, preliminary, estimated or imputed; `revision` counts from 1;
    `known_on` is the day it became known (ISO, may be ""); `current` marks the latest revision."""

    indicator: str
    area: str
    period: str
    value: float
    status: str
    revision: int
    known_on: str
    current: bool


@dataclass(frozen=True)
class Score:
    """The score of one node of the tree for one area and period. `score` is None when it is not published, and
    `reason` says why. `coverage` is the share (0..1) of the node's weight for which values were given;
    `available` of `total` counts its indicators. `rank` counts from 1 among the `rank_of` scored areas of the period."""

    area: str
    period: str
    node: str
    level: int
    score: float | None
    rank: int | None
    rank_of: int
    coverage: float
    available: int
    total: int
    reason: str


@dataclass(frozen=True)
class Part:
    """What one child gave to its parent's score: the lines of a derivation. `raw` is the value in its unit (leaves
    only), `status` given, imputed or missing, `score` the child's score, `weight` as written in the method, `share`
    the weight in force among the children that count (0..1); the contributions add up to the parent's score."""

    area: str
    period: str
    parent: str
    node: str
    leaf: bool
    raw: float | None
    status: str
    score: float | None
    weight: float
    share: float | None
    contribution: float | None
