"""What the database itself refuses: to change or delete history, and to change a record without an event that says so.

Triggers stand below every program, so that neither our own mistakes nor a statement typed into the database can pass
unseen. Whoever drops a trigger to get past it is found by `shenzhi history verify`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db import connection

_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")


def _named(name: str) -> str:
    """Names of tables and registers come from our own declarations; this keeps it so."""
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not a plain name of a table")
    return name


def _both(vendor: str, name: str, table: str, event: str, when: str, message: str) -> Iterator[str]:
    """The statements of one trigger that raises `message` on `event` ("UPDATE", "DELETE") where `when` holds."""
    if vendor == "sqlite":
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield (
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    yield (
        f"CREATE OR REPLACE FUNCTION {name}_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {when} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}_refuses()"


def _run(statements: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def guard_appended(table: str, *, may_go: str = "1=0") -> None:
    """`table` is only ever added to; `may_go` is the SQL of rows (as OLD) that may be deleted all the same."""
    _named(table)
    for event in ("UPDATE", "DELETE"):
        when = f"NOT ({may_go})" if event == "DELETE" else "1=1"
        name = f"{table}_no_{event.lower()}"
        _run(_both(connection.vendor, name, table, event, when, f"{table} is append-only"))
    if connection.vendor == "postgresql":
        _run(
            iter(
                (
                    f"CREATE OR REPLACE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
                    f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}",
                    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {table}_kept()",
                )
            )
        )


def guard_records(table: str, register: str, *, has_state: bool) -> None:
    """A row of `table` changes only with an event of the next version (and of the same state) already in history,
    and is never deleted."""
    _named(table)
    state = " AND e.state = NEW.state" if has_state else ""
    when = (
        "NEW.version <> OLD.version + 1 OR NEW.id <> OLD.id OR NOT EXISTS (SELECT 1 FROM kernel_event e WHERE "
        f"e.register = '{_named(register)}' AND e.record = NEW.id AND e.version = NEW.version{state})"
    )
    refusal = f"{table} changes only with its history"
    _run(_both(connection.vendor, f"{table}_with_history", table, "UPDATE", when, refusal))
    _run(_both(connection.vendor, f"{table}_no_delete", table, "DELETE", "1=1", f"{table} is never deleted from"))
