"""Every step that the engine knows has a name that a page can show."""

from __future__ import annotations

import pytest

from shenzhi.calc.composite.normalise import NORMALISATIONS
from shenzhi.pipeline.index import names
from shenzhi.pipeline.index.steps import KINDS, RULES


@pytest.mark.parametrize(
    ("known", "named"),
    [
        (NORMALISATIONS, names.NORMALISATIONS),
        (KINDS["aggregate"].names, names.AGGREGATIONS),
        (KINDS["impute"].names, names.IMPUTATIONS),
        (KINDS["weigh"].names, names.WEIGHTINGS),
        (RULES, names.ROUNDINGS),
    ],
)
def test_every_step_of_the_engine_has_a_name(known, named):
    assert set(known) == set(named)


def test_every_treatment_has_a_name():
    named = {name: names.treatment(name).en for name in KINDS["treat"].names}
    logarithms = {name for name, said in named.items() if said == names.LOGARITHM.en}
    assert all("log" in name for name in logarithms), logarithms
