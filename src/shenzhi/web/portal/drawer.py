"""Draws the charts of an edition and writes its search index ahead of its readers, so that no page waits for them.

A drawing takes some 60 ms and is kept on the disk; a big city has hundreds. One thread of one process draws them, and
rests after each as long as it took, so that readers come first. Deleting the kept drawings costs time, nothing else.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from shenzhi.kernel.words import LANGUAGES
from shenzhi.pipeline.reports.charts import Chart
from shenzhi.web.portal import drawings, finding
from shenzhi.web.portal.editions import Edition

_begun: set[str] = set()
_beginning = threading.Lock()


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
    yield from _there(drawings.index_trend(edition, area) for area in areas if area != edition.focus)


def _there(charts: Iterable[Chart | None]) -> Iterator[Chart]:
    return (one for one in charts if one is not None)


def draw(edition: Edition, *, rest: bool = False) -> int:
    """Draw every chart of the edition in both languages; returns how many charts there are."""
    count = 0
    for chart in every_chart(edition):
        for language in LANGUAGES:
            started = time.perf_counter()
            chart.both(language)
            if rest:
                time.sleep(time.perf_counter() - started)
        count += 1
    return count


def begin(edition: Edition) -> None:
    """Draw in the background, once for an edition. Two processes may begin at once: each leaves out what is there."""
    with _beginning:
        if edition.name in _begun or os.environ.get("SHENZHI_DRAW_AHEAD") == "0":
            return
        _begun.add(edition.name)
    mark = edition.city.home.parent / "cache" / "charts" / f"{edition.city.slug}-{edition.name}.drawn"
    threading.Thread(target=_finish, args=(edition, mark), name="drawer", daemon=True).start()


def load(edition: Edition) -> None:
    """Read what each process reads once, before a reader of a derivation or a searcher has to wait for it."""
    edition.publication.parts(edition.city.root_area, edition.latest, edition.root)
    finding.prepare(edition.city)


def _finish(edition: Edition, mark: Path) -> None:
    load(edition)
    if mark.exists():
        return
    draw(edition, rest=True)
    with suppress(OSError):  # a disk that cannot be written keeps no drawings either
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
