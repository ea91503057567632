"""What the tests of the workbench share: the day on which they happen, an officer, and what stands on a page."""

from __future__ import annotations

import datetime as dt
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

TODAY = dt.date(2026, 3, 31)
"""A Tuesday; no holiday lies in March 2026, so that working days are Mondays to Fridays."""


def noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def march(day: int) -> dt.datetime:
    return noon(dt.date(2026, 3, day))


def an_officer(office, name="张三", department=None):
    from shenzhi.apps.people.models import Officer

    return Officer(
        organisation=office.firm, name=name, phone="13800001111", appointed_on=dt.date(2026, 1, 5),
        department=department or office.quality, district=office.pine,
    )  # fmt: skip


def rows(response) -> list[str]:
    """The numbers of the cases on the page, in their order."""
    assert response.status_code == 200
    return re.findall(r'<th scope="row"[^>]*><a [^>]*>([A-Z]+-\d+-\w)</a></th>', response.content.decode())


def numbers(*found) -> list[str]:
    return [one.number for one in found]


def text(response) -> str:
    """What a page says, without its marks and with single spaces."""
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)
