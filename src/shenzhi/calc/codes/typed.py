"""Codes as people type them: capitals or not, full width, spaces, hyphens; and the error that says which character is wrong."""

from __future__ import annotations

import re

from shenzhi.calc.errors import BilingualError
from shenzhi.calc.figures import fold

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100: digits and letters without I, O, S, V and Z, which are misread as 1, 0, 5, U and 2.

31 is a prime, so a sum with weights 1, 3, 9, ... modulo 31 tells any single wrong character, and any two neighbours
that changed places, from the right one (GB/T 17710, ISO 7064: a pure system)."""

_MISREAD = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}
_SET_ASIDE = re.compile(r"[\s\-‐‑‒–—·.]+")


class CodeError(BilingualError):
    """A code cannot be right. `position` counts its characters from 1, spaces and hyphens left out; 0: the whole code."""

    def __init__(self, zh: str, en: str, position: int = 0) -> None:
        super().__init__(zh, en)
        self.position = position

    def __reduce__(self) -> tuple[type[CodeError], tuple[str, str, int]]:
        return type(self), (self.zh, self.en, self.position)


def plain(text: str) -> str:
    """The bare code: ordinary width, capitals, without spaces, hyphens and dots."""
    bare = _SET_ASIDE.sub("", fold(text))
    return "".join(character.upper() if character.isascii() else character for character in bare)


def instead_of(character: str) -> tuple[str, str]:
    """What a letter that codes do not use was probably meant to be, in both languages; nothing for any other."""
    meant = _MISREAD.get(character)
    return (f"，也许是 {meant}", f"; perhaps {meant} was meant") if meant else ("", "")
