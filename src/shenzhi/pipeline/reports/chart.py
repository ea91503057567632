"""A chart: one specification, drawn as SVG for pages, print and download, with its table and its source (article 86).

The specification is Vega-Lite as plain data, with Words where a reader sees text. Drawing happens on the server
through vl-convert; a page needs no script. Drawings are kept in memory and under SHENZHI_HOME/cache/charts, which
can be deleted whenever the server is stopped: pages in its memory name what is kept there.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.city import home
from shenzhi.pipeline.reports import engine, measures, theme
from shenzhi.pipeline.reports.layers import titled

Width = Literal["wide", "narrow"]
Ink = Literal["page", "print"]
Cell = str | float | Words | None

# Vega measures each text to lay it out; in this small face, which vl-convert carries, that costs a third of what it
# costs in a Chinese font. No drawing is shown in it: pages use their own font stack, print uses theme.FONT_FAMILY.
MEASURING_FONT = "Liberation Sans"


@dataclass(frozen=True)
class Place:
    """Where a drawing will stand: how wide it is, how large its text, and in which language, for room for names."""

    language: str
    pixels: int
    size: int

    @property
    def narrow(self) -> bool:
        return self.pixels < 400

    def room(self, *names: Words) -> float:
        """The width in pixels of the longest of the names."""
        return max((measures.text_width(name.say(self.language), self.size) for name in names), default=0.0)

    def fit(self, name: Words, room: float) -> str:
        """The name, cut with an ellipsis where it does not fit."""
        return measures.shortened(name.say(self.language), room, self.size)


PLACES: dict[Width, tuple[int, int]] = {
    "wide": (680, theme.TEXT_SIZE),
    "narrow": (320, theme.SMALL_TEXT_SIZE),
}

Draw = Callable[[Place], dict[str, Any]]

SCALE = 2.0  # pixels of a PNG for each of the drawing
# What a chart can be taken away as, by the ending of its address; "file.svg", for ".svg" is the drawing of a page.
FORMS = {
    "file.svg": "image/svg+xml; charset=utf-8",
    "png": "image/png",
}


@dataclass(frozen=True)
class Ordered:
    """A drawing that is not there yet: its name, how wide it will stand, and its size in pixels, so that a page can
    leave room for it. `drawing(key)` makes it."""

    key: str
    width: Width
    pixels: tuple[int, int]


@dataclass(frozen=True)
class File:
    """A chart to take away: its file name, what it is, and its bytes."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Chart:
    """One chart in all its forms. `draw` makes its Vega-Lite specification for a place; `columns` and `rows` are the
    table beside it; `note` says what marks mean (hollow, gap, interval)."""

    title: Words
    description: Words
    source: Words
    unit: Words
    columns: tuple[Words, ...]
    rows: tuple[tuple[Cell, ...], ...]
    draw: Draw = field(repr=False, compare=False)
    note: Words | None = None
    decimals: int | None = None
    # a page asks for the same drawing as kept, as ordered and as a file: its specification is written once
    _orders: dict[tuple[str, Width], tuple[str, str, str, Width]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def spec(self) -> dict[str, Any]:
        """The Vega-Lite specification for a wide place, in Chinese."""
        return self.specification("zh")

    def specification(self, language: str, width: Width = "wide") -> dict[str, Any]:
        """Plain Vega-Lite in one language, to hand out or to draw elsewhere."""
        language = "en" if language.startswith("en") else "zh"
        pixels, size = PLACES[width]
        spec: dict[str, Any] = in_language(self.draw(Place(language, pixels, size)), language)
        return spec

    def svg(self, language: str, width: Width = "wide", ident: str = "") -> str:
        """SVG to put into a page: colours are the page's CSS variables, text is in the page's own fonts.

        Its ids follow from what it shows; a page that shows one chart twice gives each an `ident` of its own."""
        return _named(_drawn(*self._order(language, width), "page"), width, ident)

    def both(self, language: str, ident: str = "") -> str:
        """The wide and the narrow SVG; `theme.chart_css()` shows the one that fits and hides the other."""
        return self.svg(language, "wide", ident) + self.svg(language, "narrow", ident)

    def kept(self, language: str, ident: str = "") -> str | None:
        """What `both` gives, where both drawings have been made before; None where somebody would have to wait."""
        found = [(_read(_path(_key(*self._order(language, width), "page"))), width) for width in PLACES]
        named = [_named(drawing, width, ident) for drawing, width in found if drawing]
        return "".join(named) if len(named) == len(PLACES) else None

    def ordered(self, language: str) -> tuple[Ordered, ...]:
        """The wide and the narrow drawing as orders that `drawing` carries out; empty when they cannot be kept."""
        made = []
        for width in PLACES:
            order = self._order(language, width)
            key, spec = _key(*order, "page"), json.loads(order[0])
            if not _keep_order(_path(key, "json"), json.dumps((*order, "page"), ensure_ascii=False)):
                return ()
            made.append(Ordered(key, width, _size(spec, width)))
        return tuple(made)

    def pdf_svg(self, language: str, width: Width = "wide") -> str:
        """SVG with fixed colours and the font of the report, for print."""
        return _drawn(*self._order(language, width), "print")

    def file_svg(self, language: str) -> str:
        """SVG to download: print colours, with title, unit, note and source in the picture."""
        return _with_frame(self.pdf_svg(language), self.heading(language), self.feet(language))

    def png(self, language: str, scale: float = SCALE) -> bytes:
        """PNG to download, with title, unit, note and source in the picture."""
        return engine.png(self.file_svg(language), scale)

    def heading(self, language: str) -> str:
        """The title with its unit behind it."""
        return titled(self.title, self.unit).say(language)

    def feet(self, language: str) -> list[str]:
        """What stands under the drawing: what its marks mean, and its source."""
        return [words.say(language) for words in (self.note, self.source) if words and words.say(language)]

    def to_take_away(self, language: str, name: str) -> str:
        """The key by which `file` gives this chart as a file called `name`; "" where the order cannot be kept.

        Nothing is drawn before somebody asks."""
        order = {
            "drawing": (*self._order(language, "wide"), "print"),
            "heading": self.heading(language),
            "feet": self.feet(language),
            "name": name,
        }
        text = json.dumps(order, ensure_ascii=False)
        key = hashlib.sha256((_layer() + text).encode()).hexdigest()
        return key if _keep_order(_path(key, "file.json"), text) else ""

    def cells(self, language: str) -> list[list[str]]:
        """The table beside the chart as text: exact values, missing ones as a dash."""
        return [[cell_text(cell, language, self.decimals) for cell in row] for row in self.rows]

    def _order(self, language: str, width: Width) -> tuple[str, str, str, Width]:
        if (language, width) not in self._orders:
            spec = json.dumps(self.specification(language, width), ensure_ascii=False, sort_keys=True)
            said = self.title.say(language), self.description.say(language)
            self._orders[language, width] = (spec, *said, width)
        return self._orders[language, width]


def cell_text(cell: Cell, language: str, decimals: int | None = None) -> str:
    """One cell of a table as text."""
    if isinstance(cell, Words):
        return cell.say(language)
    return cell if isinstance(cell, str) else measures.number(cell, decimals)


def in_language(given: Any, language: str) -> Any:
    """The same data with every Words said in `language`."""
    if isinstance(given, Words):
        return given.say(language)
    if isinstance(given, Mapping):
        return {key: in_language(value, language) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [in_language(value, language) for value in given]
    return given


@lru_cache(maxsize=1024)
def _drawn(spec: str, title: str, description: str, width: Width, ink: Ink) -> str:
    key = _key(spec, title, description, width, ink)
    path = _path(key)
    if (before := _read(path)) is not None:
        return before
    drawing = _dressed(engine.svg(json.loads(spec)), title, description, width, ink, key[:12])
    _keep(path, drawing.encode())
    return drawing


def _named(drawing: str, width: Width, ident: str) -> str:
    """The drawing with `ident` in its ids, where one is given."""
    return (
        _OWN_ID.sub(rf"{html.escape(ident, quote=True)}-{width}-\1", drawing, count=4) if ident else drawing
    )


def drawing(key: str) -> str | None:
    """The drawing of an order as a file that stands alone, with its own colours; None for an order nobody gave."""
    if not _NAME.fullmatch(key):
        return None
    if (made := _read(_path(key))) is None:
        if (order := _read(_path(key, "json"))) is None:
            return None
        made = _drawn(*json.loads(order))
    look = f"{theme.css_variables()}svg {{ font-family: {theme.PAGE_FONTS}; font-variant-numeric: tabular-nums; }}"
    root, bracket, rest = made.partition(">")
    return f"{root}{bracket}<style>{look}</style>{rest}"


def file(key: str, form: str) -> File | None:
    """An ordered chart as a file in one of FORMS; None for an order nobody gave. A PNG is made once and kept."""
    if not _NAME.fullmatch(key) or form not in FORMS or (given := _read(_path(key, "file.json"))) is None:
        return None
    order = json.loads(given)
    path = _path(key, "png")
    if form == "png" and path.exists():
        content = path.read_bytes()
    else:
        svg = _with_frame(_drawn(*order["drawing"]), order["heading"], order["feet"])
        content = svg.encode()
        if form == "png":
            content = engine.png(svg, SCALE)
            _keep(path, content)
    return File(f"{order['name']}.{form.rpartition('.')[2]}", FORMS[form], content)


def _key(spec: str, title: str, description: str, width: Width, ink: Ink) -> str:
    return hashlib.sha256("\0".join((_layer(), spec, title, description, width, ink)).encode()).hexdigest()


def _path(key: str, form: str = "svg") -> Path:
    return home() / "cache" / "charts" / key[:2] / f"{key}.{form}"


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


@cache
def _layer() -> str:
    """What drawings depend on besides their specification: this layer's code and the engine's version."""
    folder = Path(__file__).parent
    code = b"".join((folder / name).read_bytes() for name in ("chart.py", "theme.py"))
    return hashlib.sha256(code).hexdigest() + engine.VERSION


def _keep_order(path: Path, text: str) -> bool:
    return path.exists() or _keep(path, text.encode())  # its name says what it holds


def _keep(path: Path, content: bytes) -> bool:
    # A cache that cannot be written costs time, not correctness: a read-only disk must not stop a page.
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        os.replace(name, path)
    except OSError:
        return False
    return True


_NAME = re.compile(r"[0-9a-f]{64}")
_DROPPED = re.compile(
    r' (?:aria-roledescription|class|pointer-events|xmlns:xlink|version|stroke-miterlimit)="[^"]*"'
    r'| (?:opacity|stroke-opacity|fill-opacity)="1"| role="graphics-object"| aria-hidden="true"'
)
_NOTHING = re.compile(
    r'<rect [^>]*fill="transparent"/>|<path d="(?:M0,0h0v0h0Z|)"[^>]*/>|<path (?:display="none" )?d=""[^>]*/>'
)
_EMPTY_GROUP = re.compile(r"<g(?: [^>]*)?></g>")
_ROOT = re.compile(r"<svg [^>]*?viewBox=\"([^\"]+)\"[^>]*>")
_FONT = re.compile(r' font-family="[^"]*"')
_OWN_ID = re.compile(r"chart-[0-9a-f]{12}-(title|desc)")
_HEX = re.compile(r'(fill|stroke)="(#[0-9a-fA-F]{6})"')


def _dressed(drawing: str, title: str, description: str, width: Width, ink: Ink, ident: str) -> str:
    drawing = _DROPPED.sub("", drawing)
    drawing = _NOTHING.sub("", drawing)
    while _EMPTY_GROUP.search(drawing):
        drawing = _EMPTY_GROUP.sub("", drawing)
    if ink == "page":
        drawing = _FONT.sub("", drawing)
        variables = {token.light: token.variable for token in theme.TOKENS.values()}
        drawing = _HEX.sub(lambda hit: f'{hit[1]}="{variables.get(hit[2].lower(), hit[2])}"', drawing)
        size, marks = 'width="100%"', f'class="chart chart-{width}" '
    else:
        drawing = _FONT.sub(f' font-family="{theme.FONT_FAMILY}"', drawing)
        size, marks = "", ""
    ident = f"chart-{ident}"
    found = _ROOT.match(drawing)
    assert found, "the drawing engine gave no SVG root"
    box = found[1]
    if not size:
        size = 'width="{2}" height="{3}"'.format(*box.split())
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {marks}viewBox="{box}" {size} role="img" '
        f'aria-labelledby="{ident}-title {ident}-desc"><title id="{ident}-title">{html.escape(title)}</title>'
        f'<desc id="{ident}-desc">{html.escape(description)}</desc>'
    )
    return head + drawing[found.end() :]


def _with_frame(drawing: str, heading: str, feet: Sequence[str]) -> str:
    """The print drawing between its title and its source, for a file that travels alone."""
    found = re.match(r'<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>', drawing)
    assert found
    width, height = float(found[1]), float(found[2])
    margin, size = 16, theme.TEXT_SIZE
    title = measures.wrapped(heading, width, size + 4)
    foot = [line for text in feet for line in measures.wrapped(text, width, size - 2)]
    top = margin + len(title) * (size + 11)
    total = top + height + len(foot) * (size + 5) + 2 * margin
    texts = [
        _line(text, margin, margin + size + 4 + at * (size + 11), size + 4, "ink")
        for at, text in enumerate(title)
    ] + [
        _line(text, margin, top + height + margin + size + at * (size + 5), size - 2, "ink-soft")
        for at, text in enumerate(foot)
    ]
    outer = f'viewBox="0 0 {width + 2 * margin:g} {total:g}"'
    inner = drawing.replace("<svg ", f'<svg x="{margin}" y="{top:g}" ', 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {outer} width="{width + 2 * margin:g}" height="{total:g}">'
        f'<rect width="100%" height="100%" fill="{theme.colour("paper")}"/>{"".join(texts)}{inner}</svg>'
    )


def _line(text: str, x: float, y: float, size: float, ink: str) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="{theme.FONT_FAMILY}" font-size="{size}" '
        f'fill="{theme.colour(ink)}">{html.escape(text)}</text>'
    )


def _size(spec: Mapping[str, Any], width: Width) -> tuple[int, int]:
    """The pixels that a drawing will take: exactly for one plot; for plots side by side, which fill their place, the
    height with as much room above each row as there is between two."""
    edges = spec["padding"]
    if "concat" not in spec:
        across = spec["width"] + edges["left"] + edges["right"]
        return round(across), round(spec["height"] + edges["top"] + edges["bottom"])
    rows = -(-len(spec["concat"]) // spec["columns"])
    return PLACES[width][0], round(rows * (spec["concat"][0]["height"] + spec["spacing"]["row"]))


def specification(
    parts: Sequence[dict[str, Any]],
    *,
    width: float,
    height: float,
    padding: tuple[float, float, float, float],
    text_size: int,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Layers on one plot of `width` x `height` pixels with `padding` (left, right, top, bottom) around it.

    Nothing is left to automatic layout, so that labels are placed by us and drawing stays fast."""
    left, right, top, bottom = padding
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "autosize": "none",
        "padding": {"left": left, "right": right, "top": top, "bottom": bottom},
        "background": "transparent",
        "layer": list(parts),
        "config": config(text_size),
        **(extra or {}),
    }


def config(text_size: int) -> dict[str, Any]:
    """The theme as Vega-Lite configuration."""
    return {
        "font": MEASURING_FONT,
        "view": {"stroke": None},
        "text": {"fontSize": text_size, "color": theme.colour("ink"), "aria": False, "baseline": "middle"},
        "line": {"strokeWidth": 2, "strokeJoin": "round", "strokeCap": "round", "aria": False},
        "rule": {"aria": False, "color": theme.colour("rule")},
        "area": {"aria": False},
        "axis": {
            "aria": False,
            "title": None,
            "domain": False,
            "ticks": False,
            "grid": False,
            "gridColor": theme.colour("rule"),
            "domainColor": theme.colour("ink-soft"),
            "tickColor": theme.colour("ink-soft"),
            "labelColor": theme.colour("ink-soft"),
            "labelFontSize": text_size - 1,
            "labelPadding": 6,
            "labelOverlap": False,
            "labelAngle": 0,
            "labelLimit": 0,
        },
    }
