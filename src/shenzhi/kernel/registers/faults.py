"""What is wrong with what somebody gave, in both languages: Django's own messages and ours alike."""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from shenzhi.kernel.labels import words_of
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.words import Words


def words_for(register: Register | None, error: ValidationError) -> dict[str, list[Words]]:
    """The messages of a validation by field ("" for the record as a whole)."""
    found: dict[str, list[Words]] = {}
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for name, faults in by_field.items():
        field = "" if name == NON_FIELD_ERRORS else name
        found[field] = [_said(fault) for fault in faults]
    return found


def _said(fault: ValidationError) -> Words:
    words = words_of(fault.message)
    params = getattr(fault, "params", None)
    if not params:
        return words
    said = {
        name: words_of(value) if not isinstance(value, int | float) else Words(str(value), str(value))
        for name, value in params.items()
    }
    return Words(
        words.zh % {name: one.zh for name, one in said.items()},
        words.en % {name: one.en for name, one in said.items()},
    )
