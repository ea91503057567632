"""An index of very many units in little memory: a few indicators at a time go through all steps (article 86).

`build` keeps the figures after every step, each as large as the raw ones. `build_lean` gives the same scores and ranks to
the last bit, and the marks of every cell that a step touched, but lets the figures in between go:

    >>> from shenzhi.calc.composite.impute import Imputing
    >>> from shenzhi.calc.composite.normalise import Scaling
    >>> tree = Tree.of([("index", ""), ("a", "index"), ("b", "index")], [1, 1, 1])
    >>> recipe = Recipe(tree, [Scaling("minmax")] * 2, imputing=Imputing("mean"))
    >>> built = build_lean(recipe, [[1.0, 4.0], [2.0, 8.0], [3.0, float("nan")]])
    >>> built.score.tolist(), built.ranks.tolist(), built.imputed_cells.tolist()
    ([0.0, 75.0, 75.0], [3.0, 1.0, 1.0], [[False, False], [False, False], [False, True]])
    >>> built.treated is None, built.composite.score[:, recipe.tree.leaves].tolist()
    (True, [[0.0, 0.0], [50.0, 100.0], [100.0, 50.0]])
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shenzhi.calc.composite.compose import nodes_first
from shenzhi.calc.composite.frames import frame_shape, side_by_side
from shenzhi.calc.composite.impute import Imputed, looks_across
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels
from shenzhi.calc.composite.normalise import BLOCK, CACHE_LINE, Normalised
from shenzhi.calc.composite.recipe import Built, Recipe, build, composed, is_listed, resume
from shenzhi.calc.composite.screening import screen
from shenzhi.calc.composite.tree import Tree
from shenzhi.calc.composite.workers import in_turn

ROWS = 256  # units turned from rows into columns at a time, many times faster than at full length


def build_lean(
    recipe: Recipe,
    x: ArrayLike,
    *,
    labels: Labels | None = None,
    denominators: Any = None,
    groups: Any = None,
    times: Any = None,
) -> Built:
    """As `build`, in little more memory than x and the scores take, and on all processors.

    Left out of what it gives: `screened`, `imputed` and `treated` are None, `values` of the imputation and the treatment and
    the `score` of `normalised` are NaN throughout (the composite has the scores of the leaves), and where scores are rounded
    there is only the rounded composite. A recipe that fills gaps from a unit's other indicators needs all of them at
    once, and is built as ever. CompositeError as in `build`."""
    given: dict[str, Any] = {"denominators": denominators, "groups": groups, "times": times}
    if looks_across(recipe.imputing):
        return build(recipe, x, labels=labels, **given)
    start = build(recipe, x, labels=labels, upto="denominate", **given)
    try:
        return _lean(recipe, start)
    except CompositeError:
        # A part knows its own faults only; what is told is every fault of the first step that cannot be done.
        build(recipe, x, labels=labels, **given)
        raise


def _lean(recipe: Recipe, start: Built) -> Built:
    figures, named = start.denominated, start.given.labels
    assert figures is not None
    units, count = figures.shape[:-1], figures.shape[-1]
    screening = screen(figures, recipe.unit_threshold, labels=named) if recipe.unit_threshold else None
    # Raw figures of a leaf lie where its scores will, and its steps are taken there.
    score = nodes_first((*units, len(recipe.tree.codes)), np.empty)
    _turn(figures, score, recipe.tree.leaves)
    step = max(CACHE_LINE, BLOCK // max(1, math.prod(units)))

    def some(first: int) -> Built:
        columns = range(count)[first : first + step]
        place = (..., side_by_side(recipe.tree.leaves[columns.start : columns.stop]))
        x = score[place]
        if screening is not None:
            x[~screening.kept] = np.nan
        part = _part(recipe, columns)
        given = replace(
            start.given,
            x=x,
            labels=Labels([named.indicator(at) for at in columns], named.units, named.frames),
        )
        done = resume(
            Built(part, given, screened=x, screening=screening), part, after="screen", upto="normalise"
        )
        assert done.normalised is not None
        score[place] = done.normalised.score
        gone = np.broadcast_to(np.nan, x.shape)
        return Built(
            part,
            given,
            imputation=done.imputation and replace(done.imputation, values=gone),
            treatment=done.treatment and replace(done.treatment, values=gone),
            normalised=replace(done.normalised, score=gone, capped=_light(done.normalised.capped)),
        )

    parts = in_turn(some, range(0, count, step), figures.size)
    rounding = None if all(one is None for one in recipe.node_roundings) else recipe.node_roundings
    composite = composed(recipe, None, named, rounding, into=score)
    done = replace(
        start,
        screening=screening,
        imputation=_imputation([one.imputation for one in parts if one.imputation is not None]),
        treatment=_beside([one.treatment for one in parts]),
        normalised=_normalised(
            [one.normalised for one in parts if one.normalised is not None],
            frame_shape(figures.shape, recipe.axis),
        ),
        composite=composite if rounding is None else None,
        rounded=composite,
    )
    return resume(done, recipe, after="round")


def _turn(figures: Floats, score: Floats, leaves: NDArray[np.intp]) -> None:
    """Copies `figures` (..., units, leaves) to the leaves of `score` (..., units, nodes), in whose memory nodes come first."""
    rows = figures.reshape(math.prod(figures.shape[:-1]), figures.shape[-1])
    nodes = np.moveaxis(score, -1, 0).reshape(score.shape[-1], len(rows))
    place = side_by_side(leaves)

    def some(first: int) -> None:
        nodes[place, first : first + ROWS] = rows[first : first + ROWS].T

    in_turn(some, range(0, len(rows), ROWS), figures.size)


def _part(recipe: Recipe, columns: range) -> Recipe:
    """The steps up to normalisation for some of the leaves."""
    count = len(columns)

    def of(plan: Any) -> Any:
        return [plan[at] for at in columns] if is_listed(plan) else plan

    return Recipe(
        Tree(
            ("", *(recipe.leaves[at] for at in columns)),
            np.array([-1] + [0] * count, dtype=np.intp),
            np.ones(1 + count),
        ),
        of(recipe.scalings),
        imputing=of(recipe.imputing),
        treating=of(recipe.treating),
        axis=recipe.axis,
        base=recipe.base,
    )


def _light(marks: NDArray[Any]) -> NDArray[Any]:
    """Marks that take no room where none is set."""
    return marks if marks.any() else np.broadcast_to(np.zeros((), marks.dtype), marks.shape)


def _imputation(parts: list[Imputed]) -> Imputed | None:
    """What was imputed, with one list of rules for all columns."""
    rules = tuple(dict.fromkeys(rule for part in parts for rule in part.rules))
    places = [np.array([*map(rules.index, part.rules), -1], dtype=np.int8) for part in parts]
    return (
        _beside(
            [
                part if part.rules == rules else replace(part, rules=rules, rule=place[part.rule])
                for part, place in zip(parts, places, strict=True)
            ]
        )
        if parts
        else None
    )


def _normalised(parts: list[Normalised], shape: tuple[int, ...]) -> Normalised:
    """What normalisation used; a name that some columns do not use is NaN there."""
    used: dict[str, Floats] = {}
    start = 0
    for part in parts:
        columns = slice(start, start + part.score.shape[-1])
        for name, figures in part.used.items():
            used.setdefault(name, np.full(shape, np.nan))[..., columns] = figures
        start = columns.stop
    return Normalised(_beside([one.score for one in parts]), _beside([one.capped for one in parts]), used)


def _beside(parts: Sequence[Any]) -> Any:
    """Records of some columns each as one of all: arrays are put side by side."""
    first = parts[0]
    if is_dataclass(first) and not isinstance(first, type):
        names = [one.name for one in fields(first)]
        return replace(first, **{name: _beside([getattr(one, name) for one in parts]) for name in names})
    if not isinstance(first, np.ndarray):
        return first
    if not any(any(one.strides) for one in parts):  # one value for all cells, which takes no room
        return np.broadcast_to(first.flat[0], (*first.shape[:-1], sum(one.shape[-1] for one in parts)))
    return np.concatenate(parts, axis=-1)
