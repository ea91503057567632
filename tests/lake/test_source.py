"""Declarations of sources: right ones are understood, wrong ones answered in full; and the page about them is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from shenzhi.calc.figures import Unreadable, read_number
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.city import all_cities
from shenzhi.pipeline.lake.source import Check, Period, SourceError, load_source, load_sources, source_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "source-file.md"
LEAST = """
source: one
title: {zh: 一, en: One}
publisher: 甲
licence: CC0
article: "84"
fields:
  value: {type: float64}
"""


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def faults(text: str) -> list[str]:
    with pytest.raises(SourceError) as caught:
        source_of(yaml.safe_load(text))
    assert all(fault.zh and fault.en for fault in caught.value.faults)
    return [fault.en for fault in caught.value.faults]


def test_the_example_of_the_reference_is_a_source():
    source = source_of(yaml.safe_load(examples("yaml")[0]))
    assert source.name == "food_safety"
    assert source.title == Words("食品抽检", "Food sampling")
    assert (source.key, source.by, source.area) == (("area", "month"), ("month",), "area")
    assert source.period == Period("month", "month")
    assert source.fields["batches"].range == (0, None)
    assert source.fields["rate"].headings == ["rate", "合格率", "share passed", "合格率(%)"]
    assert source.fields["rate"].missing == ("—", "无")
    assert source.fields["grade"].missing == ()
    assert source.open_fields == ["area", "month", "batches", "passed", "rate"]
    assert source.checks[0] == Check(
        "passed <= batches", Words("合格批次多于抽检批次", "more batches passed than were sampled")
    )


def test_the_wrong_example_says_what_the_reference_says():
    assert faults(examples("yaml")[1]) == examples("text")[0].strip().splitlines()


def test_figures_are_read_as_the_reference_says():
    rows = re.findall(
        r"^\| `([^`]+)` \| (\S+) \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(rows) == 12
    for written, unit, read in rows:
        if read == "refused":
            with pytest.raises(Unreadable):
                read_number(written, unit=unit)
        else:
            assert read_number(written, unit=unit).value == (None if read == "no figure" else float(read))


def test_the_least_that_makes_a_source():
    source = source_of(yaml.safe_load(LEAST))
    assert (source.key, source.by, source.fields["value"].open) == ((), (), False)
    assert source.publisher == Words("甲", "甲")


@pytest.mark.parametrize(
    ("addition", "said"),
    [
        ("arrives: sometimes", "arrives is either whole or {by: [fields]}"),
        ("key: [value]\narrives: {by: [other]}", "arrives.by: no field 'other'"),
        ("period: {field: value, grain: week}", "period is {field: a field, grain: year | quarter | month | day}"),
        ("vintage: value", "vintage: the field 'value' must be an int64"),
        ("checks: [{rule: value >}]", "checks[1]: cannot read the expression 'value >'"),
        ("checks: [{rule: \"value > (select 1)\"}]", "checks[1]: '(SELECT 1)' has no place here: compare and reckon with the fields of the row"),
        ("checks: [{rule: \"read_text('/etc/passwd') = ''\"}]", "checks[1]: \"READ_TEXT('/etc/passwd')\" has no place here: compare and reckon with the fields of the row"),
    ],
)  # fmt: skip
def test_a_wrong_addition_is_named_with_the_way_out(addition, said):
    assert said in faults(LEAST + addition)


def test_two_fields_may_not_answer_to_one_heading():
    assert faults(LEAST + "  other: {type: float64, aliases: [value]}\n") == [
        "the heading 'value' belongs to both value and other"
    ]


@pytest.mark.parametrize("text", ["", "- a\n- b", "just text"])
def test_a_file_that_is_no_mapping_is_refused(text):
    assert faults(text) == ["the file is empty or is not a mapping of keys to values"]


def test_broken_yaml_and_a_name_used_twice_and_a_dangling_reference_are_told_together(tmp_path):
    (tmp_path / "a.yml").write_text(LEAST, encoding="utf-8")
    (tmp_path / "b.yml").write_text(LEAST, encoding="utf-8")
    (tmp_path / "c.yml").write_text("a: [", encoding="utf-8")
    (tmp_path / "d.yml").write_text(
        LEAST.replace("source: one", "source: two").replace("float64}", "float64, references: one.valeu}"),
        encoding="utf-8",
    )
    with pytest.raises(SourceError) as caught:
        load_sources(tmp_path)
    said = [fault.en for fault in caught.value.faults]
    assert said[0] == "b.yml: source 'one' is already declared in a.yml"
    assert said[1].startswith("c.yml: not readable as YAML")
    assert said[2:] == [
        "d.yml: value references 'one.valeu', which does not exist; did you mean 'one.value'?",
    ]


def test_allowed_values_may_carry_their_meaning_in_both_languages():
    declared = yaml.safe_load(LEAST)
    declared["fields"]["status"] = {
        "type": "string", "title": {"zh": "状态", "en": "Status"},
        "allowed": {"final": {"zh": "公布数", "en": "published"}, "estimated": {"zh": "估计", "en": "estimate"}},
    }  # fmt: skip
    status = source_of(declared).fields["status"]
    assert status.allowed == ("final", "estimated")
    assert status.meanings["final"] == Words("公布数", "published")
    declared["fields"]["status"]["allowed"]["final"] = {"zh": "公布数"}
    (fault,) = faults(yaml.safe_dump(declared))
    assert fault.startswith("fields.status: allowed.final")


def test_a_changed_declaration_has_another_hash(tmp_path):
    path = tmp_path / "one.yml"
    path.write_text(LEAST, encoding="utf-8")
    before = load_source(path).declaration
    path.write_text(LEAST + "update: annual\n", encoding="utf-8")
    assert load_source(path).declaration != before


def test_the_sources_of_every_city_in_the_box_are_in_order():
    for city in all_cities():
        assert load_sources(city.sources_dir)


def test_a_licence_is_a_name_or_words_in_both_languages():
    named = source_of(yaml.safe_load(LEAST))
    assert (named.licence.zh, named.licence.en) == ("CC0", "CC0")
    said = source_of(
        yaml.safe_load(LEAST.replace("licence: CC0", "licence: {zh: 可自由使用, en: Free to use}"))
    )
    assert (said.licence.zh, said.licence.en) == ("可自由使用", "Free to use")
    assert any("licence" in one for one in faults(LEAST.replace("licence: CC0", "licence: {zh: 可自由使用}")))
