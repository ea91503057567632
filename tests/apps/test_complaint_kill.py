"""The server may die at any instant while people report and complain: each number that was told stands for a whole case."""

from __future__ import annotations

import io
import itertools
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.killing import furnished, survive


@pytest.fixture(scope="module")
def pattern(tmp_path_factory) -> Path:
    return furnished(tmp_path_factory.mktemp("pattern"))


@pytest.mark.slow
@pytest.mark.parametrize("work", ["reporting", "complaining"])
def test_a_number_that_was_told_stands_for_a_whole_case(work, pattern, tmp_path):
    told = survive(__file__, work, kills=60, pattern=pattern, home=tmp_path, latest=0.2)
    assert told.endswith(" acknowledged, 0 left something wrong\n")
    assert int(told.split(", ")[1].split()[0]) > 20  # or the kills came before any work was done


def reporting_ready() -> None:
    """Two kinds of letters, and the limits of their clocks; the pages that answer are loaded."""
    from django.conf import settings
    from django.test import Client

    from shenzhi.apps.complaints.models import Category
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.parties.models import Department
    from shenzhi.kernel.registers.writing import create
    from shenzhi.kernel.seeding import seed_limits

    settings.ALLOWED_HOSTS = ["testserver"]
    seed_limits()
    quality = Department.objects.get(code="quality")
    for code, kind in (("lamp", "problem"), ("goods", "complaint")):
        create(Category(code=code, name=code, name_en=code, kind=kind, department=quality), by=PLATFORM)
    assert Client().get("/open311/v2/services.json").status_code == 200


complaining_ready = reporting_ready


def reporting() -> Iterator[str]:
    """Problems are reported over Open311, every other one with a photograph of its own."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client
    from PIL import Image

    client = Client()
    for turn in itertools.count():
        given = {"service_code": "lamp", "address_string": f"{os.getpid()} {turn}", "email": "a@example.org"}
        if turn % 2:
            out = io.BytesIO()
            Image.new("RGB", (40, 40), (os.getpid() % 256, turn % 256, 0)).save(out, "PNG")
            given["media"] = SimpleUploadedFile("photo.png", out.getvalue())
        said = client.post("/open311/v2/requests.json", given)
        yield f"{said.json()[0]['service_request_id']} {turn % 2}"


def complaining() -> Iterator[str]:
    """Complaints that report a breach as well are filed over the interface of the registers: each becomes two cases."""
    from django.test import Client

    client = Client()
    for turn in itertools.count():
        given = {
            "category": "goods", "respondent_named": "松风区某店", "goods": "电热水壶", "facts": f"{os.getpid()} {turn}",
            "violation": "少秤", "name": "万俟秘安", "phone": "010-00007391",
        }  # fmt: skip
        said = client.post("/api/v1/complaints/", json.dumps(given), content_type="application/json")
        assert said.status_code == 201, said.content
        yield f"{said.json()['number']} 0"


def whole(model: type, clock: str, acknowledged: list[str]) -> list[str]:
    """What is wrong with the cases of a register, all of which were filed and nothing more."""
    from shenzhi.kernel.clocks.models import ClockRun
    from shenzhi.kernel.history.events import Event
    from shenzhi.kernel.history.seals import Seal
    from shenzhi.kernel.registers.catalogue import register_of, serial
    from shenzhi.kernel.registers.receipts import Receipt
    from shenzhi.kernel.verifying import verify

    found = [f"{fault.place}: {fault.what.en}" for fault in verify(processes=1).faults]
    register = register_of(model)
    cases = {one.pk: one for one in model._base_manager.all()}
    for what, kept in (
        ("event", Event.objects.filter(act="file")),
        ("clock", ClockRun.objects.filter(clock=clock)),
        ("secret", Receipt.objects.exclude(secret="")),
        ("seal", Seal.objects.all()),
    ):
        if Counter(kept.filter(register=register.code).values_list("record", flat=True)) != Counter(
            list(cases)
        ):
            found.append(f"a case without its {what}, or a {what} without its case")
    for line in acknowledged:
        if serial(register, line.split()[0]) not in cases:
            found.append(f"{line} is lost")
    return found


def reporting_faults(acknowledged: list[str]) -> list[str]:
    from shenzhi.apps.complaints.models import Problem
    from shenzhi.kernel.attachments.models import Attachment
    from shenzhi.kernel.attachments.store import checked
    from shenzhi.kernel.registers.catalogue import register_of, serial

    found = whole(Problem, "dispatch", acknowledged)
    pictures = dict(Attachment.objects.values_list("record", "sha256"))
    for sha256 in pictures.values():
        checked(sha256)  # Missing where the bytes are gone
    # of each process every other report has a photograph: those whose place ends in an odd number
    wanted = {one.pk for one in Problem._base_manager.all() if int(one.place.split()[1]) % 2}
    if wanted != set(pictures):
        found.append("a report without its photograph, or a photograph without its report")
    told = {serial(register_of(Problem), line.split()[0]) for line in acknowledged if line.endswith(" 1")}
    return found + [f"the photograph of {key} is lost" for key in told - set(pictures)]


def complaining_faults(acknowledged: list[str]) -> list[str]:
    from shenzhi.apps.complaints.models import Complaint, Report

    found = whole(Complaint, "accept", acknowledged) + whole(Report, "check", [])
    letters = Counter(Report._base_manager.values_list("letter", flat=True))
    if letters != Counter(Complaint._base_manager.values_list("pk", flat=True)):
        found.append("a complaint without the report of its letter, or a report without its letter")
    return found
