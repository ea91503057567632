"""Where the states and moves of a procedure stand when it is drawn: in layers, so that its road goes one way.

States and moves are both boxes, and an arrow only ever joins a state and a move; so no arrow needs a label of its own.
What leads back to an earlier state is turned round while layers are found, and drawn as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from shenzhi.kernel.procedures.declaration import FILE, Move, Procedure, State

SWEEPS = 8


@dataclass(frozen=True)
class Box:
    """The start (neither state nor move), a state, or a move; a move that stays where it is has a box for each state."""

    code: str
    state: State | None = None
    move: Move | None = None


@dataclass(frozen=True)
class Layout:
    """Boxes by code, arrows between them, and the layers from first to last, each in the order in which it is drawn: codes
    of boxes, and places where an arrow passes through."""

    boxes: Mapping[str, Box]
    arrows: tuple[tuple[str, str], ...]
    layers: tuple[tuple[str, ...], ...]
    passing: Mapping[int, tuple[str, ...]]
    """For an arrow that passes through layers, the places it passes, from the upper box to the lower."""


START = f"act-{FILE}"


def laid_out(procedure: Procedure) -> Layout:
    """The layout of a procedure; the same procedure always gives the same one."""
    boxes, arrows = _graph(procedure)
    return _ordered(boxes, arrows, _layers(boxes, arrows))


def _graph(procedure: Procedure) -> tuple[dict[str, Box], list[tuple[str, str]]]:
    boxes = {START: Box(START)}
    boxes |= {f"state-{state.code}": Box(f"state-{state.code}", state=state) for state in procedure.states}
    arrows = [(START, f"state-{procedure.first.code}")]
    for move in procedure.moves:
        if move.to:
            code = f"act-{move.code}"
            boxes[code] = Box(code, move=move)
            arrows += [(f"state-{source}", code) for source in move.source]
            arrows.append((code, f"state-{move.to}"))
        else:
            for source in move.source:
                code = f"act-{move.code}-{source}"
                boxes[code] = Box(code, move=move)
                arrows += [(f"state-{source}", code), (code, f"state-{source}")]
    return boxes, arrows


def _layers(boxes: Iterable[str], arrows: list[tuple[str, str]]) -> dict[str, int]:
    """The layer of each box: one below the lowest that leads to it, what leads back left out."""
    onward: dict[str, list[str]] = {code: [] for code in boxes}
    for source, to in arrows:
        onward[source].append(to)
    back: set[tuple[str, str]] = set()
    done: dict[str, bool] = {}  # False while the road through the box is being walked

    def walk(code: str) -> None:
        done[code] = False
        for to in onward[code]:
            if to not in done:
                walk(to)
            elif not done[to]:
                back.add((code, to))
        done[code] = True

    walk(START)
    layer = dict.fromkeys(boxes, 0)
    forward = [arrow for arrow in arrows if arrow not in back]
    for _ in layer:  # no road is longer than there are boxes
        for source, to in forward:
            layer[to] = max(layer[to], layer[source] + 1)
    return layer


def _ordered(boxes: dict[str, Box], arrows: list[tuple[str, str]], layer: dict[str, int]) -> Layout:
    """Layers in the order with few crossings: each box moves to the middle of its neighbours, down and up by turns."""
    rows: list[list[str]] = [[] for _ in range(max(layer.values()) + 1)]
    for code in boxes:
        rows[layer[code]].append(code)
    beside: dict[str, list[str]] = {code: [] for code in boxes}
    passing: dict[int, tuple[str, ...]] = {}
    for number, (source, to) in enumerate(arrows):
        upper, lower = sorted((source, to), key=lambda code: layer[code])
        places = [f"pass-{number}-{at}" for at in range(layer[upper] + 1, layer[lower])]
        for at, passed in enumerate(places, start=layer[upper] + 1):
            rows[at].append(passed)
            beside[passed] = []
        chain = [upper, *places, lower]
        for one, other in pairwise(chain):
            beside[one].append(other)
            beside[other].append(one)
        if places:
            passing[number] = tuple(places)
    row_of = {code: number for number, row in enumerate(rows) for code in row}
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for number in range(len(rows)) if down else reversed(range(len(rows))):
            place = {code: (at + 0.5) / len(row) for row in rows for at, code in enumerate(row)}
            near = number - 1 if down else number + 1

            def middle(code: str, place: dict[str, float] = place, near: int = near) -> float:
                found = [place[other] for other in beside[code] if row_of[other] == near]
                return sum(found) / len(found) if found else place[code]

            rows[number].sort(key=middle)
    return Layout(boxes, tuple(arrows), tuple(map(tuple, rows)), passing)
