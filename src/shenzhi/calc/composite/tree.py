"""The tree of an index as plain arrays: which node lies under which, at what level, with what weight (article 86)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shenzhi.calc.composite.aggregate import refuse_weights
from shenzhi.calc.composite.labels import CompositeError, Floats, Labels

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
    def of(cls, pairs: Sequence[tuple[str, str]], weights: Sequence[float]) -> Tree:
        """A tree from (code, parent's code) pairs, parents first, "" for the root's; an unknown parent is refused."""
        place = {code: at for at, (code, _) in enumerate(pairs)}
        lost = [f"{code} (parent {parent})" for code, parent in pairs[1:] if parent not in place]
        if lost:
            raise CompositeError([f"no such parent in the tree: {', '.join(lost)}"])
        parent = [-1, *(place[above] for _, above in pairs[1:])]
        return cls(
            tuple(code for code, _ in pairs),
            np.array(parent, dtype=np.intp),
            np.array(weights, dtype=np.float64),
        )

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
