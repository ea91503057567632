"""The method page tells the steps that a method has, and no others."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from portal_cities import leaf, method

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import parse_method
from shenzhi.web.portal.told import Told, told

POPULATION = Words("常住人口", "Population")


def told_of(tree: dict[str, list[dict[str, Any]]], **more: object) -> Told:
    given = parse_method(method("told", tree, **more))
    titles = {code: node.title for code, node in given.nodes.items()} | {"population": POPULATION}
    return told(SimpleNamespace(method=given, title=titles.__getitem__))  # type: ignore[arg-type]


def test_a_plain_method_has_nothing_but_its_scale_to_tell() -> None:
    found = told_of({"economy": [leaf("a"), leaf("b")]})
    assert {name for name, one in vars(found).items() if one is not None} == {"frame"}
    assert found.frame.zh == "所有时期用同一尺度，因此各期可以比较。"


def test_each_step_names_the_indicators_while_they_are_few_and_counts_them_when_they_are_many() -> None:
    few = told_of({"economy": [leaf("a") | {"impute": "mean"}, leaf("b")]})
    many = told_of({"economy": [leaf(code) | {"impute": "mean"} for code in "abcd"]})
    assert few.imputation is not None
    assert many.imputation is not None
    assert "“指标A的比例”，各区域的平均值" in few.imputation.zh
    assert "4 indicators, the mean of the areas" in many.imputation.en
    assert "Share of A" not in many.imputation.en


def test_denominators_and_treatments_are_told_with_what_they_do() -> None:
    found = told_of(
        {"economy": [leaf("a") | {"per": "population"}, leaf("b") | {"treat": "winsorise"}]},
        denominators={"unusable": "missing"},
    )
    assert found.denominators is not None
    assert found.treatment is not None
    assert "“指标A的比例”除以“常住人口”" in found.denominators.zh
    assert "counts as missing" in found.denominators.en
    assert "“指标B的比例”，缩尾" in found.treatment.zh


def test_rounding_says_the_rule_and_what_the_level_above_goes_on_with() -> None:
    found = told_of({"economy": [leaf("a"), leaf("b")]}, round={"economy": 1, "index": {"decimals": 2}})
    assert found.rounding is not None
    above, top = found.rounding.zh.removeprefix("修约：").split("；")[::-1]
    assert "保留1位小数（四舍五入），上一层用修约后的数" in above
    assert "保留2位小数（四舍五入）" in top
    assert "上一层" not in top


def test_weights_worked_out_from_figures_are_told_apart_from_those_written_down() -> None:
    measured = told_of({"economy": [leaf("a"), leaf("b")]}, weigh={"economy": "entropy"})
    written = told_of({"economy": [leaf("a"), leaf("b")]}, weigh={"economy": "equal"})
    assert measured.weights is not None
    assert "由数据算出（熵权法）" in measured.weights.zh
    assert written.weights is None
