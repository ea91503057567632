"""The drawing of a procedure: every state and move stands in it, apart from the others, in both languages."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from shenzhi.apps.people.procedures import APPOINTMENT
from shenzhi.apps.plans.procedures import TASK
from shenzhi.kernel.procedures.diagram import sentences, svg
from shenzhi.kernel.procedures.layout import laid_out
from shenzhi.kernel.registers.catalogue import registers

SVG = "{http://www.w3.org/2000/svg}"
PROCEDURES = [one.procedure for one in registers() if one.procedure]


def drawn(procedure, language="zh-hans"):
    return ElementTree.fromstring(svg(procedure, language))


def boxes(root):
    return [
        tuple(float(one.attrib[name]) for name in ("x", "y", "width", "height"))
        for one in root.iter(f"{SVG}rect")
    ]


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda one: one.code)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_in_a_drawing_lies_on_something_else_or_outside(procedure, language):
    root = drawn(procedure, language)
    found = boxes(root)
    stays = [move for move in procedure.moves if not move.to]
    moving = len(procedure.moves) - len(stays) + sum(len(move.source) for move in stays)
    assert len(found) == 1 + len(procedure.states) + moving
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for number, (x, y, wide, high) in enumerate(found):
        assert 0 <= x <= width - wide
        assert 0 <= y <= height - high
        for left, top, other_wide, other_high in found[:number]:
            apart = x >= left + other_wide or left >= x + wide or y >= top + other_high or top >= y + high
            assert apart, (procedure.code, number)


def test_a_road_goes_down_but_for_what_leads_back():
    layout = laid_out(APPOINTMENT)
    row = {code: number for number, codes in enumerate(layout.layers) for code in codes}
    back = [(source, to) for source, to in layout.arrows if row[to] <= row[source]]
    assert back == [("act-supplement", "state-filed")]


def test_a_move_that_stays_where_it_is_leads_back_to_its_state():
    assert [arrow for arrow in laid_out(TASK).arrows if "reschedule" in arrow[0] + arrow[1]] == [
        ("state-running", "act-reschedule-running"),
        ("act-reschedule-running", "state-running"),
    ]


def test_a_drawing_says_in_sentences_what_it_shows():
    said = list(sentences(TASK, "en"))
    assert said[0] == "A case that is handed in is “Under way”."
    assert said[3] == "From “Reported done”, reviewer, department head may “Accept”; it becomes “Done”."
    assert said[-1] == "① Check of what was done: ▸ starts Report done; ■ ends Accept, Return"
    root = drawn(TASK, "en")
    assert root.attrib["role"] == "img"
    title, described = root.attrib["aria-labelledby"].split()
    named = {one.attrib["id"]: one.text for one in root if "id" in one.attrib}
    assert named == {title: "Task of a plan", described: " ".join(said)}


def test_a_drawing_has_no_colour_and_no_style_of_its_own():
    text = svg(APPOINTMENT, "zh-hans")
    assert "style" not in text
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) == {"currentColor", "none"}


def test_an_english_drawing_is_english():
    for procedure in PROCEDURES:
        assert not re.search(r"[\u4e00-\u9fff]", svg(procedure, "en")), procedure.code


def test_signs_of_the_declaration_cannot_break_the_drawing():
    from dataclasses import replace

    odd = replace(APPOINTMENT, title=('<b a="1">&', '<b a="1">&'))
    assert drawn(odd)[0].text == '<b a="1">&'
