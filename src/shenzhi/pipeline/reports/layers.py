"""Building blocks of a chart's specification: texts at pixels, colours as given, units, shared words (article 86)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import theme

NO_WORDS = Words("", "")


def with_unit(text: str, unit: Words, language: str) -> str:
    """A written number with its unit: 86.2分, 12.3%, 2,310 µg/m³, 86.2 points."""
    name = unit.say(language)
    close = not name or name[0] in "%‰°" or ord(name[0]) > 0x2E7F
    return f"{text}{name}" if close else f"{text} {name}"


def titled(title: Words, unit: Words) -> Words:
    """A title with its unit behind it: 细颗粒物（微克/立方米）."""
    return Words(
        f"{title.zh}（{unit.zh}）" if unit.zh else title.zh,
        f"{title.en} ({unit.en})" if unit.en else title.en,
    )


def as_given(name: str) -> dict[str, Any]:
    """A channel whose values are colours or shapes already."""
    return {"field": name, "type": "nominal", "scale": None, "legend": None}


def pixels(name: str) -> dict[str, Any]:
    """A channel whose values are pixels of the plot already."""
    return {"field": name, "type": "quantitative", "scale": None, "axis": None}


def texts(
    labels: Sequence[dict[str, Any]], *, align: str = "left", weight: int = 400, soft: bool = False
) -> dict[str, Any]:
    """Texts at places given in pixels of the plot."""
    mark: dict[str, Any] = {"type": "text", "align": align}
    if weight != 400:
        mark["fontWeight"] = weight
    if soft:
        mark["color"] = theme.colour("ink-soft")
    return {
        "data": {"values": list(labels)},
        "mark": mark,
        "encoding": {"x": pixels("x"), "y": pixels("y"), "text": {"field": "text", "type": "nominal"}},
    }
