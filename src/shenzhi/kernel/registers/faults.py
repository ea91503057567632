"""What is wrong with what somebody gave, in both languages: Django's own messages and ours alike."""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import override

from shenzhi.kernel.labels import words_of
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.words import Words


def words_for(register: Register | None, error: ValidationError) -> dict[str, list[Words]]:
    """The messages of a validation by field ("" for the record as a whole)."""
    found: dict[str, list[Words]] = {}
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for name, faults in by_field.items():
        field = "" if name == NON_FIELD_ERRORS else name
        found[field] = [_said(fault, register) for fault in faults]
    return found


def _said(fault: ValidationError, register: Register | None) -> Words:
    for one in register.model._meta.constraints if register else ():
        # Django puts the message of a constraint into one language before it gets here
        if one.violation_error_code is not None and one.violation_error_code == fault.code:
            return words_of(one.violation_error_message)
    return Words(_in("zh-hans", fault), _in("en", fault))


def _in(language: str, fault: ValidationError) -> str:
    """The message in one language. Values are put in at once: the form of a counted message depends on its number."""
    params = getattr(fault, "params", None) or {}
    values = {
        name: value if isinstance(value, int | float) else words_of(value).say(language)
        for name, value in params.items()
    }
    with override(language):
        return str(fault.message % values) if values else words_of(fault.message).say(language)
