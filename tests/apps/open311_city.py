"""A city with two kinds of problems, asked over Open311; what several tests ask of it."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from shenzhi.apps.complaints.models import Category, Problem
from shenzhi.apps.complaints.questions import Question
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.cases.firing import file
from shenzhi.kernel.registers.writing import create
from shenzhi.kernel.seeding import seed_limits

BASE = "/en/open311/v2"
CHINA = dt.timezone(dt.timedelta(hours=8))


@pytest.fixture
def city(office):
    seed_limits()
    cover = create(
        Category(
            code="cover", name="井盖破损", name_en="Broken cover", kind="problem", department=office.quality,
            group="市政", group_en="Public works", note="破损、缺失、下沉。", note_en="Broken, gone or sunken.",
            keywords="井盖、道路",
        ),
        by=PLATFORM,
    )  # fmt: skip
    create(
        Category(code="lamp", name="路灯不亮", name_en="Lamp out", kind="problem", department=office.quality),
        by=PLATFORM,
    )
    for order, given in enumerate(
        (
            {"code": "STATE", "datatype": "singlevaluelist", "required": True, "description": "井盖怎么了",
             "description_en": "What is wrong", "options": "broken=破损=Broken\nmissing=缺失=Missing"},
            {"code": "SIGNS", "datatype": "multivaluelist", "description": "有无警示", "description_en": "What warns",
             "options": "tape=警戒带=Tape\nlight=警示灯=Light"},
            {"code": "DEPTH", "datatype": "number", "description": "多深（厘米）", "description_en": "How deep, in cm",
             "how": "目测即可", "how_en": "An estimate will do"},
            {"code": "SINCE", "datatype": "datetime", "description": "何时发现", "description_en": "Since when"},
            {"code": "NOTE", "datatype": "text", "variable": False, "description": "危险时请拨 110", "description_en": "In danger call 110"},
        ),
        start=1,
    ):  # fmt: skip
        create(Question(category=cover, order=order, **given), by=PLATFORM)
    return Client()


def post(client: Client, form: str = "json", base: str = BASE, **more: object):
    given = {
        "service_code": "lamp",
        "lat": "22.5",
        "long": "114.05",
        "description": "路灯不亮",
        "email": "a@example.org",
    }
    return client.post(f"{base}/requests.{form}", {**given, **more})


def number_of(client: Client, **more: object) -> str:
    return str(post(client, **more).json()[0]["service_request_id"])


def told(answer) -> list[str]:
    """What an answer says is wrong, in either form; each with the code of the answer."""
    if "json" in answer["Content-Type"]:
        faults = [(one["code"], one["description"]) for one in answer.json()]
    else:
        root = ET.fromstring(answer.content)
        assert root.tag == "errors"
        faults = [
            (int(one.findtext("code") or 0), one.findtext("description")) for one in root.findall("error")
        ]
    assert {code for code, _ in faults} == {answer.status_code}
    return [text for _, text in faults]


def found(client: Client, question: str) -> list[str]:
    return [one["service_request_id"] for one in client.get(f"{BASE}/requests.json{question}").json()]


def a_problem(at: dt.datetime, latitude: str = "22.500000", longitude: str = "114.050000") -> Problem:
    return file(
        Problem(
            category=Category.objects.get(code="lamp"),
            place="松风区",
            facts="坏了",
            latitude=latitude,
            longitude=longitude,
        ),
        by=PLATFORM,
        at=at,
    )
