"""What the database itself refuses: to change or delete history, and to change a record without an event that says so.

Triggers stand below every program, so that neither our own mistakes nor a statement typed into the database can pass
unseen. Whoever drops or rewrites a trigger to get past it is found by `shenzhi history verify`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection

_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")


@dataclass(frozen=True)
class Guard:
    """A trigger that raises `message` on `event` ("UPDATE", "DELETE", "TRUNCATE") of `table` where `when` holds."""

    name: str
    table: str
    event: str
    when: str
    message: str

    def __post_init__(self) -> None:
        for name in (self.name, self.table):
            _plain(name)

    def statements(self, vendor: str) -> Iterator[str]:
        if vendor == "sqlite":
            yield f"DROP TRIGGER IF EXISTS {self.name}"
            yield self.definition(vendor)
            return
        yield (
            f"CREATE OR REPLACE FUNCTION {self.name}_refuses() RETURNS trigger LANGUAGE plpgsql AS "
            f"$${self.definition(vendor)}$$"
        )
        yield f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}"
        each = "" if self.event == "TRUNCATE" else "FOR EACH ROW "
        yield (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"{each}EXECUTE FUNCTION {self.name}_refuses()"
        )

    def definition(self, vendor: str) -> str:
        """What the database keeps of the guard, by which `standing` tells it from another."""
        # a `when` that cannot be told holds too: SQL's unknown must not open the door
        if vendor == "sqlite":
            return (
                f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW "
                f"WHEN COALESCE({self.when}, 1) BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
            )
        return (
            f" BEGIN IF COALESCE({self.when}, TRUE) THEN RAISE EXCEPTION '{self.message}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {'NEW' if self.event == 'UPDATE' else 'OLD'}; END "
        )


def _plain(name: str) -> str:
    """Names of tables and registers come from our own declarations; this keeps it so."""
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not a plain name of a table")
    return name


def appended(table: str, *, may_go: str = "1=0", vendor: str = "") -> list[Guard]:
    """The guards of a table that is only ever added to; `may_go` is the SQL of rows (as OLD) that may be deleted."""
    message = f"{table} is append-only"
    guards = [
        Guard(f"{table}_no_update", table, "UPDATE", "1=1", message),
        Guard(f"{table}_no_delete", table, "DELETE", f"NOT ({may_go})", message),
    ]
    if (vendor or connection.vendor) == "postgresql":
        guards.append(Guard(f"{table}_no_truncate", table, "TRUNCATE", "1=1", message))
    return guards


def with_history(table: str, register: str, *, has_state: bool, vendor: str = "") -> list[Guard]:
    """The guards of a register: a row changes only with an event of the next version (and of the same state) already
    in history, and is never deleted."""
    state = " AND e.state = NEW.state" if has_state else ""
    when = (
        "NEW.version <> OLD.version + 1 OR NEW.id <> OLD.id OR NOT EXISTS (SELECT 1 FROM kernel_event e WHERE "
        f"e.register = '{_plain(register)}' AND e.record = NEW.id AND e.version = NEW.version{state})"
    )
    never = f"{table} is never deleted from"
    guards = [
        Guard(f"{table}_with_history", table, "UPDATE", when, f"{table} changes only with its history"),
        Guard(f"{table}_no_delete", table, "DELETE", "1=1", never),
    ]
    if (vendor or connection.vendor) == "postgresql":
        guards.append(Guard(f"{table}_no_truncate", table, "TRUNCATE", "1=1", never))
    return guards


def set_guards(guards: Iterable[Guard]) -> None:
    """Set these guards; setting them again is harmless."""
    with connection.cursor() as cursor:
        for guard in guards:
            for statement in guard.statements(connection.vendor):
                cursor.execute(statement)


def not_standing(guards: Iterable[Guard]) -> list[Guard]:
    """Those of the guards that the database lacks, keeps switched off, or has in another wording."""
    vendor = connection.vendor
    with connection.cursor() as cursor:
        cursor.execute(_KEPT[vendor])
        kept = set(cursor.fetchall())
    return [
        guard
        for guard in guards
        if (
            guard.table,
            guard.name,
            guard.definition(vendor),
            "" if vendor == "sqlite" else _TYPES[guard.event],
        )
        not in kept
    ]


# every trigger that is awake: table, name, definition, and what PostgreSQL notes of when it fires
_KEPT = {
    "sqlite": "SELECT tbl_name, name, sql, '' FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT c.relname, t.tgname, p.prosrc, t.tgtype FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''"
    ),
}
_TYPES = {"UPDATE": 1 | 2 | 16, "DELETE": 1 | 2 | 8, "TRUNCATE": 2 | 32}  # for each row, before, on the event
