"""Open311 GeoReport v2: answers as the published schemas ask, and faults that say what is wrong (article 62)."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from django.test import Client

from shenzhi.apps.complaints.models import Category, Problem
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.registers.writing import create
from shenzhi.kernel.seeding import seed_limits

BASE = "/open311/v2"


@pytest.fixture
def city(office):
    seed_limits()
    create(
        Category(
            code="cover",
            name="井盖破损",
            name_en="Broken cover",
            kind="problem",
            department=office.quality,
            group="市政",
        ),
        by=PLATFORM,
    )
    return Client()


def post(client: Client, form: str = "json", **more: str):
    given = {
        "service_code": "cover",
        "lat": "22.5",
        "long": "114.05",
        "description": "井盖断裂",
        "email": "a@example.org",
    }
    return client.post(f"{BASE}/requests.{form}", {**given, **more})


def number_of(client: Client) -> str:
    return str(post(client).json()[0]["service_request_id"])


def test_what_is_handed_in_is_a_case_like_any_other(city):
    number = number_of(city)
    case = Problem.objects.get()
    assert (case.number, case.state, case.channel, case.email) == (
        number,
        "filed",
        "open311",
        "a@example.org",
    )


def test_one_request_is_an_array_of_one_and_tells_nothing_of_the_writer(city):
    number = number_of(city)
    said = city.get(f"{BASE}/requests/{number}.json")
    assert [one["service_request_id"] for one in said.json()] == [number]
    assert "example.org" not in said.content.decode() and "井盖断裂" not in said.content.decode()
    root = ET.fromstring(city.get(f"{BASE}/requests/{number}.xml").content)
    assert (root.tag, [child.tag for child in root]) == ("service_requests", ["request"])


@pytest.mark.parametrize(
    ("schema", "address"),
    [
        ("services", "services.json"),
        ("requests", "requests.json"),
        ("service-definition", "services/cover.json"),
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


def test_every_fault_of_a_request_is_said_at_once(city):
    said = city.post(f"{BASE}/requests.xml", {"lat": "200"})
    assert said.status_code == 400
    assert [error.findtext("description") for error in ET.fromstring(said.content)] == [
        "service_code was not provided",
        "lat is no number of degrees between -90 and 90",
        "lat and long, address_string or address_id was not provided",
    ]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("services/none.json", 404),
        ("requests/PB-0000009-X.json", 404),
        ("requests.json?jurisdiction_id=elsewhere.org", 404),
        ("requests.json?start_date=yesterday", 400),
        ("requests.json?status=broken", 400),
        ("requests.json?page=0", 400),
        ("services.yaml", 404),
    ],
)
def test_what_cannot_be_answered_is_refused_in_the_form_that_was_asked(city, address, status):
    said = city.get(f"{BASE}/{address}")
    assert said.status_code == status
    if ".json" in address:
        assert [set(one) for one in said.json()] == [{"code", "description"}]


def test_a_key_that_is_not_valid_is_refused_and_none_is_needed(city):
    assert post(city, api_key="shenzhi_00000000_none").status_code == 403
    assert Problem.objects.count() == 0
    assert post(city).status_code == 200


def test_a_list_can_be_narrowed_by_state_service_and_number(city):
    first, second = number_of(city), number_of(city)
    asked = {
        "": [second, first],
        "?status=open": [second, first],
        "?status=closed": [],
        "?service_code=cover,none": [second, first],
        "?service_code=none": [],
        f"?service_request_id={first}": [first],
        "?page=2&page_size=1": [first],
    }
    found = {
        question: [one["service_request_id"] for one in city.get(f"{BASE}/requests.json{question}").json()]
        for question in asked
    }
    assert found == asked


def test_updates_say_what_happened_and_not_by_whom(city):
    number = number_of(city)
    (told,) = city.get(f"/en{BASE}/servicerequestupdates.json?service_request_id={number}").json()
    assert (told["service_request_id"], told["status"], told["description"]) == (number, "OPEN", "Filed")
