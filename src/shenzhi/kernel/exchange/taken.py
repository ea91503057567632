"""What is taken out of a register for an export, before it has a form: columns, and rows a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.words import Words


@dataclass(frozen=True)
class Out:
    """A column of an export. `part` is "" for the field itself, "code" and "name" for the two columns of a reference."""

    name: str
    title: Words
    kind: str
    field: str
    part: str = ""


@dataclass(frozen=True)
class Taken:
    """What is exported: the columns, and the rows as values, a few thousand at a time."""

    register: Register
    columns: tuple[Out, ...]
    chunks: Iterator[list[list[Any]]]
    note: Words
    at: str
