"""Draws the charts of an edition and writes its search index ahead of its readers, so that no page waits for them.

A drawing takes some 60 ms and is kept on the disk; a big city has hundreds. The engine lets no other thread of its
process run while it draws, so a process of its own draws them, one for each edition, and rests after each as long as it
took. Deleting the kept drawings while the server is stopped costs time, nothing else.

    python -m shenzhi.web.portal.drawer CITY        what the server starts
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shenzhi.kernel.words import LANGUAGES
from shenzhi.pipeline.index.changes import built
from shenzhi.pipeline.index.scope import IndexFault
from shenzhi.pipeline.reports.charts import Chart
from shenzhi.pipeline.reports.report import report_charts
from shenzhi.web.portal import audits, cautions, drawings, finding
from shenzhi.web.portal.editions import Edition, edition_of
from shenzhi.web.portal.history import scored_before

_begun: set[str] = set()
_beginning = threading.Lock()
_holding = False


def every_chart(edition: Edition) -> Iterator[Chart]:
    """The charts of the portal's pages, those most asked for first."""
    root = edition.city.root_area
    areas = [area for area in edition.known_areas if area in edition.scored_set]
    if edition.focus:
        domains = [code for code in edition.domains if code in edition.nodes]
        yield from _there(
            drawings.index_trend(edition, edition.focus, code) for code in [edition.root, *domains]
        )
    for code in edition.coverage:
        values = edition.publication.observations(indicator=code)
        last = max(one.period for one in values)
        yield from _there(
            (
                drawings.indicator_trend(edition, code, root, [one for one in values if one.area == root]),
                drawings.indicator_bars(edition, code, [one for one in values if one.period == last]),
            )
        )
    yield from _there(audits.every_chart(edition))
    yield from _there(drawings.index_trend(edition, area) for area in areas if area != edition.focus)
    yield from _there(audits.strengths_chart(edition, area) for area in areas)


def _there(charts: Iterable[Chart | None]) -> Iterator[Chart]:
    return (one for one in charts if one is not None)


def draw(edition: Edition) -> bool:
    """Draw every chart of the edition in both languages, and rest after each; False when the process that wanted them
    ended meanwhile."""
    server = os.getppid()
    for chart, language in _in_both_languages(edition):
        if os.getppid() != server:
            return False
        started = time.perf_counter()
        chart.both(language)
        time.sleep(time.perf_counter() - started)
    return True


def _in_both_languages(edition: Edition) -> Iterator[tuple[Chart, str]]:
    # the report is written in each language by itself; its page shows more charts than any other
    for language in LANGUAGES:
        yield from ((one, language) for one in report_charts(edition.city, edition.publication, language))
    yield from ((one, language) for one in every_chart(edition) for language in LANGUAGES)


@contextmanager
def held() -> Iterator[None]:
    """Nothing begins in here: for pages that no reader asked for."""
    global _holding
    _holding = True
    try:
        yield
    finally:
        _holding = False


def begin(edition: Edition) -> None:
    """Load the edition and have it drawn, in the background; of several processes that begin, one gets to draw."""
    with _beginning:
        if _holding or edition.name in _begun or os.environ.get("SHENZHI_DRAW_AHEAD") == "0":
            return
        _begun.add(edition.name)
    threading.Thread(target=_finish, args=(edition,), name="drawer", daemon=True).start()


def samples(edition: Edition) -> list[str]:
    """Pages of the edition, below its city, that between them make a process read whatever the others need."""
    found = ["index/", "what-if/", "areas/", "indicators/", "method/", "audit/"]
    if not edition.is_big:
        found.append("report/")
    lakes: set[tuple[str, ...]] = set()
    for code in edition.coverage:
        known = edition.indicator(code)
        tables = known.tables if known else ()
        if tables not in lakes:  # each table of the lake is opened once
            lakes.add(tables)
            one = edition.publication.observations(indicator=code)[-1]
            found += [f"indicators/{code}/", f"figures/{code}/{one.area}/{one.period}/"]
    if edition.scored_areas:
        area = edition.scored_areas[-1]
        found += [f"areas/{area}/", f"derivation/{area}/{edition.latest}/{edition.root}/"]
        for before in scored_before(edition, area, edition.root, edition.latest)[-1:]:
            found.append(f"changes/{area}/{edition.root}/{before}/{edition.latest}/")
    return found


def load(edition: Edition) -> None:
    """Read what each process reads once, before a reader of a derivation, of a figure's rows, or a searcher has to wait
    for it."""
    edition.publication.parts(edition.city.root_area, edition.latest, edition.root)
    finding.prepare(edition.city)
    with suppress(
        IndexFault
    ):  # an edition that today's program cannot compute again has no changes to explain
        built(edition.publication)
    for code in sorted(edition.coverage)[:1]:
        cautions.marked(edition, code)


def _finish(edition: Edition) -> None:
    load(edition)
    mark = _mark(edition)
    if mark.exists():
        return
    with suppress(OSError):  # a disk that cannot be written keeps no drawings either
        mark.parent.mkdir(parents=True, exist_ok=True)
        with mark.with_suffix(".lock").open("w") as lock:
            # the drawing process inherits the lock, which goes with it, however it ends
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            drawing = subprocess.Popen(
                [sys.executable, "-m", __name__, edition.city.slug], pass_fds=[lock.fileno()]
            )
        drawing.wait()


def _mark(edition: Edition) -> Path:
    """The file that says that all of an edition is drawn."""
    return edition.city.home.parent / "cache" / "charts" / f"{edition.city.slug}-{edition.name}.drawn"


def main(slug: str) -> None:
    """Draw the edition of `slug` now in force, after everything else that the machine has to do."""
    os.nice(10)
    edition = edition_of(slug)
    if draw(edition):
        _mark(edition).touch()


if __name__ == "__main__":
    main(sys.argv[1])
