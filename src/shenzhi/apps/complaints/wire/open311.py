"""Open311 GeoReport v2, as values and back: what its XML and JSON say, and nothing of our registers (article 90).

The standard: https://wiki.open311.org/GeoReport_v2. Where we say more than it, or other than it:

- No key is needed to report; one that is given must be valid (403).
- `status` knows only open and closed; the finer state stands in `status_notes` and in `extended_attributes`.
- Ways to ask that several cities have: `page` and `page_size`, `updated_after` and `updated_before`, and `lat`, `long` and
  `radius` (metres) for what lies near a point.
- A span of more than 90 days is refused, as the standard says, and not cut. One that has only a beginning or an end is 90
  days long.
- Updates of a request (`request_update`) as FixMyStreet's extension has them, read only.
- Photographs can be sent with the request, as files of the field `media` of a multipart form.
- `media_url` is kept as text and never fetched: a server that fetches what strangers name can be sent anywhere.
- `address_id` is kept with the place in words: the city has no register of addresses here. `device_id` and `account_id`
  are not kept: they tell more of a person than the matter needs.
- Where the standard says 400 for anything else, 405, 413, 429 and 500 say more exactly what it was, in the standard's form.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from shenzhi.kernel.words import Words

MOST = 1000
"""So many requests are answered at most, of at most so many days, as the standard says."""
DAYS = 90

LISTS_OF_VALUES = ("singlevaluelist", "multivaluelist")
DATATYPES = ("string", "number", "datetime", "text", *LISTS_OF_VALUES)


@dataclass(frozen=True)
class Service:
    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: str
    keywords: str
    group: str | None


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
    datatype_description: str | None = None


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
    media_url: str | None
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

    def __init__(self, status: int, *descriptions: Words) -> None:
        super().__init__("; ".join(one.en for one in descriptions))
        self.status = status
        self.descriptions = descriptions

    def faults(self, language: str) -> list[Fault]:
        return [Fault(self.status, one.say(language)) for one in self.descriptions]


ELEMENTS: Mapping[type, tuple[str, str]] = {
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
    outer, inner = ELEMENTS[kind]
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
    row = dict(vars(one))  # asdict copies deeply, a thousand requests at a time
    for name, value in row.items():
        if isinstance(value, dt.datetime):
            row[name] = value.isoformat(timespec="seconds")
        elif isinstance(value, tuple):
            row[name] = [dict(vars(each)) for each in value]
    return row


def _put(parent: ET.Element, name: str, row: Mapping[str, Any]) -> ET.Element:
    element = ET.SubElement(parent, name)
    for key, value in row.items():
        child = ET.SubElement(element, key)
        if isinstance(value, Mapping):
            for inner, text in value.items():
                ET.SubElement(child, inner).text = _said(text)
        elif isinstance(value, bool):
            child.text = "true" if value else "false"
        elif value is not None:
            child.text = _said(value)
    return element


_UNSAYABLE = re.compile("[^\\t\\n\\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _said(value: object) -> str:
    """The text with U+FFFD for each character that XML cannot hold, such as the form feed of a word processor."""
    return _UNSAYABLE.sub("\ufffd", str(value))


def _text(root: ET.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")
