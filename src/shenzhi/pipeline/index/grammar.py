"""What may stand in a method file, and the words in which a fault is told to the person who wrote it (article 86).

The keys and their types are the pydantic models below; what they cannot say (codes unique in the tree, weights for all
siblings or for none, parameters that fit the normalisation) is checked by `rules` on the file as written, so that one
reading finds every fault. docs/reference/method-file.md explains each key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import practice, trials
from shenzhi.pipeline.index.rules import Declared, group_codes, leaf_codes, suggestion, tree_faults


def _text(given: Any) -> Any:
    """A code written as a bare number is meant as text: 440300, 2020, 86."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


def _filled(given: str) -> str:
    if not given.strip():
        raise ValueError("must not be blank")
    return given


def _code(given: str) -> str:
    if not given.strip() or any(sign.isspace() or sign in "/\\" for sign in given):
        raise ValueError(f"must be a word without spaces or slashes (got {given!r})")
    return given


def _identifier(given: str) -> str:
    if not given or not all(
        sign.isascii() and (sign.islower() or sign.isdigit() or sign in "-_") for sign in given
    ):
        raise ValueError(
            f"must be small letters, digits and hyphens, since folders are named after it (got {given!r})"
        )
    return given


def _codes_or(given: Any, keys: tuple[str, ...], example: str) -> Any:
    """`all`, a list of codes, or a mapping with `keys`; anything else is told in words."""
    if given == "all":
        return {}
    if isinstance(given, list) and given:
        codes = [_text(one) for one in given]
        if all(isinstance(code, str) for code in codes):
            repeated = [code for code, times in Counter(codes).items() if times > 1]
            if repeated:
                raise ValueError(f"names {', '.join(repeated)} twice; name each once")
            return {"codes": tuple(codes)}
    if isinstance(given, Mapping) and given and set(given) <= set(keys):
        return {key: _text(value) for key, value in given.items()}
    raise ValueError(f"must be all, a list of codes in quotes, or {example} (got {given!r})")


def _areas(given: Any) -> Any:
    return _codes_or(given, ("level", "starts_with"), "{level: district}")


def _periods(given: Any) -> Any:
    return _codes_or(given, ("from", "to"), '{from: "2016", to: "2024"}')


def _frame(given: Any) -> Any:
    """`global`, `period` or `{base: "2015"}`, which may also be a list."""
    if given in ("global", "period"):
        return {"kind": given}
    if isinstance(given, Mapping) and set(given) == {"base"}:
        base = given["base"] if isinstance(given["base"], list) else [given["base"]]
        periods = tuple(_text(one) for one in base)
        if periods and all(isinstance(one, str) and one for one in periods):
            return {"kind": "base", "base": periods}
    raise ValueError(f'must be global, period or {{base: "2015"}} (got {given!r})')


Text = Annotated[str, BeforeValidator(_text), AfterValidator(_filled)]
Code = Annotated[str, BeforeValidator(_text), AfterValidator(_code)]
Share = Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Section(BaseModel):
    """A mapping in the file: a key that is not named here is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Bilingual(Section):
    zh: Annotated[str, AfterValidator(_filled)]
    en: Annotated[str, AfterValidator(_filled)]

    @property
    def words(self) -> Words:
        return Words(self.zh, self.en)


class Chosen(Section):
    """A selection of areas or periods."""

    codes: tuple[str, ...] = ()
    level: str = ""
    starts_with: str = ""
    first: str = Field(default="", alias="from")
    last: str = Field(default="", alias="to")


class Framed(Section):
    """`kind`: all periods together, each by itself, or all on the scale of the periods `base`."""

    kind: Literal["global", "period", "base"] = "global"
    base: tuple[str, ...] = ()


class Denominators(Section):
    unusable: Literal["refuse", "missing"] = "refuse"


class Screening(Section):
    unit: Share = 0.0


class Missing(Section):
    policy: Literal["renormalise", "refuse"] = "renormalise"


class Publish(Section):
    root: Share = 0.5
    node: Share = 0.5


class Ranks(Section):
    ties: Literal["min", "max", "dense"] = "min"
    best: Literal["highest", "lowest"] = "highest"
    of: Literal["published", "exact"] = "published"
    decimals: Annotated[int, Field(ge=0, le=12, strict=True)] = 9


class Columns(Section):
    area: Text = "area"
    period: Text = "period"
    name: str = ""
    level: str = ""
    indicator: Text = "indicator"
    value: Text = "value"
    status: Text = "status"


class Data(Section):
    """The layout of a table for `index run`."""

    layout: Literal["wide", "tidy", "spread", ""] = ""
    columns: Columns = Columns()
    period: Annotated[str, BeforeValidator(_text)] = ""
    empty: tuple[Annotated[str, BeforeValidator(_text)], ...] = ()
    where: dict[str, Any] = Field(default_factory=dict)


class Parameters(Section):
    """Parameters of normalisations; which of them one takes, the engine says."""

    posts: Any = None
    lower: Number | None = None
    upper: Number | None = None
    cap: Annotated[bool, Field(strict=True)] | None = None
    mean: Number | None = None
    sd: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)] | None = None
    target: Number | None = None
    reference: Number | str | None = None
    optimum: Any = None
    limits: Any = None
    ties: Literal["min", "max", "average", "dense"] | None = None
    log: Annotated[bool, Field(strict=True)] | None = None


class NodeFile(Parameters):
    """A node as written: a leaf, with the parameters of its normalisation, or a group."""

    code: Code
    title: Bilingual | None = None
    note: Bilingual | None = None
    weight: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)] | None = None
    children: Annotated[list[NodeFile], Field(min_length=1)] | None = None
    direction: Literal[1, -1] | None = None
    method: str | None = None
    figure: Code | None = None
    constant: Number | None = None
    per: Any = None
    impute: Any = None
    treat: Any = None


class Normalise(Parameters):
    """What holds for every leaf that does not say otherwise."""

    method: str


class Reweigh(Section):
    """Weights tried beside the method's own."""

    equal: Annotated[bool, Field(strict=True)] = False
    spread: Annotated[float, Field(gt=0, lt=1, strict=True, allow_inf_nan=False)] | None = None
    draws: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 100
    seed: Annotated[int, Field(ge=0, strict=True)] = 1


class LeaveOut(Section):
    which: Literal["domains", "indicators", ""] = ""
    codes: tuple[str, ...] = ()


class UncertainFile(Section):
    """Errors of the figures themselves, and figures for what is missing; see `trials.Uncertain`."""

    errors: dict[Text, Annotated[float, Field(ge=0, strict=True, allow_inf_nan=False)]] = Field(
        default_factory=dict
    )
    relative: Annotated[bool, Field(strict=True)] = True
    draws: Annotated[int, Field(ge=2, le=100_000, strict=True)] = 20
    seed: Annotated[int, Field(ge=0, strict=True)] = 1
    shape: Literal["normal", "lognormal"] = "normal"
    gaps: Literal["hot_deck"] | None = None


class Robustness(Section):
    """Alternatives to what the method does, tried in all combinations; see `trials`."""

    normalise: Annotated[
        list[Annotated[Normalise, BeforeValidator(trials.called)]], BeforeValidator(trials.several)
    ] = Field(default_factory=list)
    impute: Annotated[list[Any], BeforeValidator(trials.several)] = Field(default_factory=list)
    treat: Annotated[list[Any], BeforeValidator(trials.several)] = Field(default_factory=list)
    aggregate: Any = None
    weigh: Annotated[Reweigh, BeforeValidator(trials.weighings)] = Reweigh()
    leave_out: Annotated[LeaveOut, BeforeValidator(trials.leaving)] = LeaveOut()
    data: UncertainFile | None = None
    top: tuple[Annotated[int, Field(ge=1, strict=True)], ...] = (1, 3)


class ItemFile(Section):
    code: Code
    title: Bilingual
    node: Code | None = None
    points: Number = 1.0
    most: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)] | None = None


class Adjust(Section):
    most_bonus: Annotated[float, Field(ge=0, strict=True, allow_inf_nan=False)] | None = None
    most_deduction: Annotated[float, Field(ge=0, strict=True, allow_inf_nan=False)] | None = None
    within: tuple[Number, Number] | None = None


class VetoFile(Section):
    indicator: Code
    grade: Text
    title: Bilingual
    above: Number | None = None
    below: Number | None = None


class AssessmentYearFile(Section):
    first_month: Annotated[int, Field(ge=1, le=12, strict=True)] = 7
    named_by: Literal["begin", "end"] = "end"
    least: Annotated[float, Field(gt=0, le=1, strict=True)] = 1.0
    sum: tuple[Code, ...] = ()
    weigh: dict[Code, Code] = Field(default_factory=dict)


class MethodFile(Section):
    method: Annotated[str, AfterValidator(_identifier)]
    version: Annotated[str, AfterValidator(_filled)]
    title: Bilingual
    note: Bilingual | None = None
    article: Annotated[str, BeforeValidator(_text)] = ""
    areas: Annotated[Chosen, BeforeValidator(_areas)] = Chosen()
    periods: Annotated[Chosen, BeforeValidator(_periods)] = Chosen()
    frame: Annotated[Framed, BeforeValidator(_frame)] = Framed()
    screening: Screening = Screening()
    missing: Missing = Missing()
    publish: Publish = Publish()
    normalise: Normalise
    denominators: Denominators = Denominators()
    groups: dict[str, dict[str, tuple[Text, ...]]] = Field(default_factory=dict)
    impute: Any = None
    treat: Any = None
    weigh: dict[Annotated[str, BeforeValidator(_text)], Any] = Field(default_factory=dict)
    aggregate: dict[Annotated[str, BeforeValidator(_text)], Any] = Field(default_factory=dict)
    round: dict[Annotated[str, BeforeValidator(_text)], Any] = Field(default_factory=dict)
    ranks: Ranks = Ranks()
    grades: dict[Text, Number] = Field(default_factory=dict)
    veto: list[VetoFile] = Field(default_factory=list)
    items: list[ItemFile] = Field(default_factory=list)
    adjust: Adjust = Adjust()
    assessment_year: AssessmentYearFile | None = None
    robustness: Robustness | None = None
    data: Data = Data()
    tree: NodeFile


def check(source: bytes, declared: Declared) -> tuple[MethodFile | None, list[str]]:
    """The file as checked keys and the list of its faults; the first is None when there are any."""
    raw, faults = _yaml(source)
    if not isinstance(raw, Mapping):
        return None, faults or [
            "is not a mapping of keys; it begins with method, version, title, normalise and tree"
        ]
    written: MethodFile | None = None
    try:
        written = MethodFile.model_validate(raw)
    except ValidationError as error:
        faults += [_fault(one, raw) for one in error.errors()]
    tree = raw.get("tree")
    faults += [*tree_faults(raw, declared), *trials.faults_in(raw)]
    faults += practice.faults_in(raw, group_codes(tree), leaf_codes(tree), suggestion)
    return (None if faults else written), list(dict.fromkeys(faults))


class _Loader(yaml.CSafeLoader):
    """Reads YAML and remembers keys written twice, of which plain YAML keeps the last without a word."""

    def __init__(self, stream: bytes) -> None:
        super().__init__(stream)
        self.repeated: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            word, line = str(key.value), key.start_mark.line + 1
            if word in seen:
                self.repeated.append(
                    f"line {line}: {word} is written twice (first in line {seen[word]}); keep one"
                )
            seen.setdefault(word, line)
        return super().construct_mapping(node, deep=deep)


def _yaml(source: bytes) -> tuple[Any, list[str]]:
    try:
        loader = _Loader(source)
        try:
            return loader.get_single_data(), loader.repeated
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return None, [f"line {line}: not readable as YAML: {error.problem}; mind indents, colons and quotes"]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return None, [f"not readable as YAML: {error}; the file must be text in UTF-8"]


def _place(loc: tuple[int | str, ...], raw: Any) -> tuple[str, str]:
    """Where a pydantic location lies, in the words of the file: ("tree > ecology > pm25", "weight")."""
    path: list[int | str] = list(loc)
    at = raw
    place: list[str] = []
    while path:
        step = path.pop(0)
        inner: Any = at[step] if _has(at, step) else None
        if step == "children" and path and isinstance(path[0], int):
            number = path.pop(0)
            assert isinstance(number, int)
            child = inner[number]
            place.append(
                str(child.get("code") or f"child {number + 1}")
                if isinstance(child, Mapping)
                else f"child {number + 1}"
            )
            at = child
            continue
        place.append(str(step))
        at = inner
    return " > ".join(place[:-1]), place[-1] if place else ""


def _has(at: Any, step: int | str) -> bool:
    if isinstance(at, Mapping):
        return step in at
    return isinstance(at, list) and isinstance(step, int) and step < len(at)


def _keys_at(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the file may have at a location."""
    model: Any = MethodFile
    for step in loc:
        if isinstance(step, int):
            continue
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return []
        by_key = {one.alias or name: one for name, one in model.model_fields.items()}
        if step not in by_key:
            return []
        model = _model_in(by_key[step].annotation)
    is_model = isinstance(model, type) and issubclass(model, BaseModel)
    return [one.alias or name for name, one in model.model_fields.items()] if is_model else []


def _model_in(annotation: Any) -> Any:
    """The model inside `Model | None`, `list[Model]` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_model_in(one) for one in getattr(annotation, "__args__", ())]
    return next((one for one in found if one is not None), None)


def _fault(error: Any, raw: Any) -> str:
    """One pydantic error in plain words."""
    loc = tuple(error["loc"])
    place, key = _place(loc, raw)
    before = f"{place}: " if place else ""
    got = f"(got {error.get('input')!r})"
    limits = error.get("ctx", {})
    kind = error["type"]
    if kind == "missing":
        return f"{before}{key} is missing"
    if kind == "extra_forbidden":
        return f"{before}unknown key {key}{suggestion(key, _keys_at(loc[:-1]))}"
    if kind == "value_error":
        return f"{before}{key} {limits['error']}"
    words = {
        "greater_than": f"must be above {limits.get('gt', 0):g}",
        "greater_than_equal": f"must be at least {limits.get('ge', 0):g}",
        "less_than": f"must be below {limits.get('lt', 0):g}",
        "less_than_equal": f"must be at most {limits.get('le', 0):g}",
        "literal_error": f"must be one of {limits.get('expected')}",
        "float_type": "must be a number",
        "finite_number": "must be a finite number",
        "int_type": "must be a whole number",
        "bool_type": "must be true or false",
        "string_type": 'must be text: put it in quotes, like "1.0"',
        "too_short": "must not be empty",
        "list_type": "must be a list",
        "model_type": "must be a mapping of keys",
        "dict_type": "must be a mapping of keys",
    }
    if kind == "model_type" and key in ("title", "note"):
        return f"{before}{key} must be given in both languages: {{zh: ..., en: ...}} {got}"
    return f"{before}{key} {words.get(kind, error['msg'])} {got}"
