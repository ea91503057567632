"""From a method file to the engine's recipe, and the recipe applied to a city's figures (article 86)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shenzhi.calc.composite.aggregate import Aggregating
from shenzhi.calc.composite.compose import compose
from shenzhi.calc.composite.denominate import Denominating
from shenzhi.calc.composite.impute import Imputing
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels
from shenzhi.calc.composite.normalise import Scaling
from shenzhi.calc.composite.recipe import Built, Recipe, build, resume
from shenzhi.calc.composite.treat import Treating
from shenzhi.calc.composite.tree import Tree
from shenzhi.calc.composite.weights import weigh_groups
from shenzhi.pipeline.index.assessed import items_of
from shenzhi.pipeline.index.method import Method, Node
from shenzhi.pipeline.index.scope import Cube, IndexFault, Scope, times_of


def recipe_of(method: Method, scope: Scope) -> Recipe:
    """What the method says, in the engine's terms. Weights that come from data are still as written: see `built_of`.

    IndexFault where the method names a period or an area that is not scored."""
    nodes = list(method.nodes.values())
    faults: list[str] = []
    base = [scope.periods.index(one) for one in method.base if one in scope.periods]
    faults += [
        f"frame: base {one} is not a period that is scored; those are {', '.join(scope.periods)}"
        for one in method.base
        if one not in scope.periods
    ]
    scalings = [_scaling(leaf, scope, faults) for leaf in method.leaves]
    if faults:
        raise IndexFault(faults)
    leaves = method.leaves
    return Recipe(
        Tree.of([(node.code, node.parent) for node in nodes], [node.weight for node in nodes]),
        scalings,
        tuple(node.aggregating if node.children else Aggregating("arithmetic") for node in nodes),
        thresholds=tuple(thresholds(method).tolist()),
        unit_threshold=method.unit_threshold,
        denominating=tuple(leaf.per or Denominating() for leaf in leaves) if method.denominators else None,
        unusable=method.unusable,
        imputing=tuple(leaf.impute or Imputing("none") for leaf in leaves)
        if any(leaf.impute for leaf in leaves)
        else None,
        treating=tuple(leaf.treat or Treating("none") for leaf in leaves)
        if any(leaf.treat for leaf in leaves)
        else None,
        axis=(-3, -2) if method.frame == "global" else -2,
        base=base or None,
        rounding=tuple(node.rounding for node in nodes) if any(node.rounding for node in nodes) else None,
        ties=method.ties,
        decimals=method.decimals,
    )


def _scaling(leaf: Node, scope: Scope, faults: list[str]) -> Scaling:
    """A reference that the file gives as the code of an area is a position for the engine."""
    reference = leaf.parameters.get("reference")
    if not isinstance(reference, str):
        return leaf.scaling
    if reference not in scope.areas:
        faults.append(f"{leaf.code}: reference {reference} is not an area that is scored")
        return leaf.scaling
    return replace(leaf.scaling, parameters={**leaf.parameters, "reference": scope.areas.index(reference)})


def thresholds(method: Method) -> Floats:
    """Least coverage of every node."""
    if method.missing != "renormalise":
        return np.ones(len(method.nodes))
    least = np.full(len(method.nodes), method.node_threshold)
    least[0] = method.root_threshold
    return least


def built_of(method: Method, cube: Cube, scope: Scope) -> Built:
    """Every step of the method, done on the figures of the scope. IndexFault with every fault of the first step that
    cannot be done."""
    recipe = recipe_of(method, scope)
    labels = Labels([leaf.code for leaf in method.leaves], scope.areas, scope.periods)
    groups = {name: [of_area.get(area) for area in scope.areas] for name, of_area in method.groups.items()}
    try:
        scored = build(
            recipe,
            cube.raw,
            labels=labels,
            denominators=cube.denominators,
            groups=groups,
            times=times_of(scope.periods),
            items=items_of(method, cube),
            upto="normalise",
        )
        return resume(scored, weighed(method, recipe, scored), after="normalise")
    except CompositeError as error:
        raise IndexFault(error.faults) from error


def weighed(method: Method, recipe: Recipe, scored: Built) -> Recipe:
    """The recipe with the weights that the method takes from the data, from the lowest groups up."""
    plan = {node.code: node.weigh for node in method.nodes.values() if node.weigh is not None}
    tree = recipe.tree
    for level in sorted({int(tree.level[tree.codes.index(code)]) for code in plan}):
        assert scored.normalised is not None
        scores = compose(
            tree,
            scored.normalised.score,
            recipe.node_aggregations,
            recipe.node_thresholds,
            scored.given.labels,
        ).score
        at = {code: way for code, way in plan.items() if tree.level[tree.codes.index(code)] == level}
        found = weigh_groups(tree, scores, at)
        if found.left_out.any():
            names = ", ".join(code for code, out in zip(tree.codes, found.left_out, strict=True) if out)
            raise CompositeError(
                [
                    f"weigh: {names} would get no weight; take them out of the tree, or give weights in the file"
                ]
            )
        tree = Tree(tree.codes, tree.parent, found.weight)
    return replace(recipe, tree=tree)
