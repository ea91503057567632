"""Figures as Chinese offices write them: 1,234.5, １２３, 12.3%, 1.2亿, 2023年, 二〇二三年; and what may not be guessed.

Each reading says how the text was read, so that nothing is changed unseen. What can be read in two ways is not read:
`Unreadable` names why, in one word that the caller puts into sentences.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

T = TypeVar("T")

# Marks that offices write for "no figure". An empty cell needs no mark.
MISSING = ("-", "--", "—", "——", "–", "…", "……", "...", "无", "暂无", "缺", "N/A", "n/a", "NA", "/")
SHEET_ERRORS = frozenset(
    ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"]
)
SCALES = {"千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
_DIGITS = "零一二三四五六七八九"
_YEAR_DIGITS = {character: str(digit) for digit, character in enumerate(_DIGITS)} | {
    "〇": "0",
    "○": "0",
    "Ｏ": "0",
}
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)
_SCALED = re.compile(r"(.+?)(万亿|千万|百万|亿|万|千)(.*)")
_NOT_FINITE = {"nan", "inf", "infinity", "+inf", "-inf", "+infinity", "-infinity", "∞", "+∞", "-∞"}
_DATE = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})\.(?P<m>\d{1,2})\.(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
)
_QUARTER = {"一": "1", "二": "2", "三": "3", "四": "4"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Unreadable(ValueError):
    """The text is not the figure asked for. `why` is one of: text, separators, percent, unit, error, whole,
    finite, date, period."""

    def __init__(self, why: str, text: str):
        super().__init__(f"{why}: {text!r}")
        self.why = why
        self.text = text


@dataclass(frozen=True)
class Reading(Generic[T]):
    """A value and how it was read; `how` is empty for a text that already was the plain figure."""

    value: T
    how: tuple[str, ...] = ()


_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


def fold(text: str) -> str:
    """Full-width digits, letters and signs as their ordinary forms, spaces at the ends gone: ２０２３ is 2023."""
    folded = "".join(
        unicodedata.normalize("NFKC", character) if 0xFF01 <= ord(character) <= 0xFF5E or character in "　 −﹣" else
        character
        for character in text
    )  # fmt: skip
    return folded.replace("−", "-").strip().strip("\ufeff\u200b").strip()


def read_number(text: str, *, unit: str = "", missing: tuple[str, ...] = MISSING) -> Reading[float | None]:
    """The number a cell holds, in `unit`: "1.2亿" is 1.2 in 亿元, 12000 in 万元 and 120000000 in 元.

    Text like "NaN" gives a number that is not finite, for the caller to refuse. Unreadable for anything that could
    mean two things: "1,5", or a percent sign on a field that is not a share or a percentage.
    """
    how: list[str] = []
    given = text.strip()
    plain = fold(text)
    if not plain:
        return Reading(None)
    if given in missing or plain in missing:
        return Reading(None, ("missing",))
    if plain in SHEET_ERRORS:
        raise Unreadable("error", text)
    if plain.lower() in _NOT_FINITE:
        return Reading(float("nan" if plain.lower() == "nan" else "inf"))
    if plain != given:
        how.append("width")
    percent = plain.endswith(("%", "‰"))
    sign = plain[-1] if percent else ""
    body = plain[:-1].strip() if percent else plain
    shift = 0
    scaled = _SCALED.fullmatch(body)
    if scaled and not percent:
        body, shift = scaled[1].strip(), _shift(text, scaled[2], scaled[3].strip(), unit)
        how.append("unit")
    elif not percent and unit and body.endswith(unit) and unit not in ("%", "‰"):
        body = body[: -len(unit)].strip()
        how.append("unit")
    if "," in body:
        if not _GROUPED.fullmatch(body):
            raise Unreadable("separators", text)
        body = body.replace(",", "")
        how.append("thousands")
    if not _PLAIN.fullmatch(body):
        raise Unreadable("text", text)
    if percent:
        shift += _percent_shift(text, sign, unit)
        how.append("percent")
    if not shift:
        return Reading(float(body), tuple(how))
    try:
        # Decimal keeps 1.2亿 exact: 1.2 * 10**8 in floats need not be 120000000.
        return Reading(float(Decimal(body).scaleb(shift)), tuple(how))
    except InvalidOperation as error:
        raise Unreadable("text", text) from error


def read_whole(text: str, *, unit: str = "", missing: tuple[str, ...] = MISSING) -> Reading[int | None]:
    """A whole number, with the same liberties; "2023年" and "二〇二三年" are the year 2023. "3.0" is 3, "3.5" is none."""
    plain = fold(text)
    year = read_year(plain) if plain.endswith(("年", "年度")) else None
    if year is not None:
        return Reading(year, ("year",))
    if re.fullmatch(r"[+-]?[0-9]+", text.strip()):
        return Reading(int(text.strip()))  # a float would lose the last digits of a long number
    number = read_number(text, unit=unit, missing=missing)
    if number.value is None:
        return Reading(None, number.how)
    if number.value != number.value or number.value in (float("inf"), float("-inf")):
        raise Unreadable("finite", text)
    if number.value != int(number.value) or abs(number.value) > 2**53:
        raise Unreadable("whole", text)
    return Reading(int(number.value), number.how or ("whole",))


def read_year(text: str) -> int | None:
    """The year of "2023", "2023年" or "二〇二三年"; None when the text is no four-digit year."""
    plain = fold(text).removesuffix("度").removesuffix("年").strip()
    plain = "".join(_YEAR_DIGITS.get(character, character) for character in plain)
    return int(plain) if re.fullmatch(r"[0-9]{4}", plain) else None


def read_date(text: str, *, missing: tuple[str, ...] = MISSING) -> Reading[dt.date | None]:
    """A day: 2023-05-06, 2023/5/6, 2023.5.6, 20230506, 2023年5月6日. Unreadable where day and month could be changed."""
    plain = fold(text)
    if not plain:
        return Reading(None)
    if plain in missing or text.strip() in missing:
        return Reading(None, ("missing",))
    # A spreadsheet gives a day as midnight of that day.
    plain = re.sub(r"[ T]00:00(:00(\.0+)?)?$", "", plain)
    compact = plain.replace(" ", "")
    for form in _DATE:
        if found := form.fullmatch(compact):
            try:
                day = dt.date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError as error:
                raise Unreadable("date", text) from error
            return Reading(day, () if text == day.isoformat() else ("date",))
    raise Unreadable("date", text)


def read_period(text: str, grain: str) -> Reading[str | None]:
    """A period as text: "2023", "2023-Q1", "2023-05" or "2023-05-06", from what offices write (2023年, 2023年第一季度)."""
    plain = fold(text).replace(" ", "")
    if not plain:
        return Reading(None)
    if plain in SHEET_ERRORS:
        raise Unreadable("error", text)
    value = _period(plain, grain)
    if value is None:
        raise Unreadable("period", text)
    return Reading(value, () if value == text else ("period",))


def _period(plain: str, grain: str) -> str | None:
    if grain == "year":
        year = read_year(plain)
        return None if year is None else str(year)
    if grain == "day":
        try:
            day = read_date(plain, missing=()).value
        except Unreadable:
            return None
        return None if day is None else day.isoformat()
    if grain == "quarter":
        found = re.fullmatch(r"(\d{4})(?:年|-)?(?:第?([一二三四1-4])季度?|[Qq]([1-4]))", plain)
        return f"{found[1]}-Q{_QUARTER.get(found[2] or '', found[2] or found[3])}" if found else None
    # A spreadsheet makes "2023-05" the first day of May.
    plain = re.sub(r"(-\d\d)-01$", r"\1", plain) if re.fullmatch(r"\d{4}-\d\d-01", plain) else plain
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})月?", plain) or re.fullmatch(r"(\d{4})(\d{2})", plain)
    return f"{found[1]}-{int(found[2]):02d}" if found and 1 <= int(found[2]) <= 12 else None


def writable(text: str) -> str:
    r"""The text with U+FFFD for each character that a database or a file cannot hold: NUL, and half of a pair.

    >>> writable("a\x00b") == "a\ufffdb", writable("深圳")
    (True, '深圳')
    """
    return _UNWRITABLE.sub("\ufffd", text)


def safe_cell(value: object) -> object:
    """A cell for a CSV that people open in a spreadsheet: text that a spreadsheet would run as a formula gets an
    apostrophe in front; numbers stay numbers."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) and not _number(value)
        else value
    )


def _number(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None


def _shift(text: str, scale: str, rest: str, unit: str) -> int:
    """Powers of ten between the scale a cell names (1.2亿) and the unit of its field (万元).

    Unreadable where the field has no unit: 3.5亿 beside a column that says 亿元 would be wrong by 10**8."""
    own = next((name for name in sorted(SCALES, key=len, reverse=True) if unit.startswith(name)), "")
    base = unit.removeprefix(own)
    if unit in ("", "%", "‰") or rest not in ("", base, f"人民币{base}"):
        raise Unreadable("unit", text)
    return SCALES[scale] - (SCALES[own] if own else 0)


def _percent_shift(text: str, sign: str, unit: str) -> int:
    """Powers of ten between a percent sign and the unit: 12% is 12 in %, 0.12 as a share."""
    of = {"%": -2, "‰": -3, "share": 0, "份额": 0, "比例": 0, "0..1": 0}
    if unit not in of:
        raise Unreadable("percent", text)
    return of[sign] - of[unit]
