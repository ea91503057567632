"""What a reader can work out of the counts that are published, against every way in which they can have come about."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from scipy.optimize import linprog

from shenzhi.calc.disclosure import ranges, shown, withheld


def test_one_small_cell_takes_the_next_smallest_with_it():
    assert shown({"a": 40, "b": 3, "c": 9, "d": 0}) == {"a": 40, "b": None, "c": None, "d": 0}
    # 1 and 1 of 50: the sum would tell that both are 1
    assert shown({"a": 40, "b": 1, "c": 1, "d": 8}) == {"a": 40, "b": None, "c": None, "d": None}
    assert shown({"a": 40, "b": 12}) == {"a": 40, "b": 12}


def test_what_is_held_in_one_table_cannot_be_worked_out_from_another():
    # two districts of 20 and 9, together 29; of the nine 3 were remedied, so that the other's 12 would tell it from the 15
    sums = [
        ("all", ("pine", "bamboo")),
        ("all remedied", ("pine remedied", "bamboo remedied")),
        ("all", ("all remedied", "all not")),
        ("pine", ("pine remedied", "pine not")),
        ("bamboo", ("bamboo remedied", "bamboo not")),
        ("all not", ("pine not", "bamboo not")),
    ]
    count = {
        "all": 29, "pine": 20, "bamboo": 9, "all remedied": 15, "pine remedied": 12, "bamboo remedied": 3,
        "all not": 14, "pine not": 8, "bamboo not": 6,
    }  # fmt: skip
    held = withheld(count, sums)
    assert held == {"bamboo remedied", "bamboo not", "pine remedied", "pine not"}


def test_what_anybody_can_count_elsewhere_hides_nothing():
    # of ten that stand in the public register as mended two writers say no: the eight must go, the seven refused would not help
    sums = [("mended", ("remedied", "denied")), ("decided", ("mended", "refused"))]
    count = {"mended": 10, "remedied": 8, "denied": 2, "decided": 17, "refused": 7}
    assert withheld(count, sums, known=("mended", "decided", "refused")) == {"denied", "remedied"}


def test_where_all_deny_it_the_nought_is_held_back_too():
    # two mended, known from the register, none of them remedied by the writers' account: that nought would tell the two
    count = {"mended": 2, "remedied": 0, "denied": 2}
    assert withheld(count, [("mended", ("remedied", "denied"))], known=("mended",)) == {"denied", "remedied"}


def test_the_ranges_of_a_reader_are_what_all_possible_counts_leave_open():
    for rows in itertools.product(range(4), repeat=4):
        a, b, c, d = rows
        truth = {"a": a, "b": b, "c": c, "d": d, "ab": a + b, "cd": c + d, "ac": a + c, "bd": b + d}
        sums = [("ab", ("a", "b")), ("cd", ("c", "d")), ("ac", ("a", "c")), ("bd", ("b", "d"))]
        told = {**truth, "a": None, "b": None, "c": None, "d": None}
        possible = [
            one for one in itertools.product(range(8), repeat=4)
            if (one[0] + one[1], one[2] + one[3], one[0] + one[2], one[1] + one[3]) == (a + b, c + d, a + c, b + d)
        ]  # fmt: skip
        by_trial = {
            name: (min(column), max(column))
            for name, column in zip("abcd", zip(*possible, strict=True), strict=True)
        }
        assert ranges(told, sums, least=0) == by_trial, rows


def a_table(seed: int) -> tuple[dict, list]:
    """Five rows and four columns with all their sums."""
    chance = random.Random(seed)
    rows = [[chance.choice((0, 1, 2, 3, 6, 9, 30)) for _ in range(4)] for _ in range(5)]
    cells = {(at, place): one for at, row in enumerate(rows) for place, one in enumerate(row)}
    lines = [(("row", at), [(at, place) for place in range(4)]) for at in range(5)]
    lines += [(("column", place), [(at, place) for at in range(5)]) for place in range(4)]
    lines.append((("all", 0), [("row", at) for at in range(5)]))
    lines.append((("all", 0), [("column", place) for place in range(4)]))
    for whole, parts in lines:
        cells[whole] = sum(cells[part] for part in parts)
    return cells, lines


@pytest.mark.parametrize("seed", range(8))
def test_no_small_count_can_be_worked_out_from_any_one_sum(seed):
    cells, lines = a_table(seed)
    held = withheld(cells, lines)
    assert {key for key, one in cells.items() if 0 < one < 5} <= held
    for whole, parts in lines:
        hidden = [part for part in parts if part in held]
        if whole not in held:
            assert len(hidden) != 1
            assert not hidden or sum(cells[part] for part in hidden) >= 5


@pytest.mark.parametrize("seed", range(40))
def test_no_small_count_can_be_worked_out_from_all_sums_together(seed):
    """The least and the most that each count can be, by linear programming over all sums at once."""
    cells, lines = a_table(seed)
    held = sorted(withheld(cells, lines), key=str)
    at = {key: number for number, key in enumerate(held)}
    equations, sides = np.zeros((len(lines), len(held))), np.zeros(len(lines))
    for number, (whole, parts) in enumerate(lines):
        for key, sign in ((whole, -1), *((part, 1) for part in parts)):
            if key in at:
                equations[number, at[key]] += sign
            else:
                sides[number] -= sign * cells[key]
    for key in held:
        if 0 < cells[key] < 5:
            wanted = np.eye(len(held))[at[key]]
            low, high = (
                sign * linprog(sign * wanted, A_eq=equations, b_eq=sides, bounds=(1, None)).fun
                for sign in (1, -1)
            )
            assert high - low > 0.5, (key, low, high)
