"""Pages of a list that cost the same on the first row and on the ten-millionth: each goes on from the last row shown."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, Field, Lookup, Q, QuerySet
from django.db.models.lookups import Exact, In
from django.db.models.sql.where import WhereNode

from shenzhi.kernel.patience import GivenUp, within
from shenzhi.kernel.registers.record import Records
from shenzhi.kernel.registers.writing import plain

SIZE = 50
COUNTED = 10_000
"""Up to here a list is counted; beyond, nobody needs the exact number enough to wait for it."""
COUNTING_MS = 25
"""Nor does anybody wait longer than this for it: the list itself is there already."""
WALKING_MS = 80
"""So long a sorted list is looked for along an index of its order, before what was asked is gathered and sorted."""
SORTED = 3000
"""Fewer records than this are sorted at once, whatever they are sorted by, if they are seen to be so few in SEEN_MS."""
SEEN_MS = 8
PARTS = 12
"""Into so many questions at most one is taken apart."""


@dataclass(frozen=True)
class Page:
    """The rows of one page and the cursors of its neighbours, "" where there is none."""

    rows: list[Any]
    after: str
    before: str


@dataclass(frozen=True)
class Count:
    """How many records a list holds: `number`, or `more` than that."""

    number: int
    more: bool = False

    def __bool__(self) -> bool:
        return self.more or self.number > 0

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.more else ''}"


@dataclass(frozen=True)
class _Key:
    """One column that a list is sorted by; empty values stand last when read forward, in either direction."""

    name: str
    field: Field[Any, Any]
    down: bool
    empty_last: bool = True

    def turned(self) -> _Key:
        return _Key(self.name, self.field, not self.down, not self.empty_last)

    def order(self) -> Any:
        column = F(self.name)
        if not self.field.null:
            return column.desc() if self.down else column.asc()
        where = {"nulls_last": True} if self.empty_last else {"nulls_first": True}
        return column.desc(**where) if self.down else column.asc(**where)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any) -> Q | None:
        """Rows that stand after this value; None where none can."""
        if value is None:
            return None if self.empty_last else Q(**{f"{self.name}__isnull": False})
        further = Q(**{f"{self.name}__{'lt' if self.down else 'gt'}": value})
        if self.field.null and self.empty_last:
            further |= Q(**{f"{self.name}__isnull": True})
        return further


def page(records: QuerySet[Any], order: Sequence[str], cursor: str, size: int = SIZE) -> Page:
    """The page that the cursor leads to; the first one for no cursor, or for one that nobody gave out.

    Its keys are asked first: an index answers that by itself, where whole records would be read only to be passed over."""
    keys = _keys(records, order)
    backward, values = _opened(cursor, keys)
    at = [key.turned() for key in keys] if backward else keys
    start = _from(at, values) if values is not None else Q()
    sought = _walked(records, at, start, size + 1)
    if sought is None:
        sought = _sought(records, at, start, size + 1)
    more, sought = len(sought) > size, sought[:size]
    if backward:
        sought.reverse()
    held = {row.pk: row for row in _alike(records).filter(pk__in=sought)}
    rows = [held[key] for key in sought if key in held]
    onward = rows and (more or backward)
    back = rows and (more if backward else values is not None)
    return Page(
        rows,
        _closed("a", keys, rows[-1]) if onward else "",
        _closed("b", keys, rows[0]) if back else "",
    )


def _sought(records: QuerySet[Any], keys: Sequence[_Key], start: Q, most: int) -> list[Any]:
    """The keys of the first records in this order. What is asked in one of several states is asked in each, since an
    index holds the records of one state in order, but not those of two."""
    order = [key.order() for key in keys]
    # in the order of entry every ground has its index; where more is asked, all of it together leads to a better one
    each = _by_state(records, grounds=keys[0].field.primary_key)
    parts = [part.order_by(*order).filter(start) for part in each]
    found = [list(part.values_list("pk", flat=True)[:most]) for part in parts]
    if len(found) == 1:
        return found[0]
    held = records.model._base_manager.filter(pk__in=[key for part in found for key in part])
    return list(held.order_by(*order).values_list("pk", flat=True)[:most])


def _by_state(records: QuerySet[Any], *, grounds: bool) -> list[QuerySet[Any]]:
    """The same records, those of each state apart where they are asked by a list of states, alone or (`grounds`) among
    other grounds on which the reader sees them; a record may stand in several parts."""
    asked = records.query.where
    if asked.connector != "AND" or asked.negated or any(_names_keys(one) for one in asked.children):
        return [records]
    for at, condition in enumerate(asked.children):
        others = [*asked.children[:at], *asked.children[at + 1 :]]
        if isinstance(condition, WhereNode) and (
            not grounds or any(isinstance(one, Lookup) for one in others)
        ):
            continue
        if alone := _alternatives(condition):
            parts = [records.all() for _ in alone]
            for part, one in zip(parts, alone, strict=True):
                part.query.where = WhereNode([one, *others])
            return parts
    return [records]


def _alternatives(condition: Any) -> list[Any]:
    """The conditions any of which suffices, one for each state; none where the condition is about no list of states."""
    if _is_about(condition, "state", In) and isinstance(condition.rhs, list | tuple | set | frozenset):
        return [Exact(condition.lhs, state) for state in sorted(set(condition.rhs))]
    if isinstance(condition, WhereNode) and condition.connector == "OR" and not condition.negated:
        known = [(one, _alternatives(one)) for one in condition.children]
        if any(states for _, states in known):
            found = [alone for one, states in known for alone in (states or [one])]
            return found if len(found) <= PARTS else []
    return []


def _names_keys(condition: Any) -> bool:
    """Whether a condition says by a question of its own which records are meant: then that is begun with, and once."""
    return _is_about(condition, "id", In) and not isinstance(condition.rhs, list | tuple | set | frozenset)


def _is_about(condition: Any, name: str, kind: type[Lookup[Any]]) -> bool:
    field = getattr(condition.lhs, "target", None) if isinstance(condition, kind) else None
    return field is not None and field.name == name


def _walked(records: QuerySet[Any], keys: Sequence[_Key], start: Q, most: int) -> list[Any] | None:
    """The keys of the first records in this order, met on the way along its index; None where there is no such index,
    where few records were asked for, or where too few were met in time: what there is, is then quickly sorted.

    SQLite's planner does not reckon with how few are wanted, and would gather and sort a million records for fifty."""
    if connection.vendor != "sqlite" or () not in (leading := _leading(records, keys[0])):
        return None
    with suppress(GivenUp), within(SEEN_MS):
        if number_of(records)(SORTED) < SORTED:
            return None
    walking = records.all()
    asked = walking.query.where
    along: list[Any] = []
    beside: list[Any] = []
    for condition in asked.children if asked.connector == "AND" and not asked.negated else [asked]:
        (along if _leads_to(condition, keys[0], leading) else beside).append(condition)
    walking.query.where = WhereNode([*along, _Beside(beside)] if beside else along)
    try:
        with within(WALKING_MS):
            return _sought(walking, keys, start, most)
    except GivenUp:
        return None


def _leading(records: QuerySet[Any], key: _Key) -> list[tuple[str, ...]]:
    """What comes before this column in the indexes that can be walked in its order; () is one that it leads itself."""
    if key.field.null or key.field.primary_key:
        return []
    lists = [tuple(index.fields) for index in records.model._meta.indexes]
    if key.field.unique or key.field.db_index:
        lists.append((key.field.name,))
    found = [fields[: fields.index(key.field.name)] for fields in lists if key.field.name in fields]
    return [before for before in found if len(before) <= 1 and "id" not in before]


def _leads_to(condition: Any, key: _Key, leading: Sequence[tuple[str, ...]]) -> bool:
    """Whether a condition narrows the walk itself: it is about the column sorted by, or holds what comes before it."""
    before = [fields[0] for fields in leading if fields]
    return (
        _is_about(condition, key.field.name, Lookup)
        or any(_is_about(condition, name, Exact) for name in before)
        or ("state" in before and _is_about(condition, "state", In))
    )


class _Beside(WhereNode):
    """Conditions that are looked at on every record met; no index is entered by them."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        said, values = super().as_sql(compiler, connection)
        return f"({said}) IS TRUE", values


def _alike(records: QuerySet[Any]) -> QuerySet[Any]:
    """Records for the same reader with the same references at hand, without the question that was asked."""
    every: QuerySet[Any] = records.model._default_manager.all()
    if isinstance(records, Records) and records.reader is not None:
        every = records.model._default_manager.visible_to(records.reader)
    every.query.select_related = records.query.select_related
    return every


def counted(count: Callable[[int], int]) -> Count:
    """What `count` counts up to its argument, however long that takes."""
    number = count(COUNTED + 1)
    return Count(min(number, COUNTED), number > COUNTED)


def hurried(count: Callable[[int], int], known: int) -> Count:
    """As `counted`, if that takes no longer than COUNTING_MS; else more than is `known`."""
    try:
        with within(COUNTING_MS):
            return counted(count)
    except GivenUp:
        return Count(known, more=True)


def number_of(records: QuerySet[Any]) -> Callable[[int], int]:
    """Counts the records up to as many as it is told."""
    return lambda most: records.order_by().values("pk")[:most].count()


def _keys(records: QuerySet[Any], order: Sequence[str]) -> list[_Key]:
    fields = [(name.removeprefix("-"), name.startswith("-")) for name in order]
    if not any(name in ("id", "pk") for name, _ in fields):
        fields.append(("id", fields[-1][1] if fields else True))
    keys = []
    for name, down in fields:
        field = records.model._meta.get_field("id" if name == "pk" else name)
        keys.append(_Key(getattr(field, "attname", name), field, down))
    return keys


def _from(keys: Sequence[_Key], values: Sequence[Any]) -> Q:
    """The rows after the one with these values: further in the first column, or the same there and further in the next."""
    found = Q(pk__in=())
    for count, (key, value) in enumerate(zip(keys, values, strict=True)):
        beyond = key.beyond(value)
        if beyond is not None:
            for earlier, same in zip(keys[:count], values[:count], strict=True):
                beyond &= earlier.same(same)
            found |= beyond
    first = keys[0]
    if values[0] is not None and not first.field.null:
        # says again what follows from the rest, so that an index on the first column can be entered at its value
        found &= Q(**{f"{first.name}__{'lte' if first.down else 'gte'}": values[0]})
    return found


def _closed(way: str, keys: Sequence[_Key], row: Any) -> str:
    values = [plain(getattr(row, key.name)) for key in keys]
    text = json.dumps([way, *values], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _opened(cursor: str, keys: Sequence[_Key]) -> tuple[bool, list[Any] | None]:
    """Whether the cursor leads backward, and the values of the row it starts from; None for the first page."""
    try:
        raw = base64.urlsafe_b64decode(cursor[:2000] + "=" * (-len(cursor) % 4))
        way, *values = json.loads(raw)
        if way not in ("a", "b") or len(values) != len(keys):
            return False, None
        return way == "b", [
            None if value is None else key.field.to_python(value)
            for key, value in zip(keys, values, strict=True)
        ]
    except (binascii.Error, ValueError, TypeError, ValidationError):
        return False, None
