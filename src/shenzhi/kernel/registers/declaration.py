"""A register as a declaration: the inner class `Register` of a record, read, checked and completed once at start-up.

    class Officer(Record):
        organisation = models.ForeignKey(Organisation, PROTECT, verbose_name=label("单位", "Organisation"))
        name = models.CharField(label("姓名", "Name"), max_length=80)
        phone = models.CharField(label("电话", "Telephone"), max_length=40, blank=True)

        class Register:
            article = "91.1"
            title = ("首席质量官", "Chief quality officers")
            prefix = "CQO"                          # numbers read CQO-0000042-X
            open = ("organisation", "name")         # all other fields stay closed
            masks = {"phone": "phone"}              # personal: shown whole only to those who carry the register out
            search = ("name", "organisation__name")
            filters = ("organisation__district",)

Everything else follows: list, entry, forms, import, export, API, history, rights, a place in the lake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from shenzhi.calc import masks
from shenzhi.kernel.access.roles import PARTIES, ROLES
from shenzhi.kernel.articles import ArticleError, references
from shenzhi.kernel.labels import words_of
from shenzhi.kernel.procedures.declaration import Procedure, faults
from shenzhi.kernel.words import Words

CLASSES: dict[str, Words] = {
    "open": Words("公开", "Open"),
    "on_request": Words("依申请或者授权查询", "On application or authorisation"),
    "shared": Words("政务共享", "Shared among government"),
    "closed": Words("不共享", "Not shared"),
}
"""How far a field may go; a field that is not named stays closed."""

KEEPER = "quality"
"""The code of the department that carries out a register whose records name no department: the quality office."""

NOTHING = Words("", "")

OWN = ("id", "version", "made_at", "changed_at")
"""What every record has and the platform alone writes."""

PLATFORM_WRITES = (*OWN, "state")

VERBS_TAKE = ("by", "act", "at", "told")
"""What `change` is told beside the fields: a field of such a name could not be changed, or would say who changed it."""


class RegisterFault(ValueError):
    """Registers cannot stand; the message lists every fault with its register."""


@dataclass(frozen=True)
class Field:
    """One field of a register: its class, and the mask under which it is personal ("" where it is not).

    An open field with a mask is published masked: the public reads 张*, those who carry the register out the name.
    """

    name: str
    title: Words
    kind: str
    reach: str = "closed"
    mask: str = ""
    internal: bool = False
    """Only those who carry the register out see it, not even the record's own party."""
    fixed: bool = False
    """Given when the record is entered and never changed by hand: only a move that asks for it writes it again."""
    required: bool = True
    writable: bool = True
    help: Words = NOTHING


@dataclass(frozen=True)
class Stake:
    """Somebody whose record it is: `path` leads to the account, organisation or department, `sees` are the fields ("" all).

    An applicant's path ends at an account, a member's at an organisation, a partner's at a department. `address` is the field with the e-mail of an
    applicant who has no account. `only` says of which records it holds, as `public` does ({"state__in": (...)}, {"invited": True}; all where it says
    nothing): of the others the party sees nothing, does nothing and is told nothing."""

    role: str
    path: str
    sees: tuple[str, ...] = ()
    address: str = ""
    only: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Section:
    """Questions of a form that are asked on one page, since nobody can answer one without the others."""

    title: Words
    fields: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Register:
    """A register, complete: made from the declaration of its model by `compiled`."""

    code: str
    slug: str
    prefix: str
    model: type[models.Model]
    article: str
    title: Words
    note: Words
    fields: Mapping[str, Field]
    columns: tuple[str, ...]
    search: tuple[str, ...]
    filters: tuple[str, ...]
    label: str
    order: tuple[str, ...]
    form: tuple[str, ...]
    department: str
    district: str
    keeper: str
    stakes: tuple[Stake, ...]
    public: Mapping[str, Any]
    adds: tuple[str, ...]
    changes: tuple[str, ...]
    procedure: Procedure | None = None
    routes: str = ""
    """The path to the department that a new case goes to, such as that of its category, where whoever hands it in names none."""
    tracked: tuple[str, ...] | None = None
    """The fields shown to whoever tracks a record by number and secret; None: the register is not tracked."""
    sections: tuple[Section, ...] = ()

    def named(self, reach: str) -> frozenset[str]:
        return frozenset(name for name, one in self.fields.items() if one.reach == reach)

    @cached_property
    def open(self) -> frozenset[str]:
        return self.named("open")

    @property
    def personal(self) -> Mapping[str, str]:
        """The fields that are personal, with their masks."""
        return {name: one.mask for name, one in self.fields.items() if one.mask}

    def sealed_in(self, act: str) -> frozenset[str]:
        """The fields and answers that are personal in an event of this act."""
        move = self.procedure.move.get(act) if self.procedure else None
        return frozenset(self.personal).union(ask.code for ask in (move.asks if move else ()) if ask.mask)

    def kind_at(self, path: str) -> str:
        """How the field at the end of a path of references is read, as `Field.kind` says it."""
        return self.fields[path].kind if path in self.fields else _kind(field_at(self.model, path))

    def title_of(self, path: str) -> Words:
        """The words for a field or for a path such as organisation__district."""
        if path in self.fields:
            return self.fields[path].title
        return words_of(field_at(self.model, path).verbose_name)


def field_at(model: type[models.Model], path: str) -> models.Field[Any, Any]:
    """The field at the end of a path of foreign keys; FieldDoesNotExist where there is none, or a step is no key."""
    steps = path.split("__")
    for step in steps[:-1]:
        key = model._meta.get_field(step)
        if not isinstance(key, models.ForeignKey):
            raise FieldDoesNotExist(f"{step} in {path} is no reference to another record")
        model = key.related_model
    found = model._meta.get_field(steps[-1])
    if not isinstance(found, models.Field):
        raise FieldDoesNotExist(f"{path} is no field")
    return found


def value_at(record: models.Model, path: str) -> Any:
    """What stands at the end of a path of foreign keys from a record; None where a reference on the way is empty."""
    value: Any = record
    for step in path.split("__"):
        value = getattr(value, step, None)
    return value


_SAID = [
    "article",
    "title",
    "note",
    "prefix",
    "slug",
    "open",
    "on_request",
    "shared",
    "internal",
    "fixed",
    "masks",
    "search",
    "filters",
    "columns",
    "label",
    "order",
    "form",
    "sections",
    "department",
    "district",
    "keeper",
    "routes",
    "stakes",
    "public",
    "adds",
    "changes",
    "procedure",
    "tracked",
]


def compiled(model: type[models.Model]) -> tuple[Register, list[str]]:
    """The register that `model` declares, and everything that is wrong with the declaration."""
    said = {name: value for name, value in vars(model.Register).items() if not name.startswith("_")}
    at = f"{model.__module__}.{model.__name__}.Register"
    found = [
        f"{at}: {name} is no word of a register; known are {', '.join(_SAID)}"
        for name in said
        if name not in _SAID
    ]
    found += [f"{at}: {name} is missing" for name in ("article", "title", "prefix") if not said.get(name)]
    procedure: Procedure | None = said.get("procedure")
    names = [one.name for one in model._meta.concrete_fields]
    found += [
        f"{at}: a field cannot be called {name}, since the verbs that write records take it: choose another name"
        for name in VERBS_TAKE
        if name in names
    ]

    def known(word: str, paths: Iterable[str]) -> tuple[str, ...]:
        paths = (paths,) if isinstance(paths, str) else tuple(paths)
        for path in paths:
            try:
                field_at(model, path)
            except FieldDoesNotExist:
                found.append(f"{at}: {word} names {path}, and there is no such field")
        return paths

    masked: Mapping[str, str] = said.get("masks", {})
    found += [
        f"{at}: {rule} is no rule for masking; known are {', '.join(masks.RULES)}"
        for rule in masked.values()
        if rule not in masks.RULES
    ]
    reach: dict[str, str] = {"id": "open", "state": "open" if procedure else "closed"}
    for word in ("open", "on_request", "shared"):
        for name in known(word, said.get(word, ())):
            if reach.get(name, word) != word:
                found.append(f"{at}: {name} is said to be both {reach[name]} and {word}")
            reach[name] = word
    internal = known("internal", said.get("internal", ()))
    fixed = known("fixed", said.get("fixed", ()))
    try:
        references(str(said.get("article", "")))
    except ArticleError as error:
        found.append(f"{at}: {error}")
    fields = {
        one.name: Field(
            one.name,
            words_of(one.verbose_name),
            _kind(one),
            reach.get(one.name, "closed"),
            masked.get(one.name, ""),
            one.name in internal,
            one.name in fixed,
            required=not (one.blank or one.has_default()),
            writable=one.name not in PLATFORM_WRITES and one.editable,
            help=words_of(one.help_text),
        )
        for one in model._meta.concrete_fields
    }
    if procedure is not None:
        if "state" not in names:
            found.append(f"{at}: a register with a procedure stands on Case, which has the state")
        found += [f"{at}: {fault}" for fault in faults(procedure, names)]
    open_fields = tuple(name for name in known("open", said.get("open", ())))
    default_order = ("-id",)
    stakes = tuple(Stake(*one) if isinstance(one, tuple) else one for one in said.get("stakes", ()))
    for stake in stakes:
        known("stakes", (stake.path, *stake.sees, *filter(None, [stake.address])))
        found += [f"{at}: {fault}" for fault in _unmet("stakes", stake.only, model, procedure)]
        if stake.role not in PARTIES:
            found.append(f"{at}: a stake is an applicant's, a member's or a partner's, not {stake.role}'s")
    sections = tuple(
        Section(Words.of(title), known("sections", names)) for title, names in said.get("sections", ())
    )
    asked = [name for section in sections for name in section.fields]
    found += [
        f"{at}: {name} stands in two sections: a form asks it once"
        for name in sorted({name for name in asked if asked.count(name) > 1})
    ]
    adds, changes = tuple(said.get("adds", ("clerk", "head"))), tuple(said.get("changes", ("clerk", "head")))
    found += [f"{at}: no role is called {role}" for role in (*adds, *changes) if role not in ROLES]
    known("masks", masked)
    found += [f"{at}: {fault}" for fault in _unmet("public", said.get("public", {}), model, procedure)]
    register = Register(
        code=model._meta.db_table,
        slug=said.get("slug", f"{model._meta.model_name}s"),
        prefix=said.get("prefix", ""),
        model=model,
        article=str(said.get("article", "")),
        title=Words.of(said.get("title", ("", ""))),
        note=Words.of(said.get("note", ("", ""))),
        fields=fields,
        columns=known("columns", said.get("columns", (*open_fields[:6], *(["state"] if procedure else [])))),
        search=known("search", said.get("search", ())),
        filters=known("filters", said.get("filters", ("state",) if procedure else ())),
        label=said.get("label", "name" if "name" in names else (open_fields[0] if open_fields else "id")),
        order=tuple(said.get("order", default_order)),
        form=known(
            "form",
            said.get(
                "form", sorted((n for n, f in fields.items() if f.writable and n != "handler"), key=_last)
            ),
        ),
        department=next(
            iter(known("department", [said["department"]] if said.get("department") else [])),
            "department" if "department" in names else "",
        ),
        district=next(
            iter(known("district", [said["district"]] if said.get("district") else [])),
            "district" if "district" in names else "",
        ),
        keeper=said.get("keeper", KEEPER),
        routes=next(iter(known("routes", [said["routes"]] if said.get("routes") else [])), ""),
        stakes=stakes,
        public=dict(said.get("public", {"state__in": procedure.public_states()} if procedure else {})),
        adds=adds,
        changes=changes,
        procedure=procedure,
        tracked=known("tracked", said["tracked"]) if "tracked" in said else None,
        sections=sections,
    )
    if register.tracked is not None:
        if procedure is None:
            found.append(f"{at}: tracked asks for a procedure: without states there is nothing to track")
        found += [
            f"{at}: tracked names {name}, which is personal or internal: who tracks a record has shown no more than a secret"
            for name in register.tracked
            if name in fields and (fields[name].mask or fields[name].internal)
        ]
    for path in (*register.search, *register.filters):
        if path.split("__")[0] not in register.open and path in register.search:
            found.append(f"{at}: search asks {path}, which is not open: it could be guessed letter by letter")
    return register, found


def _last(name: str) -> bool:
    """Who carries a record out is asked after everything else, where the declaration does not say in which order."""
    return name in ("department", "district")


def _unmet(
    word: str, only: Mapping[str, Any], model: type[models.Model], procedure: Procedure | None
) -> list[str]:
    """What no record can meet of a condition of the declaration: fields and states that there are not."""
    found = []
    for path, wanted in only.items():
        name = path.removesuffix("__in")
        try:
            field_at(model, "id" if name == "pk" else name)
        except FieldDoesNotExist:
            found.append(f"{word} names {name}, and there is no such field")
        if procedure is not None and name == "state":
            states = wanted if path.endswith("__in") else (wanted,)
            found += [f"{word}: no state is called {one}" for one in states if one not in procedure.state]
    return found


def _kind(one: models.Field[Any, Any]) -> str:
    """How a field is read, shown and written: what forms, API, exports and the lake need to know of its type."""
    if one.choices:
        return "choice"
    for kind, kinds in _KINDS.items():
        if isinstance(one, kinds):
            return kind
    return "text"


_KINDS: dict[str, Any] = {
    "reference": models.ForeignKey,
    "flag": models.BooleanField,
    "moment": models.DateTimeField,
    "date": models.DateField,
    "whole": models.IntegerField,
    "decimal": models.DecimalField,
    "number": models.FloatField,
    "long": models.TextField,
}
