"""Who may see what, worked out a second time: from the words of each declaration, one record and one person at a time.

It repeats nothing of `kernel/registers/sight.py`: no queries, no ways, no compiled register; plain loops over what the
inner class `Register` says and what the house plan promises. Where the two differ, one of them is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CARRYING = ("clerk", "reviewer", "head", "district")
OVERSEEING = ("supervisor", "auditor")


@dataclass(frozen=True)
class Role:
    """One role of a person, and the rows for which it counts (None: all)."""

    code: str
    department: Any = None
    district: Any = None
    organisation: Any = None


@dataclass(frozen=True)
class Somebody:
    """A person, or a program with a key for some registers: `registers` is None for a person."""

    name: str
    account: Any = None
    roles: tuple[Role, ...] = ()
    registers: tuple[str, ...] | None = None
    key: str = ""


@dataclass
class Seen:
    """What somebody sees of one record; `own` are the fields seen otherwise than as anybody of the public sees them."""

    whole: set[str] = field(default_factory=set)
    masked: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    concerned: bool = False


def seen_by(person: Somebody, record: Any) -> Seen | None:
    """What the person sees of the record by its declaration; None where it must look as if it did not exist."""
    says = {name: value for name, value in vars(type(record).Register).items() if name[0] != "_"}
    roles, account = person.roles, person.account
    if person.registers is not None and record._meta.db_table not in person.registers:
        roles, account = (), None  # outside its registers a key is anybody
    every = {one.name for one in record._meta.concrete_fields}
    opened = {"id", *says.get("open", ())} | ({"state"} if "procedure" in says else set())
    shared, asked = set(says.get("shared", ())), set(says.get("on_request", ()))
    personal, internal = set(says.get("masks", {})), set(says.get("internal", ()))
    official = any(role.code in CARRYING + OVERSEEING for role in roles)
    seen = Seen()
    found = False

    if opened != {"id"} and is_public(says, record):
        found = True
        for name in opened | (shared if official else set()):
            (seen.masked if name in personal else seen.whole).add(name)

    for role, path, *more in says.get("stakes", ()):
        end = at_end(record, path)
        if role == "applicant":
            mine = account is not None and end == account
        elif role == "member":
            mine = any(one.code == "member" and one.organisation == end for one in roles)
        else:
            mine = any(one.code in CARRYING and one.department and one.department == end for one in roles)
        if mine and meets(more[2] if len(more) > 2 else {}, record):
            seen.own |= (set(more[0]) | opened) if more and more[0] else every - internal

    for role in roles:
        if role.code in CARRYING and carries(says, record, role):
            seen.own |= every
        if role.code == "supervisor":
            seen.own |= (opened | shared | asked) - personal
        if role.code == "auditor":
            seen.own |= every - personal
        if role.code in OVERSEEING:
            seen.masked |= personal
            seen.concerned = True
        if role.code == "administrator" and tuple(says.get("changes", ())) == ("administrator",):
            seen.own |= every

    if not (found or seen.own or seen.concerned):
        return None
    seen.concerned = seen.concerned or bool(seen.own)
    seen.whole |= seen.own
    seen.masked -= seen.whole
    return seen


def is_public(says: dict[str, Any], record: Any) -> bool:
    """Whether everybody may know of the record: as the declaration says, else by the states that its procedure publishes."""
    if "public" in says:
        return meets(says["public"], record)
    if "procedure" in says:
        return any(state.public for state in says["procedure"].states if state.code == record.state)
    return True


def meets(condition: dict[str, Any], record: Any) -> bool:
    """Whether the record is as the condition of a declaration says."""
    return all(
        at_end(record, path.removesuffix("__in")) in (wanted if path.endswith("__in") else (wanted,))
        for path, wanted in condition.items()
    )


def carries(says: dict[str, Any], record: Any, role: Role) -> bool:
    """Whether the record lies in the department and in the district of the role."""
    own = {one.name for one in record._meta.concrete_fields}
    department = says.get("department") or ("department" if "department" in own else "")
    district = says.get("district") or ("district" if "district" in own else "")
    if role.department is not None:
        if department and at_end(record, department) != role.department:
            return False
        if not department and role.department.code != says.get("keeper", "quality"):
            return False
    if role.code == "district" and not district:
        return False
    return role.district is None or not district or at_end(record, district) == role.district


def at_end(record: Any, path: str) -> Any:
    """What stands at the end of a path of references; the record itself for its key."""
    for step in path.split("__"):
        if step in ("pk", "id"):
            continue
        record = getattr(record, step)
        if record is None:
            return None
    return record
