"""A tree is told from pairs in any order, and everything that keeps pairs from being a tree is told at once."""

from __future__ import annotations

import pytest

from shenzhi.calc.composite.labels import CompositeError
from shenzhi.calc.composite.tree import Tree


def faults(pairs, weights=None, **more) -> list[str]:
    with pytest.raises(CompositeError) as caught:
        Tree.of(pairs, weights or [1] * len(pairs), **more)
    return caught.value.faults


def test_nodes_may_come_in_any_order_and_parents_are_put_first():
    tree = Tree.of([("a1", "a"), ("index", ""), ("b", "index"), ("a", "index"), ("a2", "a")], [1, 1, 2, 3, 4])
    assert tree.codes == ("index", "b", "a", "a1", "a2")
    assert [tree.codes[at] for at in tree.parent[1:]] == ["index", "index", "a", "a"]
    assert tree.weight.tolist() == [1, 2, 3, 1, 4]


def test_an_order_that_will_do_is_kept():
    pairs = [("index", ""), ("a", "index"), ("a1", "a"), ("b", "index")]
    assert Tree.of(pairs, [1] * 4).codes == ("index", "a", "a1", "b")


def test_everything_wrong_is_told_at_once():
    pairs = [
        ("index", ""), ("other", ""), ("a", "index"), ("a", "other"), ("b", "nowhere"), ("c", "d"), ("d", "e"), ("e", "c"),
        ("f", "index"), ("f", "index"), ("g", "index"), ("leaf", "index"),
    ]  # fmt: skip
    told = faults(pairs, [0, 1, 1, 1, 1, 1, 1, -2, 1, 1, 1, 0], leaves={"a", "b", "f", "leaf"})
    assert told == [
        "a has two parents, index and other; a node lies under one",
        "codes used more than once: f; a code names one node",
        "no such parent in the tree: b (parent nowhere)",
        "a tree has one root, a node without a parent; these have none: index, other",
        "c under d under e under c: a circle; one of them must lie elsewhere",
        "other, g: a group without anything in it; give it children, or take it out",
        "weights must be above 0: e (-2), leaf (0); to leave a child out, take it out of the tree",
    ]


def test_a_node_under_itself_is_a_circle():
    assert faults([("index", ""), ("a", "a")]) == ["a under a: a circle; one of them must lie elsewhere"]


def test_a_tree_without_a_root_says_so():
    told = faults([("a", "b"), ("b", "a")])
    assert told[0] == "a tree has one root, a node without a parent, and here every node has one"


def test_a_weight_for_each_node_is_needed():
    assert faults([("index", ""), ("a", "index")], [1]) == ["2 nodes, but 1 weights; give one for each node"]
