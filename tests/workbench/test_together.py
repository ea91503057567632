"""Several cases at once: checked first, each in its own transaction, told one by one."""

from __future__ import annotations

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.registers.writing import history_of


def pick(*cases) -> list[str]:
    return [f"officers/{case.number}/{case.version}" for case in cases]


def states(*cases) -> list[str]:
    return [Officer.objects.get(pk=case.pk).state for case in cases]


def test_nothing_happens_before_it_was_checked(people, cases):
    page = people.reviewer.post("/desk/together/", {"pick": pick(cases.red, cases.green)}).content.decode()
    assert "还没有办理任何一件" in page
    assert page.count('name="act"') == 4  # assign, return, list, refuse
    assert states(cases.red, cases.green) == ["filed", "filed"]


def test_a_move_is_made_for_each_and_told_for_each(people, cases):
    chosen = pick(cases.red, cases.green)
    people.head.post(
        f"/desk/officers/{cases.green.number}/do/list/", {"version": 1}
    )  # somebody is quicker with one
    response = people.reviewer.post(
        "/desk/together/done/",
        {"pick": chosen, "act": "refuse", "reason": "重复申报", "ground": "duplicate", "key": "k"},
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert "办成 1 件，共 2 件" in page
    assert "已被他人修改" in page
    assert states(cases.red, cases.green) == ["refused", "listed"]


def test_sent_twice_it_is_done_once(people, cases):
    given = {"pick": pick(cases.red, cases.green), "act": "list", "key": "k"}
    for _ in range(2):
        page = people.reviewer.post("/desk/together/done/", given).content.decode()
        assert "办成 2 件，共 2 件" in page
    assert history_of(cases.red).count() == 2


def test_cases_are_assigned_to_one_person(people, cases):
    second = people.accounts["second"]
    people.head.post(
        "/desk/together/done/", {"pick": pick(cases.red, cases.green), "act": "assigned", "to": second.pk}
    )
    assert {Officer.objects.get(pk=case.pk).handler for case in (cases.red, cases.green)} == {second}


def test_only_people_who_may_carry_it_out_are_offered(people, cases):
    page = people.head.post("/desk/together/", {"pick": pick(cases.red)}).content.decode()
    for name, offered in (
        ("clerk", True),
        ("second", True),
        ("stranger", False),
        ("auditor", False),
        ("member", False),
    ):
        assert (f'<option value="{people.accounts[name].pk}"' in page) == offered, name
    outsider = people.accounts["stranger"].pk
    done = people.head.post(
        "/desk/together/done/", {"pick": pick(cases.red), "act": "assigned", "to": outsider}
    )
    assert "办成 0 件，共 1 件" in done.content.decode()
    assert Officer.objects.get(pk=cases.red.pk).handler is None


def test_different_states_are_not_worked_on_together(people, cases):
    response = people.clerk.post("/desk/together/", {"pick": pick(cases.red, cases.paused)})
    assert response.status_code == 422
    assert "状态不同" in response.content.decode()
    nothing = people.clerk.post("/desk/together/", {})
    assert nothing.status_code == 422


def test_hidden_cases_are_left_out_as_if_they_did_not_exist(people, cases):
    chosen = [*pick(cases.red), "officers/CQO-9999999-9/1", "nonsense"]
    assert people.stranger.post("/desk/together/", {"pick": pick(cases.red)}).status_code == 422
    assert (
        people.stranger.post("/desk/together/done/", {"pick": pick(cases.red), "act": "list"}).status_code
        == 404
    )
    assert (
        people.reviewer.post("/desk/together/", {"pick": chosen}).status_code == 422
    )  # two registers are named
    one = people.reviewer.post("/desk/together/", {"pick": chosen[:2]})
    assert one.status_code == 200
    assert "CQO-9999999" not in one.content.decode()


def test_a_move_that_asks_fields_of_the_record_is_not_for_many(people, cases):
    given = {"pick": pick(cases.done), "act": "end", "ended_on": "2026-03-30"}
    assert people.clerk.post("/desk/together/done/", given).status_code == 404
    assert people.clerk.post("/desk/together/done/", {**given, "act": "fly"}).status_code == 404


def test_the_public_and_members_do_nothing_here(people, cases):
    given = {"pick": pick(cases.red), "act": "list"}
    for client, status in ((people.public, 302), (people.member, 404), (people.administrator, 404)):
        for path in ("/desk/together/", "/desk/together/done/"):
            assert client.post(path, given).status_code == status
