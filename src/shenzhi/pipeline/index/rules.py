"""What must hold in a method file when its keys are seen together: codes, weights, parameters of a normalisation.

These rules look at the file as written, not at checked keys, so that they find their faults even where a key elsewhere
is wrong; what a single key may hold is said in `grammar`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeGuard

from shenzhi.calc.composite.aggregate import AGGREGATIONS
from shenzhi.calc.composite.normalise import NORMALISATIONS, parameters
from shenzhi.kernel.words import Words

LEAF_KEYS = ("direction", "method", "posts", "lower", "upper", "cap", "mean", "sd")
PARAMETERS = ("posts", "lower", "upper", "cap", "mean", "sd")
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
    return [*_tree_faults(raw, declared), *_aggregate_faults(raw), *_where_faults(raw)]


def _tree_faults(raw: Mapping[str, Any], declared: Declared) -> list[str]:
    """Faults that show only when nodes are seen together, or with the normalisation they use."""
    faults: list[str] = []
    defaults = raw.get("normalise") if isinstance(raw.get("normalise"), Mapping) else {}
    assert isinstance(defaults, Mapping)
    if "method" in defaults:
        faults += [f"normalise: {fault}" for fault in _parameter_faults(defaults, str(defaults["method"]))]
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
    faults = []
    if "direction" not in node:
        known = declared(str(node.get("code", "")))
        if known is None:
            faults.append("direction is missing; write 1 (more is better) or -1 (less is better)")
        elif known[1] not in (1, -1):
            faults.append(
                "direction is missing; the indicator itself is neither good nor bad, so the method must say"
            )
    method = str(node.get("method") or defaults.get("method") or "")
    if method not in NORMALISATIONS:
        # A wrong name in `normalise` is told there once, not again for every indicator.
        return faults + (_parameter_faults(node, method) if node.get("method") else [])
    faults += _parameter_faults(node, method)
    chosen = {**parameters(method), **merged(node, defaults)}
    if "posts" in chosen and chosen["posts"] is None:
        faults.append(
            f"posts are missing for {method}; write posts: [low, high] in its unit, or posts: {OBSERVED}"
        )
    low, high = chosen.get("lower"), chosen.get("upper")
    if _is_number(low) and _is_number(high) and not low < high:
        faults.append(f"lower must be below upper (got {low:g} and {high:g})")
    if method == "efficacy_exponential" and _is_number(low) and low <= 0:
        faults.append(f"lower must be above 0 for efficacy_exponential (got {low:g})")
    return faults


def merged(node: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a leaf: its own over those of `normalise`, which hold only for the method named there."""
    own = node.get("method")
    inherited = defaults if own is None or own == defaults.get("method") else {}
    both = {**inherited, **{key: value for key, value in node.items() if value is not None}}
    return {key: both[key] for key in PARAMETERS if both.get(key) is not None}


def _parameter_faults(given: Mapping[str, Any], method: str) -> list[str]:
    if method not in NORMALISATIONS:
        return [f"method {method} is not a normalisation{suggestion(method, NORMALISATIONS)}"]
    known = parameters(method)
    faults = [
        f"{key} is not a parameter of {method}, which takes {', '.join(known)}"
        for key in PARAMETERS
        if given.get(key) is not None and key not in known
    ]
    posts = given.get("posts")
    if posts is None or posts == OBSERVED:
        return faults
    if not (isinstance(posts, list) and len(posts) == 2 and all(_is_number(post) for post in posts)):
        faults.append(f"posts must be two numbers [low, high], or observed (got {posts!r})")
    elif not posts[0] < posts[1]:
        faults.append(
            f"posts must rise, the lower first (got {posts!r}); with direction -1 the lower one is the best"
        )
    return faults


def _is_number(given: Any) -> TypeGuard[float]:
    return isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < float("inf")


def _codes(node: Any) -> list[str]:
    if not isinstance(node, Mapping):
        return []
    children = node.get("children")
    below = [code for child in children for code in _codes(child)] if isinstance(children, list) else []
    return [str(node.get("code", "")), *below] if children else below


def _aggregate_faults(raw: Mapping[str, Any]) -> list[str]:
    given = raw.get("aggregate")
    if not isinstance(given, Mapping):
        return []
    groups = _codes(raw.get("tree"))
    faults = [
        f"aggregate: {key} is neither default, a level (2, 3, ...) nor a group{suggestion(str(key), groups)}"
        for key in given
        if key != "default" and not str(key).isdigit() and str(key) not in groups
    ]
    return faults + [
        f"aggregate: {key}: {name} is not an aggregation{suggestion(str(name), AGGREGATIONS)}"
        for key, name in given.items()
        if name not in AGGREGATIONS
    ]


def _where_faults(raw: Mapping[str, Any]) -> list[str]:
    data = raw.get("data")
    given = data.get("where") if isinstance(data, Mapping) else None
    if not isinstance(given, Mapping):
        return []
    return [
        f"data > where: {column} must be a value, a list of values, or {{starts_with: ...}} (got {rule!r})"
        for column, rule in given.items()
        if not (
            isinstance(rule, str | int)
            or (isinstance(rule, list) and rule and all(isinstance(one, str | int) for one in rule))
            or (
                isinstance(rule, Mapping)
                and set(rule) == {"starts_with"}
                and isinstance(rule["starts_with"], str | int)
            )
        )
    ]
