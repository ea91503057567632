"""What must hold in a method file when its keys are seen together: codes, weights, parameters of a normalisation.

These rules look at the file as written, not at checked keys, so that they find their faults even where a key elsewhere
is wrong; what a single key may hold is said in `grammar`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeGuard

from shenzhi.calc.composite.normalise import NORMALISATIONS, parameters
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import steps

PARAMETERS = (
    "posts", "lower", "upper", "cap", "mean", "sd", "target", "reference", "optimum", "limits", "ties",
    "log",
)  # fmt: skip
LEAF_KEYS = ("direction", "method", "figure", "constant", "per", "impute", "treat", *PARAMETERS)
PAIRS = ("posts", "optimum", "limits")
OBSERVED = "observed"
KNOWN_SHOWN = 20  # a census table has hundreds of columns; every key and name of a method fits

Declared = Callable[[str], tuple[Words, int] | None]
"""Given an indicator's code, its title and direction as declared elsewhere, or None when it is not known there."""


def suggestion(given: str, known: Iterable[str]) -> str:
    """ "; did you mean pm25?" when a known word is near, otherwise the known words, cut after KNOWN_SHOWN."""
    known = [str(word) for word in known]
    near = difflib.get_close_matches(str(given), known, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]}?"
    rest = len(known) - KNOWN_SHOWN
    return f"; known here: {', '.join(known[:KNOWN_SHOWN])}" + (f" and {rest} more" if rest > 0 else "")


def tree_faults(raw: Mapping[str, Any], declared: Declared) -> list[str]:
    """Every fault that shows only when keys are seen together, each with its place."""
    return [*_tree_faults(raw, declared), *_step_faults(raw), *_where_faults(raw), *_rank_faults(raw)]


def _tree_faults(raw: Mapping[str, Any], declared: Declared) -> list[str]:
    """Faults that show only when nodes are seen together, or with the normalisation they use."""
    faults: list[str] = []
    defaults = raw.get("normalise") if isinstance(raw.get("normalise"), Mapping) else {}
    assert isinstance(defaults, Mapping)
    if "method" in defaults:
        faults += [f"normalise: {fault}" for fault in parameter_faults(defaults, str(defaults["method"]))]
    where: dict[str, list[str]] = {}

    def walk(node: Any, place: str) -> None:
        if not isinstance(node, Mapping):
            return
        code = str(node.get("code", ""))
        where.setdefault(code, []).append(place)
        children = node.get("children")
        if isinstance(children, list) and children:
            faults.extend(
                f"{place}: {key} belongs to an indicator, but this node has children; remove it or move it to them"
                for key in LEAF_KEYS
                if key in node
            )
            weighed = ["weight" in child for child in children if isinstance(child, Mapping)]
            if any(weighed) and not all(weighed):
                without = [
                    str(c.get("code")) for c in children if isinstance(c, Mapping) and "weight" not in c
                ]
                faults.append(
                    f"{place}: weight is missing for {', '.join(without)}; give it to all children or to none"
                )
            for number, child in enumerate(children):
                name = str(child.get("code") or f"child {number + 1}") if isinstance(child, Mapping) else ""
                walk(child, f"{place} > {name}")
            if not node.get("title") and place != "tree":
                faults.append(f"{place}: title is missing; a group needs {{zh: ..., en: ...}}")
        elif children is None:
            faults.extend(f"{place}: {fault}" for fault in _leaf_faults(node, defaults, declared))
            faults.extend(f"{place}: {fault}" for fault in _leaf_step_faults(node, raw))

    tree = raw.get("tree")
    walk(tree, "tree")
    if isinstance(tree, Mapping) and tree.get("code") and "children" not in tree:
        faults.append("tree: children are missing; the index needs at least one indicator")
    faults += [
        f"{places[-1]}: code {code} is used {len(places)} times ({', '.join(places)}); a code names one node"
        for code, places in where.items()
        if code and len(places) > 1
    ]
    return faults


def _leaf_faults(node: Mapping[str, Any], defaults: Mapping[str, Any], declared: Declared) -> list[str]:
    if node.get("constant") is not None:
        return [
            f"{key} says nothing of a constant, which is a score that every area has; remove one of them"
            for key in LEAF_KEYS
            if key != "constant" and node.get(key) is not None
        ]
    faults = []
    if "direction" not in node:
        known = declared(str(node.get("code", ""))) or declared(str(node.get("figure", "")))
        if known is None:
            faults.append("direction is missing; write 1 (more is better) or -1 (less is better)")
        elif known[1] not in (1, -1):
            faults.append(
                "direction is missing; the indicator itself is neither good nor bad, so the method must say"
            )
    method = str(node.get("method") or defaults.get("method") or "")
    if method not in NORMALISATIONS:
        # A wrong name in `normalise` is told there once, not again for every indicator.
        return faults + (parameter_faults(node, method) if node.get("method") else [])
    faults += parameter_faults(node, method)
    chosen = {**parameters(method), **merged(node, defaults)}
    if "posts" in chosen and chosen["posts"] is None:
        faults.append(
            f"posts are missing for {method}; write posts: [low, high] in its unit, or posts: {OBSERVED}"
        )
    low, high = chosen.get("lower"), chosen.get("upper")
    if _is_number(low) and _is_number(high) and not low < high:
        faults.append(f"lower must be below upper (got {low:g} and {high:g})")
    faults += [
        f"{key} is missing for {method}; {NEEDED[key]}"
        for key in NEEDED
        if key in chosen and chosen[key] is None and not (key == "reference" and method == "ampi")
    ]
    if method == "efficacy_exponential" and _is_number(low) and low <= 0:
        faults.append(f"lower must be above 0 for efficacy_exponential (got {low:g})")
    return faults


def merged(node: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a leaf: its own over those of `normalise`, which hold only for the method named there."""
    own = node.get("method")
    inherited = defaults if own is None or own == defaults.get("method") else {}
    both = {**inherited, **{key: value for key, value in node.items() if value is not None}}
    return {key: both[key] for key in PARAMETERS if both.get(key) is not None}


def parameter_faults(given: Mapping[str, Any], method: str) -> list[str]:
    """What is wrong with the parameters of a normalisation, or with its name."""
    if method not in NORMALISATIONS:
        return [f"method {method} is not a normalisation{suggestion(method, NORMALISATIONS)}"]
    known = parameters(method)
    faults = [
        f"{key} is not a parameter of {method}, which takes {', '.join(known)}"
        for key in PARAMETERS
        if given.get(key) is not None and key not in known
    ]
    if (
        method == "dist2ref"
        and given.get("reference") is not None
        and not isinstance(given["reference"], str)
    ):
        faults.append(f"reference must be the code of an area, in quotes (got {given['reference']!r})")
    for key in PAIRS:
        pair = given.get(key)
        if pair is None or (key == "posts" and pair == OBSERVED):
            continue
        if not (isinstance(pair, list) and len(pair) == 2 and all(_is_number(end) for end in pair)):
            otherwise = ", or observed" if key == "posts" else ""
            faults.append(f"{key} must be two numbers [low, high]{otherwise} (got {pair!r})")
        elif pair[0] > pair[1] or (pair[0] == pair[1] and key != "optimum"):
            best = "; with direction -1 the lower one is the best" if key == "posts" else ""
            faults.append(f"{key} must rise, the lower first (got {pair!r}){best}")
    return faults


NEEDED = {
    "target": "write target: a value in its unit",
    "optimum": "write optimum: [low, high] in its unit, between which it is best",
    "limits": "write limits: [low, high] in its unit, beyond which it is worst",
    "reference": 'write reference: "the code of an area"',
}


def _is_number(given: Any) -> TypeGuard[float]:
    return isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < float("inf")


def group_codes(node: Any) -> list[str]:
    """Codes of the groups, the root first, as written."""
    if not isinstance(node, Mapping):
        return []
    children = node.get("children")
    below = [code for child in children for code in group_codes(child)] if isinstance(children, list) else []
    return [str(node.get("code", "")), *below] if children else below


def _step_faults(raw: Mapping[str, Any]) -> list[str]:
    """Faults of the steps that the file names for all indicators, or for groups by code, level or `default`."""
    faults = [
        f"{kind}: {fault}"
        for kind in ("impute", "treat")
        if raw.get(kind) is not None
        for fault in [*steps.faults_of(kind, raw[kind], suggestion), *grouping_faults(raw[kind], raw)]
    ]
    groups = group_codes(raw.get("tree"))
    for kind in ("aggregate", "weigh", "round"):
        given = raw.get(kind)
        if not isinstance(given, Mapping):
            continue
        below = [*groups, *leaf_codes(raw.get("tree"))] if kind == "round" else groups
        what = "a node" if kind == "round" else "a group"
        for key, step in given.items():
            if key != "default" and not str(key).isdigit() and str(key) not in below:
                faults.append(
                    f"{kind}: {key} is neither default, a level (2, 3, ...) nor {what}{suggestion(str(key), below)}"
                )
            found = steps.round_faults(step) if kind == "round" else steps.faults_of(kind, step, suggestion)
            faults += [f"{kind}: {key}: {fault}" for fault in found]
    return faults


def _leaf_step_faults(node: Mapping[str, Any], raw: Mapping[str, Any]) -> list[str]:
    """Faults of the steps that an indicator names for itself."""
    faults = steps.per_faults(node["per"]) if node.get("per") is not None else []
    for kind in ("impute", "treat"):
        if node.get(kind) is not None:
            found = [*steps.faults_of(kind, node[kind], suggestion), *grouping_faults(node[kind], raw)]
            faults += [f"{kind}: {fault}" for fault in found]
    return faults


def grouping_faults(step: Any, raw: Mapping[str, Any]) -> list[str]:
    """An imputation by groups of areas needs a grouping that the file has."""
    if not isinstance(step, Mapping):
        return []
    known = raw.get("groups") if isinstance(raw.get("groups"), Mapping) else {}
    assert isinstance(known, Mapping)
    grouping = step.get("grouping")
    faults = (
        [f"there is no grouping {grouping} under groups{suggestion(str(grouping), known)}"]
        if grouping and grouping not in known
        else []
    )
    return faults + grouping_faults(step.get("otherwise"), raw)


def leaf_codes(node: Any) -> list[str]:
    """Codes of the indicators, as written."""
    if not isinstance(node, Mapping):
        return []
    children = node.get("children")
    if isinstance(children, list) and children:
        return [code for child in children for code in leaf_codes(child)]
    return [str(node.get("code", ""))]


def figure_codes(node: Any) -> list[str]:
    """Codes of the figures that indicators are scored by, as written, each once; a constant has none."""
    if not isinstance(node, Mapping):
        return []
    children = node.get("children")
    if isinstance(children, list) and children:
        return list(dict.fromkeys(code for child in children for code in figure_codes(child)))
    return [str(node.get("figure") or node.get("code", ""))] if node.get("constant") is None else []


def _rank_faults(raw: Mapping[str, Any]) -> list[str]:
    """Combinations are ranked from the highest published score alone."""
    ranks = raw.get("ranks")
    if raw.get("robustness") is None or not isinstance(ranks, Mapping):
        return []
    return [
        f"robustness: combinations are not ranked with {key}: {value}; take out one of the two"
        for key, value in (("best", "lowest"), ("of", "exact"))
        if ranks.get(key) == value
    ]


def _where_faults(raw: Mapping[str, Any]) -> list[str]:
    data = raw.get("data")
    given = data.get("where") if isinstance(data, Mapping) else None
    if not isinstance(given, Mapping):
        return []
    return [
        f"data > where: {column} must be a value, a list of values, {{starts_with: ...}} or {{not_starts_with: ...}} (got {rule!r})"
        for column, rule in given.items()
        if not (
            isinstance(rule, str | int)
            or (isinstance(rule, list) and rule and all(isinstance(one, str | int) for one in rule))
            or (
                isinstance(rule, Mapping)
                and set(rule) in ({"starts_with"}, {"not_starts_with"})
                and all(isinstance(one, str | int) for one in rule.values())
            )
        )
    ]
