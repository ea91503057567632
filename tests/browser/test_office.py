"""The pages of the office as each role meets them: accessible in both languages, on a phone and at a desk."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

LANGUAGES = ("zh", "en")
WIDTHS = (1280, 360)
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"

PAGES: dict[str, tuple[str, ...]] = {
    "": (
        "/account/login/",
        "/account/signup/",
        "/account/password/reset/",
        "/registers/",
        "/registers/officers/",
        "/registers/officers/?state=listed&organisation=电梯",
        "/registers/officers/?q=没有这样的名字",
        "/registers/officers/about/",
        "/registers/objections/",
        "{registers/officers/?state=listed}",
        "{registers/events/?state=listed}",
        "{registers/tasks/}",
        "{registers/officers/?state=listed}files/",
        "/id/org/{code}/",
        "/id/org/91990001990000010X/",
        "/supervision/",
        "/supervision/wall/",
        "/supervision/wall/?still=1",
        "/history/",
    ),
    "citizen": ("/account/", "/account/details/", "/account/password/change/", "/inbox/"),
    "firm": (
        "/account/",
        "/registers/",
        "/registers/officers/add/",
        "{registers/officers/?state=listed&q={firm}}",
        "{registers/officers/?state=listed&q={firm}}files/",
        "{registers/officers/?state=listed&q={firm}}do/end/",
        "/inbox/",
    ),
    "clerk": (
        "/desk/",
        "/desk/keys/",
        "/desk/department/",
        "{desk/?register=officers}",
        "{registers/officers/?state=filed}",
        "{registers/courses/}change/",
        "/registers/courses/import/",
        "/inbox/",
    ),
    "head": ("/desk/", "/desk/department/", "/supervision/", "/supervision/warnings/"),
    "supervisor": ("/supervision/warnings/", "/supervision/findings/", "{supervision/warnings/}"),
    "auditor": ("/account/reads/", "/supervision/findings/"),
    "administrator": (
        "/account/",
        "/account/people/",
        "/account/people/add/",
        "{account/people/?q=clerk}",
        "/account/keys/add/",
        "/account/reauthenticate/",
        "/inbox/chores/",
        "/registers/limits/",
    ),
}
"""Where each role goes; `{list}` stands for the first entry of that list, or of that desk."""


@functools.cache
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


def faults_of(page: Any, *, dark: bool = False) -> list[tuple[Any, ...]]:
    """What axe-core finds at both widths, then in dark colours; and whether the page must be pushed sideways."""
    found: list[tuple[Any, ...]] = []
    page.evaluate(axe())
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [(width, *one) for one in _violations(page, "{}")]
        reach = page.evaluate("document.documentElement.scrollWidth")
        if reach > width:
            found.append((width, "scrolls sideways", reach))
    if dark:
        page.emulate_media(color_scheme="dark")
        found += [("dark", *one) for one in _violations(page, "{runOnly: ['color-contrast']}")]
        page.emulate_media(color_scheme="light")
    return found


def _violations(page: Any, options: str) -> list[tuple[str, list[str]]]:
    # the list of all that is right is long, and making it takes most of the time
    asked = f"axe.run({{resultTypes: ['violations'], ...{options}}})"
    said = page.evaluate(f"{asked}.then(found => found.violations)")
    return [(one["id"], [node["target"][0] for node in one["nodes"]][:3]) for one in said]


def address(page: Any, written: str) -> str:
    """The address that `{list}...` stands for: the page is sent to the list and follows its first entry."""
    if "{firm}" in written:
        page.goto("/account/")
        firm = page.locator("a[href*='/account/organisations/']").first.inner_text()
        written = written.replace("{firm}", firm)
    if written.startswith("{"):
        asked, rest = written[1:].split("}", 1)
        page.goto(f"/{asked}")
        return page.locator("main tbody th a").first.get_attribute("href").split("?")[0] + rest
    if "{code}" in written:
        page.goto("/registers/organisations/")
        code = page.locator("main tbody tr td").first.inner_text()
        return written.replace("{code}", code)
    return written


@pytest.mark.slow
@pytest.mark.parametrize("role", PAGES)
def test_every_page_of_a_role_is_accessible_in_both_languages(
    role: str, sit_down: Callable[..., Any]
) -> None:
    page = sit_down(role)
    found = {}
    for written in PAGES[role]:
        here = address(page, written)
        for language in LANGUAGES:
            answer = page.goto(here if language == "zh" else f"/en{here}")
            assert (here, answer.status) == (here, 404 if "000010X" in here else 200)
            assert page.get_attribute("html", "lang").startswith(language)
            if faults := faults_of(page, dark=language == "zh"):
                found[(language, written)] = faults
    assert found == {}


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_form_answers_is_accessible_too(language: str, sit_down: Callable[..., Any]) -> None:
    """A form with faults, the answers to check, what cannot be done, and the judgement on a file."""
    prefix = "/en" if language == "en" else ""
    found = {}
    page = sit_down("firm")
    page.goto(f"{prefix}/registers/officers/add/")
    page.click("button[value=next-1]")
    found["faults"] = faults_of(page)
    assert page.locator(".reg-summary li").count() == 1  # day of the appointment
    page.fill("[name=appointed_on]", "2026-03-02")
    page.click("button[value=next-1]")
    page.click("button[value=next-2]")
    found["faults of two"] = faults_of(page)
    assert page.locator(".reg-summary li").count() == 2  # name, telephone
    page.fill("[name=name]", "核对人")
    page.fill("[name=phone]", "010-00009999")
    for question in (2, 3, 4, 5):
        page.click(f"button[value=next-{question}]")
    assert page.locator("button[value=send]").count() == 1
    found["check"] = faults_of(page)

    clerk = sit_down("clerk")
    for name, row, status in (("faults", "x", 0), ("sound", "8", 1)):
        table = (
            "title,field,provider,starts_on,ends_on,hours\n"
            f"质量管理培训,quality,{code(clerk)},2026-03-02,2026-03-03,{row}\n"
        )
        clerk.goto(f"{prefix}/registers/courses/import/")
        clerk.set_input_files(
            "#file", {"name": "courses.csv", "mimeType": "text/csv", "buffer": table.encode()}
        )
        clerk.click("main button.button")
        assert clerk.locator("main form button.button").count() == status
        found[f"import {name}"] = faults_of(clerk)
    assert {name: faults for name, faults in found.items() if faults} == {}


def code(page: Any) -> str:
    """The credit code of some organisation."""
    page.goto("/registers/organisations/")
    return str(page.locator("main tbody tr td").first.inner_text())
