"""The main pages in a real browser, in both languages: no accessibility violations, no content from other hosts."""

from __future__ import annotations

import json
import re

import pytest

PAGES = {
    "home": "/",
    "index": "/model/index/",
    "area": "/model/areas/{model_area}/",
    "domain": "/model/domains/ecology/",
    "indicators": "/shenzhen/indicators/",
    "indicator": "/shenzhen/indicators/pm25/",
    "figure": "/shenzhen/figures/pm25/440300/2022/",
    "derivation": "/model/derivation/{model_area}/{model_period}/index/",
    "change": "/shenzhen/changes/440300/index/2021/2023/",
    "versions": "/model/versions/",
    "what_if": "/model/what-if/?period={model_period}&w.economy=40&area={model_area}&indicator=gdp_growth&value=9",
    "what_if_course": "/shenzhen/what-if/",
    "method": "/shenzhen/method/",
    "audit": "/model/audit/",
    "audit_group": "/model/audit/ecology/",
    "report": "/shenzhen/report/",
    "sources": "/shenzhen/data/",
    "model": "/model/",
    "law": "/law/",
    "article": "/law/84/",
    "search": "/search/?q=空气",
    "missing": "/shenzhen/indicators/nothing-of-that-name/",
}
WIDTHS = {"phone": 360, "desk": 1024, "wall": 1920}


@pytest.fixture(scope="session")
def addresses(prepared, portal):
    scores = json.loads(published(prepared))
    return {name: portal + path.format(**scores) for name, path in PAGES.items()}


def published(home) -> str:
    """One scored area and the latest period of the model city, read from its published file."""
    import duckdb

    file = next((home / "model" / "published").glob("model*/scores.parquet"))
    area, period = duckdb.sql(
        f"SELECT area, period FROM '{file}' WHERE score IS NOT NULL AND node = 'index'"
        " ORDER BY period DESC, area LIMIT 1"
    ).fetchone()
    return json.dumps({"model_area": area, "model_period": period})


def english(address: str, portal: str) -> str:
    return address.replace(portal, portal + "/en", 1)


@pytest.fixture
def visit(browser, portal):
    """Open an address at a width; requests to other hosts and script errors are noted on the page."""
    contexts = []

    def open_page(address: str, *, width: int = 1024, scheme: str = "light", scripts: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.strangers, page.faults = [], []
        page.on(
            "request",
            lambda r: page.strangers.append(r.url) if not r.url.startswith((portal, "data:")) else None,
        )
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda m: page.faults.append(m.text) if m.type == "error" else None)
        page.answer = page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_asks_no_other_host(name, language, addresses, portal, visit):
    from axe_playwright_python.sync_playwright import Axe

    address = addresses[name] if language == "zh" else english(addresses[name], portal)
    for scheme in ("light", "dark"):
        page = visit(address, scheme=scheme)
        assert page.answer.status == (404 if name == "missing" else 200)
        assert page.get_attribute("html", "lang").startswith(language)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
        assert page.strangers == []
        # a missing page is announced by the browser as an error of its own, which is right
        assert [fault for fault in page.faults if "404" not in fault] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_no_sideways_scrolling_on_any_screen(name, addresses, visit):
    for width in (320, *WIDTHS.values()):
        page = visit(addresses[name], width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_the_same_without_scripts(name, addresses, visit):
    """Scripts may add comfort, but no words: what is read without them is what is read with them."""
    with_scripts = visit(addresses[name]).inner_text("main")
    without = visit(addresses[name], scripts=False).inner_text("main")
    assert without.split() == with_scripts.split()


def test_a_figure_opens_down_to_its_source_row(addresses, visit):
    page = visit(addresses["home"])
    page.click("main a[href*='/derivation/']")
    lines = page.locator("main table a[href*='/figures/'], main table a[href*='/derivation/']")
    assert lines.count() > 0
    while page.locator("main table a[href*='/figures/']").count() == 0:
        page.locator("main table a[href*='/derivation/']").first.click()
    page.locator("main table a[href*='/figures/']").first.click()
    text = page.inner_text("main")
    assert "440300" in text
    page.locator("main a[href*='/files/']").first.click()
    assert len(page.locator("main code", has_text="").first.inner_text()) >= 8


def test_the_language_switch_keeps_the_page(addresses, portal, visit):
    page = visit(addresses["indicator"])
    page.click("a[hreflang='en']")
    assert page.url == english(addresses["indicator"], portal)
    page.click("a[hreflang^='zh']")
    assert page.url == addresses["indicator"]


def test_moving_a_weight_changes_the_ranking_at_once_and_the_address_keeps_it(addresses, portal, visit):
    page = visit(portal + "/model/what-if/")
    table, before = page.locator("table.tried tbody"), page.inner_text("table.tried tbody")
    page.evaluate("window.stays = true")
    page.locator("input[type=range]").first.fill("70")
    page.wait_for_url("**w.economy=70**")
    assert page.evaluate("window.stays") is True  # the page was not loaded again
    after = table.inner_text()
    assert after != before
    assert page.input_value("#w-economy") == "70"
    assert page.locator(".tools a[hreflang='en']").get_attribute("href").endswith(page.url.split("?")[1])
    for scripts in (True, False):
        again = visit(page.url, scripts=scripts)
        assert again.inner_text("table.tried tbody") == after
        assert again.input_value("#w-economy") == "70"
    assert page.faults == []


def test_the_form_asks_the_same_without_scripts(portal, visit):
    page = visit(portal + "/shenzhen/what-if/", scripts=False)
    page.fill("#w-economy", "3")
    page.locator("form.trial button").first.click()
    assert re.fullmatch(r".*/shenzhen/what-if/\?period=\d{4}&w\.economy=3", page.url)


def test_search_finds_a_two_character_word(addresses, portal, visit):
    page = visit(addresses["home"])
    page.fill("input[name=q]", "酸雨")
    page.press("input[name=q]", "Enter")
    assert page.locator("main a[href='/shenzhen/indicators/acid_rain/']").count() == 1


def test_real_and_fictional_never_share_a_page(addresses, visit):
    fictional = visit(addresses["model"])
    assert "虚构" in fictional.title()
    assert fictional.locator("text=虚构数据").first.is_visible()
    # the door to the real city is the only link out of the fictional one
    doors = fictional.locator("main a[href*='/shenzhen/']")
    assert {door.get_attribute("href") for door in doors.all()} <= {"/shenzhen/"}
    assert fictional.locator("main :is(table, svg, .hero)", has_text="深圳").count() == 0
    assert "虚构" not in visit(addresses["indicator"]).inner_text("main")
