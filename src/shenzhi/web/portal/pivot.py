"""The table behind an indicator's chart: areas by periods, every figure a link to where it came from.

A table of 350 areas by ten years has 3,500 cells, so the rows are written here as text at once instead of cell by
cell in a template; everything that came from a file is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from django.utils.safestring import SafeString

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Observation
from shenzhi.web.portal import numbers
from shenzhi.web.portal.cautions import Caution
from shenzhi.web.portal.editions import Edition

MOST_CELLS = 6000
FLAGS = {
    "preliminary": Words("初", "p"),
    "estimated": Words("估", "e"),
    "imputed": Words("插", "i"),
}
BREAK = Words("断", "b")


@dataclass(frozen=True)
class Pivot:
    """A table ready to be written: column headings and rows as HTML, and what had to be said about it."""

    corner: Words
    columns: tuple[SafeString, ...]
    body: SafeString
    flags: tuple[str, ...]
    broken: tuple[str, ...]
    cautions: tuple[Caution, ...]
    areas: int
    periods: int
    left_out: int


def pivot(
    edition: Edition,
    code: str,
    values: Sequence[Observation],
    language: str,
    marked: Mapping[tuple[str, str, int], Caution] | None = None,
) -> Pivot:
    """The table of an indicator's current values: areas down and periods across, or the other way for few areas.

    `marked` are the values, by area, period and revision, that carry a mark before the figure."""
    found = {(one.area, one.period): one for one in values}
    here = {area for area, _ in found}
    areas = [code for code in edition.known_areas if code in here]
    periods = sorted({period for _, period in found})
    kept = periods[-max(1, MOST_CELLS // max(len(areas), 1)) :]
    by_area = len(areas) >= len(kept) or len(areas) > 12
    flags: dict[str, None] = {}
    cautions: dict[Caution, None] = {}
    broken = edition.broken_at(code, periods)
    marked = marked or {}
    decimals = edition.decimals(code)

    stem = f"../../figures/{quote(code)}/"
    address = {key: quote(key) for key in (*areas, *kept)}

    def cell(area: str, period: str) -> str:
        one = found.get((area, period))
        if one is None:
            return f'<td class="n none">{numbers.NONE}</td>'
        flag = FLAGS.get(one.status)
        if flag:
            flags[one.status] = None
        sup = f"<sup>{flag.say(language)}</sup>" if flag else ""
        # a short address relative to /<city>/indicators/<code>/ keeps a table of thousands of links light
        href = f"{stem}{address[area]}/{address[period]}/"
        text = numbers.given(one.value, decimals)
        if caution := marked.get((area, period, one.revision)):
            cautions[caution] = None
            text = escape(caution.mark) + text
        return f'<td class="n" data-v="{one.value:.15g}"><a href="{href}">{text}</a>{sup}</td>'

    def when(period: str) -> SafeString:
        sup = f"<sup>{BREAK.say(language)}</sup>" if period in broken else ""
        return SafeString(escape(numbers.period(period, language)) + sup)

    names = {area: escape(edition.area_title(area).say(language)) for area in areas}
    if by_area:
        shown = kept[::-1]
        columns = tuple(when(period) for period in shown)
        rows = (
            f'<tr><th scope="row"><a href="../../areas/{address[area]}/">{names[area]}</a></th>'
            f"{''.join(cell(area, period) for period in shown)}</tr>"
            for area in areas
        )
    else:
        columns = tuple(SafeString(names[area]) for area in areas)
        rows = (
            f'<tr><th scope="row" class="nowrap">{when(period)}</th>'
            f"{''.join(cell(area, period) for area in areas)}</tr>"
            for period in reversed(kept)
        )
    corner = Words("区域", "Area") if by_area else Words("时期", "Period")
    body = SafeString("\n".join(rows))  # every name and code in it was escaped above
    return Pivot(
        corner=corner,
        columns=columns,
        body=body,
        flags=tuple(flags),
        broken=tuple(period for period in kept if period in broken),
        cautions=tuple(cautions),
        areas=len(areas),
        periods=len(periods),
        left_out=len(periods) - len(kept),
    )
