"""What an assessment adds to scores: points of bonus and deduction items, grades, and the one-vote veto (article 86)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shenzhi.calc.composite.compose import Composite
from shenzhi.calc.composite.labels import Labels
from shenzhi.calc.composite.practice import Adjusting, graded
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


def items_of(method: Method, cube: Cube) -> dict[str, Adjusting]:
    """The items of the method with their points, by the node to which they are given."""
    practice = method.practice
    bounds = practice.bounds
    return {
        node: Adjusting(
            tuple(
                Points(
                    item.code,
                    cube.beside[item.code] * item.points,
                    np.inf if item.most is None else item.most,
                )
                for item in practice.items
                if item.node == node
            ),
            np.inf if bounds.most_bonus is None else bounds.most_bonus,
            np.inf if bounds.most_deduction is None else bounds.most_deduction,
            bounds.within or (-np.inf, np.inf),
        )
        for node in dict.fromkeys(item.node for item in practice.items)
    }


def bill_of_items(method: Method, scope: Scope, cube: Cube, built: Built) -> pa.Table | None:
    """What each item counted for every area that is scored; without rows of areas that are not. None where the method has
    no items."""
    if not method.practice.items:
        return None
    score, codes = built.published.score, built.recipe.tree.codes
    counted = {
        node: rule.of(score[..., codes.index(node)]).counted for node, rule in built.given.items.items()
    }
    place: dict[str, int] = dict.fromkeys(counted, 0)
    columns = []
    for item in method.practice.items:
        columns.append((item, place[item.node]))
        place[item.node] += 1
    rows = []
    for a, area in enumerate(scope.areas):
        for p, period in enumerate(scope.periods):
            for item, column in columns:
                if np.isnan(score[p, a, codes.index(item.node)]):
                    continue
                figure = float(cube.beside[item.code][p, a])
                given = figure * item.points + 0.0
                points = float(counted[item.node][p, a, column]) + 0.0
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
