"""Why a score is not published, in words (article 86): a reader is never left with an empty cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shenzhi.calc.composite.aggregate import WHOLE
from shenzhi.calc.composite.recipe import Built
from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Method

NOTHING_TO_SAY = Words("", "")
NO_VALUE = Words("没有数据", "There is no value")
NO_DENOMINATOR = Words("没有可用来相除的数", "There is no usable figure to divide by")
BEYOND_LIMITS = Words(
    "所给数值超出方法规定的取值范围，不予采用",
    "The figure given lies beyond the limits of the method and is not used",
)
NO_SCORE_BELOW = Words("所含各项都没有得分", "None of its parts has a score")


def reasons(method: Method, built: Built) -> NDArray[Any]:
    """The reason for every node without a score (periods, areas, nodes); empty words where there is a score."""
    tree, composite, screening = built.recipe.tree, built.published, built.screening
    lost = (
        built.denomination.lost if built.denomination is not None else np.zeros(built.raw.shape, dtype=bool)
    )
    column = {int(leaf): at for at, leaf in enumerate(tree.leaves)}
    said = np.full(composite.score.shape, NOTHING_TO_SAY, dtype=object)
    for place in map(tuple, np.argwhere(np.isnan(composite.score))):
        *unit, node = map(int, place)
        if screening is not None and not screening.kept[tuple(unit)]:
            said[place] = _screened_out(float(screening.share[tuple(unit)]), method.unit_threshold)
        elif node in column:
            said[place] = _of_leaf(built, lost, (*unit, column[node]))
        elif _incomplete(built, place):
            said[place] = _lacking(_missing(method, built, place))
        elif not composite.withheld[place]:
            said[place] = NO_SCORE_BELOW
        elif method.missing == "refuse":
            said[place] = _refused(_missing(method, built, place))
        else:
            said[place] = _withheld(
                float(composite.coverage[place]), float(built.recipe.node_thresholds[node])
            )
    return said


def _of_leaf(built: Built, lost: NDArray[np.bool_], cell: tuple[int, ...]) -> Words:
    assert built.imputed is not None
    if lost[cell]:
        return NO_DENOMINATOR
    return NO_VALUE if np.isnan(built.imputed[cell]) else BEYOND_LIMITS


def _missing(method: Method, built: Built, place: tuple[int, ...]) -> list[Words]:
    """Titles of the children without a score."""
    *unit, node = place
    tree, score = built.recipe.tree, built.published.score
    below = [at for at in tree.children[node] if np.isnan(score[(*unit, at)])]
    return [method.nodes[tree.codes[at]].title for at in below]


def _incomplete(built: Built, place: tuple[int, ...]) -> bool:
    """Whether a product, a ratio or the like lacks one of its parts, but not all."""
    *unit, node = place
    below = built.recipe.tree.children[node]
    there = ~np.isnan(built.published.score[(*unit, below)])
    return built.recipe.node_aggregations[node].name in WHOLE and bool(there.any() and not there.all())


def percent(share: float) -> str:
    """A share as a percentage; rounded down, so that 49.96 % never reads as the 50 % it did not reach."""
    return f"{np.floor(share * 1000 + 1e-6) / 10:g}"


def _screened_out(share: float, threshold: float) -> Words:
    has, least = percent(share), percent(threshold)
    return Words(
        f"该地区本期仅有 {has}% 的指标有数据，低于 {least}% 的计分下限",
        f"The area has values for {has} % of the indicators in this period; to be scored it needs {least} %",
    )


def _withheld(coverage: float, threshold: float) -> Words:
    has, least = percent(coverage), percent(threshold)
    return Words(
        f"有数据的指标仅占权重的 {has}%，低于 {least}% 的公布下限",
        f"Values were given for {has} % of the weight; to be published a score needs {least} %",
    )


def _lacking(titles: list[Words]) -> Words:
    return Words(
        f"缺少{'、'.join(title.zh for title in titles)}；这一层的合成须各项齐全",
        f"Missing: {', '.join(title.en for title in titles)}; to combine this level every part is needed",
    )


def _refused(titles: list[Words]) -> Words:
    return Words(
        f"缺少{'、'.join(title.zh for title in titles)}；按本方法，缺项不计分",
        f"Missing: {', '.join(title.en for title in titles)}; under this method a group with a gap has no score",
    )
