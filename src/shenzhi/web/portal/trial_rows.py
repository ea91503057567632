"""What a what-if trial shows, as text written at once: tables before and after, who passed whom, lists to choose from.

Every name is escaped here; what comes out is markup."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from django.utils.safestring import SafeString

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.whatif import Standing, Tried
from shenzhi.web.portal import numbers
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.ranking import place

NAMED = 6  # names in a sentence; the rest are counted
MOVES = 5  # moves told in a sentence each


def moved(one: Standing) -> Words:
    """A change of rank in words, with an arrow for the eye."""
    if one.after is None:
        return (
            Words("不再有指数", "no index any more")
            if one.before is not None
            else Words("没有指数", "no index")
        )
    if one.before is None:
        return Words("新得到指数", "newly scored")
    if one.places > 0:
        return Words(f"▲ 上升{one.places}位", f"▲ up {one.places}")
    if one.places < 0:
        return Words(f"▼ 下降{-one.places}位", f"▼ down {-one.places}")
    return Words("不变", "unchanged")


def ranking(base: str, edition: Edition, tried: Tried, language: str) -> SafeString:
    """The body of the table of areas: rank, area and score in the trial, the published ones, and what moved."""
    shared = _shared([one.rank_after for one in tried.standings])
    shared_before = _shared([one.rank_before for one in tried.standings])
    return _lines(
        f"<tr{_kind(one)}><td>{_rank(one.rank_after, shared, language)}</td>"
        f'<th scope="row"><a href="{base}areas/{escape(one.area)}/">{_name(edition, one.area, language)}</a></th>'
        f'<td class="n">{_score(one.after)}</td><td class="n">{_change(one.change)}</td>'
        f"<td>{moved(one).say(language)}</td>"
        f'<td class="n was">{_score(one.before)}</td>'
        f'<td class="was">{_rank(one.rank_before, shared_before, language)}</td></tr>'
        for one in tried.standings
    )


def course(found: Sequence[tuple[str, Standing]], period: str, language: str) -> SafeString:
    """The body of the table of one area by period, the latest first, each with both scores on one scale."""
    known = [score for _, one in found for score in (one.before, one.after) if score is not None]
    ends = (min(known, default=0.0), max(known, default=1.0))
    return _lines(
        f'<tr{" class=up" if one == period else ""}><th scope="row">{escape(numbers.period(one, language))}</th>'
        f"<td>{_dumbbell(standing, *ends)}</td>"
        f'<td class="n">{_score(standing.after)}</td><td class="n">{_change(standing.change)}</td>'
        f'<td class="n was">{_score(standing.before)}</td></tr>'
        for one, standing in reversed(found)
    )


def _dumbbell(one: Standing, low: float, high: float) -> str:
    """The published score and that of the trial as two dots on a line from `low` to `high`."""

    def x(score: float) -> str:
        return f"{6 + 148 * ((score - low) / (high - low) if high > low else 0.5):.1f}"

    line = (
        f'<path d="M{x(one.before)} 6H{x(one.after)}"/>'
        if one.before is not None and one.after is not None
        else ""
    )
    old = f'<circle class="old" cx="{x(one.before)}" cy="6" r="4"/>' if one.before is not None else ""
    new = f'<circle cx="{x(one.after)}" cy="6" r="4"/>' if one.after is not None else ""
    return (
        '<svg class="dumbbell" viewBox="0 0 160 12" aria-hidden="true" focusable="false">'
        + line
        + old
        + new
        + "</svg>"
    )


def first(edition: Edition, tried: Tried) -> Words | None:
    """The largest move in a few words; None where no area moves."""
    for one in _largest(tried)[:1]:
        name = edition.area_title(one.area)
        return Words(
            f"变动最大的是{name.zh}，由第{one.rank_before}到第{one.rank_after}。",
            f"The largest move: {name.en}, from {one.rank_before} to {one.rank_after}.",
        )
    return None


def _largest(tried: Tried) -> list[Standing]:
    """Areas that move, those that move most first."""
    return sorted(
        (one for one in tried.standings if one.places),
        key=lambda one: (-abs(one.places), one.rank_after or 0),
    )


def told(edition: Edition, tried: Tried, language: str) -> list[str]:
    """The largest moves, each as a sentence: who passed whom."""
    return [_told(edition, tried, one, language) for one in _largest(tried)[:MOVES]]


def _told(edition: Edition, tried: Tried, one: Standing, language: str) -> str:
    name = edition.area_title(one.area)
    if one.places < 0:
        by = listed(edition, tried.passed_by(one.area), language)
        lost = -one.places
        return Words(
            f"{name.zh}下降{lost}位（第{one.rank_before}到第{one.rank_after}），被{by}超过。",
            f"{name.en} goes down {lost} (from {one.rank_before} to {one.rank_after}), passed by {by}.",
        ).say(language)
    below, level = tried.passed(one.area)
    past = listed(edition, below, language)
    equal = listed(edition, level, language)
    did = [
        Words(f"超过{past}", f"passing {past}") if below else Words("", ""),
        Words(f"追平{equal}", f"drawing level with {equal}") if level else Words("", ""),
    ]
    zh, en = "，".join(one.zh for one in did if one.zh), " and ".join(one.en for one in did if one.en)
    if not zh:  # those that stood above have no score any more
        zh, en = "前面的区域不再有指数", "as areas ahead have no index any more"
    return Words(
        f"{name.zh}上升{one.places}位（第{one.rank_before}到第{one.rank_after}），{zh}。",
        f"{name.en} goes up {one.places} (from {one.rank_before} to {one.rank_after}), {en}.",
    ).say(language)


def listed(edition: Edition, areas: Sequence[str], language: str, most: int = NAMED) -> str:
    """Names in a sentence, the rest counted."""
    names = [edition.area_title(area).say(language) for area in areas[:most]]
    rest = len(areas) - len(names)
    if language.startswith("en"):
        names += [f"{rest} more"] if rest else []
        return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
    return "、".join(names) + (f"等{len(areas)}个区域" if rest else "")


def choices(pairs: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """Options of a list to choose from."""
    return _lines(
        f'<option value="{escape(code)}"{" selected" if code == chosen else ""}>{escape(title)}</option>'
        for code, title in pairs
    )


def outward(value: float, present: float, decimals: int | None) -> float:
    """A figure with few digits that goes at least as far from `present` as `value` does."""
    away = value - present
    if not away:
        return value
    digits = max(2 if decimals is None else decimals, 1 - math.floor(math.log10(abs(away))))
    scale = 10.0**digits
    nearest = round(value * scale)
    if abs(nearest / scale - value) <= 1e-12 * max(1.0, abs(value)):
        return round(nearest / scale, digits)
    return round((math.ceil if away > 0 else math.floor)(value * scale) / scale, digits)


def _kind(one: Standing) -> str:
    return ' class="up"' if one.places > 0 else ' class="down"' if one.places < 0 else ""


def _name(edition: Edition, area: str, language: str) -> str:
    return escape(edition.area_title(area).say(language))


def _shared(ranks: Sequence[int | None]) -> set[int]:
    """Ranks that more than one area has."""
    return {rank for rank, times in Counter(one for one in ranks if one is not None).items() if times > 1}


def _rank(rank: int | None, shared: set[int], language: str) -> str:
    return "—" if rank is None else place(rank, rank in shared).say(language)


def _score(score: float | None) -> str:
    if score is None:
        return f'<span class="none">{numbers.NONE}</span>'
    return f'<data value="{score:.15g}">{numbers.plain(score, 2)}</data>'


def _change(change: float | None) -> str:
    if change is None:
        return f'<span class="none">{numbers.NONE}</span>'
    return f'<data value="{change:.15g}">{numbers.signed(change, 2)}</data>'


def _lines(pieces: Iterable[str]) -> SafeString:
    return SafeString("\n".join(pieces))
