"""How the code names articles of the quality regulation: "84", "49-51", "84, 86", or one duty, "86.2".

Every source, indicator, register and page that serves an article says so with such a text; this is its only reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shenzhi.kernel.words import Words

LAST = 97
"""The regulation has 97 articles."""

_SEPARATOR = re.compile(r"[,，、;；]")
_RANGE = re.compile(r"(\d+)\s*[-–—~至]\s*(\d+)")
_DIGITS = "零一二三四五六七八九"
_PLACES = {"十": 10, "百": 100}


class ArticleError(ValueError):
    """A text names no article of the regulation; the message says which part and how to write it."""


@dataclass(frozen=True, order=True)
class Reference:
    """An article, or one of its duties, counted from 1 in the register; `duty` 0 means the article as a whole."""

    article: int
    duty: int = 0

    def __str__(self) -> str:
        return f"{self.article}.{self.duty}" if self.duty else str(self.article)


def references(given: str) -> tuple[Reference, ...]:
    """What the text names, in order and once each; empty for an empty text, ArticleError for anything unclear."""
    found: set[Reference] = set()
    for part in filter(None, (piece.strip() for piece in _SEPARATOR.split(given))):
        if match := _RANGE.fullmatch(part):
            first, last = int(match[1]), int(match[2])
            if first >= last:
                raise ArticleError(f"{part!r} runs backwards: write the smaller article first, as in 49-51")
            found.update(Reference(_known(number, given)) for number in range(first, last + 1))
        elif match := re.fullmatch(r"(\d+)(?:\.([1-9]\d*))?", part):
            found.add(Reference(_known(int(match[1]), given), int(match[2] or 0)))
        else:
            raise ArticleError(
                f"{part!r} names no article: write a number, a range or a duty, as in 84, 49-51 or 86.2"
            )
    return tuple(sorted(found))


def articles(given: str) -> tuple[int, ...]:
    """The numbers of the articles that the text names, in order and once each."""
    return tuple(sorted({one.article for one in references(given)}))


def called(number: int) -> Words:
    """What people call an article: 第八十六条, Article 86."""
    return Words(f"第{in_chinese(number)}条", f"Article {number}")


def in_chinese(number: int) -> str:
    """A number from 1 to 999 in Chinese numerals, as laws write it: 10 is 十, 86 is 八十六, 105 is 一百零五."""
    if not 1 <= number <= 999:
        raise ValueError(f"{number} is outside 1..999")
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{_DIGITS[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")


def from_chinese(text: str) -> int:
    """The number that Chinese numerals (八十六) or digits of either width name; ValueError for anything else."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, 0
    for sign in text.replace("〇", "零"):
        if sign in _PLACES:
            total += (digit or 1) * _PLACES[sign]
            digit = 0
        elif sign in _DIGITS:
            digit = _DIGITS.index(sign)
        else:
            raise ValueError(f"{text!r} is not a Chinese number")
    # writing the number back refuses 十百, 八六 and other heaps of signs that only look like numbers
    number = total + digit
    if not 1 <= number <= 999 or in_chinese(number) not in (text, text.removeprefix("一")):
        raise ValueError(f"{text!r} is not a Chinese number")
    return number


def _known(number: int, given: str) -> int:
    if not 1 <= number <= LAST:
        raise ArticleError(f"{given!r} names article {number}: the regulation has articles 1 to {LAST}")
    return number
