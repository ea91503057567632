"""The audit of an index: what its indicators can and cannot tell, worked out from what was published (article 86).

Everything is of one period: the latest in which enough areas have an index. Statistics are of the figures as they were
given, correlations of the published scores, so that more is always better. What is found is put into words by `findings`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from shenzhi.calc.composite.audit import Description, Flag, describe, flagged, leaves_under
from shenzhi.calc.composite.correlation import components
from shenzhi.calc.composite.labels import CompositeError, Floats
from shenzhi.calc.composite.outcomes import LeftOut, leave_out
from shenzhi.calc.composite.pairwise import Pairwise, alpha, pairwise
from shenzhi.calc.composite.tree import Tree
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.grid import Grid
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.recipe import recipe_of
from shenzhi.pipeline.index.scope import Scope

ENOUGH = 5  # areas; a correlation of fewer says next to nothing
SOON = 2_000_000  # areas x indicators x indicators left out in about a second


@dataclass(frozen=True)
class Group:
    """What is known of a group of the tree beyond its score, from those of its children that have figures. `alpha`:
    Cronbach's. `explained`: shares of the variance along the principal components, falling; () where too few areas have
    all of them, or one does not vary. `complete`: how many areas have all."""

    code: str
    children: tuple[str, ...]
    alpha: float
    explained: tuple[float, ...]
    complete: int

    @property
    def dimensions(self) -> int:
        """Components that say more than one child alone would (Kaiser's rule: a variance above 1)."""
        return sum(share * len(self.explained) > 1 for share in self.explained)


@dataclass(frozen=True)
class Counts:
    """A child of a group: the share of the weight it was given there, and the share it has in what decides the group's
    score: the square of its correlation `r` with that, 0 where it runs against it, among those of its siblings
    (Paruolo, Saisana and Saltelli 2013). NaN where it is not known."""

    code: str
    parent: str
    weight: float
    r: float
    p: float
    importance: float


@dataclass(frozen=True)
class Audit:
    """`areas` take part; `raw` (areas, leaves) as given, `scores` (areas, nodes) as published. `compared`: correlations of
    all nodes; None, and `counts`, `groups`, `without` empty, where fewer than ENOUGH areas have an index. `without`:
    the index without each group right below it, and without each indicator; () where areas are scored against each
    other. `sizes`: correlations of indicators, as given, with what others are divided by: (leaf, denominator, r, p)."""

    period: str
    areas: tuple[str, ...]
    tree: Tree
    raw: Floats
    scores: Floats
    described: Description
    flags: tuple[Flag, ...]
    silent: tuple[str, ...]
    known_periods: tuple[int, ...]
    treated: frozenset[str]
    compared: Pairwise | None
    groups: tuple[Group, ...]
    counts: tuple[Counts, ...]
    without: tuple[LeftOut, ...]
    sizes: tuple[tuple[str, str, float, float], ...]

    @property
    def leaves(self) -> tuple[str, ...]:
        return tuple(self.tree.codes[leaf] for leaf in self.tree.leaves)

    @property
    def enough(self) -> bool:
        return self.compared is not None


def audit(
    publication: Publication,
    *,
    aside: Collection[str] = (),
    period: str | None = None,
    thorough: bool | None = None,
) -> Audit:
    """The audit of a publication in `period`, or in the latest with enough areas. `aside` are areas that are no peers of the
    others, such as the city as a whole beside its districts. With `thorough` the index is also computed without each
    single indicator; None does so where that takes less than about a second."""
    grid = Grid(publication)
    tree = grid.tree
    scores = grid.scores("score")
    peers = np.array([area not in aside for area in grid.areas], dtype=bool)
    scored = ~np.isnan(scores[..., 0])
    if (scored & peers[:, None]).any():  # an area that stands alone is its own and only peer
        scored &= peers[:, None]
    at = grid.periods.index(period) if period else _latest(scored)
    rows = np.flatnonzero(scored[:, at])
    leaves = tree.leaves
    raw_all = grid.parts("raw")[..., leaves - 1]
    raw, score = raw_all[rows, at], scores[rows, at]
    described = describe(raw)
    areas = tuple(grid.areas[row] for row in rows)
    enough = len(areas) >= ENOUGH
    compared = pairwise(score) if enough else None
    known = (~np.isnan(raw_all)).any(axis=0).sum(axis=0)
    how = (
        grid.words("how")[rows, at][:, leaves - 1] if len(rows) else np.empty((0, len(leaves)), dtype=object)
    )
    steps = ("winsorise", "boxcox", "log")
    treated = frozenset(
        tree.codes[leaf]
        for column, leaf in enumerate(leaves)
        if any(
            step.split(":")[0].startswith(steps) for told in set(how[:, column]) for step in str(told).split()
        )
    )
    return Audit(
        grid.periods[at],
        areas,
        tree,
        raw,
        score,
        described,
        flagged(described) if enough else (),
        tuple(tree.codes[leaf] for column, leaf in enumerate(leaves) if not described.available[column]),
        tuple(int(one) for one in known),
        treated,
        compared,
        tuple(_group(tree, score, compared, int(group)) for group in tree.groups[::-1]) if compared else (),
        tuple(_counts(tree, compared)) if compared else (),
        _without(publication, grid, tree, score, thorough) if enough else (),
        _sizes(publication, tree, raw, areas, grid.periods[at]) if enough else (),
    )


def _latest(scored: np.ndarray) -> int:
    """The last period with enough areas; else the last with any; else the last."""
    count = scored.sum(axis=0)
    for least in (ENOUGH, 1):
        found = np.flatnonzero(count >= least)
        if len(found):
            return int(found[-1])
    return len(count) - 1


def _group(tree: Tree, scores: Floats, compared: Pairwise, at: int) -> Group:
    # who has no figure says nothing of how the others hang together
    children = np.array(
        [child for child in tree.children[at] if compared.units[child, child] > 1], dtype=np.intp
    )
    values = scores[:, children]
    complete = int((~np.isnan(values)).all(axis=1).sum())
    try:
        # With no more areas than children the last components are nothing but the lack of areas.
        explained = components(values).explained if complete > max(len(children), ENOUGH) > 1 else ()
    except CompositeError:
        explained = ()
    return Group(
        tree.codes[at],
        tuple(tree.codes[child] for child in tree.children[at]),
        alpha(compared.covariance[np.ix_(children, children)]),
        tuple(float(one) for one in explained),
        complete,
    )


def _counts(tree: Tree, compared: Pairwise) -> list[Counts]:
    found = []
    for group in tree.groups[::-1]:
        children = tree.children[group]
        r, p = compared.r[children, group], compared.p[children, group]
        pull = np.where(np.isnan(r), 0.0, np.maximum(r, 0.0)) ** 2
        share = tree.weight[children] / tree.weight[children].sum()
        whole = pull.sum()
        for place, child in enumerate(children):
            known = whole > 0 and not np.isnan(r[place])
            found.append(
                Counts(
                    tree.codes[child],
                    tree.codes[group],
                    float(share[place]),
                    float(r[place]),
                    float(p[place]),
                    float(pull[place] / whole) if known else float("nan"),
                )
            )
    return found


def _without(
    publication: Publication, grid: Grid, tree: Tree, scores: Floats, thorough: bool | None
) -> tuple[LeftOut, ...]:
    """The index without each group right below it, and, where asked for or soon done, without each indicator."""
    method = publication.method
    if any(node.aggregate in names.INDIVISIBLE for node in method.nodes.values()):
        return ()
    recipe = recipe_of(method, Scope(grid.areas, grid.periods))
    first = [tree.codes[child] for child in tree.children[0]]
    below = [tree.codes[leaf] for leaf in tree.leaves if tree.codes[leaf] not in first]
    if not (scores.shape[0] * len(below) ** 2 <= SOON if thorough is None else thorough):
        below = []
    return tuple(
        leave_out(
            tree,
            scores[:, tree.leaves],
            recipe.node_aggregations,
            recipe.node_thresholds,
            codes=codes,
            ties=method.ties,
            decimals=method.decimals,
        )
        for codes in (first, below)
        if len(codes) > 1
    )


def _sizes(
    publication: Publication, tree: Tree, raw: Floats, areas: Sequence[str], period: str
) -> tuple[tuple[str, str, float, float], ...]:
    """Correlations of indicators as they were given with the figures that the method divides by."""
    method = publication.method
    if not method.denominators:
        return ()
    columns = []
    for code in method.denominators:
        value = {one.area: one.value for one in publication.observations(indicator=code, period=period)}
        columns.append([value.get(area, np.nan) for area in areas])
    found = pairwise(np.column_stack([raw, np.array(columns, dtype=np.float64).T]))
    count = len(tree.leaves)
    divided = {leaf.code for leaf in method.leaves if leaf.per}
    return tuple(
        (tree.codes[leaf], by, float(found.r[row, count + at]), float(found.p[row, count + at]))
        for row, leaf in enumerate(tree.leaves)
        if tree.codes[leaf] not in divided
        for at, by in enumerate(method.denominators)
    )


def under(tree: Tree, code: str) -> tuple[str, ...]:
    """The indicators below a node."""
    return tuple(tree.codes[leaf] for leaf in leaves_under(tree, tree.codes.index(code)))
