"""The drawing in a BPMN document (diagram interchange): where pool, lanes, elements, flows and names stand."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from xml.etree import ElementTree

from shenzhi.kernel.access.roles import ROLES
from shenzhi.kernel.procedures.diagram import PLATFORM, wide, wrapped
from shenzhi.kernel.procedures.elements import Elements, Node
from shenzhi.kernel.procedures.grid import rows_of
from shenzhi.kernel.procedures.roads import Stand, Timer
from shenzhi.kernel.procedures.streets import Plan, planned

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"

HEAD, HEADLINE = 30.0, 12.0
"""How broad the fields are in which the names of pool and lanes stand, and how large their letters, in pixels."""
EVENT, GATEWAY, TASK = (36.0, 36.0), (50.0, 50.0), (110.0, 80.0)
LETTER, LINE, GAP, SLACK = 11.0, 14.0, 4.0, 8.0
"""Names outside of their element: the size of a letter, the height of a line, the distance from the element, and how much
broader than its letters a name is, because modellers break lines with letters of their own and break them early."""
BELOW, BESIDE = 100.0, 70.0
"""How broad such a name gets below its element, and beside a timer, before it breaks."""

Box = tuple[float, float, float, float]
"""Left, top, width and height."""


def add_drawing(root: ElementTree.Element, plane_of: str, pool: str, found: Elements, language: str) -> None:
    """Draws the elements into a document; names take room, so the drawing depends on the language."""
    names = {code: _name(node, language) for code, node in found.nodes.items()}
    timers = _timers(found, names)
    stands, heights = _stands(found, names, timers)
    plan = planned(stands, timers, found.flows, _least(found.lanes, heights, language))
    drawing = ElementTree.SubElement(root, f"{{{DI}}}BPMNDiagram", {"id": "drawing"})
    plane = ElementTree.SubElement(drawing, f"{{{DI}}}BPMNPlane", {"id": "plane", "bpmnElement": plane_of})
    _add_shape(plane, pool, (0, 0, 2 * HEAD + plan.width, plan.streets[-1]), lying=True)
    row = 0
    for lane in found.lanes:
        top, row = plan.streets[row], row + heights[lane]
        low = plan.streets[-1 if lane == found.lanes[-1] else row]
        _add_shape(plane, f"lane-{lane}", (HEAD, top, HEAD + plan.width, low - top), lying=True)
    for code, node in found.nodes.items():
        box, name = _boxes(node, names[code], stands, timers, plan)
        _add_shape(plane, code, box, name)
    for flow, points in plan.roads.items():
        edge = ElementTree.SubElement(plane, f"{{{DI}}}BPMNEdge", {"id": f"{flow}-edge", "bpmnElement": flow})
        for x, y in points:
            ElementTree.SubElement(edge, f"{{{DD}}}waypoint", {"x": f"{2 * HEAD + x:g}", "y": f"{y:g}"})


def _name(node: Node, language: str) -> tuple[float, float]:
    """How broad and how high the name of an element is that stands outside of it; of a task, whose name is inside, nothing."""
    if node.move:
        return 0.0, 0.0
    said = node.title.say(language)
    lines = wrapped(said, BESIDE if node.on else BELOW, LETTER)
    # as narrow as it gets with as many lines, so that the lines are about as long as one another
    for room in range(int(_widest(lines)), 0, -1):
        narrower = wrapped(said, room, LETTER)
        if len(narrower) > len(lines) or _widest(narrower) > room:
            break
        lines = narrower
    return 2 * round(_widest(lines) / 2) + SLACK, LINE * len(lines)


def _widest(lines: list[str]) -> float:
    return max(wide(line, LETTER) for line in lines)


def _timers(found: Elements, names: dict[str, tuple[float, float]]) -> dict[str, Timer]:
    """The timers of each task from its right corner to the left, each with its name on its left."""
    sitting: dict[str, list[str]] = defaultdict(list)
    for code, node in found.nodes.items():
        if node.on:
            sitting[node.on].append(code)
    timers = {}
    for task, codes in sitting.items():
        x = _breadth(codes, names) / 2
        for code in codes:
            timers[code] = Timer(task, x - EVENT[0] / 2, EVENT[1] / 2)
            x -= EVENT[0] + names[code][0] + GAP
    return timers


def _breadth(timers: list[str], names: dict[str, tuple[float, float]]) -> float:
    """How broad a task is that its timers and their names find room below it."""
    return max(TASK[0], sum(EVENT[0] + names[code][0] + GAP for code in timers))


def _stands(
    found: Elements, names: dict[str, tuple[float, float]], timers: dict[str, Timer]
) -> tuple[dict[str, Stand], dict[str, int]]:
    """Where each element but the timers stands, and how many rows each lane has."""
    steps = {code: node for code, node in found.nodes.items() if not node.on}
    arrows = [ends for ends in found.flows.values() if ends[0] in steps]
    rows, heights = rows_of(
        {code: node.lane for code, node in steps.items()},
        {code: node.column for code, node in steps.items()},
        found.lanes,
        arrows,
    )
    stands = {}
    for code, node in steps.items():
        broad, high = names[code]
        if node.move:
            own = [timer for timer, one in timers.items() if one.on == code]
            below = max((max(GAP + names[timer][1], timers[timer].reach) for timer in own), default=0.0)
            size = (_breadth(own, names), TASK[1])
        else:
            below, size = GAP + high, GATEWAY if node.kind == "exclusiveGateway" else EVENT
        stands[code] = Stand(rows[code], node.column, *size, below, broad, flat=node.move is not None)
    return stands, heights


def _least(lanes: tuple[str, ...], heights: dict[str, int], language: str) -> dict[int, float]:
    """How high each row is at least, so that the name of its lane, which is written upward, finds room: a short one in one
    line, a long one in two."""
    least: list[float] = []
    for lane in lanes:
        name = ROLES.get(lane, PLATFORM).say(language)
        high = next(
            room
            for room in count(70, 10)
            if len(wrapped(name, room - 10, HEADLINE)) <= (1 if room <= TASK[0] else 2)
        )
        least += [high / heights[lane]] * heights[lane]
    return dict(enumerate(least))


def _boxes(
    node: Node,
    name: tuple[float, float],
    stands: dict[str, Stand],
    timers: dict[str, Timer],
    plan: Plan,
) -> tuple[Box, Box | None]:
    """Where an element stands, and its name where that is outside of it: below it, and on the left of a timer."""
    stand = stands[node.on or node.code]
    x, y = 2 * HEAD + plan.columns[stand.column], plan.rows[stand.row]
    if node.on:
        x, y = x + timers[node.code].beside, y + stand.high / 2
        (across, high), left, top = EVENT, x - EVENT[0] / 2 - name[0], y + GAP
    else:
        across, high = stand.wide, stand.high
        left, top = x - name[0] / 2, y + high / 2 + GAP
    return (x - across / 2, y - high / 2, across, high), None if node.move else (left, top, *name)


def _add_shape(
    plane: ElementTree.Element, code: str, box: Box, name: Box | None = None, *, lying: bool = False
) -> None:
    more = {"isHorizontal": "true"} if lying else {}
    shape = ElementTree.SubElement(
        plane, f"{{{DI}}}BPMNShape", {"id": f"{code}-shape", "bpmnElement": code, **more}
    )
    _add_bounds(shape, box)
    if name:
        _add_bounds(ElementTree.SubElement(shape, f"{{{DI}}}BPMNLabel"), name)


def _add_bounds(parent: ElementTree.Element, box: Box) -> None:
    said = {key: f"{value:g}" for key, value in zip(("x", "y", "width", "height"), box, strict=True)}
    ElementTree.SubElement(parent, f"{{{DC}}}Bounds", said)
