"""Recomputes a published index from its recorded method and data, and names the first figure that differs (article 86).

Anyone can run it on a folder alone: the method and the series are in it. With a lake, the series themselves are
derived again from the versions of the sources that the manifest names.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import robustness
from shenzhi.pipeline.index.folder import (
    CURRENT,
    MANIFEST,
    METHOD,
    certificate_of,
    code,
    current_edition,
    damaged,
    edition_of,
    sha256,
)
from shenzhi.pipeline.index.method import MethodError, parse_method
from shenzhi.pipeline.index.published import declared_in, manifest_in, no_publication
from shenzhi.pipeline.index.run import compute
from shenzhi.pipeline.index.scope import IndexFault, Scope

if TYPE_CHECKING:
    from shenzhi.pipeline.lake.lake import Lake

# Processors round logarithms differently in the last bit. A figure that agrees to this share of itself is the same
# figure; the check says so where it was needed. Sums, shares and ranks are the same everywhere.
LAST_BITS = 1e-12
KEYS = {
    "series": ("indicator", "area", "period", "revision"),
    "scores": ("area", "period", "node"),
    "parts": ("area", "period", "node"),
    "scales": ("node", "period", "figure"),
    "items": ("area", "period", "item"),
    "robustness": ("area", "period"),
    "acceptability": ("area", "period", "rank"),
    "ahead": ("area", "other", "period"),
    "sensitivity": ("of", "area", "period", "factor"),
    "certificates": ("area", "period", "spread"),
    "overtaking": ("area", "other", "period", "node"),
}


# Sentences, not figures: a later program may put the same reason in better words, and the index is still equal.
WORDED = ("reason", "reason_en", "grade_reason", "grade_reason_en")


@dataclass(frozen=True)
class Check:
    """One thing that was compared; `detail` says what was found, and names the first difference."""

    name: Words
    ok: bool
    detail: str


@dataclass(frozen=True)
class Verdict:
    """`equal` when every check is."""

    equal: bool
    checks: list[Check]

    @property
    def first_difference(self) -> str:
        """The detail of the first check that failed; "" when all are equal."""
        return next((check.detail for check in self.checks if not check.ok), "")


FILES = Words("文件未被改动", "Files are as published")
EDITION = Words("版本名称与其来源相符", "The edition's name follows from what went in")
CERTIFICATE = Words("凭证（方法、数据与结果）", "Certificate of method, data and result")
CODE = Words("程序版本", "Code")
SERIES = Words("指标数据与来源相符", "Series agree with the sources")
METHOD_READ = Words("方法文件可用", "The method can be used")
TABLES = {
    "scores": Words("得分重算一致", "Scores are recomputed the same"),
    "parts": Words("各组成部分重算一致", "Parts are recomputed the same"),
    "scales": Words("计分尺度重算一致", "Scales are recomputed the same"),
}
ITEMS = Words("加分、扣分项重算一致", "Bonus and deduction items are recomputed the same")
ROBUST = Words("稳健性检验重算一致", "The robustness test is recomputed the same")


def verify(path: str | Path, lake: Lake | None = None) -> Verdict:
    """Check the publication in the folder `path`, or the current one of a folder of publications.

    Every check is made, also after one failed, as far as the files can be read. PublicationError when there is no
    publication at all."""
    folder = _folder(Path(path))
    manifest = manifest_in(folder)
    checks = [_files(folder, manifest), _edition(folder, manifest), _certificate(manifest), _code(manifest)]
    try:
        series = pq.read_table(folder / "series.parquet")
        published = {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}
    except (OSError, pa.ArrowException) as error:
        return _verdict([*checks, Check(FILES, False, f"a table cannot be read: {error}")])
    if lake is not None:
        checks.append(_series(lake, manifest, series))
    try:
        method = parse_method(
            (folder / METHOD).read_bytes(), name=str(folder / METHOD), declared=declared_in(manifest)
        )
        recomputed = compute(method, series, _scope(manifest))
    except (MethodError, IndexFault) as error:
        return _verdict([*checks, Check(METHOD_READ, False, str(error))])
    other_version = manifest["code"] != code()
    reworded = WORDED if other_version else ()
    for name, words in TABLES.items():
        again = getattr(recomputed, name)
        if other_version:  # what later versions publish besides is no difference
            again = again.select([one for one in again.column_names if one in published[name].column_names])
        checks.append(_table(words, name, published[name], again, reworded))
    if recomputed.items is not None:
        checks.append(_items(folder, recomputed.items))
    if recomputed.tested is not None:
        checks.append(_robust(folder, recomputed.tested, other_version))
    return _verdict(checks)


def _items(folder: Path, recomputed: pa.Table) -> Check:
    try:
        published = pq.read_table(folder / "items.parquet")
    except (OSError, pa.ArrowException) as error:
        return Check(ITEMS, False, f"the items cannot be read: {error}")
    return _table(ITEMS, "items", published, recomputed)


def _robust(folder: Path, tested: robustness.Tested, other_version: bool) -> Check:
    """What was tried, and every table that came of it; the first that differs is told."""
    try:
        facts = json.loads((folder / robustness.FACTS).read_bytes())
        published = {name: pq.read_table(folder / f"{name}.parquet") for name in tested.tables}
    except (OSError, ValueError, pa.ArrowException) as error:
        return Check(ROBUST, False, f"the robustness test cannot be read: {error}")
    for key, value in tested.facts.items():
        # a later program may call what was tried by better names
        if facts.get(key) != value and not (other_version and key in ("factors", "impossible")):
            return Check(
                ROBUST,
                False,
                f"{robustness.FACTS}: {key} was published as {facts.get(key)}, recomputed as {value}",
            )
    found = [_table(ROBUST, name, published[name], again) for name, again in tested.tables.items()]
    wrong = [one for one in found if not one.ok]
    rows = sum(table.num_rows for table in published.values())
    told = f"{tested.facts['combinations']} combinations, {len(found)} tables with {rows} rows"
    return wrong[0] if wrong else Check(ROBUST, True, told)


def _verdict(checks: list[Check]) -> Verdict:
    return Verdict(all(check.ok for check in checks), checks)


def _folder(path: Path) -> Path:
    if (path / MANIFEST).is_file():
        return path
    if (path / CURRENT).is_file():
        return path / current_edition(path)
    raise no_publication(path)


def _scope(manifest: dict[str, Any]) -> Scope:
    return Scope(tuple(manifest["scope"]["areas"]), tuple(manifest["scope"]["periods"]))


def _files(folder: Path, manifest: dict[str, Any]) -> Check:
    wrong = damaged(folder, manifest)
    return Check(
        FILES, not wrong, "; ".join(wrong) or f"{len(manifest['files'])} files have their published hashes"
    )


def _edition(folder: Path, manifest: dict[str, Any]) -> Check:
    follows = edition_of(manifest)
    if follows != manifest["edition"]:
        return Check(
            EDITION, False, f"the manifest says {manifest['edition']}, but what it records makes {follows}"
        )
    recorded, found = manifest["method"]["sha256"], _hash(folder / METHOD)
    if recorded != found:
        return Check(
            EDITION, False, f"the manifest records the method {recorded[:8]}, but {METHOD} is {found[:8]}"
        )
    return Check(EDITION, True, manifest["edition"])


def _certificate(manifest: dict[str, Any]) -> Check:
    """Nothing to compare with in the folder itself: it is told, so that it can be compared with the one published."""
    return Check(CERTIFICATE, True, certificate_of(manifest))


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()) if path.is_file() else "missing"


def _code(manifest: dict[str, Any]) -> Check:
    """A different program is no fault: the figures are what counts. It is said, since it may explain a difference."""
    then, now = manifest["code"], code()
    if then == now:
        return Check(CODE, True, f"{now['version']} ({now['sha256'][:8]}), the same as when it was published")
    return Check(
        CODE,
        True,
        f"published with {then['version']} ({then['sha256'][:8]}), recomputed with {now['version']} "
        f"({now['sha256'][:8]}); the figures are compared all the same",
    )


def _series(lake: Lake, manifest: dict[str, Any], series: pa.Table) -> Check:
    """The series derived again from the lake at the recorded versions of its sources."""
    import shenzhi.pipeline.statistics  # noqa: F401  (fills the register)
    from shenzhi.pipeline.statistics.indicator import INDICATORS
    from shenzhi.pipeline.statistics.series import series as series_of

    versions = {name: entry["version"] for name, entry in manifest["vintage"].items()}
    missing = [name for name in versions if name not in lake.tables()]
    if missing:
        return Check(
            SERIES, False, f"the lake has no source {', '.join(missing)}, which the publication was made from"
        )
    # A source that came to the lake later must not add indicators that the publication could not know.
    codes = [code for code, one in INDICATORS.items() if all(table in versions for table in one.tables)]
    return _table(SERIES, "series", series, series_of(lake, codes, versions))


def _table(
    words: Words, name: str, published: pa.Table, recomputed: pa.Table, reworded: tuple[str, ...] = ()
) -> Check:
    """Cell by cell, rows matched by their keys; the first difference is named in the order of the published table.
    In the columns `reworded` one text may stand for another, as long as neither is empty; how often is said."""
    if published.column_names != recomputed.column_names:
        return Check(
            words, False, f"{name} has the columns {published.column_names}, not {recomputed.column_names}"
        )
    if published.equals(recomputed):
        return Check(words, True, f"{published.num_rows} rows, identical to the last bit")
    keys = KEYS[name]
    expected = {tuple(row[key] for key in keys): row for row in recomputed.to_pylist()}
    rounded = worded = 0
    for row in published.to_pylist():
        key = tuple(row[k] for k in keys)
        if key not in expected:
            return Check(words, False, f"{_named(keys, key)}: published, but not found when recomputed")
        other = expected.pop(key)
        for column in published.column_names:
            if row[column] == other[column]:
                continue
            if column in reworded and row[column] and other[column]:
                worded += 1
                continue
            if _last_bits(row[column], other[column]):
                rounded += 1
                continue
            was, became = _said(row[column]), _said(other[column])
            return Check(
                words,
                False,
                f"{_named(keys, key)}: {column} was published as {was}, recomputed as {became}",
            )
    if expected:
        return Check(words, False, f"{_named(keys, next(iter(expected)))}: recomputed, but not published")
    if not rounded and not worded:
        return Check(words, False, f"{name} holds the rows in another order than when recomputed")
    notes = [f"{rounded} figures differ in their last bits only"] if rounded else []
    notes += [f"{worded} sentences are worded otherwise by this version"] if worded else []
    return Check(words, True, "; ".join([f"{published.num_rows} rows", *notes]))


def _last_bits(one: Any, other: Any) -> bool:
    both = isinstance(one, float) and isinstance(other, float)
    return both and math.isclose(one, other, rel_tol=LAST_BITS, abs_tol=LAST_BITS)


def _named(keys: tuple[str, ...], values: tuple[Any, ...]) -> str:
    return ", ".join(f"{key} {value}" for key, value in zip(keys, values, strict=True))


def _said(value: Any) -> str:
    return "no value" if value is None else repr(value)
