"""The steps of a method file that are named with their parameters: impute, treat, aggregate, weigh, round (article 86).

Wherever a method file names one of these, it writes the name alone or a mapping, `{method: winsorise, most: 5}`. What
may be named, and which parameters it takes, is asked of the engine, so that a step added there can be written at once.
`faults_of` tells what is wrong with a step as written; the other functions turn one that is right into the engine's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shenzhi.calc.composite import aggregate, impute, treat
from shenzhi.calc.composite.aggregate import Aggregating
from shenzhi.calc.composite.denominate import Denominating
from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.rounding import RULES, Rounding
from shenzhi.calc.composite.rounding import faults_of as rounding_faults
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.weights import WEIGHTINGS, WeighBy


@dataclass(frozen=True)
class Kind:
    """One kind of step: what it is called, the names it may have, and the parameters of each with their defaults."""

    noun: str
    names: Iterable[str]
    parameters: Callable[[str], Mapping[str, Any]]


def _of_weighting(name: str) -> dict[str, Any]:
    """The parameters of a weighting, beside the scores it is taken from."""
    if name in ("ahp", "budget"):
        return {"judgements" if name == "ahp" else "points": None, **_keywords(WEIGHTINGS[name])}
    return _keywords(WEIGHTINGS[name])


def _keywords(function: Callable[..., Any]) -> dict[str, Any]:
    signature = inspect.signature(function)
    return {
        name: None if one.default is one.empty else one.default
        for name, one in signature.parameters.items()
        if one.kind is one.KEYWORD_ONLY
    }


KINDS = {
    "impute": Kind("an imputation", impute.IMPUTATIONS, impute.parameters),
    "treat": Kind("a treatment", treat.TREATMENTS, treat.parameters),
    "aggregate": Kind("an aggregation", aggregate.AGGREGATIONS, aggregate.taken),
    "weigh": Kind("a way of weighing", WEIGHTINGS, _of_weighting),
}


def faults_of(kind: str, given: Any, suggestion: Callable[[str, Iterable[str]], str]) -> list[str]:
    """What is wrong with a step as written; nothing when it can be used."""
    known = KINDS[kind]
    if isinstance(given, str):
        given = {"method": given}
    if not isinstance(given, Mapping) or not isinstance(given.get("method"), str):
        return [f"{kind} must be a name or {{method: name, ...}} (got {given!r})"]
    name = given["method"]
    if name not in known.names:
        return [f"{name} is not {known.noun}{suggestion(name, known.names)}"]
    takes = known.parameters(name)
    own = {"method", "otherwise"} if kind == "impute" else {"method"}
    faults = [
        f"{key} is not a parameter of {name}, which takes {', '.join(takes) or 'none'}"
        for key in given
        if key not in takes and key not in own
    ]
    if kind == "impute" and given.get("otherwise") is not None:
        faults += [f"otherwise: {fault}" for fault in faults_of(kind, given["otherwise"], suggestion)]
    return faults


def _split(given: Any) -> tuple[str, dict[str, Any]]:
    """The name of a step and its parameters."""
    if isinstance(given, str):
        return given, {}
    return given["method"], {key: value for key, value in given.items() if key not in ("method", "otherwise")}


def imputing(given: Any) -> Imputing:
    name, parameters = _split(given)
    otherwise = given.get("otherwise") if isinstance(given, Mapping) else None
    return Imputing(name, parameters, imputing(otherwise) if otherwise is not None else None)


def treating(given: Any) -> Treating:
    return Treating(*_split(given))


def aggregating(given: Any) -> Aggregating:
    return Aggregating(*_split(given))


def weighing(given: Any) -> WeighBy:
    return WeighBy(*_split(given))


PASSED = ("rounded", "exact")


def round_faults(given: Any) -> list[str]:
    """What is wrong with a rounding as written: decimals alone, or {decimals, rule, passed}."""
    if isinstance(given, int) and not isinstance(given, bool):
        return rounding_faults(given, next(iter(RULES)))
    if not isinstance(given, Mapping) or not _is_whole(given.get("decimals")):
        return [
            f"must be a number of decimals or {{decimals: 1, rule: half_up, passed: rounded}} (got {given!r})"
        ]
    faults = [f"unknown key {key}; known are decimals, rule, passed" for key in given if key not in _ROUNDING]
    faults += rounding_faults(given["decimals"], given.get("rule", "half_up"))
    if given.get("passed", "rounded") not in PASSED:
        faults.append(f"passed must be one of {', '.join(PASSED)} (got {given['passed']!r})")
    return faults


_ROUNDING = ("decimals", "rule", "passed")


def _is_whole(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def rounding(given: Any) -> Rounding:
    return Rounding(given) if isinstance(given, int) else Rounding(**given)


def per_faults(given: Any) -> list[str]:
    """What is wrong with a denominator as written: its code alone, or {by, factor}."""
    if isinstance(given, str) and given.strip():
        return []
    if isinstance(given, Mapping) and isinstance(given.get("by"), str) and set(given) <= {"by", "factor"}:
        factor = given.get("factor", 1)
        right = isinstance(factor, int | float) and not isinstance(factor, bool) and 0 < factor < float("inf")
        return [] if right else [f"per: factor must be above 0 (got {factor!r})"]
    return [f"per must be the code of a figure, or {{by: population, factor: 10000}} (got {given!r})"]


def denominating(given: Any) -> Denominating:
    return (
        Denominating(given)
        if isinstance(given, str)
        else Denominating(given["by"], float(given.get("factor", 1.0)))
    )
