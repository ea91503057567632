"""Search in registers by Chinese words of one or two characters as well as long ones, over millions of names (article 84).

Beside the table of each register that names fields in `search` lies an index of the pairs of neighbouring characters of
these fields (calc/pairs.py), values behind references such as organisation__name included. It is written in the same
transaction as the record. Only what is open to everybody goes into it, so nothing closed can be guessed letter by letter.

    search_<code>         id, and the folded stretches of the text, each after a space
    search_<code>_words   SQLite: the pairs (FTS5); on PostgreSQL they are the column `words` (tsvector with GIN)
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from shenzhi.calc.codes.typed import plain
from shenzhi.calc.pairs import is_han, pairs, runs
from shenzhi.kernel import bulk
from shenzhi.kernel.history.events import events_of
from shenzhi.kernel.registers.catalogue import register_of, registers, serial
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record

M = TypeVar("M", bound=models.Model)

LAYOUT = "1"  # changes with the tables, so that older ones are made anew
LONGEST_ASKED = 100
LONGEST_RUN = 200  # a longer Latin word is indexed by its beginning
DENSE = 20_000
"""With more hits than this the page is filled by looking at records in their order, which then soon finds enough."""
AFFORDABLE = 20_000
"""So many records that name a changed one follow in its transaction; beyond it the newest do, and the others wait for
`reindex`."""
_log = logging.getLogger(__name__)


def searched(register: Register) -> tuple[str, ...]:
    """The paths of `register.search` that are indexed: those that everybody may read whole, at every step."""
    return tuple(path for path in register.search if _open_to_all(register, path))


@cache
def _open_to_all(register: Register, path: str) -> bool:
    step, _, rest = path.partition("__")
    if step not in register.open or step in register.personal:
        return False
    if not rest:
        return True
    target = register.model._meta.get_field(step).related_model
    try:
        next_register = register_of(target)
    except KeyError:
        return False
    return not next_register.public and _open_to_all(next_register, rest)


def found(register: Register, records: QuerySet[M], text: str) -> QuerySet[M]:
    """Those of `records` whose searched fields contain every stretch of `text`; a public number or a whole code finds
    its one record. A blank text asks nothing."""
    asked = text[:LONGEST_ASKED]
    if not asked.strip():
        return records
    if (one := _named(register, asked)) is not None:
        return records.filter(one)
    sought = list(dict.fromkeys(runs(asked)))
    if not sought or not searched(register):
        return records.none()
    likely, words = _hits(register, sought, look=False)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({likely} LIMIT {DENSE + 1}) AS hits", words)
        many = cursor.fetchone()[0] > DENSE
    if many:
        return records.filter(*(_holds(register, run) for run in sought))
    hits, words = _hits(register, sought)
    return records.filter(pk__in=RawSQL(hits, words))  # noqa: S611 - names are our own, words are parameters


def counted(register: Register, records: QuerySet[Any], text: str, most: int) -> int:
    """How many of `records` are found by `text`, counted up to `most`: as counting `found`, and quick for frequent words."""
    sought = list(dict.fromkeys(runs(text[:LONGEST_ASKED])))
    records = records.order_by()
    if not sought or not searched(register) or _named(register, text[:LONGEST_ASKED]) is not None:
        return found(register, records, text).values("pk")[:most].count()
    hits, words = _hits(register, sought)
    if connection.vendor == "postgresql":
        held = records.filter(pk__in=RawSQL(hits, words))  # noqa: S611 - names are our own, words are parameters
        return held.values("pk")[:most].count()
    name, question, long = table(register), words[0], words[1:]
    # a join goes through the hits one by one and stops at `most`; a list of keys would have to be complete first
    joined = records.extra(  # noqa: S610 - the same
        tables=[f"{name}_words", *([name] if long else [])],
        where=[
            f"{name}_words MATCH %s",
            f"{name}_words.rowid = {register.code}.id",
            *([f"{name}.id = {name}_words.rowid"] if long else []),
            *[f"instr({name}.text, %s) > 0" for _ in long],
        ],
        params=[question, *long],
    )
    return joined.values("pk")[:most].count()


def _named(register: Register, text: str) -> Q | None:
    """The one record that a public number, or the whole of an open unique code, names."""
    key = serial(register, text)
    if key is not None:
        return Q(pk=key)
    code = plain(text)
    for name in codes_of(register):
        if len(code) > 5 and register.model._base_manager.filter(**{name: code}).exists():
            return Q(**{name: code})
    return None


@cache
def codes_of(register: Register) -> tuple[str, ...]:
    """The fields that name one record each, and that everybody may read."""
    fields = register.model._meta.concrete_fields
    return tuple(
        one.name
        for one in fields
        if one.unique
        and isinstance(one, models.CharField)
        and one.name in register.open - set(register.personal)
    )


def _hits(register: Register, sought: Sequence[str], *, look: bool = True) -> tuple[str, list[str]]:
    """The SQL for the keys of the records that hold every stretch. Pairs alone would find 质量强市 in 量强市质量, so
    longer stretches are looked at in the text (`look`)."""
    name = table(register)
    terms: list[tuple[str, bool]] = []
    for run in sought:
        if len(run) == 1 or not is_han(run):
            terms.append((run[:LONGEST_RUN], True))
        else:
            terms += [(pair, False) for pair in pairs(run)]
    long = [run for run in sought if is_han(run) and len(run) > 2] if look else []
    if connection.vendor == "postgresql":
        question = " & ".join(f"'{term}'{':*' if begins else ''}" for term, begins in terms)
        checks = "".join(" AND strpos(text, %s) > 0" for _ in long)
        return f"SELECT id FROM {name} WHERE words @@ %s::tsquery{checks}", [question, *long]
    question = " AND ".join(f'"{term}"{" *" if begins else ""}' for term, begins in terms)
    if not long:
        return f"SELECT rowid FROM {name}_words WHERE {name}_words MATCH %s", [question]
    checks = "".join(" AND instr(text, %s) > 0" for _ in long)
    return (
        f"SELECT {name}_words.rowid FROM {name}_words CROSS JOIN {name} ON {name}.id = {name}_words.rowid "
        f"WHERE {name}_words MATCH %s{checks}",
        [question, *long],
    )


def _holds(register: Register, run: str) -> Func:
    """Whether the text of a record holds a stretch; a Latin word where it begins."""
    inside = "strpos" if connection.vendor == "postgresql" else "instr"
    wanted = run if is_han(run) else f" {run[:LONGEST_RUN]}"
    return Func(
        F("pk"),
        Value(wanted),
        # between the two expressions stands the rest of the condition
        arg_joiner=f" AND {inside}(held.text, ",
        template=f"EXISTS (SELECT 1 FROM {table(register)} held WHERE held.id = %(expressions)s) > 0)",
        output_field=BooleanField(),
    )


def table(register: Register) -> str:
    """The name of the index of a register; the pairs lie beside it."""
    return f"search_{register.code}"


# writing


def follow(register: Register, records: Sequence[Record]) -> None:
    """Write the index for records that were just written, and for those that name them; part of `writing.FOLLOW`."""
    if searched(register):
        fresh = [one for one in records if one.version == 1]
        known = [one for one in records if one.version != 1]
        _write(register, _texts(register, fresh), fresh=True)
        _write(register, _texts(register, known))
    elsewhere = _named_in(register)
    for record in records if elsewhere else ():
        if record.version > 1:
            _follow_name(register, record, elsewhere)


def _follow_name(register: Register, record: Record, elsewhere: Sequence[tuple[Register, str, str]]) -> None:
    """The records of other registers whose searched text takes in a field of `record` that has just changed."""
    event = events_of(register.code, record.pk).filter(version=record.version).first()
    changed = set(event.told.get("before", {})) if event else set()
    for other, to, name in elsewhere:
        if name not in changed:
            continue
        keys = (
            other.model._base_manager.filter(**{to: record.pk}).order_by("-pk").values_list("pk", flat=True)
        )
        found = list(keys[: AFFORDABLE + 1])
        if len(found) > AFFORDABLE:
            _log.warning("%s: more than %d name %s; run reindex", table(other), AFFORDABLE, record)
        for part in bulk.chunks(found[:AFFORDABLE]):
            _write(other, _texts(other, other.model._base_manager.filter(pk__in=part)))


@cache
def _named_in(named: Register) -> tuple[tuple[Register, str, str], ...]:
    """Who names records of a register in a searched path: the register, the way to the reference, the field it takes."""
    found = []
    for register in registers():
        for path in searched(register):
            steps = path.split("__")
            for at in range(1, len(steps)):
                way = "__".join(steps[:at])
                if _at_end(register.model, way) is named.model:
                    found.append((register, way, steps[at]))
    return tuple(found)


def _at_end(model: type[models.Model], way: str) -> Any:
    for step in way.split("__"):
        model = model._meta.get_field(step).related_model
    return model


def _texts(register: Register, records: Iterable[Any]) -> list[tuple[int, str]]:
    """The key and the folded stretches of each record."""
    held = list(records)
    columns = [_values(held, path) for path in searched(register)]
    return [
        (record.pk, "".join(f" {run}" for text in values for run in runs(text)))
        for record, *values in zip(held, *columns, strict=True)
    ]


def _values(records: Sequence[Any], path: str) -> list[str]:
    """The text that stands at the end of a path, for each record; those referred to are read once."""
    if not records:
        return []
    step, *rest = path.split("__")
    field = records[0]._meta.get_field(step)
    values = [getattr(record, field.attname) for record in records]
    for step in rest:
        # what a reference holds in memory may have been renamed by somebody else since it was read
        field = field.related_model._meta.get_field(step)
        named = _column(field, sorted({key for key in values if key is not None}))
        values = [named.get(key) for key in values]
    choices = dict(field.flatchoices)
    return [str(choices.get(value, "" if value is None else value)) for value in values]


def _column(field: Any, keys: Sequence[Any]) -> dict[Any, Any]:
    """What stands in one column of the records with these keys; by hand, since every filing asks it."""
    meta, quote, named = field.model._meta, connection.ops.quote_name, {}
    asked = f"SELECT {quote(meta.pk.column)}, {quote(field.column)} FROM {quote(meta.db_table)}"
    with connection.cursor() as cursor:
        for part in bulk.chunks(keys):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(f"{asked} WHERE {quote(meta.pk.column)} IN ({marks})", part)
            named.update(cursor.fetchall())
    return named


def _terms(text: str) -> list[str]:
    """What the index knows of a text: the pairs of its stretches, their last characters (so that one character is found
    as the beginning of a term wherever it stands), and Latin words."""
    terms: list[str] = []
    for run in text.split():
        if is_han(run):
            terms += pairs(run)
            terms.append(run[-1])
        else:
            terms.append(run[:LONGEST_RUN])
    return list(dict.fromkeys(terms))


def _write(register: Register, texts: Sequence[tuple[int, str]], *, fresh: bool = False) -> None:
    if not texts:
        return
    write = _write_postgresql if connection.vendor == "postgresql" else _write_sqlite
    for part in bulk.chunks(texts, 20_000 if fresh else bulk.CHUNK):
        write(table(register), part, fresh)


def _write_sqlite(name: str, texts: Sequence[tuple[int, str]], fresh: bool) -> None:
    with connection.cursor() as cursor:
        if not fresh:
            marks = ", ".join(["%s"] * len(texts))
            cursor.execute(f"SELECT id, text FROM {name} WHERE id IN ({marks})", [key for key, _ in texts])
            before = dict(cursor.fetchall())
            texts = [(key, text) for key, text in texts if before.get(key) != text]
            old = [(key, " ".join(_terms(before[key]))) for key, _ in texts if key in before]
            cursor.executemany(
                f"INSERT INTO {name}_words ({name}_words, rowid, words) VALUES ('delete', %s, %s)", old
            )
            cursor.executemany(f"DELETE FROM {name} WHERE id = %s", [(key,) for key, _ in old])
    bulk.insert(name, ("id", "text"), texts)
    bulk.insert(f"{name}_words", ("rowid", "words"), ((key, " ".join(_terms(text))) for key, text in texts))


def _write_postgresql(name: str, texts: Sequence[tuple[int, str]], fresh: bool) -> None:
    rows = [(key, text, " ".join(f"'{term}'" for term in _terms(text))) for key, text in texts]
    if fresh and len(rows) >= bulk.MANY:
        bulk.insert(name, ("id", "text", "words"), rows)
        return
    statement = (
        f"INSERT INTO {name} (id, text, words) VALUES (%s, %s, %s::tsvector) "
        f"ON CONFLICT (id) DO UPDATE SET text = excluded.text, words = excluded.words "
        f"WHERE {name}.text <> excluded.text"
    )
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(statement, rows[0])  # a pipeline of one costs more than it saves
        else:
            cursor.executemany(statement, rows)


# tables


def install() -> None:
    """Make the index of every register that has one and lacks it, or whose searched fields have changed; after migrate."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS search_layout (code varchar(60) PRIMARY KEY, layout varchar(64) NOT NULL)"
        )
        cursor.execute("SELECT code, layout FROM search_layout")
        known = dict(cursor.fetchall())
    for register in registers():
        if not searched(register) or register.code not in tables:
            continue
        layout = hashlib.sha256("\n".join((LAYOUT, *searched(register))).encode()).hexdigest()
        if known.get(register.code) == layout and table(register) in tables:
            continue
        with transaction.atomic():
            _make(table(register))
            reindex(register)
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM search_layout WHERE code = %s", [register.code])
                cursor.execute(
                    "INSERT INTO search_layout (code, layout) VALUES (%s, %s)", [register.code, layout]
                )


def _make(name: str) -> None:
    if connection.vendor == "postgresql":
        statements = [
            f"DROP TABLE IF EXISTS {name}",
            f"CREATE TABLE {name} (id bigint PRIMARY KEY, text text NOT NULL, words tsvector NOT NULL)",
            f"CREATE INDEX {name}_words ON {name} USING gin (words)",
        ]
    else:
        statements = [
            f"DROP TABLE IF EXISTS {name}",
            f"DROP TABLE IF EXISTS {name}_words",
            f"CREATE TABLE {name} (id integer PRIMARY KEY, text text NOT NULL)",
            # contentless, without positions: the text beside it has them. The prefix index serves single characters
            f"CREATE VIRTUAL TABLE {name}_words USING fts5(words, content='', detail=none, columnsize=0, "
            f"prefix='1', tokenize='ascii')",
        ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def reindex(register: Register, tell: Callable[[int], None] = lambda done: None) -> int:
    """Write the whole index of a register anew and say how many records it holds; needed only after a fault, or after
    a change that touched more records than could follow. `tell` is called with how many are done."""
    name, done, last = table(register), 0, 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {name}")
            if connection.vendor != "postgresql":
                cursor.execute(f"INSERT INTO {name}_words ({name}_words) VALUES ('delete-all')")
        needed = {path.split("__")[0] for path in searched(register)}
        records = register.model._base_manager.order_by("pk").only("pk", *needed)
        while held := list(records.filter(pk__gt=last)[:20_000]):
            _write(register, _texts(register, held), fresh=True)
            last, done = held[-1].pk, done + len(held)
            tell(done)
        if connection.vendor != "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {name}_words ({name}_words) VALUES ('optimize')")
    return done
