"""Many rows into one table at the speed of the database: prepared once on SQLite, COPY on PostgreSQL.

For rows whose history is written in the same transaction, and for history itself; everything else goes through the verbs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from django.db import connection

MANY = 100
"""From so many rows on it pays."""
AT_ONCE = 10_000


CHUNK = 500
"""So many values go into one question: SQLite takes a limited number."""


def chunks(values: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """Pieces small enough for one query."""
    return (values[at : at + size] for at in range(0, len(values), size))


def insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values in the order of `columns`; dates, moments and decimals as the database takes them."""
    quote = connection.ops.quote_name
    named = f"{quote(table)} ({', '.join(map(quote, columns))})"
    one = f"INSERT INTO {named} VALUES ({', '.join(['%s'] * len(columns))})"
    rest = iter(rows)
    first = list(islice(rest, MANY))
    with connection.cursor() as cursor:
        if len(first) == 1:
            cursor.execute(one, first[0])
        elif connection.vendor == "postgresql" and len(first) == MANY:
            with cursor.copy(f"COPY {named} FROM STDIN") as copy:
                for row in chain(first, rest):
                    copy.write_row(row)
        else:
            rest = chain(first, rest)
            while part := list(
                islice(rest, AT_ONCE)
            ):  # Django keeps whatever it is given until all is written
                cursor.executemany(one, part)


def next_keys(table: str, count: int) -> range | list[int]:
    """Keys for `count` new rows of a table, in order, that nobody else will get; within a transaction that writes."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return sorted(key for (key,) in cursor.fetchall())
        # the transaction holds the one lock of SQLite for writing, so nobody comes between
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {connection.ops.quote_name(table)}")
        used = cursor.fetchone()[0]
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        first = max(used, cursor.fetchone()[0]) + 1
        return range(first, first + count)
