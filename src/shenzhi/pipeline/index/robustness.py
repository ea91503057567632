"""How far a published index rests on choices that could have been made otherwise (article 86).

A method names alternatives to its own choices, and errors of its figures; the engine tries all their combinations. Here the
method becomes the engine's questions, and what it answers becomes tables and a few facts that are published beside the scores:

    robustness      for each area and period: its rank and score as published, where they lie over all combinations, and the
                    share of these in which it is scored
    acceptability   the share of combinations that puts an area on a rank, and on that rank or a better one
    ahead           the share of combinations in which one area scores higher than another
    sensitivity     how much of the spread each choice explains: by itself (first), and with all it acts through (total); so
                    for the errors of the figures, the factor "data"
    certificates    best and worst rank over all weights of the parts of the index, within a spread and without limit
    overtaking      the least change of these weights at which an area draws level with the one above it

All of it is exact or drawn with the seed in the method file: computed again, it comes out the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from shenzhi.calc.composite.labels import CompositeError, Floats
from shenzhi.calc.composite.recipe import Built
from shenzhi.calc.composite.robust import Robustness, robustness
from shenzhi.calc.composite.uncertain import Joint, joint
from shenzhi.pipeline.index.method import Method
from shenzhi.pipeline.index.questions import described, described_data, questions_of, sets_of
from shenzhi.pipeline.index.scope import IndexFault, Scope
from shenzhi.pipeline.index.trials import PAIRED, Trials

WITHIN = (0.05, 0.95)
# Figures of solvers and long sums, published to so many places: beyond, processors may differ.
PLACES = 9
TABLES = ("robustness", "acceptability", "ahead", "sensitivity", "certificates", "overtaking")
FACTS = "robustness.json"


@dataclass(frozen=True)
class Tested:
    """`facts`: what was tried, as plain data. `tables`: by the names in TABLES."""

    facts: Mapping[str, Any]
    tables: Mapping[str, pa.Table]


def tested(method: Method, scope: Scope, built: Built) -> Tested | None:
    """The trials of the method done on what it `built`; None when it names none. IndexFault with every fault."""
    trials = method.trials
    if trials is None:
        return None
    given = built.given
    try:
        questions = questions_of(method, scope, built.recipe)
        beside = {
            "labels": given.labels,
            "denominators": given.denominators,
            "groups": given.groups,
            "times": given.times,
        }
        found: Robustness | Joint = (
            robustness(built.recipe, built.raw, questions, **beside)
            if trials.data is None
            else joint(built.recipe, built.raw, sets_of(method, built), questions, **beside)
        )
    except CompositeError as error:
        raise IndexFault([f"robustness: {fault}" for fault in error.faults]) from error
    scored = np.flatnonzero((~np.isnan(built.score)).any(axis=-1)).tolist()
    told = scored if len(scope.areas) <= PAIRED else scored[-1:]
    # its solvers take a fifth of a second to load: only a method that names alternatives waits for them
    from shenzhi.pipeline.index import certified

    proved = certified.of_weights(scope, built, trials.spread or certified.SPREAD, scored)
    tables = {
        "robustness": _standings(scope, found, trials, told),
        "acceptability": _acceptability(scope, found, told),
        "ahead": _ahead(scope, found, told),
        "sensitivity": _sensitivity(scope, found, told),
        "certificates": _table(
            ("area", "period", "spread", "best", "worst", "exact"), proved.certificates, "ssfiib"
        ),
        "overtaking": _table(
            ("area", "other", "period", "distance", "node", "weight", "needed"), proved.overtakings, "sssfsff"
        ),
    }
    facts = {
        "periods": [scope.periods[at] for at in told],
        "areas": len(scope.areas),
        "combinations": int(found.possible.size),
        "possible": int(found.possible.sum()),
        "factors": [
            *([] if trials.data is None else [described_data(method, trials.data)]),
            *(described(one, trials) for one in questions),
        ],
        "impossible": [
            {"reasons": list(one.reasons), "combinations": one.combinations, "example": one.example}
            for one in found.impossible
        ],
        "top": [k for k in trials.top if k <= len(scope.areas)],
        "weights": proved.facts,
    }
    return Tested(facts, tables)


def _standings(scope: Scope, found: Robustness | Joint, trials: Trials, told: Sequence[int]) -> pa.Table:
    standing, nominal = found.standing, found.nominal
    assert nominal.ranks is not None
    ranks = {
        "rank": nominal.ranks,
        "rank_median": standing.median(),
        "rank_low": standing.quantile(WITHIN[0]),
        "rank_high": standing.quantile(WITHIN[1]),
        "rank_best": standing.least(),
        "rank_worst": standing.most(),
    }
    tops = {f"top_{k}": standing.top(k) for k in trials.top if k <= len(scope.areas)}
    scores = dict.fromkeys(SCORES, np.full(nominal.score.shape, np.nan))
    if found.scores is not None:
        scores = {key: np.full(nominal.score.shape, np.nan) for key in SCORES}
        for period in told:
            for area in range(len(scope.areas)):
                known = found.scores[:, period, area]
                known = known[~np.isnan(known)]
                if len(known):
                    for key, q in SCORES.items():
                        scores[key][period, area] = np.quantile(known, q)
    possible = standing.counts.sum(axis=-1) / standing.variants
    whole = {"score": nominal.score, **scores, **ranks, **tops, "scored": possible}
    return pa.table(
        {
            "area": _repeated([scope.areas for _ in told]),
            "period": _repeated([[scope.periods[at]] * len(scope.areas) for at in told]),
            **{
                key: _figures(figures[told]).cast(KINDS["i" if key in WHOLE else "f"])
                for key, figures in whole.items()
            },
        }
    ).sort_by([("area", "ascending"), ("period", "ascending")])


WHOLE = (
    "rank",
    "rank_best",
    "rank_worst",
)  # places that some combination gives; quantiles may lie between two
SCORES = {
    "score_median": 0.5,
    "score_low": WITHIN[0],
    "score_high": WITHIN[1],
    "score_least": 0.0,
    "score_most": 1.0,
}


def _acceptability(scope: Scope, found: Robustness | Joint, told: Sequence[int]) -> pa.Table:
    share = found.standing.share()
    reached = np.cumsum(share, axis=-1)
    rows = [
        (
            scope.areas[area],
            scope.periods[period],
            int(found.standing.places[at]),
            share[period, area, at],
            reached[period, area, at],
        )
        for period in told
        for area in range(len(scope.areas))
        for at in np.flatnonzero(share[period, area])
    ]
    return _table(("area", "period", "rank", "share", "reached"), rows, "ssiff")


def _ahead(scope: Scope, found: Robustness | Joint, told: Sequence[int]) -> pa.Table:
    areas = scope.areas
    rows: list[tuple[Any, ...]] = []
    if len(areas) <= PAIRED:
        ahead = found.standing.ahead_share()
        rows = [
            (areas[one], areas[other], scope.periods[period], ahead[period, one, other])
            for period in told
            for one in range(len(areas))
            for other in range(len(areas))
            if one != other
        ]
    return _table(("area", "other", "period", "share"), rows, "sssf")


def _sensitivity(scope: Scope, found: Robustness | Joint, told: Sequence[int]) -> pa.Table:
    rows = []
    by_area = (("rank", found.by_rank), ("score", found.by_score))
    for period in told:
        name = scope.periods[period]
        for at, factor in enumerate(found.names):
            of = found.by_index
            rows.append(
                ("index", "", name, factor, of.first[period, at], of.total[period, at], of.variance[period])
            )
            rows += [
                (
                    what,
                    area,
                    name,
                    factor,
                    one.first[period, n, at],
                    one.total[period, n, at],
                    one.variance[period, n],
                )
                for what, one in by_area
                for n, area in enumerate(scope.areas)
            ]
    return _table(("of", "area", "period", "factor", "first", "total", "variance"), rows, "ssssfff")


KINDS = {"s": pa.string(), "i": pa.int64(), "f": pa.float64(), "b": pa.bool_()}


def _table(columns: Sequence[str], rows: Sequence[tuple[Any, ...]], kinds: str) -> pa.Table:
    """Rows as a table, sorted as they stand, figures to PLACES."""
    arrays = []
    for at, kind in enumerate(kinds):
        column = [row[at] for row in rows]
        if kind == "f":
            column = [None if one is None else round(float(one), PLACES) + 0.0 for one in column]
        arrays.append(pa.array(column, KINDS[kind]))
    return pa.Table.from_arrays(arrays, names=list(columns))


def _repeated(lists: Sequence[Sequence[str]]) -> pa.Array:
    return pa.array([one for each in lists for one in each], pa.string())


def _figures(values: Floats) -> pa.Array:
    flat = np.round(values.reshape(-1), PLACES) + 0.0
    return pa.array(flat, pa.float64(), mask=np.isnan(flat))
