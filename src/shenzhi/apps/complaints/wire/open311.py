"""Open311 GeoReport v2, as values and back: what its XML and JSON say, and nothing of our registers (article 90).

Where we say more than the standard, or other than it:

- `status` knows only open and closed; the finer state stands in `status_notes` and in `extended_attributes`.
- Paging by `page` and `page_size`, and `updated_after` and `updated_before`, as several cities have them.
- Updates of a request (`request_update`) as FixMyStreet's extension has them, read only.
- `address_id` and `zipcode` are taken and kept with the place in words: the city has no register of addresses here.
- `media_url` is not fetched: a server that fetches what strangers name can be sent anywhere. Photographs are attached
  to the request afterwards, with its number and secret.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from xml.etree import ElementTree as ET

MOST = 1000
"""So many requests are answered at most, of at most so many days, as the standard says."""
DAYS = 90

DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")


@dataclass(frozen=True)
class Service:
    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: str
    keywords: str
    group: str


@dataclass(frozen=True)
class Value:
    key: str
    name: str


@dataclass(frozen=True)
class Attribute:
    """One further question of a service."""

    code: str
    datatype: str
    required: bool
    description: str
    order: int
    values: tuple[Value, ...] = ()
    variable: bool = True
    datatype_description: str = ""


@dataclass(frozen=True)
class Request:
    """One request as anybody may read it; None is said as null, and left out of nothing."""

    service_request_id: str
    status: str
    status_notes: str | None
    service_name: str
    service_code: str
    description: str | None
    agency_responsible: str | None
    service_notice: str | None
    requested_datetime: dt.datetime
    updated_datetime: dt.datetime | None
    expected_datetime: dt.datetime | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: str
    extended_attributes: Mapping[str, str]


@dataclass(frozen=True)
class Update:
    update_id: str
    service_request_id: str
    status: str
    updated_datetime: dt.datetime
    description: str


@dataclass(frozen=True)
class Taken:
    """The answer to a request that was handed in."""

    service_request_id: str
    service_notice: str
    account_id: str | None = None


@dataclass(frozen=True)
class Fault:
    code: int
    description: str


class Refusal(Exception):
    """What cannot be answered, with the status of the answer; every fault of the request at once."""

    def __init__(self, status: int, *descriptions: str) -> None:
        super().__init__("; ".join(descriptions))
        self.status = status
        self.faults = [Fault(status, one) for one in descriptions]


# -- saying ----------------------------------------------------------------------------------------------------------

LISTS: Mapping[type, tuple[str, str]] = {
    Service: ("services", "service"),
    Request: ("service_requests", "request"),
    Taken: ("service_requests", "request"),
    Update: ("service_request_updates", "request_update"),
    Fault: ("errors", "error"),
}
"""What a list of each kind, and one of them, is called in XML."""


def say_list(form: str, kind: type, several: Sequence[Any]) -> str:
    """A list in "json" or "xml"; one thing is a list of one."""
    rows = [_row(one) for one in several]
    if form == "json":
        return json.dumps(rows, ensure_ascii=False)
    outer, inner = LISTS[kind]
    root = ET.Element(outer)
    for row in rows:
        _put(root, inner, row)
    return _text(root)


def say_token(form: str, request_id: str, token: str) -> str:
    row = {"service_request_id": request_id, "token": token}
    if form == "json":
        return json.dumps([row])
    root = ET.Element("service_requests")
    _put(root, "request", row)
    return _text(root)


def say_definition(form: str, service_code: str, attributes: Sequence[Attribute]) -> str:
    """What a service asks further."""
    rows = [_row(one) for one in attributes]
    if form == "json":
        return json.dumps({"service_code": service_code, "attributes": rows}, ensure_ascii=False)
    root = ET.Element("service_definition")
    ET.SubElement(root, "service_code").text = service_code
    within = ET.SubElement(root, "attributes")
    for row in rows:
        values = row.pop("values")
        element = _put(within, "attribute", row)
        kept = ET.SubElement(element, "values")
        for value in values:
            _put(kept, "value", value)
    return _text(root)


def say_discovery(form: str, discovery: Mapping[str, Any]) -> str:
    """Where the service is; `endpoints` is a list of mappings whose `formats` is a list of texts."""
    if form == "json":
        return json.dumps(discovery, ensure_ascii=False)
    root = ET.Element("discovery")
    for name, value in discovery.items():
        if name != "endpoints":
            ET.SubElement(root, name).text = str(value)
    endpoints = ET.SubElement(root, "endpoints")
    for one in discovery["endpoints"]:
        element = ET.SubElement(endpoints, "endpoint")
        for name, value in one.items():
            if name != "formats":
                ET.SubElement(element, name).text = str(value)
        formats = ET.SubElement(element, "formats")
        for value in one["formats"]:
            ET.SubElement(formats, "format").text = value
    return _text(root)


def _row(one: Any) -> dict[str, Any]:
    row = asdict(one)
    for name, value in row.items():
        if isinstance(value, dt.datetime):
            row[name] = value.isoformat(timespec="seconds")
    return row


def _put(parent: ET.Element, name: str, row: Mapping[str, Any]) -> ET.Element:
    element = ET.SubElement(parent, name)
    for key, value in row.items():
        child = ET.SubElement(element, key)
        if isinstance(value, Mapping):
            for inner, text in value.items():
                ET.SubElement(child, inner).text = str(text)
        elif isinstance(value, bool):
            child.text = "true" if value else "false"
        elif value is not None:
            child.text = str(value)
    return element


def _text(root: ET.Element) -> str:
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")


# -- hearing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Posted:
    """A request as it was handed in, read but not judged."""

    service_code: str
    description: str
    lat: float | None
    long: float | None
    address_string: str
    address_id: str
    attributes: Mapping[str, tuple[str, ...]]
    email: str
    first_name: str
    last_name: str
    phone: str
    media_url: str


@dataclass(frozen=True)
class Asked:
    """Which requests somebody asks for."""

    ids: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    updated_after: dt.datetime | None = None
    updated_before: dt.datetime | None = None
    page: int = 1
    page_size: int = MOST


LONGEST = {
    "description": 4000, "address_string": 200, "address_id": 60, "email": 254, "first_name": 40, "last_name": 40, "phone": 40,
    "media_url": 400, "service_code": 40,
}  # fmt: skip


def hear_request(given: Mapping[str, Sequence[str]]) -> Posted:
    """Read a form; Refusal (400) with everything that is wrong or missing."""
    faults = []
    said = {name: (given[name][0].strip() if given.get(name) else "") for name in (*LONGEST, "lat", "long")}
    faults += [
        f"{name} is longer than {most} characters" for name, most in LONGEST.items() if len(said[name]) > most
    ]
    if not said["service_code"]:
        faults.append("service_code was not provided")
    where = {}
    for name, most in (("lat", 90.0), ("long", 180.0)):
        where[name] = _degrees(said[name], most)
        if said[name] and where[name] is None:
            faults.append(f"{name} is no number of degrees between -{most:g} and {most:g}")
    if (where["lat"] is None) != (where["long"] is None) and not faults:
        faults.append("lat and long are given together, or neither")
    if where["lat"] is None and not (said["address_string"] or said["address_id"]):
        faults.append("lat and long, address_string or address_id was not provided")
    if faults:
        raise Refusal(400, *faults)
    attributes = {
        name.removeprefix("attribute[").rstrip("[]"): tuple(values)
        for name, values in given.items()
        if name.startswith("attribute[")
    }
    named = {one.name for one in fields(Posted)}
    return Posted(
        lat=where["lat"],
        long=where["long"],
        attributes=attributes,
        **{name: text for name, text in said.items() if name in named and name not in ("lat", "long")},
    )


def hear_asked(given: Mapping[str, str]) -> Asked:
    """Read the question of a list; Refusal (400) with everything that is wrong."""
    faults: list[str] = []
    moments: dict[str, dt.datetime | None] = {}
    for name in ("start_date", "end_date", "updated_after", "updated_before"):
        moments[name] = None
        if given.get(name):
            try:
                moments[name] = moment(given[name])
            except ValueError:
                faults.append(
                    f"{name} is no moment in the form 2026-03-02T09:00:00+08:00 or 2026-03-02T01:00:00Z"
                )
    status = _several(given.get("status", ""))
    faults += [f"status is open or closed, not {one}" for one in status if one not in ("open", "closed")]
    pages: dict[str, int] = {}
    for name, default, most in (("page", 1, 1_000_000), ("page_size", MOST, MOST)):
        text = given.get(name, "") or str(default)
        pages[name] = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
        if not 1 <= pages[name] <= most:
            faults.append(f"{name} is a whole number from 1 to {most}")
    if faults:
        raise Refusal(400, *faults)
    return Asked(
        _several(given.get("service_request_id", "")),
        _several(given.get("service_code", "")),
        status,
        moments["start_date"],
        moments["end_date"],
        moments["updated_after"],
        moments["updated_before"],
        pages["page"],
        pages["page_size"],
    )


def check_attributes(
    attributes: Iterable[Attribute], given: Mapping[str, tuple[str, ...]]
) -> list[tuple[Attribute, str]]:
    """The answers to the further questions, in words; Refusal (400) with every one missing or not among the values."""
    faults, found = [], []
    for one in attributes:
        answers = [text.strip() for text in given.get(one.code, ()) if text.strip()]
        if not answers:
            if one.required:
                faults.append(f"attribute[{one.code}] was not provided")
            continue
        known = {value.key: value.name for value in one.values}
        if known and (wrong := [text for text in answers if text not in known]):
            faults.append(f"attribute[{one.code}] is none of {', '.join(known)}: {wrong[0][:60]}")
            continue
        if len(answers) > 1 and one.datatype != "multivaluelist":
            faults.append(f"attribute[{one.code}] takes one answer")
            continue
        found.append((one, "、".join(known.get(text, text) for text in answers)))
    if faults:
        raise Refusal(400, *faults)
    return found


def moment(text: str) -> dt.datetime:
    """A W3C date and time; without a zone it is China's. ValueError for anything else.

    >>> moment("2026-03-02T01:00:00Z").isoformat(), moment("2026-03-02").isoformat()
    ('2026-03-02T01:00:00+00:00', '2026-03-02T00:00:00+08:00')
    """
    # a plus sign that was not quoted in an address arrives as a space
    read = dt.datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
    return read if read.tzinfo else read.replace(tzinfo=dt.timezone(dt.timedelta(hours=8)))


def _several(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _degrees(text: str, most: float) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -most <= value <= most else None
