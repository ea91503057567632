"""Who sees what: the one place where that is decided, for pages, search, counts, exports, API, charts and lake alike.

A reader has a few **ways** to a register's records: as the public, as a party of the record, as one who carries it out,
as an overseer. Each way is a condition on records and the fields it opens, whole or masked. A query keeps the records
that some way leads to, and notes on each record which ways do; what a field shows is then read off those notes. There
is no second statement of the rule that could differ from the first, and a record that came by no query shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.db.models import Case, Q, Value, When

from shenzhi.kernel.access.roles import HANDLERS, OVERSEERS, PARTIES, Grant, Reader
from shenzhi.kernel.procedures.declaration import Move
from shenzhi.kernel.registers.declaration import CLASSES, Register, Stake

if TYPE_CHECKING:
    from django.db.models import QuerySet

M = TypeVar("M", bound=models.Model)
EVERY = Q()
NONE = Q(pk__in=())
INTERNAL = "internal"
"""The class of a file that only those who carry the register out may read."""
ALL_FILES = frozenset({*CLASSES, INTERNAL})
TOLD: Mapping[str, tuple[str, str]] = {
    "told applicant": ("applicant", "applicant"),
    "told member": ("member", "members"),
    "told partner": ("partner", "partners"),
}
"""The ways of parties that are shown a part of a record, such as the organisation complained of: the role, and the word by
which a move tells it. What others said and did in the record is not theirs to know (docs/explanation/the-kernel.md)."""
GOVERNMENT_FILES = frozenset({"open", "shared", "on_request"})
"""What overseers may read of files: they see persons masked, and a file cannot be masked."""


@dataclass(frozen=True)
class Way:
    """A reader's way to some records: `only` says to which, `whole` and `masked` which fields it shows, `files` the
    classes of the attached files that it opens."""

    name: str
    only: Q
    whole: frozenset[str]
    masked: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sight:
    """What a reader sees of one record."""

    whole: frozenset[str]
    masked: frozenset[str]
    ways: frozenset[str]
    files: frozenset[str] = frozenset()

    @property
    def fields(self) -> frozenset[str]:
        return self.whole | self.masked

    @property
    def only_told(self) -> bool:
        """Whether the reader is a party that is shown a part of the record, and has no other way to it."""
        return bool(self.ways & TOLD.keys()) and self.ways <= {"public", *TOLD}

    def learns(self, move: Move) -> bool:
        """Whether such a party learns what was said in a move: one that it made itself or gets a notice of."""
        return any(
            role in move.by or word in move.tells
            for role, word in (TOLD[one] for one in self.ways & TOLD.keys())
        )


BLIND = Sight(frozenset(), frozenset(), frozenset())


@lru_cache(maxsize=4096)
def _ways(register: Register, grants: tuple[Grant, ...], account: int | None) -> tuple[Way, ...]:
    every = frozenset(register.fields)
    personal = frozenset(register.personal)
    open_, shared, asked = register.open, register.named("shared"), register.named("on_request")
    roles = {grant.role for grant in grants}
    found = []
    if "system" in roles:
        return (Way("system", EVERY, every, files=ALL_FILES),)
    if open_ - {"id"}:  # a register that opens nothing does not even tell that a record exists
        official = bool(roles & {*HANDLERS, *OVERSEERS})
        seen = open_ | shared if official else open_
        files = frozenset({"open", "shared"} if official else {"open"})
        found.append(Way("public", Q(**register.public), seen - personal, seen & personal, files))
    for stake in register.stakes:
        found += _as_party(stake, Reader(account, grants=grants), register)
    if reach := [in_reach(register, grant) for grant in grants if grant.role in HANDLERS]:
        if any(one == EVERY for one in reach):
            found.append(Way("handler", EVERY, every, files=ALL_FILES))
        else:
            only = reach[0]
            for one in reach[1:]:
                only |= one
            found.append(Way("handler", only, every, files=ALL_FILES))
    if "supervisor" in roles:
        found.append(
            Way("supervisor", EVERY, (open_ | shared | asked) - personal, personal, GOVERNMENT_FILES)
        )
    if "auditor" in roles:
        found.append(Way("auditor", EVERY, every - personal, personal, GOVERNMENT_FILES))
    if "administrator" in roles and set(register.changes) == {"administrator"}:
        found.append(Way("administrator", EVERY, every, files=ALL_FILES))
    return tuple(found)


def _as_party(stake: Stake, reader: Reader, register: Register) -> list[Way]:
    """The way of a party to those of its records on which its stake holds: to all but what is internal, or to what the
    declaration lets it see."""
    internal = frozenset(name for name, field in register.fields.items() if field.internal)
    sees = frozenset(stake.sees) | register.open if stake.sees else frozenset(register.fields) - internal
    files = frozenset({"open"}) if stake.sees else frozenset(CLASSES)
    name = f"told {stake.role}" if stake.sees else stake.role
    if stake.role == "applicant":
        if reader.account is None:
            return []
        return [Way(name, Q(**{stake.path: reader.account}, **stake.only), sees, files=files)]
    held = sorted(reader.organisations() if stake.role == "member" else reader.departments())
    return [Way(name, Q(**{f"{stake.path}__in": held}, **stake.only), sees, files=files)] if held else []


def in_reach(register: Register, grant: Grant) -> Q:
    """The records of the register that lie within the department and district of a grant."""
    only = Q()
    if grant.department is not None:
        if register.department:
            only &= Q(**{register.department: grant.department})
        else:
            only &= Q() if grant.keeps == register.keeper else NONE
    if grant.district is not None and register.district:
        only &= Q(**{register.district: grant.district})
    elif grant.role == "district":
        only &= NONE  # a district officer has no business in a register without districts
    return only


def ways(register: Register, reader: Reader) -> tuple[Way, ...]:
    """Every way that the reader has to records of the register; none means that there is nothing to see."""
    known = reader.within(register.code)
    return _ways(register, known.grants, known.account)


def see(register: Register, records: QuerySet[M], reader: Reader, asking: Iterable[str] = ()) -> QuerySet[M]:
    """The records that the reader may see, each noting how. Where a question asks closed fields (`asking`), only
    those records answer whose asked fields the reader sees whole: or the closed ones could be guessed."""
    asked = {path.split("__")[0] for path in asking} - {"pk"}
    known = ways(register, reader)
    leading = [(number, way) for number, way in enumerate(known) if asked <= way.whole]
    if not leading:
        return records.none()
    only = Q()
    for _, way in leading:
        if way.only == EVERY:
            only = EVERY
            break
        only |= way.only
    noted = {
        f"way_{number}": Value(True)
        if way.only == EVERY
        else Case(When(way.only, then=Value(True)), default=Value(False))
        for number, way in enumerate(known)
    }
    return records.filter(only).annotate(**noted)


def sight(record: models.Model, register: Register, reader: Reader | None) -> Sight:
    """What the reader sees of a record that came from `see` for the same reader; nothing of any other."""
    if reader is None:
        return BLIND
    whole: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    names = []
    for number, way in enumerate(ways(register, reader)):
        if getattr(record, f"way_{number}", False):
            whole, masked, files = whole | way.whole, masked | way.masked, files | way.files
            names.append(way.name)
    return Sight(whole, masked - whole, frozenset(names), files)


def askable(register: Register, reader: Reader) -> frozenset[str]:
    """The fields about which the reader may ask at all: those that some way shows whole."""
    return frozenset().union(*(way.whole for way in ways(register, reader)))


def fits(register: Register, reader: Reader, role: str, key: int, *, row: models.Model | None = None) -> bool:
    """Whether the reader holds `role` for the record with this key: as its party, or with a grant that reaches it.

    With `row`, that record as this transaction has just written it, a condition on its own keys is not asked again."""
    only = held_by(register, reader, (role,))
    if only == EVERY or only is None:
        return only is not None
    if row is not None and (says := _says(only, row)) is not None:
        return says
    return bool(register.model._default_manager.filter(pk=key).filter(only).exists())


def _says(only: Q, row: models.Model) -> bool | None:
    """Whether a row meets a condition on the keys of its own references; None where only the database can tell."""
    if only.negated:
        return None
    said: list[bool | None] = []
    for one in only.children:
        if not isinstance(one, tuple):
            said.append(_says(one, row) if isinstance(one, Q) else None)
            continue
        path, wanted = one
        name, _, lookup = path.partition("__")
        field = next((each for each in row._meta.concrete_fields if name in (each.name, each.attname)), None)
        if field is None or not field.is_relation or lookup not in ("", "in"):
            return None
        keys = wanted if lookup else (wanted,)
        if not isinstance(keys, list | tuple) or not all(isinstance(key, int) for key in keys):
            return None
        said.append(getattr(row, field.attname) in keys)
    if None in said:
        return None
    return all(said) if only.connector == Q.AND else any(said) if only.connector == Q.OR else None


def held_by(register: Register, reader: Reader, roles: Iterable[str]) -> Q | None:
    """The records for which the reader holds one of the roles, as their party or within a grant; None: there are none."""
    roles = tuple(roles)
    if reader.is_system or "public" in roles:
        return EVERY
    reader = reader.within(register.code)
    found = [
        way.only
        for stake in register.stakes
        if stake.role in roles
        for way in _as_party(stake, reader, register)
    ]
    if "applicant" in roles and reader.tracks is not None and reader.tracks[0] == register.code:
        found += [
            Q(pk=reader.tracks[1], **stake.only) for stake in register.stakes if stake.role == "applicant"
        ]
    # a party's grant says which organisation it acts for, not how far an office reaches
    found += [
        in_reach(register, grant)
        for grant in reader.grants
        if grant.role in roles and grant.role not in PARTIES
    ]
    if not found or EVERY in found:
        return EVERY if found else None
    only = found[0]
    for one in found[1:]:
        only |= one
    return only
