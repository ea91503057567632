"""What a method could reasonably have done otherwise: the section `robustness` of a method file (article 86).

A file names alternatives for its own choices; all their combinations are tried when the index is computed (see
`robustness`). Here the section is checked as written, and read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shenzhi.calc.composite.robust import COMBINATIONS
from shenzhi.pipeline.index import steps
from shenzhi.pipeline.index.rules import (
    figure_codes,
    group_codes,
    grouping_faults,
    leaf_codes,
    parameter_faults,
    suggestion,
)

# Pairs of areas, and all periods, are told for up to so many areas; beyond, tables would be longer than anyone reads.
PAIRED = 60
ANY_WEIGHTS = 1.0  # the spread that stands for weights without limit
LEAVING = ("domains", "indicators")
DATA = "data"  # the factor of the figures, as the engine names it
DEFAULT = "default"  # stands for the figures that `errors` does not name


@dataclass(frozen=True)
class Uncertain:
    """What is not known of the figures themselves, drawn `draws` times with `seed`.

    `errors`: the standard error by code of a figure, DEFAULT for all others; a share of the figure where `relative`,
    otherwise in its unit. `shape`: of the errors, see `calc.composite.uncertain`. `gaps`: how figures that are missing
    are drawn, None for not at all."""

    errors: Mapping[str, float]
    relative: bool = True
    draws: int = 20
    seed: int = 1
    shape: str = "normal"
    gaps: str | None = None

    def error(self, figure: str) -> float:
        """The standard error of a figure, as it is written."""
        return self.errors.get(figure, self.errors.get(DEFAULT, 0.0))


@dataclass(frozen=True)
class Trials:
    """Alternatives beside what the method does itself, each list without it.

    `normalise`: a method with its parameters, for every indicator. `impute`, `treat`: steps for every indicator.
    `aggregate`: steps by the code of a group, "" for all groups. `equal`: whether equal weights are tried; `spread`:
    weights drawn from 1 - spread to 1 + spread times their own, `draws` times. `leave_out`: nodes left out one at a time.
    `data`: figures drawn beside those given; None where these are taken as they are. `top`: places for which the chance to
    be among the first so many is told."""

    normalise: tuple[Mapping[str, Any], ...] = ()
    impute: tuple[Any, ...] = ()
    treat: tuple[Any, ...] = ()
    aggregate: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    equal: bool = False
    spread: float | None = None
    draws: int = 0
    seed: int = 1
    leave_out: tuple[str, ...] = ()
    data: Uncertain | None = None
    top: tuple[int, ...] = (1, 3)

    @property
    def combinations(self) -> int:
        """How many ways there are in all, the method's own choice among them each time."""
        own = 1
        lists: Iterable[Sequence[Any]] = (self.normalise, self.impute, self.treat, *self.aggregate.values())
        drawn = self.data.draws if self.data is not None else 0
        return math.prod(
            [
                *(own + len(one) for one in lists),
                own + self.equal + self.draws,
                own + len(self.leave_out),
                own + drawn,
            ]
        )


def several(given: Any) -> Any:
    """One alternative may stand without its list."""
    return given if isinstance(given, list) else [given]


def called(given: Any) -> Any:
    """A normalisation by its name alone."""
    return {"method": given} if isinstance(given, str) else given


def weighings(given: Any) -> Any:
    """`equal`, `{spread: 0.25, draws: 100, seed: 1}`, or a list of both, as one mapping."""
    found: dict[str, Any] = {}
    for one in several(given):
        if one == "equal":
            found["equal"] = True
        elif isinstance(one, Mapping) and one:
            found |= one
        else:
            raise ValueError(
                f"must be equal, {{spread: 0.25, draws: 100, seed: 1}}, or a list of both (got {given!r})"
            )
    return found


def leaving(given: Any) -> Any:
    """`domains`, `indicators`, or a list of codes."""
    if given in LEAVING:
        return {"which": given}
    codes = [str(one) if isinstance(one, int) else one for one in given] if isinstance(given, list) else []
    if codes and all(isinstance(one, str) for one in codes) and len(set(codes)) == len(codes):
        return {"codes": codes}
    raise ValueError(f"must be domains, indicators, or a list of codes, each once (got {given!r})")


def faults_in(raw: Mapping[str, Any]) -> list[str]:
    """What is wrong with the section as seen together with the rest of the file, each fault with its place."""
    given = raw.get("robustness")
    if not isinstance(given, Mapping):
        return []
    faults: list[str] = []
    for one in several(given.get("normalise", [])):
        written = called(one)
        if isinstance(written, Mapping) and "method" in written:
            faults += [f"normalise: {fault}" for fault in parameter_faults(written, str(written["method"]))]
    for kind in ("impute", "treat"):
        for one in several(given.get(kind, [])):
            found = [*steps.faults_of(kind, one, suggestion), *grouping_faults(one, raw)]
            faults += [f"{kind}: {fault}" for fault in found]
    faults += _aggregate_faults(given.get("aggregate"), raw)
    for kind in ("normalise", "impute", "treat"):
        faults += _repeated(kind, several(given.get(kind, [])))
    drawn = [one for one in several(given.get("weigh", [])) if isinstance(one, Mapping)]
    if any({"draws", "seed"} & set(one) for one in drawn) and not any("spread" in one for one in drawn):
        faults.append(
            "weigh: draws and seed say how often a spread is drawn from; write spread: 0.25 as well"
        )
    left = given.get("leave_out")
    if isinstance(left, list):
        tree = raw.get("tree")
        known = [*group_codes(tree), *leaf_codes(tree)]
        faults += [
            f"leave_out: {code} is not a node below the index{suggestion(str(code), known[1:])}"
            for code in left
            if str(code) not in known[1:]
        ]
    if isinstance(given.get("data"), Mapping):
        faults += _data_faults(given["data"], figure_codes(raw.get("tree")))
    if not set(given) & {"normalise", "impute", "treat", "aggregate", "weigh", "leave_out", "data"}:
        faults.append(
            "names no alternative; write normalise, impute, treat, aggregate, weigh, leave_out or data under it"
        )
    return [
        f"robustness > {fault}" if not fault.startswith("names") else f"robustness {fault}"
        for fault in faults
    ]


def _aggregate_faults(given: Any, raw: Mapping[str, Any]) -> list[str]:
    if given is None:
        return []
    groups = group_codes(raw.get("tree"))
    faults = []
    for key, listed in (
        given.items() if isinstance(given, Mapping) and "method" not in given else [("", given)]
    ):
        place = f"aggregate > {key}" if key else "aggregate"
        if key and str(key) not in groups:
            faults.append(f"aggregate: {key} is not a group of the tree{suggestion(str(key), groups)}")
        for one in several(listed):
            faults += [f"{place}: {fault}" for fault in steps.faults_of("aggregate", one, suggestion)]
        faults += _repeated(place, several(listed))
    return faults


def _data_faults(given: Mapping[str, Any], figures: Sequence[str]) -> list[str]:
    errors = given.get("errors", {})
    if not isinstance(errors, Mapping):
        return []
    faults = [
        f"data > errors: {code} is not a figure that an indicator is scored by{suggestion(str(code), figures)}"
        for code in errors
        if str(code) not in (DEFAULT, *figures)
    ]
    if given.get("gaps") is None and not any(errors.values()):
        faults.append(
            "data: no figure is uncertain; write errors: {default: 0.01} (a share of each figure), or gaps: hot_deck"
        )
    return faults


def _repeated(kind: str, given: Sequence[Any]) -> list[str]:
    """Alternatives named more than once, which would count twice."""
    seen: list[Any] = []
    faults = []
    for one in given:
        written = called(one)
        if written in seen:
            name = written.get("method", written) if isinstance(written, Mapping) else written
            faults.append(f"{kind}: {name} is named twice; name each alternative once")
        seen.append(written)
    return faults


def trials_of(given: Any, codes: Sequence[str], leaves: Sequence[str]) -> Trials | None:
    """The section as checked by the grammar; `codes` are those right below the index, `leaves` the indicators."""
    if given is None:
        return None
    aggregate = given.aggregate
    if aggregate is None:
        by_group = {}
    elif isinstance(aggregate, Mapping) and "method" not in aggregate:
        by_group = {str(key): tuple(several(one)) for key, one in aggregate.items()}
    else:
        by_group = {"": tuple(several(aggregate))}
    left = given.leave_out
    every = {"domains": tuple(codes), "indicators": tuple(leaves)}
    return Trials(
        tuple(one.model_dump(exclude_unset=True) for one in given.normalise),
        tuple(given.impute),
        tuple(given.treat),
        by_group,
        given.weigh.equal,
        given.weigh.spread,
        given.weigh.draws if given.weigh.spread is not None else 0,
        given.weigh.seed,
        every.get(left.which, tuple(left.codes)),
        None if given.data is None else Uncertain(**given.data.model_dump()),
        tuple(sorted(set(given.top))),
    )


def too_many(trials: Trials) -> list[str]:
    """More combinations than are tried, with how many there are and the way out."""
    if trials.combinations <= COMBINATIONS:
        return []
    return [
        f"robustness: {trials.combinations:,} combinations are more than {COMBINATIONS:,}; name fewer alternatives, draw "
        "fewer weights (weigh > draws) or figures (data > draws), or leave out domains instead of indicators. A sample of "
        "so many can be taken with shenzhi.calc.composite.sampling"
    ]
