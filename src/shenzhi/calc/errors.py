"""Errors that say what is wrong, and the way out, in Chinese and in English: what a clerk typed is answered in his language.

The floor of calculations knows no page and no language of a reader, so an error here carries both.
"""

from __future__ import annotations


class BilingualError(ValueError):
    """`zh` and `en` say the same thing; `str()` gives both."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)  # both as arguments, so that the error can be pickled between processes
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return f"{self.zh} · {self.en}"
