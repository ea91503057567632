"""Writes the letters that a large city gets in five years past the verbs, for the benchmark of complaints: half problems in the
street, half complaints, spread evenly over the days, each with its clocks.

The newest wait, those of the last weeks are being worked on, the others were closed, refused, withdrawn or transferred;
some clocks ran out, some rested during a test. Everything is made from the number of the letter, so that it is the same
each time. What the letters have no share in is not there: history, notices, secrets, search.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

DAYS = 1826
KINDS = {
    "problem": ("lamp", "cover", "noise", "rubbish", "water", "trees"),
    "complaint": ("goods", "food", "housing", "travel", "repair", "teaching"),
}
STEPS = {"department": 69069, "district": 40503, "category": 104729}
DISTRICTS, OFFICES, ORGANISATIONS = 10, 10, 100_000


def furnish() -> None:
    """The small office of the tests with its limits and calendar, a clerk, and the kinds of letters."""
    from office import furnish
    from shenzhi.apps.complaints.models import Category
    from shenzhi.kernel.access.accounts import Account, Membership
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.registers.writing import create
    from shenzhi.kernel.seeding import seed_calendar, seed_limits

    office = furnish()
    seed_limits()
    seed_calendar()
    for kind, codes in KINDS.items():
        for code in codes:
            rule = f"complaints.mend.{code}" if code in ("cover", "noise") else ""
            given = {"name": code, "name_en": code, "kind": kind, "rule": rule}
            create(Category(code=code, department=office.quality, **given), by=PLATFORM)
    account = Account.objects.create_user("clerk", None, name="clerk")
    Membership.objects.create(account=account, role="clerk", department=office.quality)


def write(count: int) -> None:
    """So many letters; the office is furnished."""
    from django.db import connection

    from registers import fill
    from shenzhi.apps.complaints.models import Category, Complaint, Problem
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.parties.models import Department, District, Organisation
    from shenzhi.kernel.registers.writing import create

    started = time.perf_counter()

    def done(what: str) -> None:
        print(f"{time.perf_counter() - started:>7.0f} s  {what}", flush=True)

    for at in range(3, DISTRICTS + 1):
        create(District(code=f"99{at:04d}", name=f"第{at}区"), by=PLATFORM)
    for at in range(3, OFFICES + 1):
        create(Department(code=f"bureau-{at}", name=f"第{at}局"), by=PLATFORM)
    first = 1 + Organisation.objects.count()
    fill(min(ORGANISATIONS, count), list(District.objects.all()), first=first)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:  # every reference is made from a key that is there
            for one in ("synchronous=OFF", "cache_size=-1000000", "foreign_keys=OFF"):
                cursor.execute(f"PRAGMA {one}")
    keys = {
        "department": list(Department.objects.values_list("pk", flat=True)),
        "district": list(District.objects.values_list("pk", flat=True)),
    }
    with connection.cursor() as cursor, without_indexes(cursor, "kernel_clockrun"):
        for model, kind in ((Problem, "problem"), (Complaint, "complaint")):
            category = list(Category.objects.filter(kind=kind).values_list("pk", flat=True))
            table, after = model._meta.db_table, _last(cursor, model._meta.db_table)
            with without_indexes(cursor, table):
                _letters(cursor, model, after + 1, count // 2, {**keys, "category": category}, first)
                done(f"{count // 2:,} of {table}")
                _clocks(cursor, table, after)
                done("their clocks")
            done("their indexes")
    done("indexes of the clocks")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    done("statistics of the database")
    connection.close()  # and with it the settings for writing


def _last(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
    return int(cursor.fetchone()[0])


def _chosen(among: list[Any], step: int) -> str:
    """One of these, spread by a multiplication."""
    whens = " ".join(f"WHEN {at} THEN {one!r}" for at, one in enumerate(among))
    return f"CASE (i * {step} / 65536) % {len(among)} {whens} END"


def _letters(
    cursor: Any, model: Any, first: int, count: int, keys: dict[str, list[int]], organisation: int
) -> None:
    """`count` letters with the numbers from `first` on, the oldest first."""
    from django.db import connection

    postgres = connection.vendor == "postgresql"
    table, last = model._meta.db_table, first + count - 1
    numbers = (
        f"SELECT i FROM generate_series({first}::bigint, {last}) i"
        if postgres
        else f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n"
    )
    minutes = f"(i - {first}) * {DAYS * 1440} / {count}"
    begun = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=DAYS):%Y-%m-%d %H:%M:%S}"
    moment = (
        f"timestamptz '{begun}+00' + minutes * interval '1 minute'"
        if postgres
        else f"datetime('{begun}', minutes || ' minutes')"
    )
    if "place" in {field.name for field in model._meta.fields}:
        state = "WHEN age < 3 THEN 'filed' WHEN age < 15 THEN 'working' WHEN a < 90 THEN 'closed' WHEN a < 94 THEN 'refused' WHEN a < 98 THEN 'duplicate' ELSE 'transferred'"
    else:
        state = "WHEN age < 8 THEN 'filed' WHEN age < 90 THEN 'mediating' WHEN a < 80 THEN 'closed' WHEN a < 92 THEN 'refused' WHEN a < 96 THEN 'withdrawn' ELSE 'transferred'"
    outcome = _chosen(["explained", "remedied", "remedied", "remedied"], 25173)
    told = {
        "id": "i", "version": "1", "made_at": moment, "changed_at": moment, "channel": "'open311'", "state": "state",
        "outcome": f"CASE state WHEN 'closed' THEN {outcome} WHEN 'refused' THEN state WHEN 'withdrawn' THEN state WHEN 'transferred' THEN state ELSE '' END",
        "satisfaction": "CASE WHEN state = 'closed' AND b < 30 THEN CAST(1 + c % 5 AS varchar(1)) ELSE '' END",
        "fixed": "CASE WHEN state <> 'closed' OR b >= 30 THEN '' WHEN c < 70 THEN 'fixed' WHEN c < 90 THEN 'not_fixed' ELSE 'came_back' END",
        "answer": "CASE WHEN age < 90 THEN '' ELSE '经核查，所反映的情况属实，已经处理完毕，感谢您的监督。' END",
        "latitude": "22.5 + (i * 40503 / 64 % 4000) / 10000.0", "longitude": "113.8 + (i * 69069 / 64 % 6000) / 10000.0",
        "place": "'松风区质量路' || (i * 40503 / 64 % 900) || '号'",
        "goods": "'第' || (i * 40503 / 4096 % 3000) || '号电热水壶'",
        "facts": "'家门口的路灯已经三天不亮，晚上走路看不清，请尽快派人修理。编号' || i",
        "name": "'王小明'", "phone": "'010-' || (10000000 + i * 40503 / 64 % 3000000)",
        # a few are complained of often, most hardly ever
        "respondent_id": f"{organisation} + (i * 40503 / 64 % 1000) * (i * 69069 / 1024 % 1000) % {min(ORGANISATIONS, count)}",
        **{f"{name}_id": _chosen(several, STEPS[name]) for name, several in keys.items()},
    }  # fmt: skip
    if postgres:
        told["published"] = "i % 50 = 0"
    blank = {
        field.column: "NULL"
        if field.null
        else ("false" if postgres else "0")
        if field.get_internal_type() == "BooleanField"
        else "''"
        for field in model._meta.concrete_fields
    }
    columns = [field.column for field in model._meta.concrete_fields]
    rows = ", ".join(told.get(one, blank[one]) for one in columns)
    source = (
        f"SELECT i, {minutes} AS minutes, {DAYS} - (i - {first}) * {DAYS} / {count} AS age, i * 69069 / 4096 % 100 AS a, "
        f"i * 40503 / 4096 % 100 AS b, i * 69069 / 131072 % 100 AS c FROM ({numbers}) AS numbers"
    )
    source = f"SELECT numbered.*, CASE {state} END AS state FROM ({source}) AS numbered"
    cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {rows} FROM ({source}) AS made")
    if postgres:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")


def _clocks(cursor: Any, table: str, after: int) -> None:
    """The runs of the clocks of the letters with numbers after this one."""
    from django.db import connection

    postgres = connection.vendor == "postgresql"
    filed = "CAST(timezone('Asia/Shanghai', made_at) AS date)" if postgres else "date(made_at, '+8 hours')"

    def later(*days: str) -> str:
        whole = " + ".join(f"({one})" for one in days)
        return f"({filed} + CAST({whole} AS integer))" if postgres else f"date({filed}, ({whole}) || ' days')"

    def text(day: str) -> str:
        return f"CAST({day} AS varchar(10))" if postgres else day

    a, b, c = "id * 69069 / 4096 % 100", "id * 40503 / 4096 % 100", "id * 69069 / 131072 % 100"
    final = "CASE state WHEN 'refused' THEN 'refuse' WHEN 'transferred' THEN 'transfer' WHEN 'withdrawn' THEN 'withdraw' WHEN 'duplicate' THEN 'merge'"
    none, rule = "''", "(SELECT rule FROM complaints_category WHERE complaints_category.id = category_id)"
    if table.endswith("problem"):
        sent, mended = f"{b} % 2", f"{c} % 9"
        clocks = [
            ("dispatch", "'complaints.dispatch'", "true", filed, none, f"CASE WHEN state <> 'filed' THEN {later(sent)} END", f"{final} ELSE 'dispatch' END"),
            ("mend", f"COALESCE(NULLIF({rule}, ''), 'complaints.mend')", "state IN ('working', 'closed')", later(sent), none,
             f"CASE WHEN state = 'closed' THEN {later(sent, mended)} END", "'mend'"),
        ]  # fmt: skip
    else:
        accepted, settled, told = f"CASE WHEN {b} < 4 THEN 14 ELSE {b} % 8 END", f"10 + {c} % 65", f"{a} % 6"
        rested = f"CASE WHEN {a} < 5 THEN {text(later(accepted, '2'))} || '/' || {text(later(accepted, '9'))} ELSE '' END"
        clocks = [
            ("accept", "'complaints.accept'", "true", filed, none, f"CASE WHEN state <> 'filed' THEN {later(accepted)} END", f"{final} ELSE 'accept' END"),
            ("mediate", "'complaints.mediate'", "state IN ('mediating', 'closed')", later(accepted), rested,
             f"CASE WHEN state = 'closed' THEN {later(accepted, settled)} END", "CASE outcome WHEN 'remedied' THEN 'settle' ELSE 'end' END"),
            ("tell", "'complaints.tell'", "state = 'closed'", later(accepted, settled), none, later(accepted, settled, told), "'tell'"),
        ]  # fmt: skip
    for clock, rule, where, started, pauses, ended, by in clocks:
        act = f"CASE WHEN ({ended}) IS NULL THEN '' ELSE {by} END"
        cursor.execute(
            "INSERT INTO kernel_clockrun (register, record, clock, rule, state, department_id, district_id, handler_id, started_on, "
            f"pauses, extended_days, ended_on, ended_by) SELECT '{table}', id, '{clock}', {rule}, state, department_id, district_id, "
            f"NULL, {started}, {pauses}, 0, {ended}, {act} FROM {table} WHERE id > {after} AND {where} ORDER BY id"
        )


@contextlib.contextmanager
def without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """The indexes of a table are made when its rows are there: sorted once is quicker than kept sorted."""
    from django.db import connection

    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE '%%_pkey'"
        if connection.vendor == "postgresql"
        else "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
        [table],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, statement in indexes:
        cursor.execute(statement)
