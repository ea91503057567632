"""Whom a typed text means in a form: a number, a code, or a name in either language that only one record has."""

from __future__ import annotations

import pytest

from shenzhi.calc.codes import uscc
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.references import Unknown, meant
from shenzhi.kernel.registers.writing import create


@pytest.fixture
def kettle(office):
    return create(
        Organisation(
            code=uscc.make("91990000", "00000900"), name="兰露电器有限公司", name_en="Orchid Dew Appliances Co., Ltd.",
            kind="enterprise",
        ),
        by=PLATFORM,
    )  # fmt: skip


def test_a_record_is_meant_by_its_number_code_and_name_in_both_languages(kettle):
    for text in (kettle.number, kettle.code, f" {kettle.name} ", kettle.name_en):
        assert meant(Organisation, text, PUBLIC) == kettle


def test_a_part_of_a_name_means_nobody_and_a_name_of_two_asks_for_the_number(kettle):
    with pytest.raises(Unknown):
        meant(Organisation, "Orchid Dew", PUBLIC)
    other = create(
        Organisation(
            code=uscc.make("91990000", "00000901"), name="另一家", name_en=kettle.name_en, kind="enterprise"
        ),
        by=PLATFORM,
    )
    with pytest.raises(Unknown) as error:
        meant(Organisation, kettle.name_en, PUBLIC)
    assert kettle.number in error.value.why.en
    assert other.number in error.value.why.en
