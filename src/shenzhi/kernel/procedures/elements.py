"""The elements of a procedure as BPMN has them: events, gateways, tasks and timers, in lanes, with the flows between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shenzhi.kernel.access.roles import SYSTEM
from shenzhi.kernel.procedures.declaration import FILE, Move, Procedure
from shenzhi.kernel.procedures.layout import START, Layout, laid_out
from shenzhi.kernel.words import Words

WATCH = "supervisor"
"""The lane of electronic supervision, where clocks that have run out end."""


@dataclass(frozen=True)
class Node:
    """One element of the flow: its kind as BPMN names it, its lane, and its place among the columns of the drawing.

    A task has its move, a state its code; a timer the task `on` which it sits and the rule of its clock.
    """

    code: str
    kind: str
    title: Words
    lane: str
    column: int
    move: Move | None = None
    state: str = ""
    on: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Elements:
    """The nodes by code, the roles with a lane from top to bottom, and each flow with where it comes from and leads to."""

    nodes: Mapping[str, Node]
    lanes: tuple[str, ...]
    flows: Mapping[str, tuple[str, str]]


def elements(procedure: Procedure, files: tuple[str, ...]) -> Elements:
    """What a procedure consists of; `files` are the roles that may hand a case in."""
    layout = laid_out(procedure)
    nodes = _steps(procedure, layout, files)
    lanes = [node.lane for node in nodes.values()]
    flows = {f"flow-{number}": arrow for number, arrow in enumerate(layout.arrows)}
    for state in procedure.states:
        box = next(one for one in nodes.values() if one.state == state.code)
        if state.final and box.kind == "exclusiveGateway":
            # nothing flows out of an end: a case that may be taken up again rests at a choice, one way out of which ends it
            end = f"end-{state.code}"
            nodes[end] = Node(end, "endEvent", state.title, box.lane, box.column + 1)
            flows[f"flow-{end}"] = (box.code, end)
    for clock in procedure.clocks:
        tasks = [node for node in nodes.values() if node.move and node.move.code in clock.ends]
        if not tasks:
            continue
        late = f"late-{clock.code}"
        title = Words(f"{clock.title.zh}：超期亮红灯", f"{clock.title.en}: red lamp")
        nodes[late] = Node(late, "endEvent", title, WATCH, max(task.column for task in tasks) + 1)
        lanes.append(WATCH)
        for at, task in enumerate(tasks):
            code = f"timer-{clock.code}-{at}"
            nodes[code] = Node(
                code, "boundaryEvent", clock.title, task.lane, task.column, on=task.code, rule=clock.rule
            )
            flows[f"flow-{code}"] = (code, late)
    return Elements(nodes, tuple(dict.fromkeys(lanes)), flows)


def _steps(procedure: Procedure, layout: Layout, files: tuple[str, ...]) -> dict[str, Node]:
    """The start, the states and the moves, column by column."""
    found = {}
    for column, codes in enumerate(layout.layers):
        for code in codes:
            box = layout.boxes.get(code)
            if box is None:
                continue  # where an arrow passes through
            if box.move:
                kind = "serviceTask" if box.move.by == (SYSTEM,) else "userTask"
                found[code] = Node(code, kind, box.move.title, box.move.by[0], column, box.move)
            elif box.state:
                rests = box.state.final and not procedure.moves_from(box.state.code)
                kind = "endEvent" if rests else "exclusiveGateway"
                lane = _lane_of_state(procedure, box.state.code)
                found[code] = Node(code, kind, box.state.title, lane, column, state=box.state.code)
            else:
                lane = files[0] if files else _lane_of_state(procedure, procedure.first.code)
                found[START] = Node(START, "startEvent", procedure.act_title(FILE), lane, column)
    return found


def _lane_of_state(procedure: Procedure, state: str) -> str:
    """The lane of who moves a case on from a state, or of who brought it there."""
    near = (*procedure.moves_from(state), *(move for move in procedure.moves if move.to == state))
    return near[0].by[0] if near else WATCH
