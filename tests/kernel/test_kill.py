"""A process may die at any instant: what was acknowledged stands, nothing is half done, and the chain is whole."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.killing import furnished, survive


@pytest.fixture(scope="module")
def pattern(tmp_path_factory) -> Path:
    return furnished(tmp_path_factory.mktemp("pattern"))


@pytest.mark.slow
@pytest.mark.parametrize("work", ["filing", "firing", "changing", "erasing"])
def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(work, pattern, tmp_path):
    told = survive(__file__, work, kills=75, pattern=pattern, home=tmp_path)
    assert "75 kills, " in told
    assert told.endswith(" acknowledged, 0 left something wrong\n")
    assert int(told.split(", ")[1].split()[0]) > 50  # or the kills came before any work was done


@pytest.mark.slow
def test_a_file_is_imported_whole_or_not_at_all(pattern, tmp_path):
    told = survive(__file__, "importing", kills=40, pattern=pattern, home=tmp_path, latest=0.2)
    assert told.endswith(" acknowledged, 0 left something wrong\n")
    assert int(told.split(", ")[1].split()[0]) > 10  # or the kills came before any file was imported


@pytest.mark.slow
def test_the_harness_sees_what_is_lost_and_what_is_half_done(pattern, tmp_path):
    with pytest.raises(AssertionError, match="is lost"):
        survive(__file__, "boasting", kills=10, pattern=pattern, home=tmp_path / "boasting")
    with pytest.raises(AssertionError, match=r"register has it, history has not"):
        survive(__file__, "halving", kills=10, pattern=pattern, home=tmp_path / "halving")


def _office():
    """The office as it stands in the copied database, read again by its codes."""
    from office import reader
    from shenzhi.kernel.parties.models import Department, District, Organisation

    quality = Department.objects.get(code="quality")
    here = {"department": quality.pk, "keeps": "quality"}
    firm = Organisation.objects.order_by("id").first()
    return (
        quality,
        District.objects.get(code="990001"),
        firm,
        reader(3, "clerk", **here),
        reader(4, "reviewer", **here),
    )


def filing() -> Iterator[str]:
    """Officers are filed, each with the key of its request."""
    from shenzhi.kernel.cases.firing import file

    _, _, _, clerk, _ = _office()
    for turn in itertools.count():
        case = file(_officer(), by=clerk, key=f"file-{os.getpid()}-{turn}")
        yield f"{case.pk} {case.version}"


def firing() -> Iterator[str]:
    """Each officer is filed, returned, supplemented and listed: the clock starts, pauses, runs on and ends."""
    from shenzhi.kernel.cases.firing import file, fire

    _, _, _, clerk, reviewer = _office()
    for turn in itertools.count():
        key = f"{os.getpid()}-{turn}"
        case = file(_officer(), by=clerk, key=f"file-{key}")
        yield f"{case.pk} {case.version}"
        for code, by, data in (
            ("return", clerk, {"reason": "材料不清"}),
            ("supplement", clerk, {"training": "六西格玛"}),
            ("list", reviewer, {}),
        ):
            case = fire(case, code, by=by, data=data, key=f"{code}-{key}")
            yield f"{case.pk} {case.version}"


def changing() -> Iterator[str]:
    """The same record is changed again and again, and now and then a head is published."""
    from shenzhi.kernel.cases.firing import file
    from shenzhi.kernel.history import heads
    from shenzhi.kernel.registers.writing import change

    _, _, _, clerk, _ = _office()
    case = file(_officer(), by=clerk, key=f"file-{os.getpid()}")
    for turn in itertools.count():
        case = change(case, by=clerk, duties=f"{os.getpid()} {turn}", phone=f"138{turn:08d}")
        yield f"{case.pk} {case.version}"
        if turn == 2:
            last = heads.Head.objects.order_by("-day").first()
            heads.publish((last.day if last else dt.date(2026, 1, 1)) + dt.timedelta(days=1))


def erasing() -> Iterator[str]:
    """Personal data are erased: the fields and the key go together, or both stay."""
    from office import reader
    from shenzhi.kernel.cases.firing import file
    from shenzhi.kernel.registers.erasing import erase

    quality, _, _, clerk, _ = _office()
    head = reader(5, "head", department=quality.pk, keeps="quality")
    for turn in itertools.count():
        case = file(_officer(), by=clerk, key=f"file-{os.getpid()}-{turn}")
        case = erase(case, by=head, ground="个人信息保护法第四十七条")
        yield f"{case.pk} {case.version}"


ROWS = 120
"""Rows of each imported file: enough for COPY on PostgreSQL, and for a kill to come in between."""


def importing() -> Iterator[str]:
    """Files of organisations are imported, each with its rows, their history, their seals and their place in search."""
    from shenzhi.calc.codes import uscc
    from shenzhi.kernel.exchange.carrying import carry_out
    from shenzhi.kernel.exchange.planning import plan
    from shenzhi.kernel.parties.models import Organisation
    from shenzhi.kernel.registers.catalogue import register_of

    _, _, _, clerk, _ = _office()
    path = Path(os.environ["SHENZHI_HOME"]) / f"{os.getpid()}.csv"
    begun = 10_000 + Organisation.objects.count()  # so no file repeats the codes of one that stands
    for turn in itertools.count():
        first = begun + turn * ROWS
        rows = [
            f"{uscc.make('91990000', f'{first + row:09d}'[-8:])},单位{first + row},企业,139{first + row:08d}"[
                :200
            ]
            for row in range(ROWS)
        ]
        path.write_text("\n".join(["统一社会信用代码,名称,类型,联系电话", *rows]), encoding="utf-8")
        done = carry_out(plan(register_of(Organisation), path, clerk))
        yield f"{done.keys[0]} {len(done.keys)}"


def importing_ready() -> None:
    """Load what reads a file, without reading one: an engine's threads would not come along into the child."""
    import pandas  # noqa: F401 - what pyarrow reads dates with
    import pyarrow.csv  # noqa: F401

    import shenzhi.kernel.exchange.carrying
    import shenzhi.kernel.exchange.planning  # noqa: F401


def importing_faults(acknowledged: list[str]) -> list[str]:
    from django.db import connection

    from shenzhi.kernel.history.events import Event
    from shenzhi.kernel.history.seals import Seal
    from shenzhi.kernel.parties.models import Organisation
    from shenzhi.kernel.registers.receipts import Receipt
    from shenzhi.kernel.verifying import verify

    found = [f"{fault.place}: {fault.what.en}" for fault in verify(processes=1).faults]
    imported = set(Event.objects.filter(act="imported").values_list("record", flat=True))
    standing = set(Organisation._base_manager.values_list("pk", flat=True))
    if len(imported) % ROWS or len(imported) + 2 != len(standing):
        found.append(f"{len(imported)} rows of files of {ROWS}")
    for line in acknowledged:
        first, count = map(int, line.split())
        if not set(range(first, first + count)) <= imported:
            found.append(f"{line} is lost")
    if Receipt.objects.count() * ROWS != len(imported):
        found.append("a receipt without its file, or a file without its receipt")
    if set(Seal.objects.filter(register="kernel_organisation").values_list("record", flat=True)) != standing:
        found.append("a seal that is left, or one that is missing")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM search_kernel_organisation")
        if {row[0] for row in cursor.fetchall()} != standing:
            found.append("search and register differ")
    return found


def boasting() -> Iterator[str]:
    """Says that it has done what it has not."""
    yield from ("999999 1" for _ in itertools.count())


def halving() -> Iterator[str]:
    """Writes records past their history."""
    from django.db import connection

    for turn in itertools.count():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO kernel_district (version, made_at, changed_at, code, name, name_en) "
                f"VALUES (1, '2026-01-01 00:00:00', '2026-01-01 00:00:00', '{os.getpid()}-{turn}', '无', '')"
            )
        yield "1 1"


def _officer():
    from shenzhi.apps.people.models import Officer

    quality, pine, firm, _, _ = _office()
    return Officer(
        organisation=firm, name="张三", phone="13800001111", appointed_on=dt.date(2026, 1, 5),
        department=quality, district=pine,
    )  # fmt: skip


def filing_faults(acknowledged: list[str]) -> list[str]:
    """What is lost or half done; empty when all is well."""
    from shenzhi.apps.people.models import Officer
    from shenzhi.kernel.clocks.models import ClockRun
    from shenzhi.kernel.history.events import Event
    from shenzhi.kernel.history.seals import Seal
    from shenzhi.kernel.registers.receipts import Receipt
    from shenzhi.kernel.verifying import verify

    found = [f"{fault.place}: {fault.what.en}" for fault in verify(processes=1).faults]
    standing = dict(Officer._base_manager.values_list("pk", "version"))
    events = Event.objects.filter(register="people_officer")
    found += [
        f"{line} is lost"
        for line in acknowledged
        if standing.get(int(line.split()[0]), 0) < int(line.split()[1])
    ]
    runs = {run.record: run for run in ClockRun.objects.filter(register="people_officer")}
    if runs.keys() != standing.keys() or ClockRun.objects.count() != len(standing):
        found.append("a case without its clock, or a clock without its case")
    ended = {event.record for event in events.filter(act="list")}
    if {record for record, run in runs.items() if run.ended_on is not None} != ended:
        found.append("a clock that did not end with its case")
    asked = set(
        events.filter(act__in=("file", "return", "supplement", "list")).values_list("record", "version")
    )
    if set(Receipt.objects.values_list("record", "version")) != asked:
        found.append("a receipt without its act, or an act without its receipt")
    erased = {event.record for event in events.filter(act="erased")}
    if (
        set(Seal.objects.filter(register="people_officer").values_list("record", flat=True))
        != standing.keys() - erased
    ):
        found.append("a seal that is left, or one that is gone")
    return found


firing_faults = changing_faults = erasing_faults = boasting_faults = halving_faults = filing_faults
