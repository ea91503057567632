"""Numbers and periods as readers see them, and the measures a drawing needs: ticks, text widths, spacing (article 86).

One way to write a number for charts, tables, sentences and PDF, so that the same figure looks the same everywhere.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from shenzhi.kernel.words import Words

MINUS = "\u2212"
MISSING = "—"
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def number(value: float | None, decimals: int | None = None) -> str:
    """The value with thousands separators and a true minus sign; a missing value is a dash, never a zero.

    With `decimals` None the value is written as it was given, to at most ten significant digits. Halves are rounded
    away from zero, as a reader with pencil and paper does it: 0.125 to two places is 0.13.
    """
    if value is None or math.isnan(value):
        return MISSING
    exact = Decimal(repr(float(value)))
    if decimals is None:
        text = f"{float(value):.10g}"
        exact = Decimal(text)
        decimals = max(0, -int(exact.normalize().as_tuple().exponent)) if exact else 0
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return f"{abs(rounded):,f}" if rounded >= 0 or not rounded else f"{MINUS}{abs(rounded):,f}"


def given(value: float | None, decimals: int | None = None) -> str:
    """An observed figure as it was given; rounded only where it has more than `decimals` places, never padded with
    noughts that nobody published."""
    if value is None or math.isnan(value):
        return MISSING
    text = f"{value:,.10g}".replace("-", MINUS)
    if "e" in text or "n" in text:  # very large, very small, or no number
        text = number(value)
    return (
        number(value, decimals) if decimals is not None and len(text.partition(".")[2]) > decimals else text
    )


def signed(value: float, decimals: int = 1) -> str:
    """The value with its sign always written: +1.8, −0.4, and 0.0 without one."""
    text = number(value, decimals)
    return text if text.startswith(MINUS) or not any(digit in "123456789" for digit in text) else f"+{text}"


def percent(share: float, decimals: int = 0) -> str:
    """A share (0..1) as per cent; never rounded up to all, nor down to nothing."""
    smallest = 10.0**-decimals
    given = share * 100
    if 0 < given < smallest:
        return f"<{number(smallest, decimals)}%"
    if 100 - smallest / 2 <= given < 100 - 1e-9:
        return f">{number(100 - smallest, decimals)}%"
    return number(given, decimals) + "%"


def day_words(moment: str) -> Words:
    """The day of an ISO date or moment as people say it; anything else as it stands."""
    year, _, rest = moment[:10].partition("-")
    month, _, day = rest.partition("-")
    if not (year.isdigit() and month.isdigit() and day.isdigit() and 1 <= int(month) <= 12):
        return Words(moment, moment)
    return Words(f"{year}年{int(month)}月{int(day)}日", f"{int(day)} {MONTHS[int(month) - 1]} {year}")


def period_words(period: str) -> Words:
    """ "2023", "2023-05" and "2023-Q3" as people say them."""
    year, _, part = period.partition("-")
    if not part and year.isdigit():
        return Words(f"{year}年", year)
    if part.startswith("Q"):
        return Words(f"{year}年第{part[1:]}季度", f"{part} {year}")
    if part.isdigit() and 1 <= int(part) <= 12:
        return Words(f"{year}年{int(part)}月", f"{MONTHS[int(part) - 1]} {year}")
    return Words(period, period)


def periods_between(periods: Sequence[str]) -> list[str]:
    """Every period from the first to the last, so that one without a figure shows as a gap. Mixed grains: as given."""
    known = sorted(set(periods))
    if not known:
        return []
    per_year = {4: 1, 7: 4 if "Q" in known[0] else 12}.get(len(known[0]), 0)
    if not per_year or any(_ordinal(period, per_year) is None for period in known):
        return known
    first, last = _ordinal(known[0], per_year), _ordinal(known[-1], per_year)
    assert first is not None
    assert last is not None
    return [_period(at, per_year) for at in range(first, last + 1)]


def _ordinal(period: str, per_year: int) -> int | None:
    year, _, part = period.partition("-")
    part = part.removeprefix("Q") if per_year == 4 else part
    if not year.isdigit() or (per_year > 1) != bool(part) or (part and not part.isdigit()):
        return None
    return int(year) * per_year + (int(part) - 1 if part else 0)


def _period(at: int, per_year: int) -> str:
    year, part = divmod(at, per_year)
    return {1: f"{year}", 4: f"{year}-Q{part + 1}", 12: f"{year}-{part + 1:02d}"}[per_year]


def ticks(low: float, high: float, about: int = 4, *, zero: bool = False) -> list[float]:
    """Round numbers that span low..high, about `about` of them, steps of 1, 2, 2.5 or 5 times a power of ten."""
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    # a span below what ticks can write apart at this height is no span
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-3):
        spread = abs(high) * 0.1 if abs(high) > 1e-9 else 1.0
        low, high = low - (0 if zero and low == 0 else spread), high + spread
    rough = (high - low) / max(about - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [
        round(at * step, 12 - math.floor(math.log10(max(abs(low), abs(high)))))
        for at in range(first, last + 1)
    ]


def tick_decimals(values: Sequence[float]) -> int:
    """Decimals needed to write ticks apart: 0 for 70, 80; 1 for 2.5, 5.0."""
    texts = [f"{value:.10f}".rstrip("0").partition(".")[2] for value in values]
    return max((len(text) for text in texts), default=0)


def text_width(text: str, size: float) -> float:
    """About how wide a text is in pixels: a Chinese character takes its size, other characters some 0.56 of it."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (wide + 0.56 * (len(text) - wide))


def shortened(text: str, room: float, size: float) -> str:
    """The text, cut with an ellipsis where it does not fit into `room` pixels."""
    if text_width(text, size) <= room:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def some(periods: Sequence[str], most: int) -> list[str]:
    """At most `most` of the periods to label: evenly spaced, always with the last one."""
    if len(periods) <= most:
        return list(periods)
    step = math.ceil((len(periods) - 1) / max(most - 1, 1))
    return list(reversed(periods[::-1][::step]))


def apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places for labels as near as can be to those asked for, in the same order of height, at least `gap` apart."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    placed = [0.0] * len(places)
    floor = low
    for at in order:
        placed[at] = max(places[at], floor)
        floor = placed[at] + gap
    ceiling = high
    for at in reversed(order):
        placed[at] = min(placed[at], ceiling)
        ceiling = placed[at] - gap
    return placed


def wrapped(text: str, room: float, size: float) -> list[str]:
    """The text in lines no wider than `room`: broken at spaces, and between Chinese characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and text_width((line + piece).rstrip(), size) > room:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for character in text:
        wide = unicodedata.east_asian_width(character) in "WF"
        # Closing punctuation must not begin a line.
        joins = pieces and (
            character in "，。；：、）」》！？" or (not wide and character != " " and not _breaks(pieces[-1]))
        )
        if joins:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _breaks(piece: str) -> bool:
    return piece[-1] == " " or unicodedata.east_asian_width(piece[-1]) in "WF"
