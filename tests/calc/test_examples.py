"""The examples in the words of calendar, codes and masks: each is run, and says what it says it says."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    ("name", "examples"),
    [
        ("calendar.days", 3),
        ("calendar.clocks", 1),
        ("codes.uscc", 1),
        ("codes.regions", 1),
        ("codes.numbered", 1),
        ("masks", 1),
    ],
)
def test_the_examples_in_a_module_come_out_as_written(name, examples):
    found = doctest.testmod(importlib.import_module(f"shenzhi.calc.{name}"))
    assert (found.failed, found.attempted) == (0, examples)
