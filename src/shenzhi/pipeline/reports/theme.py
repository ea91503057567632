"""Colours, fonts and measures of every chart, page and report, written down once (article 86).

The six domain colours stay apart for readers who see no red, no green or no blue, and each has at least 3:1 of
contrast against its paper, in light and in dark. The stylesheet of the portal uses the same names as CSS variables
(`--domain-ecology`, `--ink`); print uses the light values.
"""

from __future__ import annotations

from dataclasses import dataclass

import pylopdf_fonts_zh_cn

DOMAIN_CODES = ("economy", "culture", "society", "ecology", "urban", "government")


@dataclass(frozen=True)
class Token:
    """One colour under one name: on light paper (and in print) and on dark paper."""

    name: str
    light: str
    dark: str

    @property
    def variable(self) -> str:
        """How a stylesheet or an SVG refers to it; the light value stands in where no stylesheet is loaded."""
        return f"var(--{self.name}, {self.light})"


TOKENS: dict[str, Token] = {
    token.name: token
    for token in (
        Token("domain-economy", "#023a96", "#7bb5fe"),
        Token("domain-culture", "#711d52", "#ef7ba3"),
        Token("domain-society", "#da6d07", "#c66c38"),
        Token("domain-ecology", "#4ca177", "#a4e09e"),
        Token("domain-urban", "#705c0b", "#c7ac1e"),
        Token("domain-government", "#1c7d79", "#4fe6f2"),
        Token("domain-standards", "#9d7cd5", "#8f7be0"),
        Token("ink", "#16191f", "#f0f1f3"),
        Token("ink-soft", "#5b626d", "#a6adb8"),
        Token("rule", "#d9dce1", "#363c46"),
        Token("paper", "#ffffff", "#12161c"),
        Token("accent", "#b3121d", "#ff8077"),
    )
}

# The fonts of a page, for a drawing that a page shows as a picture of its own (the stylesheet names the same).
PAGE_FONTS = '"PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", system-ui, sans-serif'
FONT_FAMILY = "Noto Sans SC"
SERIF_FAMILY = "Noto Serif SC"
FONT_DIRECTORY = pylopdf_fonts_zh_cn.sans_path().parent

# Text in a chart, in CSS pixels: the second size is for a chart drawn 320 pixels wide.
TEXT_SIZE = 13
SMALL_TEXT_SIZE = 12


def domain_colour(domain: str) -> str:
    """The light colour of a domain; anything outside the six and the standards is drawn in ink."""
    token = TOKENS.get(f"domain-{domain}", TOKENS["ink"])
    return token.light


def colour(name: str) -> str:
    """The light value of a token; in an SVG for a page it becomes a reference to the CSS variable."""
    return TOKENS[name].light


def css_variables() -> str:
    """The tokens as a stylesheet: light by default, dark where the reader's system or the page asks for it."""
    light = _declarations("light")
    dark = _declarations("dark")
    return (
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme='light']) {{ {dark} }} }}\n"
        f":root[data-theme='dark'] {{ {dark} }}\n"
        f"@media print {{ :root {{ {light} }} }}\n"
    )


def _declarations(mode: str) -> str:
    return " ".join(f"--{token.name}: {getattr(token, mode)};" for token in TOKENS.values())


def chart_css() -> str:
    """What a page needs besides the variables: charts at their size or less, and the variant that fits the place."""
    return (
        ".chart { display: block; height: auto; max-width: 100%; overflow: visible; }\n"
        ".chart-wide { width: 100%; max-width: 680px; } .chart-narrow { width: 100%; max-width: 420px; }\n"
        ".chart text { font-variant-numeric: tabular-nums; }\n"
        "@media (max-width: 599.98px) { .chart-wide:has(+ .chart-narrow) { display: none; } }\n"
        "@media (min-width: 600px) { .chart-wide + .chart-narrow { display: none; } }\n"
        "@media print { .chart-wide + .chart-narrow { display: none; } .chart-wide:has(+ .chart-narrow) "
        "{ display: block; } }\n"
    )
