"""One appointment from the enterprise to the public, and what the office does around it, in a browser, click by click.

The whole walk is made twice: in Chinese with scripts, and in English with scripts switched off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

TELEPHONE = "010-00004321"


@pytest.fixture(params=["zh", "en"], ids=["with scripts", "without scripts"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def say(language: str) -> Callable[[str, str], str]:
    return lambda zh, en: zh if language == "zh" else en


@pytest.fixture
def enter(sit_down: Callable[..., Any], language: str) -> Callable[..., Any]:
    """Somebody's page at an address of the office, in the language of the walk."""
    seated: dict[str, Any] = {}

    def enter(name: str, path: str) -> Any:
        page = seated.setdefault(name, None) or sit_down(name, scripts=language == "zh")
        seated[name] = page
        page.answer = page.goto(path if language == "zh" else f"/en{path}")
        return page

    return enter


def main(page: Any) -> str:
    return str(page.inner_text("main"))


def test_an_appointment_goes_from_the_enterprise_to_the_public(
    enter: Callable[..., Any], say: Callable[[str, str], str], language: str
) -> None:
    name = say("林见鹿", "Lin Jianlu")

    # the enterprise files: one question a page, answers are checked, one is corrected, nothing is written before it is sent
    firm = enter("firm", "/registers/officers/add/")
    assert say("第 1 题，共 5 题", "Question 1 of 5") in firm.inner_text(".reg-step")
    firm.press("[name=appointed_on]", "Enter")
    assert firm.locator(".reg-summary a").get_attribute("href") == "#id_appointed_on"
    firm.fill("[name=appointed_on]", "2026-03-02")
    firm.press("[name=appointed_on]", "Enter")
    firm.fill("[name=name]", say("林见路", "Lin Janlu"))
    firm.fill("[name=phone]", TELEPHONE)
    firm.click("button[value=next-2]")
    firm.click("button[value=back-3]")
    assert firm.input_value("[name=phone]") == TELEPHONE
    for question in (2, 3, 4, 5):
        firm.click(f"button[value=next-{question}]")
    assert say("请核对", "Check your answers") in firm.inner_text("h1")
    firm.click("button[value=edit-name]")
    firm.fill("[name=name]", name)
    firm.click("button[value=check]")
    assert name in firm.inner_text("dl.facts")
    firm.click("button[value=send]")
    number = firm.inner_text(".lead strong")
    assert re.fullmatch(r"CQO-\d{7}-[0-9A-Z]", number)
    assert say("正常", "in time") in firm.inner_text(".reg-clocks")

    # and attaches the letter of appointment
    entry = f"/registers/officers/{number}/"
    firm = enter("firm", f"{entry}files/")
    letter = {"name": "appointment.csv", "mimeType": "text/csv", "buffer": "任命,林见鹿\n".encode()}
    firm.set_input_files("#file", letter)
    firm.click("main form button.button")
    assert "appointment.csv" in firm.inner_text("main table")

    # nobody outside can tell that it exists
    assert enter("", entry).answer.status == 404
    assert enter("citizen", entry).answer.status == 404

    # the clerk finds it on the desk, may not list it, and asks for a supplement: the clock stands still
    case = f"/desk/officers/{number}/"
    clerk = enter("clerk", "/desk/?register=officers")
    clerk.click(f"a:text-is('{number}')")
    assert case in clerk.url
    assert TELEPHONE in main(clerk)
    assert "appointment.csv" in main(clerk)
    assert say("准予备案（须由审核人、部门负责人办理）", "List (for reviewer or department head)") in main(
        clerk
    )
    assert clerk.locator("form[action*='/do/list/']").count() == 0
    clerk.click("form[action*='/do/return/'] summary")
    clerk.fill("form[action*='/do/return/'] textarea", "请写明职责。")
    clerk.click("form[action*='/do/return/'] button")
    assert say("待补正", "To be supplemented") in clerk.inner_text(".lead")
    assert say("中止", "paused") in clerk.inner_text(".desk-clock .lamp")

    # the enterprise is told so, supplements, and the clock goes on
    firm = enter("firm", "/inbox/")
    firm.locator(".notices a", has_text=number).first.click()
    assert number in firm.url
    assert say("中止", "stopped") in firm.inner_text(".reg-clocks")
    assert "请写明职责。" in main(firm)
    firm.click("a[href*='/do/supplement/']")
    firm.click("button[value=next-1]")
    firm.fill("[name=duties]", "负责质量安全。")
    firm.click("button[value=next-2]")
    firm.click("button[value=send]")
    assert say("正常", "in time") in firm.inner_text(".reg-clocks")

    # the reviewer, who did not file it, lists it
    reviewer = enter("reviewer", case)
    assert "负责质量安全。" in main(reviewer)
    reviewer.click("form[action*='/do/list/'] button")
    assert say("在册", "Listed") in reviewer.inner_text(".lead")

    # now the public reads it, without telephone, duties, file, or the names of officials
    public = enter("", f"/registers/officers/?q={name}")
    public.click(f"a:text-is('{number}')")
    shown = main(public)
    assert name in public.inner_text("h1")
    assert "2026-03-02" in shown
    for closed in (TELEPHONE, TELEPHONE[-4:], "负责质量安全。", "appointment.csv", "请写明职责。"):
        assert closed not in public.content()
    assert say("未向您显示", "Not shown to you") in shown

    # on paper the entry stands alone
    public.emulate_media(media="print")
    for around in (".top nav", ".tools", ".crumbs", ".skip"):
        assert not public.locator(around).first.is_visible()
    assert public.locator("h1").is_visible()
    assert public.locator(".print-only").is_visible()


def test_a_head_sees_the_lamps_of_the_department(
    enter: Callable[..., Any], say: Callable[[str, str], str]
) -> None:
    head = enter("head", "/desk/department/")
    rows = head.locator("table.desk-lamps").first
    head_row = rows.locator("thead").inner_text()
    for lamp in (say("超期", "overdue"), say("将到期", "due soon"), say("正常", "in time")):
        assert lamp in head_row
    of_officers = rows.locator("tbody tr", has_text=say("首席质量官", "Chief quality officers"))
    figures = [int(text) for text in of_officers.locator("td").all_inner_texts()[:4] if text.isdigit()]
    # what the desk of the whole department holds in that register is what its lamps add up to
    head = enter("head", "/desk/?register=officers&every=1")
    assert sum(figures) == int(re.search(r"\d+", head.inner_text(".lead"))[0])  # type: ignore[index]


def test_a_supervisor_reminds_the_holder_of_a_late_case(
    enter: Callable[..., Any], say: Callable[[str, str], str]
) -> None:
    supervisor = enter("supervisor", "/supervision/")
    assert supervisor.locator(".desk-totals strong").count() == 5
    supervisor = enter("supervisor", "/supervision/warnings/")
    supervisor.locator("main tbody th a").first.click()
    number = supervisor.inner_text(".meta a.mono")
    assert supervisor.locator("form[action*='/do/']").count() == 0  # he warns, and decides nothing
    step = "form[action*='/reminded/']"
    supervisor.click(f"details:has({step}) summary")
    text = say("请三日内办结并说明原因。", "Please finish within three days, and say why.")
    supervisor.fill(f"{step} textarea", text)
    supervisor.click(f"{step} button")
    assert text in supervisor.inner_text(".desk-clock >> nth=0")
    supervisor = enter("supervisor", "/supervision/warnings/")
    row = supervisor.locator("main tbody tr", has_text=number)
    assert say("监察提醒", "Reminder") in row.inner_text()


def test_the_administrator_opens_an_account_and_gives_himself_nothing(
    enter: Callable[..., Any], say: Callable[[str, str], str], language: str, passwords: dict[str, str]
) -> None:
    administrator = enter("", "/account/people/add/")
    administrator.fill("[name=login]", "administrator")
    administrator.fill("[name=password]", passwords["administrator"])
    administrator.press("[name=password]", "Enter")
    administrator.fill("[name=username]", f"new.clerk.{language}")
    administrator.fill("[name=name]", "何清和")
    administrator.click("main form button.button")
    # the password is asked for again; what was typed is kept meanwhile
    administrator.fill("[name=password]", passwords["administrator"])
    administrator.press("[name=password]", "Enter")
    assert "/account/password/reset/key/" in administrator.inner_text("code.secret")
    administrator.click("main p a")
    administrator.select_option("[name=role]", "clerk")
    department = say("模型市质量办", "Model City Quality Office")
    administrator.select_option("[name=department]", label=department)
    administrator.click("form[action*='/give/'] button")
    assert say("经办人", "Clerk") in administrator.inner_text("main table >> nth=0")
    assert department in administrator.inner_text("main table >> nth=0")

    # of his own roles he is told that another administrator gives them, and no form is there to try
    enter("", "/account/people/?q=administrator")
    administrator.click("main tbody th a")
    own = administrator.url
    assert (
        say("不能给自己授予角色", "Nobody gives roles to himself")
        in administrator.locator("main .note").inner_text()
    )
    assert administrator.locator("form[action*='/give/']").count() == 0
    # a form that is sent all the same changes nothing
    roles = administrator.inner_text("main table >> nth=0")
    token = administrator.locator("[name=csrfmiddlewaretoken]").first.input_value()
    administrator.request.post(
        f"{own}give/",
        form={"csrfmiddlewaretoken": token, "role": "clerk", "valid_from": "2026-03-02"},
        headers={"referer": own},
    )
    administrator.reload()
    assert administrator.inner_text("main table >> nth=0") == roles
    # and who administers accounts carries nothing out: the desk leads to the own notices
    assert enter("administrator", "/desk/").answer.url.endswith("/inbox/")


def test_the_desk_is_worked_from_the_keyboard(sit_down: Callable[..., Any]) -> None:
    clerk = sit_down("clerk")
    clerk.goto("/desk/")
    numbers = clerk.locator("main tbody th a").all_inner_texts()
    focused = "document.activeElement.textContent"
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("ArrowDown", 2), ("ArrowUp", 1)):
        clerk.keyboard.press(key)
        assert (key, clerk.evaluate(focused)) == (key, numbers[row])
    clerk.keyboard.press("x")
    picked = clerk.locator("main tbody input:checked")
    assert [one.get_attribute("aria-label") for one in picked.all()] == [f"选择 {numbers[1]}"]
    clerk.keyboard.press("x")
    assert picked.count() == 0
    clerk.keyboard.press("Enter")
    clerk.wait_for_url(f"**/{numbers[1]}/**")
    clerk.keyboard.press("n")
    clerk.wait_for_url(f"**/{numbers[2]}/**")
    clerk.keyboard.press("p")
    clerk.wait_for_url(f"**/{numbers[1]}/**")
    clerk.keyboard.press("u")
    clerk.wait_for_url("**/desk/?**")
    clerk.keyboard.press("?")
    clerk.wait_for_url("**/desk/keys/")
