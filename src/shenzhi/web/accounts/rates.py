"""How often one caller may ask in a stretch of time: the counts, which all processes of the box share.

They stand in the table in which failed sign-ins are counted. One statement counts and says where the count stands, so two
requests of one moment are two. Stretches follow the clock (every full minute, every full hour): at their border a caller
may ask twice as much at once, and for that a count is one number, not a list of moments.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection

PATIENCE = 250
"""Milliseconds for which counting waits where another writes the only file: a long import must not hold up readers."""


@dataclass(frozen=True)
class Quota:
    """Where a caller stands: `most` requests in `seconds`, `used` of them, the next stretch `ends_in` seconds away."""

    name: str
    most: int
    seconds: int
    used: int
    ends_in: int

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)

    @property
    def exceeded(self) -> bool:
        return self.used > self.most


def spend(name: str, caller: str, moment: float) -> Quota | None:
    """Count one request of the caller under the rate of this name in settings.RATES, `moment` in seconds since 1970.

    None where there is no such rate, and where the table is kept busy: who cannot be counted is let through."""
    if name not in settings.RATES:
        return None
    most, seconds = settings.RATES[name]
    ends = (int(moment) // seconds + 1) * seconds
    try:
        used = _counted(f"rate:{name}:{caller}", dt.datetime.fromtimestamp(ends, dt.UTC))
    except OperationalError:
        return None
    return Quota(name, most, seconds, used, max(1, ends - int(moment)))


def _counted(key: str, ends: dt.datetime) -> int:
    """Add one to the count that holds until `ends`, or begin it; what it is then."""
    table = connection.ops.quote_name(settings.CACHES["default"]["LOCATION"])
    first, row = "", "VALUES (%s, '1', %s)"
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        # for this one statement alone, or what else a transaction writes would not be waited for either
        first = "WITH lightly AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)) "
        row = "SELECT %s, '1', CAST(%s AS timestamptz) FROM lightly"
    with connection.cursor() as cursor, _lightly(cursor):
        cursor.execute(
            f"{first}INSERT INTO {table} (cache_key, value, expires) {row} "
            f"ON CONFLICT (cache_key) DO UPDATE SET value = CASE WHEN {table}.expires = excluded.expires "
            f"THEN CAST(CAST({table}.value AS INTEGER) + 1 AS TEXT) ELSE '1' END, expires = excluded.expires "
            "RETURNING value",
            [key, connection.ops.adapt_datetimefield_value(ends)],
        )
        return int(cursor.fetchone()[0])


@contextmanager
def _lightly(cursor: Any) -> Iterator[None]:
    """Within it SQLite waits no longer than PATIENCE for its one writer, and for no disk: a count that is lost with the
    power is no loss, and each request would pay some milliseconds for it. PostgreSQL is told so in the statement itself,
    and locks only the caller's own row."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = [f"busy_timeout = {int(connection.settings_dict['OPTIONS'].get('timeout', 5) * 1000)}"]
    cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    if not connection.in_atomic_block:  # within a transaction SQLite refuses to change it
        usual.append(f"synchronous = {cursor.execute('PRAGMA synchronous').fetchone()[0]}")
        cursor.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        for one in usual:
            cursor.execute(f"PRAGMA {one}")
