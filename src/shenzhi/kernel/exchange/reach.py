"""Whether rows that are not written yet lie within somebody's reach: the condition of kernel/registers/sight.py, asked of
values instead of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Q

from shenzhi.kernel.bulk import chunks


def within(
    model: type[models.Model], only: Q | None, values: Mapping[str, Sequence[Any]], count: int
) -> list[bool]:
    """For each row whether `only` holds of it; None holds of none, an empty condition of all."""
    if only is None:
        return [False] * count
    found = [only.connector == Q.AND] * count if only.children else [True] * count
    for child in only.children:
        if isinstance(child, Q):
            held = within(model, child, values, count)
        elif isinstance(child, tuple):
            held = _leaf(model, child[0], child[1], values, count)
        else:
            raise TypeError(f"{child!r} cannot be asked of rows that are not written yet")
        if only.connector == Q.AND:
            found = [one and two for one, two in zip(found, held, strict=True)]
        else:
            found = [one or two for one, two in zip(found, held, strict=True)]
    return [not one for one in found] if only.negated else found


def _leaf(
    model: type[models.Model], path: str, wanted: Any, values: Mapping[str, Sequence[Any]], count: int
) -> list[bool]:
    allowed = set(wanted) if path.endswith("__in") else {wanted}
    allowed = {one.pk if isinstance(one, models.Model) else one for one in allowed}
    return [one in allowed for one in _at_end(model, path.removesuffix("__in"), values, count)]


def _at_end(
    model: type[models.Model], path: str, values: Mapping[str, Sequence[Any]], count: int
) -> Sequence[Any]:
    """What stands at the end of a path, for each row; a new row has no key of its own yet."""
    step, _, rest = path.partition("__")
    if step in ("pk", "id"):
        return [None] * count
    field = model._meta.get_field(step)
    held = values[field.attname]
    if not rest:
        return held
    ends: dict[Any, Any] = {}
    for part in chunks(sorted({key for key in held if key is not None})):
        ends.update(field.related_model._base_manager.filter(pk__in=part).values_list("pk", rest))
    return [ends.get(key) for key in held]
