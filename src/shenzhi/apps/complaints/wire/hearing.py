"""Reads what clients of Open311 GeoReport v2 send: requests, questions for lists, answers to further questions (article 90).

Everything that is wrong is said at once, in the standard's own names. `open311.py` says where we differ from the standard."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation

from shenzhi.apps.complaints.wire.open311 import DAYS, LISTS_OF_VALUES, MOST, Attribute, Refusal
from shenzhi.kernel.words import Words

FARTHEST = 10_000
"""Metres around a point that can be asked at most."""


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
class Near:
    """Within so many metres of a point."""

    lat: float
    long: float
    radius: float


Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Asked:
    """Which requests somebody asks for; where numbers are named, by them alone."""

    ids: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    requested: Span | None = None
    updated: Span | None = None
    near: Near | None = None
    page: int = 1
    page_size: int = MOST


LONGEST = {
    "description": 4000, "address_string": 200, "address_id": 60, "email": 254, "first_name": 40, "last_name": 40, "phone": 40,
    "media_url": 400, "service_code": 40,
}  # fmt: skip
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,60})\](?:\[\])?")


def hear_request(given: Mapping[str, Sequence[str]]) -> Posted:
    """Read a form; Refusal (400) with everything that is wrong or missing."""
    faults = _undecoded(given)
    said = {name: (given[name][0].strip() if given.get(name) else "") for name in (*LONGEST, "lat", "long")}
    faults += [
        Words(f"{name} 超过 {most} 个字符", f"{name} is longer than {most} characters")
        for name, most in LONGEST.items()
        if len(said[name]) > most
    ]
    if not said["service_code"]:
        faults.append(missing("service_code"))
    lat, long = _point(said, faults)
    if lat is None and not (said["address_string"] or said["address_id"]):
        faults.append(missing("lat and long, address_string or address_id"))
    attributes: dict[str, tuple[str, ...]] = {}
    for name, values in given.items():
        if name.startswith("attribute"):
            if (found := _ATTRIBUTE.fullmatch(name)) is None:
                faults.append(
                    Words(
                        f"{name[:60]} 应写成 attribute[代码]",
                        f"{name[:60]} is not in the form attribute[CODE]",
                    )
                )
                continue
            attributes[found[1]] = (*attributes.get(found[1], ()), *values)
    if faults:
        raise Refusal(400, *faults)
    named = {one.name for one in fields(Posted)} - {"lat", "long"}
    return Posted(
        lat=lat,
        long=long,
        attributes=attributes,
        **{name: text for name, text in said.items() if name in named},
    )


def hear_asked(given: Mapping[str, Sequence[str]], moment: dt.datetime) -> Asked:
    """Read the question of a list at this moment; Refusal (400) with everything that is wrong."""
    faults = _undecoded(given)
    said = {name: ",".join(one for one in several if one.strip()) for name, several in given.items()}
    if not faults and (ids := _several(said.get("service_request_id", ""))):
        return Asked(ids)  # which overrides all other arguments
    status = _several(said.get("status", ""))
    faults += [
        Words(f"status 只能是 open 或 closed，不是 {one[:20]}", f"status is open or closed, not {one[:20]}")
        for one in status
        if one not in ("open", "closed")
    ]
    updated = _span(said, "updated_after", "updated_before", moment, faults)
    requested = _span(said, "start_date", "end_date", moment, faults)
    if requested is None and updated is None:
        requested = (moment - dt.timedelta(days=DAYS), moment)
    page = _whole(said, "page", 1, 1_000_000, faults)
    page_size = _whole(said, "page_size", MOST, MOST, faults)
    near = _near(said, faults)
    if faults:
        raise Refusal(400, *faults)
    codes = _several(said.get("service_code", ""))
    return Asked((), codes, status, requested, updated, near, page, page_size)


def hear_answers(
    service_code: str, attributes: Iterable[Attribute], given: Mapping[str, tuple[str, ...]]
) -> list[tuple[Attribute, list[str]]]:
    """The answers to the further questions of a service, each as it was given and of the type that was asked.

    Refusal (400) with every answer that is missing, of another type, not among the values, or to no question."""
    asked = {one.code: one for one in attributes if one.variable}
    faults: list[Words] = []
    found = []
    for code in given:
        if code not in asked:
            faults.append(
                Words(
                    f"attribute[{code}] 不是 {service_code} 的问题：问题见 services/{service_code}",
                    f"attribute[{code}] is no question of {service_code}: they are in services/{service_code}",
                )
            )
    for code, one in asked.items():
        answers = [text.strip() for text in given.get(code, ()) if text.strip()]
        if not answers:
            if one.required:
                faults.append(missing(f"attribute[{code}]"))
        elif len(answers) > 1 and one.datatype != "multivaluelist":
            faults.append(Words(f"attribute[{code}] 只能有一个回答", f"attribute[{code}] takes one answer"))
        elif wrong := [why for text in answers if (why := _ill_typed(one, text))]:
            faults.append(wrong[0])
        else:
            found.append((one, answers))
    if faults:
        raise Refusal(400, *faults)
    return found


def missing(name: str) -> Words:
    return Words(f"缺少 {name}", f"{name} was not provided")


def _ill_typed(one: Attribute, text: str) -> Words | None:
    name = f"attribute[{one.code}]"
    if one.datatype in LISTS_OF_VALUES:
        known = [value.key for value in one.values]
        if text not in known:
            several = ", ".join(known)
            return Words(
                f"{name} 只能是 {several}，不是 {text[:60]}", f"{name} is one of {several}, not {text[:60]}"
            )
    elif one.datatype == "number":
        try:
            if Decimal(text).is_finite():
                return None
        except InvalidOperation:
            pass
        return Words(f"{name} 不是数：{text[:60]}", f"{name} is no number: {text[:60]}")
    elif one.datatype == "datetime":
        try:
            moment(text)
        except ValueError:
            return _no_moment(name)
    elif one.datatype == "string" and "\n" in text:
        return Words(f"{name} 只能有一行", f"{name} is a single line")
    return None


def moment(text: str) -> dt.datetime:
    """A W3C date and time; without a zone it is China's. ValueError for anything else, and for years before 1900.

    >>> moment("2026-03-02T01:00:00Z").isoformat(), moment("2026-03-02").isoformat()
    ('2026-03-02T01:00:00+00:00', '2026-03-02T00:00:00+08:00')
    """
    # a plus sign that was not quoted in an address arrives as a space
    read = dt.datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
    if not 1900 <= read.year < 2200:
        raise ValueError(text)
    return read if read.tzinfo else read.replace(tzinfo=dt.timezone(dt.timedelta(hours=8)))


def _span(
    said: Mapping[str, str], first: str, last: str, now: dt.datetime, faults: list[Words]
) -> Span | None:
    """From when to when is asked, None where neither is said; of 90 days where one side is left open."""
    found: dict[str, dt.datetime] = {}
    for name in (first, last):
        if said.get(name):
            try:
                found[name] = moment(said[name])
            except ValueError:
                faults.append(_no_moment(name))
                return None
    if not found:
        return None
    most = dt.timedelta(days=DAYS)
    end = found.get(last) or min(now, found[first] + most)
    start = found.get(first, end - most)
    if last in found and start > end:
        faults.append(Words(f"{first} 在 {last} 之后", f"{first} lies after {last}"))
    if end - start > most:
        faults.append(
            Words(
                f"{first} 至 {last} 超过 {DAYS} 天：请分段查询",
                f"{first} and {last} span more than {DAYS} days: ask for one span after another",
            )
        )
    return start, end


def _near(said: Mapping[str, str], faults: list[Words]) -> Near | None:
    named = [name for name in ("lat", "long", "radius") if said.get(name)]
    if not named:
        return None
    if len(named) < 3:
        faults.append(
            Words(
                "lat、long 和 radius 须同时给出", "lat, long and radius are given together, or none of them"
            )
        )
        return None
    lat, long = _point(said, faults)
    radius = _number(said["radius"])
    if radius is None or not 0 < radius <= FARTHEST:
        faults.append(
            Words(
                f"radius 应为 1 至 {FARTHEST} 米", f"radius is a number of metres up to {FARTHEST}, above 0"
            )
        )
        return None
    return None if lat is None or long is None else Near(lat, long, radius)


def _point(said: Mapping[str, str], faults: list[Words]) -> tuple[float | None, float | None]:
    """Latitude and longitude, both or neither."""
    where: list[float | None] = []
    for name, most in (("lat", 90.0), ("long", 180.0)):
        text = said.get(name, "")
        value = _number(text)
        where.append(value if value is not None and -most <= value <= most else None)
        if text and where[-1] is None:
            faults.append(
                Words(
                    f"{name} 应为 -{most:g} 至 {most:g} 之间的度数",
                    f"{name} is no number of degrees between -{most:g} and {most:g}",
                )
            )
    if (where[0] is None) != (where[1] is None):
        if not (said.get("lat") and said.get("long")):
            faults.append(Words("lat 和 long 须同时给出", "lat and long are given together, or neither"))
        return None, None
    return where[0], where[1]


def _whole(said: Mapping[str, str], name: str, default: int, most: int, faults: list[Words]) -> int:
    text = said.get(name) or str(default)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
    if not 1 <= number <= most:
        faults.append(Words(f"{name} 应为 1 至 {most} 的整数", f"{name} is a whole number from 1 to {most}"))
    return number


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None


def _undecoded(given: Mapping[str, Sequence[str]]) -> list[Words]:
    """The fields that did not come as UTF-8: what could not be decoded arrives as U+FFFD."""
    return [
        Words(f"{name[:60]} 不是 UTF-8 文字", f"{name[:60]} is not UTF-8")
        for name, several in given.items()
        if "\ufffd" in name or any("\ufffd" in one for one in several)
    ]


def _no_moment(name: str) -> Words:
    form = "2026-03-02T09:00:00+08:00"
    return Words(f"{name} 应写成 {form}", f"{name} is no moment in the form {form}")


def _several(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
