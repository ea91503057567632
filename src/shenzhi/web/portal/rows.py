"""Long tables and the tile map, written as text at once: a template takes half a second for 350 areas, this a few
milliseconds. Every name and code is escaped here; what comes out is markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.utils.safestring import SafeString

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.changes import Compared, Comparison, to_the_digit
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Observation, Score
from shenzhi.pipeline.reports.change import Driver
from shenzhi.web.portal import numbers
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.ranking import Row, TileMap

NO_INTERVALS: Mapping[str, str] = {}
if TYPE_CHECKING:
    from shenzhi.web.portal.cautions import Caution
    from shenzhi.web.portal.editions import Coverage

NONE = f'<span class="none">{numbers.NONE}</span>'


def exact(score: Score | None) -> str:
    """A score to one place, its exact value kept beside it."""
    if score is None or score.score is None:
        return NONE
    return f'<data value="{score.score:.15g}">{numbers.plain(score.score, 1)}</data>'


def bar(score: Score) -> str:
    """A bar from zero to 100 for the score printed beside it."""
    if score.score is None:
        return ""
    width = min(max(score.score, 0.0), 100.0)
    return (
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="track" width="100" height="6"/><rect width="{width:.1f}" height="6"/></svg>'
    )


def ranking(
    base: str,
    rows: Sequence[Row],
    node: str,
    language: str,
    *,
    bars: str = "",
    intervals: Mapping[str, str] = NO_INTERVALS,
    graded: bool = False,
) -> SafeString:
    """The body of a ranking: rank with its interval where one is known, area, score, a bar of the class `bars` where one
    is named, coverage, and with `graded` the grade, with a veto in words."""
    return _written(
        f'<tr><td data-v="{row.rank}">{escape(row.place.say(language))}{_beside(intervals.get(row.area.code))}</td>'
        f'<th scope="row">'
        f'<a href="{base}areas/{quote(row.area.code)}/">{escape(row.area.title.say(language))}</a></th>'
        f'<td class="n"><a href="{_derivation(base, row.score, node)}">{exact(row.score)}</a></td>'
        + (f'<td class="{bars}">{bar(row.score)}</td>' if bars else "")
        + f'<td class="n">{numbers.percent(row.score.coverage)}</td>'
        + (f"<td>{_grade(row.score, language)}</td>" if graded else "")
        + "</tr>"
        for row in rows
    )


def _grade(score: Score, language: str) -> str:
    why = escape(score.grade_why.say(language))
    return escape(score.grade) + (f" <small>{why}</small>" if why else "")


def _beside(interval: str | None) -> str:
    return f" <small>({interval})</small>" if interval else ""


@dataclass(frozen=True)
class Moved:
    """One indicator of a change: its figures before and now, where it has any, and what it did to the score."""

    driver: Driver
    title: Words
    unit: Words | None
    decimals: int | None
    before: Observation | None
    now: Observation | None


def changes(base: str, lines: Sequence[Moved], language: str) -> SafeString:
    """The body of a change: each indicator with both figures as links to their rows, both scores, and its effect."""
    return _written(
        f'<tr><th scope="row"><a href="{base}indicators/{quote(line.driver.code)}/">'
        f"{escape(line.title.say(language))}</a></th>"
        + "".join(
            f'<td class="n">{_observed(base, line, one, language)}</td>' for one in (line.before, line.now)
        )
        + "".join(
            f'<td class="n"><data value="{score:.15g}">{numbers.plain(score, 2)}</data></td>'
            for score in (line.driver.before, line.driver.now)
        )
        + f'<td class="n">{numbers.percent(line.driver.share, 2)}</td>'
        f'<td class="n"><data value="{line.driver.effect:.15g}">{numbers.signed(line.driver.effect, 4)}</data></td></tr>'
        for line in lines
    )


def _observed(base: str, line: Moved, one: Observation | None, language: str) -> str:
    if one is None:
        return NONE
    href = f"{base}figures/{quote(one.indicator)}/{quote(one.area)}/{quote(one.period)}/"
    return f'<a href="{href}">{escape(numbers.with_unit(one.value, line.unit, language, line.decimals))}</a>'


def compared(base: str, edition: Edition, found: Comparison, language: str) -> SafeString:
    """The body of a comparison of two editions: the difference as a link to its bill, scores and ranks in both, and each
    ingredient's amount. What is printed of the ingredients adds up to what is printed of the difference."""
    stem = f"{base}versions/{quote(found.old.edition)}/{quote(found.new.edition)}/{quote(found.period)}/"
    root = quote(found.new.method.root.code)
    return _written(
        f'<tr><th scope="row"><a href="{base}areas/{quote(row.area)}/">'
        f"{escape(edition.area_title(row.area).say(language))}</a></th>"
        f'<td class="n">{_difference(row, f"{stem}{quote(row.area)}/{root}/")}</td>'
        + "".join(f'<td class="n">{numbers.plain(one, 2)}</td>' for one in (row.old, row.new))
        + f'<td class="n">{_places(row)}</td>'
        + "".join(f'<td class="n">{one}</td>' for one in _amounts(row, found.ingredients))
        + "</tr>"
        for row in found.rows
    )


def _difference(row: Compared, href: str) -> str:
    if row.difference is None:
        return NONE
    told = f'<data value="{row.difference:.15g}">{numbers.signed(row.printed(2), 2)}</data>'
    return f'<a href="{href}">{told}</a>' if row.bill else told


def _places(row: Compared) -> str:
    before, now = (str(one or numbers.NONE) for one in (row.old_rank, row.new_rank))
    return before if before == now else f"{before} → {now}"


def _amounts(row: Compared, ingredients: Sequence[str]) -> list[str]:
    printed = row.printed(2)
    if row.bill is None or printed is None:
        return [NONE] * len(ingredients)
    amounts = [row.bill.amount(one) for one in ingredients]
    shares = iter(to_the_digit([one for one in amounts if one], printed, 2))
    return [
        f'<data value="{one:.15g}">{numbers.signed(next(shares), 2)}</data>' if one else "0"
        for one in amounts
    ]


def by_domain(base: str, rows: Sequence[Row], language: str) -> SafeString:
    """The body of the table of areas by domains, each score a link to its derivation."""
    codes = {code: quote(code) for row in rows[:1] for code, _ in row.others}
    return _written(
        f'<tr><th scope="row">{escape(row.area.title.say(language))}</th>'
        + _domains(f"{base}derivation/{quote(row.score.area)}/{quote(row.score.period)}/", row, codes)
        + "</tr>"
        for row in rows
    )


def _domains(stem: str, row: Row, codes: Mapping[str, str]) -> str:
    return "".join(
        f'<td class="n"><a href="{stem}{codes[code]}/">{numbers.plain(one.score, 1)}</a></td>'
        if one is not None and one.score is not None
        else f'<td class="n">{NONE}</td>'
        for code, one in row.others
    )


def tiles(base: str, drawn: TileMap, language: str) -> SafeString:
    """The tiles of the map, each a link that is called by its area, score and rank."""
    width, height = drawn.tile_width, drawn.tile_height
    pieces = []
    for tile in drawn.tiles:
        title = tile.area.title.say(language)
        score = numbers.plain(tile.score.score if tile.score else None, 1)
        place = escape(tile.place.say(language)) if tile.place else ""
        called = f"{escape(title)}: {score}, {place}" if tile.score else escape(title)
        name = "".join(
            f'<text x="{tile.middle}" y="{y}">{escape(line)}</text>' for y, line in tile.lines(title)
        )
        pieces.append(
            f'<a href="{base}areas/{quote(tile.area.code)}/" class="t{tile.band}" aria-label="{called}">'
            f'<rect x="{tile.x}" y="{tile.y}" width="{width}" height="{height}"/>{name}'
            f'<text class="v" x="{tile.middle}" y="{tile.value_y}">{score}</text>'
            f'<text x="{tile.middle}" y="{tile.place_y}">{place}</text></a>'
        )
    return _written(pieces)


@dataclass(frozen=True)
class Branch:
    """A node in the tree as a row: how deep it stands, its weight among its siblings and in the whole."""

    node: Node
    depth: int
    share: float
    whole: float
    domain: str
    scale: Words
    mean: Words


def branches(base: str, rows: Iterable[Branch], language: str) -> SafeString:
    """The body of the tree of a method: each node with its weights, its direction, and its scale or mean."""
    return _written(
        f'<tr><th scope="row" class="depth-{row.depth}">{_node(base, row, language)}</th>'
        f'<td class="n">{numbers.plain(row.node.weight)}</td><td class="n">{numbers.percent(row.share, 1)}</td>'
        f'<td class="n">{numbers.percent(row.whole, 2)}</td>'
        f'<td class="n">{DIRECTIONS[row.node.direction].say(language)}</td>'
        f"<td>{escape((row.scale if row.node.is_leaf else row.mean).say(language))} "
        f"{escape(numbers.joined(row.node.note.say(language))) if row.node.note else ''}</td></tr>"
        for row in rows
    )


@dataclass(frozen=True)
class Entry:
    """An indicator in a list: what is known of it, and its weight in the whole index where it counts there."""

    code: str
    title: Words
    unit: Words | None
    article: str
    coverage: Coverage | None
    weight: float | None


def indicators(
    base: str, entries: Iterable[Entry], language: str, article: Callable[[str], str]
) -> SafeString:
    """The body of a list of indicators: unit, article, weight in the whole, and how much is known."""
    return _written(
        f'<tr{"" if one.coverage else LOST}><th scope="row"><a href="{base}indicators/{quote(one.code)}/">'
        f"{escape(one.title.say(language))}</a></th><td>{escape(one.unit.say(language)) if one.unit else ''}</td>"
        f"<td>{article(one.article) if one.article else ''}</td>"
        f'<td class="n">{_weight(one.weight, language)}</td>{_known(one.coverage, language)}</tr>'
        for one in entries
    )


def latest(
    base: str,
    figures: Iterable[tuple[Observation, Words, Words | None, int | None, Caution | None]],
    language: str,
    observed: Callable[[float, Words | None, int | None], str],
) -> SafeString:
    """The body of an area's latest figures, each a link to its rows; the sign of a caution stands before it."""
    return _written(
        f'<tr><th scope="row"><a href="{base}indicators/{quote(one.indicator)}/">{escape(title.say(language))}</a></th>'
        f'<td class="n"><a href="{base}figures/{quote(one.indicator)}/{quote(one.area)}/{quote(one.period)}/">'
        f"{escape(mark.mark) if mark else ''}{observed(one.value, unit, decimals)}</a></td>"
        f"<td>{escape(numbers.period(one.period, language))}</td>"
        f"<td>{escape(numbers.status(one.status, language))}</td></tr>"
        for one, title, unit, decimals, mark in figures
    )


LOST = ' class="lost"'
NOT_SCORED, NO_FIGURES = Words("不计入", "not scored"), Words("尚无数据", "no figures yet")


def _weight(weight: float | None, language: str) -> str:
    if weight is None:
        return f'<span class="none">{NOT_SCORED.say(language)}</span>'
    return numbers.percent(weight, 1)


def _known(coverage: Coverage | None, language: str) -> str:
    if coverage is None:
        return f'<td class="n">0</td><td class="n">0</td><td>{NO_FIGURES.say(language)}</td>'
    last = "" if coverage.first == coverage.last else f"–{escape(coverage.last)}"
    return (
        f'<td class="n">{coverage.values}</td><td class="n">{coverage.areas}</td>'
        f'<td class="nowrap">{escape(coverage.first)}{last}</td>'
    )


DIRECTIONS = {1: Words("↑ 越高越好", "↑ more"), -1: Words("↓ 越低越好", "↓ less"), 0: Words("", "")}


def _node(base: str, row: Branch, language: str) -> str:
    title = escape(row.node.title.say(language))
    if row.node.is_leaf:
        return f'<a href="{base}indicators/{quote(row.node.code)}/">{title}</a>'
    dot = f'<span class="dot d-{row.domain}"></span>' if row.domain == row.node.code else ""
    return f"<strong>{dot}{title}</strong>"


def _derivation(base: str, score: Score, node: str) -> str:
    return f"{base}derivation/{quote(score.area)}/{quote(score.period)}/{quote(node)}/"


def _written(pieces: Iterable[str]) -> SafeString:
    return SafeString("\n".join(pieces))
