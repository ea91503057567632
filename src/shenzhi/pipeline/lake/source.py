"""What a source promises: one YAML file says whose figures these are and what each column must hold (article 84).

A declaration is read as a whole: every fault is reported at once, and a misspelt word is answered with the nearest
word that is known.
"""

from __future__ import annotations

import difflib
import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlglot
import yaml
from sqlglot import expressions as sql

from shenzhi.calc.figures import MISSING, fold
from shenzhi.kernel.words import Words

TYPES = ("float64", "int64", "string", "date", "bool")
GRAINS = ("year", "quarter", "month", "day")
# What a cross-check may say: comparing, reckoning and asking whether a field is missing. Anything else (a function that
# reads files, a sub-query) has no place in a promise about one row.
SPEECH = (
    sql.Column, sql.Identifier, sql.Literal, sql.Boolean, sql.Null, sql.Paren, sql.Neg, sql.Not, sql.And, sql.Or,
    sql.Add, sql.Sub, sql.Mul, sql.Div, sql.EQ, sql.NEQ, sql.LT, sql.LTE, sql.GT, sql.GTE, sql.Between, sql.In, sql.Is,
    sql.Abs, sql.Round, sql.Coalesce, sql.Case, sql.If, sql.Greatest, sql.Least,
)  # fmt: skip


class SourceError(ValueError):
    """A source cannot be used as it is declared. `faults` are all of them, each with its way out."""

    def __init__(self, path: Path | str, faults: Iterable[Words]):
        self.path = str(path)
        self.faults = list(faults)
        super().__init__("\n".join([f"{path}:", *(f"  - {fault.zh} / {fault.en}" for fault in self.faults)]))


@dataclass(frozen=True)
class Field:
    """A column: its type, and what its cells must keep. `range` ends are included; None leaves an end open.
    `references` is "areas.code" or "source.field"; `missing` are the marks that stand for "no figure". `meanings` say
    in words what an allowed value stands for."""

    name: str
    type: str
    title: Words
    unit: str = ""
    required: bool = False
    range: tuple[float | None, float | None] | None = None
    allowed: tuple[str, ...] = ()
    references: str = ""
    aliases: tuple[str, ...] = ()
    open: bool = False
    missing: tuple[str, ...] = ()
    description: Words | None = None
    meanings: Mapping[str, Words] = field(default_factory=dict)

    @property
    def headings(self) -> list[str]:
        """Every heading this column may carry in a file, folded: its name, its titles, its aliases."""
        return [fold(text) for text in (self.name, self.title.zh, self.title.en, *self.aliases)]


@dataclass(frozen=True)
class Check:
    """A cross-check: an expression over one row that must not be false. An undecidable row (a missing cell) passes."""

    rule: str
    message: Words


@dataclass(frozen=True)
class Period:
    """Which field says when a row holds, and how finely: year, quarter, month or day."""

    field: str
    grain: str


@dataclass(frozen=True)
class Source:
    """A declared source. `by` is empty when a file replaces the whole table, else the fields whose values it replaces.
    `declaration` is the SHA-256 of the YAML file, so that a changed promise is noticed. `register` is the name of the
    register that the platform hands in itself: its text stands as it was entered, and it may have no rows."""

    name: str
    title: Words
    publisher: Words
    licence: Words
    article: str
    fields: Mapping[str, Field]
    key: tuple[str, ...] = ()
    description: Words | None = None
    update: str = ""
    vintage: str = ""
    area: str = ""
    period: Period | None = None
    by: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    sheet: str = ""
    fictional: bool = False
    register: str = ""
    path: Path = Path()
    declaration: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unique(self) -> tuple[str, ...]:
        """The fields that together may not repeat: the key, and the revision where rows are successive revisions."""
        return (*self.key, self.vintage) if self.vintage and self.vintage not in self.key else self.key

    @property
    def open_fields(self) -> list[str]:
        return [name for name, one in self.fields.items() if one.open]


class _Faults(list[Words]):
    """Collects what is wrong, so that one reading of a file shows everything."""

    def say(self, zh: str, en: str) -> None:
        self.append(Words(zh, en))

    def words(self, given: Mapping[str, Any], key: str, where: str, *, fallback: str = "") -> Words:
        value = given.get(key)
        if isinstance(value, str) and value.strip():
            # A name that is the same in both languages may be written once.
            return Words(value, value)
        if value is None and fallback:
            return Words(fallback, fallback)
        try:
            return Words.of(value if isinstance(value, Mapping) else {})
        except ValueError as error:
            self.say(f"{where}{key}：请同时写中文和英文 {{zh: ..., en: ...}}", f"{where}{key}: {error}")
            return Words("?", "?")

    def known(self, given: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        known = list(known)
        for key in given:
            if key not in known:
                self.say(
                    f"{where}不认识“{key}”{_nearest(str(key), known, zh=True)}",
                    f"{where}unknown key {key!r}{_nearest(str(key), known)}",
                )


SOURCE_KEYS = (
    "source", "title", "publisher", "licence", "article", "description", "update", "key", "vintage", "area", "period",
    "arrives", "fields", "checks", "missing", "sheet", "fictional", "register", "extra",
)  # fmt: skip
FIELD_KEYS = (
    "type", "title", "unit", "required", "range", "allowed", "references", "aliases", "open", "missing", "description",
)  # fmt: skip


def load_source(path: Path | str) -> Source:
    """The source declared in the YAML file `path`; SourceError carries every fault of the declaration."""
    path = Path(path)
    data = path.read_bytes()
    try:
        given = yaml.load(data.decode("utf-8-sig"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        fault = Words(f"不是可读的 YAML：{error}", f"not readable as YAML: {error}")
        raise SourceError(path, [fault]) from error
    return source_of(given, path=path, declaration=hashlib.sha256(data).hexdigest())


def load_sources(folder: Path | str) -> dict[str, Source]:
    """Every source declared in `folder`, by name; the faults of all files are reported together."""
    sources: dict[str, Source] = {}
    faults: list[Words] = []
    for path in sorted([*Path(folder).glob("*.yml"), *Path(folder).glob("*.yaml")]):
        try:
            source = load_source(path)
        except SourceError as error:
            faults += [
                Words(f"{path.name}：{fault.zh}", f"{path.name}: {fault.en}") for fault in error.faults
            ]
            continue
        if source.name in sources:
            faults.append(Words(f"{path.name}：来源“{source.name}”已在 {sources[source.name].path.name} 中声明",
                                f"{path.name}: source {source.name!r} is already declared in "
                                f"{sources[source.name].path.name}"))  # fmt: skip
        sources[source.name] = source
    faults += [fault for source in sources.values() for fault in _dangling(source, sources)]
    if faults:
        raise SourceError(folder, faults)
    return sources


def source_of(given: Any, *, path: Path = Path("source.yml"), declaration: str = "") -> Source:
    """A Source from the mapping a YAML file holds; SourceError carries every fault."""
    faults = _Faults()
    if not isinstance(given, Mapping):
        fault = Words("文件是空的或不是键值结构", "the file is empty or is not a mapping of keys to values")
        raise SourceError(path, [fault])
    faults.known(given, SOURCE_KEYS, "")
    for key in ("source", "licence", "article"):
        if not str(given.get(key) or "").strip():
            faults.say(f"缺少“{key}”，请补写一行 {key}: ...", f"{key} is missing: add a line {key}: ...")
    declared = given.get("fields")
    if not isinstance(declared, Mapping) or not declared:
        faults.say("缺少“fields”：请至少声明一个字段", "fields is missing: declare at least one field")
        declared = {}
    missing = _texts(given.get("missing"), MISSING)
    fields = {str(name): _field(str(name), one, missing, faults) for name, one in declared.items()}
    period = _period(given.get("period"), faults)
    arrives = given.get("arrives", "whole")
    by = _names(arrives.get("by")) if isinstance(arrives, Mapping) else ()
    if arrives != "whole" and not by:
        faults.say("arrives 只能写 whole 或 {by: [字段]}", "arrives is either whole or {by: [fields]}")
    source = Source(
        name=str(given.get("source") or path.stem),
        title=faults.words(given, "title", ""),
        publisher=faults.words(given, "publisher", ""),
        licence=faults.words(given, "licence", "") if given.get("licence") else Words("", ""),
        article=str(given.get("article") or ""),
        fields=fields,
        key=_names(given.get("key")),
        description=faults.words(given, "description", "") if given.get("description") else None,
        update=str(given.get("update") or ""),
        vintage=str(given.get("vintage") or ""),
        area=str(given.get("area") or ""),
        period=period,
        by=by,
        checks=tuple(
            _check(number, one, fields, faults) for number, one in enumerate(given.get("checks") or [], 1)
        ),
        sheet=str(given.get("sheet") or ""),
        fictional=bool(given.get("fictional", False)),
        register=str(given.get("register") or ""),
        path=path,
        declaration=declaration,
        extra=dict(given.get("extra") or {}),
    )
    _agree(source, faults)
    if faults:
        raise SourceError(path, faults)
    return source


def _field(name: str, given: Any, missing: tuple[str, ...], faults: _Faults) -> Field:
    where = f"fields.{name}: "
    if not isinstance(given, Mapping):
        faults.say(f"{where}应写成 {{type: ..., title: ...}}", f"{where}write {{type: ..., title: ...}}")
        given = {}
    faults.known(given, FIELD_KEYS, where)
    if name.startswith("_") or not name.isidentifier():
        faults.say(
            f"{where}字段名只能用字母、数字和下划线，且不以下划线开头",
            f"{where}a field is named with letters, digits and underscores, and does not start with an underscore",
        )
    kind = str(given.get("type") or "")
    if kind not in TYPES:
        faults.say(f"{where}type 应为 {'、'.join(TYPES)} 之一，写的是“{kind}”{_nearest(kind, TYPES, zh=True)}",
                   f"{where}type must be one of {', '.join(TYPES)}, not {kind!r}{_nearest(kind, TYPES)}")  # fmt: skip
    own = _texts(given.get("missing"), missing if kind in ("float64", "int64", "date") else ())
    return Field(
        name=name,
        type=kind,
        title=faults.words(given, "title", where, fallback=name),
        unit=str(given.get("unit") or ""),
        required=bool(given.get("required", False)),
        range=_range(given.get("range"), kind, where, faults),
        allowed=_texts(given.get("allowed"), ()),
        references=str(given.get("references") or ""),
        aliases=_texts(given.get("aliases"), ()),
        open=bool(given.get("open", False)),
        missing=own,
        description=faults.words(given, "description", where) if given.get("description") else None,
        meanings=_meanings(given.get("allowed"), where, faults),
    )


def _meanings(given: Any, where: str, faults: _Faults) -> dict[str, Words]:
    """What each allowed value means, where `allowed` is a mapping of values to words and not a bare list."""
    if not isinstance(given, Mapping):
        return {}
    return {str(value): faults.words(given, value, f"{where}allowed.") for value in given}


def _range(given: Any, kind: str, where: str, faults: _Faults) -> tuple[float | None, float | None] | None:
    if given is None:
        return None
    ends = list(given) if isinstance(given, list) else []
    numbers = [
        isinstance(end, int | float) and not isinstance(end, bool) and math.isfinite(end) for end in ends
    ]
    if len(ends) != 2 or not all(ok or end is None for ok, end in zip(numbers, ends, strict=True)):
        faults.say(f"{where}range 应写成 [最小值, 最大值]，一端可写 null",
                   f"{where}range is [lowest, highest]; an end may be null")  # fmt: skip
        return None
    if kind not in ("float64", "int64"):
        faults.say(f"{where}range 只用于数值字段", f"{where}range is for numbers only")
    if all(numbers) and ends[0] > ends[1]:
        faults.say(
            f"{where}range 的最小值大于最大值", f"{where}the lowest value of range is above the highest"
        )
    return ends[0], ends[1]


def _period(given: Any, faults: _Faults) -> Period | None:
    if given is None:
        return None
    if not isinstance(given, Mapping) or given.get("grain") not in GRAINS or not given.get("field"):
        faults.say(
            f"period 应写成 {{field: 字段, grain: {' | '.join(GRAINS)}}}",
            f"period is {{field: a field, grain: {' | '.join(GRAINS)}}}",
        )
        return None
    return Period(str(given["field"]), str(given["grain"]))


def _check(number: int, given: Any, fields: Mapping[str, Field], faults: _Faults) -> Check:
    where = f"checks[{number}]: "
    if not isinstance(given, Mapping) or not str(given.get("rule") or "").strip():
        faults.say(
            f"{where}应写成 {{rule: 表达式, message: ...}}",
            f"{where}write {{rule: expression, message: ...}}",
        )
        return Check("true", Words("?", "?"))
    faults.known(given, ("rule", "message"), where)
    rule = str(given["rule"])
    try:
        tree = sqlglot.parse_one(rule, dialect="duckdb")
    except sqlglot.errors.ParseError:
        faults.say(f"{where}读不懂表达式“{rule}”", f"{where}cannot read the expression {rule!r}")
        return Check("true", Words("?", "?"))
    for node in tree.walk():
        if isinstance(node, sql.Column) and node.name not in fields:
            faults.say(f"{where}没有字段“{node.name}”{_nearest(node.name, fields, zh=True)}",
                       f"{where}no field {node.name!r}{_nearest(node.name, fields)}")  # fmt: skip
        elif not isinstance(node, SPEECH):
            said = node.sql(dialect="duckdb")
            faults.say(f"{where}表达式里不能用“{said}”，只能比较和计算本行字段",
                       f"{where}{said!r} has no place here: compare and reckon with the fields of the row")  # fmt: skip
    return Check(rule, faults.words(given, "message", where, fallback=rule))


def _agree(source: Source, faults: _Faults) -> None:
    """What the parts of a declaration say about each other."""
    named = {
        "key": source.key,
        "vintage": (source.vintage,),
        "area": (source.area,),
        "period.field": (source.period.field if source.period else "",),
        "arrives.by": source.by,
    }
    for key, names in named.items():
        for name in names:
            if name and name not in source.fields:
                faults.say(f"{key}：没有字段“{name}”{_nearest(name, source.fields, zh=True)}",
                           f"{key}: no field {name!r}{_nearest(name, source.fields)}")  # fmt: skip
    if source.vintage in source.fields and source.fields[source.vintage].type != "int64":
        faults.say(f"vintage：字段“{source.vintage}”应为 int64",
                   f"vintage: the field {source.vintage!r} must be an int64")  # fmt: skip
    if source.key and not set(source.by) <= set(source.key):
        # Otherwise a row that stays and a row that comes could share one key.
        faults.say("arrives.by 的字段必须属于 key", "the fields of arrives.by must be part of the key")
    owners: dict[str, str] = {}
    for one in source.fields.values():
        for heading in set(one.headings):
            if owners.setdefault(heading, one.name) != one.name:
                faults.say(f"列名“{heading}”同时属于字段 {owners[heading]} 和 {one.name}",
                           f"the heading {heading!r} belongs to both {owners[heading]} and {one.name}")  # fmt: skip


def _dangling(source: Source, sources: Mapping[str, Source]) -> list[Words]:
    """References that lead nowhere: to be asked when all sources of a city are known."""
    faults = _Faults()
    for one in source.fields.values():
        if not one.references or one.references == "areas.code":
            continue
        other, _, column = one.references.partition(".")
        if other not in sources or column not in sources[other].fields:
            known = ["areas.code", *(f"{s.name}.{f}" for s in sources.values() for f in s.fields)]
            faults.say(
                f"{source.path.name}：{one.name} 引用的“{one.references}”不存在{_nearest(one.references, known, zh=True)}",
                f"{source.path.name}: {one.name} references {one.references!r}, which does not exist"
                f"{_nearest(one.references, known)}",
            )
    return faults


def _nearest(word: str, known: Iterable[str], *, zh: bool = False) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if not close:
        return ""
    return f"；是不是“{close[0]}”？" if zh else f"; did you mean {close[0]!r}?"


def _names(given: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in given) if isinstance(given, list) else ((str(given),) if given else ())


def _texts(given: Any, default: tuple[str, ...]) -> tuple[str, ...]:
    return default if given is None else tuple(str(one) for one in given)
