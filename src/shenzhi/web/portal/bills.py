"""The bill of a change as a page shows it: ingredients with the indicators inside each, and who overtook whom (article 86).

Every printed figure is rounded so that what stands under it adds up to it, to the last digit shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import numpy as np
from django.utils.safestring import SafeString

from shenzhi.calc.composite.overtaking import Overtaking
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.changes import Bill, Explained, to_the_digit
from shenzhi.pipeline.reports import charts
from shenzhi.pipeline.reports.charts import Chart
from shenzhi.web.portal import numbers
from shenzhi.web.portal.editions import Edition

POINTS = Words("分", "points")
DIGITS = 4
# Overtakings, and causes of each, that stand on the page before the rest is folded away or left out.
FIRST = 12
CAUSES = 3
# What became of the other area, by where it stood and where it stands, seen from the area of the page.
MOVES = {
    ("above", "below"): Words("被超过", "was passed"),
    ("above", "level"): Words("被追平", "was caught up with"),
    ("above", "absent"): Words("原在前面，不再有得分", "was ahead, has no score now"),
    ("below", "above"): Words("超过了本区域", "passed it"),
    ("level", "above"): Words("由并列变为在前", "was level, is ahead now"),
    ("absent", "above"): Words("新有得分，排在前面", "newly scored, ahead of it"),
}


@dataclass(frozen=True)
class Line:
    """An ingredient: what it is called and means, what it did (`printed`, and `exact`), and the lines inside as markup."""

    title: Words
    meaning: Words
    exact: float
    printed: float
    count: int
    inside: SafeString


@dataclass(frozen=True)
class Shown:
    """A bill: `before` and `now` as printed, and the lines between them."""

    before: float
    now: float
    lines: tuple[Line, ...]
    mixed: bool
    faults: tuple[str, ...]

    @property
    def difference(self) -> float:
        """Of the two scores to two digits, so that a reader who subtracts finds the same."""
        return round(round(self.now, 2) - round(self.before, 2), 2)


@dataclass(frozen=True)
class End:
    """One end of a bill for its links: where its pages are ("" for an edition that has none), and its period."""

    base: str
    period: str


def shown(edition: Edition, explained: Explained, bill: Bill, ends: tuple[End, End], language: str) -> Shown:
    """The bill for a page in one language; names and units are those of `edition`."""
    before, now = round(bill.before, DIGITS), round(bill.now, DIGITS)
    printed = to_the_digit([line.amount for line in bill.lines], now - before, DIGITS)
    figures = explained.before.figures(bill.area), explained.now.figures(bill.area)
    return Shown(
        before,
        now,
        tuple(
            Line(
                names.INGREDIENTS[line.ingredient],
                names.INGREDIENT_MEANINGS[line.ingredient],
                line.amount,
                amount,
                len(line.nodes),
                _inside(edition, explained, bill.area, line.nodes, amount, figures, ends, language),
            )
            for line, amount in zip(bill.lines, printed, strict=True)
        ),
        bill.mixed,
        explained.faults,
    )


def _inside(
    edition: Edition,
    explained: Explained,
    area: str,
    nodes: Sequence[tuple[str, float]],
    total: float,
    figures: tuple[Mapping[str, float], Mapping[str, float]],
    ends: tuple[End, End],
    language: str,
) -> SafeString:
    """A row for each node in which an ingredient worked: its name, its figures on both sides, its amount."""
    printed = to_the_digit([amount for _, amount in nodes], total, DIGITS)
    rows = []
    for (code, exact), amount in zip(nodes, printed, strict=True):
        title, known = escape(explained.title(code).say(language)), code in edition.nodes
        leaf = known and edition.nodes[code].is_leaf
        if leaf:
            title = f'<a href="{ends[1].base}indicators/{quote(code)}/">{title}</a>'
        elif known:
            title = f'<a href="{ends[1].base}derivation/{quote(area)}/{quote(ends[1].period)}/{quote(code)}/">{title}</a>'
        sides = [
            _figure(edition, end, code, area, known_here.get(code), language)
            for end, known_here in zip(ends, figures, strict=True)
        ]
        same = figures[0].get(code) == figures[1].get(code)  # where a rule moved the score, not the figure
        told = "" if not any(code in one for one in figures) else sides[1] if same else " → ".join(sides)
        rows.append(
            f'<tr><th scope="row">{title}</th><td class="n">{told}</td>'
            f'<td class="n"><data value="{exact:.15g}">{numbers.signed(amount, DIGITS)}</data></td></tr>'
        )
    return SafeString("\n".join(rows))


def _figure(edition: Edition, end: End, code: str, area: str, value: float | None, language: str) -> str:
    if value is None:
        return f'<span class="none">{numbers.NONE}</span>'
    text = escape(numbers.with_unit(value, edition.unit(code), language, edition.decimals(code)))
    if not end.base:
        return text
    return f'<a href="{end.base}figures/{quote(code)}/{quote(area)}/{quote(end.period)}/">{text}</a>'


def chart(bill: Shown, title: Words, ends: tuple[Words, Words], source: Words) -> Chart | None:
    """The bill as stairs from one score to the other; None where one line is all there is."""
    if len(bill.lines) < 2:
        return None
    start, end = round(bill.before, 2), round(bill.now, 2)
    steps = to_the_digit([line.exact for line in bill.lines], end - start, 2)
    rows = [
        charts.Bar(f"line-{at}", line.title, amount)
        for at, (line, amount) in enumerate(zip(bill.lines, steps, strict=True))
    ]
    return charts.contributions(
        rows, title=title, unit=POINTS, source=source, start=(ends[0], start), total=ends[1], decimals=2
    )


@dataclass(frozen=True)
class Passing:
    """One other area that changed sides: what became of it, the lead of the page's area before and now, and why."""

    area: str
    title: Words
    what: Words
    gap_before: float | None
    gap_now: float | None
    causes: tuple[tuple[Words, float], ...]


@dataclass(frozen=True)
class Rank:
    """A rank among `of` areas before and now, and the areas that changed sides, the nearest first: those on the page, and
    the rest."""

    before: int
    now: int
    of: int
    first: tuple[Passing, ...]
    rest: tuple[Passing, ...]

    @property
    def up(self) -> int:
        """How many places were gained; below 0 where some were lost."""
        return self.before - self.now


def rank(edition: Edition, explained: Explained, area: str) -> Rank | None:
    """Why the rank of an area moved; None where it is not ranked on both sides, or stands alone."""
    among = [one for one in edition.known_areas if one in edition.ranked_set]
    move = explained.move(area, among)
    if move is None or move.before is None or move.after is None or len(among) < 2:
        return None
    passings = tuple(_passing(edition, explained, among[one.other], one) for one in move.overtakings)
    return Rank(move.before, move.after, len(among), passings[:FIRST], passings[FIRST:])


def _passing(edition: Edition, explained: Explained, other: str, one: Overtaking) -> Passing:
    codes = explained.explanation.tree.codes
    moved = sum(one.parts.values(), np.zeros(len(codes)))
    # what moved the gap the way it went
    helped = np.where(moved * one.places < 0, np.abs(moved), 0.0)
    most = np.argsort(-helped, kind="stable")[:CAUSES]
    gaps = [None if gap != gap else gap for gap in (one.gap_before, one.gap_after)]
    return Passing(
        other,
        edition.area_title(other),
        MOVES[one.was, one.now],
        gaps[0],
        gaps[1],
        tuple((explained.title(codes[at]), float(moved[at])) for at in most.tolist() if helped[at]),
    )


def passings(base: str, rows: Sequence[Passing], language: str) -> SafeString:
    """The body of the table of overtakings."""
    comma = "、" if language.startswith("zh") else ", "
    return SafeString(
        "\n".join(
            f'<tr><th scope="row"><a href="{base}areas/{quote(row.area)}/">{escape(row.title.say(language))}</a></th>'
            f"<td>{escape(row.what.say(language))}</td>"
            f'<td class="n">{numbers.signed(row.gap_before, 2)} → {numbers.signed(row.gap_now, 2)}</td><td>'
            + comma.join(
                f'{escape(title.say(language))}&nbsp;<span class="soft">{numbers.signed(amount, 2)}</span>'
                for title, amount in row.causes
            )
            + "</td></tr>"
            for row in rows
        )
    )
