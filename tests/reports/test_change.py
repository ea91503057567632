"""The like-for-like change of a score, under each mean that can be divided, and for all areas at once."""

from __future__ import annotations

import math

import pytest

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.reports.change import between, compare
from shenzhi.pipeline.reports.frozen import Frozen, differences

from .conftest import ECONOMY, declare, leaf, method_file, publish

NAME = Words("名", "name")


def group(mean: str, **parameters: float) -> Node:
    """(3 a + b) / 4, or another mean of them."""
    leaves = tuple(Node(code, NAME, "index", 1, weight) for code, weight in (("a", 3.0), ("b", 1.0)))
    return Node("index", NAME, "", 2, 1.0, leaves, aggregate=mean, aggregate_parameters=parameters)


@pytest.mark.parametrize(
    ("mean", "parameters", "power"),
    [("arithmetic", {}, 1), ("harmonic", {}, -1), ("generalised", {"p": 2}, 2)],
)
def test_effects_add_up_under_a_mean_of_powers(mean, parameters, power):
    found = compare(group(mean, **parameters), {"a": 50.0, "b": 80.0}, {"a": 80.0, "b": 72.0})
    ends = [(0.75 * a**power + 0.25 * b**power) ** (1 / power) for a, b in ((50, 80), (80, 72))]
    assert [found.before, found.now] == pytest.approx(ends, rel=1e-14)
    assert math.fsum(one.effect for one in found.drivers) == pytest.approx(found.difference, abs=1e-12)
    # a part is its share of the change of f(v) = share * f(x), carried back by one factor
    bent = {"a": 0.75 * (80**power - 50**power), "b": 0.25 * (72**power - 80**power)}
    for one in found.drivers:
        expected = bent[one.code] / sum(bent.values()) * found.difference
        assert one.effect == pytest.approx(expected, rel=1e-12)
        assert one.effect == pytest.approx(one.share * (one.now - one.before), rel=1e-12)


def test_a_geometric_mean_is_divided_by_the_logarithmic_mean():
    found = compare(group("geometric"), {"a": 50.0, "b": 80.0}, {"a": 80.0, "b": 72.0})
    mean = found.difference / math.log(found.now / found.before)
    effects = {one.code: one.effect for one in found.drivers}
    assert effects == pytest.approx({"a": mean * 0.75 * math.log(1.6), "b": mean * 0.25 * math.log(0.9)})


def test_what_cannot_be_divided_is_not():
    ends = {"a": 50.0, "b": 80.0}, {"a": 80.0, "b": 72.0}
    assert compare(group("median"), *ends) is None
    assert compare(group("arithmetic"), {"a": 50.0}, {"b": 72.0}) is None
    assert compare(group("geometric"), {"a": 0.0, "b": 80.0}, ends[1]) is None


def test_one_area_is_told_as_if_it_were_alone_and_a_report_keeps_what_it_asked(tmp_path):
    city = declare(
        tmp_path / "reports-two",
        ("二", "Two"),
        fictional=False,
        areas="100,二,Two,city,,,,,,,\n101,三,Three,district,100,,,,,,\n",
    )
    leaves = [leaf(code, f"指标{code}", f"Indicator {code}") for code in "abc"]
    rows = [
        ("a", "100", "2022", 40),
        ("b", "100", "2022", 60),
        ("a", "100", "2023", 50),
        ("c", "100", "2023", 70),
    ]
    rows += [(code, "101", year, 50) for code in "abc" for year in ("2022", "2023")]
    publication = publish(city, method_file("two-1", {ECONOMY: leaves}), rows)
    frozen = Frozen(publication)
    for asked in (publication, frozen):
        found = between(asked, "100", asked.method.root, "2022", "2023")
        assert (found.before, found.now, found.gone, found.come) == (40, 50, ("b",), ("c",))
        assert [(one.code, one.effect, one.share) for one in found.drivers] == [("a", 10, 1)]
        still = between(asked, "101", asked.method.root, "2022", "2023")
        assert (still.difference, still.whole, still.common) == (0, True, 3)
        assert between(asked, "999", asked.method.root, "2022", "2023") is None
    record = frozen.record()
    assert {one["query"] for one in record} >= {"score_table"}
    assert differences(publication, record) == []
