"""What is wrong with what somebody gave is told in both languages, Django's own messages too."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.registers.faults import words_for
from shenzhi.kernel.words import Words


def test_a_message_that_counts_says_its_number():
    with pytest.raises(ValidationError) as refused:
        Officer(phone="1" * 41).clean_fields(exclude={"organisation", "name", "appointed_on", "state"})
    assert words_for(None, refused.value) == {
        "phone": [
            Words(
                "确保该变量包含不超过 40 字符 (目前字符数 41)。",
                "Ensure this value has at most 40 characters (it has 41).",
            )
        ]
    }


def test_a_message_without_a_field_stands_for_the_record_as_a_whole():
    assert words_for(None, ValidationError("x")) == {"": [Words("x", "x")]}
