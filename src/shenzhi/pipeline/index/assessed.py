"""What an assessment adds to scores: points of bonus and deduction items, grades, and the one-vote veto (article 86)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shenzhi.calc.composite.compose import Composite, compose
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels
from shenzhi.calc.composite.practice import Adjusted, adjusted, graded
from shenzhi.calc.composite.practice import Item as Points
from shenzhi.calc.composite.practice import Veto as Called
from shenzhi.calc.composite.recipe import Built
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Method
from shenzhi.pipeline.index.scope import Cube, IndexFault, Scope

ITEMS = pa.schema(
    [
        ("area", pa.string()),
        ("period", pa.string()),
        ("node", pa.string()),
        ("item", pa.string()),
        ("figure", pa.float64()),
        ("points", pa.float64()),
        ("counted", pa.float64()),
    ]
)


def with_items(method: Method, scope: Scope, cube: Cube, built: Built) -> tuple[Built, pa.Table | None]:
    """The index with the items of the method, and what each item counted for every area that is scored; a table without rows
    of areas that are not. Where the method has no items, `built` as it is, and None. IndexFault where points are missing."""
    practice = method.practice
    if not practice.items:
        return built, None
    recipe, tree = built.recipe, built.recipe.tree
    assert built.normalised is not None
    counted: dict[str, Adjusted] = {}

    def adjust(node: str) -> Callable[[Floats], Floats]:
        def add(score: Floats) -> Floats:
            counted[node] = _points(method, node, score, cube, scope)
            return counted[node].score

        return add

    try:
        composite = compose(
            tree,
            built.normalised.score,
            recipe.node_aggregations,
            recipe.node_thresholds,
            built.given.labels,
            child_thresholds=recipe.child_thresholds,
            rounding=recipe.node_roundings,
            adjust={tree.codes.index(node): adjust(node) for node in {item.node for item in practice.items}},
        )
    except CompositeError as error:
        raise IndexFault([f"items: {fault}" for fault in error.faults]) from error
    return replace(built, composite=composite, rounded=composite), _bill(
        method, scope, cube, composite, counted
    )


def _points(method: Method, node: str, score: Floats, cube: Cube, scope: Scope) -> Adjusted:
    """An area without a score needs no points."""
    bounds, there = method.practice.bounds, ~np.isnan(score)
    return adjusted(
        score,
        [
            Points(
                item.code,
                np.where(there, cube.beside[item.code] * item.points, 0.0),
                np.inf if item.most is None else item.most,
            )
            for item in method.practice.items
            if item.node == node
        ],
        most_bonus=np.inf if bounds.most_bonus is None else bounds.most_bonus,
        most_deduction=np.inf if bounds.most_deduction is None else bounds.most_deduction,
        within=bounds.within or (-np.inf, np.inf),
        labels=Labels((), scope.areas, scope.periods),
    )


def _bill(
    method: Method, scope: Scope, cube: Cube, composite: Composite, counted: Mapping[str, Adjusted]
) -> pa.Table:
    rows = []
    place: dict[str, int] = dict.fromkeys(counted, 0)
    columns = []
    for item in method.practice.items:
        columns.append((item, place[item.node]))
        place[item.node] += 1
    codes = list(composite.tree.codes)
    for a, area in enumerate(scope.areas):
        for p, period in enumerate(scope.periods):
            for item, column in columns:
                if np.isnan(composite.score[p, a, codes.index(item.node)]):
                    continue
                figure = float(cube.beside[item.code][p, a])
                given = figure * item.points + 0.0
                points = float(counted[item.node].counted[p, a, column]) + 0.0
                rows.append((area, period, item.node, item.code, figure, given, points))
    return pa.Table.from_pydict(
        {name: [row[at] for row in rows] for at, name in enumerate(ITEMS.names)}, schema=ITEMS
    )


@dataclass(frozen=True)
class Grades:
    """(periods, areas): the grade, "" for none, and the words why a veto decided it, empty where none did."""

    grade: NDArray[Any]
    why: NDArray[Any]


def grades_of(method: Method, scope: Scope, cube: Cube, composite: Composite) -> Grades:
    """The grade of the published index, after the vetoes. IndexFault where the figure of a veto is missing for an area that
    is scored: that nothing happened is never assumed."""
    score = composite.score[..., 0]
    practice = method.practice
    nothing = np.full(score.shape, Words("", ""), dtype=object)
    if not practice.grades:
        return Grades(np.full(score.shape, "", dtype=object), nothing)
    labels, faults, vetoes = Labels((), scope.areas, scope.periods), [], []
    for veto in practice.vetoes:
        figure = cube.beside[veto.indicator]
        lacking = [
            labels.unit(place)
            for place in map(tuple, np.argwhere(np.isnan(figure) & ~np.isnan(score)).tolist())
        ]
        if lacking:
            more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            faults.append(
                f"veto: {veto.indicator}: no figure for {lacking[0]}{more}; write 0 if there was none"
            )
        called = figure > veto.above if veto.above is not None else figure < (veto.below or 0.0)
        vetoes.append(Called(called, veto.grade, veto.title.en))
    if faults:
        raise IndexFault(faults)
    *better, (last, _) = practice.grades
    result = graded(score, [*better, (last, -np.inf)], vetoes)
    why = nothing
    for place in map(tuple, np.argwhere(result.reasons.any(axis=0)).tolist()):
        titles = [veto.title for at, veto in enumerate(practice.vetoes) if result.reasons[(at, *place)]]
        earned = str(result.earned[place])
        why[place] = _vetoed(titles, earned, str(result.grade[place]))
    return Grades(result.grade.astype(object), why)


def _vetoed(titles: list[Words], earned: str, grade: str) -> Words:
    zh, en = "、".join(one.zh for one in titles), ", ".join(one.en for one in titles)
    if not earned or earned == grade:
        return Words(f"一票否决：{zh}", f"Veto: {en}")
    return Words(f"一票否决：{zh}；按得分为{earned}", f"Veto: {en}; by its score the grade would be {earned}")
