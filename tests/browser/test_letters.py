"""A complaint in a browser: told on a phone, handled, answered by the firm, tracked and judged (article 90).

Twice: in Chinese with scripts, each page looked at by axe-core, and in English with scripts switched off, where axe-core
cannot run either. No page scrolls sideways.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

pytestmark = pytest.mark.slow

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
WRITER = {"name": "万俟秘安", "phone": "010-00007391"}
PHONE, DESK = 360, 1280


@functools.cache
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


class Walk:
    """One language's way through the pages; `faults` is what axe-core finds on them."""

    def __init__(self, sit_down: Callable[..., Any], language: str) -> None:
        self.sit_down, self.language = sit_down, language
        self.faults: dict[str, Any] = {}
        self.pages: dict[str, Any] = {}

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def go(self, name: str, path: str, *, width: int = DESK) -> Any:
        """Somebody's page at an address, looked at."""
        if name not in self.pages:
            self.pages[name] = self.sit_down(name, width=width, scripts=self.language == "zh")
        page = self.pages[name]
        page.answer = page.goto(path if self.language == "zh" else f"/en{path}")
        self.look(page, path)
        return page

    def look(self, page: Any, what: str) -> None:
        if self.language == "zh":  # without scripts its promise would never be kept
            page.evaluate(axe())
            said = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
            if found := [(one["id"], [node["target"][0] for node in one["nodes"]][:3]) for one in said]:
                self.faults[what] = found
        width = page.viewport_size["width"]
        if (reach := page.evaluate("document.documentElement.scrollWidth")) > width:
            self.faults[f"{what} scrolls sideways"] = reach

    def hand_in(self, page: Any, answers: dict[str, str]) -> tuple[str, str]:
        """Answer page after page, check, send; the number and the secret that the last page tells."""
        asked = []
        while page.locator("button[value=send]").count() == 0:
            faults = page.locator(".reg-summary li")
            assert faults.count() == 0, faults.all_inner_texts()
            self.look(page, f"question {len(asked) + 1}")
            names = [
                name
                for one in page.locator("main form :is(input, select, textarea):visible").all()
                if (name := one.get_attribute("name")) in answers
            ]
            for name in names:
                box = page.locator(f"main form [name={name}]")
                if box.evaluate("one => one.tagName") == "SELECT":
                    box.select_option(label=answers[name])
                else:
                    box.fill(answers[name])
            asked += names
            page.locator("main form button.button").first.click()
        assert asked == list(answers)  # in this order: what happened first, and who tells it last
        shown = page.inner_text("dl.facts")
        assert [text for text in answers.values() if text not in shown] == []
        self.look(page, "check")
        page.click("button[value=send]")
        self.look(page, "done")
        return page.inner_text(".lead strong"), page.inner_text(".note strong.mono")


@pytest.fixture(params=["zh", "en"], ids=["with scripts", "without scripts"])
def walk(request: pytest.FixtureRequest, sit_down: Callable[..., Any]) -> Walk:
    return Walk(sit_down, str(request.param))


def test_a_complaint_is_mediated_and_the_firm_learns_of_it_when_it_is_invited(walk: Walk) -> None:
    say = walk.say
    firm = walk.go("firm", "/account/")
    name = firm.locator("a[href*='/account/organisations/']").first.inner_text()
    citizen = walk.go("", "/registers/complaints/add/", width=PHONE)
    answers = {
        "category": say("商品质量", "Quality of goods"), "respondent": name, "goods": "电热水壶", "facts": "壶底漏水密句。", **WRITER,
    }  # fmt: skip
    number, secret = walk.hand_in(citizen, answers)
    entry, case = f"/registers/complaints/{number}/", f"/desk/complaints/{number}/"
    assert walk.go("firm", entry).answer.status == 404

    clerk = walk.go("clerk", case)
    assert WRITER["phone"] in clerk.inner_text("main")
    clerk.click("a[href*='/do/accept/']")
    clerk.fill("[name=statement]", f"{WRITER['name']}的水壶漏水。")
    clerk.locator("main form button.button").first.click()
    assert clerk.locator(".reg-summary a").get_attribute("href") == "#id_statement"  # it tells who complains
    clerk.fill("[name=statement]", "壶底漏水，要求更换。")
    clerk.locator("main form button.button").first.click()
    clerk.click("button[value=send]")

    firm = walk.go("firm", "/inbox/")
    firm.locator(".notices a", has_text=number).first.click()
    assert "壶底漏水，要求更换。" in firm.inner_text("main")
    assert [text for text in (*WRITER.values(), answers["facts"]) if text in firm.content()] == []
    walk.look(firm, "what the firm reads")
    firm.click("a[href*='/do/respond/']")
    firm.fill("[name=response]", "同意更换。")
    firm.locator("main form button.button").first.click()
    firm.click("button[value=send]")

    clerk = walk.go("clerk", case)
    assert "同意更换。" in clerk.inner_text("main")
    clerk.click("a[href*='/do/settle/']")
    clerk.fill("[name=answer]", "已更换。")
    clerk.fill("[name=remedy]", "更换")
    clerk.locator("main form button.button").first.click()
    clerk.click("button[value=send]")
    clerk = walk.go("clerk", case)
    clerk.click("form[action*='/do/tell/'] button")
    assert say("已办结", "Closed") in clerk.inner_text(".lead")

    # whoever complained judges it by number and secret; head and supervisor see that nothing waits
    citizen = walk.go("", f"/track/?number={number}")
    citizen.fill("[name=secret]", secret)
    citizen.click("main form button.button")
    citizen.click("button[value=rate]")
    walk.look(citizen, "judging")
    citizen.select_option("[name=satisfaction]", "5")
    citizen.select_option("[name=fixed]", "fixed")
    citizen.click("button[value=send]")
    assert citizen.locator("[role=status]").count() == 1
    head = walk.go("head", case)
    assert say("评价", "Judge the handling") in head.inner_text("main")
    assert walk.go("supervisor", entry).answer.status == 200
    assert WRITER["phone"] not in walk.pages["supervisor"].content()
    for page in ("/complaints/", "/complaints/statistics/", "/complaints/statistics/?kind=problem"):
        walk.go("", page)
    assert walk.faults == {}
