"""Names of fields and choices that speak the reader's language wherever Django shows them."""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language, override

from shenzhi.kernel.words import Words


def _in_use(zh: str, en: str) -> str:
    return Words(zh, en).say(get_language() or "zh-hans")


_label = lazy(_in_use, str)


def label(zh: str, en: str) -> Any:
    """A name in both languages for a model's field, help text or choice: `models.CharField(label("年度", "Year"))`.

    Migrations keep the Chinese text, so the same models always give the same migrations.
    """
    return _label(zh, en)


def words_of(given: Any) -> Words:
    """The pair behind a name; a plain text is the same in both languages."""
    if isinstance(given, Words):
        return given
    with override("zh-hans"):
        zh = str(given)
    with override("en"):
        return Words(zh, str(given))
