"""Public numbers of records, QT-0000042-5: letters of the register, a serial number, one check character.

A number is read out on the telephone and copied from paper, so whoever takes it down learns at once that a character is
wrong or two have changed places. The check character is the one that everybody in China knows from the end of the
unified social credit code (GB 32100: modulo 31, after GB/T 17710 and ISO 7064). The hybrid systems of ISO 7064 were
weighed and left: they let some neighbours change places unseen (MOD 11,10 in 1 of 45 pairs, MOD 37,36 in 1 of 630),
and MOD 37,36 ends numbers in I and O.

The check protects the letters too. A serial number has 7 digits, from 10 000 000 on 10 digits, and no other count, so a
letter misread as a digit never makes another number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shenzhi.calc.codes.typed import CodeError, instead_of, plain
from shenzhi.calc.codes.uscc import check_character

SHORT, LONG = 7, 10
"""How many digits a serial number has: the first ten million, and all after them."""
MOST_LETTERS = 6

_PREFIX = re.compile(f"[A-Z]{{1,{MOST_LETTERS}}}")
_PARTS = re.compile("([A-Z]*)([0-9]*)(.*)", re.DOTALL)


@dataclass(frozen=True)
class Number:
    """A public number taken apart; `str` gives its one written form."""

    prefix: str
    serial: int

    def __str__(self) -> str:
        digits = f"{self.serial:0{SHORT if self.serial < 10**SHORT else LONG}d}"
        return f"{self.prefix}-{digits}-{_check(self.prefix, digits)}"


def number(prefix: str, serial: int) -> str:
    """The public number of record `serial` in the register whose letters are `prefix`; CodeError if they make none.

    >>> number("QT", 42)
    'QT-0000042-5'
    """
    if not _PREFIX.fullmatch(prefix):
        raise CodeError(
            f"编号前缀“{prefix}”有误：应为 1 至 {MOST_LETTERS} 个大写拉丁字母",
            f"the prefix {prefix!r} of numbers is wrong: give 1 to {MOST_LETTERS} Latin capitals",
        )
    if not 0 <= serial < 10**LONG:
        raise CodeError(
            f"编号序号 {serial} 超出范围：应为 0 至 {10**LONG - 1}",
            f"the serial number {serial} is out of range: give 0 to {10**LONG - 1}",
        )
    return str(Number(prefix, serial))


def parse(text: str) -> Number:
    """The number that somebody typed, in any width and case, with or without hyphens and spaces.

    CodeError says what is wrong, and which check character the rest would ask for.
    """
    code = plain(text)
    found = _PARTS.fullmatch(code[:-1])
    prefix, digits, rest = found.groups() if found else ("", "", code)
    if not 1 <= len(prefix) <= MOST_LETTERS:
        raise CodeError(
            f"编号“{code}”开头应为 1 至 {MOST_LETTERS} 个字母，如 QT-0000042-5：请写全",
            f"the number {code!r} should begin with 1 to {MOST_LETTERS} letters, as in QT-0000042-5: write it whole",
            1,
        )
    if rest:
        position = len(prefix) + len(digits) + 1
        meant_zh, meant_en = instead_of(rest[0])
        raise CodeError(
            f"编号“{code}”第 {position} 位“{rest[0]}”有误：字母之后应为数字{meant_zh}",
            f"character {position} of the number {code!r}, {rest[0]!r}, is wrong: digits follow the letters{meant_en}",
            position,
        )
    if len(digits) not in (SHORT, LONG) or (len(digits) == LONG and int(digits) < 10**SHORT):
        raise CodeError(
            f"编号“{code}”的序号有 {len(digits)} 位：应为 {SHORT} 位（一千万起为 {LONG} 位），最后再加一位校验码，请写全",
            f"the number {code!r} has {len(digits)} digits before its check character: write all {SHORT} ({LONG} from ten million on)",
        )
    check = _check(prefix, digits)
    if code[-1] != check:
        raise CodeError(
            f"编号“{code}”的校验码是 {code[-1]}，按前面各位应为 {check}：请逐位核对",
            f"the number {code!r} ends in {code[-1]}, but what stands before it asks for {check}: compare every character",
            len(code),
        )
    return Number(prefix, int(digits))


def serial(text: str) -> int:
    """The serial number in a number that somebody typed: 42 for "qt 0000042 5"; CodeError as `parse`."""
    return parse(text).serial


def _check(prefix: str, digits: str) -> str:
    """Letters count 0 to 25 and may be any: GB 32100 gives I, O, S, V and Z no value, and prefixes need them."""
    return check_character([*(ord(letter) - ord("A") for letter in prefix), *map(int, digits)])
