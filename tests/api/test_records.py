"""The API of every register: reading, paging, versions, writing, moves, errors."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.accounts import Account, Membership
from shenzhi.kernel.access.reads import ReadLog
from shenzhi.kernel.clocks.models import CalendarNotice
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.writing import create

OFFICER = {"organisation": "", "name": "张三", "phone": "13800001111", "appointed_on": "2026-01-05"}


@pytest.fixture
def signed_in(office):
    """A client for a role: an account with that one membership, where the office says it counts."""

    def client(role: str, **where: object) -> Client:
        account = Account.objects.create_user(f"{role}-{Account.objects.count()}")
        Membership.objects.create(account=account, role=role, **where)
        made = Client()
        made.force_login(account)
        return made

    return client


@pytest.fixture
def member(office, signed_in):
    return signed_in("member", organisation=office.firm)


@pytest.fixture
def reviewer(office, signed_in):
    return signed_in("reviewer", department=office.quality)


def send(client: Client, verb: str, path: str, body: dict[str, object], **headers: str):
    return getattr(client, verb)(path, json.dumps(body), content_type="application/json", headers=headers)


def filed(client: Client, office, **more: object):
    body = {
        **OFFICER,
        "organisation": office.firm.code,
        "department": "quality",
        "district": "990001",
        **more,
    }
    return send(client, "post", "/api/v1/officers/", body)


def test_a_record_is_filed_read_and_moved_on(office, member, reviewer):
    made = filed(member, office)
    assert made.status_code == 201, made.content
    assert made["Location"] == f"/api/v1/officers/{made.json()['number']}"
    assert made.json()["organisation"] == {"number": office.firm.number, "label": "松风精密制造有限公司"}

    read = reviewer.get(made["Location"])
    assert (read.status_code, read.json()["state"]) == (200, "filed")
    moved = send(reviewer, "post", f"{made['Location']}/moves/list", {}, **{"If-Match": read["ETag"]})
    assert (moved.status_code, moved.json()["state"]) == (200, "listed")


def test_the_public_reads_open_fields_of_public_records(office, member, reviewer):
    address = filed(member, office)["Location"]
    assert Client().get(address).status_code == 404
    read = reviewer.get(address)
    send(reviewer, "post", f"{address}/moves/list", {}, **{"If-Match": read["ETag"]})
    public = Client().get(address).json()
    assert "phone" not in public
    assert "training" not in public
    assert public["name"] == "张三"


def test_a_hidden_record_answers_like_a_missing_one(office, member):
    hidden = Client().get(filed(member, office)["Location"])
    missing = Client().get(f"/api/v1/officers/{Officer(pk=999).number}")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
    assert hidden["Content-Type"] == "application/problem+json"


def test_a_write_needs_the_version_that_was_read(office, member, reviewer):
    address = filed(member, office)["Location"]
    tag = reviewer.get(address)["ETag"]
    assert send(reviewer, "post", f"{address}/moves/list", {}).status_code == 428
    assert send(reviewer, "post", f"{address}/moves/list", {}, **{"If-Match": '"9-x"'}).status_code == 412
    assert send(reviewer, "post", f"{address}/moves/list", {}, **{"If-Match": tag}).status_code == 200


def test_what_is_unchanged_is_not_sent_again(office, member):
    address = filed(member, office)["Location"]
    tag = member.get(address)["ETag"]
    assert member.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_a_repeated_request_is_carried_out_once(office, member):
    body = {**OFFICER, "organisation": office.firm.code}
    first, again = (
        send(member, "post", "/api/v1/officers/", body, **{"Idempotency-Key": "once"}) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["number"] == again.json()["number"]
    other = send(member, "post", "/api/v1/officers/", {**body, "name": "李四"}, **{"Idempotency-Key": "once"})
    assert other.status_code == 409


@pytest.mark.parametrize("slipped", ["state", "version", "id", "made_at", "no_such_field"])
def test_a_field_that_is_not_asked_is_refused(office, member, slipped):
    refused = filed(member, office, **{slipped: 1})
    assert refused.status_code == 422
    assert [one["field"].rsplit(".", 1)[-1] for one in refused.json()["errors"]] == [slipped]
    assert Officer.objects.count() == 0


def test_every_fault_is_told_with_its_field(office, member):
    refused = filed(member, office, organisation="没有的公司", appointed_on="2026-02-30")
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    refused = filed(member, office, organisation="没有的公司")
    assert [one["field"] for one in refused.json()["errors"]] == ["organisation"]


def test_a_member_of_another_organisation_cannot_file_for_this_one(office, signed_in):
    rival = signed_in("member", organisation=office.other)
    assert filed(rival, office).status_code == 403


def test_the_public_cannot_write(office):
    assert filed(Client(), office).status_code == 403


def test_a_list_is_read_page_by_page_to_its_end(office, member):
    numbers = [filed(member, office, name=f"人{i}").json()["number"] for i in range(5)]
    seen, address = [], "/api/v1/officers/?limit=2"
    while address:
        page = member.get(address).json()
        seen += [one["number"] for one in page["items"]]
        address = page["next"]
    assert seen == numbers[::-1]


def test_a_list_costs_the_same_queries_with_one_row_and_with_many(office, member, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    filed(member, office)
    with CaptureQueriesContext(connection) as one:
        member.get("/api/v1/officers/")
    for i in range(6):
        filed(member, office, name=f"人{i}")
    with CaptureQueriesContext(connection) as many:
        member.get("/api/v1/officers/")
    assert len(one) == len(many)


def test_the_history_tells_members_what_happened_but_not_which_officer_did_it(office, member, reviewer):
    address = filed(member, office)["Location"]
    send(reviewer, "post", f"{address}/moves/list", {}, **{"If-Match": reviewer.get(address)["ETag"]})
    mine, theirs, public = (
        client.get(f"{address}/history").json()["items"] for client in (member, reviewer, Client())
    )
    assert [(one["act"], one["state"], one["after"].get("name")) for one in mine] == [
        ("file", "filed", "张三"),
        ("list", "listed", None),
    ]
    own, officer = Account.objects.order_by("pk").values_list("username", flat=True)
    assert [one["by"] for one in mine] == [own, None]
    assert [one["by"] for one in theirs] == [own, officer]
    assert [one["by"] for one in public] == [None]


def test_who_carries_a_register_out_learns_the_doer_from_the_api_as_from_the_page(office, signed_in):
    """Holiday notices are kept by administrators, who are named to each other and to nobody else."""
    day = dt.date(2030, 12, 31)
    notice = create(CalendarNotice(year=2030, known_until=day, citation="测试"), by=office.administrator)
    reader = signed_in("administrator")
    told = reader.get(f"/api/v1/holiday-notices/{notice.number}/history").json()["items"]
    assert [one["by"] for one in told] == ["administrator 10"]
    page = reader.get(f"/registers/holiday-notices/{notice.number}/").content.decode()
    assert "administrator 10" in page
    for other in (Client(), signed_in("clerk", department=office.market)):
        told = other.get(f"/api/v1/holiday-notices/{notice.number}/history").json()["items"]
        assert [one["by"] for one in told] == [None]


def test_the_public_history_shows_open_values_only(office, member, reviewer):
    address = filed(member, office)["Location"]
    send(reviewer, "post", f"{address}/moves/list", {}, **{"If-Match": reviewer.get(address)["ETag"]})
    told = Client().get(f"{address}/history").json()["items"]
    assert "phone" not in told[0]["after"]
    assert "13800001111" not in json.dumps(told)


def test_a_signed_in_browser_needs_the_token_to_write(office):
    account = Account.objects.create_user("m")
    Membership.objects.create(account=account, role="member", organisation=office.firm)
    client = Client(enforce_csrf_checks=True)
    client.force_login(account)
    assert filed(client, office).status_code == 403
    assert Officer.objects.count() == 0


def test_a_wrong_key_is_never_taken_for_the_public(office):
    answer = Client().get("/api/v1/organisations/", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="shenzhi"')


def test_the_masked_is_masked_and_named(office, signed_in):
    clerk = signed_in("clerk", department=office.market)
    record = clerk.get(f"/api/v1/organisations/{office.firm.number}").json()
    assert (record["phone"], record["masked"]) == ("138****5678", ["phone"])
    assert "phone" not in Client().get(f"/api/v1/organisations/{office.firm.number}").json()


def test_a_record_is_changed_by_those_who_carry_the_register_out(office, signed_in):
    clerk = signed_in("clerk", department=office.quality)
    address = f"/api/v1/organisations/{office.firm.number}"
    tag = clerk.get(address)["ETag"]
    changed = send(clerk, "patch", address, {"name_en": "Pine"}, **{"If-Match": tag})
    assert (changed.status_code, changed.json()["name_en"]) == (200, "Pine")
    assert send(clerk, "patch", address, {"name_en": "Oak"}, **{"If-Match": tag}).status_code == 412
    assert Organisation.objects.get(pk=office.firm.pk).version == 2


def test_a_list_answers_what_it_is_asked(office, member, reviewer):
    for name in ("张三", "李四"):
        filed(member, office, name=name)
    address = filed(member, office, name="王五", appointed_on="2025-03-01")["Location"]
    send(reviewer, "post", f"{address}/moves/list", {}, **{"If-Match": reviewer.get(address)["ETag"]})

    def asked(query: str, client: Client = reviewer) -> list[str]:
        return [one["name"] for one in client.get(f"/api/v1/officers/?{query}").json()["items"]]

    assert asked("state=filed&sort=name") == ["张三", "李四"]
    assert asked("appointed_on_to=2025-12-31") == ["王五"]
    assert asked("q=王五") == ["王五"]
    assert asked("q=王五", Client()) == ["王五"]
    assert asked("sort=appointed_on&limit=1") == ["王五"]


@pytest.mark.parametrize("query", ["appointed_on_from=yesterday", "state=nowhere", "sort=phone"])
def test_what_cannot_be_asked_is_refused_and_not_left_out(office, member, query):
    refused = Client().get(f"/api/v1/officers/?{query}")
    assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
    assert [one["field"] for one in refused.json()["errors"]] == [query.split("=")[0]]


def test_sorted_pages_go_on_to_the_end_too(office, member):
    for name in ("丙", "甲", "乙", "丁"):
        filed(member, office, name=name)
    seen, address = [], "/api/v1/officers/?limit=3&sort=name"
    while address:
        page = member.get(address).json()
        seen += [one["name"] for one in page["items"]]
        address = page["next"]
    assert sorted(seen) == seen
    assert len(seen) == 4


def test_reading_a_person_through_the_api_is_noted(office, member, reviewer):
    address = filed(member, office)["Location"]
    noted = ReadLog.objects.count()
    Client().get(address)
    assert ReadLog.objects.count() == noted
    reviewer.get(address)
    last = ReadLog.objects.order_by("id").last()
    assert (ReadLog.objects.count() - noted, last.fields, last.purpose) == (1, "phone", "api")
