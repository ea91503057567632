"""Chinese and English side by side: every name that a reader sees is a pair, so that neither can be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Words:
    """One phrase in Chinese and in English."""

    zh: str
    en: str

    def say(self, language: str) -> str:
        """The phrase in `language`: "en" and its variants give English, anything else Chinese."""
        return self.en if language.startswith("en") else self.zh

    def __str__(self) -> str:
        return self.zh

    @classmethod
    def of(cls, given: Words | Mapping[str, Any] | tuple[str, str]) -> Words:
        """Words from a `{zh, en}` mapping or a pair; ValueError names the language that is missing."""
        if isinstance(given, Words):
            return given
        if isinstance(given, tuple):
            return cls(*given)
        missing = [language for language in LANGUAGES if not str(given.get(language) or "").strip()]
        if missing:
            raise ValueError(f"text for {' and '.join(missing)} is missing: write {{zh: ..., en: ...}}")
        return cls(str(given["zh"]), str(given["en"]))


# How a long step tells what it is at: the step in words, how much is done, of how much (0 when that is not known).
Progress = Callable[[Words, int, int], None]
