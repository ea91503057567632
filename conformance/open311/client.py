"""What a stranger does with the box over Open311: reads with the client `georeport`, reports with a plain form, follows it to its end.

    client.py ADDRESS SCHEMAS COMMAND ...

Every answer is held against the schemas that the standard's community publishes (folder SCHEMAS, "" for none), and every XML
is read a second time with a plain parser. COMMAND moves a problem on as the office does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import requests
from georeport import GeoReport
from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

ADDRESS, SCHEMAS, *COMMAND = sys.argv[1:]
BASE = f"{ADDRESS}/en/open311/v2"
JSON, XML = GeoReport(BASE), GeoReport(BASE, output_format="xml")
CHECKS: list[Callable[[], None]] = []


def check(one: Callable[[], None]) -> Callable[[], None]:
    CHECKS.append(one)
    return one


def keeps(schema: str, said: Any) -> None:
    """AssertionError with every rule of the published schema that an answer breaks."""
    if not SCHEMAS:
        return
    known = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in Path(SCHEMAS).glob("*.json")}
    named = [(name, Resource(contents=rules, specification=DRAFT4)) for name, rules in known.items()]
    judge = Draft4Validator(known[f"{schema}.json"], registry=Registry().with_resources(named))
    assert [fault.message for fault in judge.iter_errors(said)] == []


def xml(path: str) -> ET.Element:
    answer = requests.get(f"{BASE}/{path}", timeout=30)
    answer.raise_for_status()
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    return parsed(answer)


def parsed(answer: requests.Response) -> ET.Element:
    return ET.fromstring(answer.content)  # noqa: S314 - what the box under test says


def moved(number: str, move: str, role: str, *given: str) -> None:
    subprocess.run([*COMMAND, number, move, role, *given], check=True, stdout=subprocess.DEVNULL)


def report(form: str = "json", **more: Any) -> requests.Response:
    given = {
        "service_code": "lamp",
        "lat": "22.5431",
        "long": "114.0579",
        "address_string": "Pine Road 7",
        "description": "Three lamps are out.",
        "email": "reporter@example.org",
        "first_name": "An",
        "last_name": "Secretive",
        "attribute[POLE]": "SZ-0007",
        "attribute[HOW]": "off",
    }
    return requests.post(f"{BASE}/requests.{form}", data={**given, **more}, timeout=30)


@check
def discovery_says_the_same_in_both_forms() -> None:
    said = requests.get(f"{BASE}/discovery.json", timeout=30).json()
    root = xml("discovery.xml")
    assert root.tag == "discovery"
    assert {name: root.findtext(name) for name in ("changeset", "contact", "key_service")} == {
        name: said[name] for name in ("changeset", "contact", "key_service")
    }
    endpoints = root.findall("endpoints/endpoint")
    assert [one.findtext("url") for one in endpoints] == [one["url"] for one in said["endpoints"]] == [BASE]
    assert "text/xml" in said["endpoints"][0]["formats"]


@check
def services_are_read_in_both_forms() -> None:
    known = JSON.get_service_list()
    keeps("services", known)
    for one in known:
        keeps("service", one)
    assert [one["service_code"] for one in XML.get_service_list()] == [one["service_code"] for one in known]
    assert {one.tag for one in xml("services.xml")} == {"service"}


@check
def whoever_is_asked_more_finds_the_questions() -> None:
    for one in JSON.get_service_list():
        definition = JSON.get_service_definition(one["service_code"])
        keeps("service-definition", definition)
        assert bool(definition["attributes"]) == one["metadata"]
        root = xml(f"services/{one['service_code']}.xml")
        codes = [attribute.findtext("code") for attribute in root.findall("attributes/attribute")]
        assert codes == [attribute["code"] for attribute in definition["attributes"]]
    asked = XML.get_service_definition("lamp")["attributes"]["attribute"]
    assert [one["code"] for one in asked] == ["POLE", "HOW"]


@check
def a_report_is_followed_from_its_number_to_its_end() -> None:
    answer = report()
    assert answer.status_code == 200, answer.text
    (taken,) = answer.json()
    number = taken["service_request_id"]
    assert set(taken) == {"service_request_id", "service_notice", "account_id"}
    assert JSON.get_service_request(number)["status"] == "open"
    moved(number, "dispatch", "clerk", "summary=Three lamps are out at Pine Road.")
    assert JSON.get_service_request(number)["description"] == "Three lamps are out at Pine Road."
    moved(number, "mend", "clerk", "answer=The lamps were replaced.")
    assert JSON.get_service_request(number)["status"] == "open"  # mended, but nobody has looked yet
    moved(number, "confirm", "reviewer")
    for _ in range(10):
        said = JSON.get_service_request(number)
        if said["status"] == "closed":
            break
        time.sleep(0.5)
    keeps("request", said)
    assert (said["status"], said["status_notes"]) == ("closed", "Closed: The lamps were replaced.")
    assert (said["service_code"], said["address"], said["lat"], said["long"]) == (
        "lamp",
        "Pine Road 7",
        22.5431,
        114.0579,
    )
    assert XML.get_service_request(number)["status"] == "closed"
    root = xml(f"servicerequestupdates.xml?service_request_id={number}")
    assert [one.findtext("status") for one in root.findall("request_update")] == [
        "OPEN",
        "OPEN",
        "OPEN",
        "CLOSED",
    ]
    assert number in [one["service_request_id"] for one in JSON.get_service_requests(status="closed")]
    assert number not in [one["service_request_id"] for one in JSON.get_service_requests(status="open")]


@check
def nothing_tells_who_reported() -> None:
    number = report("xml").text.split("<service_request_id>")[1].split("<")[0]
    for path in (
        f"requests/{number}.json",
        f"requests/{number}.xml",
        f"servicerequestupdates.json?service_request_id={number}",
    ):
        said = requests.get(f"{BASE}/{path}", timeout=30).text
        assert not [word for word in ("reporter@", "Secretive", "Three lamps", "SZ-0007") if word in said]


@check
def lists_are_read_in_both_forms_and_narrowed() -> None:
    known = JSON.get_service_requests()
    keeps("requests", known)
    for one in known:
        keeps("request", one)
    numbers = [one["service_request_id"] for one in known]
    assert [one["service_request_id"] for one in XML.get_service_requests()] == numbers
    assert [one.findtext("service_request_id") for one in xml("requests.xml").findall("request")] == numbers
    two = JSON.get_service_requests(service_request_id=",".join(numbers[:2]))
    assert {one["service_request_id"] for one in two} == set(numbers[:2])
    lamps = JSON.get_service_requests(service_code="lamp")
    assert {one["service_code"] for one in lamps} == {"lamp"}
    first, last = known[-1]["requested_datetime"], known[0]["requested_datetime"]
    spanned = JSON.get_service_requests(start_date=first, end_date=last)
    assert spanned[-1]["service_request_id"] == numbers[-1]
    pages = [requests.get(f"{BASE}/requests.json?page={at}&page_size=7", timeout=30).json() for at in (1, 2)]
    assert [one["service_request_id"] for page in pages for one in page] == numbers[:14]


@check
def a_token_leads_to_the_number() -> None:
    number = report().json()[0]["service_request_id"]
    assert requests.get(f"{BASE}/tokens/{number}.json", timeout=30).json() == [
        {"service_request_id": number, "token": number}
    ]
    assert xml(f"tokens/{number}.xml").findtext("request/service_request_id") == number


@check
def errors_are_said_in_the_standard_s_form() -> None:
    asked: list[tuple[Callable[[str], requests.Response], int, int]] = [
        (lambda form: requests.post(f"{BASE}/requests.{form}", data={}, timeout=30), 400, 2),
        (lambda form: report(form, service_code="none"), 404, 1),
        (lambda form: report(form, **{"attribute[HOW]": "maybe"}), 400, 1),
        (lambda form: report(form, api_key="none"), 403, 1),
        (lambda form: report(form, jurisdiction_id="elsewhere.example.org"), 404, 1),
        (lambda form: requests.get(f"{BASE}/services/none.{form}", timeout=30), 404, 1),
        (lambda form: requests.get(f"{BASE}/requests/none.{form}", timeout=30), 404, 1),
        (lambda form: requests.get(f"{BASE}/requests.{form}?start_date=monday", timeout=30), 400, 1),
        (lambda form: requests.delete(f"{BASE}/requests.{form}", timeout=30), 405, 1),
    ]
    for number, (ask, status, count) in enumerate(asked):
        said, root = ask("json"), parsed(ask("xml"))
        assert (number, said.status_code, len(said.json())) == (number, status, count)
        assert {one["code"] for one in said.json()} == {status}
        assert (root.tag, {one.tag for one in root}) == ("errors", {"error"})
        assert [one.findtext("description") for one in root] == [one["description"] for one in said.json()]


@check
def a_city_is_named_by_its_host() -> None:
    assert GeoReport(BASE, jurisdiction="127.0.0.1").get_service_list() == JSON.get_service_list()


def main() -> int:
    broken = 0
    for one in CHECKS:
        try:
            one()
            print(f"ok      {one.__name__.replace('_', ' ')}", flush=True)
        except Exception as error:
            broken += 1
            print(f"BROKEN  {one.__name__.replace('_', ' ')}: {type(error).__name__} {error}", flush=True)
    schemas = "" if SCHEMAS else "; the published schemas were not found: set SHENZHI_SHARED"
    print(f"{len(CHECKS) - broken} of {len(CHECKS)} kept{schemas}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
