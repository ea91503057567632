"""A procedure as BPMN 2.0: what the schema of the standard and its chapters on events, gateways and lanes ask.

The schema itself is not at hand; its rules that our documents touch are written out here: which elements stand in which
order, which references must lead where, what may flow into and out of what."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, pairwise, product
from xml.etree import ElementTree

import pytest

from shenzhi.apps.people.procedures import APPOINTMENT
from shenzhi.apps.plans.procedures import TASK
from shenzhi.kernel.procedures.bpmn import MODEL, XSI, bpmn
from shenzhi.kernel.procedures.declaration import Move, Procedure, State
from shenzhi.kernel.procedures.interchange import DC, DD, DI
from shenzhi.kernel.registers.catalogue import registers

B = f"{{{MODEL}}}"
NODES = ("startEvent", "endEvent", "boundaryEvent", "exclusiveGateway", "userTask", "serviceTask")
# the sequence of children in the complex types of the schema (Semantic.xsd), as far as our documents use them
ORDER = {
    "definitions": ("collaboration", "process", "BPMNDiagram"),
    "process": ("documentation", "laneSet", *NODES, "sequenceFlow"),
    "node": ("documentation", "incoming", "outgoing", "timerEventDefinition", "potentialOwner"),
}


def plain(element):
    return element.tag.rpartition("}")[2]


@pytest.fixture(params=[one for one in registers() if one.procedure], ids=lambda one: one.slug)
def document(request):
    return ElementTree.fromstring(bpmn(request.param.procedure, "en", request.param.adds).encode())


EXCHANGE = Procedure(
    code="exchange",
    title=("互换", "Exchange"),
    states=(
        State("begun", ("已开始", "Begun")),
        State("low", ("待下", "Low")),
        State("high", ("待上", "High")),
        State("done", ("已完成", "Done"), final=True),
    ),
    moves=(
        Move("down", ("向下", "Down"), source="begun", to="low", by="clerk"),
        Move("up", ("向上", "Up"), source="begun", to="high", by="reviewer"),
        Move("end-low", ("下方办结", "End below"), source="low", to="done", by="reviewer"),
        Move("end-high", ("上方办结", "End above"), source="high", to="done", by="clerk"),
    ),
)
"""Two tasks side by side each lead into the other's lane: neither line can bend before the other."""

DRAWN = (
    ("exchange", EXCHANGE, ("clerk",)),
    *((one.slug, one.procedure, one.adds) for one in registers() if one.procedure),
)


@pytest.fixture(
    params=product(DRAWN, ("zh-hans", "en")),
    ids=lambda one: f"{one[0][0]}-{one[1]}",
)
def drawn(request):
    """The document in each language: its drawing makes room for the names."""
    (_, procedure, files), language = request.param
    return ElementTree.fromstring(bpmn(procedure, language, files).encode())


def nodes(document):
    return [one for one in document.find(f"{B}process") if plain(one) in NODES]


def flows(document):
    return [(one.attrib["sourceRef"], one.attrib["targetRef"]) for one in document.iter(f"{B}sequenceFlow")]


def test_every_name_is_used_once_and_every_reference_leads_somewhere(document):
    names = Counter(one.attrib["id"] for one in document.iter() if "id" in one.attrib)
    assert [name for name, count in names.items() if count > 1] == []
    references = [
        one.attrib[name]
        for one in document.iter()
        for name in ("processRef", "sourceRef", "targetRef", "attachedToRef", "bpmnElement")
        if name in one.attrib
    ]
    references += [
        one.text for tag in ("incoming", "outgoing", "flowNodeRef") for one in document.iter(f"{B}{tag}")
    ]
    assert set(references) <= set(names)


def test_children_stand_in_the_order_of_the_schema(document):
    process = document.find(f"{B}process")
    for parent, order in [
        (document, ORDER["definitions"]),
        *((one, ORDER["node"]) for one in nodes(document)),
    ]:
        places = [order.index(plain(child)) for child in parent]
        assert places == sorted(places), parent.attrib
    # flow elements may stand in any order among themselves, after documentation and lanes
    assert [plain(child) for child in process][:2] == ["documentation", "laneSet"]
    assert {plain(child) for child in process} <= set(ORDER["process"])


def test_each_element_names_exactly_the_flows_that_touch_it(document):
    named = {one.attrib["id"]: one for one in document.iter(f"{B}sequenceFlow")}
    for node in nodes(document):
        own = node.attrib["id"]
        assert {named[one.text].attrib["targetRef"] for one in node.findall(f"{B}incoming")} <= {own}
        assert {named[one.text].attrib["sourceRef"] for one in node.findall(f"{B}outgoing")} <= {own}
        touching = sum(own in (one.attrib["sourceRef"], one.attrib["targetRef"]) for one in named.values())
        assert len(node.findall(f"{B}incoming")) + len(node.findall(f"{B}outgoing")) == touching


def test_events_begin_end_and_interrupt_as_the_standard_allows(document):
    sources, targets = Counter(one for one, _ in flows(document)), Counter(one for _, one in flows(document))
    kinds = Counter(plain(one) for one in nodes(document))
    assert kinds["startEvent"] == 1
    for node in nodes(document):
        coming, going = targets[node.attrib["id"]], sources[node.attrib["id"]]
        match plain(node):
            case "startEvent":
                assert (coming, going) == (0, 1)
            case "endEvent":
                assert coming >= 1
                assert going == 0
            case "boundaryEvent":
                assert (coming, going) == (0, 1)
                assert node.attrib["cancelActivity"] == "false"
                (length,) = node.iter(f"{B}timeDuration")
                assert length.attrib[f"{{{XSI}}}type"] == "bpmn:tFormalExpression"
            case "exclusiveGateway":
                says = {
                    "Diverging": going > 1 >= coming,
                    "Converging": coming > 1 >= going,
                    "Mixed": coming > 1 < going,
                }
                assert says.get(node.attrib["gatewayDirection"], coming == going == 1)
            case _:
                # more than one flow out of a task would take all of them at once
                assert coming >= 1
                assert going == 1


def test_every_element_lies_in_one_lane_and_is_drawn_within_it(document):
    lanes = {one.attrib["id"]: [ref.text for ref in one] for one in document.iter(f"{B}lane")}
    held = Counter(code for codes in lanes.values() for code in codes)
    assert held == Counter({one.attrib["id"]: 1 for one in nodes(document)})
    bounds = {
        shape.attrib["bpmnElement"]: {
            name: float(value) for name, value in shape.find(f"{{{DC}}}Bounds").attrib.items()
        }
        for shape in document.iter(f"{{{DI}}}BPMNShape")
    }
    assert set(bounds) == {*lanes, *held, document.find(f".//{B}participant").attrib["id"]}
    for lane, codes in lanes.items():
        for code in codes:
            one, around = bounds[code], bounds[lane]
            assert around["x"] <= one["x"] and one["x"] + one["width"] <= around["x"] + around["width"]  # noqa: PT018
            assert around["y"] <= one["y"] and one["y"] + one["height"] <= around["y"] + around["height"]  # noqa: PT018


def on_border(point, box):
    """Whether a waypoint lies on the frame of a shape, where a modeller docks a flow."""
    x, y = (float(point.attrib[name]) for name in "xy")
    left, top = box["x"], box["y"]
    right, low = left + box["width"], top + box["height"]
    within = left - 0.1 <= x <= right + 0.1 and top - 0.1 <= y <= low + 0.1
    return within and (min(abs(x - left), abs(x - right)) < 0.1 or min(abs(y - top), abs(y - low)) < 0.1)


def test_every_flow_is_drawn_from_border_to_border(document):
    named = {one.attrib["id"]: one.attrib for one in document.iter(f"{B}sequenceFlow")}
    drawn = {edge.attrib["bpmnElement"]: edge for edge in document.iter(f"{{{DI}}}BPMNEdge")}
    assert set(drawn) == set(named)
    bounds = {
        shape.attrib["bpmnElement"]: {
            name: float(value) for name, value in shape.find(f"{{{DC}}}Bounds").attrib.items()
        }
        for shape in document.iter(f"{{{DI}}}BPMNShape")
    }
    for code, edge in drawn.items():
        points = edge.findall(f"{{{DD}}}waypoint")
        assert len(points) >= 2
        assert on_border(points[0], bounds[named[code]["sourceRef"]]), code
        assert on_border(points[-1], bounds[named[code]["targetRef"]]), code


def bounds(element):
    """A box as left, top, right, bottom."""
    x, y, wide, high = (
        float(element.find(f"{{{DC}}}Bounds").attrib[name]) for name in ("x", "y", "width", "height")
    )
    return x, y, x + wide, y + high


def drawn_shapes(document):
    """The boxes of the flow elements; pool and lanes lie under everything."""
    elements = {one.attrib["id"] for one in nodes(document)}
    return {
        one.attrib["bpmnElement"]: bounds(one)
        for one in document.iter(f"{{{DI}}}BPMNShape")
        if one.attrib["bpmnElement"] in elements
    }


def drawn_labels(document):
    return {
        one.attrib["bpmnElement"]: bounds(label)
        for one in document.iter(f"{{{DI}}}BPMNShape")
        for label in one.findall(f"{{{DI}}}BPMNLabel")
    }


def drawn_pieces(document):
    """Each flow with its source and target and its straight pieces, each piece as a box without breadth."""
    ends = {
        one.attrib["id"]: (one.attrib["sourceRef"], one.attrib["targetRef"])
        for one in document.iter(f"{B}sequenceFlow")
    }
    found = []
    for edge in document.iter(f"{{{DI}}}BPMNEdge"):
        points = [
            (float(one.attrib["x"]), float(one.attrib["y"])) for one in edge.findall(f"{{{DD}}}waypoint")
        ]
        pieces = [(min(x, u), min(y, v), max(x, u), max(y, v)) for (x, y), (u, v) in pairwise(points)]
        found.append((edge.attrib["bpmnElement"], *ends[edge.attrib["bpmnElement"]], pieces))
    return found


def meet(one, other, clear=0.0):
    """Whether two boxes share ground, or come nearer to one another than `clear`."""
    return (
        one[0] < other[2] + clear
        and other[0] < one[2] + clear
        and one[1] < other[3] + clear
        and other[1] < one[3] + clear
    )


def test_no_flow_runs_through_a_shape(drawn):
    shapes = drawn_shapes(drawn)
    assert [
        (flow, code)
        for flow, source, to, pieces in drawn_pieces(drawn)
        for code, box in shapes.items()
        for piece in pieces
        # where it begins and ends it touches the frame; from all others it keeps away
        if meet(piece, box, clear=0 if code in (source, to) else 5)
    ] == []


def test_no_two_shapes_overlap_but_a_timer_and_its_task(drawn):
    sits_on = {one.attrib["id"]: one.attrib.get("attachedToRef") for one in nodes(drawn)}
    assert [
        (code, other)
        for (code, box), (other, other_box) in combinations(drawn_shapes(drawn).items(), 2)
        if meet(box, other_box, clear=5) and sits_on[code] != other and sits_on[other] != code
    ] == []


def test_every_flow_goes_across_or_down_and_never_aslant(drawn):
    assert [
        (flow, piece)
        for flow, _, _, pieces in drawn_pieces(drawn)
        for piece in pieces
        if piece[0] != piece[2] and piece[1] != piece[3]
    ] == []


def test_two_flows_share_a_line_only_where_they_come_from_or_lead_to_the_same(drawn):
    assert [
        (flow, other)
        for (flow, source, to, pieces), (other, other_source, other_to, others) in combinations(
            drawn_pieces(drawn), 2
        )
        if source != other_source and to != other_to
        for one in pieces
        for two in others
        # side by side they keep apart, so that one can tell which is which; crossing at a right angle is free
        if (one[0] == one[2]) == (two[0] == two[2]) and meet(one, two, clear=8)
    ] == []


def test_a_flow_leaves_to_the_right_and_arrives_from_the_left_or_returns_from_above(drawn):
    shapes, kinds = drawn_shapes(drawn), {one.attrib["id"]: plain(one) for one in nodes(drawn)}

    def side(point, box):
        left, top, right, low = box
        middle, height = (left + right) / 2, (top + low) / 2
        sides = {(left, height): "left", (right, height): "right", (middle, top): "top", (middle, low): "low"}
        return sides.get(point)

    for edge in drawn.iter(f"{{{DI}}}BPMNEdge"):
        flow = next(
            one for one in drawn.iter(f"{B}sequenceFlow") if one.attrib["id"] == edge.attrib["bpmnElement"]
        )
        source, to = flow.attrib["sourceRef"], flow.attrib["targetRef"]
        first, *_, last = [
            (float(one.attrib["x"]), float(one.attrib["y"])) for one in edge.findall(f"{{{DD}}}waypoint")
        ]
        back = shapes[to][0] < shapes[source][0]
        leaves = "low" if kinds[source] == "boundaryEvent" else "right"
        assert side(first, shapes[source]) in ({leaves, "top"} if back else {leaves}), flow.attrib
        assert side(last, shapes[to]) == ("top" if back else "left"), flow.attrib


def test_what_has_its_name_beside_it_has_a_label_that_nothing_runs_over(drawn):
    labels, shapes = drawn_labels(drawn), drawn_shapes(drawn)
    assert set(labels) == {one.attrib["id"] for one in nodes(drawn) if not plain(one).endswith("Task")}
    faults = [
        (code, other) for code, box in labels.items() for other, shape in shapes.items() if meet(box, shape)
    ]
    faults += [
        (code, flow)
        for code, box in labels.items()
        for flow, _, _, pieces in drawn_pieces(drawn)
        for piece in pieces
        if meet(box, piece)
    ]
    faults += [
        (code, other)
        for (code, box), (other, other_box) in combinations(labels.items(), 2)
        if meet(box, other_box)
    ]
    assert faults == []


def test_everything_is_drawn_in_the_pool_and_no_column_stays_empty(drawn):
    pool = next(bounds(one) for one in drawn.iter(f"{{{DI}}}BPMNShape"))
    points = [piece for *_, pieces in drawn_pieces(drawn) for piece in pieces]
    boxes = [*drawn_shapes(drawn).values(), *drawn_labels(drawn).values(), *points]
    assert min(box[0] for box in boxes) >= pool[0] + 60  # the names of the pool and of a lane
    assert min(box[1] for box in boxes) > pool[1]
    assert max(box[3] for box in boxes) < pool[3]
    assert 10 <= pool[2] - max(box[2] for box in boxes) <= 60


# what the schema requires or allows as attributes, as far as our documents have such elements
REQUIRED = {
    "definitions": {"targetNamespace"},
    "participant": {"id", "processRef"},
    "lane": {"id"},
    "sequenceFlow": {"id", "sourceRef", "targetRef"},
    "boundaryEvent": {"id", "attachedToRef"},
    "BPMNShape": {"id", "bpmnElement"},
    "BPMNEdge": {"id", "bpmnElement"},
    "BPMNPlane": {"id", "bpmnElement"},
    "Bounds": {"x", "y", "width", "height"},
    "waypoint": {"x", "y"},
}
OPTIONAL = {
    "definitions": {"id", "name", "exporter", "exporterVersion", "expressionLanguage", "typeLanguage"},
    "process": {"id", "name", "isExecutable", "isClosed", "processType"},
    "exclusiveGateway": {"id", "name", "gatewayDirection", "default"},
    "boundaryEvent": {"name", "cancelActivity"},
    "sequenceFlow": {"name"},
    "participant": {"name"},
    "lane": {"name"},
    "BPMNShape": {"isHorizontal", "isExpanded", "isMarkerVisible"},
    "formalExpression": {"id", "language", "evaluatesToTypeRef"},
    "timeDuration": {"id", "language", "evaluatesToTypeRef", f"{{{XSI}}}type"},
    "conditionExpression": {"id", "language", "evaluatesToTypeRef", f"{{{XSI}}}type"},
}
NAMED = {"id", "name"}


def test_every_element_has_the_attributes_that_the_schema_requires_and_no_others(document):
    for one in document.iter():
        kind = plain(one)
        required = REQUIRED.get(kind, set())
        assert required <= set(one.attrib), kind
        assert set(one.attrib) <= required | OPTIONAL.get(kind, NAMED), kind


def test_names_are_ncnames_and_namespaces_those_of_the_standard(document):
    for one in document.iter():
        if "id" in one.attrib:
            assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", one.attrib["id"]), one.attrib["id"]
    assert {one.tag.partition("}")[0].removeprefix("{") for one in document.iter()} == {
        "http://www.omg.org/spec/BPMN/20100524/MODEL",
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
        "http://www.omg.org/spec/DD/20100524/DI",
    }


def test_every_element_can_be_reached_from_the_start_and_leads_to_an_end(document):
    onward = {}
    for source, to in flows(document):
        onward.setdefault(source, set()).add(to)
    for node in nodes(document):  # a timer is reached with the task that it sits on
        if "attachedToRef" in node.attrib:
            onward.setdefault(node.attrib["attachedToRef"], set()).add(node.attrib["id"])
    (start,) = (one.attrib["id"] for one in document.iter(f"{B}startEvent"))
    reached, waiting = {start}, [start]
    while waiting:
        for code in onward.get(waiting.pop(), set()) - reached:
            reached.add(code)
            waiting.append(code)
    assert reached == {one.attrib["id"] for one in nodes(document)}
    ends = {one.attrib["id"] for one in document.iter(f"{B}endEvent")}
    assert {code for code in reached if not onward.get(code)} == ends


def test_an_engine_may_run_it_and_finds_for_each_choice_which_move_leads_there(document):
    assert document.find(f"{B}process").attrib["isExecutable"] == "true"
    gateways = {one.attrib["id"] for one in document.iter(f"{B}exclusiveGateway")}
    # the way that is taken where no move was chosen: it ends a case that may be taken up again
    resting = {
        one.attrib["default"] for one in document.iter(f"{B}exclusiveGateway") if "default" in one.attrib
    }
    ends = {one.attrib["id"] for one in document.iter(f"{B}endEvent")}
    asked = {}
    for flow in document.iter(f"{B}sequenceFlow"):
        conditions = [one.text for one in flow.findall(f"{B}conditionExpression")]
        leaves_a_choice = flow.attrib["sourceRef"] in gateways
        assert len(conditions) == (leaves_a_choice and flow.attrib["id"] not in resting)
        assert flow.attrib["id"] not in resting or flow.attrib["targetRef"] in ends
        if conditions:
            asked.setdefault(flow.attrib["sourceRef"], []).extend(conditions)
    # no two flows out of a state wait for the same move
    assert {state: len(set(said)) for state, said in asked.items()} == {
        state: len(said) for state, said in asked.items()
    }


def test_the_condition_of_a_flow_names_the_move_in_the_language_of_the_standard_for_decisions():
    document = ElementTree.fromstring(bpmn(APPOINTMENT, "en", ("member", "clerk")).encode())
    said = {
        flow.attrib["targetRef"]: (condition.text, condition.attrib["language"])
        for flow in document.iter(f"{B}sequenceFlow")
        for condition in flow
        if flow.attrib["sourceRef"] == "state-filed"
    }
    feel = "https://www.omg.org/spec/DMN/20191111/FEEL/"
    assert said == {
        "act-return": ('move = "return"', feel),
        "act-list": ('move = "list"', feel),
        "act-refuse": ('move = "refuse"', feel),
        "act-withdraw": ('move = "withdraw"', feel),
    }


def test_a_clock_is_a_timer_at_each_task_that_ends_it():
    document = ElementTree.fromstring(bpmn(APPOINTMENT, "zh-hans", ("member", "clerk")).encode())
    timers = {one.attrib["attachedToRef"] for one in document.iter(f"{B}boundaryEvent")}
    assert timers == {"act-list", "act-refuse", "act-withdraw"}
    assert {one.text for one in document.iter(f"{B}timeDuration")} == {"people.review"}


def test_what_the_platform_alone_does_is_a_service_task():
    document = ElementTree.fromstring(bpmn(TASK, "en").encode())
    assert {one.attrib["id"] for one in document.iter(f"{B}serviceTask")} == {
        "act-reschedule-running",
        "act-drop",
    }


def test_lanes_are_the_roles_that_act_in_the_readers_language():
    document = ElementTree.fromstring(bpmn(APPOINTMENT, "zh-hans", ("member", "clerk")).encode())
    assert [one.attrib["name"] for one in document.iter(f"{B}lane")] == [
        "单位经办人",
        "经办人",
        "审核人",
        "监察员",
    ]
