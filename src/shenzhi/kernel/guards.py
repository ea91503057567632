"""Sets the guards of the database over history and over the tables of all registers; setting them again is harmless."""

from __future__ import annotations

from django.db import connection

from shenzhi.kernel.history.guards import guard_appended, guard_records
from shenzhi.kernel.registers.catalogue import registers

APPENDED = ("kernel_event", "kernel_head")


def install() -> None:
    """Guard every table that exists by now: the last app to migrate finds all of them."""
    tables = set(connection.introspection.table_names())
    for table in APPENDED:
        if table in tables:
            guard_appended(table)
    for register in registers():
        if register.code in tables:
            guard_records(register.code, register.code, has_state="state" in register.fields)
