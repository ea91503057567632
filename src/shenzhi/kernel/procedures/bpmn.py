"""A procedure as BPMN 2.0 (ISO/IEC 19510), for modellers and engines that offices use already.

What stands for what: handing in is the start event; a state is an exclusive gateway, where the next move is chosen, or an
end event where it ends the procedure; a move is a user task (a service task where only the platform makes it) in the
lane of the first role that may make it, with every role as a potential owner. A clock is a timer at each task that would
end it: when it runs out the lamp turns red, and the work goes on, so the timer does not interrupt. How long a limit is
stands in no diagram, because it changes with the law: the timer names the rule, whose dated rows say it.

An engine can run the document: where a state leaves a choice, each flow says which move must have been chosen for it, and
where none was the case ends, if it may. It is given the variable `move`, and the length of each rule that a timer names.

Left out, because BPMN has no word for it: four eyes and when a clock pauses; both are told in the documentation of a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree

from shenzhi.kernel.access.roles import ROLES
from shenzhi.kernel.procedures.declaration import Move, Procedure
from shenzhi.kernel.procedures.diagram import PLATFORM, sentences
from shenzhi.kernel.procedures.elements import Elements, Node, elements
from shenzhi.kernel.procedures.interchange import DC, DD, DI, add_drawing
from shenzhi.kernel.words import Words

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TARGET = "urn:shenzhi:procedure"
LIMIT = "urn:shenzhi:limit"
"""The language of a timer's expression: the code of a rule, whose length is read from the dated rows of legal limits."""

FEEL = "https://www.omg.org/spec/DMN/20191111/FEEL/"
"""The language of a condition: the expressions of the standard for decisions (DMN), which engines of BPMN share."""

for prefix, name in (("bpmn", MODEL), ("bpmndi", DI), ("dc", DC), ("di", DD), ("xsi", XSI)):
    ElementTree.register_namespace(prefix, name)


def bpmn(procedure: Procedure, language: str, files: Iterable[str] = ()) -> str:
    """The procedure as one BPMN 2.0 document with its drawing; `files` are the roles that may hand a case in."""
    found = elements(procedure, tuple(files))
    root = ElementTree.Element(
        _q("definitions"),
        {"id": f"definitions-{procedure.code}", "targetNamespace": TARGET, "exporter": "Shenzhi"},
    )
    pool, process = f"pool-{procedure.code}", f"process-{procedure.code}"
    collaboration = _add(root, "collaboration", id=f"collaboration-{procedure.code}")
    _add(collaboration, "participant", id=pool, name=procedure.title.say(language), processRef=process)
    _process(root, process, procedure, found, language)
    add_drawing(root, collaboration.attrib["id"], pool, found, language)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _q(name: str) -> str:
    return f"{{{MODEL}}}{name}"


def _add(parent: ElementTree.Element, tag: str, text: str = "", /, **attributes: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, _q(tag), attributes)
    made.text = text or None
    return made


def _process(
    root: ElementTree.Element,
    code: str,
    procedure: Procedure,
    found: Elements,
    language: str,
) -> None:
    process = _add(root, "process", id=code, name=procedure.title.say(language), isExecutable="true")
    _add(process, "documentation", " ".join(sentences(procedure, language)))
    lanes = _add(process, "laneSet", id=f"lanes-{procedure.code}")
    for role in found.lanes:
        lane = _add(lanes, "lane", id=f"lane-{role}", name=ROLES.get(role, PLATFORM).say(language))
        for node in found.nodes.values():
            if node.lane == role:
                _add(lane, "flowNodeRef", node.code)
    for node in found.nodes.values():
        _element(process, procedure, node, found.flows, language)
    for flow, (source, to) in found.flows.items():
        made = _add(process, "sequenceFlow", id=flow, sourceRef=source, targetRef=to)
        chosen = found.nodes[to].move
        if found.nodes[source].kind == "exclusiveGateway" and chosen:
            condition = _add(
                made, "conditionExpression", f'move = "{chosen.code}"', id=f"{flow}-if", language=FEEL
            )
            condition.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")


def _element(
    process: ElementTree.Element,
    procedure: Procedure,
    node: Node,
    flows: Mapping[str, tuple[str, str]],
    language: str,
) -> None:
    """One flow element; the order of what stands in it is that of the standard's schema."""
    incoming = [flow for flow, (_, to) in flows.items() if to == node.code]
    outgoing = [flow for flow, (source, _) in flows.items() if source == node.code]
    more = {}
    if node.kind == "exclusiveGateway":
        several = (len(incoming) > 1, len(outgoing) > 1)
        more["gatewayDirection"] = {(True, True): "Mixed", (True, False): "Converging", (False, True): "Diverging"}.get(several, "Unspecified")  # fmt: skip
        if (rest := f"flow-end-{node.state}") in outgoing:
            more["default"] = rest
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
