"""The method file: what it says is what is read, and every fault is told at once in the words of the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.method import MethodError, load_method, parse_method

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "method-file.md"
BLOCKS = re.findall(
    r"```(yaml|yaml refused|text)\n(.*?)```", REFERENCE.read_text(encoding="utf-8"), re.DOTALL
)
WHOLE = next(text for kind, text in BLOCKS if kind == "yaml")
FRAGMENTS = [text for kind, text in BLOCKS if kind == "yaml"][1:]

HEAD = """\
method: m
version: "1.0"
title: {zh: 甲, en: A}
"""
TREE = """\
tree:
  code: index
  children:
    - {code: gdp, direction: 1}
"""


def nothing_declared(code: str) -> None:
    return None


def faults(text: str, declared=nothing_declared) -> list[str]:
    with pytest.raises(MethodError) as caught:
        parse_method(text.encode(), name="m.yml", declared=declared)
    return caught.value.faults


def method(text: str, declared=nothing_declared):
    return parse_method(text.encode(), declared=declared)


def test_the_reference_shows_a_method_that_is_read_as_it_says():
    read = method(WHOLE)
    assert (read.id, read.version, read.article, read.frame) == ("example-2026", "1.0", "86", "global")
    assert read.title == Words("质量指数示例", "An example of a quality index")
    assert list(read.nodes) == ["index", "economy", "gdp_per_head", "energy_per_gdp", "ecology", "pm25"]
    assert [node.level for node in read.nodes.values()] == [3, 2, 1, 1, 2, 1]
    assert (read.root.aggregate, read.nodes["economy"].aggregate) == ("geometric", "arithmetic")
    pm25 = read.nodes["pm25"]
    assert (pm25.parent, pm25.direction, pm25.method, pm25.posts) == ("ecology", -1, "efficacy", (5, 60))
    assert pm25.parameters == {"posts": (5, 60), "lower": 60, "upper": 100, "cap": True, "log": False}
    assert read.nodes["economy"].weight == 2


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_every_fragment_in_the_reference_can_be_put_into_a_method(fragment):
    keys = set(re.findall(r"^(\w+):", fragment, re.MULTILINE))
    kept = re.split(r"^(?=\w)", WHOLE, flags=re.MULTILINE)
    text = "".join(part for part in kept if part.split(":")[0] not in keys) + fragment
    # A fragment with another normalisation shows no posts, which belong to efficacy scores.
    method(re.sub(r" +posts: .*\n", "", text) if "minmax" in fragment else text)


def test_the_faults_in_the_reference_are_the_faults_that_are_told():
    refused = next(text for kind, text in BLOCKS if kind == "yaml refused")
    answer = next(text for kind, text in BLOCKS if kind == "text")
    assert faults(refused) == answer.strip().splitlines()


def test_a_fault_begins_with_the_name_of_the_file(tmp_path):
    path = tmp_path / "x.yml"
    path.write_text(
        HEAD + "normalise: {method: minmax}\n" + TREE.replace("direction: 1", "direction: 1, weight: -1")
    )
    with pytest.raises(MethodError) as caught:
        load_method(path, nothing_declared)
    assert str(caught.value) == f"{path}: tree > gdp: weight must be above 0 (got -1)"


def test_every_fault_is_told_at_once():
    text = """\
method: M 1
version: 1.0
title: {zh: 甲}
frame: yearly
publish: {rot: 0.5, node: 1.5}
normalise: {method: minmx}
aggregate: {default: arithmetic, econmy: geometric, index: harmonik}
tree:
  code: index
  children:
    - code: economy
      weight: 1
      direction: 1
      children:
        - {code: gdp, direction: 1, weight: -1}
        - {code: gdp, weight: .inf, posts: [2, 1], method: efficacy}
    - code: ecology
      title: {zh: 生态, en: Ecology}
      children:
        - {code: pm 25, direction: up}
"""
    assert sorted(faults(text)) == sorted(
        [
            "method must be small letters, digits and hyphens, since folders are named after it (got 'M 1')",
            'version must be text: put it in quotes, like "1.0" (got 1.0)',
            "title: en is missing",
            "frame must be global, period or {base: \"2015\"} (got 'yearly')",
            "publish: unknown key rot; did you mean root?",
            "publish: node must be at most 1 (got 1.5)",
            "normalise: method minmx is not a normalisation; did you mean minmax?",
            "aggregate: econmy is neither default, a level (2, 3, ...) nor a group; did you mean economy?",
            "aggregate: index: harmonik is not an aggregation; did you mean harmonic?",
            "tree > economy: title is missing; a group needs {zh: ..., en: ...}",
            "tree > economy: direction belongs to an indicator, but this node has children; remove it or move it to them",
            "tree: weight is missing for ecology; give it to all children or to none",
            "tree > economy > gdp: weight must be above 0 (got -1)",
            "tree > economy > gdp: weight must be a finite number (got inf)",
            "tree > economy > gdp: direction is missing; write 1 (more is better) or -1 (less is better)",
            "tree > economy > gdp: posts must rise, the lower first (got [2, 1]); with direction -1 the lower one is the best",
            "tree > economy > gdp: code gdp is used 2 times (tree > economy > gdp, tree > economy > gdp); a code names one node",
            "tree > ecology > pm 25: code must be a word without spaces or slashes (got 'pm 25')",
            "tree > ecology > pm 25: direction must be one of 1 or -1 (got 'up')",
        ]
    )


@pytest.mark.parametrize(
    ("normalise", "leaf", "fault"),
    [
        (
            "{method: efficacy}",
            "",
            "posts are missing for efficacy; write posts: [low, high] in its unit, or posts: observed",
        ),
        ("{method: goalposts}", "posts: [1]", "posts must be two numbers [low, high], or observed (got [1])"),
        ("{method: minmax}", "posts: [1, 2]", "posts is not a parameter of minmax, which takes lower, upper"),
        ("{method: minmax, lower: 9}", "upper: 8", "lower must be below upper (got 9 and 8)"),
        ("{method: minmax}", "sd: 0", "sd must be above 0 (got 0)"),
        ("{method: minmax}", "method: zscor", "method zscor is not a normalisation; did you mean zscore?"),
        (
            "{method: efficacy_exponential, posts: observed}",
            "lower: 0",
            "lower must be above 0 for efficacy_exponential (got 0)",
        ),
        ("{method: efficacy, posts: observed}", "cap: maybe", "cap must be true or false (got 'maybe')"),
        ("{method: minmax}", "weigth: 1", "unknown key weigth; did you mean weight?"),
    ],
)
def test_a_leaf_with_a_wrong_parameter_says_which_and_what_to_do(normalise, leaf, fault):
    text = (
        HEAD
        + f"normalise: {normalise}\n"
        + TREE.replace("direction: 1", f"direction: 1, {leaf}".rstrip(", "))
    )
    assert f"tree > gdp: {fault}" in faults(text)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("areas: some", "areas must be all, a list of codes in quotes, or {level: district} (got 'some')"),
        ('areas: ["1", "1"]', "areas names 1 twice; name each once"),
        (
            "periods: {since: 2020}",
            'periods must be all, a list of codes in quotes, or {from: "2016", to: "2024"} (got {\'since\': 2020})',
        ),
        ("ranks: {ties: average}", "ranks: ties must be one of 'min', 'max' or 'dense' (got 'average')"),
        ("missing: {policy: mean}", "missing: policy must be one of 'renormalise' or 'refuse' (got 'mean')"),
        ("screening: {unit: half}", "screening: unit must be a number (got 'half')"),
        (
            "data: {where: {level: {begins: x}}}",
            "data > where: level must be a value, a list of values, {starts_with: ...} or {not_starts_with: ...} (got {'begins': 'x'})",
        ),
        ("title: Index", "line 5: title is written twice (first in line 3); keep one"),
    ],
)
def test_a_wrong_section_says_which_and_what_to_do(lines, fault):
    assert fault in faults(HEAD + "normalise: {method: minmax}\n" + lines + "\n" + TREE)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is not a mapping of keys; it begins with method, version, title, normalise and tree"),
        ("- a\n", "is not a mapping of keys; it begins with method, version, title, normalise and tree"),
        (
            "method: [1\n",
            "line 2: not readable as YAML: did not find expected ',' or ']'; mind indents, colons and quotes",
        ),
    ],
)
def test_a_file_that_is_no_method_says_so(text, fault):
    assert faults(text) == [fault]


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(MethodError, match=r"nowhere.yml: cannot be read: No such file"):
        load_method(tmp_path / "nowhere.yml")


def test_a_leaf_takes_title_and_direction_from_the_indicator_of_its_code():
    text = HEAD + "normalise: {method: minmax}\n" + TREE.replace(", direction: 1", "")
    read = method(text, lambda code: (Words("产值", "Output"), -1) if code == "gdp" else None)
    assert (read.nodes["gdp"].title, read.nodes["gdp"].direction) == (Words("产值", "Output"), -1)


def test_a_leaf_that_is_no_indicator_must_say_its_direction():
    text = HEAD + "normalise: {method: minmax}\n" + TREE.replace(", direction: 1", "")
    assert faults(text) == [
        "tree > gdp: direction is missing; write 1 (more is better) or -1 (less is better)"
    ]


def test_an_indicator_that_is_neither_good_nor_bad_is_not_scored_by_itself():
    text = HEAD + "normalise: {method: minmax}\n" + TREE.replace(", direction: 1", "")
    told = faults(text, lambda code: (Words("人口", "Population"), 0))
    assert told == [
        "tree > gdp: direction is missing; the indicator itself is neither good nor bad, so the method must say"
    ]


def test_a_leaf_with_its_own_method_does_not_inherit_parameters_of_another():
    text = (
        HEAD
        + "normalise: {method: efficacy, posts: observed, lower: 50}\n"
        + TREE.replace("direction: 1", "direction: 1, method: minmax")
    )
    assert method(text).nodes["gdp"].parameters == {"lower": 0, "upper": 100}


def test_the_nearest_word_chooses_the_mean():
    text = """\
aggregate: {default: arithmetic, 2: geometric, economy: arithmetic}
normalise: {method: minmax, lower: 1}
tree:
  code: index
  children:
    - {code: economy, title: {zh: 甲, en: A}, children: [{code: gdp, direction: 1}]}
    - {code: ecology, title: {zh: 乙, en: B}, children: [{code: pm25, direction: -1}]}
"""
    read = method(HEAD + text)
    assert [read.nodes[code].aggregate for code in ("index", "economy", "ecology")] == [
        "arithmetic", "arithmetic", "geometric",
    ]  # fmt: skip


def test_numbers_are_accepted_where_codes_are_meant():
    read = method(
        HEAD + "article: 86\nperiods: [2020, 2021]\nareas: [440300]\nnormalise: {method: minmax}\n" + TREE
    )
    assert (read.article, read.periods.codes, read.areas.codes) == ("86", ("2020", "2021"), ("440300",))
