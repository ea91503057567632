"""Sets the guards of the database over history and over the tables of all registers; setting them again is harmless."""

from __future__ import annotations

from django.db import connection

from shenzhi.kernel.access.reads import old_enough
from shenzhi.kernel.history.events import ERASURE
from shenzhi.kernel.history.guards import Guard, appended, set_guards, with_history
from shenzhi.kernel.registers.catalogue import registers

# table -> the SQL of rows (as OLD) that may be deleted all the same
APPENDED = {
    "kernel_event": "1=0",
    "kernel_head": "1=0",
    # the key to a record's personal values goes only after an event that says so
    "kernel_seal": (
        "EXISTS (SELECT 1 FROM kernel_event e WHERE e.register = OLD.register AND e.record = OLD.record "
        f"AND e.act = '{ERASURE}')"
    ),
}


def wanted() -> list[Guard]:
    """The guards of every table that exists by now: the last app to migrate finds all of them."""
    tables = set(connection.introspection.table_names())
    kept = {**APPENDED, "kernel_readlog": old_enough()}
    guards = [
        guard for table, may_go in kept.items() if table in tables for guard in appended(table, may_go=may_go)
    ]
    for register in registers():
        if register.code in tables:
            guards += with_history(register.code, register.code, has_state="state" in register.fields)
    return guards


def install() -> None:
    set_guards(wanted())
