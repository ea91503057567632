"""A published index, as files that anyone can open, and the questions pages and reports ask of it (articles 84, 86).

A publication is a folder that is written once and never changed:

    manifest.json     edition, city, method, data vintage, code version, and the SHA-256 of every file beside it
    method.yml        the method file, byte for byte
    series.parquet    every known value: indicator, area, period, value, status, revision, known_on, current
    scores.parquet    area, period, node, level, score, rank, rank_of, coverage, available, total, reason, penalty, residue, adjustment, grade
    parts.parquet     area, period, parent, node, leaf, raw, status, score, weight, share, contribution, capped, entered, how
    items.parquet     area, period, node, item, figure, points, counted (where the method has bonus and deduction items)
    scales.parquet    node, period, figure, value: the worst and best, or mean and deviation, an indicator was scored by

and, where the method names alternatives to its choices, the tables that `robustness` tells of (see `steadiness`).

`Publication` answers from memory: tables are read once, and every question goes to the few rows it is about.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.folder import MANIFEST, METHOD, TABLES, current_edition
from shenzhi.pipeline.index.method import Method, parse_method
from shenzhi.pipeline.index.rules import Declared
from shenzhi.pipeline.lake.city import City

MANIFEST_KEYS = ("edition", "city", "method", "scope", "vintage", "code", "indicators", "created_at", "files")


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
    `available` of `total` counts its indicators. `rank` counts from 1 among the `rank_of` scored areas. What the score
    has beyond the contributions of its parts: `penalty`, for uneven parts, `adjustment`, by bonus
    and deduction items, and `residue`, what rounding added. `grade` of an index, "" where the method has none; `grade_reason`:
    the vetoes that were called."""

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
    reason_en: str = ""
    penalty: float | None = 0.0
    residue: float | None = 0.0
    adjustment: float | None = 0.0
    grade: str = ""
    grade_reason: str = ""
    grade_reason_en: str = ""

    @property
    def why(self) -> Words:
        """The reason in both languages."""
        return Words(self.reason, self.reason_en)

    @property
    def grade_why(self) -> Words:
        """The vetoes in both languages."""
        return Words(self.grade_reason, self.grade_reason_en)


@dataclass(frozen=True)
class Part:
    """What one child gave to its parent's score: the lines of a derivation. `raw` is the value in its unit (leaves
    only), `status` given, imputed or missing, `score` the child's score, `weight` as written in the method, `share`
    the weight in force among the children that count (0..1); the contributions add up to the parent's score. `capped`
    is lower or upper where the value lies beyond a post and the score was held there, else "". `entered` is the figure
    that was scored, and `how` the steps that made it of the one given ("per:population", "mean", "latest:2021",
    "winsorise"), with blanks between; "" where it entered as given."""

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
    capped: str = ""
    entered: float | None = None
    how: str = ""


@dataclass(frozen=True)
class ItemLine:
    """What a bonus or deduction item did to the score of `node`: the `figure` given, the `points` that it would be, and what
    of these `counted` under the caps."""

    area: str
    period: str
    node: str
    item: str
    figure: float
    points: float
    counted: float


@dataclass(frozen=True)
class _Scale:
    """One figure by which an indicator was scored; `period` is "" where it holds for all."""

    node: str
    period: str
    figure: str
    value: float


Row = TypeVar("Row", Score, Part, Observation, ItemLine, _Scale)


class PublicationError(ValueError):
    """A folder is not a publication, or a question names what it does not hold."""


def no_publication(path: str | Path) -> PublicationError:
    """That a folder holds no publication, and what to name instead."""
    return PublicationError(
        f"{path} 不是已发布的文件夹：没有 {MANIFEST}；请写发布时给出的文件夹\n"
        f"{path} is not a publication: it has no {MANIFEST}; name a folder that was published"
    )


def manifest_in(folder: Path) -> dict[str, Any]:
    """What the publication in `folder` says about itself; PublicationError when its manifest is damaged."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        # Everything that is asked of a manifest later, so that a damaged one is told here and not as a crash.
        missing = [key for key in MANIFEST_KEYS if key not in manifest]
        if not missing:
            return dict(manifest)
        fault = f"it lacks {', '.join(missing)}"
    except (ValueError, TypeError, OSError) as error:
        fault = str(error)
    raise PublicationError(
        f"{path} 已损坏，无法核对；请从原处重新取得整个文件夹\n"
        f"{path} is damaged ({fault}), so nothing can be checked; get the whole folder again from where it came"
    )


def declared_in(manifest: Mapping[str, Any]) -> Declared:
    """The titles and directions that a publication recorded for its indicators."""

    def declared(code: str) -> tuple[Words, int] | None:
        known = manifest["indicators"].get(code)
        return (Words(known["zh"], known["en"]), known["direction"]) if known else None

    return declared


class _Column:
    """A column as NumPy arrays, text as places in a short list of values: a few rows are read in microseconds."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self.values: list[Any] | None = None
        if pa.types.is_dictionary(column.type):
            whole = column.unify_dictionaries().combine_chunks()
            whole = whole if isinstance(whole, pa.DictionaryArray) else pa.concat_arrays(whole.chunks)
            self.values = whole.dictionary.to_pylist()
            self.numbers = whole.indices.to_numpy(zero_copy_only=False)
        else:
            # A column of whole numbers with gaps becomes one of floats with NaN.
            self.numbers = column.to_numpy()
        self.whole = pa.types.is_integer(column.type)

    def at(self, rows: NDArray[np.intp]) -> list[Any]:
        """The values in these rows; None where there is none."""
        taken = self.numbers[rows]
        if self.values is not None:
            return [self.values[at] for at in taken.tolist()]
        if taken.dtype.kind != "f":
            return list(taken.tolist())
        known = taken.tolist()
        if self.whole:
            return [None if one != one else int(one) for one in known]
        return [None if one != one else one for one in known]


class _Rows(Generic[Row]):
    """A table in memory whose rows are `kind`, with the rows of every value of its key columns."""

    def __init__(self, path: Path, kind: type[Row], keys: tuple[str, ...]) -> None:
        schema = pq.read_schema(path)
        # An edition of an earlier version lacks what came later; its rows have the defaults.
        names = [one.name for one in fields(kind) if one.name in schema.names]
        self._defaults = {one.name: one.default for one in fields(kind) if one.name not in schema.names}
        texts = [one.name for one in schema if pa.types.is_string(one.type)]
        table = pq.read_table(path, columns=names, read_dictionary=texts)
        self.count = table.num_rows
        self._kind: type[Row] = kind
        self._names = names
        self._columns = {name: _Column(table[name]) for name in names}
        self._rows: dict[str, dict[str, NDArray[np.intp]]] = {}
        self._place: dict[str, dict[str, int]] = {}
        for key in keys:
            column = self._columns[key]
            values = column.values or []
            # Sixteen bits sort in one pass over the rows; more are needed only beyond 65 535 areas or indicators.
            order = np.argsort(
                column.numbers.astype(np.uint16 if len(values) < 2**16 else np.uint32), kind="stable"
            )
            ends = np.searchsorted(column.numbers[order], np.arange(len(values) + 1))
            self._place[key] = {value: at for at, value in enumerate(values)}
            self._rows[key] = {value: order[ends[at] : ends[at + 1]] for at, value in enumerate(values)}

    def find(self, **wanted: str | None) -> list[Row]:
        """The rows with the wanted values, in the order of the table; None matches everything."""
        return self._built(self._matching({key: value for key, value in wanted.items() if value is not None}))

    def column(self, name: str, by: str, **wanted: str) -> dict[str, list[Any]]:
        """One column of the rows with the wanted values, by the value of another, a key; in the order of the table."""
        rows = self._matching(wanted)
        keys = self._columns[by].numbers[rows]
        order = np.argsort(keys, kind="stable")
        values = self._columns[name].at(rows[order])
        places = self._place[by]
        ends = np.searchsorted(keys[order], np.arange(len(places) + 1)).tolist()
        return {key: values[ends[at] : ends[at + 1]] for key, at in places.items() if ends[at] < ends[at + 1]}

    def _matching(self, asked: Mapping[str, str]) -> NDArray[np.intp]:
        if any(value not in self._rows[key] for key, value in asked.items()):
            return np.arange(0)
        if not asked:
            return np.arange(self.count)
        shortest = min(asked, key=lambda key: len(self._rows[key][asked[key]]))
        rows = self._rows[shortest][asked[shortest]]
        for key, value in asked.items():
            if key != shortest:
                rows = rows[self._columns[key].numbers[rows] == self._place[key][value]]
        return rows

    def _built(self, rows: NDArray[np.intp]) -> list[Row]:
        """The rows as dataclasses. Their fields are set together: the checks of a frozen one, field by field, would
        take most of the time of a question about all areas."""
        built = []
        for values in zip(*(self._columns[name].at(rows) for name in self._names), strict=True):
            one = object.__new__(self._kind)
            if self._defaults:
                one.__dict__.update(self._defaults)
            one.__dict__.update(zip(self._names, values, strict=True))
            built.append(one)
        return built


class Publication:
    """A published index. Questions are safe from several threads at once; answers are plain dataclasses."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.manifest = dict(manifest)
        self.edition: str = manifest["edition"]
        self.city_slug: str = manifest["city"]
        self.created_at: str = manifest["created_at"]
        self._lock = threading.RLock()
        self._tables: dict[str, _Rows[Any]] = {}

    @classmethod
    def open(cls, path: str | Path) -> Publication:
        """The publication in the folder `path`; opened once for each process, as a publication never changes."""
        manifest = Path(path).resolve() / MANIFEST
        if not manifest.is_file():
            raise no_publication(path)
        return _open(manifest.parent, manifest.stat().st_mtime_ns)

    @classmethod
    def current(cls, city: City) -> Publication | None:
        """The edition of a city that readers get; None when nothing has been published yet."""
        edition = current_edition(city.published_dir)
        return cls.open(city.published_dir / edition) if edition else None

    @cached_property
    def method(self) -> Method:
        """The method under which it was computed, read from its own folder."""
        path = self.folder / METHOD
        return parse_method(path.read_bytes(), name=str(path), declared=declared_in(self.manifest))

    def table(self, name: str) -> Path:
        """The Parquet file of a table (series, scores, parts, scales, and those of `steadiness`), for downloads."""
        if not self.has(f"{name}.parquet"):
            more = [
                one.removesuffix(".parquet") for one in self.manifest["files"] if one.endswith(".parquet")
            ]
            known = [*TABLES, *(one for one in more if one not in TABLES)]
            raise PublicationError(f"a publication has no table {name}; it has {', '.join(known)}")
        return self.folder / f"{name}.parquet"

    def has(self, name: str) -> bool:
        """Whether a file of this name was published."""
        return name in self.manifest["files"]

    def areas(self) -> list[str]:
        """Areas with a published index in at least one period, ascending."""
        return sorted({score.area for score in self._index if score.score is not None})

    def periods(self) -> list[str]:
        """The periods that were scored, ascending."""
        return list(self.manifest["scope"]["periods"])

    def latest(self) -> str:
        """The latest period in which an index was published; the last period when there is none."""
        scored = [score.period for score in self._index if score.score is not None]
        return max(scored, default=self.periods()[-1])

    def score(self, area: str, period: str, node: str | None = None) -> Score | None:
        """The score of one node (the index itself when None); None when the publication has no such row."""
        found = self.scores(node or self.method.root.code, area, period)
        return found[0] if found else None

    def scores(
        self, node: str | None = None, area: str | None = None, period: str | None = None
    ) -> list[Score]:
        """Scores by any of node, area and period, sorted by area, period and place in the tree; None takes all."""
        return self._rows("scores", Score, "node", "area", "period").find(node=node, area=area, period=period)

    def score_table(self, period: str) -> dict[str, list[float | None]]:
        """The scores of every node, in the order of the method, by area: all of one period at once."""
        return self._rows("scores", Score, "node", "area", "period").column("score", "area", period=period)

    def parts(self, area: str, period: str, parent: str) -> list[Part]:
        """What the children of `parent` gave to its score, in the order of the method."""
        return self._rows("parts", Part, "parent", "area", "period").find(
            area=area, period=period, parent=parent
        )

    def items(self, area: str, period: str, node: str) -> list[ItemLine]:
        """The bonus and deduction items of a score, in the order of the method."""
        if not self.has("items.parquet"):
            return []
        return self._rows("items", ItemLine, "node", "area", "period").find(
            area=area, period=period, node=node
        )

    def observations(
        self,
        indicator: str | None = None,
        area: str | None = None,
        period: str | None = None,
        current: bool = True,
    ) -> list[Observation]:
        """Values by any of indicator, area and period; with `current` False, earlier revisions as well."""
        series = self._rows("series", Observation, "indicator", "area", "period")
        found = series.find(indicator=indicator, area=area, period=period)
        return [one for one in found if one.current] if current else found

    def revised(self) -> list[Observation]:
        """Every value, in the order in which they became known, of the figures that were published more than once."""
        series = pq.read_table(self.table("series"), columns=["indicator", "area", "period", "revision"])
        later = series.filter(pc.greater(series["revision"], 1)).group_by(["indicator", "area", "period"])
        keys = later.aggregate([]).to_pylist()
        found = [one for key in keys for one in self.observations(**key, current=False)]
        return sorted(found, key=lambda one: (one.indicator, one.area, one.period, one.revision))

    def scale(self, indicator: str, period: str) -> dict[str, float]:
        """The figures by which an indicator was scored in a period: worst and best, or mean and sd, in its own unit."""
        rows = self._rows("scales", _Scale, "node").find(node=indicator)
        return {row.figure: row.value for row in rows if row.period in ("", period)}

    @cached_property
    def _index(self) -> list[Score]:
        return self.scores(self.method.root.code)

    def _rows(self, name: str, kind: type[Row], *keys: str) -> _Rows[Row]:
        """A table, read when it is first asked for, by one thread while others wait."""
        if name not in self._tables:
            with self._lock:
                if name not in self._tables:
                    self._tables[name] = _Rows(self.table(name), kind, keys)
        return self._tables[name]


@lru_cache(maxsize=16)
def _open(folder: Path, written_at: int) -> Publication:
    return Publication(folder, manifest_in(folder))
