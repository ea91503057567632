"""Open311 GeoReport v2: answers as the standard and its published schemas ask, and faults that say what is wrong (article 62)."""

from __future__ import annotations

import datetime as dt
import json
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.open311_city import BASE, CHINA, a_problem, city, found, number_of, post, told
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.cases.firing import fire

__all__ = ["city"]


def test_one_request_is_an_array_of_one_and_tells_nothing_of_the_writer(city):
    number = number_of(city)
    said = city.get(f"{BASE}/requests/{number}.json")
    assert [one["service_request_id"] for one in said.json()] == [number]
    text = said.content.decode()
    assert ("example.org" in text, "路灯不亮" in text) == (False, False)
    root = ET.fromstring(city.get(f"{BASE}/requests/{number}.xml").content)
    assert (root.tag, [child.tag for child in root]) == ("service_requests", ["request"])


@pytest.mark.parametrize(
    ("schema", "address"),
    [
        ("services", "services.json"),
        ("requests", "requests.json"),
        ("service-definition", "services/cover.json"),
        ("service-definition", "services/lamp.json"),
    ],
)
def test_answers_keep_the_published_schemas(city, shared, schema, address):
    number_of(city)
    folder = shared / "data" / "open311"
    store = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    rules = store[f"{schema}.json"]
    resolver = jsonschema.RefResolver(
        folder.as_uri() + "/", rules, store={f"{folder.as_uri()}/{n}": s for n, s in store.items()}
    )
    jsonschema.validate(city.get(f"{BASE}/{address}").json(), rules, resolver=resolver)


def test_services_say_whether_more_is_asked(city):
    assert city.get(f"{BASE}/services.json").json() == [
        {"service_code": "lamp", "service_name": "Lamp out", "description": "Lamp out", "metadata": False,
         "type": "realtime", "keywords": "", "group": None},
        {"service_code": "cover", "service_name": "Broken cover", "description": "Broken, gone or sunken.",
         "metadata": True, "type": "realtime", "keywords": "井盖, 道路", "group": "Public works"},
    ]  # fmt: skip
    root = ET.fromstring(city.get("/open311/v2/services.xml").content)
    assert [one.findtext("service_name") for one in root.iter("service")] == ["路灯不亮", "井盖破损"]
    assert [one.findtext("metadata") for one in root.iter("service")] == ["false", "true"]
    assert [one.findtext("description") for one in root.iter("service")] == ["路灯不亮", "破损、缺失、下沉。"]
    assert [one.findtext("group") or "" for one in root.iter("service")] == ["", "市政"]


def test_a_definition_has_the_questions_of_the_category_in_their_order(city):
    root = ET.fromstring(city.get(f"{BASE}/services/cover.xml").content)
    assert (root.tag, root.findtext("service_code")) == ("service_definition", "cover")
    asked = root.findall("attributes/attribute")
    assert [[one.findtext(name) for name in ("code", "datatype", "required", "variable", "order")] for one in asked] == [
        ["STATE", "singlevaluelist", "true", "true", "1"],
        ["SIGNS", "multivaluelist", "false", "true", "2"],
        ["DEPTH", "number", "false", "true", "3"],
        ["SINCE", "datetime", "false", "true", "4"],
        ["NOTE", "text", "false", "false", "5"],
    ]  # fmt: skip
    values = asked[0].findall("values/value")
    assert [(one.findtext("key"), one.findtext("name")) for one in values] == [
        ("broken", "Broken"),
        ("missing", "Missing"),
    ]
    (deep,) = [
        one
        for one in city.get("/open311/v2/services/cover.json").json()["attributes"]
        if one["code"] == "DEPTH"
    ]
    assert deep == {
        "code": "DEPTH", "datatype": "number", "required": False, "description": "多深（厘米）", "order": 3, "values": [],
        "variable": True, "datatype_description": "目测即可",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("services/none.json", 404),
        ("requests/PB-0000009-X.json", 404),
        ("tokens/PB-0000009-X.xml", 404),
        ("requests.json?jurisdiction_id=elsewhere.org", 404),
        ("services.yaml", 404),
        ("nothing.json", 404),
        ("requests/..%2f.xml", 404),
        ("requests.json?start_date=yesterday", 400),
        ("requests.xml?start_date=0001-01-01T00:00:00Z", 400),
        ("requests.xml?end_date=9999-12-31T23:59:59Z", 400),
        ("requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", 400),
        ("requests.json?start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z", 400),
        ("requests.json?status=broken", 400),
        ("requests.json?page=0", 400),
        ("requests.json?page=1e9", 400),
        ("requests.json?page=99999999", 400),
        ("requests.xml?page_size=1001", 400),
        ("requests.json?lat=22.5", 400),
        ("requests.json?lat=22.5&long=114&radius=0", 400),
        ("requests.json?lat=22.5&long=114&radius=NaN", 400),
        ("requests.json?lat=22.5&long=114&radius=10001", 400),
        ("requests.json?service_code=%ff%fe", 400),
        ("servicerequestupdates.xml", 400),
    ],
)
def test_what_cannot_be_answered_is_refused_in_the_form_that_was_asked(city, address, status):
    said = city.get(f"{BASE}/{address}")
    assert (said.status_code, len(told(said))) == (status, 1)
    assert ("json" in said["Content-Type"]) == (".json" in address)


def test_an_empty_argument_is_none_at_all(city):
    number = number_of(city)
    empty = "&".join(
        f"{name}=" for name in ("jurisdiction_id", "service_code", "start_date", "page", "lat", "status")
    )
    assert [one["service_request_id"] for one in city.get(f"{BASE}/requests.json?{empty}").json()] == [number]


def test_other_methods_are_refused_with_those_that_are_answered(city):
    for method, address, allowed in (
        ("delete", "requests.json", "GET, HEAD, POST"),
        ("post", "services.xml", "GET, HEAD"),
        ("put", "discovery.json", "GET, HEAD"),
    ):
        said = getattr(city, method)(f"{BASE}/{address}")
        assert (said.status_code, said["Allow"], told(said)) == (
            405,
            allowed,
            [f"this address answers {allowed}"],
        )


def test_a_sign_that_xml_cannot_hold_breaks_no_answer(city, office):
    number = number_of(city, address_string="松风区\x0b质量路")
    root = ET.fromstring(city.get(f"{BASE}/requests/{number}.xml").content)
    assert root.findtext("request/address") == "松风区\ufffd质量路"
    assert told(post(city, address_string="松风区\x00"))[0].startswith("address_string: ")


def test_a_list_can_be_narrowed_by_state_service_and_number(city):
    first, second = number_of(city), number_of(city)
    asked = {
        "": [second, first],
        "?status=open": [second, first],
        "?status=open,closed": [second, first],
        "?status=closed": [],
        "?service_code=lamp,none": [second, first],
        "?service_code=none&service_code=lamp": [second, first],
        "?service_code=none": [],
        f"?service_request_id={first}": [first],
        f"?service_request_id={first},{second}": [second, first],
        f"?service_request_id={first}&status=closed&page=0": [first],  # which overrides all other arguments
        "?page=2&page_size=1": [first],
        "?page=3&page_size=1": [],
    }
    assert {question: found(city, question) for question in asked} == asked


def test_a_span_of_days_is_at_most_ninety_long(city, office):
    # 2 March to 31 May 2026 is 90 days: 29 in March, 30 in April, 31 in May
    old = a_problem(dt.datetime(2026, 3, 2, 9, tzinfo=CHINA))
    late = a_problem(dt.datetime(2026, 6, 10, 9, tzinfo=CHINA))
    asked = {
        "?start_date=2026-03-02T09:00:00%2B08:00&end_date=2026-05-31T09:00:00%2B08:00": [old.number],
        "?start_date=2026-03-02T09:00:01%2B08:00&end_date=2026-05-31T09:00:00%2B08:00": [],
        "?start_date=2026-03-02": [old.number],  # and 90 days on
        "?end_date=2026-06-11T01:00:00Z": [late.number],  # and 90 days back: from 13 March
        "?start_date=2026-06-10T01:00:00Z&end_date=2026-06-10T01:00:00Z": [late.number],
    }
    assert {question: found(city, question) for question in asked} == asked


def test_a_request_is_found_by_when_it_last_changed(city, office):
    case = a_problem(dt.datetime(2026, 3, 2, 9, tzinfo=CHINA))
    fire(case, "dispatch", by=office.clerk, at=dt.datetime(2026, 9, 1, 9, tzinfo=CHINA))
    asked = {
        "?updated_after=2026-08-31T00:00:00Z&updated_before=2026-09-02T00:00:00Z": [case.number],
        "?updated_after=2026-09-02T00:00:00Z&updated_before=2026-09-03T00:00:00Z": [],
        "?updated_after=2026-08-31T00:00:00Z&start_date=2026-08-01T00:00:00Z": [],
    }
    assert {question: found(city, question) for question in asked} == asked


def test_what_lies_near_a_point_is_found(city, office):
    # one degree along a meridian is 111,195 m, and at 22.5 degrees one along a parallel 102,731 m:
    # 0.001 degrees north are 111.2 m, 0.001 degrees east 102.7 m, both together 151.4 m
    now = timezone.now() - dt.timedelta(days=1)
    here = a_problem(now)
    north = a_problem(now, latitude="22.501000")
    corner = a_problem(now, latitude="22.501000", longitude="114.051000")
    near = "?lat=22.5&long=114.05&radius="
    asked = {
        f"{near}100": [here.number],
        f"{near}112": [north.number, here.number],
        f"{near}151": [north.number, here.number],
        f"{near}152": [corner.number, north.number, here.number],
    }
    assert {question: found(city, question) for question in asked} == asked


def test_a_closed_request_was_updated_when_it_was_closed(city, office):
    case = a_problem(dt.datetime(2026, 3, 2, 9, tzinfo=CHINA))
    case = fire(case, "dispatch", by=office.clerk, at=dt.datetime(2026, 3, 3, 9, tzinfo=CHINA))
    case = fire(
        case,
        "mend",
        by=office.clerk,
        at=dt.datetime(2026, 3, 4, 9, tzinfo=CHINA),
        data={"answer": "灯泡已更换。"},
    )
    case = fire(case, "confirm", by=office.reviewer, at=dt.datetime(2026, 3, 5, 9, tzinfo=CHINA))
    fire(
        case,
        "rate",
        by=PLATFORM,
        at=dt.datetime(2026, 3, 9, 9, tzinfo=CHINA),
        data={"satisfaction": "5", "fixed": "fixed"},
    )
    (said,) = city.get(f"{BASE}/requests/{case.number}.json").json()
    assert [said[name] for name in ("status", "status_notes", "requested_datetime", "updated_datetime", "expected_datetime")] == [
        "closed", "Closed: 灯泡已更换。", "2026-03-02T09:00:00+08:00", "2026-03-05T09:00:00+08:00", None,
    ]  # fmt: skip
    assert said["extended_attributes"] == {
        "state": "closed",
        "state_title": "Closed",
        "outcome": "remedied",
        "same_as": "",
    }
    # what the reporter said of it is no step that the public follows
    steps = [
        (one["updated_datetime"][:10], one["status"], one["description"])
        for one in city.get(f"{BASE}/servicerequestupdates.json?service_request_id={case.number}").json()
    ]
    assert steps == [
        ("2026-03-02", "OPEN", "Filed"),
        ("2026-03-03", "OPEN", "Dispatch"),
        ("2026-03-04", "OPEN", "Mended"),
        ("2026-03-05", "CLOSED", "Confirm"),
    ]
    span = "?start_date=2026-03-03T00:00:00Z&end_date=2026-03-04T12:00:00Z"
    root = ET.fromstring(city.get(f"{BASE}/servicerequestupdates.xml{span}").content)
    assert (root.tag, [one.findtext("description") for one in root.findall("request_update")]) == (
        "service_request_updates",
        ["Dispatch", "Mended"],
    )


def test_a_duplicate_of_a_hidden_problem_does_not_name_it(city, office):
    hidden, other = a_problem(timezone.now()), a_problem(timezone.now())
    fire(other, "merge", by=office.clerk, data={"same_as": hidden})
    (said,) = city.get(f"{BASE}/requests/{other.number}.json").json()
    assert said["extended_attributes"]["same_as"] == hidden.number
    fire(hidden, "hide", by=office.clerk, data={"reason": "照片里有人"})
    (said,) = city.get(f"{BASE}/requests/{other.number}.json").json()
    assert said["extended_attributes"]["same_as"] == ""
    assert city.get(f"{BASE}/requests/{hidden.number}.json").status_code == 404


def test_discovery_says_the_same_in_both_forms_and_that_the_office_is_fictional(city):
    said = city.get(f"{BASE}/discovery.json").json()
    root = ET.fromstring(city.get(f"{BASE}/discovery.xml").content)
    assert [root.findtext(name) for name in ("changeset", "contact", "key_service")] == [
        said[name] for name in ("changeset", "contact", "key_service")
    ]
    assert dt.datetime.fromisoformat(said["changeset"]) < timezone.now()
    (endpoint,) = said["endpoints"]
    assert (endpoint["specification"], endpoint["url"], endpoint["type"], endpoint["formats"]) == (
        "http://wiki.open311.org/GeoReport_v2",
        "http://testserver/en/open311/v2",
        "test",
        ["text/xml", "application/json"],
    )
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format")] == endpoint["formats"]


def test_xml_declares_itself_and_headers_name_the_encoding(city):
    said = city.get(f"{BASE}/services.xml")
    assert said.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert said["Content-Type"] == "text/xml; charset=utf-8"
    assert city.get(f"{BASE}/services.json")["Content-Type"] == "application/json; charset=utf-8"


def test_a_token_is_the_number(city):
    number = number_of(city)
    assert city.get(f"{BASE}/tokens/{number}.json").json() == [
        {"service_request_id": number, "token": number}
    ]


def test_a_list_of_three_costs_as_many_questions_as_a_list_of_one(city, office):
    city.get(f"{BASE}/requests.json")  # the calendar and the limits are read once
    counts = []
    for more in (1, 2):
        for _ in range(more):
            a_problem(timezone.now())
        with CaptureQueriesContext(connection) as asked:
            assert city.get(f"{BASE}/requests.json").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
