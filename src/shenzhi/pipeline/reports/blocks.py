"""What a report is made of: headings, sentences, tables, figures and notes as plain data, set twice (article 86).

A page (`page.py`) and a typeset document (`typeset.py`) render the same blocks, so they cannot say different things.
Text is in one language already. A number that was published is a `Linked`: it carries the address of its derivation.
"""

from __future__ import annotations

from dataclasses import dataclass

from shenzhi.pipeline.reports.chart import Chart
from shenzhi.pipeline.reports.multiples import SparkLine


@dataclass(frozen=True)
class Linked:
    """A piece of text with the address where it comes from, relative to the portal (it begins with a slash)."""

    text: str
    href: str


Span = str | Linked | SparkLine
Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """`level` 1 opens a section, 2 a part of it; `ident` is its anchor."""

    level: int
    text: str
    ident: str
    colour: str = ""


@dataclass(frozen=True)
class Paragraph:
    spans: Spans
    lead: bool = False


@dataclass(frozen=True)
class Points:
    """A list of statements."""

    items: tuple[Spans, ...]


@dataclass(frozen=True)
class Hero:
    """The one figure a page is about: `label` above, the value large, its unit, and what to know beside it."""

    label: str
    value: Span
    unit: str
    beside: Spans


@dataclass(frozen=True)
class Column:
    """`numeric` columns are set flush right with figures of one width; `share` is the part of the width it takes."""

    title: str
    numeric: bool = False
    share: float = 1.0


@dataclass(frozen=True)
class Table:
    """A table with its caption; the first column names the rows. Each cell is a run of spans; an empty one is a dash."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Spans, ...], ...]
    note: str = ""
    number: str = ""


@dataclass(frozen=True)
class Figure:
    chart: Chart
    ident: str
    number: str = ""


@dataclass(frozen=True)
class Note:
    """Something the reader must know before using the figures."""

    title: str
    spans: Spans


Block = Heading | Paragraph | Points | Hero | Table | Figure | Note
