"""Every register of the platform, found by itself: a model with an inner class `Register` is one (article 84)."""

from __future__ import annotations

from functools import cache

from django.apps import apps
from django.db import models

from shenzhi.calc.codes import numbered
from shenzhi.calc.codes.typed import CodeError
from shenzhi.kernel.registers.declaration import Register, RegisterFault, compiled


@cache
def _all() -> tuple[dict[type[models.Model], Register], list[str]]:
    made: dict[type[models.Model], Register] = {}
    found: list[str] = []
    for model in apps.get_models():
        if "Register" in vars(model):
            made[model], faults = compiled(model)
            found += faults
    for word in ("slug", "prefix"):
        values = [getattr(register, word) for register in made.values()]
        found += [
            f"two registers have the {word} {one!r}"
            for one in sorted({v for v in values if values.count(v) > 1})
        ]
    return made, found


def check() -> None:
    """RegisterFault with everything that is wrong with any declaration; called once at start-up."""
    if found := _all()[1]:
        raise RegisterFault("\n".join(["registers cannot stand:", *found]))


def registers() -> tuple[Register, ...]:
    """Every register, in the order of its article's number and its title."""
    return tuple(sorted(_all()[0].values(), key=lambda one: (_article(one), one.code)))


def _article(register: Register) -> float:
    from shenzhi.kernel.articles import references

    first = references(register.article)[:1]
    return first[0].article if first else 999


def register_of(model: type[models.Model]) -> Register:
    """The register that a model declares; KeyError for a model that declares none."""
    return _all()[0][model]


def register_named(slug: str) -> Register | None:
    """The register with this name in addresses, None where there is none."""
    return next((one for one in _all()[0].values() if one.slug == slug), None)


def register_coded(code: str) -> Register | None:
    """The register with this code (the name of its table), None where there is none."""
    return next((one for one in _all()[0].values() if one.code == code), None)


def serial(register: Register, number: str) -> int | None:
    """The key that a public number of the register names, None for a number that is none of its."""
    try:
        found = numbered.parse(number)
    except CodeError:
        return None
    return found.serial if found.prefix == register.prefix else None
