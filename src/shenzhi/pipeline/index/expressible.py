"""What a query can say of an index, and the refusal of what it cannot, node by node (article 86)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ibis.expr.types import Table

from shenzhi.pipeline.index.method import Method, Node
from shenzhi.pipeline.index.rules import suggestion

FIGURES = ("score", "coverage", "available", "rank", "rank_of")
TIES = ("min", "max", "dense")
NAN = float("nan")

# All that an expression knows of a method: a rule that methods learn later is refused until it is written here too.
# (`groups` and `unusable` act only through the imputation and the denominator of a node, which are refused.)
OF_A_METHOD = frozenset((
    "id", "version", "title", "note", "article", "root", "source", "areas", "periods", "frame", "base", "groups", "unusable",
    "unit_threshold", "missing", "root_threshold", "node_threshold", "ties", "decimals", "layout",
))  # fmt: skip
OF_A_NODE = frozenset((
    "code", "title", "parent", "level", "weight", "children", "direction", "method", "parameters", "aggregate", "note",
))  # fmt: skip
SCALINGS = {
    "minmax": ("lower", "upper"),
    "goalposts": ("posts", "lower", "upper"),
    "efficacy": ("posts", "lower", "upper", "cap"),
    "efficacy_exponential": ("posts", "lower", "upper", "cap"),
    "zscore": ("mean", "sd"),
}
Change = Callable[[Any], Any]
# A mean turns scores, takes their arithmetic mean and turns it back. NaN stands for a score that it cannot take.
MEANS: Mapping[str, tuple[Change, Change]] = {
    "arithmetic": (lambda score: score, lambda mean: mean),
    "geometric": (lambda score: (score <= 0).ifelse(NAN, score).ln(), lambda mean: mean.exp()),
}


def faults_of(method: Method, table: Table) -> list[str]:
    """Why `method` cannot be written as an expression over `table`, node by node and column by column."""
    return _method_faults(method) + _column_faults(method, table)


def _method_faults(method: Method) -> list[str]:
    ways_out = "shenzhi index run computes it in memory"
    faults = [f"{name}: a query does not say this rule; {ways_out}" for name in _beyond(method, OF_A_METHOD)]
    if method.ties not in TIES:
        faults.append(f"ranks: a query does not say ties {method.ties}; it says {', '.join(TIES)}")
    for node in method.nodes.values():
        faults += [
            f"{node.code}: a query does not say {name}; {ways_out}" for name in _beyond(node, OF_A_NODE)
        ]
        if not node.is_leaf:
            if node.aggregate not in MEANS:
                faults.append(
                    f"{node.code}: a query does not say the mean {node.aggregate}; it says {', '.join(MEANS)}; {ways_out}"
                )
        elif node.method not in SCALINGS:
            faults.append(
                f"{node.code}: a query does not say the scaling {node.method}; it says {', '.join(SCALINGS)}; "
                f"{ways_out}"
            )
        else:
            faults += [
                f"{node.code}: a query does not say {name} of {node.method}; {ways_out}"
                for name, value in node.parameters.items()
                if name not in SCALINGS[node.method] and value not in (None, False)
            ]
    return faults


def _beyond(given: Method | Node, known: frozenset[str]) -> list[str]:
    """The fields of a method or a node that say something, and that an expression does not know of."""
    found = []
    for field in dataclasses.fields(given):
        usual = field.default_factory() if callable(field.default_factory) else field.default
        if field.name not in known and getattr(given, field.name) != usual:
            found.append(field.name)
    return found


def _column_faults(method: Method, table: Table) -> list[str]:
    layout, schema = method.layout, table.schema()
    keys = [layout.area, "" if layout.fixed_period else layout.period]
    keys += [layout.level] if method.areas.level else []
    keys += [where.column for where in layout.where]
    codes = [leaf.code for leaf in method.leaves]
    faults = [
        f"there is no column {name}{suggestion(name, table.columns)}"
        for name in dict.fromkeys([*filter(None, keys), *codes])
        if name not in schema
    ]
    faults += [
        f"{code}: the column holds {schema[code]}, not numbers; read it as numbers before it is scored"
        for code in codes
        if code in schema and not schema[code].is_numeric()
    ]
    if method.areas.level and not layout.level:
        faults.append("areas: a query knows levels from a column alone; name it under data > columns > level")
    alike: dict[str, list[str]] = {}
    for code in ("area", "period", *method.nodes):
        alike.setdefault(code.lower(), []).append(code)
    return faults + [
        f"{', '.join(codes)}: columns of an engine do not tell capital from small letters; rename one of the codes"
        for codes in alike.values()
        if len(codes) > 1
    ]


def asked_faults(method: Method, nodes: Sequence[str] | None, show: Sequence[str]) -> list[str]:
    faults = [
        f"nodes: {code} is none{suggestion(code, method.nodes)}"
        for code in nodes or ()
        if code not in method.nodes
    ]
    faults += [f"show: {name} is none of {', '.join(FIGURES)}" for name in show if name not in FIGURES]
    if nodes is not None and not nodes:
        faults.append("nodes: none is named; name one, or leave it out for all groups")
    names = [f"{code}_{name}".lower() for code in method.nodes for name in FIGURES]
    faults += [
        f"{code}: this is also the name of a figure of another node; rename the code"
        for code in method.nodes
        if code.lower() in names
    ]
    return faults
