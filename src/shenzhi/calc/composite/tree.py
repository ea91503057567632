"""The tree of an index as plain arrays: which node lies under which, at what level, with what weight (article 86)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shenzhi.calc.composite.aggregate import refuse_weights
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels, listed

Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Tree:
    """Nodes in any order in which a parent stands before its children; node 0 is the root.

    `codes` (nodes): names. `parent` (nodes): position of the parent, -1 for the root. `weight` (nodes): above 0, counts
    among siblings; the root's is not used. Leaves are the nodes without children, at any depth; `leaves` gives them
    in order, and this is the order of the columns of every array of indicators.

    >>> tree = Tree.of([("index", ""), ("a", "index"), ("a1", "a"), ("a2", "a"), ("b", "index")], [1, 3, 1, 1, 1])
    >>> [tree.codes[leaf] for leaf in tree.leaves], tree.level.tolist()
    (['a1', 'a2', 'b'], [3, 2, 1, 1, 1])
    >>> tree.effective_weight.tolist()
    [1.0, 0.75, 0.375, 0.375, 0.25]
    """

    codes: tuple[str, ...]
    parent: Places
    weight: Floats

    def __post_init__(self) -> None:
        count = len(self.codes)
        if not (count and self.parent.shape == self.weight.shape == (count,)):
            raise CompositeError(
                ["a tree needs at least a root, and one parent and one weight for each code"]
            )
        repeated = sorted({code for code in self.codes if self.codes.count(code) > 1})
        if repeated:
            raise CompositeError([f"codes used more than once: {', '.join(repeated)}; a code names one node"])
        astray = [self.codes[at] for at in range(1, count) if not 0 <= self.parent[at] < at]
        if self.parent[0] != -1 or astray:
            names = ", ".join(astray) or self.codes[0]
            raise CompositeError(
                [f"{names}: the root comes first, without a parent, and others after their parent"]
            )
        refuse_weights(self.weight, Labels(self.codes))

    @classmethod
    def of(
        cls, pairs: Sequence[tuple[str, str]], weights: Sequence[float], leaves: Collection[str] | None = None
    ) -> Tree:
        """A tree from (code, parent's code) pairs, "" for the root's, and one weight for each; in any order.

        Nodes keep their order, but parents are put before children. `leaves`: the codes that are indicators; another node
        without children is then an empty group. CompositeError tells everything at once: unknown parents, two parents,
        circles, no root or several, weights that are not above 0, empty groups."""
        codes = [code for code, _ in pairs]
        if len(weights) != len(pairs):
            raise CompositeError([f"{len(pairs)} nodes, but {len(weights)} weights; give one for each node"])
        faults = _faults_of_pairs(pairs, leaves)
        above = dict(pairs)
        weight = np.array(weights, dtype=np.float64)
        wrong = [
            f"{code} ({one:g})"
            for code, one in zip(codes, weight.tolist(), strict=True)
            if above.get(code) and not (np.isfinite(one) and one > 0)
        ]
        if wrong:
            faults.append(
                f"weights must be above 0: {listed(wrong)}; to leave a child out, take it out of the tree"
            )
        if faults:
            raise CompositeError(faults)
        depth = {code: _way_up(code, above) for code in codes}
        order = sorted(range(len(codes)), key=lambda at: len(depth[codes[at]]))
        if all(codes.index(above[code]) < at for at, code in enumerate(codes) if above[code]):
            order = list(range(len(codes)))  # parents stand before their children already
        place = {codes[at]: to for to, at in enumerate(order)}
        parent = [place[above[codes[at]]] if above[codes[at]] else -1 for at in order]
        return cls(tuple(codes[at] for at in order), np.array(parent, dtype=np.intp), weight[order])

    @cached_property
    def children(self) -> tuple[Places, ...]:
        """For each node, the positions of its children."""
        return tuple(np.flatnonzero(self.parent == at) for at in range(len(self.codes)))

    @cached_property
    def leaves(self) -> Places:
        return np.array([at for at, below in enumerate(self.children) if not len(below)], dtype=np.intp)

    @cached_property
    def groups(self) -> Places:
        """Nodes with children, children before parents: the order in which means can be taken."""
        return np.array([at for at, below in enumerate(self.children) if len(below)][::-1], dtype=np.intp)

    @cached_property
    def level(self) -> Places:
        """1 for a leaf, otherwise one more than the highest child."""
        level = np.ones(len(self.codes), dtype=np.intp)
        for group in self.groups:
            level[group] = 1 + level[self.children[group]].max()
        return level

    @cached_property
    def leaf_count(self) -> Places:
        """How many leaves lie below each node; 1 for a leaf."""
        count = np.ones(len(self.codes), dtype=np.intp)
        for group in self.groups:
            count[group] = count[self.children[group]].sum()
        return count

    @cached_property
    def effective_weight(self) -> Floats:
        """Each node's weight in the root when nothing is missing: the parent's times its share among its siblings."""
        effective = np.ones(len(self.codes))
        for group in self.groups[::-1]:
            below = self.children[group]
            effective[below] = effective[group] * self.weight[below] / self.weight[below].sum()
        return effective


def _way_up(code: str, above: Mapping[str, str]) -> list[str]:
    """The nodes over `code`, nearest first; a circle is gone round once."""
    way: list[str] = []
    while (code := above.get(code, "")) and code not in way:
        way.append(code)
    return way


def _faults_of_pairs(pairs: Sequence[tuple[str, str]], leaves: Collection[str] | None) -> list[str]:
    """Everything that keeps pairs of codes from being a tree."""
    parents: dict[str, list[str]] = {}
    for code, parent in pairs:
        parents.setdefault(code, []).append(parent)
    faults = []
    for code, found in parents.items():
        if len(set(found)) > 1:
            named = " and ".join(sorted({one or "none (the root)" for one in found}))
            faults.append(f"{code} has two parents, {named}; a node lies under one")
        elif len(found) > 1:
            faults.append(f"codes used more than once: {code}; a code names one node")
    above = {code: found[0] for code, found in parents.items()}
    lost = [f"{code} (parent {parent})" for code, parent in above.items() if parent and parent not in above]
    if lost:
        faults.append(f"no such parent in the tree: {', '.join(lost)}")
    roots = [code for code, parent in above.items() if not parent]
    if len(roots) != 1:
        faults.append(
            f"a tree has one root, a node without a parent; these have none: {', '.join(roots)}"
            if roots
            else "a tree has one root, a node without a parent, and here every node has one"
        )
    told: set[str] = set()
    for code in above:
        way = _way_up(code, above)
        if code in way and code not in told:
            circle = way[: way.index(code)]
            told |= {code, *circle}
            faults.append(
                f"{' under '.join([code, *circle, code])}: a circle; one of them must lie elsewhere"
            )
    if leaves is not None:
        parents_of = set(above.values())
        empty = [code for code in above if code not in parents_of and code not in leaves]
        if empty:
            faults.append(
                f"{', '.join(empty)}: a group without anything in it; give it children, or take it out"
            )
    return faults


def pruned(tree: Tree, *nodes: int) -> tuple[Tree, Places, Places]:
    """The tree without some nodes, what lies under them, and groups that are left empty: (tree, the positions that the
    remaining nodes had, the columns of the remaining leaves). CompositeError when nothing would be left."""
    out = np.zeros(len(tree.codes), dtype=bool)
    out[list(nodes)] = True
    for at in range(1, len(out)):  # parents stand before children
        out[at] |= out[tree.parent[at]]
    for group in tree.groups:  # children before parents
        out[group] |= bool(out[tree.children[group]].all())
    if out[0]:
        names = [tree.codes[at] for at in nodes]
        raise CompositeError([f"without {listed(names)} nothing is left of {tree.codes[0]}; leave out less"])
    kept = np.flatnonzero(~out)
    parent = np.searchsorted(kept, tree.parent[kept]).astype(np.intp)
    parent[0] = -1
    rest = Tree(tuple(tree.codes[at] for at in kept), parent, tree.weight[kept])
    return rest, kept, np.flatnonzero(~out[tree.leaves])
