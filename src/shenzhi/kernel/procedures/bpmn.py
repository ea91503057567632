"""A procedure as BPMN 2.0 (ISO/IEC 19510), for modellers and engines that offices use already.

What stands for what: handing in is the start event; a state is an exclusive gateway, where the next move is chosen, or an
end event where it ends the procedure; a move is a user task (a service task where only the platform makes it) in the
lane of the first role that may make it, with every role as a potential owner. A clock is a timer at each task that would
end it: when it runs out the lamp turns red, and the work goes on, so the timer does not interrupt. How long a limit is
stands in no diagram, because it changes with the law: the timer names the rule, whose dated rows say it.

An engine can run the document: where a state leaves a choice, each flow says which move must have been chosen for it. It
is given the variable `move`, and the length of each rule that a timer names.

Left out, because BPMN has no word for it: four eyes and when a clock pauses; both are told in the documentation of a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from shenzhi.kernel.access.roles import ROLES, SYSTEM
from shenzhi.kernel.procedures.declaration import FILE, Move, Procedure
from shenzhi.kernel.procedures.diagram import PLATFORM, sentences
from shenzhi.kernel.procedures.layout import START, Layout, laid_out
from shenzhi.kernel.words import Words

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TARGET = "urn:shenzhi:procedure"
LIMIT = "urn:shenzhi:limit"
"""The language of a timer's expression: the code of a rule, whose length is read from the dated rows of legal limits."""

FEEL = "https://www.omg.org/spec/DMN/20191111/FEEL/"
"""The language of a condition: the expressions of the standard for decisions (DMN), which engines of BPMN share."""

WATCH = "supervisor"
"""The lane of electronic supervision, where clocks that have run out end."""

STEP, ROW, HEAD, EDGE = 170.0, 120.0, 30.0, 30.0
SIZES = {
    "startEvent": (36.0, 36.0),
    "endEvent": (36.0, 36.0),
    "boundaryEvent": (36.0, 36.0),
    "exclusiveGateway": (50.0, 50.0),
}
TASK = (110.0, 80.0)

for prefix, name in (("bpmn", MODEL), ("bpmndi", DI), ("dc", DC), ("di", DD), ("xsi", XSI)):
    ElementTree.register_namespace(prefix, name)


@dataclass(frozen=True)
class Node:
    """One element of the flow: its kind as BPMN names it, its lane, and its middle."""

    code: str
    kind: str
    title: Words
    lane: str
    x: float
    y: float
    move: Move | None = None
    on: str = ""
    rule: str = ""

    @property
    def size(self) -> tuple[float, float]:
        return SIZES.get(self.kind, TASK)


def bpmn(procedure: Procedure, language: str, files: Iterable[str] = ()) -> str:
    """The procedure as one BPMN 2.0 document with its drawing; `files` are the roles that may hand a case in."""
    layout = laid_out(procedure)
    nodes, heights = _nodes(procedure, layout, tuple(files))
    flows = _flows(layout, nodes)
    root = ElementTree.Element(
        _q("definitions"),
        {"id": f"definitions-{procedure.code}", "targetNamespace": TARGET, "exporter": "Shenzhi"},
    )
    pool, process = f"pool-{procedure.code}", f"process-{procedure.code}"
    collaboration = _add(root, "collaboration", id=f"collaboration-{procedure.code}")
    _add(collaboration, "participant", id=pool, name=procedure.title.say(language), processRef=process)
    _process(root, process, procedure, nodes, heights, flows, language)
    _drawing(root, collaboration.attrib["id"], pool, nodes, heights, flows, len(layout.layers))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _q(name: str, space: str = MODEL) -> str:
    return f"{{{space}}}{name}"


def _add(parent: ElementTree.Element, tag: str, text: str = "", /, **attributes: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, _q(tag), attributes)
    made.text = text or None
    return made


def _lane(move: Move) -> str:
    return move.by[0]


def _nodes(
    procedure: Procedure, layout: Layout, files: tuple[str, ...]
) -> tuple[dict[str, Node], dict[str, int]]:
    """Every element of the flow with its place, and how many rows each lane is high, in the order of the lanes."""
    lane_of, kinds, titles = {}, {}, {}
    for code, box in layout.boxes.items():
        if box.move:
            lane_of[code], titles[code] = _lane(box.move), box.move.title
            kinds[code] = "serviceTask" if box.move.by == (SYSTEM,) else "userTask"
        elif box.state:
            near = [
                *procedure.moves_from(box.state.code),
                *(m for m in procedure.moves if m.to == box.state.code),
            ]
            lane_of[code], titles[code] = _lane(near[0]) if near else WATCH, box.state.title
            kinds[code] = "endEvent" if box.state.final else "exclusiveGateway"
    lane_of[START] = files[0] if files else lane_of[f"state-{procedure.first.code}"]
    titles[START], kinds[START] = procedure.act_title(FILE), "startEvent"
    lanes = list(
        dict.fromkeys(
            [lane_of[START], *(lane_of[code] for row in layout.layers for code in row if code in lane_of)]
        )
    )
    ended = {
        clock.code: [code for code, box in layout.boxes.items() if box.move and box.move.code in clock.ends]
        for clock in procedure.clocks
    }
    if any(ended.values()) and WATCH not in lanes:
        lanes.append(WATCH)
    column = {code: number for number, row in enumerate(layout.layers) for code in row}
    stands: dict[str, dict[int, list[str]]] = {lane: {} for lane in lanes}
    for code in lane_of:
        stands[lane_of[code]].setdefault(column[code], []).append(code)
    for clock in procedure.clocks:
        if tasks := ended[clock.code]:
            late = f"late-{clock.code}"
            column[late], lane_of[late], kinds[late] = max(column[t] for t in tasks) + 1, WATCH, "endEvent"
            titles[late] = Words(f"{clock.title.zh}：超期亮红灯", f"{clock.title.en}: red lamp")
            stands[WATCH].setdefault(column[late], []).append(late)
    heights = {
        lane: max([1, *(len(codes) for codes in columns.values())]) for lane, columns in stands.items()
    }
    nodes, top = {}, 0.0
    for lane in lanes:
        for number, codes in stands[lane].items():
            for at, code in enumerate(codes):
                x, y = (
                    2 * HEAD + EDGE + TASK[0] / 2 + number * STEP,
                    top + (at + 0.5) * heights[lane] / len(codes) * ROW,
                )
                drawn = layout.boxes.get(code)
                nodes[code] = Node(code, kinds[code], titles[code], lane, x, y, drawn.move if drawn else None)
        top += heights[lane] * ROW
    for clock in procedure.clocks:
        for at, task in enumerate(ended[clock.code]):
            on, code = nodes[task], f"timer-{clock.code}-{at}"
            beside = sum(1 for one in nodes.values() if one.on == task) * 38
            nodes[code] = Node(
                code, "boundaryEvent", clock.title, on.lane, on.x + TASK[0] / 2 - 20 - beside, on.y + TASK[1] / 2, on=task, rule=clock.rule
            )  # fmt: skip
    return nodes, heights


def _flows(layout: Layout, nodes: dict[str, Node]) -> dict[str, tuple[str, str]]:
    """The sequence flows by id: the arrows of the drawing, and from each timer to the red lamp of its clock."""
    flows = {f"flow-{number}": arrow for number, arrow in enumerate(layout.arrows)}
    for code, node in nodes.items():
        if node.on:
            flows[f"flow-{code}"] = (code, f"late-{code.removeprefix('timer-').rpartition('-')[0]}")
    return flows


def _process(
    root: ElementTree.Element,
    code: str,
    procedure: Procedure,
    nodes: dict[str, Node],
    heights: dict[str, int],
    flows: dict[str, tuple[str, str]],
    language: str,
) -> None:
    process = _add(root, "process", id=code, name=procedure.title.say(language), isExecutable="true")
    _add(process, "documentation", " ".join(sentences(procedure, language)))
    lanes = _add(process, "laneSet", id=f"lanes-{procedure.code}")
    for role in heights:
        lane = _add(lanes, "lane", id=f"lane-{role}", name=ROLES.get(role, PLATFORM).say(language))
        for node in nodes.values():
            if node.lane == role:
                _add(lane, "flowNodeRef", node.code)
    for node in nodes.values():
        _element(process, procedure, node, flows, language)
    for flow, (source, to) in flows.items():
        made = _add(process, "sequenceFlow", id=flow, sourceRef=source, targetRef=to)
        chosen = nodes[to].move
        if nodes[source].kind == "exclusiveGateway" and chosen:
            condition = _add(
                made, "conditionExpression", f'move = "{chosen.code}"', id=f"{flow}-if", language=FEEL
            )
            condition.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")


def _element(
    process: ElementTree.Element,
    procedure: Procedure,
    node: Node,
    flows: dict[str, tuple[str, str]],
    language: str,
) -> None:
    """One flow element; the order of what stands in it is that of the standard's schema."""
    incoming = [flow for flow, (_, to) in flows.items() if to == node.code]
    outgoing = [flow for flow, (source, _) in flows.items() if source == node.code]
    more = {}
    if node.kind == "exclusiveGateway":
        several = (len(incoming) > 1, len(outgoing) > 1)
        more["gatewayDirection"] = {(True, True): "Mixed", (True, False): "Converging", (False, True): "Diverging"}.get(several, "Unspecified")  # fmt: skip
    if node.on:
        more |= {"attachedToRef": node.on, "cancelActivity": "false"}
    made = _add(process, node.kind, id=node.code, name=node.title.say(language), **more)
    if node.move and (said := " ".join(_notes(procedure, node.move, language))):
        _add(made, "documentation", said)
    for flow in incoming:
        _add(made, "incoming", flow)
    for flow in outgoing:
        _add(made, "outgoing", flow)
    if node.on:
        timer = _add(made, "timerEventDefinition", id=f"{node.code}-definition")
        length = _add(timer, "timeDuration", node.rule, id=f"{node.code}-length", language=LIMIT)
        length.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
    if node.kind == "userTask" and node.move:
        for role in node.move.by:
            owner = _add(
                made, "potentialOwner", id=f"{node.code}-{role}", name=ROLES.get(role, PLATFORM).say(language)
            )
            assigned = _add(owner, "resourceAssignmentExpression", id=f"{node.code}-{role}-who")
            said_role = _add(assigned, "formalExpression", role, id=f"{node.code}-{role}-role")
            said_role.set("language", "urn:shenzhi:role")


def _notes(procedure: Procedure, move: Move, language: str) -> Iterator[str]:
    if note := move.note.say(language):
        yield note
    if move.apart_from:
        acts = [procedure.act_title(act) for act in move.apart_from]
        yield Words(
            f"须由未办理“{'、'.join(one.zh for one in acts)}”的另一人办理。",
            f"By somebody other than who did “{', '.join(one.en for one in acts)}”.",
        ).say(language)
    for clock in procedure.clocks:
        if move.code in clock.pauses:
            yield Words(f"“{clock.title.zh}”中止计时。", f"The clock “{clock.title.en}” pauses.").say(
                language
            )
        if move.code in clock.resumes:
            yield Words(f"“{clock.title.zh}”恢复计时。", f"The clock “{clock.title.en}” goes on.").say(
                language
            )


def _drawing(
    root: ElementTree.Element,
    plane_of: str,
    pool: str,
    nodes: dict[str, Node],
    heights: dict[str, int],
    flows: dict[str, tuple[str, str]],
    columns: int,
) -> None:
    drawing = ElementTree.SubElement(root, _q("BPMNDiagram", DI), {"id": "drawing"})
    plane = ElementTree.SubElement(drawing, _q("BPMNPlane", DI), {"id": "plane", "bpmnElement": plane_of})
    width = 2 * HEAD + 2 * EDGE + (columns + 1) * STEP
    _shape(plane, pool, 0, 0, width, sum(heights.values()) * ROW, lying=True)
    top = 0.0
    for role, rows in heights.items():
        _shape(plane, f"lane-{role}", HEAD, top, width - HEAD, rows * ROW, lying=True)
        top += rows * ROW
    for node in nodes.values():
        wide, high = node.size
        _shape(plane, node.code, node.x - wide / 2, node.y - high / 2, wide, high)
    for flow, (source, to) in flows.items():
        edge = ElementTree.SubElement(plane, _q("BPMNEdge", DI), {"id": f"{flow}-edge", "bpmnElement": flow})
        for x, y in _road(nodes[source], nodes[to]):
            ElementTree.SubElement(edge, _q("waypoint", DD), {"x": f"{x:g}", "y": f"{y:g}"})


def _shape(
    plane: ElementTree.Element,
    code: str,
    x: float,
    y: float,
    wide: float,
    high: float,
    *,
    lying: bool = False,
) -> None:
    more = {"isHorizontal": "true"} if lying else {}
    shape = ElementTree.SubElement(
        plane, _q("BPMNShape", DI), {"id": f"{code}-shape", "bpmnElement": code, **more}
    )
    ElementTree.SubElement(
        shape, _q("Bounds", DC), {"x": f"{x:g}", "y": f"{y:g}", "width": f"{wide:g}", "height": f"{high:g}"}
    )


def _road(source: Node, to: Node) -> list[tuple[float, float]]:
    """The points of a flow: to the right with one bend; back to the left over the top; from a timer downward."""
    left, right = to.x - to.size[0] / 2, source.x + source.size[0] / 2
    if source.on:
        low = source.y + source.size[1] / 2
        return [(source.x, low), (source.x, to.y), (left, to.y)]
    if right < left:
        middle = (right + left) / 2
        return [(right, source.y), (middle, source.y), (middle, to.y), (left, to.y)]
    high = min(source.y - source.size[1] / 2, to.y - to.size[1] / 2) - 12
    return [
        (source.x, source.y - source.size[1] / 2),
        (source.x, high),
        (to.x, high),
        (to.x, to.y - to.size[1] / 2),
    ]
