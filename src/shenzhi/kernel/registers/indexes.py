"""The indexes that a register's lists need, read off its declaration, so that no filter reads a table of millions (article 84).

A list is narrowed by the filters of the register and by what decides who sees a record: its state, department, district,
and whose it is. Each of these gets an index that begins with it, goes on in the order of entry, and carries all the others:
whatever is asked together is then answered from one index, without reading the records that are not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from shenzhi.kernel.registers.declaration import Stake

PLACES = ("state", "department", "district")
"""What every case has, and every list of cases is narrowed by, whether the register names it as a filter or not."""

SPANNED = (models.DateField, models.IntegerField, models.DecimalField)
"""Fields that a list asks from one value to another."""


def indexes_of(attrs: Mapping[str, Any], bases: Iterable[type]) -> list[models.Index]:
    """The indexes of a model that is being made from `attrs`; a reference that one of them begins with loses its own."""
    said = vars(attrs["Register"])
    fields = _fields(attrs, bases)
    held_by = [stake[1] if isinstance(stake, tuple) else stake.path for stake in said.get("stakes", ())]
    leads = [name for name in dict.fromkeys((*PLACES, *said.get("filters", ()), *held_by)) if name in fields]
    # of a path only its first step lies in this table
    asked = (*said.get("filters", ()), *said.get("public", {}), *held_by, *_conditions(said))
    further = [path.split("__")[0] for path in asked]
    carried = [name for name in dict.fromkeys((*leads, *further)) if name in fields]
    found = []
    for lead in leads:
        if fields[lead].unique:
            continue
        if lead in attrs and isinstance(attrs[lead], models.ForeignKey):
            attrs[lead].db_index = False
        rest = [name for name in carried if name != lead]
        found.append(models.Index(fields=(lead, "id", *rest)))
        if isinstance(fields[lead], SPANNED) and "state" in rest:
            # what is open is rare in a long span of years, and a short span is rare in what is listed: both exactly
            rest.remove("state")
            found.append(models.Index(fields=("state", lead, "id", *rest)))
    if {"state", "district"} <= set(leads):
        # a state can be rare in a large district, and a district small in a frequent state: both exactly
        others = [name for name in ("department",) if name in leads]
        found.append(models.Index(fields=("state", "district", "id", *others)))
    return found


def _conditions(said: Mapping[str, Any]) -> list[str]:
    """What the stakes ask beside whose a record is."""
    several = (Stake(*one) if isinstance(one, tuple) else one for one in said.get("stakes", ()))
    return [path for stake in several for path in stake.only]


def _fields(attrs: Mapping[str, Any], bases: Iterable[type]) -> dict[str, models.Field[Any, Any]]:
    """The fields that can stand in an index, inherited ones first."""
    found = {
        field.name: field for base in bases if hasattr(base, "_meta") for field in base._meta.concrete_fields
    }
    found |= {name: field for name, field in attrs.items() if isinstance(field, models.Field)}
    return {name: field for name, field in found.items() if not isinstance(field, models.TextField)}
