"""Asks the database something that nobody waits long for: what is not answered in time is given up, and the page says so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

LOOKED_AT = 2000
"""SQLite looks at the clock after so many of its own steps, some ten microseconds of them."""


class GivenUp(Exception):
    """The database did not answer in time; nothing was changed."""


@contextmanager
def within(milliseconds: int) -> Iterator[None]:
    """Let the queries of this block, which only read, take so long together (PostgreSQL: each of them); then GivenUp."""
    try:
        if connection.vendor == "postgresql":
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {milliseconds}")
                yield
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
            return
        connection.ensure_connection()
        until = time.perf_counter() + milliseconds / 1000
        connection.connection.set_progress_handler(lambda: time.perf_counter() > until, LOOKED_AT)
        try:
            yield
        finally:
            connection.connection.set_progress_handler(None, 0)
    except OperationalError as stopped:
        if _out_of_time(stopped.__cause__):
            raise GivenUp from stopped
        raise


def _out_of_time(cause: BaseException | None) -> bool:
    """By the codes of the drivers: a server says its words in the language that it was set up with."""
    interrupted = getattr(cause, "sqlite_errorname", "") == "SQLITE_INTERRUPT"
    return interrupted or getattr(cause, "sqlstate", "") == "57014"
