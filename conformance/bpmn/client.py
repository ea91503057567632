"""What a stranger's engine makes of the procedures: SpiffWorkflow judges each by the schema of the standard, and runs it.

    client.py ADDRESS FOLDER

The procedures are found as a reader finds them: the list of registers, the page about each, its link to the BPMN. Every
state is entered and every move made; what the engine came across must be what the page says. The documents are left in
FOLDER for the next client.
"""

from __future__ import annotations

import re
import sys
import urllib.request
from collections import deque
from pathlib import Path

from lxml import etree, html
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, BpmnValidator
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

ADDRESS, FOLDER = sys.argv[1], Path(sys.argv[2])
MOVE = r"act-(?!file$)"  # handing in is the start
SCHEMA = BpmnValidator()  # BPMN20.xsd of the OMG, which the package brings along


class Given(PythonScriptEngine):
    """What the engine is given: the move that was chosen, and how long the limits are."""

    def __init__(self, move: str, limit: str) -> None:
        super().__init__()
        self.move, self.limit = move, limit

    def evaluate(self, task, expression, external_context=None):
        if asked := re.fullmatch(r'move = "([a-z0-9_-]+)"', expression):
            return self.move == asked[1]
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", expression), expression
        return self.limit


def read(path: str) -> bytes:
    with urllib.request.urlopen(f"{ADDRESS}{path}", timeout=60) as answer:  # noqa: S310 - the box under test
        return answer.read()


def procedures() -> list[tuple[str, str]]:
    """The page about every register with a procedure, and the address of its BPMN."""
    listed = html.fromstring(read("/en/registers/")).xpath("//a/@href")
    slugs = sorted({found[1] for link in listed if (found := re.match(r"/en/registers/([a-z0-9-]+)/", link))})
    found = []
    for slug in slugs:
        page = f"/en/registers/{slug}/about/"
        models = html.fromstring(read(page)).xpath("//a[contains(@href, '.bpmn')]/@href")
        found += [(page, model) for model in models]
    return found


def said_on(page: str) -> tuple[dict[str, bool], set[tuple[str, str, str]], str]:
    """What the page says: states with whether they end it, moves as (from, code, to), and the first state."""
    root = html.fromstring(read(page))
    states, first = {}, ""
    for line in root.xpath("//ul[@class='reg-states']/li"):
        marks = [mark.text for mark in line.xpath("span")]
        states[line.text.strip()] = "end" in marks
        first = line.text.strip() if "start" in marks else first
    moves = set()
    for line in root.xpath("//tr[starts-with(@id, 'move-')]"):
        sources, to = (line.xpath(f"td[@data-label='{name}']")[0].text_content() for name in ("From", "To"))
        # titles may hold commas themselves, so the longest known ones are taken out first
        known = "|".join(re.escape(title) for title in sorted(states, key=len, reverse=True))
        for source in re.findall(known, sources):
            moves.add(
                (source, line.get("id").removeprefix("move-"), source if to == "state unchanged" else to)
            )
    return states, moves, first


def ready(flow: BpmnWorkflow, kind: str = "") -> list:
    """What is open: all of it, or the moves or states of the drawing, without what the engine puts around them."""
    return [
        one
        for one in flow.get_tasks(state=TaskState.READY)
        if not kind or (one.task_spec.bpmn_id and re.match(kind, one.task_spec.name))
    ]


def stepped(flow: BpmnWorkflow, until: str) -> None:
    """Takes every step that is open, up to a move or a state: a service task would otherwise run by itself."""
    while own := [one for one in ready(flow) if one not in ready(flow, until)]:
        for one in own:
            one.run()


def walked(spec, path: tuple[str, ...], limit: str = "") -> BpmnWorkflow:
    """The workflow after the moves of a path, standing before what it came to; with a limit, the last move is not finished."""
    flow = BpmnWorkflow(spec)
    for at, move in enumerate(path):
        unfinished = bool(limit) and at == len(path) - 1
        flow.script_engine = Given(move, limit if unfinished else "P10000D")
        stepped(flow, until=MOVE)
        if unfinished:
            flow.refresh_waiting_tasks()
            stepped(flow, until=MOVE)
            break
        chosen = ready(flow, MOVE)
        assert len(chosen) == 1, (path, chosen)
        if not chosen[0].run():  # the platform's own work, which the engine hands over and waits for
            chosen[0].complete()
        stepped(flow, until="state-")
    return flow


def check(page: str, model: str) -> list[str]:
    """Runs one procedure; the faults found."""
    document = read(model)
    (FOLDER / f"{page.split('/')[3]}.bpmn").write_bytes(document)
    parser = BpmnParser(validator=SCHEMA)
    parser.add_bpmn_xml(etree.fromstring(document))
    (process,) = parser.get_process_ids()
    spec = parser.get_spec(process)
    states, moves, first = said_on(page)
    entered, made, late = {first}, set(), set()
    first_code = next(
        name for name, one in spec.task_specs.items() if one.bpmn_name == first and name.startswith("state-")
    )
    ways, waiting = {first_code: ()}, deque([first_code])
    while waiting:
        at = waiting.popleft()
        gateway = spec.task_specs[at]
        offered = [condition.args[0] for condition, _ in gateway.cond_task_specs if condition]
        for move in (re.fullmatch(r'move = "(.+)"', one)[1] for one in offered):
            path = (*ways[at], move)
            flow = walked(spec, path)
            # where the finished task led: the state that is ready, or the end that is next
            (to,) = ready(flow)
            made.add((gateway.bpmn_name, move, to.task_spec.bpmn_name))
            entered.add(to.task_spec.bpmn_name)
            if states[to.task_spec.bpmn_name]:
                flow.script_engine = Given("", "P10000D")
                flow.do_engine_steps()
                assert flow.completed, to.task_spec.name
            # a case that has ended may be taken up again, where the state is drawn as a choice
            if hasattr(to.task_spec, "cond_task_specs") and to.task_spec.name not in ways:
                ways[to.task_spec.name] = path
                waiting.append(to.task_spec.name)
            expired = walked(spec, path, "PT0S")
            late |= {
                one.task_spec.name
                for one in expired.get_tasks(state=TaskState.COMPLETED)
                if one.task_spec.name.startswith("late-")
            }
    faults = []
    lamps = {name for name in spec.task_specs if name.startswith("late-")}
    for what, here, there in (
        ("states", entered, set(states)),
        ("moves", made, moves),
        ("red lamps", late, lamps),
    ):
        if here != there:
            faults.append(f"{what}: only run {sorted(here - there)}, only declared {sorted(there - here)}")
    print(
        f"{'BROKEN' if faults else 'ok':7} {model}: {len(entered)} states, {len(made)} moves, {len(late)} red lamps"
    )
    return faults


def main() -> int:
    found, faults = procedures(), []
    assert found, "no register with a procedure was found"
    for page, model in found:
        said = check(page, model)
        faults += said
        for fault in said:
            print(f"        {fault}")
        chinese = model.removeprefix("/en")
        SCHEMA.validate(etree.fromstring(read(chinese)), chinese)
        (FOLDER / f"{page.split('/')[3]}.zh.bpmn").write_bytes(read(chinese))
    print(f"SpiffWorkflow: {len(found)} procedures, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
