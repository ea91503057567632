"""The examples in the engine's own words: each is run, and says what it says it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from shenzhi.calc import composite

MODULES = [
    composite.__name__,
    *(f"{composite.__name__}.{one.name}" for one in pkgutil.iter_modules(composite.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_a_module_come_out_as_written(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_most_modules_have_an_example():
    finder = doctest.DocTestFinder()
    with_examples = [
        name for name in MODULES if any(one.examples for one in finder.find(importlib.import_module(name)))
    ]
    assert len(with_examples) >= len(MODULES) - 1
