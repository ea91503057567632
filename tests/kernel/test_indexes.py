"""What a list asks of a register is answered from an index, in every register that is ever declared."""

from __future__ import annotations

import pytest
from django.db import models

from shenzhi.kernel.registers.catalogue import registers


def led(register) -> set[str]:
    """The columns with which an index of the register's table begins."""
    meta = register.model._meta
    own = {one.name for one in meta.concrete_fields if one.unique or one.db_index}
    return own | {index.fields[0] for index in meta.indexes if index.condition is None}


@pytest.mark.parametrize("register", registers(), ids=lambda one: one.code)
def test_every_filter_begins_an_index(register):
    fields = {one.name: one for one in register.model._meta.concrete_fields}
    asked = {
        name for name in register.filters if name in fields and not isinstance(fields[name], models.TextField)
    }
    assert asked - led(register) == set()


@pytest.mark.parametrize("register", [one for one in registers() if one.procedure], ids=lambda one: one.code)
def test_cases_are_found_by_state_department_and_district(register):
    assert {"state", "department", "district"} - led(register) == set()


def test_an_index_goes_on_in_the_order_of_entry_and_carries_what_else_lists_ask():
    from shenzhi.apps.people.models import Officer

    # the places of every case, then its own span of days, alone and within a state, then whose it is; last state and
    # district together
    assert [tuple(index.fields) for index in Officer._meta.indexes] == [
        ("state", "id", "department", "district", "appointed_on", "organisation"),
        ("department", "id", "state", "district", "appointed_on", "organisation"),
        ("district", "id", "state", "department", "appointed_on", "organisation"),
        ("appointed_on", "id", "state", "department", "district", "organisation"),
        ("state", "appointed_on", "id", "department", "district", "organisation"),
        ("organisation", "id", "state", "department", "district", "appointed_on"),
        ("state", "district", "id", "department"),
    ]


def test_a_reference_with_which_an_index_begins_has_no_second_one():
    from shenzhi.apps.plans.models import Task

    twice = {
        index.fields[0] for index in Task._meta.indexes if Task._meta.get_field(index.fields[0]).db_index
    }
    assert twice == set()
