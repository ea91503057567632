"""The stylesheet keeps its promises: the chart theme's colours, small files, and enough contrast to read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import shenzhi.web.portal as portal
from shenzhi.pipeline.reports import theme

STATIC = Path(portal.__file__).parent / "static" / "portal"
CSS = (STATIC / "shenzhi.css").read_text(encoding="utf-8")


def tokens(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})", text))


LIGHT = tokens(CSS[: CSS.index("@media")])
DARK = LIGHT | tokens(CSS[CSS.index("@media (prefers-color-scheme: dark)") : CSS.index("*, ::before")])


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance of an sRGB colour."""
    full = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_are_those_of_the_chart_theme() -> None:
    for name, token in theme.TOKENS.items():
        assert LIGHT[name].lower() == token.light.lower(), name
        assert DARK[name].lower() == token.dark.lower(), name


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_marks_can_be_told_from_what_they_stand_on(scheme: dict[str, str]) -> None:
    for text in ("ink", "ink-soft", "accent"):
        assert contrast(scheme[text], scheme["paper"]) >= 4.5, text
    for ground in ("band", "mark", "wash"):
        assert contrast(scheme["ink"], scheme[ground]) >= 4.5, ground
    for mark in ("edge", *(name for name in scheme if name.startswith("domain-"))):
        assert contrast(scheme[mark], scheme["paper"]) >= 3, mark


def test_a_drawing_on_its_own_is_set_in_the_fonts_of_the_page() -> None:
    assert f"--sans: {theme.PAGE_FONTS};" in CSS


def test_what_every_page_loads_stays_small() -> None:
    assert len(CSS.encode()) < 20_000
    assert (STATIC / "shenzhi.js").stat().st_size < 5_000


def test_nothing_is_loaded_from_another_host() -> None:
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "//" not in re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE) or "http" not in text
        assert "@import" not in text
        assert "url(" not in text
