"""References to other records in a file, by public number or code: read together, for all rows at once (article 84)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shenzhi.calc.codes.typed import plain
from shenzhi.calc.figures import fold
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.registers.catalogue import register_of, serial
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.search import codes_of

SHORT = 200
"""In a register of up to so many records a name that only one of them has is as good as its code; names never tell
organisations apart, so in larger ones only numbers and codes do."""
_CHUNK = 500


def chunks(values: Sequence[Any], size: int = _CHUNK) -> Iterator[Sequence[Any]]:
    """Pieces small enough for one query."""
    return (values[at : at + size] for at in range(0, len(values), size))


def resolved(model: type[Record], texts: Iterable[str], by: Reader) -> dict[str, int]:
    """The key of the record that each text names, for those that name one which the reader may see."""
    register = register_of(model)
    wanted = sorted(set(texts))
    found: dict[str, int] = {}
    numbers = {text: key for text in wanted if (key := serial(register, text)) is not None}
    for part in chunks(sorted(set(numbers.values()))):
        there = set(model.objects.visible_to(by).filter(pk__in=part).values_list("pk", flat=True))
        found.update((text, key) for text, key in numbers.items() if key in there)
    for name in codes_of(register):
        forms: dict[str, list[str]] = {}
        for text in wanted:
            for form in {fold(text), plain(text)}:
                forms.setdefault(form, []).append(text)
        for part in chunks(sorted(forms)):
            held = model.objects.visible_to(by, asking=[name]).filter(**{f"{name}__in": part})
            for code, key in held.values_list(name, "pk"):
                found.update((text, key) for text in forms[code] if text not in found)
    if left := [text for text in wanted if text not in found]:
        found.update(_by_name(register, left, by))
    return found


def _by_name(register: Register, texts: Sequence[str], by: Reader) -> dict[str, int]:
    label = register.label
    if label not in register.fields or label == "id":
        return {}
    held = list(
        register.model._default_manager.visible_to(by, asking=[label]).values_list(label, "pk")[: SHORT + 1]
    )
    if len(held) > SHORT:
        return {}
    keys: dict[str, list[int]] = {}
    for name, key in held:
        keys.setdefault(fold(str(name)).casefold(), []).append(key)
    named = {text: keys.get(fold(text).casefold(), []) for text in texts}
    return {text: found[0] for text, found in named.items() if len(found) == 1}
