"""Text cut for search, made for Chinese words of one or two characters: stretches, and their pairs of neighbours.

Chinese has no spaces, and cutting it into dictionary words loses about a third of two-character names. Where every pair
of neighbouring characters is indexed, a question finds each text that contains it, letter for letter.
"""

from __future__ import annotations

import re
import unicodedata
from operator import add

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f〇"
RUN = re.compile(f"[{HAN}]+|[a-z0-9]+")


def fold(text: str) -> str:
    """Full-width and half-width, capital and small letters made one."""
    return unicodedata.normalize("NFKC", text).lower()


def runs(text: str) -> list[str]:
    """The stretches of Chinese characters, and the Latin words and figures, of a text."""
    return RUN.findall(fold(text))


def is_han(run: str) -> bool:
    return not run[0].isascii()


def pairs(run: str) -> list[str]:
    """
    >>> pairs("质量强市")
    ['质量', '量强', '强市']
    """
    return list(map(add, run, run[1:]))
