"""The report of a big edition as a page: written when the report is set, so that no reader waits for it (article 94).

The chapters of an edition with 700,000 values take seconds to write. They are kept on the disk as the fragment that the
page shows, with pictures that fetch their drawings; deleting the fragments while the server is stopped costs time,
nothing else."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

from django.utils.safestring import SafeString
from django.utils.translation import override

from shenzhi.kernel.words import LANGUAGES
from shenzhi.pipeline.reports import charts
from shenzhi.pipeline.reports.blocks import Figure
from shenzhi.pipeline.reports.page import ident_of
from shenzhi.pipeline.reports.report import program, report_html
from shenzhi.web.portal import plots
from shenzhi.web.portal.editions import Edition


def kept(edition: Edition, language: str) -> SafeString:
    """The report as a fragment; written now if it has not been written before."""
    path = _path(edition, "en" if language.startswith("en") else "zh")
    with suppress(OSError):
        return SafeString(path.read_text(encoding="utf-8"))
    return SafeString(_write(edition, language, path))


def keep(edition: Edition) -> None:
    """Write the fragments of a long report, in both languages, unless they are there."""
    if edition.is_big:
        for language in LANGUAGES:
            with override("en" if language == "en" else "zh-hans"):
                kept(edition, language)


def figure(block: Figure, drawing: str, edition: Edition, language: str) -> str:
    """A figure of the report with its files to take away."""
    return charts.figure(
        block.chart,
        language,
        ident=ident_of(block),
        number=block.number,
        drawing=drawing,
        files=plots.files(edition, block.chart, language),
    )


def _write(edition: Edition, language: str, path: Path) -> str:
    set_figure = partial(_fetched, edition=edition, language=language)
    text = report_html(edition.city, edition.publication, language, set_figure)
    # A disk that cannot be written costs time, not the page.
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    return text


def _fetched(block: Figure, edition: Edition, language: str) -> str:
    return figure(block, plots.picture(block.chart, language), edition, language)


def _path(edition: Edition, language: str) -> Path:
    folder = edition.city.home.parent / "cache" / "reports"
    return folder / f"{edition.city.slug}-{edition.name}-{_made_by()}.{language}.html"


@cache
def _made_by() -> str:
    """What a fragment depends on besides its edition: the writer of reports, and how figures stand on a page."""
    code = program().encode() + Path(plots.__file__).read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(code).hexdigest()[:12]
