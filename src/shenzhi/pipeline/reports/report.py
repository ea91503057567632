"""The statistical report of an edition: one set of chapters, on the page and as a typeset document (article 86)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from shenzhi.kernel.words import LANGUAGES, Progress, Words
from shenzhi.pipeline.index.folder import MANIFEST, sha256, write_folder
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.lake.city import City
from shenzhi.pipeline.reports.blocks import Block, Figure, Heading, Table
from shenzhi.pipeline.reports.charts import Chart
from shenzhi.pipeline.reports.frozen import Frozen, differences
from shenzhi.pipeline.reports.page import SetFigure, as_html
from shenzhi.pipeline.reports.reading import Reading
from shenzhi.pipeline.reports.sections import SECTIONS
from shenzhi.pipeline.reports.typeset import Cover, as_pdf

TITLE = Words("质量统计报告", "Statistical Report on Quality")
FIGURE = Words("图", "Figure ")
TABLE = Words("表", "Table ")
BASE = "http://127.0.0.1:8000"


class ReportError(ValueError):
    """A report cannot be written or checked; the message names the folder and the way out."""


@dataclass(frozen=True)
class Report:
    """A report in one language: its chapters as blocks, and the questions they asked of the edition."""

    language: str
    blocks: tuple[Block, ...]
    queries: tuple[dict[str, Any], ...]


def report_sections(city: City, publication: Publication, language: str) -> Report:
    """Every chapter that has something to say, its figures and tables numbered through."""
    frozen = Frozen(publication)
    blocks = _chapters(city, frozen, language)
    return Report("en" if language.startswith("en") else "zh", blocks, tuple(frozen.record()))


def _chapters(city: City, frozen: Frozen, language: str) -> tuple[Block, ...]:
    reading = Reading.of(city, frozen, language)
    blocks: list[Block] = []
    for section in SECTIONS:
        found = section.build(city, frozen, reading.language)
        if found:
            colour = reading.colour(section.code)
            blocks += [Heading(1, reading.say(section.title), section.code, colour), *found]
    return tuple(_numbered(blocks, reading))


def _numbered(blocks: Sequence[Block], reading: Reading) -> list[Block]:
    counts = {Figure: 0, Table: 0}
    numbered: list[Block] = []
    for block in blocks:
        if isinstance(block, Figure | Table):
            counts[type(block)] += 1
            name = FIGURE if isinstance(block, Figure) else TABLE
            block = replace(block, number=f"{reading.say(name)}{counts[type(block)]}")
        numbered.append(block)
    return numbered


def report_html(
    city: City, publication: Publication, language: str, set_figure: SetFigure | None = None
) -> str:
    """The report as an HTML fragment for the portal's page; `set_figure` is explained at `as_html`.

    Its chapters are written once and kept until another edition takes its place."""
    language = "en" if language.startswith("en") else "zh"
    return as_html(_blocks(_Same(city, publication), language), language, set_figure)


def report_charts(city: City, publication: Publication, language: str) -> list[Chart]:
    """The charts of the report in one language, in their order."""
    blocks = _blocks(_Same(city, publication), "en" if language.startswith("en") else "zh")
    return [block.chart for block in blocks if isinstance(block, Figure)]


@dataclass(frozen=True)
class _Same:
    """A city and its publication, equal to another pair when the edition is the same."""

    city: City
    publication: Publication

    def __hash__(self) -> int:
        return hash((self.city.slug, str(self.publication.folder)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and (self.city.slug, str(self.publication.folder)) == (
            other.city.slug,
            str(other.publication.folder),
        )


@lru_cache(maxsize=8)
def _blocks(which: _Same, language: str) -> tuple[Block, ...]:
    return _chapters(which.city, Frozen(which.publication), language)


def report_pdf(
    city: City, publication: Publication, language: str, *, base: str = BASE
) -> tuple[bytes, Report]:
    """The report as a tagged PDF (PDF/UA-1 and PDF/A-2a), and what it was set from. Links begin with `base`."""
    report = report_sections(city, publication, language)
    return as_pdf(report.blocks, cover_of(city, publication, report.language), base=base), report


def cover_of(city: City, publication: Publication, language: str) -> Cover:
    """What stands on the cover and in the running heads."""
    reading = Reading.of(city, publication, language)
    return Cover(
        language=reading.language,
        city=reading.say(city.title),
        title=reading.say(TITLE),
        period=reading.period(reading.latest),
        edition=publication.edition,
        created_at=publication.created_at,
        fictional=city.fictional,
        note=reading.say(city.note),
    )


def report_folder(city: City, publication: Publication) -> Path:
    """Where the reports of an edition stand: beside it, since an edition is never changed."""
    return city.published_dir / f"{publication.edition}-report"


def write_report(
    city: City,
    publication: Publication,
    language: str | None = None,
    progress: Progress | None = None,
    *,
    out: Path | None = None,
    base: str = BASE,
) -> list[Path]:
    """Set the report in one language, or in both, and put the files in place in one step. Returns the PDFs.

    What was set before from the same edition by the same program is not set again."""
    tell = progress or (lambda step, done, total: None)
    folder = out or report_folder(city, publication)
    wanted = [language] if language else list(LANGUAGES)
    same = {
        "kind": "report",
        "edition": publication.edition,
        "city": city.slug,
        "fictional": city.fictional,
        "program": program(),
        "base": base,
    }
    _refuse_foreign(folder)
    files, queries = _set_before(folder, same)
    todo = [one for one in wanted if _file_name(one) not in files]
    for done, one in enumerate(todo):
        tell(_SETTING["en" if one.startswith("en") else "zh"], done, len(todo))
        pdf, report = report_pdf(city, publication, one, base=base)
        files[_file_name(one)] = pdf
        queries[report.language] = list(report.queries)
    if todo:
        write_folder(folder, files, {**same, "queries": queries}, replace=True)
    return [folder / _file_name(one) for one in wanted]


_SETTING = {
    "zh": Words("排版中文报告", "setting the Chinese report"),
    "en": Words("排版英文报告", "setting the English report"),
}


def _refuse_foreign(folder: Path) -> None:
    """A report's folder is replaced as a whole, so it may hold nothing but a report."""
    own = {MANIFEST, *(_file_name(language) for language in LANGUAGES)}
    found = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    other = [name for name in found if name not in own]
    if other:
        raise ReportError(
            f"{folder} holds {', '.join(other[:3])}, which is no report: name a new or empty folder"
        )


def _file_name(language: str) -> str:
    return f"report.{'en' if language.startswith('en') else 'zh'}.pdf"


def _set_before(folder: Path, same: dict[str, Any]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of a folder, and the questions behind them, when they are unharmed and of the same making."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {name: (folder / name).read_bytes() for name in manifest["files"]}
    except (OSError, ValueError, KeyError):
        return {}, {}
    unharmed = all(sha256(data) == manifest["files"][name] for name, data in files.items())
    alike = all(manifest.get(key) == value for key, value in same.items())
    return (files, dict(manifest["queries"])) if unharmed and alike else ({}, {})


@cache
def program() -> str:
    """One hash over the files that a report is made by."""
    folder = Path(__file__).parent
    lines = [f"{path.name} {sha256(path.read_bytes())}" for path in folder.glob("*.*") if path.is_file()]
    return sha256("\n".join(sorted(lines)).encode())


def check_report(publication: Publication, folder: Path) -> list[str]:
    """What in the edition no longer answers as it did when the report was written; empty when all does."""
    if not (folder / MANIFEST).is_file():
        raise ReportError(f"{folder} holds no report: set one first with shenzhi report")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    wrong = [] if manifest["edition"] == publication.edition else [f"edition {manifest['edition']}"]
    for record in manifest["queries"].values():
        wrong += differences(publication, record)
    return sorted(set(wrong))
