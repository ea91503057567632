"""How figures, periods and days are written for readers, in Chinese and in English.

A figure keeps a true minus sign, thousands separators and the decimals that its unit calls for; it is never cut
so far that the reader sees another number than the one that was published.
"""

from __future__ import annotations

import math
import re
from datetime import date

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.declared import REGISTERS
from shenzhi.pipeline.reports import measures
from shenzhi.pipeline.statistics.returns import BY

NONE = measures.MISSING
_SEAM = re.compile(
    r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) (?=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])"
)
plain = measures.number
given = measures.given


def signed(value: float | None, decimals: int = 1) -> str:
    """A change: with its sign, and none when it rounds to nothing."""
    return NONE if value is None else measures.signed(value, decimals)


def percent(share: float | None, decimals: int = 0) -> str:
    """A share (0..1) as per cent; a share just short of all is never rounded up to all, nor one above none to none."""
    return NONE if share is None or math.isnan(share) else measures.percent(share, decimals)


def gap(unit: str) -> str:
    """What stands between a figure and its unit: nothing before % and Chinese, else a space that does not break."""
    return "" if not unit or unit[0] in "%‰°" or ord(unit[0]) > 0x2E7F else "\u00a0"


def with_unit(value: float | None, unit: Words | None, language: str, decimals: int | None = None) -> str:
    """A figure and its unit as plain text."""
    text = given(value, decimals)
    said = unit.say(language) if unit else ""
    return text if value is None else f"{text}{gap(said)}{said}"


def period(code: str, language: str) -> str:
    """A period in words: 2023, 2023-05 or 2023-Q3; anything else as it stands."""
    return measures.period_words(code).say(language)


def day(given: str | date | None, language: str) -> str:
    """A day in words from an ISO date or moment; anything else as it stands."""
    return measures.day_words(str(given)).say(language) if given else NONE


def size(count: int, language: str) -> str:
    """A number of bytes in words."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{plain(amount, 0 if unit == 'B' or amount >= 10 else 1)}\u00a0{unit}"
        amount /= 1000
    return f"{plain(amount, 1)}\u00a0GB"


STATUSES = {
    "final": Words("公布数", "published"),
    "preliminary": Words("初步核算", "preliminary"),
    "estimated": Words("估计", "estimated"),
    "imputed": Words("插补", "imputed"),
    "given": Words("已提供", "given"),
    "missing": Words("缺失", "missing"),
    "revised": Words("已修订", "revised"),
    "as_published": Words("按公布", "as published"),
}


def status(code: str, language: str) -> str:
    """A status in words; a status this list does not know stands as it is."""
    known = STATUSES.get(code)
    return known.say(language) if known else code


def hander(name: str, language: str) -> str:
    """Who handed a file in; what came with the box, or from its registers, says so."""
    known = HANDERS.get(name)
    return known.say(language) if known else name


HANDERS = {BY: Words("随箱文件", "what comes with the box"), REGISTERS: Words("登记簿", "the registers")}


def joined(text: str) -> str:
    """Chinese that a declaration wrote on several lines, without the spaces at the seams."""
    return _SEAM.sub("", text)


def opening(text: str, enough: int) -> tuple[str, str]:
    """The first sentences of a text, as many as make `enough` signs, and the rest."""
    for end in re.finditer(r"。|\. ", text):
        if end.end() >= enough:
            return text[: end.end()].strip(), text[end.end() :].strip()
    return text, ""
