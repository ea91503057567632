"""The method file: which indicators make the index, how they are scored and weighed (article 86).

A method is a dated file, never a branch in code. This module reads one (`load_method`), refuses it with every fault
at once, each in the words of the person who wrote it, and gives the tree of nodes that the rest of the pipeline uses.
The keys are explained in docs/reference/method-file.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from shenzhi.calc.composite.aggregate import Aggregating
from shenzhi.calc.composite.denominate import Denominating
from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.normalise import Scaling, parameters
from shenzhi.calc.composite.rounding import Rounding
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.weights import WeighBy
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import steps
from shenzhi.pipeline.index.grammar import MethodFile, NodeFile, check
from shenzhi.pipeline.index.practice import Practice, practice_of
from shenzhi.pipeline.index.rules import OBSERVED, PAIRS, Declared, merged
from shenzhi.pipeline.index.trials import Trials, too_many, trials_of


class MethodError(ValueError):
    """A method file cannot be used. `faults` holds every reason, each with its place in the file and the way out."""

    def __init__(self, name: str, faults: list[str]) -> None:
        self.name, self.faults = name, faults
        super().__init__("\n".join(f"{name}: {fault}" for fault in faults))


@dataclass(frozen=True)
class Node:
    """A place in the tree: an indicator (a leaf, level 1) or a group of the nodes below it.

    `parent` is the parent's code ("" for the root). `weight` counts among its siblings, as written. A leaf has a
    `direction` (+1: more is better, -1: less), a normalisation (`method`) and its `parameters`, defaults included, and
    may have a denominator (`per`), an imputation and a treatment; it reads the `figure` of another code than its own, or has
    a `constant` for a score; a group has `children`, in the order of the file, the name
    of their mean (`aggregate`) with its parameters, and may be weighed from data (`weigh`). Any may be rounded."""

    code: str
    title: Words
    parent: str
    level: int
    weight: float
    children: tuple[Node, ...] = ()
    direction: int = 0
    method: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    aggregate: str = ""
    note: Words | None = None
    aggregate_parameters: Mapping[str, Any] = field(default_factory=dict)
    weigh: WeighBy | None = None
    rounding: Rounding | None = None
    per: Denominating | None = None
    impute: Imputing | None = None
    treat: Treating | None = None
    figure: str = ""
    constant: float | None = None

    @property
    def reads(self) -> str:
        """The code of the figure that this leaf is scored by, "" for a constant."""
        return "" if self.constant is not None else self.figure or self.code

    @property
    def is_leaf(self) -> bool:
        return not self.children

    @property
    def posts(self) -> tuple[float, float] | None:
        """The low and the high post in the indicator's unit; None when the observed least and most serve."""
        return self.parameters.get("posts")

    @property
    def aggregating(self) -> Aggregating:
        """How the engine is to put the children of this group together."""
        return Aggregating(self.aggregate or "arithmetic", self.aggregate_parameters)

    @property
    def scaling(self) -> Scaling:
        """How the engine is to normalise this leaf."""
        return Scaling(self.method, self.direction, self.parameters)

    def walk(self) -> Iterator[Node]:
        """This node, then everything below it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Where:
    """Which rows of a table `index run` takes: those whose `column` is one of `values`, or begins with `prefix`
    (`without`: those that do not)."""

    column: str
    values: tuple[str, ...] = ()
    prefix: str = ""
    without: bool = False


@dataclass(frozen=True)
class Layout:
    """How a table handed to `index run` is laid out: the section `data` of a method file. "" means: not there."""

    layout: str = ""
    area: str = "area"
    period: str = "period"
    name: str = ""
    level: str = ""
    indicator: str = "indicator"
    value: str = "value"
    status: str = "status"
    fixed_period: str = ""
    empty: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()


@dataclass(frozen=True)
class Selection:
    """Which areas, or periods, are scored: all; those named; areas of a level, or with a code that begins alike; or
    periods between two."""

    codes: tuple[str, ...] = ()
    level: str = ""
    prefix: str = ""
    first: str = ""
    last: str = ""


@dataclass(frozen=True)
class Method:
    """A method file, read and found right. `source` is the file byte for byte; `node_threshold` and `root_threshold`
    are the least coverage (0..1) at which a score is published, `unit_threshold` the least share of indicators an
    area must have in a period to be scored at all. `base` are the periods on whose scale all are scored (frame "base");
    `groups` names the group of each area, for imputation; `unusable` is what becomes of a figure whose denominator
    cannot be used. `trials`: alternatives that are tried besides, None for none. `best` and `ranked`: whether the highest index
    ranks first, and whether as published or before rounding. `practice`: grades, items and assessment years."""

    id: str
    version: str
    title: Words
    note: Words
    article: str
    root: Node
    source: bytes
    areas: Selection = Selection()
    periods: Selection = Selection()
    frame: Literal["global", "period", "base"] = "global"
    base: tuple[str, ...] = ()
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unusable: str = "refuse"
    unit_threshold: float = 0.0
    missing: Literal["renormalise", "refuse"] = "renormalise"
    root_threshold: float = 0.5
    node_threshold: float = 0.5
    ties: str = "min"
    best: Literal["highest", "lowest"] = "highest"
    ranked: Literal["published", "exact"] = "published"
    decimals: int = 9
    trials: Trials | None = None
    practice: Practice = field(default_factory=Practice)
    layout: Layout = Layout()

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Every node by code, the root first, then in the order of the file."""
        return {node.code: node for node in self.root.walk()}

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        """The indicators, in the order of the file."""
        return tuple(node for node in self.root.walk() if node.is_leaf)

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """Codes of the figures that indicators are scored by, in the order of the file."""
        return tuple(dict.fromkeys(leaf.reads for leaf in self.leaves if leaf.reads))

    @cached_property
    def denominators(self) -> tuple[str, ...]:
        """Codes of the figures by which indicators are divided, in the order of the file."""
        return tuple(dict.fromkeys(leaf.per.by for leaf in self.leaves if leaf.per))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Codes of all figures that the method reads: the indicators, what they are divided by, and what items and vetoes
        go by."""
        return tuple(dict.fromkeys((*self.figures, *self.denominators, *self.practice.codes)))

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()


def load_method(path: str | Path, declared: Declared | None = None) -> Method:
    """The method in the file `path`; MethodError with every fault.

    A leaf that gives no title or direction takes them from `declared`; without `declared`, from the indicators of
    `shenzhi.pipeline.statistics`."""
    path = Path(path)
    try:
        source = path.read_bytes()
    except OSError as error:
        raise MethodError(str(path), [f"cannot be read: {error.strerror}"]) from error
    return parse_method(source, name=str(path), declared=declared)


def parse_method(source: bytes, *, name: str = "method", declared: Declared | None = None) -> Method:
    """The method written in `source`; `name` stands before every fault. See `load_method`."""
    lookup = declared or registered
    written, faults = check(source, lookup)
    if written is None:
        raise MethodError(name, faults)
    root = _node(written.tree, "", written, lookup)
    leaves = [node.code for node in root.walk() if node.is_leaf]
    trials = trials_of(written.robustness, [node.code for node in root.children], leaves)
    if trials is not None and too_many(trials):
        raise MethodError(name, too_many(trials))
    return Method(
        id=written.method,
        version=written.version,
        title=written.title.words,
        note=written.note.words if written.note else Words("", ""),
        article=written.article,
        root=root,
        source=source,
        areas=Selection(written.areas.codes, written.areas.level, written.areas.starts_with),
        periods=Selection(written.periods.codes, first=written.periods.first, last=written.periods.last),
        frame=written.frame.kind,
        base=written.frame.base,
        groups={
            name: {area: group for group, areas in found.items() for area in areas}
            for name, found in written.groups.items()
        },
        unusable=written.denominators.unusable,
        unit_threshold=written.screening.unit,
        missing=written.missing.policy,
        root_threshold=written.publish.root,
        node_threshold=written.publish.node,
        ties=written.ranks.ties,
        best=written.ranks.best,
        ranked=written.ranks.of,
        decimals=written.ranks.decimals,
        trials=trials,
        practice=practice_of(written),
        layout=_layout(written),
    )


def _node(given: NodeFile, parent: str, written: MethodFile, declared: Declared) -> Node:
    title, note = given.title.words if given.title else None, given.note.words if given.note else None
    weight = 1.0 if given.weight is None else given.weight
    if given.children:
        children = tuple(_node(child, given.code, written, declared) for child in given.children)
        level = 1 + max(child.level for child in children)
        mean = steps.aggregating(_nearest(written.aggregate, given.code, level) or "arithmetic")
        weigh = _nearest(written.weigh, given.code, level)
        return Node(
            given.code,
            title or written.title.words,
            parent,
            level,
            weight,
            children,
            aggregate=mean.name,
            aggregate_parameters=mean.parameters,
            weigh=steps.weighing(weigh) if weigh is not None else None,
            rounding=_rounding(written, given.code, level),
            note=note,
        )
    if given.constant is not None:
        return Node(
            given.code,
            title or Words(given.code, given.code),
            parent,
            1,
            weight,
            (),
            1,
            "scaled",
            {**parameters("scaled"), "posts": (0.0, 1.0), "lower": 0.0, "upper": 1.0},
            note=note,
            rounding=_rounding(written, given.code, 1),
            constant=given.constant,
        )
    direction: int | None = given.direction
    if title is None or direction is None:
        known = declared(given.code) or declared(given.figure or "")
        title = title or (known[0] if known else Words(given.code, given.code))
        direction = direction or (known[1] if known else 0)
    method = given.method or written.normalise.method
    chosen = merged(given.model_dump(exclude_unset=True), written.normalise.model_dump(exclude_unset=True))
    scaling = {**parameters(method), **chosen}
    for pair in PAIRS:
        if scaling.get(pair) is not None:
            scaling[pair] = None if scaling[pair] == OBSERVED else tuple(map(float, scaling[pair]))
    impute, treat = (
        own if own is not None else general
        for own, general in ((given.impute, written.impute), (given.treat, written.treat))
    )
    return Node(
        given.code,
        title,
        parent,
        1,
        weight,
        (),
        direction,
        method,
        scaling,
        note=note,
        rounding=_rounding(written, given.code, 1),
        per=steps.denominating(given.per) if given.per is not None else None,
        impute=steps.imputing(impute) if impute is not None else None,
        treat=steps.treating(treat) if treat is not None else None,
        figure=given.figure or "",
    )


def _nearest(written: Mapping[str, Any], code: str, level: int) -> Any:
    """What is written for a node; the nearest word wins: its own code, then its level, then the default."""
    return next((written[key] for key in (code, str(level), "default") if key in written), None)


def _rounding(written: MethodFile, code: str, level: int) -> Rounding | None:
    found = _nearest(written.round, code, level)
    return steps.rounding(found) if found is not None else None


def _layout(written: MethodFile) -> Layout:
    data, columns = written.data, written.data.columns
    return Layout(
        layout=data.layout,
        area=columns.area,
        period=columns.period,
        name=columns.name,
        level=columns.level,
        indicator=columns.indicator,
        value=columns.value,
        status=columns.status,
        fixed_period=data.period,
        empty=data.empty,
        where=tuple(_where(column, rule) for column, rule in data.where.items()),
    )


def _where(column: str, rule: Any) -> Where:
    if isinstance(rule, Mapping):
        ((way, prefix),) = rule.items()
        return Where(column, prefix=str(prefix), without=way == "not_starts_with")
    return Where(column, values=tuple(str(one) for one in (rule if isinstance(rule, list) else [rule])))


def registered(code: str) -> tuple[Words, int] | None:
    """Title and direction of an indicator of `shenzhi.pipeline.statistics`; None when there is none of that code."""
    # Loaded only for a method that leans on it: a method that says everything runs without the engine.
    import shenzhi.pipeline.statistics  # noqa: F401  (fills the register)
    from shenzhi.pipeline.statistics.indicator import INDICATORS

    indicator = INDICATORS.get(code)
    return (indicator.title, indicator.direction) if indicator else None
