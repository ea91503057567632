"""What a reader can work out of a rounded distribution, against every way in which it can have come about."""

from __future__ import annotations

import itertools

from shenzhi.calc.disclosure import LEAST, publishable, rounded, worked_out


def test_every_count_is_told_as_the_nearest_five():
    assert [rounded(count) for count in range(13)] == [0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 10, 10, 10]


def test_what_a_reader_works_out_is_what_all_possible_counts_leave_open():
    for counts in itertools.product(range(9), range(9), range(9)):
        told, total = [rounded(count) for count in counts], sum(counts)
        possible = [
            one for one in itertools.product(range(13), repeat=3)
            if sum(one) == total and [rounded(count) for count in one] == told
        ]  # fmt: skip
        by_trial = [(min(column), max(column)) for column in zip(*possible, strict=True)]
        assert worked_out(told, total) == by_trial, counts


def test_no_class_of_one_to_four_can_be_worked_out_of_what_is_published():
    """Totals minus the others: for every distribution of 25 to 28 cases in four classes."""
    published = withheld = 0
    for three in itertools.product(range(13), repeat=3):
        for total in range(LEAST, 29):
            last = total - sum(three)
            if last < 0:
                continue
            told = publishable(dict(zip("abcd", (*three, last), strict=True)))
            if told is None:
                withheld += 1
                continue
            published += 1
            ranges = worked_out(list(told.values()), total)
            assert [one for one in ranges if one[0] == one[1] and 0 < one[0] < 5] == []
    assert published > withheld > 0


def test_a_distribution_that_its_total_would_give_away_is_withheld():
    # 0, 0, 0 and 20 are told of at most 2, 2, 2 and 22: with a total of 28 they are just these
    assert publishable({"a": 2, "b": 2, "c": 2, "d": 22}) is None
    assert publishable({"a": 2, "b": 2, "c": 1, "d": 22}) == {"a": 0, "b": 0, "c": 0, "d": 20}


def test_fewer_cases_than_twenty_five_are_not_told_of():
    assert publishable({"a": 12, "b": 12}) is None
    assert publishable({"a": 12, "b": 13}) == {"a": 10, "b": 15}
